//! Shortest path along open pipes, by length. Direction of one-way devices does not count: the question is
//! which way the pipes lead, not which way the water runs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::{Error, Result};
use crate::network::{NONE, Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use crate::text::Message;

/// A place on the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    Node(NodeIndex),
    /// A point of a pipe, by its distance in metres from the start of the piece.
    OnPiece {
        piece: PieceIndex,
        from_start_m: f64,
    },
}

impl Place {
    /// The place on the nearest pipe in service.
    ///
    /// # Errors
    /// `Refused` where none lies within `radius_m`: a path from hundreds of metres away is a wrong answer.
    pub fn near(network: &Network, point: [f64; 2], radius_m: f64) -> Result<Self> {
        let hit = network
            .pipes_near(point, radius_m)
            .into_iter()
            .find_map(|hit| Some((hit, hit.piece?)));
        let Some((hit, piece)) = hit else {
            return Err(Error::Refused(
                Message::new("core.path.nothing_near")
                    .with("x", point[0])
                    .with("y", point[1])
                    .with("radius", radius_m),
            ));
        };
        let drawn_m = network.metric().length_m(network.pipe_vertices(hit.pipe));
        let scale = if drawn_m > 0.0 {
            network.pipe_length_m(hit.pipe) / drawn_m
        } else {
            0.0
        };
        let along_m = hit.along_m * scale - network.piece_start_m(piece);
        Ok(Self::OnPiece {
            piece,
            from_start_m: along_m.clamp(0.0, network.piece_length_m(piece)),
        })
    }

    /// The middle of a pipe.
    ///
    /// # Errors
    /// `Refused` for a pipe that is not in service.
    pub fn on_pipe(network: &Network, pipe: PipeIndex) -> Result<Self> {
        let mut rest = network.pipe_length_m(pipe) / 2.0;
        for piece in network.pieces_of(pipe) {
            if rest <= network.piece_length_m(piece) {
                return Ok(Self::OnPiece {
                    piece,
                    from_start_m: rest,
                });
            }
            rest -= network.piece_length_m(piece);
        }
        Err(Error::Refused(
            Message::new("core.burst.pipe_not_in_service").with("code", network.pipe_code(pipe)),
        ))
    }

    /// Vertices reached first, with the pieces and metres to them.
    fn exits(self, network: &Network) -> Result<Vec<(NodeIndex, PieceIndex, f64)>> {
        let (piece, from_start_m) = match self {
            Self::Node(node) => {
                if let Some((piece, from_start_m)) = network.hangs_on(node) {
                    (piece, from_start_m)
                } else if network.pieces_at(node).is_empty() {
                    return Err(Error::Refused(
                        Message::new("core.burst.node_not_connected").with("code", network.node_code(node)),
                    ));
                } else {
                    return Ok(vec![(node, PieceIndex(NONE), 0.0)]);
                }
            }
            Self::OnPiece { piece, from_start_m } => (piece, from_start_m),
        };
        let [start, end] = network.piece_ends(piece);
        let length_m = network.piece_length_m(piece);
        Ok(vec![
            (start, piece, from_start_m),
            (end, piece, (length_m - from_start_m).max(0.0)),
        ])
    }

    fn piece(self, network: &Network) -> Option<(PieceIndex, f64)> {
        match self {
            Self::Node(node) => network.hangs_on(node),
            Self::OnPiece { piece, from_start_m } => Some((piece, from_start_m)),
        }
    }

    fn point(self, network: &Network) -> [f64; 2] {
        match self {
            Self::Node(node) => network.position(node),
            Self::OnPiece { piece, from_start_m } => {
                let line = network.piece_vertices(piece);
                let length_m = network.piece_length_m(piece);
                let share = if length_m > 0.0 {
                    from_start_m / length_m
                } else {
                    0.0
                };
                let metric = network.metric();
                metric
                    .point_along(&line, share * metric.length_m(&line))
                    .unwrap_or([f64::NAN; 2])
            }
        }
    }
}

/// The way found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathResult {
    pub length_m: f64,
    /// Pipes in order, each once per visit.
    pub pipes: Vec<PipeIndex>,
    /// Named nodes in order, the ends included where they are nodes.
    pub nodes: Vec<NodeIndex>,
    /// Pieces in order, for the map; the first and last may be used in part.
    pub pieces: Vec<PieceIndex>,
    /// The line walked, from the first to the last point.
    pub line: Vec<[f64; 2]>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PathOutcome {
    Found(PathResult),
    /// Closed devices on the edge of what can be reached from the start, beyond which the goal lies; empty where
    /// no pipes lead there at all.
    Unreachable {
        separating: Vec<NodeIndex>,
    },
}

/// The shortest way between two places, by pipe length, through nothing that is closed.
///
/// A* with the straight distance, shrunk by the network's smallest ratio of recorded length to straight distance
/// so that it never overestimates (Hart, Nilsson, Raphael 1968).
///
/// # Errors
/// `Refused` where an end is not connected.
pub fn shortest_path(network: &Network, from: Place, to: Place) -> Result<PathOutcome> {
    let starts = from.exits(network)?;
    let goals = to.exits(network)?;
    let goal_point = to.point(network);
    let mut search = Search::new(network, goal_point);
    for &(vertex, piece, cost_m) in &starts {
        search.reach(vertex, piece, NodeIndex(NONE), cost_m);
    }
    let start_vertices: Vec<NodeIndex> = starts.iter().map(|s| s.0).collect();

    // Both places on one piece: the direct stretch competes with every way around.
    let direct = match (from.piece(network), to.piece(network)) {
        (Some((a, a_m)), Some((b, b_m))) if a == b => Some((a, (a_m - b_m).abs())),
        _ => None,
    };
    let mut best_m = direct.map_or(f64::INFINITY, |(_, m)| m);
    let mut best_goal = None;
    while let Some((estimate_m, vertex)) = search.pop() {
        if estimate_m >= best_m {
            break;
        }
        let cost_m = search.cost_m(vertex);
        for &(goal, _, rest_m) in &goals {
            if goal == vertex && cost_m + rest_m < best_m {
                best_m = cost_m + rest_m;
                best_goal = Some(goal);
            }
        }
        // A closed valve may be where a path starts or ends, never what it passes.
        let is_start = start_vertices.contains(&vertex) && from == Place::Node(vertex);
        if is_closed(network, vertex) && !is_start {
            continue;
        }
        search.expand(vertex, cost_m);
    }
    if let Some(goal) = best_goal {
        let last = goals
            .iter()
            .find(|g| g.0 == goal)
            .map_or(PieceIndex(NONE), |g| g.1);
        return Ok(PathOutcome::Found(search.walk_back(from, to, goal, last, best_m)));
    }
    if let Some((piece, length_m)) = direct {
        return Ok(PathOutcome::Found(PathResult {
            length_m,
            pipes: vec![network.piece_pipe(piece)],
            nodes: [from, to].into_iter().filter_map(node_of).collect(),
            pieces: vec![piece],
            line: vec![from.point(network), goal_point],
        }));
    }
    if from == to {
        return Ok(PathOutcome::Found(PathResult {
            nodes: node_of(from).into_iter().collect(),
            ..PathResult::default()
        }));
    }
    Ok(PathOutcome::Unreachable {
        separating: separating(network, from, to)?,
    })
}

fn node_of(place: Place) -> Option<NodeIndex> {
    match place {
        Place::Node(node) => Some(node),
        Place::OnPiece { .. } => None,
    }
}

fn is_closed(network: &Network, vertex: NodeIndex) -> bool {
    let flags = network.node_flags(vertex);
    flags.has(NodeFlags::BOUNDARY) && !flags.has(NodeFlags::OPEN)
}

/// What a search knows of a vertex, in one cache line's reach. All zero while unreached, so that fresh pages need no
/// filling.
#[derive(Clone, Copy, Default)]
struct Label {
    /// Cost in metres as bits, plus one; the sign bit, free since costs are not negative, marks it settled.
    cost: u64,
    /// Piece and vertex before, plus one.
    piece: u32,
    before: u32,
}

impl Label {
    const SETTLED: u64 = 1 << 63;

    fn cost_m(self) -> f64 {
        match self.cost & !Self::SETTLED {
            0 => f64::INFINITY,
            bits => f64::from_bits(bits - 1),
        }
    }
}

struct Search<'a> {
    network: &'a Network,
    goal: [f64; 2],
    labels: Vec<Label>,
    open: BinaryHeap<Reverse<(u64, u32)>>,
}

impl<'a> Search<'a> {
    fn new(network: &'a Network, goal: [f64; 2]) -> Self {
        let labels = vec![Label::default(); network.vertex_slots()];
        Self {
            network,
            goal,
            labels,
            open: BinaryHeap::new(),
        }
    }

    fn cost_m(&self, vertex: NodeIndex) -> f64 {
        self.labels[vertex.0 as usize].cost_m()
    }

    fn reach(&mut self, vertex: NodeIndex, piece: PieceIndex, before: NodeIndex, cost_m: f64) {
        let label = &mut self.labels[vertex.0 as usize];
        if cost_m >= label.cost_m() {
            return;
        }
        *label = Label {
            cost: cost_m.to_bits() + 1,
            piece: piece.0.wrapping_add(1),
            before: before.0.wrapping_add(1),
        };
        let straight_m = self
            .network
            .metric()
            .distance_m(self.network.position(vertex), self.goal);
        let ahead_m = straight_m * self.network.straightness();
        let estimate_m = cost_m + if ahead_m.is_finite() { ahead_m } else { 0.0 };
        // Non-negative floats order as their bits.
        self.open.push(Reverse((estimate_m.to_bits(), vertex.0)));
    }

    fn pop(&mut self) -> Option<(f64, NodeIndex)> {
        while let Some(Reverse((bits, vertex))) = self.open.pop() {
            let label = &mut self.labels[vertex as usize];
            if label.cost & Label::SETTLED == 0 {
                label.cost |= Label::SETTLED;
                return Some((f64::from_bits(bits), NodeIndex(vertex)));
            }
        }
        None
    }

    fn expand(&mut self, vertex: NodeIndex, cost_m: f64) {
        let network = self.network;
        for &piece in network.pieces_at(vertex) {
            let [start, end] = network.piece_ends(piece);
            let other = if start == vertex { end } else { start };
            self.reach(other, piece, vertex, cost_m + network.piece_length_m(piece));
        }
    }

    fn walk_back(
        &self,
        from: Place,
        to: Place,
        goal: NodeIndex,
        last: PieceIndex,
        length_m: f64,
    ) -> PathResult {
        let network = self.network;
        let mut steps: Vec<(PieceIndex, NodeIndex)> = Vec::new();
        let mut at = goal;
        loop {
            let Label { piece, before, .. } = self.labels[at.0 as usize];
            steps.push((PieceIndex(piece.wrapping_sub(1)), at));
            if before == 0 {
                break;
            }
            at = NodeIndex(before.wrapping_sub(1));
        }
        steps.reverse();

        let mut out = PathResult {
            length_m,
            ..PathResult::default()
        };
        let mut walker = from.point(network);
        out.line.push(walker);
        if let (Place::Node(node), Some(_)) = (from, from.piece(network)) {
            out.nodes.push(node);
        }
        for (piece, vertex) in steps {
            if piece.0 != NONE {
                self.append(&mut out, piece, walker, Some(vertex));
            }
            walker = network.position(vertex);
            if !network.is_anonymous(vertex) {
                out.nodes.push(vertex);
            }
        }
        if last.0 != NONE {
            self.append(&mut out, last, walker, None);
        }
        out.line.push(to.point(network));
        if let (Place::Node(node), Some(_)) = (to, to.piece(network)) {
            out.nodes.push(node);
        }
        out.line.dedup();
        out
    }

    /// Adds a piece walked towards `until`, or into its middle where `None`.
    fn append(&self, out: &mut PathResult, piece: PieceIndex, from: [f64; 2], until: Option<NodeIndex>) {
        let network = self.network;
        out.pieces.push(piece);
        let pipe = network.piece_pipe(piece);
        if out.pipes.last() != Some(&pipe) {
            out.pipes.push(pipe);
        }
        let Some(until) = until else { return };
        let mut line = network.piece_vertices(piece);
        if network.piece_ends(piece)[1] != until {
            line.reverse();
        }
        // The first piece may be entered in the middle: leave out what lies behind the start.
        let metric = network.metric();
        let along_m = metric.foot_point(&line, from).map_or(0.0, |f| f.along_m);
        out.line.extend(metric.stretch(&line, along_m, f64::INFINITY));
    }
}

/// Closed devices on the edge of the start's open area behind which the goal lies.
fn separating(network: &Network, from: Place, to: Place) -> Result<Vec<NodeIndex>> {
    const START: u8 = 1;
    const GOAL: u8 = 2;
    let mut side = vec![0_u8; network.vertex_slots()];
    let mut edge = Vec::new();
    let mut queue: Vec<NodeIndex> = from.exits(network)?.into_iter().map(|e| e.0).collect();
    for &vertex in &queue {
        side[vertex.0 as usize] = START;
    }
    while let Some(vertex) = queue.pop() {
        if is_closed(network, vertex) && from != Place::Node(vertex) {
            edge.push(vertex);
            continue;
        }
        for &piece in network.pieces_at(vertex) {
            for other in network.piece_ends(piece) {
                if side[other.0 as usize] == 0 {
                    side[other.0 as usize] = START;
                    queue.push(other);
                }
            }
        }
    }
    // From the goal through everything, closed or not, up to that edge.
    let mut touched = Vec::new();
    let mut queue: Vec<NodeIndex> = to.exits(network)?.into_iter().map(|e| e.0).collect();
    while let Some(vertex) = queue.pop() {
        match side[vertex.0 as usize] {
            START => touched.push(vertex),
            GOAL => {}
            _ => {
                side[vertex.0 as usize] = GOAL;
                for &piece in network.pieces_at(vertex) {
                    queue.extend(
                        network
                            .piece_ends(piece)
                            .into_iter()
                            .filter(|n| side[n.0 as usize] != GOAL),
                    );
                }
            }
        }
    }
    edge.retain(|valve| touched.contains(valve));
    edge.sort_by(|a, b| network.node_code(*a).cmp(network.node_code(*b)).then(a.cmp(b)));
    edge.dedup();
    Ok(edge)
}
