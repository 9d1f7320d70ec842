//! The network as analyses see it: an immutable struct-of-arrays snapshot. It cannot be edited and knows
//! nothing of the file it came from.
//!
//! Vertices are the node features plus anonymous pipe ends; pipes are cut into *pieces* at devices that sit
//! on them, so that a valve in mid-pipe separates its two halves. What was read at once lies in packed columns in Hilbert
//! order (`columns`); what was edited since lies over them (`patch`, written by `update`).

mod access;
mod builder;
mod columns;
#[cfg(test)]
pub(crate) mod describe;
mod geometry;
pub(crate) mod hilbert;
mod joining;
mod links;
pub(crate) mod meeting;
mod overlay;
mod patch;
pub mod snap;
mod spatial;
pub mod stroke;
mod supply;
mod update;

use std::sync::{Arc, OnceLock};

pub use builder::{NetworkBuilder, NetworkOptions, NodeInput, PipeInput};
pub use geometry::{FootPoint, Metric};
pub(crate) use spatial::PackedTree;
pub use spatial::PipeHit;
pub use update::{Change, Update};

pub(crate) use supply::Supply;

use columns::Columns;
use patch::Patch;

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
///
/// It never changes; [`Network::updated`] gives the next one, which shares with it all that stayed the same. A feature
/// keeps its index as long as it exists, and no index is given twice: arrays by index have `*_slots` places, of which
/// some may be empty once features were deleted.
#[derive(Debug, Clone)]
pub struct Network {
    metric: Metric,
    options: NetworkOptions,
    columns: Arc<Columns>,
    patch: Patch,
    /// Smallest ratio of a piece's length to the straight distance of its ends, at most 1: scales a path search's
    /// look-ahead so that it never overestimates.
    straightness: f64,
    /// Flooded when first asked for: an edit that joins or parts pipes does not wait for it.
    supply: Arc<OnceLock<Supply>>,
}
