//! Chooses the graphics adapter. A machine without a usable card gets a software adapter rather than no window.

use std::sync::Arc;

use egui_wgpu::wgpu;

/// For `eframe::NativeOptions::wgpu_options`: discrete, integrated, virtual, then software, whichever can show
/// the window. `WGPU_BACKEND` still chooses the interface.
pub fn wgpu_setup() -> egui_wgpu::WgpuSetup {
    let mut setup = egui_wgpu::WgpuSetupCreateNew::without_display_handle();
    setup.native_adapter_selector = Some(Arc::new(|adapters, surface| {
        let can_show = |adapter: &&wgpu::Adapter| surface.is_none_or(|s| adapter.is_surface_supported(s));
        adapters
            .iter()
            .filter(can_show)
            .min_by_key(|adapter| {
                let info = adapter.get_info();
                (
                    rank(info.device_type),
                    u8::from(info.backend == wgpu::Backend::Gl),
                )
            })
            .cloned()
            .ok_or_else(|| "no graphics adapter can show the window, not even a software one".to_owned())
    }));
    egui_wgpu::WgpuSetup::CreateNew(setup)
}

fn rank(device: wgpu::DeviceType) -> u8 {
    match device {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}
