//! Opening, new projects and imports: the work itself is `gis_core`'s, done in tasks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::io::{self, ImportOptions, ImportReport, Mapping};
use gis_core::project::{NewProject, Project};
use gis_core::{IdSource, Message, Severity};

use super::App;
use super::action::{Event, Reloaded};
use super::carry_out::file_name;
use crate::dialogs::import::{ImportDialog, ImportMode, ImportPlan, Inspected};
use crate::dialogs::new_project::{NewProjectDialog, NewProjectPlan};
use crate::map::MapData;
use crate::session::{Opened, guesses_as_issues, now_unix_ms};

impl App {
    pub(super) fn dialogs_ui(&mut self, ctx: &egui::Context) {
        let schema = self
            .session
            .as_ref()
            .map_or(&self.schema, |session| &session.schema);
        self.dialogs.ui(ctx, &self.theme, schema, &mut self.actions);
    }

    /// A project is opened; any other source is looked into first, and read into a temporary project.
    pub(super) fn open(&mut self, path: PathBuf) {
        if self.is_open_already(&path) {
            let said = Message::new("app.message.open_already").with("name", file_name(&path));
            return self.say(Severity::Info, said);
        }
        let label = Message::new("app.task.opening").with("name", file_name(&path));
        let schema = Arc::clone(&self.schema);
        self.tasks.spawn(label, move |progress| {
            if Project::is_project(&path)? {
                let opened = Opened::from_project_file(&path, progress)?;
                return Ok(Event::Opened(Box::new(opened)));
            }
            let plan = ImportPlan {
                source: path,
                options: ImportOptions::default(),
                mode: ImportMode::View,
            };
            // Only a question that nobody but the user can answer stands between a file and its map; what
            // cannot be looked into is refused by the reader, with its reason.
            let inspection = io::inspect(&plan.source, &plan.options, &schema).ok();
            if let Some(inspection) = inspection.filter(|i| i.encoding_question.is_some()) {
                return Ok(Event::Inspected(Box::new(Ok(Inspected { plan, inspection }))));
            }
            let opened = Opened::from_source(&plan.source, &plan.options, progress)?;
            Ok(Event::Opened(Box::new(opened)))
        });
    }

    /// The project of this window; opened once more it could only be read.
    fn is_open_already(&self, path: &Path) -> bool {
        let whole = |path: &Path| path.canonicalize().ok();
        let open = self.session.as_ref().filter(|session| !session.is_temporary);
        open.is_some_and(|session| whole(&session.source).is_some_and(|source| Some(source) == whole(path)))
    }

    pub(super) fn open_new_project_dialog(&mut self) {
        self.start_crs_picker();
        self.dialogs.new_project = Some(NewProjectDialog::default());
    }

    pub(super) fn start_crs_picker(&mut self) {
        self.dialogs.crs.start();
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
        let schema = Arc::clone(&self.schema);
        self.tasks.spawn(label, move |progress| {
            let new = NewProject {
                name: &plan.name,
                crs: &plan.crs,
                schema: &schema,
                created_unix_ms: now_unix_ms(),
            };
            let project = Project::create(&plan.path, &new)?;
            let opened = Opened::from_project(plan.path, project, ImportReport::default(), progress)?;
            Ok(Event::Opened(Box::new(opened)))
        });
    }

    /// Opens the import dialog and looks into the source meanwhile.
    pub(super) fn import_file(&mut self, source: PathBuf) {
        if self.session.is_none() {
            self.refuse("app.import.no_project");
            return;
        }
        self.open_import_dialog(ImportPlan {
            source,
            options: ImportOptions::default(),
            mode: ImportMode::IntoProject,
        });
    }

    /// Reads the source of the temporary project anew, with corrections.
    pub(super) fn correct_reading(&mut self) {
        if let Some(session) = self.session.as_ref().filter(|s| s.is_temporary) {
            let plan = ImportPlan {
                source: session.source.clone(),
                options: ImportOptions::default(),
                mode: ImportMode::View,
            };
            self.open_import_dialog(plan);
        }
    }

    fn open_import_dialog(&mut self, plan: ImportPlan) {
        self.start_crs_picker();
        self.inspect_source(plan.clone());
        self.dialogs.import = Some(ImportDialog::new(plan));
    }

    pub(super) fn inspect_source(&mut self, plan: ImportPlan) {
        let label = Message::new("app.task.inspecting").with("name", file_name(&plan.source));
        // What is read into a project has its fields and codes.
        let open = self
            .session
            .as_ref()
            .filter(|_| plan.mode == ImportMode::IntoProject);
        let schema = Arc::clone(open.map_or(&self.schema, |session| &session.schema));
        self.tasks.spawn(label, move |_| {
            let inspection = io::inspect(&plan.source, &plan.options, &schema);
            let inspected = inspection.map(|inspection| Inspected { plan, inspection });
            Ok(Event::Inspected(Box::new(inspected)))
        });
    }

    pub(super) fn inspected(&mut self, inspected: gis_core::Result<Inspected>) {
        match (&mut self.dialogs.import, inspected) {
            (Some(dialog), inspected) => dialog.inspected(inspected.map(|i| i.inspection)),
            // The question came while opening: the dialog asks it.
            (None, Ok(Inspected { plan, inspection })) => {
                let mut dialog = ImportDialog::new(plan);
                dialog.inspected(Ok(inspection));
                self.start_crs_picker();
                self.dialogs.import = Some(dialog);
            }
            (None, Err(error)) => self.fail(&error),
        }
    }

    pub(super) fn run_import(&mut self, plan: ImportPlan) {
        let label = Message::new("app.task.importing").with("name", file_name(&plan.source));
        if plan.mode == ImportMode::View {
            self.tasks.spawn(label, move |progress| {
                let opened = Opened::from_source(&plan.source, &plan.options, progress)?;
                Ok(Event::Opened(Box::new(opened)))
            });
            return;
        }
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let keeper = service.clone();
        self.tasks.spawn(label, move |progress| {
            let progress = progress.clone();
            service.call(move |project| {
                let mut ids = IdSource::new(now_unix_ms(), u64::from(std::process::id()));
                let report = io::import(project, &plan.source, &plan.options, &mut ids, &progress)?;
                let network = Arc::new(project.network(&progress)?);
                keeper.set_newest(&network);
                let map = MapData::prepare(Arc::clone(&network), project.crs(), project.schema(), &progress)?;
                let summary = project.summary()?;
                let mut issues = report.issues.as_slice().to_vec();
                issues.extend(guesses_as_issues(&report));
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

    pub(super) fn load_mapping(&mut self, path: PathBuf) {
        let label = Message::new("app.task.opening").with("name", file_name(&path));
        self.tasks.spawn(label, move |_| {
            Mapping::load(&path).map(|m| Event::MappingLoaded(Box::new(m)))
        });
    }

    pub(super) fn mapping_loaded(&mut self, mapping: Mapping) {
        if let Some(dialog) = &mut self.dialogs.import {
            dialog.set_mapping(mapping);
        }
    }

    pub(super) fn save_mapping(&mut self, path: PathBuf) {
        let Some(mapping) = self
            .dialogs
            .import
            .as_ref()
            .and_then(|d| d.plan().options.mapping)
        else {
            return;
        };
        let label = Message::new("app.task.saving").with("name", file_name(&path));
        self.tasks.spawn(label, move |_| {
            mapping.save(&path)?;
            Ok(Event::Saved(path))
        });
    }

    pub(super) fn open_sample(&mut self) {
        self.tasks.spawn(Message::new("app.task.sample"), |progress| {
            crate::sample::open(progress).map(|opened| Event::Opened(Box::new(opened)))
        });
    }

    /// Whether nothing about the map is still under way.
    pub(super) fn map_is_ready(&self) -> bool {
        self.map
            .as_ref()
            .is_none_or(|map| !map.stats().is_incomplete && !map.is_loading_tiles())
    }
}
