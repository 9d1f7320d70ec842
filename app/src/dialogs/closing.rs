//! Asks before an engineering project is completed or withdrawn, and says what will happen.

use egui::{Context, RichText};
use gis_core::Message;
use gis_core::project::ChangeKind;

use super::engineering::{day, day_ui};
use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{say, tr, tr_with};
use crate::panels::engineering::Listed;
use crate::session::today;
use crate::shell::action::Action;
use crate::shell::engineering::{Closing, EngineeringAction};
use crate::theme::Theme;

#[derive(Debug)]
pub struct ClosingDialog {
    number: String,
    will_happen: Message,
    /// The day of completion; none where the project is withdrawn.
    on: Option<String>,
}

impl ClosingDialog {
    pub fn to_complete(listed: &Listed) -> Self {
        Self {
            number: listed.engineering.number.clone(),
            will_happen: told("engineering.pane.will_complete", listed),
            on: Some(today().to_string()),
        }
    }

    pub fn to_withdraw(listed: &Listed) -> Self {
        Self {
            number: listed.engineering.number.clone(),
            will_happen: told("engineering.pane.will_withdraw", listed),
            on: None,
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let (title, go) = match self.on {
            Some(_) => ("engineering.name.complete", "engineering.pane.complete"),
            None => ("engineering.name.withdraw", "engineering.pane.withdraw"),
        };
        let title = tr_with(title, "number", &self.number);
        let stays = dialog_ui(ctx, theme, "closing", &title, 520.0, |ui| {
            ui.label(say(&self.will_happen));
            ui.add_space(6.0);
            let undoable = RichText::new(tr("engineering.pane.undoable")).small();
            ui.label(undoable.color(theme.text.weak.0));
            if let Some(on) = &mut self.on {
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    let label = ui.label(tr("engineering.pane.on"));
                    day_ui(ui, theme, on, label.id);
                });
            }
            answer = buttons_ui(ui, theme, &tr(go), self.closing().is_some());
        });
        if answer == Some(Answer::Go)
            && let Some(closing) = self.closing()
        {
            actions.push(Action::Engineering(EngineeringAction::Close(closing)));
        }
        stays && answer.is_none()
    }

    /// `None` while the day is none.
    fn closing(&self) -> Option<Closing> {
        let number = self.number.clone();
        Some(match &self.on {
            Some(on) => Closing::Complete(number, day(on).ok()??),
            None => Closing::Withdraw(number),
        })
    }
}

fn told(key: &'static str, listed: &Listed) -> Message {
    let count = |kind| listed.counts.get(&kind).copied().unwrap_or_default();
    Message::new(key)
        .with("new", count(ChangeKind::New))
        .with("altered", count(ChangeKind::Altered))
        .with("abandoned", count(ChangeKind::ToAbandon))
}
