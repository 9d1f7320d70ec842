//! Queries kept with the project under names, those asked last, and what a query leaves open (`:least`) each time. It reads
//! and writes nothing itself.

use std::collections::BTreeMap;

use egui::{RichText, ScrollArea, TextEdit, Ui};
use gis_core::query::SavedQuery;

use super::QueryPanel;
use crate::i18n::tr;
use crate::panels::PanelEnv;
use crate::shell::action::Action;
use crate::shell::querying::QueryAction;

#[derive(Debug, Default)]
pub(super) struct KeptQueries {
    names: Vec<String>,
    /// Newest first.
    recent: Vec<SavedQuery>,
    /// Of a query that shall be kept.
    name: String,
    /// What open values are filled with.
    pub(super) values: BTreeMap<String, String>,
}

impl QueryPanel {
    pub fn set_kept(&mut self, names: Vec<String>) {
        self.kept.names = names;
    }

    pub fn set_recent(&mut self, recent: Vec<SavedQuery>) {
        self.kept.recent = recent;
    }

    /// What is filled in but for numbers and shapes, as it can be kept; open values stay open.
    pub fn as_kept(&self, env_class: impl Fn(gis_core::ClassIndex) -> String) -> SavedQuery {
        let mut conditions: Vec<String> = self.raw().map(str::to_owned).into_iter().collect();
        let mut of_ways = gis_core::query::Query::default();
        // What is no diameter and no day is said when it is asked.
        if self.ways.ask(&mut of_ways).is_ok() {
            conditions.extend(of_ways.also);
        }
        SavedQuery {
            classes: self.class.map(env_class).into_iter().collect(),
            condition: SavedQuery::joined(&conditions),
            address: of_ways.address,
            sheet: self.ways.sheet(),
        }
    }

    /// Fills in what was kept.
    pub fn take_kept(&mut self, kept: SavedQuery, class_of: impl Fn(&str) -> Option<gis_core::ClassIndex>) {
        self.class = kept.classes.first().and_then(|key| class_of(key));
        self.condition = kept.condition.unwrap_or_default();
        self.codes.clear();
        self.area = None;
        self.ways.set(kept.address, kept.sheet);
        self.count = None;
        self.changed_at = Some(std::time::Instant::now());
    }

    pub(super) fn kept_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let menu = ui.menu_button(tr("querying.kept"), |ui| {
            ui.set_min_width(240.0);
            ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                self.names_ui(ui, env);
                self.recent_ui(ui, env);
            });
            ui.separator();
            ui.horizontal(|ui| {
                let label = ui.label(tr("querying.keep_as"));
                let name = TextEdit::singleline(&mut self.kept.name)
                    .hint_text(tr("querying.keep_hint"))
                    .background_color(ui.visuals().text_edit_bg_color())
                    .desired_width(140.0);
                ui.add(name).labelled_by(label.id);
                let can = !self.kept.name.trim().is_empty();
                if ui
                    .add_enabled(can, egui::Button::new(tr("querying.keep")))
                    .clicked()
                {
                    let name = std::mem::take(&mut self.kept.name);
                    env.push(Action::Query(QueryAction::Keep(name)));
                    ui.close();
                }
            });
        });
        if menu.response.clicked() {
            env.push(Action::Query(QueryAction::ListKept));
        }
    }

    fn names_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.kept.names.is_empty() {
            ui.weak(tr("querying.none_kept"));
        }
        for name in &self.kept.names {
            ui.horizontal(|ui| {
                if ui.button(name).clicked() {
                    env.push(Action::Query(QueryAction::TakeKept(name.clone())));
                    ui.close();
                }
                let forget = ui.small_button("×").on_hover_text(tr("querying.forget"));
                if forget.clicked() {
                    env.push(Action::Query(QueryAction::Forget(name.clone())));
                }
            });
        }
    }

    fn recent_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.kept.recent.is_empty() {
            return;
        }
        ui.separator();
        ui.label(RichText::new(tr("querying.recent")).small());
        for (i, recent) in self.kept.recent.iter().enumerate() {
            let said: Vec<&str> = recent
                .classes
                .iter()
                .chain(&recent.condition)
                .chain(&recent.address)
                .chain(&recent.sheet)
                .map(String::as_str)
                .collect();
            ui.push_id(i, |ui| {
                if ui.button(RichText::new(said.join(" · ")).small()).clicked() {
                    env.push(Action::Query(QueryAction::TakeRecent(Box::new(recent.clone()))));
                    ui.close();
                }
            });
        }
    }

    /// Fields for what the condition leaves open.
    pub(super) fn open_values_ui(&mut self, ui: &mut Ui) {
        let open = self.open_values();
        for name in &open {
            ui.horizontal(|ui| {
                let label = ui.label(name);
                let value = self.kept.values.entry(name.clone()).or_default();
                let field = TextEdit::singleline(value).desired_width(160.0);
                if ui.add(field).labelled_by(label.id).changed() {
                    self.count = None;
                    self.changed_at = Some(std::time::Instant::now());
                }
            });
        }
    }
}
