//! Lines at a distance from other lines.

use crate::network::Metric;

/// A corner may stand this many times the distance away before it is cut off.
const MITRE: f64 = 4.0;

/// The line at `offset_m` to the right of another one (to the left where negative), corners mitred. Stretches too short
/// for the distance on the inner side of a bend are left out. `None` where nothing is left, or the line has no length.
pub fn parallel(metric: Metric, line: &[[f64; 2]], offset_m: f64) -> Option<Vec<[f64; 2]>> {
    let beside = parallel_of(metric, line, offset_m)?;
    Some(beside.into_iter().map(|beside| beside.place).collect())
}

/// A vertex of a parallel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    pub place: [f64; 2],
    /// The last vertex of the other line that it stands for.
    pub of: usize,
}

/// The same with what its vertices stand for.
pub fn parallel_of(metric: Metric, line: &[[f64; 2]], offset_m: f64) -> Option<Vec<Beside>> {
    let origin = *line.first()?;
    let same = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9;
    let mut places: Vec<Beside> = Vec::with_capacity(line.len());
    for (of, p) in line.iter().enumerate() {
        let place = [(p[0] - origin[0]) * metric.x_m, (p[1] - origin[1]) * metric.y_m];
        match places.last_mut() {
            Some(last) if same(last.place, place) => last.of = of,
            _ => places.push(Beside { place, of }),
        }
    }
    let stretches = places.windows(2);
    let mut sides: Vec<Side> = stretches.map(|w| Side::beside(w[0], w[1], offset_m)).collect();
    loop {
        let corners = corners(&sides, offset_m);
        // A stretch that runs backwards has no room at this distance. The worst goes first: its neighbours may then do.
        let turned = corners
            .iter()
            .zip(&sides)
            .enumerate()
            .map(|(i, (ends, side))| (side.along(ends[1]) - side.along(ends[0]), i))
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        if turned.0 >= -1e-9 {
            let ends = corners.iter().zip(&sides);
            let mut found: Vec<Beside> = ends
                .flat_map(|(ends, side)| {
                    [0, 1].map(|i| Beside {
                        place: ends[i],
                        of: side.of[i],
                    })
                })
                .collect();
            found.dedup_by(|b, a| {
                let is_same = same(a.place, b.place);
                if is_same {
                    a.of = b.of;
                }
                is_same
            });
            for beside in &mut found {
                let p = beside.place;
                beside.place = [origin[0] + p[0] / metric.x_m, origin[1] + p[1] / metric.y_m];
            }
            return (found.len() > 1).then_some(found);
        }
        sides.remove(turned.1);
        if sides.is_empty() {
            return None;
        }
    }
}

/// A stretch moved aside.
#[derive(Clone, Copy)]
struct Side {
    from: [f64; 2],
    to: [f64; 2],
    /// Of length one.
    direction: [f64; 2],
    /// The vertices it runs between.
    of: [usize; 2],
}

impl Side {
    fn beside(from: Beside, to: Beside, offset_m: f64) -> Self {
        let (a, b) = (from.place, to.place);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let direction = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let by = [direction[1] * offset_m, -direction[0] * offset_m];
        Self {
            from: [a[0] + by[0], a[1] + by[1]],
            to: [b[0] + by[0], b[1] + by[1]],
            direction,
            of: [from.of, to.of],
        }
    }

    fn along(&self, p: [f64; 2]) -> f64 {
        (p[0] - self.from[0]) * self.direction[0] + (p[1] - self.from[1]) * self.direction[1]
    }

    fn at(&self, along: f64) -> [f64; 2] {
        [
            self.from[0] + along * self.direction[0],
            self.from[1] + along * self.direction[1],
        ]
    }
}

/// Both ends of every stretch. Where two do not meet in a mitre, each ends for itself.
fn corners(sides: &[Side], offset_m: f64) -> Vec<[[f64; 2]; 2]> {
    let mut ends: Vec<[[f64; 2]; 2]> = sides.iter().map(|side| [side.from, side.to]).collect();
    for i in 1..sides.len() {
        let (a, b) = (sides[i - 1], sides[i]);
        if let Some(corner) = meeting(a, b, offset_m) {
            ends[i - 1][1] = corner;
            ends[i][0] = corner;
        }
    }
    ends
}

fn meeting(a: Side, b: Side, offset_m: f64) -> Option<[f64; 2]> {
    let cross = a.direction[0] * b.direction[1] - a.direction[1] * b.direction[0];
    if cross.abs() < 1e-12 {
        return None;
    }
    let to_b = [b.from[0] - a.from[0], b.from[1] - a.from[1]];
    let along = (to_b[0] * b.direction[1] - to_b[1] * b.direction[0]) / cross;
    let corner = a.at(along);
    // On the outer side of a hairpin the mitre would run far off.
    let is_outer = cross * offset_m > 0.0;
    let overshoot = along - a.along(a.to);
    (!is_outer || overshoot <= MITRE * offset_m.abs()).then_some(corner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRIC: Metric = Metric { x_m: 1.0, y_m: 1.0 };

    fn same(found: Option<Vec<[f64; 2]>>, wanted: &[[f64; 2]]) {
        let found = found.unwrap();
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for (f, w) in found.iter().zip(wanted) {
            assert!(METRIC.distance_m(*f, *w) < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn corners_are_mitred_on_both_sides() {
        let bent = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        same(
            parallel(METRIC, &bent, 2.0),
            &[[0.0, -2.0], [12.0, -2.0], [12.0, 10.0]],
        );
        same(
            parallel(METRIC, &bent, -2.0),
            &[[0.0, 2.0], [8.0, 2.0], [8.0, 10.0]],
        );
    }

    #[test]
    fn a_step_stays_a_step() {
        let step = [[0.0, 0.0], [10.0, 0.0], [10.0, 1.0], [20.0, 1.0]];
        same(
            parallel(METRIC, &step, -3.0),
            &[[0.0, 3.0], [7.0, 3.0], [7.0, 4.0], [20.0, 4.0]],
        );
    }

    #[test]
    fn a_stretch_without_room_is_left_out() {
        // Chamfered inner corner: the short stretch vanishes, its neighbours meet.
        let chamfer = [[0.0, 0.0], [9.0, 0.0], [10.0, 1.0], [10.0, 10.0]];
        same(
            parallel(METRIC, &chamfer, -4.0),
            &[[0.0, 4.0], [6.0, 4.0], [6.0, 10.0]],
        );
    }

    #[test]
    fn a_hairpin_is_cut_off_on_its_outer_side() {
        let hairpin = [[0.0, 0.0], [100.0, 0.0], [0.0, 1.0]];
        let found = parallel(METRIC, &hairpin, 2.0).unwrap();
        assert!(found.iter().all(|p| p[0] < 110.0), "{found:?}");
    }

    #[test]
    fn every_place_keeps_its_distance_from_a_gentle_line() {
        let line: Vec<[f64; 2]> = (0..60)
            .map(|i| {
                let x = f64::from(i) * 5.0;
                [87.6 + x / 80_000.0, 43.8 + (x / 40.0).sin() * 10.0 / 111_000.0]
            })
            .collect();
        let metric = Metric::geographic(43.8);
        for offset_m in [3.0, -3.0] {
            for p in parallel(metric, &line, offset_m).unwrap() {
                let away = metric.foot_point(&line, p).unwrap().distance_m;
                assert!((2.99..3.2).contains(&away), "{away}");
            }
        }
    }

    #[test]
    fn a_line_without_length_has_no_parallel() {
        assert_eq!(parallel(METRIC, &[], 1.0), None);
        assert_eq!(parallel(METRIC, &[[1.0, 1.0], [1.0, 1.0]], 1.0), None);
    }
}
