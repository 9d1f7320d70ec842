//! Lays pictures, tiles and foreign layers under the network of a map frame, each in a layer of its own. What they are is
//! worked out by `cartography::backdrop`.

use super::Scene;
use super::network::MM_PER_PX;
use crate::cartography::backdrop::{Backdrop, BackdropView, DrapedSketch, Laid};
use crate::cartography::layers::{Layer, LayerSource};
use crate::cartography::thematic::layer_title;
use crate::error::Result;
use crate::io::sketch::Piece;
use crate::issue::Issues;
use crate::layout::frame::FrameView;
use crate::layout::surface::{
    Affine, Align, Area, Bitmap, LayerName, Outline, Part, Stroke, Surface, TextRun,
};
use crate::progress::Progress;

/// Lines stroked as one path.
const BATCH: usize = 256;
/// What a fill keeps of its line's colour, as in the window.
const FILL_SHARE: f64 = 0.18;
const TEXT_MM: f64 = 2.0;
/// Faint beside the network.
const FAINT: u8 = 150;

pub(super) fn draw(
    scene: &Scene<'_>,
    backdrop: &Backdrop,
    frame: &FrameView,
    scale: f64,
    surface: &mut dyn Surface,
    progress: &dyn Progress,
) -> Result<Issues> {
    let area = frame.area;
    let [a, b, c, d, e, f] = frame.to_ground().0;
    let view = BackdropView {
        size_mm: [area.width, area.height],
        to_project: [
            a,
            b,
            c,
            d,
            e + a * area.x + c * area.y,
            f + b * area.x + d * area.y,
        ],
        scale_denominator: frame.denominator,
        dpi: surface.picture_dpi(),
    };
    let mut credits: Vec<String> = Vec::new();
    let issues = backdrop.lay(&view, progress, &mut |layer, laid| {
        let title = layer_title(layer, scene.schema, scene.lang);
        surface.begin_layer(LayerName {
            key: &layer.id.0,
            title: &title,
        });
        surface.push_clip(area);
        match laid {
            Laid::Picture(drape) => {
                let [x, y, w, h] = drape.area_mm;
                let bitmap = Bitmap {
                    width: drape.size[0] as u32,
                    height: drape.size[1] as u32,
                    rgba: drape.rgba,
                };
                surface.image(&bitmap, &Affine([w, 0.0, 0.0, h, area.x + x, area.y + y]));
                credits.extend(credit_of(layer));
            }
            Laid::Sketch(sketch) => sketch_on(scene, &sketch, area, scale, surface),
        }
        surface.pop_clip();
        surface.end_layer();
        Ok(())
    })?;
    credits.sort();
    credits.dedup();
    if !credits.is_empty() {
        credit(scene, &credits.join(" · "), area, surface);
    }
    Ok(issues)
}

/// Who made the tiles of a layer.
fn credit_of(layer: &Layer) -> Option<String> {
    match &layer.source {
        LayerSource::Tiles(tiles) if !tiles.attribution.trim().is_empty() => {
            Some(tiles.attribution.trim().to_owned())
        }
        _ => None,
    }
}

fn credit(scene: &Scene<'_>, text: &str, area: Area, surface: &mut dyn Surface) {
    let text = scene.face.fitted(text, TEXT_MM, area.width - 2.0);
    let title = scene.say("layout.layer.page");
    surface.begin_layer(LayerName {
        key: "page",
        title: &title,
    });
    surface.text(&TextRun {
        text: &text,
        at: [area.right() - 1.0, area.bottom() - 1.0],
        size_mm: TEXT_MM,
        angle_rad: 0.0,
        align: Align::Right,
        colour: scene.ink(),
        halo: Some(scene.paper()),
    });
    surface.end_layer();
}

fn sketch_on(scene: &Scene<'_>, sketch: &DrapedSketch, area: Area, scale: f64, surface: &mut dyn Surface) {
    let style = sketch.style;
    let base = style.colour.unwrap_or_else(|| scene.ink().with_alpha(FAINT));
    let share = |share: f64| base.with_alpha((f64::from(base.a) * share).round() as u8);
    let opacity = f64::from(style.opacity.clamp(0.0, 1.0));
    let (line_colour, fill_colour) = (share(opacity), share(opacity * FILL_SHARE));
    let to_page = Affine([1.0, 0.0, 0.0, 1.0, area.x, area.y]);
    // Where nothing is clipped, what runs over the edge of the frame cannot be filled.
    if style.look.is_filled && !surface.is_exact() {
        for piece in &sketch.pieces {
            if let Piece::Area(rings) = piece {
                let mut outline = Outline::default();
                for ring in rings {
                    outline.add(&Outline::polygon(ring), &to_page);
                }
                surface.fill(&outline, fill_colour);
            }
        }
    }
    let pen = Stroke::solid(line_colour, f64::from(style.look.width_px) * scale);
    let dot_mm = f64::from(style.look.point_px) * scale / 2.0;
    let mut lines = Outline::default();
    let mut count = 0;
    for piece in &sketch.pieces {
        match piece {
            Piece::Line(line) => add_clipped(&mut lines, line, area),
            Piece::Area(rings) => rings.iter().for_each(|ring| add_clipped(&mut lines, ring, area)),
            Piece::Point(p) => {
                let at = to_page.apply(*p);
                if area.contains(at, 0.0) {
                    surface.fill(&Outline::circle(at, dot_mm), line_colour);
                }
            }
            Piece::Text(p, text) => {
                let at = to_page.apply(*p);
                if area.contains(at, 0.0) {
                    surface.text(&TextRun {
                        text,
                        at,
                        size_mm: TEXT_MM * scale / MM_PER_PX,
                        angle_rad: 0.0,
                        align: Align::Left,
                        colour: line_colour,
                        halo: None,
                    });
                }
            }
        }
        count += 1;
        if count % BATCH == 0 {
            surface.stroke(&lines, &pen);
            lines = Outline::default();
        }
    }
    surface.stroke(&lines, &pen);
}

/// The strokes of a line that lie in the frame; the line is in millimetres from its corner.
fn add_clipped(outline: &mut Outline, line: &[[f64; 2]], area: Area) {
    let place = |p: [f64; 2]| [area.x + p[0], area.y + p[1]];
    let mut pen = None;
    for w in line.windows(2) {
        let Some([a, b]) = area.clip(place(w[0]), place(w[1])) else {
            pen = None;
            continue;
        };
        if pen == Some(a) {
            outline.parts.push(Part::Line(b));
        } else {
            outline.add_line(&[a, b]);
        }
        pen = Some(b);
    }
}
