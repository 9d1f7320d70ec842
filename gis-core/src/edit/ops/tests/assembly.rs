//! Assemblies placed in one go, and what they are made of.

use super::{CLERK, Town, dump, node};
use crate::edit::ops::assembly_of;
use crate::edit::parts::BillLine;
use crate::schema::Label;
use crate::text::Lang;

impl Town {
    fn bill(&self) -> Vec<(String, String, f64)> {
        let lines = self.project.bill_of_materials().unwrap();
        lines
            .into_iter()
            .map(|line| {
                (
                    line.label.en,
                    line.specification.unwrap_or_default(),
                    line.quantity,
                )
            })
            .collect()
    }

    fn class_of(&self, code: &str) -> String {
        self.project.schema().class(self.get(code).class).key.clone()
    }
}

#[test]
fn a_tee_with_three_valves_goes_into_a_pipe_in_one_go() {
    let mut town = Town::new();
    let before = dump(&town.project);
    town.act(
        r#"{"op":"place_assembly","part":"三通三阀","on":"AB","at":[40,1],"values":{"code":"T","manufacturer":"Works 1"}}"#,
    );
    let network = town.network();
    assert_eq!(town.class_of("T"), "tee");
    let places = [[40.0, 0.0], [40.6, 0.0], [39.4, 0.0], [40.0, 0.6]];
    for place in places {
        let (at, away_m) = network.nodes_near(place, 0.01)[0];
        assert!(away_m < 1e-6, "{place:?} {:?}", network.position(at));
    }
    assert_eq!(network.pieces_at(node(&network, "T")).len(), 3);
    assert_eq!(network.pipe_count(), 2 + 3 + 1, "three cuts and a stub");
    let total: f64 = ["AB", "AB-2", "AB-3", "AB-4"]
        .iter()
        .map(|code| network.pipe_length_m(network.pipes_with_code(code)[0]))
        .sum();
    assert!((total - 102.0).abs() < 1e-9);
    assert_eq!(town.real("T/1", "diameter_mm"), 300.0);
    assert_eq!(
        town.bill(),
        [
            ("Valve".to_owned(), "DN300".to_owned(), 3.0),
            ("Tee".to_owned(), "DN300".to_owned(), 1.0),
            ("Flange set".to_owned(), String::new(), 6.0),
            ("Bolt set".to_owned(), String::new(), 6.0),
            ("Gasket".to_owned(), String::new(), 6.0),
        ]
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    assert!(town.bill().is_empty());
}

#[test]
fn an_assembly_on_a_node_goes_into_the_pipes_that_are_there_and_keeps_the_node() {
    let mut town = Town::new();
    let before = dump(&town.project);
    let id = town.get("B").id;
    // AB is the first of two pipes of one size: its way from B, to the west, is 0; BC leaves at 270 from there.
    town.act(r#"{"op":"place_assembly","part":"cross-four-valves","on":"B","values":{"remark":"new"}}"#);
    assert_eq!(town.get("B").id, id);
    assert_eq!(town.class_of("B"), "cross");
    let network = town.network();
    assert_eq!(network.pieces_at(node(&network, "B")).len(), 4);
    assert_eq!(network.pipe_count(), 2 + 2 + 2, "two pipes cut, two stubs");
    for place in [[99.4, 0.0], [100.0, 0.6], [100.6, 0.0], [100.0, -0.6]] {
        assert!(network.nodes_near(place, 1e-6).len() == 1, "{place:?}");
    }
    assert_eq!(town.bill()[0], ("Valve".to_owned(), "DN300".to_owned(), 4.0));
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    // Turned by 45° no pipe goes the way of any arm.
    town.act(r#"{"op":"place_assembly","part":"cross-four-valves","on":"B","rotation_deg":45}"#);
    assert_eq!(town.network().pipe_count(), 2 + 4);
}

#[test]
fn arms_of_one_way_stand_one_behind_the_other() {
    let mut town = Town::new();
    town.act(
        r#"{"op":"place_assembly","part":"hydrant-branch","on":"AB","at":[40,0],"values":{"code":"T"}}"#,
    );
    let network = town.network();
    let hydrant = network.nodes_near([40.0, 3.0], 1e-6)[0].0;
    let valve = network.nodes_near([40.0, 1.0], 1e-6)[0].0;
    assert_eq!(
        (network.pieces_at(hydrant).len(), network.pieces_at(valve).len()),
        (1, 2)
    );
    assert_eq!(network.pieces_at(node(&network, "T")).len(), 3);
}

#[test]
fn an_assembly_of_the_own_library_is_made_from_what_stands_there() {
    let mut town = Town::new();
    town.act(
        r#"{"op":"place_assembly","part":"tee-three-valves","on":"AB","at":[40,0],"values":{"code":"T"}}"#,
    );
    let label = Label {
        zh: "本地三通".to_owned(),
        en: "Local tee".to_owned(),
    };
    let around = ["T/1", "T/2", "T/3"].map(str::to_owned);
    let assembly = assembly_of(&town.project, label, "T", &around).unwrap();
    assert_eq!(assembly.arms.len(), 3);
    assert!(
        assembly
            .arms
            .iter()
            .all(|arm| (arm.distance_m - 0.6).abs() < 1e-6),
        "{assembly:?}"
    );
    town.project.save_assembly("local", &assembly).unwrap();
    town.act(r#"{"op":"place_assembly","part":"本地三通","on":"BC","at":[100,25],"values":{"code":"S"}}"#);
    let network = town.network();
    assert_eq!(network.pieces_at(node(&network, "S")).len(), 3);
    assert_eq!(town.class_of("S/1"), "valve");
}

#[test]
fn what_cannot_be_placed_is_refused() {
    let mut town = Town::new();
    for (request, key) in [
        (
            r#"{"op":"place_assembly","part":"rocket","on":"AB","at":[1,0]}"#,
            "edit.part.unknown",
        ),
        (
            r#"{"op":"place_assembly","part":"tee-three-valves","on":"AB"}"#,
            "edit.part.where",
        ),
        (
            r#"{"op":"place_assembly","part":"tee-three-valves","on":"AB","at":[0.3,0]}"#,
            "edit.error.too_short",
        ),
    ] {
        assert_eq!(town.refusal(request), key, "{request}");
    }
}

#[test]
fn all_that_comes_with_an_assembly_or_a_service_pipe_has_a_code_of_its_own() {
    let mut town = Town::new();
    town.act(r#"{"op":"place_assembly","part":"hydrant-branch","on":"AB","at":[40,0]}"#);
    town.act(r#"{"op":"add_node","class":"customer","at":[90,20]}"#);
    let network = town.network();
    let customer = network.node_code(network.nodes_near([90.0, 20.0], 1e-6)[0].0);
    assert!(!customer.is_empty());
    town.act(&format!(r#"{{"op":"service_pipe","customer":"{customer}"}}"#));
    let network = town.network();
    let pipes = network.pipes().map(|pipe| network.pipe_code(pipe));
    let nodes = network.nodes().map(|node| network.node_code(node));
    let mut codes: Vec<&str> = pipes.chain(nodes).collect();
    assert!(codes.iter().all(|code| !code.is_empty()), "{codes:?}");
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all, "{codes:?}");
}

#[test]
fn the_bill_of_materials_has_its_units_in_words() {
    let mut town = Town::new();
    town.act(r#"{"op":"place_assembly","part":"tee-three-valves","on":"AB","at":[40,0]}"#);
    let mut bill = town.project.bill_of_materials().unwrap();
    let units =
        |bill: &[BillLine], lang| -> Vec<String> { bill.iter().map(|line| line.unit_text(lang)).collect() };
    assert_eq!(units(&bill, Lang::ZhCn), ["个", "个", "套", "套", "个"]);
    assert_eq!(units(&bill, Lang::En)[2], "set");
    "barrel".clone_into(&mut bill[0].unit);
    assert_eq!(units(&bill, Lang::ZhCn)[0], "barrel");
}
