//! Offset copy: pipes beside pipes, with nodes of their own where the first ones have theirs.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value as Json};

use super::codes::Taken;
use super::{PipeEnd, Work, flat, position, vertices};
use crate::drafting::{Beside, parallel_of};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Links, Value};
use crate::network::Metric;
use crate::schema::GeometryKind;
use crate::text::Message;

/// Pipes one after the other, each as it runs in the run, with the nodes between.
struct Run {
    pipes: Vec<Feature>,
    line: Vec<[f64; 2]>,
    /// The vertices in which a pipe of it ends and the next begins.
    joints: Vec<usize>,
}

impl Work<'_> {
    /// Copies of pipes to the right of their direction, to the left where negative. Pipes that follow each other are
    /// copied as one run, so that the copies meet.
    pub(super) fn copy_beside(
        &mut self,
        names: &[String],
        offset_m: f64,
        class: &str,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        if !offset_m.is_finite() || offset_m.abs() <= self.options.end_tolerance_m {
            return Err(Error::bad_input(
                Message::new("edit.error.offset").with("found", offset_m),
            ));
        }
        let mut transaction = Self::begin("edit.name.copy_beside", &self.called(names, ", ")?);
        let mut codes = Taken::new();
        for run in self.runs(names)? {
            let metric = self.metric(run.line[0]);
            let found = parallel_of(metric, &run.line, offset_m)
                .ok_or_else(|| self.refuse("edit.error.no_room", &run.pipes[0]))?;
            let cuts_m = along(metric, &found, &run.joints);
            let beside: Vec<[f64; 2]> = found.iter().map(|one| one.place).collect();
            let mut nodes = Vec::with_capacity(run.pipes.len() + 1);
            let total_m = metric.length_m(&beside);
            for at_m in [0.0].into_iter().chain(cuts_m.iter().copied()).chain([total_m]) {
                let at = metric.point_along(&beside, at_m).unwrap_or(beside[0]);
                nodes.push(self.node_at(at, class, &mut codes, &mut transaction)?);
            }
            let mut from_m = 0.0;
            for (i, pipe) in run.pipes.iter().enumerate() {
                let to_m = cuts_m.get(i).copied().unwrap_or(total_m);
                if to_m - from_m <= self.options.end_tolerance_m {
                    return Err(self.refuse("edit.error.no_room", pipe));
                }
                let ends = [&nodes[i], &nodes[i + 1]];
                let line = metric.stretch(&beside, from_m, to_m);
                let copy = self.copy_of(pipe, line, ends, given, &mut codes)?;
                transaction.edits.push(Edit::Insert(copy));
                from_m = to_m;
            }
        }
        Ok(transaction)
    }

    fn copy_of(
        &mut self,
        pipe: &Feature,
        line: Vec<[f64; 2]>,
        ends: [&Feature; 2],
        given: &Map<String, Json>,
        codes: &mut Taken,
    ) -> Result<Feature> {
        let mut copy = pipe.clone();
        copy.id = self.ids.next_id();
        let mut line: Vec<[f64; 3]> = line.into_iter().map(|p| [p[0], p[1], f64::NAN]).collect();
        for (end, at) in [(0, ends[0]), (line.len() - 1, ends[1])] {
            line[end] = self.place_of(at)?;
        }
        copy.geometry = Some(Geometry::Line(line));
        copy.links = Links {
            from: Some(ends[0].id),
            to: Some(ends[1].id),
            ..Links::default()
        };
        // What was measured of the other pipe says nothing of this one.
        for key in [
            "length_m",
            "depth_from_m",
            "depth_to_m",
            "elevation_from_m",
            "elevation_to_m",
        ] {
            if let Some(field) = self.field(&copy, key) {
                copy.values[field] = Value::Null;
            }
        }
        self.rename(&mut copy, codes)?;
        self.fill(&mut copy, given)?;
        Ok(copy)
    }

    /// The node that stands at a place, or a new one of a class.
    fn node_at(
        &mut self,
        at: [f64; 2],
        class: &str,
        codes: &mut Taken,
        transaction: &mut Transaction,
    ) -> Result<Feature> {
        let there = self.nodes_near(at, self.options.end_tolerance_m)?;
        if let Some((there, _)) = there.into_iter().next() {
            return Ok(there);
        }
        let is_same = |feature: &Feature| {
            position(feature)
                .is_some_and(|p| self.metric(at).distance_m([p[0], p[1]], at) <= self.options.end_tolerance_m)
        };
        let made = transaction.edits.iter().find_map(|edit| match edit {
            Edit::Insert(feature) if is_same(feature) => Some(feature.clone()),
            _ => None,
        });
        if let Some(made) = made {
            return Ok(made);
        }
        let mut node = self.new_node(class, &Map::new())?;
        node.geometry = Some(Geometry::Point([at[0], at[1], f64::NAN]));
        self.give_code_apart(&mut node, codes)?;
        transaction.edits.push(Edit::Insert(node.clone()));
        Ok(node)
    }

    /// The pipes in runs: one pipe leads on to the next where the two alone of them meet.
    fn runs(&self, names: &[String]) -> Result<Vec<Run>> {
        let mut left: BTreeMap<FeatureId, Feature> = BTreeMap::new();
        let mut order = Vec::new();
        for name in names {
            let pipe = self.find_kind(name, GeometryKind::Line)?;
            if vertices(&pipe).len() < 2 {
                return Err(self.refuse("edit.error.no_place", &pipe));
            }
            if left.insert(pipe.id, pipe.clone()).is_none() {
                order.push(pipe.id);
            }
        }
        let mut meeting: BTreeMap<FeatureId, usize> = BTreeMap::new();
        for pipe in left.values() {
            for end in self.ends(pipe)? {
                *meeting.entry(end).or_default() += 1;
            }
        }
        let mut runs = Vec::new();
        for id in order {
            let Some(pipe) = left.remove(&id) else { continue };
            let [from, to] = self.ends_of_pipe(&pipe)?;
            let mut pipes = VecDeque::from([pipe]);
            for (mut end, is_forward) in [(to, true), (from, false)] {
                while let Some(node) = end.filter(|node| meeting.get(node) == Some(&2)) {
                    let Some(next) = self.next_at(node, &left)? else {
                        break;
                    };
                    let Some(next) = left.remove(&next) else { break };
                    let [a, b] = self.ends_of_pipe(&next)?;
                    let is_turned = if is_forward {
                        b == Some(node)
                    } else {
                        a == Some(node)
                    };
                    end = if a == Some(node) { b } else { a };
                    let next = if is_turned { self.turned(&next) } else { next };
                    if is_forward {
                        pipes.push_back(next);
                    } else {
                        pipes.push_front(next);
                    }
                }
            }
            runs.push(Run::of(pipes.into()));
        }
        Ok(runs)
    }

    fn next_at(&self, node: FeatureId, left: &BTreeMap<FeatureId, Feature>) -> Result<Option<FeatureId>> {
        for (id, pipe) in left {
            if self.ends(pipe)?.contains(&node) {
                return Ok(Some(*id));
            }
        }
        Ok(None)
    }

    fn ends(&self, pipe: &Feature) -> Result<Vec<FeatureId>> {
        Ok(self.ends_of_pipe(pipe)?.into_iter().flatten().collect())
    }

    fn ends_of_pipe(&self, pipe: &Feature) -> Result<[Option<FeatureId>; 2]> {
        Ok([
            self.end_node(pipe, PipeEnd::From)?,
            self.end_node(pipe, PipeEnd::To)?,
        ])
    }
}

impl Run {
    fn of(pipes: Vec<Feature>) -> Self {
        let mut line: Vec<[f64; 2]> = Vec::new();
        let mut joints = Vec::new();
        for pipe in &pipes {
            joints.extend(line.len().checked_sub(1));
            let rest = flat(vertices(pipe));
            line.extend(rest.into_iter().skip(usize::from(!line.is_empty())));
        }
        Self { pipes, line, joints }
    }
}

/// How far along a parallel the joints of the other line lie.
fn along(metric: Metric, beside: &[Beside], joints: &[usize]) -> Vec<f64> {
    let mut along_m = 0.0;
    let mut left = joints.iter().peekable();
    let mut found = Vec::with_capacity(joints.len());
    for (i, one) in beside.iter().enumerate() {
        if i > 0 {
            along_m += metric.distance_m(beside[i - 1].place, one.place);
        }
        while left.next_if(|joint| **joint <= one.of).is_some() {
            found.push(along_m);
        }
    }
    found
}
