//! Building the pyramids of a GeoTIFF, and `gdaladdo` building the same ones, turn and turn about in one run; then the
//! tiles of a mosaic of 10 GB, as a worker of the map reads them.
//!
//! `cargo bench -p gis-core --bench overviews -- --side 8000`. Figures belong in docs/BENCHMARKS.md.
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

use gis_core::NoProgress;
use gis_core::cartography::layers::RasterSource;
use gis_core::io::crs::parse;
use gis_core::io::raster::{Imagery, OverviewOptions, build_overviews};

const ROUNDS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|a| a == name).map(|i| args[i + 1].clone());
    let side: usize = after("--side").map_or(8_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    pyramids(&folder.path().join("image.tif"), side);
    mosaic(folder.path());
}

/// A GeoTIFF made by GDAL itself: a grey wedge, scaled up and coloured.
fn make(path: &Path, side: usize, options: &[&str]) {
    let small = path.with_extension("asc");
    let text: String =
        std::iter::once("ncols 64\nnrows 64\nxllcorner 540000\nyllcorner 4850000\ncellsize 1\n".to_owned())
            .chain((0..64 * 64).map(|i| format!("{}{}", i * 37 % 251, if i % 64 == 63 { "\n" } else { " " })))
            .collect();
    std::fs::write(&small, text).unwrap();
    let side = side.to_string();
    let mut command = Command::new("gdal_translate");
    command.args([
        "-q",
        "-ot",
        "Byte",
        "-r",
        "bilinear",
        "-outsize",
        &side,
        &side,
        "-a_srs",
        "EPSG:4538",
    ]);
    command.args([
        "-b",
        "1",
        "-b",
        "1",
        "-b",
        "1",
        "-co",
        "TILED=YES",
        "-co",
        "BIGTIFF=YES",
    ]);
    for option in options {
        command.args(["-co", option]);
    }
    assert!(command.arg(&small).arg(path).status().unwrap().success());
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn pyramids(path: &Path, side: usize) {
    make(path, side, &[]);
    let beside = path.with_extension("tif.ovr");
    let levels = ["2", "4", "8", "16", "32"];
    let (mut theirs, mut theirs_threads, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (threads, times) in [("1", &mut theirs), ("ALL_CPUS", &mut theirs_threads)] {
            let start = Instant::now();
            let mut command = Command::new("gdaladdo");
            command.args([
                "-q",
                "-ro",
                "-r",
                "average",
                "--config",
                "GDAL_NUM_THREADS",
                threads,
            ]);
            assert!(command.arg(path).args(levels).status().unwrap().success());
            times.push(start.elapsed());
            std::fs::remove_file(&beside).unwrap();
        }
        let start = Instant::now();
        let options = OverviewOptions {
            levels: levels.iter().map(|l| l.parse().unwrap()).collect(),
            ..OverviewOptions::default()
        };
        build_overviews(path, &options, &NoProgress).unwrap();
        ours.push(start.elapsed());
        std::fs::remove_file(&beside).unwrap();
    }
    let (theirs, theirs_threads, ours) = (median(theirs), median(theirs_threads), median(ours));
    let mb = (side * side * 3) as f64 / 1e6;
    println!("pyramids of {side} × {side} × 3 bytes ({mb:.0} MB), median of {ROUNDS} rounds");
    println!("  gdaladdo, as it comes:      {theirs:>7.2} s");
    println!("  gdaladdo, all processors:   {theirs_threads:>7.2} s");
    println!(
        "  karez:                      {ours:>7.2} s  = {:.2} × gdaladdo, {:.2} × on all processors",
        theirs / ours,
        theirs_threads / ours
    );
}

/// 58,000 × 58,000 × 3 bytes, sparse on the disk: reading it costs what reading a full one costs but for the disk.
fn mosaic(folder: &Path) {
    const SIDE: usize = 58_000;
    let path = folder.join("mosaic.vrt");
    let sheet = folder.join("sheet.tif");
    make(&sheet, SIDE / 8, &[]);
    let size = SIDE / 8;
    let tile = |band: usize| -> String {
        (0..64)
            .map(|i| {
                format!(
                    "<SimpleSource><SourceFilename relativeToVRT=\"1\">sheet.tif</SourceFilename><SourceBand>{band}</SourceBand>\
                     <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"{size}\" ySize=\"{size}\"/>\
                     <DstRect xOff=\"{}\" yOff=\"{}\" xSize=\"{size}\" ySize=\"{size}\"/></SimpleSource>",
                    i % 8 * size,
                    i / 8 * size
                )
            })
            .collect()
    };
    let bands: String = ["Red", "Green", "Blue"]
        .iter()
        .zip(1..)
        .map(|(colour, band)| {
            format!(
                "<VRTRasterBand dataType=\"Byte\" band=\"{band}\"><ColorInterp>{colour}</ColorInterp>{}</VRTRasterBand>",
                tile(band)
            )
        })
        .collect();
    let vrt = format!(
        "<VRTDataset rasterXSize=\"{SIDE}\" rasterYSize=\"{SIDE}\"><SRS>EPSG:4538</SRS>\
         <GeoTransform>540000, 0.2, 0, 4860000, 0, -0.2</GeoTransform>{bands}</VRTDataset>"
    );
    std::fs::write(&path, vrt).unwrap();
    let source = RasterSource {
        path: path.display().to_string(),
        ..RasterSource::default()
    };
    let imagery = Arc::new(Imagery::open(&source, &parse("EPSG:4538").unwrap(), None).unwrap());
    let reader = imagery.reader().unwrap();
    let b = imagery.web_box();
    println!(
        "tiles of a mosaic of {:.1} GB without pyramids, of 64 sheets",
        (SIDE * SIDE * 3) as f64 / 1e9
    );
    for zoom in [12_u8, 14, 16, 18, 20] {
        let side = 40_075_016.685_578_49 / f64::from(zoom).exp2();
        let column = ((f64::midpoint(b[0], b[2]) + 20_037_508.342_789_244) / side) as u32;
        let row = ((20_037_508.342_789_244 - f64::midpoint(b[1], b[3])) / side) as u32;
        let times: Vec<Duration> = (0..9)
            .map(|i| {
                let start = Instant::now();
                let tile = reader.tile(zoom, column + i % 3, row + i / 3, 256).unwrap();
                assert!(i > 0 || tile.is_some());
                start.elapsed()
            })
            .collect();
        println!("  level {zoom}: {:.1} ms a tile", median(times) * 1e3);
    }
}
