//! Transactions, the journal and the tree of undo on real files.

use super::*;
use crate::edit::{Cell, Content, Edit, Transaction};
use crate::project::{Effects, Stamp};

const CLERK: Stamp<'_> = Stamp {
    who: "李工",
    at_unix_ms: CREATED_UNIX_MS + 1000,
};

/// Everything the features are, in an order of its own: two projects with the same dump hold the same.
pub(super) fn dump(project: &Project) -> String {
    let schema = project.schema();
    let mut lines = Vec::new();
    for class in schema.class_indices() {
        let each = |feature: Feature| {
            let mut one = Transaction::new(Message::new("dump"));
            one.edits.push(Edit::Insert(feature));
            lines.push(one.to_json(schema)?);
            Ok(())
        };
        project.for_each(class, each).unwrap();
    }
    lines.sort();
    lines.join("\n")
}

fn named(name: &'static str, edits: Vec<Edit>) -> Transaction {
    Transaction {
        name: Message::new(name),
        edits,
    }
}

/// Two junctions and a pipe between them.
fn street(project: &Project, ids: &mut IdSource) -> Vec<Feature> {
    let a = feature(
        project,
        ids.next_id(),
        "junction",
        point(0.0, 0.0),
        &[("code", text("A"))],
    );
    let b = feature(
        project,
        ids.next_id(),
        "junction",
        point(100.0, 0.0),
        &[("code", text("B"))],
    );
    let values = [("code", text("P1")), ("diameter_mm", Value::Integer(300))];
    let mut pipe = feature(
        project,
        ids.next_id(),
        "pipe",
        line(&[[0.0, 0.0], [100.0, 0.0]]),
        &values,
    );
    pipe.links.from = Some(a.id);
    pipe.links.to = Some(b.id);
    vec![a, b, pipe]
}

fn insert_all(features: &[Feature]) -> Transaction {
    named("draw", features.iter().cloned().map(Edit::Insert).collect())
}

fn set(project: &Project, feature: &Feature, field: &str, value: Value) -> Transaction {
    let class = project.schema().class(feature.class);
    let mut changed = feature.clone();
    changed.values[class.field_index(field).unwrap()] = value;
    let mut transaction = Transaction::new(Message::new("set"));
    transaction.change(project.schema(), feature, &changed);
    transaction
}

fn current(project: &Project, of: &Feature) -> Feature {
    project.record(of.class, of.id).unwrap().unwrap()
}

#[test]
fn what_was_committed_can_be_taken_back_and_done_again_after_closing() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let empty = dump(&project);
    let street = street(&project, &mut ids());
    let effects = project.commit(&insert_all(&street), CLERK).unwrap();
    assert_eq!(effects.changed.len(), 3);
    assert!(
        effects
            .changed
            .iter()
            .all(|c| c.before.is_none() && c.after.is_some())
    );
    let drawn = dump(&project);
    project
        .commit(
            &set(
                &project,
                &current(&project, &street[2]),
                "diameter_mm",
                Value::Real(200.0),
            ),
            CLERK,
        )
        .unwrap();
    let narrowed = dump(&project);
    project.close().unwrap();
    validate(&path);

    let mut project = Project::open(&path).unwrap();
    assert_eq!(
        dump(&project),
        narrowed,
        "nothing is lost on the way through the file"
    );
    project.undo(CLERK).unwrap();
    assert_eq!(dump(&project), drawn);
    project.undo(CLERK).unwrap();
    assert_eq!(dump(&project), empty);
    let nothing = project.undo(CLERK).unwrap_err();
    assert_eq!(nothing.message().key(), "edit.error.nothing_to_undo");
    project.close().unwrap();

    let mut project = Project::open(&path).unwrap();
    project.redo(CLERK).unwrap();
    project.redo(CLERK).unwrap();
    assert_eq!(dump(&project), narrowed);
    let nothing = project.redo(CLERK).unwrap_err();
    assert_eq!(nothing.message().key(), "edit.error.nothing_to_redo");
    project.close().unwrap();
    validate(&path);
}

#[test]
fn an_edit_after_undoing_begins_a_branch_and_the_other_one_stays() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let street = street(&project, &mut ids());
    project.commit(&insert_all(&street), CLERK).unwrap();
    let pipe = current(&project, &street[2]);
    let widened = set(&project, &pipe, "diameter_mm", Value::Real(400.0));
    project.commit(&widened, CLERK).unwrap();
    let wide = dump(&project);
    project.undo(CLERK).unwrap();
    project
        .commit(&set(&project, &pipe, "diameter_mm", Value::Real(200.0)), CLERK)
        .unwrap();
    let narrow = dump(&project);

    let history = project.history().unwrap();
    let parents: Vec<_> = history
        .entries
        .iter()
        .map(|e| (e.parent, e.is_in_force))
        .collect();
    assert_eq!(parents, [(0, true), (1, false), (1, true)]);
    assert_eq!(history.position, 3);
    assert_eq!(
        (history.entries[0].who.as_str(), history.entries[0].at_unix_ms),
        ("李工", CLERK.at_unix_ms)
    );

    let effects = project.jump_to(2, CLERK).unwrap();
    assert_eq!(dump(&project), wide, "back to the fork and up the other branch");
    assert_eq!(effects.changed.len(), 1, "the pipe changed, once");
    project.undo(CLERK).unwrap();
    project.redo(CLERK).unwrap();
    assert_eq!(dump(&project), wide, "redo follows the branch that was left last");
    project.jump_to(3, CLERK).unwrap();
    assert_eq!(dump(&project), narrow);
    let unknown = project.jump_to(9, CLERK).unwrap_err();
    assert_eq!(unknown.message().key(), "edit.error.unknown_entry");
    assert_eq!(dump(&project), narrow);

    let traces = project.history_of(pipe.id).unwrap();
    let told: Vec<_> = traces
        .iter()
        .map(|t| (t.entry.number, t.edits.edits.len()))
        .collect();
    assert_eq!(told, [(1, 1), (2, 1), (3, 1)]);
    assert!(matches!(&traces[1].edits.edits[0], Edit::Update(u)
        if u.cells[0].old.short() == "300" && u.cells[0].new.short() == "400"));
}

#[test]
fn an_edit_of_something_that_changed_meanwhile_is_refused_with_what_was_found() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let street = street(&project, &mut ids());
    project.commit(&insert_all(&street), CLERK).unwrap();
    let pipe = current(&project, &street[2]);
    let mine = set(&project, &pipe, "diameter_mm", Value::Real(400.0));
    project
        .commit(&set(&project, &pipe, "diameter_mm", Value::Real(200.0)), CLERK)
        .unwrap();
    let before = dump(&project);
    let refused = project.commit(&mine, CLERK).unwrap_err();
    let said = refused.text(Lang::En);
    assert!(
        said.contains("P1") && said.contains("200") && said.contains("300"),
        "{said}"
    );
    assert_eq!(dump(&project), before);
    assert_eq!(
        project.history().unwrap().entries.len(),
        2,
        "a failed edit leaves no entry"
    );

    // The other cells of the same pipe are free.
    project
        .commit(&set(&project, &pipe, "road", text("北京路")), CLERK)
        .unwrap();
    let gone = named("delete", vec![Edit::Delete(pipe)]);
    assert_eq!(
        project.commit(&gone, CLERK).unwrap_err().message().key(),
        "edit.error.stale"
    );
}

#[test]
fn no_commit_leaves_a_link_that_leads_nowhere() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let street = street(&project, &mut ids());
    project.commit(&insert_all(&street), CLERK).unwrap();
    let before = dump(&project);
    let node = current(&project, &street[0]);
    let pipe = current(&project, &street[2]);

    let orphaning = named("delete", vec![Edit::Delete(node.clone())]);
    let said = project.commit(&orphaning, CLERK).unwrap_err().text(Lang::En);
    assert!(said.contains("P1") && said.contains(" A"), "{said}");

    let mut lost = pipe.clone();
    lost.links.to = Some(ids().next_id());
    lost.links.from = Some(pipe.id);
    let mut transaction = Transaction::new(Message::new("lost"));
    transaction.change(project.schema(), &pipe, &lost);
    assert_eq!(
        project.commit(&transaction, CLERK).unwrap_err().message().key(),
        "edit.error.dangling"
    );
    assert_eq!(dump(&project), before);

    // Both together are fine, in whatever order they stand.
    project
        .commit(
            &named("delete", vec![Edit::Delete(node), Edit::Delete(pipe)]),
            CLERK,
        )
        .unwrap();
}

#[test]
fn a_transaction_that_fails_half_way_changes_nothing() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let mut ids = ids();
    let street = street(&project, &mut ids);
    let mut bad = feature(&project, ids.next_id(), "junction", point(f64::NAN, 0.0), &[]);
    let mut all = street.clone();
    all.push(bad.clone());
    assert_eq!(
        project
            .commit(&insert_all(&all), CLERK)
            .unwrap_err()
            .message()
            .key(),
        "project.error.unfit"
    );
    // One vertex is no line.
    bad = feature(&project, ids.next_id(), "pipe", line(&[[5.0, 5.0]]), &[]);
    all[3] = bad;
    assert_eq!(
        project
            .commit(&insert_all(&all), CLERK)
            .unwrap_err()
            .message()
            .key(),
        "project.error.unfit"
    );
    assert_eq!(dump(&project), "");
    assert_eq!(project.history().unwrap().entries.len(), 0);
    project.commit(&insert_all(&street), CLERK).unwrap();
    let twice = project.commit(&insert_all(&street), CLERK).unwrap_err();
    assert_eq!(twice.message().key(), "edit.error.exists");
}

#[test]
fn a_project_that_is_read_only_is_neither_edited_nor_undone() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let street = street(&project, &mut ids());
    project.commit(&insert_all(&street), CLERK).unwrap();
    project.close().unwrap();
    let mut project = Project::open_read_only(&path).unwrap();
    let keys = [
        project.commit(&insert_all(&street), CLERK),
        project.undo(CLERK),
        project.redo(CLERK),
        project.jump_to(0, CLERK),
    ]
    .map(|refused: crate::Result<Effects>| refused.unwrap_err().message().key().to_owned());
    assert_eq!(keys, ["project.error.read_only"; 4]);
    assert_eq!(project.history().unwrap().entries.len(), 1);
}

/// A random edit that is possible now.
fn random_edit(project: &Project, random: &mut IdSource, ids: &mut IdSource) -> Transaction {
    let mut next = |below: usize| random.next_id().0.as_u128() as u32 as usize % below;
    let mut all = Vec::new();
    for class in project.schema().class_indices() {
        project
            .for_each(class, |f| {
                all.push(f);
                Ok(())
            })
            .unwrap();
    }
    let choice = next(4);
    if all.len() < 3 || choice == 0 {
        let mut street = street(project, ids);
        let shift = next(1000) as f64 / 7.0;
        street[0].geometry = point(shift, shift / 3.0);
        return insert_all(&street);
    }
    let chosen = all[next(all.len())].clone();
    if choice == 1 {
        let referrers = project.referrers(chosen.id).unwrap();
        let mut edits: Vec<Edit> = referrers
            .into_iter()
            .map(|(class, id)| Edit::Delete(project.record(class, id).unwrap().unwrap()))
            .collect();
        edits.push(Edit::Delete(chosen));
        return named("delete", edits);
    }
    let mut changed = chosen.clone();
    for cell in Cell::all(project.schema().class(chosen.class)) {
        if let Content::Geometry(Geometry::Point(p)) = cell.of(&chosen) {
            let z = if next(2) == 0 { f64::NAN } else { 0.1 + p[0] };
            cell.put(
                &mut changed,
                &Content::Geometry(Geometry::Point([p[0] / 3.0, p[1] + 0.1, z])),
            );
        }
    }
    let fields = &project.schema().class(chosen.class).fields;
    let field = next(fields.len());
    changed.values[field] = match fields[field].field_type {
        FieldType::Text | FieldType::Code(_) => text("北京路“1”\n"),
        FieldType::Integer => Value::Integer(next(99) as i64),
        FieldType::Real => Value::Real(next(99) as f64 / 7.0),
        FieldType::Boolean => Value::Boolean(next(2) == 0),
        FieldType::Date => Value::Date(NaiveDate::from_ymd_opt(2020, 2, 29).unwrap()),
    };
    let mut transaction = Transaction::new(Message::new("change"));
    transaction.change(project.schema(), &chosen, &changed);
    transaction
}

#[test]
fn random_edits_and_random_walks_through_their_tree_come_back_to_the_same_project() {
    for seed in 1..6 {
        let folder = folder();
        let path = folder.path().join("city.gpkg");
        let mut project = new_project(&path);
        let (mut random, mut ids) = (IdSource::new(1, seed), ids());
        let mut dumps = vec![dump(&project)];
        for _ in 0..30 {
            if (random.next_id().0.as_u128() as u32).is_multiple_of(4) {
                let to = random.next_id().0.as_u128() as u32 as usize % dumps.len();
                project.jump_to(to as i64, CLERK).unwrap();
                assert_eq!(dump(&project), dumps[to], "seed {seed}, entry {to}");
            }
            let edit = random_edit(&project, &mut random, &mut ids);
            let entries = project.history().unwrap().entries.len();
            project.commit(&edit, CLERK).unwrap();
            if project.history().unwrap().entries.len() > entries {
                dumps.push(dump(&project));
            }
        }
        assert!(dumps.len() > 20, "the walk did something");
        for to in [0, dumps.len() - 1, dumps.len() / 2] {
            project.jump_to(to as i64, CLERK).unwrap();
            assert_eq!(dump(&project), dumps[to], "seed {seed}, entry {to}");
        }
        assert_eq!(project.damage().unwrap().len(), 0);
        project.close().unwrap();
        validate(&path);
    }
}

/// What is in memory of a class, value by value in the order of the file.
fn kept(project: &Project, class: ClassIndex) -> Vec<(FeatureId, Vec<Value>)> {
    let fields = &project.schema().class(class).fields;
    let keys: Vec<String> = fields.iter().map(|field| field.key.clone()).collect();
    let columns = project.kept_columns(class, &keys).unwrap();
    let value = |column: &Option<std::sync::Arc<crate::project::CodedColumn>>, row: usize| {
        let column = column.as_ref().unwrap();
        column.values[column.codes[row] as usize].clone()
    };
    let rows = columns.ids.iter().enumerate();
    rows.map(|(row, id)| (*id, columns.columns.iter().map(|c| value(c, row)).collect()))
        .collect()
}

#[test]
fn columns_in_memory_follow_edits_undo_and_redo() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let (mut random, mut ids) = (IdSource::new(1, 9), ids());
    let classes = ["pipe", "junction"].map(|key| class(&project, key));
    let forget = |project: &Project| *project.kept.borrow_mut() = crate::project::kept::Kept::default();
    let (mut entries, mut is_forgotten) = (0, true);
    for step in 0..120_usize {
        let edit = random_edit(&project, &mut random, &mut ids);
        project.commit(&edit, CLERK).unwrap();
        match step % 7 {
            2 => drop(project.undo(CLERK).unwrap()),
            3 => {
                project.undo(CLERK).unwrap();
                project.redo(CLERK).unwrap();
            }
            5 => drop(project.jump_to(entries / 2, CLERK).unwrap()),
            _ => entries = project.history().unwrap().entries.len() as i64 - 1,
        }
        // A refused edit may have been read in between.
        if step % 11 == 0 {
            let mut session = project.begin_edit().unwrap();
            let edit = random_edit(session.project(), &mut random, &mut ids);
            session.apply(&edit).unwrap();
            assert!(classes.map(|class| kept(session.project(), class).len())[1] > 0);
            drop(session);
            is_forgotten = true;
        }
        if step % 3 == 0 {
            let is_followed = project.is_asked_again(classes[0]).unwrap();
            assert!(is_followed || is_forgotten, "forgotten at {step}");
            is_forgotten = false;
            let followed = classes.map(|class| kept(&project, class));
            forget(&project);
            assert_eq!(
                followed,
                classes.map(|class| kept(&project, class)),
                "step {step}"
            );
            project.is_asked_again(classes[0]).unwrap();
        }
    }
}
