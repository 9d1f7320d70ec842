//! Panning over a mosaic of 10 GB: what a frame costs on the processor while workers read tiles. Nothing is drawn on a
//! graphics card.
//!
//! `cargo run --example imagery_frame -- --frames 600`. Figures belong in docs/BENCHMARKS.md.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a benchmark reports on standard output and may stop"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Pos2, RawInput, Rect, vec2};
use gis_core::cartography::layers::RasterSource;
use gis_core::io::crs::parse;
use gis_core::io::raster::Imagery;
use karez::map::{Camera, ImageryTiles, TileLayer};

/// 58,000 × 58,000 × 3 bytes.
const SIDE: usize = 58_000;
const FRAME: Duration = Duration::from_micros(16_667);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    let frames: usize = after("--frames").map_or(600, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mosaic.vrt");
    make(&path);
    let source = RasterSource {
        path: path.display().to_string(),
        ..RasterSource::default()
    };
    let imagery = Imagery::open(&source, &parse("EPSG:4538").unwrap(), None).unwrap();
    let b = imagery.web_box();
    println!(
        "mosaic of 64 sheets, {SIDE} × {SIDE} × 3 bytes ({:.1} GB)",
        (SIDE * SIDE * 3) as f64 / 1e9
    );
    let tiles = Arc::new(ImageryTiles::new(imagery));
    for zoom in [13.0, 15.5, 17.0, 19.3] {
        let ctx = egui::Context::default();
        let mut layer = TileLayer::new(Arc::clone(&tiles) as _, &ctx);
        let mut camera = Camera {
            centre: [b[0] + (b[2] - b[0]) * 0.3, f64::midpoint(b[1], b[3])],
            zoom,
            rotation_rad: 0.2,
            rect: Rect::from_min_size(Pos2::ZERO, vec2(1_920.0, 1_080.0)),
        };
        let mut times = Vec::new();
        let mut triangles = 0;
        for _ in 0..frames {
            let start = Instant::now();
            camera = camera.dragged(vec2(-14.0, 3.0));
            let input = RawInput {
                screen_rect: Some(camera.rect),
                ..RawInput::default()
            };
            let mut output = ctx.run_ui(input, |ui| layer.draw(ui.painter(), &camera, 1.0));
            let meshes = ctx.tessellate(output.shapes, 1.0);
            output.textures_delta.clear();
            times.push(start.elapsed());
            triangles += meshes.len();
            std::thread::sleep(FRAME.saturating_sub(start.elapsed()));
        }
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!(
            "level {zoom}: median {:.2} ms, 99 % {:.2} ms, worst {:.2} ms a frame ({frames} frames, {triangles} meshes)",
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

/// Sixty-four places of one sheet that has pyramids; the mosaic itself has none.
fn make(path: &Path) {
    const ACROSS: usize = 8;
    let sheet = path.with_file_name("sheet.tif");
    let seed = path.with_file_name("seed.asc");
    let text: String =
        std::iter::once("ncols 64\nnrows 64\nxllcorner 0\nyllcorner 0\ncellsize 1\n".to_owned())
            .chain((0..64 * 64).map(|i| format!("{}{}", i * 37 % 251, if i % 64 == 63 { "\n" } else { " " })))
            .collect();
    std::fs::write(&seed, text).unwrap();
    let size = SIDE / ACROSS;
    let pixels = size.to_string();
    let mut command = Command::new("gdal_translate");
    command.args([
        "-q", "-ot", "Byte", "-r", "bilinear", "-outsize", &pixels, &pixels,
    ]);
    command.args(["-b", "1", "-b", "1", "-b", "1", "-co", "TILED=YES"]);
    assert!(command.arg(&seed).arg(&sheet).status().unwrap().success());
    let mut command = Command::new("gdaladdo");
    command.args(["-q", "-ro", "-r", "average"]).arg(&sheet);
    assert!(
        command
            .args(["2", "4", "8", "16", "32"])
            .status()
            .unwrap()
            .success()
    );
    let bands: String = ["Red", "Green", "Blue"]
        .iter()
        .zip(1..)
        .map(|(colour, band)| {
            let sources: String = (0..ACROSS * ACROSS)
                .map(|i| {
                    let (x, y) = (i % ACROSS * size, i / ACROSS * size);
                    format!(
                        "<SimpleSource><SourceFilename relativeToVRT=\"1\">sheet.tif</SourceFilename>\
                         <SourceBand>{band}</SourceBand><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"{size}\" ySize=\"{size}\"/>\
                         <DstRect xOff=\"{x}\" yOff=\"{y}\" xSize=\"{size}\" ySize=\"{size}\"/></SimpleSource>"
                    )
                })
                .collect();
            format!("<VRTRasterBand dataType=\"Byte\" band=\"{band}\"><ColorInterp>{colour}</ColorInterp>{sources}</VRTRasterBand>")
        })
        .collect();
    let vrt = format!(
        "<VRTDataset rasterXSize=\"{SIDE}\" rasterYSize=\"{SIDE}\"><SRS>EPSG:4538</SRS>\
         <GeoTransform>540000, 0.2, 0, 4860000, 0, -0.2</GeoTransform>{bands}</VRTDataset>"
    );
    std::fs::write(path, vrt).unwrap();
}
