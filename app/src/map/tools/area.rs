//! Draws where to look for features: a point, a line, a box, a polygon or a circle. What is found there is not its affair.

use egui::{Key, Pos2, Rect, Stroke};
use gis_core::drafting::Anchor;

use super::zoom_box::paint_box;
use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::map::overlay::MapPainter;
use crate::panels::query::DrawnArea;
use crate::shell::action::Action;
use crate::shell::querying::QueryAction;
use crate::view::{AreaShape, Tool};

pub(super) struct AreaTool {
    shape: AreaShape,
    points: Vec<[f64; 2]>,
    under: Option<[f64; 2]>,
    /// Of a box being drawn.
    corners: Option<[Pos2; 2]>,
}

impl AreaTool {
    pub(super) fn new(shape: AreaShape) -> Self {
        Self {
            shape,
            points: Vec::new(),
            under: None,
            corners: None,
        }
    }

    fn clear(&mut self) {
        *self = Self::new(self.shape);
    }

    fn clicked(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        if self.shape == AreaShape::Box {
            if let Some([from, _]) = self.corners.take() {
                return self.box_drawn(from, event.screen, ctx);
            }
            self.corners = Some([event.screen; 2]);
            return ToolReply::taken();
        }
        self.points.push(event.place());
        let needed = match self.shape {
            AreaShape::Point => 1,
            AreaShape::Circle => 2,
            _ => usize::MAX,
        };
        if self.points.len() >= needed {
            return self.finish(ctx);
        }
        ToolReply::taken()
    }

    fn box_drawn(&mut self, from: Pos2, to: Pos2, ctx: &ToolContext<'_>) -> ToolReply {
        let rect = Rect::from_two_pos(from, to);
        match ctx.corners(rect) {
            Some(ring) if rect.size().min_elem() > 1.0 => {
                self.points = ring.to_vec();
                self.finish(ctx)
            }
            _ => ToolReply::taken(),
        }
    }

    /// Hands the shape over and starts anew; too few points are given up.
    fn finish(&mut self, ctx: &ToolContext<'_>) -> ToolReply {
        let mut points = std::mem::take(&mut self.points);
        // The second click of two comes as a click of its own.
        points.dedup();
        let (shape, least) = (self.shape, self.shape.points_least());
        self.clear();
        if points.len() < least {
            return ToolReply::taken();
        }
        let radius_m = match (shape, &points[..]) {
            (AreaShape::Circle, [centre, rim, ..]) => ctx.network().metric().distance_m(*centre, *rim),
            _ => 0.0,
        };
        let drawn = DrawnArea {
            shape,
            points,
            radius_m,
        };
        ToolReply::action(Action::Query(QueryAction::Area(Box::new(drawn))))
    }
}

impl MapTool for AreaTool {
    fn id(&self) -> Tool {
        Tool::Area(self.shape)
    }

    fn takes_drag(&self) -> bool {
        self.shape == AreaShape::Box
    }

    fn snaps(&self) -> bool {
        self.shape != AreaShape::Box
    }

    fn is_busy(&self) -> bool {
        !self.points.is_empty() || self.corners.is_some()
    }

    fn takes_typed(&self) -> bool {
        self.shape != AreaShape::Box
    }

    fn anchor(&self) -> Option<Anchor> {
        Anchor::of(&self.points)
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::Clicked => return self.clicked(event, ctx),
            PointerKind::DoubleClicked | PointerKind::RightClicked if !self.points.is_empty() => {
                return self.finish(ctx);
            }
            PointerKind::DragStarted => self.corners = Some([event.screen; 2]),
            PointerKind::DragEnded => {
                if let Some([from, to]) = self.corners.take() {
                    return self.box_drawn(from, to, ctx);
                }
            }
            PointerKind::Moved | PointerKind::Dragged => {
                self.under = Some(event.place());
                if let Some(corners) = &mut self.corners {
                    corners[1] = event.screen;
                }
            }
            PointerKind::DoubleClicked | PointerKind::RightClicked => {
                self.corners = None;
            }
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: Key, ctx: &ToolContext<'_>) -> ToolReply {
        if !self.is_busy() {
            return ToolReply::nothing();
        }
        match key {
            Key::Enter => self.finish(ctx),
            Key::Escape => {
                self.clear();
                ToolReply::taken()
            }
            Key::Backspace | Key::Delete => {
                self.corners = None;
                self.points.pop();
                ToolReply::taken()
            }
            _ => ToolReply::nothing(),
        }
    }

    fn paint(&self, map: &MapPainter<'_>) {
        if let Some([from, to]) = self.corners {
            paint_box(map, Rect::from_two_pos(from, to));
        }
        if self.points.is_empty() {
            return;
        }
        let ink = map.theme.accent.fill.0;
        let mut points = self.points.clone();
        points.extend(self.under);
        if self.shape == AreaShape::Polygon {
            points.push(points[0]);
        }
        map.line(&points, Stroke::new(1.6, ink));
        if let (AreaShape::Circle, Some(under)) = (self.shape, self.under) {
            let [centre, rim] = [self.points[0], under].map(|p| map.screen(p));
            let stroke = Stroke::new(1.6, ink);
            map.painter
                .circle(centre, centre.distance(rim), ink.gamma_multiply(0.12), stroke);
        }
        for point in &self.points {
            map.dot(*point, ink);
        }
    }

    fn hint(&self) -> String {
        let name: &str = self.shape.into();
        tr(&format!("querying.hint.{name}"))
    }
}
