//! 移动管点: a node is taken hold of and dragged; its pipes follow.

use egui::{CursorIcon, Key, Stroke};
use gis_core::FeatureId;
use gis_core::drafting::Anchor;
use gis_core::edit::ops::Request;

use super::super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use super::node_under;
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::panels::text;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::view::{EditTool, Tool};

/// A node in hand.
struct Held {
    id: FeatureId,
    to: [f64; 2],
    distance_m: f64,
    from: [f64; 2],
    /// The other ends of what is stretched with it.
    neighbours: Vec<[f64; 2]>,
}

#[derive(Default)]
pub(super) struct MoveNodeTool {
    held: Option<Held>,
}

impl MoveNodeTool {
    fn take_hold(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) {
        let network = ctx.network();
        self.held = node_under(event, ctx).map(|(node, id)| {
            let around = network.pieces_at(node).iter();
            let from = network.position(node);
            Held {
                id,
                from,
                to: from,
                distance_m: 0.0,
                neighbours: around
                    .filter_map(|piece| network.piece_ends(*piece).into_iter().find(|end| *end != node))
                    .map(|end| network.position(end))
                    .collect(),
            }
        });
    }
}

impl MapTool for MoveNodeTool {
    fn id(&self) -> Tool {
        Tool::Edit(EditTool::MoveNode)
    }

    fn cursor(&self, is_over_feature: bool) -> CursorIcon {
        match (&self.held, is_over_feature) {
            (Some(_), _) => CursorIcon::Grabbing,
            (None, true) => CursorIcon::Grab,
            (None, false) => CursorIcon::Default,
        }
    }

    fn takes_drag(&self) -> bool {
        true
    }

    fn snaps(&self) -> bool {
        self.held.is_some()
    }

    fn marks_feature(&self) -> bool {
        self.held.is_none()
    }

    fn is_busy(&self) -> bool {
        self.held.is_some()
    }

    fn anchor(&self) -> Option<Anchor> {
        self.held.as_ref().map(|held| Anchor {
            last: held.from,
            before: None,
        })
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::DragStarted => self.take_hold(event, ctx),
            PointerKind::Dragged | PointerKind::DragEnded => {
                let Some(held) = &mut self.held else {
                    return ToolReply::nothing();
                };
                let network = ctx.network();
                // Not to itself and what hangs on it, which are where it was.
                let snap = event.snap.filter(|snap| {
                    network.metric().distance_m(snap.point, held.from) > event.tolerance_m / 4.0
                });
                held.to = snap
                    .map(|snap| snap.point)
                    .or(event.aided)
                    .unwrap_or(event.project);
                held.distance_m = network.metric().distance_m(held.from, held.to);
                if event.kind == PointerKind::DragEnded {
                    let (node, to) = (held.id.to_string(), held.to);
                    self.held = None;
                    return ToolReply::action(Action::Edit(EditAction::Do(Request::MoveNode { node, to })));
                }
            }
            _ => return ToolReply::nothing(),
        }
        ToolReply::taken()
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        if key != Key::Escape || self.held.is_none() {
            return ToolReply::nothing();
        }
        self.held = None;
        ToolReply::taken()
    }

    fn paint(&self, map: &MapPainter<'_>) {
        let Some(held) = &self.held else { return };
        let ink = map.theme.accent.fill.0;
        for neighbour in &held.neighbours {
            map.line(&[*neighbour, held.to], Stroke::new(1.6, ink));
        }
        map.dot(held.to, ink);
        map.plate(
            map.screen(held.to) + egui::vec2(12.0, -12.0),
            egui::Align2::LEFT_BOTTOM,
            &text::length(held.distance_m),
        );
    }

    fn hint(&self) -> String {
        tr("editing.hint.move_node")
    }
}
