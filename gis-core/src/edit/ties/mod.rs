//! 拴点上图: a point from what a surveyor measured to things that are on the map already: the six modes of DB33/T 2053, and
//! any number of distances by least squares. Every place that fits is returned; which one is meant is for a person to say.

mod record;
#[cfg(test)]
mod tests;

pub use record::{Reference, TIES_FIELD, TieRecord};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::Metric;
use crate::text::Message;

type Place = [f64; 2];
/// A straight edge by two places on it: a wall, a kerb.
type Edge = [Place; 2];

/// What was measured. Distances in metres.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Tie {
    /// 两点栓点: distances from two places.
    TwoPoints {
        points: [Place; 2],
        distances_m: [f64; 2],
    },
    /// 两边栓点: distances from two edges.
    TwoEdges { edges: [Edge; 2], distances_m: [f64; 2] },
    /// 点角距离: bearing, clockwise from grid north in degrees, and distance from a place.
    PointBearing {
        point: Place,
        bearing_deg: f64,
        distance_m: f64,
    },
    /// 边点距离: distance from an edge and from a place.
    EdgePoint {
        edge: Edge,
        offset_m: f64,
        point: Place,
        distance_m: f64,
    },
    /// 过点垂直: where the perpendicular from a place meets an edge, or its prolongation.
    Perpendicular { edge: Edge, point: Place },
    /// 过点平行: along the parallel to an edge through a place.
    Parallel {
        edge: Edge,
        point: Place,
        distance_m: f64,
    },
    /// Distances from three or more places, which do not fit exactly.
    Distances {
        points: Vec<Place>,
        distances_m: Vec<f64>,
    },
}

/// The places that fit, with what each distance of a `Distances` tie is off by (measured minus computed).
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    pub places: Vec<Place>,
    pub residuals_m: Vec<f64>,
    /// The measurement that does not go with the others, if one clearly does not.
    pub blunder: Option<usize>,
}

/// A plane in metres around an origin.
struct Plane {
    origin: Place,
    metric: Metric,
}

impl Plane {
    fn to_metres(&self, p: Place) -> Place {
        [
            (p[0] - self.origin[0]) * self.metric.x_m,
            (p[1] - self.origin[1]) * self.metric.y_m,
        ]
    }

    fn to_map(&self, p: Place) -> Place {
        [
            self.origin[0] + p[0] / self.metric.x_m,
            self.origin[1] + p[1] / self.metric.y_m,
        ]
    }
}

impl Tie {
    /// Every place that fits.
    ///
    /// # Errors
    /// `BadInput` when nothing fits, with by how much, or when a number is none.
    pub fn solve(&self, metric: Metric) -> Result<Solution> {
        let origin = self.origin()?;
        let plane = Plane { origin, metric };
        let m = |p: &Place| plane.to_metres(*p);
        let line = |edge: &Edge| direction(m(&edge[0]), m(&edge[1]));
        let mut solution = Solution {
            places: Vec::new(),
            residuals_m: Vec::new(),
            blunder: None,
        };
        solution.places = match self {
            Self::TwoPoints { points, distances_m } => {
                two_circles(m(&points[0]), m(&points[1]), *distances_m)?
            }
            Self::TwoEdges { edges, distances_m } => {
                let (a, b) = (line(&edges[0])?, line(&edges[1])?);
                two_edges(m(&edges[0][0]), a, m(&edges[1][0]), b, *distances_m)?
            }
            Self::PointBearing {
                point,
                bearing_deg,
                distance_m,
            } => {
                let (sin, cos) = bearing_deg.to_radians().sin_cos();
                let p = m(point);
                vec![[p[0] + distance_m * sin, p[1] + distance_m * cos]]
            }
            Self::EdgePoint {
                edge,
                offset_m,
                point,
                distance_m,
            } => edge_and_circle(m(&edge[0]), line(edge)?, *offset_m, m(point), *distance_m)?,
            Self::Perpendicular { edge, point } => {
                let (a, d, p) = (m(&edge[0]), line(edge)?, m(point));
                let along = (p[0] - a[0]) * d[0] + (p[1] - a[1]) * d[1];
                vec![[a[0] + along * d[0], a[1] + along * d[1]]]
            }
            Self::Parallel {
                edge,
                point,
                distance_m,
            } => {
                let (d, p) = (line(edge)?, m(point));
                let at = |s: f64| [p[0] + s * distance_m * d[0], p[1] + s * distance_m * d[1]];
                distinct(vec![at(1.0), at(-1.0)])
            }
            Self::Distances { points, distances_m } => {
                let points: Vec<Place> = points.iter().map(m).collect();
                let place = least_squares(&points, distances_m)?;
                solution.residuals_m = residuals(&points, distances_m, place);
                solution.blunder = blunder(&points, distances_m, &solution.residuals_m);
                vec![place]
            }
        };
        for place in &mut solution.places {
            *place = plane.to_map(*place);
        }
        Ok(solution)
    }

    /// Some place of the tie, once all its numbers have been looked at.
    pub(super) fn origin(&self) -> Result<Place> {
        let (places, distances): (Vec<Place>, Vec<f64>) = match self {
            Self::TwoPoints { points, distances_m } => (points.to_vec(), distances_m.to_vec()),
            Self::TwoEdges { edges, distances_m } => (edges.concat(), distances_m.to_vec()),
            Self::PointBearing {
                point,
                bearing_deg,
                distance_m,
            } => (vec![*point], vec![bearing_deg.rem_euclid(360.0), *distance_m]),
            Self::EdgePoint {
                edge,
                offset_m,
                point,
                distance_m,
            } => (vec![*point, edge[0], edge[1]], vec![*offset_m, *distance_m]),
            Self::Perpendicular { edge, point } => (vec![*point, edge[0], edge[1]], Vec::new()),
            Self::Parallel {
                edge,
                point,
                distance_m,
            } => (vec![*point, edge[0], edge[1]], vec![*distance_m]),
            Self::Distances { points, distances_m } => (points.clone(), distances_m.clone()),
        };
        let is_good = places.iter().flatten().all(|v| v.is_finite())
            && distances.iter().all(|d| d.is_finite() && *d >= 0.0);
        match places.first() {
            Some(first) if is_good => Ok(*first),
            _ => Err(Error::bad_input(Message::new("edit.tie.bad_number"))),
        }
    }
}

fn degenerate() -> Error {
    Error::bad_input(Message::new("edit.tie.degenerate"))
}

fn apart(gap_m: f64) -> Error {
    Error::bad_input(Message::new("edit.tie.apart").with("gap", format!("{gap_m:.3}")))
}

/// Unit vector from one place to another.
fn direction(a: Place, b: Place) -> Result<Place> {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx.hypot(dy);
    if length < 1e-6 {
        return Err(degenerate());
    }
    Ok([dx / length, dy / length])
}

/// Two solutions that coincide are one.
fn distinct(mut places: Vec<Place>) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    places.retain(|p| {
        let is_new = kept.iter().all(|k| (k[0] - p[0]).hypot(k[1] - p[1]) > 1e-6);
        if is_new {
            kept.push(*p);
        }
        is_new
    });
    places
}

/// Measured distances are never exact: circles that miss each other by this much touch.
const TOUCH_M: f64 = 1e-4;

fn two_circles(a: Place, b: Place, [ra, rb]: [f64; 2]) -> Result<Vec<Place>> {
    let d = direction(a, b)?;
    let between = (b[0] - a[0]).hypot(b[1] - a[1]);
    let gap = (between - ra - rb).max((ra - rb).abs() - between);
    if gap > TOUCH_M {
        return Err(apart(gap));
    }
    let along = (between * between + ra * ra - rb * rb) / (2.0 * between);
    let across = (ra * ra - along * along).max(0.0).sqrt();
    let at = |s: f64| {
        [
            a[0] + along * d[0] - s * across * d[1],
            a[1] + along * d[1] + s * across * d[0],
        ]
    };
    Ok(distinct(vec![at(1.0), at(-1.0)]))
}

fn two_edges(a: Place, da: Place, b: Place, db: Place, [ra, rb]: [f64; 2]) -> Result<Vec<Place>> {
    let cross = da[0] * db[1] - da[1] * db[0];
    if cross.abs() < 1e-6 {
        return Err(degenerate());
    }
    let mut places = Vec::with_capacity(4);
    for (sa, sb) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
        let p = [a[0] - sa * ra * da[1], a[1] + sa * ra * da[0]];
        let q = [b[0] - sb * rb * db[1], b[1] + sb * rb * db[0]];
        let along = ((q[0] - p[0]) * db[1] - (q[1] - p[1]) * db[0]) / cross;
        places.push([p[0] + along * da[0], p[1] + along * da[1]]);
    }
    Ok(distinct(places))
}

fn edge_and_circle(a: Place, d: Place, offset: f64, point: Place, radius: f64) -> Result<Vec<Place>> {
    let mut places = Vec::with_capacity(4);
    let mut least_gap = f64::INFINITY;
    for side in [1.0, -1.0] {
        let p = [a[0] - side * offset * d[1], a[1] + side * offset * d[0]];
        let along = (point[0] - p[0]) * d[0] + (point[1] - p[1]) * d[1];
        let foot = [p[0] + along * d[0], p[1] + along * d[1]];
        let away = (point[0] - foot[0]).hypot(point[1] - foot[1]);
        least_gap = least_gap.min(away - radius);
        if away - radius > TOUCH_M {
            continue;
        }
        let half = (radius * radius - away * away).max(0.0).sqrt();
        for s in [1.0, -1.0] {
            places.push([foot[0] + s * half * d[0], foot[1] + s * half * d[1]]);
        }
    }
    if places.is_empty() {
        return Err(apart(least_gap));
    }
    Ok(distinct(places))
}

fn residuals(points: &[Place], distances: &[f64], at: Place) -> Vec<f64> {
    points
        .iter()
        .zip(distances)
        .map(|(p, d)| d - (p[0] - at[0]).hypot(p[1] - at[1]))
        .collect()
}

fn sum_of_squares(points: &[Place], distances: &[f64], at: Place) -> f64 {
    residuals(points, distances, at).iter().map(|r| r * r).sum()
}

/// The place whose distances fit best: Gauss–Newton from the intersections of pairs of circles, of which the best is
/// kept, since a start on the wrong side of a line of points stays there.
fn least_squares(points: &[Place], distances: &[f64]) -> Result<Place> {
    if points.len() < 3 || points.len() != distances.len() {
        return Err(Error::bad_input(
            Message::new("edit.tie.too_few")
                .with("points", points.len())
                .with("distances", distances.len()),
        ));
    }
    let middle = |axis: usize| points.iter().map(|p| p[axis]).sum::<f64>() / points.len() as f64;
    let mut starts = vec![[middle(0), middle(1)]];
    for i in 1..points.len() {
        starts.extend(two_circles(points[0], points[i], [distances[0], distances[i]]).unwrap_or_default());
    }
    let mut best: Option<(f64, Place)> = None;
    for start in starts {
        if let Some(place) = refine(points, distances, start) {
            let misfit = sum_of_squares(points, distances, place);
            if best.is_none_or(|(least, _)| misfit < least) {
                best = Some((misfit, place));
            }
        }
    }
    best.map(|(_, place)| place).ok_or_else(degenerate)
}

fn refine(points: &[Place], distances: &[f64], mut at: Place) -> Option<Place> {
    for _ in 0..50 {
        let (mut xx, mut xy, mut yy, mut bx, mut by) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (p, d) in points.iter().zip(distances) {
            let away = (at[0] - p[0]).hypot(at[1] - p[1]);
            if away < 1e-9 {
                continue;
            }
            let (ux, uy, r) = ((at[0] - p[0]) / away, (at[1] - p[1]) / away, d - away);
            (xx, xy, yy) = (xx + ux * ux, xy + ux * uy, yy + uy * uy);
            (bx, by) = (bx + ux * r, by + uy * r);
        }
        let det = xx * yy - xy * xy;
        if det < 1e-9 {
            return None;
        }
        let step = [(bx * yy - by * xy) / det, (by * xx - bx * xy) / det];
        at = [at[0] + step[0], at[1] + step[1]];
        if step[0].hypot(step[1]) < 1e-9 {
            return Some(at);
        }
    }
    at.iter().all(|v| v.is_finite()).then_some(at)
}

/// The one measurement without which the others fit ten times better than with it, by more than 5 cm. With three
/// distances any two fit, so that four are needed to tell which one is wrong.
fn blunder(points: &[Place], distances: &[f64], residuals_m: &[f64]) -> Option<usize> {
    let worst = |r: &[f64]| r.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
    if points.len() < 4 || worst(residuals_m) < 0.05 {
        return None;
    }
    let mut candidates: Vec<(f64, usize)> = (0..points.len())
        .filter_map(|left_out| {
            let rest = |i: &usize| *i != left_out;
            let points: Vec<Place> = (0..points.len()).filter(rest).map(|i| points[i]).collect();
            let distances: Vec<f64> = (0..distances.len()).filter(rest).map(|i| distances[i]).collect();
            let at = least_squares(&points, &distances).ok()?;
            Some((worst(&residuals(&points, &distances, at)), left_out))
        })
        .collect();
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (left_m, index) = *candidates.first()?;
    (left_m * 10.0 < worst(residuals_m)).then_some(index)
}
