//! A foreign layer in a view: its lines, areas, points and lettering in project coordinates, with the look that the
//! layer gives them. It draws nothing.

use super::BackdropView;
use crate::cartography::layers::{Layer, LayerSource, Renderer};
use crate::cartography::sketch_mesh::SketchLook;
use crate::cartography::{Rgba, WebPlace};
use crate::error::Result;
use crate::io::foreign::{ForeignReader, MOST_VERTICES};
use crate::io::sketch::{Piece, Sketch};
use crate::progress::Progress;

/// Places closer together than this cannot be told apart on paper.
const LEAST_MM: f64 = 0.05;
/// How far beyond the view is read, so that lines do not end at its edge.
const RIM_MM: f64 = 2.0;
/// Scale from which lettering is drawn, as in the window.
const TEXT_SCALE: f64 = 3_000.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SketchStyle {
    /// The colour of the layer's own; a faint ink where `None`.
    pub colour: Option<Rgba>,
    pub look: SketchLook,
    pub opacity: f32,
}

/// What a view shows of a foreign layer, in millimetres of the view. Areas are filled by the non-zero rule.
#[derive(Debug, Clone, PartialEq)]
pub struct DrapedSketch {
    pub pieces: Vec<Piece>,
    pub style: SketchStyle,
    pub is_cut: bool,
}

impl SketchStyle {
    /// As the layer says.
    pub fn of(layer: &Layer) -> Self {
        let mut style = Self {
            colour: None,
            look: SketchLook::default(),
            opacity: layer.opacity,
        };
        if let LayerSource::Vector(source) = &layer.source {
            style.look.is_filled = !source.is_outline_only;
        }
        if let Renderer::Single { look } = &layer.renderer {
            let sketch = &mut style.look;
            sketch.width_px = look.width_px.unwrap_or(sketch.width_px).clamp(0.1, 20.0);
            sketch.point_px = look.size_px.unwrap_or(sketch.point_px).clamp(0.5, 40.0);
            style.colour = look.colour;
        }
        style
    }
}

pub(super) fn lay(
    reader: &ForeignReader,
    layer: &Layer,
    view: &BackdropView,
    place: &WebPlace,
    progress: &dyn Progress,
) -> Result<DrapedSketch> {
    let mut out = DrapedSketch {
        pieces: Vec::new(),
        style: SketchStyle::of(layer),
        is_cut: false,
    };
    let (Some(b), Some(web_m_per_mm), Some(to_view)) =
        (view.web_box(place), view.web_m_per_mm(place), view.back())
    else {
        return Ok(out);
    };
    let rim = RIM_MM * web_m_per_mm;
    let web = [b[0] - rim, b[1] - rim, b[2] + rim, b[3] + rim];
    // A drawing to work on keeps every vertex.
    let step_m = if view.dpi.is_some() {
        LEAST_MM * web_m_per_mm
    } else {
        0.0
    };
    let Sketch { pieces, is_cut, .. } = reader.view(web, step_m, MOST_VERTICES, progress)?;
    out.is_cut = is_cut;
    let laid = |points: &mut [[f64; 2]]| {
        place.all_from_mercator(points);
        let [a, b, c, d, e, f] = to_view;
        for p in points {
            *p = [a * p[0] + c * p[1] + e, b * p[0] + d * p[1] + f];
        }
    };
    for (i, mut piece) in pieces.into_iter().enumerate() {
        if i % 512 == 0 {
            progress.check()?;
        }
        match &mut piece {
            Piece::Point(p) | Piece::Text(p, _) => laid(std::slice::from_mut(p)),
            Piece::Line(line) => laid(line),
            Piece::Area(rings) => {
                for (i, ring) in rings.iter_mut().enumerate() {
                    laid(ring);
                    wind(ring, i > 0);
                }
            }
        }
        let is_lettering = matches!(piece, Piece::Text(..));
        if is_placed(&piece) && (!is_lettering || view.scale_denominator <= TEXT_SCALE) {
            out.pieces.push(piece);
        }
    }
    Ok(out)
}

/// Turns a ring the way round that leaves holes empty by the non-zero rule.
fn wind(ring: &mut [[f64; 2]], is_hole: bool) {
    let area: f64 = ring
        .windows(2)
        .map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1])
        .sum();
    if (area < 0.0) != is_hole {
        ring.reverse();
    }
}

fn is_placed(piece: &Piece) -> bool {
    let are_finite = |points: &[[f64; 2]]| points.iter().flatten().all(|v| v.is_finite());
    match piece {
        Piece::Point(p) | Piece::Text(p, _) => are_finite(&[*p]),
        Piece::Line(line) => are_finite(line),
        Piece::Area(rings) => rings.iter().all(|ring| are_finite(ring)),
    }
}
