//! The order in which places are visited on foot: short, not proven shortest. It follows no streets.

use crate::network::Metric;

/// Above this many places the tour is left as the nearest neighbour gives it, in which an improvement would take
/// longer than it saves on a printed list.
const IMPROVED_UP_TO: usize = 400;

/// Positions of `places` in visiting order from `start`: nearest neighbour, then 2-opt (Croes 1958) on the open
/// tour. Places without coordinates come last, in their order.
pub fn walk_order(metric: Metric, start: [f64; 2], places: &[[f64; 2]]) -> Vec<usize> {
    let is_known = |i: &usize| places[*i][0].is_finite() && places[*i][1].is_finite();
    let (mut left, unknown): (Vec<usize>, Vec<usize>) = (0..places.len()).partition(is_known);
    let mut order = Vec::with_capacity(places.len());
    let mut at = start;
    while let Some(next) = (0..left.len()).min_by(|a, b| {
        let distance_m = |i: &usize| metric.distance_m(at, places[left[*i]]);
        distance_m(a).total_cmp(&distance_m(b))
    }) {
        let place = left.remove(next);
        at = places[place];
        order.push(place);
    }
    if order.len() <= IMPROVED_UP_TO {
        improve(metric, start, places, &mut order);
    }
    order.extend(unknown);
    order
}

/// Turns stretches round while that shortens the walk.
fn improve(metric: Metric, start: [f64; 2], places: &[[f64; 2]], order: &mut [usize]) {
    let mut is_shorter = true;
    while is_shorter {
        is_shorter = false;
        for i in 0..order.len() {
            for j in i + 1..order.len() {
                let before = if i == 0 { start } else { places[order[i - 1]] };
                let (first, last) = (places[order[i]], places[order[j]]);
                let mut gain_m = metric.distance_m(before, first) - metric.distance_m(before, last);
                if let Some(after) = order.get(j + 1).map(|k| places[*k]) {
                    gain_m += metric.distance_m(last, after) - metric.distance_m(first, after);
                }
                if gain_m > 1e-6 {
                    order[i..=j].reverse();
                    is_shorter = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_goes_along_a_line_and_leaves_unknown_places_to_the_end() {
        let places = [[30.0, 0.0], [f64::NAN, 0.0], [10.0, 0.0], [20.0, 0.0]];
        assert_eq!(
            walk_order(Metric::projected(1.0), [0.0, 0.0], &places),
            [2, 3, 0, 1]
        );
        assert_eq!(
            walk_order(Metric::projected(1.0), [0.0, 0.0], &[]),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn a_crossing_of_the_way_is_undone() {
        // The nearest neighbour goes 1, -1.5, 4 and back to -10; the better walk serves one side first.
        let places = [[1.0, 0.0], [-1.5, 0.0], [4.0, 0.0], [-10.0, 0.0]];
        let order = walk_order(Metric::projected(1.0), [0.0, 0.0], &places);
        let mut at = 0.0_f64;
        let length: f64 = order
            .iter()
            .map(|i| {
                let step = (places[*i][0] - at).abs();
                at = places[*i][0];
                step
            })
            .sum();
        assert!(length <= 18.0, "{length} {order:?}");
    }
}
