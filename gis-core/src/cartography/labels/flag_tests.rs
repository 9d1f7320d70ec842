use super::*;
use crate::cartography::StyleSet;
use crate::cartography::labels::{
    AnnotationId, Annotations, ColumnTexts, Dimension, GatherRequest, LabelView, TextRuler, draw_once,
};
use crate::cartography::layers::MapDocument;
use crate::cartography::thematic::NetworkLook;
use crate::ids::{FeatureId, IdSource};
use crate::model::ClassIndex;
use crate::network::stroke::crossing;
use crate::network::{Metric, Network, NetworkBuilder, PipeInput};
use crate::progress::NoProgress;

/// SplitMix64, as in other tests: the same bundles each time.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

fn network_of(lines: &[Vec<[f64; 2]>], ids: &[FeatureId]) -> Network {
    let mut builder = NetworkBuilder::new(false, 1.0, crate::network::NetworkOptions::default());
    for (line, id) in lines.iter().zip(ids) {
        builder.add_pipe(&PipeInput {
            diameter_mm: 100.0,
            vertices: line,
            ..PipeInput::new(*id, ClassIndex(0))
        });
    }
    builder.build(&NoProgress).unwrap()
}

/// Pipes more or less side by side, and a stroke across them at any slant.
fn bundle(random: &mut Random) -> (Vec<Vec<[f64; 2]>>, [[f64; 2]; 2]) {
    let count = random.between(2.0, 30.999) as usize;
    let direction = random.between(0.0, std::f64::consts::TAU);
    let (sin, cos) = direction.sin_cos();
    // Along the bundle and across it.
    let at = |along: f64, across: f64| {
        [
            1_000.0 + along * cos - across * sin,
            2_000.0 + along * sin + across * cos,
        ]
    };
    let mut across = 0.0;
    let lines = (0..count)
        .map(|_| {
            across += random.between(0.05, 6.0);
            let lean = random.between(-0.6, 0.6);
            let bend = random.between(-0.3, 0.3);
            vec![
                at(-60.0, across - lean),
                at(random.between(-20.0, 20.0), across + bend),
                at(60.0, across + lean),
            ]
        })
        .collect();
    let slant = random.between(-25.0, 25.0);
    let stroke = [at(-slant, -3.0), at(slant, across + 3.0)];
    (
        lines,
        if random.unit() < 0.5 {
            stroke
        } else {
            [stroke[1], stroke[0]]
        },
    )
}

fn check(layout: &FlagLayout, count: usize, case: &str) {
    assert_eq!(layout.rows.len(), count, "{case}: a row for each pipe");
    for (i, a) in layout.rows.iter().enumerate() {
        for b in &layout.rows[i + 1..] {
            assert!(
                !meet(a.leader, b.leader),
                "{case}: leaders {} and {} cross",
                a.crossing,
                b.crossing
            );
            assert!(
                !a.text.overlaps(&b.text),
                "{case}: rows {} and {} overlap",
                a.crossing,
                b.crossing
            );
        }
        assert!(
            length_within(a.leader, layout.rows_box()) < 1e-3,
            "{case}: a leader runs through the texts"
        );
    }
    let order: Vec<usize> = layout.rows.iter().map(|row| row.crossing).collect();
    let forth: Vec<usize> = (0..count).collect();
    let back: Vec<usize> = (0..count).rev().collect();
    assert!(order == forth || order == back, "{case}: out of order: {order:?}");
    assert!(
        layout
            .rows
            .windows(2)
            .all(|w| w[0].text.centre[1] < w[1].text.centre[1])
    );
}

impl FlagLayout {
    fn rows_box(&self) -> [f64; 4] {
        let boxes: Vec<[f32; 4]> = self.rows.iter().map(|row| row.text.bounds()).collect();
        let low = |axis: usize| {
            boxes
                .iter()
                .map(|b| f64::from(b[axis]))
                .fold(f64::INFINITY, f64::min)
        };
        let high = |axis: usize| {
            boxes
                .iter()
                .map(|b| f64::from(b[axis]))
                .fold(f64::NEG_INFINITY, f64::max)
        };
        [low(0), low(1), high(2), high(3)]
    }
}

/// 1,000 bundles of 2 to 30 pipes: the flag where it was put by itself, then at another scale and turn, then moved to
/// anywhere by hand.
#[test]
fn a_thousand_bundles_have_no_crossing_leaders_no_overlaps_and_the_right_order() {
    let mut random = Random(20_261_122);
    let mut ids = IdSource::new(0, 7);
    let metric = Metric::projected(1.0);
    for number in 0..1_000 {
        let (lines, stroke) = bundle(&mut random);
        let names: Vec<FeatureId> = lines.iter().map(|_| ids.next_id()).collect();
        let network = network_of(&lines, &names);
        let crossed = crossed_pipes(&network, stroke, |_| true);
        assert_eq!(
            crossed.len(),
            lines.len(),
            "bundle {number}: the stroke crosses all"
        );
        let along: Vec<f64> = crossed.iter().map(|(_, c)| c.along).collect();
        assert!(along.windows(2).all(|w| w[0] <= w[1]));

        let widths: Vec<f64> = crossed.iter().map(|_| random.between(30.0, 180.0)).collect();
        let mut view = LabelView::of_scale([1_000.0, 2_000.0], metric, 500.0, 0.0, [1_600.0, 1_000.0]);
        let mut foot = None;
        for attempt in ["new", "seen again", "moved"] {
            let crossings: Vec<[f64; 2]> = crossed.iter().map(|(_, c)| view.px(c.point)).collect();
            let request = FlagRequest {
                crossings: &crossings,
                stroke: stroke.map(|p| view.px(p)),
                widths: &widths,
                size_px: 11.0,
            };
            let around: Vec<[[f64; 2]; 2]> = lines
                .iter()
                .flat_map(|line| line.windows(2).map(|w| [view.px(w[0]), view.px(w[1])]))
                .collect();
            let place = match attempt {
                "new" => choose_foot(&request, &around, &[], view.size_px).unwrap(),
                "seen again" => view.px(foot.unwrap()),
                _ => [random.between(-200.0, 1_800.0), random.between(-200.0, 1_200.0)],
            };
            let layout = layout(&request, place).unwrap();
            check(&layout, crossed.len(), &format!("bundle {number}, {attempt}"));
            foot = Some(view.plane(layout.foot));
            view.rotation_rad = random.between(-3.2, 3.2);
            view.px_per_unit = [random.between(0.5, 30.0); 2];
        }
    }
}

#[test]
fn a_new_flag_stands_clear_of_the_pipes() {
    let lines: Vec<Vec<[f64; 2]>> = (0..6_u32)
        .map(|i| vec![[0.0, f64::from(i) * 4.0], [200.0, f64::from(i) * 4.0]])
        .collect();
    let view = LabelView::of_scale(
        [100.0, 10.0],
        Metric::projected(1.0),
        500.0,
        0.0,
        [1_200.0, 800.0],
    );
    let stroke = [[100.0, -2.0], [101.0, 22.0]];
    let crossings: Vec<[f64; 2]> = lines
        .iter()
        .map(|l| view.px(crossing(stroke, l).unwrap().point))
        .collect();
    let request = FlagRequest {
        crossings: &crossings,
        stroke: stroke.map(|p| view.px(p)),
        widths: &[120.0; 6],
        size_px: 11.0,
    };
    let around: Vec<[[f64; 2]; 2]> = lines.iter().map(|l| [view.px(l[0]), view.px(l[1])]).collect();
    let foot = choose_foot(&request, &around, &[], view.size_px).unwrap();
    let layout = layout(&request, foot).unwrap();
    let b = layout.bounds().bounds().map(f64::from);
    assert!(
        around.iter().all(|segment| length_within(*segment, b) == 0.0),
        "{b:?}"
    );
    assert!(
        b[0] > 0.0 && b[1] > 0.0 && b[2] < 1_200.0 && b[3] < 800.0,
        "{b:?}"
    );
}

#[test]
fn a_pipe_moved_out_of_the_stroke_drops_its_row() {
    let mut ids = IdSource::new(0, 9);
    let names: Vec<FeatureId> = (0..3).map(|_| ids.next_id()).collect();
    let line = |y: f64, x: f64| vec![[x, y], [x + 10.0, y]];
    let mut lines = vec![line(0.0, 0.0), line(1.0, 0.0), line(2.0, 0.0)];
    let flag = Flag {
        id: 1,
        stroke: [[5.0, 9.0], [5.0, -1.0]],
        foot: [8.0, 12.0],
        pipes: names.clone(),
        template: String::new(),
        size_px: 11.0,
        hidden_beyond: None,
    };
    let rows = |lines: &[Vec<[f64; 2]>]| -> Vec<FeatureId> {
        let network = network_of(lines, &names);
        rows_of(&network, &flag)
            .into_iter()
            .map(|(pipe, _)| network.pipe_id(pipe))
            .collect()
    };
    assert_eq!(
        rows(&lines),
        [names[2], names[1], names[0]],
        "in the order of the stroke"
    );
    lines[1] = line(1.0, 20.0);
    assert_eq!(rows(&lines), [names[2], names[0]]);
    lines[1] = line(7.0, 0.0);
    assert_eq!(
        rows(&lines),
        [names[1], names[2], names[0]],
        "moved back to another place"
    );
    lines.truncate(1);
    assert_eq!(rows(&lines), [names[0]], "deleted pipes have no row");
}

#[test]
fn a_flag_and_a_dimension_are_drawn_only_up_to_their_scales() {
    let mut ids = IdSource::new(0, 9);
    let names: Vec<FeatureId> = (0..2).map(|_| ids.next_id()).collect();
    let lines = [0.0, 2.0].map(|y| vec![[0.0, y], [10.0, y]]);
    let network = network_of(&lines, &names);
    let schema = crate::schema::Schema::builtin().unwrap();
    let annotations = Annotations {
        flags: vec![Flag {
            id: 1,
            stroke: [[5.0, 4.0], [5.0, -1.0]],
            foot: [8.0, 12.0],
            pipes: names,
            template: String::new(),
            size_px: 11.0,
            hidden_beyond: Some(1_000.0),
        }],
        dimensions: vec![Dimension {
            id: 2,
            points: vec![[0.0, 0.0], [10.0, 0.0]],
            offset_m: 2.0,
            decimals: 2,
            size_px: 11.0,
            hidden_beyond: Some(500.0),
        }],
        ..Annotations::default()
    };
    let (ruler, metric) = (TextRuler::embedded().unwrap(), Metric::projected(1.0));
    let drawn = |scale_denominator: f64| -> Vec<AnnotationId> {
        let request = GatherRequest {
            network: &network,
            schema: &schema,
            styles: &StyleSet::builtin().unwrap(),
            document: &MapDocument::default(),
            look: &NetworkLook::default(),
            annotations: &annotations,
            texts: &ColumnTexts::default(),
            ruler: &ruler,
            scale_denominator,
            extent: [-100.0, -100.0, 100.0, 100.0],
            most: 100,
        };
        let view = LabelView::of_scale([5.0, 5.0], metric, scale_denominator, 0.0, [800.0, 600.0]);
        let drawing = draw_once(&request, metric, &view, 100, &mut |_| {});
        let mut found: Vec<_> = drawing.lines.iter().filter_map(|line| line.of).collect();
        assert_eq!(
            found.is_empty(),
            drawing.texts.is_empty(),
            "texts and lines go together"
        );
        found.sort_unstable();
        found.dedup();
        found
    };
    let (flag, dimension) = (AnnotationId::Flag(1), AnnotationId::Dimension(2));
    assert_eq!(drawn(500.0), [flag, dimension], "up to the limit itself");
    assert_eq!(drawn(501.0), [flag]);
    assert_eq!(drawn(1_001.0), []);
}

#[test]
fn bad_numbers_and_nothing_crossed_make_no_flag() {
    let request = FlagRequest {
        crossings: &[],
        stroke: [[0.0, 0.0], [0.0, 0.0]],
        widths: &[],
        size_px: 11.0,
    };
    assert!(layout(&request, [0.0, 0.0]).is_none());
    let request = FlagRequest {
        crossings: &[[f64::NAN, 0.0]],
        widths: &[10.0],
        ..request
    };
    assert!(layout(&request, [0.0, 0.0]).is_none());
    assert!(
        crossing([[0.0, 0.0], [0.0, 0.0]], &[[-1.0, 0.0], [1.0, 0.0]]).is_none(),
        "a stroke of no length"
    );
    assert!(
        crossing([[0.0, 0.0], [9.0, 0.0]], &[[1.0, 0.0], [3.0, 0.0]]).is_none(),
        "along the stroke"
    );
}
