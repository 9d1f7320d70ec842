//! 查询 (9.2.3.4): what is looked for, by condition, number and place; what was found, and what it comes to in groups. It
//! looks for nothing itself; what is asked for goes to `shell::querying`.

mod builder;
mod found;
mod groups;
mod kept;
mod place;
mod ways;

use std::time::{Duration, Instant};

use egui::{ComboBox, DragValue, RichText, ScrollArea, Ui};
use gis_core::expr::{Expr, ExprError, Scope};
use gis_core::query::{Query, SavedQuery, codes_of};
use gis_core::{ClassIndex, Message, Result};
use strum::IntoEnumIterator as _;

use super::layers::pointed_ui;
use super::{PanelEnv, text, widgets};
use crate::i18n::{lang, say, tr, tr_with};
use crate::map::overlay::{MapPainter, Overlay};
use crate::session::Target;
use crate::shell::action::{Action, FilePurpose, TemplateOf};
use crate::shell::querying::QueryAction;
use crate::shell::table::TableAction;
use crate::view::{AreaShape, Highlight};
use builder::Builder;
pub use found::{FoundSet, SetChange};
pub use groups::{GroupTable, Grouping};
use kept::KeptQueries;
pub use place::DrawnArea;
use ways::Ways;

/// What is written is counted once nobody has typed for so long.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub struct QueryPanel {
    /// All classes where none.
    class: Option<ClassIndex>,
    condition: String,
    codes: String,
    ways: Ways,
    kept: KeptQueries,
    area: Option<DrawnArea>,
    within_m: f64,
    builder: Builder,
    is_building: bool,
    /// When the condition was changed last, until it is counted.
    changed_at: Option<Instant>,
    /// How many features the condition fits.
    count: Option<usize>,
    /// Rises with each question, so that a late answer to an old one is dropped.
    pub asked: u64,
    pub is_waiting: bool,
    refused: Option<Message>,
    found: Option<FoundSet>,
    grouping: Grouping,
}

impl QueryPanel {
    pub fn found(&self) -> Option<&FoundSet> {
        self.found.as_ref()
    }

    pub fn grouping(&self) -> &Grouping {
        &self.grouping
    }

    pub fn grouping_mut(&mut self) -> &mut Grouping {
        &mut self.grouping
    }

    pub fn is_busy(&self) -> bool {
        self.is_waiting || self.changed_at.is_some() || self.builder.is_waiting() || self.grouping.is_waiting
    }

    /// What the form asks for.
    ///
    /// # Errors
    /// `BadInput` for a drawn shape, a diameter or a day that is none.
    pub fn query(&self) -> Result<Query> {
        let mut query = Query {
            area: self
                .area
                .as_ref()
                .map(|drawn| drawn.area(self.within_m))
                .transpose()?,
            codes: codes_of(&self.codes),
            ..self.counted()
        };
        self.ways.ask(&mut query)?;
        Ok(query)
    }

    /// The number of the map sheet to look on; a drawn shape goes before it.
    pub fn sheet(&self) -> Option<String> {
        self.ways.sheet().filter(|_| self.area.is_none())
    }

    /// Only the condition and the class, to be counted.
    pub fn counted(&self) -> Query {
        Query {
            classes: self.class.into_iter().collect(),
            condition: self.written(),
            ..Query::default()
        }
    }

    fn raw(&self) -> Option<&str> {
        Some(self.condition.trim()).filter(|written| !written.is_empty())
    }

    fn raw_kept(&self) -> SavedQuery {
        SavedQuery {
            condition: self.raw().map(str::to_owned),
            ..SavedQuery::default()
        }
    }

    /// Names of what the condition leaves open.
    fn open_values(&self) -> Vec<String> {
        self.raw_kept().parameters()
    }

    /// The condition with what it leaves open filled in.
    fn written(&self) -> Option<String> {
        self.raw_kept().condition_with(&self.kept.values)
    }

    pub fn set_count(&mut self, count: Option<usize>) {
        self.count = count;
    }

    pub fn set_samples(&mut self, class: ClassIndex, field: String, values: Vec<String>) {
        self.builder.set_samples(class, field, values);
    }

    pub fn set_area(&mut self, area: DrawnArea) {
        self.area = Some(area);
    }

    pub fn set_found(&mut self, found: Result<FoundSet>) {
        self.is_waiting = false;
        self.grouping.forget();
        match found {
            Ok(found) => {
                self.refused = None;
                self.found = Some(found);
            }
            Err(error) => self.refused = Some(error.message()),
        }
    }

    pub fn clear(&mut self) {
        self.found = None;
        self.refused = None;
        self.area = None;
        self.grouping.forget();
        // What is still being looked for belongs to what was.
        self.asked += 1;
        self.is_waiting = false;
    }

    pub fn highlight(&self, highlight: &mut Highlight) {
        if let Some(found) = &self.found {
            found.highlight(highlight);
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        ScrollArea::vertical().auto_shrink([false; 2]).show(ui, |ui| {
            self.condition_ui(ui, env);
            ui.add_space(6.0);
            self.codes_ui(ui);
            self.ways.ui(ui);
            self.place_ui(ui, env);
            ui.add_space(6.0);
            self.buttons_ui(ui, env);
            ui.separator();
            self.found_ui(ui, env);
            if let Some(found) = &self.found {
                self.grouping.ui(ui, env, self.class, found);
            }
            self.list_ui(ui, env, selected);
        });
    }

    fn condition_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let schema = &env.session.schema;
        let name = |class: Option<ClassIndex>| match class {
            Some(class) => schema.class(class).label.text(lang()).to_owned(),
            None => tr("querying.all_classes"),
        };
        let before = (self.class, self.condition.clone());
        ui.horizontal(|ui| {
            let label = ui.label(tr("querying.class"));
            ComboBox::from_id_salt("query class")
                .selected_text(name(self.class))
                .height(420.0)
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut self.class, None, name(None));
                    for class in schema.class_indices().filter(|c| env.session.class_count(*c) > 0) {
                        ui.selectable_value(&mut self.class, Some(class), name(Some(class)));
                    }
                })
                .response
                .labelled_by(label.id);
            self.kept_ui(ui, env);
        });
        let label = ui.label(tr("querying.condition"));
        ui.add(
            egui::TextEdit::multiline(&mut self.condition)
                .hint_text(tr("querying.condition_hint"))
                .desired_rows(2)
                .desired_width(f32::INFINITY),
        )
        .labelled_by(label.id);
        self.open_values_ui(ui);
        let heading = if self.is_building {
            "querying.hide_builder"
        } else {
            "querying.show_builder"
        };
        if ui.link(tr(heading)).clicked() {
            self.is_building = !self.is_building;
        }
        if self.is_building {
            // Without a class, the fields of pipes are what most look for.
            let class = self.class.or_else(|| schema.class_index("pipe"));
            let wanted = class.and_then(|class| self.builder.ui(ui, env, class));
            if let Some(wanted) = wanted {
                if !self.condition.is_empty() && !self.condition.ends_with([' ', '(', '\n']) {
                    self.condition.push(' ');
                }
                self.condition.push_str(&wanted);
                self.condition.push(' ');
            }
        }
        if (self.class, &self.condition) != (before.0, &before.1) {
            self.count = None;
            self.changed_at = Some(Instant::now());
        }
        self.judged_ui(ui, env);
    }

    /// What is wrong with the condition, or how many features fit it.
    fn judged_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.written().is_none() {
            self.changed_at = None;
            return;
        }
        match self.parsed(env) {
            Err(error) => {
                self.changed_at = None;
                pointed_ui(ui, env.theme, &self.written().unwrap_or_default(), &error);
            }
            Ok(doubts) => {
                for doubt in doubts {
                    ui.label(RichText::new(doubt).color(env.theme.status.warning.0));
                }
                if let Some(at) = self.changed_at {
                    let left = PAUSE.saturating_sub(at.elapsed());
                    if left.is_zero() {
                        self.changed_at = None;
                        env.push(Action::Query(QueryAction::Count));
                    } else {
                        ui.request_repaint_after(left);
                    }
                }
                if let Some(count) = self.count {
                    let said = tr_with("querying.fits", "count", text::count(count as u64));
                    ui.label(RichText::new(said).small().color(env.theme.text.weak.0));
                }
            }
        }
    }

    /// What is doubtful about the condition. Without a class it is right where it is for any class.
    fn parsed(&self, env: &PanelEnv<'_>) -> std::result::Result<Vec<String>, ExprError> {
        let schema = &env.session.schema;
        let written = self.written().unwrap_or_default();
        let parse = |class| Expr::parse(&written, &Scope::of_class(schema, class).with_places());
        let pipe = schema.class_index("pipe").unwrap_or(ClassIndex(0));
        let expr = match self.class {
            Some(class) => parse(class),
            None => schema
                .class_indices()
                .map(parse)
                .find(std::result::Result::is_ok)
                .unwrap_or_else(|| parse(pipe)),
        }?;
        Ok(expr.doubts().iter().map(|doubt| doubt.text(lang())).collect())
    }

    fn codes_ui(&mut self, ui: &mut Ui) {
        let label = ui.label(tr("querying.codes"));
        ui.add(
            egui::TextEdit::multiline(&mut self.codes)
                .hint_text(tr("querying.codes_hint"))
                .desired_rows(1)
                .desired_width(f32::INFINITY),
        )
        .labelled_by(label.id);
    }

    fn place_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        ui.label(tr("querying.place"));
        ui.horizontal_wrapped(|ui| {
            for shape in AreaShape::iter() {
                let name: &str = shape.into();
                let button = ui.button(tr(&format!("querying.shape.{name}")));
                if button
                    .on_hover_text(tr(&format!("querying.hint.{name}")))
                    .clicked()
                {
                    env.push(Action::Query(QueryAction::Draw(shape)));
                }
            }
            if ui.button(tr("querying.in_view")).clicked() {
                env.push(Action::Query(QueryAction::InView));
            }
            if self.area.is_some() && ui.button(tr("querying.anywhere")).clicked() {
                self.area = None;
            }
        });
        ui.horizontal(|ui| {
            let label = ui.label(tr("querying.within"));
            ui.add(
                DragValue::new(&mut self.within_m)
                    .range(0.0..=100_000.0)
                    .speed(1.0)
                    .max_decimals(1)
                    .suffix(" m"),
            )
            .labelled_by(label.id);
            if let Some(area) = &self.area {
                let name: &str = area.shape.into();
                let said = tr_with("querying.drawn", "shape", tr(&format!("querying.shape.{name}")));
                ui.label(RichText::new(said).color(env.theme.text.weak.0));
            }
        });
    }

    fn buttons_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let has_set = self.found.as_ref().is_some_and(|found| !found.set.is_empty());
        let is_wrong = self.written().is_some() && self.parsed(env).is_err();
        ui.horizontal_wrapped(|ui| {
            for change in SetChange::iter() {
                let name: &str = change.into();
                let label = tr(&format!("querying.change.{name}"));
                let button = if change == SetChange::Replace {
                    widgets::primary_button(env.theme, &label)
                } else {
                    egui::Button::new(label)
                };
                let can = !self.is_waiting && !is_wrong && (has_set || change == SetChange::Replace);
                let shown = ui.add_enabled(can, button);
                if shown
                    .on_hover_text(tr(&format!("querying.change_tip.{name}")))
                    .clicked()
                {
                    env.push(Action::Query(QueryAction::Run(change)));
                }
            }
        });
    }

    fn found_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.is_waiting {
            ui.spinner();
        }
        if let Some(refused) = &self.refused {
            let status = &env.theme.status;
            widgets::notice_ui(ui, status.error.0, status.error_ground.0, &say(refused));
        }
        let Some(found) = &self.found else { return };
        let ink = env.theme.text.strong.0;
        let figures = [
            (text::count(found.set.len() as u64), tr("querying.features"), ink),
            (text::length(found.length_m), tr("querying.length"), ink),
        ];
        widgets::figures_ui(ui, env.theme, &figures);
        let each = found.counts.iter().map(|(class, count)| {
            let label = env.session.schema.class(*class).label.text(lang());
            format!("{label} {}", text::count(*count as u64))
        });
        let each = each.collect::<Vec<_>>().join(" · ");
        ui.add(egui::Label::new(RichText::new(each).small().color(env.theme.text.weak.0)).wrap());
        let (has_any, extent) = (!found.set.is_empty(), found.extent);
        // A table has one class.
        let most = found.counts.iter().max_by_key(|(_, count)| *count);
        let commonest = most.map(|(class, _)| *class);
        ui.horizontal_wrapped(|ui| {
            let zoom = ui.add_enabled(extent.is_some(), egui::Button::new(tr("querying.zoom")));
            if let (true, Some(extent)) = (zoom.clicked(), extent) {
                env.push(Action::ZoomTo(extent));
            }
            let table = ui.add_enabled(has_any, egui::Button::new(tr("querying.table")));
            if let (true, Some(class)) = (table.clicked(), commonest) {
                let ids = found.set.of_class(class).collect();
                env.push(Action::Table(TableAction::OpenFound(class, ids)));
            }
            let excel = ui.add_enabled(has_any, egui::Button::new(tr("querying.excel")));
            if excel.clicked() {
                env.push(Action::ChooseFile(FilePurpose::FoundExcel));
            }
            let filled = ui.add_enabled(has_any, egui::Button::new(tr("querying.by_template")));
            if filled.clicked() {
                env.push(Action::ChooseFile(FilePurpose::Template(TemplateOf::Found)));
            }
            if ui.button(tr("querying.clear")).clicked() {
                env.push(Action::Query(QueryAction::Clear));
            }
        });
    }

    /// The features; a click selects one and shows it.
    fn list_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        let Some(found) = &self.found else { return };
        let (session, theme, count) = (env.session, env.theme, found.targets.len());
        let row = |i: usize| widgets::Row {
            code: text::title(session, found.targets[i]),
            is_selected: selected == Some(found.targets[i]),
            ..widgets::Row::default()
        };
        let mut clicked = None;
        widgets::section_ui(ui, theme, "found", &tr("query.features"), count, true, |ui| {
            clicked = widgets::list_ui(ui, theme, "found rows", count, None, row);
        });
        if let Some((i, _)) = clicked {
            let target = found.targets[i];
            env.push(Action::Select(Some(target)));
            env.push(Action::ZoomToTarget(target));
        }
    }
}

impl Overlay for QueryPanel {
    fn paint(&self, map: &MapPainter<'_>) {
        if let Some(area) = &self.area {
            area.paint(map);
        }
    }
}
