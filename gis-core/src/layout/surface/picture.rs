//! Pages as pixels, and pixels as PNG. One pixel more or less is decided here and nowhere else.

use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Mask, Paint, PathBuilder, Pattern, Pixmap,
    PremultipliedColorU8, Rect, SpreadMode, Stroke as Pen, StrokeDash, Transform,
};

use super::{Affine, Area, Bitmap, LayerName, Outline, Part, Stroke, Surface, TextRun, TypeFace};
use crate::cartography::Rgba;
use crate::error::{Error, Result};
use crate::text::Message;

/// More pixels than this in one page would not fit the memory of an ordinary machine.
pub const MOST_PIXELS: u64 = 200_000_000;

/// Collects one bitmap a page.
#[derive(Debug)]
pub struct Painter<'a> {
    face: &'a TypeFace,
    dpi: f64,
    ground: Option<Rgba>,
    pages: Vec<Pixmap>,
    clips: Vec<Option<Mask>>,
    failure: Option<Error>,
}

impl<'a> Painter<'a> {
    /// `ground` is the colour of the paper; `None` leaves it transparent.
    pub fn new(face: &'a TypeFace, dpi: f64, ground: Option<Rgba>) -> Self {
        Self {
            face,
            dpi,
            ground,
            pages: Vec::new(),
            clips: Vec::new(),
            failure: None,
        }
    }

    /// The finished pictures, one a page.
    ///
    /// # Errors
    /// `BadInput` for a page that is too large for its resolution.
    pub fn finish(self) -> Result<Vec<Pixmap>> {
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.pages),
        }
    }

    fn scale(&self) -> f32 {
        (self.dpi / 25.4) as f32
    }

    fn path(&self, outline: &Outline) -> Option<tiny_skia::Path> {
        let k = self.dpi / 25.4;
        let p = |p: &[f64; 2]| ((p[0] * k) as f32, (p[1] * k) as f32);
        let mut out = PathBuilder::new();
        for part in &outline.parts {
            match part {
                Part::Move(a) => {
                    let (x, y) = p(a);
                    out.move_to(x, y);
                }
                Part::Line(a) => {
                    let (x, y) = p(a);
                    out.line_to(x, y);
                }
                Part::Cubic(a, b, c) => {
                    let ((x1, y1), (x2, y2), (x, y)) = (p(a), p(b), p(c));
                    out.cubic_to(x1, y1, x2, y2, x, y);
                }
                Part::Close => out.close(),
            }
        }
        out.finish()
    }
}

/// Pixels of a page; `None` where it has none or too many.
fn pixels(width_mm: f64, height_mm: f64, dpi: f64) -> Option<[u32; 2]> {
    let side = |mm: f64| (mm / 25.4 * dpi).round();
    let (w, h) = (side(width_mm), side(height_mm));
    let is_sensible = w >= 1.0 && h >= 1.0 && w * h <= MOST_PIXELS as f64;
    is_sensible.then_some([w as u32, h as u32])
}

impl Surface for Painter<'_> {
    fn begin_page(&mut self, width_mm: f64, height_mm: f64) {
        self.clips.clear();
        let page = pixels(width_mm, height_mm, self.dpi).and_then(|[w, h]| Pixmap::new(w, h));
        let Some(mut page) = page else {
            self.failure = Some(Error::bad_input(
                Message::new("layout.error.pixels")
                    .with("dpi", self.dpi)
                    .with("width", format!("{:.0}", width_mm / 25.4 * self.dpi))
                    .with("height", format!("{:.0}", height_mm / 25.4 * self.dpi)),
            ));
            return;
        };
        if let Some(ground) = self.ground {
            page.fill(colour(ground));
        }
        self.pages.push(page);
    }

    fn begin_layer(&mut self, _name: LayerName<'_>) {}

    fn end_layer(&mut self) {}

    fn push_clip(&mut self, area: Area) {
        let path = self.path(&Outline::rectangle(area));
        let mask = self.pages.last().zip(path).and_then(|(page, path)| {
            let Some(Some(outer)) = self.clips.last() else {
                let mut mask = Mask::new(page.width(), page.height())?;
                mask.fill_path(&path, FillRule::Winding, false, Transform::identity());
                return Some(mask);
            };
            let mut mask = outer.clone();
            mask.intersect_path(&path, FillRule::Winding, false, Transform::identity());
            Some(mask)
        });
        self.clips.push(mask);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn fill(&mut self, outline: &Outline, rgba: Rgba) {
        let path = self.path(outline);
        let mask = self.clips.last().and_then(Option::as_ref);
        if let (Some(page), Some(path)) = (self.pages.last_mut(), path) {
            page.fill_path(
                &path,
                &paint(rgba),
                FillRule::Winding,
                Transform::identity(),
                mask,
            );
        }
    }

    fn stroke(&mut self, outline: &Outline, stroke: &Stroke) {
        let scale = self.scale();
        let pen = Pen {
            // Thinner than two thirds of a pixel, lines fade into nothing.
            width: (stroke.width_mm as f32 * scale).max(0.66),
            line_cap: if stroke.dash_mm.is_some() {
                LineCap::Butt
            } else {
                LineCap::Round
            },
            line_join: LineJoin::Round,
            dash: stroke
                .dash_mm
                .and_then(|d| StrokeDash::new(d.map(|mm| mm as f32 * scale).to_vec(), 0.0)),
            ..Pen::default()
        };
        let path = self.path(outline);
        let mask = self.clips.last().and_then(Option::as_ref);
        if let (Some(page), Some(path)) = (self.pages.last_mut(), path) {
            page.stroke_path(&path, &paint(stroke.colour), &pen, Transform::identity(), mask);
        }
    }

    fn text(&mut self, run: &TextRun<'_>) {
        let outline = run.outline(self.face);
        if let Some(halo) = run.halo {
            self.stroke(&outline, &Stroke::solid(halo, run.size_mm / 5.0));
        }
        self.fill(&outline, run.colour);
    }

    fn image(&mut self, bitmap: &Bitmap, place: &Affine) {
        let Some(source) = pixmap_of(bitmap) else { return };
        let scale = self.scale();
        let Some(unit) = Rect::from_xywh(0.0, 0.0, 1.0, 1.0) else {
            return;
        };
        let [a, b, c, d, e, f] = place.0.map(|v| v as f32);
        let to_page = Transform::from_row(a, b, c, d, e, f).post_scale(scale, scale);
        let to_unit = Transform::from_scale(1.0 / bitmap.width as f32, 1.0 / bitmap.height as f32);
        let paint = Paint {
            shader: Pattern::new(
                source.as_ref(),
                SpreadMode::Pad,
                FilterQuality::Bilinear,
                1.0,
                to_unit,
            ),
            anti_alias: true,
            ..Paint::default()
        };
        let mask = self.clips.last().and_then(Option::as_ref);
        if let Some(page) = self.pages.last_mut() {
            page.fill_rect(unit, &paint, to_page, mask);
        }
    }

    fn picture_dpi(&self) -> Option<f64> {
        Some(self.dpi)
    }
}

fn colour(rgba: Rgba) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(rgba.r, rgba.g, rgba.b, rgba.a)
}

fn paint(rgba: Rgba) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(rgba));
    paint.anti_alias = true;
    paint
}

fn pixmap_of(bitmap: &Bitmap) -> Option<Pixmap> {
    let mut out = Pixmap::new(bitmap.width, bitmap.height)?;
    for (pixel, [r, g, b, a]) in out.pixels_mut().iter_mut().zip(bitmap.rgba.as_chunks::<4>().0) {
        *pixel = tiny_skia::ColorU8::from_rgba(*r, *g, *b, *a).premultiply();
    }
    Some(out)
}

/// Reads PNG or JPEG.
///
/// # Errors
/// `BadInput` for what is neither, or too large.
pub fn bitmap_of(bytes: &[u8]) -> Result<Bitmap> {
    let wrong = |reason: &dyn std::fmt::Display| {
        Error::bad_input(Message::new("layout.error.picture").with("reason", reason))
    };
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|e| wrong(&e))?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(16_384);
    limits.max_image_height = Some(16_384);
    limits.max_alloc = Some(512 << 20);
    reader.limits(limits);
    let image = reader.decode().map_err(|e| wrong(&e))?.into_rgba8();
    Ok(Bitmap {
        width: image.width(),
        height: image.height(),
        rgba: image.into_raw(),
    })
}

pub(super) fn png_of(bitmap: &Bitmap) -> Result<Vec<u8>> {
    pixmap_of(bitmap)
        .ok_or_else(|| Error::bad_input(Message::new("layout.error.picture").with("reason", "0 × 0")))
        .and_then(|pixmap| encode(&pixmap))
}

/// A page as PNG with its resolution written into it.
pub fn png(pixmap: &Pixmap, dpi: f64) -> Result<Vec<u8>> {
    encode(pixmap).map(|png| crate::cartography::render::with_resolution(png, dpi))
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>> {
    pixmap
        .encode_png()
        .map_err(|e| Error::bad_input(Message::new("cartography.render.png").with("reason", e)))
}

/// Whether a picture has more shades than a drawing: a photograph, which JPEG keeps far smaller.
pub(super) fn is_photograph(bitmap: &Bitmap) -> bool {
    const SAMPLES: usize = 4096;
    const SHADES: usize = 1024;
    let pixels = bitmap.rgba.as_chunks::<4>().0;
    let step = (pixels.len() / SAMPLES).max(1);
    let shades: std::collections::HashSet<[u8; 3]> = pixels
        .iter()
        .step_by(step)
        .filter(|p| p[3] > 0)
        .map(|[r, g, b, _]| [*r, *g, *b])
        .collect();
    shades.len() > SHADES
}

/// The colours of a picture as JPEG, without what is transparent.
pub(super) fn jpeg_of(bitmap: &Bitmap) -> Result<Vec<u8>> {
    const QUALITY: u8 = 88;
    let rgb: Vec<u8> = bitmap
        .rgba
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[r, g, b, _]| [*r, *g, *b])
        .collect();
    let mut out = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, QUALITY)
        .encode(&rgb, bitmap.width, bitmap.height, image::ExtendedColorType::Rgb8)
        .map_err(|e| Error::bad_input(Message::new("layout.error.picture").with("reason", e)))?;
    Ok(out)
}

/// Straight alpha, row by row.
pub fn rgba(pixmap: &Pixmap) -> Vec<u8> {
    pixmap
        .pixels()
        .iter()
        .map(PremultipliedColorU8::demultiply)
        .flat_map(|c| [c.red(), c.green(), c.blue(), c.alpha()])
        .collect()
}
