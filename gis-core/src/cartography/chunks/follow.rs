//! What an edit of the network does to its picture.

use super::build::direction;
use super::keys::{node_key, pipe_key};
use super::{ChangedLine, ChangedSymbol, NetworkChange};
use crate::network::Update;

impl NetworkChange {
    /// Everything that an update touched leaves its place and comes again as it is now.
    pub fn of(update: &Update) -> Self {
        let network = &update.network;
        let lines = update.pipes.iter().map(|pipe| ChangedLine {
            pipe: Some(*pipe),
            key: pipe_key(network, *pipe, 1.0, true),
            vertices: network.pipe_vertices(*pipe).to_vec(),
        });
        let symbols = update.nodes.iter().map(|node| ChangedSymbol {
            node: Some(*node),
            key: node_key(network, *node),
            position: network.position(*node),
            angle: direction(network, *node),
        });
        Self {
            removed_pipes: update.pipes.iter().chain(&update.gone_pipes).copied().collect(),
            removed_nodes: update.nodes.iter().chain(&update.gone_nodes).copied().collect(),
            lines: lines.collect(),
            symbols: symbols.collect(),
        }
    }
}
