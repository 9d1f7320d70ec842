//! Brings a network in step with edits: what a commit did, as the network takes it. The whole network is read by
//! `snapshot`; the two say the same of a feature.

use rusqlite::types::ValueRef;

use super::records::{boolean, real};
use super::snapshot::{States, count, node_flags};
use super::{Effects, Project};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::network::{Change, Network, NodeFlags, NodeInput, PipeInput, Update};
use crate::schema::{GeometryKind, Role, Schema};

impl Project {
    /// The network after edits that were made to it; `effects` must follow on what `network` shows.
    #[must_use]
    pub fn updated_network(&self, network: &Network, effects: &Effects) -> Update {
        let reader = Reader {
            schema: &self.schema,
            states: States::new(&self.schema),
        };
        // Lines are flat here: one list holds them all, so that the changes can borrow from it.
        let lines: Vec<Vec<[f64; 2]>> = effects
            .changed
            .iter()
            .map(|changed| changed.after.as_ref().map_or_else(Vec::new, flat))
            .collect();
        let mut changes = Vec::with_capacity(effects.changed.len());
        for (changed, line) in effects.changed.iter().zip(&lines) {
            match (&changed.before, &changed.after) {
                (_, Some(after)) => changes.push(reader.change(after, line)),
                (Some(before), None) => changes.push(Change::Gone(before.id)),
                (None, None) => {}
            }
        }
        network.updated(&changes)
    }
}

fn flat(feature: &Feature) -> Vec<[f64; 2]> {
    match &feature.geometry {
        Some(Geometry::Line(line)) if line.iter().all(|p| p[0].is_finite() && p[1].is_finite()) => {
            line.iter().map(|p| [p[0], p[1]]).collect()
        }
        _ => Vec::new(),
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    states: States<'a>,
}

impl Reader<'_> {
    fn change<'f>(&self, feature: &'f Feature, line: &'f [[f64; 2]]) -> Change<'f> {
        match self.schema.class(feature.class).geometry {
            GeometryKind::Line => Change::Pipe(self.pipe(feature, line)),
            GeometryKind::Point => Change::Node(self.node(feature)),
        }
    }

    fn value<'f>(&self, feature: &'f Feature, key: &str) -> Option<&'f Value> {
        let field = self.schema.class(feature.class).field_index(key)?;
        feature.values.get(field)
    }

    /// As the column holds it.
    fn stored<'f>(&self, feature: &'f Feature, key: &str) -> ValueRef<'f> {
        match self.value(feature, key) {
            Some(Value::Boolean(flag)) => ValueRef::Integer(i64::from(*flag)),
            Some(Value::Integer(number)) => ValueRef::Integer(*number),
            Some(Value::Real(number)) => ValueRef::Real(*number),
            Some(Value::Text(text)) => ValueRef::Text(text.as_bytes()),
            Some(Value::Null | Value::Date(_)) | None => ValueRef::Null,
        }
    }

    fn text<'f>(&self, feature: &'f Feature, key: &str) -> &'f str {
        self.value(feature, key).and_then(Value::as_text).unwrap_or("")
    }

    fn number(&self, feature: &Feature, key: &str) -> f64 {
        real(self.stored(feature, key)).unwrap_or(f64::NAN)
    }

    fn pipe<'f>(&self, feature: &'f Feature, line: &'f [[f64; 2]]) -> PipeInput<'f> {
        let material = self.text(feature, "material");
        PipeInput {
            id: feature.id,
            class: feature.class,
            state: self.states.of(self.stored(feature, "state")),
            code: self.text(feature, "code"),
            from: feature.links.from,
            to: feature.links.to,
            length_m: real(self.stored(feature, "length_m")),
            diameter_mm: self.number(feature, "diameter_mm"),
            material: self
                .schema
                .dictionary("material")
                .and_then(|d| d.position(material)),
            customers: count(self.stored(feature, "customers")).unwrap_or(0),
            vertices: line,
        }
    }

    fn node<'f>(&self, feature: &'f Feature) -> NodeInput<'f> {
        let place = match feature.geometry {
            Some(Geometry::Point(p)) if p[0].is_finite() && p[1].is_finite() => p,
            _ => [f64::NAN; 3],
        };
        let kind = Some(self.text(feature, "kind")).filter(|k| !k.is_empty());
        let flag = |key: &str, usual: bool| boolean(self.stored(feature, key)).unwrap_or(usual);
        let customers_by_default = u32::from(self.schema.class(feature.class).role == Role::Customer);
        let inlet_pipes: &[FeatureId] = &feature.links.inlet_pipes;
        NodeInput {
            id: feature.id,
            class: feature.class,
            kind: kind.and_then(|kind| self.schema.kinds_of(feature.class)?.position(kind)),
            flags: node_flags(self.schema, feature.class, kind)
                .set(NodeFlags::OPEN, flag("is_open", true))
                .set(NodeFlags::OPERABLE, flag("is_operable", true))
                .set(NodeFlags::ACCESSIBLE, flag("is_accessible", true))
                .set(NodeFlags::IMPORTANT, flag("is_important", false)),
            state: self.states.of(self.stored(feature, "state")),
            code: self.text(feature, "code"),
            position: [place[0], place[1]],
            z_m: if place[2].is_nan() {
                self.number(feature, "ground_elevation_m")
            } else {
                place[2]
            },
            diameter_mm: self.number(feature, "diameter_mm"),
            customers: count(self.stored(feature, "customers")).unwrap_or(customers_by_default),
            account: Some(self.text(feature, "customer_code")),
            on_pipe: feature.links.on_pipe,
            on_pipe_distance_m: feature.links.on_pipe_distance_m,
            flow_to: feature.links.flow_to,
            inlet_pipes,
        }
    }
}
