//! Node symbols in pictures, from the drawings of `symbol_art`. It knows no network.

use tiny_skia::{Path, PathBuilder, Transform};

use super::canvas::Canvas;
use crate::cartography::symbol_art::symbol_art;
use crate::cartography::{Rgba, Shape};

/// A symbol's parts.
pub(crate) struct Parts {
    /// Filled, then outlined.
    pub(crate) body: PathBuilder,
    /// Outlined only.
    pub(crate) lines: PathBuilder,
    /// Filled with the outline's colour.
    pub(crate) solid: PathBuilder,
}

/// Draws a symbol at a place: `angle` in radians, clockwise from the x axis.
pub(super) fn draw(
    canvas: &mut Canvas,
    shape: Shape,
    at: [f32; 2],
    size: f32,
    angle: f32,
    [fill, outline]: [Rgba; 2],
) {
    let place = Transform::from_rotate(angle.to_degrees())
        .post_scale(size, size)
        .post_translate(at[0], at[1]);
    // The outline stays about a pixel wide whatever the symbol's size.
    let line = (size / 9.0).clamp(0.9, 1.8) / size;
    let parts = parts(shape);
    if let Some(path) = parts.body.finish() {
        canvas.fill_placed(&path, fill, place);
        if shape != Shape::Dot {
            canvas.stroke_placed(&path, outline, line, None, place);
        }
    }
    if let Some(path) = parts.lines.finish() {
        canvas.stroke_placed(&path, outline, line, None, place);
    }
    if let Some(path) = parts.solid.finish() {
        canvas.fill_placed(&path, outline, place);
    }
}

/// A rim around the symbol so that it stands out from what lies below.
pub(super) fn draw_halo(canvas: &mut Canvas, shape: Shape, at: [f32; 2], size: f32, angle: f32, halo: Rgba) {
    let place = Transform::from_rotate(angle.to_degrees())
        .post_scale(size, size)
        .post_translate(at[0], at[1]);
    let parts = parts(shape);
    for path in [parts.body, parts.lines, parts.solid]
        .into_iter()
        .filter_map(PathBuilder::finish)
    {
        canvas.stroke_placed(&path, halo, 0.45, None, place);
    }
}

pub(crate) fn parts(shape: Shape) -> Parts {
    let art = symbol_art(shape);
    let builder = |path: &Option<Path>| {
        let mut builder = PathBuilder::new();
        if let Some(path) = path {
            builder.push_path(path);
        }
        builder
    };
    Parts {
        body: builder(&art.body),
        lines: builder(&art.lines),
        solid: builder(&art.solid),
    }
}

fn polygon(path: &mut PathBuilder, points: &[[f32; 2]]) {
    stroke(path, points);
    path.close();
}

fn stroke(path: &mut PathBuilder, points: &[[f32; 2]]) {
    for (i, [x, y]) in points.iter().enumerate() {
        if i == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
}

/// An eight-pointed star of radius 1: where the pipe burst.
pub(super) fn star() -> Option<Path> {
    let points: Vec<[f32; 2]> = (0..16_u8)
        .map(|i| {
            let angle = f32::from(i) * std::f32::consts::PI / 8.0;
            let radius = if i % 2 == 0 { 1.0 } else { 0.52 };
            [radius * angle.sin(), -radius * angle.cos()]
        })
        .collect();
    let mut path = PathBuilder::new();
    polygon(&mut path, &points);
    path.finish()
}
