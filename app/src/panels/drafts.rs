//! Cells of an attribute table while one types into them: what is typed becomes a value when the cell is left.

use std::collections::HashMap;

use egui::{Id, Key, TextEdit, Ui};
use gis_core::schema::{FieldType, Schema};
use gis_core::{Feature, FeatureId, Value};
use serde_json::Value as Json;

use super::templates::code_ui;

/// What has been typed and not yet been handed over.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    of: Option<FeatureId>,
    texts: HashMap<usize, String>,
}

impl Drafts {
    /// Shows a cell to be changed, which the widget `name` names; the new value once it is there.
    pub(super) fn cell_ui(
        &mut self,
        ui: &mut Ui,
        schema: &Schema,
        feature: &Feature,
        i: usize,
        name: Id,
    ) -> Option<Json> {
        if self.of != Some(feature.id) {
            self.of = Some(feature.id);
            self.texts.clear();
        }
        let field = &schema.class(feature.class).fields[i];
        let value = feature.values.get(i).unwrap_or(&Value::Null);
        match &field.field_type {
            FieldType::Code(dictionary) => {
                let before = value.as_text().unwrap_or_default();
                let mut code = before.to_owned();
                code_ui(ui, schema, dictionary, &field.key, &mut code);
                (code != before).then(|| json_of(&code))
            }
            FieldType::Boolean => {
                let mut flag = value.as_boolean().unwrap_or(false);
                ui.checkbox(&mut flag, "")
                    .labelled_by(name)
                    .changed()
                    .then(|| Json::from(flag))
            }
            FieldType::Text | FieldType::Integer | FieldType::Real | FieldType::Date => {
                self.text_ui(ui, i, &plain(value), name)
            }
        }
    }

    fn text_ui(&mut self, ui: &mut Ui, i: usize, before: &str, name: Id) -> Option<Json> {
        let mut text = self.texts.remove(&i).unwrap_or_else(|| before.to_owned());
        let response = ui
            .add(TextEdit::singleline(&mut text).desired_width(f32::INFINITY))
            .labelled_by(name);
        if response.has_focus() {
            self.texts.insert(i, text);
            return None;
        }
        let is_given_up = ui.input(|input| input.key_pressed(Key::Escape));
        (response.lost_focus() && !is_given_up && text.trim() != before).then(|| json_of(text.trim()))
    }
}

/// Nothing typed is nothing known.
pub(super) fn json_of(text: &str) -> Json {
    if text.is_empty() {
        Json::Null
    } else {
        Json::from(text)
    }
}

/// As it is typed, without units and grouping.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Text(text) => text.clone(),
    }
}
