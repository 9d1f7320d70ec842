//! A longitudinal profile: ground and pipe over a table of heights, depths, sizes and slopes.

use std::path::Path;

use super::{Axes, FIGURE, PAGE_MM, Pen, ROW_MM, TEXT_MM, metres, no_heights, row_top, save};
use crate::cartography::StyleSet;
use crate::depth::profile::{Profile, Station, Stretch};
use crate::error::Result;
use crate::layout::surface::{Align, Outline, Surface, TypeFace};
use crate::network::Network;
use crate::text::Lang;

/// Rows of the table under the figure, from its top.
const ROWS: [&str; 6] = [
    "depth.row.ground",
    "depth.row.crown",
    "depth.row.cover",
    "depth.row.pipe",
    "depth.row.distance",
    "depth.row.node",
];
/// The row that holds what belongs to a stretch.
const PIPE_ROW: usize = 3;

/// What a profile is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct ProfileSheet<'a> {
    pub network: &'a Network,
    pub profile: &'a Profile,
    pub styles: &'a StyleSet,
    pub title: &'a str,
    pub lang: Lang,
}

impl ProfileSheet<'_> {
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
        let Some(heights_m) = self.profile.heights_m() else {
            return Err(no_heights("depth.profile.no_heights"));
        };
        let axes = Axes::fit(self.profile.length_m(), heights_m);
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
        for stretch in &self.profile.stretches {
            if let (Some(a), Some(b)) = (stretch.start.ground_m, stretch.end.ground_m) {
                let points = [(stretch.start.at_m, a), (stretch.end.at_m, b)];
                let points = points.map(|(at_m, height_m)| [pen.axes.x(at_m), pen.axes.y(height_m)]);
                surface.stroke(&Outline::line(&points), &pen.ground_stroke());
            }
        }
    }

    /// Top and bottom of the pipe, filled between; a line where the diameter is unknown.
    fn pipe(&self, pen: &Pen<'_>, surface: &mut dyn Surface) {
        for stretch in &self.profile.stretches {
            let (start, end) = (&stretch.start, &stretch.end);
            let (Some(a), Some(b)) = (start.crown_m, end.crown_m) else {
                continue;
            };
            let place = |station: &Station, height_m: f64| [pen.axes.x(station.at_m), pen.axes.y(height_m)];
            let stroke = pen.pipe_stroke(stretch.diameter_mm);
            let top = [place(start, a), place(end, b)];
            match (stretch.invert_m(start), stretch.invert_m(end)) {
                (Some(c), Some(d)) => {
                    let body = Outline::polygon(&[top[0], top[1], place(end, d), place(start, c)]);
                    surface.fill(&body, stroke.colour.with_alpha(70));
                    surface.stroke(&body, &stroke);
                }
                _ => surface.stroke(&Outline::line(&top), &stroke),
            }
        }
    }

    fn table(&self, pen: &Pen<'_>, surface: &mut dyn Surface) {
        pen.rows(surface, &ROWS);
        for station in self.written_stations(pen) {
            let code = station.node.map(|node| self.network.node_code(node).to_owned());
            let texts = [
                metres(station.ground_m, 2),
                metres(station.crown_m, 2),
                metres(station.cover_m(), 2),
                None,
                metres(Some(station.at_m), 1),
                code,
            ];
            pen.column(
                surface,
                station.at_m,
                station.ground_m.or(station.crown_m),
                &texts,
            );
        }
        // Neighbouring stretches of one size share an entry.
        let stretches = &self.profile.stretches;
        for group in stretches.chunk_by(|a, b| a.diameter_mm == b.diameter_mm) {
            group_of(pen, surface, group);
        }
    }

    /// The stations for which there is room, the first and the last among them.
    fn written_stations(&self, pen: &Pen<'_>) -> Vec<Station> {
        const ROOM_MM: f64 = 3.4;
        let stretches = &self.profile.stretches;
        let all = stretches
            .iter()
            .map(|stretch| stretch.start)
            .chain(stretches.last().map(|stretch| stretch.end));
        let last_x = stretches
            .last()
            .map_or(0.0, |stretch| pen.text_x(stretch.end.at_m));
        let mut kept: Vec<Station> = Vec::new();
        for station in all {
            let x = pen.text_x(station.at_m);
            let is_last = (last_x - x).abs() < 1e-6;
            let is_free = kept
                .last()
                .is_none_or(|before| x - pen.text_x(before.at_m) >= ROOM_MM);
            if is_free && (is_last || last_x - x >= ROOM_MM) {
                kept.push(station);
            } else if is_last && kept.len() > 1 {
                kept.pop();
                kept.push(station);
            }
        }
        kept
    }
}

/// Size, slope and length in the row of pipes.
fn group_of(pen: &Pen<'_>, surface: &mut dyn Surface, group: &[Stretch]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let (left, right) = (pen.axes.x(first.start.at_m), pen.axes.x(last.end.at_m));
    let top = row_top(PIPE_ROW);
    if right < FIGURE.right() - 0.1 {
        pen.line(surface, [right, top], [right, top + ROW_MM], 0.2);
    }
    let length_m = last.end.at_m - first.start.at_m;
    let size = first.diameter_mm.map_or_else(
        || pen.say("depth.unknown"),
        |diameter_mm| format!("DN{diameter_mm:.0}"),
    );
    let whole = Stretch {
        start: first.start,
        ..*last
    };
    let slope = whole.slope_permille().map(|slope| format!("i={slope:.1}‰"));
    let lines = [Some(size), slope, Some(format!("L={length_m:.1}"))];
    for (i, text) in lines.into_iter().flatten().enumerate() {
        if pen.face.width(&text, TEXT_MM) < right - left - 1.0 {
            let at = [f64::midpoint(left, right), top + 4.2 + i as f64 * 4.2];
            pen.write(surface, &text, at, (TEXT_MM, Align::Centre));
        }
    }
}
