//! Changes of a few features without building everything anew: in the blocks they were in they are marked as gone, and
//! what they are now lies in small blocks of its own. It changes no network and draws nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::block::{Packer, Raw, union};
use super::build::{BLOCK_EXTENT_M, MAINS_EXTENT_M, SIMPLIFIED_EXTENT_M, push_line, segment, symbol, turn};
use super::keys::{NodeKey, PipeKey};
use super::{
    Chunk, Chunks, Detail, DrawList, GONE_FEATURE, NEW_FEATURE, OfFeature, Run, Segment, Symbol, ToMercator,
    View, simplify,
};
use crate::network::{NodeIndex, PipeIndex};

/// A pipe as it is now, in project coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedLine {
    /// The pipe of the network that it was, whose look it keeps; `None` for a new one.
    pub pipe: Option<PipeIndex>,
    pub key: PipeKey,
    pub vertices: Vec<[f64; 2]>,
    /// Water runs against the direction it was drawn in.
    pub is_against: bool,
}

/// A node as it is now, in project coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangedSymbol {
    /// The node of the network that it was, whose look it keeps; `None` for a new one.
    pub node: Option<NodeIndex>,
    pub key: NodeKey,
    pub position: [f64; 2],
    /// Direction of the pipe under it, counter-clockwise from east in radians.
    pub angle: f64,
}

/// What one edit does to the map. A moved pipe is removed and comes again as a line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkChange {
    pub removed_pipes: Vec<PipeIndex>,
    pub removed_nodes: Vec<NodeIndex>,
    pub lines: Vec<ChangedLine>,
    pub symbols: Vec<ChangedSymbol>,
}

/// First and last feature of every block: features stand in the order of the network, so a feature's block is found
/// by halving. Made once, off the frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeatureRanges {
    levels: [Vec<[u32; 2]>; 3],
    symbols: Vec<[u32; 2]>,
}

impl FeatureRanges {
    pub fn of(chunks: &Chunks) -> Self {
        Self {
            levels: chunks.levels.each_ref().map(|level| ranges(&level.chunks)),
            symbols: ranges(&chunks.symbols),
        }
    }
}

fn ranges<T: OfFeature>(chunks: &[Chunk<T>]) -> Vec<[u32; 2]> {
    let mut last = 0;
    chunks
        .iter()
        .map(|chunk| {
            let features = || chunk.instances.iter().map(OfFeature::feature);
            let low = features().min().unwrap_or(last);
            last = features().max().unwrap_or(low);
            [low, last]
        })
        .collect()
}

/// The blocks that may hold a feature.
fn blocks_of(ranges: &[[u32; 2]], feature: u32) -> std::ops::Range<usize> {
    let start = ranges.partition_point(|[_, last]| *last < feature);
    let end = start + ranges[start..].partition_point(|[first, _]| *first <= feature);
    start..end
}

/// Blocks of one kind with the changes in them. The blocks of the network stay as they are, however much is edited;
/// what is gone from them is only marked.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch<T> {
    /// Instances that are no longer drawn, in order, by the number of their block.
    gone: BTreeMap<u32, Vec<u32>>,
    /// Numbered after those of the whole network.
    added: Vec<Chunk<T>>,
}

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self {
            gone: BTreeMap::new(),
            added: Vec::new(),
        }
    }
}

impl<T: Copy + OfFeature> Patch<T> {
    /// A block of the network or an added one; see [`Self::instances`] for what of it is drawn.
    pub fn get<'a>(&'a self, base: &'a [Chunk<T>], block: u32) -> Option<&'a Chunk<T>> {
        match (block as usize).checked_sub(base.len()) {
            Some(added) => self.added.get(added),
            None => base.get(block as usize),
        }
    }

    /// The instances of a block as the card gets them: what is gone bears [`GONE_FEATURE`].
    pub fn instances<'a>(&self, chunk: &'a Chunk<T>, block: u32) -> Cow<'a, [T]> {
        let mut instances = Cow::from(&chunk.instances);
        for gone in self.gone.get(&block).into_iter().flatten() {
            let instance = &mut instances.to_mut()[*gone as usize];
            *instance = instance.of_feature(GONE_FEATURE);
        }
        instances
    }

    /// Blocks of the network and those added.
    pub fn count(&self, base: &[Chunk<T>]) -> usize {
        base.len() + self.added.len()
    }

    /// As [`DrawList::collect`].
    pub fn collect(&self, base: &[Chunk<T>], view: &View, is_shown: &[bool], list: &mut DrawList) {
        if self.gone.is_empty() && self.added.is_empty() {
            return list.collect(base, view, is_shown);
        }
        let has_any = |block: u32, chunk: &Chunk<T>| {
            let gone = self.gone.get(&block).map_or(0, Vec::len);
            gone < chunk.instances.len()
        };
        let blocks = (0..).zip(base.iter().chain(&self.added));
        list.collect_each(
            blocks.filter(|(block, chunk)| has_any(*block, chunk)),
            view,
            is_shown,
        );
        // What is gone goes through the card and is not drawn.
        for draw in &list.draws {
            if let Some(gone) = self.gone.get(&draw.chunk) {
                let before = |end: u32| gone.partition_point(|position| *position < end);
                list.instance_count -= before(draw.end) - before(draw.start);
            }
        }
    }

    /// Takes these features out of their blocks; returns the numbers of the blocks.
    fn remove(&mut self, base: &[Chunk<T>], ranges: &[[u32; 2]], features: &BTreeSet<u32>) -> Vec<u32> {
        let mut candidates: BTreeSet<u32> = BTreeSet::new();
        for feature in features {
            candidates.extend(blocks_of(ranges, *feature).map(|block| block as u32));
        }
        let mut touched: Vec<u32> = candidates
            .into_iter()
            .filter(|block| self.mark_gone(*block, &base[*block as usize].instances, features))
            .collect();
        // What was edited before lies in a block of its own.
        for (block, chunk) in (base.len() as u32..).zip(&mut self.added) {
            if chunk.instances.iter().any(|i| features.contains(&i.feature())) {
                *chunk = without(chunk, features);
                touched.push(block);
            }
        }
        touched
    }

    /// Whether any of the instances was not gone before.
    fn mark_gone(&mut self, block: u32, instances: &[T], features: &BTreeSet<u32>) -> bool {
        let of_features = (0..).zip(instances);
        let mut positions = of_features
            .filter(|(_, instance)| features.contains(&instance.feature()))
            .map(|(position, _)| position)
            .peekable();
        if positions.peek().is_none() {
            return false;
        }
        let gone = self.gone.entry(block).or_default();
        let before = gone.len();
        gone.extend(positions);
        gone.sort_unstable();
        gone.dedup();
        gone.len() > before
    }
}

fn without<T: Copy + OfFeature>(chunk: &Chunk<T>, features: &BTreeSet<u32>) -> Chunk<T> {
    let mut made = Chunk {
        origin: chunk.origin,
        bbox: chunk.bbox,
        instances: Vec::with_capacity(chunk.instances.len()),
        runs: Vec::with_capacity(chunk.runs.len()),
    };
    for run in &chunk.runs {
        let start = made.instances.len() as u32;
        let kept = chunk.instances[run.start as usize..run.end as usize]
            .iter()
            .filter(|instance| !features.contains(&instance.feature()));
        made.instances.extend(kept);
        let end = made.instances.len() as u32;
        if end > start {
            made.runs.push(Run {
                style: run.style,
                start,
                end,
            });
        }
    }
    made
}

/// Blocks whose contents are no longer what they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    pub levels: [Vec<u32>; 3],
    pub symbols: Vec<u32>,
}

/// All changes since the blocks were built.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    ranges: FeatureRanges,
    levels: [Patch<Segment>; 3],
    symbols: Patch<Symbol>,
    pipe_keys: Vec<PipeKey>,
    node_keys: Vec<NodeKey>,
}

impl Edits {
    pub fn new(ranges: FeatureRanges) -> Self {
        Self {
            ranges,
            ..Self::default()
        }
    }

    pub fn level(&self, level: usize) -> &Patch<Segment> {
        &self.levels[level]
    }

    pub fn symbols(&self) -> &Patch<Symbol> {
        &self.symbols
    }

    /// Keys that the network did not have; their style numbers follow those of [`Chunks::pipe_keys`].
    pub fn pipe_keys(&self) -> &[PipeKey] {
        &self.pipe_keys
    }

    pub fn node_keys(&self) -> &[NodeKey] {
        &self.node_keys
    }

    /// Carries out one edit. Lines and symbols without a finite place are left out.
    pub fn apply(
        &mut self,
        chunks: &Chunks,
        change: &NetworkChange,
        to_mercator: &mut ToMercator<'_>,
    ) -> Touched {
        let mut touched = Touched::default();
        let pipes: BTreeSet<u32> = change.removed_pipes.iter().map(|pipe| pipe.0).collect();
        let nodes: BTreeSet<u32> = change.removed_nodes.iter().map(|node| node.0).collect();
        for (i, level) in chunks.levels.iter().enumerate() {
            touched.levels[i] = self.levels[i].remove(&level.chunks, &self.ranges.levels[i], &pipes);
        }
        touched.symbols = self.symbols.remove(&chunks.symbols, &self.ranges.symbols, &nodes);
        self.add_lines(chunks, &change.lines, to_mercator, &mut touched);
        self.add_symbols(chunks, &change.symbols, to_mercator, &mut touched);
        touched
    }

    fn add_lines(
        &mut self,
        chunks: &Chunks,
        lines: &[ChangedLine],
        to_mercator: &mut ToMercator<'_>,
        touched: &mut Touched,
    ) {
        const EXTENTS_M: [f64; 3] = [BLOCK_EXTENT_M, SIMPLIFIED_EXTENT_M, MAINS_EXTENT_M];
        if lines.is_empty() {
            return;
        }
        let mut projected: Vec<(u16, u32, bool, Vec<[f64; 2]>)> = Vec::new();
        for line in lines {
            let style = number(&chunks.pipe_keys, &mut self.pipe_keys, line.key);
            let mut vertices = line.vertices.clone();
            to_mercator(&mut vertices);
            if vertices.len() > 1 && vertices.iter().flatten().all(|v| v.is_finite()) {
                let feature = line.pipe.map_or(NEW_FEATURE, |pipe| pipe.0);
                projected.push((style, feature, line.is_against, vertices));
            }
        }
        let mut thinned = Vec::new();
        for (i, level) in chunks.levels.iter().enumerate() {
            let mut packer = Packer::new(PER_CHUNK, EXTENTS_M[i], segment);
            for (style, feature, is_against, line) in &projected {
                // As in the whole network.
                let is_against = *is_against && level.detail != Detail::Mains;
                simplify(line, level.from_metres_per_px, &mut thinned);
                push_line(&mut packer, &thinned, *style, *feature, is_against, EXTENTS_M[i]);
            }
            add(
                &mut self.levels[i],
                &level.chunks,
                packer.finish().0,
                EXTENTS_M[i] / SPREAD,
                &mut touched.levels[i],
            );
        }
    }

    fn add_symbols(
        &mut self,
        chunks: &Chunks,
        symbols: &[ChangedSymbol],
        to_mercator: &mut ToMercator<'_>,
        touched: &mut Touched,
    ) {
        let mut packer = Packer::new(PER_CHUNK, BLOCK_EXTENT_M, symbol);
        for changed in symbols {
            let style = number(&chunks.node_keys, &mut self.node_keys, changed.key);
            let mut place = [changed.position];
            to_mercator(&mut place);
            if place[0].iter().all(|v| v.is_finite()) {
                packer.push(Raw {
                    a: place[0],
                    b: place[0],
                    style,
                    extra: turn(changed.angle),
                    feature: changed.node.map_or(NEW_FEATURE, |node| node.0),
                });
            }
        }
        add(
            &mut self.symbols,
            &chunks.symbols,
            packer.finish().0,
            BLOCK_EXTENT_M / SPREAD,
            &mut touched.symbols,
        );
    }
}

const PER_CHUNK: usize = 4_096;
/// What edits add is joined to what they added before up to so many instances, since all of a block is sent again.
const PER_JOINED: usize = 2_048;
/// Joined blocks are smaller than others by this, so that a view draws little that it does not show.
const SPREAD: f64 = 8.0;

fn add<T: Copy + OfFeature>(
    patch: &mut Patch<T>,
    base: &[Chunk<T>],
    made: Vec<Chunk<T>>,
    widest_m: f64,
    touched: &mut Vec<u32>,
) {
    for chunk in made {
        let home = patch
            .added
            .iter()
            .position(|added| has_room(added, &chunk, widest_m));
        let at = if let Some(home) = home {
            join(&mut patch.added[home], chunk);
            home
        } else {
            patch.added.push(chunk);
            patch.added.len() - 1
        };
        let block = (base.len() + at) as u32;
        if !touched.contains(&block) {
            touched.push(block);
        }
    }
}

fn has_room<T>(block: &Chunk<T>, more: &Chunk<T>, widest_m: f64) -> bool {
    let count = block.instances.len() + more.instances.len();
    let bbox = union(block.bbox, more.bbox);
    count <= PER_JOINED && (bbox[2] - bbox[0]).max(bbox[3] - bbox[1]) <= widest_m
}

/// The instances of two blocks, sorted by style.
fn join<T: Copy + OfFeature>(block: &mut Chunk<T>, more: Chunk<T>) {
    let by = [0, 1].map(|axis| more.origin[axis] - block.origin[axis]);
    block.bbox = union(block.bbox, more.bbox);
    block
        .instances
        .extend(more.instances.into_iter().map(|instance| instance.moved(by)));
    block.instances.sort_by_key(OfFeature::style_number);
    block.runs.clear();
    let mut start = 0;
    for run in block
        .instances
        .chunk_by(|a, b| a.style_number() == b.style_number())
    {
        let end = start + run.len() as u32;
        block.runs.push(Run {
            style: run[0].style_number(),
            start,
            end,
        });
        start = end;
    }
}

fn number<K: PartialEq + Copy>(known: &[K], new: &mut Vec<K>, key: K) -> u16 {
    let at = known
        .iter()
        .chain(new.iter())
        .position(|k| *k == key)
        .unwrap_or_else(|| {
            new.push(key);
            known.len() + new.len() - 1
        });
    u16::try_from(at).unwrap_or(u16::MAX)
}
