//! Mistakes put in on purpose, one or two of each kind a survey brings, with planned and abandoned pipes. Each
//! mistake is reported, so that a check can be held against the list.

use super::mend;
use super::plane::{add, distance, left, lerp, scale, sub, unit};
use super::rng::Rng;
use super::works::{Node, Pipe, State, Taker, Works};
use crate::rules::Rule;

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlawKind {
    /// A pipe ends 0.3 m before the main.
    DanglingEnd,
    DuplicateNode,
    OverlappingPipe,
    /// Two pipes cross and nothing joins them.
    CrossingWithoutNode,
    ValveBesidePipe,
    /// Pipes that no source can reach.
    Island,
    ZeroLength,
    MissingAttribute,
}

impl FlawKind {
    /// The rules it breaks, one finding each: a stray pipe is cut off from water as well.
    pub fn findings(self) -> &'static [Rule] {
        match self {
            Self::DanglingEnd => &[Rule::EndNearPipe, Rule::NoSource],
            Self::DuplicateNode => &[Rule::DuplicateNode],
            Self::OverlappingPipe => &[Rule::DuplicatePipe],
            Self::CrossingWithoutNode => &[Rule::Crossing, Rule::NoSource],
            Self::ValveBesidePipe => &[Rule::DeviceBesidePipe],
            Self::Island => &[Rule::NoSource],
            Self::ZeroLength => &[Rule::ZeroLength],
            Self::MissingAttribute => &[Rule::ValueMissing, Rule::ValueMissing],
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Culprit {
    Node(u32),
    Pipe(u32),
}

/// Puts them in; called once the mains are cut.
pub(super) fn put_in(works: &mut Works, rng: &mut Rng) -> Vec<(FlawKind, Culprit)> {
    let mut flaws = Vec::new();
    let mut mains: Vec<u32> = (0..works.pipes.len() as u32)
        .filter(|p| is_plain(works, *p))
        .collect();
    let mut draw = |rng: &mut Rng| (!mains.is_empty()).then(|| mains.swap_remove(rng.below(mains.len())));
    let count = if works.pipes.len() > 2_000 { 2 } else { 1 };
    for _ in 0..count {
        for (kind, from_m, to_m) in [
            (FlawKind::CrossingWithoutNode, -6.0, 6.5),
            (FlawKind::DanglingEnd, 0.3, 7.0),
        ] {
            // One mistake at a time: with nothing else in its way.
            while let Some(pipe) = draw(rng) {
                let [from, to] = beside(&works.pipes[pipe as usize], from_m, to_m);
                if mend::is_free(works, from, to, pipe) {
                    flaws.push((kind, Culprit::Pipe(stray_pipe(works, pipe, [from, to]))));
                    break;
                }
            }
        }
        if let Some(pipe) = draw(rng) {
            let copy = Pipe {
                remark: "重复录入",
                ..works.pipes[pipe as usize].clone()
            };
            flaws.push((FlawKind::OverlappingPipe, Culprit::Pipe(works.add_pipe(copy))));
        }
        if let Some(pipe) = draw(rng) {
            let end = works.pipes[pipe as usize].ends[0];
            if let Some(end) = end {
                let copy = Node {
                    class: "junction",
                    kind: Some("straight"),
                    ..works.nodes[end as usize].clone()
                };
                let copy = Node {
                    flow: 0,
                    flow_to: None,
                    remark: "重复录入",
                    ..copy
                };
                flaws.push((FlawKind::DuplicateNode, Culprit::Node(works.add_node(copy))));
            }
        }
        if let Some(pipe) = draw(rng) {
            let (middle, across) = middle_of(&works.pipes[pipe as usize]);
            let p = works.pipes[pipe as usize].clone();
            let valve = Node {
                kind: Some("gate"),
                diameter_mm: p.diameter_mm,
                street: p.street,
                at_m: p.at_m,
                dma: p.dma,
                year: p.year,
                ..Node::new("valve", add(middle, scale(across, 0.6)))
            };
            flaws.push((FlawKind::ValveBesidePipe, Culprit::Node(works.add_node(valve))));
        }
        if let Some(pipe) = draw(rng) {
            let p = works.pipes[pipe as usize].clone();
            let at = p.points[0];
            let copy = Pipe {
                ends: [p.ends[0], p.ends[0]],
                points: vec![at, at],
                ..p
            };
            flaws.push((FlawKind::ZeroLength, Culprit::Pipe(works.add_pipe(copy))));
        }
        if let Some(pipe) = draw(rng) {
            works.pipes[pipe as usize].diameter_mm = 0;
            flaws.push((FlawKind::MissingAttribute, Culprit::Pipe(pipe)));
        }
    }
    flaws.push((FlawKind::Island, Culprit::Pipe(island(works))));
    flaws
}

/// Long enough to work on, a plain lane or street main.
fn is_plain(works: &Works, pipe: u32) -> bool {
    let p = &works.pipes[pipe as usize];
    let is_joint = |n: Option<u32>| n.is_some_and(|n| matches!(works.nodes[n as usize].class, "" | "valve"));
    matches!(p.kind, "distribution" | "main")
        && p.diameter_mm <= 300
        && p.points.len() == 2
        && distance(p.points[0], p.points[1]) > 16.0
        && p.ends.iter().all(|e| is_joint(*e))
}

fn middle_of(pipe: &Pipe) -> ([f64; 2], [f64; 2]) {
    (
        lerp(pipe.points[0], pipe.points[1], 0.5),
        left(unit(sub(pipe.points[1], pipe.points[0]))),
    )
}

/// Square to a pipe, from `from_m` to `to_m` on its left.
fn beside(pipe: &Pipe, from_m: f64, to_m: f64) -> [[f64; 2]; 2] {
    let (middle, across) = middle_of(pipe);
    [from_m, to_m].map(|m| add(middle, scale(across, m)))
}

/// A pipe near another whose ends nobody recorded.
fn stray_pipe(works: &mut Works, beside: u32, points: [[f64; 2]; 2]) -> u32 {
    let p = works.pipes[beside as usize].clone();
    works.add_pipe(Pipe {
        ends: [None, None],
        points: points.to_vec(),
        diameter_mm: 100,
        kind: "service",
        ..p
    })
}

/// A few pipes of their own beyond the outer ring.
fn island(works: &mut Works) -> u32 {
    let site = works.town.site;
    let at = |east: f64, north: f64| {
        let anchor = site.place([1.02, -0.12]);
        let beyond = add(
            anchor,
            scale(unit(sub(anchor, site.centre)), site.radius_m * 0.16 + 60.0),
        );
        add(beyond, [east, north])
    };
    let node = |class, p| Node {
        dma: 1,
        diameter_mm: 100,
        year: 1992,
        ..Node::new(class, p)
    };
    let a = works.add_node(node("cap", at(0.0, 0.0)));
    let b = works.add_node(node("", at(70.0, 8.0)));
    let c = works.add_node(node("cap", at(128.0, -12.0)));
    let taker = Taker {
        name: "红岩养殖场".to_owned(),
        kind: "non_residential",
        households: 1,
        is_important: false,
        building: String::new(),
        account: None,
    };
    let d = works.add_node(Node {
        taker: Some(Box::new(taker)),
        ..node("customer", at(66.0, 34.0))
    });
    let mut first = 0;
    for (i, ends) in [[a, b], [b, c], [b, d]].into_iter().enumerate() {
        let pipe = works.add_pipe(Pipe {
            ends: ends.map(Some),
            points: ends.map(|n| works.nodes[n as usize].at).to_vec(),
            diameter_mm: 100,
            material: "CI",
            kind: "distribution",
            year: 1992,
            street: super::works::NO_STREET,
            at_m: 0.0,
            dma: 1,
            state: State::Operative,
            remark: "来源不明的自备管线",
        });
        if i == 0 {
            first = pipe;
        }
    }
    first
}

/// Old mains left in the ground beside their successors, and extensions that are only planned.
pub(super) fn add_other_states(works: &mut Works, rng: &mut Rng) {
    let renewed: Vec<u32> = (0..works.pipes.len() as u32)
        .filter(|p| {
            let pipe = &works.pipes[*p as usize];
            is_plain(works, *p) && pipe.year >= 2006 && distance(pipe.points[0], pipe.points[1]) > 30.0
        })
        .filter(|_| rng.chance(0.03))
        .collect();
    for pipe in renewed {
        let p = works.pipes[pipe as usize].clone();
        let (_, across) = middle_of(&p);
        let year = rng.whole(1966, 1988) as u16;
        let points: Vec<_> = p.points.iter().map(|q| add(*q, scale(across, 1.6))).collect();
        let ends = [points[0], points[1]].map(|at| {
            let cap = Node {
                state: State::Obsolete,
                diameter_mm: 150,
                street: p.street,
                at_m: p.at_m,
                ..Node::new("cap", at)
            };
            Some(works.add_node(Node {
                dma: p.dma,
                year,
                ..cap
            }))
        });
        let old = Pipe {
            ends,
            points,
            material: "CI",
            year,
            state: State::Obsolete,
            remark: "已停用,就地废弃",
            ..p
        };
        works.add_pipe(old);
    }
    let ring: Vec<u32> = super::supply::ring_junctions(&works.town).collect();
    let site = works.town.site;
    for junction in ring {
        let node = works.nodes[junction as usize].clone();
        let out = unit(sub(node.at, site.centre));
        let end = add(node.at, scale(out, rng.range(60.0, 140.0)));
        // Not across a plant's or tank's main.
        let is_clear = works.outside.iter().all(|s| {
            super::plane::distance_to_segment(end, s[0], s[1]) > 40.0
                && super::plane::distance_to_segment(node.at, s[0], s[1]) > 5.0
        });
        if !is_clear || !rng.chance(0.12) {
            continue;
        }
        let cap = works.add_node(Node {
            state: State::Planned,
            year: 2027,
            ..Node {
                class: "cap",
                at: end,
                ..node.clone()
            }
        });
        let points = vec![node.at, end];
        works.outside.push([node.at, end]);
        works.add_pipe(Pipe {
            ends: [Some(junction), Some(cap)],
            points,
            diameter_mm: 300,
            material: "DI",
            kind: "main",
            year: 2027,
            street: node.street,
            at_m: node.at_m,
            dma: node.dma,
            state: State::Planned,
            remark: "规划延伸段",
        });
    }
}
