//! What the pointer and the keys tell the tool in hand. It decides neither what a tool does nor how the map moves.

use egui::{CursorIcon, Key, Modifiers, PointerButton, Pos2, Response, Ui};
use gis_core::cartography::WebPlace;
use gis_core::cartography::pick::{Picked, pick};
use gis_core::drafting::Lines;
use gis_core::network::snap::{Snap, SnapRequest, snap};

use super::camera::Camera;
use super::gestures::Drag;
use super::layer::NetworkLayer;
use super::overlay::MapPainter;
use super::tools::aids::aided;
use super::tools::zoom_box::paint_box;
use super::tools::{Aids, PointerEvent, PointerKind, SNAP_RADIUS_POINTS, ToolBox, ToolContext, ToolReply};
use super::under::UnderLayers;
use super::{MapView, PICK_RADIUS_POINTS, hover};
use crate::shell::action::Action;
use crate::view::{MapInput, MapOutput};

/// Scale beyond which nothing is marked under the pointer and nothing is snapped to: the radius covers streets, not
/// features.
const HOVER_LIMIT: f64 = 50_000.0;
/// Keys that a tool with something begun may use.
pub const TOOL_KEYS: [Key; 4] = [Key::Escape, Key::Enter, Key::Backspace, Key::Delete];

impl MapView {
    /// Finds what is under the pointer and tells the tool what happened.
    pub(super) fn pointer_ui(
        &mut self,
        ui: &mut Ui,
        response: &Response,
        tools: &mut ToolBox,
        output: &mut MapOutput,
        actions: &mut Vec<Action>,
    ) {
        self.hovered = None;
        self.snap = None;
        let (Some(place), Some(layer)) = (&self.place, &self.layer) else {
            return;
        };
        let lines = keeping_lines(&self.under, tools);
        let ctx = context(&self.camera, place, layer, &lines, tools.aids);
        let pointer = response.hover_pos().or(response.interact_pointer_pos());
        if let Some(pointer) = response.hover_pos() {
            let world = self.camera.world_from_screen(pointer);
            output.hover = place.from_mercator(world);
            output.hover_lon_lat = place.lon_lat_from_mercator(world);
        }
        let is_moving = matches!(
            self.gestures.drag,
            Some(Drag::Pan | Drag::ZoomBox(_) | Drag::Turn(_))
        );
        let mut replies = keys(ui, tools, &ctx);
        if is_moving {
            ui.set_cursor_icon(CursorIcon::Grabbing);
        } else if let Some(pointer) = pointer {
            let modifiers = ui.input(|i| i.modifiers);
            let around = Around::of(&ctx, tools, pointer, modifiers);
            self.hovered = around.hovered;
            self.snap = around.snap;
            if response.hovered() {
                ui.set_cursor_icon(tools.tool().cursor(self.hovered.is_some()));
            }
            for kind in kinds(response, self.gestures.drag) {
                // A drag is known as one some points after the press; what was pressed on is what is meant.
                let pressed = ui.input(|i| i.pointer.press_origin());
                let (screen, project) = match (kind, pressed) {
                    (PointerKind::DragStarted, Some(pressed)) => {
                        let world = ctx.camera.world_from_screen(pressed);
                        (pressed, ctx.place.from_mercator(world))
                    }
                    _ => (pointer, around.project),
                };
                let Some(project) = project else { continue };
                let event = PointerEvent {
                    kind,
                    screen,
                    project,
                    snap: around.snap,
                    aided: around.aided,
                    modifiers,
                    tolerance_m: around.tolerance_m,
                };
                replies.push(tools.tool_mut().pointer(&event, &ctx));
                if kind == PointerKind::Clicked && around.is_typed {
                    tools.typing.text.clear();
                }
            }
        }
        for reply in replies {
            actions.extend(reply.actions);
            if let Some((part, is_out)) = reply.zoom {
                self.zoom_into(part, is_out);
                ui.request_repaint();
            }
        }
    }

    /// A click on a place of the project as the tool in hand would get it; for pictures and tests without a pointer.
    pub fn click_at(&mut self, project: [f64; 2], tools: &mut ToolBox, actions: &mut Vec<Action>) {
        let (Some(place), Some(layer), Some(screen)) =
            (&self.place, &self.layer, self.screen_from_project(project))
        else {
            return;
        };
        let lines = keeping_lines(&self.under, tools);
        let ctx = context(&self.camera, place, layer, &lines, tools.aids);
        let around = Around::of(&ctx, tools, screen, Modifiers::NONE);
        let event = PointerEvent {
            kind: PointerKind::Clicked,
            screen,
            project,
            snap: around.snap,
            aided: around.aided,
            modifiers: Modifiers::NONE,
            tolerance_m: around.tolerance_m,
        };
        actions.extend(tools.tool_mut().pointer(&event, &ctx).actions);
    }

    /// Enter, for a tool that has begun something.
    pub fn finish_tool(&self, tools: &mut ToolBox, actions: &mut Vec<Action>) {
        self.tool_key(Key::Enter, tools, actions);
    }

    pub(super) fn tool_key(&self, key: Key, tools: &mut ToolBox, actions: &mut Vec<Action>) {
        if let (Some(place), Some(layer)) = (&self.place, &self.layer) {
            let lines = keeping_lines(&self.under, tools);
            let ctx = context(&self.camera, place, layer, &lines, tools.aids);
            actions.extend(tools.tool_mut().key(key, &ctx).actions);
        }
    }

    fn map_painter<'a>(&'a self, ui: &Ui, input: &'a MapInput<'_>, place: &'a WebPlace) -> MapPainter<'a> {
        MapPainter {
            painter: ui.painter_at(self.camera.rect),
            camera: &self.camera,
            place,
            theme: input.theme,
            lang: input.lang,
        }
    }

    /// What lies between the ground and the network: densities, which would hide pipes and valves from above. The
    /// picture and the printed sheet have them there too.
    pub(super) fn underlays_ui(&self, ui: &Ui, input: &MapInput<'_>) {
        let Some(place) = &self.place else { return };
        let map = self.map_painter(ui, input, place);
        for underlay in input.underlays {
            underlay.paint(&map);
        }
    }

    /// What lies above the network: overlays, the feature under the pointer, the tool's graphics, the snap mark.
    pub(super) fn overlays_ui(&self, ui: &Ui, input: &MapInput<'_>, tools: &ToolBox) {
        let (Some(place), Some(layer)) = (&self.place, &self.layer) else {
            return;
        };
        let map = self.map_painter(ui, input, place);
        for overlay in input.overlays {
            overlay.paint(&map);
        }
        if let Some(hovered) = self.hovered {
            hover::draw(ui, &self.camera, layer.data(), place, hovered, input.theme);
        }
        tools.tool().paint(&map);
        if let Some(snap) = self.snap {
            map.snap_mark(snap.point, snap.kind);
        }
        if let Some(Drag::ZoomBox([from, to])) = self.gestures.drag {
            paint_box(&map, egui::Rect::from_two_pos(from, to));
        }
    }
}

pub(super) fn context<'a>(
    camera: &'a Camera,
    place: &'a WebPlace,
    layer: &'a NetworkLayer,
    lines: &'a [&'a Lines],
    aids: Aids,
) -> ToolContext<'a> {
    ToolContext {
        camera,
        place,
        crs: &layer.data().crs,
        aids,
        layer,
        lines,
    }
}

/// Of the foreign layers that draw the pointer to themselves.
pub(super) fn keeping_lines<'a>(under: &'a UnderLayers, tools: &ToolBox) -> Vec<&'a Lines> {
    let left_out = &tools.snapping.left_out;
    let lines = under.lines().filter(|(id, _)| !left_out.contains(*id));
    lines.map(|(_, lines)| lines).collect()
}

/// What is near the pointer.
struct Around {
    project: Option<[f64; 2]>,
    tolerance_m: f64,
    hovered: Option<Picked>,
    snap: Option<Snap>,
    aided: Option<[f64; 2]>,
    /// What is typed has a say in where the pointer is.
    is_typed: bool,
}

impl Around {
    fn of(ctx: &ToolContext<'_>, tools: &ToolBox, pointer: Pos2, modifiers: Modifiers) -> Self {
        let project = ctx.place.from_mercator(ctx.camera.world_from_screen(pointer));
        let metres_per_point = ctx.camera.ground_metres_per_point();
        let tolerance_m = PICK_RADIUS_POINTS * metres_per_point;
        let scale = ctx.camera.scale_denominator();
        let near = project.filter(|_| scale <= HOVER_LIMIT);
        let tool = tools.tool();
        let hovered = near
            .filter(|_| tool.marks_feature())
            .and_then(|project| ctx.pick(project, tolerance_m).first().copied());
        let anchor = tool.anchor();
        let snap = near
            .filter(|_| tool.snaps() && tools.snapping.is_on)
            .and_then(|place| {
                let request = SnapRequest {
                    place,
                    tolerance_m: SNAP_RADIUS_POINTS * metres_per_point,
                    kinds: tools.snapping.kinds,
                    from: anchor.map(|anchor| anchor.last),
                    is_network: tools.snapping.is_network,
                    others: ctx.lines,
                };
                snap(
                    ctx.network(),
                    &request,
                    |node| ctx.layer.is_node_shown(node, scale),
                    |pipe| ctx.layer.is_pipe_shown(pipe, scale),
                )
            });
        let (aided, snap) = project.map_or((None, None), |project| {
            aided(ctx, &tools.typing, anchor, project, snap, modifiers.shift)
        });
        let is_typed = aided.is_some() && !tools.typing.text.is_empty();
        Self {
            project,
            tolerance_m,
            hovered,
            snap,
            aided,
            is_typed,
        }
    }
}

/// What the pointer did this frame, in order.
fn kinds(response: &Response, drag: Option<Drag>) -> Vec<PointerKind> {
    let mut kinds = Vec::new();
    let is_tools = drag == Some(Drag::Tool);
    if is_tools && response.drag_started() {
        kinds.push(PointerKind::DragStarted);
    }
    if is_tools && response.dragged_by(PointerButton::Primary) {
        kinds.push(PointerKind::Dragged);
    } else if response.hovered() {
        kinds.push(PointerKind::Moved);
    }
    if response.drag_stopped_by(PointerButton::Primary) {
        kinds.push(PointerKind::DragEnded);
    }
    if response.double_clicked() {
        kinds.push(PointerKind::DoubleClicked);
    } else if response.clicked() {
        kinds.push(PointerKind::Clicked);
    }
    if response.secondary_clicked() {
        kinds.push(PointerKind::RightClicked);
    }
    kinds
}

/// Keys for a tool that has begun something, unless text is being written.
fn keys(ui: &Ui, tools: &mut ToolBox, ctx: &ToolContext<'_>) -> Vec<ToolReply> {
    let mut replies = Vec::new();
    if ui.memory(|m| m.focused().is_some()) {
        return replies;
    }
    for key in TOOL_KEYS {
        let is_pressed = tools.tool().is_busy() && ui.input(|i| i.key_pressed(key));
        if is_pressed {
            let reply = tools.tool_mut().key(key, ctx);
            if reply.is_taken {
                ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
            }
            replies.push(reply);
        }
    }
    replies
}

impl NetworkLayer {
    /// Features within `tolerance_m` of a place that are drawn at a scale, best first.
    pub(super) fn pick(&self, project: [f64; 2], tolerance_m: f64, scale_denominator: f64) -> Vec<Picked> {
        pick(
            self.data().network(),
            project,
            tolerance_m,
            |node| self.is_node_shown(node, scale_denominator),
            |pipe| self.is_pipe_shown(pipe, scale_denominator),
        )
    }
}
