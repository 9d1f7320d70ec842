//! The shapes of node symbols as paths in a square of side 1 around the origin, y downwards. It knows no
//! colours and no network.

use tiny_skia::{Path, PathBuilder, Transform};

use super::canvas::Canvas;
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
    let mut parts = Parts {
        body: PathBuilder::new(),
        lines: PathBuilder::new(),
        solid: PathBuilder::new(),
    };
    let Parts { body, lines, solid } = &mut parts;
    match shape {
        Shape::Dot | Shape::Circle => circle(body, 0.0, 0.0, 0.5),
        Shape::Square => polygon(
            body,
            &[[-0.45, -0.45], [0.45, -0.45], [0.45, 0.45], [-0.45, 0.45]],
        ),
        Shape::Triangle => polygon(body, &[[0.0, -0.5], [0.5, 0.4], [-0.5, 0.4]]),
        Shape::Diamond => polygon(body, &[[0.0, -0.5], [0.5, 0.0], [0.0, 0.5], [-0.5, 0.0]]),
        Shape::BowTie => bow_tie(body, 0.36),
        Shape::BowTieBar => {
            bow_tie(body, 0.36);
            stroke(lines, &[[0.0, -0.42], [0.0, 0.42]]);
        }
        Shape::BowTieDot => {
            bow_tie(body, 0.36);
            circle(solid, 0.0, 0.0, 0.17);
        }
        Shape::CheckValve => {
            polygon(solid, &[[-0.45, -0.4], [0.35, 0.0], [-0.45, 0.4]]);
            stroke(lines, &[[0.4, -0.42], [0.4, 0.42]]);
        }
        Shape::ControlValve => {
            polygon(body, &[[-0.5, -0.08], [0.0, 0.2], [-0.5, 0.48]]);
            polygon(body, &[[0.5, -0.08], [0.0, 0.2], [0.5, 0.48]]);
            stroke(lines, &[[0.0, 0.2], [0.0, -0.2]]);
            polygon(
                solid,
                &[
                    [-0.27, -0.2],
                    [-0.2, -0.38],
                    [0.0, -0.46],
                    [0.2, -0.38],
                    [0.27, -0.2],
                ],
            );
        }
        Shape::Hydrant => {
            stroke(lines, &[[-0.5, 0.0], [0.5, 0.0]]);
            stroke(lines, &[[-0.5, -0.18], [-0.5, 0.18]]);
            stroke(lines, &[[0.5, -0.18], [0.5, 0.18]]);
            circle(body, 0.0, 0.0, 0.38);
        }
        Shape::Meter => {
            circle(body, 0.0, 0.0, 0.48);
            stroke(lines, &[[-0.12, 0.2], [0.2, -0.24]]);
            circle(solid, -0.12, 0.2, 0.1);
        }
        Shape::House => {
            polygon(
                body,
                &[
                    [0.0, -0.5],
                    [0.48, -0.06],
                    [0.36, -0.06],
                    [0.36, 0.45],
                    [-0.36, 0.45],
                    [-0.36, -0.06],
                    [-0.48, -0.06],
                ],
            );
        }
        Shape::Tee => {
            stroke(lines, &[[-0.5, 0.0], [0.5, 0.0]]);
            stroke(lines, &[[0.0, 0.0], [0.0, 0.5]]);
            circle(solid, 0.0, 0.0, 0.25);
        }
        Shape::Cross => {
            stroke(lines, &[[-0.5, 0.0], [0.5, 0.0]]);
            stroke(lines, &[[0.0, -0.5], [0.0, 0.5]]);
            circle(solid, 0.0, 0.0, 0.25);
        }
        Shape::Reducer => polygon(body, &[[-0.5, -0.42], [0.5, -0.2], [0.5, 0.2], [-0.5, 0.42]]),
        Shape::Cap => polygon(solid, &[[-0.1, -0.5], [0.15, -0.5], [0.15, 0.5], [-0.1, 0.5]]),
        Shape::AirValve => {
            circle(body, 0.0, 0.0, 0.45);
            polygon(solid, &[[0.0, -0.28], [0.26, 0.2], [-0.26, 0.2]]);
        }
        Shape::BlowOff => {
            circle(body, 0.0, 0.0, 0.45);
            polygon(solid, &[[0.0, 0.28], [0.26, -0.2], [-0.26, -0.2]]);
        }
        Shape::Pump => {
            circle(body, 0.0, 0.0, 0.5);
            polygon(solid, &[[-0.24, -0.38], [0.46, 0.0], [-0.24, 0.38]]);
        }
        Shape::Tank => {
            polygon(
                body,
                &[[-0.45, -0.38], [0.45, -0.38], [0.45, 0.42], [-0.45, 0.42]],
            );
            polygon(solid, &[[-0.45, 0.02], [0.45, 0.02], [0.45, 0.42], [-0.45, 0.42]]);
        }
        Shape::Reservoir => {
            polygon(body, &[[-0.5, -0.3], [-0.32, 0.42], [0.32, 0.42], [0.5, -0.3]]);
            stroke(
                lines,
                &[[-0.42, 0.0], [-0.2, -0.08], [0.0, 0.0], [0.2, -0.08], [0.42, 0.0]],
            );
        }
        Shape::Plant => polygon(
            body,
            &[
                [-0.5, 0.45],
                [-0.5, -0.12],
                [-0.17, -0.38],
                [-0.17, -0.12],
                [0.16, -0.38],
                [0.16, -0.12],
                [0.3, -0.12],
                [0.3, -0.5],
                [0.5, -0.5],
                [0.5, 0.45],
            ],
        ),
    }
    parts
}

fn bow_tie(path: &mut PathBuilder, half: f32) {
    polygon(path, &[[-0.5, -half], [0.0, 0.0], [-0.5, half]]);
    polygon(path, &[[0.5, -half], [0.0, 0.0], [0.5, half]]);
}

fn circle(path: &mut PathBuilder, x: f32, y: f32, radius: f32) {
    path.push_circle(x, y, radius);
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
