//! What is attached to the chosen feature: small pictures with what can be done with each. It opens no file itself.

use std::sync::Arc;

use egui::{ColorImage, TextureHandle, TextureOptions};
use gis_core::FeatureId;
use gis_core::project::Attachment;

use super::PanelEnv;
use crate::i18n::{tr, tr_with};
use crate::shell::action::{Action, FilePurpose};
use crate::theme::Theme;

/// One attached file as it is shown.
pub struct Shown {
    pub attachment: Attachment,
    /// Where the picture was taken, in the project's coordinates.
    pub place: Option<[f64; 2]>,
    pub picture: Option<Arc<ColorImage>>,
}

#[derive(Default)]
pub struct MediaPanel {
    items: Vec<(Shown, Option<TextureHandle>)>,
}

impl std::fmt::Debug for MediaPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaPanel")
            .field("items", &self.items.len())
            .finish()
    }
}

impl MediaPanel {
    pub fn clear(&mut self) {
        self.items.clear();
    }

    pub fn set(&mut self, shown: Vec<Shown>) {
        self.items = shown.into_iter().map(|shown| (shown, None)).collect();
    }

    /// The name an attachment came with.
    pub fn name(&self, id: FeatureId) -> Option<&str> {
        let mut all = self.items.iter().map(|(shown, _)| &shown.attachment);
        all.find(|a| a.id == id).map(|a| a.name.as_str())
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let title = tr_with("app.media.title", "count", self.items.len());
        egui::CollapsingHeader::new(title)
            .id_salt("media")
            .default_open(true)
            .show(ui, |ui| {
                let add = ui.button(tr("app.media.add"));
                if add.on_hover_text(tr("app.media.drop_hint")).clicked() {
                    env.push(Action::ChooseFile(FilePurpose::Attach));
                }
                egui::ScrollArea::vertical()
                    .id_salt("media_list")
                    .max_height(260.0)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        for (shown, texture) in &mut self.items {
                            item_ui(ui, env, shown, texture);
                        }
                    });
            });
    }
}

const THUMBNAIL_POINTS: f32 = 72.0;

/// Stands in for the small picture of a file that has none: a sheet with the kind of file on it.
fn sheet_ui(ui: &mut egui::Ui, theme: &Theme, name: &str) -> egui::Response {
    let size = egui::Vec2::splat(THUMBNAIL_POINTS);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    let sheet = egui::Rect::from_center_size(rect.center(), egui::vec2(0.7, 0.9) * size);
    ui.painter().rect(
        sheet,
        4.0,
        theme.surface.bar.0,
        egui::Stroke::new(1.0, theme.surface.border.0),
        egui::StrokeKind::Inside,
    );
    let ending = std::path::Path::new(name)
        .extension()
        .map(|ending| ending.to_string_lossy().to_uppercase())
        .unwrap_or_default();
    ui.painter().text(
        sheet.center(),
        egui::Align2::CENTER_CENTER,
        ending,
        egui::FontId::proportional(theme.size.text),
        theme.text.weak.0,
    );
    response
}

fn item_ui(ui: &mut egui::Ui, env: &mut PanelEnv<'_>, shown: &Shown, texture: &mut Option<TextureHandle>) {
    let attachment = &shown.attachment;
    ui.horizontal_top(|ui| {
        if let Some(picture) = &shown.picture {
            let texture = texture.get_or_insert_with(|| {
                ui.ctx().load_texture(
                    attachment.sha256.clone(),
                    Arc::clone(picture),
                    TextureOptions::LINEAR,
                )
            });
            let image = egui::Image::new(&*texture)
                .max_size(egui::Vec2::splat(THUMBNAIL_POINTS))
                .sense(egui::Sense::click())
                .alt_text(&attachment.name);
            if ui.add(image).on_hover_text(tr("app.media.open")).clicked() {
                env.push(Action::OpenAttachment(attachment.id));
            }
        } else if sheet_ui(ui, env.theme, &attachment.name)
            .on_hover_text(tr("app.media.open"))
            .clicked()
        {
            env.push(Action::OpenAttachment(attachment.id));
        }
        ui.vertical(|ui| {
            ui.add(egui::Label::new(&attachment.name).truncate());
            ui.add(
                egui::Label::new(
                    egui::RichText::new(details(attachment))
                        .small()
                        .color(env.theme.text.weak.0),
                )
                .wrap(),
            );
            ui.horizontal_wrapped(|ui| {
                if ui.small_button(tr("app.media.open")).clicked() {
                    env.push(Action::OpenAttachment(attachment.id));
                }
                if ui.small_button(tr("app.media.save_as")).clicked() {
                    env.push(Action::ChooseFile(FilePurpose::SaveAttachment(attachment.id)));
                }
                if let Some(place) = shown.place
                    && ui.small_button(tr("app.media.show_place")).clicked()
                {
                    env.push(Action::ZoomToPlace(place));
                }
                if ui.small_button(tr("app.media.remove")).clicked() {
                    env.push(Action::Detach(attachment.id));
                }
            });
        });
    });
}

/// Size, when and where it was taken.
fn details(attachment: &Attachment) -> String {
    let kib = attachment.size_bytes.div_ceil(1024);
    let size = if kib < 1024 {
        format!("{kib} KiB")
    } else {
        format!("{:.1} MiB", kib as f64 / 1024.0)
    };
    let mut parts = vec![size];
    if let (Some(width), Some(height)) = (attachment.info.width_px, attachment.info.height_px) {
        parts.push(format!("{width} × {height}"));
    }
    if let Some(taken) = &attachment.info.taken_at {
        parts.push(taken.replace('T', " "));
    }
    if let Some([longitude, latitude]) = attachment.info.position {
        parts.push(format!("{longitude:.5}°, {latitude:.5}°"));
    }
    parts.join(" · ")
}
