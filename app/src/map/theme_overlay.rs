//! Thematic maps around the network: densities under it, dots, pies and bars over it. Their numbers are made elsewhere.

use egui::epaint::{Mesh, Vertex};
use egui::{Color32, Pos2, Rect, Shape, Stroke, pos2, vec2};
use gis_core::cartography::layers::DiagramKind;
use gis_core::cartography::thematic::{Diagram, DiagramMap, DotMap, ThemedMap};
use gis_core::cartography::{Rgba, Themed};

use super::overlay::{MapPainter, Overlay};
use crate::panels::layers::HeatPicture;

/// Squares that a heat map is drawn by, so that it follows the map's projection.
const HEAT_PIECES: usize = 8;
const BAR_WIDTH_PX: f32 = 9.0;

/// Lies under the network.
pub struct HeatUnderlay<'a>(pub &'a [HeatPicture]);

impl Overlay for HeatUnderlay<'_> {
    fn paint(&self, map: &MapPainter<'_>) {
        for heat in self.0 {
            paint_heat(map, heat);
        }
    }
}

pub struct ThemeOverlay<'a>(pub &'a ThemedMap);

impl Overlay for ThemeOverlay<'_> {
    fn paint(&self, map: &MapPainter<'_>) {
        for dots in &self.0.dots {
            paint_dots(map, dots);
        }
        for diagrams in &self.0.diagrams {
            for diagram in &diagrams.diagrams {
                paint_diagram(map, diagrams, diagram);
            }
        }
    }
}

fn ink(map: &MapPainter<'_>, colour: Rgba, opacity: f32) -> Color32 {
    map.theme
        .color(Themed {
            light: colour,
            dark: colour,
        })
        .gamma_multiply(opacity)
}

fn paint_heat(map: &MapPainter<'_>, heat: &HeatPicture) {
    let [min_x, min_y, max_x, max_y] = heat.extent;
    let share = |i: usize| i as f32 / HEAT_PIECES as f32;
    let mut places = Vec::with_capacity((HEAT_PIECES + 1) * (HEAT_PIECES + 1));
    for row in 0..=HEAT_PIECES {
        for column in 0..=HEAT_PIECES {
            places.push([
                min_x + (max_x - min_x) * f64::from(share(column)),
                max_y + (min_y - max_y) * f64::from(share(row)),
            ]);
        }
    }
    let screens = map.screens(&places);
    if screens.iter().any(|p| !p.is_finite()) {
        return;
    }
    let mut mesh = Mesh::with_texture(heat.texture.id());
    for (i, pos) in screens.into_iter().enumerate() {
        let (row, column) = (i / (HEAT_PIECES + 1), i % (HEAT_PIECES + 1));
        mesh.vertices.push(Vertex {
            pos,
            uv: pos2(share(column), share(row)),
            color: Color32::WHITE,
        });
    }
    let across = HEAT_PIECES as u32 + 1;
    for row in 0..HEAT_PIECES as u32 {
        for column in 0..HEAT_PIECES as u32 {
            let corner = row * across + column;
            mesh.add_triangle(corner, corner + 1, corner + across);
            mesh.add_triangle(corner + 1, corner + across, corner + across + 1);
        }
    }
    map.painter.add(Shape::mesh(mesh));
}

/// Small squares: circles of a hundred thousand dots would cost a frame.
fn paint_dots(map: &MapPainter<'_>, dots: &DotMap) {
    let colour = ink(map, dots.colour, dots.opacity);
    let view = map.painter.clip_rect().expand(dots.size_px);
    let mut mesh = Mesh::default();
    for at in map.screens(&dots.dots) {
        if view.contains(at) {
            mesh.add_colored_rect(
                Rect::from_center_size(at, vec2(dots.size_px, dots.size_px)),
                colour,
            );
        }
    }
    map.painter.add(Shape::mesh(mesh));
}

fn paint_diagram(map: &MapPainter<'_>, diagrams: &DiagramMap, diagram: &Diagram) {
    let at = map.screen(diagram.centre);
    if !map.painter.clip_rect().expand(diagrams.max_size_px).contains(at) || diagram.total() <= 0.0 {
        return;
    }
    let rim = Stroke::new(1.0, map.theme.map.label_halo.0);
    let bottom = match diagrams.kind {
        DiagramKind::Pie => {
            let radius = diagrams.pie_size_px(diagram) / 2.0;
            let mut turn = -0.25_f32;
            for (sum, part) in diagram.sums.iter().zip(&diagrams.parts) {
                let share = (sum / diagram.total()) as f32;
                slice(
                    map,
                    at,
                    radius,
                    [turn, turn + share],
                    ink(map, part.colour, diagrams.opacity),
                );
                turn += share;
            }
            map.painter.circle_stroke(at, radius, rim);
            at.y + radius
        }
        DiagramKind::Bar => {
            let left = at.x - BAR_WIDTH_PX * diagram.sums.len() as f32 / 2.0;
            for (i, (sum, part)) in diagram.sums.iter().zip(&diagrams.parts).enumerate() {
                let x = left + BAR_WIDTH_PX * i as f32;
                let height = diagrams.bar_height_px(*sum);
                let bar = Rect::from_min_max(pos2(x, at.y - height), pos2(x + BAR_WIDTH_PX - 1.0, at.y));
                map.painter
                    .rect_filled(bar, 0.0, ink(map, part.colour, diagrams.opacity));
            }
            let base = [
                pos2(left, at.y),
                pos2(left + BAR_WIDTH_PX * diagram.sums.len() as f32, at.y),
            ];
            map.painter
                .line_segment(base, Stroke::new(1.0, map.theme.map.label.0));
            at.y
        }
    };
    map.plate(pos2(at.x, bottom + 4.0), egui::Align2::CENTER_TOP, &diagram.zone);
}

/// A slice between two shares of a full turn, as a fan of triangles.
fn slice(map: &MapPainter<'_>, middle: Pos2, radius: f32, [from, to]: [f32; 2], colour: Color32) {
    let steps = ((to - from) * 48.0).ceil().max(1.0) as u32;
    let mut mesh = Mesh::default();
    mesh.colored_vertex(middle, colour);
    for i in 0..=steps {
        let turn = (from + (to - from) * i as f32 / steps as f32) * std::f32::consts::TAU;
        mesh.colored_vertex(middle + vec2(turn.cos(), turn.sin()) * radius, colour);
        if i > 0 {
            mesh.add_triangle(0, i, i + 1);
        }
    }
    map.painter.add(Shape::mesh(mesh));
}
