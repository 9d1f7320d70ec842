//! 纵断面: ground and pipe along a way, as a designer draws it. It draws nothing itself.

use super::{Levels, PipeLevels};
use crate::analysis::path::PathResult;
use crate::network::{Network, NodeIndex, PieceIndex, PipeIndex};

/// One end of a stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Station {
    /// From the start of the way, in metres of recorded length.
    pub at_m: f64,
    /// The node there; `None` in mid-pipe and where the end of a pipe has no feature.
    pub node: Option<NodeIndex>,
    pub ground_m: Option<f64>,
    /// Outside top of the pipe.
    pub crown_m: Option<f64>,
}

impl Station {
    /// 埋深: soil over the pipe.
    pub fn cover_m(&self) -> Option<f64> {
        Some(self.ground_m? - self.crown_m?)
    }
}

/// A stretch of one pipe, in the direction of the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    pub pipe: PipeIndex,
    /// `None` where unknown.
    pub diameter_mm: Option<f64>,
    pub start: Station,
    pub end: Station,
}

impl Stretch {
    pub fn length_m(&self) -> f64 {
        self.end.at_m - self.start.at_m
    }

    /// 坡度, in thousandths, rising in the direction of the way; `None` where a height is unknown or there is no length.
    pub fn slope_permille(&self) -> Option<f64> {
        let rise_m = self.end.crown_m? - self.start.crown_m?;
        (self.length_m() > 0.0).then(|| rise_m / self.length_m() * 1_000.0)
    }

    /// Lowest point of the bore, taking the nominal diameter for the outer one.
    pub fn invert_m(&self, station: &Station) -> Option<f64> {
        Some(station.crown_m? - self.diameter_mm? / 1_000.0)
    }
}

/// Ground and pipe along a way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    pub stretches: Vec<Stretch>,
}

impl Profile {
    pub fn length_m(&self) -> f64 {
        self.stretches.last().map_or(0.0, |stretch| stretch.end.at_m)
    }

    /// Lowest and highest of everything known; `None` where nothing is.
    pub fn heights_m(&self) -> Option<[f64; 2]> {
        let all = self.stretches.iter().flat_map(|stretch| {
            [stretch.start, stretch.end]
                .into_iter()
                .flat_map(move |s| [s.ground_m, s.crown_m, stretch.invert_m(&s)])
        });
        all.flatten().fold(None, |range, height| {
            let [low, high] = range.unwrap_or([height; 2]);
            Some([low.min(height), high.max(height)])
        })
    }
}

/// The profile along a way found by `analysis::path`. The first and the last pipe count as far as the way uses them.
pub fn along(network: &Network, levels: &Levels, path: &PathResult) -> Profile {
    let mut stretches = Vec::with_capacity(path.pieces.len());
    let mut at_m = 0.0;
    for (i, &piece) in path.pieces.iter().enumerate() {
        let is_forward = runs_forward(network, path, i);
        let (mut from, mut to) = if is_forward { (0.0, 1.0) } else { (1.0, 0.0) };
        if i == 0 {
            from = path.line.first().map_or(from, |p| share_of(network, piece, *p));
        }
        if i + 1 == path.pieces.len() {
            to = path.line.last().map_or(to, |p| share_of(network, piece, *p));
        }
        let length_m = network.piece_length_m(piece) * (to - from).abs();
        if length_m == 0.0 && path.pieces.len() > 1 {
            continue;
        }
        let pipe = network.piece_pipe(piece);
        let heights = levels.of(pipe);
        let diameter_mm = f64::from(network.pipe_diameter_mm(pipe));
        stretches.push(Stretch {
            pipe,
            diameter_mm: diameter_mm.is_finite().then_some(diameter_mm),
            start: station(network, piece, heights, from, at_m),
            end: station(network, piece, heights, to, at_m + length_m),
        });
        at_m += length_m;
    }
    Profile { stretches }
}

/// Whether the way uses a piece from its first to its second end.
fn runs_forward(network: &Network, path: &PathResult, i: usize) -> bool {
    let piece = path.pieces[i];
    let ends = network.piece_ends(piece);
    let shares = |other: Option<&PieceIndex>, end: NodeIndex| {
        other.is_some_and(|other| network.piece_ends(*other).contains(&end))
    };
    let before = i.checked_sub(1).and_then(|i| path.pieces.get(i));
    let after = path.pieces.get(i + 1);
    // Two pieces side by side share both ends; then the other neighbour tells.
    if shares(after, ends[1]) != shares(after, ends[0]) {
        return shares(after, ends[1]);
    }
    if shares(before, ends[0]) != shares(before, ends[1]) {
        return shares(before, ends[0]);
    }
    match (path.line.first(), path.line.last()) {
        (Some(first), Some(last)) => share_of(network, piece, *first) <= share_of(network, piece, *last),
        _ => true,
    }
}

/// How far along a piece the point nearest to `p` is, from 0 to 1.
fn share_of(network: &Network, piece: PieceIndex, p: [f64; 2]) -> f64 {
    let line = network.piece_vertices(piece);
    let metric = network.metric();
    let length_m = metric.length_m(&line);
    match metric.foot_point(&line, p) {
        Some(foot) if length_m > 0.0 => (foot.along_m / length_m).clamp(0.0, 1.0),
        _ => 0.0,
    }
}

fn station(network: &Network, piece: PieceIndex, levels: PipeLevels, share: f64, at_m: f64) -> Station {
    let pipe = network.piece_pipe(piece);
    let whole_m = network.pipe_length_m(pipe);
    let along_pipe = if whole_m > 0.0 {
        ((network.piece_start_m(piece) + share * network.piece_length_m(piece)) / whole_m).clamp(0.0, 1.0)
    } else {
        share
    };
    let ends = network.piece_ends(piece);
    let node = if share <= 0.0 {
        Some(ends[0])
    } else if share >= 1.0 {
        Some(ends[1])
    } else {
        None
    };
    Station {
        at_m,
        node: node.filter(|node| !network.is_anonymous(*node)),
        ground_m: levels
            .ground_at(along_pipe)
            .or(known_end(levels.ground_m, along_pipe)),
        crown_m: levels
            .crown_at(along_pipe)
            .or(known_end(levels.crown_m, along_pipe)),
    }
}

/// Where only one end's height is known, it still holds at that end.
fn known_end([start, end]: [Option<f64>; 2], share: f64) -> Option<f64> {
    if share <= 0.0 {
        start
    } else if share >= 1.0 {
        end
    } else {
        None
    }
}
