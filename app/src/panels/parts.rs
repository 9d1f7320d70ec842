//! The part library: assemblies that come along and those of the project, and the bill of materials of what was placed. It
//! changes nothing; what is asked for goes to `shell::parts`.

use egui::{Grid, RichText, ScrollArea, TextEdit, Ui};
use gis_core::edit::parts::{Assembly, BillLine, Shelf};

use super::PanelEnv;
use super::widgets::{self, Row, row_ui};
use crate::i18n::{lang, tr, tr_with};
use crate::session::{Session, Target};
use crate::shell::action::{Action, FilePurpose};
use crate::shell::parts::PartsAction;

/// Nodes farther from the chosen one than this are no part of its assembly, unless they are named.
const AROUND_M: f64 = 5.0;

/// What the project's thread has read.
#[derive(Debug, Default)]
pub struct Library {
    pub parts: Vec<(String, Shelf, Assembly)>,
    pub bill: Vec<BillLine>,
}

#[derive(Debug)]
pub struct PartsPanel {
    library: Library,
    /// By its name.
    picked: Option<String>,
    name: String,
    pub is_stale: bool,
    pub is_asked: bool,
}

impl Default for PartsPanel {
    fn default() -> Self {
        Self {
            library: Library::default(),
            picked: None,
            name: String::new(),
            is_stale: true,
            is_asked: false,
        }
    }
}

impl PartsPanel {
    pub fn set(&mut self, library: Library) {
        self.library = library;
        let parts = &self.library.parts;
        self.picked
            .take_if(|name| !parts.iter().any(|(known, ..)| known == name));
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        if self.is_stale && !self.is_asked {
            (self.is_stale, self.is_asked) = (false, true);
            env.push(Action::Parts(PartsAction::Read));
        }
        let height = ui.available_height();
        ui.columns(2, |columns| {
            columns[0].set_min_height(height);
            self.parts_ui(&mut columns[0], env, selected);
            self.bill_ui(&mut columns[1], env);
        });
    }

    fn parts_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        self.name_ui(ui, env, selected);
        ScrollArea::vertical()
            .id_salt("parts")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                for (name, shelf, assembly) in &self.library.parts {
                    let row = Row {
                        code: assembly.label.text(lang()).to_owned(),
                        detail: tr(match shelf {
                            Shelf::Builtin => "edit.part.builtin",
                            Shelf::Project => "edit.part.project",
                        }),
                        figure: tr_with("parts.nodes", "count", assembly.arms.len() + 1),
                        is_selected: self.picked.as_ref() == Some(name),
                        ..Row::default()
                    };
                    if row_ui(ui, env.theme, &row, 0.0).clicked() {
                        self.picked = Some(name.clone());
                    }
                }
            });
    }

    /// What can be done with a name: keep what is chosen, rename; and delete.
    fn name_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        let is_writable = !env.session.is_read_only;
        let name = self.name.trim().to_owned();
        let is_free = !name.is_empty() && !self.library.parts.iter().any(|(known, ..)| *known == name);
        let own = self.picked.clone().filter(|picked| {
            let mut parts = self.library.parts.iter();
            parts.any(|(known, shelf, _)| known == picked && *shelf == Shelf::Project)
        });
        ui.horizontal_wrapped(|ui| {
            let label = ui.label(tr("parts.name"));
            let edit = TextEdit::singleline(&mut self.name).desired_width(120.0);
            ui.add(edit).labelled_by(label.id);
            let asked = [
                (
                    "parts.keep",
                    "parts.keep_tip",
                    is_free,
                    keep(env.session, selected, &name),
                ),
                (
                    "parts.rename",
                    "parts.rename_tip",
                    is_free,
                    own.clone().map(|own| PartsAction::Rename(own, name.clone())),
                ),
                (
                    "parts.delete",
                    "parts.delete_tip",
                    true,
                    own.map(PartsAction::Delete),
                ),
            ];
            for (key, tip, is_ready, action) in asked {
                let is_possible = is_writable && is_ready && action.is_some();
                let button = ui.add_enabled(is_possible, egui::Button::new(tr(key)));
                if button.on_hover_text(tr(tip)).clicked()
                    && let Some(action) = action
                {
                    env.push(Action::Parts(action));
                }
            }
        });
        ui.add_space(4.0);
    }

    fn bill_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        ui.horizontal(|ui| {
            ui.strong(tr("parts.bill"));
            let excel = egui::Button::new(tr("parts.excel"));
            if ui.add_enabled(!self.library.bill.is_empty(), excel).clicked() {
                env.push(Action::ChooseFile(FilePurpose::PartsExcel));
            }
        });
        if self.library.bill.is_empty() {
            return widgets::empty_ui(ui, env.theme, &tr("parts.nothing_placed"));
        }
        ScrollArea::both()
            .id_salt("bill")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                Grid::new("bill")
                    .num_columns(4)
                    .striped(true)
                    .spacing([18.0, 4.0])
                    .show(ui, |ui| {
                        for key in ["label", "specification", "quantity", "unit"] {
                            let word = tr(&format!("edit.part.column.{key}"));
                            ui.label(RichText::new(word).small().color(env.theme.text.weak.0));
                        }
                        ui.end_row();
                        for line in &self.library.bill {
                            ui.label(line.label.text(lang()));
                            ui.label(line.specification.as_deref().unwrap_or_default());
                            ui.label(line.quantity.to_string());
                            ui.label(line.unit_text(lang()));
                            ui.end_row();
                        }
                    });
            });
    }
}

/// The chosen node with those joined to it nearby; `None` where no node is chosen.
fn keep(session: &Session, selected: Option<Target>, name: &str) -> Option<PartsAction> {
    let Some(Target::Node(node)) = selected else {
        return None;
    };
    let network = &session.network;
    let place = network.position(node);
    let ends = network
        .pieces_at(node)
        .iter()
        .flat_map(|piece| network.piece_ends(*piece));
    let is_near = |other: &gis_core::network::NodeIndex| {
        *other != node
            && !network.is_anonymous(*other)
            && network.metric().distance_m(place, network.position(*other)) <= AROUND_M
    };
    let around = ends
        .filter(is_near)
        .map(|other| network.node_id(other).to_string());
    Some(PartsAction::Keep {
        name: name.to_owned(),
        anchor: network.node_id(node).to_string(),
        around: around.collect(),
    })
}
