//! The same pipes drawn by Karez and by QGIS into pictures of the same size, in one run.
//!
//! `cargo xtask bench beside_qgis`, on the sample city; needs Debian's package python3-qgis, and is skipped without it.
//! QGIS draws the layer of pipes in one plain style; Karez draws pipes and devices in its own styles, once with the
//! window's layer on the graphics card (or its stand-in, until the picture is finished) and once as `karez render`
//! does. Both pan half a picture from view to view, so that no picture is an old one.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use egui_wgpu::wgpu;
use gis_core::cartography::render::{MapExtent, MapRequest, MapResult, render_png};
use gis_core::cartography::{StyleSet, WebPlace};
use gis_core::project::Project;
use gis_core::{Lang, NoProgress};
use karez::map::{Camera, FrameView, Gpu, LINE_BUDGET, MapData, NetworkLayer, record_offscreen};
use karez::theme::{Theme, ThemeKind};
use karez::view::{Highlight, LayerVisibility};

#[path = "support/city.rs"]
mod city;

const WIDTH: u32 = 1_920;
const HEIGHT: u32 = 1_080;
/// Scales at which the three views of a row are drawn; `None` is the whole network.
const SCALES: [Option<f64>; 3] = [None, Some(50_000.0), Some(5_000.0)];
const VIEWS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(1_000_000, |i| args[i + 1].parse().unwrap());
    if !Path::new("/usr/lib/python3/dist-packages/qgis").is_dir() {
        println!("Skipped: QGIS is not here (apt-get install python3-qgis)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.gpkg");
    city::write(&path, pipes);
    let start = Instant::now();
    let project = Project::open_read_only(&path).unwrap();
    let network = Arc::new(project.network(&NoProgress).unwrap());
    let read_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let data = MapData::prepare(Arc::clone(&network), project.crs(), project.schema(), &NoProgress).unwrap();
    println!(
        "{} pipes, {} nodes; Karez reads them in {read_s:.2} s and makes the map ready in {:.2} s",
        network.pipe_count(),
        network.node_count(),
        start.elapsed().as_secs_f64()
    );
    let place = WebPlace::new(project.crs(), None).unwrap();
    let mut window = Window::new(Arc::new(data));
    println!("\nscale       picture      window s    render s      QGIS s   QGIS / window   QGIS / render");
    for scale in SCALES {
        let cameras = cameras(window.data.chunks().extent.unwrap(), scale);
        let views: Vec<[f64; 4]> = cameras.iter().map(|camera| ground(camera, &place)).collect();
        let qgis = qgis(&path, &views);
        // QGIS draws the first view twice: without and with the file in the disk's cache.
        let mut ours = vec![window.picture_s(&cameras[0], &place)];
        ours.extend(cameras.iter().map(|camera| window.picture_s(camera, &place)));
        for (i, &window_s) in ours.iter().enumerate() {
            let render_s = render_s(&project, &network, views[i.saturating_sub(1)]);
            println!(
                "1:{:<9.0} {:<8} {window_s:>12.3} {render_s:>11.3} {:>11.3} {:>15.1} {:>15.1}",
                cameras[0].scale_denominator(),
                i + 1,
                qgis[i],
                qgis[i] / window_s,
                qgis[i] / render_s
            );
        }
    }
}

/// Views of one scale around the middle, each half a picture east of the one before.
fn cameras(extent: [f64; 4], scale: Option<f64>) -> Vec<Camera> {
    let rect = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(WIDTH as f32, HEIGHT as f32));
    let middle = [
        f64::midpoint(extent[0], extent[2]),
        f64::midpoint(extent[1], extent[3]),
    ];
    let whole = Camera {
        centre: middle,
        zoom: 12.0,
        rotation_rad: 0.0,
        rect,
    }
    .fitted(extent, 22.0);
    let first = match scale {
        None => whole,
        Some(scale) => Camera {
            zoom: whole.zoom + (whole.scale_denominator() / scale).log2(),
            ..whole
        },
    };
    (0..VIEWS)
        .map(|i| first.dragged(egui::vec2(-(i as f32) * WIDTH as f32 / 2.0, 0.0)))
        .collect()
}

/// The box a view covers, in the project's coordinates.
fn ground(camera: &Camera, place: &WebPlace) -> [f64; 4] {
    let corners = camera
        .corners()
        .map(|corner| place.from_mercator(corner).unwrap());
    corners.iter().fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |b, c| [b[0].min(c[0]), b[1].min(c[1]), b[2].max(c[0]), b[3].max(c[1])],
    )
}

struct Window {
    data: Arc<MapData>,
    render_state: egui_wgpu::RenderState,
    gpu: Gpu,
    layer: NetworkLayer,
    target: wgpu::TextureView,
    theme: Theme,
}

impl Window {
    fn new(data: Arc<MapData>) -> Self {
        let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
        println!("graphics: {}", render_state.adapter.get_info().name);
        let texture = render_state.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d {
                width: WIDTH,
                height: HEIGHT,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: render_state.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        Self {
            gpu: Gpu::new(&render_state),
            layer: NetworkLayer::new(Arc::clone(&data)),
            target: texture.create_view(&wgpu::TextureViewDescriptor::default()),
            theme: Theme::load(ThemeKind::Light).unwrap(),
            data,
            render_state,
        }
    }

    /// Until the picture is whole and finished: frames go on as long as blocks are being sent.
    fn picture_s(&mut self, camera: &Camera, place: &WebPlace) -> f64 {
        let start = Instant::now();
        self.layer.restyle(
            &mut self.gpu,
            &self.theme,
            &LayerVisibility::default(),
            &Highlight::default(),
            place,
            &egui::Context::default(),
        );
        loop {
            let paint = self.layer.prepare(
                &mut self.gpu,
                &FrameView {
                    view: camera.view(),
                    centre: camera.centre,
                    rotation_rad: camera.rotation_rad,
                    size_points: [WIDTH as f32, HEIGHT as f32],
                    px_per_point: 1.0,
                    scale_denominator: camera.scale_denominator(),
                    line_budget: LINE_BUDGET,
                },
            );
            let mut encoder = self
                .render_state
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            record_offscreen(&paint, &mut encoder, &self.target, [WIDTH as f32, HEIGHT as f32]);
            self.render_state.queue.submit([encoder.finish()]);
            self.render_state
                .device
                .poll(wgpu::PollType::wait_indefinitely())
                .unwrap();
            if !self.layer.stats().is_incomplete {
                return start.elapsed().as_secs_f64();
            }
        }
    }
}

fn render_s(project: &Project, network: &gis_core::network::Network, view: [f64; 4]) -> f64 {
    let start = Instant::now();
    let picture = render_png(&MapRequest {
        network,
        schema: project.schema(),
        styles: &StyleSet::builtin().unwrap(),
        theme: gis_core::cartography::Theme::Light,
        lang: Lang::En,
        title: String::new(),
        subtitle: String::new(),
        result: MapResult::None,
        writing: None,
        extent: MapExtent::Box(view),
        width_px: WIDTH,
        height_px: HEIGHT,
        dpi: 96.0,
    })
    .unwrap();
    assert!(!picture.is_empty());
    start.elapsed().as_secs_f64()
}

/// Seconds of each picture.
fn qgis(project: &Path, views: &[[f64; 4]]) -> Vec<f64> {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/support/draw_with_qgis.py");
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).arg(project).arg("pipe");
    command.args([WIDTH.to_string(), HEIGHT.to_string()]);
    command.arg(folder.path().join("qgis.png"));
    command.args(views.iter().map(|v| v.map(|n| n.to_string()).join(",")));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().rev().find(|line| line.starts_with('{'));
    let answer: serde_json::Value = serde_json::from_str(line.unwrap_or_default()).unwrap_or_else(|_| {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("QGIS did not answer; is python3-qgis installed? {errors}")
    });
    answer["picture_s"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_f64().unwrap())
        .collect()
}
