//! Which features a check looks at: all, or those named with what they can have changed around them.

use std::collections::BTreeSet;

use crate::ids::FeatureId;
use crate::network::{Network, NodeIndex, PipeIndex};

/// What is to be checked.
#[derive(Debug, Clone)]
pub enum Selection {
    Everything,
    /// These, with what is joined to them or lies close by.
    Features(Vec<FeatureId>),
    /// What lies in `[min_x, min_y, max_x, max_y]`.
    Box([f64; 4]),
}

/// The features of one check.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) pipes: Vec<PipeIndex>,
    pub(super) nodes: Vec<NodeIndex>,
    /// Pipes of which only the ends are looked at: they may stop short of one of `pipes`.
    pub(super) fringe: Vec<PipeIndex>,
    pub(super) is_everything: bool,
}

impl Scope {
    /// `reach_m`: how far from a feature another may break a rule with it.
    pub(super) fn new(network: &Network, selection: &Selection, reach_m: f64) -> Self {
        match selection {
            Selection::Everything => Self {
                pipes: network.pipes().collect(),
                nodes: network.nodes().collect(),
                fringe: Vec::new(),
                is_everything: true,
            },
            Selection::Box(b) => Self {
                pipes: network.pipes_in_box(*b),
                nodes: network.nodes_in_box(*b),
                ..Self::default()
            },
            Selection::Features(ids) => Self::around(network, ids, reach_m),
        }
    }

    fn around(network: &Network, ids: &[FeatureId], reach_m: f64) -> Self {
        let mut pipes: BTreeSet<PipeIndex> = ids.iter().filter_map(|id| network.pipe_of_id(*id)).collect();
        let mut nodes: BTreeSet<NodeIndex> = ids.iter().filter_map(|id| network.node_of_id(*id)).collect();
        for node in nodes.clone() {
            pipes.extend(network.pieces_at(node).iter().map(|p| network.piece_pipe(*p)));
            pipes.extend(network.hangs_on(node).map(|(piece, _)| network.piece_pipe(piece)));
            let at = network.position(node);
            if at[0].is_finite() && at[1].is_finite() {
                nodes.extend(network.nodes_near(at, reach_m).into_iter().map(|(near, _)| near));
            }
        }
        let mut fringe = BTreeSet::new();
        for &pipe in &pipes {
            nodes.extend(network.pipe_ends(pipe));
            for piece in network.pieces_of(pipe) {
                nodes.extend(network.piece_ends(piece));
                nodes.extend(network.nodes_hanging_on(piece));
            }
            for w in network.pipe_vertices(pipe).windows(2) {
                let b = [w[0], w[1]].map(|p| network.metric().box_around(p, reach_m));
                let around = [
                    b[0][0].min(b[1][0]),
                    b[0][1].min(b[1][1]),
                    b[0][2].max(b[1][2]),
                    b[0][3].max(b[1][3]),
                ];
                fringe.extend(network.pipes_in_box(around));
            }
        }
        nodes.retain(|node| !network.is_anonymous(*node));
        fringe.retain(|pipe| !pipes.contains(pipe));
        Self {
            pipes: pipes.into_iter().collect(),
            nodes: nodes.into_iter().collect(),
            fringe: fringe.into_iter().collect(),
            is_everything: false,
        }
    }

    /// Whether a pair is looked at from its first pipe: each pair once.
    pub(super) fn is_first(&self, pipe: PipeIndex, other: PipeIndex) -> bool {
        other > pipe || (!self.is_everything && self.pipes.binary_search(&other).is_err())
    }

    /// The same of two nodes.
    pub(super) fn is_first_node(&self, node: NodeIndex, other: NodeIndex) -> bool {
        other > node || (!self.is_everything && self.nodes.binary_search(&other).is_err())
    }
}
