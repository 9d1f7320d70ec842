//! Topology check: what in the network would spoil an answer, each with its place and weight. It repairs nothing
//! and blocks nothing (4.4, 10.1.3.2).

use super::{LifeState, NONE, Network, NodeFlags, NodeIndex, PipeIndex};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::{Issue, Issues, Severity};
use crate::progress::Progress;
use crate::text::Message;

/// Shorter pipes are reported as having no length, in metres.
const SHORTEST_M: f64 = 0.01;
/// Two pipes overlap when they run together for at least this far, in metres.
const SHORTEST_OVERLAP_M: f64 = 0.5;
/// Recorded and drawn length may differ by this share and this many metres.
const LENGTH_SHARE: f64 = 0.2;
const LENGTH_SLACK_M: f64 = 5.0;
/// Features between two looks at the cancel button.
const STRIDE: usize = 4096;

/// Whether it is recorded that two pipes pass each other without being joined.
pub type Passing<'a> = dyn Fn(FeatureId, FeatureId) -> bool + 'a;

/// What looks at one feature.
type Step<'a> = dyn Fn(&Network, usize, &mut Issues) + 'a;

/// Checks the whole network: connections, then features, then attributes. What was found while the snapshot was
/// built (ends that name no node, valves beside their pipe) comes first.
///
/// # Errors
/// Only when cancelled.
pub fn check(network: &Network, progress: &dyn Progress) -> Result<Issues> {
    check_but(network, &|_, _| false, progress)
}

/// The same, without asking about crossings of which it is recorded that the pipes pass each other
/// (`Project::passes`).
///
/// # Errors
/// Only when cancelled.
pub fn check_but(network: &Network, passes: &Passing<'_>, progress: &dyn Progress) -> Result<Issues> {
    let mut issues = network.issues();
    let pipes = |network: &Network, i: usize, issues: &mut Issues| check_pipe(network, i, passes, issues);
    let steps: [&Step<'_>; 2] = [&pipes, &check_node];
    let counts = [network.pipe_slots(), network.node_slots()];
    let total = counts.iter().sum::<usize>() as u64;
    let stage = Message::new("core.check.stage");
    let mut done = 0_u64;
    for (step, count) in steps.iter().zip(counts) {
        for i in 0..count {
            if i % STRIDE == 0 {
                progress.check()?;
                progress.report(&stage, done, Some(total));
            }
            step(network, i, &mut issues);
            done += 1;
        }
    }
    islands(network, &mut issues);
    duplicate_codes(network, &mut issues);
    progress.report(&stage, total, Some(total));
    Ok(issues)
}

fn check_pipe(network: &Network, i: usize, passes: &Passing<'_>, issues: &mut Issues) {
    let pipe = PipeIndex(i as u32);
    if !network.is_pipe(i as u32) || network.pipe_state(pipe) == LifeState::Obsolete {
        return;
    }
    attributes(network, pipe, issues);
    let line = network.pipe_vertices(pipe);
    let drawn_m = network.metric().length_m(line);
    let length_m = network.pipe_length_m(pipe);
    if length_m < SHORTEST_M {
        issues.push(pipe_issue(
            network,
            pipe,
            Severity::Warning,
            "core.check.zero_length",
        ));
    } else if drawn_m > 0.0 && (drawn_m - length_m).abs() > (LENGTH_SHARE * length_m).max(LENGTH_SLACK_M) {
        let mut issue = pipe_issue(network, pipe, Severity::Info, "core.check.length_differs");
        issue.message = Message::new("core.check.length_differs")
            .with("code", network.pipe_code(pipe))
            .with("recorded", format!("{length_m:.1}"))
            .with("drawn", format!("{drawn_m:.1}"));
        issues.push(issue);
    }
    if network.pipe_state(pipe) == LifeState::Operative {
        dangling_ends(network, pipe, issues);
        neighbours(network, pipe, passes, issues);
    }
}

fn attributes(network: &Network, pipe: PipeIndex, issues: &mut Issues) {
    let checks = [
        (
            network.pipe_diameter_mm(pipe).is_nan() || network.pipe_diameter_mm(pipe) <= 0.0,
            "core.check.no_diameter",
            "diameter_mm",
        ),
        (
            network.pipe_material(pipe).is_none(),
            "core.check.no_material",
            "material",
        ),
        (network.pipe_code(pipe).is_empty(), "core.check.no_code", "code"),
    ];
    for (is_missing, key, field) in checks {
        if is_missing {
            issues.push(pipe_issue(network, pipe, Severity::Info, key).on_field(field));
        }
    }
}

/// Ends of one pipe only that come close to another pipe or node without meeting it.
fn dangling_ends(network: &Network, pipe: PipeIndex, issues: &mut Issues) {
    let reach_m = network.options().snap_tolerance_m;
    for end in network.pipe_ends(pipe) {
        let place = network.position(end);
        if network.pieces_at(end).len() != 1 || !place[0].is_finite() {
            continue;
        }
        let near = network.pipes_near(place, reach_m).into_iter().find(|hit| {
            hit.pipe != pipe && hit.piece.is_some() && !network.pipe_ends(hit.pipe).contains(&end)
        });
        if let Some(hit) = near {
            let key = if hit.distance_m <= network.options().end_tolerance_m {
                "core.check.touches_without_joint"
            } else {
                "core.check.dangling"
            };
            let mut issue = pipe_issue(network, pipe, Severity::Warning, key).at_place(place);
            issue.message = Message::new(key)
                .with("code", network.pipe_code(pipe))
                .with("other", network.pipe_code(hit.pipe))
                .with("distance", format!("{:.2}", hit.distance_m));
            issues.push(issue);
        }
    }
}

/// Overlaps and crossings with pipes of a higher index.
fn neighbours(network: &Network, pipe: PipeIndex, passes: &Passing<'_>, issues: &mut Issues) {
    let line = network.pipe_vertices(pipe);
    if line.len() < 2 {
        return;
    }
    let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in line {
        b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    }
    for other in network.pipes_in_box(b) {
        if other <= pipe || network.pipe_state(other) != LifeState::Operative {
            continue;
        }
        if let Some(place) = overlap(network, pipe, other) {
            issues.push(pair_issue(
                network,
                pipe,
                other,
                Severity::Warning,
                "core.check.overlap",
                place,
            ));
            continue;
        }
        if passes(network.pipe_id(pipe), network.pipe_id(other)) {
            continue;
        }
        for place in crossings(network, line, network.pipe_vertices(other)) {
            if !is_joint(network, place, pipe, other) {
                issues.push(pair_issue(
                    network,
                    pipe,
                    other,
                    Severity::Info,
                    "core.check.crossing",
                    place,
                ));
            }
        }
    }
}

/// Where two pipes run together: the middle of the first such stretch.
fn overlap(network: &Network, pipe: PipeIndex, other: PipeIndex) -> Option<[f64; 2]> {
    const SAMPLES: u32 = 4;
    let metric = network.metric();
    let tolerance_m = network.options().end_tolerance_m;
    let line = network.pipe_vertices(other);
    for w in network.pipe_vertices(pipe).windows(2) {
        if metric.distance_m(w[0], w[1]) < SHORTEST_OVERLAP_M {
            continue;
        }
        let mut before: Option<([f64; 2], f64)> = None;
        for k in 0..=SAMPLES {
            let t = f64::from(k) / f64::from(SAMPLES);
            let p = [
                w[0][0] + t * (w[1][0] - w[0][0]),
                w[0][1] + t * (w[1][1] - w[0][1]),
            ];
            let foot = metric.foot_point(line, p).filter(|f| f.distance_m <= tolerance_m);
            if let (Some((q, along_m)), Some(foot)) = (before, foot)
                && (foot.along_m - along_m).abs() >= SHORTEST_OVERLAP_M / f64::from(SAMPLES)
            {
                return Some([f64::midpoint(p[0], q[0]), f64::midpoint(p[1], q[1])]);
            }
            before = foot.map(|f| (p, f.along_m));
        }
    }
    None
}

/// Points where the insides of two lines' segments meet.
pub(crate) fn crossings(network: &Network, a: &[[f64; 2]], b: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut places: Vec<[f64; 2]> = Vec::new();
    for u in a.windows(2) {
        for v in b.windows(2) {
            let Some(place) = meeting([u[0], u[1]], [v[0], v[1]]) else {
                continue;
            };
            let is_new = places
                .iter()
                .all(|p| network.metric().distance_m(*p, place) > network.options().end_tolerance_m);
            if is_new {
                places.push(place);
            }
        }
    }
    places
}

/// Where two segments meet, ends included; `None` for parallel ones.
pub(crate) fn meeting(u: [[f64; 2]; 2], v: [[f64; 2]; 2]) -> Option<[f64; 2]> {
    let d = [u[1][0] - u[0][0], u[1][1] - u[0][1]];
    let e = [v[1][0] - v[0][0], v[1][1] - v[0][1]];
    let cross = d[0] * e[1] - d[1] * e[0];
    if cross == 0.0 {
        return None;
    }
    let f = [v[0][0] - u[0][0], v[0][1] - u[0][1]];
    let s = (f[0] * e[1] - f[1] * e[0]) / cross;
    let t = (f[0] * d[1] - f[1] * d[0]) / cross;
    let is_met = (0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t);
    is_met.then(|| [u[0][0] + s * d[0], u[0][1] + s * d[1]])
}

/// Whether the pipes meet at that place in a vertex of both, or one only ends there (a touch, told elsewhere).
pub(crate) fn is_joint(network: &Network, place: [f64; 2], pipe: PipeIndex, other: PipeIndex) -> bool {
    let at = |vertex: NodeIndex| {
        network.metric().distance_m(network.position(vertex), place) <= network.options().end_tolerance_m
    };
    [pipe, other]
        .into_iter()
        .any(|p| network.pipe_ends(p).into_iter().any(at))
        || network
            .pieces_of(pipe)
            .flat_map(|p| network.piece_ends(p))
            .any(|v| {
                at(v)
                    && network
                        .pieces_at(v)
                        .iter()
                        .any(|p| network.piece_pipe(*p) == other)
            })
}

fn check_node(network: &Network, i: usize, issues: &mut Issues) {
    let node = NodeIndex(i as u32);
    let place = network.position(node);
    if network.node_state(node) != LifeState::Operative || !place[0].is_finite() {
        return;
    }
    for (other, _) in network.nodes_near(place, network.options().end_tolerance_m) {
        if other > node && network.node_state(other) == LifeState::Operative {
            let message = Message::new("core.check.duplicate_node")
                .with("code", network.node_code(node))
                .with("other", network.node_code(other));
            issues.push(
                Issue::new(Severity::Warning, message)
                    .on_code(network.node_code(node))
                    .at_place(place),
            );
        }
    }
}

/// Connected parts without any source, closed valves counted as passable.
fn islands(network: &Network, issues: &mut Issues) {
    let mut part = vec![NONE; network.piece_slots()];
    for seed in network.pieces() {
        if part[seed.0 as usize] != NONE {
            continue;
        }
        part[seed.0 as usize] = seed.0;
        let mut members = vec![seed];
        let mut next = 0;
        let mut has_source = false;
        while next < members.len() {
            for vertex in network.piece_ends(members[next]) {
                has_source |= network.node_flags(vertex).has(NodeFlags::SOURCE);
                for &other in network.pieces_at(vertex) {
                    if part[other.0 as usize] == NONE {
                        part[other.0 as usize] = seed.0;
                        members.push(other);
                    }
                }
            }
            next += 1;
        }
        if !has_source {
            let pipe = network.piece_pipe(seed);
            let mut issue = pipe_issue(network, pipe, Severity::Warning, "core.check.island");
            issue.message = Message::new("core.check.island")
                .with("code", network.pipe_code(pipe))
                .with("count", members.len());
            issues.push(issue);
        }
    }
}

fn duplicate_codes(network: &Network, issues: &mut Issues) {
    let mut report = |code: &str, place: Option<[f64; 2]>| {
        let mut issue = Issue::new(
            Severity::Warning,
            Message::new("core.check.duplicate_code").with("code", code),
        )
        .on_code(code);
        issue.place = place;
        issues.push(issue);
    };
    for pipe in network.pipes() {
        let code = network.pipe_code(pipe);
        if !code.is_empty() && network.pipes_with_code(code)[0] != pipe {
            report(code, network.pipe_vertices(pipe).first().copied());
        }
    }
    for node in network.nodes() {
        let code = network.node_code(node);
        if code.is_empty() {
            continue;
        }
        // The same code in another class is no collision (E30).
        let class = network.node_class(node);
        let first = network
            .nodes_with_code(code)
            .into_iter()
            .find(|n| network.node_class(*n) == class);
        if first != Some(node) {
            report(code, Some(network.position(node)));
        }
    }
}

fn pipe_issue(network: &Network, pipe: PipeIndex, severity: Severity, key: &'static str) -> Issue {
    let code = network.pipe_code(pipe);
    let line = network.pipe_vertices(pipe);
    let mut issue = Issue::new(severity, Message::new(key).with("code", code)).on_code(code);
    issue.place = network
        .metric
        .point_along(line, network.metric().length_m(line) / 2.0);
    issue
}

fn pair_issue(
    network: &Network,
    pipe: PipeIndex,
    other: PipeIndex,
    severity: Severity,
    key: &'static str,
    place: [f64; 2],
) -> Issue {
    let code = network.pipe_code(pipe);
    let message = Message::new(key)
        .with("code", code)
        .with("other", network.pipe_code(other));
    Issue::new(severity, message).on_code(code).at_place(place)
}
