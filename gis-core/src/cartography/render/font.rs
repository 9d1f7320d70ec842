//! The embedded font as outlines: text measured and turned into paths. It lays out single lines only.

use std::cell::RefCell;
use std::collections::HashMap;

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::error::{Error, Result};
use crate::text::Message;

/// The font of every text the program draws itself: Latin and the characters of GB 2312.
pub const FONT_BYTES: &[u8] = include_bytes!("../../../../assets/fonts/KarezSans-Regular.otf");

pub(super) struct Font {
    face: Face<'static>,
    outlines: RefCell<HashMap<u16, Option<Path>>>,
}

impl Font {
    pub(super) fn embedded() -> Result<Self> {
        let face = Face::parse(FONT_BYTES, 0)
            .map_err(|e| Error::bad_input(Message::new("cartography.render.font").with("reason", e)))?;
        Ok(Self {
            face,
            outlines: RefCell::new(HashMap::new()),
        })
    }

    /// Width of one line in pixels at a font size in pixels.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(self.glyph(c))).sum::<f32>() * self.scale(size)
    }

    /// `text`, shortened with an ellipsis where it is wider than `limit`.
    pub(super) fn fitted(&self, text: &str, size: f32, limit: f32) -> String {
        if self.width(text, size) <= limit {
            return text.to_owned();
        }
        let mut room = limit / self.scale(size) - self.advance(self.glyph('…'));
        let mut out: String = text
            .chars()
            .take_while(|c| {
                room -= self.advance(self.glyph(*c));
                room >= 0.0
            })
            .collect();
        out.push('…');
        out
    }

    /// The outlines of one line whose baseline starts at (`x`, `y`); `None` for blank text.
    pub(super) fn line(&self, text: &str, x: f32, y: f32, size: f32) -> Option<Path> {
        let scale = self.scale(size);
        let mut pen = x;
        let mut out = PathBuilder::new();
        for c in text.chars() {
            let glyph = self.glyph(c);
            let mut outlines = self.outlines.borrow_mut();
            let outline = outlines.entry(glyph.0).or_insert_with(|| self.outline(glyph));
            let place = Transform::from_row(scale, 0.0, 0.0, -scale, pen, y);
            if let Some(path) = outline.clone().and_then(|p| p.transform(place)) {
                out.push_path(&path);
            }
            pen += self.advance(glyph) * scale;
        }
        out.finish()
    }

    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    /// A character the font lacks is drawn as a white square, so that nobody takes it for a blank.
    fn glyph(&self, c: char) -> GlyphId {
        self.face
            .glyph_index(c)
            .or_else(|| self.face.glyph_index('□'))
            .unwrap_or_default()
    }

    fn advance(&self, glyph: GlyphId) -> f32 {
        f32::from(
            self.face
                .glyph_hor_advance(glyph)
                .unwrap_or(self.face.units_per_em()),
        )
    }

    fn outline(&self, glyph: GlyphId) -> Option<Path> {
        let mut pen = Pen(PathBuilder::new());
        self.face.outline_glyph(glyph, &mut pen)?;
        pen.0.finish()
    }
}

struct Pen(PathBuilder);

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_and_chinese_have_outlines_and_widths() {
        let font = Font::embedded().unwrap();
        assert!(font.line("阀门 V-12 → DN300", 0.0, 0.0, 12.0).is_some());
        assert!((font.width("阀门", 12.0) - 24.0).abs() < 0.5);
        assert!(font.line("  ", 0.0, 0.0, 12.0).is_none());
    }

    #[test]
    fn long_text_is_shortened_to_its_room() {
        let font = Font::embedded().unwrap();
        let text = font.fitted("天池示范区供水管网爆管分析", 12.0, 60.0);
        assert!(text.ends_with('…') && font.width(&text, 12.0) <= 60.0);
        assert_eq!(font.fitted("DN300", 12.0, 60.0), "DN300");
    }
}
