//! The particulars of an engineering project, of a new one or of one that is written down.

use chrono::NaiveDate;
use egui::{Context, Grid, RichText, TextEdit, Ui};
use gis_core::project::Engineering;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::tr;
use crate::shell::action::{Action, FilePurpose};
use crate::shell::engineering::{EngineeringAction, Entry};
use crate::theme::Theme;

#[derive(Debug)]
pub struct EngineeringDialog {
    entry: Entry,
    known: Engineering,
    begins: String,
    ends: String,
    /// One a line.
    drawings: String,
}

impl EngineeringDialog {
    pub fn new(known: Engineering, entry: Entry) -> Self {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            begins: day(known.begins),
            ends: day(known.ends),
            drawings: known.drawings.join("\n"),
            known,
            entry,
        }
    }

    /// A drawing that was chosen as a file.
    pub fn add_drawing(&mut self, path: &std::path::Path) {
        if !self.drawings.is_empty() && !self.drawings.ends_with('\n') {
            self.drawings.push('\n');
        }
        self.drawings.push_str(&path.display().to_string());
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let title = tr(match self.entry {
            Entry::New => "engineering.pane.new_title",
            Entry::Known => "engineering.pane.change_title",
        });
        let stays = dialog_ui(ctx, theme, "engineering", &title, 560.0, |ui| {
            Grid::new("engineering")
                .num_columns(2)
                .spacing([12.0, 8.0])
                .show(ui, |ui| self.fields_ui(ui, theme, actions));
            let is_ready = self.filled_in().is_some();
            answer = buttons_ui(ui, theme, &tr("app.common.save"), is_ready);
        });
        if answer == Some(Answer::Go)
            && let Some(filled_in) = self.filled_in()
        {
            let action = EngineeringAction::WriteDown(Box::new(filled_in), self.entry);
            actions.push(Action::Engineering(action));
        }
        stays && answer.is_none()
    }

    fn fields_ui(&mut self, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
        let is_new = self.entry == Entry::New;
        line_ui(ui, "number", &mut self.known.number, is_new);
        for (key, value) in [
            ("name", &mut self.known.name),
            ("designer", &mut self.known.designer),
            ("builder", &mut self.known.builder),
        ] {
            line_ui(ui, key, value, true);
        }
        for (key, value) in [("begins", &mut self.begins), ("ends", &mut self.ends)] {
            let label = ui.label(tr(&format!("engineering.word.{key}")));
            day_ui(ui, theme, value, label.id);
            ui.end_row();
        }
        let label = ui.label(tr("engineering.word.drawings"));
        ui.vertical(|ui| {
            let edit = TextEdit::multiline(&mut self.drawings)
                .desired_rows(3)
                .desired_width(380.0);
            ui.add(edit).labelled_by(label.id);
            ui.horizontal(|ui| {
                if ui.button(tr("app.common.browse")).clicked() {
                    actions.push(Action::ChooseFile(FilePurpose::Drawing));
                }
                let hint = RichText::new(tr("engineering.pane.drawings_hint")).small();
                ui.label(hint.color(theme.text.weak.0));
            });
        });
        ui.end_row();
    }

    /// `None` while something is missing or is no day.
    fn filled_in(&self) -> Option<Engineering> {
        let number = self.known.number.trim();
        let lines = self.drawings.lines().map(str::trim);
        (!number.is_empty()).then_some(())?;
        Some(Engineering {
            number: number.to_owned(),
            name: self.known.name.trim().to_owned(),
            designer: self.known.designer.trim().to_owned(),
            builder: self.known.builder.trim().to_owned(),
            begins: day(&self.begins).ok()?,
            ends: day(&self.ends).ok()?,
            drawings: lines.filter(|l| !l.is_empty()).map(str::to_owned).collect(),
        })
    }
}

fn line_ui(ui: &mut Ui, key: &str, value: &mut String, is_enabled: bool) {
    let label = ui.label(tr(&format!("engineering.word.{key}")));
    let edit = TextEdit::singleline(value).desired_width(380.0);
    ui.add_enabled(is_enabled, edit).labelled_by(label.id);
    ui.end_row();
}

/// A day as typed; a wrong one is said to be wrong.
pub(super) fn day_ui(ui: &mut Ui, theme: &Theme, typed: &mut String, label: egui::Id) {
    ui.horizontal(|ui| {
        let hint = tr("engineering.pane.day_hint");
        let edit = TextEdit::singleline(typed).hint_text(hint).desired_width(120.0);
        ui.add(edit).labelled_by(label);
        if day(typed).is_err() {
            ui.label(RichText::new(tr("engineering.pane.no_day")).color(theme.status.error.0));
        }
    });
}

/// Nothing typed is no day.
pub(super) fn day(typed: &str) -> chrono::ParseResult<Option<NaiveDate>> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed.parse().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_hands_over_what_was_typed_and_waits_for_days_of_the_calendar() {
        let mut dialog = EngineeringDialog::new(Engineering::default(), Entry::New);
        assert_eq!(dialog.filled_in(), None, "a number is needed");
        dialog.known.number = " G-1 ".to_owned();
        dialog.begins = "2026-02-30".to_owned();
        assert_eq!(dialog.filled_in(), None);
        dialog.begins = "2026-02-28".to_owned();
        dialog.add_drawing(std::path::Path::new("a.dwg"));
        dialog.add_drawing(std::path::Path::new("b.dwg"));
        let filled_in = dialog.filled_in().expect("complete");
        assert_eq!(filled_in.number, "G-1");
        assert_eq!(filled_in.begins, NaiveDate::from_ymd_opt(2026, 2, 28));
        assert_eq!(filled_in.drawings, ["a.dwg", "b.dwg"]);
    }
}
