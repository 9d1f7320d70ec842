//! 新增管点, 穿点连线 and 移动管点: nodes and pipes come, nodes move and take their pipes along.

use serde_json::{Map, Value as Json};

use super::codes::Taken;
use super::{Work, flat, position, refuse, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::model::{ClassIndex, Feature, Geometry, Value};
use crate::network::Metric;
use crate::schema::GeometryKind;
use crate::text::Message;

impl Work<'_> {
    /// A node on empty ground; on a pipe it cuts the pipe, so that a valve added there separates its halves.
    pub(super) fn add_node(
        &mut self,
        class: &str,
        at: [f64; 2],
        z_m: Option<f64>,
        pipe: Option<&str>,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        self.check_place(at)?;
        let mut node = self.new_node(class, given)?;
        self.give_code(&mut node)?;
        node.geometry = Some(Geometry::Point([at[0], at[1], z_m.unwrap_or(f64::NAN)]));
        let tolerance_m = self.options.end_tolerance_m;
        let mut transaction = Self::begin("edit.name.add_node", &self.project.name_of(&node));
        let under = match pipe {
            Some(name) => Some(self.find_kind(name, GeometryKind::Line)?),
            None => self
                .pipes_near(at, tolerance_m)?
                .into_iter()
                .map(|(p, _)| p)
                .find(|p| !self.is_obsolete(p)),
        };
        let place = match &under {
            Some(pipe) => self
                .metric(at)
                .foot_point(&flat(vertices(pipe)), at)
                .map_or(at, |foot| foot.point),
            None => at,
        };
        if let Some((there, _)) = self.nodes_near(place, tolerance_m)?.first() {
            return Err(self.refuse("edit.error.occupied", there));
        }
        let Some(pipe) = under else {
            transaction.edits.push(Edit::Insert(node));
            return Ok(transaction);
        };
        let ends = [vertices(&pipe).first(), vertices(&pipe).last()];
        let is_free_end = ends
            .into_iter()
            .flatten()
            .any(|p| self.metric(at).distance_m([p[0], p[1]], place) <= tolerance_m);
        if is_free_end {
            // The end of a pipe that nothing stood at: the node joins it by place.
            transaction.edits.push(Edit::Insert(node));
        } else {
            self.take_diameter(&mut node, &pipe);
            self.cut_under(pipe, node, false, &mut transaction)?;
        }
        Ok(transaction)
    }

    /// A node of a class by any of its names, with the kind that the name says, and nowhere yet.
    pub(super) fn new_node(&mut self, class: &str, given: &Map<String, Json>) -> Result<Feature> {
        let (class, kind) = self
            .schema()
            .resolve_class(class)
            .filter(|(c, _)| self.schema().class(*c).geometry == GeometryKind::Point)
            .ok_or_else(|| refuse("edit.error.no_class", class))?;
        let kind = kind.map(str::to_owned);
        let mut node = self.new_feature(class, given)?;
        if let (Some(kind), Some(field)) = (kind, self.field(&node, "kind"))
            && node.values[field].is_null()
        {
            node.values[field] = Value::Text(kind);
        }
        Ok(node)
    }

    /// What is put into a pipe is as wide as the pipe, unless said otherwise.
    pub(super) fn take_diameter(&self, node: &mut Feature, pipe: &Feature) {
        if let (Some(field), Some(diameter_mm)) =
            (self.field(node, "diameter_mm"), self.number(pipe, "diameter_mm"))
            && node.values[field].is_null()
        {
            node.values[field] = Value::Real(diameter_mm);
        }
    }

    /// Pipes from node to node, in order.
    pub(super) fn draw_pipe(
        &mut self,
        class: &str,
        through: &[String],
        via: &[[f64; 2]],
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let (class, _) = self
            .schema()
            .resolve_class(class)
            .filter(|(c, _)| self.schema().class(*c).geometry == GeometryKind::Line)
            .ok_or_else(|| refuse("edit.error.no_class", class))?;
        if through.len() < 2 || (through.len() > 2 && !via.is_empty()) {
            return Err(refuse("edit.error.through", &through.join(", ")));
        }
        let mut transaction = Self::begin("edit.name.draw_pipe", &self.called(through, " – ")?);
        let mut taken = Taken::new();
        for pair in through.windows(2) {
            let ends = [
                self.find_kind(&pair[0], GeometryKind::Point)?,
                self.find_kind(&pair[1], GeometryKind::Point)?,
            ];
            let mut pipe = self.pipe_between(class, &ends, via, given)?;
            if let Some(field) = self.field(&pipe, "code")
                && let Some(code) = self.project.code_of(&pipe).map(str::to_owned)
            {
                let code = if taken.is_empty() {
                    code
                } else {
                    self.free_code(&code, &taken)?
                };
                pipe.values[field] = Value::Text(code.clone());
                taken.insert(code);
            }
            transaction.edits.push(Edit::Insert(pipe));
        }
        Ok(transaction)
    }

    fn pipe_between(
        &mut self,
        class: ClassIndex,
        ends: &[Feature; 2],
        via: &[[f64; 2]],
        given: &Map<String, Json>,
    ) -> Result<Feature> {
        let mut places = Vec::with_capacity(via.len() + 2);
        let place = |node: &Feature| position(node).ok_or_else(|| self.refuse("edit.error.no_place", node));
        places.push(place(&ends[0])?);
        for at in via {
            self.check_place(*at)?;
            places.push([at[0], at[1], f64::NAN]);
        }
        places.push(place(&ends[1])?);
        let length_m = self.metric([places[0][0], places[0][1]]).length_m(&flat(&places));
        if ends[0].id == ends[1].id || length_m <= self.options.end_tolerance_m {
            return Err(self.refuse("edit.error.zero_length", &ends[1]));
        }
        for (pipe, sides) in self.pipes_at(&ends[0])? {
            let other = if sides[0] { pipe.links.to } else { pipe.links.from };
            if via.is_empty() && vertices(&pipe).len() == 2 && other == Some(ends[1].id) {
                return Err(self.refuse("edit.error.duplicate", &pipe));
            }
        }
        let mut pipe = self.new_feature(class, given)?;
        self.give_code(&mut pipe)?;
        pipe.geometry = Some(Geometry::Line(places));
        (pipe.links.from, pipe.links.to) = (Some(ends[0].id), Some(ends[1].id));
        Ok(pipe)
    }

    /// Moves a node; the ends of its pipes, and their vertices where they pass through it, go along. A recorded length
    /// that said what was drawn says so afterwards; one that was measured stays.
    pub(super) fn move_node(&mut self, name: &str, to: [f64; 2]) -> Result<Transaction> {
        self.check_place(to)?;
        let node = self.find_kind(name, GeometryKind::Point)?;
        let Some(at) = position(&node) else {
            return Err(self.refuse("edit.error.no_place", &node));
        };
        let mut moved = node.clone();
        moved.geometry = Some(Geometry::Point([to[0], to[1], at[2]]));
        self.moved(&node, &moved, at, to)
    }

    /// A node that went from one place to another, and its pipes with it.
    pub(super) fn moved(
        &mut self,
        node: &Feature,
        moved: &Feature,
        at: [f64; 3],
        to: [f64; 2],
    ) -> Result<Transaction> {
        let tolerance_m = self.options.end_tolerance_m;
        if let Some((there, _)) = self
            .nodes_near(to, tolerance_m)?
            .iter()
            .find(|(near, _)| near.id != node.id)
        {
            return Err(self.refuse("edit.error.occupied", there));
        }
        let mut transaction = Self::begin("edit.name.move_node", &self.project.name_of(node));
        transaction.change(self.schema(), node, moved);
        let mut pipes = self.pipes_at(node)?;
        for (pipe, _) in self.pipes_near([at[0], at[1]], tolerance_m)? {
            let is_named = pipe.links.from.is_some() && pipe.links.to.is_some();
            if !is_named && pipes.iter().all(|(known, _)| known.id != pipe.id) {
                pipes.push((pipe, [false; 2]));
            }
        }
        for (pipe, ends) in pipes {
            let mut line = vertices(&pipe).to_vec();
            if ends == [false; 2] {
                bend(&mut line, [at[0], at[1]], to, self.metric(to), tolerance_m);
            } else {
                move_ends(&mut line, ends, to);
            }
            let new = self.redrawn(&pipe, line)?;
            transaction.change(self.schema(), &pipe, &new);
        }
        Ok(transaction)
    }

    /// A pipe with another line.
    pub(super) fn redrawn(&self, pipe: &Feature, line: Vec<[f64; 3]>) -> Result<Feature> {
        let Some(first) = line.first() else {
            return Ok(pipe.clone());
        };
        let metric = self.metric([first[0], first[1]]);
        let (old_m, new_m) = (
            metric.length_m(&flat(vertices(pipe))),
            metric.length_m(&flat(&line)),
        );
        if new_m <= self.options.end_tolerance_m {
            return Err(Error::bad_input(
                Message::new("edit.error.collapses").with("feature", self.project.name_of(pipe)),
            ));
        }
        let mut new = pipe.clone();
        new.geometry = Some(Geometry::Line(line));
        if let (Some(field), Some(recorded_m)) = (self.field(pipe, "length_m"), self.number(pipe, "length_m"))
            && (recorded_m - old_m).abs() <= (old_m * 0.001).max(0.05)
        {
            new.values[field] = Value::Real(new_m);
        }
        Ok(new)
    }

    /// 调换方向: the pipe runs the other way; what was recorded at its ends changes places, and devices keep theirs.
    pub(super) fn reverse(&mut self, name: &str) -> Result<Transaction> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        let mut transaction = Self::begin("edit.name.reverse", &self.project.name_of(&pipe));
        let turned = self.turned(&pipe);
        transaction.change(self.schema(), &pipe, &turned);
        let line = flat(vertices(&pipe));
        let drawn_m = line.first().map_or(0.0, |p| self.metric(*p).length_m(&line));
        let length_m = self
            .number(&pipe, "length_m")
            .filter(|m| *m > 0.0)
            .unwrap_or(drawn_m);
        for (class, id) in self.project.referrers(pipe.id)? {
            let Some(old) = self.project.record(class, id)? else {
                continue;
            };
            let mut new = old.clone();
            if old.links.on_pipe == Some(pipe.id)
                && let Some(distance) = &mut new.links.on_pipe_distance_m
            {
                *distance = (length_m - *distance).max(0.0);
            }
            transaction.change(self.schema(), &old, &new);
        }
        Ok(transaction)
    }

    pub(super) fn turned(&self, pipe: &Feature) -> Feature {
        let mut turned = pipe.clone();
        if let Some(Geometry::Line(line)) = &mut turned.geometry {
            line.reverse();
        }
        std::mem::swap(&mut turned.links.from, &mut turned.links.to);
        for (from, to) in [
            ("depth_from_m", "depth_to_m"),
            ("elevation_from_m", "elevation_to_m"),
        ] {
            if let (Some(from), Some(to)) = (self.field(pipe, from), self.field(pipe, to)) {
                turned.values.swap(from, to);
            }
        }
        turned
    }
}

pub(super) fn move_ends(line: &mut [[f64; 3]], ends: [bool; 2], to: [f64; 2]) {
    let last = line.len().saturating_sub(1);
    for (side, index) in [(0, 0), (1, last)] {
        if ends[side]
            && let Some(p) = line.get_mut(index)
        {
            (p[0], p[1]) = (to[0], to[1]);
        }
    }
}

/// A line that passes through a place passes through another one instead.
pub(super) fn bend(line: &mut Vec<[f64; 3]>, at: [f64; 2], to: [f64; 2], metric: Metric, tolerance_m: f64) {
    if let Some(p) = line
        .iter_mut()
        .find(|p| metric.distance_m([p[0], p[1]], at) <= tolerance_m)
    {
        (p[0], p[1]) = (to[0], to[1]);
        return;
    }
    let segment = line.windows(2).position(|w| {
        let foot = metric.foot_point(&[[w[0][0], w[0][1]], [w[1][0], w[1][1]]], at);
        foot.is_some_and(|foot| foot.distance_m <= tolerance_m)
    });
    if let Some(i) = segment {
        line.insert(i + 1, [to[0], to[1], f64::NAN]);
    }
}
