//! `cargo xtask bench`: the measurements behind docs/BENCHMARKS.md.
//!
//! It measures nothing itself: a measurement is a file in a crate's `benches` folder, or an example that draws.

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{cargo, run, say};
use crate::{setup, workspace};

/// Folder and package of the crates that are measured.
const CRATES: [(&str, &str); 2] = [("gis-core", "gis-core"), ("app", "karez")];
/// Examples that measure what needs a picture, and print a table of their own.
const MEASURING_EXAMPLES: &[&str] = &[
    "beside_qgis",
    "edit_commit",
    "imagery_frame",
    "map_frame",
    "restyle",
];

struct Measurement {
    name: String,
    package: &'static str,
    /// `bench` or `example`.
    kind: &'static str,
}

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    let all = measurements();
    let (chosen, options): (Vec<&Measurement>, &[String]) = match arguments {
        [] => (all.iter().collect(), &[]),
        [name, options @ ..] => (all.iter().filter(|one| one.name == *name).collect(), options),
    };
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        bail!("there is no such measurement; there are: {}", names.join(", "));
    }
    setup::make_ready()?;
    for measurement in chosen {
        say(&format!("\n=== {}", measurement.name));
        let mut command = command(measurement);
        if !options.is_empty() {
            command
                .arg("--")
                .args(options.iter().filter(|option| *option != "--"));
        }
        run(&mut command)?;
    }
    Ok(())
}

fn measurements() -> Vec<Measurement> {
    let mut found = Vec::new();
    for (folder, package) in CRATES {
        let names = |kind: &str| {
            let entries = fs::read_dir(workspace::root().join(folder).join(kind));
            let mut names: Vec<String> = entries
                .into_iter()
                .flatten()
                .filter_map(|entry| {
                    entry
                        .ok()?
                        .file_name()
                        .to_str()?
                        .strip_suffix(".rs")
                        .map(str::to_owned)
                })
                .collect();
            names.sort();
            names
        };
        found.extend(names("benches").into_iter().map(|name| Measurement {
            name,
            package,
            kind: "bench",
        }));
        let examples = names("examples")
            .into_iter()
            .filter(|name| MEASURING_EXAMPLES.contains(&name.as_str()));
        found.extend(examples.map(|name| Measurement {
            name,
            package,
            kind: "example",
        }));
    }
    found
}

fn command(measurement: &Measurement) -> Command {
    let mut command = cargo();
    match measurement.kind {
        "bench" => command.arg("bench"),
        _ => command.args(["run", "--release"]),
    };
    command.args([
        "--package",
        measurement.package,
        &format!("--{}", measurement.kind),
        &measurement.name,
    ]);
    command
}
