//! The workbook of the bill of materials of placed assemblies.

use chrono::NaiveDateTime;

use super::sheet::{Book, Cell, Column, column};
use crate::error::Result;
use crate::project::Project;
use crate::text::{Lang, translate};

const COLUMNS: [Column; 4] = [
    column("edit.part.column.label"),
    column("edit.part.column.specification"),
    column("edit.part.column.quantity"),
    column("edit.part.column.unit"),
];

/// The workbook as bytes of an .xlsx file; `created` is local time.
///
/// # Errors
/// The project cannot be read.
pub fn bill_workbook(project: &Project, lang: Lang, created: NaiveDateTime) -> Result<Vec<u8>> {
    let mut book = Book::new(lang, &translate("edit.part.bill", lang), created)?;
    let lines = project.bill_of_materials()?;
    let rows: Vec<Vec<Cell>> = lines
        .into_iter()
        .map(|line| {
            let unit = line.unit_text(lang);
            vec![
                Cell::text(line.label.text(lang)),
                Cell::text(line.specification.unwrap_or_default()),
                Cell::number(line.quantity, 2),
                Cell::text(unit),
            ]
        })
        .collect();
    book.table("edit.part.bill", &COLUMNS, &rows)?;
    book.finish()
}
