//! Each topology fault is found at its place, and a sound network has none (4.4).
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use common::network;
use gis_core::network::check::check;
use gis_core::{NoProgress, Severity};

/// Faults as `key code other` words, attribute and duplicate-free noise left out.
fn faults(text: &str) -> Vec<String> {
    let network = network(text);
    let issues = check(&network, &NoProgress).unwrap();
    issues
        .iter()
        .filter(|i| !i.message.key().starts_with("core.check.no_"))
        .map(|i| format!("{} {}", i.message.key(), i.code.clone().unwrap_or_default()))
        .collect()
}

#[test]
fn a_sound_network_has_no_fault() {
    let text = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=100 y=100\nP1: R-A\nP2: A-B";
    assert_eq!(faults(text), Vec::<String>::new());
}

#[test]
fn an_end_that_stops_short_of_a_pipe_dangles() {
    let text = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=50 y=0.3\nnode C x=50 y=80\nsource S x=50 y=90\nP1: R-A\nP2: B-C len=79.7\nP3: C-S len=10";
    assert_eq!(faults(text), ["core.check.dangling P2"]);
}

#[test]
fn an_end_on_a_pipe_that_is_not_joined_is_told() {
    let text =
        "source R x=0 y=0\nnode A x=100 y=0\nnode B x=50 y=0\nsource S x=50 y=90\nP1: R-A\nP2: B-S len=90";
    assert_eq!(faults(text), ["core.check.touches_without_joint P2"]);
}

#[test]
fn duplicate_nodes_overlaps_crossings_and_islands_are_found_once() {
    let twice = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=100 y=0.01\nP1: R-A";
    assert!(faults(twice)[0].starts_with("core.check.duplicate_node"));
    let overlap = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=60 y=0\nP1: R-A\nP2: R-B len=60";
    assert!(
        faults(overlap)
            .iter()
            .any(|f| f.starts_with("core.check.overlap")),
        "{:?}",
        faults(overlap)
    );
    let cross = "source R x=0 y=0\nnode A x=100 y=0\nsource S x=50 y=-50\nnode B x=50 y=50\nP1: R-A\nP2: S-B";
    let found = faults(cross);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("core.check.crossing"));
    let island = "source R x=0 y=0\nnode A x=100 y=0\nnode B x=0 y=50\nnode C x=100 y=50\nP1: R-A\nP2: B-C";
    assert_eq!(faults(island), ["core.check.island P2"]);
}

#[test]
fn a_pipe_without_length_or_with_a_doubtful_one_is_told() {
    let text =
        "source R x=0 y=0\nnode A x=100 y=0\nnode B x=200 y=0\nP1: R-A\nP2: A-B len=0.001\nP3: A-B len=300";
    let found = faults(text);
    assert!(
        found.contains(&"core.check.zero_length P2".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"core.check.length_differs P3".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_valve_off_its_pipe_is_on_the_list_and_every_issue_has_words_in_both_languages() {
    let text = "source R x=0 y=0\nnode A x=100 y=0\nvalve V x=50 y=40\nvalve W x=30 y=0.4\nP1: R-A";
    let network = network(text);
    let issues = check(&network, &NoProgress).unwrap();
    let keys: Vec<&str> = issues.iter().map(|i| i.message.key()).collect();
    assert!(keys.contains(&"core.network.not_on_pipe"), "{keys:?}");
    assert!(keys.contains(&"core.network.beside_pipe"), "{keys:?}");
    for issue in issues.iter() {
        for lang in gis_core::Lang::ALL {
            assert_ne!(issue.message.text(lang), issue.message.key());
            assert!(
                !issue.message.text(lang).contains("%{"),
                "{}",
                issue.message.text(lang)
            );
        }
    }
    assert!(issues.count(Severity::Warning) >= 2);
}
