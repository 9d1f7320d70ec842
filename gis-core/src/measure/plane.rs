//! Measures in the plane of the project's CRS. Degenerate input has a plain answer: lengths and areas of too few
//! points are 0, directions between equal points are none.

use crate::network::Metric;
use crate::network::snap::crossing;

/// Length of a line in metres; 0 for fewer than two points.
pub fn length_m(metric: Metric, line: &[[f64; 2]]) -> f64 {
    metric.length_m(line)
}

/// Length of the closed ring; the first point need not be repeated.
pub fn perimeter_m(metric: Metric, ring: &[[f64; 2]]) -> f64 {
    let closing = match ring {
        [first, .., last] => metric.distance_m(*last, *first),
        _ => 0.0,
    };
    metric.length_m(ring) + closing
}

/// Area of the closed ring in square metres, never negative; parts that a self-crossing ring winds the other way
/// round are subtracted (shoelace formula).
pub fn area_m2(metric: Metric, ring: &[[f64; 2]]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    // About the first point: Gauss-Krüger coordinates squared would lose digits.
    let at = |p: &[f64; 2]| [(p[0] - origin[0]) * metric.x_m, (p[1] - origin[1]) * metric.y_m];
    let points: Vec<[f64; 2]> = ring.iter().map(at).collect();
    let twice: f64 = points
        .iter()
        .zip(points.iter().cycle().skip(1))
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum();
    twice.abs() / 2.0
}

/// Whether two sides of the closed ring cross or touch that are no neighbours.
pub fn crosses_itself(ring: &[[f64; 2]]) -> bool {
    let count = ring.len();
    let side = |i: usize| [ring[i], ring[(i + 1) % count]];
    (0..count)
        .any(|i| (i + 2..count).any(|j| !(i == 0 && j == count - 1) && crossing(side(i), side(j)).is_some()))
}

/// Direction from `from` to `to` in degrees clockwise from grid north, `0..360`; `None` between equal points.
pub fn azimuth_deg(metric: Metric, from: [f64; 2], to: [f64; 2]) -> Option<f64> {
    let (east, north) = ((to[0] - from[0]) * metric.x_m, (to[1] - from[1]) * metric.y_m);
    (east != 0.0 || north != 0.0).then(|| positive(east.atan2(north).to_degrees()))
}

/// Angle at `corner` between the directions to two points, `0..=180`; `None` where one of them is the corner.
pub fn angle_deg(metric: Metric, from: [f64; 2], corner: [f64; 2], to: [f64; 2]) -> Option<f64> {
    let turn = turn_deg(metric, from, corner, to)?;
    Some(turn.min(360.0 - turn))
}

/// The same clockwise from the first direction to the second, `0..360`.
pub fn turn_deg(metric: Metric, from: [f64; 2], corner: [f64; 2], to: [f64; 2]) -> Option<f64> {
    let first = azimuth_deg(metric, corner, from)?;
    let second = azimuth_deg(metric, corner, to)?;
    Some(positive(second - first))
}

/// Degrees into `0..360`.
pub(super) fn positive(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    // A tiny negative angle rounds up to the full turn.
    if turned >= 360.0 { 0.0 } else { turned }
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: Metric = Metric { x_m: 1.0, y_m: 1.0 };
    /// A 30 m × 40 m field somewhere in a Gauss-Krüger zone.
    const FIELD: [[f64; 2]; 4] = [
        [39_500_000.0, 4_850_000.0],
        [39_500_030.0, 4_850_000.0],
        [39_500_030.0, 4_850_040.0],
        [39_500_000.0, 4_850_040.0],
    ];

    #[test]
    fn a_field_has_its_area_and_perimeter_whatever_way_it_is_walked() {
        let back: Vec<_> = FIELD.iter().rev().copied().collect();
        for ring in [&FIELD[..], &back] {
            assert!((area_m2(M, ring) - 1_200.0).abs() < 1e-9);
            assert!((perimeter_m(M, ring) - 140.0).abs() < 1e-9);
            assert!(!crosses_itself(ring));
        }
        assert!((length_m(M, &FIELD) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn too_few_points_measure_nothing() {
        for n in 0..2 {
            assert!(area_m2(M, &FIELD[..n]).abs() < f64::EPSILON);
            assert!(perimeter_m(M, &FIELD[..n]).abs() < f64::EPSILON);
            assert!(!crosses_itself(&FIELD[..n]));
        }
        assert!(area_m2(M, &FIELD[..2]).abs() < f64::EPSILON);
        assert!((perimeter_m(M, &FIELD[..2]) - 60.0).abs() < 1e-9);
    }

    #[test]
    fn a_bow_tie_is_said_to_cross_itself() {
        let [a, b, c, d] = FIELD;
        assert!(crosses_itself(&[a, c, b, d]));
        assert!(!crosses_itself(&[a, b, c]));
    }

    #[test]
    fn azimuths_go_clockwise_from_north() {
        let o = [100.0, 100.0];
        for (to, wanted) in [
            ([100.0, 200.0], 0.0),
            ([200.0, 200.0], 45.0),
            ([200.0, 100.0], 90.0),
            ([100.0, 0.0], 180.0),
            ([0.0, 100.0], 270.0),
        ] {
            assert!((azimuth_deg(M, o, to).unwrap() - wanted).abs() < 1e-9, "{to:?}");
        }
        assert_eq!(azimuth_deg(M, o, o), None);
        assert!(positive(-1e-30).abs() < f64::EPSILON);
    }

    #[test]
    fn an_angle_is_the_smaller_one_and_a_turn_goes_clockwise() {
        let (corner, east, north) = ([0.0, 0.0], [5.0, 0.0], [0.0, 3.0]);
        assert!((angle_deg(M, east, corner, north).unwrap() - 90.0).abs() < 1e-9);
        assert!((turn_deg(M, north, corner, east).unwrap() - 90.0).abs() < 1e-9);
        assert!((turn_deg(M, east, corner, north).unwrap() - 270.0).abs() < 1e-9);
        assert_eq!(angle_deg(M, corner, corner, north), None);
    }

    #[test]
    fn degrees_of_a_geographic_system_are_measured_in_metres() {
        let metric = Metric::geographic(45.0);
        let line = [[87.0, 45.0], [87.001, 45.0]];
        assert!((length_m(metric, &line) - 78.847).abs() < 0.01);
    }
}
