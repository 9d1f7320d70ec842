//! The history of messages, newest first.

use super::widgets;
use crate::i18n::{say, tr};
use crate::shell::action::Action;
use crate::shell::messages::{Messages, severity_colors, severity_icon};
use crate::theme::Theme;

pub fn messages_ui(ui: &mut egui::Ui, messages: &Messages, theme: &Theme, actions: &mut Vec<Action>) {
    if messages.list().is_empty() {
        widgets::empty_ui(ui, theme, &tr("app.message.none"));
        return;
    }
    if ui.button(tr("app.message.clear")).clicked() {
        actions.push(Action::ForgetMessages);
    }
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for entry in messages.list().iter().rev() {
                let (ink, _) = severity_colors(entry.severity, theme);
                ui.horizontal_top(|ui| {
                    let time = entry.at.format("%H:%M:%S").to_string();
                    ui.label(egui::RichText::new(time).small().color(theme.text.weak.0));
                    ui.add(severity_icon(entry.severity).image(15.0, ink));
                    ui.add(egui::Label::new(say(&entry.message)).wrap().selectable(true));
                });
            }
        });
}
