//! Tiny networks as text, for tests.
//!
//! One element a line: `source R`, `valve V [closed] [broken] [noaccess]`, `check V to=P`, `pump V to=P [closed]`,
//! `tank T inlet=P,Q`, `hydrant H`, `customer C n=3 [important] [account=A]`, `node N`; add `on=P at=30` for a
//! device in mid-pipe, `x=.. y=..` for a place, `planned`. Pipes: `P: A-B [len=100] [dn=100] [n=customers] [planned]`,
//! or `P: @0,0;50,10;100,0` for one that is known by its line alone.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::HashMap;

use gis_core::network::{
    LifeState, Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeIndex, NodeInput, PipeIndex, PipeInput,
};
use gis_core::{ClassIndex, FeatureId, IdSource, NoProgress};

struct NodeLine<'a> {
    kind: &'a str,
    code: &'a str,
    words: Vec<&'a str>,
}

fn value<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words
        .iter()
        .find_map(|w| w.strip_prefix(key).and_then(|rest| rest.strip_prefix('=')))
}

/// Builds the network; later lines may name earlier or later elements.
pub(crate) fn network(text: &str) -> Network {
    network_in(text, false)
}

/// The same with coordinates in degrees.
pub(crate) fn network_in(text: &str, is_geographic: bool) -> Network {
    let mut ids = IdSource::new(1_700_000_000_000, 7);
    let mut nodes: Vec<NodeLine<'_>> = Vec::new();
    let mut pipes: Vec<(&str, &str, &str, Vec<&str>)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(code) = words[0].strip_suffix(':') {
            let (from, to) = if words[1].starts_with('@') {
                ("", "")
            } else {
                words[1].split_once('-').unwrap()
            };
            pipes.push((code, from, to, words[1..].to_vec()));
        } else {
            nodes.push(NodeLine {
                kind: words[0],
                code: words[1],
                words: words[2..].to_vec(),
            });
        }
    }
    let mut seen: std::collections::HashSet<&str> = nodes.iter().map(|n| n.code).collect();
    for end in pipes.iter().flat_map(|p| [p.1, p.2]) {
        if !end.is_empty() && seen.insert(end) {
            nodes.push(NodeLine {
                kind: "node",
                code: end,
                words: vec![],
            });
        }
    }
    let node_ids: HashMap<&str, FeatureId> = nodes.iter().map(|n| (n.code, ids.next_id())).collect();
    let pipe_ids: HashMap<&str, FeatureId> = pipes.iter().map(|p| (p.0, ids.next_id())).collect();
    let mut builder = NetworkBuilder::new(is_geographic, 1.0, NetworkOptions::default());
    for node in &nodes {
        let words = &node.words;
        let is = |word: &str| words.contains(&word);
        let mut flags = NodeFlags::default()
            .set(NodeFlags::OPEN, !is("closed"))
            .set(NodeFlags::OPERABLE, !is("broken"))
            .set(NodeFlags::ACCESSIBLE, !is("noaccess"))
            .set(NodeFlags::IMPORTANT, is("important"));
        flags = match node.kind {
            "source" | "tank" => flags.with(NodeFlags::SOURCE),
            "valve" => flags
                .with(NodeFlags::VALVE)
                .with(NodeFlags::BOUNDARY)
                .with(NodeFlags::SHUTTABLE),
            "check" => flags
                .with(NodeFlags::VALVE)
                .with(NodeFlags::BOUNDARY)
                .with(NodeFlags::ONE_WAY),
            "shuttable_check" => flags
                .with(NodeFlags::VALVE)
                .with(NodeFlags::BOUNDARY)
                .with(NodeFlags::ONE_WAY)
                .with(NodeFlags::SHUTTABLE),
            "pump" => flags.with(NodeFlags::BOUNDARY).with(NodeFlags::ONE_WAY),
            "hydrant" => flags.with(NodeFlags::HYDRANT),
            "customer" => flags.with(NodeFlags::CUSTOMER),
            "node" => flags,
            other => panic!("unknown kind {other}"),
        };
        let number = |key: &str| value(words, key).map(|v| v.parse::<f64>().unwrap());
        let inlets: Vec<FeatureId> =
            value(words, "inlet").map_or(vec![], |v| v.split(',').map(|p| pipe_ids[p]).collect());
        let customers = number("n").unwrap_or(f64::from(u8::from(node.kind == "customer")));
        builder.add_node(&NodeInput {
            id: node_ids[node.code],
            class: ClassIndex(0),
            kind: None,
            flags,
            state: if is("planned") {
                LifeState::Planned
            } else {
                LifeState::Operative
            },
            code: node.code,
            // Without a place nothing is joined by coincidence.
            position: [number("x").unwrap_or(f64::NAN), number("y").unwrap_or(f64::NAN)],
            z_m: f64::NAN,
            diameter_mm: f64::NAN,
            customers: customers as u32,
            account: value(words, "account"),
            on_pipe: value(words, "on").map(|p| pipe_ids[p]),
            on_pipe_distance_m: number("at"),
            flow_to: value(words, "to")
                .map(|t| pipe_ids.get(t).or_else(|| node_ids.get(t)).copied().unwrap()),
            inlet_pipes: &inlets,
        });
    }
    for (code, from, to, words) in &pipes {
        let number = |key: &str| value(words, key).map(|v| v.parse::<f64>().unwrap());
        let line: Vec<[f64; 2]> = words[0].strip_prefix('@').map_or(vec![], |text| {
            text.split(';')
                .map(|p| {
                    p.split_once(',')
                        .map(|(x, y)| [x.parse().unwrap(), y.parse().unwrap()])
                        .unwrap()
                })
                .collect()
        });
        builder.add_pipe(&PipeInput {
            state: if words.contains(&"planned") {
                LifeState::Planned
            } else {
                LifeState::Operative
            },
            code,
            from: node_ids.get(from).copied(),
            to: node_ids.get(to).copied(),
            length_m: number("len").or(line.is_empty().then_some(100.0)),
            diameter_mm: number("dn").unwrap_or(100.0),
            customers: number("n").unwrap_or(0.0) as u32,
            vertices: &line,
            ..PipeInput::new(pipe_ids[code], ClassIndex(0))
        });
    }
    builder.build(&NoProgress).unwrap()
}

pub(crate) fn node(network: &Network, code: &str) -> NodeIndex {
    network.nodes_with_code(code)[0]
}

pub(crate) fn pipe(network: &Network, code: &str) -> PipeIndex {
    network.pipes_with_code(code)[0]
}

pub(crate) fn node_codes(network: &Network, nodes: &[NodeIndex]) -> String {
    nodes
        .iter()
        .map(|n| network.node_code(*n))
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn pipe_codes(network: &Network, pipes: &[PipeIndex]) -> String {
    pipes
        .iter()
        .map(|p| network.pipe_code(*p))
        .collect::<Vec<_>>()
        .join(" ")
}
