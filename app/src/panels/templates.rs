//! Templates: the class and attributes of what is drawn next, kept from one feature to the next and, by name, with the
//! project.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;

use egui::{ComboBox, Grid, TextEdit, Ui};
use gis_core::schema::{FeatureClass, Field, FieldType, GeometryKind, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::i18n::{lang, tr, tr_with};

/// Name of the document in the project.
pub const DOCUMENT: &str = "templates";
const WIDTH: f32 = 170.0;
/// Attributes that a template offers first, where the class has them.
const PIPE_FIELDS: [&str; 5] = ["diameter_mm", "material", "state", "dma", "address"];
const NODE_FIELDS: [&str; 4] = ["kind", "diameter_mm", "state", "address"];

/// What a new feature is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub class: String,
    /// By key of the field, as typed or as code; empty where nothing is said.
    values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    name: String,
    template: Template,
}

/// Of nodes or of pipes: the one in use, and those that were kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    pub now: Template,
    kept: Vec<Kept>,
    /// The name being written for the one in use.
    #[serde(skip)]
    naming: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates {
    pub node: Shelf,
    pub pipe: Shelf,
}

impl Default for Templates {
    fn default() -> Self {
        Self {
            node: Shelf::new("junction"),
            pipe: Shelf::new("pipe"),
        }
    }
}

impl Templates {
    /// As kept with a project; what cannot be read, or speaks of classes that are not there, is left out.
    pub fn read(text: Option<&str>, schema: &Schema) -> Self {
        let read = text.and_then(|text| {
            serde_json::from_str::<Self>(text)
                .inspect_err(|error| log::warn!("the templates are not readable: {error}"))
                .ok()
        });
        let mut templates = read.unwrap_or_default();
        templates.node.fit(schema, GeometryKind::Point, "junction");
        templates.pipe.fit(schema, GeometryKind::Line, "pipe");
        templates
    }

    pub fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Whether what is kept has changed.
    pub fn ui(&mut self, ui: &mut Ui, schema: &Schema) -> bool {
        ui.strong(tr("editing.new_nodes"));
        let of_nodes = self.node.ui(ui, schema, GeometryKind::Point);
        ui.add_space(12.0);
        ui.strong(tr("editing.new_pipes"));
        let of_pipes = self.pipe.ui(ui, schema, GeometryKind::Line);
        of_nodes || of_pipes
    }
}

impl Template {
    /// What is said, for a request.
    pub fn values(&self) -> Map<String, Json> {
        let said = self.values.iter().filter(|(_, value)| !value.trim().is_empty());
        said.map(|(key, value)| (key.clone(), Json::from(value.trim())))
            .collect()
    }

    /// As somebody types it, or as a code.
    pub fn set(&mut self, field: &str, value: &str) {
        self.values.insert(field.to_owned(), value.to_owned());
    }

    fn has_class(&self, schema: &Schema, kind: GeometryKind) -> bool {
        let class = schema.class_index(&self.class).map(|class| schema.class(class));
        class.is_some_and(|class| class.geometry == kind)
    }

    /// A name that says what is in it: `DN300 ductile iron, DMA 3`.
    fn suggested(&self, schema: &Schema) -> String {
        let Some(class) = schema.class_index(&self.class).map(|class| schema.class(class)) else {
            return self.class.clone();
        };
        let said = self.values.iter().filter(|(_, value)| !value.trim().is_empty());
        let words: Vec<String> = said
            .filter_map(|(key, value)| {
                let field = class.field_index(key).map(|i| &class.fields[i])?;
                Some(match &field.field_type {
                    _ if key == "diameter_mm" => format!("DN{}", value.trim()),
                    FieldType::Code(dictionary) => label_of(schema, dictionary, value),
                    _ => format!("{} {}", field.label.text(lang()), value.trim()),
                })
            })
            .collect();
        if words.is_empty() {
            return class.label.text(lang()).to_owned();
        }
        words.join(" ")
    }
}

impl Shelf {
    fn new(class: &str) -> Self {
        Self {
            now: Template {
                class: class.to_owned(),
                values: BTreeMap::new(),
            },
            kept: Vec::new(),
            naming: None,
        }
    }

    /// Of those that are kept.
    pub fn names(&self) -> Vec<&str> {
        self.kept.iter().map(|kept| kept.name.as_str()).collect()
    }

    fn fit(&mut self, schema: &Schema, kind: GeometryKind, class: &str) {
        self.kept.retain(|kept| kept.template.has_class(schema, kind));
        if !self.now.has_class(schema, kind) {
            self.now = Self::new(class).now;
        }
    }

    fn ui(&mut self, ui: &mut Ui, schema: &Schema, kind: GeometryKind) -> bool {
        let is_changed = self.kept_ui(ui, schema, kind);
        let fields: &[&str] = match kind {
            GeometryKind::Point => &NODE_FIELDS,
            GeometryKind::Line => &PIPE_FIELDS,
        };
        self.now.ui(ui, schema, kind, fields);
        is_changed
    }

    /// The ones that were kept, to be taken up or thrown away, and the field for a name.
    fn kept_ui(&mut self, ui: &mut Ui, schema: &Schema, kind: GeometryKind) -> bool {
        let current = self.kept.iter().position(|kept| kept.template == self.now);
        let mut is_changed = false;
        ui.horizontal(|ui| {
            let shown = current.map_or_else(|| "–".to_owned(), |i| self.kept[i].name.clone());
            ui.add_enabled_ui(!self.kept.is_empty(), |ui| {
                ComboBox::from_id_salt(("kept", kind))
                    .width(WIDTH)
                    .selected_text(shown)
                    .show_ui(ui, |ui| {
                        for kept in &self.kept {
                            let is_current = kept.template == self.now;
                            if ui.selectable_label(is_current, &kept.name).clicked() {
                                self.now = kept.template.clone();
                            }
                        }
                    })
                    .response
                    .on_hover_text(tr("editing.templates_tip"));
            });
            if let Some(i) = current {
                if ui.small_button(tr("editing.template_drop")).clicked() {
                    self.kept.remove(i);
                    is_changed = true;
                }
            } else if self.naming.is_none() && ui.small_button(tr("editing.template_keep")).clicked() {
                self.naming = Some(self.now.suggested(schema));
            }
        });
        if let Some(name) = &mut self.naming {
            let response = ui.add(
                TextEdit::singleline(name)
                    .desired_width(WIDTH)
                    .hint_text(tr("editing.template_name")),
            );
            let is_entered = ui.input(|i| i.key_pressed(egui::Key::Enter));
            if response.lost_focus() {
                let name = self.naming.take().unwrap_or_default().trim().to_owned();
                if is_entered && !name.is_empty() {
                    self.kept.retain(|kept| kept.name != name);
                    self.kept.push(Kept {
                        name,
                        template: self.now.clone(),
                    });
                    self.kept.sort_by(|a, b| a.name.cmp(&b.name));
                    is_changed = true;
                }
            } else if !response.has_focus() {
                response.request_focus();
            }
        }
        is_changed
    }
}

impl Template {
    fn ui(&mut self, ui: &mut Ui, schema: &Schema, kind: GeometryKind, first: &[&str]) {
        let label = |class: &FeatureClass| class.label.text(lang()).to_owned();
        let chosen = schema.class_index(&self.class).map(|class| schema.class(class));
        Grid::new(("template", kind))
            .num_columns(2)
            .spacing([10.0, 6.0])
            .show(ui, |ui| {
                ui.label(tr("editing.class"));
                ComboBox::from_id_salt(("class", kind))
                    .width(WIDTH)
                    .selected_text(chosen.map_or_else(|| self.class.clone(), label))
                    .show_ui(ui, |ui| {
                        for class in schema.classes.iter().filter(|c| c.geometry == kind) {
                            if ui
                                .selectable_label(class.key == self.class, label(class))
                                .clicked()
                            {
                                self.class.clone_from(&class.key);
                                self.values.retain(|key, _| key != "kind");
                            }
                        }
                    });
                ui.end_row();
                let Some(class) = chosen else { return };
                let is_offered = |field: &&Field| {
                    first.contains(&field.key.as_str()) || self.values.contains_key(&field.key)
                };
                let fields = class.offered().map(|(_, field)| field);
                let offered: Vec<&Field> = fields.filter(is_offered).collect();
                for field in offered {
                    self.field_ui(ui, schema, field, kind);
                }
                ui.label("");
                self.more_ui(ui, class, first, kind);
                ui.end_row();
            });
    }

    fn field_ui(&mut self, ui: &mut Ui, schema: &Schema, field: &Field, kind: GeometryKind) {
        let unit = field.unit.as_ref().map(|unit| format!(" ({unit})"));
        ui.label(format!(
            "{}{}",
            field.label.text(lang()),
            unit.unwrap_or_default()
        ));
        let mut value = self.values.get(&field.key).cloned().unwrap_or_default();
        let before = value.clone();
        match &field.field_type {
            FieldType::Code(dictionary) => {
                code_ui(ui, schema, dictionary, (&field.key, kind), &mut value);
            }
            _ => {
                ui.add(TextEdit::singleline(&mut value).desired_width(WIDTH));
            }
        }
        ui.end_row();
        if value != before {
            self.set(&field.key, &value);
        }
    }

    /// Fields that are not offered at once.
    fn more_ui(&mut self, ui: &mut Ui, class: &FeatureClass, first: &[&str], kind: GeometryKind) {
        let is_left = |field: &&Field| {
            !first.contains(&field.key.as_str())
                && field.key != "code"
                && !self.values.contains_key(&field.key)
        };
        let left: Vec<&Field> = class.offered().map(|(_, field)| field).filter(is_left).collect();
        if left.is_empty() {
            return;
        }
        ComboBox::from_id_salt(("more", kind))
            .width(WIDTH)
            .selected_text(tr_with("editing.template_more", "count", left.len()))
            .show_ui(ui, |ui| {
                for field in left {
                    if ui.selectable_label(false, field.label.text(lang())).clicked() {
                        self.set(&field.key, "");
                    }
                }
            });
    }
}

fn label_of(schema: &Schema, dictionary: &str, code: &str) -> String {
    let entry = schema.dictionary(dictionary).and_then(|d| d.entry(code));
    entry.map_or_else(|| code.to_owned(), |entry| entry.label.text(lang()).to_owned())
}

/// A choice from a dictionary, by its labels.
pub(super) fn code_ui(
    ui: &mut Ui,
    schema: &Schema,
    dictionary: &str,
    salt: impl Hash + Debug,
    code: &mut String,
) {
    let dictionary = schema.dictionary(dictionary);
    let shown = dictionary.and_then(|d| d.entry(code));
    ComboBox::from_id_salt(("code", salt))
        .width(170.0)
        .selected_text(shown.map_or("–", |entry| entry.label.text(lang())))
        .show_ui(ui, |ui| {
            if ui.selectable_label(code.is_empty(), "–").clicked() {
                code.clear();
            }
            for entry in dictionary
                .into_iter()
                .flat_map(gis_core::schema::Dictionary::offered)
            {
                if ui
                    .selectable_label(entry.code == *code, entry.label.text(lang()))
                    .clicked()
                {
                    code.clone_from(&entry.code);
                }
            }
        });
}
