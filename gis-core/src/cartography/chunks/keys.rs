//! What the look of an instance may depend on, numbered. It does not say how anything looks.

use std::collections::HashMap;

use crate::model::ClassIndex;
use crate::network::{LifeState, Network, NodeFlags, NodeIndex, PipeIndex};

/// Everything a pipe's style may depend on. Ordered as drawn: smaller pipes below larger ones, what is not in
/// service below what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PipeKey {
    pub class: ClassIndex,
    pub state: LifeState,
    /// Rounded; `None` where unknown.
    pub diameter_mm: Option<u16>,
    /// Position in the `material` dictionary.
    pub material: Option<u16>,
}

/// Everything a symbol's style may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeKey {
    pub class: ClassIndex,
    /// Position in the class's dictionary of kinds; `None` where unknown.
    pub kind: Option<u16>,
    pub state: LifeState,
    /// Those of [`SYMBOL_FLAGS`] that the node has.
    pub flags: NodeFlags,
}

/// The flags that a symbol may show.
pub const SYMBOL_FLAGS: NodeFlags = NodeFlags(
    NodeFlags::BOUNDARY.0
        | NodeFlags::SHUTTABLE.0
        | NodeFlags::ONE_WAY.0
        | NodeFlags::SOURCE.0
        | NodeFlags::OPEN.0
        | NodeFlags::OPERABLE.0
        | NodeFlags::ACCESSIBLE.0
        | NodeFlags::IMPORTANT.0
        | NodeFlags::METER.0
        | NodeFlags::VALVE.0,
);

/// More different diameters than this in one network are noise, and are rounded coarser.
const MAX_PIPE_KEYS: usize = 2_048;
const LARGEST_DIAMETER_MM: f32 = 10_000.0;

/// Takes the place of an unknown diameter where pipes are ranked by size.
pub(super) const UNKNOWN_DIAMETER_MM: u16 = 100;

impl PipeKey {
    /// For ranking: an unknown diameter counts as that of an ordinary distribution main.
    pub fn rank_diameter_mm(&self) -> u16 {
        self.diameter_mm.unwrap_or(UNKNOWN_DIAMETER_MM)
    }

    fn drawing_order(self) -> (u8, u16, u16, Option<u16>) {
        let state = match self.state {
            LifeState::Obsolete => 0,
            LifeState::Planned => 1,
            LifeState::Operative => 2,
        };
        (state, self.rank_diameter_mm(), self.class.0, self.material)
    }
}

impl NodeKey {
    fn drawing_order(self) -> (u8, u16, u16, Option<u16>) {
        let flags = self.flags;
        let rank = if self.state != LifeState::Operative {
            0
        } else if flags.has(NodeFlags::SOURCE) {
            4
        } else if flags.has(NodeFlags::BOUNDARY) {
            3
        } else if flags.has(NodeFlags::IMPORTANT) {
            2
        } else {
            1
        };
        (rank, self.class.0, flags.0, self.kind)
    }
}

/// Keys in drawing order and the style number of every feature.
pub(super) struct Numbered<K> {
    pub(super) keys: Vec<K>,
    pub(super) style_of: Vec<u16>,
}

pub(super) fn number_pipes(network: &Network) -> Numbered<PipeKey> {
    let exact = |pipe: PipeIndex| (pipe.0, pipe_key(network, pipe, 1.0, true));
    if let Some(numbered) = number(network.pipes().map(exact), MAX_PIPE_KEYS, |key| {
        key.drawing_order()
    }) {
        return numbered;
    }
    let coarse = |pipe: PipeIndex| (pipe.0, pipe_key(network, pipe, 25.0, false));
    number(network.pipes().map(coarse), usize::from(u16::MAX), |key| {
        key.drawing_order()
    })
    .unwrap_or(Numbered {
        keys: Vec::new(),
        style_of: Vec::new(),
    })
}

pub(super) fn number_nodes(network: &Network) -> Numbered<NodeKey> {
    number(
        network.nodes().map(|node| (node.0, node_key(network, node))),
        usize::from(u16::MAX),
        |key| key.drawing_order(),
    )
    .unwrap_or(Numbered {
        keys: Vec::new(),
        style_of: Vec::new(),
    })
}

pub(super) fn pipe_key(network: &Network, pipe: PipeIndex, step_mm: f32, with_material: bool) -> PipeKey {
    let diameter_mm = network.pipe_diameter_mm(pipe);
    PipeKey {
        class: network.pipe_class(pipe),
        state: network.pipe_state(pipe),
        diameter_mm: (diameter_mm > 0.0)
            .then(|| ((diameter_mm.min(LARGEST_DIAMETER_MM) / step_mm).round() * step_mm) as u16),
        material: network
            .pipe_material(pipe)
            .filter(|_| with_material)
            .map(|m| m as u16),
    }
}

pub(super) fn node_key(network: &Network, node: NodeIndex) -> NodeKey {
    NodeKey {
        class: network.node_class(node),
        kind: network.node_kind(node).map(|k| k as u16),
        state: network.node_state(node),
        flags: NodeFlags(network.node_flags(node).0 & SYMBOL_FLAGS.0),
    }
}

/// `None` when there are more than `limit` different keys.
fn number<K: Copy + Eq + std::hash::Hash, O: Ord>(
    of_features: impl Iterator<Item = (u32, K)>,
    limit: usize,
    drawing_order: impl Fn(&K) -> O,
) -> Option<Numbered<K>> {
    let mut first_seen: Vec<K> = Vec::new();
    let mut number_of: HashMap<K, u16> = HashMap::new();
    let mut style_of = Vec::new();
    let mut last: Option<(K, u16)> = None;
    for (feature, key) in of_features {
        // Neighbours are often alike; that saves most look-ups.
        let number = match last {
            Some((seen, number)) if seen == key => number,
            _ => match number_of.get(&key) {
                Some(number) => *number,
                None if first_seen.len() >= limit => return None,
                None => {
                    let number = first_seen.len() as u16;
                    first_seen.push(key);
                    number_of.insert(key, number);
                    number
                }
            },
        };
        last = Some((key, number));
        // Features that were deleted leave gaps.
        style_of.resize(feature as usize, 0);
        style_of.push(number);
    }
    let mut order: Vec<u16> = (0..first_seen.len() as u16).collect();
    order.sort_by_key(|i| drawing_order(&first_seen[usize::from(*i)]));
    let mut renumbered = vec![0_u16; order.len()];
    for (new, old) in order.iter().enumerate() {
        renumbered[usize::from(*old)] = new as u16;
    }
    for style in &mut style_of {
        *style = renumbered[usize::from(*style)];
    }
    Some(Numbered {
        keys: order.iter().map(|i| first_seen[usize::from(*i)]).collect(),
        style_of,
    })
}
