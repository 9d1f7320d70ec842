//! A cross-section: the pipes that a stroke cuts, round and to scale, over a table of where and how deep they lie.

use std::path::Path;

use super::{Axes, FIGURE, PAGE_MM, Pen, ROW_MM, TEXT_MM, metres, no_heights, row_top, save};
use crate::cartography::StyleSet;
use crate::depth::section::{CrossSection, Cut};
use crate::error::Result;
use crate::layout::surface::{Align, Outline, Surface, TypeFace};
use crate::network::Network;
use crate::text::Lang;

/// Rows of the table under the figure, from its top.
const ROWS: [&str; 6] = [
    "depth.row.ground",
    "depth.row.crown",
    "depth.row.cover",
    "depth.row.spacing",
    "depth.row.distance",
    "depth.row.size",
];
/// The row that holds what lies between two pipes.
const SPACING_ROW: usize = 3;
/// Corners of the polygon that stands for a circle.
const CORNERS: u32 = 48;

/// What a section is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct SectionSheet<'a> {
    pub network: &'a Network,
    pub section: &'a CrossSection,
    pub styles: &'a StyleSet,
    pub title: &'a str,
    pub lang: Lang,
}

impl SectionSheet<'_> {
    /// Writes the drawing as PDF, SVG, DXF or PNG, by the ending of the file's name.
    ///
    /// # Errors
    /// `Refused` where no height is known, `BadInput` for another ending, `Io`.
    pub fn write(&self, path: &Path, dpi: f64) -> Result<()> {
        save(path, dpi, self.title, self.styles, |face, surface| {
            self.draw(face, surface)
        })
    }

    /// Draws one page.
    ///
    /// # Errors
    /// `Refused` where no height is known.
    pub fn draw(&self, face: &TypeFace, surface: &mut dyn Surface) -> Result<()> {
        let Some(heights_m) = self.section.heights_m() else {
            return Err(no_heights("depth.section.no_heights"));
        };
        let axes = Axes::fit_true(self.section.length_m, heights_m);
        let pen = Pen::new(face, self.styles, self.lang, axes);
        surface.begin_page(PAGE_MM[0], PAGE_MM[1]);
        pen.layer(surface, "FRAME", "depth.layer.frame", |s| {
            pen.frame(s, self.title);
        });
        pen.layer(surface, "GROUND", "depth.layer.ground", |s| self.ground(&pen, s));
        pen.layer(surface, "PIPE", "depth.layer.pipe", |s| self.pipe(&pen, s));
        pen.layer(surface, "TABLE", "depth.layer.table", |s| self.table(&pen, s));
        Ok(())
    }

    fn ground(&self, pen: &Pen<'_>, surface: &mut dyn Surface) {
        let known: Vec<[f64; 2]> = self
            .section
            .cuts
            .iter()
            .filter_map(|cut| Some([cut.at_m, cut.ground_m?]))
            .collect();
        let (Some(first), Some(last)) = (known.first(), known.last()) else {
            return;
        };
        // Level beyond the outermost pipes.
        let ends = [[0.0, first[1]], [self.section.length_m, last[1]]];
        let line: Vec<[f64; 2]> = std::iter::once(ends[0])
            .chain(known.iter().copied())
            .chain(std::iter::once(ends[1]))
            .map(|[at_m, height_m]| [pen.axes.x(at_m), pen.axes.y(height_m)])
            .collect();
        surface.stroke(&Outline::line(&line), &pen.ground_stroke());
    }

    fn pipe(&self, pen: &Pen<'_>, surface: &mut dyn Surface) {
        for cut in &self.section.cuts {
            let Some(crown_m) = cut.crown_m else { continue };
            let radius_m = cut.diameter_mm.unwrap_or(0.0) / 2_000.0;
            let place = |angle: f64| {
                [
                    pen.axes.x(cut.at_m + radius_m * angle.cos()),
                    pen.axes.y(crown_m - radius_m + radius_m * angle.sin()),
                ]
            };
            let circle: Vec<[f64; 2]> = (0..CORNERS)
                .map(|i| place(f64::from(i) / f64::from(CORNERS) * std::f64::consts::TAU))
                .collect();
            let stroke = pen.pipe_stroke(cut.diameter_mm);
            let body = Outline::polygon(&circle);
            surface.fill(&body, stroke.colour.with_alpha(70));
            surface.stroke(&body, &stroke);
            let (left, top) = (
                place(std::f64::consts::PI)[0],
                place(std::f64::consts::FRAC_PI_2)[1],
            );
            let code = pen.face.fitted(self.network.pipe_code(cut.pipe), TEXT_MM, 40.0);
            pen.write(surface, &code, [left, top - 1.0], (TEXT_MM, Align::Left));
        }
    }

    fn table(&self, pen: &Pen<'_>, surface: &mut dyn Surface) {
        pen.rows(surface, &ROWS);
        for cut in &self.section.cuts {
            let texts = [
                metres(cut.ground_m, 2),
                metres(cut.crown_m, 2),
                metres(cut.cover_m(), 2),
                None,
                metres(Some(cut.at_m), 2),
                cut.diameter_mm.map(|diameter_mm| format!("DN{diameter_mm:.0}")),
            ];
            pen.column(surface, cut.at_m, cut.crown_m, &texts);
        }
        for (pair, spacing) in self.section.cuts.windows(2).zip(self.section.spacings()) {
            between(pen, surface, pair, spacing.clear_m);
        }
    }
}

/// The clear distance of two neighbours, where there is room for it.
fn between(pen: &Pen<'_>, surface: &mut dyn Surface, pair: &[Cut], clear_m: Option<f64>) {
    let [left, right] = [0, 1].map(|i| pen.axes.x(pair[i].at_m));
    let top = row_top(SPACING_ROW);
    for x in [left, right] {
        if x > FIGURE.x + 0.1 && x < FIGURE.right() - 0.1 {
            pen.line(surface, [x, top], [x, top + ROW_MM], 0.2);
        }
    }
    if let Some(text) = metres(clear_m, 2)
        && pen.face.width(&text, TEXT_MM) < right - left - 1.0
    {
        let at = [f64::midpoint(left, right), top + ROW_MM / 2.0 + 1.0];
        pen.write(surface, &text, at, (TEXT_MM, Align::Centre));
    }
}
