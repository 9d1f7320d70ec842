//! What is typed above a column, as a condition in the language of [`crate::expr`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::error::{Error, Result};
use crate::io::yes_or_no;
use crate::schema::{FeatureClass, Field, FieldType};
use crate::text::{Lang, Message, translate};

/// Longer signs before those they begin with.
const SIGNS: [(&str, &str); 10] = [
    (">=", ">="),
    ("<=", "<="),
    ("<>", "<>"),
    ("!=", "<>"),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "<>"),
    (">", ">"),
    ("<", "<"),
    ("=", "="),
];

/// The condition of one column; `None` where nothing is typed. Plain text stands for all that contains it, in numbers,
/// dates and flags for what equals it; `>300`, `=PE`, `300..600`, `空` and `empty` say more. A year or a month stands for
/// all of its days.
///
/// # Errors
/// `BadInput` where the text is no value that the column can have.
pub fn column_condition(field: &Field, text: &str) -> Result<Option<String>> {
    let text = plain_signs(text.trim());
    if text.is_empty() {
        return Ok(None);
    }
    let name = format!("\"{}\"", field.key);
    let lower = text.to_lowercase();
    if is_word(&lower, "table.filter.empty") {
        return Ok(Some(format!("{name} is null")));
    }
    if is_word(&lower, "table.filter.filled") {
        return Ok(Some(format!("{name} is not null")));
    }
    let unfit = || {
        Error::bad_input(
            Message::new("table.filter.unfit")
                .with_each("field", &field.label.zh, &field.label.en)
                .with("found", &text),
        )
    };
    if let Some((least, most)) = text.split_once("..")
        && field.field_type != FieldType::Boolean
    {
        let least = Span::read(field, least).ok_or_else(unfit)?;
        let most = Span::read(field, most).ok_or_else(unfit)?;
        return Ok(Some(format!("{name} between {} and {}", least.first, most.last)));
    }
    let signed = SIGNS
        .iter()
        .find_map(|(sign, op)| Some((*op, text.strip_prefix(sign)?)));
    if signed.is_none() && matches!(field.field_type, FieldType::Text | FieldType::Code(_)) {
        return Ok(Some(format!("{name} like {}", quoted(&format!("%{text}%")))));
    }
    let (op, rest) = signed.unwrap_or(("=", &text));
    let span = Span::read(field, rest).ok_or_else(unfit)?;
    Ok(Some(match op {
        "=" if span.first != span.last => format!("{name} between {} and {}", span.first, span.last),
        "<>" if span.first != span.last => format!("{name} not between {} and {}", span.first, span.last),
        ">" | "<=" => format!("{name} {op} {}", span.last),
        _ => format!("{name} {op} {}", span.first),
    }))
}

/// The conditions of all columns and a full one together; `None` where everything is wanted. Fields that the class lacks
/// say nothing.
///
/// # Errors
/// As for [`column_condition`].
pub fn whole_condition(
    class: &FeatureClass,
    columns: &BTreeMap<String, String>,
    condition: &str,
) -> Result<Option<String>> {
    let mut whole = String::new();
    let mut add = |part: &str| {
        let joint = if whole.is_empty() { "" } else { " and " };
        let written = write!(whole, "{joint}({part})");
        debug_assert!(written.is_ok(), "a string takes everything");
    };
    if !condition.trim().is_empty() {
        add(condition.trim());
    }
    for field in &class.fields {
        if let Some(text) = columns.get(&field.key)
            && let Some(part) = column_condition(field, text)?
        {
            add(&part);
        }
    }
    Ok((!whole.is_empty()).then_some(whole))
}

/// Whether the text is one of the words that a key lists, in either language.
fn is_word(text: &str, key: &str) -> bool {
    let has = |lang| translate(key, lang).split('|').any(|word| word == text);
    Lang::ALL.into_iter().any(has)
}

/// Everything that a typed value stands for, as literals of the language.
struct Span {
    first: String,
    last: String,
}

impl Span {
    fn read(field: &Field, text: &str) -> Option<Self> {
        let text = text.trim();
        let one = |literal: String| {
            Some(Self {
                first: literal.clone(),
                last: literal,
            })
        };
        match &field.field_type {
            FieldType::Text | FieldType::Code(_) => one(quoted(text)),
            FieldType::Integer | FieldType::Real => {
                let number: f64 = text.replace(',', "").parse().ok()?;
                one(number.is_finite().then(|| number.to_string())?)
            }
            FieldType::Boolean => one(yes_or_no(text)?.to_string()),
            FieldType::Date => {
                let (first, last) = days(text)?;
                let literal = |day: NaiveDate| format!("date '{}'", day.format("%Y-%m-%d"));
                Some(Self {
                    first: literal(first),
                    last: literal(last),
                })
            }
        }
    }
}

/// The first and the last day of a year, a month or a day.
fn days(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let mut parts = text.split(['-', '/', '.']);
    let year: i32 = parts.next()?.trim().parse().ok()?;
    let month: Option<u32> = parts.next().map(|m| m.trim().parse()).transpose().ok()?;
    let day: Option<u32> = parts.next().map(|d| d.trim().parse()).transpose().ok()?;
    if parts.next().is_some() || !(1..=9999).contains(&year) {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let last = match (month, day) {
        (_, Some(_)) => first,
        (Some(_), None) => first
            .checked_add_months(Months::new(1))?
            .checked_sub_days(Days::new(1))?,
        (None, None) => first.with_month(12)?.with_day(31)?,
    };
    Some((first, last))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Signs as Chinese input methods write them, at the beginning.
fn plain_signs(text: &str) -> String {
    let signs = text.chars().take_while(|c| "＝＞＜！=<>!".contains(*c)).count();
    text.chars()
        .enumerate()
        .map(|(i, c)| match c {
            '＝' if i < signs => '=',
            '＞' if i < signs => '>',
            '＜' if i < signs => '<',
            '！' if i < signs => '!',
            other => other,
        })
        .collect()
}
