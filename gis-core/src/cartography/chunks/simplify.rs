//! Leaves out the bends of a line that are too small to see. It changes no data, only what is drawn.

/// The vertices that Douglas and Peucker's method keeps, in order: no dropped vertex lies farther than
/// `tolerance` from the kept line. First and last always stay; `out` is cleared first. Without recursion, so a
/// line of a million vertices is no trouble.
pub fn simplify(line: &[[f64; 2]], tolerance: f64, out: &mut Vec<[f64; 2]>) {
    out.clear();
    if line.len() <= 2 || tolerance <= 0.0 {
        out.extend_from_slice(line);
        return;
    }
    let mut keep = vec![false; line.len()];
    keep[0] = true;
    keep[line.len() - 1] = true;
    let mut open = vec![(0, line.len() - 1)];
    while let Some((first, last)) = open.pop() {
        let farthest = (first + 1..last)
            .map(|i| (i, distance2_to_segment(line[i], line[first], line[last])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((i, distance2)) = farthest
            && distance2 > tolerance * tolerance
        {
            keep[i] = true;
            open.push((first, i));
            open.push((i, last));
        }
    }
    out.extend(line.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| *p));
}

fn distance2_to_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length2 = d[0] * d[0] + d[1] * d[1];
    let t = if length2 > 0.0 {
        (((p[0] - a[0]) * d[0] + (p[1] - a[1]) * d[1]) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let off = [p[0] - a[0] - t * d[0], p[1] - a[1] - t * d[1]];
    off[0] * off[0] + off[1] * off[1]
}
