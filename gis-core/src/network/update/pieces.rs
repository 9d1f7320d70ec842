//! Cuts the marked pipes into pieces and joins these to the graph, then gives the devices around them their direction.

use super::super::columns::Step;
use super::super::joining::{cut, no_direction, outlet_piece, straightness};
use super::super::patch::PiecePatch;
use super::super::{NONE, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use super::Updater;

impl Updater<'_> {
    pub(super) fn cut_pipes(&mut self) {
        let mut on = self.seats_on();
        let pipes: Vec<u32> = self.recut.iter().copied().collect();
        self.is_regrouped |= !pipes.is_empty();
        for &pipe in &pipes {
            self.take_out(PipeIndex(pipe));
        }
        for pipe in pipes {
            let here = on.remove(&pipe).unwrap_or_default();
            let mut pieces: Vec<PiecePatch> = Vec::new();
            let mut hanging_m: Vec<f64> = Vec::new();
            if self.is_in_service(pipe) {
                let index = PipeIndex(pipe);
                let length_m = self.new.pipe_length_m(index);
                cut(
                    self.new.pipe_ends(index),
                    length_m,
                    here.into_iter(),
                    |ends, length_m, hanging| {
                        hanging_m.extend(hanging.iter().map(|(_, distance_m)| *distance_m));
                        pieces.push(PiecePatch {
                            is_alive: true,
                            pipe: index,
                            ends,
                            length_m,
                            is_inlet: [false; 2],
                            hanging: hanging.iter().map(|(node, _)| NodeIndex(*node)).collect(),
                        });
                    },
                );
            }
            self.put_in(pipe, pieces, &hanging_m);
        }
    }

    /// Takes the pieces of a pipe out of the graph.
    fn take_out(&mut self, pipe: PipeIndex) {
        for piece in self.new.pieces_of(pipe) {
            for end in self.new.piece_ends(piece) {
                self.redirect.insert(end.0);
                self.edit_vertex(end).retain(|other| *other != piece);
            }
            for node in self.new.nodes_hanging_on(piece).to_vec() {
                self.edit_node(node.0).hang_piece = NONE;
            }
            let columns = &self.new.columns;
            let record = self.new.patch.pieces.edit(piece.0, || columns.piece(piece.0));
            record.is_alive = false;
            record.hanging = Vec::new();
        }
    }

    fn put_in(&mut self, pipe: u32, pieces: Vec<PiecePatch>, hanging_m: &[f64]) {
        let before = self.new.piece_range(PipeIndex(pipe));
        let count = pieces.len() as u32;
        let first = if before.len() == pieces.len() {
            before.start
        } else {
            let first = self.new.piece_slots() as u32;
            self.new.patch.added_pieces += count;
            first
        };
        self.edit_pipe(pipe).pieces = first..first + count;
        let mut hanging_m = hanging_m.iter();
        for (i, piece) in (first..).zip(pieces) {
            for end in piece.ends {
                self.edit_vertex(end).push(PieceIndex(i));
                self.redirect.insert(end.0);
            }
            for (node, distance_m) in piece.hanging.iter().zip(hanging_m.by_ref()) {
                let record = self.edit_node(node.0);
                record.hang_piece = i;
                record.hang_distance_m = *distance_m as f32;
            }
            self.new.patch.pieces.set(i, piece);
            if let Some(ratio) = straightness(&self.new, PieceIndex(i)) {
                self.new.straightness = self.new.straightness.min(ratio);
            }
        }
    }

    fn edit_vertex(&mut self, vertex: NodeIndex) -> &mut Vec<PieceIndex> {
        let columns = &self.new.columns;
        let record = self
            .new
            .patch
            .vertices
            .edit(vertex.0, || columns.vertex(vertex.0));
        &mut record.pieces
    }

    /// Gives one-way devices their direction and sources their inlets.
    pub(super) fn direct_devices(&mut self) {
        for i in self.redirect.clone() {
            if !self.new.is_node(i) {
                continue;
            }
            let node = NodeIndex(i);
            self.mark_inlets(node);
            let (flow_to, before) = match self.new.patch.nodes.get(i) {
                Some(patch) => (patch.flow_to, patch.outlet),
                None => (
                    self.new.columns.devices.flow_to.get(&i).copied(),
                    self.new.columns.flow_to_piece[i as usize],
                ),
            };
            let is_one_way = self.new.node_flags(node).has(NodeFlags::ONE_WAY);
            let outlet = flow_to
                .filter(|_| is_one_way)
                .and_then(|target| outlet_piece(&self.new, node, target));
            let is_missing = is_one_way && outlet.is_none() && !self.new.pieces_at(node).is_empty();
            let issues = is_missing.then(|| no_direction(&self.new, node));
            self.find(
                self.new.node_id(node),
                Step::Direction,
                issues.into_iter().collect(),
            );
            let outlet = outlet.map_or(NONE, |piece| piece.0);
            if outlet != before {
                self.edit_node(i).outlet = outlet;
                self.is_regrouped = true;
            }
        }
    }

    /// Marks the ends of pieces at a source that only fill it.
    fn mark_inlets(&mut self, node: NodeIndex) {
        let inlets = match self.new.patch.nodes.get(node.0) {
            Some(patch) => patch.inlets.clone(),
            None => match self.new.columns.devices.inlets.get(&node.0) {
                Some(inlets) => inlets.clone(),
                None => return,
            },
        };
        for piece in self.new.pieces_at(node).to_vec() {
            let is_inlet = inlets.contains(&self.new.pipe_id(self.new.piece_pipe(piece)));
            let ends = self.new.piece_ends(piece);
            for (side, end) in ends.into_iter().enumerate() {
                if end == node && self.new.piece_is_inlet(piece)[side] != is_inlet {
                    let columns = &self.new.columns;
                    let record = self.new.patch.pieces.edit(piece.0, || columns.piece(piece.0));
                    record.is_inlet[side] = is_inlet;
                    self.is_regrouped = true;
                }
            }
        }
    }
}
