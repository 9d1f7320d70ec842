use proptest::prelude::*;

use super::*;
use crate::cartography::layers::{
    Category, ClassMethod, DiagramKind, DiagramPart, LayerId, Look, MapDocument, PartSum, Renderer, Rule,
    SizeScaling, Zones,
};
use crate::cartography::{Rgba, StyleSet, Theme};
use crate::crs::Crs;
use crate::ids::IdSource;
use crate::model::{Feature, Geometry, Links, Value};
use crate::network::Network;
use crate::progress::NoProgress;
use crate::project::{NewProject, Project};
use crate::schema::Schema;
use crate::text::Lang;

/// Least sum of squares over all ways to cut the sorted values into at most `count` classes.
fn brute_force_cost(sorted: &[f64], count: usize) -> f64 {
    fn best(values: &[f64], count: usize) -> f64 {
        let cost = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            v.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
        };
        if count == 1 || values.len() <= 1 {
            return cost(values);
        }
        (1..values.len())
            .map(|i| cost(&values[..i]) + best(&values[i..], count - 1))
            .fold(cost(values), f64::min)
    }
    best(sorted, count)
}

fn cost_of(sorted: &[f64], limits: &[f64]) -> f64 {
    (0..=limits.len())
        .map(|class| {
            let members: Vec<f64> = sorted
                .iter()
                .copied()
                .filter(|v| class_of(*v, limits) == class)
                .collect();
            let mean = members.iter().sum::<f64>() / members.len().max(1) as f64;
            members.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
        })
        .sum()
}

proptest! {
    #[test]
    fn natural_breaks_are_the_best_there_are(
        mut values in prop::collection::vec((-30_i32..60).prop_map(|q| f64::from(q) / 2.0), 1..13),
        count in 1_usize..6,
    ) {
        let limits = breaks(&values, count, ClassMethod::Jenks);
        values.sort_unstable_by(f64::total_cmp);
        let (ours, least) = (cost_of(&values, &limits), brute_force_cost(&values, count));
        prop_assert!(ours <= least + 1e-6, "{values:?} {limits:?}: {ours} but {least} is possible");
        prop_assert!(limits.len() < count.max(1));
    }

    #[test]
    fn limits_rise_and_leave_no_class_without_values(
        values in prop::collection::vec(-1e6_f64..1e6, 0..200),
        count in 1_usize..12,
    ) {
        for method in ClassMethod::ALL {
            let limits = breaks(&values, count, method);
            prop_assert!(limits.windows(2).all(|w| w[0] < w[1]), "{method:?} {limits:?}");
            prop_assert!(values.is_empty() || values.iter().any(|v| class_of(*v, &limits) == 0));
        }
    }
}

#[test]
fn each_method_cuts_as_it_says() {
    let values: Vec<f64> = (0..=100).map(f64::from).chain([f64::NAN]).collect();
    assert_eq!(breaks(&values, 4, ClassMethod::EqualInterval), [25.0, 50.0, 75.0]);
    assert_eq!(breaks(&values, 5, ClassMethod::Pretty), [20.0, 40.0, 60.0, 80.0]);
    let skewed: Vec<f64> = (0..100).map(|i| f64::from(i * i)).collect();
    assert_eq!(breaks(&skewed, 4, ClassMethod::Quantile), [625.0, 2500.0, 5625.0]);
    let clumps = [1.0, 1.1, 1.2, 5.0, 5.1, 9.0, 9.2, 9.3];
    assert_eq!(breaks(&clumps, 3, ClassMethod::Jenks), [5.0, 9.0]);
    for method in ClassMethod::ALL {
        assert!(breaks(&[7.0; 20], 5, method).is_empty());
        assert!(breaks(&[], 5, method).is_empty());
        assert!(breaks(&[f64::NAN, f64::INFINITY], 5, method).is_empty());
    }
}

#[test]
fn a_great_many_values_are_thinned_before_natural_breaks_are_sought() {
    let values: Vec<f64> = (0..200_000)
        .map(|i| f64::from(i % 1_000) / 1e3 + if i % 2 == 0 { 0.0 } else { 50.0 } + f64::from(i) * 1e-9)
        .collect();
    let limits = breaks(&values, 2, ClassMethod::Jenks);
    assert_eq!(limits.len(), 1);
    assert!(limits[0] > 1.5 && limits[0] < 50.1, "{limits:?}");
}

#[test]
fn a_histogram_counts_every_number_once() {
    let histogram = Histogram::of(&[0.0, 1.0, 1.9, 2.0, 10.0, f64::NAN], 5);
    assert_eq!(histogram.counts, [3, 1, 0, 0, 1]);
    assert_eq!((histogram.total, histogram.missing), (5, 1));
    assert_eq!(Histogram::of(&[3.0; 4], 5).counts, [4]);
    assert!(Histogram::of(&[], 5).counts.is_empty());
}

#[test]
fn ramps_are_there_and_go_from_end_to_end() {
    let ramps = Ramps::builtin().unwrap();
    for ramp in ramps.iter() {
        assert_eq!(ramp.at(0.0), ramp.colours[0], "{}", ramp.key);
        assert_eq!(ramp.at(1.0), ramp.colours[ramp.colours.len() - 1], "{}", ramp.key);
        assert_eq!(ramp.at(f64::NAN), ramp.colours[0]);
    }
    assert_eq!(ramps.get("no such ramp"), ramps.iter().next().unwrap());
    let viridis = ramps.get("viridis");
    assert_eq!(viridis.of_class(0, 5, true), viridis.of_class(4, 5, false));
    assert!(Ramps::parse("x", "[[ramp]]").is_err());
}

// ------------------------------------------------------------------------------------------------ on a network

/// Five pipes of 100, 200 … 500 mm in two zones, the last without a diameter; three valves, one closed.
pub(crate) fn town() -> (Project, Network) {
    let schema = Schema::builtin().unwrap();
    let crs = Crs::local_metric();
    let mut project = Project::temporary(&NewProject {
        name: "t",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 1,
    })
    .unwrap();
    let mut ids = IdSource::new(1, 1);
    let mut bulk = project.begin_bulk().unwrap();
    let mut add = |class: &str, geometry: Geometry, values: &[(&str, Value)]| {
        let index = schema.class_index(class).unwrap();
        let description = schema.class(index);
        let mut row = vec![Value::Null; description.fields.len()];
        for (field, value) in values {
            row[description.field_index(field).unwrap()] = value.clone();
        }
        bulk.insert(&Feature {
            id: ids.next_id(),
            class: index,
            geometry: Some(geometry),
            links: Links::default(),
            values: row,
        })
        .unwrap();
    };
    let text = |t: &str| Value::Text(t.to_owned());
    for i in 0..5 {
        let x = f64::from(i) * 100.0;
        let diameter = if i == 4 {
            Value::Null
        } else {
            Value::Real(100.0 * f64::from(i + 1))
        };
        add(
            "pipe",
            Geometry::Line(vec![[x, 0.0, 0.0], [x + 100.0, 0.0, 0.0]]),
            &[
                ("code", text(&format!("P{i}"))),
                ("diameter_mm", diameter),
                ("material", text(if i % 2 == 0 { "DI" } else { "PE" })),
                ("dma", text(if i < 2 { "A" } else { "B" })),
            ],
        );
    }
    for i in 0..3 {
        add(
            "valve",
            Geometry::Point([f64::from(i) * 100.0, 0.0, 0.0]),
            &[
                ("code", text(&format!("V{i}"))),
                ("is_open", Value::Boolean(i != 1)),
                ("dma", text("A")),
            ],
        );
    }
    bulk.finish().unwrap();
    let network = project.network(&NoProgress).unwrap();
    (project, network)
}

fn themed(change: impl FnOnce(&mut MapDocument)) -> (ThemedMap, Network, Schema) {
    let (project, network) = town();
    let schema = project.schema().clone();
    let mut document = MapDocument::standard(&schema);
    change(&mut document);
    let mut columns = ClassColumns::default();
    for (class, fields) in wanted_fields(&document, &schema) {
        columns.insert(class, project.columns(class, &fields).unwrap());
    }
    let ramps = Ramps::builtin().unwrap();
    let map = apply(&document, &schema, &network, &columns, &ramps, &NoProgress).unwrap();
    (map, network, schema)
}

fn with_pipes(renderer: Renderer) -> (ThemedMap, Network, Schema) {
    themed(|document| document.layer_mut(&LayerId::new("class:pipe")).unwrap().renderer = renderer)
}

/// Colours of the pipes P0 … P4; `None` for one that is not drawn.
fn colours(map: &ThemedMap, network: &Network) -> Vec<Option<Rgba>> {
    (0..5)
        .map(|i| {
            let look = map.look.pipe(network.pipes_with_code(&format!("P{i}"))[0]);
            look.colour.filter(|_| !look.is_hidden)
        })
        .collect()
}

const RED: Rgba = Rgba::opaque(200, 0, 0);
const BLUE: Rgba = Rgba::opaque(0, 0, 200);

#[test]
fn a_standard_map_costs_nothing_per_feature() {
    let (map, _, _) = themed(|_| {});
    assert!(!map.look.has_features() && map.issues.is_empty() && map.counts.is_empty());
}

#[test]
fn a_filter_hides_what_it_does_not_let_in_and_is_counted() {
    let (map, network, schema) = themed(|document| {
        let pipe = document.layer_mut(&LayerId::new("class:pipe")).unwrap();
        pipe.filter = Some("管径 >= 300".to_owned());
        pipe.opacity = 0.5;
    });
    assert_eq!(map.count(&LayerId::new("class:pipe")), Some(2));
    let drawn: Vec<bool> = (0..5)
        .map(|i| {
            let pipe = network.pipes_with_code(&format!("P{i}"))[0];
            map.look
                .is_pipe_drawn(schema.class_index("pipe").unwrap(), pipe, 1_000.0)
        })
        .collect();
    assert_eq!(drawn, [false, false, true, true, false]);
    assert!((map.look.pipe(network.pipes_with_code("P2")[0]).opacity - 0.5).abs() < 1e-6);
}

#[test]
fn of_two_layers_of_a_class_the_upper_one_draws_what_both_would() {
    let (map, network, _) = themed(|document| {
        let pipe = LayerId::new("class:pipe");
        let copy = document.duplicate(&pipe).unwrap();
        let upper = document.layer_mut(&copy).unwrap();
        upper.filter = Some("material = 'PE'".to_owned());
        upper.renderer = Renderer::Single {
            look: Look::coloured(RED),
        };
        document.layer_mut(&pipe).unwrap().renderer = Renderer::Single {
            look: Look::coloured(BLUE),
        };
    });
    let (r, b) = (Some(RED), Some(BLUE));
    assert_eq!(colours(&map, &network), [b, r, b, r, b]);
}

#[test]
fn categories_ranges_and_rules_give_each_feature_its_colour() {
    let category = |value: &str, colour| Category {
        value: value.to_owned(),
        title: None,
        look: Look::coloured(colour),
        is_visible: true,
    };
    let (map, network, _) = with_pipes(Renderer::Categorised {
        value: "材质".to_owned(),
        categories: vec![category("PE", RED)],
        other: Some(Look::coloured(BLUE)),
        ramp: String::new(),
    });
    let (r, b) = (Some(RED), Some(BLUE));
    assert_eq!(colours(&map, &network), [b, r, b, r, b]);

    let (map, network, _) = with_pipes(Renderer::Graduated {
        value: "diameter_mm".to_owned(),
        method: ClassMethod::Manual,
        breaks: vec![200.0, 400.0],
        ramp: "viridis".to_owned(),
        is_reversed: false,
        sizes_px: Some([1.0, 5.0]),
        missing: None,
    });
    let ramp = Ramps::builtin().unwrap().get("viridis").clone();
    let class = |i| Some(ramp.of_class(i, 3, false));
    assert_eq!(
        colours(&map, &network),
        [class(0), class(1), class(1), class(2), None]
    );
    let thick = map.look.pipe(network.pipes_with_code("P3")[0]).width_px;
    assert_eq!(thick, Some(5.0));

    let rule = |when: &str, colour| Rule {
        title: String::new(),
        when: when.to_owned(),
        look: Look::coloured(colour),
        is_visible: true,
    };
    let (map, network, _) = with_pipes(Renderer::Rules {
        rules: vec![rule("diameter_mm > 250", RED), rule("dma = 'A'", BLUE)],
        other: None,
    });
    assert_eq!(colours(&map, &network), [b, b, r, r, None]);
}

#[test]
fn proportional_symbols_have_areas_in_proportion() {
    let (map, network, _) = with_pipes(Renderer::Proportional {
        value: "diameter_mm".to_owned(),
        largest: 400.0,
        max_size_px: 20.0,
        min_size_px: 0.0,
        scaling: SizeScaling::Area,
        colour: RED,
    });
    let size = |code: &str| map.look.pipe(network.pipes_with_code(code)[0]).size_px.unwrap();
    assert!((size("P3") - 20.0).abs() < 1e-3);
    assert!(
        (size("P0") - 10.0).abs() < 0.5,
        "a quarter of the number, half of the diameter"
    );
    assert!(map.look.pipe(network.pipes_with_code("P4")[0]).is_hidden);
}

#[test]
fn an_expression_with_an_error_is_an_issue_and_the_layer_is_drawn_as_usual() {
    let (map, network, _) = with_pipes(Renderer::Graduated {
        value: "diametre_mm".to_owned(),
        method: ClassMethod::Jenks,
        breaks: vec![100.0],
        ramp: "viridis".to_owned(),
        is_reversed: false,
        sizes_px: None,
        missing: None,
    });
    assert_eq!(map.issues.len(), 1);
    assert_eq!(map.issues[0].layer, LayerId::new("class:pipe"));
    assert!(map.issues[0].error.near.contains(&"diameter_mm".to_owned()));
    let look = map.look.pipe(network.pipes_with_code("P0")[0]);
    assert!(!look.is_hidden && look.colour.is_none());
}

#[test]
fn densities_dots_and_pies_add_up() {
    let (map, _, _) = with_pipes(Renderer::Heat {
        weight: Some("diameter_mm".to_owned()),
        radius_m: 50.0,
        ramp: "magma".to_owned(),
    });
    let heat = &map.heat[0];
    assert_eq!(heat.rgba().len(), heat.columns * heat.rows);
    let at = |x: f64| {
        let column =
            ((x - heat.extent[0]) / (heat.extent[2] - heat.extent[0]) * heat.columns as f64) as usize;
        heat.values[heat.rows / 2 * heat.columns + column]
    };
    let ratio = at(350.0) / at(50.0);
    assert!(
        (ratio - 4.0).abs() < 0.2,
        "400 mm weighs four times 100 mm: {ratio}"
    );

    let dots = |per_dot| {
        let (map, _, _) = with_pipes(Renderer::Dots {
            value: "diameter_mm".to_owned(),
            per_dot,
            size_px: 2.0,
            colour: RED,
        });
        map.dots[0].dots.clone()
    };
    assert_eq!(dots(100.0).len(), 10);
    assert_eq!(dots(100.0), dots(100.0));
    assert!(
        dots(100.0)
            .iter()
            .all(|p| p[1].abs() < 1e-9 && (0.0..=400.0).contains(&p[0]))
    );
    assert!(dots(0.0).is_empty());

    let part = |title: &str, sum| DiagramPart {
        title: title.to_owned(),
        sum,
        colour: RED,
    };
    let (map, network, schema) = with_pipes(Renderer::Diagram {
        kind: DiagramKind::Pie,
        zones: Zones::Value("dma".to_owned()),
        parts: vec![
            part("PE", PartSum::Count("material = 'PE'".to_owned())),
            part("mm", PartSum::Sum("diameter_mm".to_owned())),
        ],
        max_size_px: 40.0,
    });
    let pies = &map.diagrams[0];
    let found: Vec<_> = pies
        .diagrams
        .iter()
        .map(|d| (d.zone.as_str(), d.sums.clone(), d.centre[0]))
        .collect();
    assert_eq!(
        found,
        [("A", vec![1.0, 300.0], 100.0), ("B", vec![1.0, 700.0], 350.0)]
    );
    assert!((pies.pie_size_px(&pies.diagrams[1]) - 40.0).abs() < 1e-3);
    let class = schema.class_index("pipe").unwrap();
    let is_drawn = |map: &ThemedMap| {
        let look = &map.look;
        network
            .pipes()
            .all(|pipe| look.is_pipe_drawn(class, pipe, 1_000.0))
    };
    assert!(is_drawn(&map), "charts are put upon the pipes");
    let (heat, _, _) = with_pipes(Renderer::Heat {
        weight: None,
        radius_m: 50.0,
        ramp: "yl_or_rd".to_owned(),
    });
    assert!(!is_drawn(&heat), "a density stands for the pipes");
}

#[test]
fn the_legend_names_classes_in_both_languages() {
    let schema = Schema::builtin().unwrap();
    let (styles, ramps) = (StyleSet::builtin().unwrap(), Ramps::builtin().unwrap());
    let mut document = MapDocument::standard(&schema);
    for group in &mut document.tree {
        let crate::cartography::layers::TreeNode::Group(group) = group else {
            panic!("standard maps have groups")
        };
        group.is_visible = group.id.0 == "group:pipes";
    }
    document.layer_mut(&LayerId::new("class:pipe")).unwrap().renderer = Renderer::Categorised {
        value: "material".to_owned(),
        categories: vec![Category {
            value: "DI".to_owned(),
            title: None,
            look: Look::coloured(RED),
            is_visible: true,
        }],
        other: Some(Look::default()),
        ramp: String::new(),
    };
    let titles = |lang| {
        legend(&document, &schema, &styles, &ramps, Theme::Light, lang)
            .into_iter()
            .map(|e| (e.level, e.title))
            .collect::<Vec<_>>()
    };
    let material = &schema
        .dictionary("material")
        .unwrap()
        .resolve("DI")
        .unwrap()
        .label;
    let (zh, en) = (titles(Lang::ZhCn), titles(Lang::En));
    assert_eq!(zh[..2], [(0, "管段".to_owned()), (1, material.zh.clone())]);
    assert_eq!(en[..2], [(0, "Pipe".to_owned()), (1, material.en.clone())]);
    assert_eq!(zh.len(), 3);
}

#[test]
fn a_label_that_no_dictionary_knows_is_a_warning_of_its_layer() {
    let (map, _, _) = themed(|document| {
        let pipes = document.layer_mut(&LayerId::new("class:pipe")).unwrap();
        pipes.filter = Some("material = 'PEE'".to_owned());
    });
    let [issue] = &map.issues[..] else {
        panic!("{:?}", map.issues)
    };
    assert_eq!(issue.severity, crate::issue::Severity::Warning);
    assert!(issue.message(Lang::En).text(Lang::En).contains("PE"), "{issue:?}");
    assert_eq!(
        map.count(&LayerId::new("class:pipe")),
        Some(0),
        "it filters all the same"
    );
}
