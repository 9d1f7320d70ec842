//! Ends and nodes that belong together and lie apart: an end that stops short of a pipe, two nodes that are one, an end that
//! names a node which is not there.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::add::{bend, move_ends};
use super::class::rename_links;
use super::codes::Taken;
use super::delete::let_go;
use super::split::{Cut, Whole};
use super::{PipeEnd, Work, position, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Value};
use crate::schema::GeometryKind;
use crate::text::Message;

impl Work<'_> {
    /// The end of a pipe goes to the nearest place of another one, which gets a node there: the end's own, the one that
    /// stands there, or a new one.
    pub(super) fn join_end(&mut self, name: &str, end: PipeEnd, into: &str) -> Result<Transaction> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        let into = self.find_kind(into, GeometryKind::Line)?;
        if pipe.id == into.id {
            return Err(self.refuse("edit.error.same_pipe", &pipe));
        }
        let own = self.end_node(&pipe, end)?;
        let (whole, into) = (self.whole(pipe)?, self.whole(into)?);
        let at = match end {
            PipeEnd::From => whole.line.first(),
            PipeEnd::To => whole.line.last(),
        };
        let foot = at.and_then(|at| into.foot(*at));
        let foot = foot.ok_or_else(|| self.refuse("edit.error.no_place", &into.pipe))?;
        let tolerance_m = self.options.end_tolerance_m;
        let there = self.nodes_near(foot.point, tolerance_m)?;
        let there = there
            .into_iter()
            .map(|(node, _)| node)
            .find(|node| Some(node.id) != own);
        let is_inside = foot.along_m > tolerance_m && foot.along_m < into.drawn_m - tolerance_m;
        let mut transaction = match (own, there) {
            (Some(own), Some(there)) => self.merge_nodes(&there.id.to_string(), &own.to_string())?,
            (None, Some(there)) => self.attach_end(name, end, &there.id.to_string())?,
            (Some(own), None) if is_inside => {
                self.node_onto_pipe(&own.to_string(), &into.pipe.id.to_string())?
            }
            (Some(own), None) => self.move_node(&own.to_string(), foot.point)?,
            (None, None) => self.new_joint(&whole, end, &into, foot.along_m, is_inside)?,
        };
        transaction.name = Message::new("edit.name.join_end")
            .with("feature", self.project.name_of(&whole.pipe))
            .with("pipe", self.project.name_of(&into.pipe));
        Ok(transaction)
    }

    /// Neither pipe has a node there.
    fn new_joint(
        &mut self,
        whole: &Whole,
        end: PipeEnd,
        into: &Whole,
        along_m: f64,
        is_inside: bool,
    ) -> Result<Transaction> {
        let mut transaction = Self::begin("edit.name.join_end", "");
        let class = if is_inside { "tee" } else { "junction" };
        let mut node = self.new_node(class, &Map::new())?;
        let at = into.point_at(along_m);
        node.geometry = Some(crate::model::Geometry::Point(at));
        self.name_joint(&mut node, &into.pipe)?;
        self.take_diameter(&mut node, &into.pipe);
        if is_inside {
            let cut = Cut {
                along_m,
                node,
                is_there: false,
            };
            self.cut(into, &[cut], &mut transaction)?;
        } else {
            transaction.edits.push(Edit::Insert(node));
        }
        let mut line = whole.line.clone();
        move_ends(
            &mut line,
            [end == PipeEnd::From, end == PipeEnd::To],
            [at[0], at[1]],
        );
        let new = self.redrawn(&whole.pipe, line)?;
        transaction.change(self.schema(), &whole.pipe, &new);
        self.follow(whole, &new, &[], &mut transaction)?;
        Ok(transaction)
    }

    fn name_joint(&self, node: &mut Feature, pipe: &Feature) -> Result<()> {
        if let (Some(code), Some(field)) = (self.project.code_of(pipe), self.field(node, "code")) {
            node.values[field] = Value::Text(self.joint_code(code, &Taken::new())?);
        }
        Ok(())
    }

    /// Two nodes become the first: pipes that end in the other end in it, and whatever names the other names it. A pipe
    /// between the two that would have no length left goes.
    pub(super) fn merge_nodes(&mut self, keep: &str, gone: &str) -> Result<Transaction> {
        let keep = self.find_kind(keep, GeometryKind::Point)?;
        let gone = self.find_kind(gone, GeometryKind::Point)?;
        if keep.id == gone.id {
            return Err(self.refuse("edit.error.same_node", &keep));
        }
        let to = self.place_of(&keep)?;
        let mut transaction = Transaction::new(
            Message::new("edit.name.merge_nodes")
                .with("feature", self.project.name_of(&keep))
                .with("other", self.project.name_of(&gone)),
        );
        let mut changed: BTreeMap<FeatureId, [Feature; 2]> = BTreeMap::new();
        let mut collapsed = Vec::new();
        let ending = self.pipes_at(&gone)?;
        for (pipe, ends) in &ending {
            let mut line = vertices(pipe).to_vec();
            move_ends(&mut line, *ends, [to[0], to[1]]);
            match self.redrawn(pipe, line) {
                Ok(mut new) => {
                    rename_links(&mut new, gone.id, keep.id);
                    changed.insert(pipe.id, [pipe.clone(), new]);
                }
                Err(Error::BadInput(_)) => collapsed.push(pipe.clone()),
                Err(error) => return Err(error),
            }
        }
        self.bend_passing(&gone, to, &ending, &mut changed)?;
        for (class, id) in self.project.referrers(gone.id)? {
            let is_known = changed.contains_key(&id) || collapsed.iter().any(|pipe| pipe.id == id);
            if let Some(old) = self.project.record(class, id)?.filter(|_| !is_known) {
                let mut new = old.clone();
                rename_links(&mut new, gone.id, keep.id);
                changed.insert(id, [old, new]);
            }
        }
        for pipe in &collapsed {
            for (class, id) in self.project.referrers(pipe.id)? {
                let Some(old) = self.project.record(class, id)? else {
                    continue;
                };
                let entry = changed.entry(id).or_insert_with(|| [old.clone(), old]);
                let_go(&mut entry[1], pipe.id);
            }
        }
        let entry = changed
            .entry(keep.id)
            .or_insert_with(|| [keep.clone(), keep.clone()]);
        if entry[1].links.on_pipe.is_none() && ending.is_empty() {
            entry[1].links.on_pipe = gone.links.on_pipe;
            entry[1].links.on_pipe_distance_m = gone.links.on_pipe_distance_m;
        }
        changed.remove(&gone.id);
        for [old, new] in changed.values() {
            transaction.change(self.schema(), old, new);
        }
        transaction.edits.extend(collapsed.into_iter().map(Edit::Delete));
        transaction.edits.push(Edit::Delete(gone));
        Ok(transaction)
    }

    /// Pipes joined by place that pass through a node which goes elsewhere go along.
    fn bend_passing(
        &self,
        node: &Feature,
        to: [f64; 3],
        ending: &[(Feature, [bool; 2])],
        changed: &mut BTreeMap<FeatureId, [Feature; 2]>,
    ) -> Result<()> {
        let Some(at) = position(node) else { return Ok(()) };
        let (at, to) = ([at[0], at[1]], [to[0], to[1]]);
        let tolerance_m = self.options.end_tolerance_m;
        for (pipe, _) in self.pipes_near(at, tolerance_m)? {
            let is_named = pipe.links.from.is_some() && pipe.links.to.is_some();
            if is_named || ending.iter().any(|(known, _)| known.id == pipe.id) {
                continue;
            }
            let mut line = vertices(&pipe).to_vec();
            bend(&mut line, at, to, self.metric(to), tolerance_m);
            let new = self.redrawn(&pipe, line)?;
            changed.insert(pipe.id, [pipe, new]);
        }
        Ok(())
    }

    /// An end of a pipe names the node that stands where it is drawn, or none.
    pub(super) fn settle_end(&mut self, name: &str, end: PipeEnd) -> Result<Transaction> {
        let old = self.find_kind(name, GeometryKind::Line)?;
        let line = vertices(&old);
        let (place, other) = match end {
            PipeEnd::From => (line.first(), old.links.to),
            PipeEnd::To => (line.last(), old.links.from),
        };
        let at = place.ok_or_else(|| self.refuse("edit.error.no_place", &old))?;
        let near = self.nodes_near([at[0], at[1]], self.options.end_tolerance_m)?;
        let node = near
            .into_iter()
            .map(|(node, _)| node)
            .find(|node| Some(node.id) != other && !self.is_obsolete(node));
        let mut new = old.clone();
        let link = match end {
            PipeEnd::From => &mut new.links.from,
            PipeEnd::To => &mut new.links.to,
        };
        *link = node.map(|node| node.id);
        let mut transaction = Self::begin("edit.name.settle_end", &self.project.name_of(&old));
        transaction.change(self.schema(), &old, &new);
        Ok(transaction)
    }

    /// A new pipe from a node to the nearest place of another pipe.
    pub(super) fn bridge(
        &mut self,
        node: &str,
        pipe: &str,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let node = self.find_kind(node, GeometryKind::Point)?;
        let pipe = self.find_kind(pipe, GeometryKind::Line)?;
        if self.pipes_at(&node)?.iter().any(|(own, _)| own.id == pipe.id) {
            return Err(self.refuse("edit.error.own_end", &node));
        }
        let whole = self.whole(pipe)?;
        let mut transaction = self.lead(&node, &whole, given)?;
        transaction.name = Message::new("edit.name.bridge")
            .with("feature", self.project.name_of(&node))
            .with("pipe", self.project.name_of(&whole.pipe));
        Ok(transaction)
    }
}
