//! Ways to ask beside conditions, and queries that are kept.

use std::collections::BTreeMap;

use super::{codes, empty, lying, run_codes, town};
use crate::model::{Feature, Geometry, Links, Value};
use crate::project::Project;
use crate::query::{Area, Query, SavedQuery, codes_of, of_completion, of_diameter, of_material, on_sheet};
use crate::{IdSource, Lang, NoProgress};

/// Pipes at addresses of one road.
fn street() -> Project {
    let mut project = empty();
    let schema = project.schema().clone();
    let class = schema.class_index("pipe").unwrap();
    let fields = &schema.class(class).fields;
    let mut ids = IdSource::new(1, 1);
    let mut writer = project.begin_bulk().unwrap();
    for (i, (code, road, address, installed)) in [
        ("A", "", "友好北路 12 号", "1998-12-31"),
        ("B", "友好北路", "１２号", "1999-01-01"),
        ("C", "友好北路", "112号", "2004-02-29"),
        ("D", "友好南路", "12号", "2004-03-01"),
    ]
    .into_iter()
    .enumerate()
    {
        let x = 547_500.0 + 200.0 * i as f64;
        let mut feature = Feature {
            id: ids.next_id(),
            class,
            geometry: Some(Geometry::Line(vec![
                [x, 4_854_250.0, f64::NAN],
                [x + 50.0, 4_854_260.0, f64::NAN],
            ])),
            links: Links::default(),
            values: vec![Value::Null; fields.len()],
        };
        let day = chrono::NaiveDate::parse_from_str(installed, "%Y-%m-%d").unwrap();
        for (key, value) in [
            ("code", Value::Text(code.to_owned())),
            ("road", Value::Text(road.to_owned())),
            ("address", Value::Text(address.to_owned())),
            ("install_date", Value::Date(day)),
        ] {
            feature.values[fields.iter().position(|f| f.key == key).unwrap()] = value;
        }
        writer.insert(&feature).unwrap();
    }
    writer.finish().unwrap();
    project
}

#[test]
fn an_address_is_found_however_it_is_written() {
    let project = street();
    let at = |address: &str| {
        let query = Query {
            address: Some(address.to_owned()),
            ..Query::default()
        };
        codes(&project, &query)
    };
    for address in ["友好北路12号", "友好北路 12 号", "友好北路１２号"] {
        assert_eq!(at(address), ["A", "B"], "{address}");
    }
    assert_eq!(at("12号"), ["A", "B", "D"]);
    assert_eq!(at("友好北路"), ["A", "B", "C"]);
    assert!(at("  ").is_empty());
}

#[test]
fn a_time_of_completion_is_a_day_a_year_or_a_span() {
    let project = street();
    for (range, expected) in [
        ("1998", vec!["A"]),
        ("1999-01-01", vec!["B"]),
        ("2004-02", vec!["C"]),
        ("1998..1999", vec!["A", "B"]),
        ("2004-02..", vec!["C", "D"]),
        ("..1998-12", vec!["A"]),
    ] {
        let query = Query {
            also: vec![of_completion(range).unwrap()],
            ..Query::default()
        };
        assert_eq!(codes(&project, &query), expected, "{range}");
    }
    for range in ["", "..", "yesterday", "2004-13", "2004-02-30", "1-2-3-4", "99999"] {
        assert!(of_completion(range).is_err(), "{range}");
    }
}

#[test]
fn a_sheet_is_found_by_its_number_and_told_by_its_scale() {
    let project = street();
    let on = |number: &str| on_sheet(&project, number);
    let lie_on = |number: &str| codes(&project, &lying(on(number).unwrap()));
    assert_eq!(lie_on("4854.25-547.50@1:500"), ["A", "B"]);
    assert_eq!(lie_on("4854.0-547.5"), ["A", "B", "C"]);
    assert_eq!(lie_on("4854.0-547.5@1000"), ["A", "B", "C"]);
    let wide = on("4854.0-547.0").unwrap_err().text(Lang::En);
    assert!(wide.contains("4854.0-547.0@1:2000"), "{wide}");
    for number in [
        "",
        "0.25-0.50",
        "sheet",
        "4854.25-547.50@large",
        "4854.25-547.50@1:2000",
    ] {
        let error = on(number).unwrap_err().text(Lang::En);
        assert!(
            error.contains("sheet") || error.contains("scale"),
            "{number}: {error}"
        );
    }
}

#[test]
fn material_and_diameter_are_plain_words() {
    let project = town();
    let with = |also: &[String]| {
        let query = Query {
            also: also.to_vec(),
            ..Query::default()
        };
        codes(&project, &query)
    };
    assert_eq!(
        with(&[of_material("球墨铸铁"), of_diameter("300").unwrap()]),
        ["JS-1"]
    );
    assert_eq!(with(&[of_diameter("DN100..200").unwrap()]), ["JS-10"]);
    assert_eq!(
        with(&[of_diameter("..").map_or("false".to_owned(), |c| c)]).len(),
        0
    );
    assert_eq!(with(&[of_diameter("200..").unwrap()]), ["JS-1", "JS-2", "V"]);
    assert!(of_diameter("big").is_err() && of_diameter("-3").is_err());
    let odd = Query {
        also: vec![of_material("球墨铁铸'")],
        ..Query::default()
    };
    assert!(codes(&project, &odd).is_empty());
    assert_eq!(odd.doubts(&project).unwrap().len(), 1);
}

#[test]
fn numbers_pasted_from_excel_are_a_list() {
    let pasted = "JS-1\r\nJS-2\tV, JS-1、\"GX 7\"；\n\n";
    assert_eq!(codes_of(pasted), ["JS-1", "JS-2", "V", "GX 7"]);
    assert!(codes_of(" \n,;").is_empty());
    let project = town();
    let mut many: Vec<String> = (0..3_000).map(|i| format!("none-{i}")).collect();
    many.extend(["V".to_owned(), "JS-1*".to_owned(), "JS-1".to_owned()]);
    let query = Query {
        codes: many,
        ..Query::default()
    };
    assert_eq!(codes(&project, &query), ["JS-1", "JS-10", "V"]);
}

#[test]
fn features_have_room_around_them() {
    let project = town();
    let line = Geometry::Line(vec![[100.0, 90.0, 0.0], [160.0, 90.0, 0.0]]);
    let point = Geometry::Point([50.0, -5.0, f64::NAN]);
    let around = |geometries: &[Geometry], m: f64| {
        let found = lying(Area::around_features(geometries, m).unwrap()).run(&project, &NoProgress);
        run_codes(&project, &found.unwrap())
    };
    assert_eq!(around(&[line.clone(), point.clone()], 5.0), ["JS-1", "V"]);
    assert_eq!(around(&[line, point], 10.0), ["JS-1", "JS-2", "JS-10", "V"]);
    assert!(Area::around_features(&[], 1.0).is_err());
    assert!(Area::around_features(&[Geometry::Point([f64::NAN, 0.0, 0.0])], 1.0).is_err());
}

#[test]
fn a_query_is_kept_and_asks_for_what_it_leaves_open() {
    let mut project = town();
    let kept = SavedQuery {
        classes: vec!["pipe".to_owned()],
        condition: Some(
            "管径 >= :least and material = :material and code <> ':x' or code = :材质".to_owned(),
        ),
        ..SavedQuery::default()
    };
    kept.save(&mut project, "large pipes").unwrap();
    assert_eq!(SavedQuery::names(&project).unwrap(), ["large pipes"]);
    let loaded = SavedQuery::load(&project, "large pipes").unwrap();
    assert_eq!(loaded, kept);
    assert_eq!(loaded.parameters(), ["least", "material", "材质"]);
    let values = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    };
    let full = [("least", "200"), ("material", "PE"), ("材质", "x' or 'a' = 'a")];
    let query = loaded.filled(&project, &values(&full)).unwrap();
    assert_eq!(
        codes(&project, &query),
        ["JS-2"],
        "a value can say nothing but itself"
    );
    let said = |pairs: &[(&str, &str)]| {
        loaded
            .filled(&project, &values(pairs))
            .unwrap_err()
            .text(Lang::En)
    };
    assert!(said(&full[..2]).contains("材质"));
    let mut more = full.to_vec();
    more.push(("most", "3"));
    assert!(said(&more).contains("most"));
    let near = SavedQuery::load(&project, "large pipe")
        .unwrap_err()
        .text(Lang::En);
    assert!(near.contains("large pipes"), "{near}");
    SavedQuery::delete(&mut project, "large pipes").unwrap();
    assert!(SavedQuery::names(&project).unwrap().is_empty());
    assert!(kept.save(&mut project, " ").is_err());
}
