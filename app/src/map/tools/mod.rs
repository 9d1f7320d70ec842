//! Tools of the map: what clicks, drags and keys mean while one is in hand. A tool gathers a request and hands it
//! over as actions; it changes no data. Moving the map is no tool's business: it works the same in each.

pub(super) mod aids;
mod area;
mod click;
mod dimension;
mod edit;
mod measure;
mod move_label;
mod pan;
mod stroke;
pub(super) mod zoom_box;

pub use aids::{Aids, Typing};

use std::collections::BTreeSet;

use egui::{CursorIcon, Key, Modifiers, Pos2, Rect};
use gis_core::cartography::WebPlace;
use gis_core::cartography::layers::LayerId;
use gis_core::cartography::pick::Picked;
use gis_core::drafting::{Anchor, Lines};
use gis_core::network::snap::{Snap, SnapKinds};
use gis_core::network::{Network, PipeIndex};
use gis_core::{ClassIndex, Crs};

use super::camera::Camera;
use super::layer::NetworkLayer;
use super::overlay::MapPainter;
use crate::operations::Marks;
use crate::shell::action::Action;
use crate::view::Tool;

/// Within this many points the pointer is drawn to a place: QGIS's documented good value.
pub const SNAP_RADIUS_POINTS: f64 = 12.0;

/// What the pointer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerKind {
    /// Over the map, no button held.
    Moved,
    Clicked,
    /// The second click of two; the first came as [`Self::Clicked`].
    DoubleClicked,
    RightClicked,
    /// The primary button; only for tools that take drags.
    DragStarted,
    Dragged,
    DragEnded,
}

/// What the pointer did, and where.
#[derive(Debug, Clone, Copy)]
pub struct PointerEvent {
    pub kind: PointerKind,
    pub screen: Pos2,
    /// In the project's CRS, under the pointer.
    pub project: [f64; 2],
    /// The place the pointer is drawn to, for tools that snap.
    pub snap: Option<Snap>,
    /// Where what is typed, or the right angle, puts the pointer.
    pub aided: Option<[f64; 2]>,
    pub modifiers: Modifiers,
    /// The pick radius in metres on the ground.
    pub tolerance_m: f64,
}

impl PointerEvent {
    /// The snapped place, that of the aids, or that under the pointer.
    pub fn place(&self) -> [f64; 2] {
        let snapped = self.snap.map(|snap| snap.point);
        snapped.or(self.aided).unwrap_or(self.project)
    }
}

/// What a tool may look at.
pub struct ToolContext<'a> {
    pub camera: &'a Camera,
    pub place: &'a WebPlace,
    pub crs: &'a Crs,
    pub aids: Aids,
    pub(super) layer: &'a NetworkLayer,
    /// Of the foreign layers that draw the pointer to themselves.
    pub(super) lines: &'a [&'a Lines],
}

impl ToolContext<'_> {
    pub fn network(&self) -> &Network {
        self.layer.data().network()
    }

    /// Features within `tolerance_m` of a place that are drawn at the present scale, best first.
    pub fn pick(&self, project: [f64; 2], tolerance_m: f64) -> Vec<Picked> {
        self.layer
            .pick(project, tolerance_m, self.camera.scale_denominator())
    }

    /// Whether the pipe is drawn at the present scale.
    pub fn is_pipe_shown(&self, pipe: PipeIndex) -> bool {
        self.layer.is_pipe_shown(pipe, self.camera.scale_denominator())
    }

    /// Whether the class is not switched off.
    pub fn is_class_visible(&self, class: ClassIndex) -> bool {
        self.layer.is_class_visible(class)
    }

    /// Degrees; `None` where the project has no place on earth.
    pub fn lon_lat(&self, project: [f64; 2]) -> Option<[f64; 2]> {
        let mut point = [project];
        self.place.to_mercator(&mut point);
        self.place.lon_lat_from_mercator(point[0])
    }

    /// The box around what the view shows, in the project's CRS.
    pub fn view_box(&self) -> Option<[f64; 4]> {
        let [first, rest @ ..] = self.corners(self.camera.rect)?;
        Some(
            rest.iter()
                .fold([first[0], first[1], first[0], first[1]], |b, p| {
                    [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
                }),
        )
    }

    /// The corners of a rectangle on the screen, in the project's CRS; it is no rectangle there where the view is
    /// turned. `None` where a corner lies beyond the project's system.
    pub fn corners(&self, screen: Rect) -> Option<[[f64; 2]; 4]> {
        let at = |p: Pos2| self.place.from_mercator(self.camera.world_from_screen(p));
        Some([
            at(screen.left_top())?,
            at(screen.right_top())?,
            at(screen.right_bottom())?,
            at(screen.left_bottom())?,
        ])
    }
}

/// What a tool wants done.
#[derive(Debug, Default)]
pub struct ToolReply {
    pub actions: Vec<Action>,
    /// A part of the screen to fill the map with, or (`true`) to shrink the map into.
    pub zoom: Option<(Rect, bool)>,
    /// The key was of use to the tool; nobody else shall have it.
    pub is_taken: bool,
}

impl ToolReply {
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Taken, without consequence outside the tool.
    pub fn taken() -> Self {
        Self {
            is_taken: true,
            ..Self::default()
        }
    }

    pub fn action(action: Action) -> Self {
        Self {
            actions: vec![action],
            is_taken: true,
            ..Self::default()
        }
    }
}

/// A tool.
pub trait MapTool {
    fn id(&self) -> Tool;

    fn cursor(&self, _is_over_feature: bool) -> CursorIcon {
        CursorIcon::Crosshair
    }

    /// Drags with the primary button are the tool's; otherwise they move the map.
    fn takes_drag(&self) -> bool {
        false
    }

    /// Its events carry the place the pointer is drawn to.
    fn snaps(&self) -> bool {
        false
    }

    /// The feature under the pointer is marked.
    fn marks_feature(&self) -> bool {
        false
    }

    /// Something is begun that Escape gives up.
    fn is_busy(&self) -> bool {
        false
    }

    /// Lengths, bearings and coordinates can be typed for it.
    fn takes_typed(&self) -> bool {
        false
    }

    /// What lengths and bearings of the next place are counted from.
    fn anchor(&self) -> Option<Anchor> {
        None
    }

    fn pointer(&mut self, event: &PointerEvent, ctx: &ToolContext<'_>) -> ToolReply;

    /// Enter finishes, Backspace or Delete takes the last vertex back, Escape gives up.
    fn key(&mut self, _key: Key, _ctx: &ToolContext<'_>) -> ToolReply {
        ToolReply::nothing()
    }

    /// What a form shows on the map, for the tool that fills it.
    fn show(&mut self, _marks: &Marks) {}

    /// Its graphics, above everything else on the map.
    fn paint(&self, _map: &MapPainter<'_>) {}

    /// What to do next, for the status bar.
    fn hint(&self) -> String;
}

/// Whether and to what the pointer is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapping {
    pub is_on: bool,
    pub kinds: SnapKinds,
    pub is_network: bool,
    /// Foreign layers that do not draw the pointer to themselves.
    pub left_out: BTreeSet<LayerId>,
}

impl Default for Snapping {
    fn default() -> Self {
        Self {
            is_on: true,
            kinds: SnapKinds::ALL,
            is_network: true,
            left_out: BTreeSet::new(),
        }
    }
}

/// The tool in hand, shared by all views on the project.
pub struct ToolBox {
    tool: Box<dyn MapTool>,
    pub snapping: Snapping,
    pub aids: Aids,
    pub typing: Typing,
}

impl Default for ToolBox {
    fn default() -> Self {
        Self {
            tool: make(Tool::default()),
            snapping: Snapping::default(),
            aids: Aids::default(),
            typing: Typing::default(),
        }
    }
}

impl ToolBox {
    pub fn id(&self) -> Tool {
        self.tool.id()
    }

    /// Takes a tool in hand; what the one before had begun is given up. Taking the same again changes nothing.
    pub fn take(&mut self, tool: Tool) {
        if self.tool.id() != tool {
            self.tool = make(tool);
        }
    }

    /// Gives up what was begun and keeps the tool.
    pub fn reset(&mut self) {
        self.tool = make(self.tool.id());
    }

    pub fn tool(&self) -> &dyn MapTool {
        &*self.tool
    }

    pub fn tool_mut(&mut self) -> &mut dyn MapTool {
        &mut *self.tool
    }
}

/// One line per tool.
fn make(tool: Tool) -> Box<dyn MapTool> {
    match tool {
        Tool::Identify | Tool::Burst | Tool::Path => Box::new(click::ClickTool::new(tool)),
        Tool::Pan => Box::new(pan::PanTool),
        Tool::ZoomBox => Box::new(zoom_box::ZoomBoxTool::default()),
        Tool::Measure(kind) => Box::new(measure::MeasureTool::new(kind)),
        Tool::Flag | Tool::Section => Box::new(stroke::StrokeTool::new(tool)),
        Tool::Dimension => Box::new(dimension::DimensionTool::default()),
        Tool::MoveLabel => Box::new(move_label::MoveLabelTool::default()),
        Tool::Area(shape) => Box::new(area::AreaTool::new(shape)),
        Tool::Edit(tool) => edit::make(tool),
    }
}
