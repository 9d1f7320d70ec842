//! Asks why findings of the rules are let stand.

use egui::{Context, RichText, TextEdit};
use gis_core::rules::Finding;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{say, tr, tr_with};
use crate::shell::action::Action;
use crate::shell::checking::RulesAction;
use crate::theme::Theme;

#[derive(Debug)]
pub struct AcceptDialog {
    findings: Vec<Finding>,
    reason: String,
    has_focus: bool,
}

impl AcceptDialog {
    pub fn new(findings: Vec<Finding>) -> Self {
        Self {
            findings,
            reason: String::new(),
            has_focus: false,
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let stays = dialog_ui(ctx, theme, "accept", &tr("checking.accept_title"), 520.0, |ui| {
            let what = match &self.findings[..] {
                [one] => say(&one.issue.message),
                many => tr_with("checking.accept_many", "count", many.len()),
            };
            ui.label(RichText::new(what).color(theme.text.weak.0));
            ui.add_space(8.0);
            let label = ui.label(tr("checking.reason"));
            let edit = TextEdit::singleline(&mut self.reason).desired_width(f32::INFINITY);
            let response = ui.add(edit).labelled_by(label.id);
            if !self.has_focus {
                response.request_focus();
                self.has_focus = true;
            }
            let is_ready = !self.reason.trim().is_empty();
            answer = buttons_ui(ui, theme, &tr("checking.accept"), is_ready);
            let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            if is_entered && is_ready {
                answer = Some(Answer::Go);
            }
        });
        if answer == Some(Answer::Go) {
            let findings = std::mem::take(&mut self.findings);
            let reason = self.reason.trim().to_owned();
            actions.push(Action::Rules(RulesAction::Accept(findings, reason)));
        }
        stays && answer.is_none()
    }
}
