//! A sheet of a workbook as rows of plain cells, for tables that say what they hold in their heading alone.

use std::path::Path;

use serde_json::Value as Json;

use super::workbook::{self, Cell};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::Message;

/// A row that holds something.
#[derive(Debug, Clone)]
pub(crate) struct PlainRow {
    /// As Excel counts, from 1.
    pub(crate) number: u32,
    /// Column from 0 and content. A formula's error is an object, which no field takes.
    pub(crate) cells: Vec<(u32, Json)>,
}

/// The rows of a sheet, of the first one that holds something where none is named.
///
/// # Errors
/// The file is no workbook, or has no such sheet.
pub(crate) fn plain_rows(path: &Path, sheet: Option<&str>, progress: &dyn Progress) -> Result<Vec<PlainRow>> {
    let sheets = workbook::read(path, u32::MAX, progress)?;
    let known = sheets
        .iter()
        .map(|s| s.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let wanted = sheets.iter().find(|s| sheet.is_none_or(|name| s.name == name));
    let Some(wanted) = wanted else {
        return Err(Error::bad_input(
            Message::new("edit.table.no_sheet")
                .with("path", path.display())
                .with("sheet", sheet.unwrap_or("-"))
                .with("known", known),
        ));
    };
    Ok(wanted
        .rows
        .iter()
        .map(|row| PlainRow {
            number: row.number,
            cells: row.cells().map(|(column, cell)| (column, plain(cell))).collect(),
        })
        .collect())
}

fn plain(cell: &Cell) -> Json {
    match cell {
        Cell::Text(text) => Json::String(text.to_string()),
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => Json::from(*number as i64),
        Cell::Number(number) => Json::from(*number),
        Cell::Date(date) => Json::String(date.to_string()),
        Cell::Error(text) => serde_json::json!({ "error": text }),
    }
}
