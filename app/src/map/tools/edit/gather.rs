//! Clicks and boxes for a form of an operation. What they mean is the affair of the form.

use egui::{Key, Pos2, Rect, Stroke};

use super::super::zoom_box::paint_box;
use super::super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use super::node_under;
use crate::map::overlay::MapPainter;
use crate::operations::{Hit, Marks};
use crate::session::Target;
use crate::shell::action::Action;
use crate::shell::operations::OperationAction;
use crate::view::{EditTool, Tool};

#[derive(Default)]
pub(super) struct GatherTool {
    marks: Marks,
    next: Option<[f64; 2]>,
    corners: Option<[Pos2; 2]>,
}

fn ask(action: OperationAction) -> ToolReply {
    ToolReply::action(Action::Operation(action))
}

fn hit(event: &PointerEvent, ctx: &ToolContext<'_>) -> Hit {
    let network = ctx.network();
    let near = network.pipes_near(event.place(), event.tolerance_m);
    let snapped = event.snap.and_then(|snap| snap.pipe);
    let pipe = near
        .iter()
        .find(|hit| Some(hit.pipe) == snapped)
        .or_else(|| near.iter().find(|hit| ctx.is_pipe_shown(hit.pipe)));
    let top = ctx.pick(event.project, event.tolerance_m).into_iter().next();
    Hit {
        place: event.place(),
        node: node_under(event, ctx).map(|(node, _)| node),
        pipe: pipe.map(|hit| hit.pipe),
        top: top.map(|picked| Target::from(picked).id(network)),
    }
}

impl MapTool for GatherTool {
    fn id(&self) -> Tool {
        Tool::Edit(EditTool::Gather)
    }

    fn takes_drag(&self) -> bool {
        self.marks.takes_boxes
    }

    fn snaps(&self) -> bool {
        true
    }

    fn marks_feature(&self) -> bool {
        true
    }

    fn is_busy(&self) -> bool {
        self.corners.is_some() || !self.marks.dots.is_empty() || !self.marks.pipes.is_empty()
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        self.next = Some(event.place());
        match event.kind {
            PointerKind::Clicked => return ask(OperationAction::Click(hit(event, ctx))),
            PointerKind::RightClicked => return ask(OperationAction::Next),
            PointerKind::DragStarted => self.corners = Some([event.screen; 2]),
            PointerKind::Dragged => {
                if let Some(corners) = &mut self.corners {
                    corners[1] = event.screen;
                }
            }
            PointerKind::DragEnded => {
                let corners = self.corners.take().map(|[a, b]| Rect::from_two_pos(a, b));
                if let Some(corners) = corners.and_then(|rect| ctx.corners(rect)) {
                    return ask(OperationAction::Boxed(corners));
                }
            }
            PointerKind::Moved | PointerKind::DoubleClicked => {}
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Enter => ask(OperationAction::Next),
            Key::Backspace => ask(OperationAction::TakeBack),
            Key::Escape if self.corners.take().is_some() => ToolReply::taken(),
            Key::Escape if self.is_busy() => ask(OperationAction::GiveUp),
            _ => ToolReply::nothing(),
        }
    }

    fn show(&mut self, marks: &Marks) {
        self.marks.clone_from(marks);
    }

    fn paint(&self, map: &MapPainter<'_>) {
        let ink = map.theme.accent.fill.0;
        for pipe in &self.marks.pipes {
            map.line(pipe, Stroke::new(3.0, ink));
        }
        for line in &self.marks.lines {
            map.dashed_line(map.screens(line), Stroke::new(1.8, ink));
        }
        for dot in &self.marks.dots {
            map.dot(*dot, ink);
        }
        for (i, place) in self.marks.candidates.iter().enumerate() {
            map.dot(*place, map.theme.status.warning.0);
            if self.marks.candidates.len() > 1 {
                let at = map.screen(*place) + egui::vec2(8.0, -8.0);
                map.plate(at, egui::Align2::LEFT_BOTTOM, &(i + 1).to_string());
            }
        }
        if let Some([a, b]) = self.corners {
            paint_box(map, Rect::from_two_pos(a, b));
        }
    }

    fn hint(&self) -> String {
        self.marks.hint.clone()
    }
}
