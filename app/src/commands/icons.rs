//! The picture of every command that has one.

use super::Command;
use crate::icons::Icon;

impl Command {
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
            Self::BurstExcel | Self::PathExcel | Self::PanelTable => Icon::Table,
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
            Self::Palette | Self::PanelQuery => Icon::Search,
            Self::CloseProject
            | Self::EditDeleteAll
            | Self::EditDeleteRelease
            | Self::EditAbandon
            | Self::EditReverse
            | Self::Dictionaries
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
            | Self::PanelStatistics
            | Self::ToolSection
            | Self::PanelIssues
            | Self::PanelTasks
            | Self::PanelMessages
            | Self::ResetLayout
            | Self::About => return None,
        })
    }
}
