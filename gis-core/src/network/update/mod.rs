//! The next state of a network after features came, changed or went: only what the change can reach is joined anew, by
//! the rules of `joining`. A network that was updated answers as one that was put together at once.
//!
//! First everything that depended on the old form of a feature is marked, then the features are written, then what
//! depends on their new form is marked; then ends are found, nodes seated, pipes cut, devices given their direction.

mod pieces;
mod seats;
mod write;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::columns::Step;
use super::joining::{Candidate, Seat, joint, unknown_end};
use super::patch::{NodePatch, PipePatch, VertexPatch};
use super::{LifeState, Network, NodeIndex, NodeInput, PipeIndex, PipeInput};
use crate::ids::FeatureId;
use crate::issue::Issue;

/// What has become of one feature.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// A node as it is now, new or changed.
    Node(NodeInput<'a>),
    /// A pipe as it is now, new or changed.
    Pipe(PipeInput<'a>),
    /// A feature that is no more.
    Gone(FeatureId),
}

/// A network after a change, and which features lie differently in it: those that changed, and those that are joined
/// otherwise or cut at other places.
#[derive(Debug)]
pub struct Update {
    pub network: Network,
    pub nodes: Vec<NodeIndex>,
    pub pipes: Vec<PipeIndex>,
    /// What the network before had and this one lacks.
    pub gone_nodes: Vec<NodeIndex>,
    pub gone_pipes: Vec<PipeIndex>,
}

impl Change<'_> {
    fn id(&self) -> FeatureId {
        match self {
            Self::Node(node) => node.id,
            Self::Pipe(pipe) => pipe.id,
            Self::Gone(id) => *id,
        }
    }
}

impl Network {
    /// The network after changes that happened together. Each feature may come once.
    #[must_use]
    pub fn updated(&self, changes: &[Change<'_>]) -> Update {
        let mut updater = Updater {
            old: self,
            new: self.clone(),
            changed: BTreeSet::new(),
            ends: BTreeSet::new(),
            reseat: BTreeSet::new(),
            recut: BTreeSet::new(),
            redirect: BTreeSet::new(),
            described: BTreeSet::new(),
            ending: HashMap::new(),
            seats: BTreeMap::new(),
            is_regrouped: false,
        };
        updater.new.patch.is_used = true;
        for change in changes {
            updater.leave(change.id());
        }
        for change in changes {
            updater.write(change);
        }
        updater.find_ends();
        updater.seat_nodes();
        updater.cut_pipes();
        updater.direct_devices();
        if updater.is_regrouped {
            updater.new.supply = Arc::new(OnceLock::new());
        }
        let new = &updater.new;
        let (nodes, gone_nodes) = (&updater.reseat | &updater.changed)
            .into_iter()
            .map(NodeIndex)
            .partition(|n| new.is_node(n.0));
        let (pipes, gone_pipes) = (&updater.recut | &updater.described)
            .into_iter()
            .map(PipeIndex)
            .partition(|p| new.is_pipe(p.0));
        Update {
            nodes,
            pipes,
            gone_nodes,
            gone_pipes,
            network: updater.new,
        }
    }
}

struct Updater<'a> {
    old: &'a Network,
    new: Network,
    /// Nodes that steer water otherwise, or elsewhere, than before.
    changed: BTreeSet<u32>,
    /// Pipes whose ends have to be found again.
    ends: BTreeSet<u32>,
    /// Nodes whose place on pipes has to be found again.
    reseat: BTreeSet<u32>,
    /// Pipes that are cut anew.
    recut: BTreeSet<u32>,
    /// Pipes of which only something else is told than before.
    described: BTreeSet<u32>,
    /// Nodes around which pieces have changed.
    redirect: BTreeSet<u32>,
    /// Pipes that end in a node now, of those whose ends were looked for.
    ending: HashMap<u32, Vec<u32>>,
    seats: BTreeMap<u32, Seat>,
    /// Whether water may flow otherwise than before.
    is_regrouped: bool,
}

impl Updater<'_> {
    /// Marks what depends on the old form of a feature.
    fn leave(&mut self, id: FeatureId) {
        if let Some(node) = self.old.node_of_id(id) {
            self.mark_ends_near(self.old.position(node));
            for piece in self.old.pieces_at(node) {
                let pipe = self.old.piece_pipe(*piece);
                if self.old.pipe_ends(pipe).contains(&node) {
                    self.ends.insert(pipe.0);
                }
            }
            self.recut.extend(self.hosts_before(node).0);
        }
        if let Some(pipe) = self.old.pipe_of_id(id) {
            self.reseat.extend(self.sitting_before(pipe));
            let ends = self.old.pipe_ends(pipe);
            self.reseat.extend(ends.iter().map(|n| n.0));
        }
    }

    /// Marks pipes that end at a place.
    fn mark_ends_near(&mut self, place: [f64; 2]) {
        if !(place[0].is_finite() && place[1].is_finite()) {
            return;
        }
        let tolerance_m = self.new.options.end_tolerance_m;
        for pipe in self
            .new
            .search_pipes(self.new.metric.box_around(place, tolerance_m))
        {
            let line = self.new.pipe_vertices(PipeIndex(pipe));
            let is_near = |end: Option<&[f64; 2]>| {
                end.is_some_and(|p| self.new.metric.distance_m(*p, place) <= tolerance_m)
            };
            if is_near(line.first()) || is_near(line.last()) {
                self.ends.insert(pipe);
            }
        }
    }

    fn find_ends(&mut self) {
        let mut undrawn = Vec::new();
        for pipe in self.ends.clone() {
            if !self.new.is_pipe(pipe) {
                continue;
            }
            let before = self.new.pipe_ends(PipeIndex(pipe));
            let is_new = self.old.pipe_slots() as u32 <= pipe;
            let ends = self.ends_of(PipeIndex(pipe));
            if ends != before {
                self.edit_pipe(pipe).ends = ends;
            }
            if ends != before || is_new {
                self.recut.insert(pipe);
                let nodes = before.into_iter().chain(ends);
                self.reseat.extend(nodes.map(|n| n.0));
            }
            for end in ends {
                self.ending.entry(end.0).or_default().push(pipe);
            }
            if self.straighten(pipe, ends) {
                undrawn.push(pipe);
            }
        }
        for pipe in undrawn {
            if (pipe as usize) < self.old.pipe_slots() {
                self.reseat.extend(self.sitting_before(PipeIndex(pipe)));
            }
            self.mark_reach(PipeIndex(pipe));
        }
        self.reseat.retain(|n| self.new.is_node(*n));
    }

    fn ends_of(&mut self, pipe: PipeIndex) -> [NodeIndex; 2] {
        let line = self.new.pipe_vertices(pipe);
        let is_drawn = self
            .new
            .patch
            .pipes
            .get(pipe.0)
            .map_or_else(|| !self.new.columns.undrawn.contains_key(&pipe.0), |p| p.is_drawn);
        let places = [line.first(), line.last()].map(|p| p.copied().filter(|_| is_drawn));
        let named = self.new.named_ends(pipe);
        let now = self.new.pipe_ends(pipe);
        let mut issues = Vec::new();
        let mut ends = now;
        for side in 0..2 {
            let node = named[side].and_then(|id| self.new.node_of_id(id));
            ends[side] = if let Some(node) = node {
                node
            } else {
                if named[side].is_some() {
                    issues.push(unknown_end(self.new.pipe_code(pipe), places[side]));
                }
                self.vertex_at(places[side], now[side])
            };
        }
        self.find(self.new.pipe_id(pipe), Step::Ends, issues);
        ends
    }

    /// The node at a place, or the anonymous vertex there: the pipe's own, another pipe's, a new one.
    fn vertex_at(&mut self, place: Option<[f64; 2]>, now: NodeIndex) -> NodeIndex {
        let network = &self.new;
        let is_own = (now.0 as usize) < network.vertex_slots() && network.is_anonymous(now);
        let Some(place) = place.filter(|p| p[0].is_finite() && p[1].is_finite()) else {
            if is_own && network.position(now)[0].is_nan() {
                return now;
            }
            return self.new_vertex([f64::NAN; 2]);
        };
        let tolerance_m = network.options.end_tolerance_m;
        let around = network.metric.box_around(place, tolerance_m);
        let near = network.search_nodes(around).into_iter().map(|index| {
            let node = NodeIndex(index);
            Candidate {
                index,
                id: network.node_id(node),
                flags: network.node_flags(node),
                state: network.node_state(node),
                distance_m: network.metric.distance_m(network.position(node), place),
            }
        });
        if let Some(node) = joint(near, tolerance_m) {
            return NodeIndex(node);
        }
        let distance_m = |vertex: NodeIndex| network.metric.distance_m(network.position(vertex), place);
        let others = network
            .search_pipes(around)
            .into_iter()
            .flat_map(|pipe| network.pipe_ends(PipeIndex(pipe)));
        let found = others
            .chain(is_own.then_some(now))
            .filter(|v| (v.0 as usize) < network.vertex_slots() && network.is_anonymous(*v))
            .filter(|v| distance_m(*v) <= tolerance_m)
            .min_by(|a, b| distance_m(*a).total_cmp(&distance_m(*b)).then(a.cmp(b)));
        match found {
            Some(vertex) => vertex,
            None => self.new_vertex(place),
        }
    }

    fn new_vertex(&mut self, position: [f64; 2]) -> NodeIndex {
        let vertex = self.new.vertex_slots() as u32;
        self.new.patch.added_vertices += 1;
        let pieces = Vec::new();
        self.new
            .patch
            .vertices
            .set(vertex, VertexPatch { position, pieces });
        NodeIndex(vertex)
    }

    /// Draws a pipe of which only the ends are known; says whether it lies otherwise than before.
    fn straighten(&mut self, pipe: u32, ends: [NodeIndex; 2]) -> bool {
        let record = self.edit_pipe(pipe);
        if record.is_drawn {
            return false;
        }
        let has_length = record.has_length;
        let points = ends.map(|n| self.new.position(n));
        let line: &[[f64; 2]] = if points.iter().flatten().all(|v| v.is_finite()) {
            &points
        } else {
            &[]
        };
        if *self.new.pipe_vertices(PipeIndex(pipe)) == *line {
            return false;
        }
        let line: Arc<[[f64; 2]]> = line.into();
        self.lay_pipe(pipe, Arc::clone(&line));
        if !has_length {
            let length_m = self.new.metric.length_m(&line);
            self.edit_pipe(pipe).length_m = length_m;
        }
        self.recut.insert(pipe);
        true
    }

    /// Keeps what was found at a step of joining a feature, in place of what was found before.
    fn find(&mut self, id: FeatureId, step: Step, issues: Vec<Issue>) {
        let subject = (id, step);
        let findings = &mut self.new.patch.findings;
        let before = self.new.columns.findings.of.contains(&subject);
        if !issues.is_empty() || before {
            findings.insert(subject, issues);
        } else {
            findings.remove(&subject);
        }
    }

    fn edit_node(&mut self, i: u32) -> &mut NodePatch {
        self.new.patch.edit_node(&self.new.columns, self.new.metric, i)
    }

    fn edit_pipe(&mut self, i: u32) -> &mut PipePatch {
        self.new.patch.edit_pipe(&self.new.columns, self.new.metric, i)
    }

    /// Gives a pipe another line.
    fn lay_pipe(&mut self, i: u32, line: Arc<[[f64; 2]]>) {
        self.new
            .patch
            .lay_pipe(&self.new.columns, self.new.metric, i, line);
    }

    /// Nothing is wrong any more with a feature that is gone.
    fn forget_findings(&mut self, id: FeatureId) {
        for step in [Step::Ends, Step::Place, Step::Direction] {
            self.find(id, step, Vec::new());
        }
    }

    fn is_in_service(&self, pipe: u32) -> bool {
        self.new.is_pipe(pipe) && self.new.pipe_state(PipeIndex(pipe)) == LifeState::Operative
    }
}
