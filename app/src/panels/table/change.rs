//! Changes of many cells at once: the field calculator, find and replace, paste and fill down. What would change is shown
//! before it is carried out, as one step that can be undone.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ComboBox, Grid, RichText, ScrollArea, TextEdit, Ui};
use gis_core::edit::ops::Request;
use gis_core::schema::FeatureClass;
use gis_core::table::{Changes, Conflict, UpdateOptions};
use gis_core::{ClassIndex, FeatureId, Message};

use super::{PanelEnv, TablePanel};
use crate::dialogs::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{lang, say, tr};
use crate::panels::text;
use crate::shell::action::Action;
use crate::shell::table::TableAction;

/// Rows of the preview.
const PREVIEWED: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeKind {
    Calculate,
    Replace,
    FillDown,
    Paste,
    Workbook,
}

/// What would change is worked out from this.
#[derive(Debug, Clone)]
pub enum ChangePlan {
    Calculate {
        class: ClassIndex,
        ids: Vec<FeatureId>,
        field: String,
        expression: String,
    },
    Replace {
        class: ClassIndex,
        ids: Vec<FeatureId>,
        field: String,
        find: String,
        with: String,
        is_whole: bool,
    },
    FillDown {
        class: ClassIndex,
        ids: Vec<FeatureId>,
        fields: Vec<String>,
    },
    Paste {
        class: ClassIndex,
        ids: Vec<FeatureId>,
        fields: Vec<String>,
        text: String,
    },
    Workbook {
        class: ClassIndex,
        path: PathBuf,
        options: UpdateOptions,
    },
}

/// What would change, and the request that does it.
#[derive(Debug)]
pub struct Planned {
    pub changes: Changes,
    pub request: Request,
    /// Where a workbook says otherwise than what was done here since it was written.
    pub conflicts: Vec<Conflict>,
    /// What is to be said beside.
    pub notes: Vec<Message>,
}

#[derive(Debug)]
pub(super) struct ChangeForm {
    kind: ChangeKind,
    field: String,
    expression: String,
    find: String,
    with: String,
    is_whole: bool,
    /// Over the chosen rows, not over all that are shown.
    is_of_selected: bool,
    /// The workbook that values come from.
    path: PathBuf,
    options: UpdateOptions,
    asked: u64,
    is_waiting: bool,
    planned: Option<Result<Arc<Planned>, Message>>,
}

impl TablePanel {
    pub(super) fn begin_change(&mut self, kind: ChangeKind) {
        self.editing = None;
        self.change = Some(ChangeForm {
            kind,
            field: String::new(),
            expression: String::new(),
            find: String::new(),
            with: String::new(),
            is_whole: false,
            is_of_selected: self.selection.len() > 1,
            path: PathBuf::new(),
            options: UpdateOptions::default(),
            asked: 0,
            is_waiting: false,
            planned: None,
        });
    }

    pub(super) fn change_field(&mut self, field: &str) {
        if let Some(form) = &mut self.change {
            field.clone_into(&mut form.field);
        }
    }

    /// Opens the field calculator as it is filled in by hand.
    pub fn begin_calculation(&mut self, field: &str, expression: &str) {
        self.begin_change(ChangeKind::Calculate);
        if let Some(form) = &mut self.change {
            field.clone_into(&mut form.field);
            expression.clone_into(&mut form.expression);
        }
    }

    /// Opens the preview of what a workbook would change in the class that is shown.
    pub fn begin_update(&mut self, path: PathBuf) -> Option<(u64, ChangePlan)> {
        let class = self.class?;
        self.begin_change(ChangeKind::Workbook);
        self.asked += 1;
        let form = self.change.as_mut()?;
        form.path.clone_from(&path);
        form.asked = self.asked;
        form.is_waiting = true;
        let options = form.options.clone();
        Some((self.asked, ChangePlan::Workbook { class, path, options }))
    }

    pub fn is_planning(&self) -> bool {
        self.change.as_ref().is_some_and(|form| form.is_waiting)
    }

    /// What would change, while it is shown.
    pub fn planned(&self) -> Option<&Result<Arc<Planned>, Message>> {
        self.change.as_ref()?.planned.as_ref()
    }

    pub fn set_planned(&mut self, number: u64, planned: Result<Planned, Message>) {
        if let Some(form) = self.change.as_mut().filter(|form| form.asked == number) {
            form.is_waiting = false;
            form.planned = Some(planned.map(Arc::new));
        }
    }

    pub(super) fn ask_change(&mut self, env: &mut PanelEnv<'_>, plan: ChangePlan) {
        self.asked += 1;
        if let Some(form) = &mut self.change {
            form.asked = self.asked;
            form.is_waiting = true;
            form.planned = None;
            env.push(Action::Table(TableAction::Plan(self.asked, Box::new(plan))));
        }
    }

    pub(super) fn change_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, class: ClassIndex) {
        let Some(mut form) = self.change.take() else {
            return;
        };
        let schema = Arc::clone(&env.session.schema);
        let own = schema.class(class);
        let mut answer = None;
        let mut is_asked = false;
        let theme = env.theme;
        let stays = dialog_ui(ui.ctx(), theme, "table_change", &form.title(), 720.0, |ui| {
            is_asked = form.ui(ui, own, self.rows.ids.len(), self.selection.len());
            form.preview_ui(ui, own, env);
            let is_ready = matches!(&form.planned, Some(Ok(planned)) if !planned.changes.cells.is_empty());
            answer = buttons_ui(ui, theme, &tr("table.change.carry_out"), is_ready);
        });
        if answer == Some(Answer::Go)
            && let Some(Ok(planned)) = form.planned.take()
        {
            env.push(Action::Table(TableAction::CarryOut(planned)));
        }
        if answer.is_some() || !stays {
            return;
        }
        let plan = is_asked.then(|| self.plan(&form, env, class)).flatten();
        self.change = Some(form);
        if let Some(plan) = plan {
            self.ask_change(env, plan);
        }
    }

    fn plan(&self, form: &ChangeForm, env: &PanelEnv<'_>, class: ClassIndex) -> Option<ChangePlan> {
        let ids = if form.is_of_selected {
            self.chosen_in_order()
        } else {
            self.rows.ids.clone()
        };
        let field = form.field.clone();
        Some(match form.kind {
            ChangeKind::Calculate => ChangePlan::Calculate {
                class,
                ids,
                field,
                expression: form.expression.clone(),
            },
            ChangeKind::Replace => ChangePlan::Replace {
                class,
                ids,
                field,
                find: form.find.clone(),
                with: form.with.clone(),
                is_whole: form.is_whole,
            },
            ChangeKind::FillDown => ChangePlan::FillDown {
                class,
                ids,
                fields: if field.is_empty() {
                    self.shown_fields(env)
                } else {
                    vec![field]
                },
            },
            ChangeKind::Workbook => ChangePlan::Workbook {
                class,
                path: form.path.clone(),
                options: form.options.clone(),
            },
            // Was asked for when it was pasted.
            ChangeKind::Paste => return None,
        })
    }
}

impl ChangeForm {
    fn title(&self) -> String {
        tr(match self.kind {
            ChangeKind::Calculate => "table.change.calculator",
            ChangeKind::Replace => "table.change.replace",
            ChangeKind::FillDown => "table.change.fill_down",
            ChangeKind::Paste => "table.change.paste",
            ChangeKind::Workbook => "table.update.title",
        })
    }

    /// What is to be done; whether a preview is asked for.
    fn ui(&mut self, ui: &mut Ui, class: &FeatureClass, shown: usize, selected: usize) -> bool {
        match self.kind {
            ChangeKind::Paste => return false,
            ChangeKind::Workbook => return self.workbook_ui(ui, class),
            _ => {}
        }
        let mut is_changed = false;
        ui.horizontal(|ui| {
            let label = ui.label(tr("table.change.field"));
            let name = |key: &str| {
                class
                    .field_index(key)
                    .map(|at| class.fields[at].label.text(lang()).to_owned())
            };
            let list = ComboBox::from_id_salt("change_field")
                .width(200.0)
                .selected_text(name(&self.field).unwrap_or_else(|| "–".to_owned()))
                .show_ui(ui, |ui| {
                    for (_, field) in class.offered() {
                        let label = field.label.text(lang());
                        is_changed |= ui
                            .selectable_value(&mut self.field, field.key.clone(), label)
                            .changed();
                    }
                });
            list.response.labelled_by(label.id);
            for (is_of_selected, key, count) in [
                (false, "table.change.all_shown", shown),
                (true, "table.change.selected", selected),
            ] {
                let label = crate::i18n::tr_with(key, "count", text::count(count as u64));
                let is_possible = !is_of_selected || selected > 0;
                let is_chosen = self.is_of_selected == is_of_selected;
                let choice = ui.add_enabled(is_possible, egui::RadioButton::new(is_chosen, label));
                if choice.clicked() && !is_chosen {
                    self.is_of_selected = is_of_selected;
                    is_changed = true;
                }
            }
        });
        is_changed |= match self.kind {
            ChangeKind::Calculate => self.expression_ui(ui, class),
            ChangeKind::Replace => self.replace_ui(ui),
            ChangeKind::FillDown | ChangeKind::Paste | ChangeKind::Workbook => false,
        };
        if is_changed {
            // A preview of something else must not be carried out.
            self.planned = None;
            self.asked = 0;
            self.is_waiting = false;
        }
        let needs_field = self.kind != ChangeKind::FillDown;
        let is_ready = !(self.is_waiting || needs_field && self.field.is_empty());
        ui.add_enabled(is_ready, egui::Button::new(tr("table.change.preview")))
            .clicked()
    }

    /// Whether something else is asked for, which is looked at at once.
    fn workbook_ui(&mut self, ui: &mut Ui, class: &FeatureClass) -> bool {
        ui.label(RichText::new(self.path.display().to_string()).weak());
        let mut is_changed = false;
        ui.horizontal_wrapped(|ui| {
            let label = ui.label(tr("table.update.key"));
            let key = self.options.key.as_deref().unwrap_or("code");
            let name = class
                .field_index(key)
                .map(|at| class.fields[at].label.text(lang()));
            let list = ComboBox::from_id_salt("update_key")
                .selected_text(name.unwrap_or(key))
                .show_ui(ui, |ui| {
                    for (_, field) in class.offered() {
                        let wanted = Some(field.key.clone());
                        let label = field.label.text(lang());
                        is_changed |= ui
                            .selectable_value(&mut self.options.key, wanted, label)
                            .changed();
                    }
                });
            list.response.labelled_by(label.id);
            is_changed |= ui
                .checkbox(&mut self.options.clears, tr("table.update.clears"))
                .changed();
            is_changed |= ui
                .checkbox(&mut self.options.takes_workbook, tr("table.update.takes"))
                .changed();
        });
        is_changed
    }

    fn expression_ui(&mut self, ui: &mut Ui, class: &FeatureClass) -> bool {
        let label = ui.label(tr("table.change.expression"));
        let edit = TextEdit::multiline(&mut self.expression)
            .desired_rows(2)
            .desired_width(f32::INFINITY)
            .hint_text("round(length_m * 1.02, 2)");
        let mut is_changed = ui.add(edit).labelled_by(label.id).changed();
        ui.horizontal_wrapped(|ui| {
            ui.menu_button(tr("table.change.insert_field"), |ui| {
                ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
                    for (_, field) in class.offered() {
                        if ui.button(field.label.text(lang())).clicked() {
                            self.expression.push_str(&field.key);
                            is_changed = true;
                        }
                    }
                });
            });
            for piece in [
                "+",
                "-",
                "*",
                "/",
                "||",
                "round(",
                "coalesce(",
                "if(",
                "replace(",
                "year(",
                "null",
            ] {
                if ui.small_button(piece).clicked() {
                    self.expression.push_str(piece);
                    is_changed = true;
                }
            }
        });
        is_changed
    }

    fn replace_ui(&mut self, ui: &mut Ui) -> bool {
        let mut is_changed = false;
        ui.horizontal(|ui| {
            let label = ui.label(tr("table.change.find"));
            let find = TextEdit::singleline(&mut self.find).desired_width(170.0);
            is_changed |= ui.add(find).labelled_by(label.id).changed();
            let label = ui.label(tr("table.change.with"));
            let with = TextEdit::singleline(&mut self.with).desired_width(170.0);
            is_changed |= ui.add(with).labelled_by(label.id).changed();
            is_changed |= ui
                .checkbox(&mut self.is_whole, tr("table.change.whole"))
                .changed();
        });
        is_changed
    }

    fn preview_ui(&self, ui: &mut Ui, class: &FeatureClass, env: &PanelEnv<'_>) {
        ui.add_space(6.0);
        if self.is_waiting {
            ui.spinner();
        }
        let planned = match &self.planned {
            Some(Ok(planned)) => planned,
            Some(Err(error)) => {
                let (ink, _) = crate::shell::messages::severity_colors(gis_core::Severity::Error, env.theme);
                ui.colored_label(ink, say(error));
                return;
            }
            None => return,
        };
        let changes = &planned.changes;
        let said = Message::new("table.change.counts")
            .with("changes", text::count(changes.cells.len() as u64))
            .with("unchanged", text::count(changes.unchanged as u64))
            .with("rejects", text::count(changes.rejects.len() as u64));
        ui.label(RichText::new(say(&said)).strong());
        for note in &planned.notes {
            ui.label(RichText::new(say(note)).weak());
        }
        ScrollArea::vertical()
            .max_height(260.0)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                Grid::new("changes")
                    .striped(true)
                    .num_columns(4)
                    .spacing([18.0, 2.0])
                    .show(ui, |ui| {
                        for cell in changes.cells.iter().take(PREVIEWED) {
                            let words =
                                |value| text::value(&env.session.schema, changes.class, cell.field, value);
                            ui.label(&cell.code);
                            ui.label(class.fields[cell.field].label.text(lang()));
                            ui.label(RichText::new(or_dash(words(&cell.old))).color(env.theme.text.weak.0));
                            ui.label(format!("→ {}", or_dash(words(&cell.new))));
                            ui.end_row();
                        }
                    });
                let (ink, _) =
                    crate::shell::messages::severity_colors(gis_core::Severity::Warning, env.theme);
                if !planned.conflicts.is_empty() {
                    let count = Message::new("table.update.conflicts").with("count", planned.conflicts.len());
                    ui.colored_label(ink, say(&count));
                    conflicts_ui(ui, class, env, planned);
                }
                for reject in changes.rejects.iter().take(PREVIEWED) {
                    ui.colored_label(ink, format!("{}  {}", reject.code, say(&reject.why)));
                }
            });
    }
}

/// What the workbook was written with, what is here now, and what it says.
fn conflicts_ui(ui: &mut Ui, class: &FeatureClass, env: &PanelEnv<'_>, planned: &Planned) {
    let own = planned.changes.class;
    Grid::new("conflicts")
        .striped(true)
        .num_columns(5)
        .spacing([18.0, 2.0])
        .show(ui, |ui| {
            for key in [
                "query.code",
                "table.update.field",
                "table.update.base",
                "table.update.here",
                "table.update.workbook",
            ] {
                ui.strong(tr(key));
            }
            ui.end_row();
            for Conflict { base, change } in planned.conflicts.iter().take(PREVIEWED) {
                ui.label(&change.code);
                ui.label(class.fields[change.field].label.text(lang()));
                for value in [base, &change.old, &change.new] {
                    let words = text::value(&env.session.schema, own, change.field, value);
                    ui.label(or_dash(words));
                }
                ui.end_row();
            }
        });
}

fn or_dash(words: String) -> String {
    if words.is_empty() { "–".to_owned() } else { words }
}
