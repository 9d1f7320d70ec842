//! The map widget. Placeholder: an empty ground with the contract's entry points.

use std::sync::Arc;

use gis_core::network::Network;

use crate::view::{MapInput, MapOutput};

pub struct MapView {
    network: Option<Arc<Network>>,
}

impl MapView {
    pub fn new(_render_state: &egui_wgpu::RenderState) -> Self {
        Self { network: None }
    }

    pub fn set_network(&mut self, network: Arc<Network>) {
        self.network = Some(network);
    }

    pub fn clear(&mut self) {
        self.network = None;
    }

    pub fn zoom_to(&mut self, _extent: [f64; 4]) {}

    pub fn zoom_full(&mut self) {}

    pub fn ui(&mut self, ui: &mut egui::Ui, input: &MapInput<'_>) -> MapOutput {
        let rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, egui::Sense::click_and_drag());
        ui.painter().rect_filled(rect, 0.0, input.theme.map.background.0);
        MapOutput::default()
    }
}
