//! Draws a box to fill the map with; with Alt the map shrinks into the box. A click zooms in a step.

use egui::{Pos2, Rect};

use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::view::Tool;

/// A drag shorter than this in points was meant as a click.
const SHORTEST: f32 = 4.0;

#[derive(Default)]
pub(super) struct ZoomBoxTool {
    corners: Option<[Pos2; 2]>,
}

impl MapTool for ZoomBoxTool {
    fn id(&self) -> Tool {
        Tool::ZoomBox
    }

    fn takes_drag(&self) -> bool {
        true
    }

    fn is_busy(&self) -> bool {
        self.corners.is_some()
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::DragStarted => self.corners = Some([event.screen; 2]),
            PointerKind::Dragged => {
                if let Some(corners) = &mut self.corners {
                    corners[1] = event.screen;
                }
            }
            PointerKind::DragEnded => {
                if let Some([from, to]) = self.corners.take() {
                    return zoom_into(Rect::from_two_pos(from, to), event.modifiers.alt);
                }
            }
            PointerKind::Clicked | PointerKind::DoubleClicked => {
                let half = ctx.camera.rect.size() / 2.0;
                return zoom_into(Rect::from_center_size(event.screen, half), event.modifiers.alt);
            }
            PointerKind::Moved | PointerKind::RightClicked => {}
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: egui::Key, _ctx: &ToolContext<'_>) -> ToolReply {
        if key == egui::Key::Escape && self.corners.take().is_some() {
            return ToolReply::taken();
        }
        ToolReply::nothing()
    }

    fn paint(&self, map: &MapPainter<'_>) {
        if let Some([from, to]) = self.corners {
            paint_box(map, Rect::from_two_pos(from, to));
        }
    }

    fn hint(&self) -> String {
        tr("view.hint.zoom_box")
    }
}

fn zoom_into(rect: Rect, is_out: bool) -> ToolReply {
    if rect.size().min_elem() < SHORTEST {
        return ToolReply::nothing();
    }
    ToolReply {
        zoom: Some((rect, is_out)),
        ..ToolReply::taken()
    }
}

/// The box being drawn; also while Shift draws one in another tool.
pub(in crate::map) fn paint_box(map: &MapPainter<'_>, rect: Rect) {
    let ink = map.theme.accent.fill.0;
    map.painter.rect(
        rect,
        0.0,
        ink.gamma_multiply(0.12),
        egui::Stroke::new(1.5, ink),
        egui::StrokeKind::Middle,
    );
}
