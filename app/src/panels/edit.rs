//! What the tools of editing make, and what edits broke.

use egui::Ui;
use gis_core::rules::{Acceptance, Finding};

use super::findings::repairs_ui;
use super::issues::zoom_ui;
use super::templates::Templates;
use super::{PanelEnv, widgets};
use crate::commands::Command;
use crate::i18n::{say, tr, tr_with};
use crate::shell::action::Action;
use crate::shell::checking::RulesAction;
use crate::shell::editing::EditAction;
use crate::shell::engineering::EngineeringAction;
use crate::shell::messages::severity_colors;

#[derive(Debug, Default)]
pub struct EditPanel {
    pub templates: Templates,
    /// Edits on their way into the project.
    pub under_way: usize,
    /// What edits broke and nobody has mended, let stand or clicked away.
    told: Vec<Finding>,
}

impl EditPanel {
    /// One edit has come back.
    pub fn done(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Follows an edit: what it broke needs a click, what it mended does not any more.
    pub fn follow(&mut self, broken: Vec<Finding>, mended: &[String]) {
        self.told.retain(|finding| !mended.contains(&finding.id()));
        self.told.extend(broken);
    }

    /// What somebody let stand needs no more clicks.
    pub fn forget(&mut self, accepted: &[Acceptance]) {
        self.told
            .retain(|finding| !accepted.iter().any(|one| one.finding == finding.id()));
    }

    /// What edits broke and still needs a click.
    pub fn told(&self) -> &[Finding] {
        &self.told
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if env.session.is_read_only {
            widgets::empty_ui(ui, env.theme, &tr("editing.read_only"));
            return;
        }
        if !env.session.is_editing {
            widgets::empty_ui(ui, env.theme, &tr("editing.off"));
            let toggle = Command::ToggleEditing;
            if ui
                .add(widgets::primary_button(env.theme, &toggle.label()))
                .on_hover_text(toggle.tooltip())
                .clicked()
            {
                env.push(Action::Command(toggle));
            }
            return;
        }
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                engineering_ui(ui, env);
                self.told_ui(ui, env);
                if self.templates.ui(ui, &env.session.schema) {
                    env.push(Action::Edit(EditAction::KeepTemplates));
                }
                ui.add_space(12.0);
                ui.label(egui::RichText::new(tr("editing.note")).color(env.theme.text.weak.0));
            });
    }

    /// What edits broke, each to be mended or clicked away.
    fn told_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        /// The others are in the panel of findings.
        const MOST: usize = 5;
        if self.told.is_empty() {
            return;
        }
        ui.horizontal(|ui| {
            ui.strong(tr_with("checking.told", "count", self.told.len()));
            if ui.button(tr("checking.seen_all")).clicked() {
                self.told.clear();
            }
        });
        let mut seen = None;
        for (i, finding) in self.told.iter().enumerate().take(MOST) {
            ui.push_id(("told", i), |ui| {
                let (ink, ground) = severity_colors(finding.issue.severity, env.theme);
                egui::Frame::new()
                    .fill(ground)
                    .corner_radius(5)
                    .inner_margin(egui::Margin::symmetric(8, 6))
                    .show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        ui.label(egui::RichText::new(say(&finding.issue.message)).color(ink));
                        ui.horizontal_wrapped(|ui| {
                            zoom_ui(ui, env, &finding.issue);
                            if let Some(repair) = repairs_ui(ui, finding, true) {
                                env.push(Action::Edit(EditAction::Repair(vec![repair])));
                            }
                            if ui.add(egui::Button::new(tr("checking.accept")).small()).clicked() {
                                env.push(Action::Rules(RulesAction::AskReason(vec![finding.clone()])));
                            }
                            if ui.add(egui::Button::new(tr("checking.seen")).small()).clicked() {
                                seen = Some(i);
                            }
                        });
                    });
            });
            ui.add_space(4.0);
        }
        if let Some(i) = seen {
            self.told.remove(i);
        }
        ui.add_space(8.0);
    }
}

/// For which engineering project edits are made.
fn engineering_ui(ui: &mut Ui, env: &mut PanelEnv<'_>) {
    let Some(number) = &env.session.engineering else {
        return;
    };
    let said = tr_with("engineering.pane.edits_for", "number", number);
    widgets::notice_ui(
        ui,
        env.theme.accent.selection_text.0,
        env.theme.accent.selection.0,
        &said,
    );
    if ui.button(tr("engineering.pane.deactivate")).clicked() {
        env.push(Action::Engineering(EngineeringAction::Activate(None)));
    }
    ui.add_space(8.0);
}
