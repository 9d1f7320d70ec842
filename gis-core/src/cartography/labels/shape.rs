//! Boxes of text on the picture, turned or not, and a grid that tells which of them overlap.

/// A rectangle turned about its middle, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextBox {
    pub centre: [f32; 2],
    /// Half its length along the text and half its height.
    pub half: [f32; 2],
    /// Cosine and sine of its angle, so that comparing boxes computes neither.
    along: [f32; 2],
}

impl TextBox {
    pub fn level(min: [f32; 2], max: [f32; 2]) -> Self {
        Self {
            centre: [0, 1].map(|axis| f32::midpoint(min[axis], max[axis])),
            half: [0, 1].map(|axis| (max[axis] - min[axis]).abs() / 2.0),
            along: [1.0, 0.0],
        }
    }

    /// Turned clockwise.
    pub fn turned(centre: [f32; 2], half: [f32; 2], angle_rad: f32) -> Self {
        let (sin, cos) = angle_rad.sin_cos();
        Self::directed(centre, half, [cos, sin])
    }

    /// With its text along a direction of length 1.
    pub(super) fn directed(centre: [f32; 2], half: [f32; 2], along: [f32; 2]) -> Self {
        Self { centre, half, along }
    }

    /// Around a line of that width; `None` for a line with bad numbers.
    pub(super) fn around([a, b]: [[f64; 2]; 2], width_px: f32) -> Option<Self> {
        let d = [b[0] - a[0], b[1] - a[1]];
        let length = (d[0] * d[0] + d[1] * d[1]).sqrt();
        if !length.is_finite() {
            return None;
        }
        let along = if length > 0.0 {
            d.map(|v| (v / length) as f32)
        } else {
            [1.0, 0.0]
        };
        Some(Self {
            centre: [0, 1].map(|axis| f64::midpoint(a[axis], b[axis]) as f32),
            half: [length as f32 / 2.0, width_px / 2.0],
            along,
        })
    }

    /// Clockwise.
    pub fn angle_rad(&self) -> f32 {
        self.along[1].atan2(self.along[0])
    }

    /// The upright rectangle around it: `[min_x, min_y, max_x, max_y]`.
    pub fn bounds(&self) -> [f32; 4] {
        let [cos, sin] = self.along.map(f32::abs);
        let x = self.half[0] * cos + self.half[1] * sin;
        let y = self.half[0] * sin + self.half[1] * cos;
        [
            self.centre[0] - x,
            self.centre[1] - y,
            self.centre[0] + x,
            self.centre[1] + y,
        ]
    }

    /// Whether the insides meet (separating axes; Gottschalk, Lin and Manocha 1996). Touching is no overlap.
    pub fn overlaps(&self, other: &Self) -> bool {
        let d = [other.centre[0] - self.centre[0], other.centre[1] - self.centre[1]];
        let dot = |a: [f32; 2], b: [f32; 2]| a[0] * b[0] + a[1] * b[1];
        // Of the other's axes on mine: both boxes are right-angled, so that two numbers say it all.
        let [cos, sin] = [
            dot(self.along, other.along).abs(),
            dot(self.across(), other.along).abs(),
        ];
        let apart = |axis: [f32; 2], own: f32, half: [f32; 2]| {
            dot(d, axis).abs() >= own + half[0] * cos + half[1] * sin
        };
        let turned = |half: [f32; 2]| [half[1], half[0]];
        !(apart(self.along, self.half[0], other.half)
            || apart(self.across(), self.half[1], turned(other.half))
            || apart(other.along, other.half[0], self.half)
            || apart(other.across(), other.half[1], turned(self.half)))
    }

    fn across(&self) -> [f32; 2] {
        [-self.along[1], self.along[0]]
    }

    /// Whether a point lies in it.
    pub fn contains(&self, p: [f32; 2]) -> bool {
        let [cos, sin] = self.along;
        let d = [p[0] - self.centre[0], p[1] - self.centre[1]];
        (d[0] * cos + d[1] * sin).abs() <= self.half[0] && (d[1] * cos - d[0] * sin).abs() <= self.half[1]
    }

    /// Whether any of it lies within a picture of that size widened by `beyond`.
    pub(super) fn is_within(&self, size: [f32; 2], beyond: f32) -> bool {
        is_seen(self.bounds(), size, beyond)
    }
}

pub(super) fn is_seen(bounds: [f32; 4], size: [f32; 2], beyond: f32) -> bool {
    bounds[2] > -beyond && bounds[3] > -beyond && bounds[0] < size[0] + beyond && bounds[1] < size[1] + beyond
}

const CELL_PX: f32 = 48.0;
const SQUARE_PX: f32 = 4.0;

/// Boxes by the cells of a grid. Its memory is kept from picture to picture.
#[derive(Debug, Default)]
pub(super) struct BoxGrid {
    boxes: Vec<TextBox>,
    cells: Vec<Vec<u16>>,
    columns: usize,
    rows: usize,
    origin: f32,
    /// A bit for each small square whose middle is taken: tells quickly that there is no room.
    taken: Vec<u64>,
    words_per_row: usize,
}

impl BoxGrid {
    /// Empties it for a picture of that size and `beyond` around it.
    pub(super) fn start(&mut self, size: [f32; 2], beyond: f32) {
        let count = |side: f32| ((side + 2.0 * beyond) / CELL_PX).ceil().clamp(1.0, 400.0) as usize;
        self.columns = count(size[0]);
        self.rows = count(size[1]);
        self.origin = -beyond;
        self.boxes.clear();
        self.cells.iter_mut().for_each(Vec::clear);
        self.cells.resize_with(self.columns * self.rows, Vec::new);
        let squares = |cells: usize| (cells as f32 * CELL_PX / SQUARE_PX) as usize;
        self.words_per_row = squares(self.columns).div_ceil(64);
        self.taken.clear();
        self.taken.resize(self.words_per_row * squares(self.rows), 0);
    }

    fn cells_of(&self, b: [f32; 4]) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns;
        let cell = |v: f32, count: usize| (((v - self.origin) / CELL_PX).max(0.0) as usize).min(count - 1);
        let (x0, x1) = (cell(b[0], columns), cell(b[2], columns));
        let (y0, y1) = (cell(b[1], self.rows), cell(b[3], self.rows));
        (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| y * columns + x))
    }

    /// Whether points along the middle of a text lie on what is taken, or next to it. A quick no; a yes is to be asked
    /// of [`Self::is_free`].
    pub(super) fn may_be_free(&self, candidate: &TextBox) -> bool {
        let (centre, half_way) = (candidate.centre, candidate.along.map(|v| v * candidate.half[0]));
        [0.0, 0.5, -0.5, 0.97, -0.97].iter().all(|t| {
            let at = [0, 1].map(|axis| (centre[axis] + t * half_way[axis] - self.origin) / SQUARE_PX);
            let [x, y] = at.map(|v| v.max(0.0) as usize);
            let word = if x < self.words_per_row * 64 {
                self.taken.get(y * self.words_per_row + x / 64)
            } else {
                None
            };
            word.is_none_or(|word| word & (1 << (x % 64)) == 0)
        })
    }

    /// `bounds` are those of the candidate.
    pub(super) fn is_free(&self, candidate: &TextBox, bounds: [f32; 4]) -> bool {
        self.cells_of(bounds).all(|cell| {
            self.cells[cell]
                .iter()
                .all(|i| !self.boxes[usize::from(*i)].overlaps(candidate))
        })
    }

    /// Adds a box; beyond some 65 thousand nothing more is kept.
    pub(super) fn add(&mut self, added: TextBox) {
        let Ok(index) = u16::try_from(self.boxes.len()) else {
            return;
        };
        self.boxes.push(added);
        let bounds = added.bounds();
        for cell in self.cells_of(bounds) {
            self.cells[cell].push(index);
        }
        // A line has no square's middle in it, or by chance.
        if added.half[0].min(added.half[1]) < SQUARE_PX / 2.0 {
            return;
        }
        let square = |v: f32| ((v - self.origin) / SQUARE_PX).max(0.0) as usize;
        let rows = self.taken.len() / self.words_per_row.max(1);
        for y in square(bounds[1])..=square(bounds[3]).min(rows.saturating_sub(1)) {
            for x in square(bounds[0])..=square(bounds[2]).min((self.words_per_row * 64).saturating_sub(1)) {
                let middle = [x, y].map(|v| (v as f32 + 0.5) * SQUARE_PX + self.origin);
                if added.contains(middle)
                    && let Some(word) = self.taken.get_mut(y * self.words_per_row + x / 64)
                {
                    *word |= 1 << (x % 64);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(x: f32, y: f32, angle_deg: f32) -> TextBox {
        TextBox::turned([x, y], [50.0, 8.0], angle_deg.to_radians())
    }

    #[test]
    fn turned_boxes_overlap_only_where_their_insides_meet() {
        assert!(turned(0.0, 0.0, 0.0).overlaps(&turned(90.0, 10.0, 0.0)));
        assert!(
            !turned(0.0, 0.0, 0.0).overlaps(&turned(100.0, 0.0, 0.0)),
            "touching"
        );
        // Parallel diagonals whose upright bounds overlap.
        assert!(!turned(0.0, 0.0, 45.0).overlaps(&turned(20.0, -20.0, 45.0)));
        assert!(turned(0.0, 0.0, 45.0).overlaps(&turned(20.0, -20.0, -45.0)));
        assert!(
            turned(0.0, 0.0, 90.0).contains([3.0, 45.0]) && !turned(0.0, 0.0, 90.0).contains([45.0, 3.0])
        );
    }

    #[test]
    fn the_grid_finds_what_a_look_at_all_pairs_finds() {
        let mut grid = BoxGrid::default();
        grid.start([800.0, 600.0], 64.0);
        let mut kept: Vec<TextBox> = Vec::new();
        for i in 0..400_u32 {
            let k = i as f32;
            let b = turned(
                (k * 97.3) % 900.0 - 40.0,
                (k * 57.1) % 700.0 - 40.0,
                (k * 31.0) % 180.0,
            );
            let is_free = kept.iter().all(|other| !other.overlaps(&b));
            assert_eq!(grid.is_free(&b, b.bounds()), is_free, "box {i}");
            if is_free {
                grid.add(b);
                kept.push(b);
            }
        }
        assert!(kept.len() > 40);
    }
}
