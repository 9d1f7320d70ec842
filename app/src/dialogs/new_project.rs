//! The dialog for a new project: its name, its file, its coordinate system.

use std::path::{Path, PathBuf};

use gis_core::Crs;

use super::crs_picker::CrsPicker;
use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::tr;
use crate::shell::action::{Action, FilePurpose};
use crate::theme::Theme;

/// All that is needed to make one.
#[derive(Debug, Clone)]
pub struct NewProjectPlan {
    pub name: String,
    pub path: PathBuf,
    pub crs: Crs,
}

#[derive(Debug, Default)]
pub struct NewProjectDialog {
    name: String,
    path: String,
}

impl NewProjectDialog {
    pub fn set_path(&mut self, path: &Path) {
        if self.name.trim().is_empty() {
            self.name = path
                .file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default();
        }
        self.path = path.display().to_string();
    }

    /// Returns whether the dialog stays open.
    pub fn ui(
        &mut self,
        ctx: &egui::Context,
        theme: &Theme,
        crs: &mut CrsPicker,
        actions: &mut Vec<Action>,
    ) -> bool {
        let mut answer = None;
        let stays = dialog_ui(
            ctx,
            theme,
            "new_project",
            &tr("app.new_project.title"),
            560.0,
            |ui| {
                egui::Grid::new("new_project_grid")
                    .num_columns(2)
                    .spacing([12.0, 8.0])
                    .show(ui, |ui| {
                        let name = ui.label(tr("app.new_project.name"));
                        ui.add(egui::TextEdit::singleline(&mut self.name).desired_width(400.0))
                            .labelled_by(name.id);
                        ui.end_row();
                        let path = ui.label(tr("app.new_project.file"));
                        ui.horizontal(|ui| {
                            ui.add(egui::TextEdit::singleline(&mut self.path).desired_width(300.0))
                                .labelled_by(path.id);
                            if ui.button(tr("app.common.browse")).clicked() {
                                actions.push(Action::ChooseFile(FilePurpose::NewProject));
                            }
                        });
                        ui.end_row();
                    });
                ui.add_space(6.0);
                ui.label(tr("app.new_project.crs"));
                crs.ui(ui, theme, actions);
                let is_ready =
                    !self.name.trim().is_empty() && !self.path.trim().is_empty() && crs.chosen().is_some();
                answer = buttons_ui(ui, theme, &tr("app.new_project.create"), is_ready);
            },
        );
        if let (Some(Answer::Go), Some(chosen)) = (answer, crs.chosen()) {
            let path = FilePurpose::NewProject.completed(PathBuf::from(self.path.trim()));
            actions.push(Action::CreateProject(NewProjectPlan {
                name: self.name.trim().to_owned(),
                path,
                crs: chosen.clone(),
            }));
        }
        stays && answer.is_none()
    }
}
