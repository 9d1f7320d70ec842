//! The question before something unsaved is left.

use egui::{Align, Context, Layout};

use super::dialog_ui;
use crate::i18n::tr;
use crate::shell::action::Action;
use crate::shell::{LeaveAnswer, Leaving};
use crate::theme::Theme;

/// Shows the question while there is one; the answer becomes an action.
pub fn unsaved_ui(
    ctx: &Context,
    theme: &Theme,
    leaving: &Leaving,
    is_temporary: bool,
    actions: &mut Vec<Action>,
) {
    let title = tr(match leaving {
        Leaving::Quit => "workspace.ask.quit",
        Leaving::Close => "workspace.ask.close",
        Leaving::Open(_) | Leaving::OpenSample => "workspace.ask.open",
    });
    let stays = dialog_ui(ctx, theme, "unsaved", &title, 460.0, |ui| {
        ui.label(tr(if is_temporary {
            "workspace.ask.temporary"
        } else {
            "workspace.ask.changed"
        }));
        ui.add_space(12.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let size = egui::vec2(96.0, 30.0);
            let save = crate::panels::widgets::primary_button(theme, &tr("workspace.ask.save"));
            for (button, answer) in [
                (save, LeaveAnswer::Save),
                (
                    egui::Button::new(tr("workspace.ask.discard")),
                    LeaveAnswer::Discard,
                ),
                (egui::Button::new(tr("app.common.cancel")), LeaveAnswer::Stay),
            ] {
                if ui.add(button.min_size(size)).clicked() {
                    actions.push(Action::AnswerLeaving(answer));
                }
            }
        });
    });
    if !stays {
        actions.push(Action::AnswerLeaving(LeaveAnswer::Stay));
    }
}
