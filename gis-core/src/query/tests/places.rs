//! Conditions on places and on the network.

use super::{asking, codes, empty, run_codes, town};
use crate::model::{Feature, Geometry, Links, Value};
use crate::project::Project;
use crate::{Error, IdSource, Lang, NoProgress};

/// From the source along P1 to the valve V, along P2 to J; there P3 to a dead end C, and a ring of P4 and P5 by way of K.
fn network() -> Project {
    let mut project = empty();
    let schema = project.schema().clone();
    let mut ids = IdSource::new(1, 1);
    let mut writer = project.begin_bulk().unwrap();
    let mut add = |class: &str, code: &str, dma: &str, geometry: Geometry| {
        let index = schema.class_index(class).unwrap();
        let class = schema.class(index);
        let mut values = vec![Value::Null; class.fields.len()];
        let mut set = |key: &str, value: Value| {
            if let Some(i) = class.field_index(key) {
                values[i] = value;
            }
        };
        set("code", Value::Text(code.to_owned()));
        set("diameter_mm", Value::Real(300.0));
        set("state", Value::Text("operative".to_owned()));
        set("is_open", Value::Boolean(true));
        set("is_operable", Value::Boolean(true));
        set("is_accessible", Value::Boolean(true));
        if !dma.is_empty() {
            set("dma", Value::Text(dma.to_owned()));
        }
        writer
            .insert(&Feature {
                id: ids.next_id(),
                class: index,
                geometry: Some(geometry),
                links: Links::default(),
                values,
            })
            .unwrap();
    };
    let point = |x: f64, y: f64| Geometry::Point([x, y, f64::NAN]);
    let line = |points: &[[f64; 2]]| Geometry::Line(points.iter().map(|p| [p[0], p[1], f64::NAN]).collect());
    add("reservoir", "S", "", point(0.0, 0.0));
    add("pipe", "P1", "城东 1 区", line(&[[0.0, 0.0], [100.0, 0.0]]));
    add("valve", "V", "", point(100.0, 0.0));
    add("pipe", "P2", "城东 1 区", line(&[[100.0, 0.0], [200.0, 0.0]]));
    add("junction", "J", "", point(200.0, 0.0));
    add("pipe", "P3", "城西", line(&[[200.0, 0.0], [200.0, 100.0]]));
    add("junction", "C", "", point(200.0, 100.0));
    add("pipe", "P4", "", line(&[[200.0, 0.0], [300.0, 0.0]]));
    add("junction", "K", "", point(300.0, 0.0));
    add(
        "pipe",
        "P5",
        "",
        line(&[[300.0, 0.0], [300.0, -50.0], [200.0, 0.0]]),
    );
    writer.finish().unwrap();
    project
}

/// From the file, and from memory when it is asked again: within an `or` nothing bounds the place.
#[track_caller]
fn check(project: &Project, condition: &str, expected: &[&str]) {
    let loose = format!("({condition}) or code = 'none such'");
    for condition in [condition, &loose, &loose] {
        let mut found = codes(project, &asking(condition));
        found.sort();
        assert_eq!(found, expected, "{condition}");
    }
    let not = codes(project, &asking(&format!("not ({condition})")));
    assert!(
        not.iter().all(|code| !expected.contains(&code.as_str())),
        "{not:?}"
    );
    let all = codes(project, &asking("true")).len();
    assert_eq!(not.len() + expected.len(), all, "not ({condition})");
}

#[test]
fn places_are_conditions_like_others() {
    let project = town();
    check(
        &project,
        "within('POLYGON((-1 -1, 120 -1, 120 50, -1 50, -1 -1))')",
        &["JS-1", "V"],
    );
    check(
        &project,
        "within('POLYGON((0 0, 100 0, 100 80, 0 80, 0 0))')",
        &["JS-1", "JS-2", "V"],
    );
    check(
        &project,
        "intersects('POLYGON((-1 -1, 120 -1, 120 50, -1 50, -1 -1))')",
        &["JS-1", "JS-2", "V"],
    );
    check(
        &project,
        "crosses('POLYGON((-1 -1, 120 -1, 120 50, -1 50, -1 -1))')",
        &["JS-2"],
    );
    check(&project, "crosses('LINESTRING(20 -10, 20 10)')", &["JS-1"]);
    check(&project, "within_distance('POINT(50 10)', 10)", &["JS-1", "V"]);
    check(
        &project,
        "within_distance('JS-10', 80)",
        &["JS-1", "JS-10", "JS-2"],
    );
    check(&project, "距离内('JS-10', 80) 且 管径 >= 300", &["JS-1", "JS-2"]);
    check(
        &project,
        "diameter_mm = 150 or 位于('POLYGON((40 -1, 60 -1, 60 1, 40 1, 40 -1))')",
        &["JS-10", "V"],
    );
}

#[test]
fn the_network_is_asked_by_codes() {
    let project = network();
    check(&project, "connected_to('V')", &["P1", "P2"]);
    check(
        &project,
        "connected_to('P2')",
        &["J", "P1", "P3", "P4", "P5", "V"],
    );
    check(
        &project,
        "downstream_of('V')",
        &["C", "J", "K", "P2", "P3", "P4", "P5"],
    );
    check(&project, "downstream_of('P4')", &[]);
    check(&project, "downstream_of('J')", &["C", "K", "P3", "P4", "P5"]);
    check(&project, "下游于('P3')", &["C"]);
    check(
        &project,
        "in_segment_of('P3')",
        &["C", "J", "K", "P2", "P3", "P4", "P5"],
    );
    check(
        &project,
        "in_segment_of('P3') and not connected_to('J')",
        &["C", "J", "K"],
    );
    check(&project, "in_dma('城东1区')", &["P1", "P2"]);
    check(&project, "属于分区('城东１区') and downstream_of('V')", &["P2"]);
    let network = project.network(&NoProgress).unwrap();
    let asked = asking("downstream_of('P3')").run_in(&project, Some(&network), &NoProgress);
    assert_eq!(run_codes(&project, &asked.unwrap()), ["C"]);
}

#[test]
fn what_a_place_names_must_be_there() {
    let project = network();
    let said = |condition: &str| {
        let error = asking(condition).run(&project, &NoProgress).unwrap_err();
        assert!(matches!(error, Error::BadInput(_)), "{condition}");
        for lang in Lang::ALL {
            assert!(!error.text(lang).contains("expr."), "{}", error.text(lang));
        }
        error.text(Lang::En)
    };
    for (condition, at, names) in [
        ("diameter_mm > 3 and downstream_of('P33')", 35, "P3"),
        ("connected_to('p1')", 14, "P1"),
        ("in_dma('城东 2 区')", 8, "城东 1 区"),
        ("within('POLYGON((0 0')", 8, "WKT"),
        ("within_distance('Q', 5)", 17, "\"Q\""),
        ("within_distance('P1')", 21, "metres"),
        ("within(3)", 8, "within('POLYGON"),
        ("within('POINT(0 0)', 3)", 20, "within('POLYGON"),
        ("withn('POINT(0 0)')", 1, "within"),
    ] {
        let told = said(condition);
        assert!(
            told.contains(&format!("Character {at}:")) && told.contains(names),
            "{condition}: {told}"
        );
    }
    let group = super::group(
        &project,
        &asking("true").run(&project, &NoProgress).unwrap(),
        &crate::query::GroupBy::of(&["within('POINT(0 0)')".to_owned()]),
        Lang::En,
        &NoProgress,
    );
    assert!(group.unwrap_err().text(Lang::En).contains("queries only"));
}
