//! Changes of a schema as values: what is added, renamed, retired or merged, with what takes it back. It touches no data
//! and no file (`project` does).
//!
//! Classes, fields, dictionaries and entries go by their keys and codes, never by a position, so that a change means the
//! same in every copy of a project. Nothing is ever deleted but what was added and is taken back before it was used.

mod domain;
mod entries;
mod fields;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

use super::{Behaviour, Dictionary, DictionaryEntry, FeatureClass, Field, Label, Schema};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::text::Message;

/// Ids of fields that people add begin here; those of the program stay below.
pub(crate) const FIRST_OWN_ID: u32 = 1_000_000;

/// One change of a dictionary or of the fields of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum SchemaChange {
    AddDictionary {
        dictionary: String,
        label: Label,
    },
    /// Takes an addition back.
    RemoveDictionary {
        dictionary: String,
    },
    RenameDictionary {
        dictionary: String,
        label: Label,
    },
    AddEntry {
        dictionary: String,
        entry: DictionaryEntry,
        /// Code of the entry that it stands before; at the end where none is named.
        before: Option<String>,
    },
    /// Takes an addition back.
    RemoveEntry {
        dictionary: String,
        code: String,
    },
    SetEntry {
        dictionary: String,
        code: String,
        setting: EntrySetting,
    },
    MoveEntry {
        dictionary: String,
        code: String,
        before: Option<String>,
    },
    RetireEntry {
        dictionary: String,
        code: String,
    },
    ReviveEntry {
        dictionary: String,
        code: String,
    },
    /// Retires an entry in favour of another, which features that have it get instead.
    MergeEntry {
        dictionary: String,
        code: String,
        into: String,
    },
    AddField {
        class: String,
        /// With the id 0, which becomes the next that is free.
        field: Box<Field>,
    },
    SetField {
        class: String,
        field: String,
        setting: FieldSetting,
    },
    MoveField {
        class: String,
        field: String,
        /// Key of the field that it stands before; at the end where none is named.
        before: Option<String>,
    },
    RetireField {
        class: String,
        field: String,
    },
    ReviveField {
        class: String,
        field: String,
    },
}

/// What may be changed of an entry, besides its place and whether it is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntrySetting {
    Label(Label),
    Aliases(Vec<String>),
    Behaviour(Behaviour),
}

/// What may be changed of a field. Its key and its type stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldSetting {
    Label(Label),
    Aliases(Vec<String>),
    Unit(Option<String>),
    /// Smallest and largest number, in the unit of the field.
    Domain {
        minimum: Option<f64>,
        maximum: Option<f64>,
    },
    Default(Option<Value>),
    Required(bool),
    Sensitive(bool),
}

/// Whether somebody asks for a change, or it happens again (or back) as the journal has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    Asked,
    Replayed,
}

/// Dictionaries and fields whose names a change has touched.
#[derive(Default)]
struct Touched {
    entries: Vec<(String, String)>,
    fields: Vec<(String, String)>,
}

impl Schema {
    /// The schema after changes, and the changes that take them back, in the order in which to do so. Taking back that a
    /// field was added retires it, as its column keeps what was written.
    ///
    /// # Errors
    /// `BadInput` where something is named that is not there, is there already, cannot be so, or would go by a name that
    /// means something else.
    pub fn changed(&self, changes: &[SchemaChange]) -> Result<(Self, Vec<SchemaChange>)> {
        self.changed_on(Occasion::Asked, changes)
    }

    /// Changes that the journal has, again or back: what was taken back by retiring it comes into use again.
    pub(crate) fn replayed(&self, changes: &[SchemaChange]) -> Result<Self> {
        Ok(self.changed_on(Occasion::Replayed, changes)?.0)
    }

    fn changed_on(&self, occasion: Occasion, changes: &[SchemaChange]) -> Result<(Self, Vec<SchemaChange>)> {
        let mut schema = self.clone();
        let mut touched = Touched::default();
        let mut back: Vec<SchemaChange> = Vec::new();
        for change in changes {
            let mut inverse = change.apply(&mut schema, occasion, &mut touched)?;
            inverse.append(&mut back);
            back = inverse;
        }
        if occasion == Occasion::Asked {
            for (dictionary, code) in &touched.entries {
                entries::check_names(schema.required_dictionary(dictionary)?, code)?;
            }
            for (class, field) in &touched.fields {
                fields::check_names(schema.required_class(class)?, field)?;
            }
        }
        let Self {
            classes,
            dictionaries,
            ..
        } = schema;
        Ok((Self::from_parts(classes, dictionaries.into_values()), back))
    }

    /// # Errors
    /// There is no such dictionary.
    pub fn required_dictionary(&self, key: &str) -> Result<&Dictionary> {
        let known = || self.dictionaries.keys().map(String::as_str).collect::<Vec<_>>();
        self.dictionary(key).ok_or_else(|| {
            let message = Message::new("schema.edit.unknown_dictionary").with("key", key);
            Error::bad_input(message.with("known", known().join(", ")))
        })
    }

    fn dictionary_mut(&mut self, key: &str) -> Result<&mut Dictionary> {
        self.required_dictionary(key)?;
        self.dictionaries
            .get_mut(key)
            .ok_or_else(|| refusal("unknown_dictionary"))
    }

    /// # Errors
    /// There is no such class.
    pub fn required_class(&self, key: &str) -> Result<&FeatureClass> {
        self.classes.iter().find(|c| c.key == key).ok_or_else(|| {
            let known: Vec<&str> = self.classes.iter().map(|c| c.key.as_str()).collect();
            let message = Message::new("schema.edit.unknown_class").with("key", key);
            Error::bad_input(message.with("known", known.join(", ")))
        })
    }

    fn class_mut(&mut self, key: &str) -> Result<&mut FeatureClass> {
        self.required_class(key)?;
        let found = self.classes.iter_mut().find(|c| c.key == key);
        found.ok_or_else(|| refusal("unknown_class"))
    }
}

impl SchemaChange {
    /// Does the change to a schema, and tells what takes it back. Names are checked by the caller.
    fn apply(&self, schema: &mut Schema, occasion: Occasion, touched: &mut Touched) -> Result<Vec<Self>> {
        match self {
            Self::AddDictionary { .. }
            | Self::RemoveDictionary { .. }
            | Self::RenameDictionary { .. }
            | Self::AddEntry { .. }
            | Self::RemoveEntry { .. }
            | Self::SetEntry { .. }
            | Self::MoveEntry { .. }
            | Self::RetireEntry { .. }
            | Self::ReviveEntry { .. }
            | Self::MergeEntry { .. } => entries::apply(self, schema, occasion, touched),
            Self::AddField { .. }
            | Self::SetField { .. }
            | Self::MoveField { .. }
            | Self::RetireField { .. }
            | Self::ReviveField { .. } => fields::apply(self, schema, occasion, touched),
        }
    }

    /// Key of the dictionary it changes.
    pub fn dictionary(&self) -> Option<&str> {
        match self {
            Self::AddDictionary { dictionary, .. }
            | Self::RemoveDictionary { dictionary }
            | Self::RenameDictionary { dictionary, .. }
            | Self::AddEntry { dictionary, .. }
            | Self::RemoveEntry { dictionary, .. }
            | Self::SetEntry { dictionary, .. }
            | Self::MoveEntry { dictionary, .. }
            | Self::RetireEntry { dictionary, .. }
            | Self::ReviveEntry { dictionary, .. }
            | Self::MergeEntry { dictionary, .. } => Some(dictionary),
            _ => None,
        }
    }

    /// Key of the class whose fields it changes.
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::AddField { class, .. }
            | Self::SetField { class, .. }
            | Self::MoveField { class, .. }
            | Self::RetireField { class, .. }
            | Self::ReviveField { class, .. } => Some(class),
            _ => None,
        }
    }
}

fn refusal(key: &str) -> Error {
    Error::bad_input(Message::new(format!("schema.edit.{key}")))
}

/// A label in both languages; the one that is missing is taken from the other.
fn filled(label: &Label) -> Result<Label> {
    let [zh, en] = [label.zh.trim(), label.en.trim()];
    match (zh.is_empty(), en.is_empty()) {
        (true, true) => Err(refusal("no_label")),
        (zh_is_empty, en_is_empty) => Ok(Label {
            zh: if zh_is_empty { en } else { zh }.to_owned(),
            en: if en_is_empty { zh } else { en }.to_owned(),
        }),
    }
}

/// Names without blanks around them, without empty ones and repetitions.
fn tidied(names: &[String]) -> Vec<String> {
    let mut tidied: Vec<String> = Vec::with_capacity(names.len());
    for name in names
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
    {
        if !tidied.iter().any(|known| known == name) {
            tidied.push(name.to_owned());
        }
    }
    tidied
}
