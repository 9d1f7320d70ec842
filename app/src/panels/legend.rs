//! Small pictures of how the map draws things, for the layer tree. The shapes themselves are the style's.

use egui::{Painter, Rect, Stroke, pos2, vec2};
use gis_core::cartography::thematic::LegendSymbol;
use gis_core::cartography::{Rgba, Themed};

use super::symbol_picture;
use crate::theme::Theme;

/// The symbol of a class in the middle of `rect`.
pub fn symbol(painter: &Painter, rect: Rect, class: &str, theme: &Theme) {
    let symbol = theme.styles.symbol(class, None);
    let fill = theme.color(symbol.fill);
    let outline = theme.color(symbol.outline);
    let side = f32::min(symbol.size_px * 1.15, 15.0).max(7.0);
    symbol_picture::paint(painter, symbol.shape, rect.center(), side, [fill, outline]);
}

/// A piece of pipe of a diameter class, or of any.
pub fn pipe(painter: &Painter, rect: Rect, diameter: Option<usize>, theme: &Theme) {
    let middle = theme.styles.diameters().len() / 2;
    let style = theme.styles.diameter_style(Some(diameter.unwrap_or(middle)));
    let y = rect.center().y;
    let stroke = Stroke::new(style.width_px.max(1.2), theme.color(style.colour));
    painter.line_segment([pos2(rect.left() + 1.0, y), pos2(rect.right() - 1.0, y)], stroke);
}

/// What a legend shows for a class of a layer.
pub fn entry(painter: &Painter, rect: Rect, symbol: &LegendSymbol, theme: &Theme) {
    let ink = |colour: Rgba| {
        theme.color(Themed {
            light: colour,
            dark: colour,
        })
    };
    match symbol {
        LegendSymbol::None => {}
        LegendSymbol::Line { colour, width_px, .. } => {
            let y = rect.center().y;
            let stroke = Stroke::new(width_px.clamp(1.2, 8.0), ink(*colour));
            painter.line_segment([pos2(rect.left() + 1.0, y), pos2(rect.right() - 1.0, y)], stroke);
        }
        LegendSymbol::Point {
            shape,
            size_px,
            fill,
            outline,
        } => {
            let side = f32::min(size_px * 1.15, 17.0).max(5.0);
            symbol_picture::paint(painter, *shape, rect.center(), side, [*fill, *outline].map(ink));
        }
        LegendSymbol::Swatch(colour) => {
            painter.rect_filled(rect.shrink2(vec2(4.0, 3.0)), 2.0, ink(*colour));
        }
        LegendSymbol::Ramp(colours) => {
            let step = rect.width() / colours.len().max(1) as f32;
            for (i, colour) in colours.iter().enumerate() {
                let left = rect.left() + step * i as f32;
                let stripe = Rect::from_x_y_ranges(left..=left + step, rect.y_range().shrink(3.0));
                painter.rect_filled(stripe, 0.0, ink(*colour));
            }
        }
    }
}
