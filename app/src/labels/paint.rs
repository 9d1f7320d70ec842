//! Paints labels, flags and dimensions, and asks for what is lacking. A frame places what was gathered; it reads
//! nothing.

use std::sync::Arc;

use egui::epaint::TextShape;
use egui::{Color32, FontId, Pos2, Shape, Stroke, Vec2, vec2};
use gis_core::cartography::labels::{
    AnnotationId, Drawing, DrawnText, LabelKey, LabelView, MOST_LABELS, TextBox, dimension,
};

use gis_core::cartography::{Rgba, Themed};

use super::hand::Target;
use super::worker::{Answer, GatherOrder, Gathered, Texts};
use super::{Inner, Labels, Seen, language, needs_texts};
use crate::map::Camera;
use crate::map::overlay::{MapPainter, Overlay};

/// Gathered this many times as far as is seen, so that panning has something to place.
const GATHERED_SPAN: f64 = 2.0;
/// The scale may change by this factor before candidates are gathered anew.
const SCALE_SLACK: f64 = 1.25;
/// Dimensions beyond this number are not drawn; nobody could read them.
const MOST_DIMENSIONS: usize = 400;

impl Overlay for Labels {
    fn paint(&self, map: &MapPainter<'_>) {
        let mut inner = self.inner.borrow_mut();
        inner.receive();
        let key = [map.camera.rect.min.x as i32, map.camera.rect.min.y as i32];
        // A window that is resized often must not pile up views.
        if inner.views.len() > 4 && !inner.views.contains_key(&key) {
            inner.views.clear();
        }
        let view = label_view(map.camera);
        inner.ask_for_what_is_lacking(key, &view, map);
        if !inner.is_shown {
            inner.views.entry(key).or_default().seen = None;
            return;
        }
        inner.paint(key, &view, map);
    }
}

/// The camera as labels see it: the web map's plane, pixels from the map's corner.
fn label_view(camera: &Camera) -> LabelView {
    let px_per_unit = 1.0 / camera.metres_per_point();
    LabelView {
        centre: camera.centre,
        px_per_unit: [px_per_unit; 2],
        rotation_rad: camera.rotation_rad,
        size_px: [f64::from(camera.rect.width()), f64::from(camera.rect.height())],
        scale_denominator: camera.scale_denominator(),
    }
}

impl Inner {
    pub(super) fn receive(&mut self) {
        for answer in self.worker.received() {
            match answer {
                Answer::Loaded(annotations) => {
                    self.worker.is_loading = false;
                    self.annotations = Arc::new(annotations);
                    self.texts = Texts::default();
                    self.revision += 1;
                }
                Answer::Texts(number, texts) => {
                    if matches!(self.texts, Texts::Asked(asked) if asked == number) {
                        self.texts = Texts::Ready(texts);
                        self.revision += 1;
                    }
                }
                Answer::Gathered(key, gathered) => {
                    let view = self.views.entry(key).or_default();
                    view.is_gathering = false;
                    view.gathered = Some(Arc::from(gathered));
                }
                Answer::Failed => self.views.values_mut().for_each(|view| view.is_gathering = false),
            }
        }
    }

    fn ask_for_what_is_lacking(&mut self, key: [i32; 2], view: &LabelView, map: &MapPainter<'_>) {
        let (lang, ctx) = (language(), map.painter.ctx());
        let Some(open) = &self.project else { return };
        if self.worker.is_loading {
            // The project's thread does not know the window; look again soon.
            ctx.request_repaint_after(std::time::Duration::from_millis(30));
            return;
        }
        if !needs_texts(&self.document, &self.annotations, view.scale_denominator) {
            return;
        }
        let texts = match &self.texts {
            Texts::Missing => {
                let asked =
                    self.worker
                        .ask_texts(&open.service, &self.document, &self.annotations, lang, ctx);
                self.texts = asked;
                return;
            }
            Texts::Asked(_) => return,
            Texts::Ready(texts) => Arc::clone(texts),
        };
        let Some(ruler) = &self.ruler else { return };
        let state = self.views.entry(key).or_default();
        if state.is_gathering {
            return;
        }
        let seen = view.ground(0.0);
        let revision = self.revision;
        let is_language_new = state.gathered.as_ref().is_some_and(|g| g.lang != lang);
        let is_fresh = state
            .gathered
            .as_ref()
            .is_some_and(|g| !is_language_new && is_fresh(g, revision, seen, view.scale_denominator));
        if is_fresh {
            return;
        }
        if is_language_new {
            state.gathered = None;
            self.texts = Texts::Missing;
            ctx.request_repaint();
            return;
        }
        let beyond = view.size_px[0].max(view.size_px[1]) * (GATHERED_SPAN - 1.0) / 2.0;
        state.is_gathering = true;
        let order = GatherOrder {
            key,
            revision,
            lang,
            network: Arc::clone(&open.network),
            schema: Arc::clone(&open.schema),
            styles: Arc::clone(&map.theme.styles),
            crs: open.crs.clone(),
            document: Arc::clone(&self.document),
            themed: Arc::clone(&self.themed),
            annotations: Arc::clone(&self.annotations),
            texts,
            ruler: Arc::clone(ruler),
            extent: view.ground(beyond),
            scale_denominator: view.scale_denominator,
        };
        self.worker.gather(order, ctx);
    }

    fn paint(&mut self, key: [i32; 2], view: &LabelView, map: &MapPainter<'_>) {
        let (held, selected) = (self.held, self.selected);
        let mut drawing = Drawing::default();
        let mut annotations = Vec::new();
        let gathered = self.views.entry(key).or_default().gathered.clone();
        for scene in gathered.iter().flat_map(|g| &g.flags) {
            let moved = held.filter(|h| h.what == Target::Flag(scene.id)).map(|h| h.at);
            if let Some(layout) = scene.layout(view, moved) {
                annotations.push((AnnotationId::Flag(scene.id), layout.bounds()));
                drawing.add_flag(scene, &layout);
            }
        }
        self.add_dimensions(view, map, &mut drawing, &mut annotations);
        let mut labels = Vec::new();
        if let Some(gathered) = &gathered
            && needs_texts(&self.document, &self.annotations, view.scale_denominator)
        {
            let taken: Vec<_> = drawing.taken();
            let state = self.views.entry(key).or_default();
            for mut label in state
                .placer
                .place(&gathered.candidates, view, &taken, MOST_LABELS)
            {
                let key = LabelKey {
                    feature: label.feature,
                    layer: label.layer,
                };
                if let Some(held) = held
                    && matches!(held.what, Target::Label(of, _) if of == key)
                {
                    label.centre = held.at.map(|v| v as f32);
                }
                labels.push((key, label.text_box()));
                drawing.add_label(&label);
            }
        }
        let origin = map.camera.rect.min;
        paint_drawing(map, origin, &drawing, selected);
        for (id, text_box) in &annotations {
            if Some(*id) == selected {
                frame(map, origin, text_box);
            }
        }
        if let Some(AnnotationId::Pin(feature)) = selected {
            for (_, text_box) in labels.iter().filter(|(key, _)| key.feature == feature) {
                frame(map, origin, text_box);
            }
        }
        self.views.entry(key).or_default().seen = Some(Seen {
            view: *view,
            origin,
            labels,
            annotations,
            lines: drawing.lines,
        });
    }

    fn add_dimensions(
        &self,
        view: &LabelView,
        map: &MapPainter<'_>,
        drawing: &mut Drawing,
        annotations: &mut Vec<(AnnotationId, TextBox)>,
    ) {
        let (Some(open), Some(ruler)) = (&self.project, &self.ruler) else {
            return;
        };
        let mut to_plane = |points: &mut [[f64; 2]]| map.place.to_mercator(points);
        let shown = self.annotations.dimensions_at(view.scale_denominator);
        for one in shown.take(MOST_DIMENSIONS) {
            let moved = self
                .held
                .filter(|held| held.what == Target::Dimension(one.id))
                .and_then(|held| map.place.from_mercator(view.plane(held.at)))
                .and_then(|at| self.moved_dimension(one.id, at));
            let one = moved.as_ref().unwrap_or(one);
            let parts = dimension::layout(one, open.network.metric(), view, ruler, &mut to_plane);
            annotations.extend(
                parts
                    .iter()
                    .map(|part| (AnnotationId::Dimension(one.id), part.text_box)),
            );
            drawing.add_dimension(one.id, one.size_px, parts);
        }
    }
}

fn is_fresh(gathered: &Gathered, revision: u64, seen: [f64; 4], scale_denominator: f64) -> bool {
    let within = gathered.extent[0] <= seen[0]
        && gathered.extent[1] <= seen[1]
        && gathered.extent[2] >= seen[2]
        && gathered.extent[3] >= seen[3];
    let factor = gathered.scale_denominator / scale_denominator;
    gathered.revision == revision && within && (1.0 / SCALE_SLACK..=SCALE_SLACK).contains(&factor)
}

/// Lines first, then dots, then texts with their rims.
pub(super) fn paint_drawing(
    map: &MapPainter<'_>,
    origin: Pos2,
    drawing: &Drawing,
    selected: Option<AnnotationId>,
) {
    let ink = map.theme.map.label.0;
    let halo = map.theme.map.label_halo.0;
    let at = |p: [f64; 2]| origin + vec2(p[0] as f32, p[1] as f32);
    for line in &drawing.lines {
        let points = line.points.map(at);
        if !points.iter().all(|p| p.x.abs() < 1e5 && p.y.abs() < 1e5) {
            continue;
        }
        let is_selected = line.of.is_some() && line.of == selected;
        let colour = if is_selected { map.theme.accent.fill.0 } else { ink };
        map.painter
            .line_segment(points, Stroke::new(line.width_px + 1.6, halo));
        map.painter
            .line_segment(points, Stroke::new(line.width_px, colour));
    }
    for dot in &drawing.dots {
        map.painter.circle(at(*dot), 2.4, ink, Stroke::new(1.0, halo));
    }
    for text in &drawing.texts {
        paint_text(map, origin, text);
    }
}

fn paint_text(map: &MapPainter<'_>, origin: Pos2, text: &DrawnText) {
    let colour = |chosen: Option<Rgba>, usual: Color32| {
        chosen.map_or(usual, |c| map.theme.color(Themed { light: c, dark: c }))
    };
    let ink = colour(text.colour, map.theme.map.label.0);
    let halo = colour(text.halo, map.theme.map.label_halo.0);
    // egui keeps galleys from frame to frame; one in a placeholder colour serves ink and halo.
    let font = FontId::proportional(text.size_px);
    let galley = map
        .painter
        .layout_no_wrap(text.text.clone(), font, Color32::PLACEHOLDER);
    let angle = text.text_box.angle_rad();
    let half = egui::emath::Rot2::from_angle(angle) * (galley.size() / 2.0);
    let corner = origin + vec2(text.text_box.centre[0], text.text_box.centre[1]) - half;
    let add = |shift: Vec2, colour: Color32| {
        let shape = TextShape::new(corner + shift, Arc::clone(&galley), colour)
            .with_angle(angle)
            .with_override_text_color(colour);
        map.painter.add(Shape::Text(shape));
    };
    if text.halo_px > 0.0 {
        let d = text.halo_px * 0.6;
        for (x, y) in [(-d, 0.0), (d, 0.0), (0.0, -d), (0.0, d)] {
            add(vec2(x, y), halo);
        }
    }
    add(Vec2::ZERO, ink);
}

fn frame(map: &MapPainter<'_>, origin: Pos2, text_box: &TextBox) {
    let turn = egui::emath::Rot2::from_angle(text_box.angle_rad());
    let centre = origin + vec2(text_box.centre[0], text_box.centre[1]);
    let [x, y] = [text_box.half[0] + 3.0, text_box.half[1] + 2.0];
    let corners: Vec<Pos2> = [(-x, -y), (x, -y), (x, y), (-x, y)]
        .map(|(x, y)| centre + turn * vec2(x, y))
        .to_vec();
    map.painter.add(Shape::closed_line(
        corners,
        Stroke::new(1.5, map.theme.accent.fill.0),
    ));
}
