//! `cargo xtask bench`: the measurements behind docs/BENCHMARKS.md.
//!
//! It measures nothing itself; each row of the table is a benchmark of a crate.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{cargo, run, say};
use crate::{setup, workspace};

/// A measurement: a `cargo bench` target, or an example that prints its own table.
struct Measurement {
    name: &'static str,
    package: &'static str,
    kind: Kind,
}

enum Kind {
    Bench,
    Example,
}

const MEASUREMENTS: &[Measurement] = &[Measurement {
    name: "map_frame",
    package: "karez",
    kind: Kind::Example,
}];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    setup::make_ready()?;
    let chosen: Vec<&Measurement> = match arguments {
        [] => MEASUREMENTS.iter().collect(),
        [name] => MEASUREMENTS.iter().filter(|one| one.name == name).collect(),
        _ => bail!(
            "`cargo xtask bench` takes one name; found {}",
            arguments.join(" ")
        ),
    };
    if chosen.is_empty() {
        let names: Vec<&str> = MEASUREMENTS.iter().map(|one| one.name).collect();
        bail!("there is no such measurement; there are: {}", names.join(", "));
    }
    for measurement in chosen {
        say(&format!("\n=== {}", measurement.name));
        run(&mut command(measurement))?;
    }
    say(&format!(
        "\nMeasured in {}",
        workspace::target().join("release").display()
    ));
    Ok(())
}

fn command(measurement: &Measurement) -> Command {
    let mut command = cargo();
    match measurement.kind {
        Kind::Bench => command.args([
            "bench",
            "--package",
            measurement.package,
            "--bench",
            measurement.name,
        ]),
        Kind::Example => command.args([
            "run",
            "--release",
            "--package",
            measurement.package,
            "--example",
            measurement.name,
        ]),
    };
    command
}
