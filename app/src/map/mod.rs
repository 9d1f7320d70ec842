//! The map widget: base map, network, results, camera and gestures. It answers what was pointed at and clicked;
//! what that means is the shell's business, and it changes no data.
//!
//! The network lies in buffers on the graphics card (`gpu`, `layer`); a frame chooses blocks and records a few
//! draws. The painter draws controls and the feature under the pointer only.

mod camera;
mod controls;
mod data;
pub mod foreign;
mod gestures;
mod gpu;
mod highlight;
mod history;
mod hover;
mod layer;
pub mod measurement;
pub mod overlay;
mod pointer;
pub mod readers;
mod standpoint;
mod style_table;
#[cfg(test)]
mod tests;
pub mod theme_overlay;
pub mod tiles;
pub mod tools;
mod typing;
pub mod under;

use std::sync::Arc;

use egui::{Rect, Sense, Ui};
use gis_core::Severity;
use gis_core::cartography::WebPlace;
use gis_core::cartography::chunks::{NetworkChange, mercator_from_lon_lat};
use gis_core::cartography::pick::Picked;
use gis_core::network::Network;
use gis_core::network::snap::Snap;

pub use camera::Camera;
pub use data::MapData;
pub use gpu::{Gpu, Paint};
pub use layer::{FrameView, LINE_BUDGET, MapStats, NetworkLayer, SOFTWARE_LINE_BUDGET, record_offscreen};
pub use pointer::TOOL_KEYS;
pub use tiles::ImageryTiles;
pub use tiles::TileLayer;

use crate::shell::action::Action;
use crate::theme::Theme;
use crate::view::{MapInput, MapOutput};
use controls::ZoomRequest;
use gestures::Gestures;
use history::{Rested, ViewHistory};
use tools::ToolBox;

/// Radius in points within which a click or the pointer finds a feature.
pub const PICK_RADIUS_POINTS: f64 = 8.0;
/// Zooming to a feature goes no closer than this, some 1:500.
const CLOSEST_FIT: f64 = 19.5;
/// Where the map starts without a project: all of China.
const HOME: ([f64; 2], f64) = ([104.0, 35.5], 4.0);

/// The map. One per view on a project.
pub struct MapView {
    gpu: Gpu,
    layer: Option<NetworkLayer>,
    place: Option<WebPlace>,
    /// Pictures and foreign layers under the network.
    pub under: under::UnderLayers,
    has_arrows: bool,
    camera: Camera,
    /// Mercator box to show as soon as the size of the map is known.
    pending_fit: Option<[f64; 4]>,
    /// Zoom level a button asked for, approached over some frames.
    zoom_target: Option<f64>,
    hovered: Option<Picked>,
    snap: Option<Snap>,
    gestures: Gestures,
    history: ViewHistory,
    is_stats_shown: bool,
}

impl MapView {
    pub fn new(render_state: &egui_wgpu::RenderState) -> Self {
        Self {
            gpu: Gpu::new(render_state),
            layer: None,
            place: None,
            under: under::UnderLayers::default(),
            has_arrows: false,
            camera: Camera {
                centre: mercator_from_lon_lat(HOME.0),
                zoom: HOME.1,
                rotation_rad: 0.0,
                rect: Rect::NOTHING,
            },
            pending_fit: None,
            zoom_target: None,
            hovered: None,
            snap: None,
            gestures: Gestures::default(),
            history: ViewHistory::default(),
            is_stats_shown: false,
        }
    }

    /// Shows a network. The view stays where it is when the extent is unchanged, as after an edit; otherwise it
    /// goes to the whole network.
    ///
    /// Where only the looks of features differ from what is shown, nothing but these goes to the graphics card, and
    /// edits stay in the picture.
    pub fn set_network(&mut self, data: Arc<MapData>) {
        if self.layer.as_mut().is_some_and(|layer| layer.dress(&data)) {
            self.hovered = None;
            return;
        }
        let place = match WebPlace::new(&data.crs, data.extent) {
            Ok(place) => place,
            Err(error) => {
                // `MapData::prepare` has made the same transformation, so this does not happen.
                log::error!("the network cannot be placed on the map: {error}");
                return self.clear();
            }
        };
        let is_elsewhere = self
            .layer
            .as_ref()
            .is_none_or(|layer| layer.data().extent != data.extent);
        self.place = Some(place);
        self.layer = Some(NetworkLayer::new(data));
        self.hovered = None;
        if is_elsewhere {
            self.history.clear();
            self.zoom_full();
        }
    }

    pub fn clear(&mut self) {
        self.under.clear();
        self.layer = None;
        self.place = None;
        self.hovered = None;
    }

    pub fn has_network(&self) -> bool {
        self.layer.is_some()
    }

    /// Shows or hides which way water runs.
    pub fn toggle_arrows(&mut self) {
        self.has_arrows = !self.has_arrows;
    }

    /// Shows an edit at once, before the network is read again.
    pub fn apply_change(&mut self, change: &NetworkChange) {
        if let (Some(layer), Some(place)) = (&mut self.layer, &self.place) {
            layer.apply(change, place);
        }
    }

    /// Goes on with the next state of the network.
    pub fn follow_network(&mut self, network: &Arc<Network>, change: &NetworkChange) {
        if let (Some(layer), Some(place)) = (&mut self.layer, &self.place) {
            layer.follow(network, change, place);
        }
        self.hovered = None;
    }

    /// Asks for all tiles again.
    pub fn refresh_tiles(&mut self) {
        self.under.tiles.refresh();
    }

    /// Tiles in view are still to come.
    pub fn is_loading_tiles(&self) -> bool {
        self.under.tiles.is_loading()
    }

    /// Shows a box of project coordinates (`[min_x, min_y, max_x, max_y]`); a point is shown at 1:500 or so.
    pub fn zoom_to(&mut self, extent: [f64; 4]) {
        if let Some(place) = &self.place {
            self.pending_fit = place.box_to_mercator(extent);
        }
    }

    /// Shows a box of Web Mercator metres.
    pub fn zoom_to_web(&mut self, web_box: [f64; 4]) {
        self.pending_fit = Some(web_box);
    }

    pub fn zoom_full(&mut self) {
        if let Some(layer) = &self.layer {
            self.pending_fit = layer.data().chunks.extent;
        }
    }

    /// Goes to the view before this one; nothing happens where there is none. The mouse's back button does the
    /// same.
    pub fn previous_view(&mut self) {
        let view = self.history.back();
        self.go_to(view);
    }

    /// Undoes [`Self::previous_view`].
    pub fn next_view(&mut self) {
        let view = self.history.forward();
        self.go_to(view);
    }

    fn go_to(&mut self, view: Option<Rested>) {
        if let Some(view) = view {
            self.move_to(Camera {
                centre: view.centre,
                zoom: view.zoom,
                rotation_rad: view.rotation_rad,
                rect: self.camera.rect,
            });
        }
    }

    /// Shows what the layer did in a corner of the map.
    pub fn set_stats_shown(&mut self, is_shown: bool) {
        self.is_stats_shown = is_shown;
    }

    /// Middle of the view in project coordinates and its clockwise turn in degrees.
    pub fn view_in_project(&self) -> Option<([f64; 2], f64)> {
        let centre = self.place.as_ref()?.from_mercator(self.camera.centre)?;
        Some((centre, self.camera.rotation_rad.to_degrees()))
    }

    /// The corners of the view in project coordinates, going round; `None` where one lies beyond the project's system.
    pub fn corners(&self) -> Option<[[f64; 2]; 4]> {
        let rect = self.camera.rect;
        let place = self.place.as_ref()?;
        let at = |corner: egui::Pos2| place.from_mercator(self.camera.world_from_screen(corner));
        Some([
            at(rect.left_top())?,
            at(rect.right_top())?,
            at(rect.right_bottom())?,
            at(rect.left_bottom())?,
        ])
    }

    pub fn camera(&self) -> Camera {
        self.camera
    }

    /// What the network layer did in the last frame.
    pub fn stats(&self) -> MapStats {
        self.layer.as_ref().map(NetworkLayer::stats).unwrap_or_default()
    }

    /// The processor draws because there is no usable graphics card: tell the user.
    pub fn is_software_rendered(&self) -> bool {
        self.gpu.is_software()
    }

    /// Where a project coordinate is on the screen.
    pub fn screen_from_project(&self, project: [f64; 2]) -> Option<egui::Pos2> {
        let mut point = [project];
        self.place.as_ref()?.to_mercator(&mut point);
        point[0]
            .iter()
            .all(|v| v.is_finite())
            .then(|| self.camera.screen_from_world(point[0]))
    }

    /// Features within `tolerance_m` of a place that are drawn at the present scale, best first.
    pub fn pick(&self, project: [f64; 2], tolerance_m: f64) -> Vec<Picked> {
        let scale = self.camera.scale_denominator();
        self.layer
            .as_ref()
            .map_or_else(Vec::new, |layer| layer.pick(project, tolerance_m, scale))
    }

    /// What the tool in hand asks for is added to `actions`.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        input: &MapInput<'_>,
        tools: &mut ToolBox,
        actions: &mut Vec<Action>,
    ) -> MapOutput {
        let rect = ui.available_rect_before_wrap();
        self.camera.rect = rect;
        if rect.width() < 1.0 || rect.height() < 1.0 {
            return MapOutput::default();
        }
        self.fit_pending();
        self.side_buttons(ui, rect);
        self.wheel_and_space(ui, rect);
        self.approach_zoom_target(ui);
        ui.painter().rect_filled(rect, 0.0, input.theme.map.background.0);
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        self.drags(ui, &response, tools);
        self.history.observe(&self.camera, ui.input(|i| i.time));
        self.under_ui(ui, input, actions);
        self.underlays_ui(ui, input);
        self.network_ui(ui, input);
        let mut output = MapOutput {
            scale_denominator: self.camera.scale_denominator(),
            ..MapOutput::default()
        };
        self.pointer_ui(ui, &response, tools, &mut output, actions);
        self.overlays_ui(ui, input, tools);
        self.controls_ui(ui, input.theme);
        self.typing_ui(ui, input.theme, tools, output.hover, actions);
        output
    }

    fn fit_pending(&mut self) {
        if let Some(bbox) = self.pending_fit.take() {
            self.move_to(self.camera.fitted(bbox, CLOSEST_FIT));
        }
    }

    fn approach_zoom_target(&mut self, ui: &Ui) {
        let Some(target) = self.zoom_target else { return };
        let elapsed_s = f64::from(ui.input(|i| i.stable_dt).min(0.05));
        let rest = (target - self.camera.zoom) * (-elapsed_s * 14.0).exp();
        let zoom = if rest.abs() < 0.004 { target } else { target - rest };
        self.camera = self.camera.zoomed_about(self.camera.rect.center(), zoom);
        if rest.abs() < 0.004 {
            self.zoom_target = None;
        } else {
            ui.request_repaint();
        }
    }

    fn under_ui(&mut self, ui: &Ui, input: &MapInput<'_>, actions: &mut Vec<Action>) {
        let Some((document, crs)) = input.document else {
            return;
        };
        let extent = self.layer.as_ref().and_then(|layer| layer.data().extent);
        let place = tiles::PicturePlace {
            crs,
            extent,
            tile_keys: input.tile_keys,
        };
        let painter = ui.painter_at(self.camera.rect);
        self.under
            .draw(&painter, &self.camera, input.theme, document, place);
        let notices = self.under.tiles.take_notices();
        actions.extend(notices.into_iter().map(|n| Action::Say(Severity::Warning, n)));
    }

    fn network_ui(&mut self, ui: &Ui, input: &MapInput<'_>) {
        let (Some(layer), Some(place)) = (&mut self.layer, &self.place) else {
            return;
        };
        layer.restyle(
            &mut self.gpu,
            input.theme,
            input.layer_visibility,
            input.highlight,
            place,
            ui,
        );
        layer.has_arrows = self.has_arrows;
        let rect = self.camera.rect;
        let view = FrameView {
            view: self.camera.view(),
            centre: self.camera.centre,
            rotation_rad: self.camera.rotation_rad,
            size_points: [rect.width(), rect.height()],
            px_per_point: ui.pixels_per_point(),
            scale_denominator: self.camera.scale_denominator(),
            line_budget: if self.gpu.is_software() {
                SOFTWARE_LINE_BUDGET
            } else {
                LINE_BUDGET
            },
        };
        let paint = layer.prepare(&mut self.gpu, &view);
        ui.painter_at(rect)
            .add(egui_wgpu::Callback::new_paint_callback(rect, paint));
        if layer.stats().is_incomplete {
            ui.request_repaint();
        }
    }

    fn controls_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let rect = self.camera.rect;
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt("map controls"));
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        controls::scale_bar(&ui, &self.camera, theme);
        controls::north_arrow(&ui, &self.camera, theme);
        if self.is_stats_shown {
            controls::stats(&ui, rect, &self.stats(), theme);
        }
        controls::attribution(&ui, rect, self.under.tiles.attribution(), theme);
        let request = controls::zoom_buttons_ui(&mut ui, rect, theme);
        match request {
            Some(ZoomRequest::In) => self.zoom_by(1.0),
            Some(ZoomRequest::Out) => self.zoom_by(-1.0),
            Some(ZoomRequest::Full) => self.zoom_full(),
            None => return,
        }
        ui.request_repaint();
    }
}
