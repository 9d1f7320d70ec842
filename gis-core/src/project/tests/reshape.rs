//! Dictionaries and fields are changed together with the data, taken back, done again, and kept from upgrades.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::edits::dump;
use super::*;
use crate::edit::{Edit, Transaction};
use crate::error::Error;
use crate::progress::Progress;
use crate::project::{SchemaEffectKind, Stamp};
use crate::query::Query;
use crate::schema::{Behaviour, DictionaryEntry, EntrySetting, Field, FieldSetting, Label, SchemaChange};

const CLERK: Stamp<'_> = Stamp {
    who: "李工",
    at_unix_ms: CREATED_UNIX_MS + 1000,
};

/// Three pipes: two of PVC, one of plastic.
fn town(path: &Path) -> Vec<Feature> {
    let mut project = new_project(path);
    let mut ids = ids();
    let mut pipes = Vec::new();
    for (i, material) in ["PVC", "PVC", "PL"].into_iter().enumerate() {
        let code = format!("P{i}");
        let values = [
            ("code", text(&code)),
            ("material", text(material)),
            ("diameter_mm", Value::Real(100.0 * (i + 1) as f64)),
        ];
        let y = i as f64;
        let shape = line(&[[0.0, y], [9.0, y]]);
        pipes.push(feature(&project, ids.next_id(), "pipe", shape, &values));
    }
    write(&mut project, &pipes);
    project.close().unwrap();
    pipes
}

fn merge(code: &str, into: &str) -> SchemaChange {
    SchemaChange::MergeEntry {
        dictionary: "material".to_owned(),
        code: code.to_owned(),
        into: into.to_owned(),
    }
}

fn label(zh: &str, en: &str) -> Label {
    Label {
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}

fn lining() -> SchemaChange {
    SchemaChange::AddField {
        class: "pipe".to_owned(),
        field: Box::new(Field {
            id: 0,
            key: "lining_mm".to_owned(),
            label: label("衬里厚度", "Lining thickness"),
            field_type: FieldType::Real,
            unit: Some("mm".to_owned()),
            required: false,
            default: None,
            minimum: Some(0.0),
            maximum: None,
            sensitive: false,
            aliases: vec!["内衬".to_owned()],
            is_retired: false,
        }),
    }
}

fn add_entry(code: &str, zh: &str) -> SchemaChange {
    SchemaChange::AddEntry {
        dictionary: "material".to_owned(),
        entry: DictionaryEntry {
            code: code.to_owned(),
            label: label(zh, ""),
            aliases: Vec::new(),
            behaviour: Behaviour::default(),
            is_retired: false,
            replaced_by: None,
        },
        before: None,
    }
}

fn set(field: &str, setting: FieldSetting) -> SchemaChange {
    SchemaChange::SetField {
        class: "pipe".to_owned(),
        field: field.to_owned(),
        setting,
    }
}

fn materials(project: &Project, pipes: &[Feature]) -> Vec<String> {
    let at = project
        .schema()
        .class(pipes[0].class)
        .field_index("material")
        .unwrap();
    let record = |pipe: &Feature| project.record(pipe.class, pipe.id).unwrap().unwrap();
    let text = |pipe: &Feature| record(pipe).values[at].as_text().unwrap().to_owned();
    pipes.iter().map(text).collect()
}

fn found(project: &Project, condition: &str) -> usize {
    let query = Query {
        classes: vec![class(project, "pipe")],
        condition: Some(condition.to_owned()),
        ..Query::default()
    };
    query.run(project, &NoProgress).unwrap().len()
}

fn set_lining(project: &mut Project, pipe: &Feature, thickness: f64) {
    let old = project.record(pipe.class, pipe.id).unwrap().unwrap();
    let mut new = old.clone();
    let at = project
        .schema()
        .class(pipe.class)
        .field_index("lining_mm")
        .unwrap();
    new.values[at] = Value::Real(thickness);
    let mut edit = Transaction::new(Message::new("set"));
    edit.change(project.schema(), &old, &new);
    project.commit(&edit, CLERK).unwrap();
}

#[test]
fn merging_replaces_the_code_in_the_data_and_comes_back_feature_by_feature() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let pipes = town(&path);
    let mut project = Project::open(&path).unwrap();
    let before = (dump(&project), project.schema().clone());
    let effects = project.schema_effects(&[merge("PVC", "PL")]).unwrap();
    assert_eq!(
        effects.iter().map(|e| (e.kind, e.count)).collect::<Vec<_>>(),
        [(SchemaEffectKind::Replaced, 2)]
    );
    assert_eq!(dump(&project), before.0, "looking changes nothing");

    let done = project
        .change_schema(&[merge("PVC", "PL")], CLERK, &NoProgress)
        .unwrap();
    assert!(done.is_schema_changed);
    assert_eq!(done.recoded, 2);
    assert_eq!(materials(&project, &pipes), ["PL", "PL", "PL"]);
    let after = (dump(&project), project.schema().clone());
    assert_eq!(
        project.history_of(pipes[0].id).unwrap().len(),
        1,
        "it is in the history of the feature"
    );

    let undone = project.undo(CLERK).unwrap();
    assert!(undone.is_schema_changed);
    assert_eq!(
        materials(&project, &pipes),
        ["PVC", "PVC", "PL"],
        "the third was plastic before"
    );
    assert_eq!((dump(&project), project.schema().clone()), before);

    project.redo(CLERK).unwrap();
    assert_eq!((dump(&project), project.schema().clone()), after);
    project.close().unwrap();
    let again = Project::open(&path).unwrap();
    assert_eq!(again.schema(), &after.1);
    assert_eq!(again.schema_revision().unwrap(), 3);
    assert_eq!(again.schema_changes_of(1).unwrap(), [merge("PVC", "PL")]);
}

#[test]
fn a_new_field_is_there_at_once_and_taking_it_back_keeps_what_was_written() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let pipes = town(&path);
    let mut project = Project::open(&path).unwrap();
    project.change_schema(&[lining()], CLERK, &NoProgress).unwrap();
    set_lining(&mut project, &pipes[0], 6.5);
    for condition in [
        "lining_mm > 6",
        "衬里厚度 > 6",
        "\"Lining thickness\" > 6",
        "内衬 = 6.5",
    ] {
        assert_eq!(found(&project, condition), 1, "{condition}");
    }
    project.undo(CLERK).unwrap();
    project.undo(CLERK).unwrap();
    let at = project
        .schema()
        .class(pipes[0].class)
        .field_index("lining_mm")
        .unwrap();
    assert!(project.schema().class(pipes[0].class).fields[at].is_retired);
    project.redo(CLERK).unwrap();
    project.redo(CLERK).unwrap();
    assert!(!project.schema().class(pipes[0].class).fields[at].is_retired);
    assert_eq!(found(&project, "lining_mm > 6"), 1);
    // Further edits of features on the new columns go both ways as well.
    project.jump_to(0, CLERK).unwrap();
    project.jump_to(2, CLERK).unwrap();
    assert_eq!(found(&project, "lining_mm > 6"), 1);
    project.close().unwrap();
    validate(&path);
    assert_eq!(found(&Project::open(&path).unwrap(), "lining_mm = 6.5"), 1);
    let said = ogr("ogrinfo", &["-so", path.to_str().unwrap(), "pipe"]);
    assert!(said.contains("lining_mm: Real"), "{said}");
}

#[test]
fn what_another_program_writes_into_a_new_field_is_taken_in_and_undone() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let pipes = town(&path);
    let mut project = Project::open(&path).unwrap();
    project.change_schema(&[lining()], CLERK, &NoProgress).unwrap();
    project.close().unwrap();
    let sql = "UPDATE pipe SET lining_mm = 7.25 WHERE code = 'P1'";
    ogr("ogrinfo", &["-q", "-sql", sql, path.to_str().unwrap()]);
    let mut project = Project::open(&path).unwrap();
    let outside = &project.outside_on_opening().changed;
    assert_eq!(outside.len(), 1);
    assert_eq!(found(&project, "lining_mm = 7.25"), 1);
    project.undo(CLERK).unwrap();
    assert_eq!(found(&project, "lining_mm = 7.25"), 0);
    assert_eq!(project.history_of(pipes[1].id).unwrap().len(), 1);
}

#[test]
fn an_upgrade_leaves_alone_what_people_retired_merged_renamed_and_added() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let mut project = Project::open(&path).unwrap();
    let own = Field {
        id: 0,
        key: "sensor".to_owned(),
        label: label("传感器", "Sensor"),
        field_type: FieldType::Text,
        unit: None,
        required: false,
        default: None,
        minimum: None,
        maximum: None,
        sensitive: false,
        aliases: Vec::new(),
        is_retired: false,
    };
    let changes = [
        merge("PVC", "PL"),
        SchemaChange::RetireEntry {
            dictionary: "material".to_owned(),
            code: "BR".to_owned(),
        },
        SchemaChange::SetEntry {
            dictionary: "material".to_owned(),
            code: "DI".to_owned(),
            setting: EntrySetting::Label(label("球墨铸铁管材", "Nodular iron")),
        },
        SchemaChange::MoveEntry {
            dictionary: "material".to_owned(),
            code: "DI".to_owned(),
            before: None,
        },
        add_entry("X9", "新型管材"),
        SchemaChange::RetireField {
            class: "pipe".to_owned(),
            field: "loss_coefficient".to_owned(),
        },
        set(
            "diameter_mm",
            FieldSetting::Label(label("公称直径", "Nominal diameter")),
        ),
        SchemaChange::AddField {
            class: "pipe".to_owned(),
            field: Box::new(own),
        },
    ];
    project.change_schema(&changes, CLERK, &NoProgress).unwrap();
    let wanted = project.schema().clone();
    project.close().unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE karez_meta SET value = 'earlier' WHERE key = 'schema_version'")
        .unwrap();
    assert_eq!(Project::open(&path).unwrap().schema(), &wanted);
}

#[test]
fn an_added_code_that_an_import_uses_by_now_is_retired_instead_of_removed() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let mut project = Project::open(&path).unwrap();
    let before = project.schema().clone();
    project
        .change_schema(&[add_entry("X9", "新型管材")], CLERK, &NoProgress)
        .unwrap();
    project.undo(CLERK).unwrap();
    assert_eq!(project.schema(), &before);
    project.redo(CLERK).unwrap();
    let pipe = feature(
        &project,
        IdSource::new(CREATED_UNIX_MS, 8).next_id(),
        "pipe",
        None,
        &[("code", text("P9")), ("material", text("X9"))],
    );
    write(&mut project, &[pipe]);
    project.undo(CLERK).unwrap();
    let dictionary = project.schema().dictionary("material").unwrap();
    assert!(dictionary.entry("X9").unwrap().is_retired);
    project.redo(CLERK).unwrap();
    let dictionary = project.schema().dictionary("material").unwrap();
    assert!(!dictionary.entry("X9").unwrap().is_retired);
}

#[test]
fn rules_that_become_stricter_tell_who_breaks_them_and_change_no_value() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    town(&path);
    let mut project = Project::open(&path).unwrap();
    let changes = [
        set(
            "diameter_mm",
            FieldSetting::Domain {
                minimum: Some(150.0),
                maximum: Some(250.0),
            },
        ),
        set("remark", FieldSetting::Required(true)),
        lining(),
        set("lining_mm", FieldSetting::Required(true)),
    ];
    let effects = project.schema_effects(&changes).unwrap();
    let told: Vec<_> = effects.iter().map(|e| (e.change, e.kind, e.count)).collect();
    assert_eq!(
        told,
        [(0, SchemaEffectKind::Broken, 2), (1, SchemaEffectKind::Broken, 3)]
    );
    project.change_schema(&changes, CLERK, &NoProgress).unwrap();
    assert_eq!(found(&project, "diameter_mm = 100 or diameter_mm = 300"), 2);
}

/// Says stop after a number of questions.
struct Impatient(AtomicU64, AtomicBool);

impl Progress for Impatient {
    fn report(&self, _: &Message, _: u64, _: Option<u64>) {
        self.1.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 1
    }
}

#[test]
fn a_cancelled_or_refused_change_leaves_schema_and_data_as_they_were() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let pipes = town(&path);
    let mut project = Project::open(&path).unwrap();
    let before = (dump(&project), project.schema().clone());
    let impatient = Impatient(AtomicU64::new(0), AtomicBool::new(false));
    let error = project
        .change_schema(
            &[lining(), merge("PVC", "PL"), merge("PL", "PE")],
            CLERK,
            &impatient,
        )
        .unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error}");
    assert!(impatient.1.load(Ordering::Relaxed), "it had begun");
    assert_eq!((dump(&project), project.schema().clone()), before);
    project
        .change_schema(&[merge("PVC", "nothing")], CLERK, &NoProgress)
        .unwrap_err();
    assert_eq!((dump(&project), project.schema().clone()), before);
    assert_eq!(materials(&project, &pipes), ["PVC", "PVC", "PL"]);
    assert_eq!(project.history().unwrap().entries.len(), 0);
}

#[test]
fn taking_a_merge_back_is_refused_where_another_edit_came_between() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let pipes = town(&path);
    let mut project = Project::open(&path).unwrap();
    project
        .change_schema(&[merge("PVC", "PL")], CLERK, &NoProgress)
        .unwrap();
    // As an import over the features would do it, past the journal.
    project.execute("INSERT INTO karez_writing VALUES (1)", []);
    project.execute("UPDATE pipe SET material = 'DI' WHERE code = 'P0'", []);
    project.execute("DELETE FROM karez_writing", []);
    let error = project.undo(CLERK).unwrap_err().text(Lang::En);
    assert!(error.contains("P0") && error.contains("material"), "{error}");
    assert_eq!(materials(&project, &pipes), ["DI", "PL", "PL"]);
    assert!(
        project
            .schema()
            .dictionary("material")
            .unwrap()
            .entry("PVC")
            .unwrap()
            .is_retired
    );
}

#[test]
fn edits_made_for_the_new_schema_meet_features_that_were_deleted_before_it() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let pipes = town(&path);
    let mut project = Project::open(&path).unwrap();
    let mut gone = Transaction::new(Message::new("delete"));
    gone.edits.push(Edit::Delete(
        project.record(pipes[2].class, pipes[2].id).unwrap().unwrap(),
    ));
    project.commit(&gone, CLERK).unwrap();
    project
        .change_schema(&[lining(), merge("PVC", "PL")], CLERK, &NoProgress)
        .unwrap();
    set_lining(&mut project, &pipes[0], 3.0);
    project.jump_to(0, CLERK).unwrap();
    assert_eq!(materials(&project, &pipes), ["PVC", "PVC", "PL"]);
    project.jump_to(3, CLERK).unwrap();
    assert_eq!(materials(&project, &pipes[..2]), ["PL", "PL"]);
    assert_eq!(found(&project, "lining_mm = 3"), 1);
}
