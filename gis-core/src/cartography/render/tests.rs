use super::*;
use crate::analysis::burst::{BurstRequest, burst};
use crate::analysis::path::{PathOutcome, Place, shortest_path};
use crate::ids::IdSource;
use crate::network::{LifeState, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput};
use crate::progress::NoProgress;

pub(super) fn schema() -> Schema {
    Schema::builtin().unwrap()
}

/// The classes of the town, by position.
const CLASSES: [&str; 6] = ["pipe", "valve", "junction", "hydrant", "customer", "plant"];

/// A grid of streets with a valve on most pipes, hydrants, customers and one plant in the corner.
pub(super) fn town(side: u32) -> Network {
    let schema = schema();
    let classes = CLASSES.map(|key| schema.class_index(key).unwrap());
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let live = NodeFlags::OPEN
        .with(NodeFlags::OPERABLE)
        .with(NodeFlags::ACCESSIBLE);
    let mut node = |builder: &mut NetworkBuilder,
                    class: usize,
                    flags: NodeFlags,
                    code: &str,
                    position: [f64; 2],
                    on_pipe| {
        let id = ids.next_id();
        builder.add_node(&NodeInput {
            flags: live.with(flags),
            code,
            position,
            diameter_mm: 200.0,
            customers: u32::from(class == 4) * 12,
            on_pipe,
            ..NodeInput::new(id, classes[class])
        });
        id
    };
    let place = |i: u32, j: u32| {
        [
            500_000.0 + f64::from(i) * 180.0,
            4_200_000.0 + f64::from(j) * 140.0 + f64::from(i * 7 % 5) * 12.0,
        ]
    };
    let mut joints = Vec::new();
    for i in 0..side {
        for j in 0..side {
            joints.push(node(
                &mut builder,
                2,
                NodeFlags::default(),
                &format!("J{i}-{j}"),
                place(i, j),
                None,
            ));
        }
    }
    let joint = |i: u32, j: u32| joints[(i * side + j) as usize];
    let valve_flags = NodeFlags::VALVE
        .with(NodeFlags::BOUNDARY)
        .with(NodeFlags::SHUTTABLE);
    let mut pipe_ids = IdSource::new(1, 1);
    for i in 0..side {
        for j in 0..side {
            for (k, (di, dj)) in [(1, 0), (0, 1)].into_iter().enumerate() {
                if i + di >= side || j + dj >= side {
                    continue;
                }
                let (a, b) = (place(i, j), place(i + di, j + dj));
                let id = pipe_ids.next_id();
                let number = (i * side + j) * 2 + k as u32;
                builder.add_pipe(&PipeInput {
                    state: if number % 23 == 22 {
                        LifeState::Planned
                    } else {
                        LifeState::Operative
                    },
                    code: &format!("P{number}"),
                    from: Some(joint(i, j)),
                    to: Some(joint(i + di, j + dj)),
                    diameter_mm: if j == 0 {
                        800.0
                    } else if i == side / 2 {
                        400.0
                    } else {
                        100.0 + f64::from(number % 3) * 80.0
                    },
                    vertices: &[a, b],
                    ..PipeInput::new(id, classes[0])
                });
                let at = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
                if number.is_multiple_of(2) {
                    node(
                        &mut builder,
                        1,
                        valve_flags,
                        &format!("V{number}"),
                        at(0.15),
                        Some(id),
                    );
                }
                if number % 4 == 1 {
                    node(
                        &mut builder,
                        3,
                        NodeFlags::HYDRANT,
                        &format!("H{number}"),
                        at(0.5),
                        Some(id),
                    );
                }
                let flags = if number.is_multiple_of(11) {
                    NodeFlags::CUSTOMER.with(NodeFlags::IMPORTANT)
                } else {
                    NodeFlags::CUSTOMER
                };
                let beside = at(0.6);
                node(
                    &mut builder,
                    4,
                    flags,
                    &format!("C{number}"),
                    [beside[0] + 9.0, beside[1] + 9.0],
                    Some(id),
                );
            }
        }
    }
    let plant = node(
        &mut builder,
        5,
        NodeFlags::SOURCE,
        "W1",
        [499_700.0, 4_199_900.0],
        None,
    );
    let id = pipe_ids.next_id();
    builder.add_pipe(&PipeInput {
        code: "PW",
        from: Some(plant),
        to: Some(joint(0, 0)),
        diameter_mm: 1000.0,
        vertices: &[[499_700.0, 4_199_900.0], place(0, 0)],
        ..PipeInput::new(id, classes[0])
    });
    builder.build(&NoProgress).unwrap()
}

fn request<'a>(network: &'a Network, schema: &'a Schema, styles: &'a StyleSet) -> MapRequest<'a> {
    MapRequest {
        network,
        schema,
        styles,
        theme: Theme::Light,
        lang: Lang::ZhCn,
        title: "天池示范区 供水管网".to_owned(),
        subtitle: "CGCS2000 / 3-degree Gauss-Kruger CM 87E · 2026-11-22 18:30".to_owned(),
        result: MapResult::None,
        writing: None,
        extent: MapExtent::Whole,
        width_px: 1500,
        height_px: 1000,
        dpi: 144.0,
    }
}

/// `KAREZ_PICTURES` names a folder to look at the pictures in.
fn keep(name: &str, png: &[u8]) {
    if let Ok(folder) = std::env::var("KAREZ_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), png).unwrap();
    }
}

/// Pixels of the colour, within what anti-aliasing leaves untouched.
fn count(png: &[u8], rgba: crate::cartography::Rgba) -> usize {
    let map = tiny_skia::Pixmap::decode_png(png).unwrap();
    map.pixels()
        .iter()
        .filter(|p| [p.red(), p.green(), p.blue()] == [rgba.r, rgba.g, rgba.b])
        .count()
}

#[test]
fn a_burst_is_drawn_with_its_colours_and_numbers() {
    let (network, schema, styles) = (town(8), schema(), StyleSet::builtin().unwrap());
    let pipe = network.pipes_with_code("P54")[0];
    let result = burst(
        &network,
        &BurstRequest {
            pipes: vec![pipe],
            ..BurstRequest::default()
        },
    )
    .unwrap();
    assert!(!result.valves_to_close.is_empty());
    let pieces: Vec<_> = network.pieces_of(pipe).collect();
    let middle = network
        .metric()
        .point_along(network.pipe_vertices(pipe), 60.0)
        .unwrap();
    let picture = MapResult::Burst(BurstPicture {
        result: &result,
        places: &[middle],
        pieces: &pieces,
        closing_order: &result.valves_to_close,
    });
    for (theme, lang, name) in [
        (Theme::Light, Lang::ZhCn, "burst-zh.png"),
        (Theme::Dark, Lang::En, "burst-en-dark.png"),
    ] {
        let base = request(&network, &schema, &styles);
        let png = render_png(&MapRequest {
            result: picture,
            extent: MapExtent::Result,
            theme,
            lang,
            ..base
        })
        .unwrap();
        keep(name, &png);
        for highlight in [
            crate::cartography::Highlight::Isolated,
            crate::cartography::Highlight::Close,
        ] {
            let colour = styles.highlight(highlight).colour.on(theme);
            assert!(count(&png, colour) > 100, "{highlight:?}");
        }
    }
    let whole = render_png(&MapRequest {
        result: picture,
        ..request(&network, &schema, &styles)
    })
    .unwrap();
    keep("burst-whole.png", &whole);
}

#[test]
fn a_path_is_drawn_from_a_to_b() {
    let (network, schema, styles) = (town(8), schema(), StyleSet::builtin().unwrap());
    let node = |code: &str| Place::Node(network.nodes_with_code(code)[0]);
    let PathOutcome::Found(path) = shortest_path(&network, node("J1-1"), node("J6-5")).unwrap() else {
        panic!("no path")
    };
    let base = request(&network, &schema, &styles);
    let png = render_png(&MapRequest {
        result: MapResult::Path(&path),
        extent: MapExtent::Result,
        ..base
    })
    .unwrap();
    keep("path.png", &png);
    assert!(
        count(
            &png,
            styles.highlight(crate::cartography::Highlight::Path).colour.light
        ) > 500
    );
}

#[test]
fn any_network_and_any_sensible_size_give_a_picture() {
    let (schema, styles) = (schema(), StyleSet::builtin().unwrap());
    let empty = NetworkBuilder::new(false, 1.0, NetworkOptions::default())
        .build(&NoProgress)
        .unwrap();
    let town = town(6);
    for network in [&empty, &town] {
        for (width_px, height_px, dpi) in [
            (64, 64, 96.0),
            (300, 200, 96.0),
            (640, 480, 96.0),
            (1754, 1240, 150.0),
        ] {
            let base = request(network, &schema, &styles);
            let png = render_png(&MapRequest {
                width_px,
                height_px,
                dpi,
                ..base
            })
            .unwrap();
            keep(&format!("size-{width_px}-{}.png", network.pipe_count()), &png);
            let read = tiny_skia::Pixmap::decode_png(&png).unwrap();
            assert_eq!((read.width(), read.height()), (width_px, height_px));
        }
        for (width_px, height_px, dpi) in [(0, 100, 96.0), (100, 100_000, 96.0), (100, 100, f64::NAN)] {
            let base = request(network, &schema, &styles);
            assert!(
                render_png(&MapRequest {
                    width_px,
                    height_px,
                    dpi,
                    ..base
                })
                .is_err()
            );
        }
    }
    let nowhere = MapExtent::Box([f64::NAN, 0.0, 1.0, 1.0]);
    assert!(
        render_png(&MapRequest {
            extent: nowhere,
            ..request(&town, &schema, &styles)
        })
        .is_ok()
    );
    let far = MapExtent::Box([500_000.0, 4_200_000.0, 500_000.1, 4_200_000.1]);
    assert!(
        render_png(&MapRequest {
            extent: far,
            ..request(&town, &schema, &styles)
        })
        .is_ok()
    );
}

#[test]
fn a_budget_of_pipes_takes_the_largest_diameters() {
    let network = town(8);
    let all: Vec<_> = network.pipes().collect();
    let diameter = |pipe: &crate::network::PipeIndex| network.pipe_diameter_mm(*pipe);
    let kept = super::painter::largest(&network, all.clone(), 10);
    assert_eq!(kept.len(), 10);
    let smallest = kept.iter().map(diameter).fold(f32::INFINITY, f32::min);
    let left_out = all.iter().filter(|pipe| !kept.contains(pipe));
    let largest_left = left_out.map(diameter).fold(0.0, f32::max);
    assert!(
        smallest >= largest_left && largest_left > 0.0,
        "{smallest} {largest_left}"
    );
    assert_eq!(super::painter::largest(&network, all.clone(), all.len() + 1), all);
    assert!(super::painter::largest(&network, all, 0).is_empty());
}
