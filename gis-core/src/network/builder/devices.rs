//! Where devices and customers sit on pipes, for all nodes at once. What decides is in `joining`.

use std::collections::HashMap;

use super::NetworkBuilder;
use crate::ids::FeatureId;
use crate::network::columns::Step;
use crate::network::joining::{self, Sitting};
use crate::network::spatial::PackedTree;
use crate::network::{LifeState, Metric, NodeFlags};

/// A node on a pipe.
pub(super) struct OnPipe {
    pub(super) pipe: u32,
    /// From the pipe's start, in metres of recorded length.
    pub(super) along_m: f64,
    pub(super) node: u32,
}

struct View<'a> {
    builder: &'a NetworkBuilder,
    tree: &'a PackedTree,
}

impl joining::Pipes for View<'_> {
    fn near(&self, b: [f64; 4]) -> Vec<u32> {
        self.tree.search(b)
    }

    fn id(&self, pipe: u32) -> FeatureId {
        self.builder.pipes.ids[pipe as usize]
    }

    fn state(&self, pipe: u32) -> LifeState {
        self.builder.pipes.state[pipe as usize]
    }

    fn is_explicit(&self, pipe: u32) -> bool {
        self.builder.pipes.ends[pipe as usize].iter().all(Option::is_some)
    }

    fn line(&self, pipe: u32) -> &[[f64; 2]] {
        self.builder.vertices_of(pipe as usize)
    }

    fn length_m(&self, pipe: u32) -> f64 {
        self.builder.pipes.length_m[pipe as usize]
    }
}

impl NetworkBuilder {
    /// Which nodes sit on which pipes, in order along them.
    pub(super) fn seat_nodes(&mut self, metric: Metric, tree: &PackedTree, degree: &[u32]) -> Vec<OnPipe> {
        let pipe_of: HashMap<FeatureId, u32> = if self.devices.on_pipe.is_empty() {
            HashMap::new()
        } else {
            (0..).zip(&self.pipes.ids).map(|(i, id)| (*id, i)).collect()
        };
        let mut seats = Vec::new();
        let mut findings = Vec::new();
        let mut doubtful = Vec::new();
        let view = View { builder: self, tree };
        for (node, &degree) in degree.iter().enumerate().take(self.nodes.ids.len()) {
            let named = self.devices.on_pipe.get(&(node as u32));
            let seat = joining::seat(
                &view,
                metric,
                &self.options,
                &Sitting {
                    code: self.nodes.codes.get(node),
                    flags: self.nodes.flags[node],
                    state: self.nodes.state[node],
                    place: self.nodes.positions[node],
                    degree,
                    on_pipe: named.map(|(id, distance_m)| (pipe_of.get(id).copied(), *distance_m)),
                },
            );
            let subject = Some((self.nodes.ids[node], Step::Place));
            findings.extend(seat.issues.into_iter().map(|issue| (subject, issue)));
            if seat.is_doubtful {
                doubtful.push(node);
            }
            seats.extend(seat.on.into_iter().map(|(pipe, along_m)| OnPipe {
                pipe,
                along_m,
                node: node as u32,
            }));
        }
        self.findings.list.extend(findings);
        for node in doubtful {
            self.nodes.flags[node] = self.nodes.flags[node].with(NodeFlags::DOUBTFUL);
        }
        let ids = &self.nodes.ids;
        seats.sort_by(|a, b| {
            a.pipe
                .cmp(&b.pipe)
                .then(a.along_m.total_cmp(&b.along_m))
                .then_with(|| ids[a.node as usize].cmp(&ids[b.node as usize]))
        });
        seats
    }
}
