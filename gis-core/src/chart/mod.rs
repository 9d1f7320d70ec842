//! 统计图 (9.2.3.4c): columns, stacked columns, pies, lines and points, drawn once for the window, for paper and for pictures.
//! It counts nothing; what was drawn where is handed back, so that a click finds it.

mod axes;
mod points;
#[cfg(test)]
mod tests;

use std::path::Path;

use axes::Axes;
pub(crate) use axes::{nice_steps, step_text};

use crate::cartography::Rgba;
use crate::error::Result;
use crate::layout::drawing::Drawing;
use crate::layout::surface::{Align, Area, Outline, Stroke, Surface, TextRun, TypeFace};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ChartKind {
    /// Columns side by side.
    #[default]
    Columns,
    /// The series of a category on top of each other.
    Stacked,
    /// Shares of the first series.
    Pie,
    Line,
    /// A dot for each category, where [`Chart::places`] says.
    Points,
}

impl ChartKind {
    pub const ALL: [Self; 5] = [Self::Columns, Self::Stacked, Self::Pie, Self::Line, Self::Points];

    /// As it is written in commands and keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Stacked => "stacked",
            Self::Pie => "pie",
            Self::Line => "line",
            Self::Points => "points",
        }
    }
}

/// One value for each category.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    pub values: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub kind: ChartKind,
    pub title: String,
    /// Of the values, with their unit.
    pub value_title: String,
    pub categories: Vec<String>,
    pub series: Vec<Series>,
    /// Categories follow on each other without gaps, as the classes of a histogram do.
    pub is_continuous: bool,
    /// Of the dots; `value_title` then names the upright axis.
    pub places: Option<Places>,
}

/// Categories in a plane of two numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    /// Of the axis across, with its unit.
    pub title: String,
    /// One for each category, across and up; not finite where unknown.
    pub at: Vec<[f64; 2]>,
}

/// What stands for one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    pub category: usize,
    pub series: usize,
    /// A closed polygon, in millimetres of the surface.
    pub ring: Vec<[f64; 2]>,
}

impl Piece {
    /// Whether a place lies in it (even-odd rule).
    pub fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let mut is_inside = false;
        for (a, b) in self.ring.iter().zip(self.ring.iter().cycle().skip(1)) {
            let crosses = (a[1] > y) != (b[1] > y);
            if crosses && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
                is_inside = !is_inside;
            }
        }
        is_inside
    }
}

/// Colours of what is no value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChartLook {
    pub ink: Rgba,
    pub grid: Rgba,
    pub ground: Rgba,
    /// Height of letters.
    pub text_mm: f64,
}

impl Default for ChartLook {
    /// Dark on white paper.
    fn default() -> Self {
        Self {
            ink: Rgba::opaque(0x22, 0x2b, 0x33),
            grid: Rgba::opaque(0xd8, 0xde, 0xe3),
            ground: Rgba::opaque(0xff, 0xff, 0xff),
            text_mm: 3.2,
        }
    }
}

/// Told apart also by those who see red and green alike (Okabe and Ito 2008), then the same darker.
const COLOURS: [[u8; 3]; 14] = [
    [0x00, 0x72, 0xb2],
    [0xe6, 0x9f, 0x00],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0x56, 0xb4, 0xe9],
    [0xd5, 0x5e, 0x00],
    [0xf0, 0xe4, 0x42],
    [0x7f, 0x8c, 0x99],
    [0x00, 0x4a, 0x73],
    [0x99, 0x6a, 0x00],
    [0x00, 0x66, 0x4a],
    [0x85, 0x3f, 0x67],
    [0x1f, 0x6f, 0x99],
    [0x8a, 0x3d, 0x00],
];

/// Colour of a series, or of a slice.
pub fn colour(position: usize) -> Rgba {
    let [r, g, b] = COLOURS[position % COLOURS.len()];
    Rgba::opaque(r, g, b)
}

/// A page of a chart that is saved.
const PAGE_MM: [f64; 2] = [240.0, 150.0];
/// Slices smaller than this part of a whole have no room for their figure.
const NARROW: f64 = 0.03;
/// Chords of a whole circle.
const CHORDS: f64 = 180.0;

impl Chart {
    /// Writes it as PDF, SVG, DXF or PNG, by the ending of the file's name.
    ///
    /// # Errors
    /// `BadInput` for another ending, `Io`.
    pub fn write(&self, path: &Path, dpi: f64) -> Result<()> {
        let look = ChartLook::default();
        let drawing = Drawing {
            title: &self.title,
            height_mm: PAGE_MM[1],
            ground: look.ground,
            dpi,
        };
        drawing.write(path, |face, surface| {
            surface.begin_page(PAGE_MM[0], PAGE_MM[1]);
            let page = Area::new(0.0, 0.0, PAGE_MM[0], PAGE_MM[1]).inset(6.0);
            self.draw(face, surface, page, &look);
            Ok(())
        })
    }

    /// Draws it into a rectangle; returns what stands for which value. Values that are no numbers are left out.
    pub fn draw(
        &self,
        face: &TypeFace,
        surface: &mut dyn Surface,
        area: Area,
        look: &ChartLook,
    ) -> Vec<Piece> {
        let pen = Pen { face, look: *look };
        let title_mm = look.text_mm * 1.35;
        let mut area = area;
        if !self.title.is_empty() {
            let title = face.fitted(&self.title, title_mm, area.width);
            let at = [area.centre()[0], area.y + title_mm];
            pen.write(surface, &title, at, (title_mm, Align::Centre));
            area = Area::new(
                area.x,
                area.y + title_mm * 1.8,
                area.width,
                area.height - title_mm * 1.8,
            );
        }
        if self.categories.is_empty() || self.series.is_empty() || area.width < 10.0 || area.height < 10.0 {
            return Vec::new();
        }
        if self.kind == ChartKind::Pie {
            return self.pie(&pen, surface, area);
        }
        let names: Vec<&str> = self.series.iter().map(|series| series.name.as_str()).collect();
        let area = if names.len() > 1 {
            pen.legend(surface, area, &names)
        } else {
            area
        };
        if self.kind == ChartKind::Points {
            return self.points(&pen, surface, area);
        }
        self.plot(&pen, surface, area)
    }

    fn value(&self, series: usize, category: usize) -> f64 {
        let value = self.series[series].values.get(category).copied().unwrap_or(0.0);
        if value.is_finite() { value } else { 0.0 }
    }

    /// The largest and smallest height that anything reaches.
    fn range(&self) -> [f64; 2] {
        let mut range = [0.0_f64, 0.0_f64];
        for category in 0..self.categories.len() {
            let mut stack = [0.0_f64, 0.0_f64];
            for series in 0..self.series.len() {
                let value = self.value(series, category);
                if self.kind == ChartKind::Stacked {
                    stack[usize::from(value > 0.0)] += value;
                } else {
                    stack = [stack[0].min(value), stack[1].max(value)];
                }
            }
            range = [range[0].min(stack[0]), range[1].max(stack[1])];
        }
        range
    }

    fn plot(&self, pen: &Pen<'_>, surface: &mut dyn Surface, area: Area) -> Vec<Piece> {
        let axes = Axes::new(pen, area, self);
        axes.draw(pen, surface, self);
        let mut pieces = Vec::new();
        match self.kind {
            ChartKind::Line => self.lines(surface, &axes, &mut pieces),
            _ => self.columns(surface, &axes, pen.look.ground, &mut pieces),
        }
        pieces
    }

    fn columns(&self, surface: &mut dyn Surface, axes: &Axes, ground: Rgba, pieces: &mut Vec<Piece>) {
        let is_stacked = self.kind == ChartKind::Stacked;
        let beside = if is_stacked { 1 } else { self.series.len() };
        for category in 0..self.categories.len() {
            let [left, right] = axes.slot(category);
            let width = (right - left) / beside as f64;
            let mut stack = [0.0_f64, 0.0_f64];
            for series in 0..self.series.len() {
                let value = self.value(series, category);
                let base = if is_stacked {
                    stack[usize::from(value > 0.0)]
                } else {
                    0.0
                };
                let x = left + width * if is_stacked { 0.0 } else { series as f64 };
                stack[usize::from(value > 0.0)] += value;
                if value == 0.0 {
                    continue;
                }
                let (a, b) = (axes.y(base), axes.y(base + value));
                let bar = Area::new(x, a.min(b), width, (a - b).abs());
                surface.fill(&Outline::rectangle(bar), colour(series));
                if self.is_continuous {
                    surface.stroke(&Outline::rectangle(bar), &Stroke::solid(ground, 0.2));
                }
                pieces.push(Piece {
                    category,
                    series,
                    ring: bar.corners().to_vec(),
                });
            }
        }
    }

    fn lines(&self, surface: &mut dyn Surface, axes: &Axes, pieces: &mut Vec<Piece>) {
        /// Half the side of a mark.
        const MARK_MM: f64 = 1.1;
        for series in 0..self.series.len() {
            let at = |category: usize| {
                let value = self.series[series].values.get(category)?;
                let [left, right] = axes.slot(category);
                let place = [f64::midpoint(left, right), axes.y(*value)];
                value.is_finite().then_some((category, place))
            };
            let points: Vec<Option<(usize, [f64; 2])>> = (0..self.categories.len()).map(at).collect();
            // Over what is unknown no line leads.
            for stretch in points.split(Option::is_none) {
                let line: Vec<[f64; 2]> = stretch.iter().flatten().map(|(_, place)| *place).collect();
                if line.len() > 1 {
                    surface.stroke(&Outline::line(&line), &Stroke::solid(colour(series), 0.6));
                }
            }
            for (category, [x, y]) in points.into_iter().flatten() {
                surface.fill(&Outline::circle([x, y], MARK_MM * 0.8), colour(series));
                let hit = Area::new(x - MARK_MM, y - MARK_MM, 2.0 * MARK_MM, 2.0 * MARK_MM);
                pieces.push(Piece {
                    category,
                    series,
                    ring: hit.corners().to_vec(),
                });
            }
        }
    }

    fn pie(&self, pen: &Pen<'_>, surface: &mut dyn Surface, area: Area) -> Vec<Piece> {
        let values: Vec<f64> = (0..self.categories.len())
            .map(|c| self.value(0, c).max(0.0))
            .collect();
        let whole: f64 = values.iter().sum();
        let names: Vec<&str> = self.categories.iter().map(String::as_str).collect();
        let area = pen.legend(surface, area, &names);
        let radius = area.width.min(area.height) / 2.0 * 0.92;
        if whole <= 0.0 || radius <= 0.0 {
            return Vec::new();
        }
        let centre = area.centre();
        let on_rim = |turn: f64, radius: f64| {
            // From the top, clockwise.
            let angle = (turn - 0.25) * std::f64::consts::TAU;
            [centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin()]
        };
        let mut pieces = Vec::new();
        let mut start = 0.0;
        for (category, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            let share = value / whole;
            let chords = (share * CHORDS).ceil().max(1.0) as u32;
            let rim = (0..=chords).map(|i| on_rim(start + share * f64::from(i) / f64::from(chords), radius));
            let ring: Vec<[f64; 2]> = std::iter::once(centre).chain(rim).collect();
            let slice = Outline::polygon(&ring);
            surface.fill(&slice, colour(category));
            surface.stroke(&slice, &Stroke::solid(pen.look.ground, 0.3));
            if share >= NARROW {
                let at = on_rim(start + share / 2.0, radius * 0.68);
                let text = format!("{:.1} %", share * 100.0);
                let size = pen.look.text_mm;
                let ink = if colour(category).is_light() {
                    Rgba::opaque(0, 0, 0)
                } else {
                    Rgba::opaque(255, 255, 255)
                };
                Pen::write_in(
                    surface,
                    &text,
                    [at[0], at[1] + size * 0.35],
                    (size, Align::Centre),
                    ink,
                );
            }
            pieces.push(Piece {
                category,
                series: 0,
                ring,
            });
            start += share;
        }
        pieces
    }
}

/// Writes in the colours of the look.
struct Pen<'a> {
    face: &'a TypeFace,
    look: ChartLook,
}

impl Pen<'_> {
    fn write(&self, surface: &mut dyn Surface, text: &str, at: [f64; 2], form: (f64, Align)) {
        Self::write_in(surface, text, at, form, self.look.ink);
    }

    fn write_in(
        surface: &mut dyn Surface,
        text: &str,
        at: [f64; 2],
        (size_mm, align): (f64, Align),
        ink: Rgba,
    ) {
        surface.text(&TextRun {
            text,
            at,
            size_mm,
            angle_rad: 0.0,
            align,
            colour: ink,
            halo: None,
        });
    }

    /// Names with their colours at the right; what is left of the area.
    fn legend(&self, surface: &mut dyn Surface, area: Area, names: &[&str]) -> Area {
        let size = self.look.text_mm;
        let line = size * 1.55;
        let most = ((area.height / line).floor() as usize).max(1);
        let widest = names
            .iter()
            .map(|name| self.face.width(name, size))
            .fold(0.0, f64::max);
        let width = widest.min(area.width * 0.3);
        let left = area.right() - width;
        for (i, name) in names.iter().enumerate().take(most) {
            let y = area.y + line * i as f64;
            // The last line tells how many are not named.
            let rest = names.len() - i;
            if i + 1 == most && rest > 1 {
                self.write(
                    surface,
                    &format!("+ {rest}"),
                    [left, y + size],
                    (size, Align::Left),
                );
                break;
            }
            let mark = Area::new(left - size * 1.4, y + size * 0.15, size, size);
            surface.fill(&Outline::rectangle(mark), colour(i));
            let name = self.face.fitted(name, size, width);
            self.write(surface, &name, [left, y + size], (size, Align::Left));
        }
        Area::new(area.x, area.y, area.width - width - size * 2.6, area.height)
    }
}
