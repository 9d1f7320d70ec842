//! The feature under the pointer, marked with the painter: it is only one. It does not choose it.

use egui::{Shape, Stroke, Ui};
use gis_core::cartography::WebPlace;
use gis_core::cartography::pick::Picked;

use super::camera::Camera;
use super::data::MapData;
use super::highlight::node_symbol;
use crate::theme::Theme;

/// A line with more vertices is not worth marking in a frame.
const MOST_VERTICES: usize = 4_096;

pub(super) fn draw(
    ui: &Ui,
    camera: &Camera,
    data: &MapData,
    place: &WebPlace,
    hovered: Picked,
    theme: &Theme,
) {
    let colour = theme.highlight_color(crate::view::HighlightRole::Selected);
    let painter = ui.painter_at(camera.rect);
    match hovered {
        Picked::Node { node, .. } => {
            let mut points = [data.network.position(node)];
            place.to_mercator(&mut points);
            let radius = node_symbol(data, node).size_px * 0.5 + 5.0;
            painter.circle_stroke(
                camera.screen_from_world(points[0]),
                radius,
                Stroke::new(2.0, colour),
            );
        }
        Picked::Pipe { pipe, .. } => {
            let mut points = data.network.pipe_vertices(pipe).to_vec();
            if points.len() > MOST_VERTICES {
                return;
            }
            place.to_mercator(&mut points);
            let line = points.iter().map(|p| camera.screen_from_world(*p)).collect();
            painter.add(Shape::line(line, Stroke::new(3.0, colour.gamma_multiply(0.7))));
        }
    }
}
