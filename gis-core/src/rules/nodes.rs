//! Nodes by themselves: those that lie on or beside one another, belong to nothing, lie elsewhere, or share a code.

use super::check::Check;
use super::repair::set;
use super::{Rule, RuleSet};
use crate::edit::ops::{Hanging, Request};
use crate::model::ClassIndex;
use crate::network::{LifeState, Network, NodeFlags, NodeIndex, PipeIndex};
use crate::schema::Role;

/// Places that tell where the city is.
const SAMPLES: usize = 512;

impl Check<'_> {
    /// Other nodes at the same place, or so near that they mean the same.
    pub(super) fn close_nodes(&mut self, node: NodeIndex) {
        let at = self.network.position(node);
        let reach_m = self
            .number(Rule::NearNodes, "reach_m")
            .max(self.end_tolerance_m());
        for (other, distance_m) in self.network.nodes_near(at, reach_m) {
            if other == node
                || !self.scope.is_first_node(node, other)
                || self.network.node_state(other) != LifeState::Operative
            {
                continue;
            }
            let rule = if distance_m <= self.end_tolerance_m() {
                Rule::DuplicateNode
            } else {
                Rule::NearNodes
            };
            if rule == Rule::NearNodes && !self.should_be_one(node, other) {
                continue;
            }
            let (keep, gone) = self.better(node, other);
            let Some(finding) = self.begin(rule, &self.node_name(gone)) else {
                continue;
            };
            let merge = |keep: NodeIndex, gone: NodeIndex| Request::MergeNodes {
                keep: self.node_key(keep),
                gone: self.node_key(gone),
            };
            let finding = finding
                .with("other", self.node_name(keep))
                .with("distance", format!("{distance_m:.2}"))
                .at(Some(at))
                .on(&[self.network.node_id(gone), self.network.node_id(keep)])
                .mend("merge_nodes", &self.node_name(keep), merge(keep, gone))
                .mend("merge_nodes", &self.node_name(gone), merge(gone, keep));
            self.found.push(finding);
        }
    }

    /// Households lie side by side, and what a pipe joins is two.
    fn should_be_one(&self, node: NodeIndex, other: NodeIndex) -> bool {
        let stands_alone = |n| {
            let flags = self.network.node_flags(n);
            flags.has(NodeFlags::CUSTOMER) || flags.has(NodeFlags::METER)
        };
        let pipes = self.pipes_at(node);
        let is_joined = self.pipes_at(other).iter().any(|pipe| pipes.contains(pipe));
        !stands_alone(node) && !stands_alone(other) && !is_joined
    }

    /// Of two nodes the one to keep: what is more than a joint, then the one with more pipes, then the older.
    pub(super) fn better(&self, a: NodeIndex, b: NodeIndex) -> (NodeIndex, NodeIndex) {
        let rank = |node: NodeIndex| {
            let is_device = self.role(node) != Some(Role::Junction);
            let pipes = self.network.pieces_at(node).len();
            (is_device, pipes, std::cmp::Reverse(self.network.node_id(node)))
        };
        if rank(a) >= rank(b) { (a, b) } else { (b, a) }
    }

    /// 孤立点: a joint of nothing.
    pub(super) fn orphan(&mut self, node: NodeIndex) {
        let is_joined = !self.network.pieces_at(node).is_empty() || self.network.hangs_on(node).is_some();
        if is_joined || self.role(node) != Some(Role::Junction) || !self.is_on(Rule::OrphanNode) {
            return;
        }
        let at = self.network.position(node);
        let is_placed = at[0].is_finite() && at[1].is_finite();
        let reach_m = self
            .number(Rule::OrphanNode, "reach_m")
            .max(self.end_tolerance_m());
        let near = if is_placed {
            self.network.pipes_near(at, reach_m)
        } else {
            Vec::new()
        };
        // The joint of pipes that are not in service.
        if near
            .iter()
            .any(|hit| self.network.pipe_ends(hit.pipe).contains(&node))
        {
            return;
        }
        let main = near.iter().find(|hit| hit.piece.is_some()).map(|hit| hit.pipe);
        let Some(finding) = self.begin(Rule::OrphanNode, &self.node_name(node)) else {
            return;
        };
        let mut finding = finding.at(Some(at)).on(&[self.network.node_id(node)]);
        if let Some(pipe) = main {
            finding = finding.mend(
                "node_onto_pipe",
                &self.pipe_name(pipe),
                Request::NodeOntoPipe {
                    node: self.node_key(node),
                    pipe: self.pipe_key(pipe),
                },
            );
        }
        let finding = finding.mend(
            "delete",
            &self.node_name(node),
            Request::Delete {
                features: vec![self.node_key(node)],
                hanging: Hanging::Refuse,
            },
        );
        self.found.push(finding);
    }

    pub(super) fn outside(&mut self, node: NodeIndex) {
        let Some(area) = self.area else { return };
        let at = self.network.position(node);
        let is_inside =
            |p: [f64; 2]| p[0] >= area[0] && p[0] <= area[2] && p[1] >= area[1] && p[1] <= area[3];
        if is_inside(at) {
            return;
        }
        let Some(finding) = self.begin(Rule::OutsideArea, &self.node_name(node)) else {
            return;
        };
        let turned = [at[1], at[0]];
        let finding = finding
            .with("place", format!("{:.2}, {:.2}", at[0], at[1]))
            .at(Some(at))
            .on(&[self.network.node_id(node)])
            .mend_if(is_inside(turned), "swap_axes", "", || Request::MoveNode {
                node: self.node_key(node),
                to: turned,
            })
            .mend(
                "delete",
                &self.node_name(node),
                Request::Delete {
                    features: vec![self.node_key(node)],
                    hanging: Hanging::Delete,
                },
            );
        self.found.push(finding);
    }

    pub(super) fn code_of_pipe(&mut self, pipe: PipeIndex) {
        let code = self.network.pipe_code(pipe);
        if code.is_empty() || !self.is_on(Rule::DuplicateCode) {
            return;
        }
        let class = self.network.pipe_class(pipe);
        let same = self.network.pipes_with_code(code);
        let others = same.iter().filter(|p| self.network.pipe_class(**p) == class);
        let ids: Vec<_> = others.map(|p| self.network.pipe_id(*p)).collect();
        let own = self.network.pipe_id(pipe);
        if ids.iter().min() != Some(&own) {
            let place = self.middle(pipe);
            self.duplicate_code(code, class, own, place);
        }
    }

    /// The same code in another class is no collision (E30).
    pub(super) fn code_of_node(&mut self, node: NodeIndex) {
        let code = self.network.node_code(node);
        if code.is_empty() || !self.is_on(Rule::DuplicateCode) {
            return;
        }
        let class = self.network.node_class(node);
        let same = self.network.nodes_with_code(code);
        let others = same.iter().filter(|n| self.network.node_class(**n) == class);
        let ids: Vec<_> = others.map(|n| self.network.node_id(*n)).collect();
        let own = self.network.node_id(node);
        if ids.iter().min() != Some(&own) {
            self.duplicate_code(code, class, own, Some(self.network.position(node)));
        }
    }

    fn duplicate_code(
        &mut self,
        code: &str,
        class: ClassIndex,
        id: crate::FeatureId,
        place: Option<[f64; 2]>,
    ) {
        let Some(finding) = self.begin(Rule::DuplicateCode, code) else {
            return;
        };
        let is_free = |code: &str| {
            self.network.pipes_with_code(code).is_empty() && self.network.nodes_with_code(code).is_empty()
        };
        let free = (2..10_000)
            .map(|n| format!("{code}-{n}"))
            .find(|code| is_free(code));
        let label = &self.schema.class(class).label;
        let mut finding = finding.with_label("class", label).at(place).on(&[id]);
        if let Some(free) = free {
            finding = finding.mend("new_code", &free, set(&[id], "code", free.clone().into()));
        }
        self.found.push(finding);
    }
}

/// The area that the rules name, else where nearly all nodes of a sample are, widened.
pub(super) fn usual_area(network: &Network, rules: &RuleSet) -> Option<[f64; 4]> {
    if rules.severity(Rule::OutsideArea).is_none() || rules.tables.area.is_some() {
        return rules.tables.area;
    }
    let slots = network.node_slots();
    let stride = (slots / SAMPLES).max(1);
    let mut axes: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    for node in (0..slots).step_by(stride).map(|i| NodeIndex(i as u32)) {
        let at = network.position(node);
        if at[0].is_finite() && at[1].is_finite() {
            axes[0].push(at[0]);
            axes[1].push(at[1]);
        }
    }
    // Of a handful nobody can say which one is astray.
    if axes[0].len() < 20 {
        return None;
    }
    let spread = rules.parameter(Rule::OutsideArea, "spread");
    let [x, y] = axes.map(|mut axis| {
        axis.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| axis[((axis.len() - 1) as f64 * share).round() as usize];
        [at(0.1), at(0.9)]
    });
    // A street is no less a place for being thin.
    let wide = (x[1] - x[0]).max(y[1] - y[0]) * spread;
    Some([x[0] - wide, y[0] - wide, x[1] + wide, y[1] + wide])
}
