//! Attribute values of a whole class, column by column, for expressions over many features. It evaluates nothing.

use std::collections::HashMap;

use rusqlite::types::ValueRef;

use super::Project;
use super::records::{real, value};
use crate::error::Result;
use crate::expr::Row;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::schema::FieldType;

/// The values of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// NaN where unknown.
    Real(Vec<f64>),
    /// Positions in `texts` plus one; 0 where unknown.
    Text {
        numbers: Vec<u32>,
        texts: Vec<String>,
    },
    Other(Vec<Value>),
}

/// Some fields of all features of a class, in the order they were stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns {
    ids: Vec<FeatureId>,
    fields: Vec<String>,
    values: Vec<Column>,
}

impl Columns {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub fn ids(&self) -> &[FeatureId] {
        &self.ids
    }

    pub fn column(&self, field: &str) -> Option<&Column> {
        let position = self.fields.iter().position(|f| f == field)?;
        self.values.get(position)
    }

    /// Null for a field that was not asked for.
    pub fn value(&self, row: usize, field: &str) -> Value {
        match self.column(field) {
            Some(Column::Real(numbers)) => numbers
                .get(row)
                .filter(|n| !n.is_nan())
                .map_or(Value::Null, |n| Value::Real(*n)),
            Some(Column::Text { numbers, texts }) => numbers
                .get(row)
                .and_then(|n| texts.get((*n as usize).checked_sub(1)?))
                .map_or(Value::Null, |text| Value::Text(text.clone())),
            Some(Column::Other(values)) => values.get(row).cloned().unwrap_or_default(),
            None => Value::Null,
        }
    }

    pub fn row(&self, row: usize) -> ColumnRow<'_> {
        ColumnRow { columns: self, row }
    }
}

/// One feature of [`Columns`], for an expression.
#[derive(Debug, Clone, Copy)]
pub struct ColumnRow<'a> {
    columns: &'a Columns,
    row: usize,
}

impl Row for ColumnRow<'_> {
    fn value(&self, field: &str) -> Value {
        self.columns.value(self.row, field)
    }
}

impl Project {
    /// The named fields of all features of a class. Fields that the class lacks are left out, and so are all where
    /// there is no such class.
    pub fn columns<S: AsRef<str>>(&self, class: ClassIndex, fields: &[S]) -> Result<Columns> {
        let Some(feature_class) = self.schema.classes.get(usize::from(class.0)) else {
            return Ok(Columns::default());
        };
        let wanted: Vec<_> = fields
            .iter()
            .filter_map(|key| feature_class.fields.iter().find(|f| f.key == key.as_ref()))
            .collect();
        let mut sql = "SELECT uid, fid, CASE WHEN uid IS NULL THEN geom END".to_owned();
        for field in &wanted {
            sql.push_str(", \"");
            sql.push_str(&field.key);
            sql.push('"');
        }
        sql.push_str(" FROM \"");
        sql.push_str(&feature_class.key);
        sql.push_str("\" ORDER BY fid");
        let mut builders: Vec<Builder> = wanted.iter().map(|f| Builder::new(&f.field_type)).collect();
        let mut ids = Vec::new();
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            ids.push(self.row_id(feature_class, row, [0, 1, 2])?);
            for (i, (builder, field)) in builders.iter_mut().zip(&wanted).enumerate() {
                builder.push(&field.field_type, row.get_ref(3 + i)?);
            }
        }
        Ok(Columns {
            ids,
            fields: wanted.iter().map(|f| f.key.clone()).collect(),
            values: builders.into_iter().map(|b| b.column).collect(),
        })
    }
}

struct Builder {
    column: Column,
    known: HashMap<String, u32>,
}

impl Builder {
    fn new(field_type: &FieldType) -> Self {
        let column = match field_type {
            FieldType::Real => Column::Real(Vec::new()),
            FieldType::Text | FieldType::Code(_) => Column::Text {
                numbers: Vec::new(),
                texts: Vec::new(),
            },
            FieldType::Integer | FieldType::Boolean | FieldType::Date => Column::Other(Vec::new()),
        };
        Self {
            column,
            known: HashMap::new(),
        }
    }

    fn push(&mut self, field_type: &FieldType, stored: ValueRef<'_>) {
        match &mut self.column {
            Column::Real(column) => match real(stored) {
                Some(number) => column.push(number),
                None if matches!(value(field_type, stored), Value::Null) => column.push(f64::NAN),
                // What is no number counts as it is, here as elsewhere.
                None => {
                    let number = |n: &f64| if n.is_nan() { Value::Null } else { Value::Real(*n) };
                    let mut values: Vec<Value> = column.iter().map(number).collect();
                    values.push(value(field_type, stored));
                    self.column = Column::Other(values);
                }
            },
            Column::Text { numbers, texts } => {
                // Most rows repeat what one before them says.
                if let Some(number) = stored.as_str().ok().and_then(|text| self.known.get(text)) {
                    numbers.push(*number);
                    return;
                }
                let Value::Text(text) = value(field_type, stored) else {
                    numbers.push(0);
                    return;
                };
                let number = *self.known.entry(text).or_insert_with_key(|text| {
                    texts.push(text.clone());
                    texts.len() as u32
                });
                numbers.push(number);
            }
            Column::Other(column) => column.push(value(field_type, stored)),
        }
    }
}
