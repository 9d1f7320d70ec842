//! The keys of every command.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Command;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const fn on(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

impl Command {
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
            Self::PanelTable => const { &[on(NONE, Key::F6)] },
            Self::PanelIssues => const { &[on(NONE, Key::F8)] },
            Self::PanelQuery => const { &[on(CTRL, Key::F)] },
            Self::PanelStatistics => const { &[on(CTRL, Key::T)] },
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
            | Self::Dictionaries
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
}
