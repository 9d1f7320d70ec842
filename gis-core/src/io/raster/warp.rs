//! Which pixels of a raster, or of a pyramid of tiles, lie under which pixels of a view: exact at every sixteenth pixel,
//! straight in between.

/// Pixels of the view between two exact places.
const CELL: usize = 16;

/// Places of the raster (column, row) at the corners of the cells of a view.
pub(crate) struct Mesh {
    size: [usize; 2],
    columns: usize,
    nodes: Vec<[f64; 2]>,
}

impl Mesh {
    /// `to_pixels` turns places of the view (column and row, whole at the corners of its pixels) into places of the
    /// raster; NaN where there is none.
    pub(crate) fn new(size: [usize; 2], to_pixels: impl FnOnce(&mut [[f64; 2]])) -> Self {
        let cells = size.map(|s| s.div_ceil(CELL).max(1));
        let mut nodes: Vec<[f64; 2]> = (0..=cells[1])
            .flat_map(|row| (0..=cells[0]).map(move |column| [column, row]))
            .map(|node| node.map(|i| (i * CELL) as f64))
            .collect();
        to_pixels(&mut nodes);
        Self {
            size,
            columns: cells[0] + 1,
            nodes,
        }
    }

    /// Lowest and highest column and row; `None` where nothing of the view can be placed.
    pub(super) fn bounds(&self) -> Option<([f64; 2], [f64; 2])> {
        let mut found: Option<([f64; 2], [f64; 2])> = None;
        for node in self.nodes.iter().filter(|n| n[0].is_finite() && n[1].is_finite()) {
            let (low, high) = found.get_or_insert((*node, *node));
            for axis in 0..2 {
                low[axis] = low[axis].min(node[axis]);
                high[axis] = high[axis].max(node[axis]);
            }
        }
        found
    }

    /// Pixels of the raster per pixel of the view, the finer of both axes, over the cells that can be placed.
    pub(super) fn step(&self) -> f64 {
        let length = |a: [f64; 2], b: [f64; 2]| (b[0] - a[0]).hypot(b[1] - a[1]) / CELL as f64;
        let (mut across, mut down, mut count) = (0.0, 0.0, 0.0);
        for (i, node) in self.nodes.iter().enumerate() {
            let is_last_column = (i + 1) % self.columns == 0;
            let (Some(right), Some(below)) = (self.nodes.get(i + 1), self.nodes.get(i + self.columns)) else {
                continue;
            };
            let (a, d) = (length(*node, *right), length(*node, *below));
            if !is_last_column && a.is_finite() && d.is_finite() {
                across += a;
                down += d;
                count += 1.0;
            }
        }
        if count > 0.0 {
            f64::min(across / count, down / count)
        } else {
            1.0
        }
    }

    /// Calls `each` for every pixel of the view that can be placed, with its number and its place in the raster.
    pub(crate) fn visit(&self, mut each: impl FnMut(usize, [f64; 2])) {
        for row in 0..self.size[1] {
            let (cell_row, v) = (row / CELL, ((row % CELL) as f64 + 0.5) / CELL as f64);
            for column in 0..self.size[0] {
                let (cell, u) = (column / CELL, ((column % CELL) as f64 + 0.5) / CELL as f64);
                let i = cell_row * self.columns + cell;
                let corners = [
                    self.nodes[i],
                    self.nodes[i + 1],
                    self.nodes[i + self.columns],
                    self.nodes[i + self.columns + 1],
                ];
                let place = [0, 1].map(|axis| {
                    let top = corners[0][axis] + (corners[1][axis] - corners[0][axis]) * u;
                    let bottom = corners[2][axis] + (corners[3][axis] - corners[2][axis]) * u;
                    top + (bottom - top) * v
                });
                if place[0].is_finite() && place[1].is_finite() {
                    each(row * self.size[0] + column, place);
                }
            }
        }
    }
}
