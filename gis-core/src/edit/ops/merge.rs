//! 合并管线: pipes that meet, one after the other, become one. The first stays; where they differ the user chooses, field by field, and is
//! told which fields those are. What lies at the joint must be no more than a joint.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::passes::union;
use super::{PipeEnd, Work, flat, position, refuse, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Geometry, Value};
use crate::schema::{GeometryKind, Role};
use crate::text::Message;

/// Fields that are not compared: they name the pipe, or are summed or taken from the ends.
const OWN_FIELDS: [&str; 8] = [
    "passes",
    "code",
    "length_m",
    "customers",
    "depth_from_m",
    "depth_to_m",
    "elevation_from_m",
    "elevation_to_m",
];

/// Whether pipes that are merged must say which of their values of a field is right; the others are worked out.
pub fn merging_asks(field: &str) -> bool {
    !OWN_FIELDS.contains(&field)
}

/// One pipe of a chain, as it runs in it.
struct Link {
    old: Feature,
    turned: Feature,
    is_turned: bool,
    /// Along the merged pipe, where it begins, and how long it is.
    start_m: f64,
    length_m: f64,
    /// The node at its beginning; none for the first, and where pipes met without a node.
    joint: Option<Feature>,
}

impl Work<'_> {
    /// Merges a chain of pipes into the first.
    pub(super) fn merge(
        &mut self,
        names: &[String],
        chosen: &Map<String, Json>,
        take: &BTreeMap<String, String>,
        keeps_first: bool,
    ) -> Result<Transaction> {
        if names.len() < 2 {
            return Err(refuse("edit.error.too_few", &names.join(", ")));
        }
        let chain = self.chain(names)?;
        let mut merged = chain[0].old.clone();
        for link in &chain[1..] {
            merged = self.joined(&merged, &link.turned);
        }
        let taken = self.take(&mut merged, &chain, take)?;
        self.fill(&mut merged, chosen)?;
        let class = self.schema().class(merged.class);
        let chosen: Vec<usize> = chosen
            .keys()
            .filter_map(|name| class.resolve_field(name))
            .chain(taken)
            .collect();
        for link in &chain[1..] {
            self.check_differences(&chain[0].old, &link.turned, &chosen, keeps_first)?;
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.merge")
                .with("first", self.project.name_of(&chain[0].old))
                .with(
                    "second",
                    chain[1..]
                        .iter()
                        .map(|l| self.project.name_of(&l.old))
                        .collect::<Vec<_>>()
                        .join(", "),
                ),
        );
        transaction.change(self.schema(), &chain[0].old, &merged);
        self.carry_over(&chain, &merged, &mut transaction)?;
        let mut joints = Vec::new();
        for link in chain.into_iter().skip(1) {
            transaction.edits.push(Edit::Delete(link.old));
            joints.extend(link.joint);
        }
        transaction.edits.extend(joints.into_iter().map(Edit::Delete));
        Ok(transaction)
    }

    /// The pipes of a chain, each beginning where the one before it ends.
    fn chain(&self, names: &[String]) -> Result<Vec<Link>> {
        let mut pipes: Vec<Feature> = Vec::with_capacity(names.len());
        for name in names {
            let pipe = self.find_kind(name, GeometryKind::Line)?;
            if pipes.iter().any(|known| known.id == pipe.id) {
                return Err(self.refuse("edit.error.same_pipe", &pipe));
            }
            pipes.push(pipe);
        }
        let ids: Vec<FeatureId> = pipes.iter().map(|pipe| pipe.id).collect();
        let mut chain: Vec<Link> = Vec::with_capacity(pipes.len());
        for pipe in pipes {
            let mut link = Link {
                length_m: self.length_of(&pipe),
                turned: pipe.clone(),
                old: pipe,
                is_turned: false,
                start_m: 0.0,
                joint: None,
            };
            if let Some(before) = chain.last() {
                let (joint, is_at_start, is_turned) = self.joint_of(&before.turned, &link.old, &ids)?;
                if is_at_start {
                    return Err(Error::bad_input(
                        Message::new("edit.error.merge_order")
                            .with("first", self.project.name_of(&before.old))
                            .with("second", self.project.name_of(&link.old)),
                    ));
                }
                link.start_m = before.start_m + before.length_m;
                link.joint = joint;
                link.is_turned = is_turned;
                if is_turned {
                    link.turned = self.turned(&link.old);
                }
            }
            chain.push(link);
        }
        Ok(chain)
    }

    /// Fields that are said to come from another pipe of the chain.
    fn take(
        &self,
        merged: &mut Feature,
        chain: &[Link],
        take: &BTreeMap<String, String>,
    ) -> Result<Vec<usize>> {
        let mut taken = Vec::new();
        for (name, pipe) in take {
            let given = self.find_kind(pipe, GeometryKind::Line)?;
            let Some(link) = chain.iter().find(|link| link.old.id == given.id) else {
                return Err(self.refuse("edit.error.not_in_chain", &given));
            };
            let class = self.schema().class(merged.class);
            let field = class.resolve_field(name).ok_or_else(|| {
                Error::bad_input(
                    Message::new("edit.error.unknown_field")
                        .with("class", &class.key)
                        .with("field", name),
                )
            })?;
            let of_pipe = self.field(&link.turned, &class.fields[field].key);
            merged.values[field] = of_pipe
                .map(|at| link.turned.values[at].clone())
                .unwrap_or_default();
            taken.push(field);
        }
        Ok(taken)
    }

    /// The node at which two pipes meet, whether that is the start of the first, and whether it is the end of the second.
    fn joint_of(
        &self,
        a: &Feature,
        b: &Feature,
        chain: &[FeatureId],
    ) -> Result<(Option<Feature>, bool, bool)> {
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
                    && others.len() <= 2
                    && others.iter().all(|(pipe, _)| chain.contains(&pipe.id));
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
        if let (Some(field), Some(of_b)) = (class.field_index("passes"), self.field(b, "passes")) {
            merged.values[field] = union(&a.values[field], &b.values[of_b]);
        }
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

    fn check_differences(
        &mut self,
        a: &Feature,
        b: &Feature,
        chosen: &[usize],
        keeps_first: bool,
    ) -> Result<()> {
        let class = self.schema().class(a.class);
        let different: Vec<String> = class
            .fields
            .iter()
            .enumerate()
            .filter(|(position, field)| merging_asks(&field.key) && !chosen.contains(position))
            .filter_map(|(position, field)| {
                let (x, y) = (a.values.get(position)?, b.values.get(self.field(b, &field.key)?)?);
                let short = |v: &Value| crate::edit::Content::Value(v.clone()).short();
                (x != y).then(|| format!("{} ({} / {})", field.key, short(x), short(y)))
            })
            .collect();
        if different.is_empty() && a.class == b.class {
            return Ok(());
        }
        let told = |key| {
            Message::new(key)
                .with("first", self.project.name_of(a))
                .with("second", self.project.name_of(b))
                .with("fields", different.join(", "))
        };
        if !keeps_first {
            return Err(Error::bad_input(told("edit.error.different")));
        }
        let note = told("edit.note.kept_first");
        self.notes.push(note);
        Ok(())
    }

    /// Whatever named a pipe of the chain, or a joint in it, names the first pipe.
    fn carry_over(&self, chain: &[Link], merged: &Feature, transaction: &mut Transaction) -> Result<()> {
        let (first, members) = (
            merged.id,
            chain.iter().map(|link| link.old.id).collect::<Vec<_>>(),
        );
        let mut concerned: Vec<(ClassIndex, FeatureId)> = Vec::new();
        for link in &chain[1..] {
            let gone = std::iter::once(link.old.id).chain(link.joint.as_ref().map(|joint| joint.id));
            for id in gone {
                for one in self.project.referrers(id)? {
                    if !members.contains(&one.1) && !concerned.contains(&one) {
                        concerned.push(one);
                    }
                }
            }
        }
        for (class, id) in concerned {
            let Some(old) = self.project.record(class, id)? else {
                continue;
            };
            let mut new = old.clone();
            if let Some(link) = chain.iter().find(|link| old.links.on_pipe == Some(link.old.id)) {
                new.links.on_pipe = Some(first);
                if let Some(distance) = &mut new.links.on_pipe_distance_m {
                    let within = if link.is_turned {
                        link.length_m - *distance
                    } else {
                        *distance
                    };
                    *distance = link.start_m + within;
                }
            }
            for inlet in &mut new.links.inlet_pipes {
                if members.contains(inlet) {
                    *inlet = first;
                }
            }
            if old.links.flow_to.is_some_and(|to| members.contains(&to)) {
                new.links.flow_to = Some(first);
            } else if let Some(joint) = chain.iter().find(|link| {
                link.joint
                    .as_ref()
                    .is_some_and(|joint| old.links.flow_to == Some(joint.id))
            }) {
                // It led to the joint from one side; beyond it water now runs on to the far end of the merged pipe.
                let along_m = self.along(&new, merged);
                new.links.flow_to = self.far_end(merged, along_m <= joint.start_m)?;
            }
            transaction.change(self.schema(), &old, &new);
        }
        Ok(())
    }

    /// How far along a merged pipe a device sits.
    fn along(&self, device: &Feature, merged: &Feature) -> f64 {
        if let Some(distance_m) = device
            .links
            .on_pipe_distance_m
            .filter(|_| device.links.on_pipe == Some(merged.id))
        {
            return distance_m;
        }
        let line = flat(vertices(merged));
        let foot = position(device).and_then(|at| {
            let at = [at[0], at[1]];
            self.metric(at).foot_point(&line, at)
        });
        let drawn_m = line.first().map_or(0.0, |p| self.metric(*p).length_m(&line));
        foot.map_or(0.0, |foot| foot.along_m) * self.length_of(merged) / drawn_m
    }

    fn far_end(&self, merged: &Feature, is_before: bool) -> Result<Option<FeatureId>> {
        self.end_node(merged, if is_before { PipeEnd::To } else { PipeEnd::From })
    }
}

fn end(pipe: &Feature, start: bool) -> Option<[f64; 2]> {
    let line = vertices(pipe);
    let p = if start { line.first() } else { line.last() }?;
    Some([p[0], p[1]])
}
