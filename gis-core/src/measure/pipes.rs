//! Length of a choice of pipes: as recorded, as drawn, and by diameter. It does not choose.

use std::collections::BTreeSet;

use crate::network::snap::crossing;
use crate::network::{Network, PipeIndex};

/// Lengths of some pipes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PipesLength {
    pub count: usize,
    /// Recorded lengths, and the drawn one where none is recorded.
    pub recorded_m: f64,
    /// In the plane of the project's CRS.
    pub drawn_m: f64,
    /// Recorded length by nominal diameter in millimetres, rising; `None` where it is unknown comes last.
    pub by_diameter: Vec<(Option<u32>, f64)>,
}

/// Adds up each pipe once.
pub fn length(network: &Network, pipes: impl IntoIterator<Item = PipeIndex>) -> PipesLength {
    let pipes: BTreeSet<PipeIndex> = pipes.into_iter().collect();
    let mut sum = PipesLength {
        count: pipes.len(),
        ..PipesLength::default()
    };
    for pipe in pipes {
        let recorded_m = network.pipe_length_m(pipe);
        sum.recorded_m += recorded_m;
        sum.drawn_m += network.metric().length_m(network.pipe_vertices(pipe));
        let diameter_mm = f64::from(network.pipe_diameter_mm(pipe));
        let diameter = (diameter_mm.is_finite() && diameter_mm > 0.0).then(|| diameter_mm.round() as u32);
        match sum.by_diameter.iter_mut().find(|(d, _)| *d == diameter) {
            Some((_, total_m)) => *total_m += recorded_m,
            None => sum.by_diameter.push((diameter, recorded_m)),
        }
    }
    sum.by_diameter
        .sort_by_key(|(diameter, _)| diameter.unwrap_or(u32::MAX));
    sum
}

/// Pipes that lie in a ring or cross its rim, in index order; a rectangle on a turned map is such a ring.
pub fn touching(network: &Network, ring: &[[f64; 2]]) -> Vec<PipeIndex> {
    let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in ring {
        b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    }
    let sides: Vec<[[f64; 2]; 2]> = ring
        .iter()
        .zip(ring.iter().cycle().skip(1))
        .map(|(a, b)| [*a, *b])
        .collect();
    if sides.len() < 3 {
        return Vec::new();
    }
    network
        .pipes_in_box(b)
        .into_iter()
        .filter(|pipe| {
            let line = network.pipe_vertices(*pipe);
            line.first().is_some_and(|p| is_inside(&sides, *p))
                || line
                    .windows(2)
                    .any(|w| sides.iter().any(|side| crossing([w[0], w[1]], *side).is_some()))
        })
        .collect()
}

/// Even-odd rule.
fn is_inside(sides: &[[[f64; 2]; 2]], p: [f64; 2]) -> bool {
    sides
        .iter()
        .filter(|[a, b]| {
            (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        })
        .count()
        % 2
        == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{NetworkBuilder, NetworkOptions, PipeInput};
    use crate::{ClassIndex, IdSource, NoProgress};

    #[test]
    fn a_pipe_chosen_twice_counts_once_and_diameters_rise() {
        let mut ids = IdSource::new(0, 1);
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        for (y, diameter_mm, length_m) in [
            (0.0, 300.0, Some(110.0)),
            (20.0, 100.0, None),
            (40.0, f64::NAN, None),
            (60.0, 100.0, None),
        ] {
            builder.add_pipe(&PipeInput {
                length_m,
                diameter_mm,
                vertices: &[[0.0, y], [100.0, y]],
                ..PipeInput::new(ids.next_id(), ClassIndex(0))
            });
        }
        let net = builder.build(&NoProgress).unwrap();
        let sum = length(&net, net.pipes().chain(net.pipes()));
        assert_eq!(sum.count, 4);
        assert!((sum.recorded_m - 410.0).abs() < 1e-6 && (sum.drawn_m - 400.0).abs() < 1e-6);
        let diameters: Vec<_> = sum.by_diameter.iter().map(|(d, _)| *d).collect();
        assert_eq!(diameters, [Some(100), Some(300), None]);
        assert!((sum.by_diameter[0].1 - 200.0).abs() < 1e-6);
        assert_eq!(length(&net, []), PipesLength::default());
        // A turned square over the ends of the two in the middle, and one that a pipe only passes through.
        let count = |ring: &[[f64; 2]]| touching(&net, ring).len();
        assert_eq!(
            count(&[[100.0, 10.0], [120.0, 30.0], [100.0, 50.0], [80.0, 30.0]]),
            2
        );
        assert_eq!(count(&[[40.0, -5.0], [50.0, -5.0], [50.0, 5.0], [40.0, 5.0]]), 1);
        assert_eq!(count(&[[40.0, 5.0], [50.0, 5.0], [50.0, 15.0], [40.0, 15.0]]), 0);
        assert_eq!(count(&[[0.0, 0.0], [100.0, 0.0]]), 0);
    }
}
