//! The window with the properties of a layer: name, limits and filter; how it is drawn; what is known of it.

use std::collections::BTreeMap;

use egui::{Context, DragValue, RichText, Ui};
use gis_core::Severity;
use gis_core::cartography::StyleSet;
use gis_core::cartography::layers::{ClassMethod, Layer, LayerId, LayerSource};
use gis_core::cartography::thematic::Histogram;
use gis_core::expr::{Expr, ExprError, Scope};
use gis_core::schema::Schema;

use super::{LayersPanel, foreign_tab, issues_tab, picture_tab, style_tab};
use crate::i18n::{lang, tr};
use crate::map::under::UnderState;
use crate::panels::{PanelEnv, text};
use crate::theme::Theme;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    General,
    Style,
    Labels,
    /// Of a topographic map.
    Issues,
    Information,
}

impl Tab {
    /// Those that a layer has, with the keys of their names.
    fn all_of(source: &LayerSource) -> Vec<(Self, &'static str)> {
        let mut tabs = vec![(Self::General, "layers.properties.general")];
        if !matches!(source, LayerSource::Tiles(_) | LayerSource::Unknown(_)) {
            tabs.push((Self::Style, "layers.properties.style"));
        }
        match source {
            LayerSource::Class { .. } => tabs.push((Self::Labels, "layers.properties.labels")),
            LayerSource::Vector(vector) if vector.topographic.is_some() => {
                tabs.push((Self::Issues, "layers.properties.issues"));
            }
            _ => {}
        }
        tabs.push((Self::Information, "layers.properties.information"));
        tabs
    }
}

/// What is being looked at and typed.
#[derive(Debug, Clone)]
pub struct Properties {
    pub layer: LayerId,
    pub tab: Tab,
    /// As typed; it reaches the layer once it makes sense.
    filter: Option<String>,
    pub(super) value: Option<String>,
    pub(super) method: ClassMethod,
    pub(super) count: usize,
    pub classified: Option<Classified>,
    pub is_waiting: bool,
}

/// The values of an expression over a layer, cut into classes.
#[derive(Debug, Clone)]
pub struct Classified {
    pub layer: LayerId,
    pub value: String,
    pub histogram: Histogram,
    pub breaks: Vec<f64>,
    /// Distinct values, the most frequent first.
    pub categories: Vec<(String, u64)>,
}

impl Properties {
    pub fn new(layer: LayerId) -> Self {
        Self {
            layer,
            tab: Tab::General,
            filter: None,
            value: None,
            method: ClassMethod::Jenks,
            count: 5,
            classified: None,
            is_waiting: false,
        }
    }
}

/// Draws the window while there is a layer to show.
pub(super) fn window_ui(ctx: &Context, panel: &mut LayersPanel, env: &mut PanelEnv<'_>) {
    let Some(mut properties) = panel.properties.take() else {
        return;
    };
    let Some(before) = panel.document().layer(&properties.layer).cloned() else {
        return;
    };
    let mut layer = before.clone();
    let mut styles = (*env.theme.styles).clone();
    let title = panel.title_of(&layer.id, &env.session.schema);
    let mut is_open = true;
    egui::Window::new(format!("{} – {title}", tr("layers.properties.title")))
        .id(egui::Id::unique("layer_properties"))
        .open(&mut is_open)
        .default_size([480.0, 600.0])
        .max_width(760.0)
        .default_pos([360.0, 120.0])
        .show(ctx, |ui| {
            ui.horizontal(|ui| {
                for (tab, key) in Tab::all_of(&before.source) {
                    ui.selectable_value(&mut properties.tab, tab, tr(key));
                }
            });
            ui.separator();
            let state = panel.states.get(&layer.id).cloned().unwrap_or_default();
            picture_tab::notices_ui(ui, env, &layer.source, &state);
            egui::ScrollArea::vertical()
                .auto_shrink([false, true])
                .show(ui, |ui| match properties.tab {
                    Tab::General => general_ui(ui, panel, env, &mut properties, &mut layer),
                    Tab::Style => {
                        style_ui(ui, env, &mut properties, &mut layer, (&panel.states, &mut styles));
                    }
                    Tab::Issues => {
                        if let LayerSource::Vector(source) = &mut layer.source
                            && let Some(issue) = &mut source.topographic
                        {
                            issues_tab::issues_ui(ui, env, issue);
                        }
                    }
                    Tab::Labels => {
                        labels_ui(ui, env, &mut layer);
                    }
                    Tab::Information => information_ui(ui, panel, env, &layer),
                });
        });
    let schema = std::sync::Arc::clone(&env.session.schema);
    if styles != *env.theme.styles {
        keep_styles(panel, &schema, &styles);
    }
    if layer != before {
        panel.edit(&schema, |document| {
            if let Some(target) = document.layer_mut(&before.id) {
                *target = layer;
            }
        });
    }
    panel.properties = is_open.then_some(properties);
}

/// What the map says otherwise than the program's own styles.
fn keep_styles(panel: &mut LayersPanel, schema: &Schema, styles: &StyleSet) {
    match StyleSet::builtin() {
        Ok(usual) => panel.edit(schema, |document| document.styles = styles.changes_from(&usual)),
        Err(error) => log::error!("{error}"),
    }
}

fn style_ui(
    ui: &mut Ui,
    env: &mut PanelEnv<'_>,
    properties: &mut Properties,
    layer: &mut Layer,
    (states, styles): (&BTreeMap<LayerId, UnderState>, &mut StyleSet),
) {
    let id = layer.id.clone();
    match &mut layer.source {
        LayerSource::Raster(source) => picture_tab::image_ui(ui, env, &id, source),
        LayerSource::Vector(_) => {
            let facts = states.get(&id).map(|state| state.facts.clone());
            foreign_tab::style_ui(ui, env.theme, layer, &facts.unwrap_or_default());
        }
        _ => style_tab::style_ui(ui, env, properties, layer, (states, styles)),
    }
}

fn labels_ui(ui: &mut Ui, env: &PanelEnv<'_>, layer: &mut Layer) {
    let Some(class) = layer.class().and_then(|key| env.session.schema.class_index(key)) else {
        ui.label(tr("layers.properties.no_labels"));
        return;
    };
    let scope = Scope::of_class(&env.session.schema, class);
    let mut settings = layer
        .labels
        .clone()
        .unwrap_or_else(crate::panels::labels::unwritten);
    if crate::panels::labels::settings_ui(ui, &mut settings, &scope, env.theme) {
        layer.labels = Some(settings);
    }
}

fn general_ui(
    ui: &mut Ui,
    panel: &LayersPanel,
    env: &PanelEnv<'_>,
    properties: &mut Properties,
    layer: &mut Layer,
) {
    egui::Grid::new("layer_general").num_columns(2).show(ui, |ui| {
        let name = ui.label(tr("layers.general.title"));
        let mut title = layer.title.clone().unwrap_or_default();
        let hint = panel.title_of(&layer.id, &env.session.schema);
        let field = egui::TextEdit::singleline(&mut title).hint_text(hint);
        if ui.add(field).labelled_by(name.id).changed() {
            layer.title = (!title.trim().is_empty()).then_some(title);
        }
        ui.end_row();
        let opacity = ui.label(tr("layers.general.opacity"));
        ui.add(egui::Slider::new(&mut layer.opacity, 0.0..=1.0))
            .labelled_by(opacity.id);
        ui.end_row();
        ui.label(tr("layers.general.hidden_beyond"));
        limit_ui(ui, &mut layer.hidden_beyond, 25_000.0);
        ui.end_row();
        ui.label(tr("layers.general.hidden_closer"));
        limit_ui(ui, &mut layer.hidden_closer, 200.0);
        ui.end_row();
        if layer.class().is_some() {
            ui.label(tr("layers.general.locked"));
            ui.checkbox(&mut layer.is_locked, tr("layers.general.locked_tip"));
            ui.end_row();
        }
    });
    let Some(class) = layer.class().and_then(|key| env.session.schema.class_index(key)) else {
        return;
    };
    ui.separator();
    let label = ui.label(tr("layers.general.filter"));
    let scope = Scope::of_class(&env.session.schema, class);
    let mut typed = properties
        .filter
        .clone()
        .or_else(|| layer.filter.clone())
        .unwrap_or_default();
    let error = expression_ui(
        ui,
        env.theme,
        &mut typed,
        &scope,
        &tr("layers.general.filter_example"),
        &label,
    );
    if error.is_none() {
        let filter = (!typed.trim().is_empty()).then(|| typed.clone());
        if filter != layer.filter {
            layer.filter = filter;
        }
    }
    properties.filter = Some(typed);
    if let Some(count) = panel.count_of(layer, env) {
        let said = gis_core::Message::new("layers.general.count")
            .with("count", text::count(count))
            .with("all", text::count(env.session.class_count(class)));
        ui.label(RichText::new(crate::i18n::say(&said)).small());
    }
}

/// A scale limit that may be off.
pub(super) fn limit_ui(ui: &mut Ui, limit: &mut Option<f64>, usual: f64) {
    ui.horizontal(|ui| {
        let mut is_on = limit.is_some();
        if ui.checkbox(&mut is_on, "1 :").changed() {
            *limit = is_on.then_some(usual);
        }
        if let Some(denominator) = limit {
            ui.add(
                DragValue::new(denominator)
                    .range(1.0..=1e9)
                    .speed(100.0)
                    .max_decimals(0),
            );
        }
    });
}

/// A field for an expression; what is wrong is said under it, with a mark at the character. An empty field is right.
pub(super) fn expression_ui(
    ui: &mut Ui,
    theme: &Theme,
    typed: &mut String,
    scope: &Scope,
    hint: &str,
    label: &egui::Response,
) -> Option<ExprError> {
    ui.add(
        egui::TextEdit::singleline(typed)
            .hint_text(hint)
            .desired_width(f32::INFINITY),
    )
    .labelled_by(label.id);
    if typed.trim().is_empty() {
        return None;
    }
    match Expr::parse(typed, scope) {
        Ok(expr) => {
            for doubt in expr.doubts() {
                let colour = theme.status.warning.0;
                ui.label(RichText::new(doubt.text(lang())).color(colour));
            }
            None
        }
        Err(error) => {
            pointed_ui(ui, theme, typed, &error);
            Some(error)
        }
    }
}

/// An expression with a mark at the character that is wrong, and what is.
pub(in crate::panels) fn pointed_ui(ui: &mut Ui, theme: &Theme, typed: &str, error: &ExprError) {
    let before: String = typed.chars().take(error.at).collect();
    let wrong: String = typed.chars().skip(error.at).take(error.length.max(1)).collect();
    let after: String = typed.chars().skip(error.at + error.length.max(1)).collect();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.label(RichText::new(before).small().color(theme.text.weak.0));
        let wrong = if wrong.is_empty() { "…".to_owned() } else { wrong };
        ui.label(
            RichText::new(wrong)
                .small()
                .strong()
                .underline()
                .color(theme.status.error.0),
        );
        ui.label(RichText::new(after).small().color(theme.text.weak.0));
    });
    ui.label(RichText::new(error.text(lang())).color(theme.status.error.0));
}

/// Of the longer column, so that long lists wrap.
const INFORMATION_WIDTH: f32 = 380.0;

fn information_ui(ui: &mut Ui, panel: &LayersPanel, env: &PanelEnv<'_>, layer: &Layer) {
    let row = |ui: &mut Ui, key: &str, value: String| {
        ui.label(RichText::new(tr(key)).color(env.theme.text.weak.0));
        ui.add(egui::Label::new(value).wrap());
        ui.end_row();
    };
    egui::Grid::new("layer_information")
        .num_columns(2)
        .max_col_width(INFORMATION_WIDTH)
        .show(ui, |ui| {
            row(ui, "layers.information.id", layer.id.0.clone());
            let source = match &layer.source {
                LayerSource::Class { class } => class.clone(),
                LayerSource::Tiles(tiles) => tiles.location.clone(),
                LayerSource::Raster(raster) => raster.path.clone(),
                LayerSource::Vector(vector) => vector.path.clone(),
                LayerSource::Unknown(value) => value.to_string(),
            };
            row(ui, "layers.information.source", source);
            if let Some(count) = panel.count_of(layer, env) {
                row(ui, "layers.information.count", text::count(count));
            }
            if let Some(class) = layer.class().and_then(|key| env.session.schema.class_index(key)) {
                let class = env.session.schema.class(class);
                let fields: Vec<&str> = class.offered().map(|(_, f)| f.label.text(lang())).collect();
                row(
                    ui,
                    "layers.information.fields",
                    fields.join(lang().pick("、", ", ")),
                );
            }
        });
    for issue in panel.themed.issues.iter().filter(|issue| issue.layer == layer.id) {
        let said = format!("{}\n{}", issue.text, issue.error.text(lang()));
        let colour = match issue.severity {
            Severity::Error => env.theme.status.error.0,
            Severity::Warning | Severity::Info => env.theme.status.warning.0,
        };
        ui.label(RichText::new(said).color(colour));
    }
}
