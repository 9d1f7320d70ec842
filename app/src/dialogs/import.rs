//! The import dialog: what was found in the source, what it was taken for, and the corrections.

use std::path::PathBuf;

use egui::{RichText, Ui};
use gis_core::io::{FieldRule, ImportOptions, Inspection, LayerMapping, Layout};
use gis_core::schema::{GeometryKind, Schema};
use gis_core::{Crs, Message};

use super::crs_picker::CrsPicker;
use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{lang, say, tr};
use crate::panels::widgets;
use crate::shell::action::{Action, FilePurpose};
use crate::theme::Theme;

/// Points that layers, fields and sample take.
const LAYERS_HEIGHT: f32 = 350.0;
/// Ends of pipes and the like, which are no fields of a class but can be mapped.
const LINKS_OF_LINES: [&str; 2] = ["from", "to"];
const LINKS_OF_POINTS: [&str; 1] = ["on_pipe"];

/// What becomes of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    IntoProject,
    /// Read into a temporary project; the source stays what it is.
    View,
}

/// A source and how it is to be read.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    pub source: PathBuf,
    pub options: ImportOptions,
    pub mode: ImportMode,
}

/// What was found in a source.
#[derive(Debug)]
pub struct Inspected {
    pub plan: ImportPlan,
    pub inspection: Inspection,
}

#[derive(Debug)]
pub struct ImportDialog {
    plan: ImportPlan,
    inspection: Option<Inspection>,
    failure: Option<Message>,
    is_waiting: bool,
    /// Position in `inspection.layers`.
    layer: usize,
    shows_crs: bool,
}

impl ImportDialog {
    pub fn new(plan: ImportPlan) -> Self {
        Self {
            plan,
            inspection: None,
            failure: None,
            is_waiting: true,
            layer: 0,
            shows_crs: false,
        }
    }

    pub fn inspected(&mut self, inspection: gis_core::Result<Inspection>) {
        self.is_waiting = false;
        self.layer = 0;
        match inspection {
            Ok(inspection) => {
                self.inspection = Some(inspection);
                self.failure = None;
            }
            Err(error) => {
                self.inspection = None;
                self.failure = Some(error.message());
            }
        }
    }

    /// The source with everything that was corrected.
    pub fn plan(&self) -> ImportPlan {
        let mut plan = self.plan.clone();
        if let Some(inspection) = self.inspection.as_ref().filter(|i| !i.mapping.layers.is_empty()) {
            plan.options.mapping = Some(inspection.mapping.clone());
        }
        plan
    }

    pub fn set_mapping(&mut self, mapping: gis_core::io::Mapping) {
        if let Some(inspection) = &mut self.inspection {
            inspection.mapping = mapping;
            inspection.layout = Layout::Mapped;
            inspection.guesses.clear();
        }
    }

    fn look_again(&mut self, actions: &mut Vec<Action>) {
        self.is_waiting = true;
        actions.push(Action::InspectSource(self.plan.clone()));
    }

    /// Returns whether the dialog stays open.
    pub fn ui(
        &mut self,
        ctx: &egui::Context,
        theme: &Theme,
        schema: &Schema,
        crs: &mut CrsPicker,
        actions: &mut Vec<Action>,
    ) -> bool {
        let mut answer = None;
        let (title, go) = match self.plan.mode {
            ImportMode::IntoProject => ("app.import.title", "app.import.run"),
            ImportMode::View => ("app.import.view_title", "app.common.open"),
        };
        let stays = dialog_ui(ctx, theme, "import", &tr(title), 880.0, |ui| {
            ui.add(egui::Label::new(self.plan.source.display().to_string()).truncate());
            self.verdict_ui(ui, theme);
            self.settings_ui(ui, theme, crs, actions);
            ui.separator();
            self.question_ui(ui, theme, actions);
            self.layers_ui(ui, theme, schema);
            self.guesses_ui(ui, theme);
            self.mapping_files_ui(ui, actions);
            let has_question = self
                .inspection
                .as_ref()
                .is_some_and(|i| i.encoding_question.is_some());
            let is_ready = !self.is_waiting && self.failure.is_none() && !has_question;
            answer = buttons_ui(ui, theme, &tr(go), is_ready);
        });
        if answer == Some(Answer::Go) {
            actions.push(Action::RunImport(self.plan()));
        }
        stays && answer.is_none()
    }

    fn verdict_ui(&self, ui: &mut Ui, theme: &Theme) {
        let s = &theme.status;
        if self.is_waiting {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(tr("app.import.looking"));
            });
        } else if let Some(failure) = &self.failure {
            widgets::notice_ui(ui, s.error.0, s.error_ground.0, &say(failure));
        } else if let Some(inspection) = &self.inspection {
            match inspection.layout {
                _ if inspection.encoding_question.is_some() => {}
                Layout::Native => {
                    widgets::notice_ui(ui, s.success.0, s.success_ground.0, &tr("app.import.fixed"));
                }
                Layout::Exchange => {
                    widgets::notice_ui(ui, s.success.0, s.success_ground.0, &tr("app.import.exchange"));
                }
                Layout::Mapped => widgets::notice_ui(ui, s.info.0, s.info_ground.0, &tr("app.import.mapped")),
                Layout::Guessed => {
                    widgets::notice_ui(
                        ui,
                        s.warning.0,
                        s.warning_ground.0,
                        &tr("app.import.check_guesses"),
                    );
                }
            }
        }
    }

    /// Encoding and coordinate system.
    fn settings_ui(&mut self, ui: &mut Ui, theme: &Theme, crs: &mut CrsPicker, actions: &mut Vec<Action>) {
        ui.horizontal(|ui| {
            ui.label(tr("app.import.encoding"));
            let before = self.plan.options.encoding.clone();
            widgets::encoding_ui(ui, "import_encoding", &mut self.plan.options.encoding);
            if self.plan.options.encoding != before {
                self.look_again(actions);
            }
            ui.add_space(16.0);
            ui.label(tr("app.import.crs"));
            let (text, ink) = match self.crs() {
                Some(crs) => (crs.name.clone(), theme.text.strong.0),
                None => (tr("app.import.crs_unknown"), theme.status.warning.0),
            };
            ui.label(RichText::new(text).color(ink));
            ui.toggle_value(&mut self.shows_crs, tr("app.import.crs_change"));
        });
        if !self.shows_crs {
            return;
        }
        crs.ui(ui, theme, actions);
        if let Some(chosen) = crs.chosen()
            && self.plan.options.source_crs.as_ref() != Some(chosen)
        {
            self.plan.options.source_crs = Some(chosen.clone());
        }
    }

    fn crs(&self) -> Option<&Crs> {
        let of_source = || {
            self.inspection
                .as_ref()?
                .layers
                .iter()
                .find_map(|l| l.crs.as_ref())
        };
        self.plan.options.source_crs.as_ref().or_else(of_source)
    }

    /// Asks once for an encoding that the bytes do not show.
    fn question_ui(&mut self, ui: &mut Ui, theme: &Theme, actions: &mut Vec<Action>) {
        let question = self.inspection.as_ref().and_then(|i| i.encoding_question.clone());
        let Some(question) = question else { return };
        ui.label(RichText::new(tr("app.import.which_encoding")).color(theme.text.strong.0));
        for candidate in question.candidates {
            let preview = candidate.preview.join("   ");
            ui.horizontal(|ui| {
                if ui.button(&candidate.encoding).clicked() {
                    self.plan.options.encoding = Some(candidate.encoding.clone());
                    self.look_again(actions);
                }
                ui.add(egui::Label::new(preview).truncate());
            });
        }
    }

    fn layers_ui(&mut self, ui: &mut Ui, theme: &Theme, schema: &Schema) {
        let Some(inspection) = &mut self.inspection else {
            return;
        };
        if inspection.layers.is_empty() {
            return;
        }
        let chosen = &mut self.layer;
        let size = egui::vec2(ui.available_width(), LAYERS_HEIGHT);
        let left_to_right = egui::Layout::left_to_right(egui::Align::Min);
        ui.allocate_ui_with_layout(size, left_to_right, |ui| {
            // Separators and lists take the height they are given.
            ui.set_max_height(LAYERS_HEIGHT);
            ui.allocate_ui(egui::vec2(250.0, LAYERS_HEIGHT), |ui| {
                ui.set_min_size(egui::vec2(250.0, LAYERS_HEIGHT));
                egui::ScrollArea::vertical()
                    .id_salt("import_layers")
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        for (i, layer) in inspection.layers.iter().enumerate() {
                            let mapped = inspection.mapping.rules_for(&layer.name).first().copied();
                            let row = widgets::Row {
                                code: layer.name.clone(),
                                detail: class_name(schema, mapped),
                                figure: layer.count.map(crate::panels::text::count).unwrap_or_default(),
                                is_selected: i == *chosen,
                                ..widgets::Row::default()
                            };
                            if widgets::row_ui(ui, theme, &row, 0.0).clicked() {
                                *chosen = i;
                            }
                        }
                    });
            });
            ui.separator();
            ui.vertical(|ui| {
                let Some(layer) = inspection.layers.get(*chosen) else {
                    return;
                };
                let name = layer.name.to_lowercase();
                let mapped = inspection
                    .mapping
                    .layers
                    .iter_mut()
                    .find(|l| l.name.to_lowercase() == name);
                match mapped {
                    Some(mapped) => {
                        class_ui(ui, schema, mapped);
                        fields_ui(ui, theme, schema, mapped, &layer.columns);
                    }
                    None => {
                        ui.label(RichText::new(tr("app.import.not_read")).color(theme.text.weak.0));
                    }
                }
                sample_ui(ui, theme, &layer.columns, &layer.sample);
            });
        });
    }

    fn guesses_ui(&self, ui: &mut Ui, theme: &Theme) {
        let Some(inspection) = &self.inspection else {
            return;
        };
        let guesses = &inspection.guesses;
        widgets::section_ui(
            ui,
            theme,
            "guesses",
            &tr("app.import.guesses"),
            guesses.len(),
            false,
            |ui| {
                egui::ScrollArea::vertical()
                    .id_salt("import_guesses")
                    .max_height(120.0)
                    .show(ui, |ui| {
                        for guess in guesses {
                            ui.label(RichText::new(say(&guess.message)).small());
                        }
                    });
            },
        );
    }

    fn mapping_files_ui(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        if self.inspection.as_ref().is_none_or(|i| i.layers.is_empty()) {
            return;
        }
        ui.horizontal(|ui| {
            if ui.button(tr("app.import.load_mapping")).clicked() {
                actions.push(Action::ChooseFile(FilePurpose::LoadMapping));
            }
            if ui.button(tr("app.import.save_mapping")).clicked() {
                actions.push(Action::ChooseFile(FilePurpose::SaveMapping));
            }
        });
    }
}

fn class_name(schema: &Schema, mapped: Option<&LayerMapping>) -> String {
    let Some(mapped) = mapped.filter(|m| !m.skip) else {
        return tr("app.import.skipped");
    };
    let Some(class) = &mapped.class else {
        return tr("app.import.by_column");
    };
    let key = class.split('/').next().unwrap_or_default();
    schema.class_index(key).map_or_else(
        || class.clone(),
        |c| schema.class(c).label.text(lang()).to_owned(),
    )
}

fn class_ui(ui: &mut Ui, schema: &Schema, mapped: &mut LayerMapping) {
    ui.horizontal(|ui| {
        ui.label(tr("app.import.class"));
        let shown = class_name(schema, Some(mapped));
        egui::ComboBox::from_id_salt("import_class")
            .selected_text(shown)
            .width(180.0)
            .height(300.0)
            .show_ui(ui, |ui| {
                if ui.selectable_label(mapped.skip, tr("app.import.skip")).clicked() {
                    mapped.skip = true;
                }
                for class in &schema.classes {
                    let is_chosen = !mapped.skip && mapped.class.as_deref() == Some(class.key.as_str());
                    if ui.selectable_label(is_chosen, class.label.text(lang())).clicked() {
                        mapped.skip = false;
                        mapped.class = Some(class.key.clone());
                    }
                }
            });
        if !mapped.class_column.is_empty() {
            ui.label(crate::i18n::tr_with(
                "app.import.class_columns",
                "columns",
                mapped.class_column.0.join(", "),
            ));
        }
    });
}

fn fields_ui(ui: &mut Ui, theme: &Theme, schema: &Schema, mapped: &mut LayerMapping, columns: &[String]) {
    if mapped.skip {
        return;
    }
    let key = mapped
        .class
        .as_deref()
        .and_then(|c| c.split('/').next())
        .unwrap_or("junction");
    let Some(class) = schema.class_index(key).map(|i| schema.class(i)) else {
        return;
    };
    let links: &[&str] = if class.geometry == GeometryKind::Line {
        &LINKS_OF_LINES
    } else {
        &LINKS_OF_POINTS
    };
    let links = links
        .iter()
        .map(|link| ((*link).to_owned(), tr(&format!("app.import.link.{link}"))));
    let fields = class
        .offered()
        .map(|(_, f)| (f.key.clone(), f.label.text(lang()).to_owned()));
    let mut targets: Vec<(String, String)> = fields.take(1).collect();
    targets.extend(links);
    targets.extend(
        class
            .offered()
            .skip(1)
            .map(|(_, f)| (f.key.clone(), f.label.text(lang()).to_owned())),
    );
    // What has a column already comes first, so that it can be checked at a glance.
    targets.sort_by_key(|(key, _)| !mapped.fields.contains_key(key));
    egui::ScrollArea::vertical()
        .id_salt("import_fields")
        .max_height(190.0)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            egui::Grid::new("import_field_grid")
                .num_columns(2)
                .striped(true)
                .show(ui, |ui| {
                    for (key, name) in targets {
                        ui.label(RichText::new(name).color(theme.text.primary.0));
                        column_ui(ui, mapped, &key, columns);
                        ui.end_row();
                    }
                });
        });
}

/// Chooses the source column of one field.
fn column_ui(ui: &mut Ui, mapped: &mut LayerMapping, key: &str, columns: &[String]) {
    let current = mapped
        .fields
        .get(key)
        .and_then(FieldRule::column)
        .map(str::to_owned);
    let shown = current.clone().unwrap_or_else(|| tr("app.import.no_column"));
    egui::ComboBox::from_id_salt(("import_column", key))
        .selected_text(shown)
        .width(220.0)
        .show_ui(ui, |ui| {
            if ui
                .selectable_label(current.is_none(), tr("app.import.no_column"))
                .clicked()
            {
                mapped.fields.remove(key);
            }
            for column in columns {
                if ui
                    .selectable_label(current.as_deref() == Some(column), column)
                    .clicked()
                {
                    mapped
                        .fields
                        .insert(key.to_owned(), FieldRule::Column(column.clone()));
                }
            }
        });
}

/// The first rows as they are read, so that a wrong encoding shows at once.
fn sample_ui(ui: &mut Ui, theme: &Theme, columns: &[String], rows: &[Vec<Option<String>>]) {
    const ROWS: usize = 4;
    ui.add_space(4.0);
    ui.label(
        RichText::new(tr("app.import.sample"))
            .small()
            .color(theme.text.weak.0),
    );
    egui::ScrollArea::horizontal()
        .id_salt("import_sample")
        .auto_shrink([false, true])
        .show(ui, |ui| {
            egui::Grid::new("import_sample_grid")
                .striped(true)
                .show(ui, |ui| {
                    for column in columns {
                        ui.label(RichText::new(column).small().color(theme.text.strong.0));
                    }
                    ui.end_row();
                    for row in rows.iter().take(ROWS) {
                        for cell in row {
                            ui.label(RichText::new(cell.as_deref().unwrap_or("")).small());
                        }
                        ui.end_row();
                    }
                });
        });
}
