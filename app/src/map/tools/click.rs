//! Identify, burst and path: one click on a feature each. What the click means is the shell's business.

use egui::CursorIcon;

use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::shell::action::Action;
use crate::view::{Click, Tool};

pub(super) struct ClickTool {
    tool: Tool,
}

impl ClickTool {
    pub(super) fn new(tool: Tool) -> Self {
        Self { tool }
    }
}

impl MapTool for ClickTool {
    fn id(&self) -> Tool {
        self.tool
    }

    fn cursor(&self, is_over_feature: bool) -> CursorIcon {
        match (self.tool, is_over_feature) {
            (Tool::Identify, true) => CursorIcon::PointingHand,
            (Tool::Identify, false) => CursorIcon::Default,
            _ => CursorIcon::Crosshair,
        }
    }

    fn marks_feature(&self) -> bool {
        true
    }

    fn pointer(&mut self, event: &PointerEvent, _ctx: &ToolContext<'_>) -> ToolReply {
        if !matches!(event.kind, PointerKind::Clicked | PointerKind::DoubleClicked) {
            return ToolReply::nothing();
        }
        ToolReply::action(Action::MapClick(Click {
            project: event.project,
            tolerance_m: event.tolerance_m,
            screen: event.screen,
            modifiers: event.modifiers,
        }))
    }

    fn hint(&self) -> String {
        tr(match self.tool {
            Tool::Burst => "view.hint.burst",
            Tool::Path => "view.hint.path",
            _ => "view.hint.identify",
        })
    }
}
