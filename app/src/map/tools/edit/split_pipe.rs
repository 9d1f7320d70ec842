//! 切分管段: a click on a pipe cuts it there.

use egui::Stroke;
use gis_core::FeatureId;
use gis_core::edit::ops::Request;
use gis_core::network::PipeIndex;

use super::super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::panels::text;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::view::{EditTool, Tool};

/// Where the pipe under the pointer would be cut.
#[derive(Clone, Copy)]
struct Cut {
    pipe: FeatureId,
    along_m: f64,
    at: [f64; 2],
}

#[derive(Default)]
pub(super) struct SplitPipeTool {
    cut: Option<Cut>,
}

impl SplitPipeTool {
    fn look(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) {
        let network = ctx.network();
        let at = event.place();
        let snapped: Option<PipeIndex> = event.snap.and_then(|snap| snap.pipe);
        let near = network.pipes_near(at, event.tolerance_m);
        let hit = near
            .iter()
            .find(|hit| Some(hit.pipe) == snapped)
            .or_else(|| near.iter().find(|hit| ctx.is_pipe_shown(hit.pipe)));
        self.cut = hit.map(|hit| Cut {
            pipe: network.pipe_id(hit.pipe),
            along_m: hit.along_m,
            at: hit.point,
        });
    }
}

impl MapTool for SplitPipeTool {
    fn id(&self) -> Tool {
        Tool::Edit(EditTool::SplitPipe)
    }

    fn snaps(&self) -> bool {
        true
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        self.look(event, ctx);
        match (event.kind, self.cut) {
            (PointerKind::Clicked, Some(cut)) => {
                ToolReply::action(Action::Edit(EditAction::Do(Request::SplitAt {
                    pipe: cut.pipe.to_string(),
                    distances_m: vec![cut.along_m],
                })))
            }
            _ => ToolReply::nothing(),
        }
    }

    fn paint(&self, map: &MapPainter<'_>) {
        let Some(cut) = self.cut else { return };
        let ink = map.theme.accent.fill.0;
        let at = map.screen(cut.at);
        let arm = egui::vec2(6.0, 6.0);
        let across = egui::vec2(6.0, -6.0);
        map.painter
            .line_segment([at - arm, at + arm], Stroke::new(2.0, ink));
        map.painter
            .line_segment([at - across, at + across], Stroke::new(2.0, ink));
        map.plate(
            at + egui::vec2(12.0, -12.0),
            egui::Align2::LEFT_BOTTOM,
            &text::length(cut.along_m),
        );
    }

    fn hint(&self) -> String {
        tr("editing.hint.split_pipe")
    }
}
