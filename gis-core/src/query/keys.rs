//! What groups are made by, as it is typed, and from a group back to its features: a condition that they fit, and no others.

use crate::expr::plain_text;
use crate::model::Value;

/// The mark that ends what a quotation mark begins.
pub(super) fn closing_of(mark: char) -> Option<char> {
    match mark {
        '\'' | '"' | '\u{ff07}' | '\u{ff02}' => Some(mark),
        '\u{2018}' => Some('\u{2019}'),
        '\u{201c}' => Some('\u{201d}'),
        _ => None,
    }
}

/// Expressions that stand in one text, separated by commas; those within brackets and quotes separate nothing.
pub fn expressions_of(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut closing) = (0_usize, None);
    for c in text.chars() {
        match c {
            _ if closing.is_some() => closing = closing.filter(|mark| *mark != c),
            '(' | '\u{ff08}' => depth += 1,
            ')' | '\u{ff09}' => depth = depth.saturating_sub(1),
            ',' | '\u{ff0c}' | '\u{3001}' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => closing = closing_of(c),
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let parts = parts.iter().map(|part| part.trim());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_within_brackets_and_quotes_separate_nothing() {
        assert_eq!(
            expressions_of("coalesce(material, 'a, b') , diameter_mm\u{ff0c}kind\u{3001} dma,,"),
            ["coalesce(material, 'a, b')", "diameter_mm", "kind", "dma"]
        );
        assert_eq!(
            expressions_of("code || \u{201c}, (\u{201d}, kind"),
            ["code || \u{201c}, (\u{201d}", "kind"]
        );
        assert_eq!(expressions_of(" , "), [] as [&str; 0]);
        assert_eq!(expressions_of("a), b"), ["a)", "b"]);
    }
}
