//! 接户: customers join the nearest main, by name or by a pipe of their own that enters it at a joint.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::codes::Taken;
use super::split::{Cut, Whole};
use super::{Work, flat, refuse};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::model::{Feature, Geometry};
use crate::schema::GeometryKind;
use crate::text::Message;

impl Work<'_> {
    /// 接户: customers and other devices that name no pipe name the nearest one, as far as `within_m`.
    pub(super) fn connect_customers(&mut self, names: &[String], within_m: f64) -> Result<Transaction> {
        let mut transaction = Self::begin("edit.name.connect", &self.called(names, ", ")?);
        let mut seen = BTreeSet::new();
        for name in names {
            let old = self.find_kind(name, GeometryKind::Point)?;
            if !seen.insert(old.id) {
                continue;
            }
            let at = self.place_of(&old)?;
            let whole = self.whole(self.main_near(&old, within_m)?)?;
            let line = flat(&whole.line);
            let foot = whole.metric.foot_point(&line, [at[0], at[1]]);
            let mut new = old.clone();
            new.links.on_pipe = Some(whole.pipe.id);
            new.links.on_pipe_distance_m = foot.map(|foot| foot.along_m * whole.length_m / whole.drawn_m);
            transaction.change(self.schema(), &old, &new);
        }
        Ok(transaction)
    }

    /// The nearest pipe in service.
    fn main_near(&self, node: &Feature, within_m: f64) -> Result<Feature> {
        if !within_m.is_finite() || within_m <= 0.0 {
            return Err(Error::bad_input(Message::new("edit.tie.bad_number")));
        }
        let at = self.place_of(node)?;
        let near = self.pipes_near([at[0], at[1]], within_m)?;
        let main = near
            .into_iter()
            .map(|(pipe, _)| pipe)
            .find(|pipe| !self.is_obsolete(pipe));
        main.ok_or_else(|| {
            Error::bad_input(
                Message::new("edit.error.no_pipe_near")
                    .with("feature", self.project.name_of(node))
                    .with("distance", within_m),
            )
        })
    }

    pub(super) fn service_pipe(
        &mut self,
        customer: &str,
        main: Option<&str>,
        within_m: f64,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let old = self.find_kind(customer, GeometryKind::Point)?;
        if let Some((pipe, _)) = self.pipes_at(&old)?.first() {
            return Err(Error::bad_input(
                Message::new("edit.error.served")
                    .with("feature", self.project.name_of(&old))
                    .with("pipe", self.project.name_of(pipe)),
            ));
        }
        let main = match main {
            Some(name) => self.find_kind(name, GeometryKind::Line)?,
            None => self.main_near(&old, within_m)?,
        };
        let whole = self.whole(main)?;
        self.lead(&old, &whole, given)
    }

    /// A pipe from the nearest place of a main to a node.
    pub(super) fn lead(
        &mut self,
        old: &Feature,
        whole: &Whole,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let at = self.place_of(old)?;
        let foot = whole
            .foot(at)
            .ok_or_else(|| self.refuse("edit.error.no_place", &whole.pipe))?;
        if foot.distance_m <= self.options.end_tolerance_m {
            return Err(refuse("edit.error.zero_length", &self.project.name_of(old)));
        }
        let mut transaction = Self::begin("edit.name.service_pipe", &self.project.name_of(old));
        let place = whole.point_at(foot.along_m);
        let there = self.nodes_near([place[0], place[1]], self.options.end_tolerance_m)?;
        let joint = if let Some((node, _)) = there.into_iter().next() {
            node
        } else {
            let node = self.joint(&whole.pipe, place, &mut Taken::new())?;
            let cut = Cut {
                along_m: foot.along_m,
                node: node.clone(),
                is_there: false,
            };
            self.cut(whole, &[cut], &mut transaction)?;
            node
        };
        let class = self
            .schema()
            .class_index("pipe")
            .ok_or_else(|| refuse("edit.error.no_class", "pipe"))?;
        let mut pipe = self.new_feature(class, given)?;
        self.give_code(&mut pipe)?;
        pipe.geometry = Some(Geometry::Line(vec![self.place_of(&joint)?, at]));
        (pipe.links.from, pipe.links.to) = (Some(joint.id), Some(old.id));
        transaction.edits.push(Edit::Insert(pipe));
        // It hangs on the end of its own pipe now.
        if old.links.on_pipe.is_some() {
            transaction.edits.retain(|edit| edit.id() != old.id);
            let mut new = old.clone();
            (new.links.on_pipe, new.links.on_pipe_distance_m) = (None, None);
            transaction.change(self.schema(), old, &new);
        }
        Ok(transaction)
    }
}
