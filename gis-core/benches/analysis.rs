//! Burst and path on a street grid of a million pipes, against one flood of the whole network in the same run.
//!
//! `cargo bench -p gis-core --bench analysis -- --pipes 1000000`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::time::{Duration, Instant};

use gis_core::analysis::burst::{BurstRequest, burst};
use gis_core::analysis::path::{PathOutcome, Place, shortest_path};
use gis_core::network::{
    Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeIndex, NodeInput, PipeIndex, PipeInput,
};
use gis_core::{ClassIndex, IdSource, NoProgress};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(1_000_000, |i| args[i + 1].parse().unwrap());
    let mut rng = SmallRng::seed_from_u64(11);
    println!("street grid of {pipes} pipes, one valve per two pipes, a source per 5,000 nodes");

    let builder = street_grid(pipes, &mut rng);
    let start = Instant::now();
    let network = builder.build(&NoProgress).unwrap();
    println!("build snapshot            {:>10.1} ms", ms(start.elapsed()));
    println!("resident                  {:>10.1} MiB", resident_mib());

    let flood = median((0..5).map(|_| whole_flood(&network)).collect());
    println!("whole flood (baseline)    {:>10.3} ms", ms(flood));

    let mut times = Vec::new();
    let mut closed = 0;
    for _ in 0..2000 {
        let pipe = PipeIndex(rng.random_range(0..network.pipe_count() as u32));
        let request = BurstRequest {
            pipes: vec![pipe],
            ..BurstRequest::default()
        };
        let start = Instant::now();
        let result = burst(&network, &request).unwrap();
        times.push(start.elapsed());
        closed += result.valves_to_close.len();
    }
    report("burst", times, flood);
    println!("valves to close, mean     {:>10.1}", closed as f64 / 2000.0);

    let mut times = Vec::new();
    let mut reached = 0;
    for _ in 0..200 {
        let [from, to] =
            [0, 1].map(|_| Place::Node(NodeIndex(rng.random_range(0..network.node_count() as u32))));
        let start = Instant::now();
        let outcome = shortest_path(&network, from, to);
        times.push(start.elapsed());
        reached += usize::from(matches!(outcome, Ok(PathOutcome::Found(_))));
    }
    report("path", times, flood);
    println!("pairs reached             {reached:>10} of 200");
}

fn report(name: &str, mut times: Vec<Duration>, flood: Duration) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{name:<6} median {:.4} ms, p95 {:.4} ms, max {:.3} ms; median / whole flood {:.4}",
        ms(at(0.5)),
        ms(at(0.95)),
        ms(at(1.0)),
        at(0.5).as_secs_f64() / flood.as_secs_f64()
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Peak of this process so far.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .and_then(|l| l.split_whitespace().next());
    kib.and_then(|k| k.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// What a program without the supply forest does for each burst: one breadth-first search from the sources.
fn whole_flood(network: &Network) -> Duration {
    let start = Instant::now();
    let mut wet = vec![false; network.piece_slots()];
    let mut queue = Vec::with_capacity(network.piece_slots());
    for &source in network.sources() {
        queue.extend_from_slice(network.pieces_at(source));
    }
    for piece in &queue {
        wet[piece.0 as usize] = true;
    }
    let mut next = 0;
    while next < queue.len() {
        for vertex in network.piece_ends(queue[next]) {
            for &other in network.pieces_at(vertex) {
                if !wet[other.0 as usize] {
                    wet[other.0 as usize] = true;
                    queue.push(other);
                }
            }
        }
        next += 1;
    }
    std::hint::black_box(&wet);
    start.elapsed()
}

fn street_grid(pipes: usize, rng: &mut SmallRng) -> NetworkBuilder {
    let side = ((pipes as f64 / 1.35).sqrt() as usize).max(2);
    let mut ids = IdSource::new(1_700_000_000_000, 5);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let on = NodeFlags::OPEN
        .with(NodeFlags::OPERABLE)
        .with(NodeFlags::ACCESSIBLE);
    let node_input = |id, flags, code: &str, position, on_pipe, builder: &mut NetworkBuilder| {
        builder.add_node(&NodeInput {
            flags,
            code,
            position,
            on_pipe,
            on_pipe_distance_m: on_pipe.map(|_| 5.0),
            ..NodeInput::new(id, ClassIndex(0))
        });
    };
    let mut grid = Vec::with_capacity(side * side);
    for row in 0..side {
        for column in 0..side {
            let place = [
                500_000.0 + column as f64 * 90.0 + rng.random_range(-12.0..12.0),
                4_800_000.0 + row as f64 * 90.0 + rng.random_range(-12.0..12.0),
            ];
            let id = ids.next_id();
            let is_source = rng.random_bool(0.0002);
            node_input(
                id,
                on.set(NodeFlags::SOURCE, is_source),
                &format!("J{}", grid.len()),
                place,
                None,
                &mut builder,
            );
            grid.push((id, place));
        }
    }
    let valve = on
        .with(NodeFlags::VALVE)
        .with(NodeFlags::BOUNDARY)
        .with(NodeFlags::SHUTTABLE);
    let mut made = 0;
    'rows: for row in 0..side {
        for column in 0..side {
            for (next_row, next_column, keep) in [(row, column + 1, 1.0), (row + 1, column, 0.37)] {
                if next_row >= side || next_column >= side || !rng.random_bool(keep) {
                    continue;
                }
                if made == pipes {
                    break 'rows;
                }
                let (from, a) = grid[row * side + column];
                let (to, b) = grid[next_row * side + next_column];
                let id = ids.next_id();
                let middle = [f64::midpoint(a[0], b[0]) + 3.0, f64::midpoint(a[1], b[1])];
                builder.add_pipe(&PipeInput {
                    code: &format!("P{made}"),
                    from: Some(from),
                    to: Some(to),
                    diameter_mm: 200.0,
                    material: Some(0),
                    customers: 3,
                    vertices: &[a, middle, b],
                    ..PipeInput::new(id, ClassIndex(0))
                });
                if rng.random_bool(0.5) {
                    let flags = valve.set(NodeFlags::OPERABLE, rng.random_bool(0.97));
                    let place = [a[0] + (middle[0] - a[0]) * 0.1, a[1] + (middle[1] - a[1]) * 0.1];
                    let valve_id = ids.next_id();
                    node_input(
                        valve_id,
                        flags,
                        &format!("V{made}"),
                        place,
                        Some(id),
                        &mut builder,
                    );
                }
                made += 1;
            }
        }
    }
    builder
}
