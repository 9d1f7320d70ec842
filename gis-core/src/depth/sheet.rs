//! A profile on paper: the figure over a table of heights, depths, sizes and slopes, as it is handed in for a street.
//! It reads no project; what it draws on decides the format.

use std::path::Path;

use super::profile::{Profile, Station, Stretch};
use crate::cartography::{PipeLook, Rgba, StyleSet, Theme};
use crate::error::{Error, Result};
use crate::layout::drawing::Drawing;
use crate::layout::surface::{Align, Area, LayerName, Outline, Stroke, Surface, TextRun, TypeFace};
use crate::network::{LifeState, Network};
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
        Drawing {
            title: self.title,
            height_mm: PAGE_MM[1],
            ground: self.styles.ground(Theme::Light),
            dpi,
        }
        .write(path, |face, surface| self.draw(face, surface))
    }

    /// Draws one page.
    ///
    /// # Errors
    /// `Refused` where no height is known.
    pub fn draw(&self, face: &TypeFace, surface: &mut dyn Surface) -> Result<()> {
        let Some(heights_m) = self.profile.heights_m() else {
            return Err(Error::Refused(Message::new("depth.profile.no_heights")));
        };
        let pen = Pen {
            sheet: self,
            face,
            ink: self.styles.text(Theme::Light),
            axes: Axes::fit(self.profile.length_m(), heights_m),
        };
        surface.begin_page(PAGE_MM[0], PAGE_MM[1]);
        pen.layer(surface, "FRAME", "depth.layer.frame", |s| pen.frame(s));
        pen.layer(surface, "GROUND", "depth.layer.ground", |s| pen.ground(s));
        pen.layer(surface, "PIPE", "depth.layer.pipe", |s| pen.pipe(s));
        pen.layer(surface, "TABLE", "depth.layer.table", |s| pen.table(s));
        Ok(())
    }
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
    fn fit(length_m: f64, [low, high]: [f64; 2]) -> Self {
        let denominator = |metres: f64, mm: f64| {
            let least = metres * 1_000.0 / mm;
            SCALES
                .into_iter()
                .find(|scale| *scale >= least)
                .unwrap_or_else(|| least.ceil())
        };
        let across = denominator(length_m, FIGURE.width);
        // One height more than needed, since the bottom is a round number.
        let up = denominator((high - low) * 1.15 + 0.5, FIGURE.height);
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

struct Pen<'a> {
    sheet: &'a ProfileSheet<'a>,
    face: &'a TypeFace,
    ink: Rgba,
    axes: Axes,
}

/// Rows of the table under the figure, from its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Ground,
    Crown,
    Cover,
    Pipe,
    Distance,
    Node,
}

impl Row {
    const ALL: [Self; 6] = [
        Self::Ground,
        Self::Crown,
        Self::Cover,
        Self::Pipe,
        Self::Distance,
        Self::Node,
    ];

    fn key(self) -> &'static str {
        match self {
            Self::Ground => "depth.row.ground",
            Self::Crown => "depth.row.crown",
            Self::Cover => "depth.row.cover",
            Self::Pipe => "depth.row.pipe",
            Self::Distance => "depth.row.distance",
            Self::Node => "depth.row.node",
        }
    }

    fn top(self) -> f64 {
        let above = Self::ALL.iter().position(|row| *row == self).unwrap_or(0);
        FIGURE.bottom() + 4.0 + above as f64 * ROW_MM
    }
}

impl Pen<'_> {
    fn say(&self, key: &'static str) -> String {
        translate(key, self.sheet.lang)
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

    fn frame(&self, surface: &mut dyn Surface) {
        let centre = PAGE_MM[0] / 2.0;
        self.write(surface, self.sheet.title, [centre, 18.0], (6.0, Align::Centre));
        let scales = Message::new("depth.sheet.scales")
            .with("across", format!("{:.0}", self.axes.across))
            .with("up", format!("{:.0}", self.axes.up))
            .text(self.sheet.lang);
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
        let style = self.sheet.styles.pipe_style(PipeLook {
            diameter_mm: diameter_mm.unwrap_or(f64::NAN),
            material: None,
            state: LifeState::Operative,
        });
        Stroke::solid(style.colour.on(Theme::Light), 0.35)
    }

    fn ground(&self, surface: &mut dyn Surface) {
        for stretch in &self.sheet.profile.stretches {
            if let (Some(a), Some(b)) = (stretch.start.ground_m, stretch.end.ground_m) {
                let points = [(stretch.start.at_m, a), (stretch.end.at_m, b)];
                let points = points.map(|(at_m, height_m)| [self.axes.x(at_m), self.axes.y(height_m)]);
                surface.stroke(&Outline::line(&points), &self.ground_stroke());
            }
        }
    }

    /// Top and bottom of the pipe, filled between; a line where the diameter is unknown.
    fn pipe(&self, surface: &mut dyn Surface) {
        for stretch in &self.sheet.profile.stretches {
            let (start, end) = (&stretch.start, &stretch.end);
            let (Some(a), Some(b)) = (start.crown_m, end.crown_m) else {
                continue;
            };
            let place = |station: &Station, height_m: f64| [self.axes.x(station.at_m), self.axes.y(height_m)];
            let stroke = self.pipe_stroke(stretch.diameter_mm);
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

    fn table(&self, surface: &mut dyn Surface) {
        let left = MARGIN_MM;
        let bottom = Row::Node.top() + ROW_MM;
        for row in Row::ALL {
            let area = Area::new(left, row.top(), FIGURE.right() - left, ROW_MM);
            surface.stroke(&Outline::rectangle(area), &Stroke::solid(self.ink, 0.2));
            let text = self.face.fitted(&self.say(row.key()), 3.0, HEAD_MM - 3.0);
            self.write(
                surface,
                &text,
                [left + 1.5, row.top() + ROW_MM / 2.0 + 1.0],
                (3.0, Align::Left),
            );
        }
        self.line(surface, [FIGURE.x, Row::Ground.top()], [FIGURE.x, bottom], 0.2);
        for station in self.written_stations() {
            self.station(surface, &station);
        }
        for group in self.groups() {
            self.group(surface, group);
        }
    }

    /// Where a station's texts stand: the first and the last inside the table.
    fn text_x(&self, station: &Station) -> f64 {
        self.axes
            .x(station.at_m)
            .clamp(FIGURE.x + TEXT_MM * 0.6, FIGURE.right() - TEXT_MM * 0.6)
    }

    /// The stations for which there is room, the first and the last among them.
    fn written_stations(&self) -> Vec<Station> {
        const ROOM_MM: f64 = 3.4;
        let stretches = &self.sheet.profile.stretches;
        let all = stretches
            .iter()
            .map(|stretch| stretch.start)
            .chain(stretches.last().map(|stretch| stretch.end));
        let last_x = stretches.last().map_or(0.0, |stretch| self.text_x(&stretch.end));
        let mut kept: Vec<Station> = Vec::new();
        for station in all {
            let x = self.text_x(&station);
            let is_last = (last_x - x).abs() < 1e-6;
            let is_free = kept
                .last()
                .is_none_or(|before| x - self.text_x(before) >= ROOM_MM);
            if is_free && (is_last || last_x - x >= ROOM_MM) {
                kept.push(station);
            } else if is_last && kept.len() > 1 {
                kept.pop();
                kept.push(station);
            }
        }
        kept
    }

    fn station(&self, surface: &mut dyn Surface, station: &Station) {
        let x = self.axes.x(station.at_m);
        let top = station
            .ground_m
            .or(station.crown_m)
            .map(|height_m| self.axes.y(height_m));
        if let Some(top) = top {
            let faint = Stroke::solid(self.ink.with_alpha(90), 0.1);
            surface.stroke(&Outline::line(&[[x, top], [x, Row::Ground.top()]]), &faint);
        }
        let height = |height_m: Option<f64>, decimals: usize| height_m.map(|h| format!("{h:.decimals$}"));
        let code = station
            .node
            .map(|node| self.sheet.network.node_code(node).to_owned());
        for (row, text) in [
            (Row::Ground, height(station.ground_m, 2)),
            (Row::Crown, height(station.crown_m, 2)),
            (Row::Cover, height(station.cover_m(), 2)),
            (Row::Distance, Some(format!("{:.1}", station.at_m))),
            (Row::Node, code),
        ] {
            if let Some(text) = text {
                let text = self.face.fitted(&text, TEXT_MM, ROW_MM - 1.5);
                self.write_up(surface, &text, [self.text_x(station), row.top() + ROW_MM - 1.0]);
            }
        }
    }

    /// Neighbouring stretches of one pipe size, for one entry of the row of pipes: first and last.
    fn groups(&self) -> Vec<&[Stretch]> {
        self.sheet
            .profile
            .stretches
            .chunk_by(|a, b| a.diameter_mm == b.diameter_mm)
            .collect()
    }

    fn group(&self, surface: &mut dyn Surface, group: &[Stretch]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            return;
        };
        let (left, right) = (self.axes.x(first.start.at_m), self.axes.x(last.end.at_m));
        let top = Row::Pipe.top();
        if right < FIGURE.right() - 0.1 {
            self.line(surface, [right, top], [right, top + ROW_MM], 0.2);
        }
        let length_m = last.end.at_m - first.start.at_m;
        let size = first.diameter_mm.map_or_else(
            || self.say("depth.unknown"),
            |diameter_mm| format!("DN{diameter_mm:.0}"),
        );
        let whole = Stretch {
            start: first.start,
            ..*last
        };
        let slope = whole.slope_permille().map(|slope| format!("i={slope:.1}‰"));
        let lines = [Some(size), slope, Some(format!("L={length_m:.1}"))];
        for (i, text) in lines.into_iter().flatten().enumerate() {
            if self.face.width(&text, TEXT_MM) < right - left - 1.0 {
                let at = [f64::midpoint(left, right), top + 4.2 + i as f64 * 4.2];
                self.write(surface, &text, at, (TEXT_MM, Align::Centre));
            }
        }
    }
}
