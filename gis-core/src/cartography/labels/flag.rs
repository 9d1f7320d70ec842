//! 扯旗: a stroke across a bundle of pipes, and a flag with one row of text for each pipe it crosses, in the order of
//! the crossings. Each row hangs by a leader from its crossing to the one staff that all share.
//!
//! Why no two leaders cross: the crossings lie on one line (the stroke), the ends at the staff on another, all ends on
//! one side of the stroke and all crossings on one side of the staff. So two crossings and their two ends are the
//! corners of a convex quadrilateral, whose opposite sides do not meet, once the rows run in the right one of the two
//! directions. [`layout`] brings any staff into such a place.

use super::annotations::Flag;
use super::shape::TextBox;
use crate::network::stroke::{Crossing, crossed_pipes};
use crate::network::{Network, PipeIndex};

/// Free room between stroke, crossings and staff, in pixels.
const GAP_PX: f64 = 10.0;
/// Between the staff and its text.
pub const TEXT_INSET_PX: f64 = 4.0;
/// Height of a row in heights of the font: text, its line and some room.
pub const ROW_EM: f64 = 1.5;

/// The pipes of a flag that still cross its stroke, in order.
pub fn rows_of(network: &Network, flag: &Flag) -> Vec<(PipeIndex, Crossing)> {
    crossed_pipes(network, flag.stroke, |pipe| {
        flag.pipes.contains(&network.pipe_id(pipe))
    })
}

/// One row of a flag, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlagRow {
    /// Position in the list of crossings.
    pub crossing: usize,
    /// From the crossing to the staff, or to where the row's line begins.
    pub leader: [[f64; 2]; 2],
    /// The line under the text.
    pub line: [[f64; 2]; 2],
    pub text: TextBox,
}

/// A flag in pixels of the view.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagLayout {
    /// The stroke from the first to the last crossing.
    pub stroke: [[f64; 2]; 2],
    pub staff: [[f64; 2]; 2],
    pub foot: [f64; 2],
    /// From top to bottom.
    pub rows: Vec<FlagRow>,
}

impl FlagLayout {
    /// Rows and staff, so that labels keep clear of them and one can take hold of the flag.
    pub fn bounds(&self) -> TextBox {
        let corners = self.rows.iter().flat_map(|row| {
            let b = row.text.bounds();
            [[b[0], b[1]], [b[2], b[3]]]
        });
        let staff = self.staff.iter().map(|p| p.map(|v| v as f32));
        let b = corners.chain(staff).fold(
            [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY],
            |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])],
        );
        TextBox::level([b[0], b[1]], [b[2], b[3]])
    }
}

/// What is laid out. All in pixels of the view, y downwards.
#[derive(Debug, Clone, Copy)]
pub struct FlagRequest<'a> {
    /// In the order of the stroke, upon it.
    pub crossings: &'a [[f64; 2]],
    /// Direction of the stroke, for a flag of one crossing.
    pub stroke: [[f64; 2]; 2],
    /// Widths of the texts, one per crossing.
    pub widths: &'a [f64],
    pub size_px: f64,
}

impl FlagRequest<'_> {
    fn row_height(&self) -> f64 {
        self.size_px * ROW_EM
    }

    fn height(&self) -> f64 {
        self.row_height() * self.crossings.len() as f64
    }

    fn width(&self) -> f64 {
        self.widths.iter().copied().fold(0.0, f64::max) + 2.0 * TEXT_INSET_PX
    }

    /// Smallest and largest x and y of the crossings.
    fn bounds(&self) -> [f64; 4] {
        self.crossings.iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])],
        )
    }

    /// On which side of the stroke's line a point lies, and how far from it.
    fn side(&self, p: [f64; 2]) -> f64 {
        let [a, b] = self.stroke;
        let d = [b[0] - a[0], b[1] - a[1]];
        let length = d[0].hypot(d[1]).max(f64::MIN_POSITIVE);
        (d[0] * (p[1] - a[1]) - d[1] * (p[0] - a[0])) / length
    }

    /// How the side changes with a step to the right and a step down.
    fn slope(&self) -> [f64; 2] {
        let [a, b] = self.stroke;
        let d = [b[0] - a[0], b[1] - a[1]];
        let length = d[0].hypot(d[1]).max(f64::MIN_POSITIVE);
        [-d[1] / length, d[0] / length]
    }
}

/// Lays a flag out with its foot at `foot` or, where leaders would cross there, as near as they do not. `None` without
/// crossings or with bad numbers.
pub fn layout(request: &FlagRequest<'_>, foot: [f64; 2]) -> Option<FlagLayout> {
    let crossings = request.crossings;
    let (first, last) = (*crossings.first()?, *crossings.last()?);
    let numbers = crossings.iter().chain(&request.stroke).chain([&foot]).flatten();
    if request.widths.len() != crossings.len() || numbers.chain([&request.size_px]).any(|v| !v.is_finite()) {
        return None;
    }
    let (foot, is_right, grows_down) = settled(request, foot);
    let (count, height) = (crossings.len(), request.row_height());
    let top = if grows_down {
        foot[1]
    } else {
        foot[1] - request.height()
    };
    let end = |slot: usize| [foot[0], top + (slot + 1) as f64 * height];
    let is_turned = meet([first, end(0)], [last, end(count - 1)]);
    let width = request.width();
    let rows = (0..count)
        .map(|slot| {
            let crossing = if is_turned { count - 1 - slot } else { slot };
            let at = end(slot);
            let out = |distance: f64| at[0] + if is_right { distance } else { -distance };
            let text_end = out(request.widths[crossing] + TEXT_INSET_PX);
            let (x0, x1) = (out(TEXT_INSET_PX).min(text_end), out(TEXT_INSET_PX).max(text_end));
            let room = (height - request.size_px) / 2.0;
            FlagRow {
                crossing,
                leader: [crossings[crossing], at],
                line: [at, [out(width), at[1]]],
                text: TextBox::level(
                    [x0 as f32, (at[1] - request.size_px - room) as f32],
                    [x1 as f32, (at[1] - room * 0.6) as f32],
                ),
            }
        })
        .collect();
    Some(FlagLayout {
        stroke: [first, last],
        staff: [[foot[0], top], [foot[0], top + request.height()]],
        foot,
        rows,
    })
}

/// The nearest place for the foot with the staff beside all crossings and the rows on one side of the stroke's line;
/// whether the rows lie right of the staff, and whether they go down from the foot.
fn settled(request: &FlagRequest<'_>, foot: [f64; 2]) -> ([f64; 2], bool, bool) {
    let b = request.bounds();
    let mut foot = foot;
    let is_right = foot[0] >= f64::midpoint(b[0], b[2]);
    foot[0] = if is_right {
        foot[0].max(b[2] + GAP_PX)
    } else {
        foot[0].min(b[0] - GAP_PX)
    };
    let slope = request.slope();
    let side = request.side(foot);
    // For a stroke that is nearly upright the rows may go either way: it is the staff's side that counts.
    let is_steep = slope[1].abs() < 0.02;
    if is_steep {
        // How far the side changes over the height of the flag, so that no row crosses over to the other side.
        let drift = slope[1].abs() * (request.height() + request.row_height()) + GAP_PX;
        let out = if is_right { slope[0] } else { -slope[0] };
        let outwards = side * out.signum();
        if outwards > -drift && outwards < drift {
            let step = (drift - outwards) / out.abs();
            foot[0] += if is_right { step } else { -step };
        }
        return (foot, is_right, false);
    }
    let is_below = (side >= 0.0) == (slope[1] > 0.0);
    // The lowest end of a leader is the foot itself when rows grow upwards, and a row below it when they grow down.
    let missing = GAP_PX - side.abs();
    if missing > 0.0 {
        let step = missing / slope[1].abs();
        foot[1] += if is_below { step } else { -step };
    }
    (foot, is_right, is_below)
}

/// Whether two segments cross in their insides.
fn meet(p: [[f64; 2]; 2], q: [[f64; 2]; 2]) -> bool {
    let turn =
        |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    turn(p[0], p[1], q[0]) * turn(p[0], p[1], q[1]) < 0.0
        && turn(q[0], q[1], p[0]) * turn(q[0], q[1], p[1]) < 0.0
}

/// A good place for the foot of a new flag: near the stroke, its rows away from pipes (`around`, segments in pixels) and
/// from what is taken already, and in the picture if that is possible.
pub fn choose_foot(
    request: &FlagRequest<'_>,
    around: &[[[f64; 2]; 2]],
    taken: &[TextBox],
    picture: [f64; 2],
) -> Option<[f64; 2]> {
    let b = request.bounds();
    let height = request.height();
    let middle = f64::midpoint(b[1], b[3]);
    let mut best: Option<(f64, [f64; 2])> = None;
    for distance in [28.0, 64.0, 120.0, 200.0] {
        for x in [b[2] + distance, b[0] - distance] {
            let heights = [
                b[1] - distance / 2.0,
                b[3] + distance / 2.0,
                b[1] - distance * 2.0,
                b[3] + distance * 2.0,
                middle + height / 2.0,
                middle,
            ];
            for y in heights {
                let Some(layout) = layout(request, [x, y]) else {
                    continue;
                };
                let cost = cost(&layout, around, taken, picture);
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, layout.foot));
                }
            }
        }
    }
    best.map(|(_, foot)| foot)
}

/// Pipes and texts under the flag cost most, then long leaders; last, rows that run against the stroke.
fn cost(layout: &FlagLayout, around: &[[[f64; 2]; 2]], taken: &[TextBox], picture: [f64; 2]) -> f64 {
    let bounds = layout.bounds();
    let b = bounds.bounds().map(f64::from);
    let hidden: f64 = around.iter().map(|segment| length_within(*segment, b)).sum();
    let upon = taken.iter().filter(|t| t.overlaps(&bounds)).count() as f64;
    let outside =
        (-b[0]).max(0.0) + (-b[1]).max(0.0) + (b[2] - picture[0]).max(0.0) + (b[3] - picture[1]).max(0.0);
    let leaders: f64 = layout
        .rows
        .iter()
        .map(|row| (row.leader[0][0] - row.leader[1][0]).hypot(row.leader[0][1] - row.leader[1][1]))
        .sum::<f64>()
        / layout.rows.len() as f64;
    let is_turned = layout.rows.first().is_some_and(|row| row.crossing > 0);
    hidden + 400.0 * upon + 3.0 * outside + 0.6 * leaders + if is_turned { 25.0 } else { 0.0 }
}

/// Length of the part of a segment within a box (Liang and Barsky 1984).
fn length_within([a, c]: [[f64; 2]; 2], b: [f64; 4]) -> f64 {
    let mut t = [0.0_f64, 1.0_f64];
    for axis in 0..2 {
        let d = c[axis] - a[axis];
        for (delta, room) in [(-d, a[axis] - b[axis]), (d, b[axis + 2] - a[axis])] {
            if !delta.is_finite() || (delta == 0.0 && room < 0.0) {
                return 0.0;
            }
            if delta < 0.0 {
                t[0] = t[0].max(room / delta);
            } else if delta > 0.0 {
                t[1] = t[1].min(room / delta);
            }
        }
    }
    (t[1] - t[0]).max(0.0) * (c[0] - a[0]).hypot(c[1] - a[1])
}

#[cfg(test)]
#[path = "flag_tests.rs"]
mod tests;
