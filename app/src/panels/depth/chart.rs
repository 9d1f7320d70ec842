//! A drawing with metres on both axes: where a distance and a height are on the screen, and the grid behind.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, pos2};

use crate::theme::Theme;

/// Room on the left for heights.
const LEFT: f32 = 70.0;
const TOP: f32 = 14.0;
const RIGHT: f32 = 16.0;
/// Fewest points between two lines of the grid.
const STEP: f32 = 24.0;

pub(super) struct Chart<'a> {
    pub(super) painter: Painter,
    pub(super) theme: &'a Theme,
    /// Of the curves.
    pub(super) area: Rect,
    origin_m: [f64; 2],
    /// Points a metre.
    pub(super) scale: [f64; 2],
}

impl<'a> Chart<'a> {
    /// Fits distances from 0 to `length_m` and these heights into the room over `below` points at the foot.
    pub(super) fn new(
        painter: Painter,
        theme: &'a Theme,
        below: f32,
        length_m: f64,
        heights_m: [f64; 2],
        exaggeration: Option<u8>,
    ) -> Self {
        let rect = painter.clip_rect();
        let area = Rect::from_min_max(
            rect.min + egui::vec2(LEFT, TOP),
            pos2(
                (rect.right() - RIGHT).max(rect.left() + LEFT + 1.0),
                (rect.bottom() - below).max(rect.top() + TOP + 1.0),
            ),
        );
        let [low, high] = heights_m;
        let span_m = (high - low).max(0.5) * 1.15;
        let middle_m = f64::midpoint(low, high);
        let mut across = f64::from(area.width()) / length_m.max(0.1);
        let fill = f64::from(area.height()) / span_m;
        let up = match exaggeration {
            None => fill,
            Some(times) => {
                // Smaller where the heights would not have room.
                across = across.min(fill / f64::from(times));
                across * f64::from(times)
            }
        };
        let origin_m = [0.0, middle_m - f64::from(area.height()) / up / 2.0];
        Self {
            painter,
            theme,
            area,
            origin_m,
            scale: [across, up],
        }
    }

    pub(super) fn at(&self, distance_m: f64, height_m: f64) -> Pos2 {
        let x = (distance_m - self.origin_m[0]) * self.scale[0];
        let y = (height_m - self.origin_m[1]) * self.scale[1];
        pos2(self.area.left() + x as f32, self.area.bottom() - y as f32)
    }

    pub(super) fn distance_at(&self, screen: Pos2) -> f64 {
        f64::from(screen.x - self.area.left()) / self.scale[0] + self.origin_m[0]
    }

    pub(super) fn font(&self) -> FontId {
        FontId::proportional(self.theme.size.text_small)
    }

    pub(super) fn text(&self, at: Pos2, align: Align2, text: &str, ink: Color32) -> Rect {
        self.painter.text(at, align, text, self.font(), ink)
    }

    /// Lines at round heights, with the heights beside them.
    pub(super) fn grid(&self) {
        let theme = self.theme;
        let step_m = round_step(f64::from(STEP) / self.scale[1]);
        let decimals = if step_m < 0.1 {
            2
        } else {
            usize::from(step_m < 1.0)
        };
        let top_m = self.origin_m[1] + f64::from(self.area.height()) / self.scale[1];
        let first = (self.origin_m[1] / step_m).ceil() as i64;
        let last = (top_m / step_m).floor() as i64;
        for i in first..=last {
            let height_m = i as f64 * step_m;
            let y = self.at(0.0, height_m).y;
            let line = Stroke::new(1.0, theme.surface.border.0);
            self.painter.hline(self.area.x_range(), y, line);
            let at = pos2(self.area.left() - 6.0, y);
            let text = format!("{height_m:.decimals$}");
            self.text(at, Align2::RIGHT_CENTER, &text, theme.text.weak.0);
        }
    }

    /// Runs of neighbours that are known, each as one line.
    pub(super) fn curve(&self, points: impl Iterator<Item = Option<Pos2>>, stroke: Stroke) {
        let mut run: Vec<Pos2> = Vec::new();
        for point in points.chain(std::iter::once(None)) {
            match point {
                Some(point) => run.push(point),
                None if run.len() > 1 => {
                    self.painter
                        .add(egui::Shape::line(std::mem::take(&mut run), stroke));
                }
                None => run.clear(),
            }
        }
    }
}

/// The next of 1, 2, 5, 10 … at or above; heights of the whole earth in steps of a centimetre at least.
fn round_step(least: f64) -> f64 {
    let least = least.clamp(0.01, 1e5);
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| *step >= least * 0.999)
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::round_step;

    #[test]
    fn grid_lines_stand_at_round_heights() {
        for (least, wanted) in [(0.3, 0.5), (1.0, 1.0), (1.2, 2.0), (7.0, 10.0), (0.0, 0.01)] {
            assert!((round_step(least) - wanted).abs() < 1e-9, "{least}");
        }
    }
}
