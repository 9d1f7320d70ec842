//! Projects made with an earlier schema of the program take in what was added since.

use super::*;
use crate::edit::ops::Request;
use crate::edit::{Edit, TIES_FIELD, Transaction};
use crate::project::Stamp;

const CLERK: Stamp<'_> = Stamp {
    who: "李工",
    at_unix_ms: CREATED_UNIX_MS + 1000,
};

/// As it was before ties, the last class and a code were added.
fn earlier_schema() -> Schema {
    let mut schema = Schema::builtin().unwrap();
    schema.classes.pop();
    for class in &mut schema.classes {
        class.fields.retain(|field| field.key != TIES_FIELD);
    }
    schema.dictionaries.get_mut("life_state").unwrap().entries.pop();
    schema
}

fn earlier_project(path: &Path) -> Feature {
    let (schema, crs) = (earlier_schema(), crs());
    let new = NewProject {
        name: "旧工程",
        crs: &crs,
        schema: &schema,
        created_unix_ms: CREATED_UNIX_MS,
    };
    let mut project = Project::create(path, &new).unwrap();
    let valve = valve_a(&project);
    let mut drawn = Transaction::new(Message::new("draw"));
    drawn.edits.push(Edit::Insert(valve.clone()));
    project.commit(&drawn, CLERK).unwrap();
    project.close().unwrap();
    sql(
        path,
        "UPDATE karez_meta SET value = 'earlier' WHERE key = 'schema_version'",
    );
    valve
}

fn sql(path: &Path, text: &str) {
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch(text)
        .unwrap();
}

#[test]
fn a_project_of_an_earlier_schema_gets_what_was_added_and_keeps_its_history() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let valve = earlier_project(&path);
    let builtin = Schema::builtin().unwrap();
    let last = builtin.classes.last().unwrap().key.clone();
    let before = std::fs::read(&path).unwrap();

    let project = Project::open_read_only(&path).unwrap();
    assert!(project.schema().class_index(&last).is_none());
    let as_drawn = project.record(valve.class, valve.id).unwrap().unwrap();
    drop(project);
    assert_eq!(std::fs::read(&path).unwrap(), before, "reading changes nothing");

    let mut project = Project::open(&path).unwrap();
    let tie = r#"{"op":"tie_node","class":"valve","tie":{"mode":"point_bearing","point":[0,0],"bearing_deg":10,"distance_m":5},"values":{"code":"V"}}"#;
    let tied = Request::from_json(tie)
        .and_then(|request| request.plan(&project, &mut IdSource::new(CREATED_UNIX_MS, 8)))
        .unwrap();
    project.commit(&tied, CLERK).unwrap();
    let (ours, theirs) = (project.schema(), &builtin);
    assert_eq!(ours.classes.len(), theirs.classes.len());
    assert!(ours.class_index(&last).is_some());
    assert_eq!(
        ours.dictionary("life_state").unwrap().entries.len(),
        theirs.dictionary("life_state").unwrap().entries.len()
    );
    let widened = project.record(valve.class, valve.id).unwrap().unwrap();
    assert_eq!(widened.values.len(), as_drawn.values.len() + 1);
    assert_eq!(
        widened.values[..as_drawn.values.len()],
        as_drawn.values[..],
        "what was there is as it was"
    );

    project.undo(CLERK).unwrap();
    project.undo(CLERK).unwrap();
    assert!(
        project.find_code("A").unwrap().is_empty(),
        "an entry from before is taken back"
    );
    project.redo(CLERK).unwrap();
    assert_eq!(project.find_code("A").unwrap().len(), 1);
    project.close().unwrap();
    validate(&path);
    let layers = ogr("ogrinfo", &["-ro", "-q", path.to_str().unwrap()]);
    assert!(layers.contains(&last), "{layers}");
}

#[test]
fn an_upgrade_is_made_once() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    earlier_project(&path);
    Project::open(&path).unwrap().close().unwrap();
    let once = std::fs::read(&path).unwrap();
    let columns = |path: &Path| -> i64 {
        rusqlite::Connection::open(path)
            .unwrap()
            .query_row("PRAGMA schema_version", [], |row| row.get(0))
            .unwrap()
    };
    let version = columns(&path);
    Project::open(&path).unwrap().close().unwrap();
    assert_eq!(columns(&path), version);
    assert_eq!(std::fs::read(&path).unwrap().len(), once.len());
}

#[test]
fn a_column_that_another_program_added_serves_if_it_is_of_the_same_type() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    earlier_project(&path);
    sql(
        &path,
        &format!(
            "ALTER TABLE valve ADD COLUMN {} VARCHAR(80)",
            TIES_FIELD.to_uppercase()
        ),
    );
    let project = Project::open(&path).unwrap();
    let valve = project.schema().class(class(&project, "valve"));
    assert!(valve.field_index(TIES_FIELD).is_some());
    project.close().unwrap();
}

#[test]
fn what_stands_under_the_name_of_something_new_is_left_alone_and_named() {
    let builtin = Schema::builtin().unwrap();
    let last = &builtin.classes.last().unwrap().key;
    for (text, key) in [
        (
            format!("ALTER TABLE valve ADD COLUMN {TIES_FIELD} INTEGER"),
            "project.error.schema_conflict",
        ),
        (
            format!("CREATE TABLE {last} (a INTEGER)"),
            "project.error.table_taken",
        ),
    ] {
        let folder = folder();
        let path = folder.path().join("city.gpkg");
        earlier_project(&path);
        sql(&path, &text);
        let before = std::fs::read(&path).unwrap();
        assert_eq!(Project::open(&path).unwrap_err().message().key(), key);
        assert_eq!(std::fs::read(&path).unwrap().len(), before.len());
        let (project, reason) = Project::open_as_permitted(&path).unwrap();
        assert!(project.is_read_only(), "it can still be looked at");
        assert_eq!(reason.unwrap().key(), key);
        assert_eq!(project.find_code("A").unwrap().len(), 1);
    }
}
