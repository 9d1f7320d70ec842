//! Puts a `Network` together from nodes and pipes in any order: connectivity, cutting at devices, adjacency.
//! It reads no file; `project` feeds it.

mod assemble;
mod devices;
mod joints;

use std::collections::HashMap;

use super::access::{Strings, hash};
use super::columns::{Devices, Findings};
use super::patch::bounding_box;
use super::spatial::PackedTree;
use super::{LifeState, Metric, Network, NodeFlags, NodeIndex, hilbert};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::Issue;
use crate::model::ClassIndex;
use crate::progress::Progress;
use crate::text::Message;
use assemble::Joined;
use joints::Joints;

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

impl NodeInput<'_> {
    /// A planned valve stops no water and an abandoned well gives none.
    pub(super) fn flags_in_service(&self) -> NodeFlags {
        let steering = NodeFlags::BOUNDARY
            .with(NodeFlags::SHUTTABLE)
            .with(NodeFlags::ONE_WAY)
            .with(NodeFlags::SOURCE);
        if self.state == LifeState::Operative {
            self.flags
        } else {
            self.flags.set(steering, false)
        }
    }

    /// A node in operation of which nothing else is known, not even where it is.
    pub fn new(id: FeatureId, class: ClassIndex) -> Self {
        Self {
            id,
            class,
            kind: None,
            flags: NodeFlags::default(),
            state: LifeState::Operative,
            code: "",
            position: [f64::NAN; 2],
            z_m: f64::NAN,
            diameter_mm: f64::NAN,
            customers: 0,
            account: None,
            on_pipe: None,
            on_pipe_distance_m: None,
            flow_to: None,
            inlet_pipes: &[],
        }
    }
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

impl PipeInput<'_> {
    pub(super) fn recorded_length_m(&self) -> Option<f64> {
        self.length_m.filter(|l| *l > 0.0 && l.is_finite())
    }

    /// A pipe in operation of which nothing else is known, not even where it is.
    pub fn new(id: FeatureId, class: ClassIndex) -> Self {
        Self {
            id,
            class,
            state: LifeState::Operative,
            code: "",
            from: None,
            to: None,
            length_m: None,
            diameter_mm: f64::NAN,
            material: None,
            customers: 0,
            vertices: &[],
        }
    }
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
    accounts: HashMap<u32, u64>,
    pipes: Pipes,
    findings: Findings,
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
            accounts: HashMap::new(),
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
            findings: Findings::default(),
        }
    }

    /// A finding of whoever feeds the builder, to stand among those of the network.
    pub fn add_issue(&mut self, issue: Issue) {
        self.findings.list.push((None, issue));
    }

    pub fn add_node(&mut self, node: &NodeInput<'_>) {
        let i = self.nodes.ids.len() as u32;
        self.nodes.flags.push(node.flags_in_service());
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
            self.accounts.insert(i, hash(account));
        }
    }

    pub fn add_pipe(&mut self, pipe: &PipeInput<'_>) {
        let p = &mut self.pipes;
        p.ids.push(pipe.id);
        p.class.push(pipe.class);
        p.state.push(pipe.state);
        p.ends.push([pipe.from, pipe.to]);
        p.length_m.push(pipe.recorded_length_m().unwrap_or(f64::NAN));
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
            named,
            unknown,
            degree,
            findings,
            ..
        } = joints;
        self.findings.list.extend(findings);
        let undrawn = self.straighten_missing_geometry(&ends);
        progress.check()?;
        progress.report(&stage, 2, Some(5));

        let pipe_tree = PackedTree::build(
            self.pipes.ids.len(),
            (0..self.pipes.ids.len()).map(|i| bounding_box(self.vertices_of(i))),
        );
        self.measure_lengths(metric);
        let seats = self.seat_nodes(metric, &pipe_tree, &degree);
        progress.check()?;
        progress.report(&stage, 3, Some(5));

        let joined = Joined {
            ends,
            named,
            unknown,
            undrawn,
            degree,
            seats,
        };
        let network = self.assemble(metric, node_tree, pipe_tree, joined);
        progress.check()?;
        progress.report(&stage, 4, Some(5));
        network.supply();
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
        self.accounts = rekey(std::mem::take(&mut self.accounts), &new_index);
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

    /// A pipe known only by its ends is drawn straight between them. Returns those pipes, and whether the length of each
    /// is recorded.
    fn straighten_missing_geometry(&mut self, ends: &[[NodeIndex; 2]]) -> HashMap<u32, bool> {
        let count = self.pipes.ids.len();
        let undrawn: HashMap<u32, bool> = (0..count)
            .filter(|i| self.vertices_of(*i).len() < 2)
            .map(|i| (i as u32, !self.pipes.length_m[i].is_nan()))
            .collect();
        if undrawn.is_empty() {
            return undrawn;
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
        undrawn
    }

    fn measure_lengths(&mut self, metric: Metric) {
        for i in 0..self.pipes.ids.len() {
            if self.pipes.length_m[i].is_nan() {
                self.pipes.length_m[i] = metric.length_m(self.vertices_of(i));
            }
        }
    }
}

fn permute<T: Clone>(column: &mut Vec<T>, order: &[u32]) {
    *column = order.iter().map(|i| column[*i as usize].clone()).collect();
}

fn rekey<T>(map: HashMap<u32, T>, new_index: &[u32]) -> HashMap<u32, T> {
    map.into_iter().map(|(k, v)| (new_index[k as usize], v)).collect()
}
