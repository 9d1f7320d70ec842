//! Dictionaries and fields as files that offices exchange, and what taking such a file in would change. It changes nothing
//! itself; what a file does not say stays as it is.

mod compare;
#[cfg(test)]
mod tests;
mod text_form;
mod workbook;

use super::{Behaviour, FieldType};
use crate::error::Result;

pub(super) use text_form::write;
pub(crate) use workbook::{DICTIONARIES, ENTRY_COLUMNS, FIELD_COLUMNS, FIELDS};

/// What a file says of dictionaries and fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DictionarySet {
    dictionaries: Vec<DictionaryRows>,
    fields: Vec<FieldRow>,
}

/// A dictionary with the entries a file lists, in its order.
#[derive(Debug, Clone, PartialEq, Default)]
struct DictionaryRows {
    key: String,
    zh: Option<String>,
    en: Option<String>,
    entries: Vec<EntryRow>,
}

/// What a file says of an entry; `None` where it has no column for it.
#[derive(Debug, Clone, PartialEq, Default)]
struct EntryRow {
    code: String,
    zh: Option<String>,
    en: Option<String>,
    aliases: Option<Vec<String>>,
    behaviour: Option<Behaviour>,
    state: Option<State>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Used,
    Retired,
    MergedInto(String),
}

/// What a cell holds, if it is not empty.
#[derive(Debug, Clone, PartialEq, Default)]
struct Held<T>(Option<T>);

/// What a file says of a field; `None` where it has no column for it.
#[derive(Debug, Clone, PartialEq, Default)]
struct FieldRow {
    class: String,
    key: String,
    zh: Option<String>,
    en: Option<String>,
    field_type: Option<FieldType>,
    unit: Option<Held<String>>,
    minimum: Option<Held<f64>>,
    maximum: Option<Held<f64>>,
    /// As it is typed.
    default: Option<Held<String>>,
    required: Option<bool>,
    sensitive: Option<bool>,
    aliases: Option<Vec<String>>,
    is_retired: Option<bool>,
}

impl DictionarySet {
    /// From the bytes of a workbook (.xlsx) or of TOML in the form of `assets/schema`; `name` is what messages call it.
    ///
    /// # Errors
    /// `BadInput` with sheet and cell, or line: no such file, merged cells, columns that are missing, codes that are there
    /// twice, what is no number or no word for yes and no.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.starts_with(b"PK\x03\x04") {
            workbook::read(name, bytes)
        } else {
            text_form::read(name, bytes)
        }
    }
}
