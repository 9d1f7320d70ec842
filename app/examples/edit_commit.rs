//! Edits of a large network from the operation to the commands of the next picture, with the project file on disk.
//!
//! `cargo xtask bench edit_commit [--pipes N] [--edits N]`, on the sample city: each edit is planned, committed with full
//! synchronisation, brought into the network, looked at by the rules and brought into the picture; every tenth is undone.
//! The last column is the whole way.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use egui_wgpu::wgpu;
use gis_core::analysis::burst::{BurstRequest, burst};
use gis_core::cartography::WebPlace;
use gis_core::cartography::chunks::NetworkChange;
use gis_core::edit::ops::{Deed, Request};
use gis_core::network::snap::{SnapKinds, SnapRequest, snap};
use gis_core::network::{Network, NodeIndex, PipeIndex};
use gis_core::project::{Effects, Project, Stamp};
use gis_core::rules::check_edit;
use gis_core::{IdSource, NoProgress};
use karez::map::{Camera, FrameView, Gpu, LINE_BUDGET, MapData, NetworkLayer, record_offscreen};
use karez::theme::{Theme, ThemeKind};
use karez::view::{Highlight, LayerVisibility};
use serde_json::{Map, Value as Json};

#[path = "support/city.rs"]
mod city;

const SIZE: [f32; 2] = [1_920.0, 1_080.0];

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let option = |name: &str, usual: usize| {
        let at = args.iter().position(|a| a == name);
        at.map_or(usual, |i| args[i + 1].parse().unwrap())
    };
    let folder = tempfile::tempdir_in(".").unwrap();
    let path = folder.path().join("city.gpkg");
    city::write(&path, option("--pipes", 1_000_000) as u32);
    let mut project = Project::open(&path).unwrap();
    let network = Arc::new(project.network(&NoProgress).unwrap());
    println!("{} pipes, {} nodes", network.pipe_count(), network.node_count());
    let start = Instant::now();
    network.prepare_updates();
    println!("made ready for edits in {:.0} ms", ms(start.elapsed()));
    let mut window = Window::new(&project, &network);
    // The stand-in for a graphics card keeps what was seen in the same memory.
    for i in 0..500 {
        window.look_at(&network, (i * network.pipe_slots() / 500) as u32);
    }
    let before_mib = resident_mib();
    let edited = edit(&mut project, &mut window, network, option("--edits", 500));
    println!("memory grew by {:.1} MiB", resident_mib() - before_mib);
    afterwards(&edited);
    many(&mut project, &mut window, edited);
}

fn edit(project: &mut Project, window: &mut Window, mut network: Arc<Network>, edits: usize) -> Arc<Network> {
    let mut ids = IdSource::new(1_800_000_000_000, 1);
    let mut times: BTreeMap<&str, Vec<[Duration; 5]>> = BTreeMap::new();
    let rules = project.rules().unwrap();
    for i in 0..edits {
        let (name, deed) = deed(&network, i, edits);
        window.look_at(&network, (i * network.pipe_slots() / edits) as u32);
        let stamp = Stamp {
            who: "bench",
            at_unix_ms: 1_800_000_000_000 + i as u64,
        };
        let start = Instant::now();
        let mut seen = None;
        let mut look = |project: &Project, effects: &Effects| {
            let joining = Instant::now();
            let update = project.updated_network(&network, effects);
            let joined = joining.elapsed();
            let checking = Instant::now();
            let networks = [&*network, &update.network];
            let check = check_edit(project, &rules, networks, effects, None)?;
            std::hint::black_box(check.broken.len());
            seen = Some((update, joined, checking.elapsed()));
            Ok(())
        };
        // What makes no sense where it fell is left out.
        let Ok(done) = deed.carry_out(project, None, &mut ids, stamp, &mut look) else {
            continue;
        };
        if matches!(deed, Deed::Undo) {
            look(project, &done.effects).unwrap();
        }
        let Some((update, joined, checked)) = seen else {
            continue;
        };
        let committed = start.elapsed().saturating_sub(joined + checked);
        let change = NetworkChange::of(&update);
        network = Arc::new(update.network);
        let shown = Instant::now();
        window.follow(&network, &change);
        let row = [committed, joined, checked, shown.elapsed(), start.elapsed()];
        times.entry(name).or_default().push(row);
        times.entry("all").or_default().push(row);
    }
    println!(
        "\n{:<12} {:>6} {:>20} {:>16} {:>16} {:>16} {:>16}",
        "ms 50/95 %", "count", "plan and commit", "network", "rules", "picture", "whole"
    );
    for (name, rows) in &times {
        let column = |c: usize| {
            let mut column: Vec<Duration> = rows.iter().map(|row| row[c]).collect();
            column.sort_unstable();
            let at = |share: f64| ms(column[((column.len() - 1) as f64 * share) as usize]);
            format!("{:.2} / {:.2}", at(0.5), at(0.95))
        };
        println!(
            "{name:<12} {:>6} {:>20} {:>16} {:>16} {:>16} {:>16}",
            rows.len(),
            column(0),
            column(1),
            column(2),
            column(3),
            column(4)
        );
    }
    network
}

/// What a draughtsman does, spread over the city.
fn deed(network: &Network, i: usize, edits: usize) -> (&'static str, Deed) {
    let spread = |slots: usize| ((i as u64 * slots as u64 / edits as u64) % slots as u64) as u32;
    let mut pipe = PipeIndex(spread(network.pipe_slots()));
    while !network.has_pipe(pipe) || network.pipe_length_m(pipe) < 5.0 {
        pipe = PipeIndex((pipe.0 + 1) % network.pipe_slots() as u32);
    }
    let line = network.pipe_vertices(pipe);
    let id = network.pipe_id(pipe).to_string();
    let one = |request| Deed::Requests(vec![request]);
    match i % 10 {
        0..=2 => {
            let node = network.pipe_ends(pipe)[0];
            let at = network.position(node);
            let request = Request::MoveNode {
                node: network.node_id(node).to_string(),
                to: [at[0] + 1.5, at[1] + 1.0],
            };
            ("move", one(request))
        }
        3 | 4 => {
            let at = [0, 1].map(|k| line[0][k] + 0.4 * (line[1][k] - line[0][k]));
            let request = Request::AddNode {
                class: "valve".to_owned(),
                at,
                z: None,
                pipe: Some(id),
                values: Map::new(),
            };
            ("insert", one(request))
        }
        5 | 6 => {
            let values = Map::from_iter([("diameter_mm".to_owned(), Json::from(250))]);
            let features = vec![id];
            ("set", one(Request::Set { features, values }))
        }
        7 => ("split", one(Request::SplitInto { pipe: id, parts: 3 })),
        8 => ("reverse", one(Request::Reverse { pipe: id })),
        _ => ("undo", Deed::Undo),
    }
}

/// Operations on many features at once: from the deed to the commands of the next picture.
fn many(project: &mut Project, window: &mut Window, mut network: Arc<Network>) {
    let of = |count: usize| -> Vec<String> {
        let pipes = network.pipes().take(count);
        pipes.map(|pipe| network.pipe_id(pipe).to_string()).collect()
    };
    let mut piece = Vec::new();
    let mut nodes = std::collections::BTreeSet::new();
    for pipe in network.pipes() {
        if piece.len() + nodes.len() >= 10_000 {
            break;
        }
        piece.push(network.pipe_id(pipe).to_string());
        nodes.extend(network.pipe_ends(pipe));
    }
    piece.extend(nodes.iter().map(|node| network.node_id(*node).to_string()));
    let values = Map::from_iter([("diameter_mm".to_owned(), Json::from(250))]);
    let requests = [
        (
            format!("copy {} features", piece.len()),
            Request::Copy {
                features: piece,
                by: [60_000.0, 0.0],
            },
        ),
        (
            "set 100,000 features".to_owned(),
            Request::Set {
                features: of(100_000),
                values,
            },
        ),
    ];
    let mut ids = IdSource::new(1_900_000_000_000, 1);
    for (name, request) in requests {
        for (what, deed) in [("done", Deed::Requests(vec![request])), ("undone", Deed::Undo)] {
            let stamp = Stamp {
                who: "bench",
                at_unix_ms: 1_900_000_000_000,
            };
            let start = Instant::now();
            let done = deed
                .carry_out(project, None, &mut ids, stamp, &mut |_, _| Ok(()))
                .unwrap();
            let committed = start.elapsed();
            let update = project.updated_network(&network, &done.effects);
            let joined = start.elapsed();
            let change = NetworkChange::of(&update);
            network = Arc::new(update.network);
            window.follow(&network, &change);
            println!(
                "{name} {what} in {:.0} ms: project {:.0}, network {:.0}, picture {:.0}",
                ms(start.elapsed()),
                ms(committed),
                ms(joined.saturating_sub(committed)),
                ms(start.elapsed().saturating_sub(joined)),
            );
        }
    }
}

/// What an edited network answers, and how soon.
fn afterwards(network: &Network) {
    let start = Instant::now();
    let sources = network.sources().len();
    println!(
        "\nsupply of the edited network flooded in {:.0} ms ({sources} sources)",
        ms(start.elapsed())
    );
    let mut bursts = Vec::new();
    let mut snaps = Vec::new();
    for i in 0..300 {
        let pipe = PipeIndex((i * network.pipe_slots() / 300) as u32);
        if !network.has_pipe(pipe) {
            continue;
        }
        let request = BurstRequest {
            pipes: vec![pipe],
            ..BurstRequest::default()
        };
        let start = Instant::now();
        drop(burst(network, &request));
        bursts.push(start.elapsed());
        let place = network.pipe_vertices(pipe)[0];
        let request = SnapRequest::new([place[0] + 0.7, place[1] - 0.4], 5.0, SnapKinds::ALL);
        let start = Instant::now();
        std::hint::black_box(snap(network, &request, |_: NodeIndex| true, |_| true));
        snaps.push(start.elapsed());
    }
    for (name, mut times) in [("burst", bursts), ("snap", snaps)] {
        times.sort_unstable();
        println!(
            "{name} {:.3} ms median, {:.3} ms 95 %",
            ms(times[times.len() / 2]),
            ms(times[times.len() * 95 / 100])
        );
    }
}

struct Window {
    layer: NetworkLayer,
    gpu: Gpu,
    render_state: egui_wgpu::RenderState,
    target: wgpu::TextureView,
    theme: Theme,
    place: WebPlace,
    camera: Camera,
}

impl Window {
    fn new(project: &Project, network: &Arc<Network>) -> Self {
        let data =
            MapData::prepare(Arc::clone(network), project.crs(), project.schema(), &NoProgress).unwrap();
        let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
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
        Self {
            layer: NetworkLayer::new(Arc::new(data)),
            gpu: Gpu::new(&render_state),
            target: texture.create_view(&wgpu::TextureViewDescriptor::default()),
            render_state,
            theme: Theme::load(ThemeKind::Light).unwrap(),
            place: WebPlace::new(project.crs(), None).unwrap(),
            camera: Camera {
                centre: [0.0; 2],
                zoom: 18.0,
                rotation_rad: 0.0,
                rect: egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(SIZE[0], SIZE[1])),
            },
        }
    }

    /// What is in view is on the card before the edit.
    fn look_at(&mut self, network: &Network, pipe: u32) {
        if let Some(middle) = network.pipe_vertices(PipeIndex(pipe)).first() {
            let mut middle = [*middle];
            self.place.to_mercator(&mut middle);
            self.camera.centre = middle[0];
        }
        self.frame();
    }

    fn follow(&mut self, network: &Arc<Network>, change: &NetworkChange) {
        self.layer.follow(network, change, &self.place);
        self.frame();
    }

    fn frame(&mut self) {
        self.layer.restyle(
            &mut self.gpu,
            &self.theme,
            &LayerVisibility::default(),
            &Highlight::default(),
            &self.place,
            &egui::Context::default(),
        );
        let view = FrameView {
            view: self.camera.view(),
            centre: self.camera.centre,
            rotation_rad: 0.0,
            size_points: SIZE,
            px_per_point: 1.0,
            scale_denominator: self.camera.scale_denominator(),
            line_budget: LINE_BUDGET,
        };
        let paint = self.layer.prepare(&mut self.gpu, &view);
        let device = &self.render_state.device;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        record_offscreen(&paint, &mut encoder, &self.target, SIZE);
        drop(encoder.finish());
        self.render_state.queue.submit([]);
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
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
