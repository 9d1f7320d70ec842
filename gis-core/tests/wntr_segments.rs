//! Conformance of the burst analysis with WNTR (docs/burst.md): for generated valve layers on the benchmark networks,
//! the core of a burst is the segment that `valve_segments` finds, and its border is the valves of that segment.
//! `cargo xtask conformance` writes what WNTR says and runs this with `KAREZ_CONFORMANCE_DIR` set.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by it, as tests do")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use gis_core::analysis::burst::{BurstRequest, burst};
use gis_core::network::{
    Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PieceIndex, PipeIndex, PipeInput,
};
use gis_core::{ClassIndex, FeatureId, IdSource, NoProgress};
use serde_json::Value;

type Row = HashMap<String, String>;

/// Rows of a CSV file without quotes.
fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines
        .map(|fields| header.iter().cloned().zip(fields).collect())
        .collect()
}

/// Nothing is marked as a source: to WNTR a source is a node like any other.
fn network(folder: &Path) -> Network {
    let mut ids = IdSource::new(1_700_000_000_000, 5);
    let (nodes, pipes) = (rows(&folder.join("nodes.csv")), rows(&folder.join("pipes.csv")));
    let mut named = |rows: &[Row]| -> HashMap<String, FeatureId> {
        rows.iter()
            .map(|row| (row["code"].clone(), ids.next_id()))
            .collect()
    };
    let (node_ids, pipe_ids) = (named(&nodes), named(&pipes));
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let usable = NodeFlags::OPEN
        .with(NodeFlags::OPERABLE)
        .with(NodeFlags::ACCESSIBLE);
    let valve = usable
        .with(NodeFlags::BOUNDARY)
        .with(NodeFlags::SHUTTABLE)
        .with(NodeFlags::VALVE);
    for row in &nodes {
        let is_valve = row["class"] == "valve";
        builder.add_node(&NodeInput {
            flags: if is_valve { valve } else { usable },
            code: &row["code"],
            position: [row["x"].parse().unwrap(), row["y"].parse().unwrap()],
            on_pipe: pipe_ids.get(&row["on_pipe"]).copied(),
            on_pipe_distance_m: row["on_pipe_distance_m"].parse().ok(),
            ..NodeInput::new(node_ids[&row["code"]], ClassIndex(if is_valve { 1 } else { 5 }))
        });
    }
    for row in &pipes {
        builder.add_pipe(&PipeInput {
            code: &row["code"],
            from: node_ids.get(&row["from"]).copied(),
            to: node_ids.get(&row["to"]).copied(),
            length_m: row["length_m"].parse().ok(),
            ..PipeInput::new(pipe_ids[&row["code"]], ClassIndex(0))
        });
    }
    builder.build(&NoProgress).unwrap()
}

/// The stretch of a pipe that WNTR means by the pipe: its valves stand close to the ends.
fn body(network: &Network, pipe: PipeIndex) -> PieceIndex {
    let longer =
        |a: &PieceIndex, b: &PieceIndex| network.piece_length_m(*a).total_cmp(&network.piece_length_m(*b));
    network.pieces_of(pipe).max_by(longer).unwrap()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn compare(folder: &Path) -> usize {
    let network = network(folder);
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let segments = expected["segments"].as_array().unwrap();
    let mut segment_of: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (number, segment) in segments.iter().enumerate() {
        for kind in ["links", "nodes"] {
            segment_of.extend(
                texts(&segment[kind])
                    .into_iter()
                    .map(|code| ((kind, code), number)),
            );
        }
    }
    for (number, segment) in segments.iter().enumerate() {
        let (links, nodes) = (texts(&segment["links"]), texts(&segment["nodes"]));
        let mut request = BurstRequest::default();
        match links.first() {
            Some(link) => request
                .pieces
                .push(body(&network, network.pipes_with_code(link)[0])),
            None => request
                .nodes
                .push(network.nodes_with_code(nodes.first().unwrap())[0]),
        }
        let result = burst(&network, &request).unwrap();
        let what = format!("{}, segment {number} of {links:?} {nodes:?}", folder.display());

        let core: BTreeSet<PieceIndex> = result.isolated_pieces.iter().copied().collect();
        let core_links: BTreeSet<String> = network
            .pipes()
            .filter(|pipe| core.contains(&body(&network, *pipe)))
            .map(|pipe| network.pipe_code(pipe).to_owned())
            .collect();
        assert_eq!(core_links, links, "{what}: links");
        let core_nodes: BTreeSet<String> = network
            .nodes()
            .filter(|node| !network.node_flags(*node).has(NodeFlags::VALVE))
            .filter(|node| network.pieces_at(*node).iter().any(|piece| core.contains(piece)))
            .map(|node| network.node_code(node).to_owned())
            .collect();
        assert_eq!(core_nodes, nodes, "{what}: nodes");

        let border: BTreeSet<String> = expected["valves"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|valve| {
                let side = |kind, key: &str| segment_of.get(&(kind, valve[key].as_str().unwrap().to_owned()));
                let (link, node) = (side("links", "link"), side("nodes", "node"));
                link != node && (link == Some(&number) || node == Some(&number))
            })
            .map(|valve| valve["code"].as_str().unwrap().to_owned())
            .collect();
        let found: BTreeSet<String> = result
            .valves_to_close
            .iter()
            .chain(&result.valves_optional)
            .map(|valve| network.node_code(*valve).to_owned())
            .collect();
        assert_eq!(found, border, "{what}: border");
    }
    segments.len()
}

#[test]
#[ignore = "needs what WNTR says: cargo xtask conformance"]
fn conformance_the_core_of_every_burst_is_the_segment_wntr_finds() {
    let Some(folder) = std::env::var_os("KAREZ_CONFORMANCE_DIR") else {
        println!("skipped: KAREZ_CONFORMANCE_DIR does not name a folder that wntr_segments.py wrote");
        return;
    };
    let mut cases: Vec<_> = std::fs::read_dir(Path::new(&folder).join("segments"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let count = compare(&case);
        println!("{}: {count} segments agree", case.display());
    }
}
