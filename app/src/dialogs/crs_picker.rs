//! Chooses a coordinate system: the offered list with a filter, or any EPSG code.

use egui::{RichText, Ui};
use gis_core::io::CrsChoice;
use gis_core::{Crs, Message, Result};

use crate::i18n::{say, tr};
use crate::shell::action::Action;
use crate::theme::Theme;

#[derive(Debug, Default)]
pub struct CrsPicker {
    choices: Vec<CrsChoice>,
    typed: String,
    chosen: Option<Crs>,
    failure: Option<Message>,
    /// What is being looked up.
    asked: Option<String>,
}

impl CrsPicker {
    /// Starts anew; the offered list is kept, it does not change.
    pub fn start(&mut self) {
        *self = Self {
            choices: std::mem::take(&mut self.choices),
            ..Self::default()
        };
    }

    pub fn has_choices(&self) -> bool {
        !self.choices.is_empty()
    }

    pub fn offered(&mut self, choices: Vec<CrsChoice>) {
        self.choices = choices;
    }

    pub fn parsed(&mut self, typed: &str, crs: Result<Crs>) {
        if self.asked.as_deref() != Some(typed) {
            return;
        }
        self.asked = None;
        match crs {
            Ok(crs) => {
                self.chosen = Some(crs);
                self.failure = None;
            }
            Err(error) => self.failure = Some(error.message()),
        }
    }

    pub fn chosen(&self) -> Option<&Crs> {
        self.chosen.as_ref()
    }

    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    fn ask(&mut self, definition: String, actions: &mut Vec<Action>) {
        self.chosen = None;
        self.asked = Some(definition.clone());
        actions.push(Action::SearchCrs(definition));
    }

    pub fn ui(&mut self, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
        ui.horizontal(|ui| {
            let edit = egui::TextEdit::singleline(&mut self.typed)
                .hint_text(tr("app.crs.hint"))
                .desired_width(ui.available_width() - 110.0);
            let response = ui.add(edit);
            let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let has_text = !self.typed.trim().is_empty();
            let button = ui.add_enabled(has_text, egui::Button::new(tr("app.crs.look_up")));
            if (button.clicked() || is_entered) && has_text {
                self.ask(self.typed.trim().to_owned(), actions);
            }
        });
        let wanted = self.typed.trim().to_lowercase();
        let fits: Vec<usize> = (0..self.choices.len())
            .filter(|i| {
                let choice = &self.choices[*i];
                wanted.is_empty()
                    || choice.name.to_lowercase().contains(&wanted)
                    || choice
                        .epsg
                        .to_string()
                        .contains(wanted.trim_start_matches("epsg:"))
            })
            .collect();
        let mut asked = None;
        egui::Frame::new()
            .fill(theme.surface.input.0)
            .stroke(egui::Stroke::new(1.0, theme.surface.border.0))
            .corner_radius(4)
            .inner_margin(egui::Margin::same(4))
            .show(ui, |ui| {
                let rows = egui::ScrollArea::vertical()
                    .id_salt("crs_list")
                    .max_height(190.0)
                    .auto_shrink([false, false]);
                rows.show_rows(ui, theme.size.row, fits.len(), |ui, range| {
                    for i in range {
                        let choice = &self.choices[fits[i]];
                        let row = crate::panels::widgets::Row {
                            code: choice.name.clone(),
                            figure: format!("EPSG:{}", choice.epsg),
                            is_selected: self.chosen.as_ref().is_some_and(|c| c.epsg == Some(choice.epsg)),
                            ..Default::default()
                        };
                        if crate::panels::widgets::row_ui(ui, theme, &row, 0.0).clicked() {
                            asked = Some(format!("EPSG:{}", choice.epsg));
                        }
                    }
                });
            });
        if let Some(definition) = asked {
            self.ask(definition, actions);
        }
        self.verdict_ui(ui, theme);
    }

    fn verdict_ui(&self, ui: &mut Ui, theme: &Theme) {
        ui.horizontal(|ui| {
            if self.asked.is_some() {
                ui.spinner();
                ui.label(tr("app.crs.looking"));
            } else if let Some(failure) = &self.failure {
                ui.label(RichText::new(say(failure)).color(theme.status.error.0));
            } else if let Some(crs) = &self.chosen {
                let epsg = crs.epsg.map(|e| format!("  EPSG:{e}")).unwrap_or_default();
                ui.label(RichText::new(format!("{}{epsg}", crs.name)).color(theme.status.success.0));
            } else {
                ui.label(RichText::new(tr("app.crs.none")).color(theme.text.weak.0));
            }
        });
    }
}
