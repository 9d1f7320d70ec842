//! Previous and next views. It stores where the map rested, not every step on the way.

use super::camera::Camera;

/// A map that did not move for this long is a view worth going back to.
const REST_S: f64 = 0.6;
const KEPT_VIEWS: usize = 100;

/// Middle, zoom and turn of a view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rested {
    pub(super) centre: [f64; 2],
    pub(super) zoom: f64,
    pub(super) rotation_rad: f64,
}

impl From<&Camera> for Rested {
    fn from(camera: &Camera) -> Self {
        Self {
            centre: camera.centre,
            zoom: camera.zoom,
            rotation_rad: camera.rotation_rad,
        }
    }
}

impl Rested {
    /// The same to the eye.
    fn is_like(self, other: Self) -> bool {
        let metres_per_point = 156_543.0 / self.zoom.exp2();
        let shift = (self.centre[0] - other.centre[0]).hypot(self.centre[1] - other.centre[1]);
        (self.zoom - other.zoom).abs() < 0.02
            && shift < metres_per_point * 4.0
            && (self.rotation_rad - other.rotation_rad).abs() < 0.01
    }
}

#[derive(Debug, Default)]
pub(super) struct ViewHistory {
    views: Vec<Rested>,
    /// Position of the present view in `views`.
    present: usize,
    /// Where the map was in the last frame and since when.
    seen: Option<(Rested, f64)>,
}

impl ViewHistory {
    /// Forgets everything, for another network.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Call every frame with the time in seconds. Frames only come when something happens, so a view is stored
    /// when the map moves on from where it had rested.
    pub(super) fn observe(&mut self, camera: &Camera, now_s: f64) {
        let here = Rested::from(camera);
        match self.seen {
            Some((seen, _)) if seen.is_like(here) => {}
            Some((seen, since_s)) => {
                if now_s - since_s >= REST_S {
                    self.store(seen);
                }
                self.seen = Some((here, now_s));
            }
            None => self.seen = Some((here, now_s)),
        }
    }

    fn store(&mut self, view: Rested) {
        if self
            .views
            .get(self.present)
            .is_some_and(|present| present.is_like(view))
        {
            return;
        }
        self.views.truncate(self.present + 1);
        self.views.push(view);
        if self.views.len() > KEPT_VIEWS {
            self.views.remove(0);
        }
        self.present = self.views.len() - 1;
    }

    /// The view before the present one.
    pub(super) fn back(&mut self) -> Option<Rested> {
        if let Some((seen, _)) = self.seen {
            self.store(seen);
        }
        let target = self.present.checked_sub(1)?;
        self.go_to(target)
    }

    /// The view that `back` left.
    pub(super) fn forward(&mut self) -> Option<Rested> {
        self.go_to(self.present + 1)
    }

    fn go_to(&mut self, target: usize) -> Option<Rested> {
        let view = *self.views.get(target)?;
        self.present = target;
        // Going back is no new view.
        self.seen = Some((view, f64::INFINITY));
        Some(view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64) -> Camera {
        Camera {
            centre: [x, 0.0],
            zoom: 15.0,
            rotation_rad: 0.0,
            rect: egui::Rect::NOTHING,
        }
    }

    /// Rests at every place for a second, with a moving frame between them.
    fn visit(history: &mut ViewHistory, places: &[f64], now_s: &mut f64) {
        for x in places {
            history.observe(&at(x - 500.0), *now_s);
            history.observe(&at(*x), *now_s + 0.1);
            *now_s += 1.2;
            history.observe(&at(*x), *now_s);
        }
    }

    #[test]
    fn back_and_forward_pass_the_places_where_the_map_rested() {
        let (mut history, mut now_s) = (ViewHistory::default(), 0.0);
        visit(&mut history, &[1_000.0, 5_000.0, 9_000.0], &mut now_s);
        let x = |view: Option<Rested>| view.map(|v| v.centre[0]);
        assert_eq!(x(history.back()), Some(5_000.0));
        assert_eq!(x(history.back()), Some(1_000.0));
        assert_eq!(x(history.back()), None, "the frames on the way are no views");
        assert_eq!(x(history.forward()), Some(5_000.0));
        assert_eq!(x(history.forward()), Some(9_000.0));
        assert_eq!(x(history.forward()), None);
    }

    #[test]
    fn a_new_view_after_going_back_drops_what_lay_ahead() {
        let (mut history, mut now_s) = (ViewHistory::default(), 0.0);
        visit(&mut history, &[1_000.0, 5_000.0, 9_000.0], &mut now_s);
        history.back();
        history.observe(&at(5_000.0), now_s);
        visit(&mut history, &[20_000.0], &mut now_s);
        assert_eq!(history.back().map(|v| v.centre[0]), Some(5_000.0));
        assert_eq!(history.forward().map(|v| v.centre[0]), Some(20_000.0));
        assert_eq!(history.forward(), None);
    }
}
