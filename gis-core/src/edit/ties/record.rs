//! What was measured to a point, as it is kept with the point: in its field `ties`, as JSON, so that the sketch can be
//! drawn again and the point be plotted anew.

use serde::{Deserialize, Serialize};

use super::{Edge, Place, Tie};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::network::Metric;
use crate::text::Message;

/// The field that keeps the ties of a point.
pub const TIES_FIELD: &str = "ties";

/// One tie of a point.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieRecord {
    pub tie: Tie,
    /// Measured minus what it is on the map, one a measurement.
    pub residuals_m: Vec<f64>,
    /// The measurement that does not go with the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blunder: Option<usize>,
}

/// What something was measured to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    Point(Place),
    Edge(Edge),
}

impl Reference {
    /// Where the measurement starts, for a place it was taken to.
    pub fn foot(self, at: Place, metric: Metric) -> Place {
        match self {
            Self::Point(p) => p,
            Self::Edge([a, b]) => {
                let d = [(b[0] - a[0]) * metric.x_m, (b[1] - a[1]) * metric.y_m];
                let to = [(at[0] - a[0]) * metric.x_m, (at[1] - a[1]) * metric.y_m];
                let length2 = d[0] * d[0] + d[1] * d[1];
                // An edge runs on beyond its two places.
                let t = if length2 > 0.0 {
                    (to[0] * d[0] + to[1] * d[1]) / length2
                } else {
                    0.0
                };
                [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
            }
        }
    }
}

impl Tie {
    /// What was measured, and how far that is; no distance for a line that was only followed.
    pub fn measurements(&self) -> Vec<(Reference, Option<f64>)> {
        let point = |p: &Place, m: f64| (Reference::Point(*p), Some(m));
        let edge = |e: &Edge, m: Option<f64>| (Reference::Edge(*e), m);
        match self {
            Self::TwoPoints { points, distances_m } => points
                .iter()
                .zip(distances_m)
                .map(|(p, m)| point(p, *m))
                .collect(),
            Self::Distances { points, distances_m } => points
                .iter()
                .zip(distances_m)
                .map(|(p, m)| point(p, *m))
                .collect(),
            Self::TwoEdges { edges, distances_m } => edges
                .iter()
                .zip(distances_m)
                .map(|(e, m)| edge(e, Some(*m)))
                .collect(),
            Self::PointBearing {
                point: p, distance_m, ..
            } => vec![point(p, *distance_m)],
            Self::EdgePoint {
                edge: e,
                offset_m,
                point: p,
                distance_m,
            } => vec![edge(e, Some(*offset_m)), point(p, *distance_m)],
            Self::Perpendicular { edge: e, point: p } => vec![edge(e, None), (Reference::Point(*p), None)],
            Self::Parallel {
                edge: e,
                point: p,
                distance_m,
            } => vec![edge(e, None), point(p, *distance_m)],
        }
    }

    /// What each distance is off by at a place, measured minus what it is there.
    pub fn residuals_at(&self, at: Place, metric: Metric) -> Vec<f64> {
        let measured = self.measurements().into_iter();
        measured
            .filter_map(|(reference, m)| Some(m? - metric.distance_m(reference.foot(at, metric), at)))
            .collect()
    }
}

impl TieRecord {
    /// The record of a tie for a point that lies at a place.
    ///
    /// # Errors
    /// `BadInput` when a number of the tie is none.
    pub fn at(tie: &Tie, at: Place, metric: Metric) -> Result<Self> {
        tie.origin()?;
        // Ties of fewer measurements fit or do not; only many can tell which one is wrong.
        let blunder = match tie {
            Tie::Distances { .. } => tie.solve(metric)?.blunder,
            _ => None,
        };
        Ok(Self {
            tie: tie.clone(),
            residuals_m: tie.residuals_at(at, metric),
            blunder,
        })
    }

    /// The records that a cell keeps.
    ///
    /// # Errors
    /// `BadInput` when the cell holds something else.
    pub fn read(value: &Value) -> Result<Vec<Self>> {
        match value.as_text() {
            None | Some("") => Ok(Vec::new()),
            Some(text) => serde_json::from_str(text)
                .map_err(|e| Error::bad_input(Message::new("edit.tie.unreadable").with("reason", e))),
        }
    }

    /// A cell that keeps these.
    ///
    /// # Errors
    /// A number in one is none.
    pub fn write(records: &[Self]) -> Result<Value> {
        if records.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::to_string(records)
            .map(Value::Text)
            .map_err(|e| Error::bad_input(Message::new("edit.tie.unreadable").with("reason", e)))
    }
}
