//! Which pipes a straight stroke crosses, for flags and cross-sections. It knows no depth.

use super::{Network, PipeIndex};

/// Where a pipe crosses the stroke.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// From 0 at the start of the stroke to 1 at its end.
    pub along: f64,
    pub point: [f64; 2],
}

/// The first place at which a line crosses the stroke; one that runs along it does not cross.
pub fn crossing(stroke: [[f64; 2]; 2], line: &[[f64; 2]]) -> Option<Crossing> {
    let [a, b] = stroke;
    let d = [b[0] - a[0], b[1] - a[1]];
    let found = line.windows(2).filter_map(|w| {
        let e = [w[1][0] - w[0][0], w[1][1] - w[0][1]];
        let across = d[0] * e[1] - d[1] * e[0];
        if across == 0.0 || !across.is_finite() {
            return None;
        }
        let f = [w[0][0] - a[0], w[0][1] - a[1]];
        let along = (f[0] * e[1] - f[1] * e[0]) / across;
        let on_line = (f[0] * d[1] - f[1] * d[0]) / across;
        ((0.0..=1.0).contains(&along) && (0.0..=1.0).contains(&on_line)).then_some(along)
    });
    let along = found.min_by(f64::total_cmp)?;
    Some(Crossing {
        along,
        point: [0, 1].map(|axis| a[axis] + along * d[axis]),
    })
}

/// All pipes that a stroke crosses, in the order of their crossings; of those that cross at the same place the one with
/// the smaller id first. `is_shown` leaves out what is not on the map.
pub fn crossed_pipes(
    network: &Network,
    stroke: [[f64; 2]; 2],
    is_shown: impl Fn(PipeIndex) -> bool,
) -> Vec<(PipeIndex, Crossing)> {
    let [a, b] = stroke;
    let extent = [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])];
    let pipes = network.pipes_in_box(extent).into_iter().filter(|p| is_shown(*p));
    let mut found: Vec<_> = pipes
        .filter_map(|pipe| Some((pipe, crossing(stroke, network.pipe_vertices(pipe))?)))
        .collect();
    found.sort_by(|(pipe_a, a), (pipe_b, b)| {
        (a.along.total_cmp(&b.along)).then_with(|| network.pipe_id(*pipe_a).cmp(&network.pipe_id(*pipe_b)))
    });
    found
}
