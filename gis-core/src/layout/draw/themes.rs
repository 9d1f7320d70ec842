//! Thematic maps in a map frame: densities under the network, dots and charts over it. Their numbers come from
//! `cartography::thematic`.

use super::Scene;
use super::network::MM_PER_PX;
use crate::cartography::Rgba;
use crate::cartography::layers::DiagramKind;
use crate::cartography::thematic::{Diagram, DiagramMap, DotMap, HeatMap, ThemedMap};
use crate::layout::frame::FrameView;
use crate::layout::surface::{Affine, Align, Area, Bitmap, LayerName, Outline, Stroke, Surface, TextRun};

const BAR_WIDTH_PX: f64 = 9.0;
const TEXT_PX: f64 = 9.0;
/// Dots filled as one path.
const BATCH: usize = 256;

/// What themes are drawn with.
pub(super) struct ThemePen<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) frame: &'a FrameView,
    /// Millimetres of a pixel.
    pub(super) mm: f64,
}

pub(super) fn faded(colour: Rgba, opacity: f32) -> Rgba {
    colour.with_alpha((f32::from(colour.a) * opacity.clamp(0.0, 1.0)).round() as u8)
}

impl ThemePen<'_> {
    fn layer(&self, surface: &mut dyn Surface, draw: impl FnOnce(&mut dyn Surface)) {
        let title = self.scene.say("layout.layer.themes");
        surface.begin_layer(LayerName {
            key: "themes",
            title: &title,
        });
        surface.push_clip(self.frame.area);
        draw(surface);
        surface.pop_clip();
        surface.end_layer();
    }

    pub(super) fn densities(&self, themed: &ThemedMap, surface: &mut dyn Surface) {
        if !themed.heat.is_empty() {
            self.layer(surface, |surface| {
                for heat in &themed.heat {
                    self.density(heat, surface);
                }
            });
        }
    }

    fn density(&self, heat: &HeatMap, surface: &mut dyn Surface) {
        let [min_x, min_y, max_x, max_y] = heat.extent;
        let [corner, right, below] =
            [[min_x, max_y], [max_x, max_y], [min_x, min_y]].map(|p| self.frame.page(p));
        let bitmap = Bitmap {
            width: heat.columns as u32,
            height: heat.rows as u32,
            rgba: heat.rgba().into_iter().flatten().collect(),
        };
        let place = Affine([
            right[0] - corner[0],
            right[1] - corner[1],
            below[0] - corner[0],
            below[1] - corner[1],
            corner[0],
            corner[1],
        ]);
        surface.image(&bitmap, &place);
    }

    pub(super) fn dots_and_charts(&self, themed: &ThemedMap, surface: &mut dyn Surface) {
        if themed.dots.is_empty() && themed.diagrams.is_empty() {
            return;
        }
        self.layer(surface, |surface| {
            for dots in &themed.dots {
                self.dots(dots, surface);
            }
            for charts in &themed.diagrams {
                for chart in &charts.diagrams {
                    self.chart(charts, chart, surface);
                }
            }
        });
    }

    fn dots(&self, dots: &DotMap, surface: &mut dyn Surface) {
        let radius = f64::from(dots.size_px) * self.mm / 2.0;
        let colour = faded(dots.colour, dots.opacity);
        let places: Vec<[f64; 2]> = dots
            .dots
            .iter()
            .map(|dot| self.frame.page(*dot))
            .filter(|at| self.frame.area.contains(*at, 0.0))
            .collect();
        for batch in places.chunks(BATCH) {
            let mut outline = Outline::default();
            for at in batch {
                outline.parts.extend(Outline::circle(*at, radius).parts);
            }
            surface.fill(&outline, colour);
        }
    }

    fn chart(&self, charts: &DiagramMap, chart: &Diagram, surface: &mut dyn Surface) {
        let at = self.frame.page(chart.centre);
        if chart.total() <= 0.0 || !self.frame.area.contains(at, 0.0) {
            return;
        }
        let bottom = match charts.kind {
            DiagramKind::Pie => self.pie(charts, chart, at, surface),
            DiagramKind::Bar => self.bars(charts, chart, at, surface),
        };
        let size_mm = TEXT_PX * self.mm;
        surface.text(&TextRun {
            text: &chart.zone,
            at: [at[0], bottom + size_mm * 1.2],
            size_mm,
            angle_rad: 0.0,
            align: Align::Centre,
            colour: self.scene.ink(),
            halo: Some(self.scene.paper()),
        });
    }

    /// Draws slices clockwise from the top; returns where the pie ends below.
    fn pie(&self, charts: &DiagramMap, chart: &Diagram, at: [f64; 2], surface: &mut dyn Surface) -> f64 {
        let radius = f64::from(charts.pie_size_px(chart)) * self.mm / 2.0;
        surface.fill(&Outline::circle(at, radius + self.mm), self.scene.paper());
        let mut turn = -0.25;
        for (sum, part) in chart.sums.iter().zip(&charts.parts) {
            let share = sum / chart.total();
            surface.fill(
                &slice(at, radius, turn, share),
                faded(part.colour, charts.opacity),
            );
            turn += share;
        }
        surface.stroke(
            &Outline::circle(at, radius),
            &Stroke::solid(self.scene.ink(), self.mm * 0.4),
        );
        at[1] + radius
    }

    fn bars(&self, charts: &DiagramMap, chart: &Diagram, at: [f64; 2], surface: &mut dyn Surface) -> f64 {
        let width = BAR_WIDTH_PX * self.mm;
        let left = at[0] - width * chart.sums.len() as f64 / 2.0;
        for (i, (sum, part)) in chart.sums.iter().zip(&charts.parts).enumerate() {
            let height = f64::from(charts.bar_height_px(*sum)) * self.mm;
            let x = left + width * i as f64;
            let bar = Area::new(x, at[1] - height, width - self.mm, height);
            surface.fill(&Outline::rectangle(bar), faded(part.colour, charts.opacity));
        }
        let base = [[left, at[1]], [left + width * chart.sums.len() as f64, at[1]]];
        surface.stroke(
            &Outline::line(&base),
            &Stroke::solid(self.scene.ink(), self.mm * 0.8),
        );
        at[1]
    }
}

/// A slice of a pie between shares of a full turn, clockwise from the right.
fn slice(at: [f64; 2], radius: f64, from: f64, share: f64) -> Outline {
    let steps = (share * 96.0).ceil().max(1.0) as u32;
    let mut points = vec![at];
    points.extend((0..=steps).map(|i| {
        let angle = (from + share * f64::from(i) / f64::from(steps)) * std::f64::consts::TAU;
        [at[0] + angle.cos() * radius, at[1] + angle.sin() * radius]
    }));
    Outline::polygon(&points)
}

/// Millimetres of a pixel at a scale of symbols.
pub(super) fn mm_of(symbol_scale: f64) -> f64 {
    MM_PER_PX * symbol_scale
}
