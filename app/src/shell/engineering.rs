//! Engineering projects in the window: read, written down, made active, completed and withdrawn on the project's thread.

use std::path::PathBuf;

use chrono::NaiveDate;
use gis_core::edit::ops::Done;
use gis_core::project::{Engineering, Project, Stage, Stamp};
use gis_core::report::EngineeringReport;
use gis_core::{FeatureId, Lang, Message, Result, Severity};

use super::App;
use super::action::Event;
use super::dock::Pane;
use super::edit_order::Job;
use super::reports::write;
use crate::dialogs::closing::ClosingDialog;
use crate::dialogs::engineering::EngineeringDialog;
use crate::panels::engineering::{ChangeRow, Details, Listed, Overview};

/// What the panel and the dialogs ask for.
#[derive(Debug, Clone)]
pub enum EngineeringAction {
    Read,
    Choose(String),
    /// Edits are made for it from now on; for none where there is none.
    Activate(Option<String>),
    AskNew,
    AskChange,
    AskComplete,
    AskWithdraw,
    WriteDown(Box<Engineering>, Entry),
    Close(Closing),
}

/// Whether particulars are those of a project that is written down already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    New,
    Known,
}

/// The end of a project, by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    Complete(String, NaiveDate),
    Withdraw(String),
}

/// Brought by the project's thread.
pub enum EngineeringEvent {
    Overview(Result<Overview>),
    WrittenDown(Result<String>),
}

/// A project that could not be withdrawn, and the features that rest on it with their names.
pub struct Rested {
    pub message: Message,
    pub features: Vec<(FeatureId, String)>,
}

impl Closing {
    pub(super) fn carry_out(&self, project: &mut Project, stamp: Stamp<'_>) -> Result<Done> {
        let (number, effects, name) = match self {
            Self::Complete(number, on) => (
                number,
                project.complete_engineering(number, *on, stamp)?,
                "engineering.name.complete",
            ),
            Self::Withdraw(number) => (
                number,
                project.withdraw_engineering(number, stamp)?,
                "engineering.name.withdraw",
            ),
        };
        Ok(Done {
            name: Some(Message::new(name).with("number", number)),
            effects,
            notes: Vec::new(),
        })
    }

    /// What kept it from being done; nothing where it was something else than features that rest on it.
    pub(super) fn rested(&self, project: &Project, message: Message) -> Option<Rested> {
        let Self::Withdraw(number) = self else { return None };
        let resting = project.resting_on_engineering(number).ok()?;
        let named = |id: FeatureId| {
            let feature = project.feature(id).ok().flatten();
            (
                id,
                feature.map_or_else(|| id.to_string(), |f| project.name_of(&f)),
            )
        };
        let features: Vec<_> = resting.into_iter().map(named).collect();
        (!features.is_empty()).then_some(Rested { message, features })
    }
}

impl App {
    pub(super) fn engineering_action(&mut self, action: EngineeringAction) {
        match action {
            EngineeringAction::Read => self.read_engineering(),
            EngineeringAction::Choose(number) => self.panels.engineering.choose(Some(number)),
            EngineeringAction::Activate(number) => self.activate_engineering(number),
            EngineeringAction::AskNew => {
                self.dialogs.engineering = Some(EngineeringDialog::new(Engineering::default(), Entry::New));
            }
            EngineeringAction::AskChange => {
                if let Some(chosen) = self.panels.engineering.chosen() {
                    let dialog = EngineeringDialog::new(chosen.engineering.clone(), Entry::Known);
                    self.dialogs.engineering = Some(dialog);
                }
            }
            EngineeringAction::AskComplete => self.ask_closing(ClosingDialog::to_complete),
            EngineeringAction::AskWithdraw => self.ask_closing(ClosingDialog::to_withdraw),
            EngineeringAction::WriteDown(engineering, entry) => self.write_down(*engineering, entry),
            EngineeringAction::Close(closing) => {
                self.panels.engineering.set_resting(Vec::new());
                self.run_edit(Job::Close(closing), false);
            }
        }
    }

    fn ask_closing(&mut self, dialog: impl FnOnce(&Listed) -> ClosingDialog) {
        self.dialogs.closing = self.panels.engineering.chosen().map(dialog);
    }

    fn read_engineering(&mut self) {
        let Some(session) = &self.session else { return };
        let chosen = self.panels.engineering.chosen_number().map(str::to_owned);
        let (outbox, lang) = (self.tasks.outbox(), self.lang);
        session.service.ask(move |project| {
            let overview = overview(project, chosen.as_deref(), lang);
            outbox.send(Event::Engineering(EngineeringEvent::Overview(overview)));
        });
    }

    fn activate_engineering(&mut self, number: Option<String>) {
        let Some(session) = &mut self.session else { return };
        let said = match &number {
            Some(number) => Message::new("engineering.pane.now_active").with("number", number),
            None => Message::new("engineering.pane.now_inactive"),
        };
        let begins = number.is_some() && !session.is_editing;
        session.engineering = number;
        if begins {
            self.toggle_editing();
        }
        self.inform(said);
    }

    fn write_down(&mut self, engineering: Engineering, entry: Entry) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        self.panels.engineering.is_asked = true;
        session.service.ask(move |project| {
            let done = match entry {
                Entry::New => project.add_engineering(&engineering),
                Entry::Known => project.change_engineering(&engineering),
            };
            let done = done.map(|()| engineering.number);
            outbox.send(Event::Engineering(EngineeringEvent::WrittenDown(done)));
        });
    }

    pub(super) fn engineering_event(&mut self, event: EngineeringEvent) {
        match event {
            EngineeringEvent::Overview(Ok(overview)) => {
                self.panels.engineering.set(overview);
                self.leave_closed();
            }
            EngineeringEvent::Overview(Err(error)) => {
                self.panels.engineering.give_up();
                self.fail(&error);
            }
            EngineeringEvent::WrittenDown(done) => {
                self.panels.engineering.give_up();
                match done {
                    Ok(number) => {
                        self.inform(Message::new("cli.projects.added").with("number", &number));
                        self.panels.engineering.choose(Some(number));
                        self.panels.engineering.is_stale = true;
                    }
                    Err(error) => self.fail(&error),
                }
            }
        }
    }

    /// Nobody edits for a project that is completed, withdrawn or gone.
    fn leave_closed(&mut self) {
        let Some(session) = &mut self.session else { return };
        let Some(number) = &session.engineering else {
            return;
        };
        let mut projects = self.panels.engineering.projects().iter();
        let is_open = projects.any(|p| p.stage == Stage::Open && p.engineering.number == *number);
        if !is_open {
            self.activate_engineering(None);
        }
    }

    pub(super) fn rested(&mut self, rested: Rested) {
        self.panels.engineering.set_resting(rested.features);
        self.dock.show(Pane::Engineering);
        self.say(Severity::Warning, rested.message);
    }

    /// Once a frame: the changes of the chosen project are marked on the map while the panel is in view.
    pub(super) fn follow_engineering(&mut self) {
        let is_in_view = self.session.is_some() && self.dock.is_shown(Pane::Engineering);
        if self.panels.engineering.follow_marks(is_in_view) {
            self.refresh_highlight();
            self.ctx.request_repaint();
        }
    }

    pub(super) fn save_engineering_excel(&mut self, path: PathBuf) {
        let Some(session) = &self.session else { return };
        let Some(number) = self.panels.engineering.chosen_number().map(str::to_owned) else {
            return;
        };
        let (service, lang) = (session.service.clone(), self.lang);
        let created = chrono::Local::now().naive_local();
        self.tasks.spawn(Message::new("app.task.report"), move |_| {
            service.call(move |project| {
                let report = EngineeringReport {
                    project,
                    number: &number,
                    lang,
                    created,
                };
                write(&path, &report.workbook()?)
            })
        });
    }
}

fn overview(project: &Project, chosen: Option<&str>, lang: Lang) -> Result<Overview> {
    let mut projects = Vec::new();
    for (engineering, stage) in project.engineering_projects()? {
        let counts = project.engineering_counts(&engineering.number)?;
        projects.push(Listed {
            engineering,
            stage,
            counts,
        });
    }
    let known = chosen
        .filter(|number| projects.iter().any(|p| p.engineering.number == **number))
        .or_else(|| first_open(&projects));
    let details = known.map(|number| details(project, number, lang)).transpose()?;
    Ok(Overview { projects, details })
}

/// Shown where none is chosen.
fn first_open(projects: &[Listed]) -> Option<&str> {
    let open = projects.iter().find(|p| p.stage == Stage::Open);
    open.or(projects.first()).map(|p| p.engineering.number.as_str())
}

fn details(project: &Project, number: &str, lang: Lang) -> Result<Details> {
    let changes = project.engineering_changes(number)?;
    let rows = changes.into_iter().map(|change| {
        let class = change.feature.class;
        let cells = change.cells.iter();
        Ok(ChangeRow {
            kind: change.kind,
            id: change.feature.id,
            class: project.schema().class(class).label.text(lang).to_owned(),
            name: project.name_of(&change.feature),
            cells: cells
                .map(|cell| cell.in_words(project, class, lang))
                .collect::<Result<_>>()?,
        })
    });
    Ok(Details {
        number: number.to_owned(),
        changes: rows.collect::<Result<_>>()?,
        materials: project.engineering_materials(number, lang)?,
    })
}
