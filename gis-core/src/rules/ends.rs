//! Ends of pipes: what they name, where they are drawn, and what they stop short of.

use super::check::{Check, side};
use super::{Finding, Rule};
use crate::edit::ops::Request;
use crate::network::{LifeState, NodeFlags, NodeIndex, PipeHit, PipeIndex};
use crate::schema::Role;

/// What a free end stops short of.
enum Near {
    Node(NodeIndex, f64),
    /// The free end of another pipe.
    End(PipeHit),
    Pipe(PipeHit),
}

impl Check<'_> {
    /// Both ends of a pipe in service.
    pub(super) fn ends(&mut self, pipe: PipeIndex) {
        for (i, named) in self.network.named_ends(pipe).into_iter().enumerate() {
            match named {
                Some(id) if self.network.node_of_id(id).is_none() => self.unknown_end(pipe, i),
                Some(_) => self.off_node(pipe, i),
                None => {}
            }
            self.free_end(pipe, i);
        }
    }

    fn drawn_end(&self, pipe: PipeIndex, i: usize) -> Option<[f64; 2]> {
        let line = self.network.pipe_vertices(pipe);
        if i == 0 { line.first() } else { line.last() }.copied()
    }

    fn unknown_end(&mut self, pipe: PipeIndex, i: usize) {
        let Some(finding) = self.begin(Rule::UnknownEnd, &self.pipe_name(pipe)) else {
            return;
        };
        let finding = finding
            .at(self.drawn_end(pipe, i))
            .on(&[self.network.pipe_id(pipe)])
            .field(["from_id", "to_id"][i])
            .mend(
                "settle_end",
                "",
                Request::SettleEnd {
                    pipe: self.pipe_key(pipe),
                    end: side(i),
                },
            );
        self.found.push(finding);
    }

    fn off_node(&mut self, pipe: PipeIndex, i: usize) {
        let node = self.network.pipe_ends(pipe)[i];
        let at = self.network.position(node);
        let Some(drawn) = self.drawn_end(pipe, i) else {
            return;
        };
        let apart_m = self.network.metric().distance_m(drawn, at);
        // Beside a node that has no place every number is false.
        if apart_m.is_nan() || apart_m <= self.number(Rule::EndOffNode, "apart_m") {
            return;
        }
        let Some(finding) = self.begin(Rule::EndOffNode, &self.pipe_name(pipe)) else {
            return;
        };
        let finding = finding
            .with("other", self.node_name(node))
            .with("distance", format!("{apart_m:.2}"))
            .at(Some(drawn))
            .on(&[self.network.pipe_id(pipe), self.network.node_id(node)])
            .mend(
                "draw_end_to_node",
                &self.node_name(node),
                Request::AttachEnd {
                    pipe: self.pipe_key(pipe),
                    end: side(i),
                    node: self.node_key(node),
                },
            );
        self.found.push(finding);
    }

    /// An end that nothing else meets in.
    fn free_end(&mut self, pipe: PipeIndex, i: usize) {
        if !self.is_on(Rule::DanglingEnd) && !self.is_on(Rule::EndNearPipe) {
            return;
        }
        let ends = self.network.pipe_ends(pipe);
        let at = self.network.position(ends[i]);
        if self.network.pieces_at(ends[i]).len() != 1 || !(at[0].is_finite() && at[1].is_finite()) {
            return;
        }
        let Some(near) = self.near_end(pipe, i, at) else {
            return;
        };
        let finding = match &near {
            Near::Node(node, distance_m) => self.stops_at_node(pipe, i, *node, *distance_m),
            Near::End(hit) => self.stops_at_pipe(Rule::DanglingEnd, pipe, i, hit),
            Near::Pipe(hit) => self.stops_at_pipe(Rule::EndNearPipe, pipe, i, hit),
        };
        self.found.extend(finding.map(|finding| finding.at(Some(at))));
    }

    fn near_end(&self, pipe: PipeIndex, i: usize, at: [f64; 2]) -> Option<Near> {
        let end = self.network.pipe_ends(pipe)[i];
        let dangling_m = self.number(Rule::DanglingEnd, "reach_m");
        // A device, a customer or a cap ends a pipe of its own right.
        let is_plain = self.role(end).is_none_or(|role| role == Role::Junction);
        let node = self
            .network
            .nodes_near(at, dangling_m)
            .into_iter()
            .find(|(node, _)| is_plain && self.may_end_in(pipe, end, *node));
        let reach_m = self.number(Rule::EndNearPipe, "reach_m");
        let hit = self.network.pipes_near(at, reach_m).into_iter().find(|hit| {
            hit.pipe != pipe && hit.piece.is_some() && !self.network.pipe_ends(hit.pipe).contains(&end)
        });
        match (node, hit) {
            // Close to a node it is nearer still to one of the node's own pipes.
            (Some((node, distance_m)), hit)
                if hit.is_none_or(|hit| {
                    distance_m <= hit.distance_m + self.end_tolerance_m()
                        || self.network.pipe_ends(hit.pipe).contains(&node)
                }) =>
            {
                Some(Near::Node(node, distance_m))
            }
            (_, Some(hit)) => {
                let other = self.free_end_at(&hit);
                let is_end = is_plain && other && hit.distance_m <= dangling_m;
                Some(if is_end { Near::End(hit) } else { Near::Pipe(hit) })
            }
            _ => None,
        }
    }

    /// Whether a pipe that ends in `end` could end in another node instead.
    fn may_end_in(&self, pipe: PipeIndex, end: NodeIndex, node: NodeIndex) -> bool {
        let network = self.network;
        if node == end
            || network.node_state(node) != LifeState::Operative
            || network.node_flags(node).has(NodeFlags::CUSTOMER)
        {
            return false;
        }
        let is_own = network
            .pieces_of(pipe)
            .any(|piece| network.piece_ends(piece).contains(&node))
            || network
                .hangs_on(node)
                .is_some_and(|(piece, _)| network.piece_pipe(piece) == pipe);
        let is_same_spot = !network.is_anonymous(end)
            && network
                .metric()
                .distance_m(network.position(end), network.position(node))
                <= self.end_tolerance_m();
        !is_own && !is_same_spot
    }

    /// Whether the nearest place of another pipe is an end of it that no node stands at.
    fn free_end_at(&self, hit: &PipeHit) -> bool {
        self.network.pipe_ends(hit.pipe).into_iter().any(|end| {
            self.network.is_anonymous(end)
                && self
                    .network
                    .metric()
                    .distance_m(self.network.position(end), hit.point)
                    <= self.end_tolerance_m()
        })
    }

    fn stops_at_node(&self, pipe: PipeIndex, i: usize, node: NodeIndex, distance_m: f64) -> Option<Finding> {
        let end = self.network.pipe_ends(pipe)[i];
        let finding = self
            .begin(Rule::DanglingEnd, &self.pipe_name(pipe))?
            .with("other", self.node_name(node))
            .with("distance", format!("{distance_m:.2}"))
            .on(&[self.network.pipe_id(pipe), self.network.node_id(node)]);
        let request = if self.network.is_anonymous(end) {
            Request::AttachEnd {
                pipe: self.pipe_key(pipe),
                end: side(i),
                node: self.node_key(node),
            }
        } else {
            Request::MergeNodes {
                keep: self.node_key(node),
                gone: self.node_key(end),
            }
        };
        Some(finding.mend("snap_end", &self.node_name(node), request))
    }

    fn stops_at_pipe(&self, rule: Rule, pipe: PipeIndex, i: usize, hit: &PipeHit) -> Option<Finding> {
        let other = self.pipe_name(hit.pipe);
        let finding = self
            .begin(rule, &self.pipe_name(pipe))?
            .with("other", &other)
            .with("distance", format!("{:.2}", hit.distance_m))
            .on(&[self.network.pipe_id(pipe), self.network.pipe_id(hit.pipe)]);
        let key = if rule == Rule::DanglingEnd {
            "snap_end"
        } else {
            "insert_tee"
        };
        Some(finding.mend(
            key,
            &other,
            Request::JoinEnd {
                pipe: self.pipe_key(pipe),
                end: side(i),
                into: self.pipe_key(hit.pipe),
            },
        ))
    }
}
