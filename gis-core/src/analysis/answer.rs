//! Answers as the command line and later the server give them: the documented JSON, every place named by its
//! `code` (docs/cli.md). Field names are stable.

use serde::Serialize;

use super::burst::BurstResult;
use super::path::PathResult;
use crate::network::{Network, NodeFlags, NodeIndex, PipeIndex};
use crate::schema::Schema;
use crate::text::Lang;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValveAnswer {
    pub code: String,
    pub class: String,
    pub x: f64,
    pub y: f64,
    pub is_operable: bool,
    pub is_open: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceAnswer {
    pub code: String,
    pub class: String,
    /// Valves that cannot be shut on the way from the burst to the source.
    pub reached_through: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BurstAnswer {
    pub valves_to_close: Vec<ValveAnswer>,
    pub valves_to_check: Vec<ValveAnswer>,
    pub valves_optional: Vec<ValveAnswer>,
    pub inoperable_passed: Vec<String>,
    pub dry_before: Vec<String>,
    pub isolated_pipes: Vec<String>,
    pub isolated_nodes: Vec<String>,
    pub cut_off_pipes: Vec<String>,
    pub cut_off_nodes: Vec<String>,
    pub customers_affected: u64,
    pub important_customers: Vec<String>,
    pub hydrants_lost: Vec<String>,
    pub isolated_length_m: f64,
    pub cut_off_length_m: f64,
    pub volume_to_drain_m3: f64,
    /// Sources that must be stopped because no valve separates them from the burst; empty when it can be isolated.
    pub sources_to_stop: Vec<SourceAnswer>,
    pub sources_known: usize,
    /// Sentences the user must read: nothing known to supply, doubtful valves, missing directions.
    pub notices: Vec<String>,
    pub elapsed_us: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathAnswer {
    pub length_m: f64,
    pub pipes: Vec<String>,
    pub nodes: Vec<String>,
    pub elapsed_us: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnreachableAnswer {
    pub unreachable: bool,
    pub separating_valves: Vec<String>,
}

impl BurstAnswer {
    /// `elapsed_us` is the time of the analysis alone, measured by the caller; `lang` is that of the notices.
    pub fn new(
        result: &BurstResult,
        network: &Network,
        schema: &Schema,
        elapsed_us: u64,
        lang: Lang,
    ) -> Self {
        let valves = |list: &[NodeIndex]| {
            list.iter()
                .map(|v| ValveAnswer::new(network, schema, *v))
                .collect()
        };
        let important = result
            .customers
            .iter()
            .filter(|c| c.is_important)
            .filter_map(|c| c.node)
            .map(|n| network.node_code(n).to_owned())
            .collect();
        Self {
            valves_to_close: valves(&result.valves_to_close),
            valves_to_check: valves(&result.valves_to_check),
            valves_optional: valves(&result.valves_optional),
            inoperable_passed: node_codes(network, &result.inoperable_passed),
            dry_before: pipe_codes(network, &result.dry_before_pipes),
            isolated_pipes: pipe_codes(network, &result.isolated_pipes),
            isolated_nodes: node_codes(network, &result.isolated_nodes),
            cut_off_pipes: pipe_codes(network, &result.cut_off_pipes),
            cut_off_nodes: node_codes(network, &result.cut_off_nodes),
            customers_affected: result.customers_affected,
            important_customers: important,
            hydrants_lost: node_codes(network, &result.hydrants_lost),
            isolated_length_m: result.isolated_length_m,
            cut_off_length_m: result.cut_off_length_m,
            volume_to_drain_m3: result.volume_to_drain_m3,
            sources_to_stop: result
                .sources_to_stop
                .iter()
                .map(|s| SourceAnswer {
                    code: network.node_code(s.source).to_owned(),
                    class: schema.class(network.node_class(s.source)).key.clone(),
                    reached_through: node_codes(network, &s.through),
                })
                .collect(),
            sources_known: result.sources_known,
            notices: result.notices.iter().map(|m| m.text(lang)).collect(),
            elapsed_us,
        }
    }
}

impl ValveAnswer {
    fn new(network: &Network, schema: &Schema, valve: NodeIndex) -> Self {
        let [x, y] = network.position(valve);
        let flags = network.node_flags(valve);
        Self {
            code: network.node_code(valve).to_owned(),
            class: schema.class(network.node_class(valve)).key.clone(),
            x,
            y,
            is_operable: flags.has(NodeFlags::OPERABLE),
            is_open: flags.has(NodeFlags::OPEN),
        }
    }
}

impl PathAnswer {
    pub fn new(result: &PathResult, network: &Network, elapsed_us: u64) -> Self {
        Self {
            length_m: result.length_m,
            pipes: pipe_codes(network, &result.pipes),
            nodes: node_codes(network, &result.nodes),
            elapsed_us,
        }
    }
}

impl UnreachableAnswer {
    pub fn new(separating: &[NodeIndex], network: &Network) -> Self {
        Self {
            unreachable: true,
            separating_valves: node_codes(network, separating),
        }
    }
}

fn node_codes(network: &Network, nodes: &[NodeIndex]) -> Vec<String> {
    nodes.iter().map(|n| network.node_code(*n).to_owned()).collect()
}

fn pipe_codes(network: &Network, pipes: &[PipeIndex]) -> Vec<String> {
    pipes.iter().map(|p| network.pipe_code(*p).to_owned()).collect()
}
