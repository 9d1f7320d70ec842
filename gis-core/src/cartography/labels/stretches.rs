//! The straight parts of a line, where a text can lie along it. It knows neither texts nor scales.

/// A straight part; its ends are vertices of the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    pub from: [f64; 2],
    pub to: [f64; 2],
}

impl Stretch {
    pub fn at(&self, fraction: f64) -> [f64; 2] {
        [0, 1].map(|axis| self.from[axis] + fraction * (self.to[axis] - self.from[axis]))
    }

    pub fn length2(&self) -> f64 {
        [0, 1]
            .map(|axis| (self.to[axis] - self.from[axis]).powi(2))
            .iter()
            .sum()
    }
}

/// Stretches that are kept of a line.
const MOST: usize = 3;
/// Cosine of 10°: a segment that turns further from the stretch begins a new one.
const STRAIGHT: f64 = 0.984_8;

/// The longest straight parts, longest first; ties by their order along the line. A gentle bend counts as straight.
pub fn straight_stretches(line: &[[f64; 2]]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut start: Option<[f64; 2]> = None;
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if is_same(a, b) || !a.iter().chain(&b).all(|v| v.is_finite()) {
            continue;
        }
        let goes_on = match (start, found.last()) {
            (Some(first), Some(last)) if is_same(last.to, a) => is_straight(first, a, b),
            _ => false,
        };
        if goes_on {
            if let Some(last) = found.last_mut() {
                last.to = b;
            }
        } else {
            start = Some(a);
            found.push(Stretch { from: a, to: b });
        }
    }
    found.sort_by(|a, b| b.length2().total_cmp(&a.length2()));
    found.truncate(MOST);
    found
}

#[expect(clippy::float_cmp, reason = "vertices of one line, copied and not computed")]
fn is_same(a: [f64; 2], b: [f64; 2]) -> bool {
    a == b
}

/// Whether both the stretch so far and the next segment keep the direction of the whole.
fn is_straight(first: [f64; 2], middle: [f64; 2], next: [f64; 2]) -> bool {
    let d = |a: [f64; 2], b: [f64; 2]| [b[0] - a[0], b[1] - a[1]];
    let cosine = |u: [f64; 2], v: [f64; 2]| {
        (u[0] * v[0] + u[1] * v[1]) / (u[0].hypot(u[1]) * v[0].hypot(v[1])).max(f64::MIN_POSITIVE)
    };
    let whole = d(first, next);
    cosine(d(first, middle), whole) > STRAIGHT && cosine(d(middle, next), whole) > STRAIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_divides_and_a_gentle_bend_does_not() {
        let line = [
            [0.0, 0.0],
            [40.0, 0.0],
            [80.0, 3.0],
            [80.0, 60.0],
            [80.0, 60.0],
            [80.0, 61.0],
        ];
        let found = straight_stretches(&line);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].from, found[0].to), ([0.0, 0.0], [80.0, 3.0]));
        assert_eq!((found[1].from, found[1].to), ([80.0, 3.0], [80.0, 61.0]));
    }

    #[test]
    fn lines_without_length_or_with_bad_numbers_have_none() {
        assert!(straight_stretches(&[]).is_empty());
        assert!(straight_stretches(&[[1.0, 1.0], [1.0, 1.0]]).is_empty());
        assert!(straight_stretches(&[[f64::NAN, 1.0], [1.0, 1.0]]).is_empty());
    }
}
