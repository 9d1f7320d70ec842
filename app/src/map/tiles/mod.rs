//! Pictures under the network: cut into tiles, drawn as textured quads that turn with the map. It draws no vectors.

mod grid;
mod quads;

pub use grid::Grid;
pub(in crate::map) use quads::draw_quad;
