//! Reading a snapshot: one accessor a column, lookups by code.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use super::{
    LifeState, Metric, NONE, Network, NetworkOptions, NodeFlags, NodeIndex, PieceIndex, PipeIndex, Supply,
};
use crate::ids::FeatureId;
use crate::issue::Issues;
use crate::model::ClassIndex;

impl Network {
    /// Node features.
    pub fn node_count(&self) -> usize {
        (self.columns.node_ids.len() as i64 + self.patch.more_nodes) as usize
    }

    pub fn pipe_count(&self) -> usize {
        (self.columns.pipe_ids.len() as i64 + self.patch.more_pipes) as usize
    }

    /// Above the index of every node feature and every anonymous pipe end.
    pub fn vertex_slots(&self) -> usize {
        self.columns.positions.len() + self.patch.added_vertices as usize
    }

    /// Above the index of every node feature.
    pub fn node_slots(&self) -> usize {
        if self.patch.added_vertices == 0 {
            self.columns.node_ids.len()
        } else {
            self.vertex_slots()
        }
    }

    /// Above the index of every pipe.
    pub fn pipe_slots(&self) -> usize {
        self.columns.pipe_ids.len() + self.patch.added_pipes as usize
    }

    /// Above the index of every piece.
    pub fn piece_slots(&self) -> usize {
        self.columns.piece_pipe.len() + self.patch.added_pieces as usize
    }

    pub fn nodes(&self) -> impl Iterator<Item = NodeIndex> {
        let added = self.columns.positions.len() as u32..self.vertex_slots() as u32;
        (0..self.columns.node_ids.len() as u32)
            .chain(added)
            .filter(|i| self.is_node(*i))
            .map(NodeIndex)
    }

    pub fn pipes(&self) -> impl Iterator<Item = PipeIndex> {
        (0..self.pipe_slots() as u32)
            .filter(|i| self.is_pipe(*i))
            .map(PipeIndex)
    }

    pub fn pieces(&self) -> impl Iterator<Item = PieceIndex> {
        (0..self.piece_slots() as u32)
            .filter(|i| self.patch.pieces.get(*i).is_none_or(|piece| piece.is_alive))
            .map(PieceIndex)
    }

    /// Whether a node feature has that index.
    pub(super) fn is_node(&self, i: u32) -> bool {
        match self.patch.nodes.get(i) {
            Some(node) => node.is_alive,
            None => (i as usize) < self.columns.node_ids.len(),
        }
    }

    /// Whether a pipe has that index.
    pub(crate) fn is_pipe(&self, i: u32) -> bool {
        match self.patch.pipes.get(i) {
            Some(pipe) => pipe.is_alive,
            None => (i as usize) < self.columns.pipe_ids.len(),
        }
    }

    /// Whether the node, once a feature, still is one.
    pub fn has_node(&self, node: NodeIndex) -> bool {
        self.is_node(node.0)
    }

    pub fn has_pipe(&self, pipe: PipeIndex) -> bool {
        self.is_pipe(pipe.0)
    }

    /// Makes ready what the first update, and the first search for an id, would have to wait for.
    pub fn prepare_updates(&self) {
        self.columns.order_ids();
    }

    /// The node feature of that id.
    pub fn node_of_id(&self, id: FeatureId) -> Option<NodeIndex> {
        let found = self.patch.node_ids.get(&id).copied();
        let i = found.or_else(|| self.columns.node_of(id))?;
        self.is_node(i).then_some(NodeIndex(i))
    }

    /// The pipe of that id.
    pub fn pipe_of_id(&self, id: FeatureId) -> Option<PipeIndex> {
        let found = self.patch.pipe_ids.get(&id).copied();
        let i = found.or_else(|| self.columns.pipe_of(id))?;
        self.is_pipe(i).then_some(PipeIndex(i))
    }

    pub fn metric(&self) -> Metric {
        self.metric
    }

    pub fn options(&self) -> &NetworkOptions {
        &self.options
    }

    /// What was found wrong or doubtful while the network was put together.
    pub fn issues(&self) -> Issues {
        let mut issues = Issues::default();
        let replaced = &self.patch.findings;
        for (subject, issue) in &self.columns.findings.list {
            if subject.is_none_or(|subject| replaced.get(&subject).is_none()) {
                issues.push(issue.clone());
            }
        }
        let mut later: Vec<_> = replaced.iter().collect();
        later.sort_unstable_by_key(|(subject, _)| **subject);
        for issue in later.into_iter().flat_map(|(_, issues)| issues) {
            issues.push(issue.clone());
        }
        issues
    }

    /// `[min_x, min_y, max_x, max_y]` of everything that has a place; `None` for an empty network.
    pub fn extent(&self) -> Option<[f64; 4]> {
        let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut take = |p: &[f64; 2]| {
            if p[0].is_finite() && p[1].is_finite() {
                b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
            }
        };
        if self.patch.is_used {
            self.nodes().for_each(|n| take(&self.position(n)));
            self.pipes()
                .for_each(|p| self.pipe_vertices(p).iter().for_each(&mut take));
        } else {
            self.columns.positions.iter().for_each(&mut take);
            self.columns.vertices.iter().for_each(&mut take);
        }
        (b[0] <= b[2]).then_some(b)
    }

    pub fn is_anonymous(&self, node: NodeIndex) -> bool {
        node.0 as usize >= self.columns.node_ids.len() && !self.patch.nodes.has(node.0)
    }

    /// Must not be anonymous; so for all `node_*` below.
    pub fn node_id(&self, node: NodeIndex) -> FeatureId {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.id,
            None => self.columns.node_ids[node.0 as usize],
        }
    }

    pub fn node_class(&self, node: NodeIndex) -> ClassIndex {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.class,
            None => self.columns.node_class[node.0 as usize],
        }
    }

    /// What kind of its class a node is (gate, butterfly, PRV …), as a position in the class's dictionary of kinds:
    /// `Schema::kind_code` gives the code.
    pub fn node_kind(&self, node: NodeIndex) -> Option<usize> {
        let kind = match self.patch.nodes.get(node.0) {
            Some(patch) => patch.kind,
            None => *self.columns.node_kind.get(node.0 as usize)?,
        };
        usize::from(kind).checked_sub(1)
    }

    /// No bits for anonymous vertices.
    pub fn node_flags(&self, node: NodeIndex) -> NodeFlags {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.flags,
            None => self
                .columns
                .node_flags
                .get(node.0 as usize)
                .copied()
                .unwrap_or_default(),
        }
    }

    pub fn node_state(&self, node: NodeIndex) -> LifeState {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.state,
            None => self.columns.node_state[node.0 as usize],
        }
    }

    /// NaN where unknown.
    pub fn node_diameter_mm(&self, node: NodeIndex) -> f32 {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.diameter_mm,
            None => self.columns.node_diameter_mm[node.0 as usize],
        }
    }

    pub fn node_customers(&self, node: NodeIndex) -> u32 {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.customers,
            None => self.columns.node_customers[node.0 as usize],
        }
    }

    /// Empty for anonymous vertices.
    pub fn node_code(&self, node: NodeIndex) -> &str {
        match self.patch.nodes.get(node.0) {
            Some(patch) => &patch.code,
            None if self.is_anonymous(node) => "",
            None => self.columns.node_codes.get(node.0 as usize),
        }
    }

    /// NaN where the node has no geometry.
    pub fn position(&self, node: NodeIndex) -> [f64; 2] {
        match self.patch.vertices.get(node.0) {
            Some(patch) => patch.position,
            None => self.columns.positions[node.0 as usize],
        }
    }

    /// Ground or device height in metres, NaN where unknown.
    pub fn node_z_m(&self, node: NodeIndex) -> f32 {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.z_m,
            None => self.columns.node_z[node.0 as usize],
        }
    }

    /// The piece a node hangs on beside the graph (hydrant, customer on a pipe) and the distance in metres from
    /// that piece's start.
    pub fn hangs_on(&self, node: NodeIndex) -> Option<(PieceIndex, f64)> {
        let (piece, distance_m) = if let Some(patch) = self.patch.nodes.get(node.0) {
            (patch.hang_piece, patch.hang_distance_m)
        } else {
            let i = node.0 as usize;
            let piece = *self.columns.hang_piece.get(i)?;
            (piece, self.columns.hang_distance_m[i])
        };
        (piece != NONE).then(|| (PieceIndex(piece), f64::from(distance_m)))
    }

    /// Of a one-way device: the piece that water leaves it through; `None` where nobody recorded it.
    pub fn outlet(&self, node: NodeIndex) -> Option<PieceIndex> {
        let piece = match self.patch.nodes.get(node.0) {
            Some(patch) => patch.outlet,
            None => *self.columns.flow_to_piece.get(node.0 as usize)?,
        };
        (piece != NONE).then_some(PieceIndex(piece))
    }

    /// The account of a customer that is fed at several nodes, as a number that means nothing else.
    pub fn shared_account(&self, node: NodeIndex) -> Option<u64> {
        let accounts = &self.columns.accounts;
        let account = match self.patch.nodes.get(node.0) {
            Some(patch) => patch.account,
            None if accounts.shared.is_empty() && !self.patch.is_used => None,
            None => accounts.of_node.get(&node.0).copied(),
        }?;
        let is_shared = match self.patch.accounts.get(&account) {
            Some(nodes) => nodes.len() > 1,
            None => accounts.shared.contains(&account),
        };
        is_shared.then_some(account)
    }

    /// The nodes that share an account.
    pub fn nodes_of_account(&self, account: u64) -> Vec<NodeIndex> {
        match self.patch.accounts.get(&account) {
            Some(nodes) => nodes.iter().copied().map(NodeIndex).collect(),
            None => self.columns.accounts.nodes(account).map(NodeIndex).collect(),
        }
    }

    pub fn nodes_hanging_on(&self, piece: PieceIndex) -> &[NodeIndex] {
        match self.patch.pieces.get(piece.0) {
            Some(patch) => &patch.hanging,
            None => &self.columns.hanging[span(&self.columns.hanging_start, piece.0)],
        }
    }

    pub fn pipe_id(&self, pipe: PipeIndex) -> FeatureId {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.id,
            None => self.columns.pipe_ids[pipe.0 as usize],
        }
    }

    pub fn pipe_class(&self, pipe: PipeIndex) -> ClassIndex {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.class,
            None => self.columns.pipe_class[pipe.0 as usize],
        }
    }

    pub fn pipe_state(&self, pipe: PipeIndex) -> LifeState {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.state,
            None => self.columns.pipe_state[pipe.0 as usize],
        }
    }

    pub fn pipe_ends(&self, pipe: PipeIndex) -> [NodeIndex; 2] {
        if let Some(patch) = self.patch.pipes.get(pipe.0) {
            patch.ends
        } else {
            let i = pipe.0 as usize;
            [self.columns.pipe_from[i], self.columns.pipe_to[i]]
        }
    }

    /// The nodes that the data name as the ends of a pipe; where they name none, the ends were found by place.
    pub fn named_ends(&self, pipe: PipeIndex) -> [Option<FeatureId>; 2] {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.named,
            None => self.columns.named_ends(pipe.0),
        }
    }

    /// Recorded length where there is one, else that of the geometry.
    pub fn pipe_length_m(&self, pipe: PipeIndex) -> f64 {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.length_m,
            None => self.columns.pipe_length_m[pipe.0 as usize],
        }
    }

    /// NaN where unknown.
    pub fn pipe_diameter_mm(&self, pipe: PipeIndex) -> f32 {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.diameter_mm,
            None => self.columns.pipe_diameter_mm[pipe.0 as usize],
        }
    }

    /// Position in the `material` dictionary.
    pub fn pipe_material(&self, pipe: PipeIndex) -> Option<usize> {
        let material = match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.material,
            None => self.columns.pipe_material[pipe.0 as usize],
        };
        usize::from(material).checked_sub(1)
    }

    pub fn pipe_customers(&self, pipe: PipeIndex) -> u32 {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => patch.customers,
            None => self.columns.pipe_customers[pipe.0 as usize],
        }
    }

    pub fn pipe_code(&self, pipe: PipeIndex) -> &str {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => &patch.code,
            None => self.columns.pipe_codes.get(pipe.0 as usize),
        }
    }

    /// Empty where the pipe has no geometry.
    pub fn pipe_vertices(&self, pipe: PipeIndex) -> &[[f64; 2]] {
        match self.patch.pipes.get(pipe.0) {
            Some(patch) => &patch.vertices,
            None => &self.columns.vertices[span(&self.columns.vertex_start, pipe.0)],
        }
    }

    /// In order along the pipe; none for a pipe that is not in service.
    pub fn pieces_of(&self, pipe: PipeIndex) -> impl Iterator<Item = PieceIndex> + use<> {
        self.piece_range(pipe).map(PieceIndex)
    }

    pub(super) fn piece_range(&self, pipe: PipeIndex) -> Range<u32> {
        if let Some(patch) = self.patch.pipes.get(pipe.0) {
            patch.pieces.clone()
        } else {
            let range = span(&self.columns.pipe_piece_start, pipe.0);
            range.start as u32..range.end as u32
        }
    }

    pub fn piece_pipe(&self, piece: PieceIndex) -> PipeIndex {
        match self.patch.pieces.get(piece.0) {
            Some(patch) => patch.pipe,
            None => self.columns.piece_pipe[piece.0 as usize],
        }
    }

    pub fn piece_ends(&self, piece: PieceIndex) -> [NodeIndex; 2] {
        match self.patch.pieces.get(piece.0) {
            Some(patch) => patch.ends,
            None => self.columns.piece_ends[piece.0 as usize],
        }
    }

    pub fn piece_length_m(&self, piece: PieceIndex) -> f64 {
        match self.patch.pieces.get(piece.0) {
            Some(patch) => patch.length_m,
            None => self.columns.piece_length_m[piece.0 as usize],
        }
    }

    /// Per end: whether the piece only fills the source there.
    pub(crate) fn piece_is_inlet(&self, piece: PieceIndex) -> [bool; 2] {
        match self.patch.pieces.get(piece.0) {
            Some(patch) => patch.is_inlet,
            None => self.columns.piece_is_inlet[piece.0 as usize],
        }
    }

    /// Pieces that meet in a vertex; one that starts and ends there comes twice.
    pub fn pieces_at(&self, node: NodeIndex) -> &[PieceIndex] {
        match self.patch.vertices.get(node.0) {
            Some(patch) => &patch.pieces,
            None => &self.columns.adjacency[span(&self.columns.adjacency_start, node.0)],
        }
    }

    /// Distance of a piece's start from its pipe's start, in metres of recorded length.
    pub fn piece_start_m(&self, piece: PieceIndex) -> f64 {
        let first = self.piece_range(self.piece_pipe(piece)).start;
        (first..piece.0).map(|i| self.piece_length_m(PieceIndex(i))).sum()
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
        let packed = self.columns.code_index.nodes.find(code);
        let later = self.patch.node_codes.get(&hash(code)).into_iter().flatten();
        let mut found: Vec<NodeIndex> = packed
            .chain(later.copied())
            .filter(|i| self.is_node(*i))
            .map(NodeIndex)
            .filter(|n| self.node_code(*n) == code)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// All pipes with that code, in index order.
    pub fn pipes_with_code(&self, code: &str) -> Vec<PipeIndex> {
        let packed = self.columns.code_index.pipes.find(code);
        let later = self.patch.pipe_codes.get(&hash(code)).into_iter().flatten();
        let mut found: Vec<PipeIndex> = packed
            .chain(later.copied())
            .filter(|i| self.is_pipe(*i))
            .map(PipeIndex)
            .filter(|p| self.pipe_code(*p) == code)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// See `Network::straightness`.
    pub(crate) fn straightness(&self) -> f64 {
        self.straightness
    }

    pub(crate) fn supply(&self) -> &Supply {
        self.supply.get_or_init(|| Supply::flood(self))
    }

    /// Whether a source reached the piece before anything was closed.
    pub fn is_supplied(&self, piece: PieceIndex) -> bool {
        self.supply().is_supplied(piece)
    }

    /// Nodes in service that supply the network.
    pub fn sources(&self) -> &[NodeIndex] {
        self.supply().sources()
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

    /// What may have that code.
    fn find(&self, code: &str) -> impl Iterator<Item = u32> {
        let wanted = hash(code);
        let first = self.0.partition_point(|(h, _)| *h < wanted);
        self.0[first..]
            .iter()
            .take_while(move |(h, _)| *h == wanted)
            .map(|(_, i)| *i)
    }
}

pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, Default)]
pub(crate) struct CodeIndex {
    pub(crate) nodes: HashIndex,
    pub(crate) pipes: HashIndex,
}
