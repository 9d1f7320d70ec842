//! What sits on the mains: valves by the N−1 rule, hydrants, elbows, reducers, air valves and blow-offs, measuring
//! points. It connects no customers.

use super::plane::{add, left, scale};
use super::rng::Rng;
use super::streets::Rank;
use super::works::{Node, Pipe, State, Works};

/// Everything on the mains, in one pass per kind.
pub(super) fn fit(works: &mut Works, rng: &mut Rng) {
    let street_mains = *works.street_mains.last().unwrap_or(&0);
    set_valves(works, rng);
    for m in 0..street_mains {
        mark_bends(works, m);
        set_hydrants(works, m, rng);
        set_high_and_low(works, m);
    }
    set_measuring_points(works, street_mains, rng);
}

/// At a junction of n mains all but one get a valve; some are missing, some do not work.
fn set_valves(works: &mut Works, rng: &mut Rng) {
    let mut legs: Vec<Vec<(u32, bool)>> = vec![Vec::new(); works.nodes.len()];
    for (i, main) in works.mains.iter().enumerate() {
        legs[main.ends[0] as usize].push((i as u32, true));
        legs[main.ends[1] as usize].push((i as u32, false));
    }
    for at_junction in legs {
        if at_junction.len() < 3 {
            continue;
        }
        let spared = rng.below(at_junction.len());
        for (i, (m, at_start)) in at_junction.into_iter().enumerate() {
            let main = &works.mains[m as usize];
            let length_m = main.line.length_m();
            // Plants and tanks bring their own valves.
            let is_yard = main.is_private;
            if i == spared || is_yard || length_m < 24.0 || rng.chance(0.10) {
                continue;
            }
            let away_m = rng.range(2.5, 6.0);
            let at_m = if at_start { away_m } else { length_m - away_m };
            add_valve(works, m, at_m, rng);
        }
    }
    // Long mains are divided.
    for m in 0..works.mains.len() as u32 {
        let main = &works.mains[m as usize];
        let length_m = main.line.length_m();
        if main.gap.is_none() && length_m > 650.0 && !main.is_private {
            add_valve(works, m, length_m * rng.range(0.42, 0.58), rng);
        }
    }
}

fn add_valve(works: &mut Works, m: u32, at_m: f64, rng: &mut Rng) {
    let kind = match works.mains[m as usize].diameter_mm {
        300.. => rng.weighted(&[(0.9, "butterfly"), (0.1, "gate")]),
        _ => rng.weighted(&[(0.92, "gate"), (0.08, "butterfly")]),
    };
    let valve = works.string(m, at_m, "valve", Some(kind));
    let (stuck, buried) = (rng.chance(0.03), rng.chance(0.02));
    let node = &mut works.nodes[valve as usize];
    if stuck {
        node.is_operable = false;
        node.remark = "锈死,无法启闭";
    } else if buried {
        node.is_accessible = false;
        node.remark = "井盖被路面覆盖";
    }
}

fn mark_bends(works: &mut Works, m: u32) {
    let bends: Vec<f64> = works.mains[m as usize].line.bends(0.17).collect();
    for at_m in bends {
        if works.mains[m as usize]
            .gap
            .is_none_or(|(from, to)| at_m < from - 2.0 || at_m > to + 2.0)
        {
            works.string(m, at_m, "elbow", None);
        }
    }
}

/// About every 120 m, each on a short lead of its own.
fn set_hydrants(works: &mut Works, m: u32, rng: &mut Rng) {
    let main = &works.mains[m as usize];
    let length_m = main.line.length_m();
    if main.is_bridge || main.diameter_mm > 600 || length_m < 55.0 {
        return;
    }
    let count = (length_m / 120.0).round().max(1.0) as usize;
    // Not at every short stretch: the next one is around the corner.
    if count == 1 && length_m < 90.0 && rng.chance(0.45) {
        return;
    }
    for i in 0..count {
        let at_m = (i as f64 + rng.range(0.35, 0.65)) * length_m / count as f64;
        let main = &works.mains[m as usize];
        if main
            .gap
            .is_some_and(|(from, to)| at_m > from - 3.0 && at_m < to + 3.0)
        {
            continue;
        }
        let side = if rng.chance(0.5) { 1.0 } else { -1.0 };
        let reach_m = rng.range(2.5, 4.5);
        let end = add(
            main.line.at(at_m),
            scale(left(main.line.direction(at_m)), side * reach_m),
        );
        let tee = works.string(m, at_m, "", None);
        let kind = rng.weighted(&[
            (0.55, "above_ground"),
            (0.42, "underground"),
            (0.03, "fire_crane"),
        ]);
        let base = works.nodes[tee as usize].clone();
        let hydrant = works.add_node(Node {
            class: "hydrant",
            kind: Some(kind),
            at: end,
            diameter_mm: 100,
            ..base.clone()
        });
        if rng.chance(0.02) {
            works.nodes[hydrant as usize].is_operable = false;
            works.nodes[hydrant as usize].remark = "出水口损坏,待修";
        }
        let lead = works.add_pipe(Pipe {
            ends: [Some(tee), Some(hydrant)],
            points: vec![base.at, end],
            diameter_mm: 100,
            material: if base.year < 2000 { "CI" } else { "DI" },
            kind: "hydrant_branch",
            year: base.year,
            street: base.street,
            at_m: base.at_m,
            dma: base.dma,
            state: State::Operative,
            remark: "",
        });
        if rng.chance(0.35) {
            let at = add(base.at, scale(super::plane::sub(end, base.at), 0.4));
            works.add_node(Node {
                class: "valve",
                kind: Some("gate"),
                at,
                diameter_mm: 100,
                on_pipe: Some((lead, reach_m * 0.4)),
                ..base
            });
        }
    }
}

/// Air valves on the crests and blow-offs in the hollows of big mains.
fn set_high_and_low(works: &mut Works, m: u32) {
    let main = &works.mains[m as usize];
    if main.diameter_mm < 200 || main.rank == Rank::Lane || main.gap.is_some() {
        return;
    }
    let steps = (main.line.length_m() / 30.0) as usize;
    let height = |i: usize| works.terrain.ground_m(main.line.at(i as f64 * 30.0));
    let mut found = Vec::new();
    for i in 1..steps {
        let (before, here, after) = (height(i - 1), height(i), height(i + 1));
        if here > before && here >= after {
            found.push((i as f64 * 30.0 + 1.0, "air_valve"));
        } else if here < before && here <= after {
            found.push((i as f64 * 30.0 + 1.0, "blow_off"));
        }
    }
    for (at_m, class) in found {
        let node = works.string(m, at_m, class, None);
        let node = &mut works.nodes[node as usize];
        node.diameter_mm = (node.diameter_mm / 4).clamp(50, 200) / 25 * 25;
    }
}

/// Pressure on big mains here and there.
fn set_measuring_points(works: &mut Works, street_mains: u32, rng: &mut Rng) {
    for m in 0..street_mains {
        let main = &works.mains[m as usize];
        if main.rank == Rank::Arterial && !main.is_bridge && main.gap.is_none() && rng.chance(0.06) {
            let at_m = main.line.length_m() * rng.range(0.3, 0.7);
            let kind = rng.weighted(&[(0.8, "pressure"), (0.12, "quality"), (0.08, "noise")]);
            works.string(m, at_m, "measuring_point", Some(kind));
        }
    }
}
