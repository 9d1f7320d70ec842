//! Burst (isolation) analysis: which valves to close, who loses water. It changes nothing and plans no works.
//!
//! Definition in docs/burst.md (requirement 9.2.3.5). In short: the *core* is what must be dry because water
//! can reach the burst from it past no valve that can be shut; valves at its border are closed where the far
//! side stays supplied. Only the part of the supply forest below the core is searched, so a burst in a big city
//! costs what it harms, not what the city has.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::network::{LifeState, Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use crate::text::Message;

/// What bursts, and which valves cannot be used today.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BurstRequest {
    pub pipes: Vec<PipeIndex>,
    /// Single stretches, where the place on a pipe is known (a click).
    pub pieces: Vec<PieceIndex>,
    /// A node bursts with all its segments, a valve with both its sides.
    pub nodes: Vec<NodeIndex>,
    /// Valves that cannot be shut today, beside those marked so in the data.
    pub inaccessible: Vec<NodeIndex>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SourceToStop {
    pub source: NodeIndex,
    /// Devices passed on the way from the burst, because they cannot be shut.
    pub through: Vec<NodeIndex>,
}

/// Who loses water at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffectedCustomer {
    /// A customer node; `None` where the count stands on the pipe itself.
    pub node: Option<NodeIndex>,
    pub pipe: Option<PipeIndex>,
    pub customers: u32,
    pub is_important: bool,
}

/// All lists are sorted by code and hold each element once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BurstResult {
    pub valves_to_close: Vec<NodeIndex>,
    /// Border valves that are closed already: check that they are shut.
    pub valves_to_check: Vec<NodeIndex>,
    /// Border valves towards a side no source reaches.
    pub valves_optional: Vec<NodeIndex>,
    /// Isolation valves passed over because they are broken, inaccessible, or ruled out by the request.
    pub inoperable_passed: Vec<NodeIndex>,
    pub sources_to_stop: Vec<SourceToStop>,
    pub isolated_pipes: Vec<PipeIndex>,
    pub isolated_nodes: Vec<NodeIndex>,
    pub cut_off_pipes: Vec<PipeIndex>,
    pub cut_off_nodes: Vec<NodeIndex>,
    /// Pipes of the affected area that no source reached before; not blamed on the job and in no other list.
    pub dry_before_pipes: Vec<PipeIndex>,
    /// Important ones first.
    pub customers: Vec<AffectedCustomer>,
    pub customers_affected: u64,
    pub hydrants_lost: Vec<NodeIndex>,
    pub isolated_length_m: f64,
    pub cut_off_length_m: f64,
    /// Of the isolated pipes whose diameter is known.
    pub volume_to_drain_m3: f64,
    /// Pieces of the isolated, the cut-off and the dry-before area, for the map.
    pub isolated_pieces: Vec<PieceIndex>,
    pub cut_off_pieces: Vec<PieceIndex>,
    pub dry_before_pieces: Vec<PieceIndex>,
    pub sources_known: usize,
    pub notices: Vec<Message>,
}

impl BurstResult {
    /// Whether closing the listed valves is enough.
    pub fn can_isolate(&self) -> bool {
        self.sources_known > 0 && self.sources_to_stop.is_empty()
    }
}

/// Answers a burst.
///
/// # Errors
/// `Refused` where nothing of the request is in service or connected.
pub fn burst(network: &Network, request: &BurstRequest) -> Result<BurstResult> {
    let seeds = seeds(network, request)?;
    let mut job = Job::new(network, request);
    job.grow_core(&seeds);
    job.find_lost();
    Ok(job.result())
}

/// The pieces that burst.
fn seeds(network: &Network, request: &BurstRequest) -> Result<Vec<PieceIndex>> {
    let mut seeds = request.pieces.clone();
    for &pipe in &request.pipes {
        if network.pipe_state(pipe) != LifeState::Operative {
            return Err(Error::Refused(
                Message::new("core.burst.pipe_not_in_service").with("code", network.pipe_code(pipe)),
            ));
        }
        seeds.extend(network.pieces_of(pipe));
    }
    for &node in &request.nodes {
        let before = seeds.len();
        seeds.extend(network.pieces_at(node));
        seeds.extend(network.hangs_on(node).map(|(piece, _)| piece));
        if seeds.len() == before {
            return Err(Error::Refused(
                Message::new("core.burst.node_not_connected").with("code", network.node_code(node)),
            ));
        }
    }
    seeds.sort_unstable();
    seeds.dedup();
    if seeds.is_empty() {
        return Err(Error::Refused(Message::new("core.burst.nothing_asked")));
    }
    Ok(seeds)
}

/// What a piece turns out to be. Fresh pages of zeroes cost nothing, so untouched pieces are `UNTOUCHED`.
mod mark {
    pub(super) const UNTOUCHED: u8 = 0;
    pub(super) const CORE: u8 = 1;
    /// Its supply came through the core or through a closing valve: it may have lost water.
    pub(super) const DOUBT: u8 = 2;
    /// Was in doubt, is still reached from another side.
    pub(super) const WET: u8 = 3;
    pub(super) const DRY_BEFORE: u8 = 4;
}

struct Job<'a> {
    network: &'a Network,
    ruled_out: HashSet<NodeIndex>,
    marks: Vec<u8>,
    core: Vec<PieceIndex>,
    /// How the core reached a piece: from which piece, past which unshuttable device.
    came_from: HashMap<PieceIndex, (PieceIndex, Option<NodeIndex>)>,
    /// Shuttable valves and closed ones that the core touched.
    touched: Vec<NodeIndex>,
    passed: Vec<NodeIndex>,
    sources: Vec<SourceToStop>,
    /// Border valves through which water could enter the core: shut in the answer where it does.
    closing: HashSet<NodeIndex>,
    in_doubt: Vec<PieceIndex>,
    dry_before: Vec<PieceIndex>,
}

impl<'a> Job<'a> {
    fn new(network: &'a Network, request: &BurstRequest) -> Self {
        Self {
            network,
            ruled_out: request.inaccessible.iter().copied().collect(),
            marks: vec![mark::UNTOUCHED; network.piece_slots()],
            core: Vec::new(),
            came_from: HashMap::new(),
            touched: Vec::new(),
            passed: Vec::new(),
            sources: Vec::new(),
            closing: HashSet::new(),
            in_doubt: Vec::new(),
            dry_before: Vec::new(),
        }
    }

    fn mark_of(&self, piece: PieceIndex) -> u8 {
        self.marks[piece.0 as usize]
    }

    fn is_core(&self, piece: PieceIndex) -> bool {
        self.mark_of(piece) == mark::CORE
    }

    fn can_shut(&self, valve: NodeIndex) -> bool {
        let flags = self.network.node_flags(valve);
        flags.has(NodeFlags::SHUTTABLE)
            && flags.has(NodeFlags::OPERABLE)
            && flags.has(NodeFlags::ACCESSIBLE)
            && !self.ruled_out.contains(&valve)
    }

    /// The burst pieces, closed under water that can flow in past no shuttable valve.
    fn grow_core(&mut self, seeds: &[PieceIndex]) {
        for &seed in seeds {
            self.marks[seed.0 as usize] = mark::CORE;
            self.core.push(seed);
        }
        let mut met = HashSet::new();
        let mut next = 0;
        while next < self.core.len() {
            let piece = self.core[next];
            next += 1;
            for vertex in self.network.piece_ends(piece) {
                let flags = self.network.node_flags(vertex);
                if flags.has(NodeFlags::SOURCE) {
                    if self.network.feeds(vertex, piece) && met.insert(vertex) {
                        self.sources.push(SourceToStop {
                            source: vertex,
                            through: self.way_to(piece),
                        });
                    }
                    continue;
                }
                if !flags.has(NodeFlags::BOUNDARY) {
                    if met.insert(vertex) {
                        self.join_all(piece, vertex, None);
                    }
                    continue;
                }
                if !flags.has(NodeFlags::OPEN) || self.can_shut(vertex) {
                    if met.insert(vertex) {
                        self.touched.push(vertex);
                    }
                } else if self.network.passes(vertex, piece) {
                    // Open and not to be shut: whatever can send water here belongs to the core. A one-way device
                    // is asked again from its other side, so it is not counted as met.
                    if flags.has(NodeFlags::SHUTTABLE) {
                        self.passed.push(vertex);
                    }
                    self.join_all(piece, vertex, Some(vertex));
                }
            }
        }
        for &valve in &self.touched {
            let around = self.network.pieces_at(valve);
            let has_far_side = around.iter().any(|p| !self.is_core(*p));
            let lets_in = around
                .iter()
                .any(|p| self.is_core(*p) && self.network.passes(valve, *p));
            if has_far_side && lets_in {
                self.closing.insert(valve);
            }
        }
    }

    fn join_all(&mut self, from: PieceIndex, vertex: NodeIndex, past: Option<NodeIndex>) {
        for &other in self.network.pieces_at(vertex) {
            if !self.is_core(other) {
                self.marks[other.0 as usize] = mark::CORE;
                self.core.push(other);
                self.came_from.insert(other, (from, past));
            }
        }
    }

    /// Unshuttable devices between the burst and a core piece, from the burst outward.
    fn way_to(&self, piece: PieceIndex) -> Vec<NodeIndex> {
        let mut devices = Vec::new();
        let mut at = piece;
        while let Some((before, past)) = self.came_from.get(&at) {
            devices.extend(past);
            at = *before;
        }
        devices.reverse();
        devices
    }

    fn is_stopped(&self, source: NodeIndex) -> bool {
        self.sources.iter().any(|s| s.source == source)
    }

    /// Marks what loses water outside the core.
    fn find_lost(&mut self) {
        self.gather_doubt();
        let mut wet: Vec<PieceIndex> = Vec::new();
        for i in 0..self.in_doubt.len() {
            let piece = self.in_doubt[i];
            if self.mark_of(piece) == mark::DOUBT && self.is_fed_from_outside(piece) {
                self.marks[piece.0 as usize] = mark::WET;
                wet.push(piece);
            }
        }
        while let Some(piece) = wet.pop() {
            for vertex in self.network.piece_ends(piece) {
                if self.network.node_flags(vertex).has(NodeFlags::SOURCE) {
                    continue;
                }
                for &other in self.network.pieces_at(vertex) {
                    if self.mark_of(other) == mark::DOUBT && self.flows(vertex, other) {
                        self.marks[other.0 as usize] = mark::WET;
                        wet.push(other);
                    }
                }
            }
        }
        self.mark_dry_before();
    }

    /// Everything whose way to a source, in the supply forest, leads through the core, a stopped source or a valve
    /// that closes.
    fn gather_doubt(&mut self) {
        let supply = self.network.supply();
        let mut roots: Vec<PieceIndex> = self.core.clone();
        let by_entry = |vertex: NodeIndex| {
            self.network
                .pieces_at(vertex)
                .iter()
                .copied()
                .filter(move |p| supply.is_supplied(*p) && supply.entry(*p) == vertex)
        };
        for &valve in &self.touched {
            if self.closing.contains(&valve) {
                roots.extend(by_entry(valve));
            }
        }
        for source in &self.sources {
            roots.extend(by_entry(source.source));
        }
        for range in supply.subtrees(roots) {
            for &piece in range {
                if self.marks[piece.0 as usize] == mark::UNTOUCHED {
                    self.marks[piece.0 as usize] = mark::DOUBT;
                    self.in_doubt.push(piece);
                }
            }
        }
    }

    /// Whether water gets through a vertex into `to` while the closing valves are shut.
    fn flows(&self, vertex: NodeIndex, to: PieceIndex) -> bool {
        !self.network.node_flags(vertex).has(NodeFlags::BOUNDARY)
            || (self.network.passes(vertex, to) && !self.closing.contains(&vertex))
    }

    /// From a source of its own, or from a neighbour that never was in doubt.
    fn is_fed_from_outside(&self, piece: PieceIndex) -> bool {
        self.network.piece_ends(piece).into_iter().any(|vertex| {
            if self.network.node_flags(vertex).has(NodeFlags::SOURCE) {
                return self.network.feeds(vertex, piece) && !self.is_stopped(vertex);
            }
            self.flows(vertex, piece)
                && self
                    .network
                    .pieces_at(vertex)
                    .iter()
                    .any(|other| self.mark_of(*other) == mark::UNTOUCHED && self.network.is_supplied(*other))
        })
    }

    /// What hangs on the affected area without water, since before.
    fn mark_dry_before(&mut self) {
        let network = self.network;
        let mut queue: Vec<PieceIndex> = self.core.clone();
        if network.sources().is_empty() {
            // Nothing is known to supply: the whole network would be listed. The notice says what is missing.
            return;
        }
        queue.extend(self.in_doubt.iter().filter(|p| self.mark_of(**p) == mark::DOUBT));
        let mut met = HashSet::new();
        while let Some(piece) = queue.pop() {
            for vertex in network.piece_ends(piece) {
                let flags = network.node_flags(vertex);
                let is_shut = flags.has(NodeFlags::BOUNDARY) && !flags.has(NodeFlags::OPEN);
                if is_shut || flags.has(NodeFlags::SOURCE) || !met.insert(vertex) {
                    continue;
                }
                for &other in network.pieces_at(vertex) {
                    if self.mark_of(other) == mark::UNTOUCHED && !network.is_supplied(other) {
                        self.marks[other.0 as usize] = mark::DRY_BEFORE;
                        self.dry_before.push(other);
                        queue.push(other);
                    }
                }
            }
        }
    }

    /// Whether a piece still has water once the listed valves are shut.
    fn is_wet(&self, piece: PieceIndex) -> bool {
        match self.mark_of(piece) {
            mark::UNTOUCHED => self.network.is_supplied(piece),
            mark::WET => true,
            _ => false,
        }
    }

    fn result(mut self) -> BurstResult {
        let network = self.network;
        let mut out = BurstResult {
            sources_known: network.sources().len(),
            ..BurstResult::default()
        };
        for &valve in &self.touched {
            let flags = network.node_flags(valve);
            let far = || network.pieces_at(valve).iter().filter(|p| !self.is_core(**p));
            if far().next().is_none() {
                continue;
            }
            if !flags.has(NodeFlags::OPEN) {
                if flags.has(NodeFlags::VALVE) {
                    out.valves_to_check.push(valve);
                }
            } else if self.closing.contains(&valve) {
                let list = if far().any(|p| self.is_wet(*p)) {
                    &mut out.valves_to_close
                } else {
                    &mut out.valves_optional
                };
                list.push(valve);
            }
        }
        out.inoperable_passed = std::mem::take(&mut self.passed);
        out.sources_to_stop = std::mem::take(&mut self.sources);

        for &piece in &self.core {
            if network.is_supplied(piece) || out.sources_known == 0 {
                out.isolated_pieces.push(piece);
            } else {
                out.dry_before_pieces.push(piece);
            }
        }
        out.cut_off_pieces = self
            .in_doubt
            .iter()
            .copied()
            .filter(|p| self.mark_of(*p) == mark::DOUBT)
            .collect();
        out.dry_before_pieces.append(&mut self.dry_before);
        self.fill_lists(&mut out);
        sort_lists(network, &mut out);
        out.notices = self.notices(&out);
        debug_assert!(out.valves_to_close.iter().all(|v| self.can_shut(*v)));
        out
    }

    fn fill_lists(&self, out: &mut BurstResult) {
        let network = self.network;
        out.isolated_pipes = pipes_of(network, &out.isolated_pieces);
        out.cut_off_pipes = without(pipes_of(network, &out.cut_off_pieces), &out.isolated_pipes);
        out.dry_before_pipes = without(
            without(pipes_of(network, &out.dry_before_pieces), &out.isolated_pipes),
            &out.cut_off_pipes,
        );
        // The sum of nothing is minus zero in floating point; adding zero makes it plain.
        let length_m =
            |pieces: &[PieceIndex]| pieces.iter().map(|p| network.piece_length_m(*p)).sum::<f64>() + 0.0;
        out.isolated_length_m = length_m(&out.isolated_pieces);
        out.cut_off_length_m = length_m(&out.cut_off_pieces);
        out.volume_to_drain_m3 = out
            .isolated_pieces
            .iter()
            .map(|p| {
                let diameter_m = f64::from(network.pipe_diameter_mm(network.piece_pipe(*p))) / 1000.0;
                let area_m2 = std::f64::consts::FRAC_PI_4 * diameter_m * diameter_m;
                if area_m2.is_finite() {
                    area_m2 * network.piece_length_m(*p)
                } else {
                    0.0
                }
            })
            .sum::<f64>()
            + 0.0;
        let lost = out.isolated_pieces.iter().chain(&out.cut_off_pieces);
        let mut nodes: Vec<NodeIndex> = lost
            .flat_map(|p| {
                network
                    .piece_ends(*p)
                    .into_iter()
                    .chain(network.nodes_hanging_on(*p).iter().copied())
            })
            .filter(|n| !network.is_anonymous(*n) && network.node_state(*n) == LifeState::Operative)
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let mut accounts_done = HashSet::new();
        for node in nodes {
            let Some(is_isolated) = self.node_loss(node, out.sources_known == 0) else {
                continue;
            };
            let list = if is_isolated {
                &mut out.isolated_nodes
            } else {
                &mut out.cut_off_nodes
            };
            list.push(node);
            let flags = network.node_flags(node);
            if flags.has(NodeFlags::HYDRANT) {
                out.hydrants_lost.push(node);
            }
            if network.node_customers(node) > 0 && self.account_is_dry(node, &mut accounts_done) {
                out.customers.push(AffectedCustomer {
                    node: Some(node),
                    pipe: network.hangs_on(node).map(|(piece, _)| network.piece_pipe(piece)),
                    customers: network.node_customers(node),
                    is_important: flags.has(NodeFlags::IMPORTANT),
                });
            }
        }
        for &pipe in out.isolated_pipes.iter().chain(&out.cut_off_pipes) {
            let customers = network.pipe_customers(pipe);
            if customers > 0 {
                out.customers.push(AffectedCustomer {
                    node: None,
                    pipe: Some(pipe),
                    customers,
                    is_important: false,
                });
            }
        }
        out.customers_affected = out.customers.iter().map(|c| u64::from(c.customers)).sum();
    }

    /// `Some(true)` for a node in the isolated area, `Some(false)` for one cut off, `None` for one that keeps water
    /// on some side, that never had any, or that is a source.
    fn node_loss(&self, node: NodeIndex, without_sources: bool) -> Option<bool> {
        let network = self.network;
        if network.node_flags(node).has(NodeFlags::SOURCE) {
            return None;
        }
        let hanging = network.hangs_on(node).map(|(piece, _)| piece);
        let mut all_isolated = true;
        let mut any_lost = false;
        for &piece in network.pieces_at(node).iter().chain(hanging.iter()) {
            if self.is_wet(piece) {
                return None;
            }
            let had_water = network.is_supplied(piece) || without_sources;
            let is_isolated = self.is_core(piece) && had_water;
            all_isolated &= is_isolated;
            any_lost |= is_isolated || self.mark_of(piece) == mark::DOUBT;
        }
        any_lost.then_some(all_isolated)
    }

    /// A customer with several supplies loses water only when all are dry, and is counted once (E27).
    fn account_is_dry(&self, node: NodeIndex, done: &mut HashSet<u64>) -> bool {
        let Some(account) = self.network.shared_account(node) else {
            return true;
        };
        let has_water = |n: &NodeIndex| {
            let hanging = self.network.hangs_on(*n).map(|(piece, _)| piece);
            self.network
                .pieces_at(*n)
                .iter()
                .chain(hanging.iter())
                .any(|p| self.is_wet(*p))
        };
        !self.network.nodes_of_account(account).iter().any(has_water) && done.insert(account)
    }

    fn notices(&self, out: &BurstResult) -> Vec<Message> {
        let network = self.network;
        let mut notices = Vec::new();
        if out.sources_known == 0 {
            let unusable = network
                .nodes()
                .filter(|n| network.node_flags(*n).has(NodeFlags::SOURCE))
                .count();
            notices.push(
                Message::new("core.burst.no_source")
                    .with("known", 0)
                    .with("total", unusable),
            );
        } else if !self.core.iter().any(|p| network.is_supplied(*p)) {
            notices.push(Message::new("core.burst.dry_before"));
        }
        for stop in &out.sources_to_stop {
            let through: Vec<&str> = stop.through.iter().map(|v| network.node_code(*v)).collect();
            let key = if through.is_empty() {
                "core.burst.stop_source"
            } else {
                "core.burst.stop_source_through"
            };
            notices.push(
                Message::new(key)
                    .with("code", network.node_code(stop.source))
                    .with("through", through.join(", ")),
            );
        }
        for &valve in out
            .valves_to_close
            .iter()
            .chain(&out.valves_to_check)
            .chain(&out.valves_optional)
        {
            if network.node_flags(valve).has(NodeFlags::DOUBTFUL) {
                notices
                    .push(Message::new("core.burst.doubtful_valve").with("code", network.node_code(valve)));
            }
        }
        notices
    }
}

fn pipes_of(network: &Network, pieces: &[PieceIndex]) -> Vec<PipeIndex> {
    let mut pipes: Vec<PipeIndex> = pieces.iter().map(|p| network.piece_pipe(*p)).collect();
    pipes.sort_unstable();
    pipes.dedup();
    pipes
}

/// `list` less what is in `other`; both sorted by index.
fn without(list: Vec<PipeIndex>, other: &[PipeIndex]) -> Vec<PipeIndex> {
    list.into_iter()
        .filter(|p| other.binary_search(p).is_err())
        .collect()
}

fn sort_lists(network: &Network, out: &mut BurstResult) {
    let by_code = |list: &mut Vec<NodeIndex>| {
        list.sort_by(|a, b| network.node_code(*a).cmp(network.node_code(*b)).then(a.cmp(b)));
        list.dedup();
    };
    by_code(&mut out.valves_to_close);
    by_code(&mut out.valves_to_check);
    by_code(&mut out.valves_optional);
    by_code(&mut out.inoperable_passed);
    by_code(&mut out.isolated_nodes);
    by_code(&mut out.cut_off_nodes);
    by_code(&mut out.hydrants_lost);
    out.sources_to_stop
        .sort_by(|a, b| network.node_code(a.source).cmp(network.node_code(b.source)));
    for list in [
        &mut out.isolated_pipes,
        &mut out.cut_off_pipes,
        &mut out.dry_before_pipes,
    ] {
        list.sort_by(|a, b| network.pipe_code(*a).cmp(network.pipe_code(*b)).then(a.cmp(b)));
    }
    let code = |c: &AffectedCustomer| match (c.node, c.pipe) {
        (Some(node), _) => network.node_code(node),
        (None, Some(pipe)) => network.pipe_code(pipe),
        (None, None) => "",
    };
    out.customers.sort_by(|a, b| {
        b.is_important
            .cmp(&a.is_important)
            .then(b.customers.cmp(&a.customers))
            .then(code(a).cmp(code(b)))
    });
}
