//! One page drawn into a file whose ending says what it is: for small drawings that are no map layout.

use std::path::Path;

use super::OutputFormat;
use super::surface::dxf::DxfWriter;
use super::surface::pdf::PdfWriter;
use super::surface::picture::{self, Painter};
use super::surface::svg::SvgWriter;
use super::surface::{Affine, Surface, TypeFace};
use crate::cartography::Rgba;
use crate::error::{Error, Result};
use crate::text::Message;

/// What a drawing needs to know before it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawing<'a> {
    pub title: &'a str,
    pub height_mm: f64,
    /// Under everything, in pictures.
    pub ground: Rgba,
    /// Of pictures.
    pub dpi: f64,
}

impl Drawing<'_> {
    /// Writes what `draw` draws, one page of `height_mm`, as PDF, SVG, DXF or PNG.
    ///
    /// # Errors
    /// What `draw` returns, `BadInput` for another ending, `Io`.
    pub fn write(
        &self,
        path: &Path,
        draw: impl FnOnce(&TypeFace, &mut dyn Surface) -> Result<()>,
    ) -> Result<()> {
        let face = TypeFace::embedded()?;
        let bytes = match OutputFormat::of_path(path)? {
            OutputFormat::Pdf => {
                let mut pdf = PdfWriter::new(&face, self.title);
                draw(&face, &mut pdf)?;
                pdf.finish()?
            }
            OutputFormat::Svg => {
                let mut svg = SvgWriter::new(&face);
                draw(&face, &mut svg)?;
                svg.finish().concat().into_bytes()
            }
            OutputFormat::Dxf => {
                let upright = Affine([1.0, 0.0, 0.0, -1.0, 0.0, self.height_mm]);
                let mut dxf = DxfWriter::new(&face, upright);
                draw(&face, &mut dxf)?;
                dxf.finish().concat()
            }
            OutputFormat::Png => {
                let mut painter = Painter::new(&face, self.dpi, Some(self.ground));
                draw(&face, &mut painter)?;
                match painter.finish()?.first() {
                    Some(page) => picture::png(page, self.dpi)?,
                    None => Vec::new(),
                }
            }
            OutputFormat::Tiff => {
                return Err(Error::bad_input(
                    Message::new("layout.error.format")
                        .with("path", path.display())
                        .with("known", "pdf, svg, dxf, png"),
                ));
            }
        };
        crate::output::write(path, &bytes)
    }
}
