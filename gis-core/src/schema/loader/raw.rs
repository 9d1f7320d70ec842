//! The words of a schema file as they are written, before anything is checked.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::error::Error;
use crate::schema::{Behaviour, GeometryKind, Label, Role};
use crate::text::Message;

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) field: Vec<RawField>,
    pub(super) group: Vec<RawGroup>,
    pub(super) class: Vec<RawClass>,
    pub(super) dictionary: Vec<RawDictionary>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub(super) id: Spanned<u32>,
    pub(super) key: Spanned<String>,
    pub(super) label: Label,
    #[serde(rename = "type")]
    pub(super) field_type: RawType,
    pub(super) dictionary: Option<Spanned<String>>,
    pub(super) unit: Option<String>,
    pub(super) default: Option<Spanned<toml::Value>>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default, rename = "retired")]
    pub(super) is_retired: bool,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(in crate::schema) enum RawType {
    Text,
    Integer,
    Real,
    Boolean,
    Date,
    Code,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    pub(super) key: Spanned<String>,
    pub(super) fields: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClass {
    pub(super) id: Spanned<u16>,
    pub(super) key: Spanned<String>,
    pub(super) label: Label,
    pub(super) geometry: GeometryKind,
    pub(super) role: Role,
    #[serde(default)]
    pub(super) behaviour: Behaviour,
    pub(super) kind_dictionary: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) kinds_name_class: bool,
    pub(super) fields: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) required: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) labels: BTreeMap<Spanned<String>, Label>,
    #[serde(default)]
    pub(super) field_aliases: BTreeMap<Spanned<String>, Vec<String>>,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) kind_aliases: BTreeMap<Spanned<String>, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct RawDictionary {
    pub(in crate::schema) key: Spanned<String>,
    pub(in crate::schema) label: Label,
    pub(in crate::schema) entries: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct RawEntry {
    pub(in crate::schema) code: String,
    pub(in crate::schema) label: Label,
    #[serde(default)]
    pub(in crate::schema) aliases: Vec<String>,
    #[serde(default)]
    pub(in crate::schema) behaviour: Behaviour,
    #[serde(default, rename = "retired")]
    pub(in crate::schema) is_retired: bool,
    pub(in crate::schema) replaced_by: Option<String>,
}

/// A text with its name, to say where something stands.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    pub(crate) fn error(self, span: &Range<usize>, message: Message) -> Error {
        let line = self.text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1;
        Error::bad_input(message.with("file", self.name).with("line", line))
    }
}
