//! The dictionaries and fields of a project as the workbook that offices exchange; `schema::DictionarySet` reads it again.

use chrono::NaiveDateTime;

use super::sheet::{Book, Cell, Column, column_named};
use crate::edit::Content;
use crate::error::Result;
use crate::schema::{
    DICTIONARIES, Dictionary, DictionaryEntry, ENTRY_COLUMNS, FIELD_COLUMNS, FIELDS, FeatureClass, Field,
    Schema,
};
use crate::text::{Lang, translate};

/// A sheet for each dictionary, one of all dictionaries, one of the fields of all classes.
///
/// # Errors
/// Excel does not take it.
pub fn dictionaries_workbook(schema: &Schema, lang: Lang, created: NaiveDateTime) -> Result<Vec<u8>> {
    let mut book = Book::new(lang, &translate("dictionaries.title", lang), created)?;
    let dictionaries = schema.dictionaries.values();
    let names = dictionaries.map(|d| [&d.key, &d.label.zh, &d.label.en].map(Cell::text).to_vec());
    let names: Vec<Vec<Cell>> = names.collect();
    book.table(DICTIONARIES, &columns(&["key", "zh", "en"], lang), &names)?;
    let mut rows = Vec::new();
    for class in &schema.classes {
        rows.extend(
            class
                .in_order()
                .into_iter()
                .map(|at| field_row(class, &class.fields[at], lang)),
        );
    }
    book.table(FIELDS, &columns(&FIELD_COLUMNS, lang), &rows)?;
    for dictionary in schema.dictionaries.values() {
        let rows: Vec<Vec<Cell>> = entry_rows(dictionary, lang);
        book.table(&dictionary.key, &columns(&ENTRY_COLUMNS, lang), &rows)?;
    }
    book.finish()
}

fn columns(keys: &[&str], lang: Lang) -> Vec<Column> {
    keys.iter()
        .map(|key| column_named(translate(&format!("dictionaries.word.{key}"), lang)))
        .collect()
}

fn flag(flag: Option<bool>, lang: Lang) -> Cell {
    match flag {
        Some(true) => Cell::text(translate("report.value.yes", lang)),
        Some(false) => Cell::text(translate("report.value.no", lang)),
        None => Cell::Empty,
    }
}

fn state(is_retired: bool, lang: Lang) -> Cell {
    let key = if is_retired {
        "dictionaries.state.retired"
    } else {
        "dictionaries.state.used"
    };
    Cell::text(translate(key, lang))
}

fn entry_rows(dictionary: &Dictionary, lang: Lang) -> Vec<Vec<Cell>> {
    let row = |entry: &DictionaryEntry| {
        let acts = entry.behaviour;
        vec![
            Cell::text(&entry.code),
            Cell::text(&entry.label.zh),
            Cell::text(&entry.label.en),
            Cell::text(entry.aliases.join("; ")),
            state(entry.is_retired, lang),
            Cell::text(entry.replaced_by.clone().unwrap_or_default()),
            flag(acts.boundary, lang),
            flag(acts.shuttable, lang),
            flag(acts.one_way, lang),
            flag(acts.source, lang),
        ]
    };
    dictionary.entries.iter().map(row).collect()
}

fn field_row(class: &FeatureClass, field: &Field, lang: Lang) -> Vec<Cell> {
    // As a text, so that no digit is lost to a format.
    let number = |limit: Option<f64>| limit.map_or(Cell::Empty, |n| Cell::text(n.to_string()));
    let default = field.default.clone().map(|value| Content::Value(value).short());
    vec![
        Cell::text(&class.key),
        Cell::text(&field.key),
        Cell::text(&field.label.zh),
        Cell::text(&field.label.en),
        Cell::text(translate(
            &format!("dictionaries.type.{}", field.field_type.key()),
            lang,
        )),
        Cell::text(field.field_type.dictionary().unwrap_or_default()),
        Cell::text(field.unit.clone().unwrap_or_default()),
        number(field.minimum),
        number(field.maximum),
        Cell::text(default.unwrap_or_default()),
        flag(field.required.then_some(true), lang),
        flag(field.sensitive.then_some(true), lang),
        Cell::text(field.aliases.join("; ")),
        state(field.is_retired, lang),
    ]
}
