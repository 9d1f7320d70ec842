//! What happened to the chosen feature: who changed what and when, from which value to which. Attributes can be put
//! back to what they were.

use egui::{CollapsingHeader, RichText, ScrollArea, Ui};
use gis_core::FeatureId;
use gis_core::edit::CellWords;
use gis_core::edit::ops::Request;
use gis_core::project::{EXTERNAL, Entry};

use super::PanelEnv;
use super::history::local_time;
use crate::i18n::{say, tr};
use crate::shell::action::Action;
use crate::shell::editing::EditAction;

/// One entry of the journal that touched the feature.
#[derive(Debug)]
pub struct TraceRow {
    pub entry: Entry,
    pub cells: Vec<CellWords>,
}

#[derive(Debug, Default)]
pub struct Trace {
    /// Of which feature the rows are, once they have come.
    of: Option<FeatureId>,
    asked: Option<FeatureId>,
    rows: Vec<TraceRow>,
}

impl Trace {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn set(&mut self, of: FeatureId, rows: Vec<TraceRow>) {
        self.asked = None;
        (self.of, self.rows) = (Some(of), rows);
    }

    pub fn rows(&self) -> &[TraceRow] {
        &self.rows
    }

    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// Under a heading; read once it is opened.
    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, feature: FeatureId) {
        let heading = CollapsingHeader::new(tr("trace.title")).id_salt("trace");
        heading.show(ui, |ui| {
            if self.of != Some(feature) {
                if self.asked != Some(feature) {
                    self.asked = Some(feature);
                    env.push(Action::ReadTrace(feature));
                }
                ui.label(tr("app.common.loading"));
                return;
            }
            if self.rows.is_empty() {
                ui.label(RichText::new(tr("trace.none")).color(env.theme.text.weak.0));
            }
            ScrollArea::vertical()
                .id_salt("trace rows")
                .max_height(220.0)
                .show(ui, |ui| {
                    for row in self.rows.iter().rev() {
                        row_ui(ui, env, row, feature);
                    }
                });
        });
    }
}

fn row_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, row: &TraceRow, feature: FeatureId) {
    let theme = env.theme;
    let entry = &row.entry;
    let mut name = RichText::new(say(&entry.name)).color(theme.text.strong.0);
    if !entry.is_in_force {
        name = name.strikethrough();
    }
    ui.add(egui::Label::new(name).wrap());
    let who = if entry.origin.as_deref() == Some(EXTERNAL) {
        tr("cli.edit.word.external")
    } else {
        entry.who.clone()
    };
    let below = format!("{}  {}  {who}", entry.number, local_time(entry.at_unix_ms));
    ui.label(RichText::new(below).small().color(theme.text.weak.0));
    for cell in &row.cells {
        let dash = |text: &str| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text.to_owned()
            }
        };
        let said = format!("{}: {} → {}", cell.field, dash(&cell.old), dash(&cell.new));
        ui.add(egui::Label::new(RichText::new(said).small()).wrap());
    }
    if env.session.is_editing && entry.is_in_force && !row.cells.is_empty() {
        ui.horizontal_wrapped(|ui| {
            for (key, tip, with_place) in [
                ("trace.restore", "trace.restore_tip", false),
                ("trace.restore_all", "trace.restore_all_tip", true),
            ] {
                if ui.small_button(tr(key)).on_hover_text(tr(tip)).clicked() {
                    let request = Request::Restore {
                        feature: feature.to_string(),
                        before: entry.number,
                        with_place,
                    };
                    env.push(Action::Edit(EditAction::Do(request)));
                }
            }
        });
    }
    ui.add_space(6.0);
}
