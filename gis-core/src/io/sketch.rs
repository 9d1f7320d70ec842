//! Lines, points and areas to look at: what is drawn of a foreign layer, without attributes, on the web map. Two of
//! them can be compared. It reads nothing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use gdal::vector::{Geometry as OgrGeometry, OGRwkbGeometryType as G, geometry_type_flatten};

use super::shape;

/// Places closer than this are one when two issues of a map are compared.
const SAME_M: f64 = 0.02;

/// A piece of a drawing, in Web Mercator metres.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Point([f64; 2]),
    Line(Vec<[f64; 2]>),
    /// The outer ring and its holes.
    Area(Vec<Vec<[f64; 2]>>),
    Text([f64; 2], String),
}

/// What a view shows of a foreign layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sketch {
    pub pieces: Vec<Piece>,
    pub vertices: usize,
    /// There was more than may be drawn at once.
    pub is_cut: bool,
}

/// Two issues of a map, laid on one another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compared {
    pub both: Sketch,
    pub only_old: Sketch,
    pub only_new: Sketch,
}

impl Sketch {
    pub fn push(&mut self, piece: Piece) {
        self.vertices += match &piece {
            Piece::Point(_) | Piece::Text(..) => 1,
            Piece::Line(line) => line.len(),
            Piece::Area(rings) => rings.iter().map(Vec::len).sum(),
        };
        self.pieces.push(piece);
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Tells apart what only one of two issues has. Pieces are the same where all their places are; a piece that
    /// comes twice in one and once in the other is new once.
    pub fn compare(old: Self, new: Self) -> Compared {
        let mut compared = Compared::default();
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for piece in &old.pieces {
            *counts.entry(key(piece)).or_default() += 1;
        }
        for piece in new.pieces {
            match counts.get_mut(&key(&piece)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    compared.both.push(piece);
                }
                _ => compared.only_new.push(piece),
            }
        }
        for piece in old.pieces {
            if let Some(count) = counts.get_mut(&key(&piece))
                && *count > 0
            {
                *count -= 1;
                compared.only_old.push(piece);
            }
        }
        let is_cut = old.is_cut || new.is_cut;
        for sketch in [&mut compared.both, &mut compared.only_old, &mut compared.only_new] {
            sketch.is_cut = is_cut;
        }
        compared
    }
}

fn key(piece: &Piece) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut add = |line: &[[f64; 2]]| {
        for p in line {
            for v in p {
                ((v / SAME_M).round() as i64).hash(&mut hasher);
            }
        }
        line.len().hash(&mut hasher);
    };
    match piece {
        Piece::Point(p) | Piece::Text(p, _) => add(&[*p]),
        Piece::Line(line) => add(line),
        Piece::Area(rings) => rings.iter().for_each(|ring| add(ring)),
    }
    if let Piece::Text(_, text) = piece {
        text.hash(&mut hasher);
    }
    hasher.finish()
}

/// What is written at a feature.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lettering<'a> {
    None,
    /// The point is nothing but this text.
    Text(&'a str),
    /// Beside point, line or area.
    Label(&'a str),
}

/// Takes a geometry apart. `place` turns coordinates into Web Mercator metres, NaN where it cannot; `step_m` is what
/// one pixel covers: places closer to one another are one.
pub(super) fn add(
    sketch: &mut Sketch,
    geometry: &OgrGeometry,
    lettering: Lettering<'_>,
    step_m: f64,
    place: &impl Fn(&mut [[f64; 2]]),
) {
    if geometry.is_empty() {
        return;
    }
    match geometry_type_flatten(geometry.geometry_type()) {
        G::wkbPoint => {
            let (x, y, _) = geometry.get_point(0);
            let mut point = [[x, y]];
            place(&mut point);
            if point[0].iter().all(|v| v.is_finite()) {
                if let Lettering::Text(text) = lettering {
                    sketch.push(Piece::Text(point[0], text.to_owned()));
                } else {
                    sketch.push(Piece::Point(point[0]));
                    label(sketch, lettering, Some(point[0]));
                }
            }
        }
        G::wkbLineString | G::wkbCircularString | G::wkbCompoundCurve => {
            if let Some(line) = placed(geometry, step_m, place)
                && line.len() > 1
            {
                label(sketch, lettering, line.get(line.len() / 2).copied());
                sketch.push(Piece::Line(line));
            }
        }
        G::wkbPolygon | G::wkbCurvePolygon | G::wkbTriangle => {
            let rings: Vec<Vec<[f64; 2]>> = (0..geometry.geometry_count())
                .filter_map(|i| placed(&geometry.get_geometry(i), step_m, place))
                .filter(|ring| ring.len() > 3)
                .collect();
            if let Some(outer) = rings.first() {
                label(sketch, lettering, Some(middle(outer)));
                sketch.push(Piece::Area(rings));
            }
        }
        _ => {
            for i in 0..geometry.geometry_count() {
                add(sketch, &geometry.get_geometry(i), lettering, step_m, place);
            }
        }
    }
}

fn label(sketch: &mut Sketch, lettering: Lettering<'_>, at: Option<[f64; 2]>) {
    if let (Lettering::Label(text), Some(at)) = (lettering, at) {
        sketch.push(Piece::Text(at, text.to_owned()));
    }
}

/// Of the box around a ring.
fn middle(ring: &[[f64; 2]]) -> [f64; 2] {
    let range = |axis: usize| {
        let values = ring.iter().map(|p| p[axis]);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        low.midpoint(high)
    };
    [range(0), range(1)]
}

fn placed(geometry: &OgrGeometry, step_m: f64, place: &impl Fn(&mut [[f64; 2]])) -> Option<Vec<[f64; 2]>> {
    let mut line = shape::line_of(geometry)?;
    place(&mut line);
    line.retain(|p| p[0].is_finite() && p[1].is_finite());
    Some(thinned(line, step_m))
}

/// Without places closer than a step to the one before; ends stay.
fn thinned(line: Vec<[f64; 2]>, step_m: f64) -> Vec<[f64; 2]> {
    if line.len() < 3 || step_m <= 0.0 {
        return line;
    }
    let last = line.len() - 1;
    let mut kept: Vec<[f64; 2]> = Vec::with_capacity(line.len());
    for (i, p) in line.iter().enumerate() {
        let is_far = kept
            .last()
            .is_none_or(|k| (p[0] - k[0]).abs().max((p[1] - k[1]).abs()) >= step_m);
        if is_far || i == last {
            kept.push(*p);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(pieces: &[Piece]) -> Sketch {
        let mut sketch = Sketch::default();
        pieces.iter().cloned().for_each(|p| sketch.push(p));
        sketch
    }

    #[test]
    fn what_is_only_in_one_issue_is_told_apart() {
        let house = |x: f64| Piece::Area(vec![vec![[x, 0.0], [x + 9.0, 0.0], [x + 9.0, 9.0], [x, 0.0]]]);
        let old = sketch(&[
            house(0.0),
            house(50.0),
            Piece::Text([1.0, 1.0], "甲".into()),
            Piece::Point([3.0, 3.0]),
        ]);
        // Written again, by another program: a millimetre off.
        let new = sketch(&[
            house(0.001),
            house(80.0),
            Piece::Text([1.0, 1.0], "乙".into()),
            Piece::Point([3.0, 3.0]),
        ]);
        let compared = Sketch::compare(old, new);
        assert_eq!(compared.both.pieces.len(), 2);
        assert_eq!(
            compared.only_old.pieces,
            [house(50.0), Piece::Text([1.0, 1.0], "甲".into())]
        );
        assert_eq!(
            compared.only_new.pieces,
            [house(80.0), Piece::Text([1.0, 1.0], "乙".into())]
        );
    }

    #[test]
    fn every_kind_of_geometry_becomes_pieces() {
        crate::io::quiet::start();
        let cases = [
            ("POINT (1 2)", 1),
            ("LINESTRING (0 0, 1 1, 2 2)", 1),
            ("MULTILINESTRING ((0 0, 1 1), (5 5, 2 2))", 2),
            ("POLYGON ((0 0, 9 0, 9 9, 0 0), (5 2, 6 2, 6 3, 5 2))", 1),
            (
                "GEOMETRYCOLLECTION (POINT (0 0), CIRCULARSTRING (0 0, 1 1, 2 0))",
                2,
            ),
            ("POINT EMPTY", 0),
        ];
        for (wkt, count) in cases {
            let mut found = Sketch::default();
            add(
                &mut found,
                &OgrGeometry::from_wkt(wkt).unwrap(),
                Lettering::None,
                0.0,
                &|_: &mut [[f64; 2]]| {},
            );
            assert_eq!(found.pieces.len(), count, "{wkt}");
        }
    }

    #[test]
    fn places_within_a_pixel_are_one_and_ends_stay() {
        let line = (0..100).map(|i| [f64::from(i) * 0.1, 0.0]).collect();
        let thin = thinned(line, 2.0);
        assert!(thin.len() <= 7 && thin[0] == [0.0, 0.0] && thin.last() == Some(&[99.0 * 0.1, 0.0]));
    }
}
