//! A button that shows a colour and changes it: red, green and blue, the colour as written, and a few to choose from.

use egui::accesskit::Role;
use egui::{
    DragValue, Popup, PopupCloseBehavior, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, vec2,
};
use gis_core::cartography::Rgba;
use gis_core::cartography::thematic::Ramps;

use crate::i18n::tr;
use crate::theme::plain;

/// The ramp whose colours are offered: they can be told apart by everybody.
const OFFERED: &str = "okabe_ito";
const OFFERED_COUNT: usize = 8;

/// Alpha stays as it is.
pub fn colour_ui(ui: &mut Ui, colour: &mut Rgba) -> Response {
    let before = *colour;
    let mut response = swatch_ui(ui, *colour);
    Popup::from_toggle_button_response(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| picker_ui(ui, colour));
    if *colour != before {
        response.mark_changed();
    }
    response
}

fn swatch_ui(ui: &mut Ui, colour: Rgba) -> Response {
    let (rect, response) =
        ui.allocate_exact_size(vec2(30.0, ui.spacing().interact_size.y - 2.0), Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ColorWell, ui.is_enabled(), tr("layers.colour.name"));
        info.current_text_value = Some(colour.to_string());
        info
    });
    let rim = ui.style().interact(&response).fg_stroke.color;
    ui.painter().rect(
        rect,
        3.0,
        plain(colour),
        Stroke::new(1.0, rim),
        StrokeKind::Inside,
    );
    response
}

fn picker_ui(ui: &mut Ui, colour: &mut Rgba) {
    ui.set_min_width(220.0);
    let alpha = colour.a;
    for (key, channel) in [
        ("layers.colour.red", &mut colour.r),
        ("layers.colour.green", &mut colour.g),
        ("layers.colour.blue", &mut colour.b),
    ] {
        ui.horizontal(|ui| {
            let name = ui.label(tr(key));
            ui.add(egui::Slider::new(channel, 0..=255).show_value(false));
            ui.add(DragValue::new(channel)).labelled_by(name.id);
        });
    }
    written_ui(ui, colour);
    if let Ok(ramps) = Ramps::builtin() {
        ui.horizontal(|ui| {
            for number in 0..OFFERED_COUNT {
                let offered = ramps.get(OFFERED).of_class(number, OFFERED_COUNT, false);
                if swatch_ui(ui, offered).clicked() {
                    *colour = offered;
                }
            }
        });
    }
    *colour = colour.with_alpha(alpha);
}

/// `#rrggbb`; what is no colour yet stays in the field until it is one.
fn written_ui(ui: &mut Ui, colour: &mut Rgba) {
    let id = ui.scope_id().with("written");
    let opaque = colour.with_alpha(255);
    let mut text = ui
        .data(|data| data.get_temp::<String>(id))
        .unwrap_or_else(|| opaque.to_string());
    ui.horizontal(|ui| {
        let name = ui.label(tr("layers.colour.written"));
        let field = ui
            .add(TextEdit::singleline(&mut text).desired_width(80.0))
            .labelled_by(name.id);
        if field.changed()
            && let Ok(typed) = text.trim().parse()
        {
            *colour = typed;
        }
        let is_typing = field.has_focus();
        ui.data_mut(|data| {
            if is_typing {
                data.insert_temp(id, text);
            } else {
                data.remove::<String>(id);
            }
        });
    });
}
