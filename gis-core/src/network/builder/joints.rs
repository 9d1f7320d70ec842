//! Finds the nodes that pipes end in: those the data name, else what lies at the end, else a vertex of its own.

use std::collections::HashMap;

use super::{NetworkOptions, Nodes, Pipes};
use crate::ids::FeatureId;
use crate::issue::Issue;
use crate::network::columns::Step;
use crate::network::joining::{Candidate, joint, unknown_end};
use crate::network::spatial::PackedTree;
use crate::network::{LifeState, Metric, NONE, NodeIndex};

/// Finds the end nodes of pipes.
pub(super) struct Joints<'a> {
    metric: Metric,
    options: NetworkOptions,
    nodes: &'a mut Nodes,
    pipes: &'a Pipes,
    node_tree: &'a PackedTree,
    pub(super) ends: Vec<[NodeIndex; 2]>,
    /// Ends that the data name and that are there.
    pub(super) named: Vec<[bool; 2]>,
    /// What the data name where one end is not there.
    pub(super) unknown: HashMap<u32, [Option<FeatureId>; 2]>,
    pub(super) degree: Vec<u32>,
    anonymous: HashMap<(i64, i64), Vec<u32>>,
    pub(super) findings: Vec<(Option<(FeatureId, Step)>, Issue)>,
}

impl<'a> Joints<'a> {
    pub(super) fn new(
        metric: Metric,
        options: NetworkOptions,
        nodes: &'a mut Nodes,
        pipes: &'a Pipes,
        node_tree: &'a PackedTree,
    ) -> Self {
        let (pipe_count, node_count) = (pipes.ids.len(), nodes.ids.len());
        Self {
            metric,
            options,
            nodes,
            pipes,
            node_tree,
            ends: Vec::with_capacity(pipe_count),
            named: Vec::with_capacity(pipe_count),
            unknown: HashMap::new(),
            degree: vec![0; node_count],
            anonymous: HashMap::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn resolve_ends(&mut self) {
        let node_of: HashMap<FeatureId, u32> = if self.pipes.ends.iter().flatten().any(Option::is_some) {
            self.nodes
                .ids
                .iter()
                .enumerate()
                .map(|(i, id)| (*id, i as u32))
                .collect()
        } else {
            HashMap::new()
        };
        for pipe in 0..self.pipes.ids.len() {
            let line = &self.pipes.vertices
                [self.pipes.vertex_start[pipe] as usize..self.pipes.vertex_start[pipe + 1] as usize];
            let places = [line.first().copied(), line.last().copied()];
            let mut ends = [NodeIndex(NONE); 2];
            let mut is_named = [false; 2];
            for side in 0..2 {
                let name = self.pipes.ends[pipe][side];
                ends[side] = if let Some(&node) = name.and_then(|id| node_of.get(&id)) {
                    is_named[side] = true;
                    NodeIndex(node)
                } else {
                    if name.is_some() {
                        let subject = Some((self.pipes.ids[pipe], Step::Ends));
                        let issue = unknown_end(self.pipes.codes.get(pipe), places[side]);
                        self.findings.push((subject, issue));
                        self.unknown.insert(pipe as u32, self.pipes.ends[pipe]);
                    }
                    self.vertex_at(places[side])
                };
            }
            self.named.push(is_named);
            if self.pipes.state[pipe] == LifeState::Operative {
                for end in ends {
                    if let Some(degree) = self.degree.get_mut(end.0 as usize) {
                        *degree += 1;
                    }
                }
            }
            self.ends.push(ends);
        }
    }

    /// The node at a place, or an anonymous vertex; a pipe end without a place gets a vertex of its own.
    fn vertex_at(&mut self, place: Option<[f64; 2]>) -> NodeIndex {
        let Some(place) = place.filter(|p| p[0].is_finite() && p[1].is_finite()) else {
            return self.new_vertex([f64::NAN; 2]);
        };
        let tolerance_m = self.options.end_tolerance_m;
        let near = self
            .node_tree
            .search(self.metric.box_around(place, tolerance_m))
            .into_iter()
            .map(|index| {
                let i = index as usize;
                Candidate {
                    index,
                    id: self.nodes.ids[i],
                    flags: self.nodes.flags[i],
                    state: self.nodes.state[i],
                    distance_m: self.metric.distance_m(self.nodes.positions[i], place),
                }
            });
        if let Some(node) = joint(near, tolerance_m) {
            return NodeIndex(node);
        }
        let cell = [place[0] * self.metric.x_m, place[1] * self.metric.y_m]
            .map(|v| (v / tolerance_m.max(1e-9)).floor() as i64);
        for dx in -1..=1 {
            for dy in -1..=1 {
                for &vertex in self
                    .anonymous
                    .get(&(cell[0] + dx, cell[1] + dy))
                    .into_iter()
                    .flatten()
                {
                    if self
                        .metric
                        .distance_m(self.nodes.positions[vertex as usize], place)
                        <= tolerance_m
                    {
                        return NodeIndex(vertex);
                    }
                }
            }
        }
        let vertex = self.new_vertex(place);
        self.anonymous
            .entry((cell[0], cell[1]))
            .or_default()
            .push(vertex.0);
        vertex
    }

    fn new_vertex(&mut self, place: [f64; 2]) -> NodeIndex {
        let vertex = NodeIndex(self.nodes.positions.len() as u32);
        self.nodes.positions.push(place);
        vertex
    }
}
