//! Moving the map by hand: dragging with its run-out, Space, wheel, boxes drawn with Shift, turning with Alt. It works the same
//! whatever tool is in hand and never disturbs what that has begun.

use egui::{Key, PointerButton, Pos2, Rect, Response, Ui, Vec2};

use super::MapView;
use super::camera::{Camera, MAX_ZOOM, MIN_ZOOM};
use super::tools::ToolBox;

/// Zoom levels per point of wheel movement: a notch is about half a level.
const ZOOM_PER_WHEEL_POINT: f64 = 0.0068;
/// Radians of turn per natural logarithm of egui's zoom factor: a notch is about ten degrees.
const TURN_PER_ZOOM: f64 = 0.7;
/// Slower than this in points a second, a map that was let go stays where it is.
const SLOWEST_GLIDE: f32 = 40.0;
/// How quickly the run-out slows down, per second.
const GLIDE_DECAY: f32 = 6.0;
/// A box narrower than this in points was not meant.
const NARROWEST_BOX: f32 = 4.0;

/// What the drag under way does; decided when it starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Drag {
    Pan,
    ZoomBox([Pos2; 2]),
    /// Turns the map about its middle.
    Turn(Pos2),
    /// Belongs to the tool in hand.
    Tool,
}

#[derive(Debug, Default)]
pub(super) struct Gestures {
    pub(super) drag: Option<Drag>,
    /// The map runs on after it was let go, in points a second.
    glide: Vec2,
}

impl Gestures {
    /// Stops the run-out, as when a command moves the map.
    pub(super) fn stop(&mut self) {
        self.glide = Vec2::ZERO;
    }
}

impl MapView {
    /// Wheel and pinch zoom about the pointer, with Ctrl the wheel turns; Space drags without a button, within any tool.
    pub(super) fn wheel_and_space(&mut self, ui: &mut Ui, rect: Rect) {
        if !ui.rect_contains_pointer(rect) {
            return;
        }
        let (pointer, wheel, pinch, drag) = ui.input(|i| {
            let is_space_held = i.key_down(Key::Space) && !i.pointer.any_down();
            let drag = if is_space_held {
                i.pointer.delta()
            } else {
                Vec2::ZERO
            };
            (
                i.pointer.hover_pos(),
                i.smooth_scroll_delta.y,
                i.zoom_delta(),
                drag,
            )
        });
        let is_turning = ui.input(|i| i.modifiers.command);
        if let Some(pointer) = pointer
            && is_turning
            && (pinch - 1.0).abs() > 1e-6
        {
            // With Ctrl, egui hands the wheel over as a zoom factor.
            self.turn_about(pointer, f64::from(pinch).max(1e-3).ln() * TURN_PER_ZOOM);
            return;
        }
        let levels = f64::from(wheel) * ZOOM_PER_WHEEL_POINT + f64::from(pinch).max(1e-3).log2();
        if let Some(pointer) = pointer
            && levels.abs() > 1e-6
        {
            self.move_to(self.camera.zoomed_about(pointer, self.camera.zoom + levels));
            // Nothing the map is nested in shall scroll as well.
            ui.input_mut(|i| i.smooth_scroll_delta = Vec2::ZERO);
        }
        if drag != Vec2::ZERO && ui.memory(|m| m.focused().is_none()) {
            self.move_to(self.camera.dragged(drag));
        }
    }

    /// The mouse's back and forward buttons.
    pub(super) fn side_buttons(&mut self, ui: &Ui, rect: Rect) {
        if !ui.rect_contains_pointer(rect) {
            return;
        }
        let pressed = |button| ui.input(|i| i.pointer.button_pressed(button));
        if pressed(PointerButton::Extra1) {
            self.previous_view();
        } else if pressed(PointerButton::Extra2) {
            self.next_view();
        }
    }

    pub(super) fn drags(&mut self, ui: &Ui, response: &Response, tools: &ToolBox) {
        if response.drag_started() {
            self.gestures.drag = drag_for(ui, response, tools);
        }
        if ui.input(|i| i.pointer.any_pressed()) {
            self.gestures.stop();
        }
        let Some(drag) = self.gestures.drag else {
            self.glide(ui);
            return;
        };
        if let Some(pointer) = response.interact_pointer_pos() {
            match drag {
                Drag::Pan => {
                    let delta = if response.drag_started() {
                        response.total_drag_delta().unwrap_or_default()
                    } else {
                        response.drag_delta()
                    };
                    if delta != Vec2::ZERO {
                        self.camera = self.camera.dragged(delta);
                        self.zoom_target = None;
                    }
                    self.gestures.glide = ui.input(|i| i.pointer.velocity());
                }
                Drag::ZoomBox([from, _]) => self.gestures.drag = Some(Drag::ZoomBox([from, pointer])),
                Drag::Turn(from) => {
                    let middle = self.camera.rect.center();
                    let by = (pointer - middle).angle() - (from - middle).angle();
                    self.turn_about(middle, f64::from(by));
                    self.gestures.drag = Some(Drag::Turn(pointer));
                }
                Drag::Tool => {}
            }
        }
        if response.drag_stopped() || !response.dragged() {
            self.gestures.drag = None;
            match drag {
                Drag::Pan if self.gestures.glide.length() < SLOWEST_GLIDE => self.gestures.stop(),
                Drag::Pan => ui.request_repaint(),
                Drag::ZoomBox([from, to]) => {
                    let is_out = ui.input(|i| i.modifiers.alt);
                    self.zoom_into(Rect::from_two_pos(from, to), is_out);
                }
                Drag::Turn(_) | Drag::Tool => {}
            }
        }
    }

    fn glide(&mut self, ui: &Ui) {
        let speed = self.gestures.glide;
        if speed == Vec2::ZERO {
            return;
        }
        let elapsed_s = ui.input(|i| i.stable_dt).min(0.05);
        self.camera = self.camera.dragged(speed * elapsed_s);
        let rest = speed * (-elapsed_s * GLIDE_DECAY).exp();
        if rest.length() < SLOWEST_GLIDE {
            self.gestures.stop();
        } else {
            self.gestures.glide = rest;
            ui.request_repaint();
        }
    }

    /// Fills the map with a part of the screen, or shrinks the map into it.
    pub(super) fn zoom_into(&mut self, part: Rect, is_out: bool) {
        if part.size().min_elem() < NARROWEST_BOX {
            return;
        }
        self.move_to(zoomed_into(&self.camera, part, is_out));
    }

    /// Looks from elsewhere at once.
    pub(super) fn move_to(&mut self, camera: Camera) {
        self.camera = camera;
        self.zoom_target = None;
        self.gestures.stop();
    }
}

/// What a drag that starts now does.
fn drag_for(ui: &Ui, response: &Response, tools: &ToolBox) -> Option<Drag> {
    if response.dragged_by(PointerButton::Middle) {
        return Some(Drag::Pan);
    }
    if !response.dragged_by(PointerButton::Primary) {
        return None;
    }
    let (modifiers, origin) = ui.input(|i| (i.modifiers, i.pointer.press_origin()));
    Some(if tools.tool().takes_drag() {
        Drag::Tool
    } else if modifiers.shift {
        Drag::ZoomBox([origin.or(response.interact_pointer_pos())?; 2])
    } else if modifiers.alt {
        Drag::Turn(response.interact_pointer_pos()?)
    } else {
        Drag::Pan
    })
}

/// The camera that fills its rectangle with `part`; the other way round when zooming out.
fn zoomed_into(camera: &Camera, part: Rect, is_out: bool) -> Camera {
    let factor = (part.width() / camera.rect.width()).max(part.height() / camera.rect.height());
    let levels = f64::from(factor.max(1e-6)).log2();
    let middle = camera.world_from_screen(part.center());
    if is_out {
        // What fills the map now fills the box then.
        let zoomed = Camera {
            zoom: (camera.zoom + levels).clamp(MIN_ZOOM, MAX_ZOOM),
            ..*camera
        };
        let shift = camera.rect.center() - part.center();
        return zoomed.dragged(-shift);
    }
    Camera {
        centre: middle,
        zoom: (camera.zoom - levels).clamp(MIN_ZOOM, MAX_ZOOM),
        ..*camera
    }
}
