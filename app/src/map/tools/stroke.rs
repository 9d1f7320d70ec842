//! A stroke across pipes, by dragging or by two clicks: for a flag (扯旗) or a cross-section (横断面). What is made of it is
//! not decided here.

use egui::{Key, Stroke};

use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::labels::{AnnotationEdit, LabelAction};
use crate::map::overlay::MapPainter;
use crate::shell::action::Action;
use crate::view::Tool;

/// A stroke shorter than this in points was meant as a click.
const SHORTEST: f32 = 4.0;

pub(super) struct StrokeTool {
    /// What the stroke is for.
    tool: Tool,
    /// Start and present end, in project coordinates.
    stroke: Option<[[f64; 2]; 2]>,
    start: egui::Pos2,
}

impl StrokeTool {
    pub(super) fn new(tool: Tool) -> Self {
        Self {
            tool,
            stroke: None,
            start: egui::Pos2::ZERO,
        }
    }

    fn begin(&mut self, event: &PointerEvent) -> ToolReply {
        self.stroke = Some([event.project; 2]);
        self.start = event.screen;
        ToolReply::taken()
    }

    fn finish(&mut self, event: &PointerEvent) -> ToolReply {
        let Some([from, _]) = self.stroke else {
            return ToolReply::nothing();
        };
        if self.start.distance(event.screen) < SHORTEST {
            return ToolReply::taken();
        }
        self.stroke = None;
        let stroke = [from, event.project];
        ToolReply::action(if self.tool == Tool::Section {
            Action::CutSection(stroke)
        } else {
            Action::Label(LabelAction::Edit(AnnotationEdit::DrawFlag(stroke)))
        })
    }
}

impl MapTool for StrokeTool {
    fn id(&self) -> Tool {
        self.tool
    }

    fn takes_drag(&self) -> bool {
        true
    }

    fn is_busy(&self) -> bool {
        self.stroke.is_some()
    }

    fn pointer(&mut self, event: &PointerEvent, _ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::DragStarted => self.begin(event),
            PointerKind::Clicked if self.stroke.is_none() => self.begin(event),
            PointerKind::Clicked | PointerKind::DragEnded => self.finish(event),
            PointerKind::Moved | PointerKind::Dragged => {
                if let Some(stroke) = &mut self.stroke {
                    stroke[1] = event.project;
                }
                ToolReply::nothing()
            }
            PointerKind::RightClicked => {
                self.stroke = None;
                ToolReply::taken()
            }
            PointerKind::DoubleClicked => ToolReply::nothing(),
        }
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        if matches!(key, Key::Escape | Key::Backspace | Key::Delete) && self.stroke.take().is_some() {
            return ToolReply::taken();
        }
        ToolReply::nothing()
    }

    fn paint(&self, map: &MapPainter<'_>) {
        if let Some(stroke) = self.stroke {
            map.line(&stroke, Stroke::new(1.6, map.theme.accent.fill.0));
            map.dot(stroke[0], map.theme.accent.fill.0);
        }
    }

    fn hint(&self) -> String {
        tr(match (self.tool, self.stroke) {
            (Tool::Section, Some(_)) => "depth.hint.section_end",
            (Tool::Section, None) => "depth.hint.section",
            (_, Some(_)) => "labels.hint.flag_end",
            (_, None) => "labels.hint.flag",
        })
    }
}
