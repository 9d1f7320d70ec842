//! A network that is updated answers as one that is put together at once, whatever happens in whatever order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::{Change, Network, NodeInput, PipeIndex, PipeInput};
use crate::ids::{FeatureId, IdSource};
use crate::model::ClassIndex;
use crate::network::describe::{describe, differences};
use crate::network::{LifeState, NetworkBuilder, NetworkOptions, NodeFlags};
use crate::progress::NoProgress;

#[derive(Debug, Clone)]
struct Node {
    flags: NodeFlags,
    state: LifeState,
    code: String,
    position: [f64; 2],
    account: Option<String>,
    on_pipe: Option<(FeatureId, Option<f64>)>,
    flow_to: Option<FeatureId>,
    inlets: Vec<FeatureId>,
    customers: u32,
}

#[derive(Debug, Clone)]
struct Pipe {
    state: LifeState,
    code: String,
    ends: [Option<FeatureId>; 2],
    length_m: Option<f64>,
    diameter_mm: f64,
    vertices: Vec<[f64; 2]>,
}

/// The features as a project would hold them.
#[derive(Debug, Clone, Default)]
struct City {
    nodes: BTreeMap<FeatureId, Node>,
    pipes: BTreeMap<FeatureId, Pipe>,
}

fn node_input(id: FeatureId, node: &Node) -> NodeInput<'_> {
    NodeInput {
        flags: node.flags,
        state: node.state,
        code: &node.code,
        position: node.position,
        account: node.account.as_deref(),
        on_pipe: node.on_pipe.map(|(pipe, _)| pipe),
        on_pipe_distance_m: node.on_pipe.and_then(|(_, distance_m)| distance_m),
        flow_to: node.flow_to,
        inlet_pipes: &node.inlets,
        customers: node.customers,
        ..NodeInput::new(id, ClassIndex(1))
    }
}

fn pipe_input(id: FeatureId, pipe: &Pipe) -> PipeInput<'_> {
    PipeInput {
        state: pipe.state,
        code: &pipe.code,
        from: pipe.ends[0],
        to: pipe.ends[1],
        length_m: pipe.length_m,
        diameter_mm: pipe.diameter_mm,
        vertices: &pipe.vertices,
        ..PipeInput::new(id, ClassIndex(0))
    }
}

impl City {
    fn network(&self) -> Network {
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        for (id, node) in &self.nodes {
            builder.add_node(&node_input(*id, node));
        }
        for (id, pipe) in &self.pipes {
            builder.add_pipe(&pipe_input(*id, pipe));
        }
        builder.build(&NoProgress).expect("nobody cancels")
    }

    fn change(&self, id: FeatureId) -> Change<'_> {
        if let Some(node) = self.nodes.get(&id) {
            return Change::Node(node_input(id, node));
        }
        match self.pipes.get(&id) {
            Some(pipe) => Change::Pipe(pipe_input(id, pipe)),
            None => Change::Gone(id),
        }
    }

    /// What nobody may name any more once a feature is gone; the features that change with it.
    fn forget(&mut self, id: FeatureId) -> Vec<FeatureId> {
        let mut touched = vec![id];
        self.nodes.remove(&id);
        self.pipes.remove(&id);
        for (other, pipe) in &mut self.pipes {
            for end in &mut pipe.ends {
                if *end == Some(id) {
                    *end = None;
                    touched.push(*other);
                }
            }
        }
        for (other, node) in &mut self.nodes {
            let before = node.clone();
            node.on_pipe = node.on_pipe.filter(|(pipe, _)| *pipe != id);
            node.flow_to = node.flow_to.filter(|target| *target != id);
            node.inlets.retain(|inlet| *inlet != id);
            if before.on_pipe != node.on_pipe
                || before.flow_to != node.flow_to
                || before.inlets != node.inlets
            {
                touched.push(*other);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

/// Chance, in a small town whose things often touch.
struct Chance {
    random: StdRng,
    ids: IdSource,
}

impl Chance {
    fn place(&mut self) -> [f64; 2] {
        // Odd offsets, so that two pipes are seldom exactly as near as each other.
        let jitter = if self.random.random_bool(0.2) { 0.37 } else { 0.0 };
        [0, 1].map(|_| f64::from(self.random.random_range(0..8_i32)) * 10.0 + jitter)
    }

    fn state(&mut self) -> LifeState {
        match self.random.random_range(0..10) {
            0 => LifeState::Planned,
            1 => LifeState::Obsolete,
            _ => LifeState::Operative,
        }
    }

    fn pick(&mut self, all: &[FeatureId]) -> Option<FeatureId> {
        (!all.is_empty()).then(|| all[self.random.random_range(0..all.len())])
    }

    fn node(&mut self, city: &City) -> Node {
        let kinds = [
            NodeFlags::default(),
            NodeFlags::VALVE
                .with(NodeFlags::BOUNDARY)
                .with(NodeFlags::SHUTTABLE),
            NodeFlags::VALVE
                .with(NodeFlags::BOUNDARY)
                .with(NodeFlags::ONE_WAY),
            NodeFlags::SOURCE,
            NodeFlags::CUSTOMER,
            NodeFlags::HYDRANT,
        ];
        let flags = kinds[self.random.random_range(0..kinds.len())];
        let pipes: Vec<FeatureId> = city.pipes.keys().copied().collect();
        let nodes: Vec<FeatureId> = city.nodes.keys().copied().collect();
        let on = self.pick(&pipes).filter(|_| self.random.random_bool(0.2));
        let recorded = self
            .random
            .random_bool(0.5)
            .then(|| self.random.random_range(0.0..20.0));
        let mut position = self.place();
        // In the middle of a pipe, often.
        if let Some(pipe) = self.pick(&pipes).filter(|_| self.random.random_bool(0.4))
            && let [a, b, ..] = city.pipes[&pipe].vertices[..]
        {
            let t = self.random.random_range(0.05..0.95);
            position = [0, 1].map(|i| a[i] + t * (b[i] - a[i]));
        }
        Node {
            flags: flags
                .set(NodeFlags::OPEN, self.random.random_bool(0.8))
                .with(NodeFlags::OPERABLE),
            state: self.state(),
            code: format!("N{}", self.random.random_range(0..20)),
            position: if self.random.random_bool(0.03) {
                [f64::NAN; 2]
            } else {
                position
            },
            account: self
                .random
                .random_bool(0.3)
                .then(|| format!("A{}", self.random.random_range(0..3))),
            on_pipe: on.map(|pipe| (pipe, recorded)),
            flow_to: if self.random.random_bool(0.5) {
                self.pick(&pipes)
            } else {
                self.pick(&nodes)
            },
            inlets: self.pick(&pipes).into_iter().collect(),
            customers: self.random.random_range(0..3),
        }
    }

    fn pipe(&mut self, city: &City) -> Pipe {
        let nodes: Vec<FeatureId> = city.nodes.keys().copied().collect();
        let mut vertices: Vec<[f64; 2]> = (0..self.random.random_range(2..4))
            .map(|_| self.place())
            .collect();
        let mut ends = [None; 2];
        if self.random.random_bool(0.5) {
            for (side, end) in ends.iter_mut().enumerate() {
                *end = self.pick(&nodes).filter(|_| self.random.random_bool(0.9));
                if let Some(at) = end
                    .map(|id| city.nodes[&id].position)
                    .filter(|p| p[0].is_finite())
                {
                    let last = vertices.len() - 1;
                    vertices[side * last] = at;
                }
            }
        }
        if self.random.random_bool(0.1) {
            vertices.clear();
        }
        Pipe {
            state: self.state(),
            code: format!("P{}", self.random.random_range(0..20)),
            ends,
            length_m: self
                .random
                .random_bool(0.3)
                .then(|| self.random.random_range(1.0..90.0)),
            diameter_mm: 100.0,
            vertices,
        }
    }

    /// Something happens in the city; which features it touched.
    fn step(&mut self, city: &mut City) -> Vec<FeatureId> {
        let nodes: Vec<FeatureId> = city.nodes.keys().copied().collect();
        let pipes: Vec<FeatureId> = city.pipes.keys().copied().collect();
        match self.random.random_range(0..12) {
            0 | 1 => {
                let id = self.ids.next_id();
                let node = self.node(city);
                city.nodes.insert(id, node);
                vec![id]
            }
            2 | 3 => {
                let id = self.ids.next_id();
                let pipe = self.pipe(city);
                city.pipes.insert(id, pipe);
                vec![id]
            }
            4 => self.pick(&nodes).map_or_else(Vec::new, |id| city.forget(id)),
            5 => self.pick(&pipes).map_or_else(Vec::new, |id| city.forget(id)),
            6 | 7 => self.pick(&nodes).map_or_else(Vec::new, |id| {
                // A node moves, and takes the pipes that name it along.
                let to = self.place();
                let mut touched = vec![id];
                if let Some(node) = city.nodes.get_mut(&id) {
                    node.position = to;
                }
                for (other, pipe) in &mut city.pipes {
                    let last = pipe.vertices.len().saturating_sub(1);
                    for side in 0..2 {
                        if pipe.ends[side] == Some(id) && !pipe.vertices.is_empty() {
                            pipe.vertices[side * last] = to;
                            touched.push(*other);
                        }
                    }
                }
                touched.dedup();
                touched
            }),
            8 => self.pick(&nodes).map_or_else(Vec::new, |id| {
                let fresh = self.node(city);
                city.nodes.insert(id, fresh);
                vec![id]
            }),
            9 => self.pick(&pipes).map_or_else(Vec::new, |id| {
                let fresh = self.pipe(city);
                city.pipes.insert(id, fresh);
                vec![id]
            }),
            10 => self.pick(&pipes).map_or_else(Vec::new, |id| {
                let diameter_mm = self.random.random_range(50.0..500.0);
                if let Some(pipe) = city.pipes.get_mut(&id) {
                    pipe.diameter_mm = diameter_mm;
                    pipe.code = format!("P{}", self.random.random_range(0..20));
                }
                vec![id]
            }),
            _ => {
                // Several things at once, as one operation of the user.
                let mut touched = self.step(city);
                touched.extend(self.step(city));
                touched.sort_unstable();
                touched.dedup();
                touched
            }
        }
    }
}

fn city(seed: u64, nodes: usize, pipes: usize) -> (Chance, City) {
    let mut chance = Chance {
        random: StdRng::seed_from_u64(seed),
        ids: IdSource::new(1, seed),
    };
    let mut city = City::default();
    for _ in 0..nodes / 2 {
        let node = chance.node(&city);
        city.nodes.insert(chance.ids.next_id(), node);
    }
    for _ in 0..pipes {
        let pipe = chance.pipe(&city);
        city.pipes.insert(chance.ids.next_id(), pipe);
    }
    for _ in 0..nodes / 2 {
        let node = chance.node(&city);
        city.nodes.insert(chance.ids.next_id(), node);
    }
    (chance, city)
}

/// Lets things happen in a city and compares after each.
fn compare(seed: u64) -> Result<(), TestCaseError> {
    let (mut chance, mut city) = city(seed, 14, 12);
    let mut network = city.network();
    for step in 0..20 {
        let touched = chance.step(&mut city);
        let changes: Vec<Change<'_>> = touched.iter().map(|id| city.change(*id)).collect();
        network = network.updated(&changes).network;
        let wrong = differences(&network, &city.network());
        prop_assert!(
            wrong.is_empty(),
            "step {step} with {touched:?}:\n{}",
            wrong.join("\n")
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_updated_network_equals_one_put_together_at_once_after_every_step(seed in any::<u64>()) {
        compare(seed)?;
    }
}

/// A pipe without a line that follows its nodes; one that only its names lead to; a node on the pipe that it ends.
#[test]
fn what_once_went_wrong_stays_right() {
    for seed in [
        13_615_918_952_716_185_290,
        13_615_918_952_716_185_295,
        3_909_238_014_796_106_989,
    ] {
        compare(seed).expect("equal");
    }
}

#[test]
fn what_was_there_before_stays_as_it_was() {
    let (mut chance, mut city) = city(7, 30, 30);
    let before = city.network();
    let description = describe(&before);
    let mut network = before.clone();
    for _ in 0..50 {
        let touched = chance.step(&mut city);
        let changes: Vec<Change<'_>> = touched.iter().map(|id| city.change(*id)).collect();
        network = network.updated(&changes).network;
    }
    assert_ne!(describe(&network), description);
    assert_eq!(describe(&before), description);
}

#[test]
fn a_feature_that_comes_back_has_its_index_again() {
    let (_, city) = city(11, 20, 20);
    let network = city.network();
    let pipe = PipeIndex(3);
    let id = network.pipe_id(pipe);
    let without = network.updated(&[Change::Gone(id)]).network;
    assert_eq!(without.pipe_of_id(id), None);
    assert_eq!(without.pipe_count() + 1, network.pipe_count());
    let again = without.updated(&[city.change(id)]).network;
    assert_eq!(again.pipe_of_id(id), Some(pipe));
    assert_eq!(differences(&again, &network), Vec::<String>::new());
}
