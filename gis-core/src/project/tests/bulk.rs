//! Bulk writing and the spatial index.

use super::*;

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
        crate::project::gpb::encode(&mut out, project.srs_id, &Geometry::Point([x, 0.0, f64::NAN]));
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
    let more: Vec<Feature> = valves(&project, &mut ids, 1000);
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
