//! What lies under the network, in the layer tree: layers of other formats, topographic maps and their issues.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::cartography::layers::{Comparison, Layer, LayerId, LayerSource, VectorSource};
use karez::commands::Command;
use karez::dialogs::issue::IssuePlan;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};
use karez::shell::ground::GroundAction;

use crate::driver::{open_town, settle, tr};

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    settle(window);
}

/// Houses in the project's coordinates, with a lettering, as a drawing without a header.
fn drawing(folder: &Path, name: &str, houses: usize, lettering: &[u8]) -> PathBuf {
    let mut dxf = b"0\nSECTION\n2\nENTITIES\n".to_vec();
    for i in 0..houses {
        let (x, y) = (463_050 + 120 * i, 4_870_050);
        let line = format!("0\nLINE\n8\nhouses\n10\n{x}\n20\n{y}\n11\n{}\n21\n{y}\n", x + 30);
        dxf.extend(line.into_bytes());
    }
    dxf.extend(b"0\nTEXT\n8\nnames\n10\n463050\n20\n4870050\n40\n2.5\n1\n");
    dxf.extend(lettering);
    dxf.extend(b"\n0\nENDSEC\n0\nEOF\n");
    let path = folder.join(name);
    std::fs::write(&path, dxf).unwrap();
    path
}

fn foreign_layers(window: &Harness<'static, App>) -> Vec<(Layer, VectorSource)> {
    let document = &window.state().session().unwrap().document;
    let layers = document.layers().into_iter();
    layers
        .filter_map(|shown| match &shown.layer.source {
            LayerSource::Vector(source) => Some((shown.layer.clone(), source.clone())),
            _ => None,
        })
        .collect()
}

/// The file of a layer is read by a thread of its own.
fn wait_for_text(window: &mut Harness<'static, App>, id: &LayerId) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let is_read = |window: &Harness<'static, App>| {
        let maps = [window.state().map(), window.state().second_map()];
        let mut shown = maps.into_iter().flatten();
        shown.all(|map| !map.under.state(id).facts.samples.is_empty())
    };
    while !is_read(window) {
        assert!(Instant::now() < deadline, "the layer was not read");
        std::thread::sleep(Duration::from_millis(10));
        window.step();
    }
    settle(window);
}

/// Chooses an entry of a list in the properties of the layer.
fn choose(window: &mut Harness<'static, App>, list: &str, entry: &str) {
    window.get_by_role_and_label(Role::ComboBox, list).click();
    settle(window);
    window
        .query_all_by_label(entry)
        .last()
        .unwrap_or_else(|| panic!("no {entry}"))
        .click();
    settle(window);
}

#[test]
fn two_issues_are_compared_in_both_views_and_go_along_when_the_project_is_saved_elsewhere() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        for (issue, houses) in [("2022", 2), ("2024", 3)] {
            let path = drawing(
                folder.path(),
                &format!("{issue}.dxf"),
                houses,
                "人民路".as_bytes(),
            );
            let plan = IssuePlan {
                path,
                map: "1:500".to_owned(),
                issue: issue.to_owned(),
                is_shown_at_once: true,
                ..IssuePlan::default()
            };
            ask(&mut window, Action::Ground(GroundAction::AddIssue(plan)));
        }
        let (layer, _) = foreign_layers(&window).remove(0);
        ask(&mut window, Action::Command(Command::SecondView));
        ask(&mut window, Action::LayerProperties(layer.id.clone()));
        window.get_by_label(&tr("layers.properties.issues", lang)).click();
        settle(&mut window);
        choose(&mut window, &tr("imagery.topo.compare", lang), "2022");
        window.get_by_label(&tr("imagery.topo.added", lang));
        let (_, source) = foreign_layers(&window).remove(0);
        let (other, how) = source.compared().unwrap();
        assert_eq!(how, Comparison::Colours);
        assert!(other.path.ends_with("1_500-2022.gpkg"), "{}", other.path);
        wait_for_text(&mut window, &layer.id);
        for map in [window.state().map(), window.state().second_map()] {
            let state = map.unwrap().under.state(&layer.id);
            assert_eq!(state.trouble, None);
            assert!(state.web_box.is_some());
        }

        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        let file = elsewhere.join("named.gpkg");
        ask(
            &mut window,
            Action::FileNamed(FilePurpose::SaveProject, file.clone()),
        );
        assert_eq!(window.state().session().unwrap().source, file);
        let (_, source) = foreign_layers(&window).remove(0);
        let (other, how) = source.compared().unwrap();
        assert_eq!(how, Comparison::Colours);
        for path in [&source.path, &other.path] {
            assert!(Path::new(path).starts_with(elsewhere.join("named.basemaps")));
            assert!(Path::new(path).is_file());
        }
    }
}

/// Districts side by side over the whole town.
fn districts(folder: &Path, name: &str, count: u32) -> PathBuf {
    let width_m = 1_200.0 / f64::from(count);
    let square = |i: u32| {
        let [west, east] = [i, i + 1].map(|step| 462_900.0 + width_m * f64::from(step));
        let [south, north] = [4_869_900.0, 4_871_100.0];
        format!(
            r#"{{"type":"Feature","properties":{{"片区":"{i}"}},"geometry":{{"type":"Polygon","coordinates":
            [[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#
        )
    };
    let squares: Vec<String> = (0..count).map(square).collect();
    let system = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4545"}}"#;
    let text = format!(
        r#"{{"type":"FeatureCollection",{system},"features":[{}]}}"#,
        squares.join(",")
    );
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn charts_stand_in_the_areas_of_the_issue_of_a_topographic_map_that_is_shown() {
    use gis_core::cartography::layers::{DiagramKind, DiagramPart, DiagramZones, PartSum, Renderer, Zones};

    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    for (issue, count) in [("2022", 2), ("2024", 3)] {
        let plan = IssuePlan {
            path: districts(folder.path(), &format!("{issue}.geojson"), count),
            map: "片区图".to_owned(),
            issue: issue.to_owned(),
            is_shown_at_once: true,
            ..IssuePlan::default()
        };
        ask(&mut window, Action::Ground(GroundAction::AddIssue(plan)));
    }
    let (layer, _) = foreign_layers(&window).remove(0);
    let mut document = window.state().panels().layers.document().clone();
    let pipes = document.layer_mut(&LayerId::new("class:pipe")).unwrap();
    pipes.renderer = Renderer::Diagram {
        kind: DiagramKind::Pie,
        zones: Zones::Areas(DiagramZones {
            layer: layer.id,
            name: "片区".to_owned(),
        }),
        parts: vec![DiagramPart {
            title: "all".to_owned(),
            sum: PartSum::Count(String::new()),
            colour: gis_core::cartography::Rgba::opaque(200, 0, 0),
        }],
        max_size_px: 40.0,
    };
    ask(&mut window, Action::SetMap(Box::new(document)));
    let charts = |window: &Harness<'static, App>| -> Vec<String> {
        let themed = &window.state().panels().layers.themed;
        let charts = themed.diagrams.iter().flat_map(|map| &map.diagrams);
        charts.map(|chart| chart.zone.clone()).collect()
    };
    assert_eq!(charts(&window), ["0", "1", "2"]);
    let older = GroundAction::SwitchIssue("片区图".to_owned(), "2022".to_owned());
    ask(&mut window, Action::Ground(older));
    assert_eq!(charts(&window), ["0", "1"]);
}

#[test]
fn a_drawing_without_a_header_is_read_rightly_and_styled_in_its_properties() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let in_gbk = b"\xc8\xcb\xc3\xf1\xc2\xb7\xcf\xfb\xb7\xc0\xcb\xa8";
        let path = drawing(folder.path(), "drawing.dxf", 2, in_gbk);
        let look = GroundAction::LookInto(path, None);
        ask(&mut window, Action::Ground(look));
        let (layer, source) = foreign_layers(&window).remove(0);
        assert_eq!(
            (layer.title.as_deref(), source.encoding),
            (Some("drawing.dxf"), None)
        );
        ask(&mut window, Action::LayerProperties(layer.id.clone()));
        window.get_by_label(&tr("layers.properties.style", lang)).click();
        settle(&mut window);
        wait_for_text(&mut window, &layer.id);
        window.get_by_label_contains("人民路消防栓");
        window
            .get_by_role_and_label(Role::CheckBox, &tr("foreign.style.fill", lang))
            .click();
        settle(&mut window);
        // A layer drawn otherwise is read anew.
        wait_for_text(&mut window, &layer.id);
        choose(&mut window, &tr("foreign.style.label", lang), "Layer");
        choose(&mut window, &tr("app.import.encoding", lang), "GB18030");
        let (_, source) = foreign_layers(&window).remove(0);
        assert!(source.is_outline_only);
        assert_eq!(source.label_column.as_deref(), Some("Layer"));
        assert_eq!(source.encoding.as_deref(), Some("GB18030"));
        wait_for_text(&mut window, &layer.id);
        let state = window.state().map().unwrap().under.state(&layer.id);
        assert_eq!(state.trouble, None);
        assert!(state.facts.samples.iter().any(|text| text == "人民路消防栓"));
    }
}

#[test]
fn a_plain_picture_of_the_command_line_has_the_imagery_under_the_network() {
    use gis_core::cartography::layers::{
        Georeference, Layer, LayerId, LayerSource, MapDocument, RasterSource, TreeNode,
    };

    let folder = tempfile::tempdir().unwrap();
    let file = crate::driver::town(folder.path());
    let mut project = gis_core::project::Project::open(&file).unwrap();
    let extent = project.network(&gis_core::NoProgress).unwrap().extent().unwrap();
    let magenta = image::Rgb([255_u8, 0, 255]);
    let picture = folder.path().join("photo.png");
    image::RgbImage::from_pixel(512, 512, magenta)
        .save(&picture)
        .unwrap();
    // A kilometre and more around the network.
    let (side, west, north) = (
        extent[2] - extent[0] + 4_000.0,
        extent[0] - 2_000.0,
        extent[3] + 2_000.0,
    );
    let step = side / 512.0;
    let world = format!("{step}\n0\n0\n-{step}\n{west}\n{north}\n");
    std::fs::write(folder.path().join("photo.pgw"), world).unwrap();
    let out = folder.path().join("map.png");
    let magenta_share = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_karez"))
            .args(["render", file.to_str().unwrap(), "--size", "900x600", "--out"])
            .arg(&out)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let drawn = image::open(&out).unwrap().to_rgb8();
        let count = drawn.pixels().filter(|pixel| **pixel == magenta).count();
        count as f64 / (900.0 * 600.0)
    };
    assert!(magenta_share() < 0.001);
    let mut document = MapDocument::load(&project).unwrap().document;
    let raster = LayerSource::Raster(RasterSource {
        path: picture.to_str().unwrap().to_owned(),
        georeference: Some(Georeference::default()),
        ..RasterSource::default()
    });
    document
        .tree
        .push(TreeNode::Layer(Layer::new(LayerId::new("photo"), raster)));
    document.save(&mut project).unwrap();
    drop(project);
    let share = magenta_share();
    assert!(share > 0.3, "{share}");
}
