//! Burst (isolation) analysis: which valves to close, who loses water. Definition: docs/burst.md.

use crate::network::{NodeIndex, PieceIndex, PipeIndex};

/// What bursts, and which valves cannot be used today.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BurstRequest {
    pub pipes: Vec<PipeIndex>,
    /// Single stretches, where the place on a pipe is known (a click).
    pub pieces: Vec<PieceIndex>,
    /// A node bursts with all its segments, a valve with both its sides.
    pub nodes: Vec<NodeIndex>,
    /// Valves that cannot be shut today, beside those marked so in the data.
    pub inaccessible: Vec<NodeIndex>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SourceToStop {
    pub source: NodeIndex,
    /// Valves passed on the way from the burst, because they cannot be shut.
    pub through: Vec<NodeIndex>,
}

/// Who loses water at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffectedCustomer {
    /// A customer node; `None` where the count stands on the pipe itself.
    pub node: Option<NodeIndex>,
    pub pipe: Option<PipeIndex>,
    pub customers: u32,
    pub is_important: bool,
}

/// All lists are sorted by code and hold each element once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BurstResult {
    pub valves_to_close: Vec<NodeIndex>,
    /// Border valves that are closed already: check that they are shut.
    pub valves_to_check: Vec<NodeIndex>,
    /// Border valves towards a side no source reaches.
    pub valves_optional: Vec<NodeIndex>,
    pub inoperable_passed: Vec<NodeIndex>,
    pub sources_to_stop: Vec<SourceToStop>,
    pub isolated_pipes: Vec<PipeIndex>,
    pub isolated_nodes: Vec<NodeIndex>,
    pub cut_off_pipes: Vec<PipeIndex>,
    pub cut_off_nodes: Vec<NodeIndex>,
    pub dry_before_pipes: Vec<PipeIndex>,
    /// Important ones first.
    pub customers: Vec<AffectedCustomer>,
    pub customers_affected: u64,
    pub hydrants_lost: Vec<NodeIndex>,
    pub isolated_length_m: f64,
    pub cut_off_length_m: f64,
    pub volume_to_drain_m3: f64,
    /// Pieces in the isolated and the cut-off area, for the map.
    pub isolated_pieces: Vec<PieceIndex>,
    pub cut_off_pieces: Vec<PieceIndex>,
    pub sources_known: usize,
    pub notices: Vec<crate::Message>,
}
