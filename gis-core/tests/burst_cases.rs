//! The edge cases of the burst definition (9.2.3.5), one drawing each. Numbers E1 … follow docs/burst.md.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use common::{network, node, node_codes, pipe, pipe_codes};
use gis_core::analysis::burst::{BurstRequest, BurstResult, burst};
use gis_core::network::{Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput};
use gis_core::{ClassIndex, IdSource, NoProgress};

fn at_pipes(network: &Network, codes: &str, inaccessible: &str) -> BurstResult {
    burst(
        network,
        &BurstRequest {
            pipes: codes.split_whitespace().map(|c| pipe(network, c)).collect(),
            inaccessible: inaccessible
                .split_whitespace()
                .map(|c| node(network, c))
                .collect(),
            ..BurstRequest::default()
        },
    )
    .unwrap()
}

/// A burst on pipes, and the lists that matter as `name: codes` lines; empty lists are left out.
fn check(text: &str, pipes: &str, expect: &str) {
    let network = network(text);
    compare(&network, &at_pipes(&network, pipes, ""), expect);
}

fn check_node(text: &str, code: &str, expect: &str) {
    let network = network(text);
    let request = BurstRequest {
        nodes: vec![node(&network, code)],
        ..BurstRequest::default()
    };
    compare(&network, &burst(&network, &request).unwrap(), expect);
}

fn compare(network: &Network, result: &BurstResult, expect: &str) {
    let mut found = Vec::new();
    let mut list = |name: &str, codes: String| {
        if !codes.is_empty() {
            found.push(format!("{name}: {codes}"));
        }
    };
    list("close", node_codes(network, &result.valves_to_close));
    list("check", node_codes(network, &result.valves_to_check));
    list("optional", node_codes(network, &result.valves_optional));
    list("passed", node_codes(network, &result.inoperable_passed));
    let stops = result.sources_to_stop.iter();
    list(
        "stop",
        stops
            .map(|s| {
                format!(
                    "{}({})",
                    network.node_code(s.source),
                    node_codes(network, &s.through)
                )
            })
            .collect::<Vec<_>>()
            .join(" "),
    );
    list("isolated", pipe_codes(network, &result.isolated_pipes));
    list("cut", pipe_codes(network, &result.cut_off_pipes));
    list("dry", pipe_codes(network, &result.dry_before_pipes));
    if result.customers_affected > 0 {
        list("customers", result.customers_affected.to_string());
    }
    list("hydrants", node_codes(network, &result.hydrants_lost));
    let expected: Vec<&str> = expect.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    assert_eq!(found, expected);
}

const LINE: &str = "
    source R
    valve V1
    valve V2
    P1: R-V1
    P2: V1-V2
    P3: V2-N3
";

#[test]
fn the_valve_towards_the_source_closes_and_what_lies_beyond_is_cut_off() {
    check(LINE, "P2", "close: V1\noptional: V2\nisolated: P2\ncut: P3");
}

#[test]
fn e1_digitising_direction_changes_nothing() {
    let heads = "source R\nvalve V1\nvalve V2\nP1: R-V1\nP2: V2-V1\nP3: V2-N3";
    check(heads, "P2", "close: V1\noptional: V2\nisolated: P2\ncut: P3");
}

#[test]
fn e2_a_valve_in_mid_pipe_cuts_the_pipe() {
    let text = "source R\nvalve V on=P1 at=30\nP1: R-A\nP2: A-B n=5";
    check(text, "P2", "close: V\nisolated: P1 P2\ncustomers: 5");
    let network = network(text);
    let result = at_pipes(&network, "P2", "");
    assert!(
        (result.isolated_length_m - 170.0).abs() < 1e-9,
        "70 m of P1 and P2: {}",
        result.isolated_length_m
    );
}

#[test]
fn e4_two_valves_at_one_cross_leave_a_segment_of_no_length() {
    let text = "source R\nvalve V1\nvalve V2\nP1: R-V1\nZ: V1-V2 len=0.001\nP2: V2-B";
    check(text, "P2", "close: V2\nisolated: P2");
}

#[test]
fn e5_parallel_pipes_are_both_kept() {
    let text = "source R\nvalve V1\nvalve V2\nvalve W1\nvalve W2\nP0: R-X\nPA: X-V1\nPB: X-W1\nA: V1-V2\nB: W1-W2\nA2: V2-Y\nB2: W2-Y\nP3: Y-C";
    check(text, "A", "close: V1 V2\nisolated: A");
    let ends = "source R\nvalve V\nP0: R-V\nP1: V-X\nA: X-Y\nB: X-Y";
    check(ends, "A", "close: V\nisolated: A B P1");
}

#[test]
fn e6_a_pipe_that_ends_where_it_starts_is_no_trouble() {
    check(
        "source R\nvalve V\nP1: R-V\nP2: V-A\nLOOP: A-A",
        "LOOP",
        "close: V\nisolated: LOOP P2",
    );
}

#[test]
fn e7_without_a_valve_the_source_must_be_stopped() {
    check(
        "source R\nvalve V\nP1: R-V\nP2: V-A n=2",
        "P1",
        "optional: V\nstop: R()\nisolated: P1\ncut: P2\ncustomers: 2",
    );
    let broken = "source R\nvalve V broken\nvalve W\nP1: R-V\nP2: V-W\nP3: W-A";
    check(
        broken,
        "P2",
        "optional: W\npassed: V\nstop: R(V)\nisolated: P1 P2\ncut: P3",
    );
}

#[test]
fn e8_a_pipe_between_two_sources_is_a_segment_of_its_own() {
    check(
        "source R\nsource S\nP1: R-S\nvalve V\nP2: R-V\nP3: V-A",
        "P1",
        "stop: R() S()\nisolated: P1\ncut: P2 P3",
    );
}

#[test]
fn e9_the_pipe_that_fills_a_tank_is_no_supply() {
    let text = "source R\ntank T inlet=P2\nvalve V1\nvalve V2\nP1: R-V1\nP2: V1-T\nP3: T-V2\nP4: V2-A";
    check(text, "P2", "close: V1\nisolated: P2");
    check(text, "P4", "close: V2\nisolated: P4");
}

#[test]
fn e10_a_tank_that_fills_and_feeds_by_one_pipe_is_a_source() {
    let text =
        "source R\ntank T\nvalve V1\nvalve V2\nvalve V3\nP1: R-V1\nP2: V1-V2\nP3: V2-N\nP5: N-T\nP4: N-V3";
    check(text, "P2", "close: V1 V2\nisolated: P2");
}

#[test]
fn e11_an_island_was_dry_before_and_needs_no_valve() {
    let text = "source R\nvalve V\nP1: R-A\nI1: B-V\nI2: V-C n=9";
    let network = network(text);
    let result = at_pipes(&network, "I1", "");
    compare(&network, &result, "optional: V\ndry: I1 I2");
    assert_eq!(result.notices[0].key(), "core.burst.dry_before");
}

#[test]
fn no_known_source_is_said_and_never_becomes_a_giant_silent_answer() {
    let network = network("valve V\nP1: A-V\nP2: V-B\nP3: B-C");
    let result = at_pipes(&network, "P1", "");
    compare(&network, &result, "optional: V\nisolated: P1");
    assert_eq!(result.notices[0].key(), "core.burst.no_source");
    assert!(!result.can_isolate());
}

#[test]
fn e12_a_closed_valve_at_the_border_is_checked() {
    let text = "source R\nsource S\nvalve V\nvalve N closed\nP1: R-V\nP2: V-N\nP3: N-S";
    check(text, "P2", "close: V\ncheck: N\nisolated: P2");
}

#[test]
fn e13_closed_and_broken_is_a_wall() {
    let text = "source R\nsource S\nvalve V\nvalve N closed broken\nP1: R-V\nP2: V-N\nP3: N-S";
    check(text, "P2", "close: V\ncheck: N\nisolated: P2");
}

#[test]
fn e14_open_and_broken_passes_both_ways_even_if_one_way() {
    let text = "source R\nvalve V\ncheck K to=P3 broken\nP1: R-V\nP2: V-K\nP3: K-A";
    // Water could come back through K, so what lies behind it belongs to the core.
    check(text, "P2", "close: V\nisolated: P2 P3");
}

#[test]
fn e15_what_a_check_valve_alone_feeds_is_dry() {
    let text = "source R\nvalve V\ncheck K to=P3\nP1: R-V\nP2: V-K\nP3: K-A n=4";
    check(text, "P2", "close: V\nisolated: P2\ncut: P3\ncustomers: 4");
}

#[test]
fn e15_behind_a_check_valve_another_feed_keeps_its_own_side_wet() {
    // D5: the zone touches water elsewhere, but P3 gets it only through K: S feeds P5 past a check valve that faces away.
    let text = "
        source R
        source S
        valve V
        check K to=P3
        check L to=P5
        P1: R-V
        P2: V-K
        P3: K-L
        P5: L-S";
    check(text, "P2", "close: V\nisolated: P2\ncut: P3");
}

#[test]
fn e16_a_check_valve_facing_in_brings_its_upstream_into_the_core() {
    let text = "source R\nvalve V\ncheck K to=P3\nP1: R-V\nP2: V-K\nP3: K-A";
    check(text, "P3", "close: V\nisolated: P2 P3");
}

#[test]
fn a_one_way_device_that_may_be_shut_closes_only_when_it_faces_in() {
    let text = "source R\nvalve V\nshuttable_check K to=P3\nP1: R-V\nP2: V-K\nP3: K-A";
    check(text, "P3", "close: K\nisolated: P3");
    check(text, "P2", "close: V\nisolated: P2\ncut: P3");
}

#[test]
fn a_stopped_pump_is_a_wall_and_a_running_one_a_one_way_door() {
    let running = "source R\nvalve V\npump U to=P3\nP1: R-V\nP2: V-U\nP3: U-A";
    check(running, "P3", "close: V\nisolated: P2 P3");
    let stopped = "source R\nvalve V\npump U to=P3 closed\nP1: R-V\nP2: V-U\nP3: U-A";
    check(stopped, "P3", "dry: P3");
}

#[test]
fn e17_the_valve_between_two_bursts_is_not_listed() {
    check(LINE, "P2 P3", "close: V1\nisolated: P2 P3");
}

#[test]
fn e18_a_burst_on_a_valve_takes_both_its_sides() {
    let text = "source R\nvalve V1\nvalve V2\nvalve V3\nP1: R-V1\nP2: V1-V2\nP3: V2-V3\nP4: V3-A";
    check_node(text, "V2", "close: V1\noptional: V3\nisolated: P2 P3\ncut: P4");
}

#[test]
fn e19_a_burst_on_a_node_takes_all_its_segments() {
    let text = "source R\nvalve A\nvalve B\nvalve C\nP0: R-A\nP1: A-N\nP2: N-B\nP3: N-C\nP4: N-D\nP5: N-E\nP6: B-R\nP7: C-F";
    check_node(
        text,
        "N",
        "close: A B\noptional: C\nisolated: P1 P2 P3 P4 P5\ncut: P7",
    );
}

#[test]
fn e20_an_inaccessible_valve_is_never_listed_and_e21_unmarking_restores_the_answer() {
    let text = "source R\nvalve A\nvalve B noaccess\nvalve C\nP1: R-A\nP2: A-B\nP3: B-C\nP4: C-D";
    let network = network(text);
    let first = at_pipes(&network, "P4", "");
    compare(&network, &first, "close: C\nisolated: P4");
    compare(
        &network,
        &at_pipes(&network, "P4", "C"),
        "close: A\npassed: B C\nisolated: P2 P3 P4",
    );
    assert_eq!(at_pipes(&network, "P4", ""), first);
}

#[test]
fn e22_pipes_that_cross_without_a_node_are_not_joined() {
    let text = "
        source R x=0 y=0
        source S x=50 y=-50
        node A x=100 y=0
        node B x=50 y=50
        P1: R-A
        P2: S-B n=3";
    check(text, "P1", "stop: R()\nisolated: P1");
}

#[test]
fn e23_planned_pipes_and_valves_take_no_part() {
    let text = "source R\nvalve V planned\nvalve W\nP1: R-W\nP2: W-V\nP3: V-A\nP4: A-R planned";
    check(text, "P3", "close: W\nisolated: P2 P3");
    let network = network(text);
    let request = BurstRequest {
        pipes: vec![pipe(&network, "P4")],
        ..BurstRequest::default()
    };
    assert!(burst(&network, &request).unwrap_err().to_string().contains("P4"));
}

#[test]
fn e25_a_customer_on_a_cut_pipe_belongs_to_the_half_it_stands_on() {
    let text =
        "source R\nvalve V on=P1 at=50\ncustomer C1 on=P1 at=20\ncustomer C2 on=P1 at=80\nP1: R-A\nP2: A-B";
    check(text, "P2", "close: V\nisolated: P1 P2\ncustomers: 1");
}

#[test]
fn e26_customers_are_counted_not_meters() {
    check(
        "source R\nvalve V\ncustomer C n=200\nP1: R-V\nP2: V-C",
        "P2",
        "close: V\nisolated: P2\ncustomers: 200",
    );
}

#[test]
fn e27_a_customer_with_two_supplies_is_dry_only_when_both_are() {
    let text = "
        source R
        valve V
        valve W
        customer C1 account=K7 n=30
        customer C2 account=K7 n=30
        P0: R-X
        P1: X-V
        P2: V-C1
        P3: X-W
        P4: W-C2";
    check(text, "P2", "close: V\nisolated: P2");
    check(text, "P2 P4", "close: V W\nisolated: P2 P4\ncustomers: 30");
}

#[test]
fn e28_a_valve_where_three_pipes_meet_separates_all_three() {
    let text = "source R\nsource S\nvalve V\nP1: R-V\nP2: V-A\nP3: V-S";
    check(text, "P2", "close: V\nisolated: P2");
    // Closing V takes the water that P4 got through it.
    let fed_through = "source R\nvalve V\nP1: R-V\nP2: V-A\nP4: V-B n=6";
    check(fed_through, "P2", "close: V\nisolated: P2\ncut: P4\ncustomers: 6");
}

#[test]
fn e30_one_code_in_two_layers_is_two_things() {
    let network = network("source X\nvalve V\nX: X-V\nV: V-A");
    compare(&network, &at_pipes(&network, "V", ""), "close: V\nisolated: V");
}

#[test]
fn hydrants_and_important_customers_are_named() {
    let text = "source R\nvalve V\nhydrant H on=P2 at=10\ncustomer S n=1 important\ncustomer B n=50\nP1: R-V\nP2: V-S\nP3: S-B";
    let network = network(text);
    let result = at_pipes(&network, "P2", "");
    compare(
        &network,
        &result,
        "close: V\nisolated: P2 P3\ncustomers: 51\nhydrants: H",
    );
    assert_eq!(
        result.customers[0].node,
        Some(node(&network, "S")),
        "important first"
    );
}

#[test]
fn volume_to_drain_is_that_of_the_isolated_pipes() {
    let network = network("source R\nvalve V\nP1: R-V\nP2: V-A len=1000 dn=200");
    let result = at_pipes(&network, "P2", "");
    assert!((result.volume_to_drain_m3 - 31.4159).abs() < 1e-3);
}

#[test]
fn a_ring_is_closed_on_both_sides_and_nothing_beyond_is_lost() {
    let text = "source R\nvalve A\nvalve B\nvalve C\nvalve D\nP0: R-X\nP1: X-A\nP2: A-B\nP3: B-Y\nP4: Y-C\nP5: C-D\nP6: D-X\nP7: Y-Z n=3";
    check(text, "P2", "close: A B\nisolated: P2");
}

#[test]
fn a_chain_of_a_million_pipes_needs_no_recursion() {
    let mut ids = IdSource::new(1_700_000_000_000, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let on = NodeFlags::OPEN
        .with(NodeFlags::OPERABLE)
        .with(NodeFlags::ACCESSIBLE);
    let valve = on
        .with(NodeFlags::BOUNDARY)
        .with(NodeFlags::SHUTTABLE)
        .with(NodeFlags::VALVE);
    let mut add_node = |builder: &mut NetworkBuilder, flags, code: &str| {
        let id = ids.next_id();
        builder.add_node(&NodeInput {
            flags,
            code,
            ..NodeInput::new(id, ClassIndex(0))
        });
        id
    };
    let mut pipe_ids = IdSource::new(1_700_000_000_001, 2);
    let mut before = add_node(&mut builder, on.with(NodeFlags::SOURCE), "R");
    for i in 0..1_000_000_u32 {
        let next = add_node(
            &mut builder,
            if i == 0 { valve } else { on },
            if i == 0 { "V" } else { "" },
        );
        builder.add_pipe(&PipeInput {
            code: &format!("Q{i}"),
            from: Some(before),
            to: Some(next),
            length_m: Some(10.0),
            diameter_mm: 100.0,
            ..PipeInput::new(pipe_ids.next_id(), ClassIndex(0))
        });
        before = next;
    }
    let network = builder.build(&NoProgress).unwrap();
    let result = at_pipes(&network, "Q500000", "");
    assert_eq!(node_codes(&network, &result.valves_to_close), "V");
    assert_eq!(result.isolated_pipes.len(), 999_999);
}
