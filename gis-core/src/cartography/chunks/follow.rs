//! What an edit of the network does to its picture.

use std::collections::BTreeSet;

use super::build::direction;
use super::flow::{is_against_drawing, said_by};
use super::keys::{node_key, pipe_key};
use super::{ChangedLine, ChangedSymbol, NetworkChange};
use crate::network::{PipeIndex, Update};

impl NetworkChange {
    /// Everything that an update touched leaves its place and comes again as it is now.
    pub fn of(update: &Update) -> Self {
        let network = &update.network;
        // A one-way device may say otherwise of its pipes than before.
        let said = update.nodes.iter().flat_map(|node| said_by(network, *node));
        let pipes: BTreeSet<PipeIndex> = update
            .pipes
            .iter()
            .copied()
            .chain(said.map(|(pipe, _)| pipe))
            .collect();
        let lines = pipes.iter().map(|pipe| ChangedLine {
            pipe: Some(*pipe),
            key: pipe_key(network, *pipe, 1.0, true),
            vertices: network.pipe_vertices(*pipe).to_vec(),
            is_against: is_against_drawing(network, *pipe),
        });
        let symbols = update.nodes.iter().map(|node| ChangedSymbol {
            node: Some(*node),
            key: node_key(network, *node),
            position: network.position(*node),
            angle: direction(network, *node),
        });
        Self {
            lines: lines.collect(),
            removed_pipes: pipes.iter().chain(&update.gone_pipes).copied().collect(),
            removed_nodes: update.nodes.iter().chain(&update.gone_nodes).copied().collect(),
            symbols: symbols.collect(),
        }
    }
}
