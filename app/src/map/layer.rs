//! The network and its highlights as a layer of the map: picks level and blocks, keeps styles and buffers in
//! step with theme, visibility and results. It handles no input and knows no widget.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use egui_wgpu::wgpu;
use gis_core::ClassIndex;
use gis_core::cartography::chunks::{Detail, DrawList, Edits, NetworkChange, View};
use gis_core::cartography::{StyleSet, WebPlace};
use gis_core::network::{Network, NodeIndex, PipeIndex};

use super::data::MapData;
use super::gpu::{Batch, Frame, Gpu, Layers, LookTable, Paint, Place, Tables};
use super::highlight::{Highlights, node_symbol, pipe_look};
use super::style_table::{Row, Table, look_rows, node_table, pipe_table};
use crate::theme::{Theme, ThemeKind};
use crate::view::{Highlight, LayerVisibility};

/// New blocks per frame, in bytes: a millisecond or two of copying. What is left over comes with the next frames.
const UPLOAD_BUDGET: usize = 3 << 19;
/// Bytes of the table of looks per frame.
const LOOK_BUDGET: usize = 1 << 20;
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
    /// Of blocks.
    pub uploaded_bytes: usize,
    /// Of the table of looks.
    pub look_bytes: usize,
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
    styles: Arc<StyleSet>,
    visibility: LayerVisibility,
}

impl StyleBasis {
    fn is_of(&self, theme: &Theme, visibility: &LayerVisibility) -> bool {
        self.theme == theme.kind && Arc::ptr_eq(&self.styles, &theme.styles) && self.visibility == *visibility
    }
}

/// Looks on their way to the card with the data they belong to.
struct Dressing {
    data: Arc<MapData>,
    /// `None` until the first portion is sent.
    table: Option<LookTable>,
}

/// A network on the graphics card.
pub struct NetworkLayer {
    /// As it is drawn.
    data: Arc<MapData>,
    /// As it is drawn as soon as its looks are on the card.
    dressing: Option<Dressing>,
    /// Rows of the looks on the card; `None` before the first picture.
    looks: Option<Vec<Row>>,
    look_bytes: usize,
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
            dressing: Some(Dressing {
                data: Arc::clone(&data),
                table: None,
            }),
            looks: None,
            look_bytes: 0,
            data,
        }
    }

    /// The network with the looks last asked for.
    pub fn data(&self) -> &Arc<MapData> {
        self.dressing.as_ref().map_or(&self.data, |next| &next.data)
    }

    /// Shows what another view on the same blocks has been told of edits.
    pub fn share_edits(&mut self, other: &Self) {
        self.edits = other.edits.clone();
    }

    /// Gives the features of the same network other looks: blocks and edits stay, only the table of looks goes to the
    /// card. False, and nothing done, where `data` is of other blocks.
    pub fn dress(&mut self, data: &Arc<MapData>) -> bool {
        let is_same_network = Arc::ptr_eq(&self.data.chunks, &data.chunks);
        if is_same_network {
            self.dressing = Some(Dressing {
                data: Arc::clone(data),
                table: None,
            });
        }
        is_same_network
    }

    /// Goes on with the next state of the network, of which `change` is what differs in the picture.
    pub fn follow(&mut self, network: &Arc<Network>, change: &NetworkChange, place: &WebPlace) {
        let room = self.data.pipe_room;
        self.data = Arc::new(self.data.following(network));
        if let Some(next) = &mut self.dressing {
            next.data = Arc::new(next.data.following(network));
        } else if self.data.pipe_room != room {
            self.dressing = Some(Dressing {
                data: Arc::clone(&self.data),
                table: None,
            });
        }
        self.apply(change, place);
    }

    /// Sends the next portion of the looks; true when they hold from this frame on.
    fn send_looks(&mut self, gpu: &mut Gpu) -> bool {
        self.look_bytes = 0;
        let Some(mut next) = self.dressing.take() else {
            return false;
        };
        let has_looks = !next.data.look_numbers.is_empty();
        if has_looks {
            let mut table = next
                .table
                .unwrap_or_else(|| LookTable::new(gpu, Arc::clone(&next.data.look_numbers)));
            // A network never drawn before has nothing to show meanwhile.
            let budget = self.looks.as_ref().map_or(usize::MAX, |_| LOOK_BUDGET);
            self.look_bytes = table.send(gpu, budget);
            if !table.is_complete() {
                next.table = Some(table);
                self.dressing = Some(next);
                return false;
            }
            gpu.show_looks(Some(table));
            self.looks = Some(look_rows(&next.data.look.looks));
        } else {
            gpu.show_looks(None);
            self.looks = Some(Vec::new());
        }
        self.data = next.data;
        true
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
        let are_looks_new = self.send_looks(gpu);
        if !Arc::ptr_eq(&self.data.styles, &theme.styles) {
            self.data = Arc::new(self.data.with_styles(&theme.styles));
            self.highlights.forget();
        }
        let is_highlight_new = self.highlights.update(&self.data, highlight, theme, place, ctx);
        if is_highlight_new {
            let overlay = &self.highlights.shown().overlay;
            self.highlight_lines = Layers::new(overlay.lines.len());
            self.highlight_symbols = Layers::new(overlay.symbols.len());
        }
        let is_style_new = self
            .basis
            .as_ref()
            .is_none_or(|old| !old.is_of(theme, visibility));
        if is_style_new {
            self.pipes = pipe_table(&self.data, self.edits.pipe_keys(), theme, visibility);
            self.nodes = node_table(&self.data, self.edits.node_keys(), theme, visibility);
            self.basis = Some(StyleBasis {
                theme: theme.kind,
                styles: Arc::clone(&theme.styles),
                visibility: visibility.clone(),
            });
        }
        if is_highlight_new || is_style_new || are_looks_new {
            let highlighted = self.highlights.shown();
            let rows: Vec<Row> = [
                &self.pipes.rows,
                &self.nodes.rows,
                &highlighted.lines,
                &highlighted.symbols,
            ]
            .into_iter()
            .chain(&self.looks)
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
        let rows = self.row_starts();
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
                scale_denominator: view.scale_denominator as f32,
                first_look: rows.first_look,
            },
            UPLOAD_BUDGET,
        );
        let chunks = &self.data.chunks;

        self.pipes.shown_at(view.scale_denominator, &mut self.is_shown);
        let level = chunks.edited_lines_in_view(
            (&self.edits, &self.data.drawn),
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
            rows.pipes,
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
                rows.pipes,
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
            rows.highlight_lines,
        );

        self.nodes.shown_at(view.scale_denominator, &mut self.is_shown);
        self.edits
            .symbols()
            .collect(&chunks.symbols, &grown, &self.is_shown, &mut self.symbol_list);
        self.symbol_list.leave_out(self.data.drawn.symbols());
        frame.add(
            gpu,
            Batch::Symbols,
            (&chunks.symbols, Some(self.edits.symbols())),
            &self.symbol_list,
            &mut self.symbols,
            rows.nodes,
        );
        self.highlight_list.collect(&overlay.symbols, &grown, &[]);
        highlight_chunks += self.highlight_list.chunk_count;
        frame.add(
            gpu,
            Batch::Symbols,
            (&overlay.symbols, None),
            &self.highlight_list,
            &mut self.highlight_symbols,
            rows.highlight_symbols,
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
            look_bytes: self.look_bytes,
            is_incomplete: frame.is_incomplete() || self.dressing.is_some(),
        };
        let paint = frame.finish(gpu, Arc::clone(&self.encode_ns));
        self.stats.prepare = start.elapsed();
        paint
    }

    /// Where the rows of each kind begin, in the order in which `restyle` writes them.
    fn row_starts(&self) -> RowStarts {
        let highlighted = self.highlights.shown();
        let has_looks = self.looks.as_ref().is_some_and(|looks| !looks.is_empty());
        let of_features = |first: usize| has_looks.then_some(first as u32);
        let nodes = self.pipes.rows.len();
        let highlight_lines = nodes + self.nodes.rows.len();
        let highlight_symbols = highlight_lines + highlighted.lines.len();
        let tables = |first_row: usize, first_feature| Tables {
            first_row: first_row as u32,
            first_feature,
        };
        RowStarts {
            pipes: tables(0, of_features(0)),
            nodes: tables(nodes, of_features(self.data.pipe_room)),
            highlight_lines: tables(highlight_lines, None),
            highlight_symbols: tables(highlight_symbols, None),
            first_look: (highlight_symbols + highlighted.symbols.len()) as u32,
        }
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

    pub(super) fn is_class_visible(&self, class: ClassIndex) -> bool {
        self.basis
            .as_ref()
            .is_none_or(|basis| basis.visibility.is_visible(class))
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

/// Where the rows of each kind begin.
struct RowStarts {
    pipes: Tables,
    nodes: Tables,
    highlight_lines: Tables,
    highlight_symbols: Tables,
    first_look: u32,
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
