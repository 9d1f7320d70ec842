//! Arrows along the pipes that say which way water runs, spaced as in the window. Where one-way devices say nothing, they
//! point the way a pipe was drawn.

use super::Scene;
use crate::cartography::PipeStyle;
use crate::cartography::chunks::against_drawing;
use crate::layout::frame::FrameView;
use crate::layout::surface::{LayerName, Outline, Surface};
use crate::network::PipeIndex;

/// Nominal distance between arrows on a segment, and the shortest segment that gets one, in pixels.
const SPACING_PX: f64 = 140.0;
const SHORTEST_PX: f64 = 26.0;
/// Arrows on one segment at most.
const MOST: f64 = 4.0;
/// Half the length of an arrow on the thinnest pipe, in pixels.
const HALF_PX: f64 = 3.0;

pub(super) fn draw(
    scene: &Scene<'_>,
    view: &FrameView,
    mm: f64,
    pipes: &[(PipeStyle, &[PipeIndex])],
    surface: &mut dyn Surface,
) {
    let against = against_drawing(scene.network);
    let title = scene.say("layout.layer.arrows");
    surface.begin_layer(LayerName {
        key: "flow_arrows",
        title: &title,
    });
    for (style, pipes) in pipes {
        let half_mm = (HALF_PX + f64::from(style.width_px) * 0.75) * mm;
        let mut outline = Outline::default();
        for pipe in *pipes {
            let way = if against.contains(pipe) { -1.0 } else { 1.0 };
            let vertices = scene.network.pipe_vertices(*pipe);
            for w in vertices.windows(2) {
                add_arrows(
                    &mut outline,
                    view,
                    [view.page(w[0]), view.page(w[1])],
                    way * half_mm,
                    mm,
                );
            }
        }
        surface.fill(&outline, style.colour.on(scene.theme));
    }
    surface.end_layer();
}

/// Triangles along a segment of the page; a negative size points them back.
fn add_arrows(outline: &mut Outline, view: &FrameView, [a, b]: [[f64; 2]; 2], half_mm: f64, mm: f64) {
    let run = [b[0] - a[0], b[1] - a[1]];
    let length = run[0].hypot(run[1]);
    if length < SHORTEST_PX * mm {
        return;
    }
    let count = (length / (SPACING_PX * mm)).floor().clamp(1.0, MOST);
    let ahead = run.map(|d| d / length * half_mm);
    for i in 0..count as u32 {
        let share = (f64::from(i) + 0.5) / count;
        let middle = [a[0] + run[0] * share, a[1] + run[1] * share];
        if !view.area.contains(middle, -half_mm.abs()) {
            continue;
        }
        let corner = |forward: f64, aside: f64| {
            [
                middle[0] + ahead[0] * forward - ahead[1] * aside,
                middle[1] + ahead[1] * forward + ahead[0] * aside,
            ]
        };
        let arrow = Outline::polygon(&[corner(-0.8, -0.95), corner(-0.8, 0.95), corner(1.0, 0.0)]);
        outline.parts.extend(arrow.parts);
    }
}
