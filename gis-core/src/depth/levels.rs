//! How high pipes lie, from whatever the survey wrote down. It draws no conclusions.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::Result;
use crate::model::{Feature, Value};
use crate::network::{Network, NodeIndex, PipeIndex};
use crate::project::Project;

/// What a pipe carries, as far as clearances ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    #[default]
    Water,
    /// 再生水.
    Reclaimed,
}

/// Heights at the start and the end of a pipe, in metres above the project's height datum; `None` where unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PipeLevels {
    /// 地面高程.
    pub ground_m: [Option<f64>; 2],
    /// 管顶高程: of the outside top of the pipe.
    pub crown_m: [Option<f64>; 2],
    pub carries: Carries,
    /// Lies in soil that must cover it: not in a utility tunnel, above ground or under water.
    pub is_in_soil: bool,
}

impl Default for PipeLevels {
    fn default() -> Self {
        Self {
            ground_m: [None; 2],
            crown_m: [None; 2],
            carries: Carries::Water,
            is_in_soil: true,
        }
    }
}

impl PipeLevels {
    /// At a share of the way from start to end, straight between the two; `None` where either is unknown.
    pub fn crown_at(&self, share: f64) -> Option<f64> {
        between(self.crown_m, share)
    }

    /// See [`Self::crown_at`].
    pub fn ground_at(&self, share: f64) -> Option<f64> {
        between(self.ground_m, share)
    }
}

fn between([start, end]: [Option<f64>; 2], share: f64) -> Option<f64> {
    let (start, end) = (start?, end?);
    Some(start + (end - start) * share)
}

/// The heights of some pipes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Levels {
    pipes: HashMap<PipeIndex, PipeLevels>,
}

/// What a node's record says.
#[derive(Debug, Clone, Copy, Default)]
struct NodeLevels {
    ground_m: Option<f64>,
    crown_m: Option<f64>,
}

impl Levels {
    /// From pairs of pipe and heights.
    pub fn new(pipes: impl IntoIterator<Item = (PipeIndex, PipeLevels)>) -> Self {
        Self {
            pipes: pipes.into_iter().collect(),
        }
    }

    /// Nothing is known of a pipe that was not asked for.
    pub fn of(&self, pipe: PipeIndex) -> PipeLevels {
        self.pipes.get(&pipe).copied().unwrap_or_default()
    }

    /// Reads the records of these pipes and of the nodes at their ends.
    ///
    /// The top of a pipe's end is, in this order: its recorded elevation; ground less its recorded depth; the
    /// recorded elevation of pipe at the node; ground less the depth at the node. The ground is that of the node, or
    /// else what elevation and depth of the end add up to.
    ///
    /// # Errors
    /// Of reading the project.
    pub fn read(
        project: &Project,
        network: &Network,
        pipes: impl IntoIterator<Item = PipeIndex>,
    ) -> Result<Self> {
        let mut nodes: HashMap<NodeIndex, NodeLevels> = HashMap::new();
        let mut found = HashMap::new();
        for pipe in pipes {
            if found.contains_key(&pipe) {
                continue;
            }
            let record = project.record(network.pipe_class(pipe), network.pipe_id(pipe))?;
            let number = |key: &str| record.as_ref().and_then(|r| number(project, r, key));
            let code = |key: &str| record.as_ref().and_then(|r| code(project, r, key));
            let mut levels = PipeLevels::default();
            if code("kind") == Some("reclaimed") {
                levels.carries = Carries::Reclaimed;
            }
            let elsewhere = ["gallery", "overhead", "underwater"];
            levels.is_in_soil = code("burial").is_none_or(|burial| !elsewhere.contains(&burial));
            let ends = network.pipe_ends(pipe);
            let keys = [
                ("elevation_from_m", "depth_from_m"),
                ("elevation_to_m", "depth_to_m"),
            ];
            for (i, (elevation, depth)) in keys.into_iter().enumerate() {
                let node = match nodes.get(&ends[i]) {
                    Some(known) => *known,
                    None => *nodes
                        .entry(ends[i])
                        .or_insert(node_levels(project, network, ends[i])?),
                };
                let (elevation_m, depth_m) = (number(elevation), number(depth));
                let below_ground = node.ground_m.zip(depth_m).map(|(ground, depth)| ground - depth);
                levels.crown_m[i] = elevation_m.or(below_ground).or(node.crown_m);
                let above_crown = elevation_m.zip(depth_m).map(|(crown, depth)| crown + depth);
                levels.ground_m[i] = node.ground_m.or(above_crown);
            }
            found.insert(pipe, levels);
        }
        Ok(Self { pipes: found })
    }
}

fn node_levels(project: &Project, network: &Network, node: NodeIndex) -> Result<NodeLevels> {
    if network.is_anonymous(node) {
        return Ok(NodeLevels::default());
    }
    let Some(record) = project.record(network.node_class(node), network.node_id(node))? else {
        return Ok(NodeLevels::default());
    };
    let number = |key| number(project, &record, key);
    let (ground, crown, depth) = (
        number("ground_elevation_m"),
        number("pipe_elevation_m"),
        number("buried_depth_m"),
    );
    Ok(NodeLevels {
        ground_m: ground.or(crown.zip(depth).map(|(crown, depth)| crown + depth)),
        crown_m: crown.or(ground.zip(depth).map(|(ground, depth)| ground - depth)),
    })
}

fn number(project: &Project, record: &Feature, key: &str) -> Option<f64> {
    let field = project.schema().class(record.class).field_index(key)?;
    match record.values.get(field)? {
        Value::Real(number) if number.is_finite() => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    }
}

fn code<'a>(project: &Project, record: &'a Feature, key: &str) -> Option<&'a str> {
    let field = project.schema().class(record.class).field_index(key)?;
    match record.values.get(field)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
