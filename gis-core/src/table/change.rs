//! What an expression or a replacement over many rows would change: old and new of every cell, and what cannot be. The
//! field calculator of the attribute table.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::cells::json;
use super::rows::values_of;
use crate::edit::ops::{Request, Row, checked_value};
use crate::error::{Error, Result};
use crate::expr::{Expr, Scope};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::progress::Progress;
use crate::project::Project;
use crate::schema::Schema;
use crate::text::{Lang, Message};

/// One cell, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct CellChange {
    pub feature: FeatureId,
    pub code: String,
    /// Position in the class.
    pub field: usize,
    pub old: Value,
    pub new: Value,
}

/// A cell that would become what its field cannot be.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    pub code: String,
    pub why: Message,
}

/// What is to be done, for a user to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    pub class: ClassIndex,
    pub cells: Vec<CellChange>,
    /// Cells that are so already.
    pub unchanged: usize,
    pub rejects: Vec<Reject>,
}

impl Changes {
    pub(super) fn none(class: ClassIndex) -> Self {
        Self {
            class,
            cells: Vec::new(),
            unchanged: 0,
            rejects: Vec::new(),
        }
    }

    /// All cells as one request.
    pub fn request(&self, schema: &Schema) -> Request {
        let class = schema.class(self.class);
        let mut rows: BTreeMap<FeatureId, Map<String, Json>> = BTreeMap::new();
        for cell in &self.cells {
            let values = rows.entry(cell.feature).or_default();
            values.insert(class.fields[cell.field].key.clone(), json(&cell.new));
        }
        Request::SetRows {
            rows: rows
                .into_iter()
                .map(|(feature, values)| Row {
                    feature: feature.to_string(),
                    values,
                })
                .collect(),
        }
    }

    /// Notes what cannot be used.
    pub(super) fn reject(&mut self, at: String, why: Message) {
        self.rejects.push(Reject { code: at, why });
    }

    /// Notes what a cell shall become.
    pub(super) fn put(&mut self, schema: &Schema, cell: Cell<'_>, new: &Json) {
        let field = &schema.class(self.class).fields[cell.field];
        let checked = match checked_value(schema, field, new) {
            Ok(Value::Null) if field.required && !cell.old.is_null() => Err(Error::bad_input(
                Message::new("table.reject.required").with_each("field", &field.label.zh, &field.label.en),
            )),
            checked => checked,
        };
        match checked {
            Ok(value) if value == *cell.old => self.unchanged += 1,
            Ok(value) => self.cells.push(CellChange {
                feature: cell.feature,
                code: cell.code.to_owned(),
                field: cell.field,
                old: cell.old.clone(),
                new: value,
            }),
            Err(error) => self.rejects.push(Reject {
                code: cell.code.to_owned(),
                why: error.message(),
            }),
        }
    }
}

/// A cell as it is.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) feature: FeatureId,
    pub(super) code: &'a str,
    pub(super) field: usize,
    pub(super) old: &'a Value,
}

/// Position of a field in its class.
pub(super) fn position(project: &Project, class: ClassIndex, field: &str) -> Result<usize> {
    let class = project.schema().class(class);
    class.field_index(field).ok_or_else(|| {
        Error::bad_input(
            Message::new("edit.error.unknown_field")
                .with("class", &class.key)
                .with("field", field),
        )
    })
}

/// The values of an expression for a field of some features.
///
/// # Errors
/// The expression cannot be read, the class lacks the field, `Cancelled`, or the project cannot be read.
pub fn calculate(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    field: &str,
    expression: &str,
    progress: &dyn Progress,
) -> Result<Changes> {
    let schema = project.schema();
    let at = position(project, class, field)?;
    let expr = Expr::parse(expression, &Scope::of_class(schema, class)).map_err(|error| {
        let [zh, en] = [Lang::ZhCn, Lang::En].map(|lang| error.text(lang));
        Error::bad_input(Message::new("query.error.expression").with_each("said", &zh, &en))
    })?;
    let mut fields = vec!["code".to_owned(), field.to_owned()];
    fields.extend(expr.fields().iter().cloned());
    let rows = values_of(project, class, ids, &fields)?;
    let mut changes = Changes::none(class);
    for (i, (id, values)) in ids.iter().zip(&rows).enumerate() {
        if i % 4_096 == 0 {
            progress.report(
                &Message::new("table.task.calculating"),
                i as u64,
                Some(ids.len() as u64),
            );
            progress.check()?;
        }
        let Some(values) = values else { continue };
        let value = |name: &str| {
            let place = fields.iter().position(|key| key == name);
            place.map_or(Value::Null, |place| values[place].clone())
        };
        let cell = Cell {
            feature: *id,
            code: values[0].as_text().unwrap_or_default(),
            field: at,
            old: &values[1],
        };
        changes.put(schema, cell, &json(&expr.eval(&value)));
    }
    Ok(changes)
}

/// One text in the place of another in a field of some features; `is_whole` for cells that are nothing but that text. A
/// coded field is searched by its labels and codes, and always as a whole.
///
/// # Errors
/// The class lacks the field, or the project cannot be read.
pub fn replace(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    field: &str,
    [find, with]: [&str; 2],
    is_whole: bool,
) -> Result<Changes> {
    let schema = project.schema();
    let at = position(project, class, field)?;
    let own = &schema.class(class).fields[at];
    let fields = ["code".to_owned(), field.to_owned()];
    let rows = values_of(project, class, ids, &fields)?;
    let mut changes = Changes::none(class);
    for (id, values) in ids.iter().zip(&rows) {
        let Some(values) = values else { continue };
        let names: Vec<String> = Lang::ALL
            .into_iter()
            .map(|lang| schema.in_words(class, at, &values[1], lang))
            .chain(values[1].as_text().map(str::to_owned))
            .collect();
        let is_text = own.field_type == crate::schema::FieldType::Text;
        let new = if is_text && !is_whole && !find.is_empty() {
            let text = values[1].as_text().unwrap_or_default();
            text.contains(find).then(|| text.replace(find, with))
        } else {
            names.iter().any(|name| name == find).then(|| with.to_owned())
        };
        let Some(new) = new else {
            changes.unchanged += 1;
            continue;
        };
        let cell = Cell {
            feature: *id,
            code: values[0].as_text().unwrap_or_default(),
            field: at,
            old: &values[1],
        };
        changes.put(schema, cell, &super::cells::typed(own, &new));
    }
    Ok(changes)
}
