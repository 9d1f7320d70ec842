//! Node symbols in panels, by the drawings that the map has. It knows no styles.

use egui::{
    Color32, ColorImage, Context, Id, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2,
};
use gis_core::cartography::symbol_art::HALF_CANVAS;
use gis_core::cartography::{Shape, SymbolAtlas};

/// Draws a symbol of a side around a place, in its colours of fill and outline.
pub(super) fn paint(painter: &Painter, shape: Shape, middle: Pos2, side: f32, colours: [Color32; 2]) {
    let place = Rect::from_center_size(middle, vec2(side, side) * 2.0 * HALF_CANVAS);
    let needed_px = (place.width() * painter.ctx().pixels_per_point()).ceil() as u32;
    let Some(masks) = Masks::of(painter.ctx(), needed_px.next_power_of_two().clamp(16, 64)) else {
        return;
    };
    for (part, colour) in colours.into_iter().enumerate() {
        painter.image(masks.texture.id(), place, masks.part(shape, part as u32), colour);
    }
}

/// What is fill of all drawings, and below it what is outline, in white.
#[derive(Clone)]
struct Masks {
    texture: TextureHandle,
    columns: u32,
    rows: u32,
}

impl Masks {
    /// `None` where the drawings cannot be read.
    fn of(ctx: &Context, cell_px: u32) -> Option<Self> {
        let id = Id::unique("symbol masks").with(cell_px);
        if let Some(known) = ctx.data(|data| data.get_temp::<Option<Self>>(id)) {
            return known;
        }
        let made = SymbolAtlas::draw(cell_px)
            .inspect_err(|error| log::error!("there are no symbols: {error}"))
            .ok()
            .map(|atlas| Self::made_of(ctx, &atlas));
        ctx.data_mut(|data| data.insert_temp(id, made.clone()));
        made
    }

    fn made_of(ctx: &Context, atlas: &SymbolAtlas) -> Self {
        let [width, height] = atlas.size.map(|side| side as usize);
        let parts = [0, 1].into_iter().flat_map(|part| {
            let pixels = atlas
                .levels
                .iter()
                .take(1)
                .flat_map(|bytes| bytes.chunks_exact(2));
            pixels.flat_map(move |pixel| [pixel[part]; 4])
        });
        let white: Vec<u8> = parts.collect();
        let image = ColorImage::from_rgba_premultiplied([width, 2 * height], &white);
        Self {
            texture: ctx.load_texture("symbol masks", image, TextureOptions::LINEAR),
            columns: atlas.columns,
            rows: atlas.size[1] / atlas.cell_px,
        }
    }

    /// Where a drawing's fill (0) or outline (1) lies in the texture.
    fn part(&self, shape: Shape, part: u32) -> Rect {
        let number = shape as u32;
        let (column, row) = (number % self.columns, number / self.columns + part * self.rows);
        let cell = vec2(1.0 / self.columns as f32, 0.5 / self.rows as f32);
        Rect::from_min_size(pos2(column as f32 * cell.x, row as f32 * cell.y), cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_all_symbols_lie_apart_within_the_texture() {
        let ctx = Context::default();
        let masks = Masks::of(&ctx, 16).unwrap();
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let parts: Vec<Rect> = Shape::ALL
            .into_iter()
            .flat_map(|shape| [0, 1].map(|part| masks.part(shape, part)))
            .collect();
        for (i, part) in parts.iter().enumerate() {
            assert!(whole.expand(1e-6).contains_rect(*part), "{part:?}");
            for other in &parts[i + 1..] {
                let common = part.shrink(1e-5).intersect(*other);
                assert!(!common.is_positive(), "{part:?} and {other:?}");
            }
        }
    }
}
