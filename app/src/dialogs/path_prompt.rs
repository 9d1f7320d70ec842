//! Asks for a file by its path inside the window, where the system shows no file dialog.

use std::path::{Path, PathBuf};

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::tr;
use crate::shell::action::{Action, FilePurpose};
use crate::theme::Theme;

#[derive(Debug)]
pub struct PathPrompt {
    purpose: FilePurpose,
    typed: String,
    has_focus: bool,
}

impl PathPrompt {
    pub fn new(purpose: FilePurpose, folder: Option<&Path>, name: Option<&str>) -> Self {
        let mut start = folder.map(Path::to_owned).unwrap_or_default();
        if let Some(name) = name {
            start.push(name);
        }
        Self {
            purpose,
            typed: start.display().to_string(),
            has_focus: false,
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &egui::Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let stays = dialog_ui(ctx, theme, "path_prompt", &self.purpose.title(), 560.0, |ui| {
            let label = ui.label(tr("app.file.path"));
            let edit = egui::TextEdit::singleline(&mut self.typed).desired_width(f32::INFINITY);
            let response = ui.add(edit).labelled_by(label.id);
            if !self.has_focus {
                response.request_focus();
                self.has_focus = true;
            }
            let is_ready = !self.typed.trim().is_empty();
            let go = tr(if self.purpose.is_save() {
                "app.common.save"
            } else {
                "app.common.open"
            });
            answer = buttons_ui(ui, theme, &go, is_ready);
            let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            if is_entered && is_ready {
                answer = Some(Answer::Go);
            }
        });
        if answer == Some(Answer::Go) {
            let path = self.purpose.completed(PathBuf::from(self.typed.trim()));
            actions.push(Action::FileNamed(self.purpose, path));
        }
        stays && answer.is_none()
    }
}
