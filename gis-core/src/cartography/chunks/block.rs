//! Collects instances into blocks of bounded size and extent. It does not know what they stand for.

use super::{Chunk, Run};

/// What a block is made of before its origin is known: two ends for a segment, the same place twice for a symbol.
pub(super) struct Raw {
    pub(super) a: [f64; 2],
    pub(super) b: [f64; 2],
    pub(super) style: u16,
    pub(super) extra: u16,
    pub(super) feature: u32,
}

/// Fills one block after the other.
pub(super) struct Packer<T> {
    max_count: usize,
    /// A block is never wider or higher than this, so that offsets keep their precision.
    max_extent_m: f64,
    make: fn(&Raw, [f64; 2]) -> T,
    waiting: Vec<Raw>,
    bbox: [f64; 4],
    chunks: Vec<Chunk<T>>,
    count: usize,
}

pub(super) const EMPTY_BOX: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

pub(super) fn extended(bbox: [f64; 4], p: [f64; 2]) -> [f64; 4] {
    [
        bbox[0].min(p[0]),
        bbox[1].min(p[1]),
        bbox[2].max(p[0]),
        bbox[3].max(p[1]),
    ]
}

pub(super) fn union(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

impl<T> Packer<T> {
    pub(super) fn new(max_count: usize, max_extent_m: f64, make: fn(&Raw, [f64; 2]) -> T) -> Self {
        Self {
            max_count: max_count.max(1),
            max_extent_m,
            make,
            waiting: Vec::with_capacity(max_count),
            bbox: EMPTY_BOX,
            chunks: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn push(&mut self, raw: Raw) {
        let bbox = extended(extended(self.bbox, raw.a), raw.b);
        let too_wide = (bbox[2] - bbox[0]).max(bbox[3] - bbox[1]) > self.max_extent_m;
        if !self.waiting.is_empty() && (too_wide || self.waiting.len() >= self.max_count) {
            self.flush();
            self.bbox = extended(extended(EMPTY_BOX, raw.a), raw.b);
        } else {
            self.bbox = bbox;
        }
        self.waiting.push(raw);
    }

    fn flush(&mut self) {
        let origin = [
            f64::midpoint(self.bbox[0], self.bbox[2]),
            f64::midpoint(self.bbox[1], self.bbox[3]),
        ];
        // Stable: within a style the order of the network stays.
        self.waiting.sort_by_key(|raw| raw.style);
        let mut runs: Vec<Run> = Vec::new();
        for (i, raw) in self.waiting.iter().enumerate() {
            let i = i as u32;
            match runs.last_mut() {
                Some(run) if run.style == raw.style => run.end = i + 1,
                _ => runs.push(Run {
                    style: raw.style,
                    start: i,
                    end: i + 1,
                }),
            }
        }
        let make = self.make;
        self.chunks.push(Chunk {
            origin,
            bbox: self.bbox,
            instances: self.waiting.iter().map(|raw| make(raw, origin)).collect(),
            runs,
        });
        self.count += self.waiting.len();
        self.waiting.clear();
    }

    /// The blocks and the number of instances in them.
    pub(super) fn finish(mut self) -> (Vec<Chunk<T>>, usize) {
        if !self.waiting.is_empty() {
            self.flush();
        }
        (self.chunks, self.count)
    }
}
