//! Draws the tree of groups and layers with their legends. It changes nothing; what is asked for goes into a list.

use egui::{RichText, Ui, Vec2, vec2};
use egui_ltreeview::{Action as TreeAction, DirPosition, NodeBuilder, TreeView, TreeViewBuilder};
use gis_core::cartography::layers::{Layer, LayerId, LayerSource, TreeNode};
use gis_core::cartography::thematic::{LegendEntry, LegendSymbol, layer_title};
use gis_core::schema::Role;

use super::{Change, LayersPanel, is_listed, shown_title};
use crate::i18n::{lang, say, tr};
use crate::icons::Icon;
use crate::panels::{PanelEnv, legend, text};

/// A row of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Entry {
    Node(LayerId),
    /// Row of a layer's legend.
    Legend(LayerId, usize),
}

pub(super) fn tree_ui(
    ui: &mut Ui,
    panel: &mut LayersPanel,
    env: &mut PanelEnv<'_>,
    changes: &mut Vec<Change>,
) {
    let mut renaming = panel.renaming.take();
    let shown: &LayersPanel = panel;
    let (_, actions) = TreeView::new(ui.make_persistent_id("layer_tree"))
        .allow_drag_and_drop(true)
        .allow_multi_selection(false)
        .fill_available_width(true)
        .default_node_height(Some(env.theme.size.row))
        .show(ui, |tree| {
            for node in &shown.document.tree {
                node_ui(tree, shown, env, node, &mut renaming, changes);
            }
        });
    for action in actions {
        match action {
            TreeAction::Move(moved) => {
                let Some(Entry::Node(source)) = moved.source.first() else {
                    continue;
                };
                if let Some(change) = move_of(shown, source, &moved.target, &moved.position) {
                    changes.push(change);
                }
            }
            TreeAction::Activate(activated) => {
                if let Some(Entry::Node(id)) = activated.selected.first() {
                    changes.push(Change::Properties(id.clone()));
                }
            }
            _ => {}
        }
    }
    panel.renaming = renaming;
}

/// Where a dragged node goes. Outside all groups the tree itself is the target.
fn move_of(
    panel: &LayersPanel,
    source: &LayerId,
    target: &Entry,
    position: &DirPosition<Entry>,
) -> Option<Change> {
    let document = panel.document();
    let beside = |entry: &Entry, after: usize| {
        let (Entry::Node(id) | Entry::Legend(id, _)) = entry;
        let (group, at) = document.place_of(id)?;
        Some(Change::Move(source.clone(), group, at + after))
    };
    match position {
        DirPosition::Before(entry) => beside(entry, 0),
        DirPosition::After(entry) => beside(entry, 1),
        DirPosition::First | DirPosition::Last => {
            let Entry::Node(group) = target else { return None };
            let at = if *position == DirPosition::First {
                0
            } else {
                usize::MAX
            };
            Some(Change::Move(source.clone(), Some(group.clone()), at))
        }
    }
}

fn layers_in<'a>(nodes: &'a [TreeNode], env: &PanelEnv<'_>, found: &mut Vec<&'a Layer>) {
    for node in nodes {
        match node {
            TreeNode::Layer(layer) if is_listed(layer, env) => found.push(layer),
            TreeNode::Layer(_) => {}
            TreeNode::Group(group) => layers_in(&group.children, env, found),
        }
    }
}

fn node_ui(
    tree: &mut TreeViewBuilder<'_, Entry>,
    panel: &LayersPanel,
    env: &PanelEnv<'_>,
    node: &TreeNode,
    renaming: &mut Option<(LayerId, String)>,
    changes: &mut Vec<Change>,
) {
    match node {
        TreeNode::Layer(layer) => {
            if is_listed(layer, env) {
                layer_ui(tree, panel, env, layer, renaming, changes);
            }
        }
        TreeNode::Group(group) => {
            let mut layers = Vec::new();
            layers_in(&group.children, env, &mut layers);
            if layers.is_empty() && !group.children.is_empty() {
                return;
            }
            let title = shown_title(&group.title);
            let on = layers.iter().filter(|l| l.is_visible).count();
            let mut is_on = group.is_visible && (on > 0 || layers.is_empty());
            let is_mixed = is_on && on < layers.len();
            let mut asked = Vec::new();
            let is_open = tree.node(
                NodeBuilder::dir(Entry::Node(group.id.clone()))
                    .default_open(group.is_expanded)
                    .label_ui(|ui| {
                        if rename_ui(ui, &group.id, renaming, &mut asked) {
                            return;
                        }
                        let tick = egui::Checkbox::new(&mut is_on, title.as_str()).indeterminate(is_mixed);
                        if ui.add(tick).changed() {
                            asked.push(Change::Show(group.id.clone(), is_on || is_mixed));
                        }
                    }),
            );
            changes.append(&mut asked);
            if is_open {
                for child in &group.children {
                    node_ui(tree, panel, env, child, renaming, changes);
                }
            }
            tree.close_dir();
        }
    }
}

/// A text field in place of the title while it is being renamed.
fn rename_ui(
    ui: &mut Ui,
    id: &LayerId,
    renaming: &mut Option<(LayerId, String)>,
    changes: &mut Vec<Change>,
) -> bool {
    let Some((renamed, title)) = renaming.as_mut().filter(|(renamed, _)| renamed == id) else {
        return false;
    };
    let field = ui.add(egui::TextEdit::singleline(title).desired_width(140.0));
    if ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        *renaming = None;
    } else if field.lost_focus() {
        changes.push(Change::Title(renamed.clone(), title.clone()));
        *renaming = None;
    } else {
        field.request_focus();
    }
    true
}

fn layer_ui(
    tree: &mut TreeViewBuilder<'_, Entry>,
    panel: &LayersPanel,
    env: &PanelEnv<'_>,
    layer: &Layer,
    renaming: &mut Option<(LayerId, String)>,
    changes: &mut Vec<Change>,
) {
    let theme = env.theme;
    let schema = &env.session.schema;
    let title = layer_title(layer, schema, lang());
    let count = panel.count_of(layer, env);
    let class = layer.class().and_then(|key| schema.class_index(key));
    let issue = panel.themed.issues.iter().find(|issue| issue.layer == layer.id);
    let state = panel.states.get(&layer.id);
    let trouble = issue
        .map(|issue| issue.error.text(lang()))
        .or_else(|| state?.trouble.as_ref().map(say));
    let rows: Vec<&LegendEntry> = panel.legend.iter().filter(|e| e.layer == layer.id).collect();
    let mut is_visible = layer.is_visible;
    let mut asked = Vec::new();
    let mut menu = Vec::new();
    tree.node(
        NodeBuilder::leaf(Entry::Node(layer.id.clone()))
            .label_ui(|ui| {
                if rename_ui(ui, &layer.id, renaming, &mut asked) {
                    return;
                }
                ui.horizontal(|ui| {
                    let tick = ui.checkbox(&mut is_visible, "");
                    tick.widget_info(|| {
                        egui::WidgetInfo::selected(egui::accesskit::Role::CheckBox, true, is_visible, &title)
                    });
                    if tick.changed() {
                        asked.push(Change::Show(layer.id.clone(), is_visible));
                    }
                    let (rect, _) = ui.allocate_exact_size(Vec2::splat(18.0), egui::Sense::hover());
                    match class.map(|class| schema.class(class)) {
                        Some(class) if class.role == Role::Pipe => {
                            legend::pipe(ui.painter(), rect, None, theme);
                        }
                        Some(class) => legend::symbol(ui.painter(), rect, &class.key, theme),
                        None => {
                            let picture = icon_of(&layer.source).image(16.0, theme.text.weak.0);
                            picture.paint_at(ui, rect.shrink(1.0));
                        }
                    }
                    let ink = if is_visible {
                        theme.text.primary.0
                    } else {
                        theme.text.weak.0
                    };
                    ui.label(RichText::new(&title).color(ink));
                    if let Some(count) = count {
                        let count = RichText::new(text::count(count)).small();
                        ui.label(count.color(theme.text.weak.0));
                    }
                    if layer.filter.is_some() {
                        ui.label(
                            RichText::new(tr("layers.filtered"))
                                .small()
                                .color(theme.accent.fill.0),
                        );
                    }
                    if let Some(trouble) = &trouble {
                        ui.label(RichText::new("!").strong().color(theme.status.error.0))
                            .on_hover_text(trouble);
                    }
                    if state.is_some_and(|state| state.is_loading) {
                        ui.add(egui::Spinner::new().size(12.0));
                    }
                });
            })
            .context_menu(|ui| menu_ui(ui, layer, &mut menu)),
    );
    changes.append(&mut asked);
    changes.append(&mut menu);
    for (i, row) in rows.iter().enumerate().filter(|(_, row)| row.level > 0) {
        tree.node(
            NodeBuilder::leaf(Entry::Legend(layer.id.clone(), i))
                .activatable(false)
                .label_ui(|ui| legend_row_ui(ui, row, env)),
        );
    }
}

/// Stands for what is no class of the project.
fn icon_of(source: &LayerSource) -> Icon {
    match source {
        LayerSource::Raster(_) => Icon::Image,
        LayerSource::Vector(source) if source.topographic.is_some() => Icon::City,
        LayerSource::Vector(_) => Icon::Path,
        _ => Icon::Layers,
    }
}

fn legend_row_ui(ui: &mut Ui, row: &LegendEntry, env: &PanelEnv<'_>) {
    ui.horizontal(|ui| {
        ui.add_space(22.0);
        let width = if matches!(row.symbol, LegendSymbol::Ramp(_)) {
            60.0
        } else {
            26.0
        };
        let (rect, _) = ui.allocate_exact_size(vec2(width, 18.0), egui::Sense::hover());
        legend::entry(ui.painter(), rect, &row.symbol, env.theme);
        ui.label(RichText::new(&row.title).small().color(env.theme.text.weak.0));
    });
}

fn menu_ui(ui: &mut Ui, layer: &Layer, asked: &mut Vec<Change>) {
    let mut entry = |key: &str, change: Change| {
        if ui.button(tr(key)).clicked() {
            asked.push(change);
            ui.close();
        }
    };
    let id = || layer.id.clone();
    entry("layers.menu.zoom", Change::Zoom(id()));
    if layer.class().is_some() {
        entry("table.panel.open", Change::Table(id()));
    }
    entry("layers.menu.properties", Change::Properties(id()));
    entry("layers.menu.rename", Change::Rename(id()));
    entry("layers.menu.duplicate", Change::Duplicate(id()));
    entry("layers.menu.group", Change::NewGroup(id()));
    if layer.class().is_none() {
        // Only features of the project are edited.
    } else if layer.is_locked {
        entry("layers.menu.unlock", Change::Lock(id(), false));
    } else {
        entry("layers.menu.lock", Change::Lock(id(), true));
    }
    if matches!(layer.source, LayerSource::Raster(_)) {
        entry("imagery.panel.place", Change::Place(id()));
        entry("imagery.panel.pyramids", Change::Pyramids(id()));
    }
    entry("layers.menu.remove", Change::Remove(id()));
}
