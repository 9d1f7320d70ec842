//! Shortest path (9.2.3.5): drawn cases, and equality with a plain search on random networks.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use std::fmt::Write as _;

use common::{network, node, node_codes, pipe_codes};
use gis_core::analysis::path::{PathOutcome, Place, shortest_path};
use gis_core::network::Network;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

fn between(network: &Network, from: &str, to: &str) -> PathOutcome {
    shortest_path(
        network,
        Place::Node(node(network, from)),
        Place::Node(node(network, to)),
    )
    .unwrap()
}

fn check(text: &str, from: &str, to: &str, expect: &str) {
    let network = network(text);
    let found = match between(&network, from, to) {
        PathOutcome::Found(path) => format!(
            "{} m: {} | {}",
            path.length_m,
            pipe_codes(&network, &path.pipes),
            node_codes(&network, &path.nodes)
        ),
        PathOutcome::Unreachable { separating } => format!("no: {}", node_codes(&network, &separating)),
    };
    assert_eq!(found, expect);
}

#[test]
fn the_shorter_of_two_ways_is_taken_in_order() {
    let text = "P1: A-B len=10\nP2: B-C len=10\nP3: A-C len=25";
    check(text, "A", "C", "20 m: P1 P2 | A B C");
    check(text, "C", "A", "20 m: P2 P1 | C B A");
}

#[test]
fn a_closed_valve_blocks_and_is_named_when_it_separates() {
    let text = "valve V closed\nP1: A-V len=10\nP2: V-C len=10\nP3: A-D len=50\nP4: D-C len=50";
    check(text, "A", "C", "100 m: P3 P4 | A D C");
    check(
        "valve V closed\nvalve W closed\nP1: A-V\nP2: V-C\nP3: A-W\nP4: W-X",
        "A",
        "C",
        "no: V",
    );
    check("P1: A-B\nP2: C-D", "A", "D", "no: ");
}

#[test]
fn a_path_may_start_or_end_at_a_closed_valve_and_on_the_same_place() {
    check(
        "valve V closed\nP1: A-V len=7\nP2: V-C len=5",
        "A",
        "V",
        "7 m: P1 | A V",
    );
    check(
        "valve V closed\nP1: A-V len=7\nP2: V-C len=5",
        "V",
        "C",
        "5 m: P2 | V C",
    );
    check("P1: A-B", "A", "A", "0 m:  | A");
}

#[test]
fn places_on_pipes_are_walked_in_part() {
    let network = network("hydrant H on=P1 at=30\nhydrant G on=P1 at=80\nP1: A-B len=100\nP2: B-C len=10");
    let PathOutcome::Found(path) = between(&network, "H", "C") else {
        panic!("reachable")
    };
    assert!((path.length_m - 80.0).abs() < 1e-9);
    assert_eq!(pipe_codes(&network, &path.pipes), "P1 P2");
    assert_eq!(node_codes(&network, &path.nodes), "H B C");
    let PathOutcome::Found(path) = between(&network, "H", "G") else {
        panic!("reachable")
    };
    assert!((path.length_m - 50.0).abs() < 1e-4, "{}", path.length_m);
}

#[test]
fn a_point_far_from_every_pipe_is_refused() {
    let network = network("node A x=0 y=0\nnode B x=100 y=0\nP1: A-B");
    assert!(Place::near(&network, [50.0, 500.0], 50.0).is_err());
    let Place::OnPiece { from_start_m, .. } = Place::near(&network, [40.0, 3.0], 50.0).unwrap() else {
        panic!("on the pipe")
    };
    assert!((from_start_m - 40.0).abs() < 1e-9);
}

#[test]
fn the_drawn_line_runs_from_place_to_place() {
    let network = network("node A x=0 y=0\nnode B x=100 y=0\nnode C x=100 y=50\nP1: A-B\nP2: C-B len=50");
    let from = Place::near(&network, [40.0, 0.0], 1.0).unwrap();
    let PathOutcome::Found(path) = shortest_path(&network, from, Place::Node(node(&network, "C"))).unwrap()
    else {
        panic!("reachable")
    };
    assert_eq!(path.line, [[40.0, 0.0], [100.0, 0.0], [100.0, 50.0]]);
    assert!((path.length_m - 110.0).abs() < 1e-9);
}

#[test]
fn lengths_equal_a_plain_search_on_random_networks() {
    let mut rng = SmallRng::seed_from_u64(99);
    let mut reached = 0;
    for round in 0..1500 {
        let count: usize = rng.random_range(2..16);
        let kinds: Vec<bool> = (0..count).map(|_| rng.random_bool(0.12)).collect();
        let mut text = String::new();
        let mut pipes = Vec::new();
        for i in 0..rng.random_range(1..count * 2) {
            let (a, b) = (rng.random_range(0..count), rng.random_range(0..count));
            let length = f64::from(rng.random_range(1..200_u32));
            writeln!(text, "P{i}: N{a}-N{b} len={length}").unwrap();
            pipes.push((a, b, length));
        }
        // A closed valve that no pipe ends in would be taken to sit on a pipe it happens to lie on.
        for (i, closed) in kinds
            .iter()
            .enumerate()
            .filter(|(i, _)| pipes.iter().any(|p| p.0 == *i || p.1 == *i))
        {
            let (x, y) = (rng.random_range(0.0..100.0_f64), rng.random_range(0.0..100.0_f64));
            let kind = if *closed { "valve" } else { "node" };
            let state = if *closed { "closed" } else { "" };
            writeln!(text, "{kind} N{i} {state} x={x:.2} y={y:.2}").unwrap();
        }
        let (from, to) = (pipes[0].0, pipes[pipes.len() - 1].1);
        // Bellman and Ford's way: relax everything until nothing changes.
        let mut cost = vec![f64::INFINITY; count];
        cost[from] = 0.0;
        for _ in 0..count {
            for &(a, b, length) in &pipes {
                for (a, b) in [(a, b), (b, a)] {
                    if (!kinds[a] || a == from) && cost[a] + length < cost[b] {
                        cost[b] = cost[a] + length;
                    }
                }
            }
        }
        let network = network(&text);
        match between(&network, &format!("N{from}"), &format!("N{to}")) {
            PathOutcome::Found(path) => {
                reached += 1;
                assert!(
                    (path.length_m - cost[to]).abs() < 1e-9,
                    "round {round}: {} {}\n{text}",
                    path.length_m,
                    cost[to]
                );
                let summed: f64 = path.pieces.iter().map(|p| network.piece_length_m(*p)).sum();
                assert!((summed - path.length_m).abs() < 1e-9);
            }
            PathOutcome::Unreachable { .. } => {
                assert!(cost[to].is_infinite(), "round {round}: {}\n{text}", cost[to]);
            }
        }
    }
    assert!(reached > 500, "{reached}");
}
