//! Buffers of blocks and the commands of one frame. It decides neither what is in view nor how it looks.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytemuck::Pod;
use egui_wgpu::wgpu::{self, util::DeviceExt as _};
use gis_core::cartography::chunks::{Chunk, DrawList, OfFeature, Patch};

use super::pipelines::{BlockUniform, Gpu, NO_LOOKS};

/// The camera as the shader needs it; pixels are physical.
#[derive(Debug, Clone, Copy)]
pub(in crate::map) struct Place {
    /// Mercator metres at the middle of the viewport.
    pub(in crate::map) centre: [f64; 2],
    /// Clockwise turn of the map.
    pub(in crate::map) rotation_rad: f64,
    pub(in crate::map) metres_per_px: f64,
    pub(in crate::map) viewport_px: [f32; 2],
    pub(in crate::map) px_per_point: f32,
    /// Factors on the widths and sizes of the style rows.
    pub(in crate::map) line_scale: f32,
    pub(in crate::map) symbol_scale: f32,
    pub(in crate::map) scale_denominator: f32,
    /// First row of the looks in the style texture.
    pub(in crate::map) first_look: u32,
}

/// Where the shader finds how a batch looks.
#[derive(Debug, Clone, Copy)]
pub(in crate::map) struct Tables {
    /// Row of its style number 0.
    pub(in crate::map) first_row: u32,
    /// Place of its feature 0 in the table of looks; `None` where features have no look of their own.
    pub(in crate::map) first_feature: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::map) enum Batch {
    Lines,
    /// Flow arrows over the segments of `Lines`, from the same buffers.
    Arrows,
    Symbols,
}

/// One buffer per block, made when the block is first seen.
#[derive(Debug, Default)]
pub(in crate::map) struct Layers {
    buffers: Vec<Option<wgpu::Buffer>>,
    bytes: usize,
}

impl Layers {
    /// For that many blocks, none of them on the card yet.
    pub(in crate::map) fn new(chunk_count: usize) -> Self {
        Self {
            buffers: vec![None; chunk_count],
            bytes: 0,
        }
    }

    /// These blocks have changed: they are sent again when they are next seen.
    pub(in crate::map) fn forget(&mut self, blocks: &[u32]) {
        for block in blocks {
            if let Some(old) = self.buffers.get_mut(*block as usize).and_then(Option::take) {
                self.bytes = self.bytes.saturating_sub(old.size() as usize);
            }
        }
    }

    /// Bytes on the card.
    pub(in crate::map) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Up to four arrows a segment, two triangles each; `map.wgsl` counts the same.
const ARROW_VERTICES: u32 = 24;

struct DrawCall {
    batch: Batch,
    buffer: wgpu::Buffer,
    start: u32,
    end: u32,
    uniform_offset: u32,
}

/// Collects what one frame draws, in order.
pub(in crate::map) struct Frame {
    place: Place,
    uniforms: Vec<u8>,
    draws: Vec<DrawCall>,
    upload_left: usize,
    uploaded: usize,
    is_incomplete: bool,
}

impl Frame {
    /// At most `upload_budget` bytes of new blocks go to the card; the rest must wait for the next frame.
    pub(in crate::map) fn new(place: Place, upload_budget: usize) -> Self {
        Self {
            place,
            uniforms: Vec::new(),
            draws: Vec::new(),
            upload_left: upload_budget,
            uploaded: 0,
            is_incomplete: false,
        }
    }

    /// Blocks were left out because the card's share of this frame was used up.
    pub(in crate::map) fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    pub(in crate::map) fn uploaded_bytes(&self) -> usize {
        self.uploaded
    }

    pub(in crate::map) fn draw_count(&self) -> usize {
        self.draws.len()
    }

    /// Adds the listed stretches.
    pub(in crate::map) fn add<T: Pod + OfFeature>(
        &mut self,
        gpu: &Gpu,
        batch: Batch,
        (chunks, patch): (&[Chunk<T>], Option<&Patch<T>>),
        list: &DrawList,
        layers: &mut Layers,
        tables: Tables,
    ) {
        let count = patch.map_or(chunks.len(), |patch| patch.count(chunks));
        if layers.buffers.len() < count {
            layers.buffers.resize(count, None);
        }
        let mut block = None;
        for draw in &list.draws {
            let i = draw.chunk as usize;
            let chunk = match patch {
                Some(patch) => patch.get(chunks, draw.chunk),
                None => chunks.get(i),
            };
            let Some(chunk) = chunk else { continue };
            let instances = || match patch {
                Some(patch) => patch.instances(chunk, draw.chunk),
                None => Cow::from(&chunk.instances),
            };
            let Some(buffer) = self.buffer(gpu, instances, &mut layers.buffers[i], &mut layers.bytes) else {
                continue;
            };
            let uniform_offset = match block {
                Some((known, offset)) if known == draw.chunk => offset,
                _ => self.push_uniform(gpu, chunk.origin, tables),
            };
            block = Some((draw.chunk, uniform_offset));
            self.draws.push(DrawCall {
                batch,
                buffer,
                start: draw.start,
                end: draw.end,
                uniform_offset,
            });
        }
    }

    fn buffer<'a, T: Pod>(
        &mut self,
        gpu: &Gpu,
        instances: impl FnOnce() -> Cow<'a, [T]>,
        slot: &mut Option<wgpu::Buffer>,
        bytes: &mut usize,
    ) -> Option<wgpu::Buffer> {
        if slot.is_none() {
            let instances = instances();
            let contents: &[u8] = bytemuck::cast_slice(&instances);
            // The first block always goes, so that a small budget cannot stop the map for good.
            if contents.len() > self.upload_left && self.uploaded > 0 {
                self.is_incomplete = true;
                return None;
            }
            self.upload_left = self.upload_left.saturating_sub(contents.len());
            self.uploaded += contents.len();
            *bytes += contents.len();
            *slot = Some(gpu.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("map block"),
                contents,
                usage: wgpu::BufferUsages::VERTEX,
            }));
        }
        slot.clone()
    }

    fn push_uniform(&mut self, gpu: &Gpu, origin: [f64; 2], tables: Tables) -> u32 {
        let place = &self.place;
        let offset = self.uniforms.len();
        let uniform = BlockUniform {
            delta: [0, 1].map(|axis| (origin[axis] - place.centre[axis]) as f32),
            viewport_px: place.viewport_px,
            px_per_metre: (1.0 / place.metres_per_px) as f32,
            px_per_point: place.px_per_point,
            line_scale: place.line_scale,
            symbol_scale: place.symbol_scale,
            first_row: tables.first_row,
            is_linear_target: u32::from(gpu.is_linear_target),
            turn: [place.rotation_rad.cos() as f32, place.rotation_rad.sin() as f32],
            first_feature: tables.first_feature.unwrap_or(NO_LOOKS),
            first_look: place.first_look,
            scale_denominator: place.scale_denominator,
            unused: 0,
        };
        self.uniforms.extend_from_slice(bytemuck::bytes_of(&uniform));
        self.uniforms.resize(offset + gpu.uniform_stride, 0);
        offset as u32
    }

    /// Hands the uniforms to the card. `encode_ns` receives the time that painting takes.
    pub(in crate::map) fn finish(self, gpu: &mut Gpu, encode_ns: Arc<AtomicU64>) -> Paint {
        gpu.write_uniforms(&self.uniforms);
        Paint {
            lines: gpu.lines.clone(),
            arrows: gpu.arrows.clone(),
            symbols: gpu.symbols.clone(),
            bind_group: gpu.bind_group.clone(),
            draws: self.draws,
            encode_ns,
        }
    }
}

/// The one paint callback of a frame.
pub struct Paint {
    lines: wgpu::RenderPipeline,
    arrows: wgpu::RenderPipeline,
    symbols: wgpu::RenderPipeline,
    bind_group: wgpu::BindGroup,
    draws: Vec<DrawCall>,
    encode_ns: Arc<AtomicU64>,
}

impl Paint {
    /// Records the draws into a pass whose viewport is the map.
    pub fn record(&self, pass: &mut wgpu::RenderPass<'_>) {
        let start = Instant::now();
        let mut batch = None;
        let mut uniform = None;
        for draw in &self.draws {
            if batch != Some(draw.batch) {
                batch = Some(draw.batch);
                pass.set_pipeline(match draw.batch {
                    Batch::Lines => &self.lines,
                    Batch::Arrows => &self.arrows,
                    Batch::Symbols => &self.symbols,
                });
            }
            if uniform != Some(draw.uniform_offset) {
                uniform = Some(draw.uniform_offset);
                pass.set_bind_group(0, &self.bind_group, &[draw.uniform_offset]);
                pass.set_vertex_buffer(0, draw.buffer.slice(..));
            }
            let vertices = match draw.batch {
                Batch::Arrows => ARROW_VERTICES,
                Batch::Lines | Batch::Symbols => 4,
            };
            pass.draw(0..vertices, draw.start..draw.end);
        }
        self.encode_ns
            .store(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
    }
}

impl egui_wgpu::CallbackTrait for Paint {
    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        render_pass: &mut wgpu::RenderPass<'static>,
        _callback_resources: &egui_wgpu::CallbackResources,
    ) {
        self.record(render_pass);
    }
}
