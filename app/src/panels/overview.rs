//! The overview map: the whole network as a cached picture with the view as a frame; dragging it moves the map.

use std::sync::Arc;

use egui::{Color32, ColorImage, Pos2, Rect, Sense, Shape, Stroke, TextureHandle, TextureOptions, Ui, pos2};
use gis_core::cartography::overview::Silhouette;

use super::widgets;
use crate::i18n::tr;
use crate::map::MapView;
use crate::theme::Theme;

/// Larger than any panel needs, so that it stays sharp when it grows.
pub const SIZE_PX: [usize; 2] = [640, 480];

#[derive(Default)]
pub struct OverviewPanel {
    picture: Option<Arc<Silhouette>>,
    /// With how many pixels were made one.
    texture: Option<(usize, TextureHandle)>,
}

impl std::fmt::Debug for OverviewPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OverviewPanel")
            .field("has_picture", &self.picture.is_some())
            .finish_non_exhaustive()
    }
}

impl OverviewPanel {
    /// `None` for an empty network.
    pub fn set(&mut self, picture: Option<Silhouette>) {
        self.picture = picture.map(Arc::new);
        self.texture = None;
    }

    pub fn ui(&mut self, ui: &mut Ui, theme: &Theme, map: &mut MapView) {
        let Some(picture) = self.picture.clone() else {
            widgets::empty_ui(ui, theme, &tr("view.overview.none"));
            return;
        };
        let room = ui.available_size();
        let own = egui::vec2(picture.width as f32, picture.height as f32);
        let factor = (room.x / own.x).min(room.y / own.y).clamp(0.05, 2.0);
        // The card takes one pixel in so many and would tear the lines; it gets the picture small enough.
        let shrunk = (1.0 / (factor * ui.pixels_per_point())).floor().max(1.0) as usize;
        let (shrunk, texture) = match self.texture.take() {
            Some(made) if made.0 == shrunk => self.texture.insert(made),
            _ => self.texture.insert((
                shrunk,
                ui.ctx()
                    .load_texture("overview", image(&picture, shrunk), TextureOptions::LINEAR),
            )),
        };
        let (rect, response) = ui.allocate_exact_size(room, Sense::click_and_drag());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::accesskit::Role::Image, true, tr("app.pane.overview"))
        });
        let shown = Rect::from_center_size(rect.center(), own * factor);
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        painter.rect_filled(rect, theme.size.corner, theme.map.background.0);
        // The last row and column may stand for fewer pixels than the others.
        let filled = own / (texture.size_vec2() * *shrunk as f32);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), filled.to_pos2());
        painter.image(texture.id(), shown, whole, theme.text.weak.0);
        let frame: Vec<Pos2> = map
            .camera()
            .corners()
            .iter()
            .map(|corner| {
                let [x, y] = picture.px(*corner);
                shown.min + egui::vec2(x as f32, y as f32) * factor
            })
            .collect();
        let ink = theme.status.error.0;
        if frame.iter().all(|p| p.x.abs() < 1e6 && p.y.abs() < 1e6) {
            painter.add(Shape::convex_polygon(
                frame.clone(),
                ink.gamma_multiply(0.12),
                Stroke::new(1.5, ink),
            ));
            // So small that it would be overlooked.
            let size = Rect::from_points(&frame).size();
            if size.max_elem() < 6.0 {
                painter.circle_stroke(Rect::from_points(&frame).center(), 6.0, Stroke::new(1.5, ink));
            }
        }
        if let Some(pointer) = response.interact_pointer_pos() {
            let offset = (pointer - shown.min) / factor;
            map.centre_on_world(picture.world([f64::from(offset.x), f64::from(offset.y)]));
        }
        response.on_hover_cursor(egui::CursorIcon::Move);
    }
}

/// White where the network is; the painter tints it with the theme's ink.
fn image(picture: &Silhouette, shrunk: usize) -> ColorImage {
    let (width, height, coverage) = picture.shrunk(shrunk);
    let pixels = coverage
        .iter()
        .map(|alpha| Color32::WHITE.gamma_multiply(f32::from(*alpha) / 255.0))
        .collect();
    ColorImage::new([width, height], pixels)
}
