//! The layer tree: groups and layers of the map document, how each is drawn, ticks, order, names. What is changed here
//! is the document; the shell saves it and has the map drawn anew.

mod classes;
mod foreign_tab;
mod issues_tab;
mod looks;
mod picture_tab;
mod properties;
mod standard_tab;
mod style_tab;
mod tree;
mod zones;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::TextureHandle;
use gis_core::cartography::StyleChanges;
use gis_core::cartography::layers::{Layer, LayerId, LayerSource, MapDocument, Renderer, TreeNode};
use gis_core::cartography::thematic::{LegendEntry, Ramps, ThemedMap, layer_title, legend};
use gis_core::schema::Schema;
use gis_core::{Lang, Severity};

use super::{PanelEnv, text};
use crate::commands::Command;
use crate::i18n::{lang, tr};
use crate::map::under::{UnderLayers, UnderState};
use crate::shell::action::Action;
use crate::shell::ground::GroundAction;
use crate::theme::{Theme, ThemeKind};
use crate::view::LayerVisibility;
pub(super) use properties::pointed_ui;
pub use properties::{Classified, Properties};

/// A heat map as a picture, with its place.
pub struct HeatPicture {
    pub texture: TextureHandle,
    /// In project coordinates.
    pub extent: [f64; 4],
}

#[derive(Default)]
pub struct LayersPanel {
    /// What the document means for whole classes.
    pub visibility: LayerVisibility,
    document: MapDocument,
    /// Rises with every change of the document.
    revision: u64,
    /// The project's document has the tree of that revision.
    shared: u64,
    /// The document applied to the network.
    pub themed: Arc<ThemedMap>,
    pub heat: Vec<HeatPicture>,
    /// The map is being drawn anew for that revision.
    pub asked: Option<u64>,
    /// The part of the document that was last applied to the network.
    applied: Option<MapDocument>,
    pub is_waiting: bool,
    /// The theme has this map's styles; `None` when they are to be taken up.
    pub styled: Option<ThemeKind>,
    pub properties: Option<Properties>,
    renaming: Option<(LayerId, String)>,
    legend: Vec<LegendEntry>,
    legend_basis: Option<(u64, Lang, ThemeKind)>,
    /// How what lies under the network is doing.
    states: BTreeMap<LayerId, UnderState>,
}

/// What the tree asks for; carried out once it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Show(LayerId, bool),
    Lock(LayerId, bool),
    Rename(LayerId),
    Title(LayerId, String),
    Remove(LayerId),
    Duplicate(LayerId),
    NewGroup(LayerId),
    Properties(LayerId),
    Zoom(LayerId),
    /// Of the attributes.
    Table(LayerId),
    Move(LayerId, Option<LayerId>, usize),
    /// Of an image.
    Place(LayerId),
    Pyramids(LayerId),
}

impl LayersPanel {
    /// Starts with a project's map.
    pub fn open(document: MapDocument, schema: &Schema) -> Self {
        Self {
            visibility: LayerVisibility::of(&document, schema),
            asked: is_standard(&document).then_some(0),
            document,
            ..Self::default()
        }
    }

    pub fn document(&self) -> &MapDocument {
        &self.document
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Changes the document.
    pub fn edit(&mut self, schema: &Schema, change: impl FnOnce(&mut MapDocument)) {
        change(&mut self.document);
        self.visibility = LayerVisibility::of(&self.document, schema);
        self.revision += 1;
        self.styled = None;
    }

    /// The tree of the project's document and the one shown here are the same: what was changed here goes there, what
    /// others changed there comes here.
    pub fn share(&mut self, session: &mut crate::session::Session) {
        if self.shared != self.revision {
            session.document.tree.clone_from(&self.document.tree);
            session.document.styles.clone_from(&self.document.styles);
            self.shared = self.revision;
        } else if (&session.document.tree, &session.document.styles)
            != (&self.document.tree, &self.document.styles)
        {
            let (tree, styles) = (session.document.tree.clone(), session.document.styles.clone());
            self.edit(&session.schema, |document| {
                document.tree = tree;
                document.styles = styles;
            });
            self.shared = self.revision;
        }
    }

    /// Whether the document has to be applied to the network; what it has in it now then counts as applied. Styles and
    /// what looking around changes say nothing about features.
    pub fn wants_applying(&mut self) -> bool {
        if self.is_waiting || self.asked == Some(self.revision) {
            return false;
        }
        let wanted = MapDocument {
            styles: StyleChanges::default(),
            ..self.document.without_views()
        };
        let is_same = self.asked.is_some() && self.applied.as_ref() == Some(&wanted);
        self.asked = Some(self.revision);
        self.applied = Some(wanted);
        !is_same
    }

    /// Takes in how the layers under the network are doing on the map.
    pub fn look_under(&mut self, under: &UnderLayers) {
        self.states = self
            .document
            .layers()
            .into_iter()
            .filter(|shown| shown.layer.class().is_none())
            .map(|shown| (shown.layer.id.clone(), under.state(&shown.layer.id)))
            .collect();
    }

    /// The network is another one; its looks are to be made again.
    pub fn forget_looks(&mut self) {
        self.themed = Arc::default();
        self.applied = None;
        self.heat.clear();
        self.revision += 1;
    }

    /// Features have changed: what filters and themes make of them is to be found out again.
    pub fn network_changed(&mut self) {
        let themed = &self.themed;
        let depends = themed.look.has_features()
            || !(themed.heat.is_empty() && themed.dots.is_empty() && themed.diagrams.is_empty());
        if depends || !themed.counts.is_empty() {
            self.asked = None;
        }
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        header_ui(ui, env);
        self.refresh_legend(&env.session.schema, env.theme);
        let mut changes = Vec::new();
        self.add_ui(ui, env, &mut changes);
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                tree::tree_ui(ui, self, env, &mut changes);
            });
        for change in changes {
            self.carry_out(change, env);
        }
        properties::window_ui(ui.ctx(), self, env);
    }

    /// What may be laid under or over the network.
    fn add_ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>, changes: &mut Vec<Change>) {
        ui.horizontal_wrapped(|ui| {
            ui.menu_button(tr("layers.add"), |ui| {
                for command in [
                    Command::BaseMapFromServer,
                    Command::OpenBaseMap,
                    Command::AddImagery,
                    Command::AddForeignLayer,
                    Command::AddTopographicIssue,
                ] {
                    if ui
                        .button(command.label())
                        .on_hover_text(command.tooltip())
                        .clicked()
                    {
                        env.push(Action::Command(command));
                        ui.close();
                    }
                }
                ui.separator();
                let group = ui.button(tr("layers.new_group"));
                if group.on_hover_text(tr("layers.new_group_tip")).clicked() {
                    changes.push(Change::NewGroup(LayerId::default()));
                    ui.close();
                }
            });
            if ui
                .button(tr("layers.standard"))
                .on_hover_text(tr("layers.standard_tip"))
                .clicked()
            {
                let schema = Arc::clone(&env.session.schema);
                self.edit(&schema, |document| {
                    let standard = MapDocument::standard(&schema);
                    document.tree = standard.tree;
                    document.styles = standard.styles;
                });
            }
            if self.is_waiting {
                ui.spinner();
            }
        });
    }

    fn refresh_legend(&mut self, schema: &Schema, theme: &Theme) {
        let basis = (self.revision, lang(), theme.kind);
        if self.legend_basis == Some(basis) {
            return;
        }
        match Ramps::builtin() {
            Ok(ramps) => {
                let ground = theme.kind.map_theme();
                self.legend = legend(&self.document, schema, &theme.styles, &ramps, ground, lang());
                self.legend_basis = Some(basis);
            }
            Err(error) => log::error!("{error}"),
        }
    }

    fn carry_out(&mut self, change: Change, env: &mut PanelEnv<'_>) {
        let schema = Arc::clone(&env.session.schema);
        match change {
            Change::Show(id, is_visible) => self.edit(&schema, |document| show(document, &id, is_visible)),
            Change::Lock(id, is_locked) => self.edit(&schema, |document| {
                if let Some(layer) = document.layer_mut(&id) {
                    layer.is_locked = is_locked;
                }
            }),
            Change::Rename(id) => {
                let title = self.title_of(&id, &schema);
                self.renaming = Some((id, title));
            }
            Change::Title(id, title) => {
                self.renaming = None;
                self.edit(&schema, |document| match document.node_mut(&id) {
                    Some(TreeNode::Layer(layer)) => {
                        layer.title = (!title.trim().is_empty()).then(|| title.trim().to_owned());
                    }
                    Some(TreeNode::Group(group)) if !title.trim().is_empty() => {
                        title.trim().clone_into(&mut group.title);
                    }
                    _ => {}
                });
            }
            Change::Remove(id) => self.edit(&schema, |document| {
                document.take(&id);
            }),
            Change::Duplicate(id) => self.edit(&schema, |document| {
                document.duplicate(&id);
            }),
            Change::NewGroup(above) => self.edit(&schema, |document| {
                let id = document.fresh_id("group");
                let place = document.place_of(&above);
                let group = TreeNode::Group(gis_core::cartography::layers::Group {
                    id,
                    title: tr("layers.group"),
                    ..Default::default()
                });
                match place {
                    Some((parent, position)) => document.insert(group, parent.as_ref(), position),
                    None => document.insert(group, None, 0),
                }
            }),
            Change::Properties(id) => self.open_properties(&id),
            Change::Table(id) => {
                let layers = self.document.layers();
                let own = layers.iter().find(|own| own.layer.id == id);
                let key = own.and_then(|own| own.layer.class());
                let class = key.and_then(|key| schema.class_index(key));
                if let Some(class) = class {
                    env.push(Action::Table(crate::shell::table::TableAction::Open(class)));
                }
            }
            Change::Zoom(id) => {
                if let Some(web_box) = self.states.get(&id).and_then(|state| state.web_box) {
                    env.push(Action::Ground(GroundAction::ZoomTo(web_box)));
                } else if let Some(extent) = self.extent_of(&id, env) {
                    env.push(Action::ZoomTo(extent));
                }
            }
            Change::Move(id, group, position) => self.edit(&schema, |document| {
                document.move_to(&id, group.as_ref(), position);
            }),
            Change::Place(id) => env.push(Action::Ground(GroundAction::Place(id))),
            Change::Pyramids(id) => {
                if let Some(LayerSource::Raster(source)) = self.document.layer(&id).map(|l| &l.source) {
                    let path = source.path.clone().into();
                    env.push(Action::Ground(GroundAction::BuildPyramids(path)));
                }
            }
        }
    }

    /// Opens the properties of a layer.
    pub fn open_properties(&mut self, id: &LayerId) {
        if self.document.layer(id).is_some() {
            self.properties = Some(Properties::new(id.clone()));
        }
    }

    pub fn title_of(&self, id: &LayerId, schema: &Schema) -> String {
        match self.document.layer(id) {
            Some(layer) => layer_title(layer, schema, lang()),
            None => self.group_title(id),
        }
    }

    fn group_title(&self, id: &LayerId) -> String {
        fn find<'a>(nodes: &'a [TreeNode], id: &LayerId) -> Option<&'a str> {
            nodes.iter().find_map(|node| match node {
                TreeNode::Group(group) if group.id == *id => Some(group.title.as_str()),
                TreeNode::Group(group) => find(&group.children, id),
                TreeNode::Layer(_) => None,
            })
        }
        find(&self.document.tree, id).map(shown_title).unwrap_or_default()
    }

    /// The box of a class's features that the layer shows.
    fn extent_of(&self, id: &LayerId, env: &PanelEnv<'_>) -> Option<[f64; 4]> {
        let network = &env.session.network;
        let class = env
            .session
            .schema
            .class_index(self.document.layer(id)?.class()?)?;
        let look = &self.themed.look;
        let pipes = network
            .pipes()
            .filter(|p| network.pipe_class(*p) == class && !look.pipe(*p).is_hidden)
            .flat_map(|p| network.pipe_vertices(p).iter().copied());
        let nodes = network
            .nodes()
            .filter(|n| network.node_class(*n) == class && !look.node(*n).is_hidden)
            .map(|n| network.position(n));
        crate::session::union(
            pipes
                .chain(nodes)
                .filter(|p| p[0].is_finite() && p[1].is_finite())
                .map(|p| [p[0], p[1], p[0], p[1]]),
        )
    }

    /// Features of a layer; `None` where it shows none of the project's.
    fn count_of(&self, layer: &Layer, env: &PanelEnv<'_>) -> Option<u64> {
        let class = env.session.schema.class_index(layer.class()?)?;
        Some(
            self.themed
                .count(&layer.id)
                .unwrap_or_else(|| env.session.class_count(class)),
        )
    }
}

/// Whether nothing in the document needs to look at features.
fn is_standard(document: &MapDocument) -> bool {
    document.layers().iter().all(|shown| {
        shown.layer.filter.is_none()
            && matches!(shown.layer.renderer, Renderer::Standard | Renderer::Unknown(_))
    })
}

/// A title as the user reads it: those of the standard map are locale keys.
fn shown_title(title: &str) -> String {
    if title.starts_with("app.layers.") {
        tr(title)
    } else {
        title.to_owned()
    }
}

/// A group takes all it holds along.
fn show(document: &mut MapDocument, id: &LayerId, is_visible: bool) {
    fn all(node: &mut TreeNode, is_visible: bool) {
        match node {
            TreeNode::Group(group) => {
                group.is_visible = is_visible;
                for child in &mut group.children {
                    all(child, is_visible);
                }
            }
            TreeNode::Layer(layer) => layer.is_visible = is_visible,
        }
    }
    if let Some(node) = document.node_mut(id) {
        all(node, is_visible);
    }
    if is_visible {
        // What is switched on is to be seen, so its groups come on too.
        let mut at = document.place_of(id).and_then(|(group, _)| group);
        while let Some(group) = at {
            if let Some(group) = document.group_mut(&group) {
                group.is_visible = true;
            }
            at = document.place_of(&group).and_then(|(above, _)| above);
        }
    }
}

fn header_ui(ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
    let session = env.session;
    ui.label(
        egui::RichText::new(&session.name)
            .color(env.theme.text.strong.0)
            .size(env.theme.size.text + 1.5),
    );
    let facts = gis_core::Message::new("app.layers.facts")
        .with("pipes", text::count(session.network.pipe_count() as u64))
        .with("length", text::length(session.summary.pipe_length_m));
    ui.label(
        egui::RichText::new(crate::i18n::say(&facts))
            .small()
            .color(env.theme.text.weak.0),
    );
    if session.is_temporary {
        let (ink, ground) = crate::shell::messages::severity_colors(Severity::Warning, env.theme);
        super::widgets::notice_ui(ui, ink, ground, &tr("app.layers.temporary"));
        ui.horizontal_wrapped(|ui| {
            if ui.button(tr("app.layers.save_as_project")).clicked() {
                env.push(Action::ChooseFile(crate::shell::action::FilePurpose::SaveProject));
            }
            if ui.button(tr("app.import.correct")).clicked() {
                env.push(Action::CorrectReading);
            }
        });
    }
    ui.separator();
}

/// Whether a layer has anything to show in the tree: classes without features stay out.
fn is_listed(layer: &Layer, env: &PanelEnv<'_>) -> bool {
    match &layer.source {
        LayerSource::Class { class } => env
            .session
            .schema
            .class_index(class)
            .is_none_or(|class| env.session.class_count(class) > 0),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use gis_core::cartography::layers::{ComparedIssue, Comparison, TopoIssue, VectorSource};

    use super::*;

    #[test]
    fn swiping_between_two_issues_and_colouring_apply_nothing_to_the_network_again() {
        let schema = Schema::builtin().unwrap();
        let mut document = MapDocument::standard(&schema);
        let sheet = LayerId::new("sheet");
        let source = LayerSource::Vector(VectorSource {
            path: "new.dxf".to_owned(),
            topographic: Some(TopoIssue::default()),
            ..VectorSource::default()
        });
        document
            .tree
            .push(TreeNode::Layer(Layer::new(sheet.clone(), source)));
        let mut panel = LayersPanel::open(document, &schema);
        let pipe = LayerId::new("class:pipe");
        panel.edit(&schema, |map| {
            map.layer_mut(&pipe).unwrap().filter = Some("diameter_mm > 100".to_owned());
        });
        assert!(panel.wants_applying(), "a filter is");
        assert!(!panel.wants_applying(), "once");
        for share in [0.25, 0.5, 0.75] {
            panel.edit(&schema, |map| {
                if let LayerSource::Vector(source) = &mut map.layer_mut(&sheet).unwrap().source {
                    let issue = source.topographic.as_mut().unwrap();
                    issue.compared = Some(ComparedIssue {
                        how: Comparison::Swipe(share),
                        ..ComparedIssue::default()
                    });
                }
            });
            assert!(!panel.wants_applying());
        }
        let usual = gis_core::cartography::StyleSet::builtin().unwrap();
        let mut styles = usual.clone();
        styles.diameter_style_mut(None).width_px = 9.0;
        panel.edit(&schema, |map| map.styles = styles.changes_from(&usual));
        assert!(!panel.wants_applying());
        panel.edit(&schema, |map| map.layer_mut(&pipe).unwrap().filter = None);
        assert!(panel.wants_applying());
        panel.network_changed();
        panel.forget_looks();
        assert!(panel.wants_applying(), "another network");
    }
}
