//! Thematic maps in a picture: densities under the network, dots and charts over it, their legend beside it.

use tiny_skia::PathBuilder;

use super::canvas::Align;
use super::painter::Painter;
use crate::cartography::Rgba;
use crate::cartography::backdrop::Backdrop;
use crate::cartography::layers::DiagramKind;
use crate::cartography::thematic::{Diagram, DiagramMap, LegendEntry, ThemedMap};

/// A map document applied to the network, with its legend.
#[derive(Debug, Clone, Copy)]
pub struct Themes<'a> {
    pub map: &'a ThemedMap,
    /// The legend of layers that draw otherwise than the style set does; the rest of the legend names what the picture shows.
    pub legend: &'a [LegendEntry],
    /// What lies under the network.
    pub backdrop: Option<&'a Backdrop>,
}

const BAR_WIDTH_PX: f32 = 9.0;

fn faded(colour: Rgba, opacity: f32) -> Rgba {
    colour.with_alpha((f32::from(colour.a) * opacity.clamp(0.0, 1.0)).round() as u8)
}

impl Painter<'_> {
    pub(super) fn densities(&mut self) {
        let Some(themes) = self.themes else { return };
        for heat in &themes.map.heat {
            let (low, high) = (
                self.view.px([heat.extent[0], heat.extent[3]]),
                self.view.px([heat.extent[2], heat.extent[1]]),
            );
            let size = [heat.columns as u32, heat.rows as u32];
            self.canvas
                .picture(&heat.rgba(), size, low, [high[0] - low[0], high[1] - low[1]]);
        }
    }

    pub(super) fn dots_and_charts(&mut self) {
        let Some(themes) = self.themes else { return };
        for dots in &themes.map.dots {
            let colour = faded(dots.colour, dots.opacity);
            for dot in &dots.dots {
                let at = self.view.px(*dot);
                if self.view.contains(at, dots.size_px) {
                    self.canvas.disc(at, dots.size_px / 2.0, colour);
                }
            }
        }
        for charts in &themes.map.diagrams {
            for chart in &charts.diagrams {
                self.chart(charts, chart);
            }
        }
    }

    fn chart(&mut self, charts: &DiagramMap, chart: &Diagram) {
        let at = self.view.px(chart.centre);
        let total = chart.total();
        if total <= 0.0 || !self.view.contains(at, charts.max_size_px) {
            return;
        }
        let (styles, theme) = (self.request.styles, self.request.theme);
        let (ink, ground) = (styles.text(theme), styles.ground(theme));
        let parts = chart.sums.iter().zip(&charts.parts);
        let bottom = match charts.kind {
            DiagramKind::Pie => {
                let radius = charts.pie_size_px(chart) / 2.0;
                self.canvas.disc(at, radius + 1.2, ground);
                let mut turn = -0.25_f32;
                for (sum, part) in parts {
                    let share = (sum / total) as f32;
                    let mut slice = PathBuilder::new();
                    slice.move_to(at[0], at[1]);
                    let steps = (share * 64.0).ceil().max(1.0) as u32;
                    for i in 0..=steps {
                        let angle = (turn + share * i as f32 / steps as f32) * std::f32::consts::TAU;
                        slice.line_to(at[0] + angle.cos() * radius, at[1] + angle.sin() * radius);
                    }
                    slice.close();
                    if let Some(slice) = slice.finish() {
                        self.canvas.fill(&slice, faded(part.colour, charts.opacity));
                    }
                    turn += share;
                }
                at[1] + radius
            }
            DiagramKind::Bar => {
                let left = at[0] - BAR_WIDTH_PX * chart.sums.len() as f32 / 2.0;
                for (i, (sum, part)) in parts.enumerate() {
                    let height = charts.bar_height_px(*sum);
                    self.canvas.rectangle(
                        left + BAR_WIDTH_PX * i as f32,
                        at[1] - height,
                        BAR_WIDTH_PX - 1.0,
                        height.max(0.1),
                        faded(part.colour, charts.opacity),
                    );
                }
                at[1]
            }
        };
        self.canvas.text_with_halo(
            self.font,
            &chart.zone,
            [at[0], bottom + 11.0],
            9.0,
            [ink, ground],
            Align::Centre,
        );
    }
}
