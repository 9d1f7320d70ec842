//! 散点图: what stands in a plane of two numbers, as dots whose size tells the value.

use super::{Chart, Pen, Piece, colour, nice_steps, step_text};
use crate::layout::surface::{Align, Area, Outline, Stroke, Surface};

/// Fewest millimetres between two lines of the grid.
const STEP_MM: f64 = 11.0;
/// Radius of the smallest dot, and of the largest.
const RADIUS_MM: [f64; 2] = [0.7, 2.6];

impl Chart {
    pub(super) fn points(&self, pen: &Pen<'_>, surface: &mut dyn Surface, area: Area) -> Vec<Piece> {
        let Some(places) = &self.places else {
            return Vec::new();
        };
        let known: Vec<[f64; 2]> = places.at.iter().copied().filter(is_finite).collect();
        if known.is_empty() {
            return Vec::new();
        }
        let plane = Plane::new(pen, area, &known);
        plane.draw(pen, surface, [&places.title, &self.value_title]);
        let mut dots: Vec<(f64, Piece, [f64; 2])> = Vec::new();
        let most = self.range()[1];
        for (category, at) in places.at.iter().enumerate().filter(|(_, at)| is_finite(at)) {
            let centre = plane.place(*at);
            for (series, own) in self.series.iter().enumerate() {
                let Some(value) = own.values.get(category).filter(|value| **value != 0.0) else {
                    continue;
                };
                // Areas, not radii, are what the eye compares.
                let part = if most > 0.0 {
                    (value.max(0.0) / most).sqrt()
                } else {
                    0.0
                };
                let part = if part.is_finite() { part } else { 0.0 };
                let radius = RADIUS_MM[0] + (RADIUS_MM[1] - RADIUS_MM[0]) * part;
                let box_of = Area::new(centre[0] - radius, centre[1] - radius, 2.0 * radius, 2.0 * radius);
                let piece = Piece {
                    category,
                    series,
                    ring: box_of.corners().to_vec(),
                };
                dots.push((radius, piece, centre));
            }
        }
        // Small ones lie on large ones, to be seen and to be hit.
        dots.sort_by(|a, b| b.0.total_cmp(&a.0));
        let rim = Stroke::solid(pen.look.ground, 0.15);
        for (radius, piece, centre) in &dots {
            let dot = Outline::circle(*centre, *radius);
            surface.fill(&dot, colour(piece.series));
            surface.stroke(&dot, &rim);
        }
        dots.into_iter().map(|(_, piece, _)| piece).collect()
    }
}

fn is_finite(at: &[f64; 2]) -> bool {
    at.iter().all(|number| number.is_finite())
}

/// Two axes of numbers.
struct Plane {
    plot: Area,
    across: Vec<f64>,
    up: Vec<f64>,
}

impl Plane {
    fn new(pen: &Pen<'_>, area: Area, at: &[[f64; 2]]) -> Self {
        let size = pen.look.text_mm;
        let range = |axis: usize| {
            let numbers = at.iter().map(|place| place[axis]);
            [
                numbers.clone().fold(f64::MAX, f64::min),
                numbers.fold(f64::MIN, f64::max),
            ]
        };
        let steps = |axis: usize, length: f64, least: f64| {
            nice_steps(range(axis), (length / least).clamp(2.0, 10.0) as usize)
        };
        let (top, foot) = (size * 1.9, size * 3.4);
        let up = steps(1, area.height - top - foot, STEP_MM);
        let widest = up.iter().map(|step| pen.face.width(&step_text(*step, &up), size));
        let left = widest.fold(0.0, f64::max) + size * 0.8;
        // Half a number stands out at the right end.
        let width = (area.width - left - size * 2.0).max(1.0);
        Self {
            across: steps(0, width, STEP_MM * 2.0),
            up,
            plot: Area::new(
                area.x + left,
                area.y + top,
                width,
                (area.height - top - foot).max(1.0),
            ),
        }
    }

    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let part = |value: f64, steps: &[f64]| (value - steps[0]) / (steps[steps.len() - 1] - steps[0]);
        [
            self.plot.x + part(x, &self.across) * self.plot.width,
            self.plot.bottom() - part(y, &self.up) * self.plot.height,
        ]
    }

    fn draw(&self, pen: &Pen<'_>, surface: &mut dyn Surface, [across, up]: [&str; 2]) {
        let (size, plot) = (pen.look.text_mm, self.plot);
        let rule = |surface: &mut dyn Surface, line: [[f64; 2]; 2], is_axis: bool| {
            let ink = if is_axis { pen.look.ink } else { pen.look.grid };
            surface.stroke(&Outline::line(&line), &Stroke::solid(ink, 0.2));
        };
        for (i, step) in self.up.iter().enumerate() {
            let y = self.place([self.across[0], *step])[1];
            rule(surface, [[plot.x, y], [plot.right(), y]], i == 0);
            let at = [plot.x - size * 0.5, y + size * 0.35];
            pen.write(surface, &step_text(*step, &self.up), at, (size, Align::Right));
        }
        for (i, step) in self.across.iter().enumerate() {
            let x = self.place([*step, self.up[0]])[0];
            rule(surface, [[x, plot.y], [x, plot.bottom()]], i == 0);
            let at = [x, plot.bottom() + size * 1.5];
            pen.write(
                surface,
                &step_text(*step, &self.across),
                at,
                (size, Align::Centre),
            );
        }
        let room = plot.width;
        let title = |name: &str| pen.face.fitted(name, size, room);
        pen.write(
            surface,
            &title(up),
            [plot.x, plot.y - size * 0.9],
            (size, Align::Left),
        );
        let at = [plot.centre()[0], plot.bottom() + size * 3.1];
        pen.write(surface, &title(across), at, (size, Align::Centre));
    }
}
