//! EPANET 2.0 to 2.3 input files (.inp). Links become pipes; valves, pumps and check valves become devices that sit
//! on them. It solves no hydraulics: what only the hydraulic model needs is kept word for word in the project.

mod build;
mod lexer;
mod model;
mod parse;

use std::path::Path;

use self::model::Model;
use super::report::ImportReport;
use crate::error::{Error, Result};
use crate::ids::IdSource;
use crate::issue::{Issue, Severity};
use crate::progress::Progress;
use crate::project::Project;
use crate::text::Message;

/// Documents of the project that hold the file's sections are named so: `epanet/options`, `epanet/curves` …
pub const DOCUMENT_PREFIX: &str = "epanet/";

/// Whether the text begins like an EPANET input file: a known heading before anything else.
pub fn is_inp(head: &[u8]) -> bool {
    let (text, _) = lexer::decode(head);
    let blocks = lexer::split(&text);
    blocks.before_first.is_none() && blocks.list.first().is_some_and(|block| block.section.is_some())
}

/// Reads a network into the project, in one transaction. Coordinates are taken as they stand, in the project's
/// system: the file names none.
///
/// # Errors
/// Not readable, no network in it, a project that cannot be written, or cancelled. Bad lines are issues of the
/// report.
pub fn import(
    project: &mut Project,
    path: &Path,
    ids: &mut IdSource,
    progress: &dyn Progress,
) -> Result<ImportReport> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let model = read(&bytes, path)?;
    progress.check()?;
    let schema = project.schema().clone();
    let crs = project.crs().clone();
    let (features, mut report) = build::features(&model, &schema, &crs, ids)?;
    for (section, _) in &model.sections {
        if project.document(&document_name(section))?.is_some() {
            let message = Message::new("epanet.replaced_section").with("section", section);
            report
                .issues
                .push(Issue::new(Severity::Warning, message).in_layer(section));
        }
    }
    let mut writer = project.begin_bulk()?;
    for (done, feature) in features.iter().enumerate() {
        if done % 4096 == 0 {
            progress.report(
                &Message::new("epanet.writing"),
                done as u64,
                Some(features.len() as u64),
            );
            progress.check()?;
        }
        writer.insert(feature)?;
    }
    for (section, text) in &model.sections {
        writer.store_document(&document_name(section), text)?;
    }
    writer.finish()?;
    report.issues.extend(model.issues);
    Ok(report)
}

fn document_name(section: &str) -> String {
    format!("{DOCUMENT_PREFIX}{section}")
}

fn read(bytes: &[u8], path: &Path) -> Result<Model> {
    let (text, is_damaged) = lexer::decode(bytes);
    let mut blocks = lexer::split(&text);
    blocks.is_damaged = is_damaged;
    let model = parse::parse(&blocks);
    if model.nodes.is_empty() {
        let key = if bytes.is_empty() {
            "epanet.empty_file"
        } else {
            "epanet.no_network"
        };
        return Err(Error::bad_input(Message::new(key).with("path", path.display())));
    }
    Ok(model)
}

#[cfg(test)]
mod tests;
