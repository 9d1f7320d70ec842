//! Lines of other layers that a sketch can keep to.

/// Lines with their boxes, so that those near a place are found without a look at every vertex.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lines {
    lines: Vec<Vec<[f64; 2]>>,
    boxes: Vec<[f64; 4]>,
}

impl Lines {
    /// In the network's coordinates. Vertices that are no numbers take their line with them.
    pub fn new(lines: Vec<Vec<[f64; 2]>>) -> Self {
        let lines: Vec<_> = lines
            .into_iter()
            .filter(|line| line.len() > 1 && line.iter().flatten().all(|v| v.is_finite()))
            .collect();
        let boxes = lines.iter().map(|line| bounds(line)).collect();
        Self { lines, boxes }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn all(&self) -> &[Vec<[f64; 2]>] {
        &self.lines
    }

    /// Those whose box meets another.
    pub fn meeting(&self, b: [f64; 4]) -> impl Iterator<Item = &[[f64; 2]]> {
        let meets = move |a: &[f64; 4]| a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
        self.lines
            .iter()
            .zip(&self.boxes)
            .filter(move |(_, bounds)| meets(bounds))
            .map(|(line, _)| &line[..])
    }
}

fn bounds(line: &[[f64; 2]]) -> [f64; 4] {
    let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    line.iter().fold(start, |b, p| {
        [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
    })
}
