//! Attribute values of nodes and pipes as cells, dictionary codes put into words. It reads the project, one record
//! a feature.

use std::collections::HashMap;

use super::sheet::Cell;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Value};
use crate::network::{Network, NodeIndex, PipeIndex};
use crate::project::Project;
use crate::schema::Schema;
use crate::text::Lang;

pub(super) struct Attributes<'a> {
    project: &'a Project,
    network: &'a Network,
    lang: Lang,
    records: HashMap<(ClassIndex, FeatureId), Option<Feature>>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(project: &'a Project, network: &'a Network, lang: Lang) -> Self {
        Self {
            project,
            network,
            lang,
            records: HashMap::new(),
        }
    }

    pub(super) fn of_node(&mut self, node: NodeIndex, field: &str) -> Result<Cell> {
        self.cell(self.network.node_class(node), self.network.node_id(node), field)
    }

    pub(super) fn of_pipe(&mut self, pipe: PipeIndex, field: &str) -> Result<Cell> {
        self.cell(self.network.pipe_class(pipe), self.network.pipe_id(pipe), field)
    }

    /// Class in words, with the kind where there is one: 阀门 · 闸阀.
    pub(super) fn class_of(&mut self, node: NodeIndex) -> Result<Cell> {
        let class = self
            .project
            .schema()
            .class(self.network.node_class(node))
            .label
            .text(self.lang)
            .to_owned();
        Ok(match self.of_node(node, "kind")? {
            Cell::Text(kind) => Cell::Text(format!("{class} · {kind}")),
            _ => Cell::Text(class),
        })
    }

    fn cell(&mut self, class: ClassIndex, id: FeatureId, field: &str) -> Result<Cell> {
        let schema = self.project.schema();
        let Some(index) = schema.class(class).field_index(field) else {
            return Ok(Cell::Empty);
        };
        if !self.records.contains_key(&(class, id)) {
            let record = self.project.record(class, id)?;
            self.records.insert((class, id), record);
        }
        let Some(Some(record)) = self.records.get(&(class, id)) else {
            return Ok(Cell::Empty);
        };
        Ok(in_words(schema, class, index, &record.values[index], self.lang))
    }
}

/// A value of a field, codes as their labels.
pub(super) fn in_words(schema: &Schema, class: ClassIndex, field: usize, value: &Value, lang: Lang) -> Cell {
    match value {
        Value::Text(text) => Cell::text(schema.label_of_code(class, field, text, lang)),
        other => Cell::of(other, lang),
    }
}
