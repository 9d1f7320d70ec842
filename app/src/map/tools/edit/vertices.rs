//! 折点: the bends of a pipe are dragged; a drag of the line between two makes a new one; the right button or Delete takes
//! one out. An end is dragged with its node.

use egui::{CursorIcon, Key, Pos2, Rect, Stroke, StrokeKind, Vec2};
use gis_core::drafting::Anchor;
use gis_core::edit::ops::Request;
use gis_core::network::PipeIndex;

use super::super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use super::node_under;
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::panels::text;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::view::{EditTool, Tool};

/// What the pointer is over.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Grip {
    /// Counted from the start of the pipe, which is 0.
    Bend(usize),
    /// The first or last vertex.
    End(usize),
    /// After this vertex.
    Between(usize),
}

/// A pipe under the pointer.
#[derive(Debug, Clone)]
struct Held {
    /// Of the pipe, for requests.
    name: String,
    /// Of the node at the end that is held.
    node: Option<String>,
    line: Vec<[f64; 2]>,
    grip: Grip,
}

impl Held {
    fn find(event: &PointerEvent, ctx: &ToolContext<'_>) -> Option<Self> {
        let network = ctx.network();
        let metric = network.metric();
        let near = network.pipes_near(event.project, event.tolerance_m);
        let shown = || near.iter().filter(|hit| ctx.is_pipe_shown(hit.pipe));
        // A bend of any pipe within reach before the line of the nearest one.
        let away =
            |pipe: PipeIndex, i: usize| metric.distance_m(network.pipe_vertices(pipe)[i], event.project);
        let bend = shown()
            .flat_map(|hit| {
                (1..network.pipe_vertices(hit.pipe).len().saturating_sub(1)).map(|i| (hit.pipe, i))
            })
            .filter(|(pipe, i)| away(*pipe, *i) <= event.tolerance_m)
            .min_by(|a, b| away(a.0, a.1).total_cmp(&away(b.0, b.1)));
        let (pipe, grip) = if let Some((pipe, i)) = bend {
            (pipe, Grip::Bend(i))
        } else {
            let hit = shown().next()?;
            (hit.pipe, grip_on(network.pipe_vertices(hit.pipe), event, metric)?)
        };
        let node = matches!(grip, Grip::End(_))
            .then(|| node_under(event, ctx))
            .flatten();
        Some(Self {
            name: network.pipe_id(pipe).to_string(),
            node: node.map(|(_, id)| id.to_string()),
            line: network.pipe_vertices(pipe).to_vec(),
            grip,
        })
    }

    /// The line with the grip somewhere else.
    fn moved(&self, to: [f64; 2]) -> Vec<[f64; 2]> {
        let mut line = self.line.clone();
        match self.grip {
            Grip::Bend(i) | Grip::End(i) => line[i] = to,
            Grip::Between(i) => line.insert(i + 1, to),
        }
        line
    }

    fn drop_at(self, to: [f64; 2]) -> Option<Request> {
        Some(match self.grip {
            Grip::Bend(vertex) => Request::MoveVertex {
                pipe: self.name,
                vertex,
                to,
            },
            Grip::Between(after) => Request::InsertVertex {
                pipe: self.name,
                at: to,
                after: Some(after),
            },
            Grip::End(_) => Request::MoveNode { node: self.node?, to },
        })
    }

    /// What lengths and right angles are counted from while it is dragged.
    fn anchor(&self) -> Option<Anchor> {
        let from = match self.grip {
            Grip::Bend(i) => i - 1,
            Grip::Between(i) => i,
            Grip::End(i) => i.checked_sub(1).unwrap_or(1),
        };
        self.line.get(from).map(|last| Anchor {
            last: *last,
            before: None,
        })
    }
}

fn grip_on(line: &[[f64; 2]], event: &PointerEvent, metric: gis_core::network::Metric) -> Option<Grip> {
    let last = line.len().checked_sub(1)?;
    let near = |i: usize| metric.distance_m(line[i], event.project) <= event.tolerance_m;
    if let Some(end) = [0, last].into_iter().find(|i| near(*i)) {
        return Some(Grip::End(end));
    }
    let away = |i: &usize| {
        let foot = metric.foot_point(&line[*i..=i + 1], event.project);
        foot.map_or(f64::INFINITY, |foot| foot.distance_m)
    };
    (0..last)
        .min_by(|a, b| away(a).total_cmp(&away(b)))
        .map(Grip::Between)
}

#[derive(Default)]
pub(super) struct VerticesTool {
    /// Under the pointer.
    over: Option<Held>,
    /// In hand, and where it is dragged.
    held: Option<(Held, [f64; 2])>,
    /// Metres from the vertex before it.
    length_m: f64,
}

impl VerticesTool {
    fn take_out(&mut self) -> ToolReply {
        match self.over.take() {
            Some(Held {
                name,
                grip: Grip::Bend(vertex),
                ..
            }) => ToolReply::action(Action::Edit(EditAction::Do(Request::DeleteVertex {
                pipe: name,
                vertex,
            }))),
            other => {
                self.over = other;
                ToolReply::nothing()
            }
        }
    }
}

impl MapTool for VerticesTool {
    fn id(&self) -> Tool {
        Tool::Edit(EditTool::Vertices)
    }

    fn cursor(&self, _is_over_feature: bool) -> CursorIcon {
        match (&self.held, &self.over) {
            (Some(_), _) => CursorIcon::Grabbing,
            (None, Some(_)) => CursorIcon::Grab,
            (None, None) => CursorIcon::Default,
        }
    }

    fn takes_drag(&self) -> bool {
        true
    }

    fn snaps(&self) -> bool {
        self.held.is_some()
    }

    fn is_busy(&self) -> bool {
        let is_over_bend = |held: &Held| matches!(held.grip, Grip::Bend(_));
        self.held.is_some() || self.over.as_ref().is_some_and(is_over_bend)
    }

    fn anchor(&self) -> Option<Anchor> {
        self.held.as_ref()?.0.anchor()
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::Moved => self.over = Held::find(event, ctx),
            PointerKind::DragStarted => {
                self.held = Held::find(event, ctx).map(|held| (held, event.project));
                self.over = None;
            }
            PointerKind::Dragged | PointerKind::DragEnded => {
                let metric = ctx.network().metric();
                let Some((held, to)) = &mut self.held else {
                    return ToolReply::nothing();
                };
                *to = event.place();
                self.length_m = held.anchor().map_or(0.0, |a| metric.distance_m(a.last, *to));
                if event.kind == PointerKind::DragEnded {
                    let done = self.held.take().and_then(|(held, to)| held.drop_at(to));
                    return done.map_or_else(ToolReply::taken, |request| {
                        ToolReply::action(Action::Edit(EditAction::Do(request)))
                    });
                }
            }
            PointerKind::RightClicked => {
                self.over = Held::find(event, ctx);
                return self.take_out();
            }
            PointerKind::Clicked | PointerKind::DoubleClicked => return ToolReply::nothing(),
        }
        ToolReply::taken()
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Escape if self.held.take().is_some() => ToolReply::taken(),
            Key::Delete | Key::Backspace if self.held.is_none() => self.take_out(),
            _ => ToolReply::nothing(),
        }
    }

    fn paint(&self, map: &MapPainter<'_>) {
        let ink = map.theme.accent.fill.0;
        let mark = |at: Pos2, is_hot: bool| {
            let rect = Rect::from_center_size(at, Vec2::splat(if is_hot { 10.0 } else { 7.0 }));
            let fill = if is_hot { ink } else { map.theme.map.background.0 };
            map.painter
                .rect(rect, 1.0, fill, Stroke::new(1.6, ink), StrokeKind::Middle);
        };
        if let Some((held, to)) = &self.held {
            map.line(&held.moved(*to), Stroke::new(2.4, ink));
            let at = map.screen(*to);
            mark(at, true);
            map.plate(
                at + egui::vec2(12.0, -12.0),
                egui::Align2::LEFT_BOTTOM,
                &text::length(self.length_m),
            );
            return;
        }
        let Some(over) = &self.over else { return };
        map.line(&over.line, Stroke::new(2.0, ink));
        for (i, at) in map.screens(&over.line).into_iter().enumerate() {
            mark(
                at,
                matches!(over.grip, Grip::Bend(hot) | Grip::End(hot) if hot == i),
            );
        }
    }

    fn hint(&self) -> String {
        tr("editing.hint.vertices")
    }
}
