//! Who is joined to whom when the data name no ends: by coincidence, never by crossing.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use common::{network, network_in, node, node_codes, pipe, pipe_codes};
use gis_core::analysis::burst::{BurstRequest, burst};
use gis_core::network::{Network, NodeFlags};

fn isolated(network: &Network, code: &str) -> (String, String) {
    let request = BurstRequest {
        pipes: vec![pipe(network, code)],
        ..BurstRequest::default()
    };
    let result = burst(network, &request).unwrap();
    (
        node_codes(network, &result.valves_to_close),
        pipe_codes(network, &result.isolated_pipes),
    )
}

#[test]
fn ends_within_the_tolerance_are_one_joint_with_or_without_a_node() {
    let network = network(
        "source R x=0 y=0\nvalve V x=100 y=0.02\nP1: @0,0;100,0\nP2: @100,0.01;200,0\nP3: @200.03,0;300,0\nP4: @300.2,0;400,0",
    );
    assert_eq!(
        isolated(&network, "P3"),
        ("V".into(), "P2 P3".into()),
        "P4 starts 0.2 m away"
    );
    assert_eq!(
        network.vertex_slots() - network.node_count(),
        4,
        "200, 300, 300.2 and 400 are anonymous"
    );
}

#[test]
fn lines_that_cross_are_not_joined_but_a_node_on_the_crossing_joins_them() {
    let crossing = "source R x=0 y=0\nP1: @0,0;100,0\nP2: @50,-50;50,50";
    assert!(
        !network(crossing).is_supplied(
            network(crossing)
                .pieces_of(pipe(&network(crossing), "P2"))
                .next()
                .unwrap()
        )
    );
    let joined = network(&format!("{crossing}\nnode X x=50 y=0"));
    assert!(joined.pieces().all(|p| joined.is_supplied(p)));
    assert_eq!(joined.pieces().count(), 4);
}

#[test]
fn a_tee_in_the_middle_of_a_drawn_main_joins_the_branch_that_ends_there() {
    let network = network("source R x=0 y=0\nnode T x=50 y=0\nP1: @0,0;100,0\nB: @50,0;50,40");
    assert!(network.pieces().all(|p| network.is_supplied(p)));
}

#[test]
fn named_ends_are_taken_at_their_word_even_where_a_line_passes_over_a_node() {
    let network =
        network("source R x=0 y=0\nnode A x=50 y=0\nnode B x=100 y=0\nnode C x=50 y=9\nP1: R-B\nP2: A-C");
    assert!(!network.is_supplied(network.pieces_of(pipe(&network, "P2")).next().unwrap()));
}

#[test]
fn e3_a_valve_beside_its_pipe_counts_and_is_doubtful() {
    let network = network("source R x=0 y=0\nnode A x=100 y=0\nvalve V x=40 y=0.5\nP1: R-A\nP2: A-B");
    let valve = node(&network, "V");
    assert!(network.node_flags(valve).has(NodeFlags::DOUBTFUL));
    let request = BurstRequest {
        pipes: vec![pipe(&network, "P2")],
        ..BurstRequest::default()
    };
    let result = burst(&network, &request).unwrap();
    assert_eq!(result.valves_to_close, [valve]);
    assert!(
        result
            .notices
            .iter()
            .any(|m| m.key() == "core.burst.doubtful_valve")
    );
}

#[test]
fn a_click_names_the_half_of_the_pipe_it_fell_on() {
    let network = network("source R x=0 y=0\nnode A x=100 y=0\nvalve V x=40 y=0\nP1: R-A");
    let hit = network.pipes_near([70.0, 3.0], 5.0)[0];
    let request = BurstRequest {
        pieces: vec![hit.piece.unwrap()],
        ..BurstRequest::default()
    };
    let result = burst(&network, &request).unwrap();
    assert_eq!(node_codes(&network, &result.valves_to_close), "V");
    assert!((result.isolated_length_m - 60.0).abs() < 1e-9);
    assert_eq!(
        network.piece_vertices(hit.piece.unwrap()),
        [[40.0, 0.0], [100.0, 0.0]]
    );
}

#[test]
fn e29_degrees_give_metres() {
    // One second of arc of longitude at 44° north is about 22.3 m.
    let network = network_in(
        "source R x=87.6 y=44\nnode A x=87.600277778 y=44\nvalve V x=87.60013 y=44.000001\nP1: R-A len=22.3\nP2: @87.600277778,44;87.600555556,44",
        true,
    );
    let length_m = network.pipe_length_m(pipe(&network, "P2"));
    assert!((length_m - 22.31).abs() < 0.05, "{length_m}");
    assert_eq!(isolated(&network, "P2").0, "V", "0.1 m beside its pipe");
    assert_eq!(network.pipes_near([87.6004, 44.00005], 10.0).len(), 1);
    assert_eq!(network.pipes_near([87.6004, 44.0002], 10.0).len(), 0);
}

#[test]
fn a_line_alone_meets_the_source_at_its_start() {
    let network = network("source R x=0 y=0\nP1: @0,0;10,0");
    assert!(network.issues().is_empty());
    assert!(network.is_supplied(network.pieces().next().unwrap()));
}

#[test]
fn a_mid_pipe_one_way_device_takes_its_direction_from_the_end_node_it_names() {
    let text = "source R\npump U on=P2 at=50 to=B\nvalve V\nP1: R-V\nP2: V-B\nP3: B-C n=2";
    let forward = network(text);
    assert!(forward.pieces().all(|p| forward.is_supplied(p)));
    let backward = network(&text.replace("to=B", "to=V"));
    assert!(!backward.is_supplied(backward.pieces_of(pipe(&backward, "P3")).next().unwrap()));
    assert!(forward.issues().is_empty(), "{:?}", forward.issues());
}

#[test]
fn customers_hang_on_the_nearest_pipe_within_reach() {
    let network =
        network("source R x=0 y=0\nnode A x=100 y=0\ncustomer C x=50 y=20\ncustomer D x=50 y=40\nP1: R-A");
    assert_eq!(network.hangs_on(node(&network, "C")).map(|(_, m)| m), Some(50.0));
    assert_eq!(network.hangs_on(node(&network, "D")), None);
}
