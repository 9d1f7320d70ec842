//! 穿点连线: clicks on nodes and between them, a pipe from node to node; free ends get a node. Between two clicks it can
//! follow lines that are there.

use egui::{Key, Stroke};
use gis_core::drafting::Anchor;
use gis_core::edit::ops::SketchPoint;
use gis_core::measure::plane::azimuth_deg;

use super::super::aids::Tracing;
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
    /// How many points each click brought, so that one click is taken back at a time.
    clicks: Vec<usize>,
    tracing: Tracing,
    /// From the last place to the pointer.
    next: Vec<[f64; 2]>,
    /// Of the stretch that the pointer draws now.
    length_m: f64,
    bearing_deg: Option<f64>,
}

impl DrawPipeTool {
    fn finish(&mut self) -> ToolReply {
        let done = std::mem::take(self);
        if done.points.len() < 2 {
            return ToolReply::taken();
        }
        ToolReply::action(Action::Edit(EditAction::Draw(done.points)))
    }

    /// The line from the last place to the pointer: along lines that are there where it is so wished, else straight.
    fn way(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> Vec<[f64; 2]> {
        let to = event.place();
        let Some(last) = self.places.last().copied() else {
            return vec![to];
        };
        let traced = self.tracing.way(ctx, last, to, event.tolerance_m);
        traced.unwrap_or_else(|| vec![last, to])
    }

    fn look(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) {
        let metric = ctx.network().metric();
        self.next = self.way(event, ctx);
        self.length_m = metric.length_m(&self.next);
        self.bearing_deg = match self.next[..] {
            [from, to] => azimuth_deg(metric, from, to),
            _ => None,
        };
    }

    fn clicked(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) {
        let end = sketch_point(event, ctx);
        let at = event.place();
        // The second click of two comes at the same place once more.
        if self.places.last() == Some(&at) {
            return;
        }
        let way = self.way(event, ctx);
        let before = self.points.len();
        let is_aside = ctx.aids.is_tracing && ctx.aids.trace_offset_m != 0.0 && way.last() != Some(&at);
        if is_aside {
            // A line beside another one begins and ends beside it, unless it is tied to a node there.
            if matches!(self.points[..], [SketchPoint::Place(_)]) {
                self.points.clear();
                self.places.clear();
            }
            self.add_places(&way);
            if let SketchPoint::Node(_) = end {
                self.add(end, at);
            }
        } else {
            let inner = way.len().saturating_sub(1);
            self.add_places(&way[1.min(inner)..inner]);
            self.add(end, at);
        }
        self.clicks.push(self.points.len().saturating_sub(before));
    }

    fn add_places(&mut self, places: &[[f64; 2]]) {
        for place in places {
            self.add(SketchPoint::Place(*place), *place);
        }
    }

    fn add(&mut self, point: SketchPoint, place: [f64; 2]) {
        self.points.push(point);
        self.places.push(place);
    }

    fn take_back(&mut self) {
        let count = self.clicks.pop().unwrap_or_default();
        let left = if self.clicks.is_empty() {
            0
        } else {
            self.points.len().saturating_sub(count)
        };
        self.points.truncate(left);
        self.places.truncate(left);
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

    fn takes_typed(&self) -> bool {
        true
    }

    fn anchor(&self) -> Option<Anchor> {
        Anchor::of(&self.places)
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::Clicked => {
                self.clicked(event, ctx);
                return ToolReply::taken();
            }
            PointerKind::DoubleClicked | PointerKind::RightClicked => return self.finish(),
            PointerKind::Moved => self.look(event, ctx),
            PointerKind::DragStarted | PointerKind::Dragged | PointerKind::DragEnded => {}
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Enter => return self.finish(),
            Key::Escape => *self = Self::default(),
            Key::Backspace | Key::Delete => self.take_back(),
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
        if let ([.., next], false) = (&self.next[..], self.places.is_empty()) {
            map.line(&self.next, Stroke::new(1.6, ink));
            let bearing = self.bearing_deg.map(|deg| format!("  {deg:.1}°"));
            map.plate(
                map.screen(*next) + egui::vec2(12.0, -12.0),
                egui::Align2::LEFT_BOTTOM,
                &(text::length(self.length_m) + &bearing.unwrap_or_default()),
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
