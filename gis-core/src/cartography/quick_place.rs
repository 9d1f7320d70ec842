//! The way to the web map for very many points: PROJ says where the nodes of a grid lie, and between them the place
//! follows from its neighbours. Every cell is compared with PROJ before it is used.

use std::collections::HashMap;

use super::WebPlace;
use crate::crs::Crs;

/// Sides of the cells; two zones of the earth differ over such a stretch by less than a cubic can tell.
const CELL_M: f64 = 1_000.0;
/// What a cell may be off, in Mercator metres.
const TOLERANCE_M: f64 = 1e-4;
/// A cell with fewer points than its grid has nodes is not worth one.
const FEWEST_POINTS: u32 = 32;
/// Where a quadratic through 0, 1/2 and 1 is farthest off.
const WORST: [f64; 2] = [0.2113, 0.7887];

/// [`WebPlace::to_mercator`] within [`TOLERANCE_M`] for points that lie close together, some ten times as fast.
pub struct QuickPlace {
    place: WebPlace,
    side: f64,
    number_of: HashMap<[i32; 2], u32>,
    cells: Vec<Cell>,
}

#[derive(Debug)]
struct Cell {
    corner: [f64; 2],
    points: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    New,
    /// Left to PROJ.
    Exact,
    /// Three rows of three nodes.
    Grid(Box<[[f64; 2]; 9]>),
}

/// The cell of a point that has none.
const NOWHERE: u32 = u32::MAX;

impl QuickPlace {
    pub fn new(place: WebPlace, crs: &Crs) -> Self {
        Self {
            place,
            side: CELL_M / crs.metres_per_unit,
            number_of: HashMap::new(),
            cells: Vec::new(),
        }
    }

    /// As [`WebPlace::to_mercator`].
    pub fn to_mercator(&mut self, points: &mut [[f64; 2]]) {
        if !self.place.is_on_earth() {
            return self.place.to_mercator(points);
        }
        let homes = self.homes(points);
        let (side, mut left) = (self.side, Vec::new());
        for (i, (point, home)) in (0..).zip(points.iter_mut().zip(&homes)) {
            match self.grid(*home) {
                Some((corner, grid)) => {
                    let at = [0, 1].map(|axis| (point[axis] - corner[axis]) / side);
                    *point = between(grid, at);
                }
                None => left.push(i),
            }
        }
        let mut exact: Vec<[f64; 2]> = left.iter().map(|i: &usize| points[*i]).collect();
        self.place.to_mercator(&mut exact);
        for (i, point) in left.into_iter().zip(exact) {
            points[i] = point;
        }
    }

    /// The cell of every point, and in the cells how many points they have.
    fn homes(&mut self, points: &[[f64; 2]]) -> Vec<u32> {
        let limit = f64::from(i32::MAX);
        let mut last = None;
        let homes = points.iter().map(|point| {
            let column_row = point.map(|v| (v / self.side).floor());
            if !column_row.iter().all(|v| v.abs() < limit) {
                return NOWHERE;
            }
            let column_row = column_row.map(|v| v as i32);
            // Neighbours are in the same cell most often.
            let home = match last {
                Some((known, home)) if known == column_row => home,
                _ => self.cell(column_row),
            };
            last = Some((column_row, home));
            self.cells[home as usize].points += 1;
            home
        });
        homes.collect()
    }

    fn cell(&mut self, column_row: [i32; 2]) -> u32 {
        let cells = &mut self.cells;
        *self.number_of.entry(column_row).or_insert_with(|| {
            cells.push(Cell {
                corner: column_row.map(|v| f64::from(v) * self.side),
                points: 0,
                kind: Kind::New,
            });
            cells.len() as u32 - 1
        })
    }

    fn grid(&mut self, home: u32) -> Option<([f64; 2], &[[f64; 2]; 9])> {
        let cell = self.cells.get_mut(home as usize)?;
        if matches!(cell.kind, Kind::New) && cell.points >= FEWEST_POINTS {
            let grid = grid_of(&self.place, cell.corner, self.side);
            cell.kind = grid.map_or(Kind::Exact, |grid| Kind::Grid(Box::new(grid)));
        }
        match &cell.kind {
            Kind::Grid(grid) => Some((cell.corner, grid)),
            Kind::New | Kind::Exact => None,
        }
    }
}

/// `None` where PROJ does not go smoothly enough.
fn grid_of(place: &WebPlace, corner: [f64; 2], side: f64) -> Option<[[f64; 2]; 9]> {
    let at = |u: f64, v: f64| [corner[0] + u * side, corner[1] + v * side];
    let mut grid = [[0.0; 2]; 9];
    for (i, node) in grid.iter_mut().enumerate() {
        *node = at((i % 3) as f64 / 2.0, (i / 3) as f64 / 2.0);
    }
    place.to_mercator(&mut grid);
    let places = WORST.into_iter().flat_map(|u| WORST.map(|v| [u, v]));
    let mut exact: Vec<[f64; 2]> = places.clone().map(|[u, v]| at(u, v)).collect();
    place.to_mercator(&mut exact);
    let is_near = places.zip(exact).all(|(uv, exact)| {
        let found = between(&grid, uv);
        // Not so for what has no place at all.
        (found[0] - exact[0]).hypot(found[1] - exact[1]) <= TOLERANCE_M
    });
    is_near.then_some(grid)
}

/// Quadratic in both directions; `at` is 0 to 1 across the cell.
fn between(grid: &[[f64; 2]; 9], at: [f64; 2]) -> [f64; 2] {
    let shares = at.map(|t| {
        [
            2.0 * (t - 0.5) * (t - 1.0),
            4.0 * t * (1.0 - t),
            2.0 * t * (t - 0.5),
        ]
    });
    let mut sum = [0.0; 2];
    for (row, share_y) in grid.as_chunks::<3>().0.iter().zip(shares[1]) {
        for (node, share_x) in row.iter().zip(shares[0]) {
            let share = share_x * share_y;
            sum = [sum[0] + share * node[0], sum[1] + share * node[1]];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::crs::parse;

    fn both(crs: &Crs, mut points: Vec<[f64; 2]>) -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
        let mut exact = points.clone();
        WebPlace::new(crs, None).unwrap().to_mercator(&mut exact);
        QuickPlace::new(WebPlace::new(crs, None).unwrap(), crs).to_mercator(&mut points);
        (points, exact)
    }

    /// Points of a city of 40 km around a place.
    fn city(middle: [f64; 2], unit: f64) -> Vec<[f64; 2]> {
        let spread = |i: u64, k: u64| ((i * k) % 40_009) as f64 - 20_000.0;
        (0..200_000)
            .map(|i| {
                [
                    middle[0] + spread(i, 7_919) * unit,
                    middle[1] + spread(i, 15_485) * unit,
                ]
            })
            .collect()
    }

    #[test]
    fn a_city_lies_where_proj_puts_it_within_a_tenth_of_a_millimetre() {
        let degree = 1.0 / 111_319.49;
        for (code, middle, unit) in [
            ("EPSG:4538", [548_276.9, 4_851_567.0], 1.0),
            ("EPSG:4513", [25_460_000.0, 4_500_000.0], 1.0),
            ("EPSG:4490", [87.6, 43.8], degree),
            ("EPSG:4326", [116.4, 39.9], degree),
        ] {
            let (quick, exact) = both(&parse(code).unwrap(), city(middle, unit));
            for (a, b) in quick.iter().zip(&exact) {
                let off_m = (a[0] - b[0]).hypot(a[1] - b[1]);
                assert!(off_m <= 1e-4, "{code}: {off_m} m off at {b:?}");
            }
        }
    }

    #[test]
    fn what_lies_alone_or_has_no_place_goes_the_exact_way() {
        let crs = parse("EPSG:4538").unwrap();
        let points = vec![
            [548_276.9, 4_851_567.0],
            [f64::NAN, 1.0],
            [500_000.0, 3_000_000.0],
            [1e300, 5.0],
        ];
        let (quick, exact) = both(&crs, points);
        assert_eq!(format!("{quick:?}"), format!("{exact:?}"));
        // Near the pole of the web map nothing is smooth.
        let crs = parse("EPSG:4326").unwrap();
        let near_pole = (0..1_000).map(|i| [10.0, 89.99 + f64::from(i) * 1e-5]).collect();
        let (quick, exact) = both(&crs, near_pole);
        for (a, b) in quick.iter().zip(&exact) {
            assert!(a[1].is_nan() == b[1].is_nan());
            assert!(!(a[0] - b[0]).hypot(a[1] - b[1]).gt(&1e-4), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_system_without_a_place_on_earth_is_laid_flat() {
        let crs = Crs::local_metric();
        let (quick, exact) = both(&crs, city([0.0; 2], 1.0));
        assert_eq!(quick, exact);
    }
}
