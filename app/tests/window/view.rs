//! Moving around the map, measuring and workspaces, driven as a user drives them.

use std::path::Path;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::measure::{MeasureKind, Quantity};
use karez::commands::Command;
use karez::shell::action::Action;
use karez::shell::{App, LeaveAnswer, StartOptions};

use crate::driver::{open, open_town, open_window, options, settle, tr};

pub(crate) fn command(window: &mut Harness<'static, App>, command: Command) {
    window.state_mut().ask(Action::Command(command));
    settle(window);
}

pub(crate) fn corner(i: usize, j: usize) -> [f64; 2] {
    [463_000.0 + i as f64 * 120.0, 4_870_000.0 + j as f64 * 120.0]
}

pub(crate) fn screen(window: &Harness<'static, App>, place: [f64; 2]) -> egui::Pos2 {
    window.state().map().unwrap().screen_from_project(place).unwrap()
}

/// Clicks some pixels beside a place; the pause keeps two clicks from being a double one.
pub(crate) fn click(window: &mut Harness<'static, App>, place: [f64; 2], beside: f32) {
    click_at(window, screen(window, place) + egui::vec2(beside, -beside));
}

pub(crate) fn click_at(window: &mut Harness<'static, App>, at: egui::Pos2) {
    window.hover_at(at);
    window.step();
    window.drag_at(at);
    window.step();
    window.drop_at(at);
    window.run_steps(30);
    settle(window);
}

/// Writes into a box of the status bar.
pub(crate) fn write(window: &mut Harness<'static, App>, key: &str, lang: Lang, text: &str) {
    let label = tr(key, lang);
    window.get_by_role_and_label(Role::TextInput, &label).click();
    settle(window);
    window.event(egui::Event::Text(text.to_owned()));
    settle(window);
    window.key_press(egui::Key::Enter);
    settle(window);
}

#[test]
fn a_distance_snaps_to_nodes_and_stands_in_the_panel_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::MeasureDistance);
        // Beside the corners: snapping makes it exact.
        click(&mut window, corner(2, 2), 2.0);
        click(&mut window, corner(5, 2), 2.0);
        let done = &window.state().panels().measure.done.0;
        assert_eq!(done.len(), 1, "{done:?}");
        assert_eq!(done[0].points, [corner(2, 2), corner(5, 2)]);
        let length = done[0].readings[0];
        assert_eq!(length.quantity, Quantity::Length);
        assert!((length.plane.unwrap() - 360.0).abs() < 1e-6);
        let on_earth = length.earth.unwrap();
        assert!(
            (on_earth - 360.0).abs() < 0.1 && (on_earth - 360.0).abs() > 1e-6,
            "{on_earth}"
        );
        window.get_by_label_contains(&tr("measure.kind.distance", lang));
        assert!(window.query_all_by_label("360.000 m").next().is_some());
        command(&mut window, Command::CopyMeasurements);
        command(&mut window, Command::ClearMeasurements);
        assert!(window.state().panels().measure.done.0.is_empty());
    }
}

#[test]
fn without_snapping_the_pointer_counts_and_s_switches_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    window.key_press(egui::Key::S);
    settle(&mut window);
    assert!(!window.state().tools().snapping.is_on);
    command(&mut window, Command::MeasureCoordinates);
    click(&mut window, corner(2, 2), 4.0);
    let done = &window.state().panels().measure.done.0;
    assert!(
        done[0].points[0][0] > corner(2, 2)[0] + 1.0,
        "{:?}",
        done[0].points
    );
    window.key_press(egui::Key::S);
    settle(&mut window);
    assert!(window.state().tools().snapping.is_on);
}

#[test]
fn an_area_takes_points_back_is_finished_by_enter_and_given_up_by_escape() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    command(&mut window, Command::MeasureArea);
    for (i, j) in [(2, 2), (4, 2), (6, 6), (4, 4)] {
        click(&mut window, corner(i, j), 2.0);
        if i == 6 {
            window.key_press(egui::Key::Backspace);
            settle(&mut window);
        }
    }
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    let done = &window.state().panels().measure.done.0;
    let area = done[0].readings[0].plane.unwrap();
    assert!((area - 240.0 * 240.0 / 2.0).abs() < 1e-3, "{area}");
    click(&mut window, corner(2, 2), 2.0);
    assert!(window.state().tools().tool().is_busy());
    window.key_press(egui::Key::Escape);
    settle(&mut window);
    assert!(!window.state().tools().tool().is_busy());
    assert_eq!(
        window.state().tools().id(),
        karez::view::Tool::Measure(MeasureKind::Area),
        "the first Escape gives up the area, not the tool"
    );
    window.key_press(egui::Key::Escape);
    settle(&mut window);
    assert_eq!(window.state().tools().id(), karez::view::Tool::Identify);
}

#[test]
fn pipes_are_chosen_by_clicks_and_a_slope_needs_heights() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::MeasurePipes);
    let between = |a: [f64; 2], b: [f64; 2]| [a[0] + 0.3 * (b[0] - a[0]), a[1] + 0.3 * (b[1] - a[1])];
    click(&mut window, between(corner(2, 2), corner(3, 2)), 0.0);
    click(&mut window, between(corner(3, 2), corner(4, 2)), 0.0);
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    let done = &window.state().panels().measure.done.0;
    let figure = |quantity| {
        let reading = done[0].readings.iter().find(|r| r.quantity == quantity).unwrap();
        reading.plane.unwrap()
    };
    assert!((figure(Quantity::PipeCount) - 2.0).abs() < 1e-9);
    assert!((figure(Quantity::RecordedLength) - 240.0).abs() < 0.1);

    command(&mut window, Command::MeasureSlope);
    click(&mut window, corner(2, 2), 0.0);
    click(&mut window, corner(4, 2), 0.0);
    let done = &window.state().panels().measure.done.0;
    assert_eq!(done.len(), 2, "{:?}", window.state().messages().list());
    assert_eq!(done[1].readings[0].quantity, Quantity::Slope);
    assert!(
        done[1].readings[0].plane.unwrap().abs() < 1e-9,
        "all corners are level"
    );
}

#[test]
fn scale_turn_and_coordinate_can_be_typed_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        write(&mut window, "app.status.scale", lang, "1:500");
        assert!((window.state().map().unwrap().scale_denominator() - 500.0).abs() < 1.0);
        write(&mut window, "view.box.rotation", lang, "-30");
        assert!((window.state().map().unwrap().rotation_deg() + 30.0).abs() < 1e-6);
        write(&mut window, "view.box.coordinate", lang, "463240, 4870360");
        let centre = window.state().map().unwrap().centre().unwrap();
        assert!((centre[0] - 463_240.0).abs() < 0.01 && (centre[1] - 4_870_360.0).abs() < 0.01);
        // Degrees are understood there as well; nonsense is answered.
        write(&mut window, "view.box.coordinate", lang, "86°33′0″E 43°57′0″N");
        let [lon, lat] = window.state().map().unwrap().centre_lon_lat().unwrap();
        assert!(
            (lon - 86.55).abs() < 1e-6 && (lat - 43.95).abs() < 1e-6,
            "{lon} {lat}"
        );
        let before = window.state().messages().list().len();
        write(&mut window, "view.box.coordinate", lang, "nowhere");
        assert_eq!(window.state().messages().list().len(), before + 1);
        command(&mut window, Command::ResetNorth);
        assert!(window.state().map().unwrap().rotation_deg().abs() < 1e-9);
        command(&mut window, Command::RotateRight);
        assert!((window.state().map().unwrap().rotation_deg() - 15.0).abs() < 1e-6);
    }
}

#[test]
fn shift_and_a_drag_zoom_into_the_box_within_any_tool() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::MeasurePath);
    click(&mut window, corner(2, 2), 0.0);
    let (from, to) = (screen(&window, corner(3, 5)), screen(&window, corner(5, 3)));
    let before = window.state().map().unwrap().scale_denominator();
    window.hover_at(from);
    window.step();
    window.event_modifiers(
        egui::Event::PointerButton {
            pos: from,
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: egui::Modifiers::SHIFT,
        },
        egui::Modifiers::SHIFT,
    );
    window.step();
    for at in [from + (to - from) * 0.5, to] {
        window.event_modifiers(egui::Event::PointerMoved(at), egui::Modifiers::SHIFT);
        window.step();
    }
    window.event_modifiers(
        egui::Event::PointerButton {
            pos: to,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: egui::Modifiers::SHIFT,
        },
        egui::Modifiers::SHIFT,
    );
    window.run_steps(4);
    let map = window.state().map().unwrap();
    assert!(map.scale_denominator() < before * 0.6, "{before}");
    let centre = map.centre().unwrap();
    let wanted = corner(4, 4);
    assert!(
        (centre[0] - wanted[0]).abs() < 15.0 && (centre[1] - wanted[1]).abs() < 15.0,
        "{centre:?}"
    );
    assert!(
        window.state().tools().tool().is_busy(),
        "the path begun is still there"
    );
}

#[test]
fn bookmarks_hidden_classes_and_the_view_are_saved_with_the_project() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let file = folder.path().join("town.gpkg");
        write(&mut window, "view.box.coordinate", lang, "463240, 4870360");
        write(&mut window, "app.status.scale", lang, "1:1000");
        command(&mut window, Command::BookmarkAdd);
        window
            .state_mut()
            .ask(Action::BookmarkRename(0, "泵站".to_owned()));
        settle(&mut window);
        command(&mut window, Command::SecondView);
        command(&mut window, Command::SaveWorkspace);
        let last = window.state().messages().last().unwrap().message.text(lang);
        assert_eq!(last, tr("workspace.saved", lang));
        // Saved, so nothing is asked.
        command(&mut window, Command::CloseProject);
        assert!(window.state().session().is_none());
        drop(window);

        let mut window = open(&file, lang);
        let map = window.state().map().unwrap();
        let centre = map.centre().unwrap();
        assert!((centre[0] - 463_240.0).abs() < 0.01, "{centre:?}");
        assert!((map.scale_denominator() - 1_000.0).abs() < 2.0);
        assert!(window.state().second_map().is_some());
        command(&mut window, Command::ZoomFull);
        window.state_mut().ask(Action::BookmarkGo(0));
        settle(&mut window);
        assert!((window.state().map().unwrap().scale_denominator() - 1_000.0).abs() < 2.0);
        assert_eq!(
            window.state().session().unwrap().document.bookmarks[0].name,
            "泵站"
        );
    }
}

#[test]
fn unsaved_work_is_asked_about_before_a_project_is_closed() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::BookmarkAdd);
        command(&mut window, Command::CloseProject);
        assert!(window.state().session().is_some());
        window.get_by_label(&tr("workspace.ask.changed", lang));
        window.get_by_label(&tr("app.common.cancel", lang)).click();
        settle(&mut window);
        assert!(window.state().session().is_some());
        command(&mut window, Command::CloseProject);
        window.get_by_label(&tr("workspace.ask.save", lang)).click();
        settle(&mut window);
        assert!(window.state().session().is_none(), "saved, then closed");
        let again = open(&folder.path().join("town.gpkg"), lang);
        assert_eq!(again.state().session().unwrap().document.bookmarks.len(), 1);
    }
}

#[test]
fn a_project_without_a_file_is_saved_under_a_name_or_thrown_away_knowingly() {
    let folder = tempfile::tempdir().unwrap();
    let net3 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-data/Net3.inp");
    let mut window = open(&net3, Lang::En);
    command(&mut window, Command::BookmarkAdd);
    command(&mut window, Command::CloseProject);
    window.get_by_label(&tr("workspace.ask.temporary", Lang::En));
    window.state_mut().ask(Action::AnswerLeaving(LeaveAnswer::Stay));
    settle(&mut window);
    let file = folder.path().join("kept.gpkg");
    window.state_mut().ask(Action::FileNamed(
        karez::shell::action::FilePurpose::SaveProject,
        file.clone(),
    ));
    settle(&mut window);
    let session = window.state().session().unwrap();
    assert!(!session.is_temporary, "{:?}", window.state().messages().list());
    assert_eq!(session.document.bookmarks.len(), 1);
    command(&mut window, Command::CloseProject);
    assert!(window.state().session().is_none());
}

#[test]
fn after_a_crash_the_start_page_leads_back_to_where_one_was() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("town.gpkg");
        crate::common::make_town(&file);
        let last = karez::last_session::LastSession {
            project: file,
            is_closed: false,
            view: gis_core::cartography::layers::SavedView {
                centre: corner(4, 4),
                scale_denominator: 2_500.0,
                rotation_deg: 30.0,
            },
        };
        let noted = karez::last_session::LastSession::path(&folder.path().join("settings.toml"));
        last.save(&noted);
        let mut window = open_window(&StartOptions {
            config_dir: Some(folder.path().to_owned()),
            ..options(lang)
        });
        settle(&mut window);
        window.get_by_label(&tr("workspace.broke_off", lang));
        window.get_by_label_contains("town.gpkg").click();
        settle(&mut window);
        let map = window.state().map().unwrap();
        assert!((map.scale_denominator() - 2_500.0).abs() < 5.0);
        assert!((map.rotation_deg() - 30.0).abs() < 1e-6);
        // Closed as it should be, nothing is offered the next time.
        command(&mut window, Command::CloseProject);
        assert!(window.state().session().is_none());
        assert_eq!(karez::last_session::LastSession::broken_off(&noted), None);
    }
}

#[test]
fn linked_views_move_together_and_unlinked_ones_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::SecondView);
    write(&mut window, "app.status.scale", Lang::En, "1:2000");
    write(&mut window, "view.box.rotation", Lang::En, "20");
    let second = window.state().second_map().unwrap();
    assert!((second.scale_denominator() - 2_000.0).abs() < 5.0);
    assert!((second.rotation_deg() - 20.0).abs() < 1e-6);
    command(&mut window, Command::LinkViews);
    write(&mut window, "app.status.scale", Lang::En, "1:5000");
    let second = window.state().second_map().unwrap();
    assert!((second.scale_denominator() - 2_000.0).abs() < 5.0);
    command(&mut window, Command::SecondWindow);
    assert!(window.state().second_map().is_some());
    command(&mut window, Command::SecondWindow);
    assert!(window.state().second_map().is_none());
}
