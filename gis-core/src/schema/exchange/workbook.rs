//! The workbook of a dictionary set: a sheet for each dictionary, one of all dictionaries, one of fields. What is wrong is
//! told with sheet and cell.

use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader as _, Xlsx};

use super::{DictionaryRows, DictionarySet, EntryRow, FieldRow, Held, State};
use crate::error::{Error, Result};
use crate::io::yes_or_no;
use crate::schema::{Behaviour, FieldType, normalised};
use crate::text::{Lang, Message, translate};

/// Sheets beside those of the dictionaries, whose keys begin with a letter.
pub(crate) const DICTIONARIES: &str = "_dictionaries";
pub(crate) const FIELDS: &str = "_fields";

/// Columns by the keys of their names (`dictionaries.word.…`).
pub(crate) const ENTRY_COLUMNS: [&str; 10] = [
    "code",
    "zh",
    "en",
    "aliases",
    "state",
    "replaced_by",
    "boundary",
    "shuttable",
    "one_way",
    "source",
];
pub(crate) const FIELD_COLUMNS: [&str; 14] = [
    "class",
    "key",
    "zh",
    "en",
    "type",
    "dictionary",
    "unit",
    "minimum",
    "maximum",
    "default",
    "required",
    "sensitive",
    "aliases",
    "state",
];

/// A sheet as texts, without blanks around them.
struct Sheet {
    name: String,
    /// Columns that are known by name.
    columns: HashMap<&'static str, usize>,
    /// Below the header, with their numbers as Excel counts them.
    rows: Vec<(usize, Vec<String>)>,
}

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<DictionarySet> {
    // The reader is not proof against every damaged file; a defect in it must not take the program along.
    let read = catch_unwind(AssertUnwindSafe(|| read_sheets(bytes)));
    let sheets = read
        .unwrap_or_else(|_| Err(damaged("")))
        .map_err(|error| match error {
            Error::Spreadsheet(reason) => Error::bad_input(
                Message::new("schema.exchange.no_workbook")
                    .with("file", name)
                    .with("reason", reason),
            ),
            other => other,
        })?;
    let mut set = DictionarySet::default();
    for sheet in &sheets {
        match sheet.name.as_str() {
            DICTIONARIES => {
                for (row, _) in sheet.numbered() {
                    let [zh, en] = ["zh", "en"].map(|column| sheet.text(row, column));
                    let key = sheet.required(row, "key")?;
                    let rows = rows_of(&mut set, &key);
                    (rows.zh, rows.en) = (zh, en);
                }
            }
            FIELDS => set.fields = fields(sheet)?,
            key => {
                let entries = entries(sheet)?;
                rows_of(&mut set, key).entries = entries;
            }
        }
    }
    Ok(set)
}

fn rows_of<'a>(set: &'a mut DictionarySet, key: &str) -> &'a mut DictionaryRows {
    let at = set.dictionaries.iter().position(|rows| rows.key == key);
    let at = at.unwrap_or_else(|| {
        set.dictionaries.push(DictionaryRows {
            key: key.to_owned(),
            ..DictionaryRows::default()
        });
        set.dictionaries.len() - 1
    });
    &mut set.dictionaries[at]
}

fn damaged(reason: impl std::fmt::Display) -> Error {
    Error::Spreadsheet(reason.to_string())
}

fn read_sheets(bytes: &[u8]) -> Result<Vec<Sheet>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let merged = workbook.merge_cells_by_sheet_name(&name).map_err(damaged)?;
        if let Some(region) = merged.first() {
            let (row, column) = region.start;
            return Err(at_cell("merged", &name, row as usize + 1, column as usize));
        }
        let range = workbook.worksheet_range(&name).map_err(damaged)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let mut rows = range.rows().enumerate().map(|(i, row)| {
            let blank = std::iter::repeat_n(String::new(), first_column as usize);
            let cells = blank.chain(row.iter().map(text_of)).collect::<Vec<String>>();
            (first_row as usize + i + 1, cells)
        });
        let Some((_, header)) = rows
            .by_ref()
            .find(|(_, row)| row.iter().any(|cell| !cell.is_empty()))
        else {
            continue;
        };
        let rows = rows
            .filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()))
            .collect();
        let wanted: &[&str] = match name.as_str() {
            DICTIONARIES => &["key", "zh", "en"],
            FIELDS => &FIELD_COLUMNS,
            _ => &ENTRY_COLUMNS,
        };
        let sheet = Sheet {
            columns: columns(&header, wanted),
            rows,
            name,
        };
        let needed: &[&str] = match sheet.name.as_str() {
            DICTIONARIES => &["key"],
            FIELDS => &["class", "key"],
            _ => &["code"],
        };
        for column in needed {
            sheet.check_column(column)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn text_of(data: &Data) -> String {
    match data {
        Data::DateTime(_) | Data::DateTimeIso(_) => {
            use calamine::DataType as _;
            data.as_date()
                .map_or_else(|| data.to_string(), |day| day.to_string())
        }
        other => other.to_string().trim().to_owned(),
    }
}

/// Columns by their names in either language, or by their keys.
fn columns(header: &[String], wanted: &[&'static str]) -> HashMap<&'static str, usize> {
    let mut columns = HashMap::new();
    for (at, title) in header.iter().enumerate() {
        let title = normalised(title);
        let is_called = |key: &&&str| {
            let names =
                Lang::ALL.map(|lang| normalised(&translate(&format!("dictionaries.word.{key}"), lang)));
            normalised(key) == title || names.contains(&title)
        };
        if let Some(key) = wanted.iter().find(is_called) {
            columns.entry(*key).or_insert(at);
        }
    }
    columns
}

fn at_cell(key: &str, sheet: &str, row: usize, column: usize) -> Error {
    Error::bad_input(
        Message::new(format!("schema.exchange.{key}"))
            .with("sheet", sheet)
            .with("cell", format!("{}{row}", letters(column))),
    )
}

/// A column as Excel calls it: A, B, … Z, AA.
fn letters(column: usize) -> String {
    let mut text = String::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = (left - 1) % 26;
        text.insert(0, char::from(b'A' + digit as u8));
        left = (left - 1) / 26;
    }
    text
}

impl Sheet {
    fn check_column(&self, key: &str) -> Result<()> {
        if self.columns.contains_key(key) {
            return Ok(());
        }
        let name = |lang| translate(&format!("dictionaries.word.{key}"), lang);
        Err(Error::bad_input(
            Message::new("schema.exchange.no_column")
                .with("sheet", &self.name)
                .with_each("column", name(Lang::ZhCn), name(Lang::En)),
        ))
    }

    /// Positions of rows, with their numbers as Excel counts them.
    fn numbered(&self) -> impl Iterator<Item = (usize, usize)> {
        self.rows
            .iter()
            .enumerate()
            .map(|(at, (number, _))| (at, *number))
    }

    /// `None` where there is no such column.
    fn text(&self, row: usize, column: &str) -> Option<String> {
        let at = *self.columns.get(column)?;
        Some(self.rows[row].1.get(at).cloned().unwrap_or_default())
    }

    fn wrong(&self, key: &str, row: usize, column: &str) -> Error {
        let at = self.columns.get(column).copied().unwrap_or_default();
        let found = self.text(row, column).unwrap_or_default();
        match at_cell(key, &self.name, self.rows[row].0, at) {
            Error::BadInput(message) => Error::bad_input(message.with("found", found)),
            other => other,
        }
    }

    fn required(&self, row: usize, column: &str) -> Result<String> {
        let text = self.text(row, column).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong("empty", row, column))
    }

    fn list(&self, row: usize, column: &str) -> Option<Vec<String>> {
        let text = self.text(row, column)?;
        let parts = text.split([';', '\u{ff1b}', '\n']).map(str::trim);
        Some(parts.filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// `None` where there is no such column.
    fn flag(&self, row: usize, column: &str) -> Result<Option<Held<bool>>> {
        match self.text(row, column).as_deref() {
            None => Ok(None),
            Some("") => Ok(Some(Held(None))),
            Some(text) => match yes_or_no(text) {
                Some(flag) => Ok(Some(Held(Some(flag)))),
                None => Err(self.wrong("no_flag", row, column)),
            },
        }
    }

    fn number(&self, row: usize, column: &str) -> Result<Option<Held<f64>>> {
        match self.text(row, column).as_deref() {
            None => Ok(None),
            Some("") => Ok(Some(Held(None))),
            Some(text) => match text.parse().ok().filter(|n: &f64| n.is_finite()) {
                Some(number) => Ok(Some(Held(Some(number)))),
                None => Err(self.wrong("no_number", row, column)),
            },
        }
    }

    /// Whether it is out of use; an empty cell means that it is not.
    fn is_retired(&self, row: usize) -> Result<Option<bool>> {
        let Some(text) = self.text(row, "state").map(|text| normalised(&text)) else {
            return Ok(None);
        };
        let is_word = |key: &str| {
            let said = |lang| normalised(&translate(&format!("dictionaries.state.{key}"), lang)) == text;
            normalised(key) == text || Lang::ALL.into_iter().any(said)
        };
        if text.is_empty() || is_word("used") {
            return Ok(Some(false));
        }
        if is_word("retired") {
            return Ok(Some(true));
        }
        Err(self.wrong("no_state", row, "state"))
    }
}

fn entries(sheet: &Sheet) -> Result<Vec<EntryRow>> {
    let mut entries: Vec<EntryRow> = Vec::with_capacity(sheet.rows.len());
    for (row, _) in sheet.numbered() {
        let code = sheet.required(row, "code")?;
        if entries.iter().any(|known| known.code == code) {
            return Err(sheet.wrong("twice", row, "code"));
        }
        let into = sheet.text(row, "replaced_by").filter(|into| !into.is_empty());
        let state = match (into, sheet.is_retired(row)?) {
            (Some(into), _) => Some(State::MergedInto(into)),
            (None, Some(true)) => Some(State::Retired),
            (None, Some(false)) => Some(State::Used),
            (None, None) => None,
        };
        entries.push(EntryRow {
            code,
            zh: sheet.text(row, "zh"),
            en: sheet.text(row, "en"),
            aliases: sheet.list(row, "aliases"),
            behaviour: behaviour(sheet, row)?,
            state,
        });
    }
    Ok(entries)
}

/// `None` where the sheet has no column of it.
fn behaviour(sheet: &Sheet, row: usize) -> Result<Option<Behaviour>> {
    let [boundary, shuttable, one_way, source] =
        ["boundary", "shuttable", "one_way", "source"].map(|column| sheet.flag(row, column));
    let flags = [boundary?, shuttable?, one_way?, source?];
    if flags.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [boundary, shuttable, one_way, source] = flags.map(|flag| flag.and_then(|held| held.0));
    Ok(Some(Behaviour {
        boundary,
        shuttable,
        one_way,
        source,
    }))
}

fn fields(sheet: &Sheet) -> Result<Vec<FieldRow>> {
    let mut fields: Vec<FieldRow> = Vec::with_capacity(sheet.rows.len());
    for (row, _) in sheet.numbered() {
        let (class, key) = (sheet.required(row, "class")?, sheet.required(row, "key")?);
        if fields
            .iter()
            .any(|known| known.class == class && known.key == key)
        {
            return Err(sheet.wrong("twice", row, "key"));
        }
        let given = |text: String| Held((!text.is_empty()).then_some(text));
        fields.push(FieldRow {
            class,
            key,
            zh: sheet.text(row, "zh"),
            en: sheet.text(row, "en"),
            field_type: field_type(sheet, row)?,
            unit: sheet.text(row, "unit").map(given),
            minimum: sheet.number(row, "minimum")?,
            maximum: sheet.number(row, "maximum")?,
            default: sheet.text(row, "default").map(given),
            required: sheet
                .flag(row, "required")?
                .map(|held| held.0.unwrap_or_default()),
            sensitive: sheet
                .flag(row, "sensitive")?
                .map(|held| held.0.unwrap_or_default()),
            aliases: sheet.list(row, "aliases"),
            is_retired: sheet.is_retired(row)?,
        });
    }
    Ok(fields)
}

fn field_type(sheet: &Sheet, row: usize) -> Result<Option<FieldType>> {
    if let Some(dictionary) = sheet.text(row, "dictionary").filter(|key| !key.is_empty()) {
        return Ok(Some(FieldType::Code(dictionary)));
    }
    let Some(text) = sheet.text(row, "type").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let plain = [
        FieldType::Text,
        FieldType::Integer,
        FieldType::Real,
        FieldType::Boolean,
        FieldType::Date,
    ];
    let is_called = |of: &FieldType| {
        let said = |lang| translate(&format!("dictionaries.type.{}", of.key()), lang) == text;
        of.key() == text || Lang::ALL.into_iter().any(said)
    };
    let found = plain.into_iter().find(is_called);
    found
        .map(Some)
        .ok_or_else(|| sheet.wrong("no_type_word", row, "type"))
}
