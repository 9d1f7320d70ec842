//! Features as they were before a change.

use super::shape::line;
use super::{CLERK, Town, dump, node};
use crate::edit::ops::{Request, position};

fn restore(town: &Town, code: &str, before: i64) -> String {
    let feature = town.get(code).id;
    format!(r#"{{"op":"restore","feature":"{feature}","before":{before},"with_place":true}}"#)
}

fn latest(town: &Town) -> i64 {
    town.project.history().unwrap().position
}

#[test]
fn attributes_go_back_to_what_they_were_before_a_change() {
    let mut town = Town::new();
    let start = town.project.history().unwrap().position;
    town.act(r#"{"op":"set","features":["AB"],"values":{"diameter_mm":400,"material":"pe"}}"#);
    town.act(r#"{"op":"set","features":["AB"],"values":{"diameter_mm":500}}"#);
    town.project.undo(CLERK).unwrap();
    town.act(r#"{"op":"set","features":["AB"],"values":{"diameter_mm":600,"remark":"r"}}"#);
    let last = town.project.history().unwrap().position;
    let before = dump(&town.project);
    town.act(&format!(r#"{{"op":"restore","feature":"AB","before":{last}}}"#));
    assert_eq!(
        town.real("AB", "diameter_mm"),
        400.0,
        "what was undone does not count"
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    town.act(&format!(
        r#"{{"op":"restore","feature":"AB","before":{}}}"#,
        start + 1
    ));
    assert_eq!(town.real("AB", "diameter_mm"), 300.0);
    let pipe = town.get("AB");
    let class = town.project.schema().class(pipe.class);
    for field in ["material", "remark"] {
        assert!(
            pipe.values[class.field_index(field).unwrap()].is_null(),
            "{field}"
        );
    }
    assert_eq!(
        town.refusal(r#"{"op":"restore","feature":"AB","before":99}"#),
        "edit.error.no_version"
    );
}

#[test]
fn a_node_goes_back_to_where_it_was_and_takes_its_pipes_along() {
    let mut town = Town::new();
    town.act(r#"{"op":"move_node","node":"B","to":[90,10]}"#);
    let moved = latest(&town);
    town.act(r#"{"op":"set","features":["B"],"values":{"ground_elevation_m":4.5}}"#);
    town.act(r#"{"op":"reshape","pipe":"BC","via":[[120,30]]}"#);
    let before = dump(&town.project);
    let request = restore(&town, "B", moved);
    town.act(&request);
    let b = town.get("B");
    assert_eq!(position(&b).unwrap()[..2], [100.0, 0.0]);
    let field = town
        .project
        .schema()
        .class(b.class)
        .field_index("ground_elevation_m");
    assert!(b.values[field.unwrap()].is_null());
    assert_eq!(line(&town, "AB"), [[0.0, 0.0], [100.0, 0.0]]);
    assert_eq!(
        line(&town, "BC"),
        [[100.0, 0.0], [120.0, 30.0], [100.0, 50.0]],
        "what was done to a neighbour since stays"
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);

    town.act(r#"{"op":"add_node","class":"tee","at":[100,0],"values":{"code":"T"}}"#);
    assert_eq!(town.refusal(&request), "edit.error.occupied");
}

#[test]
fn a_pipe_goes_back_to_its_bends_and_its_nodes_wherever_these_are_now() {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"tee","at":[60,60],"values":{"code":"D"}}"#);
    town.act(r#"{"op":"reshape","pipe":"AB","via":[[50,-20]]}"#);
    town.act(r#"{"op":"attach_end","pipe":"AB","end":"to","node":"D"}"#);
    let attached = latest(&town);
    town.act(r#"{"op":"reshape","pipe":"AB","via":[[10,30],[20,40]]}"#);
    town.act(r#"{"op":"move_node","node":"B","to":[110,0]}"#);
    let before = dump(&town.project);
    let request = restore(&town, "AB", attached);
    town.act(&request);
    assert_eq!(line(&town, "AB"), [[0.0, 0.0], [50.0, -20.0], [110.0, 0.0]]);
    let network = town.network();
    assert_eq!(
        network.pipe_ends(network.pipes_with_code("AB")[0]),
        [node(&network, "A"), node(&network, "B")]
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);

    town.act(r#"{"op":"delete","features":["B"],"hanging":"release"}"#);
    let notes = town.notes(&request);
    assert_eq!(
        notes.iter().map(crate::Message::key).collect::<Vec<_>>(),
        ["edit.note.link_gone"]
    );
    town.act(&request);
    assert_eq!(
        line(&town, "AB"),
        [[0.0, 0.0], [50.0, -20.0], [60.0, 60.0]],
        "its node is gone"
    );
}

#[test]
fn without_its_place_a_feature_stays_where_it_is_and_that_is_told() {
    let mut town = Town::new();
    town.act(r#"{"op":"move_node","node":"B","to":[90,10]}"#);
    let request = format!(r#"{{"op":"restore","feature":"B","before":{}}}"#, latest(&town));
    assert!(matches!(
        Request::from_json(&request).unwrap(),
        Request::Restore {
            with_place: false,
            ..
        }
    ));
    let notes = town.notes(&request);
    assert_eq!(notes[0].key(), "edit.note.restored_in_place");
    assert!(town.plan(&request).unwrap().edits.is_empty());
}
