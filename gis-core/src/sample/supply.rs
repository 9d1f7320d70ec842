//! Where water comes from and how it passes between the metered areas: plants, tanks, the pump station, reducing
//! valves, meters, and the closed valves on every other border. Ordinary valves are not its affair.

use super::mains::{enlarge_way, material};
use super::plane::{Line, Point, add, dot, left, scale, sub, unit};
use super::rng::Rng;
use super::streets::Rank;
use super::town::Town;
use super::works::{Main, Node, Works};

/// Plants, tanks and area borders.
pub(super) fn build(works: &mut Works, rng: &mut Rng) {
    let plants = [
        (0, [-0.72, 0.62], "第一水厂", "groundwater", 60_000_u32),
        (2, [0.55, -0.78], "第二水厂", "surface", 100_000),
    ];
    let mut taken = Vec::new();
    for (dma, towards, name, kind, capacity) in plants {
        if let Some(junction) = outer_junction(works, dma, towards, &taken) {
            taken.push(junction);
            build_plant(works, junction, name, kind, capacity, rng);
            enlarge_way(works, junction, [800, 600], rng);
        }
    }
    if let Some(junction) = outer_junction(works, 2, [-0.3, -0.95], &taken) {
        taken.push(junction);
        build_tank(works, junction, None, "南山高位水池", rng);
        enlarge_way(works, junction, [500, 500], rng);
    }
    if let Some(inlet) = outer_junction(works, 1, [0.95, 0.35], &taken) {
        taken.push(inlet);
        if let Some(outlet) = neighbour_on_ring(works, inlet, &taken) {
            taken.push(outlet);
            build_tank(works, inlet, Some(outlet), "东山调蓄水池", rng);
        }
    }
    guard_borders(works);
}

fn outward(works: &Works, at: Point) -> Point {
    unit(sub(at, works.town.site.centre))
}

/// The junction of the outer ring in an area that lies most towards a place given in town radii.
fn outer_junction(works: &Works, dma: u8, towards: Point, taken: &[u32]) -> Option<u32> {
    let goal = works.town.site.place(towards);
    let heading = outward(works, goal);
    let value = |n: u32| dot(outward(works, works.nodes[n as usize].at), heading);
    ring_junctions(&works.town)
        .filter(|n| works.nodes[*n as usize].dma == dma && !taken.contains(n))
        .max_by(|a, b| value(*a).total_cmp(&value(*b)))
}

/// Junctions of the outer ring except those at the river.
pub(super) fn ring_junctions(town: &Town) -> impl Iterator<Item = u32> + '_ {
    town.outer.iter().flat_map(|street| {
        let stops = &town.plan.streets[*street as usize].stops;
        stops[1..stops.len() - 1].iter().map(|s| s.junction)
    })
}

fn neighbour_on_ring(works: &Works, junction: u32, taken: &[u32]) -> Option<u32> {
    let town = &works.town;
    town.outer.iter().find_map(|street| {
        let stops = &town.plan.streets[*street as usize].stops;
        let i = stops.iter().position(|s| s.junction == junction)?;
        [i + 1, i.wrapping_sub(1)]
            .into_iter()
            .filter(|j| *j > 0 && *j + 1 < stops.len())
            .map(|j| stops[j].junction)
            .find(|n| {
                !taken.contains(n) && works.nodes[*n as usize].dma == works.nodes[junction as usize].dma
            })
    })
}

/// A main outside the streets.
fn yard_main(works: &mut Works, points: Vec<Point>, ends: [u32; 2], diameter_mm: u16, year: u16) -> u32 {
    let dma = works.nodes[ends[0] as usize].dma;
    let material = material(year, diameter_mm, &mut Rng::new(u64::from(year)));
    for pair in points.windows(2) {
        works.outside.push([pair[0], pair[1]]);
    }
    works.mains.push(Main {
        line: Line::new(points),
        ends,
        street: works.nodes[ends[0] as usize].street,
        street_from_m: works.nodes[ends[0] as usize].at_m,
        rank: Rank::Arterial,
        is_bridge: true,
        is_private: true,
        diameter_mm,
        material,
        kind: "transmission",
        year,
        dma,
        gap: None,
        strung: Vec::new(),
    });
    works.mains.len() as u32 - 1
}

fn valve_kind(diameter_mm: u16) -> &'static str {
    if diameter_mm >= 300 { "butterfly" } else { "gate" }
}

/// The plant, its two pumps side by side, the production meter, and the main to the city.
fn build_plant(
    works: &mut Works,
    junction: u32,
    name: &str,
    kind: &'static str,
    capacity: u32,
    rng: &mut Rng,
) {
    let foot = works.nodes[junction as usize].at;
    let out = outward(works, foot);
    let aside = left(out);
    let reach_m = (works.town.site.radius_m * 0.14).clamp(90.0, 380.0);
    let place = |along: f64, side: f64| add(foot, add(scale(out, along), scale(aside, side)));
    let year = rng.whole(1988, 2012) as u16;
    let base = works.nodes[junction as usize].clone();
    let plain = |class, at| Node {
        street: base.street,
        at_m: base.at_m,
        dma: base.dma,
        year,
        ..Node::new(class, at)
    };

    let plant = works.add_node(Node {
        kind: Some(kind),
        name: Some(name.to_owned()),
        diameter_mm: 1000,
        inlets: Vec::new(),
        capacity_m3_d: capacity,
        ..plain("plant", place(reach_m, 0.0))
    });
    let suction = works.add_node(Node {
        diameter_mm: 800,
        ..plain("", place(reach_m - 24.0, 0.0))
    });
    let header = works.add_node(Node {
        diameter_mm: 800,
        ..plain("", place(reach_m - 52.0, 0.0))
    });
    let line = |works: &Works, a: u32, b: u32| vec![works.nodes[a as usize].at, works.nodes[b as usize].at];
    let points = line(works, plant, suction);
    let pipe = yard_main(works, points, [plant, suction], 800, year);
    works.string(pipe, 12.0, "valve", Some("butterfly"));
    for side in [-7.0, 7.0] {
        let points = vec![
            works.nodes[suction as usize].at,
            place(reach_m - 28.0, side),
            place(reach_m - 48.0, side),
            works.nodes[header as usize].at,
        ];
        let branch = yard_main(works, points, [suction, header], 500, year);
        let start_m = 9.0;
        works.string(branch, start_m, "valve", Some("butterfly"));
        let pump = works.string(branch, start_m + 5.0, "pump", Some("centrifugal"));
        let check = works.string(branch, start_m + 9.0, "valve", Some("check"));
        works.string(branch, start_m + 12.0, "valve", Some("butterfly"));
        for node in [pump, check] {
            works.nodes[node as usize].flow = 1;
        }
        works.nodes[pump as usize].name = Some(format!("{name}{}号送水泵", if side < 0.0 { 1 } else { 2 }));
    }
    works.add_node(Node {
        kind: Some("high_lift"),
        name: Some(format!("{name}送水泵房")),
        on_pipe: None,
        ..plain("pump_house", place(reach_m - 38.0, 13.0))
    });
    let points = line(works, header, junction);
    let trunk = yard_main(works, points, [header, junction], 800, year);
    works.string(trunk, 6.0, "meter", Some("production"));
    works.string(trunk, 10.0, "valve", Some("butterfly"));
    works.string(trunk, 14.0, "measuring_point", Some("pressure"));
    let far = works.mains[trunk as usize].line.length_m() - 8.0;
    if far > 20.0 {
        works.string(trunk, far, "valve", Some("butterfly"));
    }
}

/// A tank outside the ring: floating on one pipe, or filled through one and emptied through another.
fn build_tank(works: &mut Works, inlet: u32, outlet: Option<u32>, name: &str, rng: &mut Rng) {
    let year = rng.whole(1995, 2015) as u16;
    let base = works.nodes[inlet as usize].clone();
    let feet = [inlet, outlet.unwrap_or(inlet)].map(|n| works.nodes[n as usize].at);
    let middle = scale(add(feet[0], feet[1]), 0.5);
    let reach_m = (works.town.site.radius_m * 0.08).clamp(60.0, 220.0);
    let tank = works.add_node(Node {
        kind: Some(if outlet.is_some() {
            "balancing"
        } else {
            "high_level"
        }),
        name: Some(name.to_owned()),
        street: base.street,
        at_m: base.at_m,
        dma: base.dma,
        year,
        ..Node::new("tank", add(middle, scale(outward(works, middle), reach_m)))
    });
    let at = works.nodes[tank as usize].at;
    let filling = yard_main(works, vec![feet[0], at], [inlet, tank], 500, year);
    let length_m = works.mains[filling as usize].line.length_m();
    works.string(filling, 8.0, "valve", Some("butterfly"));
    works.string(filling, length_m - 8.0, "valve", Some("butterfly"));
    if let Some(outlet) = outlet {
        // Marked by its main for now; the pipe at the tank is known once the mains are cut.
        works.nodes[tank as usize].inlets = vec![filling];
        let emptying = yard_main(works, vec![at, feet[1]], [tank, outlet], 500, year);
        let length_m = works.mains[emptying as usize].line.length_m();
        works.string(emptying, 6.0, "valve", Some("butterfly"));
        works.string(emptying, 10.0, "measuring_point", Some("flow"));
        works.string(emptying, length_m - 8.0, "valve", Some("butterfly"));
    }
}

/// What stands on a border between two areas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Closed,
    Metered,
    /// Water is let down from the higher area.
    Reduced,
    /// Water is lifted into the higher area.
    Pumped,
}

fn guard_borders(works: &mut Works) {
    let mut borders: Vec<(u32, [u8; 2])> = Vec::new();
    for (i, main) in works.mains.iter().enumerate() {
        let [a, b] = main.ends.map(|e| works.nodes[e as usize].dma);
        if a != b && main.gap.is_none() {
            borders.push((i as u32, [a.min(b), a.max(b)]));
        }
    }
    let mut gates = vec![Gate::Closed; borders.len()];
    let wishes: [([u8; 2], &[Gate]); 3] = [
        ([0, 1], &[Gate::Metered, Gate::Metered]),
        ([1, 2], &[Gate::Reduced, Gate::Pumped]),
        ([0, 2], &[Gate::Reduced]),
    ];
    for (pair, wished) in wishes {
        // The biggest streets nearest to the middle of the border carry the openings.
        let mut of_pair: Vec<usize> = (0..borders.len()).filter(|i| borders[*i].1 == pair).collect();
        of_pair.sort_by_key(|i| {
            let main = &works.mains[borders[*i].0 as usize];
            (main.rank, u16::MAX - main.diameter_mm, borders[*i].0)
        });
        let step = (of_pair.len() / 3).clamp(1, 3);
        for (k, gate) in wished.iter().enumerate() {
            if let Some(i) = of_pair.get(k * step) {
                gates[*i] = *gate;
            }
        }
    }
    for ((main, _), gate) in borders.into_iter().zip(gates) {
        set_gate(works, main, gate);
    }
}

fn set_gate(works: &mut Works, main: u32, gate: Gate) {
    let m = &works.mains[main as usize];
    let length_m = m.line.length_m();
    let dmas = m.ends.map(|e| works.nodes[e as usize].dma);
    let kind = Some(valve_kind(m.diameter_mm));
    // Beside the junction of the lower area, whose street passes by.
    let from_start = dmas[0] < dmas[1];
    let start_m = if from_start {
        (length_m * 0.3).min(9.0)
    } else {
        (length_m * 0.7).max(length_m - 22.0)
    };
    let step = (length_m * 0.08).min(3.0);
    // Towards the lower area runs against the main where the main starts there.
    let down: i8 = if from_start { -1 } else { 1 };
    match gate {
        Gate::Closed => {
            let valve = works.string(main, start_m, "valve", kind);
            works.nodes[valve as usize].is_open = false;
            works.nodes[valve as usize].remark = "分区边界阀,常闭";
        }
        Gate::Metered => {
            works.string(main, start_m, "valve", kind);
            works.string(main, start_m + step, "meter", Some("dma"));
            works.string(main, start_m + 2.0 * step, "valve", kind);
        }
        Gate::Reduced => {
            works.string(main, start_m, "valve", kind);
            let prv = works.string(main, start_m + step, "valve", Some("prv"));
            works.string(main, start_m + 2.0 * step, "meter", Some("dma"));
            works.string(main, start_m + 3.0 * step, "valve", kind);
            works.nodes[prv as usize].flow = down;
        }
        Gate::Pumped => {
            let up = -down;
            works.string(main, start_m, "valve", kind);
            let pump = works.string(main, start_m + 2.0 * step, "pump", Some("variable_speed"));
            let check_m = start_m + if up > 0 { 3.0 * step } else { step };
            let check = works.string(main, check_m, "valve", Some("check"));
            works.string(main, start_m + 4.0 * step, "valve", kind);
            works.nodes[pump as usize].flow = up;
            works.nodes[check as usize].flow = up;
            works.nodes[pump as usize].name = Some("南山加压泵站1号泵".to_owned());
            let pump = works.nodes[pump as usize].clone();
            let side = scale(left(works.mains[main as usize].line.direction(start_m)), 9.0);
            works.add_node(Node {
                kind: Some("booster_house"),
                name: Some("南山加压泵站".to_owned()),
                flow: 0,
                taker: None,
                ..Node {
                    class: "pump_house",
                    at: add(pump.at, side),
                    ..pump
                }
            });
        }
    }
}

/// Turns the mains noted at tanks into the pipes that end there.
pub(super) fn settle_inlets(works: &mut Works) {
    for tank in 0..works.nodes.len() {
        if works.nodes[tank].class != "tank" || works.nodes[tank].inlets.is_empty() {
            continue;
        }
        // Filling mains are drawn towards the tank, emptying ones away from it.
        let pipes = works
            .pipes
            .iter()
            .enumerate()
            .filter(|(_, p)| p.ends[1] == Some(tank as u32))
            .map(|(i, _)| i as u32);
        works.nodes[tank].inlets = pipes.collect();
    }
}
