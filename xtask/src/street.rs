//! The street of the guide (`docs/guide/*/street.md`): from the survey table and the sketch in `sample-data/street` to a
//! connected street in the sample city, in which the rules find nothing that was not there before.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::process::{built, output, say};
use crate::{sample, screenshots, workspace};

const IMPORT: &str = "sample-data/street/import.jsonl";
const STREET: &str = "sample-data/street/street.jsonl";

pub(crate) fn check() -> Result<()> {
    let project = screenshots::fresh_copy(&sample::ensure()?, "street")?;
    let before = counts(&project)?;
    karez(&project, &["edit", "{}", "--script", IMPORT])?;
    let imported = counts(&project)?;
    ensure!(
        imported != before,
        "the faults of the survey table were not found: {imported}"
    );
    karez(&project, &["edit", "{}", "--script", STREET])?;
    let after = counts(&project)?;
    ensure!(
        after == before,
        "the finished street has faults: {before} before, {after} now"
    );
    let way = karez(&project, &["path", "{}", "--from", "YL1", "--to", "YL7"])?;
    ensure!(
        way.contains("YL4-YL5-2"),
        "the street does not join its ends: {way}"
    );
    say("The street of the guide is imported, mended, connected and clean");
    Ok(())
}

/// How much the rules find: `"errors":…,"warnings":…,"infos":…`.
fn counts(project: &Path) -> Result<String> {
    let found = karez(project, &["check", "{}"])?;
    let counts = found.find("\"errors\"").zip(found.find("\"accepted\""));
    counts
        .and_then(|(start, end)| found.get(start..end))
        .map(str::to_owned)
        .with_context(|| format!("`karez check` told no counts: {found}"))
}

fn karez(project: &Path, arguments: &[&str]) -> Result<String> {
    let mut karez = built(workspace::programs(false).join("karez"));
    for argument in arguments {
        match *argument {
            "{}" => karez.arg(project),
            argument => karez.arg(argument),
        };
    }
    output(karez.args(["--format", "json"]))
}
