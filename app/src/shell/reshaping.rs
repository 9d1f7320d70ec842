//! Changes of dictionaries and fields from the window: counted on the project's thread, made as a task, and taken back like
//! any edit. The project then has another schema, and the window takes over schema and network together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::network::Network;
use gis_core::project::{Effects, Project, SchemaEffect, Stamp, Summary};
use gis_core::report::dictionaries_workbook;
use gis_core::schema::{DictionarySet, Schema, SchemaChange};
use gis_core::{Error, Message, NoProgress, Result};

use super::App;
use super::action::{Action, Event};
use super::carry_out::file_name;
use super::editing::EditEvent;
use super::reports::write;
use crate::dialogs::dictionaries::DictionariesDialog;
use crate::map::MapData;
use crate::session::{ProjectService, Target, now_unix_ms};
use crate::settings::system_user;

/// What the dialog asks for.
#[derive(Debug, Clone)]
pub enum ReshapeAction {
    /// How many features have which code of a dictionary.
    Usage(String),
    /// What changes would do, with the number of the question.
    Count(u64, Vec<SchemaChange>),
    Apply(Vec<SchemaChange>),
}

/// Brought by the project's thread and by tasks.
pub enum ReshapeEvent {
    Usage(String, BTreeMap<String, u64>),
    Counted(u64, Vec<SchemaEffect>),
    /// What a file would change, and what of it cannot be.
    Imported(Vec<SchemaChange>, Vec<Message>),
    Done(Box<Reshaped>),
    Failed(Message),
}

/// The open project with another schema.
pub struct Reshaped {
    /// As the journal calls it; nothing for a move through the journal.
    pub name: Option<Message>,
    pub schema: Arc<Schema>,
    pub network: Arc<Network>,
    pub map: Arc<MapData>,
    pub summary: Summary,
    pub effects: Effects,
}

impl Reshaped {
    /// Reads what the window shows of a project whose schema was changed. What was done cannot be broken off any more.
    ///
    /// # Errors
    /// The project cannot be read.
    pub(super) fn read(
        project: &Project,
        service: &ProjectService,
        name: Option<Message>,
        effects: Effects,
    ) -> Result<Self> {
        let network = Arc::new(project.network(&NoProgress)?);
        service.set_newest(&network);
        let map = MapData::prepare(Arc::clone(&network), project.crs(), project.schema(), &NoProgress)?;
        Ok(Self {
            name,
            schema: Arc::new(project.schema().clone()),
            network,
            map: Arc::new(map),
            summary: project.summary()?,
            effects,
        })
    }
}

impl App {
    pub(super) fn open_dictionaries(&mut self) {
        if let Some(session) = &self.session {
            let dialog = DictionariesDialog::new(&session.schema, session.is_read_only);
            self.dialogs.dictionaries = Some(Box::new(dialog));
        }
    }

    pub(super) fn reshape_action(&mut self, action: ReshapeAction) {
        match action {
            ReshapeAction::Usage(dictionary) => self.ask_reshape(move |project| {
                let counts = project.code_counts(&dictionary)?;
                Ok(ReshapeEvent::Usage(dictionary, counts))
            }),
            ReshapeAction::Count(number, changes) => self.ask_reshape(move |project| {
                Ok(ReshapeEvent::Counted(number, project.schema_effects(&changes)?))
            }),
            ReshapeAction::Apply(changes) => self.apply_changes(changes),
        }
    }

    fn ask_reshape(&self, ask: impl FnOnce(&Project) -> Result<ReshapeEvent> + Send + 'static) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            let answer = ask(project).unwrap_or_else(|error| ReshapeEvent::Failed(error.message()));
            outbox.send(Event::Reshape(answer));
        });
    }

    fn apply_changes(&mut self, changes: Vec<SchemaChange>) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let (keeper, outbox) = (service.clone(), self.tasks.outbox());
        self.tasks
            .spawn(Message::new("dictionaries.pane.task"), move |progress| {
                let progress = progress.clone();
                let done = service.call(move |project| {
                    let who = system_user();
                    let stamp = Stamp {
                        who: &who,
                        at_unix_ms: now_unix_ms(),
                    };
                    let effects = project.change_schema(&changes, stamp, &progress)?;
                    let name = project.history()?.entries.pop().map(|entry| entry.name);
                    Reshaped::read(project, &keeper, name, effects)
                });
                // The dialog has to know, too.
                let reshaped = done.inspect_err(|error| {
                    outbox.send(Event::Reshape(ReshapeEvent::Failed(error.message())));
                })?;
                Ok(Event::Reshape(ReshapeEvent::Done(Box::new(reshaped))))
            });
    }

    pub(super) fn reshape_event(&mut self, event: ReshapeEvent) {
        match (event, &mut self.dialogs.dictionaries) {
            (ReshapeEvent::Done(reshaped), _) => self.reshaped(*reshaped),
            (ReshapeEvent::Usage(key, counts), Some(dialog)) => dialog.set_usage(key, counts),
            (ReshapeEvent::Counted(number, effects), Some(dialog)) => dialog.set_effects(number, effects),
            (ReshapeEvent::Imported(changes, conflicts), Some(dialog)) => {
                dialog.set_imported(changes, conflicts);
            }
            (ReshapeEvent::Failed(message), Some(dialog)) => dialog.failed(message),
            _ => {}
        }
    }

    /// Schema, network and map of the project are other ones; what was chosen stays chosen.
    pub(super) fn reshaped(&mut self, reshaped: Reshaped) {
        let Some(session) = &mut self.session else { return };
        let chosen = self
            .panels
            .identify
            .target
            .map(|target| target.id(&session.network));
        session.schema = reshaped.schema;
        session.network = reshaped.network;
        session.summary = reshaped.summary;
        self.labels.refresh(session);
        // What it collected is done, or was collected for another schema.
        self.dialogs.dictionaries = None;
        let chosen = chosen.and_then(|id| Target::of_id(&session.network, id));
        self.panels.burst.clear();
        self.panels.path.clear();
        self.panels.depth.clear();
        self.panels.identify = crate::panels::identify::IdentifyPanel::default();
        self.panels.history.is_stale = true;
        self.panels.engineering.is_stale = true;
        self.panels.parts.is_stale = true;
        self.panels.table.reshaped();
        self.operation_edited();
        self.show_network(&reshaped.map);
        self.panels.print.network_changed();
        self.panels.layers.forget_looks();
        self.actions.push(Action::Select(chosen));
        if let Some(name) = reshaped.name {
            self.inform(name);
        }
        if reshaped.effects.recoded > 0 {
            self.inform(Message::new("dictionaries.pane.recoded").with("count", reshaped.effects.recoded));
        }
        self.refresh_highlight();
    }

    pub(super) fn export_dictionaries(&mut self, path: PathBuf) {
        let Some(session) = &self.session else { return };
        let (schema, lang) = (Arc::clone(&session.schema), self.lang);
        let label = Message::new("dictionaries.pane.export_task").with("name", file_name(&path));
        self.tasks.spawn(label, move |_| {
            let is_text = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
            let bytes = if is_text {
                schema.to_toml().into_bytes()
            } else {
                dictionaries_workbook(&schema, lang, chrono::Local::now().naive_local())?
            };
            write(&path, &bytes)
        });
    }

    pub(super) fn import_dictionaries(&mut self, path: PathBuf) {
        let Some(session) = &self.session else { return };
        let schema = Arc::clone(&session.schema);
        let (label, outbox) = (
            Message::new("dictionaries.pane.import_task").with("name", file_name(&path)),
            self.tasks.outbox(),
        );
        self.tasks.spawn(label, move |_| {
            let found = read_set(&path, &schema);
            let (changes, conflicts) = found.inspect_err(|error| {
                outbox.send(Event::Reshape(ReshapeEvent::Failed(error.message())));
            })?;
            Ok(Event::Reshape(ReshapeEvent::Imported(changes, conflicts)))
        });
    }
}

fn read_set(path: &Path, schema: &Schema) -> Result<(Vec<SchemaChange>, Vec<Message>)> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    DictionarySet::read(&file_name(path), &bytes)?.changes(schema)
}

/// The move of a journal over a change of the schema, for the window.
pub(super) fn moved(project: &Project, service: &ProjectService, effects: Effects) -> EditEvent {
    match Reshaped::read(project, service, None, effects) {
        Ok(reshaped) => EditEvent::Reshaped(Box::new(reshaped)),
        Err(error) => EditEvent::Failed(error.message()),
    }
}
