//! The layer tree: what classes the project has, how many, how they are drawn, and a tick to hide them.

use egui_ltreeview::{NodeBuilder, TreeView, TreeViewBuilder};
use gis_core::schema::{FeatureClass, Role};
use gis_core::{ClassIndex, Severity};

use super::{PanelEnv, legend, text};
use crate::i18n::{lang, tr};
use crate::shell::action::Action;
use crate::view::LayerVisibility;

/// Groups of the tree, in drawing order from the top.
const GROUPS: &[(&str, &[Role])] = &[
    ("app.layers.sources", &[Role::Source, Role::Pump]),
    ("app.layers.valves", &[Role::Valve]),
    (
        "app.layers.customers",
        &[Role::Customer, Role::Meter, Role::Hydrant],
    ),
    ("app.layers.fittings", &[Role::Fitting, Role::Junction]),
    ("app.layers.pipes", &[Role::Pipe]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Group(usize),
    Class(ClassIndex),
    /// A diameter class of the pipes' legend.
    Diameter(usize),
}

#[derive(Debug, Default)]
pub struct LayersPanel {
    pub visibility: LayerVisibility,
}

impl LayersPanel {
    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        header_ui(ui, env);
        let visibility = &mut self.visibility;
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                TreeView::new(ui.make_persistent_id("layer_tree"))
                    .allow_drag_and_drop(false)
                    .allow_multi_selection(false)
                    .fill_available_width(true)
                    .default_node_height(Some(env.theme.size.row))
                    .show(ui, |tree| {
                        for group in 0..GROUPS.len() {
                            group_ui(tree, env, visibility, group);
                        }
                    });
            });
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

fn classes_of(env: &PanelEnv<'_>, group: usize) -> Vec<(ClassIndex, u64)> {
    let schema = &env.session.schema;
    schema
        .class_indices()
        .filter(|c| GROUPS[group].1.contains(&schema.class(*c).role))
        .map(|c| (c, env.session.class_count(c)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn group_ui(
    tree: &mut TreeViewBuilder<'_, Entry>,
    env: &PanelEnv<'_>,
    visibility: &mut LayerVisibility,
    group: usize,
) {
    let classes = classes_of(env, group);
    if classes.is_empty() {
        return;
    }
    let theme = env.theme;
    let title = tr(GROUPS[group].0);
    let shown = classes.iter().filter(|(c, _)| visibility.is_visible(*c)).count();
    let mut is_on = shown > 0;
    let is_mixed = shown > 0 && shown < classes.len();
    let is_open = tree.node(NodeBuilder::dir(Entry::Group(group)).label_ui(|ui| {
        let tick = egui::Checkbox::new(&mut is_on, title.as_str()).indeterminate(is_mixed);
        if ui.add(tick).changed() {
            for (class, _) in &classes {
                visibility.set_visible(*class, is_on || is_mixed);
            }
        }
    }));
    if is_open {
        for (class, count) in &classes {
            let description = env.session.schema.class(*class);
            class_ui(tree, env, visibility, *class, description, *count);
            if description.role == Role::Pipe {
                for i in 0..theme.styles.diameters().len() {
                    diameter_ui(tree, env, i);
                }
            }
        }
    }
    tree.close_dir();
}

fn class_ui(
    tree: &mut TreeViewBuilder<'_, Entry>,
    env: &PanelEnv<'_>,
    visibility: &mut LayerVisibility,
    class: ClassIndex,
    description: &FeatureClass,
    count: u64,
) {
    let theme = env.theme;
    let mut is_visible = visibility.is_visible(class);
    tree.node(NodeBuilder::leaf(Entry::Class(class)).label_ui(|ui| {
        ui.horizontal(|ui| {
            let tick = ui.checkbox(&mut is_visible, "");
            tick.widget_info(|| {
                egui::WidgetInfo::selected(
                    egui::accesskit::Role::CheckBox,
                    true,
                    is_visible,
                    description.label.text(lang()),
                )
            });
            if tick.changed() {
                visibility.set_visible(class, is_visible);
            }
            let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(18.0), egui::Sense::hover());
            if description.role == Role::Pipe {
                legend::pipe(ui.painter(), rect, None, theme);
            } else {
                legend::symbol(ui.painter(), rect, &description.key, theme);
            }
            let ink = if is_visible {
                theme.text.primary.0
            } else {
                theme.text.weak.0
            };
            ui.label(egui::RichText::new(description.label.text(lang())).color(ink));
            ui.label(
                egui::RichText::new(text::count(count))
                    .small()
                    .color(theme.text.weak.0),
            );
        });
    }));
}

fn diameter_ui(tree: &mut TreeViewBuilder<'_, Entry>, env: &PanelEnv<'_>, i: usize) {
    let theme = env.theme;
    let classes = theme.styles.diameters();
    let from = i.checked_sub(1).and_then(|before| classes[before].below_mm);
    let name = match (from, classes[i].below_mm) {
        (None, Some(below)) => format!("< DN{below}"),
        (Some(from), Some(below)) => format!("DN{from} – DN{below}"),
        (Some(from), None) => format!("≥ DN{from}"),
        (None, None) => tr("app.layers.any_diameter"),
    };
    tree.node(
        NodeBuilder::leaf(Entry::Diameter(i))
            .activatable(false)
            .label_ui(|ui| {
                ui.horizontal(|ui| {
                    ui.add_space(22.0);
                    let (rect, _) = ui.allocate_exact_size(egui::vec2(26.0, 18.0), egui::Sense::hover());
                    legend::pipe(ui.painter(), rect, Some(i), theme);
                    ui.label(egui::RichText::new(&name).small().color(theme.text.weak.0));
                });
            }),
    );
}
