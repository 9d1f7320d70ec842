//! How much of each block the looks of its features leave to be drawn, so that a view knows what it costs. It hides
//! nothing itself; the graphics card does, feature by feature.

use super::{Chunk, Chunks, DrawList, OfFeature};

/// Instances of every block whose feature is drawn; empty where no feature is hidden.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrawnCounts {
    levels: [Vec<u32>; 3],
    symbols: Vec<u32>,
}

impl DrawnCounts {
    /// By whether a pipe, and whether a node, is drawn. Takes as long as reading all blocks once.
    pub fn of(
        chunks: &Chunks,
        is_pipe_drawn: impl Fn(u32) -> bool,
        is_node_drawn: impl Fn(u32) -> bool,
    ) -> Self {
        Self {
            levels: chunks
                .levels
                .each_ref()
                .map(|level| counts(&level.chunks, &is_pipe_drawn)),
            symbols: counts(&chunks.symbols, &is_node_drawn),
        }
    }

    pub fn level(&self, level: usize) -> &[u32] {
        &self.levels[level]
    }

    pub fn symbols(&self) -> &[u32] {
        &self.symbols
    }
}

fn counts<T: OfFeature>(chunks: &[Chunk<T>], is_drawn: &impl Fn(u32) -> bool) -> Vec<u32> {
    chunks
        .iter()
        .map(|chunk| {
            let drawn = chunk.instances.iter().filter(|i| is_drawn(i.feature()));
            drawn.count() as u32
        })
        .collect()
}

impl DrawList {
    /// Takes out the blocks of which nothing is drawn, and counts of the others no more than is. Blocks beyond the end
    /// of `drawn`, those of edits, stay.
    pub fn leave_out(&mut self, drawn: &[u32]) {
        if drawn.is_empty() {
            return;
        }
        self.draws
            .retain(|draw| drawn.get(draw.chunk as usize) != Some(&0));
        self.chunk_count = 0;
        self.instance_count = 0;
        for draws in self.draws.chunk_by(|a, b| a.chunk == b.chunk) {
            let listed: u32 = draws.iter().map(|draw| draw.end - draw.start).sum();
            let most = drawn.get(draws[0].chunk as usize).copied().unwrap_or(listed);
            self.chunk_count += 1;
            self.instance_count += listed.min(most) as usize;
        }
    }
}
