//! 横断面: the pipes a stroke cuts, with place, size and height. It draws nothing itself.

use super::Levels;
use crate::network::stroke::crossed_pipes;
use crate::network::{Network, PipeIndex};

/// One pipe cut by the stroke.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    pub pipe: PipeIndex,
    /// From the start of the stroke.
    pub at_m: f64,
    /// `None` where unknown, as the heights.
    pub diameter_mm: Option<f64>,
    pub ground_m: Option<f64>,
    /// Outside top of the pipe.
    pub crown_m: Option<f64>,
}

impl Cut {
    /// Height of the pipe's axis.
    pub fn axis_m(&self) -> Option<f64> {
        Some(self.crown_m? - self.diameter_mm? / 2_000.0)
    }

    /// 埋深: soil over the pipe.
    pub fn cover_m(&self) -> Option<f64> {
        Some(self.ground_m? - self.crown_m?)
    }
}

/// Two pipes that are neighbours in a section.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// Between the axes, along the stroke.
    pub axes_m: f64,
    /// 净距: between the walls, seen from above; negative where one lies over the other.
    pub clear_m: Option<f64>,
    /// 垂直净距: between the bottom of the upper and the top of the lower; negative where they lie at one height.
    pub gap_m: Option<f64>,
}

impl Spacing {
    pub fn of([a, b]: [&Cut; 2]) -> Self {
        let axes_m = (b.at_m - a.at_m).abs();
        let walls = |cut: &Cut| Some([cut.crown_m?, cut.crown_m? - cut.diameter_mm? / 1_000.0]);
        Self {
            axes_m,
            clear_m: (a.diameter_mm.zip(b.diameter_mm)).map(|(a, b)| axes_m - (a + b) / 2_000.0),
            gap_m: walls(a)
                .zip(walls(b))
                .map(|([top_a, bottom_a], [top_b, bottom_b])| (bottom_a - top_b).max(bottom_b - top_a)),
        }
    }
}

/// The pipes a stroke cuts, from its start to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrossSection {
    pub length_m: f64,
    pub cuts: Vec<Cut>,
}

impl CrossSection {
    /// Lowest and highest of everything known; `None` where nothing is.
    pub fn heights_m(&self) -> Option<[f64; 2]> {
        let known = self.cuts.iter().flat_map(|cut| {
            let invert_m = cut
                .axis_m()
                .zip(cut.crown_m)
                .map(|(axis, crown)| 2.0 * axis - crown);
            [cut.ground_m, cut.crown_m, invert_m]
        });
        known.flatten().fold(None, |range, height| {
            let [low, high] = range.unwrap_or([height; 2]);
            Some([low.min(height), high.max(height)])
        })
    }

    /// Between each pipe and the next.
    pub fn spacings(&self) -> impl Iterator<Item = Spacing> {
        self.cuts.windows(2).map(|pair| Spacing::of([&pair[0], &pair[1]]))
    }
}

/// Cuts the pipes under a stroke. `levels` must hold the pipes of [`crossed_pipes`].
pub fn across(
    network: &Network,
    levels: &Levels,
    stroke: [[f64; 2]; 2],
    is_shown: impl Fn(PipeIndex) -> bool,
) -> CrossSection {
    let metric = network.metric();
    let length_m = metric.distance_m(stroke[0], stroke[1]);
    let cuts = crossed_pipes(network, stroke, is_shown)
        .into_iter()
        .map(|(pipe, crossing)| {
            let line = network.pipe_vertices(pipe);
            let whole_m = metric.length_m(line);
            let share = metric
                .foot_point(line, crossing.point)
                .filter(|_| whole_m > 0.0)
                .map_or(0.0, |foot| foot.along_m / whole_m);
            let heights = levels.of(pipe);
            let diameter_mm = f64::from(network.pipe_diameter_mm(pipe));
            Cut {
                pipe,
                at_m: crossing.along * length_m,
                diameter_mm: diameter_mm.is_finite().then_some(diameter_mm),
                ground_m: heights.ground_at(share),
                crown_m: heights.crown_at(share),
            }
        })
        .collect();
    CrossSection { length_m, cuts }
}
