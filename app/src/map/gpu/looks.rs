//! The number of every feature's look as a texture that the shader reads. It does not know how a look looks.

use std::sync::Arc;

use egui_wgpu::wgpu;

use super::pipelines::Gpu;

/// Numbers in one row of the texture, where the card takes rows that long.
const MOST_ACROSS: u32 = 8_192;
const NUMBER_BYTES: usize = size_of::<u16>();

/// A table on its way to the card. It is shown once it is complete, so that no picture mixes old looks with new ones.
#[derive(Debug)]
pub(in crate::map) struct LookTable {
    texture: wgpu::Texture,
    numbers: Arc<[u16]>,
    sent: usize,
}

impl LookTable {
    pub(in crate::map) fn new(gpu: &Gpu, numbers: Arc<[u16]>) -> Self {
        let most = gpu.device.limits().max_texture_dimension_2d;
        let width = most.min(MOST_ACROSS);
        let rows = numbers.len().div_ceil(width as usize).max(1);
        // What finds no room is looked up beyond the edge, which reads as the standard look.
        let height = u32::try_from(rows).unwrap_or(u32::MAX).min(most);
        Self {
            texture: look_texture(&gpu.device, [width, height]),
            numbers,
            sent: 0,
        }
    }

    pub(in crate::map) fn is_complete(&self) -> bool {
        let room = self.texture.width() as usize * self.texture.height() as usize;
        self.sent >= self.numbers.len().min(room)
    }

    /// Sends the next rows, at least one and at most about `budget` bytes; returns their bytes.
    pub(in crate::map) fn send(&mut self, gpu: &Gpu, budget: usize) -> usize {
        let width = self.texture.width() as usize;
        let before = self.sent;
        let left = self.texture.height() as usize - before / width;
        let rows = (budget / (width * NUMBER_BYTES)).clamp(1, left.max(1));
        let end = (before + rows * width).min(self.numbers.len());
        let whole = before + (end - before) / width * width;
        for part in [before..whole, whole..end] {
            let columns = part.len().min(width);
            if columns > 0 {
                self.write(gpu, part.start / width, columns, &self.numbers[part]);
            }
        }
        self.sent = end;
        (end - before) * NUMBER_BYTES
    }

    fn write(&self, gpu: &Gpu, first_row: usize, columns: usize, numbers: &[u16]) {
        gpu.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d {
                    x: 0,
                    y: first_row as u32,
                    z: 0,
                },
                aspect: wgpu::TextureAspect::All,
            },
            bytemuck::cast_slice(numbers),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some((columns * NUMBER_BYTES) as u32),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width: columns as u32,
                height: (numbers.len() / columns) as u32,
                depth_or_array_layers: 1,
            },
        );
    }

    pub(super) fn into_texture(self) -> wgpu::Texture {
        self.texture
    }
}

pub(super) fn look_texture(device: &wgpu::Device, [width, height]: [u32; 2]) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("map looks"),
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::R16Uint,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}
