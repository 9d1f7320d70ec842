//! The blocks of small and large networks: counts, culling, precision, levels of detail.

use super::*;
use crate::network::{
    LifeState, Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeIndex, PipeInput,
};
use crate::{ClassIndex, Error, FeatureId, IdSource, NoProgress, Progress};

const PIPE: ClassIndex = ClassIndex(0);
const VALVE: ClassIndex = ClassIndex(1);

struct Line<'a> {
    vertices: &'a [[f64; 2]],
    diameter_mm: f64,
    state: LifeState,
}

fn operative(vertices: &[[f64; 2]], diameter_mm: f64) -> Line<'_> {
    Line {
        vertices,
        diameter_mm,
        state: LifeState::Operative,
    }
}

fn network(lines: &[Line<'_>], valves: &[[f64; 2]]) -> Network {
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    for line in lines {
        add_pipe(&mut builder, ids.next_id(), line);
    }
    for (i, position) in valves.iter().enumerate() {
        builder.add_node(&NodeInput {
            flags: NodeFlags::VALVE
                .with(NodeFlags::BOUNDARY)
                .with(NodeFlags::OPERABLE)
                .set(NodeFlags::OPEN, i % 2 == 0),
            position: *position,
            diameter_mm: 100.0,
            ..NodeInput::new(ids.next_id(), VALVE)
        });
    }
    builder.build(&NoProgress).unwrap()
}

fn add_pipe(builder: &mut NetworkBuilder, id: FeatureId, line: &Line<'_>) {
    builder.add_pipe(&PipeInput {
        state: line.state,
        diameter_mm: line.diameter_mm,
        vertices: line.vertices,
        ..PipeInput::new(id, PIPE)
    });
}

fn as_they_are(_: &mut [[f64; 2]]) {}

#[expect(clippy::unnecessary_wraps, reason = "ways may fail elsewhere")]
fn as_they_are_way() -> crate::error::Result<Box<ToMercator<'static>>> {
    Ok(Box::new(as_they_are))
}

fn chunks_of(network: &Network) -> Chunks {
    build(network, &as_they_are_way, &ChunkOptions::default(), &NoProgress).unwrap()
}

/// `side` × `side` crossings 100 m apart, every street bent once by 5 m in its middle; every tenth street DN500.
fn grid(side: usize) -> Network {
    let mut lines = Vec::new();
    for i in 0..side {
        for j in 0..side {
            let (x, y) = (i as f64 * 100.0, j as f64 * 100.0);
            if i + 1 < side {
                let diameter = if j % 10 == 0 { 500.0 } else { 100.0 };
                lines.push((vec![[x, y], [x + 50.0, y + 5.0], [x + 100.0, y]], diameter));
            }
            if j + 1 < side {
                let diameter = if i % 10 == 0 { 500.0 } else { 100.0 };
                lines.push((vec![[x, y], [x + 5.0, y + 50.0], [x, y + 100.0]], diameter));
            }
        }
    }
    let lines: Vec<_> = lines
        .iter()
        .map(|(vertices, diameter)| operative(vertices, *diameter))
        .collect();
    network(&lines, &[])
}

#[test]
fn every_segment_lands_in_exactly_one_block_of_each_level() {
    for side in [60, 190] {
        every_segment_of_a_grid_lands_once(side);
    }
}

/// The larger one is built in parts.
fn every_segment_of_a_grid_lands_once(side: usize) {
    let chunks = chunks_of(&grid(side));
    let pipes = 2 * side * (side - 1);
    assert_eq!(chunks.levels[0].segment_count, pipes * 2, "two segments a street");
    assert_eq!(
        chunks.levels[1].segment_count,
        pipes * 2,
        "a bend of 5 m shows at 4 m per pixel"
    );
    assert_eq!(
        chunks.levels[2].segment_count, pipes,
        "and is gone at 16 m per pixel"
    );
    for level in &chunks.levels {
        let in_blocks: usize = level.chunks.iter().map(|c| c.instances.len()).sum();
        assert_eq!(in_blocks, level.segment_count);
        if side == 60 {
            assert_eq!(level.chunks.len(), level.segment_count.div_ceil(4_096));
        }
        let mut pipes_of: Vec<u32> = level
            .chunks
            .iter()
            .flat_map(|c| c.instances.iter().map(|s| s.feature))
            .collect();
        pipes_of.sort_unstable();
        pipes_of.dedup();
        assert_eq!(pipes_of.len(), pipes);
        for chunk in &level.chunks {
            assert_eq!(chunk.runs.first().unwrap().start, 0);
            assert_eq!(chunk.runs.last().unwrap().end as usize, chunk.instances.len());
            assert!(
                chunk
                    .runs
                    .windows(2)
                    .all(|w| w[0].end == w[1].start && w[0].style < w[1].style)
            );
        }
    }
    assert_eq!(chunks.instance_bytes(), (pipes * 5) * 24);
    let far = (side - 1) as f64 * 100.0 + 5.0;
    assert_eq!(chunks.extent, Some([0.0, 0.0, far, far]));
}

#[test]
fn a_view_gets_the_blocks_it_meets_and_no_others() {
    let chunks = chunks_of(&grid(120));
    let all_shown = vec![true; chunks.pipe_keys.len()];
    let mut list = DrawList::default();
    let corner = View {
        bbox: [0.0, 0.0, 300.0, 300.0],
        metres_per_px: 0.5,
        slant: None,
    };
    assert_eq!(
        chunks.lines_in_view(&corner, &all_shown, usize::MAX, &mut list),
        0
    );
    let blocks = chunks.levels[0].chunks.len();
    assert!(
        list.chunk_count >= 1 && list.chunk_count <= 3,
        "{} of {blocks} blocks",
        list.chunk_count
    );
    assert_eq!(
        list.draws.len(),
        list.chunk_count,
        "all styles shown: one draw a block"
    );
    for (i, chunk) in chunks.levels[0].chunks.iter().enumerate() {
        let touches = chunk.bbox[0] <= 300.0 && chunk.bbox[1] <= 300.0;
        assert_eq!(list.draws.iter().any(|d| d.chunk as usize == i), touches);
    }

    let elsewhere = View {
        bbox: [1.0e6, 0.0, 1.1e6, 1.0e5],
        metres_per_px: 0.5,
        slant: None,
    };
    chunks.lines_in_view(&elsewhere, &all_shown, usize::MAX, &mut list);
    assert_eq!((list.draws.len(), list.instance_count), (0, 0));
}

#[test]
fn a_turned_view_leaves_out_the_blocks_in_the_corners_of_its_box() {
    let options = ChunkOptions {
        instances_per_chunk: 256,
        ..ChunkOptions::default()
    };
    let chunks = build(&grid(120), &as_they_are_way, &options, &NoProgress).unwrap();
    let (half, rotation_rad) = ([2_000.0, 500.0], 45_f64.to_radians());
    let reach = (half[0] + half[1]) * rotation_rad.cos();
    let bbox = [3_000.0 - reach, 3_000.0 - reach, 3_000.0 + reach, 3_000.0 + reach];
    let upright = View {
        bbox,
        metres_per_px: 1.0,
        slant: None,
    };
    let turned = View {
        slant: Some(Slant {
            centre: [3_000.0; 2],
            half,
            rotation_rad,
        }),
        ..upright
    };
    let (mut all, mut some) = (DrawList::default(), DrawList::default());
    all.collect(&chunks.levels[0].chunks, &upright, &[]);
    some.collect(&chunks.levels[0].chunks, &turned, &[]);
    assert!(
        some.chunk_count * 4 < all.chunk_count * 3,
        "{} of {} blocks",
        some.chunk_count,
        all.chunk_count
    );
    // Turned clockwise by 45°, the long side of the screen runs to the north-east of the map.
    for (i, chunk) in chunks.levels[0].chunks.iter().enumerate() {
        let inside = |p: [f64; 2]| {
            let d = [p[0] - 3_000.0, p[1] - 3_000.0];
            let (sin, cos) = rotation_rad.sin_cos();
            (d[0] * cos + d[1] * sin).abs() < half[0] && (d[1] * cos - d[0] * sin).abs() < half[1]
        };
        let b = chunk.bbox;
        if [[b[0], b[1]], [b[0], b[3]], [b[2], b[1]], [b[2], b[3]]]
            .into_iter()
            .any(inside)
        {
            assert!(
                some.draws.iter().any(|draw| draw.chunk as usize == i),
                "block {i}"
            );
        }
    }
}

#[test]
fn a_hidden_style_costs_no_instance() {
    let chunks = chunks_of(&grid(60));
    let whole = View {
        bbox: [0.0, 0.0, 6_000.0, 6_000.0],
        metres_per_px: 1.0,
        slant: None,
    };
    let is_shown: Vec<bool> = chunks
        .pipe_keys
        .iter()
        .map(|k| k.diameter_mm == Some(500))
        .collect();
    let mut list = DrawList::default();
    chunks.lines_in_view(&whole, &is_shown, usize::MAX, &mut list);
    // 6 streets each way carry DN500, 59 pipes each, 2 segments a pipe.
    assert_eq!(list.instance_count, 6 * 2 * 59 * 2);
}

#[test]
fn the_level_follows_the_scale_and_a_budget_makes_it_coarser() {
    let chunks = chunks_of(&grid(60));
    assert_eq!(
        [0.1, 3.9, 4.0, 15.0, 16.0, 900.0].map(|m| chunks.level_at(m)),
        [0, 0, 1, 1, 2, 2]
    );
    let all_shown = vec![true; chunks.pipe_keys.len()];
    let view = View {
        bbox: [0.0, 0.0, 6_000.0, 6_000.0],
        metres_per_px: 1.0,
        slant: None,
    };
    let mut list = DrawList::default();
    assert_eq!(chunks.lines_in_view(&view, &all_shown, 20_000, &mut list), 0);
    assert_eq!(chunks.lines_in_view(&view, &all_shown, 10_000, &mut list), 2);
}

#[test]
fn a_network_with_too_many_pipes_shows_its_mains_from_afar() {
    let net = grid(60);
    let options = ChunkOptions {
        mains_budget: 1_000,
        ..ChunkOptions::default()
    };
    let chunks = build(&net, &as_they_are_way, &options, &NoProgress).unwrap();
    let mains = chunks.level(Detail::Mains);
    assert_eq!(mains.segment_count, 6 * 2 * 59, "the DN500 streets alone");
    let styles: Vec<u16> = mains
        .chunks
        .iter()
        .flat_map(|c| &c.runs)
        .map(|r| r.style)
        .collect();
    assert!(
        styles
            .iter()
            .all(|s| chunks.pipe_keys[usize::from(*s)].diameter_mm == Some(500))
    );
    // However small the budget, the map is never blank.
    let options = ChunkOptions {
        mains_budget: 0,
        ..ChunkOptions::default()
    };
    let chunks = build(&net, &as_they_are_way, &options, &NoProgress).unwrap();
    assert_eq!(chunks.level(Detail::Mains).segment_count, 6 * 2 * 59);
}

#[test]
fn offsets_are_good_to_a_millimetre_anywhere_in_china() {
    // Kashgar, Mohe, Sanya, Shanghai, Urumqi: corners and middle of the country, and lines from short to very long.
    for lon_lat in [
        [75.99, 39.47],
        [122.54, 52.97],
        [109.51, 18.25],
        [121.47, 31.23],
        [87.62, 43.82],
    ] {
        let start = mercator_from_lon_lat(lon_lat);
        for reach_m in [0.123_456, 37.7, 4_321.098_7, 15_999.0, 240_000.0] {
            let line = [
                start,
                [start[0] + reach_m, start[1] + reach_m / 3.0],
                [start[0] - reach_m / 7.0, start[1]],
            ];
            let chunks = chunks_of(&network(&[operative(&line, 100.0)], &[start]));
            let level = chunks.level(Detail::Full);
            let mut ends = Vec::new();
            for chunk in &level.chunks {
                for s in &chunk.instances {
                    for p in [s.a, s.b] {
                        ends.push([
                            chunk.origin[0] + f64::from(p[0]),
                            chunk.origin[1] + f64::from(p[1]),
                        ]);
                    }
                }
            }
            for vertex in line {
                let nearest = ends
                    .iter()
                    .map(|e| (e[0] - vertex[0]).hypot(e[1] - vertex[1]))
                    .fold(f64::MAX, f64::min);
                assert!(nearest < 0.001, "{lon_lat:?}, {reach_m} m: off by {nearest} m");
            }
            let symbol = &chunks.symbols[0];
            let off = symbol.origin[0] + f64::from(symbol.instances[0].position[0]) - start[0];
            assert!(off.abs() < 0.001);
        }
    }
}

#[test]
fn simplifying_never_moves_a_line_beyond_the_tolerance() {
    let line: Vec<[f64; 2]> = (0..500)
        .map(f64::from)
        .map(|t| [t * 3.0, (t / 9.0).sin() * 20.0 + (t * 1.7).sin()])
        .collect();
    let mut kept = Vec::new();
    simplify(&line, 2.0, &mut kept);
    assert!(
        kept.len() < line.len() / 4,
        "{} of {} vertices kept",
        kept.len(),
        line.len()
    );
    assert_eq!((kept[0], kept[kept.len() - 1]), (line[0], line[line.len() - 1]));
    let metric = crate::network::Metric::projected(1.0);
    for p in &line {
        assert!(metric.foot_point(&kept, *p).unwrap().distance_m <= 2.0 + 1e-9);
    }
    simplify(&line[..2], 2.0, &mut kept);
    assert_eq!(kept, line[..2]);
    simplify(&[], 2.0, &mut kept);
    assert!(kept.is_empty());
}

#[test]
fn keys_tell_state_diameter_and_valve_position_apart_and_lie_in_drawing_order() {
    let a = [[0.0, 0.0], [100.0, 0.0]];
    let b = [[0.0, 10.0], [100.0, 10.0]];
    let c = [[0.0, 20.0], [100.0, 20.0]];
    let chunks = chunks_of(&network(
        &[
            operative(&a, 600.0),
            operative(&b, 100.2),
            operative(&c, f64::NAN),
            Line {
                state: LifeState::Planned,
                ..operative(&a, 600.0)
            },
        ],
        &[[50.0, 0.0], [50.0, 10.0]],
    ));
    let keys: Vec<_> = chunks
        .pipe_keys
        .iter()
        .map(|k| (k.state, k.diameter_mm))
        .collect();
    assert_eq!(keys[0], (LifeState::Planned, Some(600)));
    assert_eq!(keys[3], (LifeState::Operative, Some(600)));
    assert!(
        keys.contains(&(LifeState::Operative, None)) && keys.contains(&(LifeState::Operative, Some(100)))
    );
    assert_eq!(chunks.node_keys.len(), 2, "one open, one closed valve");
    assert_ne!(
        chunks.node_keys[0].flags.has(NodeFlags::OPEN),
        chunks.node_keys[1].flags.has(NodeFlags::OPEN)
    );
}

#[test]
fn symbols_turn_with_their_pipe() {
    let up = [[0.0, 0.0], [0.0, 100.0]];
    let chunks = chunks_of(&network(&[operative(&up, 100.0)], &[[0.0, 50.0]]));
    let quarter = chunks.symbols[0].instances[0].style >> 16;
    assert_eq!(quarter, 65_536 / 4);
}

#[test]
fn what_has_no_place_is_counted_and_left_out() {
    let good = [[0.0, 0.0], [10.0, 0.0]];
    let bad = [[0.0, 5.0], [f64::NAN, 5.0]];
    let chunks = chunks_of(&network(
        &[operative(&good, 100.0), operative(&bad, 100.0)],
        &[[f64::NAN, 0.0]],
    ));
    assert_eq!(
        (
            chunks.levels[0].segment_count,
            chunks.symbol_count,
            chunks.without_place
        ),
        (1, 0, 2)
    );

    let empty = chunks_of(&network(&[], &[]));
    assert_eq!((empty.extent, empty.instance_bytes()), (None, 0));
}

#[test]
fn dirty_diameters_do_not_overflow_the_style_numbers() {
    let lines: Vec<[[f64; 2]; 2]> = (0..5_000)
        .map(|i| [[0.0, f64::from(i)], [9.0, f64::from(i)]])
        .collect();
    let lines: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(i, l)| operative(l, 2.0 * i as f64 + 1.0))
        .collect();
    let chunks = chunks_of(&network(&lines, &[]));
    assert_eq!(chunks.levels[0].segment_count, 5_000);
    assert!(chunks.pipe_keys.len() <= 401, "{} keys", chunks.pipe_keys.len());
}

struct Stop;

impl Progress for Stop {
    fn report(&self, _: &crate::Message, _: u64, _: Option<u64>) {}
    fn is_cancelled(&self) -> bool {
        true
    }
}

#[test]
fn building_stops_when_asked_to() {
    let net = grid(5);
    assert!(matches!(
        build(&net, &as_they_are_way, &ChunkOptions::default(), &Stop),
        Err(Error::Cancelled)
    ));
}

#[test]
fn an_overlay_keeps_its_styles_and_drops_what_has_no_place() {
    let lines = vec![
        OverlayLine {
            style: 3,
            vertices: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 5.0]],
        },
        OverlayLine {
            style: 1,
            vertices: vec![[0.0, 0.0], [f64::INFINITY, 0.0]],
        },
    ];
    let symbols = [OverlaySymbol {
        style: 7,
        position: [1.0, 2.0],
        angle: 0.0,
    }];
    let overlay = Overlay::build(&lines, &symbols, &mut as_they_are);
    assert_eq!(
        overlay.lines[0].runs,
        [Run {
            style: 3,
            start: 0,
            end: 2
        }]
    );
    assert_eq!(overlay.symbols[0].instances[0].style_number(), 7);
}

fn drawn_features(chunks: &Chunks, edits: &Edits, level: usize) -> Vec<u32> {
    let whole = View {
        bbox: [-1e7, -1e7, 1e7, 1e7],
        metres_per_px: 0.5,
        slant: None,
    };
    let (mut list, base) = (DrawList::default(), &chunks.levels[level].chunks);
    edits.level(level).collect(base, &whole, &[], &mut list);
    let mut features: Vec<u32> = list
        .draws
        .iter()
        .flat_map(|draw| {
            let chunk = edits.level(level).get(base, draw.chunk).unwrap();
            let instances = edits.level(level).instances(chunk, draw.chunk);
            let drawn = &instances[draw.start as usize..draw.end as usize];
            drawn.iter().map(|s| s.feature).collect::<Vec<_>>()
        })
        .filter(|feature| *feature != GONE_FEATURE)
        .collect();
    features.sort_unstable();
    features.dedup();
    features
}

#[test]
fn an_edit_marks_a_feature_in_one_block_and_adds_a_small_one() {
    let chunks = chunks_of(&grid(60));
    let mut edits = Edits::new(FeatureRanges::of(&chunks));
    let pipes = drawn_features(&chunks, &edits, 0);
    let moved = PipeIndex(pipes[pipes.len() / 2]);
    let new_key = PipeKey {
        diameter_mm: Some(777),
        ..chunks.pipe_keys[0]
    };
    let change = NetworkChange {
        removed_pipes: vec![moved],
        lines: vec![ChangedLine {
            pipe: None,
            key: new_key,
            vertices: vec![[10.0, 10.0], [40.0, 90.0]],
            is_against: false,
        }],
        ..NetworkChange::default()
    };
    let touched = edits.apply(&chunks, &change, &mut as_they_are);
    for level in 0..3 {
        let blocks = chunks.levels[level].chunks.len() as u32;
        assert!(touched.levels[level].len() <= 3, "{touched:?}");
        assert_eq!(
            touched.levels[level].last(),
            Some(&blocks),
            "the new one comes last"
        );
        let now = drawn_features(&chunks, &edits, level);
        assert!(!now.contains(&moved.0) && now.contains(&u32::MAX));
        let before = drawn_features(&chunks, &Edits::default(), level).len();
        assert_eq!(now.len(), before, "one less and one more");
    }
    assert_eq!(edits.pipe_keys(), [new_key]);
    // The same once more touches nothing but the next new block.
    let again = edits.apply(&chunks, &change, &mut as_they_are);
    assert_eq!(again.levels[0].len(), 1);
    assert_eq!(edits.pipe_keys().len(), 1);
}

#[test]
fn what_many_edits_add_is_joined_into_few_blocks() {
    let chunks = chunks_of(&grid(60));
    let mut edits = Edits::new(FeatureRanges::of(&chunks));
    let features = drawn_features(&chunks, &edits, 0);
    for (i, pipe) in features.iter().take(300).enumerate() {
        let x = 4.0 * i as f64;
        let change = NetworkChange {
            removed_pipes: vec![PipeIndex(*pipe)],
            lines: vec![ChangedLine {
                pipe: Some(PipeIndex(*pipe)),
                key: chunks.pipe_keys[i % chunks.pipe_keys.len()],
                vertices: vec![[x, 10.0], [x, 90.0]],
                is_against: i % 2 == 0,
            }],
            ..NetworkChange::default()
        };
        edits.apply(&chunks, &change, &mut as_they_are);
    }
    assert_eq!(
        drawn_features(&chunks, &edits, 0),
        features,
        "none is lost or doubled"
    );
    for level in 0..3 {
        let base = &chunks.levels[level].chunks;
        let patch = edits.level(level);
        let added: Vec<_> = (base.len()..patch.count(base))
            .filter_map(|block| patch.get(base, block as u32))
            .collect();
        assert!(added.len() <= 3, "{} blocks for 300 edits", added.len());
        for block in added {
            let runs: usize = block.runs.iter().map(|run| (run.end - run.start) as usize).sum();
            assert_eq!(runs, block.instances.len());
            for run in &block.runs {
                let of_run = &block.instances[run.start as usize..run.end as usize];
                assert!(of_run.iter().all(|s| s.style_number() == run.style));
            }
            for s in &block.instances {
                let i = features.iter().position(|f| *f == s.feature).unwrap();
                let x = f64::from(s.a[0]) + block.origin[0];
                assert!((x - 4.0 * i as f64).abs() < 1e-3, "{x} {i}");
            }
        }
    }
}

#[test]
fn arrows_follow_the_one_way_device_and_not_the_pen() {
    // Two pipes drawn towards the valve in the middle; water leaves it through the second.
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let mut pipe = |vertices: &[[f64; 2]]| {
        let id = ids.next_id();
        builder.add_pipe(&PipeInput {
            code: "P",
            diameter_mm: 100.0,
            vertices,
            ..PipeInput::new(id, ClassIndex(0))
        });
        id
    };
    pipe(&[[0.0, 0.0], [50.0, 0.0]]);
    let outlet = pipe(&[[100.0, 0.0], [50.0, 0.0]]);
    builder.add_node(&NodeInput {
        flags: NodeFlags::VALVE
            .with(NodeFlags::BOUNDARY)
            .with(NodeFlags::OPERABLE)
            .with(NodeFlags::OPEN)
            .with(NodeFlags::ONE_WAY),
        code: "V",
        position: [50.0, 0.0],
        diameter_mm: 100.0,
        flow_to: Some(outlet),
        ..NodeInput::new(ids.next_id(), VALVE)
    });
    let chunks = chunks_of(&builder.build(&NoProgress).unwrap());
    let arrows: Vec<(bool, bool)> = chunks.levels[0]
        .chunks
        .iter()
        .flat_map(|chunk| {
            chunk
                .instances
                .iter()
                .map(|s| (s.a[0] < s.b[0], s.style >> 31 == 1))
        })
        .collect();
    assert!(
        arrows.contains(&(true, false)),
        "{arrows:?}: drawn with the water"
    );
    assert!(arrows.contains(&(false, true)), "{arrows:?}: drawn against it");
}

#[test]
fn a_view_leaves_out_blocks_whose_features_are_all_hidden_and_counts_no_hidden_ones() {
    let chunks = chunks_of(&grid(60));
    let blocks = chunks.levels[0].chunks.len();
    assert!(blocks > 2, "{blocks} blocks");
    // All pipes of the first block hidden, and of the others every second one.
    let last_of_first = chunks.levels[0].chunks[0]
        .instances
        .iter()
        .map(|s| s.feature)
        .max()
        .unwrap();
    let is_drawn = |pipe: u32| pipe > last_of_first && pipe.is_multiple_of(2);
    let drawn = DrawnCounts::of(&chunks, is_drawn, |_| true);
    let view = View {
        bbox: [-1e7, -1e7, 1e7, 1e7],
        metres_per_px: 0.5,
        slant: None,
    };
    let mut list = DrawList::default();
    chunks.edited_lines_in_view((&Edits::default(), &drawn), &view, &[], usize::MAX, &mut list);
    assert!(list.draws.iter().all(|draw| draw.chunk != 0));
    assert_eq!(list.chunk_count, blocks - 1);
    let expected = chunks.levels[0]
        .chunks
        .iter()
        .flat_map(|chunk| &chunk.instances)
        .filter(|s| is_drawn(s.feature))
        .count();
    assert_eq!(list.instance_count, expected);

    // What is not drawn does not push a view to a coarser level.
    let edits = Edits::default();
    let all = DrawnCounts::default();
    let level = |counts| {
        chunks.edited_lines_in_view((&edits, counts), &view, &[], expected, &mut DrawList::default())
    };
    assert_eq!((level(&drawn), level(&all) > 0), (0, true));
}

#[test]
fn a_pipe_edited_twice_is_drawn_once_and_keeps_its_number() {
    let chunks = chunks_of(&grid(60));
    let mut edits = Edits::new(FeatureRanges::of(&chunks));
    let pipes = drawn_features(&chunks, &edits, 0);
    let moved = PipeIndex(pipes[pipes.len() / 2]);
    let change = |y: f64| NetworkChange {
        removed_pipes: vec![moved],
        lines: vec![ChangedLine {
            pipe: Some(moved),
            key: chunks.pipe_keys[0],
            vertices: vec![[10.0, y], [40.0, y]],
            is_against: false,
        }],
        ..NetworkChange::default()
    };
    edits.apply(&chunks, &change(10.0), &mut as_they_are);
    edits.apply(&chunks, &change(20.0), &mut as_they_are);
    let base = &chunks.levels[0].chunks;
    let lines: Vec<f64> = (0..edits.level(0).count(base) as u32)
        .filter_map(|block| Some((block, edits.level(0).get(base, block)?)))
        .flat_map(|(block, chunk)| {
            let instances = edits.level(0).instances(chunk, block).into_owned();
            instances.into_iter().map(|s| (chunk.origin[1], s))
        })
        .filter(|(_, s)| s.feature == moved.0)
        .map(|(y, s)| y + f64::from(s.a[1]))
        .collect();
    assert_eq!(lines, [20.0]);
}
