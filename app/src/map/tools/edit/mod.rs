//! Tools that change the network: each gathers what an operation needs and hands it over. What an operation does is
//! worked out by `gis_core::edit`.

mod draw_pipe;
mod gather;
mod move_node;
mod place_node;
mod split_pipe;
mod vertices;

use gis_core::FeatureId;
use gis_core::edit::ops::SketchPoint;
use gis_core::network::NodeIndex;

use super::{MapTool, PointerEvent, ToolContext};
use crate::view::EditTool;

pub(super) fn make(tool: EditTool) -> Box<dyn MapTool> {
    match tool {
        EditTool::PlaceNode => Box::new(place_node::PlaceNodeTool::default()),
        EditTool::DrawPipe => Box::new(draw_pipe::DrawPipeTool::default()),
        EditTool::MoveNode => Box::new(move_node::MoveNodeTool::default()),
        EditTool::Gather => Box::new(gather::GatherTool::default()),
        EditTool::Vertices => Box::new(vertices::VerticesTool::default()),
        EditTool::SplitPipe => Box::new(split_pipe::SplitPipeTool::default()),
    }
}

/// What a click means to a line: the node it is drawn to, the pipe under it, or the bare place.
fn sketch_point(event: &PointerEvent, ctx: &ToolContext<'_>) -> SketchPoint {
    let network = ctx.network();
    // Plain joints are too small to be drawn at every scale, and are there all the same.
    let here = network.nodes_near(event.place(), network.options().end_tolerance_m);
    if let Some((node, _)) = here.first() {
        return SketchPoint::Node(network.node_id(*node));
    }
    match event.snap {
        Some(snap) => match (snap.node, snap.pipe) {
            (Some(node), _) => SketchPoint::Node(network.node_id(node)),
            (None, Some(pipe)) => SketchPoint::OnPipe(network.pipe_id(pipe), snap.point),
            (None, None) => SketchPoint::Place(snap.point),
        },
        None => SketchPoint::Place(event.place()),
    }
}

/// The nearest node under the pointer, drawn at this scale or not: plain joints are small and are taken hold of at the
/// ends of their pipes.
fn node_under(event: &PointerEvent, ctx: &ToolContext<'_>) -> Option<(NodeIndex, FeatureId)> {
    let network = ctx.network();
    let near = network.nodes_near(event.project, event.tolerance_m);
    let (node, _) = near
        .into_iter()
        .find(|(node, _)| ctx.is_class_visible(network.node_class(*node)))?;
    Some((node, network.node_id(node)))
}
