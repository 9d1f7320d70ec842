//! Menu bar, toolbar and status bar, all read from the command table.

use egui::{Align, Layout, RichText};
use gis_core::Lang;
use strum::IntoEnumIterator as _;

use super::App;
use super::action::Action;
use super::messages::named;
use super::views::SecondPlace;
use crate::commands::{Command, CommandEnv, Menu, TOOLBAR};
use crate::i18n::tr;
use crate::panels::operations::menu_ui;
use crate::theme::ThemeKind;
use crate::view::{EditTool, Tool};

impl App {
    pub(super) fn menu_bar_ui(&mut self, ui: &mut egui::Ui) {
        let env = self.env();
        let frame = egui::Frame::new()
            .fill(self.theme.surface.bar.0)
            .inner_margin(egui::Margin::symmetric(8, 3));
        egui::Panel::top("menu_bar")
            .frame(frame)
            .show_separator_line(false)
            .show(ui, |ui| {
                egui::MenuBar::new().ui(ui, |ui| {
                    for menu in Menu::iter() {
                        ui.menu_button(menu.label(), |ui| {
                            ui.set_min_width(230.0);
                            for entry in menu.entries() {
                                match entry {
                                    Some(command) => self.menu_entry_ui(ui, *command, env),
                                    None => {
                                        ui.separator();
                                    }
                                }
                            }
                            if menu == Menu::Edit {
                                ui.separator();
                                ui.add_enabled_ui(env.is_editing, |ui| menu_ui(ui, &mut self.actions));
                            }
                            if menu == Menu::File {
                                self.recent_ui(ui);
                            }
                        });
                    }
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let other = if self.lang == Lang::ZhCn {
                            Command::LanguageEnglish
                        } else {
                            Command::LanguageChinese
                        };
                        self.small_button_ui(ui, other);
                        self.small_button_ui(ui, Command::ToggleTheme);
                        self.small_button_ui(ui, Command::Palette);
                    });
                });
            });
    }

    fn menu_entry_ui(&mut self, ui: &mut egui::Ui, command: Command, env: CommandEnv) {
        let theme = &self.theme;
        let is_enabled = command.is_enabled(env);
        let ink = if is_enabled {
            theme.text.primary.0
        } else {
            theme.text.weak.0
        };
        let is_on = self.is_on(command);
        let mut button = match command.icon() {
            Some(icon) => egui::Button::image_and_text(icon.image(16.0, ink), command.label()),
            None => egui::Button::new(command.label()),
        }
        .selected(is_on);
        if let Some(keys) = command.shortcut_text(ui.ctx()) {
            button = button.shortcut_text(RichText::new(keys).small().color(theme.text.weak.0));
        }
        if ui
            .add_enabled(is_enabled, button)
            .on_hover_text(command.tooltip())
            .clicked()
        {
            self.actions.push(Action::Command(command));
            ui.close();
        }
    }

    fn recent_ui(&mut self, ui: &mut egui::Ui) {
        if self.settings.recent.is_empty() {
            return;
        }
        ui.separator();
        ui.label(
            RichText::new(tr("app.menu.recent"))
                .small()
                .color(self.theme.text.weak.0),
        );
        for path in self.settings.recent.clone() {
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            if ui
                .button(name)
                .on_hover_text(path.display().to_string())
                .clicked()
            {
                self.actions.push(Action::OpenPath(path));
                ui.close();
            }
        }
    }

    /// Whether the command names a state that is on: the tool in hand, a panel in view.
    fn is_on(&self, command: Command) -> bool {
        match command {
            Command::ToolIdentify => self.tools.id() == Tool::Identify,
            Command::ToolBurst => self.tools.id() == Tool::Burst,
            Command::ToolPath => self.tools.id() == Tool::Path,
            Command::ToolPan => self.tools.id() == Tool::Pan,
            Command::ToolZoomBox => self.tools.id() == Tool::ZoomBox,
            Command::ToggleSnapping => self.tools.snapping.is_on,
            Command::ToggleSquare => self.tools.aids.is_square,
            Command::ToggleTracing => self.tools.aids.is_tracing,
            Command::SecondView => self.second.place == SecondPlace::Docked,
            Command::SecondWindow => self.second.place == SecondPlace::Window,
            Command::LinkViews => self.second.is_linked,
            command if command.measures().is_some() => {
                command.measures().map(Tool::Measure) == Some(self.tools.id())
            }
            Command::ToolFlag => self.tools.id() == Tool::Flag,
            Command::ToolSection => self.tools.id() == Tool::Section,
            Command::ToolDimension => self.tools.id() == Tool::Dimension,
            Command::ToolMoveLabel => self.tools.id() == Tool::MoveLabel,
            Command::ToggleEditing => self.session.as_ref().is_some_and(|s| s.is_editing),
            Command::EditPlaceNode => self.tools.id() == Tool::Edit(EditTool::PlaceNode),
            Command::EditDrawPipe => self.tools.id() == Tool::Edit(EditTool::DrawPipe),
            Command::EditMoveNode => self.tools.id() == Tool::Edit(EditTool::MoveNode),
            Command::EditVertices => self.tools.id() == Tool::Edit(EditTool::Vertices),
            Command::EditSplitPipe => self.tools.id() == Tool::Edit(EditTool::SplitPipe),
            Command::ToggleLabels => self.labels.is_shown(),
            Command::LanguageChinese => self.lang == Lang::ZhCn,
            Command::LanguageEnglish => self.lang == Lang::En,
            Command::FullScreen => self.is_full_screen,
            _ => super::dock::Pane::of_command(command).is_some_and(|pane| self.dock.is_shown(pane)),
        }
    }

    fn small_button_ui(&mut self, ui: &mut egui::Ui, command: Command) {
        let ink = self.theme.text.primary.0;
        let Some(icon) = command.icon() else { return };
        let button = egui::Button::image(icon.image(16.0, ink)).frame(false);
        if named(ui.add(button), &command.label()).clicked() {
            self.actions.push(Action::Command(command));
        }
    }

    pub(super) fn toolbar_ui(&mut self, ui: &mut egui::Ui) {
        let env = self.env();
        let frame = egui::Frame::new()
            .fill(self.theme.surface.panel.0)
            .inner_margin(egui::Margin::symmetric(8, 4));
        egui::Panel::top("toolbar").frame(frame).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 3.0;
                for entry in TOOLBAR {
                    match entry {
                        Some(command) if command.is_for_editing() && !env.is_editing => {}
                        Some(command) => self.tool_button_ui(ui, *command, env),
                        None => {
                            ui.separator();
                        }
                    }
                }
            });
        });
    }

    fn tool_button_ui(&mut self, ui: &mut egui::Ui, command: Command, env: CommandEnv) {
        let theme = &self.theme;
        let Some(icon) = command.icon() else { return };
        let is_enabled = command.is_enabled(env);
        let is_tool = matches!(
            command,
            Command::ToolIdentify | Command::ToolBurst | Command::ToolPath
        );
        let is_on =
            (is_tool || command.is_for_editing() || command == Command::ToggleEditing) && self.is_on(command);
        let ink = match (is_enabled, is_on) {
            (false, _) => theme.widget.outline_hovered.0,
            (true, true) => theme.accent.selection_text.0,
            (true, false) => theme.text.primary.0,
        };
        let picture = icon.image(theme.size.icon + 2.0, ink);
        // The three tools carry their names: they are what one comes for.
        let button = if is_tool {
            egui::Button::image_and_text(picture, RichText::new(command.label()).color(ink))
        } else {
            egui::Button::image(picture)
        };
        let ground = if is_on {
            theme.accent.selection.0
        } else {
            egui::Color32::TRANSPARENT
        };
        let button = button
            .fill(ground)
            .stroke(egui::Stroke::NONE)
            .min_size(egui::vec2(30.0, 28.0));
        let mut tip = command.tooltip();
        if let Some(keys) = command.shortcut_text(ui.ctx()) {
            tip = format!("{tip}  ({keys})");
        }
        let response = ui.add_enabled(is_enabled, button);
        let label = command.label();
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::accesskit::Role::Button, is_enabled, is_on, &label)
        });
        if response.on_hover_text(tip).clicked() {
            self.actions.push(Action::Command(command));
        }
    }

    pub(super) fn theme_kind(&self) -> ThemeKind {
        self.theme.kind
    }
}
