//! The burst analysis against a slow second implementation on thousands of random small networks, and the
//! invariants of docs/burst.md. The oracle floods a plain list of pieces until nothing changes; it shares no
//! code with the analysis.
#![expect(
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "helpers of tests fail by them, as tests do"
)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use gis_core::analysis::burst::{BurstRequest, BurstResult, burst};
use gis_core::network::{Network, NodeIndex};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Plain,
    Source,
    Valve,
    Check,
    Pump,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    closed: bool,
    broken: bool,
    no_access: bool,
    /// One-way devices: the pipe that water leaves through.
    outlet: Option<usize>,
    inlets: Vec<usize>,
}

/// `pipes` are also the pieces: a device in mid-pipe is drawn as a node of its own in the model and as a device on
/// the joined pipe in the text, where `joined` names its two halves.
#[derive(Clone, Debug)]
struct Model {
    nodes: Vec<Node>,
    pipes: Vec<(usize, usize)>,
    /// Node in the middle of two pieces that are one pipe in the text.
    joined: Vec<(usize, usize, usize)>,
}

impl Model {
    fn random(rng: &mut SmallRng) -> Self {
        let count = rng.random_range(3..14);
        let mut nodes: Vec<Node> = (0..count)
            .map(|_| {
                let kind = match rng.random_range(0..100) {
                    0..35 => Kind::Plain,
                    35..50 => Kind::Source,
                    50..85 => Kind::Valve,
                    85..95 => Kind::Check,
                    _ => Kind::Pump,
                };
                Node {
                    kind,
                    closed: rng.random_bool(0.12),
                    broken: rng.random_bool(0.15),
                    no_access: rng.random_bool(0.07),
                    outlet: None,
                    inlets: Vec::new(),
                }
            })
            .collect();
        let mut pipes = Vec::new();
        // A random tree with some of its links missing, then extra links: loops, parallels, self-loops, islands.
        for node in 1..count {
            if rng.random_bool(0.93) {
                pipes.push((rng.random_range(0..node), node));
            }
        }
        for _ in 0..rng.random_range(0..=count / 2) {
            pipes.push((rng.random_range(0..count), rng.random_range(0..count)));
        }
        if pipes.is_empty() {
            pipes.push((0, 1));
        }
        // Some pipes carry a valve in the middle.
        let mut joined = Vec::new();
        for pipe in 0..pipes.len() {
            if rng.random_bool(0.15) && pipes[pipe].0 != pipes[pipe].1 {
                let middle = nodes.len();
                nodes.push(Node {
                    kind: Kind::Valve,
                    closed: rng.random_bool(0.1),
                    broken: rng.random_bool(0.15),
                    no_access: false,
                    outlet: None,
                    inlets: Vec::new(),
                });
                let end = pipes[pipe].1;
                pipes[pipe].1 = middle;
                pipes.push((middle, end));
                joined.push((middle, pipe, pipes.len() - 1));
            }
        }
        let half: BTreeSet<usize> = joined.iter().flat_map(|j| [j.1, j.2]).collect();
        for (node, own) in nodes.iter_mut().enumerate() {
            let around: Vec<usize> = (0..pipes.len())
                .filter(|p| pipes[*p].0 == node || pipes[*p].1 == node)
                .collect();
            if around.is_empty() {
                continue;
            }
            let pick = around[rng.random_range(0..around.len())];
            match own.kind {
                // A loop at a one-way device, or a pipe that is split, names its outlet in other ways: not drawn here.
                Kind::Check | Kind::Pump if pipes[pick].0 == pipes[pick].1 || half.contains(&pick) => {
                    own.kind = Kind::Plain;
                }
                Kind::Check | Kind::Pump => own.outlet = Some(pick),
                Kind::Source if rng.random_bool(0.2) && !half.contains(&pick) => {
                    own.inlets.push(pick);
                }
                _ => {}
            }
        }
        Self { nodes, pipes, joined }
    }

    /// The drawing that `common::network` reads, pipes in the given order and direction.
    fn text(&self, rng: &mut SmallRng, shuffle: bool) -> String {
        let mut lines = Vec::new();
        let second_halves: BTreeSet<usize> = self.joined.iter().map(|j| j.2).collect();
        for (i, node) in self.nodes.iter().enumerate() {
            let mut line = String::new();
            let kind = match node.kind {
                Kind::Plain => "node",
                Kind::Source => "source",
                Kind::Valve => "valve",
                Kind::Check => "check",
                Kind::Pump => "pump",
            };
            write!(line, "{kind} N{i}").unwrap();
            for (on, word) in [
                (node.closed, " closed"),
                (node.broken, " broken"),
                (node.no_access, " noaccess"),
            ] {
                if on {
                    line.push_str(word);
                }
            }
            if let Some(outlet) = node.outlet {
                write!(line, " to=P{outlet}").unwrap();
            }
            if !node.inlets.is_empty() {
                let codes: Vec<String> = node.inlets.iter().map(|p| format!("P{p}")).collect();
                write!(line, " inlet={}", codes.join(",")).unwrap();
            }
            if let Some((_, first, _)) = self.joined.iter().find(|j| j.0 == i) {
                write!(line, " on=P{first} at=50").unwrap();
            }
            lines.push(line);
        }
        for (i, (a, b)) in self
            .pipes
            .iter()
            .enumerate()
            .filter(|(i, _)| !second_halves.contains(i))
        {
            let b = self
                .joined
                .iter()
                .find(|j| j.1 == i)
                .map_or(*b, |j| self.pipes[j.2].1);
            let (a, b) = if shuffle && rng.random_bool(0.5) {
                (b, *a)
            } else {
                (*a, b)
            };
            lines.push(format!("P{i}: N{a}-N{b}"));
        }
        if shuffle {
            lines.shuffle(rng);
        }
        lines.join("\n")
    }

    fn can_shut(&self, node: usize) -> bool {
        let n = &self.nodes[node];
        n.kind == Kind::Valve && !n.broken && !n.no_access
    }

    /// Whether water gets from piece to piece through a node while `shut` are closed.
    fn passes(&self, node: usize, to: usize, shut: &BTreeSet<usize>) -> bool {
        let n = &self.nodes[node];
        match n.kind {
            Kind::Source => false,
            Kind::Plain => true,
            _ if n.closed || shut.contains(&node) => false,
            Kind::Valve => true,
            Kind::Check | Kind::Pump => n.broken || n.outlet.is_none_or(|o| o == to),
        }
    }

    fn ends(&self, piece: usize) -> [usize; 2] {
        [self.pipes[piece].0, self.pipes[piece].1]
    }

    /// Pieces that have water.
    fn wet(&self, shut: &BTreeSet<usize>, stopped: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut wet: BTreeSet<usize> = (0..self.pipes.len())
            .filter(|p| {
                self.ends(*p).into_iter().any(|n| {
                    let node = &self.nodes[n];
                    node.kind == Kind::Source
                        && !node.closed
                        && !stopped.contains(&n)
                        && !node.inlets.contains(p)
                })
            })
            .collect();
        loop {
            let more: Vec<usize> = (0..self.pipes.len())
                .filter(|to| !wet.contains(to))
                .filter(|to| {
                    self.ends(*to).into_iter().any(|n| {
                        self.passes(n, *to, shut) && wet.iter().any(|from| self.ends(*from).contains(&n))
                    })
                })
                .collect();
            if more.is_empty() {
                return wet;
            }
            wet.extend(more);
        }
    }

    /// Pieces from which water can reach the burst when everything that can be shut is shut.
    fn core(&self, burst: &BTreeSet<usize>) -> BTreeSet<usize> {
        let shut: BTreeSet<usize> = (0..self.nodes.len()).filter(|n| self.can_shut(*n)).collect();
        let mut core = burst.clone();
        loop {
            let more: Vec<usize> = (0..self.pipes.len())
                .filter(|from| !core.contains(from))
                .filter(|from| {
                    self.ends(*from).into_iter().any(|n| {
                        core.iter()
                            .any(|to| self.ends(*to).contains(&n) && self.passes(n, *to, &shut))
                    })
                })
                .collect();
            if more.is_empty() {
                return core;
            }
            core.extend(more);
        }
    }

    fn pieces_of_text_pipe(&self, pipe: usize) -> BTreeSet<usize> {
        let mut pieces = BTreeSet::from([pipe]);
        pieces.extend(self.joined.iter().filter(|j| j.1 == pipe).map(|j| j.2));
        pieces
    }

    fn text_pipe(&self, piece: usize) -> usize {
        self.joined.iter().find(|j| j.2 == piece).map_or(piece, |j| j.1)
    }

    fn codes(&self, pieces: impl Iterator<Item = usize>) -> BTreeSet<String> {
        pieces.map(|p| format!("P{}", self.text_pipe(p))).collect()
    }
}

fn node_numbers(network: &Network, nodes: &[NodeIndex]) -> BTreeSet<usize> {
    nodes
        .iter()
        .map(|n| network.node_code(*n)[1..].parse().unwrap())
        .collect()
}

fn pipe_codes(network: &Network, pipes: &[gis_core::network::PipeIndex]) -> BTreeSet<String> {
    pipes.iter().map(|p| network.pipe_code(*p).to_owned()).collect()
}

fn ask(network: &Network, pipe: usize) -> BurstResult {
    let request = BurstRequest {
        pipes: vec![common::pipe(network, &format!("P{pipe}"))],
        ..BurstRequest::default()
    };
    burst(network, &request).unwrap()
}

#[test]
fn burst_and_cut_off_equal_brute_force_on_thousands_of_random_networks() {
    let mut rng = SmallRng::seed_from_u64(20_240_501);
    let (mut isolated_somewhere, mut cut_somewhere, mut stopped_somewhere) = (0, 0, 0);
    for round in 0..6000 {
        let model = Model::random(&mut rng);
        let drawing = model.text(&mut rng, false);
        let network = common::network(&drawing);
        let candidates: Vec<usize> = (0..model.pipes.len())
            .filter(|p| model.text_pipe(*p) == *p)
            .collect();
        let asked = candidates[rng.random_range(0..candidates.len())];
        let result = ask(&network, asked);
        let fail = |what: &str| format!("round {round}, burst on P{asked}: {what}\n{drawing}\n{result:#?}");

        let none = BTreeSet::new();
        let before = model.wet(&none, &none);
        let burst_pieces = model.pieces_of_text_pipe(asked);
        let core = model.core(&burst_pieces);
        let close = node_numbers(&network, &result.valves_to_close);
        let stop: BTreeSet<usize> = result
            .sources_to_stop
            .iter()
            .map(|s| network.node_code(s.source)[1..].parse().unwrap())
            .collect();
        let after = model.wet(&close, &stop);
        let has_sources = model.nodes.iter().any(|n| n.kind == Kind::Source && !n.closed);

        assert!(
            close.iter().all(|v| model.can_shut(*v)),
            "{}",
            fail("lists a valve that cannot be shut")
        );
        assert!(
            core.is_disjoint(&after),
            "{}",
            fail("closing the list leaves water in the core")
        );
        for valve in &close {
            let mut fewer = close.clone();
            fewer.remove(valve);
            let wet = model.wet(&fewer, &stop);
            assert!(
                burst_pieces.iter().any(|p| wet.contains(p)),
                "{}",
                fail(&format!("N{valve} need not be closed"))
            );
        }
        let all: BTreeSet<usize> = (0..model.nodes.len()).filter(|n| model.can_shut(*n)).collect();
        for source in &stop {
            let mut others: BTreeSet<usize> = stop.clone();
            others.remove(source);
            let wet = model.wet(&all, &others);
            assert!(
                burst_pieces.iter().any(|p| wet.contains(p)),
                "{}",
                fail(&format!("source N{source} need not be stopped"))
            );
        }

        if has_sources {
            let isolated = model.codes(core.intersection(&before).copied());
            assert_eq!(
                pipe_codes(&network, &result.isolated_pipes),
                isolated,
                "{}",
                fail("isolated pipes")
            );
            let lost = before.difference(&after).copied().filter(|p| !core.contains(p));
            let cut: BTreeSet<String> = model.codes(lost).difference(&isolated).cloned().collect();
            assert_eq!(
                pipe_codes(&network, &result.cut_off_pipes),
                cut,
                "{}",
                fail("cut-off pipes")
            );
            isolated_somewhere += usize::from(!isolated.is_empty());
            cut_somewhere += usize::from(!cut.is_empty());
            let pieces_lost = before.difference(&after).count();
            assert_eq!(
                result.isolated_pieces.len() + result.cut_off_pieces.len(),
                pieces_lost,
                "{}",
                fail("pieces without water")
            );
        }
        stopped_somewhere += usize::from(!stop.is_empty());

        // Direction, order and numbering of the drawing change nothing (E1).
        let redrawn = common::network(&model.text(&mut rng, true));
        let again = ask(&redrawn, asked);
        assert_eq!(
            node_numbers(&redrawn, &again.valves_to_close),
            close,
            "{}",
            fail("redrawn: valves")
        );
        assert_eq!(
            pipe_codes(&redrawn, &again.isolated_pipes),
            pipe_codes(&network, &result.isolated_pipes),
            "{}",
            fail("redrawn: isolated")
        );
        assert_eq!(
            pipe_codes(&redrawn, &again.cut_off_pipes),
            pipe_codes(&network, &result.cut_off_pipes),
            "{}",
            fail("redrawn: cut off")
        );
        assert_eq!(
            pipe_codes(&redrawn, &again.dry_before_pipes),
            pipe_codes(&network, &result.dry_before_pipes),
            "{}",
            fail("redrawn: dry before")
        );

        // Ruling out a listed valve never gives water back, and never lists it again.
        if let Some(&valve) = result.valves_to_close.first() {
            let request = BurstRequest {
                pipes: vec![common::pipe(&network, &format!("P{asked}"))],
                inaccessible: vec![valve],
                ..BurstRequest::default()
            };
            let wider = burst(&network, &request).unwrap();
            assert!(
                !wider.valves_to_close.contains(&valve),
                "{}",
                fail("lists a valve that was ruled out")
            );
            let dry = |r: &BurstResult| -> BTreeSet<_> {
                r.isolated_pieces
                    .iter()
                    .chain(&r.cut_off_pieces)
                    .copied()
                    .collect()
            };
            assert!(
                dry(&result).is_subset(&dry(&wider)),
                "{}",
                fail("the dry area shrank")
            );
        }
    }
    assert!(
        isolated_somewhere > 2000 && cut_somewhere > 500 && stopped_somewhere > 300,
        "the networks are too tame: {isolated_somewhere} isolated, {cut_somewhere} cut off, {stopped_somewhere} stopped"
    );
}
