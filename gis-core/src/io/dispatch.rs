//! The two doors for foreign data: into a project, or opened as a temporary one. It finds out what a source is and
//! passes it on to the reader of that kind.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::import::prepare;
use super::options::ImportOptions;
use super::report::{ImportReport, LayerReport};
use super::source::{Opened, Source};
use super::{crs::Transform, inp, propose, survey, vector};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::IdSource;
use crate::issue::{Issue, Issues, Severity};
use crate::model::{Feature, Geometry, Value};
use crate::progress::Progress;
use crate::project::{NewProject, Project};
use crate::schema::Schema;
use crate::text::Message;

/// Which reader a source is for.
enum Kind {
    Project,
    Epanet,
    Survey,
    Vector,
}

fn kind_of(path: &Path, schema: &Schema) -> Result<Kind> {
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    if meta.is_file() && meta.len() == 0 {
        return Err(Error::bad_input(
            Message::new("io.source.empty").with("path", path.display()),
        ));
    }
    // SQLite itself looks, never `std::fs`: when a descriptor of ours is closed, the locks of a project that is open in
    // this process are gone.
    if meta.is_file() && Project::is_project(path)? {
        return Ok(Kind::Project);
    }
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    Ok(match extension.as_str() {
        "inp" => Kind::Epanet,
        "txt" | "" if meta.is_file() && inp::is_inp(&head(path)?) => Kind::Epanet,
        "xls" | "xlsm" | "xlsb" | "ods" => Kind::Survey,
        "xlsx" if !is_exchange_workbook(path) && survey::is_survey(path, schema) => Kind::Survey,
        _ => Kind::Vector,
    })
}

/// Sheets `nodes` and `pipes` are the exchange layout, although their columns may do for a survey as well.
fn is_exchange_workbook(path: &Path) -> bool {
    matches!(Source::open(path, None), Ok(Opened::Source(source)) if propose::is_exchange(&source))
}

/// Whether a source has layers and columns whose meaning can be said.
pub(super) fn is_vector(path: &Path, schema: &Schema) -> Result<bool> {
    Ok(matches!(kind_of(path, schema)?, Kind::Vector))
}

/// Enough of a file to see what it is.
fn head(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|f| f.take(64 * 1024).read_to_end(&mut head));
    read.map_err(|e| Error::io(path, e))?;
    Ok(head)
}

/// Reads a source into a project, all of it or nothing: on any error, or when cancelled, the project stays as it
/// was. What was rejected or repaired is in the report, and kept with the project.
///
/// # Errors
/// The source cannot be read (see `inspect`), or lies in another world than the project's coordinates.
pub fn import(
    project: &mut Project,
    source: &Path,
    options: &ImportOptions,
    ids: &mut IdSource,
    progress: &dyn Progress,
) -> Result<ImportReport> {
    let report = match kind_of(source, project.schema())? {
        Kind::Project => import_project(project, source, progress)?,
        Kind::Epanet => inp::import(project, source, ids, progress)?,
        Kind::Survey => survey::import(project, source, options, ids, progress)?,
        Kind::Vector => import_vector(project, source, options, ids, progress)?,
    };
    project.save_issues(&report.issues)?;
    Ok(report)
}

/// Opens any source for analysis without importing it: a Karez project as itself and for reading only, anything
/// else read into a temporary project in the source's own system. The source is not changed; what was found is in
/// the report alone.
///
/// # Errors
/// As for [`import`].
pub fn open_source(
    path: &Path,
    options: &ImportOptions,
    ids: &mut IdSource,
    now_unix_ms: u64,
    progress: &dyn Progress,
) -> Result<(Project, ImportReport)> {
    let schema = Schema::builtin()?;
    let name = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let create = |crs: &Crs| {
        Project::temporary(&NewProject {
            name: &name,
            crs,
            schema: &schema,
            created_unix_ms: now_unix_ms,
        })
    };
    match kind_of(path, &schema)? {
        Kind::Project => Ok((Project::open_read_only(path)?, ImportReport::default())),
        Kind::Epanet => {
            let mut project = create(options.source_crs.as_ref().unwrap_or(&Crs::local_metric()))?;
            let report = inp::import(&mut project, path, ids, progress)?;
            Ok((project, report))
        }
        Kind::Survey => {
            let told = match &options.source_crs {
                Some(crs) => Some(crs.clone()),
                None => survey::system_of(path, &schema)?,
            };
            let mut project = create(&told.unwrap_or_else(Crs::local_metric))?;
            let report = survey::import(&mut project, path, options, ids, progress)?;
            Ok((project, report))
        }
        Kind::Vector => {
            let mut prepared = prepare(path, options, &schema)?;
            let crs = prepared.own_crs()?;
            let mut project = create(&crs)?;
            let mut writer = project.begin_bulk()?;
            let mut refused = Issues::default();
            let mut report = prepared.read(&schema, &crs, ids, progress, &mut |f| {
                put(writer.insert(f), f, &mut refused)
            })?;
            writer.finish()?;
            report.issues.extend(refused);
            Ok((project, report))
        }
    }
}

fn import_vector(
    project: &mut Project,
    source: &Path,
    options: &ImportOptions,
    ids: &mut IdSource,
    progress: &dyn Progress,
) -> Result<ImportReport> {
    let schema = project.schema().clone();
    let crs = project.crs().clone();
    let prepared = prepare(source, options, &schema)?;
    let mut writer = project.begin_bulk()?;
    let mut refused = Issues::default();
    let sink: &mut vector::Sink<'_> = &mut |f| put(writer.insert(f), f, &mut refused);
    let mut report = prepared.read(&schema, &crs, ids, progress, sink)?;
    writer.finish()?;
    report.issues.extend(refused);
    Ok(report)
}

/// A feature the project cannot hold is an issue; any other failure ends the import.
fn put(stored: Result<()>, feature: &Feature, refused: &mut Issues) -> Result<()> {
    match stored {
        Err(Error::BadInput(message)) => {
            let mut issue = Issue::new(Severity::Error, message);
            if let Some(Geometry::Point(p)) = feature.geometry {
                issue = issue.at_place([p[0], p[1]]);
            }
            refused.push(issue);
            Ok(())
        }
        other => other,
    }
}

/// Takes over the features of another project, with their ids.
fn import_project(project: &mut Project, source: &Path, progress: &dyn Progress) -> Result<ImportReport> {
    let is_itself = source
        .canonicalize()
        .ok()
        .zip(project.path().canonicalize().ok())
        .is_some_and(|(a, b)| a == b);
    if is_itself {
        return Err(Error::bad_input(
            Message::new("io.source.itself").with("path", source.display()),
        ));
    }
    let from = Project::open_read_only(source)?;
    let transform = Transform::new(from.crs(), project.crs())?;
    let schema = project.schema().clone();
    let mut report = ImportReport::default();
    let mut writer = project.begin_bulk()?;
    for class in from.schema().class_indices() {
        let source_class = from.schema().class(class);
        let mut layer = LayerReport {
            layer: source_class.key.clone(),
            ..LayerReport::default()
        };
        let Some(target) = schema.class_index(&source_class.key) else {
            from.for_each(class, |_| {
                layer.read += 1;
                Ok(())
            })?;
            layer.rejected = layer.read;
            if layer.read > 0 {
                let message = Message::new("io.mapping.unknown_class")
                    .with("layer", &layer.layer)
                    .with("class", &layer.layer);
                report
                    .issues
                    .push(Issue::new(Severity::Error, message).in_layer(&layer.layer));
                report.layers.push(layer);
            }
            continue;
        };
        let target_class = schema.class(target);
        layer.class.clone_from(&target_class.key);
        let slots: Vec<Option<usize>> = target_class
            .fields
            .iter()
            .map(|f| source_class.field_index(&f.key))
            .collect();
        let stage = Message::new("io.stage.reading").with("layer", &layer.layer);
        from.for_each(class, |mut feature| {
            layer.read += 1;
            if layer.read.is_multiple_of(1_024) {
                progress.check()?;
                progress.report(&stage, layer.read, None);
            }
            if let Some(geometry) = &mut feature.geometry {
                vector::reproject(geometry, &transform)?;
            }
            let mut values = feature.values;
            feature.values = slots
                .iter()
                .map(|s| s.map_or(Value::Null, |s| std::mem::take(&mut values[s])))
                .collect();
            feature.class = target;
            writer.insert(&feature)?;
            layer.written += 1;
            Ok(())
        })?;
        if layer.read > 0 {
            report.layers.push(layer);
        }
    }
    writer.finish()?;
    project.copy_attachments(&from)?;
    Ok(report)
}
