use std::collections::HashMap;

use super::candidates::Pin;
use super::*;
use crate::ids::{FeatureId, IdSource};
use crate::network::Metric;

const METRIC: Metric = Metric { x_m: 1.0, y_m: 1.0 };

/// A town of short streets with a label each, alternating in priority.
fn town(streets: u32) -> Candidates {
    let mut ids = IdSource::new(0, 3);
    let mut found = Candidates {
        looks: vec![LabelLook {
            size_px: 11.0,
            position: LabelPosition::AboveLine,
            colour: None,
            halo: None,
            halo_px: 2.0,
        }],
        ..Candidates::default()
    };
    let across = f64::from(streets).sqrt().ceil() as u32;
    for priority in [9, 5, 1] {
        for i in (0..streets).filter(|i| [9, 5, 1][(i % 3) as usize] == priority) {
            let (x, y) = (f64::from(i % across) * 97.0, f64::from(i / across) * 23.0);
            let turn = f64::from(i * 37 % 180).to_radians();
            let line = [[x, y], [x + 90.0 * turn.cos(), y + 90.0 * turn.sin()]];
            let key = LabelKey {
                feature: ids.next_id(),
                layer: 0,
            };
            found.add(
                key,
                format!("DN{} 球墨铸铁", 100 + i % 9 * 50).into(),
                7.0,
                [0, priority],
                &line,
                None,
            );
        }
    }
    found
}

fn view_at(centre: [f64; 2], scale: f64, rotation: f64) -> LabelView {
    LabelView::of_scale(centre, METRIC, scale, rotation, [1_600.0, 900.0])
}

fn overlaps(placed: &[PlacedLabel]) -> usize {
    let boxes: Vec<TextBox> = placed.iter().map(PlacedLabel::text_box).collect();
    (0..boxes.len())
        .flat_map(|i| (i + 1..boxes.len()).map(move |j| (i, j)))
        .filter(|(i, j)| boxes[*i].overlaps(&boxes[*j]))
        .count()
}

#[test]
fn no_label_overlaps_another_and_there_are_at_most_as_many_as_allowed() {
    let town = town(20_000);
    for rotation in [0.0, 0.6, 1.9] {
        for scale in [400.0, 1_000.0, 2_500.0, 4_000.0] {
            let placed = place_once(
                &town,
                &view_at([2_000.0, 1_200.0], scale, rotation),
                &[],
                MOST_LABELS,
            );
            assert!(
                !placed.is_empty() && placed.len() <= MOST_LABELS,
                "{}",
                placed.len()
            );
            assert_eq!(overlaps(&placed), 0, "1:{scale}, turned {rotation}");
            assert!(placed.iter().all(|l| l.angle_rad.abs() <= 1.5709), "upright");
        }
    }
}

/// Two frames of a slow pan: 3 px to the right and 1 down. A label seen in both has moved with the map; one seen in
/// both neighbours of a frame is there in between.
#[test]
fn while_panning_slowly_no_label_jumps_or_flickers() {
    let town = town(20_000);
    for rotation in [0.0, 0.8] {
        let mut placer = Placer::default();
        let mut views: Vec<LabelView> = Vec::new();
        let mut frames: Vec<HashMap<FeatureId, PlacedLabel>> = Vec::new();
        for step in 0..80_u32 {
            let start = view_at([1_500.0, 1_000.0], 1_500.0, rotation);
            let centre = start.plane([800.0 + 3.0 * f64::from(step), 450.0 + f64::from(step)]);
            let view = LabelView { centre, ..start };
            let placed = placer.place(&town, &view, &[], MOST_LABELS);
            assert_eq!(overlaps(&placed), 0);
            assert!(placed.len() > 30);
            frames.push(placed.into_iter().map(|l| (l.feature, l)).collect());
            views.push(view);
        }
        let is_seen = |l: &PlacedLabel| l.text_box().is_within([1_600.0, 900.0], 0.0);
        for (i, pair) in frames.windows(2).enumerate() {
            for (feature, old) in pair[0].iter().filter(|(_, l)| is_seen(l)) {
                // Where it must be now, having moved with the map.
                let expected = views[i + 1].px(views[i].plane(old.centre.map(f64::from)));
                if let Some(new) = pair[1].get(feature) {
                    let jump = (f64::from(new.centre[0]) - expected[0])
                        .hypot(f64::from(new.centre[1]) - expected[1]);
                    assert!(jump < 2.0, "frame {i}: jumped by {jump} px");
                    assert!((new.angle_rad - old.angle_rad).abs() < 1e-3);
                } else {
                    let gone = PlacedLabel {
                        centre: expected.map(|v| v as f32),
                        ..old.clone()
                    };
                    assert!(!is_seen(&gone), "frame {i}: vanished within the picture");
                }
            }
        }
        for (i, three) in frames.windows(3).enumerate() {
            let flickers = three[0]
                .keys()
                .filter(|f| three[2].contains_key(f) && !three[1].contains_key(f))
                .count();
            assert_eq!(flickers, 0, "frame {i}");
        }
    }
}

#[test]
fn what_comes_anew_in_a_pan_appears_beyond_the_edge() {
    let town = town(20_000);
    let mut placer = Placer::default();
    let mut before: Option<Vec<FeatureId>> = None;
    for step in 0..40_u32 {
        let view = view_at([1_500.0 + f64::from(step), 1_000.0], 1_000.0, 0.0);
        let placed = placer.place(&town, &view, &[], 10_000);
        if let Some(before) = &before {
            for new in placed.iter().filter(|l| !before.contains(&l.feature)) {
                assert!(
                    new.text_box().is_within([1_600.0, 900.0], 0.0)
                        == new.text_box().is_within([1_600.0, 900.0], -1.0)
                        && (new.centre[0] > 1_450.0 || new.centre[1] < 150.0 || new.centre[1] > 750.0),
                    "{:?} appeared in the middle of the picture",
                    new.centre
                );
            }
        }
        before = Some(placed.iter().map(|l| l.feature).collect());
    }
}

#[test]
fn the_more_important_label_wins_and_taken_places_stay_free() {
    let town = town(3_000);
    let view = view_at([800.0, 450.0], 2_000.0, 0.0);
    let placed = place_once(&town, &view, &[], 12);
    let priorities: Vec<u8> = placed
        .iter()
        .map(|l| {
            town.list[town
                .index_of(&LabelKey {
                    feature: l.feature,
                    layer: 0,
                })
                .unwrap()]
            .priority
        })
        .collect();
    assert_eq!(priorities, [9; 12]);
    let wall = TextBox::level([400.0, 200.0], [1_200.0, 700.0]);
    let beside = place_once(&town, &view, &[wall], MOST_LABELS);
    assert!(!beside.is_empty() && beside.iter().all(|l| !l.text_box().overlaps(&wall)));
}

#[test]
fn a_label_lies_along_the_longest_straight_part_where_that_is_long_enough() {
    let mut found = town(0);
    let key = LabelKey {
        feature: IdSource::new(0, 1).next_id(),
        layer: 0,
    };
    found.add(
        key,
        "DN300 球墨铸铁".into(),
        7.0,
        [0, 5],
        &[[0.0, 0.0], [0.0, 30.0], [80.0, 30.0]],
        None,
    );
    let placed = place_once(&found, &view_at([40.0, 15.0], 1_000.0, 0.0), &[], 9);
    assert_eq!(placed.len(), 1);
    assert!(
        placed[0].angle_rad.abs() < 1e-6 && (placed[0].centre[0] - 800.0).abs() < 0.01,
        "{placed:?}"
    );
    assert!(
        place_once(&found, &view_at([40.0, 15.0], 9_000.0, 0.0), &[], 9).is_empty(),
        "too short from afar"
    );
    let turned = place_once(&found, &view_at([40.0, 15.0], 1_000.0, 3.0), &[], 9);
    assert!(turned[0].angle_rad.abs() <= std::f32::consts::FRAC_PI_2 + 1e-4);
}

#[test]
fn close_up_a_long_pipe_is_labelled_where_it_is_seen_and_stays_so() {
    let mut found = town(0);
    let key = LabelKey {
        feature: IdSource::new(0, 1).next_id(),
        layer: 0,
    };
    found.add(
        key,
        "DN1200".into(),
        3.5,
        [0, 5],
        &[[0.0, 0.0], [9_000.0, 0.0]],
        None,
    );
    let mut placer = Placer::default();
    let start = view_at([1_234.5, 0.0], 200.0, 0.0);
    let first = placer.place(&found, &start, &[], 9);
    assert_eq!(first.len(), 1);
    let moved = LabelView {
        centre: start.plane([830.0, 450.0]),
        ..start
    };
    let second = placer.place(&found, &moved, &[], 9);
    assert!((second[0].centre[0] - (first[0].centre[0] - 30.0)).abs() < 0.1);
}

#[test]
fn a_label_moved_by_hand_stays_there_with_a_line_to_its_feature() {
    let mut found = town(0);
    let key = LabelKey {
        feature: IdSource::new(0, 1).next_id(),
        layer: 0,
    };
    let pin = Pin {
        at: [20.0, 40.0],
        angle_rad: 0.3,
    };
    found.add(
        key,
        "DN300".into(),
        3.0,
        [0, 5],
        &[[0.0, 0.0], [40.0, 0.0]],
        Some(pin),
    );
    let view = view_at([20.0, 0.0], 500.0, 0.0);
    let wall = TextBox::level([0.0, 0.0], [1_600.0, 900.0]);
    let placed = place_once(&found, &view, &[wall], 9);
    assert!(placed[0].is_pinned);
    let at = view.px(pin.at);
    assert!(
        (f64::from(placed[0].centre[0]) - at[0]).abs() < 0.01
            && (f64::from(placed[0].centre[1]) - at[1]).abs() < 0.01
    );
    assert_eq!(placed[0].leader_to, Some([800.0, 450.0]));
}
