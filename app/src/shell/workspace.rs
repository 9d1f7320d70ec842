//! The workspace: layers, styles, filters, bookmarks and view in the project's map document, the place of the panels
//! and the like in a document of its own. Saving, leaving with a question, and coming back after a crash.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use egui::ViewportCommand;
use gis_core::Message;
use gis_core::cartography::layers::{MapDocument, SavedView};
use gis_core::io::topographic::copy_beside;
use gis_core::measure::typed::CoordinateKind;
use gis_core::project::Project;
use serde::{Deserialize, Serialize};

use super::App;
use super::action::{Event, FilePurpose};
use super::views::{SecondPlace, SecondView};
use crate::last_session::LastSession;

/// Name of the document in the project.
const DOCUMENT: &str = "workspace";
/// The place is noted no more often than this.
const NOTED_EVERY: Duration = Duration::from_secs(5);

/// What goes with the project beside the map document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Workspace {
    version: u32,
    /// The tree of panels; one that this program does not understand is left out.
    layout: serde_json::Value,
    is_snapping: bool,
    coordinates: CoordinateKind,
    second_place: SecondPlace,
    /// What the second view looks at where it goes its own way.
    second_view: Option<SavedView>,
    second_window_size: [f32; 2],
    is_linked: bool,
    /// Columns of attribute tables, by the keys of classes.
    tables: BTreeMap<String, crate::panels::table::Layout>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            version: 1,
            layout: serde_json::Value::Null,
            is_snapping: true,
            coordinates: CoordinateKind::default(),
            second_place: SecondPlace::Hidden,
            second_view: None,
            second_window_size: SecondView::default().window_size,
            is_linked: true,
            tables: BTreeMap::new(),
        }
    }
}

/// Where one goes once the question about unsaved work is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaving {
    Close,
    Quit,
    Open(PathBuf),
    OpenSample,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveAnswer {
    Save,
    Discard,
    Stay,
}

/// What the window knows about saving.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// The map document as the project holds it, without the view: looking around is nothing to be asked about, nor
    /// is a panel brought to the front.
    saved: Option<String>,
    /// The project is writing.
    pub(super) is_waiting: bool,
    /// Waits for the answer.
    pub(super) asked: Option<Leaving>,
    /// Done once saving is through.
    then: Option<Leaving>,
    /// The question was answered; the window may close.
    is_free_to_quit: bool,
    /// Where the program was when it broke off last time.
    pub(super) broken_off: Option<LastSession>,
    /// The view to show once the project is open.
    restored: Option<LastSession>,
    noted: Option<(Instant, LastSession)>,
    /// Writes what was noted.
    writer: Option<JoinHandle<()>>,
}

impl App {
    /// The map document as it would be saved now; `with_view` also notes what is looked at.
    fn document_now(&self, with_view: bool) -> Option<MapDocument> {
        let session = self.session.as_ref()?;
        let mut document = session.document.clone();
        document.view = self
            .map
            .as_ref()
            .filter(|_| with_view)
            .and_then(crate::map::MapView::saved_view);
        Some(document)
    }

    /// The map document without the view.
    fn plain_text(&self) -> Option<String> {
        self.document_now(false)?.to_text().ok()
    }

    fn texts(&self) -> Option<[String; 2]> {
        let workspace = Workspace {
            layout: self.dock.to_json(),
            is_snapping: self.tools.snapping.is_on,
            coordinates: self.boxes.kind,
            second_place: self.second.place,
            second_view: self.second.own_view(),
            second_window_size: self.second.window_size,
            is_linked: self.second.is_linked,
            tables: self.panels.table.layouts.clone(),
            ..Workspace::default()
        };
        let document = self.document_now(true)?.to_text();
        match (document, serde_json::to_string(&workspace)) {
            (Ok(document), Ok(workspace)) => Some([document, workspace]),
            (document, workspace) => {
                log::error!("the workspace cannot be written: {document:?} {workspace:?}");
                None
            }
        }
    }

    /// Puts the window as the project's workspace says, after it was opened.
    pub(super) fn arrange(&mut self, workspace: Option<&str>) {
        let Some(session) = &self.session else { return };
        let view = session.document.view;
        let workspace: Option<Workspace> = workspace.and_then(|text| {
            serde_json::from_str(text)
                .inspect_err(|error| log::warn!("the workspace is not readable: {error}"))
                .ok()
        });
        let mut second_view = None;
        if let Some(workspace) = workspace {
            self.dock.arrange(workspace.layout);
            self.tools.snapping.is_on = workspace.is_snapping;
            self.boxes.kind = workspace.coordinates;
            self.second.is_linked = workspace.is_linked;
            self.panels.table.layouts = workspace.tables;
            self.second.window_size = workspace.second_window_size;
            self.show_second(workspace.second_place);
            second_view = workspace.second_view.filter(|_| !workspace.is_linked);
        }
        let restored = self.saving.restored.take().map(|last| last.view);
        if let (Some(map), Some(view)) = (&mut self.map, restored.or(view)) {
            map.show_view(&view);
        }
        if let (Some(map), Some(view)) = (&mut self.second.map, second_view) {
            map.show_view(&view);
        }
        self.saving.saved = self.plain_text();
    }

    /// Whether closing would lose something.
    pub(super) fn has_unsaved(&self) -> bool {
        let Some(session) = &self.session else {
            return false;
        };
        session.is_temporary || (!session.is_read_only && self.plain_text() != self.saving.saved)
    }

    /// A project of the program's own needs a file first.
    pub(super) fn save_workspace(&mut self) {
        let Some(session) = &self.session else { return };
        if session.is_temporary {
            self.choose_file(FilePurpose::SaveProject);
            return;
        }
        let (Some(texts), Some(plain)) = (self.texts(), self.plain_text()) else {
            return;
        };
        let outbox = self.tasks.outbox();
        self.saving.is_waiting = true;
        session.service.ask(move |project| {
            let result = store(project, &texts);
            outbox.send(Event::WorkspaceSaved(plain, result));
        });
    }

    pub(super) fn workspace_saved(&mut self, plain: String, result: gis_core::Result<()>) {
        self.saving.is_waiting = false;
        match result {
            Ok(()) => {
                self.saving.saved = Some(plain);
                self.inform(Message::new("workspace.saved"));
                if let Some(then) = self.saving.then.take() {
                    self.left(then);
                }
            }
            Err(error) => {
                self.saving.then = None;
                self.fail(&error);
            }
        }
    }

    /// Copies the project with its workspace into a file of the user's and goes on in that.
    pub(super) fn save_project(&mut self, path: PathBuf) {
        let Some(texts) = self.texts() else { return };
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let (source, topographic) = (session.source.clone(), session.topographic.clone());
        let label = Message::new("app.task.saving").with("name", super::carry_out::file_name(&path));
        self.tasks.spawn(label, move |progress| {
            copy_beside(&topographic, &source, &path, progress)?;
            let target = path.clone();
            service.call(move |project| {
                // What the user saves under another name leaves the old file as it is.
                project.backup_to(&target)?;
                let mut copy = Project::open(&target)?;
                store(&mut copy, &texts)?;
                copy.close()
            })?;
            crate::session::Opened::from_project_file(&path, progress)
                .map(|opened| Event::Opened(Box::new(opened)))
        });
    }

    /// The project was opened anew under the name it was saved as: on to where one wanted to go.
    pub(super) fn go_on_after_saving(&mut self) {
        if let Some(then) = self.saving.then.take() {
            self.left(then);
        }
    }

    /// The user changed their mind about the file.
    pub(super) fn saving_given_up(&mut self) {
        self.saving.then = None;
    }

    /// Asks first where something would be lost.
    pub(super) fn leave(&mut self, leaving: Leaving) {
        if self.has_unsaved() && self.script.is_none() {
            self.saving.asked = Some(leaving);
        } else {
            self.left(leaving);
        }
    }

    pub(super) fn answer_leaving(&mut self, answer: LeaveAnswer) {
        let Some(leaving) = self.saving.asked.take() else {
            return;
        };
        match answer {
            LeaveAnswer::Stay => {}
            LeaveAnswer::Discard => self.left(leaving),
            LeaveAnswer::Save => {
                self.saving.then = Some(leaving);
                self.save_workspace();
            }
        }
    }

    fn left(&mut self, leaving: Leaving) {
        match leaving {
            Leaving::Close => self.close_project(),
            Leaving::Open(path) => self.open(path),
            Leaving::OpenSample => self.open_sample(),
            Leaving::Quit => {
                self.saving.is_free_to_quit = true;
                self.ctx.send_viewport_cmd(ViewportCommand::Close);
            }
        }
    }

    /// Holds the window open until the question is answered.
    pub(super) fn watch_closing(&mut self, ctx: &egui::Context) {
        let is_closing = ctx.input(|i| i.viewport().close_requested());
        if is_closing && !self.saving.is_free_to_quit && self.script.is_none() && self.has_unsaved() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.saving.asked = Some(Leaving::Quit);
        }
    }

    /// Notes what is open and looked at, for the day the program or the machine breaks off.
    pub(super) fn note_place(&mut self) {
        let (Some(path), Some(session)) = (&self.settings_path, &self.session) else {
            return;
        };
        let Some(view) = self.map.as_ref().and_then(crate::map::MapView::saved_view) else {
            return;
        };
        let here = LastSession {
            project: session.source.clone(),
            view,
            is_closed: false,
        };
        let is_due = self
            .saving
            .noted
            .as_ref()
            .is_none_or(|(since, noted)| since.elapsed() >= NOTED_EVERY && *noted != here);
        if is_due {
            self.saving.writer = here.save_later(&LastSession::path(path));
            self.saving.noted = Some((Instant::now(), here));
        }
    }

    /// The place was left in an orderly way; the file is small enough to write here.
    pub(super) fn note_closed(&mut self) {
        if let (Some(path), Some((_, mut noted))) = (&self.settings_path, self.saving.noted.take()) {
            // Whatever is being written must not come last.
            if let Some(writer) = self.saving.writer.take()
                && writer.join().is_err()
            {
                log::warn!("the last session was not noted");
            }
            noted.is_closed = true;
            noted.save(&LastSession::path(path));
        }
    }

    /// Opens the project again that was open when the program broke off, where it was looked at.
    pub(super) fn reopen_last(&mut self) {
        if let Some(last) = self.saving.broken_off.take() {
            self.open(last.project.clone());
            self.saving.restored = Some(last);
        }
    }
}

fn store(project: &mut Project, [document, workspace]: &[String; 2]) -> gis_core::Result<()> {
    project.store_document(gis_core::cartography::layers::DOCUMENT, document)?;
    project.store_document(DOCUMENT, workspace)
}

/// The text of the project's workspace.
pub(crate) fn read(project: &Project) -> gis_core::Result<Option<String>> {
    project.document(DOCUMENT)
}
