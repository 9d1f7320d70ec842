//! A small town as a real project file: streets in a grid, a plant, valves at the corners, customers and
//! hydrants on the pipes.

use std::path::Path;

use gis_core::project::{NewProject, Project};
use gis_core::schema::Schema;
use gis_core::{Feature, FeatureId, Geometry, IdSource, Links, Value};

/// Corners per side.
const SIDE: usize = 8;
const STREET_M: f64 = 120.0;
const ORIGIN: [f64; 2] = [463_000.0, 4_870_000.0];

struct Town {
    schema: Schema,
    ids: IdSource,
    features: Vec<Feature>,
}

impl Town {
    fn add(&mut self, class: &str, geometry: Geometry, links: Links, values: &[(&str, Value)]) -> FeatureId {
        let index = self.schema.class_index(class).unwrap();
        let class = self.schema.class(index);
        let mut all = vec![Value::Null; class.fields.len()];
        for (key, value) in values {
            all[class.field_index(key).unwrap_or_else(|| panic!("{key}"))] = value.clone();
        }
        let id = self.ids.next_id();
        self.features.push(Feature {
            id,
            class: index,
            geometry: Some(geometry),
            links,
            values: all,
        });
        id
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn corner(i: usize, j: usize) -> [f64; 3] {
    [
        ORIGIN[0] + i as f64 * STREET_M,
        ORIGIN[1] + j as f64 * STREET_M,
        812.5,
    ]
}

fn between(a: [f64; 3], b: [f64; 3], share: f64) -> [f64; 3] {
    [0, 1, 2].map(|k| a[k] + (b[k] - a[k]) * share)
}

/// Writes the town. Pipe `P-3-4-E` runs east from corner (3, 4), `P-3-4-N` north; each has a valve near its
/// start (`V-3-4-E`), so every pipe can be isolated by the valves around its two corners.
pub(crate) fn make_town(path: &Path) {
    let crs = gis_core::io::crs::parse("EPSG:4545").unwrap();
    let schema = Schema::builtin().unwrap();
    let new = NewProject {
        name: "试验小区",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 1_750_000_000_000,
    };
    let mut project = Project::create(path, &new).unwrap();
    let mut town = Town {
        schema: schema.clone(),
        ids: IdSource::new(1_750_000_000_000, 5),
        features: Vec::new(),
    };
    let plant = [ORIGIN[0] - 200.0, ORIGIN[1], 820.0];
    town.add(
        "plant",
        Geometry::Point(plant),
        Links::default(),
        &[("code", text("PLANT")), ("name", text("第一水厂"))],
    );
    town.add(
        "pipe",
        Geometry::Line(vec![plant, corner(0, 0)]),
        Links::default(),
        &[
            ("code", text("MAIN")),
            ("diameter_mm", Value::Real(600.0)),
            ("material", text("DI")),
        ],
    );
    for i in 0..SIDE {
        for j in 0..SIDE {
            town.add(
                "junction",
                Geometry::Point(corner(i, j)),
                Links::default(),
                &[("code", text(format!("J-{i}-{j}")))],
            );
            for (name, ni, nj) in [("E", i + 1, j), ("N", i, j + 1)] {
                if ni < SIDE && nj < SIDE {
                    street(&mut town, (i, j), name, corner(i, j), corner(ni, nj));
                }
            }
        }
    }
    let mut bulk = project.begin_bulk().unwrap();
    for feature in &town.features {
        bulk.insert(feature).unwrap();
    }
    bulk.finish().unwrap();
    project.close().unwrap();
}

fn street(town: &mut Town, (i, j): (usize, usize), name: &str, from: [f64; 3], to: [f64; 3]) {
    let diameter_mm = if i == 0 || j == 0 {
        300.0
    } else if (i + j) % 2 == 0 {
        200.0
    } else {
        100.0
    };
    let label = format!("{i}-{j}-{name}");
    let pipe = town.add(
        "pipe",
        Geometry::Line(vec![from, to]),
        Links::default(),
        &[
            ("code", text(format!("P-{label}"))),
            ("diameter_mm", Value::Real(diameter_mm)),
            ("material", text("DI")),
            ("road", text("人民路")),
        ],
    );
    let on = |distance_m: f64| Links {
        on_pipe: Some(pipe),
        on_pipe_distance_m: Some(distance_m),
        ..Links::default()
    };
    town.add(
        "valve",
        Geometry::Point(between(from, to, 0.1)),
        on(STREET_M * 0.1),
        &[
            ("code", text(format!("V-{label}"))),
            ("kind", text("gate")),
            ("is_open", Value::Boolean(true)),
            ("is_operable", Value::Boolean(true)),
            ("diameter_mm", Value::Real(diameter_mm)),
            ("turns", Value::Integer(24)),
            ("address", text(format!("人民路{i}号院{j}栋旁"))),
        ],
    );
    let is_hospital = (i, j) == (3, 3);
    town.add(
        "customer",
        Geometry::Point(between(from, to, 0.5)),
        on(STREET_M * 0.5),
        &[
            ("code", text(format!("C-{label}"))),
            (
                "name",
                text(if is_hospital {
                    "区人民医院"
                } else {
                    "幸福小区"
                }),
            ),
            ("customers", Value::Integer(if is_hospital { 1 } else { 24 })),
            ("is_important", Value::Boolean(is_hospital)),
            ("address", text(format!("人民路{i}{j}号"))),
        ],
    );
    if name == "N" && (i + j) % 3 == 0 {
        town.add(
            "hydrant",
            Geometry::Point(between(from, to, 0.75)),
            on(STREET_M * 0.75),
            &[("code", text(format!("H-{label}")))],
        );
    }
}
