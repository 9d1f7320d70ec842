//! The embedded font measured and as outlines, in units of the em square. It lays out single lines only.

use std::cell::RefCell;
use std::collections::HashMap;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::{Affine, Outline, Part};
use crate::cartography::render::FONT_BYTES;
use crate::error::{Error, Result};
use crate::text::Message;

/// The font of every page.
pub struct TypeFace {
    face: Face<'static>,
    outlines: RefCell<HashMap<u16, Outline>>,
}

impl std::fmt::Debug for TypeFace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypeFace").finish_non_exhaustive()
    }
}

impl TypeFace {
    pub fn embedded() -> Result<Self> {
        let face = Face::parse(FONT_BYTES, 0)
            .map_err(|e| Error::bad_input(Message::new("cartography.render.font").with("reason", e)))?;
        Ok(Self {
            face,
            outlines: RefCell::default(),
        })
    }

    /// Width of one line at a size of the em square.
    pub fn width(&self, text: &str, size: f64) -> f64 {
        text.chars().map(|c| self.advance(self.glyph(c))).sum::<f64>() * size
    }

    /// `text`, shortened with an ellipsis where it is wider than `limit`.
    pub fn fitted(&self, text: &str, size: f64, limit: f64) -> String {
        if self.width(text, size) <= limit {
            return text.to_owned();
        }
        let mut room = limit / size - self.advance(self.glyph('…'));
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

    /// `text` in lines no wider than `limit`, broken at line feeds, between words, and anywhere in Chinese.
    pub fn wrapped(&self, text: &str, size: f64, limit: f64) -> Vec<String> {
        let mut out = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            let mut width = 0.0;
            for word in words(paragraph) {
                let word_width = self.width(word, size);
                if width + word_width > limit && !line.is_empty() {
                    out.push(line.trim().to_owned());
                    line.clear();
                    width = 0.0;
                }
                line.push_str(word);
                width += word_width;
            }
            out.push(line.trim().to_owned());
        }
        out
    }

    /// A character the font lacks is drawn as a white square, so that nobody takes it for a blank.
    pub(super) fn glyph(&self, c: char) -> GlyphId {
        self.face
            .glyph_index(c)
            .or_else(|| self.face.glyph_index('□'))
            .unwrap_or_default()
    }

    /// In ems.
    pub(super) fn advance(&self, glyph: GlyphId) -> f64 {
        let units = f64::from(self.face.units_per_em());
        self.face
            .glyph_hor_advance(glyph)
            .map_or(1.0, |advance| f64::from(advance) / units)
    }

    pub(super) fn face(&self) -> &Face<'static> {
        &self.face
    }

    /// One line of em size 1 with its baseline on the x axis, y downwards.
    pub(super) fn outline(&self, text: &str) -> Outline {
        let mut out = Outline::default();
        let mut pen = 0.0;
        let mut outlines = self.outlines.borrow_mut();
        for c in text.chars() {
            let glyph = self.glyph(c);
            let outline = outlines.entry(glyph.0).or_insert_with(|| self.outline_of(glyph));
            out.add(outline, &Affine([1.0, 0.0, 0.0, 1.0, pen, 0.0]));
            pen += self.advance(glyph);
        }
        out
    }

    fn outline_of(&self, glyph: GlyphId) -> Outline {
        let mut pen = Pen {
            outline: Outline::default(),
            scale: 1.0 / f64::from(self.face.units_per_em()),
            at: [0.0; 2],
        };
        self.face.outline_glyph(glyph, &mut pen);
        pen.outline
    }
}

/// Words with the blanks behind them; every Chinese character is one of its own.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (i, c) in text.char_indices() {
        let breaks = previous.is_some_and(|p| (p == ' ' && c != ' ') || is_wide(p) || is_wide(c));
        if breaks {
            out.extend(text.get(start..i));
            start = i;
        }
        previous = Some(c);
    }
    out.extend(text.get(start..));
    out
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fff}' | '\u{3040}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

struct Pen {
    outline: Outline,
    scale: f64,
    at: [f64; 2],
}

impl Pen {
    fn point(&self, x: f32, y: f32) -> [f64; 2] {
        [f64::from(x) * self.scale, -f64::from(y) * self.scale]
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.outline.parts.push(Part::Move(self.at));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.outline.parts.push(Part::Line(self.at));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (c, to, from) = (self.point(x1, y1), self.point(x, y), self.at);
        let toward = |p: [f64; 2]| [0, 1].map(|k: usize| p[k] + 2.0 / 3.0 * (c[k] - p[k]));
        self.outline.parts.push(Part::Cubic(toward(from), toward(to), to));
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.outline
            .parts
            .push(Part::Cubic(self.point(x1, y1), self.point(x2, y2), self.at));
    }

    fn close(&mut self) {
        self.outline.parts.push(Part::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_measured_fitted_and_wrapped() {
        let face = TypeFace::embedded().unwrap();
        assert!((face.width("阀门", 3.0) - 6.0).abs() < 0.05);
        assert!(face.fitted("天池示范区供水管网", 3.0, 12.0).ends_with('…'));
        assert_eq!(
            face.wrapped("供水管网 water supply", 2.0, 8.0),
            ["供水管网", "water", "supply"]
        );
        assert_eq!(face.wrapped("a\nb", 2.0, 8.0), ["a", "b"]);
        assert!(!face.outline("阀 DN300").is_empty());
    }
}
