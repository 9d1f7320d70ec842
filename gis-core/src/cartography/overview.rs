//! The whole network as a small picture of coverage, for finding one's way. It has no colours and no symbols.

use super::chunks::{Chunk, Chunks, Segment};

/// What one line adds to a pixel it passes; a few lines make it full.
const INK: u8 = 110;
const MARGIN_PX: f64 = 4.0;

/// A picture of coverage, 0 where nothing is, row by row from the upper left.
#[derive(Debug, Clone, PartialEq)]
pub struct Silhouette {
    pub width: usize,
    pub height: usize,
    pub coverage: Vec<u8>,
    /// Mercator metres at the upper left corner.
    pub origin: [f64; 2],
    pub metres_per_px: f64,
}

impl Silhouette {
    /// Pixels from the upper left, from Mercator metres.
    pub fn px(&self, world: [f64; 2]) -> [f64; 2] {
        [
            (world[0] - self.origin[0]) / self.metres_per_px,
            (self.origin[1] - world[1]) / self.metres_per_px,
        ]
    }

    /// The coverage with `n` by `n` pixels made one, for a picture drawn that much smaller: width, height, rows.
    /// A pixel is as dark as its darker half, so that thin lines stay lines.
    pub fn shrunk(&self, n: usize) -> (usize, usize, Vec<u8>) {
        let n = n.max(1);
        let (width, height) = (self.width.div_ceil(n), self.height.div_ceil(n));
        let mut sums = vec![0_u32; width * height];
        for (row, line) in self.coverage.chunks_exact(self.width).enumerate() {
            for (column, coverage) in line.iter().enumerate() {
                sums[row / n * width + column / n] += u32::from(*coverage);
            }
        }
        let across = |i: usize, whole: usize| n.min(whole - i * n);
        let rows = (0..width * height).map(|i| {
            let area = across(i % width, self.width) * across(i / width, self.height);
            (sums[i] / area.div_ceil(2) as u32).min(255) as u8
        });
        let rows = rows.collect();
        (width, height, rows)
    }

    /// The inverse of [`Self::px`].
    pub fn world(&self, px: [f64; 2]) -> [f64; 2] {
        [
            self.origin[0] + px[0] * self.metres_per_px,
            self.origin[1] - px[1] * self.metres_per_px,
        ]
    }
}

/// Draws the network into a picture of at most that size with its own proportions; `None` for an empty network.
pub fn silhouette(chunks: &Chunks, [most_width, most_height]: [usize; 2]) -> Option<Silhouette> {
    let b = chunks.extent?;
    let (across, down) = ((b[2] - b[0]).max(1.0), (b[3] - b[1]).max(1.0));
    let room = |most: usize| (most as f64 - 2.0 * MARGIN_PX).max(8.0);
    let metres_per_px = (across / room(most_width)).max(down / room(most_height));
    let side = |metres: f64| (metres / metres_per_px + 2.0 * MARGIN_PX).ceil() as usize;
    let (width, height) = (side(across), side(down));
    let mut picture = Silhouette {
        width,
        height,
        coverage: vec![0; width * height],
        origin: [b[0] - MARGIN_PX * metres_per_px, b[3] + MARGIN_PX * metres_per_px],
        metres_per_px,
    };
    // The coarsest level that holds anything: a network of small pipes has no mains.
    let level = chunks.levels.iter().rev().find(|level| level.segment_count > 0)?;
    for chunk in &level.chunks {
        draw(&mut picture, chunk);
    }
    Some(picture)
}

fn draw(picture: &mut Silhouette, chunk: &Chunk<Segment>) {
    let at = |p: [f32; 2]| {
        picture.px([
            chunk.origin[0] + f64::from(p[0]),
            chunk.origin[1] + f64::from(p[1]),
        ])
    };
    let lines: Vec<[[f64; 2]; 2]> = chunk.instances.iter().map(|s| [at(s.a), at(s.b)]).collect();
    for [a, b] in lines {
        let d = [b[0] - a[0], b[1] - a[1]];
        let steps = d[0].abs().max(d[1].abs()).ceil().max(1.0);
        if !steps.is_finite() {
            continue;
        }
        for i in 0..=steps as usize {
            let t = i as f64 / steps;
            let (x, y) = (a[0] + t * d[0], a[1] + t * d[1]);
            let is_inside = x >= 0.0 && y >= 0.0 && x < picture.width as f64 && y < picture.height as f64;
            if is_inside {
                let pixel = &mut picture.coverage[y as usize * picture.width + x as usize];
                *pixel = pixel.saturating_add(INK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cartography::chunks::{ChunkOptions, build};
    use crate::network::{NetworkBuilder, NetworkOptions, PipeInput};
    use crate::{ClassIndex, IdSource, NoProgress};

    #[test]
    fn a_line_is_still_a_line_in_the_shrunk_picture() {
        let picture = Silhouette {
            width: 5,
            height: 4,
            coverage: [[0; 5], [255; 5], [0; 5], [0; 5]].concat(),
            origin: [0.0; 2],
            metres_per_px: 1.0,
        };
        assert_eq!(picture.shrunk(1), (5, 4, picture.coverage.clone()));
        assert_eq!(picture.shrunk(2), (3, 2, vec![255, 255, 255, 0, 0, 0]));
    }

    #[test]
    fn the_picture_has_the_networks_proportions_and_ink_where_pipes_are() {
        let mut ids = IdSource::new(0, 1);
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        for vertices in [[[0.0, 0.0], [2_000.0, 0.0]], [[0.0, 0.0], [0.0, 1_000.0]]] {
            builder.add_pipe(&PipeInput {
                diameter_mm: 300.0,
                vertices: &vertices,
                ..PipeInput::new(ids.next_id(), ClassIndex(0))
            });
        }
        let net = builder.build(&NoProgress).unwrap();
        let chunks = build(
            &net,
            &|| Ok(Box::new(|_: &mut [[f64; 2]]| {})),
            &ChunkOptions::default(),
            &NoProgress,
        )
        .unwrap();
        let picture = silhouette(&chunks, [208, 208]).unwrap();
        assert_eq!((picture.width, picture.height), (208, 108));
        let ink = |world: [f64; 2]| {
            let [x, y] = picture.px(world);
            picture.coverage[y as usize * picture.width + x as usize]
        };
        assert!(ink([1_000.0, 0.0]) > 0 && ink([0.0, 500.0]) > 0);
        assert_eq!(ink([1_000.0, 500.0]), 0);
        let back = picture.world(picture.px([300.0, 700.0]));
        assert!((back[0] - 300.0).abs() < 1e-6 && (back[1] - 700.0).abs() < 1e-6);
    }
}
