//! Writing a street grid of pipes into a project file and reading the network back, the latter in a process of its own so
//! that its memory is its own; and `ogr2ogr` copying the same pipes, for a ratio in one run.
//!
//! `cargo bench -p gis-core --bench project -- --pipes 1000000`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use gis_core::crs::Crs;
use gis_core::project::{NewProject, Project};
use gis_core::schema::Schema;
use gis_core::{ClassIndex, Feature, FeatureId, Geometry, IdSource, Links, NoProgress, Value};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    if let Some(path) = after("--load") {
        return load(Path::new(&path));
    }
    let pipes: usize = after("--pipes").map_or(100_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grid.gpkg");
    println!("street grid of {pipes} pipes with as many nodes as that makes, a valve on every second pipe");
    let schema = Schema::builtin().unwrap();
    let crs = Crs::local_metric();
    let new = NewProject {
        name: "grid",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    };

    let start = Instant::now();
    let mut project = Project::create(&path, &new).unwrap();
    report("create", start.elapsed());
    let features = grid(&schema, pipes);
    let start = Instant::now();
    let mut bulk = project.begin_bulk().unwrap();
    for feature in &features {
        bulk.insert(feature).unwrap();
    }
    report("insert", start.elapsed());
    bulk.finish().unwrap();
    let written = start.elapsed();
    report("insert, index, commit", written);
    let start = Instant::now();
    let summary = project.summary().unwrap();
    report("summary", start.elapsed());
    println!("{:<24} {:>10} features", "", summary.feature_count());
    project.close().unwrap();
    println!(
        "{:<24} {:>10.1} MiB",
        "file",
        std::fs::metadata(&path).unwrap().len() as f64 / 1024.0 / 1024.0
    );

    let status = Command::new(std::env::current_exe().unwrap())
        .arg("--load")
        .arg(&path)
        .status()
        .unwrap();
    assert!(status.success());

    let copy = folder.path().join("copy.gpkg");
    let start = Instant::now();
    let status = Command::new("ogr2ogr")
        .args(["-f", "GPKG"])
        .arg(&copy)
        .arg(&path)
        .status()
        .unwrap();
    assert!(status.success());
    let copied = start.elapsed();
    report("ogr2ogr of all layers", copied);
    println!(
        "{:<24} {:>10.2}",
        "writing / ogr2ogr",
        written.as_secs_f64() / copied.as_secs_f64()
    );
}

fn load(path: &Path) {
    let start = Instant::now();
    let project = Project::open(path).unwrap();
    report("open", start.elapsed());
    let start = Instant::now();
    let network = project.network(&NoProgress).unwrap();
    report("read network", start.elapsed());
    println!(
        "{:<24} {:>10} pipes, {} nodes, {} issues",
        "",
        network.pipe_count(),
        network.node_count(),
        network.issues().len()
    );
    println!(
        "{:<24} {:>10.1} MiB, at most {:.1} MiB",
        "resident",
        memory_mib("VmRSS:"),
        memory_mib("VmHWM:")
    );
}

fn report(name: &str, time: Duration) {
    println!("{name:<24} {:>10.1} ms", time.as_secs_f64() * 1e3);
}

fn memory_mib(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with(key)).unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .map_or(0.0, |kib| kib.parse::<f64>().unwrap() / 1024.0)
}

/// Nodes on a grid, pipes with a bend between neighbours, as full of attributes as a surveyed city.
fn grid(schema: &Schema, pipes: usize) -> Vec<Feature> {
    let mut rng = SmallRng::seed_from_u64(5);
    let mut ids = IdSource::new(1_700_000_000_000, 5);
    let side = ((pipes as f64 / 2.0).sqrt().ceil() as usize).max(2);
    let class = |key: &str| schema.class_index(key).unwrap();
    let (junction, valve, pipe) = (class("junction"), class("valve"), class("pipe"));
    let nodes: Vec<FeatureId> = (0..side * side).map(|_| ids.next_id()).collect();
    let place = |node: usize| {
        [
            500_000.0 + (node % side) as f64 * 50.0,
            4_850_000.0 + (node / side) as f64 * 50.0,
        ]
    };
    let mut features: Vec<Feature> = nodes
        .iter()
        .enumerate()
        .map(|(i, id)| {
            let [x, y] = place(i);
            let values = fill(
                schema,
                junction,
                &[
                    ("code", text(format!("J{i}"))),
                    ("ground_elevation_m", Value::Real(rng.random_range(600.0..700.0))),
                    ("map_sheet", text(format!("{}-{}", i % side / 10, i / side / 10))),
                ],
            );
            point(*id, junction, [x, y, 612.0], Links::default(), values)
        })
        .collect();
    for number in 0..pipes {
        let from = (number / 2) % (side * side);
        let to = if number % 2 == 0 { from + 1 } else { from + side };
        let to = if to >= side * side || (number % 2 == 0 && to % side == 0) {
            from.saturating_sub(side)
        } else {
            to
        };
        let (a, b) = (place(from), place(to));
        let id = ids.next_id();
        let line = vec![
            [a[0], a[1], 611.0],
            [
                f64::midpoint(a[0], b[0]) + 1.0,
                f64::midpoint(a[1], b[1]) + 1.0,
                611.0,
            ],
            [b[0], b[1], 611.0],
        ];
        let values = fill(
            schema,
            pipe,
            &[
                ("code", text(format!("P{number}"))),
                ("kind", text("distribution")),
                ("state", text("operative")),
                (
                    "diameter_mm",
                    Value::Real([100.0, 150.0, 200.0, 300.0][rng.random_range(0..4)]),
                ),
                ("material", text(["DI", "PE", "ST", "CI"][rng.random_range(0..4)])),
                ("length_m", Value::Real(50.04)),
                ("road", text("北京南路")),
                ("owner", text("天池水务集团")),
                (
                    "install_date",
                    Value::Date(NaiveDate::from_ymd_opt(rng.random_range(1970..2025), 5, 1).unwrap()),
                ),
                ("depth_from_m", Value::Real(rng.random_range(0.8..2.5))),
            ],
        );
        let links = Links {
            from: Some(nodes[from]),
            to: Some(nodes[to]),
            ..Links::default()
        };
        features.push(Feature {
            id,
            class: pipe,
            geometry: Some(Geometry::Line(line)),
            links,
            values,
        });
        if number % 2 == 0 {
            let values = fill(
                schema,
                valve,
                &[
                    ("code", text(format!("V{number}"))),
                    ("kind", text("gate")),
                    ("is_open", Value::Boolean(true)),
                    ("is_operable", Value::Boolean(number % 50 != 0)),
                    ("diameter_mm", Value::Real(200.0)),
                ],
            );
            let links = Links {
                on_pipe: Some(id),
                on_pipe_distance_m: Some(10.0),
                ..Links::default()
            };
            features.push(point(
                ids.next_id(),
                valve,
                [a[0] + 10.0, a[1], 612.0],
                links,
                values,
            ));
        }
    }
    features
}

fn point(id: FeatureId, class: ClassIndex, place: [f64; 3], links: Links, values: Vec<Value>) -> Feature {
    Feature {
        id,
        class,
        geometry: Some(Geometry::Point(place)),
        links,
        values,
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn fill(schema: &Schema, class: ClassIndex, values: &[(&str, Value)]) -> Vec<Value> {
    let class = schema.class(class);
    let mut all = vec![Value::Null; class.fields.len()];
    for (key, value) in values {
        all[class.field_index(key).unwrap()] = value.clone();
    }
    all
}
