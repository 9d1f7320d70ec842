//! Puts a `Network` together from nodes and pipes in any order: connectivity, cutting at devices, adjacency.
//! It reads no file; `project` feeds it.

use std::collections::HashMap;

use super::access::{CodeIndex, HashIndex, Strings};
use super::spatial::PackedTree;
use super::{LifeState, Metric, NONE, Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex, Supply, hilbert};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::{Issue, Issues, Severity};
use crate::model::ClassIndex;
use crate::progress::Progress;
use crate::text::Message;

/// Distances within which things count as joined, in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkOptions {
    /// Pipe ends and nodes closer than this coincide, where the data name no ends.
    pub end_tolerance_m: f64,
    /// A free device is taken to sit on the nearest pipe within this distance, marked as doubtful.
    pub snap_tolerance_m: f64,
    /// The same for customers, who stand beside their pipe.
    pub customer_reach_m: f64,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self {
            end_tolerance_m: 0.05,
            snap_tolerance_m: 1.0,
            customer_reach_m: 30.0,
        }
    }
}

/// One node feature.
#[derive(Debug, Clone, Copy)]
pub struct NodeInput<'a> {
    pub id: FeatureId,
    pub class: ClassIndex,
    /// Position in the class's dictionary of kinds.
    pub kind: Option<usize>,
    pub flags: NodeFlags,
    pub state: LifeState,
    pub code: &'a str,
    /// NaN where there is no geometry.
    pub position: [f64; 2],
    /// NaN where unknown.
    pub z_m: f64,
    /// NaN where unknown.
    pub diameter_mm: f64,
    pub customers: u32,
    /// Account of a customer that may be fed at several places.
    pub account: Option<&'a str>,
    pub on_pipe: Option<FeatureId>,
    pub on_pipe_distance_m: Option<f64>,
    /// The pipe that water leaves through; for a device in mid-pipe the node at that end.
    pub flow_to: Option<FeatureId>,
    pub inlet_pipes: &'a [FeatureId],
}

/// One pipe feature.
#[derive(Debug, Clone, Copy)]
pub struct PipeInput<'a> {
    pub id: FeatureId,
    pub class: ClassIndex,
    pub state: LifeState,
    pub code: &'a str,
    /// Known ends; where `None`, the end is found by its coordinates.
    pub from: Option<FeatureId>,
    pub to: Option<FeatureId>,
    /// Recorded length; the geometry's where `None` or not positive.
    pub length_m: Option<f64>,
    /// NaN where unknown.
    pub diameter_mm: f64,
    /// Position in the `material` dictionary.
    pub material: Option<usize>,
    pub customers: u32,
    /// May be empty.
    pub vertices: &'a [[f64; 2]],
}

#[derive(Default)]
struct Devices {
    on_pipe: HashMap<u32, (FeatureId, Option<f64>)>,
    flow_to: HashMap<u32, FeatureId>,
    inlets: HashMap<u32, Vec<FeatureId>>,
    accounts: HashMap<u32, Box<str>>,
}

#[derive(Default)]
struct Nodes {
    ids: Vec<FeatureId>,
    class: Vec<ClassIndex>,
    kind: Vec<u16>,
    flags: Vec<NodeFlags>,
    state: Vec<LifeState>,
    diameter_mm: Vec<f32>,
    customers: Vec<u32>,
    codes: Strings,
    positions: Vec<[f64; 2]>,
    z: Vec<f32>,
}

struct Pipes {
    ids: Vec<FeatureId>,
    class: Vec<ClassIndex>,
    state: Vec<LifeState>,
    ends: Vec<[Option<FeatureId>; 2]>,
    length_m: Vec<f64>,
    diameter_mm: Vec<f32>,
    material: Vec<u16>,
    customers: Vec<u32>,
    codes: Strings,
    vertex_start: Vec<u32>,
    vertices: Vec<[f64; 2]>,
}

/// Collects features, then builds the snapshot.
pub struct NetworkBuilder {
    is_geographic: bool,
    metres_per_unit: f64,
    options: NetworkOptions,
    nodes: Nodes,
    devices: Devices,
    pipes: Pipes,
    issues: Issues,
}

impl NetworkBuilder {
    /// `metres_per_unit` is ignored for a geographic CRS, whose degrees are measured at the data's latitude.
    pub fn new(is_geographic: bool, metres_per_unit: f64, options: NetworkOptions) -> Self {
        Self {
            is_geographic,
            metres_per_unit,
            options,
            nodes: Nodes::default(),
            devices: Devices::default(),
            pipes: Pipes {
                ids: Vec::new(),
                class: Vec::new(),
                state: Vec::new(),
                ends: Vec::new(),
                length_m: Vec::new(),
                diameter_mm: Vec::new(),
                material: Vec::new(),
                customers: Vec::new(),
                codes: Strings::default(),
                vertex_start: vec![0],
                vertices: Vec::new(),
            },
            issues: Issues::default(),
        }
    }

    /// A finding of whoever feeds the builder, to stand among those of the network.
    pub fn add_issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }

    pub fn add_node(&mut self, node: &NodeInput<'_>) {
        let i = self.nodes.ids.len() as u32;
        let out_of_service = node.state != LifeState::Operative;
        // A planned valve stops no water and an abandoned well gives none.
        let steering = NodeFlags::BOUNDARY
            .with(NodeFlags::SHUTTABLE)
            .with(NodeFlags::ONE_WAY)
            .with(NodeFlags::SOURCE);
        self.nodes.flags.push(if out_of_service {
            node.flags.set(steering, false)
        } else {
            node.flags
        });
        self.nodes.ids.push(node.id);
        self.nodes.class.push(node.class);
        self.nodes.kind.push(node.kind.map_or(0, |k| k as u16 + 1));
        self.nodes.state.push(node.state);
        self.nodes.diameter_mm.push(node.diameter_mm as f32);
        self.nodes.customers.push(node.customers);
        self.nodes.codes.push(node.code);
        self.nodes.positions.push(node.position);
        self.nodes.z.push(node.z_m as f32);
        if let Some(pipe) = node.on_pipe {
            self.devices.on_pipe.insert(i, (pipe, node.on_pipe_distance_m));
        }
        if let Some(target) = node.flow_to {
            self.devices.flow_to.insert(i, target);
        }
        if !node.inlet_pipes.is_empty() {
            self.devices.inlets.insert(i, node.inlet_pipes.to_vec());
        }
        if let Some(account) = node.account.filter(|a| !a.is_empty()) {
            self.devices.accounts.insert(i, account.into());
        }
    }

    pub fn add_pipe(&mut self, pipe: &PipeInput<'_>) {
        let p = &mut self.pipes;
        p.ids.push(pipe.id);
        p.class.push(pipe.class);
        p.state.push(pipe.state);
        p.ends.push([pipe.from, pipe.to]);
        p.length_m.push(
            pipe.length_m
                .filter(|l| *l > 0.0 && l.is_finite())
                .unwrap_or(f64::NAN),
        );
        p.diameter_mm.push(pipe.diameter_mm as f32);
        p.material.push(pipe.material.map_or(0, |m| m as u16 + 1));
        p.customers.push(pipe.customers);
        p.codes.push(pipe.code);
        p.vertices.extend_from_slice(pipe.vertices);
        p.vertex_start.push(p.vertices.len() as u32);
    }

    /// Joins everything. Fails only when cancelled; what does not fit together becomes an issue.
    pub fn build(mut self, progress: &dyn Progress) -> Result<Network> {
        let stage = Message::new("core.network.building");
        progress.report(&stage, 0, Some(5));
        self.sort_nodes();
        self.sort_pipes();
        progress.check()?;
        progress.report(&stage, 1, Some(5));

        let metric = self.metric();
        let node_tree = PackedTree::build(
            self.nodes.positions.len(),
            self.nodes.positions.iter().map(|p| [p[0], p[1], p[0], p[1]]),
        );
        let mut joints = Joints::new(metric, self.options, &mut self.nodes, &self.pipes, &node_tree);
        joints.resolve_ends();
        let Joints {
            ends,
            is_explicit,
            degree,
            issues: joint_issues,
            ..
        } = joints;
        let mut issues = std::mem::take(&mut self.issues);
        issues.extend(joint_issues);
        self.straighten_missing_geometry(&ends);
        progress.check()?;
        progress.report(&stage, 2, Some(5));

        let pipe_tree = PackedTree::build(
            self.pipes.ids.len(),
            (0..self.pipes.ids.len()).map(|i| bounding_box(self.vertices_of(i))),
        );
        self.measure_lengths(metric);
        let cuts = self.attach_devices(metric, &pipe_tree, &is_explicit, &degree, &mut issues);
        progress.check()?;
        progress.report(&stage, 3, Some(5));

        let mut network = self.assemble(metric, node_tree, pipe_tree, &ends, &cuts, issues);
        progress.check()?;
        progress.report(&stage, 4, Some(5));
        network.straightness = straightness(&network);
        network.supply = Supply::flood(&network);
        progress.report(&stage, 5, Some(5));
        Ok(network)
    }

    fn metric(&self) -> Metric {
        if !self.is_geographic {
            return Metric::projected(self.metres_per_unit);
        }
        let all = || {
            self.nodes
                .positions
                .iter()
                .chain(&self.pipes.vertices)
                .map(|p| p[1])
                .filter(|y| y.is_finite())
        };
        let count = all().count();
        Metric::geographic(if count == 0 {
            0.0
        } else {
            all().sum::<f64>() / count as f64
        })
    }

    fn sort_nodes(&mut self) {
        let order = hilbert::order(self.nodes.positions.iter().copied());
        let n = &mut self.nodes;
        permute(&mut n.ids, &order);
        permute(&mut n.class, &order);
        permute(&mut n.kind, &order);
        permute(&mut n.flags, &order);
        permute(&mut n.state, &order);
        permute(&mut n.diameter_mm, &order);
        permute(&mut n.customers, &order);
        permute(&mut n.positions, &order);
        permute(&mut n.z, &order);
        n.codes = n.codes.permuted(&order);
        let mut new_index = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            new_index[old as usize] = new as u32;
        }
        let d = &mut self.devices;
        d.on_pipe = rekey(std::mem::take(&mut d.on_pipe), &new_index);
        d.flow_to = rekey(std::mem::take(&mut d.flow_to), &new_index);
        d.inlets = rekey(std::mem::take(&mut d.inlets), &new_index);
        d.accounts = rekey(std::mem::take(&mut d.accounts), &new_index);
    }

    fn sort_pipes(&mut self) {
        let count = self.pipes.ids.len();
        let order = hilbert::order((0..count).map(|i| {
            let line = self.vertices_of(i);
            line.get(line.len() / 2).copied().unwrap_or([f64::NAN; 2])
        }));
        let p = &mut self.pipes;
        let (mut vertices, mut start) = (
            Vec::with_capacity(p.vertices.len()),
            Vec::with_capacity(count + 1),
        );
        start.push(0);
        for &i in &order {
            let i = i as usize;
            vertices
                .extend_from_slice(&p.vertices[p.vertex_start[i] as usize..p.vertex_start[i + 1] as usize]);
            start.push(vertices.len() as u32);
        }
        (p.vertices, p.vertex_start) = (vertices, start);
        permute(&mut p.ids, &order);
        permute(&mut p.class, &order);
        permute(&mut p.state, &order);
        permute(&mut p.ends, &order);
        permute(&mut p.length_m, &order);
        permute(&mut p.diameter_mm, &order);
        permute(&mut p.material, &order);
        permute(&mut p.customers, &order);
        p.codes = p.codes.permuted(&order);
    }

    fn vertices_of(&self, pipe: usize) -> &[[f64; 2]] {
        let p = &self.pipes;
        &p.vertices[p.vertex_start[pipe] as usize..p.vertex_start[pipe + 1] as usize]
    }

    /// A pipe known only by its ends is drawn straight between them.
    fn straighten_missing_geometry(&mut self, ends: &[[NodeIndex; 2]]) {
        let count = self.pipes.ids.len();
        if (0..count).all(|i| self.vertices_of(i).len() >= 2) {
            return;
        }
        let (mut vertices, mut start) = (Vec::with_capacity(self.pipes.vertices.len()), vec![0]);
        for (i, ends) in ends.iter().enumerate() {
            let line = self.vertices_of(i);
            if line.len() >= 2 {
                vertices.extend_from_slice(line);
            } else {
                let points = ends.map(|n| {
                    self.nodes
                        .positions
                        .get(n.0 as usize)
                        .copied()
                        .unwrap_or([f64::NAN; 2])
                });
                if points.iter().flatten().all(|v| v.is_finite()) {
                    vertices.extend_from_slice(&points);
                }
            }
            start.push(vertices.len() as u32);
        }
        (self.pipes.vertices, self.pipes.vertex_start) = (vertices, start);
    }

    fn measure_lengths(&mut self, metric: Metric) {
        for i in 0..self.pipes.ids.len() {
            if self.pipes.length_m[i].is_nan() {
                self.pipes.length_m[i] = metric.length_m(self.vertices_of(i));
            }
        }
    }

    /// Where nodes sit on pipes: (pipe, distance in metres of recorded length, node).
    fn attach_devices(
        &mut self,
        metric: Metric,
        pipe_tree: &PackedTree,
        is_explicit: &[bool],
        degree: &[u32],
        issues: &mut Issues,
    ) -> Vec<(u32, f64, u32)> {
        let pipe_of: HashMap<FeatureId, u32> = if self.devices.on_pipe.is_empty() {
            HashMap::new()
        } else {
            self.pipes
                .ids
                .iter()
                .enumerate()
                .map(|(i, id)| (*id, i as u32))
                .collect()
        };
        let mut cuts = Vec::new();
        for (node, &degree) in degree.iter().enumerate().take(self.nodes.ids.len()) {
            if self.nodes.state[node] != LifeState::Operative {
                continue;
            }
            let place = self.nodes.positions[node];
            if let Some(&(id, distance_m)) = self.devices.on_pipe.get(&(node as u32)) {
                if let Some(&pipe) = pipe_of.get(&id) {
                    let along = self.distance_on(metric, pipe, place, distance_m);
                    cuts.push((pipe, along, node as u32));
                    continue;
                }
                issues.push(self.node_issue(Severity::Warning, "core.network.on_unknown_pipe", node));
            }
            if !(place[0].is_finite() && place[1].is_finite()) {
                continue;
            }
            self.attach_by_place(metric, pipe_tree, is_explicit, degree, node, &mut cuts, issues);
        }
        cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        cuts
    }

    fn distance_on(&self, metric: Metric, pipe: u32, place: [f64; 2], recorded_m: Option<f64>) -> f64 {
        let length_m = self.pipes.length_m[pipe as usize];
        if let Some(distance_m) = recorded_m {
            return distance_m.clamp(0.0, length_m);
        }
        let line = self.vertices_of(pipe as usize);
        let drawn_m = metric.length_m(line);
        let foot = metric
            .foot_point(line, place)
            .filter(|f| f.distance_m.is_finite());
        match foot {
            Some(foot) if drawn_m > 0.0 => foot.along_m / drawn_m * length_m,
            _ => length_m / 2.0,
        }
    }

    /// A node that no pipe ends in sits on the pipe under it; one where pipes end joins the pipe it lies on, as a
    /// tee does, but only among pipes whose ends were found by place: named ends are taken at their word.
    #[expect(
        clippy::too_many_arguments,
        reason = "one step of attach_devices, cut out to be readable"
    )]
    fn attach_by_place(
        &mut self,
        metric: Metric,
        pipe_tree: &PackedTree,
        is_explicit: &[bool],
        degree: u32,
        node: usize,
        cuts: &mut Vec<(u32, f64, u32)>,
        issues: &mut Issues,
    ) {
        let flags = self.nodes.flags[node];
        let place = self.nodes.positions[node];
        let is_customer = flags.has(NodeFlags::CUSTOMER);
        let reach_m = match (degree, is_customer) {
            (0, true) => self.options.customer_reach_m.max(self.options.snap_tolerance_m),
            (0, false) => self.options.snap_tolerance_m,
            _ => self.options.end_tolerance_m,
        };
        let end_tolerance_m = self.options.end_tolerance_m;
        let mut feet: Vec<(f64, u32, f64)> = Vec::new();
        for pipe in pipe_tree.search(metric.box_around(place, reach_m)) {
            if self.pipes.state[pipe as usize] != LifeState::Operative
                || (degree > 0 && is_explicit[pipe as usize])
            {
                continue;
            }
            let line = self.vertices_of(pipe as usize);
            let Some(foot) = metric.foot_point(line, place).filter(|f| f.distance_m <= reach_m) else {
                continue;
            };
            let drawn_m = metric.length_m(line);
            if degree > 0 && (foot.along_m <= end_tolerance_m || foot.along_m >= drawn_m - end_tolerance_m) {
                // The end itself was joined already.
                continue;
            }
            let along = if drawn_m > 0.0 {
                foot.along_m / drawn_m * self.pipes.length_m[pipe as usize]
            } else {
                0.0
            };
            feet.push((foot.distance_m, pipe, along));
        }
        feet.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some(&(nearest_m, ..)) = feet.first() else {
            if degree == 0 && (flags.has(NodeFlags::VALVE) || flags.has(NodeFlags::SOURCE)) {
                issues.push(self.node_issue(Severity::Warning, "core.network.not_on_pipe", node));
            }
            return;
        };
        if degree == 0 && nearest_m > end_tolerance_m && !is_customer {
            self.nodes.flags[node] = flags.with(NodeFlags::DOUBTFUL);
            let issue = self.node_issue(Severity::Warning, "core.network.beside_pipe", node);
            issues.push(Issue {
                message: Message::new("core.network.beside_pipe")
                    .with("code", self.nodes.codes.get(node))
                    .with("distance", format!("{nearest_m:.2}")),
                ..issue
            });
        }
        for (i, (distance_m, pipe, along)) in feet.into_iter().enumerate() {
            // All pipes that pass through the node where they are joined by place, else only the nearest.
            if i == 0 || (distance_m <= end_tolerance_m && !is_explicit[pipe as usize] && !is_customer) {
                cuts.push((pipe, along, node as u32));
            }
        }
    }

    fn node_issue(&self, severity: Severity, key: &'static str, node: usize) -> Issue {
        let code = self.nodes.codes.get(node);
        Issue::new(severity, Message::new(key).with("code", code))
            .on_code(code)
            .at_place(self.nodes.positions[node])
    }

    fn assemble(
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

/// Finds the end nodes of pipes.
struct Joints<'a> {
    metric: Metric,
    options: NetworkOptions,
    nodes: &'a mut Nodes,
    pipes: &'a Pipes,
    node_tree: &'a PackedTree,
    ends: Vec<[NodeIndex; 2]>,
    /// Both ends named by the data.
    is_explicit: Vec<bool>,
    degree: Vec<u32>,
    anonymous: HashMap<(i64, i64), Vec<u32>>,
    issues: Issues,
}

impl<'a> Joints<'a> {
    fn new(
        metric: Metric,
        options: NetworkOptions,
        nodes: &'a mut Nodes,
        pipes: &'a Pipes,
        node_tree: &'a PackedTree,
    ) -> Self {
        let (pipe_count, node_count) = (pipes.ids.len(), nodes.ids.len());
        Self {
            metric,
            options,
            nodes,
            pipes,
            node_tree,
            ends: Vec::with_capacity(pipe_count),
            is_explicit: Vec::with_capacity(pipe_count),
            degree: vec![0; node_count],
            anonymous: HashMap::new(),
            issues: Issues::default(),
        }
    }

    fn resolve_ends(&mut self) {
        let node_of: HashMap<FeatureId, u32> = if self.pipes.ends.iter().flatten().any(Option::is_some) {
            self.nodes
                .ids
                .iter()
                .enumerate()
                .map(|(i, id)| (*id, i as u32))
                .collect()
        } else {
            HashMap::new()
        };
        for pipe in 0..self.pipes.ids.len() {
            let line = &self.pipes.vertices
                [self.pipes.vertex_start[pipe] as usize..self.pipes.vertex_start[pipe + 1] as usize];
            let places = [line.first().copied(), line.last().copied()];
            let mut ends = [NodeIndex(NONE); 2];
            for side in 0..2 {
                let named = self.pipes.ends[pipe][side];
                ends[side] = if let Some(&node) = named.and_then(|id| node_of.get(&id)) {
                    NodeIndex(node)
                } else {
                    if named.is_some() {
                        let code = self.pipes.codes.get(pipe);
                        let mut issue = Issue::new(
                            Severity::Warning,
                            Message::new("core.network.unknown_end").with("code", code),
                        )
                        .on_code(code);
                        issue.place = places[side];
                        self.issues.push(issue);
                    }
                    self.vertex_at(places[side])
                };
            }
            self.is_explicit
                .push(self.pipes.ends[pipe].iter().all(Option::is_some));
            if self.pipes.state[pipe] == LifeState::Operative {
                for end in ends {
                    if let Some(degree) = self.degree.get_mut(end.0 as usize) {
                        *degree += 1;
                    }
                }
            }
            self.ends.push(ends);
        }
    }

    /// The node at a place, or an anonymous vertex; a pipe end without a place gets a vertex of its own.
    fn vertex_at(&mut self, place: Option<[f64; 2]>) -> NodeIndex {
        let Some(place) = place.filter(|p| p[0].is_finite() && p[1].is_finite()) else {
            return self.new_vertex([f64::NAN; 2]);
        };
        let tolerance_m = self.options.end_tolerance_m;
        // Of several nodes at one place the one that steers water is the joint.
        let rank = |n: u32| {
            let flags = self.nodes.flags[n as usize];
            u8::from(!flags.has(NodeFlags::BOUNDARY))
                + u8::from(!flags.has(NodeFlags::SOURCE))
                + 2 * u8::from(flags.has(NodeFlags::CUSTOMER))
        };
        let nearest = self
            .node_tree
            .search(self.metric.box_around(place, tolerance_m))
            .into_iter()
            .filter(|n| self.nodes.state[*n as usize] != LifeState::Obsolete)
            .map(|n| (n, self.metric.distance_m(self.nodes.positions[n as usize], place)))
            .filter(|(_, distance_m)| *distance_m <= tolerance_m)
            .min_by(|a, b| {
                rank(a.0)
                    .cmp(&rank(b.0))
                    .then(a.1.total_cmp(&b.1))
                    .then(a.0.cmp(&b.0))
            });
        if let Some((node, _)) = nearest {
            return NodeIndex(node);
        }
        let cell = [place[0] * self.metric.x_m, place[1] * self.metric.y_m]
            .map(|v| (v / tolerance_m.max(1e-9)).floor() as i64);
        for dx in -1..=1 {
            for dy in -1..=1 {
                for &vertex in self
                    .anonymous
                    .get(&(cell[0] + dx, cell[1] + dy))
                    .into_iter()
                    .flatten()
                {
                    if self
                        .metric
                        .distance_m(self.nodes.positions[vertex as usize], place)
                        <= tolerance_m
                    {
                        return NodeIndex(vertex);
                    }
                }
            }
        }
        let vertex = self.new_vertex(place);
        self.anonymous
            .entry((cell[0], cell[1]))
            .or_default()
            .push(vertex.0);
        vertex
    }

    fn new_vertex(&mut self, place: [f64; 2]) -> NodeIndex {
        let vertex = NodeIndex(self.nodes.positions.len() as u32);
        self.nodes.positions.push(place);
        vertex
    }
}

/// See `Network::straightness`. Ends without a place make the look-ahead useless, not wrong.
fn straightness(network: &Network) -> f64 {
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

fn permute<T: Clone>(column: &mut Vec<T>, order: &[u32]) {
    *column = order.iter().map(|i| column[*i as usize].clone()).collect();
}

fn rekey<T>(map: HashMap<u32, T>, new_index: &[u32]) -> HashMap<u32, T> {
    map.into_iter().map(|(k, v)| (new_index[k as usize], v)).collect()
}

fn bounding_box(line: &[[f64; 2]]) -> [f64; 4] {
    let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in line {
        b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    }
    b
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
