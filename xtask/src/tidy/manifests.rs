//! Rules of the manifests: one SQLite, one egui, one registry.
//!
//! Versions are chosen in Cargo.toml, not here.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Finding, Repository};
use crate::process::{cargo, output};

/// Crates of which two versions in one program do not work together.
const ONE_VERSION: &[&str] = &[
    "egui",
    "wgpu",
    "rusqlite",
    "libsqlite3-sys",
    "gdal-sys",
    "geo-types",
];
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    match repository.file("Cargo.lock") {
        Some(lock) => findings.extend(lock_file(&lock.text)),
        None => findings.push(Finding::new("Cargo.lock", 0, "is missing")),
    }
    let features = output(cargo().args([
        "tree",
        "--locked",
        "--workspace",
        "--edges=features,normal,build,dev",
        "--invert=libsqlite3-sys",
    ]))?;
    if features.contains("feature \"bundled") {
        let text = "some crate asks for the feature `bundled` of rusqlite; GDAL brings another SQLite, and two in \
                    one process break each other. `cargo tree --edges features --invert libsqlite3-sys` tells which";
        findings.push(Finding::new("Cargo.toml", 0, text));
    }
    Ok(findings)
}

fn lock_file(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ONE_VERSION {
        let versions: BTreeSet<&str> = text
            .split("[[package]]")
            .filter(|package| package.lines().any(|line| line == format!("name = \"{name}\"")))
            .filter_map(|package| package.lines().find_map(|line| line.strip_prefix("version = ")))
            .collect();
        if versions.len() > 1 {
            let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
            findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("{name} in several versions: {versions}"),
            ));
        }
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(source) = line
            .strip_prefix("source = ")
            .filter(|source| source.trim_matches('"') != REGISTRY)
        {
            findings.push(Finding::new(
                "Cargo.lock",
                number + 1,
                format!("a source other than crates.io: {source}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_version_of_egui_is_found() {
        let lock = "[[package]]\nname = \"egui\"\nversion = \"0.36.0\"\n\n[[package]]\nname = \"egui\"\nversion = \"0.37.0\"\n";
        assert_eq!(lock_file(lock).len(), 1);
        assert_eq!(lock_file(&lock.replace("0.36", "0.37")).len(), 0);
    }

    #[test]
    fn a_source_other_than_crates_io_is_found() {
        let lock = format!("source = \"{REGISTRY}\"\nsource = \"registry+https://example.org/index\"\n");
        assert_eq!(lock_file(&lock).len(), 1);
    }
}
