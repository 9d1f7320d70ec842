//! Cuts pipes into pieces at what sits on them, and makes the columns of the snapshot: adjacency, hanging nodes, directions.
//! Which node is where has been decided before.

use std::collections::HashMap;

use super::{Devices, NetworkBuilder};
use crate::ids::FeatureId;
use crate::issue::{Issue, Issues, Severity};
use crate::network::access::{CodeIndex, HashIndex};
use crate::network::spatial::PackedTree;
use crate::network::{LifeState, Metric, NONE, Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex, Supply};
use crate::text::Message;

impl NetworkBuilder {
    pub(super) fn assemble(
        self,
        metric: Metric,
        node_tree: PackedTree,
        pipe_tree: PackedTree,
        ends: &[[NodeIndex; 2]],
        cuts: &[(u32, f64, u32)],
        mut issues: Issues,
    ) -> Network {
        let Self {
            nodes,
            devices,
            pipes,
            options,
            ..
        } = self;
        let node_count = nodes.ids.len();
        let mut is_vertex = vec![false; nodes.positions.len()];
        for (i, ends) in ends.iter().enumerate() {
            if pipes.state[i] == LifeState::Operative {
                for end in ends {
                    is_vertex[end.0 as usize] = true;
                }
            }
        }
        // A device that steers water, or that several pipes meet in, cuts; everything else hangs on.
        let mut times_attached = HashMap::<u32, u32>::new();
        for (_, _, node) in cuts {
            *times_attached.entry(*node).or_default() += 1;
        }
        let cuts_graph = |node: u32| {
            let flags = nodes.flags[node as usize];
            flags.has(NodeFlags::BOUNDARY)
                || flags.has(NodeFlags::SOURCE)
                || is_vertex[node as usize]
                || times_attached[&node] > 1
        };

        let mut piece_pipe = Vec::with_capacity(pipes.ids.len());
        let mut piece_ends = Vec::with_capacity(pipes.ids.len());
        let mut piece_length_m = Vec::with_capacity(pipes.ids.len());
        let mut pipe_piece_start = Vec::with_capacity(pipes.ids.len() + 1);
        let mut hang_piece = vec![NONE; node_count];
        let mut hang_distance_m = vec![0.0_f32; node_count];
        let mut next_cut = 0;
        for (pipe, ends) in ends.iter().enumerate().take(pipes.ids.len()) {
            pipe_piece_start.push(piece_pipe.len() as u32);
            let first_cut = next_cut;
            while next_cut < cuts.len() && cuts[next_cut].0 as usize == pipe {
                next_cut += 1;
            }
            if pipes.state[pipe] != LifeState::Operative {
                continue;
            }
            let mut at = ends[0];
            let mut start_m = 0.0;
            let mut waiting: Vec<(u32, f64)> = Vec::new();
            for &(_, along_m, node) in &cuts[first_cut..next_cut] {
                if !cuts_graph(node) {
                    waiting.push((node, along_m));
                    continue;
                }
                if NodeIndex(node) == at {
                    continue;
                }
                let piece = piece_pipe.len() as u32;
                piece_pipe.push(PipeIndex(pipe as u32));
                piece_ends.push([at, NodeIndex(node)]);
                piece_length_m.push((along_m - start_m).max(0.0));
                for (hanging, along_m) in waiting.drain(..) {
                    hang_piece[hanging as usize] = piece;
                    hang_distance_m[hanging as usize] = (along_m - start_m) as f32;
                }
                at = NodeIndex(node);
                start_m = along_m;
            }
            let piece = piece_pipe.len() as u32;
            piece_pipe.push(PipeIndex(pipe as u32));
            piece_ends.push([at, ends[1]]);
            piece_length_m.push((pipes.length_m[pipe] - start_m).max(0.0));
            for (hanging, along_m) in waiting {
                hang_piece[hanging as usize] = piece;
                hang_distance_m[hanging as usize] = (along_m - start_m) as f32;
            }
        }
        pipe_piece_start.push(piece_pipe.len() as u32);

        let vertex_count = nodes.positions.len();
        let (adjacency_start, adjacency) = group(
            vertex_count,
            piece_ends
                .iter()
                .enumerate()
                .flat_map(|(i, ends)| ends.map(|n| (n.0, PieceIndex(i as u32)))),
        );
        let (hanging_start, hanging) = group(
            piece_pipe.len(),
            hang_piece
                .iter()
                .enumerate()
                .filter(|(_, piece)| **piece != NONE)
                .map(|(node, piece)| (*piece, NodeIndex(node as u32))),
        );
        let (shared_accounts, shared_account_of) = shared_accounts(&devices.accounts);
        let code_index = CodeIndex {
            nodes: HashIndex::build(&nodes.codes),
            pipes: HashIndex::build(&pipes.codes),
        };
        let piece_count = piece_pipe.len();

        let mut network = Network {
            metric,
            options,
            node_ids: nodes.ids,
            node_class: nodes.class,
            node_kind: nodes.kind,
            node_flags: nodes.flags,
            node_state: nodes.state,
            node_diameter_mm: nodes.diameter_mm,
            node_customers: nodes.customers,
            node_codes: nodes.codes,
            shared_accounts,
            shared_account_of,
            positions: nodes.positions,
            node_z: nodes.z,
            hang_piece,
            hang_distance_m,
            flow_to_piece: vec![NONE; node_count],
            pipe_ids: pipes.ids,
            pipe_class: pipes.class,
            pipe_state: pipes.state,
            pipe_from: ends.iter().map(|e| e[0]).collect(),
            pipe_to: ends.iter().map(|e| e[1]).collect(),
            pipe_length_m: pipes.length_m,
            pipe_diameter_mm: pipes.diameter_mm,
            pipe_material: pipes.material,
            pipe_customers: pipes.customers,
            pipe_codes: pipes.codes,
            vertex_start: pipes.vertex_start,
            vertices: pipes.vertices,
            pipe_piece_start,
            piece_pipe,
            piece_ends,
            piece_length_m,
            piece_is_inlet: vec![[false; 2]; piece_count],
            adjacency_start,
            adjacency,
            hanging_start,
            hanging,
            straightness: 0.0,
            supply: Supply::default(),
            pipe_tree,
            node_tree,
            code_index,
            issues: Issues::default(),
        };
        direct_devices(&mut network, &devices, &mut issues);
        network.issues = issues;
        network
    }
}

/// Gives one-way devices their direction and sources their inlets.
fn direct_devices(network: &mut Network, devices: &Devices, issues: &mut Issues) {
    let mut inlets: Vec<(u32, &Vec<FeatureId>)> = devices.inlets.iter().map(|(n, ids)| (*n, ids)).collect();
    inlets.sort_unstable_by_key(|(n, _)| *n);
    for (node, ids) in inlets {
        for piece in network.pieces_at(NodeIndex(node)).to_vec() {
            if ids.contains(&network.pipe_id(network.piece_pipe(piece))) {
                let ends = network.piece_ends(piece);
                for (is_inlet, end) in network.piece_is_inlet[piece.0 as usize].iter_mut().zip(ends) {
                    *is_inlet |= end == NodeIndex(node);
                }
            }
        }
    }
    for node in network.nodes().collect::<Vec<_>>() {
        if !network.node_flags(node).has(NodeFlags::ONE_WAY) {
            continue;
        }
        match devices
            .flow_to
            .get(&node.0)
            .and_then(|target| outlet_piece(network, node, *target))
        {
            Some(piece) => network.flow_to_piece[node.0 as usize] = piece.0,
            None if !network.pieces_at(node).is_empty() => issues.push(
                Issue::new(
                    Severity::Warning,
                    Message::new("core.network.no_direction").with("code", network.node_code(node)),
                )
                .on_code(network.node_code(node))
                .at_place(network.position(node)),
            ),
            None => {}
        }
    }
}

/// The piece at `node` that leads to `target`: of that pipe, or on its device's own pipe towards that node.
fn outlet_piece(network: &Network, node: NodeIndex, target: FeatureId) -> Option<PieceIndex> {
    let around = network.pieces_at(node);
    let mut of_pipe = around
        .iter()
        .filter(|p| network.pipe_id(network.piece_pipe(**p)) == target);
    if let (Some(piece), None) = (of_pipe.next(), of_pipe.next()) {
        return Some(*piece);
    }
    let is_target = |n: NodeIndex| !network.is_anonymous(n) && network.node_id(n) == target;
    let mut towards = around.iter().filter(|piece| {
        let pipe = network.piece_pipe(**piece);
        let [start, end] = network.piece_ends(**piece);
        let other = if start == node { end } else { start };
        // Directly beyond this piece, or at that end of the pipe behind further devices.
        is_target(other)
            || (start == node && is_target(network.pipe_ends(pipe)[1]))
            || (end == node && is_target(network.pipe_ends(pipe)[0]))
    });
    match (towards.next(), towards.next()) {
        (Some(piece), None) => Some(*piece),
        _ => None,
    }
}

/// See `Network::straightness`. Ends without a place make the look-ahead useless, not wrong.
pub(super) fn straightness(network: &Network) -> f64 {
    let mut ratio = 1.0_f64;
    for piece in network.pieces() {
        let [a, b] = network.piece_ends(piece).map(|n| network.position(n));
        let straight_m = network.metric.distance_m(a, b);
        if straight_m.is_nan() {
            return 0.0;
        }
        if straight_m > 0.0 {
            ratio = ratio.min(network.piece_length_m(piece) / straight_m);
        }
    }
    ratio
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

fn shared_accounts(accounts: &HashMap<u32, Box<str>>) -> (Vec<Vec<NodeIndex>>, HashMap<u32, u32>) {
    let mut by_account: Vec<(&str, u32)> = accounts.iter().map(|(n, a)| (&**a, *n)).collect();
    by_account.sort_unstable();
    let mut groups = Vec::new();
    let mut group_of = HashMap::new();
    for same in by_account
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|same| same.len() > 1)
    {
        for (_, node) in same {
            group_of.insert(*node, groups.len() as u32);
        }
        groups.push(same.iter().map(|(_, n)| NodeIndex(*n)).collect());
    }
    (groups, group_of)
}
