//! From a group back to its features: a condition that they fit, and no others.

use crate::expr::plain_text;
use crate::model::Value;

/// Expressions with the values that they have in a group, in the language of [`crate::expr`].
pub fn condition_of(expressions: &[String], keys: &[Value]) -> String {
    let parts = expressions
        .iter()
        .zip(keys)
        .map(|(expression, key)| is_value(expression, key));
    let joined = parts.collect::<Vec<_>>().join(" AND ");
    if joined.is_empty() {
        "true".to_owned()
    } else {
        joined
    }
}

fn is_value(expression: &str, value: &Value) -> String {
    let literal = match value {
        Value::Null => return format!("({expression}) IS NULL"),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Date(day) => format!("DATE '{day}'"),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(_) | Value::Real(_) => plain_text(value),
    };
    format!("({expression}) = {literal}")
}
