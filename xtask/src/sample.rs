//! The sample city, Tianchi District: made by the generator of `gis-core`, always the same for the same numbers.
//!
//! It holds no part of the city; that is `gis_core::sample`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{cargo, run, say};
use crate::{setup, workspace};

/// Pipes of the city that `run`, `test` and the pictures use.
const PIPES: &str = "20000";

/// Places of the city that the demonstration and the pictures show.
pub(crate) const BURST_PIPE: &str = "JS-GD-013031";
pub(crate) const PATH_FROM: &str = "CH-000001";
pub(crate) const PATH_TO: &str = "YH-004480";

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    setup::make_ready()?;
    let mut arguments = arguments.to_vec();
    let has = |name: &str, arguments: &[String]| {
        arguments
            .iter()
            .any(|argument| argument == name || argument.starts_with(&format!("{name}=")))
    };
    if !has("--pipes", &arguments) {
        arguments.extend(["--pipes".to_owned(), PIPES.to_owned()]);
    }
    if !has("--out", &arguments) {
        let file = workspace::sample();
        clear(&file)?;
        arguments.extend(["--out".to_owned(), file.display().to_string()]);
    }
    build()?;
    generate(&arguments)
}

/// The project file of the sample city, generated first where it is missing.
pub(crate) fn ensure() -> Result<PathBuf> {
    let file = workspace::sample();
    if !file.is_file() {
        say("Generating the sample city, Tianchi District …");
        build()?;
        generate_built(&file)?;
    }
    Ok(file)
}

/// Writes the sample city with the generator as it was last built.
pub(crate) fn generate_built(file: &Path) -> Result<()> {
    clear(file)?;
    generate(&[
        "--pipes".to_owned(),
        PIPES.to_owned(),
        "--out".to_owned(),
        file.display().to_string(),
    ])
}

/// Makes room for the file: its folder is there, an older file of that name is not.
fn clear(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    if file.exists() {
        fs::remove_file(file).with_context(|| format!("{} could not be removed", file.display()))?;
    }
    Ok(())
}

fn build() -> Result<()> {
    // With karez in the same command the crates under both are built with the features a plain `cargo build` gives them.
    let what = [
        "--package",
        "karez",
        "--package",
        "gis-core",
        "--bin",
        "karez",
        "--example",
        "make_sample",
    ];
    run(cargo().arg("build").args(what))
}

fn generate(arguments: &[String]) -> Result<()> {
    let generator = workspace::programs(false).join("examples").join("make_sample");
    run(crate::process::built(generator).args(arguments))
}
