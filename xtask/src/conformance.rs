//! `cargo xtask conformance`: the analyses against independent implementations.
//!
//! It compares nothing itself: a Python script writes what the other implementation answers, and ignored Rust tests
//! read it. It is no part of `cargo xtask test`, because it needs Python packages from the network.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{cargo, run, say};
use crate::{setup, workspace};

/// The packages and versions the comparison was last made with.
const PYTHON_PACKAGES: &[&str] = &["wntr==1.5.0", "six"];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    let golden = match arguments {
        [] => workspace::root().join("../shared/data/mincut-golden"),
        [option, folder] if option == "--golden" => PathBuf::from(folder),
        _ => bail!(
            "`cargo xtask conformance` knows --golden DIR; found {}",
            arguments.join(" ")
        ),
    };
    setup::make_ready()?;
    setup::install(setup::CONFORMANCE_PACKAGES)?;
    let folder = workspace::target().join("conformance");
    let python = virtual_environment(&folder.join("python"), PYTHON_PACKAGES)?;
    run(Command::new(python)
        .arg("gis-core/tests/conformance/wntr_segments.py")
        .arg(&folder)
        .current_dir(workspace::root()))?;
    let mut tests = cargo();
    tests.args([
        "test",
        "--package",
        "karez",
        "--package",
        "gis-core",
        "conformance",
        "--",
        "--ignored",
    ]);
    tests.env("KAREZ_CONFORMANCE_DIR", &folder);
    if golden.is_dir() {
        tests.env("KAREZ_GOLDEN_DIR", std::path::absolute(&golden)?);
    } else {
        say(&format!(
            "Skipped: the valve vectors are not at {} (give their folder with --golden DIR)",
            golden.display()
        ));
    }
    run(&mut tests)
}

/// A Python of our own with these packages, made once. Returns its interpreter.
pub(crate) fn virtual_environment(folder: &Path, packages: &[&str]) -> Result<PathBuf> {
    let python = folder.join("bin").join("python");
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    }
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages))?;
    Ok(python)
}
