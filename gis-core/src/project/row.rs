//! One feature as one row: whether it fits its table, and which column takes what. It runs no statement.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql};

use super::records::value;
use super::{Project, gpb, layout};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::schema::{FeatureClass, FieldType, GeometryKind};
use crate::text::Message;

/// The class of a feature that can be stored as it is, but for its values.
pub(super) fn check<'p>(project: &'p Project, feature: &Feature) -> Result<&'p FeatureClass> {
    let Some(class) = project.schema.classes.get(usize::from(feature.class.0)) else {
        return Err(unfit(feature, "class", "-", &feature.class.0.to_string()));
    };
    if feature.values.len() != class.fields.len() {
        return Err(unfit(feature, &class.key, "*", &feature.values.len().to_string()));
    }
    if let Some(geometry) = &feature.geometry {
        check_geometry(feature, class.geometry, &class.key, geometry)?;
    }
    Ok(class)
}

/// Binds a feature to `layout::insert_row`. `blob` is room for the geometry, empty afterwards where there is none.
pub(super) fn bind(
    insert: &mut Statement<'_>,
    srs_id: i32,
    class: &FeatureClass,
    feature: &Feature,
    blob: &mut Vec<u8>,
) -> Result<()> {
    blob.clear();
    if let Some(geometry) = &feature.geometry {
        gpb::encode(blob, srs_id, geometry);
    }
    insert.raw_bind_parameter(1, (!blob.is_empty()).then_some(blob.as_slice()))?;
    insert.raw_bind_parameter(2, feature.id.as_bytes())?;
    let links = &feature.links;
    let mut next = 3;
    match class.geometry {
        GeometryKind::Line => {
            insert.raw_bind_parameter(next, links.from.as_ref().map(FeatureId::as_bytes))?;
            insert.raw_bind_parameter(next + 1, links.to.as_ref().map(FeatureId::as_bytes))?;
            next += 2;
        }
        GeometryKind::Point => {
            insert.raw_bind_parameter(next, links.on_pipe.as_ref().map(FeatureId::as_bytes))?;
            insert.raw_bind_parameter(next + 1, links.on_pipe_distance_m.filter(|d| d.is_finite()))?;
            insert.raw_bind_parameter(next + 2, links.flow_to.as_ref().map(FeatureId::as_bytes))?;
            let inlets: Vec<u8> = links.inlet_pipes.iter().flat_map(|id| *id.as_bytes()).collect();
            insert.raw_bind_parameter(next + 3, (!inlets.is_empty()).then_some(inlets))?;
            next += 4;
        }
    }
    for (i, (field, value)) in class.fields.iter().zip(&feature.values).enumerate() {
        let Some(sql) = sql_value(&field.field_type, value) else {
            return Err(unfit(feature, &class.key, &field.key, &format!("{value:?}")));
        };
        insert.raw_bind_parameter(next + i, sql)?;
    }
    Ok(())
}

pub(super) fn unfit(feature: &Feature, class: &str, field: &str, found: &str) -> Error {
    Error::bad_input(
        Message::new("project.error.unfit")
            .with("id", feature.id)
            .with("class", class)
            .with("field", field)
            .with("found", found),
    )
}

fn check_geometry(feature: &Feature, kind: GeometryKind, class: &str, geometry: &Geometry) -> Result<()> {
    let (is_kind, is_finite) = match geometry {
        Geometry::Point(p) => (kind == GeometryKind::Point, p[0].is_finite() && p[1].is_finite()),
        Geometry::Line(line) => (
            kind == GeometryKind::Line && line.len() >= 2,
            line.iter().all(|p| p[0].is_finite() && p[1].is_finite()),
        ),
    };
    if !is_kind {
        return Err(unfit(feature, class, "geom", layout::geometry_type(kind)));
    }
    if !is_finite {
        return Err(unfit(feature, class, "geom", "NaN"));
    }
    Ok(())
}

/// A value as its column stores it; `None` where it does not fit. Text columns take numbers, numeric columns take
/// numbers of the other kind where nothing is lost.
pub(super) fn sql_value<'a>(field_type: &FieldType, value: &'a Value) -> Option<SqlValue<'a>> {
    Some(match (field_type, value) {
        (_, Value::Null) => SqlValue::Null,
        (FieldType::Boolean, Value::Boolean(flag)) => SqlValue::Integer(i64::from(*flag)),
        (FieldType::Boolean, Value::Integer(number @ (0 | 1)))
        | (FieldType::Integer, Value::Integer(number)) => SqlValue::Integer(*number),
        (FieldType::Integer, Value::Real(number)) if number.fract() == 0.0 && number.abs() < 9e15 => {
            SqlValue::Integer(*number as i64)
        }
        // SQLite keeps NaN as NULL; an infinity has no business here either.
        (FieldType::Real, Value::Real(number)) if !number.is_finite() => SqlValue::Null,
        (FieldType::Real, Value::Real(number)) => SqlValue::Real(*number),
        (FieldType::Real, Value::Integer(number)) => SqlValue::Real(*number as f64),
        (FieldType::Date, Value::Date(date)) => SqlValue::Owned(date.format("%Y-%m-%d").to_string()),
        (FieldType::Text | FieldType::Code(_), Value::Text(text)) => SqlValue::Text(text),
        (FieldType::Text | FieldType::Code(_), Value::Integer(number)) => SqlValue::Owned(number.to_string()),
        (FieldType::Text | FieldType::Code(_), Value::Real(number)) => SqlValue::Owned(number.to_string()),
        _ => return None,
    })
}

/// A value as it will be read again; `None` where it does not fit.
pub(super) fn as_stored(field_type: &FieldType, given: &Value) -> Option<Value> {
    Some(match sql_value(field_type, given)? {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(number) => value(field_type, ValueRef::Integer(number)),
        SqlValue::Real(number) => value(field_type, ValueRef::Real(number)),
        SqlValue::Text(text) => value(field_type, ValueRef::Text(text.as_bytes())),
        SqlValue::Owned(text) => value(field_type, ValueRef::Text(text.as_bytes())),
    })
}

pub(super) enum SqlValue<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Owned(String),
}

impl ToSql for SqlValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Owned(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
