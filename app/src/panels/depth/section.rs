//! The section across a bundle: each pipe as a circle at its depth, with what is known of it and the room between
//! neighbours; what is less than the rules want is red.

use egui::{Align2, Sense, Shape, Stroke, Ui, vec2};
use gis_core::Message;
use gis_core::depth::section::{Cut, Spacing};

use super::ShownSection;
use super::chart::Chart;
use crate::i18n::{say, tr};
use crate::panels::{PanelEnv, text, widgets};
use crate::session::Target;
use crate::shell::action::Action;

/// Room of the list beside the drawing.
const LIST: f32 = 330.0;

/// Returns the place on the ground under the pointer.
pub(super) fn ui(
    ui: &mut Ui,
    env: &mut PanelEnv<'_>,
    shown: &ShownSection,
    exaggeration: Option<u8>,
) -> Option<[f64; 2]> {
    if shown.section.cuts.is_empty() {
        widgets::empty_ui(ui, env.theme, &tr("depth.pane.crosses_nothing"));
        return None;
    }
    let size = vec2(
        (ui.available_width() - LIST).max(200.0),
        ui.available_height().max(120.0),
    );
    ui.horizontal_top(|ui| {
        let place = drawing_ui(ui, env, shown, exaggeration, size);
        ui.vertical(|ui| list_ui(ui, env, shown));
        place
    })
    .inner
}

fn drawing_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    shown: &ShownSection,
    exaggeration: Option<u8>,
    size: egui::Vec2,
) -> Option<[f64; 2]> {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::Figure, true, tr("depth.pane.across"))
    });
    let Some(range) = shown.section.heights_m() else {
        let said = tr("depth.section.no_heights");
        ui.painter_at(rect).text(
            rect.center(),
            Align2::CENTER_CENTER,
            said,
            egui::FontId::proportional(env.theme.size.text_small),
            env.theme.text.weak.0,
        );
        return None;
    };
    let painter = ui.painter_at(rect);
    let length_m = shown.section.length_m;
    let chart = Chart::new(painter, env.theme, 22.0, length_m, range, exaggeration);
    chart.grid();
    let cuts = &shown.section.cuts;
    let ground = cuts.iter().map(|cut| Some(chart.at(cut.at_m, cut.ground_m?)));
    chart.curve(ground, Stroke::new(2.0, env.theme.status.success.0));
    for (i, cut) in cuts.iter().enumerate() {
        pipe_ui(&chart, env, cut, shown.is_shallow[i]);
    }
    for (pair, (spacing, is_short)) in cuts.windows(2).zip(&shown.gaps) {
        gap_ui(&chart, pair, spacing, *is_short);
    }
    let pointer = response.hover_pos()?;
    let share = chart.distance_at(pointer) / length_m;
    let [a, b] = shown.stroke;
    (0.0..=1.0)
        .contains(&share)
        .then(|| [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis])))
}

fn pipe_ui(chart: &Chart<'_>, env: &PanelEnv<'_>, cut: &Cut, is_shallow: bool) {
    let theme = chart.theme;
    let Some(crown_m) = cut.crown_m else { return };
    let radius_m = cut.diameter_mm.unwrap_or(100.0) / 2_000.0;
    let middle = chart.at(cut.at_m, crown_m - radius_m);
    let [across, up] = chart.scale;
    let radius = vec2(
        ((radius_m * across) as f32).max(3.0),
        ((radius_m * up) as f32).max(3.0),
    );
    let ink = theme.accent.fill.0;
    let fill = Shape::ellipse_filled(middle, radius, ink.gamma_multiply(0.35));
    chart.painter.add(fill);
    chart
        .painter
        .add(Shape::ellipse_stroke(middle, radius, Stroke::new(1.5, ink)));
    let network = &env.session.network;
    let size = text::diameter(network.pipe_diameter_mm(cut.pipe));
    let below = middle + vec2(0.0, radius.y + 2.0);
    chart.text(below, Align2::CENTER_TOP, &size, theme.text.primary.0);
    let (Some(ground_m), Some(cover_m)) = (cut.ground_m, cut.cover_m()) else {
        return;
    };
    let ink = if is_shallow {
        theme.status.error.0
    } else {
        theme.text.weak.0
    };
    let top = chart.at(cut.at_m, ground_m);
    let foot = middle - vec2(0.0, radius.y);
    chart.painter.line_segment([top, foot], Stroke::new(1.0, ink));
    let at = top + (foot - top) / 2.0 + vec2(3.0, 0.0);
    chart.text(at, Align2::LEFT_CENTER, &format!("{cover_m:.2}"), ink);
}

/// The room between two neighbours, under both.
fn gap_ui(chart: &Chart<'_>, pair: &[Cut], spacing: &Spacing, is_short: bool) {
    let theme = chart.theme;
    let ink = if is_short {
        theme.status.error.0
    } else {
        theme.text.weak.0
    };
    let [a, b] = [&pair[0], &pair[1]].map(|cut| chart.at(cut.at_m, 0.0).x);
    let y = chart.area.bottom() + 4.0;
    chart.painter.hline(a..=b, y, Stroke::new(1.0, ink));
    for x in [a, b] {
        chart.painter.vline(x, y - 3.0..=y + 3.0, Stroke::new(1.0, ink));
    }
    if let Some(clear_m) = spacing.clear_m
        && b - a > 30.0
    {
        let at = egui::pos2(f32::midpoint(a, b), y + 3.0);
        chart.text(at, Align2::CENTER_TOP, &format!("{clear_m:.2}"), ink);
    }
}

/// Every pipe with its figures; a click selects it.
fn list_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, shown: &ShownSection) {
    let network = &env.session.network;
    let metres = |m: Option<f64>| m.map_or_else(|| "?".to_owned(), |m| format!("{m:.2}"));
    let mut clicked = None;
    egui::ScrollArea::vertical()
        .id_salt("cuts")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for (i, cut) in shown.section.cuts.iter().enumerate() {
                if let Some((spacing, is_short)) = i.checked_sub(1).map(|i| shown.gaps[i]) {
                    let said = Message::new("depth.pane.gap")
                        .with("clear", metres(spacing.clear_m))
                        .with("gap", metres(spacing.gap_m));
                    let ink = if is_short {
                        env.theme.status.error.0
                    } else {
                        env.theme.text.weak.0
                    };
                    ui.label(egui::RichText::new(say(&said)).small().color(ink));
                }
                let row = widgets::Row {
                    color: shown.is_shallow[i].then_some(env.theme.status.error.0),
                    code: network.pipe_code(cut.pipe).to_owned(),
                    detail: text::diameter(network.pipe_diameter_mm(cut.pipe)),
                    figure: say(&Message::new("depth.pane.cover")
                        .with("cover", metres(cut.cover_m()))
                        .with("crown", metres(cut.crown_m))),
                    is_selected: false,
                };
                if widgets::row_ui(ui, env.theme, &row, 0.0).clicked() {
                    clicked = Some(cut.pipe);
                }
            }
            let minimum =
                Message::new("depth.pane.minimum").with("cover", format!("{:.2}", shown.minimum_cover_m));
            let weak = egui::RichText::new(say(&minimum)).small();
            ui.label(weak.color(env.theme.text.weak.0));
        });
    if let Some(pipe) = clicked {
        env.push(Action::Select(Some(Target::Pipe(pipe))));
    }
}
