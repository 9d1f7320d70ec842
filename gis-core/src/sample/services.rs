//! Brings water from the mains into the blocks: service pipes with their meters, housing estates with mains of
//! their own behind a bulk meter, and the customers. Streets and public mains stay as they are.

use super::mains::material;
use super::names;
use super::plane::{
    Line, Point, add, centroid, clearance, contains, cross, distance, dot, left, lerp, meeting, scale,
    signed_area, sub, unit,
};
use super::rng::{Rng, mix};
use super::streets::{Block, Piece, Rank, Zone};
use super::works::{Main, Node, Pipe, State, Taker, Works};

/// A connection that may be made: laid only if the pipes asked for leave room for it.
#[derive(Debug, Clone)]
struct Offer {
    main: u32,
    at_m: f64,
    end: Point,
    diameter_mm: u16,
    is_metered: bool,
    taker: Taker,
    /// Those with the least are taken first.
    lot: u64,
}

/// Fills the blocks until the town has `pipes` pipes, as far as there is room. Returns how many pipes there are
/// without the connections that may be left out, and how many with all of them.
pub(super) fn connect(works: &mut Works, pipes: usize, rng: &mut Rng) -> [usize; 2] {
    let blocks = std::mem::take(&mut works.town.plan.blocks);
    let mut offers = Vec::new();
    for (i, block) in blocks.iter().enumerate() {
        let mut builder = BlockBuilder::new(works, block, rng.fork(i as u64));
        builder.build();
        offers.append(&mut builder.offers);
    }
    works.town.plan.blocks = blocks;
    let least = works.pipe_count();
    let most = least + 2 * offers.len();
    let room = pipes.saturating_sub(least) / 2;
    let mut order: Vec<usize> = (0..offers.len()).collect();
    // Important takers are never left out.
    order.sort_by_key(|i| (!offers[*i].taker.is_important, offers[*i].lot, *i));
    order.truncate(room);
    order.sort_unstable();
    for i in order {
        lay_service(works, &offers[i]);
    }
    [least, most]
}

fn lay_service(works: &mut Works, offer: &Offer) {
    let tee = works.string(offer.main, offer.at_m, "", None);
    let base = works.nodes[tee as usize].clone();
    let mut rng = Rng::new(offer.lot);
    let service = |end: u32| Pipe {
        ends: [Some(tee), Some(end)],
        points: vec![base.at, offer.end],
        diameter_mm: offer.diameter_mm,
        material: material(base.year, offer.diameter_mm, &mut Rng::new(offer.lot ^ 7)),
        kind: "service",
        year: base.year,
        street: base.street,
        at_m: base.at_m,
        dma: base.dma,
        state: State::Operative,
        remark: "",
    };
    let customer = Node {
        class: "customer",
        kind: Some(offer.taker.kind),
        at: offer.end,
        diameter_mm: offer.diameter_mm,
        taker: Some(Box::new(offer.taker.clone())),
        ..base.clone()
    };
    let length_m = distance(base.at, offer.end);
    if offer.is_metered {
        let kind = if offer.diameter_mm >= 80 {
            "bulk"
        } else {
            "household"
        };
        let meter = works.add_node(Node {
            class: "meter",
            kind: Some(kind),
            at: offer.end,
            diameter_mm: offer.diameter_mm,
            ..base.clone()
        });
        let pipe = works.add_pipe(service(meter));
        // The building stands a few steps behind its meter.
        let at = add(
            offer.end,
            scale(unit(sub(offer.end, base.at)), rng.range(1.5, 3.5)),
        );
        works.add_node(Node {
            at,
            on_pipe: Some((pipe, length_m)),
            ..customer
        });
        if rng.chance(0.2) {
            works.add_node(Node {
                class: "valve",
                kind: Some("service_stop"),
                at: lerp(base.at, offer.end, 1.2 / length_m.max(2.0)),
                diameter_mm: offer.diameter_mm,
                on_pipe: Some((pipe, 1.2_f64.min(length_m / 2.0))),
                ..base
            });
        }
    } else {
        let end = works.add_node(customer);
        works.add_pipe(service(end));
    }
}

struct BlockBuilder<'a> {
    works: &'a mut Works,
    block: &'a Block,
    polygon: Vec<Point>,
    area_m2: f64,
    rng: Rng,
    /// What lies in the block already, so that nothing new crosses it.
    laid: Vec<[Point; 2]>,
    offers: Vec<Offer>,
}

impl<'a> BlockBuilder<'a> {
    fn new(works: &'a mut Works, block: &'a Block, rng: Rng) -> Self {
        let polygon = works.town.plan.polygon(&block.ring);
        let area_m2 = signed_area(&polygon);
        Self {
            works,
            block,
            polygon,
            area_m2,
            rng,
            laid: Vec::new(),
            offers: Vec::new(),
        }
    }

    fn build(&mut self) {
        match self.block.zone {
            Zone::OldTown => {
                if self.area_m2 > 9_000.0 && self.rng.chance(0.5) {
                    self.lay_spine(100, "平房院");
                }
                self.line_the_streets(24.0);
            }
            Zone::Housing => {
                if !(self.area_m2 > 12_000.0 && self.lay_loop()) {
                    self.lay_spine(150, "");
                }
                self.line_the_streets(48.0);
            }
            Zone::Commerce => self.line_the_streets(46.0),
            Zone::Industry => {
                self.lay_spine(150, "厂区");
                self.line_the_streets(170.0);
            }
            Zone::Campus => self.single_takers(2),
            Zone::Park => self.single_takers(1),
        }
    }

    /// The public main at a place of the ring, away from its ends.
    fn main_on(&self, piece: Piece, share: f64, keep_m: f64) -> Option<(u32, f64)> {
        let (m, along) = self
            .works
            .main_at(piece.street, piece.from_m + (piece.to_m - piece.from_m) * share)?;
        let length_m = self.works.mains[m as usize].line.length_m();
        (along > keep_m && along < length_m - keep_m).then_some((m, along))
    }

    /// The way into the block, square to the street.
    fn inward(&self, piece: Piece, main: u32, along_m: f64) -> Point {
        let direction = self.works.mains[main as usize].line.direction(along_m);
        if piece.from_m <= piece.to_m {
            left(direction)
        } else {
            scale(left(direction), -1.0)
        }
    }

    fn is_free(&self, a: Point, b: Point) -> bool {
        // A hand's breadth beyond both ends, so that things do not touch either.
        let d = scale(unit(sub(b, a)), 0.8);
        let (from, to) = (add(a, d), add(b, d));
        contains(&self.polygon, from)
            && contains(&self.polygon, to)
            && self.laid.iter().all(|s| meeting(from, to, s[0], s[1]).is_none())
    }

    fn offer(&mut self, main: u32, at_m: f64, end: Point, diameter_mm: u16, is_metered: bool, taker: Taker) {
        self.laid
            .push([self.works.mains[main as usize].line.at(at_m), end]);
        let lot = mix(self.rng.bits());
        self.offers.push(Offer {
            main,
            at_m,
            end,
            diameter_mm,
            is_metered,
            taker,
            lot,
        });
    }

    /// Shops and houses along the streets, every so many metres.
    fn line_the_streets(&mut self, spacing_m: f64) {
        for piece in self.block.ring.clone() {
            let length_m = (piece.to_m - piece.from_m).abs();
            let count = (length_m / spacing_m) as usize;
            for i in 0..count {
                let share = (i as f64 + self.rng.range(0.25, 0.75)) / count as f64;
                let Some((main, along)) = self.main_on(piece, share, 11.0) else {
                    continue;
                };
                let m = &self.works.mains[main as usize];
                // Nobody taps a transmission main.
                if m.is_bridge || m.kind == "transmission" {
                    continue;
                }
                let start = m.line.at(along);
                let reach_m = self.rng.range(5.0, 10.5);
                let end = add(start, scale(self.inward(piece, main, along), reach_m));
                if !self.is_free(start, end) || clearance(&self.polygon, end) < 3.5 {
                    continue;
                }
                let street = self.works.town.plan.streets[m.street as usize].name.clone();
                let number = super::emit::house_number(m.street_from_m + along, piece.from_m <= piece.to_m);
                let (name, kind, is_important) =
                    names::taker(self.block.zone, &street, number, &mut self.rng);
                let households = if kind == "residential" {
                    self.rng.whole(1, 12)
                } else {
                    1
                };
                let diameter_mm = match self.block.zone {
                    Zone::Commerce | Zone::Industry => self.rng.pick(&[50, 80, 100]),
                    _ if households > 6 => 50,
                    _ => self.rng.pick(&[32, 32, 40, 50]),
                };
                let taker = Taker {
                    name,
                    kind,
                    households,
                    is_important,
                    building: String::new(),
                    account: None,
                };
                self.offer(main, along, end, diameter_mm, true, taker);
            }
        }
    }

    /// One customer for the whole block; a hospital is fed from two streets.
    fn single_takers(&mut self, ways: usize) {
        let (name, kind, is_important) = names::taker(self.block.zone, "", 0, &mut self.rng);
        let account = (kind == "hospital").then(|| self.rng.bits());
        let ways = if kind == "hospital" { ways } else { 1 };
        let mut made = 0;
        for piece in self.longest_pieces() {
            if made == ways {
                return;
            }
            let share = self.rng.range(0.35, 0.65);
            let Some((main, along)) = self.main_on(piece, share, 11.0) else {
                continue;
            };
            let m = &self.works.mains[main as usize];
            if m.kind == "transmission" || m.is_bridge {
                continue;
            }
            let start = m.line.at(along);
            let end = add(
                start,
                scale(self.inward(piece, main, along), self.rng.range(12.0, 22.0)),
            );
            if !self.is_free(start, end) {
                continue;
            }
            let taker = Taker {
                name: name.clone(),
                kind,
                households: 1,
                is_important,
                building: String::new(),
                account,
            };
            self.offer(main, along, end, 100, true, taker);
            made += 1;
        }
    }

    fn longest_pieces(&self) -> Vec<Piece> {
        let mut pieces = self.block.ring.clone();
        pieces.sort_by(|a, b| (b.to_m - b.from_m).abs().total_cmp(&(a.to_m - a.from_m).abs()));
        pieces
    }

    /// Where an estate is entered: the main, the place on it and the way in.
    fn entrance(&mut self, skip: usize) -> Option<(u32, f64, Point, Point)> {
        let mut pieces = self.longest_pieces();
        // From the smaller street where there is a choice.
        pieces.truncate(4);
        pieces.sort_by_key(|p| std::cmp::Reverse(self.works.town.plan.streets[p.street as usize].rank));
        let mut seen = 0;
        for piece in pieces {
            let share = self.rng.range(0.38, 0.62);
            let Some((main, along)) = self.main_on(piece, share, 14.0) else {
                continue;
            };
            let m = &self.works.mains[main as usize];
            if m.kind == "transmission" || m.is_bridge {
                continue;
            }
            if seen == skip {
                return Some((main, along, m.line.at(along), self.inward(piece, main, along)));
            }
            seen += 1;
        }
        None
    }

    fn private_main(&mut self, of: u32, ends: [u32; 2], points: Vec<Point>, diameter_mm: u16) -> u32 {
        let m = &self.works.mains[of as usize];
        let main = Main {
            line: Line::new(points),
            ends,
            street: m.street,
            street_from_m: self.works.nodes[ends[0] as usize].at_m,
            rank: Rank::Lane,
            is_bridge: false,
            is_private: true,
            diameter_mm,
            material: material(m.year, diameter_mm.max(125), &mut Rng::new(u64::from(m.year))),
            kind: "service",
            year: m.year,
            dma: m.dma,
            gap: None,
            strung: Vec::new(),
        };
        for pair in main.line.points.windows(2) {
            self.laid.push([pair[0], pair[1]]);
        }
        self.works.mains.push(main);
        self.works.mains.len() as u32 - 1
    }

    fn joint(&mut self, of: u32, at: Point, at_m: f64, diameter_mm: u16) -> u32 {
        let m = &self.works.mains[of as usize];
        let node = Node {
            street: m.street,
            at_m: m.street_from_m + at_m,
            dma: m.dma,
            year: m.year,
            diameter_mm,
            ..Node::new("", at)
        };
        self.works.add_node(node)
    }

    /// From the street into the estate: tee, valve, bulk meter, joint inside.
    fn enter(&mut self, main: u32, along: f64, inside: Point, diameter_mm: u16) -> u32 {
        let tee = self.works.string(main, along, "", None);
        let start = self.works.nodes[tee as usize].at;
        let joint = self.joint(main, inside, along, diameter_mm);
        let way = self.private_main(main, [tee, joint], vec![start, inside], diameter_mm);
        self.works.string(way, 2.5, "valve", Some("gate"));
        self.works.string(way, 4.5, "meter", Some("bulk"));
        joint
    }

    /// A ring main inside a big estate, with buildings on both sides.
    fn lay_loop(&mut self) -> bool {
        let middle = centroid(&self.polygon);
        if !contains(&self.polygon, middle) {
            return false;
        }
        let corners = corners(&self.polygon);
        let ring: Vec<Point> = corners.iter().map(|p| lerp(middle, *p, 0.56)).collect();
        let fits = ring.len() >= 3
            && signed_area(&ring) > 1_500.0
            && ring.iter().enumerate().all(|(i, p)| {
                let q = ring[(i + 1) % ring.len()];
                [*p, lerp(*p, q, 0.5)]
                    .iter()
                    .all(|p| contains(&self.polygon, *p) && clearance(&self.polygon, *p) > 15.0)
            });
        if !fits {
            return false;
        }
        let Some((main, along, start, way)) = self.entrance(0) else {
            return false;
        };
        let Some((side, at)) = first_hit(&ring, start, way) else {
            return false;
        };
        if !self.is_free(start, at) {
            return false;
        }
        let joint = self.enter(main, along, at, 150);
        let mut points = vec![at];
        for i in 0..ring.len() {
            points.push(ring[(side + 1 + i) % ring.len()]);
        }
        points.push(at);
        let second = if self.area_m2 > 22_000.0 {
            self.entrance(1)
        } else {
            None
        };
        let mut arcs = vec![(points.clone(), [joint, joint])];
        if let Some((main, along, start, way)) = second
            && let Some((side_two, at_two)) = first_hit(&ring, start, way)
            && side_two != side
            && self.is_free(start, at_two)
        {
            let other = self.enter(main, along, at_two, 150);
            // The vertex `side + 1` comes first on the way round; cut behind vertex `side_two`.
            let cut = (side_two + ring.len() - side) % ring.len() + 1;
            let mut first = points[..cut].to_vec();
            first.push(at_two);
            let mut rest = vec![at_two];
            rest.extend_from_slice(&points[cut..]);
            arcs = vec![(first, [joint, other]), (rest, [other, joint])];
        }
        let name = names::estate(&mut self.rng);
        let mut building = 0;
        for (points, ends) in arcs {
            let arc = self.private_main(main, ends, points, 150);
            let bends: Vec<f64> = self.works.mains[arc as usize].line.bends(0.17).collect();
            for at_m in bends {
                self.works.string(arc, at_m, "elbow", None);
            }
            self.line_with_buildings(arc, &name, &mut building, 16.0);
        }
        true
    }

    /// A dead-end main into a block, with buildings on both sides.
    fn lay_spine(&mut self, diameter_mm: u16, suffix: &str) {
        let Some((main, along, start, way)) = self.entrance(0) else {
            return;
        };
        let Some((_, far)) = first_hit(&self.polygon, add(start, scale(way, 1.0)), way) else {
            return;
        };
        let depth_m = distance(start, far) * 0.68;
        if depth_m < 26.0 {
            return;
        }
        let end = add(start, scale(way, depth_m));
        if !self.is_free(start, end) {
            return;
        }
        let joint = self.enter(main, along, add(start, scale(way, 7.5)), diameter_mm);
        let cap = self.joint(main, end, along, diameter_mm);
        self.works.nodes[cap as usize].class = "cap";
        let from = self.works.nodes[joint as usize].at;
        let spine = self.private_main(main, [joint, cap], vec![from, end], diameter_mm);
        let name = match suffix {
            "" => names::estate(&mut self.rng),
            "厂区" => names::taker(Zone::Industry, "", 0, &mut self.rng).0,
            suffix => format!(
                "{}{suffix}",
                self.works.town.plan.streets[self.works.mains[main as usize].street as usize].name
            ),
        };
        let mut building = 0;
        let reach = if self.block.zone == Zone::OldTown {
            7.0
        } else {
            13.0
        };
        self.line_with_buildings(spine, &name, &mut building, reach);
    }

    fn line_with_buildings(&mut self, main: u32, estate: &str, building: &mut u32, reach_m: f64) {
        let line = self.works.mains[main as usize].line.clone();
        let zone = self.block.zone;
        let spacing_m = match zone {
            Zone::OldTown => 9.0,
            Zone::Industry => 34.0,
            _ => 13.0,
        };
        let mut at_m = self.rng.range(6.0, 10.0);
        let mut side = 1.0;
        while at_m < line.length_m() - 3.0 {
            let start = line.at(at_m);
            let end = add(
                start,
                scale(
                    left(line.direction(at_m)),
                    side * reach_m * self.rng.range(0.6, 1.0),
                ),
            );
            side = -side;
            if self.is_free(add(start, scale(unit(sub(end, start)), 0.3)), end)
                && clearance(&self.polygon, end) > 4.0
            {
                *building += 1;
                let (kind, households) = match zone {
                    Zone::Industry => ("industrial", 1),
                    Zone::OldTown => ("residential", self.rng.whole(1, 8)),
                    _ => ("residential", self.rng.whole(12, 72)),
                };
                let label = if zone == Zone::Industry {
                    "号车间"
                } else {
                    "号楼"
                };
                let building = format!("{estate}{building}{label}");
                let taker = Taker {
                    name: building.clone(),
                    kind,
                    households,
                    is_important: false,
                    building,
                    account: None,
                };
                let diameter_mm = if households > 24 { 65 } else { 50 };
                self.offer(main, at_m, end, diameter_mm, false, taker);
            }
            at_m += spacing_m * self.rng.range(0.85, 1.2);
        }
    }
}

/// Vertices where the ring turns noticeably.
fn corners(ring: &[Point]) -> Vec<Point> {
    let n = ring.len();
    (0..n)
        .filter(|i| {
            let before = sub(ring[*i], ring[(i + n - 1) % n]);
            let after = sub(ring[(i + 1) % n], ring[*i]);
            cross(before, after).atan2(dot(before, after)).abs() > 0.25
        })
        .map(|i| ring[i])
        .collect()
}

/// The first side a ray meets, and where.
fn first_hit(ring: &[Point], from: Point, heading: Point) -> Option<(usize, Point)> {
    let to = add(from, scale(heading, 3_000.0));
    (0..ring.len())
        .filter_map(|i| {
            let (t, _) = meeting(from, to, ring[i], ring[(i + 1) % ring.len()])?;
            (t > 1e-6).then_some((t, i))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(t, i)| (i, lerp(from, to, t)))
}
