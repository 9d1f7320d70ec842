//! Joining every crossing of a network in which long mains run under a grid of streets without a joint.
//!
//! `cargo bench -p gis-core --bench crossings -- --pipes 100000`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::time::Instant;

use gis_core::crs::Crs;
use gis_core::edit::ops::Request;
use gis_core::project::{NewProject, Project, Stamp};
use gis_core::schema::Schema;
use gis_core::{Feature, Geometry, IdSource, Links, Value};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes: usize = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(100_000, |i| args[i + 1].parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::builtin().unwrap();
    let new = NewProject {
        name: "grid",
        crs: &Crs::local_metric(),
        schema: &schema,
        created_unix_ms: 0,
    };
    let mut project = Project::create(folder.path().join("grid.gpkg"), &new).unwrap();
    let mut ids = IdSource::new(0, 1);
    let crossings = fill(&mut project, &mut ids, pipes);
    let request =
        Request::from_json(r#"{"op":"split_crossings","in":"everything","choice":"join"}"#).unwrap();
    let start = Instant::now();
    let transaction = request.plan(&project, &mut ids).unwrap();
    println!("{:<28} {:>10.2?}", "found and planned", start.elapsed());
    let start = Instant::now();
    let stamp = Stamp {
        who: "bench",
        at_unix_ms: 0,
    };
    let effects = project.commit(&transaction, stamp).unwrap();
    println!("{:<28} {:>10.2?}", "committed", start.elapsed());
    println!("{:<28} {:>10} features", "changed", effects.changed.len());
    println!("{pipes} pipes, {crossings} crossings");
}

/// Rows of pipes end to end, 50 m each, and one long pipe across every twentieth of a row's pipes.
fn fill(project: &mut Project, ids: &mut IdSource, pipes: usize) -> usize {
    let side = (pipes as f64).sqrt() as usize;
    let across = side / 20;
    let mut lines: Vec<Vec<[f64; 3]>> = Vec::with_capacity(pipes + across);
    for row in 0..side {
        for column in 0..side {
            let (x, y) = (column as f64 * 50.0, row as f64 * 50.0);
            lines.push(vec![[x, y, f64::NAN], [x + 50.0, y, f64::NAN]]);
        }
    }
    for i in 0..across {
        let x = i as f64 * 1000.0 + 25.0;
        let top = side as f64 * 50.0;
        lines.push(vec![[x, -25.0, f64::NAN], [x, top, f64::NAN]]);
    }
    let class = project.schema().class_index("pipe").unwrap();
    let fields = project.schema().class(class).fields.len();
    let code = project.schema().class(class).field_index("code").unwrap();
    let mut bulk = project.begin_bulk().unwrap();
    for (i, line) in lines.into_iter().enumerate() {
        let mut values = vec![Value::Null; fields];
        values[code] = Value::Text(format!("P{i}"));
        let feature = Feature {
            id: ids.next_id(),
            class,
            geometry: Some(Geometry::Line(line)),
            links: Links::default(),
            values,
        };
        bulk.insert(&feature).unwrap();
    }
    bulk.finish().unwrap();
    across * side
}
