//! Values on their way into cells: as JSON, the form of requests, and as what a person types.

use serde_json::Value as Json;

use crate::model::Value;
use crate::schema::{Field, FieldType};

/// A value as requests carry it.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => Json::from(*flag),
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Date(day) => Json::from(day.format("%Y-%m-%d").to_string()),
        Value::Text(text) => Json::from(text.as_str()),
    }
}

/// What is typed or pasted into a cell: nothing is null, numbers may have separators, dates any usual signs, and the unit
/// may stand behind a number.
pub(super) fn typed(field: &Field, text: &str) -> Json {
    let text = text.trim();
    if text.is_empty() {
        return Json::Null;
    }
    match field.field_type {
        FieldType::Integer | FieldType::Real => {
            let number = field.unit.as_deref().and_then(|unit| text.strip_suffix(unit));
            Json::from(number.unwrap_or(text).trim().replace(',', ""))
        }
        FieldType::Date => Json::from(day(text)),
        _ => Json::from(text),
    }
}

/// `2004/5/31` and `2004.5.31` as `2004-05-31`; anything else as it is.
fn day(text: &str) -> String {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.trim().parse().ok()).collect();
    match numbers[..] {
        [year, month, day] if parts.len() == 3 => format!("{year:04}-{month:02}-{day:02}"),
        _ => text.to_owned(),
    }
}
