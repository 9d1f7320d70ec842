//! The network as it was put together at once: struct of arrays, nodes and pipes in Hilbert order. It never changes; what
//! is edited later lies over it (`patch`).

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::access::{CodeIndex, Strings};
use super::spatial::PackedTree;
use super::{LifeState, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use crate::ids::FeatureId;
use crate::issue::Issue;
use crate::model::ClassIndex;

#[derive(Debug, Default)]
pub(super) struct Columns {
    // Node features, one entry each.
    pub(super) node_ids: Vec<FeatureId>,
    pub(super) node_class: Vec<ClassIndex>,
    /// Position in the class's dictionary of kinds plus one, 0 where unknown.
    pub(super) node_kind: Vec<u16>,
    pub(super) node_flags: Vec<NodeFlags>,
    pub(super) node_state: Vec<LifeState>,
    pub(super) node_diameter_mm: Vec<f32>,
    pub(super) node_customers: Vec<u32>,
    pub(super) node_codes: Strings,
    /// Position of every vertex, anonymous ones included.
    pub(super) positions: Vec<[f64; 2]>,
    /// Height per node feature, NaN where unknown.
    pub(super) node_z: Vec<f32>,
    /// Pieces a node hangs on without being a vertex of the graph, `NONE` otherwise.
    pub(super) hang_piece: Vec<u32>,
    pub(super) hang_distance_m: Vec<f32>,
    /// One-way devices: the piece that water leaves through, `NONE` where unknown.
    pub(super) flow_to_piece: Vec<u32>,
    pub(super) devices: Devices,
    pub(super) accounts: Accounts,

    // Pipe features, one entry each.
    pub(super) pipe_ids: Vec<FeatureId>,
    pub(super) pipe_class: Vec<ClassIndex>,
    pub(super) pipe_state: Vec<LifeState>,
    pub(super) pipe_from: Vec<NodeIndex>,
    pub(super) pipe_to: Vec<NodeIndex>,
    /// Which ends the data name; see `unknown_ends` for names that lead nowhere.
    pub(super) pipe_named: Vec<[bool; 2]>,
    pub(super) unknown_ends: HashMap<u32, [Option<FeatureId>; 2]>,
    /// Pipes drawn straight between their ends, since the data have no line; whether their length is recorded.
    pub(super) undrawn: HashMap<u32, bool>,
    pub(super) pipe_length_m: Vec<f64>,
    pub(super) pipe_diameter_mm: Vec<f32>,
    /// Position in the `material` dictionary plus one, 0 where unknown.
    pub(super) pipe_material: Vec<u16>,
    pub(super) pipe_customers: Vec<u32>,
    pub(super) pipe_codes: Strings,
    /// `pipe_count + 1` offsets into `vertices`; an empty span where the pipe has no geometry.
    pub(super) vertex_start: Vec<u32>,
    pub(super) vertices: Vec<[f64; 2]>,
    /// `pipe_count + 1` offsets into the pieces, which lie in order along their pipe.
    pub(super) pipe_piece_start: Vec<u32>,

    // Pieces: the edges of the graph.
    pub(super) piece_pipe: Vec<PipeIndex>,
    pub(super) piece_ends: Vec<[NodeIndex; 2]>,
    pub(super) piece_length_m: Vec<f64>,
    /// Per end: the piece only fills the source there.
    pub(super) piece_is_inlet: Vec<[bool; 2]>,

    // Adjacency: pieces around each vertex.
    pub(super) adjacency_start: Vec<u32>,
    pub(super) adjacency: Vec<PieceIndex>,

    /// Nodes that hang on pieces, grouped by piece.
    pub(super) hanging_start: Vec<u32>,
    pub(super) hanging: Vec<NodeIndex>,

    pub(super) pipe_tree: PackedTree,
    pub(super) node_tree: PackedTree,
    pub(super) code_index: CodeIndex,
    pub(super) by_id: OnceLock<ById>,
    pub(super) findings: Findings,
}

/// What the data say of how nodes hang on pipes, for those few of which they say something.
#[derive(Debug, Default)]
pub(super) struct Devices {
    pub(super) on_pipe: HashMap<u32, (FeatureId, Option<f64>)>,
    pub(super) flow_to: HashMap<u32, FeatureId>,
    pub(super) inlets: HashMap<u32, Vec<FeatureId>>,
}

/// Customers by account, as a hash of its number: the same account at several nodes is one customer fed twice.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    pub(super) of_node: HashMap<u32, u64>,
    /// Sorted by account.
    pub(super) nodes: Vec<(u64, u32)>,
    pub(super) shared: HashSet<u64>,
}

impl Accounts {
    pub(super) fn new(of_node: HashMap<u32, u64>) -> Self {
        let mut nodes: Vec<(u64, u32)> = of_node.iter().map(|(node, account)| (*account, *node)).collect();
        nodes.sort_unstable();
        let shared = nodes
            .windows(2)
            .filter(|w| w[0].0 == w[1].0)
            .map(|w| w[0].0)
            .collect();
        Self {
            of_node,
            nodes,
            shared,
        }
    }

    pub(super) fn nodes(&self, account: u64) -> impl Iterator<Item = u32> {
        let first = self.nodes.partition_point(|(a, _)| *a < account);
        let same = self.nodes[first..].iter().take_while(move |(a, _)| *a == account);
        same.map(|(_, node)| *node)
    }
}

/// Positions of nodes and pipes in the order of their ids.
#[derive(Debug)]
pub(super) struct ById {
    nodes: Vec<u32>,
    pipes: Vec<u32>,
    /// Nodes by the pipe that the data put them on.
    on_pipe: Vec<(FeatureId, u32)>,
}

impl Columns {
    fn by_id(&self) -> &ById {
        self.by_id.get_or_init(|| {
            let order = |ids: &[FeatureId]| {
                let mut order: Vec<u32> = (0..ids.len() as u32).collect();
                order.sort_unstable_by_key(|i| ids[*i as usize]);
                order
            };
            let named = self.devices.on_pipe.iter();
            let mut on_pipe: Vec<(FeatureId, u32)> = named.map(|(node, (pipe, _))| (*pipe, *node)).collect();
            on_pipe.sort_unstable();
            ById {
                nodes: order(&self.node_ids),
                pipes: order(&self.pipe_ids),
                on_pipe,
            }
        })
    }

    pub(super) fn order_ids(&self) {
        self.by_id();
    }

    pub(super) fn node_of(&self, id: FeatureId) -> Option<u32> {
        find(&self.by_id().nodes, &self.node_ids, id)
    }

    pub(super) fn pipe_of(&self, id: FeatureId) -> Option<u32> {
        find(&self.by_id().pipes, &self.pipe_ids, id)
    }

    /// Nodes that the data put on a pipe, which need not be there.
    pub(super) fn named_on(&self, pipe: FeatureId) -> impl Iterator<Item = u32> {
        let all = &self.by_id().on_pipe;
        let first = all.partition_point(|(on, _)| *on < pipe);
        let same = all[first..].iter().take_while(move |(on, _)| *on == pipe);
        same.map(|(_, node)| *node)
    }
}

fn find(order: &[u32], ids: &[FeatureId], id: FeatureId) -> Option<u32> {
    let place = order.binary_search_by_key(&id, |i| ids[*i as usize]).ok()?;
    Some(order[place])
}

/// At which step something was found, so that a later look at that step replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// Which nodes a pipe ends in.
    Ends,
    /// Which pipe a node sits on.
    Place,
    /// Where a one-way device leads.
    Direction,
}

/// What was found wrong while the network was put together, in the order in which it was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) list: Vec<(Option<(FeatureId, Step)>, Issue)>,
    /// Of which features and steps there are any.
    pub(super) of: HashSet<(FeatureId, Step)>,
}
