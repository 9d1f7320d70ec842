//! Every mode against places that are known.

use super::*;

const METRES: Metric = Metric { x_m: 1.0, y_m: 1.0 };

/// A generator of numbers that repeats itself: 0 to 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Somewhere in a Gauss–Krüger zone, within 100 m of the others.
    fn place(&mut self) -> Place {
        [
            40_500_000.0 + 100.0 * self.next(),
            3_400_000.0 + 100.0 * self.next(),
        ]
    }
}

fn distance(a: Place, b: Place) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn to_edge(edge: Edge, p: Place) -> f64 {
    let [a, b] = edge;
    ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])).abs() / distance(a, b)
}

/// Whether the true place is among the solutions, to a tenth of a millimetre times how badly it is determined.
fn assert_found(tie: &Tie, truth: Place, sharpness: f64) {
    let found = tie.solve(METRES).unwrap();
    let error = found
        .places
        .iter()
        .map(|p| distance(*p, truth))
        .fold(f64::INFINITY, f64::min);
    assert!(
        error <= 1e-4 / sharpness.max(1e-3),
        "{tie:?}: {error} m at {truth:?}"
    );
    if sharpness > 0.05 {
        assert!(error <= 1e-4, "{tie:?}: {error} m at {truth:?}");
    }
}

#[test]
fn six_modes_find_the_place_that_was_measured_in_a_hundred_thousand_cases() {
    let mut random = Random(7);
    for _ in 0..=(100_000 / 6) {
        let (truth, a, b, c, d) = (
            random.place(),
            random.place(),
            random.place(),
            random.place(),
            random.place(),
        );
        if [
            distance(a, b),
            distance(c, d),
            distance(truth, a),
            distance(truth, b),
        ]
        .iter()
        .any(|d| *d < 1.0)
        {
            continue;
        }
        // How square the lines meet: the sine of the angle between them.
        let sine =
            |u: Place, v: Place| (u[0] * v[1] - u[1] * v[0]).abs() / (u[0].hypot(u[1]) * v[0].hypot(v[1]));
        let to = |p: Place, q: Place| [q[0] - p[0], q[1] - p[1]];
        let two = Tie::TwoPoints {
            points: [a, b],
            distances_m: [distance(truth, a), distance(truth, b)],
        };
        assert_found(&two, truth, sine(to(a, truth), to(b, truth)));
        let edges = [[a, b], [c, d]];
        let distances_m = edges.map(|e| to_edge(e, truth));
        if sine(to(a, b), to(c, d)) > 1e-3 {
            assert_found(
                &Tie::TwoEdges { edges, distances_m },
                truth,
                sine(to(a, b), to(c, d)),
            );
        }
        let bearing_deg = (truth[0] - a[0]).atan2(truth[1] - a[1]).to_degrees();
        let bearing = Tie::PointBearing {
            point: a,
            bearing_deg,
            distance_m: distance(truth, a),
        };
        assert_found(&bearing, truth, 1.0);
        let edge = Tie::EdgePoint {
            edge: [c, d],
            offset_m: to_edge([c, d], truth),
            point: a,
            distance_m: distance(truth, a),
        };
        let along = to(c, d);
        let square = sine([-along[1], along[0]], to(a, truth));
        assert_found(&edge, truth, square);
        let foot = Tie::Perpendicular {
            edge: [a, b],
            point: c,
        }
        .solve(METRES)
        .unwrap()
        .places[0];
        assert!(to_edge([a, b], foot) < 1e-4 && (distance(foot, c) - to_edge([a, b], c)).abs() < 1e-4);
        let length = 50.0 * random.next() + 0.1;
        let parallel = Tie::Parallel {
            edge: [a, b],
            point: c,
            distance_m: length,
        }
        .solve(METRES)
        .unwrap();
        assert_eq!(parallel.places.len(), 2);
        for p in parallel.places {
            assert!(
                (distance(p, c) - length).abs() < 1e-4
                    && (to_edge([a, b], p) - to_edge([a, b], c)).abs() < 1e-4
            );
        }
    }
}

#[test]
fn every_place_that_fits_is_told() {
    let count = |tie: Tie| tie.solve(METRES).unwrap().places.len();
    let edge = [[0.0, 0.0], [10.0, 0.0]];
    assert_eq!(
        count(Tie::TwoPoints {
            points: edge,
            distances_m: [6.0, 6.0]
        }),
        2
    );
    assert_eq!(
        count(Tie::TwoPoints {
            points: edge,
            distances_m: [4.0, 6.0]
        }),
        1,
        "they touch"
    );
    assert_eq!(
        count(Tie::TwoEdges {
            edges: [edge, [[0.0, 0.0], [0.0, 9.0]]],
            distances_m: [1.0, 2.0]
        }),
        4
    );
    assert_eq!(
        count(Tie::EdgePoint {
            edge,
            offset_m: 1.0,
            point: [3.0, 0.0],
            distance_m: 2.0
        }),
        4
    );
    assert_eq!(
        count(Tie::EdgePoint {
            edge,
            offset_m: 1.0,
            point: [3.0, 2.0],
            distance_m: 2.0
        }),
        2
    );
}

#[test]
fn what_cannot_be_is_refused_with_by_how_much() {
    let edge = [[0.0, 0.0], [10.0, 0.0]];
    for (tie, key) in [
        (
            Tie::TwoPoints {
                points: edge,
                distances_m: [4.0, 5.5],
            },
            "edit.tie.apart",
        ),
        (
            Tie::TwoPoints {
                points: edge,
                distances_m: [20.0, 5.0],
            },
            "edit.tie.apart",
        ),
        (
            Tie::TwoPoints {
                points: [[1.0, 1.0]; 2],
                distances_m: [2.0, 2.0],
            },
            "edit.tie.degenerate",
        ),
        (
            Tie::TwoPoints {
                points: edge,
                distances_m: [-1.0, 2.0],
            },
            "edit.tie.bad_number",
        ),
        (
            Tie::TwoEdges {
                edges: [edge, edge],
                distances_m: [1.0, 2.0],
            },
            "edit.tie.degenerate",
        ),
        (
            Tie::EdgePoint {
                edge,
                offset_m: 1.0,
                point: [0.0, 9.0],
                distance_m: 2.0,
            },
            "edit.tie.apart",
        ),
        (
            Tie::Perpendicular {
                edge: [[0.0, 0.0]; 2],
                point: [1.0, f64::NAN],
            },
            "edit.tie.bad_number",
        ),
        (
            Tie::Distances {
                points: edge.to_vec(),
                distances_m: vec![1.0, 9.0],
            },
            "edit.tie.too_few",
        ),
    ] {
        assert_eq!(tie.solve(METRES).unwrap_err().message().key(), key, "{tie:?}");
    }
    let gap = Tie::TwoPoints {
        points: edge,
        distances_m: [4.0, 5.5],
    }
    .solve(METRES)
    .unwrap_err();
    assert!(gap.text(crate::Lang::En).contains("0.500"));
}

#[test]
fn many_distances_are_fitted_and_the_wrong_one_is_named() {
    let points = vec![[0.0, 0.0], [20.0, 0.0], [20.0, 15.0], [0.0, 15.0], [8.0, 22.0]];
    let truth = [7.0, 4.0];
    let exact: Vec<f64> = points.iter().map(|p| distance(*p, truth)).collect();
    let rough: Vec<f64> = exact
        .iter()
        .zip([0.01, -0.01, 0.005, -0.008, 0.004])
        .map(|(d, e)| d + e)
        .collect();
    let fitted = Tie::Distances {
        points: points.clone(),
        distances_m: rough.clone(),
    }
    .solve(METRES)
    .unwrap();
    assert!(distance(fitted.places[0], truth) < 0.02 && fitted.blunder.is_none());
    // No place nearby fits better.
    let least = sum_of_squares(&points, &rough, fitted.places[0]);
    for (dx, dy) in [(0.001, 0.0), (-0.001, 0.0), (0.0, 0.001), (0.0, -0.001)] {
        let beside = [fitted.places[0][0] + dx, fitted.places[0][1] + dy];
        assert!(sum_of_squares(&points, &rough, beside) > least);
    }
    let mut wrong = exact;
    wrong[2] += 1.0;
    let found = Tie::Distances {
        points,
        distances_m: wrong,
    }
    .solve(METRES)
    .unwrap();
    assert_eq!(found.blunder, Some(2));
    assert!(found.residuals_m.iter().any(|r| r.abs() > 0.2));
}
