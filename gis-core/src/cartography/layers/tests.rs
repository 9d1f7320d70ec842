use super::*;
use crate::cartography::{Rgba, StyleSet};
use crate::issue::Severity;
use crate::schema::Schema;

fn schema() -> Schema {
    Schema::builtin().unwrap()
}

#[test]
fn a_standard_map_has_every_class_once_and_pipes_at_the_bottom() {
    let schema = schema();
    let document = MapDocument::standard(&schema);
    let mut classes: Vec<&str> = document.layers().iter().filter_map(|l| l.layer.class()).collect();
    assert_eq!(classes.last(), Some(&"pipe"));
    classes.sort_unstable();
    let mut all: Vec<&str> = schema.classes.iter().map(|c| c.key.as_str()).collect();
    all.sort_unstable();
    assert_eq!(classes, all);
}

#[test]
fn a_document_reads_as_it_was_written() {
    let mut document = MapDocument::standard(&schema());
    let pipe = document.layer_mut(&LayerId::new("class:pipe")).unwrap();
    pipe.filter = Some("diameter_mm >= 300".to_owned());
    pipe.opacity = 0.5;
    pipe.renderer = Renderer::Graduated {
        value: "diameter_mm".to_owned(),
        method: ClassMethod::Jenks,
        breaks: vec![100.0, 300.0],
        ramp: "viridis".to_owned(),
        is_reversed: true,
        sizes_px: Some([1.0, 4.0]),
        missing: Some(Look::coloured(Rgba::BLACK)),
    };
    pipe.labels = Some(LabelSettings::default());
    document.tree.push(TreeNode::Layer(Layer::new(
        LayerId::new("tiles"),
        LayerSource::Tiles(TileSource {
            location: "https://t{s}.example/{z}/{x}/{y}.png?tk={key}".to_owned(),
            key_name: Some("tianditu".to_owned()),
            ..TileSource::default()
        }),
    )));
    document.tree.push(TreeNode::Layer(Layer::new(
        LayerId::new("photo"),
        LayerSource::Raster(RasterSource::default()),
    )));
    document.bookmarks.push(Bookmark {
        name: "水厂".to_owned(),
        centre: [500_000.0, 3_400_000.0],
        scale_denominator: 500.0,
        rotation_deg: 30.0,
    });
    document.view = Some(SavedView::default());
    let loaded = MapDocument::parse(&document.to_text().unwrap(), &schema());
    assert_eq!(loaded.document, document);
    assert!(loaded.issues.is_empty(), "{:?}", loaded.issues);
}

#[test]
fn what_a_later_version_wrote_costs_nothing_else_and_is_kept() {
    let text = r#"{"version":9,"colour":"new","tree":[
        {"layer":{"id":"a","source":{"type":"class","class":"pipe","new":1},"renderer":{"type":"hologram","depth":3},"sound":true}},
        {"layer":{"id":"b","source":{"type":"satellite","orbit":7}}}]}"#;
    let loaded = MapDocument::parse(text, &schema());
    assert_eq!(loaded.issues.len(), 1, "of the satellite: {:?}", loaded.issues);
    let again = loaded.document.to_text().unwrap();
    assert!(again.contains("hologram") && again.contains("\"depth\":3") && again.contains("\"orbit\":7"));
    assert_eq!(loaded.document.layers()[0].layer.class(), Some("pipe"));
}

#[test]
fn a_layer_whose_class_vanished_is_kept_with_an_issue() {
    let text = r#"{"tree":[{"layer":{"id":"a","source":{"type":"class","class":"sewer"}}}]}"#;
    let loaded = MapDocument::parse(text, &schema());
    assert_eq!(loaded.document.layers().len(), 1);
    let issue = &loaded.issues.as_slice()[0];
    assert_eq!(issue.severity, Severity::Warning);
    assert!(issue.message.to_string().contains("sewer"));
}

#[test]
fn damage_costs_what_is_damaged_and_no_more() {
    let text = r#"{"tree":[
        {"group":{"id":"g","title":7,"children":[{"layer":{"id":"a","source":{"type":"class","class":"valve"}}}]}},
        {"layer":{"id":"a","opacity":12,"source":{"type":"class","class":"pipe"}}},
        {"layer":{"id":"c","opacity":"much"}}, 3, {}]}"#;
    let loaded = MapDocument::parse(text, &schema());
    let layers = loaded.document.layers();
    assert_eq!(layers.len(), 2);
    assert_ne!(layers[0].layer.id, layers[1].layer.id);
    assert!((layers[1].layer.opacity - 1.0).abs() < 1e-6);
    assert_eq!(loaded.issues.len(), 2);
    for broken in ["", "[]", "{", "null"] {
        let loaded = MapDocument::parse(broken, &schema());
        assert_eq!(loaded.document, MapDocument::standard(&schema()), "{broken}");
        assert_eq!(loaded.issues.len(), 1);
    }
}

#[test]
fn nodes_move_between_groups_but_no_group_into_itself() {
    let mut document = MapDocument::standard(&schema());
    let (pipes, valves) = (LayerId::new("group:pipes"), LayerId::new("group:valves"));
    let pipe = LayerId::new("class:pipe");
    assert!(document.move_to(&pipe, Some(&valves), 0));
    assert_eq!(document.place_of(&pipe), Some((Some(valves.clone()), 0)));
    assert!(document.move_to(&valves, Some(&pipes), 9));
    assert!(!document.move_to(&pipes, Some(&valves), 0));
    assert!(!document.move_to(&pipes, Some(&pipes), 0));
    // Forward within the same list: before the node that was named.
    let order = |d: &MapDocument| d.tree.iter().map(|n| n.id().0.clone()).collect::<Vec<_>>();
    let before = order(&document);
    let first = document.tree[0].id().clone();
    assert!(document.move_to(&first, None, 2));
    let after = order(&document);
    assert_eq!(
        (&after[0], &after[1], &after[2]),
        (&before[1], &before[0], &before[2])
    );
}

#[test]
fn a_hidden_group_hides_its_layers_and_limits_keep_a_layer_from_a_scale() {
    let mut document = MapDocument::standard(&schema());
    document
        .group_mut(&LayerId::new("group:pipes"))
        .unwrap()
        .is_visible = false;
    let shown = document.layers();
    let pipe = shown.iter().find(|l| l.layer.class() == Some("pipe")).unwrap();
    assert!(!pipe.is_visible && pipe.layer.is_visible);
    let layer = Layer {
        hidden_beyond: Some(10_000.0),
        hidden_closer: Some(500.0),
        ..Layer::default()
    };
    let drawn = [499.0, 500.0, 10_000.0, 10_001.0].map(|s| layer.is_drawn_at(s));
    assert_eq!(drawn, [false, true, true, false]);
}

#[test]
fn a_copy_lies_above_its_original_under_an_id_of_its_own() {
    let mut document = MapDocument::standard(&schema());
    let valve = LayerId::new("class:valve");
    let copy = document.duplicate(&valve).unwrap();
    let other = document.duplicate(&valve).unwrap();
    assert!(copy != valve && other != copy);
    let (_, original) = document.place_of(&valve).unwrap();
    assert_eq!(document.place_of(&other).unwrap().1, original - 1);
    let taken = document.take(&copy).unwrap();
    assert_eq!(taken.id(), &copy);
    assert!(document.layer(&copy).is_none());
}

#[test]
fn styles_travel_from_map_to_map_in_a_file() {
    let mut from = MapDocument::standard(&schema());
    let pipe = LayerId::new("class:pipe");
    let copy = from.duplicate(&pipe).unwrap();
    let upper = from.layer_mut(&copy).unwrap();
    upper.filter = Some("diameter_mm >= 600".to_owned());
    upper.title = Some("干管".to_owned());
    upper.renderer = Renderer::Single {
        look: Look::coloured(Rgba::BLACK),
    };
    let lower = from.layer_mut(&pipe).unwrap();
    lower.opacity = 0.25;
    lower.renderer = Renderer::Graduated {
        value: "length_m".to_owned(),
        method: ClassMethod::Quantile,
        breaks: vec![10.0, 20.0],
        ramp: "magma".to_owned(),
        is_reversed: false,
        sizes_px: None,
        missing: Some(Look::default()),
    };
    let text = from.styles_text().unwrap();
    let mut to = MapDocument::standard(&schema());
    let count = to.apply_styles("a.toml", &text).unwrap();
    assert_eq!(count, schema().classes.len() + 1);
    let of_pipes = |d: &MapDocument| {
        d.layers()
            .iter()
            .filter(|l| l.layer.class() == Some("pipe"))
            .map(|l| {
                (
                    l.layer.filter.clone(),
                    l.layer.renderer.clone(),
                    l.layer.opacity.to_bits(),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(of_pipes(&to), of_pipes(&from));
    // A second time changes nothing more.
    to.apply_styles("a.toml", &text).unwrap();
    assert_eq!(of_pipes(&to), of_pipes(&from));
    let before = to.clone();
    for broken in ["layer = 3", "version = 1\n[[layer]]\nopacity = 'much'"] {
        let error = to.apply_styles("b.toml", broken).unwrap_err();
        assert!(error.text(crate::Lang::En).contains("b.toml"));
        assert_eq!(to, before);
    }
}

#[test]
fn changed_styles_go_with_the_map_and_with_files_of_styles() {
    let base = StyleSet::builtin().unwrap();
    let mut styles = base.clone();
    styles.diameter_style_mut(Some(0)).width_px = 7.5;
    let mut from = MapDocument::standard(&schema());
    from.styles = styles.changes_from(&base);
    let kept = MapDocument::parse(&from.to_text().unwrap(), &schema());
    assert!(kept.issues.is_empty());
    assert_eq!(kept.document.style_set().unwrap(), styles);
    let text = from.styles_text().unwrap();
    let mut to = MapDocument::standard(&schema());
    to.apply_styles("a.toml", &text).unwrap();
    assert_eq!(to.style_set().unwrap(), styles);
    let before = to.clone();
    let error = to
        .apply_styles("b.toml", &text.replace("7.5", "-7.5"))
        .unwrap_err()
        .text(crate::Lang::En);
    assert!(error.contains("b.toml") && error.contains("-7.5"), "{error}");
    assert_eq!(to, before, "a wrong file changes nothing");
    let spoilt = from.to_text().unwrap().replace("7.5", "-7.5");
    let read = MapDocument::parse(&spoilt, &schema());
    assert_eq!(read.issues.len(), 1);
    assert_eq!(read.document.style_set().unwrap(), base);
}

#[test]
fn a_layer_of_an_unknown_source_is_kept_and_told_of() {
    let text = r#"{"tree":[{"layer":{"id":"x","title":"Clouds","source":{"type":"hologram","at":3}}}]}"#;
    let read = MapDocument::parse(text, &schema());
    let said: Vec<String> = read
        .issues
        .iter()
        .map(|i| i.message.text(crate::Lang::En))
        .collect();
    assert!(
        said.len() == 1 && said[0].contains("Clouds") && said[0].contains("hologram"),
        "{said:?}"
    );
    assert!(read.document.to_text().unwrap().contains("hologram"));
}
