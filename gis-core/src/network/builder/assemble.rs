//! Cuts pipes into pieces at what sits on them, and makes the columns of the snapshot: adjacency, hanging nodes, directions.
//! Which node is where has been decided before.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::NetworkBuilder;
use super::devices::OnPipe;
use crate::ids::FeatureId;
use crate::network::access::{CodeIndex, HashIndex};
use crate::network::columns::{Accounts, Columns, Step};
use crate::network::joining::{cut, cuts, no_direction, outlet_piece, straightness};
use crate::network::patch::Patch;
use crate::network::spatial::PackedTree;
use crate::network::{LifeState, Metric, NONE, Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};

/// What was found out about how things are joined.
pub(super) struct Joined {
    pub(super) ends: Vec<[NodeIndex; 2]>,
    pub(super) named: Vec<[bool; 2]>,
    pub(super) unknown: HashMap<u32, [Option<FeatureId>; 2]>,
    pub(super) undrawn: HashMap<u32, bool>,
    pub(super) degree: Vec<u32>,
    /// By pipe, in order along it.
    pub(super) seats: Vec<OnPipe>,
}

/// The edges of the graph while they are made.
#[derive(Default)]
struct Pieces {
    pipe: Vec<PipeIndex>,
    ends: Vec<[NodeIndex; 2]>,
    length_m: Vec<f64>,
    pipe_start: Vec<u32>,
    hang_piece: Vec<u32>,
    hang_distance_m: Vec<f32>,
}

impl NetworkBuilder {
    fn pieces(&self, joined: &Joined) -> Pieces {
        let (pipe_count, node_count) = (self.pipes.ids.len(), self.nodes.ids.len());
        let mut times_seated = HashMap::<u32, usize>::new();
        for seat in &joined.seats {
            *times_seated.entry(seat.node).or_default() += 1;
        }
        let is_cut = |node: u32| {
            let flags = self.nodes.flags[node as usize];
            cuts(flags, joined.degree[node as usize], times_seated[&node])
        };
        let mut pieces = Pieces {
            hang_piece: vec![NONE; node_count],
            hang_distance_m: vec![0.0; node_count],
            ..Pieces::default()
        };
        pieces.pipe_start.reserve(pipe_count + 1);
        let mut seats = &joined.seats[..];
        for (pipe, ends) in joined.ends.iter().enumerate() {
            pieces.pipe_start.push(pieces.pipe.len() as u32);
            let here = seats.iter().take_while(|s| s.pipe as usize == pipe).count();
            let (here, rest) = seats.split_at(here);
            seats = rest;
            if self.pipes.state[pipe] != LifeState::Operative {
                continue;
            }
            let on_pipe = here.iter().map(|s| (s.along_m, s.node, is_cut(s.node)));
            cut(
                *ends,
                self.pipes.length_m[pipe],
                on_pipe,
                |ends, length_m, hanging| {
                    for &(node, distance_m) in hanging {
                        pieces.hang_piece[node as usize] = pieces.pipe.len() as u32;
                        pieces.hang_distance_m[node as usize] = distance_m as f32;
                    }
                    pieces.pipe.push(PipeIndex(pipe as u32));
                    pieces.ends.push(ends);
                    pieces.length_m.push(length_m);
                },
            );
        }
        pieces.pipe_start.push(pieces.pipe.len() as u32);
        pieces
    }

    pub(super) fn assemble(
        self,
        metric: Metric,
        node_tree: PackedTree,
        pipe_tree: PackedTree,
        joined: Joined,
    ) -> Network {
        let pieces = self.pieces(&joined);
        let Self {
            nodes,
            devices,
            accounts,
            pipes,
            options,
            findings,
            ..
        } = self;
        let node_count = nodes.ids.len();
        let piece_count = pieces.pipe.len();
        let (adjacency_start, adjacency) = group(
            nodes.positions.len(),
            (0..)
                .zip(&pieces.ends)
                .flat_map(|(i, ends)| ends.map(|n| (n.0, PieceIndex(i)))),
        );
        let (hanging_start, hanging) = group(
            piece_count,
            (0..)
                .zip(&pieces.hang_piece)
                .filter(|(_, piece)| **piece != NONE)
                .map(|(node, piece)| (*piece, NodeIndex(node))),
        );
        let columns = Columns {
            code_index: CodeIndex {
                nodes: HashIndex::build(&nodes.codes),
                pipes: HashIndex::build(&pipes.codes),
            },
            node_ids: nodes.ids,
            node_class: nodes.class,
            node_kind: nodes.kind,
            node_flags: nodes.flags,
            node_state: nodes.state,
            node_diameter_mm: nodes.diameter_mm,
            node_customers: nodes.customers,
            node_codes: nodes.codes,
            positions: nodes.positions,
            node_z: nodes.z,
            hang_piece: pieces.hang_piece,
            hang_distance_m: pieces.hang_distance_m,
            flow_to_piece: vec![NONE; node_count],
            devices,
            accounts: Accounts::new(accounts),
            pipe_ids: pipes.ids,
            pipe_class: pipes.class,
            pipe_state: pipes.state,
            pipe_from: joined.ends.iter().map(|e| e[0]).collect(),
            pipe_to: joined.ends.iter().map(|e| e[1]).collect(),
            pipe_named: joined.named,
            unknown_ends: joined.unknown,
            undrawn: joined.undrawn,
            pipe_length_m: pipes.length_m,
            pipe_diameter_mm: pipes.diameter_mm,
            pipe_material: pipes.material,
            pipe_customers: pipes.customers,
            pipe_codes: pipes.codes,
            vertex_start: pipes.vertex_start,
            vertices: pipes.vertices,
            pipe_piece_start: pieces.pipe_start,
            piece_pipe: pieces.pipe,
            piece_ends: pieces.ends,
            piece_length_m: pieces.length_m,
            piece_is_inlet: vec![[false; 2]; piece_count],
            adjacency_start,
            adjacency,
            hanging_start,
            hanging,
            pipe_tree,
            node_tree,
            by_id: OnceLock::new(),
            findings,
        };
        let mut network = Network {
            metric,
            options,
            columns: Arc::new(columns),
            patch: Patch::default(),
            straightness: 1.0,
            supply: Arc::default(),
        };
        direct_devices(&mut network);
        network.straightness = network
            .pieces()
            .filter_map(|piece| straightness(&network, piece))
            .fold(1.0, f64::min);
        network
    }
}

/// Gives one-way devices their direction and sources their inlets.
fn direct_devices(network: &mut Network) {
    let devices = &network.columns.devices;
    let filled = devices.inlets.iter().flat_map(|(node, ids)| {
        let around = network.pieces_at(NodeIndex(*node)).iter().copied();
        around
            .filter(|piece| ids.contains(&network.pipe_id(network.piece_pipe(*piece))))
            .map(|piece| (NodeIndex(*node), piece))
    });
    let inlets: Vec<(PieceIndex, usize)> = filled
        .flat_map(|(node, piece)| {
            let ends = network.piece_ends(piece);
            (0..2)
                .filter(move |side| ends[*side] == node)
                .map(move |side| (piece, side))
        })
        .collect();
    let mut outlets: Vec<(NodeIndex, PieceIndex)> = Vec::new();
    let mut findings = Vec::new();
    for node in network.nodes() {
        if !network.node_flags(node).has(NodeFlags::ONE_WAY) {
            continue;
        }
        let target = devices.flow_to.get(&node.0);
        match target.and_then(|target| outlet_piece(network, node, *target)) {
            Some(piece) => outlets.push((node, piece)),
            None if !network.pieces_at(node).is_empty() => findings.push((
                Some((network.node_id(node), Step::Direction)),
                no_direction(network, node),
            )),
            None => {}
        }
    }
    // Nobody else has the columns yet.
    if let Some(columns) = Arc::get_mut(&mut network.columns) {
        for (piece, side) in inlets {
            columns.piece_is_inlet[piece.0 as usize][side] = true;
        }
        for (node, piece) in outlets {
            columns.flow_to_piece[node.0 as usize] = piece.0;
        }
        let findings_so_far = &mut columns.findings;
        findings_so_far.list.extend(findings);
        findings_so_far.of = findings_so_far
            .list
            .iter()
            .filter_map(|(subject, _)| *subject)
            .collect();
    }
}

/// Compressed rows: items of group `g` are `items[start[g]..start[g + 1]]`, in the order they came.
fn group<T: Copy>(groups: usize, pairs: impl Iterator<Item = (u32, T)> + Clone) -> (Vec<u32>, Vec<T>) {
    let mut start = vec![0_u32; groups + 1];
    for (g, _) in pairs.clone() {
        start[g as usize + 1] += 1;
    }
    for g in 0..groups {
        start[g + 1] += start[g];
    }
    let mut next = start.clone();
    let mut items: Vec<T> = Vec::new();
    if let Some((_, first)) = pairs.clone().next() {
        items.resize(start[groups] as usize, first);
    }
    for (g, item) in pairs {
        items[next[g as usize] as usize] = item;
        next[g as usize] += 1;
    }
    (start, items)
}
