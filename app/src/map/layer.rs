//! The network and its highlights as a layer of the map: picks level and blocks, keeps styles and buffers in
//! step with theme, visibility and results. It handles no input and knows no widget.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use egui_wgpu::wgpu;
use gis_core::ClassIndex;
use gis_core::cartography::WebPlace;
use gis_core::cartography::chunks::{Detail, DrawList, Edits, NetworkChange, View};
use gis_core::network::{NodeIndex, PipeIndex};

use super::data::MapData;
use super::gpu::{Batch, Frame, Gpu, Layers, Paint, Place};
use super::highlight::{Highlights, node_symbol, pipe_look};
use super::style_table::{Row, Table, node_table, pipe_table};
use crate::theme::{Theme, ThemeKind};
use crate::view::{Highlight, LayerVisibility};

/// New blocks per frame, in bytes: a millisecond or two of copying. What is left over comes with the next frames.
const UPLOAD_BUDGET: usize = 3 << 19;
/// Flow arrows are drawn up to this scale denominator.
const ARROWS_BEYOND: f64 = 3_000.0;
/// The same where the processor draws.
const SOFTWARE_ARROWS_BEYOND: f64 = 1_000.0;
/// Segments a frame may draw before the next coarser level is taken.
pub const LINE_BUDGET: usize = 500_000;
/// The same where the processor draws.
pub const SOFTWARE_LINE_BUDGET: usize = 60_000;
/// Lines and symbols whose middle lies this far outside still reach into the map.
const RIM_PX: f64 = 24.0;

/// What the layer did in its last frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MapStats {
    pub detail: Option<Detail>,
    /// Blocks drawn, of lines, symbols and highlights together.
    pub chunks: usize,
    pub draw_calls: usize,
    pub segments: usize,
    pub symbols: usize,
    /// Choosing blocks, uploading, writing uniforms.
    pub prepare: Duration,
    /// Recording the commands; of the frame before.
    pub encode: Duration,
    pub uploaded_bytes: usize,
    pub gpu_bytes: usize,
    /// New blocks are still waiting for their turn.
    pub is_incomplete: bool,
}

impl MapStats {
    /// Processor time of the layer, without what the driver does with the commands.
    pub fn cpu_ms(&self) -> f64 {
        (self.prepare + self.encode).as_secs_f64() * 1e3
    }
}

/// How the map is looked at in one frame.
#[derive(Debug, Clone, Copy)]
pub struct FrameView {
    /// In points.
    pub view: View,
    pub centre: [f64; 2],
    /// Clockwise turn of the map.
    pub rotation_rad: f64,
    pub size_points: [f32; 2],
    pub px_per_point: f32,
    pub scale_denominator: f64,
    /// [`LINE_BUDGET`] or [`SOFTWARE_LINE_BUDGET`].
    pub line_budget: usize,
}

/// What the style rows were made from.
#[derive(Debug)]
struct StyleBasis {
    theme: ThemeKind,
    visibility: LayerVisibility,
}

/// A network on the graphics card.
pub struct NetworkLayer {
    data: Arc<MapData>,
    levels: Vec<Layers>,
    symbols: Layers,
    pipes: Table,
    nodes: Table,
    highlights: Highlights,
    highlight_lines: Layers,
    highlight_symbols: Layers,
    basis: Option<StyleBasis>,
    line_list: DrawList,
    symbol_list: DrawList,
    highlight_list: DrawList,
    is_shown: Vec<bool>,
    edits: Edits,
    /// Whether arrows say which way water runs.
    pub has_arrows: bool,
    encode_ns: Arc<AtomicU64>,
    stats: MapStats,
}

impl NetworkLayer {
    pub fn new(data: Arc<MapData>) -> Self {
        Self {
            levels: data
                .chunks
                .levels
                .iter()
                .map(|level| Layers::new(level.chunks.len()))
                .collect(),
            symbols: Layers::new(data.chunks.symbols.len()),
            pipes: Table::default(),
            nodes: Table::default(),
            highlights: Highlights::default(),
            highlight_lines: Layers::default(),
            highlight_symbols: Layers::default(),
            basis: None,
            line_list: DrawList::default(),
            symbol_list: DrawList::default(),
            highlight_list: DrawList::default(),
            is_shown: Vec::new(),
            edits: Edits::new(data.ranges.clone()),
            has_arrows: false,
            encode_ns: Arc::default(),
            stats: MapStats::default(),
            data,
        }
    }

    pub fn data(&self) -> &Arc<MapData> {
        &self.data
    }

    pub fn stats(&self) -> MapStats {
        MapStats {
            encode: Duration::from_nanos(self.encode_ns.load(Ordering::Relaxed)),
            ..self.stats
        }
    }

    /// Shows an edit without the network being built anew: the next frame draws it. The blocks it touches are sent
    /// to the card again, and no others.
    pub fn apply(&mut self, change: &NetworkChange, place: &WebPlace) {
        let mut to_mercator = |points: &mut [[f64; 2]]| place.to_mercator(points);
        let chunks = &self.data.chunks;
        let keys_before = (self.edits.pipe_keys().len(), self.edits.node_keys().len());
        let touched = self.edits.apply(chunks, change, &mut to_mercator);
        for (layers, blocks) in self.levels.iter_mut().zip(&touched.levels) {
            layers.forget(blocks);
        }
        self.symbols.forget(&touched.symbols);
        if keys_before != (self.edits.pipe_keys().len(), self.edits.node_keys().len()) {
            self.basis = None;
        }
    }

    /// Brings the style rows up to date. Uploads no geometry but that of a changed highlight. A large highlight is
    /// made ready by a thread, which then asks `ctx` for a frame.
    pub fn restyle(
        &mut self,
        gpu: &mut Gpu,
        theme: &Theme,
        visibility: &LayerVisibility,
        highlight: &Highlight,
        place: &WebPlace,
        ctx: &egui::Context,
    ) {
        let is_highlight_new = self.highlights.update(&self.data, highlight, theme, place, ctx);
        if is_highlight_new {
            let overlay = &self.highlights.shown().overlay;
            self.highlight_lines = Layers::new(overlay.lines.len());
            self.highlight_symbols = Layers::new(overlay.symbols.len());
        }
        let is_style_new = self
            .basis
            .as_ref()
            .is_none_or(|old| old.theme != theme.kind || old.visibility != *visibility);
        if is_style_new {
            self.pipes = pipe_table(&self.data, self.edits.pipe_keys(), theme, visibility);
            self.nodes = node_table(&self.data, self.edits.node_keys(), theme, visibility);
            self.basis = Some(StyleBasis {
                theme: theme.kind,
                visibility: visibility.clone(),
            });
        }
        if is_highlight_new || is_style_new {
            let highlighted = self.highlights.shown();
            let rows: Vec<Row> = [
                &self.pipes.rows,
                &self.nodes.rows,
                &highlighted.lines,
                &highlighted.symbols,
            ]
            .into_iter()
            .flatten()
            .copied()
            .collect();
            gpu.write_styles(&rows);
        }
    }

    /// Chooses what the frame draws. Call [`Self::restyle`] first.
    pub fn prepare(&mut self, gpu: &mut Gpu, view: &FrameView) -> Paint {
        let start = Instant::now();
        let grown = view.view.grown(RIM_PX);
        let metres_per_px = view.view.metres_per_px / f64::from(view.px_per_point);
        let mut frame = Frame::new(
            Place {
                centre: view.centre,
                rotation_rad: view.rotation_rad,
                metres_per_px,
                viewport_px: view.size_points.map(|side| side * view.px_per_point),
                px_per_point: view.px_per_point,
                line_scale: line_scale(view.scale_denominator),
                symbol_scale: symbol_scale(view.scale_denominator),
            },
            UPLOAD_BUDGET,
        );
        let chunks = &self.data.chunks;
        let rows_before_nodes = self.pipes.rows.len();
        let rows_before_lines = rows_before_nodes + self.nodes.rows.len();
        let rows_before_symbols = rows_before_lines + self.highlights.shown().lines.len();

        self.pipes.shown_at(view.scale_denominator, &mut self.is_shown);
        let level = chunks.edited_lines_in_view(
            &self.edits,
            &grown,
            &self.is_shown,
            view.line_budget,
            &mut self.line_list,
        );
        let lines = (
            chunks.levels[level].chunks.as_slice(),
            Some(self.edits.level(level)),
        );
        frame.add(
            gpu,
            Batch::Lines,
            lines,
            &self.line_list,
            &mut self.levels[level],
            0,
        );
        let arrows_beyond = if gpu.is_software() {
            SOFTWARE_ARROWS_BEYOND
        } else {
            ARROWS_BEYOND
        };
        if self.has_arrows && view.scale_denominator <= arrows_beyond {
            frame.add(
                gpu,
                Batch::Arrows,
                lines,
                &self.line_list,
                &mut self.levels[level],
                0,
            );
        }

        let overlay = &self.highlights.shown().overlay;
        self.highlight_list.collect(&overlay.lines, &grown, &[]);
        let mut highlight_chunks = self.highlight_list.chunk_count;
        let segments = self.line_list.instance_count + self.highlight_list.instance_count;
        frame.add(
            gpu,
            Batch::Lines,
            (&overlay.lines, None),
            &self.highlight_list,
            &mut self.highlight_lines,
            rows_before_lines as u32,
        );

        self.nodes.shown_at(view.scale_denominator, &mut self.is_shown);
        self.edits
            .symbols()
            .collect(&chunks.symbols, &grown, &self.is_shown, &mut self.symbol_list);
        frame.add(
            gpu,
            Batch::Symbols,
            (&chunks.symbols, Some(self.edits.symbols())),
            &self.symbol_list,
            &mut self.symbols,
            rows_before_nodes as u32,
        );
        self.highlight_list.collect(&overlay.symbols, &grown, &[]);
        highlight_chunks += self.highlight_list.chunk_count;
        frame.add(
            gpu,
            Batch::Symbols,
            (&overlay.symbols, None),
            &self.highlight_list,
            &mut self.highlight_symbols,
            rows_before_symbols as u32,
        );

        self.stats = MapStats {
            detail: Some(chunks.levels[level].detail),
            chunks: self.line_list.chunk_count + self.symbol_list.chunk_count + highlight_chunks,
            draw_calls: frame.draw_count(),
            segments,
            symbols: self.symbol_list.instance_count + self.highlight_list.instance_count,
            prepare: Duration::ZERO,
            encode: Duration::ZERO,
            uploaded_bytes: frame.uploaded_bytes(),
            gpu_bytes: self.gpu_bytes() + gpu.shared_bytes(),
            is_incomplete: frame.is_incomplete(),
        };
        let paint = frame.finish(gpu, Arc::clone(&self.encode_ns));
        self.stats.prepare = start.elapsed();
        paint
    }

    fn gpu_bytes(&self) -> usize {
        let lines: usize = self.levels.iter().map(Layers::bytes).sum();
        lines + self.symbols.bytes() + self.highlight_lines.bytes() + self.highlight_symbols.bytes()
    }

    /// Whether a node is drawn at a scale; so for pipes below. Used for picking.
    pub(super) fn is_node_shown(&self, node: NodeIndex, scale_denominator: f64) -> bool {
        let limit = node_symbol(&self.data, node).hidden_beyond;
        self.is_class_shown(self.data.network.node_class(node), scale_denominator)
            && self.data.look.node(node).is_drawn_at(scale_denominator)
            && limit.is_none_or(|l| scale_denominator <= l)
    }

    pub(super) fn is_pipe_shown(&self, pipe: PipeIndex, scale_denominator: f64) -> bool {
        let limit = self
            .data
            .styles
            .pipe_style(pipe_look(&self.data, pipe))
            .hidden_beyond;
        self.is_class_shown(self.data.network.pipe_class(pipe), scale_denominator)
            && self.data.look.pipe(pipe).is_drawn_at(scale_denominator)
            && limit.is_none_or(|l| scale_denominator <= l)
    }

    fn is_class_shown(&self, class: ClassIndex, scale_denominator: f64) -> bool {
        self.basis.as_ref().is_none_or(|basis| {
            let look = basis.visibility.look(class);
            basis.visibility.is_visible(class)
                && look.hidden_beyond.is_none_or(|l| scale_denominator <= l)
                && look.hidden_closer.is_none_or(|l| scale_denominator >= l)
        })
    }
}

/// Lines grow a little as one comes closer.
fn line_scale(scale_denominator: f64) -> f32 {
    (2_000.0 / scale_denominator.max(1.0)).powf(0.22).clamp(0.5, 1.9) as f32
}

fn symbol_scale(scale_denominator: f64) -> f32 {
    (2_500.0 / scale_denominator.max(1.0)).powf(0.25).clamp(0.8, 1.9) as f32
}

/// Records a frame into a pass of its own, for measuring without a window.
pub fn record_offscreen(
    paint: &Paint,
    encoder: &mut wgpu::CommandEncoder,
    target: &wgpu::TextureView,
    size: [f32; 2],
) {
    let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("map"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: target,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT),
                store: wgpu::StoreOp::Store,
            },
            depth_slice: None,
        })],
        ..Default::default()
    });
    pass.set_viewport(0.0, 0.0, size[0], size[1], 0.0, 1.0);
    paint.record(&mut pass);
}
