//! What is filled in for a field, of a new one or of one that is there.

use egui::{ComboBox, Ui};
use gis_core::edit::Content;
use gis_core::schema::{Field, FieldSetting, FieldType, Label, Schema, SchemaChange};
use gis_core::{Error, Message, Result, Value};

use super::{label_ui, line_ui, names_of, titled};
use crate::i18n::tr;

#[derive(Debug)]
pub(super) struct FieldForm {
    /// None for a new field.
    known: Option<Field>,
    key: String,
    label: Label,
    field_type: FieldType,
    unit: String,
    minimum: String,
    maximum: String,
    default: String,
    is_required: bool,
    aliases: String,
}

impl Default for FieldForm {
    fn default() -> Self {
        Self {
            known: None,
            key: String::new(),
            label: Label::default(),
            field_type: FieldType::Text,
            unit: String::new(),
            minimum: String::new(),
            maximum: String::new(),
            default: String::new(),
            is_required: false,
            aliases: String::new(),
        }
    }
}

impl FieldForm {
    pub(super) fn of(field: &Field) -> Self {
        let number = |limit: Option<f64>| limit.map(|n| n.to_string()).unwrap_or_default();
        let default = field.default.clone().map(|value| Content::Value(value).short());
        Self {
            key: field.key.clone(),
            label: field.label.clone(),
            field_type: field.field_type.clone(),
            unit: field.unit.clone().unwrap_or_default(),
            minimum: number(field.minimum),
            maximum: number(field.maximum),
            default: default.unwrap_or_default(),
            is_required: field.required,
            aliases: field.aliases.join("; "),
            known: Some(field.clone()),
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, schema: &Schema) {
        let is_new = self.known.is_none();
        ui.horizontal(|ui| {
            ui.add_enabled_ui(is_new, |ui| line_ui(ui, "key", &mut self.key, 120.0));
            label_ui(ui, &mut self.label);
            ui.add_enabled_ui(is_new, |ui| self.type_ui(ui, schema));
        });
        ui.horizontal(|ui| {
            line_ui(ui, "unit", &mut self.unit, 50.0);
            if matches!(self.field_type, FieldType::Integer | FieldType::Real) {
                line_ui(ui, "minimum", &mut self.minimum, 60.0);
                line_ui(ui, "maximum", &mut self.maximum, 60.0);
            }
            line_ui(ui, "default", &mut self.default, 90.0);
            ui.checkbox(&mut self.is_required, tr("dictionaries.word.required"));
            line_ui(ui, "aliases", &mut self.aliases, 200.0);
        });
    }

    fn type_ui(&mut self, ui: &mut Ui, schema: &Schema) {
        let label = ui.label(tr("dictionaries.word.type"));
        let name = |of: &FieldType| {
            let dictionary = of.dictionary().and_then(|key| schema.dictionary(key));
            dictionary.map_or_else(
                || tr(&format!("dictionaries.type.{}", of.key())),
                |dictionary| titled(&dictionary.label, &dictionary.key),
            )
        };
        let plain = [
            FieldType::Text,
            FieldType::Integer,
            FieldType::Real,
            FieldType::Boolean,
            FieldType::Date,
        ];
        let coded = schema.dictionaries.keys().map(|key| FieldType::Code(key.clone()));
        ComboBox::from_id_salt("field type")
            .width(150.0)
            .selected_text(name(&self.field_type))
            .show_ui(ui, |ui| {
                for of in plain.into_iter().chain(coded) {
                    let text = name(&of);
                    ui.selectable_value(&mut self.field_type, of, text);
                }
            })
            .response
            .labelled_by(label.id);
    }

    /// The field as it is filled in.
    fn filled_in(&self, now: &Schema) -> Result<Field> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let mut field = Field {
            id: 0,
            key: self.key.trim().to_owned(),
            label: self.label.clone(),
            field_type: self.field_type.clone(),
            unit: given(&self.unit),
            required: self.is_required,
            default: None,
            minimum: limit(&self.minimum)?,
            maximum: limit(&self.maximum)?,
            sensitive: self.known.as_ref().is_some_and(|known| known.sensitive),
            aliases: names_of(&self.aliases),
            is_retired: false,
        };
        let default: Option<Value> = given(&self.default)
            .map(|text| now.value_of(&field, &text))
            .transpose()?;
        field.default = default;
        Ok(field)
    }

    pub(super) fn changes(&self, now: &Schema, class: &str) -> Result<Vec<SchemaChange>> {
        let field = self.filled_in(now)?;
        let class = class.to_owned();
        let Some(known) = &self.known else {
            return Ok(vec![SchemaChange::AddField {
                class,
                field: Box::new(field),
            }]);
        };
        let mut settings = Vec::new();
        if field.label != known.label {
            settings.push(FieldSetting::Label(field.label));
        }
        if field.aliases != names_of(&known.aliases.join("; ")) {
            settings.push(FieldSetting::Aliases(field.aliases));
        }
        if field.unit != known.unit {
            settings.push(FieldSetting::Unit(field.unit));
        }
        if (field.minimum, field.maximum) != (known.minimum, known.maximum) {
            settings.push(FieldSetting::Domain {
                minimum: field.minimum,
                maximum: field.maximum,
            });
        }
        if field.default != known.default {
            settings.push(FieldSetting::Default(field.default));
        }
        if field.required != known.required {
            settings.push(FieldSetting::Required(field.required));
        }
        let set = |setting| SchemaChange::SetField {
            class: class.clone(),
            field: known.key.clone(),
            setting,
        };
        Ok(settings.into_iter().map(set).collect())
    }
}

fn limit(text: &str) -> Result<Option<f64>> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Error::bad_input(Message::new("dictionaries.cli.no_number").with("found", text))),
    }
}
