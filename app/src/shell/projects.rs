//! New projects, imports and reports: the work itself is `gis_core`'s, done in tasks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::io::{self, ImportReport};
use gis_core::project::{NewProject, Project};
use gis_core::schema::Schema;
use gis_core::{Message, Severity};

use super::App;
use super::action::{Event, Reloaded};
use super::carry_out::file_name;
use crate::dialogs::import::{ImportDialog, ImportPlan, Inspected};
use crate::dialogs::new_project::{NewProjectDialog, NewProjectPlan};
use crate::map::MapData;
use crate::session::{Opened, now_unix_ms};

impl App {
    pub(super) fn dialogs_ui(&mut self, ctx: &egui::Context) {
        let schema = self.session.as_ref().map(|s| Arc::clone(&s.schema));
        self.dialogs
            .ui(ctx, &self.theme, schema.as_deref(), &mut self.actions);
    }

    pub(super) fn open_new_project_dialog(&mut self) {
        self.dialogs.crs.start();
        self.dialogs.new_project = Some(NewProjectDialog::default());
        if !self.dialogs.crs.has_choices() {
            self.tasks.spawn(Message::new("app.task.crs"), |_| {
                Ok(Event::CrsOffered(io::crs::offered()))
            });
        }
    }

    pub(super) fn search_crs(&mut self, typed: String) {
        self.tasks.spawn(Message::new("app.task.crs"), move |_| {
            let crs = io::crs::parse(&typed);
            Ok(Event::CrsParsed(typed, Box::new(crs)))
        });
    }

    pub(super) fn create_project(&mut self, plan: NewProjectPlan) {
        let label = Message::new("app.task.creating").with("name", &plan.name);
        self.tasks.spawn(label, move |progress| {
            let schema = Schema::builtin()?;
            let new = NewProject {
                name: &plan.name,
                crs: &plan.crs,
                schema: &schema,
                created_unix_ms: now_unix_ms(),
            };
            let project = Project::create(&plan.path, &new)?;
            Opened::from_project(plan.path, project, ImportReport::default(), progress)
                .map(|opened| Event::Opened(Box::new(opened)))
        });
    }

    /// Opens the import dialog and looks into the source meanwhile.
    pub(super) fn import_file(&mut self, source: PathBuf) {
        if self.session.is_none() {
            self.refuse("app.import.no_project");
            return;
        }
        let dialog = ImportDialog::new(source);
        self.inspect_source(dialog.plan().clone());
        self.dialogs.import = Some(dialog);
    }

    pub(super) fn inspect_source(&mut self, plan: ImportPlan) {
        let label = Message::new("app.task.inspecting").with("name", file_name(&plan.source));
        self.tasks.spawn(label, move |_| {
            Ok(Event::Inspected(Box::new(Ok(Inspected { source: plan.source }))))
        });
    }

    pub(super) fn inspected(&mut self, inspected: gis_core::Result<Inspected>) {
        if let Some(dialog) = &mut self.dialogs.import {
            dialog.inspected(inspected);
        }
    }

    pub(super) fn run_import(&mut self, plan: ImportPlan) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let label = Message::new("app.task.importing").with("name", file_name(&plan.source));
        self.tasks.spawn(label, move |progress| {
            let progress = progress.clone();
            service.call(move |project| {
                // GATE
                let report = ImportReport::default();
                let network = Arc::new(project.network(&progress)?);
                let map = MapData::prepare(Arc::clone(&network), project.crs(), project.schema(), &progress)?;
                let summary = project.summary()?;
                let mut issues = report.issues.as_slice().to_vec();
                issues.extend(network.issues().iter().cloned());
                let reloaded = Reloaded {
                    network,
                    map: Arc::new(map),
                    summary,
                    report,
                    issues,
                };
                Ok(Event::Reloaded(Box::new(reloaded)))
            })
        });
    }

    /// What nobody said and was guessed: the user should know before trusting an answer.
    pub(super) fn show_report(&mut self, report: &ImportReport) {
        if !report.guesses.is_empty() {
            let said = Message::new("app.import.guessed").with("count", report.guesses.len());
            self.say(Severity::Warning, said);
        }
    }

    pub(super) fn load_mapping(&mut self, path: &Path) {
        let _path = path;
    }

    pub(super) fn save_mapping(&mut self, path: PathBuf) {
        let _path = path;
    }

    pub(super) fn save_burst_excel(&mut self, path: PathBuf) {
        let _path = path;
    }

    pub(super) fn save_path_excel(&mut self, path: PathBuf) {
        let _path = path;
    }

    pub(super) fn save_map_image(&mut self, path: PathBuf) {
        let _path = path;
    }

    /// Whether the map shows what it was last given.
    pub(super) fn map_is_ready(&self) -> bool {
        true
    }
}
