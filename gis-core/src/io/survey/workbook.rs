//! Reads the cells of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods). It gives them no meaning.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{Data, DataRef, DataType as _, Reader, Sheets, Xlsx, open_workbook_auto_from_rs};
use chrono::NaiveDate;

use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::Message;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Never empty, without blanks around it.
    Text(Box<str>),
    Number(f64),
    Date(NaiveDate),
    /// A formula's error, e.g. `#REF!`.
    Error(Box<str>),
}

impl Cell {
    /// As Excel shows a plain number or text.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Error(text) => text.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }
}

/// A row that holds something.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// As Excel counts, from 1.
    pub(super) number: u32,
    /// Column from 0 and content, in rising order.
    cells: Vec<(u32, Cell)>,
}

impl Row {
    pub(super) fn get(&self, column: u32) -> Option<&Cell> {
        let place = self.cells.binary_search_by_key(&column, |(c, _)| *c).ok()?;
        Some(&self.cells[place].1)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = (u32, &Cell)> {
        self.cells.iter().map(|(column, cell)| (*column, cell))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
    /// Cells that are shown as one: top, left, bottom, right, from 0.
    pub(super) merged: Vec<[u32; 4]>,
}

/// Whether the file begins like a workbook; says nothing of what is in it.
pub(super) fn looks_like_workbook(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
}

/// All sheets that hold something; of each the rows up to number `last_row`.
pub(super) fn read(path: &Path, last_row: u32, progress: &dyn Progress) -> Result<Vec<Sheet>> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    if !looks_like_workbook(&bytes) {
        return Err(unreadable(path, "survey.not_a_workbook"));
    }
    // The reader is not proof against every damaged file; a defect in it must not take the program along.
    catch_unwind(AssertUnwindSafe(|| read_bytes(path, &bytes, last_row, progress)))
        .unwrap_or_else(|_| Err(unreadable(path, DAMAGED)))
}

const DAMAGED: &str = "survey.damaged_workbook";

fn unreadable(path: &Path, key: &'static str) -> Error {
    Error::bad_input(Message::new(key).with("path", path.display()))
}

fn read_bytes(path: &Path, bytes: &[u8], last_row: u32, progress: &dyn Progress) -> Result<Vec<Sheet>> {
    let mut workbook =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| unreadable(path, reason_of(bytes)))?;
    let mut sheets = Vec::new();
    let names = workbook.sheet_names();
    for (done, name) in names.iter().enumerate() {
        progress.report(
            &Message::new("survey.reading").with("sheet", name),
            done as u64,
            Some(names.len() as u64),
        );
        progress.check()?;
        let rows = match &mut workbook {
            Sheets::Xlsx(xlsx) => stream(xlsx, name, last_row, progress)?,
            other => other
                .worksheet_range(name)
                .map_or_else(|_| Vec::new(), |range| rows_of(&range, last_row)),
        };
        if !rows.is_empty() {
            sheets.push(Sheet {
                name: name.clone(),
                rows,
                merged: merged(&mut workbook, name),
            });
        }
    }
    Ok(sheets)
}

/// What a reader cannot tell counts as not merged.
fn merged(workbook: &mut Sheets<Cursor<&[u8]>>, sheet: &str) -> Vec<[u32; 4]> {
    let Sheets::Xlsx(xlsx) = workbook else {
        return Vec::new();
    };
    let found = xlsx.merge_cells_by_sheet_name(sheet).unwrap_or_default();
    let corners = |d: &calamine::Dimensions| [d.start.0, d.start.1, d.end.0, d.end.1];
    found.iter().map(corners).collect()
}

/// calamine tries one format after the other and keeps no reason; the commonest one is told apart here.
fn reason_of(bytes: &[u8]) -> &'static str {
    let is_encrypted = bytes.starts_with(&[0xd0, 0xcf]) && contains(bytes, &utf16("EncryptedPackage"));
    if is_encrypted {
        "survey.protected_workbook"
    } else {
        DAMAGED
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

/// Cell by cell: one stray cell in the last corner of a sheet must not cost a full grid of memory.
fn stream(
    xlsx: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    last_row: u32,
    progress: &dyn Progress,
) -> Result<Vec<Row>> {
    let spreadsheet = |e: calamine::XlsxError| Error::Spreadsheet(format!("{sheet}: {e}"));
    // A sheet that is a chart has no cells.
    let Ok(mut reader) = xlsx.worksheet_cells_reader(sheet) else {
        return Ok(Vec::new());
    };
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(spreadsheet)? {
        let (row, column) = cell.get_position();
        let number = row.saturating_add(1);
        if number > last_row {
            break;
        }
        let Some(content) = from_ref(cell.get_value()) else {
            continue;
        };
        if rows.last().is_none_or(|last| last.number != number) {
            if rows.len().is_multiple_of(4096) {
                progress.check()?;
            }
            rows.push(Row {
                number,
                cells: Vec::new(),
            });
        }
        if let Some(last) = rows.last_mut() {
            last.cells.push((column, content));
        }
    }
    Ok(in_order(rows))
}

/// Files of other programs may list rows and cells in any order, even twice.
fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    if !rows.is_sorted_by(|a, b| a.number < b.number) {
        rows.sort_by_key(|r| r.number);
        rows.dedup_by(|later, earlier| {
            let is_same = later.number == earlier.number;
            if is_same {
                earlier.cells.append(&mut later.cells);
            }
            is_same
        });
    }
    for row in &mut rows {
        if !row.cells.is_sorted_by(|a, b| a.0 < b.0) {
            row.cells.sort_by_key(|(column, _)| *column);
            row.cells.dedup_by_key(|(column, _)| *column);
        }
    }
    rows
}

fn rows_of(range: &calamine::Range<Data>, last_row: u32) -> Vec<Row> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    for (row, column, data) in range.used_cells() {
        let number = first_row.saturating_add(row as u32).saturating_add(1);
        if number > last_row {
            break;
        }
        let Some(content) = from_data(data) else { continue };
        if rows.last().is_none_or(|last| last.number != number) {
            rows.push(Row {
                number,
                cells: Vec::new(),
            });
        }
        if let Some(last) = rows.last_mut() {
            last.cells
                .push((first_column.saturating_add(column as u32), content));
        }
    }
    rows
}

fn from_ref(data: &DataRef<'_>) -> Option<Cell> {
    match data {
        DataRef::SharedString(text) => text_cell(text),
        other => from_data(&Data::from(other.clone())),
    }
}

fn from_data(data: &Data) -> Option<Cell> {
    match data {
        Data::Int(number) => Some(Cell::Number(*number as f64)),
        Data::Float(number) => number.is_finite().then_some(Cell::Number(*number)),
        Data::String(text) | Data::DurationIso(text) => text_cell(text),
        Data::Bool(flag) => text_cell(if *flag { "true" } else { "false" }),
        // A year kept in a date format shows as a day in 1905: it was never meant as a date.
        Data::DateTime(when) if when.is_datetime() => match data.as_date() {
            Some(date) => Some(Cell::Date(date)),
            None => Some(Cell::Number(when.as_f64())),
        },
        Data::DateTime(when) => Some(Cell::Number(when.as_f64())),
        Data::DateTimeIso(text) => match data.as_date() {
            Some(date) => Some(Cell::Date(date)),
            None => text_cell(text),
        },
        Data::Error(error) => Some(Cell::Error(error.to_string().into())),
        Data::Empty => None,
    }
}

fn text_cell(text: &str) -> Option<Cell> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
    (!text.is_empty()).then(|| Cell::Text(text.into()))
}
