//! The import dialog: what was found in the source, what it was taken for, and the corrections.

use std::path::PathBuf;

use gis_core::Message;
use gis_core::io::ImportOptions;
use gis_core::schema::Schema;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{say, tr};
use crate::shell::action::Action;
use crate::theme::Theme;

/// A source and how it is to be read.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    pub source: PathBuf,
    pub options: ImportOptions,
}

/// What was found in a source.
#[derive(Debug)]
pub struct Inspected {
    pub source: PathBuf,
}

#[derive(Debug)]
pub struct ImportDialog {
    plan: ImportPlan,
    failure: Option<Message>,
}

impl ImportDialog {
    pub fn new(source: PathBuf) -> Self {
        Self {
            plan: ImportPlan {
                source,
                options: ImportOptions::default(),
            },
            failure: None,
        }
    }

    pub fn plan(&self) -> &ImportPlan {
        &self.plan
    }

    pub fn inspected(&mut self, inspected: gis_core::Result<Inspected>) {
        self.failure = inspected.err().map(|e| e.message());
    }

    /// Returns whether the dialog stays open.
    pub fn ui(
        &mut self,
        ctx: &egui::Context,
        theme: &Theme,
        _schema: &Schema,
        actions: &mut Vec<Action>,
    ) -> bool {
        let mut answer = None;
        let stays = dialog_ui(ctx, theme, "import", &tr("app.import.title"), 720.0, |ui| {
            ui.label(self.plan.source.display().to_string());
            if let Some(failure) = &self.failure {
                crate::panels::widgets::notice_ui(
                    ui,
                    theme.status.error.0,
                    theme.status.error_ground.0,
                    &say(failure),
                );
            }
            answer = buttons_ui(ui, theme, &tr("app.import.run"), true);
        });
        if answer == Some(Answer::Go) {
            actions.push(Action::RunImport(self.plan.clone()));
        }
        stays && answer.is_none()
    }
}
