//! 交点分割管线: where pipes cross without being joined, they are joined by a node, or it is recorded that one passes over
//! the other, so that nobody is asked again. One sweep over an immutable network finds the places.

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::codes::Taken;
use super::passes::{Passing, put};
use super::split::{Cut, Whole};
use super::{Work, flat};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::network::meeting::{crossings, is_joint};
use crate::network::{LifeState, Network, PipeIndex};
use crate::progress::NoProgress;
use crate::schema::GeometryKind;
use crate::text::Message;

/// Which crossings are meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those between these pipes.
    Pipes(Vec<String>),
    /// Those within `[min_x, min_y, max_x, max_y]`.
    Box([f64; 4]),
    Everything,
}

/// What becomes of a crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtCrossing {
    /// Both pipes are cut and joined.
    Join,
    /// One passes over the other.
    PassOver,
}

/// A place where pipes cross, or one ends on another, without being joined.
struct Place {
    at: [f64; 2],
    /// Pipes that are cut there.
    pipes: Vec<PipeIndex>,
}

/// A pair of pipes and where they cross.
struct Pair {
    pipes: [PipeIndex; 2],
    at: [f64; 2],
    /// One only ends there, so that only the second is cut.
    is_touch: bool,
}

impl Work<'_> {
    pub(super) fn split_crossings(
        &mut self,
        scope: &Scope,
        choice: AtCrossing,
        upper: Option<&str>,
        class: &str,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let network = self.project.network(&NoProgress)?;
        let mut pairs = self.pairs(&network, scope)?;
        if let AtCrossing::PassOver = choice {
            pairs.retain(|pair| !pair.is_touch);
        }
        if pairs.is_empty() {
            return Err(Error::bad_input(Message::new("edit.error.no_crossing")));
        }
        let key = match choice {
            AtCrossing::Join => "edit.name.join_crossings",
            AtCrossing::PassOver => "edit.name.pass_over",
        };
        let mut transaction = Transaction::new(Message::new(key).with("count", pairs.len()));
        match choice {
            AtCrossing::Join => self.join(&network, &pairs, class, given, &mut transaction)?,
            AtCrossing::PassOver => self.pass_over(&network, &pairs, upper, &mut transaction)?,
        }
        Ok(transaction)
    }

    fn pairs(&self, network: &Network, scope: &Scope) -> Result<Vec<Pair>> {
        let is_in_service = |pipe: &PipeIndex| network.pipe_state(*pipe) == LifeState::Operative;
        let mut pipes: Vec<PipeIndex> = Vec::new();
        match scope {
            Scope::Pipes(names) => {
                for name in names {
                    let id = self.find_kind(name, GeometryKind::Line)?.id;
                    pipes.extend(network.pipe_of_id(id));
                }
            }
            Scope::Box(b) => {
                self.check_place([b[0], b[1]])?;
                self.check_place([b[2], b[3]])?;
                pipes = network.pipes_in_box(*b);
            }
            Scope::Everything => pipes.extend(network.pipes()),
        }
        pipes.retain(is_in_service);
        pipes.sort_unstable();
        pipes.dedup();
        let members: HashSet<PipeIndex> = pipes.iter().copied().collect();
        let passes = match scope {
            // Whoever names the pipes has changed their mind.
            Scope::Pipes(_) => super::Passes::default(),
            _ => self.project.passes()?,
        };
        let is_inside = |at: [f64; 2]| match scope {
            Scope::Box(b) => at[0] >= b[0] && at[0] <= b[2] && at[1] >= b[1] && at[1] <= b[3],
            _ => true,
        };
        let mut found = Vec::new();
        for &pipe in &pipes {
            let line = network.pipe_vertices(pipe);
            let Some(b) = bounds(line) else { continue };
            for other in network.pipes_in_box(b) {
                let is_passed = || passes.has(network.pipe_id(pipe), network.pipe_id(other));
                if other <= pipe || !members.contains(&other) || is_passed() {
                    continue;
                }
                for at in crossings(network, line, network.pipe_vertices(other)) {
                    if is_inside(at) && !is_joint(network, at, pipe, other) {
                        found.push(Pair {
                            pipes: [pipe, other],
                            at,
                            is_touch: false,
                        });
                    }
                }
            }
            found.extend(
                touches(network, pipe, &members)
                    .into_iter()
                    .filter(|t| is_inside(t.at)),
            );
        }
        found.sort_by(|a, b| {
            let places = a.at[0].total_cmp(&b.at[0]).then(a.at[1].total_cmp(&b.at[1]));
            a.pipes.cmp(&b.pipes).then(places)
        });
        Ok(found)
    }

    fn join(
        &mut self,
        network: &Network,
        pairs: &[Pair],
        class: &str,
        given: &Map<String, Json>,
        transaction: &mut Transaction,
    ) -> Result<()> {
        let mut cuts: BTreeMap<PipeIndex, (Whole, Vec<Cut>)> = BTreeMap::new();
        let mut codes: HashMap<FeatureId, Taken> = HashMap::new();
        for place in places(network, pairs) {
            let mut node: Option<Feature> = None;
            for pipe in place.pipes {
                let entry = match cuts.entry(pipe) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        let id = network.pipe_id(pipe).to_string();
                        entry.insert((self.whole(self.find_kind(&id, GeometryKind::Line)?)?, Vec::new()))
                    }
                };
                let whole = &entry.0;
                let foot = whole.metric.foot_point(&flat(&whole.line), place.at);
                let Some(foot) = foot else { continue };
                let is_there = node.is_some();
                let (joint, is_there) = match node.take() {
                    Some(node) => (node, is_there),
                    None => self.joint_at(whole, foot.along_m, class, given, &mut codes)?,
                };
                node = Some(joint.clone());
                entry.1.push(Cut {
                    along_m: foot.along_m,
                    node: joint,
                    is_there,
                });
            }
        }
        let mut later: Vec<Edit> = Vec::new();
        for (whole, mut cuts) in cuts.into_values() {
            cuts.sort_by(|a, b| a.along_m.total_cmp(&b.along_m));
            let mut part = Transaction::new(transaction.name.clone());
            self.cut(&whole, &cuts, &mut part)?;
            // A node is there before the parts that end in it.
            let (nodes, others) = part.edits.into_iter().partition::<Vec<_>, _>(
                |edit| matches!(edit, Edit::Insert(f) if matches!(f.geometry, Some(Geometry::Point(_)))),
            );
            transaction.edits.extend(nodes);
            later.extend(others);
        }
        transaction.edits.extend(later);
        Ok(())
    }

    /// The node at a crossing: the one that stands there, or a new one.
    pub(super) fn joint_at(
        &mut self,
        whole: &Whole,
        along_m: f64,
        class: &str,
        given: &Map<String, Json>,
        codes: &mut HashMap<FeatureId, Taken>,
    ) -> Result<(Feature, bool)> {
        let at = whole.point_at(along_m);
        let there = self.nodes_near([at[0], at[1]], self.options.end_tolerance_m)?;
        if let Some((node, _)) = there.into_iter().next() {
            return Ok((node, true));
        }
        let mut node = self.new_node(class, given)?;
        node.geometry = Some(Geometry::Point(at));
        let code = self.project.code_of(&whole.pipe).unwrap_or_default().to_owned();
        if let Some(field) = self.field(&node, "code")
            && node.values[field].is_null()
            && !code.is_empty()
        {
            let taken = codes.entry(whole.pipe.id).or_default();
            let code = self.joint_code(&code, taken)?;
            taken.insert(code.clone());
            node.values[field] = Value::Text(code);
        }
        Ok((node, false))
    }

    fn pass_over(
        &mut self,
        network: &Network,
        pairs: &[Pair],
        upper: Option<&str>,
        transaction: &mut Transaction,
    ) -> Result<()> {
        let upper = match upper {
            Some(name) => Some(self.find_kind(name, GeometryKind::Line)?.id),
            None => None,
        };
        let mut changed: BTreeMap<FeatureId, (Feature, Feature)> = BTreeMap::new();
        for pair in pairs {
            let ids = pair.pipes.map(|pipe| network.pipe_id(pipe));
            for id in ids {
                if let Entry::Vacant(entry) = changed.entry(id) {
                    let pipe = self.find_kind(&id.to_string(), GeometryKind::Line)?;
                    entry.insert((pipe.clone(), pipe));
                }
            }
            let [a, b] = ids.map(|id| &changed[&id].0);
            let order = match upper {
                Some(upper) if ids.contains(&upper) => Passing::of_upper(upper == a.id),
                _ => self.order(a, b, pair.at)?,
            };
            if order == Passing::Clear {
                self.notes.push(
                    Message::new("edit.note.order_unknown")
                        .with("first", self.project.name_of(a))
                        .with("second", self.project.name_of(b)),
                );
            }
            for (id, other, passing) in [(ids[0], ids[1], order), (ids[1], ids[0], order.seen_from_below())] {
                if let Some((_, new)) = changed.get_mut(&id) {
                    let field = self.passes_field(new)?;
                    put(&mut new.values[field], other, passing);
                }
            }
        }
        for (old, new) in changed.values() {
            transaction.change(self.schema(), old, new);
        }
        Ok(())
    }

    /// Which of two pipes lies higher at a place, as far as heights are known.
    fn order(&self, a: &Feature, b: &Feature, at: [f64; 2]) -> Result<Passing> {
        let heights = [self.level_at(a, at)?, self.level_at(b, at)?];
        Ok(match heights {
            [Some(a_m), Some(b_m)] if (a_m - b_m).abs() > 1e-6 => Passing::of_upper(a_m > b_m),
            _ => Passing::Clear,
        })
    }

    /// Height of a pipe's crown at a place: from its elevations, else from its depths, which are compared as if the
    /// ground were level where both cross.
    fn level_at(&self, pipe: &Feature, at: [f64; 2]) -> Result<Option<f64>> {
        let whole = self.whole(pipe.clone())?;
        let along_m = whole
            .metric
            .foot_point(&flat(&whole.line), at)
            .map_or(0.0, |f| f.along_m);
        let share = along_m / whole.drawn_m;
        let between = |from: &str, to: &str| {
            let (from, to) = (self.number(pipe, from)?, self.number(pipe, to)?);
            Some(from + (to - from) * share)
        };
        let depth = between("depth_from_m", "depth_to_m").map(|depth_m| -depth_m);
        Ok(between("elevation_from_m", "elevation_to_m").or(depth))
    }
}

fn bounds(line: &[[f64; 2]]) -> Option<[f64; 4]> {
    let first = line.first()?;
    let start = [first[0], first[1], first[0], first[1]];
    Some(line.iter().fold(start, |b, p| {
        [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
    }))
}

/// Free ends of a pipe that lie on another one.
fn touches(network: &Network, pipe: PipeIndex, members: &HashSet<PipeIndex>) -> Vec<Pair> {
    let mut found = Vec::new();
    for end in network.pipe_ends(pipe) {
        let at = network.position(end);
        if network.pieces_at(end).len() != 1 || !at[0].is_finite() {
            continue;
        }
        let hits = network.pipes_near(at, network.options().end_tolerance_m);
        found.extend(
            hits.into_iter()
                .find(|hit| {
                    hit.pipe != pipe
                        && hit.piece.is_some()
                        && members.contains(&hit.pipe)
                        && !network.pipe_ends(hit.pipe).into_iter().any(|other_end| {
                            let apart_m = network.metric().distance_m(network.position(other_end), at);
                            apart_m <= network.options().end_tolerance_m
                        })
                })
                .map(|hit| Pair {
                    pipes: [pipe, hit.pipe],
                    at,
                    is_touch: true,
                }),
        );
    }
    found
}

/// Pairs that cross in one place are one place.
fn places(network: &Network, pairs: &[Pair]) -> Vec<Place> {
    let tolerance_m = network.options().end_tolerance_m;
    let metric = network.metric();
    let cell = |at: [f64; 2]| {
        [
            (at[0] * metric.x_m / tolerance_m).floor() as i64,
            (at[1] * metric.y_m / tolerance_m).floor() as i64,
        ]
    };
    let mut by_cell: HashMap<[i64; 2], Vec<usize>> = HashMap::new();
    let mut places: Vec<Place> = Vec::new();
    for pair in pairs {
        let [x, y] = cell(pair.at);
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| [x + dx, y + dy]));
        let known = around
            .filter_map(|cell| by_cell.get(&cell))
            .flatten()
            .copied()
            .find(|&place| metric.distance_m(places[place].at, pair.at) <= tolerance_m);
        let place = known.unwrap_or_else(|| {
            by_cell.entry([x, y]).or_default().push(places.len());
            places.push(Place {
                at: pair.at,
                pipes: Vec::new(),
            });
            places.len() - 1
        });
        let cut: &[PipeIndex] = if pair.is_touch {
            &pair.pipes[1..]
        } else {
            &pair.pipes
        };
        for pipe in cut {
            if !places[place].pipes.contains(pipe) {
                places[place].pipes.push(*pipe);
            }
        }
    }
    places
}
