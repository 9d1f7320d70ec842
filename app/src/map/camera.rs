//! Where the map is looked at from: plane maths between the screen and Web Mercator, turned or not. It handles
//! no input. Whoever needs a place on the screen or on the map asks the methods here.

use egui::{Pos2, Rect, Vec2, vec2};
use gis_core::cartography::chunks::{MERCATOR_RADIUS_M, Slant, View, lon_lat_from_mercator};

/// Width of the whole map in Mercator metres.
const WORLD_M: f64 = std::f64::consts::TAU * MERCATOR_RADIUS_M;
/// Points of the whole map at zoom 0.
const WORLD_POINTS: f64 = 256.0;
/// Nominal size of a point on the screen: 96 to the inch.
const METRES_PER_POINT_ON_SCREEN: f64 = 0.0254 / 96.0;

pub(super) const MIN_ZOOM: f64 = 2.0;
pub(super) const MAX_ZOOM: f64 = 25.0;

/// A point is egui's logical pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Mercator metres at the middle of `rect`.
    pub centre: [f64; 2],
    /// As tile levels count it: the map doubles with each.
    pub zoom: f64,
    /// How far the map is turned clockwise; at 0 north is up. Within ±π.
    pub rotation_rad: f64,
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
        turned(
            [
                (world[0] - self.centre[0]) / scale,
                (self.centre[1] - world[1]) / scale,
            ],
            self.rotation_rad,
        )
    }

    pub fn screen_from_world(&self, world: [f64; 2]) -> Pos2 {
        let [x, y] = self.offset_from_world(world);
        self.rect.center() + vec2(x as f32, y as f32)
    }

    pub fn world_from_screen(&self, screen: Pos2) -> [f64; 2] {
        let [x, y] = self.world_offset_from_points(screen - self.rect.center());
        [self.centre[0] + x, self.centre[1] + y]
    }

    /// Mercator metres east and north that a step on the screen covers.
    pub fn world_offset_from_points(&self, points: Vec2) -> [f64; 2] {
        let scale = self.metres_per_point();
        let [x, y] = turned([f64::from(points.x), f64::from(points.y)], -self.rotation_rad);
        [x * scale, -y * scale]
    }

    /// Direction on the screen of a direction on the map, both counter-clockwise from the right in radians.
    pub fn screen_angle(&self, map_angle: f64) -> f64 {
        map_angle - self.rotation_rad
    }

    pub fn is_turned(&self) -> bool {
        self.rotation_rad.abs() > 1e-9
    }

    /// What is on the screen: the box around it, and how it is turned in it.
    pub fn view(&self) -> View {
        let scale = self.metres_per_point();
        let half =
            [f64::from(self.rect.width()), f64::from(self.rect.height())].map(|side| side / 2.0 * scale);
        let (sin, cos) = self.rotation_rad.sin_cos();
        let reach = [
            half[0] * cos.abs() + half[1] * sin.abs(),
            half[0] * sin.abs() + half[1] * cos.abs(),
        ];
        View {
            bbox: [
                self.centre[0] - reach[0],
                self.centre[1] - reach[1],
                self.centre[0] + reach[0],
                self.centre[1] + reach[1],
            ],
            metres_per_px: scale,
            slant: self.is_turned().then_some(Slant {
                centre: self.centre,
                half,
                rotation_rad: self.rotation_rad,
            }),
        }
    }

    /// The corners of the screen in Mercator metres, clockwise from the upper left.
    pub fn corners(&self) -> [[f64; 2]; 4] {
        let rect = self.rect;
        [
            rect.left_top(),
            rect.right_top(),
            rect.right_bottom(),
            rect.left_bottom(),
        ]
        .map(|corner| self.world_from_screen(corner))
    }

    /// The same view turned to an angle about its middle.
    #[must_use]
    pub fn rotated_to(&self, rotation_rad: f64) -> Self {
        Self {
            rotation_rad: wrapped(rotation_rad),
            ..*self
        }
    }

    /// The same view turned to an angle, the place under `anchor` staying where it is.
    #[must_use]
    pub fn rotated_about(&self, anchor: Pos2, rotation_rad: f64) -> Self {
        self.held_at(anchor, self.rotated_to(rotation_rad))
    }

    /// The same map at another zoom, the place under `anchor` staying where it is.
    #[must_use]
    pub fn zoomed_about(&self, anchor: Pos2, zoom: f64) -> Self {
        let zoomed = Self {
            zoom: zoom.clamp(MIN_ZOOM, MAX_ZOOM),
            ..*self
        };
        self.held_at(anchor, zoomed)
    }

    /// `other` moved so that it shows under `anchor` what this one does.
    fn held_at(&self, anchor: Pos2, mut other: Self) -> Self {
        let fixed = self.world_from_screen(anchor);
        let moved = other.world_from_screen(anchor);
        other.centre = [0, 1].map(|axis| other.centre[axis] + fixed[axis] - moved[axis]);
        other
    }

    /// The map dragged by `delta` points.
    #[must_use]
    pub fn dragged(&self, delta: Vec2) -> Self {
        let step = self.world_offset_from_points(delta);
        let centre = [0, 1].map(|axis| self.centre[axis] - step[axis]);
        Self { centre, ..*self }
    }

    /// A box of Mercator metres in the middle of the map with a rim around it, at most at `max_zoom`.
    #[must_use]
    pub fn fitted(&self, bbox: [f64; 4], max_zoom: f64) -> Self {
        const USED: f64 = 0.9;
        let (sin, cos) = self.rotation_rad.sin_cos();
        let sides = [bbox[2] - bbox[0], bbox[3] - bbox[1]];
        let width = sides[0] * cos.abs() + sides[1] * sin.abs();
        let height = sides[0] * sin.abs() + sides[1] * cos.abs();
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

/// A step on the screen (y downwards) turned clockwise.
fn turned([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

/// The same direction within ±π.
fn wrapped(angle: f64) -> f64 {
    let turn = std::f64::consts::TAU;
    let angle = angle.rem_euclid(turn);
    if angle > turn / 2.0 { angle - turn } else { angle }
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
            rotation_rad: 0.0,
            rect,
        }
    }

    #[test]
    fn screen_to_world_and_back_stays_within_a_hundredth_of_a_pixel() {
        for (zoom, rotation_rad) in [
            (2.0, 0.0),
            (7.3, 1.0),
            (12.0, -2.5),
            (16.5, 0.0),
            (20.0, 0.4),
            (25.0, 3.0),
        ] {
            let camera = over_urumqi(zoom).rotated_to(rotation_rad);
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
    fn the_map_turns_clockwise() {
        let camera = over_urumqi(15.0).rotated_to(90_f64.to_radians());
        let c = camera.centre;
        // What lies north is now at the right.
        let north = camera.screen_from_world([c[0], c[1] + 500.0]) - camera.rect.center();
        assert!(north.x > 50.0 && north.y.abs() < 0.01, "{north:?}");
        // A screen wider than high is a box higher than wide.
        let b = camera.view().bbox;
        assert!((b[3] - b[1]) > (b[2] - b[0]) * 1.5);
        assert!(
            (over_urumqi(3.0)
                .rotated_to(3.5 * std::f64::consts::PI)
                .rotation_rad
                + std::f64::consts::FRAC_PI_2)
                .abs()
                < 1e-3
        );
    }

    #[test]
    fn a_turned_view_reaches_as_far_as_its_corners() {
        let camera = over_urumqi(14.0).rotated_to(0.6);
        let bbox = camera.view().bbox;
        let corners = camera.corners();
        for axis in 0..2 {
            let reached = corners.iter().map(|c| c[axis]);
            let (low, high) = (
                reached.clone().fold(f64::INFINITY, f64::min),
                reached.fold(f64::NEG_INFINITY, f64::max),
            );
            assert!((low - bbox[axis]).abs() < 1e-3 && (high - bbox[axis + 2]).abs() < 1e-3);
        }
    }

    #[test]
    fn turning_keeps_the_place_under_the_pointer() {
        let camera = over_urumqi(14.0).rotated_to(-0.3);
        let pointer = pos2(400.0, 800.0);
        let turned = camera.rotated_about(pointer, 1.2);
        let drift = turned.screen_from_world(camera.world_from_screen(pointer)) - pointer;
        assert!(drift.length() < 0.01, "{drift:?}");
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
        for rotation_rad in [0.0, 2.0] {
            let camera = over_urumqi(15.0).rotated_to(rotation_rad);
            let place = camera.world_from_screen(pos2(500.0, 500.0));
            let dragged = camera.dragged(vec2(30.0, -12.0));
            assert!((dragged.screen_from_world(place) - pos2(530.0, 488.0)).length() < 0.01);
        }
    }

    #[test]
    fn the_scale_is_that_of_the_ground_not_of_mercator() {
        // At 60° north a Mercator metre is half a metre.
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 100.0));
        let camera = Camera {
            centre: mercator_from_lon_lat([100.0, 60.0]),
            zoom: 15.0,
            rotation_rad: 0.0,
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
