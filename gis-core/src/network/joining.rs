//! How things are joined: which node an end belongs to, which pipes a node sits on, where a pipe is cut, which way a
//! device leads. One answer for a network that is put together at once and for one that is edited.

use super::{LifeState, Metric, Network, NetworkOptions, NodeFlags, NodeIndex, PieceIndex};
use crate::ids::FeatureId;
use crate::issue::{Issue, Severity};
use crate::text::Message;

/// A node near the end of a pipe.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) index: u32,
    pub(super) id: FeatureId,
    pub(super) flags: NodeFlags,
    pub(super) state: LifeState,
    pub(super) distance_m: f64,
}

/// Of several nodes at the end of a pipe the one that steers water is the joint, then the nearest.
pub(super) fn joint(candidates: impl Iterator<Item = Candidate>, tolerance_m: f64) -> Option<u32> {
    let rank = |flags: NodeFlags| {
        u8::from(!flags.has(NodeFlags::BOUNDARY))
            + u8::from(!flags.has(NodeFlags::SOURCE))
            + 2 * u8::from(flags.has(NodeFlags::CUSTOMER))
    };
    candidates
        .filter(|c| c.state != LifeState::Obsolete && c.distance_m <= tolerance_m)
        .min_by(|a, b| {
            rank(a.flags)
                .cmp(&rank(b.flags))
                .then(a.distance_m.total_cmp(&b.distance_m))
                .then(a.id.cmp(&b.id))
        })
        .map(|c| c.index)
}

/// What has to be known of pipes to find the one under a node.
pub(super) trait Pipes {
    fn near(&self, b: [f64; 4]) -> Vec<u32>;
    fn id(&self, pipe: u32) -> FeatureId;
    fn state(&self, pipe: u32) -> LifeState;
    /// Whether the data name both its ends.
    fn is_explicit(&self, pipe: u32) -> bool;
    fn line(&self, pipe: u32) -> &[[f64; 2]];
    fn length_m(&self, pipe: u32) -> f64;
}

/// A node that may sit on pipes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sitting<'a> {
    pub(super) code: &'a str,
    pub(super) flags: NodeFlags,
    pub(super) state: LifeState,
    /// NaN where unknown.
    pub(super) place: [f64; 2],
    /// Ends of pipes in service that it joins.
    pub(super) degree: u32,
    /// What the data say: `None` inside for a pipe that is not there.
    pub(super) on_pipe: Option<(Option<u32>, Option<f64>)>,
}

/// Where a node sits.
#[derive(Debug, Default)]
pub(super) struct Seat {
    /// Pipe and distance from its start, in metres of recorded length.
    pub(super) on: Vec<(u32, f64)>,
    /// Beside its pipe rather than on it.
    pub(super) is_doubtful: bool,
    pub(super) issues: Vec<Issue>,
}

/// How far from a pipe a node may be that belongs to it.
pub(super) fn reach_m(flags: NodeFlags, degree: u32, options: &NetworkOptions) -> f64 {
    match (degree, flags.has(NodeFlags::CUSTOMER)) {
        (0, true) => options.customer_reach_m.max(options.snap_tolerance_m),
        (0, false) => options.snap_tolerance_m,
        _ => options.end_tolerance_m,
    }
}

pub(super) fn seat(pipes: &impl Pipes, metric: Metric, options: &NetworkOptions, node: &Sitting<'_>) -> Seat {
    let mut seat = Seat::default();
    if node.state != LifeState::Operative {
        return seat;
    }
    match node.on_pipe {
        Some((Some(pipe), distance_m)) => {
            seat.on
                .push((pipe, distance_on(pipes, metric, pipe, node.place, distance_m)));
            return seat;
        }
        Some((None, _)) => seat.issues.push(issue("core.network.on_unknown_pipe", node)),
        None => {}
    }
    if node.place[0].is_finite() && node.place[1].is_finite() {
        seat_by_place(pipes, metric, options, node, &mut seat);
    }
    seat
}

fn distance_on(
    pipes: &impl Pipes,
    metric: Metric,
    pipe: u32,
    place: [f64; 2],
    recorded_m: Option<f64>,
) -> f64 {
    let length_m = pipes.length_m(pipe);
    if let Some(distance_m) = recorded_m {
        return distance_m.clamp(0.0, length_m);
    }
    let line = pipes.line(pipe);
    let drawn_m = metric.length_m(line);
    let foot = metric
        .foot_point(line, place)
        .filter(|f| f.distance_m.is_finite());
    match foot {
        Some(foot) if drawn_m > 0.0 => foot.along_m / drawn_m * length_m,
        _ => length_m / 2.0,
    }
}

/// A node that no pipe ends in sits on the pipe under it; one where pipes end joins the pipe it lies on, as a
/// tee does, but only among pipes whose ends were found by place: named ends are taken at their word.
fn seat_by_place(
    pipes: &impl Pipes,
    metric: Metric,
    options: &NetworkOptions,
    node: &Sitting<'_>,
    seat: &mut Seat,
) {
    let Sitting {
        flags, place, degree, ..
    } = *node;
    let is_customer = flags.has(NodeFlags::CUSTOMER);
    let reach_m = reach_m(flags, degree, options);
    let end_tolerance_m = options.end_tolerance_m;
    let mut feet: Vec<(f64, u32, f64)> = Vec::new();
    for pipe in pipes.near(metric.box_around(place, reach_m)) {
        if pipes.state(pipe) != LifeState::Operative || (degree > 0 && pipes.is_explicit(pipe)) {
            continue;
        }
        let line = pipes.line(pipe);
        let Some(foot) = metric.foot_point(line, place).filter(|f| f.distance_m <= reach_m) else {
            continue;
        };
        let drawn_m = metric.length_m(line);
        if degree > 0 && (foot.along_m <= end_tolerance_m || foot.along_m >= drawn_m - end_tolerance_m) {
            // The end itself was joined already.
            continue;
        }
        let along = if drawn_m > 0.0 {
            foot.along_m / drawn_m * pipes.length_m(pipe)
        } else {
            0.0
        };
        feet.push((foot.distance_m, pipe, along));
    }
    feet.sort_by(|a, b| {
        a.0.total_cmp(&b.0)
            .then_with(|| pipes.id(a.1).cmp(&pipes.id(b.1)))
    });
    let Some(&(nearest_m, ..)) = feet.first() else {
        if degree == 0 && (flags.has(NodeFlags::VALVE) || flags.has(NodeFlags::SOURCE)) {
            seat.issues.push(issue("core.network.not_on_pipe", node));
        }
        return;
    };
    if degree == 0 && nearest_m > end_tolerance_m && !is_customer {
        seat.is_doubtful = true;
        let mut issue = issue("core.network.beside_pipe", node);
        issue.message = issue.message.with("distance", format!("{nearest_m:.2}"));
        seat.issues.push(issue);
    }
    for (i, (distance_m, pipe, along)) in feet.into_iter().enumerate() {
        // All pipes that pass through the node where they are joined by place, else only the nearest.
        if i == 0 || (distance_m <= end_tolerance_m && !pipes.is_explicit(pipe) && !is_customer) {
            seat.on.push((pipe, along));
        }
    }
}

fn issue(key: &'static str, node: &Sitting<'_>) -> Issue {
    Issue::new(Severity::Warning, Message::new(key).with("code", node.code))
        .on_code(node.code)
        .at_place(node.place)
}

/// Whether a node that sits on pipes cuts them, or hangs on them: a device that steers water, or that several pipes
/// meet in, cuts.
pub(super) fn cuts(flags: NodeFlags, degree: u32, times_seated: usize) -> bool {
    flags.has(NodeFlags::BOUNDARY) || flags.has(NodeFlags::SOURCE) || degree > 0 || times_seated > 1
}

/// A node on a pipe: distance from its start in metres of recorded length, the node, whether it cuts.
pub(super) type OnPipe = (f64, u32, bool);

/// Cuts a pipe at what sits on it, in order: for each piece its ends, its length, and what hangs on it with the distance
/// from the piece's start.
pub(super) fn cut(
    ends: [NodeIndex; 2],
    length_m: f64,
    on_pipe: impl Iterator<Item = OnPipe>,
    mut piece: impl FnMut([NodeIndex; 2], f64, &[(u32, f64)]),
) {
    let mut at = ends[0];
    let mut start_m = 0.0;
    let mut hanging: Vec<(u32, f64)> = Vec::new();
    for (along_m, node, is_cut) in on_pipe {
        if !is_cut {
            hanging.push((node, along_m - start_m));
        } else if NodeIndex(node) != at {
            piece([at, NodeIndex(node)], (along_m - start_m).max(0.0), &hanging);
            hanging.clear();
            at = NodeIndex(node);
            start_m = along_m;
        }
    }
    piece([at, ends[1]], (length_m - start_m).max(0.0), &hanging);
}

/// An end that names a node which is not there.
pub(super) fn unknown_end(code: &str, place: Option<[f64; 2]>) -> Issue {
    let message = Message::new("core.network.unknown_end").with("code", code);
    let mut issue = Issue::new(Severity::Warning, message).on_code(code);
    issue.place = place;
    issue
}

/// A one-way device of which nobody recorded where it leads.
pub(super) fn no_direction(network: &Network, node: NodeIndex) -> Issue {
    let code = network.node_code(node);
    Issue::new(
        Severity::Warning,
        Message::new("core.network.no_direction").with("code", code),
    )
    .on_code(code)
    .at_place(network.position(node))
}

/// The piece at `node` that leads to `target`: of that pipe, or on its device's own pipe towards that node.
pub(super) fn outlet_piece(network: &Network, node: NodeIndex, target: FeatureId) -> Option<PieceIndex> {
    let around = network.pieces_at(node);
    let mut of_pipe = around
        .iter()
        .filter(|p| network.pipe_id(network.piece_pipe(**p)) == target);
    if let (Some(piece), None) = (of_pipe.next(), of_pipe.next()) {
        return Some(*piece);
    }
    let is_target = |n: NodeIndex| !network.is_anonymous(n) && network.node_id(n) == target;
    let mut towards = around.iter().filter(|piece| {
        let pipe = network.piece_pipe(**piece);
        let [start, end] = network.piece_ends(**piece);
        let other = if start == node { end } else { start };
        // Directly beyond this piece, or at that end of the pipe behind further devices.
        is_target(other)
            || (start == node && is_target(network.pipe_ends(pipe)[1]))
            || (end == node && is_target(network.pipe_ends(pipe)[0]))
    });
    match (towards.next(), towards.next()) {
        (Some(piece), None) => Some(*piece),
        _ => None,
    }
}

/// Length of a piece over the straight distance of its ends: 0 where an end has no place, `None` where they are at one.
pub(super) fn straightness(network: &Network, piece: PieceIndex) -> Option<f64> {
    let [a, b] = network.piece_ends(piece).map(|n| network.position(n));
    let straight_m = network.metric().distance_m(a, b);
    if straight_m.is_nan() {
        return Some(0.0);
    }
    (straight_m > 0.0).then(|| network.piece_length_m(piece) / straight_m)
}
