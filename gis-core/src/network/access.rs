//! Reading a snapshot: one accessor a column, lookups by code.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use super::{LifeState, Metric, NONE, Network, NetworkOptions, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use crate::ids::FeatureId;
use crate::issue::Issues;
use crate::model::ClassIndex;

impl Network {
    /// Node features; vertices with a higher index are anonymous pipe ends.
    pub fn node_count(&self) -> usize {
        self.node_ids.len()
    }

    pub fn pipe_count(&self) -> usize {
        self.pipe_ids.len()
    }

    pub fn piece_count(&self) -> usize {
        self.piece_pipe.len()
    }

    /// Node features and anonymous pipe ends.
    pub fn vertex_count(&self) -> usize {
        self.positions.len()
    }

    pub fn nodes(&self) -> impl Iterator<Item = NodeIndex> + use<> {
        (0..self.node_ids.len() as u32).map(NodeIndex)
    }

    pub fn pipes(&self) -> impl Iterator<Item = PipeIndex> + use<> {
        (0..self.pipe_ids.len() as u32).map(PipeIndex)
    }

    pub fn pieces(&self) -> impl Iterator<Item = PieceIndex> + use<> {
        (0..self.piece_pipe.len() as u32).map(PieceIndex)
    }

    pub fn metric(&self) -> Metric {
        self.metric
    }

    pub fn options(&self) -> &NetworkOptions {
        &self.options
    }

    /// What was found wrong or doubtful while the network was put together.
    pub fn issues(&self) -> &Issues {
        &self.issues
    }

    /// `[min_x, min_y, max_x, max_y]` of everything that has a place; `None` for an empty network.
    pub fn extent(&self) -> Option<[f64; 4]> {
        let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in self
            .positions
            .iter()
            .chain(&self.vertices)
            .filter(|p| p[0].is_finite() && p[1].is_finite())
        {
            b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
        }
        (b[0] <= b[2]).then_some(b)
    }

    pub fn is_anonymous(&self, node: NodeIndex) -> bool {
        node.0 as usize >= self.node_ids.len()
    }

    /// Must not be anonymous; so for all `node_*` below.
    pub fn node_id(&self, node: NodeIndex) -> FeatureId {
        self.node_ids[node.0 as usize]
    }

    pub fn node_class(&self, node: NodeIndex) -> ClassIndex {
        self.node_class[node.0 as usize]
    }

    /// What kind of its class a node is (gate, butterfly, PRV …), as a position in the class's dictionary of kinds:
    /// `Schema::kind_code` gives the code.
    pub fn node_kind(&self, node: NodeIndex) -> Option<usize> {
        usize::from(*self.node_kind.get(node.0 as usize)?).checked_sub(1)
    }

    /// No bits for anonymous vertices.
    pub fn node_flags(&self, node: NodeIndex) -> NodeFlags {
        self.node_flags.get(node.0 as usize).copied().unwrap_or_default()
    }

    pub fn node_state(&self, node: NodeIndex) -> LifeState {
        self.node_state[node.0 as usize]
    }

    /// NaN where unknown.
    pub fn node_diameter_mm(&self, node: NodeIndex) -> f32 {
        self.node_diameter_mm[node.0 as usize]
    }

    pub fn node_customers(&self, node: NodeIndex) -> u32 {
        self.node_customers[node.0 as usize]
    }

    /// Empty for anonymous vertices.
    pub fn node_code(&self, node: NodeIndex) -> &str {
        if self.is_anonymous(node) {
            ""
        } else {
            self.node_codes.get(node.0 as usize)
        }
    }

    /// NaN where the node has no geometry.
    pub fn position(&self, node: NodeIndex) -> [f64; 2] {
        self.positions[node.0 as usize]
    }

    /// Ground or device height in metres, NaN where unknown.
    pub fn node_z_m(&self, node: NodeIndex) -> f32 {
        self.node_z[node.0 as usize]
    }

    /// The piece a node hangs on beside the graph (hydrant, customer on a pipe) and the distance in metres from
    /// that piece's start.
    pub fn hangs_on(&self, node: NodeIndex) -> Option<(PieceIndex, f64)> {
        let piece = *self.hang_piece.get(node.0 as usize)?;
        (piece != NONE).then(|| {
            (
                PieceIndex(piece),
                f64::from(self.hang_distance_m[node.0 as usize]),
            )
        })
    }

    /// Of a one-way device: the piece that water leaves it through; `None` where nobody recorded it.
    pub fn outlet(&self, node: NodeIndex) -> Option<PieceIndex> {
        let piece = *self.flow_to_piece.get(node.0 as usize)?;
        (piece != NONE).then_some(PieceIndex(piece))
    }

    pub fn nodes_hanging_on(&self, piece: PieceIndex) -> &[NodeIndex] {
        &self.hanging[span(&self.hanging_start, piece.0)]
    }

    pub fn pipe_id(&self, pipe: PipeIndex) -> FeatureId {
        self.pipe_ids[pipe.0 as usize]
    }

    pub fn pipe_class(&self, pipe: PipeIndex) -> ClassIndex {
        self.pipe_class[pipe.0 as usize]
    }

    pub fn pipe_state(&self, pipe: PipeIndex) -> LifeState {
        self.pipe_state[pipe.0 as usize]
    }

    pub fn pipe_ends(&self, pipe: PipeIndex) -> [NodeIndex; 2] {
        [self.pipe_from[pipe.0 as usize], self.pipe_to[pipe.0 as usize]]
    }

    /// Recorded length where there is one, else that of the geometry.
    pub fn pipe_length_m(&self, pipe: PipeIndex) -> f64 {
        self.pipe_length_m[pipe.0 as usize]
    }

    /// NaN where unknown.
    pub fn pipe_diameter_mm(&self, pipe: PipeIndex) -> f32 {
        self.pipe_diameter_mm[pipe.0 as usize]
    }

    /// Position in the `material` dictionary.
    pub fn pipe_material(&self, pipe: PipeIndex) -> Option<usize> {
        usize::from(self.pipe_material[pipe.0 as usize]).checked_sub(1)
    }

    pub fn pipe_customers(&self, pipe: PipeIndex) -> u32 {
        self.pipe_customers[pipe.0 as usize]
    }

    pub fn pipe_code(&self, pipe: PipeIndex) -> &str {
        self.pipe_codes.get(pipe.0 as usize)
    }

    /// Empty where the pipe has no geometry.
    pub fn pipe_vertices(&self, pipe: PipeIndex) -> &[[f64; 2]] {
        &self.vertices[span(&self.vertex_start, pipe.0)]
    }

    /// In order along the pipe; none for a pipe that is not in service.
    pub fn pieces_of(&self, pipe: PipeIndex) -> impl Iterator<Item = PieceIndex> + use<> {
        let range = span(&self.pipe_piece_start, pipe.0);
        (range.start as u32..range.end as u32).map(PieceIndex)
    }

    pub fn piece_pipe(&self, piece: PieceIndex) -> PipeIndex {
        self.piece_pipe[piece.0 as usize]
    }

    pub fn piece_ends(&self, piece: PieceIndex) -> [NodeIndex; 2] {
        self.piece_ends[piece.0 as usize]
    }

    pub fn piece_length_m(&self, piece: PieceIndex) -> f64 {
        self.piece_length_m[piece.0 as usize]
    }

    /// Pieces that meet in a vertex; one that starts and ends there comes twice.
    pub fn pieces_at(&self, node: NodeIndex) -> &[PieceIndex] {
        &self.adjacency[span(&self.adjacency_start, node.0)]
    }

    /// Distance of a piece's start from its pipe's start, in metres of recorded length.
    pub fn piece_start_m(&self, piece: PieceIndex) -> f64 {
        let first = self.pipe_piece_start[self.piece_pipe(piece).0 as usize];
        (first..piece.0).map(|i| self.piece_length_m[i as usize]).sum()
    }

    /// The piece at `along_m` of the pipe's geometry; `None` for a pipe that is not in service.
    pub fn piece_at(&self, pipe: PipeIndex, along_m: f64) -> Option<PieceIndex> {
        let drawn_m = self.metric.length_m(self.pipe_vertices(pipe));
        let scale = if drawn_m > 0.0 {
            self.pipe_length_m(pipe) / drawn_m
        } else {
            1.0
        };
        let mut rest = along_m * scale;
        let mut last = None;
        for piece in self.pieces_of(pipe) {
            last = Some(piece);
            if rest <= self.piece_length_m(piece) {
                break;
            }
            rest -= self.piece_length_m(piece);
        }
        last
    }

    /// Geometry of a piece: the stretch of its pipe between its ends.
    pub fn piece_vertices(&self, piece: PieceIndex) -> Vec<[f64; 2]> {
        let pipe = self.piece_pipe(piece);
        let line = self.pipe_vertices(pipe);
        let length_m = self.pipe_length_m(pipe);
        let drawn_m = self.metric.length_m(line);
        if self.pieces_of(pipe).count() == 1 || length_m <= 0.0 {
            return line.to_vec();
        }
        let scale = drawn_m / length_m;
        let start = self.piece_start_m(piece) * scale;
        self.metric
            .stretch(line, start, start + self.piece_length_m(piece) * scale)
    }

    /// All nodes with that code, in index order.
    pub fn nodes_with_code(&self, code: &str) -> Vec<NodeIndex> {
        self.code_index
            .nodes
            .find(code, |i| self.node_codes.get(i as usize))
            .map(NodeIndex)
            .collect()
    }

    /// All pipes with that code, in index order.
    pub fn pipes_with_code(&self, code: &str) -> Vec<PipeIndex> {
        self.code_index
            .pipes
            .find(code, |i| self.pipe_codes.get(i as usize))
            .map(PipeIndex)
            .collect()
    }

    /// Whether a source reached the piece before anything was closed.
    pub fn is_supplied(&self, piece: PieceIndex) -> bool {
        self.supply.is_supplied(piece)
    }

    /// Nodes in service that supply the network.
    pub fn sources(&self) -> &[NodeIndex] {
        self.supply.sources()
    }
}

fn span(starts: &[u32], i: u32) -> Range<usize> {
    starts[i as usize] as usize..starts[i as usize + 1] as usize
}

/// Many short texts in one allocation.
#[derive(Debug, Clone)]
pub(crate) struct Strings {
    text: String,
    start: Vec<u32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            text: String::new(),
            start: vec![0],
        }
    }
}

impl Strings {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.start.push(self.text.len() as u32);
    }

    pub(crate) fn get(&self, i: usize) -> &str {
        self.text
            .get(self.start[i] as usize..self.start[i + 1] as usize)
            .unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// The same texts in another order.
    pub(crate) fn permuted(&self, order: &[u32]) -> Self {
        let mut out = Self {
            text: String::with_capacity(self.text.len()),
            start: Vec::with_capacity(order.len() + 1),
        };
        out.start.push(0);
        for &i in order {
            out.push(self.get(i as usize));
        }
        out
    }
}

/// Features by code: sorted hashes, since a map of strings would weigh more than the network.
#[derive(Debug, Default)]
pub(crate) struct HashIndex(Vec<(u64, u32)>);

impl HashIndex {
    pub(crate) fn build(codes: &Strings) -> Self {
        let mut entries: Vec<(u64, u32)> = (0..codes.len()).map(|i| (hash(codes.get(i)), i as u32)).collect();
        entries.sort_unstable();
        Self(entries)
    }

    fn find<'a>(
        &'a self,
        code: &'a str,
        text: impl Fn(u32) -> &'a str + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        let wanted = hash(code);
        let first = self.0.partition_point(|(h, _)| *h < wanted);
        self.0[first..]
            .iter()
            .take_while(move |(h, _)| *h == wanted)
            .map(|(_, i)| *i)
            .filter(move |i| text(*i) == code)
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, Default)]
pub(crate) struct CodeIndex {
    pub(crate) nodes: HashIndex,
    pub(crate) pipes: HashIndex,
}
