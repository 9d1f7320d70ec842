//! 新增管点: a click places a node; on a pipe it cuts the pipe.

use egui::Stroke;
use gis_core::edit::ops::SketchPoint;

use super::super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use super::sketch_point;
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::view::{EditTool, Tool};

#[derive(Default)]
pub(super) struct PlaceNodeTool {
    next: Option<[f64; 2]>,
}

impl MapTool for PlaceNodeTool {
    fn id(&self) -> Tool {
        Tool::Edit(EditTool::PlaceNode)
    }

    fn snaps(&self) -> bool {
        true
    }

    fn takes_typed(&self) -> bool {
        true
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        self.next = Some(event.place());
        if event.kind != PointerKind::Clicked {
            return ToolReply::nothing();
        }
        let (at, pipe) = match sketch_point(event, ctx) {
            SketchPoint::OnPipe(pipe, at) => (at, Some(pipe)),
            // On a node there is none to be added: the operation says so.
            SketchPoint::Node(_) | SketchPoint::Place(_) => (event.place(), None),
        };
        ToolReply::action(Action::Edit(EditAction::PlaceNode { at, pipe }))
    }

    fn paint(&self, map: &MapPainter<'_>) {
        if let Some(next) = self.next {
            let centre = map.screen(next);
            map.painter
                .circle_stroke(centre, 6.0, Stroke::new(1.6, map.theme.accent.fill.0));
        }
    }

    fn hint(&self) -> String {
        tr("editing.hint.place_node")
    }
}
