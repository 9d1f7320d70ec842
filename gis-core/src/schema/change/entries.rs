//! Changes of dictionaries and their entries.

use super::{EntrySetting, FieldSetting, Occasion, SchemaChange, Touched, filled, refusal, tidied};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::schema::lookup::entry_names;
use crate::schema::{Dictionary, DictionaryEntry, FieldType, Label, Schema, loader, normalised};
use crate::text::Message;

/// The longest key of a dictionary, in characters.
const LONGEST_KEY: usize = 31;
/// The longest code, in characters.
const LONGEST_CODE: usize = 60;

pub(super) fn apply(
    change: &SchemaChange,
    schema: &mut Schema,
    occasion: Occasion,
    touched: &mut Touched,
) -> Result<Vec<SchemaChange>> {
    if let Some((dictionary, code)) = renamed(change) {
        touched.entries.push((dictionary.to_owned(), code.to_owned()));
    }
    match change {
        SchemaChange::AddDictionary { dictionary, label } => {
            add_dictionary(schema, dictionary, label, occasion)
        }
        SchemaChange::RemoveDictionary { dictionary } => remove_dictionary(schema, dictionary),
        SchemaChange::RenameDictionary { dictionary, label } => {
            let own = schema.dictionary_mut(dictionary)?;
            let old = std::mem::replace(&mut own.label, filled(label)?);
            Ok(vec![SchemaChange::RenameDictionary {
                dictionary: dictionary.clone(),
                label: old,
            }])
        }
        SchemaChange::AddEntry {
            dictionary,
            entry,
            before,
        } => add(schema, dictionary, entry, before.as_deref(), occasion),
        SchemaChange::RemoveEntry { dictionary, code } => remove(schema, dictionary, code),
        SchemaChange::SetEntry {
            dictionary,
            code,
            setting,
        } => {
            let old = set(entry_mut(schema, dictionary, code)?, setting)?;
            Ok(vec![SchemaChange::SetEntry {
                dictionary: dictionary.clone(),
                code: code.clone(),
                setting: old,
            }])
        }
        SchemaChange::MoveEntry {
            dictionary,
            code,
            before,
        } => move_entry(schema.dictionary_mut(dictionary)?, code, before.as_deref()),
        SchemaChange::RetireEntry { dictionary, code } => {
            check_no_default(schema, dictionary, code)?;
            put_state(schema, dictionary, code, (true, None))
        }
        SchemaChange::ReviveEntry { dictionary, code } => put_state(schema, dictionary, code, (false, None)),
        SchemaChange::MergeEntry {
            dictionary,
            code,
            into,
        } => merge(schema, [dictionary, code, into], occasion),
        _ => Ok(Vec::new()),
    }
}

/// The entry that gets names by a change.
fn renamed(change: &SchemaChange) -> Option<(&str, &str)> {
    match change {
        SchemaChange::AddEntry {
            dictionary, entry, ..
        } => Some((dictionary, &entry.code)),
        SchemaChange::SetEntry { dictionary, code, .. } | SchemaChange::ReviveEntry { dictionary, code } => {
            Some((dictionary, code))
        }
        _ => None,
    }
}

fn add_dictionary(
    schema: &mut Schema,
    key: &str,
    label: &Label,
    occasion: Occasion,
) -> Result<Vec<SchemaChange>> {
    if schema.dictionary(key).is_some() {
        // A field that was added since kept it when its addition was taken back.
        return match occasion {
            Occasion::Replayed => Ok(Vec::new()),
            Occasion::Asked => Err(with_key("dictionary_exists", key)),
        };
    }
    // The key names a sheet of the workbook of dictionaries as well.
    if !loader::is_good_key(key) || key.len() > LONGEST_KEY {
        return Err(with_key("bad_key", key));
    }
    let dictionary = Dictionary {
        key: key.to_owned(),
        label: filled(label)?,
        entries: Vec::new(),
        index: std::collections::HashMap::new(),
    };
    schema.dictionaries.insert(key.to_owned(), dictionary);
    Ok(vec![SchemaChange::RemoveDictionary {
        dictionary: key.to_owned(),
    }])
}

fn remove_dictionary(schema: &mut Schema, key: &str) -> Result<Vec<SchemaChange>> {
    let label = schema.required_dictionary(key)?.label.clone();
    let mut fields = schema.classes.iter().flat_map(|class| &class.fields);
    if fields.any(|field| field.field_type.dictionary() == Some(key)) {
        return Ok(Vec::new());
    }
    schema.dictionaries.remove(key);
    Ok(vec![SchemaChange::AddDictionary {
        dictionary: key.to_owned(),
        label,
    }])
}

fn add(
    schema: &mut Schema,
    dictionary: &str,
    entry: &DictionaryEntry,
    before: Option<&str>,
    occasion: Occasion,
) -> Result<Vec<SchemaChange>> {
    let own = schema.dictionary_mut(dictionary)?;
    if let Some(there) = own.entry(&entry.code) {
        if occasion == Occasion::Replayed {
            return put_state(schema, dictionary, &entry.code, (false, None));
        }
        let key = if there.is_retired {
            "code_retired"
        } else {
            "code_exists"
        };
        return Err(about(key, own, &entry.code));
    }
    check_code(own, &entry.code)?;
    let entry = DictionaryEntry {
        label: filled(&entry.label)?,
        aliases: tidied(&entry.aliases),
        ..entry.clone()
    };
    let code = entry.code.clone();
    let place = place_before(own, before)?;
    own.entries.insert(place, entry);
    Ok(vec![SchemaChange::RemoveEntry {
        dictionary: dictionary.to_owned(),
        code,
    }])
}

fn check_code(dictionary: &Dictionary, code: &str) -> Result<()> {
    let is_good = !code.is_empty()
        && code.trim() == code
        && code.chars().count() <= LONGEST_CODE
        && !code.chars().any(char::is_control);
    if is_good {
        return Ok(());
    }
    Err(about("bad_code", dictionary, code))
}

fn remove(schema: &mut Schema, dictionary: &str, code: &str) -> Result<Vec<SchemaChange>> {
    let own = schema.dictionary_mut(dictionary)?;
    let at = position(own, code)?;
    let before = own.entries.get(at + 1).map(|next| next.code.clone());
    let entry = own.entries.remove(at);
    Ok(vec![SchemaChange::AddEntry {
        dictionary: dictionary.to_owned(),
        entry,
        before,
    }])
}

fn set(entry: &mut DictionaryEntry, setting: &EntrySetting) -> Result<EntrySetting> {
    Ok(match setting {
        EntrySetting::Label(label) => {
            EntrySetting::Label(std::mem::replace(&mut entry.label, filled(label)?))
        }
        EntrySetting::Aliases(aliases) => {
            EntrySetting::Aliases(std::mem::replace(&mut entry.aliases, tidied(aliases)))
        }
        EntrySetting::Behaviour(behaviour) => {
            EntrySetting::Behaviour(std::mem::replace(&mut entry.behaviour, *behaviour))
        }
    })
}

fn move_entry(dictionary: &mut Dictionary, code: &str, before: Option<&str>) -> Result<Vec<SchemaChange>> {
    let at = position(dictionary, code)?;
    let next = dictionary.entries.get(at + 1).map(|next| next.code.clone());
    let entry = dictionary.entries.remove(at);
    let place = if before == Some(code) {
        Ok(at)
    } else {
        place_before(dictionary, before)
    };
    // The copy that is worked on is thrown away where this fails.
    dictionary.entries.insert(place?, entry);
    Ok(vec![SchemaChange::MoveEntry {
        dictionary: dictionary.key.clone(),
        code: code.to_owned(),
        before: next,
    }])
}

fn place_before(dictionary: &Dictionary, before: Option<&str>) -> Result<usize> {
    before.map_or(Ok(dictionary.entries.len()), |code| position(dictionary, code))
}

/// Puts an entry in or out of use; what it was merged into goes with it.
fn put_state(
    schema: &mut Schema,
    dictionary: &str,
    code: &str,
    (is_retired, replaced_by): (bool, Option<String>),
) -> Result<Vec<SchemaChange>> {
    let own = schema.dictionary_mut(dictionary)?;
    let at = position(own, code)?;
    let entry = &own.entries[at];
    if (entry.is_retired, &entry.replaced_by) == (is_retired, &replaced_by) {
        let key = if is_retired {
            "retired_already"
        } else {
            "in_use_already"
        };
        return Err(about(key, own, code));
    }
    let entry = &mut own.entries[at];
    let was_retired = std::mem::replace(&mut entry.is_retired, is_retired);
    let (dictionary, code) = (dictionary.to_owned(), code.to_owned());
    Ok(vec![
        match std::mem::replace(&mut entry.replaced_by, replaced_by) {
            Some(into) => SchemaChange::MergeEntry {
                dictionary,
                code,
                into,
            },
            None if was_retired => SchemaChange::RetireEntry { dictionary, code },
            None => SchemaChange::ReviveEntry { dictionary, code },
        },
    ])
}

fn merge(
    schema: &mut Schema,
    [dictionary, code, into]: [&str; 3],
    occasion: Occasion,
) -> Result<Vec<SchemaChange>> {
    let own = schema.required_dictionary(dictionary)?;
    position(own, code)?;
    let target = &own.entries[position(own, into)?];
    if code == into || own.entries[own.meant(position(own, into)?)].code == code {
        return Err(about("merge_into_itself", own, code));
    }
    if target.is_retired && occasion == Occasion::Asked {
        return Err(about("merge_into_retired", own, into));
    }
    let defaults = defaults(schema, dictionary, code);
    let mut back = put_state(schema, dictionary, code, (true, Some(into.to_owned())))?;
    for (class, field) in defaults {
        let change = SchemaChange::SetField {
            class,
            field,
            setting: FieldSetting::Default(Some(Value::Text(into.to_owned()))),
        };
        // Behind the entry itself: a default must be in use.
        back.append(&mut change.apply(schema, Occasion::Replayed, &mut Touched::default())?);
    }
    Ok(back)
}

/// Class and key of the fields that a new feature gets the code in.
fn defaults(schema: &Schema, dictionary: &str, code: &str) -> Vec<(String, String)> {
    let classes = schema.classes.iter();
    let fields = classes.flat_map(|class| class.fields.iter().map(move |field| (class, field)));
    fields
        .filter(|(_, field)| {
            field.field_type == FieldType::Code(dictionary.to_owned())
                && field.default.as_ref().and_then(Value::as_text) == Some(code)
        })
        .map(|(class, field)| (class.key.clone(), field.key.clone()))
        .collect()
}

fn check_no_default(schema: &Schema, dictionary: &str, code: &str) -> Result<()> {
    match defaults(schema, dictionary, code).first() {
        None => Ok(()),
        Some((class, field)) => Err(Error::bad_input(
            Message::new("schema.edit.is_default")
                .with("code", code)
                .with("class", class)
                .with("field", field),
        )),
    }
}

fn entry_mut<'a>(schema: &'a mut Schema, dictionary: &str, code: &str) -> Result<&'a mut DictionaryEntry> {
    let own = schema.dictionary_mut(dictionary)?;
    let at = position(own, code)?;
    Ok(&mut own.entries[at])
}

fn position(dictionary: &Dictionary, code: &str) -> Result<usize> {
    let found = dictionary.entries.iter().position(|entry| entry.code == code);
    found.ok_or_else(|| about("unknown_code", dictionary, code))
}

impl Dictionary {
    /// # Errors
    /// No entry has that code.
    pub fn required_entry(&self, code: &str) -> Result<&DictionaryEntry> {
        Ok(&self.entries[position(self, code)?])
    }
}

/// No other entry goes by a name of this one, unless both mean the same by being merged.
pub(super) fn check_names(dictionary: &Dictionary, code: &str) -> Result<()> {
    // Gone again by a later change of the same list.
    let Ok(own) = position(dictionary, code) else {
        return Ok(());
    };
    let names: Vec<String> = entry_names(&dictionary.entries[own]).map(normalised).collect();
    for (at, other) in dictionary.entries.iter().enumerate() {
        if at == own || dictionary.meant(at) == dictionary.meant(own) {
            continue;
        }
        if let Some(name) = entry_names(other).find(|name| names.contains(&normalised(name))) {
            let key = if other.is_retired {
                "name_of_retired"
            } else {
                "name_taken"
            };
            return Err(Error::bad_input(
                Message::new(format!("schema.edit.{key}"))
                    .with("name", name)
                    .with("own", code)
                    .with("other", &other.code)
                    .with_each("where", &dictionary.label.zh, &dictionary.label.en),
            ));
        }
    }
    Ok(())
}

fn about(key: &str, dictionary: &Dictionary, code: &str) -> Error {
    Error::bad_input(
        Message::new(format!("schema.edit.{key}"))
            .with("code", code)
            .with("dictionary", &dictionary.key),
    )
}

fn with_key(key: &str, name: &str) -> Error {
    match refusal(key) {
        Error::BadInput(message) => Error::bad_input(message.with("key", name)),
        other => other,
    }
}
