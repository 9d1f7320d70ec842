//! An A0 sheet with 20,000 pipes as vector PDF: time and size.
//!
//! `cargo bench -p gis-core --bench print -- --pipes 20000`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use gis_core::cartography::{StyleSet, Theme};
use gis_core::layout::output::{OutputFormat, write_pages};
use gis_core::layout::surface::TypeFace;
use gis_core::layout::{Scene, template};
use gis_core::project::{NewProject, Project};
use gis_core::sample::{self, SampleRequest};
use gis_core::schema::Schema;
use gis_core::{IdSource, Lang, NoProgress};

/// The scale of the sheet: every symbol of the default styles is drawn at it, more than a city on A0 would show.
const DENOMINATORS: [Option<f64>; 2] = [None, Some(2500.0)];

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pipes = args
        .iter()
        .position(|a| a == "--pipes")
        .map_or(20_000, |i| args[i + 1].parse().unwrap());
    let schema = Schema::builtin().unwrap();
    let crs = gis_core::io::crs::parse(&format!("EPSG:{}", sample::EPSG)).unwrap();
    let mut project = Project::temporary(&NewProject {
        name: sample::NAME,
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    })
    .unwrap();
    let mut ids = IdSource::new(1_700_000_000_000, 1);
    let mut writer = project.begin_bulk().unwrap();
    sample::generate(
        &SampleRequest { seed: 1, pipes },
        &schema,
        &mut ids,
        &NoProgress,
        &mut |feature| writer.insert(&feature),
    )
    .unwrap();
    writer.finish().unwrap();
    let network = project.network(&NoProgress).unwrap();
    let (styles, face) = (StyleSet::builtin().unwrap(), TypeFace::embedded().unwrap());
    let values = BTreeMap::from([("project".to_owned(), sample::NAME.to_owned())]);
    let scene = Scene {
        network: &network,
        schema: &schema,
        styles: &styles,
        crs: &crs,
        lang: Lang::ZhCn,
        theme: Theme::Light,
        values: &values,
        face: &face,
        dressing: None,
    };
    println!(
        "A0, {} pipes and {} nodes in the network",
        network.pipe_count(),
        network.node_count()
    );
    let folder = tempfile::tempdir().unwrap();
    for denominator in DENOMINATORS {
        for (name, format) in [
            ("pdf", OutputFormat::Pdf),
            ("svg", OutputFormat::Svg),
            ("dxf", OutputFormat::Dxf),
        ] {
            let mut layout = template::find("a0-plan").unwrap();
            layout.main_map_mut().unwrap().denominator = denominator;
            let path = folder.path().join(format!("sheet.{name}"));
            let start = Instant::now();
            write_pages(
                std::slice::from_ref(&layout),
                &scene,
                &path,
                format,
                96.0,
                &NoProgress,
            )
            .unwrap();
            let seconds = start.elapsed().as_secs_f64();
            let mib = std::fs::metadata(&path).unwrap().len() as f64 / 1024.0 / 1024.0;
            let scale = denominator.map_or_else(|| "whole city".to_owned(), |d| format!("1:{d}"));
            println!("{scale:<12} {name}  {seconds:>7.2} s  {mib:>7.2} MiB");
        }
    }
}
