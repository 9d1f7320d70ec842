//! What panels and dialogs ask for, and what tasks bring back. Both are queues drained once per frame.

use std::path::PathBuf;
use std::sync::Arc;

use gis_core::analysis::burst::{BurstRequest, BurstResult};
use gis_core::analysis::path::PathOutcome;
use gis_core::cartography::labels::LabelSettings;
use gis_core::cartography::layers::{ClassMethod, Layer, LayerId, MapDocument};
use gis_core::cartography::overview::Silhouette;
use gis_core::cartography::thematic::ThemedMap;
use gis_core::io::ImportReport;
use gis_core::layout::OutputFormat;
use gis_core::network::{Network, NodeIndex};
use gis_core::project::Summary;
use gis_core::{Feature, FeatureId, Issue, Message, Result, Severity};

use super::LeaveAnswer;
use crate::commands::Command;
use crate::dialogs::base_map::BaseMapPlan;
use crate::dialogs::import::{ImportPlan, Inspected};
use crate::dialogs::new_project::NewProjectPlan;
use crate::labels::LabelAction;
use crate::map::MapData;
use crate::map::measurement::Measurement;
use crate::map::tiles::PictureTiles;
use gis_core::io::wmts::WmtsChoice;

use crate::panels::burst::FeatureBook;
use crate::panels::layers::Classified;
use crate::panels::media::Shown;
use crate::panels::path::PathEnd;
use crate::panels::print::{PrintAction, PrintNews};
use crate::session::{Opened, Target};
use crate::tasks::TaskId;
use crate::view::Click;

/// Asked for by the user.
#[derive(Debug, Clone)]
pub enum Action {
    Command(Command),
    OpenPath(PathBuf),
    /// Opens the import dialog for that source.
    ImportFile(PathBuf),
    /// Selects, and reads the attributes.
    Select(Option<Target>),
    /// Brings the attributes to the front.
    ShowAttributes,
    ZoomToTarget(Target),
    ZoomTo([f64; 4]),
    ZoomToPlace([f64; 2]),
    /// Brings a place of the project to the middle at the present scale.
    CentreOn([f64; 2]),
    /// Of what is written on the map.
    Label(LabelAction),
    LabelSettings(LayerId, Box<LabelSettings>),
    MapClick(Click),
    /// A candidate of the chooser was taken.
    Pick(Target, Click),
    /// Adds to, or replaces, what bursts.
    BurstAt {
        target: Target,
        click: Option<Click>,
        is_added: bool,
    },
    BurstRemove(usize),
    SetInaccessible(NodeIndex, bool),
    PathFrom(PathEnd),
    PathTo(PathEnd),
    SwapPath,
    /// To the chosen feature.
    Attach(Vec<PathBuf>),
    OpenAttachment(FeatureId),
    Detach(FeatureId),
    CancelTask(TaskId),
    ForgetTasks,
    ForgetMessages,
    /// From the file dialogs.
    ChooseFile(FilePurpose),
    FileNamed(FilePurpose, PathBuf),
    SearchCrs(String),
    CreateProject(NewProjectPlan),
    AddBaseMap(BaseMapPlan),
    /// Looks into the capabilities of a WMTS: address or file, and the key.
    ReadWmts(String, String),
    InspectSource(ImportPlan),
    RunImport(ImportPlan),
    /// Opens the import dialog for the source of a temporary project.
    CorrectReading,
    /// Cuts the values of an expression over a layer into classes.
    Classify {
        layer: LayerId,
        value: String,
        method: ClassMethod,
        count: usize,
    },
    /// Replaces the map document.
    SetMap(Box<MapDocument>),
    /// Shows the properties of a layer.
    LayerProperties(LayerId),
    Say(Severity, Message),
    Measured(Box<Measurement>),
    MeasureRemove(usize),
    BookmarkGo(usize),
    BookmarkRename(usize, String),
    BookmarkDelete(usize),
    /// On to the question about unsaved work, or beyond it.
    AnswerLeaving(LeaveAnswer),
    /// Back to where the program broke off.
    ReopenLast,
    /// From the page layout editor.
    Print(PrintAction),
    /// Of the layers under the network.
    Ground(super::ground::GroundAction),
    /// Of the network itself.
    Edit(super::editing::EditAction),
    /// By form.
    Operation(super::operations::OperationAction),
    /// Of what breaks the rules of the network.
    Rules(super::checking::RulesAction),
    Engineering(super::engineering::EngineeringAction),
    Parts(super::parts::PartsAction),
    Table(super::table::TableAction),
    Reshape(super::reshaping::ReshapeAction),
    /// Reads what happened to a feature.
    ReadTrace(FeatureId),
    Statistics(super::statistics::StatisticsAction),
    /// Of the query panel.
    Query(super::querying::QueryAction),
    /// Shows the pipes under a stroke in a cross-section.
    CutSection([[f64; 2]; 2]),
}

/// What a chosen file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilePurpose {
    Open,
    Import,
    NewProject,
    /// Keeps a temporary project.
    SaveProject,
    BurstExcel,
    PathExcel,
    PathProfile,
    CrossSection,
    /// A file to attach to the chosen feature.
    Attach,
    /// A photograph for the feature nearest to where it was taken.
    AttachNearest,
    SaveAttachment(FeatureId),
    MapImage,
    /// PMTiles or MBTiles to lie under the network.
    BaseMap,
    /// How layers are drawn, to load or save.
    LoadStyles,
    SaveStyles,
    /// A set of dictionaries and fields, to load or save.
    LoadDictionaries,
    SaveDictionaries,
    /// A mapping file, to load or save.
    LoadMapping,
    SaveMapping,
    /// Pages of the layout editor.
    Print(OutputFormat),
    /// A picture to lie under the network.
    Imagery,
    /// A vector file to be shown without import.
    ForeignLayer,
    /// A new issue of a topographic map.
    TopographicIssue,
    /// A workbook for an operation.
    OperationFile,
    /// Of the chosen engineering project.
    EngineeringExcel,
    /// Of the bill of materials.
    PartsExcel,
    /// What the attribute table shows.
    TableExcel,
    /// A workbook that attributes are updated from.
    UpdateExcel,
    /// A drawing of an engineering project.
    Drawing,
    /// A network for an operation to read.
    OperationSource,
    /// What queries found, with all attributes.
    FoundExcel,
    /// The same in groups.
    GroupsExcel,
    /// A pivot with its chart.
    StatisticsExcel,
    ChartPicture,
    /// A workbook of the user's own, to be filled with what is shown somewhere.
    Template(TemplateOf),
    /// The same, filled.
    FromTemplate(TemplateOf),
}

/// What a template is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateOf {
    Found,
    Groups,
    Statistic,
    Table,
}

impl FilePurpose {
    pub fn is_save(self) -> bool {
        !matches!(
            self,
            Self::Open
                | Self::Attach
                | Self::AttachNearest
                | Self::Import
                | Self::LoadStyles
                | Self::LoadMapping
                | Self::LoadDictionaries
                | Self::BaseMap
                | Self::Imagery
                | Self::ForeignLayer
                | Self::TopographicIssue
                | Self::OperationFile
                | Self::UpdateExcel
                | Self::Template(_)
                | Self::Drawing
                | Self::OperationSource
        )
    }
}

/// Brought by a task or another thread.
pub enum Event {
    Opened(Box<Opened>),
    /// The open project changed: its network was read again.
    Reloaded(Box<Reloaded>),
    Burst(Box<BurstDone>),
    BurstBook(u64, Box<FeatureBook>),
    Path(Box<PathDone>),
    /// What is attached to a feature, and what there was to say about a file just added.
    Attachments(Target, Vec<Shown>, Option<Message>),
    AttachedTo(Target),
    /// A file is with the system's program for it.
    HandedOver(PathBuf),
    Record(Target, Box<Result<Option<Feature>>>),
    /// The user chose a file, or (`None`) changed their mind.
    FileChosen(FilePurpose, Option<PathBuf>),
    /// No file dialog could be shown; the window asks for the path itself.
    NoFileDialog(FilePurpose),
    /// A change that the window shows could not be kept with the project.
    NotKept(Message),
    /// Something is missing on the map; it is drawn without.
    Warned(Message),
    Saved(PathBuf),
    /// Opened and ready to be laid under the network, the lowest first.
    BaseMaps(Vec<(Layer, Arc<dyn PictureTiles>)>),
    Wmts(Box<Result<Vec<WmtsChoice>>>),
    Inspected(Box<Result<Inspected>>),
    MappingLoaded(Box<gis_core::io::Mapping>),
    CrsOffered(Vec<gis_core::io::CrsChoice>),
    CrsParsed(String, Box<Result<gis_core::Crs>>),
    Print(Box<PrintNews>),
    /// The map document applied to the network, for a revision of it.
    Themed(u64, Box<Result<ThemedMap>>, Option<Arc<MapData>>),
    Classified(Box<Result<Classified>>),
    /// A style file was read.
    Styles(PathBuf, String),
    Screenshot(Arc<egui::ColorImage>),
    Overview(Option<Silhouette>),
    /// The map document as it was saved, without the view.
    WorkspaceSaved(String, Result<()>),
    Ground(super::ground::GroundEvent),
    Edit(super::editing::EditEvent),
    Rules(super::checking::RulesEvent),
    Operation(super::operations::OperationEvent),
    Engineering(super::engineering::EngineeringEvent),
    Depth(super::depth::DepthEvent),
    Located(super::locating::LocateEvent),
    Query(super::querying::QueryEvent),
    Statistics(super::statistics::StatisticsEvent),
    Table(super::table::TableEvent),
    Reshape(super::reshaping::ReshapeEvent),
    /// The part library as it is now.
    Parts(Result<crate::panels::parts::Library>),
}

pub struct Reloaded {
    pub network: Arc<Network>,
    pub map: Arc<MapData>,
    pub summary: Summary,
    pub report: ImportReport,
    pub issues: Vec<Issue>,
}

pub struct BurstDone {
    /// Rises with each question, so that a late answer to an old one is dropped.
    pub number: u64,
    pub request: BurstRequest,
    pub result: Result<BurstResult>,
    pub elapsed_us: u64,
}

pub struct PathDone {
    pub number: u64,
    pub outcome: Result<PathOutcome>,
    pub elapsed_us: u64,
}
