//! A few lines and symbols on top of the network (a burst, a route) in the same blocks. It does not choose them.

use super::block::Packer;
use super::build::{BLOCK_EXTENT_M, push_line, segment, symbol, turn};
use super::{Chunk, Segment, Symbol};

/// One line in project coordinates; `style` is a number of the caller's own table.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlayLine {
    pub style: u16,
    pub vertices: Vec<[f64; 2]>,
}

/// One symbol in project coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlaySymbol {
    pub style: u16,
    pub position: [f64; 2],
    /// Counter-clockwise from east, in radians.
    pub angle: f64,
}

/// Blocks of an overlay. Later styles lie on top within a block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overlay {
    pub lines: Vec<Chunk<Segment>>,
    pub symbols: Vec<Chunk<Symbol>>,
}

impl Overlay {
    /// What has no finite place is left out.
    pub fn build(
        lines: &[OverlayLine],
        symbols: &[OverlaySymbol],
        to_mercator: &mut super::ToMercator<'_>,
    ) -> Self {
        const PER_CHUNK: usize = 4_096;
        let mut line_packer = Packer::new(PER_CHUNK, BLOCK_EXTENT_M, segment);
        // All at once: a call of the projection costs more than a point.
        let mut vertices: Vec<[f64; 2]> = lines
            .iter()
            .flat_map(|line| line.vertices.iter().copied())
            .collect();
        to_mercator(&mut vertices);
        let mut start = 0;
        for (i, line) in lines.iter().enumerate() {
            let end = start + line.vertices.len();
            let vertices = &vertices[start..end];
            start = end;
            if vertices.iter().flatten().all(|v| v.is_finite()) {
                push_line(
                    &mut line_packer,
                    vertices,
                    line.style,
                    i as u32,
                    false,
                    BLOCK_EXTENT_M,
                );
            }
        }
        let mut symbol_packer = Packer::new(PER_CHUNK, BLOCK_EXTENT_M, symbol);
        let mut places: Vec<[f64; 2]> = symbols.iter().map(|s| s.position).collect();
        to_mercator(&mut places);
        for (i, (s, place)) in symbols.iter().zip(places).enumerate() {
            if place[0].is_finite() && place[1].is_finite() {
                symbol_packer.push(super::block::Raw {
                    a: place,
                    b: place,
                    style: s.style,
                    extra: turn(s.angle),
                    feature: i as u32,
                });
            }
        }
        Self {
            lines: line_packer.finish().0,
            symbols: symbol_packer.finish().0,
        }
    }
}
