//! Attributes of the chosen feature, in the language and units of the schema; while the network is edited, each can be
//! changed.

use gis_core::{Feature, Severity};

use super::drafts::Drafts;
use super::media::MediaPanel;
use super::{PanelEnv, text, widgets};
use crate::i18n::{lang, tr};
use crate::panels::path::PathEnd;
use crate::session::Target;
use crate::shell::action::Action;
use crate::shell::editing::EditAction;
use crate::shell::messages::severity_colors;
use crate::theme::Theme;
use crate::view::{Highlight, HighlightRole};

/// What is known of the chosen feature.
#[derive(Debug, Default)]
pub enum Attributes {
    #[default]
    Nothing,
    /// Asked for.
    Loading,
    Loaded(Box<Feature>),
    /// The project has no record of it any more.
    Gone,
    Failed(gis_core::Message),
}

#[derive(Debug, Default)]
pub struct IdentifyPanel {
    pub target: Option<Target>,
    pub attributes: Attributes,
    pub media: MediaPanel,
    pub trace: super::trace::Trace,
    /// Also shows the fields nobody filled in.
    pub shows_empty: bool,
    /// What is being typed into attributes.
    drafts: Drafts,
}

impl IdentifyPanel {
    pub fn highlight(&self, into: &mut Highlight) {
        match self.target {
            Some(Target::Pipe(pipe)) => into.pipes.push((pipe, HighlightRole::Selected)),
            Some(Target::Node(node)) => into.nodes.push((node, HighlightRole::Selected)),
            None => {}
        }
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let Some(target) = self.target else {
            widgets::empty_ui(ui, env.theme, &tr("app.identify.empty"));
            return;
        };
        let network = env.session.network.clone();
        let theme = env.theme;
        let class = env.session.schema.class(target.class(&network));
        ui.horizontal(|ui| {
            ui.label(
                egui::RichText::new(target.code(&network))
                    .heading()
                    .color(theme.text.strong.0),
            );
            ui.label(egui::RichText::new(class.label.text(lang())).color(theme.text.weak.0));
        });
        ui.horizontal_wrapped(|ui| {
            if ui.button(tr("app.common.zoom_to")).clicked() {
                env.push(Action::ZoomToTarget(target));
            }
            if ui.button(tr("app.identify.burst_here")).clicked() {
                env.push(Action::BurstAt {
                    target,
                    click: None,
                    is_added: false,
                });
            }
            if ui.button(tr("app.identify.path_from")).clicked() {
                env.push(Action::PathFrom(PathEnd::of_target(&network, target)));
            }
            if ui.button(tr("app.identify.path_to")).clicked() {
                env.push(Action::PathTo(PathEnd::of_target(&network, target)));
            }
        });
        ui.separator();
        match &self.attributes {
            Attributes::Nothing | Attributes::Loading => {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label(tr("app.common.loading"));
                });
            }
            Attributes::Gone => widgets::empty_ui(ui, theme, &tr("app.identify.gone")),
            Attributes::Failed(message) => {
                let (ink, ground) = severity_colors(Severity::Error, theme);
                widgets::notice_ui(ui, ink, ground, &crate::i18n::say(message));
            }
            Attributes::Loaded(feature) => {
                self.media.ui(ui, env);
                self.trace.ui(ui, env, feature.id);
                if !env.session.is_editing {
                    ui.checkbox(&mut self.shows_empty, tr("app.identify.show_empty"));
                }
                table_ui(ui, env, target, feature, self.shows_empty, &mut self.drafts);
            }
        }
    }
}

fn table_ui(
    ui: &mut egui::Ui,
    env: &mut PanelEnv<'_>,
    target: Target,
    feature: &Feature,
    shows_empty: bool,
    drafts: &mut Drafts,
) {
    let session = env.session;
    let schema = &session.schema;
    let is_editing = session.is_editing;
    let class = schema.class(feature.class);
    let places = place_rows(env, target);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut count = 0;
            for (i, field) in class.offered() {
                let value = feature
                    .values
                    .get(i)
                    .map(|v| text::value(schema, feature.class, i, v));
                let value = value.unwrap_or_default();
                if !shows_empty && !is_editing && value.is_empty() {
                    continue;
                }
                row_ui(ui, env.theme, count, field.label.text(lang()), |ui, name| {
                    if !is_editing {
                        ui.add(egui::Label::new(value.as_str()).wrap().selectable(true));
                    } else if let Some(value) = drafts.cell_ui(ui, schema, feature, i, name) {
                        env.actions.push(Action::Edit(EditAction::Set {
                            feature: feature.id,
                            field: field.key.clone(),
                            value,
                        }));
                    }
                });
                count += 1;
            }
            for (name, value) in places {
                row_ui(ui, env.theme, count, &name, |ui, _| {
                    ui.add(egui::Label::new(value.as_str()).wrap().selectable(true));
                });
                count += 1;
            }
        });
}

/// `value_ui` is told which widget names the value.
fn row_ui(
    ui: &mut egui::Ui,
    theme: &Theme,
    row: usize,
    name: &str,
    value_ui: impl FnOnce(&mut egui::Ui, egui::Id),
) {
    let ground = if row.is_multiple_of(2) {
        theme.surface.stripe.0
    } else {
        theme.surface.panel.0
    };
    let name_width = (ui.available_width() * 0.42).min(190.0);
    egui::Frame::new()
        .fill(ground)
        .inner_margin(egui::Margin::symmetric(6, 4))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                let name = ui.allocate_ui(egui::vec2(name_width, 0.0), |ui| {
                    ui.set_min_width(name_width);
                    let name = egui::RichText::new(name).color(theme.text.weak.0);
                    ui.add(egui::Label::new(name).wrap()).id
                });
                value_ui(ui, name.inner);
            });
        });
}

/// What the network knows beside the attributes: place, height, ends.
fn place_rows(env: &PanelEnv<'_>, target: Target) -> Vec<(String, String)> {
    let network = &env.session.network;
    let mut rows = Vec::new();
    match target {
        Target::Node(node) => {
            let place = network.position(node);
            if place[0].is_finite() {
                rows.push((
                    tr("app.identify.place"),
                    text::coordinates(place, &env.session.crs),
                ));
            }
            let height = network.node_z_m(node);
            if height.is_finite() {
                rows.push((tr("app.identify.height"), format!("{height:.2} m")));
            }
            let pipes = network.pieces_at(node).len();
            if pipes > 0 {
                rows.push((tr("app.identify.pipes_here"), pipes.to_string()));
            }
        }
        Target::Pipe(pipe) => {
            let drawn_m = network.metric().length_m(network.pipe_vertices(pipe));
            rows.push((tr("app.identify.drawn_length"), text::length(drawn_m)));
            let [from, to] = network.pipe_ends(pipe).map(|n| network.node_code(n).to_owned());
            if !from.is_empty() || !to.is_empty() {
                rows.push((tr("app.identify.ends"), format!("{from} – {to}")));
            }
        }
    }
    rows
}
