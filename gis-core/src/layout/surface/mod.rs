//! One way to draw on paper, whatever the file becomes: paths, text and pictures in millimetres from the upper left
//! corner of the page, y downwards. It knows no map; the back-ends know nothing but this.

mod base64;
pub mod dxf;
mod face;
pub mod pdf;
pub mod picture;
pub mod svg;

#[cfg(test)]
mod tests;

pub use face::TypeFace;

use crate::cartography::Rgba;

/// Dots per inch of pictures in files that have no dots of their own.
const PICTURE_DPI: f64 = 200.0;

/// A rectangle on the page in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub fn centre(&self) -> [f64; 2] {
        [self.x + self.width / 2.0, self.y + self.height / 2.0]
    }

    /// Upper left, upper right, lower right, lower left.
    pub fn corners(&self) -> [[f64; 2]; 4] {
        [
            [self.x, self.y],
            [self.right(), self.y],
            [self.right(), self.bottom()],
            [self.x, self.bottom()],
        ]
    }

    pub fn contains(&self, [x, y]: [f64; 2], beyond_mm: f64) -> bool {
        x >= self.x - beyond_mm
            && x <= self.right() + beyond_mm
            && y >= self.y - beyond_mm
            && y <= self.bottom() + beyond_mm
    }

    /// Smaller by `by_mm` on every side, never less than nothing.
    #[must_use]
    pub fn inset(&self, by_mm: f64) -> Self {
        let (dx, dy) = (by_mm.min(self.width / 2.0), by_mm.min(self.height / 2.0));
        Self::new(
            self.x + dx,
            self.y + dy,
            self.width - 2.0 * dx,
            self.height - 2.0 * dy,
        )
    }

    /// The part of a segment that lies in the rectangle; `None` where none does (Liang and Barsky 1984).
    pub fn clip(&self, a: [f64; 2], b: [f64; 2]) -> Option<[[f64; 2]; 2]> {
        let mut t = [0.0_f64, 1.0_f64];
        for (axis, low, high) in [(0, self.x, self.right()), (1, self.y, self.bottom())] {
            let d = b[axis] - a[axis];
            for (delta, room) in [(-d, a[axis] - low), (d, high - a[axis])] {
                if !delta.is_finite() || !room.is_finite() || (delta == 0.0 && room < 0.0) {
                    return None;
                }
                if delta < 0.0 {
                    t[0] = t[0].max(room / delta);
                } else if delta > 0.0 {
                    t[1] = t[1].min(room / delta);
                }
            }
        }
        if t[0] > t[1] {
            return None;
        }
        let at = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        // Ends that lie inside stay what they are, bit by bit.
        Some([
            if t[0] > 0.0 { at(t[0]) } else { a },
            if t[1] < 1.0 { at(t[1]) } else { b },
        ])
    }
}

/// An affine map: `x' = a·x + c·y + e`, `y' = b·x + d·y + f`, kept as `[a, b, c, d, e, f]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [f64; 6]);

impl Affine {
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First scaled, then turned clockwise by `angle_rad`, then moved.
    pub fn placed(scale: f64, angle_rad: f64, to: [f64; 2]) -> Self {
        let (sin, cos) = angle_rad.sin_cos();
        Self([scale * cos, scale * sin, -scale * sin, scale * cos, to[0], to[1]])
    }

    pub fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.0;
        [a * x + c * y + e, b * x + d * y + f]
    }

    /// How long a unit along x becomes.
    pub fn scale(&self) -> f64 {
        self.0[0].hypot(self.0[1])
    }

    /// The inverse; `None` where the map flattens the plane.
    pub fn inverse(&self) -> Option<Self> {
        let [a, b, c, d, e, f] = self.0;
        let det = a * d - b * c;
        if !det.is_finite() || det == 0.0 {
            return None;
        }
        let [ia, ib, ic, id] = [d / det, -b / det, -c / det, a / det];
        Some(Self([ia, ib, ic, id, -(ia * e + ic * f), -(ib * e + id * f)]))
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part {
    Move([f64; 2]),
    Line([f64; 2]),
    Cubic([f64; 2], [f64; 2], [f64; 2]),
    Close,
}

/// Lines and curves, several strokes or rings in one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline {
    pub parts: Vec<Part>,
}

impl Outline {
    pub fn line(points: &[[f64; 2]]) -> Self {
        let mut out = Self::default();
        out.add_line(points);
        out
    }

    pub fn polygon(points: &[[f64; 2]]) -> Self {
        let mut out = Self::line(points);
        out.parts.push(Part::Close);
        out
    }

    pub fn rectangle(area: Area) -> Self {
        Self::polygon(&area.corners())
    }

    pub fn circle(centre: [f64; 2], radius: f64) -> Self {
        /// Control points of a quarter circle (Riškus 2006).
        const K: f64 = 0.552_284_75;
        let at = |x: f64, y: f64| [centre[0] + radius * x, centre[1] + radius * y];
        Self {
            parts: vec![
                Part::Move(at(1.0, 0.0)),
                Part::Cubic(at(1.0, K), at(K, 1.0), at(0.0, 1.0)),
                Part::Cubic(at(-K, 1.0), at(-1.0, K), at(-1.0, 0.0)),
                Part::Cubic(at(-1.0, -K), at(-K, -1.0), at(0.0, -1.0)),
                Part::Cubic(at(K, -1.0), at(1.0, -K), at(1.0, 0.0)),
                Part::Close,
            ],
        }
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub fn add_line(&mut self, points: &[[f64; 2]]) {
        for (i, point) in points.iter().enumerate() {
            self.parts.push(if i == 0 {
                Part::Move(*point)
            } else {
                Part::Line(*point)
            });
        }
    }

    /// Adds another outline in another place.
    pub fn add(&mut self, other: &Self, place: &Affine) {
        self.parts.extend(other.parts.iter().map(|part| match part {
            Part::Move(p) => Part::Move(place.apply(*p)),
            Part::Line(p) => Part::Line(place.apply(*p)),
            Part::Cubic(a, b, c) => Part::Cubic(place.apply(*a), place.apply(*b), place.apply(*c)),
            Part::Close => Part::Close,
        }));
    }

    #[must_use]
    pub fn at(&self, place: &Affine) -> Self {
        let mut out = Self::default();
        out.add(self, place);
        out
    }

    /// The rings and strokes with curves cut into chords; `true` where one is closed.
    pub fn flattened(&self) -> Vec<(Vec<[f64; 2]>, bool)> {
        const CHORDS: u8 = 8;
        let mut out: Vec<(Vec<[f64; 2]>, bool)> = Vec::new();
        for part in &self.parts {
            match (part, out.last_mut()) {
                (Part::Move(p), _) => out.push((vec![*p], false)),
                (Part::Line(p), Some((line, _))) => line.push(*p),
                (Part::Cubic(b, c, d), Some((line, _))) => {
                    let a = line.last().copied().unwrap_or(*b);
                    for i in 1..=CHORDS {
                        let t = f64::from(i) / f64::from(CHORDS);
                        let u = 1.0 - t;
                        let mix = |k: usize| {
                            u * u * u * a[k]
                                + 3.0 * u * u * t * b[k]
                                + 3.0 * u * t * t * c[k]
                                + t * t * t * d[k]
                        };
                        line.push([mix(0), mix(1)]);
                    }
                }
                (Part::Close, Some((_, is_closed))) => *is_closed = true,
                _ => {}
            }
        }
        out
    }
}

impl From<&tiny_skia::Path> for Outline {
    fn from(path: &tiny_skia::Path) -> Self {
        use tiny_skia::PathSegment as S;
        let point = |p: tiny_skia::Point| [f64::from(p.x), f64::from(p.y)];
        let mut parts = Vec::new();
        let mut pen = [0.0; 2];
        for segment in path.segments() {
            match segment {
                S::MoveTo(p) => {
                    pen = point(p);
                    parts.push(Part::Move(pen));
                }
                S::LineTo(p) => {
                    pen = point(p);
                    parts.push(Part::Line(pen));
                }
                S::QuadTo(c, p) => {
                    let (c, to) = (point(c), point(p));
                    let toward =
                        |from: [f64; 2]| [0, 1].map(|k: usize| from[k] + 2.0 / 3.0 * (c[k] - from[k]));
                    parts.push(Part::Cubic(toward(pen), toward(to), to));
                    pen = to;
                }
                S::CubicTo(a, b, p) => {
                    pen = point(p);
                    parts.push(Part::Cubic(point(a), point(b), pen));
                }
                S::Close => parts.push(Part::Close),
            }
        }
        Self { parts }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    pub colour: Rgba,
    pub width_mm: f64,
    /// Drawn length and gap; a solid line where `None`.
    pub dash_mm: Option<[f64; 2]>,
}

impl Stroke {
    pub const fn solid(colour: Rgba, width_mm: f64) -> Self {
        Self {
            colour,
            width_mm,
            dash_mm: None,
        }
    }
}

/// Where a text stands to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Left,
    Centre,
    Right,
}

/// One line of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextRun<'a> {
    pub text: &'a str,
    /// On the baseline, at the start, middle or end of the text.
    pub at: [f64; 2],
    /// Height of the em square in millimetres.
    pub size_mm: f64,
    /// Clockwise.
    pub angle_rad: f64,
    pub align: Align,
    pub colour: Rgba,
    /// Colour of a rim that keeps the text legible on a busy ground.
    pub halo: Option<Rgba>,
}

impl TextRun<'_> {
    /// Where the first letter's baseline starts.
    pub(super) fn start(&self, face: &TypeFace) -> [f64; 2] {
        let back = match self.align {
            Align::Left => 0.0,
            Align::Centre => 0.5,
            Align::Right => 1.0,
        } * face.width(self.text, self.size_mm);
        let (sin, cos) = self.angle_rad.sin_cos();
        [self.at[0] - back * cos, self.at[1] - back * sin]
    }

    /// The letters as an outline on the page.
    pub(super) fn outline(&self, face: &TypeFace) -> Outline {
        let place = Affine::placed(self.size_mm, self.angle_rad, self.start(face));
        face.outline(self.text).at(&place)
    }
}

/// Pixels with straight alpha, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

/// A layer of the drawing: `key` for programs (ASCII), `title` for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerName<'a> {
    pub key: &'a str,
    pub title: &'a str,
}

/// What pages are drawn on. Layers and clips nest and end in the reverse order of their beginning.
pub trait Surface {
    /// A new page; everything before it is finished.
    fn begin_page(&mut self, width_mm: f64, height_mm: f64);
    fn begin_layer(&mut self, name: LayerName<'_>);
    fn end_layer(&mut self);
    fn push_clip(&mut self, area: Area);
    fn pop_clip(&mut self);
    /// Fills by the non-zero rule.
    fn fill(&mut self, outline: &Outline, colour: Rgba);
    fn stroke(&mut self, outline: &Outline, stroke: &Stroke);
    fn text(&mut self, text: &TextRun<'_>);
    /// `place` takes the unit square, y downwards, to the page.
    fn image(&mut self, bitmap: &Bitmap, place: &Affine);

    /// Whether every vertex matters, however close to the next: a drawing to work on rather than to look at.
    fn is_exact(&self) -> bool {
        false
    }

    /// Dots per inch that pictures are made with; `None` where there can be none.
    fn picture_dpi(&self) -> Option<f64>;
}
