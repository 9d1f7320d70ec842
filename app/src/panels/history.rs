//! The journal of the project: everything that was ever done, and the way back and forth.

use egui::{RichText, ScrollArea, Ui};
use gis_core::project::{Entry, History};

use super::{PanelEnv, widgets};
use crate::commands::Command;
use crate::i18n::{say, tr};
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::theme::Theme;

#[derive(Debug)]
pub struct HistoryPanel {
    history: History,
    /// What is shown is not the last state of the journal.
    pub is_stale: bool,
    pub is_asked: bool,
}

impl Default for HistoryPanel {
    fn default() -> Self {
        Self {
            history: History::default(),
            is_stale: true,
            is_asked: false,
        }
    }
}

impl HistoryPanel {
    pub fn set(&mut self, history: History) {
        self.history = history;
        self.is_asked = false;
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.is_stale && !self.is_asked {
            (self.is_stale, self.is_asked) = (false, true);
            env.push(Action::Edit(EditAction::ReadHistory));
        }
        ui.horizontal(|ui| {
            for command in [Command::Undo, Command::Redo] {
                let button = ui
                    .add_enabled(!env.session.is_read_only, egui::Button::new(command.label()))
                    .on_hover_text(command.tooltip());
                if button.clicked() {
                    env.push(Action::Command(command));
                }
            }
        });
        ui.separator();
        if self.history.entries.is_empty() {
            widgets::empty_ui(ui, env.theme, &tr("editing.no_history"));
            return;
        }
        let position = self.history.position;
        // The newest first, and the beginning last.
        let rows = self.history.entries.len() + 1;
        let height = ui.text_style_height(&egui::TextStyle::Body) * 2.0 + 14.0;
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show_rows(ui, height, rows, |ui, shown| {
                for row in shown {
                    let entry = self
                        .history
                        .entries
                        .len()
                        .checked_sub(row + 1)
                        .map(|i| &self.history.entries[i]);
                    let number = entry.map_or(0, |entry| entry.number);
                    if row_ui(ui, env.theme, entry, number == position, height) && !env.session.is_read_only {
                        env.push(Action::Edit(EditAction::Jump(number)));
                    }
                }
            });
    }
}

/// Whether the row was clicked.
fn row_ui(ui: &mut Ui, theme: &Theme, entry: Option<&Entry>, is_here: bool, height: f32) -> bool {
    let (name, below) = match entry {
        Some(entry) => (
            say(&entry.name),
            format!(
                "{}  {}  {}",
                entry.number,
                local_time(entry.at_unix_ms),
                entry.who
            ),
        ),
        None => (tr("editing.beginning"), String::new()),
    };
    let is_in_force = entry.is_none_or(|entry| entry.is_in_force);
    let ink = match (is_here, is_in_force) {
        (true, _) => theme.text.strong.0,
        (false, true) => theme.text.primary.0,
        (false, false) => theme.text.weak.0,
    };
    let fill = if is_here {
        theme.accent.selection.0
    } else {
        egui::Color32::TRANSPARENT
    };
    let mut title = RichText::new(name).color(ink);
    if is_here {
        title = title.strong();
    }
    if !is_in_force {
        title = title.italics();
    }
    let frame = egui::Frame::new()
        .fill(fill)
        .corner_radius(4.0)
        .inner_margin(egui::Margin::symmetric(6, 3));
    let response = frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.set_min_height(height - 12.0);
            ui.add(egui::Label::new(title).truncate().selectable(false));
            let small = RichText::new(below).small().color(theme.text.weak.0);
            ui.add(egui::Label::new(small).truncate().selectable(false));
        })
        .response
        .interact(egui::Sense::click())
        .on_hover_text(tr(if is_here {
            "editing.you_are_here"
        } else {
            "editing.go_there"
        }));
    response.clicked() && !is_here
}

pub(super) fn local_time(at_unix_ms: u64) -> String {
    i64::try_from(at_unix_ms)
        .ok()
        .and_then(chrono::DateTime::from_timestamp_millis)
        .map(|at| {
            at.with_timezone(&chrono::Local)
                .format("%Y-%m-%d %H:%M:%S")
                .to_string()
        })
        .unwrap_or_default()
}
