//! What lies under the network: pictures, foreign layers and topographic maps, each with its properties. It changes
//! nothing itself; the layers belong to the map document.

use egui::{RichText, Slider, Ui};
use gis_core::Message;
use gis_core::cartography::layers::{
    Layer, LayerSource, MapDocument, RasterSource, Stretch, TopoBook, TopoMap, VectorSource,
};

use super::widgets;
use crate::i18n::{lang, say, tr};
use crate::map::foreign::Comparison;
use crate::map::under::{Compare, UnderState};
use crate::shell::action::{Action, FilePurpose};
use crate::shell::ground::GroundAction;
use crate::theme::Theme;

/// What the panel shows.
pub struct GroundEnv<'a> {
    pub document: &'a MapDocument,
    pub topographic: &'a TopoBook,
    pub theme: &'a Theme,
    /// How each layer is doing, and what it is compared with.
    pub states: &'a dyn Fn(&Layer) -> (UnderState, Compare),
    /// The file of an issue.
    pub issue_path: &'a dyn Fn(&str) -> String,
    pub actions: &'a mut Vec<Action>,
}

impl GroundEnv<'_> {
    fn push(&mut self, action: GroundAction) {
        self.actions.push(Action::Ground(action));
    }
}

pub fn ground_ui(ui: &mut Ui, env: &mut GroundEnv<'_>) {
    ui.horizontal_wrapped(|ui| {
        for (key, purpose) in [
            ("imagery.panel.add_imagery", FilePurpose::Imagery),
            ("imagery.panel.add_foreign", FilePurpose::ForeignLayer),
            ("imagery.panel.add_issue", FilePurpose::TopographicIssue),
        ] {
            if ui.button(tr(key)).clicked() {
                env.actions.push(Action::ChooseFile(purpose));
            }
        }
    });
    ui.separator();
    let layers: Vec<&Layer> = env
        .document
        .layers()
        .into_iter()
        .map(|shown| shown.layer)
        .filter(|l| {
            matches!(
                l.source,
                LayerSource::Raster(_) | LayerSource::Vector(_) | LayerSource::Tiles(_)
            )
        })
        .collect();
    if layers.is_empty() {
        widgets::empty_ui(ui, env.theme, &tr("imagery.panel.empty"));
        return;
    }
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for layer in layers {
                ui.push_id(&layer.id, |ui| layer_ui(ui, env, layer));
                ui.separator();
            }
        });
}

/// What the layer is called.
pub fn title_of(layer: &Layer) -> String {
    layer.title.clone().unwrap_or_else(|| {
        let path = match &layer.source {
            LayerSource::Raster(source) => &source.path,
            LayerSource::Vector(source) => &source.path,
            LayerSource::Tiles(source) => &source.location,
            _ => return String::new(),
        };
        std::path::Path::new(path)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    })
}

fn layer_ui(ui: &mut Ui, env: &mut GroundEnv<'_>, layer: &Layer) {
    let (state, compare) = (env.states)(layer);
    let mut changed = layer.clone();
    ui.horizontal(|ui| {
        ui.checkbox(&mut changed.is_visible, RichText::new(title_of(layer)).strong());
        if state.is_opening {
            ui.spinner();
        }
    });
    ui.horizontal_wrapped(|ui| {
        for (label, tip, action) in [
            (
                "↑",
                "imagery.panel.up",
                GroundAction::Move(layer.id.clone(), true),
            ),
            (
                "↓",
                "imagery.panel.down",
                GroundAction::Move(layer.id.clone(), false),
            ),
            (
                "×",
                "imagery.panel.remove",
                GroundAction::Remove(layer.id.clone()),
            ),
        ] {
            if ui.small_button(label).on_hover_text(tr(tip)).clicked() {
                env.push(action);
            }
        }
        if let Some(web_box) = state.web_box
            && ui.small_button(tr("imagery.panel.zoom")).clicked()
        {
            env.push(GroundAction::ZoomTo(web_box));
        }
    });
    notices_ui(ui, env, layer, &state);
    ui.add(
        Slider::new(&mut changed.opacity, 0.0..=1.0)
            .text(tr("imagery.panel.opacity"))
            .show_value(false),
    );
    match &mut changed.source {
        LayerSource::Raster(source) => raster_ui(ui, env, layer, source),
        LayerSource::Vector(source) => topographic_ui(ui, env, layer, source, compare),
        _ => {}
    }
    if changed != *layer {
        env.push(GroundAction::SetLayer(Box::new(changed)));
    }
}

fn notices_ui(ui: &mut Ui, env: &mut GroundEnv<'_>, layer: &Layer, state: &UnderState) {
    let s = &env.theme.status;
    if let Some(failure) = &state.failure {
        widgets::notice_ui(ui, s.error.0, s.error_ground.0, &say(failure));
    }
    if state.is_cut {
        widgets::notice_ui(ui, s.warning.0, s.warning_ground.0, &tr("imagery.panel.cut"));
    }
    if state.wants_pyramids
        && let LayerSource::Raster(source) = &layer.source
    {
        widgets::notice_ui(ui, s.info.0, s.info_ground.0, &tr("imagery.panel.slow"));
        if ui.button(tr("imagery.panel.pyramids")).clicked() {
            env.push(GroundAction::BuildPyramids(source.path.clone().into()));
        }
    }
}

fn raster_ui(ui: &mut Ui, env: &mut GroundEnv<'_>, layer: &Layer, source: &mut RasterSource) {
    egui::CollapsingHeader::new(tr("imagery.panel.properties")).show(ui, |ui| {
        ui.add(Slider::new(&mut source.brightness, -1.0..=1.0).text(tr("imagery.panel.brightness")));
        ui.add(Slider::new(&mut source.contrast, 0.0..=4.0).text(tr("imagery.panel.contrast")));
        egui::ComboBox::from_label(tr("imagery.panel.stretch"))
            .selected_text(tr(&format!("imagery.stretch.{}", source.stretch.key())))
            .show_ui(ui, |ui| {
                for stretch in Stretch::ALL {
                    let name = tr(&format!("imagery.stretch.{}", stretch.key()));
                    ui.selectable_value(&mut source.stretch, stretch, name);
                }
            });
        let mut has_nodata = source.nodata.is_some();
        ui.horizontal(|ui| {
            if ui.checkbox(&mut has_nodata, tr("imagery.panel.nodata")).changed() {
                source.nodata = has_nodata.then_some(0.0);
            }
            if let Some(nodata) = &mut source.nodata {
                ui.add(egui::DragValue::new(nodata));
            }
        });
        let mut has_bands = source.bands.is_some();
        ui.horizontal(|ui| {
            if ui.checkbox(&mut has_bands, tr("imagery.panel.bands")).changed() {
                source.bands = has_bands.then_some([1, 1, 1]);
            }
            for band in source.bands.iter_mut().flatten() {
                ui.add(egui::DragValue::new(band).range(1..=999));
            }
        });
        if ui.button(tr("imagery.panel.place")).clicked() {
            env.push(GroundAction::Place(layer.id.clone()));
        }
    });
}

/// Issues of a topographic map: which is shown, how two compare, what happened.
fn topographic_ui(
    ui: &mut Ui,
    env: &mut GroundEnv<'_>,
    layer: &Layer,
    source: &VectorSource,
    mut compare: Compare,
) {
    let Some(issue) = &source.topographic else { return };
    let Some(map) = env.topographic.maps.iter().find(|m| m.name == issue.map) else {
        return;
    };
    let before = compare.clone();
    egui::ComboBox::from_label(tr("imagery.topo.issue"))
        .selected_text(&map.current)
        .show_ui(ui, |ui| {
            for record in &map.issues {
                let is_current = record.issue == map.current;
                if ui.selectable_label(is_current, &record.issue).clicked() && !is_current {
                    env.push(GroundAction::SwitchIssue(map.name.clone(), record.issue.clone()));
                }
            }
        });
    let other = compare.other.as_ref().and_then(|o| o.topographic.as_ref());
    let shown = other.map_or_else(|| tr("imagery.topo.nothing"), |o| o.issue.clone());
    egui::ComboBox::from_label(tr("imagery.topo.compare"))
        .selected_text(shown)
        .show_ui(ui, |ui| {
            if ui
                .selectable_label(compare.other.is_none(), tr("imagery.topo.nothing"))
                .clicked()
            {
                compare = Compare::default();
            }
            for record in map.issues.iter().filter(|r| r.issue != map.current) {
                if ui.selectable_label(false, &record.issue).clicked() {
                    let mut other = source.clone();
                    other.path = (env.issue_path)(&record.file);
                    if let Some(topographic) = &mut other.topographic {
                        topographic.issue.clone_from(&record.issue);
                    }
                    compare.other = Some(other);
                    compare.how = Comparison::Colours;
                }
            }
        });
    if compare.other.is_some() {
        compare_ui(ui, env.theme, &mut compare.how);
    }
    if compare != before {
        env.push(GroundAction::Compare(layer.id.clone(), Box::new(compare)));
    }
    egui::CollapsingHeader::new(tr("imagery.topo.history")).show(ui, |ui| history_ui(ui, env.theme, map));
}

fn compare_ui(ui: &mut Ui, theme: &Theme, how: &mut Comparison) {
    ui.horizontal_wrapped(|ui| {
        for (mode, key) in [
            (Comparison::New, "imagery.topo.only_new"),
            (Comparison::Old, "imagery.topo.only_old"),
            (Comparison::Colours, "imagery.topo.colours"),
            (Comparison::Swipe(0.5), "imagery.topo.swipe"),
        ] {
            let is_chosen = std::mem::discriminant(how) == std::mem::discriminant(&mode);
            if ui.selectable_label(is_chosen, tr(key)).clicked() && !is_chosen {
                *how = mode;
            }
        }
    });
    if let Comparison::Swipe(share) = how {
        ui.add(Slider::new(share, 0.0..=1.0).show_value(false));
    }
    if *how == Comparison::Colours {
        for (colour, key) in [
            (theme.status.error.0, "imagery.topo.gone"),
            (theme.status.success.0, "imagery.topo.added"),
        ] {
            ui.label(RichText::new(tr(key)).color(colour).small());
        }
    }
}

fn history_ui(ui: &mut Ui, theme: &Theme, map: &TopoMap) {
    let mut lines: Vec<(u64, Message)> = Vec::new();
    for record in &map.issues {
        let message = Message::new("imagery.topo.was_added")
            .with("issue", &record.issue)
            .with("by", &record.by)
            .with("source", &record.source)
            .with("features", record.features)
            .with("note", &record.note);
        lines.push((record.added_unix_ms, message));
    }
    for event in &map.history {
        let message = Message::new("imagery.topo.was_switched")
            .with("from", &event.from)
            .with("to", &event.to)
            .with("by", &event.by);
        lines.push((event.at_unix_ms, message));
    }
    lines.sort_by_key(|(at, _)| *at);
    for (at, message) in lines {
        ui.label(RichText::new(day(at)).small().color(theme.text.weak.0));
        ui.label(RichText::new(message.text(lang())).small());
    }
}

/// Local date and time.
fn day(unix_ms: u64) -> String {
    chrono::DateTime::from_timestamp_millis(unix_ms as i64)
        .map(|t| {
            t.with_timezone(&chrono::Local)
                .format("%Y-%m-%d %H:%M")
                .to_string()
        })
        .unwrap_or_default()
}
