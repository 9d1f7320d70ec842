//! Menu bar, toolbar and status bar, all read from the command table.

use egui::{Align, Layout, RichText};
use gis_core::{Lang, Severity};
use strum::IntoEnumIterator as _;

use super::App;
use super::action::Action;
use super::messages::{named, severity_colors, severity_icon};
use crate::commands::{Command, CommandEnv, Menu, TOOLBAR};
use crate::i18n::{say, tr};
use crate::panels::text;
use crate::theme::ThemeKind;
use crate::view::Tool;

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
        let is_on = is_tool && self.is_on(command);
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

    pub(super) fn status_bar_ui(&mut self, ui: &mut egui::Ui) {
        let frame = egui::Frame::new()
            .fill(self.theme.surface.bar.0)
            .inner_margin(egui::Margin::symmetric(10, 3));
        egui::Panel::bottom("status_bar")
            .frame(frame)
            .show_separator_line(false)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        self.status_right_ui(ui);
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.status_left_ui(ui));
                    });
                });
            });
    }

    /// Right to left: what the screen is drawn with, CRS, scale, place under the pointer.
    fn status_right_ui(&mut self, ui: &mut egui::Ui) {
        let theme = &self.theme;
        let weak = |text: String| RichText::new(text).small().color(theme.text.weak.0);
        if self.is_software_rendering {
            let badge = RichText::new(tr("app.status.software"))
                .small()
                .color(theme.status.warning.0);
            ui.label(badge).on_hover_text(tr("app.status.software_tip"));
            ui.separator();
        }
        let Some(session) = &self.session else { return };
        let crs = &session.crs;
        let epsg = crs.epsg.map(|code| format!("EPSG:{code}")).unwrap_or_default();
        ui.label(weak(if epsg.is_empty() { crs.name.clone() } else { epsg }))
            .on_hover_text(&crs.name);
        ui.separator();
        let output = &self.map_output;
        if output.scale_denominator > 0.0 {
            let scale = text::count(output.scale_denominator.round() as u64);
            ui.label(weak(format!("1 : {scale}")))
                .on_hover_text(tr("app.status.scale"));
            ui.separator();
        }
        if let Some(lon_lat) = output.hover_lon_lat {
            ui.label(weak(text::degrees(lon_lat)))
                .on_hover_text(tr("app.status.degrees"));
            ui.separator();
        }
        if let Some(place) = output.hover {
            ui.label(weak(text::coordinates(place, crs)))
                .on_hover_text(tr("app.status.coordinates"));
            ui.separator();
        }
    }

    /// What runs, what was found wrong, what was said last.
    fn status_left_ui(&mut self, ui: &mut egui::Ui) {
        let theme = self.theme.clone();
        let running: Vec<_> = self.tasks.running().collect();
        if let Some(task) = running.first() {
            crate::panels::tasks::task_ui(ui, task, &theme, &mut self.actions);
            if running.len() > 1 {
                ui.label(RichText::new(format!("+{}", running.len() - 1)).small());
            }
            ui.separator();
        }
        if self.session.is_some() {
            for severity in [Severity::Error, Severity::Warning] {
                let count = self.panels.issues.count(severity);
                if count == 0 {
                    continue;
                }
                let (ink, _) = severity_colors(severity, &theme);
                let button = egui::Button::image_and_text(
                    severity_icon(severity).image(13.0, ink),
                    RichText::new(text::count(count as u64)).small(),
                )
                .frame(false);
                if ui
                    .add(button)
                    .on_hover_text(Command::PanelIssues.label())
                    .clicked()
                {
                    self.actions.push(Action::Command(Command::PanelIssues));
                }
            }
        }
        if running.is_empty()
            && let Some(entry) = self.messages.last()
        {
            let text = RichText::new(say(&entry.message))
                .small()
                .color(theme.text.weak.0);
            ui.add(egui::Label::new(text).truncate());
        }
    }

    pub(super) fn theme_kind(&self) -> ThemeKind {
        self.theme.kind
    }
}
