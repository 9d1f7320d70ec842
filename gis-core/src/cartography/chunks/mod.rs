//! The network cut into blocks for the graphics card: line segments and symbols in Web Mercator, each block with
//! a double-precision origin and single-precision offsets. It knows no colour and draws nothing.
//!
//! Neighbours lie in one block because the network is in Hilbert order. Every instance carries a style number,
//! the position of its [`PipeKey`] or [`NodeKey`], and the number of its feature; what a key or a single feature looks
//! like is decided elsewhere and can change without touching the geometry. Lines exist in three levels of detail; a view picks one by its scale, then
//! takes the blocks that meet it and of each only the runs whose style is shown.

mod block;
mod build;
mod cull;
mod drawn;
mod edit;
mod flow;
mod follow;
mod keys;
mod overlay;
mod simplify;
#[cfg(test)]
mod tests;

use bytemuck::{Pod, Zeroable};

pub use build::{ChunkOptions, ToMercator, Way, build, direction};
pub use cull::{Draw, DrawList, Slant, View};
pub use drawn::DrawnCounts;
pub use edit::{ChangedLine, ChangedSymbol, Edits, FeatureRanges, NetworkChange, Patch, Touched};
pub(crate) use flow::against_drawing;
pub use keys::{NodeKey, PipeKey, SYMBOL_FLAGS};
pub use overlay::{Overlay, OverlayLine, OverlaySymbol};
pub use simplify::simplify;

/// One straight stretch of a pipe, offsets in Mercator metres from its block's origin. 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Segment {
    pub a: [f32; 2],
    pub b: [f32; 2],
    /// Style number in the low half; in the high half the distance of `a` from the pipe's start in quarter
    /// metres (modulo 2^15), which keeps dashes even across bends, and on top whether water runs from `b` to `a`.
    pub style: u32,
    /// Position of the pipe in the network, [`NEW_FEATURE`] where it has none, [`GONE_FEATURE`] where it is no more.
    pub feature: u32,
}

/// One point symbol. 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Symbol {
    pub position: [f32; 2],
    /// Style number in the low half; in the high half the direction of the pipe under it, counter-clockwise
    /// from east, as a fraction of a full turn times 2^16.
    pub style: u32,
    /// Position of the node in the network, [`NEW_FEATURE`] where it has none, [`GONE_FEATURE`] where it is no more.
    pub feature: u32,
}

/// Stands for a feature that the network does not have yet.
pub const NEW_FEATURE: u32 = u32::MAX;
/// Stands for a feature that an edit took away; the shader draws nothing of it.
pub const GONE_FEATURE: u32 = u32::MAX - 1;

/// Something drawn that belongs to a feature.
pub trait OfFeature {
    fn feature(&self) -> u32;

    /// The same as a part of another feature.
    #[must_use]
    fn of_feature(self, feature: u32) -> Self;

    /// The same counted from an origin that lies elsewhere: `by` is the old origin less the new one.
    #[must_use]
    fn moved(self, by: [f64; 2]) -> Self;

    fn style_number(&self) -> u16;
}

fn moved(p: [f32; 2], by: [f64; 2]) -> [f32; 2] {
    [0, 1].map(|axis| (f64::from(p[axis]) + by[axis]) as f32)
}

impl OfFeature for Segment {
    fn feature(&self) -> u32 {
        self.feature
    }

    fn of_feature(self, feature: u32) -> Self {
        Self { feature, ..self }
    }

    fn moved(self, by: [f64; 2]) -> Self {
        Self {
            a: moved(self.a, by),
            b: moved(self.b, by),
            ..self
        }
    }

    fn style_number(&self) -> u16 {
        (self.style & 0xffff) as u16
    }
}

impl OfFeature for Symbol {
    fn feature(&self) -> u32 {
        self.feature
    }

    fn of_feature(self, feature: u32) -> Self {
        Self { feature, ..self }
    }

    fn moved(self, by: [f64; 2]) -> Self {
        Self {
            position: moved(self.position, by),
            ..self
        }
    }

    fn style_number(&self) -> u16 {
        (self.style & 0xffff) as u16
    }
}

/// Instances of one block that share a style: `start..end` of its instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub style: u16,
    pub start: u32,
    pub end: u32,
}

/// A block of instances small enough for single-precision offsets, sorted by style number.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk<T> {
    /// Mercator metres.
    pub origin: [f64; 2],
    /// `[min_x, min_y, max_x, max_y]` in Mercator metres.
    pub bbox: [f64; 4],
    pub instances: Vec<T>,
    pub runs: Vec<Run>,
}

/// How closely lines follow their geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detail {
    /// Every vertex.
    Full,
    /// Every pipe, without bends smaller than a pixel.
    Simplified,
    /// The larger pipes only, where the network has too many to draw them all.
    Mains,
}

/// All lines at one level of detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    pub detail: Detail,
    /// Used from this many Mercator metres per pixel on.
    pub from_metres_per_px: f64,
    pub chunks: Vec<Chunk<Segment>>,
    pub segment_count: usize,
}

/// The whole network, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunks {
    /// Style number = position. In drawing order: what comes later lies on top.
    pub pipe_keys: Vec<PipeKey>,
    /// The same for symbols.
    pub node_keys: Vec<NodeKey>,
    /// From fine to coarse.
    pub levels: [Level; 3],
    pub symbols: Vec<Chunk<Symbol>>,
    pub symbol_count: usize,
    /// Mercator metres; `None` when nothing has a place.
    pub extent: Option<[f64; 4]>,
    /// Pipes and nodes without usable coordinates.
    pub without_place: usize,
}

impl Chunks {
    /// Bytes of all instances, which is what the graphics card will hold once everything has been seen.
    pub fn instance_bytes(&self) -> usize {
        let lines: usize = self.levels.iter().map(|level| level.segment_count).sum();
        lines * size_of::<Segment>() + self.symbol_count * size_of::<Symbol>()
    }
}

/// Radius of the sphere of Web Mercator (EPSG:3857), in metres.
pub const MERCATOR_RADIUS_M: f64 = 6_378_137.0;

/// Longitude and latitude in degrees to Web Mercator metres (EPSG:3857); latitudes are clamped to the square map.
pub fn mercator_from_lon_lat(lon_lat: [f64; 2]) -> [f64; 2] {
    let latitude = lon_lat[1].clamp(-85.051_128_78, 85.051_128_78).to_radians();
    [
        lon_lat[0].to_radians() * MERCATOR_RADIUS_M,
        latitude.tan().asinh() * MERCATOR_RADIUS_M,
    ]
}

/// The inverse of [`mercator_from_lon_lat`].
pub fn lon_lat_from_mercator(world: [f64; 2]) -> [f64; 2] {
    [
        (world[0] / MERCATOR_RADIUS_M).to_degrees(),
        (world[1] / MERCATOR_RADIUS_M).sinh().atan().to_degrees(),
    ]
}
