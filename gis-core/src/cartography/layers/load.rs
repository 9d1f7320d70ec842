//! Reads the map document leniently: what cannot be read is left out and reported, and a map always comes of it.

use std::collections::HashSet;

use serde_json::Value;

use super::document::VERSION;
use super::{DOCUMENT, Group, Layer, LayerId, LayerSource, MapDocument, TreeNode};
use crate::cartography::{StyleChanges, StyleSet};
use crate::error::{Error, Result};
use crate::issue::{Issue, Issues, Severity};
use crate::project::Project;
use crate::schema::Schema;
use crate::text::Message;

/// A map with what was wrong with it.
#[derive(Debug, Clone)]
pub struct LoadedMap {
    pub document: MapDocument,
    pub issues: Issues,
}

impl MapDocument {
    /// Reads the text of a document. Layers of classes that the schema lacks stay in it, with an issue; a text that is
    /// no document gives the standard map, with an issue.
    pub fn parse(text: &str, schema: &Schema) -> LoadedMap {
        let mut issues = Issues::default();
        let document = read(text, &mut issues).unwrap_or_else(|reason| {
            issues.push(Issue::new(
                Severity::Warning,
                Message::new("layers.issue.unreadable").with("reason", reason),
            ));
            Self::standard(schema)
        });
        for shown in document.layers() {
            if let LayerSource::Unknown(source) = &shown.layer.source {
                issues.push(
                    Issue::new(
                        Severity::Warning,
                        Message::new("layers.issue.unknown_source")
                            .with("layer", shown.layer.title.as_deref().unwrap_or(&shown.layer.id.0))
                            .with("source", source),
                    )
                    .in_layer(shown.layer.id.0.clone()),
                );
            }
            if let Some(class) = shown
                .layer
                .class()
                .filter(|key| schema.class_index(key).is_none())
            {
                issues.push(
                    Issue::new(
                        Severity::Warning,
                        Message::new("layers.issue.no_class").with("class", class),
                    )
                    .in_layer(shown.layer.id.0.clone()),
                );
            }
        }
        LoadedMap { document, issues }
    }

    /// The text to keep.
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| {
            Error::bad_input(
                Message::new("project.error.bad_meta")
                    .with("key", DOCUMENT)
                    .with("reason", e),
            )
        })
    }

    /// The map kept with the project; the standard map where there is none.
    ///
    /// # Errors
    /// That the project file cannot be read.
    pub fn load(project: &Project) -> Result<LoadedMap> {
        Ok(match project.document(DOCUMENT)? {
            Some(text) => Self::parse(&text, project.schema()),
            None => LoadedMap {
                document: Self::standard(project.schema()),
                issues: Issues::default(),
            },
        })
    }

    /// Keeps the map with the project.
    pub fn save(&self, project: &mut Project) -> Result<()> {
        project.store_document(DOCUMENT, &self.to_text()?)
    }
}

fn read(text: &str, issues: &mut Issues) -> Result<MapDocument, String> {
    let Value::Object(mut fields) = serde_json::from_str(text).map_err(|e| e.to_string())? else {
        return Err("{".to_owned());
    };
    let tree = fields.remove("tree");
    let mut document = MapDocument {
        version: VERSION,
        ..MapDocument::default()
    };
    if let Some(bookmarks) = fields.remove("bookmarks").and_then(|v| match v {
        Value::Array(list) => Some(list),
        _ => None,
    }) {
        for bookmark in bookmarks {
            keep(serde_json::from_value(bookmark), &mut document.bookmarks, issues);
        }
    }
    document.view = fields
        .remove("view")
        .and_then(|view| serde_json::from_value(view).ok());
    if let Some(styles) = fields.remove("styles") {
        let mut read: Vec<StyleChanges> = Vec::new();
        keep(serde_json::from_value(styles), &mut read, issues);
        document.styles = read.pop().unwrap_or_default();
        let faults = StyleSet::builtin().map(|base| document.styles.take_faults(&base, DOCUMENT));
        for fault in faults.map_err(|error| error.to_string())? {
            issues.push(Issue::new(Severity::Warning, fault));
        }
    }
    let mut known = HashSet::new();
    document.tree = nodes(tree.unwrap_or_default(), &mut known, issues);
    Ok(document)
}

fn keep<T>(read: serde_json::Result<T>, into: &mut Vec<T>, issues: &mut Issues) {
    match read {
        Ok(value) => into.push(value),
        Err(error) => issues.push(Issue::new(
            Severity::Warning,
            Message::new("layers.issue.part_unreadable").with("reason", error),
        )),
    }
}

fn nodes(list: Value, known: &mut HashSet<LayerId>, issues: &mut Issues) -> Vec<TreeNode> {
    let Value::Array(list) = list else {
        return Vec::new();
    };
    let mut read = Vec::with_capacity(list.len());
    for node in list {
        let Value::Object(mut node) = node else { continue };
        if let Some(Value::Object(mut group)) = node.remove("group") {
            let children = group.remove("children").unwrap_or_default();
            let children = nodes(children, known, issues);
            let mut found = Vec::new();
            keep(
                serde_json::from_value::<Group>(Value::Object(group)),
                &mut found,
                issues,
            );
            // A group that cannot be read gives its layers to the one above.
            match found.pop() {
                Some(mut group) => {
                    group.id = unique(&group.id, known);
                    group.children = children;
                    read.push(TreeNode::Group(group));
                }
                None => read.extend(children),
            }
        } else if let Some(layer) = node.remove("layer") {
            let mut found: Vec<Layer> = Vec::new();
            keep(serde_json::from_value(layer), &mut found, issues);
            read.extend(found.into_iter().map(|mut layer| {
                layer.id = unique(&layer.id, known);
                layer.opacity = if layer.opacity.is_finite() {
                    layer.opacity.clamp(0.0, 1.0)
                } else {
                    1.0
                };
                TreeNode::Layer(layer)
            }));
        }
    }
    read
}

/// The id, or one like it where another node has it or it is empty.
fn unique(id: &LayerId, known: &mut HashSet<LayerId>) -> LayerId {
    let stem = if id.0.is_empty() { "layer" } else { id.0.as_str() };
    let mut candidate = LayerId::new(stem);
    let mut number = 2;
    while !known.insert(candidate.clone()) {
        candidate = LayerId(format!("{stem}-{number}"));
        number += 1;
    }
    candidate
}
