//! What the data say of how nodes hang on pipes, whether or not what they name is there.

use super::{Network, NodeIndex};
use crate::ids::FeatureId;

impl Network {
    /// The pipe that a node says it sits on.
    pub fn named_pipe(&self, node: NodeIndex) -> Option<FeatureId> {
        match self.patch.nodes.get(node.0) {
            Some(patch) => patch.on_pipe.map(|(pipe, _)| pipe),
            None => self.columns.devices.on_pipe.get(&node.0).map(|(pipe, _)| *pipe),
        }
    }

    /// The pipes that a source says only fill it.
    pub fn named_inlets(&self, node: NodeIndex) -> &[FeatureId] {
        match self.patch.nodes.get(node.0) {
            Some(patch) => &patch.inlets,
            None => self
                .columns
                .devices
                .inlets
                .get(&node.0)
                .map_or(&[], Vec::as_slice),
        }
    }
}
