//! Height of the ground: a plain that falls from the mountains in the south, with gentle swells. It is invented.

use super::plane::Point;
use super::rng::mix;

#[derive(Debug, Clone, Copy)]
pub(super) struct Terrain {
    seed: u64,
    origin: Point,
}

impl Terrain {
    pub(super) fn new(seed: u64, origin: Point) -> Self {
        Self { seed, origin }
    }

    /// Metres above the sea.
    pub(super) fn ground_m(&self, p: Point) -> f64 {
        let (x, y) = (p[0] - self.origin[0], p[1] - self.origin[1]);
        // Towards the mountains the fall grows, far out it levels off, so that no city lies under the sea.
        let fall = 0.011 * y + 0.002 * x;
        let slope = 240.0 * (fall / 240.0).tanh();
        805.0 - slope
            + 14.0 * self.swell(x / 2600.0, y / 2600.0, 1)
            + 5.0 * self.swell(x / 800.0, y / 800.0, 2)
            + 1.2 * self.swell(x / 210.0, y / 210.0, 3)
    }

    /// Smooth noise in -1..1.
    fn swell(&self, x: f64, y: f64, layer: u64) -> f64 {
        let (cx, cy) = (x.floor(), y.floor());
        let smooth = |t: f64| t * t * (3.0 - 2.0 * t);
        let (tx, ty) = (smooth(x - cx), smooth(y - cy));
        let corner = |dx: f64, dy: f64| {
            let key = mix(self.seed ^ layer.wrapping_mul(0x51_7c_c1))
                ^ ((cx + dx) as i64 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
                ^ ((cy + dy) as i64 as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
            (mix(key) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        let low = corner(0.0, 0.0) + (corner(1.0, 0.0) - corner(0.0, 0.0)) * tx;
        let high = corner(0.0, 1.0) + (corner(1.0, 1.0) - corner(0.0, 1.0)) * tx;
        low + (high - low) * ty
    }
}
