//! The drawings of node symbols on the graphics card. It does not draw them.

use egui_wgpu::wgpu;
use gis_core::cartography::SymbolAtlas;

/// Side of the largest picture of a symbol.
const CELL_PX: u32 = 64;

/// Makes the texture with all its levels, and the way it is read.
pub(super) fn symbol_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
) -> (wgpu::TextureView, wgpu::Sampler) {
    let atlas = SymbolAtlas::draw(CELL_PX).unwrap_or_else(|error| {
        log::error!("there are no symbols: {error}");
        SymbolAtlas {
            columns: 1,
            cell_px: 1,
            size: [1, 1],
            levels: vec![vec![0, 255]],
        }
    });
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("map symbols"),
        size: extent(atlas.size, 0),
        mip_level_count: atlas.levels.len() as u32,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rg8Unorm,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    for (level, bytes) in atlas.levels.iter().enumerate() {
        let size = extent(atlas.size, level as u32);
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &texture,
                mip_level: level as u32,
                origin: wgpu::Origin3d::ZERO,
                aspect: wgpu::TextureAspect::All,
            },
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(size.width * 2),
                rows_per_image: Some(size.height),
            },
            size,
        );
    }
    let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("map symbols"),
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        mipmap_filter: wgpu::MipmapFilterMode::Linear,
        ..wgpu::SamplerDescriptor::default()
    });
    (
        texture.create_view(&wgpu::TextureViewDescriptor::default()),
        sampler,
    )
}

fn extent([width, height]: [u32; 2], level: u32) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width: (width >> level).max(1),
        height: (height >> level).max(1),
        depth_or_array_layers: 1,
    }
}
