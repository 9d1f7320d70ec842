//! 修改管点: what a node is, and how high it lies. Its place, and the pipes at it, stay.

use serde_json::{Map, Value as Json};

use super::{Work, position};
use crate::edit::{Content, Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Value};
use crate::schema::{FieldType, GeometryKind};
use crate::text::Message;

/// Ground, depth and pipe: any two give the third.
const LEVELS: [&str; 3] = ["ground_elevation_m", "buried_depth_m", "pipe_elevation_m"];
/// Levels that differ by less are the same.
const LEVEL_TOLERANCE_M: f64 = 0.005;

impl Work<'_> {
    /// The same feature in another class. What names it goes on naming it.
    pub(super) fn change_class(
        &mut self,
        name: &str,
        class: &str,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let old = self.find_kind(name, GeometryKind::Point)?;
        let mut new = self.in_place_of(&old, class, given)?;
        let mut transaction = Self::begin("edit.name.change_class", &self.project.name_of(&old));
        if new.class == old.class {
            new.id = old.id;
            transaction.change(self.schema(), &old, &new);
            return Ok(transaction);
        }
        new.id = old.id;
        transaction.edits.push(Edit::Delete(old));
        transaction.edits.push(Edit::Insert(new));
        Ok(transaction)
    }

    /// Another node at the same place; the old one goes, with its history.
    pub(super) fn replace_node(
        &mut self,
        name: &str,
        class: &str,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let old = self.find_kind(name, GeometryKind::Point)?;
        let new = self.in_place_of(&old, class, given)?;
        let mut transaction = Self::begin("edit.name.replace_node", &self.project.name_of(&old));
        let (old_id, new_id) = (old.id, new.id);
        transaction.edits.push(Edit::Insert(new));
        for (class, id) in self.project.referrers(old_id)? {
            if let Some(before) = self.project.record(class, id)? {
                let mut after = before.clone();
                rename_links(&mut after, old_id, new_id);
                transaction.change(self.schema(), &before, &after);
            }
        }
        transaction.edits.push(Edit::Delete(old));
        Ok(transaction)
    }

    /// A node of another class with the place, the links and the fields of this one, as far as its class has them.
    fn in_place_of(&mut self, old: &Feature, class: &str, given: &Map<String, Json>) -> Result<Feature> {
        let mut new = self.new_node(class, &Map::new())?;
        let is_same_class = new.class == old.class;
        let kind = self.text(&new, "kind").map(str::to_owned);
        new.geometry.clone_from(&old.geometry);
        new.links = old.links.clone();
        let schema = self.schema();
        let (from, to) = (schema.class(old.class), schema.class(new.class));
        let mut lost = Vec::new();
        for (position, (field, value)) in from.fields.iter().zip(&old.values).enumerate() {
            if value.is_null() || (kind.is_some() && field.key == "kind" && is_same_class) {
                continue;
            }
            let target = to
                .field_index(&field.key)
                .filter(|at| takes(&field.field_type, &to.fields[*at].field_type, value));
            // A gate valve that becomes a hydrant is no gate hydrant.
            let is_of_other_kinds = field.key == "kind"
                && (kind.is_some()
                    || schema.dictionary_of(old.class, position).map(|d| &d.key)
                        != target
                            .and_then(|at| schema.dictionary_of(new.class, at))
                            .map(|d| &d.key));
            match target.filter(|_| !is_of_other_kinds) {
                Some(at) => new.values[at] = value.clone(),
                None => lost.push((field, value)),
            }
        }
        self.fill(&mut new, given)?;
        for (field, value) in lost {
            self.notes.push(
                Message::new("edit.note.lost")
                    .with("feature", self.project.name_of(old))
                    .with("field", &field.key)
                    .with("value", Content::Value(value.clone()).short()),
            );
        }
        Ok(new)
    }

    /// Sets levels of a node; where two of the three are known, the third follows.
    pub(super) fn set_levels(&mut self, name: &str, given: [Option<f64>; 3]) -> Result<Transaction> {
        let old = self.find_kind(name, GeometryKind::Point)?;
        let mut values = Map::new();
        for (key, level) in LEVELS.into_iter().zip(given) {
            if let Some(level) = level {
                values.insert(key.to_owned(), Json::from(level));
            }
        }
        let mut new = old.clone();
        self.fill(&mut new, &values)?;
        let levels = match given {
            [Some(ground), Some(depth), None] => [ground, depth, ground - depth],
            [Some(ground), None, Some(pipe)] => [ground, ground - pipe, pipe],
            [None, Some(depth), Some(pipe)] => [pipe + depth, depth, pipe],
            [Some(ground), Some(depth), Some(pipe)] => {
                if (ground - depth - pipe).abs() > LEVEL_TOLERANCE_M {
                    return Err(Error::bad_input(
                        Message::new("edit.error.levels")
                            .with("feature", self.project.name_of(&old))
                            .with("ground", format!("{ground:.3}"))
                            .with("depth", format!("{depth:.3}"))
                            .with("pipe", format!("{pipe:.3}")),
                    ));
                }
                [ground, depth, pipe]
            }
            _ => self.completed(&old, given),
        };
        let mut all = Map::new();
        for (key, level) in LEVELS.into_iter().zip(levels) {
            if level.is_finite() {
                all.insert(key.to_owned(), Json::from((level * 1e6).round() / 1e6));
            }
        }
        self.fill(&mut new, &all)?;
        let mut transaction = Self::begin("edit.name.set_levels", &self.project.name_of(&old));
        transaction.change(self.schema(), &old, &new);
        Ok(transaction)
    }

    /// One level was given: the ground does not move when the pipe does, the depth follows. When the ground was
    /// measured anew, the pipe stays where it is.
    fn completed(&self, node: &Feature, given: [Option<f64>; 3]) -> [f64; 3] {
        let known = LEVELS.map(|key| self.number(node, key).unwrap_or(f64::NAN));
        match given {
            [Some(ground), ..] if known[2].is_finite() => [ground, ground - known[2], known[2]],
            [Some(ground), ..] => [ground, known[1], ground - known[1]],
            [_, Some(depth), _] if known[0].is_finite() => [known[0], depth, known[0] - depth],
            [_, Some(depth), _] => [known[2] + depth, depth, known[2]],
            [_, _, Some(pipe)] if known[0].is_finite() => [known[0], known[0] - pipe, pipe],
            [_, _, Some(pipe)] => [pipe + known[1], known[1], pipe],
            _ => known,
        }
    }

    /// The place of a node that has one.
    pub(super) fn place_of(&self, node: &Feature) -> Result<[f64; 3]> {
        position(node).ok_or_else(|| self.refuse("edit.error.no_place", node))
    }
}

/// Whether a field of one type holds a value of another as it is.
fn takes(from: &FieldType, to: &FieldType, value: &Value) -> bool {
    from == to
        || matches!(
            (to, value),
            (FieldType::Text, Value::Text(_)) | (FieldType::Real, Value::Real(_) | Value::Integer(_))
        )
}

pub(super) fn rename_links(feature: &mut Feature, old: FeatureId, new: FeatureId) {
    let links = &mut feature.links;
    for link in [
        &mut links.from,
        &mut links.to,
        &mut links.on_pipe,
        &mut links.flow_to,
    ] {
        if *link == Some(old) {
            *link = Some(new);
        }
    }
    for inlet in &mut links.inlet_pipes {
        if *inlet == old {
            *inlet = new;
        }
    }
}
