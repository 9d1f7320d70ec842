//! Every command of the window in one table. Menus, toolbar, palette and shortcuts read it; it carries none of
//! them out (`shell` does).

use egui::{Key, KeyboardShortcut, Modifiers};
use gis_core::measure::MeasureKind;
use strum::{EnumIter, IntoEnumIterator as _, IntoStaticStr};

use crate::i18n::tr;
use crate::icons::Icon;

/// In the order the palette lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Command {
    OpenFile,
    OpenSample,
    NewProject,
    Import,
    SaveWorkspace,
    SaveAs,
    AttachFile,
    AttachNearest,
    CloseProject,
    PrintLayout,
    ExportImage,
    Quit,

    ToggleEditing,
    Undo,
    Redo,
    EditPlaceNode,
    EditDrawPipe,
    EditMoveNode,
    EditVertices,
    EditSplitPipe,
    EditDelete,
    EditDeleteAll,
    EditDeleteRelease,
    EditAbandon,
    EditReverse,

    ToolIdentify,
    ToolBurst,
    ToolPath,
    ToolPan,
    ToolZoomBox,
    ToggleSnapping,
    ToggleSquare,
    ToggleTracing,
    MeasureDistance,
    MeasurePath,
    MeasurePipes,
    MeasureArea,
    MeasureAngle,
    MeasureAzimuth,
    MeasureCoordinates,
    MeasureSlope,
    CopyMeasurements,
    ClearMeasurements,
    ToolFlag,
    ToolDimension,
    ToolMoveLabel,
    ToggleLabels,
    UndoLabels,
    ClearResults,
    BurstExcel,
    PathExcel,
    PathProfile,
    ShowProfile,
    ToolSection,
    CheckTopology,

    ZoomIn,
    ZoomOut,
    ZoomFull,
    ZoomSelection,
    ZoomResult,
    CentreSelection,
    GoToCoordinate,
    ViewBack,
    ViewForward,
    Refresh,
    RotateLeft,
    RotateRight,
    ResetNorth,
    BookmarkAdd,
    SecondView,
    SecondWindow,
    LinkViews,
    OpenBaseMap,
    LoadStyles,
    SaveStyles,
    BaseMapFromServer,
    AddImagery,
    AddForeignLayer,
    AddTopographicIssue,
    FlowArrows,
    FullScreen,

    PanelLayers,
    PanelIdentify,
    PanelBurst,
    PanelPath,
    PanelMeasure,
    PanelBookmarks,
    PanelOverview,
    PanelLabels,
    PanelEdit,
    PanelHistory,
    PanelOperations,
    PanelEngineering,
    PanelDepth,
    PanelParts,
    PanelIssues,
    PanelTasks,
    PanelMessages,
    ResetLayout,

    ToggleTheme,
    LanguageChinese,
    LanguageEnglish,
    Palette,
    About,
}

/// What commands depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of one thing"
)]
pub struct CommandEnv {
    pub has_project: bool,
    /// An import or another change of the open project is under way.
    pub is_busy: bool,
    pub has_selection: bool,
    pub has_selected_pipe: bool,
    /// The project file can be changed.
    pub is_writable: bool,
    /// The user has asked for the tools that change the network.
    pub is_editing: bool,
    pub has_burst: bool,
    pub has_path: bool,
    pub has_measurements: bool,
    pub has_second_view: bool,
}

/// Top-level menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Menu {
    File,
    Edit,
    View,
    Measure,
    Annotate,
    Analysis,
    Window,
    Help,
}

impl Menu {
    pub fn label(self) -> String {
        let name: &str = self.into();
        tr(&format!("app.menu.{name}"))
    }

    /// Its commands; `None` is a separating line.
    pub fn entries(self) -> &'static [Option<Command>] {
        use Command as C;
        match self {
            Self::File => &[
                Some(C::NewProject),
                Some(C::OpenFile),
                Some(C::OpenSample),
                None,
                Some(C::Import),
                Some(C::PrintLayout),
                Some(C::AttachFile),
                Some(C::AttachNearest),
                Some(C::ExportImage),
                None,
                Some(C::SaveWorkspace),
                Some(C::SaveAs),
                Some(C::CloseProject),
                Some(C::Quit),
            ],
            Self::Edit => &[
                Some(C::Undo),
                Some(C::Redo),
                Some(C::PanelHistory),
                Some(C::PanelOperations),
                Some(C::PanelEngineering),
                Some(C::PanelParts),
                None,
                Some(C::ToggleEditing),
                Some(C::PanelEdit),
                None,
                Some(C::EditPlaceNode),
                Some(C::EditDrawPipe),
                Some(C::EditMoveNode),
                Some(C::EditVertices),
                Some(C::EditSplitPipe),
                Some(C::EditReverse),
                None,
                Some(C::EditAbandon),
                Some(C::EditDelete),
                Some(C::EditDeleteAll),
                Some(C::EditDeleteRelease),
                None,
                Some(C::ToggleSquare),
                Some(C::ToggleTracing),
            ],
            Self::View => &[
                Some(C::ZoomIn),
                Some(C::ZoomOut),
                Some(C::ZoomFull),
                Some(C::ZoomSelection),
                Some(C::ZoomResult),
                None,
                Some(C::ToolPan),
                Some(C::ToolZoomBox),
                Some(C::CentreSelection),
                Some(C::GoToCoordinate),
                Some(C::ViewBack),
                Some(C::ViewForward),
                Some(C::Refresh),
                None,
                Some(C::RotateLeft),
                Some(C::RotateRight),
                Some(C::ResetNorth),
                None,
                Some(C::BookmarkAdd),
                Some(C::SecondView),
                Some(C::SecondWindow),
                Some(C::LinkViews),
                Some(C::OpenBaseMap),
                Some(C::LoadStyles),
                Some(C::SaveStyles),
                Some(C::BaseMapFromServer),
                Some(C::AddImagery),
                Some(C::AddForeignLayer),
                Some(C::AddTopographicIssue),
                Some(C::FlowArrows),
                None,
                Some(C::FullScreen),
                Some(C::ToggleTheme),
                None,
                Some(C::LanguageChinese),
                Some(C::LanguageEnglish),
            ],
            Self::Measure => &[
                Some(C::MeasureDistance),
                Some(C::MeasurePath),
                Some(C::MeasurePipes),
                Some(C::MeasureArea),
                Some(C::MeasureAngle),
                Some(C::MeasureAzimuth),
                Some(C::MeasureCoordinates),
                Some(C::MeasureSlope),
                None,
                Some(C::ToggleSnapping),
                Some(C::CopyMeasurements),
                Some(C::ClearMeasurements),
            ],
            Self::Annotate => &[
                Some(C::ToggleLabels),
                Some(C::PanelLabels),
                None,
                Some(C::ToolFlag),
                Some(C::ToolDimension),
                Some(C::ToolMoveLabel),
                Some(C::UndoLabels),
            ],
            Self::Analysis => &[
                Some(C::ToolIdentify),
                Some(C::ToolBurst),
                Some(C::ToolPath),
                None,
                Some(C::BurstExcel),
                Some(C::PathExcel),
                Some(C::PathProfile),
                Some(C::ShowProfile),
                Some(C::ToolSection),
                Some(C::ClearResults),
                None,
                Some(C::CheckTopology),
            ],
            Self::Window => &[
                Some(C::PanelLayers),
                Some(C::PanelIdentify),
                Some(C::PanelBurst),
                Some(C::PanelPath),
                Some(C::PanelMeasure),
                Some(C::PanelDepth),
                Some(C::PanelBookmarks),
                Some(C::PanelOverview),
                None,
                Some(C::PanelIssues),
                Some(C::PanelTasks),
                Some(C::PanelMessages),
                None,
                Some(C::ResetLayout),
            ],
            Self::Help => &[Some(C::Palette), Some(C::About)],
        }
    }
}

/// The toolbar; `None` is a separating line.
pub const TOOLBAR: &[Option<Command>] = &[
    Some(Command::OpenFile),
    Some(Command::Import),
    None,
    Some(Command::ZoomFull),
    Some(Command::ZoomSelection),
    Some(Command::ToolPan),
    Some(Command::ToolZoomBox),
    Some(Command::BookmarkAdd),
    Some(Command::SecondView),
    None,
    Some(Command::MeasurePath),
    Some(Command::ToggleSnapping),
    None,
    Some(Command::ToggleEditing),
    Some(Command::Undo),
    Some(Command::Redo),
    Some(Command::EditPlaceNode),
    Some(Command::EditDrawPipe),
    Some(Command::EditMoveNode),
    Some(Command::EditVertices),
    Some(Command::EditSplitPipe),
    Some(Command::EditDelete),
    None,
    Some(Command::ToolIdentify),
    Some(Command::ToolBurst),
    Some(Command::ToolPath),
    Some(Command::ClearResults),
    None,
    Some(Command::ToggleLabels),
    Some(Command::ToolFlag),
    Some(Command::ToolDimension),
    Some(Command::ToolMoveLabel),
    None,
    Some(Command::CheckTopology),
    Some(Command::PrintLayout),
    Some(Command::ExportImage),
];

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const fn on(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

impl Command {
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Name in locale files and documents, e.g. `open_file`.
    pub fn key(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> String {
        tr(&self.label_key())
    }

    pub fn label_key(self) -> String {
        format!("app.command.{}.label", self.key())
    }

    /// One sentence on what it does.
    pub fn tooltip(self) -> String {
        tr(&self.tooltip_key())
    }

    pub fn tooltip_key(self) -> String {
        format!("app.command.{}.tip", self.key())
    }

    pub fn icon(self) -> Option<Icon> {
        Some(match self {
            Self::OpenFile => Icon::FolderOpen,
            Self::OpenSample => Icon::City,
            Self::NewProject | Self::AttachFile | Self::AttachNearest => Icon::FilePlus,
            Self::Import => Icon::Import,
            Self::PrintLayout => Icon::Print,
            Self::ExportImage | Self::AddImagery => Icon::Image,
            Self::ToolIdentify => Icon::Identify,
            Self::ToolBurst => Icon::Burst,
            Self::ToolPath | Self::PathProfile | Self::ShowProfile => Icon::Path,
            Self::ToolPan => Icon::Pan,
            Self::ToolZoomBox => Icon::ZoomBox,
            Self::ToolFlag => Icon::Flag,
            Self::ToolDimension => Icon::Dimension,
            Self::ToolMoveLabel => Icon::MoveLabel,
            Self::ToggleLabels | Self::PanelLabels => Icon::Label,
            Self::ToggleEditing | Self::PanelEdit => Icon::Edit,
            Self::Undo => Icon::Undo,
            Self::Redo => Icon::Redo,
            Self::EditPlaceNode => Icon::PlaceNode,
            Self::EditDrawPipe => Icon::DrawPipe,
            Self::EditMoveNode => Icon::MoveNode,
            Self::EditVertices => Icon::Vertices,
            Self::ToggleSquare => Icon::Square,
            Self::ToggleTracing => Icon::Trace,
            Self::EditSplitPipe => Icon::Split,
            Self::EditDelete => Icon::Delete,
            Self::PanelHistory => Icon::History,
            Self::ClearResults => Icon::Clear,
            Self::BurstExcel | Self::PathExcel => Icon::Table,
            Self::CheckTopology => Icon::Check,
            Self::ZoomFull => Icon::ZoomFull,
            Self::SaveWorkspace | Self::SaveAs => Icon::Save,
            Self::MeasureDistance | Self::MeasurePath | Self::PanelMeasure => Icon::Measure,
            Self::ToggleSnapping => Icon::Snap,
            Self::BookmarkAdd | Self::PanelBookmarks => Icon::Bookmark,
            Self::SecondView | Self::SecondWindow => Icon::Views,
            Self::ZoomSelection | Self::ZoomResult => Icon::ZoomSelection,
            Self::FullScreen => Icon::FullScreen,
            Self::PanelLayers
            | Self::LoadStyles
            | Self::SaveStyles
            | Self::OpenBaseMap
            | Self::BaseMapFromServer
            | Self::FlowArrows => Icon::Layers,
            Self::ToggleTheme => Icon::Theme,
            Self::LanguageChinese | Self::LanguageEnglish => Icon::Language,
            Self::Palette => Icon::Search,
            Self::CloseProject
            | Self::EditDeleteAll
            | Self::EditDeleteRelease
            | Self::EditAbandon
            | Self::EditReverse
            | Self::AddForeignLayer
            | Self::AddTopographicIssue
            | Self::UndoLabels
            | Self::ViewBack
            | Self::ViewForward
            | Self::MeasurePipes
            | Self::MeasureArea
            | Self::MeasureAngle
            | Self::MeasureAzimuth
            | Self::MeasureCoordinates
            | Self::MeasureSlope
            | Self::CopyMeasurements
            | Self::ClearMeasurements
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::CentreSelection
            | Self::GoToCoordinate
            | Self::Refresh
            | Self::RotateLeft
            | Self::RotateRight
            | Self::ResetNorth
            | Self::LinkViews
            | Self::PanelOverview
            | Self::Quit
            | Self::PanelIdentify
            | Self::PanelBurst
            | Self::PanelPath
            | Self::PanelOperations
            | Self::PanelEngineering
            | Self::PanelDepth
            | Self::PanelParts
            | Self::ToolSection
            | Self::PanelIssues
            | Self::PanelTasks
            | Self::PanelMessages
            | Self::ResetLayout
            | Self::About => return None,
        })
    }

    /// The first is the one shown. Single keys act only while no text is being written.
    pub fn shortcuts(self) -> &'static [KeyboardShortcut] {
        match self {
            Self::OpenFile => const { &[on(CTRL, Key::O)] },
            Self::NewProject => const { &[on(CTRL, Key::N)] },
            Self::Import => const { &[on(CTRL_SHIFT, Key::O)] },
            Self::CloseProject => const { &[on(CTRL, Key::W)] },
            Self::PrintLayout => const { &[on(CTRL, Key::P)] },
            Self::ExportImage => const { &[on(CTRL_SHIFT, Key::E)] },
            Self::Quit => const { &[on(CTRL, Key::Q)] },
            Self::ToolIdentify => const { &[on(CTRL_SHIFT, Key::I), on(NONE, Key::Escape)] },
            Self::ToolBurst => const { &[on(CTRL_SHIFT, Key::B)] },
            Self::ToolPath => const { &[on(CTRL_SHIFT, Key::R)] },
            Self::ClearResults => const { &[on(CTRL_SHIFT, Key::Delete)] },
            Self::BurstExcel => const { &[on(CTRL, Key::E)] },
            Self::CheckTopology => const { &[on(CTRL_SHIFT, Key::T)] },
            Self::ZoomFull => const { &[on(CTRL_SHIFT, Key::F)] },
            Self::ZoomSelection => const { &[on(CTRL, Key::J)] },
            Self::ZoomResult => const { &[on(CTRL, Key::R)] },
            Self::SaveWorkspace => const { &[on(CTRL, Key::S)] },
            Self::SaveAs => const { &[on(CTRL_SHIFT, Key::S)] },
            Self::ZoomIn => const { &[on(NONE, Key::Plus), on(NONE, Key::Equals)] },
            Self::ZoomOut => const { &[on(NONE, Key::Minus)] },
            Self::CentreSelection => const { &[on(NONE, Key::C)] },
            Self::GoToCoordinate => const { &[on(CTRL, Key::G)] },
            Self::Refresh => const { &[on(NONE, Key::F5)] },
            Self::RotateLeft => const { &[on(CTRL, Key::OpenBracket)] },
            Self::RotateRight => const { &[on(CTRL, Key::CloseBracket)] },
            Self::ResetNorth => const { &[on(NONE, Key::N)] },
            Self::BookmarkAdd => const { &[on(CTRL, Key::B)] },
            Self::PanelBookmarks => const { &[on(CTRL, Key::Num7)] },
            Self::SecondView => const { &[on(CTRL, Key::M)] },
            Self::ToggleSnapping => const { &[on(NONE, Key::S)] },
            Self::ToggleSquare => const { &[on(NONE, Key::O)] },
            Self::ToggleTracing => const { &[on(NONE, Key::T)] },
            Self::EditVertices => const { &[on(NONE, Key::V)] },
            Self::MeasurePath => const { &[on(CTRL_SHIFT, Key::M)] },
            Self::MeasureArea => const { &[on(CTRL_SHIFT, Key::J)] },
            Self::ViewBack => const { &[on(Modifiers::ALT, Key::ArrowLeft)] },
            Self::ViewForward => const { &[on(Modifiers::ALT, Key::ArrowRight)] },
            Self::FullScreen => const { &[on(NONE, Key::F11)] },
            Self::PanelIssues => const { &[on(NONE, Key::F8)] },
            Self::ToggleTheme => const { &[on(CTRL_SHIFT, Key::D)] },
            Self::Palette => const { &[on(CTRL, Key::K), on(CTRL_SHIFT, Key::P), on(NONE, Key::F1)] },
            Self::ToggleEditing => const { &[on(CTRL_SHIFT, Key::Y)] },
            Self::Undo => const { &[on(CTRL, Key::Z)] },
            Self::Redo => const { &[on(CTRL_SHIFT, Key::Z), on(CTRL, Key::Y)] },
            Self::EditPlaceNode => const { &[on(CTRL, Key::Period)] },
            Self::EditDrawPipe => const { &[on(CTRL, Key::L)] },
            Self::EditDelete => const { &[on(NONE, Key::Delete)] },
            Self::ToolPan => const { &[on(NONE, Key::H)] },
            Self::ToolZoomBox => const { &[on(NONE, Key::Z)] },
            Self::ToggleLabels => const { &[on(CTRL_SHIFT, Key::L)] },
            Self::OpenSample
            | Self::EditMoveNode
            | Self::EditSplitPipe
            | Self::EditDeleteAll
            | Self::EditDeleteRelease
            | Self::EditAbandon
            | Self::EditReverse
            | Self::PanelEdit
            | Self::PanelHistory
            | Self::PanelOperations
            | Self::PanelEngineering
            | Self::PanelDepth
            | Self::PanelParts
            | Self::ToolSection
            | Self::ShowProfile
            | Self::AttachFile
            | Self::AttachNearest
            | Self::OpenBaseMap
            | Self::LoadStyles
            | Self::SaveStyles
            | Self::BaseMapFromServer
            | Self::AddImagery
            | Self::AddForeignLayer
            | Self::AddTopographicIssue
            | Self::FlowArrows
            | Self::ToolFlag
            | Self::ToolDimension
            | Self::ToolMoveLabel
            | Self::UndoLabels
            | Self::PanelLabels
            | Self::PathExcel
            | Self::PathProfile
            | Self::MeasureDistance
            | Self::MeasurePipes
            | Self::MeasureAngle
            | Self::MeasureAzimuth
            | Self::MeasureCoordinates
            | Self::MeasureSlope
            | Self::CopyMeasurements
            | Self::ClearMeasurements
            | Self::SecondWindow
            | Self::LinkViews
            | Self::PanelMeasure
            | Self::PanelOverview
            | Self::PanelLayers
            | Self::PanelIdentify
            | Self::PanelBurst
            | Self::PanelPath
            | Self::PanelTasks
            | Self::PanelMessages
            | Self::ResetLayout
            | Self::LanguageChinese
            | Self::LanguageEnglish
            | Self::About => &[],
        }
    }

    /// The first shortcut as the user's keyboard calls it.
    pub fn shortcut_text(self, ctx: &egui::Context) -> Option<String> {
        self.shortcuts()
            .first()
            .map(|shortcut| ctx.format_shortcut(shortcut))
    }

    pub fn is_enabled(self, env: CommandEnv) -> bool {
        match self {
            Self::Import | Self::CheckTopology | Self::CloseProject | Self::SaveAs => {
                env.has_project && !env.is_busy
            }
            Self::ToggleEditing | Self::Undo | Self::Redo => env.is_writable,
            Self::EditPlaceNode
            | Self::EditDrawPipe
            | Self::EditMoveNode
            | Self::EditVertices
            | Self::EditSplitPipe => env.is_editing,
            Self::EditDelete | Self::EditDeleteAll | Self::EditDeleteRelease | Self::EditAbandon => {
                env.is_editing && env.has_selection
            }
            Self::EditReverse => env.is_editing && env.has_selected_pipe,
            Self::ToolIdentify
            | Self::ToolBurst
            | Self::ToolPath
            | Self::ToolPan
            | Self::ToolZoomBox
            | Self::ToggleSnapping
            | Self::ToggleSquare
            | Self::ToggleTracing
            | Self::PanelEdit
            | Self::PanelHistory
            | Self::PanelOperations
            | Self::PanelEngineering
            | Self::PanelDepth
            | Self::PanelParts
            | Self::ToolSection
            | Self::MeasureDistance
            | Self::MeasurePath
            | Self::MeasurePipes
            | Self::MeasureArea
            | Self::MeasureAngle
            | Self::MeasureAzimuth
            | Self::MeasureCoordinates
            | Self::MeasureSlope
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::GoToCoordinate
            | Self::Refresh
            | Self::RotateLeft
            | Self::RotateRight
            | Self::ResetNorth
            | Self::BookmarkAdd
            | Self::SecondView
            | Self::SecondWindow
            | Self::PanelMeasure
            | Self::PanelBookmarks
            | Self::PanelOverview
            | Self::SaveWorkspace
            | Self::ToolFlag
            | Self::ToolDimension
            | Self::ToolMoveLabel
            | Self::ToggleLabels
            | Self::UndoLabels
            | Self::PanelLabels
            | Self::ZoomFull
            | Self::ViewBack
            | Self::ViewForward
            | Self::OpenBaseMap
            | Self::LoadStyles
            | Self::SaveStyles
            | Self::BaseMapFromServer
            | Self::PrintLayout
            | Self::AddImagery
            | Self::AddForeignLayer
            | Self::AddTopographicIssue
            | Self::FlowArrows
            | Self::ExportImage
            | Self::PanelLayers
            | Self::PanelIdentify
            | Self::PanelBurst
            | Self::PanelPath
            | Self::PanelIssues
            | Self::PanelTasks
            | Self::PanelMessages
            | Self::ResetLayout => env.has_project,
            Self::ZoomSelection | Self::CentreSelection => env.has_selection,
            Self::CopyMeasurements | Self::ClearMeasurements => env.has_measurements,
            Self::LinkViews => env.has_second_view,
            Self::AttachFile => env.has_selection && !env.is_busy,
            Self::AttachNearest => env.has_project && !env.is_busy,
            Self::BurstExcel => env.has_burst,
            Self::PathExcel => env.has_path,
            Self::ShowProfile | Self::PathProfile => env.has_path || env.has_selected_pipe,
            Self::ZoomResult | Self::ClearResults => env.has_burst || env.has_path,
            Self::OpenFile
            | Self::OpenSample
            | Self::NewProject
            | Self::Quit
            | Self::FullScreen
            | Self::ToggleTheme
            | Self::LanguageChinese
            | Self::LanguageEnglish
            | Self::Palette
            | Self::About => true,
        }
    }

    /// Stands in the toolbar only while the network is edited.
    pub fn is_for_editing(self) -> bool {
        matches!(
            self,
            Self::Undo
                | Self::Redo
                | Self::EditPlaceNode
                | Self::EditDrawPipe
                | Self::EditMoveNode
                | Self::EditVertices
                | Self::EditSplitPipe
                | Self::EditDelete
        )
    }

    /// What a measuring command measures.
    pub fn measures(self) -> Option<MeasureKind> {
        Some(match self {
            Self::MeasureDistance => MeasureKind::Distance,
            Self::MeasurePath => MeasureKind::Path,
            Self::MeasurePipes => MeasureKind::Pipes,
            Self::MeasureArea => MeasureKind::Area,
            Self::MeasureAngle => MeasureKind::Angle,
            Self::MeasureAzimuth => MeasureKind::Azimuth,
            Self::MeasureCoordinates => MeasureKind::Coordinates,
            Self::MeasureSlope => MeasureKind::Slope,
            _ => return None,
        })
    }

    /// How well the command answers to what was typed, in Chinese or English whatever the window speaks;
    /// `None` where it does not.
    pub fn score(self, typed: &str) -> Option<u32> {
        use gis_core::Lang;
        let typed = typed.trim().to_lowercase();
        if typed.is_empty() {
            return Some(0);
        }
        Lang::ALL
            .into_iter()
            .filter_map(|lang| {
                let label = gis_core::text::translate(&self.label_key(), lang).to_lowercase();
                let tip = gis_core::text::translate(&self.tooltip_key(), lang).to_lowercase();
                if label.starts_with(&typed) {
                    Some(100)
                } else if label.contains(&typed) {
                    Some(80)
                } else if is_subsequence(&typed, &label) {
                    Some(40)
                } else {
                    tip.contains(&typed).then_some(20)
                }
            })
            .max()
    }
}

/// Whether the letters of `needle` come in that order in `text`.
fn is_subsequence(needle: &str, text: &str) -> bool {
    let mut letters = text.chars();
    needle
        .chars()
        .filter(|c| !c.is_whitespace())
        .all(|wanted| letters.any(|c| c == wanted))
}

/// The commands that answer to what was typed, best first.
pub fn search(typed: &str) -> Vec<Command> {
    let mut found: Vec<(u32, Command)> = Command::all()
        .filter_map(|c| c.score(typed).map(|score| (score, c)))
        .collect();
    // The sort is stable: equal scores keep the table's order.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, command)| command).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use gis_core::Lang;

    use super::*;

    #[test]
    fn no_shortcut_belongs_to_two_commands() {
        let mut owner: HashMap<String, Command> = HashMap::new();
        for command in Command::all() {
            for shortcut in command.shortcuts() {
                let name = format!("{shortcut:?}");
                let other = owner.insert(name, command);
                assert_eq!(other, None, "{shortcut:?} of {command:?} is taken");
            }
        }
    }

    #[test]
    fn every_command_has_a_label_and_a_tooltip_in_both_languages() {
        for command in Command::all() {
            for key in [command.label_key(), command.tooltip_key()] {
                for lang in Lang::ALL {
                    assert_ne!(
                        gis_core::text::translate(&key, lang),
                        key,
                        "{key} is missing in {lang:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_command_is_in_exactly_one_menu() {
        for command in Command::all() {
            let menus = Menu::iter()
                .filter(|m| m.entries().contains(&Some(command)))
                .count();
            assert_eq!(menus, 1, "{command:?}");
        }
    }

    #[test]
    fn the_palette_finds_commands_by_chinese_and_by_english_whatever_the_window_speaks() {
        for lang in Lang::ALL {
            crate::i18n::set_lang(lang);
            assert_eq!(search("爆管").first(), Some(&Command::ToolBurst));
            assert_eq!(search("burst").first(), Some(&Command::ToolBurst));
            assert_eq!(search("最短").first(), Some(&Command::ToolPath));
            assert_eq!(search("Englis").first(), Some(&Command::LanguageEnglish));
        }
        assert!(search("no such thing at all").is_empty());
    }

    #[test]
    fn nothing_typed_lists_everything_in_table_order() {
        assert_eq!(search(" "), Command::all().collect::<Vec<_>>());
    }
}
