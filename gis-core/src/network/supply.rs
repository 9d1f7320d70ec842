//! Who is fed by whom while nothing is closed for a job: one flood from all sources, kept as a forest.
//!
//! With the forest a burst only has to look at what hangs below it (analysis::burst), not at the whole city.

use super::{NONE, Network, NodeFlags, NodeIndex, PieceIndex};

/// The forest of pieces, roots at the sources.
#[derive(Debug, Default)]
pub(crate) struct Supply {
    sources: Vec<NodeIndex>,
    /// Vertex through which water enters the piece; `NONE` for a piece no source reaches.
    entry: Vec<u32>,
    /// Preorder position of the piece, and how many pieces its subtree holds.
    position: Vec<u32>,
    size: Vec<u32>,
    /// Pieces in preorder: a subtree is one slice.
    preorder: Vec<PieceIndex>,
}

impl Supply {
    pub(crate) fn flood(network: &Network) -> Self {
        Self::flood_without(network, &|_| false, None)
    }

    /// As if some pieces and one vertex let nothing through.
    pub(crate) fn flood_without(
        network: &Network,
        is_gone: &dyn Fn(PieceIndex) -> bool,
        gone_vertex: Option<NodeIndex>,
    ) -> Self {
        let count = network.piece_slots();
        let is_there = |n: &NodeIndex| network.is_supplying(*n) && Some(*n) != gone_vertex;
        let sources: Vec<NodeIndex> = network.nodes().filter(is_there).collect();
        let mut entry = vec![NONE; count];
        let mut parent = vec![NONE; count];
        let mut order: Vec<PieceIndex> = Vec::with_capacity(count);
        for &source in &sources {
            for &piece in network.pieces_at(source) {
                if network.feeds(source, piece) && entry[piece.0 as usize] == NONE && !is_gone(piece) {
                    entry[piece.0 as usize] = source.0;
                    order.push(piece);
                }
            }
        }
        // A plain joint is handled once; a boundary for every piece that reaches it.
        let mut joined = vec![false; network.vertex_slots()];
        let mut next = 0;
        while next < order.len() {
            let piece = order[next];
            next += 1;
            for vertex in network.piece_ends(piece) {
                let flags = network.node_flags(vertex);
                if flags.has(NodeFlags::SOURCE) || joined[vertex.0 as usize] || Some(vertex) == gone_vertex {
                    continue;
                }
                let is_boundary = flags.has(NodeFlags::BOUNDARY);
                joined[vertex.0 as usize] = !is_boundary;
                for &other in network.pieces_at(vertex) {
                    let is_open = (!is_boundary || network.passes(vertex, other)) && !is_gone(other);
                    if entry[other.0 as usize] == NONE && is_open {
                        entry[other.0 as usize] = vertex.0;
                        parent[other.0 as usize] = piece.0;
                        order.push(other);
                    }
                }
            }
        }
        Self::forest(sources, entry, &parent, &order)
    }

    /// Preorder and subtree sizes from parents and a breadth-first order, without recursion.
    fn forest(sources: Vec<NodeIndex>, entry: Vec<u32>, parent: &[u32], order: &[PieceIndex]) -> Self {
        let mut size = vec![1_u32; entry.len()];
        for piece in order.iter().rev() {
            let above = parent[piece.0 as usize];
            if above != NONE {
                size[above as usize] += size[piece.0 as usize];
            }
        }
        let mut position = vec![0_u32; entry.len()];
        // Next free position among the children of each piece.
        let mut free = vec![0_u32; entry.len()];
        let mut free_root = 0;
        for piece in order {
            let i = piece.0 as usize;
            let slot = match parent[i] {
                NONE => &mut free_root,
                above => &mut free[above as usize],
            };
            position[i] = *slot;
            *slot += size[i];
            free[i] = position[i] + 1;
        }
        let mut preorder = vec![PieceIndex(0); order.len()];
        for piece in order {
            preorder[position[piece.0 as usize] as usize] = *piece;
        }
        Self {
            sources,
            entry,
            position,
            size,
            preorder,
        }
    }

    pub(crate) fn sources(&self) -> &[NodeIndex] {
        &self.sources
    }

    pub(crate) fn is_supplied(&self, piece: PieceIndex) -> bool {
        self.entry[piece.0 as usize] != NONE
    }

    /// The vertex water came through; meaningful for supplied pieces only.
    pub(crate) fn entry(&self, piece: PieceIndex) -> NodeIndex {
        NodeIndex(self.entry[piece.0 as usize])
    }

    /// The pieces fed by any of `roots` in the forest, those included: disjoint slices. Roots that are not supplied
    /// give nothing.
    pub(crate) fn subtrees(&self, roots: Vec<PieceIndex>) -> Vec<&[PieceIndex]> {
        let mut starts: Vec<(u32, u32)> = roots
            .into_iter()
            .filter(|p| self.is_supplied(*p))
            .map(|p| (self.position[p.0 as usize], self.size[p.0 as usize]))
            .collect();
        starts.sort_unstable();
        let mut slices = Vec::new();
        let mut end = 0;
        for (start, size) in starts {
            // Subtrees nest or are apart: one that starts inside the last is part of it.
            if start >= end {
                end = start + size;
                slices.push(&self.preorder[start as usize..end as usize]);
            }
        }
        slices
    }
}

impl Network {
    /// A source in service that is not shut off.
    pub(crate) fn is_supplying(&self, node: NodeIndex) -> bool {
        let flags = self.node_flags(node);
        flags.has(NodeFlags::SOURCE) && flags.has(NodeFlags::OPEN)
    }

    /// Whether a source supplies a piece that meets it: it is on, and the piece is not one that only fills it.
    pub(crate) fn feeds(&self, source: NodeIndex, piece: PieceIndex) -> bool {
        let ends = self.piece_ends(piece);
        let is_inlet = self.piece_is_inlet(piece);
        self.is_supplying(source) && (0..2).any(|side| ends[side] == source && !is_inlet[side])
    }

    /// Whether water can leave a boundary device into `to`. Closed lets nothing through; a one-way device that is
    /// broken while open has lost its direction (E14), as has one whose direction nobody recorded.
    pub(crate) fn passes(&self, boundary: NodeIndex, to: PieceIndex) -> bool {
        let flags = self.node_flags(boundary);
        if !flags.has(NodeFlags::OPEN) {
            return false;
        }
        let outlet = self.outlet(boundary);
        !flags.has(NodeFlags::ONE_WAY)
            || !flags.has(NodeFlags::OPERABLE)
            || outlet.is_none_or(|outlet| outlet == to)
    }
}
