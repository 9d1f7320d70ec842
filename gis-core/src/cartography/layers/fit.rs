//! Least squares for control points: similarity, affine and second-order polynomial. It works on numbers near one,
//! so that Gauss-Krüger coordinates of millions of metres lose nothing.

use super::georeference::ControlPoint;

/// Below this part of the largest pivot the points leave a coefficient open.
const SINGULAR: f64 = 1e-9;
const TERMS: usize = 6;

/// Points moved to their middle and scaled to a spread of one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    middle: [f64; 2],
    scale: f64,
}

impl Frame {
    /// `None` where all points are one.
    fn of(points: impl Iterator<Item = [f64; 2]> + Clone) -> Option<Self> {
        let count = points.clone().count() as f64;
        let middle = [0, 1].map(|axis| points.clone().map(|p| p[axis]).sum::<f64>() / count);
        let square: f64 = points
            .map(|p| (p[0] - middle[0]).powi(2) + (p[1] - middle[1]).powi(2))
            .sum();
        let scale = (square / count).sqrt();
        (scale.is_finite() && scale > 1e-9 * (middle[0].abs() + middle[1].abs()).max(1e-9))
            .then_some(Self { middle, scale })
    }

    fn within(&self, p: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|axis| (p[axis] - self.middle[axis]) / self.scale)
    }

    fn without(&self, p: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|axis| p[axis] * self.scale + self.middle[axis])
    }
}

/// A second-order polynomial in both coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polynomial {
    from: Frame,
    to: Frame,
    x: [f64; TERMS],
    y: [f64; TERMS],
}

fn terms(p: [f64; 2]) -> [f64; TERMS] {
    [1.0, p[0], p[1], p[0] * p[0], p[0] * p[1], p[1] * p[1]]
}

fn dot(a: &[f64; TERMS], b: &[f64; TERMS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Polynomial {
    pub(super) fn at(&self, pixel: [f64; 2]) -> [f64; 2] {
        let terms = terms(self.from.within(pixel));
        self.to.without([dot(&self.x, &terms), dot(&self.y, &terms)])
    }

    /// The pixel of a ground place by Newton's method from near it; NaN where it does not settle.
    pub(super) fn solve(&self, ground: [f64; 2], start: [f64; 2]) -> [f64; 2] {
        let wanted = self.to.within(ground);
        let mut p = self.from.within(start);
        for _ in 0..12 {
            let t = terms(p);
            let miss = [dot(&self.x, &t) - wanted[0], dot(&self.y, &t) - wanted[1]];
            let slope = |c: &[f64; TERMS]| {
                [
                    c[1] + 2.0 * c[3] * p[0] + c[4] * p[1],
                    c[2] + c[4] * p[0] + 2.0 * c[5] * p[1],
                ]
            };
            let (sx, sy) = (slope(&self.x), slope(&self.y));
            let determinant = sx[0] * sy[1] - sx[1] * sy[0];
            if determinant.abs() < 1e-12 {
                break;
            }
            let step = [
                (miss[0] * sy[1] - miss[1] * sx[1]) / determinant,
                (miss[1] * sx[0] - miss[0] * sy[0]) / determinant,
            ];
            p = [p[0] - step[0], p[1] - step[1]];
            if step[0].abs() + step[1].abs() < 1e-12 {
                return self.from.without(p);
            }
        }
        let t = terms(p);
        let miss = (dot(&self.x, &t) - wanted[0]).abs() + (dot(&self.y, &t) - wanted[1]).abs();
        if miss < 1e-8 {
            self.from.without(p)
        } else {
            [f64::NAN; 2]
        }
    }
}

fn frames(points: &[ControlPoint]) -> Option<(Frame, Frame)> {
    Some((
        Frame::of(points.iter().map(|p| p.pixel))?,
        Frame::of(points.iter().map(|p| p.ground))?,
    ))
}

/// Place, turn and one scale; pixels count downwards, the ground upwards. `None` where all points are one.
pub(super) fn similarity(points: &[ControlPoint]) -> Option<[f64; 6]> {
    let (from, to) = frames(points)?;
    // x = p·u + q·v, y = q·u − p·v with v downwards: the closed solution about the middles.
    let (mut p, mut q, mut norm) = (0.0, 0.0, 0.0);
    for point in points {
        let ([u, v], [x, y]) = (from.within(point.pixel), to.within(point.ground));
        p += x * u - y * v;
        q += x * v + y * u;
        norm += u * u + v * v;
    }
    let (p, q) = (p / norm, q / norm);
    Some(unframed(&from, &to, [0.0, p, q], [0.0, q, -p]))
}

/// `None` where the points lie on a line.
pub(super) fn affine(points: &[ControlPoint]) -> Option<[f64; 6]> {
    let (from, to) = frames(points)?;
    // Along and across the line through the points.
    let (mut uu, mut uv, mut vv) = (0.0, 0.0, 0.0);
    for point in points {
        let [u, v] = from.within(point.pixel);
        uu += u * u;
        uv += u * v;
        vv += v * v;
    }
    let across = (uu + vv - ((uu - vv).powi(2) + 4.0 * uv * uv).sqrt()) / 2.0;
    if across / (uu + vv) < 1e-8 {
        return None;
    }
    let rows: Vec<([f64; 3], [f64; 2])> = points
        .iter()
        .map(|p| {
            let [u, v] = from.within(p.pixel);
            ([1.0, u, v], to.within(p.ground))
        })
        .collect();
    let [x, y] = least_squares(&rows)?;
    Some(unframed(&from, &to, x, y))
}

/// `None` where the points lie on a line or another curve of second order.
pub(super) fn polynomial(points: &[ControlPoint]) -> Option<Polynomial> {
    let (from, to) = frames(points)?;
    let rows: Vec<([f64; TERMS], [f64; 2])> = points
        .iter()
        .map(|p| (terms(from.within(p.pixel)), to.within(p.ground)))
        .collect();
    let [x, y] = least_squares(&rows)?;
    Some(Polynomial { from, to, x, y })
}

/// Back to pixels and ground units.
fn unframed(from: &Frame, to: &Frame, x: [f64; 3], y: [f64; 3]) -> [f64; 6] {
    let ratio = to.scale / from.scale;
    let row = |c: [f64; 3], middle: f64| {
        let (along, down) = (c[1] * ratio, c[2] * ratio);
        [
            middle + c[0] * to.scale - along * from.middle[0] - down * from.middle[1],
            along,
            down,
        ]
    };
    let (x, y) = (row(x, to.middle[0]), row(y, to.middle[1]));
    [x[0], x[1], x[2], y[0], y[1], y[2]]
}

/// Normal equations by elimination with pivots; the numbers are near one, so that squaring them costs little.
fn least_squares<const N: usize>(rows: &[([f64; N], [f64; 2])]) -> Option<[[f64; N]; 2]> {
    let mut m = [[0.0; N]; N];
    let mut right = [[0.0; 2]; N];
    for (row, value) in rows {
        for i in 0..N {
            for j in 0..N {
                m[i][j] += row[i] * row[j];
            }
            right[i][0] += row[i] * value[0];
            right[i][1] += row[i] * value[1];
        }
    }
    let largest = (0..N).map(|i| m[i][i]).fold(0.0, f64::max);
    for i in 0..N {
        let pivot = (i..N).max_by(|a, b| m[*a][i].abs().total_cmp(&m[*b][i].abs()))?;
        m.swap(i, pivot);
        right.swap(i, pivot);
        if m[i][i].abs() <= largest * SINGULAR {
            return None;
        }
        for below in i + 1..N {
            let factor = m[below][i] / m[i][i];
            let row = m[i];
            for (cell, above) in m[below].iter_mut().zip(row).skip(i) {
                *cell -= factor * above;
            }
            right[below] = [0, 1].map(|axis| right[below][axis] - factor * right[i][axis]);
        }
    }
    let mut found = [[0.0; N]; 2];
    for i in (0..N).rev() {
        for (axis, solved) in found.iter_mut().enumerate() {
            let known: f64 = (i + 1..N).map(|j| m[i][j] * solved[j]).sum();
            solved[i] = (right[i][axis] - known) / m[i][i];
        }
    }
    Some(found)
}
