//! Selections moved as a whole, copied and pasted; customers and their mains.

use super::{CLERK, Town, dump, node};
use crate::edit::ops::copied;

fn place(town: &Town, code: &str) -> [f64; 2] {
    let network = town.network();
    network.position(node(&network, code))
}

#[test]
fn a_selection_is_moved_turned_scaled_mirrored_and_aligned_as_a_whole() {
    // How, and where B and C are afterwards.
    for (change, b, c) in [
        (r#"{"how":"move","by":[10,5]}"#, [110.0, 5.0], [110.0, 55.0]),
        (
            r#"{"how":"rotate","around":[100,0],"angle_deg":90}"#,
            [100.0, 0.0],
            [50.0, 0.0],
        ),
        (
            r#"{"how":"scale","around":[100,0],"factor":2}"#,
            [100.0, 0.0],
            [100.0, 100.0],
        ),
        (
            r#"{"how":"mirror","line":[[0,10],[50,10]]}"#,
            [100.0, 20.0],
            [100.0, -30.0],
        ),
    ] {
        let mut town = Town::new();
        town.act(r#"{"op":"set","features":["BC"],"values":{"length_m":55}}"#);
        let before = dump(&town.project);
        town.act(&format!(
            r#"{{"op":"transform","features":["BC"],"change":{change}}}"#
        ));
        for (code, expected) in [("B", b), ("C", c)] {
            let found = place(&town, code);
            let away = (found[0] - expected[0]).hypot(found[1] - expected[1]);
            assert!(away < 1e-9, "{change} {code} {found:?}");
        }
        assert_eq!(place(&town, "A"), [0.0, 0.0]);
        let network = town.network();
        let line = network.pipe_vertices(network.pipes_with_code("AB")[0]).to_vec();
        assert_eq!(
            line,
            [[0.0, 0.0], network.position(node(&network, "B"))],
            "its far end stays"
        );
        assert_eq!(town.real("BC", "length_m"), 55.0, "was measured");
        town.project.undo(CLERK).unwrap();
        assert_eq!(dump(&town.project), before);
    }
    let mut town = Town::new();
    town.act(r#"{"op":"transform","features":["A","B"],"change":{"how":"align","line":[[0,2],[10,2]]}}"#);
    assert_eq!((place(&town, "A"), place(&town, "B")), ([0.0, 2.0], [100.0, 2.0]));
    for (change, key) in [
        (
            r#"{"how":"scale","around":[0,0],"factor":0}"#,
            "edit.error.bad_change",
        ),
        (
            r#"{"how":"mirror","line":[[1,1],[1,1]]}"#,
            "edit.error.bad_change",
        ),
        (r#"{"how":"move","by":[0,48]}"#, "edit.error.occupied"),
    ] {
        let request = format!(r#"{{"op":"transform","features":["B"],"change":{change}}}"#);
        assert_eq!(town.refusal(&request), key, "{change}");
    }
}

#[test]
fn what_was_copied_is_pasted_with_ids_codes_and_links_of_its_own() {
    let mut town = Town::new();
    town.put_on("customer", "K", "AB", 51.0, 50.0);
    let before = dump(&town.project);
    let names = ["A", "B", "AB", "K"].map(str::to_owned);
    let piece = copied(&town.project, &names).unwrap();
    let request = format!(r#"{{"op":"paste","features":{piece},"by":[0,-100]}}"#);
    town.act(&request);
    let pipe = town.get("AB-2");
    assert_eq!(pipe.links.from, Some(town.get("A-2").id));
    assert_eq!(pipe.links.to, Some(town.get("B-2").id));
    assert_eq!(town.get("K-2").links.on_pipe, Some(pipe.id));
    assert_eq!(town.get("K-2").links.on_pipe_distance_m, Some(51.0));
    assert_eq!(
        (town.real("AB-2", "diameter_mm"), town.real("AB-2", "length_m")),
        (300.0, 102.0)
    );
    assert_eq!(place(&town, "B-2"), [100.0, -100.0]);
    assert_eq!(town.refusal(&request), "edit.error.occupied");
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    // A link out of the piece leads nowhere in the copy.
    let piece = copied(&town.project, &["BC".to_owned(), "C".to_owned()]).unwrap();
    town.act(&format!(r#"{{"op":"paste","features":{piece},"by":[40,0]}}"#));
    let links = town.get("BC-2").links;
    assert_eq!((links.from, links.to), (None, Some(town.get("C-2").id)));
    assert_eq!(
        town.refusal(r#"{"op":"paste","features":{"do":"insert"},"by":[0,0]}"#),
        "edit.error.journal"
    );
}

#[test]
fn customers_join_the_nearest_main_by_name_or_by_a_pipe_of_their_own() {
    let mut town = Town::new();
    town.act(r#"{"op":"add_node","class":"customer","at":[30,6],"values":{"code":"K"}}"#);
    town.act(r#"{"op":"add_node","class":"customer","at":[60,-7],"values":{"code":"L"}}"#);
    let before = dump(&town.project);
    town.act(r#"{"op":"connect_customers","features":["K","L"],"within_m":10}"#);
    assert_eq!(town.get("K").links.on_pipe, Some(town.get("AB").id));
    assert!((town.get("L").links.on_pipe_distance_m.unwrap() - 61.2).abs() < 1e-9);
    town.act(r#"{"op":"service_pipe","customer":"K","values":{"code":"S","diameter_mm":50}}"#);
    let network = town.network();
    let service = network.pipes_with_code("S")[0];
    assert_eq!(network.pipe_length_m(service), 6.0);
    assert_eq!(network.pieces_at(node(&network, "AB/1")).len(), 3);
    assert_eq!(town.get("K").links.on_pipe, None);
    assert_eq!(
        town.get("L").links.on_pipe,
        Some(town.get("AB-2").id),
        "it is behind the joint"
    );
    assert_eq!(
        town.refusal(r#"{"op":"service_pipe","customer":"K"}"#),
        "edit.error.served"
    );
    assert_eq!(
        town.refusal(r#"{"op":"connect_customers","features":["K"],"within_m":-1}"#),
        "edit.tie.bad_number"
    );
    town.act(r#"{"op":"abandon","features":["AB","AB-2"]}"#);
    assert_eq!(
        town.refusal(r#"{"op":"connect_customers","features":["L"],"within_m":10}"#),
        "edit.error.no_pipe_near"
    );
    for _ in 0..3 {
        town.project.undo(CLERK).unwrap();
    }
    assert_eq!(dump(&town.project), before);
}
