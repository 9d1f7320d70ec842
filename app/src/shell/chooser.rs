//! A small list at the pointer where a click hit several features.

use super::App;
use super::action::Action;
use crate::i18n::tr;
use crate::panels::text;
use crate::session::Target;
use crate::view::Click;

#[derive(Debug, Clone)]
pub(super) struct Chooser {
    candidates: Vec<Target>,
    click: Click,
    /// The click that opened it must not close it.
    is_new: bool,
}

impl Chooser {
    pub(super) fn new(candidates: Vec<Target>, click: Click) -> Self {
        Self {
            candidates,
            click,
            is_new: true,
        }
    }
}

impl App {
    pub(super) fn chooser_ui(&mut self, ctx: &egui::Context) {
        let (Some(chooser), Some(session)) = (&mut self.chooser, &self.session) else {
            self.chooser = None;
            return;
        };
        let mut taken = None;
        let area = egui::Area::new(egui::Id::unique("chooser"))
            .order(egui::Order::Foreground)
            .fixed_pos(chooser.click.screen + egui::vec2(6.0, 6.0))
            .constrain(true)
            .show(ctx, |ui| {
                egui::Frame::popup(ui.style()).show(ui, |ui| {
                    ui.label(
                        egui::RichText::new(tr("app.chooser.title"))
                            .small()
                            .color(self.theme.text.weak.0),
                    );
                    for target in &chooser.candidates {
                        if ui.button(text::title(session, *target)).clicked() {
                            taken = Some(*target);
                        }
                    }
                });
            });
        let is_left = !chooser.is_new && area.response.clicked_elsewhere();
        chooser.is_new = false;
        let click = chooser.click;
        if let Some(target) = taken {
            self.actions.push(Action::Pick(target, click));
            self.chooser = None;
        } else if is_left || ctx.input(|i| i.key_pressed(egui::Key::Escape)) {
            self.chooser = None;
        }
    }
}
