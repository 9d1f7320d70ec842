//! The entries of a dictionary as a table, and what can be done to one.

use egui::{Grid, RichText, ScrollArea, Ui};
use gis_core::Message;
use gis_core::schema::{DictionaryEntry, Label, SchemaChange};

use super::{DictionariesDialog, EntryForm, Form, LIST_WIDTH};
use crate::i18n::{lang, say, tr};
use crate::panels::text;
use crate::theme::Theme;

impl DictionariesDialog {
    pub(super) fn entries_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let dictionaries = self.now.dictionaries.values();
        let names = dictionaries.map(|d| (d.key.clone(), d.label.text(lang()).to_owned()));
        let names: Vec<(String, String)> = names.collect();
        super::beside_ui(ui, self.height, |ui| {
            self.choose_ui(ui, names);
            ui.separator();
            ui.vertical(|ui| {
                ScrollArea::both()
                    .id_salt("entries")
                    .max_height(self.height)
                    .min_scrolled_height(self.height)
                    .auto_shrink([false, false])
                    .show(ui, |ui| self.entry_table_ui(ui, theme));
            });
        });
        ui.horizontal_wrapped(|ui| {
            let new = ui.add_sized(
                [LIST_WIDTH, ui.spacing().interact_size.y],
                egui::Button::new(tr("dictionaries.pane.new_dictionary")),
            );
            if new.clicked() {
                self.form = Some(Form::Dictionary {
                    key: String::new(),
                    label: Label::default(),
                });
            }
            ui.separator();
            self.entry_buttons_ui(ui);
        });
    }

    fn entry_table_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let Some(dictionary) = self.now.dictionary(&self.dictionary) else {
            return;
        };
        let usage = self.usage.get(&self.dictionary);
        let mut chosen = None;
        Grid::new("entries table")
            .striped(true)
            .spacing([18.0, 5.0])
            .show(ui, |ui| {
                for key in ["code", "zh", "en", "features", "state", "aliases"] {
                    ui.label(RichText::new(tr(&format!("dictionaries.word.{key}"))).strong());
                }
                ui.end_row();
                for entry in &dictionary.entries {
                    let ink = if entry.is_retired {
                        theme.text.weak.0
                    } else {
                        theme.text.strong.0
                    };
                    let shown = |text: &str| RichText::new(text).color(ink);
                    let is_chosen = self.chosen.as_deref() == Some(entry.code.as_str());
                    if ui.selectable_label(is_chosen, shown(&entry.code)).clicked() {
                        chosen = Some(entry.code.clone());
                    }
                    ui.label(shown(&entry.label.zh));
                    ui.label(shown(&entry.label.en));
                    let count = usage.map(|usage| usage.get(&entry.code).copied().unwrap_or(0));
                    ui.label(shown(&count.map_or_else(|| "\u{2026}".to_owned(), text::count)));
                    ui.label(shown(&say(&state(entry))));
                    let aliases = entry.aliases.join("; ");
                    ui.label(shown(&shortened(&aliases))).on_hover_text(&aliases);
                    ui.end_row();
                }
            });
        if chosen.is_some() {
            self.chosen = chosen;
            self.close_form();
        }
    }

    fn entry_buttons_ui(&mut self, ui: &mut Ui) {
        let (now, dictionary) = (&self.now, self.dictionary.clone());
        let Some(own) = now.dictionary(&dictionary) else {
            return;
        };
        let chosen = self.chosen.as_deref().and_then(|code| own.entry(code)).cloned();
        let at = chosen
            .as_ref()
            .and_then(|entry| own.entries.iter().position(|e| e.code == entry.code));
        let code_at = |at: usize| own.entries.get(at).map(|entry| entry.code.clone());
        let others = own
            .offered()
            .filter(|e| chosen.as_ref().is_some_and(|c| c.code != e.code));
        let others: Vec<(String, String)> = others
            .map(|e| (e.code.clone(), super::titled(&e.label, &e.code)))
            .collect();
        let (above, below, last) = match at {
            Some(at) => (
                at.checked_sub(1).and_then(code_at),
                code_at(at + 1),
                code_at(at + 2),
            ),
            None => (None, None, None),
        };
        if ui.button(tr("dictionaries.pane.add")).clicked() {
            self.form = Some(Form::Entry(EntryForm::default()));
        }
        let is_there = chosen.is_some();
        let button = |ui: &mut Ui, is_enabled: bool, key: &str| {
            ui.add_enabled(is_enabled, egui::Button::new(tr(key))).clicked()
        };
        if button(ui, is_there, "dictionaries.pane.change") {
            self.form = chosen.as_ref().map(|entry| Form::Entry(EntryForm::of(entry)));
        }
        let code = chosen
            .as_ref()
            .map(|entry| entry.code.clone())
            .unwrap_or_default();
        let put = |before: Option<String>| SchemaChange::MoveEntry {
            dictionary: dictionary.clone(),
            code: code.clone(),
            before,
        };
        if button(ui, above.is_some(), "dictionaries.pane.up") {
            self.propose(vec![put(above)]);
        }
        if button(ui, below.is_some(), "dictionaries.pane.down") {
            self.propose(vec![put(last)]);
        }
        let is_retired = chosen.as_ref().is_some_and(|entry| entry.is_retired);
        let (key, change) = if is_retired {
            (
                "revive",
                SchemaChange::ReviveEntry {
                    dictionary: dictionary.clone(),
                    code: code.clone(),
                },
            )
        } else {
            (
                "retire",
                SchemaChange::RetireEntry {
                    dictionary: dictionary.clone(),
                    code: code.clone(),
                },
            )
        };
        if button(ui, is_there, &format!("dictionaries.pane.{key}")) {
            self.propose(vec![change]);
        }
        let mut into = None;
        ui.add_enabled_ui(is_there && !is_retired, |ui| {
            ui.menu_button(tr("dictionaries.pane.merge"), |ui| {
                ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                    for (code, name) in &others {
                        if ui.button(name).clicked() {
                            into = Some(code.clone());
                            ui.close();
                        }
                    }
                });
            });
        });
        if let Some(into) = into {
            self.propose(vec![SchemaChange::MergeEntry {
                dictionary: dictionary.clone(),
                code,
                into,
            }]);
        }
    }
}

fn state(entry: &DictionaryEntry) -> Message {
    match (&entry.replaced_by, entry.is_retired) {
        (Some(into), _) => Message::new("dictionaries.state.merged").with("into", into),
        (None, true) => Message::new("dictionaries.state.retired"),
        (None, false) => Message::new("dictionaries.state.used"),
    }
}

/// What fits a column; the whole is shown when it is pointed at.
fn shortened(text: &str) -> String {
    const MOST: usize = 34;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start}\u{2026}")
}
