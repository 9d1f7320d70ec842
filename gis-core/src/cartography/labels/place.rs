//! Places labels: by priority, without overlaps, each where it stood in the picture before as long as that is
//! possible. It holds what was placed last, and nothing else changes between pictures.
//!
//! Anchors are places on the map (a point of a straight stretch, at dyadic fractions), never of the screen, and what
//! stands is tried before anything new. So panning moves labels with the map and nothing flickers: labels come in and
//! go out beyond the edge of the picture.

use std::collections::HashMap;
use std::sync::Arc;

use super::candidates::{Anchor, Candidate, Candidates, LabelKey, LabelLook};
use super::ruler::LINE_EM;
use super::settings::LabelPosition;
use super::shape::{BoxGrid, TextBox, is_seen};
use super::stretches::Stretch;
use super::view::LabelView;
use crate::cartography::Rgba;
use crate::ids::FeatureId;

/// Labels in one picture.
pub const MOST_LABELS: usize = 300;
/// Labels are placed this far beyond the edge, so that none appears within the picture while it moves.
const BEYOND_PX: f32 = 64.0;
/// Free room around a text, to the sides and above and below.
const PADDING_PX: [f32; 2] = [3.0, 0.5];
/// From the middle of a line to the text above it.
const ABOVE_LINE_PX: f32 = 3.0;
/// From a point to the text beside it.
const BESIDE_POINT_PX: f32 = 8.0;
/// A label moved this far from its feature is joined to it by a line.
const LEADER_FROM_PX: f32 = 36.0;
/// Fractions of a stretch, the middle first.
const FRACTIONS: [f64; 7] = [0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875];

/// A label with its place in the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLabel {
    pub feature: FeatureId,
    /// Position of its layer in `MapDocument::layers`.
    pub layer: u16,
    pub text: Arc<str>,
    /// Middle of the text, in pixels of the view.
    pub centre: [f32; 2],
    /// Clockwise; always such that the text stands upright.
    pub angle_rad: f32,
    pub size_px: f32,
    pub width_px: f32,
    /// The theme's where `None`.
    pub colour: Option<Rgba>,
    pub halo: Option<Rgba>,
    pub halo_px: f32,
    /// Put there by hand.
    pub is_pinned: bool,
    /// The end at the feature of the line that joins a label moved away to it.
    pub leader_to: Option<[f32; 2]>,
}

impl PlacedLabel {
    /// The text's box with nothing around it.
    pub fn text_box(&self) -> TextBox {
        let half = [self.width_px / 2.0, self.size_px * LINE_EM / 2.0];
        TextBox::turned(self.centre, half, self.angle_rad)
    }
}

/// One picture without a past, as for print.
pub fn place_once(
    candidates: &Candidates,
    view: &LabelView,
    taken: &[TextBox],
    most: usize,
) -> Vec<PlacedLabel> {
    Placer::default().place(candidates, view, taken, most)
}

/// Where a label stands on its feature.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spot {
    /// Position of the stretch, or of the side of a point.
    part: u8,
    fraction: f64,
}

/// Places the labels of a view picture after picture.
#[derive(Debug, Default)]
pub struct Placer {
    standing: HashMap<LabelKey, Spot>,
    /// In the order in which they were placed.
    order: Vec<LabelKey>,
    last_view: Option<LabelView>,
    grid: BoxGrid,
    /// Of the candidates of this picture, by position: asking costs less than a look into `standing`.
    is_placed: Vec<bool>,
}

impl Placer {
    /// Forgets what stood; the next picture is placed anew.
    pub fn clear(&mut self) {
        self.standing.clear();
        self.order.clear();
        self.last_view = None;
    }

    /// At most `most` labels, none upon another nor upon `taken`. Labels placed by hand stand in any case.
    pub fn place(
        &mut self,
        candidates: &Candidates,
        view: &LabelView,
        taken: &[TextBox],
        most: usize,
    ) -> Vec<PlacedLabel> {
        let is_shift = self.last_view.is_some_and(|last| view.is_shift_of(&last));
        let standing = std::mem::take(&mut self.standing);
        let old_order = std::mem::take(&mut self.order);
        self.last_view = Some(*view);
        let size = view.size_px.map(|side| side as f32);
        self.grid.start(size, BEYOND_PX);
        let transform = view.transform();
        let marks = candidates.marks.iter().map(|mark| mark.on_screen(&transform));
        for taken in taken.iter().copied().chain(marks) {
            if taken.is_within(size, BEYOND_PX) {
                self.grid.add(taken);
            }
        }
        self.is_placed.clear();
        self.is_placed.resize(candidates.list.len(), false);
        let mut round = Round {
            candidates,
            transform: &transform,
            rotation: view.rotation_rad,
            size,
            most,
            placed: Vec::new(),
            new: self,
        };
        round.pinned();
        if is_shift {
            // What did not overlap does not overlap now; only `taken` may have changed.
            for key in &old_order {
                if let (Some(spot), Some(index)) = (standing.get(key), candidates.index_of(key)) {
                    round.stand(index, *spot);
                }
            }
            round.fill(0..candidates.list.len());
        } else {
            for group in candidates.groups() {
                for index in group.clone() {
                    if let Some(spot) = standing.get(&candidates.list[index].key) {
                        round.stand(index, *spot);
                    }
                }
                round.fill(group);
            }
        }
        round.placed
    }
}

/// The making of one picture.
struct Round<'a, F> {
    candidates: &'a Candidates,
    transform: &'a F,
    rotation: f64,
    size: [f32; 2],
    most: usize,
    placed: Vec<PlacedLabel>,
    new: &'a mut Placer,
}

impl<F: Fn([f64; 2]) -> [f64; 2]> Round<'_, F> {
    fn is_full(&self) -> bool {
        self.placed.len() >= self.most
    }

    fn pinned(&mut self) {
        for index in &self.candidates.pinned {
            let index = *index as usize;
            let candidate = &self.candidates.list[index];
            let Some(pin) = candidate.pin else { continue };
            let look = self.candidates.look(candidate);
            let text_box = TextBox::turned(
                (self.transform)(pin.at).map(|v| v as f32),
                half(candidate, look),
                upright(pin.angle_rad + self.rotation),
            );
            if self.is_full() || !text_box.is_within(self.size, BEYOND_PX) {
                continue;
            }
            let anchor = self
                .candidates
                .anchor_point(candidate)
                .map(|p| (self.transform)(p).map(|v| v as f32));
            let leader_to = anchor.filter(|a| {
                let d = [a[0] - text_box.centre[0], a[1] - text_box.centre[1]];
                d[0].hypot(d[1]) > LEADER_FROM_PX
            });
            let spot = Spot {
                part: 0,
                fraction: 0.5,
            };
            self.take(index, spot, text_box, leader_to);
        }
    }

    /// Where it stood before, if it may stay.
    fn stand(&mut self, index: usize, spot: Spot) {
        let candidate = &self.candidates.list[index];
        if !self.is_full()
            && candidate.pin.is_none()
            && let Some(text_box) = self.box_at(candidate, spot)
            && self.is_allowed(&text_box)
        {
            self.take(index, spot, text_box, None);
        }
    }

    fn fill(&mut self, group: std::ops::Range<usize>) {
        for index in group {
            if self.is_full() {
                return;
            }
            let candidate = &self.candidates.list[index];
            if candidate.pin.is_some() || self.new.is_placed[index] {
                continue;
            }
            if let Some((spot, text_box)) = self.search(candidate) {
                self.take(index, spot, text_box, None);
            }
        }
    }

    fn is_allowed(&self, text_box: &TextBox) -> bool {
        let bounds = text_box.bounds();
        is_seen(bounds, self.size, BEYOND_PX) && self.new.grid.is_free(text_box, bounds)
    }

    fn take(&mut self, index: usize, spot: Spot, text_box: TextBox, leader_to: Option<[f32; 2]>) {
        let candidate = &self.candidates.list[index];
        self.new.is_placed[index] = true;
        let look = self.candidates.look(candidate);
        self.new.grid.add(text_box);
        self.new.standing.insert(candidate.key, spot);
        self.new.order.push(candidate.key);
        self.placed.push(PlacedLabel {
            feature: candidate.key.feature,
            layer: candidate.key.layer,
            text: Arc::clone(&candidate.text),
            centre: text_box.centre,
            angle_rad: text_box.angle_rad(),
            size_px: look.size_px,
            width_px: candidate.width_em * look.size_px,
            colour: look.colour,
            halo: look.halo,
            halo_px: look.halo_px,
            is_pinned: candidate.pin.is_some(),
            leader_to,
        });
    }

    /// The first free place.
    fn search(&self, candidate: &Candidate) -> Option<(Spot, TextBox)> {
        let look = self.candidates.look(candidate);
        let half = half(candidate, look);
        let stretches = match candidate.anchor {
            Anchor::Point(p) => {
                let at = (self.transform)(p).map(|v| v as f32);
                return (0..4)
                    .map(|part| {
                        (
                            Spot { part, fraction: 0.0 },
                            beside(at, half, candidate.clear_px, part),
                        )
                    })
                    .find(|(_, text_box)| self.is_allowed(text_box));
            }
            Anchor::Line(range) => self.candidates.stretches(range),
        };
        let width = candidate.width_em * look.size_px;
        for (part, stretch) in stretches.iter().enumerate() {
            let line = self.on_screen(stretch, half, look);
            if line.length < f64::from(width) && look.position != LabelPosition::Horizontal {
                // The others are shorter still.
                return None;
            }
            let Some(seen) = self.seen_part(&line) else {
                continue;
            };
            for fraction in fractions(seen, line.length as f32, width) {
                let Some(text_box) = line.text_at(fraction) else {
                    continue;
                };
                if self.new.grid.may_be_free(&text_box) && self.is_allowed(&text_box) {
                    let part = part as u8;
                    return Some((Spot { part, fraction }, text_box));
                }
            }
        }
        None
    }

    /// Fractions of a segment in pixels that lie within the picture and what is beyond it (Liang and Barsky 1984).
    fn seen_part(&self, line: &OnScreen) -> Option<[f64; 2]> {
        let mut t = [0.0_f64, 1.0_f64];
        for axis in 0..2 {
            let (a, d) = (line.from[axis], line.along[axis]);
            let (low, high) = (-f64::from(BEYOND_PX), f64::from(self.size[axis] + BEYOND_PX));
            if a >= low && a <= high && a + d >= low && a + d <= high {
                continue;
            }
            for (delta, room) in [(-d, a - low), (d, high - a)] {
                if !delta.is_finite() || (delta == 0.0 && room < 0.0) {
                    return None;
                }
                if delta < 0.0 {
                    t[0] = t[0].max(room / delta);
                } else if delta > 0.0 {
                    t[1] = t[1].min(room / delta);
                }
            }
        }
        (t[0] < t[1]).then_some(t)
    }

    /// The box of a label at a spot; `None` where the stretch is too short for it at this scale.
    fn box_at(&self, candidate: &Candidate, spot: Spot) -> Option<TextBox> {
        let look = self.candidates.look(candidate);
        let half = half(candidate, look);
        match candidate.anchor {
            Anchor::Point(p) => {
                let at = (self.transform)(p).map(|v| v as f32);
                Some(beside(at, half, candidate.clear_px, spot.part))
            }
            Anchor::Line(range) => {
                let stretch = self.candidates.stretches(range).get(usize::from(spot.part))?;
                self.on_screen(stretch, half, look).text_at(spot.fraction)
            }
        }
    }

    fn on_screen(&self, stretch: &Stretch, half: [f32; 2], look: &LabelLook) -> OnScreen {
        OnScreen::of(
            [stretch.from, stretch.to].map(|p| (self.transform)(p)),
            half,
            look,
        )
    }
}

/// Fractions of a stretch to try: the fixed ones within the part that is seen, and close up, where the pipe is far longer
/// than the picture, the finest one there.
fn fractions([t0, t1]: [f64; 2], length: f32, width: f32) -> impl Iterator<Item = f64> {
    // Fractions closer together than the label is long offer nothing new.
    let count = [1, 3, 7][usize::from(length > 2.0 * width) + usize::from(length > 4.0 * width)];
    let fixed = FRACTIONS
        .into_iter()
        .take(count)
        .filter(move |f| (t0..=t1).contains(f));
    let fine = (length > 8.0 * width).then(|| {
        let level = ((t1 - t0) / 2.0).recip().log2().ceil().clamp(3.0, 24.0).exp2();
        (f64::midpoint(t0, t1) * level).round() / level
    });
    fixed.chain(fine)
}

/// A stretch in pixels with what all texts along it have in common.
struct OnScreen {
    from: [f64; 2],
    along: [f64; 2],
    length: f64,
    position: LabelPosition,
    half: [f32; 2],
    /// Of the text: along the stretch and upright, or level.
    direction: [f32; 2],
    /// From a point of the stretch to the middle of its text.
    beside: [f32; 2],
}

impl OnScreen {
    fn of([a, b]: [[f64; 2]; 2], half: [f32; 2], look: &LabelLook) -> Self {
        let along = [b[0] - a[0], b[1] - a[1]];
        let length = (along[0] * along[0] + along[1] * along[1])
            .sqrt()
            .max(f64::MIN_POSITIVE);
        let (direction, beside) = match look.position {
            LabelPosition::Horizontal => ([1.0, 0.0], beside([0.0; 2], half, 0.0, 0).centre),
            LabelPosition::AboveLine => {
                let up = half[1] + ABOVE_LINE_PX;
                let u = upright_direction(along.map(|v| v / length));
                (u, [u[1] * up, -u[0] * up])
            }
            LabelPosition::OnLine => (upright_direction(along.map(|v| v / length)), [0.0; 2]),
        };
        Self {
            from: a,
            along,
            length,
            position: look.position,
            half,
            direction,
            beside,
        }
    }

    /// `None` where the text is longer than its part of the stretch.
    fn text_at(&self, fraction: f64) -> Option<TextBox> {
        let [room, needed] = match self.position {
            LabelPosition::Horizontal => [self.length, f64::from(self.half[1])],
            _ => [
                self.length * fraction.min(1.0 - fraction),
                f64::from(self.half[0]),
            ],
        };
        if room < needed {
            return None;
        }
        let centre =
            [0, 1].map(|axis| (self.from[axis] + fraction * self.along[axis]) as f32 + self.beside[axis]);
        Some(TextBox::directed(centre, self.half, self.direction))
    }
}

fn half(candidate: &Candidate, look: &LabelLook) -> [f32; 2] {
    [
        candidate.width_em * look.size_px / 2.0 + PADDING_PX[0],
        look.size_px * LINE_EM / 2.0 + PADDING_PX[1],
    ]
}

/// Right, left, above, below of a symbol that reaches `clear_px` from its middle.
fn beside(at: [f32; 2], half: [f32; 2], clear_px: f32, side: u8) -> TextBox {
    let away = BESIDE_POINT_PX.max(clear_px + 1.0);
    // The padding may lie on the point's own room, not on its symbol.
    let [x, y] = [
        half[0] + away.max(clear_px + PADDING_PX[0] + 0.1) - PADDING_PX[0],
        half[1] + away,
    ];
    let centre = match side {
        0 => [at[0] + x, at[1]],
        1 => [at[0] - x, at[1]],
        2 => [at[0], at[1] - y],
        _ => [at[0], at[1] + y],
    };
    TextBox::directed(centre, half, [1.0, 0.0])
}

/// The same direction or its opposite, whichever can be read without turning the head: from -90° (upwards) to below 90°.
pub(super) fn upright(angle_rad: f64) -> f32 {
    use std::f64::consts::{FRAC_PI_2, PI};
    // A hair before 90°, so that a vertical line does not turn its text over by a rounding error.
    const HAIR: f64 = 1e-6;
    let turned = (angle_rad + FRAC_PI_2 + HAIR).rem_euclid(PI) - FRAC_PI_2 - HAIR;
    turned as f32
}

/// The same for a direction of length 1.
fn upright_direction(u: [f64; 2]) -> [f32; 2] {
    const HAIR: f64 = 1e-6;
    let is_upright = u[0] > HAIR || (u[0] >= -HAIR && u[1] < 0.0);
    u.map(|v| if is_upright { v as f32 } else { -v as f32 })
}
