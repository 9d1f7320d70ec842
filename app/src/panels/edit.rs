//! What the tools of editing make: the class and attributes of new nodes and pipes, kept from one to the next.

use std::fmt::Debug;
use std::hash::Hash;

use egui::{ComboBox, Grid, TextEdit, Ui};
use gis_core::schema::{FeatureClass, FieldType, GeometryKind, Schema};
use serde_json::{Map, Value as Json};

use super::{PanelEnv, widgets};
use crate::commands::Command;
use crate::i18n::{lang, tr};
use crate::shell::action::Action;

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
}

impl Default for EditPanel {
    fn default() -> Self {
        Self {
            node_class: "junction".to_owned(),
            pipe_class: "pipe".to_owned(),
            node: Vec::new(),
            pipe: Vec::new(),
            under_way: 0,
        }
    }
}

impl EditPanel {
    /// One edit has come back.
    pub fn done(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
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
        let schema = &env.session.schema;
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
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
