//! Which columns a table of a class has, in which order and how wide; kept with the workspace.

use egui::Ui;
use gis_core::schema::{FeatureClass, Field, FieldType};
use gis_core::table::heading;
use serde::{Deserialize, Serialize};

use super::TablePanel;
use crate::i18n::{lang, tr};

const NARROW: f32 = 90.0;
const WIDE: f32 = 150.0;

/// Room for the name of a field and the mark of its order.
fn heading_width(field: &Field) -> f32 {
    let letters = heading(field, lang());
    let wide = |c: char| if c.is_ascii() { 7.5 } else { 13.5 };
    letters.chars().map(wide).sum::<f32>() + 34.0
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnLayout {
    pub field: String,
    pub width: f32,
    pub is_hidden: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    pub columns: Vec<ColumnLayout>,
    /// Columns that stay while the others are scrolled.
    pub frozen: usize,
}

impl Layout {
    /// All fields that are offered, in the order of the class, the first one frozen.
    pub fn of_class(class: &FeatureClass) -> Self {
        let columns = class.offered().map(|(_, field)| ColumnLayout {
            field: field.key.clone(),
            width: heading_width(field).max(match field.field_type {
                FieldType::Text | FieldType::Code(_) => WIDE,
                _ => NARROW,
            }),
            is_hidden: false,
        });
        Self {
            columns: columns.collect(),
            frozen: 1,
        }
    }

    /// The columns that are shown, as fields of the class; what a kept layout names and the class lacks is left out.
    pub(super) fn shown(&self, class: &FeatureClass) -> Vec<usize> {
        let columns = self.columns.iter().filter(|column| !column.is_hidden);
        columns
            .filter_map(|column| class.field_index(&column.field))
            .filter(|at| !class.fields[*at].is_retired)
            .collect()
    }

    /// Fields that came into the class later stand at the end.
    pub(super) fn complete(&mut self, class: &FeatureClass) {
        for column in Self::of_class(class).columns {
            if !self.columns.iter().any(|own| own.field == column.field) {
                self.columns.push(column);
            }
        }
    }

    pub(super) fn column_mut(&mut self, field: &str) -> Option<&mut ColumnLayout> {
        self.columns.iter_mut().find(|column| column.field == field)
    }

    /// Puts a column where another one stands.
    pub(super) fn put(&mut self, field: &str, before: &str) {
        let at = |columns: &[ColumnLayout], field: &str| columns.iter().position(|c| c.field == field);
        let (Some(from), Some(to)) = (at(&self.columns, field), at(&self.columns, before)) else {
            return;
        };
        let column = self.columns.remove(from);
        self.columns.insert(to, column);
    }
}

impl TablePanel {
    /// Which columns are shown.
    pub(super) fn columns_menu_ui(&mut self, ui: &mut Ui, class: &FeatureClass) {
        let Some(layout) = self.layouts.get_mut(&class.key) else {
            return;
        };
        if ui.button(tr("table.panel.all_columns")).clicked() {
            for column in &mut layout.columns {
                column.is_hidden = false;
            }
        }
        if ui.button(tr("table.panel.usual_columns")).clicked() {
            *layout = Layout::of_class(class);
        }
        ui.separator();
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for column in &mut layout.columns {
                let at = class.field_index(&column.field);
                let Some(at) = at.filter(|at| !class.fields[*at].is_retired) else {
                    continue;
                };
                let mut is_shown = !column.is_hidden;
                if ui
                    .checkbox(&mut is_shown, class.fields[at].label.text(lang()))
                    .changed()
                {
                    column.is_hidden = !is_shown;
                }
            }
        });
    }
}
