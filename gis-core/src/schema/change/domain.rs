//! What a field may be: its limits and its default against its type.

use super::refusal;
use crate::error::{Error, Result};
use crate::model::Value;
use crate::schema::{Field, FieldType, Schema};
use crate::text::Message;

impl Schema {
    /// A value as it is typed: of the type of the field, in its dictionary by code or label, within its limits.
    ///
    /// # Errors
    /// `BadInput` with the field and what was found.
    pub fn value_of(&self, field: &Field, text: &str) -> Result<Value> {
        crate::edit::ops::checked_value(self, field, &serde_json::Value::from(text))
    }
}

/// Refuses limits and a default that do not go together, or not with the type.
pub(super) fn check(schema: &Schema, field: &Field) -> Result<()> {
    if let Some(key) = field.field_type.dictionary() {
        schema.required_dictionary(key)?;
    }
    let (low, high) = (field.minimum, field.maximum);
    let is_number = matches!(field.field_type, FieldType::Integer | FieldType::Real);
    if (low.is_some() || high.is_some()) && !is_number {
        return Err(refusal("domain_of_no_number"));
    }
    if low.into_iter().chain(high).any(|limit| !limit.is_finite())
        || low.zip(high).is_some_and(|(low, high)| low > high)
    {
        return Err(refusal("empty_domain"));
    }
    match &field.default {
        Some(value) if !is_right(schema, field, value) => Err(Error::bad_input(
            Message::new("schema.edit.bad_default")
                .with("value", crate::edit::Content::Value(value.clone()).short())
                .with("field", &field.key),
        )),
        _ => Ok(()),
    }
}

fn is_right(schema: &Schema, field: &Field, value: &Value) -> bool {
    match (&field.field_type, value) {
        (FieldType::Text, Value::Text(_))
        | (FieldType::Boolean, Value::Boolean(_))
        | (FieldType::Date, Value::Date(_)) => true,
        (FieldType::Code(key), Value::Text(code)) => {
            let entry = schema
                .dictionary(key)
                .and_then(|dictionary| dictionary.entry(code));
            entry.is_some_and(|entry| !entry.is_retired)
        }
        (FieldType::Integer, Value::Integer(_)) | (FieldType::Real, Value::Integer(_) | Value::Real(_)) => {
            let within = |number: f64| {
                field.minimum.is_none_or(|low| number >= low)
                    && field.maximum.is_none_or(|high| number <= high)
            };
            value.as_real().is_some_and(within)
        }
        _ => false,
    }
}
