//! The TOML of a dictionary set: dictionaries as in `assets/schema/dictionaries.toml`, fields class by class.

use std::collections::HashSet;

use serde::Deserialize;
use toml::{Spanned, Table, Value as Toml};

use super::{DictionaryRows, DictionarySet, EntryRow, FieldRow, Held, State};
use crate::edit::Content;
use crate::error::{Error, Result};
use crate::schema::loader::{RawDictionary, RawType, Source};
use crate::schema::{Behaviour, Dictionary, DictionaryEntry, Field, FieldType, Label, Schema};
use crate::text::Message;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFile {
    #[serde(default)]
    dictionary: Vec<RawDictionary>,
    #[serde(default)]
    class_field: Vec<Spanned<RawClassField>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClassField {
    class: String,
    key: String,
    label: Label,
    #[serde(rename = "type")]
    field_type: RawType,
    dictionary: Option<String>,
    unit: Option<String>,
    default: Option<Toml>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    retired: bool,
}

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<DictionarySet> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::bad_input(Message::new("schema.exchange.no_set").with("file", name)))?;
    let text = text.trim_start_matches('\u{feff}');
    let source = Source { name, text };
    let file: SetFile = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        source.error(
            &span,
            Message::new("schema.syntax").with("reason", error.message()),
        )
    })?;
    let mut set = DictionarySet::default();
    for dictionary in file.dictionary {
        set.dictionaries.push(dictionary_rows(source, dictionary)?);
    }
    let mut known = HashSet::new();
    for field in file.class_field {
        let span = field.span();
        let field = field.into_inner();
        if !known.insert((field.class.clone(), field.key.clone())) {
            return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", field.key)));
        }
        set.fields.push(field_row(field));
    }
    Ok(set)
}

fn dictionary_rows(source: Source<'_>, raw: RawDictionary) -> Result<DictionaryRows> {
    let mut rows = DictionaryRows {
        key: raw.key.into_inner(),
        zh: Some(raw.label.zh),
        en: Some(raw.label.en),
        entries: Vec::with_capacity(raw.entries.len()),
    };
    for entry in raw.entries {
        let span = entry.span();
        let entry = entry.into_inner();
        if rows.entries.iter().any(|known| known.code == entry.code) {
            return Err(source.error(
                &span,
                Message::new("schema.duplicate_key").with("key", entry.code),
            ));
        }
        rows.entries.push(EntryRow {
            code: entry.code,
            zh: Some(entry.label.zh),
            en: Some(entry.label.en),
            aliases: Some(entry.aliases),
            behaviour: Some(entry.behaviour),
            state: Some(match (entry.replaced_by, entry.is_retired) {
                (Some(into), _) => State::MergedInto(into),
                (None, true) => State::Retired,
                (None, false) => State::Used,
            }),
        });
    }
    Ok(rows)
}

fn field_row(raw: RawClassField) -> FieldRow {
    let default = raw.default.map(|value| match value {
        Toml::String(text) => text,
        other => other.to_string(),
    });
    FieldRow {
        class: raw.class,
        key: raw.key,
        zh: Some(raw.label.zh),
        en: Some(raw.label.en),
        field_type: Some(match (raw.field_type, raw.dictionary) {
            (_, Some(dictionary)) => FieldType::Code(dictionary),
            (RawType::Integer, _) => FieldType::Integer,
            (RawType::Real, _) => FieldType::Real,
            (RawType::Boolean, _) => FieldType::Boolean,
            (RawType::Date, _) => FieldType::Date,
            (RawType::Code, None) => FieldType::Code(String::new()),
            (RawType::Text, None) => FieldType::Text,
        }),
        unit: Some(Held(raw.unit)),
        minimum: Some(Held(raw.minimum)),
        maximum: Some(Held(raw.maximum)),
        default: Some(Held(default)),
        required: Some(raw.required),
        sensitive: Some(raw.sensitive),
        aliases: Some(raw.aliases),
        is_retired: Some(raw.retired),
    }
}

/// A schema's dictionaries and fields as TOML, which [`DictionarySet::read`] reads without loss.
pub(in crate::schema) fn write(schema: &Schema) -> String {
    let mut text = String::new();
    for dictionary in schema.dictionaries.values() {
        text.push_str(&dictionary_text(dictionary));
    }
    for class in &schema.classes {
        for at in class.in_order() {
            text.push_str("[[class_field]]\n");
            text.push_str(&field_text(&class.key, &class.fields[at]));
            text.push('\n');
        }
    }
    text
}

fn dictionary_text(dictionary: &Dictionary) -> String {
    let entries: Vec<String> = dictionary
        .entries
        .iter()
        .map(|entry| format!("  {},\n", Toml::Table(entry_table(entry))))
        .collect();
    format!(
        "[[dictionary]]\nkey = {}\nlabel = {}\nentries = [\n{}]\n\n",
        string(&dictionary.key),
        label(&dictionary.label),
        entries.concat()
    )
}

fn entry_table(entry: &DictionaryEntry) -> Table {
    let mut table = Table::new();
    table.insert("code".to_owned(), string(&entry.code));
    table.insert("label".to_owned(), label(&entry.label));
    if !entry.aliases.is_empty() {
        table.insert("aliases".to_owned(), list(&entry.aliases));
    }
    if entry.behaviour != Behaviour::default() {
        let of = entry.behaviour;
        let flags = [
            ("boundary", of.boundary),
            ("shuttable", of.shuttable),
            ("one_way", of.one_way),
            ("source", of.source),
        ];
        let flags = flags
            .into_iter()
            .filter_map(|(key, flag)| Some((key.to_owned(), Toml::Boolean(flag?))));
        table.insert("behaviour".to_owned(), Toml::Table(flags.collect()));
    }
    if entry.is_retired {
        table.insert("retired".to_owned(), Toml::Boolean(true));
    }
    if let Some(into) = &entry.replaced_by {
        table.insert("replaced_by".to_owned(), string(into));
    }
    table
}

fn field_text(class: &str, field: &Field) -> String {
    let mut lines = vec![
        ("class", string(class)),
        ("key", string(&field.key)),
        ("label", label(&field.label)),
        ("type", string(field.field_type.key())),
    ];
    lines.extend(
        field
            .field_type
            .dictionary()
            .map(|key| ("dictionary", string(key))),
    );
    lines.extend(field.unit.as_ref().map(|unit| ("unit", string(unit))));
    let default = field.default.clone().map(|value| Content::Value(value).short());
    lines.extend(default.map(|text| ("default", string(&text))));
    lines.extend(field.minimum.map(|n| ("minimum", Toml::Float(n))));
    lines.extend(field.maximum.map(|n| ("maximum", Toml::Float(n))));
    for (key, is_so) in [
        ("required", field.required),
        ("sensitive", field.sensitive),
        ("retired", field.is_retired),
    ] {
        lines.extend(is_so.then_some((key, Toml::Boolean(true))));
    }
    if !field.aliases.is_empty() {
        lines.push(("aliases", list(&field.aliases)));
    }
    let lines: Vec<String> = lines
        .into_iter()
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect();
    lines.concat()
}

fn string(text: &str) -> Toml {
    Toml::String(text.to_owned())
}

fn list(texts: &[String]) -> Toml {
    Toml::Array(texts.iter().map(|text| string(text)).collect())
}

fn label(label: &Label) -> Toml {
    let both = [("zh", &label.zh), ("en", &label.en)];
    Toml::Table(
        both.into_iter()
            .map(|(key, text)| (key.to_owned(), string(text)))
            .collect(),
    )
}
