//! How a picture under the network is drawn, and what is the matter with what lies there. It opens no file.

use egui::{DragValue, Slider, Ui};
use gis_core::cartography::layers::{LayerId, LayerSource, RasterSource, Stretch};

use crate::i18n::{say, tr};
use crate::map::under::UnderState;
use crate::panels::{PanelEnv, widgets};
use crate::shell::action::Action;
use crate::shell::ground::GroundAction;

pub(super) fn notices_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, source: &LayerSource, state: &UnderState) {
    let s = &env.theme.status;
    if let Some(trouble) = &state.trouble {
        widgets::notice_ui(ui, s.error.0, s.error_ground.0, &say(trouble));
    }
    if state.is_cut {
        widgets::notice_ui(ui, s.warning.0, s.warning_ground.0, &tr("imagery.panel.cut"));
    }
    if state.wants_pyramids
        && let LayerSource::Raster(source) = source
    {
        widgets::notice_ui(ui, s.info.0, s.info_ground.0, &tr("imagery.panel.slow"));
        if ui.button(tr("imagery.panel.pyramids")).clicked() {
            let path = source.path.clone().into();
            env.push(Action::Ground(GroundAction::BuildPyramids(path)));
        }
    }
}

pub(super) fn image_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, id: &LayerId, source: &mut RasterSource) {
    ui.add(Slider::new(&mut source.brightness, -1.0..=1.0).text(tr("imagery.panel.brightness")));
    ui.add(Slider::new(&mut source.contrast, 0.0..=4.0).text(tr("imagery.panel.contrast")));
    let name = |stretch: Stretch| tr(&format!("imagery.stretch.{}", stretch.key()));
    let shown = name(source.stretch);
    widgets::choice_ui(ui, "imagery.panel.stretch", &shown, |ui| {
        for stretch in Stretch::ALL {
            ui.selectable_value(&mut source.stretch, stretch, name(stretch));
        }
    });
    let mut has_nodata = source.nodata.is_some();
    ui.horizontal(|ui| {
        if ui.checkbox(&mut has_nodata, tr("imagery.panel.nodata")).changed() {
            source.nodata = has_nodata.then_some(0.0);
        }
        if let Some(nodata) = &mut source.nodata {
            ui.add(DragValue::new(nodata));
        }
    });
    let mut has_bands = source.bands.is_some();
    ui.horizontal(|ui| {
        if ui.checkbox(&mut has_bands, tr("imagery.panel.bands")).changed() {
            source.bands = has_bands.then_some([1, 1, 1]);
        }
        for band in source.bands.iter_mut().flatten() {
            ui.add(DragValue::new(band).range(1..=999));
        }
    });
    ui.add_space(6.0);
    if ui.button(tr("imagery.panel.place")).clicked() {
        env.push(Action::Ground(GroundAction::Place(id.clone())));
    }
}
