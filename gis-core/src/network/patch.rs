//! What edits have changed of a network since it was put together: whole records that stand before the columns. It
//! decides nothing; `update` writes it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::access::hash;
use super::columns::{Columns, Step};
use super::overlay::{Cells, Overlay, Shards};
use super::{LifeState, Metric, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use crate::ids::FeatureId;
use crate::issue::Issue;
use crate::model::ClassIndex;

/// Cells of the index of changed things are at least this wide, in metres.
const SMALLEST_CELL_M: f64 = 32.0;

#[derive(Debug, Clone, Default)]
pub(super) struct Patch {
    pub(super) nodes: Overlay<NodePatch>,
    pub(super) vertices: Overlay<VertexPatch>,
    pub(super) pipes: Overlay<PipePatch>,
    pub(super) pieces: Overlay<PiecePatch>,
    /// Behind those of the columns.
    pub(super) added_vertices: u32,
    pub(super) added_pipes: u32,
    pub(super) added_pieces: u32,
    /// Features that are there, less those of the columns.
    pub(super) more_nodes: i64,
    pub(super) more_pipes: i64,
    pub(super) node_cells: Cells,
    pub(super) pipe_cells: Cells,
    /// By the hash of the code; whether it still is the code is for the reader to see.
    pub(super) node_codes: Shards<u64, Vec<u32>>,
    pub(super) pipe_codes: Shards<u64, Vec<u32>>,
    /// Nodes that the data put on a pipe, whether they still do or not.
    pub(super) on_pipe: Shards<FeatureId, Vec<u32>>,
    /// Pipes that are, or were, drawn straight between their ends, since the data have no line.
    pub(super) undrawn: Arc<BTreeSet<u32>>,
    /// Features that were added.
    pub(super) node_ids: Shards<FeatureId, u32>,
    pub(super) pipe_ids: Shards<FeatureId, u32>,
    /// All nodes of accounts that have changed.
    pub(super) accounts: Shards<u64, Vec<u32>>,
    /// In place of what the columns say for the same feature and step.
    pub(super) findings: Shards<(FeatureId, Step), Vec<Issue>>,
    /// Whether anything was ever changed.
    pub(super) is_used: bool,
}

/// A node feature.
#[derive(Debug, Clone)]
pub(super) struct NodePatch {
    pub(super) is_alive: bool,
    pub(super) id: FeatureId,
    pub(super) class: ClassIndex,
    pub(super) kind: u16,
    pub(super) flags: NodeFlags,
    pub(super) state: LifeState,
    pub(super) diameter_mm: f32,
    pub(super) customers: u32,
    pub(super) code: Box<str>,
    pub(super) z_m: f32,
    pub(super) on_pipe: Option<(FeatureId, Option<f64>)>,
    pub(super) flow_to: Option<FeatureId>,
    pub(super) inlets: Vec<FeatureId>,
    pub(super) account: Option<u64>,
    pub(super) hang_piece: u32,
    pub(super) hang_distance_m: f32,
    pub(super) outlet: u32,
}

/// A vertex of the graph, anonymous or not.
#[derive(Debug, Clone)]
pub(super) struct VertexPatch {
    pub(super) position: [f64; 2],
    pub(super) pieces: Vec<PieceIndex>,
}

#[derive(Debug, Clone)]
pub(super) struct PipePatch {
    pub(super) is_alive: bool,
    pub(super) id: FeatureId,
    pub(super) class: ClassIndex,
    pub(super) state: LifeState,
    pub(super) ends: [NodeIndex; 2],
    pub(super) named: [Option<FeatureId>; 2],
    pub(super) length_m: f64,
    pub(super) has_length: bool,
    pub(super) diameter_mm: f32,
    pub(super) material: u16,
    pub(super) customers: u32,
    pub(super) code: Box<str>,
    pub(super) is_drawn: bool,
    pub(super) vertices: Arc<[[f64; 2]]>,
    pub(super) pieces: Range<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct PiecePatch {
    pub(super) is_alive: bool,
    pub(super) pipe: PipeIndex,
    pub(super) ends: [NodeIndex; 2],
    pub(super) length_m: f64,
    pub(super) is_inlet: [bool; 2],
    pub(super) hanging: Vec<NodeIndex>,
}

impl Columns {
    pub(super) fn node(&self, i: u32) -> NodePatch {
        let at = i as usize;
        NodePatch {
            is_alive: true,
            id: self.node_ids[at],
            class: self.node_class[at],
            kind: self.node_kind[at],
            flags: self.node_flags[at],
            state: self.node_state[at],
            diameter_mm: self.node_diameter_mm[at],
            customers: self.node_customers[at],
            code: self.node_codes.get(at).into(),
            z_m: self.node_z[at],
            on_pipe: self.devices.on_pipe.get(&i).copied(),
            flow_to: self.devices.flow_to.get(&i).copied(),
            inlets: self.devices.inlets.get(&i).cloned().unwrap_or_default(),
            account: self.accounts.of_node.get(&i).copied(),
            hang_piece: self.hang_piece[at],
            hang_distance_m: self.hang_distance_m[at],
            outlet: self.flow_to_piece[at],
        }
    }

    pub(super) fn pipe(&self, i: u32) -> PipePatch {
        let at = i as usize;
        let ends = [self.pipe_from[at], self.pipe_to[at]];
        PipePatch {
            is_alive: true,
            id: self.pipe_ids[at],
            class: self.pipe_class[at],
            state: self.pipe_state[at],
            ends,
            named: self.named_ends(i),
            length_m: self.pipe_length_m[at],
            has_length: self.undrawn.get(&i).copied().unwrap_or(true),
            diameter_mm: self.pipe_diameter_mm[at],
            material: self.pipe_material[at],
            customers: self.pipe_customers[at],
            code: self.pipe_codes.get(at).into(),
            is_drawn: !self.undrawn.contains_key(&i),
            vertices: self.vertices[self.vertex_start[at] as usize..self.vertex_start[at + 1] as usize]
                .into(),
            pieces: self.pipe_piece_start[at]..self.pipe_piece_start[at + 1],
        }
    }

    pub(super) fn named_ends(&self, i: u32) -> [Option<FeatureId>; 2] {
        if let Some(named) = self.unknown_ends.get(&i) {
            return *named;
        }
        let at = i as usize;
        let ends = [self.pipe_from[at], self.pipe_to[at]];
        [0, 1].map(|side| self.pipe_named[at][side].then(|| self.node_ids[ends[side].0 as usize]))
    }

    pub(super) fn piece(&self, i: u32) -> PiecePatch {
        let at = i as usize;
        PiecePatch {
            is_alive: true,
            pipe: self.piece_pipe[at],
            ends: self.piece_ends[at],
            length_m: self.piece_length_m[at],
            is_inlet: self.piece_is_inlet[at],
            hanging: self.hanging[self.hanging_start[at] as usize..self.hanging_start[at + 1] as usize]
                .into(),
        }
    }

    pub(super) fn vertex(&self, i: u32) -> VertexPatch {
        let at = i as usize;
        let around = self.adjacency_start[at] as usize..self.adjacency_start[at + 1] as usize;
        VertexPatch {
            position: self.positions[at],
            pieces: self.adjacency[around].to_vec(),
        }
    }
}

impl Patch {
    pub(super) fn index_node(&mut self, metric: Metric, i: u32, place: [f64; 2]) {
        self.node_cells.insert(point_box(place), i, smallest(metric));
    }

    pub(super) fn forget_node(&mut self, metric: Metric, i: u32, place: [f64; 2]) {
        self.node_cells.remove(point_box(place), i, smallest(metric));
    }

    /// The record of a node, copied from the columns where it is the first.
    pub(super) fn edit_node(&mut self, columns: &Columns, metric: Metric, i: u32) -> &mut NodePatch {
        if !self.nodes.has(i) {
            let position = match self.vertices.get(i) {
                Some(vertex) => vertex.position,
                None => columns.positions[i as usize],
            };
            self.index_node(metric, i, position);
        }
        self.nodes.edit(i, || columns.node(i))
    }

    /// The record of a pipe, copied from the columns where it is the first.
    pub(super) fn edit_pipe(&mut self, columns: &Columns, metric: Metric, i: u32) -> &mut PipePatch {
        if !self.pipes.has(i) {
            let record = columns.pipe(i);
            let b = bounding_box(&record.vertices);
            self.pipe_cells.insert(b, i, smallest(metric));
            self.pipes.set(i, record);
        }
        self.pipes.edit(i, || columns.pipe(i))
    }

    /// Gives a pipe another line.
    pub(super) fn lay_pipe(&mut self, columns: &Columns, metric: Metric, i: u32, line: Arc<[[f64; 2]]>) {
        let before = bounding_box(&self.edit_pipe(columns, metric, i).vertices);
        self.pipe_cells.remove(before, i, smallest(metric));
        self.pipe_cells.insert(bounding_box(&line), i, smallest(metric));
        self.edit_pipe(columns, metric, i).vertices = line;
    }

    pub(super) fn note_code(codes: &mut Shards<u64, Vec<u32>>, code: &str, i: u32) {
        Self::note(codes, hash(code), i);
    }

    pub(super) fn note<K: std::hash::Hash + Eq + Clone>(lists: &mut Shards<K, Vec<u32>>, key: K, i: u32) {
        let list = lists.edit(key);
        if !list.contains(&i) {
            list.push(i);
        }
    }
}

fn smallest(metric: Metric) -> f64 {
    SMALLEST_CELL_M / metric.x_m
}

pub(super) fn point_box(p: [f64; 2]) -> [f64; 4] {
    [p[0], p[1], p[0], p[1]]
}

/// Not finite for a line without vertices.
pub(super) fn bounding_box(line: &[[f64; 2]]) -> [f64; 4] {
    let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in line {
        b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    }
    b
}
