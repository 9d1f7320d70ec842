//! What lies on the map beside the network: scale bar, north arrow, zoom buttons, attribution. Colours are the
//! theme's; it changes no camera but says what was asked for.

use egui::emath::Rot2;
use egui::{Align2, FontId, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use gis_core::Message;
use gis_core::cartography::chunks::Detail;

use super::camera::Camera;
use super::layer::MapStats;
use crate::i18n::{say, tr};
use crate::theme::Theme;

const MARGIN: f32 = 12.0;
const BUTTON: f32 = 30.0;

/// A zoom button that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ZoomRequest {
    In,
    Out,
    Full,
}

/// Buttons in the lower right corner, above one another.
pub(super) fn zoom_buttons_ui(ui: &mut Ui, rect: Rect, theme: &Theme) -> Option<ZoomRequest> {
    let buttons = [
        (ZoomRequest::In, "map.zoom_in"),
        (ZoomRequest::Out, "map.zoom_out"),
        (ZoomRequest::Full, "map.zoom_full"),
    ];
    let top_left = rect.right_bottom() - vec2(MARGIN + BUTTON, MARGIN + 22.0 + BUTTON * buttons.len() as f32);
    let panel = Rect::from_min_size(top_left, vec2(BUTTON, BUTTON * buttons.len() as f32));
    if !rect.shrink(MARGIN).contains_rect(panel) {
        return None;
    }
    ui.painter().rect(
        panel,
        theme.size.corner,
        theme.surface.raised.0,
        Stroke::new(1.0, theme.surface.border.0),
        egui::StrokeKind::Outside,
    );
    let mut pressed = None;
    for (i, (request, key)) in buttons.into_iter().enumerate() {
        let cell = Rect::from_min_size(top_left + vec2(0.0, BUTTON * i as f32), Vec2::splat(BUTTON));
        let label = tr(key);
        let response = ui
            .interact(cell, ui.scope_id().with(key), Sense::click())
            .on_hover_text(&label);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        if response.hovered() || response.has_focus() {
            ui.painter()
                .rect_filled(cell.shrink(2.0), theme.size.corner, theme.widget.hovered.0);
        }
        let ink = if response.hovered() {
            theme.text.strong.0
        } else {
            theme.text.primary.0
        };
        draw_icon(ui, cell, request, Stroke::new(1.7, ink));
        if response.clicked() {
            pressed = Some(request);
        }
    }
    pressed
}

fn draw_icon(ui: &Ui, cell: Rect, request: ZoomRequest, stroke: Stroke) {
    let (c, r) = (cell.center(), 6.0);
    let painter = ui.painter();
    match request {
        ZoomRequest::In | ZoomRequest::Out => {
            painter.line_segment([c - vec2(r, 0.0), c + vec2(r, 0.0)], stroke);
            if request == ZoomRequest::In {
                painter.line_segment([c - vec2(0.0, r), c + vec2(0.0, r)], stroke);
            }
        }
        ZoomRequest::Full => {
            // Four corners of a frame.
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                let corner = c + vec2(x, y) * r;
                let arm = r * 0.65;
                painter.add(Shape::line(
                    vec![corner - vec2(x * arm, 0.0), corner, corner - vec2(0.0, y * arm)],
                    stroke,
                ));
            }
        }
    }
}

/// The largest of 1, 2, 5 × 10ⁿ metres that is at most `max_m`.
pub(super) fn round_length_m(max_m: f64) -> f64 {
    if !(max_m.is_finite() && max_m > 0.0) {
        return 0.0;
    }
    let decade = 10_f64.powf(max_m.log10().floor());
    [5.0, 2.0]
        .into_iter()
        .map(|step| step * decade)
        .find(|m| *m <= max_m * (1.0 + 1e-12))
        .unwrap_or(decade)
}

/// `250 m`, `2 km`, `0.5 m`: unit symbols are the same in every language.
pub(super) fn length_text(metres: f64) -> String {
    if metres >= 1_000.0 {
        format!("{} km", metres / 1_000.0)
    } else {
        format!("{metres} m")
    }
}

/// In the lower left corner; true at the middle of the map.
pub(super) fn scale_bar(ui: &Ui, camera: &Camera, theme: &Theme) {
    let ground_m = camera.ground_metres_per_point();
    let length_m = round_length_m(130.0 * ground_m);
    let width = (length_m / ground_m) as f32;
    if !(20.0..=400.0).contains(&width) {
        return;
    }
    let left = camera.rect.left_bottom() + vec2(MARGIN + 2.0, -MARGIN - 4.0);
    let right = left + vec2(width, 0.0);
    let middle = left + vec2(width / 2.0, 0.0);
    let tick = vec2(0.0, -6.0);
    let painter = ui.painter();
    // The halo keeps it legible over any base map.
    for stroke in [
        Stroke::new(4.0, theme.map.label_halo.0),
        Stroke::new(1.6, theme.map.scale_bar.0),
    ] {
        painter.add(Shape::line(vec![left + tick, left, right, right + tick], stroke));
        painter.line_segment([middle, middle + tick * 0.6], stroke);
    }
    halo_text(
        ui,
        right + vec2(8.0, 2.0),
        Align2::LEFT_BOTTOM,
        &length_text(length_m),
        theme,
        theme.size.text_small,
    );
}

/// In the upper right corner, turned with the map.
pub(super) fn north_arrow(ui: &Ui, camera: &Camera, theme: &Theme) {
    let middle = camera.rect.right_top() + vec2(-MARGIN - BUTTON / 2.0, MARGIN + 26.0);
    let turn = Rot2::from_angle(camera.rotation_rad as f32);
    let at = |x: f32, y: f32| middle + turn * vec2(x, y);
    let (tip, foot) = (at(0.0, -13.0), at(0.0, 7.0));
    let painter = ui.painter();
    let ink = theme.map.scale_bar.0;
    let wing = |side: f32| vec![tip, at(side * 7.0, 12.0), foot];
    painter.add(Shape::convex_polygon(wing(-1.0), ink, Stroke::new(1.0, ink)));
    painter.add(Shape::convex_polygon(
        wing(1.0),
        theme.map.background.0,
        Stroke::new(1.0, ink),
    ));
    halo_text(
        ui,
        at(0.0, -21.0),
        Align2::CENTER_CENTER,
        "N",
        theme,
        theme.size.text_small,
    );
}

/// What the network layer did, in the upper left corner: for whoever looks into speed.
pub(super) fn stats(ui: &Ui, rect: Rect, stats: &MapStats, theme: &Theme) {
    let text = say(&Message::new("map.stats")
        .with(
            "detail",
            stats
                .detail
                .map_or_else(String::new, |detail| tr(detail_key(detail))),
        )
        .with("chunks", stats.chunks)
        .with("draws", stats.draw_calls)
        .with("segments", stats.segments)
        .with("symbols", stats.symbols)
        .with("ms", format!("{:.2}", stats.cpu_ms()))
        .with(
            "mib",
            format!("{:.1}", stats.gpu_bytes as f64 / f64::from(1 << 20)),
        ));
    halo_text(
        ui,
        rect.left_top() + vec2(MARGIN, MARGIN),
        Align2::LEFT_TOP,
        &text,
        theme,
        theme.size.text_small,
    );
}

fn detail_key(detail: Detail) -> &'static str {
    match detail {
        Detail::Full => "map.detail.full",
        Detail::Simplified => "map.detail.simplified",
        Detail::Mains => "map.detail.mains",
    }
}

/// Who made the base map, in the lower right corner.
pub(super) fn attribution(ui: &Ui, rect: Rect, text: &str, theme: &Theme) {
    if !text.is_empty() {
        let place = rect.right_bottom() - vec2(MARGIN, 6.0);
        halo_text(
            ui,
            place,
            Align2::RIGHT_BOTTOM,
            text,
            theme,
            theme.size.text_small - 1.0,
        );
    }
}

fn halo_text(ui: &Ui, place: Pos2, align: Align2, text: &str, theme: &Theme, size: f32) {
    let font = FontId::proportional(size);
    for (dx, dy) in [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)] {
        let at = pos2(place.x + dx, place.y + dy);
        ui.painter()
            .text(at, align, text, font.clone(), theme.map.label_halo.0);
    }
    ui.painter().text(place, align, text, font, theme.map.label.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_bar_has_a_round_length() {
        for (max, wanted) in [
            (130.0, 100.0),
            (199.0, 100.0),
            (200.0, 200.0),
            (999.0, 500.0),
            (0.3, 0.2),
            (1.0, 1.0),
        ] {
            assert!((round_length_m(max) - wanted).abs() < 1e-9 * wanted, "{max}");
        }
        assert!(round_length_m(f64::NAN).abs() < f64::EPSILON);
        assert_eq!(
            [length_text(200.0), length_text(5_000.0), length_text(0.5)],
            ["200 m", "5 km", "0.5 m"]
        );
    }
}
