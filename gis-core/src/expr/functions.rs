//! The functions of expressions, in one table.

use super::eval::{arithmetic_number, compare, plain_text};
use super::template::{Format, formatted};
use crate::model::Value;
use crate::text::Lang;
use chrono::Datelike as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    Round,
    Abs,
    Floor,
    Ceil,
    Min,
    Max,
    Coalesce,
    If,
    Year,
    Month,
    Length,
    Upper,
    Lower,
    Trim,
    Substr,
    Replace,
    Format,
}

impl Function {
    pub const ALL: [Self; 17] = [
        Self::Round,
        Self::Abs,
        Self::Floor,
        Self::Ceil,
        Self::Min,
        Self::Max,
        Self::Coalesce,
        Self::If,
        Self::Year,
        Self::Month,
        Self::Length,
        Self::Upper,
        Self::Lower,
        Self::Trim,
        Self::Substr,
        Self::Replace,
        Self::Format,
    ];

    pub fn name(self) -> &'static str {
        self.usage().split_once('(').map_or("", |(name, _)| name)
    }

    /// How it is written.
    pub fn usage(self) -> &'static str {
        match self {
            Self::Round => "round(x [, decimals])",
            Self::Abs => "abs(x)",
            Self::Floor => "floor(x)",
            Self::Ceil => "ceil(x)",
            Self::Min => "min(a, b, …)",
            Self::Max => "max(a, b, …)",
            Self::Coalesce => "coalesce(a, b, …)",
            Self::If => "if(condition, then [, else])",
            Self::Year => "year(date)",
            Self::Month => "month(date)",
            Self::Length => "length(text)",
            Self::Upper => "upper(text)",
            Self::Lower => "lower(text)",
            Self::Trim => "trim(text)",
            Self::Substr => "substr(text, start [, count])",
            Self::Replace => "replace(text, old, new)",
            Self::Format => "format(x, decimals)",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|f| f.name().eq_ignore_ascii_case(name))
    }

    /// Least and most.
    pub(super) fn argument_count(self) -> (usize, usize) {
        match self {
            Self::Round => (1, 2),
            Self::Min | Self::Max | Self::Coalesce => (2, 50),
            Self::If | Self::Substr => (2, 3),
            Self::Replace => (3, 3),
            Self::Format => (2, 2),
            _ => (1, 1),
        }
    }

    /// `If` and `Coalesce` are not evaluated here: they look at no more arguments than they need.
    pub(super) fn call(self, arguments: &[Value]) -> Value {
        let argument = |i: usize| arguments.get(i).unwrap_or(&Value::Null);
        let has_null = arguments.iter().any(Value::is_null);
        if has_null {
            return Value::Null;
        }
        let real = |i: usize| arithmetic_number(argument(i)).and_then(|v| v.as_real());
        let text = |i: usize| plain_text(argument(i));
        match self {
            Self::Round => match argument(0) {
                whole @ Value::Integer(_) => whole.clone(),
                other => number(arithmetic_number(other).and_then(|v| v.as_real()), |x| {
                    round(x, real(1).unwrap_or(0.0))
                }),
            },
            Self::Abs => match argument(0) {
                Value::Integer(whole) => whole
                    .checked_abs()
                    .map_or_else(|| Value::Real((*whole as f64).abs()), Value::Integer),
                _ => number(real(0), f64::abs),
            },
            Self::Floor => number(real(0), f64::floor),
            Self::Ceil => number(real(0), f64::ceil),
            Self::Min | Self::Max => {
                let wanted = if self == Self::Min {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                };
                let mut best = argument(0);
                for other in arguments.iter().skip(1) {
                    match compare(other, best) {
                        Some(order) if order == wanted => best = other,
                        Some(_) => {}
                        None => return Value::Null,
                    }
                }
                best.clone()
            }
            Self::Year => date(argument(0)).map_or(Value::Null, |d| Value::Integer(d.year().into())),
            Self::Month => date(argument(0)).map_or(Value::Null, |d| Value::Integer(d.month().into())),
            Self::Length => Value::Integer(text(0).chars().count() as i64),
            Self::Upper => Value::Text(text(0).to_uppercase()),
            Self::Lower => Value::Text(text(0).to_lowercase()),
            Self::Trim => Value::Text(text(0).trim().to_owned()),
            Self::Substr => {
                let count = arguments.get(2).map(|v| v.as_real().unwrap_or(0.0) as i64);
                Value::Text(substr(&text(0), real(1).unwrap_or(0.0) as i64, count))
            }
            Self::Replace => {
                let old = text(1);
                Value::Text(if old.is_empty() {
                    text(0)
                } else {
                    text(0).replace(&old, &text(2))
                })
            }
            Self::Format => {
                let decimals = real(1).unwrap_or(0.0).clamp(0.0, 12.0) as u8;
                Value::Text(formatted(
                    argument(0),
                    Some(&Format::Decimals(decimals)),
                    Lang::En,
                ))
            }
            Self::If | Self::Coalesce => Value::Null,
        }
    }
}

fn number(x: Option<f64>, change: impl Fn(f64) -> f64) -> Value {
    x.map(change)
        .filter(|y| y.is_finite())
        .map_or(Value::Null, Value::Real)
}

/// Half goes away from zero.
fn round(x: f64, decimals: f64) -> f64 {
    let factor = 10_f64.powi(decimals.clamp(0.0, 12.0) as i32);
    let scaled = x * factor;
    if scaled.abs() < 1e15 {
        scaled.round() / factor
    } else {
        x
    }
}

fn date(value: &Value) -> Option<chrono::NaiveDate> {
    match value {
        Value::Date(date) => Some(*date),
        Value::Text(text) => chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok(),
        _ => None,
    }
}

/// Counted from 1, from the end where negative; as in SQLite.
fn substr(text: &str, start: i64, count: Option<i64>) -> String {
    let length = text.chars().count() as i64;
    let is_backwards = count.is_some_and(|c| c < 0);
    let mut count = count.map_or(length.max(0), i64::saturating_abs);
    let mut first = start;
    if first < 0 {
        first = first.saturating_add(length);
        if first < 0 {
            count = count.saturating_add(first).max(0);
            first = 0;
        }
    } else if first > 0 {
        first -= 1;
    } else if count > 0 {
        count -= 1;
    }
    if is_backwards {
        first = first.saturating_sub(count);
        if first < 0 {
            count = count.saturating_add(first).max(0);
            first = 0;
        }
    }
    text.chars().skip(first as usize).take(count as usize).collect()
}
