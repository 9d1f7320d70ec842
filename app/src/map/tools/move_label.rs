//! Moves labels, flags and dimensions: takes hold of what lies under the pointer. What that is the labels know.

use egui::{CursorIcon, Key};

use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::labels::{Hand, HandKind, LabelAction};
use crate::shell::action::Action;
use crate::view::Tool;

#[derive(Default)]
pub(super) struct MoveLabelTool {
    /// Something was clicked or taken hold of; keys may mean it.
    has_touched: bool,
    last: egui::Pos2,
}

impl MoveLabelTool {
    fn reply(&self, kind: HandKind) -> ToolReply {
        ToolReply::action(Action::Label(LabelAction::Hand(Hand {
            kind,
            screen: self.last,
        })))
    }
}

impl MapTool for MoveLabelTool {
    fn id(&self) -> Tool {
        Tool::MoveLabel
    }

    fn cursor(&self, _is_over_feature: bool) -> CursorIcon {
        CursorIcon::Grab
    }

    fn takes_drag(&self) -> bool {
        true
    }

    fn is_busy(&self) -> bool {
        self.has_touched
    }

    fn pointer(&mut self, event: &PointerEvent, _ctx: &ToolContext<'_>) -> ToolReply {
        self.last = event.screen;
        let kind = match event.kind {
            PointerKind::Clicked => HandKind::Clicked,
            PointerKind::DragStarted => HandKind::Started,
            PointerKind::Dragged => HandKind::Moved,
            PointerKind::DragEnded => HandKind::Ended,
            PointerKind::Moved | PointerKind::DoubleClicked | PointerKind::RightClicked => {
                return ToolReply::nothing();
            }
        };
        self.has_touched = true;
        self.reply(kind)
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Delete | Key::Backspace => self.reply(HandKind::Delete),
            Key::Escape => {
                self.has_touched = false;
                self.reply(HandKind::Cancel)
            }
            _ => ToolReply::nothing(),
        }
    }

    fn hint(&self) -> String {
        tr("labels.hint.move")
    }
}
