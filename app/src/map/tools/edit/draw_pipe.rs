//! 穿点连线: clicks on nodes and between them, a pipe from node to node; free ends get a node.

use egui::{Key, Stroke};
use gis_core::edit::ops::SketchPoint;

use super::super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use super::sketch_point;
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::panels::text;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::view::{EditTool, Tool};

#[derive(Default)]
pub(super) struct DrawPipeTool {
    points: Vec<SketchPoint>,
    /// Where they are.
    places: Vec<[f64; 2]>,
    next: Option<[f64; 2]>,
    /// Of the stretch that the pointer draws now.
    length_m: f64,
}

impl DrawPipeTool {
    fn finish(&mut self) -> ToolReply {
        let done = std::mem::take(self);
        if done.points.len() < 2 {
            return ToolReply::taken();
        }
        ToolReply::action(Action::Edit(EditAction::Draw(done.points)))
    }
}

impl MapTool for DrawPipeTool {
    fn id(&self) -> Tool {
        Tool::Edit(EditTool::DrawPipe)
    }

    fn snaps(&self) -> bool {
        true
    }

    fn is_busy(&self) -> bool {
        !self.points.is_empty()
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::Clicked => {
                // The second click of two comes at the same place once more.
                if self.places.last() != Some(&event.place()) {
                    self.points.push(sketch_point(event, ctx));
                    self.places.push(event.place());
                }
                return ToolReply::taken();
            }
            PointerKind::DoubleClicked | PointerKind::RightClicked => return self.finish(),
            PointerKind::Moved => {
                self.next = Some(event.place());
                let metric = ctx.network().metric();
                self.length_m = self
                    .places
                    .last()
                    .map_or(0.0, |last| metric.distance_m(*last, event.place()));
            }
            PointerKind::DragStarted | PointerKind::Dragged | PointerKind::DragEnded => {}
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Enter => return self.finish(),
            Key::Escape => *self = Self::default(),
            Key::Backspace | Key::Delete => {
                self.points.pop();
                self.places.pop();
            }
            _ => return ToolReply::nothing(),
        }
        ToolReply::taken()
    }

    fn paint(&self, map: &MapPainter<'_>) {
        let ink = map.theme.accent.fill.0;
        map.line(&self.places, Stroke::new(2.4, ink));
        for place in &self.places {
            map.dot(*place, ink);
        }
        if let (Some(last), Some(next)) = (self.places.last(), self.next) {
            map.line(&[*last, next], Stroke::new(1.6, ink));
            map.plate(
                map.screen(next) + egui::vec2(12.0, -12.0),
                egui::Align2::LEFT_BOTTOM,
                &text::length(self.length_m),
            );
        }
    }

    fn hint(&self) -> String {
        tr(if self.points.is_empty() {
            "editing.hint.draw_pipe"
        } else {
            "editing.hint.draw_pipe_more"
        })
    }
}
