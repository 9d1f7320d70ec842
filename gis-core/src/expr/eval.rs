//! Evaluates a tree for one row of values. Nothing fails: what makes no sense is null.

use std::cmp::Ordering;

use chrono::{Days, NaiveDate};

use super::Dictionaries;
use super::ast::{Ast, BinaryOp};
use super::functions::Function;
use super::like::like;
use crate::model::Value;

/// Hands over the value of a field by its key; `Null` for one it lacks.
pub trait Row {
    fn value(&self, field: &str) -> Value;
}

impl<F: Fn(&str) -> Value> Row for F {
    fn value(&self, field: &str) -> Value {
        self(field)
    }
}

pub(super) fn eval(ast: &Ast, row: &impl Row, dictionaries: &Dictionaries) -> Value {
    let of = |ast: &Ast| eval(ast, row, dictionaries);
    match ast {
        Ast::Literal(value) => value.clone(),
        Ast::Field(key) => row.value(key),
        Ast::Place(place) => row.value(&place.key),
        Ast::Negate(a) => match arithmetic_number(&of(a)) {
            Some(Value::Integer(whole)) => whole
                .checked_neg()
                .map_or(Value::Real(-(whole as f64)), Value::Integer),
            Some(Value::Real(number)) => Value::Real(-number),
            _ => Value::Null,
        },
        Ast::Not(a) => known(truth(&of(a)).map(|t| !t)),
        Ast::Binary(op, a, b) => match op {
            BinaryOp::And => known(match truth(&of(a)) {
                Some(false) => Some(false),
                left => both(left, truth(&of(b))),
            }),
            BinaryOp::Or => known(match truth(&of(a)) {
                Some(true) => Some(true),
                left => either(left, truth(&of(b))),
            }),
            op if op.is_comparison() => known(compare(&of(a), &of(b)).map(|order| op.holds(order))),
            BinaryOp::Concat => match (of(a), of(b)) {
                (Value::Null, _) | (_, Value::Null) => Value::Null,
                (a, b) => Value::Text(plain_text(&a) + &plain_text(&b)),
            },
            op => arithmetic(*op, &of(a), &of(b)),
        },
        Ast::Between {
            value,
            low,
            high,
            is_negated,
        } => {
            let value = of(value);
            let above = compare(&value, &of(low)).map(|o| o != Ordering::Less);
            let below = compare(&value, &of(high)).map(|o| o != Ordering::Greater);
            known(both(above, below).map(|t| t != *is_negated))
        }
        Ast::In {
            value,
            list,
            is_negated,
        } => {
            let value = of(value);
            let mut found = Some(false);
            for item in list {
                let is_equal = compare(&value, &of(item)).map(|o| o == Ordering::Equal);
                found = either(found, is_equal);
                if found == Some(true) {
                    break;
                }
            }
            known(found.map(|t| t != *is_negated))
        }
        Ast::Like {
            value,
            pattern,
            is_negated,
        } => {
            let (found, pattern) = (of(value), of(pattern));
            if found.is_null() || pattern.is_null() {
                return Value::Null;
            }
            let (text, pattern) = (plain_text(&found), plain_text(&pattern));
            let entry = match value.as_ref() {
                Ast::Field(key) => dictionaries.get(key).and_then(|d| d.resolve(&text)),
                _ => None,
            };
            let is_like = like(&text, &pattern)
                || entry.is_some_and(|e| like(&e.label.zh, &pattern) || like(&e.label.en, &pattern));
            Value::Boolean(is_like != *is_negated)
        }
        Ast::IsNull { value, is_negated } => Value::Boolean(of(value).is_null() != *is_negated),
        Ast::Call(Function::If, arguments) => {
            let taken = match arguments.first().map(|c| truth(&of(c))) {
                Some(Some(true)) => 1,
                _ => 2,
            };
            arguments.get(taken).map_or(Value::Null, of)
        }
        Ast::Call(Function::Coalesce, arguments) => arguments
            .iter()
            .map(of)
            .find(|v| !v.is_null())
            .unwrap_or_default(),
        Ast::Call(function, arguments) => {
            let values: Vec<Value> = arguments.iter().map(of).collect();
            function.call(&values)
        }
    }
}

fn known(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Boolean)
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    both(a.map(|a| !a), b.map(|b| !b)).map(|t| !t)
}

/// As a condition: zero is false, other numbers are true; text, dates and null are unknown.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(flag) => Some(*flag),
        Value::Integer(number) => Some(*number != 0),
        Value::Real(number) => Some(*number != 0.0),
        Value::Null | Value::Date(_) | Value::Text(_) => None,
    }
}

/// Order of two values; `None` where either is null or they are not comparable. Text that reads as a number or date
/// compares as such with numbers and dates.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Text(b)) => Some(a.cmp(&date(b)?)),
        (Value::Text(a), Value::Date(b)) => Some(date(a)?.cmp(b)),
        _ => match (arithmetic_number(a)?, arithmetic_number(b)?) {
            (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(&b)),
            (a, b) => a.as_real()?.partial_cmp(&b.as_real()?),
        },
    }
}

pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()
}

/// As `Integer` or `Real`; flags count 1 and 0, text that reads as a number is that number.
pub(crate) fn arithmetic_number(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(_) => Some(value.clone()),
        Value::Real(number) => number.is_finite().then_some(Value::Real(*number)),
        Value::Boolean(flag) => Some(Value::Integer(i64::from(*flag))),
        Value::Text(text) => {
            let text = text.trim();
            text.parse::<i64>().map(Value::Integer).ok().or_else(|| {
                text.parse::<f64>()
                    .ok()
                    .filter(|n| n.is_finite())
                    .map(Value::Real)
            })
        }
        Value::Null | Value::Date(_) => None,
    }
}

fn arithmetic(op: BinaryOp, a: &Value, b: &Value) -> Value {
    if let Value::Date(day) = a {
        return dated(op, *day, b);
    }
    let (Some(a), Some(b)) = (arithmetic_number(a), arithmetic_number(b)) else {
        return Value::Null;
    };
    if let (Value::Integer(x), Value::Integer(y)) = (&a, &b) {
        let whole = match op {
            BinaryOp::Add => x.checked_add(*y),
            BinaryOp::Subtract => x.checked_sub(*y),
            BinaryOp::Multiply => x.checked_mul(*y),
            BinaryOp::Remainder => return x.checked_rem(*y).map_or(Value::Null, Value::Integer),
            _ => None,
        };
        if let Some(whole) = whole {
            return Value::Integer(whole);
        }
    }
    let (x, y) = (a.as_real().unwrap_or(f64::NAN), b.as_real().unwrap_or(f64::NAN));
    let number = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Subtract => x - y,
        BinaryOp::Multiply => x * y,
        BinaryOp::Divide => x / y,
        _ => x % y,
    };
    if number.is_finite() {
        Value::Real(number)
    } else {
        Value::Null
    }
}

/// Days between dates, and dates some days off.
fn dated(op: BinaryOp, day: NaiveDate, other: &Value) -> Value {
    match (op, other) {
        (BinaryOp::Subtract, Value::Date(other)) => Value::Integer((day - *other).num_days()),
        (BinaryOp::Add | BinaryOp::Subtract, Value::Integer(days)) => {
            let forward = (*days >= 0) == (op == BinaryOp::Add);
            let days = Days::new(days.unsigned_abs());
            let moved = if forward {
                day.checked_add_days(days)
            } else {
                day.checked_sub_days(days)
            };
            moved.map_or(Value::Null, Value::Date)
        }
        _ => Value::Null,
    }
}

/// A value as `||` joins it; empty for null.
pub fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(flag) => i64::from(*flag).to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Text(text) => text.clone(),
    }
}
