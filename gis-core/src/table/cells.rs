//! Values on their way into cells: as JSON, the form of requests, and as what a person types.

use serde_json::Value as Json;

use crate::io::survey::half_width;
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

/// What is typed, pasted or read into a cell: nothing is null, numbers may have separators and full-width digits, dates any
/// usual signs or none, and the unit may stand behind a number.
pub(super) fn typed(field: &Field, text: &str) -> Json {
    let text = text.trim();
    if text.is_empty() {
        return Json::Null;
    }
    match field.field_type {
        FieldType::Integer | FieldType::Real => {
            let text = &half_width(text);
            let number = field.unit.as_deref().and_then(|unit| text.strip_suffix(unit));
            Json::from(number.unwrap_or(text).trim().replace(',', ""))
        }
        FieldType::Date => Json::from(day(&half_width(text))),
        _ => Json::from(text),
    }
}

/// `2004/5/31`, `2004.5.31`, `20040531` and `2004 年 5 月 31 日` as `2004-05-31`; anything else as it is.
fn day(text: &str) -> String {
    let parts: Vec<&str> = text
        .split(['-', '/', '.', '\u{5e74}', '\u{6708}', '\u{65e5}'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [year, month, day] if parts.len() == 3 => format!("{year:04}-{month:02}-{day:02}"),
        [whole] if parts.len() == 1 && text.len() == 8 => {
            format!(
                "{:04}-{:02}-{:02}",
                whole / 10_000,
                whole / 100 % 100,
                whole % 100
            )
        }
        _ => text.to_owned(),
    }
}
