//! Pages as SVG 1.1: one file a page, in millimetres, a group for every layer (named as Inkscape names layers).
//! Text stays text, in the fonts of whoever opens the file.

use std::fmt::Write as _;

use super::{
    Affine, Align, Area, Bitmap, LayerName, Outline, Part, Stroke, Surface, TextRun, TypeFace, base64,
};
use crate::cartography::Rgba;

/// Collects one SVG text a page.
#[derive(Debug)]
pub struct SvgWriter<'a> {
    face: &'a TypeFace,
    pages: Vec<String>,
    clips: usize,
    is_open: bool,
    picture_dpi: f64,
}

impl<'a> SvgWriter<'a> {
    pub fn new(face: &'a TypeFace) -> Self {
        Self {
            face,
            pages: Vec::new(),
            clips: 0,
            is_open: false,
            picture_dpi: super::PICTURE_DPI,
        }
    }

    /// Dots per inch of pictures of the ground.
    #[must_use]
    pub fn with_picture_dpi(mut self, dpi: f64) -> Self {
        self.picture_dpi = dpi;
        self
    }

    /// The finished files, one a page.
    pub fn finish(mut self) -> Vec<String> {
        self.close_page();
        self.pages
    }

    fn close_page(&mut self) {
        if self.is_open {
            self.put(format_args!("</svg>\n"));
            self.is_open = false;
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        if let Some(page) = self.pages.last_mut() {
            // Writing to a string cannot fail.
            page.write_fmt(text).ok();
        }
    }
}

impl Surface for SvgWriter<'_> {
    fn begin_page(&mut self, width_mm: f64, height_mm: f64) {
        self.close_page();
        self.pages.push(String::new());
        self.is_open = true;
        self.put(format_args!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
             xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             xmlns:inkscape=\"http://www.inkscape.org/namespaces/inkscape\" \
             width=\"{width_mm}mm\" height=\"{height_mm}mm\" viewBox=\"0 0 {width_mm} {height_mm}\">\n"
        ));
    }

    fn begin_layer(&mut self, name: LayerName<'_>) {
        self.put(format_args!(
            "<g class=\"{}\" inkscape:groupmode=\"layer\" inkscape:label=\"{}\">\n",
            escaped(name.key),
            escaped(name.title)
        ));
    }

    fn end_layer(&mut self) {
        self.put(format_args!("</g>\n"));
    }

    fn push_clip(&mut self, area: Area) {
        self.clips += 1;
        let id = self.clips;
        self.put(format_args!(
            "<clipPath id=\"clip{id}\"><path d=\"{}\"/></clipPath>\n<g clip-path=\"url(#clip{id})\">\n",
            data(&Outline::rectangle(area))
        ));
    }

    fn pop_clip(&mut self) {
        self.put(format_args!("</g>\n"));
    }

    fn fill(&mut self, outline: &Outline, colour: Rgba) {
        if outline.is_empty() {
            return;
        }
        self.put(format_args!(
            "<path d=\"{}\" fill=\"{}\"{}/>\n",
            data(outline),
            hex(colour),
            opacity("fill", colour)
        ));
    }

    fn stroke(&mut self, outline: &Outline, stroke: &Stroke) {
        if outline.is_empty() {
            return;
        }
        let dash = stroke.dash_mm.map_or_else(
            || " stroke-linecap=\"round\"".to_owned(),
            |[on, off]| format!(" stroke-dasharray=\"{} {}\"", short(on), short(off)),
        );
        self.put(format_args!(
            "<path d=\"{}\" fill=\"none\" stroke=\"{}\"{} stroke-width=\"{}\" stroke-linejoin=\"round\"{dash}/>\n",
            data(outline),
            hex(stroke.colour),
            opacity("stroke", stroke.colour),
            short(stroke.width_mm),
        ));
    }

    fn text(&mut self, run: &TextRun<'_>) {
        if run.text.trim().is_empty() {
            return;
        }
        let anchor = match run.align {
            Align::Left => "start",
            Align::Centre => "middle",
            Align::Right => "end",
        };
        let [x, y] = run.at.map(short);
        let turn = if run.angle_rad == 0.0 {
            String::new()
        } else {
            format!(
                " transform=\"rotate({} {x} {y})\"",
                short(run.angle_rad.to_degrees())
            )
        };
        let rim = run.halo.map_or_else(String::new, |halo| {
            format!(
                " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                hex(halo),
                short(run.size_mm / 5.0)
            )
        });
        self.put(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" font-family=\"Karez Sans, Noto Sans CJK SC, Noto Sans SC, \
             Source Han Sans SC, Microsoft YaHei, sans-serif\" text-anchor=\"{anchor}\" textLength=\"{}\" \
             lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{}{rim}{turn}>{}</text>\n",
            short(run.size_mm),
            short(self.face.width(run.text, run.size_mm)),
            hex(run.colour),
            opacity("fill", run.colour),
            escaped(run.text),
        ));
    }

    fn image(&mut self, bitmap: &Bitmap, place: &Affine) {
        let is_opaque = bitmap.rgba.as_chunks::<4>().0.iter().all(|p| p[3] == 255);
        let (kind, bytes) = if is_opaque && super::picture::is_photograph(bitmap) {
            ("jpeg", super::picture::jpeg_of(bitmap))
        } else {
            ("png", super::picture::png_of(bitmap))
        };
        let Ok(bytes) = bytes else { return };
        let [a, b, c, d, e, f] = place.0;
        self.put(format_args!(
            "<image width=\"1\" height=\"1\" preserveAspectRatio=\"none\" transform=\"matrix({a} {b} {c} {d} {e} {f})\" \
             xlink:href=\"data:image/{kind};base64,{}\"/>\n",
            base64::encode(&bytes)
        ));
    }

    fn picture_dpi(&self) -> Option<f64> {
        Some(self.picture_dpi)
    }
}

/// Micrometres are enough on paper.
fn short(value: f64) -> f64 {
    let rounded = (value * 1000.0).round() / 1000.0;
    // No minus zero.
    if rounded == 0.0 { 0.0 } else { rounded }
}

fn data(outline: &Outline) -> String {
    let mut out = String::new();
    let mut put = |letter: char, points: &[[f64; 2]]| {
        out.push(letter);
        for (i, point) in points.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            let [x, y] = point.map(short);
            write!(out, "{gap}{x} {y}").ok();
        }
    };
    for part in &outline.parts {
        match part {
            Part::Move(p) => put('M', &[*p]),
            Part::Line(p) => put('L', &[*p]),
            Part::Cubic(a, b, c) => put('C', &[*a, *b, *c]),
            Part::Close => put('Z', &[]),
        }
    }
    out
}

fn hex(colour: Rgba) -> String {
    Rgba { a: 255, ..colour }.to_string()
}

fn opacity(what: &str, colour: Rgba) -> String {
    if colour.a == 255 {
        String::new()
    } else {
        format!(" {what}-opacity=\"{}\"", short(f64::from(colour.a) / 255.0))
    }
}

fn escaped(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .fold(String::with_capacity(text.len()), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                other => out.push(other),
            }
            out
        })
}
