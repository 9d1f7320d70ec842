//! Other programs change the features of a project: the real ones of GDAL, and Python's SQLite.

use super::edits::dump;
use super::*;
use crate::edit::{Edit, Transaction};
use crate::project::{EXTERNAL, Stamp};

const CLERK: Stamp<'_> = Stamp {
    who: "李工",
    at_unix_ms: CREATED_UNIX_MS + 1000,
};

/// Five valves, and a pipe between the first two that names them as its ends.
fn town(path: &Path) -> Vec<Feature> {
    let mut project = new_project(path);
    let mut ids = ids();
    let mut features = valves(&project, &mut ids, 5);
    for (i, valve) in features.iter_mut().enumerate() {
        let class = project.schema().class(valve.class);
        valve.values[class.field_index("code").unwrap()] = text(&format!("V{i}"));
        valve.values[class.field_index("turns").unwrap()] = Value::Real(0.1 + 0.2);
    }
    let values = [("code", text("P1")), ("diameter_mm", Value::Real(300.0))];
    let mut pipe = feature(
        &project,
        ids.next_id(),
        "pipe",
        line(&[[0.0, 0.0], [1.0, 0.0]]),
        &values,
    );
    pipe.links.from = Some(features[0].id);
    pipe.links.to = Some(features[1].id);
    features.push(pipe);
    let mut drawn = Transaction::new(Message::new("draw"));
    drawn.edits = features.iter().cloned().map(Edit::Insert).collect();
    project.commit(&drawn, CLERK).unwrap();
    project.close().unwrap();
    features
}

fn outside(path: &Path, sql: &str) {
    ogr("ogrinfo", &["-q", "-sql", sql, path.to_str().unwrap()]);
}

fn python(path: &Path, sql: &str) {
    let program = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n\
                   for f in ('ST_MinX', 'ST_MaxX', 'ST_MinY', 'ST_MaxY'): c.create_function(f, 1, lambda g: 0.0)\n\
                   c.create_function('ST_IsEmpty', 1, lambda g: 0)\nc.executescript(sys.argv[2])\nc.commit()\n";
    let output = Command::new("/usr/bin/python3")
        .args(["-c", program])
        .arg(path)
        .arg(sql)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Opens what was changed, expects one entry over so many features, and that undo gives back what was, and redo what
/// others made of it.
fn expect_one_entry(path: &Path, was: &str, count: usize) -> Project {
    let mut project = Project::open(path).unwrap();
    let now = dump(&project);
    assert_ne!(now, was);
    let history = project.history().unwrap();
    let entry = history.entries.last().unwrap();
    assert_eq!(entry.origin.as_deref(), Some(EXTERNAL));
    assert_eq!(history.position, entry.number);
    assert_eq!(
        entry.name,
        Message::new("edit.name.external").with("count", count)
    );
    assert!(entry.at_unix_ms > CREATED_UNIX_MS, "the other program's clock");
    project.undo(CLERK).unwrap();
    assert_eq!(dump(&project), was);
    project.redo(CLERK).unwrap();
    assert_eq!(dump(&project), now);
    assert!(
        project.take_in_outside().unwrap().is_none(),
        "our own edits are not taken for others'"
    );
    project
}

fn state(path: &Path) -> String {
    dump(&Project::open_read_only(path).unwrap())
}

#[test]
fn changes_by_ogrinfo_become_one_entry_that_can_be_taken_back() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let was = state(&path);
    outside(
        &path,
        "UPDATE valve SET turns = 21.7, code = 'X' WHERE code = 'V2'",
    );
    outside(&path, "UPDATE valve SET code = 'Y' WHERE code = 'X'");
    outside(&path, "DELETE FROM valve WHERE code = 'V3'");
    outside(&path, "INSERT INTO valve (code) VALUES ('new')");
    outside(
        &path,
        "UPDATE valve SET geom = (SELECT geom FROM valve WHERE code = 'V0') WHERE code = 'V4'",
    );
    let project = expect_one_entry(&path, &was, 4);
    assert_eq!(project.find_code("new").unwrap().len(), 1);
    assert_eq!(project.find_code("Y").unwrap().len(), 1);
    project.close().unwrap();
    validate(&path);
}

#[test]
fn features_that_ogr2ogr_appends_get_ids_and_can_be_taken_out_again() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let was = state(&path);
    let more = folder.path().join("more.csv");
    std::fs::write(
        &more,
        "code,diameter_mm,WKT\nN1,200,POINT Z (7 8 9)\nN2,300,POINT (9 9)\n",
    )
    .unwrap();
    let arguments = [
        "-append",
        "-update",
        "-nln",
        "valve",
        "-oo",
        "AUTODETECT_TYPE=YES",
        "-oo",
        "GEOM_POSSIBLE_NAMES=WKT",
        "-oo",
        "KEEP_GEOM_COLUMNS=NO",
        "-a_srs",
        "EPSG:4545",
    ];
    let (to, from) = (path.to_str().unwrap(), more.to_str().unwrap());
    ogr("ogr2ogr", &[&arguments[..], &[to, from]].concat());
    let project = expect_one_entry(&path, &was, 2);
    let (class, id) = project.find_code("N1").unwrap()[0];
    let found = project.record(class, id).unwrap().unwrap();
    assert_eq!(found.geometry, Some(Geometry::Point([7.0, 8.0, 9.0])));
    project.close().unwrap();
    validate(&path);
}

#[test]
fn rows_that_are_replaced_renumbered_or_robbed_of_their_id_keep_it() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let features = town(&path);
    let was = state(&path);
    python(
        &path,
        "UPDATE valve SET uid = NULL WHERE code = 'V1';
         UPDATE valve SET fid = 900 WHERE code = 'V2';
         INSERT OR REPLACE INTO valve (fid, geom, uid, code) SELECT fid, geom, uid, 'replaced' FROM valve WHERE code = 'V3';",
    );
    let project = expect_one_entry(&path, &was, 1);
    for (valve, code) in features[1..4].iter().zip(["V1", "V2", "replaced"]) {
        let (_, id) = project.find_code(code).unwrap()[0];
        assert_eq!(id, valve.id, "{code}");
    }
    project.close().unwrap();
}

#[test]
fn a_node_that_others_delete_under_a_pipe_is_reported_and_comes_back() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let was = state(&path);
    let findings = |project: &Project| project.network(&NoProgress).unwrap().issues().len();
    let mut project = Project::open(&path).unwrap();
    let before = findings(&project);
    outside(&path, "DELETE FROM valve WHERE code = 'V1'");
    project.take_in_outside().unwrap().unwrap();
    assert!(
        findings(&project) > before,
        "the pipe ends in a node that is no more"
    );
    project.undo(CLERK).unwrap();
    assert_eq!(dump(&project), was);
    assert_eq!(
        project.redo(CLERK).unwrap_err().message().key(),
        "edit.error.dangling",
        "we do not break what we know to hang together"
    );
}

#[test]
fn changes_made_while_the_project_is_open_are_taken_in_when_asked() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let mut project = Project::open(&path).unwrap();
    outside(&path, "UPDATE valve SET code = 'X' WHERE code = 'V2'");
    let effects = project.take_in_outside().unwrap().unwrap();
    assert_eq!(effects.changed.len(), 1);
    assert!(project.take_in_outside().unwrap().is_none());
    project.undo(CLERK).unwrap();
    assert_eq!(project.find_code("V2").unwrap().len(), 1);
}

#[test]
fn what_comes_to_nothing_leaves_no_entry() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    outside(&path, "UPDATE valve SET code = 'X' WHERE code = 'V2'");
    outside(&path, "UPDATE valve SET code = 'V2' WHERE code = 'X'");
    outside(&path, "INSERT INTO valve (code) VALUES ('passing')");
    outside(&path, "DELETE FROM valve WHERE code = 'passing'");
    let project = Project::open(&path).unwrap();
    assert_eq!(project.history().unwrap().entries.len(), 1);
}
