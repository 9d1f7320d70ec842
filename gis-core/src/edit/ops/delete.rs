//! 删除: a feature goes, and what hangs on it goes along, is let go, or stands in the way. No link is left that leads
//! nowhere. 废弃 (abandoning) keeps the feature and says so.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Work;
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::Feature;
use crate::schema::GeometryKind;
use crate::text::Message;

/// What becomes of the pipes that end in a deleted node, and of the devices on a deleted pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hanging {
    /// They forbid it.
    #[default]
    Refuse,
    /// They go along.
    Delete,
    /// They stay where they are, joined to nothing by name.
    Release,
}

impl Work<'_> {
    pub(super) fn delete(&self, names: &[String], hanging: Hanging) -> Result<Transaction> {
        let mut transaction = Self::begin("edit.name.delete", &self.called(names, ", ")?);
        let mut waiting = Vec::new();
        for name in names {
            waiting.push(self.find(name)?);
        }
        let mut doomed: HashSet<FeatureId> = waiting.iter().map(|f| f.id).collect();
        let mut released: Vec<(Feature, Feature)> = Vec::new();
        let mut order = Vec::new();
        while let Some(feature) = waiting.pop() {
            for hanger in self.hangers(&feature)? {
                if doomed.contains(&hanger.id) {
                    continue;
                }
                match hanging {
                    Hanging::Refuse if names_as_base(&hanger, feature.id) => {
                        return Err(Error::bad_input(
                            Message::new("edit.error.hanging")
                                .with("feature", self.project.name_of(&feature))
                                .with("hanging", self.project.name_of(&hanger)),
                        ));
                    }
                    Hanging::Delete if names_as_base(&hanger, feature.id) => {
                        doomed.insert(hanger.id);
                        waiting.push(hanger);
                    }
                    _ => {
                        let at = released.iter().position(|(old, _)| old.id == hanger.id);
                        let at = at.unwrap_or_else(|| {
                            released.push((hanger.clone(), hanger));
                            released.len() - 1
                        });
                        let_go(&mut released[at].1, feature.id);
                    }
                }
            }
            order.push(feature);
        }
        for (old, new) in &released {
            if !doomed.contains(&old.id) {
                transaction.change(self.schema(), old, new);
            }
        }
        transaction.edits.extend(order.into_iter().map(Edit::Delete));
        Ok(transaction)
    }

    /// Whatever names a feature, and pipes that end in a node by place.
    fn hangers(&self, feature: &Feature) -> Result<Vec<Feature>> {
        let mut found = Vec::new();
        for (class, id) in self.project.referrers(feature.id)? {
            found.extend(self.project.record(class, id)?);
        }
        if self.schema().class(feature.class).geometry == GeometryKind::Point {
            for (pipe, _) in self.pipes_at(feature)? {
                if found.iter().all(|f| f.id != pipe.id) {
                    found.push(pipe);
                }
            }
        }
        Ok(found)
    }

    /// 废弃: out of service, but kept with all its history.
    pub(super) fn abandon(&self, names: &[String]) -> Result<Transaction> {
        let mut given = Map::new();
        given.insert("state".to_owned(), Json::String("obsolete".to_owned()));
        let mut transaction = self.set(names, &given)?;
        transaction.name = Message::new("edit.name.abandon").with("feature", self.called(names, ", ")?);
        Ok(transaction)
    }
}

/// Whether a feature hangs on another, rather than only pointing at it. A pipe that is joined to a node by place names
/// nothing, and hangs on it none the less.
fn names_as_base(hanger: &Feature, base: FeatureId) -> bool {
    let links = &hanger.links;
    let points_only = links.flow_to == Some(base) || links.inlet_pipes.contains(&base);
    let hangs = [links.from, links.to, links.on_pipe].contains(&Some(base));
    hangs || !points_only
}

pub(super) fn let_go(feature: &mut Feature, target: FeatureId) {
    let links = &mut feature.links;
    for link in [&mut links.from, &mut links.to, &mut links.flow_to] {
        if *link == Some(target) {
            *link = None;
        }
    }
    if links.on_pipe == Some(target) {
        links.on_pipe = None;
        links.on_pipe_distance_m = None;
    }
    links.inlet_pipes.retain(|pipe| *pipe != target);
}
