//! Order along a Hilbert curve, so that what lies close on the map lies close in memory.

/// Positions of `points` in Hilbert order of their extent; points without finite coordinates come last.
pub(crate) fn order(points: impl Iterator<Item = [f64; 2]> + Clone) -> Vec<u32> {
    let (mut min, mut max) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for p in points.clone().filter(|p| p[0].is_finite() && p[1].is_finite()) {
        for axis in 0..2 {
            min[axis] = min[axis].min(p[axis]);
            max[axis] = max[axis].max(p[axis]);
        }
    }
    let scale = [0, 1].map(|axis| {
        let width = max[axis] - min[axis];
        if width > 0.0 {
            f64::from(u16::MAX) / width
        } else {
            0.0
        }
    });
    let mut keyed: Vec<(u64, u32)> = points
        .enumerate()
        .map(|(i, p)| {
            let key = if p[0].is_finite() && p[1].is_finite() {
                let cell = [0, 1].map(|axis| ((p[axis] - min[axis]) * scale[axis]) as u32);
                u64::from(index(cell[0], cell[1]))
            } else {
                u64::MAX
            };
            (key, i as u32)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, i)| i).collect()
}

/// Distance along the 16-bit Hilbert curve (Skilling's rotation, unrolled).
fn index(mut x: u32, mut y: u32) -> u32 {
    let mut d = 0;
    let mut s = 1 << 15;
    while s > 0 {
        let rx = u32::from(x & s > 0);
        let ry = u32::from(y & s > 0);
        d += s * s * ((3 * rx) ^ ry);
        if ry == 0 {
            if rx == 1 {
                x = 0xffff - x;
                y = 0xffff - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        s >>= 1;
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_on_the_curve_are_neighbours_on_the_grid() {
        let side = 16_u32;
        let mut cells: Vec<(u32, u32, u32)> = (0..side * side)
            .map(|i| (index(i % side, i / side), i % side, i / side))
            .collect();
        cells.sort_unstable();
        for w in cells.windows(2) {
            assert_eq!(w[0].1.abs_diff(w[1].1) + w[0].2.abs_diff(w[1].2), 1);
        }
    }

    #[test]
    fn points_without_coordinates_come_last_and_one_point_is_no_trouble() {
        let points = [[f64::NAN, 0.0], [5.0, 5.0]];
        assert_eq!(order(points.iter().copied()), [1, 0]);
    }
}
