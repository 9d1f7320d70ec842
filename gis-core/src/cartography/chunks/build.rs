//! Makes blocks from a network snapshot. It takes the way to Web Mercator as an argument and knows no CRS.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::block::{EMPTY_BOX, Packer, Raw, extended, union};
use super::flow::against_drawing;
use super::keys::{NodeKey, Numbered, PipeKey, number_nodes, number_pipes};
use super::{Chunk, Chunks, Detail, Level, Segment, Symbol, simplify};
use crate::error::Result;
use crate::network::{Network, NodeIndex, PipeIndex};
use crate::progress::Progress;
use crate::text::Message;

/// Turns project coordinates into Web Mercator metres in place. A point that cannot be turned becomes NaN.
pub type ToMercator<'a> = dyn FnMut(&mut [[f64; 2]]) + 'a;

/// How the network is cut and thinned. The defaults suit screens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChunkOptions {
    pub instances_per_chunk: usize,
    /// Mercator metres per pixel from which the second level is used; bends below one pixel of it vanish.
    pub simplified_from_m: f64,
    /// The same for the third level.
    pub mains_from_m: f64,
    /// The third level holds at most about this many segments: the smaller pipes are left out until it does.
    pub mains_budget: usize,
}

impl Default for ChunkOptions {
    fn default() -> Self {
        Self {
            instances_per_chunk: 4_096,
            simplified_from_m: 4.0,
            mains_from_m: 16.0,
            mains_budget: 150_000,
        }
    }
}

/// Offsets within 8 192 m of a block's origin are off by at most half a millimetre in single precision.
pub(super) const BLOCK_EXTENT_M: f64 = 16_384.0;
/// At coarser levels a pixel is metres wide; the extent may grow in proportion.
pub(super) const SIMPLIFIED_EXTENT_M: f64 = 131_072.0;
pub(super) const MAINS_EXTENT_M: f64 = 1_048_576.0;

/// Vertices that go through the projection at once.
const BLOCK_VERTICES: usize = 65_536;

const MAINS_STEPS_MM: [u16; 11] = [0, 75, 100, 150, 200, 300, 400, 500, 600, 800, 1_000];

/// Makes a way to Web Mercator; every thread wants its own.
pub type Way<'a> = dyn Fn() -> Result<Box<ToMercator<'a>>> + Sync + 'a;

/// Builds everything on all processors. Features without finite coordinates are left out and counted.
///
/// # Errors
/// Cancelled, or there is no way to Web Mercator.
pub fn build(
    network: &Network,
    way: &Way<'_>,
    options: &ChunkOptions,
    progress: &dyn Progress,
) -> Result<Chunks> {
    let done = Done::new(network, progress);
    let per_chunk = options.instances_per_chunk;
    let (lines, symbols) = std::thread::scope(|scope| {
        let symbols = scope.spawn(|| build_symbols(network, way, per_chunk, &done));
        let lines = build_lines(network, way, options, &done);
        (lines, joined(symbols))
    });
    let (lines, symbols) = (lines?, symbols?);
    let extent = union(lines.extent, symbols.extent);
    Ok(Chunks {
        pipe_keys: lines.keys,
        node_keys: symbols.keys,
        levels: lines.levels,
        symbol_count: symbols.count,
        without_place: lines.without_place + symbols.without_place,
        symbols: symbols.chunks,
        extent: (extent[0] <= extent[2]).then_some(extent),
    })
}

/// A panic of a thread goes on in the one that waits for it.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How far all threads together are.
struct Done<'a> {
    progress: &'a dyn Progress,
    stage: Message,
    count: AtomicU64,
    total: u64,
}

impl<'a> Done<'a> {
    fn new(network: &Network, progress: &'a dyn Progress) -> Self {
        let done = Self {
            progress,
            stage: Message::new("map.preparing"),
            count: AtomicU64::new(0),
            total: (network.pipe_slots() + network.node_slots()) as u64,
        };
        done.progress.report(&done.stage, 0, Some(done.total));
        done
    }

    fn more(&self, count: usize) {
        let done = self.count.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        self.progress.report(&self.stage, done, Some(self.total));
    }
}

struct Lines {
    keys: Vec<PipeKey>,
    levels: [Level; 3],
    extent: [f64; 4],
    without_place: usize,
}

/// Parts of a network with fewer pipes are not worth a thread.
const PIPES_PER_PART: usize = 65_536;

fn build_lines(network: &Network, way: &Way<'_>, options: &ChunkOptions, done: &Done<'_>) -> Result<Lines> {
    let pipes = number_pipes(network);
    let against = against_drawing(network);
    done.progress.check()?;
    let slots = network.pipe_slots();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts = threads.min(slots.div_ceil(PIPES_PER_PART)).max(1);
    let of_part = |part: usize| (slots * part / parts) as u32..(slots * (part + 1) / parts) as u32;
    let (pipes, against) = (&pipes, &against);
    let mut parts: Vec<Part> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..parts)
            .map(|part| {
                scope.spawn(move || {
                    let mut part = Part::new(of_part(part), pipes.keys.len(), options);
                    part.draw(network, way, pipes, against, options, done)?;
                    Ok(part)
                })
            })
            .collect();
        threads.into_iter().map(joined).collect::<Result<_>>()
    })?;

    // Bends are thinned further from the lines of the level before, so the projection runs once.
    let mut per_style = vec![0_usize; pipes.keys.len()];
    for part in &parts {
        for (sum, count) in per_style.iter_mut().zip(&part.simplified_per_style) {
            *sum += count;
        }
    }
    let smallest_mm = smallest_main_mm(&pipes.keys, &per_style, options.mains_budget);
    std::thread::scope(|scope| {
        let threads: Vec<_> = parts
            .iter_mut()
            .map(|part| scope.spawn(|| part.draw_mains(pipes, smallest_mm, options)))
            .collect();
        threads.into_iter().for_each(joined);
    });
    done.progress.check()?;

    let extent = parts.iter().fold(EMPTY_BOX, |b, part| union(b, part.extent));
    let without_place = parts.iter().map(|part| part.without_place).sum();
    let mut packed = [(); 3].map(|()| (Vec::new(), 0));
    for part in parts {
        for (all, packer) in packed.iter_mut().zip([part.full, part.simplified, part.mains]) {
            let (chunks, count) = packer.finish();
            all.0.extend(chunks);
            all.1 += count;
        }
    }
    let [full, simplified, mains] = packed;
    Ok(Lines {
        keys: pipes.keys.clone(),
        levels: [
            level(Detail::Full, 0.0, full),
            level(Detail::Simplified, options.simplified_from_m, simplified),
            level(Detail::Mains, options.mains_from_m, mains),
        ],
        extent,
        without_place,
    })
}

/// The lines of some pipes that follow each other.
struct Part {
    pipes: Range<u32>,
    full: Packer<Segment>,
    simplified: Packer<Segment>,
    mains: Packer<Segment>,
    /// Segments of the second level.
    simplified_per_style: Vec<usize>,
    /// Vertices of the second level by their pipe.
    kept: Vec<(u32, [f64; 2])>,
    extent: [f64; 4],
    without_place: usize,
}

impl Part {
    fn new(pipes: Range<u32>, styles: usize, options: &ChunkOptions) -> Self {
        let packer = |extent_m| Packer::new(options.instances_per_chunk, extent_m, segment);
        Self {
            pipes,
            full: packer(BLOCK_EXTENT_M),
            simplified: packer(SIMPLIFIED_EXTENT_M),
            mains: packer(MAINS_EXTENT_M),
            simplified_per_style: vec![0; styles],
            kept: Vec::new(),
            extent: EMPTY_BOX,
            without_place: 0,
        }
    }

    fn draw(
        &mut self,
        network: &Network,
        way: &Way<'_>,
        pipes: &Numbered<PipeKey>,
        against: &HashSet<PipeIndex>,
        options: &ChunkOptions,
        done: &Done<'_>,
    ) -> Result<()> {
        let mut to_mercator = way()?;
        let mut thinned = Vec::new();
        each_line(
            network,
            self.pipes.clone(),
            &mut *to_mercator,
            done,
            |pipe, line| {
                if line.len() < 2 {
                    self.without_place += usize::from(network.is_pipe(pipe.0));
                    return;
                }
                let style = pipes.style_of[pipe.0 as usize];
                let is_against = against.contains(&pipe);
                push_line(&mut self.full, line, style, pipe.0, is_against, BLOCK_EXTENT_M);
                simplify(line, options.simplified_from_m, &mut thinned);
                self.simplified_per_style[usize::from(style)] += thinned.len() - 1;
                push_line(
                    &mut self.simplified,
                    &thinned,
                    style,
                    pipe.0,
                    is_against,
                    SIMPLIFIED_EXTENT_M,
                );
                self.kept.extend(thinned.iter().map(|p| (pipe.0, *p)));
                self.extent = line.iter().fold(self.extent, |b, p| extended(b, *p));
            },
        )
    }

    /// The larger pipes.
    fn draw_mains(&mut self, pipes: &Numbered<PipeKey>, smallest_mm: u16, options: &ChunkOptions) {
        let (mut points, mut thinned) = (Vec::new(), Vec::new());
        let kept = std::mem::take(&mut self.kept);
        for (pipe, line) in kept.chunk_by(|a, b| a.0 == b.0).map(|line| (line[0].0, line)) {
            let style = pipes.style_of[pipe as usize];
            if pipes.keys[usize::from(style)].rank_diameter_mm() >= smallest_mm {
                points.clear();
                points.extend(line.iter().map(|(_, p)| *p));
                simplify(&points, options.mains_from_m, &mut thinned);
                push_line(&mut self.mains, &thinned, style, pipe, false, MAINS_EXTENT_M);
            }
        }
    }
}

fn level(detail: Detail, from_metres_per_px: f64, packed: (Vec<Chunk<Segment>>, usize)) -> Level {
    let (chunks, segment_count) = packed;
    Level {
        detail,
        from_metres_per_px,
        chunks,
        segment_count,
    }
}

/// The diameter from which pipes are kept so that about `budget` segments remain; zero when all fit.
fn smallest_main_mm(keys: &[PipeKey], segments_per_style: &[usize], budget: usize) -> u16 {
    let count_from = |smallest: u16| -> usize {
        keys.iter()
            .zip(segments_per_style)
            .filter(|(key, _)| key.rank_diameter_mm() >= smallest)
            .map(|(_, count)| count)
            .sum()
    };
    let mut chosen = 0;
    for step in MAINS_STEPS_MM {
        let count = count_from(step);
        // A step that leaves nothing would blank the map; stay with the one before.
        if count == 0 {
            break;
        }
        chosen = step;
        if count <= budget {
            break;
        }
    }
    chosen
}

/// Calls `draw` with every pipe and its line in Web Mercator; a line with a vertex that has no place is empty.
fn each_line(
    network: &Network,
    pipes: Range<u32>,
    to_mercator: &mut ToMercator<'_>,
    done: &Done<'_>,
    mut draw: impl FnMut(PipeIndex, &[[f64; 2]]),
) -> Result<()> {
    let mut first = pipes.start;
    let mut points: Vec<[f64; 2]> = Vec::with_capacity(BLOCK_VERTICES + 1_024);
    while first < pipes.end {
        done.progress.check()?;
        points.clear();
        let mut last = first;
        while last < pipes.end && points.len() < BLOCK_VERTICES {
            points.extend_from_slice(network.pipe_vertices(PipeIndex(last)));
            last += 1;
        }
        to_mercator(&mut points);
        let mut start = 0;
        for pipe in first..last {
            let length = network.pipe_vertices(PipeIndex(pipe)).len();
            let line = &points[start..start + length];
            start += length;
            draw(
                PipeIndex(pipe),
                if line.iter().flatten().all(|v| v.is_finite()) {
                    line
                } else {
                    &[]
                },
            );
        }
        done.more((last - first) as usize);
        first = last;
    }
    Ok(())
}

/// Of a segment's upper half: its arrow points from `b` to `a`.
const AGAINST: u16 = 0x8000;

/// Adds the segments of a line, those longer than a block may be in several parts. `is_against`: water runs from its
/// end to its start.
pub(super) fn push_line(
    packer: &mut Packer<Segment>,
    line: &[[f64; 2]],
    style: u16,
    feature: u32,
    is_against: bool,
    max_extent_m: f64,
) {
    let mut along_m = 0.0_f64;
    for w in line.windows(2) {
        let (a, b) = (w[0], w[1]);
        let length_m = (b[0] - a[0]).hypot(b[1] - a[1]);
        let parts = (length_m / (max_extent_m / 2.0)).ceil().clamp(1.0, 4_096.0);
        let at = |t: f64| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        for part in 0..parts as u32 {
            let (start, end) = (f64::from(part) / parts, f64::from(part + 1) / parts);
            packer.push(Raw {
                a: if part == 0 { a } else { at(start) },
                b: if part + 1 == parts as u32 { b } else { at(end) },
                style,
                extra: (((along_m + length_m * start) * 4.0) as u64 & 0x7fff) as u16
                    | if is_against { AGAINST } else { 0 },
                feature,
            });
        }
        along_m += length_m;
    }
}

pub(super) fn segment(raw: &Raw, origin: [f64; 2]) -> Segment {
    Segment {
        a: offset(raw.a, origin),
        b: offset(raw.b, origin),
        style: packed(raw),
        feature: raw.feature,
    }
}

pub(super) fn symbol(raw: &Raw, origin: [f64; 2]) -> Symbol {
    Symbol {
        position: offset(raw.a, origin),
        style: packed(raw),
        feature: raw.feature,
    }
}

fn offset(p: [f64; 2], origin: [f64; 2]) -> [f32; 2] {
    [(p[0] - origin[0]) as f32, (p[1] - origin[1]) as f32]
}

fn packed(raw: &Raw) -> u32 {
    u32::from(raw.style) | (u32::from(raw.extra) << 16)
}

struct Symbols {
    keys: Vec<NodeKey>,
    chunks: Vec<Chunk<Symbol>>,
    count: usize,
    extent: [f64; 4],
    without_place: usize,
}

fn build_symbols(network: &Network, way: &Way<'_>, per_chunk: usize, done: &Done<'_>) -> Result<Symbols> {
    let Numbered { keys, style_of } = number_nodes(network);
    let mut to_mercator = way()?;
    let mut packer = Packer::new(per_chunk, BLOCK_EXTENT_M, symbol);
    let mut extent = EMPTY_BOX;
    let mut without_place = 0;
    let nodes: Vec<NodeIndex> = network.nodes().collect();
    let mut points = Vec::with_capacity(BLOCK_VERTICES);
    for block in nodes.chunks(BLOCK_VERTICES) {
        done.progress.check()?;
        points.clear();
        points.extend(block.iter().map(|node| network.position(*node)));
        to_mercator(&mut points);
        for (node, point) in block.iter().zip(&points) {
            if !point[0].is_finite() || !point[1].is_finite() {
                without_place += 1;
                continue;
            }
            extent = extended(extent, *point);
            packer.push(Raw {
                a: *point,
                b: *point,
                style: style_of[node.0 as usize],
                extra: turn(direction(network, *node)),
                feature: node.0,
            });
        }
        done.more(block.len());
    }
    let (chunks, count) = packer.finish();
    Ok(Symbols {
        keys,
        chunks,
        count,
        extent,
        without_place,
    })
}

/// An angle in radians as a fraction of a full turn times 2^16.
pub(super) fn turn(angle: f64) -> u16 {
    ((angle / std::f64::consts::TAU).rem_euclid(1.0) * 65_536.0) as u32 as u16
}

/// Direction of the pipe at a node, counter-clockwise from east in radians; zero where it stands alone. Along a
/// pipe that passes or the first that meets there, read from left to right, so that symbols stand upright.
pub fn direction(network: &Network, node: NodeIndex) -> f64 {
    let piece = network
        .pieces_at(node)
        .first()
        .copied()
        .or_else(|| network.hangs_on(node).map(|(piece, _)| piece));
    let Some(piece) = piece else { return 0.0 };
    let line = network.pipe_vertices(network.piece_pipe(piece));
    let metric = network.metric();
    let place = network.position(node);
    let nearest = line
        .windows(2)
        .filter(|w| metric.distance_m(w[0], w[1]) > 0.0)
        .filter_map(|w| metric.foot_point(w, place).map(|foot| (foot.distance_m, w)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or(0.0, |(_, w)| {
        let d = [(w[1][0] - w[0][0]) * metric.x_m, (w[1][1] - w[0][1]) * metric.y_m];
        let angle = d[1].atan2(d[0]);
        if angle.abs() > std::f64::consts::FRAC_PI_2 {
            angle + std::f64::consts::PI
        } else {
            angle
        }
    })
}
