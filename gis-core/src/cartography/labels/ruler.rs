//! How wide a text is in the embedded font. It draws nothing.

use ttf_parser::Face;

use crate::cartography::render::FONT_BYTES;
use crate::error::{Error, Result};
use crate::text::Message;

/// Height of a line of text in heights of its font.
pub const LINE_EM: f32 = 1.25;

/// Measures single lines.
pub struct TextRuler {
    face: Face<'static>,
    em: f32,
    /// Most texts are digits and Latin letters.
    ascii: [f32; 128],
}

impl TextRuler {
    /// # Errors
    /// The embedded font cannot be read.
    pub fn embedded() -> Result<Self> {
        let face = Face::parse(FONT_BYTES, 0)
            .map_err(|e| Error::bad_input(Message::new("cartography.render.font").with("reason", e)))?;
        let em = f32::from(face.units_per_em());
        let mut ruler = Self {
            face,
            em,
            ascii: [0.0; 128],
        };
        ruler.ascii = std::array::from_fn(|code| ruler.advance_em(char::from(code as u8)));
        Ok(ruler)
    }

    /// Width of one line in heights of the font.
    pub fn width_em(&self, text: &str) -> f32 {
        text.chars()
            .map(|c| match self.ascii.get(c as usize) {
                Some(advance) => *advance,
                None => self.advance_em(c),
            })
            .sum()
    }

    /// A character that the font lacks is drawn as a square.
    fn advance_em(&self, c: char) -> f32 {
        self.face
            .glyph_index(c)
            .or_else(|| self.face.glyph_index('□'))
            .and_then(|glyph| self.face.glyph_hor_advance(glyph))
            .map_or(1.0, |advance| f32::from(advance) / self.em)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_square_and_latin_narrower() {
        let ruler = TextRuler::embedded().unwrap();
        assert!((ruler.width_em("管道") - 2.0).abs() < 0.01);
        let latin = ruler.width_em("DN300");
        assert!((2.0..4.0).contains(&latin), "{latin}");
        assert!((ruler.width_em("") - 0.0).abs() < f32::EPSILON);
        assert!(
            ruler.width_em("\u{10ffff}") > 0.3,
            "what is lacking takes the room of a square"
        );
    }
}
