//! What diagrams are made for: the values of a field, or the areas of a foreign layer of the map.

use egui::{ComboBox, TextEdit, Ui};
use gis_core::cartography::layers::{DiagramZones, LayerId, LayerSource, Zones};
use gis_core::cartography::thematic::layer_title;
use gis_core::expr::Scope;

use super::properties::expression_ui;
use crate::i18n::{lang, tr};
use crate::panels::PanelEnv;

pub(super) fn zones_ui(ui: &mut Ui, env: &PanelEnv<'_>, scope: &Scope, zones: &mut Zones) {
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
        Zones::Areas(areas) => areas_ui(ui, env, areas),
    }
}

fn areas_ui(ui: &mut Ui, env: &PanelEnv<'_>, areas: &mut DiagramZones) {
    let layers = vector_layers(env);
    if layers.is_empty() {
        ui.weak(tr("layers.style.zones_none"));
    }
    let chosen = layers.iter().find(|(id, _)| *id == areas.layer);
    ComboBox::from_label(tr("layers.style.zones_layer"))
        .selected_text(chosen.map_or("–", |(_, title)| title))
        .show_ui(ui, |ui| {
            for (id, title) in &layers {
                ui.selectable_value(&mut areas.layer, id.clone(), title);
            }
        });
    let label = ui.label(tr("layers.style.zones_name"));
    ui.add(TextEdit::singleline(&mut areas.name))
        .labelled_by(label.id);
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
