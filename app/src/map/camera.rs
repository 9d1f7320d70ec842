//! Where the map is looked at from: plane maths between the screen and Web Mercator. It handles no input.

use egui::{Pos2, Rect, Vec2, vec2};
use gis_core::cartography::chunks::{MERCATOR_RADIUS_M, View, lon_lat_from_mercator};

/// Width of the whole map in Mercator metres.
const WORLD_M: f64 = std::f64::consts::TAU * MERCATOR_RADIUS_M;
/// Points of the whole map at zoom 0.
const WORLD_POINTS: f64 = 256.0;
/// Nominal size of a point on the screen: 96 to the inch.
const METRES_PER_POINT_ON_SCREEN: f64 = 0.0254 / 96.0;

pub(super) const MIN_ZOOM: f64 = 2.0;
pub(super) const MAX_ZOOM: f64 = 25.0;

/// North is up. A point is egui's logical pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Mercator metres at the middle of `rect`.
    pub centre: [f64; 2],
    /// As tile levels count it: the map doubles with each.
    pub zoom: f64,
    /// Where on the screen the map is.
    pub rect: Rect,
}

impl Camera {
    /// Mercator metres per point.
    pub fn metres_per_point(&self) -> f64 {
        WORLD_M / (WORLD_POINTS * self.zoom.exp2())
    }

    /// Metres on the ground per point, at the middle of the map.
    pub fn ground_metres_per_point(&self) -> f64 {
        let latitude = lon_lat_from_mercator(self.centre)[1];
        self.metres_per_point() * latitude.to_radians().cos()
    }

    /// 1 : this number, at the screen's nominal resolution.
    pub fn scale_denominator(&self) -> f64 {
        self.ground_metres_per_point() / METRES_PER_POINT_ON_SCREEN
    }

    /// Offset from the middle of the map, in points; in double precision, for large distances.
    pub fn offset_from_world(&self, world: [f64; 2]) -> [f64; 2] {
        let scale = self.metres_per_point();
        [
            (world[0] - self.centre[0]) / scale,
            (self.centre[1] - world[1]) / scale,
        ]
    }

    pub fn screen_from_world(&self, world: [f64; 2]) -> Pos2 {
        let [x, y] = self.offset_from_world(world);
        self.rect.center() + vec2(x as f32, y as f32)
    }

    pub fn world_from_screen(&self, screen: Pos2) -> [f64; 2] {
        let scale = self.metres_per_point();
        let middle = self.rect.center();
        [
            self.centre[0] + f64::from(screen.x - middle.x) * scale,
            self.centre[1] - f64::from(screen.y - middle.y) * scale,
        ]
    }

    /// What is on the screen.
    pub fn view(&self) -> View {
        let scale = self.metres_per_point();
        let half =
            [f64::from(self.rect.width()), f64::from(self.rect.height())].map(|side| side / 2.0 * scale);
        View {
            bbox: [
                self.centre[0] - half[0],
                self.centre[1] - half[1],
                self.centre[0] + half[0],
                self.centre[1] + half[1],
            ],
            metres_per_px: scale,
        }
    }

    /// The same map at another zoom, the place under `anchor` staying where it is.
    #[must_use]
    pub fn zoomed_about(&self, anchor: Pos2, zoom: f64) -> Self {
        let fixed = self.world_from_screen(anchor);
        let mut zoomed = Self {
            zoom: zoom.clamp(MIN_ZOOM, MAX_ZOOM),
            ..*self
        };
        let moved = zoomed.world_from_screen(anchor);
        zoomed.centre = [0, 1].map(|axis| zoomed.centre[axis] + fixed[axis] - moved[axis]);
        zoomed
    }

    /// The map dragged by `delta` points.
    #[must_use]
    pub fn dragged(&self, delta: Vec2) -> Self {
        let scale = self.metres_per_point();
        let centre = [
            self.centre[0] - f64::from(delta.x) * scale,
            self.centre[1] + f64::from(delta.y) * scale,
        ];
        Self { centre, ..*self }
    }

    /// A box of Mercator metres in the middle of the map with a rim around it, at most at `max_zoom`.
    #[must_use]
    pub fn fitted(&self, bbox: [f64; 4], max_zoom: f64) -> Self {
        const USED: f64 = 0.9;
        let (width, height) = (bbox[2] - bbox[0], bbox[3] - bbox[1]);
        let room =
            [f64::from(self.rect.width()), f64::from(self.rect.height())].map(|side| side.max(16.0) * USED);
        let metres_per_point = (width / room[0]).max(height / room[1]);
        let zoom = if metres_per_point > 0.0 {
            (WORLD_M / (WORLD_POINTS * metres_per_point)).log2()
        } else {
            max_zoom
        };
        Self {
            centre: [f64::midpoint(bbox[0], bbox[2]), f64::midpoint(bbox[1], bbox[3])],
            zoom: zoom.clamp(MIN_ZOOM, max_zoom),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;
    use gis_core::cartography::chunks::mercator_from_lon_lat;

    fn over_urumqi(zoom: f64) -> Camera {
        let rect = Rect::from_min_size(pos2(240.0, 60.0), vec2(1_440.0, 900.0));
        Camera {
            centre: mercator_from_lon_lat([87.617, 43.826]),
            zoom,
            rect,
        }
    }

    #[test]
    fn screen_to_world_and_back_stays_within_a_hundredth_of_a_pixel() {
        for zoom in [2.0, 7.3, 12.0, 16.5, 20.0, 25.0] {
            let camera = over_urumqi(zoom);
            for p in [
                pos2(240.0, 60.0),
                pos2(960.25, 510.75),
                pos2(1_679.5, 959.5),
                pos2(3.0, 2_000.0),
            ] {
                let back = camera.screen_from_world(camera.world_from_screen(p));
                assert!(
                    (back - p).length() < 0.01,
                    "zoom {zoom}: {p:?} came back as {back:?}"
                );
            }
        }
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let camera = over_urumqi(14.0);
        let pointer = pos2(400.0, 800.0);
        let zoomed = camera.zoomed_about(pointer, 17.25);
        let drift = zoomed.screen_from_world(camera.world_from_screen(pointer)) - pointer;
        assert!(drift.length() < 0.01, "{drift:?}");
        assert!((camera.zoomed_about(pointer, 99.0).zoom - MAX_ZOOM).abs() < f64::EPSILON);
    }

    #[test]
    fn dragging_moves_the_map_with_the_pointer() {
        let camera = over_urumqi(15.0);
        let place = camera.world_from_screen(pos2(500.0, 500.0));
        let dragged = camera.dragged(vec2(30.0, -12.0));
        assert!((dragged.screen_from_world(place) - pos2(530.0, 488.0)).length() < 0.01);
    }

    #[test]
    fn the_scale_is_that_of_the_ground_not_of_mercator() {
        // At 60° north a Mercator metre is half a metre.
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 100.0));
        let camera = Camera {
            centre: mercator_from_lon_lat([100.0, 60.0]),
            zoom: 15.0,
            rect,
        };
        assert!((camera.ground_metres_per_point() / camera.metres_per_point() - 0.5).abs() < 1e-6);
        assert!(
            (camera.scale_denominator() - 9_028.0).abs() < 5.0,
            "{}",
            camera.scale_denominator()
        );
    }

    #[test]
    fn fitting_shows_the_whole_box_and_a_point_at_the_largest_allowed_scale() {
        let camera = over_urumqi(3.0);
        let c = camera.centre;
        let bbox = [c[0] - 900.0, c[1] - 4_000.0, c[0] + 900.0, c[1] + 4_000.0];
        let fitted = camera.fitted(bbox, 20.0);
        let v = fitted.view().bbox;
        assert!(v[0] < bbox[0] && v[1] < bbox[1] && v[2] > bbox[2] && v[3] > bbox[3]);
        assert!((v[3] - v[1]) < 8_000.0 * 1.2);
        assert!((camera.fitted([c[0], c[1], c[0], c[1]], 19.0).zoom - 19.0).abs() < f64::EPSILON);
    }
}
