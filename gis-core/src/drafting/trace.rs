//! Tracing: the way along lines that are there, from where a line was begun to where the pointer is. Lines are joined
//! where vertices of theirs lie on one spot. All ways from the start are found once; each question reads one of them.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use crate::network::Metric;

/// Vertices that are traced among at once; a view with more is too wide to trace in.
pub const MOST_TRACED: usize = 200_000;

/// The shortest ways along lines from one place on them.
#[derive(Debug, Clone)]
pub struct Tracer {
    metric: Metric,
    lines: Vec<Vec<[f64; 2]>>,
    /// The number of the first vertex of every line.
    first: Vec<usize>,
    /// By number of the spot that a vertex lies on.
    spot_of: Vec<u32>,
    place: Vec<[f64; 2]>,
    distance_m: Vec<f64>,
    before: Vec<u32>,
    start: [f64; 2],
    /// The stretch that the start lies on: line and segment.
    start_on: (usize, usize),
}

const NONE: u32 = u32::MAX;

struct Open(f64, u32);

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Open {
    /// The nearest is the greatest, for the heap.
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl Tracer {
    /// Vertices not farther apart than `joined_m` are one spot. `None` where no line lies within `within_m` of the
    /// start, or there are more than [`MOST_TRACED`] vertices.
    pub fn new(
        lines: Vec<Vec<[f64; 2]>>,
        start: [f64; 2],
        within_m: f64,
        joined_m: f64,
        metric: Metric,
    ) -> Option<Self> {
        let count: usize = lines.iter().map(Vec::len).sum();
        if count > MOST_TRACED {
            return None;
        }
        let mut tracer = Self {
            metric,
            first: Vec::with_capacity(lines.len()),
            spot_of: Vec::with_capacity(count),
            place: Vec::new(),
            distance_m: Vec::new(),
            before: Vec::new(),
            start,
            start_on: (0, 0),
            lines,
        };
        tracer.join(joined_m.max(1e-6));
        let (at, point) = tracer.nearest(start, within_m)?;
        tracer.start_on = at;
        tracer.start = point;
        tracer.flood();
        Some(tracer)
    }

    /// Gives every vertex the number of its spot.
    fn join(&mut self, size: f64) {
        let mut cells: HashMap<[i64; 2], Vec<u32>> = HashMap::new();
        let Some(origin) = self.lines.iter().flatten().next().copied() else {
            return;
        };
        let cell = |p: [f64; 2], metric: Metric, size: f64| {
            [0, 1].map(|axis| {
                let per_unit = if axis == 0 { metric.x_m } else { metric.y_m };
                ((p[axis] - origin[axis]) * per_unit / size).floor() as i64
            })
        };
        for line in &self.lines {
            self.first.push(self.spot_of.len());
            for p in line {
                let [x, y] = cell(*p, self.metric, size);
                let around = (-1..=1).flat_map(|i| (-1..=1).map(move |j| [x + i, y + j]));
                let known = around
                    .filter_map(|key| cells.get(&key))
                    .flatten()
                    .find(|spot| self.metric.distance_m(self.place[**spot as usize], *p) <= size)
                    .copied();
                let spot = known.unwrap_or_else(|| {
                    let spot = self.place.len() as u32;
                    self.place.push(*p);
                    cells.entry([x, y]).or_default().push(spot);
                    spot
                });
                self.spot_of.push(spot);
            }
        }
    }

    /// The stretch nearest to a place within the tolerance, and the place on it.
    fn nearest(&self, at: [f64; 2], within_m: f64) -> Option<((usize, usize), [f64; 2])> {
        let mut best = None;
        let mut best_m = within_m;
        let reach = within_m / self.metric.x_m.min(self.metric.y_m);
        for (i, line) in self.lines.iter().enumerate() {
            for (j, w) in line.windows(2).enumerate() {
                let is_far = |axis: usize| {
                    at[axis] < w[0][axis].min(w[1][axis]) - reach
                        || at[axis] > w[0][axis].max(w[1][axis]) + reach
                };
                if is_far(0) || is_far(1) {
                    continue;
                }
                if let Some(foot) = self.metric.foot_point(w, at)
                    && foot.distance_m <= best_m
                {
                    best_m = foot.distance_m;
                    best = Some(((i, j), foot.point));
                }
            }
        }
        best
    }

    fn spot(&self, line: usize, vertex: usize) -> u32 {
        self.spot_of[self.first[line] + vertex]
    }

    fn ends(&self, on: (usize, usize)) -> [u32; 2] {
        [self.spot(on.0, on.1), self.spot(on.0, on.1 + 1)]
    }

    fn flood(&mut self) {
        let count = self.place.len();
        let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (i, line) in self.lines.iter().enumerate() {
            for j in 1..line.len() {
                let [a, b] = self.ends((i, j - 1));
                if a != b {
                    neighbours[a as usize].push(b);
                    neighbours[b as usize].push(a);
                }
            }
        }
        self.distance_m = vec![f64::INFINITY; count];
        self.before = vec![NONE; count];
        let mut open = BinaryHeap::new();
        for end in self.ends(self.start_on) {
            let away = self.metric.distance_m(self.start, self.place[end as usize]);
            if away < self.distance_m[end as usize] {
                self.distance_m[end as usize] = away;
                open.push(Open(away, end));
            }
        }
        while let Some(Open(away, spot)) = open.pop() {
            if away > self.distance_m[spot as usize] {
                continue;
            }
            for next in &neighbours[spot as usize] {
                let next_m = away
                    + self
                        .metric
                        .distance_m(self.place[spot as usize], self.place[*next as usize]);
                if next_m < self.distance_m[*next as usize] {
                    self.distance_m[*next as usize] = next_m;
                    self.before[*next as usize] = spot;
                    open.push(Open(next_m, *next));
                }
            }
        }
    }

    /// The way from the start to the place nearest to `to`, both included; `None` where no line is within `within_m` of
    /// it, or none leads there.
    pub fn to(&self, to: [f64; 2], within_m: f64) -> Option<Vec<[f64; 2]>> {
        let (on, point) = self.nearest(to, within_m)?;
        if on == self.start_on {
            return Some(vec![self.start, point]);
        }
        let via = |spot: u32| {
            let at = spot as usize;
            self.distance_m[at] + self.metric.distance_m(self.place[at], point)
        };
        let end = self
            .ends(on)
            .into_iter()
            .min_by(|a, b| via(*a).total_cmp(&via(*b)))?;
        if !via(end).is_finite() {
            return None;
        }
        let mut way = vec![point];
        let mut at = end;
        while at != NONE {
            way.push(self.place[at as usize]);
            at = self.before[at as usize];
        }
        way.push(self.start);
        way.reverse();
        way.dedup_by(|a, b| self.metric.distance_m(*a, *b) < 1e-6);
        Some(way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRIC: Metric = Metric { x_m: 1.0, y_m: 1.0 };

    /// A street that forks, a shorter way round, a line apart.
    fn lines() -> Vec<Vec<[f64; 2]>> {
        vec![
            vec![[0.0, 0.0], [10.0, 0.0], [20.0, 5.0]],
            vec![[20.0, 5.0], [30.0, 5.0]],
            vec![[10.0, 0.0], [10.0, 50.0], [30.0, 5.004]],
            vec![[100.0, 0.0], [100.0, 10.0]],
        ]
    }

    fn tracer(start: [f64; 2]) -> Option<Tracer> {
        Tracer::new(lines(), start, 0.5, 0.05, METRIC)
    }

    #[test]
    fn the_shorter_way_is_taken_from_line_to_line() {
        let from_middle = tracer([4.0, 0.2]).unwrap();
        let way = from_middle.to([29.0, 5.1], 0.5).unwrap();
        assert_eq!(way, [[4.0, 0.0], [10.0, 0.0], [20.0, 5.0], [29.0, 5.0]]);
        let up = from_middle.to([10.1, 30.0], 0.5).unwrap();
        assert_eq!(up, [[4.0, 0.0], [10.0, 0.0], [10.0, 30.0]]);
    }

    #[test]
    fn on_one_stretch_the_way_is_straight() {
        assert_eq!(
            tracer([4.0, 0.0]).unwrap().to([9.0, 0.0], 0.5).unwrap(),
            [[4.0, 0.0], [9.0, 0.0]]
        );
        assert_eq!(
            tracer([4.0, 0.0]).unwrap().to([1.0, 0.0], 0.5).unwrap(),
            [[4.0, 0.0], [1.0, 0.0]]
        );
    }

    #[test]
    fn where_no_line_leads_there_is_no_way() {
        assert!(tracer([4.0, 3.0]).is_none());
        let from_middle = tracer([4.0, 0.0]).unwrap();
        assert_eq!(from_middle.to([100.0, 5.0], 0.5), None);
        assert_eq!(from_middle.to([50.0, 50.0], 0.5), None);
        assert!(Tracer::new(Vec::new(), [0.0, 0.0], 0.5, 0.05, METRIC).is_none());
    }

    #[test]
    fn ways_are_as_short_as_those_of_all_pairs() {
        // A grid of streets with random lengths of detour: checked against Floyd and Warshall.
        const SIDE: usize = 6;
        let mut state = 7_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        let at = |i: usize, j: usize| [i as f64 * 10.0, j as f64 * 10.0];
        let mut lines = Vec::new();
        let mut all = vec![vec![f64::INFINITY; SIDE * SIDE]; SIDE * SIDE];
        for i in 0..SIDE {
            for j in 0..SIDE {
                all[i * SIDE + j][i * SIDE + j] = 0.0;
                for (k, l) in [(i + 1, j), (i, j + 1)] {
                    if k < SIDE && l < SIDE && random() > 0.3 {
                        let (a, b) = (at(i, j), at(k, l));
                        let bow = 1.0 + 3.0 * random();
                        let middle = [f64::midpoint(a[0], b[0]) + bow, f64::midpoint(a[1], b[1]) + bow];
                        let line = vec![a, middle, b];
                        let length_m = METRIC.length_m(&line);
                        all[i * SIDE + j][k * SIDE + l] = length_m;
                        all[k * SIDE + l][i * SIDE + j] = length_m;
                        lines.push(line);
                    }
                }
            }
        }
        let count = SIDE * SIDE;
        for via in 0..count {
            for a in 0..count {
                for b in 0..count {
                    all[a][b] = all[a][b].min(all[a][via] + all[via][b]);
                }
            }
        }
        let mut seen = 0;
        for (from, wanted) in all.iter().enumerate() {
            let Some(tracer) = Tracer::new(lines.clone(), at(from / SIDE, from % SIDE), 0.1, 0.1, METRIC)
            else {
                continue;
            };
            for (to, wanted) in wanted.iter().enumerate() {
                let way = tracer.to(at(to / SIDE, to % SIDE), 0.1);
                let length_m = way.map_or(f64::INFINITY, |way| METRIC.length_m(&way));
                assert!(
                    (length_m.is_infinite() && wanted.is_infinite()) || (length_m - wanted).abs() < 1e-6,
                    "{from} {to}: {length_m} {wanted}"
                );
                seen += 1;
            }
        }
        assert!(seen > 500, "{seen}");
    }
}
