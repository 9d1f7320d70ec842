//! Where project coordinates lie on the web map. It projects; which map that is does not concern it.

use super::chunks::lon_lat_from_mercator;
use crate::crs::Crs;
use crate::error::Result;
use crate::io::crs::{Transform, parse};

/// Between project coordinates and Web Mercator metres (EPSG:3857).
#[derive(Debug)]
pub struct WebPlace(Way);

#[derive(Debug)]
enum Way {
    Earth {
        to: Transform,
        from: Transform,
    },
    /// A system without a place on earth is laid around the zero point of the web map, where it is true to scale.
    Plane {
        middle: [f64; 2],
        metres_per_unit: f64,
    },
}

impl WebPlace {
    /// `extent` of the data (`[min_x, min_y, max_x, max_y]`) is needed for a local system only.
    ///
    /// # Errors
    /// PROJ knows no way from that system to Web Mercator.
    pub fn new(crs: &Crs, extent: Option<[f64; 4]>) -> Result<Self> {
        if crs.is_local() {
            let b = extent.unwrap_or_default();
            return Ok(Self(Way::Plane {
                middle: [f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])],
                metres_per_unit: crs.metres_per_unit,
            }));
        }
        let web = parse("EPSG:3857")?;
        Ok(Self(Way::Earth {
            to: Transform::new(crs, &web)?,
            from: Transform::new(&web, crs)?,
        }))
    }

    /// Whether longitude and latitude mean anything.
    pub fn is_on_earth(&self) -> bool {
        matches!(self.0, Way::Earth { .. })
    }

    /// Project coordinates to Web Mercator metres, in place. What cannot be projected becomes NaN.
    pub fn to_mercator(&self, points: &mut [[f64; 2]]) {
        match &self.0 {
            Way::Earth { to, .. } => project_points(to, points),
            Way::Plane {
                middle,
                metres_per_unit,
            } => {
                for p in points {
                    *p = [0, 1].map(|axis| (p[axis] - middle[axis]) * metres_per_unit);
                }
            }
        }
    }

    /// The inverse; `None` where the project's system does not reach.
    pub fn from_mercator(&self, world: [f64; 2]) -> Option<[f64; 2]> {
        match &self.0 {
            Way::Earth { from, .. } => from.point(world).ok(),
            Way::Plane {
                middle,
                metres_per_unit,
            } => Some([0, 1].map(|axis| world[axis] / metres_per_unit + middle[axis])),
        }
    }

    /// The inverse for many points, in place. What the project's system does not reach becomes NaN.
    pub fn all_from_mercator(&self, points: &mut [[f64; 2]]) {
        if let Way::Earth { from, .. } = &self.0 {
            return project_points(from, points);
        }
        for point in points {
            *point = self.from_mercator(*point).unwrap_or([f64::NAN; 2]);
        }
    }

    /// Degrees; `None` for a local system.
    pub fn lon_lat_from_mercator(&self, world: [f64; 2]) -> Option<[f64; 2]> {
        self.is_on_earth().then(|| lon_lat_from_mercator(world))
    }

    /// The box of a box, with the bulge of its edges; `None` when no part of it can be projected.
    pub fn box_to_mercator(&self, b: [f64; 4]) -> Option<[f64; 4]> {
        const STEPS: u32 = 8;
        let at = |low: f64, high: f64, i: u32| low + (high - low) * f64::from(i) / f64::from(STEPS);
        let mut rim: Vec<[f64; 2]> = (0..=STEPS)
            .flat_map(|i| {
                let (x, y) = (at(b[0], b[2], i), at(b[1], b[3], i));
                [[x, b[1]], [x, b[3]], [b[0], y], [b[2], y]]
            })
            .collect();
        self.to_mercator(&mut rim);
        let mut out = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in rim.iter().filter(|p| p[0].is_finite() && p[1].is_finite()) {
            out = [
                out[0].min(p[0]),
                out[1].min(p[1]),
                out[2].max(p[0]),
                out[3].max(p[1]),
            ];
        }
        (out[0] <= out[2]).then_some(out)
    }
}

/// One bad point fails a whole call, so after a failure the points go one by one.
pub(crate) fn project_points(transform: &Transform, points: &mut [[f64; 2]]) {
    if transform.points(points).is_ok() {
        return;
    }
    for block in points.chunks_mut(256) {
        if transform.points(block).is_err() {
            for p in block {
                *p = transform.point(*p).unwrap_or([f64::NAN; 2]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauss_krueger_zone_goes_to_the_web_map_and_back() {
        let place = WebPlace::new(&parse("EPSG:4538").unwrap(), None).unwrap();
        let mut points = [[548_276.9, 4_851_567.0], [f64::NAN, 1.0]];
        place.to_mercator(&mut points);
        let [lon, lat] = place.lon_lat_from_mercator(points[0]).unwrap();
        assert!(
            (lon - 87.6).abs() < 0.01 && (lat - 43.8).abs() < 0.01,
            "{lon} {lat}"
        );
        assert!(points[1][0].is_nan(), "a bad point does not spoil the others");
        let back = place.from_mercator(points[0]).unwrap();
        assert!((back[0] - 548_276.9).abs() < 1e-3 && (back[1] - 4_851_567.0).abs() < 1e-3);
        let b = place
            .box_to_mercator([540_000.0, 4_850_000.0, 550_000.0, 4_860_000.0])
            .unwrap();
        assert!(b[0] < points[0][0] && points[0][0] < b[2] && b[1] < points[0][1] && points[0][1] < b[3]);
    }

    #[test]
    fn a_local_system_is_drawn_true_to_scale_and_has_no_longitude() {
        let place = WebPlace::new(&Crs::local_metric(), Some([1_000.0, 1_000.0, 3_000.0, 2_000.0])).unwrap();
        let mut points = [[1_000.0, 1_000.0], [3_000.0, 2_000.0]];
        place.to_mercator(&mut points);
        assert_eq!(points, [[-1_000.0, -500.0], [1_000.0, 500.0]]);
        assert_eq!(place.from_mercator(points[0]), Some([1_000.0, 1_000.0]));
        assert_eq!(place.lon_lat_from_mercator([0.0, 0.0]), None);
    }
}
