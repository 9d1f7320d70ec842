//! A map frame's window on the ground: from project coordinates to millimetres on the page and back, true to scale in the
//! plane of the project's CRS. It draws nothing.

use super::surface::{Affine, Area};
use crate::network::Metric;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameView {
    pub area: Area,
    pub centre: [f64; 2],
    pub denominator: f64,
    /// Clockwise turn of the map.
    pub rotation_rad: f64,
    metric: Metric,
}

impl FrameView {
    pub fn new(area: Area, centre: [f64; 2], denominator: f64, rotation_deg: f64, metric: Metric) -> Self {
        let sane = |v: f64, usual: f64| if v.is_finite() { v } else { usual };
        Self {
            area,
            centre: centre.map(|v| sane(v, 0.0)),
            denominator: sane(denominator, 1000.0).clamp(1.0, 1e9),
            rotation_rad: sane(rotation_deg, 0.0).to_radians(),
            metric,
        }
    }

    /// Project coordinates to the page.
    pub fn page(&self, p: [f64; 2]) -> [f64; 2] {
        let k = 1000.0 / self.denominator;
        let east = (p[0] - self.centre[0]) * self.metric.x_m * k;
        let south = (self.centre[1] - p[1]) * self.metric.y_m * k;
        let (sin, cos) = self.rotation_rad.sin_cos();
        let [x, y] = self.area.centre();
        [x + east * cos - south * sin, y + east * sin + south * cos]
    }

    /// The page to project coordinates.
    pub fn ground(&self, p: [f64; 2]) -> [f64; 2] {
        self.to_ground().apply(p)
    }

    /// [`FrameView::ground`] as a map; also for world files and drawings in ground coordinates.
    pub fn to_ground(&self) -> Affine {
        let k = self.denominator / 1000.0;
        let (sin, cos) = self.rotation_rad.sin_cos();
        let [x0, y0] = self.area.centre();
        let (kx, ky) = (k / self.metric.x_m, k / self.metric.y_m);
        // The inverse turn, then y upwards.
        let [a, b, c, d] = [cos * kx, sin * ky, sin * kx, -cos * ky];
        Affine([
            a,
            b,
            c,
            d,
            self.centre[0] - a * x0 - c * y0,
            self.centre[1] - b * x0 - d * y0,
        ])
    }

    /// The box around the window, `beyond_mm` wider on each side, in project coordinates.
    pub fn bounds(&self, beyond_mm: f64) -> [f64; 4] {
        let a = self.area;
        let wider = Area::new(
            a.x - beyond_mm,
            a.y - beyond_mm,
            a.width + 2.0 * beyond_mm,
            a.height + 2.0 * beyond_mm,
        );
        wider.corners().iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |b, corner| {
                let p = self.ground(*corner);
                [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
            },
        )
    }

    /// The part of a line inside the frame, on the page, as strokes. Vertices closer than `least_mm` to the one before
    /// are left out.
    pub fn clipped(&self, line: &[[f64; 2]], least_mm: f64, mut stroke: impl FnMut(&[[f64; 2]])) {
        let Some((first, rest)) = line.split_first() else {
            return;
        };
        let mut pen: Vec<[f64; 2]> = Vec::new();
        let mut from = self.page(*first);
        for (i, vertex) in rest.iter().enumerate() {
            let to = self.page(*vertex);
            let is_last = i + 1 == rest.len();
            if !is_last && (to[0] - from[0]).hypot(to[1] - from[1]) < least_mm {
                continue;
            }
            match self.area.clip(from, to) {
                Some([a, b]) => {
                    if pen.last() != Some(&a) {
                        if pen.len() > 1 {
                            stroke(&pen);
                        }
                        pen.clear();
                        pen.push(a);
                    }
                    pen.push(b);
                }
                None if pen.len() > 1 => {
                    stroke(&pen);
                    pen.clear();
                }
                None => pen.clear(),
            }
            from = to;
        }
        if pen.len() > 1 {
            stroke(&pen);
        }
    }
}

/// The smallest usual scale denominator at which so many metres fit so many millimetres.
pub fn round_denominator(needed: f64) -> f64 {
    const USUAL: [f64; 3] = [1.0, 2.0, 5.0];
    if !needed.is_finite() || needed <= 100.0 {
        return 100.0;
    }
    let power = 10_f64.powf(needed.log10().floor());
    USUAL
        .into_iter()
        .map(|digit| digit * power)
        .find(|d| *d >= needed * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(rotation_deg: f64) -> FrameView {
        FrameView::new(
            Area::new(10.0, 20.0, 100.0, 60.0),
            [500_000.0, 4_000_000.0],
            500.0,
            rotation_deg,
            Metric::projected(1.0),
        )
    }

    fn is_near(a: [f64; 2], b: [f64; 2]) -> bool {
        (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6
    }

    #[test]
    fn fifty_metres_are_ten_centimetres_at_one_to_five_hundred() {
        let view = view(0.0);
        let (a, b) = (
            view.page([500_000.0, 4_000_000.0]),
            view.page([500_025.0, 4_000_010.0]),
        );
        assert!(
            is_near(a, [60.0, 50.0]) && is_near(b, [110.0, 30.0]),
            "{a:?} {b:?}"
        );
        let turned = super::tests::view(90.0);
        // North turned clockwise by a right angle points to the right.
        assert!(is_near(turned.page([500_000.0, 4_000_010.0]), [80.0, 50.0]));
    }

    #[test]
    fn the_page_goes_to_the_ground_and_back_whatever_the_turn() {
        for degrees in [0.0, 30.0, 90.0, 200.0, -77.0] {
            let view = view(degrees);
            for p in [[500_012.3, 4_000_001.2], [499_990.0, 3_999_980.0]] {
                assert!(is_near(view.ground(view.page(p)), p), "{degrees}");
            }
            let b = view.bounds(0.0);
            for corner in view.area.corners() {
                let p = view.ground(corner);
                assert!(b[0] <= p[0] && p[0] <= b[2] && b[1] <= p[1] && p[1] <= b[3]);
            }
        }
    }

    #[test]
    fn a_line_is_cut_into_the_strokes_inside() {
        let mut strokes = Vec::new();
        // In at the left, out at the right, and in again.
        let y = 4_000_000.0;
        view(0.0).clipped(
            &[
                [499_900.0, y],
                [500_100.0, y],
                [500_100.0, y + 5.0],
                [500_000.0, y + 5.0],
            ],
            0.01,
            |s| strokes.push(s.to_vec()),
        );
        assert_eq!(strokes.len(), 2);
        assert!(is_near(strokes[0][0], [10.0, 50.0]) && is_near(strokes[0][1], [110.0, 50.0]));
        assert!(is_near(strokes[1][1], [60.0, 40.0]));
    }

    #[test]
    fn scales_are_round() {
        for (needed, expected) in [
            (450.0, 500.0),
            (500.0, 500.0),
            (501.0, 1000.0),
            (12_345.0, 20_000.0),
            (f64::NAN, 100.0),
        ] {
            assert!((round_denominator(needed) - expected).abs() < 1e-6, "{needed}");
        }
    }
}
