//! SQL functions: the five that GeoPackage's R-tree triggers call (GDAL brings its own; SQLite alone has none), and those
//! by which a condition reads a column as the evaluator of expressions does ([`crate::expr::Where`]).

use chrono::Datelike as _;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use super::address::is_at;
use super::gpb;
use super::records::value;
use crate::expr::{arithmetic_number, date, like, plain_text};
use crate::model::Value;
use crate::schema::{FieldType, normalised};

/// Makes `ST_IsEmpty`, `ST_MinX`, `ST_MaxX`, `ST_MinY` and `ST_MaxY` known to a connection. What is no geometry counts as
/// empty, so that a broken blob cannot stop an edit.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        // Triggers may call them although the schema of a file is not trusted: they only look at their argument.
        | FunctionFlags::SQLITE_INNOCUOUS;
    for (position, name) in ["ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"]
        .into_iter()
        .enumerate()
    {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(envelope(context).map(|envelope| envelope[position]))
        })?;
    }
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context| {
        if context.get_raw(0) == ValueRef::Null {
            return Ok(None);
        }
        Ok(Some(envelope(context).is_none()))
    })?;
    register_readers(connection)
}

/// None of them is for triggers and views.
fn register_readers(connection: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("karez_number", 1, flags, |context| {
        Ok(number(&value(&FieldType::Real, context.get_raw(0))))
    })?;
    connection.create_scalar_function("karez_flag", 1, flags, |context| {
        Ok(number(&value(&FieldType::Boolean, context.get_raw(0))))
    })?;
    connection.create_scalar_function("karez_day", 1, flags, |context| {
        let day = match value(&FieldType::Date, context.get_raw(0)) {
            Value::Date(day) => Some(day),
            Value::Text(text) => date(&text),
            _ => None,
        };
        Ok(day.map(|day| day.num_days_from_ce()))
    })?;
    connection.create_scalar_function("karez_name", 1, flags, |context| {
        let found = value(&FieldType::Text, context.get_raw(0));
        Ok(found.as_text().map(normalised))
    })?;
    connection.create_scalar_function("karez_like", 2, flags, |context| {
        let pattern = String::from_utf8_lossy(context.get_raw(1).as_bytes().unwrap_or_default());
        Ok(match value(&FieldType::Text, context.get_raw(0)) {
            Value::Null => None,
            found => Some(like(&plain_text(&found), &pattern)),
        })
    })?;
    register_address(connection, flags)
}

/// Whether a record lies at an address, by its address, its road, or both one behind the other.
fn register_address(connection: &Connection, flags: FunctionFlags) -> Result<()> {
    connection.create_scalar_function("karez_at", 3, flags, |context| {
        let text = |i: usize| plain_text(&value(&FieldType::Text, context.get_raw(i)));
        let (road, address, wanted) = (text(0), text(1), text(2));
        Ok(is_at(&address, &wanted) || is_at(&road, &wanted) || is_at(&(road + &address), &wanted))
    })
}

fn number(value: &Value) -> Option<rusqlite::types::Value> {
    Some(match arithmetic_number(value)? {
        Value::Integer(whole) => whole.into(),
        other => other.as_real()?.into(),
    })
}

fn envelope(context: &Context<'_>) -> Option<[f64; 4]> {
    let blob = context.get_raw(0).as_blob().ok()?;
    let envelope = gpb::envelope(blob).ok()??;
    envelope.iter().all(|v| v.is_finite()).then_some(envelope)
}
