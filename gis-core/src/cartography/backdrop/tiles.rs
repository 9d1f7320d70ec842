//! Tiles laid into a view. Where they come from is the business of a shelf that is handed in: files, or what a server
//! has sent before. Nothing here asks a server.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::drape::{Drape, blocks};
use super::{BackdropView, WebPlace};
use crate::cartography::layers::TileSource;
use crate::error::Result;
use crate::io::raster::{Mesh, Picture};
use crate::progress::Progress;

/// Tiles are pictures with lettering for screens: finer than this nobody could read it.
const MOST_DPI: f64 = 144.0;
/// How many levels up a stand-in is looked for.
const MOST_LEVELS_UP: u8 = 8;
/// Tiles kept at hand.
const MOST_TILES: usize = 256;

/// One tile; straight alpha, row by row from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct TilePicture {
    pub size: [usize; 2],
    pub rgba: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TileAnswer {
    Picture(TilePicture),
    /// The source has nothing there.
    Nothing,
    /// It may have something, which is not on this machine.
    Missing,
}

/// An opened source of tiles.
pub trait TilePyramid {
    /// The level whose tiles suit so many Web Mercator metres a pixel.
    fn level_for(&self, metres_per_px: f64) -> u8;

    /// Column and row of a place of Web Mercator metres as fractions, rows from the north.
    fn position(&self, level: u8, web: [f64; 2]) -> [f64; 2];

    fn tile(&mut self, level: u8, column: u32, row: u32) -> TileAnswer;
}

/// Opens sources of tiles.
pub trait TileShelf: Send + Sync {
    /// Hands the opened source to `read`.
    ///
    /// # Errors
    /// The source is not what it says, or is gone; or what `read` returns.
    fn open(
        &self,
        source: &TileSource,
        read: &mut dyn FnMut(&mut dyn TilePyramid) -> Result<()>,
    ) -> Result<()>;
}

/// How many tiles a view wanted, and how many of them are not on this machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) wanted: usize,
    pub(super) missing: usize,
}

/// The part of a tile that stands for a smaller one: left and top and side as shares.
type Part = (Rc<TilePicture>, [f64; 3]);

struct Cache<'a> {
    pyramid: &'a mut dyn TilePyramid,
    level: u8,
    tiles: HashMap<(u8, u32, u32), Option<Rc<TilePicture>>>,
    parts: HashMap<(u32, u32), Option<Part>>,
    wanted: HashSet<(u32, u32)>,
    missing: HashSet<(u32, u32)>,
}

impl Cache<'_> {
    /// The tile, or what stands in for it.
    fn part(&mut self, column: u32, row: u32) -> Option<Part> {
        if let Some(known) = self.parts.get(&(column, row)) {
            return known.clone();
        }
        if self.tiles.len() > MOST_TILES {
            self.tiles.clear();
            self.parts.clear();
        }
        self.wanted.insert((column, row));
        let mut found = None;
        for up in 0..=MOST_LEVELS_UP.min(self.level) {
            let side = f64::from(up).exp2();
            let above = (self.level - up, column >> up, row >> up);
            if let Some(tile) = self.tile(above, (column, row)) {
                let share = |own: u32, above: u32| (f64::from(own) - f64::from(above) * side) / side;
                found = Some((tile, [share(column, above.1), share(row, above.2), side.recip()]));
                break;
            }
        }
        self.parts.insert((column, row), found.clone());
        found
    }

    fn tile(&mut self, key: (u8, u32, u32), wanted: (u32, u32)) -> Option<Rc<TilePicture>> {
        if let Some(known) = self.tiles.get(&key) {
            return known.clone();
        }
        let answer = match self.pyramid.tile(key.0, key.1, key.2) {
            TileAnswer::Picture(picture) if !picture.size.contains(&0) => Some(Rc::new(picture)),
            TileAnswer::Missing => {
                if key.0 == self.level {
                    self.missing.insert(wanted);
                }
                None
            }
            TileAnswer::Picture(_) | TileAnswer::Nothing => None,
        };
        self.tiles.insert(key, answer.clone());
        answer
    }

    /// The colour at a place given by column and row as fractions.
    fn colour(&mut self, at: [f64; 2]) -> [u8; 4] {
        if at[0] < 0.0 || at[1] < 0.0 {
            return [0; 4];
        }
        let [column, row] = at.map(|v| v.floor().min(f64::from(u32::MAX)) as u32);
        let Some((tile, [left, top, side])) = self.part(column, row) else {
            return [0; 4];
        };
        smooth(
            &tile,
            [
                left + (at[0] - f64::from(column)) * side,
                top + (at[1] - f64::from(row)) * side,
            ],
        )
    }
}

/// Between four pixels of a tile, by shares of its sides.
fn smooth(tile: &TilePicture, at: [f64; 2]) -> [u8; 4] {
    let mut low = [0; 2];
    let mut share = [0.0; 2];
    for axis in 0..2 {
        let last = tile.size[axis] - 1;
        let place = (at[axis] * tile.size[axis] as f64 - 0.5).clamp(0.0, last as f64);
        low[axis] = (place as usize).min(last);
        share[axis] = place - low[axis] as f64;
    }
    let high = [0, 1].map(|axis| (low[axis] + 1).min(tile.size[axis] - 1));
    let mut sum = [0.0_f64; 4];
    for (x, y, weight) in [
        (low[0], low[1], (1.0 - share[0]) * (1.0 - share[1])),
        (high[0], low[1], share[0] * (1.0 - share[1])),
        (low[0], high[1], (1.0 - share[0]) * share[1]),
        (high[0], high[1], share[0] * share[1]),
    ] {
        let i = (y * tile.size[0] + x) * 4;
        let alpha = f64::from(tile.rgba[i + 3]) * weight;
        for (sum, value) in sum.iter_mut().zip(&tile.rgba[i..i + 3]) {
            *sum += f64::from(*value) * alpha;
        }
        sum[3] += alpha;
    }
    if sum[3] <= 0.0 {
        return [0; 4];
    }
    let [r, g, b] = [0, 1, 2].map(|i: usize| (sum[i] / sum[3]).round() as u8);
    [r, g, b, sum[3].round() as u8]
}

pub(super) fn lay(
    pyramid: &mut dyn TilePyramid,
    view: &BackdropView,
    place: &WebPlace,
    progress: &dyn Progress,
) -> Result<(Option<Drape>, Tally)> {
    let (Some(size), Some(web_m_per_mm)) = (view.pixels(MOST_DPI), view.web_m_per_mm(place)) else {
        return Ok((None, Tally::default()));
    };
    let metres_per_px = web_m_per_mm * view.size_mm[0] / size[0] as f64;
    let level = pyramid.level_for(metres_per_px);
    let mut cache = Cache {
        pyramid,
        level,
        tiles: HashMap::new(),
        parts: HashMap::new(),
        wanted: HashSet::new(),
        missing: HashSet::new(),
    };
    let drape = blocks(view, size, progress, |from, block| {
        let mesh = Mesh::new(block, |points| {
            for p in points.iter_mut() {
                *p = [p[0] + from[0] as f64, p[1] + from[1] as f64];
            }
            view.lay_on_web(size, place, points);
            for p in points {
                *p = cache.pyramid.position(level, *p);
            }
        });
        let mut pixels = vec![0_u8; block[0] * block[1] * 4];
        mesh.visit(|i, at| pixels[i * 4..i * 4 + 4].copy_from_slice(&cache.colour(at)));
        Ok(Some(Picture {
            size: block,
            pixels,
            is_coarse: false,
        }))
    })?;
    let tally = Tally {
        wanted: cache.wanted.len(),
        missing: cache.missing.len(),
    };
    Ok((drape, tally))
}
