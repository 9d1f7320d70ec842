//! What a node is and how high it lies.

use super::{CLERK, Town, dump, node};
use crate::text::Lang;

#[test]
fn a_node_of_another_class_keeps_what_both_have_and_tells_what_is_lost() {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"gate valve","at":[40,0],"values":{"code":"V","diameter_mm":300,"turns":18,"rotation_deg":15,"ground_elevation_m":4.5}}"#);
    let before = dump(&town.project);
    let (id, links) = (town.get("V").id, town.get("AB").links.to);
    let request = r#"{"op":"change_class","node":"V","class":"hydrant","values":{"remark":"was a valve"}}"#;
    let notes = town.notes(request);
    assert_eq!(notes.len(), 2, "{notes:?}");
    for (note, field) in notes.iter().zip(["kind", "turns"]) {
        assert_eq!(note.key(), "edit.note.lost");
        assert!(note.text(Lang::En).contains(field), "{note:?}");
    }
    town.act(request);
    let hydrant = town.get("V");
    assert_eq!(hydrant.id, id);
    assert_eq!(town.project.schema().class(hydrant.class).key, "hydrant");
    assert_eq!(
        (town.real("V", "diameter_mm"), town.real("V", "rotation_deg")),
        (300.0, 15.0)
    );
    assert_eq!(town.real("V", "ground_elevation_m"), 4.5);
    assert_eq!(town.get("AB").links.to, links, "its pipes stay");
    let network = town.network();
    assert_eq!(network.pieces_at(node(&network, "V")).len(), 2);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    town.project.redo(CLERK).unwrap();
    assert_eq!(town.get("V").id, id);
}

#[test]
fn a_replaced_node_gives_its_pipes_to_the_new_one() {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"gate valve","at":[40,0],"values":{"code":"V","turns":18}}"#);
    let before = dump(&town.project);
    let old = town.get("V").id;
    town.act(
        r#"{"op":"replace_node","node":"V","class":"butterfly valve","values":{"turns":30,"code":"V9"}}"#,
    );
    let new = town.get("V9");
    assert_ne!(new.id, old);
    assert_eq!(town.get("AB").links.to, Some(new.id));
    assert_eq!(town.get("AB-2").links.from, Some(new.id));
    assert!(town.project.feature(old).unwrap().is_none());
    assert!(town.project.referrers(old).unwrap().is_empty());
    assert_eq!(town.real("V9", "turns"), 30.0);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
}

#[test]
fn two_levels_give_the_third_and_three_that_do_not_fit_are_refused() {
    let mut town = Town::new();
    let levels = |town: &Town| {
        ["ground_elevation_m", "buried_depth_m", "pipe_elevation_m"].map(|key| town.real("B", key))
    };
    town.act(r#"{"op":"set_levels","node":"B","ground_elevation_m":5.2,"buried_depth_m":1.5}"#);
    assert_eq!(levels(&town), [5.2, 1.5, 3.7]);
    town.act(r#"{"op":"set_levels","node":"B","ground_elevation_m":5.0}"#);
    assert_eq!(levels(&town), [5.0, 1.3, 3.7], "the pipe did not move");
    town.act(r#"{"op":"set_levels","node":"B","buried_depth_m":2}"#);
    assert_eq!(levels(&town), [5.0, 2.0, 3.0], "the ground did not move");
    assert_eq!(
        town.refusal(
            r#"{"op":"set_levels","node":"B","ground_elevation_m":5,"buried_depth_m":1,"pipe_elevation_m":3}"#
        ),
        "edit.error.levels"
    );
    town.act(r#"{"op":"set","features":["B"],"values":{"符号角度":30}}"#);
    assert_eq!(town.real("B", "rotation_deg"), 30.0);
}

#[test]
fn a_node_added_over_an_abandoned_pipe_does_not_cut_it() {
    let mut town = Town::new();
    town.act(r#"{"op":"abandon","features":["AB"]}"#);
    town.act(r#"{"op":"add_node","class":"valve","at":[40,0],"values":{"code":"V"}}"#);
    assert!(town.project.find_code("AB-2").unwrap().is_empty());
    town.act(r#"{"op":"add_node","class":"valve","at":[100,20],"values":{"code":"W"}}"#);
    assert_eq!(
        town.real("W", "diameter_mm"),
        300.0,
        "as wide as the pipe it was put into"
    );
    assert!(!town.project.find_code("BC-2").unwrap().is_empty());
}

#[test]
fn yes_and_no_are_understood_as_tables_write_them() {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"valve","at":[40,0],"values":{"code":"V","is_open":"关"}}"#);
    let is_open = |town: &Town| {
        let valve = town.get("V");
        let field = town
            .project
            .schema()
            .class(valve.class)
            .field_index("is_open")
            .unwrap();
        valve.values[field].as_boolean()
    };
    assert_eq!(is_open(&town), Some(false));
    town.act(r#"{"op":"set","features":["V"],"values":{"is_open":1}}"#);
    assert_eq!(is_open(&town), Some(true));
    assert_eq!(
        town.refusal(r#"{"op":"set","features":["V"],"values":{"is_open":"ajar"}}"#),
        "edit.error.bad_value"
    );
}
