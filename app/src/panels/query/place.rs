//! Where a query looks: what was drawn on the map, and how it is shown there.

use egui::Stroke;
use gis_core::Result;
use gis_core::query::Area;

use crate::map::overlay::MapPainter;
use crate::view::AreaShape;

/// A shape in project coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnArea {
    pub shape: AreaShape,
    /// The corners of a box or polygon without the first again; centre and rim of a circle.
    pub points: Vec<[f64; 2]>,
    /// Of a circle.
    pub radius_m: f64,
}

impl DrawnArea {
    /// What lies in it, or no farther from it than so many metres.
    ///
    /// # Errors
    /// `BadInput` for a shape that is none.
    pub fn area(&self, within_m: f64) -> Result<Area> {
        let list = |points: &[[f64; 2]]| {
            let written: Vec<String> = points.iter().map(|p| format!("{} {}", p[0], p[1])).collect();
            written.join(", ")
        };
        let wkt = match self.shape {
            AreaShape::Circle => return Area::around(self.points[0], self.radius_m + within_m),
            AreaShape::Point => format!("POINT ({})", list(&self.points)),
            AreaShape::Line => format!("LINESTRING ({})", list(&self.points)),
            AreaShape::Box | AreaShape::Polygon => {
                format!("POLYGON (({}, {}))", list(&self.points), list(&self.points[..1]))
            }
        };
        Area::of_wkt(&wkt, within_m)
    }

    pub(super) fn paint(&self, map: &MapPainter<'_>) {
        let stroke = Stroke::new(1.4, map.theme.accent.fill.0);
        let mut points = map.screens(&self.points);
        match (self.shape, &points[..]) {
            (AreaShape::Circle, [centre, rim, ..]) => {
                map.painter.circle_stroke(*centre, centre.distance(*rim), stroke);
            }
            (AreaShape::Point, _) => map.dot(self.points[0], stroke.color),
            (AreaShape::Line, _) => map.dashed_line(points, stroke),
            _ => {
                points.extend(points.first().copied());
                map.dashed_line(points, stroke);
            }
        }
    }
}
