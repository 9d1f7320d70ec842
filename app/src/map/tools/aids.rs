//! Aids for drawing: right angles, tracing, what is typed. They move the place that a tool gets; what a place means is
//! the tool's affair.

use gis_core::drafting::{Anchor, MOST_TRACED, Tracer, Typed, parallel};
use gis_core::network::Metric;
use gis_core::network::snap::{Snap, SnapKind, crossing};

use super::ToolContext;

/// What is switched on, for all tools and views.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Aids {
    /// 正交; Shift turns it round.
    pub is_square: bool,
    /// Between two clicks on lines that are there, the new line follows them.
    pub is_tracing: bool,
    /// The traced line lies this far to the right of the one that is followed.
    pub trace_offset_m: f64,
}

/// What is being typed for the tool in hand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Typing {
    pub text: String,
    /// The field wants the keyboard.
    pub is_wanted: bool,
    /// Said of the last text that was no place.
    pub refused: Option<String>,
}

impl Typing {
    /// The place that what is typed so far means; `None` where it means none yet.
    fn place(&self, anchor: Option<Anchor>, pointer: [f64; 2], metric: Metric) -> Option<[f64; 2]> {
        let typed = Typed::parse(&self.text).ok()?;
        // A coordinate is no affair of the pointer before Enter.
        let is_counted = !matches!(typed, Typed::Absolute(_) | Typed::LonLat(_));
        is_counted.then(|| typed.place(anchor, pointer, metric).ok()?)?
    }
}

/// Where typing and right angles put the pointer, and what is left of the place it snaps to.
pub(in crate::map) fn aided(
    ctx: &ToolContext<'_>,
    typing: &Typing,
    anchor: Option<Anchor>,
    pointer: [f64; 2],
    snap: Option<Snap>,
    is_turned_round: bool,
) -> (Option<[f64; 2]>, Option<Snap>) {
    let network = ctx.network();
    let metric = network.metric();
    if let Some(place) = typing.place(anchor, pointer, metric) {
        return (Some(place), None);
    }
    let Some(anchor) = anchor.filter(|_| ctx.aids.is_square != is_turned_round) else {
        return (None, snap);
    };
    let square = anchor.square(metric, pointer);
    match snap {
        // A node or vertex is meant, whatever the angle.
        Some(snap) if snap.kind != SnapKind::Segment => (None, Some(snap)),
        Some(snap) => {
            let crossed = snap
                .pipe
                .and_then(|pipe| cut(anchor.last, square, network.pipe_vertices(pipe), pointer, metric));
            let met = crossed.map(|point| Snap { point, ..snap });
            (Some(square), met)
        }
        None => (Some(square), None),
    }
}

/// Where the ray from `from` through `to` meets a line, as near to the pointer as it does.
fn cut(
    from: [f64; 2],
    to: [f64; 2],
    line: &[[f64; 2]],
    pointer: [f64; 2],
    metric: Metric,
) -> Option<[f64; 2]> {
    let far = [0, 1].map(|axis| from[axis] + 2.0 * (to[axis] - from[axis]));
    let met = line
        .windows(2)
        .filter_map(|w| crossing([from, far], [w[0], w[1]]));
    let away = |p: &[f64; 2]| metric.distance_m(*p, pointer);
    met.min_by(|a, b| away(a).total_cmp(&away(b)))
}

/// Follows lines from the last place of a sketch to the pointer.
#[derive(Default)]
pub(super) struct Tracing {
    /// The ways from the place that the sketch had come to, in the view of that moment.
    ways: Option<Ways>,
}

struct Ways {
    start: [f64; 2],
    view: [f64; 4],
    tracer: Option<Tracer>,
}

impl Ways {
    fn has(&self, place: [f64; 2]) -> bool {
        let [min_x, min_y, max_x, max_y] = self.view;
        (min_x..=max_x).contains(&place[0]) && (min_y..=max_y).contains(&place[1])
    }
}

impl Tracing {
    /// The way along lines from `start` to a place, both ends included and moved aside as the aids say; `None` where
    /// none leads there or nothing is to be traced.
    pub(super) fn way(
        &mut self,
        ctx: &ToolContext<'_>,
        start: [f64; 2],
        to: [f64; 2],
        within_m: f64,
    ) -> Option<Vec<[f64; 2]>> {
        if !ctx.aids.is_tracing {
            return None;
        }
        let metric = ctx.network().metric();
        // A view that moves is no reason to look again while the pointer is in what was looked at.
        let is_known = |ways: &Ways| metric.distance_m(ways.start, start) <= 0.0 && ways.has(to);
        if !self.ways.as_ref().is_some_and(is_known) {
            let view = ctx.view_box()?;
            self.ways = Some(Ways {
                start,
                view,
                tracer: tracer(ctx, view, start, within_m),
            });
        }
        let way = self.ways.as_ref()?.tracer.as_ref()?.to(to, within_m)?;
        if way.len() < 2 || ctx.aids.trace_offset_m == 0.0 {
            return Some(way);
        }
        parallel(metric, &way, ctx.aids.trace_offset_m)
    }
}

fn tracer(ctx: &ToolContext<'_>, view: [f64; 4], start: [f64; 2], within_m: f64) -> Option<Tracer> {
    /// Vertices of two lines of a map that are meant to be one.
    const JOINED_M: f64 = 0.02;
    let network = ctx.network();
    let shown = network
        .pipes_in_box(view)
        .into_iter()
        .filter(|pipe| ctx.is_pipe_shown(*pipe));
    let mut lines = Vec::new();
    let mut count = 0;
    let others = ctx.lines.iter().flat_map(|lines| lines.meeting(view));
    for line in shown.map(|pipe| network.pipe_vertices(pipe)).chain(others) {
        count += line.len();
        if count > MOST_TRACED {
            return None;
        }
        lines.push(line.to_vec());
    }
    let joined_m = network.options().end_tolerance_m.max(JOINED_M);
    Tracer::new(lines, start, within_m, joined_m, network.metric())
}
