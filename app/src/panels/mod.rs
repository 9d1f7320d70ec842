//! The panels around the map. Each shows state and pushes actions; none changes anything itself.

pub mod bookmarks;
pub mod burst;
mod chart_surface;
pub mod colour;
pub mod depth;
mod drafts;
pub mod edit;
pub mod engineering;
pub mod findings;
pub mod history;
pub mod identify;
pub mod issues;
pub mod labels;
pub mod layers;
pub mod legend;
pub mod measure;
pub mod media;
pub mod messages;
pub mod operations;
pub mod overview;
pub mod parts;
pub mod path;
pub mod print;
pub mod query;
pub mod statistics;
mod symbol_picture;
pub mod table;
pub mod tasks;
pub mod templates;
pub mod text;
pub mod trace;
pub mod widgets;

use gis_core::cartography::layers::{LayerId, LayerSource};
use gis_core::cartography::thematic::layer_title;

use crate::i18n::lang;
use crate::session::Session;
use crate::shell::action::Action;
use crate::theme::Theme;

/// What every panel sees.
pub struct PanelEnv<'a> {
    pub session: &'a Session,
    pub theme: &'a Theme,
    pub actions: &'a mut Vec<Action>,
}

impl PanelEnv<'_> {
    pub fn push(&mut self, action: Action) {
        self.actions.push(action);
    }
}

/// Layers of other formats with their titles.
fn vector_layers(env: &PanelEnv<'_>) -> Vec<(LayerId, String)> {
    let document = &env.session.document;
    let layers = document.layers();
    layers
        .iter()
        .filter(|shown| matches!(shown.layer.source, LayerSource::Vector(_)))
        .map(|shown| {
            let title = layer_title(shown.layer, &env.session.schema, lang());
            (shown.layer.id.clone(), title)
        })
        .collect()
}

/// The state of all panels of one open project.
#[derive(Default)]
pub struct Panels {
    pub layers: layers::LayersPanel,
    pub identify: identify::IdentifyPanel,
    pub burst: burst::BurstPanel,
    pub path: path::PathPanel,
    pub issues: issues::IssuesPanel,
    pub measure: measure::MeasurePanel,
    pub bookmarks: bookmarks::BookmarksPanel,
    pub overview: overview::OverviewPanel,
    pub print: print::PrintPanel,
    pub labels: labels::LabelsPanel,
    pub edit: edit::EditPanel,
    pub history: history::HistoryPanel,
    pub operations: operations::OperationsPanel,
    pub engineering: engineering::EngineeringPanel,
    pub depth: depth::DepthPanel,
    pub parts: parts::PartsPanel,
    pub query: query::QueryPanel,
    pub statistics: statistics::StatisticsPanel,
    pub table: table::TablePanel,
}

impl Panels {
    /// Whether an answer is on its way that some panel will show.
    pub fn is_waiting(&self) -> bool {
        self.burst.is_waiting
            || self.path.is_waiting
            || self.print.is_waiting()
            || self.layers.is_waiting
            || self.edit.under_way > 0
            || self.history.is_asked
            || self.engineering.is_asked
            || self.depth.is_waiting
            || self.parts.is_asked
            || self.query.is_busy()
            || self.statistics.is_waiting
            || self.table.is_waiting
            || self.table.is_planning()
            || self.table.is_reading()
            || self.identify.trace.is_waiting()
            || matches!(self.identify.attributes, identify::Attributes::Loading)
    }
}
