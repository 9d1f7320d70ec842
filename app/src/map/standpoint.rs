//! Where the map is looked at from, as commands, boxes and bookmarks put it: scale, turn, middle in the project's
//! coordinates. Gestures are elsewhere.

use std::sync::Arc;

use egui::Pos2;
use gis_core::cartography::chunks::mercator_from_lon_lat;
use gis_core::cartography::layers::SavedView;

use super::camera::{Camera, MAX_ZOOM, MIN_ZOOM};
use super::{MapData, MapView};

impl MapView {
    /// The network shown.
    pub fn data(&self) -> Option<&Arc<MapData>> {
        self.layer.as_ref().map(super::NetworkLayer::data)
    }

    /// 1 : this number in the middle of the map.
    pub fn scale_denominator(&self) -> f64 {
        self.camera.scale_denominator()
    }

    /// Keeps the middle and takes another scale.
    pub fn set_scale(&mut self, denominator: f64) {
        if denominator.is_finite() && denominator > 0.0 {
            let levels = (self.camera.scale_denominator() / denominator).log2();
            let zoom = (self.camera.zoom + levels).clamp(MIN_ZOOM, MAX_ZOOM);
            self.move_to(Camera { zoom, ..self.camera });
        }
    }

    /// Approaches the map by so many steps, over some frames; negative steps lead away.
    pub fn zoom_by(&mut self, steps: f64) {
        let from = self.zoom_target.unwrap_or(self.camera.zoom);
        self.zoom_target = Some((from + steps).clamp(MIN_ZOOM, MAX_ZOOM));
    }

    /// How far the map is turned clockwise.
    pub fn rotation_deg(&self) -> f64 {
        self.camera.rotation_rad.to_degrees()
    }

    /// Turns the map about its middle.
    pub fn set_rotation_deg(&mut self, degrees: f64) {
        if degrees.is_finite() {
            self.move_to(self.camera.rotated_to(degrees.to_radians()));
        }
    }

    /// Turns the map further, about a place on the screen.
    pub(super) fn turn_about(&mut self, anchor: Pos2, by_rad: f64) {
        let rotation_rad = self.camera.rotation_rad + by_rad;
        self.move_to(self.camera.rotated_about(anchor, rotation_rad));
    }

    /// The middle of the map in the project's coordinates.
    pub fn centre(&self) -> Option<[f64; 2]> {
        self.place.as_ref()?.from_mercator(self.camera.centre)
    }

    /// The same as longitude and latitude; `None` where they mean nothing.
    pub fn centre_lon_lat(&self) -> Option<[f64; 2]> {
        self.place.as_ref()?.lon_lat_from_mercator(self.camera.centre)
    }

    /// Brings a place of the project to the middle, at the present scale. Tells whether there is such a place.
    pub fn centre_on(&mut self, project: [f64; 2]) -> bool {
        let Some(place) = &self.place else { return false };
        let mut point = [project];
        place.to_mercator(&mut point);
        self.centre_on_world(point[0])
    }

    /// The same for degrees.
    pub fn centre_on_lon_lat(&mut self, lon_lat: [f64; 2]) -> bool {
        let is_on_earth = self
            .place
            .as_ref()
            .is_some_and(gis_core::cartography::WebPlace::is_on_earth);
        is_on_earth && self.centre_on_world(mercator_from_lon_lat(lon_lat))
    }

    /// The same for Mercator metres.
    pub fn centre_on_world(&mut self, world: [f64; 2]) -> bool {
        // Half the width of the map of the world, with some room.
        const FURTHEST_M: f64 = 3e7;
        let is_somewhere = world.iter().all(|v| v.abs() < FURTHEST_M);
        if is_somewhere {
            self.move_to(Camera {
                centre: world,
                ..self.camera
            });
        }
        is_somewhere
    }

    /// The smallest box of the project's system that holds all that is seen; `None` before there is a map.
    pub fn seen_box(&self) -> Option<[f64; 4]> {
        let place = self.place.as_ref()?;
        let corners = self.camera.corners().map(|corner| place.from_mercator(corner));
        let boxes: Option<Vec<[f64; 4]>> = corners.iter().map(|c| c.map(|[x, y]| [x, y, x, y])).collect();
        crate::session::union(boxes?)
    }

    /// The present view, to come back to.
    pub fn saved_view(&self) -> Option<SavedView> {
        Some(SavedView {
            centre: self.centre()?,
            scale_denominator: self.camera.scale_denominator(),
            rotation_deg: self.rotation_deg(),
        })
    }

    /// Goes to a view kept earlier.
    pub fn show_view(&mut self, view: &SavedView) {
        self.pending_fit = None;
        self.centre_on(view.centre);
        self.set_scale(view.scale_denominator);
        self.set_rotation_deg(view.rotation_deg);
    }

    /// Takes over middle, scale and turn of another view; its own size stays.
    pub fn follow(&mut self, leader: &Camera) {
        let own = self.camera;
        let camera = Camera {
            rect: own.rect,
            ..*leader
        };
        if camera != own {
            self.move_to(camera);
        }
    }

    /// Starts with what another view shows, and where it is.
    pub fn start_like(&mut self, leader: &Self) {
        if let Some(data) = leader.data() {
            self.set_network(Arc::clone(data));
        }
        if let (Some(layer), Some(model)) = (&mut self.layer, &leader.layer) {
            layer.share_edits(model);
        }
        self.pending_fit = None;
        self.follow(&leader.camera());
    }

    /// Reads nothing anew but draws everything anew, base map included.
    pub fn refresh(&mut self) {
        let data = self.data().cloned();
        let camera = self.camera;
        if let Some(data) = data {
            self.set_network(data);
            self.pending_fit = None;
            self.move_to(camera);
        }
    }
}
