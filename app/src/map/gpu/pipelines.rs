//! Pipelines, the style texture and the block of uniforms. It draws nothing itself.

use std::borrow::Cow;
use std::num::NonZeroU64;

use egui_wgpu::wgpu;

use super::atlas::symbol_texture;
use super::looks::{LookTable, look_texture};
use crate::map::style_table::Row;
use gis_core::cartography::chunks::{Segment, Symbol};

/// What the shader needs to know about one block; `map.wgsl` declares the same.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct BlockUniform {
    /// Block origin minus middle of the map, in Mercator metres.
    pub(super) delta: [f32; 2],
    pub(super) viewport_px: [f32; 2],
    pub(super) px_per_metre: f32,
    pub(super) px_per_point: f32,
    pub(super) line_scale: f32,
    pub(super) symbol_scale: f32,
    /// First row of this table in the style texture.
    pub(super) first_row: u32,
    pub(super) is_linear_target: u32,
    /// Cosine and sine of the map's clockwise turn.
    pub(super) turn: [f32; 2],
    /// Place of feature 0 in the look texture, or [`NO_LOOKS`].
    pub(super) first_feature: u32,
    /// Row of look 0 in the style texture.
    pub(super) first_look: u32,
    pub(super) scale_denominator: f32,
    pub(super) unused: u32,
}

/// Instead of a place in the look texture; `map.wgsl` declares the same.
pub(super) const NO_LOOKS: u32 = u32::MAX;

/// Rows of the style texture are this many styles wide; each style takes five texels.
const STYLES_PER_LINE: u32 = 256;
const TEXELS_PER_STYLE: u32 = 5;

/// Everything on the card that does not belong to one network.
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) lines: wgpu::RenderPipeline,
    pub(super) arrows: wgpu::RenderPipeline,
    pub(super) symbols: wgpu::RenderPipeline,
    bind_layout: wgpu::BindGroupLayout,
    pub(super) bind_group: wgpu::BindGroup,
    uniforms: wgpu::Buffer,
    uniform_capacity: usize,
    pub(super) uniform_stride: usize,
    style_texture: wgpu::Texture,
    symbol_texture: (wgpu::TextureView, wgpu::Sampler),
    look_texture: wgpu::Texture,
    style_capacity: usize,
    pub(super) is_linear_target: bool,
    is_software: bool,
}

impl Gpu {
    pub fn new(render_state: &egui_wgpu::RenderState) -> Self {
        let device = render_state.device.clone();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("map"),
            source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(include_str!("map.wgsl"))),
        });
        let uniform_stride = size_of::<BlockUniform>()
            .next_multiple_of(device.limits().min_uniform_buffer_offset_alignment as usize);
        let bind_layout = bind_layout(&device);
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("map"),
            bind_group_layouts: &[Some(&bind_layout)],
            immediate_size: 0,
        });
        let format = render_state.target_format;
        let segment = wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Uint32, 3 => Uint32];
        let symbol = wgpu::vertex_attr_array![0 => Float32x2, 1 => Uint32, 2 => Uint32];
        let lines = pipeline(
            &device,
            &module,
            &layout,
            format,
            ("line_vertex", "line_fragment"),
            size_of::<Segment>() as u64,
            &segment,
        );
        let arrows = pipeline(
            &device,
            &module,
            &layout,
            format,
            ("arrow_vertex", "arrow_fragment"),
            size_of::<Segment>() as u64,
            &segment,
        );
        let symbols = pipeline(
            &device,
            &module,
            &layout,
            format,
            ("symbol_vertex", "symbol_fragment"),
            size_of::<Symbol>() as u64,
            &symbol,
        );
        let (uniform_capacity, style_capacity) = (256, STYLES_PER_LINE as usize);
        let uniforms = uniform_buffer(&device, uniform_capacity * uniform_stride);
        let style_texture = style_texture(&device, style_capacity);
        let symbol_texture = symbol_texture(&device, &render_state.queue);
        let look_texture = look_texture(&device, [1, 1]);
        let bind_group = bind_group(
            &device,
            &bind_layout,
            &uniforms,
            [&style_texture, &look_texture],
            &symbol_texture,
        );
        Self {
            queue: render_state.queue.clone(),
            lines,
            arrows,
            symbols,
            bind_layout,
            bind_group,
            uniforms,
            uniform_capacity,
            uniform_stride,
            style_texture,
            symbol_texture,
            look_texture,
            style_capacity,
            is_linear_target: format.is_srgb(),
            is_software: is_software(&render_state.adapter.get_info()),
            device,
        }
    }

    /// Drawing is done by the processor: worth a coarser map.
    pub fn is_software(&self) -> bool {
        self.is_software
    }

    /// Bytes held beside the blocks.
    pub(in crate::map) fn shared_bytes(&self) -> usize {
        let looks = self.look_texture.width() as usize * self.look_texture.height() as usize;
        self.uniform_capacity * self.uniform_stride
            + self.style_capacity * size_of::<Row>()
            + looks * size_of::<u16>()
    }

    /// From now on features look as this table says; `None`: none has a look of its own.
    pub(in crate::map) fn show_looks(&mut self, table: Option<LookTable>) {
        self.look_texture = table.map_or_else(|| look_texture(&self.device, [1, 1]), LookTable::into_texture);
        self.rebind();
    }

    pub(in crate::map) fn write_styles(&mut self, rows: &[Row]) {
        let line = STYLES_PER_LINE as usize;
        let needed = rows.len().next_multiple_of(line).max(line);
        if needed > self.style_capacity {
            self.style_capacity = needed;
            self.style_texture = style_texture(&self.device, needed);
            self.rebind();
        }
        let mut padded = rows.to_vec();
        padded.resize(needed, Row::default());
        let height = (needed / line) as u32;
        self.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.style_texture,
                mip_level: 0,
                origin: wgpu::Origin3d::ZERO,
                aspect: wgpu::TextureAspect::All,
            },
            bytemuck::cast_slice(&padded),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(STYLES_PER_LINE * size_of::<Row>() as u32),
                rows_per_image: Some(height),
            },
            wgpu::Extent3d {
                width: STYLES_PER_LINE * TEXELS_PER_STYLE,
                height,
                depth_or_array_layers: 1,
            },
        );
    }

    /// `bytes` is a multiple of the stride.
    pub(super) fn write_uniforms(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let count = bytes.len() / self.uniform_stride;
        if count > self.uniform_capacity {
            self.uniform_capacity = count.next_power_of_two();
            self.uniforms = uniform_buffer(&self.device, self.uniform_capacity * self.uniform_stride);
            self.rebind();
        }
        self.queue.write_buffer(&self.uniforms, 0, bytes);
    }

    fn rebind(&mut self) {
        self.bind_group = bind_group(
            &self.device,
            &self.bind_layout,
            &self.uniforms,
            [&self.style_texture, &self.look_texture],
            &self.symbol_texture,
        );
    }
}

fn is_software(info: &wgpu::AdapterInfo) -> bool {
    // llvmpipe through GL calls itself something else.
    info.device_type == wgpu::DeviceType::Cpu || info.name.to_lowercase().contains("llvmpipe")
}

fn bind_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("map"),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: true,
                    min_binding_size: NonZeroU64::new(size_of::<BlockUniform>() as u64),
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::VERTEX,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: false },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 2,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 3,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 4,
                visibility: wgpu::ShaderStages::VERTEX,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Uint,
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
        ],
    })
}

fn bind_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    uniforms: &wgpu::Buffer,
    [styles, looks]: [&wgpu::Texture; 2],
    (symbols, sampler): &(wgpu::TextureView, wgpu::Sampler),
) -> wgpu::BindGroup {
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("map"),
        layout,
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: uniforms,
                    offset: 0,
                    size: NonZeroU64::new(size_of::<BlockUniform>() as u64),
                }),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::TextureView(
                    &styles.create_view(&wgpu::TextureViewDescriptor::default()),
                ),
            },
            wgpu::BindGroupEntry {
                binding: 2,
                resource: wgpu::BindingResource::TextureView(symbols),
            },
            wgpu::BindGroupEntry {
                binding: 3,
                resource: wgpu::BindingResource::Sampler(sampler),
            },
            wgpu::BindGroupEntry {
                binding: 4,
                resource: wgpu::BindingResource::TextureView(
                    &looks.create_view(&wgpu::TextureViewDescriptor::default()),
                ),
            },
        ],
    })
}

fn uniform_buffer(device: &wgpu::Device, size: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("map blocks"),
        size: size as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn style_texture(device: &wgpu::Device, styles: usize) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("map styles"),
        size: wgpu::Extent3d {
            width: STYLES_PER_LINE * TEXELS_PER_STYLE,
            height: styles as u32 / STYLES_PER_LINE,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba32Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

fn pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    layout: &wgpu::PipelineLayout,
    format: wgpu::TextureFormat,
    (vertex, fragment): (&str, &str),
    instance_bytes: u64,
    attributes: &[wgpu::VertexAttribute],
) -> wgpu::RenderPipeline {
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(vertex),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(vertex),
            buffers: &[Some(wgpu::VertexBufferLayout {
                array_stride: instance_bytes,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes,
            })],
            compilation_options: wgpu::PipelineCompilationOptions::default(),
        },
        primitive: wgpu::PrimitiveState {
            // Several arrows belong to one segment; a strip would join them.
            topology: if vertex == "arrow_vertex" {
                wgpu::PrimitiveTopology::TriangleList
            } else {
                wgpu::PrimitiveTopology::TriangleStrip
            },
            ..wgpu::PrimitiveState::default()
        },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(fragment),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                // As egui blends: premultiplied, in the space of the target.
                blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
            compilation_options: wgpu::PipelineCompilationOptions::default(),
        }),
        multiview_mask: None,
        cache: None,
    })
}
