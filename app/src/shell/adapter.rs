//! Which graphics adapter draws the window: the best one there is, down to one that computes in software, so
//! that the program also opens on machines without a driver. It draws nothing.

use std::sync::Arc;

use egui_wgpu::wgpu::{self, DeviceType};

/// Smaller is better.
fn rank(device: DeviceType) -> u8 {
    match device {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

pub(super) fn is_software(info: &wgpu::AdapterInfo) -> bool {
    // GL on llvmpipe says that it is "other" or "integrated"; its name gives it away.
    let name = info.name.to_lowercase();
    info.device_type == DeviceType::Cpu
        || ["llvmpipe", "softpipe", "swiftshader"]
            .iter()
            .any(|n| name.contains(n))
}

/// eframe's setup with our choice of adapter. `WGPU_BACKEND` still limits what is looked at.
pub(super) fn wgpu_options() -> egui_wgpu::WgpuConfiguration {
    let mut setup = egui_wgpu::WgpuSetupCreateNew::without_display_handle();
    setup.native_adapter_selector = Some(Arc::new(|adapters, surface| {
        let fits = |adapter: &&wgpu::Adapter| surface.is_none_or(|s| adapter.is_surface_supported(s));
        let best = adapters.iter().filter(fits).min_by_key(|adapter| {
            let info = adapter.get_info();
            (
                is_software(&info),
                rank(info.device_type),
                info.backend == wgpu::Backend::Gl,
            )
        });
        let names = || {
            adapters
                .iter()
                .map(|a| a.get_info().name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        best.cloned().ok_or_else(|| {
            format!("no graphics adapter can draw to this window; found: [{}]. Install a graphics driver, or Mesa's lavapipe (package mesa-vulkan-drivers)", names())
        })
    }));
    egui_wgpu::WgpuConfiguration {
        wgpu_setup: setup.into(),
        ..Default::default()
    }
}
