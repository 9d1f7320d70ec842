//! 延伸 and 修剪: an end of a pipe goes on straight to another pipe, or back to where it crosses it, and is joined there.

use serde_json::Map;

use super::split::{Cut, Whole};
use super::{PipeEnd, Work, flat};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry};
use crate::network::snap::crossing;
use crate::schema::GeometryKind;
use crate::text::Message;

/// How far an end may be drawn out, in lengths of the box around both pipes.
const FAR: f64 = 2.0;

impl Work<'_> {
    pub(super) fn reach(&mut self, name: &str, end: PipeEnd, into: &str) -> Result<Transaction> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        let into = self.find_kind(into, GeometryKind::Line)?;
        if pipe.id == into.id {
            return Err(self.refuse("edit.error.same_pipe", &pipe));
        }
        let own = self.own_node(&pipe, end)?;
        let (whole, into) = (self.whole(pipe)?, self.whole(into)?);
        let (line, at) = reached(&whole, end, &into).ok_or_else(|| {
            Error::bad_input(
                Message::new("edit.error.no_meeting")
                    .with("feature", self.project.name_of(&whole.pipe))
                    .with("pipe", self.project.name_of(&into.pipe)),
            )
        })?;
        let mut transaction = Transaction::new(
            Message::new("edit.name.reach")
                .with("feature", self.project.name_of(&whole.pipe))
                .with("pipe", self.project.name_of(&into.pipe)),
        );
        let joint = self.meeting_node(at, own.as_ref(), &into, &mut transaction)?;
        let mut new = self.redrawn(&whole.pipe, line)?;
        let link = match end {
            PipeEnd::From => &mut new.links.from,
            PipeEnd::To => &mut new.links.to,
        };
        // A pipe that is joined by place stays so.
        if link.is_some() {
            *link = Some(joint);
        }
        transaction.change(self.schema(), &whole.pipe, &new);
        let left = own.as_ref().map(|own| own.id).filter(|own| *own != joint);
        let ends = left.map(|left| [left, joint]);
        self.follow(&whole, &new, ends.as_slice(), &mut transaction)?;
        if let Some(own) = own.filter(|own| own.id != joint) {
            self.leave(own, &whole.pipe, &mut transaction)?;
        }
        Ok(transaction)
    }

    /// The node at an end of a pipe that has no other pipes.
    fn own_node(&self, pipe: &Feature, end: PipeEnd) -> Result<Option<Feature>> {
        let Some(id) = self.end_node(pipe, end)? else {
            return Ok(None);
        };
        let Some(node) = self.project.feature(id)? else {
            return Ok(None);
        };
        if self.pipes_at(&node)?.len() > 1 {
            return Err(Error::bad_input(
                Message::new("edit.error.end_joined")
                    .with("feature", self.project.name_of(pipe))
                    .with("node", self.project.name_of(&node)),
            ));
        }
        Ok(Some(node))
    }

    /// The node in which the two pipes meet: the one that stands there, the end's own, or a new one; it cuts the other
    /// pipe where it has no end there.
    fn meeting_node(
        &mut self,
        at: [f64; 2],
        own: Option<&Feature>,
        into: &Whole,
        transaction: &mut Transaction,
    ) -> Result<FeatureId> {
        let tolerance_m = self.options.end_tolerance_m;
        let near = self.nodes_near(at, tolerance_m)?;
        let there = near
            .into_iter()
            .find(|(node, _)| own.is_none_or(|own| own.id != node.id));
        if let Some((there, _)) = there {
            return Ok(there.id);
        }
        let foot = into
            .foot([at[0], at[1], f64::NAN])
            .ok_or_else(|| self.refuse("edit.error.no_place", &into.pipe))?;
        let is_inside = foot.along_m > tolerance_m && foot.along_m < into.drawn_m - tolerance_m;
        let place = into.point_at(foot.along_m);
        let node = if let Some(own) = own {
            let mut moved = own.clone();
            let z = self.place_of(own)?[2];
            moved.geometry = Some(Geometry::Point([at[0], at[1], z]));
            transaction.change(self.schema(), own, &moved);
            moved
        } else {
            let class = if is_inside { "tee" } else { "junction" };
            let mut node = self.new_node(class, &Map::new())?;
            node.geometry = Some(Geometry::Point([at[0], at[1], place[2]]));
            self.take_diameter(&mut node, &into.pipe);
            self.give_code(&mut node)?;
            node
        };
        let id = node.id;
        if is_inside {
            let cut = Cut {
                along_m: foot.along_m,
                node,
                is_there: own.is_some(),
            };
            self.cut(into, &[cut], transaction)?;
        } else if own.is_none() {
            transaction.edits.push(Edit::Insert(node));
        }
        Ok(id)
    }

    /// A node that its only pipe has left goes, unless something else names it.
    fn leave(&mut self, node: Feature, pipe: &Feature, transaction: &mut Transaction) -> Result<()> {
        let referrers = self.project.referrers(node.id)?;
        if referrers.iter().all(|(_, id)| *id == pipe.id) {
            transaction.edits.push(Edit::Delete(node));
        } else {
            let note = Message::new("edit.note.left_alone").with("feature", self.project.name_of(&node));
            self.notes.push(note);
        }
        Ok(())
    }
}

/// The line of the pipe as far as the other one, and the place where they meet: the crossing nearest to the end, else the
/// first one that the last stretch comes to when it is drawn out.
fn reached(whole: &Whole, end: PipeEnd, into: &Whole) -> Option<(Vec<[f64; 3]>, [f64; 2])> {
    let mut line = whole.line.clone();
    if end == PipeEnd::From {
        line.reverse();
    }
    let other = flat(&into.line);
    let metric = whole.metric;
    let back = (1..line.len()).rev().find_map(|i| {
        let stretch = [[line[i - 1][0], line[i - 1][1]], [line[i][0], line[i][1]]];
        let met = meetings(stretch, &other);
        let away = |p: &[f64; 2]| metric.distance_m(*p, stretch[1]);
        let at = met.into_iter().min_by(|a, b| away(a).total_cmp(&away(b)))?;
        Some((i, at))
    });
    let (keep, at) = match back {
        Some(found) => found,
        None => (line.len() - 1, ahead(&line, &other, whole, into)?),
    };
    line.truncate(keep);
    line.push([at[0], at[1], f64::NAN]);
    if end == PipeEnd::From {
        line.reverse();
    }
    Some((line, at))
}

fn meetings(stretch: [[f64; 2]; 2], other: &[[f64; 2]]) -> Vec<[f64; 2]> {
    other
        .windows(2)
        .filter_map(|w| crossing(stretch, [w[0], w[1]]))
        .collect()
}

/// Where the last stretch, drawn out, comes to the other line first.
fn ahead(line: &[[f64; 3]], other: &[[f64; 2]], whole: &Whole, into: &Whole) -> Option<[f64; 2]> {
    let [.., before, last] = line else { return None };
    let from = [last[0], last[1]];
    let metric = whole.metric;
    let length_m = metric.distance_m([before[0], before[1]], from);
    let to_other_m = metric.foot_point(other, from)?.distance_m;
    let reach_m = FAR * (to_other_m + into.drawn_m + whole.drawn_m);
    if length_m <= 0.0 {
        return None;
    }
    let far = [0, 1].map(|axis| from[axis] + (last[axis] - before[axis]) * reach_m / length_m);
    let met = meetings([from, far], other);
    let away = |p: &[f64; 2]| metric.distance_m(*p, from);
    met.into_iter().min_by(|a, b| away(a).total_cmp(&away(b)))
}
