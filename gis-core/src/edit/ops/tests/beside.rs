//! Copies beside pipes, ends that reach other pipes, many service pipes, files brought into the session.

use super::{CLERK, Town, dump, node};
use crate::edit::ops::{Deed, Request};

fn line(town: &Town, code: &str) -> Vec<[f64; 2]> {
    let network = town.network();
    let pipes = network.pipes_with_code(code);
    assert_eq!(pipes.len(), 1, "{code}");
    network.pipe_vertices(pipes[0]).to_vec()
}

fn near(found: &[[f64; 2]], wanted: &[[f64; 2]]) -> bool {
    found.len() == wanted.len()
        && found
            .iter()
            .zip(wanted)
            .all(|(f, w)| (f[0] - w[0]).hypot(f[1] - w[1]) < 1e-6)
}

#[test]
fn pipes_that_follow_each_other_are_copied_beside_as_one_run() {
    let mut town = Town::new();
    let before = dump(&town.project);
    // BC is named first and runs on from AB; the copies meet at a mitred corner all the same.
    town.act(r#"{"op":"copy_beside","pipes":["BC","AB"],"offset_m":4,"values":{"diameter_mm":200}}"#);
    assert!(
        near(&line(&town, "AB-2"), &[[0.0, -4.0], [104.0, -4.0]]),
        "{:?}",
        line(&town, "AB-2")
    );
    assert!(
        near(&line(&town, "BC-2"), &[[104.0, -4.0], [104.0, 50.0]]),
        "{:?}",
        line(&town, "BC-2")
    );
    let (ab, bc) = (town.get("AB-2"), town.get("BC-2"));
    assert_eq!(ab.links.to, bc.links.from, "they meet in one node");
    assert!(ab.links.to.is_some() && ab.links.from.is_some() && bc.links.to.is_some());
    assert_eq!(town.real("AB-2", "diameter_mm"), 200.0);
    assert!(
        town.get("AB-2").values[town
            .project
            .schema()
            .class(ab.class)
            .field_index("length_m")
            .unwrap()]
        .is_null()
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    // To the left there is less room than the bend is deep.
    town.act(r#"{"op":"copy_beside","pipes":["AB","BC"],"offset_m":-4}"#);
    assert!(near(&line(&town, "AB-2"), &[[0.0, 4.0], [96.0, 4.0]]));
    for (request, key) in [
        (
            r#"{"op":"copy_beside","pipes":["AB"],"offset_m":0}"#,
            "edit.error.offset",
        ),
        (
            r#"{"op":"copy_beside","pipes":["AB","BC"],"offset_m":-60}"#,
            "edit.error.no_room",
        ),
        (
            r#"{"op":"copy_beside","pipes":["A"],"offset_m":3}"#,
            "edit.error.no_pipe",
        ),
    ] {
        assert_eq!(town.refusal(request), key, "{request}");
    }
}

#[test]
fn an_end_goes_on_to_another_pipe_or_back_to_where_it_crosses_it() {
    let mut town = Town::new();
    // Short of AB, and beyond it.
    for (code, y) in [("D", 30.0), ("E", 10.0), ("F", -8.0)] {
        town.act(&format!(
            r#"{{"op":"add_node","class":"junction","at":[{},{y}],"values":{{"code":"{code}"}}}}"#,
            if code == "D" { 40.0 } else { 46.0 }
        ));
    }
    town.act(r#"{"op":"draw_pipe","through":["D","E"],"values":{"code":"DE","diameter_mm":100}}"#);
    let before = dump(&town.project);
    town.act(r#"{"op":"reach","pipe":"DE","end":"to","into":"AB"}"#);
    assert!(
        near(&line(&town, "DE"), &[[40.0, 30.0], [46.0, 10.0], [49.0, 0.0]])
            || near(&line(&town, "DE"), &[[40.0, 30.0], [49.0, 0.0]]),
        "{:?}",
        line(&town, "DE")
    );
    let network = town.network();
    let joint = node(&network, "E");
    assert_eq!(network.pieces_at(joint).len(), 3, "its own node is the joint");
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);

    town.act(r#"{"op":"draw_pipe","through":["E","F"],"values":{"code":"EF","diameter_mm":100}}"#);
    let before = dump(&town.project);
    town.act(r#"{"op":"reach","pipe":"EF","end":"to","into":"AB"}"#);
    assert!(
        near(&line(&town, "EF"), &[[46.0, 10.0], [46.0, 0.0]]),
        "{:?}",
        line(&town, "EF")
    );
    assert_eq!(town.network().pieces_at(node(&town.network(), "F")).len(), 3);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    for (request, key) in [
        (
            r#"{"op":"reach","pipe":"EF","end":"from","into":"AB"}"#,
            "edit.error.end_joined",
        ),
        (
            r#"{"op":"reach","pipe":"DE","end":"from","into":"BC"}"#,
            "edit.error.no_meeting",
        ),
        (
            r#"{"op":"reach","pipe":"AB","end":"from","into":"AB"}"#,
            "edit.error.same_pipe",
        ),
    ] {
        assert_eq!(town.refusal(request), key, "{request}");
    }
    // Where a node stands, the end's own has had its day.
    town.act(r#"{"op":"add_node","class":"tee","at":[46,0],"values":{"code":"T"}}"#);
    town.act(r#"{"op":"reach","pipe":"EF","end":"to","into":"AB"}"#);
    assert_eq!(town.get("EF").links.to, Some(town.get("T").id));
    assert!(town.project.find_code("F").unwrap().is_empty());
}

#[test]
fn many_customers_get_their_service_pipes_and_the_others_are_told() {
    let mut town = Town::new();
    for (code, x, y) in [("K1", 20, 5), ("K2", 60, -6), ("K3", 80, 7), ("FAR", 50, 400)] {
        town.act(&format!(
            r#"{{"op":"add_node","class":"customer","at":[{x},{y}],"values":{{"code":"{code}"}}}}"#
        ));
    }
    let before = dump(&town.project);
    let request = Request::from_json(
        r#"{"op":"service_pipes","customers":["K1","K2","FAR","K3"],"within_m":20,"values":{"diameter_mm":25}}"#,
    )
    .unwrap();
    assert_eq!(
        request
            .plan(&town.project, &mut town.ids)
            .unwrap_err()
            .message()
            .key(),
        "edit.error.one_by_one"
    );
    let deed = Deed::Requests(vec![request]);
    let done = deed
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(done.notes.len(), 1, "{:?}", done.notes);
    assert_eq!(done.notes[0].key(), "edit.error.no_pipe_near");
    let network = town.network();
    for code in ["K1", "K2", "K3"] {
        assert_eq!(network.pieces_at(node(&network, code)).len(), 1, "{code}");
    }
    assert_eq!(network.pieces_at(node(&network, "FAR")).len(), 0);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before, "one entry");
    let none = Request::from_json(r#"{"op":"service_pipes","customers":["FAR"],"within_m":20}"#).unwrap();
    let refused = Deed::Requests(vec![none])
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap_err();
    assert_eq!(refused.message().key(), "edit.error.no_pipe_near");
}

/// One node lies on B, one on C, the pipe between them is there already, and a code is taken.
const STREET: &str = "[JUNCTIONS]\n SB 0 0\n SC 0 0\n A 0 0\n[PIPES]\n S1 SB SC 50 150 100 0 Open\n S2 SB A 60 150 100 0 Open\n\
    [COORDINATES]\n SB 100 0\n SC 100 50\n A 160 0\n[OPTIONS]\n UNITS CMH\n[END]\n";

#[test]
fn a_file_comes_as_one_change_joined_to_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("street.inp");
    std::fs::write(&path, STREET).unwrap();
    let mut town = Town::new();
    let before = dump(&town.project);
    let request = serde_json::json!({ "op": "import", "file": path }).to_string();
    let notes: Vec<String> = town
        .notes(&request)
        .iter()
        .map(|note| note.key().to_owned())
        .collect();
    assert_eq!(
        notes,
        [
            "edit.note.import_joined",
            "edit.note.import_there",
            "edit.note.import_renamed"
        ],
    );
    town.act(&request);
    let pipe = town.get("S2");
    assert_eq!(
        pipe.links.from,
        Some(town.get("B").id),
        "joined to the node that is there"
    );
    assert_eq!(pipe.links.to, Some(town.get("A-2").id), "A is taken");
    assert!(
        town.project.find_code("S1").unwrap().is_empty(),
        "it is there already"
    );
    assert_eq!(town.network().pieces_at(node(&town.network(), "B")).len(), 3);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    let missing = serde_json::json!({ "op": "import", "file": folder.path().join("none.shp") }).to_string();
    assert_eq!(town.refusal(&missing), "core.error.io");
    let strange = serde_json::json!({ "op": "import", "file": path, "reading": { "crs": "EPSG:99999999" } });
    assert_eq!(town.refusal(&strange.to_string()), "io.crs.unknown");
}
