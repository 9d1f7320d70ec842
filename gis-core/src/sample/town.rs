//! The street plan of one town: outline, river with its bridges, ring road, avenues, quarters of different
//! grain, and the three metered areas. It lays no pipes.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::plane::{Point, add, centroid, distance, lerp, rotate, signed_area, sub};
use super::rng::Rng;
use super::streets::{Block, Cut, Piece, Plan, Rank, Zone};

/// Where a town lies and how big it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) centre: Point,
    pub(super) radius_m: f64,
    /// The whole plan is turned by this angle.
    pub(super) turn: f64,
}

#[derive(Debug)]
pub(super) struct Town {
    pub(super) site: Site,
    pub(super) plan: Plan,
    /// Metered area of every junction, 0..3.
    pub(super) junction_dma: Vec<u8>,
    /// Streets of the outer ring, west and east.
    pub(super) outer: [u32; 2],
}

/// Number of metered areas, which are the pressure zones too: west bank, east bank, the high south.
pub(super) const DMA_COUNT: u8 = 3;

impl Site {
    /// World position of a place given in town radii, east and north before the turn.
    pub(super) fn place(&self, p: Point) -> Point {
        // A gentle warp keeps long streets from being ruled with a straight edge.
        let warped = [
            p[0] + 0.035 * (2.1 * p[1] + 0.4).sin() + 0.012 * (5.3 * p[1] + 1.9 * p[0]).sin(),
            p[1] + 0.030 * (1.9 * p[0] + 1.1).sin() + 0.012 * (4.7 * p[0] - 2.3 * p[1]).sin(),
        ];
        add(
            self.centre,
            rotate([warped[0] * self.radius_m, warped[1] * self.radius_m], self.turn),
        )
    }

    /// The reverse of `place` without the warp: good enough to tell districts apart.
    pub(super) fn local(&self, p: Point) -> Point {
        let d = rotate(sub(p, self.centre), -self.turn);
        [d[0] / self.radius_m, d[1] / self.radius_m]
    }
}

/// Draws the plan.
pub(super) fn build(site: Site, rng: &mut Rng) -> Town {
    let mut skeleton = Skeleton::new(site, rng);
    skeleton.lay_avenue(rng);
    if site.radius_m > 1000.0 {
        skeleton.lay_ring_road(rng);
    }
    let Skeleton {
        mut plan,
        blocks,
        outer,
        ..
    } = skeleton;
    let area_m2 = PI * site.radius_m * site.radius_m;

    let arterial = Cut {
        rank: Rank::Arterial,
        target_m2: (area_m2 / 14.0).clamp(120_000.0, 620_000.0),
        gap_m: 110.0,
        snap_m: 170.0,
        skew: 0.10,
        bow: 0.05,
    };
    let mut quarters = Vec::new();
    for block in blocks {
        plan.subdivide(block, &arterial, rng, &mut quarters);
    }
    let mut dma_spans: Vec<Vec<(f64, f64, u8)>> = vec![Vec::new(); plan.streets.len()];
    for quarter in &mut quarters {
        let middle = site.local(centroid(&plan.polygon(&quarter.ring)));
        quarter.dma = dma_at(middle);
        for piece in &quarter.ring {
            let span = (
                piece.from_m.min(piece.to_m),
                piece.from_m.max(piece.to_m),
                quarter.dma,
            );
            dma_spans[piece.street as usize].push(span);
        }
    }

    for quarter in quarters {
        let first = plan.streets.len();
        let dma = quarter.dma;
        fill_quarter(&mut plan, quarter, site, area_m2, rng);
        for street in &plan.streets[first..] {
            dma_spans.push(vec![(0.0, street.line.length_m(), dma)]);
        }
    }
    plan.finish();
    let mut junction_dma = vec![DMA_COUNT - 1; plan.junctions.len()];
    for (street, spans) in plan.streets.iter().zip(&dma_spans) {
        for stop in &street.stops {
            let here = spans
                .iter()
                .filter(|s| s.0 - 1.0 <= stop.at_m && stop.at_m <= s.1 + 1.0)
                .map(|s| s.2)
                .min();
            let dma = &mut junction_dma[stop.junction as usize];
            *dma = here.map_or(*dma, |d| d.min(*dma));
        }
    }
    Town {
        site,
        plan,
        junction_dma,
        outer,
    }
}

fn dma_at(local: Point) -> u8 {
    if local[1] < -0.28 {
        2
    } else {
        u8::from(local[0] > 0.0)
    }
}

/// Collectors, then lanes by what is built there.
fn fill_quarter(plan: &mut Plan, quarter: Block, site: Site, area_m2: f64, rng: &mut Rng) {
    let collector = Cut {
        rank: Rank::Collector,
        target_m2: (area_m2 / 30.0).clamp(30_000.0, 120_000.0),
        gap_m: 60.0,
        snap_m: 75.0,
        skew: 0.12,
        bow: 0.04,
    };
    let mut neighbourhoods = Vec::new();
    plan.subdivide(quarter, &collector, rng, &mut neighbourhoods);
    for mut block in neighbourhoods {
        let polygon = plan.polygon(&block.ring);
        let from_centre = distance(site.local(centroid(&polygon)), [0.0; 2]);
        block.zone = choose_zone(from_centre, signed_area(&polygon), rng);
        let target_m2 = match block.zone {
            Zone::OldTown => 11_000.0,
            Zone::Commerce => 18_000.0,
            Zone::Housing => rng.pick(&[20_000.0, 30_000.0, 42_000.0]),
            Zone::Industry => 65_000.0,
            Zone::Campus | Zone::Park => 90_000.0,
        };
        let (gap_m, snap_m) = if block.zone == Zone::OldTown {
            (28.0, 36.0)
        } else {
            (36.0, 48.0)
        };
        let skew = if block.zone == Zone::OldTown { 0.22 } else { 0.06 };
        let lane = Cut {
            rank: Rank::Lane,
            target_m2,
            gap_m,
            snap_m,
            skew,
            bow: 0.02,
        };
        let mut leaves = Vec::new();
        plan.subdivide(block, &lane, rng, &mut leaves);
        for leaf in &mut leaves {
            // A school, a clinic or a small park among the houses.
            if leaf.zone == Zone::Housing || leaf.zone == Zone::OldTown {
                leaf.zone = rng.weighted(&[(0.93, leaf.zone), (0.04, Zone::Campus), (0.03, Zone::Park)]);
            }
        }
        plan.blocks.append(&mut leaves);
    }
}

fn choose_zone(from_centre: f64, area_m2: f64, rng: &mut Rng) -> Zone {
    let large = if area_m2 > 60_000.0 { 1.0 } else { 0.3 };
    if from_centre < 0.38 {
        rng.weighted(&[
            (0.52, Zone::OldTown),
            (0.24, Zone::Commerce),
            (0.18, Zone::Housing),
            (0.04 * large, Zone::Campus),
            (0.03 * large, Zone::Park),
        ])
    } else if from_centre < 0.75 {
        rng.weighted(&[
            (0.18, Zone::OldTown),
            (0.10, Zone::Commerce),
            (0.58, Zone::Housing),
            (0.07 * large, Zone::Campus),
            (0.05 * large, Zone::Park),
            (0.06, Zone::Industry),
        ])
    } else {
        rng.weighted(&[
            (0.14, Zone::OldTown),
            (0.48, Zone::Housing),
            (0.06 * large, Zone::Campus),
            (0.06 * large, Zone::Park),
            (0.26, Zone::Industry),
        ])
    }
}

/// Outline, river banks and bridges.
struct Skeleton {
    site: Site,
    plan: Plan,
    blocks: Vec<Block>,
    outer: [u32; 2],
    banks: [u32; 2],
    half_river: f64,
    river: RiverShape,
}

#[derive(Clone, Copy)]
struct RiverShape {
    swing: f64,
    phase: f64,
    ends: [f64; 2],
}

impl RiverShape {
    /// Offset of the river to the east at a northing, both in town radii.
    fn east(&self, north: f64) -> f64 {
        let s = (north - self.ends[0]) / (self.ends[1] - self.ends[0]);
        self.swing * (s.clamp(0.0, 1.0) * PI).sin() * (TAU * 1.15 * s + self.phase).sin()
    }
}

impl Skeleton {
    fn new(site: Site, rng: &mut Rng) -> Self {
        let phases = [rng.range(0.0, TAU), rng.range(0.0, TAU), rng.range(0.0, TAU)];
        let radius = |angle: f64| {
            1.0 + 0.10 * (2.0 * angle + phases[0]).cos()
                + 0.06 * (3.0 * angle + phases[1]).cos()
                + 0.03 * (5.0 * angle + phases[2]).cos()
        };
        let ends = [-radius(-FRAC_PI_2), radius(FRAC_PI_2)];
        let river = RiverShape {
            swing: 0.11,
            phase: rng.range(0.0, TAU),
            ends,
        };
        let half_river = (0.012_f64).max(18.0 / site.radius_m);

        let mut plan = Plan::default();
        let corner = |plan: &mut Plan, side: f64, north: f64| {
            plan.add_junction(site.place([river.east(north) + side * half_river, north]))
        };
        let corners = [-1.0, 1.0].map(|side| ends.map(|north| corner(&mut plan, side, north)));
        let arc_steps = 30;
        // West: from the north end round the west to the south end. East: from the south end to the north end.
        let arc = |from: f64| -> Vec<Point> {
            (2..arc_steps - 1)
                .map(|i| from + PI * f64::from(i) / f64::from(arc_steps))
                .map(|angle| site.place([radius(angle) * angle.cos(), radius(angle) * angle.sin()]))
                .collect()
        };
        let outer_west = plan.add_street(Rank::Arterial, [corners[0][1], corners[0][0]], &arc(FRAC_PI_2));
        let outer_east = plan.add_street(Rank::Arterial, [corners[1][0], corners[1][1]], &arc(-FRAC_PI_2));
        let steps = ((site.radius_m / 60.0) as usize).clamp(6, 36);
        let bank = |side: f64| -> Vec<Point> {
            (1..steps)
                .map(|i| ends[0] + (ends[1] - ends[0]) * i as f64 / steps as f64)
                .map(|north| site.place([river.east(north) + side * half_river, north]))
                .collect()
        };
        let bank_west = plan.add_street(Rank::Arterial, corners[0], &bank(-1.0));
        let bank_east = plan.add_street(Rank::Arterial, corners[1], &bank(1.0));
        for (street, name) in [
            (outer_west, "外环西路"),
            (outer_east, "外环东路"),
            (bank_west, "滨河西路"),
            (bank_east, "滨河东路"),
        ] {
            name.clone_into(&mut plan.streets[street as usize].name);
        }
        let whole = |plan: &Plan, street: u32, forward: bool| {
            let length_m = plan.streets[street as usize].line.length_m();
            let (from_m, to_m) = if forward { (0.0, length_m) } else { (length_m, 0.0) };
            Piece { street, from_m, to_m }
        };
        let blocks = vec![
            Block {
                ring: vec![whole(&plan, outer_west, true), whole(&plan, bank_west, true)],
                zone: Zone::Housing,
                dma: 0,
            },
            Block {
                ring: vec![whole(&plan, outer_east, true), whole(&plan, bank_east, false)],
                zone: Zone::Housing,
                dma: 0,
            },
        ];
        let mut skeleton = Self {
            site,
            plan,
            blocks,
            outer: [outer_west, outer_east],
            banks: [bank_west, bank_east],
            half_river,
            river,
        };
        skeleton.bridge([corners[0][0], corners[1][0]], "外环南桥");
        skeleton.bridge([corners[0][1], corners[1][1]], "外环北桥");
        skeleton
    }

    fn bridge(&mut self, ends: [u32; 2], name: &str) {
        let street = self.plan.add_street(Rank::Arterial, ends, &[]);
        let street = &mut self.plan.streets[street as usize];
        street.is_bridge = true;
        name.clone_into(&mut street.name);
    }

    /// Cuts the block that holds the way from `from` (on `from_street`) to `to` (on `to_street`); the junctions.
    fn cut(&mut self, from: (u32, Point), to: (u32, Point), via: &[Point], name: &str) -> Option<[u32; 2]> {
        let snap_m = self.site.radius_m * 0.02;
        for i in 0..self.blocks.len() {
            let block = self.blocks[i].clone();
            let polygon = self.plan.polygon(&block.ring);
            let probe = via
                .get(via.len() / 2)
                .copied()
                .unwrap_or_else(|| lerp(from.1, to.1, 0.5));
            if !super::plane::contains(&polygon, probe) {
                continue;
            }
            let one = self.plan.nearest_on_ring(&block, from.1, Some(from.0))?;
            let two = self.plan.nearest_on_ring(&block, to.1, Some(to.0))?;
            let (first, second, street) = self.plan.split(&block, [one, two], via, Rank::Arterial, snap_m);
            name.clone_into(&mut self.plan.streets[street as usize].name);
            self.blocks[i] = first;
            self.blocks.push(second);
            let stops = &self.plan.streets[street as usize].stops;
            return Some([stops[0].junction, stops[1].junction]);
        }
        None
    }

    fn on_bank(&self, side: usize, north: f64) -> Point {
        let offset = if side == 0 {
            -self.half_river
        } else {
            self.half_river
        };
        self.site.place([self.river.east(north) + offset, north])
    }

    /// The avenue from west to east over the middle bridge.
    fn lay_avenue(&mut self, rng: &mut Rng) {
        let north = rng.range(-0.05, 0.08);
        let mut heads = Vec::new();
        for (side, name) in [(0, "天池西大道"), (1, "天池东大道")] {
            let sign = if side == 0 { -1.0 } else { 1.0 };
            let bend = rng.range(-0.07, 0.07);
            let via: Vec<Point> = (1..9)
                .map(|i| f64::from(i) / 9.0)
                .map(|t| {
                    let start = self.river.east(north) + sign * self.half_river;
                    let east = start + (sign - start) * t;
                    self.site.place([east, north + bend * (t * PI).sin()])
                })
                .collect();
            let from = (self.banks[side], self.on_bank(side, north));
            let to = (self.outer[side], self.site.place([sign, north]));
            if let Some(ends) = self.cut(from, to, &via, name) {
                heads.push(ends[0]);
            }
        }
        if let [west, east] = heads[..] {
            self.bridge([west, east], "天池大桥");
        }
    }

    /// The ring road: a quarter arc in each of the four parts, joined by two bridges.
    fn lay_ring_road(&mut self, rng: &mut Rng) {
        let radius = rng.range(0.40, 0.46);
        let avenues: Vec<u32> = (0..self.plan.streets.len() as u32)
            .filter(|s| self.plan.streets[*s as usize].name.ends_with("大道"))
            .collect();
        let squareness = rng.range(0.5, 0.9);
        for (up, names, bridge) in [
            (1.0, ["内环西路", "内环东路"], "内环北桥"),
            (-1.0, ["内环西路", "内环东路"], "内环南桥"),
        ] {
            let mut heads = Vec::new();
            for (side, name) in names.into_iter().enumerate() {
                let sign = if side == 0 { -1.0 } else { 1.0 };
                let Some(&avenue) = avenues.get(side) else {
                    continue;
                };
                // A superellipse: rounder than a rectangle, squarer than a circle.
                let arc = |angle: f64| {
                    let c = angle.cos().max(0.0).powf(squareness);
                    let s = angle.sin().max(0.0).powf(squareness);
                    self.site.place([sign * radius * c, up * radius * s])
                };
                let via: Vec<Point> = (1..10)
                    .map(|i| arc(FRAC_PI_2 * (1.0 - f64::from(i) / 10.0)))
                    .collect();
                let from = (self.banks[side], self.on_bank(side, up * radius));
                let via: Vec<Point> = via
                    .into_iter()
                    .filter(|p| {
                        let local = self.site.local(*p);
                        let river = self.river.east(up * radius);
                        (local[0] - river) * sign > 0.06
                    })
                    .collect();
                let to = (avenue, arc(0.0));
                if let Some(ends) = self.cut(from, to, &via, name) {
                    heads.push(ends[0]);
                }
            }
            if let [west, east] = heads[..] {
                self.bridge([west, east], bridge);
            }
        }
    }
}
