//! Answers as the command line and later the server give them: the documented JSON, every place named by its
//! `code` (docs/cli.md). Field names are stable.

use serde::Serialize;

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
