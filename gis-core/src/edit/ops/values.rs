//! Attributes as they come from a request: by any name of the field, checked against its type, dictionary and limits.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Work;
use super::codes::Taken;
use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::io::yes_or_no;
use crate::model::{ClassIndex, Feature, Links, Value};
use crate::schema::{Field, FieldType, Schema};
use crate::text::Message;

/// A feature and attributes of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub feature: String,
    pub values: Map<String, Json>,
}

impl Work<'_> {
    /// A feature with the usual values of its class and nowhere yet.
    pub(super) fn new_feature(&mut self, class: ClassIndex, given: &Map<String, Json>) -> Result<Feature> {
        let id: FeatureId = self.ids.next_id();
        let defaults = self.schema().class(class).fields.iter();
        let mut feature = Feature {
            id,
            class,
            geometry: None,
            links: Links::default(),
            values: defaults
                .map(|f| f.default.clone().filter(|_| !f.is_retired).unwrap_or_default())
                .collect(),
        };
        self.fill(&mut feature, given)?;
        Ok(feature)
    }

    /// Sets attributes of a feature.
    pub(super) fn fill(&self, feature: &mut Feature, given: &Map<String, Json>) -> Result<()> {
        let class = self.schema().class(feature.class);
        for (name, json) in given {
            let position = class.resolve_field(name).ok_or_else(|| {
                Error::bad_input(
                    Message::new("edit.error.unknown_field")
                        .with("class", &class.key)
                        .with("field", name),
                )
            })?;
            let field = &class.fields[position];
            feature.values[position] = checked_value(self.schema(), field, json)?;
        }
        Ok(())
    }

    /// 属性更新: the same attributes for one feature or many.
    pub(super) fn set(&self, names: &[String], given: &Map<String, Json>) -> Result<Transaction> {
        let mut transaction = Self::begin("edit.name.set", &self.called(names, ", ")?);
        for name in names {
            let old = self.find(name)?;
            let mut new = old.clone();
            self.fill(&mut new, given)?;
            transaction.change(self.schema(), &old, &new);
        }
        Ok(transaction)
    }

    /// Each feature its own attributes.
    pub(super) fn set_rows(&self, rows: &[Row]) -> Result<Transaction> {
        let mut transaction = Transaction::new(Message::new("edit.name.set_rows").with("count", rows.len()));
        for row in rows {
            let old = self.find(&row.feature)?;
            let mut new = old.clone();
            self.fill(&mut new, &row.values)?;
            transaction.change(self.schema(), &old, &new);
        }
        Ok(transaction)
    }

    /// A code that nobody has yet, made from that of a pipe: P1 → P1-2 for its second part.
    pub(super) fn free_code(&self, code: &str, taken: &Taken) -> Result<String> {
        self.next_code(&format!("{code}-"), 2, taken)
    }

    /// The same for a joint in it: P1 → P1/1.
    pub(super) fn joint_code(&self, code: &str, taken: &Taken) -> Result<String> {
        self.next_code(&format!("{code}/"), 1, taken)
    }

    fn next_code(&self, stem: &str, first: u32, taken: &Taken) -> Result<String> {
        let mut number = first;
        loop {
            let candidate = format!("{stem}{number}");
            if !taken.contains(&candidate) && self.project.find_code(&candidate)?.is_empty() {
                return Ok(candidate);
            }
            number += 1;
        }
    }
}

/// A value that a field can have: of its type, in its dictionary by code or label, within its limits.
///
/// # Errors
/// `BadInput` with the field and what was found.
pub(crate) fn checked_value(schema: &Schema, field: &Field, json: &Json) -> Result<Value> {
    let unfit = || {
        Error::bad_input(
            Message::new("edit.error.bad_value")
                .with("field", &field.key)
                .with("found", json),
        )
    };
    let number = || match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if json.is_null() {
        return Ok(Value::Null);
    }
    let value = match &field.field_type {
        FieldType::Text => match json {
            Json::String(text) => Value::Text(text.clone()),
            Json::Number(number) => Value::Text(number.to_string()),
            _ => return Err(unfit()),
        },
        FieldType::Code(dictionary) => {
            let text = json.as_str().ok_or_else(unfit)?;
            let entry = schema.dictionary(dictionary).and_then(|d| d.resolve(text));
            Value::Text(entry.ok_or_else(unfit)?.code.clone())
        }
        FieldType::Integer => match number() {
            Some(n) if n.fract() == 0.0 && n.abs() < 9e15 => Value::Integer(n as i64),
            _ => return Err(unfit()),
        },
        FieldType::Real => Value::Real(number().filter(|n| n.is_finite()).ok_or_else(unfit)?),
        FieldType::Boolean => Value::Boolean(boolean(json).ok_or_else(unfit)?),
        FieldType::Date => {
            let date = json
                .as_str()
                .and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok());
            Value::Date(date.ok_or_else(unfit)?)
        }
    };
    let is_within = value.as_real().is_none_or(|n| {
        field.minimum.is_none_or(|least| n >= least) && field.maximum.is_none_or(|most| n <= most)
    });
    if is_within { Ok(value) } else { Err(unfit()) }
}

/// Yes or no, as JSON or as people write it in tables.
fn boolean(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(flag) => Some(*flag),
        Json::Number(number) => yes_or_no(&number.to_string()),
        Json::String(text) => yes_or_no(text),
        _ => None,
    }
}
