//! Processor time of the map layer per frame while panning over a large network.
//!
//! `cargo xtask bench map_frame`, or `cargo run --release -p karez --example map_frame -- --pipes 1000000`. Chooses
//! blocks, uploads those seen for the first time, writes uniforms, records the commands and closes the command
//! buffer; the commands are not run, so the speed of the graphics card (or of its stand-in) does not count.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

#[path = "support/frames.rs"]
mod frames;
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use egui_wgpu::wgpu;
use frames::{SIZE, frame_view, ms, target};
use gis_core::cartography::WebPlace;
use gis_core::cartography::chunks::{ChangedLine, NetworkChange};
use gis_core::cartography::pick::pick;
use gis_core::network::PipeIndex;
use gis_core::schema::Schema;
use gis_core::{Crs, NoProgress};
use karez::map::{Camera, Gpu, MapData, NetworkLayer, record_offscreen};
use karez::theme::{Theme, ThemeKind};
use karez::view::{Highlight, LayerVisibility};

const FRAMES: u32 = 400;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(1_000_000, |i| args[i + 1].parse().unwrap());
    let schema = Schema::builtin().unwrap();
    let crs = gis_core::io::crs::parse("EPSG:4538").unwrap();

    let before_mib = resident_mib();
    let start = Instant::now();
    let network = Arc::new(support::street_grid(&schema, pipes).unwrap());
    println!(
        "network           {:>10} pipes, {} nodes",
        network.pipe_count(),
        network.node_count()
    );
    println!(
        "build network     {:>10.0} ms, {:.0} MiB",
        ms(start.elapsed()),
        resident_mib() - before_mib
    );

    let before_mib = resident_mib();
    let start = Instant::now();
    let data = Arc::new(MapData::prepare(Arc::clone(&network), &crs, &schema, &NoProgress).unwrap());
    println!(
        "prepare the map   {:>10.0} ms, {:.0} MiB",
        ms(start.elapsed()),
        resident_mib() - before_mib
    );
    for level in &data.chunks().levels {
        println!(
            "  {:<12} {:>9} segments in {:>4} blocks",
            format!("{:?}", level.detail),
            level.segment_count,
            level.chunks.len()
        );
    }
    println!(
        "  {:<12} {:>9} in {:>4} blocks",
        "symbols",
        data.chunks().symbol_count,
        data.chunks().symbols.len()
    );
    println!(
        "  all instances {:.1} MiB",
        data.chunks().instance_bytes() as f64 / f64::from(1 << 20)
    );

    pan(&data, &crs);
    edit(&data, &crs);
    point(&data);
}

/// One edit: a pipe somewhere moves, and the frame after it is made ready.
fn edit(data: &Arc<MapData>, crs: &Crs) {
    const EDITS: u32 = 200;
    let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
    let mut gpu = Gpu::new(&render_state);
    let mut layer = NetworkLayer::new(Arc::clone(data));
    let theme = Theme::load(ThemeKind::Light).unwrap();
    let place = WebPlace::new(crs, None).unwrap();
    let target = target(&render_state);
    let network = data.network();
    let mut times = Vec::new();
    let mut sent = 0;
    for i in 0..EDITS {
        let pipe = PipeIndex((u64::from(i) * network.pipe_count() as u64 / u64::from(EDITS)) as u32);
        let mut vertices = network.pipe_vertices(pipe).to_vec();
        let mut middle = [vertices[0]];
        place.to_mercator(&mut middle);
        let camera = Camera {
            centre: middle[0],
            zoom: 17.0,
            rotation_rad: 0.0,
            rect: egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(SIZE[0], SIZE[1])),
        };
        let mut frame = |layer: &mut NetworkLayer| {
            layer.restyle(
                &mut gpu,
                &theme,
                &LayerVisibility::default(),
                &Highlight::default(),
                &place,
                &egui::Context::default(),
            );
            let paint = layer.prepare(&mut gpu, &frame_view(&camera));
            let mut encoder = render_state
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            record_offscreen(&paint, &mut encoder, &target, SIZE);
            drop(encoder.finish());
            render_state.queue.submit([]);
        };
        // What is in view is on the card before the edit.
        frame(&mut layer);
        for vertex in &mut vertices {
            vertex[1] += 3.0;
        }
        let change = NetworkChange {
            removed_pipes: vec![pipe],
            lines: vec![ChangedLine {
                is_against: false,
                pipe: Some(pipe),
                key: data.chunks().pipe_keys[0],
                vertices,
            }],
            ..NetworkChange::default()
        };
        let start = Instant::now();
        layer.apply(&change, &place);
        frame(&mut layer);
        times.push(start.elapsed());
        sent = sent.max(layer.stats().uploaded_bytes);
    }
    times.sort_unstable();
    println!(
        "\nedit to commands  {:>10.3} ms median, {:.3} ms 99 %, at most {:.0} KiB sent, of 16 ms",
        ms(times[times.len() / 2]),
        ms(times[times.len() * 99 / 100]),
        sent as f64 / 1024.0
    );
}

/// What lies under the pointer, at the middle of many pipes.
fn point(data: &Arc<MapData>) {
    const PICKS: u32 = 2_000;
    let network = data.network();
    let mut times = Vec::new();
    for i in 0..PICKS {
        let pipe = PipeIndex((u64::from(i) * network.pipe_count() as u64 / u64::from(PICKS)) as u32);
        let [x, y] = network.pipe_vertices(pipe)[0];
        let start = Instant::now();
        let hits = pick(network, [x + 1.0, y + 1.0], 3.0, |_| true, |_| true);
        times.push(start.elapsed());
        assert!(!hits.is_empty());
    }
    times.sort_unstable();
    println!(
        "pick              {:>10.1} µs median, {:.1} µs 99 %, of 50 µs",
        ms(times[times.len() / 2]) * 1e3,
        ms(times[times.len() * 99 / 100]) * 1e3
    );
}

/// One table row per scale: a diagonal pan of 17 pixels a frame, starting west of the middle.
fn pan(data: &Arc<MapData>, crs: &Crs) {
    let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
    let mut gpu = Gpu::new(&render_state);
    let mut layer = NetworkLayer::new(Arc::clone(data));
    let theme = Theme::load(ThemeKind::Light).unwrap();
    let place = WebPlace::new(crs, None).unwrap();
    layer.restyle(
        &mut gpu,
        &theme,
        &LayerVisibility::default(),
        &Highlight::default(),
        &place,
        &egui::Context::default(),
    );
    let target = target(&render_state);
    let extent = data.chunks().extent.unwrap();
    let middle = [
        f64::midpoint(extent[0], extent[2]),
        f64::midpoint(extent[1], extent[3]),
    ];

    println!(
        "\n{}×{} pixels, {FRAMES} frames a scale, {}",
        SIZE[0],
        SIZE[1],
        render_state.adapter.get_info().name
    );
    println!(
        "scale        level       blocks  draws  segments  symbols   median ms   99 % ms     max ms   MiB on card"
    );
    let mut worst = Duration::ZERO;
    for zoom in [18.0, 16.5, 15.0, 14.0, 13.0, 12.0, 10.5] {
        let rect = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(SIZE[0], SIZE[1]));
        let mut camera = Camera {
            centre: middle,
            zoom,
            rotation_rad: 0.0,
            rect,
        };
        camera = camera.dragged(egui::vec2(17.0 * FRAMES as f32 / 2.0, 0.0));
        let mut times = Vec::new();
        let mut most = layer.stats();
        for _ in 0..FRAMES {
            camera = camera.dragged(egui::vec2(-17.0, -4.0));
            let view = frame_view(&camera);
            let start = Instant::now();
            let paint = layer.prepare(&mut gpu, &view);
            let mut encoder = render_state
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            record_offscreen(&paint, &mut encoder, &target, SIZE);
            let commands = encoder.finish();
            times.push(start.elapsed());
            drop(commands);
            // Lets the card take the uploads, as the end of a frame does.
            render_state.queue.submit([]);
            render_state
                .device
                .poll(wgpu::PollType::wait_indefinitely())
                .unwrap();
            if layer.stats().segments + layer.stats().symbols >= most.segments + most.symbols {
                most = layer.stats();
            }
        }
        times.sort_unstable();
        worst = worst.max(times[times.len() / 2]);
        println!(
            "1:{:<9.0}  {:<11} {:>6} {:>6} {:>9} {:>8} {:>11.3} {:>9.3} {:>10.3} {:>13.1}",
            camera.scale_denominator(),
            format!("{:?}", most.detail.unwrap()),
            most.chunks,
            most.draw_calls,
            most.segments,
            most.symbols,
            ms(times[times.len() / 2]),
            ms(times[times.len() * 99 / 100]),
            ms(times[times.len() - 1]),
            layer.stats().gpu_bytes as f64 / f64::from(1 << 20),
        );
    }
    println!("\nworst median {:.3} ms of 4 ms", ms(worst));
}

/// 0 where the system does not say.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    });
    kib.unwrap_or(0.0) / 1024.0
}
