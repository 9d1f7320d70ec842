//! What lies near a place, and what is joined to a node: by link or by place, as the network joins it.

use super::{Work, flat, position, vertices};
use crate::edit::Tie;
use crate::error::{Error, Result};
use crate::model::Feature;
use crate::network::Metric;
use crate::schema::GeometryKind;
use crate::text::Message;

/// No system of metres or feet has coordinates beyond this.
const FARTHEST: f64 = 1e9;

impl Work<'_> {
    /// A place that can be one.
    pub(super) fn check_place(&self, at: [f64; 2]) -> Result<()> {
        let farthest = if self.project.crs().is_geographic {
            [180.0, 90.0]
        } else {
            [FARTHEST; 2]
        };
        if at.iter().zip(farthest).all(|(v, farthest)| v.abs() <= farthest) {
            return Ok(());
        }
        Err(Error::bad_input(
            Message::new("edit.error.bad_place").with("found", format!("{}, {}", at[0], at[1])),
        ))
    }

    /// The place that ties lead to.
    pub(super) fn tied(&self, tie: &Tie, near: Option<[f64; 2]>) -> Result<[f64; 2]> {
        let metric = self.metric(tie.origin()?);
        let places = tie.solve(metric)?.places;
        if let [only] = places[..] {
            return Ok(only);
        }
        let Some(near) = near else {
            let list: Vec<String> = places
                .iter()
                .map(|p| format!("{:.3}, {:.3}", p[0], p[1]))
                .collect();
            return Err(Error::bad_input(
                Message::new("edit.tie.pick")
                    .with("count", places.len())
                    .with("places", list.join("; ")),
            ));
        };
        self.check_place(near)?;
        let distance = |p: &[f64; 2]| metric.distance_m(*p, near);
        let meant = places.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        meant
            .copied()
            .ok_or_else(|| Error::bad_input(Message::new("edit.tie.degenerate")))
    }

    /// The node features within a distance, nearest first.
    pub(super) fn nodes_near(&self, at: [f64; 2], radius_m: f64) -> Result<Vec<(Feature, f64)>> {
        let metric = self.metric(at);
        let found = self
            .project
            .features_in_box(GeometryKind::Point, metric.box_around(at, radius_m))?;
        let mut near: Vec<(Feature, f64)> = found
            .into_iter()
            .filter_map(|f| {
                let p = position(&f)?;
                let distance_m = metric.distance_m([p[0], p[1]], at);
                (distance_m <= radius_m).then_some((f, distance_m))
            })
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.id.cmp(&b.0.id)));
        Ok(near)
    }

    /// Pipes within a distance, nearest first.
    pub(super) fn pipes_near(&self, at: [f64; 2], radius_m: f64) -> Result<Vec<(Feature, f64)>> {
        let metric = self.metric(at);
        let found = self
            .project
            .features_in_box(GeometryKind::Line, metric.box_around(at, radius_m))?;
        let mut near: Vec<(Feature, f64)> = found
            .into_iter()
            .filter_map(|f| {
                let foot = metric.foot_point(&flat(vertices(&f)), at)?;
                (foot.distance_m <= radius_m).then_some((f, foot.distance_m))
            })
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.id.cmp(&b.0.id)));
        Ok(near)
    }

    /// Points in the box around a line.
    pub(super) fn points_along(&self, line: &[[f64; 3]], radius_m: f64) -> Result<Vec<Feature>> {
        let Some(first) = line.first() else {
            return Ok(Vec::new());
        };
        let metric: Metric = self.metric([first[0], first[1]]);
        let mut b = metric.box_around([first[0], first[1]], radius_m);
        for p in line {
            let around = metric.box_around([p[0], p[1]], radius_m);
            b = [
                b[0].min(around[0]),
                b[1].min(around[1]),
                b[2].max(around[2]),
                b[3].max(around[3]),
            ];
        }
        self.project.features_in_box(GeometryKind::Point, b)
    }

    /// The pipes that end in a node, each with which of its ends do.
    pub(super) fn pipes_at(&self, node: &Feature) -> Result<Vec<(Feature, [bool; 2])>> {
        let mut pipes: Vec<(Feature, [bool; 2])> = Vec::new();
        for (class, id) in self.project.referrers(node.id)? {
            if self.schema().class(class).geometry == GeometryKind::Line
                && let Some(pipe) = self.project.record(class, id)?
            {
                let ends = [pipe.links.from, pipe.links.to].map(|end| end == Some(node.id));
                pipes.push((pipe, ends));
            }
        }
        let Some(at) = position(node) else {
            return Ok(pipes);
        };
        let at = [at[0], at[1]];
        let tolerance_m = self.options.end_tolerance_m;
        let metric = self.metric(at);
        for (pipe, _) in self.pipes_near(at, tolerance_m)? {
            let line = vertices(&pipe);
            let places = [line.first(), line.last()];
            let named = [pipe.links.from, pipe.links.to];
            let by_place: [bool; 2] = [0, 1].map(|side| {
                named[side].is_none()
                    && places[side].is_some_and(|p| metric.distance_m([p[0], p[1]], at) <= tolerance_m)
            });
            if let Some((_, ends)) = pipes.iter_mut().find(|(known, _)| known.id == pipe.id) {
                *ends = [ends[0] || by_place[0], ends[1] || by_place[1]];
            } else if by_place != [false; 2] {
                pipes.push((pipe, by_place));
            }
        }
        Ok(pipes)
    }
}
