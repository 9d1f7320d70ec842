//! The water works of one town as plain values, before they become features: nodes, pipes, and the mains along
//! which nodes are strung. It makes no decision of its own.

use super::plane::{Line, Point};
use super::streets::Rank;
use super::terrain::Terrain;
use super::town::Town;

pub(super) const NO_STREET: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    Planned,
    #[default]
    Operative,
    Obsolete,
}

/// Who takes water at a node.
#[derive(Debug, Clone)]
pub(super) struct Taker {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) households: u32,
    pub(super) is_important: bool,
    /// Follows the street address: estate, building.
    pub(super) building: String,
    /// Two connections of one customer share an account.
    pub(super) account: Option<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Class key; empty for a joint, whose class follows from how many pipes meet.
    pub(super) class: &'static str,
    pub(super) kind: Option<&'static str>,
    pub(super) at: Point,
    pub(super) diameter_mm: u16,
    /// Where it lies for its address.
    pub(super) street: u32,
    pub(super) at_m: f64,
    pub(super) dma: u8,
    pub(super) year: u16,
    pub(super) state: State,
    pub(super) is_open: bool,
    pub(super) is_operable: bool,
    pub(super) is_accessible: bool,
    pub(super) on_pipe: Option<(u32, f64)>,
    /// Water leaves along its main in (+1) or against (-1) the main's direction; 0 for all others.
    pub(super) flow: i8,
    pub(super) flow_to: Option<u32>,
    pub(super) inlets: Vec<u32>,
    pub(super) name: Option<String>,
    /// Of a plant; 0 for all others.
    pub(super) capacity_m3_d: u32,
    pub(super) taker: Option<Box<Taker>>,
    pub(super) remark: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Pipe {
    pub(super) ends: [Option<u32>; 2],
    pub(super) points: Vec<Point>,
    /// 0 where left out on purpose.
    pub(super) diameter_mm: u16,
    pub(super) material: &'static str,
    pub(super) kind: &'static str,
    pub(super) year: u16,
    pub(super) street: u32,
    pub(super) at_m: f64,
    pub(super) dma: u8,
    pub(super) state: State,
    pub(super) remark: &'static str,
}

/// A main between two joints on which tees, valves and the like are strung by their distance.
#[derive(Debug, Clone)]
pub(super) struct Main {
    pub(super) line: Line,
    pub(super) ends: [u32; 2],
    pub(super) street: u32,
    /// Measure of its start on the street.
    pub(super) street_from_m: f64,
    pub(super) rank: Rank,
    pub(super) is_bridge: bool,
    /// Inside an estate.
    pub(super) is_private: bool,
    pub(super) diameter_mm: u16,
    pub(super) material: &'static str,
    pub(super) kind: &'static str,
    pub(super) year: u16,
    pub(super) dma: u8,
    /// The stretch that was never laid: two dead ends face each other.
    pub(super) gap: Option<(f64, f64)>,
    /// Distance along the line, node.
    pub(super) strung: Vec<(f64, u32)>,
}

#[derive(Debug)]
pub(super) struct Works {
    pub(super) town: Town,
    pub(super) terrain: Terrain,
    pub(super) nodes: Vec<Node>,
    pub(super) pipes: Vec<Pipe>,
    pub(super) mains: Vec<Main>,
    /// `streets + 1` offsets: the mains of a street in order.
    pub(super) street_mains: Vec<u32>,
    /// Segments outside the outer ring that links to other towns must not cross.
    pub(super) outside: Vec<[Point; 2]>,
}

impl Node {
    pub(super) fn new(class: &'static str, at: Point) -> Self {
        Self {
            class,
            kind: None,
            at,
            diameter_mm: 0,
            street: NO_STREET,
            at_m: 0.0,
            dma: 0,
            year: 2010,
            state: State::Operative,
            is_open: true,
            is_operable: true,
            is_accessible: true,
            on_pipe: None,
            flow: 0,
            flow_to: None,
            inlets: Vec::new(),
            name: None,
            capacity_m3_d: 0,
            taker: None,
            remark: "",
        }
    }
}

impl Works {
    pub(super) fn add_node(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    pub(super) fn add_pipe(&mut self, pipe: Pipe) -> u32 {
        self.pipes.push(pipe);
        self.pipes.len() as u32 - 1
    }

    /// A node strung on a main, with what it takes from the main.
    pub(super) fn string(
        &mut self,
        main: u32,
        at_m: f64,
        class: &'static str,
        kind: Option<&'static str>,
    ) -> u32 {
        let m = &self.mains[main as usize];
        let node = Node {
            kind,
            diameter_mm: m.diameter_mm,
            street: m.street,
            at_m: m.street_from_m + at_m,
            dma: m.dma,
            year: m.year,
            ..Node::new(class, m.line.at(at_m))
        };
        let node = self.add_node(node);
        self.mains[main as usize].strung.push((at_m, node));
        node
    }

    /// The main at a place of a street and the distance along it; `None` where none was laid.
    pub(super) fn main_at(&self, street: u32, at_m: f64) -> Option<(u32, f64)> {
        let span = self.street_mains[street as usize]..self.street_mains[street as usize + 1];
        for i in span {
            let main = &self.mains[i as usize];
            let along = at_m - main.street_from_m;
            if along >= 0.0 && along <= main.line.length_m() {
                let in_gap = main
                    .gap
                    .is_some_and(|(from, to)| along > from - 1.0 && along < to + 1.0);
                return (!in_gap).then_some((i, along));
            }
        }
        None
    }

    /// How many pipes there would be if all mains were cut at what is strung on them.
    pub(super) fn pipe_count(&self) -> usize {
        self.pipes.len()
            + self
                .mains
                .iter()
                .map(|m| m.strung.len() + 1 - usize::from(m.gap.is_some()))
                .sum::<usize>()
    }

    /// Cuts the mains into pipes and directs the one-way devices on them.
    pub(super) fn cut_mains(&mut self) {
        for m in 0..self.mains.len() {
            let main = &mut self.mains[m];
            main.strung
                .sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            spread(&mut main.strung, main.line.length_m());
            let main = main.clone();
            for (at_m, node) in &main.strung {
                let node = &mut self.nodes[*node as usize];
                node.at = main.line.at(*at_m);
                node.at_m = main.street_from_m + at_m;
            }
            let mut stations = vec![(0.0, main.ends[0])];
            stations.extend_from_slice(&main.strung);
            stations.push((main.line.length_m(), main.ends[1]));
            for pair in stations.windows(2) {
                let [(from_m, from), (to_m, to)] = [pair[0], pair[1]];
                let middle_m = f64::midpoint(from_m, to_m);
                if main
                    .gap
                    .is_some_and(|(low, high)| middle_m > low && middle_m < high)
                {
                    continue;
                }
                let mut points = vec![self.nodes[from as usize].at];
                points.extend(main.line.between(from_m, to_m).into_iter().map(|(_, p)| p));
                points.push(self.nodes[to as usize].at);
                let pipe = self.add_pipe(Pipe {
                    ends: [Some(from), Some(to)],
                    points,
                    diameter_mm: main.diameter_mm,
                    material: main.material,
                    kind: main.kind,
                    year: main.year,
                    street: main.street,
                    at_m: main.street_from_m + middle_m,
                    dma: main.dma,
                    state: State::Operative,
                    remark: "",
                });
                if self.nodes[from as usize].flow > 0 && from_m > 0.0 {
                    self.nodes[from as usize].flow_to = Some(pipe);
                }
                if self.nodes[to as usize].flow < 0 && to_m < main.line.length_m() {
                    self.nodes[to as usize].flow_to = Some(pipe);
                }
            }
        }
        self.pin_ends();
    }

    /// Pipes that were laid before their tee found its final place follow it.
    fn pin_ends(&mut self) {
        for pipe in &mut self.pipes {
            let last = pipe.points.len() - 1;
            if let Some(from) = pipe.ends[0] {
                pipe.points[0] = self.nodes[from as usize].at;
            }
            if let Some(to) = pipe.ends[1] {
                pipe.points[last] = self.nodes[to as usize].at;
            }
        }
    }

    /// How many pipes in service end in each node.
    pub(super) fn degrees(&self) -> Vec<u8> {
        let mut degrees = vec![0_u8; self.nodes.len()];
        for pipe in &self.pipes {
            for end in pipe.ends.into_iter().flatten() {
                degrees[end as usize] = degrees[end as usize].saturating_add(1);
            }
        }
        degrees
    }
}

/// Keeps what is strung on a main apart by at least half a metre.
fn spread(strung: &mut [(f64, u32)], length_m: f64) {
    let apart = 0.6_f64.min(length_m / (strung.len() + 2) as f64);
    let mut least = apart;
    for (at_m, _) in strung.iter_mut() {
        *at_m = at_m.max(least);
        least = *at_m + apart;
    }
    let mut most = length_m - apart;
    for (at_m, _) in strung.iter_mut().rev() {
        *at_m = at_m.min(most);
        most = *at_m - apart;
    }
}
