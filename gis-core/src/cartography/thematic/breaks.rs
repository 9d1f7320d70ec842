//! Cuts numbers into classes: equal intervals, quantiles, natural breaks, round numbers.

use crate::cartography::layers::ClassMethod;

/// More distinct values than this are thinned evenly before natural breaks are sought.
const MAX_JENKS_VALUES: usize = 30_000;
pub(super) const MAX_CLASSES: usize = 64;

/// Rising limits between at most `count` classes; a number belongs to the class above a limit it equals. Fewer limits
/// come where there are fewer distinct values. What is not finite is left out. `Manual` gives equal intervals.
pub fn breaks(values: &[f64], count: usize, method: ClassMethod) -> Vec<f64> {
    let count = count.clamp(1, MAX_CLASSES);
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(&smallest), Some(&largest)) = (sorted.first(), sorted.last()) else {
        return Vec::new();
    };
    if count < 2 || smallest >= largest {
        return Vec::new();
    }
    let mut limits = match method {
        ClassMethod::EqualInterval | ClassMethod::Manual => (1..count)
            .map(|i| smallest + (largest - smallest) * i as f64 / count as f64)
            .collect(),
        ClassMethod::Quantile => (1..count)
            .map(|i| sorted[(sorted.len() * i / count).min(sorted.len() - 1)])
            .collect(),
        ClassMethod::Jenks => jenks(&sorted, count),
        ClassMethod::Pretty => pretty(smallest, largest, count),
    };
    limits.retain(|limit| *limit > smallest && *limit <= largest);
    limits.dedup();
    limits
}

/// Number of the class between the limits, from 0.
pub fn class_of(value: f64, limits: &[f64]) -> usize {
    limits.partition_point(|limit| *limit <= value)
}

/// Round limits: multiples of 1, 2 or 5 times a power of ten, as near to `count` classes as may be.
fn pretty(smallest: f64, largest: f64, count: usize) -> Vec<f64> {
    let rough = (largest - smallest) / count as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|f| f * power)
        .into_iter()
        .min_by(|a, b| {
            let away = |step: f64| ((largest - smallest) / step - count as f64).abs();
            away(*a).total_cmp(&away(*b))
        })
        .unwrap_or(power);
    let first = (smallest / step).floor() + 1.0;
    let many = (((largest / step).ceil() - first).max(0.0) as usize).min(MAX_CLASSES);
    (0..many).map(|i| (first + i as f64) * step).collect()
}

/// Distinct values with how often each occurs.
struct Distinct {
    values: Vec<f64>,
    /// Sums over all before a position: weights, weighted values and squares, about the mean.
    weight: Vec<f64>,
    sum: Vec<f64>,
    square: Vec<f64>,
}

impl Distinct {
    fn new(sorted: &[f64]) -> Self {
        let mut groups: Vec<(f64, f64)> = Vec::new();
        for value in sorted {
            match groups.last_mut() {
                Some((last, weight)) if last.total_cmp(value).is_eq() => *weight += 1.0,
                _ => groups.push((*value, 1.0)),
            }
        }
        if groups.len() > MAX_JENKS_VALUES {
            // Every stretch of the sorted values is represented by as many of them.
            let step = sorted.len() as f64 / MAX_JENKS_VALUES as f64;
            let thinned: Vec<f64> = (0..MAX_JENKS_VALUES)
                .map(|i| sorted[((i as f64 + 0.5) * step) as usize])
                .collect();
            return Self::new(&thinned);
        }
        // Sums about the mean lose fewer digits.
        let mean = sorted.iter().sum::<f64>() / sorted.len().max(1) as f64;
        let mut this = Self {
            values: groups.iter().map(|g| g.0).collect(),
            weight: vec![0.0],
            sum: vec![0.0],
            square: vec![0.0],
        };
        let (mut weight, mut sum, mut square) = (0.0, 0.0, 0.0);
        for (value, count) in groups {
            let off = value - mean;
            weight += count;
            sum += count * off;
            square += count * off * off;
            this.weight.push(weight);
            this.sum.push(sum);
            this.square.push(square);
        }
        this
    }

    /// Sum of squared distances from the mean of the values `from..to`.
    fn cost(&self, from: usize, to: usize) -> f64 {
        let weight = self.weight[to] - self.weight[from];
        let sum = self.sum[to] - self.sum[from];
        let square = self.square[to] - self.square[from];
        (square - sum * sum / weight).max(0.0)
    }
}

/// Natural breaks (Jenks 1977) by the exact dynamic programme. The cost satisfies the quadrangle inequality, so the best
/// last cut never moves back as the range grows, and a layer is filled by halving (Wang and Song, Ckmeans.1d.dp, 2011).
fn jenks(sorted: &[f64], count: usize) -> Vec<f64> {
    let distinct = Distinct::new(sorted);
    let n = distinct.values.len();
    let count = count.min(n);
    // best[i]: least cost of the first i values in the classes so far.
    let mut best: Vec<f64> = (0..=n)
        .map(|to| if to == 0 { 0.0 } else { distinct.cost(0, to) })
        .collect();
    let mut cuts: Vec<Vec<u32>> = Vec::with_capacity(count);
    for classes in 2..=count {
        let mut next = vec![f64::INFINITY; n + 1];
        let mut cut = vec![0_u32; n + 1];
        // Ranges of ends yet to be filled with the cuts possible for them.
        let mut open = vec![(classes, n, classes - 1, n - 1)];
        while let Some((low, high, first, last)) = open.pop() {
            if low > high {
                continue;
            }
            let middle = usize::midpoint(low, high);
            let mut at = first;
            let starts = best.iter().enumerate().take(last.min(middle - 1) + 1);
            for (from, before) in starts.skip(first) {
                let cost = before + distinct.cost(from, middle);
                if cost < next[middle] {
                    next[middle] = cost;
                    at = from;
                }
            }
            cut[middle] = at as u32;
            open.push((low, middle - 1, first, at));
            open.push((middle + 1, high, at, last));
        }
        best = next;
        cuts.push(cut);
    }
    let mut limits = Vec::with_capacity(count - 1);
    let mut end = n;
    for cut in cuts.iter().rev() {
        end = cut[end] as usize;
        limits.push(distinct.values[end]);
    }
    limits.reverse();
    limits
}
