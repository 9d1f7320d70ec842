//! Plane geometry of the generator: vectors, polylines with a measure along them, polygons.
//! It knows nothing of streets or pipes.

/// Easting and northing in metres.
pub(super) type Point = [f64; 2];

pub(super) fn add(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1]]
}

pub(super) fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn scale(a: Point, factor: f64) -> Point {
    [a[0] * factor, a[1] * factor]
}

pub(super) fn lerp(a: Point, b: Point, t: f64) -> Point {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

pub(super) fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(super) fn cross(a: Point, b: Point) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub(super) fn length(a: Point) -> f64 {
    a[0].hypot(a[1])
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    length(sub(a, b))
}

/// `[1, 0]` for a vector without length.
pub(super) fn unit(a: Point) -> Point {
    let l = length(a);
    if l > 1e-9 { scale(a, 1.0 / l) } else { [1.0, 0.0] }
}

/// A quarter turn to the left.
pub(super) fn left(a: Point) -> Point {
    [-a[1], a[0]]
}

pub(super) fn rotate(a: Point, radians: f64) -> Point {
    let (s, c) = radians.sin_cos();
    [a[0] * c - a[1] * s, a[0] * s + a[1] * c]
}

/// Distance of `p` from the segment `a`–`b`.
pub(super) fn distance_to_segment(p: Point, a: Point, b: Point) -> f64 {
    let d = sub(b, a);
    let square = dot(d, d);
    let t = if square > 0.0 {
        (dot(sub(p, a), d) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    distance(p, lerp(a, b, t))
}

/// Where the segments `a`–`b` and `c`–`d` meet, as a share of each; `None` if they do not or are parallel.
pub(super) fn meeting(a: Point, b: Point, c: Point, d: Point) -> Option<(f64, f64)> {
    let (r, s) = (sub(b, a), sub(d, c));
    let denominator = cross(r, s);
    if denominator.abs() < 1e-12 {
        return None;
    }
    let t = cross(sub(c, a), s) / denominator;
    let u = cross(sub(c, a), r) / denominator;
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then_some((t, u))
}

/// A polyline that knows how far along each vertex lies.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) points: Vec<Point>,
    along_m: Vec<f64>,
}

impl Line {
    /// At least two points are expected; one alone becomes a line without length.
    pub(super) fn new(points: Vec<Point>) -> Self {
        let mut along_m = Vec::with_capacity(points.len());
        let mut sum = 0.0;
        for (i, p) in points.iter().enumerate() {
            if i > 0 {
                sum += distance(points[i - 1], *p);
            }
            along_m.push(sum);
        }
        Self { points, along_m }
    }

    pub(super) fn length_m(&self) -> f64 {
        self.along_m[self.along_m.len() - 1]
    }

    fn segment(&self, at_m: f64) -> usize {
        let i = self.along_m.partition_point(|v| *v < at_m);
        i.clamp(1, self.points.len() - 1) - 1
    }

    pub(super) fn at(&self, at_m: f64) -> Point {
        let i = self.segment(at_m);
        let span = self.along_m[i + 1] - self.along_m[i];
        let t = if span > 0.0 {
            ((at_m - self.along_m[i]) / span).clamp(0.0, 1.0)
        } else {
            0.0
        };
        lerp(self.points[i], self.points[i + 1], t)
    }

    /// Unit vector along the line there.
    pub(super) fn direction(&self, at_m: f64) -> Point {
        let i = self.segment(at_m);
        unit(sub(self.points[i + 1], self.points[i]))
    }

    /// Vertices strictly between two measures, with their measure, in the direction from `from_m` to `to_m`.
    pub(super) fn between(&self, from_m: f64, to_m: f64) -> Vec<(f64, Point)> {
        let (low, high) = (from_m.min(to_m), from_m.max(to_m));
        let inner = self
            .along_m
            .iter()
            .zip(&self.points)
            .filter(|(m, _)| **m > low + 0.5 && **m < high - 0.5);
        let mut found: Vec<(f64, Point)> = inner.map(|(m, p)| (*m, *p)).collect();
        if from_m > to_m {
            found.reverse();
        }
        found
    }

    /// Inner vertices where the line turns by more than `radians`.
    pub(super) fn bends(&self, radians: f64) -> impl Iterator<Item = f64> + '_ {
        (1..self.points.len().saturating_sub(1)).filter_map(move |i| {
            let before = sub(self.points[i], self.points[i - 1]);
            let after = sub(self.points[i + 1], self.points[i]);
            (cross(before, after).atan2(dot(before, after)).abs() > radians).then_some(self.along_m[i])
        })
    }
}

/// Positive for counter-clockwise rings.
pub(super) fn signed_area(ring: &[Point]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    let corner = |i: usize| sub(ring[i % ring.len()], origin);
    (0..ring.len())
        .map(|i| cross(corner(i), corner(i + 1)))
        .sum::<f64>()
        / 2.0
}

pub(super) fn perimeter(ring: &[Point]) -> f64 {
    (0..ring.len())
        .map(|i| distance(ring[i], ring[(i + 1) % ring.len()]))
        .sum()
}

pub(super) fn centroid(ring: &[Point]) -> Point {
    let area = signed_area(ring);
    let origin = ring[0];
    if area.abs() < 1e-6 {
        return origin;
    }
    let mut sum = [0.0; 2];
    for i in 0..ring.len() {
        let (a, b) = (sub(ring[i], origin), sub(ring[(i + 1) % ring.len()], origin));
        sum = add(sum, scale(add(a, b), cross(a, b)));
    }
    add(origin, scale(sum, 1.0 / (6.0 * area)))
}

pub(super) fn contains(ring: &[Point], p: Point) -> bool {
    let mut inside = false;
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0] {
            inside = !inside;
        }
    }
    inside
}

/// Distance from `p` to the nearest side of the ring.
pub(super) fn clearance(ring: &[Point], p: Point) -> f64 {
    (0..ring.len())
        .map(|i| distance_to_segment(p, ring[i], ring[(i + 1) % ring.len()]))
        .fold(f64::INFINITY, f64::min)
}

/// Long axis, length and width of the smallest box around the ring that lies along one of its sides.
pub(super) fn long_axis(ring: &[Point]) -> (Point, f64, f64) {
    let longest = (0..ring.len())
        .map(|i| distance(ring[i], ring[(i + 1) % ring.len()]))
        .fold(0.0, f64::max);
    let mut best = ([1.0, 0.0], 0.0, 0.0, f64::INFINITY);
    for i in 0..ring.len() {
        let side = sub(ring[(i + 1) % ring.len()], ring[i]);
        if length(side) < longest * 0.2 {
            continue;
        }
        let u = unit(side);
        let v = left(u);
        let mut extent = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
        for p in ring {
            let (a, b) = (dot(*p, u), dot(*p, v));
            extent = [
                extent[0].min(a),
                extent[1].max(a),
                extent[2].min(b),
                extent[3].max(b),
            ];
        }
        let (along, across) = (extent[1] - extent[0], extent[3] - extent[2]);
        if along * across < best.3 {
            best = if along >= across {
                (u, along, across, along * across)
            } else {
                (v, across, along, along * across)
            };
        }
    }
    (best.0, best.1, best.2)
}
