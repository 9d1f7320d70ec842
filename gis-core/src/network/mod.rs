//! The network as analyses see it: an immutable struct-of-arrays snapshot. It cannot be edited and knows
//! nothing of the file it came from.
//!
//! Vertices are the node features plus anonymous pipe ends; pipes are cut into *pieces* at devices that sit
//! on them, so that a valve in mid-pipe separates its two halves. Nodes and pipes lie in Hilbert order.

mod access;
mod builder;
pub mod check;
mod geometry;
pub(crate) mod hilbert;
pub mod snap;
mod spatial;
pub mod stroke;
mod supply;

use std::collections::HashMap;

pub use builder::{NetworkBuilder, NetworkOptions, NodeInput, PipeInput};
pub use geometry::{FootPoint, Metric};
pub(crate) use spatial::PackedTree;
pub use spatial::PipeHit;

pub(crate) use access::{CodeIndex, Strings};
pub(crate) use supply::Supply;

use crate::ids::FeatureId;
use crate::model::ClassIndex;

/// Index of a vertex; those below `Network::node_count` are node features, the rest anonymous pipe ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(pub u32);

/// Index of a pipe feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PipeIndex(pub u32);

/// Index of a piece: a stretch of one pipe between two vertices, an edge of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PieceIndex(pub u32);

/// "None" in index columns.
pub const NONE: u32 = u32::MAX;

/// 状态: only operative features carry water.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
#[repr(u8)]
pub enum LifeState {
    Planned,
    #[default]
    Operative,
    Obsolete,
}

/// What a node does to water, and its state. A set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NodeFlags(pub u16);

impl NodeFlags {
    /// Separates the pipes that meet in it.
    pub const BOUNDARY: Self = Self(1);
    /// Of a type that may be shut to isolate.
    pub const SHUTTABLE: Self = Self(1 << 1);
    pub const ONE_WAY: Self = Self(1 << 2);
    pub const SOURCE: Self = Self(1 << 3);
    pub const HYDRANT: Self = Self(1 << 4);
    pub const CUSTOMER: Self = Self(1 << 5);
    pub const METER: Self = Self(1 << 6);
    pub const OPEN: Self = Self(1 << 7);
    pub const OPERABLE: Self = Self(1 << 8);
    pub const ACCESSIBLE: Self = Self(1 << 9);
    /// Hospital, school, dialysis …
    pub const IMPORTANT: Self = Self(1 << 10);
    /// Joined to its pipe over more than the end tolerance.
    pub const DOUBTFUL: Self = Self(1 << 11);
    pub const VALVE: Self = Self(1 << 12);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub fn set(self, other: Self, on: bool) -> Self {
        if on {
            self.with(other)
        } else {
            Self(self.0 & !other.0)
        }
    }
}

/// The snapshot. Coordinates are in the project's CRS, lengths in metres, diameters in millimetres.
#[derive(Debug)]
pub struct Network {
    pub(crate) metric: Metric,
    pub(crate) options: NetworkOptions,

    // Node features, one entry each.
    pub(crate) node_ids: Vec<FeatureId>,
    pub(crate) node_class: Vec<ClassIndex>,
    /// Position in the class's dictionary of kinds plus one, 0 where unknown.
    pub(crate) node_kind: Vec<u16>,
    pub(crate) node_flags: Vec<NodeFlags>,
    pub(crate) node_state: Vec<LifeState>,
    pub(crate) node_diameter_mm: Vec<f32>,
    pub(crate) node_customers: Vec<u32>,
    pub(crate) node_codes: Strings,
    /// Customers fed at more than one place: the nodes that share an account number.
    pub(crate) shared_accounts: Vec<Vec<NodeIndex>>,
    pub(crate) shared_account_of: HashMap<u32, u32>,
    /// Position of every vertex, anonymous ones included.
    pub(crate) positions: Vec<[f64; 2]>,
    /// Height per node feature, NaN where unknown.
    pub(crate) node_z: Vec<f32>,
    /// Pieces a node hangs on without being a vertex of the graph, `NONE` otherwise.
    pub(crate) hang_piece: Vec<u32>,
    pub(crate) hang_distance_m: Vec<f32>,
    /// One-way devices: the piece that water leaves through, `NONE` where unknown.
    pub(crate) flow_to_piece: Vec<u32>,

    // Pipe features, one entry each.
    pub(crate) pipe_ids: Vec<FeatureId>,
    pub(crate) pipe_class: Vec<ClassIndex>,
    pub(crate) pipe_state: Vec<LifeState>,
    pub(crate) pipe_from: Vec<NodeIndex>,
    pub(crate) pipe_to: Vec<NodeIndex>,
    pub(crate) pipe_length_m: Vec<f64>,
    pub(crate) pipe_diameter_mm: Vec<f32>,
    /// Position in the `material` dictionary plus one, 0 where unknown.
    pub(crate) pipe_material: Vec<u16>,
    pub(crate) pipe_customers: Vec<u32>,
    pub(crate) pipe_codes: Strings,
    /// `pipe_count + 1` offsets into `vertices`; an empty span where the pipe has no geometry.
    pub(crate) vertex_start: Vec<u32>,
    pub(crate) vertices: Vec<[f64; 2]>,
    /// `pipe_count + 1` offsets into the pieces, which lie in order along their pipe.
    pub(crate) pipe_piece_start: Vec<u32>,

    // Pieces: the edges of the graph.
    pub(crate) piece_pipe: Vec<PipeIndex>,
    pub(crate) piece_ends: Vec<[NodeIndex; 2]>,
    pub(crate) piece_length_m: Vec<f64>,
    /// Per end: the piece only fills the source there.
    pub(crate) piece_is_inlet: Vec<[bool; 2]>,

    // Adjacency: pieces around each vertex.
    pub(crate) adjacency_start: Vec<u32>,
    pub(crate) adjacency: Vec<PieceIndex>,

    /// Nodes that hang on pieces, grouped by piece.
    pub(crate) hanging_start: Vec<u32>,
    pub(crate) hanging: Vec<NodeIndex>,

    /// Smallest ratio of a piece's length to the straight distance of its ends, at most 1: scales a path search's
    /// look-ahead so that it never overestimates.
    pub(crate) straightness: f64,
    pub(crate) supply: Supply,
    pub(crate) pipe_tree: spatial::PackedTree,
    pub(crate) node_tree: spatial::PackedTree,
    pub(crate) code_index: CodeIndex,
    pub(crate) issues: crate::Issues,
}
