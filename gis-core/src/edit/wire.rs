//! Transactions as JSON, as the journal keeps them and the command line prints them. Classes and cells go by the names of
//! their tables and columns. Numbers with a fraction are texts, which come back to the last bit.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Cell, CellChange, Content, Edit, Transaction, Update};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::schema::{FeatureClass, Schema};
use crate::text::Message;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
enum WireEdit {
    Insert {
        class: String,
        id: FeatureId,
        cells: BTreeMap<String, WireContent>,
    },
    Delete {
        class: String,
        id: FeatureId,
        cells: BTreeMap<String, WireContent>,
    },
    Update {
        class: String,
        id: FeatureId,
        cells: BTreeMap<String, [WireContent; 2]>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireContent {
    None,
    Flag(bool),
    Integer(i64),
    Real(String),
    Date(NaiveDate),
    Text(String),
    Id(FeatureId),
    Ids(Vec<FeatureId>),
    Point(String),
    Line(String),
}

impl Transaction {
    /// The edits as JSON.
    ///
    /// # Errors
    /// An edit names a class or cell that the schema lacks.
    pub fn to_json(&self, schema: &Schema) -> Result<String> {
        // One after the other: millions of edits in their wire form at once take a kilobyte each.
        let mut text = "[".to_owned();
        for (at, edit) in self.edits.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            let edit = serde_json::to_string(&wire_edit(schema, edit)?);
            text.push_str(&edit.map_err(|e| unreadable(&e.to_string()))?);
        }
        text.push(']');
        Ok(text)
    }

    /// # Errors
    /// The text is no list of edits, or names what the schema lacks.
    pub fn from_json(schema: &Schema, name: Message, text: &str) -> Result<Self> {
        let edits: Vec<WireEdit> = serde_json::from_str(text).map_err(|e| unreadable(&e.to_string()))?;
        Ok(Self {
            name,
            edits: edits
                .into_iter()
                .map(|edit| read_edit(schema, edit))
                .collect::<Result<_>>()?,
        })
    }
}

fn unreadable(reason: &str) -> Error {
    Error::bad_input(Message::new("edit.error.journal").with("reason", reason))
}

fn wire_edit(schema: &Schema, edit: &Edit) -> Result<WireEdit> {
    let index = edit.class();
    let class = schema
        .classes
        .get(usize::from(index.0))
        .ok_or_else(|| unreadable(&format!("class {}", index.0)))?;
    let (id, key) = (edit.id(), class.key.clone());
    Ok(match edit {
        Edit::Insert(feature) => WireEdit::Insert {
            class: key,
            id,
            cells: cells_of(class, feature),
        },
        Edit::Delete(feature) => WireEdit::Delete {
            class: key,
            id,
            cells: cells_of(class, feature),
        },
        Edit::Update(update) => WireEdit::Update {
            class: key,
            id,
            cells: update
                .cells
                .iter()
                .map(|c| {
                    let column = c.cell.column(class).ok_or_else(|| unreadable(&class.key))?;
                    Ok((column.to_owned(), [wire_content(&c.old), wire_content(&c.new)]))
                })
                .collect::<Result<_>>()?,
        },
    })
}

/// Cells that hold nothing are left out.
fn cells_of(class: &FeatureClass, feature: &Feature) -> BTreeMap<String, WireContent> {
    Cell::all(class)
        .filter_map(|cell| {
            let content = wire_content(&cell.of(feature));
            let is_held = !matches!(content, WireContent::None);
            is_held.then_some((cell.column(class)?.to_owned(), content))
        })
        .collect()
}

fn wire_content(content: &Content) -> WireContent {
    match content {
        Content::Value(Value::Null) => WireContent::None,
        Content::Value(Value::Boolean(flag)) => WireContent::Flag(*flag),
        Content::Value(Value::Integer(number)) => WireContent::Integer(*number),
        Content::Value(Value::Real(number)) => WireContent::Real(number.to_string()),
        Content::Value(Value::Date(date)) => WireContent::Date(*date),
        Content::Value(Value::Text(text)) => WireContent::Text(text.clone()),
        Content::Id(id) => WireContent::Id(*id),
        Content::Ids(ids) => WireContent::Ids(ids.clone()),
        Content::Geometry(Geometry::Point(p)) => WireContent::Point(coordinates(p)),
        Content::Geometry(Geometry::Line(line)) => {
            WireContent::Line(line.iter().map(coordinates).collect::<Vec<_>>().join(","))
        }
    }
}

fn coordinates(p: &[f64; 3]) -> String {
    if p[2].is_nan() {
        format!("{} {}", p[0], p[1])
    } else {
        format!("{} {} {}", p[0], p[1], p[2])
    }
}

fn read_edit(schema: &Schema, edit: WireEdit) -> Result<Edit> {
    let class_of = |key: &str| schema.class_index(key).ok_or_else(|| unreadable(key));
    Ok(match edit {
        WireEdit::Insert { class, id, cells } => {
            Edit::Insert(read_feature(schema, class_of(&class)?, id, &cells)?)
        }
        WireEdit::Delete { class, id, cells } => {
            Edit::Delete(read_feature(schema, class_of(&class)?, id, &cells)?)
        }
        WireEdit::Update { class, id, cells } => {
            let index = class_of(&class)?;
            let class = schema.class(index);
            Edit::Update(Update {
                id,
                class: index,
                cells: cells
                    .into_iter()
                    .map(|(column, [old, new])| {
                        Ok(CellChange {
                            cell: Cell::by_column(class, &column).ok_or_else(|| unreadable(&column))?,
                            old: read_content(&old)?,
                            new: read_content(&new)?,
                        })
                    })
                    .collect::<Result<_>>()?,
            })
        }
    })
}

fn read_feature(
    schema: &Schema,
    index: ClassIndex,
    id: FeatureId,
    cells: &BTreeMap<String, WireContent>,
) -> Result<Feature> {
    let class = schema.class(index);
    let mut feature = Feature {
        id,
        class: index,
        geometry: None,
        links: Links::default(),
        values: vec![Value::Null; class.fields.len()],
    };
    for (column, content) in cells {
        let cell = Cell::by_column(class, column).ok_or_else(|| unreadable(column))?;
        cell.put(&mut feature, &read_content(content)?);
    }
    Ok(feature)
}

fn read_content(content: &WireContent) -> Result<Content> {
    let number = |text: &str| text.parse::<f64>().map_err(|_| unreadable(text));
    let point = |text: &str| -> Result<[f64; 3]> {
        let mut p = [f64::NAN; 3];
        let mut words = text.split(' ');
        for (i, word) in words.by_ref().take(3).enumerate() {
            p[i] = number(word)?;
        }
        Ok(p)
    };
    Ok(match content {
        WireContent::None => Content::Value(Value::Null),
        WireContent::Flag(flag) => Content::Value(Value::Boolean(*flag)),
        WireContent::Integer(number) => Content::Value(Value::Integer(*number)),
        WireContent::Real(text) => Content::Value(Value::Real(number(text)?)),
        WireContent::Date(date) => Content::Value(Value::Date(*date)),
        WireContent::Text(text) => Content::Value(Value::Text(text.clone())),
        WireContent::Id(id) => Content::Id(*id),
        WireContent::Ids(ids) => Content::Ids(ids.clone()),
        WireContent::Point(text) => Content::Geometry(Geometry::Point(point(text)?)),
        WireContent::Line(text) => {
            Content::Geometry(Geometry::Line(text.split(',').map(point).collect::<Result<_>>()?))
        }
    })
}
