//! Joins features that name one another by code: pipes their end nodes, devices the pipe they sit on.

use super::super::links::{Found, codes_in};
use super::super::mapping::LINK_TARGETS;
use super::super::plan::{FLOW_TO, FROM, INLET_PIPES, LayerPlan, ON_PIPE, ON_PIPE_DISTANCE, TO};
use super::super::values::Cell;
use super::{Current, Reader, Sink};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::Severity;
use crate::model::{Feature, Geometry, Links};
use crate::schema::GeometryKind;
use crate::text::Message;

/// A node whose `flow_to` names another node, which may still be to come.
pub(super) struct Waiting {
    feature: Feature,
    flow_to: String,
    layer: String,
    row: u64,
    code: Option<String>,
}

impl Waiting {
    pub(super) fn new(feature: Feature, flow_to: &str, current: &Current<'_>) -> Self {
        Self {
            feature,
            flow_to: flow_to.to_owned(),
            layer: current.layer.to_owned(),
            row: current.number,
            code: current.code.clone(),
        }
    }
}

/// What the codes in a row lead to.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) links: Links,
    /// Code of what a one-way device lets water out to, where it is no pipe's.
    pub(super) flow_to: Option<String>,
    /// Where a pipe's named ends stand.
    pub(super) ends: [Option<[f64; 2]>; 2],
}

impl Reader<'_> {
    /// Remembers a node for those that name it.
    pub(super) fn note(&mut self, feature: &Feature, current: &Current<'_>) {
        if !self.keeps_nodes || matches!(feature.geometry, Some(Geometry::Line(_))) {
            return;
        }
        if let Some(code) = &current.code {
            self.nodes
                .add(code, feature.id, current.place.unwrap_or([f64::NAN; 2]));
        }
    }

    /// Hands on the nodes that waited for others: all nodes are known now.
    pub(super) fn release_waiting(&mut self, sink: &mut Sink<'_>) -> Result<()> {
        for mut waiting in std::mem::take(&mut self.waiting) {
            let place = match &waiting.feature.geometry {
                Some(Geometry::Point(p)) => Some([p[0], p[1]]),
                _ => None,
            };
            let current = Current {
                layer: &waiting.layer,
                number: waiting.row,
                code: waiting.code.take(),
                place,
            };
            let found = self.nodes.find(&waiting.flow_to, place);
            waiting.feature.links.flow_to = self.found(
                found,
                &waiting.flow_to,
                FLOW_TO,
                "io.issue.unknown_outlet",
                &current,
            );
            sink(&waiting.feature)?;
        }
        Ok(())
    }

    /// The links of a row by its cells.
    pub(super) fn links(
        &mut self,
        plan: &LayerPlan,
        cells: &[Cell<'static>],
        ends: [Option<[f64; 2]>; 2],
        current: &Current<'_>,
    ) -> Joined {
        let mut joined = Joined::default();
        let links = &mut joined.links;
        let text = |link: usize| {
            plan.links[link]
                .and_then(|b| cells[b].text())
                .map(std::borrow::Cow::into_owned)
        };
        if plan.kind == GeometryKind::Line {
            for (side, link) in [FROM, TO].into_iter().enumerate() {
                let Some(code) = text(link) else { continue };
                let found = self.nodes.find(&code, ends[side]);
                joined.ends[side] = found.place();
                let id = self.found(found, &code, link, "io.issue.unknown_node", current);
                if link == FROM {
                    links.from = id;
                } else {
                    links.to = id;
                }
            }
            return joined;
        }
        if let Some(code) = text(ON_PIPE) {
            let found = self.pipes.find(&code, None);
            links.on_pipe = self.found(found, &code, ON_PIPE, "io.issue.unknown_pipe", current);
        }
        if let Some(binding) = plan.links[ON_PIPE_DISTANCE] {
            links.on_pipe_distance_m = cells[binding].number();
            if links.on_pipe_distance_m.is_none() && !cells[binding].is_null() {
                let message = Message::new("io.issue.not_a_number")
                    .with("found", cells[binding].text().unwrap_or_default());
                self.issue(
                    Severity::Warning,
                    message,
                    current,
                    Some(LINK_TARGETS[ON_PIPE_DISTANCE]),
                );
            }
        }
        if let Some(code) = text(FLOW_TO) {
            match self.pipes.find(&code, None) {
                Found::None => joined.flow_to = Some(code),
                found => links.flow_to = self.found(found, &code, FLOW_TO, "io.issue.unknown_pipe", current),
            }
        }
        if let Some(list) = text(INLET_PIPES) {
            for code in codes_in(&list) {
                let found = self.pipes.find(code, None);
                links.inlet_pipes.extend(self.found(
                    found,
                    code,
                    INLET_PIPES,
                    "io.issue.unknown_pipe",
                    current,
                ));
            }
        }
        joined
    }

    fn found(
        &mut self,
        found: Found,
        code: &str,
        link: usize,
        unknown: &'static str,
        current: &Current<'_>,
    ) -> Option<FeatureId> {
        let (id, key) = match found {
            Found::One(id, _) => return Some(id),
            Found::Ambiguous(id, _) => (Some(id), "io.issue.ambiguous_code"),
            Found::None => (None, unknown),
        };
        self.issue(
            Severity::Warning,
            Message::new(key).with("found", code),
            current,
            Some(LINK_TARGETS[link]),
        );
        id
    }
}
