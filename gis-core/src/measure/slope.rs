//! Slope between two nodes from their heights and the length between them. It does not ask which way water flows.

use crate::network::{Network, NodeIndex};

/// What the length between two nodes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// That of the pipe which joins them.
    Pipe,
    /// The straight line: no single pipe joins them.
    Straight,
}

/// The slope from one node to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Height of the second node above the first, in metres; negative downhill.
    pub rise_m: f64,
    /// Length between them in plan, in metres.
    pub run_m: f64,
    pub run: Run,
}

impl Slope {
    /// Thousandths, as sewers and mains are designed; `None` between nodes on one spot.
    pub fn permille(&self) -> Option<f64> {
        (self.run_m > 0.0).then(|| self.rise_m / self.run_m * 1_000.0)
    }

    /// From the level, in degrees; `None` between nodes on one spot.
    pub fn angle_deg(&self) -> Option<f64> {
        (self.run_m > 0.0).then(|| (self.rise_m / self.run_m).atan().to_degrees())
    }
}

/// The slope from `from` to `to`; `None` where a height or a place is unknown.
pub fn between(network: &Network, from: NodeIndex, to: NodeIndex) -> Option<Slope> {
    let rise_m = f64::from(network.node_z_m(to)) - f64::from(network.node_z_m(from));
    let (run_m, run) = match joining_length_m(network, from, to) {
        Some(length_m) => (length_m, Run::Pipe),
        None => (
            network
                .metric()
                .distance_m(network.position(from), network.position(to)),
            Run::Straight,
        ),
    };
    (rise_m.is_finite() && run_m.is_finite()).then_some(Slope { rise_m, run_m, run })
}

/// Recorded length of the shortest stretch of pipe that joins two nodes directly.
fn joining_length_m(network: &Network, from: NodeIndex, to: NodeIndex) -> Option<f64> {
    network
        .pieces_at(from)
        .iter()
        .filter(|piece| {
            let ends = network.piece_ends(**piece);
            ends == [from, to] || ends == [to, from]
        })
        .map(|piece| network.piece_length_m(*piece))
        .min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{NetworkBuilder, NetworkOptions, NodeInput, PipeInput};
    use crate::{ClassIndex, IdSource, NoProgress};

    /// A ─ 100 m on the map, 125 m recorded ─ B, and C without a pipe; D has no height.
    fn network() -> Network {
        let mut ids = IdSource::new(0, 1);
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        for (code, position, z_m) in [
            ("A", [0.0, 0.0], 800.0),
            ("B", [100.0, 0.0], 802.5),
            ("C", [0.0, 50.0], 799.0),
            ("D", [50.0, 50.0], f64::NAN),
        ] {
            builder.add_node(&NodeInput {
                code,
                position,
                z_m,
                ..NodeInput::new(ids.next_id(), ClassIndex(1))
            });
        }
        builder.add_pipe(&PipeInput {
            code: "AB",
            length_m: Some(125.0),
            diameter_mm: 100.0,
            vertices: &[[0.0, 0.0], [100.0, 0.0]],
            ..PipeInput::new(ids.next_id(), ClassIndex(0))
        });
        builder.build(&NoProgress).unwrap()
    }

    #[test]
    fn along_a_pipe_its_recorded_length_counts_and_elsewhere_the_straight_line() {
        let net = network();
        let node = |code| net.nodes_with_code(code)[0];
        let up = between(&net, node("A"), node("B")).unwrap();
        assert_eq!((up.rise_m, up.run_m, up.run), (2.5, 125.0, Run::Pipe));
        assert!((up.permille().unwrap() - 20.0).abs() < 1e-9);
        let down = between(&net, node("B"), node("A")).unwrap();
        assert!((down.permille().unwrap() + 20.0).abs() < 1e-9);
        let straight = between(&net, node("A"), node("C")).unwrap();
        assert_eq!(
            (straight.rise_m, straight.run_m, straight.run),
            (-1.0, 50.0, Run::Straight)
        );
        assert!((straight.angle_deg().unwrap() + 1.145_763).abs() < 1e-5);
    }

    #[test]
    fn an_unknown_height_gives_no_slope_and_one_spot_no_steepness() {
        let net = network();
        let node = |code| net.nodes_with_code(code)[0];
        assert_eq!(between(&net, node("A"), node("D")), None);
        let same = between(&net, node("A"), node("A")).unwrap();
        assert_eq!((same.permille(), same.angle_deg()), (None, None));
    }
}
