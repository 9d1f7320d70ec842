//! One cell while its value is typed or taken from a list.

use egui::{Key, TextEdit, Ui};
use gis_core::schema::{FeatureClass, FieldType, Schema};
use gis_core::{Feature, FeatureId};
use serde_json::Value as Json;

use super::PanelEnv;
use crate::i18n::tr;
use crate::panels::drafts::{json_of, plain};
use crate::panels::templates::code_ui;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;

#[derive(Debug)]
pub(super) struct CellEdit {
    pub(super) feature: FeatureId,
    pub(super) field: usize,
    text: Option<String>,
    has_focus: bool,
}

pub(super) enum Outcome {
    Still,
    GivenUp,
    Typed(Json),
}

impl CellEdit {
    pub(super) fn new(feature: FeatureId, field: usize) -> Self {
        Self {
            feature,
            field,
            text: None,
            has_focus: false,
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, schema: &Schema, feature: &Feature) -> Outcome {
        let field = &schema.class(feature.class).fields[self.field];
        let value = &feature.values[self.field];
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            return Outcome::GivenUp;
        }
        let before = plain(value);
        match &field.field_type {
            FieldType::Code(dictionary) => {
                let mut code = before.clone();
                code_ui(ui, schema, dictionary, ("cell", &field.key), &mut code);
                if code == before {
                    Outcome::Still
                } else {
                    Outcome::Typed(json_of(&code))
                }
            }
            FieldType::Boolean => Self::flag_ui(ui, value.as_boolean()),
            _ => self.text_ui(ui, &before, field.unit.as_deref()),
        }
    }

    fn flag_ui(ui: &mut Ui, before: Option<bool>) -> Outcome {
        let mut after = before;
        ui.horizontal(|ui| {
            for (flag, key) in [
                (Some(true), "table.panel.yes"),
                (Some(false), "table.panel.no"),
                (None, "table.panel.unknown"),
            ] {
                ui.selectable_value(&mut after, flag, tr(key));
            }
        });
        if after == before {
            Outcome::Still
        } else {
            Outcome::Typed(after.map_or(Json::Null, Json::from))
        }
    }

    fn text_ui(&mut self, ui: &mut Ui, before: &str, unit: Option<&str>) -> Outcome {
        let text = self.text.get_or_insert_with(|| before.to_owned());
        let edit = TextEdit::singleline(text)
            .hint_text(unit.unwrap_or_default())
            .desired_width(f32::INFINITY);
        let response = ui.add_sized(ui.available_size(), edit);
        let name = tr("table.panel.cell");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, &name));
        if !self.has_focus {
            response.request_focus();
            self.has_focus = true;
            return Outcome::Still;
        }
        if response.has_focus() {
            return Outcome::Still;
        }
        if text.trim() == before {
            Outcome::GivenUp
        } else {
            Outcome::Typed(json_of(text.trim()))
        }
    }
}

/// On the way that all edits take, unless a field must not lose its value.
pub(super) fn hand_over(
    env: &mut PanelEnv<'_>,
    class: &FeatureClass,
    feature: FeatureId,
    at: usize,
    value: Json,
) {
    let field = &class.fields[at];
    if value.is_null() && field.required {
        let message = gis_core::Message::new("table.reject.required").with_each(
            "field",
            &field.label.zh,
            &field.label.en,
        );
        env.push(Action::Say(gis_core::Severity::Warning, message));
        return;
    }
    env.push(Action::Edit(EditAction::Set {
        feature,
        field: field.key.clone(),
        value,
    }));
}
