//! Where lines of pipes meet in the plane, and whether the network joins them there.

use super::{Network, NodeIndex, PipeIndex};

/// Points where the segments of two lines meet, each place once.
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
