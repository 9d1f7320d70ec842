//! Aids for drawing: typed lengths, right angles, tracing, bends dragged with the mouse, templates.

use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::network::{Network, PipeIndex};
use karez::commands::Command;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};

use crate::driver::{open, open_town, settle, tr};
use crate::view::{click, command, corner, screen};

fn write(window: &mut Harness<'static, App>, text: &str) {
    window.event(Event::Text(text.to_owned()));
    settle(window);
    window.key_press(Key::Enter);
    settle(window);
}

fn network(window: &Harness<'static, App>) -> std::sync::Arc<Network> {
    window.state().session().unwrap().network.clone()
}

/// What is chosen after something was drawn.
fn drawn(window: &Harness<'static, App>) -> Vec<[f64; 2]> {
    let said = window.state().messages().list();
    match window.state().panels().identify.target {
        Some(Target::Pipe(pipe)) => network(window).pipe_vertices(pipe).to_vec(),
        other => panic!("{other:?}: {said:?}"),
    }
}

fn is_at(found: &[[f64; 2]], wanted: &[[f64; 2]], within_m: f64) -> bool {
    found.len() == wanted.len()
        && found
            .iter()
            .zip(wanted)
            .all(|(f, w)| (f[0] - w[0]).hypot(f[1] - w[1]) <= within_m)
}

fn editing(lang: Lang, folder: &std::path::Path) -> Harness<'static, App> {
    let mut window = open_town(lang, folder);
    command(&mut window, Command::ToggleEditing);
    // Some 1:1500 around a corner of the grid.
    let [x, y] = corner(3, 3);
    window
        .state_mut()
        .ask(Action::ZoomTo([x - 150.0, y - 110.0, x + 150.0, y + 110.0]));
    settle(&mut window);
    window.run_steps(20);
    settle(&mut window);
    window
}

fn drag(window: &mut Harness<'static, App>, from: [f64; 2], to: [f64; 2]) {
    let (from, to) = (screen(window, from), screen(window, to));
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    for i in 1..=4 {
        window.hover_at(from + (to - from) * (i as f32 / 4.0));
        window.step();
    }
    window.drop_at(to);
    window.run_steps(3);
    settle(window);
}

#[test]
fn lengths_bearings_and_coordinates_are_typed_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = editing(lang, folder.path());
        command(&mut window, Command::EditDrawPipe);
        let [x, y] = corner(3, 3);
        click(&mut window, [x, y], 1.0);
        write(&mut window, "30<45");
        write(&mut window, "@0,-10");
        write(&mut window, "12<@90");
        let nonsense = "12<north";
        window.event(Event::Text(nonsense.to_owned()));
        settle(&mut window);
        window.key_press(Key::Enter);
        settle(&mut window);
        let refused = window.state().tools().typing.refused.clone();
        assert!(
            refused.is_some_and(|said| said.contains(nonsense)),
            "what is no place is told"
        );
        window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.key_press(Key::Delete);
        settle(&mut window);
        write(&mut window, &format!("{}, {}", x + 40.0, y + 60.0));
        // Enter in the empty field finishes.
        window.key_press(Key::Enter);
        settle(&mut window);
        let leg = 30.0 * std::f64::consts::FRAC_1_SQRT_2;
        let wanted = [
            [x, y],
            [x + leg, y + leg],
            [x + leg, y + leg - 10.0],
            [x + leg - 12.0, y + leg - 10.0],
            [x + 40.0, y + 60.0],
        ];
        let found = drawn(&window);
        assert!(is_at(&found, &wanted, 1e-6), "{found:?}");
    }
}

#[test]
fn a_typed_length_holds_while_the_pointer_shows_the_direction() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(Lang::ZhCn, folder.path());
    command(&mut window, Command::EditDrawPipe);
    let [x, y] = corner(3, 3);
    click(&mut window, [x, y], 1.0);
    window.event(Event::Text("25".to_owned()));
    settle(&mut window);
    click(&mut window, [x + 47.0, y + 47.0], 0.0);
    assert_eq!(window.state().tools().typing.text, "", "used up");
    window.key_press(Key::Enter);
    settle(&mut window);
    let found = drawn(&window);
    let length_m = (found[1][0] - x).hypot(found[1][1] - y);
    assert!((length_m - 25.0).abs() < 1e-6, "{found:?}");
    assert!((found[1][0] - x - (found[1][1] - y)).abs() < 1.0, "{found:?}");
}

#[test]
fn right_angles_are_kept_unless_a_node_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(Lang::En, folder.path());
    command(&mut window, Command::EditDrawPipe);
    window.key_press(Key::O);
    settle(&mut window);
    assert!(window.state().tools().aids.is_square);
    let [x, y] = corner(3, 3);
    click(&mut window, [x, y], 1.0);
    click(&mut window, [x + 50.0, y + 9.0], 0.0);
    click(&mut window, [x + 57.0, y + 40.0], 0.0);
    // A corner of the grid, at no right angle.
    click(&mut window, corner(4, 4), 1.0);
    window.key_press(Key::Enter);
    settle(&mut window);
    let found = drawn(&window);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(
        (found[1][1] - y).abs() < 1e-6 && (found[1][0] - x - 50.0).abs() < 1.0,
        "{found:?}"
    );
    assert!((found[2][0] - found[1][0]).abs() < 1e-6, "{found:?}");
    assert!(is_at(&found[3..], &[corner(4, 4)], 1e-6), "{found:?}");
}

#[test]
fn a_new_pipe_follows_pipes_that_are_there_at_a_distance() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(Lang::En, folder.path());
    command(&mut window, Command::EditDrawPipe);
    window.key_press(Key::T);
    settle(&mut window);
    window.state_mut().tools_mut().aids.trace_offset_m = 3.0;
    let [a, bend, b] = [corner(3, 3), corner(4, 3), corner(4, 4)];
    // In the pipe and around a corner: what is drawn lies to the right of the way.
    click(&mut window, [a[0] + 30.0, a[1]], 0.0);
    click(&mut window, [b[0], b[1] - 30.0], 0.0);
    window.key_press(Key::Enter);
    settle(&mut window);
    let found = drawn(&window);
    let [.., beside, end] = found[..] else {
        panic!("{found:?}")
    };
    assert!(
        (beside[0] - bend[0] - 3.0).abs() < 1e-6 && (beside[1] - bend[1] + 3.0).abs() < 1e-6,
        "{found:?}"
    );
    assert!((end[0] - b[0] - 3.0).abs() < 1e-6, "{found:?}");
}

#[test]
fn a_bend_is_made_dragged_and_taken_out_with_the_mouse() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(Lang::ZhCn, folder.path());
    command(&mut window, Command::EditVertices);
    let pipe: PipeIndex = network(&window).pipes_with_code("P-3-3-E")[0];
    let [x, y] = corner(3, 3);
    let line = |window: &Harness<'static, App>| network(window).pipe_vertices(pipe).to_vec();
    assert_eq!(line(&window).len(), 2);
    drag(&mut window, [x + 60.0, y], [x + 60.0, y + 20.0]);
    let bent = line(&window);
    assert!(is_at(&bent[1..2], &[[x + 60.0, y + 20.0]], 1.0), "{bent:?}");
    drag(&mut window, bent[1], [x + 40.0, y - 25.0]);
    let moved = line(&window);
    assert!(is_at(&moved[1..2], &[[x + 40.0, y - 25.0]], 1.0), "{moved:?}");
    let at = screen(&window, moved[1]);
    window.hover_at(at);
    window.run_steps(2);
    window.key_press(Key::Delete);
    settle(&mut window);
    assert_eq!(line(&window).len(), 2, "{:?}", window.state().messages().list());
    // An end goes with its node.
    drag(&mut window, [x, y], [x - 15.0, y + 15.0]);
    let node = network(&window).nodes_with_code("J-3-3")[0];
    assert!(is_at(
        &[network(&window).position(node)],
        &[[x - 15.0, y + 15.0]],
        1.0
    ));
    for _ in 0..4 {
        command(&mut window, Command::Undo);
    }
    assert_eq!(line(&window), [[x, y], corner(4, 3)]);
}

#[test]
fn templates_are_kept_by_name_and_are_there_again() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = editing(lang, folder.path());
        command(&mut window, Command::PanelEdit);
        command(&mut window, Command::PanelEdit);
        let schema = window.state().session().unwrap().schema.clone();
        let templates = &mut window.state_mut().panels_mut().edit.templates;
        templates.pipe.now.set("diameter_mm", "300");
        let before = templates.pipe.now.clone();
        settle(&mut window);
        let keep = tr("editing.template_keep", lang);
        let buttons: Vec<_> = window.query_all_by_label(&keep).collect();
        assert_eq!(buttons.len(), 2, "one for nodes, one for pipes");
        buttons[1].click_accesskit();
        settle(&mut window);
        window.key_press(Key::Enter);
        settle(&mut window);
        assert_eq!(window.state().panels().edit.templates.pipe.names(), ["DN300"]);
        drop(window);
        let window = open(&folder.path().join("town.gpkg"), lang);
        let templates = &window.state().panels().edit.templates;
        assert_eq!(templates.pipe.names(), ["DN300"]);
        assert_eq!(templates.pipe.now, before);
        assert!(schema.class_index(&before.class).is_some());
    }
}

#[test]
fn a_new_pipe_follows_a_road_of_another_file_and_a_layer_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(Lang::En, folder.path());
    let [x, y] = corner(3, 3);
    // Between the pipes of the grid, with a bend.
    let road = [[x + 20.0, y + 30.0], [x + 60.0, y + 45.0], [x + 100.0, y + 40.0]];
    let path = folder.path().join("roads.geojson");
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4545"}}"#;
    let line = format!(
        r#"{{"type":"FeatureCollection",{crs},"features":[{{"type":"Feature","properties":{{}},"geometry":{{"type":"LineString","coordinates":{road:?}}}}}]}}"#
    );
    std::fs::write(&path, line).unwrap();
    window
        .state_mut()
        .ask(Action::FileNamed(FilePurpose::ForeignLayer, path));
    settle(&mut window);
    let deadline = Instant::now() + Duration::from_secs(20);
    while window.state().map().unwrap().under.lines().next().is_none() {
        assert!(
            Instant::now() < deadline,
            "the road was not read: {:?}",
            window.state().messages().list()
        );
        std::thread::sleep(Duration::from_millis(10));
        window.step();
    }
    let layer = window
        .state()
        .map()
        .unwrap()
        .under
        .lines()
        .next()
        .unwrap()
        .0
        .clone();
    command(&mut window, Command::EditDrawPipe);
    window.key_press(Key::T);
    settle(&mut window);
    click(&mut window, road[0], 2.0);
    click(&mut window, road[2], 2.0);
    window.key_press(Key::Enter);
    settle(&mut window);
    let found = drawn(&window);
    assert!(is_at(&found, &road, 0.01), "{found:?}");
    command(&mut window, Command::Undo);

    window.state_mut().tools_mut().snapping.left_out.insert(layer);
    click(&mut window, road[0], 3.0);
    click(&mut window, road[2], 3.0);
    window.key_press(Key::Enter);
    settle(&mut window);
    let found = drawn(&window);
    assert!(
        found.len() == 2 && !is_at(&found[..1], &road[..1], 0.3),
        "{found:?}"
    );
}
