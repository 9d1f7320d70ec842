//! The project file against real SQLite, real GDAL and GDAL's own validator.
#![expect(clippy::float_cmp, reason = "numbers must come back exactly as they went in")]

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

/// Some value of every type, different from field to field.
fn sample_value(schema: &Schema, class: &FeatureClass, field: usize) -> Value {
    let salt = field as i64 + i64::from(class.id);
    match &class.fields[field].field_type {
        FieldType::Text => Value::Text(format!("北京路{salt}号 “a”\n'b'")),
        FieldType::Integer => Value::Integer(salt),
        FieldType::Real => Value::Real(salt as f64 + 0.125),
        FieldType::Boolean => Value::Boolean(salt % 2 == 0),
        FieldType::Date => Value::Date(NaiveDate::from_ymd_opt(1987, 3, 1 + salt as u32 % 28).unwrap()),
        FieldType::Code(dictionary) => {
            let entries = &schema.dictionary(dictionary).unwrap().entries;
            Value::Text(entries[salt as usize % entries.len()].code.clone())
        }
    }
}

fn one_of_every_class(project: &Project, ids: &mut IdSource) -> Vec<Feature> {
    let schema = project.schema();
    let mut features = Vec::new();
    for index in schema.class_indices() {
        let class = schema.class(index);
        let (geometry, links) = match class.geometry {
            GeometryKind::Point => (
                Geometry::Point([500_000.0 + f64::from(class.id), 4_850_000.25, 612.5]),
                Links {
                    on_pipe: Some(ids.next_id()),
                    on_pipe_distance_m: Some(12.75),
                    flow_to: Some(ids.next_id()),
                    inlet_pipes: vec![ids.next_id(), ids.next_id()],
                    ..Links::default()
                },
            ),
            GeometryKind::Line => (
                Geometry::Line(vec![
                    [500_000.0, 4_850_000.0, 600.5],
                    [500_100.0, 4_850_010.0, 601.5],
                ]),
                Links {
                    from: Some(ids.next_id()),
                    to: Some(ids.next_id()),
                    ..Links::default()
                },
            ),
        };
        let values = (0..class.fields.len())
            .map(|field| sample_value(schema, class, field))
            .collect();
        features.push(Feature {
            id: ids.next_id(),
            class: index,
            geometry: Some(geometry),
            links,
            values,
        });
        // And one that knows nothing of itself.
        features.push(Feature {
            id: ids.next_id(),
            class: index,
            geometry: None,
            links: Links::default(),
            values: vec![Value::Null; class.fields.len()],
        });
    }
    features
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

#[test]
fn every_class_and_type_of_value_comes_back_as_it_went_in() {
    let folder = folder();
    let path = folder.path().join("城市.gpkg");
    let mut project = new_project(&path);
    let features = one_of_every_class(&project, &mut ids());
    write(&mut project, &features);
    project.close().unwrap();

    let project = Project::open(&path).unwrap();
    assert_eq!(project.name(), "天池示范区");
    assert_eq!(project.crs(), &crs());
    assert_eq!(project.schema(), &Schema::builtin().unwrap());
    for feature in &features {
        assert_eq!(
            project.record(feature.class, feature.id).unwrap().as_ref(),
            Some(feature)
        );
    }
    let mut all = Vec::new();
    for index in project.schema().class_indices() {
        project
            .for_each(index, |f| {
                all.push(f);
                Ok(())
            })
            .unwrap();
    }
    assert_eq!(all, features);
    let wanted: Vec<FeatureId> = features
        .iter()
        .filter(|f| f.class == features[0].class)
        .map(|f| f.id)
        .collect();
    assert_eq!(
        project.records(features[0].class, &wanted).unwrap().len(),
        wanted.len()
    );
    let summary = project.summary().unwrap();
    assert_eq!(summary.feature_count(), features.len() as u64);
    assert_eq!(summary.extent.unwrap()[0], 500_000.0);
    assert_eq!(summary.revision, 1);
}

#[test]
fn the_file_is_a_valid_geopackage_that_other_programs_read() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let features = one_of_every_class(&project, &mut ids());
    write(&mut project, &features);
    project.store_document("curves", "1 2 3").unwrap();
    project.close().unwrap();
    assert!(
        !folder.path().join("city.gpkg-wal").exists(),
        "the project is one file when closed"
    );
    validate(&path);
    let said = ogr("ogrinfo", &["-so", path.to_str().unwrap(), "pipe"]);
    for expected in [
        "3D Line String",
        "Feature Count: 2",
        "4545",
        "diameter_mm: Real",
        "install_date: Date",
    ] {
        assert!(said.contains(expected), "{expected} not in {said}");
    }
    let layers = ogr("ogrinfo", &["-q", path.to_str().unwrap()]);
    assert!(!layers.contains("karez_"), "{layers}");
    assert!(!said.contains("Warning"), "{said}");
}

#[test]
fn an_empty_project_is_a_valid_geopackage() {
    let folder = folder();
    let path = folder.path().join("empty.gpkg");
    new_project(&path).close().unwrap();
    validate(&path);
    let local = folder.path().join("local.gpkg");
    let schema = Schema::builtin().unwrap();
    let crs = Crs::local_metric();
    Project::create(
        &local,
        &NewProject {
            name: "n",
            crs: &crs,
            schema: &schema,
            created_unix_ms: 1,
        },
    )
    .unwrap()
    .close()
    .unwrap();
    validate(&local);
    assert_eq!(Project::open(&local).unwrap().crs(), &crs);
}

#[test]
fn a_feature_added_by_another_program_gets_an_id_and_an_index_entry() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let pipe = feature(
        &project,
        ids().next_id(),
        "pipe",
        line(&[[0.0, 0.0], [9.0, 0.0]]),
        &[("code", text("P1"))],
    );
    write(&mut project, &[pipe]);
    project.close().unwrap();

    let source = folder.path().join("new.geojson");
    std::fs::write(
        &source,
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"V-新","is_open":0},
            "geometry":{"type":"Point","coordinates":[109.0,43.8]}}]}"#,
    )
    .unwrap();
    let arguments = [
        "-update",
        "-append",
        "-t_srs",
        "EPSG:4545",
        "-nln",
        "valve",
        path.to_str().unwrap(),
    ];
    ogr("ogr2ogr", &[&arguments[..], &[source.to_str().unwrap()]].concat());

    let read_only = Project::open_read_only(&path).unwrap();
    let seen = read_only.find_code("V-新").unwrap();
    assert_eq!(seen.len(), 1);
    assert!(read_only.record(seen[0].0, seen[0].1).unwrap().is_some());
    drop(read_only);

    let project = Project::open(&path).unwrap();
    let found = project.find_code("V-新").unwrap();
    assert_eq!(
        found, seen,
        "the id is the same before and after it is written down"
    );
    let valve = project.record(found[0].0, found[0].1).unwrap().unwrap();
    assert!(matches!(valve.geometry, Some(Geometry::Point(p)) if (p[0] - 580_000.0).abs() < 10_000.0));
    let boxes: i64 = project
        .connection
        .query_row("SELECT count(*) FROM rtree_valve_geom", [], |row| row.get(0))
        .unwrap();
    assert_eq!(boxes, 1);
    let network = project.network(&NoProgress).unwrap();
    assert!(
        !network
            .node_flags(network.nodes_with_code("V-新")[0])
            .has(NodeFlags::OPEN)
    );
    project.close().unwrap();
    validate(&path);
    assert!(Project::open_read_only(&path).unwrap().foreign_rows.is_empty());
}

#[test]
fn a_dropped_spatial_index_comes_back_at_open() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let pipe = feature(
        &project,
        ids().next_id(),
        "pipe",
        line(&[[0.0, 0.0], [9.0, 0.0]]),
        &[],
    );
    write(&mut project, &[pipe]);
    project.close().unwrap();
    ogr(
        "ogrinfo",
        &[
            path.to_str().unwrap(),
            "-sql",
            "SELECT DisableSpatialIndex('pipe', 'geom')",
        ],
    );
    let project = Project::open(&path).unwrap();
    let boxes: i64 = project
        .connection
        .query_row("SELECT count(*) FROM rtree_pipe_geom", [], |row| row.get(0))
        .unwrap();
    assert_eq!(boxes, 1);
    project.close().unwrap();
    validate(&path);
}

#[test]
fn the_spatial_index_follows_every_kind_of_edit() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let mut ids = ids();
    let (a, b) = (ids.next_id(), ids.next_id());
    let valves = [
        feature(&project, a, "valve", point(1.0, 2.0), &[]),
        feature(&project, b, "valve", None, &[]),
    ];
    write(&mut project, &valves);
    let db = &project.connection;
    let boxes = || -> Vec<(i64, f64)> {
        let mut statement = db
            .prepare("SELECT id, minx FROM rtree_valve_geom ORDER BY id")
            .unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(boxes(), [(1, 1.0)]);
    let blob = |x: f64| {
        let mut out = Vec::new();
        super::gpb::encode(&mut out, project.srs_id, &Geometry::Point([x, 0.0, f64::NAN]));
        out
    };
    db.execute("UPDATE valve SET geom = ?1 WHERE fid = 2", [blob(5.0)])
        .unwrap();
    assert_eq!(boxes(), [(1, 1.0), (2, 5.0)]);
    db.execute("UPDATE valve SET geom = ?1 WHERE fid = 2", [blob(6.0)])
        .unwrap();
    db.execute("UPDATE valve SET fid = 9 WHERE fid = 1", []).unwrap();
    assert_eq!(boxes(), [(2, 6.0), (9, 1.0)]);
    // An upsert, whose conflict rule would override that of the triggers.
    db.execute(
        "INSERT INTO valve (fid, geom) VALUES (9, ?1) ON CONFLICT (fid) DO UPDATE SET geom = excluded.geom",
        [blob(7.0)],
    )
    .unwrap();
    assert_eq!(boxes(), [(2, 6.0), (9, 7.0)]);
    db.execute(
        "INSERT OR REPLACE INTO valve (fid, geom) VALUES (9, ?1)",
        [blob(8.0)],
    )
    .unwrap();
    assert_eq!(boxes(), [(2, 6.0), (9, 8.0)]);
    db.execute("UPDATE valve SET geom = NULL WHERE fid = 9", [])
        .unwrap();
    db.execute("UPDATE valve SET geom = x'00' WHERE fid = 2", [])
        .unwrap();
    assert_eq!(boxes(), []);
    db.execute("UPDATE valve SET fid = 10, geom = ?1 WHERE fid = 9", [blob(3.0)])
        .unwrap();
    assert_eq!(boxes(), [(10, 3.0)]);
    db.execute("DELETE FROM valve", []).unwrap();
    assert_eq!(boxes(), []);
}

#[test]
fn a_dropped_bulk_writer_leaves_nothing_behind() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let mut ids = ids();
    let first = feature(
        &project,
        ids.next_id(),
        "pipe",
        line(&[[0.0, 0.0], [9.0, 0.0]]),
        &[("code", text("P1"))],
    );
    write(&mut project, std::slice::from_ref(&first));
    let more: Vec<Feature> = (0..1000)
        .map(|i| {
            feature(
                &project,
                ids.next_id(),
                "valve",
                point(f64::from(i), 0.0),
                &[("code", text("V"))],
            )
        })
        .collect();
    let mut bulk = project.begin_bulk().unwrap();
    for feature in &more {
        bulk.insert(feature).unwrap();
    }
    drop(bulk);
    assert_eq!(project.summary().unwrap().feature_count(), 1);
    assert_eq!(project.summary().unwrap().revision, 1);
    // The next one works, with triggers and indexes as before.
    write(&mut project, &more);
    assert_eq!(project.find_code("V").unwrap().len(), 1000);
    project.close().unwrap();
    validate(&path);
}

#[test]
fn a_writer_that_finds_the_file_locked_says_so() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    project
        .connection
        .busy_timeout(std::time::Duration::from_millis(10))
        .unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = project.begin_bulk().map(drop).unwrap_err();
    assert_eq!(said.message().key(), "project.error.busy");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let valve = feature(&project, ids().next_id(), "valve", point(1.0, 1.0), &[]);
    write(&mut project, &[valve]);
}

#[test]
fn a_project_may_go_to_another_thread() {
    fn goes<T: Send>() {}
    goes::<Project>();
}

#[test]
fn an_id_may_be_there_only_once() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let id = ids().next_id();
    let twice = feature(&project, id, "valve", point(0.0, 0.0), &[]);
    let mut bulk = project.begin_bulk().unwrap();
    bulk.insert(&twice).unwrap();
    bulk.insert(&twice).unwrap();
    let said = bulk.finish().unwrap_err().text(Lang::En);
    assert!(said.contains("same id"), "{said}");
    assert_eq!(project.summary().unwrap().feature_count(), 0);
    write(&mut project, std::slice::from_ref(&twice));
    let mut bulk = project.begin_bulk().unwrap();
    assert!(bulk.insert(&twice).is_err());
}

#[test]
fn what_does_not_fit_its_class_is_refused_and_the_writer_goes_on() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let mut ids = ids();
    let good = feature(&project, ids.next_id(), "valve", point(1.0, 1.0), &[]);
    let mut bad = Vec::new();
    for (key, geometry, values) in [
        ("valve", line(&[[0.0, 0.0], [1.0, 1.0]]), vec![]),
        ("pipe", point(0.0, 0.0), vec![]),
        ("pipe", line(&[[0.0, 0.0]]), vec![]),
        ("valve", point(f64::NAN, 0.0), vec![]),
        ("valve", point(0.0, f64::INFINITY), vec![]),
        ("valve", None, vec![("is_open", text("maybe"))]),
        ("valve", None, vec![("diameter_mm", text("DN300"))]),
        ("valve", None, vec![("install_date", text("1987"))]),
        ("valve", None, vec![("customers", Value::Real(1.5))]),
    ] {
        bad.push(feature(&project, ids.next_id(), key, geometry, &values));
    }
    bad.push(Feature {
        values: vec![Value::Null],
        ..good.clone()
    });
    bad.push(Feature {
        class: ClassIndex(999),
        ..good.clone()
    });
    let mut bulk = project.begin_bulk().unwrap();
    for feature in &bad {
        assert!(bulk.insert(feature).is_err(), "{feature:?}");
    }
    bulk.insert(&good).unwrap();
    bulk.finish().unwrap();
    assert_eq!(project.summary().unwrap().feature_count(), 1);
}

#[test]
fn files_that_are_no_project_are_told_apart() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("text.gpkg"), "管线编号,管径\nP1,300\n").unwrap();
    std::fs::write(at("empty.gpkg"), "").unwrap();
    std::fs::write(at("header.gpkg"), b"SQLite format 3\0 and then nothing of the kind, for a hundred bytes and more ......................................................").unwrap();
    let foreign = at("foreign.gpkg");
    std::fs::write(
        at("a.geojson"),
        r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}"#,
    )
    .unwrap();
    ogr(
        "ogr2ogr",
        &[
            "-f",
            "GPKG",
            foreign.to_str().unwrap(),
            at("a.geojson").to_str().unwrap(),
        ],
    );
    rusqlite::Connection::open(at("other.gpkg"))
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();

    let project_path = at("project.gpkg");
    let mut project = new_project(&project_path);
    let mut ids = ids();
    let many: Vec<Feature> = (0..2000)
        .map(|i| feature(&project, ids.next_id(), "valve", point(f64::from(i), 0.0), &[]))
        .collect();
    write(&mut project, &many);
    project.close().unwrap();
    let bytes = std::fs::read(&project_path).unwrap();
    std::fs::write(at("cut.gpkg"), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(at("stub.gpkg"), &bytes[..3000]).unwrap();
    std::fs::write(at("newer.gpkg"), &bytes).unwrap();
    let alter = |name: &str, sql: &str| {
        let path = at(name);
        std::fs::write(&path, &bytes).unwrap();
        rusqlite::Connection::open(path)
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    };
    alter(
        "newer.gpkg",
        "UPDATE karez_meta SET value = '99' WHERE key = 'format'",
    );
    alter("no_table.gpkg", "DROP TABLE hydrant");
    alter("no_column.gpkg", "ALTER TABLE valve DROP COLUMN is_open");
    alter("no_crs.gpkg", "DELETE FROM karez_meta WHERE key = 'crs'");
    alter(
        "bad_crs.gpkg",
        "UPDATE karez_meta SET value = '{' WHERE key = 'crs'",
    );
    alter(
        "bad_schema.gpkg",
        "UPDATE karez_schema SET definition = replace(definition, '\"valve\"', '\"v\\\" (x); --\"')",
    );

    for (name, key) in [
        ("nothing.gpkg", "project.error.missing"),
        ("text.gpkg", "project.error.not_a_database"),
        ("empty.gpkg", "project.error.not_a_project"),
        ("header.gpkg", "project.error.not_a_database"),
        ("foreign.gpkg", "project.error.foreign_geopackage"),
        ("other.gpkg", "project.error.not_a_project"),
        ("cut.gpkg", "project.error.damaged"),
        ("stub.gpkg", "project.error.damaged"),
        ("newer.gpkg", "project.error.newer"),
        ("no_table.gpkg", "project.error.missing_table"),
        ("no_column.gpkg", "project.error.missing_column"),
        ("no_crs.gpkg", "project.error.missing_meta"),
        ("bad_crs.gpkg", "project.error.bad_meta"),
        ("bad_schema.gpkg", "project.error.bad_meta"),
    ] {
        for opened in [Project::open(at(name)), Project::open_read_only(at(name))] {
            let error = opened.expect_err(name);
            assert_eq!(error.message().key(), key, "{name}: {error}");
        }
    }
    for (name, is_project) in [
        ("text.gpkg", false),
        ("empty.gpkg", false),
        ("foreign.gpkg", false),
        ("newer.gpkg", true),
        ("project.gpkg", true),
    ] {
        assert_eq!(Project::is_project(at(name)).unwrap(), is_project, "{name}");
    }
    assert!(Project::is_project(at("nothing.gpkg")).is_err());
    let (schema, crs) = (Schema::builtin().unwrap(), crs());
    let new = NewProject {
        name: "n",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    };
    assert_eq!(
        Project::create(&project_path, &new).unwrap_err().message().key(),
        "project.error.exists"
    );
    let nowhere = PathBuf::from("/nonexistent/folder/city.gpkg");
    assert_eq!(
        Project::create(&nowhere, &new).unwrap_err().message().key(),
        "project.error.cannot_open"
    );
}

#[test]
fn a_damaged_page_is_an_error_and_no_panic() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let mut ids = ids();
    let many: Vec<Feature> = (0..500)
        .map(|i| feature(&project, ids.next_id(), "valve", point(f64::from(i), 0.0), &[]))
        .collect();
    write(&mut project, &many);
    project.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let page_bytes = 4096;
    for page in (1..bytes.len() / page_bytes).step_by(7) {
        let mut damaged = bytes.clone();
        for (i, byte) in damaged[page * page_bytes..(page + 1) * page_bytes]
            .iter_mut()
            .enumerate()
        {
            *byte = (i * 31 % 251) as u8;
        }
        let copy = folder.path().join("damaged.gpkg");
        std::fs::write(&copy, &damaged).unwrap();
        if let Ok(project) = Project::open(&copy) {
            drop(project.summary());
            drop(project.network(&NoProgress));
            drop(project.find_code("x"));
        }
        for name in ["damaged.gpkg", "damaged.gpkg-wal", "damaged.gpkg-shm"] {
            drop(std::fs::remove_file(folder.path().join(name)));
        }
    }
}

#[test]
fn a_file_that_may_not_be_written_opens_for_reading() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    new_project(&path).close().unwrap();
    let mut project = Project::open_read_only(&path).unwrap();
    assert!(project.is_read_only());
    for refused in [
        project.set_setting("a", "b"),
        project.store_document("a", "b"),
        project.save_issues(&Issues::default()),
        project.begin_bulk().map(drop),
    ] {
        assert_eq!(refused.unwrap_err().message().key(), "project.error.read_only");
    }
    project.close().unwrap();
}

#[test]
fn settings_documents_and_findings_are_kept() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    assert_eq!(project.setting("network.snap_tolerance_m").unwrap(), None);
    project.set_setting("network.snap_tolerance_m", "2.5").unwrap();
    project.set_setting("network.snap_tolerance_m", "3.5").unwrap();
    project.store_document("epanet", "[CURVES]\n泵 1").unwrap();
    let mut issues = Issues::default();
    issues.push(
        Issue::new(
            Severity::Warning,
            Message::new("project.bad_geometry")
                .with("class", "valve")
                .with("code", "阀1"),
        )
        .in_layer("阀门")
        .at_row(17)
        .at_place([1.5, 2.5]),
    );
    project.save_issues(&issues).unwrap();
    project.close().unwrap();
    let project = Project::open(&path).unwrap();
    assert_eq!(project.options().snap_tolerance_m, 3.5);
    assert_eq!(
        project.document("epanet").unwrap().as_deref(),
        Some("[CURVES]\n泵 1")
    );
    assert_eq!(project.document("none").unwrap(), None);
    assert_eq!(project.issues().unwrap().as_slice(), issues.as_slice());
    assert!(
        project.issues().unwrap().as_slice()[0]
            .message
            .text(Lang::ZhCn)
            .contains("阀1")
    );
}

#[test]
fn a_backup_is_a_project_of_its_own() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let valve = feature(
        &project,
        ids().next_id(),
        "valve",
        Some(Geometry::Point([1.0, 1.0, 1.0])),
        &[("code", text("V1"))],
    );
    write(&mut project, std::slice::from_ref(&valve));
    let copy = folder.path().join("copy.gpkg");
    project.backup_to(&copy).unwrap();
    assert!(project.backup_to(&copy).is_err(), "a backup overwrites nothing");
    assert!(!folder.path().join("copy.gpkg-wal").exists());
    validate(&copy);
    assert_eq!(
        Project::open(&copy)
            .unwrap()
            .record(valve.class, valve.id)
            .unwrap(),
        Some(valve)
    );
}

#[test]
fn a_temporary_project_is_gone_when_dropped() {
    let (schema, crs) = (Schema::builtin().unwrap(), crs());
    let mut project = Project::temporary(&NewProject {
        name: "n",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    })
    .unwrap();
    let valve = feature(&project, ids().next_id(), "valve", point(1.0, 1.0), &[]);
    let bulk = project.begin_bulk().map(|mut bulk| bulk.insert(&valve).unwrap());
    bulk.unwrap();
    assert_eq!(
        project.summary().unwrap().feature_count(),
        0,
        "dropped without finish"
    );
    write(&mut project, &[valve]);
    assert_eq!(project.summary().unwrap().feature_count(), 1);
    let path = project.path().to_owned();
    assert!(path.exists());
    project.close().unwrap();
    assert!(!path.exists() && !path.parent().unwrap().exists());
}

#[test]
fn the_network_is_read_with_what_analyses_need() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let mut ids = ids();
    let codes = ["S", "J", "V", "C", "K", "M", "P1", "P2", "P3"];
    let id: Vec<FeatureId> = codes.iter().map(|_| ids.next_id()).collect();
    let of = |code: &str| id[codes.iter().position(|c| *c == code).unwrap()];
    let mut features = vec![
        feature(
            &project,
            of("S"),
            "reservoir",
            Some(Geometry::Point([0.0, 0.0, 55.0])),
            &[("code", text("S"))],
        ),
        feature(
            &project,
            of("J"),
            "tee",
            point(100.0, 0.0),
            &[("code", text("J"))],
        ),
        feature(
            &project,
            of("V"),
            "valve",
            None,
            &[
                ("code", text("V")),
                ("kind", text("gate")),
                ("is_operable", Value::Boolean(false)),
                ("diameter_mm", Value::Real(300.0)),
            ],
        ),
        feature(
            &project,
            of("C"),
            "valve",
            point(150.0, 0.0),
            &[
                ("code", text("C")),
                ("kind", text("check")),
                ("is_open", Value::Boolean(false)),
            ],
        ),
        feature(
            &project,
            of("K"),
            "customer",
            point(200.0, 0.0),
            &[
                ("code", text("K")),
                ("is_important", Value::Boolean(true)),
                ("customer_code", text("0001")),
            ],
        ),
        feature(
            &project,
            of("M"),
            "meter",
            point(100.0, 100.0),
            &[
                ("code", text("M")),
                ("kind", text("import")),
                ("customers", Value::Integer(7)),
            ],
        ),
        feature(
            &project,
            of("P1"),
            "pipe",
            None,
            &[
                ("code", text("P1")),
                ("diameter_mm", Value::Real(300.0)),
                ("material", text("球墨铸铁")),
                ("length_m", Value::Real(120.0)),
            ],
        ),
        feature(
            &project,
            of("P2"),
            "pipe",
            line(&[[100.0, 0.0], [150.0, 0.0], [200.0, 0.0]]),
            &[
                ("code", text("P2")),
                ("customers", Value::Integer(3)),
                ("material", text("PE")),
            ],
        ),
        feature(
            &project,
            of("P3"),
            "pipe",
            line(&[[100.0, 0.0], [100.0, 100.0]]),
            &[("code", text("P3")), ("state", text("planned"))],
        ),
    ];
    features[6].links = Links {
        from: Some(of("S")),
        to: Some(of("J")),
        ..Links::default()
    };
    features[2].links = Links {
        on_pipe: Some(of("P1")),
        on_pipe_distance_m: Some(30.0),
        ..Links::default()
    };
    features[3].links = Links {
        on_pipe: Some(of("P2")),
        flow_to: Some(of("K")),
        ..Links::default()
    };
    write(&mut project, &features);

    let network = project.network(&NoProgress).unwrap();
    assert_eq!((network.node_count(), network.pipe_count()), (6, 3));
    let node = |code: &str| network.nodes_with_code(code)[0];
    let pipe = |code: &str| network.pipes_with_code(code)[0];
    let flags = |code: &str| network.node_flags(node(code));
    assert_eq!(network.node_id(node("V")), of("V"));
    assert!(flags("S").has(NodeFlags::SOURCE));
    assert_eq!(network.node_z_m(node("S")), 55.0);
    let shuttable = NodeFlags::BOUNDARY
        .with(NodeFlags::SHUTTABLE)
        .with(NodeFlags::VALVE)
        .with(NodeFlags::OPEN);
    assert!(flags("V").has(shuttable) && !flags("V").has(NodeFlags::OPERABLE));
    assert!(flags("C").has(NodeFlags::ONE_WAY.with(NodeFlags::BOUNDARY)));
    assert!(!flags("C").has(NodeFlags::SHUTTABLE) && !flags("C").has(NodeFlags::OPEN));
    assert!(flags("K").has(NodeFlags::CUSTOMER.with(NodeFlags::IMPORTANT)));
    assert_eq!(
        network.node_customers(node("K")),
        1,
        "a connection is one customer unless it says otherwise"
    );
    assert!(flags("M").has(NodeFlags::METER.with(NodeFlags::SOURCE)));
    assert_eq!(network.node_customers(node("M")), 7);
    assert_eq!(network.node_diameter_mm(node("V")), 300.0);
    assert_eq!(network.pipe_length_m(pipe("P1")), 120.0);
    assert_eq!(network.pipe_length_m(pipe("P2")), 100.0);
    assert_eq!(network.pipe_ends(pipe("P1")), [node("S"), node("J")]);
    assert_eq!(network.pipes_with_code("P1").len(), 1);
    assert_eq!(
        network.pieces_of(pipe("P1")).count(),
        2,
        "the valve cuts its pipe"
    );
    assert_eq!(network.pipe_customers(pipe("P2")), 3);
    assert_eq!(network.pipe_state(pipe("P3")), LifeState::Planned);
    let material = |code: &str| {
        let position = network.pipe_material(pipe(code))?;
        Some(
            project.schema().dictionary("material").unwrap().entries[position]
                .code
                .clone(),
        )
    };
    assert_eq!(material("P1").as_deref(), Some("DI"));
    assert_eq!(material("P2").as_deref(), Some("PE"));
    assert_eq!(material("P3"), None);
    assert_eq!(project.summary().unwrap().pipe_length_m, 320.0);
    assert!(network.extent().is_some());
}

#[test]
fn geometries_that_make_no_sense_are_findings_of_the_network() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let mut ids = ids();
    let features = [
        feature(
            &project,
            ids.next_id(),
            "pipe",
            line(&[[0.0, 0.0], [9.0, 0.0]]),
            &[("code", text("P1"))],
        ),
        feature(
            &project,
            ids.next_id(),
            "valve",
            point(0.0, 0.0),
            &[("code", text("V1"))],
        ),
    ];
    write(&mut project, &features);
    project
        .connection
        .execute_batch("UPDATE pipe SET geom = x'4750ff'; UPDATE valve SET geom = 'text'")
        .unwrap();
    let network = project.network(&NoProgress).unwrap();
    let said: Vec<&str> = network
        .issues()
        .iter()
        .filter_map(|i| i.code.as_deref())
        .collect();
    assert!(said.contains(&"P1"), "{said:?}");
    assert!(network.pipe_vertices(network.pipes_with_code("P1")[0]).is_empty());
}

/// GDAL's own SQLite through its SQL dialect on an open GeoPackage.
fn gdal_source_id(path: &Path) -> String {
    use gdal::vector::{LayerAccess as _, sql};
    let dataset = gdal::Dataset::open(path).unwrap();
    let mut result = dataset
        .execute_sql("SELECT sqlite_source_id() AS id", None, sql::Dialect::SQLITE)
        .unwrap()
        .unwrap();
    let feature = result.features().next().unwrap();
    feature.field_as_string(0).unwrap().unwrap()
}

#[test]
fn gdal_and_this_crate_use_one_sqlite() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    new_project(&path).close().unwrap();
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let ours: String = connection
        .query_row("SELECT sqlite_source_id()", [], |row| row.get(0))
        .unwrap();
    assert_eq!(ours, gdal_source_id(&path));
}

/// Whether another process gets the write lock of the file.
fn is_writable_by_others(path: &Path) -> bool {
    let output = Command::new("/usr/bin/python3")
        .arg("-c")
        .arg("import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=0)\nc.execute('BEGIN IMMEDIATE')")
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || said.contains("locked"), "{said}");
    output.status.success()
}

/// With two copies of SQLite in the process, closing the file in one would drop the locks of the other.
#[test]
fn a_lock_survives_gdal_closing_the_file() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    new_project(&path).close().unwrap();
    // Opened before the lock is taken: to know the format GDAL reads the head of a file by itself, and closing that
    // drops the locks of the whole process. Hence the rule that GDAL never opens an open project.
    let dataset = gdal::Dataset::open(&path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    assert!(is_writable_by_others(&path));
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!is_writable_by_others(&path));
    drop(dataset);
    assert!(
        !is_writable_by_others(&path),
        "another process could write into our transaction"
    );
    connection.execute_batch("ROLLBACK").unwrap();
}
