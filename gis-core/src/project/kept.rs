//! Attribute values of a class that stay in memory: they follow edits of one's own, and are forgotten when the file changes
//! otherwise. For questions that are asked again and again; who asks once reads the file (`select`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rusqlite::types::ValueRef;

use super::Project;
use super::edits::Changed;
use super::records::value;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::schema::{FeatureClass, FieldType, Schema};

/// One field of all features of a class: positions in `values`, the first of which is null. Values are told
/// apart by how they are stored.
#[derive(Debug, Clone)]
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

/// What SQLite counts of changes through a connection and through others.
pub(super) type FileStamp = (u64, i64);

/// More edits than these between two questions: reading anew costs less.
const MOST_PENDING: usize = 5_000;

#[derive(Debug, Default)]
pub(super) struct Kept {
    stamp: FileStamp,
    classes: HashMap<ClassIndex, KeptClass>,
    /// What own edits did since, in their order.
    pending: Vec<(ClassIndex, FeatureId, Became)>,
}

#[derive(Debug)]
enum Became {
    New(Vec<Value>),
    Other(Vec<Value>),
    Gone,
}

#[derive(Debug, Default)]
struct KeptClass {
    is_asked: bool,
    ids: Option<Arc<Vec<FeatureId>>>,
    columns: BTreeMap<String, Arc<CodedColumn>>,
}

impl Kept {
    /// Takes over what edits did that led from one state of the file to another.
    pub(super) fn follow(&mut self, [from, to]: [FileStamp; 2], changed: &[Changed]) {
        if self.stamp != from || self.pending.len() + changed.len() > MOST_PENDING {
            *self = Self::default();
            return;
        }
        self.stamp = to;
        for Changed { before, after } in changed {
            let class_before = before.as_ref().map(|before| before.class);
            if let Some(after) = after {
                let values = after.values.clone();
                let became = if class_before == Some(after.class) {
                    Became::Other(values)
                } else {
                    Became::New(values)
                };
                self.pend(after.class, after.id, became);
            }
            if let Some(before) = before
                && after.as_ref().is_none_or(|after| after.class != before.class)
            {
                self.pend(before.class, before.id, Became::Gone);
            }
        }
    }

    fn pend(&mut self, class: ClassIndex, id: FeatureId, became: Became) {
        if self.classes.get(&class).is_some_and(|own| own.ids.is_some()) {
            self.pending.push((class, id, became));
        }
    }

    /// Makes what is pending part of the columns.
    fn settle(&mut self, schema: &Schema) {
        let mut of_class: BTreeMap<ClassIndex, Vec<(FeatureId, Became)>> = BTreeMap::new();
        for (class, id, became) in self.pending.drain(..) {
            of_class.entry(class).or_default().push((id, became));
        }
        for (class, pending) in of_class {
            let Some(own) = self.classes.get_mut(&class) else {
                continue;
            };
            if own.settle(schema.class(class), pending).is_none() {
                own.ids = None;
                own.columns.clear();
            }
        }
    }
}

impl KeptClass {
    /// `None` where the edits do not fit what is kept.
    fn settle(&mut self, class: &FeatureClass, pending: Vec<(FeatureId, Became)>) -> Option<()> {
        /// Values looked at to find codes; reading a column anew costs less than more of them.
        const MOST_LOOKS: usize = 20_000_000;
        let count = pending.len();
        self.columns
            .retain(|_, column| column.values.len().saturating_mul(count) <= MOST_LOOKS);
        let ids = Arc::make_mut(self.ids.as_mut()?);
        let mut columns: Vec<(usize, &mut CodedColumn)> = Vec::new();
        for (field, column) in &mut self.columns {
            columns.push((class.field_index(field)?, Arc::make_mut(column)));
        }
        let touched: HashSet<FeatureId> = pending.iter().map(|(id, _)| *id).collect();
        let rows = ids.iter().enumerate().filter(|(_, id)| touched.contains(*id));
        let mut row_of: HashMap<FeatureId, usize> = rows.map(|(row, id)| (*id, row)).collect();
        let mut gone = HashSet::new();
        for (id, became) in pending {
            match became {
                // New rows stand at the end of the file, also those of features that were there before.
                Became::New(values) => {
                    row_of.insert(id, ids.len());
                    ids.push(id);
                    for (at, column) in &mut columns {
                        let code = column.code_of(values.get(*at)?);
                        column.codes.push(code);
                    }
                }
                Became::Other(values) => {
                    let row = *row_of.get(&id)?;
                    for (at, column) in &mut columns {
                        let code = column.code_of(values.get(*at)?);
                        column.codes[row] = code;
                    }
                }
                Became::Gone => drop(gone.insert(row_of.remove(&id)?)),
            }
        }
        if !gone.is_empty() {
            let mut row = 0..;
            ids.retain(|_| row.next().is_some_and(|row| !gone.contains(&row)));
            for (_, column) in columns {
                let mut row = 0..;
                column
                    .codes
                    .retain(|_| row.next().is_some_and(|row| !gone.contains(&row)));
            }
        }
        Some(())
    }
}

impl CodedColumn {
    fn code_of(&mut self, value: &Value) -> u32 {
        let known = self.values.iter().position(|own| own == value);
        known.unwrap_or_else(|| {
            self.values.push(value.clone());
            self.values.len() - 1
        }) as u32
    }
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

    pub(super) fn file_stamp(&self) -> Result<FileStamp> {
        let elsewhere = self
            .connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        Ok((self.connection.total_changes(), elsewhere))
    }

    /// What stays is as the file is.
    fn forget_changed(&self) -> Result<()> {
        let stamp = self.file_stamp()?;
        let mut kept = self.kept.borrow_mut();
        if kept.stamp == stamp {
            kept.settle(&self.schema);
        } else {
            *kept = Kept {
                stamp,
                ..Kept::default()
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
