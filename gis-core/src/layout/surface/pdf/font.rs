//! The one font of a PDF file: only the glyphs that were used, addressed by their number in the cut-down font, with the
//! way back to Unicode so that text can be searched and copied.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;

use super::super::TypeFace;
use super::deflated;
use crate::cartography::render::FONT_BYTES;
use crate::error::{Error, Result};
use crate::text::Message;

const NAME: &[u8] = b"KAREZA+KarezSans-Regular";
const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// Glyphs in use.
#[derive(Debug, Default)]
pub(super) struct UsedFont {
    mapper: GlyphRemapper,
    /// Width in thousandths of the em and character of every glyph, by its number in the subset.
    glyphs: BTreeMap<u16, (f64, char)>,
}

impl UsedFont {
    /// The text as numbers of two bytes.
    pub(super) fn encode(&mut self, face: &TypeFace, text: &str) -> Vec<u8> {
        text.chars()
            .flat_map(|c| {
                let glyph = face.glyph(c);
                let number = self.mapper.remap(glyph.0);
                self.glyphs
                    .entry(number)
                    .or_insert((face.advance(glyph) * 1000.0, c));
                number.to_be_bytes()
            })
            .collect()
    }

    pub(super) fn write(
        &self,
        pdf: &mut Pdf,
        face: &TypeFace,
        font: Ref,
        [cid_font, descriptor, to_unicode, file]: [Ref; 4],
    ) -> Result<()> {
        let wrong = |reason: &dyn std::fmt::Display| {
            Error::bad_input(Message::new("cartography.render.font").with("reason", reason))
        };
        let subset = subsetter::subset(FONT_BYTES, 0, &self.mapper).map_err(|e| wrong(&e))?;
        // A CID font wants the bare CFF table of an OpenType font (ISO 32000-1 table 126).
        let cut = ttf_parser::RawFace::parse(&subset, 0).map_err(|e| wrong(&e))?;
        let cff = cut
            .table(ttf_parser::Tag::from_bytes(b"CFF "))
            .ok_or_else(|| wrong(&"CFF"))?;

        pdf.type0_font(font)
            .base_font(Name(NAME))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid_font)
            .to_unicode(to_unicode);
        let mut out = pdf.cid_font(cid_font);
        out.subtype(CidFontType::Type0)
            .base_font(Name(NAME))
            .system_info(SYSTEM)
            .font_descriptor(descriptor)
            .default_width(1000.0);
        let mut widths = out.widths();
        // Most characters are as wide as the em, which is what the font says where it says nothing.
        let narrow = self
            .glyphs
            .iter()
            .filter(|(_, (width, _))| (width - 1000.0).abs() > 0.05);
        for (number, (width, _)) in narrow {
            widths.consecutive(*number, [(*width * 10.0).round() as f32 / 10.0]);
        }
        widths.finish();
        out.finish();
        let source = face.face();
        let per_mille = 1000.0 / f32::from(source.units_per_em());
        let scaled = |v: i16| f32::from(v) * per_mille;
        let bounds = source.global_bounding_box();
        pdf.font_descriptor(descriptor)
            .name(Name(NAME))
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(
                scaled(bounds.x_min),
                scaled(bounds.y_min),
                scaled(bounds.x_max),
                scaled(bounds.y_max),
            ))
            .italic_angle(0.0)
            .ascent(scaled(source.ascender()))
            .descent(scaled(source.descender()))
            .cap_height(source.capital_height().map_or(733.0, scaled))
            .stem_v(80.0)
            .font_file3(file);
        let mut map = UnicodeCmap::<u16>::new(Name(b"Karez"), SYSTEM);
        for (number, (_, c)) in &self.glyphs {
            map.pair(*number, *c);
        }
        let map = deflated(&map.finish());
        pdf.stream(to_unicode, &map).filter(Filter::FlateDecode);
        let cff = deflated(cff);
        let mut stream = pdf.stream(file, &cff);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        stream.finish();
        Ok(())
    }
}
