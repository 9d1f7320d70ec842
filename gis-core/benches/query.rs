//! Questions to a city of a million pipes: a composed condition, a box of ten thousand hits, groups by two fields; and
//! `ogrinfo -sql` asking the same file the same, for a ratio in one run.
//!
//! `cargo bench -p gis-core --bench query -- --pipes 1000000`, or `--project FILE` for a project that is there already.
//! Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use gis_core::crs::Crs;
use gis_core::project::{NewProject, Project};
use gis_core::query::{Area, GroupBy, Query, class_named, group};
use gis_core::sample::{SampleRequest, generate};
use gis_core::schema::Schema;
use gis_core::{ClassIndex, IdSource, Lang, NoProgress};

const CONDITION: &str = "diameter_mm >= 300 and material = 'DI' and install_date < '2005-01-01'";
/// The same for SQLite in another program.
const SQL: &str =
    "SELECT count(*) FROM pipe WHERE diameter_mm >= 300 AND material = 'DI' AND install_date < '2005-01-01'";
const GROUP_SQL: &str =
    "SELECT material, diameter_mm, count(*), sum(length_m) FROM pipe GROUP BY material, diameter_mm";
const RUNS: usize = 7;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    let pipes = after("--pipes").map_or(1_000_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = after("--project").map_or_else(|| city(folder.path(), pipes), PathBuf::from);
    let project = Project::open_read_only(&path).unwrap();
    let pipe = class_named(&project, "pipe").unwrap();
    conditions(&project, pipe, &path);
    boxes(&project, pipe);
    groups(&path);
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
    generate(
        &SampleRequest { seed: 3, pipes },
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

fn of_pipes(pipe: ClassIndex) -> Query {
    Query {
        classes: vec![pipe],
        ..Query::default()
    }
}

fn conditions(project: &Project, pipe: ClassIndex, path: &Path) {
    println!("condition: {CONDITION}");
    let query = Query {
        condition: Some(CONDITION.to_owned()),
        ..of_pipes(pipe)
    };
    let ask = || query.run(project, &NoProgress).unwrap().len();
    let (count, first) = timed(ask);
    println!("{:<44} {count:>10} pipes", "");
    report("first question: from the file", first);
    // A program that starts reads the file; the disk's cache has it by then, as it has for ogrinfo.
    let again: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let fresh = Project::open_read_only(path).unwrap();
            timed(|| query.run(&fresh, &NoProgress).unwrap().len()).1
        })
        .collect();
    let from_file = median(again);
    report("the same, file in the disk's cache", from_file);
    report("second question: reads the columns", timed(ask).1);
    let memory = median((0..RUNS).map(|_| timed(ask).1).collect());
    report("any further one: in memory", memory);
    let theirs = ogrinfo(path, SQL);
    report("ogrinfo -sql, whole program", theirs);
    ratio("ogrinfo / ours from the file", theirs, from_file);
    ratio("ogrinfo / ours in memory", theirs, memory);
}

fn boxes(project: &Project, pipe: ClassIndex) {
    let all = of_pipes(pipe).run(project, &NoProgress).unwrap();
    let (class, id) = all.features()[all.len() / 2];
    let feature = project.record(class, id).unwrap().unwrap();
    let [x, y] = match feature.geometry.unwrap() {
        gis_core::Geometry::Line(line) => [line[0][0], line[0][1]],
        gis_core::Geometry::Point(p) => [p[0], p[1]],
    };
    let ask = |half_m: f64| {
        let query = Query {
            area: Some(Area::of_box([x - half_m, y - half_m, x + half_m, y + half_m]).unwrap()),
            ..of_pipes(pipe)
        };
        query.run(project, &NoProgress).unwrap().len()
    };
    let mut half_m = 50.0;
    while ask(half_m) < 10_000 {
        half_m *= 1.05;
    }
    println!("\nbox of {} pipes", ask(half_m));
    report(
        "box",
        median((0..RUNS).map(|_| timed(|| ask(half_m)).1).collect()),
    );
}

fn groups(path: &Path) {
    println!("\ngroups of all pipes by material and diameter");
    let by = ["material".to_owned(), "diameter_mm".to_owned()];
    let project = Project::open_read_only(path).unwrap();
    let pipe = class_named(&project, "pipe").unwrap();
    let all = of_pipes(pipe).run(&project, &NoProgress).unwrap();
    let ask = || {
        group(&project, &all, &GroupBy::of(&by), Lang::En, &NoProgress)
            .unwrap()
            .len()
    };
    let (count, first) = timed(ask);
    println!("{:<44} {count:>10} groups", "");
    report("first time: reads the columns", first);
    let memory = median((0..RUNS).map(|_| timed(ask).1).collect());
    report("any further time", memory);
    let theirs = ogrinfo(path, GROUP_SQL);
    report("ogrinfo -sql, whole program", theirs);
    ratio("ogrinfo / ours, first", theirs, first);
    ratio("ogrinfo / ours, further", theirs, memory);
}

fn ogrinfo(path: &Path, sql: &str) -> Duration {
    let ask = || {
        let output = Command::new("ogrinfo")
            .args(["-q", "-sql", sql])
            .arg(path)
            .output()
            .unwrap();
        assert!(output.status.success());
    };
    median((0..3).map(|_| timed(ask).1).collect())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn report(name: &str, time: Duration) {
    println!("{name:<44} {:>10.1} ms", time.as_secs_f64() * 1e3);
}

fn ratio(name: &str, theirs: Duration, ours: Duration) {
    println!("{name:<44} {:>10.1} ×", theirs.as_secs_f64() / ours.as_secs_f64());
}
