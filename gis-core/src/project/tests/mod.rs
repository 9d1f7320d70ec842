//! The project file against real SQLite, real GDAL and GDAL's own validator.
#![expect(clippy::float_cmp, reason = "numbers must come back exactly as they went in")]

mod bulk;
mod edits;
mod file;
mod hostile;
mod network;
mod outside;
mod process;
mod reshape;
mod upgrade;

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use tempfile::TempDir;

use super::{NewProject, Project};
use crate::crs::Crs;
use crate::issue::{Issue, Issues, Severity};
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::network::{LifeState, NodeFlags};
use crate::schema::{FeatureClass, FieldType, GeometryKind, Schema};
use crate::text::{Lang, Message};
use crate::{FeatureId, IdSource, NoProgress};

const CREATED_UNIX_MS: u64 = 1_750_000_000_000;

fn crs() -> Crs {
    crate::io::crs::parse("EPSG:4545").unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn new_project(path: &Path) -> Project {
    let (schema, crs) = (Schema::builtin().unwrap(), crs());
    let new = NewProject {
        name: "天池示范区",
        crs: &crs,
        schema: &schema,
        created_unix_ms: CREATED_UNIX_MS,
    };
    Project::create(path, &new).unwrap()
}

fn ids() -> IdSource {
    IdSource::new(CREATED_UNIX_MS, 7)
}

fn class(project: &Project, key: &str) -> ClassIndex {
    project.schema().class_index(key).unwrap()
}

/// A feature with the named values and nothing else.
fn feature(
    project: &Project,
    id: FeatureId,
    key: &str,
    geometry: Option<Geometry>,
    values: &[(&str, Value)],
) -> Feature {
    let index = class(project, key);
    let class = project.schema().class(index);
    let mut all = vec![Value::Null; class.fields.len()];
    for (field, value) in values {
        all[class.field_index(field).unwrap()] = value.clone();
    }
    Feature {
        id,
        class: index,
        geometry,
        links: Links::default(),
        values: all,
    }
}

/// Valve A at (1, 1).
fn valve_a(project: &Project) -> Feature {
    let values = [("code", text("A"))];
    feature(project, ids().next_id(), "valve", point(1.0, 1.0), &values)
}

/// Valves of one code in a row.
fn valves(project: &Project, ids: &mut IdSource, count: u32) -> Vec<Feature> {
    let values = [("code", text("V"))];
    (0..count)
        .map(|i| feature(project, ids.next_id(), "valve", point(f64::from(i), 0.0), &values))
        .collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "features take an optional geometry")]
fn point(x: f64, y: f64) -> Option<Geometry> {
    Some(Geometry::Point([x, y, f64::NAN]))
}

#[expect(clippy::unnecessary_wraps, reason = "features take an optional geometry")]
fn line(vertices: &[[f64; 2]]) -> Option<Geometry> {
    Some(Geometry::Line(
        vertices.iter().map(|p| [p[0], p[1], f64::NAN]).collect(),
    ))
}

fn write(project: &mut Project, features: &[Feature]) {
    let mut bulk = project.begin_bulk().unwrap();
    for feature in features {
        bulk.insert(feature).unwrap();
    }
    bulk.finish().unwrap();
}

/// Runs GDAL's checker with its full content check, as the system's Python has it.
fn validate(path: &Path) {
    let output = Command::new("/usr/bin/python3")
        .args(["-m", "osgeo_utils.samples.validate_gpkg", "-q", "-k", "--extra"])
        .arg(path)
        .output()
        .expect("python3-gdal is installed by `cargo xtask setup`");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.status.success() && !said.to_lowercase().contains("warning"),
        "{said}"
    );
}

fn ogr(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("gdal-bin is installed by `cargo xtask setup`");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    said
}
