//! Attribute values of a class that stay in memory while nothing in the file changes. For questions that are asked
//! again and again; who asks once reads the file (`select`).

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::types::ValueRef;

use super::Project;
use super::records::value;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::schema::{FeatureClass, FieldType};

/// One field of all features of a class: positions in `values`, the first of which is null. Values are told
/// apart by how they are stored.
#[derive(Debug)]
pub(crate) struct CodedColumn {
    pub(crate) codes: Vec<u32>,
    pub(crate) values: Vec<Value>,
}

/// Some fields of all features of a class, in the order they were stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptColumns {
    pub(crate) ids: Arc<Vec<FeatureId>>,
    /// In the order they were asked for; none where the class lacks the field.
    pub(crate) columns: Vec<Option<Arc<CodedColumn>>>,
}

#[derive(Debug, Default)]
pub(super) struct Kept {
    /// What SQLite counts of changes through this connection and through others.
    stamp: (u64, i64),
    classes: HashMap<ClassIndex, KeptClass>,
}

#[derive(Debug, Default)]
struct KeptClass {
    is_asked: bool,
    ids: Option<Arc<Vec<FeatureId>>>,
    columns: HashMap<String, Arc<CodedColumn>>,
}

impl Project {
    /// Whether a class was asked for before in the state that the file is in; it is counted as asked for from now on.
    pub(crate) fn is_asked_again(&self, class: ClassIndex) -> Result<bool> {
        self.forget_changed()?;
        let mut kept = self.kept.borrow_mut();
        let class = kept.classes.entry(class).or_default();
        Ok(std::mem::replace(&mut class.is_asked, true))
    }

    /// The named fields of a class; they are read where they are not in memory.
    pub(crate) fn kept_columns(&self, class: ClassIndex, fields: &[String]) -> Result<KeptColumns> {
        self.forget_changed()?;
        let mut kept = self.kept.borrow_mut();
        let own = kept.classes.entry(class).or_default();
        let feature_class = self.schema.class(class);
        let lacking: Vec<&String> = fields
            .iter()
            .filter(|field| !own.columns.contains_key(*field) && feature_class.field_index(field).is_some())
            .collect();
        if own.ids.is_none() || !lacking.is_empty() {
            self.keep(class, &lacking, own)?;
        }
        Ok(KeptColumns {
            ids: own.ids.clone().unwrap_or_default(),
            columns: fields
                .iter()
                .map(|field| own.columns.get(field).cloned())
                .collect(),
        })
    }

    fn forget_changed(&self) -> Result<()> {
        let elsewhere = self
            .connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        let stamp = (self.connection.total_changes(), elsewhere);
        let mut kept = self.kept.borrow_mut();
        if kept.stamp != stamp {
            *kept = Kept {
                stamp,
                classes: HashMap::new(),
            };
        }
        Ok(())
    }

    /// The ids of a class from the index alone, which is a small part of the file; `None` where other programs added rows
    /// without an id, which then comes from their geometry.
    fn ids_by_index(&self, class: &FeatureClass) -> Result<Option<Vec<FeatureId>>> {
        let mut statement = self
            .connection
            .prepare(&format!("SELECT fid, uid FROM \"{}\"", class.key))?;
        let mut rows = statement.query([])?;
        let mut found: Vec<(i64, FeatureId)> = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(id) = row.get_ref(1)?.as_blob().ok().and_then(FeatureId::from_slice) else {
                return Ok(None);
            };
            found.push((row.get(0)?, id));
        }
        found.sort_unstable_by_key(|(fid, _)| *fid);
        Ok(Some(found.into_iter().map(|(_, id)| id).collect()))
    }

    fn keep(&self, class: ClassIndex, fields: &[&String], own: &mut KeptClass) -> Result<()> {
        let feature_class = self.schema.class(class);
        if own.ids.is_none()
            && let Some(ids) = self.ids_by_index(feature_class)?
        {
            own.ids = Some(Arc::new(ids));
        }
        if own.ids.is_some() && fields.is_empty() {
            return Ok(());
        }
        let mut sql = "SELECT ".to_owned();
        if own.ids.is_none() {
            sql.push_str("uid, fid, CASE WHEN uid IS NULL THEN geom END");
        } else {
            sql.push_str("NULL, NULL, NULL");
        }
        for field in fields {
            sql.push_str(", \"");
            sql.push_str(field);
            sql.push('"');
        }
        sql.push_str(" FROM \"");
        sql.push_str(&feature_class.key);
        sql.push_str("\" ORDER BY fid");
        let types = feature_class.fields.iter();
        let types: HashMap<&str, &FieldType> = types.map(|f| (f.key.as_str(), &f.field_type)).collect();
        let mut coders: Vec<Coder<'_>> = fields.iter().map(|f| Coder::new(types[f.as_str()])).collect();
        let mut ids = Vec::new();
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if own.ids.is_none() {
                ids.push(self.row_id(feature_class, row, [0, 1, 2])?);
            }
            for (i, coder) in coders.iter_mut().enumerate() {
                coder.push(row.get_ref(3 + i)?);
            }
        }
        own.ids.get_or_insert_with(|| Arc::new(ids));
        for (field, coder) in fields.iter().zip(coders) {
            own.columns.insert((*field).clone(), Arc::new(coder.column));
        }
        Ok(())
    }
}

struct Coder<'a> {
    field_type: &'a FieldType,
    column: CodedColumn,
    /// By their bits.
    reals: HashMap<u64, u32>,
    integers: HashMap<i64, u32>,
    texts: HashMap<Vec<u8>, u32>,
}

impl<'a> Coder<'a> {
    fn new(field_type: &'a FieldType) -> Self {
        Self {
            field_type,
            column: CodedColumn {
                codes: Vec::new(),
                // Null is code 0.
                values: vec![Value::Null],
            },
            reals: HashMap::new(),
            integers: HashMap::new(),
            texts: HashMap::new(),
        }
    }

    fn push(&mut self, stored: ValueRef<'_>) {
        let known = match stored {
            ValueRef::Null | ValueRef::Blob(_) => Some(0),
            ValueRef::Real(number) => self.reals.get(&number.to_bits()).copied(),
            ValueRef::Integer(number) => self.integers.get(&number).copied(),
            ValueRef::Text(text) => self.texts.get(text).copied(),
        };
        let code = known.unwrap_or_else(|| self.add(stored));
        self.column.codes.push(code);
    }

    fn add(&mut self, stored: ValueRef<'_>) -> u32 {
        let code = self.column.values.len() as u32;
        self.column.values.push(value(self.field_type, stored));
        match stored {
            ValueRef::Real(number) => drop(self.reals.insert(number.to_bits(), code)),
            ValueRef::Integer(number) => drop(self.integers.insert(number, code)),
            ValueRef::Text(text) => drop(self.texts.insert(text.to_vec(), code)),
            ValueRef::Null | ValueRef::Blob(_) => {}
        }
        code
    }
}
