//! Reads whole features: by id, by code, or all of a class. For the network there is a leaner way (`snapshot`).

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row};

use super::everywhere::everywhere;
use super::{Project, gpb, layout};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Links, Value};
use crate::schema::{FeatureClass, FieldType, GeometryKind};

impl Project {
    /// A feature with all its values; `None` where the class has no such id.
    pub fn record(&self, class: ClassIndex, id: FeatureId) -> Result<Option<Feature>> {
        let Some(feature_class) = self.schema.classes.get(usize::from(class.0)) else {
            return Ok(None);
        };
        if let Some((_, fid)) = self.foreign_rows.get(&id).filter(|(c, _)| *c == class) {
            let sql = format!(
                "SELECT {} FROM \"{}\" WHERE fid = ?1",
                selected(feature_class),
                feature_class.key
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            return Ok(statement
                .query_row([fid], |row| self.feature_of_row(class, row))
                .optional()?);
        }
        let sql = &self.everywhere.row(&self.schema, class).select;
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([id.as_bytes()], |row| self.feature_of_row(class, row))
            .optional()?)
    }

    /// Several features of a class; ids that it lacks are left out.
    pub fn records(&self, class: ClassIndex, ids: &[FeatureId]) -> Result<HashMap<FeatureId, Feature>> {
        let mut found = HashMap::with_capacity(ids.len());
        for id in ids {
            if let Some(feature) = self.record(class, *id)? {
                found.insert(*id, feature);
            }
        }
        Ok(found)
    }

    /// Calls `each` with every feature of a class in the order they were stored; stops at its first error.
    pub fn for_each(&self, class: ClassIndex, mut each: impl FnMut(Feature) -> Result<()>) -> Result<()> {
        let Some(feature_class) = self.schema.classes.get(usize::from(class.0)) else {
            return Ok(());
        };
        let sql = format!(
            "SELECT {} FROM \"{}\" ORDER BY fid",
            selected(feature_class),
            feature_class.key
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(self.feature_of_row(class, row)?)?;
        }
        Ok(())
    }

    /// At most `limit` features whose codes begin so, class by class in the order of their codes.
    pub(crate) fn codes_beginning(&self, start: &str, limit: usize) -> Result<Vec<(ClassIndex, FeatureId)>> {
        let mut found = Vec::new();
        for class in self.schema.class_indices() {
            let feature_class = self.schema.class(class);
            if found.len() >= limit || feature_class.field_index("code").is_none() {
                continue;
            }
            let sql = format!(
                "SELECT uid, fid, geom FROM \"{}\" WHERE code >= ?1 AND code < ?2 ORDER BY code LIMIT ?3",
                feature_class.key
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            // Nothing that begins so comes behind the last sign there is.
            let end = format!("{start}{}", char::MAX);
            let mut rows = statement.query((start, end, (limit - found.len()) as i64))?;
            while let Some(row) = rows.next()? {
                found.push((class, self.row_id(feature_class, row, [0, 1, 2])?));
            }
        }
        Ok(found)
    }

    /// Features of any class with that code, in the order of classes.
    pub fn find_code(&self, code: &str) -> Result<Vec<(ClassIndex, FeatureId)>> {
        let statements = self.everywhere.by_code.get_or_init(|| {
            let with_code = self.schema.class_indices();
            let with_code = with_code.filter(|class| self.schema.class(*class).field_index("code").is_some());
            everywhere(with_code.map(|class| {
                let table = &self.schema.class(class).key;
                format!(
                    "SELECT {}, uid, fid, geom FROM \"{table}\" WHERE code = ?1",
                    class.0
                )
            }))
        });
        let mut found = Vec::new();
        for sql in statements {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([code])?;
            while let Some(row) = rows.next()? {
                let class = ClassIndex(row.get(0)?);
                let fid: i64 = row.get(2)?;
                found.push((class, fid, self.row_id(self.schema.class(class), row, [1, 2, 3])?));
            }
        }
        found.sort_unstable_by_key(|(class, fid, _)| (class.0, *fid));
        Ok(found.into_iter().map(|(class, _, id)| (class, id)).collect())
    }

    /// The id of a row, from its columns `uid`, `fid` and `geom`.
    pub(super) fn row_id(
        &self,
        class: &FeatureClass,
        row: &Row<'_>,
        [uid, fid, geom]: [usize; 3],
    ) -> rusqlite::Result<FeatureId> {
        if let Some(id) = row.get_ref(uid)?.as_blob().ok().and_then(FeatureId::from_slice) {
            return Ok(id);
        }
        Ok(self.derived_id(
            class,
            row.get(fid)?,
            row.get_ref(geom)?.as_blob().unwrap_or_default(),
        ))
    }

    /// A feature from a row of `selected` columns.
    pub(super) fn feature_of_row(&self, index: ClassIndex, row: &Row<'_>) -> rusqlite::Result<Feature> {
        let class = self.schema.class(index);
        let blob = row.get_ref(1)?.as_blob().unwrap_or_default();
        // A geometry that cannot be read is one that is not there; reading the network reports it.
        let geometry = if blob.is_empty() {
            None
        } else {
            gpb::decode(blob).ok().flatten()
        };
        let id = |column: usize| -> rusqlite::Result<Option<FeatureId>> {
            Ok(row
                .get_ref(column)?
                .as_blob()
                .ok()
                .and_then(FeatureId::from_slice))
        };
        let mut links = Links::default();
        let first_field = 3 + layout::links_of(class.geometry).len();
        match class.geometry {
            GeometryKind::Line => {
                links.from = id(3)?;
                links.to = id(4)?;
            }
            GeometryKind::Point => {
                links.on_pipe = id(3)?;
                links.on_pipe_distance_m = real(row.get_ref(4)?);
                links.flow_to = id(5)?;
                links.inlet_pipes = ids(row.get_ref(6)?).collect();
            }
        }
        let values = class
            .fields
            .iter()
            .enumerate()
            .map(|(i, field)| Ok(value(&field.field_type, row.get_ref(first_field + i)?)))
            .collect::<rusqlite::Result<_>>()?;
        Ok(Feature {
            id: self.row_id(class, row, [2, 0, 1])?,
            class: index,
            geometry,
            links,
            values,
        })
    }
}

pub(super) fn selected(class: &FeatureClass) -> String {
    format!("fid, {}", layout::columns(class).join(", "))
}

/// Ids stored one behind the other.
pub(super) fn ids(value: ValueRef<'_>) -> impl Iterator<Item = FeatureId> + use<'_> {
    value
        .as_blob()
        .unwrap_or_default()
        .chunks_exact(16)
        .filter_map(FeatureId::from_slice)
}

pub(super) fn real(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Real(number) => Some(number),
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

/// A flag as other programs may have left it: number or word.
pub(super) fn boolean(value: ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Integer(number) => Some(number != 0),
        ValueRef::Real(number) => Some(number != 0.0),
        ValueRef::Text(text) => match std::str::from_utf8(text).ok()?.trim().to_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "是" => Some(true),
            "0" | "false" | "f" | "no" | "n" | "否" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A column's content as its field type; what does not fit stays as it is, so that nothing is lost on the way.
pub(super) fn value(field_type: &FieldType, stored: ValueRef<'_>) -> Value {
    let as_it_is = || match stored {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
    };
    if matches!(stored, ValueRef::Null) {
        return Value::Null;
    }
    match field_type {
        FieldType::Text | FieldType::Code(_) => match as_it_is() {
            Value::Integer(number) => Value::Text(number.to_string()),
            Value::Real(number) => Value::Text(number.to_string()),
            other => other,
        },
        FieldType::Integer => match stored {
            ValueRef::Real(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Value::Integer(number as i64)
            }
            _ => as_it_is(),
        },
        FieldType::Real => real(stored).map_or_else(as_it_is, Value::Real),
        FieldType::Boolean => boolean(stored).map_or_else(as_it_is, Value::Boolean),
        FieldType::Date => date(stored).map_or_else(as_it_is, Value::Date),
    }
}

fn date(stored: ValueRef<'_>) -> Option<NaiveDate> {
    let text = stored.as_str().ok()?;
    // A time of day behind the date, as a DATETIME column has, is not ours to keep.
    let day = text.get(..10)?;
    plain_date(day.as_bytes()).or_else(|| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok())
}

/// A date of ten characters, `2024-05-01`: nearly all are, and millions are read.
fn plain_date(day: &[u8]) -> Option<NaiveDate> {
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    if day[4] != b'-' || day[7] != b'-' {
        return None;
    }
    let year = i32::try_from(number(&day[..4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&day[5..7])?, number(&day[8..])?)
}
