//! 覆土与净距: pipes that lie too shallow, or too near to one another. The values are data (`assets/rules/depth.toml`).

use serde::Deserialize;

use super::section::{Cut, Spacing};
use super::{Carries, Levels, PipeLevels};
use crate::error::{Error, Result};
use crate::issue::{Issue, Issues, Severity};
use crate::network::meeting::{crossings, is_joint};
use crate::network::{LifeState, Network, PipeIndex};
use crate::progress::Progress;
use crate::text::Message;

const FILE: &str = "assets/rules/depth.toml";

/// What must lie over and between pipes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepthRules {
    pub cover: CoverRule,
    clearance: Vec<ClearanceRule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverRule {
    pub footway_m: f64,
    pub carriageway_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClearanceRule {
    between: [Carries; 2],
    horizontal_m: f64,
    vertical_m: f64,
}

impl DepthRules {
    /// The values of the code.
    ///
    /// # Errors
    /// See [`Self::parse`].
    pub fn builtin() -> Result<Self> {
        Self::parse(include_str!("../../../assets/rules/depth.toml"))
    }

    /// # Errors
    /// `BadInput` that says where the TOML is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            Error::bad_input(
                Message::new("depth.rules")
                    .with("file", FILE)
                    .with("reason", error.message()),
            )
        })
    }

    fn between(&self, a: Carries, b: Carries) -> Option<&ClearanceRule> {
        let is_for = |rule: &&ClearanceRule| rule.between == [a, b] || rule.between == [b, a];
        self.clearance.iter().find(is_for)
    }

    /// Neighbours in a cross-section that lie nearer than they may: beside each other at one height, or over each other.
    pub fn is_too_near(&self, levels: &Levels, cuts: [&Cut; 2]) -> bool {
        let [a, b] = cuts.map(|cut| levels.of(cut.pipe).carries);
        let Some(rule) = self.between(a, b) else {
            return false;
        };
        let spacing = Spacing::of(cuts);
        match (spacing.clear_m, spacing.gap_m) {
            (Some(clear_m), Some(gap_m)) if clear_m < 0.0 => gap_m < rule.vertical_m,
            (Some(clear_m), Some(gap_m)) => clear_m < rule.horizontal_m && gap_m < 0.0,
            _ => false,
        }
    }

    fn widest_m(&self) -> f64 {
        self.clearance
            .iter()
            .map(|rule| rule.horizontal_m)
            .fold(0.0, f64::max)
    }
}

/// What a check came to.
#[derive(Debug, Clone, Default)]
pub struct DepthCheck {
    pub issues: Issues,
    /// Pipes of which no depth is known at either end.
    pub unknown: usize,
}

/// Checks cover of these pipes, and clearance between each of them and all others, obsolete ones left out.
///
/// Cover is judged at both ends, where it was surveyed. Pipes that cross without being joined need the vertical
/// clearance at the crossing; pipes side by side need the horizontal one unless they lie at different heights.
/// Where a height is unknown nothing is said.
///
/// # Errors
/// `Cancelled`.
pub fn check(
    network: &Network,
    levels: &Levels,
    rules: &DepthRules,
    minimum_cover_m: f64,
    pipes: &[PipeIndex],
    progress: &dyn Progress,
) -> Result<DepthCheck> {
    let mut found = DepthCheck::default();
    let is_asked: std::collections::HashSet<PipeIndex> = pipes.iter().copied().collect();
    for (done, &pipe) in pipes.iter().enumerate() {
        if done.is_multiple_of(256) {
            progress.check()?;
            let stage = Message::new("depth.stage");
            progress.report(&stage, done as u64, Some(pipes.len() as u64));
        }
        if network.pipe_state(pipe) == LifeState::Obsolete {
            continue;
        }
        let own = levels.of(pipe);
        if own.crown_m == [None; 2] {
            found.unknown += 1;
            continue;
        }
        cover(network, pipe, own, minimum_cover_m, &mut found.issues);
        for other in neighbours(network, rules, pipe) {
            let is_first = other > pipe || !is_asked.contains(&other);
            if other != pipe && is_first && network.pipe_state(other) != LifeState::Obsolete {
                pair(network, levels, rules, [pipe, other], &mut found.issues);
            }
        }
    }
    Ok(found)
}

/// The pipes whose check needs the heights of these: they and what lies near them.
pub fn concerned(network: &Network, rules: &DepthRules, pipes: &[PipeIndex]) -> Vec<PipeIndex> {
    let mut all: Vec<PipeIndex> = pipes
        .iter()
        .flat_map(|&pipe| neighbours(network, rules, pipe))
        .chain(pipes.iter().copied())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn neighbours(network: &Network, rules: &DepthRules, pipe: PipeIndex) -> Vec<PipeIndex> {
    /// Half of the largest pipe there is.
    const LARGEST_RADIUS_M: f64 = 2.0;
    let metric = network.metric();
    let reach_m = rules.widest_m() + LARGEST_RADIUS_M + radius_m(network, pipe);
    network
        .pipe_vertices(pipe)
        .iter()
        .map(|vertex| metric.box_around(*vertex, reach_m))
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
        .map(|extent| network.pipes_in_box(extent))
        .unwrap_or_default()
}

/// 0 where the diameter is unknown.
fn radius_m(network: &Network, pipe: PipeIndex) -> f64 {
    let diameter_mm = f64::from(network.pipe_diameter_mm(pipe));
    if diameter_mm.is_finite() {
        diameter_mm / 2_000.0
    } else {
        0.0
    }
}

fn cover(network: &Network, pipe: PipeIndex, own: PipeLevels, minimum_m: f64, issues: &mut Issues) {
    if !own.is_in_soil {
        return;
    }
    let covers = [0, 1].map(|end| Some((end, own.ground_m[end]? - own.crown_m[end]?)));
    let least = covers.into_iter().flatten().min_by(|a, b| a.1.total_cmp(&b.1));
    let Some((end, cover_m)) = least.filter(|(_, cover_m)| *cover_m < minimum_m) else {
        return;
    };
    let vertices = network.pipe_vertices(pipe);
    let place = if end == 0 {
        vertices.first()
    } else {
        vertices.last()
    };
    let message = Message::new("depth.issue.cover")
        .with("pipe", network.pipe_code(pipe))
        .with("cover", format!("{cover_m:.2}"))
        .with("minimum", format!("{minimum_m:.2}"));
    push(issues, network, pipe, message, place.copied());
}

fn push(issues: &mut Issues, network: &Network, pipe: PipeIndex, message: Message, place: Option<[f64; 2]>) {
    let issue = Issue::new(Severity::Warning, message).on_code(network.pipe_code(pipe));
    issues.push(match place {
        Some(place) => issue.at_place(place),
        None => issue,
    });
}

fn pair(
    network: &Network,
    levels: &Levels,
    rules: &DepthRules,
    mut pipes: [PipeIndex; 2],
    issues: &mut Issues,
) {
    // Positions in the snapshot say nothing; ids stay.
    pipes.sort_by_key(|pipe| network.pipe_id(*pipe));
    let [a, b] = pipes;
    let Some(rule) = rules.between(levels.of(a).carries, levels.of(b).carries) else {
        return;
    };
    let lines = [network.pipe_vertices(a), network.pipe_vertices(b)];
    let places = crossings(network, lines[0], lines[1]);
    if places.is_empty() {
        return side_by_side(network, levels, rule, [a, b], issues);
    }
    for place in places {
        if is_joint(network, place, a, b) {
            continue;
        }
        let Some(gap_m) = gap_m(network, levels, [a, b], place) else {
            continue;
        };
        if gap_m < rule.vertical_m {
            let message = Message::new("depth.issue.crossing")
                .with("pipe", network.pipe_code(a))
                .with("other", network.pipe_code(b))
                .with("gap", format!("{gap_m:.2}"))
                .with("minimum", format!("{:.2}", rule.vertical_m));
            push(issues, network, a, message, Some(place));
        }
    }
}

fn side_by_side(
    network: &Network,
    levels: &Levels,
    rule: &ClearanceRule,
    [a, b]: [PipeIndex; 2],
    issues: &mut Issues,
) {
    let ends = network.pipe_ends(b);
    if network.pipe_ends(a).iter().any(|end| ends.contains(end)) {
        return;
    }
    let metric = network.metric();
    let nearest = |points: &[[f64; 2]], line: &[[f64; 2]]| {
        points
            .iter()
            .filter_map(|p| Some((metric.foot_point(line, *p)?.distance_m, *p)))
            .min_by(|x, y| x.0.total_cmp(&y.0))
    };
    let lines = [network.pipe_vertices(a), network.pipe_vertices(b)];
    let both = [nearest(lines[0], lines[1]), nearest(lines[1], lines[0])];
    let Some((distance_m, place)) = both.into_iter().flatten().min_by(|x, y| x.0.total_cmp(&y.0)) else {
        return;
    };
    // A pipe that ends on the other is joined to it, or a fault of topology; both are told elsewhere.
    if distance_m <= network.options().end_tolerance_m {
        return;
    }
    let clear_m = distance_m - radius_m(network, a) - radius_m(network, b);
    let lies_level = gap_m(network, levels, [a, b], place).is_some_and(|gap_m| gap_m < 0.0);
    if clear_m < rule.horizontal_m && lies_level {
        let message = Message::new("depth.issue.beside")
            .with("pipe", network.pipe_code(a))
            .with("other", network.pipe_code(b))
            .with("clear", format!("{clear_m:.2}"))
            .with("minimum", format!("{:.2}", rule.horizontal_m));
        push(issues, network, a, message, Some(place));
    }
}

/// Room between the upper pipe's bottom and the lower one's top at the points nearest to `place`; negative where they
/// lie in each other.
fn gap_m(network: &Network, levels: &Levels, pipes: [PipeIndex; 2], place: [f64; 2]) -> Option<f64> {
    let metric = network.metric();
    let [a, b] = pipes.map(|pipe| {
        let line = network.pipe_vertices(pipe);
        let whole_m = metric.length_m(line);
        let along_m = metric.foot_point(line, place)?.along_m;
        let share = if whole_m > 0.0 { along_m / whole_m } else { 0.0 };
        let top_m = levels.of(pipe).crown_at(share)?;
        Some([top_m, top_m - 2.0 * radius_m(network, pipe)])
    });
    let ([top_a, bottom_a], [top_b, bottom_b]) = (a?, b?);
    Some((bottom_a - top_b).max(bottom_b - top_a))
}
