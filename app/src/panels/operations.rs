//! The form of an operation: what it asks for, row by row, filled in by clicks on the map or by typing.

use std::path::Path;

use egui::{Align, Button, ComboBox, Grid, Layout, RichText, ScrollArea, TextEdit, Ui};
use gis_core::edit::ops::merging_asks;
use gis_core::schema::{FieldType, GeometryKind, Label, Schema};
use gis_core::{ClassIndex, Feature, FeatureId, Value};
use strum::IntoEnumIterator as _;

use super::templates::code_ui;
use super::{PanelEnv, text, widgets};
use crate::commands::Command;
use crate::i18n::{lang, tr, tr_with};
use crate::operations::{Cell, Draft, Family, Form, Input, Kind};
use crate::shell::action::{Action, FilePurpose};
use crate::shell::operations::OperationAction;

const WIDTH: f32 = 150.0;

#[derive(Debug, Default)]
pub struct OperationsPanel {
    pub draft: Option<Draft>,
    /// Of the part library, by name.
    pub parts: Vec<(String, Label)>,
    /// The records of the pipes that differ.
    pub compared: Vec<Feature>,
    /// For which pipes they were asked.
    compared_for: Vec<FeatureId>,
    /// The map does not show yet what the form holds.
    pub is_touched: bool,
    /// The form is with the project's thread.
    pub is_sent: bool,
}

impl OperationsPanel {
    pub fn begin(&mut self, draft: Draft) {
        self.draft = Some(draft);
        self.compared.clear();
        self.compared_for.clear();
        self.is_touched = true;
        self.is_sent = false;
    }

    /// A file that was chosen for the form.
    pub fn set_file(&mut self, path: &Path) {
        let Some(draft) = &mut self.draft else { return };
        let file = draft
            .form
            .inputs
            .iter()
            .position(|input| matches!(input.kind, Kind::File | Kind::Source));
        if let Some(i) = file {
            draft.cells[i].text = path.display().to_string();
        }
    }

    /// The pipes whose records are wanted and not asked for yet.
    pub fn wants_compared(&mut self) -> Option<Vec<FeatureId>> {
        let draft = self.draft.as_ref()?;
        let inputs = draft.form.inputs;
        inputs.iter().find(|input| input.kind == Kind::Differences)?;
        let pipes = inputs.iter().position(|input| input.kind == Kind::Pipes)?;
        let pipes = draft.cells[pipes].features.clone();
        if pipes == self.compared_for {
            return None;
        }
        self.compared_for.clone_from(&pipes);
        Some(pipes)
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if !env.session.is_editing {
            widgets::empty_ui(ui, env.theme, &tr("editing.off"));
            let toggle = Command::ToggleEditing;
            if ui
                .add(widgets::primary_button(env.theme, &toggle.label()))
                .clicked()
            {
                env.push(Action::Command(toggle));
            }
            return;
        }
        ui.horizontal(|ui| {
            ui.menu_button(tr("operations.choose"), |ui| menu_ui(ui, env.actions));
            if let Some(draft) = &self.draft {
                ui.strong(title(draft.form));
            }
        });
        let Some(draft) = &mut self.draft else {
            ui.add_space(8.0);
            ui.label(RichText::new(tr("operations.none")).color(env.theme.text.weak.0));
            return;
        };
        ui.label(
            RichText::new(tr(&format!("operations.about.{}", draft.form.key)))
                .small()
                .color(env.theme.text.weak.0),
        );
        ui.add_space(6.0);
        let missing = draft.missing();
        ui.horizontal(|ui| {
            let go = widgets::primary_button(env.theme, &tr("operations.do"));
            if ui.add_enabled(missing.is_none(), go).clicked() {
                env.push(Action::Operation(OperationAction::Do));
            }
            if ui.button(tr("operations.clear")).clicked() {
                env.push(Action::Operation(OperationAction::GiveUp));
            }
        });
        // Always a line, so that nothing below moves, or loses the keyboard, as the last input is filled.
        let hint = match missing {
            Some(i) => tr_with("operations.missing", "name", input_name(&draft.form.inputs[i])),
            None => tr("operations.ready"),
        };
        ui.label(RichText::new(hint).small().color(env.theme.text.weak.0));
        ui.add_space(6.0);
        let mut is_touched = false;
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            Grid::new(("operation", draft.form.key))
                .num_columns(2)
                .spacing([10.0, 8.0])
                .show(ui, |ui| {
                    for (i, input) in draft.form.inputs.iter().enumerate() {
                        let is_active = draft.active == Some(i);
                        let mut name = RichText::new(input_name(input));
                        if is_active {
                            name = name.color(env.theme.accent.fill.0).strong();
                        }
                        let label = ui.label(name);
                        let mut row = RowUi {
                            input,
                            cell: &mut draft.cells[i],
                            is_active,
                            parts: &self.parts,
                            compared: &self.compared,
                            label: label.id,
                        };
                        match row.ui(ui, env) {
                            Some(Asked::Touched) => is_touched = true,
                            Some(Asked::Fill) => {
                                draft.active = if is_active { None } else { Some(i) };
                                is_touched = true;
                            }
                            None => {}
                        }
                        ui.end_row();
                    }
                });
            ui.add_space(8.0);
            solution_ui(ui, env, draft);
        });
        self.is_touched |= is_touched;
    }
}

pub fn title(form: &Form) -> String {
    tr(&format!("operations.form.{}", form.key))
}

fn input_name(input: &Input) -> String {
    let name = tr(&format!("operations.input.{}", input.name));
    match input.kind {
        Kind::Number(unit, _) | Kind::Numbers(unit) if !unit.is_empty() => format!("{name} ({unit})"),
        _ => name,
    }
}

/// All forms, family by family.
pub fn menu_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    for family in Family::iter() {
        let key: &'static str = family.into();
        ui.menu_button(tr(&format!("operations.family.{key}")), |ui| {
            for form in Form::of(family) {
                let about = tr(&format!("operations.about.{}", form.key));
                if ui.button(title(form)).on_hover_text(about).clicked() {
                    actions.push(Action::Operation(OperationAction::Begin(form.key)));
                    ui.close();
                }
            }
        });
    }
}

/// What the places come to that a tie fits.
fn solution_ui(ui: &mut Ui, env: &PanelEnv<'_>, draft: &Draft) {
    let theme = env.theme;
    match draft.solution(&env.session.network) {
        None => {}
        Some(Err(error)) => {
            let said = error.text(lang());
            widgets::notice_ui(ui, theme.status.warning.0, theme.status.warning_ground.0, &said);
            ui.add_space(6.0);
        }
        Some(Ok(solution)) => {
            let mut lines = vec![tr_with("operations.fits", "count", solution.places.len())];
            if !solution.residuals_m.is_empty() {
                let off: Vec<String> = solution.residuals_m.iter().map(|r| format!("{r:+.3}")).collect();
                lines.push(tr_with("operations.residuals", "list", off.join(", ")));
            }
            if let Some(blunder) = solution.blunder {
                lines.push(tr_with("operations.blunder", "number", blunder + 1));
            }
            let is_open = solution.places.len() > 1
                && draft
                    .near_input()
                    .is_some_and(|i| draft.cells[i].places.is_empty());
            if is_open {
                lines.push(tr("operations.which"));
            }
            let is_odd = is_open || solution.blunder.is_some();
            let (ink, ground) = if is_odd {
                (theme.status.warning.0, theme.status.warning_ground.0)
            } else {
                (theme.status.info.0, theme.status.info_ground.0)
            };
            widgets::notice_ui(ui, ink, ground, &lines.join("\n"));
            ui.add_space(6.0);
        }
    }
}

enum Asked {
    Touched,
    /// Clicks fill in this input from now on, or no longer.
    Fill,
}

struct RowUi<'a> {
    input: &'a Input,
    cell: &'a mut Cell,
    is_active: bool,
    parts: &'a [(String, Label)],
    compared: &'a [Feature],
    label: egui::Id,
}

impl RowUi<'_> {
    fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) -> Option<Asked> {
        match self.input.kind {
            kind if kind.is_clicked() => self.clicked_ui(ui, env),
            Kind::Class(geometry) => {
                self.class_ui(ui, &env.session.schema, geometry);
                None
            }
            Kind::Choice(choices) => {
                ComboBox::from_id_salt(self.input.path)
                    .width(WIDTH)
                    .selected_text(choice_name(choices[self.cell.choice]))
                    .show_ui(ui, |ui| {
                        for (i, choice) in choices.iter().enumerate() {
                            ui.selectable_value(&mut self.cell.choice, i, choice_name(choice));
                        }
                    })
                    .response
                    .labelled_by(self.label);
                None
            }
            Kind::Flag => {
                let mut is_on = self.cell.choice > 0;
                ui.checkbox(&mut is_on, "").labelled_by(self.label);
                self.cell.choice = usize::from(is_on);
                None
            }
            Kind::Part => {
                self.part_ui(ui);
                None
            }
            Kind::File | Kind::Source => {
                ui.horizontal(|ui| {
                    let edit = TextEdit::singleline(&mut self.cell.text).id_salt(self.input.path);
                    ui.add(edit.desired_width(WIDTH - 30.0)).labelled_by(self.label);
                    if ui.button("…").clicked() {
                        let purpose = if self.input.kind == Kind::File {
                            FilePurpose::OperationFile
                        } else {
                            FilePurpose::OperationSource
                        };
                        env.push(Action::ChooseFile(purpose));
                    }
                });
                None
            }
            Kind::Values => {
                self.values_ui(ui, &env.session.schema);
                None
            }
            Kind::Differences => {
                self.differences_ui(ui, &env.session.schema);
                None
            }
            _ => {
                let edit = TextEdit::singleline(&mut self.cell.text).id_salt(self.input.path);
                ui.add(edit.desired_width(WIDTH))
                    .labelled_by(self.label)
                    .changed()
                    .then_some(Asked::Touched)
            }
        }
    }

    /// What was clicked, with a button to click anew.
    fn clicked_ui(&mut self, ui: &mut Ui, env: &PanelEnv<'_>) -> Option<Asked> {
        let mut asked = None;
        ui.horizontal(|ui| {
            let said = self.said(env);
            let shown = if said.is_empty() {
                tr("operations.click")
            } else {
                said
            };
            let button = Button::new(shown)
                .selected(self.is_active)
                .truncate()
                .min_size(egui::vec2(WIDTH, 0.0));
            let response = ui.add_sized([WIDTH, ui.spacing().interact_size.y], button);
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, input_name(self.input))
            });
            if response.on_hover_text(tr("operations.click_tip")).clicked() {
                asked = Some(Asked::Fill);
            }
            let is_filled = !self.cell.features.is_empty() || !self.cell.places.is_empty();
            if is_filled && ui.small_button("×").clicked() {
                self.cell.features.clear();
                self.cell.places.clear();
                asked = Some(Asked::Touched);
            }
        });
        asked
    }

    /// Codes where they are few, numbers where they are many, places as coordinates.
    fn said(&self, env: &PanelEnv<'_>) -> String {
        let network = &env.session.network;
        let code = |id: &FeatureId| {
            let pipe = network.pipe_of_id(*id).map(|pipe| network.pipe_code(pipe));
            pipe.or_else(|| network.node_of_id(*id).map(|node| network.node_code(node)))
                .unwrap_or_default()
                .to_owned()
        };
        let mut parts = Vec::new();
        match &self.cell.features[..] {
            [] => {}
            few if few.len() <= 2 => parts.push(few.iter().map(code).collect::<Vec<_>>().join(", ")),
            many => parts.push(tr_with(
                "operations.chosen",
                "count",
                text::count(many.len() as u64),
            )),
        }
        if self.input.kind == Kind::Vertex && !self.cell.features.is_empty() {
            parts.push(format!("#{}", self.cell.vertex));
        } else {
            match &self.cell.places[..] {
                [] => {}
                [p] => parts.push(format!("{:.2}, {:.2}", p[0], p[1])),
                [a, b] if self.input.kind != Kind::Places => {
                    let apart_m = network.metric().distance_m(*a, *b);
                    parts.push(text::length(apart_m));
                }
                many => parts.push(tr_with("operations.places", "count", many.len())),
            }
        }
        parts.join(" · ")
    }

    fn class_ui(&mut self, ui: &mut Ui, schema: &Schema, geometry: GeometryKind) {
        let chosen = schema
            .class_index(&self.cell.text)
            .map(|class| schema.class(class));
        ComboBox::from_id_salt(self.input.path)
            .width(WIDTH)
            .selected_text(chosen.map_or("–", |class| class.label.text(lang())))
            .show_ui(ui, |ui| {
                for class in schema.classes.iter().filter(|class| class.geometry == geometry) {
                    let label = class.label.text(lang());
                    ui.selectable_value(&mut self.cell.text, class.key.clone(), label);
                }
            })
            .response
            .labelled_by(self.label);
    }

    fn part_ui(&mut self, ui: &mut Ui) {
        let chosen = self.parts.iter().find(|(name, _)| *name == self.cell.text);
        ComboBox::from_id_salt(self.input.path)
            .width(WIDTH)
            .selected_text(chosen.map_or("–", |(_, label)| label.text(lang())))
            .show_ui(ui, |ui| {
                for (name, label) in self.parts {
                    ui.selectable_value(&mut self.cell.text, name.clone(), label.text(lang()));
                }
            })
            .response
            .labelled_by(self.label);
    }

    /// Attributes to set: a field of any class, and its value.
    fn values_ui(&mut self, ui: &mut Ui, schema: &Schema) {
        ui.vertical(|ui| {
            let is_last_used = self.cell.rows.last().is_none_or(|(name, _)| !name.is_empty());
            if is_last_used {
                self.cell.rows.push(Default::default());
            }
            for (i, (name, value)) in self.cell.rows.iter_mut().enumerate() {
                ui.push_id(i, |ui| field_ui(ui, schema, name, value));
            }
        });
    }

    /// Fields in which the chosen pipes differ, each with the pipe it is taken from.
    fn differences_ui(&mut self, ui: &mut Ui, schema: &Schema) {
        let Some(first) = self.compared.first().filter(|_| self.compared.len() > 1) else {
            ui.label(tr("operations.no_pipes"));
            return;
        };
        let class = schema.class(first.class);
        let differ = (0..class.fields.len()).filter(|i| {
            let value = |pipe: &Feature| pipe.values.get(*i).cloned().unwrap_or_default();
            self.compared.iter().any(|pipe| value(pipe) != value(first))
                && !class.fields[*i].is_retired
                && merging_asks(&class.fields[*i].key)
        });
        let differ: Vec<usize> = differ.collect();
        let keys: Vec<&str> = differ.iter().map(|i| class.fields[*i].key.as_str()).collect();
        self.cell.rows.retain(|(name, _)| keys.contains(&name.as_str()));
        if differ.is_empty() {
            ui.label(tr("operations.no_difference"));
        }
        ui.vertical(|ui| {
            for i in differ {
                let field = &class.fields[i];
                ui.label(RichText::new(field.label.text(lang())).small());
                let shown = |pipe: &Feature| shown(schema, first.class, i, pipe.values.get(i));
                let at = self.cell.rows.iter().position(|(name, _)| *name == field.key);
                let at = at.unwrap_or_else(|| {
                    self.cell.rows.push((field.key.clone(), String::new()));
                    self.cell.rows.len() - 1
                });
                let taken = &mut self.cell.rows[at].1;
                let from = self.compared.iter().find(|pipe| pipe.id.to_string() == *taken);
                ComboBox::from_id_salt(("take", i))
                    .width(WIDTH)
                    .selected_text(shown(from.unwrap_or(first)))
                    .show_ui(ui, |ui| {
                        for pipe in self.compared {
                            ui.selectable_value(taken, pipe.id.to_string(), shown(pipe));
                        }
                    });
            }
        });
    }
}

fn choice_name(choice: &str) -> String {
    tr(&format!("operations.choice.{choice}"))
}

/// A value in the words of its dictionary.
fn shown(schema: &Schema, class: ClassIndex, field: usize, value: Option<&Value>) -> String {
    let value = value.cloned().unwrap_or_default();
    let entry = schema
        .dictionary_of(class, field)
        .and_then(|dictionary| dictionary.resolve(value.as_text()?));
    match (entry, value.is_null()) {
        (Some(entry), _) => entry.label.text(lang()).to_owned(),
        (None, true) => "–".to_owned(),
        (None, false) => super::drafts::plain(&value),
    }
}

/// One attribute to be set.
fn field_ui(ui: &mut Ui, schema: &Schema, name: &mut String, value: &mut String) {
    let all = schema
        .classes
        .iter()
        .flat_map(|class| class.offered().map(|(_, field)| field));
    let mut fields: Vec<_> = Vec::new();
    for field in all {
        if !fields
            .iter()
            .any(|known: &&gis_core::schema::Field| known.key == field.key)
        {
            fields.push(field);
        }
    }
    let chosen = fields.iter().find(|field| field.key == *name).copied();
    ui.horizontal(|ui| {
        ComboBox::from_id_salt("field")
            .width(WIDTH / 2.0)
            .selected_text(chosen.map_or("–", |field| field.label.text(lang())))
            .show_ui(ui, |ui| {
                for field in &fields {
                    if ui
                        .selectable_label(field.key == *name, field.label.text(lang()))
                        .clicked()
                    {
                        name.clone_from(&field.key);
                        value.clear();
                    }
                }
            });
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            match chosen.map(|field| &field.field_type) {
                Some(FieldType::Code(dictionary)) => code_ui(ui, schema, dictionary, "value", value),
                _ => {
                    ui.add(TextEdit::singleline(value).desired_width(WIDTH / 2.0));
                }
            }
        });
    });
}
