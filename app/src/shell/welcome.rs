//! The page while no project is open, and the sheet over the window while a file is dragged above it.

use egui::{Align2, RichText};

use super::App;
use super::action::Action;
use crate::commands::Command;
use crate::i18n::tr;
use crate::panels::widgets;

impl App {
    pub(super) fn welcome_ui(&mut self, ui: &mut egui::Ui) {
        let theme = self.theme.clone();
        let frame = egui::Frame::new().fill(theme.surface.window.0);
        egui::CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            egui::ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    ui.add_space((ui.available_height() * 0.12).max(24.0));
                    ui.vertical_centered(|ui| {
                        ui.label(
                            RichText::new(tr("app.name"))
                                .size(theme.size.text_title)
                                .color(theme.text.strong.0),
                        );
                        ui.label(RichText::new(tr("app.welcome.subtitle")).color(theme.text.weak.0));
                    });
                    ui.add_space(22.0);
                    let width = ui.available_width().min(720.0);
                    ui.vertical_centered(|ui| {
                        ui.allocate_ui(egui::vec2(width, 0.0), |ui| self.welcome_card_ui(ui));
                    });
                });
        });
    }

    fn welcome_card_ui(&mut self, ui: &mut egui::Ui) {
        let theme = self.theme.clone();
        let card = egui::Frame::new()
            .fill(theme.surface.raised.0)
            .stroke(egui::Stroke::new(1.0, theme.surface.border.0))
            .corner_radius(8)
            .inner_margin(egui::Margin::same(22));
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.columns(2, |columns| {
                self.welcome_start_ui(&mut columns[0]);
                self.welcome_recent_ui(&mut columns[1]);
            });
            ui.add_space(14.0);
            ui.separator();
            ui.vertical_centered(|ui| {
                ui.label(
                    RichText::new(tr("app.welcome.drop"))
                        .small()
                        .color(theme.text.weak.0),
                );
            });
        });
    }

    fn welcome_start_ui(&mut self, ui: &mut egui::Ui) {
        let theme = self.theme.clone();
        ui.label(
            RichText::new(tr("app.welcome.start"))
                .heading()
                .color(theme.text.strong.0),
        );
        ui.add_space(6.0);
        self.reopen_ui(ui);
        for (i, command) in [Command::OpenSample, Command::OpenFile, Command::NewProject]
            .into_iter()
            .enumerate()
        {
            let is_first = i == 0;
            let (ink, fill) = if is_first {
                (theme.text.on_accent.0, theme.accent.fill.0)
            } else {
                (theme.text.primary.0, theme.widget.idle.0)
            };
            let label = RichText::new(command.label()).color(ink);
            let button = match command.icon() {
                Some(icon) => egui::Button::image_and_text(icon.image(20.0, ink), label),
                None => egui::Button::new(label),
            };
            let size = egui::vec2(ui.available_width(), 38.0);
            if ui
                .add(button.fill(fill).min_size(size))
                .on_hover_text(command.tooltip())
                .clicked()
            {
                self.actions.push(Action::Command(command));
            }
            ui.add_space(2.0);
        }
    }

    /// After a crash: back to the project and the place one was at.
    fn reopen_ui(&mut self, ui: &mut egui::Ui) {
        let Some(last) = &self.saving.broken_off else {
            return;
        };
        let theme = &self.theme;
        let name = super::carry_out::file_name(&last.project);
        let label = crate::i18n::tr_with("workspace.reopen", "name", name);
        ui.label(RichText::new(tr("workspace.broke_off")).color(theme.status.warning.0));
        let size = egui::vec2(ui.available_width(), 38.0);
        let button = widgets::primary_button(theme, &label).min_size(size);
        if ui.add(button).clicked() {
            self.actions.push(Action::ReopenLast);
        }
        ui.add_space(6.0);
    }

    fn welcome_recent_ui(&mut self, ui: &mut egui::Ui) {
        let theme = self.theme.clone();
        ui.label(
            RichText::new(tr("app.menu.recent"))
                .heading()
                .color(theme.text.strong.0),
        );
        ui.add_space(6.0);
        if self.settings.recent.is_empty() {
            ui.label(RichText::new(tr("app.welcome.no_recent")).color(theme.text.weak.0));
        }
        for path in self.settings.recent.clone() {
            let row = widgets::Row {
                code: path
                    .file_name()
                    .map(|n| n.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                detail: path.parent().map(|p| p.display().to_string()).unwrap_or_default(),
                ..widgets::Row::default()
            };
            if widgets::row_ui(ui, &theme, &row, 0.0).clicked() {
                self.actions.push(Action::OpenPath(path));
            }
        }
    }

    /// Says what happens when the dragged file is let go.
    pub(super) fn drop_hint_ui(&self, ctx: &egui::Context) {
        let is_dragging = ctx.input(|i| !i.raw.hovered_files.is_empty());
        if !is_dragging {
            return;
        }
        let painter = ctx.layer_painter(egui::LayerId::new(
            egui::Order::Foreground,
            egui::Id::unique("drop_hint"),
        ));
        let rect = ctx.content_rect();
        painter.rect_filled(rect, 0.0, self.theme.surface.window.0.gamma_multiply(0.85));
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            tr("app.welcome.drop_now"),
            egui::FontId::proportional(self.theme.size.text_heading),
            self.theme.text.strong.0,
        );
    }
}
