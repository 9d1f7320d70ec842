//! Rows for one look: colour and size, and single numbers of a style.

use egui::{DragValue, Ui};
use gis_core::cartography::Rgba;
use gis_core::cartography::layers::Look;

use crate::i18n::tr;
use crate::panels::colour::colour_ui;

/// A theme starts with it.
pub(super) const USUAL: Rgba = Rgba::opaque(0xd9, 0x2d, 0x20);

pub(super) fn look_ui(ui: &mut Ui, look: &mut Look, is_line: bool) {
    ui.horizontal(|ui| look_row_ui(ui, look, is_line));
}

pub(super) fn look_row_ui(ui: &mut Ui, look: &mut Look, is_line: bool) {
    let mut colour = look.colour.unwrap_or(USUAL);
    let before = colour;
    colour_ui(ui, &mut colour);
    if colour != before {
        look.colour = Some(colour);
    }
    let size = if is_line {
        &mut look.width_px
    } else {
        &mut look.size_px
    };
    let mut shown = size.unwrap_or(if is_line { 2.0 } else { 8.0 });
    if ui
        .add(
            DragValue::new(&mut shown)
                .range(0.2..=80.0)
                .speed(0.1)
                .suffix(" px"),
        )
        .changed()
    {
        *size = Some(shown);
    }
}

pub(super) fn number_ui(ui: &mut Ui, key: &str, number: &mut f64) {
    ui.horizontal(|ui| {
        let label = ui.label(tr(key));
        ui.add(DragValue::new(number).range(0.000_1..=1e12).speed(1.0))
            .labelled_by(label.id);
    });
}

pub(super) fn size_ui(ui: &mut Ui, key: &str, size: &mut f32) {
    ui.horizontal(|ui| {
        let label = ui.label(tr(key));
        ui.add(DragValue::new(size).range(0.2..=200.0).speed(0.2).suffix(" px"))
            .labelled_by(label.id);
    });
}
