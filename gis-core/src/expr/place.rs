//! Conditions about where a feature lies and how it hangs together with others: `within('POLYGON(…)')`,
//! `downstream_of('V-12')`. Here they are names only; who asks a project (`crate::query`) finds out what they mean.

use super::ExprError;
use crate::text::{Lang, translate};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Lies in a shape, its edge included.
    Within,
    /// Touches a shape.
    Intersects,
    /// Lies on both sides of the edge of a shape, or crosses a line.
    Crosses,
    /// No farther than so many metres from a shape or a feature.
    WithinDistance,
    /// Meets a feature.
    ConnectedTo,
    InDma,
    /// Gets water through a feature only.
    DownstreamOf,
    /// Is dry when a feature bursts, up to the valves that are closed.
    InSegmentOf,
}

impl Relation {
    pub const ALL: [Self; 8] = [
        Self::Within,
        Self::Intersects,
        Self::Crosses,
        Self::WithinDistance,
        Self::ConnectedTo,
        Self::InDma,
        Self::DownstreamOf,
        Self::InSegmentOf,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Intersects => "intersects",
            Self::Crosses => "crosses",
            Self::WithinDistance => "within_distance",
            Self::ConnectedTo => "connected_to",
            Self::InDma => "in_dma",
            Self::DownstreamOf => "downstream_of",
            Self::InSegmentOf => "in_segment_of",
        }
    }

    /// How it is written.
    pub fn usage(self) -> String {
        let name = self.name();
        match self {
            Self::Within | Self::Intersects | Self::Crosses => format!("{name}('POLYGON((…))')"),
            Self::WithinDistance => format!("{name}('P-12', 50)"),
            Self::InDma => format!("{name}('A1')"),
            Self::ConnectedTo | Self::DownstreamOf | Self::InSegmentOf => format!("{name}('P-12')"),
        }
    }

    /// Its name in both languages, whatever the language of the window.
    pub fn names(self) -> [String; 2] {
        let key = match self {
            Self::Within => "expr.place.within",
            Self::Intersects => "expr.place.intersects",
            Self::Crosses => "expr.place.crosses",
            Self::WithinDistance => "expr.place.within_distance",
            Self::ConnectedTo => "expr.place.connected_to",
            Self::InDma => "expr.place.in_dma",
            Self::DownstreamOf => "expr.place.downstream_of",
            Self::InSegmentOf => "expr.place.in_segment_of",
        };
        [translate(key, Lang::ZhCn), self.name().to_owned()]
    }

    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| {
            let [zh, en] = relation.names();
            zh == name || en.eq_ignore_ascii_case(name)
        })
    }

    pub(super) fn has_distance(self) -> bool {
        self == Self::WithinDistance
    }
}

/// One such condition. Two that are written alike are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub relation: Relation,
    /// A shape as WKT, the code of a feature, or the name of a zone.
    pub subject: String,
    /// Of [`Relation::WithinDistance`]; 0 otherwise.
    pub metres: f64,
    /// As it is written; rows give its truth as the value of a field of that name.
    pub key: String,
}

impl Place {
    pub(super) fn new(relation: Relation, subject: String, metres: f64) -> Self {
        let quoted = subject.replace('\'', "''");
        let name = relation.name();
        let key = if relation.has_distance() {
            format!("{name}('{quoted}', {metres:?})")
        } else {
            format!("{name}('{quoted}')")
        };
        Self {
            relation,
            subject,
            metres,
            key,
        }
    }
}

/// A condition on a place, and where its subject stands in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceAt {
    pub place: Place,
    /// In characters from 0.
    pub at: usize,
    pub length: usize,
}

impl PlaceAt {
    /// That the subject is not what it should be.
    pub fn error(&self, expected: crate::text::Message, near: Vec<String>) -> ExprError {
        ExprError {
            at: self.at,
            length: self.length,
            expected,
            near,
        }
    }
}
