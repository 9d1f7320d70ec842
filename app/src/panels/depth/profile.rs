//! The longitudinal profile: ground, pipe from crown to invert, what crosses it, and a table under the drawing.

use egui::{Align2, Sense, Shape, Stroke, Ui, pos2, vec2};
use gis_core::Message;
use gis_core::depth::profile::{Station, Stretch};
use gis_core::network::Network;

use super::ShownProfile;
use super::chart::Chart;
use crate::i18n::{say, tr};
use crate::panels::{PanelEnv, text, widgets};
use crate::view::HighlightRole;

/// Rows of the table, by the name of what they hold.
const ROWS: [&str; 4] = [
    "depth.row.ground",
    "depth.row.crown",
    "depth.row.cover",
    "depth.row.distance",
];
const ROW: f32 = 14.0;

/// Returns the place on the ground under the pointer.
pub(super) fn ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    shown: &ShownProfile,
    exaggeration: Option<u8>,
) -> Option<[f64; 2]> {
    let network = &env.session.network;
    let Some(heights_m) = heights(shown) else {
        widgets::empty_ui(ui, env.theme, &tr("depth.profile.no_heights"));
        return None;
    };
    missing_ui(ui, env, shown);
    let size = vec2(ui.available_width(), ui.available_height().max(120.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::Figure, true, tr("depth.pane.along"))
    });
    let below = ROW * ROWS.len() as f32 + 8.0;
    let painter = ui.painter_at(rect);
    let length_m = shown.profile.length_m();
    let chart = Chart::new(painter, env.theme, below, length_m, heights_m, exaggeration);
    chart.grid();
    for stretch in &shown.profile.stretches {
        stretch_ui(&chart, network, stretch);
    }
    ground_ui(&chart, shown);
    crossed_ui(&chart, network, shown);
    table_ui(&chart, shown);
    let pointer = response.hover_pos()?;
    let at_m = chart.distance_at(pointer);
    if !(0.0..=length_m).contains(&at_m) {
        return None;
    }
    let line = Stroke::new(1.0, env.theme.status.error.0);
    chart.painter.vline(pointer.x, chart.area.y_range(), line);
    response.on_hover_text_at_pointer(told(network, shown, at_m));
    shown.way.point_at(network, at_m)
}

fn heights(shown: &ShownProfile) -> Option<[f64; 2]> {
    let own = shown.profile.heights_m()?;
    let others = shown.crossed.iter().filter_map(|c| c.crown_m);
    Some(others.fold(own, |[low, high], m| [low.min(m - 0.2), high.max(m)]))
}

fn ends(shown: &ShownProfile) -> impl Iterator<Item = &Station> {
    let stretches = shown.profile.stretches.iter();
    stretches.flat_map(|stretch| [&stretch.start, &stretch.end])
}

/// How much of the way has no heights.
fn missing_ui(ui: &mut Ui, env: &PanelEnv<'_>, shown: &ShownProfile) {
    let ends: Vec<&Station> = ends(shown).collect();
    let unknown = ends.iter().filter(|s| s.cover_m().is_none()).count();
    let crossed = shown.crossed.iter().filter(|c| c.crown_m.is_none()).count();
    if unknown + crossed == 0 {
        return;
    }
    let said = Message::new("depth.pane.missing")
        .with("count", unknown)
        .with("all", ends.len())
        .with("crossed", crossed);
    ui.label(egui::RichText::new(say(&said)).color(env.theme.status.warning.0));
}

fn stretch_ui(chart: &Chart<'_>, network: &Network, stretch: &Stretch) {
    let theme = chart.theme;
    for station in [&stretch.start, &stretch.end] {
        let x = chart.at(station.at_m, 0.0).x;
        let line = Stroke::new(1.0, theme.surface.border.0);
        chart.painter.vline(x, chart.area.y_range(), line);
    }
    let (Some(start_m), Some(end_m)) = (stretch.start.crown_m, stretch.end.crown_m) else {
        return;
    };
    let crown = [
        chart.at(stretch.start.at_m, start_m),
        chart.at(stretch.end.at_m, end_m),
    ];
    let deep_m = stretch.diameter_mm.unwrap_or(0.0) / 1_000.0;
    let deep = ((deep_m * chart.scale[1]) as f32).max(1.5);
    let down = vec2(0.0, deep);
    let ink = theme.accent.fill.0;
    let band = vec![crown[0], crown[1], crown[1] + down, crown[0] + down];
    chart.painter.add(Shape::convex_polygon(
        band,
        ink.gamma_multiply(0.35),
        Stroke::new(1.0, ink),
    ));
    let slope = stretch.slope_permille().map(|slope| format!("{slope:.1}‰"));
    let size = text::diameter(network.pipe_diameter_mm(stretch.pipe));
    let label = [Some(size), slope, Some(text::length(stretch.length_m()))];
    let label: Vec<String> = label.into_iter().flatten().filter(|l| !l.is_empty()).collect();
    let label = label.join("  ");
    let width = label.chars().count() as f32 * theme.size.text_small * 0.55;
    if width < crown[1].x - crown[0].x {
        let middle = crown[0] + (crown[1] - crown[0]) / 2.0 + down + vec2(0.0, 3.0);
        chart.text(middle, Align2::CENTER_TOP, &label, theme.text.primary.0);
    }
}

fn ground_ui(chart: &Chart<'_>, shown: &ShownProfile) {
    let ground = Stroke::new(2.0, chart.theme.status.success.0);
    let points = ends(shown).map(|s| s.ground_m.map(|m| chart.at(s.at_m, m)));
    chart.curve(points, ground);
}

/// Pipes that cross, cut by the plane of the profile.
fn crossed_ui(chart: &Chart<'_>, network: &Network, shown: &ShownProfile) {
    let ink = chart.theme.highlight_color(HighlightRole::Path);
    for other in &shown.crossed {
        let Some(crown_m) = other.crown_m else { continue };
        let radius_m = other.diameter_mm.unwrap_or(100.0) / 2_000.0;
        let middle = chart.at(other.crossed.at_m, crown_m - radius_m);
        let radius = vec2(
            ((radius_m / other.crossed.sine * chart.scale[0]) as f32).max(2.0),
            ((radius_m * chart.scale[1]) as f32).max(2.0),
        );
        chart
            .painter
            .add(Shape::ellipse_stroke(middle, radius, Stroke::new(1.5, ink)));
        let name = network.pipe_code(other.crossed.pipe);
        let at = middle + vec2(radius.x + 3.0, 0.0);
        chart.text(at, Align2::LEFT_CENTER, name, ink);
    }
}

/// Figures under the stations, as many as have room.
fn table_ui(chart: &Chart<'_>, shown: &ShownProfile) {
    const ROOM: f32 = 44.0;
    let theme = chart.theme;
    let top = chart.area.bottom() + 6.0;
    for (row, key) in ROWS.iter().enumerate() {
        let at = pos2(chart.area.left() - 6.0, top + ROW * row as f32);
        let name = tr(key);
        let short = name.split(['(', '（']).next().unwrap_or_default();
        chart.text(at, Align2::RIGHT_TOP, short.trim(), theme.text.weak.0);
    }
    let mut free_from = f32::NEG_INFINITY;
    for station in ends(shown) {
        let x = chart.at(station.at_m, 0.0).x;
        if x < free_from {
            continue;
        }
        free_from = x + ROOM;
        let metres = |m: Option<f64>| m.map_or_else(|| "?".to_owned(), |m| format!("{m:.2}"));
        let cells = [
            metres(station.ground_m),
            metres(station.crown_m),
            metres(station.cover_m()),
            format!("{:.1}", station.at_m),
        ];
        for (row, cell) in cells.iter().enumerate() {
            let at = pos2(x + 2.0, top + ROW * row as f32);
            chart.text(at, Align2::LEFT_TOP, cell, theme.text.primary.0);
        }
    }
}

/// What lies at a distance, line by line.
fn told(network: &Network, shown: &ShownProfile, at_m: f64) -> String {
    let mut lines = vec![format!("{}: {at_m:.1} m", tr("depth.column.distance"))];
    let stretches = &shown.profile.stretches;
    let under = stretches
        .iter()
        .find(|s| s.start.at_m <= at_m && at_m <= s.end.at_m);
    if let Some(stretch) = under {
        let size = text::diameter(network.pipe_diameter_mm(stretch.pipe));
        lines.push(format!("{} {size}", network.pipe_code(stretch.pipe)));
        let share = if stretch.length_m() > 0.0 {
            (at_m - stretch.start.at_m) / stretch.length_m()
        } else {
            0.0
        };
        let here = |a: Option<f64>, b: Option<f64>| Some(a? + share * (b? - a?));
        let station = Station {
            at_m,
            node: None,
            ground_m: here(stretch.start.ground_m, stretch.end.ground_m),
            crown_m: here(stretch.start.crown_m, stretch.end.crown_m),
        };
        for (key, value) in [
            ("depth.row.ground", station.ground_m),
            ("depth.row.crown", station.crown_m),
            ("depth.pane.invert", stretch.invert_m(&station)),
            ("depth.row.cover", station.cover_m()),
        ] {
            let value = value.map_or_else(|| tr("depth.unknown"), |m| format!("{m:.2}"));
            lines.push(format!("{}: {value}", tr(key)));
        }
    }
    lines.join("\n")
}
