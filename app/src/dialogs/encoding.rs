//! Asks for the encoding of a layer to be shown whose bytes do not tell it, with what each answer would give.

use std::path::PathBuf;

use gis_core::io::EncodingQuestion;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::tr;
use crate::shell::action::Action;
use crate::shell::ground::GroundAction;
use crate::theme::Theme;

#[derive(Debug)]
pub struct EncodingDialog {
    path: PathBuf,
    question: EncodingQuestion,
    chosen: usize,
}

impl EncodingDialog {
    pub fn new(path: PathBuf, question: EncodingQuestion) -> Self {
        Self {
            path,
            question,
            chosen: 0,
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &egui::Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let title = tr("app.import.which_encoding");
        let stays = dialog_ui(ctx, theme, "layer_encoding", &title, 560.0, |ui| {
            ui.add(egui::Label::new(self.path.display().to_string()).truncate());
            ui.add_space(6.0);
            for (i, candidate) in self.question.candidates.iter().enumerate() {
                ui.radio_value(&mut self.chosen, i, &candidate.encoding);
                let preview = egui::RichText::new(candidate.preview.join("   "));
                ui.indent(i, |ui| {
                    ui.add(egui::Label::new(preview.color(theme.text.weak.0)).truncate());
                });
            }
            answer = buttons_ui(ui, theme, &tr("foreign.add"), true);
        });
        if answer == Some(Answer::Go)
            && let Some(candidate) = self.question.candidates.get(self.chosen)
        {
            let encoding = Some(candidate.encoding.clone());
            actions.push(Action::Ground(GroundAction::LookInto(
                self.path.clone(),
                encoding,
            )));
        }
        stays && answer.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use gis_core::io::EncodingCandidate;

    #[test]
    fn the_answer_is_chosen_by_what_it_would_give() {
        struct State {
            dialog: EncodingDialog,
            theme: Theme,
            actions: Vec<Action>,
        }
        let candidate = |encoding: &str, preview: &str| EncodingCandidate {
            encoding: encoding.to_owned(),
            preview: vec![preview.to_owned()],
        };
        let question = EncodingQuestion {
            file: "a.dxf".to_owned(),
            candidates: vec![candidate("UTF-8", "Сб"), candidate("gb18030", "小斜")],
        };
        let state = State {
            dialog: EncodingDialog::new("a.dxf".into(), question),
            theme: Theme::load(crate::theme::ThemeKind::Light).unwrap(),
            actions: Vec::new(),
        };
        let mut harness = Harness::builder()
            .with_context_setup(crate::fonts::install)
            .build_ui_state(
                |ui, state: &mut State| {
                    let ctx = ui.ctx().clone();
                    state.dialog.ui(&ctx, &state.theme, &mut state.actions);
                },
                state,
            );
        harness.run();
        harness.get_by_label("小斜");
        harness.get_by_label("gb18030").click();
        harness.run();
        harness.get_by_label(&tr("foreign.add")).click();
        harness.run();
        let [Action::Ground(GroundAction::LookInto(path, encoding))] = &harness.state().actions[..] else {
            panic!("{:?}", harness.state().actions)
        };
        assert_eq!(
            (path.to_str(), encoding.as_deref()),
            (Some("a.dxf"), Some("gb18030"))
        );
    }
}
