//! Two libraries, two processes, one file.

use super::*;

#[test]
fn a_project_may_go_to_another_thread() {
    fn goes<T: Send>() {}
    goes::<Project>();
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

/// Whether another process may run a statement on the file at once; no when it is locked.
fn may_others(statement: &str, path: &Path) -> bool {
    let output = Command::new("/usr/bin/python3")
        .arg("-c")
        .arg("import sqlite3, sys\nsqlite3.connect(sys.argv[1], timeout=0).execute(sys.argv[2])")
        .arg(path)
        .arg(statement)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || said.contains("locked"), "{said}");
    output.status.success()
}

/// Whether another process gets the write lock of the file.
fn is_writable_by_others(path: &Path) -> bool {
    may_others("BEGIN IMMEDIATE", path)
}

/// Whether another process may end the write-ahead mode of a file, for which nobody else may have it open.
fn is_free_for_others(path: &Path) -> bool {
    may_others("PRAGMA journal_mode = DELETE", path)
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

/// Looking into a source must not open it by other means than SQLite: the system drops the locks of a whole process when
/// one descriptor of a file is closed.
#[test]
fn importing_the_open_project_is_refused_and_its_lock_survives() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let valve = valve_a(&project);
    write(&mut project, &[valve]);
    let options = crate::io::ImportOptions::default();
    // In write-ahead mode the first look takes the lock that keeps others from ending the mode.
    project.summary().unwrap();
    assert!(!is_free_for_others(&path));

    let link = folder.path().join("link.gpkg");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for source in [&path, &link] {
        let refused = crate::io::import(&mut project, source, &options, &mut ids(), &NoProgress).unwrap_err();
        assert_eq!(refused.message().key(), "io.source.itself");
        assert!(!is_free_for_others(&path), "{}", source.display());
    }
    let schema = Schema::builtin().unwrap();
    crate::io::inspect(&path, &options, &schema).unwrap();
    drop(crate::io::open_source(&path, &options, &mut ids(), 1, &NoProgress).unwrap());
    let mut other = new_project(&folder.path().join("other.gpkg"));
    crate::io::import(&mut other, &path, &options, &mut ids(), &NoProgress).unwrap();
    assert_eq!(other.summary().unwrap().feature_count(), 1);
    assert!(!is_free_for_others(&path));

    // A folder with the project and something else in it: the project is left out, and says so.
    std::fs::write(
        folder.path().join("nodes.csv"),
        "code,class,x,y\nV9,valve,500000,4850000\n",
    )
    .unwrap();
    let mut more_ids = IdSource::new(CREATED_UNIX_MS + 1, 9);
    let report = crate::io::import(&mut other, folder.path(), &options, &mut more_ids, &NoProgress).unwrap();
    let said: Vec<&str> = report.issues.iter().map(|i| i.message.key()).collect();
    assert!(said.contains(&"io.source.project_in_folder"), "{said:?}");
    assert_eq!(other.find_code("V9").unwrap().len(), 1);
    assert!(
        !is_free_for_others(&path),
        "the locks of the open project are gone"
    );

    project.close().unwrap();
    assert!(is_free_for_others(&path), "the test sees a file that is free");
}

const VICTIM: &str = "KAREZ_TEST_VICTIM";

/// Not a test by itself: the process that `a_killed_writer_leaves_all_or_nothing` starts and kills.
#[test]
fn victim() {
    let Ok(task) = std::env::var(VICTIM) else { return };
    let (how, path) = task.split_once(' ').unwrap();
    let mut project = Project::open(path).unwrap();
    let mut ids = IdSource::new(CREATED_UNIX_MS + 1, 8);
    let valves: Vec<Feature> = valves(&project, &mut ids, 30_000);
    // More than the page cache holds is in the file already when the process dies.
    project
        .connection
        .execute_batch("PRAGMA cache_size = 50; PRAGMA cache_spill = 1;")
        .unwrap();
    let mut bulk = project.begin_bulk().unwrap();
    for valve in &valves {
        bulk.insert(valve).unwrap();
    }
    if how == "commit" {
        bulk.finish().unwrap();
        std::fs::write(format!("{path}.ready"), "").unwrap();
        std::thread::sleep(std::time::Duration::from_mins(1));
    } else {
        std::fs::write(format!("{path}.ready"), "").unwrap();
        std::thread::sleep(std::time::Duration::from_mins(1));
        drop(bulk);
    }
}

#[test]
fn a_killed_writer_leaves_all_or_nothing() {
    for (how, expected) in [("hang", 1), ("commit", 30_001)] {
        let folder = folder();
        let path = folder.path().join("city.gpkg");
        let mut project = new_project(&path);
        let first = valve_a(&project);
        write(&mut project, &[first]);
        project.close().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "project::tests::process::victim"])
            .env(VICTIM, format!("{how} {}", path.display()))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let ready = folder.path().join("city.gpkg.ready");
        for _ in 0..600 {
            if ready.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        assert!(ready.exists(), "{how}: the writer got nowhere");
        child.kill().unwrap();
        child.wait().unwrap();

        let project = Project::open(&path).unwrap();
        assert_eq!(project.summary().unwrap().feature_count(), expected, "{how}");
        assert_eq!(project.find_code("A").unwrap().len(), 1, "{how}");
        let boxes: i64 = project
            .connection
            .query_row("SELECT count(*) FROM rtree_valve_geom", [], |row| row.get(0))
            .unwrap();
        assert_eq!(boxes as u64, expected, "{how}");
        project.close().unwrap();
        validate(&path);
    }
}
