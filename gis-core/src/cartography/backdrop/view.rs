//! A view to lay layers into: a rectangle on paper, and where its places lie on the ground. It draws nothing.

use crate::cartography::WebPlace;

/// Pixels of one picture at most; a page with more is laid out with fewer dots per inch.
const MOST_PIXELS: f64 = 36e6;

/// A rectangle of paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackdropView {
    pub size_mm: [f64; 2],
    /// From millimetres right of and below its upper left corner to project coordinates: `x' = a·x + c·y + e`,
    /// `y' = b·x + d·y + f`.
    pub to_project: [f64; 6],
    pub scale_denominator: f64,
    /// Dots per inch of pictures; `None` where there can be none.
    pub dpi: Option<f64>,
}

impl BackdropView {
    pub(super) fn project(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.to_project;
        [a * x + c * y + e, b * x + d * y + f]
    }

    /// From project coordinates to millimetres; `None` where the view flattens the ground.
    pub(super) fn back(&self) -> Option<[f64; 6]> {
        let [a, b, c, d, e, f] = self.to_project;
        let det = a * d - b * c;
        if !det.is_finite() || det == 0.0 {
            return None;
        }
        let [ia, ib, ic, id] = [d / det, -b / det, -c / det, a / det];
        Some([ia, ib, ic, id, -(ia * e + ic * f), -(ib * e + id * f)])
    }

    /// Size of a picture of the view, at most so fine as `most_dpi`.
    pub(super) fn pixels(&self, most_dpi: f64) -> Option<[usize; 2]> {
        let dpi = self.dpi?.min(most_dpi).max(1.0);
        let [w, h] = self.size_mm.map(|mm| mm / 25.4 * dpi);
        let shrink = (MOST_PIXELS / (w * h)).sqrt().min(1.0);
        Some([w, h].map(|side| ((side * shrink).round() as usize).max(1)))
    }

    /// Turns places of a picture of that size into Web Mercator metres.
    pub(super) fn lay_on_web(&self, size: [usize; 2], place: &WebPlace, points: &mut [[f64; 2]]) {
        let mm = [0, 1].map(|axis| self.size_mm[axis] / size[axis] as f64);
        for p in points.iter_mut() {
            *p = self.project([p[0] * mm[0], p[1] * mm[1]]);
        }
        place.to_mercator(points);
    }

    /// Web Mercator metres of a millimetre in the middle of the view; `None` where it has no place.
    pub(super) fn web_m_per_mm(&self, place: &WebPlace) -> Option<f64> {
        let [x, y] = self.size_mm.map(|mm| mm / 2.0);
        let mut ends = [self.project([x, y]), self.project([x + 1.0, y])];
        place.to_mercator(&mut ends);
        let step = (ends[1][0] - ends[0][0]).hypot(ends[1][1] - ends[0][1]);
        (step.is_finite() && step > 0.0).then_some(step)
    }

    /// The box of the view in Web Mercator metres; `None` where no part of it has a place.
    pub(super) fn web_box(&self, place: &WebPlace) -> Option<[f64; 4]> {
        const STEPS: u32 = 8;
        let [w, h] = self.size_mm;
        let mut rim: Vec<[f64; 2]> = (0..=STEPS)
            .flat_map(|i| {
                let share = f64::from(i) / f64::from(STEPS);
                [[w * share, 0.0], [w * share, h], [0.0, h * share], [w, h * share]]
            })
            .map(|p| self.project(p))
            .collect();
        place.to_mercator(&mut rim);
        let mut found = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in rim.iter().filter(|p| p[0].is_finite() && p[1].is_finite()) {
            found = [
                found[0].min(p[0]),
                found[1].min(p[1]),
                found[2].max(p[0]),
                found[3].max(p[1]),
            ];
        }
        (found[0] < found[2]).then_some(found)
    }
}
