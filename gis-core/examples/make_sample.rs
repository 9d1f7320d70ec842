//! Writes the sample city 天池示范区 as a project file: `make_sample --pipes N --seed S --out FILE.gpkg`.
#![expect(clippy::print_stdout, reason = "a command-line example tells what it made")]

use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use gis_core::project::{NewProject, Project};
use gis_core::sample::{self, SampleRequest};
use gis_core::schema::Schema;
use gis_core::{Error, IdSource, Message, NoProgress, Result};

struct Arguments {
    request: SampleRequest,
    out: PathBuf,
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
    let mut out = None;
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(usage)?;
        match name.as_str() {
            "--pipes" => request.pipes = value.parse().map_err(|_| usage())?,
            "--seed" => request.seed = value.parse().map_err(|_| usage())?,
            "--out" => out = Some(PathBuf::from(value)),
            _ => return Err(usage()),
        }
    }
    Ok(Arguments {
        request,
        out: out.ok_or_else(usage)?,
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
    let made = sample::generate(&arguments.request, &schema, &mut ids, &NoProgress, &mut |f| {
        writer.insert(&f)
    })?;
    writer.finish()?;
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
