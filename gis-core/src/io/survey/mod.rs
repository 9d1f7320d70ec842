//! Survey result tables as crews hand them in: 管线点成果表 and 管线成果表 in Excel workbooks (CJJ 61). It reads
//! workbooks only; other tables are read by `vector`.

mod axes;
mod build;
mod collect;
mod columns;
mod convert;
mod plain;
mod table;
mod value;
mod workbook;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use self::build::{Builder, Known};
use self::collect::Survey;
use self::columns::Headings;
pub(crate) use self::plain::{PlainRow, PlainSheet, plain_rows, plain_sheets};
pub(crate) use self::value::half_width;
use self::workbook::Sheet;
use super::ledger::Ledger;
use super::options::ImportOptions;
use super::report::{ImportReport, LayerReport};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::IdSource;
use crate::issue::Issues;
use crate::model::{ClassIndex, Feature, Geometry};
use crate::progress::{NoProgress, Progress};
use crate::project::Project;
use crate::schema::{GeometryKind, Schema};
use crate::text::Message;

/// Rows looked at to tell whether a workbook holds survey tables.
const SNIFFED_ROWS: u32 = 60;

/// Rows looked at to tell the system of the coordinates.
const SURVEYED_ROWS: u32 = 2_000;

/// Whether the file is a workbook with a survey table on one of its sheets; false where it cannot be read.
pub fn is_survey(path: &Path, schema: &Schema) -> bool {
    let mut head = [0; 8];
    let is_workbook = File::open(path)
        .and_then(|mut file| file.read(&mut head))
        .is_ok_and(|read| workbook::looks_like_workbook(&head[..read]));
    is_workbook
        && workbook::read(path, SNIFFED_ROWS, &NoProgress).is_ok_and(|sheets| {
            let headings = Headings::new(schema);
            sheets
                .iter()
                .any(|sheet| !table::find_tables(sheet, &headings).tables.is_empty())
        })
}

/// The system that the coordinates tell by themselves: degrees, or eastings with a zone number. `None` where they
/// do not.
pub fn system_of(path: &Path, schema: &Schema) -> Result<Option<Crs>> {
    let sheets = workbook::read(path, SURVEYED_ROWS, &NoProgress)?;
    let survey = read_tables(&sheets, schema, path)?;
    let places: Vec<[f64; 2]> = survey.points.iter().filter_map(|p| p.place).collect();
    Ok(if places.is_empty() {
        None
    } else {
        axes::system_of_values(&places)
    })
}

/// Reads a workbook into the project, in one transaction.
///
/// # Errors
/// Not a readable workbook, no survey table in it, coordinates that cannot be brought into the project's system,
/// a project that cannot be written, or cancelled. Bad rows are issues of the report.
pub fn import(
    project: &mut Project,
    path: &Path,
    options: &ImportOptions,
    ids: &mut IdSource,
    progress: &dyn Progress,
) -> Result<ImportReport> {
    let mut sheets = workbook::read(path, u32::MAX, progress)?;
    if !options.layers.is_empty() {
        sheets.retain(|sheet| options.layers.contains(&sheet.name));
    }
    let schema = project.schema().clone();
    let crs = project.crs().clone();
    let survey = read_tables(&sheets, &schema, path)?;
    let elsewhere = points_of_project(project, &survey)?;
    let (features, report) = build_features(survey, elsewhere, &schema, &crs, options, ids, progress)?;
    let mut writer = project.begin_bulk()?;
    for (done, feature) in features.iter().enumerate() {
        if done % 4096 == 0 {
            progress.report(
                &Message::new("survey.writing"),
                done as u64,
                Some(features.len() as u64),
            );
            progress.check()?;
        }
        writer.insert(feature)?;
    }
    writer.finish()?;
    Ok(report)
}

fn read_tables<'s>(sheets: &'s [Sheet], schema: &Schema, path: &Path) -> Result<Survey<'s>> {
    let headings = Headings::new(schema);
    let found: Vec<_> = sheets
        .iter()
        .map(|sheet| table::find_tables(sheet, &headings))
        .collect();
    if found.iter().all(|f| f.tables.is_empty()) {
        let names = sheets
            .iter()
            .map(|s| s.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let message = Message::new("survey.no_table")
            .with("path", path.display())
            .with("sheets", names);
        return Err(Error::bad_input(message));
    }
    Ok(collect::collect(sheets, found))
}

/// Points that lines name and the workbook lacks: the table of points may have been read before.
fn points_of_project(project: &Project, survey: &Survey<'_>) -> Result<HashMap<String, Known>> {
    let missing: HashSet<&str> = survey
        .lines
        .iter()
        .flat_map(|line| [line.from.as_str(), line.to.as_str()])
        .filter(|code| survey.point(code).is_none())
        .collect();
    let mut missing: Vec<&str> = missing.into_iter().collect();
    missing.sort_unstable();
    let mut known = HashMap::new();
    for code in missing {
        let found = project.find_code(code)?;
        let is_point = |class: ClassIndex| project.schema().class(class).geometry == GeometryKind::Point;
        if let Some(&(class, id)) = found.iter().find(|(class, _)| is_point(*class)) {
            let place = match project.record(class, id)?.and_then(|feature| feature.geometry) {
                Some(Geometry::Point(place)) => place,
                _ => [f64::NAN; 3],
            };
            known.insert(code.to_owned(), Known { id, place });
        }
    }
    Ok(known)
}

/// Every finding, as long as somebody can read them all.
fn shortened(issues: Issues) -> Issues {
    const READABLE: usize = 20_000;
    if issues.len() <= READABLE {
        return issues;
    }
    let mut ledger = Ledger::default();
    for issue in issues.iter() {
        ledger.push(issue.clone());
    }
    ledger.finish()
}

fn build_features(
    survey: Survey<'_>,
    known: HashMap<String, Known>,
    schema: &Schema,
    crs: &Crs,
    options: &ImportOptions,
    ids: &mut IdSource,
    progress: &dyn Progress,
) -> Result<(Vec<Feature>, ImportReport)> {
    let sheets = survey.sheets;
    let mut builder = Builder {
        schema,
        crs,
        survey,
        ids,
        known,
        guesses: Vec::new(),
        features: Vec::new(),
        lost_lines: vec![0; sheets.len()],
    };
    builder.points(options.source_crs.as_ref(), options.x_is_northing, progress)?;
    builder.lines(progress)?;
    let Builder {
        survey,
        guesses,
        features,
        lost_lines,
        ..
    } = builder;
    let mut report = ImportReport {
        guesses,
        issues: shortened(survey.issues),
        ..ImportReport::default()
    };
    for (position, sheet) in sheets.iter().enumerate() {
        let count = &survey.counts[position];
        let mut classes: Vec<ClassIndex> = features
            .iter()
            .filter(|(s, _)| *s == position)
            .map(|(_, f)| f.class)
            .collect();
        let written = classes.len() as u64;
        classes.sort_unstable();
        classes.dedup();
        if count.rows == 0 && written == 0 {
            continue;
        }
        report.layers.push(LayerReport {
            layer: sheet.name.clone(),
            class: match classes[..] {
                [only] => schema.class(only).key.clone(),
                _ => String::new(),
            },
            read: count.rows,
            written,
            rejected: count.rejected + lost_lines[position],
        });
    }
    Ok((features.into_iter().map(|(_, feature)| feature).collect(), report))
}

#[cfg(test)]
mod tests;
