//! Features by how they hang together with one: what meets it, what gets water through it only, what is dry with it.

use std::collections::HashSet;

use crate::analysis::burst::{BurstRequest, burst};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::network::{Network, NodeIndex, PieceIndex, PipeIndex, Supply};

/// The features a question starts from: one code may stand for several.
pub(super) struct Start {
    nodes: Vec<NodeIndex>,
    pipes: Vec<PipeIndex>,
}

impl Start {
    pub(super) fn of(network: &Network, ids: &[FeatureId]) -> Self {
        Self {
            nodes: ids.iter().filter_map(|id| network.node_of_id(*id)).collect(),
            pipes: ids.iter().filter_map(|id| network.pipe_of_id(*id)).collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.pipes.is_empty()
    }

    fn without_itself(&self, network: &Network, mut found: HashSet<FeatureId>) -> HashSet<FeatureId> {
        for node in &self.nodes {
            found.remove(&network.node_id(*node));
        }
        for pipe in &self.pipes {
            found.remove(&network.pipe_id(*pipe));
        }
        found
    }
}

/// Pipes that meet in a node or hold it; the nodes and devices of a pipe, and the pipes that meet it there. Not the
/// start itself.
pub(super) fn connected(network: &Network, start: &Start) -> HashSet<FeatureId> {
    let own: Vec<PieceIndex> = start
        .pipes
        .iter()
        .flat_map(|pipe| network.pieces_of(*pipe))
        .collect();
    let ends = own.iter().flat_map(|piece| network.piece_ends(*piece));
    let vertices: Vec<NodeIndex> = ends.chain(start.nodes.iter().copied()).collect();
    let meeting = vertices
        .iter()
        .flat_map(|vertex| network.pieces_at(*vertex))
        .copied();
    let holding = start
        .nodes
        .iter()
        .filter_map(|node| network.hangs_on(*node))
        .map(|(piece, _)| piece);
    let pipes = meeting
        .chain(holding)
        .map(|piece| network.pipe_id(network.piece_pipe(piece)));
    let mut found: HashSet<FeatureId> = pipes.collect();
    found.extend(own.iter().flat_map(|piece| nodes_of(network, *piece)));
    start.without_itself(network, found)
}

/// Node features at the ends of a piece and hanging on it.
fn nodes_of(network: &Network, piece: PieceIndex) -> impl Iterator<Item = FeatureId> + '_ {
    let ends = network.piece_ends(piece).into_iter();
    ends.filter(|node| !network.is_anonymous(*node))
        .chain(network.nodes_hanging_on(piece).iter().copied())
        .map(|node| network.node_id(node))
}

/// What is supplied, and would not be if nothing came through the start. Not the start itself.
pub(super) fn downstream(network: &Network, start: &Start) -> HashSet<FeatureId> {
    let gone: HashSet<PieceIndex> = start
        .pipes
        .iter()
        .flat_map(|pipe| network.pieces_of(*pipe))
        .collect();
    // Several vertices are shut one after the other: what is behind any of them is downstream.
    let mut shut: Vec<Option<NodeIndex>> = start.nodes.iter().copied().map(Some).collect();
    if shut.is_empty() {
        shut.push(None);
    }
    let mut found = HashSet::new();
    for vertex in shut {
        let left = Supply::flood_without(network, &|piece| gone.contains(&piece), vertex);
        let is_behind = |node: &NodeIndex| {
            let mut pieces = network.pieces_at(*node).iter();
            !network.is_anonymous(*node)
                && !network.is_supplying(*node)
                && pieces.all(|p| !left.is_supplied(*p))
        };
        let was_supplied = network.pieces().filter(|piece| network.is_supplied(*piece));
        for piece in was_supplied.filter(|piece| !left.is_supplied(*piece)) {
            let ends = network.piece_ends(piece).into_iter().filter(is_behind);
            found.extend(ends.map(|node| network.node_id(node)));
            if !gone.contains(&piece) {
                let hanging = network.nodes_hanging_on(piece).iter();
                found.extend(hanging.map(|node| network.node_id(*node)));
                found.insert(network.pipe_id(network.piece_pipe(piece)));
            }
        }
    }
    start.without_itself(network, found)
}

/// Pipes and nodes that are shut off together with the start when it bursts; the start among them.
///
/// # Errors
/// `Refused` where nothing of it is in service or connected.
pub(super) fn segment(network: &Network, start: &Start) -> Result<HashSet<FeatureId>> {
    let result = burst(
        network,
        &BurstRequest {
            pipes: start.pipes.clone(),
            nodes: start.nodes.clone(),
            ..BurstRequest::default()
        },
    )?;
    let pipes = result.isolated_pipes.iter().map(|pipe| network.pipe_id(*pipe));
    let nodes = result.isolated_nodes.iter().map(|node| network.node_id(*node));
    Ok(pipes.chain(nodes).collect())
}
