//! The view labels are placed in: from coordinates of a plane to pixels of the picture, turned or not. Which plane
//! that is (the project's, the web map's, a sheet's) does not concern it.

/// A view on the plane. Pixels are 1/96 inch, counted from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelView {
    /// What lies in the middle.
    pub centre: [f64; 2],
    pub px_per_unit: [f64; 2],
    /// Clockwise turn of the map; 0 has north up.
    pub rotation_rad: f64,
    pub size_px: [f64; 2],
    pub scale_denominator: f64,
}

impl LabelView {
    /// Of project coordinates, at a scale: pixels per unit follow from the scale and the size of a unit in metres.
    pub fn of_scale(
        centre: [f64; 2],
        metric: crate::network::Metric,
        scale_denominator: f64,
        rotation_rad: f64,
        size_px: [f64; 2],
    ) -> Self {
        const PX_PER_M: f64 = 96.0 / 0.0254;
        Self {
            centre,
            px_per_unit: [metric.x_m, metric.y_m].map(|m| m * PX_PER_M / scale_denominator),
            rotation_rad,
            size_px,
            scale_denominator,
        }
    }

    pub fn px(&self, p: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = self.rotation_rad.sin_cos();
        self.turned(p, sin, cos)
    }

    fn turned(&self, p: [f64; 2], sin: f64, cos: f64) -> [f64; 2] {
        let x = (p[0] - self.centre[0]) * self.px_per_unit[0];
        let y = (self.centre[1] - p[1]) * self.px_per_unit[1];
        [
            x * cos - y * sin + self.size_px[0] / 2.0,
            x * sin + y * cos + self.size_px[1] / 2.0,
        ]
    }

    /// The plane's coordinates of a pixel.
    pub fn plane(&self, px: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = self.rotation_rad.sin_cos();
        let (x, y) = (px[0] - self.size_px[0] / 2.0, px[1] - self.size_px[1] / 2.0);
        [
            self.centre[0] + (x * cos + y * sin) / self.px_per_unit[0],
            self.centre[1] - (y * cos - x * sin) / self.px_per_unit[1],
        ]
    }

    /// The same transformation with its sine and cosine taken once, for many points.
    pub(super) fn transform(&self) -> impl Fn([f64; 2]) -> [f64; 2] + use<> {
        let view = *self;
        let (sin, cos) = self.rotation_rad.sin_cos();
        move |p| view.turned(p, sin, cos)
    }

    /// The box around what is seen and `beyond_px` more on each side.
    pub fn ground(&self, beyond_px: f64) -> [f64; 4] {
        let [w, h] = self.size_px;
        let low = -beyond_px;
        let corners = [
            [low, low],
            [w + beyond_px, low],
            [w + beyond_px, h + beyond_px],
            [low, h + beyond_px],
        ]
        .map(|corner| self.plane(corner));
        corners.iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])],
        )
    }

    /// Whether the other view differs by a shift only, so that labels that do not overlap in one do not in the other.
    pub(super) fn is_shift_of(&self, other: &Self) -> bool {
        let is_same = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
        is_same(self.px_per_unit[0], other.px_per_unit[0])
            && is_same(self.px_per_unit[1], other.px_per_unit[1])
            && (self.rotation_rad - other.rotation_rad).abs() < 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Metric;

    #[test]
    fn a_turned_view_goes_to_pixels_and_back() {
        let view = LabelView::of_scale(
            [500.0, 300.0],
            Metric::projected(1.0),
            1_000.0,
            0.7,
            [800.0, 600.0],
        );
        let px = view.px([512.0, 291.0]);
        let back = view.plane(px);
        assert!((back[0] - 512.0).abs() < 1e-9 && (back[1] - 291.0).abs() < 1e-9);
        let middle = view.px([500.0, 300.0]);
        assert!((middle[0] - 400.0).abs() < 1e-9 && (middle[1] - 300.0).abs() < 1e-9);
    }

    #[test]
    fn a_quarter_turn_clockwise_brings_north_to_the_right() {
        let view = LabelView::of_scale(
            [0.0, 0.0],
            Metric::projected(1.0),
            1_000.0,
            std::f64::consts::FRAC_PI_2,
            [100.0, 100.0],
        );
        let north = view.px([0.0, 10.0]);
        assert!(north[0] > 80.0 && (north[1] - 50.0).abs() < 1e-9, "{north:?}");
        let ground = view.ground(0.0);
        assert!((ground[2] - ground[0] - 100.0 / view.px_per_unit[0]).abs() < 1e-9);
    }
}
