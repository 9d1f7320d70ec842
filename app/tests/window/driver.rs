//! Opens a window without a screen and steps it until it rests.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use gis_core::Lang;
use karez::shell::{App, StartOptions};

const SIZE: egui::Vec2 = egui::vec2(1280.0, 800.0);

pub(crate) fn options(lang: Lang) -> StartOptions {
    StartOptions {
        lang: Some(lang),
        own_dialogs: true,
        ..StartOptions::default()
    }
}

pub(crate) fn open_window(options: &StartOptions) -> Harness<'static, App> {
    let options = options.clone();
    Harness::builder()
        .with_size(SIZE)
        .with_max_steps(64)
        .with_context_setup(karez::fonts::install)
        .wgpu()
        .build_eframe(move |cc| App::new(cc, &options).unwrap())
}

/// Steps until nothing is under way, a minute at most.
pub(crate) fn settle(window: &mut Harness<'static, App>) {
    let started = Instant::now();
    let mut quiet = 0;
    while quiet < 4 {
        window.step();
        quiet = if window.state().is_settled() { quiet + 1 } else { 0 };
        if quiet == 0 {
            assert!(
                started.elapsed() < Duration::from_mins(1),
                "the window did not settle"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

pub(crate) fn town(folder: &Path) -> PathBuf {
    let path = folder.join("town.gpkg");
    crate::common::make_town(&path);
    path
}

pub(crate) fn open_town(lang: Lang, folder: &Path) -> Harness<'static, App> {
    open(&town(folder), lang)
}

pub(crate) fn open(file: &Path, lang: Lang) -> Harness<'static, App> {
    let mut window = open_window(&StartOptions {
        file: Some(file.to_owned()),
        ..options(lang)
    });
    settle(&mut window);
    assert!(
        window.state().session().is_some(),
        "{:?}",
        window.state().messages().list()
    );
    window
}

pub(crate) fn tr(key: &str, lang: Lang) -> String {
    gis_core::text::translate(key, lang)
}
