//! Rows of a class by condition, place and code, as few columns of them as are wanted. What SQL cannot decide is left to
//! the caller.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, params_from_iter};

use super::address::squeezed;
use super::records::value;
use super::{Project, gpb, layout};
use crate::error::Result;
use crate::expr::{TABLE, Where};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Geometry, Value};
use crate::schema::FieldType;

/// Which rows, and what of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// Of the condition, but for what is left of it in memory.
    pub(crate) condition: Option<Where>,
    /// Rows whose box meets this one: `[min_x, min_y, max_x, max_y]`.
    pub(crate) near: Option<[f64; 4]>,
    /// Rows of these features; of more, where the file lacks ids.
    pub(crate) ids: Option<Vec<FeatureId>>,
    /// Whole codes, and how codes begin; all where both are empty.
    pub(crate) codes: Vec<String>,
    pub(crate) code_starts: Vec<String>,
    /// In the address or the road of a row, squeezed or not.
    pub(crate) address: Option<String>,
    /// Values that are wanted.
    pub(crate) fields: Vec<String>,
    pub(crate) with_geometry: bool,
}

#[derive(Debug)]
pub(crate) struct Selected<'a> {
    pub(crate) fid: i64,
    pub(crate) id: FeatureId,
    /// In the order of the selection's fields; null for those the class lacks.
    pub(crate) values: &'a [Value],
    pub(crate) geometry: Option<Geometry>,
    /// Its box lies in that of the selection.
    pub(crate) is_inside: bool,
}

/// Columns before those of the fields.
const FIRST_FIELD: usize = 5;

impl Project {
    /// Calls `each` with the rows, in any order; stops at its first error.
    pub(crate) fn select_rows(
        &self,
        class: ClassIndex,
        selection: &Selection,
        mut each: impl FnMut(&Selected<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(feature_class) = self.schema.classes.get(usize::from(class.0)) else {
            return Ok(());
        };
        let types: Vec<Option<&FieldType>> = selection
            .fields
            .iter()
            .map(|key| {
                let field = feature_class.fields.iter().find(|f| f.key == *key);
                field.map(|field| &field.field_type)
            })
            .collect();
        // Rows without an id are not found by one.
        let ids = selection.ids.as_ref().filter(|_| self.foreign_rows.is_empty());
        let (sql, parameters) = statement(&feature_class.key, selection, ids, &types);
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut values = vec![Value::Null; types.len()];
        while let Some(row) = rows.next()? {
            for (i, (kept, field_type)) in values.iter_mut().zip(&types).enumerate() {
                if let Some(field_type) = field_type {
                    *kept = value(field_type, row.get_ref(FIRST_FIELD + i)?);
                }
            }
            each(&Selected {
                fid: row.get(0)?,
                id: self.row_id(feature_class, row, [1, 0, 2])?,
                values: &values,
                geometry: geometry(row)?,
                is_inside: row.get(4)?,
            })?;
        }
        Ok(())
    }
}

fn geometry(row: &Row<'_>) -> rusqlite::Result<Option<Geometry>> {
    // A geometry that cannot be read is one that is not there.
    let blob = row.get_ref(3)?.as_blob().unwrap_or_default();
    Ok(if blob.is_empty() {
        None
    } else {
        gpb::decode(blob).ok().flatten()
    })
}

fn statement(
    table: &str,
    selection: &Selection,
    ids: Option<&Vec<FeatureId>>,
    types: &[Option<&FieldType>],
) -> (String, Vec<SqlValue>) {
    let mut clauses = Vec::new();
    let mut parameters: Vec<SqlValue> = Vec::new();
    if let Some(condition) = &selection.condition {
        clauses.push(condition.sql.clone());
        parameters.extend(condition.parameters.iter().map(stored));
    }
    let mut mark = |value: SqlValue| {
        parameters.push(value);
        format!("?{}", parameters.len())
    };
    let mut is_inside = "0".to_owned();
    let mut from = format!("\"{table}\" {TABLE}");
    if let Some(b) = selection.near {
        let [min_x, min_y, max_x, max_y] = b.map(|v| mark(SqlValue::Real(v)));
        is_inside =
            format!("r.minx >= {min_x} AND r.maxx <= {max_x} AND r.miny >= {min_y} AND r.maxy <= {max_y}");
        // The order is told: a tree of places before any index of codes.
        from = format!(
            "\"{}\" r CROSS JOIN {from} ON {TABLE}.fid = r.id",
            layout::rtree_name(table)
        );
        clauses.push(format!(
            "r.minx <= {max_x} AND r.maxx >= {min_x} AND r.miny <= {max_y} AND r.maxy >= {min_y}"
        ));
    }
    if let Some(ids) = ids {
        let blobs = ids.iter().map(|id| SqlValue::Blob(id.as_bytes().to_vec()));
        let marks: Vec<String> = blobs.map(&mut mark).collect();
        clauses.push(format!("{TABLE}.uid IN ({})", marks.join(", ")));
    }
    let mut codes: Vec<String> = Vec::new();
    if !selection.codes.is_empty() {
        let marks: Vec<String> = selection
            .codes
            .iter()
            .map(|code| mark(SqlValue::Text(code.clone())))
            .collect();
        codes.push(format!("{TABLE}.code IN ({})", marks.join(", ")));
    }
    for start in &selection.code_starts {
        let from = mark(SqlValue::Text(start.clone()));
        // No character is greater than the last one.
        let to = mark(SqlValue::Text(format!("{start}\u{10ffff}\u{10ffff}")));
        codes.push(format!("({TABLE}.code >= {from} AND {TABLE}.code < {to})"));
    }
    if let Some(address) = &selection.address {
        let wanted = mark(SqlValue::Text(squeezed(address)));
        clauses.push(format!("karez_at({TABLE}.road, {TABLE}.address, {wanted})"));
    }
    if !codes.is_empty() {
        clauses.push(format!("({})", codes.join(" OR ")));
    }
    let (geometry, geometry_of_nameless) = if selection.with_geometry {
        (format!("{TABLE}.geom"), format!("{TABLE}.geom"))
    } else {
        let only = format!("CASE WHEN {TABLE}.uid IS NULL THEN {TABLE}.geom END");
        ("NULL".to_owned(), only)
    };
    let mut columns = vec![
        format!("{TABLE}.fid"),
        format!("{TABLE}.uid"),
        geometry_of_nameless,
        geometry,
        is_inside,
    ];
    for (field, field_type) in selection.fields.iter().zip(types) {
        columns.push(match field_type {
            Some(_) => format!("{TABLE}.\"{field}\""),
            None => "NULL".to_owned(),
        });
    }
    let mut sql = format!("SELECT {} FROM {from}", columns.join(", "));
    if !clauses.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&clauses.join(" AND "));
    }
    (sql, parameters)
}

fn stored(value: &Value) -> SqlValue {
    match value {
        Value::Null => SqlValue::Null,
        Value::Boolean(flag) => SqlValue::Integer(i64::from(*flag)),
        Value::Integer(number) => SqlValue::Integer(*number),
        Value::Real(number) => SqlValue::Real(*number),
        Value::Date(date) => SqlValue::Text(date.to_string()),
        Value::Text(text) => SqlValue::Text(text.clone()),
    }
}
