//! Measuring tools: they gather points, pipes or nodes and show what these say while the pointer moves. The figures
//! come from `gis_core::measure`.

use std::collections::BTreeSet;

use egui::{Key, Pos2, Rect};
use gis_core::cartography::pick::Picked;
use gis_core::drafting::Anchor;
use gis_core::measure::{self, MeasureKind, Reading};
use gis_core::network::{NodeIndex, PipeIndex};

use super::zoom_box::paint_box;
use super::{MapTool, PointerEvent, PointerKind, ToolContext, ToolReply};
use crate::i18n::tr;
use crate::map::measurement::{MOST_MARKED, Measurement};
use crate::map::overlay::MapPainter;
use crate::shell::action::Action;
use crate::view::Tool;

#[derive(Default)]
pub(super) struct MeasureTool {
    kind: MeasureKind,
    points: Vec<[f64; 2]>,
    /// Of a slope, one per point.
    nodes: Vec<NodeIndex>,
    pipes: BTreeSet<PipeIndex>,
    /// The box that adds pipes.
    drawn: Option<[Pos2; 2]>,
    /// What is shown: the points with the one under the pointer.
    live: Measurement,
}

impl MeasureTool {
    pub(super) fn new(kind: MeasureKind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    fn clear(&mut self) {
        *self = Self::new(self.kind);
    }

    /// Reads the points, with one more under the pointer.
    fn refresh(&mut self, more: Option<[f64; 2]>, ctx: &ToolContext<'_>) {
        let mut points = self.points.clone();
        points.extend(more);
        self.live = match self.kind {
            MeasureKind::Pipes => self.of_pipes(ctx),
            MeasureKind::Slope => Measurement {
                readings: self.of_nodes(ctx),
                ..Measurement::default()
            },
            kind => Measurement {
                readings: of_points(kind, &points, ctx),
                ..Measurement::default()
            },
        };
        self.live.kind = self.kind;
        self.live.points = points;
    }

    fn of_nodes(&self, ctx: &ToolContext<'_>) -> Vec<Reading> {
        let [from, to] = self.nodes[..] else {
            return Vec::new();
        };
        measure::slope::between(ctx.network(), from, to)
            .map(|slope| measure::of_slope(&slope))
            .unwrap_or_default()
    }

    fn of_pipes(&self, ctx: &ToolContext<'_>) -> Measurement {
        if self.pipes.is_empty() {
            return Measurement::default();
        }
        let network = ctx.network();
        let sum = measure::pipes::length(network, self.pipes.iter().copied());
        let lines: Vec<Vec<[f64; 2]>> = self
            .pipes
            .iter()
            .take(MOST_MARKED)
            .map(|pipe| {
                let mut line = network.pipe_vertices(*pipe).to_vec();
                ctx.place.to_mercator(&mut line);
                line
            })
            .collect();
        // Only what is marked was projected; the rest would take longer than a frame.
        let earth_m = (ctx.place.is_on_earth() && self.pipes.len() <= MOST_MARKED).then(|| {
            lines
                .iter()
                .map(|line| {
                    let line: Vec<_> = line
                        .iter()
                        .filter_map(|p| ctx.place.lon_lat_from_mercator(*p))
                        .collect();
                    measure::earth::length_m(&line)
                })
                .sum()
        });
        Measurement {
            readings: measure::of_pipes(&sum, earth_m),
            by_diameter: sum.by_diameter,
            lines,
            ..Measurement::default()
        }
    }

    fn clicked(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match self.kind {
            MeasureKind::Pipes => {
                let pipe = ctx
                    .pick(event.project, event.tolerance_m)
                    .into_iter()
                    .find_map(|hit| match hit {
                        Picked::Pipe { pipe, .. } => Some(pipe),
                        Picked::Node { .. } => None,
                    });
                if let Some(pipe) = pipe
                    && !self.pipes.remove(&pipe)
                {
                    self.pipes.insert(pipe);
                }
                self.refresh(None, ctx);
                return ToolReply::taken();
            }
            MeasureKind::Slope => {
                let node = event.snap.and_then(|snap| snap.node).or_else(|| {
                    ctx.pick(event.project, event.tolerance_m)
                        .into_iter()
                        .find_map(|hit| match hit {
                            Picked::Node { node, .. } => Some(node),
                            Picked::Pipe { .. } => None,
                        })
                });
                let Some(node) = node else {
                    return ToolReply::action(Action::Say(
                        gis_core::Severity::Warning,
                        gis_core::Message::new("measure.no_node"),
                    ));
                };
                self.nodes.push(node);
                self.points.push(ctx.network().position(node));
            }
            _ => self.points.push(event.place()),
        }
        self.refresh(None, ctx);
        if self.kind.points_needed() == Some(self.points.len()) {
            return self.finish(ctx);
        }
        ToolReply::taken()
    }

    /// Hands over what was measured, if it says anything, and starts anew.
    fn finish(&mut self, ctx: &ToolContext<'_>) -> ToolReply {
        let is_enough = self.points.len() >= self.kind.points_least();
        self.refresh(None, ctx);
        if !is_enough || self.live.readings.is_empty() {
            let is_slope = self.kind == MeasureKind::Slope && self.nodes.len() == 2;
            self.clear();
            if is_slope {
                return ToolReply::action(Action::Say(
                    gis_core::Severity::Warning,
                    gis_core::Message::new("measure.no_height"),
                ));
            }
            return ToolReply::taken();
        }
        let done = std::mem::take(&mut self.live);
        self.clear();
        ToolReply::action(Action::Measured(Box::new(done)))
    }

    fn box_drawn(&mut self, ctx: &ToolContext<'_>) {
        let Some([from, to]) = self.drawn.take() else {
            return;
        };
        let Some(ring) = ctx.corners(Rect::from_two_pos(from, to)) else {
            return;
        };
        let found = measure::pipes::touching(ctx.network(), &ring);
        self.pipes
            .extend(found.into_iter().filter(|pipe| ctx.is_pipe_shown(*pipe)));
        self.refresh(None, ctx);
    }
}

impl MapTool for MeasureTool {
    fn id(&self) -> Tool {
        Tool::Measure(self.kind)
    }

    fn takes_drag(&self) -> bool {
        self.kind == MeasureKind::Pipes
    }

    fn takes_typed(&self) -> bool {
        !matches!(self.kind, MeasureKind::Pipes | MeasureKind::Slope)
    }

    fn anchor(&self) -> Option<Anchor> {
        Anchor::of(&self.points)
    }

    fn snaps(&self) -> bool {
        self.kind != MeasureKind::Pipes
    }

    fn marks_feature(&self) -> bool {
        matches!(self.kind, MeasureKind::Pipes | MeasureKind::Slope)
    }

    fn is_busy(&self) -> bool {
        !self.points.is_empty() || !self.pipes.is_empty() || self.drawn.is_some()
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply {
        match event.kind {
            PointerKind::Clicked => return self.clicked(event, ctx),
            PointerKind::Moved => {
                let is_following = !self.points.is_empty() || self.kind == MeasureKind::Coordinates;
                if is_following {
                    self.refresh(Some(event.place()), ctx);
                }
            }
            PointerKind::DoubleClicked | PointerKind::RightClicked => {
                if self.kind.points_needed().is_none() {
                    return self.finish(ctx);
                }
            }
            PointerKind::DragStarted => self.drawn = Some([event.screen; 2]),
            PointerKind::Dragged => {
                if let Some(corners) = &mut self.drawn {
                    corners[1] = event.screen;
                }
            }
            PointerKind::DragEnded => self.box_drawn(ctx),
        }
        ToolReply::nothing()
    }

    fn key(&mut self, key: Key, ctx: &ToolContext<'_>) -> ToolReply {
        match key {
            Key::Escape => self.clear(),
            Key::Enter => return self.finish(ctx),
            Key::Backspace | Key::Delete => {
                self.points.pop();
                self.nodes.pop();
                if self.kind == MeasureKind::Pipes {
                    self.pipes.pop_last();
                }
                self.refresh(None, ctx);
            }
            _ => return ToolReply::nothing(),
        }
        ToolReply::taken()
    }

    fn paint(&self, map: &MapPainter<'_>) {
        if self.is_busy() || self.kind == MeasureKind::Coordinates {
            self.live.paint(map, true);
        }
        if let Some([from, to]) = self.drawn {
            paint_box(map, Rect::from_two_pos(from, to));
        }
    }

    fn hint(&self) -> String {
        tr(&format!("measure.hint.{}", self.kind.key()))
    }
}

fn of_points(kind: MeasureKind, points: &[[f64; 2]], ctx: &ToolContext<'_>) -> Vec<Reading> {
    let lon_lats: Option<Vec<[f64; 2]>> = points.iter().map(|p| ctx.lon_lat(*p)).collect();
    measure::of_points(kind, ctx.network().metric(), points, lon_lats.as_deref())
}
