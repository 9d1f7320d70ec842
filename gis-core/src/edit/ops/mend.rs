//! Records that say what cannot be: pipes drawn twice or partly on each other, lengths, directions, inlets and ids that are
//! wrong.

use serde_json::Map;

use super::split::{Cut, Whole};
use super::{PipeEnd, Work, flat, position, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Value};
use crate::schema::{GeometryKind, Role};
use crate::text::Message;

impl Work<'_> {
    /// A pipe that lies on another one from end to end goes; what was joined to it is joined to the other.
    pub(super) fn fold_pipe(&mut self, gone: &str, keep: &str) -> Result<Transaction> {
        let gone = self.find_kind(gone, GeometryKind::Line)?;
        let keep = self.find_kind(keep, GeometryKind::Line)?;
        if gone.id == keep.id {
            return Err(self.refuse("edit.error.same_pipe", &keep));
        }
        let whole = self.whole(keep)?;
        let tolerance_m = self.options.end_tolerance_m;
        let is_on = |p: &[f64; 3]| whole.foot(*p).is_some_and(|foot| foot.distance_m <= tolerance_m);
        if vertices(&gone).is_empty() || !vertices(&gone).iter().all(is_on) {
            return Err(Error::bad_input(
                Message::new("edit.error.not_covered")
                    .with("feature", self.project.name_of(&gone))
                    .with("pipe", self.project.name_of(&whole.pipe)),
            ));
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.fold_pipe")
                .with("feature", self.project.name_of(&gone))
                .with("pipe", self.project.name_of(&whole.pipe)),
        );
        let (cuts, idle) = self.ends_on(&gone, &whole)?;
        if !cuts.is_empty() {
            self.cut(&whole, &cuts, &mut transaction)?;
        }
        self.rehang(&gone, &whole.pipe, &mut transaction)?;
        transaction.edits.push(Edit::Delete(gone));
        transaction.edits.extend(idle.into_iter().map(Edit::Delete));
        Ok(transaction)
    }

    /// The nodes of a pipe that lie within another one: those that join more, where it is cut, and mere ends, which go.
    fn ends_on(&self, gone: &Feature, whole: &Whole) -> Result<(Vec<Cut>, Vec<Feature>)> {
        let tolerance_m = self.options.end_tolerance_m;
        let mut cuts: Vec<Cut> = Vec::new();
        let mut idle = Vec::new();
        for end in [PipeEnd::From, PipeEnd::To] {
            let Some(id) = self.end_node(gone, end)? else {
                continue;
            };
            let Some(node) = self.project.feature(id)? else {
                continue;
            };
            let foot = position(&node).and_then(|at| whole.foot(at));
            let Some(foot) = foot else { continue };
            let is_inside = foot.along_m > tolerance_m && foot.along_m < whole.drawn_m - tolerance_m;
            if !is_inside || cuts.iter().any(|cut| cut.node.id == id) {
                continue;
            }
            let others = self.pipes_at(&node)?;
            let is_plain = self.schema().class(node.class).role == Role::Junction;
            let named = self.project.referrers(id)?;
            let is_idle = is_plain
                && others.iter().all(|(pipe, _)| pipe.id == gone.id)
                && named.iter().all(|(_, by)| *by == gone.id);
            if is_idle {
                idle.push(node);
            } else {
                cuts.push(Cut {
                    along_m: foot.along_m,
                    node,
                    is_there: true,
                });
            }
        }
        cuts.sort_by(|a, b| a.along_m.total_cmp(&b.along_m));
        Ok((cuts, idle))
    }

    /// What names a pipe that goes names the nearest part of the one that stays, as the transaction leaves it.
    fn rehang(&self, gone: &Feature, keep: &Feature, transaction: &mut Transaction) -> Result<()> {
        let mut parts: Vec<Feature> = transaction
            .edits
            .iter()
            .filter_map(|edit| match edit {
                Edit::Insert(feature) if !vertices(feature).is_empty() => Some(feature.clone()),
                _ => None,
            })
            .collect();
        parts.push(after(transaction, keep));
        for (class, id) in self.project.referrers(gone.id)? {
            let Some(old) = self.project.record(class, id)? else {
                continue;
            };
            let at = position(&old).or_else(|| vertices(gone).first().copied());
            let nearest = at.and_then(|at| self.nearest(&parts, [at[0], at[1]]));
            let Some((part, distance_m)) = nearest else {
                continue;
            };
            let before = after(transaction, &old);
            let mut new = before.clone();
            let links = &mut new.links;
            if links.on_pipe == Some(gone.id) {
                links.on_pipe = Some(part);
                links.on_pipe_distance_m = links.on_pipe_distance_m.map(|_| distance_m);
            }
            if links.flow_to == Some(gone.id) {
                links.flow_to = Some(part);
            }
            for inlet in &mut links.inlet_pipes {
                if *inlet == gone.id {
                    *inlet = part;
                }
            }
            links.inlet_pipes.dedup();
            transaction.change(self.schema(), &before, &new);
        }
        Ok(())
    }

    /// The pipe nearest to a place, and how far along its recorded length that is.
    fn nearest(&self, pipes: &[Feature], at: [f64; 2]) -> Option<(FeatureId, f64)> {
        let metric = self.metric(at);
        let feet = pipes.iter().filter_map(|pipe| {
            let line = flat(vertices(pipe));
            let foot = metric.foot_point(&line, at)?;
            let drawn_m = metric.length_m(&line);
            let recorded_m = self.number(pipe, "length_m").filter(|m| *m > 0.0);
            let along_m = foot.along_m * recorded_m.map_or(1.0, |m| m / drawn_m);
            Some((foot.distance_m, pipe.id, along_m))
        });
        feet.min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, id, along_m)| (id, along_m))
    }

    /// Two pipes that run together for a stretch are cut where they part, so that the stretch is two pipes of its own.
    pub(super) fn cut_overlap(&mut self, first: &str, second: &str) -> Result<Transaction> {
        let first = self.find_kind(first, GeometryKind::Line)?;
        let second = self.find_kind(second, GeometryKind::Line)?;
        if first.id == second.id {
            return Err(self.refuse("edit.error.same_pipe", &first));
        }
        let pair = [self.whole(first)?, self.whole(second)?];
        let tolerance_m = self.options.end_tolerance_m;
        let mut cuts: [Vec<Cut>; 2] = [Vec::new(), Vec::new()];
        let mut codes = std::collections::HashMap::new();
        for along_m in partings(&pair, tolerance_m) {
            let (node, is_there) = self.joint_at(&pair[0], along_m, "junction", &Map::new(), &mut codes)?;
            let at = position(&node).unwrap_or([f64::NAN; 3]);
            let mut is_there = is_there;
            for (whole, cuts) in pair.iter().zip(&mut cuts) {
                let Some(foot) = whole.foot(at) else { continue };
                if foot.along_m > tolerance_m && foot.along_m < whole.drawn_m - tolerance_m {
                    cuts.push(Cut {
                        along_m: foot.along_m,
                        node: node.clone(),
                        is_there,
                    });
                    is_there = true;
                }
            }
        }
        if cuts.iter().all(Vec::is_empty) {
            return Err(Error::bad_input(
                Message::new("edit.error.no_overlap")
                    .with("feature", self.project.name_of(&pair[0].pipe))
                    .with("pipe", self.project.name_of(&pair[1].pipe)),
            ));
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.cut_overlap")
                .with("feature", self.project.name_of(&pair[0].pipe))
                .with("pipe", self.project.name_of(&pair[1].pipe)),
        );
        for (whole, mut cuts) in pair.iter().zip(cuts) {
            cuts.sort_by(|a, b| a.along_m.total_cmp(&b.along_m));
            if !cuts.is_empty() {
                self.cut(whole, &cuts, &mut transaction)?;
            }
        }
        Ok(transaction)
    }

    /// The recorded length becomes the drawn one; devices on the pipe keep their share of it.
    pub(super) fn record_length(&mut self, name: &str) -> Result<Transaction> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        let whole = self.whole(pipe)?;
        let field = self.field(&whole.pipe, "length_m");
        let field = field.ok_or_else(|| super::refuse("edit.error.no_record", "length_m"))?;
        let mut new = whole.pipe.clone();
        new.values[field] = Value::Real(whole.drawn_m);
        let mut transaction = Self::begin("edit.name.record_length", &self.project.name_of(&whole.pipe));
        transaction.change(self.schema(), &whole.pipe, &new);
        self.follow(&whole, &new, &[], &mut transaction)?;
        Ok(transaction)
    }

    /// Which way water leaves a one-way device: through a pipe, or towards a node.
    pub(super) fn set_flow(&mut self, node: &str, to: &str) -> Result<Transaction> {
        let old = self.find_kind(node, GeometryKind::Point)?;
        let target = self.find(to)?;
        let mut new = old.clone();
        new.links.flow_to = Some(target.id);
        Ok(self.changed("edit.name.set_flow", &old, &new))
    }

    /// Which pipes only fill a source.
    pub(super) fn set_inlets(&mut self, node: &str, pipes: &[String]) -> Result<Transaction> {
        let old = self.find_kind(node, GeometryKind::Point)?;
        let mut new = old.clone();
        new.links.inlet_pipes.clear();
        for pipe in pipes {
            let pipe = self.find_kind(pipe, GeometryKind::Line)?;
            new.links.inlet_pipes.push(pipe.id);
        }
        Ok(self.changed("edit.name.set_inlets", &old, &new))
    }

    /// A device names no pipe any more; where it lies on one it is joined to it by that.
    pub(super) fn let_go_of_pipe(&mut self, node: &str) -> Result<Transaction> {
        let old = self.find_kind(node, GeometryKind::Point)?;
        let mut new = old.clone();
        (new.links.on_pipe, new.links.on_pipe_distance_m) = (None, None);
        Ok(self.changed("edit.name.let_go", &old, &new))
    }

    fn changed(&self, key: &'static str, old: &Feature, new: &Feature) -> Transaction {
        let mut transaction = Self::begin(key, &self.project.name_of(old));
        transaction.change(self.schema(), old, new);
        transaction
    }

    /// A feature that shares its id with one in another table gets one of its own; links go on naming the other.
    pub(super) fn renumber(&mut self, class: &str, feature: &str) -> Result<Transaction> {
        let (class, _) = self
            .schema()
            .resolve_class(class)
            .ok_or_else(|| super::refuse("edit.error.no_class", class))?;
        let id = FeatureId::parse(feature.trim());
        let old = id.map(|id| self.project.record(class, id)).transpose()?.flatten();
        let old = old.ok_or_else(|| super::refuse("edit.error.unknown", feature))?;
        let mut new = old.clone();
        new.id = self.ids.next_id();
        let mut transaction = Self::begin("edit.name.renumber", &self.project.name_of(&old));
        transaction.edits.push(Edit::Delete(old));
        transaction.edits.push(Edit::Insert(new));
        Ok(transaction)
    }
}

/// A feature as a transaction leaves it so far.
fn after(transaction: &Transaction, feature: &Feature) -> Feature {
    let mut now = feature.clone();
    for edit in &transaction.edits {
        if let Edit::Update(update) = edit
            && update.id == feature.id
        {
            for change in &update.cells {
                change.cell.put(&mut now, &change.new);
            }
        }
    }
    now
}

/// Places along the first of two pipes where a stretch that lies on the second begins or ends.
fn partings(pair: &[Whole; 2], tolerance_m: f64) -> Vec<f64> {
    let [first, second] = pair;
    let is_on = |at: [f64; 3]| second.foot(at).is_some_and(|foot| foot.distance_m <= tolerance_m);
    let feet = second.line.iter().filter_map(|p| first.foot(*p));
    let near = feet.filter(|foot| foot.distance_m <= tolerance_m);
    let mut places: Vec<f64> = near.map(|foot| foot.along_m).collect();
    places.extend(first.line.iter().filter_map(|p| Some(first.foot(*p)?.along_m)));
    places.sort_by(f64::total_cmp);
    places.dedup_by(|b, a| *b - *a <= tolerance_m);
    let covered: Vec<bool> = places
        .windows(2)
        .map(|w| is_on(first.point_at(f64::midpoint(w[0], w[1]))))
        .collect();
    let is_covered = |i: Option<usize>| i.and_then(|i| covered.get(i)).copied().unwrap_or(false);
    places
        .iter()
        .enumerate()
        .filter(|(i, _)| is_covered(i.checked_sub(1)) != is_covered(Some(*i)))
        .map(|(_, along_m)| *along_m)
        .collect()
}
