//! A street grid of any size for measuring the map. It is no believable city; `cargo xtask sample` makes that.

use gis_core::network::{
    LifeState, Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput,
};
use gis_core::schema::Schema;
use gis_core::{ClassIndex, IdSource, NoProgress, Result};

const BLOCK_M: f64 = 90.0;
/// Urumqi in CGCS2000 / 3-degree Gauss-Krüger CM 87E.
const CORNER: [f64; 2] = [540_000.0, 4_840_000.0];

struct Maker<'a> {
    schema: &'a Schema,
    builder: NetworkBuilder,
    ids: IdSource,
    random: u64,
}

/// About `pipe_count` pipes: two streets a crossing, three service pipes of them, with valves, hydrants and
/// customers. The same for the same count.
pub(crate) fn street_grid(schema: &Schema, pipe_count: usize) -> Result<Network> {
    let builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let mut maker = Maker {
        schema,
        builder,
        ids: IdSource::new(0, 7),
        random: 7,
    };
    // Five pipes a crossing.
    let side = (pipe_count as f64 / 5.0).sqrt().ceil() as u32 + 1;
    let mut made = 0;
    for i in 0..side {
        for j in 0..side {
            if made < pipe_count {
                made += maker.crossing(i, j, side);
            }
        }
    }
    maker.builder.build(&NoProgress)
}

fn main_mm(street: u32) -> f64 {
    match street {
        s if s % 40 == 0 => 1_000.0,
        s if s % 20 == 0 => 600.0,
        s if s % 10 == 0 => 400.0,
        s if s % 5 == 0 => 200.0,
        _ => 100.0,
    }
}

impl Maker<'_> {
    fn crossing(&mut self, i: u32, j: u32, side: u32) -> usize {
        let at = |i: u32, j: u32| {
            [
                CORNER[0] + f64::from(i) * BLOCK_M,
                CORNER[1] + f64::from(j) * BLOCK_M,
            ]
        };
        let start = at(i, j);
        let mut made = 0;
        for (end, street) in [(at(i + 1, j), j), (at(i, j + 1), i)] {
            let is_inside = end[0] < CORNER[0] + f64::from(side) * BLOCK_M
                && end[1] < CORNER[1] + f64::from(side) * BLOCK_M;
            if !is_inside {
                continue;
            }
            let along = [end[0] - start[0], end[1] - start[1]].map(|v| v / BLOCK_M);
            let place = |t: f64, off: f64| {
                [
                    start[0] + along[0] * t - along[1] * off,
                    start[1] + along[1] * t + along[0] * off,
                ]
            };
            let bends = [self.jitter(3.0), self.jitter(3.0)];
            let line = [start, place(30.0, bends[0]), place(60.0, bends[1]), end];
            let state = match (i * 7 + j * 3) % 97 {
                0 => LifeState::Planned,
                1 => LifeState::Obsolete,
                _ => LifeState::Operative,
            };
            self.pipe(main_mm(street), state, &line);
            if (i + j).is_multiple_of(2) {
                let flags = NodeFlags::VALVE
                    .with(NodeFlags::BOUNDARY)
                    .with(NodeFlags::SHUTTABLE);
                let flags = flags
                    .with(NodeFlags::ACCESSIBLE)
                    .set(NodeFlags::OPEN, !(i * 5 + j).is_multiple_of(23));
                self.node(
                    "valve",
                    flags.set(NodeFlags::OPERABLE, !(i + j * 5).is_multiple_of(29)),
                    place(4.0, bends[0] * 4.0 / 30.0),
                );
            }
            if (i + 2 * j).is_multiple_of(3) {
                self.node("hydrant", NodeFlags::HYDRANT, place(30.0, bends[0]));
            }
            made += 1;
            let services = if street == j { 2 } else { 1 };
            for k in 0..services {
                let t = 18.0 + 34.0 * f64::from(k);
                let tap = place(t, 0.0);
                let house = place(t + self.jitter(4.0), 14.0 + self.jitter(5.0));
                self.pipe(32.0, LifeState::Operative, &[tap, place(t, 6.0), house]);
                self.node("customer", NodeFlags::CUSTOMER, house);
                made += 1;
            }
        }
        if i % 160 == 3 && j % 160 == 5 {
            self.node("plant", NodeFlags::SOURCE.with(NodeFlags::BOUNDARY), start);
        }
        if i % 50 == 20 && j % 50 == 20 {
            self.node("pump_house", NodeFlags::default(), start);
            self.node(
                "tank",
                NodeFlags::SOURCE.with(NodeFlags::BOUNDARY),
                [start[0] + 40.0, start[1] + 40.0],
            );
        }
        made
    }

    /// Between minus and plus `reach`.
    fn jitter(&mut self, reach: f64) -> f64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.random >> 33) as f64 / f64::from(1_u32 << 30) - 1.0) * reach
    }

    fn class(&self, key: &str) -> ClassIndex {
        self.schema.class_index(key).unwrap_or(ClassIndex(0))
    }

    fn pipe(&mut self, diameter_mm: f64, state: LifeState, vertices: &[[f64; 2]]) {
        let class = self.class("pipe");
        self.builder.add_pipe(&PipeInput {
            state,
            diameter_mm,
            vertices,
            ..PipeInput::new(self.ids.next_id(), class)
        });
    }

    fn node(&mut self, class: &str, flags: NodeFlags, position: [f64; 2]) {
        let class = self.class(class);
        self.builder.add_node(&NodeInput {
            flags,
            position,
            diameter_mm: 100.0,
            customers: 1,
            ..NodeInput::new(self.ids.next_id(), class)
        });
    }
}
