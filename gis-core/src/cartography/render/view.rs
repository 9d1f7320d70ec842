//! Which part of the ground a picture shows: from network coordinates to logical pixels and back.

use crate::cartography::backdrop::BackdropView;
use crate::cartography::labels::LabelView;
use crate::network::Metric;

/// A north-up window on the network. One logical pixel is 1/96 inch on paper.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    centre: [f64; 2],
    metric: Metric,
    metres_per_px: f64,
    width_px: f64,
    height_px: f64,
}

impl View {
    /// The window of that size which shows all of `extent` with a margin around it, and at least
    /// `smallest_m` metres across.
    pub(super) fn fit(
        extent: [f64; 4],
        metric: Metric,
        size_px: [f32; 2],
        margin_px: f64,
        smallest_m: f64,
    ) -> Self {
        let [width_px, height_px] = size_px.map(f64::from);
        let inner = |px: f64| (px - 2.0 * margin_px).max(px / 2.0).max(1.0);
        let across = (extent[2] - extent[0]) * metric.x_m / inner(width_px);
        let down = (extent[3] - extent[1]) * metric.y_m / inner(height_px);
        let least = smallest_m / width_px.max(height_px).max(1.0);
        let metres_per_px = across.max(down).max(least);
        let centre = [extent[0].midpoint(extent[2]), extent[1].midpoint(extent[3])];
        Self {
            centre,
            metric,
            metres_per_px: if metres_per_px.is_finite() {
                metres_per_px
            } else {
                1.0
            },
            width_px,
            height_px,
        }
    }

    pub(super) fn px(&self, p: [f64; 2]) -> [f32; 2] {
        [
            ((p[0] - self.centre[0]) * self.metric.x_m / self.metres_per_px + self.width_px / 2.0) as f32,
            ((self.centre[1] - p[1]) * self.metric.y_m / self.metres_per_px + self.height_px / 2.0) as f32,
        ]
    }

    /// The window, `beyond_px` wider on each side, in network coordinates.
    pub(super) fn ground(&self, beyond_px: f64) -> [f64; 4] {
        let dx = (self.width_px / 2.0 + beyond_px) * self.metres_per_px / self.metric.x_m;
        let dy = (self.height_px / 2.0 + beyond_px) * self.metres_per_px / self.metric.y_m;
        [
            self.centre[0] - dx,
            self.centre[1] - dy,
            self.centre[0] + dx,
            self.centre[1] + dy,
        ]
    }

    /// The same window for what lies under the network.
    pub(super) fn backdrop_view(&self, dpi: f64) -> BackdropView {
        let px_per_mm = 96.0 / 25.4;
        let per_px = [
            self.metres_per_px / self.metric.x_m,
            self.metres_per_px / self.metric.y_m,
        ];
        let [a, d] = [per_px[0] * px_per_mm, -per_px[1] * px_per_mm];
        BackdropView {
            size_mm: [self.width_px / px_per_mm, self.height_px / px_per_mm],
            to_project: [
                a,
                0.0,
                0.0,
                d,
                self.centre[0] - self.width_px / 2.0 * per_px[0],
                self.centre[1] + self.height_px / 2.0 * per_px[1],
            ],
            scale_denominator: self.denominator(),
            dpi: Some(dpi),
        }
    }

    /// The same window for what is written on it.
    pub(super) fn label_view(&self) -> LabelView {
        LabelView {
            centre: self.centre,
            px_per_unit: [self.metric.x_m, self.metric.y_m].map(|m| m / self.metres_per_px),
            rotation_rad: 0.0,
            size_px: [self.width_px, self.height_px],
            scale_denominator: self.denominator(),
        }
    }

    pub(super) fn metres_per_px(&self) -> f64 {
        self.metres_per_px
    }

    /// Denominator of the scale on paper.
    pub(super) fn denominator(&self) -> f64 {
        self.metres_per_px * 96.0 / 0.0254
    }

    pub(super) fn contains(&self, [x, y]: [f32; 2], beyond_px: f32) -> bool {
        let inside = |v: f32, end: f64| v >= -beyond_px && f64::from(v - beyond_px) <= end;
        inside(x, self.width_px) && inside(y, self.height_px)
    }

    /// The part of a segment in pixels that lies within the window and a margin; `None` where none does
    /// (Liang and Barsky 1984). Far ends would overflow the rasteriser's numbers.
    pub(super) fn clip(&self, a: [f32; 2], b: [f32; 2]) -> Option<[[f32; 2]; 2]> {
        const MARGIN: f32 = 64.0;
        let high = [self.width_px as f32 + MARGIN, self.height_px as f32 + MARGIN];
        let mut t = [0.0_f32, 1.0_f32];
        for axis in 0..2 {
            let d = b[axis] - a[axis];
            for (delta, room) in [(-d, a[axis] + MARGIN), (d, high[axis] - a[axis])] {
                if !delta.is_finite() || !room.is_finite() || (delta == 0.0 && room < 0.0) {
                    return None;
                }
                if delta < 0.0 {
                    t[0] = t[0].max(room / delta);
                } else if delta > 0.0 {
                    t[1] = t[1].min(room / delta);
                }
            }
        }
        let at = |t: f32| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        (t[0] <= t[1]).then(|| [at(t[0]), at(t[1])])
    }
}

/// The box around points, those that are no numbers left out; `None` where nothing remains.
pub(super) fn extent_of(points: impl IntoIterator<Item = [f64; 2]>) -> Option<[f64; 4]> {
    let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in points.into_iter().filter(|p| p.iter().all(|v| v.is_finite())) {
        b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    }
    (b[0] <= b[2]).then_some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View::fit(
            [0.0, 0.0, 100.0, 50.0],
            Metric::projected(1.0),
            [200.0, 100.0],
            0.0,
            1.0,
        )
    }

    fn is_at(found: [f32; 2], expected: [f32; 2]) -> bool {
        found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3)
    }

    #[test]
    fn the_extent_fills_the_window_with_north_up() {
        assert!(is_at(view().px([0.0, 50.0]), [0.0, 0.0]));
        assert!(is_at(view().px([100.0, 0.0]), [200.0, 100.0]));
        assert!((view().metres_per_px() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_single_point_gets_a_window_of_the_least_size() {
        let view = View::fit(
            [5.0, 5.0, 5.0, 5.0],
            Metric::projected(1.0),
            [200.0, 100.0],
            10.0,
            150.0,
        );
        assert!(is_at(view.px([5.0, 5.0]), [100.0, 50.0]));
        assert!((view.metres_per_px() - 0.75).abs() < 1e-12);
    }

    #[test]
    fn far_ends_are_cut_off_and_what_is_outside_is_left_out() {
        let [a, b] = view().clip([-1e7, 50.0], [1e7, 50.0]).unwrap();
        assert!(a[0] >= -65.0 && b[0] <= 265.0 && (a[1] - 50.0).abs() < 1.0);
        assert!(view().clip([-500.0, 0.0], [-400.0, 90.0]).is_none());
        assert!(view().clip([f32::NAN, 0.0], [10.0, 90.0]).is_none());
        assert!(view().clip([10.0, 10.0], [10.0, 10.0]).is_some());
    }
}
