//! Pictures, tiles and foreign layers under the network of a picture. What they are is worked out by
//! `cartography::backdrop`.

use tiny_skia::PathBuilder;

use super::canvas::Align;
use super::painter::Painter;
use crate::cartography::backdrop::{Drape, DrapedSketch, Laid};
use crate::io::sketch::Piece;
use crate::issue::{Issue, Severity};
use crate::progress::NoProgress;

/// Logical pixels of a millimetre.
const PX_PER_MM: f64 = 96.0 / 25.4;
/// What a fill keeps of its line's colour, as in the window.
const FILL_SHARE: f32 = 0.18;
const TEXT_PX: f32 = 8.0;
/// Faint beside the network.
const FAINT: u8 = 150;

fn px([x, y]: [f64; 2]) -> [f32; 2] {
    [(x * PX_PER_MM) as f32, (y * PX_PER_MM) as f32]
}

impl Painter<'_> {
    pub(super) fn backdrop(&mut self) {
        let Some(backdrop) = self.themes.and_then(|themes| themes.backdrop) else {
            return;
        };
        let view = self.view.backdrop_view(self.request.dpi);
        let laid = backdrop.lay(&view, &NoProgress, &mut |_, laid| {
            match laid {
                Laid::Picture(drape) => self.drape(&drape),
                Laid::Sketch(sketch) => self.sketch(&sketch),
            }
            Ok(())
        });
        match laid {
            Ok(issues) => self.shown.missing.extend(issues),
            Err(error) => {
                let issue = Issue::new(Severity::Warning, error.message());
                self.shown.missing.push(issue);
            }
        }
    }

    fn drape(&mut self, drape: &Drape) {
        let [x, y, w, h] = drape.area_mm;
        let size = drape.size.map(|side| side as u32);
        let pixels = drape.rgba.as_chunks::<4>().0;
        self.canvas.picture(pixels, size, px([x, y]), px([w, h]));
    }

    fn sketch(&mut self, sketch: &DrapedSketch) {
        let style = sketch.style;
        let ink = self.request.styles.text(self.request.theme);
        let base = style.colour.unwrap_or_else(|| ink.with_alpha(FAINT));
        let share = |share: f32| base.with_alpha((f32::from(base.a) * share).round() as u8);
        let opacity = style.opacity.clamp(0.0, 1.0);
        let (line_colour, fill_colour) = (share(opacity), share(opacity * FILL_SHARE));
        let mut lines = PathBuilder::new();
        for piece in &sketch.pieces {
            match piece {
                Piece::Area(rings) => {
                    let mut area = PathBuilder::new();
                    for ring in rings {
                        add(&mut area, ring);
                        area.close();
                        add(&mut lines, ring);
                    }
                    if let Some(area) = area.finish().filter(|_| style.look.is_filled) {
                        self.canvas.fill(&area, fill_colour);
                    }
                }
                Piece::Line(line) => add(&mut lines, line),
                Piece::Point(p) => self.canvas.disc(px(*p), style.look.point_px / 2.0, line_colour),
                Piece::Text(p, text) => {
                    self.canvas
                        .text(self.font, text, px(*p), TEXT_PX, line_colour, Align::Left);
                }
            }
        }
        if let Some(lines) = lines.finish() {
            self.canvas.stroke(&lines, line_colour, style.look.width_px, None);
        }
    }
}

fn add(path: &mut PathBuilder, line: &[[f64; 2]]) {
    for (i, [x, y]) in line.iter().map(|p| px(*p)).enumerate() {
        if i == 0 {
            path.move_to(x, y);
        } else {
            path.line_to(x, y);
        }
    }
}
