//! 合并管线: two pipes that meet become one. The first stays; where they differ the user chooses, field by field, and is
//! told which fields those are. What lies at the joint must be no more than a joint.

use serde_json::{Map, Value as Json};

use super::{Work, flat, position, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::model::{Feature, Geometry, Value};
use crate::schema::{GeometryKind, Role};
use crate::text::Message;

/// Fields that are not compared: they name the pipe, or are summed or taken from the ends.
const OWN_FIELDS: [&str; 7] = [
    "code",
    "length_m",
    "customers",
    "depth_from_m",
    "depth_to_m",
    "elevation_from_m",
    "elevation_to_m",
];

impl Work<'_> {
    pub(super) fn merge(
        &mut self,
        first: &str,
        second: &str,
        chosen: &Map<String, Json>,
        keeps_first: bool,
    ) -> Result<Transaction> {
        let a_old = self.find_kind(first, GeometryKind::Line)?;
        let b_old = self.find_kind(second, GeometryKind::Line)?;
        if a_old.id == b_old.id {
            return Err(self.refuse("edit.error.same_pipe", &a_old));
        }
        let (joint, a_at_start, b_at_end) = self.joint_of(&a_old, &b_old)?;
        if a_at_start {
            return Err(Error::bad_input(
                Message::new("edit.error.merge_order")
                    .with("first", self.project.name_of(&a_old))
                    .with("second", self.project.name_of(&b_old)),
            ));
        }
        let b = if b_at_end {
            self.turned(&b_old)
        } else {
            b_old.clone()
        };
        let mut merged = self.joined(&a_old, &b);
        self.fill(&mut merged, chosen)?;
        if !keeps_first {
            self.check_differences(&a_old, &b, chosen)?;
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.merge")
                .with("first", self.project.name_of(&a_old))
                .with("second", self.project.name_of(&b_old)),
        );
        transaction.change(self.schema(), &a_old, &merged);
        self.carry_over(
            &a_old,
            &b_old,
            b_at_end,
            joint.as_ref(),
            &merged,
            &mut transaction,
        )?;
        transaction.edits.push(Edit::Delete(b_old));
        transaction.edits.extend(joint.map(Edit::Delete));
        Ok(transaction)
    }

    /// The node at which two pipes meet, whether that is the start of the first, and whether it is the end of the second.
    fn joint_of(&self, a: &Feature, b: &Feature) -> Result<(Option<Feature>, bool, bool)> {
        let apart = || {
            Error::bad_input(
                Message::new("edit.error.apart")
                    .with("first", self.project.name_of(a))
                    .with("second", self.project.name_of(b)),
            )
        };
        let tolerance_m = self.options.end_tolerance_m;
        for (a_is_start, b_is_end) in [(false, false), (false, true), (true, true), (true, false)] {
            let (Some(a_end), Some(b_end)) = (end(a, a_is_start), end(b, !b_is_end)) else {
                return Err(apart());
            };
            let a_link = if a_is_start { a.links.from } else { a.links.to };
            let b_link = if b_is_end { b.links.to } else { b.links.from };
            let meet = match (a_link, b_link) {
                (Some(x), Some(y)) => x == y,
                _ => self.metric(a_end).distance_m(a_end, b_end) <= tolerance_m,
            };
            if !meet {
                continue;
            }
            let node = match a_link.or(b_link) {
                Some(id) => self.project.feature(id)?,
                None => self
                    .nodes_near(a_end, tolerance_m)?
                    .into_iter()
                    .next()
                    .map(|(node, _)| node),
            };
            if let Some(node) = &node {
                let others = self.pipes_at(node)?;
                let is_plain = self.schema().class(node.class).role == Role::Junction
                    && others.iter().all(|(pipe, _)| [a.id, b.id].contains(&pipe.id));
                if !is_plain {
                    return Err(self.refuse("edit.error.no_plain_joint", node));
                }
            }
            return Ok((node, a_is_start, b_is_end));
        }
        Err(apart())
    }

    /// The first pipe drawn on through the second, which begins where the first ends.
    fn joined(&self, a: &Feature, b: &Feature) -> Feature {
        let mut merged = a.clone();
        let mut line = vertices(a).to_vec();
        line.extend_from_slice(vertices(b).get(1..).unwrap_or_default());
        merged.geometry = Some(Geometry::Line(line));
        merged.links.to = b.links.to;
        let class = self.schema().class(a.class);
        for (key, sum) in [
            ("length_m", true),
            ("customers", true),
            ("depth_to_m", false),
            ("elevation_to_m", false),
        ] {
            let (Some(field), Some(of_b)) = (class.field_index(key), self.field(b, key)) else {
                continue;
            };
            let (x, y) = (&a.values[field], &b.values[of_b]);
            merged.values[field] = match (x, y) {
                _ if !sum => y.clone(),
                (Value::Integer(x), Value::Integer(y)) => Value::Integer(x + y),
                (Value::Null, Value::Null) => Value::Null,
                // Of two lengths one of which nobody recorded, the drawn one stands in.
                _ if key == "length_m" => Value::Real(self.length_of(a) + self.length_of(b)),
                (x, Value::Null) => x.clone(),
                (_, y) => y.clone(),
            };
        }
        merged
    }

    fn length_of(&self, pipe: &Feature) -> f64 {
        let line = flat(vertices(pipe));
        let drawn_m = line.first().map_or(0.0, |p| self.metric(*p).length_m(&line));
        self.number(pipe, "length_m")
            .filter(|m| *m > 0.0)
            .unwrap_or(drawn_m)
    }

    fn check_differences(&self, a: &Feature, b: &Feature, chosen: &Map<String, Json>) -> Result<()> {
        let class = self.schema().class(a.class);
        let is_chosen = |position| {
            chosen
                .keys()
                .any(|name| class.resolve_field(name) == Some(position))
        };
        let different: Vec<String> = class
            .fields
            .iter()
            .enumerate()
            .filter(|(position, field)| !OWN_FIELDS.contains(&field.key.as_str()) && !is_chosen(*position))
            .filter_map(|(position, field)| {
                let (x, y) = (a.values.get(position)?, b.values.get(self.field(b, &field.key)?)?);
                let short = |v: &Value| crate::edit::Content::Value(v.clone()).short();
                (x != y).then(|| format!("{} ({} / {})", field.key, short(x), short(y)))
            })
            .collect();
        if different.is_empty() && a.class == b.class {
            return Ok(());
        }
        Err(Error::bad_input(
            Message::new("edit.error.different")
                .with("first", self.project.name_of(a))
                .with("second", self.project.name_of(b))
                .with("fields", different.join(", ")),
        ))
    }

    /// Whatever named the second pipe, or the joint, names the first one.
    fn carry_over(
        &self,
        a: &Feature,
        b: &Feature,
        b_is_turned: bool,
        joint: Option<&Feature>,
        merged: &Feature,
        transaction: &mut Transaction,
    ) -> Result<()> {
        let (a_m, b_m) = (self.length_of(a), self.length_of(b));
        let mut concerned = self.project.referrers(b.id)?;
        if let Some(joint) = joint {
            for one in self.project.referrers(joint.id)? {
                if ![a.id, b.id].contains(&one.1) && !concerned.contains(&one) {
                    concerned.push(one);
                }
            }
        }
        for (class, id) in concerned {
            let Some(old) = self.project.record(class, id)? else {
                continue;
            };
            let mut new = old.clone();
            if old.links.on_pipe == Some(b.id) {
                new.links.on_pipe = Some(a.id);
                if let Some(distance) = &mut new.links.on_pipe_distance_m {
                    *distance = a_m + if b_is_turned { b_m - *distance } else { *distance };
                }
            }
            for inlet in &mut new.links.inlet_pipes {
                if *inlet == b.id {
                    *inlet = a.id;
                }
            }
            if old.links.flow_to == Some(b.id) {
                new.links.flow_to = Some(a.id);
            } else if joint.is_some_and(|j| old.links.flow_to == Some(j.id)) {
                // It led to the joint from one side; beyond it water now runs on to the far end of the merged pipe.
                new.links.flow_to = self.beyond(&old, a, merged)?;
            }
            transaction.change(self.schema(), &old, &new);
        }
        Ok(())
    }

    fn beyond(
        &self,
        device: &Feature,
        a: &Feature,
        merged: &Feature,
    ) -> Result<Option<crate::ids::FeatureId>> {
        let is_on_first = match (device.links.on_pipe, position(device)) {
            (Some(pipe), _) => pipe == a.id,
            (None, Some(at)) => {
                let foot = self
                    .metric([at[0], at[1]])
                    .foot_point(&flat(vertices(a)), [at[0], at[1]]);
                foot.is_some_and(|f| f.distance_m <= self.options.snap_tolerance_m)
            }
            (None, None) => false,
        };
        let far = if is_on_first {
            merged.links.to
        } else {
            merged.links.from
        };
        if far.is_some() {
            return Ok(far);
        }
        let Some(place) = end(merged, !is_on_first) else {
            return Ok(None);
        };
        let near = self.nodes_near(place, self.options.end_tolerance_m)?;
        Ok(near.first().map(|(node, _)| node.id))
    }
}

fn end(pipe: &Feature, start: bool) -> Option<[f64; 2]> {
    let line = vertices(pipe);
    let p = if start { line.first() } else { line.last() }?;
    Some([p[0], p[1]])
}
