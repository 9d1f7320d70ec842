//! Moving what is written: a label, a flag or a dimension is taken hold of, dragged and let go. Nothing is kept before it
//! is let go.

use egui::Pos2;
use gis_core::cartography::labels::{AnnotationId, LabelKey, LabelView, PinnedLabel, TextBox, dimension};

use super::{AnnotationEdit, Inner, Seen};

/// Within this many points a line is hit.
const REACH: f64 = 5.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandKind {
    Clicked,
    Started,
    Moved,
    Ended,
    /// The key that deletes.
    Delete,
    /// Escape: puts back what is held.
    Cancel,
}

/// What the pointer did in the tool that moves labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hand {
    pub kind: HandKind,
    pub screen: Pos2,
}

/// What is held, and where it is now in pixels of the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Held {
    pub(super) what: Target,
    /// From the pointer to the point that is moved: middle of a label, foot of a flag.
    pub(super) grip: [f64; 2],
    pub(super) at: [f64; 2],
    /// Of the map it is held on.
    pub(super) view: LabelView,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    Label(LabelKey, TextBox),
    Flag(u32),
    Dimension(u32),
}

impl Inner {
    /// What follows from the pointer; an edit when something was let go.
    pub(super) fn hand(&mut self, hand: &Hand) -> Option<AnnotationEdit> {
        match hand.kind {
            HandKind::Clicked => {
                self.selected = self.hit(hand.screen).and_then(|(what, _)| self.id_of(what));
                None
            }
            HandKind::Started => {
                self.held = self.take(hand.screen);
                if let Some(held) = self.held {
                    self.selected = self.id_of(held.what);
                }
                None
            }
            HandKind::Moved => {
                let pointer = self.pixels(hand.screen)?;
                let view = self.seen_at(hand.screen)?.view;
                if let Some(held) = &mut self.held {
                    held.view = view;
                    held.at = [pointer[0] + held.grip[0], pointer[1] + held.grip[1]];
                }
                None
            }
            HandKind::Ended => {
                let held = self.held.take()?;
                self.let_go(held)
            }
            HandKind::Delete => self.selected.map(AnnotationEdit::Remove),
            HandKind::Cancel => {
                self.held = None;
                self.selected = None;
                None
            }
        }
    }

    fn seen_at(&self, screen: Pos2) -> Option<&Seen> {
        self.views
            .values()
            .filter_map(|view| view.seen.as_ref())
            .find(|seen| {
                let d = screen - seen.origin;
                d.x >= 0.0
                    && d.y >= 0.0
                    && f64::from(d.x) <= seen.view.size_px[0]
                    && f64::from(d.y) <= seen.view.size_px[1]
            })
    }

    fn pixels(&self, screen: Pos2) -> Option<[f64; 2]> {
        let seen = self.seen_at(screen)?;
        let d = screen - seen.origin;
        Some([f64::from(d.x), f64::from(d.y)])
    }

    /// What lies under the pointer, the topmost first.
    fn hit(&self, screen: Pos2) -> Option<(Target, [f64; 2])> {
        let seen = self.seen_at(screen)?;
        let at = self.pixels(screen)?;
        let single = at.map(|v| v as f32);
        let of = |id: AnnotationId| match id {
            AnnotationId::Flag(id) => Some(Target::Flag(id)),
            AnnotationId::Dimension(id) => Some(Target::Dimension(id)),
            AnnotationId::Pin(_) => None,
        };
        let boxes = seen.annotations.iter().filter(|(_, b)| b.contains(single));
        let label = seen.labels.iter().rev().find(|(_, b)| b.contains(single));
        let mut line = seen
            .lines
            .iter()
            .rev()
            .filter(|line| distance(line.points, at) <= REACH);
        let found = boxes
            .filter_map(|(id, _)| of(*id))
            .next_back()
            .or_else(|| label.map(|(key, text_box)| Target::Label(*key, *text_box)))
            .or_else(|| line.find_map(|line| of(line.of?)))?;
        Some((found, at))
    }

    fn id_of(&self, what: Target) -> Option<AnnotationId> {
        match what {
            Target::Flag(id) => Some(AnnotationId::Flag(id)),
            Target::Dimension(id) => Some(AnnotationId::Dimension(id)),
            Target::Label(key, _) => self
                .annotations
                .pins
                .iter()
                .any(|pin| pin.feature == key.feature)
                .then_some(AnnotationId::Pin(key.feature)),
        }
    }

    fn take(&self, screen: Pos2) -> Option<Held> {
        let (what, at) = self.hit(screen)?;
        let point = match what {
            Target::Label(_, text_box) => text_box.centre.map(f64::from),
            Target::Flag(id) => {
                let view = self.seen_at(screen)?.view;
                self.scene(id)?.layout(&view, None)?.foot
            }
            Target::Dimension(_) => at,
        };
        Some(Held {
            what,
            grip: [point[0] - at[0], point[1] - at[1]],
            at: point,
            view: self.seen_at(screen)?.view,
        })
    }

    fn let_go(&self, held: Held) -> Option<AnnotationEdit> {
        let open = self.project.as_ref()?;
        let view = &held.view;
        let at = open.place.from_mercator(view.plane(held.at))?;
        match held.what {
            Target::Label(key, text_box) => Some(AnnotationEdit::Pin(PinnedLabel {
                feature: key.feature,
                at,
                angle_deg: (f64::from(text_box.angle_rad()) - view.rotation_rad).to_degrees(),
            })),
            Target::Flag(id) => {
                let mut flag = self.annotations.flags.iter().find(|flag| flag.id == id)?.clone();
                // As it was laid out, which may differ from where it was dropped.
                let foot = self.scene(id)?.layout(view, Some(held.at))?.foot;
                flag.foot = open.place.from_mercator(view.plane(foot))?;
                Some(AnnotationEdit::Flag(flag))
            }
            Target::Dimension(id) => self.moved_dimension(id, at).map(AnnotationEdit::Dimension),
        }
    }

    /// The dimension with its line drawn through a place.
    pub(super) fn moved_dimension(
        &self,
        id: u32,
        place: [f64; 2],
    ) -> Option<gis_core::cartography::labels::Dimension> {
        let metric = self.project.as_ref()?.network.metric();
        let mut moved = self.annotations.dimensions.iter().find(|d| d.id == id)?.clone();
        // Of the part that is nearest to the place.
        let nearest = moved.points.windows(2).min_by(|a, b| {
            let far = |w: &[[f64; 2]]| {
                metric
                    .foot_point(w, place)
                    .map_or(f64::INFINITY, |foot| foot.distance_m)
            };
            far(a).total_cmp(&far(b))
        })?;
        moved.offset_m = dimension::offset_through(nearest, place, metric);
        Some(moved)
    }
}

/// From a point to a segment.
fn distance([a, b]: [[f64; 2]; 2], p: [f64; 2]) -> f64 {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length2 = d[0] * d[0] + d[1] * d[1];
    let t = if length2 > 0.0 {
        (((p[0] - a[0]) * d[0] + (p[1] - a[1]) * d[1]) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (a[0] + t * d[0] - p[0]).hypot(a[1] + t * d[1] - p[1])
}
