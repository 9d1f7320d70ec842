//! Which nodes sit on which pipes after a change.

use std::collections::{BTreeMap, BTreeSet};

use super::super::columns::Step;
use super::super::joining::{self, Seat, Sitting, cuts};
use super::super::{LifeState, Network, NodeFlags, NodeIndex, PipeIndex};
use super::Updater;
use crate::ids::FeatureId;

impl joining::Pipes for Network {
    fn near(&self, b: [f64; 4]) -> Vec<u32> {
        self.search_pipes(b)
    }

    fn id(&self, pipe: u32) -> FeatureId {
        self.pipe_id(PipeIndex(pipe))
    }

    fn state(&self, pipe: u32) -> LifeState {
        self.pipe_state(PipeIndex(pipe))
    }

    fn is_explicit(&self, pipe: u32) -> bool {
        self.named_ends(PipeIndex(pipe)).iter().all(Option::is_some)
    }

    fn line(&self, pipe: u32) -> &[[f64; 2]] {
        self.pipe_vertices(PipeIndex(pipe))
    }

    fn length_m(&self, pipe: u32) -> f64 {
        self.pipe_length_m(PipeIndex(pipe))
    }
}

impl Updater<'_> {
    /// The pipes that a node sat on without being one of their ends, and whether it cut them.
    pub(super) fn hosts_before(&self, node: NodeIndex) -> (BTreeSet<u32>, bool) {
        if let Some((piece, _)) = self.old.hangs_on(node) {
            return (BTreeSet::from([self.old.piece_pipe(piece).0]), false);
        }
        let mut hosts = BTreeSet::new();
        for &piece in self.old.pieces_at(node) {
            let pipe = self.old.piece_pipe(piece);
            let range = self.old.piece_range(pipe);
            let [start, end] = self.old.piece_ends(piece);
            if (start == node && piece.0 > range.start) || (end == node && piece.0 + 1 < range.end) {
                hosts.insert(pipe.0);
            }
        }
        (hosts, true)
    }

    /// The nodes that sat on a pipe without being one of its ends.
    pub(super) fn sitting_before(&self, pipe: PipeIndex) -> Vec<u32> {
        let range = self.old.piece_range(pipe);
        let mut nodes = Vec::new();
        for piece in self.old.pieces_of(pipe) {
            nodes.extend(self.old.nodes_hanging_on(piece).iter().map(|n| n.0));
            if piece.0 + 1 < range.end {
                nodes.push(self.old.piece_ends(piece)[1].0);
            }
        }
        nodes
    }

    /// Ends of pipes in service that a node joins.
    fn degree(&self, node: NodeIndex) -> u32 {
        let before = self.old_pieces_at(node).iter().map(|p| self.old.piece_pipe(*p).0);
        let found = self.ending.get(&node.0).into_iter().flatten().copied();
        let pipes: BTreeSet<u32> = before.chain(found).collect();
        pipes
            .into_iter()
            .filter(|pipe| self.is_in_service(*pipe))
            .flat_map(|pipe| self.new.pipe_ends(PipeIndex(pipe)))
            .filter(|end| *end == node)
            .count() as u32
    }

    fn old_pieces_at(&self, node: NodeIndex) -> &[super::super::PieceIndex] {
        if (node.0 as usize) < self.old.vertex_slots() {
            self.old.pieces_at(node)
        } else {
            &[]
        }
    }

    /// Finds out where the marked nodes sit; pipes that they leave, come to or divide otherwise are marked to be cut.
    pub(super) fn seat_nodes(&mut self) {
        for node in self.reseat.clone() {
            let (seat, is_cut) = self.seat(node);
            let id = self.new.node_id(NodeIndex(node));
            let is_doubtful = seat.is_doubtful;
            let flags = self.new.node_flags(NodeIndex(node));
            if flags.has(NodeFlags::DOUBTFUL) != is_doubtful {
                self.edit_node(node).flags = flags.set(NodeFlags::DOUBTFUL, is_doubtful);
            }
            self.find(id, Step::Place, seat.issues.clone());
            let hosts: BTreeSet<u32> = seat.on.iter().map(|(pipe, _)| *pipe).collect();
            let (before, was_cut) = if (node as usize) < self.old.vertex_slots() && self.old.is_node(node) {
                self.hosts_before(NodeIndex(node))
            } else {
                (BTreeSet::new(), is_cut)
            };
            if hosts != before || (was_cut != is_cut && !hosts.is_empty()) || self.changed.contains(&node) {
                self.recut.extend(hosts.into_iter().chain(before));
            }
            self.seats.insert(node, seat);
        }
    }

    /// What sits on each pipe that is to be cut, in order along it.
    pub(super) fn seats_on(&mut self) -> BTreeMap<u32, Vec<joining::OnPipe>> {
        let old_pipes = self.old.pipe_slots() as u32;
        for pipe in self.recut.clone() {
            // A node may sit on a pipe that it is an end of as well, and not be seen there.
            let ends = self.new.pipe_ends(PipeIndex(pipe)).map(|n| n.0);
            let sitting = (pipe < old_pipes).then(|| self.sitting_before(PipeIndex(pipe)));
            for node in sitting.into_iter().flatten().chain(ends) {
                if !self.seats.contains_key(&node) && self.new.is_node(node) {
                    let (seat, _) = self.seat(node);
                    self.seats.insert(node, seat);
                }
            }
        }
        let mut on: BTreeMap<u32, Vec<joining::OnPipe>> = BTreeMap::new();
        for (&node, seat) in &self.seats {
            let is_cut = self.is_cut(node, seat);
            for &(pipe, along_m) in &seat.on {
                if self.recut.contains(&pipe) {
                    on.entry(pipe).or_default().push((along_m, node, is_cut));
                }
            }
        }
        for list in on.values_mut() {
            list.sort_by(|a, b| {
                let id = |node: u32| self.new.node_id(NodeIndex(node));
                a.0.total_cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1)))
            });
        }
        on
    }

    fn seat(&self, node: u32) -> (Seat, bool) {
        let network = &self.new;
        let index = NodeIndex(node);
        let named = match network.patch.nodes.get(node) {
            Some(patch) => patch.on_pipe,
            None => network.columns.devices.on_pipe.get(&node).copied(),
        };
        let seat = joining::seat(
            network,
            network.metric,
            &network.options,
            &Sitting {
                code: network.node_code(index),
                flags: network.node_flags(index),
                state: network.node_state(index),
                place: network.position(index),
                degree: self.degree(index),
                on_pipe: named.map(|(id, distance_m)| (network.pipe_of_id(id).map(|p| p.0), distance_m)),
            },
        );
        let is_cut = self.is_cut(node, &seat);
        (seat, is_cut)
    }

    fn is_cut(&self, node: u32, seat: &Seat) -> bool {
        let index = NodeIndex(node);
        cuts(self.new.node_flags(index), self.degree(index), seat.on.len())
    }
}
