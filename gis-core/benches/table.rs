//! The attribute table of a city of a million pipes: opened, sorted, filtered, scrolled, and what a paste and the field
//! calculator would change.
//!
//! `cargo bench -p gis-core --bench table -- --pipes 1000000`, or `--project FILE` for a project that is there already.
//! Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gis_core::crs::Crs;
use gis_core::project::{NewProject, Project};
use gis_core::query::class_named;
use gis_core::sample::{SampleRequest, generate};
use gis_core::schema::Schema;
use gis_core::table::{SortKey, Wanted, calculate, page, paste, rows};
use gis_core::{ClassIndex, FeatureId, IdSource, NoProgress};

const RUNS: usize = 5;
const SHOWN_ROWS: usize = 50;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    let pipes = after("--pipes").map_or(1_000_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = after("--project").map_or_else(|| city(folder.path(), pipes), PathBuf::from);
    let project = Project::open_read_only(&path).unwrap();
    let pipe = class_named(&project, "pipe").unwrap();
    let all = rows(&project, &Wanted::of_class(pipe), &NoProgress).unwrap().ids;
    println!(
        "{} pipes; each figure the median of {RUNS} runs, each on a project opened anew",
        all.len()
    );
    of_all(&path, pipe);
    pages(&project, pipe, &all);
    changes(&path, pipe, &all);
}

fn city(folder: &Path, pipes: u32) -> PathBuf {
    let path = folder.join("city.gpkg");
    let schema = Schema::builtin().unwrap();
    let new = NewProject {
        name: "city",
        crs: &Crs::local_metric(),
        schema: &schema,
        created_unix_ms: 0,
    };
    let mut project = Project::create(&path, &new).unwrap();
    let mut writer = project.begin_bulk().unwrap();
    let request = SampleRequest { seed: 3, pipes };
    generate(
        &request,
        &schema,
        &mut IdSource::new(1, 1),
        &NoProgress,
        &mut |feature| writer.insert(&feature),
    )
    .unwrap();
    writer.finish().unwrap();
    project.close().unwrap();
    path
}

fn of_all(path: &Path, pipe: ClassIndex) {
    let open = Wanted::of_class(pipe);
    report(
        "open",
        fresh(path, |project| {
            rows(project, &open, &NoProgress).unwrap().ids.len()
        }),
    );
    let sorted = |fields: &[&str]| Wanted {
        sort: fields
            .iter()
            .map(|f| SortKey {
                field: (*f).to_owned(),
                is_descending: true,
            })
            .collect(),
        ..Wanted::of_class(pipe)
    };
    let filtered = |field: &str, text: &str| Wanted {
        filters: [(field.to_owned(), text.to_owned())].into(),
        ..Wanted::of_class(pipe)
    };
    for (name, wanted) in [
        ("sort by diameter", sorted(&["diameter_mm"])),
        ("sort by code, all different", sorted(&["code"])),
        (
            "sort by material, diameter and date",
            sorted(&["material", "diameter_mm", "install_date"]),
        ),
        ("filter material PE", filtered("material", "=PE")),
        ("filter diameter 300..600", filtered("diameter_mm", "300..600")),
        ("filter code contains 99", filtered("code", "99")),
    ] {
        let ask = |project: &Project| rows(project, &wanted, &NoProgress).unwrap().ids.len();
        report(&format!("{name}, open table"), fresh_open(path, pipe, ask));
        let project = Project::open_read_only(path).unwrap();
        ask(&project);
        ask(&project);
        report(&format!("{name}, again"), median(|| timed(|| ask(&project))));
    }
}

fn pages(project: &Project, pipe: ClassIndex, all: &[FeatureId]) {
    let mut at = 0;
    let mut worst = Duration::ZERO;
    let own = median_of(200, || {
        at = (at + 7_919 * SHOWN_ROWS) % (all.len() - SHOWN_ROWS);
        let ids = &all[at..at + SHOWN_ROWS];
        let took = timed(|| page(project, pipe, ids).unwrap().len());
        worst = worst.max(took);
        took
    });
    report(&format!("page of {SHOWN_ROWS} rows anywhere"), own);
    report("the slowest of 200 pages", worst);
}

fn changes(path: &Path, pipe: ClassIndex, all: &[FeatureId]) {
    let block = "300\n".repeat(100_000.min(all.len()));
    let fields = ["diameter_mm".to_owned()];
    let ids = &all[..100_000.min(all.len())];
    report(
        "preview of a paste of 100,000 cells",
        fresh(path, |project| {
            paste(project, pipe, ids, &fields, &block).unwrap().cells.len()
        }),
    );
    let wide = ["road", "diameter_mm", "material", "length_m", "remark"].map(str::to_owned);
    let line = "x\t300\tPE\t12.5\ty\n".repeat(20_000.min(all.len()));
    report(
        "the same, 20,000 rows of 5 columns",
        fresh(path, |project| {
            paste(project, pipe, ids, &wide, &line).unwrap().cells.len()
        }),
    );
    report(
        "preview of the calculator over all rows",
        fresh(path, |project| {
            let expression = "round(length_m * 1.02, 2)";
            calculate(project, pipe, all, "length_m", expression, &NoProgress)
                .unwrap()
                .cells
                .len()
        }),
    );
}

fn fresh(path: &Path, ask: impl Fn(&Project) -> usize) -> Duration {
    median(|| {
        let project = Project::open_read_only(path).unwrap();
        timed(|| ask(&project))
    })
}

/// As in a window that shows the table already.
fn fresh_open(path: &Path, pipe: ClassIndex, ask: impl Fn(&Project) -> usize) -> Duration {
    median(|| {
        let project = Project::open_read_only(path).unwrap();
        rows(&project, &Wanted::of_class(pipe), &NoProgress).unwrap();
        timed(|| ask(&project))
    })
}

fn timed(ask: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    std::hint::black_box(ask());
    start.elapsed()
}

fn median(run: impl FnMut() -> Duration) -> Duration {
    median_of(RUNS, run)
}

fn median_of(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| run()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn report(name: &str, took: Duration) {
    println!("{name:<48} {:>10.2} ms", took.as_secs_f64() * 1e3);
}
