mod agreement;
mod places;
mod ways;

use super::{Area, GroupBy, Query, ResultSet, class_named, group};
use crate::model::{Feature, Geometry, Links, Value};
use crate::project::{NewProject, Project};
use crate::sample::{self, SampleRequest};
use crate::schema::Schema;
use crate::{ClassIndex, Error, IdSource, Lang, NoProgress};

fn empty() -> Project {
    let schema = Schema::builtin().unwrap();
    let crs = crate::io::crs::parse("EPSG:4538").unwrap();
    Project::temporary(&NewProject {
        name: "town",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    })
    .unwrap()
}

/// Pipes by code, diameter, material and line; a valve V at (50, 0).
fn town() -> Project {
    let mut project = empty();
    let schema = project.schema().clone();
    let mut ids = IdSource::new(1, 1);
    let mut writer = project.begin_bulk().unwrap();
    let mut add = |class: &str, values: &[(&str, Value)], geometry: Geometry| {
        let index = schema.class_index(class).unwrap();
        let fields = &schema.class(index).fields;
        let mut feature = Feature {
            id: ids.next_id(),
            class: index,
            geometry: Some(geometry),
            links: Links::default(),
            values: vec![Value::Null; fields.len()],
        };
        for (key, value) in values {
            feature.values[fields.iter().position(|f| f.key == *key).unwrap()] = value.clone();
        }
        writer.insert(&feature).unwrap();
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let line = |points: &[[f64; 2]]| Geometry::Line(points.iter().map(|p| [p[0], p[1], f64::NAN]).collect());
    let pipe = |code: &str, mm: f64, material: &str, length: Option<f64>| {
        vec![
            ("code", text(code)),
            ("diameter_mm", Value::Real(mm)),
            ("material", text(material)),
            ("length_m", length.map_or(Value::Null, Value::Real)),
        ]
    };
    add(
        "pipe",
        &pipe("JS-1", 300.0, "DI", Some(102.0)),
        line(&[[0.0, 0.0], [100.0, 0.0]]),
    );
    add(
        "pipe",
        &pipe("JS-2", 300.0, "PE", None),
        line(&[[100.0, 0.0], [100.0, 80.0]]),
    );
    add(
        "pipe",
        &pipe("JS-10", 150.0, "DI", Some(50.0)),
        line(&[[100.0, 80.0], [150.0, 80.0]]),
    );
    add(
        "valve",
        &[("code", text("V")), ("diameter_mm", Value::Real(300.0))],
        Geometry::Point([50.0, 0.0, f64::NAN]),
    );
    writer.finish().unwrap();
    project
}

fn codes(project: &Project, query: &Query) -> Vec<String> {
    run_codes(project, &query.run(project, &NoProgress).unwrap())
}

fn run_codes(project: &Project, found: &ResultSet) -> Vec<String> {
    let code = |(class, id): &(ClassIndex, crate::FeatureId)| {
        let feature = project.record(*class, *id).unwrap().unwrap();
        project.code_of(&feature).unwrap().to_owned()
    };
    found.features().iter().map(code).collect()
}

fn asking(condition: &str) -> Query {
    Query {
        condition: Some(condition.to_owned()),
        ..Query::default()
    }
}

fn lying(area: Area) -> Query {
    Query {
        area: Some(area),
        ..Query::default()
    }
}

#[test]
fn a_condition_asks_all_classes_that_have_its_fields() {
    let project = town();
    assert_eq!(
        codes(&project, &asking("diameter_mm = 300")),
        ["JS-1", "JS-2", "V"]
    );
    assert_eq!(
        codes(&project, &asking("材质 = '球墨铸铁' and 管径 < 200")),
        ["JS-10"]
    );
    let pipes = Query {
        classes: vec![class_named(&project, "管段").unwrap()],
        ..asking("diameter_mm = 300")
    };
    assert_eq!(codes(&project, &pipes), ["JS-1", "JS-2"]);
    let error = asking("diametr_mm = 300").run(&project, &NoProgress).unwrap_err();
    assert!(error.text(Lang::En).contains("diameter_mm"), "{error}");
    assert!(matches!(class_named(&project, "dragon"), Err(Error::BadInput(_))));
}

#[test]
fn an_area_holds_what_lies_in_it_crosses_it_or_is_near_enough() {
    let project = town();
    // No vertex lies in the box: the pipe crosses it.
    let crossing = Area::of_box([20.0, -5.0, 30.0, 5.0]).unwrap();
    assert_eq!(codes(&project, &lying(crossing)), ["JS-1"]);
    let near = |radius_m| lying(Area::around([50.0, 10.0], radius_m).unwrap());
    assert!(codes(&project, &near(9.9)).is_empty());
    assert_eq!(codes(&project, &near(10.0)), ["JS-1", "V"]);
    // The boxes of JS-1 and JS-2 meet the triangle, the pipes do not.
    let triangle = Area::of_wkt("POLYGON((10 10, 90 90, 10 90, 10 10))", 0.0).unwrap();
    assert!(codes(&project, &lying(triangle)).is_empty());
    let street = Area::of_wkt("LINESTRING(90 40, 90 60)", 10.0).unwrap();
    assert_eq!(codes(&project, &lying(street)), ["JS-2"]);
    let both = Query {
        condition: Some("material = 'PE'".to_owned()),
        ..lying(Area::of_box([-10.0, -10.0, 200.0, 200.0]).unwrap())
    };
    assert_eq!(codes(&project, &both), ["JS-2"]);
}

#[test]
fn what_is_no_area_is_refused() {
    for wkt in ["", "POLYGON EMPTY", "POLYGON((0 0", "here", "POINT(nan 1)"] {
        assert!(matches!(Area::of_wkt(wkt, 1.0), Err(Error::BadInput(_))), "{wkt}");
    }
    assert!(Area::of_wkt("POINT(1 1)", -1.0).is_err());
    assert!(Area::around([0.0, 0.0], 0.0).is_err());
    assert!(Area::around([f64::NAN, 0.0], 1.0).is_err());
    assert!(Area::of_box([0.0, 0.0, f64::INFINITY, 1.0]).is_err());
}

#[test]
fn numbers_are_found_whole_or_by_how_they_begin() {
    let project = town();
    let numbered = |wanted: &[&str]| Query {
        codes: wanted.iter().map(|code| (*code).to_owned()).collect(),
        ..Query::default()
    };
    assert_eq!(
        codes(&project, &numbered(&["V", "JS-1", " JS-1 ", "none"])),
        ["JS-1", "V"]
    );
    assert_eq!(codes(&project, &numbered(&["JS-1*"])), ["JS-1", "JS-10"]);
    let thin = Query {
        condition: Some("diameter_mm < 200".to_owned()),
        ..numbered(&["JS-1", "JS-10"])
    };
    assert_eq!(codes(&project, &thin), ["JS-10"]);
}

#[test]
fn result_sets_are_put_together_taken_apart_and_cut() {
    let project = town();
    let run = |query: Query| -> ResultSet { query.run(&project, &NoProgress).unwrap() };
    let large = run(asking("diameter_mm = 300"));
    let iron = run(asking("material = 'DI'"));
    assert_eq!(large.clone().with(&iron).len(), 4);
    assert_eq!(
        large.clone().with(&iron).without(&large),
        iron.clone().without(&large)
    );
    assert_eq!(large.clone().within(&iron).len(), 1);
    assert!(large.clone().without(&large).is_empty());
}

#[test]
fn groups_count_features_and_add_up_lengths() {
    let project = town();
    let pipes = Query {
        classes: vec![class_named(&project, "pipe").unwrap()],
        ..Query::default()
    };
    let all = pipes.run(&project, &NoProgress).unwrap();
    let by = ["material".to_owned(), "diameter_mm >= 200".to_owned()];
    let groups = group(&project, &all, &GroupBy::of(&by), Lang::En, &NoProgress).unwrap();
    let rows: Vec<(String, usize, f64)> = groups
        .iter()
        .map(|g| (format!("{:?}", g.keys), g.count, g.length_m))
        .collect();
    let key = |material: &str, is_large: bool| {
        format!(
            "{:?}",
            [Value::Text(material.to_owned()), Value::Boolean(is_large)]
        )
    };
    assert_eq!(
        rows,
        [
            (key("Ductile iron", false), 1, 50.0),
            (key("Ductile iron", true), 1, 102.0),
            (key("Polyethylene", true), 1, 80.0),
        ],
        "a pipe without a recorded length counts as it is drawn"
    );
    assert!(
        group(
            &project,
            &all,
            &GroupBy::of(&["colour".to_owned()]),
            Lang::En,
            &NoProgress
        )
        .is_err()
    );
}

#[test]
fn what_the_index_of_places_finds_is_what_a_look_at_all_finds() {
    let mut project = empty();
    let schema = project.schema().clone();
    let mut writer = project.begin_bulk().unwrap();
    let request = SampleRequest { seed: 3, pipes: 300 };
    sample::generate(
        &request,
        &schema,
        &mut IdSource::new(1, 1),
        &NoProgress,
        &mut |feature| writer.insert(&feature),
    )
    .unwrap();
    writer.finish().unwrap();
    let everywhere = Area::of_box([0.0, 0.0, 1e6, 1e7]).unwrap();
    for condition in [
        "diameter_mm between 100 and 200",
        "material in ('PE', 'CI') or install_date < '2000-01-01'",
        "not (diameter_mm > 100)",
        "road like '%路' and diameter_mm is not null",
        "kind is null",
    ] {
        let all = asking(condition).run(&project, &NoProgress).unwrap();
        let indexed = Query {
            area: Some(everywhere.clone()),
            ..asking(condition)
        };
        let indexed = indexed.run(&project, &NoProgress).unwrap();
        let without_place = all.clone().without(&indexed);
        for (class, id) in without_place.features() {
            let feature = project.record(*class, *id).unwrap().unwrap();
            assert!(feature.geometry.is_none(), "{condition}");
        }
        assert_eq!(indexed.clone().within(&all), indexed, "{condition}");
        assert!(!indexed.is_empty(), "{condition}");
    }
}
