//! Conformance of the burst analysis with another program's answers (docs/burst.md): every pipe of a sample
//! network, then every proposed valve marked inaccessible. The data stay outside the repository; without them
//! the test says so. `cargo xtask conformance` runs it with `KAREZ_GOLDEN_DIR` set.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;

use gis_core::analysis::burst::{BurstRequest, BurstResult, burst};
use gis_core::network::{Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput};
use gis_core::{ClassIndex, IdSource, NoProgress};
use serde_json::Value;

/// Rows of a CSV file as maps; fields may be quoted, quotes do not nest in these files.
fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                c => fields.last_mut().unwrap().push(c),
            }
        }
        fields
    });
    let header = lines.next().unwrap();
    lines
        .map(|fields| header.iter().cloned().zip(fields).collect())
        .collect()
}

fn golden_network(dir: &Path) -> Network {
    let mut ids = IdSource::new(1_700_000_000_000, 3);
    let arcs = rows(&dir.join("arcs.csv"));
    let nodes = rows(&dir.join("nodes.csv"));
    let inlets: HashMap<String, String> = rows(&dir.join("sources.csv"))
        .into_iter()
        .map(|r| (r["node_id"].clone(), r["inlet_arc"].clone()))
        .collect();
    let mut customers: HashMap<String, u32> = HashMap::new();
    for row in rows(&dir.join("connecs.csv")) {
        *customers.entry(row["arc_id"].clone()).or_default() += 1;
    }
    let arc_ids: HashMap<&str, _> = arcs
        .iter()
        .map(|a| (a["arc_id"].as_str(), ids.next_id()))
        .collect();
    let node_ids: HashMap<&str, _> = nodes
        .iter()
        .map(|n| (n["node_id"].as_str(), ids.next_id()))
        .collect();
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    for row in &nodes {
        let code = row["node_id"].as_str();
        let is_valve = row["graph_delimiter"].contains("MINSECTOR") && !row["closed"].is_empty();
        let is_source = inlets.contains_key(code);
        let is_one_way = is_valve && !row["to_arc"].is_empty();
        let flags = NodeFlags::ACCESSIBLE
            .set(NodeFlags::BOUNDARY, is_valve)
            .set(NodeFlags::VALVE, is_valve)
            .set(NodeFlags::SHUTTABLE, is_valve && !is_one_way)
            .set(NodeFlags::ONE_WAY, is_one_way)
            .set(NodeFlags::SOURCE, is_source)
            .set(NodeFlags::OPEN, row["closed"] != "t")
            .set(NodeFlags::OPERABLE, row["broken"] != "t");
        let inlet_ids: Vec<_> = inlets
            .get(code)
            .map(|list| {
                list.trim_matches(['{', '}'])
                    .split(',')
                    .filter_map(|a| arc_ids.get(a).copied())
                    .collect()
            })
            .unwrap_or_default();
        builder.add_node(&NodeInput {
            flags,
            code,
            position: [row["x"].parse().unwrap(), row["y"].parse().unwrap()],
            flow_to: is_one_way.then(|| arc_ids[row["to_arc"].as_str()]),
            inlet_pipes: &inlet_ids,
            ..NodeInput::new(node_ids[code], ClassIndex(0))
        });
    }
    for row in &arcs {
        let code = row["arc_id"].as_str();
        builder.add_pipe(&PipeInput {
            code,
            from: Some(node_ids[row["node_1"].as_str()]),
            to: Some(node_ids[row["node_2"].as_str()]),
            length_m: row["len"].parse().ok(),
            diameter_mm: row["dint"].parse().unwrap_or(f64::NAN),
            customers: customers.get(code).copied().unwrap_or(0),
            ..PipeInput::new(arc_ids[code], ClassIndex(0))
        });
    }
    builder.build(&NoProgress).unwrap()
}

fn difference(network: &Network, result: &BurstResult, expected: &Value) -> Option<String> {
    let ids = |list: &Value| -> BTreeSet<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(std::string::ToString::to_string)
            .collect()
    };
    let proposed: BTreeSet<String> = expected["valves"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["proposed"] == true)
        .map(|v| v["id"].to_string())
        .collect();
    let close: BTreeSet<String> = result
        .valves_to_close
        .iter()
        .map(|v| network.node_code(*v).to_owned())
        .collect();
    if close != proposed {
        return Some(format!("valves {close:?}, expected {proposed:?}"));
    }
    let dry: BTreeSet<String> = result
        .isolated_pipes
        .iter()
        .chain(&result.cut_off_pipes)
        .chain(&result.dry_before_pipes)
        .map(|p| network.pipe_code(*p).to_owned())
        .collect();
    let arcs = ids(&expected["arcs"]);
    if dry != arcs {
        let more: Vec<_> = dry.difference(&arcs).collect();
        let fewer: Vec<_> = arcs.difference(&dry).collect();
        return Some(format!("pipes: ours more {more:?}, fewer {fewer:?}"));
    }
    let customers = expected["connecs"].as_array().unwrap().len() as u64;
    let dry_before: u64 = result
        .dry_before_pipes
        .iter()
        .map(|p| u64::from(network.pipe_customers(*p)))
        .sum();
    (result.customers_affected + dry_before != customers).then(|| {
        format!(
            "customers {} + {dry_before}, expected {customers}",
            result.customers_affected
        )
    })
}

#[test]
#[ignore = "needs data outside the repository: cargo xtask conformance"]
fn conformance_every_burst_and_every_inaccessible_valve_agree_with_the_other_program() {
    let Some(dir) = std::env::var_os("KAREZ_GOLDEN_DIR") else {
        println!("skipped: KAREZ_GOLDEN_DIR does not name a folder with expected.jsonl.xz");
        return;
    };
    let dir = Path::new(&dir);
    let network = golden_network(dir);
    let out = Command::new("xz")
        .arg("-dc")
        .arg(dir.join("expected.jsonl.xz"))
        .output()
        .unwrap();
    let mut cases = 0;
    let mut differences = Vec::new();
    for line in String::from_utf8(out.stdout).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let pipe = common::pipe(&network, &row["arc"].to_string());
        let mut run = |inaccessible: Vec<_>, expected: &Value, name: String| {
            cases += 1;
            let request = BurstRequest {
                pipes: vec![pipe],
                inaccessible,
                ..BurstRequest::default()
            };
            let result = burst(&network, &request).unwrap();
            differences.extend(difference(&network, &result, expected).map(|d| format!("{name}: {d}")));
        };
        run(vec![], &row["base"], row["arc"].to_string());
        for case in row["unaccess"].as_array().unwrap() {
            let valve = common::node(&network, &case["valve"].to_string());
            run(
                vec![valve],
                &case["result"],
                format!("{} without {}", row["arc"], case["valve"]),
            );
        }
    }
    assert!(cases >= 1316, "only {cases} cases were read");
    assert!(
        differences.is_empty(),
        "{} of {cases} differ:\n{}",
        differences.len(),
        differences[..differences.len().min(12)].join("\n")
    );
}
