//! The second map in a window of its own. Where there is no screen it floats in the first; nothing else differs.

use std::sync::Arc;

use egui::Pos2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::cartography::Rgba;
use karez::commands::Command;
use karez::map::MapView;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::Action;

use crate::driver::{open, open_town, settle, town, tr};
use crate::view::{click, click_at, command, corner, write};

fn second<'a>(window: &'a Harness<'static, App>) -> &'a MapView {
    window.state().second_map().unwrap()
}

fn on_second(window: &Harness<'static, App>, place: [f64; 2]) -> Pos2 {
    second(window).screen_from_project(place).unwrap()
}

fn open_second(window: &mut Harness<'static, App>, lang: Lang) {
    command(window, Command::SecondWindow);
    window.get_by_label_contains(&tr("app.pane.second_map", lang));
}

fn chosen(window: &Harness<'static, App>) -> Option<Target> {
    window.state().panels().identify.target
}

/// What the screen shows at a place.
fn colour_at(window: &mut Harness<'static, App>, at: Pos2) -> [u8; 3] {
    let picture = window.render().unwrap();
    let [r, g, b, _] = picture.get_pixel(at.x as u32, at.y as u32).0;
    [r, g, b]
}

#[test]
fn what_is_clicked_in_the_second_window_is_chosen_in_both_and_edits_are_in_both() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        open_second(&mut window, lang);
        write(&mut window, "app.status.scale", lang, "1:1500");
        let at = on_second(&window, corner(4, 4));
        click_at(&mut window, at);
        let node = window.state().session().unwrap().network.nodes_with_code("J-4-4")[0];
        assert_eq!(chosen(&window), Some(Target::Node(node)));

        let before = window.state().session().unwrap().network.node_count();
        command(&mut window, Command::ToggleEditing);
        command(&mut window, Command::EditPlaceNode);
        let place = [corner(3, 4)[0] + 40.0, corner(3, 4)[1]];
        let at = on_second(&window, place);
        click_at(&mut window, at);
        assert_eq!(
            window.state().session().unwrap().network.node_count(),
            before + 1,
            "{:?}",
            window.state().messages().list()
        );
        let made = chosen(&window).unwrap();
        assert_ne!(made, Target::Node(node));
        for map in [window.state().map().unwrap(), second(&window)] {
            let found = map.pick(place, 5.0);
            assert!(found.iter().any(|f| Target::from(*f) == made), "{found:?}");
        }
    }
}

#[test]
fn the_second_window_follows_the_theme_and_its_own_view_where_it_is_not_linked() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    open_second(&mut window, Lang::En);
    // Within a block of houses, where no pipe lies.
    let place = [corner(4, 4)[0] + 60.0, corner(4, 4)[1] + 60.0];
    for _ in 0..2 {
        let theme = window.state().theme();
        let Rgba { r, g, b, .. } = theme.styles.ground(theme.kind.map_theme());
        let at = on_second(&window, place);
        let seen = colour_at(&mut window, at);
        let is_ground = seen.iter().zip([r, g, b]).all(|(a, b)| a.abs_diff(b) < 6);
        assert!(is_ground, "{seen:?} where the ground is {:?}", [r, g, b]);
        command(&mut window, Command::ToggleTheme);
    }
    command(&mut window, Command::LinkViews);
    write(&mut window, "app.status.scale", Lang::En, "1:9000");
    assert!((window.state().map().unwrap().scale_denominator() - 9_000.0).abs() < 20.0);
    assert!((second(&window).scale_denominator() - 9_000.0).abs() > 100.0);
    command(&mut window, Command::LinkViews);
    assert!((second(&window).scale_denominator() - 9_000.0).abs() < 20.0);
}

#[test]
fn the_second_window_is_closed_by_its_cross_and_comes_back_with_the_project() {
    let folder = tempfile::tempdir().unwrap();
    let path = town(folder.path());
    let mut window = open(&path, Lang::ZhCn);
    open_second(&mut window, Lang::ZhCn);
    command(&mut window, Command::LinkViews);
    write(&mut window, "app.status.scale", Lang::ZhCn, "1:9000");
    let own = second(&window).saved_view().unwrap();
    command(&mut window, Command::SaveWorkspace);
    drop(window);

    let mut window = open(&path, Lang::ZhCn);
    window.get_by_label_contains(&tr("app.pane.second_map", Lang::ZhCn));
    let back = second(&window).saved_view().unwrap();
    assert!((back.scale_denominator / own.scale_denominator - 1.0).abs() < 1e-3);
    assert!((0..2).all(|i| (back.centre[i] - own.centre[i]).abs() < 0.5));
    assert!((window.state().map().unwrap().scale_denominator() - 9_000.0).abs() < 20.0);
    let [a, b] = [window.state().map().unwrap(), second(&window)].map(|m| Arc::clone(m.data().unwrap()));
    assert!(std::ptr::eq(a.chunks(), b.chunks()), "both draw the same blocks");

    window.get_by_label("Close window").click();
    settle(&mut window);
    assert!(window.state().second_map().is_none());
    assert!(
        window.state().session().is_some(),
        "only the second window closes"
    );
    let title = tr("app.pane.second_map", Lang::ZhCn);
    assert!(window.query_by_label_contains(&title).is_none());
}

#[test]
fn a_second_view_opened_after_an_edit_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    write(&mut window, "app.status.scale", Lang::En, "1:1500");
    command(&mut window, Command::ToggleEditing);
    command(&mut window, Command::EditDrawPipe);
    let middle = [corner(3, 3)[0] + 60.0, corner(3, 3)[1] + 60.0];
    for place in [corner(3, 3), middle, corner(4, 4)] {
        click(&mut window, place, 0.0);
    }
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    assert!(matches!(chosen(&window), Some(Target::Pipe(_))));
    window.key_press(egui::Key::Escape);
    settle(&mut window);
    window.state_mut().ask(Action::Select(None));
    command(&mut window, Command::ToggleEditing);
    open_second(&mut window, Lang::En);
    let theme = window.state().theme();
    let Rgba { r, g, b, .. } = theme.styles.ground(theme.kind.map_theme());
    let at = on_second(&window, middle);
    let seen = colour_at(&mut window, at);
    assert!(
        seen[0].abs_diff(r) > 40,
        "{seen:?} on the pipe where the ground is {:?}",
        [r, g, b]
    );
}
