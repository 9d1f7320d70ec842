//! Writes the sample city 天池示范区 as a project file: `make_sample --pipes N --seed S --out FILE.gpkg`;
//! with `--survey DIR` also the survey tables of its middle, with `--district DIR` one district as a Shapefile in GBK, with
//! `--exchange DIR` the whole in the exchange layout.
#![expect(clippy::print_stdout, reason = "a command-line example tells what it made")]

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use gis_core::io::ExportOptions;
use gis_core::project::{NewProject, Project};
use gis_core::sample::{self, SampleRequest};
use gis_core::schema::Schema;
use gis_core::{Error, Feature, Geometry, IdSource, Message, NoProgress, Result};

struct Arguments {
    request: SampleRequest,
    out: PathBuf,
    survey: Option<PathBuf>,
    district: Option<PathBuf>,
    exchange: Option<PathBuf>,
}

fn main() -> std::process::ExitCode {
    match arguments().and_then(|a| make(&a)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Arguments> {
    let usage = || Error::bad_input(Message::new("core.sample.usage"));
    let mut request = SampleRequest {
        seed: 1,
        pipes: 20_000,
    };
    let (mut out, mut survey, mut district, mut exchange) = (None, None, None, None);
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(usage)?;
        match name.as_str() {
            "--pipes" => request.pipes = value.parse().map_err(|_| usage())?,
            "--seed" => request.seed = value.parse().map_err(|_| usage())?,
            "--out" => out = Some(PathBuf::from(value)),
            "--survey" => survey = Some(PathBuf::from(value)),
            "--district" => district = Some(PathBuf::from(value)),
            "--exchange" => exchange = Some(PathBuf::from(value)),
            _ => return Err(usage()),
        }
    }
    Ok(Arguments {
        request,
        out: out.ok_or_else(usage)?,
        survey,
        district,
        exchange,
    })
}

fn make(arguments: &Arguments) -> Result<()> {
    let started = Instant::now();
    let now_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64);
    let schema = Schema::builtin()?;
    let crs = gis_core::io::crs::parse(&format!("EPSG:{}", sample::EPSG))?;
    let mut project = Project::create(
        &arguments.out,
        &NewProject {
            name: sample::NAME,
            crs: &crs,
            schema: &schema,
            created_unix_ms: now_ms,
        },
    )?;
    // The ids depend on the seed alone, so that the same city is the same file wherever it is made.
    let mut ids = IdSource::new(1_700_000_000_000, arguments.request.seed);
    let mut writer = project.begin_bulk()?;
    let mut surveyed = Vec::new();
    let mut of_district = Vec::new();
    let made = sample::generate(
        &arguments.request,
        &schema,
        &mut ids,
        &NoProgress,
        &mut |feature| {
            writer.insert(&feature)?;
            if arguments.district.is_some() && sample::district_of(&schema, &feature) {
                of_district.push(feature.clone());
            }
            if arguments.survey.is_some() && is_in_the_middle(&feature) {
                surveyed.push(feature);
            }
            Ok(())
        },
    )?;
    writer.finish()?;
    if let Some(folder) = &arguments.survey {
        make_folder(folder)?;
        let tables = sample::write_survey(&folder.join("管线成果表.xlsx"), &schema, &surveyed)?;
        println!(
            "{}: {} points, {} lines",
            folder.display(),
            tables.points,
            tables.lines
        );
    }
    if let Some(folder) = &arguments.district {
        make_folder(folder)?;
        let report = sample::write_district(folder, &schema, &crs, &of_district)?;
        println!(
            "{}: {} nodes, {} pipes",
            folder.display(),
            report.nodes,
            report.pipes
        );
    }
    if let Some(folder) = &arguments.exchange {
        make_folder(folder)?;
        let options = ExportOptions::default();
        for name in ["exchange.gpkg", "exchange.csv"] {
            let report = gis_core::io::export(&project, &folder.join(name), &options, &NoProgress)?;
            println!(
                "{}: {} nodes, {} pipes",
                folder.join(name).display(),
                report.nodes,
                report.pipes
            );
        }
    }
    project.close()?;
    let count = |class: &str| made.counts.get(class).copied().unwrap_or_default();
    println!(
        "{}: {} pipes, {} valves, {} customers, {} towns, {:.1} s",
        arguments.out.display(),
        count("pipe"),
        count("valve"),
        count("customer"),
        made.towns,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Within 450 m of the middle of the first town.
fn is_in_the_middle(feature: &Feature) -> bool {
    let near = |p: &[f64; 3]| (p[0] - sample::CENTRE[0]).hypot(p[1] - sample::CENTRE[1]) < 450.0;
    match &feature.geometry {
        Some(Geometry::Point(point)) => near(point),
        Some(Geometry::Line(points)) => points.iter().all(near),
        None => false,
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))
}
