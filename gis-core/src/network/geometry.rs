//! Plane geometry on network coordinates with results in metres. It does not know pipes or nodes.

use crate::crs::Crs;

/// Metres per coordinate unit along x and y: (1, 1) for a metric CRS, the local size of a degree for a
/// geographic one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub x_m: f64,
    pub y_m: f64,
}

impl Metric {
    /// For a projected CRS with the given unit.
    pub fn projected(metres_per_unit: f64) -> Self {
        Self {
            x_m: metres_per_unit,
            y_m: metres_per_unit,
        }
    }

    /// Of a coordinate system around a place in it.
    pub fn of(crs: &Crs, at: [f64; 2]) -> Self {
        if crs.is_geographic {
            Self::geographic(at[1])
        } else {
            Self::projected(crs.metres_per_unit)
        }
    }

    /// For degrees, at a latitude. Series of the GRS 80 ellipsoid's radii (Snyder 1987, eq. 4-20, 4-21),
    /// good to a metre per degree.
    pub fn geographic(latitude_deg: f64) -> Self {
        const A_M: f64 = 6_378_137.0;
        const E2: f64 = 0.006_694_380_022_90;
        let lat = latitude_deg.clamp(-89.0, 89.0).to_radians();
        let w2 = 1.0 - E2 * lat.sin().powi(2);
        let per_degree = std::f64::consts::PI / 180.0;
        Self {
            x_m: A_M * lat.cos() / w2.sqrt() * per_degree,
            y_m: A_M * (1.0 - E2) / w2.powf(1.5) * per_degree,
        }
    }

    pub fn distance_m(&self, a: [f64; 2], b: [f64; 2]) -> f64 {
        // Not `hypot`: map coordinates cannot overflow, and a path search takes millions of these.
        let (dx, dy) = ((a[0] - b[0]) * self.x_m, (a[1] - b[1]) * self.y_m);
        (dx * dx + dy * dy).sqrt()
    }

    /// Length of a line; 0 for fewer than two vertices.
    pub fn length_m(&self, line: &[[f64; 2]]) -> f64 {
        line.windows(2).map(|w| self.distance_m(w[0], w[1])).sum()
    }

    /// A square box of `radius_m` around a point, as `[min_x, min_y, max_x, max_y]`.
    pub fn box_around(&self, p: [f64; 2], radius_m: f64) -> [f64; 4] {
        let (dx, dy) = (radius_m / self.x_m, radius_m / self.y_m);
        [p[0] - dx, p[1] - dy, p[0] + dx, p[1] + dy]
    }

    /// The point of `line` nearest to `p`. A single vertex is its own foot; `None` for an empty line.
    pub fn foot_point(&self, line: &[[f64; 2]], p: [f64; 2]) -> Option<FootPoint> {
        let first = *line.first()?;
        let mut best = FootPoint {
            along_m: 0.0,
            distance_m: self.distance_m(first, p),
            point: first,
        };
        let mut along = 0.0;
        for w in line.windows(2) {
            let (a, b) = (w[0], w[1]);
            let d = [(b[0] - a[0]) * self.x_m, (b[1] - a[1]) * self.y_m];
            let to_p = [(p[0] - a[0]) * self.x_m, (p[1] - a[1]) * self.y_m];
            let length2 = d[0] * d[0] + d[1] * d[1];
            let length = length2.sqrt();
            // A zero-length segment has its start as foot.
            let t = if length2 > 0.0 {
                ((to_p[0] * d[0] + to_p[1] * d[1]) / length2).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let point = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
            let distance_m = self.distance_m(point, p);
            if distance_m < best.distance_m {
                best = FootPoint {
                    along_m: along + t * length,
                    distance_m,
                    point,
                };
            }
            along += length;
        }
        Some(best)
    }

    /// The point at `along_m` from the start of `line`, clamped to its ends; `None` for an empty line.
    pub fn point_along(&self, line: &[[f64; 2]], along_m: f64) -> Option<[f64; 2]> {
        let mut rest = along_m.max(0.0);
        for w in line.windows(2) {
            let length = self.distance_m(w[0], w[1]);
            if rest <= length && length > 0.0 {
                let t = rest / length;
                return Some([
                    w[0][0] + t * (w[1][0] - w[0][0]),
                    w[0][1] + t * (w[1][1] - w[0][1]),
                ]);
            }
            rest -= length;
        }
        line.last().copied()
    }

    /// The part of `line` between two distances from its start.
    pub fn stretch(&self, line: &[[f64; 2]], start_m: f64, end_m: f64) -> Vec<[f64; 2]> {
        let mut out = Vec::new();
        out.extend(self.point_along(line, start_m));
        let mut along = 0.0;
        for w in line.windows(2) {
            along += self.distance_m(w[0], w[1]);
            if along > start_m && along < end_m {
                out.push(w[1]);
            }
        }
        out.extend(self.point_along(line, end_m));
        out
    }
}

/// Where the perpendicular from a point meets a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FootPoint {
    /// From the line's start, in metres.
    pub along_m: f64,
    /// From the point to the line, in metres.
    pub distance_m: f64,
    pub point: [f64; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_has_its_known_length_on_the_ellipsoid() {
        // GRS 80: 111 319.491 m of longitude on the equator, 111 693.980 m of latitude at the pole's side.
        assert!((Metric::geographic(0.0).x_m - 111_319.491).abs() < 0.01);
        assert!((Metric::geographic(45.0).y_m - 111_131.745).abs() < 1.0);
        assert!((Metric::geographic(45.0).x_m - 78_846.806).abs() < 1.0);
    }

    #[test]
    fn the_foot_point_lies_on_the_nearest_segment() {
        let m = Metric::projected(1.0);
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let foot = m.foot_point(&line, [12.0, 4.0]).unwrap();
        assert_eq!(
            (foot.along_m, foot.distance_m, foot.point),
            (14.0, 2.0, [10.0, 4.0])
        );
        assert!(m.foot_point(&[], [0.0, 0.0]).is_none());
        assert_eq!(m.point_along(&line, 14.0), Some([10.0, 4.0]));
        assert_eq!(m.point_along(&line, 99.0), Some([10.0, 10.0]));
    }
}
