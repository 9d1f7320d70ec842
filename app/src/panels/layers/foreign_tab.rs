//! How a layer of another format is drawn: colour, widths, fill, lettering and its encoding. It reads no file.

use egui::{ComboBox, DragValue, Grid, RichText, Ui};
use gis_core::cartography::Rgba;
use gis_core::cartography::layers::{Layer, LayerSource, Look, Renderer};
use gis_core::cartography::sketch_mesh::SketchLook;
use gis_core::io::foreign::ForeignFacts;

use crate::i18n::tr;
use crate::panels::colour::colour_ui;
use crate::panels::widgets;
use crate::theme::Theme;

pub(super) fn style_ui(ui: &mut Ui, theme: &Theme, layer: &mut Layer, facts: &ForeignFacts) {
    let mut look = match &layer.renderer {
        Renderer::Single { look } => *look,
        _ => Look::default(),
    };
    let before = look;
    Grid::new("foreign_style")
        .num_columns(2)
        .spacing([12.0, 8.0])
        .show(ui, |ui| {
            look_ui(ui, theme, &mut look);
            if let LayerSource::Vector(source) = &mut layer.source {
                let mut is_filled = !source.is_outline_only;
                ui.label("");
                if ui.checkbox(&mut is_filled, tr("foreign.style.fill")).changed() {
                    source.is_outline_only = !is_filled;
                }
                ui.end_row();
                label_ui(ui, &mut source.label_column, &facts.columns);
                if source.topographic.is_none() {
                    encoding_ui(ui, &mut source.encoding);
                }
            }
        });
    if look != before {
        layer.renderer = Renderer::Single { look };
    }
    if !facts.samples.is_empty() {
        ui.add_space(6.0);
        ui.label(RichText::new(tr("foreign.style.samples")).color(theme.text.weak.0));
        ui.label(facts.samples.join("   "));
    }
}

fn look_ui(ui: &mut Ui, theme: &Theme, look: &mut Look) {
    let usual = SketchLook::default();
    ui.label(tr("foreign.style.colour"));
    ui.horizontal(|ui| {
        let mut has_own = look.colour.is_some();
        if ui
            .checkbox(&mut has_own, tr("foreign.style.own_colour"))
            .changed()
        {
            let [r, g, b, _] = theme.text.weak.0.to_array();
            look.colour = has_own.then_some(Rgba::opaque(r, g, b));
        }
        if let Some(colour) = &mut look.colour {
            colour_ui(ui, colour);
        }
    });
    ui.end_row();
    for (key, size, usual) in [
        ("foreign.style.width", &mut look.width_px, usual.width_px),
        ("foreign.style.point", &mut look.size_px, usual.point_px),
    ] {
        let label = ui.label(tr(key));
        let mut shown = size.unwrap_or(usual);
        let drag = DragValue::new(&mut shown)
            .range(0.2..=20.0)
            .speed(0.1)
            .suffix(" px");
        if ui.add(drag).labelled_by(label.id).changed() {
            *size = Some(shown);
        }
        ui.end_row();
    }
}

fn label_ui(ui: &mut Ui, chosen: &mut Option<String>, columns: &[String]) {
    let label = ui.label(tr("foreign.style.label"));
    let none = tr("foreign.style.no_label");
    ComboBox::from_id_salt("foreign_label")
        .selected_text(chosen.clone().unwrap_or_else(|| none.clone()))
        .width(200.0)
        .show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, none);
            for column in columns {
                ui.selectable_value(chosen, Some(column.clone()), column);
            }
        })
        .response
        .labelled_by(label.id);
    ui.end_row();
}

fn encoding_ui(ui: &mut Ui, chosen: &mut Option<String>) {
    let label = ui.label(tr("app.import.encoding"));
    widgets::encoding_ui(ui, "foreign_encoding", chosen).labelled_by(label.id);
    ui.end_row();
}
