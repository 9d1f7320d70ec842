//! North arrow, scale bar, texts and pictures of a page.

use std::collections::BTreeMap;

use super::{Pen, fill, words::scale_text};
use crate::cartography::render::round_down_to_125;
use crate::layout::model::{PictureItem, ScaleBarItem, TextItem};
use crate::layout::surface::{Affine, Align, Area, Bitmap, Outline, Stroke, Surface, TextRun, picture};

/// An arrow to where north is on the map, as large as its place allows.
pub(super) fn north_arrow(pen: &Pen<'_>, rotation_rad: f64, surface: &mut dyn Surface) {
    let size = pen.area.width.min(pen.area.height);
    let place = Affine::placed(size, rotation_rad, pen.area.centre());
    let ink = pen.scene.ink();
    for (side, colour) in [(-1.0, ink), (1.0, pen.scene.paper())] {
        let half = Outline::polygon(&[[0.0, -0.28], [side * 0.2, 0.45], [0.0, 0.3]]).at(&place);
        surface.fill(&half, colour);
        surface.stroke(&half, &Stroke::solid(ink, 0.2));
    }
    let text = pen.scene.say("cartography.render.north");
    surface.text(&TextRun {
        text: &text,
        at: place.apply([0.0, -0.32]),
        size_mm: size * 0.2,
        angle_rad: rotation_rad,
        align: Align::Centre,
        colour: ink,
        halo: None,
    });
}

/// A bar of a round length, black and white by turns, with the scale beside its title.
pub(super) fn scale_bar(pen: &Pen<'_>, item: &ScaleBarItem, denominator: f64, surface: &mut dyn Surface) {
    let size = item.size_mm.clamp(1.0, 20.0);
    let a = pen.area;
    let metres_per_mm = denominator / 1000.0;
    // Room for the last number, which stands half beyond the bar.
    let length_m = round_down_to_125((a.width - size * 4.0).max(5.0) * metres_per_mm);
    let length = length_m / metres_per_mm;
    let left = a.x + size;
    let (bar_y, bar_mm) = (a.bottom() - size * 0.8, size * 0.45);
    let parts = 4;
    let part = length / f64::from(parts);
    for i in 0..parts {
        let block = Area::new(left + f64::from(i) * part, bar_y, part, bar_mm);
        let colour = if i % 2 == 0 {
            pen.scene.ink()
        } else {
            pen.scene.paper()
        };
        surface.fill(&Outline::rectangle(block), colour);
        pen.frame(surface, block, 0.12);
    }
    let unit = |m: f64| if length_m >= 2000.0 { m / 1000.0 } else { m };
    let name = if length_m >= 2000.0 { "km" } else { "m" };
    for (share, suffix) in [(0.0, ""), (0.5, ""), (1.0, name)] {
        let text = format!("{} {suffix}", unit(length_m * share));
        let at = [left + length * share, bar_y - size * 0.3];
        pen.words(surface, text.trim_end(), at, size * 0.8, Align::Centre);
    }
    if a.height > size * 3.0 {
        let text = scale_text(denominator);
        let at = [left + length / 2.0, a.y + size];
        pen.words(surface, &text, at, size, Align::Centre);
    }
}

/// A text in as many lines as it needs, from the top of its place.
pub(super) fn text(
    pen: &Pen<'_>,
    item: &TextItem,
    values: &BTreeMap<String, String>,
    surface: &mut dyn Surface,
) {
    let size = item.size_mm.clamp(0.5, 200.0);
    let a = pen.area;
    let x = match item.align {
        Align::Left => a.x,
        Align::Centre => a.centre()[0],
        Align::Right => a.right(),
    };
    let lines = pen
        .scene
        .face
        .wrapped(&fill(&item.text, values), size, a.width.max(size));
    for (i, line) in lines.iter().enumerate() {
        let y = a.y + size * (0.95 + 1.35 * i as f64);
        pen.words(surface, line, [x, y], size, item.align);
    }
}

/// A picture as large as its place allows, or a crossed box where it cannot be read.
pub(super) fn picture(pen: &Pen<'_>, item: &PictureItem, surface: &mut dyn Surface) {
    let read = std::fs::read(&item.path)
        .ok()
        .and_then(|bytes| picture::bitmap_of(&bytes).ok());
    let a = pen.area;
    let Some(bitmap) = read else {
        pen.frame(surface, a, 0.15);
        let [tl, tr, br, bl] = a.corners();
        pen.line(surface, &[tl, br], 0.1);
        pen.line(surface, &[tr, bl], 0.1);
        return;
    };
    surface.image(&bitmap, &fitted(a, &bitmap));
}

fn fitted(a: Area, bitmap: &Bitmap) -> Affine {
    let [w, h] = [bitmap.width, bitmap.height].map(|px| f64::from(px.max(1)));
    let k = (a.width / w).min(a.height / h);
    let [x, y] = a.centre();
    Affine([w * k, 0.0, 0.0, h * k, x - w * k / 2.0, y - h * k / 2.0])
}
