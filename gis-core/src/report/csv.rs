//! Comma-separated values (RFC 4180) in UTF-8 with a byte order mark, without which Excel reads Chinese as something
//! else. Texts that Excel would run as formulas stand behind an apostrophe.

use super::sheet::Cell;
use crate::error::Result;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A header and rows under it; numbers with all their decimals, dates as 2004-05-31.
pub(super) fn table(header: &[String], rows: impl IntoIterator<Item = Result<Vec<Cell>>>) -> Result<Vec<u8>> {
    let mut text = BYTE_ORDER_MARK.to_owned();
    write_row(&mut text, header.iter().map(String::as_str));
    for row in rows {
        let cells: Vec<String> = row?.iter().map(plain).collect();
        write_row(&mut text, cells.iter().map(String::as_str));
    }
    Ok(text.into_bytes())
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) if is_run_by_excel(text) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.to_string(),
        Cell::Number(number, _) => number.to_string(),
        Cell::Date(day) => day.to_string(),
    }
}

/// Whether Excel takes a text from such a file for a formula and runs it; numbers are none.
fn is_run_by_excel(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err()
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
    fn no_text_is_run_as_a_formula() {
        let row = ["=1+1", "-12.5", "+A1", "@SUM(A1)", "-", "a=b"].map(Cell::text);
        let text = String::from_utf8(table(&[], [Ok(row.to_vec())]).unwrap()).unwrap();
        let last = text.lines().last().unwrap();
        assert_eq!(last, "'=1+1,-12.5,'+A1,'@SUM(A1),'-,a=b");
    }

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
        let text = String::from_utf8(table(&header, rows.into_iter().map(Ok)).unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{feff}一,b,c,d\r\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\" x\"\r\n,-3,12.345,2004-05-31\r\n"
        );
    }
}
