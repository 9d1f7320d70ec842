//! Moves, turns, scales and mirrors a selection as a whole. Pipes that lead out of it keep their far ends; what was
//! measured stays measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Work, position, vertices};
use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry};
use crate::network::Metric;
use crate::schema::GeometryKind;
use crate::text::Message;

/// What happens to a selection.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// In units of the coordinates.
    Move {
        by: [f64; 2],
    },
    /// Anticlockwise.
    Rotate {
        around: [f64; 2],
        angle_deg: f64,
    },
    Scale {
        around: [f64; 2],
        factor: f64,
    },
    /// Over the line through two places.
    Mirror {
        line: [[f64; 2]; 2],
    },
    /// Nodes onto the line through two places.
    Align {
        line: [[f64; 2]; 2],
    },
}

/// A change of places in metres around an origin: `to = origin + m · (p − origin) + shift`.
struct Map2 {
    metric: Metric,
    origin: [f64; 2],
    matrix: [[f64; 2]; 2],
    shift: [f64; 2],
}

impl Map2 {
    fn apply(&self, p: [f64; 2]) -> [f64; 2] {
        let d = [
            (p[0] - self.origin[0]) * self.metric.x_m,
            (p[1] - self.origin[1]) * self.metric.y_m,
        ];
        let [a, b] = self.matrix;
        [
            self.origin[0] + (a[0] * d[0] + a[1] * d[1]) / self.metric.x_m + self.shift[0],
            self.origin[1] + (b[0] * d[0] + b[1] * d[1]) / self.metric.y_m + self.shift[1],
        ]
    }
}

impl Work<'_> {
    pub(super) fn transform(&mut self, names: &[String], change: Change) -> Result<Transaction> {
        let map = self.map_of(change)?;
        let mut transaction = Self::begin("edit.name.transform", &self.called(names, ", ")?);
        let mut nodes: BTreeMap<FeatureId, Feature> = BTreeMap::new();
        let mut whole_pipes: BTreeMap<FeatureId, Feature> = BTreeMap::new();
        for name in names {
            let feature = self.find(name)?;
            match self.schema().class(feature.class).geometry {
                GeometryKind::Point => {
                    nodes.insert(feature.id, feature);
                }
                GeometryKind::Line => {
                    whole_pipes.insert(feature.id, feature);
                }
            }
        }
        self.ends_of(&whole_pipes, &mut nodes)?;
        let mut pipes: BTreeMap<FeatureId, (Feature, [bool; 2])> = BTreeMap::new();
        for node in nodes.values() {
            for (pipe, ends) in self.pipes_at(node)? {
                let entry = pipes.entry(pipe.id).or_insert_with(|| (pipe, [false; 2]));
                entry.1 = [entry.1[0] || ends[0], entry.1[1] || ends[1]];
            }
        }
        for node in nodes.values() {
            let Some(at) = position(node) else { continue };
            let [x, y] = map.apply([at[0], at[1]]);
            self.check_place([x, y])?;
            let mut new = node.clone();
            new.geometry = Some(Geometry::Point([x, y, at[2]]));
            transaction.change(self.schema(), node, &new);
        }
        self.check_free(&nodes, &map)?;
        for (pipe, ends) in pipes.values() {
            let is_whole = whole_pipes.contains_key(&pipe.id) || *ends == [true; 2];
            let mut line = vertices(pipe).to_vec();
            let last = line.len().saturating_sub(1);
            for (i, p) in line.iter_mut().enumerate() {
                let is_moved = is_whole || (i == 0 && ends[0]) || (i == last && ends[1]);
                // Aligning is for nodes; what lies between them stays.
                let is_inner = i != 0 && i != last;
                if is_moved && !(is_inner && matches!(change, Change::Align { .. })) {
                    [p[0], p[1]] = map.apply([p[0], p[1]]);
                }
            }
            let new = self.redrawn(pipe, line)?;
            transaction.change(self.schema(), pipe, &new);
        }
        Ok(transaction)
    }

    /// The nodes in which chosen pipes end go along.
    fn ends_of(
        &self,
        pipes: &BTreeMap<FeatureId, Feature>,
        nodes: &mut BTreeMap<FeatureId, Feature>,
    ) -> Result<()> {
        for pipe in pipes.values() {
            for end in [super::PipeEnd::From, super::PipeEnd::To] {
                if let Some(id) = self.end_node(pipe, end)?
                    && let Some(node) = self.project.feature(id)?
                {
                    nodes.insert(id, node);
                }
            }
            for (class, id) in self.project.referrers(pipe.id)? {
                if let Some(device) = self.project.record(class, id)?
                    && device.links.on_pipe == Some(pipe.id)
                {
                    nodes.insert(id, device);
                }
            }
        }
        Ok(())
    }

    /// Nothing that stays stands where something goes.
    fn check_free(&self, nodes: &BTreeMap<FeatureId, Feature>, map: &Map2) -> Result<()> {
        for node in nodes.values() {
            let Some(at) = position(node) else { continue };
            let there = self.nodes_near(map.apply([at[0], at[1]]), self.options.end_tolerance_m)?;
            if let Some((there, _)) = there.iter().find(|(near, _)| !nodes.contains_key(&near.id)) {
                return Err(self.refuse("edit.error.occupied", there));
            }
        }
        Ok(())
    }

    fn map_of(&self, change: Change) -> Result<Map2> {
        let bad = || Error::bad_input(Message::new("edit.error.bad_change"));
        let origin = match change {
            Change::Move { .. } => [0.0; 2],
            Change::Rotate { around, .. } | Change::Scale { around, .. } => around,
            Change::Mirror { line } | Change::Align { line } => line[0],
        };
        self.check_place(origin)?;
        let metric = self.metric(origin);
        let (matrix, shift) = match change {
            Change::Move { by } => ([[1.0, 0.0], [0.0, 1.0]], by),
            Change::Rotate { angle_deg, .. } => {
                let (sin, cos) = angle_deg.to_radians().sin_cos();
                ([[cos, -sin], [sin, cos]], [0.0; 2])
            }
            Change::Scale { factor, .. } if factor > 0.0 => ([[factor, 0.0], [0.0, factor]], [0.0; 2]),
            Change::Scale { .. } => return Err(bad()),
            Change::Mirror { line } | Change::Align { line } => {
                let length_m = metric.length_m(&line);
                if length_m <= self.options.end_tolerance_m || !length_m.is_finite() {
                    return Err(bad());
                }
                let d = [
                    (line[1][0] - line[0][0]) * metric.x_m / length_m,
                    (line[1][1] - line[0][1]) * metric.y_m / length_m,
                ];
                // Reflection is twice the projection, less the place itself.
                let (twice, less) = if matches!(change, Change::Mirror { .. }) {
                    (2.0, 1.0)
                } else {
                    (1.0, 0.0)
                };
                (
                    [
                        [twice * d[0] * d[0] - less, twice * d[0] * d[1]],
                        [twice * d[0] * d[1], twice * d[1] * d[1] - less],
                    ],
                    [0.0; 2],
                )
            }
        };
        let is_good = matrix.iter().flatten().chain(&shift).all(|v| v.is_finite());
        if is_good {
            Ok(Map2 {
                metric,
                origin,
                matrix,
                shift,
            })
        } else {
            Err(bad())
        }
    }
}
