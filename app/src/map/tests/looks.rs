//! Features with looks of their own: filters and themes of layers as they come into the picture.

use gis_core::cartography::Rgba;
use gis_core::cartography::chunks::{ChangedLine, NetworkChange, PipeKey};
use gis_core::cartography::thematic::{FeatureLook, NetworkLook};

use super::*;

const HIDDEN: u16 = 1;
const COLOURED: u16 = 2;

fn layer_data(harness: &Harness<'_, Scene>) -> Arc<MapData> {
    Arc::clone(harness.state().view.layer.as_ref().unwrap().data())
}

fn pipe(data: &MapData, code: &str) -> PipeIndex {
    data.network().pipes_with_code(code)[0]
}

/// The colour of large mains, which no pipe of the town is.
fn main_colour(harness: &Harness<'_, Scene>) -> (Rgba, Color32) {
    let shown = pipe_colour(harness, 1_200.0, LifeState::Operative);
    let [r, g, b, a] = shown.to_array();
    (Rgba { r, g, b, a }, shown)
}

/// These pipes hidden or coloured, all others as usual.
fn look(data: &MapData, colour: Rgba, numbers: &[(&str, u16)]) -> Arc<NetworkLook> {
    let mut pipes = vec![0; data.network().pipe_count()];
    for (code, number) in numbers {
        pipes[pipe(data, code).0 as usize] = *number;
    }
    let standard = FeatureLook::default();
    Arc::new(NetworkLook {
        pipes,
        looks: vec![
            standard,
            FeatureLook {
                is_hidden: true,
                ..standard
            },
            FeatureLook {
                colour: Some(colour),
                width_px: Some(6.0),
                ..standard
            },
        ],
        ..NetworkLook::default()
    })
}

fn dress(harness: &mut Harness<'_, Scene>, look: &Arc<NetworkLook>) {
    let dressed = layer_data(harness).dressed(look).unwrap();
    harness.state_mut().view.set_network(Arc::new(dressed));
    harness.step();
}

fn ink(harness: &mut Harness<'_, Scene>, place: [f64; 2]) -> Color32 {
    let ground = harness.state().theme.map.background.0;
    let at = on_screen(harness, place);
    Picture::of(harness).ink(at, ground)
}

#[test]
fn a_filter_and_a_theme_reach_the_picture_without_sending_a_block() {
    let mut harness = scene();
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run();
    let camera = harness.state().view.camera();
    let data = layer_data(&harness);
    let (colour, wanted) = main_colour(&harness);
    let ground = harness.state().theme.map.background.0;
    let before = harness.state().view.stats();

    let first = look(&data, colour, &[("H22", HIDDEN), ("V22", COLOURED)]);
    dress(&mut harness, &first);
    let stats = harness.state().view.stats();
    assert_eq!(stats.uploaded_bytes, 0, "{stats:?}");
    // With room for pipes that edits add.
    let features = layer_data(&harness).pipe_room + data.network().node_count();
    assert_eq!(stats.look_bytes, features * 2, "{stats:?}");
    assert!(!stats.is_incomplete);
    let gone = ink(&mut harness, [470.0, 400.0]);
    assert!(is_near(gone, ground), "{gone:?} where a filter hides the street");
    let there = ink(&mut harness, [400.0, 470.0]);
    assert!(is_near(there, wanted), "{there:?} instead of {wanted:?}");
    // A hidden pipe cannot be picked either.
    let layer = harness.state().view.layer.as_ref().unwrap();
    assert!(!layer.is_pipe_shown(pipe(&data, "H22"), 500.0));

    // The other way round, and then as at the beginning.
    let second = look(&data, colour, &[("V22", HIDDEN), ("H22", COLOURED)]);
    dress(&mut harness, &second);
    assert_eq!(harness.state().view.stats().uploaded_bytes, 0);
    let there = ink(&mut harness, [470.0, 400.0]);
    assert!(is_near(there, wanted), "{there:?} instead of {wanted:?}");
    let gone = ink(&mut harness, [400.0, 470.0]);
    assert!(is_near(gone, ground), "{gone:?}");
    dress(&mut harness, &Arc::default());
    let usual = ink(&mut harness, [400.0, 470.0]);
    let wanted = pipe_colour(&harness, 100.0, LifeState::Operative);
    assert!(is_near(usual, wanted), "{usual:?} instead of {wanted:?}");
    let stats = harness.state().view.stats();
    assert_eq!((stats.uploaded_bytes, stats.segments), (0, before.segments));
    assert_eq!(
        harness.state().view.camera().centre.map(f64::to_bits),
        camera.centre.map(f64::to_bits)
    );
}

#[test]
fn an_edit_stays_in_the_picture_when_looks_change_and_keeps_the_look_of_its_feature() {
    let mut harness = scene();
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run();
    let data = layer_data(&harness);
    let ground = harness.state().theme.map.background.0;
    let key = PipeKey {
        class: data.network().pipe_class(pipe(&data, "H22")),
        state: LifeState::Operative,
        diameter_mm: Some(300),
        material: None,
    };
    // One street moves north; beside it comes a new one.
    let line = |pipe, y| ChangedLine {
        is_against: false,
        pipe,
        key,
        vertices: vec![[420.0, y], [580.0, y]],
    };
    let moved = pipe(&data, "H22");
    let change = NetworkChange {
        removed_pipes: vec![moved],
        lines: vec![line(Some(moved), 430.0), line(None, 460.0)],
        ..NetworkChange::default()
    };
    harness.state_mut().view.apply_change(&change);
    harness.step();
    let (colour, dressed) = main_colour(&harness);
    let usual = pipe_colour(&harness, 300.0, LifeState::Operative);
    for (number, expected) in [(COLOURED, dressed), (HIDDEN, ground), (0, usual)] {
        let next = look(&data, colour, &[("H22", number), ("V22", COLOURED)]);
        dress(&mut harness, &next);
        assert_eq!(harness.state().view.stats().uploaded_bytes, 0);
        for (y, expected) in [(400.0, ground), (430.0, expected), (460.0, usual)] {
            let found = ink(&mut harness, [475.0, y]);
            assert!(
                is_near(found, expected),
                "look {number}, {y}: {found:?} instead of {expected:?}"
            );
        }
    }
}
