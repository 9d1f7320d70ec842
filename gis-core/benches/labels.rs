//! Placement of labels as the window does it each frame: 20,000 candidates in one picture, at most 300 placed.
//!
//! `cargo bench -p gis-core --bench labels`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::time::{Duration, Instant};

use gis_core::cartography::StyleSet;
use gis_core::cartography::labels::{
    Annotations, Candidates, GatherRequest, LabelSettings, LabelView, MOST_CANDIDATES, MOST_LABELS, Placer,
    TextRuler, gather,
};
use gis_core::cartography::layers::{LayerId, MapDocument};
use gis_core::cartography::thematic::NetworkLook;
use gis_core::network::{Metric, Network, NetworkBuilder, NetworkOptions, PipeInput};
use gis_core::schema::Schema;
use gis_core::{ClassIndex, FeatureId, IdSource, NoProgress};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

/// Pipes lie in a square of this side.
const SIDE_M: f64 = 900.0;
const PIPES: usize = 20_000;

fn main() {
    let schema = Schema::builtin().unwrap();
    let network = town(&schema);
    let ruler = TextRuler::embedded().unwrap();
    let mut document = MapDocument::standard(&schema);
    for (case, template, size_px) in [
        ("short texts, 300 find room", "DN300", 9.0),
        (
            "long texts, the picture is full before",
            "球墨铸铁 DN300 L=123.4 2019",
            16.0,
        ),
    ] {
        let settings = LabelSettings {
            size_px,
            hidden_beyond: None,
            ..LabelSettings::new(template)
        };
        document.layer_mut(&LayerId::new("class:pipe")).unwrap().labels = Some(settings);
        let started = Instant::now();
        let candidates = candidates(&schema, &network, &document, &ruler);
        println!(
            "{case}: {} candidates, gathered in {:.1} ms",
            candidates.len(),
            ms(started.elapsed())
        );
        let anew = measure(&candidates, false);
        report("placed anew", &anew);
        report("next frame of a pan", &measure(&candidates, true));
    }
}

/// Times and numbers of labels.
fn measure(candidates: &Candidates, is_panning: bool) -> Vec<(Duration, usize)> {
    let metric = Metric::projected(1.0);
    let mut placer = Placer::default();
    (0..200_u32)
        .map(|step| {
            let centre = [SIDE_M / 2.0 + f64::from(step) * 0.4, SIDE_M / 2.0];
            let view = LabelView::of_scale(centre, metric, 2_000.0, 0.3, [1_920.0, 1_080.0]);
            if !is_panning {
                placer.clear();
            }
            let started = Instant::now();
            let placed = placer.place(candidates, &view, &[], MOST_LABELS);
            (started.elapsed(), placed.len())
        })
        .collect()
}

fn report(what: &str, times: &[(Duration, usize)]) {
    let mut sorted: Vec<Duration> = times.iter().map(|(time, _)| *time).collect();
    sorted.sort();
    let labels = times.iter().map(|(_, count)| *count).max().unwrap_or_default();
    println!(
        "  {what:<24} median {:>7.3} ms   99 % {:>7.3} ms   {labels} labels",
        ms(sorted[sorted.len() / 2]),
        ms(sorted[sorted.len() * 99 / 100]),
    );
}

fn town(schema: &Schema) -> Network {
    let mut rng = SmallRng::seed_from_u64(3);
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let class = schema.class_index("pipe").unwrap();
    for _ in 0..PIPES {
        let [x, y]: [f64; 2] = [
            rng.random_range(0.0..SIDE_M),
            rng.random_range(0.0..SIDE_M / 1.7) + SIDE_M / 5.0,
        ];
        let (sin, cos) = rng.random_range(0.0..std::f64::consts::TAU).sin_cos();
        let length = rng.random_range(40.0..160.0);
        builder.add_pipe(&PipeInput {
            diameter_mm: 300.0,
            vertices: &[[x, y], [x + length * cos, y + length * sin]],
            ..PipeInput::new(ids.next_id(), class)
        });
    }
    builder.build(&NoProgress).unwrap()
}

fn candidates(schema: &Schema, network: &Network, document: &MapDocument, ruler: &TextRuler) -> Candidates {
    let texts = |_: ClassIndex, _: FeatureId, template: &str| Some(template.to_owned());
    let request = GatherRequest {
        network,
        schema,
        styles: &StyleSet::builtin().unwrap(),
        document,
        look: &NetworkLook::default(),
        annotations: &Annotations::default(),
        texts: &texts,
        ruler,
        scale_denominator: 2_000.0,
        extent: [-1e3, -1e3, SIDE_M + 1e3, SIDE_M + 1e3],
        most: MOST_CANDIDATES,
    };
    gather(&request, &mut |_| {})
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
