//! Every command of the window in one table. Menus, toolbar, palette and shortcuts read it; it carries none of
//! them out (`shell` does).

mod icons;
mod menus;
mod shortcuts;

pub use menus::{Menu, TOOLBAR};

use gis_core::measure::MeasureKind;
use strum::{EnumIter, IntoEnumIterator as _, IntoStaticStr};

use crate::i18n::tr;

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
    Dictionaries,

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
    PanelQuery,
    PanelStatistics,
    PanelTable,
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
            | Self::PanelQuery
            | Self::PanelStatistics
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
            | Self::PanelTable
            | Self::PanelIssues
            | Self::PanelTasks
            | Self::PanelMessages
            | Self::Dictionaries
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
