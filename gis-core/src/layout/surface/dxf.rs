//! Pages as DXF R12, the version every CAD program reads, in coordinates of the ground rather than of the paper. Text is
//! GBK as AutoCAD's Chinese code page has it; what GBK lacks becomes `\U+XXXX`.

use super::{Affine, Area, Bitmap, LayerName, Outline, Part, Stroke, Surface, TextRun, TypeFace};
use crate::cartography::Rgba;

/// Collects the entities of one drawing. A second page would lie on the first, so there is one drawing a page.
#[derive(Debug)]
pub struct DxfWriter<'a> {
    face: &'a TypeFace,
    /// From millimetres on the page to the drawing.
    place: Affine,
    drawings: Vec<Drawing>,
    layers: Vec<String>,
}

#[derive(Debug, Default)]
struct Drawing {
    entities: Vec<u8>,
    /// Names of layers in the order of their first use.
    layers: Vec<String>,
    dashes: Vec<[i64; 2]>,
    low: Option<[f64; 2]>,
    high: [f64; 2],
}

const BASE_LAYER: &str = "0";

impl<'a> DxfWriter<'a> {
    /// `place` takes the page, y downwards, to the coordinates of the drawing, y upwards.
    pub fn new(face: &'a TypeFace, place: Affine) -> Self {
        Self {
            face,
            place,
            drawings: Vec::new(),
            layers: Vec::new(),
        }
    }

    /// The finished files, one a page.
    pub fn finish(self) -> Vec<Vec<u8>> {
        let scale = self.place.scale();
        self.drawings.iter().map(|d| d.file(scale)).collect()
    }

    fn layer(&mut self) -> String {
        let name = self.layers.last().map_or(BASE_LAYER, String::as_str).to_owned();
        if let Some(drawing) = self.drawings.last_mut()
            && !drawing.layers.contains(&name)
        {
            drawing.layers.push(name.clone());
        }
        name
    }

    fn polyline(&mut self, points: &[[f64; 2]], is_closed: bool, colour: u8, dash_mm: Option<[f64; 2]>) {
        let layer = self.layer();
        let place = self.place;
        let Some(drawing) = self.drawings.last_mut() else {
            return;
        };
        let kind = drawing.line_type(dash_mm);
        let mut out = Tags(&mut drawing.entities);
        out.text(0, "POLYLINE");
        out.text(8, &layer);
        out.text(6, &kind);
        out.int(62, i64::from(colour));
        out.int(66, 1);
        out.point([0.0, 0.0]);
        out.int(70, i64::from(is_closed));
        for point in points {
            out.text(0, "VERTEX");
            out.text(8, &layer);
            out.point(place.apply(*point));
        }
        out.text(0, "SEQEND");
        out.text(8, &layer);
        drawing.widen(points.iter().map(|p| place.apply(*p)));
    }
}

impl Drawing {
    /// Name of the line type with that pattern in millimetres of paper.
    fn line_type(&mut self, dash_mm: Option<[f64; 2]>) -> String {
        let Some(dash) = dash_mm else {
            return "CONTINUOUS".to_owned();
        };
        let um = dash.map(|mm| (mm * 1000.0).round() as i64);
        let index = self.dashes.iter().position(|d| *d == um).unwrap_or_else(|| {
            self.dashes.push(um);
            self.dashes.len() - 1
        });
        format!("KAREZ_DASH_{}", index + 1)
    }

    fn widen(&mut self, points: impl Iterator<Item = [f64; 2]>) {
        for p in points.filter(|p| p.iter().all(|v| v.is_finite())) {
            let low = self.low.get_or_insert_with(|| {
                self.high = p;
                p
            });
            for axis in 0..2 {
                low[axis] = low[axis].min(p[axis]);
                self.high[axis] = self.high[axis].max(p[axis]);
            }
        }
    }

    fn file(&self, scale: f64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.entities.len() + 4096);
        let mut out = Tags(&mut bytes);
        out.section("HEADER");
        out.text(9, "$ACADVER");
        out.text(1, "AC1009");
        out.text(9, "$DWGCODEPAGE");
        out.text(3, "ANSI_936");
        for (name, corner) in [("$EXTMIN", self.low.unwrap_or_default()), ("$EXTMAX", self.high)] {
            out.text(9, name);
            out.point(corner);
        }
        out.text(0, "ENDSEC");
        out.section("TABLES");
        out.table("LTYPE", self.dashes.len() + 1);
        out.line_type("CONTINUOUS", "Solid line", &[]);
        for (i, dash) in self.dashes.iter().enumerate() {
            let [on, off] = dash.map(|um| um as f64 / 1000.0 * scale);
            out.line_type(&format!("KAREZ_DASH_{}", i + 1), "Dashed", &[on, -off]);
        }
        out.text(0, "ENDTAB");
        out.table("LAYER", self.layers.len() + 1);
        let named = self
            .layers
            .iter()
            .map(String::as_str)
            .filter(|l| *l != BASE_LAYER);
        for layer in std::iter::once(BASE_LAYER).chain(named) {
            out.text(0, "LAYER");
            out.text(2, layer);
            out.int(70, 0);
            out.int(62, 7);
            out.text(6, "CONTINUOUS");
        }
        out.text(0, "ENDTAB");
        out.table("STYLE", 1);
        out.text(0, "STYLE");
        out.text(2, "KAREZ");
        out.int(70, 0);
        out.number(40, 0.0);
        out.number(41, 1.0);
        out.number(50, 0.0);
        out.int(71, 0);
        out.number(42, 1.0);
        out.text(3, "txt.shx");
        out.text(4, "gbcbig.shx");
        out.text(0, "ENDTAB");
        out.text(0, "ENDSEC");
        out.section("ENTITIES");
        bytes.extend(&self.entities);
        let mut out = Tags(&mut bytes);
        out.text(0, "ENDSEC");
        out.text(0, "EOF");
        bytes
    }
}

impl Surface for DxfWriter<'_> {
    fn begin_page(&mut self, _width_mm: f64, _height_mm: f64) {
        self.drawings.push(Drawing::default());
        self.layers.clear();
    }

    fn begin_layer(&mut self, name: LayerName<'_>) {
        // R12 knows capital letters, digits, `$`, `-` and `_`, 31 of them.
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        self.layers.push(name.key.chars().map(plain).take(31).collect());
    }

    fn end_layer(&mut self) {
        self.layers.pop();
    }

    // What is drawn is cut where it is worked out; there is no clipping in R12.
    fn push_clip(&mut self, _area: Area) {}

    fn pop_clip(&mut self) {}

    fn fill(&mut self, outline: &Outline, colour: Rgba) {
        // White paper is no part of a drawing.
        if colour.a < 128 || colour == Rgba::WHITE {
            return;
        }
        let has_curves = outline.parts.iter().any(|p| matches!(p, Part::Cubic(..)));
        for (ring, _) in outline.flattened() {
            if (3..=4).contains(&ring.len()) && !has_curves {
                let layer = self.layer();
                let place = self.place;
                let Some(drawing) = self.drawings.last_mut() else {
                    return;
                };
                let mut out = Tags(&mut drawing.entities);
                out.text(0, "SOLID");
                out.text(8, &layer);
                out.int(62, i64::from(nearest_colour(colour)));
                // The third and fourth corner are told in the other order.
                let corner = |i: usize| place.apply(ring[i.min(ring.len() - 1)]);
                for (slot, i) in [0, 1, 3, 2].into_iter().enumerate() {
                    let [x, y] = corner(i);
                    out.number(10 + slot as i32, x);
                    out.number(20 + slot as i32, y);
                    out.number(30 + slot as i32, 0.0);
                }
                drawing.widen(ring.iter().map(|p| place.apply(*p)));
            } else if ring.len() > 2 {
                self.polyline(&ring, true, nearest_colour(colour), None);
            }
        }
    }

    fn stroke(&mut self, outline: &Outline, stroke: &Stroke) {
        // Rims of the paper's colour only keep things apart on paper.
        if stroke.colour.a < 128 || stroke.colour == Rgba::WHITE {
            return;
        }
        let colour = nearest_colour(stroke.colour);
        for (line, is_closed) in outline.flattened() {
            if line.len() > 1 {
                self.polyline(&line, is_closed, colour, stroke.dash_mm);
            }
        }
    }

    fn text(&mut self, run: &TextRun<'_>) {
        if run.text.trim().is_empty() {
            return;
        }
        let layer = self.layer();
        let place = self.place;
        let at = place.apply(run.start(self.face));
        let ahead = place.apply({
            let [x, y] = run.start(self.face);
            [x + run.angle_rad.cos(), y + run.angle_rad.sin()]
        });
        let angle_deg = (ahead[1] - at[1]).atan2(ahead[0] - at[0]).to_degrees();
        let Some(drawing) = self.drawings.last_mut() else {
            return;
        };
        let mut out = Tags(&mut drawing.entities);
        out.text(0, "TEXT");
        out.text(8, &layer);
        out.int(62, i64::from(nearest_colour(run.colour)));
        out.point(at);
        // The height of a text in CAD is that of its capitals.
        out.number(40, run.size_mm * 0.733 * place.scale());
        out.words(1, run.text);
        out.number(50, angle_deg);
        out.text(7, "KAREZ");
        drawing.widen(std::iter::once(at));
    }

    fn image(&mut self, _bitmap: &Bitmap, _place: &Affine) {}

    fn is_exact(&self) -> bool {
        true
    }

    fn picture_dpi(&self) -> Option<f64> {
        None
    }
}

/// Group codes and values, one a line.
struct Tags<'a>(&'a mut Vec<u8>);

impl Tags<'_> {
    fn text(&mut self, code: i32, value: &str) {
        self.0.extend(format!("{code:>3}\r\n{value}\r\n").bytes());
    }

    fn words(&mut self, code: i32, value: &str) {
        self.0.extend(format!("{code:>3}\r\n").bytes());
        for c in value.chars().filter(|c| !c.is_control()) {
            let mut buffer = [0; 4];
            let (bytes, _, is_lossy) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
            if is_lossy {
                self.0.extend(format!("\\U+{:04X}", u32::from(c)).bytes());
            } else {
                self.0.extend(bytes.iter());
            }
        }
        self.0.extend(b"\r\n");
    }

    fn int(&mut self, code: i32, value: i64) {
        self.text(code, &value.to_string());
    }

    fn number(&mut self, code: i32, value: f64) {
        let value = if value.is_finite() { value } else { 0.0 };
        self.text(code, &format!("{value:.6}"));
    }

    fn point(&mut self, [x, y]: [f64; 2]) {
        self.number(10, x);
        self.number(20, y);
        self.number(30, 0.0);
    }

    fn section(&mut self, name: &str) {
        self.text(0, "SECTION");
        self.text(2, name);
    }

    fn table(&mut self, name: &str, count: usize) {
        self.text(0, "TABLE");
        self.text(2, name);
        self.int(70, count as i64);
    }

    fn line_type(&mut self, name: &str, description: &str, pattern: &[f64]) {
        self.text(0, "LTYPE");
        self.text(2, name);
        self.int(70, 0);
        self.text(3, description);
        self.int(72, 65);
        self.int(73, pattern.len() as i64);
        self.number(40, pattern.iter().map(|v| v.abs()).sum());
        for length in pattern {
            self.number(49, *length);
        }
    }
}

/// The nearest of the 255 colours of the AutoCAD colour index. 10–249 are 24 hues at five lightnesses, full and half
/// saturated; 250–255 are greys.
fn nearest_colour(colour: Rgba) -> u8 {
    let wanted = [colour.r, colour.g, colour.b].map(i32::from);
    let distance = |c: [i32; 3]| -> i32 { (0..3).map(|k| (c[k] - wanted[k]).pow(2)).sum() };
    (1..=255_u8)
        .min_by_key(|index| distance(index_colour(*index)))
        // Black and white are both 7: it shows on either ground.
        .map_or(7, |index| if is_near_black(wanted) { 7 } else { index })
}

fn is_near_black(rgb: [i32; 3]) -> bool {
    rgb.iter().all(|c| *c < 40)
}

fn index_colour(index: u8) -> [i32; 3] {
    match index {
        1 => [255, 0, 0],
        2 => [255, 255, 0],
        3 => [0, 255, 0],
        4 => [0, 255, 255],
        5 => [0, 0, 255],
        6 => [255, 0, 255],
        7 => [255, 255, 255],
        8 => [128, 128, 128],
        9 => [192, 192, 192],
        250..=255 => [51 + i32::from(index - 250) * 41; 3],
        _ => {
            let step = i32::from(index) - 10;
            let (hue, row) = (f64::from(step / 10) * 15.0, step % 10);
            let light = [255.0, 189.0, 129.0, 104.0, 79.0][(row / 2) as usize];
            let least = if row % 2 == 1 { light * 0.5 } else { 0.0 };
            let part = |offset: f64| {
                // The share of a primary at a hue: a trapezium over the circle.
                let h = (hue + offset).rem_euclid(360.0) / 60.0;
                let share = (2.0 - (h - 3.0).abs()).clamp(0.0, 1.0);
                (least + (light - least) * (1.0 - share)).round() as i32
            };
            [part(0.0), part(240.0), part(120.0)]
        }
    }
}
