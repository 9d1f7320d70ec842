//! What is added when the mains are cut already, behind everything else, so that the numbers of the rest stay: reducers
//! where a street's main changes its size, and the raw water that plants live on.

use super::plane::{Line, Point, add, distance, left, lerp, scale, sub, unit};
use super::works::{Node, Pipe, State, Works};

/// Room that a reducer needs on the smaller pipe.
const LEAST_M: f64 = 1.6;

/// Where the main of a street goes on smaller behind a joint, a reducer sits on the smaller pipe.
pub(super) fn fit_reducers(works: &mut Works) {
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); works.nodes.len()];
    for (i, pipe) in works.pipes.iter().enumerate() {
        for end in pipe.ends.into_iter().flatten() {
            around[end as usize].push(i as u32);
        }
    }
    let mut is_named = vec![false; works.pipes.len()];
    for node in &works.nodes {
        let named = node.on_pipe.map(|(pipe, _)| pipe);
        for pipe in named
            .into_iter()
            .chain(node.flow_to)
            .chain(node.inlets.iter().copied())
        {
            is_named[pipe as usize] = true;
        }
    }
    for joint in 0..works.nodes.len() as u32 {
        if !works.nodes[joint as usize].class.is_empty() {
            continue;
        }
        let mains: Vec<u32> = around[joint as usize]
            .iter()
            .copied()
            .filter(|p| {
                matches!(
                    works.pipes[*p as usize].kind,
                    "transmission" | "main" | "distribution"
                )
            })
            .collect();
        for (i, &one) in mains.iter().enumerate() {
            let same_street = |p: &u32| works.pipes[*p as usize].street == works.pipes[one as usize].street;
            let Some(&two) = mains[i + 1..].iter().find(|p| same_street(p)) else {
                continue;
            };
            let size = |p: u32| works.pipes[p as usize].diameter_mm;
            let (small, large) = if size(one) < size(two) {
                (one, two)
            } else {
                (two, one)
            };
            if size(small) < size(large) && !is_named[small as usize] {
                reduce(works, joint, small, large);
                // Its other end may want one too, but it is cut already.
                is_named[small as usize] = true;
            }
        }
    }
}

fn reduce(works: &mut Works, joint: u32, small: u32, large: u32) {
    let pipe = works.pipes[small as usize].clone();
    let starts_here = pipe.ends[0] == Some(joint);
    let line = Line::new(pipe.points.clone());
    let length_m = line.length_m();
    if length_m < LEAST_M {
        return;
    }
    let away_m = (length_m / 2.0).min(1.2);
    let at_m = if starts_here { away_m } else { length_m - away_m };
    let size = works.pipes[large as usize].diameter_mm;
    let material = works.pipes[large as usize].material;
    let base = works.nodes[joint as usize].clone();
    let reducer = works.add_node(Node {
        diameter_mm: size,
        street: pipe.street,
        at_m: base.at_m,
        dma: pipe.dma,
        year: pipe.year,
        ..Node::new("reducer", line.at(at_m))
    });
    let stretch = |from_m: f64, to_m: f64| -> Vec<Point> {
        let mut points = vec![line.at(from_m)];
        points.extend(line.between(from_m, to_m).into_iter().map(|(_, p)| p));
        points.push(line.at(to_m));
        points
    };
    let (near, far) = if starts_here {
        ((0.0, at_m), (at_m, length_m))
    } else {
        ((at_m, length_m), (0.0, at_m))
    };
    let side = usize::from(!starts_here);
    let rest = &mut works.pipes[small as usize];
    rest.ends[side] = Some(reducer);
    rest.points = stretch(far.0, far.1);
    let mut ends = [Some(joint), Some(reducer)];
    if !starts_here {
        ends.reverse();
    }
    works.add_pipe(Pipe {
        ends,
        points: stretch(near.0, near.1),
        diameter_mm: size,
        material,
        ..pipe
    });
}

/// Two wells for a plant that lives on ground water, an intake in the lake for one that lives on surface water.
pub(super) fn bring_raw_water(works: &mut Works) {
    for plant in 0..works.nodes.len() as u32 {
        if works.nodes[plant as usize].class == "plant" {
            let inlet = if works.nodes[plant as usize].kind == Some("groundwater") {
                from_wells(works, plant)
            } else {
                from_lake(works, plant)
            };
            works.nodes[plant as usize].inlets = vec![inlet];
        }
    }
}

struct Yard {
    plant: u32,
    at: Point,
    out: Point,
    base: Node,
}

impl Yard {
    fn new(works: &Works, plant: u32) -> Self {
        let base = works.nodes[plant as usize].clone();
        Self {
            plant,
            at: base.at,
            out: unit(sub(base.at, works.town.site.centre)),
            base,
        }
    }

    fn place(&self, along_m: f64, aside_m: f64) -> Point {
        add(
            self.at,
            add(scale(self.out, along_m), scale(left(self.out), aside_m)),
        )
    }

    fn node(&self, class: &'static str, kind: Option<&'static str>, at: Point, diameter_mm: u16) -> Node {
        Node {
            kind,
            diameter_mm,
            street: self.base.street,
            at_m: self.base.at_m,
            dma: self.base.dma,
            year: self.base.year,
            ..Node::new(class, at)
        }
    }

    fn lay(&self, works: &mut Works, ends: [u32; 2], diameter_mm: u16) -> u32 {
        let points = ends.map(|n| works.nodes[n as usize].at);
        works.outside.push(points);
        works.add_pipe(Pipe {
            ends: ends.map(Some),
            points: points.to_vec(),
            diameter_mm,
            material: "ST",
            kind: "raw",
            year: self.base.year,
            street: self.base.street,
            at_m: self.base.at_m,
            dma: self.base.dma,
            state: State::Operative,
            remark: "",
        })
    }
}

fn from_wells(works: &mut Works, plant: u32) -> u32 {
    let yard = Yard::new(works, plant);
    let name = yard.base.name.clone().unwrap_or_default();
    let joint = works.add_node(yard.node("", None, yard.place(36.0, 0.0), 600));
    for (number, side) in [(1, -48.0), (2, 48.0)] {
        let at = yard.place(95.0, side);
        let well = works.add_node(Node {
            name: Some(format!("{name}{number}号水源井")),
            capacity_m3_d: yard.base.capacity_m3_d / 2,
            ..yard.node("well", Some("tube"), at, 400)
        });
        let way = lerp(at, works.nodes[joint as usize].at, 0.1);
        let valve = works.add_node(yard.node("valve", Some("butterfly"), way, 400));
        yard.lay(works, [well, valve], 400);
        yard.lay(works, [valve, joint], 400);
    }
    let valve = works.add_node(yard.node("valve", Some("butterfly"), yard.place(10.0, 0.0), 600));
    yard.lay(works, [joint, valve], 600);
    yard.lay(works, [valve, yard.plant], 600)
}

fn from_lake(works: &mut Works, plant: u32) -> u32 {
    let yard = Yard::new(works, plant);
    let reach_m = distance(yard.at, works.town.site.centre) * 0.2 + 60.0;
    let lake = works.add_node(Node {
        name: Some("天池水库取水口".to_owned()),
        capacity_m3_d: yard.base.capacity_m3_d,
        ..yard.node("reservoir", Some("lake"), yard.place(reach_m, 0.0), 1000)
    });
    let intake = works.add_node(yard.node("valve", Some("butterfly"), yard.place(reach_m - 12.0, 0.0), 1000));
    let valve = works.add_node(yard.node("valve", Some("butterfly"), yard.place(10.0, 0.0), 1000));
    yard.lay(works, [lake, intake], 1000);
    yard.lay(works, [intake, valve], 1000);
    yard.lay(works, [valve, yard.plant], 1000)
}
