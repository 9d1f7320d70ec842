//! What a file would change of a schema, as changes in an order in which they can be made.

use super::{DictionaryRows, DictionarySet, EntryRow, FieldRow, Held, State};
use crate::edit::Content;
use crate::error::{Error, Result};
use crate::schema::{
    Behaviour, Dictionary, DictionaryEntry, EntrySetting, Field, FieldSetting, FieldType, Label, Schema,
    SchemaChange,
};
use crate::text::Message;

impl DictionarySet {
    /// The changes that make a schema what the file says, and what it says that cannot be: fields of another type, classes
    /// that are not there.
    ///
    /// # Errors
    /// A new field has no type, or a default does not fit.
    pub fn changes(&self, schema: &Schema) -> Result<(Vec<SchemaChange>, Vec<Message>)> {
        let (mut changes, mut conflicts) = (Vec::new(), Vec::new());
        for rows in &self.dictionaries {
            dictionary(schema.dictionary(&rows.key), rows, &mut changes);
        }
        for (at, row) in self.fields.iter().enumerate() {
            let Ok(class) = schema.required_class(&row.class) else {
                conflicts.push(Message::new("schema.exchange.unknown_class").with("class", &row.class));
                continue;
            };
            let known = class.fields.iter().find(|field| field.key == row.key);
            let own_type = known.map(|field| &field.field_type);
            if let (Some(found), Some(own)) = (&row.field_type, own_type)
                && found != own
            {
                conflicts.push(type_conflict(row, found, own));
                continue;
            }
            match known {
                Some(field) => set_field(schema, row, field, &mut changes)?,
                None => add_field(schema, row, &mut changes)?,
            }
            let is_last = self.fields[at + 1..].iter().all(|later| later.class != row.class);
            if is_last {
                self.order_fields(schema, &row.class, &mut changes);
            }
        }
        Ok((changes, conflicts))
    }

    fn order_fields(&self, schema: &Schema, class: &str, changes: &mut Vec<SchemaChange>) {
        let Ok(own) = schema.required_class(class) else {
            return;
        };
        let mut now: Vec<String> = own
            .in_order()
            .into_iter()
            .map(|at| own.fields[at].key.clone())
            .collect();
        let rows = self.fields.iter().filter(|row| row.class == class);
        let wanted: Vec<&String> = rows.map(|row| &row.key).collect();
        let added = wanted.iter().filter(|key| own.field_index(key).is_none());
        now.extend(added.map(|key| (*key).clone()));
        for (field, before) in moves(&mut now, &wanted) {
            changes.push(SchemaChange::MoveField {
                class: class.to_owned(),
                field,
                before: Some(before),
            });
        }
    }
}

/// What is to be put before what, so that `now` has the wanted order; what is not wanted keeps its place.
fn moves(now: &mut Vec<String>, wanted: &[&String]) -> Vec<(String, String)> {
    let mut moves = Vec::new();
    for pair in wanted.windows(2).rev() {
        let place = |now: &[String], key: &String| now.iter().position(|known| known == key);
        let (Some(own), Some(next)) = (place(now, pair[0]), place(now, pair[1])) else {
            continue;
        };
        if own > next {
            let key = now.remove(own);
            now.insert(next, key.clone());
            moves.push((key, pair[1].clone()));
        }
    }
    moves
}

fn label(zh: Option<&String>, en: Option<&String>, old: &Label) -> Label {
    let said = |text: Option<&String>, old: &str| {
        let text = text.map(|text| text.trim()).filter(|text| !text.is_empty());
        text.unwrap_or(old).to_owned()
    };
    Label {
        zh: said(zh, &old.zh),
        en: said(en, &old.en),
    }
}

fn dictionary(own: Option<&Dictionary>, rows: &DictionaryRows, changes: &mut Vec<SchemaChange>) {
    let key = || rows.key.clone();
    let old = own.map_or_else(Label::default, |own| own.label.clone());
    let wanted = label(rows.zh.as_ref(), rows.en.as_ref(), &old);
    match own {
        None => changes.push(SchemaChange::AddDictionary {
            dictionary: key(),
            label: wanted,
        }),
        Some(_) if wanted != old => changes.push(SchemaChange::RenameDictionary {
            dictionary: key(),
            label: wanted,
        }),
        Some(_) => {}
    }
    let known = |row: &EntryRow| own.and_then(|own| own.entry(&row.code));
    // From the end, so that what one stands before is there.
    for (at, row) in rows.entries.iter().enumerate().rev() {
        if known(row).is_none() {
            changes.push(SchemaChange::AddEntry {
                dictionary: key(),
                entry: new_entry(row),
                before: rows.entries.get(at + 1).map(|next| next.code.clone()),
            });
        }
    }
    for row in &rows.entries {
        if let Some(entry) = known(row) {
            set_entry(&rows.key, row, entry, changes);
        }
    }
    if let Some(own) = own {
        let mut now: Vec<String> = own.entries.iter().map(|entry| entry.code.clone()).collect();
        let wanted = rows.entries.iter().filter(|row| known(row).is_some());
        let wanted: Vec<&String> = wanted.map(|row| &row.code).collect();
        for (code, before) in moves(&mut now, &wanted) {
            changes.push(SchemaChange::MoveEntry {
                dictionary: key(),
                code,
                before: Some(before),
            });
        }
    }
    retire(own, rows, changes);
}

fn new_entry(row: &EntryRow) -> DictionaryEntry {
    DictionaryEntry {
        code: row.code.clone(),
        label: label(row.zh.as_ref(), row.en.as_ref(), &Label::default()),
        aliases: row.aliases.clone().unwrap_or_default(),
        behaviour: row.behaviour.unwrap_or_default(),
        is_retired: false,
        replaced_by: None,
    }
}

/// Names, behaviour, and that it is in use again.
fn set_entry(dictionary: &str, row: &EntryRow, own: &DictionaryEntry, changes: &mut Vec<SchemaChange>) {
    let mut set = |setting| {
        changes.push(SchemaChange::SetEntry {
            dictionary: dictionary.to_owned(),
            code: row.code.clone(),
            setting,
        });
    };
    let wanted = label(row.zh.as_ref(), row.en.as_ref(), &own.label);
    if wanted != own.label {
        set(EntrySetting::Label(wanted));
    }
    if let Some(aliases) = row.aliases.as_ref().filter(|aliases| **aliases != own.aliases) {
        set(EntrySetting::Aliases(aliases.clone()));
    }
    let behaviour: Option<Behaviour> = row.behaviour.filter(|behaviour| *behaviour != own.behaviour);
    if let Some(behaviour) = behaviour {
        set(EntrySetting::Behaviour(behaviour));
    }
    if row.state == Some(State::Used) && own.is_retired {
        changes.push(SchemaChange::ReviveEntry {
            dictionary: dictionary.to_owned(),
            code: row.code.clone(),
        });
    }
}

/// What goes out of use, once what it is merged into is there.
fn retire(own: Option<&Dictionary>, rows: &DictionaryRows, changes: &mut Vec<SchemaChange>) {
    for row in &rows.entries {
        let entry = own.and_then(|own| own.entry(&row.code));
        let (dictionary, code) = (rows.key.clone(), row.code.clone());
        match &row.state {
            Some(State::Retired) if entry.is_none_or(|e| !e.is_retired || e.replaced_by.is_some()) => {
                changes.push(SchemaChange::RetireEntry { dictionary, code });
            }
            Some(State::MergedInto(into)) => {
                let into = last_target(rows, into);
                let now = own.and_then(|own| own.position(&row.code).map(|at| &own.entries[at].code));
                if !(entry.is_some_and(|e| e.replaced_by.is_some()) && now == Some(into)) {
                    changes.push(SchemaChange::MergeEntry {
                        dictionary,
                        code,
                        into: into.clone(),
                    });
                }
            }
            _ => {}
        }
    }
}

/// What an entry was merged into in the end.
fn last_target<'a>(rows: &'a DictionaryRows, into: &'a String) -> &'a String {
    let mut at = into;
    for _ in 0..rows.entries.len() {
        let next = rows.entries.iter().find(|row| row.code == *at);
        match next.and_then(|row| row.state.as_ref()) {
            Some(State::MergedInto(next)) => at = next,
            _ => break,
        }
    }
    at
}

fn add_field(schema: &Schema, row: &FieldRow, changes: &mut Vec<SchemaChange>) -> Result<()> {
    let Some(field_type) = row.field_type.clone() else {
        return Err(Error::bad_input(
            Message::new("schema.exchange.no_type")
                .with("class", &row.class)
                .with("field", &row.key),
        ));
    };
    let mut field = Field {
        id: 0,
        key: row.key.clone(),
        label: label(row.zh.as_ref(), row.en.as_ref(), &Label::default()),
        field_type,
        unit: row.unit.clone().and_then(|held| held.0),
        required: row.required.unwrap_or(false),
        default: None,
        minimum: limit(row.minimum.as_ref(), None),
        maximum: limit(row.maximum.as_ref(), None),
        sensitive: row.sensitive.unwrap_or(false),
        aliases: row.aliases.clone().unwrap_or_default(),
        is_retired: false,
    };
    let default = row.default.as_ref().and_then(|held| held.0.as_deref());
    field.default = default.map(|text| default_of(schema, &field, text)).transpose()?;
    let (class, key) = (row.class.clone(), row.key.clone());
    changes.push(SchemaChange::AddField {
        class: class.clone(),
        field: Box::new(field),
    });
    if row.is_retired == Some(true) {
        changes.push(SchemaChange::RetireField { class, field: key });
    }
    Ok(())
}

/// What a file says of a limit, or what it was.
fn limit(said: Option<&Held<f64>>, old: Option<f64>) -> Option<f64> {
    said.map_or(old, |held| held.0)
}

/// A code that comes with the same file is not in the schema yet: it is checked when the changes are made.
fn default_of(schema: &Schema, field: &Field, text: &str) -> Result<crate::model::Value> {
    match field.field_type {
        FieldType::Code(_) => Ok(crate::model::Value::Text(text.to_owned())),
        _ => schema.value_of(field, text),
    }
}

fn set_field(schema: &Schema, row: &FieldRow, own: &Field, changes: &mut Vec<SchemaChange>) -> Result<()> {
    let mut settings = Vec::new();
    let wanted = label(row.zh.as_ref(), row.en.as_ref(), &own.label);
    if wanted != own.label {
        settings.push(FieldSetting::Label(wanted));
    }
    if let Some(aliases) = row.aliases.as_ref().filter(|aliases| **aliases != own.aliases) {
        settings.push(FieldSetting::Aliases(aliases.clone()));
    }
    if let Some(Held(unit)) = row.unit.as_ref().filter(|held| held.0 != own.unit) {
        settings.push(FieldSetting::Unit(unit.clone()));
    }
    let minimum = limit(row.minimum.as_ref(), own.minimum);
    let maximum = limit(row.maximum.as_ref(), own.maximum);
    if (minimum, maximum) != (own.minimum, own.maximum) {
        settings.push(FieldSetting::Domain { minimum, maximum });
    }
    let held = own.default.clone().map(|value| Content::Value(value).short());
    if let Some(Held(default)) = row.default.as_ref().filter(|default| default.0 != held) {
        let unlimited = Field {
            minimum,
            maximum,
            ..own.clone()
        };
        let value = default
            .as_deref()
            .map(|text| default_of(schema, &unlimited, text))
            .transpose()?;
        if value != own.default {
            settings.push(FieldSetting::Default(value));
        }
    }
    settings.extend(
        row.required
            .filter(|r| *r != own.required)
            .map(FieldSetting::Required),
    );
    settings.extend(
        row.sensitive
            .filter(|s| *s != own.sensitive)
            .map(FieldSetting::Sensitive),
    );
    let (class, field) = (&row.class, &row.key);
    changes.extend(settings.into_iter().map(|setting| SchemaChange::SetField {
        class: class.clone(),
        field: field.clone(),
        setting,
    }));
    let (class, field) = (class.clone(), field.clone());
    match row.is_retired {
        Some(true) if !own.is_retired => changes.push(SchemaChange::RetireField { class, field }),
        Some(false) if own.is_retired => changes.push(SchemaChange::ReviveField { class, field }),
        _ => {}
    }
    Ok(())
}

fn type_conflict(row: &FieldRow, found: &FieldType, own: &FieldType) -> Message {
    let word = |of: &FieldType| of.dictionary().unwrap_or_else(|| of.key()).to_owned();
    Message::new("schema.exchange.other_type")
        .with("class", &row.class)
        .with("field", &row.key)
        .with("found", word(found))
        .with("expected", word(own))
}
