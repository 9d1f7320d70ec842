//! 数据字典与字段: the dictionaries of the project and the fields of its classes. Changes are collected and shown with what
//! they mean for the data; all of them are made as one step. What a change may be is told by `gis_core::schema`.

mod entries;
mod entry_form;
mod field_form;
mod fields;
mod pending;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Context, RichText, ScrollArea, Ui};
use gis_core::Message;
use gis_core::project::SchemaEffect;
use gis_core::schema::{Label, Schema, SchemaChange};

use self::entry_form::EntryForm;
use self::field_form::FieldForm;
use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{lang, say, tr, tr_with};
use crate::shell::action::{Action, FilePurpose};
use crate::shell::reshaping::ReshapeAction;
use crate::theme::Theme;

const WIDTH: f32 = 1180.0;
const LIST_WIDTH: f32 = 190.0;
/// Of the lists and tables; lower in a low window.
const HEIGHT: f32 = 330.0;
/// What the dialog needs beside them.
const BESIDE: f32 = 540.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Tab {
    Entries,
    Fields,
}

/// What is being filled in.
#[derive(Debug)]
enum Form {
    Entry(EntryForm),
    Dictionary { key: String, label: Label },
    Field(Box<FieldForm>),
}

#[derive(Debug)]
pub struct DictionariesDialog {
    /// As the project has it.
    base: Arc<Schema>,
    changes: Vec<SchemaChange>,
    /// With the changes.
    now: Schema,
    is_read_only: bool,
    height: f32,
    tab: Tab,
    /// Key of the dictionary or class that is shown.
    dictionary: String,
    class: String,
    /// Code or key of the row that is chosen.
    chosen: Option<String>,
    form: Option<Form>,
    /// Number of features with each code, by dictionary.
    usage: BTreeMap<String, BTreeMap<String, u64>>,
    asked_usage: Option<String>,
    effects: Vec<SchemaEffect>,
    /// Rises with each question for effects.
    asked: u64,
    is_counting: bool,
    is_applying: bool,
    error: Option<Message>,
    conflicts: Vec<Message>,
}

impl DictionariesDialog {
    pub fn new(schema: &Arc<Schema>, is_read_only: bool) -> Self {
        let first = |key: &str, all: Option<&String>| all.map_or_else(|| key.to_owned(), Clone::clone);
        let dictionary = if schema.dictionary("material").is_some() {
            "material".to_owned()
        } else {
            first("", schema.dictionaries.keys().next())
        };
        Self {
            base: Arc::clone(schema),
            changes: Vec::new(),
            now: (**schema).clone(),
            is_read_only,
            height: HEIGHT,
            tab: Tab::Entries,
            dictionary,
            class: first("", schema.classes.first().map(|class| &class.key)),
            chosen: None,
            form: None,
            usage: BTreeMap::new(),
            asked_usage: None,
            effects: Vec::new(),
            asked: 0,
            is_counting: false,
            is_applying: false,
            error: None,
            conflicts: Vec::new(),
        }
    }

    pub fn set_usage(&mut self, dictionary: String, counts: BTreeMap<String, u64>) {
        self.usage.insert(dictionary, counts);
    }

    pub fn set_effects(&mut self, number: u64, effects: Vec<SchemaEffect>) {
        if number == self.asked {
            self.effects = effects;
            self.is_counting = false;
        }
    }

    /// What a file would change, behind what was collected so far.
    pub fn set_imported(&mut self, changes: Vec<SchemaChange>, conflicts: Vec<Message>) {
        self.conflicts = conflicts;
        if changes.is_empty() && self.conflicts.is_empty() {
            self.conflicts.push(Message::new("dictionaries.cli.nothing"));
        }
        // They were compared with the project as it is.
        self.put(changes);
    }

    pub fn failed(&mut self, message: Message) {
        self.is_applying = false;
        self.is_counting = false;
        self.error = Some(message);
    }

    /// The changes are being made: the window is free, to watch the task or break it off.
    pub fn is_hidden(&self) -> bool {
        self.is_applying
    }

    fn close_form(&mut self) {
        self.form = None;
        self.error = None;
    }

    /// Adds changes to those that will be made, where that can be.
    fn propose(&mut self, more: Vec<SchemaChange>) -> bool {
        let mut changes = self.changes.clone();
        changes.extend(more);
        self.put(changes)
    }

    fn put(&mut self, changes: Vec<SchemaChange>) -> bool {
        match self.base.changed(&changes) {
            Ok((now, _)) => {
                self.now = now;
                self.changes = changes;
                self.error = None;
                self.asked += 1;
                self.effects.clear();
                self.is_counting = true;
                true
            }
            Err(error) => {
                self.error = Some(error.message());
                false
            }
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        if self.is_hidden() {
            return true;
        }
        let mut answer = None;
        let before = self.asked;
        self.height = (ctx.content_rect().height() - BESIDE).clamp(110.0, HEIGHT);
        let stays = dialog_ui(
            ctx,
            theme,
            "dictionaries",
            &tr("dictionaries.title"),
            WIDTH,
            |ui| {
                self.head_ui(ui, actions);
                ui.separator();
                match self.tab {
                    Tab::Entries => self.entries_ui(ui, theme),
                    Tab::Fields => self.fields_ui(ui, theme),
                }
                self.form_ui(ui, theme);
                self.notices_ui(ui, theme);
                ui.separator();
                self.pending_ui(ui, theme);
                let go = tr("dictionaries.pane.apply");
                let is_ready = !(self.changes.is_empty() || self.is_read_only);
                answer = buttons_ui(ui, theme, &go, is_ready);
            },
        );
        let ask = |action| Action::Reshape(action);
        if self.asked != before {
            actions.push(ask(ReshapeAction::Count(self.asked, self.changes.clone())));
        }
        if self.tab == Tab::Entries && self.asked_usage.as_deref() != Some(&self.dictionary) {
            self.asked_usage = Some(self.dictionary.clone());
            actions.push(ask(ReshapeAction::Usage(self.dictionary.clone())));
        }
        if answer == Some(Answer::Go) {
            self.is_applying = true;
            self.form = None;
            actions.push(ask(ReshapeAction::Apply(self.changes.clone())));
        }
        stays && answer != Some(Answer::Cancel)
    }

    fn head_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        ui.horizontal(|ui| {
            for tab in <Tab as strum::IntoEnumIterator>::iter() {
                let name: &str = tab.into();
                let text = RichText::new(tr(&format!("dictionaries.pane.tab_{name}"))).strong();
                if ui.selectable_label(self.tab == tab, text).clicked() {
                    self.tab = tab;
                    self.chosen = None;
                    self.close_form();
                }
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                for (key, purpose) in [
                    ("dictionaries.pane.export", FilePurpose::SaveDictionaries),
                    ("dictionaries.pane.import", FilePurpose::LoadDictionaries),
                ] {
                    if ui.button(tr(key)).clicked() {
                        actions.push(Action::ChooseFile(purpose));
                    }
                }
            });
        });
    }

    /// A list at the left to choose whose rows are shown.
    fn choose_ui(&mut self, ui: &mut Ui, names: Vec<(String, String)>) {
        let shown = match self.tab {
            Tab::Entries => &self.dictionary,
            Tab::Fields => &self.class,
        };
        let mut wanted = None;
        ui.vertical(|ui| {
            ui.set_width(LIST_WIDTH);
            ScrollArea::vertical()
                .id_salt("dictionaries list")
                .max_height(self.height)
                .min_scrolled_height(self.height)
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    ui.with_layout(egui::Layout::top_down_justified(egui::Align::LEFT), |ui| {
                        for (key, name) in names {
                            if ui.selectable_label(*shown == key, name).clicked() {
                                wanted = Some(key);
                            }
                        }
                    });
                });
        });
        let Some(wanted) = wanted else { return };
        match self.tab {
            Tab::Entries => self.dictionary = wanted,
            Tab::Fields => self.class = wanted,
        }
        self.chosen = None;
        self.close_form();
    }

    fn form_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let Some(mut form) = self.form.take() else { return };
        ui.add_space(4.0);
        let mut answer = None;
        egui::Frame::group(ui.style()).show(ui, |ui| {
            ui.set_width(ui.available_width());
            match &mut form {
                Form::Entry(form) => form.ui(ui, self.now.dictionary(&self.dictionary)),
                Form::Field(form) => form.ui(ui, &self.now),
                Form::Dictionary { key, label } => {
                    ui.horizontal_wrapped(|ui| {
                        line_ui(ui, "key", key, 130.0);
                        label_ui(ui, label);
                    });
                }
            }
            ui.horizontal(|ui| {
                if ui
                    .add(crate::panels::widgets::primary_button(
                        theme,
                        &tr("dictionaries.pane.note"),
                    ))
                    .clicked()
                {
                    answer = Some(true);
                }
                if ui.button(tr("dictionaries.pane.dismiss")).clicked() {
                    answer = Some(false);
                }
            });
        });
        let is_done = match answer {
            Some(true) => self.take_in(&form),
            Some(false) => {
                self.error = None;
                true
            }
            None => false,
        };
        if !is_done {
            self.form = Some(form);
        }
    }

    /// Whether what was filled in can be.
    fn take_in(&mut self, form: &Form) -> bool {
        let found = match form {
            Form::Entry(form) => form.changes(&self.now, &self.dictionary),
            Form::Field(form) => form.changes(&self.now, &self.class),
            Form::Dictionary { key, label } => Ok(vec![SchemaChange::AddDictionary {
                dictionary: key.trim().to_owned(),
                label: label.clone(),
            }]),
        };
        match found {
            Ok(changes) => {
                let is_in = changes.is_empty() || self.propose(changes);
                if let (true, Form::Dictionary { key, .. }) = (is_in, form) {
                    key.trim().clone_into(&mut self.dictionary);
                }
                is_in
            }
            Err(error) => {
                self.error = Some(error.message());
                false
            }
        }
    }

    fn notices_ui(&self, ui: &mut Ui, theme: &Theme) {
        let (ink, ground) = (theme.status.error.0, theme.status.error_ground.0);
        if let Some(error) = &self.error {
            crate::panels::widgets::notice_ui(ui, ink, ground, &say(error));
        }
        let (ink, ground) = (theme.status.warning.0, theme.status.warning_ground.0);
        if self.is_read_only {
            crate::panels::widgets::notice_ui(ui, ink, ground, &tr("dictionaries.pane.read_only"));
        }
        if !self.conflicts.is_empty() {
            let lines: Vec<String> = self.conflicts.iter().take(8).map(say).collect();
            let more = self.conflicts.len().saturating_sub(lines.len());
            let mut text = lines.join("\n");
            if more > 0 {
                text.push('\n');
                text.push_str(&tr_with("dictionaries.pane.more", "count", more));
            }
            crate::panels::widgets::notice_ui(ui, ink, ground, &text);
        }
    }
}

/// Lists beside each other, as high as they may be.
fn beside_ui(ui: &mut Ui, height: f32, lists: impl FnOnce(&mut Ui)) {
    let room = egui::vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(room, egui::Layout::left_to_right(egui::Align::Min), lists);
}

/// A line to fill in behind its name.
fn line_ui(ui: &mut Ui, key: &str, text: &mut String, width: f32) {
    let label = ui.label(tr(&format!("dictionaries.word.{key}")));
    let edit = egui::TextEdit::singleline(text).desired_width(width);
    ui.add(edit).labelled_by(label.id);
}

fn label_ui(ui: &mut Ui, label: &mut Label) {
    line_ui(ui, "zh", &mut label.zh, 150.0);
    line_ui(ui, "en", &mut label.en, 170.0);
}

/// Names as people type them into one line.
fn names_of(text: &str) -> Vec<String> {
    let parts = text
        .split([';', '\u{ff1b}', ',', '\u{ff0c}', '\u{3001}'])
        .map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A label with the key behind it.
fn titled(label: &Label, key: &str) -> String {
    let text = label.text(lang());
    if text == key {
        key.to_owned()
    } else {
        format!("{text}  {key}")
    }
}
