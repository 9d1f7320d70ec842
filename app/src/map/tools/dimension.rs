//! Dimensions: two or more points, then the place of the dimension line.

use egui::{Key, Stroke};
use gis_core::cartography::labels::{Dimension, dimension};

use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::labels::{AnnotationEdit, LabelAction};
use crate::map::overlay::MapPainter;
use crate::shell::action::Action;
use crate::view::Tool;

#[derive(Default)]
pub(super) struct DimensionTool {
    points: Vec<[f64; 2]>,
    /// Where the pointer is.
    next: Option<[f64; 2]>,
    /// All points are there; the pointer now moves the line.
    is_offsetting: bool,
    offset_m: f64,
    length_m: f64,
}

impl DimensionTool {
    fn points_done(&mut self) -> ToolReply {
        // The second click of two has added the last point once more.
        self.points.dedup();
        if self.points.len() >= 2 {
            self.is_offsetting = true;
        }
        ToolReply::taken()
    }

    fn place(&mut self) -> ToolReply {
        let done = std::mem::take(self);
        let made = Dimension {
            id: 0,
            points: done.points,
            offset_m: done.offset_m,
            decimals: 2,
            size_px: 11.0,
            hidden_beyond: None,
        };
        ToolReply::action(Action::Label(LabelAction::Edit(AnnotationEdit::Dimension(made))))
    }

    fn follow(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) {
        let metric = ctx.network().metric();
        if self.is_offsetting {
            self.offset_m = dimension::offset_through(&self.points, event.project, metric);
        } else {
            self.next = Some(event.place());
            self.length_m = self
                .points
                .last()
                .map_or(0.0, |last| metric.distance_m(*last, event.place()));
        }
    }
}

impl MapTool for DimensionTool {
    fn id(&self) -> Tool {
        Tool::Dimension
    }

    fn snaps(&self) -> bool {
        !self.is_offsetting
    }

    fn is_busy(&self) -> bool {
        !self.points.is_empty()
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::Clicked if self.is_offsetting => {
                self.follow(event, ctx);
                return self.place();
            }
            PointerKind::Clicked => {
                self.points.push(event.place());
                return ToolReply::taken();
            }
            PointerKind::DoubleClicked | PointerKind::RightClicked => return self.points_done(),
            PointerKind::Moved => self.follow(event, ctx),
            PointerKind::DragStarted | PointerKind::Dragged | PointerKind::DragEnded => {}
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Enter if self.is_offsetting => return self.place(),
            Key::Enter => return self.points_done(),
            Key::Escape => *self = Self::default(),
            Key::Backspace | Key::Delete => {
                self.is_offsetting = false;
                self.points.pop();
            }
            _ => return ToolReply::nothing(),
        }
        ToolReply::taken()
    }

    fn paint(&self, map: &MapPainter<'_>) {
        let ink = map.theme.accent.fill.0;
        let stroke = Stroke::new(1.6, ink);
        for point in &self.points {
            map.dot(*point, ink);
        }
        if self.is_offsetting {
            map.dashed_line(map.screens(&self.points), stroke);
            return;
        }
        map.line(&self.points, stroke);
        if let (Some(last), Some(next)) = (self.points.last(), self.next) {
            map.line(&[*last, next], stroke);
            let text = dimension::length_text(self.length_m, 2);
            map.plate(
                map.screen(next) + egui::vec2(12.0, -12.0),
                egui::Align2::LEFT_BOTTOM,
                &text,
            );
        }
    }

    fn hint(&self) -> String {
        tr(match (self.is_offsetting, self.points.len()) {
            (true, _) => "labels.hint.dimension_offset",
            (false, 0) => "labels.hint.dimension",
            _ => "labels.hint.dimension_more",
        })
    }
}
