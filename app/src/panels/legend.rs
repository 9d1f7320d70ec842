//! Small pictures of how the map draws things, for the layer tree. The shapes themselves are the style's.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use gis_core::cartography::thematic::LegendSymbol;
use gis_core::cartography::{Rgba, Shape as SymbolShape, Themed};

use crate::theme::Theme;

/// The symbol of a class in the middle of `rect`.
pub fn symbol(painter: &Painter, rect: Rect, class: &str, theme: &Theme) {
    let symbol = theme.styles.symbol(class, None);
    let fill = theme.color(symbol.fill);
    let outline = Stroke::new(1.0, theme.color(symbol.outline));
    let side = f32::min(symbol.size_px * 1.15, 15.0).max(7.0);
    draw(painter, symbol.shape, rect.center(), side, fill, outline);
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
            let outline = Stroke::new(1.0, ink(*outline));
            draw(painter, *shape, rect.center(), side, ink(*fill), outline);
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

fn draw(painter: &Painter, shape: SymbolShape, middle: Pos2, side: f32, fill: Color32, outline: Stroke) {
    let at = |x: f32, y: f32| middle + vec2(x, y) * side;
    let polygon = |points: Vec<Pos2>| {
        painter.add(Shape::convex_polygon(points, fill, outline));
    };
    let bow_tie = || {
        polygon(vec![at(-0.5, -0.35), at(0.0, 0.0), at(-0.5, 0.35)]);
        polygon(vec![at(0.5, -0.35), at(0.0, 0.0), at(0.5, 0.35)]);
    };
    let line = |a: Pos2, b: Pos2| {
        painter.line_segment([a, b], Stroke::new(1.5, fill));
    };
    let square = |half: f32| {
        polygon(vec![
            at(-half, -half),
            at(half, -half),
            at(half, half),
            at(-half, half),
        ]);
    };
    match shape {
        SymbolShape::Dot | SymbolShape::Circle => {
            painter.circle(middle, side * 0.42, fill, outline);
        }
        SymbolShape::Square | SymbolShape::Reservoir | SymbolShape::Tank => square(0.42),
        SymbolShape::Triangle => polygon(vec![at(0.0, -0.5), at(0.45, 0.4), at(-0.45, 0.4)]),
        SymbolShape::Diamond => polygon(vec![at(0.0, -0.5), at(0.5, 0.0), at(0.0, 0.5), at(-0.5, 0.0)]),
        SymbolShape::BowTie => bow_tie(),
        SymbolShape::BowTieBar => {
            bow_tie();
            line(at(0.0, -0.4), at(0.0, 0.4));
        }
        SymbolShape::BowTieDot => {
            bow_tie();
            painter.circle(middle, side * 0.2, fill, outline);
        }
        SymbolShape::CheckValve => {
            polygon(vec![at(-0.45, -0.4), at(0.4, 0.0), at(-0.45, 0.4)]);
            line(at(0.45, -0.4), at(0.45, 0.4));
        }
        SymbolShape::ControlValve => {
            bow_tie();
            line(at(0.0, 0.0), at(0.0, -0.5));
            line(at(-0.25, -0.5), at(0.25, -0.5));
        }
        SymbolShape::ReducingValve | SymbolShape::SustainingValve | SymbolShape::FlowValve => {
            draw_regulating_valve(painter, shape, &at, side, [fill, outline.color]);
        }
        SymbolShape::Hydrant => {
            painter.circle(middle, side * 0.36, fill, outline);
            line(at(-0.5, 0.0), at(0.5, 0.0));
        }
        SymbolShape::Meter => {
            painter.circle(middle, side * 0.42, fill, outline);
            painter.line_segment([middle, at(0.22, -0.22)], Stroke::new(1.5, outline.color));
        }
        SymbolShape::House | SymbolShape::Plant => {
            polygon(vec![
                at(-0.4, 0.45),
                at(-0.4, -0.1),
                at(0.0, -0.5),
                at(0.4, -0.1),
                at(0.4, 0.45),
            ]);
        }
        SymbolShape::Tee => {
            line(at(-0.45, 0.0), at(0.45, 0.0));
            line(at(0.0, 0.0), at(0.0, 0.45));
        }
        SymbolShape::Cross => {
            line(at(-0.45, 0.0), at(0.45, 0.0));
            line(at(0.0, -0.45), at(0.0, 0.45));
        }
        SymbolShape::Reducer => polygon(vec![at(-0.4, -0.4), at(0.4, -0.18), at(0.4, 0.18), at(-0.4, 0.4)]),
        SymbolShape::Cap => {
            line(at(-0.45, 0.0), at(0.2, 0.0));
            line(at(0.2, -0.4), at(0.2, 0.4));
        }
        SymbolShape::AirValve => {
            painter.circle(at(0.0, -0.1), side * 0.3, fill, outline);
            line(at(0.0, 0.2), at(0.0, 0.5));
        }
        SymbolShape::BlowOff => {
            painter.circle(at(0.0, -0.15), side * 0.3, fill, outline);
            line(at(0.0, 0.15), at(0.0, 0.5));
            line(at(-0.25, 0.5), at(0.25, 0.5));
        }
        SymbolShape::Pump => {
            painter.circle(middle, side * 0.45, fill, outline);
            painter.add(Shape::convex_polygon(
                vec![at(-0.2, -0.25), at(0.3, 0.0), at(-0.2, 0.25)],
                outline.color,
                Stroke::NONE,
            ));
        }
    }
}

/// A bow tie below the middle, and above it what works it.
fn draw_regulating_valve(
    painter: &Painter,
    shape: SymbolShape,
    at: &dyn Fn(f32, f32) -> Pos2,
    side: f32,
    [fill, ink]: [Color32; 2],
) {
    let outline = Stroke::new(1.0, ink);
    let upstream = if shape == SymbolShape::SustainingValve {
        ink
    } else {
        fill
    };
    let half_down = if shape == SymbolShape::ReducingValve {
        0.16
    } else {
        0.4
    };
    for (x, half, colour) in [(-0.5, 0.4, upstream), (0.5, half_down, fill)] {
        let corners = vec![at(x, 0.1 - half), at(0.0, 0.1), at(x, 0.1 + half)];
        painter.add(Shape::convex_polygon(corners, colour, outline));
    }
    painter.line_segment([at(0.0, 0.1), at(0.0, -0.4)], outline);
    if shape == SymbolShape::FlowValve {
        painter.circle(at(0.0, -0.3), side * 0.2, fill, outline);
    } else {
        painter.line_segment([at(-0.25, -0.4), at(0.25, -0.4)], Stroke::new(2.5, ink));
    }
}
