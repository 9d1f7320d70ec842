//! Importing a GeoPackage of the sample city in the exchange layout, against `ogr2ogr` copying the same file in the same
//! run; and how much memory a row takes, from two imports of different size, each in a process of its own.
//!
//! `cargo bench -p gis-core --bench import -- --pipes 100000`; `--memory 1000000` also measures memory with so many rows.
//! Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gis_core::io::{self, ExportOptions, ImportOptions};
use gis_core::project::{NewProject, Project};
use gis_core::sample::{self, SampleRequest};
use gis_core::schema::Schema;
use gis_core::{Crs, IdSource, NoProgress};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    if let Some(path) = after("--import") {
        return import_alone(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    if let Some(rows) = after("--memory") {
        return memory(folder.path(), rows.parse().unwrap());
    }
    let pipes: u32 = after("--pipes").map_or(100_000, |n| n.parse().unwrap());
    let source = folder.path().join("source.gpkg");
    write_source(&source, pipes);

    // Each three times in turns, the best of each: the first also warms the disk cache.
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for round in 0..3 {
        let target = folder.path().join(format!("import-{round}.gpkg"));
        let start = Instant::now();
        let mut project =
            Project::create(&target, &new_project(&crs(), &Schema::builtin().unwrap())).unwrap();
        let mut ids = IdSource::new(1, round);
        let report = io::import(
            &mut project,
            &source,
            &ImportOptions::default(),
            &mut ids,
            &NoProgress,
        )
        .unwrap();
        project.close().unwrap();
        ours = ours.min(start.elapsed());
        let copy = folder.path().join(format!("copy-{round}.gpkg"));
        let start = Instant::now();
        let status = Command::new("ogr2ogr")
            .args(["-f", "GPKG"])
            .arg(&copy)
            .arg(&source)
            .status()
            .unwrap();
        assert!(status.success());
        theirs = theirs.min(start.elapsed());
        println!("round {}: {} features imported", round + 1, report.written());
    }
    show("import", ours);
    show("ogr2ogr", theirs);
    println!(
        "{:<24} {:>10.2}",
        "import / ogr2ogr",
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

fn crs() -> Crs {
    io::crs::parse(&format!("EPSG:{}", sample::EPSG)).unwrap()
}

fn new_project<'a>(crs: &'a Crs, schema: &'a Schema) -> NewProject<'a> {
    NewProject {
        name: "bench",
        crs,
        schema,
        created_unix_ms: 0,
    }
}

/// The sample city in the exchange layout, as a utility might hand it over.
fn write_source(path: &Path, pipes: u32) {
    let (schema, crs) = (Schema::builtin().unwrap(), crs());
    let mut project = Project::temporary(&new_project(&crs, &schema)).unwrap();
    let mut writer = project.begin_bulk().unwrap();
    let request = SampleRequest { seed: 1, pipes };
    let mut ids = IdSource::new(1, 1);
    sample::generate(&request, &schema, &mut ids, &NoProgress, &mut |feature| {
        writer.insert(&feature)
    })
    .unwrap();
    writer.finish().unwrap();
    let report = io::export(&project, path, &ExportOptions::default(), &NoProgress).unwrap();
    println!(
        "source: {} pipes, {} nodes in GeoPackage",
        report.pipes, report.nodes
    );
}

/// Imports tables of points of a tenth of the rows and of all of them; what the second takes more is the rows'.
fn memory(folder: &Path, rows: u64) {
    let mut peaks = Vec::new();
    for count in [rows / 10, rows] {
        let source = folder.join(format!("{count}"));
        std::fs::create_dir(&source).unwrap();
        let mut file = std::io::BufWriter::new(std::fs::File::create(source.join("nodes.csv")).unwrap());
        writeln!(file, "code,class,kind,x,y,diameter_mm,address").unwrap();
        for i in 0..count {
            let (x, y) = (500_000 + i % 10_000, 4_800_000 + i / 10_000);
            writeln!(file, "V{i},valve,gate,{x},{y},200,天池大街 {} 号", i % 900).unwrap();
        }
        drop(file);
        let output = Command::new(std::env::current_exe().unwrap())
            .arg("--import")
            .arg(&source)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let said = String::from_utf8(output.stdout).unwrap();
        let peak_kib: f64 = said.trim().lines().last().unwrap().parse().unwrap();
        println!("{count:>10} rows: at most {:.1} MiB resident", peak_kib / 1024.0);
        peaks.push(peak_kib);
    }
    let per_row = (peaks[1] - peaks[0]) * 1024.0 / (rows - rows / 10) as f64;
    println!("{:<24} {per_row:>10.0} bytes", "memory per row");
    println!(
        "{:<24} {:>10.1} GiB",
        "10 million rows",
        (peaks[1] * 1024.0 + per_row * (1e7 - rows as f64)) / f64::from(1 << 30)
    );
}

fn import_alone(source: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let (schema, crs) = (Schema::builtin().unwrap(), crs());
    let mut project = Project::create(folder.path().join("p.gpkg"), &new_project(&crs, &schema)).unwrap();
    let options = ImportOptions::default();
    io::import(
        &mut project,
        source,
        &options,
        &mut IdSource::new(1, 1),
        &NoProgress,
    )
    .unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    println!("{}", line.split_whitespace().nth(1).unwrap());
}

fn show(name: &str, time: Duration) {
    println!("{name:<24} {:>10.2} s", time.as_secs_f64());
}
