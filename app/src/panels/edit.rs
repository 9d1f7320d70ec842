//! What the tools of editing make: the class and attributes of new nodes and pipes, kept from one to the next.

use std::fmt::Debug;
use std::hash::Hash;

use egui::{ComboBox, Grid, TextEdit, Ui};
use gis_core::rules::{Acceptance, Finding};
use gis_core::schema::{FeatureClass, FieldType, GeometryKind, Schema};
use serde_json::{Map, Value as Json};

use super::findings::repairs_ui;
use super::issues::zoom_ui;
use super::{PanelEnv, widgets};
use crate::commands::Command;
use crate::i18n::{lang, say, tr, tr_with};
use crate::shell::action::Action;
use crate::shell::checking::RulesAction;
use crate::shell::editing::EditAction;
use crate::shell::messages::severity_colors;

/// Attributes of pipes that a template offers first, where the class has them.
const PIPE_FIELDS: [&str; 5] = ["diameter_mm", "material", "state", "dma", "address"];
const NODE_FIELDS: [&str; 4] = ["kind", "diameter_mm", "state", "address"];

#[derive(Debug)]
pub struct EditPanel {
    pub node_class: String,
    pub pipe_class: String,
    /// By key of the field, as typed or as code; empty where nothing is said.
    node: Vec<(String, String)>,
    pipe: Vec<(String, String)>,
    /// Edits on their way into the project.
    pub under_way: usize,
    /// What edits broke and nobody has mended, let stand or clicked away.
    told: Vec<Finding>,
}

impl Default for EditPanel {
    fn default() -> Self {
        Self {
            node_class: "junction".to_owned(),
            pipe_class: "pipe".to_owned(),
            node: Vec::new(),
            pipe: Vec::new(),
            under_way: 0,
            told: Vec::new(),
        }
    }
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

    pub fn node_values(&self) -> Map<String, Json> {
        values(&self.node)
    }

    pub fn pipe_values(&self) -> Map<String, Json> {
        values(&self.pipe)
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
                self.told_ui(ui, env);
                let schema = &env.session.schema;
                ui.strong(tr("editing.new_nodes"));
                template_ui(
                    ui,
                    schema,
                    GeometryKind::Point,
                    &mut self.node_class,
                    &mut self.node,
                    &NODE_FIELDS,
                );
                ui.add_space(12.0);
                ui.strong(tr("editing.new_pipes"));
                template_ui(
                    ui,
                    schema,
                    GeometryKind::Line,
                    &mut self.pipe_class,
                    &mut self.pipe,
                    &PIPE_FIELDS,
                );
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

fn values(of: &[(String, String)]) -> Map<String, Json> {
    let said = of.iter().filter(|(_, value)| !value.trim().is_empty());
    said.map(|(key, value)| (key.clone(), Json::from(value.trim())))
        .collect()
}

fn template_ui(
    ui: &mut Ui,
    schema: &Schema,
    kind: GeometryKind,
    class_key: &mut String,
    values: &mut Vec<(String, String)>,
    fields: &[&str],
) {
    let label = |class: &FeatureClass| class.label.text(lang()).to_owned();
    let chosen = schema.class_index(class_key).map(|class| schema.class(class));
    Grid::new(("template", kind == GeometryKind::Line))
        .num_columns(2)
        .spacing([10.0, 6.0])
        .show(ui, |ui| {
            ui.label(tr("editing.class"));
            ComboBox::from_id_salt(("class", kind == GeometryKind::Line))
                .width(170.0)
                .selected_text(chosen.map_or_else(|| class_key.clone(), label))
                .show_ui(ui, |ui| {
                    for class in schema.classes.iter().filter(|c| c.geometry == kind) {
                        if ui
                            .selectable_label(class.key == *class_key, label(class))
                            .clicked()
                        {
                            class_key.clone_from(&class.key);
                            values.retain(|(key, _)| key != "kind");
                        }
                    }
                });
            ui.end_row();
            let Some(class) = chosen else { return };
            for key in fields {
                let Some(field) = class.field_index(key).map(|i| &class.fields[i]) else {
                    continue;
                };
                let unit = field.unit.as_ref().map(|unit| format!(" ({unit})"));
                ui.label(format!(
                    "{}{}",
                    field.label.text(lang()),
                    unit.unwrap_or_default()
                ));
                let at = values.iter().position(|(known, _)| known == key);
                let at = at.unwrap_or_else(|| {
                    values.push(((*key).to_owned(), String::new()));
                    values.len() - 1
                });
                let value = &mut values[at].1;
                match &field.field_type {
                    FieldType::Code(dictionary) => {
                        let salt = (*key, kind == GeometryKind::Line);
                        code_ui(ui, schema, dictionary, salt, value);
                    }
                    _ => {
                        ui.add(TextEdit::singleline(value).desired_width(170.0));
                    }
                }
                ui.end_row();
            }
        });
}

/// A choice from a dictionary, by its labels.
pub(super) fn code_ui(
    ui: &mut Ui,
    schema: &Schema,
    dictionary: &str,
    salt: impl Hash + Debug,
    code: &mut String,
) {
    let entries = schema.dictionary(dictionary).map_or(&[][..], |d| &d.entries);
    let shown = entries.iter().find(|entry| entry.code == *code);
    ComboBox::from_id_salt(("code", salt))
        .width(170.0)
        .selected_text(shown.map_or("–", |entry| entry.label.text(lang())))
        .show_ui(ui, |ui| {
            if ui.selectable_label(code.is_empty(), "–").clicked() {
                code.clear();
            }
            for entry in entries {
                if ui
                    .selectable_label(entry.code == *code, entry.label.text(lang()))
                    .clicked()
                {
                    code.clone_from(&entry.code);
                }
            }
        });
}
