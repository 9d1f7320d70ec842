//! Density by a kernel on a grid (quartic kernel, as QGIS and ArcGIS have it).

use super::ramp::Ramp;
use crate::error::Result;
use crate::progress::Progress;

const MAX_CELLS_ACROSS: f64 = 768.0;
const CELLS_PER_RADIUS: f64 = 8.0;
const POINTS_PER_LOOK: usize = 4_096;

/// Densities, row by row from the south.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// `[min_x, min_y, max_x, max_y]` in project coordinates.
    pub extent: [f64; 4],
    pub columns: usize,
    pub rows: usize,
    pub values: Vec<f32>,
    pub largest: f32,
    pub ramp: Ramp,
    pub opacity: f32,
}

impl HeatMap {
    /// `None` where no point has a place and a weight. `radius` is in units of the coordinates.
    ///
    /// # Errors
    /// Cancelled.
    pub fn build(
        points: &[([f64; 2], f64)],
        radius: f64,
        ramp: &Ramp,
        progress: &dyn Progress,
    ) -> Result<Option<Self>> {
        let is_usable =
            |(p, w): &&([f64; 2], f64)| p[0].is_finite() && p[1].is_finite() && w.is_finite() && *w > 0.0;
        let mut extent = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for ([x, y], _) in points.iter().filter(is_usable) {
            extent = [
                extent[0].min(*x),
                extent[1].min(*y),
                extent[2].max(*x),
                extent[3].max(*y),
            ];
        }
        if !(extent[0] <= extent[2] && radius.is_finite() && radius > 0.0) {
            return Ok(None);
        }
        extent = [
            extent[0] - radius,
            extent[1] - radius,
            extent[2] + radius,
            extent[3] + radius,
        ];
        let across = (extent[2] - extent[0]).max(extent[3] - extent[1]);
        let cell = (radius / CELLS_PER_RADIUS).max(across / MAX_CELLS_ACROSS);
        let count = |from: f64, to: f64| (((to - from) / cell).ceil() as usize).max(1);
        let (columns, rows) = (count(extent[0], extent[2]), count(extent[1], extent[3]));
        extent[2] = extent[0] + columns as f64 * cell;
        extent[3] = extent[1] + rows as f64 * cell;
        let mut values = vec![0.0_f32; columns * rows];
        for (i, ([x, y], weight)) in points.iter().filter(is_usable).enumerate() {
            if i % POINTS_PER_LOOK == 0 {
                progress.check()?;
            }
            let range = |at: f64, from: f64, most: usize| {
                let first = ((at - radius - from) / cell - 0.5).ceil().max(0.0) as usize;
                let last = ((at + radius - from) / cell - 0.5).floor().max(0.0) as usize;
                first..last.min(most - 1) + 1
            };
            for row in range(*y, extent[1], rows) {
                let dy = extent[1] + (row as f64 + 0.5) * cell - y;
                for column in range(*x, extent[0], columns) {
                    let dx = extent[0] + (column as f64 + 0.5) * cell - x;
                    let near = 1.0 - (dx * dx + dy * dy) / (radius * radius);
                    if near > 0.0 {
                        values[row * columns + column] += (weight * near * near) as f32;
                    }
                }
            }
        }
        let largest = values.iter().copied().fold(0.0, f32::max);
        Ok((largest > 0.0).then(|| Self {
            extent,
            columns,
            rows,
            values,
            largest,
            ramp: ramp.clone(),
            opacity: 1.0,
        }))
    }

    /// Straight RGBA, row by row from the north, as pictures are; nothing is transparent, little is faint.
    pub fn rgba(&self) -> Vec<[u8; 4]> {
        const FAINT_BELOW: f32 = 0.25;
        const MOST: f32 = 0.85;
        let mut pixels = Vec::with_capacity(self.values.len());
        for row in (0..self.rows).rev() {
            for column in 0..self.columns {
                let share = self.values[row * self.columns + column] / self.largest;
                let alpha = (share / FAINT_BELOW).min(1.0) * MOST * self.opacity;
                let colour = self.ramp.at(f64::from(share));
                pixels.push([colour.r, colour.g, colour.b, (alpha * 255.0).round() as u8]);
            }
        }
        pixels
    }
}
