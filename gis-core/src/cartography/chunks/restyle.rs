//! Gives features looks of their own: the same blocks with a style number for every style and look. Only style numbers
//! change, and features that are not drawn drop out; no line is projected or cut again.

use std::collections::BTreeMap;

use super::{Chunk, Chunks, Level, Run, Segment, Symbol};

/// Number of the look of features that are not drawn (see `thematic::NetworkLook`).
const HIDDEN: u16 = 1;

/// Style and look of an instance, in drawing order.
type Pair = (u16, u16);

trait Styled: Copy {
    fn style(&self) -> u32;
    fn with_style(self, style: u32) -> Self;
}

impl Styled for Segment {
    fn style(&self) -> u32 {
        self.style
    }

    fn with_style(self, style: u32) -> Self {
        Self { style, ..self }
    }
}

impl Styled for Symbol {
    fn style(&self) -> u32 {
        self.style
    }

    fn with_style(self, style: u32) -> Self {
        Self { style, ..self }
    }
}

impl Chunks {
    /// Blocks for features with looks: `pipes` and `nodes` hold the look number of every feature, or are empty where
    /// all are drawn as usual. Call it on blocks without looks.
    #[must_use]
    pub fn with_looks(&self, pipes: &[u16], nodes: &[u16]) -> Self {
        let line_pairs = numbered(self.levels.iter().flat_map(|level| &level.chunks), pipes);
        let symbol_pairs = numbered(self.symbols.iter(), nodes);
        let levels = self.levels.each_ref().map(|level| {
            let (chunks, segment_count) = restyled(&level.chunks, pipes, &line_pairs);
            Level {
                detail: level.detail,
                from_metres_per_px: level.from_metres_per_px,
                chunks,
                segment_count,
            }
        });
        let (symbols, symbol_count) = restyled(&self.symbols, nodes, &symbol_pairs);
        let key = |style: u16| usize::from(style);
        Self {
            pipe_keys: line_pairs
                .keys()
                .map(|(style, _)| self.pipe_keys[key(*style)])
                .collect(),
            node_keys: symbol_pairs
                .keys()
                .map(|(style, _)| self.node_keys[key(*style)])
                .collect(),
            pipe_looks: line_pairs.keys().map(|(_, look)| *look).collect(),
            node_looks: symbol_pairs.keys().map(|(_, look)| *look).collect(),
            levels,
            symbols,
            symbol_count,
            extent: self.extent,
            without_place: self.without_place,
        }
    }
}

fn look_of(looks: &[u16], feature: u32) -> u16 {
    looks.get(feature as usize).copied().unwrap_or(0)
}

/// Every pair that occurs, with its new style number: the position in drawing order.
fn numbered<'a, T: Styled + 'a>(
    chunks: impl Iterator<Item = &'a Chunk<T>>,
    looks: &[u16],
) -> BTreeMap<Pair, u16> {
    let mut pairs = BTreeMap::new();
    let mut last = None;
    for chunk in chunks {
        for run in &chunk.runs {
            for feature in &chunk.features[run.start as usize..run.end as usize] {
                let pair = (run.style, look_of(looks, *feature));
                if pair.1 != HIDDEN && last != Some(pair) {
                    pairs.insert(pair, 0);
                    last = Some(pair);
                }
            }
        }
    }
    // More pairs than style numbers: those that come last share the last number.
    for (i, number) in pairs.values_mut().enumerate() {
        *number = u16::try_from(i).unwrap_or(u16::MAX);
    }
    pairs
}

fn restyled<T: Styled>(
    chunks: &[Chunk<T>],
    looks: &[u16],
    numbers: &BTreeMap<Pair, u16>,
) -> (Vec<Chunk<T>>, usize) {
    let mut count = 0;
    let mut order: Vec<(u16, u32)> = Vec::new();
    let made = chunks
        .iter()
        .map(|chunk| {
            order.clear();
            for run in &chunk.runs {
                let mut last: Option<(u16, u16)> = None;
                for i in run.start..run.end {
                    let look = look_of(looks, chunk.features[i as usize]);
                    if look == HIDDEN {
                        continue;
                    }
                    let number = match last {
                        Some((known, number)) if known == look => number,
                        _ => numbers.get(&(run.style, look)).copied().unwrap_or(0),
                    };
                    last = Some((look, number));
                    order.push((number, i));
                }
            }
            order.sort_by_key(|(number, _)| *number);
            count += order.len();
            let mut runs: Vec<Run> = Vec::new();
            for (i, (style, _)) in order.iter().enumerate() {
                let i = i as u32;
                match runs.last_mut() {
                    Some(run) if run.style == *style => run.end = i + 1,
                    _ => runs.push(Run {
                        style: *style,
                        start: i,
                        end: i + 1,
                    }),
                }
            }
            Chunk {
                origin: chunk.origin,
                bbox: chunk.bbox,
                instances: order
                    .iter()
                    .map(|(number, i)| {
                        let instance = chunk.instances[*i as usize];
                        instance.with_style((instance.style() & 0xffff_0000) | u32::from(*number))
                    })
                    .collect(),
                runs,
                features: order.iter().map(|(_, i)| chunk.features[*i as usize]).collect(),
            }
        })
        .collect();
    (made, count)
}
