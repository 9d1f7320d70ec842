//! What diagrams are made for: the values of a field, or the areas of a foreign layer of the map.

use std::collections::BTreeMap;

use egui::Ui;
use gis_core::cartography::layers::{DiagramZones, LayerId, Zones};
use gis_core::expr::Scope;

use super::properties::expression_ui;
use crate::i18n::tr;
use crate::map::under::UnderState;
use crate::panels::{PanelEnv, vector_layers, widgets};

pub(super) fn zones_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    scope: &Scope,
    states: &BTreeMap<LayerId, UnderState>,
    zones: &mut Zones,
) {
    let mut by_areas = matches!(zones, Zones::Areas(_));
    let was = by_areas;
    ui.label(tr("layers.style.zones"));
    ui.radio_value(&mut by_areas, false, tr("layers.style.zones_value"));
    ui.radio_value(&mut by_areas, true, tr("layers.style.zones_areas"));
    if by_areas != was {
        *zones = if by_areas {
            Zones::Areas(DiagramZones {
                layer: vector_layers(env)
                    .first()
                    .map(|(id, _)| id.clone())
                    .unwrap_or_default(),
                name: String::new(),
            })
        } else {
            Zones::Value("dma".to_owned())
        };
    }
    match zones {
        Zones::Value(zone) => {
            let label = ui.label(tr("layers.style.zone"));
            expression_ui(ui, env.theme, zone, scope, "dma", &label);
        }
        Zones::Areas(areas) => areas_ui(ui, env, states, areas),
    }
}

fn areas_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    states: &BTreeMap<LayerId, UnderState>,
    areas: &mut DiagramZones,
) {
    let layers = vector_layers(env);
    if layers.is_empty() {
        ui.weak(tr("layers.style.zones_none"));
    }
    let chosen = layers.iter().find(|(id, _)| *id == areas.layer);
    let shown = chosen.map_or("–", |(_, title)| title);
    widgets::choice_ui(ui, "layers.style.zones_layer", shown, |ui| {
        for (id, title) in &layers {
            ui.selectable_value(&mut areas.layer, id.clone(), title);
        }
    });
    let columns = states.get(&areas.layer).map(|state| state.facts.columns.clone());
    let shown = areas.name.clone();
    widgets::choice_ui(ui, "layers.style.zones_name", &shown, |ui| {
        ui.selectable_value(&mut areas.name, String::new(), "–");
        for column in columns.unwrap_or_default() {
            ui.selectable_value(&mut areas.name, column.clone(), column);
        }
    });
}
