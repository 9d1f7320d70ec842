//! Each topology fault is found at its place, and a sound network has none (4.4).
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use common::network;
use gis_core::NoProgress;
use gis_core::network::Network;
use gis_core::rules::{Finding, Records, RuleSet, Selection, Subject, check};
use gis_core::schema::Schema;

/// What the network alone tells, without any record.
fn checked(network: &Network) -> Vec<Finding> {
    let (schema, rules) = (Schema::builtin().unwrap(), RuleSet::builtin().unwrap());
    let subject = Subject {
        network,
        schema: &schema,
        rules: &rules,
        records: Records::None,
        today: None,
    };
    check(&subject, &Selection::Everything, &NoProgress).unwrap()
}

/// Faults as `rule code` words.
fn faults(text: &str) -> Vec<String> {
    let found = checked(&network(text));
    let named = found
        .iter()
        .map(|f| format!("{} {}", f.rule.key(), f.issue.code.clone().unwrap_or_default()));
    named.collect()
}

#[test]
fn a_sound_network_has_no_fault() {
    let text = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=100 y=100\nP1: R-A\nP2: A-B";
    assert_eq!(faults(text), Vec::<String>::new());
}

#[test]
fn an_end_that_stops_short_of_a_pipe_dangles() {
    let text = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=50 y=0.3\nnode C x=50 y=80\nsource S x=50 y=90\nP1: R-A\nP2: B-C len=79.7\nP3: C-S len=10";
    assert_eq!(faults(text), ["end_near_pipe P2"]);
}

#[test]
fn an_end_on_a_pipe_that_is_not_joined_is_told() {
    let text =
        "source R x=0 y=0\nnode A x=100 y=0\nnode B x=50 y=0\nsource S x=50 y=90\nP1: R-A\nP2: B-S len=90";
    assert_eq!(faults(text), ["end_near_pipe P2"]);
}

#[test]
fn duplicate_nodes_overlaps_crossings_and_islands_are_found_once() {
    let twice = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=100 y=0.01\nP1: R-A";
    assert!(faults(twice)[0].starts_with("duplicate_node"));
    let overlap = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=60 y=0\nP1: R-A\nP2: R-B len=60";
    assert!(
        faults(overlap).iter().any(|f| f.starts_with("overlap")),
        "{:?}",
        faults(overlap)
    );
    let cross = "source R x=0 y=0\nnode A x=100 y=0\nsource S x=50 y=-50\nnode B x=50 y=50\nP1: R-A\nP2: S-B";
    let found = faults(cross);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("crossing"));
    let island = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=0 y=50\nnode C x=100 y=50\nP1: R-A\nP2: B-C";
    assert_eq!(faults(island), ["no_source P2"]);
}

#[test]
fn a_pipe_without_length_or_with_a_doubtful_one_is_told() {
    let text =
        "source R x=0 y=0\nnode A x=100 y=0\nnode B x=200 y=0\nP1: R-A\nP2: A-B len=0.001\nP3: A-B len=300";
    let found = faults(text);
    assert!(found.contains(&"zero_length P2".to_owned()), "{found:?}");
    assert!(found.contains(&"length_differs P3".to_owned()), "{found:?}");
}

#[test]
fn a_valve_off_its_pipe_is_on_the_list() {
    let text = "source R x=0 y=0\nnode A x=100 y=0\nvalve V x=50 y=40\nvalve W x=30 y=0.4\nP1: R-A";
    assert_eq!(faults(text), ["device_beside_pipe W", "device_off_pipe V"]);
}
