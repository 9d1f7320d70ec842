//! Bringing in a new issue of a topographic map: which map, how the issue is called, whose text encoding it has.

use std::path::PathBuf;

use egui::RichText;
use gis_core::cartography::layers::TopoBook;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{say, tr};
use crate::panels::widgets;
use crate::shell::action::Action;
use crate::shell::ground::GroundAction;
use crate::theme::Theme;

/// What was filled in.
#[derive(Debug, Clone, Default)]
pub struct IssuePlan {
    pub path: PathBuf,
    pub map: String,
    pub issue: String,
    pub note: String,
    /// As the file says where `None`.
    pub encoding: Option<String>,
    pub is_shown_at_once: bool,
}

#[derive(Debug)]
pub struct IssueDialog {
    plan: IssuePlan,
    book: TopoBook,
}

impl IssueDialog {
    pub fn new(path: PathBuf, book: &TopoBook, today: &str) -> Self {
        let first = book.maps.first().map(|map| map.name.clone());
        let map = first.unwrap_or_else(|| tr("imagery.issue.first_map"));
        Self {
            plan: IssuePlan {
                path,
                issue: book.free_issue(&map, today),
                map,
                is_shown_at_once: true,
                ..IssuePlan::default()
            },
            book: book.clone(),
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &egui::Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let stays = dialog_ui(
            ctx,
            theme,
            "topographic_issue",
            &tr("imagery.issue.title"),
            520.0,
            |ui| {
                ui.add(egui::Label::new(self.plan.path.display().to_string()).truncate());
                egui::Grid::new("issue_grid")
                    .num_columns(2)
                    .spacing([12.0, 8.0])
                    .show(ui, |ui| {
                        for (key, value) in [
                            ("imagery.issue.map", &mut self.plan.map),
                            ("imagery.issue.issue", &mut self.plan.issue),
                            ("imagery.issue.note", &mut self.plan.note),
                        ] {
                            let label = ui.label(tr(key));
                            ui.add(egui::TextEdit::singleline(value).desired_width(340.0))
                                .labelled_by(label.id);
                            ui.end_row();
                        }
                        let label = ui.label(tr("app.import.encoding"));
                        widgets::encoding_ui(ui, "issue_encoding", &mut self.plan.encoding)
                            .labelled_by(label.id);
                        ui.end_row();
                    });
                if self.book.maps.len() > 1 {
                    ui.horizontal_wrapped(|ui| {
                        for map in &self.book.maps {
                            if ui.small_button(&map.name).clicked() {
                                self.plan.map.clone_from(&map.name);
                            }
                        }
                    });
                }
                ui.checkbox(&mut self.plan.is_shown_at_once, tr("imagery.issue.at_once"));
                let refused = self.book.check_new(&self.plan.map, &self.plan.issue).err();
                if let Some(error) = &refused {
                    ui.label(RichText::new(say(&error.message())).color(theme.status.warning.0));
                }
                answer = buttons_ui(ui, theme, &tr("imagery.issue.add"), refused.is_none());
            },
        );
        if answer == Some(Answer::Go) {
            actions.push(Action::Ground(GroundAction::AddIssue(self.plan.clone())));
        }
        stays && answer.is_none()
    }
}
