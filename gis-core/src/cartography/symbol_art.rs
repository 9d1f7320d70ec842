//! The drawings of node symbols, from `assets/symbols`: as paths for pictures and print, as an atlas of small pictures
//! for the graphics card. It knows no colours; a drawing says only what is fill and what is outline.

use std::sync::OnceLock;

use resvg::{tiny_skia, usvg};
use tiny_skia::{Path, PathBuilder, Pixmap, Transform};

use super::Shape;
use crate::error::{Error, Result};
use crate::text::Message;

/// Half the side of a drawing's canvas, in units of the symbol's size.
pub const HALF_CANVAS: f32 = 0.64;
/// Drawing units per unit of the symbol's size.
const UNITS: f32 = 100.0;

macro_rules! drawings {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../assets/symbols/", $name, ".svg")))),*]
    };
}

/// In the order of [`Shape::ALL`].
const DRAWINGS: [(&str, &str); 33] = drawings![
    "dot",
    "circle",
    "square",
    "triangle",
    "diamond",
    "bow_tie",
    "bow_tie_bar",
    "bow_tie_dot",
    "check_valve",
    "control_valve",
    "hydrant",
    "meter",
    "house",
    "tee",
    "cross",
    "reducer",
    "cap",
    "air_valve",
    "blow_off",
    "pump",
    "tank",
    "reservoir",
    "plant",
    "reducing_valve",
    "sustaining_valve",
    "flow_valve",
    "throttle_valve",
    "breaker_valve",
    "general_valve",
    "float_valve",
    "relief_valve",
    "ball_valve",
    "plug_valve",
];

/// A drawing in a square of side 1 around the origin, y downwards.
#[derive(Debug, Clone, Default)]
pub struct SymbolArt {
    /// Filled with the fill colour, then outlined where the drawing has an outline.
    pub body: Option<Path>,
    /// Outlined only.
    pub lines: Option<Path>,
    /// Filled with the outline's colour.
    pub solid: Option<Path>,
}

/// The drawing of a shape; empty for one whose file cannot be read, which a test rules out.
pub fn symbol_art(shape: Shape) -> &'static SymbolArt {
    static ARTS: OnceLock<Vec<SymbolArt>> = OnceLock::new();
    let arts = ARTS.get_or_init(|| {
        DRAWINGS
            .iter()
            .map(|(name, svg)| {
                read(name, svg).unwrap_or_else(|error| {
                    log::error!("{error}");
                    SymbolArt::default()
                })
            })
            .collect()
    });
    &arts[shape as usize]
}

fn tree(name: &str, svg: &str) -> Result<usvg::Tree> {
    usvg::Tree::from_str(svg, &usvg::Options::default()).map_err(|error| {
        Error::bad_input(
            Message::new("cartography.bad_symbol")
                .with("path", format!("assets/symbols/{name}.svg"))
                .with("reason", error),
        )
    })
}

fn read(name: &str, svg: &str) -> Result<SymbolArt> {
    let tree = tree(name, svg)?;
    let (mut body, mut lines, mut solid) = (PathBuilder::new(), PathBuilder::new(), PathBuilder::new());
    collect(tree.root(), &mut |path| {
        let to_unit = path
            .abs_transform()
            .post_translate(-tree.size().width() / 2.0, -tree.size().height() / 2.0)
            .post_scale(1.0 / UNITS, 1.0 / UNITS);
        let Some(outline) = path.data().clone().transform(to_unit) else {
            return;
        };
        match path.fill().map(usvg::Fill::paint) {
            Some(usvg::Paint::Color(colour)) if colour.red > 127 => body.push_path(&outline),
            Some(_) => solid.push_path(&outline),
            None => lines.push_path(&outline),
        }
    });
    Ok(SymbolArt {
        body: body.finish(),
        lines: lines.finish(),
        solid: solid.finish(),
    })
}

fn collect(group: &usvg::Group, take: &mut dyn FnMut(&usvg::Path)) {
    for node in group.children() {
        match node {
            usvg::Node::Path(path) => take(path),
            usvg::Node::Group(group) => collect(group, take),
            usvg::Node::Image(_) | usvg::Node::Text(_) => {}
        }
    }
}

/// All drawings side by side, two bytes a pixel: how much of it is fill and how much is outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolAtlas {
    /// Drawings in a row.
    pub columns: u32,
    /// Width of one drawing at the first level.
    pub cell_px: u32,
    pub size: [u32; 2],
    /// Each half as large as the one before.
    pub levels: Vec<Vec<u8>>,
}

impl SymbolAtlas {
    /// Draws the atlas with cells of `cell_px` (a power of two), and smaller ones down to 4 pixels, each drawn anew
    /// rather than shrunk, so that small symbols stay crisp.
    ///
    /// # Errors
    /// A drawing is no SVG.
    pub fn draw(cell_px: u32) -> Result<Self> {
        const COLUMNS: u32 = 8;
        let rows = (DRAWINGS.len() as u32).div_ceil(COLUMNS);
        let trees = DRAWINGS
            .iter()
            .map(|(name, svg)| tree(name, svg))
            .collect::<Result<Vec<_>>>()?;
        let mut levels = Vec::new();
        let mut cell = cell_px;
        while cell >= 4 {
            levels.push(level(&trees, cell, [COLUMNS * cell, rows * cell]));
            cell /= 2;
        }
        Ok(Self {
            columns: COLUMNS,
            cell_px,
            size: [COLUMNS * cell_px, rows * cell_px],
            levels,
        })
    }
}

fn level(trees: &[usvg::Tree], cell: u32, [width, height]: [u32; 2]) -> Vec<u8> {
    let mut bytes = vec![0_u8; (width * height * 2) as usize];
    for (i, tree) in trees.iter().enumerate() {
        let Some(mut pixmap) = Pixmap::new(cell, cell) else {
            continue;
        };
        let scale = cell as f32 / tree.size().width().max(1.0);
        resvg::render(tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
        let (left, top) = (i as u32 % (width / cell) * cell, i as u32 / (width / cell) * cell);
        for (at, pixel) in pixmap.pixels().iter().enumerate() {
            let (x, y) = (left + at as u32 % cell, top + at as u32 / cell);
            let to = ((y * width + x) * 2) as usize;
            // Premultiplied: white is what is fill, the rest of what is covered is outline.
            bytes[to] = pixel.red();
            bytes[to + 1] = pixel.alpha().saturating_sub(pixel.red());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_a_drawing_under_its_own_name() {
        for (shape, (name, svg)) in Shape::ALL.into_iter().zip(DRAWINGS) {
            let named = serde_json::to_value(shape).unwrap();
            assert_eq!(named, name);
            let art = read(name, svg).unwrap();
            let bounds = [&art.body, &art.lines, &art.solid]
                .into_iter()
                .flatten()
                .map(Path::bounds)
                .reduce(|a, b| {
                    let (left, top) = (a.left().min(b.left()), a.top().min(b.top()));
                    let (right, bottom) = (a.right().max(b.right()), a.bottom().max(b.bottom()));
                    tiny_skia::Rect::from_ltrb(left, top, right, bottom).unwrap()
                })
                .unwrap();
            assert!(
                bounds.left() >= -0.51 && bounds.right() <= 0.51 && bounds.bottom() <= 0.51,
                "{name}: {bounds:?}"
            );
            assert!(
                bounds.width() > 0.2 && bounds.height() > 0.6,
                "{name}: {bounds:?}"
            );
        }
    }

    #[test]
    fn the_atlas_tells_fill_from_outline() {
        let atlas = SymbolAtlas::draw(64).unwrap();
        assert_eq!((atlas.size, atlas.levels.len()), ([512, 320], 5));
        let at = |shape: Shape, x: u32, y: u32| {
            let i = shape as u32;
            let (x, y) = (i % 8 * 64 + x, i / 8 * 64 + y);
            let at = ((y * atlas.size[0] + x) * 2) as usize;
            [atlas.levels[0][at], atlas.levels[0][at + 1]]
        };
        assert_eq!(at(Shape::Square, 32, 32), [255, 0], "the middle is fill");
        assert_eq!(at(Shape::Cap, 32, 32), [0, 255], "a cap is all outline");
        assert_eq!(at(Shape::Square, 1, 1), [0, 0], "the rim is empty");
        let edge = at(Shape::Square, 32, 10);
        assert!(edge[1] > 200, "{edge:?}: the edge is outline");
    }
}
