//! Connected parts of the network that no source belongs to, closed valves counted as passable.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use super::Rule;
use super::check::Check;
use crate::edit::ops::Request;
use crate::network::{NONE, NodeFlags, NodeIndex, PieceIndex, PipeIndex};

/// More is not mended by one click.
const MOST_STRETCHES: usize = 2000;
/// Nodes of a part that are tried for a way out of it.
const MOST_TRIED: usize = 200;

impl Check<'_> {
    pub(super) fn parts(&mut self) {
        if !self.is_on(Rule::NoSource) {
            return;
        }
        if self.scope.is_everything {
            self.all_parts();
        } else {
            self.near_parts();
        }
    }

    fn all_parts(&mut self) {
        let mut part = vec![NONE; self.network.piece_slots()];
        for seed in self.network.pieces() {
            if part[seed.0 as usize] != NONE {
                continue;
            }
            part[seed.0 as usize] = seed.0;
            let mut is_new = |piece: PieceIndex| {
                let slot = &mut part[piece.0 as usize];
                let is_new = *slot == NONE;
                *slot = seed.0;
                is_new
            };
            let (members, has_source) = self.part(seed, usize::MAX, &mut is_new);
            if !has_source {
                self.cut_off(&members);
            }
        }
    }

    /// Around what is checked, as far as that is quick; a part that is larger is left to the check of everything.
    fn near_parts(&mut self) {
        let most = self.number(Rule::NoSource, "live_stretches") as usize;
        let mut seen: HashSet<PieceIndex> = HashSet::new();
        for i in 0..self.scope.pipes.len() {
            let pieces: Vec<PieceIndex> = self.network.pieces_of(self.scope.pipes[i]).collect();
            for seed in pieces {
                if !seen.insert(seed) {
                    continue;
                }
                let before = seen.len();
                let (members, has_source) = self.part(seed, most, &mut |piece| seen.insert(piece));
                let is_whole = seen.len() - before < most;
                if !has_source && is_whole {
                    self.cut_off(&members);
                } else if !is_whole {
                    return;
                }
            }
        }
    }

    /// The stretches joined to one, and whether there is a source among their ends; ends early at a source unless
    /// everything is wanted.
    fn part(
        &self,
        seed: PieceIndex,
        most: usize,
        is_new: &mut dyn FnMut(PieceIndex) -> bool,
    ) -> (Vec<PieceIndex>, bool) {
        let mut members = vec![seed];
        let mut next = 0;
        let mut has_source = false;
        while next < members.len() && members.len() <= most {
            for vertex in self.network.piece_ends(members[next]) {
                has_source |= self.network.node_flags(vertex).has(NodeFlags::SOURCE);
                for &other in self.network.pieces_at(vertex) {
                    if is_new(other) {
                        members.push(other);
                    }
                }
            }
            next += 1;
        }
        (members, has_source)
    }

    fn cut_off(&mut self, members: &[PieceIndex]) {
        let mut pipes: Vec<PipeIndex> = members.iter().map(|p| self.network.piece_pipe(*p)).collect();
        pipes.sort_unstable();
        pipes.dedup();
        // The oldest names the part, whatever is drawn later.
        let Some(&first) = pipes.iter().min_by_key(|pipe| self.network.pipe_id(**pipe)) else {
            return;
        };
        let Some(finding) = self.begin(Rule::NoSource, &self.pipe_name(first)) else {
            return;
        };
        let mut finding = finding
            .with("count", members.len())
            .at(self.middle(first))
            .on(&[self.network.pipe_id(first)]);
        if members.len() <= MOST_STRETCHES {
            let nodes = self.nodes_of(members);
            if let Some((node, main)) = self.way_out(&pipes, &nodes) {
                let request = Request::Bridge {
                    node: self.node_key(node),
                    pipe: self.pipe_key(main),
                    values: self.like(first),
                };
                finding = finding.mend("bridge", &self.pipe_name(main), request);
            }
            let mut features: Vec<String> = pipes.iter().map(|pipe| self.pipe_key(*pipe)).collect();
            features.extend(nodes.iter().map(|node| self.node_key(*node)));
            finding = finding.mend("abandon_part", "", Request::Abandon { features });
        }
        self.found.push(finding);
    }

    fn nodes_of(&self, members: &[PieceIndex]) -> Vec<NodeIndex> {
        let mut nodes: Vec<NodeIndex> = Vec::new();
        for &piece in members {
            nodes.extend(self.network.piece_ends(piece));
            nodes.extend(self.network.nodes_hanging_on(piece));
        }
        nodes.retain(|node| !self.network.is_anonymous(*node));
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// The node of a part and the pipe outside it that are nearest to each other.
    fn way_out(&self, pipes: &[PipeIndex], nodes: &[NodeIndex]) -> Option<(NodeIndex, PipeIndex)> {
        let reach_m = self.number(Rule::NoSource, "join_m");
        let mut best: Option<(f64, NodeIndex, PipeIndex)> = None;
        let joints = nodes
            .iter()
            .filter(|node| !self.network.pieces_at(**node).is_empty());
        for &node in joints.take(MOST_TRIED) {
            let at = self.network.position(node);
            if !(at[0].is_finite() && at[1].is_finite()) {
                continue;
            }
            let hits = self.network.pipes_near(at, reach_m);
            let out = hits
                .into_iter()
                .find(|hit| hit.piece.is_some() && pipes.binary_search(&hit.pipe).is_err());
            if let Some(hit) = out
                && best.is_none_or(|(nearest_m, ..)| hit.distance_m < nearest_m)
            {
                best = Some((hit.distance_m, node, hit.pipe));
            }
        }
        best.filter(|(distance_m, ..)| *distance_m > self.end_tolerance_m())
            .map(|(_, node, pipe)| (node, pipe))
    }

    /// Size and material of a pipe, for one that joins it.
    pub(super) fn like(&self, pipe: PipeIndex) -> Map<String, Json> {
        let mut values = Map::new();
        let diameter_mm = f64::from(self.network.pipe_diameter_mm(pipe));
        if diameter_mm > 0.0 {
            values.insert("diameter_mm".to_owned(), Json::from(diameter_mm));
        }
        let dictionary = self.schema.dictionary("material");
        if let Some((at, dictionary)) = self.network.pipe_material(pipe).zip(dictionary) {
            values.insert(
                "material".to_owned(),
                Json::from(dictionary.entries[at].code.as_str()),
            );
        }
        values
    }
}
