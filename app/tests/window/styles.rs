//! Changing how the map draws the standard classes, and what the map then draws with.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::cartography::layers::LayerId;
use gis_core::cartography::{Rgba, StyleSet};
use karez::shell::App;
use karez::shell::action::Action;

use crate::driver::{open_town, settle, tr};

/// Opens the standard styles of a class's layer.
fn open_styles(window: &mut Harness<'static, App>, class: &str, lang: Lang) {
    let layer = LayerId(format!("class:{class}"));
    window.state_mut().ask(Action::LayerProperties(layer));
    settle(window);
    window
        .get_by_role_and_label(Role::Button, &tr("layers.properties.style", lang))
        .click();
    settle(window);
}

/// The colour on light ground of pipes below DN 100, as the theme, and so the map, has it.
fn colour_of_small_pipes(window: &Harness<'static, App>) -> Rgba {
    window.state().theme().styles.diameter_style(Some(0)).colour.light
}

#[test]
fn a_colour_changed_in_the_window_is_the_maps_colour_and_goes_with_the_project() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let before = colour_of_small_pipes(&window);
        open_styles(&mut window, "pipe", lang);
        let uploaded = window.state().map().unwrap().stats().gpu_bytes;
        window
            .get_all_by_role_and_label(Role::ColorWell, "< DN 100")
            .next()
            .unwrap()
            .click();
        settle(&mut window);
        window
            .get_by_role_and_label(Role::SpinButton, &tr("layers.colour.red", lang))
            .set_value_accesskit(1.0);
        settle(&mut window);
        let after = colour_of_small_pipes(&window);
        assert_eq!(after, Rgba { r: 1, ..before });
        assert_eq!(
            window.state().map().unwrap().stats().gpu_bytes,
            uploaded,
            "no block is sent again"
        );
        let changes = &window.state().session().unwrap().document.styles;
        assert_eq!(changes.diameter["100"].colour.light, after);
    }
}

#[test]
fn the_size_of_a_symbol_is_changed_and_put_back() {
    let (lang, folder) = (Lang::En, tempfile::tempdir().unwrap());
    let mut window = open_town(lang, folder.path());
    open_styles(&mut window, "valve", lang);
    let size = |window: &Harness<'static, App>| {
        window
            .state()
            .theme()
            .styles
            .symbol("valve", Some("gate"))
            .size_px
    };
    let usual = size(&window);
    window
        .get_all_by_role_and_label(Role::SpinButton, "Gate valve")
        .next()
        .unwrap()
        .set_value_accesskit(f64::from(usual) + 6.0);
    settle(&mut window);
    assert!((size(&window) - usual - 6.0).abs() < 1e-4, "{}", size(&window));
    window
        .get_by_label(&tr("layers.standard_style.reset", lang))
        .scroll_to_me();
    settle(&mut window);
    window
        .get_by_label(&tr("layers.standard_style.reset", lang))
        .click();
    settle(&mut window);
    assert_eq!(*window.state().theme().styles, StyleSet::builtin().unwrap());
    assert!(window.state().session().unwrap().document.styles.is_empty());
}
