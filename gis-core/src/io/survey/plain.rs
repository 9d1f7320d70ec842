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

/// A sheet that holds something.
#[derive(Debug, Clone)]
pub(crate) struct PlainSheet {
    pub(crate) name: String,
    pub(crate) rows: Vec<PlainRow>,
    merged: Vec<[u32; 4]>,
}

impl PlainSheet {
    /// Whether a cell, by its row from 1 and its column from 0, is part of several that are shown as one.
    pub(crate) fn is_merged(&self, number: u32, column: u32) -> bool {
        let holds = |[top, left, bottom, right]: &[u32; 4]| {
            (*top..=*bottom).contains(&(number - 1)) && (*left..=*right).contains(&column)
        };
        self.merged.iter().any(holds)
    }
}

/// All sheets of a workbook that hold something.
///
/// # Errors
/// The file is no workbook, or `Cancelled`.
pub(crate) fn plain_sheets(path: &Path, progress: &dyn Progress) -> Result<Vec<PlainSheet>> {
    let sheets = workbook::read(path, u32::MAX, progress)?.into_iter();
    Ok(sheets
        .map(|sheet| PlainSheet {
            rows: sheet
                .rows
                .iter()
                .map(|row| PlainRow {
                    number: row.number,
                    cells: row.cells().map(|(column, cell)| (column, plain(cell))).collect(),
                })
                .collect(),
            name: sheet.name,
            merged: sheet.merged,
        })
        .collect())
}

/// The rows of a sheet, of the first one that holds something where none is named.
///
/// # Errors
/// The file is no workbook, or has no such sheet.
pub(crate) fn plain_rows(path: &Path, sheet: Option<&str>, progress: &dyn Progress) -> Result<Vec<PlainRow>> {
    let mut sheets = plain_sheets(path, progress)?;
    let wanted = sheets
        .iter()
        .position(|s| sheet.is_none_or(|name| s.name == name));
    if let Some(wanted) = wanted {
        return Ok(sheets.swap_remove(wanted).rows);
    }
    let known: Vec<&str> = sheets.iter().map(|s| s.name.as_str()).collect();
    Err(Error::bad_input(
        Message::new("edit.table.no_sheet")
            .with("path", path.display())
            .with("sheet", sheet.unwrap_or("-"))
            .with("known", known.join(", ")),
    ))
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
