//! A frame of the map without a window.

use std::time::Duration;

use egui_wgpu::wgpu;
use karez::map::{Camera, FrameView, LINE_BUDGET};

pub(crate) const SIZE: [f32; 2] = [1_920.0, 1_080.0];

pub(crate) fn frame_view(camera: &Camera) -> FrameView {
    FrameView {
        view: camera.view(),
        centre: camera.centre,
        rotation_rad: camera.rotation_rad,
        size_points: SIZE,
        px_per_point: 1.0,
        scale_denominator: camera.scale_denominator(),
        line_budget: LINE_BUDGET,
    }
}

pub(crate) fn target(render_state: &egui_wgpu::RenderState) -> wgpu::TextureView {
    let texture = render_state.device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d {
            width: SIZE[0] as u32,
            height: SIZE[1] as u32,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: render_state.target_format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    });
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
