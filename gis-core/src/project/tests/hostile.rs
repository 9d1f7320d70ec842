//! Files that are damaged, foreign or not to be written.

use super::*;
use crate::project::History;

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
        let connection = rusqlite::Connection::open(path).unwrap();
        drop_outside_triggers(&connection);
        connection.execute_batch(sql).unwrap();
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

/// A file as format 3 had it: without the list of what other programs change.
fn as_format_3(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    drop_outside_triggers(&connection);
    connection
        .execute_batch(
            "DROP TABLE karez_outside; DROP TABLE karez_writing; DROP TABLE karez_journal_tag;
             DELETE FROM gpkg_extensions
             WHERE table_name IN ('karez_outside', 'karez_writing', 'karez_journal_tag');
             UPDATE karez_meta SET value = '3' WHERE key = 'format';",
        )
        .unwrap();
}

/// They name the columns, so that none can be dropped as long as they are there.
fn drop_outside_triggers(connection: &rusqlite::Connection) {
    let triggers: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_outside\\_%' ESCAPE '\\'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert!(!triggers.is_empty());
    for trigger in triggers {
        connection
            .execute_batch(&format!("DROP TRIGGER \"{trigger}\""))
            .unwrap();
    }
}

/// A file as format 2 had it: without the journal and the indexes of links.
fn as_format_2(path: &Path) {
    as_format_3(path);
    let connection = rusqlite::Connection::open(path).unwrap();
    let indexes: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%IS NOT NULL'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert!(!indexes.is_empty());
    for index in indexes {
        connection
            .execute_batch(&format!("DROP INDEX \"{index}\""))
            .unwrap();
    }
    connection
        .execute_batch(
            "DROP TABLE karez_journal_step; DROP TABLE karez_journal_feature; DROP TABLE karez_journal;
             DELETE FROM gpkg_extensions WHERE table_name LIKE 'karez_journal%';
             DELETE FROM karez_meta WHERE key = 'journal_position';
             UPDATE karez_meta SET value = '2' WHERE key = 'format';",
        )
        .unwrap();
}

/// A file as format 1 had it: also without the tables for attached files.
fn as_format_1(path: &Path) {
    as_format_2(path);
    let connection = rusqlite::Connection::open(path).unwrap();
    let views: Vec<String> = connection
        .prepare("SELECT mapping_table_name FROM gpkgext_relations")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    for view in views {
        connection
            .execute_batch(&format!("DROP VIEW \"{view}\""))
            .unwrap();
    }
    connection
        .execute_batch(
            "DROP TABLE karez_attachment; DROP TABLE feature_media; DROP TABLE gpkgext_relations;
             DELETE FROM gpkg_contents WHERE table_name = 'feature_media';
             DELETE FROM gpkg_extensions WHERE extension_name = 'related_tables' OR table_name = 'karez_attachment';
             UPDATE karez_meta SET value = '1' WHERE key = 'format';",
        )
        .unwrap();
}

#[test]
fn a_file_of_an_older_version_is_brought_up_to_date_and_loses_nothing() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let valve = feature(
        &project,
        ids().next_id(),
        "valve",
        Some(Geometry::Point([1.0, 2.0, 3.0])),
        &[("code", text("V1")), ("kind", text("gate"))],
    );
    write(&mut project, std::slice::from_ref(&valve));
    project.set_setting("network.snap_tolerance_m", "2").unwrap();
    project.close().unwrap();
    as_format_1(&path);

    let before = std::fs::read(&path).unwrap();
    let old = Project::open_read_only(&path).unwrap();
    assert_eq!(old.find_code("V1").unwrap().len(), 1, "readable as it is");
    assert_eq!(
        old.history().unwrap(),
        History::default(),
        "nothing was edited then"
    );
    drop(old);
    assert_eq!(std::fs::read(&path).unwrap(), before, "reading changes nothing");

    let project = Project::open(&path).unwrap();
    assert_eq!(project.record(valve.class, valve.id).unwrap(), Some(valve));
    assert_eq!(project.options().snap_tolerance_m, 2.0);
    project.close().unwrap();
    validate(&path);
    let fresh = folder.path().join("fresh.gpkg");
    new_project(&fresh).close().unwrap();
    assert_eq!(layout_of(&path), layout_of(&fresh), "as if made by this version");
}

fn layout_of(path: &Path) -> Vec<(String, Option<String>)> {
    rusqlite::Connection::open(path)
        .unwrap()
        .prepare("SELECT name, sql FROM sqlite_master UNION SELECT 'format', value FROM karez_meta WHERE key = 'format' ORDER BY 1")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

#[test]
fn a_migration_that_fails_leaves_the_older_version() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    new_project(&path).close().unwrap();
    as_format_1(&path);
    // Something stands where the new table is to go.
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE karez_attachment (a)")
        .unwrap();
    let before = layout_of(&path);
    assert!(Project::open(&path).is_err());
    assert_eq!(layout_of(&path), before);
    assert!(Project::open_read_only(&path).is_ok());
}

#[test]
fn a_version_that_is_no_number_is_refused() {
    let folder = folder();
    for said in ["", "two", "-1", "0", "99999999999999999999"] {
        let path = folder.path().join("city.gpkg");
        new_project(&path).close().unwrap();
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute("UPDATE karez_meta SET value = ?1 WHERE key = 'format'", [said])
            .unwrap();
        for opened in [Project::open(&path), Project::open_read_only(&path)] {
            assert_eq!(
                opened.expect_err(said).message().key(),
                "project.error.bad_meta",
                "{said}"
            );
        }
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let first = valve_a(&project);
    write(&mut project, &[first]);
    // SQLite's own limit is to it what a full disk is.
    let fill = |project: &Project| {
        let pages: i64 = project
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        project
            .connection
            .execute_batch(&format!("PRAGMA max_page_count = {}", pages + 20))
            .unwrap();
    };
    fill(&project);
    let long = "很长的一段说明".repeat(200_000);
    let error = project.store_document("too long", &long).unwrap_err();
    assert_eq!(error.message().key(), "core.error.disk_full");

    let mut new_ids = IdSource::new(CREATED_UNIX_MS + 1, 8);
    let mut bulk = project.begin_bulk().unwrap();
    let valve = |i: u32, ids: &mut IdSource, project: &Project| {
        feature(
            project,
            ids.next_id(),
            "valve",
            point(f64::from(i), 0.0),
            &[("code", text("B"))],
        )
    };
    let schema_of = new_project(&folder.path().join("other.gpkg"));
    let failed = (0..20_000)
        .map(|i| bulk.insert(&valve(i, &mut new_ids, &schema_of)))
        .find_map(Result::err)
        .unwrap_or_else(|| bulk.finish().unwrap_err());
    assert_eq!(failed.message().key(), "project.error.disk_full");
    assert!(
        failed.text(Lang::ZhCn).contains("空间"),
        "{}",
        failed.text(Lang::ZhCn)
    );

    assert_eq!(project.summary().unwrap().feature_count(), 1);
    assert_eq!(project.find_code("A").unwrap().len(), 1);
    assert_eq!(project.document("too long").unwrap(), None);
    // Room again: the same work is done by the same project.
    project
        .connection
        .execute_batch("PRAGMA max_page_count = 1000000")
        .unwrap();
    let all: Vec<Feature> = (0..20_000).map(|i| valve(i, &mut new_ids, &schema_of)).collect();
    write(&mut project, &all);
    assert!(project.damage().unwrap().is_empty());
    project.close().unwrap();
    validate(&path);
    assert_eq!(
        Project::open(&path).unwrap().summary().unwrap().feature_count(),
        20_001
    );
}

#[test]
fn flipped_bytes_are_found_by_the_check_of_the_file() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let mut ids = ids();
    let many: Vec<Feature> = valves(&project, &mut ids, 3_000);
    write(&mut project, &many);
    assert!(project.damage().unwrap().is_empty());
    let page_of = |name: &str| -> usize {
        let sql = "SELECT rootpage FROM sqlite_master WHERE name = ?1";
        project
            .connection
            .query_row(sql, [name], |row| row.get::<_, i64>(0))
            .unwrap() as usize
    };
    // The root of the table, and that of an index.
    let roots = [page_of("valve"), page_of("karez_valve_uid")];
    project.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for root in roots {
        let mut damaged = bytes.clone();
        for byte in &mut damaged[(root - 1) * 4096 + 8..(root - 1) * 4096 + 40] {
            *byte ^= 0x5a;
        }
        let copy = folder.path().join("damaged.gpkg");
        std::fs::write(&copy, &damaged).unwrap();
        let said = match Project::open_read_only(&copy).and_then(|project| project.damage()) {
            Ok(issues) => {
                assert!(!issues.is_empty());
                issues
                    .iter()
                    .map(|i| i.message.text(Lang::En))
                    .collect::<Vec<_>>()
                    .join("; ")
            }
            Err(error) => error.text(Lang::En),
        };
        assert!(said.contains("damaged"), "{said}");
    }
    // Reading it in earnest says the same.
    let mut damaged = bytes;
    for byte in &mut damaged[(roots[0] - 1) * 4096 + 8..(roots[0] - 1) * 4096 + 40] {
        *byte ^= 0x5a;
    }
    let copy = folder.path().join("damaged.gpkg");
    std::fs::write(&copy, &damaged).unwrap();
    let error = Project::open_read_only(&copy)
        .and_then(|project| project.network(&NoProgress).map(drop))
        .unwrap_err();
    assert!(error.text(Lang::En).contains("damaged"), "{error}");
}

#[test]
fn a_file_from_anywhere_may_ask_little_of_sqlite() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    new_project(&path).close().unwrap();
    let project = Project::open(&path).unwrap();
    let refused = |sql: &str| project.connection.execute_batch(sql).unwrap_err().to_string();
    assert!(refused("ATTACH ':memory:' AS other").contains("too many attached"));
    let deep = format!("SELECT 1{}", " + 1".repeat(500));
    assert!(refused(&deep).contains("too large"), "{}", refused(&deep));
    let huge = project
        .connection
        .query_row("SELECT length(zeroblob(600000000))", [], |row| {
            row.get::<_, i64>(0)
        });
    assert!(huge.unwrap_err().to_string().contains("too big"));
    assert!(refused("UPDATE sqlite_master SET sql = ''").contains("may not be modified"));
}

/// Runs a test of this file as a user for whom permissions count: those of root do not.
fn as_nobody(test: &str, variable: &str, value: &Path) {
    let program = std::env::current_exe().unwrap();
    // The build folder may be closed to others; a copy is not.
    let folder = tempfile::Builder::new()
        .prefix("karez-test-")
        .tempdir_in("/tmp")
        .unwrap();
    open_to_all(folder.path());
    let copy = folder.path().join("test");
    std::fs::write(&copy, std::fs::read(program).unwrap()).unwrap();
    std::fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&copy)
        .args(["--exact", test, "--nocapture"])
        .env(variable, value)
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .output()
        .expect("setpriv is part of util-linux");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

const PROTECTED: &str = "KAREZ_TEST_PROTECTED";

/// Not a test by itself: what `protected_files_open_for_reading_and_say_so` runs without the rights of root.
#[test]
fn protected() {
    let Some(path) = std::env::var_os(PROTECTED).map(PathBuf::from) else {
        return;
    };
    for (name, key) in [
        ("file.gpkg", "project.error.read_only"),
        ("folder/file.gpkg", "project.error.read_only_folder"),
    ] {
        let path = path.join(name);
        assert_eq!(Project::open(&path).unwrap_err().message().key(), key);
        let (mut project, reason) = Project::open_as_permitted(&path).unwrap();
        assert!(project.is_read_only());
        assert_eq!(reason.unwrap().key(), key);
        assert_eq!(project.find_code("V1").unwrap().len(), 1);
        project.network(&NoProgress).unwrap();
        let refused = project.set_setting("a", "b").unwrap_err();
        assert_eq!(refused.message().key(), "project.error.read_only");
    }
    let hidden = path.join("hidden.gpkg");
    assert_eq!(
        Project::open_as_permitted(&hidden).unwrap_err().message().key(),
        "project.error.cannot_open"
    );
    let (schema, crs) = (Schema::builtin().unwrap(), Crs::local_metric());
    let new = NewProject {
        name: "n",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    };
    let created = Project::create(path.join("folder/new.gpkg"), &new).unwrap_err();
    assert_eq!(created.message().key(), "project.error.cannot_open");
}

#[test]
fn protected_files_open_for_reading_and_say_so() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let folder = tempfile::Builder::new()
        .prefix("karez-test-")
        .tempdir_in("/tmp")
        .unwrap();
    open_to_all(folder.path());
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let file = folder.path().join("file.gpkg");
    let mut project = new_project(&file);
    let valve = feature(
        &project,
        ids().next_id(),
        "valve",
        point(1.0, 1.0),
        &[("code", text("V1"))],
    );
    write(&mut project, &[valve]);
    project.close().unwrap();
    let is_root = std::fs::metadata(folder.path()).unwrap().uid() == 0;
    let mode = |name: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (name, bits) in [
        ("folder/file.gpkg", 0o666),
        ("hidden.gpkg", 0o000),
        ("file.gpkg", 0o444),
    ] {
        if name != "file.gpkg" {
            std::fs::write(folder.path().join(name), std::fs::read(&file).unwrap()).unwrap();
        }
        mode(name, bits);
    }
    mode("folder", 0o555);
    if is_root {
        as_nobody("project::tests::hostile::protected", PROTECTED, folder.path());
    } else {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "project::tests::hostile::protected"])
            .env(PROTECTED, folder.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    mode("folder", 0o755);
}
