//! Chains of pipes made one, and nodes put onto pipes.

use super::{CLERK, Town, dump, node};
use crate::{Lang, Message};

fn town() -> Town {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"junction","at":[150,50],"values":{"code":"D"}}"#);
    // Drawn against the others.
    town.act(r#"{"op":"draw_pipe","through":["D","C"],"values":{"code":"DC","diameter_mm":200,"depth_from_m":3,"depth_to_m":2.5}}"#);
    town
}

#[test]
fn a_chain_becomes_one_pipe_with_choices_field_by_field() {
    let mut town = town();
    town.put_on("customer", "K", "DC", 10.0, 140.0);
    let before = dump(&town.project);
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB","BC","DC"]}"#),
        "edit.error.different"
    );
    let notes = town.notes(r#"{"op":"merge","pipes":["AB","BC","DC"],"keep_first":true}"#);
    assert_eq!(
        notes.iter().map(Message::key).collect::<Vec<_>>(),
        ["edit.note.kept_first"]
    );
    assert!(
        notes[0].text(Lang::En).contains("diameter_mm (300 / 200)"),
        "{notes:?}"
    );
    town.act(r#"{"op":"merge","pipes":["AB","BC","DC"],"take":{"管径":"DC"}}"#);
    let network = town.network();
    assert_eq!(network.pipe_count(), 1);
    let pipe = network.pipes_with_code("AB")[0];
    assert_eq!(
        network.pipe_ends(pipe),
        [node(&network, "A"), node(&network, "D")]
    );
    assert_eq!(
        network.pipe_vertices(pipe),
        [[0.0, 0.0], [100.0, 0.0], [100.0, 50.0], [150.0, 50.0]]
    );
    assert_eq!(town.real("AB", "diameter_mm"), 200.0);
    assert_eq!(town.real("AB", "length_m"), 202.0);
    assert_eq!(town.real("AB", "depth_to_m"), 3.0);
    let links = town.get("K").links;
    assert_eq!(
        (links.on_pipe, links.on_pipe_distance_m),
        (Some(town.get("AB").id), Some(192.0))
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB","DC","BC"]}"#),
        "edit.error.apart"
    );
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB"]}"#),
        "edit.error.too_few"
    );
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB","BC"],"take":{"diameter_mm":"DC"}}"#),
        "edit.error.not_in_chain"
    );
}

#[test]
fn a_pipe_cut_into_many_and_merged_in_one_go_is_what_it_was() {
    let mut town = Town::new();
    town.put_on("customer", "K", "AB", 90.0, 88.0);
    let (line, length_m) = (town.get("AB").geometry, town.real("AB", "length_m"));
    town.act(r#"{"op":"split_into","pipe":"AB","parts":4}"#);
    town.act(r#"{"op":"merge","pipes":["AB","AB-2","AB-3","AB-4"]}"#);
    let flat = |g: &Option<crate::Geometry>| format!("{g:?}");
    let merged = town.get("AB");
    assert_eq!(
        crate::edit::ops::vertices(&merged).len(),
        5,
        "its cuts are vertices now"
    );
    assert_ne!(flat(&merged.geometry), flat(&line));
    assert!((town.real("AB", "length_m") - length_m).abs() < 1e-9);
    assert_eq!(merged.links.to, Some(town.get("B").id));
    assert!((town.get("K").links.on_pipe_distance_m.unwrap() - 90.0).abs() < 1e-9);
}

#[test]
fn a_node_beside_a_pipe_goes_onto_it_and_takes_its_pipes_along() {
    let mut town = town();
    town.act(r#"{"op":"add_node","class":"tee","at":[40,3],"values":{"code":"T"}}"#);
    town.act(r#"{"op":"add_node","class":"junction","at":[40,30],"values":{"code":"E"}}"#);
    town.act(r#"{"op":"draw_pipe","through":["T","E"],"values":{"code":"TE"}}"#);
    let before = dump(&town.project);
    town.act(r#"{"op":"node_onto_pipe","node":"T","pipe":"AB"}"#);
    let network = town.network();
    let tee = node(&network, "T");
    assert_eq!(network.position(tee), [40.0, 0.0]);
    assert_eq!(network.pieces_at(tee).len(), 3);
    assert_eq!(network.pipe_length_m(network.pipes_with_code("TE")[0]), 30.0);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    // A device that named the pipe it sat on is an end of its halves afterwards.
    town.put_on("hydrant", "H", "AB", 20.4, 20.0);
    town.act(r#"{"op":"node_onto_pipe","node":"H","pipe":"AB"}"#);
    assert_eq!(town.get("H").links.on_pipe, None);
    assert_eq!(town.get("AB").links.to, Some(town.get("H").id));
    assert_eq!(
        town.refusal(r#"{"op":"node_onto_pipe","node":"B","pipe":"BC"}"#),
        "edit.error.own_end"
    );
}
