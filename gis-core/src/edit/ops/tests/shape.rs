//! Vertices and ends of pipes.

use super::{CLERK, Town, dump, node};
use crate::edit::ops::vertices;

pub(super) fn line(town: &Town, code: &str) -> Vec<[f64; 2]> {
    vertices(&town.get(code)).iter().map(|p| [p[0], p[1]]).collect()
}

#[test]
fn vertices_come_move_and_go_between_the_ends_of_a_pipe() {
    let mut town = Town::new();
    let before = dump(&town.project);
    town.act(r#"{"op":"reshape","pipe":"BC","via":[[120,0],[120,50]]}"#);
    assert_eq!(
        line(&town, "BC"),
        [[100.0, 0.0], [120.0, 0.0], [120.0, 50.0], [100.0, 50.0]]
    );
    town.act(r#"{"op":"insert_vertex","pipe":"BC","at":[125,25]}"#);
    assert_eq!(line(&town, "BC")[2], [125.0, 25.0]);
    town.act(r#"{"op":"move_vertex","pipe":"BC","vertex":2,"to":[130,25]}"#);
    assert_eq!(line(&town, "BC")[2], [130.0, 25.0]);
    town.act(r#"{"op":"delete_vertex","pipe":"BC","vertex":1}"#);
    assert_eq!(
        line(&town, "BC"),
        [[100.0, 0.0], [130.0, 25.0], [120.0, 50.0], [100.0, 50.0]]
    );
    for request in [
        r#"{"op":"delete_vertex","pipe":"BC","vertex":0}"#,
        r#"{"op":"delete_vertex","pipe":"BC","vertex":3}"#,
        r#"{"op":"move_vertex","pipe":"AB","vertex":1,"to":[1,1]}"#,
    ] {
        assert_eq!(town.refusal(request), "edit.error.vertex");
    }
    for _ in 0..4 {
        town.project.undo(CLERK).unwrap();
    }
    assert_eq!(dump(&town.project), before);
}

#[test]
fn a_reshaped_pipe_keeps_measured_lengths_and_the_share_of_its_devices_and_tells_what_fell_off() {
    let mut town = Town::new();
    town.put_on("hydrant", "H", "BC", 25.0, 50.0);
    town.act(r#"{"op":"set","features":["AB"],"values":{"length_m":null}}"#);
    town.put_on("customer", "K", "AB", 50.0, 49.0);
    town.act(r#"{"op":"reshape","pipe":"AB","via":[[50,50]]}"#);
    let length_m = 2.0 * 50.0_f64.hypot(50.0);
    assert!((town.get("K").links.on_pipe_distance_m.unwrap() - length_m / 2.0).abs() < 1e-9);
    town.act(r#"{"op":"set","features":["BC"],"values":{"length_m":55}}"#);
    town.act(r#"{"op":"reshape","pipe":"BC","via":[[120,25]]}"#);
    assert_eq!(town.real("BC", "length_m"), 55.0, "was measured");
    assert_eq!(town.get("H").links.on_pipe_distance_m, Some(25.0));

    let mut town = Town::new();
    // Once on the pipe by nothing but its place.
    town.act(r#"{"op":"add_node","class":"valve","at":[50,10],"values":{"code":"V"}}"#);
    town.act(r#"{"op":"reshape","pipe":"AB","via":[[50,10]]}"#);
    let notes = town.notes(r#"{"op":"reshape","pipe":"AB","via":[[50,20]]}"#);
    assert_eq!(
        notes.iter().map(crate::Message::key).collect::<Vec<_>>(),
        ["edit.note.left_pipe"]
    );
    assert!(
        town.notes(r#"{"op":"reshape","pipe":"AB","via":[[25,5],[50,10]]}"#)
            .is_empty()
    );
}

#[test]
fn an_end_goes_to_another_node_and_to_no_node_twice() {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"tee","at":[60,60],"values":{"code":"D"}}"#);
    let before = dump(&town.project);
    town.act(r#"{"op":"attach_end","pipe":"AB","end":"to","node":"D"}"#);
    assert_eq!(line(&town, "AB"), [[0.0, 0.0], [60.0, 60.0]]);
    let network = town.network();
    assert_eq!(
        network.pipe_ends(network.pipes_with_code("AB")[0]),
        [node(&network, "A"), node(&network, "D")]
    );
    assert_eq!(network.pieces_at(node(&network, "B")).len(), 1);
    assert_eq!(
        town.refusal(r#"{"op":"attach_end","pipe":"AB","end":"from","node":"D"}"#),
        "edit.error.zero_length"
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
}
