//! 修改管段: the vertices of a pipe, and which nodes it ends in. Its ends stay at their nodes, devices on it keep their
//! share of its length, and a recorded length that said what was drawn says so afterwards.

use serde::{Deserialize, Serialize};

use super::split::Whole;
use super::{Work, flat, position, refuse, vertices};
use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::Feature;
use crate::schema::GeometryKind;
use crate::text::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PipeEnd {
    From,
    To,
}

impl Work<'_> {
    pub(super) fn reshape(&mut self, name: &str, via: &[[f64; 2]]) -> Result<Transaction> {
        let whole = self.whole_named(name)?;
        let mut line = vec![whole.line[0]];
        for at in via {
            self.check_place(*at)?;
            line.push([at[0], at[1], f64::NAN]);
        }
        line.extend(whole.line.last());
        self.with_line(&whole, line)
    }

    pub(super) fn insert_vertex(
        &mut self,
        name: &str,
        at: [f64; 2],
        after: Option<usize>,
    ) -> Result<Transaction> {
        self.check_place(at)?;
        let whole = self.whole_named(name)?;
        if let Some(after) = after.filter(|after| after + 1 >= whole.line.len()) {
            return Err(self.no_vertex(&whole, after));
        }
        let mut line = whole.line.clone();
        let away = |w: &[[f64; 3]]| {
            let foot = whole.metric.foot_point(&flat(w), at);
            foot.map_or(f64::INFINITY, |foot| foot.distance_m)
        };
        let nearest =
            (0..line.len() - 1).min_by(|a, b| away(&line[*a..=a + 1]).total_cmp(&away(&line[*b..=b + 1])));
        line.insert(
            after.or(nearest).unwrap_or_default() + 1,
            [at[0], at[1], f64::NAN],
        );
        self.with_line(&whole, line)
    }

    pub(super) fn move_vertex(&mut self, name: &str, vertex: usize, to: [f64; 2]) -> Result<Transaction> {
        self.check_place(to)?;
        let whole = self.whole_named(name)?;
        let mut line = whole.line.clone();
        let at = self.inner(&whole, vertex)?;
        line[at] = [to[0], to[1], line[at][2]];
        self.with_line(&whole, line)
    }

    pub(super) fn delete_vertex(&mut self, name: &str, vertex: usize) -> Result<Transaction> {
        let whole = self.whole_named(name)?;
        let mut line = whole.line.clone();
        line.remove(self.inner(&whole, vertex)?);
        self.with_line(&whole, line)
    }

    fn whole_named(&self, name: &str) -> Result<Whole> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        self.whole(pipe)
    }

    /// A vertex that is no end.
    fn inner(&self, whole: &Whole, vertex: usize) -> Result<usize> {
        if vertex > 0 && vertex + 1 < whole.line.len() {
            return Ok(vertex);
        }
        Err(self.no_vertex(whole, vertex))
    }

    fn no_vertex(&self, whole: &Whole, vertex: usize) -> Error {
        Error::bad_input(
            Message::new("edit.error.vertex")
                .with("feature", self.project.name_of(&whole.pipe))
                .with("found", vertex)
                .with("count", whole.line.len()),
        )
    }

    fn with_line(&mut self, whole: &Whole, line: Vec<[f64; 3]>) -> Result<Transaction> {
        let mut transaction = Self::begin("edit.name.reshape", &self.project.name_of(&whole.pipe));
        let new = self.redrawn(&whole.pipe, line)?;
        transaction.change(self.schema(), &whole.pipe, &new);
        self.follow(whole, &new, &[], &mut transaction)?;
        Ok(transaction)
    }

    /// Devices on a pipe that got another line: those measured along it keep their share of its length; those that were
    /// joined by lying on it and no longer do are told. `ends` are nodes the pipe left and those it goes to instead.
    pub(super) fn follow(
        &mut self,
        whole: &Whole,
        new: &Feature,
        ends: &[[FeatureId; 2]],
        transaction: &mut Transaction,
    ) -> Result<()> {
        let after = self.whole(new.clone())?;
        let share = after.length_m / whole.length_m;
        let tolerance_m = self.options.end_tolerance_m;
        for (class, id) in self.project.referrers(whole.pipe.id)? {
            let Some(old) = self.project.record(class, id)? else {
                continue;
            };
            let mut device = old.clone();
            if old.links.on_pipe == Some(whole.pipe.id)
                && let Some(distance_m) = &mut device.links.on_pipe_distance_m
                && (share - 1.0).abs() > 1e-12
            {
                *distance_m *= share;
            }
            redirect(&mut device, ends);
            transaction.change(self.schema(), &old, &device);
        }
        for old in self.points_along(&whole.line, tolerance_m)? {
            let Some(at) = position(&old) else { continue };
            let is_linked = old.links.on_pipe.is_some();
            let was_on = whole.foot(at).is_some_and(|foot| foot.distance_m <= tolerance_m);
            if is_linked || !was_on {
                continue;
            }
            let is_on = after.foot(at).is_some_and(|foot| foot.distance_m <= tolerance_m);
            let is_end = ends.iter().any(|[left, _]| *left == old.id);
            if !is_on && !is_end {
                self.notes.push(
                    Message::new("edit.note.left_pipe")
                        .with("feature", self.project.name_of(&old))
                        .with("pipe", self.project.name_of(&whole.pipe)),
                );
            }
            if is_on {
                let mut device = old.clone();
                redirect(&mut device, ends);
                transaction.change(self.schema(), &old, &device);
            }
        }
        Ok(())
    }

    /// The end of a pipe leaves its node for another one.
    pub(super) fn attach_end(&mut self, name: &str, end: PipeEnd, node: &str) -> Result<Transaction> {
        let whole = self.whole_named(name)?;
        let node = self.find_kind(node, GeometryKind::Point)?;
        let at = self.place_of(&node)?;
        let mut line = whole.line.clone();
        let last = line.len() - 1;
        let (moved, fixed) = match end {
            PipeEnd::From => (0, last),
            PipeEnd::To => (last, 0),
        };
        let left = self.end_node(&whole.pipe, end)?;
        let other = self.end_node(
            &whole.pipe,
            match end {
                PipeEnd::From => PipeEnd::To,
                PipeEnd::To => PipeEnd::From,
            },
        )?;
        let far = line[fixed];
        let is_both_ends = other == Some(node.id)
            || whole.metric.distance_m([far[0], far[1]], [at[0], at[1]]) <= self.options.end_tolerance_m;
        if is_both_ends {
            return Err(refuse("edit.error.zero_length", &self.project.name_of(&node)));
        }
        line[moved] = [at[0], at[1], line[moved][2]];
        let mut new = self.redrawn(&whole.pipe, line)?;
        let (link, _) = match end {
            PipeEnd::From => (&mut new.links.from, &new.links.to),
            PipeEnd::To => (&mut new.links.to, &new.links.from),
        };
        // A pipe that is joined by place stays so.
        if link.is_some() {
            *link = Some(node.id);
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.attach_end")
                .with("feature", self.project.name_of(&whole.pipe))
                .with("node", self.project.name_of(&node)),
        );
        transaction.change(self.schema(), &whole.pipe, &new);
        let ends = left.map(|left| [left, node.id]);
        self.follow(&whole, &new, ends.as_slice(), &mut transaction)?;
        Ok(transaction)
    }

    /// The node in which an end of a pipe lies, by link or by place.
    pub(super) fn end_node(&self, pipe: &Feature, end: PipeEnd) -> Result<Option<FeatureId>> {
        let line = vertices(pipe);
        let (link, place) = match end {
            PipeEnd::From => (pipe.links.from, line.first()),
            PipeEnd::To => (pipe.links.to, line.last()),
        };
        if link.is_some() {
            return Ok(link);
        }
        let Some(place) = place else { return Ok(None) };
        let near = self.nodes_near([place[0], place[1]], self.options.end_tolerance_m)?;
        Ok(near.first().map(|(node, _)| node.id))
    }
}

fn redirect(device: &mut Feature, ends: &[[FeatureId; 2]]) {
    let end = ends.iter().find(|[left, _]| device.links.flow_to == Some(*left));
    if let Some([_, taken]) = end {
        device.links.flow_to = Some(*taken);
    }
}
