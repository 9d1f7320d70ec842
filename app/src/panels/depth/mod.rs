//! How deep pipes lie: the longitudinal profile along a way and the section across a bundle. It computes nothing; what is
//! shown comes from `gis_core::depth`.

mod chart;
mod profile;
mod section;

use egui::{ComboBox, Ui};
use gis_core::Message;
use gis_core::analysis::path::PathResult;
use gis_core::depth::profile::Profile;
use gis_core::depth::section::{CrossSection, Spacing};
use gis_core::depth::way::{CrossedAt, Way};

use super::{PanelEnv, widgets};
use crate::commands::Command;
use crate::i18n::{say, tr};
use crate::map::overlay::{MapPainter, Overlay};
use crate::shell::action::{Action, FilePurpose};

/// The profile along a way.
#[derive(Debug)]
pub struct ShownProfile {
    pub title: Message,
    pub path: PathResult,
    pub profile: Profile,
    pub way: Way,
    pub crossed: Vec<CrossedAt>,
}

/// The section under a stroke.
#[derive(Debug)]
pub struct ShownSection {
    pub stroke: [[f64; 2]; 2],
    pub section: CrossSection,
    /// Between each pipe and the next, and whether that is less than the rules want.
    pub gaps: Vec<(Spacing, bool)>,
    /// Pipes with less cover than the rules want.
    pub is_shallow: Vec<bool>,
    pub minimum_cover_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tab {
    #[default]
    Along,
    Across,
}

#[derive(Debug, Default)]
pub struct DepthPanel {
    tab: Tab,
    /// Times that heights are drawn larger than distances; `None` fills the panel.
    exaggeration: Option<u8>,
    profile: Option<ShownProfile>,
    section: Option<ShownSection>,
    /// The place on the ground under the pointer in the drawing.
    hover: Option<[f64; 2]>,
    pub is_waiting: bool,
}

impl DepthPanel {
    pub fn set_profile(&mut self, profile: ShownProfile) {
        self.is_waiting = false;
        self.profile = Some(profile);
        self.tab = Tab::Along;
    }

    pub fn set_section(&mut self, section: ShownSection) {
        self.is_waiting = false;
        self.section = Some(section);
        self.tab = Tab::Across;
    }

    /// Heights of the network as it was would be wrong.
    pub fn clear(&mut self) {
        self.profile = None;
        self.section = None;
        self.hover = None;
    }

    pub fn profile(&self) -> Option<&ShownProfile> {
        self.profile.as_ref()
    }

    pub fn section(&self) -> Option<&ShownSection> {
        self.section.as_ref()
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        self.bar_ui(ui, env);
        let hover = match (self.tab, &self.profile, &self.section) {
            (Tab::Along, Some(shown), _) => profile::ui(ui, env, shown, self.exaggeration),
            (Tab::Across, _, Some(shown)) => section::ui(ui, env, shown, self.exaggeration),
            (tab, ..) => {
                let key = match tab {
                    Tab::Along => "depth.pane.no_profile",
                    Tab::Across => "depth.pane.no_section",
                };
                widgets::empty_ui(ui, env.theme, &tr(key));
                None
            }
        };
        if std::mem::replace(&mut self.hover, hover) != hover {
            ui.ctx().request_repaint();
        }
    }

    fn bar_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.selectable_value(&mut self.tab, Tab::Along, tr("depth.pane.along"));
            ui.selectable_value(&mut self.tab, Tab::Across, tr("depth.pane.across"));
            ui.separator();
            let commands: &[Command] = match self.tab {
                Tab::Along => &[Command::ShowProfile],
                Tab::Across => &[Command::ToolSection],
            };
            for command in commands {
                let button = ui.button(command.label()).on_hover_text(command.tooltip());
                if button.clicked() {
                    env.push(Action::Command(*command));
                }
            }
            let (can_save, purpose) = match self.tab {
                Tab::Along => (self.profile.is_some(), FilePurpose::PathProfile),
                Tab::Across => (self.section.is_some(), FilePurpose::CrossSection),
            };
            let save = ui.add_enabled(can_save, egui::Button::new(tr("depth.pane.save")));
            if save.clicked() {
                env.push(Action::ChooseFile(purpose));
            }
            let name =
                |times: Option<u8>| times.map_or_else(|| tr("depth.pane.fill"), |times| format!("× {times}"));
            let label = ui.label(tr("depth.pane.exaggeration"));
            ComboBox::from_id_salt("exaggeration")
                .width(80.0)
                .selected_text(name(self.exaggeration))
                .show_ui(ui, |ui| {
                    for times in [None, Some(1), Some(2), Some(5), Some(10), Some(20), Some(50)] {
                        ui.selectable_value(&mut self.exaggeration, times, name(times));
                    }
                })
                .response
                .labelled_by(label.id);
            if let (Tab::Along, Some(shown)) = (self.tab, &self.profile) {
                ui.separator();
                ui.add(egui::Label::new(say(&shown.title)).truncate());
            }
        });
    }
}

impl Overlay for DepthPanel {
    fn paint(&self, map: &MapPainter<'_>) {
        let ink = map.theme.accent.fill.0;
        if let (Tab::Across, Some(shown)) = (self.tab, &self.section) {
            map.line(&shown.stroke, egui::Stroke::new(1.6, ink));
            map.dot(shown.stroke[0], ink);
        }
        if let Some(place) = self.hover {
            map.dot(place, map.theme.status.error.0);
        }
    }
}
