//! An Excel workbook of 200,000 pipes with 20 fields: written, and read again to see what it would change. Each in a process of
//! its own, so that its memory is told apart.
//!
//! `cargo bench -p gis-core --bench workbook -- --rows 200000`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use gis_core::crs::Crs;
use gis_core::project::{NewProject, Project};
use gis_core::query::class_named;
use gis_core::report::table_workbook;
use gis_core::sample::{SampleRequest, generate};
use gis_core::schema::Schema;
use gis_core::table::{UpdateOptions, Wanted, rows, update};
use gis_core::{IdSource, Lang, NoProgress, output};

const FIELDS: usize = 20;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    let wanted = after("--rows").map_or(200_000, |n| n.parse().unwrap());
    if let Some(folder) = after("--write") {
        return write(Path::new(&folder), wanted);
    }
    if let Some(folder) = after("--preview") {
        return preview(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    city(folder.path(), wanted as u32);
    for what in ["--write", "--preview"] {
        let mut own = Command::new(std::env::current_exe().unwrap());
        own.arg(what).arg(folder.path());
        own.arg("--rows").arg(wanted.to_string());
        assert!(own.status().unwrap().success());
    }
}

fn city(folder: &Path, pipes: u32) {
    let schema = Schema::builtin().unwrap();
    let new = NewProject {
        name: "city",
        crs: &Crs::local_metric(),
        schema: &schema,
        created_unix_ms: 0,
    };
    let mut project = Project::create(folder.join("city.gpkg"), &new).unwrap();
    let mut writer = project.begin_bulk().unwrap();
    // A few more than wanted: the city has as many as its streets need.
    let request = SampleRequest {
        seed: 3,
        pipes: pipes + pipes / 20,
    };
    let mut ids = IdSource::new(1, 1);
    generate(&request, &schema, &mut ids, &NoProgress, &mut |feature| {
        writer.insert(&feature)
    })
    .unwrap();
    writer.finish().unwrap();
    project.close().unwrap();
}

fn write(folder: &Path, wanted: usize) {
    let project = Project::open_read_only(folder.join("city.gpkg")).unwrap();
    let pipe = class_named(&project, "pipe").unwrap();
    let mut ids = rows(&project, &Wanted::of_class(pipe), &NoProgress).unwrap().ids;
    ids.truncate(wanted);
    let fields: Vec<String> = project.schema().class(pipe).fields[..FIELDS]
        .iter()
        .map(|field| field.key.clone())
        .collect();
    let created = chrono::DateTime::from_timestamp(0, 0).unwrap().naive_utc();
    let start = Instant::now();
    let bytes = table_workbook(&project, pipe, &ids, &fields, Lang::En, created).unwrap();
    output::write(&folder.join("pipes.xlsx"), &bytes).unwrap();
    show(&format!("written: {} rows of {FIELDS}", ids.len()), start);
}

fn preview(folder: &Path) {
    let project = Project::open_read_only(folder.join("city.gpkg")).unwrap();
    let pipe = class_named(&project, "pipe").unwrap();
    let start = Instant::now();
    let path = folder.join("pipes.xlsx");
    let found = update(&project, pipe, &path, &UpdateOptions::default(), &NoProgress).unwrap();
    show(
        &format!("read, matched {} of {}", found.matched, found.rows),
        start,
    );
}

fn show(name: &str, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: f64 = peak
        .and_then(|l| l.trim().strip_suffix(" kB"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    println!("{name:<36} {seconds:>8.2} s  {:>8.0} MiB", peak / 1024.0);
}
