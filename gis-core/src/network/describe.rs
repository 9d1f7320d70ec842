//! What a network is, in words that depend on no index: for tests that compare one with another.

use std::collections::BTreeSet;

use super::{Network, NodeIndex, PieceIndex};

/// A network in words that depend on no index.
pub(crate) fn describe(network: &Network) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let vertex = |v: NodeIndex| {
        if network.is_anonymous(v) {
            format!("{:.3?}", network.position(v))
        } else {
            network.node_id(v).to_string()
        }
    };
    let piece = |p: PieceIndex| {
        let pipe = network.piece_pipe(p);
        let ordinal = network
            .pieces_of(pipe)
            .position(|q| q == p)
            .expect("a piece of its pipe");
        format!("{}/{ordinal}", network.pipe_id(pipe))
    };
    for n in network.nodes() {
        let mut around: Vec<String> = network.pieces_at(n).iter().map(|p| piece(*p)).collect();
        around.sort();
        let hangs = network
            .hangs_on(n)
            .map(|(p, at_m)| (piece(p), format!("{at_m:.4}")));
        let shared: Option<BTreeSet<String>> = network
            .shared_account(n)
            .map(|a| network.nodes_of_account(a).into_iter().map(vertex).collect());
        out.insert(format!(
            "node {} {:?} {:?} {:?} at {:?} z {} around {around:?} hangs {hangs:?} outlet {:?} shared {shared:?} customers {}",
            network.node_id(n),
            network.node_code(n),
            network.node_flags(n),
            network.node_state(n),
            network.position(n),
            network.node_z_m(n),
            network.outlet(n).map(piece),
            network.node_customers(n),
        ));
        assert_eq!(network.node_of_id(network.node_id(n)), Some(n));
        assert!(network.nodes_with_code(network.node_code(n)).contains(&n));
        let place = network.position(n);
        assert!(place[0].is_nan() || network.nodes_near(place, 0.01).iter().any(|(m, _)| *m == n));
    }
    for p in network.pipes() {
        let pieces: Vec<String> = network
            .pieces_of(p)
            .map(|q| {
                let mut hanging: Vec<String> =
                    network.nodes_hanging_on(q).iter().map(|n| vertex(*n)).collect();
                hanging.sort();
                format!(
                    "{:?} {:.6} inlet {:?} supplied {} hanging {hanging:?}",
                    network.piece_ends(q).map(vertex),
                    network.piece_length_m(q),
                    network.piece_is_inlet(q),
                    network.is_supplied(q),
                )
            })
            .collect();
        out.insert(format!(
            "pipe {} {:?} {:?} {:?} named {:?} length {:.6} mm {} {:?} {pieces:?}",
            network.pipe_id(p),
            network.pipe_code(p),
            network.pipe_state(p),
            network.pipe_ends(p).map(vertex),
            network.named_ends(p),
            network.pipe_length_m(p),
            network.pipe_diameter_mm(p),
            network.pipe_vertices(p),
        ));
        assert_eq!(network.pipe_of_id(network.pipe_id(p)), Some(p));
        assert!(network.pipes_with_code(network.pipe_code(p)).contains(&p));
        let line = network.pipe_vertices(p);
        assert!(line.is_empty() || network.pipes_near(line[0], 0.01).iter().any(|hit| hit.pipe == p));
    }
    for issue in network.issues().iter() {
        out.insert(format!("issue {issue:?}"));
    }
    out.insert(format!(
        "{} nodes, {} pipes, {} pieces",
        network.node_count(),
        network.pipe_count(),
        network.pieces().count()
    ));
    out.insert(format!("sources {:?}", {
        let mut sources: Vec<String> = network.sources().iter().map(|n| vertex(*n)).collect();
        sources.sort();
        sources
    }));
    out
}

/// What two networks do not have in common; empty where they are the same.
pub(crate) fn differences(updated: &Network, whole: &Network) -> Vec<String> {
    let (updated, whole) = (describe(updated), describe(whole));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>, sign: &str| -> Vec<String> {
        a.difference(b).map(|line| format!("{sign} {line}")).collect()
    };
    let mut all = only(&updated, &whole, "updated:");
    all.extend(only(&whole, &updated, "at once:"));
    all
}
