//! 拴点草图: a point with what it was tied to, as it was drawn in the field book: the things on the map, a line to each with
//! its distance, and the list of distances with what they are off by. It measures nothing.

use std::path::Path;

use super::drawing::Drawing;
use super::surface::{Align, Area, LayerName, Outline, Stroke, Surface, TextRun};
use crate::cartography::{Rgba, StyleSet, Theme};
use crate::edit::{Reference, TieRecord};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::text::{Lang, Message, translate};

/// A5, landscape.
const PAGE_MM: [f64; 2] = [210.0, 148.0];
const FIGURE: Area = Area::new(10.0, 20.0, 120.0, 118.0);
const TABLE_LEFT_MM: f64 = 136.0;
const ROW_MM: f64 = 6.5;
const TEXT_MM: f64 = 3.0;
/// Part of the figure that what was tied to may fill.
const FILL: f64 = 0.8;
/// A point tied to nothing farther than this is drawn as if something were there, in metres.
const LEAST_M: f64 = 2.0;

/// What a sketch is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Sketch<'a> {
    pub network: &'a Network,
    pub name: &'a str,
    pub at: [f64; 2],
    pub records: &'a [TieRecord],
    pub styles: &'a StyleSet,
    pub lang: Lang,
}

impl Sketch<'_> {
    /// Writes the sketch as PDF, SVG, DXF or PNG, by the ending of the file's name.
    ///
    /// # Errors
    /// `Refused` for a point without ties, `BadInput` for another ending, `Io`.
    pub fn write(&self, path: &Path, dpi: f64) -> Result<()> {
        if self.records.is_empty() {
            return Err(Error::Refused(
                Message::new("edit.tie.none").with("feature", self.name),
            ));
        }
        let title = Message::new("edit.sketch.title")
            .with("feature", self.name)
            .text(self.lang);
        let drawing = Drawing {
            title: &title,
            height_mm: PAGE_MM[1],
            ground: self.styles.ground(Theme::Light),
            dpi,
        };
        drawing.write(path, |_, surface| {
            self.draw(&title, surface);
            Ok(())
        })
    }

    fn draw(&self, title: &str, surface: &mut dyn Surface) {
        let pen = Pen {
            sketch: self,
            ink: self.styles.text(Theme::Light),
            millimetres_per_metre: self.scale(),
        };
        surface.begin_page(PAGE_MM[0], PAGE_MM[1]);
        pen.layer(surface, "FRAME", |s| {
            pen.write(s, title, [PAGE_MM[0] / 2.0, 13.0], (5.0, Align::Centre));
            s.stroke(&Outline::rectangle(FIGURE), &Stroke::solid(pen.ink, 0.3));
            pen.north(s);
        });
        pen.layer(surface, "PIPE", |s| pen.pipes(s));
        pen.layer(surface, "TIES", |s| pen.ties(s));
        pen.layer(surface, "TABLE", |s| pen.table(s));
    }

    /// Millimetres on paper a metre takes, so that all references fit around the point.
    fn scale(&self) -> f64 {
        let metric = self.network.metric();
        let measured = self.records.iter().flat_map(|r| r.tie.measurements());
        let farthest_m = measured
            .map(|(reference, _)| metric.distance_m(reference.foot(self.at, metric), self.at))
            .fold(LEAST_M, f64::max);
        FIGURE.width.min(FIGURE.height) / 2.0 * FILL / farthest_m
    }
}

struct Pen<'a> {
    sketch: &'a Sketch<'a>,
    ink: Rgba,
    millimetres_per_metre: f64,
}

impl Pen<'_> {
    fn layer(&self, surface: &mut dyn Surface, key: &str, draw: impl FnOnce(&mut dyn Surface)) {
        let title = translate(
            &format!("edit.sketch.layer.{}", key.to_lowercase()),
            self.sketch.lang,
        );
        surface.begin_layer(LayerName { key, title: &title });
        draw(surface);
        surface.end_layer();
    }

    fn page(&self, p: [f64; 2]) -> [f64; 2] {
        let metric = self.sketch.network.metric();
        let [x, y] = FIGURE.centre();
        let at = self.sketch.at;
        [
            x + (p[0] - at[0]) * metric.x_m * self.millimetres_per_metre,
            y - (p[1] - at[1]) * metric.y_m * self.millimetres_per_metre,
        ]
    }

    fn line(&self, surface: &mut dyn Surface, a: [f64; 2], b: [f64; 2], width_mm: f64) {
        if let Some([a, b]) = FIGURE.clip(a, b) {
            surface.stroke(&Outline::line(&[a, b]), &Stroke::solid(self.ink, width_mm));
        }
    }

    fn write(&self, surface: &mut dyn Surface, text: &str, at: [f64; 2], (size_mm, align): (f64, Align)) {
        surface.text(&TextRun {
            text,
            at,
            size_mm,
            angle_rad: 0.0,
            align,
            colour: self.ink,
            halo: Some(self.sketch.styles.ground(Theme::Light)),
        });
    }

    fn north(&self, surface: &mut dyn Surface) {
        let (x, top) = (FIGURE.right() - 6.0, FIGURE.y + 7.0);
        let arrow = Outline::polygon(&[
            [x, top],
            [x - 2.0, top + 8.0],
            [x, top + 6.0],
            [x + 2.0, top + 8.0],
        ]);
        surface.fill(&arrow, self.ink);
        self.write(surface, "N", [x, top - 1.5], (TEXT_MM, Align::Centre));
    }

    fn pipes(&self, surface: &mut dyn Surface) {
        let network = self.sketch.network;
        let reach_m = FIGURE.width.max(FIGURE.height) / self.millimetres_per_metre;
        for pipe in network.pipes_in_box(network.metric().box_around(self.sketch.at, reach_m)) {
            for w in network.pipe_vertices(pipe).windows(2) {
                self.line(surface, self.page(w[0]), self.page(w[1]), 0.7);
            }
        }
    }

    fn ties(&self, surface: &mut dyn Surface) {
        let metric = self.sketch.network.metric();
        let centre = self.page(self.sketch.at);
        for (number, (reference, distance_m, _)) in self.rows().into_iter().enumerate() {
            let from = self.page(reference.foot(self.sketch.at, metric));
            if let Reference::Edge([a, b]) = reference {
                self.line(surface, self.page(a), self.page(b), 1.0);
            } else {
                surface.stroke(&Outline::circle(from, 1.2), &Stroke::solid(self.ink, 0.35));
            }
            let dashed = Stroke {
                dash_mm: Some([2.0, 1.0]),
                ..Stroke::solid(self.ink, 0.25)
            };
            surface.stroke(&Outline::line(&[from, centre]), &dashed);
            self.write(
                surface,
                &(number + 1).to_string(),
                [from[0], from[1] - 2.0],
                (TEXT_MM, Align::Centre),
            );
            if let Some(m) = distance_m {
                let middle = [
                    f64::midpoint(from[0], centre[0]),
                    f64::midpoint(from[1], centre[1]) - 0.8,
                ];
                self.write(surface, &format!("{m:.2}"), middle, (TEXT_MM, Align::Centre));
            }
        }
        surface.fill(&Outline::circle(centre, 1.0), self.ink);
        self.write(
            surface,
            self.sketch.name,
            [centre[0] + 2.0, centre[1] + 4.0],
            (TEXT_MM, Align::Left),
        );
    }

    /// Reference, distance, and what the distance is off by.
    fn rows(&self) -> Vec<(Reference, Option<f64>, Option<f64>)> {
        let mut rows = Vec::new();
        for record in self.sketch.records {
            let mut residuals = record.residuals_m.iter().copied();
            for (reference, distance_m) in record.tie.measurements() {
                let residual_m = distance_m.and_then(|_| residuals.next());
                rows.push((reference, distance_m, residual_m));
            }
        }
        rows
    }

    fn table(&self, surface: &mut dyn Surface) {
        let say = |key: &str| translate(&format!("edit.sketch.{key}"), self.sketch.lang);
        let columns = [
            TABLE_LEFT_MM,
            TABLE_LEFT_MM + 8.0,
            TABLE_LEFT_MM + 34.0,
            TABLE_LEFT_MM + 52.0,
        ];
        let mut y = FIGURE.y + 4.0;
        for (x, key) in columns.into_iter().zip(["number", "to", "measured", "off"]) {
            self.write(surface, &say(key), [x, y], (TEXT_MM, Align::Left));
        }
        let metres = |m: Option<f64>| m.map_or_else(String::new, |m| format!("{m:.3}"));
        for (number, (reference, distance_m, residual_m)) in self.rows().into_iter().enumerate() {
            y += ROW_MM;
            let kind = say(match reference {
                Reference::Point(_) => "point",
                Reference::Edge(_) => "edge",
            });
            let cells = [
                (number + 1).to_string(),
                kind,
                metres(distance_m),
                metres(residual_m),
            ];
            for (x, cell) in columns.into_iter().zip(cells) {
                self.write(surface, &cell, [x, y], (TEXT_MM, Align::Left));
            }
        }
        let [x, y_m] = self.sketch.at;
        let place = format!("{x:.3}, {y_m:.3}");
        self.write(
            surface,
            &place,
            [TABLE_LEFT_MM, FIGURE.bottom()],
            (TEXT_MM, Align::Left),
        );
    }
}
