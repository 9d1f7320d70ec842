//! What the tests of this room share: other programs that look at our files.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::draw::{Scene, draw_page};
use super::model::{GridKind, ItemKind, Layout, MapItem, MapPlace, Orientation, Page, Paper, Place};
use super::output::{OutputFormat, write_pages};
use super::sheets::SheetScheme;
use super::surface::TypeFace;
use super::surface::pdf::PdfWriter;
use super::{Atlas, Dressing, Ground, MapMaterial, atlas, template};
use crate::cartography::StyleSet;
use crate::cartography::backdrop::TileShelf;
use crate::cartography::labels::Annotations;
use crate::cartography::layers::MapDocument;
use crate::cartography::thematic::ClassColumns;
use crate::ids::IdSource;
use crate::issue::Issues;
use crate::network::{LifeState, Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput};
use crate::progress::NoProgress;
use crate::schema::Schema;
use crate::{Crs, Lang};

/// A file that other programs can look at. It goes with its folder, unless it is to be kept.
pub(super) struct Written {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl std::ops::Deref for Written {
    type Target = std::path::Path;

    fn deref(&self) -> &std::path::Path {
        &self.path
    }
}

/// Writes a file into the folder `KAREZ_PICTURES`, where it stays to be looked at, or else into one of its own.
pub(super) fn keep(name: &str, bytes: &[u8]) -> Written {
    let kept = std::env::var_os("KAREZ_PICTURES").map(PathBuf::from);
    let folder = kept.is_none().then(|| tempfile::tempdir().unwrap());
    let path = kept
        .or_else(|| Some(folder.as_ref()?.path().to_owned()))
        .unwrap()
        .join(name);
    std::fs::write(&path, bytes).unwrap();
    Written {
        path,
        _folder: folder,
    }
}

/// What a program says on its standard output.
pub(super) fn told(program: &str, arguments: &[&OsStr]) -> String {
    let out = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}; `cargo xtask setup` installs it"));
    assert!(
        out.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).into_owned()
}

pub(super) fn poppler(program: &str, options: &[&str], file: &Path, target: Option<&str>) -> String {
    let arguments: Vec<&OsStr> = options
        .iter()
        .map(OsStr::new)
        .chain([file.as_os_str()])
        .chain(target.map(OsStr::new))
        .collect();
    told(program, &arguments)
}

/// Where the little network lies: in the plane of CGCS2000 / 3-degree Gauss-Krüger CM 87E.
pub(super) const ORIGIN: [f64; 2] = [548_300.0, 4_851_600.0];

/// Four pipes along a square of 100 m from `ORIGIN`, a valve on the first, and one pipe of 600 m to the east.
fn little_network() -> (Network, Schema) {
    let schema = Schema::builtin().unwrap();
    let class = |key: &str| schema.class_index(key).unwrap();
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let corner = |x: f64, y: f64| [ORIGIN[0] + x, ORIGIN[1] + y];
    let lines: [(&str, f64, LifeState, Vec<[f64; 2]>); 5] = [
        (
            "P1",
            300.0,
            LifeState::Operative,
            vec![corner(0.0, 0.0), corner(100.0, 0.0)],
        ),
        (
            "P2",
            300.0,
            LifeState::Operative,
            vec![corner(100.0, 0.0), corner(100.0, 100.0)],
        ),
        (
            "P3",
            150.0,
            LifeState::Planned,
            vec![corner(100.0, 100.0), corner(0.0, 100.0)],
        ),
        (
            "P4",
            150.0,
            LifeState::Obsolete,
            vec![corner(0.0, 100.0), corner(0.0, 0.0)],
        ),
        (
            "P5",
            800.0,
            LifeState::Operative,
            vec![corner(100.0, 0.0), corner(400.0, 0.0), corner(700.0, 150.0)],
        ),
    ];
    let mut first = None;
    for (code, diameter_mm, state, vertices) in &lines {
        let id = ids.next_id();
        first = first.or(Some(id));
        builder.add_pipe(&PipeInput {
            state: *state,
            code,
            diameter_mm: *diameter_mm,
            material: Some(1),
            vertices,
            ..PipeInput::new(id, class("pipe"))
        });
    }
    builder.add_node(&NodeInput {
        flags: NodeFlags::VALVE
            .with(NodeFlags::BOUNDARY)
            .with(NodeFlags::OPEN)
            .with(NodeFlags::OPERABLE)
            .with(NodeFlags::ACCESSIBLE),
        code: "V1",
        position: corner(50.0, 0.0),
        diameter_mm: 300.0,
        on_pipe: first,
        ..NodeInput::new(ids.next_id(), class("valve"))
    });
    (builder.build(&NoProgress).unwrap(), schema)
}

/// Everything a scene borrows.
pub(super) struct Stage {
    pub(super) network: Network,
    pub(super) schema: Schema,
    styles: StyleSet,
    pub(super) crs: Crs,
    values: BTreeMap<String, String>,
    face: TypeFace,
    dressing: Option<Dressing>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let (network, schema) = little_network();
        let values = [
            ("project", "天池示范区供水管网"),
            ("date", "2026-11-22"),
            ("company", "天池水务"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()));
        Self {
            network,
            schema,
            styles: StyleSet::builtin().unwrap(),
            crs: crate::io::crs::parse("EPSG:4538").unwrap(),
            values: values.into(),
            face: TypeFace::embedded().unwrap(),
            dressing: None,
        }
    }

    pub(super) fn dress(&mut self, material: MapMaterial, tiles: Option<&std::sync::Arc<dyn TileShelf>>) {
        let ground = Ground {
            network: &self.network,
            schema: &self.schema,
            crs: &self.crs,
            tiles,
        };
        self.dressing = Some(Dressing::new(material, ground, Lang::ZhCn, &NoProgress).unwrap());
    }

    pub(super) fn scene(&self, lang: Lang) -> Scene<'_> {
        Scene {
            network: &self.network,
            schema: &self.schema,
            styles: &self.styles,
            crs: &self.crs,
            lang,
            theme: crate::cartography::Theme::Light,
            values: &self.values,
            face: &self.face,
            dressing: self.dressing.as_ref(),
        }
    }

    pub(super) fn pdf(&self, layout: &Layout, name: &str) -> Written {
        let mut pdf = PdfWriter::new(&self.face, "天池");
        draw_page(layout, &self.scene(Lang::ZhCn), &mut pdf, &NoProgress).unwrap();
        keep(name, &pdf.finish().unwrap())
    }
}

/// A map with nothing written on it.
pub(super) fn material(document: MapDocument) -> MapMaterial {
    let nothing = |_: crate::ClassIndex, _: crate::FeatureId, _: &str| None::<String>;
    MapMaterial {
        document,
        annotations: Annotations::default(),
        texts: std::sync::Arc::new(nothing),
        columns: ClassColumns::default(),
        issues: Issues::default(),
    }
}

/// A map alone on A2, its middle on the middle of the square.
fn bare(denominator: f64, rotation_deg: f64) -> Layout {
    let mut layout = Layout {
        page: Page {
            paper: Paper::A2,
            orientation: Orientation::Landscape,
        },
        ..Layout::default()
    };
    let mut map = MapItem {
        at: MapPlace::Centre([ORIGIN[0] + 50.0, ORIGIN[1] + 50.0]),
        denominator: Some(denominator),
        rotation_deg,
        ..MapItem::default()
    };
    map.grid.kind = GridKind::None;
    layout.add(Place::new(17.0, 10.0, 560.0, 400.0), ItemKind::Map(map));
    layout
}

/// A page as grey pixels, drawn by poppler at ten pixels a millimetre.
struct Print {
    width: usize,
    grey: Vec<u8>,
}

impl Print {
    fn of(pdf: &Path) -> Self {
        let target = pdf.with_extension("");
        poppler(
            "pdftoppm",
            &["-gray", "-r", "254", "-singlefile"],
            pdf,
            target.to_str(),
        );
        let bytes = std::fs::read(target.with_extension("pgm")).unwrap();
        let head: Vec<usize> = bytes
            .split(u8::is_ascii_whitespace)
            .skip(1)
            .take(3)
            .map(|n| std::str::from_utf8(n).unwrap().parse().unwrap())
            .collect();
        let grey = bytes[bytes.len() - head[0] * head[1]..].to_vec();
        Self { width: head[0], grey }
    }

    /// Middle of the darkest stroke that a walk of some millimetres crosses, in millimetres.
    fn stroke(&self, from_mm: f64, to_mm: f64, pixel: impl Fn(usize) -> [usize; 2]) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for i in (from_mm * 10.0) as usize..(to_mm * 10.0) as usize {
            let [x, y] = pixel(i);
            let ink = f64::from(255 - self.grey[y * self.width + x]);
            sum += ink * (i as f64 + 0.5);
            weight += ink;
        }
        assert!(weight > 0.0, "nothing between {from_mm} and {to_mm} mm");
        sum / weight / 10.0
    }

    fn across(&self, from_mm: f64, to_mm: f64, y_mm: f64) -> f64 {
        self.stroke(from_mm, to_mm, |x| [x, (y_mm * 10.0) as usize])
    }

    fn down(&self, from_mm: f64, to_mm: f64, x_mm: f64) -> f64 {
        self.stroke(from_mm, to_mm, |y| [(x_mm * 10.0) as usize, y])
    }
}

/// The requirement: a page printed at 1:500 measures true within 0.2 mm. Another program prints the page.
#[test]
fn a_pdf_printed_at_one_to_five_hundred_measures_true() {
    let stage = Stage::new();
    let print = Print::of(&stage.pdf(&bare(500.0, 0.0), "true.pdf"));
    // The frame's middle is (297, 210); the square of 100 m is 200 mm wide, its east pipe is solid.
    let east = print.across(390.0, 404.0, 180.0);
    assert!((east - 397.0).abs() < 0.02, "{east}");
    let south = print.down(303.0, 317.0, 350.0);
    assert!((south - 310.0).abs() < 0.02, "{south}");
    // The frame itself: 560 mm from 17 mm on, 400 mm from 10 mm on.
    let (left, right) = (print.across(14.0, 20.0, 60.0), print.across(574.0, 580.0, 60.0));
    assert!((right - left - 560.0).abs() < 0.03, "{left} {right}");
    let (top, bottom) = (print.down(7.0, 13.0, 60.0), print.down(407.0, 413.0, 60.0));
    assert!((bottom - top - 400.0).abs() < 0.03, "{top} {bottom}");
    // The dashed pipes in the west and north: somewhere on their dashes.
    let west = (0..20)
        .map(|i| 150.0 + f64::from(i) * 0.1)
        .map(|y| print.across(193.0, 201.0, y))
        .next()
        .unwrap();
    assert!((east - west - 200.0).abs() < 0.05, "{west} {east}");
    // Turned by a right angle, the south pipe stands upright in the west.
    let print = Print::of(&stage.pdf(&bare(500.0, 90.0), "true-turned.pdf"));
    let south = print.across(190.0, 204.0, 180.0);
    assert!((south - 197.0).abs() < 0.02, "{south}");
}

#[test]
fn every_template_gives_a_page_with_its_texts_in_both_languages() {
    let stage = Stage::new();
    for template in template::builtin().unwrap() {
        for lang in Lang::ALL {
            let mut pdf = PdfWriter::new(&stage.face, "x");
            draw_page(&template.layout, &stage.scene(lang), &mut pdf, &NoProgress).unwrap();
            let name = format!("{}-{}.pdf", template.key, lang.code());
            let file = keep(&name, &pdf.finish().unwrap());
            let text = poppler("pdftotext", &["-layout"], &file, Some("-"));
            assert!(text.contains("天池示范区供水管网"), "{}: {text}", template.key);
            if template.key.ends_with("map") {
                let words = lang.pick("图例", "Legend");
                assert!(
                    text.contains(words) && text.contains(lang.pick("规划", "Planned")),
                    "{text}"
                );
                assert!(text.contains("1:"), "{text}");
            }
            let raw = std::fs::read(&*file).unwrap();
            let raw = String::from_utf8_lossy(&raw);
            assert!(raw.contains("/OCProperties") && raw.contains("/PrintScaling /None"));
            // Every class on the page is a layer that viewers can switch: 管段 in UTF-16.
            assert!(
                lang != Lang::ZhCn || raw.contains("FEFF7BA16BB5"),
                "{}",
                template.key
            );
        }
    }
}

#[test]
fn a_sheet_is_shown_whole_with_its_number_and_its_neighbours() {
    let stage = Stage::new();
    let scene = stage.scene(Lang::ZhCn);
    let sheet = SheetScheme::Square.sheet_at(500, ORIGIN).unwrap();
    assert_eq!(sheet.number, "4851.50-548.25");
    for (name, key) in [("sheet.pdf", "sheet"), ("sheet-a3.pdf", "a3-map")] {
        let layout = template::find(key).unwrap();
        let page = atlas::on_sheet(&layout, &scene, SheetScheme::Square, 500, &sheet.number).unwrap();
        let (item, _) = page.main_map().unwrap();
        assert!(
            item.place.width_mm >= 500.0 && item.place.height_mm >= 500.0,
            "{:?}",
            item.place
        );
        let file = stage.pdf(&page, name);
        let text = poppler("pdftotext", &[], &file, Some("-"));
        assert!(text.contains("4851.50-548.25"), "{text}");
        if key == "sheet" {
            assert!(text.contains("4851.75-548.50"), "the neighbour: {text}");
        }
    }
    let layout = template::find("sheet").unwrap();
    let wrong = atlas::on_sheet(&layout, &scene, SheetScheme::Square, 500, "1.1-1.1");
    assert!(wrong.unwrap_err().text(Lang::En).contains("1.1-1.1"));
    let by_degrees = SheetScheme::Graticule.sheet_at(500, [87.6, 43.8]).unwrap();
    atlas::on_sheet(&layout, &scene, SheetScheme::Graticule, 500, &by_degrees.number).unwrap();
}

#[test]
fn an_atlas_takes_every_sheet_with_pipes_and_no_other() {
    let stage = Stage::new();
    let scene = stage.scene(Lang::ZhCn);
    let layout = template::find("sheet").unwrap();
    let pages = atlas::pages(
        &layout,
        &scene,
        &Atlas::Sheets {
            scheme: SheetScheme::Square,
            denominator: 500,
            bounds: None,
        },
    )
    .unwrap();
    // 548300–549000 east and 4851600–4851750 north.
    assert_eq!(pages.len(), 3);
    assert_eq!(pages[2].values["page"], "3");
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("atlas.pdf");
    let files = write_pages(&pages, &scene, &target, OutputFormat::Pdf, 100.0, &NoProgress)
        .unwrap()
        .files;
    let info = poppler("pdfinfo", &[], &files[0], None);
    assert!(info.contains("Pages:           3"), "{info}");
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("atlas.svg");
    let files = write_pages(&pages, &scene, &target, OutputFormat::Svg, 100.0, &NoProgress)
        .unwrap()
        .files;
    assert_eq!(files.len(), 3);
    assert!(files[0].ends_with("atlas-4851.50-548.25.svg"), "{files:?}");
}

#[test]
fn a_strip_follows_its_line_and_keeps_it_in_the_frame() {
    let stage = Stage::new();
    let scene = stage.scene(Lang::ZhCn);
    let layout = template::find("strip").unwrap();
    let pipe = stage.network.pipes_with_code("P5")[0];
    let line = stage.network.pipe_vertices(pipe).to_vec();
    let atlas = Atlas::Along {
        line: line.clone(),
        denominator: 500.0,
        overlap: 0.1,
    };
    let pages = atlas::pages(&layout, &scene, &atlas).unwrap();
    assert!((4..=6).contains(&pages.len()), "{}", pages.len());
    let metric = stage.network.metric();
    let views: Vec<_> = pages
        .iter()
        .map(|page| {
            let (item, map) = page.main_map().unwrap();
            super::draw::frame_content(item.place.area(), map, &scene)
                .unwrap()
                .view
        })
        .collect();
    let mut along = 0.0;
    while let Some(p) = metric
        .point_along(&line, along)
        .filter(|_| along < metric.length_m(&line))
    {
        assert!(views.iter().any(|v| v.area.contains(v.page(p), 0.0)), "{along}");
        along += 5.0;
    }
    // Along the last leg the map is turned until the pipe lies flat.
    let turn = views.last().unwrap().rotation_rad;
    assert!((turn - 0.5_f64.atan()).abs() < 0.02, "{turn}");
    let nowhere = Atlas::Along {
        line: vec![ORIGIN],
        denominator: 500.0,
        overlap: 0.1,
    };
    assert!(atlas::pages(&layout, &scene, &nowhere).is_err());
}

#[test]
fn pictures_and_drawings_lie_where_the_ground_is() {
    let stage = Stage::new();
    let scene = stage.scene(Lang::ZhCn);
    let folder = tempfile::tempdir().unwrap();
    let layout = bare(1000.0, 20.0);
    let write = |format: OutputFormat| {
        let target = folder.path().join(format!("map.{}", format.extension()));
        write_pages(
            std::slice::from_ref(&layout),
            &scene,
            &target,
            format,
            50.8,
            &NoProgress,
        )
        .unwrap()
        .files
    };
    let png = write(OutputFormat::Png);
    let world: Vec<f64> = std::fs::read_to_string(&png[1])
        .unwrap()
        .lines()
        .map(|l| l.parse().unwrap())
        .collect();
    // 0.5 mm a pixel, half a metre at 1:1000.
    assert!((world[0].hypot(world[1]) - 0.5).abs() < 1e-9, "{world:?}");
    let tiff = write(OutputFormat::Tiff);
    let told_of = told(
        "gdallocationinfo",
        &["-geoloc", "-xml"]
            .map(OsStr::new)
            .into_iter()
            .chain([tiff[0].as_os_str()])
            .chain(["548350", "4851650"].map(OsStr::new))
            .collect::<Vec<_>>(),
    );
    // The middle of the frame, (297, 210) mm, two pixels a millimetre.
    let is_middle = ["593", "594"]
        .iter()
        .any(|x| told_of.contains(&format!("pixel=\"{x}\"")))
        && ["419", "420"]
            .iter()
            .any(|y| told_of.contains(&format!("line=\"{y}\"")));
    assert!(is_middle, "{told_of}");
    let info = told("gdalinfo", &[tiff[0].as_os_str()]);
    assert!(info.contains("CGCS2000"), "{info}");
    let dxf = write(OutputFormat::Dxf);
    let info = told("ogrinfo", &["-al".as_ref(), dxf[0].as_os_str()]);
    assert!(
        info.contains("LINESTRING Z (548300 4851600 0,548400 4851600 0)"),
        "{info}"
    );
    assert!(info.contains("Layer (String) = PIPE"), "{info}");
    let wrong = OutputFormat::of_path(Path::new("a.docx")).unwrap_err();
    assert!(wrong.text(Lang::En).contains("pdf"));
}

#[test]
fn labels_and_layers_of_the_project_are_printed() {
    use crate::cartography::labels::LabelSettings;
    use crate::cartography::layers::TreeNode;

    let mut stage = Stage::new();
    let mut document = MapDocument::standard(&stage.schema);
    let ids: Vec<_> = document
        .layers()
        .iter()
        .map(|l| (l.layer.id.clone(), l.layer.class().unwrap_or_default().to_owned()))
        .collect();
    for (id, class) in ids {
        let Some(TreeNode::Layer(layer)) = document.node_mut(&id) else {
            continue;
        };
        match class.as_str() {
            "pipe" => {
                layer.labels = Some(LabelSettings {
                    hidden_beyond: None,
                    ..LabelSettings::new("any")
                });
            }
            "valve" => layer.is_visible = false,
            _ => {}
        }
    }
    let text = |_: crate::ClassIndex, _: crate::FeatureId, _: &str| Some("球墨铸铁 DN300".to_owned());
    let material = MapMaterial {
        texts: std::sync::Arc::new(text),
        ..material(document)
    };
    stage.dress(material, None);
    let layout = template::find("a3-map").unwrap();
    let file = stage.pdf(&layout, "labels.pdf");
    let text = poppler("pdftotext", &[], &file, Some("-"));
    // Labels stand along their pipes; turned text comes in pieces.
    assert!(text.contains("铸铁"), "{text}");
    assert!(!text.contains("阀门"), "no valves, so none in the legend: {text}");
    let mut plain = layout;
    plain.main_map_mut().unwrap().has_labels = false;
    let text = poppler("pdftotext", &[], &stage.pdf(&plain, "plain.pdf"), Some("-"));
    assert!(!text.contains("铸铁"), "{text}");
}
