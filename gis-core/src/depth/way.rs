//! The line on the ground that a profile runs along: which place belongs to which distance, and what crosses it. It draws
//! nothing itself.

use std::collections::HashSet;

use super::Levels;
use super::profile::Profile;
use crate::analysis::path::PathResult;
use crate::network::meeting::is_joint;
use crate::network::stroke::crossed_pipes;
use crate::network::{LifeState, Network, PipeIndex};

/// Two crossings of one pipe nearer than this in metres are one, at a bend of the line.
const SAME_M: f64 = 0.01;
/// A pipe that crosses flatter than this is drawn no wider: the sine of some six degrees.
const FLATTEST: f64 = 0.1;

/// The line under a profile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Way {
    line: Vec<[f64; 2]>,
    /// Metres along the line as drawn, and along the profile as recorded, where stretches begin and end.
    marks: Vec<[f64; 2]>,
}

/// Another pipe where it crosses the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossed {
    pub pipe: PipeIndex,
    /// Along the profile.
    pub at_m: f64,
    pub point: [f64; 2],
    /// Of the angle between both, so that a pipe of radius r is 2 r / sine wide in the profile.
    pub sine: f64,
}

/// Another pipe in the profile, as high as it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossedAt {
    pub crossed: Crossed,
    /// `None` where unknown, as the height.
    pub diameter_mm: Option<f64>,
    /// Outside top of the pipe.
    pub crown_m: Option<f64>,
}

impl Way {
    /// The line of a way that was found, under the profile along it.
    pub fn new(network: &Network, profile: &Profile, path: &PathResult) -> Self {
        let metric = network.metric();
        let mut drawn_m = 0.0;
        let mut marks = vec![[0.0, 0.0]];
        for stretch in &profile.stretches {
            let recorded_m = network.pipe_length_m(stretch.pipe);
            let share = if recorded_m > 0.0 {
                stretch.length_m() / recorded_m
            } else {
                0.0
            };
            drawn_m += share * metric.length_m(network.pipe_vertices(stretch.pipe));
            marks.push([drawn_m, stretch.end.at_m]);
        }
        Self {
            line: path.line.clone(),
            marks,
        }
    }

    pub fn line(&self) -> &[[f64; 2]] {
        &self.line
    }

    /// The place on the ground at a distance along the profile.
    pub fn point_at(&self, network: &Network, at_m: f64) -> Option<[f64; 2]> {
        let drawn_m = between(&self.marks, at_m, [1, 0]);
        network.metric().point_along(&self.line, drawn_m)
    }

    /// Pipes in service or planned that cross the way without being joined to it, in the order of the way.
    pub fn crossed(&self, network: &Network, profile: &Profile) -> Vec<Crossed> {
        let metric = network.metric();
        let own: HashSet<PipeIndex> = profile.stretches.iter().map(|s| s.pipe).collect();
        let is_other =
            |pipe: PipeIndex| !own.contains(&pipe) && network.pipe_state(pipe) != LifeState::Obsolete;
        let mut found: Vec<Crossed> = Vec::new();
        let mut drawn_m = 0.0;
        for leg in self.line.windows(2) {
            let length_m = metric.distance_m(leg[0], leg[1]);
            for (pipe, crossing) in crossed_pipes(network, [leg[0], leg[1]], is_other) {
                let at_m = between(&self.marks, drawn_m + crossing.along * length_m, [0, 1]);
                let is_known = |known: &Crossed| known.pipe == pipe && (known.at_m - at_m).abs() < SAME_M;
                if !found.iter().any(is_known) && !joins(network, profile, pipe, at_m, crossing.point) {
                    found.push(Crossed {
                        pipe,
                        at_m,
                        point: crossing.point,
                        sine: sine(network, pipe, crossing.point, [leg[0], leg[1]]),
                    });
                }
            }
            drawn_m += length_m;
        }
        found
    }
}

impl Crossed {
    /// With its height. `levels` must hold the pipe.
    pub fn with_levels(self, network: &Network, levels: &Levels) -> CrossedAt {
        let line = network.pipe_vertices(self.pipe);
        let metric = network.metric();
        let whole_m = metric.length_m(line);
        let share = metric
            .foot_point(line, self.point)
            .filter(|_| whole_m > 0.0)
            .map_or(0.0, |foot| foot.along_m / whole_m);
        let diameter_mm = f64::from(network.pipe_diameter_mm(self.pipe));
        CrossedAt {
            crossed: self,
            diameter_mm: diameter_mm.is_finite().then_some(diameter_mm),
            crown_m: levels.of(self.pipe).crown_at(share),
        }
    }
}

/// Straight between the marks: from one of their two numbers to the other.
fn between(marks: &[[f64; 2]], value: f64, [from, to]: [usize; 2]) -> f64 {
    let after = marks.partition_point(|mark| mark[from] < value);
    let Some(pair) = marks.get(after.max(1) - 1..=after.max(1)) else {
        return marks.last().map_or(value, |mark| mark[to]);
    };
    let span = pair[1][from] - pair[0][from];
    let share = if span > 0.0 {
        (value - pair[0][from]) / span
    } else {
        0.0
    };
    pair[0][to] + share * (pair[1][to] - pair[0][to])
}

/// Whether the pipe is joined to the way where it meets it.
fn joins(network: &Network, profile: &Profile, pipe: PipeIndex, at_m: f64, point: [f64; 2]) -> bool {
    let touches = |s: &&super::profile::Stretch| s.start.at_m - 1.0 <= at_m && at_m <= s.end.at_m + 1.0;
    let mut own = profile.stretches.iter().filter(touches);
    own.any(|stretch| is_joint(network, point, stretch.pipe, pipe))
}

fn sine(network: &Network, pipe: PipeIndex, point: [f64; 2], leg: [[f64; 2]; 2]) -> f64 {
    let metric = network.metric();
    let legs = network.pipe_vertices(pipe).windows(2);
    let nearest = legs.min_by(|a, b| {
        let far = |w: &[[f64; 2]]| {
            metric
                .foot_point(w, point)
                .map_or(f64::INFINITY, |f| f.distance_m)
        };
        far(a).total_cmp(&far(b))
    });
    let Some(&[a, b]) = nearest else { return 1.0 };
    let [u, v] = [[leg[0], leg[1]], [a, b]].map(|[p, q]| [q[0] - p[0], q[1] - p[1]]);
    let lengths = u[0].hypot(u[1]) * v[0].hypot(v[1]);
    if lengths > 0.0 {
        ((u[0] * v[1] - u[1] * v[0]) / lengths).abs().max(FLATTEST)
    } else {
        1.0
    }
}
