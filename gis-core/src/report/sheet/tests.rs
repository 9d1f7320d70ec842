use std::io::{Cursor, Write as _};
use std::process::Command;

use calamine::{Data, Reader as _, Xlsx};
use chrono::NaiveDate;

use super::{Book, Cell, Column, ROWS, column_named};
use crate::text::Lang;

/// What people's data do to workbooks.
const LONGEST: usize = 32_767;
const NAME: &str = "A name: of [more] than / thirty-one * signs?";

fn hard_cases() -> Vec<Cell> {
    vec![
        Cell::text("=1+1"),
        Cell::text("x".repeat(LONGEST - 1) + "\u{1f6b0}\u{1f6b0}"),
        Cell::text("a\u{0}b\u{1}\u{b}<&>\"_x0041_"),
        Cell::number(f64::NAN, 2),
        Cell::number(f64::INFINITY, 2),
        Cell::Date(NaiveDate::from_ymd_opt(1899, 1, 1).unwrap()),
        Cell::Integer(i64::MAX),
        Cell::Empty,
    ]
}

fn workbook() -> Vec<u8> {
    let created = NaiveDate::from_ymd_opt(2024, 5, 1)
        .unwrap()
        .and_hms_opt(8, 0, 0)
        .unwrap();
    let mut book = Book::new(Lang::En, "test", created).unwrap();
    let columns: Vec<Column> = (0..8).map(|i| column_named(format!("c{i}"))).collect();
    book.table(NAME, &columns, &[hard_cases()]).unwrap();
    book.stream(NAME, &columns, [Ok(hard_cases())].into_iter())
        .unwrap();
    book.stream("empty", &columns, std::iter::empty()).unwrap();
    book.table("none", &[], &[]).unwrap();
    book.finish().unwrap()
}

#[test]
fn hard_cases_read_back_as_they_are_whether_kept_or_streamed() {
    let mut book = Xlsx::new(Cursor::new(workbook())).unwrap();
    let names = book.sheet_names();
    assert_eq!(names.len(), 4);
    assert!(names.iter().all(|name| name.encode_utf16().count() <= 31));
    let kept = book.worksheet_range(&names[0]).unwrap();
    let streamed = book.worksheet_range(&names[1]).unwrap();
    assert_eq!(kept, streamed);
    assert_eq!(kept.get((1, 0)), Some(&Data::String("=1+1".to_owned())));
    let Some(Data::String(long)) = kept.get((1, 1)) else {
        panic!("{:?}", kept.get((1, 1)));
    };
    assert_eq!(long.encode_utf16().count(), LONGEST);
    assert!(long.ends_with("x…"));
    assert_eq!(book.worksheet_range(&names[2]).unwrap().get_size(), (1, 8));
}

#[test]
fn openpyxl_reads_the_same() {
    const PYTHON: &str = "/usr/bin/python3";
    let mut file = tempfile::NamedTempFile::with_suffix(".xlsx").unwrap();
    file.write_all(&workbook()).unwrap();
    let script = "
import sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
for sheet in book.worksheets:
    print(sheet.max_row, sheet.max_column, sheet.freeze_panes, sheet.auto_filter.ref)
sheet = book.worksheets[1]
print(repr(sheet['A2'].value), sheet['A2'].data_type, len(sheet['B2'].value), repr(sheet['C2'].value))
";
    let output = Command::new(PYTHON)
        .args(["-c", script])
        .arg(file.path())
        .output()
        .expect("python3 with openpyxl: run `cargo xtask setup`");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`cargo xtask setup` installs python3-openpyxl: {errors}"
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], ["2 8 A2 A1:H2"; 2], "{said}");
    assert_eq!(lines[2], "1 8 A2 A1:H1");
    // In Python's count of characters: a cut text of no more than what Excel holds.
    assert!(lines[4].starts_with("'=1+1' s 32767 "), "{said}");
}

#[test]
#[ignore = "writes 1,048,577 rows; run it by name"]
fn more_rows_than_a_sheet_holds_go_on_on_the_next() {
    let created = NaiveDate::from_ymd_opt(2024, 5, 1)
        .unwrap()
        .and_hms_opt(8, 0, 0)
        .unwrap();
    let mut book = Book::new(Lang::En, "test", created).unwrap();
    let rows = (0..=ROWS).map(|i| Ok(vec![Cell::Integer(i as i64)]));
    book.stream("rows", &[column_named("n".to_owned())], rows)
        .unwrap();
    let mut book = Xlsx::new(Cursor::new(book.finish().unwrap())).unwrap();
    let names = book.sheet_names();
    assert_eq!(names, ["rows", "rows (2)"]);
    let last = book.worksheet_range("rows (2)").unwrap();
    assert_eq!(last.get_size(), (2, 1));
    assert_eq!(last.get((1, 0)), Some(&Data::Float(ROWS as f64)));
}
