//! Reads a schema from TOML and checks it, so that a slip of the pen is told with file and line. It knows nothing of
//! project files.

mod raw;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use chrono::NaiveDate;
use toml::Spanned;

pub(crate) use self::raw::Source;
use self::raw::{RawClass, RawEntry, RawField, RawFile, RawGroup};
pub(super) use self::raw::{RawDictionary, RawType};
use super::lookup::{class_names, entry_names, field_names, normalised};
use super::{ClassAlias, Dictionary, DictionaryEntry, FeatureClass, Field, FieldType, Schema};
use crate::error::Result;
use crate::model::Value;
use crate::text::Message;

struct Loader<'a> {
    fields: HashMap<String, (Source<'a>, RawField)>,
    groups: HashMap<String, (Source<'a>, RawGroup)>,
    dictionaries: BTreeMap<String, Dictionary>,
}

pub(super) fn parse(files: &[(&str, &str)]) -> Result<Schema> {
    let mut loader = Loader {
        fields: HashMap::new(),
        groups: HashMap::new(),
        dictionaries: BTreeMap::new(),
    };
    let mut classes = Vec::new();
    let mut field_ids = HashMap::new();
    for &(name, text) in files {
        let source = Source { name, text };
        let raw: RawFile = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            source.error(
                &span,
                Message::new("schema.syntax").with("reason", error.message()),
            )
        })?;
        for dictionary in raw.dictionary {
            loader.add_dictionary(source, dictionary)?;
        }
        for field in raw.field {
            check_key(source, &field.key)?;
            if let Some(other) = field_ids.insert(*field.id.get_ref(), field.key.get_ref().clone()) {
                return Err(source.error(
                    &field.id.span(),
                    Message::new("schema.duplicate_id")
                        .with("id", field.id.get_ref())
                        .with("other", other),
                ));
            }
            let (key, span) = (field.key.get_ref().clone(), field.key.span());
            if loader.fields.insert(key.clone(), (source, field)).is_some() {
                return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", key)));
            }
        }
        for group in raw.group {
            let (key, span) = (group.key.get_ref().clone(), group.key.span());
            if loader.groups.insert(key.clone(), (source, group)).is_some() {
                return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", key)));
            }
        }
        classes.extend(raw.class.into_iter().map(|class| (source, class)));
    }
    let mut built = Vec::with_capacity(classes.len());
    let mut ids = HashMap::new();
    let mut names: HashMap<String, (String, Option<String>)> = HashMap::new();
    for (source, raw) in &classes {
        check_key(*source, &raw.key)?;
        let key = raw.key.get_ref();
        if let Some(other) = ids.insert(*raw.id.get_ref(), key) {
            return Err(source.error(
                &raw.id.span(),
                Message::new("schema.duplicate_id")
                    .with("id", raw.id.get_ref())
                    .with("other", other),
            ));
        }
        if built.iter().any(|class: &FeatureClass| class.key == *key) {
            return Err(source.error(
                &raw.key.span(),
                Message::new("schema.duplicate_key").with("key", key),
            ));
        }
        let class = loader.class(*source, raw)?;
        for (name, kind) in class_names(&class) {
            let meaning = (key.clone(), kind.map(str::to_owned));
            if let Some(other) = names.insert(normalised(name), meaning.clone())
                && other != meaning
            {
                return Err(source.error(
                    &raw.key.span(),
                    Message::new("schema.ambiguous_name")
                        .with("name", name)
                        .with("first", meaning_text(&other))
                        .with("second", meaning_text(&meaning)),
                ));
            }
        }
        built.push(class);
    }
    Ok(Schema::from_parts(built, loader.dictionaries.into_values()))
}

fn meaning_text((class, kind): &(String, Option<String>)) -> String {
    kind.as_ref()
        .map_or_else(|| class.clone(), |kind| format!("{class}/{kind}"))
}

/// Whether a key may name a table or column, in files that other programs read.
pub(super) fn is_good_key(text: &str) -> bool {
    let reserved = [
        "fid",
        "geom",
        "uid",
        "rowid",
        "from_id",
        "to_id",
        "on_pipe_id",
        "on_pipe_distance_m",
        "flow_to_id",
        "inlet_pipe_ids",
    ];
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && text.len() <= 60
        && !["karez_", "gpkg_", "rtree_", "sqlite_"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
        && !reserved.contains(&text)
}

fn check_key(source: Source<'_>, key: &Spanned<String>) -> Result<()> {
    let text = key.get_ref();
    if is_good_key(text) {
        return Ok(());
    }
    Err(source.error(&key.span(), Message::new("schema.bad_key").with("key", text)))
}

impl<'a> Loader<'a> {
    fn add_dictionary(&mut self, source: Source<'a>, raw: RawDictionary) -> Result<()> {
        check_key(source, &raw.key)?;
        let key = raw.key.get_ref().clone();
        let mut names: HashMap<String, String> = HashMap::new();
        let mut codes = HashSet::new();
        let mut entries = Vec::with_capacity(raw.entries.len());
        for entry in raw.entries {
            let span = entry.span();
            let RawEntry {
                code,
                label,
                aliases,
                behaviour,
                is_retired,
                replaced_by,
            } = entry.into_inner();
            if !codes.insert(code.clone()) || code.trim().is_empty() {
                return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", code)));
            }
            let entry = DictionaryEntry {
                code,
                label,
                aliases,
                behaviour,
                is_retired,
                replaced_by,
            };
            for name in entry_names(&entry) {
                if let Some(other) = names.insert(normalised(name), entry.code.clone())
                    && other != entry.code
                {
                    return Err(source.error(
                        &span,
                        Message::new("schema.ambiguous_name")
                            .with("name", name)
                            .with("first", other)
                            .with("second", &entry.code),
                    ));
                }
            }
            entries.push(entry);
        }
        let dictionary = Dictionary {
            key: key.clone(),
            label: raw.label,
            entries,
            index: HashMap::new(),
        };
        if self.dictionaries.insert(key.clone(), dictionary).is_some() {
            return Err(source.error(
                &raw.key.span(),
                Message::new("schema.duplicate_key").with("key", key),
            ));
        }
        Ok(())
    }

    fn class(&self, source: Source<'_>, raw: &RawClass) -> Result<FeatureClass> {
        let mut fields = Vec::new();
        for name in &raw.fields {
            self.expand(source, raw, name.get_ref(), &name.span(), 0, &mut fields)?;
        }
        let position = |name: &Spanned<String>| {
            fields
                .iter()
                .position(|f: &Field| f.key == *name.get_ref())
                .ok_or_else(|| {
                    source.error(
                        &name.span(),
                        Message::new("schema.unknown_field").with("key", name.get_ref()),
                    )
                })
        };
        let required = raw.required.iter().map(position).collect::<Result<Vec<_>>>()?;
        let labels = raw
            .labels
            .iter()
            .map(|(key, l)| Ok((position(key)?, l)))
            .collect::<Result<Vec<_>>>()?;
        let more = raw
            .field_aliases
            .iter()
            .map(|(key, a)| Ok((position(key)?, a)))
            .collect::<Result<Vec<_>>>()?;
        for field in required {
            fields[field].required = true;
        }
        for (field, label) in labels {
            fields[field].label = label.clone();
        }
        for (field, aliases) in more {
            fields[field].aliases.extend(aliases.iter().cloned());
        }
        let mut meanings: HashMap<String, &str> = HashMap::new();
        for field in &fields {
            for name in field_names(field) {
                if let Some(other) = meanings.insert(normalised(name), &field.key)
                    && other != field.key
                {
                    return Err(source.error(
                        &raw.key.span(),
                        Message::new("schema.ambiguous_name")
                            .with("name", name)
                            .with("first", other)
                            .with("second", &field.key),
                    ));
                }
            }
        }
        Ok(FeatureClass {
            id: *raw.id.get_ref(),
            key: raw.key.get_ref().clone(),
            label: raw.label.clone(),
            geometry: raw.geometry,
            role: raw.role,
            behaviour: raw.behaviour,
            aliases: self.class_aliases(source, raw)?,
            fields,
            order: Vec::new(),
        })
    }

    fn class_aliases(&self, source: Source<'_>, raw: &RawClass) -> Result<Vec<ClassAlias>> {
        let mut aliases: Vec<ClassAlias> = raw
            .aliases
            .iter()
            .map(|name| ClassAlias {
                name: name.clone(),
                kind: None,
            })
            .collect();
        let kinds = raw
            .kind_dictionary
            .as_ref()
            .and_then(|key| self.dictionaries.get(key.get_ref()));
        if raw.kinds_name_class {
            for entry in kinds.into_iter().flat_map(|d| &d.entries) {
                aliases.extend(entry_names(entry).map(|name| ClassAlias {
                    name: name.to_owned(),
                    kind: Some(entry.code.clone()),
                }));
            }
        }
        for (kind, names) in &raw.kind_aliases {
            if !kinds.is_some_and(|d| d.entries.iter().any(|e| e.code == *kind.get_ref())) {
                return Err(source.error(
                    &kind.span(),
                    Message::new("schema.unknown_kind").with("key", kind.get_ref()),
                ));
            }
            aliases.extend(names.iter().map(|name| ClassAlias {
                name: name.clone(),
                kind: Some(kind.get_ref().clone()),
            }));
        }
        Ok(aliases)
    }

    fn expand(
        &self,
        source: Source<'_>,
        class: &RawClass,
        name: &str,
        span: &Range<usize>,
        depth: u32,
        out: &mut Vec<Field>,
    ) -> Result<()> {
        if let Some(group) = name.strip_prefix('@') {
            let Some((group_source, group)) = self.groups.get(group).filter(|_| depth < 8) else {
                return Err(source.error(span, Message::new("schema.unknown_group").with("key", name)));
            };
            for name in &group.fields {
                self.expand(*group_source, class, name.get_ref(), &name.span(), depth + 1, out)?;
            }
            return Ok(());
        }
        let Some((field_source, raw)) = self.fields.get(name) else {
            return Err(source.error(span, Message::new("schema.unknown_field").with("key", name)));
        };
        if out.iter().any(|f| f.key == name) {
            return Err(source.error(span, Message::new("schema.duplicate_key").with("key", name)));
        }
        let kind_dictionary = class.kind_dictionary.as_ref().filter(|_| name == "kind");
        let (dictionary, dictionary_source) = match kind_dictionary {
            // Relative to the class, which stands in `classes.toml`; the span is only used for the line.
            Some(key) => (Some(key), source),
            None => (raw.dictionary.as_ref(), *field_source),
        };
        if let Some(key) = dictionary
            && !self.dictionaries.contains_key(key.get_ref())
        {
            return Err(dictionary_source.error(
                &key.span(),
                Message::new("schema.unknown_dictionary").with("key", key.get_ref()),
            ));
        }
        out.push(field(
            *field_source,
            raw,
            dictionary.map(|d| d.get_ref().clone()),
        )?);
        Ok(())
    }
}

fn field(source: Source<'_>, raw: &RawField, dictionary: Option<String>) -> Result<Field> {
    let field_type = match (raw.field_type, dictionary) {
        (RawType::Code | RawType::Text, Some(dictionary)) => FieldType::Code(dictionary),
        (RawType::Code, None) => {
            return Err(source.error(&raw.key.span(), Message::new("schema.no_dictionary")));
        }
        (_, Some(_)) => {
            return Err(source.error(&raw.key.span(), Message::new("schema.dictionary_without_code")));
        }
        (RawType::Text, None) => FieldType::Text,
        (RawType::Integer, None) => FieldType::Integer,
        (RawType::Real, None) => FieldType::Real,
        (RawType::Boolean, None) => FieldType::Boolean,
        (RawType::Date, None) => FieldType::Date,
    };
    if raw.minimum.zip(raw.maximum).is_some_and(|(low, high)| low > high) {
        return Err(source.error(&raw.key.span(), Message::new("schema.empty_domain")));
    }
    let default = match &raw.default {
        None => None,
        Some(value) => Some(default_value(value.get_ref(), &field_type).ok_or_else(|| {
            source.error(
                &value.span(),
                Message::new("schema.bad_default").with("value", value.get_ref()),
            )
        })?),
    };
    Ok(Field {
        id: *raw.id.get_ref(),
        key: raw.key.get_ref().clone(),
        label: raw.label.clone(),
        field_type,
        unit: raw.unit.clone(),
        required: false,
        default,
        minimum: raw.minimum,
        maximum: raw.maximum,
        sensitive: raw.sensitive,
        aliases: raw.aliases.clone(),
        is_retired: raw.is_retired,
    })
}

fn default_value(value: &toml::Value, field_type: &FieldType) -> Option<Value> {
    Some(match (field_type, value) {
        (FieldType::Boolean, toml::Value::Boolean(flag)) => Value::Boolean(*flag),
        (FieldType::Integer, toml::Value::Integer(number)) => Value::Integer(*number),
        (FieldType::Real, toml::Value::Integer(number)) => Value::Real(*number as f64),
        (FieldType::Real, toml::Value::Float(number)) => Value::Real(*number),
        (FieldType::Text | FieldType::Code(_), toml::Value::String(text)) => Value::Text(text.clone()),
        (FieldType::Date, toml::Value::Datetime(date)) => {
            Value::Date(NaiveDate::parse_from_str(&date.to_string(), "%Y-%m-%d").ok()?)
        }
        _ => return None,
    })
}
