//! Ways to ask that need no condition (9.2.3.4a): address, map sheet, material, diameter, days of completion.

use egui::{Grid, TextEdit, Ui};
use gis_core::Result;
use gis_core::query::{Query, of_completion, of_diameter, of_material};

use crate::i18n::tr;

#[derive(Debug, Default)]
pub(super) struct Ways {
    address: String,
    sheet: String,
    material: String,
    diameter: String,
    completed: String,
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

impl Ways {
    /// The number of a map sheet, whose ground the project knows.
    pub(super) fn sheet(&self) -> Option<String> {
        filled(&self.sheet).map(str::to_owned)
    }

    /// An address and a map sheet in place of all that was filled in.
    pub(super) fn set(&mut self, address: Option<String>, sheet: Option<String>) {
        *self = Self {
            address: address.unwrap_or_default(),
            sheet: sheet.unwrap_or_default(),
            ..Self::default()
        };
    }

    /// # Errors
    /// `BadInput` for what is no diameter and no day.
    pub(super) fn ask(&self, query: &mut Query) -> Result<()> {
        query.address = filled(&self.address).map(str::to_owned);
        query.also.extend(filled(&self.material).map(of_material));
        query
            .also
            .extend(filled(&self.diameter).map(of_diameter).transpose()?);
        query
            .also
            .extend(filled(&self.completed).map(of_completion).transpose()?);
        Ok(())
    }

    pub(super) fn ui(&mut self, ui: &mut Ui) {
        let fields = [
            ("querying.address", "querying.address_hint", &mut self.address),
            ("querying.sheet", "querying.sheet_hint", &mut self.sheet),
            ("querying.material", "querying.material_hint", &mut self.material),
            ("querying.diameter", "querying.diameter_hint", &mut self.diameter),
            (
                "querying.completed",
                "querying.completed_hint",
                &mut self.completed,
            ),
        ];
        Grid::new("query ways").num_columns(2).show(ui, |ui| {
            for (label, hint, text) in fields {
                let label = ui.label(tr(label));
                let field = TextEdit::singleline(text)
                    .hint_text(tr(hint))
                    .desired_width(f32::INFINITY);
                ui.add(field).labelled_by(label.id);
                ui.end_row();
            }
        });
    }
}
