//! Where devices and customers sit on pipes: by what the data say, else by place. It joins no pipe ends.

use std::collections::HashMap;

use super::NetworkBuilder;
use crate::ids::FeatureId;
use crate::issue::{Issue, Issues, Severity};
use crate::network::spatial::PackedTree;
use crate::network::{LifeState, Metric, NodeFlags};
use crate::text::Message;

impl NetworkBuilder {
    /// Where nodes sit on pipes: (pipe, distance in metres of recorded length, node).
    pub(super) fn attach_devices(
        &mut self,
        metric: Metric,
        pipe_tree: &PackedTree,
        is_explicit: &[bool],
        degree: &[u32],
        issues: &mut Issues,
    ) -> Vec<(u32, f64, u32)> {
        let pipe_of: HashMap<FeatureId, u32> = if self.devices.on_pipe.is_empty() {
            HashMap::new()
        } else {
            self.pipes
                .ids
                .iter()
                .enumerate()
                .map(|(i, id)| (*id, i as u32))
                .collect()
        };
        let mut cuts = Vec::new();
        for (node, &degree) in degree.iter().enumerate().take(self.nodes.ids.len()) {
            if self.nodes.state[node] != LifeState::Operative {
                continue;
            }
            let place = self.nodes.positions[node];
            if let Some(&(id, distance_m)) = self.devices.on_pipe.get(&(node as u32)) {
                if let Some(&pipe) = pipe_of.get(&id) {
                    let along = self.distance_on(metric, pipe, place, distance_m);
                    cuts.push((pipe, along, node as u32));
                    continue;
                }
                issues.push(self.node_issue(Severity::Warning, "core.network.on_unknown_pipe", node));
            }
            if !(place[0].is_finite() && place[1].is_finite()) {
                continue;
            }
            self.attach_by_place(metric, pipe_tree, is_explicit, degree, node, &mut cuts, issues);
        }
        cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        cuts
    }

    fn distance_on(&self, metric: Metric, pipe: u32, place: [f64; 2], recorded_m: Option<f64>) -> f64 {
        let length_m = self.pipes.length_m[pipe as usize];
        if let Some(distance_m) = recorded_m {
            return distance_m.clamp(0.0, length_m);
        }
        let line = self.vertices_of(pipe as usize);
        let drawn_m = metric.length_m(line);
        let foot = metric
            .foot_point(line, place)
            .filter(|f| f.distance_m.is_finite());
        match foot {
            Some(foot) if drawn_m > 0.0 => foot.along_m / drawn_m * length_m,
            _ => length_m / 2.0,
        }
    }

    /// A node that no pipe ends in sits on the pipe under it; one where pipes end joins the pipe it lies on, as a
    /// tee does, but only among pipes whose ends were found by place: named ends are taken at their word.
    #[expect(
        clippy::too_many_arguments,
        reason = "one step of attach_devices, cut out to be readable"
    )]
    fn attach_by_place(
        &mut self,
        metric: Metric,
        pipe_tree: &PackedTree,
        is_explicit: &[bool],
        degree: u32,
        node: usize,
        cuts: &mut Vec<(u32, f64, u32)>,
        issues: &mut Issues,
    ) {
        let flags = self.nodes.flags[node];
        let place = self.nodes.positions[node];
        let is_customer = flags.has(NodeFlags::CUSTOMER);
        let reach_m = match (degree, is_customer) {
            (0, true) => self.options.customer_reach_m.max(self.options.snap_tolerance_m),
            (0, false) => self.options.snap_tolerance_m,
            _ => self.options.end_tolerance_m,
        };
        let end_tolerance_m = self.options.end_tolerance_m;
        let mut feet: Vec<(f64, u32, f64)> = Vec::new();
        for pipe in pipe_tree.search(metric.box_around(place, reach_m)) {
            if self.pipes.state[pipe as usize] != LifeState::Operative
                || (degree > 0 && is_explicit[pipe as usize])
            {
                continue;
            }
            let line = self.vertices_of(pipe as usize);
            let Some(foot) = metric.foot_point(line, place).filter(|f| f.distance_m <= reach_m) else {
                continue;
            };
            let drawn_m = metric.length_m(line);
            if degree > 0 && (foot.along_m <= end_tolerance_m || foot.along_m >= drawn_m - end_tolerance_m) {
                // The end itself was joined already.
                continue;
            }
            let along = if drawn_m > 0.0 {
                foot.along_m / drawn_m * self.pipes.length_m[pipe as usize]
            } else {
                0.0
            };
            feet.push((foot.distance_m, pipe, along));
        }
        feet.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some(&(nearest_m, ..)) = feet.first() else {
            if degree == 0 && (flags.has(NodeFlags::VALVE) || flags.has(NodeFlags::SOURCE)) {
                issues.push(self.node_issue(Severity::Warning, "core.network.not_on_pipe", node));
            }
            return;
        };
        if degree == 0 && nearest_m > end_tolerance_m && !is_customer {
            self.nodes.flags[node] = flags.with(NodeFlags::DOUBTFUL);
            let issue = self.node_issue(Severity::Warning, "core.network.beside_pipe", node);
            issues.push(Issue {
                message: Message::new("core.network.beside_pipe")
                    .with("code", self.nodes.codes.get(node))
                    .with("distance", format!("{nearest_m:.2}")),
                ..issue
            });
        }
        for (i, (distance_m, pipe, along)) in feet.into_iter().enumerate() {
            // All pipes that pass through the node where they are joined by place, else only the nearest.
            if i == 0 || (distance_m <= end_tolerance_m && !is_explicit[pipe as usize] && !is_customer) {
                cuts.push((pipe, along, node as u32));
            }
        }
    }

    fn node_issue(&self, severity: Severity, key: &'static str, node: usize) -> Issue {
        let code = self.nodes.codes.get(node);
        Issue::new(severity, Message::new(key).with("code", code))
            .on_code(code)
            .at_place(self.nodes.positions[node])
    }
}
