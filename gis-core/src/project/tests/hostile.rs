//! Files that are damaged, foreign or not to be written.

use super::*;

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
