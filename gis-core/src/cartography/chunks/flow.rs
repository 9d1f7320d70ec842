//! Which pipes water runs through against the direction they were drawn in, as their one-way devices say. It
//! computes no flow.

use std::collections::HashSet;

use crate::network::{Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};

/// Pipes at a one-way device whose direction is known and which were drawn the other way round.
pub(crate) fn against_drawing(network: &Network) -> HashSet<PipeIndex> {
    let mut against = HashSet::new();
    let mut forward = HashSet::new();
    let one_way = network
        .nodes()
        .filter(|node| network.node_flags(*node).has(NodeFlags::ONE_WAY));
    for node in one_way {
        let Some(outlet) = network.outlet(node) else {
            continue;
        };
        for piece in network.pieces_at(node) {
            // Where more than two pipes meet nobody knows what the others do.
            let is_outlet = *piece == outlet;
            if !is_outlet && network.pieces_at(node).len() != 2 {
                continue;
            }
            let pipe = network.piece_pipe(*piece);
            if starts_at(network, *piece, node) == is_outlet {
                forward.insert(pipe);
            } else {
                against.insert(pipe);
            }
        }
    }
    // Devices that contradict each other say nothing.
    against.retain(|pipe| !forward.contains(pipe));
    against
}

fn starts_at(network: &Network, piece: PieceIndex, node: NodeIndex) -> bool {
    network.piece_ends(piece)[0] == node
}
