//! Comma-separated values (RFC 4180) in UTF-8 with a byte order mark, without which Excel reads Chinese as something else.

use super::sheet::Cell;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A header and rows under it; numbers with all their decimals, dates as 2004-05-31.
pub(super) fn table(header: &[String], rows: impl IntoIterator<Item = Vec<Cell>>) -> Vec<u8> {
    let mut text = BYTE_ORDER_MARK.to_owned();
    write_row(&mut text, header.iter().map(String::as_str));
    for row in rows {
        let cells: Vec<String> = row.iter().map(plain).collect();
        write_row(&mut text, cells.iter().map(String::as_str));
    }
    text.into_bytes()
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.to_string(),
        Cell::Number(number, _) => number.to_string(),
        Cell::Date(day) => day.to_string(),
    }
}

fn write_row<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push(',');
        }
        let is_quoted = cell.contains([',', '"', '\r', '\n']) || cell != cell.trim();
        if is_quoted {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::table;
    use crate::report::sheet::Cell;

    #[test]
    fn what_parts_values_stands_in_quotes() {
        let day = NaiveDate::from_ymd_opt(2004, 5, 31).unwrap();
        let rows = vec![
            vec![
                Cell::text("a,b"),
                Cell::text("say \"x\""),
                Cell::text("two\nlines"),
                Cell::text(" x"),
            ],
            vec![
                Cell::Empty,
                Cell::Integer(-3),
                Cell::Number(12.345, 1),
                Cell::Date(day),
            ],
        ];
        let header: Vec<String> = ["一", "b", "c", "d"].map(str::to_owned).into();
        let text = String::from_utf8(table(&header, rows)).unwrap();
        assert_eq!(
            text,
            "\u{feff}一,b,c,d\r\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\" x\"\r\n,-3,12.345,2004-05-31\r\n"
        );
    }
}
