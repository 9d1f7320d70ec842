//! One dot for so many of a number, at the features that carry it.

use super::subject::{Member, Subject, number};
use crate::cartography::Rgba;
use crate::expr::Expr;

/// More dots than this are no longer told apart.
const MAX_DOTS: usize = 200_000;
/// Dots of a point feature are strewn this far around it, in metres.
const SPREAD_M: f64 = 25.0;

#[derive(Debug, Clone, PartialEq)]
pub struct DotMap {
    /// Project coordinates.
    pub dots: Vec<[f64; 2]>,
    pub size_px: f32,
    pub colour: Rgba,
    pub opacity: f32,
}

/// The dots of a layer. The same features always get the same dots.
pub(super) fn strew(
    subject: &Subject<'_>,
    value: &Expr,
    is_member: impl Fn(Option<usize>) -> bool,
    per_dot: f64,
) -> Vec<[f64; 2]> {
    let mut dots = Vec::new();
    let mut owed = 0.0;
    if !(per_dot.is_finite() && per_dot > 0.0) {
        return dots;
    }
    for (member, row) in subject.members.iter().filter(|(_, row)| is_member(*row)) {
        let Some(row) = row else { continue };
        let carried = number(value, &subject.columns.row(*row));
        if !(carried.is_finite() && carried > 0.0) {
            continue;
        }
        owed += carried / per_dot;
        let mut seed = match member {
            Member::Pipe(pipe) => u64::from(pipe.0) << 1,
            Member::Node(node) => u64::from(node.0) << 1 | 1,
        };
        while owed >= 1.0 && dots.len() < MAX_DOTS {
            owed -= 1.0;
            dots.extend(place(subject, *member, &mut seed));
        }
        owed = owed.min(1.0);
    }
    dots
}

fn place(subject: &Subject<'_>, member: Member, seed: &mut u64) -> Option<[f64; 2]> {
    match member {
        Member::Pipe(pipe) => subject.along(pipe, unit(seed)),
        Member::Node(_) => {
            let [x, y] = subject.place(member)?;
            let around = subject.network.metric().box_around([x, y], SPREAD_M);
            let (turn, reach) = (unit(seed) * std::f64::consts::TAU, unit(seed).sqrt());
            Some([
                x + turn.cos() * reach * (around[2] - around[0]) / 2.0,
                y + turn.sin() * reach * (around[3] - around[1]) / 2.0,
            ])
        }
    }
}

/// Next number from 0 to 1 (SplitMix64).
fn unit(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
