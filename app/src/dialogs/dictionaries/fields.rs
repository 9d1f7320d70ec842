//! The fields of a class as a table, and what can be done to one.

use egui::{Grid, RichText, ScrollArea, Ui};
use gis_core::edit::Content;
use gis_core::schema::{Field, SchemaChange};

use super::{DictionariesDialog, FieldForm, Form, LIST_WIDTH};
use crate::i18n::{lang, tr};
use crate::theme::Theme;

impl DictionariesDialog {
    pub(super) fn fields_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let classes = self.now.classes.iter();
        let names = classes.map(|class| (class.key.clone(), class.label.text(lang()).to_owned()));
        let names: Vec<(String, String)> = names.collect();
        super::beside_ui(ui, self.height, |ui| {
            self.choose_ui(ui, names);
            ui.separator();
            ui.vertical(|ui| {
                ScrollArea::both()
                    .id_salt("fields")
                    .max_height(self.height)
                    .min_scrolled_height(self.height)
                    .auto_shrink([false, false])
                    .show(ui, |ui| self.field_table_ui(ui, theme));
            });
        });
        ui.horizontal_wrapped(|ui| {
            ui.add_space(LIST_WIDTH + 8.0);
            self.field_buttons_ui(ui);
        });
    }

    fn field_table_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let Ok(class) = self.now.required_class(&self.class) else {
            return;
        };
        let mut chosen = None;
        Grid::new("fields table")
            .striped(true)
            .spacing([16.0, 5.0])
            .show(ui, |ui| {
                for key in [
                    "key", "zh", "en", "type", "unit", "domain", "default", "required", "state",
                ] {
                    ui.label(RichText::new(tr(&format!("dictionaries.word.{key}"))).strong());
                }
                ui.end_row();
                for field in class.in_order().into_iter().map(|at| &class.fields[at]) {
                    let ink = if field.is_retired {
                        theme.text.weak.0
                    } else {
                        theme.text.strong.0
                    };
                    let shown = |text: &str| RichText::new(text).color(ink);
                    let is_chosen = self.chosen.as_deref() == Some(field.key.as_str());
                    if ui.selectable_label(is_chosen, shown(&field.key)).clicked() {
                        chosen = Some(field.key.clone());
                    }
                    ui.label(shown(&field.label.zh));
                    ui.label(shown(&field.label.en));
                    for text in self.cells(field) {
                        ui.label(shown(&text));
                    }
                    ui.end_row();
                }
            });
        if chosen.is_some() {
            self.chosen = chosen;
            self.close_form();
        }
    }

    /// Type, unit, domain, default, required, state.
    fn cells(&self, field: &Field) -> [String; 6] {
        let dictionary = field.field_type.dictionary();
        let kind = dictionary.and_then(|key| self.now.dictionary(key));
        let default = field.default.clone().map(|value| Content::Value(value).short());
        [
            kind.map_or_else(
                || tr(&format!("dictionaries.type.{}", field.field_type.key())),
                |dictionary| dictionary.label.text(lang()).to_owned(),
            ),
            field.unit.clone().unwrap_or_default(),
            match (field.minimum, field.maximum) {
                (None, None) => String::new(),
                (Some(low), None) => format!("\u{2265} {low}"),
                (None, Some(high)) => format!("\u{2264} {high}"),
                (Some(low), Some(high)) => format!("{low} \u{2013} {high}"),
            },
            default.unwrap_or_default(),
            if field.required {
                tr("report.value.yes")
            } else {
                String::new()
            },
            tr(if field.is_retired {
                "dictionaries.state.retired"
            } else {
                "dictionaries.state.used"
            }),
        ]
    }

    fn field_buttons_ui(&mut self, ui: &mut Ui) {
        let Ok(own) = self.now.required_class(&self.class) else {
            return;
        };
        let class = own.key.clone();
        let keys: Vec<String> = own
            .in_order()
            .into_iter()
            .map(|at| own.fields[at].key.clone())
            .collect();
        let chosen = self
            .chosen
            .as_deref()
            .and_then(|key| own.required_field(key).ok())
            .cloned();
        let at = chosen
            .as_ref()
            .and_then(|field| keys.iter().position(|key| *key == field.key));
        let button = |ui: &mut Ui, is_enabled: bool, key: &str| {
            ui.add_enabled(is_enabled, egui::Button::new(tr(key))).clicked()
        };
        if ui.button(tr("dictionaries.pane.add_field")).clicked() {
            self.form = Some(Form::Field(Box::default()));
        }
        if button(ui, chosen.is_some(), "dictionaries.pane.change") {
            self.form = chosen
                .as_ref()
                .map(|field| Form::Field(Box::new(FieldForm::of(field))));
        }
        let field = chosen.as_ref().map(|field| field.key.clone()).unwrap_or_default();
        let put = |before: Option<String>| SchemaChange::MoveField {
            class: class.clone(),
            field: field.clone(),
            before,
        };
        let above = at.and_then(|at| keys.get(at.checked_sub(1)?).cloned());
        if button(ui, above.is_some(), "dictionaries.pane.up") {
            self.propose(vec![put(above)]);
        }
        let is_last = at.is_none_or(|at| at + 1 >= keys.len());
        if button(ui, !is_last, "dictionaries.pane.down") {
            let next = at.and_then(|at| keys.get(at + 2).cloned());
            self.propose(vec![put(next)]);
        }
        let is_retired = chosen.as_ref().is_some_and(|field| field.is_retired);
        let (key, change) = if is_retired {
            ("revive", SchemaChange::ReviveField { class, field })
        } else {
            ("retire", SchemaChange::RetireField { class, field })
        };
        if button(ui, chosen.is_some(), &format!("dictionaries.pane.{key}")) {
            self.propose(vec![change]);
        }
    }
}
