use super::clearance::{DepthRules, check, concerned};
use super::profile::along;
use super::section::across;
use super::*;
use crate::analysis::path::{PathOutcome, Place, shortest_path};
use crate::network::{
    LifeState, Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeIndex, PipeInput,
};
use crate::{ClassIndex, IdSource, NoProgress};

pub(super) struct Street {
    pub(super) network: Network,
    pub(super) levels: Levels,
}

impl Street {
    fn pipe(&self, code: &str) -> PipeIndex {
        self.network.pipes_with_code(code)[0]
    }

    fn faults(&self, minimum_cover_m: f64) -> Vec<String> {
        let rules = DepthRules::builtin().unwrap();
        let pipes: Vec<PipeIndex> = self.network.pipes().collect();
        let found = check(
            &self.network,
            &self.levels,
            &rules,
            minimum_cover_m,
            &pipes,
            &NoProgress,
        )
        .unwrap();
        let mut keys: Vec<String> = found
            .issues
            .as_slice()
            .iter()
            .map(|issue| format!("{} {}", issue.code.clone().unwrap(), issue.message.key()))
            .collect();
        keys.sort();
        keys
    }
}

/// Code, diameter, ground and crown at both ends, vertices.
pub(super) type Line<'a> = (&'a str, f64, [f64; 2], [f64; 2], &'a [[f64; 2]]);

pub(super) fn street(lines: &[Line<'_>], nodes: &[(&str, [f64; 2])]) -> Street {
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    for (code, position) in nodes {
        builder.add_node(&NodeInput {
            code,
            position: *position,
            flags: NodeFlags::OPEN,
            ..NodeInput::new(ids.next_id(), ClassIndex(1))
        });
    }
    for (code, diameter_mm, _, _, vertices) in lines {
        builder.add_pipe(&PipeInput {
            code,
            diameter_mm: *diameter_mm,
            vertices,
            ..PipeInput::new(ids.next_id(), ClassIndex(0))
        });
    }
    let network = builder.build(&NoProgress).unwrap();
    let known = |height: f64| height.is_finite().then_some(height);
    let levels = lines.iter().map(|(code, _, ground, crown, _)| {
        let heights = PipeLevels {
            ground_m: ground.map(known),
            crown_m: crown.map(known),
            ..PipeLevels::default()
        };
        (network.pipes_with_code(code)[0], heights)
    });
    let levels = Levels::new(levels.collect::<Vec<_>>());
    Street { network, levels }
}

const NAN: f64 = f64::NAN;

#[test]
fn a_profile_follows_the_way_and_turns_pipes_that_were_drawn_against_it() {
    // B is drawn from C to B: its heights turn round with it.
    let street = street(
        &[
            (
                "P1",
                300.0,
                [100.0, 101.0],
                [98.0, 99.0],
                &[[0.0, 0.0], [100.0, 0.0]],
            ),
            (
                "P2",
                200.0,
                [103.0, 101.0],
                [101.5, 99.0],
                &[[100.0, 50.0], [100.0, 0.0]],
            ),
        ],
        &[("A", [0.0, 0.0]), ("B", [100.0, 0.0]), ("C", [100.0, 50.0])],
    );
    let place = |code: &str| Place::Node(street.network.nodes_with_code(code)[0]);
    let PathOutcome::Found(path) = shortest_path(&street.network, place("A"), place("C")).unwrap() else {
        panic!("A and C are joined");
    };
    let profile = along(&street.network, &street.levels, &path);
    assert_eq!(profile.stretches.len(), 2);
    let [first, second] = [&profile.stretches[0], &profile.stretches[1]];
    assert_eq!(
        (first.start.at_m, first.end.at_m, second.end.at_m),
        (0.0, 100.0, 150.0)
    );
    assert_eq!(first.start.cover_m(), Some(2.0));
    assert_eq!(first.slope_permille(), Some(10.0));
    assert_eq!(
        (second.start.crown_m, second.end.crown_m),
        (Some(99.0), Some(101.5))
    );
    assert_eq!(second.slope_permille(), Some(50.0));
    assert_eq!(second.invert_m(&second.end), Some(101.3));
    let code = |node: Option<_>| node.map(|node| street.network.node_code(node));
    assert_eq!(
        [
            code(first.start.node),
            code(first.end.node),
            code(second.end.node)
        ],
        [Some("A"), Some("B"), Some("C")]
    );
    assert_eq!(profile.heights_m(), Some([97.7, 103.0]));
}

#[test]
fn a_way_from_mid_pipe_starts_there_with_the_height_between() {
    let street = street(
        &[(
            "P1",
            300.0,
            [100.0, 110.0],
            [98.0, NAN],
            &[[0.0, 0.0], [100.0, 0.0]],
        )],
        &[("A", [0.0, 0.0]), ("B", [100.0, 0.0])],
    );
    let pipe = street.pipe("P1");
    let piece = street.network.pieces_of(pipe).next().unwrap();
    let from = Place::OnPiece {
        piece,
        from_start_m: 40.0,
    };
    let to = Place::Node(street.network.nodes_with_code("B")[0]);
    let PathOutcome::Found(path) = shortest_path(&street.network, from, to).unwrap() else {
        panic!("both are on one pipe");
    };
    let profile = along(&street.network, &street.levels, &path);
    let stretch = &profile.stretches[0];
    assert!((profile.length_m() - 60.0).abs() < 1e-9);
    assert!((stretch.start.ground_m.unwrap() - 104.0).abs() < 1e-9);
    // The crown is known at one end only: nothing is invented between, and none of the two ends is that one.
    assert_eq!((stretch.start.crown_m, stretch.end.crown_m), (None, None));
    assert_eq!(stretch.slope_permille(), None);
}

#[test]
fn a_section_has_the_pipes_in_the_order_of_the_stroke_with_their_heights_there() {
    let street = street(
        &[
            ("P1", 300.0, [10.0, 10.0], [8.0, 9.0], &[[0.0, 0.0], [0.0, 10.0]]),
            ("P2", 200.0, [10.0, 10.0], [8.5, 8.5], &[[2.0, 0.0], [2.0, 10.0]]),
            ("P3", NAN, [10.0, 10.0], [NAN, NAN], &[[5.0, 0.0], [5.0, 10.0]]),
        ],
        &[],
    );
    let section = across(&street.network, &street.levels, [[6.0, 5.0], [-1.0, 5.0]], |_| {
        true
    });
    let codes: Vec<&str> = section
        .cuts
        .iter()
        .map(|cut| street.network.pipe_code(cut.pipe))
        .collect();
    assert_eq!(codes, ["P3", "P2", "P1"]);
    assert_eq!(section.cuts[2].crown_m, Some(8.5));
    assert!((section.cuts[2].axis_m().unwrap() - 8.35).abs() < 1e-9);
    assert_eq!(section.cuts[0].crown_m, None);
    let spacings: Vec<_> = section.spacings().collect();
    assert!((spacings[1].axes_m - 2.0).abs() < 1e-9);
    assert!((spacings[1].clear_m.unwrap() - 1.75).abs() < 1e-9);
    assert_eq!(spacings[0].clear_m, None);
}

#[test]
fn shallow_pipes_are_found_unless_they_lie_in_no_soil() {
    let mut street = street(
        &[
            (
                "DEEP",
                300.0,
                [10.0, 10.0],
                [9.0, 9.2],
                &[[0.0, 0.0], [50.0, 0.0]],
            ),
            (
                "SHALLOW",
                300.0,
                [10.0, 10.0],
                [9.5, 8.0],
                &[[0.0, 20.0], [50.0, 20.0]],
            ),
            (
                "UNKNOWN",
                300.0,
                [10.0, 10.0],
                [NAN, NAN],
                &[[0.0, 40.0], [50.0, 40.0]],
            ),
        ],
        &[],
    );
    assert_eq!(street.faults(0.7), ["SHALLOW depth.issue.cover"]);
    assert_eq!(
        street.faults(0.9),
        ["DEEP depth.issue.cover", "SHALLOW depth.issue.cover"]
    );
    let shallow = street.pipe("SHALLOW");
    let in_tunnel = PipeLevels {
        is_in_soil: false,
        ..street.levels.of(shallow)
    };
    street.levels = Levels::new([(shallow, in_tunnel)]);
    assert!(street.faults(0.7).is_empty());
}

#[test]
fn pipes_that_cross_need_room_between_them_and_joined_ones_do_not() {
    let crossing = |top_m: f64| {
        street(
            &[
                ("LOW", 300.0, [10.0, 10.0], [7.0, 7.0], &[[0.0, 0.0], [20.0, 0.0]]),
                (
                    "OVER",
                    200.0,
                    [10.0, 10.0],
                    [top_m, top_m],
                    &[[10.0, -9.0], [10.0, 9.0]],
                ),
                (
                    "JOINED",
                    200.0,
                    [10.0, 10.0],
                    [7.0, 7.0],
                    &[[0.0, 0.0], [0.0, 9.0]],
                ),
            ],
            &[],
        )
    };
    // 7.40 less 0.20 of pipe leaves 0.20 m.
    assert!(crossing(7.40).faults(0.7).is_empty());
    assert_eq!(crossing(7.34).faults(0.7), ["LOW depth.issue.crossing"]);
    assert_eq!(crossing(6.80).faults(0.7), ["LOW depth.issue.crossing"]);
    // Under the other: 7.00 less 0.30, and 0.15 m below that.
    assert!(crossing(6.54).faults(0.7).is_empty());
}

#[test]
fn pipes_side_by_side_may_touch_but_not_lie_in_each_other() {
    let beside = |y: f64, top_m: f64| {
        street(
            &[
                ("A", 300.0, [10.0, 10.0], [7.0, 7.0], &[[0.0, 0.0], [20.0, 0.0]]),
                ("B", 300.0, [10.0, 10.0], [top_m, top_m], &[[0.0, y], [20.0, y]]),
            ],
            &[],
        )
    };
    assert!(beside(0.31, 7.0).faults(0.7).is_empty());
    assert_eq!(beside(0.25, 7.0).faults(0.7), ["A depth.issue.beside"]);
    assert!(beside(0.25, 7.5).faults(0.7).is_empty());
}

#[test]
fn reclaimed_water_keeps_half_a_metre_from_drinking_water() {
    let mut street = street(
        &[
            ("A", 300.0, [10.0, 10.0], [7.0, 7.0], &[[0.0, 0.0], [20.0, 0.0]]),
            ("R", 300.0, [10.0, 10.0], [7.0, 7.0], &[[0.0, 0.7], [20.0, 0.7]]),
        ],
        &[],
    );
    assert!(street.faults(0.7).is_empty());
    let [a, r] = ["A", "R"].map(|code| street.pipe(code));
    let reclaimed = PipeLevels {
        carries: Carries::Reclaimed,
        ..street.levels.of(r)
    };
    street.levels = Levels::new([(a, street.levels.of(a)), (r, reclaimed)]);
    assert_eq!(street.faults(0.7), ["A depth.issue.beside"]);
    let rules = DepthRules::builtin().unwrap();
    assert_eq!(concerned(&street.network, &rules, &[a]).len(), 2);
}

#[test]
fn obsolete_pipes_are_in_nobodys_way() {
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    for (code, state, y) in [
        ("A", LifeState::Operative, 0.0),
        ("OLD", LifeState::Obsolete, 0.1),
    ] {
        builder.add_pipe(&PipeInput {
            code,
            state,
            diameter_mm: 300.0,
            vertices: &[[0.0, y], [20.0, y]],
            ..PipeInput::new(ids.next_id(), ClassIndex(0))
        });
    }
    let network = builder.build(&NoProgress).unwrap();
    let heights = PipeLevels {
        ground_m: [Some(10.0); 2],
        crown_m: [Some(8.0); 2],
        ..PipeLevels::default()
    };
    let levels = Levels::new(network.pipes().map(|pipe| (pipe, heights)).collect::<Vec<_>>());
    assert!(Street { network, levels }.faults(0.7).is_empty());
}

#[test]
fn a_rule_file_with_a_slip_is_told_with_its_place() {
    let refused = DepthRules::parse("[cover]\nfootway_m = 'deep'\n").unwrap_err();
    assert!(refused.text(crate::Lang::En).contains("assets/rules/depth.toml"));
}

#[test]
fn what_crosses_a_way_stands_in_its_profile_where_it_crosses_and_what_is_joined_does_not() {
    let street = street(
        &[
            (
                "P1",
                300.0,
                [100.0, 101.0],
                [98.0, 99.0],
                &[[0.0, 0.0], [100.0, 0.0]],
            ),
            (
                "X",
                200.0,
                [100.0, 100.0],
                [97.0, 98.0],
                &[[50.0, -20.0], [90.0, 20.0]],
            ),
            (
                "T",
                200.0,
                [101.0, 101.0],
                [99.0, 99.0],
                &[[100.0, 0.0], [100.0, 30.0]],
            ),
            (
                "far",
                200.0,
                [100.0, 100.0],
                [98.0, 98.0],
                &[[0.0, 50.0], [80.0, 50.0]],
            ),
        ],
        &[("A", [0.0, 0.0]), ("B", [100.0, 0.0])],
    );
    let place = |code: &str| Place::Node(street.network.nodes_with_code(code)[0]);
    let PathOutcome::Found(path) = shortest_path(&street.network, place("A"), place("B")).unwrap() else {
        panic!("A and B are joined");
    };
    let profile = along(&street.network, &street.levels, &path);
    let way = super::way::Way::new(&street.network, &profile, &path);
    let crossed = way.crossed(&street.network, &profile);
    assert_eq!(crossed.len(), 1, "{crossed:?}");
    let found = crossed[0].with_levels(&street.network, &street.levels);
    assert_eq!(found.crossed.pipe, street.pipe("X"));
    assert!((found.crossed.at_m - 70.0).abs() < 1e-9);
    assert!((found.crossed.sine - 0.5_f64.sqrt()).abs() < 1e-9);
    assert_eq!(found.crown_m, Some(97.5));
    assert_eq!(way.point_at(&street.network, 70.0), Some([70.0, 0.0]));
}

#[test]
fn neighbours_in_a_section_are_too_near_over_one_another_or_in_one_another() {
    let line = |y: f64| [[0.0, y], [100.0, y]];
    let [a, b, c] = [line(0.0), line(0.1), line(0.3)];
    let street = street(
        &[
            ("low", 200.0, [100.0; 2], [98.0; 2], &a),
            ("over", 200.0, [100.0; 2], [98.3; 2], &b),
            ("apart", 100.0, [100.0; 2], [98.3; 2], &c),
        ],
        &[],
    );
    let section = across(
        &street.network,
        &street.levels,
        [[50.0, -1.0], [50.0, 1.0]],
        |_| true,
    );
    assert_eq!(section.cuts.len(), 3);
    let rules = DepthRules::builtin().unwrap();
    let is_near = |i: usize| rules.is_too_near(&street.levels, [&section.cuts[i], &section.cuts[i + 1]]);
    assert!(
        is_near(0),
        "0.1 m between bottom and top, where 0.15 m are wanted"
    );
    assert!(!is_near(1), "beside each other, with room between the walls");
    let gap_m = section.spacings().next().unwrap().gap_m.unwrap();
    assert!((gap_m - 0.1).abs() < 1e-9);
    assert_eq!(section.cuts[0].cover_m(), Some(2.0));
}
