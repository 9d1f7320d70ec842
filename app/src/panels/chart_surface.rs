//! Charts on the screen: the surface that `gis_core::chart` draws on, in points instead of millimetres of paper.

use egui::epaint::{Mesh, PathShape, PathStroke, TextShape};
use egui::{Align2, Color32, FontId, Painter, Pos2, Shape, Stroke as Line, pos2};
use gis_core::cartography::Rgba;
use gis_core::layout::surface::{Affine, Align, Area, Bitmap, LayerName, Outline, Stroke, Surface, TextRun};

use crate::theme::plain;

/// Points a millimetre of the chart's page.
pub(super) const POINTS_PER_MM: f32 = 4.0;

pub(super) struct ScreenSurface {
    painter: Painter,
    origin: Pos2,
    ink: Color32,
    clips: Vec<egui::Rect>,
}

impl ScreenSurface {
    pub(super) fn new(painter: Painter, origin: Pos2, ink: Color32) -> Self {
        Self {
            painter,
            origin,
            ink,
            clips: Vec::new(),
        }
    }

    fn at(&self, p: [f64; 2]) -> Pos2 {
        self.origin + egui::vec2(p[0] as f32, p[1] as f32) * POINTS_PER_MM
    }

    fn points(&self, line: &[[f64; 2]]) -> Vec<Pos2> {
        line.iter().map(|p| self.at(*p)).collect()
    }
}

pub(super) fn paper_colour(colour: Color32) -> Rgba {
    let [r, g, b, _] = colour.to_array();
    Rgba::opaque(r, g, b)
}

impl Surface for ScreenSurface {
    fn begin_page(&mut self, _width_mm: f64, _height_mm: f64) {}

    fn begin_layer(&mut self, _name: LayerName<'_>) {}

    fn end_layer(&mut self) {}

    fn push_clip(&mut self, area: Area) {
        self.clips.push(self.painter.clip_rect());
        let rect =
            egui::Rect::from_two_pos(self.at([area.x, area.y]), self.at([area.right(), area.bottom()]));
        self.painter.shrink_clip_rect(rect);
    }

    fn pop_clip(&mut self) {
        if let Some(rect) = self.clips.pop() {
            self.painter.set_clip_rect(rect);
        }
    }

    /// Rings that are seen whole from their first point: rectangles, circles, slices.
    fn fill(&mut self, outline: &Outline, colour: Rgba) {
        for (ring, _) in outline.flattened() {
            let mut mesh = Mesh::default();
            for point in self.points(&ring) {
                mesh.colored_vertex(point, plain(colour));
            }
            for i in 1..(ring.len() as u32).saturating_sub(1) {
                mesh.add_triangle(0, i, i + 1);
            }
            self.painter.add(Shape::mesh(mesh));
        }
    }

    fn stroke(&mut self, outline: &Outline, stroke: &Stroke) {
        let width = (stroke.width_mm as f32 * POINTS_PER_MM).max(0.75);
        for (line, is_closed) in outline.flattened() {
            self.painter.add(PathShape {
                points: self.points(&line),
                closed: is_closed,
                fill: Color32::TRANSPARENT,
                stroke: PathStroke::from(Line::new(width, plain(stroke.colour))),
            });
        }
    }

    fn text(&mut self, text: &TextRun<'_>) {
        let font = FontId::proportional(text.size_mm as f32 * POINTS_PER_MM);
        let ink = plain(text.colour);
        let galley = self.painter.layout_no_wrap(text.text.to_owned(), font, ink);
        let ascent = galley.rows.first().map_or(0.0, |row| {
            row.glyphs
                .first()
                .map_or(galley.size().y * 0.8, |glyph| glyph.pos.y)
        });
        let back = match text.align {
            Align::Left => 0.0,
            Align::Centre => 0.5,
            Align::Right => 1.0,
        } * galley.size().x;
        // The baseline starts at the point; what turns, turns about it.
        let angle = text.angle_rad as f32;
        let (sin, cos) = angle.sin_cos();
        let from = egui::vec2(-back, -ascent);
        let turned = egui::vec2(from.x * cos - from.y * sin, from.x * sin + from.y * cos);
        let at = self.at(text.at) + turned;
        self.painter
            .add(TextShape::new(at, galley, ink).with_angle(angle));
    }

    /// Charts have no pictures; a frame stands where one would be.
    fn image(&mut self, _bitmap: &Bitmap, place: &Affine) {
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(|p| self.at(place.apply(p)));
        self.painter
            .add(Shape::closed_line(corners.to_vec(), Line::new(1.0, self.ink)));
    }

    fn picture_dpi(&self) -> Option<f64> {
        None
    }
}

/// Where the text of a tip stands.
pub(super) fn tip(painter: &Painter, at: Pos2, text: &str, ink: Color32, ground: Color32) {
    let font = FontId::proportional(13.0);
    let galley = painter.layout_no_wrap(text.to_owned(), font, ink);
    let rect = Align2::LEFT_BOTTOM.anchor_size(at + egui::vec2(12.0, -8.0), galley.size());
    // Within the chart, also at its right edge.
    let over = (rect.right() + 6.0 - painter.clip_rect().right()).max(0.0);
    let rect = rect.translate(egui::vec2(-over, 0.0));
    painter.rect_filled(rect.expand2(egui::vec2(6.0, 4.0)), 4.0, ground);
    painter.galley(pos2(rect.left(), rect.top()), galley, ink);
}
