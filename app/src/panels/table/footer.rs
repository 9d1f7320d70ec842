//! What stands below the rows: how many, and totals of one numeric column over all of them and over the chosen ones.

use egui::{ComboBox, Panel, RichText, Ui};
use gis_core::schema::{Field, FieldType};
use gis_core::table::Totals;
use gis_core::{ClassIndex, Message};

use super::{PanelEnv, TablePanel};
use crate::i18n::{lang, say, tr};
use crate::panels::text;

impl TablePanel {
    pub(super) fn footer_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, class: ClassIndex) {
        let schema = env.session.schema.clone();
        let own = schema.class(class);
        Panel::bottom("table_footer")
            .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 4)))
            .show_separator_line(false)
            .show(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    let said = Message::new("table.panel.shown")
                        .with("shown", text::count(self.rows.ids.len() as u64))
                        .with("all", text::count(self.rows.of as u64))
                        .with("selected", text::count(self.selection.len() as u64));
                    ui.label(say(&said));
                    ui.separator();
                    let summed = self.totals_of.as_deref().and_then(|key| own.field_index(key));
                    let summed = summed.map(|at| &own.fields[at]);
                    self.totals_choice_ui(ui, &own.fields, summed);
                    let Some(field) = summed else { return };
                    if let Some(totals) = &self.rows.totals {
                        ui.label(words(totals, field, "table.panel.totals"));
                    }
                    if let Some(totals) = self.selected_totals.filter(|_| self.selection.len() > 1) {
                        let words = words(&totals, field, "table.panel.selected_totals");
                        ui.label(RichText::new(words).color(env.theme.text.link.0));
                    }
                });
            });
    }

    fn totals_choice_ui(&mut self, ui: &mut Ui, fields: &[Field], summed: Option<&Field>) {
        let none = tr("table.panel.no_totals");
        let name = |field: Option<&Field>| field.map_or(none.clone(), |f| f.label.text(lang()).to_owned());
        let mut chosen: Option<Option<String>> = None;
        let label = ui.label(tr("table.panel.totals_of"));
        let list = ComboBox::from_id_salt("table_totals")
            .selected_text(name(summed))
            .show_ui(ui, |ui| {
                if ui.selectable_label(summed.is_none(), name(None)).clicked() {
                    chosen = Some(None);
                }
                let numeric = |f: &&Field| matches!(f.field_type, FieldType::Integer | FieldType::Real);
                for field in fields.iter().filter(numeric) {
                    let is_chosen = summed.is_some_and(|own| own.key == field.key);
                    if ui.selectable_label(is_chosen, name(Some(field))).clicked() {
                        chosen = Some(Some(field.key.clone()));
                    }
                }
            });
        list.response.labelled_by(label.id);
        if let Some(field) = chosen {
            self.sum_up(field);
        }
    }
}

fn words(totals: &Totals, field: &Field, key: &'static str) -> String {
    let unit = field.unit.as_deref().unwrap_or_default();
    let number = |value: f64| format!("{} {unit}", text::number(value, 2)).trim_end().to_owned();
    say(&Message::new(key)
        .with("count", text::count(totals.count as u64))
        .with("sum", number(totals.sum))
        .with("mean", number(totals.mean()))
        .with("least", number(totals.least))
        .with("greatest", number(totals.greatest)))
}
