//! The second view on the project: beside the first, or in a window of its own for a second monitor. Linked, both
//! look at the same place; it shows the same data and shares the tool in hand.

use egui::{ViewportBuilder, ViewportId};
use gis_core::cartography::layers::SavedView;
use serde::{Deserialize, Serialize};

use super::App;
use super::action::Action;
use super::dock::Pane;
use crate::commands::Command;
use crate::i18n::{lang, tr};
use crate::labels::Labels;
use crate::map::theme_overlay::{HeatUnderlay, ThemeOverlay};
use crate::map::tiles::TileKeys;
use crate::map::tools::ToolBox;
use crate::map::{Camera, MapView};
use crate::panels::Panels;
use crate::session::Session;
use crate::theme::Theme;
use crate::view::{Highlight, MapInput, MapOutput};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SecondPlace {
    #[default]
    Hidden,
    Docked,
    Window,
}

/// The second view and how it hangs on the first.
pub(super) struct SecondView {
    pub(super) map: Option<MapView>,
    pub(super) output: MapOutput,
    pub(super) place: SecondPlace,
    pub(super) is_linked: bool,
    /// Of its window.
    pub(super) window_size: [f32; 2],
    /// What both showed when they were last brought together.
    common: Option<Camera>,
}

impl Default for SecondView {
    fn default() -> Self {
        Self {
            map: None,
            output: MapOutput::default(),
            place: SecondPlace::Hidden,
            is_linked: true,
            window_size: [900.0, 640.0],
            common: None,
        }
    }
}

/// The same view, whatever the size of the map.
fn is_same_view(a: &Camera, b: &Camera) -> bool {
    Camera { rect: b.rect, ..*a } == *b
}

impl SecondView {
    /// What it looks at where it goes its own way.
    pub(super) fn own_view(&self) -> Option<SavedView> {
        self.map
            .as_ref()
            .filter(|_| !self.is_linked)
            .and_then(MapView::saved_view)
    }

    /// Lets the view follow that was not moved.
    fn link(&mut self, first: &mut MapView, ctx: &egui::Context) {
        let Some(second) = self.map.as_mut().filter(|_| self.is_linked) else {
            self.common = None;
            return;
        };
        let (a, b) = (first.camera(), second.camera());
        if is_same_view(&a, &b) {
            self.common = Some(a);
            return;
        }
        let second_leads = self.common.is_some_and(|common| is_same_view(&a, &common));
        if second_leads {
            first.follow(&b);
            self.common = Some(b);
        } else {
            second.follow(&a);
            self.common = Some(a);
        }
        ctx.request_repaint();
    }
}

/// Degrees of one turning command.
const TURN_DEG: f64 = 15.0;

impl App {
    /// Commands that move the map.
    pub(super) fn view_command(&mut self, command: Command) {
        match command {
            Command::GoToCoordinate => return self.boxes.focus_coordinate(),
            Command::BookmarkAdd => return self.add_bookmark(),
            Command::SecondView => return self.toggle_second(SecondPlace::Docked),
            Command::SecondWindow => return self.toggle_second(SecondPlace::Window),
            Command::LinkViews => {
                self.second.is_linked = !self.second.is_linked;
                return;
            }
            Command::ToggleSquare => {
                self.tools.aids.is_square = !self.tools.aids.is_square;
                return;
            }
            Command::ToggleTracing => {
                self.tools.aids.is_tracing = !self.tools.aids.is_tracing;
                return;
            }
            Command::ToggleSnapping => {
                self.tools.snapping.is_on = !self.tools.snapping.is_on;
                return;
            }
            _ => {}
        }
        let selected = self.panels.identify.target;
        let Some(map) = &mut self.map else { return };
        match command {
            Command::ZoomIn => map.zoom_by(1.0),
            Command::ZoomOut => map.zoom_by(-1.0),
            Command::Refresh => {
                map.refresh();
                if let Some(second) = &mut self.second.map {
                    second.refresh();
                }
            }
            Command::RotateLeft => map.set_rotation_deg(map.rotation_deg() - TURN_DEG),
            Command::RotateRight => map.set_rotation_deg(map.rotation_deg() + TURN_DEG),
            Command::ResetNorth => map.set_rotation_deg(0.0),
            Command::CentreSelection => {
                let extent = self
                    .session
                    .as_ref()
                    .zip(selected)
                    .and_then(|(session, target)| target.extent(&session.network));
                if let Some(b) = extent {
                    map.centre_on([f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])]);
                }
            }
            _ => {}
        }
        self.ctx.request_repaint();
    }

    /// Shows the second view in that place, or hides it where it is there already.
    pub(super) fn toggle_second(&mut self, place: SecondPlace) {
        let place = if self.second.place == place {
            SecondPlace::Hidden
        } else {
            place
        };
        self.show_second(place);
    }

    pub(super) fn show_second(&mut self, place: SecondPlace) {
        self.second.place = place;
        self.dock.set_shown(Pane::SecondMap, place == SecondPlace::Docked);
        if place == SecondPlace::Hidden {
            // Its buffers are worth more than the moment it takes to fill them again.
            self.second.map = None;
            return;
        }
        if self.second.map.is_none()
            && let (Some(render_state), Some(first)) = (&self.render_state, &self.map)
        {
            let mut map = MapView::new(render_state);
            map.start_like(first);
            self.second.map = Some(map);
        }
    }

    /// Brings the two views together, and what the second one saw under the pointer into the status bar.
    pub(super) fn link_views(&mut self, ctx: &egui::Context) {
        if let Some(first) = &mut self.map {
            self.second.link(first, ctx);
        }
        if self.map_output.hover.is_none() && self.second.place != SecondPlace::Hidden {
            self.map_output.hover = self.second.output.hover;
            self.map_output.hover_lon_lat = self.second.output.hover_lon_lat;
        }
    }

    /// The window of the second view; where windows of their own cannot be had, it floats in the first.
    pub(super) fn second_window_ui(&mut self, ctx: &egui::Context) {
        if self.second.place != SecondPlace::Window {
            return;
        }
        let Some(session) = &self.session else { return };
        let title = format!("{} – {}", session.name, tr("app.pane.second_map"));
        let Some(mut map) = self.second.map.take() else {
            return;
        };
        let id = ViewportId::from_hash_of("second map");
        let size = self.second.window_size;
        let mut is_open = true;
        if ctx.embed_viewports() {
            egui::Window::new(title)
                .id(egui::Id::unique(id))
                .default_size(size)
                .open(&mut is_open)
                .show(ctx, |ui| self.second_map_ui(ui, &mut map));
        } else {
            let builder = ViewportBuilder::default().with_title(title).with_inner_size(size);
            ctx.show_viewport_immediate(id, builder, |ui, _class| {
                self.shortcuts(&ui.ctx().clone());
                let seen = ui.input(|i| i.viewport().clone());
                is_open = !seen.close_requested();
                if let Some(inner) = seen.inner_rect {
                    self.second.window_size = inner.size().into();
                }
                egui::CentralPanel::no_frame().show(ui, |ui| self.second_map_ui(ui, &mut map));
            });
        }
        self.second.map = Some(map);
        if !is_open {
            self.show_second(SecondPlace::Hidden);
        }
    }

    fn second_map_ui(&mut self, ui: &mut egui::Ui, map: &mut MapView) {
        let Some(session) = &self.session else { return };
        let sight = Sight {
            session,
            theme: &self.theme,
            tile_keys: &self.settings.tile_keys,
            panels: &self.panels,
            labels: &self.labels,
            highlight: &self.highlight,
        };
        self.second.output = sight.map_ui(ui, map, &mut self.tools, &mut self.actions);
    }
}

/// What both views show.
pub(super) struct Sight<'a> {
    pub(super) session: &'a Session,
    pub(super) theme: &'a Theme,
    pub(super) tile_keys: &'a TileKeys,
    pub(super) panels: &'a Panels,
    pub(super) labels: &'a Labels,
    pub(super) highlight: &'a Highlight,
}

impl Sight<'_> {
    pub(super) fn map_ui(
        &self,
        ui: &mut egui::Ui,
        map: &mut MapView,
        tools: &mut ToolBox,
        actions: &mut Vec<Action>,
    ) -> MapOutput {
        let panels = self.panels;
        let heat = HeatUnderlay(&panels.layers.heat);
        let themes = ThemeOverlay(&panels.layers.themed);
        let input = MapInput {
            highlight: self.highlight,
            layer_visibility: &panels.layers.visibility,
            underlays: &[&heat],
            overlays: &[
                &themes,
                self.labels,
                &panels.measure.done,
                &panels.depth,
                &panels.query,
            ],
            theme: self.theme,
            document: Some((&self.session.document, &self.session.crs)),
            tile_keys: self.tile_keys,
            lang: lang(),
        };
        map.ui(ui, &input, tools, actions)
    }
}
