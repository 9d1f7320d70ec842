//! Writes changed features into the patch and marks what depends on their new form.

use std::sync::Arc;

use super::super::access::hash;
use super::super::joining::reach_m;
use super::super::patch::{NodePatch, Patch, PipePatch, VertexPatch};
use super::super::{LifeState, NONE, NodeIndex, NodeInput, PipeIndex, PipeInput};
use super::{Change, Updater};
use crate::ids::FeatureId;

impl Updater<'_> {
    pub(super) fn write(&mut self, change: &Change<'_>) {
        match change {
            Change::Node(node) => self.write_node(node),
            Change::Pipe(pipe) => self.write_pipe(pipe),
            Change::Gone(id) => self.remove(*id),
        }
    }

    fn write_node(&mut self, node: &NodeInput<'_>) {
        let known = self
            .old
            .node_of_id(node.id)
            .map(|n| n.0)
            .or_else(|| self.index_once(node.id, true));
        let flags = node.flags_in_service();
        let mut record = NodePatch {
            is_alive: true,
            id: node.id,
            class: node.class,
            kind: node.kind.map_or(0, |k| k as u16 + 1),
            flags,
            state: node.state,
            diameter_mm: node.diameter_mm as f32,
            customers: node.customers,
            code: node.code.into(),
            z_m: node.z_m as f32,
            on_pipe: node.on_pipe.map(|pipe| (pipe, node.on_pipe_distance_m)),
            flow_to: node.flow_to,
            inlets: node.inlet_pipes.to_vec(),
            account: node.account.filter(|a| !a.is_empty()).map(hash),
            hang_piece: NONE,
            hang_distance_m: 0.0,
            outlet: NONE,
        };
        let i = known.unwrap_or(self.new.vertex_slots() as u32);
        let account_before = match known {
            Some(i) if self.old.is_node(i) => {
                let before = self.edit_node(i).clone();
                record.hang_piece = before.hang_piece;
                record.hang_distance_m = before.hang_distance_m;
                record.outlet = before.outlet;
                before.account
            }
            Some(_) => {
                self.new.patch.more_nodes += 1;
                None
            }
            None => {
                self.new.patch.more_nodes += 1;
                self.new.patch.added_vertices += 1;
                self.new.patch.node_ids.insert(node.id, i);
                None
            }
        };
        Patch::note_code(&mut self.new.patch.node_codes, node.code, i);
        if let Some((pipe, _)) = record.on_pipe {
            Patch::note(&mut self.new.patch.on_pipe, pipe, i);
        }
        let account = record.account;
        self.place_node(i, node.position);
        self.new.patch.nodes.set(i, record);
        self.regroup_account(i, account_before, account);
        self.changed.insert(i);
        self.reseat.insert(i);
        self.redirect.insert(i);
        self.is_regrouped = true;
        self.mark_ends_near(node.position);
        self.mark_undrawn(NodeIndex(i));
        if known.is_none() {
            let waiting = self.new.columns.unknown_ends.iter();
            let waiting = waiting.filter(|(_, names)| names.contains(&Some(node.id)));
            self.ends.extend(waiting.map(|(pipe, _)| *pipe));
        }
    }

    /// Pipes that go where a node goes, since only their ends are known.
    fn mark_undrawn(&mut self, node: NodeIndex) {
        let packed = self.new.columns.undrawn.keys();
        let undrawn = packed.chain(self.new.patch.undrawn.iter());
        let concerned = undrawn.filter(|pipe| self.new.pipe_ends(PipeIndex(**pipe)).contains(&node));
        self.ends.extend(concerned.copied());
    }

    /// The index that a feature had before it was deleted.
    fn index_once(&self, id: FeatureId, is_node: bool) -> Option<u32> {
        let (columns, patch) = (&self.new.columns, &self.new.patch);
        if is_node {
            patch.node_ids.get(&id).copied().or_else(|| columns.node_of(id))
        } else {
            patch.pipe_ids.get(&id).copied().or_else(|| columns.pipe_of(id))
        }
    }

    /// Moves a node in the index and in the graph.
    fn place_node(&mut self, i: u32, position: [f64; 2]) {
        let metric = self.new.metric;
        if self.new.patch.nodes.get(i).is_some_and(|n| n.is_alive) {
            let before = self.new.position(NodeIndex(i));
            self.new.patch.forget_node(metric, i, before);
        }
        let columns = &self.new.columns;
        let vertex = self.new.patch.vertices.edit(i, || {
            if (i as usize) < columns.positions.len() {
                columns.vertex(i)
            } else {
                VertexPatch {
                    position,
                    pieces: Vec::new(),
                }
            }
        });
        vertex.position = position;
        self.new.patch.index_node(metric, i, position);
    }

    fn regroup_account(&mut self, node: u32, before: Option<u64>, after: Option<u64>) {
        if before == after {
            return;
        }
        for (account, is_member) in [(before, false), (after, true)] {
            let Some(account) = account else { continue };
            let mut members: Vec<u32> = self
                .new
                .nodes_of_account(account)
                .into_iter()
                .map(|n| n.0)
                .filter(|n| *n != node)
                .collect();
            if is_member {
                members.push(node);
            }
            self.new.patch.accounts.insert(account, members);
        }
    }

    fn write_pipe(&mut self, pipe: &PipeInput<'_>) {
        let known = self
            .old
            .pipe_of_id(pipe.id)
            .map(|p| p.0)
            .or_else(|| self.index_once(pipe.id, false));
        let i = known.unwrap_or(self.new.pipe_slots() as u32);
        let is_drawn = pipe.vertices.len() >= 2;
        let recorded_m = pipe.recorded_length_m();
        let mut record = PipePatch {
            is_alive: true,
            id: pipe.id,
            class: pipe.class,
            state: pipe.state,
            ends: [NodeIndex(NONE); 2],
            named: [pipe.from, pipe.to],
            length_m: recorded_m.unwrap_or_else(|| self.new.metric.length_m(pipe.vertices)),
            has_length: recorded_m.is_some(),
            diameter_mm: pipe.diameter_mm as f32,
            material: pipe.material.map_or(0, |m| m as u16 + 1),
            customers: pipe.customers,
            code: pipe.code.into(),
            is_drawn,
            vertices: [].into(),
            pieces: 0..0,
        };
        let mut was_in_service = false;
        match known {
            Some(i) if self.old.is_pipe(i) => {
                let before = self.edit_pipe(i).clone();
                was_in_service = before.state == LifeState::Operative;
                record.ends = before.ends;
                record.pieces = before.pieces;
                record.vertices = before.vertices;
            }
            Some(_) => self.new.patch.more_pipes += 1,
            None => {
                self.new.patch.more_pipes += 1;
                self.new.patch.added_pipes += 1;
                self.new.patch.pipe_ids.insert(pipe.id, i);
            }
        }
        if was_in_service && self.is_same_shape(&record, pipe) {
            // Only what is told of it is different: nothing is joined otherwise.
            Patch::note_code(&mut self.new.patch.pipe_codes, pipe.code, i);
            self.new.patch.pipes.set(i, record);
            self.described.insert(i);
            return;
        }
        Patch::note_code(&mut self.new.patch.pipe_codes, pipe.code, i);
        self.new.patch.pipes.set(i, record);
        if !is_drawn {
            Arc::make_mut(&mut self.new.patch.undrawn).insert(i);
        }
        self.lay_pipe(i, if is_drawn { pipe.vertices.into() } else { [].into() });
        self.ends.insert(i);
        self.recut.insert(i);
        self.mark_reach(PipeIndex(i));
        if !was_in_service && pipe.state == LifeState::Operative {
            self.mark_named_on(pipe.id);
        }
    }

    fn is_same_shape(&self, record: &PipePatch, pipe: &PipeInput<'_>) -> bool {
        let before = self.old.pipe_of_id(pipe.id);
        before.is_some_and(|before| {
            record.is_drawn
                && pipe.state == LifeState::Operative
                && self.old.named_ends(before) == record.named
                && self.old.pipe_length_m(before).to_bits() == record.length_m.to_bits()
                && *self.old.pipe_vertices(before) == *pipe.vertices
        })
    }

    /// Nodes that the data put on a pipe, wherever they are.
    fn mark_named_on(&mut self, pipe: FeatureId) {
        let packed = self.new.columns.named_on(pipe);
        let later = self.new.patch.on_pipe.get(&pipe).into_iter().flatten();
        let named: Vec<u32> = packed.chain(later.copied()).collect();
        self.reseat
            .extend(named.into_iter().filter(|n| self.new.is_node(*n)));
    }

    /// Nodes that are near enough to a pipe to sit on it.
    pub(super) fn mark_reach(&mut self, pipe: PipeIndex) {
        let network = &self.new;
        let (metric, options) = (network.metric, &network.options);
        let widest_m = options
            .customer_reach_m
            .max(options.snap_tolerance_m)
            .max(options.end_tolerance_m);
        let line = network.pipe_vertices(pipe);
        let b = super::super::patch::bounding_box(line);
        if !b.iter().all(|v| v.is_finite()) {
            return;
        }
        let (dx, dy) = (widest_m / metric.x_m, widest_m / metric.y_m);
        let near: Vec<u32> = network
            .search_nodes([b[0] - dx, b[1] - dy, b[2] + dx, b[3] + dy])
            .into_iter()
            .filter(|i| {
                let node = NodeIndex(*i);
                let reach_m = reach_m(network.node_flags(node), 0, options).max(options.end_tolerance_m);
                metric
                    .foot_point(line, network.position(node))
                    .is_some_and(|foot| foot.distance_m <= reach_m)
            })
            .collect();
        self.reseat.extend(near);
    }

    fn remove(&mut self, id: FeatureId) {
        if let Some(node) = self.old.node_of_id(id) {
            let account = self.edit_node(node.0).account;
            let position = self.new.position(node);
            self.new.patch.forget_node(self.new.metric, node.0, position);
            let record = self.edit_node(node.0);
            record.is_alive = false;
            self.new.patch.more_nodes -= 1;
            self.regroup_account(node.0, account, None);
            self.forget_findings(id);
            self.changed.insert(node.0);
            self.is_regrouped = true;
        } else if let Some(pipe) = self.old.pipe_of_id(id) {
            self.edit_pipe(pipe.0).is_alive = false;
            self.lay_pipe(pipe.0, [].into());
            self.new.patch.more_pipes -= 1;
            self.forget_findings(id);
            self.recut.insert(pipe.0);
        }
    }
}
