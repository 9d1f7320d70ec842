//! Pies and bars: sums over the features of a zone.

use std::collections::BTreeMap;

use super::subject::{Subject, number};
use crate::cartography::Rgba;
use crate::cartography::layers::DiagramKind;
use crate::expr::{Expr, Row, plain_text};
use crate::query::Locator;

#[derive(Debug, Clone, PartialEq)]
pub struct DiagramMap {
    pub kind: DiagramKind,
    pub max_size_px: f32,
    pub opacity: f32,
    pub parts: Vec<PartColour>,
    /// By zone name.
    pub diagrams: Vec<Diagram>,
    /// Largest total (pies) or largest single part (bars).
    pub largest: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PartColour {
    pub title: String,
    pub colour: Rgba,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Diagram {
    pub zone: String,
    /// Middle of the zone's features, or a place in its area, in project coordinates.
    pub centre: [f64; 2],
    /// One for each part; never negative.
    pub sums: Vec<f64>,
}

impl Diagram {
    pub fn total(&self) -> f64 {
        self.sums.iter().sum()
    }
}

impl DiagramMap {
    /// Diameter of a zone's pie: areas are in proportion to totals.
    pub fn pie_size_px(&self, diagram: &Diagram) -> f32 {
        let share = if self.largest > 0.0 {
            (diagram.total() / self.largest).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.max_size_px * share.sqrt() as f32
    }

    /// Height of one bar.
    pub fn bar_height_px(&self, sum: f64) -> f32 {
        if self.largest > 0.0 {
            self.max_size_px * (sum / self.largest).clamp(0.0, 1.0) as f32
        } else {
            0.0
        }
    }
}

/// What a part adds up.
pub(super) enum Summand {
    /// Counts where the condition holds; every feature where there is none.
    Count(Option<Expr>),
    Sum(Expr),
}

/// What tells the zone of a feature.
pub(super) enum ZoneOf<'a> {
    Value(&'a Expr),
    Areas(Locator<'a>),
}

impl ZoneOf<'_> {
    /// Order and name of the zone a feature is in.
    fn zone(&self, place: Option<[f64; 2]>, row: &impl Row) -> Option<(usize, String)> {
        match self {
            Self::Value(expr) => Some((0, plain_text(&expr.eval(row)))).filter(|(_, name)| !name.is_empty()),
            Self::Areas(locator) => {
                let zone = locator.zone_at(place?)?;
                Some((zone, locator.name(zone).to_owned()))
            }
        }
    }
}

pub(super) fn sum_up(
    subject: &Subject<'_>,
    zone_of: &ZoneOf<'_>,
    summands: &[Summand],
    is_member: impl Fn(Option<usize>) -> bool,
) -> Vec<Diagram> {
    struct Zone {
        sums: Vec<f64>,
        middle: [f64; 2],
        places: f64,
    }
    let mut zones: BTreeMap<(usize, String), Zone> = BTreeMap::new();
    for (member, row) in subject.members.iter().filter(|(_, row)| is_member(*row)) {
        let Some(row) = row.map(|row| subject.columns.row(row)) else {
            continue;
        };
        let place = subject.place(*member);
        let Some(key) = zone_of.zone(place, &row) else {
            continue;
        };
        let entry = zones.entry(key).or_insert_with(|| Zone {
            sums: vec![0.0; summands.len()],
            middle: [0.0, 0.0],
            places: 0.0,
        });
        if let Some(place) = place {
            entry.middle = [entry.middle[0] + place[0], entry.middle[1] + place[1]];
            entry.places += 1.0;
        }
        for (sum, summand) in entry.sums.iter_mut().zip(summands) {
            let added = match summand {
                Summand::Count(None) => 1.0,
                Summand::Count(Some(condition)) => f64::from(u8::from(condition.holds(&row))),
                Summand::Sum(expr) => number(expr, &row),
            };
            if added.is_finite() && added > 0.0 {
                *sum += added;
            }
        }
    }
    zones
        .into_iter()
        .filter(|(_, zone)| zone.places > 0.0)
        .filter_map(|((index, name), zone)| {
            let centre = match zone_of {
                ZoneOf::Value(_) => zone.middle.map(|v| v / zone.places),
                ZoneOf::Areas(locator) => locator.place(index)?,
            };
            Some(Diagram {
                zone: name,
                centre,
                sums: zone.sums,
            })
        })
        .collect()
}
