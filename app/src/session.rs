//! The open project as the window holds it: an immutable network to look at, and the project file on a thread
//! of its own that answers requests. No frame ever waits for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gis_core::cartography::layers::{MapDocument, TopoBook};
use gis_core::cartography::pick::Picked;
use gis_core::io::{self, ImportOptions, ImportReport};
use gis_core::network::{Network, NodeIndex, PipeIndex};
use gis_core::project::{Project, Summary};
use gis_core::rules::{Finding, check_outside};
use gis_core::schema::Schema;
use gis_core::{ClassIndex, Crs, Error, FeatureId, IdSource, Issue, Message, Progress, Result, Severity};

use crate::map::MapData;

/// A feature of the network, picked or listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Pipe(PipeIndex),
    Node(NodeIndex),
}

impl From<Picked> for Target {
    fn from(picked: Picked) -> Self {
        match picked {
            Picked::Node { node, .. } => Self::Node(node),
            Picked::Pipe { pipe, .. } => Self::Pipe(pipe),
        }
    }
}

impl Target {
    /// `None` for what the network does not have.
    pub fn of_id(network: &Network, id: FeatureId) -> Option<Self> {
        let pipe = network.pipe_of_id(id).map(Self::Pipe);
        pipe.or_else(|| network.node_of_id(id).map(Self::Node))
    }

    pub fn class(self, network: &Network) -> ClassIndex {
        match self {
            Self::Pipe(pipe) => network.pipe_class(pipe),
            Self::Node(node) => network.node_class(node),
        }
    }

    pub fn id(self, network: &Network) -> FeatureId {
        match self {
            Self::Pipe(pipe) => network.pipe_id(pipe),
            Self::Node(node) => network.node_id(node),
        }
    }

    pub fn code(self, network: &Network) -> &str {
        match self {
            Self::Pipe(pipe) => network.pipe_code(pipe),
            Self::Node(node) => network.node_code(node),
        }
    }

    /// `[min_x, min_y, max_x, max_y]` to show it in: itself with some surroundings; `None` where it has no
    /// place.
    pub fn extent(self, network: &Network) -> Option<[f64; 4]> {
        const AROUND_M: f64 = 60.0;
        let around = |p: [f64; 2]| {
            (p[0].is_finite() && p[1].is_finite()).then(|| network.metric().box_around(p, AROUND_M))
        };
        match self {
            Self::Pipe(pipe) => union(network.pipe_vertices(pipe).iter().filter_map(|p| around(*p))),
            Self::Node(node) => around(network.position(node)),
        }
    }
}

/// The smallest box that holds all; `None` for none.
pub fn union(boxes: impl IntoIterator<Item = [f64; 4]>) -> Option<[f64; 4]> {
    boxes
        .into_iter()
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

/// A project that was just opened, on its way from the task to the window.
pub struct Opened {
    /// The file the user named.
    pub source: PathBuf,
    pub project: Project,
    pub network: Arc<Network>,
    pub map: Arc<MapData>,
    pub summary: Summary,
    /// Made by the program itself; not remembered as a file of the user's.
    pub is_sample: bool,
    /// Layers, bookmarks and the view, as kept with the project.
    pub document: MapDocument,
    /// The text of the project's workspace.
    pub workspace: Option<String>,
    /// The text of its templates of new features.
    pub templates: Option<String>,
    /// Where the source was no project: what its import said.
    pub report: Option<ImportReport>,
    pub issues: Vec<Issue>,
    /// Why the project is open for reading only.
    pub hindrance: Option<Message>,
    pub topographic: TopoBook,
    /// How many features other programs had changed, and what breaks rules around them.
    pub outside: (usize, Vec<Finding>),
}

impl Opened {
    /// Opens a project file, for reading only where it cannot be written.
    pub fn from_project_file(path: &Path, progress: &dyn Progress) -> Result<Self> {
        let (project, hindrance) = Project::open_as_permitted(path)?;
        let opened = Self::from_project(path.to_owned(), project, ImportReport::default(), progress)?;
        Ok(Self { hindrance, ..opened })
    }

    /// Reads any other source into a temporary project and leaves it untouched.
    pub fn from_source(path: &Path, options: &ImportOptions, progress: &dyn Progress) -> Result<Self> {
        let now_ms = now_unix_ms();
        let mut ids = IdSource::new(now_ms, u64::from(std::process::id()));
        let (project, report) = io::open_source(path, options, &mut ids, now_ms, progress)?;
        Self::from_project(path.to_owned(), project, report, progress)
    }

    pub fn from_project(
        source: PathBuf,
        project: Project,
        report: ImportReport,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let network = Arc::new(project.network(progress)?);
        let map = Arc::new(MapData::prepare(
            Arc::clone(&network),
            project.crs(),
            project.schema(),
            progress,
        )?);
        let summary = project.summary()?;
        let has_report = !(report.layers.is_empty() && report.guesses.is_empty() && report.issues.is_empty());
        // The import keeps its issues with the project.
        let mut issues: Vec<Issue> = project.issues()?.as_slice().to_vec();
        let mut loaded = MapDocument::load(&project)?;
        issues.extend(loaded.issues.iter().cloned());
        let workspace = crate::shell::read_workspace(&project)?;
        let templates = project.document(crate::panels::templates::DOCUMENT)?;
        issues.extend(guesses_as_issues(&report));
        issues.extend(network.issues().iter().cloned());
        let report = has_report.then_some(report);
        let topographic = TopoBook::load(&project)?;
        topographic.show_in(&mut loaded.document, &io::topographic::folder_of(&source));
        let outside = check_outside(&project, &network, Some(today()), progress)?;
        Ok(Self {
            source,
            project,
            network,
            map,
            summary,
            is_sample: false,
            document: loaded.document,
            workspace,
            templates,
            report,
            issues,
            hindrance: None,
            topographic,
            outside,
        })
    }
}

/// What nobody said and was guessed, for the list of issues.
pub fn guesses_as_issues(report: &ImportReport) -> impl Iterator<Item = Issue> {
    report
        .guesses
        .iter()
        .map(|guess| Issue::new(Severity::Info, guess.message.clone()).in_layer(guess.layer.clone()))
}

/// Milliseconds since 1970, for ids and time stamps; `gis_core` has no clock.
pub fn now_unix_ms() -> u64 {
    chrono::Utc::now().timestamp_millis().unsigned_abs()
}

/// The present day, in UTC.
pub fn today() -> chrono::NaiveDate {
    chrono::Utc::now().date_naive()
}

type Job = Box<dyn FnOnce(&mut Project) + Send>;

enum Order {
    Do(Job),
    /// Closes the file, says so and takes no further orders.
    Close(Sender<()>),
}

/// The project file on its own thread. Dropping it closes the file once the last request is done.
#[derive(Clone)]
pub struct ProjectService {
    orders: Sender<Order>,
    /// The network as the file has it: ahead of what the window shows by the edits that are on their way there.
    newest: Arc<Mutex<Arc<Network>>>,
}

impl ProjectService {
    /// # Errors
    /// The system gives no thread.
    pub fn start(mut project: Project, network: Arc<Network>) -> Result<Self> {
        let (orders, inbox) = channel::<Order>();
        std::thread::Builder::new()
            .name("karez-project".to_owned())
            .spawn(move || {
                let mut asker = None;
                for order in inbox {
                    match order {
                        Order::Do(job) => job(&mut project),
                        Order::Close(done) => {
                            asker = Some(done);
                            break;
                        }
                    }
                }
                if let Err(error) = project.close() {
                    log::error!("the project was not closed well: {error}");
                }
                if let Some(done) = asker
                    && done.send(()).is_err()
                {
                    log::warn!("the project was closed after the program stopped waiting");
                }
            })
            .map_err(|e| Error::bad_input(Message::new("app.task.no_thread").with("reason", e)))?;
        let newest = Arc::new(Mutex::new(network));
        Ok(Self { orders, newest })
    }

    /// The network as the project file has it; for requests to the project, which come one after the other.
    pub fn newest(&self) -> Arc<Network> {
        Arc::clone(&self.newest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps the network after a change of the project; for the request that made the change.
    pub fn set_newest(&self, network: &Arc<Network>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(network);
    }

    /// Runs `job` after those asked before. It must hand its result over itself.
    pub fn ask(&self, job: impl FnOnce(&mut Project) + Send + 'static) {
        if self.orders.send(Order::Do(Box::new(job))).is_err() {
            log::error!("the project's thread is gone");
        }
    }

    /// Closes the file once what was asked before is done, and waits for it: for the end of the program, so that no
    /// journal stays beside the file.
    pub fn close(&self, patience: Duration) {
        let (done, closed) = channel();
        if self.orders.send(Order::Close(done)).is_err() {
            return;
        }
        if closed.recv_timeout(patience).is_err() {
            log::warn!("the project is still busy; it is left to recover when it is opened next");
        }
    }

    /// Runs `job` and waits: for tasks, never for a frame.
    ///
    /// # Errors
    /// What the job returns, or that the project's thread is gone.
    pub fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Project) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = channel();
        self.ask(move |project| {
            if reply.send(job(project)).is_err() {
                log::debug!("nobody waits for the answer any more");
            }
        });
        answer
            .recv()
            .unwrap_or_else(|_| Err(Error::bad_input(Message::new("app.task.crashed"))))
    }
}

/// What the window knows of the open project.
pub struct Session {
    pub source: PathBuf,
    pub name: String,
    /// The project lives in a temporary file; nothing was imported into a file of the user's.
    pub is_temporary: bool,
    /// The file cannot be written.
    pub is_read_only: bool,
    /// The user has asked for the tools that change the network.
    pub is_editing: bool,
    /// Number of the engineering project that edits are made for.
    pub engineering: Option<String>,
    /// When the network was changed last, until everything that shows it has followed.
    pub edited_at: Option<Instant>,
    /// Of the last edit that was asked for.
    pub last_order_unix_ms: u64,
    pub network: Arc<Network>,
    pub schema: Arc<Schema>,
    pub crs: Crs,
    /// The map as the user has it now; saved with the workspace.
    pub document: MapDocument,
    pub summary: Summary,
    pub service: ProjectService,
    /// Topographic maps with their issues.
    pub topographic: TopoBook,
}

impl Session {
    /// # Errors
    /// The system gives no thread.
    pub fn new(opened: Opened) -> Result<(Self, Option<ImportReport>, Vec<Issue>)> {
        let Opened {
            source,
            project,
            network,
            summary,
            report,
            issues,
            document,
            topographic,
            ..
        } = opened;
        let session = Self {
            is_temporary: project.is_temporary(),
            is_read_only: project.is_read_only(),
            document,
            name: project.name().to_owned(),
            schema: Arc::new(project.schema().clone()),
            crs: project.crs().clone(),
            service: ProjectService::start(project, Arc::clone(&network))?,
            network,
            summary,
            is_editing: false,
            engineering: None,
            edited_at: None,
            last_order_unix_ms: 0,
            source,
            topographic,
        };
        Ok((session, report, issues))
    }

    /// Features of the class in the project.
    pub fn class_count(&self, class: ClassIndex) -> u64 {
        self.summary.count(class)
    }

    /// All features with that code.
    pub fn find_code(&self, code: &str) -> Vec<Target> {
        let code = code.trim();
        let pipes = self.network.pipes_with_code(code).into_iter().map(Target::Pipe);
        pipes
            .chain(self.network.nodes_with_code(code).into_iter().map(Target::Node))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gis_core::NoProgress;
    use gis_core::project::NewProject;

    #[test]
    fn closing_waits_for_what_was_asked_before_and_leaves_nothing_beside_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("city.gpkg");
        let schema = Schema::builtin().expect("the schema");
        let crs = io::crs::parse("EPSG:4538").expect("a zone");
        let new = NewProject {
            name: "city",
            crs: &crs,
            schema: &schema,
            created_unix_ms: 0,
        };
        let project = Project::create(&path, &new).expect("a project");
        let network = Arc::new(project.network(&NoProgress).expect("read"));
        let service = ProjectService::start(project, network).expect("a thread");
        let task_holds_one_too = service.clone();
        service.ask(|project| {
            std::thread::sleep(Duration::from_millis(200));
            project
                .store_document("note", "written before the end")
                .expect("stored");
        });
        service.close(Duration::from_secs(30));
        let names: Vec<_> = std::fs::read_dir(folder.path())
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(names, ["city.gpkg"]);
        let again = Project::open(&path).expect("opened");
        assert_eq!(
            again.document("note").expect("read").as_deref(),
            Some("written before the end")
        );
        // Whoever still holds the service is told, and does not hang.
        assert!(task_holds_one_too.call(|_| Ok(())).is_err());
    }
}
