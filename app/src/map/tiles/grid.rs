//! Which tiles of a pyramid lie in a view, and where each lies on the map. It fetches and draws nothing.

use gis_core::cartography::chunks::{MERCATOR_RADIUS_M, View, lon_lat_from_mercator, mercator_from_lon_lat};
use walkers::TileId;

/// Half the width of the square world in Mercator metres.
const HALF_WORLD_M: f64 = std::f64::consts::PI * MERCATOR_RADIUS_M;
#[cfg(test)]
/// Width of a nominal tile at level 0, in points.
const TILE_POINTS: f64 = 256.0;
/// A view needs a few dozen; a source with tiny tiles or a strange zoom shall not ask for thousands.
const MOST_TILES: usize = 600;
/// The deepest level whose columns fit a `u32` with room to spare.
pub(in crate::map) const DEEPEST_LEVEL: u8 = 30;

/// How a source cuts the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Grid {
    /// Web Mercator, one tile at level 0 (EPSG:3857; `w` at Tianditu).
    #[default]
    WebMercator,
    /// Degrees, two tiles side by side at level 1 (EPSG:4490 and 4326; `c` at Tianditu).
    Degrees,
}

/// One tile in one place, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::map) struct Patch {
    pub(in crate::map) id: TileId,
    /// West and east edge in Mercator metres.
    pub(in crate::map) x: [f64; 2],
    /// Mercator metres of the tile's top edge, of the lines between its strips and of its bottom edge. A tile in
    /// degrees is stretched unevenly and needs strips; one in Mercator has a single one.
    pub(in crate::map) y: Vec<f64>,
}

impl Grid {
    /// The level whose tiles are drawn at most half again as large as they are, with tiles of `tile_px`.
    pub(in crate::map) fn level_for(self, metres_per_point: f64, tile_px: f64) -> u8 {
        let world_points = 2.0 * HALF_WORLD_M / metres_per_point.max(1e-6);
        let level = (world_points / tile_px.max(16.0)).log2();
        (level - 0.08)
            .ceil()
            .clamp(f64::from(self.first_level()), f64::from(DEEPEST_LEVEL)) as u8
    }

    fn first_level(self) -> u8 {
        match self {
            Self::WebMercator => 0,
            Self::Degrees => 1,
        }
    }

    pub(super) fn columns(level: u8) -> u32 {
        1 << level.min(DEEPEST_LEVEL)
    }

    pub(super) fn rows(self, level: u8) -> u32 {
        match self {
            Self::WebMercator => Self::columns(level),
            Self::Degrees => (Self::columns(level) / 2).max(1),
        }
    }

    /// Column and row of a place, as fractions; rows from the north.
    pub(super) fn position(self, level: u8, world: [f64; 2]) -> [f64; 2] {
        let columns = f64::from(Self::columns(level));
        let across = (world[0] / HALF_WORLD_M).midpoint(1.0) * columns;
        match self {
            Self::WebMercator => [across, (-world[1] / HALF_WORLD_M).midpoint(1.0) * columns],
            Self::Degrees => {
                let latitude = lon_lat_from_mercator(world)[1];
                [across, (90.0 - latitude) / 360.0 * columns]
            }
        }
    }

    /// The tiles of a level that a view meets, nearest to its middle first.
    pub(in crate::map) fn tiles_in(self, level: u8, view: &View) -> Vec<TileId> {
        let b = view.bbox;
        let low = self.position(level, [b[0], b[3]]);
        let high = self.position(level, [b[2], b[1]]);
        let range = |low: f64, high: f64, count: u32| {
            let last = f64::from(count) - 1.0;
            (high >= 0.0 && low <= last + 1.0).then(|| {
                (
                    low.floor().clamp(0.0, last) as u32,
                    high.floor().clamp(0.0, last) as u32,
                )
            })
        };
        let (Some((west, east)), Some((north, south))) = (
            range(low[0], high[0], Self::columns(level)),
            range(low[1], high[1], self.rows(level)),
        ) else {
            return Vec::new();
        };
        let count = u64::from(east - west + 1) * u64::from(south - north + 1);
        if count > MOST_TILES as u64 {
            return Vec::new();
        }
        let mut tiles: Vec<TileId> = (north..=south)
            .flat_map(|y| (west..=east).map(move |x| TileId { x, y, zoom: level }))
            .filter(|id| view.meets(self.bbox(*id)))
            .collect();
        let middle = [low[0].midpoint(high[0]) - 0.5, low[1].midpoint(high[1]) - 0.5];
        tiles.sort_by(|a, b| {
            let distance = |id: &TileId| (f64::from(id.x) - middle[0]).hypot(f64::from(id.y) - middle[1]);
            distance(a).total_cmp(&distance(b))
        });
        tiles
    }

    /// `[min_x, min_y, max_x, max_y]` of a tile in Mercator metres.
    pub(in crate::map) fn bbox(self, id: TileId) -> [f64; 4] {
        let [west, north] = self.corner(id.zoom, f64::from(id.x), f64::from(id.y));
        let [east, south] = self.corner(id.zoom, f64::from(id.x) + 1.0, f64::from(id.y) + 1.0);
        [west, south, east, north]
    }

    pub(in crate::map) fn patch(self, id: TileId) -> Patch {
        let [west, south, east, north] = self.bbox(id);
        // From level 12 on the stretch within a tile is below a hundredth of a pixel.
        let strips = match self {
            Self::Degrees if id.zoom < 12 => 16,
            _ => 1,
        };
        let mut y = vec![north];
        y.extend((1..strips).map(|i| {
            let row = f64::from(id.y) + f64::from(i) / f64::from(strips);
            self.corner(id.zoom, 0.0, row)[1]
        }));
        y.push(south);
        Patch {
            id,
            x: [west, east],
            y,
        }
    }

    /// The upper left corner of a tile, or a place within it by fractions.
    fn corner(self, level: u8, column: f64, row: f64) -> [f64; 2] {
        let columns = f64::from(Self::columns(level));
        let x = (2.0 * column / columns - 1.0) * HALF_WORLD_M;
        match self {
            Self::WebMercator => [x, (1.0 - 2.0 * row / columns) * HALF_WORLD_M],
            Self::Degrees => [x, mercator_from_lon_lat([0.0, 90.0 - row * 360.0 / columns])[1]],
        }
    }
}

/// The tile `levels` above, and which part of it the tile covers: left, top and side as fractions.
pub(in crate::map) fn ancestor(id: TileId, levels: u8) -> Option<(TileId, [f32; 3])> {
    if levels > id.zoom || levels > 16 {
        return None;
    }
    let side = 1_u32 << levels;
    let part = (side as f32).recip();
    let above = TileId {
        x: id.x >> levels,
        y: id.y >> levels,
        zoom: id.zoom - levels,
    };
    Some((
        above,
        [(id.x % side) as f32 * part, (id.y % side) as f32 * part, part],
    ))
}

/// The four tiles one level below.
pub(in crate::map) fn children(id: TileId) -> impl Iterator<Item = TileId> {
    let is_deep = id.zoom >= DEEPEST_LEVEL;
    (0..if is_deep { 0 } else { 4 }).map(move |i| TileId {
        x: id.x * 2 + (i & 1),
        y: id.y * 2 + (i >> 1),
        zoom: id.zoom + 1,
    })
}

/// Width in points at which the tiles of level `level` are drawn, for tests and the choice of a level.
#[cfg(test)]
fn drawn_points(level: u8, metres_per_point: f64) -> f64 {
    2.0 * HALF_WORLD_M / f64::from(Grid::columns(level)) / metres_per_point
}

/// Metres per point of a level whose tiles are drawn at their nominal size.
#[cfg(test)]
fn nominal_metres_per_point(level: u8) -> f64 {
    2.0 * HALF_WORLD_M / f64::from(Grid::columns(level)) / TILE_POINTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(centre: [f64; 2], half: [f64; 2]) -> View {
        View {
            bbox: [
                centre[0] - half[0],
                centre[1] - half[1],
                centre[0] + half[0],
                centre[1] + half[1],
            ],
            metres_per_px: 1.0,
            slant: None,
        }
    }

    #[test]
    fn a_tile_is_where_its_numbers_say() {
        // Urumqi at level 12 of the web grid.
        let place = mercator_from_lon_lat([87.617, 43.826]);
        let [tile] = Grid::WebMercator.tiles_in(12, &view(place, [1.0, 1.0]))[..] else {
            panic!("one tile holds a point")
        };
        assert_eq!((tile.x, tile.y), (3_044, 1_492));
        let b = Grid::WebMercator.bbox(tile);
        assert!(b[0] < place[0] && place[0] < b[2] && b[1] < place[1] && place[1] < b[3]);
        // At level 12 of the grid in degrees a tile is 360/4096 degrees wide.
        let [tile] = Grid::Degrees.tiles_in(12, &view(place, [1.0, 1.0]))[..] else {
            panic!("one tile holds a point")
        };
        let step = 360.0 / 4_096.0;
        assert_eq!(
            (tile.x, tile.y),
            (((87.617 + 180.0) / step) as u32, ((90.0 - 43.826) / step) as u32)
        );
        let b = Grid::Degrees.bbox(tile);
        assert!(b[0] < place[0] && place[0] < b[2] && b[1] < place[1] && place[1] < b[3]);
    }

    #[test]
    fn a_tile_in_degrees_is_laid_in_strips_that_follow_mercator() {
        let patch = Grid::Degrees.patch(TileId { x: 2, y: 0, zoom: 3 });
        assert_eq!(patch.y.len(), 17);
        assert!(patch.y.windows(2).all(|w| w[0] >= w[1]), "from north to south");
        // The line in the middle of the tile from 90° to 45° north is 67.5° north.
        let middle = mercator_from_lon_lat([0.0, 67.5])[1];
        assert!((patch.y[8] - middle).abs() < 1.0);
        assert_eq!(Grid::WebMercator.patch(TileId { x: 2, y: 0, zoom: 3 }).y.len(), 2);
    }

    #[test]
    fn the_middle_comes_first_and_the_edge_of_the_world_is_the_end() {
        let tiles = Grid::WebMercator.tiles_in(3, &view([0.0, 0.0], [6.0e6, 6.0e6]));
        assert!(
            tiles[..4]
                .iter()
                .all(|t| (3..=4).contains(&t.x) && (3..=4).contains(&t.y))
        );
        let world = Grid::WebMercator.tiles_in(2, &view([0.0, 0.0], [9.0e7, 9.0e7]));
        assert_eq!(world.len(), 16);
        assert!(
            Grid::WebMercator
                .tiles_in(5, &view([9.0e7, 0.0], [10.0, 10.0]))
                .is_empty()
        );
        assert!(
            Grid::WebMercator
                .tiles_in(20, &view([0.0, 0.0], [1.0e7, 1.0e7]))
                .is_empty()
        );
    }

    #[test]
    fn tiles_are_never_drawn_much_larger_than_they_are() {
        for level in [3_u8, 9, 16] {
            for zoom in [0.0, 0.3, 0.5, 0.9] {
                let metres_per_point = nominal_metres_per_point(level) / f64::exp2(zoom);
                let chosen = Grid::WebMercator.level_for(metres_per_point, TILE_POINTS);
                let points = drawn_points(chosen, metres_per_point);
                assert!((128.0..280.0).contains(&points), "{points} at {level}+{zoom}");
            }
        }
    }

    #[test]
    fn a_tile_knows_its_part_of_the_one_above() {
        let id = TileId { x: 21, y: 6, zoom: 5 };
        let above = TileId { x: 5, y: 1, zoom: 3 };
        assert_eq!(ancestor(id, 2), Some((above, [0.25, 0.5, 0.25])));
        assert_eq!(ancestor(id, 6), None);
        assert!(children(above).all(|child| ancestor(child, 1).map(|a| a.0) == Some(above)));
    }
}
