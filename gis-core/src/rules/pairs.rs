//! Pipes and their neighbours: drawn twice, lying on each other, crossing without a joint.

use super::Rule;
use super::check::Check;
use crate::edit::ops::{AtCrossing, Request, Scope};
use crate::network::meeting::{crossings, is_joint};
use crate::network::{LifeState, PipeIndex};

/// How two pipes lie on each other.
enum Covered {
    /// One from end to end: the first is the one covered.
    Wholly(PipeIndex, PipeIndex),
    Partly,
}

impl Check<'_> {
    /// Pairs of a pipe in service with others.
    pub(super) fn neighbours(&mut self, pipe: PipeIndex) {
        let network = self.network;
        let line = network.pipe_vertices(pipe);
        if line.len() < 2 {
            return;
        }
        let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in line {
            b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
        }
        for other in network.pipes_in_box(b) {
            let is_pair = other != pipe && self.scope.is_first(pipe, other);
            if !is_pair || network.pipe_state(other) != LifeState::Operative {
                continue;
            }
            let [first, second] = [pipe.min(other), pipe.max(other)];
            if let Some(place) = self.overlap(first, second) {
                self.lies_on(first, second, place);
            } else if self.is_on(Rule::Crossing) {
                self.crosses(first, second);
            }
        }
    }

    fn crosses(&mut self, pipe: PipeIndex, other: PipeIndex) {
        let network = self.network;
        let ids = [pipe, other].map(|p| network.pipe_id(p));
        for place in crossings(network, network.pipe_vertices(pipe), network.pipe_vertices(other)) {
            if is_joint(network, place, pipe, other) || self.passes.has(ids[0], ids[1]) {
                continue;
            }
            let Some(finding) = self.begin(Rule::Crossing, &self.pipe_name(pipe)) else {
                return;
            };
            let request = |choice| Request::SplitCrossings {
                scope: Scope::Pipes(ids.iter().map(ToString::to_string).collect()),
                choice,
                upper: None,
                class: "cross".to_owned(),
                values: serde_json::Map::new(),
            };
            let finding = finding
                .with("other", self.pipe_name(other))
                .at(Some(place))
                .on(&ids)
                .mend("pass_over", "", request(AtCrossing::PassOver))
                .mend("join_crossing", "", request(AtCrossing::Join));
            self.found.push(finding);
        }
    }

    /// Where two pipes run together: the middle of the first such stretch.
    fn overlap(&self, pipe: PipeIndex, other: PipeIndex) -> Option<[f64; 2]> {
        const SAMPLES: u32 = 4;
        let shortest_m = self.number(Rule::Overlap, "shortest_m");
        let metric = self.network.metric();
        let tolerance_m = self.end_tolerance_m();
        let line = self.network.pipe_vertices(other);
        for w in self.network.pipe_vertices(pipe).windows(2) {
            if metric.distance_m(w[0], w[1]) < shortest_m {
                continue;
            }
            let mut before: Option<([f64; 2], f64)> = None;
            for k in 0..=SAMPLES {
                let t = f64::from(k) / f64::from(SAMPLES);
                let p = [0, 1].map(|axis| w[0][axis] + t * (w[1][axis] - w[0][axis]));
                let foot = metric.foot_point(line, p).filter(|f| f.distance_m <= tolerance_m);
                if let (Some((q, along_m)), Some(foot)) = (before, foot)
                    && (foot.along_m - along_m).abs() >= shortest_m / f64::from(SAMPLES)
                {
                    return Some([0, 1].map(|axis| f64::midpoint(p[axis], q[axis])));
                }
                before = foot.map(|f| (p, f.along_m));
            }
        }
        None
    }

    fn lies_on(&mut self, pipe: PipeIndex, other: PipeIndex, place: [f64; 2]) {
        let covered = self.covered(pipe, other);
        let mut ends = [pipe, other].map(|p| self.network.pipe_ends(p));
        for pair in &mut ends {
            pair.sort_unstable();
        }
        let rule = match covered {
            Covered::Wholly(..) if ends[0] == ends[1] => Rule::DuplicatePipe,
            _ => Rule::Overlap,
        };
        let Some(finding) = self.begin(rule, &self.pipe_name(pipe)) else {
            return;
        };
        let finding = finding
            .with("other", self.pipe_name(other))
            .at(Some(place))
            .on(&[self.network.pipe_id(pipe), self.network.pipe_id(other)]);
        let finding = match covered {
            Covered::Wholly(gone, keep) => {
                let fold = |gone, keep| Request::FoldPipe {
                    gone: self.pipe_key(gone),
                    keep: self.pipe_key(keep),
                };
                let is_either = rule == Rule::DuplicatePipe;
                finding
                    .mend("fold_pipe", &self.pipe_name(gone), fold(gone, keep))
                    .mend_if(is_either, "fold_pipe", &self.pipe_name(keep), || fold(keep, gone))
            }
            Covered::Partly => finding.mend(
                "cut_overlap",
                "",
                Request::CutOverlap {
                    first: self.pipe_key(pipe),
                    second: self.pipe_key(other),
                },
            ),
        };
        self.found.push(finding);
    }

    fn covered(&self, pipe: PipeIndex, other: PipeIndex) -> Covered {
        let is_on = |a: PipeIndex, b: PipeIndex| {
            let metric = self.network.metric();
            let line = self.network.pipe_vertices(b);
            // Halfway as well, or a chord would lie on the bend it cuts off.
            let vertices = self.network.pipe_vertices(a);
            let middles = vertices
                .windows(2)
                .map(|w| [0, 1].map(|axis| f64::midpoint(w[0][axis], w[1][axis])));
            vertices.iter().copied().chain(middles).all(|p| {
                let foot = metric.foot_point(line, p);
                foot.is_some_and(|foot| foot.distance_m <= self.end_tolerance_m())
            })
        };
        match (is_on(pipe, other), is_on(other, pipe)) {
            (true, true) => {
                // Of two that are the same the older stays.
                let [a, b] = [pipe, other].map(|p| self.network.pipe_id(p));
                if a > b {
                    Covered::Wholly(pipe, other)
                } else {
                    Covered::Wholly(other, pipe)
                }
            }
            (true, false) => Covered::Wholly(pipe, other),
            (false, true) => Covered::Wholly(other, pipe),
            (false, false) => Covered::Partly,
        }
    }
}
