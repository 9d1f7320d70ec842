//! Pages as vector PDF 1.7: true to size, text that can be selected, layers that can be switched (optional content,
//! ISO 32000-1 §8.11). The content is written in millimetres; one matrix a page turns them into points.

mod font;

use std::collections::BTreeMap;

use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Ref, Str, TextStr};

use self::font::UsedFont;
use super::{Affine, Area, Bitmap, LayerName, Outline, Part, Stroke, Surface, TextRun, TypeFace, picture};
use crate::cartography::Rgba;
use crate::error::Result;

const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// What the graphics state says, so that nothing is said twice.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct State {
    fill: Option<[u8; 3]>,
    line: Option<[u8; 3]>,
    width_um: Option<i64>,
    /// A solid line has no length drawn.
    dash_um: Option<[i64; 2]>,
    alpha: Option<u8>,
}

/// Collects the pages of one file.
pub struct PdfWriter<'a> {
    face: &'a TypeFace,
    title: String,
    next_ref: i32,
    font: UsedFont,
    /// Titles of the layers in the order of their first use.
    layers: Vec<String>,
    alphas: BTreeMap<u8, Ref>,
    images: Vec<(Bitmap, Ref, Ref)>,
    pages: Vec<Page>,
    state: State,
    kept: Vec<State>,
    picture_dpi: f64,
}

struct Page {
    width_mm: f64,
    height_mm: f64,
    content: Content,
}

impl std::fmt::Debug for PdfWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PdfWriter")
            .field("pages", &self.pages.len())
            .finish_non_exhaustive()
    }
}

impl<'a> PdfWriter<'a> {
    pub fn new(face: &'a TypeFace, title: &str) -> Self {
        Self {
            face,
            title: title.to_owned(),
            next_ref: 1,
            font: UsedFont::default(),
            layers: Vec::new(),
            alphas: BTreeMap::new(),
            images: Vec::new(),
            pages: Vec::new(),
            state: State::default(),
            kept: Vec::new(),
            picture_dpi: super::PICTURE_DPI,
        }
    }

    /// Dots per inch of pictures of the ground.
    #[must_use]
    pub fn with_picture_dpi(mut self, dpi: f64) -> Self {
        self.picture_dpi = dpi;
        self
    }

    fn new_ref(&mut self) -> Ref {
        let out = Ref::new(self.next_ref);
        self.next_ref += 1;
        out
    }

    /// The finished file.
    ///
    /// # Errors
    /// `BadInput` when the font cannot be cut down to what is used.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        let [catalog, tree, info, resources, font] = [(); 5].map(|()| self.new_ref());
        let groups: Vec<(String, Ref)> = std::mem::take(&mut self.layers)
            .into_iter()
            .map(|title| (title, self.new_ref()))
            .collect();
        let pages: Vec<(Page, Ref, Ref)> = std::mem::take(&mut self.pages)
            .into_iter()
            .map(|page| (page, self.new_ref(), self.new_ref()))
            .collect();
        let mut pdf = Pdf::new();
        write_catalog(&mut pdf, catalog, tree, &groups);
        pdf.document_info(info)
            .title(TextStr(&self.title))
            .producer(TextStr("Karez"));
        pdf.pages(tree)
            .kids(pages.iter().map(|(_, page, _)| *page))
            .count(pages.len() as i32);
        for (title, id) in &groups {
            let mut group = pdf.indirect(*id).dict();
            group.pair(Name(b"Type"), Name(b"OCG"));
            group.pair(Name(b"Name"), TextStr(title));
        }
        for (alpha, id) in &self.alphas {
            let share = f32::from(*alpha) / 255.0;
            pdf.ext_graphics(*id)
                .stroking_alpha(share)
                .non_stroking_alpha(share);
        }
        let mut shared = pdf
            .indirect(resources)
            .start::<pdf_writer::writers::Resources<'_>>();
        shared.fonts().pair(Name(b"F"), font);
        let mut states = shared.ext_g_states();
        for (alpha, id) in &self.alphas {
            states.pair(Name(format!("A{alpha}").as_bytes()), *id);
        }
        states.finish();
        let mut pictures = shared.x_objects();
        for (i, (_, id, _)) in self.images.iter().enumerate() {
            pictures.pair(Name(format!("I{i}").as_bytes()), *id);
        }
        pictures.finish();
        let mut properties = shared.insert(Name(b"Properties")).dict();
        for (i, (_, id)) in groups.iter().enumerate() {
            properties.pair(Name(format!("L{i}").as_bytes()), *id);
        }
        properties.finish();
        shared.finish();
        for (bitmap, id, mask) in &self.images {
            write_image(&mut pdf, bitmap, *id, *mask)?;
        }
        for (page, id, content) in pages {
            let points = |mm: f64| (mm * POINTS_PER_MM) as f32;
            let mut out = pdf.page(id);
            out.parent(tree).contents(content);
            out.media_box(pdf_writer::Rect::new(
                0.0,
                0.0,
                points(page.width_mm),
                points(page.height_mm),
            ));
            out.pair(Name(b"Resources"), resources);
            out.finish();
            let packed = deflated(&page.content.finish());
            pdf.stream(content, &packed).filter(Filter::FlateDecode);
        }
        let mut refs = [(); 4].map(|()| Ref::new(1));
        for slot in &mut refs {
            *slot = self.new_ref();
        }
        self.font.write(&mut pdf, self.face, font, refs)?;
        Ok(pdf.finish())
    }

    fn content(&mut self) -> Option<&mut Content> {
        self.pages.last_mut().map(|page| &mut page.content)
    }

    fn alpha(&mut self, alpha: u8) {
        if self.state.alpha.unwrap_or(255) == alpha {
            return;
        }
        self.state.alpha = Some(alpha);
        if !self.alphas.contains_key(&alpha) {
            let id = self.new_ref();
            self.alphas.insert(alpha, id);
        }
        if let Some(content) = self.content() {
            content.set_parameters(Name(format!("A{alpha}").as_bytes()));
        }
    }

    fn fill_colour(&mut self, colour: Rgba) {
        self.alpha(colour.a);
        let rgb = [colour.r, colour.g, colour.b];
        if self.state.fill != Some(rgb) {
            self.state.fill = Some(rgb);
            let [r, g, b] = rgb.map(unit);
            if let Some(content) = self.content() {
                content.set_fill_rgb(r, g, b);
            }
        }
    }

    fn pen(&mut self, stroke: &Stroke) {
        self.alpha(stroke.colour.a);
        let was = self.state;
        let um = |mm: f64| (mm * 1000.0).round() as i64;
        let colour = stroke.colour;
        self.state.line = Some([colour.r, colour.g, colour.b]);
        self.state.width_um = Some(um(stroke.width_mm));
        self.state.dash_um = Some(stroke.dash_mm.map_or([0, 0], |d| d.map(um)));
        let now = self.state;
        let Some(content) = self.content() else { return };
        if let Some(rgb) = now.line.filter(|_| now.line != was.line) {
            let [r, g, b] = rgb.map(unit);
            content.set_stroke_rgb(r, g, b);
        }
        if now.width_um != was.width_um {
            content.set_line_width(short(stroke.width_mm));
        }
        if now.dash_um != was.dash_um {
            if let Some(dash) = stroke.dash_mm {
                content.set_line_cap(LineCapStyle::ButtCap);
                content.set_dash_pattern(dash.map(short), 0.0);
            } else {
                content.set_line_cap(LineCapStyle::RoundCap);
                content.set_dash_pattern([], 0.0);
            }
        }
    }
}

impl Surface for PdfWriter<'_> {
    fn begin_page(&mut self, width_mm: f64, height_mm: f64) {
        let mut content = Content::new();
        let k = POINTS_PER_MM;
        // From millimetres below the upper left corner to points above the lower left one.
        content.transform([k, 0.0, 0.0, -k, 0.0, height_mm * k].map(|v| v as f32));
        content.set_line_join(LineJoinStyle::RoundJoin);
        self.pages.push(Page {
            width_mm,
            height_mm,
            content,
        });
        self.state = State::default();
        self.kept.clear();
    }

    fn begin_layer(&mut self, name: LayerName<'_>) {
        let known = self.layers.iter().position(|title| title == name.title);
        let index = known.unwrap_or_else(|| {
            self.layers.push(name.title.to_owned());
            self.layers.len() - 1
        });
        if let Some(content) = self.content() {
            content
                .begin_marked_content_with_properties(Name(b"OC"))
                .properties_named(Name(format!("L{index}").as_bytes()));
        }
    }

    fn end_layer(&mut self) {
        if let Some(content) = self.content() {
            content.end_marked_content();
        }
    }

    fn push_clip(&mut self, area: Area) {
        self.kept.push(self.state);
        if let Some(content) = self.content() {
            content.save_state();
            content.rect(
                short(area.x),
                short(area.y),
                short(area.width),
                short(area.height),
            );
            content.clip_nonzero();
            content.end_path();
        }
    }

    fn pop_clip(&mut self) {
        if let Some(state) = self.kept.pop() {
            self.state = state;
            if let Some(content) = self.content() {
                content.restore_state();
            }
        }
    }

    fn fill(&mut self, outline: &Outline, colour: Rgba) {
        if outline.is_empty() || colour.a == 0 {
            return;
        }
        self.fill_colour(colour);
        if let Some(content) = self.content() {
            add(content, outline);
            content.fill_nonzero();
        }
    }

    fn stroke(&mut self, outline: &Outline, stroke: &Stroke) {
        if outline.is_empty() || stroke.colour.a == 0 {
            return;
        }
        self.pen(stroke);
        if let Some(content) = self.content() {
            add(content, outline);
            content.stroke();
        }
    }

    fn text(&mut self, run: &TextRun<'_>) {
        if run.text.trim().is_empty() {
            return;
        }
        if let Some(halo) = run.halo {
            // As outlines: as text it would be selected twice.
            self.stroke(&run.outline(self.face), &Stroke::solid(halo, run.size_mm / 5.0));
        }
        self.fill_colour(run.colour);
        let glyphs = self.font.encode(self.face, run.text);
        let [x, y] = run.start(self.face);
        let (sin, cos) = run.angle_rad.sin_cos();
        let Some(content) = self.content() else { return };
        content.begin_text();
        content.set_font(Name(b"F"), short(run.size_mm));
        content.set_text_matrix([
            cos as f32,
            sin as f32,
            sin as f32,
            -cos as f32,
            short(x),
            short(y),
        ]);
        content.show(Str(&glyphs));
        content.end_text();
    }

    fn image(&mut self, bitmap: &Bitmap, place: &Affine) {
        let known = self.images.iter().position(|(known, ..)| known == bitmap);
        let index = known.unwrap_or_else(|| {
            let refs = [self.new_ref(), self.new_ref()];
            self.images.push((bitmap.clone(), refs[0], refs[1]));
            self.images.len() - 1
        });
        self.alpha(255);
        let [a, b, c, d, e, f] = place.0;
        if let Some(content) = self.content() {
            content.save_state();
            // The unit square of PDF has its origin below.
            content.transform([a, b, -c, -d, e + c, f + d].map(|v| v as f32));
            content.x_object(Name(format!("I{index}").as_bytes()));
            content.restore_state();
        }
    }

    fn picture_dpi(&self) -> Option<f64> {
        Some(self.picture_dpi)
    }
}

fn write_catalog(pdf: &mut Pdf, catalog: Ref, tree: Ref, groups: &[(String, Ref)]) {
    let mut out = pdf.catalog(catalog);
    out.pages(tree);
    // A plan is measured on paper: viewers must not fit it to the sheet.
    out.insert(Name(b"ViewerPreferences"))
        .dict()
        .pair(Name(b"PrintScaling"), Name(b"None"))
        .pair(Name(b"DisplayDocTitle"), true);
    if !groups.is_empty() {
        let mut properties = out.insert(Name(b"OCProperties")).dict();
        let ids = || groups.iter().map(|(_, id)| *id);
        properties.insert(Name(b"OCGs")).array().items(ids());
        let mut usual = properties.insert(Name(b"D")).dict();
        usual.pair(Name(b"BaseState"), Name(b"ON"));
        usual.insert(Name(b"Order")).array().items(ids());
        usual.finish();
    }
}

fn write_image(pdf: &mut Pdf, bitmap: &Bitmap, id: Ref, mask: Ref) -> Result<()> {
    let pixels = || bitmap.rgba.chunks_exact(4);
    let alpha: Vec<u8> = pixels().map(|p| p[3]).collect();
    let is_opaque = alpha.iter().all(|a| *a == 255);
    let (packed, filter) = if picture::is_photograph(bitmap) {
        (picture::jpeg_of(bitmap)?, Filter::DctDecode)
    } else {
        let rgb: Vec<u8> = pixels().flat_map(|p| [p[0], p[1], p[2]]).collect();
        (deflated(&rgb), Filter::FlateDecode)
    };
    let mut out = pdf.image_xobject(id, &packed);
    out.filter(filter);
    out.width(bitmap.width as i32).height(bitmap.height as i32);
    out.color_space().device_rgb();
    out.bits_per_component(8);
    // Coarse pictures are smoothed, not shown as blocks.
    out.interpolate(true);
    if !is_opaque {
        out.s_mask(mask);
    }
    out.finish();
    if !is_opaque {
        let packed = deflated(&alpha);
        let mut out = pdf.image_xobject(mask, &packed);
        out.filter(Filter::FlateDecode);
        out.width(bitmap.width as i32).height(bitmap.height as i32);
        out.color_space().device_gray();
        out.bits_per_component(8);
    }
    Ok(())
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    // Writing to memory cannot fail.
    drop(out.write_all(bytes));
    out.finish().unwrap_or_default()
}

fn unit(component: u8) -> f32 {
    (f32::from(component) / 255.0 * 1000.0).round() / 1000.0
}

/// Micrometres are enough on paper.
fn short(mm: f64) -> f32 {
    ((mm * 1000.0).round() / 1000.0) as f32
}

fn add(content: &mut Content, outline: &Outline) {
    for part in &outline.parts {
        match part {
            Part::Move([x, y]) => content.move_to(short(*x), short(*y)),
            Part::Line([x, y]) => content.line_to(short(*x), short(*y)),
            Part::Cubic(a, b, c) => content.cubic_to(
                short(a[0]),
                short(a[1]),
                short(b[0]),
                short(b[1]),
                short(c[0]),
                short(c[1]),
            ),
            Part::Close => content.close_path(),
        };
    }
}
