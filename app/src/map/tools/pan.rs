//! The hand: a drag moves the map, as it does in most tools, and a click brings a place to the middle.

use egui::CursorIcon;

use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::shell::action::Action;
use crate::view::Tool;

pub(super) struct PanTool;

impl MapTool for PanTool {
    fn id(&self) -> Tool {
        Tool::Pan
    }

    fn cursor(&self, _is_over_feature: bool) -> CursorIcon {
        CursorIcon::Grab
    }

    fn pointer(&mut self, event: &PointerEvent, _ctx: &ToolContext<'_>) -> ToolReply {
        if event.kind == PointerKind::Clicked {
            ToolReply::action(Action::CentreOn(event.project))
        } else {
            ToolReply::nothing()
        }
    }

    fn hint(&self) -> String {
        tr("view.hint.pan")
    }
}
