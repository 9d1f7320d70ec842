//! Processor time of drawing a large network otherwise: a theme on every pipe, another theme, a filter, other styles.
//!
//! `cargo xtask bench restyle`, or `cargo run --release -p karez --example restyle -- --pipes 1000000`. A look is made
//! beside the window; frames then take it to the graphics card in portions and show it when it is there. Blocks stay.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

#[path = "support/city.rs"]
mod city;
#[path = "support/frames.rs"]
mod frames;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use egui_wgpu::wgpu;
use frames::{SIZE, frame_view, ms, target};
use gis_core::NoProgress;
use gis_core::cartography::layers::{ClassMethod, Layer, LayerId, Look, MapDocument, Renderer};
use gis_core::cartography::thematic::{ClassColumns, NetworkLook, Ramps, apply, wanted_fields};
use gis_core::cartography::{Rgba, WebPlace};
use gis_core::network::Network;
use gis_core::project::Project;
use karez::map::{Camera, Gpu, MapData, NetworkLayer, record_offscreen};
use karez::theme::{Theme, ThemeKind};
use karez::view::{Highlight, LayerVisibility};

/// More frames than any look takes.
const MOST_FRAMES: u32 = 200;

struct Stage {
    render_state: egui_wgpu::RenderState,
    gpu: Gpu,
    layer: NetworkLayer,
    place: WebPlace,
    camera: Camera,
    target: wgpu::TextureView,
}

/// What one frame cost and sent.
struct Frame {
    time: Duration,
    look_bytes: usize,
    block_bytes: usize,
}

impl Stage {
    fn frame(&mut self, theme: &Theme) -> Frame {
        let start = Instant::now();
        self.layer.restyle(
            &mut self.gpu,
            theme,
            &LayerVisibility::default(),
            &Highlight::default(),
            &self.place,
            &egui::Context::default(),
        );
        let paint = self.layer.prepare(&mut self.gpu, &frame_view(&self.camera));
        let mut encoder = self
            .render_state
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        record_offscreen(&paint, &mut encoder, &self.target, SIZE);
        drop(encoder.finish());
        let time = start.elapsed();
        self.render_state.queue.submit([]);
        let waited = wgpu::PollType::wait_indefinitely();
        self.render_state.device.poll(waited).unwrap();
        let stats = self.layer.stats();
        Frame {
            time,
            look_bytes: stats.look_bytes,
            block_bytes: stats.uploaded_bytes,
        }
    }

    /// Draws until nothing is sent any more, and prints a row.
    fn settle(&mut self, name: &str, made: Duration, theme: &Theme) {
        let mut frames = Vec::new();
        while frames.len() < MOST_FRAMES as usize {
            let frame = self.frame(theme);
            let is_done = frame.look_bytes == 0 && frame.block_bytes == 0;
            frames.push(frame);
            if is_done {
                break;
            }
        }
        let worst = frames.iter().map(|frame| frame.time).max().unwrap_or_default();
        let sum = |of: fn(&Frame) -> usize| frames.iter().map(of).sum::<usize>() as f64 / f64::from(1 << 20);
        println!(
            "{name:<28} {:>12.1} {:>7} {:>14.2} {:>16.2} {:>15.2}",
            ms(made),
            frames.len(),
            ms(worst),
            sum(|frame| frame.look_bytes),
            sum(|frame| frame.block_bytes),
        );
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(1_000_000, |i| args[i + 1].parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.gpkg");
    city::write(&path, pipes);
    let project = Project::open(&path).unwrap();
    let (schema, crs) = (project.schema(), project.crs());
    let network = Arc::new(project.network(&NoProgress).unwrap());
    let data = Arc::new(MapData::prepare(Arc::clone(&network), crs, schema, &NoProgress).unwrap());
    let extent = data.chunks().extent.unwrap();
    let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
    let mut stage = Stage {
        gpu: Gpu::new(&render_state),
        layer: NetworkLayer::new(Arc::clone(&data)),
        place: WebPlace::new(crs, None).unwrap(),
        camera: Camera {
            centre: [
                f64::midpoint(extent[0], extent[2]),
                f64::midpoint(extent[1], extent[3]),
            ],
            zoom: 13.0,
            rotation_rad: 0.0,
            rect: egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(SIZE[0], SIZE[1])),
        },
        target: target(&render_state),
        render_state,
    };
    let [light, dark] = [ThemeKind::Light, ThemeKind::Dark].map(|kind| Theme::load(kind).unwrap());
    println!(
        "{} pipes, {} nodes, 1:{:.0}",
        network.pipe_count(),
        network.node_count(),
        stage.camera.scale_denominator()
    );
    println!(
        "drawn otherwise                 made in ms  frames  worst frame ms  looks sent MiB  blocks sent MiB"
    );
    stage.settle("at first", Duration::ZERO, &light);

    let mut shown = data;
    for (name, change) in changes() {
        let start = Instant::now();
        let look = look_of(&project, &network, change);
        shown = Arc::new(shown.dressed(&look).unwrap());
        let made = start.elapsed();
        assert!(stage.layer.dress(&shown), "the blocks stay");
        stage.settle(name, made, &light);
    }
    stage.settle("light to dark", Duration::ZERO, &dark);
}

/// What is changed in the layer of the pipes.
type Change = fn(&mut Layer);

fn changes() -> [(&'static str, Change); 4] {
    [
        ("all pipes in one look", |layer| {
            layer.renderer = Renderer::Single {
                look: Look::coloured(Rgba::opaque(200, 30, 30)),
            };
        }),
        ("by year, five classes", |layer| {
            layer.renderer = Renderer::Graduated {
                value: "year(install_date)".to_owned(),
                method: ClassMethod::Manual,
                breaks: vec![1980.0, 1990.0, 2000.0, 2010.0],
                ramp: "viridis".to_owned(),
                is_reversed: false,
                sizes_px: None,
                missing: None,
            };
        }),
        ("a filter", |layer| {
            layer.filter = Some("diameter_mm >= 300".to_owned());
        }),
        ("as usual again", |_| {}),
    ]
}

/// Reads the attributes that are needed and makes a look of every feature, as the window does beside its frames.
fn look_of(project: &Project, network: &Network, change: Change) -> Arc<NetworkLook> {
    let schema = project.schema();
    let mut document = MapDocument::standard(schema);
    change(document.layer_mut(&LayerId::new("class:pipe")).unwrap());
    let mut columns = ClassColumns::default();
    for (class, fields) in wanted_fields(&document, schema) {
        columns.insert(class, project.columns(class, &fields).unwrap());
    }
    let ramps = Ramps::builtin().unwrap();
    let themed = apply(&document, schema, network, &columns, &ramps, &NoProgress).unwrap();
    assert!(themed.issues.is_empty(), "{:?}", themed.issues);
    Arc::new(themed.look)
}
