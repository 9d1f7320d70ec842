//! Engineering projects: which there are, what the chosen one changes, its bill of materials. It edits nothing; what is asked
//! for goes to `shell::engineering`.

mod details;

use std::collections::BTreeMap;

use egui::{RichText, ScrollArea, Ui, vec2};
use gis_core::edit::CellWords;
use gis_core::network::Network;
use gis_core::project::{ChangeKind, Engineering, Material, Stage};
use gis_core::{FeatureId, Lang, Severity};

use super::widgets::{self, Row, row_ui};
use super::{PanelEnv, text};
use crate::i18n::{lang, tr, tr_with};
use crate::session::Target;
use crate::shell::action::{Action, FilePurpose};
use crate::shell::engineering::EngineeringAction;
use crate::shell::messages::severity_colors;
use crate::view::{Highlight, HighlightRole};

/// What the panel shows, read at once.
#[derive(Debug, Default)]
pub struct Overview {
    pub projects: Vec<Listed>,
    /// Of the chosen project.
    pub details: Option<Details>,
}

#[derive(Debug)]
pub struct Listed {
    pub engineering: Engineering,
    pub stage: Stage,
    pub counts: BTreeMap<ChangeKind, usize>,
}

#[derive(Debug)]
pub struct Details {
    pub number: String,
    pub changes: Vec<ChangeRow>,
    pub materials: Vec<Material>,
}

#[derive(Debug)]
pub struct ChangeRow {
    pub kind: ChangeKind,
    pub id: FeatureId,
    pub class: String,
    pub name: String,
    /// Old and new values of an altered feature.
    pub cells: Vec<CellWords>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tab {
    #[default]
    Changes,
    Materials,
}

/// Narrower than this, the list and the details stand one above the other.
const BESIDE: f32 = 620.0;
/// Width of the list.
const LIST: f32 = 300.0;

#[derive(Debug)]
pub struct EngineeringPanel {
    shown: Overview,
    shown_in: Option<Lang>,
    chosen: Option<String>,
    /// Features on which a project could not be withdrawn, with their names.
    resting: Vec<(FeatureId, String)>,
    tab: Tab,
    /// Position of the change that is compared.
    picked: Option<usize>,
    marks_map: bool,
    /// Rises whenever something else is to be marked on the map.
    revision: u64,
    marked: (bool, u64),
    /// What is shown is not the last state of the project.
    pub is_stale: bool,
    pub is_asked: bool,
}

impl Default for EngineeringPanel {
    fn default() -> Self {
        Self {
            shown: Overview::default(),
            shown_in: None,
            chosen: None,
            resting: Vec::new(),
            tab: Tab::default(),
            picked: None,
            marks_map: true,
            revision: 0,
            marked: (false, 0),
            is_stale: true,
            is_asked: false,
        }
    }
}

/// How a kind of change is marked on the map; what is gone cannot be marked.
pub(super) fn role(kind: ChangeKind) -> Option<HighlightRole> {
    Some(match kind {
        ChangeKind::New => HighlightRole::Added,
        ChangeKind::Altered => HighlightRole::Altered,
        ChangeKind::ToAbandon => HighlightRole::Removed,
        ChangeKind::Gone => return None,
    })
}

pub(super) fn kind_name(kind: ChangeKind) -> String {
    tr(&format!("engineering.kind.{}", kind.key()))
}

impl EngineeringPanel {
    pub fn set(&mut self, overview: Overview) {
        self.is_asked = false;
        if self.shown.details.as_ref().map(|d| &d.number) != overview.details.as_ref().map(|d| &d.number) {
            self.picked = None;
        }
        if let Some(details) = &overview.details {
            self.chosen = Some(details.number.clone());
        }
        self.shown = overview;
        self.revision += 1;
    }

    /// The read failed; it is tried again with the next change.
    pub fn give_up(&mut self) {
        self.is_asked = false;
    }

    pub fn choose(&mut self, number: Option<String>) {
        if self.chosen != number {
            self.chosen = number;
            self.resting.clear();
            self.is_stale = true;
        }
    }

    pub fn set_resting(&mut self, resting: Vec<(FeatureId, String)>) {
        self.resting = resting;
    }

    pub fn resting(&self) -> &[(FeatureId, String)] {
        &self.resting
    }

    pub fn projects(&self) -> &[Listed] {
        &self.shown.projects
    }

    pub fn chosen_number(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    pub fn chosen(&self) -> Option<&Listed> {
        let number = self.chosen.as_deref()?;
        let mut projects = self.shown.projects.iter();
        projects.find(|listed| listed.engineering.number == number)
    }

    pub fn details(&self) -> Option<&Details> {
        self.shown.details.as_ref()
    }

    /// Whether the map has to be marked anew, now that the panel is in view or is not.
    pub fn follow_marks(&mut self, is_in_view: bool) -> bool {
        let wanted = (is_in_view && self.marks_map, self.revision);
        std::mem::replace(&mut self.marked, wanted) != wanted
    }

    pub fn highlight(&self, network: &Network, highlight: &mut Highlight) {
        let Some(details) = self.details().filter(|_| self.marked.0) else {
            return;
        };
        for change in &details.changes {
            let Some(role) = role(change.kind) else { continue };
            match Target::of_id(network, change.id) {
                Some(Target::Pipe(pipe)) => highlight.pipes.push((pipe, role)),
                Some(Target::Node(node)) => highlight.nodes.push((node, role)),
                None => {}
            }
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let is_stale = self.is_stale || self.shown_in != Some(lang());
        if is_stale && !self.is_asked {
            (self.is_stale, self.is_asked) = (false, true);
            self.shown_in = Some(lang());
            env.push(Action::Engineering(EngineeringAction::Read));
        }
        if ui.available_width() < BESIDE {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                self.list_ui(ui, env, 170.0);
                ui.separator();
                self.details_ui(ui, env);
            });
            return;
        }
        let height = ui.available_height();
        ui.horizontal_top(|ui| {
            ui.allocate_ui(vec2(LIST, height), |ui| {
                ui.set_min_size(vec2(LIST, height));
                ui.vertical(|ui| self.list_ui(ui, env, (height - 64.0).max(60.0)));
            });
            ui.separator();
            ui.vertical(|ui| self.details_ui(ui, env));
        });
    }

    fn list_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, height: f32) {
        self.buttons_ui(ui, env);
        ui.add_space(4.0);
        if self.shown.projects.is_empty() {
            let empty = if self.is_asked {
                "app.common.loading"
            } else {
                "engineering.pane.none"
            };
            return widgets::empty_ui(ui, env.theme, &tr(empty));
        }
        let active = env.session.engineering.as_deref();
        let mut clicked = None;
        ScrollArea::vertical()
            .id_salt("projects")
            .max_height(height)
            .auto_shrink([false, true])
            .show_rows(ui, env.theme.size.row, self.shown.projects.len(), |ui, range| {
                for listed in &self.shown.projects[range] {
                    let number = &listed.engineering.number;
                    let is_active = active == Some(number);
                    let row = Row {
                        color: is_active.then_some(env.theme.accent.fill.0),
                        code: number.clone(),
                        detail: detail(listed, is_active),
                        figure: figure(&listed.counts),
                        is_selected: self.chosen.as_ref() == Some(number),
                    };
                    if row_ui(ui, env.theme, &row, 0.0).clicked() {
                        clicked = Some(number.clone());
                    }
                }
            });
        if let Some(number) = clicked {
            env.push(Action::Engineering(EngineeringAction::Choose(number)));
        }
    }

    fn buttons_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let is_writable = !env.session.is_read_only;
        let chosen = self.chosen();
        let is_open = chosen.is_some_and(|listed| listed.stage == Stage::Open);
        let is_active =
            chosen.is_some_and(|c| env.session.engineering.as_ref() == Some(&c.engineering.number));
        let activate = if is_active {
            (
                "engineering.pane.deactivate",
                "engineering.pane.deactivate_tip",
                EngineeringAction::Activate(None),
            )
        } else {
            (
                "engineering.pane.activate",
                "engineering.pane.activate_tip",
                EngineeringAction::Activate(self.chosen.clone()),
            )
        };
        let buttons = [
            (
                "engineering.pane.new",
                "engineering.pane.new_tip",
                true,
                EngineeringAction::AskNew,
            ),
            (
                "engineering.pane.change",
                "engineering.pane.change_tip",
                chosen.is_some(),
                EngineeringAction::AskChange,
            ),
            (activate.0, activate.1, is_open, activate.2),
            (
                "engineering.pane.complete",
                "engineering.pane.complete_tip",
                is_open,
                EngineeringAction::AskComplete,
            ),
            (
                "engineering.pane.withdraw",
                "engineering.pane.withdraw_tip",
                is_open,
                EngineeringAction::AskWithdraw,
            ),
        ];
        ui.horizontal_wrapped(|ui| {
            for (label, tip, is_possible, action) in buttons {
                let button = ui.add_enabled(is_writable && is_possible, egui::Button::new(tr(label)));
                if button.on_hover_text(tr(tip)).clicked() {
                    env.push(Action::Engineering(action));
                }
            }
            let excel = egui::Button::new(tr("engineering.pane.excel"));
            let excel = ui.add_enabled(chosen.is_some(), excel);
            if excel.on_hover_text(tr("engineering.pane.excel_tip")).clicked() {
                env.push(Action::ChooseFile(FilePurpose::EngineeringExcel));
            }
        });
    }

    /// What kept a project from being withdrawn.
    fn resting_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.resting.is_empty() {
            return;
        }
        let (ink, ground) = severity_colors(Severity::Warning, env.theme);
        let said = tr_with("engineering.pane.rested_on", "count", self.resting.len());
        widgets::notice_ui(ui, ink, ground, &said);
        let rows = widgets::list_ui(ui, env.theme, "resting", self.resting.len(), None, |i| Row {
            code: self.resting[i].1.clone(),
            ..Row::default()
        });
        if let Some((i, _)) = rows {
            show_feature(env, self.resting[i].0);
        }
        ui.separator();
    }
}

/// Selects it and brings it into view, if it is in the network.
fn show_feature(env: &mut PanelEnv<'_>, id: FeatureId) {
    let Some(target) = Target::of_id(&env.session.network, id) else {
        return;
    };
    env.push(Action::Select(Some(target)));
    env.push(Action::ZoomToTarget(target));
}

fn detail(listed: &Listed, is_active: bool) -> String {
    let stage = if is_active {
        tr("engineering.pane.active")
    } else {
        tr(&format!("engineering.stage.{}", listed.stage.key()))
    };
    format!("{}  {stage}", listed.engineering.name).trim().to_owned()
}

/// `+3 ~1 −2`: added, altered, to be abandoned.
fn figure(counts: &BTreeMap<ChangeKind, usize>) -> String {
    let signs = [
        (ChangeKind::New, "+"),
        (ChangeKind::Altered, "~"),
        (ChangeKind::ToAbandon, "−"),
    ];
    let parts = signs.iter().filter_map(|(kind, sign)| {
        let count = counts.get(kind)?;
        Some(format!("{sign}{}", text::count(*count as u64)))
    });
    parts.collect::<Vec<_>>().join(" ")
}

impl EngineeringPanel {
    /// Particulars, legend, and one of the lists of the chosen project.
    fn details_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        self.resting_ui(ui, env);
        let Some(chosen) = self.chosen() else {
            return widgets::empty_ui(ui, env.theme, &tr("engineering.pane.choose"));
        };
        let particulars = details::particulars(&chosen.engineering);
        if !particulars.is_empty() {
            let weak = RichText::new(particulars).small().color(env.theme.text.weak.0);
            ui.add(egui::Label::new(weak).truncate());
        }
        ui.horizontal_wrapped(|ui| {
            for (tab, key) in [
                (Tab::Changes, "engineering.sheet.changes"),
                (Tab::Materials, "engineering.sheet.materials"),
            ] {
                ui.selectable_value(&mut self.tab, tab, tr(key));
            }
            ui.checkbox(&mut self.marks_map, tr("engineering.pane.marks_map"));
            details::legend_ui(ui, env.theme);
        });
        ui.add_space(2.0);
        let Some(shown) = &self.shown.details else { return };
        match self.tab {
            Tab::Changes => {
                if let Some(i) = details::changes_ui(ui, env, &shown.changes, self.picked) {
                    show_feature(env, shown.changes[i].id);
                    self.picked = Some(i);
                }
            }
            Tab::Materials => details::materials_ui(ui, env.theme, &shown.materials),
        }
    }
}
