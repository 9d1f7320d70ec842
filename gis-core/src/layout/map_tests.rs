//! The map document on pages: themes, pictures, tiles and foreign layers, looked at in the files that come of them.

use std::path::Path;
use std::sync::Arc;

use super::model::{GridKind, ItemKind, Layout, LegendItem, MapItem, MapPlace, Page, Paper, Place};
use super::output::{OutputFormat, Written, preview, write_pages};
use super::surface::{Affine, Bitmap};
use super::tests::{ORIGIN, Stage, material};
use super::{Dressing, Ground, MapMaterial};
use crate::cartography::Rgba;
use crate::cartography::backdrop::{TileAnswer, TilePicture, TilePyramid, TileShelf};
use crate::cartography::layers::{
    Category, DiagramKind, DiagramPart, DiagramZones, Layer, LayerId, LayerSource, LoadedMap, Look,
    MapDocument, PartSum, RasterSource, Renderer, TileKind, TileSource, TreeNode, VectorSource, Zones,
};
use crate::cartography::thematic::tests::town;
use crate::error::Result;
use crate::issue::Issues;
use crate::progress::NoProgress;
use crate::text::Lang;

const RED: Rgba = Rgba::opaque(200, 20, 20);
const VIOLET: Rgba = Rgba::opaque(120, 20, 200);

/// A map of 100 × 100 mm with nothing around it, and perhaps a key beside it.
fn page(at: [f64; 2], denominator: f64, rotation_deg: f64, has_legend: bool) -> Layout {
    let mut layout = Layout {
        page: Page {
            paper: Paper::Custom {
                width_mm: if has_legend { 170.0 } else { 100.0 },
                height_mm: 100.0,
            },
            ..Page::default()
        },
        ..Layout::default()
    };
    let mut map = MapItem {
        at: MapPlace::Centre(at),
        denominator: Some(denominator),
        rotation_deg,
        frame_mm: 0.0,
        ..MapItem::default()
    };
    map.grid.kind = GridKind::None;
    map.grid.has_coordinates = false;
    layout.add(Place::new(0.0, 0.0, 100.0, 100.0), ItemKind::Map(map));
    if has_legend {
        layout.add(
            Place::new(102.0, 0.0, 66.0, 100.0),
            ItemKind::Legend(LegendItem::default()),
        );
    }
    layout
}

fn written(stage: &Stage, layout: &Layout, name: &str) -> (String, Written) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let format = OutputFormat::of_path(&path).unwrap();
    let scene = stage.scene(Lang::En);
    let written = write_pages(
        std::slice::from_ref(layout),
        &scene,
        &path,
        format,
        127.0,
        &NoProgress,
    )
    .unwrap();
    let bytes = std::fs::read(&path).unwrap();
    (String::from_utf8_lossy(&bytes).into_owned(), written)
}

/// Colour at a place of the page in millimetres.
fn colour(stage: &Stage, layout: &Layout, at_mm: [f64; 2]) -> [u8; 3] {
    let scene = stage.scene(Lang::En);
    let bitmap = preview(layout, &scene, 127.0, &NoProgress).unwrap();
    let [x, y] = at_mm.map(|mm| (mm * 5.0) as usize);
    let i = (y * bitmap.width as usize + x) * 4;
    [0, 1, 2].map(|k| bitmap.rgba[i + k])
}

fn is_like(found: [u8; 3], wanted: [u8; 3]) -> bool {
    found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 12)
}

/// A stage with the five pipes of the thematic tests and a document of their project.
fn themed(change: impl FnOnce(&mut MapDocument)) -> Stage {
    let (project, network) = town();
    let mut stage = Stage::new();
    stage.crs = project.crs().clone();
    stage.network = network;
    stage.schema = project.schema().clone();
    let mut document = MapDocument::standard(&stage.schema);
    change(&mut document);
    let map = LoadedMap {
        document,
        issues: Issues::default(),
    };
    let material = MapMaterial::of(&project, map, Lang::En).unwrap();
    stage.dress(material, None);
    stage
}

fn pipes(document: &mut MapDocument) -> &mut Layer {
    document.layer_mut(&LayerId::new("class:pipe")).unwrap()
}

fn by_material() -> Renderer {
    let category = |value: &str, colour, is_visible| Category {
        value: value.to_owned(),
        title: Some(format!("made of {value}")),
        look: Look::coloured(colour),
        is_visible,
    };
    Renderer::Categorised {
        value: "material".to_owned(),
        categories: vec![category("DI", RED, true), category("PE", VIOLET, false)],
        other: None,
        ramp: String::new(),
    }
}

#[test]
fn themes_are_printed_with_their_own_key_and_hidden_values_are_not() {
    let stage = themed(|document| pipes(document).renderer = by_material());
    let layout = page([250.0, 0.0], 6000.0, 0.0, true);
    let (svg, written) = written(&stage, &layout, "theme.svg");
    assert!(written.issues.is_empty(), "{:?}", written.issues);
    assert!(svg.contains("stroke=\"#c81414\""), "the colour of DI");
    assert!(!svg.contains("#7814c8"), "PE is switched off");
    assert!(svg.contains(">made of DI<") && !svg.contains("made of PE"));
    assert!(
        !svg.contains("DN100"),
        "no pipe is drawn by its diameter, so none is explained by it"
    );
    let plain = themed(|_| {});
    let (svg, _) = self::written(&plain, &layout, "plain.svg");
    assert!(!svg.contains("#c81414") && svg.contains("DN"));
}

#[test]
fn groups_filters_opacity_and_scale_ranges_hold_on_paper() {
    let lines = |stage: &Stage, denominator: f64| {
        let (svg, _) = written(stage, &page([250.0, 0.0], denominator, 0.0, false), "a.svg");
        svg.matches("fill=\"none\"").count()
    };
    let single = |document: &mut MapDocument| {
        pipes(document).renderer = Renderer::Single {
            look: Look::coloured(RED),
        };
    };
    let all = themed(single);
    assert!(lines(&all, 6000.0) > 0);
    let hidden = themed(|document| {
        single(document);
        for node in &mut document.tree {
            let TreeNode::Group(group) = node else { continue };
            group.is_visible = false;
        }
    });
    assert_eq!(lines(&hidden, 6000.0), 0, "hidden groups hide what is in them");
    let near = themed(|document| {
        single(document);
        pipes(document).hidden_beyond = Some(5000.0);
        document
            .layer_mut(&LayerId::new("class:valve"))
            .unwrap()
            .is_visible = false;
    });
    assert_eq!(lines(&near, 6000.0), 0);
    assert!(lines(&near, 4000.0) > 0);
    let faint = themed(|document| {
        single(document);
        pipes(document).opacity = 0.5;
        pipes(document).filter = Some("code = 'P0'".to_owned());
    });
    let (svg, _) = written(&faint, &page([250.0, 0.0], 6000.0, 0.0, false), "faint.svg");
    assert!(
        svg.contains("stroke=\"#c81414\" stroke-opacity=\"0.502\""),
        "{svg}"
    );
    // P0 runs from 0 to 100 m: 41.7 mm to 25 mm left of the middle.
    let path = svg
        .split("<path d=\"")
        .find(|part| part.contains("#c81414"))
        .unwrap();
    assert!(path.starts_with("M8.333 50L25 50\""), "one pipe only: {path}");
}

#[test]
fn an_expression_with_an_error_is_told_with_the_files() {
    let stage = themed(|document| pipes(document).filter = Some("diametre > 3".to_owned()));
    let (_, written) = written(&stage, &page([250.0, 0.0], 6000.0, 0.0, false), "a.svg");
    let told: Vec<String> = written.issues.iter().map(|i| i.message.text(Lang::En)).collect();
    assert!(told.len() == 1 && told[0].contains("diametre"), "{told:?}");
}

#[test]
fn densities_dots_and_charts_are_printed() {
    let layout = page([250.0, 0.0], 6000.0, 0.0, true);
    let heat = themed(|document| {
        pipes(document).renderer = Renderer::Heat {
            weight: None,
            radius_m: 80.0,
            ramp: "magma".to_owned(),
        };
    });
    let (svg, _) = written(&heat, &layout, "heat.svg");
    assert!(svg.contains("<image ") && svg.contains(">Density<"), "{svg}");
    let dots = themed(|document| {
        pipes(document).renderer = Renderer::Dots {
            value: "diameter_mm".to_owned(),
            per_dot: 100.0,
            size_px: 4.0,
            colour: VIOLET,
        };
    });
    let (svg, _) = written(&dots, &layout, "dots.svg");
    let dots = svg
        .split("<path d=\"")
        .find(|part| part.contains("#7814c8"))
        .unwrap();
    assert_eq!(dots.matches('M').count(), 10, "1000 mm at 100 mm a dot");
    let pie = themed(|document| {
        pipes(document).renderer = Renderer::Diagram {
            kind: DiagramKind::Pie,
            zones: Zones::Value("dma".to_owned()),
            parts: vec![DiagramPart {
                title: "plastic".to_owned(),
                sum: PartSum::Count("material = 'PE'".to_owned()),
                colour: VIOLET,
            }],
            max_size_px: 40.0,
        };
    });
    let (svg, _) = written(&pie, &layout, "pie.svg");
    assert!(svg.contains("#7814c8") && svg.contains(">plastic<") && svg.contains(">A<"));
}

// ---------------------------------------------------------------------------------------------------- pictures

/// A GeoTIFF of 200 m about a place: green, its north-east quarter blue.
fn picture(folder: &Path, middle: [f64; 2]) -> RasterSource {
    const SIDE: u32 = 400;
    let path = folder.join("ground.tif");
    let pixels = (0..SIDE * SIDE).flat_map(|i| {
        let is_corner = i % SIDE >= SIDE / 2 && i / SIDE < SIDE / 2;
        let [r, g, b] = if is_corner { BLUE } else { GREEN };
        [r, g, b, 255]
    });
    let bitmap = Bitmap {
        width: SIDE,
        height: SIDE,
        rgba: pixels.collect(),
    };
    let place = Affine([0.5, 0.0, 0.0, -0.5, middle[0] - 100.0, middle[1] + 100.0]);
    let crs = crate::io::crs::parse("EPSG:4538").unwrap();
    crate::io::geotiff::write(&path, &bitmap, Some(&place), &crs, 96.0).unwrap();
    RasterSource {
        path: path.display().to_string(),
        ..RasterSource::default()
    }
}

/// The little network with layers below it.
fn over(layers: Vec<Layer>, tiles: Option<&Arc<dyn TileShelf>>) -> Stage {
    let mut stage = Stage::new();
    let mut document = MapDocument::standard(&stage.schema);
    document.tree.extend(layers.into_iter().map(TreeNode::Layer));
    stage.dress(material(document), tiles);
    stage
}

fn layer(source: LayerSource) -> Layer {
    Layer::new(LayerId::new("under"), source)
}

const MIDDLE: [f64; 2] = [ORIGIN[0] + 50.0, ORIGIN[1] + 50.0];
const GREEN: [u8; 3] = [20, 160, 20];
const BLUE: [u8; 3] = [20, 20, 220];

#[test]
fn a_picture_lies_under_the_pipes_where_the_ground_is_however_the_map_is_turned() {
    let folder = tempfile::tempdir().unwrap();
    let source = picture(folder.path(), MIDDLE);
    let stage = over(vec![layer(LayerSource::Raster(source.clone()))], None);
    // 1:1000: the picture is 200 mm wide, the frame shows half of it.
    let upright = page(MIDDLE, 1000.0, 0.0, false);
    for (at, wanted) in [([75.0, 25.0], BLUE), ([25.0, 25.0], GREEN), ([75.0, 75.0], GREEN)] {
        let found = colour(&stage, &upright, at);
        assert!(is_like(found, wanted), "{at:?}: {found:?}");
    }
    // The edge between blue and green is in the middle, within a pixel of the picture.
    for (x, wanted) in [(49.5, GREEN), (50.5, BLUE)] {
        let found = colour(&stage, &upright, [x, 25.0]);
        assert!(is_like(found, wanted), "{x}: {found:?}");
    }
    // North turned clockwise by a right angle points to the right: north-east is below on the right.
    let turned = page(MIDDLE, 1000.0, 90.0, false);
    for (at, wanted) in [([75.0, 75.0], BLUE), ([75.0, 25.0], GREEN), ([25.0, 75.0], GREEN)] {
        let found = colour(&stage, &turned, at);
        assert!(is_like(found, wanted), "{at:?}: {found:?}");
    }
    // The south pipe runs through the frame's lower edge, P2 through the right one: over the picture.
    let wide = page(MIDDLE, 4000.0, 0.0, false);
    let pipe = colour(&stage, &wide, [45.0, 62.5]);
    assert!(!is_like(pipe, GREEN) && !is_like(pipe, BLUE), "{pipe:?}");
    assert!(
        is_like(colour(&stage, &wide, [10.0, 10.0]), [255; 3]),
        "paper beside it"
    );
}

#[test]
fn opacity_and_brightness_of_a_picture_are_those_of_its_layer() {
    let folder = tempfile::tempdir().unwrap();
    let source = picture(folder.path(), MIDDLE);
    let faint = Layer {
        opacity: 0.5,
        ..layer(LayerSource::Raster(source.clone()))
    };
    let layout = page(MIDDLE, 1000.0, 0.0, false);
    let found = colour(&over(vec![faint], None), &layout, [25.0, 25.0]);
    assert!(is_like(found, [138, 208, 138]), "half green on white: {found:?}");
    let bright = RasterSource {
        brightness: 0.5,
        ..source
    };
    let found = colour(
        &over(vec![layer(LayerSource::Raster(bright))], None),
        &layout,
        [25.0, 25.0],
    );
    assert!(found[0] > 100 && found[1] > 220, "{found:?}");
}

#[test]
fn a_pdf_holds_a_picture_in_a_layer_of_its_own_and_no_more_of_it_than_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let source = picture(folder.path(), MIDDLE);
    let photo = Layer {
        title: Some("Flight 2026".to_owned()),
        ..layer(LayerSource::Raster(source))
    };
    let stage = over(vec![photo], None);
    let file = stage.pdf(&page(MIDDLE, 4000.0, 0.0, false), "imagery.pdf");
    let images = super::tests::poppler("pdfimages", &["-list"], &file, None);
    let row: Vec<&str> = images.lines().nth(2).unwrap().split_whitespace().collect();
    // 50 mm of 100 mm; no finer than one and a half dots for one of the picture's own.
    let width: f64 = row[3].parse().unwrap();
    assert!((390.0..=402.0).contains(&width), "{images}");
    let bytes = std::fs::read(&*file).unwrap();
    assert!(
        String::from_utf8_lossy(&bytes).contains("(Flight 2026)"),
        "its layer can be switched"
    );
}

#[test]
fn what_cannot_be_opened_is_told_and_the_page_is_printed_without_it() {
    let missing = layer(LayerSource::Raster(RasterSource {
        path: "/nowhere/ground.tif".to_owned(),
        ..RasterSource::default()
    }));
    let stage = over(vec![missing], None);
    let (svg, written) = written(&stage, &page(MIDDLE, 1000.0, 0.0, false), "a.svg");
    assert!(svg.contains("<path"));
    assert_eq!(written.issues.len(), 1);
    let issue = &written.issues.as_slice()[0];
    assert!(issue.message.text(Lang::En).contains("ground.tif"));
    assert_eq!(issue.layer.as_deref(), Some("under"));
}

#[test]
fn a_drawing_for_cad_says_that_it_holds_no_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let source = picture(folder.path(), MIDDLE);
    let stage = over(vec![layer(LayerSource::Raster(source))], None);
    let (_, written) = written(&stage, &page(MIDDLE, 1000.0, 0.0, false), "a.dxf");
    let told: Vec<String> = written.issues.iter().map(|i| i.message.text(Lang::En)).collect();
    assert!(told.len() == 1 && told[0].contains("PDF"), "{told:?}");
}

// ------------------------------------------------------------------------------------------------------- tiles

/// Tiles of the web grid, blue where column and row are even together, else red; those of odd rows are not here.
struct Chequers {
    has_gaps: bool,
}

const LEVEL: u8 = 18;
const HALF_WORLD_M: f64 = 20_037_508.342_789_244;

impl TilePyramid for Chequers {
    fn level_for(&self, _metres_per_px: f64) -> u8 {
        LEVEL
    }

    fn position(&self, level: u8, web: [f64; 2]) -> [f64; 2] {
        let columns = f64::from(level).exp2();
        [
            f64::midpoint(web[0] / HALF_WORLD_M, 1.0) * columns,
            f64::midpoint(-web[1] / HALF_WORLD_M, 1.0) * columns,
        ]
    }

    fn tile(&mut self, level: u8, column: u32, row: u32) -> TileAnswer {
        if level != LEVEL || self.has_gaps && row % 2 == 1 {
            return TileAnswer::Missing;
        }
        let [r, g, b] = if (column + row).is_multiple_of(2) {
            BLUE
        } else {
            [220, 20, 20]
        };
        TileAnswer::Picture(TilePicture {
            size: [64, 64],
            rgba: [r, g, b, 255].repeat(64 * 64),
        })
    }
}

struct Shelf {
    has_gaps: bool,
}

impl TileShelf for Shelf {
    fn open(
        &self,
        _source: &TileSource,
        read: &mut dyn FnMut(&mut dyn TilePyramid) -> Result<()>,
    ) -> Result<()> {
        read(&mut Chequers {
            has_gaps: self.has_gaps,
        })
    }
}

fn base_map() -> Layer {
    layer(LayerSource::Tiles(TileSource {
        kind: TileKind::Xyz,
        location: "https://tiles.invalid/{z}/{x}/{y}.png".to_owned(),
        attribution: "© somebody".to_owned(),
        ..TileSource::default()
    }))
}

#[test]
fn tiles_are_laid_where_their_numbers_say_with_who_made_them() {
    let shelf: Arc<dyn TileShelf> = Arc::new(Shelf { has_gaps: false });
    let stage = over(vec![base_map()], Some(&shelf));
    let layout = page(MIDDLE, 2000.0, 0.0, false);
    // Where the middle of some tile lies, worked out the other way round.
    let place = crate::cartography::WebPlace::new(&stage.crs, None).unwrap();
    let mut web = [MIDDLE];
    place.to_mercator(&mut web);
    let pyramid = Chequers { has_gaps: false };
    let at = pyramid.position(LEVEL, web[0]).map(f64::floor);
    let side = 2.0 * HALF_WORLD_M / f64::from(LEVEL).exp2();
    let mut is_any = false;
    for (east, south) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-1.0, -1.0)] {
        let [column, row] = [at[0] + east, at[1] + south];
        let middle = [
            -HALF_WORLD_M + (column + 0.5) * side,
            HALF_WORLD_M - (row + 0.5) * side,
        ];
        let ground = place.from_mercator(middle).unwrap();
        let mm = [
            50.0 + (ground[0] - MIDDLE[0]) / 2.0,
            50.0 - (ground[1] - MIDDLE[1]) / 2.0,
        ];
        if mm.iter().any(|v| !(3.0..90.0).contains(v)) {
            continue;
        }
        is_any = true;
        let wanted = if (column + row) % 2.0 == 0.0 {
            BLUE
        } else {
            [220, 20, 20]
        };
        let found = colour(&stage, &layout, mm);
        assert!(is_like(found, wanted), "{mm:?}: {found:?}");
    }
    assert!(is_any);
    let (svg, written) = written(&stage, &layout, "tiles.svg");
    assert!(written.issues.is_empty() && svg.contains(">© somebody<"));
}

#[test]
fn tiles_that_are_not_on_this_machine_are_counted_and_told() {
    let shelf: Arc<dyn TileShelf> = Arc::new(Shelf { has_gaps: true });
    let layout = page(MIDDLE, 2000.0, 0.0, false);
    let (_, with_gaps) = written(&over(vec![base_map()], Some(&shelf)), &layout, "a.png");
    let told = with_gaps.issues.as_slice()[0].message.text(Lang::En);
    assert!(
        told.contains("tiles.invalid") && told.contains("not on this machine"),
        "{told}"
    );
    let (_, without) = written(&over(vec![base_map()], None), &layout, "b.png");
    assert_eq!(without.issues.len(), 1, "no shelf, no tiles");
}

// --------------------------------------------------------------------------------------------- foreign layers

#[test]
fn foreign_layers_are_printed_as_lines_and_areas_with_their_holes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("houses.geojson");
    let ring = |from: f64, to: f64| {
        let [x, y] = MIDDLE;
        format!(
            "[[{0},{1}],[{2},{1}],[{2},{3}],[{0},{3}],[{0},{1}]]",
            x + from,
            y + from,
            x + to,
            y + to
        )
    };
    std::fs::write(
        &path,
        format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"EPSG:4538"}}}},"features":[
            {{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[{},{}]}}}}]}}"#,
            ring(-40.0, 40.0),
            ring(-20.0, 20.0)
        ),
    )
    .unwrap();
    let houses = Layer {
        title: Some("Houses".to_owned()),
        renderer: Renderer::Single {
            look: Look::coloured(RED),
        },
        ..layer(LayerSource::Vector(VectorSource {
            path: path.display().to_string(),
            ..VectorSource::default()
        }))
    };
    let stage = over(vec![houses], None);
    let layout = page(MIDDLE, 1000.0, 0.0, true);
    let filled = colour(&stage, &layout, [80.0, 50.0]);
    assert!(filled[0] > 235 && filled[1] < 225, "a tint of red: {filled:?}");
    assert!(
        is_like(colour(&stage, &layout, [50.0, 50.0]), [255; 3]),
        "the hole"
    );
    let (svg, told) = written(&stage, &layout, "a.svg");
    assert!(told.issues.is_empty(), "{:?}", told.issues);
    assert!(
        svg.contains("inkscape:label=\"Houses\"") && svg.contains(">Houses<"),
        "layer and key"
    );
    let (dxf, _) = written(&stage, &layout, "a.dxf");
    assert!(dxf.contains("UNDER"), "a layer of the drawing");
}

#[test]
fn arrows_point_the_way_the_pipes_were_drawn() {
    let stage = Stage::new();
    let mut layout = page(MIDDLE, 2000.0, 0.0, false);
    let (svg, _) = written(&stage, &layout, "a.svg");
    assert!(!svg.contains("Flow arrows"));
    layout.main_map_mut().unwrap().has_flow_arrows = true;
    let (svg, _) = written(&stage, &layout, "b.svg");
    let group = svg.split("inkscape:label=\"Flow arrows\">").nth(1).unwrap();
    let group = group.split("</g>").next().unwrap();
    // P1 runs from 25 mm to 75 mm at 75 mm; its arrow stands in its middle, the tip to the east.
    let tips: Vec<[f64; 2]> = group
        .split('M')
        .skip(1)
        .filter_map(|arrow| {
            let numbers: Vec<f64> = arrow
                .split(['L', 'Z', ' '])
                .filter_map(|n| n.parse().ok())
                .take(6)
                .collect();
            (numbers.len() == 6 && (numbers[5] - 75.0).abs() < 0.01).then(|| [numbers[0], numbers[4]])
        })
        .collect();
    assert!(
        tips.iter()
            .any(|[back, tip]| *back < 50.0 && *tip > 50.0 && *tip < 53.0),
        "{group}"
    );
}

#[test]
fn pages_of_one_run_say_the_same_trouble_once() {
    let stage = over(vec![base_map()], None);
    let layout = page(MIDDLE, 2000.0, 0.0, false);
    let folder = tempfile::tempdir().unwrap();
    let scene = stage.scene(Lang::En);
    let pages = [layout.clone(), layout];
    let path = folder.path().join("two.pdf");
    let written = write_pages(&pages, &scene, &path, OutputFormat::Pdf, 100.0, &NoProgress).unwrap();
    assert_eq!(written.issues.len(), 1);
}

/// Held by the compiler as long as the window may hand a dressing to a task.
#[test]
fn a_dressing_can_go_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Dressing>();
    is_send::<MapMaterial>();
    let stage = Stage::new();
    let ground = Ground {
        network: &stage.network,
        schema: &stage.schema,
        crs: &stage.crs,
        tiles: None,
    };
    let material = material(MapDocument::standard(&stage.schema));
    let dressing = Dressing::new(material, ground, Lang::En, &NoProgress).unwrap();
    assert!(dressing.backdrop.is_empty() && dressing.issues.is_empty());
}

#[test]
fn charts_stand_in_the_areas_of_a_foreign_layer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.geojson");
    let square = |from: f64, to: f64| {
        format!(
            r#"{{"type":"Polygon","coordinates":[[[{from},-80],[{to},-80],[{to},80],[{from},80],[{from},-80]]]}}"#
        )
    };
    // Pipes of 100 m lie in a row from 0 to 500 m; the second reaches into both zones, with its middle in the west.
    let features: Vec<String> = [("West", square(-10.0, 170.0)), ("East", square(170.0, 630.0))]
        .iter()
        .map(|(name, area)| {
            format!(r#"{{"type":"Feature","properties":{{"district":"{name}"}},"geometry":{area}}}"#)
        })
        .collect();
    let features = features.join(",");
    std::fs::write(
        &path,
        format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#),
    )
    .unwrap();
    let zones = |column: &str| {
        themed(|document| {
            let source = VectorSource {
                path: path.display().to_string(),
                ..VectorSource::default()
            };
            document
                .tree
                .push(TreeNode::Layer(layer(LayerSource::Vector(source))));
            pipes(document).renderer = Renderer::Diagram {
                kind: DiagramKind::Bar,
                zones: Zones::Areas(DiagramZones {
                    layer: LayerId::new("under"),
                    name: column.to_owned(),
                }),
                parts: vec![DiagramPart {
                    title: "all".to_owned(),
                    sum: PartSum::Count(String::new()),
                    colour: VIOLET,
                }],
                max_size_px: 40.0,
            };
        })
    };
    let stage = zones("district");
    let dressing = stage.scene(Lang::En).dressing.unwrap();
    let found: Vec<_> = dressing.themed.diagrams[0]
        .diagrams
        .iter()
        .map(|d| {
            (
                d.zone.as_str(),
                d.sums[0].round() as u32,
                d.centre[0].round() as i32,
            )
        })
        .collect();
    assert_eq!(found, [("West", 2, 80), ("East", 3, 400)]);
    let (svg, _) = written(&stage, &page([250.0, 0.0], 6000.0, 0.0, true), "zones.svg");
    assert!(svg.contains(">West<") && svg.contains(">East<") && svg.contains(">all<"));
    // A column that is not there is told, with those that are.
    let stage = zones("no such");
    let issues = &stage.scene(Lang::En).dressing.unwrap().issues;
    let told = issues.as_slice()[0].message.text(Lang::En);
    assert!(told.contains("no such") && told.contains("district"), "{told}");
}
