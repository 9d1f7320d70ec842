//! A bitmap with the few strokes a map needs, in logical pixels. It knows no network.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Rect, Stroke,
    StrokeDash, Transform,
};

use super::font::Font;
use crate::cartography::Rgba;
use crate::error::{Error, Result};
use crate::text::Message;

/// Where a text stands to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

pub(super) struct Canvas {
    pixmap: Pixmap,
    /// Device pixels per logical pixel.
    scale: f32,
}

impl Canvas {
    /// `width` and `height` in device pixels.
    pub(super) fn new(width: u32, height: u32, scale: f32, ground: Rgba) -> Result<Self> {
        let mut pixmap = Pixmap::new(width, height).ok_or_else(|| {
            let message = Message::new("cartography.render.size")
                .with("width", width)
                .with("height", height);
            Error::bad_input(message)
        })?;
        pixmap.fill(colour(ground));
        Ok(Self { pixmap, scale })
    }

    /// Width in logical pixels.
    pub(super) fn width(&self) -> f32 {
        self.pixmap.width() as f32 / self.scale
    }

    pub(super) fn height(&self) -> f32 {
        self.pixmap.height() as f32 / self.scale
    }

    pub(super) fn fill(&mut self, path: &Path, rgba: Rgba) {
        self.fill_placed(path, rgba, Transform::identity());
    }

    pub(super) fn fill_placed(&mut self, path: &Path, rgba: Rgba, place: Transform) {
        let place = place.post_scale(self.scale, self.scale);
        self.pixmap
            .fill_path(path, &paint(rgba), FillRule::Winding, place, None);
    }

    pub(super) fn stroke(&mut self, path: &Path, rgba: Rgba, width: f32, dash: Option<[f32; 2]>) {
        self.stroke_placed(path, rgba, width, dash, Transform::identity());
    }

    /// `width` is in the units of `path` before `place`.
    pub(super) fn stroke_placed(
        &mut self,
        path: &Path,
        rgba: Rgba,
        width: f32,
        dash: Option<[f32; 2]>,
        place: Transform,
    ) {
        let stroke = Stroke {
            width,
            line_cap: if dash.is_some() {
                LineCap::Butt
            } else {
                LineCap::Round
            },
            line_join: LineJoin::Round,
            dash: dash.and_then(|d| StrokeDash::new(d.to_vec(), 0.0)),
            ..Stroke::default()
        };
        let place = place.post_scale(self.scale, self.scale);
        self.pixmap.stroke_path(path, &paint(rgba), &stroke, place, None);
    }

    pub(super) fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, rgba: Rgba) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.fill(&PathBuilder::from_rect(rect), rgba);
        }
    }

    pub(super) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, rgba: Rgba, line: f32) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.stroke(&PathBuilder::from_rect(rect), rgba, line, None);
        }
    }

    /// Straight RGBA pixels, row by row from the top, stretched over a box.
    pub(super) fn picture(
        &mut self,
        pixels: &[[u8; 4]],
        [columns, rows]: [u32; 2],
        at: [f32; 2],
        size: [f32; 2],
    ) {
        let Some(mut source) = Pixmap::new(columns, rows) else {
            return;
        };
        for (pixel, [r, g, b, a]) in source.pixels_mut().iter_mut().zip(pixels) {
            *pixel = tiny_skia::ColorU8::from_rgba(*r, *g, *b, *a).premultiply();
        }
        let stretch = Transform::from_scale(size[0] / columns as f32, size[1] / rows as f32)
            .post_translate(at[0], at[1])
            .post_scale(self.scale, self.scale);
        let paint = tiny_skia::PixmapPaint {
            quality: tiny_skia::FilterQuality::Bilinear,
            ..tiny_skia::PixmapPaint::default()
        };
        self.pixmap
            .draw_pixmap(0, 0, source.as_ref(), &paint, stretch, None);
    }

    pub(super) fn disc(&mut self, centre: [f32; 2], radius: f32, rgba: Rgba) {
        if let Some(path) = PathBuilder::from_circle(centre[0], centre[1], radius) {
            self.fill(&path, rgba);
        }
    }

    pub(super) fn segment(
        &mut self,
        a: [f32; 2],
        b: [f32; 2],
        rgba: Rgba,
        width: f32,
        dash: Option<[f32; 2]>,
    ) {
        let mut path = PathBuilder::new();
        path.move_to(a[0], a[1]);
        path.line_to(b[0], b[1]);
        if let Some(path) = path.finish() {
            self.stroke(&path, rgba, width, dash);
        }
    }

    pub(super) fn text(
        &mut self,
        font: &Font,
        text: &str,
        at: [f32; 2],
        size: f32,
        rgba: Rgba,
        align: Align,
    ) {
        let x = at[0] - aligned(font.width(text, size), align);
        if let Some(path) = font.line(text, x, at[1], size) {
            self.fill(&path, rgba);
        }
    }

    /// Text with a rim in `halo`, legible on a busy ground.
    pub(super) fn text_with_halo(
        &mut self,
        font: &Font,
        text: &str,
        at: [f32; 2],
        size: f32,
        [rgba, halo]: [Rgba; 2],
        align: Align,
    ) {
        let x = at[0] - aligned(font.width(text, size), align);
        if let Some(path) = font.line(text, x, at[1], size) {
            self.stroke(&path, halo, size / 4.0, None);
            self.fill(&path, rgba);
        }
    }

    /// Puts another canvas of the same scale at a place.
    pub(super) fn paste(&mut self, other: &Self, x: f32, y: f32) {
        let at = |v: f32| (v * self.scale).round() as i32;
        let (x, y) = (at(x), at(y));
        self.pixmap.draw_pixmap(
            x,
            y,
            other.pixmap.as_ref(),
            &PixmapPaint::default(),
            Transform::identity(),
            None,
        );
    }

    /// The finished picture with its resolution written into it.
    pub(super) fn into_png(self, dpi: f64) -> Result<Vec<u8>> {
        let png = self
            .pixmap
            .encode_png()
            .map_err(|e| Error::bad_input(Message::new("cartography.render.png").with("reason", e)))?;
        Ok(with_resolution(png, dpi))
    }
}

fn aligned(width: f32, align: Align) -> f32 {
    match align {
        Align::Left => 0.0,
        Align::Centre => width / 2.0,
        Align::Right => width,
    }
}

fn colour(rgba: Rgba) -> Color {
    Color::from_rgba8(rgba.r, rgba.g, rgba.b, rgba.a)
}

fn paint(rgba: Rgba) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(rgba));
    paint.anti_alias = true;
    paint
}

/// Inserts a `pHYs` chunk after the header (PNG specification §11.3.4.3), so that printing knows the size.
pub(crate) fn with_resolution(png: Vec<u8>, dpi: f64) -> Vec<u8> {
    /// Signature, then the 25 bytes of IHDR.
    const AFTER_HEADER: usize = 8 + 25;
    let Some((head, rest)) = png.split_at_checked(AFTER_HEADER) else {
        return png;
    };
    let per_metre = (dpi / 0.0254).round().clamp(1.0, f64::from(u32::MAX)) as u32;
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre.to_be_bytes());
    chunk.extend(per_metre.to_be_bytes());
    chunk.push(1);
    let mut out = head.to_vec();
    out.extend(9_u32.to_be_bytes());
    out.extend(&chunk);
    out.extend(crc32(&chunk).to_be_bytes());
    out.extend(rest);
    out
}

/// CRC of PNG chunks (ISO 3309), bit by bit: it runs over 13 bytes.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                0xedb8_8320 ^ (c >> 1)
            } else {
                c >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_png() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn a_picture_tells_its_resolution_and_still_reads() {
        let canvas = Canvas::new(4, 3, 1.0, Rgba::WHITE).unwrap();
        let png = canvas.into_png(300.0).unwrap();
        assert_eq!(&png[37..41], b"pHYs");
        assert_eq!(&png[41..45], 11_811_u32.to_be_bytes());
        let read = Pixmap::decode_png(&png).unwrap();
        assert_eq!((read.width(), read.height()), (4, 3));
    }
}
