//! The check of a whole city by all rules, and of the neighbourhood of single features.
//!
//! `cargo bench -p gis-core --bench rules -- --pipes 200000`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::time::{Duration, Instant};

use gis_core::NoProgress;
use gis_core::network::PipeIndex;
use gis_core::project::Project;
use gis_core::rules::{Records, Rule, Selection, Subject, check};

#[path = "../../app/examples/support/city.rs"]
mod city;

const NEIGHBOURHOODS: usize = 1_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes: u32 = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(200_000, |i| args[i + 1].parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.gpkg");
    city::write(&path, pipes);
    let project = Project::open(&path).unwrap();
    let network = project.network(&NoProgress).unwrap();
    let rules = project.rules().unwrap();
    let subject = Subject {
        network: &network,
        schema: project.schema(),
        rules: &rules,
        records: Records::Of(&project),
        today: None,
    };
    println!(
        "{} pipes, {} nodes, {} rules",
        network.pipe_count(),
        network.node_count(),
        Rule::ALL.len()
    );
    for _ in 0..3 {
        let start = Instant::now();
        let found = check(&subject, &Selection::Everything, &NoProgress).unwrap();
        println!(
            "{:<22} {:>9.2?}, {} findings",
            "everything",
            start.elapsed(),
            found.len()
        );
    }
    let alone = Subject {
        records: Records::None,
        ..subject
    };
    let start = Instant::now();
    let found = check(&alone, &Selection::Everything, &NoProgress).unwrap();
    println!(
        "{:<22} {:>9.2?}, {} findings",
        "without the records",
        start.elapsed(),
        found.len()
    );
    let mut times: Vec<Duration> = (0..NEIGHBOURHOODS)
        .map(|i| {
            let pipe = PipeIndex((i * network.pipe_slots() / NEIGHBOURHOODS) as u32);
            let around = Selection::Features(vec![network.pipe_id(pipe)]);
            let start = Instant::now();
            std::hint::black_box(check(&subject, &around, &NoProgress).unwrap());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{:<22} {:>9.2?} median, {:.2?} 95 %, {:.2?} worst",
        "around one pipe",
        at(0.5),
        at(0.95),
        at(1.0)
    );
}
