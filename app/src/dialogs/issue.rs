//! Bringing in a new issue of a topographic map: which map, how the issue is called, whose text encoding it has.

use std::path::PathBuf;

use gis_core::cartography::layers::TopoBook;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::tr;
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
    /// As the file says where empty.
    pub encoding: String,
    pub is_shown_at_once: bool,
}

#[derive(Debug)]
pub struct IssueDialog {
    plan: IssuePlan,
    known_maps: Vec<String>,
}

impl IssueDialog {
    pub fn new(path: PathBuf, book: &TopoBook, today: &str) -> Self {
        let known_maps: Vec<String> = book.maps.iter().map(|m| m.name.clone()).collect();
        Self {
            plan: IssuePlan {
                path,
                map: known_maps
                    .first()
                    .cloned()
                    .unwrap_or_else(|| tr("imagery.issue.first_map")),
                issue: today.to_owned(),
                is_shown_at_once: true,
                ..IssuePlan::default()
            },
            known_maps,
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
                            ("imagery.issue.encoding", &mut self.plan.encoding),
                        ] {
                            let label = ui.label(tr(key));
                            ui.add(egui::TextEdit::singleline(value).desired_width(340.0))
                                .labelled_by(label.id);
                            ui.end_row();
                        }
                    });
                ui.horizontal_wrapped(|ui| {
                    for map in &self.known_maps {
                        if ui.small_button(map).clicked() {
                            self.plan.map.clone_from(map);
                        }
                    }
                });
                ui.checkbox(&mut self.plan.is_shown_at_once, tr("imagery.issue.at_once"));
                let is_ready = !self.plan.map.trim().is_empty() && !self.plan.issue.trim().is_empty();
                answer = buttons_ui(ui, theme, &tr("imagery.issue.add"), is_ready);
            },
        );
        if answer == Some(Answer::Go) {
            actions.push(Action::Ground(GroundAction::AddIssue(self.plan.clone())));
        }
        stays && answer.is_none()
    }
}
