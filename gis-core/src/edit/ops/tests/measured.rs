//! Distances along pipes, off them and at bearings.

use super::{CLERK, Town, dump, node};

fn place(town: &Town, code: &str) -> [f64; 2] {
    let network = town.network();
    network.position(node(&network, code))
}

fn near(found: [f64; 2], expected: [f64; 2]) {
    let away = (found[0] - expected[0]).hypot(found[1] - expected[1]);
    assert!(away < 1e-6, "{found:?} is not {expected:?}");
}

#[test]
fn a_point_stands_where_the_tape_says() {
    // Along which way, and where that is. AB is recorded 102 m and drawn 100 m.
    for (by, expected) in [
        (r#"{"way":"pipe","pipe":"AB","distance_m":30}"#, [30.0, 0.0]),
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":30,"end":"to"}"#,
            [70.0, 0.0],
        ),
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":51,"scale":"recorded"}"#,
            [50.0, 0.0],
        ),
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":30,"offset_m":2}"#,
            [30.0, -2.0],
        ),
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":30,"offset_m":-2}"#,
            [30.0, 2.0],
        ),
        (
            r#"{"way":"path","pipes":["AB","BC"],"distance_m":120,"offset_m":3}"#,
            [103.0, 20.0],
        ),
        (
            r#"{"way":"path","pipes":["BC","AB"],"distance_m":60,"offset_m":3}"#,
            [90.0, 3.0],
        ),
        (
            r#"{"way":"bearing","from":"B","bearing_deg":90,"distance_m":12}"#,
            [112.0, 0.0],
        ),
        (
            r#"{"way":"bearing","from":[0,10],"bearing_deg":180,"distance_m":30}"#,
            [0.0, -20.0],
        ),
    ] {
        let mut town = Town::new();
        town.act(&format!(
            r#"{{"op":"measure_node","class":"valve","by":{by},"values":{{"code":"V"}}}}"#
        ));
        near(place(&town, "V"), expected);
        let is_on_pipe = expected[1].abs() < 1e-9 && expected[0] < 100.0;
        assert_eq!(
            town.project.find_code("AB-2").unwrap().len(),
            usize::from(is_on_pipe),
            "{by}"
        );
    }
}

#[test]
fn a_node_moves_to_where_the_tape_says() {
    let mut town = Town::new();
    town.act(r#"{"op":"measure_move","node":"C","by":{"way":"bearing","from":"B","bearing_deg":0,"distance_m":70}}"#);
    near(place(&town, "C"), [100.0, 70.0]);
    town.act(
        r#"{"op":"measure_move","node":"C","by":{"way":"pipe","pipe":"AB","distance_m":40,"offset_m":-20}}"#,
    );
    near(place(&town, "C"), [40.0, 20.0]);
}

#[test]
fn a_joint_that_slides_along_its_pipe_gives_the_other_pipe_what_it_passes() {
    for (reverse, distance_m) in [(None, 60.0), (Some("BC"), 60.0), (Some("AB"), 40.0)] {
        let mut town = Town::new();
        town.put_on("customer", "K", "AB", 91.8, 90.0);
        town.put_on("customer", "L", "AB", 10.2, 10.0);
        if let Some(pipe) = reverse {
            town.act(&format!(r#"{{"op":"reverse","pipe":"{pipe}"}}"#));
        }
        let before = dump(&town.project);
        let total_before: f64 = lengths(&town);
        town.act(&format!(
            r#"{{"op":"measure_move","node":"B","by":{{"way":"pipe","pipe":"AB","distance_m":{distance_m}}}}}"#
        ));
        near(place(&town, "B"), [60.0, 0.0]);
        assert!((lengths(&town) - total_before).abs() < 1e-9);
        assert!((town.real("AB", "length_m") - 61.2).abs() < 1e-9);
        let (passed, kept) = (town.get("K").links, town.get("L").links);
        assert_eq!(passed.on_pipe, Some(town.get("BC").id));
        assert_eq!(kept.on_pipe, Some(town.get("AB").id));
        let from_joint = |m: f64| if reverse == Some("BC") { 90.8 - m } else { m };
        assert!(
            (from_joint(passed.on_pipe_distance_m.unwrap()) - 30.6).abs() < 1e-9,
            "{passed:?}"
        );
        let network = town.network();
        let pipe = network.pipes_with_code("BC")[0];
        assert!(
            network.pipe_vertices(pipe).contains(&[100.0, 0.0]),
            "it runs on through the old place"
        );
        assert_eq!(network.pieces_at(node(&network, "B")).len(), 2);
        town.project.undo(CLERK).unwrap();
        assert_eq!(dump(&town.project), before);
    }
}

fn lengths(town: &Town) -> f64 {
    let network = town.network();
    network.pipes().map(|p| network.pipe_length_m(p)).sum()
}

#[test]
fn a_distance_beyond_the_pipe_is_refused() {
    let mut town = Town::new();
    for (by, key) in [
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":101}"#,
            "edit.error.beyond",
        ),
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":-1}"#,
            "edit.error.beyond",
        ),
        (
            r#"{"way":"path","pipes":["AB","BC"],"distance_m":151}"#,
            "edit.error.beyond",
        ),
        (
            r#"{"way":"path","pipes":["AB","AB"],"distance_m":10}"#,
            "edit.error.apart",
        ),
        (
            r#"{"way":"path","pipes":[],"distance_m":10}"#,
            "edit.error.beyond",
        ),
        (
            r#"{"way":"bearing","from":"A","bearing_deg":5,"distance_m":-3}"#,
            "edit.tie.bad_number",
        ),
        (
            r#"{"way":"pipe","pipe":"AB","distance_m":0}"#,
            "edit.error.occupied",
        ),
    ] {
        let request = format!(r#"{{"op":"measure_node","class":"valve","by":{by}}}"#);
        assert_eq!(town.refusal(&request), key, "{by}");
    }
}
