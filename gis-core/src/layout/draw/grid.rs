//! The frame around a map, the coordinate grid in it and the coordinates at its rim.

use super::{FrameContent, Pen};
use crate::layout::frame::round_denominator;
use crate::layout::model::{GridKind, MapItem};
use crate::layout::surface::{Align, LayerName, Outline, Stroke, Surface, TextRun};

const TEXT_MM: f64 = 2.2;
const LINE_MM: f64 = 0.1;
/// Arm of a cross: 10 mm from end to end (GB/T 20257.1).
const ARM_MM: f64 = 5.0;
/// More lines than this make a grey area, not a grid.
const MOST_LINES: f64 = 400.0;

pub(super) fn draw(pen: &Pen<'_>, frame: &FrameContent, map: &MapItem, surface: &mut dyn Surface) {
    let title = pen.scene.say("layout.layer.grid");
    surface.begin_layer(LayerName {
        key: "grid",
        title: &title,
    });
    if let Some(step) = step(pen, frame, map) {
        lines(pen, frame, map, step, surface);
        if map.grid.kind == GridKind::Crosses {
            crosses(pen, frame, step, surface);
        }
    }
    if map.has_sheet_border && frame.border.len() > 2 {
        let mut ring = frame.border.clone();
        ring.extend(frame.border.first().copied());
        let mut outline = Outline::default();
        frame.view.clipped(&ring, 0.0, |stroke| outline.add_line(stroke));
        surface.stroke(&outline, &Stroke::solid(pen.scene.ink(), 0.15));
    }
    if map.frame_mm > 0.0 {
        pen.frame(surface, pen.area, map.frame_mm.min(5.0));
    }
    surface.end_layer();
}

/// Distance of the lines in units of the coordinates.
fn step(pen: &Pen<'_>, frame: &FrameContent, map: &MapItem) -> Option<f64> {
    if map.grid.kind == GridKind::None {
        return None;
    }
    let crs = pen.scene.crs;
    let wanted_m = map
        .grid
        .step_m
        .filter(|m| m.is_finite() && *m > 0.0)
        .unwrap_or_else(|| round_denominator(frame.view.denominator) * 0.1);
    let step = if crs.is_geographic {
        // Round degrees: as a scale would be rounded, ten million times finer.
        round_denominator(wanted_m / pen.scene.network.metric().x_m * 1e7) / 1e7
    } else {
        wanted_m / crs.metres_per_unit
    };
    let b = frame.view.bounds(0.0);
    let is_sparse = (b[2] - b[0]).max(b[3] - b[1]) / step <= MOST_LINES;
    is_sparse.then_some(step)
}

fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(move |i| i as f64 * step)
}

fn lines(pen: &Pen<'_>, frame: &FrameContent, map: &MapItem, step: f64, surface: &mut dyn Surface) {
    let b = frame.view.bounds(0.0);
    let mut drawn = Outline::default();
    let mut ends: Vec<([f64; 2], String)> = Vec::new();
    let decimals = if pen.scene.crs.is_geographic {
        (1.0 - step.log10().floor()).clamp(0.0, 8.0) as usize
    } else {
        usize::from(step.fract() != 0.0) * 2
    };
    for axis in 0..2 {
        for value in multiples(b[axis], b[axis + 2], step) {
            let other = 1 - axis;
            let end = |v: f64| {
                let mut p = [0.0; 2];
                p[axis] = value;
                p[other] = v;
                p
            };
            let label = format!("{value:.decimals$}");
            frame
                .view
                .clipped(&[end(b[other]), end(b[other + 2])], 0.0, |stroke| {
                    drawn.add_line(stroke);
                    ends.extend(
                        [stroke.first(), stroke.last()]
                            .into_iter()
                            .flatten()
                            .map(|p| (*p, label.clone())),
                    );
                });
        }
    }
    if map.grid.kind == GridKind::Lines {
        surface.stroke(&drawn, &Stroke::solid(pen.scene.ink().with_alpha(120), LINE_MM));
    }
    for (at, label) in ends {
        rim(pen, at, &label, map.grid.has_coordinates, surface);
    }
}

/// A tick at the rim of the frame and the coordinate outside of it.
fn rim(pen: &Pen<'_>, at: [f64; 2], label: &str, has_text: bool, surface: &mut dyn Surface) {
    let a = pen.area;
    let near = |v: f64, edge: f64| (v - edge).abs() < 1e-6;
    // Outwards, and the turn of the text.
    let (out, angle_rad) = if near(at[1], a.y) {
        ([0.0, -1.0], 0.0)
    } else if near(at[1], a.bottom()) {
        ([0.0, 1.0], 0.0)
    } else if near(at[0], a.x) {
        ([-1.0, 0.0], -std::f64::consts::FRAC_PI_2)
    } else {
        ([1.0, 0.0], -std::f64::consts::FRAC_PI_2)
    };
    let inner = [at[0] - out[0] * 2.0, at[1] - out[1] * 2.0];
    pen.line(surface, &[at, inner], LINE_MM);
    if !has_text {
        return;
    }
    // The baseline is above the middle of the letters by a third of their height.
    let gap = match (angle_rad == 0.0, out[0] + out[1] > 0.0) {
        (_, false) => 0.8,
        (_, true) => 0.8 + TEXT_MM * 0.75,
    };
    surface.text(&TextRun {
        text: label,
        at: [at[0] + out[0] * gap, at[1] + out[1] * gap],
        size_mm: TEXT_MM,
        angle_rad,
        align: Align::Centre,
        colour: pen.scene.ink(),
        halo: None,
    });
}

fn crosses(pen: &Pen<'_>, frame: &FrameContent, step: f64, surface: &mut dyn Surface) {
    let b = frame.view.bounds(0.0);
    let (sin, cos) = frame.view.rotation_rad.sin_cos();
    let mut drawn = Outline::default();
    for x in multiples(b[0], b[2], step) {
        for y in multiples(b[1], b[3], step) {
            let at = frame.view.page([x, y]);
            if !pen.area.contains(at, ARM_MM) {
                continue;
            }
            for [dx, dy] in [[cos, sin], [-sin, cos]] {
                let arm = |side: f64| [at[0] + side * ARM_MM * dx, at[1] + side * ARM_MM * dy];
                if let Some(line) = pen.area.clip(arm(-1.0), arm(1.0)) {
                    drawn.add_line(&line);
                }
            }
        }
    }
    surface.stroke(&drawn, &Stroke::solid(pen.scene.ink(), LINE_MM));
}
