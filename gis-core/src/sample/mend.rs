//! Looks over the town as laid and moves what a check would take for a mistake: ends that come too close to a pipe they
//! do not belong to, mains that cross without meeting. It adds and removes nothing, so that numbers stay as they are.

use std::collections::{BTreeSet, HashMap};
use std::f64::consts::PI;

use super::plane::{Point, add, distance, distance_to_segment, lerp, meeting, rotate, scale, sub, unit};
use super::works::{State, Works};

/// The check looks for joints that were missed within a metre.
const REACH_M: f64 = 1.03;
/// Shorter leads would end beside their own main.
const SHORTEST_M: f64 = 1.3;
/// Where two lines meet this close to an end, it is a touch and no crossing.
const TOUCH_M: f64 = 0.06;
const CELL_M: f64 = 16.0;

/// Pipes by the cells of a grid that their segments pass through.
struct Ground {
    cells: HashMap<(i64, i64), Vec<u32>>,
}

impl Ground {
    fn new(works: &Works) -> Self {
        let mut ground = Self {
            cells: HashMap::new(),
        };
        for (i, pipe) in works.pipes.iter().enumerate() {
            ground.add(i as u32, &pipe.points);
        }
        ground
    }

    fn cells(a: Point, b: Point, grow_m: f64) -> impl Iterator<Item = (i64, i64)> {
        let cell = |v: f64| (v / CELL_M).floor() as i64;
        let [west, east] = [a[0].min(b[0]) - grow_m, a[0].max(b[0]) + grow_m].map(cell);
        let [south, north] = [a[1].min(b[1]) - grow_m, a[1].max(b[1]) + grow_m].map(cell);
        (west..=east).flat_map(move |x| (south..=north).map(move |y| (x, y)))
    }

    /// A pipe that moved is added again; where it was, it does no harm.
    fn add(&mut self, pipe: u32, points: &[Point]) {
        for pair in points.windows(2) {
            for cell in Self::cells(pair[0], pair[1], 0.0) {
                let here = self.cells.entry(cell).or_default();
                if here.last() != Some(&pipe) {
                    here.push(pipe);
                }
            }
        }
    }

    fn near(&self, a: Point, b: Point) -> BTreeSet<u32> {
        Self::cells(a, b, REACH_M)
            .filter_map(|cell| self.cells.get(&cell))
            .flatten()
            .copied()
            .collect()
    }
}

/// Called once the mains are cut, before mistakes are put in on purpose.
pub(super) fn clear(works: &mut Works) {
    let mut ground = Ground::new(works);
    for pipe in 0..works.pipes.len() as u32 {
        if let Some(other) = crossed_main(works, &ground, pipe)
            && !straighten(works, &mut ground, pipe)
        {
            straighten(works, &mut ground, other);
        }
    }
    let degrees = works.degrees();
    let mut hanging: HashMap<u32, Vec<u32>> = HashMap::new();
    for (i, node) in works.nodes.iter().enumerate() {
        if let Some((pipe, _)) = node.on_pipe {
            hanging.entry(pipe).or_default().push(i as u32);
        }
    }
    for pipe in 0..works.pipes.len() as u32 {
        let Some(lead) = Lead::of(works, &degrees, pipe) else {
            continue;
        };
        if lead.is_clear(works, &ground, &degrees, lead.to) {
            continue;
        }
        let better = lead
            .other_places()
            .find(|to| lead.is_clear(works, &ground, &degrees, *to));
        if let Some(to) = better {
            let on_it = hanging.get(&pipe).map(Vec::as_slice).unwrap_or_default();
            lead.move_to(works, to, on_it);
            ground.add(pipe, &works.pipes[pipe as usize].points);
        }
    }
}

/// Whether a pipe laid from `a` to `b` would have nothing near it but `beside`.
pub(super) fn is_free(works: &Works, a: Point, b: Point, beside: u32) -> bool {
    works.pipes.iter().enumerate().all(|(i, pipe)| {
        i as u32 == beside
            || pipe.state != State::Operative
            || pipe.points.windows(2).all(|s| {
                meeting(a, b, s[0], s[1]).is_none()
                    && [a, b]
                        .iter()
                        .all(|p| distance_to_segment(*p, s[0], s[1]) > REACH_M)
                    && s.iter().all(|p| distance_to_segment(*p, a, b) > REACH_M)
            })
    })
}

/// A short pipe with one loose end: to a customer, meter or hydrant.
struct Lead {
    pipe: u32,
    tee: u32,
    end: u32,
    from: Point,
    to: Point,
}

impl Lead {
    fn of(works: &Works, degrees: &[u8], pipe: u32) -> Option<Self> {
        let p = &works.pipes[pipe as usize];
        let [Some(tee), Some(end)] = p.ends else {
            return None;
        };
        let is_lead = matches!(p.kind, "service" | "hydrant_branch")
            && p.points.len() == 2
            && degrees[end as usize] == 1
            && degrees[tee as usize] > 1
            && matches!(works.nodes[end as usize].class, "customer" | "meter" | "hydrant");
        is_lead.then(|| Self {
            pipe,
            tee,
            end,
            from: p.points[0],
            to: p.points[1],
        })
    }

    /// Nothing comes near the end, no other loose end comes near the lead, and it crosses nothing.
    fn is_clear(&self, works: &Works, ground: &Ground, degrees: &[u8], to: Point) -> bool {
        ground.near(self.from, to).into_iter().all(|i| {
            if i == self.pipe {
                return true;
            }
            let other = &works.pipes[i as usize];
            let shares_the_tee = other.ends.contains(&Some(self.tee));
            let is_apart = other.points.windows(2).all(|s| {
                distance_to_segment(to, s[0], s[1]) > REACH_M
                    && (shares_the_tee || meeting(self.from, to, s[0], s[1]).is_none())
            });
            let last = other.points.len() - 1;
            let no_end_is_near = [(other.ends[0], 0), (other.ends[1], last)]
                .into_iter()
                .all(|(end, at)| {
                    end.is_none_or(|n| degrees[n as usize] != 1)
                        || distance_to_segment(other.points[at], self.from, to) > REACH_M
                });
            is_apart && no_end_is_near
        })
    }

    /// Shorter, turned a little, and at last on the other side of the street.
    fn other_places(&self) -> impl Iterator<Item = Point> + use<> {
        let way = sub(self.to, self.from);
        let (from, length_m) = (self.from, distance(self.from, self.to));
        [0.0, 0.3, -0.3, 0.6, -0.6, 0.9, -0.9, PI, PI + 0.4, PI - 0.4]
            .into_iter()
            .flat_map(|turn| [1.0, 0.85, 0.7, 0.55, 0.42, 0.3].map(|share| (turn, share)))
            .filter(move |(_, share)| share * length_m > SHORTEST_M)
            .map(move |(turn, share)| add(from, scale(rotate(way, turn), share)))
    }

    /// What sits on the lead or stands behind its end goes along.
    fn move_to(&self, works: &mut Works, to: Point, hanging: &[u32]) {
        let (old_m, new_m) = (distance(self.from, self.to), distance(self.from, to));
        let way = unit(sub(to, self.from));
        for &node in hanging {
            let node = &mut works.nodes[node as usize];
            let away_m = distance(self.from, node.at);
            let along_m = if away_m > old_m {
                new_m + (away_m - old_m)
            } else {
                away_m * new_m / old_m
            };
            node.at = add(self.from, scale(way, along_m));
            if let Some((_, on_m)) = &mut node.on_pipe {
                *on_m *= new_m / old_m;
            }
        }
        works.nodes[self.end as usize].at = to;
        works.pipes[self.pipe as usize].points[1] = to;
    }
}

/// A later main that a main crosses without a joint.
fn crossed_main(works: &Works, ground: &Ground, pipe: u32) -> Option<u32> {
    let p = &works.pipes[pipe as usize];
    if matches!(p.kind, "service" | "hydrant_branch") {
        return None;
    }
    p.points.windows(2).find_map(|a| {
        ground.near(a[0], a[1]).into_iter().find(|i| {
            let other = &works.pipes[*i as usize];
            *i > pipe
                && !matches!(other.kind, "service" | "hydrant_branch")
                && other
                    .points
                    .windows(2)
                    .any(|b| crosses([a[0], a[1]], [b[0], b[1]]))
        })
    })
}

fn crosses(a: [Point; 2], b: [Point; 2]) -> bool {
    meeting(a[0], a[1], b[0], b[1]).is_some_and(|(t, _)| {
        let place = lerp(a[0], a[1], t);
        a.iter().chain(&b).all(|end| distance(*end, place) > TOUCH_M)
    })
}

/// Draws the run of a main between two joints straight, with what is strung on it, if it then crosses nothing.
fn straighten(works: &mut Works, ground: &mut Ground, pipe: u32) -> bool {
    let run = run_of(works, pipe);
    let before: Vec<(u32, Point)> = run
        .nodes
        .iter()
        .map(|n| (*n, works.nodes[*n as usize].at))
        .collect();
    let lines: Vec<(u32, Vec<Point>)> = run
        .pipes
        .iter()
        .map(|(p, _)| (*p, works.pipes[*p as usize].points.clone()))
        .collect();
    let length_of = |points: &[Point]| points.windows(2).map(|s| distance(s[0], s[1])).sum::<f64>();
    let total_m: f64 = lines.iter().map(|(_, points)| length_of(points)).sum();
    let ends = [before[0].1, before[before.len() - 1].1];
    let mut along_m = 0.0;
    for (i, (_, points)) in lines.iter().enumerate() {
        let start = lerp(ends[0], ends[1], along_m / total_m);
        along_m += length_of(points);
        let end = lerp(ends[0], ends[1], along_m / total_m);
        let (p, is_forward) = run.pipes[i];
        works.pipes[p as usize].points = if is_forward {
            vec![start, end]
        } else {
            vec![end, start]
        };
        if i + 1 < lines.len() {
            works.nodes[run.nodes[i + 1] as usize].at = end;
        }
    }
    for (p, _) in &run.pipes {
        ground.add(*p, &works.pipes[*p as usize].points);
    }
    let is_mended = run.pipes.iter().all(|(p, _)| {
        let a = &works.pipes[*p as usize].points;
        ground.near(a[0], a[1]).into_iter().all(|i| {
            i == *p
                || works.pipes[i as usize]
                    .points
                    .windows(2)
                    .all(|b| !crosses([a[0], a[1]], [b[0], b[1]]))
        })
    });
    if !is_mended {
        for (node, at) in before {
            works.nodes[node as usize].at = at;
        }
        for (p, points) in lines {
            works.pipes[p as usize].points = points;
        }
    }
    is_mended
}

/// Pipes one behind the other, each with whether it runs the way of the whole, and the nodes before, between and behind
/// them.
struct Run {
    pipes: Vec<(u32, bool)>,
    nodes: Vec<u32>,
}

fn run_of(works: &Works, pipe: u32) -> Run {
    let mut run = Run {
        pipes: vec![(pipe, true)],
        nodes: works.pipes[pipe as usize].ends.into_iter().flatten().collect(),
    };
    let next = |at: u32, not: u32| -> Option<(u32, u32, bool)> {
        let mut around = works
            .pipes
            .iter()
            .enumerate()
            .filter(|(_, p)| p.ends.contains(&Some(at)))
            .map(|(i, _)| i as u32);
        let (one, two, three) = (around.next()?, around.next()?, around.next());
        let other = if one == not { two } else { one };
        let [Some(from), Some(to)] = works.pipes[other as usize].ends else {
            return None;
        };
        three
            .is_none()
            .then_some((other, if from == at { to } else { from }, from == at))
    };
    while let Some((p, node, is_away)) =
        next(run.nodes[run.nodes.len() - 1], run.pipes[run.pipes.len() - 1].0)
    {
        if run.nodes.contains(&node) {
            break;
        }
        run.pipes.push((p, is_away));
        run.nodes.push(node);
    }
    while let Some((p, node, is_away)) = next(run.nodes[0], run.pipes[0].0) {
        if run.nodes.contains(&node) {
            break;
        }
        run.pipes.insert(0, (p, !is_away));
        run.nodes.insert(0, node);
    }
    run
}
