//! Lays mains along the streets: diameters, materials and years, dead ends, and the borders between metered areas.
//! Valves and hydrants come later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::plane::{Line, distance, length};
use super::rng::Rng;
use super::streets::Rank;
use super::terrain::Terrain;
use super::town::{DMA_COUNT, Town};
use super::works::{Main, Node, Works};

/// Mains along all streets of a town.
pub(super) fn lay(town: Town, terrain: Terrain, rng: &mut Rng) -> Works {
    let mut works = Works {
        terrain,
        nodes: Vec::new(),
        pipes: Vec::new(),
        mains: Vec::new(),
        street_mains: vec![0],
        outside: Vec::new(),
        town,
    };
    for (i, at) in works.town.plan.junctions.clone().into_iter().enumerate() {
        let dma = works.town.junction_dma[i];
        works.add_node(Node {
            dma,
            ..Node::new("", at)
        });
    }
    for s in 0..works.town.plan.streets.len() {
        lay_street(&mut works, s, rng);
        works.street_mains.push(works.mains.len() as u32);
    }
    settle_areas(&mut works);
    works
}

fn lay_street(works: &mut Works, s: usize, rng: &mut Rng) {
    let street = works.town.plan.streets[s].clone();
    let length_m = street.line.length_m();
    let middle = works.town.site.local(street.line.at(length_m / 2.0));
    let year = street_year(length(middle), rng);
    let diameter_mm = match street.rank {
        Rank::Arterial => rng.weighted(&[(0.55, 400), (0.35, 300), (0.10, 500)]),
        Rank::Collector => rng.weighted(&[(0.45, 200), (0.40, 300), (0.15, 250)]),
        Rank::Lane => rng.weighted(&[(0.45, 150), (0.45, 100), (0.10, 200)]),
    };
    let material = material(year, diameter_mm, rng);
    let kind = if street.rank == Rank::Lane {
        "distribution"
    } else {
        "main"
    };
    let spans: Vec<_> = street
        .stops
        .windows(2)
        .map(|w| (w[0], w[1]))
        .filter(|(a, b)| b.at_m - a.at_m > 1.0)
        .collect();
    // At most one stretch of a lane was never laid, so that each half still hangs on a bigger street.
    let missing = (street.rank == Rank::Lane && rng.chance(0.16)).then(|| rng.below(spans.len().max(1)));
    for (i, (a, b)) in spans.into_iter().enumerate() {
        let mut points = vec![works.town.plan.junctions[a.junction as usize]];
        points.extend(street.line.between(a.at_m, b.at_m).into_iter().map(|(_, p)| p));
        points.push(works.town.plan.junctions[b.junction as usize]);
        let line = Line::new(points);
        let span_m = line.length_m();
        let gap = (missing == Some(i) && span_m > 50.0).then(|| {
            let from = rng.range(0.35, 0.55) * span_m;
            (from, (from + rng.range(14.0, 26.0)).min(span_m - 12.0))
        });
        for stop in [a, b] {
            let node = &mut works.nodes[stop.junction as usize];
            // The address of a crossing is on the street that was there first.
            if node.street == super::works::NO_STREET {
                node.street = s as u32;
                node.at_m = stop.at_m;
            }
            node.diameter_mm = node.diameter_mm.max(diameter_mm);
            node.year = year;
        }
        let main = works.mains.len() as u32;
        works.mains.push(Main {
            line,
            ends: [a.junction, b.junction],
            street: s as u32,
            street_from_m: a.at_m,
            rank: street.rank,
            is_bridge: street.is_bridge,
            is_private: false,
            diameter_mm,
            material: if street.is_bridge { "ST" } else { material },
            kind,
            year,
            dma: 0,
            gap,
            strung: Vec::new(),
        });
        if let Some((from, to)) = gap {
            works.string(main, from, "cap", None);
            works.string(main, to, "cap", None);
        }
    }
}

/// Older in the middle, with some streets renewed since.
fn street_year(from_centre: f64, rng: &mut Rng) -> u16 {
    let built = if from_centre < 0.42 {
        rng.range(1964.0, 1996.0)
    } else if from_centre < 0.75 {
        rng.range(1982.0, 2011.0)
    } else {
        rng.range(1998.0, 2023.0)
    };
    let year = if built < 1998.0 && rng.chance(0.33) {
        rng.range(2006.0, 2023.0)
    } else {
        built
    };
    year as u16
}

/// What was bought in that year for that size; the code of the dictionary.
pub(super) fn material(year: u16, diameter_mm: u16, rng: &mut Rng) -> &'static str {
    match (diameter_mm, year) {
        (600.., ..=1994) => rng.weighted(&[(0.45, "PC"), (0.30, "CI"), (0.25, "ST")]),
        (600.., 1995..=2004) => rng.weighted(&[(0.5, "ST"), (0.3, "DI"), (0.2, "PCCP")]),
        (600.., _) => rng.weighted(&[(0.7, "DI"), (0.3, "ST")]),
        (125.., ..=1979) => rng.weighted(&[(0.80, "CI"), (0.12, "AC"), (0.08, "RC")]),
        (125.., 1980..=1994) => rng.weighted(&[(0.80, "CI"), (0.10, "PC"), (0.10, "ST")]),
        (125.., 1995..=2002) => rng.weighted(&[(0.35, "CI"), (0.45, "DI"), (0.20, "PVC")]),
        (125..=315, _) => rng.weighted(&[(0.58, "DI"), (0.38, "PE"), (0.04, "PSP")]),
        (316.., _) => rng.weighted(&[(0.85, "DI"), (0.15, "ST")]),
        (_, ..=1997) => rng.weighted(&[(0.7, "GS"), (0.3, "CI")]),
        (_, 1998..=2006) => rng.weighted(&[(0.35, "GS"), (0.30, "PPR"), (0.35, "PE")]),
        _ => rng.weighted(&[(0.8, "PE"), (0.1, "PSP"), (0.1, "SS")]),
    }
}

/// Makes each metered area hang together: pieces apart from its body go to the neighbour they touch.
fn settle_areas(works: &mut Works) {
    for _ in 0..300 {
        let bodies = bodies(works);
        let mut sizes = vec![0_u32; works.nodes.len()];
        for body in &bodies {
            sizes[*body as usize] += 1;
        }
        let mut largest = [(0, u32::MAX); DMA_COUNT as usize];
        for (node, body) in bodies.iter().enumerate() {
            let of_area = &mut largest[usize::from(works.nodes[node].dma)];
            if sizes[*body as usize] > of_area.0 {
                *of_area = (sizes[*body as usize], *body);
            }
        }
        let mut changed = false;
        for m in 0..works.mains.len() {
            if works.mains[m].gap.is_some() {
                continue;
            }
            let [a, b] = works.mains[m].ends.map(|e| e as usize);
            let is_astray = |n: usize| largest[usize::from(works.nodes[n].dma)].1 != bodies[n];
            let (from, to) = match (is_astray(a), is_astray(b)) {
                (true, false) => (b, a),
                (false, true) => (a, b),
                _ => continue,
            };
            if works.nodes[from].dma != works.nodes[to].dma {
                let (old, new) = (bodies[to], works.nodes[from].dma);
                for (node, body) in works.nodes.iter_mut().zip(&bodies) {
                    if *body == old {
                        node.dma = new;
                    }
                }
                changed = true;
                break;
            }
        }
        if !changed {
            break;
        }
    }
    for main in &mut works.mains {
        let [a, b] = main.ends.map(|e| works.nodes[e as usize].dma);
        main.dma = a.max(b);
        for (_, node) in &main.strung {
            works.nodes[*node as usize].dma = main.dma;
        }
    }
}

/// The root of a node's tree, with the way to it shortened.
fn find(root: &mut [u32], mut n: u32) -> u32 {
    while root[n as usize] != n {
        root[n as usize] = root[root[n as usize] as usize];
        n = root[n as usize];
    }
    n
}

/// Connected part of its own area for every node.
fn bodies(works: &Works) -> Vec<u32> {
    let mut root: Vec<u32> = (0..works.nodes.len() as u32).collect();
    for main in works.mains.iter().filter(|m| m.gap.is_none()) {
        let [a, b] = main.ends;
        if works.nodes[a as usize].dma == works.nodes[b as usize].dma {
            let (a, b) = (find(&mut root, a), find(&mut root, b));
            root[a.max(b) as usize] = a.min(b);
        }
    }
    (0..root.len() as u32).map(|n| find(&mut root, n)).collect()
}

/// Enlarges the mains on the way from a junction to the middle of its area: the transmission main.
pub(super) fn enlarge_way(works: &mut Works, from: u32, sizes: [u16; 2], rng: &mut Rng) {
    let dma = works.nodes[from as usize].dma;
    let centre = works.town.site.centre;
    let Some(goal) = (0..works.town.plan.junctions.len() as u32)
        .filter(|n| works.nodes[*n as usize].dma == dma)
        .min_by(|a, b| {
            let gap = |n: &u32| distance(works.nodes[*n as usize].at, centre);
            gap(a).total_cmp(&gap(b))
        })
    else {
        return;
    };
    let way = cheapest_way(works, from, goal);
    let years = (rng.whole(1985, 2016), rng.whole(1985, 2016));
    let half = way.len() / 2;
    for (i, m) in way.into_iter().enumerate() {
        let (size, year) = if i <= half {
            (sizes[0], years.0 as u16)
        } else {
            (sizes[1], years.1 as u16)
        };
        // One material per half, whichever main asks first.
        let material = material(year, size, &mut Rng::new(u64::from(year) * 31 + u64::from(size)));
        let main = &mut works.mains[m as usize];
        (main.diameter_mm, main.year, main.material, main.kind) = (size, year, material, "transmission");
        for end in main.ends {
            let node = &mut works.nodes[end as usize];
            node.diameter_mm = node.diameter_mm.max(size);
        }
    }
}

/// Dijkstra inside one area, preferring big streets; the mains of the way in order.
fn cheapest_way(works: &Works, from: u32, goal: u32) -> Vec<u32> {
    let dma = works.nodes[from as usize].dma;
    let mut around: Vec<Vec<(u32, u32)>> = vec![Vec::new(); works.nodes.len()];
    for (i, main) in works.mains.iter().enumerate().filter(|(_, m)| m.gap.is_none()) {
        let [a, b] = main.ends;
        around[a as usize].push((i as u32, b));
        around[b as usize].push((i as u32, a));
    }
    let mut best = vec![u64::MAX; works.nodes.len()];
    let mut came: Vec<Option<(u32, u32)>> = vec![None; works.nodes.len()];
    let mut queue = BinaryHeap::from([(Reverse(0_u64), from)]);
    best[from as usize] = 0;
    while let Some((Reverse(cost), node)) = queue.pop() {
        if node == goal {
            break;
        }
        if cost > best[node as usize] {
            continue;
        }
        for &(m, other) in &around[node as usize] {
            if works.nodes[other as usize].dma != dma {
                continue;
            }
            let main = &works.mains[m as usize];
            let factor = match main.rank {
                Rank::Arterial => 1.0,
                Rank::Collector => 2.5,
                Rank::Lane => 9.0,
            };
            let next = cost + (main.line.length_m() * factor) as u64 + 1;
            if next < best[other as usize] {
                best[other as usize] = next;
                came[other as usize] = Some((m, node));
                queue.push((Reverse(next), other));
            }
        }
    }
    let mut way = Vec::new();
    let mut at = goal;
    while let Some((m, before)) = came[at as usize] {
        way.push(m);
        at = before;
    }
    way.reverse();
    way
}
