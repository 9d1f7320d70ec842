//! What lies under the pointer. It knows nothing of pointers: the place and the radius come in metres.

use crate::network::{Network, NodeIndex, PieceIndex, PipeIndex};

/// A feature found near a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Picked {
    Node {
        node: NodeIndex,
        distance_m: f64,
    },
    Pipe {
        pipe: PipeIndex,
        piece: Option<PieceIndex>,
        distance_m: f64,
        point: [f64; 2],
    },
}

impl Picked {
    pub fn distance_m(&self) -> f64 {
        match self {
            Self::Node { distance_m, .. } | Self::Pipe { distance_m, .. } => *distance_m,
        }
    }
}

/// All shown features within `radius_m`, best first: nodes before the pipes they sit on, then by distance, then
/// by index. Exactly on the radius counts.
pub fn pick(
    network: &Network,
    place: [f64; 2],
    radius_m: f64,
    is_node_shown: impl Fn(NodeIndex) -> bool,
    is_pipe_shown: impl Fn(PipeIndex) -> bool,
) -> Vec<Picked> {
    let nodes = network
        .nodes_near(place, radius_m)
        .into_iter()
        .filter(|(node, _)| is_node_shown(*node))
        .map(|(node, distance_m)| Picked::Node { node, distance_m });
    let pipes = network
        .pipes_near(place, radius_m)
        .into_iter()
        .filter(|hit| is_pipe_shown(hit.pipe))
        .map(|hit| Picked::Pipe {
            pipe: hit.pipe,
            piece: hit.piece,
            distance_m: hit.distance_m,
            point: hit.point,
        });
    nodes.chain(pipes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput};
    use crate::{ClassIndex, IdSource, NoProgress};

    fn street_with_valve() -> Network {
        let mut ids = IdSource::new(0, 1);
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        builder.add_pipe(&PipeInput {
            code: "P",
            diameter_mm: 100.0,
            vertices: &[[0.0, 0.0], [100.0, 0.0]],
            ..PipeInput::new(ids.next_id(), ClassIndex(0))
        });
        builder.add_node(&NodeInput {
            flags: NodeFlags::VALVE,
            code: "V",
            position: [50.0, 0.0],
            diameter_mm: 100.0,
            ..NodeInput::new(ids.next_id(), ClassIndex(1))
        });
        builder.build(&NoProgress).unwrap()
    }

    #[test]
    fn the_tolerance_decides_and_the_valve_comes_before_its_pipe() {
        let net = street_with_valve();
        let at = |x, y, radius_m| pick(&net, [x, y], radius_m, |_| true, |_| true);
        assert!(matches!(
            at(51.0, 1.0, 2.0)[..],
            [Picked::Node { .. }, Picked::Pipe { .. }]
        ));
        assert!(matches!(at(20.0, 1.9, 2.0)[..], [Picked::Pipe { .. }]));
        assert!(at(20.0, 2.1, 2.0).is_empty());
        assert!((at(20.0, 1.5, 2.0)[0].distance_m() - 1.5).abs() < 1e-9);
        assert!(at(f64::NAN, 0.0, 2.0).is_empty());
    }

    #[test]
    fn what_is_not_shown_cannot_be_picked() {
        let net = street_with_valve();
        assert!(matches!(
            pick(&net, [50.0, 0.0], 2.0, |_| false, |_| true)[..],
            [Picked::Pipe { .. }]
        ));
        assert!(pick(&net, [50.0, 0.0], 2.0, |_| false, |_| false).is_empty());
    }
}
