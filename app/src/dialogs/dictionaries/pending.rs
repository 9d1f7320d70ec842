//! The changes that were collected, each with what it means for the data.

use egui::{RichText, ScrollArea, Ui};
use gis_core::project::SchemaEffectKind;

use super::DictionariesDialog;
use crate::i18n::{say, tr, tr_with};
use crate::theme::Theme;

/// Always the same, so that the dialog does not jump while changes are collected.
const HEIGHT: f32 = 112.0;

impl DictionariesDialog {
    pub(super) fn pending_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        ui.horizontal(|ui| {
            let title = if self.changes.is_empty() {
                tr("dictionaries.pane.no_changes")
            } else {
                tr_with("dictionaries.pane.changes", "count", self.changes.len())
            };
            ui.label(RichText::new(title).strong());
            if self.is_counting && !self.changes.is_empty() {
                ui.spinner();
            }
        });
        let mut left_out = None;
        ScrollArea::vertical()
            .id_salt("pending")
            .max_height(HEIGHT)
            .min_scrolled_height(HEIGHT)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                for (at, change) in self.changes.iter().enumerate() {
                    ui.horizontal(|ui| {
                        let button = ui.small_button("\u{d7}");
                        if button.on_hover_text(tr("dictionaries.pane.leave_out")).clicked() {
                            left_out = Some(at);
                        }
                        ui.label(say(&change.message(&self.base)));
                    });
                    for effect in self.effects.iter().filter(|effect| effect.change == at) {
                        let ink = match effect.kind {
                            SchemaEffectKind::Broken | SchemaEffectKind::Behaviour => theme.status.warning.0,
                            SchemaEffectKind::Replaced | SchemaEffectKind::Kept => theme.text.weak.0,
                        };
                        ui.horizontal(|ui| {
                            ui.add_space(28.0);
                            ui.label(RichText::new(say(&effect.message(&self.base))).color(ink));
                        });
                    }
                }
            });
        if let Some(at) = left_out {
            let mut changes = self.changes.clone();
            changes.remove(at);
            self.put(changes);
        }
    }
}
