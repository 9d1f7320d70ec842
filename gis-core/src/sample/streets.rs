//! The street plan: streets that carry their junctions, and the blocks between them, made by cutting blocks
//! with new streets. It knows nothing of water.

use super::plane::{
    Line, Point, add, centroid, contains, cross, distance, dot, left, length, lerp, long_axis, meeting,
    perimeter, rotate, scale, signed_area, sub, unit,
};
use super::rng::Rng;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Arterial,
    Collector,
    Lane,
}

/// Where a street meets others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    pub(super) at_m: f64,
    pub(super) junction: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Street {
    pub(super) rank: Rank,
    pub(super) is_bridge: bool,
    pub(super) line: Line,
    /// Sorted by distance once the plan is finished.
    pub(super) stops: Vec<Stop>,
    /// The street it branches from.
    pub(super) parent: Option<u32>,
    pub(super) name: String,
}

/// A stretch of a street as one side of a block; runs backwards where `from_m > to_m`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) street: u32,
    pub(super) from_m: f64,
    pub(super) to_m: f64,
}

/// What is built on a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    OldTown,
    Housing,
    Commerce,
    Industry,
    Campus,
    Park,
}

/// Land between streets; the ring runs counter-clockwise.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) ring: Vec<Piece>,
    pub(super) zone: Zone,
    /// Pressure zone and metered area, 0..3.
    pub(super) dma: u8,
}

/// A side of a block's polygon with the street stretch it lies on.
#[derive(Debug, Clone, Copy)]
struct Side {
    a: Point,
    b: Point,
    piece: usize,
    a_m: f64,
    b_m: f64,
}

/// A place on a block's ring.
#[derive(Debug, Clone, Copy)]
pub(super) struct RingPlace {
    pub(super) piece: usize,
    pub(super) at_m: f64,
}

/// How a block is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) rank: Rank,
    /// Stop below this area in square metres.
    pub(super) target_m2: f64,
    /// New junctions keep this distance from corners.
    pub(super) gap_m: f64,
    /// Junctions on the other side of the street closer than this are met, so that the street runs on.
    pub(super) snap_m: f64,
    /// Largest turn of the cut against the block's axis.
    pub(super) skew: f64,
    /// Bow of the new street as a share of its length.
    pub(super) bow: f64,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) streets: Vec<Street>,
    pub(super) junctions: Vec<Point>,
    pub(super) blocks: Vec<Block>,
}

impl Plan {
    pub(super) fn add_junction(&mut self, at: Point) -> u32 {
        self.junctions.push(at);
        self.junctions.len() as u32 - 1
    }

    /// A street between two junctions, along inner points.
    pub(super) fn add_street(&mut self, rank: Rank, ends: [u32; 2], via: &[Point]) -> u32 {
        let mut points = vec![self.junctions[ends[0] as usize]];
        points.extend_from_slice(via);
        points.push(self.junctions[ends[1] as usize]);
        let line = Line::new(points);
        let stops = vec![
            Stop {
                at_m: 0.0,
                junction: ends[0],
            },
            Stop {
                at_m: line.length_m(),
                junction: ends[1],
            },
        ];
        self.streets.push(Street {
            rank,
            is_bridge: false,
            line,
            stops,
            parent: None,
            name: String::new(),
        });
        self.streets.len() as u32 - 1
    }

    /// The junction at a place on a street: an existing one within `snap_m`, else a new one.
    fn junction_on(&mut self, street: u32, at_m: f64, snap_m: f64) -> (f64, u32) {
        let near = self.streets[street as usize]
            .stops
            .iter()
            .filter(|s| (s.at_m - at_m).abs() <= snap_m)
            .min_by(|a, b| (a.at_m - at_m).abs().total_cmp(&(b.at_m - at_m).abs()));
        if let Some(stop) = near {
            return (stop.at_m, stop.junction);
        }
        let at = self.streets[street as usize].line.at(at_m);
        let junction = self.add_junction(at);
        self.streets[street as usize].stops.push(Stop { at_m, junction });
        (at_m, junction)
    }

    fn sides(&self, ring: &[Piece]) -> Vec<Side> {
        let mut sides = Vec::new();
        for (i, piece) in ring.iter().enumerate() {
            let line = &self.streets[piece.street as usize].line;
            let mut a = line.at(piece.from_m);
            let mut a_m = piece.from_m;
            for (b_m, b) in line.between(piece.from_m, piece.to_m) {
                sides.push(Side {
                    a,
                    b,
                    piece: i,
                    a_m,
                    b_m,
                });
                (a, a_m) = (b, b_m);
            }
            sides.push(Side {
                a,
                b: line.at(piece.to_m),
                piece: i,
                a_m,
                b_m: piece.to_m,
            });
        }
        sides
    }

    pub(super) fn polygon(&self, ring: &[Piece]) -> Vec<Point> {
        self.sides(ring).iter().map(|s| s.a).collect()
    }

    /// Cuts a block in two by a street from `a` to `b` along `via`. Returns the new blocks and the street.
    pub(super) fn split(
        &mut self,
        block: &Block,
        places: [RingPlace; 2],
        via: &[Point],
        rank: Rank,
        snap_m: f64,
    ) -> (Block, Block, u32) {
        let mut ends = [(0.0, 0); 2];
        for (end, place) in ends.iter_mut().zip(places) {
            *end = self.junction_on(block.ring[place.piece].street, place.at_m, snap_m);
        }
        let street = self.add_street(rank, [ends[0].1, ends[1].1], via);
        self.streets[street as usize].parent = Some(block.ring[places[0].piece].street);
        let length_m = self.streets[street as usize].line.length_m();
        let walk = |from: usize, to: usize| {
            let mut ring = Vec::new();
            let count = block.ring.len();
            let (first, last) = (places[from].piece, places[to].piece);
            let mut start_m = ends[from].0;
            let mut i = first;
            let mut is_first = true;
            loop {
                let piece = block.ring[i];
                // The same side is walked to its end first where the goal lies behind the start on it.
                let goal_here = i == last && !(is_first && goal_is_behind(piece, start_m, ends[to].0));
                let to_m = if goal_here { ends[to].0 } else { piece.to_m };
                if (to_m - start_m).abs() > 1e-6 {
                    ring.push(Piece {
                        street: piece.street,
                        from_m: start_m,
                        to_m,
                    });
                }
                if goal_here {
                    break;
                }
                is_first = false;
                i = (i + 1) % count;
                start_m = block.ring[i].from_m;
            }
            ring
        };
        let mut one = walk(0, 1);
        one.push(Piece {
            street,
            from_m: length_m,
            to_m: 0.0,
        });
        let mut two = walk(1, 0);
        two.push(Piece {
            street,
            from_m: 0.0,
            to_m: length_m,
        });
        (
            Block {
                ring: one,
                ..block.clone()
            },
            Block {
                ring: two,
                ..block.clone()
            },
            street,
        )
    }

    /// The ring place nearest to a point, on the given street where one is named.
    pub(super) fn nearest_on_ring(&self, block: &Block, p: Point, street: Option<u32>) -> Option<RingPlace> {
        let mut best: Option<(f64, RingPlace)> = None;
        for side in self.sides(&block.ring) {
            if street.is_some_and(|s| s != block.ring[side.piece].street) {
                continue;
            }
            let d = sub(side.b, side.a);
            let square = dot(d, d);
            let t = if square > 0.0 {
                (dot(sub(p, side.a), d) / square).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let gap = distance(p, lerp(side.a, side.b, t));
            if best.is_none_or(|(least, _)| gap < least) {
                best = Some((
                    gap,
                    RingPlace {
                        piece: side.piece,
                        at_m: side.a_m + (side.b_m - side.a_m) * t,
                    },
                ));
            }
        }
        best.map(|(_, place)| place)
    }

    /// Cuts a block again and again until its parts are below the target area, or nothing sensible is left.
    pub(super) fn subdivide(&mut self, block: Block, cut: &Cut, rng: &mut Rng, out: &mut Vec<Block>) {
        let mut waiting = vec![block];
        while let Some(block) = waiting.pop() {
            let polygon = self.polygon(&block.ring);
            let area = signed_area(&polygon);
            // Uneven grain: some blocks are left whole at twice the size, others cut further.
            let target = cut.target_m2 * rng.range(0.7, 1.5);
            if area > target
                && let Some((one, two)) = self.cut_once(&block, cut, rng)
            {
                waiting.push(two);
                waiting.push(one);
            } else {
                out.push(block);
            }
        }
    }

    fn cut_once(&mut self, block: &Block, cut: &Cut, rng: &mut Rng) -> Option<(Block, Block)> {
        let polygon = self.polygon(&block.ring);
        let sides = self.sides(&block.ring);
        let area = signed_area(&polygon);
        let middle = centroid(&polygon);
        let (axis, long_m, wide_m) = long_axis(&polygon);
        for attempt in 0..10 {
            // A stubborn block may be cut along its length instead.
            let lengthwise = attempt > 6 && long_m < wide_m * 1.8;
            let (u, extent_m) = if lengthwise {
                (left(axis), wide_m)
            } else {
                (axis, long_m)
            };
            let shift = rng.range(-0.14, 0.14) * extent_m;
            let through = add(middle, scale(u, shift));
            let heading = rotate(left(u), rng.bell() * cut.skew);
            let Some(places) = cross_line(&sides, through, heading) else {
                continue;
            };
            let Some(places) = self.settle(block, places, cut) else {
                continue;
            };
            let ends = places.map(|p| self.streets[block.ring[p.piece].street as usize].line.at(p.at_m));
            let span_m = distance(ends[0], ends[1]);
            if span_m < cut.gap_m * 1.2 || !self.meets_squarely(block, places, ends) {
                continue;
            }
            let via = bow(ends, cut.bow * rng.bell());
            let mut path = vec![ends[0]];
            path.extend_from_slice(&via);
            path.push(ends[1]);
            if !stays_inside(&path, &sides, &polygon) {
                continue;
            }
            let known = self.junctions.len();
            let (one, two, street) = self.split(block, places, &via, cut.rank, 0.01);
            let parts = [self.polygon(&one.ring), self.polygon(&two.ring)];
            let is_fair = parts.iter().all(|ring| {
                let part = signed_area(ring);
                part > area * 0.22 && part / perimeter(ring).powi(2) > 0.024
            });
            if is_fair {
                return Some((one, two));
            }
            self.undo_split(street, known, block, places);
        }
        None
    }

    /// Takes the newest street back, with the junctions made for it: those from `known` on.
    fn undo_split(&mut self, street: u32, known: usize, block: &Block, places: [RingPlace; 2]) {
        self.streets.truncate(street as usize);
        self.junctions.truncate(known);
        for place in places {
            self.streets[block.ring[place.piece].street as usize]
                .stops
                .retain(|s| (s.junction as usize) < known);
        }
    }

    /// Moves the ends of a cut away from corners or onto junctions opposite.
    fn settle(&self, block: &Block, places: [RingPlace; 2], cut: &Cut) -> Option<[RingPlace; 2]> {
        let mut settled = places;
        for place in &mut settled {
            let piece = block.ring[place.piece];
            let (low, high) = (piece.from_m.min(piece.to_m), piece.from_m.max(piece.to_m));
            if high - low < cut.gap_m * 2.0 {
                return None;
            }
            place.at_m = place.at_m.clamp(low + cut.gap_m, high - cut.gap_m);
            let near = self.streets[piece.street as usize]
                .stops
                .iter()
                .filter(|s| s.at_m >= low + cut.gap_m * 0.8 && s.at_m <= high - cut.gap_m * 0.8)
                .filter(|s| (s.at_m - place.at_m).abs() <= cut.snap_m.max(cut.gap_m))
                .min_by(|a, b| {
                    (a.at_m - place.at_m)
                        .abs()
                        .total_cmp(&(b.at_m - place.at_m).abs())
                });
            if let Some(stop) = near {
                place.at_m = stop.at_m;
            }
        }
        Some(settled)
    }

    fn meets_squarely(&self, block: &Block, places: [RingPlace; 2], ends: [Point; 2]) -> bool {
        let along = unit(sub(ends[1], ends[0]));
        places.iter().all(|p| {
            let street = self.streets[block.ring[p.piece].street as usize]
                .line
                .direction(p.at_m);
            cross(along, street).abs() > 0.72
        })
    }

    /// Sorts the stops of every street.
    pub(super) fn finish(&mut self) {
        for street in &mut self.streets {
            street.stops.sort_by(|a, b| a.at_m.total_cmp(&b.at_m));
        }
    }
}

fn goal_is_behind(piece: Piece, start_m: f64, goal_m: f64) -> bool {
    if piece.from_m <= piece.to_m {
        goal_m < start_m
    } else {
        goal_m > start_m
    }
}

/// Where a line through a point leaves the ring on either side.
fn cross_line(sides: &[Side], through: Point, heading: Point) -> Option<[RingPlace; 2]> {
    let mut nearest = [(f64::INFINITY, None), (f64::INFINITY, None)];
    let reach = 20_000.0;
    let (a, b) = (
        sub(through, scale(heading, reach)),
        add(through, scale(heading, reach)),
    );
    for side in sides {
        let Some((t, u)) = meeting(a, b, side.a, side.b) else {
            continue;
        };
        let along = (t - 0.5) * 2.0 * reach;
        let slot = usize::from(along > 0.0);
        if along.abs() < nearest[slot].0 {
            let place = RingPlace {
                piece: side.piece,
                at_m: side.a_m + (side.b_m - side.a_m) * u,
            };
            nearest[slot] = (along.abs(), Some(place));
        }
    }
    match (nearest[0].1, nearest[1].1) {
        (Some(one), Some(two)) if one.piece != two.piece => Some([one, two]),
        _ => None,
    }
}

/// Inner points of a gentle arc between two ends.
fn bow(ends: [Point; 2], share: f64) -> Vec<Point> {
    let span = sub(ends[1], ends[0]);
    if length(span) < 150.0 || share.abs() < 0.01 {
        return Vec::new();
    }
    let side = left(span);
    let steps = ((length(span) / 120.0) as usize).clamp(2, 8);
    (1..steps)
        .map(|i| {
            let t = i as f64 / steps as f64;
            add(
                lerp(ends[0], ends[1], t),
                scale(side, share * 4.0 * t * (1.0 - t)),
            )
        })
        .collect()
}

fn stays_inside(path: &[Point], sides: &[Side], polygon: &[Point]) -> bool {
    for (i, pair) in path.windows(2).enumerate() {
        let (mut a, mut b) = (pair[0], pair[1]);
        let step = 2.0 / distance(a, b).max(2.0);
        let (from, to) = (a, b);
        if i == 0 {
            a = lerp(from, to, step.min(0.4));
        }
        if i + 2 == path.len() {
            b = lerp(from, to, 1.0 - step.min(0.4));
        }
        if !contains(polygon, a) || !contains(polygon, b) {
            return false;
        }
        if sides.iter().any(|s| meeting(a, b, s.a, s.b).is_some()) {
            return false;
        }
    }
    true
}
