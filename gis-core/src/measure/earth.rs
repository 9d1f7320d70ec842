//! Measures on the CGCS2000 ellipsoid (GB 22021: a = 6 378 137 m, 1/f = 298.257 222 101), after C. F. F. Karney,
//! *Algorithms for geodesics*, J. Geodesy 87 (2013). Points are longitude and latitude in degrees.

use geo::{Bearing, Distance, GeodesicArea as _, GeodesicMeasure, LineString, Point, Polygon};

use super::plane::positive;

const SEMI_MAJOR_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_222_101;

fn ellipsoid() -> impl Bearing<f64> + Distance<f64, Point, Point> {
    GeodesicMeasure::new(SEMI_MAJOR_M, FLATTENING)
}

fn point(lon_lat: [f64; 2]) -> Point {
    Point::new(lon_lat[0], lon_lat[1])
}

/// Length of a line in metres along geodesics; 0 for fewer than two points.
pub fn length_m(line: &[[f64; 2]]) -> f64 {
    let earth = ellipsoid();
    line.windows(2)
        .map(|w| earth.distance(point(w[0]), point(w[1])))
        .sum()
}

/// Length of the closed ring; the first point need not be repeated.
pub fn perimeter_m(ring: &[[f64; 2]]) -> f64 {
    let closing = match ring {
        [first, .., last] => length_m(&[*last, *first]),
        _ => 0.0,
    };
    length_m(ring) + closing
}

/// Area of the closed ring in square metres, never negative. It is that on the WGS 84 ellipsoid, which differs from
/// CGCS2000's by less than 1 part in 10¹⁰.
pub fn area_m2(ring: &[[f64; 2]]) -> f64 {
    if ring.len() < 3 {
        return 0.0;
    }
    let line: LineString = ring.iter().map(|p| (p[0], p[1])).collect();
    Polygon::new(line, Vec::new()).geodesic_area_signed().abs()
}

/// Direction of the geodesic from `from` to `to` at its start, in degrees clockwise from true north, `0..360`;
/// `None` between equal points.
pub fn azimuth_deg(from: [f64; 2], to: [f64; 2]) -> Option<f64> {
    let is_apart = (to[0] - from[0]).abs() + (to[1] - from[1]).abs() > 0.0;
    is_apart.then(|| positive(ellipsoid().bearing(point(from), point(to))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_azimuths_are_those_of_geographiclib() {
        // New York JFK to London Heathrow in the documentation of GeographicLib, for WGS 84: the ellipsoids differ by
        // a tenth of a millimetre here.
        let (jfk, lhr) = ([-73.8, 40.6], [-0.5, 51.6]);
        assert!((length_m(&[jfk, lhr]) - 5_551_759.400).abs() < 2e-3);
        assert!((azimuth_deg(jfk, lhr).unwrap() - 51.198_883).abs() < 1e-6);
        assert_eq!(azimuth_deg(jfk, jfk), None);
        assert!((azimuth_deg([87.0, 43.0], [86.0, 43.0]).unwrap() - 270.34).abs() < 0.01);
    }

    #[test]
    fn a_degree_of_the_equator_and_a_quarter_of_the_meridian_have_their_known_lengths() {
        assert!((length_m(&[[0.0, 0.0], [1.0, 0.0]]) - 111_319.490_793).abs() < 1e-5);
        // GRS 80, Moritz 2000: 10 001 965.7293 m. By way of two stops, the length is the same.
        let line = [[87.0, 0.0], [87.0, 30.0], [87.0, 60.0], [87.0, 90.0]];
        assert!((length_m(&line) - 10_001_965.729_3).abs() < 1e-3);
    }

    #[test]
    fn an_eighth_of_the_earth_has_an_eighth_of_its_area_whatever_way_it_is_walked() {
        const EARTH_M2: f64 = 510_065_621_724_088.44;
        for ring in [
            [[0.0, 0.0], [90.0, 0.0], [0.0, 90.0]],
            [[0.0, 0.0], [0.0, 90.0], [90.0, 0.0]],
        ] {
            assert!((area_m2(&ring) * 8.0 / EARTH_M2 - 1.0).abs() < 1e-10);
        }
        assert!(area_m2(&[[87.0, 43.0], [87.1, 43.0]]).abs() < f64::EPSILON);
        assert!(perimeter_m(&[[87.0, 43.0]]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_block_of_a_town_measures_the_same_as_in_its_projection() {
        use crate::io::crs::{Transform, parse};
        use crate::measure::plane;
        use crate::network::Metric;

        // Near the central meridian of 87° the plane is true.
        let zone = parse("EPSG:4538").unwrap();
        let ring = [
            [500_000.0, 4_850_000.0],
            [500_120.0, 4_850_000.0],
            [500_120.0, 4_850_080.0],
            [500_000.0, 4_850_080.0],
        ];
        let degrees = Transform::new(&zone, &parse("EPSG:4490").unwrap()).unwrap();
        let on_earth: Vec<_> = ring.iter().map(|p| degrees.point(*p).unwrap()).collect();
        let metric = Metric::projected(1.0);
        assert!((perimeter_m(&on_earth) - plane::perimeter_m(metric, &ring)).abs() < 1e-4);
        assert!((area_m2(&on_earth) - 9_600.0).abs() < 0.01);
        let north = azimuth_deg(on_earth[0], on_earth[3]).unwrap();
        assert!(north.min(360.0 - north) < 0.01, "{north}");
    }
}
