//! Turns geometries of any source into the points and lines of features: parts split, curves made straight,
//! what is not finite refused. It neither reads rows nor knows classes.

use gdal::vector::{
    Geometry as OgrGeometry, OGRwkbGeometryType as G, geometry_type_flatten, geometry_type_has_z,
};

use crate::model::Geometry;
use crate::schema::GeometryKind;

/// What had to be done to a geometry, or why it is unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    NotFinite,
    /// A line of fewer than two places.
    TooShort,
    /// A point where a line is wanted, or the other way round.
    WrongKind,
    /// Several parts became several features.
    Split,
    /// Parts that follow one another became one line.
    Joined,
    /// Arcs became chords.
    Straightened,
    /// An area became the point at its centre.
    Centred,
}

impl Finding {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NotFinite => "io.issue.not_finite",
            Self::TooShort => "io.issue.too_short",
            Self::WrongKind => "io.issue.wrong_geometry",
            Self::Split => "io.issue.split",
            Self::Joined => "io.issue.joined",
            Self::Straightened => "io.issue.straightened",
            Self::Centred => "io.issue.centred",
        }
    }
}

/// The usable parts of a geometry.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) geometries: Vec<Geometry>,
    pub(super) findings: Vec<Finding>,
}

impl Parts {
    fn find(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// Angle between the chords that replace an arc.
const STEP_DEG: f64 = 4.0;

/// The parts of `geometry` that a class of `kind` can hold. Empty geometries have none.
pub(super) fn parts(geometry: &OgrGeometry, kind: GeometryKind) -> Parts {
    let mut parts = Parts::default();
    collect(geometry, kind, &mut parts);
    if kind == GeometryKind::Line && parts.geometries.len() > 1 {
        join(&mut parts);
    }
    if parts.geometries.len() > 1 {
        parts.find(Finding::Split);
    }
    parts
}

fn vertices(geometry: &OgrGeometry, into: &mut Vec<[f64; 3]>) {
    let has_z = geometry_type_has_z(geometry.geometry_type());
    let count = geometry.point_count();
    into.reserve(count);
    for i in 0..count as i32 {
        let (x, y, z) = geometry.get_point(i);
        into.push([x, y, if has_z { z } else { f64::NAN }]);
    }
}

fn is_finite(line: &[[f64; 3]]) -> bool {
    line.iter()
        .all(|p| p[0].is_finite() && p[1].is_finite() && !p[2].is_infinite())
}

fn collect(geometry: &OgrGeometry, kind: GeometryKind, parts: &mut Parts) {
    if geometry.is_empty() {
        return;
    }
    match geometry_type_flatten(geometry.geometry_type()) {
        G::wkbPoint if kind == GeometryKind::Point => {
            let mut points = Vec::new();
            vertices(geometry, &mut points);
            match points.first() {
                Some(point) if is_finite(&points) => parts.geometries.push(Geometry::Point(*point)),
                _ => parts.find(Finding::NotFinite),
            }
        }
        G::wkbLineString | G::wkbCircularString | G::wkbCompoundCurve if kind == GeometryKind::Line => {
            let mut line = Vec::new();
            if !chords(geometry, &mut line, parts) {
                parts.find(Finding::WrongKind);
                return;
            }
            if !is_finite(&line) {
                parts.find(Finding::NotFinite);
            } else if line.len() < 2 {
                parts.find(Finding::TooShort);
            } else {
                parts.geometries.push(Geometry::Line(line));
            }
        }
        G::wkbMultiPoint | G::wkbMultiLineString | G::wkbMultiCurve | G::wkbGeometryCollection => {
            for i in 0..geometry.geometry_count() {
                collect(&geometry.get_geometry(i), kind, parts);
            }
        }
        G::wkbMultiPolygon | G::wkbMultiSurface if kind == GeometryKind::Point => {
            // A building in several parts is one customer.
            let largest = (0..geometry.geometry_count()).max_by(|a, b| {
                geometry
                    .get_geometry(*a)
                    .area()
                    .total_cmp(&geometry.get_geometry(*b).area())
            });
            if let Some(i) = largest {
                collect(&geometry.get_geometry(i), kind, parts);
            }
        }
        G::wkbPolygon | G::wkbCurvePolygon if kind == GeometryKind::Point => centre(geometry, parts),
        _ => parts.find(Finding::WrongKind),
    }
}

/// The middle of the outer ring's box: a place inside or near, good enough for a symbol.
fn centre(polygon: &OgrGeometry, parts: &mut Parts) {
    let b = polygon.envelope();
    let point = [
        f64::midpoint(b.MinX, b.MaxX),
        f64::midpoint(b.MinY, b.MaxY),
        f64::NAN,
    ];
    if is_finite(&[point]) {
        parts.find(Finding::Centred);
        parts.geometries.push(Geometry::Point(point));
    } else {
        parts.find(Finding::NotFinite);
    }
}

/// Appends a line or curve; false for what is neither.
fn chords(geometry: &OgrGeometry, line: &mut Vec<[f64; 3]>, parts: &mut Parts) -> bool {
    match geometry_type_flatten(geometry.geometry_type()) {
        G::wkbLineString => vertices(geometry, line),
        G::wkbCircularString => {
            let mut points = Vec::new();
            vertices(geometry, &mut points);
            line.extend(straightened(&points));
            parts.find(Finding::Straightened);
        }
        G::wkbCompoundCurve => {
            for i in 0..geometry.geometry_count() {
                let start = line.len();
                if !chords(&geometry.get_geometry(i), line, parts) {
                    return false;
                }
                // Each member starts where the one before ended.
                if start > 0 && line.len() > start && line[start][..2] == line[start - 1][..2] {
                    line.remove(start);
                }
            }
        }
        _ => return false,
    }
    true
}

/// The places of a line or curve with arcs made straight; `None` for what is neither.
pub(super) fn line_of(geometry: &OgrGeometry) -> Option<Vec<[f64; 2]>> {
    let mut line = Vec::new();
    chords(geometry, &mut line, &mut Parts::default()).then(|| line.iter().map(|p| [p[0], p[1]]).collect())
}

/// Chords for a chain of arcs, each given by start, a place on the way, and end.
fn straightened(points: &[[f64; 3]]) -> Vec<[f64; 3]> {
    let mut line: Vec<[f64; 3]> = points.first().copied().into_iter().collect();
    let mut i = 0;
    while i + 2 < points.len() {
        let [a, b, c] = [points[i], points[i + 1], points[i + 2]];
        line.extend(arc(a, b, c));
        i += 2;
    }
    line.extend(points.get(i + 1..).unwrap_or_default());
    line
}

/// The chords from `a` over `b` to `c`, without `a`.
fn arc(a: [f64; 3], b: [f64; 3], c: [f64; 3]) -> Vec<[f64; 3]> {
    // Relative to `a`, to keep the digits of large coordinates.
    let (bx, by, cx, cy) = (b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]);
    let is_circle = cx == 0.0 && cy == 0.0;
    let (centre, sweep) = if is_circle {
        ([bx / 2.0, by / 2.0], std::f64::consts::TAU)
    } else {
        let d = 2.0 * (bx * cy - by * cx);
        if d.abs() < 1e-12 * (bx.hypot(by) * cx.hypot(cy)).max(f64::MIN_POSITIVE) {
            return vec![b, c];
        }
        let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
        let centre = [(cy * b2 - by * c2) / d, (bx * c2 - cx * b2) / d];
        let start = (-centre[1]).atan2(-centre[0]);
        let end = (cy - centre[1]).atan2(cx - centre[0]);
        let turn = (end - start).rem_euclid(std::f64::consts::TAU);
        (
            centre,
            if d > 0.0 {
                turn
            } else {
                turn - std::f64::consts::TAU
            },
        )
    };
    let radius = centre[0].hypot(centre[1]);
    let start = (-centre[1]).atan2(-centre[0]);
    let steps = (sweep.abs().to_degrees() / STEP_DEG).ceil().clamp(2.0, 360.0) as usize;
    let mut line: Vec<[f64; 3]> = (1..steps)
        .map(|i| {
            let share = i as f64 / steps as f64;
            let angle = start + sweep * share;
            let z = a[2] + (c[2] - a[2]) * share;
            [
                a[0] + centre[0] + radius * angle.cos(),
                a[1] + centre[1] + radius * angle.sin(),
                z,
            ]
        })
        .collect();
    line.push(c);
    line
}

/// Joins parts of which each starts where the one before ends.
fn join(parts: &mut Parts) {
    let is_chain = parts.geometries.windows(2).all(|pair| match pair {
        [Geometry::Line(a), Geometry::Line(b)] => {
            a.last().zip(b.first()).is_some_and(|(p, q)| p[..2] == q[..2])
        }
        _ => false,
    });
    if !is_chain {
        return;
    }
    let mut joined: Vec<[f64; 3]> = Vec::new();
    for geometry in parts.geometries.drain(..) {
        if let Geometry::Line(line) = geometry {
            let skip = usize::from(!joined.is_empty());
            joined.extend(line.into_iter().skip(skip));
        }
    }
    parts.geometries.push(Geometry::Line(joined));
    parts.find(Finding::Joined);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wkt: &str, kind: GeometryKind, count: usize, findings: &[Finding]) -> Parts {
        crate::io::quiet::start();
        let found = parts(&OgrGeometry::from_wkt(wkt).unwrap(), kind);
        assert_eq!(found.geometries.len(), count, "{wkt}");
        assert_eq!(found.findings, findings, "{wkt}");
        found
    }

    #[test]
    fn every_kind_of_geometry_becomes_points_or_lines_or_a_finding() {
        use Finding::{Centred, Joined, Split, TooShort, WrongKind};
        use GeometryKind::{Line, Point};
        check("POINT (1 2)", Point, 1, &[]);
        check("POINT EMPTY", Point, 0, &[]);
        check("LINESTRING (0 0, 1 1)", Line, 1, &[]);
        check("LINESTRING (0 0, 1 1)", Point, 0, &[WrongKind]);
        check("POINT (1 2)", Line, 0, &[WrongKind]);
        check("POLYGON ((0 0, 1 0, 1 1, 0 0))", Line, 0, &[WrongKind]);
        check("POLYGON ((0 0, 2 0, 2 2, 0 0))", Point, 1, &[Centred]);
        check("MULTIPOINT (0 0)", Point, 1, &[]);
        check("MULTIPOINT (0 0, 1 1)", Point, 2, &[Split]);
        check("MULTILINESTRING ((0 0, 1 1), (1 1, 2 2))", Line, 1, &[Joined]);
        check("MULTILINESTRING ((0 0, 1 1), (5 5, 2 2))", Line, 2, &[Split]);
        check(
            "GEOMETRYCOLLECTION (POINT (0 0), LINESTRING (0 0, 1 1))",
            Line,
            1,
            &[WrongKind],
        );
        check("LINESTRING (0 0)", Line, 0, &[TooShort]);
    }

    #[test]
    fn an_arc_keeps_its_radius_and_its_side() {
        let found = check(
            "CIRCULARSTRING (0 0, 1 1, 2 0)",
            GeometryKind::Line,
            1,
            &[Finding::Straightened],
        );
        let Geometry::Line(line) = &found.geometries[0] else {
            panic!()
        };
        assert!(line.len() > 20);
        for p in line {
            assert!(
                ((p[0] - 1.0).hypot(p[1]) - 1.0).abs() < 1e-9 && p[1] > -1e-9,
                "{p:?}"
            );
        }
        assert_eq!(line.last().unwrap()[..2], [2.0, 0.0]);
        let below = check(
            "CIRCULARSTRING (0 0, 1 -1, 2 0)",
            GeometryKind::Line,
            1,
            &[Finding::Straightened],
        );
        let Geometry::Line(line) = &below.geometries[0] else {
            panic!()
        };
        assert!(line.iter().all(|p| p[1] < 1e-9));
    }

    #[test]
    fn heights_are_kept_where_there_are_any() {
        let found = check("POINT Z (1 2 3)", GeometryKind::Point, 1, &[]);
        assert_eq!(found.geometries, [Geometry::Point([1.0, 2.0, 3.0])]);
        let flat = check("POINT (1 2)", GeometryKind::Point, 1, &[]);
        assert!(matches!(flat.geometries[0], Geometry::Point([_, _, z]) if z.is_nan()));
    }
}
