//! Measurements as temporary graphics on the map: what was measured, kept until it is cleared. They are not saved
//! and not computed here.

use egui::{Align2, Stroke, vec2};
use gis_core::measure::{MeasureKind, Quantity, Reading};

use super::overlay::{MapPainter, Overlay};
use crate::i18n::tr;
use crate::panels::text;

/// Pipes beyond this number are measured but not marked one by one.
pub const MOST_MARKED: usize = 4_000;

/// A finished measurement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measurement {
    pub kind: MeasureKind,
    /// In the project's CRS.
    pub points: Vec<[f64; 2]>,
    /// Lines of measured pipes, in Mercator metres.
    pub lines: Vec<Vec<[f64; 2]>>,
    /// Lengths by diameter, for pipes.
    pub by_diameter: Vec<(Option<u32>, f64)>,
    pub readings: Vec<Reading>,
}

impl Measurement {
    /// The two figures that matter most, as text for the map.
    pub fn summary(&self) -> String {
        let shown = match self.kind {
            MeasureKind::Coordinates => 4,
            MeasureKind::Pipes => 3,
            _ => 2,
        };
        let lines: Vec<String> = self.readings.iter().take(shown).map(line).collect();
        lines.join("\n")
    }

    pub(super) fn paint(&self, map: &MapPainter<'_>, is_live: bool) {
        let ink = map.theme.accent.fill.0;
        let stroke = Stroke::new(2.0, ink);
        for line in &self.lines {
            let points = line.iter().map(|p| map.camera.screen_from_world(*p)).collect();
            map.screen_line(points, Stroke::new(3.0, ink));
        }
        let mut points = map.screens(&self.points);
        let is_ring = self.kind == MeasureKind::Area && points.len() > 2;
        if is_ring && !is_live {
            points.extend(points.first().copied());
        }
        if is_live && is_ring {
            let closing = [points.last(), points.first()]
                .into_iter()
                .flatten()
                .copied()
                .collect();
            map.dashed_line(closing, stroke);
        }
        let at = if is_ring {
            let count = self.points.len() as f32;
            let sum = points
                .iter()
                .take(self.points.len())
                .fold(egui::Vec2::ZERO, |sum, p| sum + p.to_vec2());
            Some((sum / count).to_pos2())
        } else {
            points
                .last()
                .copied()
                .or_else(|| Some(map.camera.screen_from_world(*self.lines.first()?.first()?)))
        };
        if self.kind == MeasureKind::Slope || self.kind == MeasureKind::Azimuth {
            arrow(map, &points, stroke);
        }
        map.screen_line(points, stroke);
        for point in &self.points {
            map.dot(*point, ink);
        }
        let summary = self.summary();
        if let Some(at) = at.filter(|_| !summary.is_empty()) {
            let (align, offset) = if is_ring {
                (Align2::CENTER_CENTER, vec2(0.0, 0.0))
            } else {
                (Align2::LEFT_BOTTOM, vec2(14.0, -12.0))
            };
            map.plate(at + offset, align, &summary);
        }
    }
}

/// All that was measured.
#[derive(Debug, Default)]
pub struct Measurements(pub Vec<Measurement>);

impl Overlay for Measurements {
    fn paint(&self, map: &MapPainter<'_>) {
        for measurement in &self.0 {
            measurement.paint(map, false);
        }
    }
}

/// At the end of the line, for what has a direction.
fn arrow(map: &MapPainter<'_>, points: &[egui::Pos2], stroke: Stroke) {
    let [.., from, to] = points else { return };
    let along = (*to - *from).normalized();
    let side = vec2(-along.y, along.x);
    for wing in [1.0, -1.0] {
        let back = *to - along * 11.0 + side * (5.0 * wing);
        map.painter.line_segment([*to, back], stroke);
    }
}

/// `Length 12.345 m`
fn line(reading: &Reading) -> String {
    let value = reading.plane.or(reading.earth).unwrap_or(f64::NAN);
    format!(
        "{} {}",
        name(reading.quantity),
        text::measure(value, reading.quantity.unit())
    )
}

pub fn name(quantity: Quantity) -> String {
    tr(&format!("measure.quantity.{}", quantity.key()))
}
