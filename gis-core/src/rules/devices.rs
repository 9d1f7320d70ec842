//! Devices and customers: whether they sit on the pipes they should, which way they lead, what fills them.

use serde_json::Map;

use super::check::Check;
use super::repair::set;
use super::{Finding, Rule};
use crate::edit::ops::Request;
use crate::network::{NodeFlags, NodeIndex, PipeIndex};
use crate::schema::Role;

impl Check<'_> {
    /// All there is to ask of a node in service by what it does.
    pub(super) fn device(&mut self, node: NodeIndex) {
        let flags = self.network.node_flags(node);
        let is_joined = !self.network.pieces_at(node).is_empty() || self.network.hangs_on(node).is_some();
        let steers = flags.has(NodeFlags::VALVE)
            || flags.has(NodeFlags::SOURCE)
            || self.role(node) == Some(Role::Pump);
        if steers && !is_joined {
            self.off_pipe(node);
        }
        let leads = flags.has(NodeFlags::HYDRANT) || flags.has(NodeFlags::METER);
        if flags.has(NodeFlags::DOUBTFUL) && !leads {
            self.beside_pipe(node);
        }
        if flags.has(NodeFlags::ONE_WAY)
            && self.network.outlet(node).is_none()
            && !self.network.pieces_at(node).is_empty()
        {
            self.no_direction(node);
        }
        if leads {
            self.lead(node);
        }
        if flags.has(NodeFlags::CUSTOMER) {
            self.customer(node);
        }
        if flags.has(NodeFlags::SOURCE) {
            self.inlets(node);
        }
    }

    fn place(&self, node: NodeIndex) -> Option<[f64; 2]> {
        Some(self.network.position(node)).filter(|p| p[0].is_finite() && p[1].is_finite())
    }

    fn begin_at(&self, rule: Rule, node: NodeIndex) -> Option<Finding> {
        let finding = self.begin(rule, &self.node_name(node))?;
        Some(
            finding
                .at(Some(self.network.position(node)))
                .on(&[self.network.node_id(node)]),
        )
    }

    /// The nearest pipe in service, and how far it is.
    fn main_near(&self, node: NodeIndex, reach_m: f64) -> Option<(PipeIndex, f64)> {
        let hits = self.network.pipes_near(self.place(node)?, reach_m);
        let hit = hits.into_iter().find(|hit| hit.piece.is_some())?;
        Some((hit.pipe, hit.distance_m))
    }

    fn onto(&self, finding: Finding, node: NodeIndex, pipe: PipeIndex) -> Finding {
        finding.mend(
            "node_onto_pipe",
            &self.pipe_name(pipe),
            Request::NodeOntoPipe {
                node: self.node_key(node),
                pipe: self.pipe_key(pipe),
            },
        )
    }

    fn abandon(&self, finding: Finding, node: NodeIndex) -> Finding {
        finding.mend(
            "abandon",
            &self.node_name(node),
            Request::Abandon {
                features: vec![self.node_key(node)],
            },
        )
    }

    fn off_pipe(&mut self, node: NodeIndex) {
        let Some(mut finding) = self.begin_at(Rule::DeviceOffPipe, node) else {
            return;
        };
        let reach_m = self.number(Rule::DeviceOffPipe, "reach_m");
        if let Some((pipe, _)) = self.main_near(node, reach_m) {
            finding = self.onto(finding, node, pipe);
        }
        let finding = self.abandon(finding, node);
        self.found.push(finding);
    }

    fn beside_pipe(&mut self, node: NodeIndex) {
        let reach_m = self.network.options().snap_tolerance_m;
        let Some((pipe, distance_m)) = self.main_near(node, reach_m) else {
            return;
        };
        let Some(finding) = self.begin_at(Rule::DeviceBesidePipe, node) else {
            return;
        };
        let finding = finding
            .with("other", self.pipe_name(pipe))
            .with("distance", format!("{distance_m:.2}"));
        let finding = self.onto(finding, node, pipe);
        self.found.push(finding);
    }

    /// A device that names a pipe which is not there.
    pub(super) fn named_pipe(&mut self, node: NodeIndex) {
        let is_lost = self
            .network
            .named_pipe(node)
            .is_some_and(|id| self.network.pipe_of_id(id).is_none());
        if !is_lost {
            return;
        }
        let Some(finding) = self.begin_at(Rule::UnknownPipe, node) else {
            return;
        };
        let reach_m = self.number(Rule::CustomerUnconnected, "lead_m");
        let main = self.main_near(node, reach_m);
        let finding = finding
            .mend_if(main.is_some(), "connect", "", || Request::ConnectCustomers {
                features: vec![self.node_key(node)],
                within_m: reach_m,
            })
            .mend(
                "let_go",
                "",
                Request::LetGo {
                    node: self.node_key(node),
                },
            );
        self.found.push(finding);
    }

    fn no_direction(&mut self, node: NodeIndex) {
        let Some(mut finding) = self.begin_at(Rule::NoDirection, node) else {
            return;
        };
        for (id, name) in self.ways(node) {
            finding = finding.mend(
                "set_flow",
                &name,
                Request::SetFlow {
                    node: self.node_key(node),
                    to: id,
                },
            );
        }
        self.found.push(finding);
    }

    /// Where water may leave a one-way device: pipes of its own right, or the ends of the pipe it sits on.
    fn ways(&self, node: NodeIndex) -> Vec<(String, String)> {
        match self.pipes_at(node)[..] {
            [only] => self
                .network
                .pipe_ends(only)
                .into_iter()
                .filter(|end| *end != node && !self.network.is_anonymous(*end))
                .map(|end| (self.node_key(end), self.node_name(end)))
                .collect(),
            ref pipes => pipes
                .iter()
                .map(|pipe| (self.pipe_key(*pipe), self.pipe_name(*pipe)))
                .collect(),
        }
    }

    /// A hydrant or a meter must be the end of a pipe, or lie on one.
    fn lead(&mut self, node: NodeIndex) {
        let hangs = self.network.hangs_on(node).and_then(|(piece, _)| {
            let line = self.network.pipe_vertices(self.network.piece_pipe(piece));
            self.network
                .metric()
                .foot_point(line, self.network.position(node))
        });
        // What says which pipe it is on and has no place, or no line to measure to, is taken at its word.
        let is_on_pipe = self.network.hangs_on(node).is_some()
            && hangs.is_none_or(|foot| foot.distance_m.is_nan() || foot.distance_m <= self.end_tolerance_m());
        if !self.network.pieces_at(node).is_empty() || is_on_pipe {
            return;
        }
        let Some(mut finding) = self.begin_at(Rule::LeadMissing, node) else {
            return;
        };
        let reach_m = self.number(Rule::LeadMissing, "reach_m");
        if let Some((pipe, distance_m)) = self.main_near(node, reach_m)
            && distance_m > self.end_tolerance_m()
        {
            let is_hydrant = self.network.node_flags(node).has(NodeFlags::HYDRANT);
            let kind = if is_hydrant { "hydrant_branch" } else { "service" };
            finding = self.lead_from(finding, node, pipe, kind, reach_m);
        }
        let finding = self.abandon(finding, node);
        self.found.push(finding);
    }

    /// A pipe from a main to a device, as wide as the device where that is known.
    fn lead_from(
        &self,
        finding: Finding,
        node: NodeIndex,
        main: PipeIndex,
        kind: &str,
        within_m: f64,
    ) -> Finding {
        let mut values = Map::new();
        values.insert("kind".to_owned(), kind.into());
        let diameter_mm = f64::from(self.network.node_diameter_mm(node));
        if diameter_mm > 0.0 {
            values.insert("diameter_mm".to_owned(), diameter_mm.into());
        }
        finding.mend(
            "draw_lead",
            &self.pipe_name(main),
            Request::ServicePipe {
                customer: self.node_key(node),
                main: Some(self.pipe_key(main)),
                within_m,
                values,
            },
        )
    }

    fn customer(&mut self, node: NodeIndex) {
        let network = self.network;
        if !network.pieces_at(node).is_empty() {
            return;
        }
        let reach_m = self.number(Rule::CustomerUnconnected, "reach_m");
        let distance_m = network.hangs_on(node).map(|(piece, _)| {
            let line = network.pipe_vertices(network.piece_pipe(piece));
            let foot = network.metric().foot_point(line, network.position(node));
            foot.map_or(0.0, |foot| foot.distance_m)
        });
        // A customer that has no place is as far from its pipe as nobody knows.
        if distance_m.is_some_and(|m| m.is_nan() || m <= reach_m) {
            return;
        }
        let Some(finding) = self.begin_at(Rule::CustomerUnconnected, node) else {
            return;
        };
        let within_m = self.number(Rule::CustomerUnconnected, "lead_m");
        let main = self.main_near(node, within_m);
        let is_near = main.is_some_and(|(_, m)| m <= reach_m);
        let told = main.map_or_else(|| "–".to_owned(), |(_, m)| format!("{m:.0}"));
        let mut finding = finding
            .with("distance", told)
            .mend_if(is_near, "connect", "", || Request::ConnectCustomers {
                features: vec![self.node_key(node)],
                within_m: reach_m,
            });
        if let Some((pipe, m)) = main
            && m > self.end_tolerance_m()
        {
            finding = self.lead_from(finding, node, pipe, "service", within_m);
        }
        let finding = self.abandon(finding, node);
        self.found.push(finding);
    }

    /// Pipes that are said to fill a source must end there, and one at least must be left to feed from it.
    fn inlets(&mut self, node: NodeIndex) {
        let named = self.network.named_inlets(node);
        if named.is_empty() {
            return;
        }
        let pipes: Vec<_> = self
            .pipes_at(node)
            .into_iter()
            .map(|pipe| self.network.pipe_id(pipe))
            .collect();
        let own: Vec<_> = named.iter().copied().filter(|id| pipes.contains(id)).collect();
        let feeds = pipes.iter().any(|id| !own.contains(id));
        if own.len() == named.len() && (feeds || pipes.is_empty()) {
            return;
        }
        let Some(finding) = self.begin_at(Rule::InletsMixed, node) else {
            return;
        };
        let left = if feeds { own } else { Vec::new() };
        let finding = finding.mend(
            "set_inlets",
            &left.len().to_string(),
            Request::SetInlets {
                node: self.node_key(node),
                pipes: left.iter().map(ToString::to_string).collect(),
            },
        );
        self.found.push(finding);
    }

    pub(super) fn valve_state(&mut self, node: NodeIndex) {
        let Some(finding) = self.begin_at(Rule::ValveStateUnknown, node) else {
            return;
        };
        let id = self.network.node_id(node);
        let finding = finding
            .field("is_open")
            .mend("set_open", "", set(&[id], "is_open", true.into()))
            .mend("set_closed", "", set(&[id], "is_open", false.into()));
        self.found.push(finding);
    }
}
