//! Profiles and cross-sections in the window, from a project whose pipes have heights.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use karez::commands::Command;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};
use karez::shell::editing::EditAction;
use serde_json::json;

use crate::driver::{open_town, settle, tr};
use crate::view::{click, command, corner};

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    settle(window);
}

/// Ground and crown at both ends of a pipe of the town.
fn give_heights(window: &mut Harness<'static, App>, code: &str, crown_m: f64) {
    let network = window.state().session().unwrap().network.clone();
    let feature = network.pipe_id(network.pipes_with_code(code)[0]);
    for (field, value) in [
        ("elevation_from_m", crown_m),
        ("elevation_to_m", crown_m),
        ("depth_from_m", 100.0 - crown_m),
        ("depth_to_m", 100.0 - crown_m),
    ] {
        let set = EditAction::Set {
            feature,
            field: field.to_owned(),
            value: json!(value),
        };
        ask(window, Action::Edit(set));
    }
}

#[test]
fn the_profile_of_a_pipe_shows_its_heights_and_is_saved_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::ToggleEditing);
        give_heights(&mut window, "P-2-2-E", 98.5);
        let network = window.state().session().unwrap().network.clone();
        let pipe = network.pipes_with_code("P-2-2-E")[0];
        ask(&mut window, Action::Select(Some(Target::Pipe(pipe))));
        command(&mut window, Command::ShowProfile);
        let shown = window.state().panels().depth.profile().unwrap();
        let length_m = shown.profile.length_m();
        assert!((length_m - network.pipe_length_m(pipe)).abs() < 1e-6);
        let ends: Vec<_> = shown
            .profile
            .stretches
            .iter()
            .flat_map(|s| [s.start, s.end])
            .collect();
        assert!(ends.iter().all(|s| s.crown_m == Some(98.5)), "{ends:?}");
        assert!(ends.iter().all(|s| s.cover_m() == Some(1.5)));
        let figure = window
            .get_by_role_and_label(Role::Figure, &tr("depth.pane.along", lang))
            .rect();
        window.hover_at(figure.center());
        window.run_steps(4);
        let file = folder.path().join("profile.svg");
        ask(
            &mut window,
            Action::FileNamed(FilePurpose::PathProfile, file.clone()),
        );
        assert!(std::fs::read_to_string(&file).unwrap().contains("<svg"));
        // The drawing is that of the network as it was.
        command(&mut window, Command::Undo);
        assert!(window.state().panels().depth.profile().is_none());
    }
}

#[test]
fn a_stroke_across_pipes_shows_them_at_their_depth_and_what_is_too_shallow_in_red() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::ToggleEditing);
    give_heights(&mut window, "P-2-2-E", 99.7);
    command(&mut window, Command::ToolSection);
    let [a, b] = [corner(2, 2), corner(3, 2)];
    let x = a[0] + 0.4 * (b[0] - a[0]);
    click(&mut window, [x, a[1] - 15.0], 0.0);
    click(&mut window, [x, a[1] + 15.0], 0.0);
    let shown = window.state().panels().depth.section().unwrap();
    let network = &window.state().session().unwrap().network;
    let codes: Vec<_> = shown
        .section
        .cuts
        .iter()
        .map(|cut| network.pipe_code(cut.pipe))
        .collect();
    assert_eq!(codes, ["P-2-2-E"]);
    assert!((shown.section.length_m - 30.0).abs() < 0.5);
    assert_eq!(shown.is_shallow, [true], "0.3 m where 0.7 m are wanted");
    window.get_by_role_and_label(Role::Figure, &tr("depth.pane.across", lang));
    let row = window.query_all_by(|node| node.label().is_some_and(|l| l.starts_with("P-2-2-E")));
    row.into_iter().next().unwrap().click();
    settle(&mut window);
    let target = window.state().panels().identify.target;
    assert_eq!(
        target,
        Some(Target::Pipe(shown_pipe(&window))),
        "a click on the list selects the pipe"
    );
    let file = folder.path().join("section.svg");
    ask(
        &mut window,
        Action::FileNamed(FilePurpose::CrossSection, file.clone()),
    );
    assert!(std::fs::read_to_string(&file).unwrap().contains("P-2-2-E"));
    window.get_by_label(&tr("depth.pane.save", lang));
}

fn shown_pipe(window: &Harness<'static, App>) -> gis_core::network::PipeIndex {
    window.state().panels().depth.section().unwrap().section.cuts[0].pipe
}
