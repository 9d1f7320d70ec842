//! Real pictures, made here with GDAL.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};
use tempfile::TempDir;

use super::*;
use crate::cartography::layers::{ControlPoint, Georeference, Method, RasterSource, Stretch};
use crate::crs::Crs;
use crate::error::Error;
use crate::io::crs::{Transform, parse, spatial_ref};
use crate::progress::{NoProgress, Progress};
use crate::text::Message;

/// North-west corner in CGCS2000 zone 3-degree 29 (EPSG:4517 counts from 75°; this is the one at 87°E), metres a pixel.
const CORNER: [f64; 2] = [548_000.0, 4_852_000.0];
const PIXEL_M: f64 = 2.0;

fn project() -> Crs {
    parse("EPSG:4538").unwrap()
}

struct Made {
    _folder: TempDir,
    path: PathBuf,
}

/// A GeoTIFF of `side` pixels: red rises with the column, green with the row, blue is 40.
fn tiff(side: usize, crs: Option<&str>, is_placed: bool) -> Made {
    crate::io::quiet::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("影像.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::from_iter([
        "TILED=YES",
        "BLOCKXSIZE=256",
        "BLOCKYSIZE=256",
        "PHOTOMETRIC=RGB",
    ]);
    let mut dataset = driver
        .create_with_band_type_with_options::<u8, _>(&path, side, side, 3, &options)
        .unwrap();
    if is_placed {
        dataset
            .set_geo_transform(&[CORNER[0], PIXEL_M, 0.0, CORNER[1], 0.0, -PIXEL_M])
            .unwrap();
    }
    if let Some(crs) = crs {
        dataset.set_spatial_ref(&spatial_ref(crs).unwrap()).unwrap();
    }
    for band in 1..=3 {
        let values = (0..side * side)
            .map(|i| match band {
                1 => (i % side * 200 / side + 20) as u8,
                2 => (i / side * 200 / side + 20) as u8,
                _ => 40,
            })
            .collect();
        let mut buffer = Buffer::new((side, side), values);
        let mut band = dataset.rasterband(band).unwrap();
        band.write((0, 0), (side, side), &mut buffer).unwrap();
    }
    dataset.close().unwrap();
    Made {
        _folder: folder,
        path,
    }
}

fn source(path: &Path) -> RasterSource {
    RasterSource {
        path: path.display().to_string(),
        ..RasterSource::default()
    }
}

fn reader(source: &RasterSource) -> Reader {
    Arc::new(Imagery::open(source, &project(), None).unwrap())
        .reader()
        .unwrap()
}

/// The colour at a ground place in EPSG:4538.
fn colour_at(reader: &Reader, ground: [f64; 2]) -> [u8; 4] {
    let web = Transform::to_web_mercator(&project())
        .unwrap()
        .point(ground)
        .unwrap();
    let half = 0.5;
    let view = [web[0] - half, web[1] - half, web[0] + half, web[1] + half];
    let Some(picture) = reader.view(view, [1, 1]).unwrap() else {
        return [0; 4];
    };
    [0, 1, 2, 3].map(|i| picture.pixels[i])
}

fn near(found: [u8; 4], wanted: [u8; 4], tolerance: u8) -> bool {
    found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= tolerance)
}

#[test]
fn a_geotiff_says_what_it_is_and_where_it_lies() {
    let made = tiff(600, Some("EPSG:4538"), true);
    let info = describe(&made.path).unwrap();
    assert_eq!(
        (info.columns, info.rows, info.driver.as_str()),
        (600, 600, "GTiff")
    );
    assert_eq!(info.crs.as_ref().and_then(|c| c.epsg), Some(4538));
    assert_eq!(info.placing, Placing::Header);
    assert_eq!(info.usual_bands(), [1, 2, 3]);
    assert!(info.overviews.is_empty() && !info.needs_overviews());
    assert_eq!(info.block, [256, 256]);
}

#[test]
fn every_ground_place_shows_its_own_pixel_of_the_picture() {
    let made = tiff(600, Some("EPSG:4538"), true);
    let reader = reader(&source(&made.path));
    for pixel in [[10.5, 10.5], [300.5, 120.5], [590.5, 20.5], [77.5, 580.5]] {
        let ground = [CORNER[0] + pixel[0] * PIXEL_M, CORNER[1] - pixel[1] * PIXEL_M];
        let wanted = [
            (pixel[0] as usize * 200 / 600 + 20) as u8,
            (pixel[1] as usize * 200 / 600 + 20) as u8,
            40,
            255,
        ];
        let found = colour_at(&reader, ground);
        assert!(near(found, wanted, 2), "{pixel:?}: {found:?}, not {wanted:?}");
    }
    assert_eq!(colour_at(&reader, [CORNER[0] - 20.0, CORNER[1] - 20.0])[3], 0);
}

#[test]
fn tiles_of_all_levels_show_the_picture_and_nothing_beside_it() {
    let made = tiff(600, Some("EPSG:4538"), true);
    let imagery = Arc::new(Imagery::open(&source(&made.path), &project(), None).unwrap());
    let reader = imagery.reader().unwrap();
    let b = imagery.web_box();
    let half = std::f64::consts::PI * 6_378_137.0;
    for zoom in [3_u8, 10, 14, 17, 19] {
        let side = 2.0 * half / f64::from(zoom).exp2();
        let middle = [f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])];
        let tile = [
            ((middle[0] + half) / side) as u32,
            ((half - middle[1]) / side) as u32,
        ];
        let picture = reader.tile(zoom, tile[0], tile[1], 256).unwrap();
        if zoom >= 10 {
            let picture = picture.unwrap();
            assert_eq!(picture.pixels.len(), 256 * 256 * 4);
            assert!(!picture.is_coarse);
        }
        assert_eq!(reader.tile(zoom, 0, 0, 256).unwrap(), None, "zoom {zoom}");
    }
    assert!((16..=19).contains(&imagery.max_zoom()), "{}", imagery.max_zoom());
}

#[test]
fn a_picture_without_a_system_asks_and_takes_the_projects() {
    let made = tiff(64, None, true);
    let refused = Imagery::open(&source(&made.path), &project(), None).unwrap_err();
    assert_eq!(refused.message().key(), "raster.place.no_crs");
    let with_project = RasterSource {
        georeference: Some(Georeference::default()),
        ..source(&made.path)
    };
    let reader = reader(&with_project);
    assert_eq!(colour_at(&reader, [CORNER[0] + 20.0, CORNER[1] - 20.0])[3], 255);
}

#[test]
fn a_picture_without_a_place_is_placed_by_corners_by_points_and_by_the_world_file_they_write() {
    let made = tiff(400, None, false);
    let refused = Imagery::open(&source(&made.path), &project(), None).unwrap_err();
    assert_eq!(refused.message().key(), "raster.place.none");
    let point = |x: f64, y: f64| ControlPoint {
        pixel: [x, y],
        ground: [CORNER[0] + x * PIXEL_M, CORNER[1] - y * PIXEL_M],
        is_used: true,
    };
    let corners = Georeference {
        crs: None,
        method: Method::TwoCorners,
        points: vec![point(0.0, 0.0), point(400.0, 400.0)],
    };
    let affine = Georeference {
        crs: Some("EPSG:4538".to_owned()),
        method: Method::Affine,
        points: vec![
            point(3.0, 5.0),
            point(390.0, 12.0),
            point(200.0, 380.0),
            point(50.0, 300.0),
        ],
    };
    let place = [CORNER[0] + 300.0, CORNER[1] - 500.0];
    let wanted = [95, 145, 40, 255];
    for georeference in [corners, affine.clone()] {
        let placed = RasterSource {
            georeference: Some(georeference),
            ..source(&made.path)
        };
        let found = colour_at(&reader(&placed), place);
        assert!(near(found, wanted, 2), "{found:?}");
    }
    let file = world_file::write_beside(&made.path, &affine.fit().unwrap().placement).unwrap();
    assert!(file.to_string_lossy().ends_with(".tfw"));
    assert_eq!(describe(&made.path).unwrap().placing, Placing::WorldFile);
    let own = RasterSource {
        georeference: Some(Georeference::default()),
        ..source(&made.path)
    };
    assert!(near(colour_at(&reader(&own), place), wanted, 2));
    std::fs::write(&file, "2.0 0.0 nonsense").unwrap();
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_preview_needs_no_place() {
    let made = tiff(600, None, false);
    let shown = preview(&source(&made.path), 200).unwrap();
    assert_eq!(shown.size, [200, 200]);
    let at = |x: usize, y: usize| [0, 1, 2, 3].map(|i| shown.pixels[(y * 200 + x) * 4 + i]);
    assert!(near(at(2, 2), [20, 20, 40, 255], 3) && near(at(197, 3), [217, 20, 40, 255], 3));
    assert!(near(at(3, 197), [20, 217, 40, 255], 3), "{:?}", at(3, 197));
}

#[test]
fn what_has_no_data_is_transparent_and_wide_values_are_stretched() {
    crate::io::quiet::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dem.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver
        .create_with_band_type::<f32, _>(&path, 100, 100, 1)
        .unwrap();
    dataset
        .set_geo_transform(&[CORNER[0], PIXEL_M, 0.0, CORNER[1], 0.0, -PIXEL_M])
        .unwrap();
    dataset.set_spatial_ref(&spatial_ref("4538").unwrap()).unwrap();
    // Heights from 500 to 1490 m; the left tenth is nothing.
    let values = (0..10_000)
        .map(|i| {
            if i % 100 < 10 {
                -9999.0
            } else {
                500.0 + (i % 100) as f32 * 10.0
            }
        })
        .collect();
    let mut band = dataset.rasterband(1).unwrap();
    band.set_no_data_value(Some(-9999.0)).unwrap();
    band.write((0, 0), (100, 100), &mut Buffer::new((100, 100), values))
        .unwrap();
    dataset.close().unwrap();
    let at = |source: &RasterSource, column: f64| {
        colour_at(&reader(source), [CORNER[0] + column * PIXEL_M, CORNER[1] - 100.0])
    };
    let usual = source(&path);
    assert_eq!(at(&usual, 5.0)[3], 0, "nothing there");
    assert!(at(&usual, 12.0)[0] < 10 && at(&usual, 97.0)[0] > 245, "stretched");
    let plain = RasterSource {
        stretch: Stretch::None,
        ..usual.clone()
    };
    assert_eq!(at(&plain, 50.0), [255, 255, 255, 255]);
    let bright = RasterSource {
        brightness: 0.5,
        ..usual.clone()
    };
    assert!(at(&bright, 12.0)[0] > 120);
    let other = RasterSource {
        nodata: Some(1_000.0),
        ..usual
    };
    assert_eq!(at(&other, 50.5)[3], 0, "a value the user says means nothing");
    assert_eq!(at(&other, 5.0)[3], 255);
    let wrong = RasterSource {
        bands: Some([1, 2, 3]),
        ..source(&path)
    };
    let refused = Imagery::open(&wrong, &project(), None).unwrap_err();
    assert_eq!(refused.message().key(), "raster.band.missing");
}

#[test]
fn a_hundred_thousand_pixels_square_without_pyramids_is_drawn_sparsely() {
    crate::io::quiet::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options =
        RasterCreationOptions::from_iter(["TILED=YES", "SPARSE_OK=TRUE", "BIGTIFF=YES", "COMPRESS=DEFLATE"]);
    let mut dataset = driver
        .create_with_band_type_with_options::<u8, _>(&path, 100_000, 100_000, 1, &options)
        .unwrap();
    dataset
        .set_geo_transform(&[CORNER[0], 0.2, 0.0, CORNER[1], 0.0, -0.2])
        .unwrap();
    dataset.set_spatial_ref(&spatial_ref("4538").unwrap()).unwrap();
    dataset.close().unwrap();
    let imagery = Arc::new(Imagery::open(&source(&path), &project(), None).unwrap());
    assert!(imagery.info().needs_overviews());
    let levels = imagery.info().suggested_levels();
    assert_eq!((levels.first(), levels.last()), (Some(&2), Some(&256)));
    let picture = imagery
        .reader()
        .unwrap()
        .view(imagery.web_box(), [512, 512])
        .unwrap()
        .unwrap();
    assert!(picture.is_coarse, "the whole of it would be 10 GB");
}

#[test]
fn files_that_are_no_pictures_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let made = tiff(600, Some("EPSG:4538"), true);
    let whole = std::fs::read(&made.path).unwrap();
    let cases = [
        (file("empty.tif", b""), "raster.open.empty"),
        (
            file("text.tif", b"this is no picture"),
            "raster.open.unknown_format",
        ),
        (file("project.gpkg", b"SQLite format 3\0"), "raster.open.database"),
        (file("cut.tif", &whole[..whole.len() / 2]), "raster.open.broken"),
        (
            file(
                "names.vrt",
                br#"<VRTDataset rasterXSize="1" rasterYSize="1"><SourceFilename>/a/B.GPKG</SourceFilename>"#,
            ),
            "raster.open.database",
        ),
        (folder.path().to_owned(), "raster.open.folder"),
    ];
    for (path, key) in cases {
        let refused = describe(&path).unwrap_err();
        assert_eq!(refused.message().key(), key, "{}", path.display());
    }
    assert!(matches!(
        describe(&folder.path().join("gone.tif")),
        Err(Error::Io { .. })
    ));
}

/// Stops after some reports.
struct Stopping(AtomicU64);

impl Progress for Stopping {
    fn report(&self, _stage: &Message, _done: u64, _total: Option<u64>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 2
    }
}

#[test]
fn pyramids_are_built_rebuilt_and_left_as_they_were_when_cancelled() {
    let made = tiff(1_500, Some("EPSG:4538"), true);
    let report = build_overviews(&made.path, &OverviewOptions::default(), &NoProgress).unwrap();
    assert_eq!(report.levels, [2, 4]);
    assert_eq!(report.overviews, [[750, 750], [375, 375]]);
    assert!(!report.is_rebuilt && report.file.to_string_lossy().ends_with(".tif.ovr"));
    let before = std::fs::read(&report.file).unwrap();
    let others = OverviewOptions {
        levels: vec![3, 9],
        resampling: Resampling::Nearest,
        ..OverviewOptions::default()
    };
    let stopped = build_overviews(&made.path, &others, &Stopping(AtomicU64::new(0)));
    assert!(matches!(stopped, Err(Error::Cancelled)), "{stopped:?}");
    assert_eq!(
        std::fs::read(&report.file).unwrap(),
        before,
        "the old pyramid is back"
    );
    let again = build_overviews(&made.path, &others, &NoProgress).unwrap();
    assert!(again.is_rebuilt);
    assert_eq!(again.overviews, [[500, 500], [167, 167]]);
    let within = OverviewOptions {
        place: OverviewPlace::Within,
        ..OverviewOptions::default()
    };
    let fresh = tiff(1_500, Some("EPSG:4538"), true);
    let report = build_overviews(&fresh.path, &within, &NoProgress).unwrap();
    assert_eq!((report.file, report.overviews.len()), (fresh.path.clone(), 2));
    for levels in [vec![1], vec![2, 5_000]] {
        let wrong = OverviewOptions {
            levels,
            ..OverviewOptions::default()
        };
        assert!(matches!(
            build_overviews(&fresh.path, &wrong, &NoProgress),
            Err(Error::BadInput(_))
        ));
    }
    let small = tiff(100, Some("EPSG:4538"), true);
    assert!(matches!(
        build_overviews(&small.path, &OverviewOptions::default(), &NoProgress),
        Err(Error::Refused(_))
    ));
}
