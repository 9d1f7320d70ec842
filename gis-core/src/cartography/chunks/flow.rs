//! Which pipes water runs through against the direction they were drawn in, as their one-way devices say. It
//! computes no flow.

use std::collections::HashSet;

use crate::network::{Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};

/// Pipes at a one-way device whose direction is known and which were drawn the other way round.
pub(crate) fn against_drawing(network: &Network) -> HashSet<PipeIndex> {
    let mut against = HashSet::new();
    let mut forward = HashSet::new();
    for node in network.nodes() {
        for (pipe, is_forward) in said_by(network, node) {
            if is_forward {
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

/// The same of one pipe.
pub(super) fn is_against_drawing(network: &Network, pipe: PipeIndex) -> bool {
    let mut is_against = false;
    for piece in network.pieces_of(pipe) {
        for node in network.piece_ends(piece) {
            for (_, is_forward) in said_by(network, node).filter(|(of, _)| *of == pipe) {
                if is_forward {
                    return false;
                }
                is_against = true;
            }
        }
    }
    is_against
}

/// Pipes about which a one-way device says whether water runs as they were drawn.
pub(super) fn said_by(network: &Network, node: NodeIndex) -> impl Iterator<Item = (PipeIndex, bool)> {
    let is_one_way = network.node_flags(node).has(NodeFlags::ONE_WAY);
    let outlet = network.outlet(node).filter(|_| is_one_way);
    let pieces = outlet.map_or(&[][..], |_| network.pieces_at(node));
    pieces.iter().filter_map(move |piece| {
        let is_outlet = Some(*piece) == outlet;
        // Where more than two pipes meet nobody knows what the others do.
        let is_known = is_outlet || pieces.len() == 2;
        is_known.then(|| {
            (
                network.piece_pipe(*piece),
                starts_at(network, *piece, node) == is_outlet,
            )
        })
    })
}

fn starts_at(network: &Network, piece: PieceIndex, node: NodeIndex) -> bool {
    network.piece_ends(piece)[0] == node
}
