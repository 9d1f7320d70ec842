//! The two axes of a chart: round steps of values, categories that are named as far as there is room.

use super::{Chart, Pen};
use crate::layout::surface::{Align, Area, Outline, Stroke, Surface, TextRun};

/// Part of a category's room that is drawn in, where categories are apart.
const FILLED: f64 = 0.76;
/// Fewest millimetres between two lines of the grid.
const STEP_MM: f64 = 9.0;

pub(super) struct Axes {
    plot: Area,
    steps: Vec<f64>,
    count: usize,
    /// Millimetres for names of categories that are written upright, since they do not fit side by side.
    upright: Option<f64>,
    /// Every so many categories are named.
    every: usize,
    /// Part of a category's room that is drawn in.
    filled: f64,
}

impl Axes {
    pub(super) fn new(pen: &Pen<'_>, area: Area, chart: &Chart) -> Self {
        let (size, categories, range) = (pen.look.text_mm, &chart.categories, chart.range());
        let fit = (area.height / STEP_MM).clamp(2.0, 10.0);
        let steps = nice_steps(range, fit as usize);
        let label = |step: &f64| pen.face.width(&step_text(*step, &steps), size);
        let left = steps.iter().map(label).fold(0.0, f64::max) + size * 0.8;
        let widest = categories
            .iter()
            .map(|name| pen.face.width(name, size))
            .fold(0.0, f64::max);
        let width = area.width - left;
        let slot = width / categories.len().max(1) as f64;
        let upright = (widest > slot * 0.95).then(|| widest.min(area.height * 0.35));
        let foot = upright.map_or(size * 1.6, |room| room + size * 0.8);
        // The title of the values stands over the axis.
        let top = size * 1.9;
        Self {
            plot: Area::new(
                area.x + left,
                area.y + top,
                width,
                (area.height - top - foot).max(1.0),
            ),
            count: categories.len(),
            every: ((size * 1.25 / slot).ceil() as usize).max(1),
            upright,
            steps,
            filled: if chart.is_continuous { 1.0 } else { FILLED },
        }
    }

    /// Millimetres from the top.
    pub(super) fn y(&self, value: f64) -> f64 {
        let (low, high) = (self.steps[0], self.steps[self.steps.len() - 1]);
        self.plot.bottom() - (value - low) / (high - low) * self.plot.height
    }

    /// Left and right of what is drawn for a category.
    pub(super) fn slot(&self, category: usize) -> [f64; 2] {
        let width = self.plot.width / self.count as f64;
        let left = self.plot.x + width * category as f64;
        let rim = width * (1.0 - self.filled) / 2.0;
        [left + rim, left + width - rim]
    }

    pub(super) fn draw(&self, pen: &Pen<'_>, surface: &mut dyn Surface, chart: &Chart) {
        let (look, size) = (&pen.look, pen.look.text_mm);
        for step in &self.steps {
            let y = self.y(*step);
            let line = Outline::line(&[[self.plot.x, y], [self.plot.right(), y]]);
            let ink = if *step == 0.0 { look.ink } else { look.grid };
            surface.stroke(&line, &Stroke::solid(ink, 0.2));
            let at = [self.plot.x - size * 0.5, y + size * 0.35];
            pen.write(surface, &step_text(*step, &self.steps), at, (size, Align::Right));
        }
        let title_at = [self.plot.x, self.plot.y - size * 0.9];
        pen.write(surface, &chart.value_title, title_at, (size, Align::Left));
        for (i, name) in chart.categories.iter().enumerate().step_by(self.every) {
            let [left, right] = self.slot(i);
            let middle = f64::midpoint(left, right);
            let top = self.plot.bottom() + size * 0.5;
            if let Some(room) = self.upright {
                let name = pen.face.fitted(name, size, room + 0.01);
                surface.text(&TextRun {
                    text: &name,
                    at: [middle + size * 0.35, top],
                    size_mm: size,
                    angle_rad: -std::f64::consts::FRAC_PI_2,
                    align: Align::Right,
                    colour: look.ink,
                    halo: None,
                });
            } else {
                pen.write(surface, name, [middle, top + size], (size, Align::Centre));
            }
        }
    }
}

/// Round values from below the lowest to above the highest, 0 among them: steps of 1, 2 or 5 times a power of ten.
pub(crate) fn nice_steps([low, high]: [f64; 2], most: usize) -> Vec<f64> {
    let span = (high - low).max(f64::MIN_POSITIVE);
    let raw = if high > low {
        span / most.max(1) as f64
    } else {
        1.0
    };
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0 * power);
    let first = (low / step).floor() as i64;
    let last = ((high / step).ceil() as i64).max(first + 1);
    (first..=last).map(|i| i as f64 * step).collect()
}

/// With as many decimals as the steps need, and thousands apart.
pub(crate) fn step_text(step: f64, steps: &[f64]) -> String {
    let width = steps.get(1).map_or(1.0, |second| second - steps[0]);
    let decimals = (-width.log10().floor()).clamp(0.0, 6.0) as usize;
    let plain = format!("{:.decimals$}", step.abs());
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    if step < 0.0 { format!("-{out}") } else { out }
}
