//! Changes of the fields of a class.

use super::{FIRST_OWN_ID, FieldSetting, Occasion, SchemaChange, Touched, domain, filled, refusal, tidied};
use crate::error::{Error, Result};
use crate::schema::lookup::field_names;
use crate::schema::{FeatureClass, Field, Schema, loader, normalised};
use crate::text::Message;

/// Fields the program asks for whatever the class is called: the number by which people find a feature, and those that
/// say how water goes through it.
const NEEDED: [&str; 4] = ["code", "kind", "state", "is_open"];

pub(super) fn apply(
    change: &SchemaChange,
    schema: &mut Schema,
    occasion: Occasion,
    touched: &mut Touched,
) -> Result<Vec<SchemaChange>> {
    match change {
        SchemaChange::AddField { class, field } => {
            touched.fields.push((class.clone(), field.key.clone()));
            add(schema, class, field, occasion)
        }
        SchemaChange::SetField {
            class,
            field,
            setting,
        } => {
            touched.fields.push((class.clone(), field.clone()));
            let own = field_mut(schema.class_mut(class)?, field)?;
            let old = set(own, setting)?;
            let changed = own.clone();
            if occasion == Occasion::Asked
                && !matches!(setting, FieldSetting::Label(_) | FieldSetting::Aliases(_))
            {
                domain::check(schema, &changed)?;
            }
            Ok(vec![SchemaChange::SetField {
                class: class.clone(),
                field: field.clone(),
                setting: old,
            }])
        }
        SchemaChange::MoveField { class, field, before } => {
            move_field(schema.class_mut(class)?, field, before.as_deref())
        }
        SchemaChange::RetireField { class, field } => {
            if occasion == Occasion::Asked && NEEDED.contains(&field.as_str()) {
                return Err(about("needed", class, field));
            }
            set_retired(schema, class, field, true)
        }
        SchemaChange::ReviveField { class, field } => {
            touched.fields.push((class.clone(), field.clone()));
            set_retired(schema, class, field, false)
        }
        _ => Ok(Vec::new()),
    }
}

fn add(schema: &mut Schema, class: &str, field: &Field, occasion: Occasion) -> Result<Vec<SchemaChange>> {
    let own = schema.required_class(class)?;
    if let Some(there) = own.fields.iter().find(|f| f.key == field.key) {
        if occasion == Occasion::Replayed {
            return set_retired(schema, class, &field.key, false);
        }
        let key = if there.is_retired {
            "field_retired"
        } else {
            "field_exists"
        };
        return Err(about(key, class, &field.key));
    }
    if !loader::is_good_key(&field.key) {
        return Err(Error::bad_input(
            Message::new("schema.edit.bad_key").with("key", &field.key),
        ));
    }
    let last_id = own.fields.iter().map(|f| f.id).max().unwrap_or(0);
    let field = Field {
        id: (last_id + 1).max(FIRST_OWN_ID),
        label: filled(&field.label)?,
        unit: field.unit.clone().filter(|unit| !unit.trim().is_empty()),
        aliases: tidied(&field.aliases),
        is_retired: false,
        ..field.clone()
    };
    domain::check(schema, &field)?;
    let key = field.key.clone();
    schema.class_mut(class)?.fields.push(field);
    Ok(vec![SchemaChange::RetireField {
        class: class.to_owned(),
        field: key,
    }])
}

fn set(field: &mut Field, setting: &FieldSetting) -> Result<FieldSetting> {
    use std::mem::replace;
    Ok(match setting {
        FieldSetting::Label(label) => FieldSetting::Label(replace(&mut field.label, filled(label)?)),
        FieldSetting::Aliases(aliases) => FieldSetting::Aliases(replace(&mut field.aliases, tidied(aliases))),
        FieldSetting::Unit(unit) => {
            let unit = unit.clone().filter(|unit| !unit.trim().is_empty());
            FieldSetting::Unit(replace(&mut field.unit, unit))
        }
        FieldSetting::Domain { minimum, maximum } => FieldSetting::Domain {
            minimum: replace(&mut field.minimum, *minimum),
            maximum: replace(&mut field.maximum, *maximum),
        },
        FieldSetting::Default(value) => FieldSetting::Default(replace(&mut field.default, value.clone())),
        FieldSetting::Required(is_required) => {
            FieldSetting::Required(replace(&mut field.required, *is_required))
        }
        FieldSetting::Sensitive(is_sensitive) => {
            FieldSetting::Sensitive(replace(&mut field.sensitive, *is_sensitive))
        }
    })
}

fn move_field(class: &mut FeatureClass, key: &str, before: Option<&str>) -> Result<Vec<SchemaChange>> {
    for named in [Some(key), before].into_iter().flatten() {
        field_mut(class, named)?;
    }
    let keys = class.in_order();
    let mut keys: Vec<String> = keys.into_iter().map(|at| class.fields[at].key.clone()).collect();
    let place = |keys: &[String], key: &str| keys.iter().position(|k| k == key);
    let old = place(&keys, key).unwrap_or_default();
    let next = keys.get(old + 1).cloned();
    keys.remove(old);
    let new = match before {
        Some(before) if before == key => old,
        Some(before) => place(&keys, before).unwrap_or(keys.len()),
        None => keys.len(),
    };
    keys.insert(new, key.to_owned());
    let is_as_stored = class.fields.iter().map(|f| &f.key).eq(&keys);
    class.order = if is_as_stored { Vec::new() } else { keys };
    Ok(vec![SchemaChange::MoveField {
        class: class.key.clone(),
        field: key.to_owned(),
        before: next,
    }])
}

fn set_retired(schema: &mut Schema, class: &str, key: &str, is_retired: bool) -> Result<Vec<SchemaChange>> {
    let field = field_mut(schema.class_mut(class)?, key)?;
    if field.is_retired == is_retired {
        let key_of_message = if is_retired {
            "field_retired_already"
        } else {
            "field_in_use_already"
        };
        return Err(about(key_of_message, class, key));
    }
    field.is_retired = is_retired;
    let (class, field) = (class.to_owned(), key.to_owned());
    Ok(vec![if is_retired {
        SchemaChange::ReviveField { class, field }
    } else {
        SchemaChange::RetireField { class, field }
    }])
}

fn field_mut<'a>(class: &'a mut FeatureClass, key: &str) -> Result<&'a mut Field> {
    class.required_field(key)?;
    let found = class.fields.iter_mut().find(|field| field.key == key);
    found.ok_or_else(|| refusal("unknown_field"))
}

impl FeatureClass {
    /// # Errors
    /// No field has that key.
    pub fn required_field(&self, key: &str) -> Result<&Field> {
        let found = self.fields.iter().find(|field| field.key == key);
        found.ok_or_else(|| about("unknown_field", &self.key, key))
    }
}

/// No other field of the class goes by a name of this one.
pub(super) fn check_names(class: &FeatureClass, key: &str) -> Result<()> {
    let Some(own) = class.fields.iter().find(|field| field.key == key) else {
        return Ok(());
    };
    let names: Vec<String> = field_names(own).map(normalised).collect();
    for other in class.fields.iter().filter(|other| other.key != key) {
        if let Some(name) = field_names(other).find(|name| names.contains(&normalised(name))) {
            let word = if other.is_retired {
                "name_of_retired"
            } else {
                "name_taken"
            };
            return Err(Error::bad_input(
                Message::new(format!("schema.edit.{word}"))
                    .with("name", name)
                    .with("own", key)
                    .with("other", &other.key)
                    .with_each("where", &class.label.zh, &class.label.en),
            ));
        }
    }
    Ok(())
}

fn about(key: &str, class: &str, field: &str) -> Error {
    Error::bad_input(
        Message::new(format!("schema.edit.{key}"))
            .with("class", class)
            .with("field", field),
    )
}
