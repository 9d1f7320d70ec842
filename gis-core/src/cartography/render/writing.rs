//! Labels, flags and dimensions in the picture. Where they go is decided in `labels`.

use std::fmt;

use tiny_skia::Transform;

use super::painter::Painter;
use crate::cartography::labels::{
    Annotations, DrawnText, GatherRequest, LabelTexts, MOST_CANDIDATES, MOST_LABELS, TextRuler, draw_once,
};
use crate::cartography::layers::MapDocument;
use crate::cartography::thematic::NetworkLook;

/// What is written on a picture.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    pub document: &'a MapDocument,
    pub annotations: &'a Annotations,
    pub texts: &'a dyn LabelTexts,
}

impl fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writing").finish_non_exhaustive()
    }
}

/// From the baseline of a text to its middle, in heights of the font.
const BASELINE_EM: f32 = 0.36;

impl Painter<'_> {
    pub(super) fn writing(&mut self) {
        let request = self.request;
        let Some(writing) = request.writing else { return };
        let Ok(ruler) = TextRuler::embedded() else { return };
        let view = self.view.label_view();
        let usual = NetworkLook::default();
        let gathering = GatherRequest {
            network: request.network,
            schema: request.schema,
            styles: request.styles,
            document: writing.document,
            look: self.themes.map_or(&usual, |themes| &themes.map.look),
            annotations: writing.annotations,
            texts: writing.texts,
            ruler: &ruler,
            scale_denominator: self.view.denominator(),
            extent: self.view.ground(64.0),
            most: MOST_CANDIDATES,
        };
        let drawing = draw_once(
            &gathering,
            request.network.metric(),
            &view,
            MOST_LABELS,
            &mut |_| {},
        );
        let ink = request.styles.text(request.theme);
        let ground = request.styles.ground(request.theme);
        for line in &drawing.lines {
            let [a, b] = line.points.map(|p| p.map(|v| v as f32));
            if let Some([a, b]) = self.view.clip(a, b) {
                self.canvas.segment(a, b, ground, line.width_px + 1.6, None);
                self.canvas.segment(a, b, ink, line.width_px, None);
            }
        }
        for dot in &drawing.dots {
            let at = dot.map(|v| v as f32);
            if self.view.contains(at, 4.0) {
                self.canvas.disc(at, 3.0, ground);
                self.canvas.disc(at, 2.2, ink);
            }
        }
        for text in &drawing.texts {
            self.written(text);
        }
    }

    fn written(&mut self, text: &DrawnText) {
        let request = self.request;
        let width = self.font.width(&text.text, text.size_px);
        let centre = text.text_box.centre;
        if !self.view.contains(centre, width) {
            return;
        }
        let Some(path) = self
            .font
            .line(&text.text, -width / 2.0, text.size_px * BASELINE_EM, text.size_px)
        else {
            return;
        };
        let place = Transform::from_rotate(text.text_box.angle_rad().to_degrees())
            .post_translate(centre[0], centre[1]);
        let halo = text.halo.unwrap_or_else(|| request.styles.ground(request.theme));
        if text.halo_px > 0.0 {
            self.canvas
                .stroke_placed(&path, halo, text.halo_px * 1.2, None, place);
        }
        let ink = text.colour.unwrap_or_else(|| request.styles.text(request.theme));
        self.canvas.fill_placed(&path, ink, place);
    }
}
