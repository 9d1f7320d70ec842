//! Labels in the window, driven as a user drives them: a real project, the real map.

use std::path::Path;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::cartography::labels::{AnnotationId, Annotations};
use gis_core::project::Project;

use crate::commands::Command;
use crate::labels::{AnnotationEdit, LabelAction};
use crate::shell::action::Action;
use crate::shell::{App, StartOptions};

#[path = "../../tests/common/mod.rs"]
mod common;

fn open(lang: Lang, path: &Path) -> Harness<'static, App> {
    let options = StartOptions {
        lang: Some(lang),
        own_dialogs: true,
        file: Some(path.to_owned()),
        ..StartOptions::default()
    };
    let mut window = Harness::builder()
        .with_size(egui::vec2(1280.0, 800.0))
        .with_max_steps(64)
        .with_context_setup(crate::fonts::install)
        .wgpu()
        .build_eframe(move |cc| App::new(cc, &options).unwrap());
    settle(&mut window);
    assert!(window.state().session().is_some());
    window
}

fn settle(window: &mut Harness<'static, App>) {
    let started = Instant::now();
    let mut quiet = 0;
    while quiet < 3 {
        window.step();
        quiet = if window.state().is_settled() { quiet + 1 } else { 0 };
        if quiet == 0 {
            assert!(
                started.elapsed() < Duration::from_mins(2),
                "the window did not settle"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    settle(window);
}

/// A place on a pipe, in the project's coordinates.
fn on_pipe(window: &Harness<'static, App>, code: &str, share: f64) -> [f64; 2] {
    let network = &window.state().session().unwrap().network;
    let line = network.pipe_vertices(network.pipes_with_code(code)[0]);
    let along = network.metric().length_m(line) * share;
    network.metric().point_along(line, along).unwrap()
}

fn screen(window: &Harness<'static, App>, place: [f64; 2]) -> egui::Pos2 {
    window.state().map().unwrap().screen_from_project(place).unwrap()
}

fn drag(window: &mut Harness<'static, App>, from: egui::Pos2, to: egui::Pos2) {
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    for part in [0.3, 0.6, 1.0] {
        window.hover_at(from + (to - from) * part);
        window.step();
    }
    window.drop_at(to);
    window.step();
    settle(window);
}

/// Close enough for labels, around the corner of streets 2 and 2.
fn go_near(window: &mut Harness<'static, App>) {
    let [x, y] = on_pipe(window, "P-2-2-E", 0.5);
    ask(window, Action::ZoomTo([x - 80.0, y - 80.0, x + 80.0, y + 80.0]));
}

#[test]
fn pipes_are_labelled_from_near_and_the_labels_can_be_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.gpkg");
    common::make_town(&path);
    for lang in Lang::ALL {
        let mut window = open(lang, &path);
        go_near(&mut window);
        assert!(window.state().labels().painted() > 0, "{lang:?}");
        ask(&mut window, Action::Command(Command::ToggleLabels));
        assert_eq!(window.state().labels().painted(), 0);
    }
}

#[test]
fn a_stroke_across_pipes_makes_a_flag_that_is_moved_kept_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.gpkg");
    common::make_town(&path);
    let mut window = open(Lang::ZhCn, &path);
    go_near(&mut window);
    ask(&mut window, Action::Command(Command::ToolFlag));
    // From south to north across the street between corners (2, 2) and (3, 2).
    let [x, y] = on_pipe(&window, "P-2-2-E", 0.6);
    let (from, to) = (
        screen(&window, [x, y - 15.0]),
        screen(&window, [x + 3.0, y + 15.0]),
    );
    drag(&mut window, from, to);
    let flags = window.state().labels().annotations().flags.clone();
    assert_eq!(flags.len(), 1);
    let network = window.state().session().unwrap().network.clone();
    let pipe = network.pipes_with_code("P-2-2-E")[0];
    assert!(flags[0].pipes.contains(&network.pipe_id(pipe)));
    let rows = window.state().labels().flag_rows(flags[0].id);
    assert_eq!(rows.len(), flags[0].pipes.len());
    assert!(rows[0].contains("DN"), "{rows:?}");

    // The template is changed; the rows follow.
    let mut changed = flags[0].clone();
    assert_eq!(changed.hidden_beyond, None);
    changed.template = "{code}".to_owned();
    ask(
        &mut window,
        Action::Label(LabelAction::Edit(AnnotationEdit::Flag(changed))),
    );
    assert!(
        window
            .state()
            .labels()
            .flag_rows(flags[0].id)
            .contains(&"P-2-2-E".to_owned())
    );

    // A limit of scale is set in the panel, which came with the tool; from far away the flag is gone, from near it is
    // back.
    let limit = gis_core::text::translate("labels.settings.hidden_beyond", Lang::ZhCn);
    // The first belongs to the labels of a layer.
    window.get_all_by_label(&limit).last().unwrap().click_accesskit();
    settle(&mut window);
    let limited = window.state().labels().annotations().flags[0].hidden_beyond;
    assert_eq!(limited, Some(2_500.0));
    let id = AnnotationId::Flag(flags[0].id);
    assert!(window.state().labels().grip(id).is_some());
    ask(&mut window, Action::ZoomTo([x - 2e3, y - 2e3, x + 2e3, y + 2e3]));
    assert!(window.state().labels().grip(id).is_none());
    go_near(&mut window);

    // It is moved by its rows.
    ask(&mut window, Action::Command(Command::ToolMoveLabel));
    let grip = window
        .state()
        .labels()
        .grip(AnnotationId::Flag(flags[0].id))
        .unwrap();
    drag(&mut window, grip, grip + egui::vec2(60.0, -40.0));
    let moved = window.state().labels().annotations().flags[0].clone();
    assert!((moved.foot[0] - flags[0].foot[0]).abs() + (moved.foot[1] - flags[0].foot[1]).abs() > 1.0);

    // It is there when the project is opened again.
    drop(window);
    let kept = Annotations::load(&Project::open(&path).unwrap()).unwrap();
    assert_eq!(kept.flags, std::slice::from_ref(&moved));
    let mut window = open(Lang::En, &path);
    ask(&mut window, Action::Command(Command::PanelLabels));
    window.get_by_label_contains(&gis_core::text::translate("labels.panel.flags", Lang::En));
    ask(
        &mut window,
        Action::Label(LabelAction::Edit(AnnotationEdit::Remove(AnnotationId::Flag(
            moved.id,
        )))),
    );
    assert!(window.state().labels().annotations().is_empty());
    ask(&mut window, Action::Command(Command::UndoLabels));
    assert_eq!(window.state().labels().annotations().flags, [moved]);
}

#[test]
fn a_label_dragged_elsewhere_stays_there_and_can_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.gpkg");
    common::make_town(&path);
    let mut window = open(Lang::ZhCn, &path);
    go_near(&mut window);
    ask(&mut window, Action::Command(Command::ToolMoveLabel));
    let grip = window.state().labels().label_grip().unwrap();
    drag(&mut window, grip, grip + egui::vec2(30.0, 70.0));
    assert_eq!(window.state().labels().annotations().pins.len(), 1);
    ask(
        &mut window,
        Action::Label(LabelAction::Edit(AnnotationEdit::RemovePins)),
    );
    assert!(window.state().labels().annotations().pins.is_empty());
}

#[test]
fn a_dimension_is_drawn_by_clicks_and_a_stroke_over_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.gpkg");
    common::make_town(&path);
    for lang in Lang::ALL {
        let mut window = open(lang, &path);
        go_near(&mut window);
        ask(&mut window, Action::Command(Command::ToolDimension));
        let [x, y] = on_pipe(&window, "P-2-2-E", 0.5);
        for place in [[x - 20.0, y + 20.0], [x + 20.0, y + 20.0]] {
            let at = screen(&window, place);
            window.hover_at(at);
            window.step();
            window.drag_at(at);
            window.step();
            window.drop_at(at);
            // Far enough in time that two clicks are not a double click.
            for _ in 0..40 {
                window.step();
            }
        }
        window.key_press(egui::Key::Enter);
        window.step();
        let at = screen(&window, [x, y + 30.0]);
        window.hover_at(at);
        window.step();
        window.drag_at(at);
        window.step();
        window.drop_at(at);
        settle(&mut window);
        let dimensions = window.state().labels().annotations().dimensions.clone();
        assert_eq!(dimensions.len(), 1, "{lang:?}");
        assert_eq!(dimensions[0].points.len(), 2);
        assert!((dimensions[0].offset_m - 10.0).abs() < 1.0, "{dimensions:?}");
        ask(
            &mut window,
            Action::Label(LabelAction::Edit(AnnotationEdit::Undo)),
        );
        assert!(window.state().labels().annotations().is_empty());

        let nowhere = AnnotationEdit::DrawFlag([[x + 5e4, y], [x + 5e4, y + 1.0]]);
        ask(&mut window, Action::Label(LabelAction::Edit(nowhere)));
        assert!(window.state().labels().annotations().is_empty());
        let said = gis_core::text::translate("labels.flag.nothing_crossed", lang);
        window.get_by_label_contains(&said);
    }
}
