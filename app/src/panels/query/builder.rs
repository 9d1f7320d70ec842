//! 表达式助手 (9.2.3.4b): fields, operators and values of a class, put into a condition by a click.

use egui::{RichText, ScrollArea, Ui};
use gis_core::ClassIndex;
use gis_core::schema::{Field, FieldType};

use super::super::PanelEnv;
use crate::i18n::{lang, tr};
use crate::shell::action::Action;
use crate::shell::querying::QueryAction;

/// As they are put into the text; a space stands around each.
const OPERATORS: [&str; 15] = [
    "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "LIKE", "IS NULL", "AND", "OR", "NOT", "(", ")",
];
const LISTS_HEIGHT: f32 = 132.0;

#[derive(Debug, Default)]
pub(super) struct Builder {
    field: Option<String>,
    /// Of the field: what its values are, the commonest first.
    samples: Option<(ClassIndex, String, Vec<String>)>,
    asked: Option<(ClassIndex, String)>,
}

impl Builder {
    pub(super) fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    pub(super) fn set_samples(&mut self, class: ClassIndex, field: String, values: Vec<String>) {
        self.asked = None;
        self.samples = Some((class, field, values));
    }

    /// What is to be written at the end of the condition.
    pub(super) fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, class: ClassIndex) -> Option<String> {
        let mut wanted = None;
        let session = env.session;
        let fields: Vec<&Field> = session
            .schema
            .class(class)
            .offered()
            .map(|(_, field)| field)
            .collect();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            for operator in OPERATORS {
                if ui.small_button(operator).clicked() {
                    wanted = Some(operator.to_owned());
                }
            }
        });
        let weak = env.theme.text.weak.0;
        ui.columns(2, |columns| {
            let [left, right] = columns else { return };
            left.label(RichText::new(tr("querying.fields")).small().color(weak));
            ScrollArea::vertical()
                .id_salt("query fields")
                .max_height(LISTS_HEIGHT)
                .auto_shrink([false, true])
                .show(left, |ui| {
                    for field in &fields {
                        let is_chosen = self.field.as_deref() == Some(field.key.as_str());
                        let shown = ui.selectable_label(is_chosen, field.label.text(lang()));
                        if shown.on_hover_text(tr("querying.field_tip")).clicked() {
                            if is_chosen {
                                wanted = Some(name_of(field));
                            }
                            self.field = Some(field.key.clone());
                        }
                    }
                });
            right.label(RichText::new(tr("querying.values")).small().color(weak));
            let field = fields
                .iter()
                .find(|f| self.field.as_deref() == Some(f.key.as_str()));
            ScrollArea::vertical()
                .id_salt("query values")
                .max_height(LISTS_HEIGHT)
                .auto_shrink([false, true])
                .show(right, |ui| {
                    if let Some(field) = field {
                        wanted = self.values_ui(ui, env, class, field).or(wanted.take());
                    }
                });
        });
        if let Some(field) = fields
            .iter()
            .find(|f| self.field.as_deref() == Some(f.key.as_str()))
        {
            let insert = ui.small_button(tr("querying.insert_field"));
            if insert.clicked() {
                wanted = Some(name_of(field));
            }
        }
        wanted
    }

    fn values_ui(
        &mut self,
        ui: &mut Ui,
        env: &mut PanelEnv<'_>,
        class: ClassIndex,
        field: &Field,
    ) -> Option<String> {
        let known = self
            .samples
            .as_ref()
            .filter(|(c, f, _)| *c == class && *f == field.key);
        let Some((_, _, values)) = known else {
            let asked = (class, field.key.clone());
            if self.asked.as_ref() != Some(&asked) {
                self.asked = Some(asked);
                env.push(Action::Query(QueryAction::Samples(class, field.key.clone())));
            }
            ui.label(tr("app.common.loading"));
            return None;
        };
        if values.is_empty() {
            ui.label(RichText::new(tr("querying.no_values")).color(env.theme.text.weak.0));
        }
        let mut wanted = None;
        for value in values {
            if ui.selectable_label(false, value).clicked() {
                wanted = Some(literal(&field.field_type, value));
            }
        }
        wanted
    }
}

/// A field as the language knows it: its label, or its key where the label is no word of the language.
fn name_of(field: &Field) -> String {
    let label = field.label.text(lang());
    let is_word = label.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_word {
        label.to_owned()
    } else {
        field.key.clone()
    }
}

fn literal(field_type: &FieldType, value: &str) -> String {
    match field_type {
        FieldType::Real | FieldType::Integer | FieldType::Boolean => value.to_owned(),
        FieldType::Text | FieldType::Code(_) | FieldType::Date => format!("'{}'", value.replace('\'', "''")),
    }
}
