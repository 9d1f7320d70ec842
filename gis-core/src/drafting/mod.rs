//! Aids for drawing by hand: typed lengths and bearings, right angles, tracing along lines that are there, parallels.
//! Plane geometry on network coordinates; it knows neither pipes nor screens.

mod lines;
mod parallel;
mod trace;
mod typed;

pub use lines::Lines;
pub use parallel::{Beside, parallel, parallel_of};
pub use trace::{MOST_TRACED, Tracer};
pub use typed::Typed;

use crate::measure::plane::azimuth_deg;
use crate::network::Metric;

/// What lengths and directions of the next place are counted from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    pub last: [f64; 2],
    /// The place before it, which gives the direction of the last stretch.
    pub before: Option<[f64; 2]>,
}

impl Anchor {
    /// Of the places of a line so far; `None` before the first.
    pub fn of(places: &[[f64; 2]]) -> Option<Self> {
        let (last, rest) = places.split_last()?;
        Some(Self {
            last: *last,
            before: rest.last().copied(),
        })
    }

    /// Direction of the last stretch, clockwise from grid north.
    fn bearing_deg(&self, metric: Metric) -> Option<f64> {
        azimuth_deg(metric, self.before?, self.last)
    }

    fn at(&self, metric: Metric, bearing_deg: f64, length_m: f64) -> [f64; 2] {
        let (sin, cos) = bearing_deg.to_radians().sin_cos();
        [
            self.last[0] + length_m * sin / metric.x_m,
            self.last[1] + length_m * cos / metric.y_m,
        ]
    }

    /// The place nearest to the pointer on the line through the anchor with a bearing; it may lie behind.
    fn on_bearing(&self, metric: Metric, bearing_deg: f64, pointer: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = bearing_deg.to_radians().sin_cos();
        let east_m = (pointer[0] - self.last[0]) * metric.x_m;
        let north_m = (pointer[1] - self.last[1]) * metric.y_m;
        self.at(metric, bearing_deg, east_m * sin + north_m * cos)
    }

    /// 正交: the pointer at a right angle to the last stretch or straight on; to the grid for the first stretch.
    pub fn square(&self, metric: Metric, pointer: [f64; 2]) -> [f64; 2] {
        let Some(bearing_deg) = azimuth_deg(metric, self.last, pointer) else {
            return pointer;
        };
        let zero = self.bearing_deg(metric).unwrap_or(0.0);
        let turn = ((bearing_deg - zero) / 90.0).round() * 90.0;
        self.on_bearing(metric, zero + turn, pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRIC: Metric = Metric { x_m: 1.0, y_m: 1.0 };

    fn near(found: [f64; 2], wanted: [f64; 2]) -> bool {
        METRIC.distance_m(found, wanted) < 1e-9
    }

    #[test]
    fn the_first_stretch_keeps_to_the_grid_and_the_next_to_the_one_before() {
        let first = Anchor::of(&[[10.0, 10.0]]).unwrap();
        assert!(near(first.square(METRIC, [14.0, 11.0]), [14.0, 10.0]));
        assert!(near(first.square(METRIC, [9.0, 4.0]), [10.0, 4.0]));
        let next = Anchor::of(&[[0.0, 0.0], [10.0, 10.0]]).unwrap();
        assert!(near(next.square(METRIC, [13.0, 13.4]), [13.2, 13.2]));
        assert!(near(next.square(METRIC, [12.0, 8.2]), [11.9, 8.1]));
        assert!(near(next.square(METRIC, [10.0, 10.0]), [10.0, 10.0]));
        assert_eq!(Anchor::of(&[]), None);
    }

    #[test]
    fn right_angles_are_right_on_the_ground_also_where_degrees_are() {
        let metric = Metric::geographic(43.8);
        let anchor = Anchor::of(&[[87.6, 43.8], [87.601, 43.8005]]).unwrap();
        let found = anchor.square(metric, [87.6014, 43.8001]);
        let turn = crate::measure::plane::angle_deg(metric, [87.6, 43.8], [87.601, 43.8005], found).unwrap();
        assert!((turn - 90.0).abs() < 1e-6, "{turn}");
    }
}
