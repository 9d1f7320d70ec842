//! Changes in words, for the list of what will be done and for the history.

use super::{EntrySetting, FieldSetting, SchemaChange};
use crate::edit::Content;
use crate::model::Value;
use crate::schema::{Label, Schema};
use crate::text::Message;

impl SchemaChange {
    /// What it does, to the schema it is a change of.
    pub fn message(&self, schema: &Schema) -> Message {
        match (self.dictionary(), self.class()) {
            (Some(key), _) => {
                let label = schema.dictionary(key).map(|d| d.label.clone());
                self.of_dictionary(schema, key, &label.unwrap_or_else(|| Label::same(key)))
            }
            (_, Some(key)) => {
                let class = schema.classes.iter().find(|class| class.key == key);
                let label = class.map_or_else(|| Label::same(key), |class| class.label.clone());
                self.of_class(schema, key).with_each("class", label.zh, label.en)
            }
            _ => Message::new("schema.change.several"),
        }
    }

    fn of_dictionary(&self, schema: &Schema, key: &str, dictionary: &Label) -> Message {
        let entry = |message: Message, name: &'static str, code: &str| {
            let found = schema.dictionary(key).and_then(|d| d.entry(code));
            match found {
                Some(entry) => labelled(message, name, code, &entry.label),
                None => message.with(name, code),
            }
        };
        let say = |word: &str| Message::new(format!("schema.change.{word}"));
        let message = match self {
            Self::AddDictionary { label, .. } => {
                return named(say("add_dictionary"), "label", label).with("key", key);
            }
            Self::RemoveDictionary { .. } => say("remove_dictionary"),
            Self::RenameDictionary { label, .. } => named(say("rename_dictionary"), "label", label),
            Self::AddEntry { entry, .. } => labelled(say("add_entry"), "entry", &entry.code, &entry.label),
            Self::RemoveEntry { code, .. } => entry(say("remove_entry"), "entry", code),
            Self::SetEntry { code, setting, .. } => {
                let message = match setting {
                    EntrySetting::Label(label) => named(say("set_entry_label"), "label", label),
                    EntrySetting::Aliases(aliases) => {
                        say("set_entry_aliases").with("aliases", aliases.join(", "))
                    }
                    EntrySetting::Behaviour(_) => say("set_entry_behaviour"),
                };
                entry(message, "entry", code)
            }
            Self::MoveEntry { code, .. } => entry(say("move_entry"), "entry", code),
            Self::RetireEntry { code, .. } => entry(say("retire_entry"), "entry", code),
            Self::ReviveEntry { code, .. } => entry(say("revive_entry"), "entry", code),
            Self::MergeEntry { code, into, .. } => {
                entry(entry(say("merge_entry"), "entry", code), "into", into)
            }
            _ => say("several"),
        };
        named(message, "dictionary", dictionary)
    }

    fn of_class(&self, schema: &Schema, class: &str) -> Message {
        let say = |word: &str, field: &str| {
            let class = schema.classes.iter().find(|c| c.key == class);
            let own = class.and_then(|class| class.fields.iter().find(|f| f.key == field));
            let label = own.map_or_else(|| Label::same(field), |f| f.label.clone());
            named(Message::new(format!("schema.change.{word}")), "field", &label)
        };
        match self {
            Self::AddField { field, .. } => {
                named(Message::new("schema.change.add_field"), "field", &field.label).with("key", &field.key)
            }
            Self::SetField { field, setting, .. } => match setting {
                FieldSetting::Label(label) => named(say("set_field_label", field), "label", label),
                FieldSetting::Aliases(aliases) => {
                    say("set_field_aliases", field).with("aliases", aliases.join(", "))
                }
                FieldSetting::Unit(unit) => {
                    say("set_field_unit", field).with("unit", unit.as_deref().unwrap_or("-"))
                }
                FieldSetting::Domain { minimum, maximum } => {
                    let limit =
                        |limit: &Option<f64>| limit.map_or_else(|| "\u{2026}".to_owned(), |n| n.to_string());
                    say("set_field_domain", field)
                        .with("minimum", limit(minimum))
                        .with("maximum", limit(maximum))
                }
                FieldSetting::Default(value) => {
                    let value = value.clone().unwrap_or(Value::Null);
                    say("set_field_default", field).with("value", Content::Value(value).short())
                }
                FieldSetting::Required(true) => say("set_field_required", field),
                FieldSetting::Required(false) => say("set_field_optional", field),
                FieldSetting::Sensitive(true) => say("set_field_sensitive", field),
                FieldSetting::Sensitive(false) => say("set_field_open", field),
            },
            Self::MoveField { field, .. } => say("move_field", field),
            Self::RetireField { field, .. } => say("retire_field", field),
            Self::ReviveField { field, .. } => say("revive_field", field),
            _ => Message::new("schema.change.several"),
        }
    }
}

fn named(message: Message, name: &'static str, label: &Label) -> Message {
    message.with_each(name, label.zh.clone(), label.en.clone())
}

/// A code with what it is called.
fn labelled(message: Message, name: &'static str, code: &str, label: &Label) -> Message {
    let with_code = |text: &str| {
        if text == code {
            code.to_owned()
        } else {
            format!("{text} ({code})")
        }
    };
    message.with_each(name, with_code(&label.zh), with_code(&label.en))
}
