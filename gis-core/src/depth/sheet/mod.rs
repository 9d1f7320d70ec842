//! Profiles and sections on paper: a figure over a table, as they are handed in for a street. Nothing here reads a project;
//! what it is drawn on decides the format.

mod profile;
mod section;
#[cfg(test)]
mod tests;

pub use profile::ProfileSheet;
pub use section::SectionSheet;

use std::path::Path;

use crate::cartography::{PipeLook, Rgba, StyleSet, Theme};
use crate::error::{Error, Result};
use crate::layout::drawing::Drawing;
use crate::layout::surface::{Align, Area, LayerName, Outline, Stroke, Surface, TextRun, TypeFace};
use crate::network::LifeState;
use crate::text::{Lang, Message, translate};

/// A3, landscape.
const PAGE_MM: [f64; 2] = [420.0, 297.0];
const MARGIN_MM: f64 = 12.0;
/// Column of the table's headings, and of the heights beside the figure.
const HEAD_MM: f64 = 34.0;
const FIGURE: Area = Area::new(MARGIN_MM + HEAD_MM, 30.0, 362.0, 150.0);
const ROW_MM: f64 = 15.0;
const TEXT_MM: f64 = 2.6;
/// Scales a drawing may have.
const SCALES: [f64; 20] = [
    10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1e3, 2e3, 2.5e3, 5e3, 1e4, 2e4, 2.5e4, 5e4, 1e5, 2e5,
    2.5e5, 1e6,
];

/// Writes a page as PDF, SVG, DXF or PNG, by the ending of the file's name.
fn save(
    path: &Path,
    dpi: f64,
    title: &str,
    styles: &StyleSet,
    draw: impl FnOnce(&TypeFace, &mut dyn Surface) -> Result<()>,
) -> Result<()> {
    Drawing {
        title,
        height_mm: PAGE_MM[1],
        ground: styles.ground(Theme::Light),
        dpi,
    }
    .write(path, draw)
}

fn no_heights(key: &'static str) -> Error {
    Error::Refused(Message::new(key))
}

/// From metres along and up to millimetres on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axes {
    across: f64,
    up: f64,
    /// Height at the bottom of the figure.
    base_m: f64,
}

impl Axes {
    /// The largest scales that fit, with some room over and under the heights.
    fn fit(length_m: f64, heights_m: [f64; 2]) -> Self {
        let [across, up] = Self::scales(length_m, heights_m);
        Self::with_scales(across, up, heights_m)
    }

    /// The same with one scale for both: what is round stays round.
    fn fit_true(length_m: f64, heights_m: [f64; 2]) -> Self {
        let [across, up] = Self::scales(length_m, heights_m);
        Self::with_scales(across.max(up), across.max(up), heights_m)
    }

    fn scales(length_m: f64, [low, high]: [f64; 2]) -> [f64; 2] {
        let denominator = |metres: f64, mm: f64| {
            let least = metres * 1_000.0 / mm;
            SCALES
                .into_iter()
                .find(|scale| *scale >= least)
                .unwrap_or_else(|| least.ceil())
        };
        // One height more than needed, since the bottom is a round number.
        [
            denominator(length_m, FIGURE.width),
            denominator((high - low) * 1.15 + 0.5, FIGURE.height),
        ]
    }

    fn with_scales(across: f64, up: f64, [low, high]: [f64; 2]) -> Self {
        let room_m = FIGURE.height * up / 1_000.0 - (high - low);
        let step_m = up / 100.0;
        let base_m = ((low - room_m * 0.4) / step_m).floor() * step_m;
        Self { across, up, base_m }
    }

    fn x(&self, at_m: f64) -> f64 {
        FIGURE.x + at_m * 1_000.0 / self.across
    }

    fn y(&self, height_m: f64) -> f64 {
        FIGURE.bottom() - (height_m - self.base_m) * 1_000.0 / self.up
    }
}

/// Draws what both kinds of sheet have.
struct Pen<'a> {
    face: &'a TypeFace,
    styles: &'a StyleSet,
    lang: Lang,
    ink: Rgba,
    axes: Axes,
}

/// The top of a row of the table under the figure.
fn row_top(row: usize) -> f64 {
    FIGURE.bottom() + 4.0 + row as f64 * ROW_MM
}

impl<'a> Pen<'a> {
    fn new(face: &'a TypeFace, styles: &'a StyleSet, lang: Lang, axes: Axes) -> Self {
        Self {
            face,
            styles,
            lang,
            ink: styles.text(Theme::Light),
            axes,
        }
    }

    fn say(&self, key: &'static str) -> String {
        translate(key, self.lang)
    }

    fn layer(
        &self,
        surface: &mut dyn Surface,
        key: &str,
        title: &'static str,
        draw: impl FnOnce(&mut dyn Surface),
    ) {
        let title = self.say(title);
        surface.begin_layer(LayerName { key, title: &title });
        draw(surface);
        surface.end_layer();
    }

    fn line(&self, surface: &mut dyn Surface, a: [f64; 2], b: [f64; 2], width_mm: f64) {
        surface.stroke(&Outline::line(&[a, b]), &Stroke::solid(self.ink, width_mm));
    }

    fn write(&self, surface: &mut dyn Surface, text: &str, at: [f64; 2], (size_mm, align): (f64, Align)) {
        surface.text(&TextRun {
            text,
            at,
            size_mm,
            angle_rad: 0.0,
            align,
            colour: self.ink,
            halo: None,
        });
    }

    /// Upwards, its middle on the line `x` and its start at `y`.
    fn write_up(&self, surface: &mut dyn Surface, text: &str, [x, y]: [f64; 2]) {
        surface.text(&TextRun {
            text,
            at: [x + TEXT_MM * 0.36, y],
            size_mm: TEXT_MM,
            angle_rad: -std::f64::consts::FRAC_PI_2,
            align: Align::Left,
            colour: self.ink,
            halo: None,
        });
    }

    fn frame(&self, surface: &mut dyn Surface, title: &str) {
        let centre = PAGE_MM[0] / 2.0;
        self.write(surface, title, [centre, 18.0], (6.0, Align::Centre));
        let scales = Message::new("depth.sheet.scales")
            .with("across", format!("{:.0}", self.axes.across))
            .with("up", format!("{:.0}", self.axes.up))
            .text(self.lang);
        self.write(surface, &scales, [centre, 25.0], (3.2, Align::Centre));
        surface.stroke(&Outline::rectangle(FIGURE), &Stroke::solid(self.ink, 0.35));
        // A height every centimetre of paper.
        let step_m = self.axes.up / 100.0;
        let faint = Stroke::solid(self.ink.with_alpha(50), 0.1);
        for i in 0..=(FIGURE.height / 10.0) as u32 {
            let height_m = self.axes.base_m + f64::from(i) * step_m;
            let y = self.axes.y(height_m);
            surface.stroke(&Outline::line(&[[FIGURE.x, y], [FIGURE.right(), y]]), &faint);
            let decimals = usize::from(step_m < 1.0);
            let text = format!("{height_m:.decimals$}");
            let at = [FIGURE.x - 2.0, y + TEXT_MM * 0.36];
            self.write(surface, &text, at, (TEXT_MM, Align::Right));
        }
        let legend = [
            (self.ground_stroke(), "depth.layer.ground"),
            (self.pipe_stroke(None), "depth.layer.pipe"),
        ];
        for (i, (stroke, key)) in legend.into_iter().enumerate() {
            let x = FIGURE.right() - 70.0 + i as f64 * 36.0;
            let y = FIGURE.y + 5.0;
            surface.stroke(&Outline::line(&[[x, y], [x + 10.0, y]]), &stroke);
            self.write(surface, &self.say(key), [x + 12.0, y + 1.0], (3.0, Align::Left));
        }
    }

    fn ground_stroke(&self) -> Stroke {
        Stroke {
            colour: self.ink,
            width_mm: 0.35,
            dash_mm: Some([3.0, 1.0]),
        }
    }

    fn pipe_stroke(&self, diameter_mm: Option<f64>) -> Stroke {
        let style = self.styles.pipe_style(PipeLook {
            diameter_mm: diameter_mm.unwrap_or(f64::NAN),
            material: None,
            state: LifeState::Operative,
        });
        Stroke::solid(style.colour.on(Theme::Light), 0.35)
    }

    /// Frames and headings of the table's rows.
    fn rows(&self, surface: &mut dyn Surface, keys: &[&'static str]) {
        for (i, key) in keys.iter().enumerate() {
            let top = row_top(i);
            let area = Area::new(MARGIN_MM, top, FIGURE.right() - MARGIN_MM, ROW_MM);
            surface.stroke(&Outline::rectangle(area), &Stroke::solid(self.ink, 0.2));
            let text = self.face.fitted(&self.say(key), 3.0, HEAD_MM - 3.0);
            let at = [MARGIN_MM + 1.5, top + ROW_MM / 2.0 + 1.0];
            self.write(surface, &text, at, (3.0, Align::Left));
        }
        let bottom = row_top(keys.len());
        self.line(surface, [FIGURE.x, row_top(0)], [FIGURE.x, bottom], 0.2);
    }

    /// What stands in one place of the table's rows, written upwards; from the figure a faint line leads down to it.
    fn column(&self, surface: &mut dyn Surface, at_m: f64, top_m: Option<f64>, texts: &[Option<String>]) {
        if let Some(top_m) = top_m {
            let x = self.axes.x(at_m);
            let faint = Stroke::solid(self.ink.with_alpha(90), 0.1);
            let line = [[x, self.axes.y(top_m)], [x, row_top(0)]];
            surface.stroke(&Outline::line(&line), &faint);
        }
        for (row, text) in texts.iter().enumerate() {
            if let Some(text) = text {
                let text = self.face.fitted(text, TEXT_MM, ROW_MM - 1.5);
                self.write_up(surface, &text, [self.text_x(at_m), row_top(row) + ROW_MM - 1.0]);
            }
        }
    }

    /// Where texts of a place stand: the first and the last inside the table.
    fn text_x(&self, at_m: f64) -> f64 {
        let half = TEXT_MM * 0.6;
        self.axes.x(at_m).clamp(FIGURE.x + half, FIGURE.right() - half)
    }
}

fn metres(height_m: Option<f64>, decimals: usize) -> Option<String> {
    height_m.map(|height_m| format!("{height_m:.decimals$}"))
}
