//! What is painted over the network by egui's painter: measurements, flags, notes, the graphics of the tool in
//! hand. Each is a struct of its own with [`Overlay::paint`]; here is only what they paint with.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use gis_core::Lang;
use gis_core::cartography::WebPlace;
use gis_core::network::snap::SnapKind;

use super::camera::Camera;
use crate::theme::Theme;

/// Half the width of a snap mark.
const MARK_RADIUS: f32 = 6.5;

/// Something that lies over the network.
pub trait Overlay {
    fn paint(&self, map: &MapPainter<'_>);
}

/// A painter that knows where project coordinates are on the screen.
pub struct MapPainter<'a> {
    /// Clipped to the map.
    pub painter: Painter,
    pub camera: &'a Camera,
    pub place: &'a WebPlace,
    pub theme: &'a Theme,
    pub lang: Lang,
}

impl MapPainter<'_> {
    /// Where a project coordinate is on the screen; not finite where the project's system does not reach.
    pub fn screen(&self, project: [f64; 2]) -> Pos2 {
        let mut point = [project];
        self.place.to_mercator(&mut point);
        self.camera.screen_from_world(point[0])
    }

    /// The same for many points at once, which is much cheaper than one by one.
    pub fn screens(&self, project: &[[f64; 2]]) -> Vec<Pos2> {
        let mut points = project.to_vec();
        self.place.to_mercator(&mut points);
        points.iter().map(|p| self.camera.screen_from_world(*p)).collect()
    }

    /// A line with a halo, so that it stands out from pipes of any colour.
    pub fn line(&self, project: &[[f64; 2]], stroke: Stroke) {
        self.screen_line(self.screens(project), stroke);
    }

    pub fn screen_line(&self, mut points: Vec<Pos2>, stroke: Stroke) {
        points.retain(|p| is_drawable(*p));
        if points.len() < 2 {
            return;
        }
        let halo = Stroke::new(stroke.width + 2.5, self.theme.map.label_halo.0);
        self.painter.add(Shape::line(points.clone(), halo));
        self.painter.add(Shape::line(points, stroke));
    }

    pub fn dashed_line(&self, mut points: Vec<Pos2>, stroke: Stroke) {
        points.retain(|p| is_drawable(*p));
        if points.len() >= 2 {
            self.painter.extend(Shape::dashed_line(&points, stroke, 6.0, 4.0));
        }
    }

    pub fn dot(&self, project: [f64; 2], colour: Color32) {
        let at = self.screen(project);
        if is_drawable(at) {
            self.painter
                .circle(at, 4.0, self.theme.map.background.0, Stroke::new(2.0, colour));
        }
    }

    /// Text on a small plate; lines are separated by `\n`. Returns the plate.
    pub fn plate(&self, at: Pos2, align: Align2, text: &str) -> Rect {
        if !is_drawable(at) {
            return Rect::NOTHING;
        }
        let theme = self.theme;
        let font = FontId::proportional(theme.size.text_small);
        let galley = self
            .painter
            .layout_no_wrap(text.to_owned(), font, theme.map.label.0);
        let rect = align.anchor_size(at, galley.size());
        let plate = rect.expand2(vec2(5.0, 3.0));
        self.painter.rect(
            plate,
            theme.size.corner - 1.0,
            theme.surface.raised.0,
            Stroke::new(1.0, theme.surface.border.0),
            StrokeKind::Inside,
        );
        self.painter.galley(rect.min, galley, theme.map.label.0);
        plate
    }

    /// Box for a node or vertex, hourglass for a stretch, cross for a crossing, triangle for a middle: as in QGIS,
    /// so that one sees what one will get.
    pub fn snap_mark(&self, project: [f64; 2], kind: SnapKind) {
        let c = self.screen(project);
        if !is_drawable(c) {
            return;
        }
        let ink = Stroke::new(2.0, self.theme.accent.fill.0);
        let halo = Stroke::new(4.5, self.theme.map.label_halo.0);
        let corner = |x: f32, y: f32| pos2(c.x + x * MARK_RADIUS, c.y + y * MARK_RADIUS);
        let closed = |points: &[Pos2]| {
            for stroke in [halo, ink] {
                self.painter.add(Shape::closed_line(points.to_vec(), stroke));
            }
        };
        match kind {
            SnapKind::Node | SnapKind::Vertex => {
                closed(&[
                    corner(-1.0, -1.0),
                    corner(1.0, -1.0),
                    corner(1.0, 1.0),
                    corner(-1.0, 1.0),
                ]);
                if kind == SnapKind::Node {
                    self.painter.circle_filled(c, 2.0, ink.color);
                }
            }
            SnapKind::Segment => {
                closed(&[
                    corner(-1.0, -1.0),
                    corner(1.0, -1.0),
                    corner(-1.0, 1.0),
                    corner(1.0, 1.0),
                ]);
            }
            SnapKind::Perpendicular => {
                for stroke in [halo, ink] {
                    let corner_of = vec![corner(-1.0, -1.0), corner(-1.0, 1.0), corner(1.0, 1.0)];
                    self.painter.add(Shape::line(corner_of, stroke));
                    let square = vec![corner(-1.0, 0.0), corner(0.0, 0.0), corner(0.0, 1.0)];
                    self.painter.add(Shape::line(square, stroke));
                }
            }
            SnapKind::Midpoint => closed(&[corner(0.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)]),
            SnapKind::Intersection => {
                for stroke in [halo, ink] {
                    for (a, b) in [
                        (corner(-1.0, -1.0), corner(1.0, 1.0)),
                        (corner(1.0, -1.0), corner(-1.0, 1.0)),
                    ] {
                        self.painter.line_segment([a, b], stroke);
                    }
                }
            }
        }
    }
}

/// Far-off points would overflow the tessellator's numbers.
fn is_drawable(at: Pos2) -> bool {
    at.x.abs() < 1e6 && at.y.abs() < 1e6
}
