//! Opening, looking, analysing, printing: the ways of a working day.

use std::path::{Path, PathBuf};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::cartography::layers::{ClassMethod, LayerId, MapDocument, Renderer};
use karez::session::Target;
use karez::shell::action::Action;
use karez::shell::{App, StartOptions};

use crate::driver::{open_town, open_window, options, settle, town, tr};

/// Where a place of the project is on the screen.
fn screen(window: &Harness<'static, App>, code: &str, share: f64) -> egui::Pos2 {
    let app = window.state();
    let network = &app.session().unwrap().network;
    let pipe = network.pipes_with_code(code)[0];
    let line = network.pipe_vertices(pipe);
    let along = network.metric().length_m(line) * share;
    let place = network.metric().point_along(line, along).unwrap();
    app.map().unwrap().screen_from_project(place).unwrap()
}

/// Presses the toolbar's button; tabs may bear the same name further down.
fn press(window: &mut Harness<'static, App>, key: &str, lang: Lang) {
    let label = tr(key, lang);
    window
        .get_all_by_label(&label)
        .next()
        .unwrap_or_else(|| panic!("{label}"))
        .click();
    settle(window);
}

fn click(window: &mut Harness<'static, App>, at: egui::Pos2) {
    window.hover_at(at);
    window.step();
    window.drag_at(at);
    window.step();
    window.drop_at(at);
    window.step();
    settle(window);
}

#[test]
fn without_a_project_the_welcome_page_offers_what_to_do() {
    for lang in Lang::ALL {
        let mut window = open_window(&options(lang));
        settle(&mut window);
        for key in [
            "app.command.open_sample.label",
            "app.command.open_file.label",
            "app.command.new_project.label",
        ] {
            window.get_by_label(&tr(key, lang));
        }
    }
}

#[test]
fn a_click_on_a_pipe_shows_its_attributes_in_the_language_of_the_window() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let at = screen(&window, "P-2-2-E", 0.3);
        click(&mut window, at);
        let target = window.state().panels().identify.target;
        let pipe = window
            .state()
            .session()
            .unwrap()
            .network
            .pipes_with_code("P-2-2-E")[0];
        assert_eq!(target, Some(Target::Pipe(pipe)));
        window.get_by_label("人民路");
        window.get_by_label("200 mm");
        window.get_by_label(match lang {
            Lang::ZhCn => "球墨铸铁",
            Lang::En => "Ductile iron",
        });
    }
}

#[test]
fn a_burst_is_clicked_answered_listed_and_saved_as_excel_in_both_languages() {
    use calamine::Reader as _;
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        press(&mut window, "app.command.tool_burst.label", lang);
        let at = screen(&window, "P-3-3-E", 0.3);
        click(&mut window, at);

        let result = window.state().panels().burst.result().expect("an answer").clone();
        assert!(!result.valves_to_close.is_empty());
        assert!(result.sources_to_stop.is_empty());
        assert!(result.customers[0].is_important, "the hospital comes first");
        assert!(!window.state().highlight().pieces.is_empty());
        let close = tr("app.burst.valves_to_close", lang);
        window.get_by_label_contains(&close);

        window
            .get_by_label(&tr("app.command.burst_excel.label", lang))
            .click();
        settle(&mut window);
        let file = folder.path().join("burst.xlsx");
        window.state_mut().ask(Action::FileNamed(
            karez::shell::action::FilePurpose::BurstExcel,
            file.clone(),
        ));
        settle(&mut window);
        let workbook: calamine::Xlsx<_> = calamine::open_workbook(&file).unwrap();
        assert!(workbook.sheet_names().len() >= 4, "{:?}", workbook.sheet_names());
    }
}

#[test]
fn a_valve_marked_as_unusable_widens_the_burst_and_can_be_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    let pipe = window.state().session().unwrap().find_code("P-3-3-E")[0];
    window.state_mut().ask(Action::BurstAt {
        target: pipe,
        click: None,
        is_added: false,
    });
    settle(&mut window);
    let before = window.state().panels().burst.result().unwrap().clone();
    let valve = before.valves_to_close[0];
    window.state_mut().ask(Action::SetInaccessible(valve, true));
    settle(&mut window);
    let after = window.state().panels().burst.result().unwrap().clone();
    assert!(!after.valves_to_close.contains(&valve));
    assert!(after.isolated_length_m > before.isolated_length_m);
    window
        .get_by_label(&tr("app.burst.usable_again", Lang::En))
        .click();
    settle(&mut window);
    assert_eq!(window.state().panels().burst.result(), Some(&before));
}

#[test]
fn two_clicks_give_the_shortest_path() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    press(&mut window, "app.command.tool_path.label", Lang::ZhCn);
    for code in ["P-1-1-E", "P-4-1-E"] {
        let at = screen(&window, code, 0.3);
        click(&mut window, at);
    }
    let result = window.state().panels().path.result().expect("a path").clone();
    assert!((result.length_m - 360.0).abs() < 10.0, "{}", result.length_m);
    assert!(!window.state().highlight().pieces.is_empty());
}

#[test]
fn hidden_classes_cannot_be_hit() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    let schema = window.state().session().unwrap().schema.clone();
    let pipe = schema.class_index("pipe").unwrap();
    window
        .get_by_role_and_label(
            egui::accesskit::Role::CheckBox,
            schema.class(pipe).label.text(Lang::En),
        )
        .click();
    settle(&mut window);
    let at = screen(&window, "P-2-2-E", 0.3);
    click(&mut window, at);
    assert_eq!(window.state().panels().identify.target, None);
}

#[test]
fn the_palette_opens_by_key_and_carries_out_what_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    settle(&mut window);
    window.event(egui::Event::Text("深色".to_owned()));
    settle(&mut window);
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    assert_eq!(window.state().theme().kind, karez::theme::ThemeKind::Dark);

    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    settle(&mut window);
    window.event(egui::Event::Text("V-2-2-E".to_owned()));
    settle(&mut window);
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    let valve = window
        .state()
        .session()
        .unwrap()
        .network
        .nodes_with_code("V-2-2-E")[0];
    assert_eq!(window.state().panels().identify.target, Some(Target::Node(valve)));
}

#[test]
fn the_language_changes_at_run_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    window
        .get_by_label(&tr("app.command.language_english.label", Lang::ZhCn))
        .click();
    settle(&mut window);
    window.get_by_label(&tr("app.menu.analysis", Lang::En));
    assert!(
        window
            .query_by_label(&tr("app.menu.analysis", Lang::ZhCn))
            .is_none()
    );
}

#[test]
fn a_file_that_is_no_project_is_refused_with_a_message_and_the_window_stays() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.gpkg");
    std::fs::write(&broken, b"SQLite format 3\0 and then nothing of use").unwrap();
    for path in [broken, folder.path().join("absent.shp")] {
        let mut window = open_window(&StartOptions {
            file: Some(path),
            ..options(Lang::En)
        });
        settle(&mut window);
        assert!(window.state().session().is_none());
        let last = window.state().messages().last().expect("a message").clone();
        assert_eq!(last.severity, gis_core::Severity::Error);
    }
}

#[test]
fn an_idle_window_draws_no_frames() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    window.state_mut().ask(Action::ForgetMessages);
    settle(&mut window);
    window.run();
    let before = window.state().frames();
    // `run` steps for as long as repaints are asked for at once; an idle window asks for none.
    let steps = window.run();
    assert!(steps <= 2, "{steps} steps in an idle window");
    assert!(window.state().frames() - before <= 2);
}

/// A file as a survey office hands it out.
fn geojson(folder: &Path) -> PathBuf {
    let path = folder.join("给水管线.geojson");
    let line = |code: &str, from: [f64; 2], to: [f64; 2]| {
        format!(
            r#"{{"type":"Feature","properties":{{"管线编号":"{code}","管径":300,"材质":"球墨铸铁"}},"geometry":{{"type":"LineString","coordinates":[[{},{}],[{},{}]]}}}}"#,
            from[0], from[1], to[0], to[1]
        )
    };
    let features = [
        line("GX1", [87.60, 43.80], [87.61, 43.80]),
        line("GX2", [87.61, 43.80], [87.61, 43.81]),
    ];
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_source_of_another_format_opens_for_viewing_and_stays_untouched() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let path = geojson(folder.path());
        let before = std::fs::read(&path).unwrap();
        let mut window = open_window(&StartOptions {
            file: Some(path.clone()),
            ..options(lang)
        });
        settle(&mut window);
        let session = window
            .state()
            .session()
            .unwrap_or_else(|| panic!("{:?}", window.state().messages().list()));
        assert!(session.is_temporary);
        assert_eq!(session.network.pipe_count(), 2);
        assert_eq!(session.find_code("GX2").len(), 1);
        window.get_by_label(&tr("app.layers.temporary", lang));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_source_is_inspected_and_imported_into_the_open_project() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let source = geojson(folder.path());
        let mut window = open_town(lang, folder.path());
        let before = window.state().session().unwrap().network.pipe_count();
        window.state_mut().ask(Action::ImportFile(source));
        settle(&mut window);
        window.get_by_label(&tr("app.import.class", lang));
        window.get_by_label(&tr("app.import.run", lang)).click();
        settle(&mut window);
        let session = window.state().session().unwrap();
        assert_eq!(
            session.network.pipe_count(),
            before + 2,
            "{:?}",
            window.state().messages().list()
        );
    }
}

#[test]
fn a_new_project_is_made_with_a_coordinate_system_of_the_list() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_window(&options(lang));
        settle(&mut window);
        window
            .get_by_label(&tr("app.command.new_project.label", lang))
            .click();
        settle(&mut window);
        window.state_mut().ask(Action::FileNamed(
            karez::shell::action::FilePurpose::NewProject,
            folder.path().join("新工程.gpkg"),
        ));
        settle(&mut window);
        window.get_by_label_contains("EPSG:4514").click();
        settle(&mut window);
        window.get_by_label(&tr("app.new_project.create", lang)).click();
        settle(&mut window);
        let session = window
            .state()
            .session()
            .unwrap_or_else(|| panic!("{:?}", window.state().messages().list()));
        assert_eq!(session.name, "新工程");
        assert_eq!(session.crs.epsg, Some(4514));
    }
}

#[test]
fn the_map_is_saved_as_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    let file = folder.path().join("map.png");
    window.state_mut().ask(Action::FileNamed(
        karez::shell::action::FilePurpose::MapImage,
        file.clone(),
    ));
    settle(&mut window);
    assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn without_a_file_dialog_of_the_system_the_window_asks_for_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = town(folder.path());
    let mut window = open_window(&options(Lang::ZhCn));
    settle(&mut window);
    window
        .get_by_label(&tr("app.command.open_file.label", Lang::ZhCn))
        .click();
    settle(&mut window);
    window.event(egui::Event::Text(path.display().to_string()));
    settle(&mut window);
    window.get_by_label(&tr("app.common.open", Lang::ZhCn)).click();
    settle(&mut window);
    assert!(window.state().session().is_some());
}

#[test]
fn an_epanet_file_opens_with_its_network() {
    let net3 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-data/Net3.inp");
    let mut window = open_window(&StartOptions {
        file: Some(net3),
        ..options(Lang::En)
    });
    settle(&mut window);
    let session = window
        .state()
        .session()
        .unwrap_or_else(|| panic!("{:?}", window.state().messages().list()));
    assert!(session.network.pipe_count() > 100);
}

#[test]
fn a_page_is_laid_out_saved_and_written() {
    use gis_core::layout::OutputFormat;
    use gis_core::layout::model::{ItemKind, Paper};
    use karez::panels::print::PrintAction;

    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        window
            .state_mut()
            .ask(Action::Command(karez::commands::Command::PrintLayout));
        settle(&mut window);
        settle(&mut window);
        assert!(window.state().panels().print.is_up_to_date());
        // The page shows its kinds of items in the list, and each can be chosen.
        let legend = tr("print.kind.legend", lang);
        window.get_by_label(&legend).click();
        settle(&mut window);
        let panel = &window.state().panels().print;
        let chosen = panel.selected.and_then(|id| panel.layout.item(id)).unwrap();
        assert!(matches!(chosen.kind, ItemKind::Legend(_)));
        let before = panel.layout.items.len();
        window.get_by_label(&tr("print.remove", lang)).click();
        settle(&mut window);
        settle(&mut window);
        let panel = &window.state().panels().print;
        assert_eq!(panel.layout.items.len(), before - 1);
        assert!(panel.is_up_to_date() && panel.selected.is_none());
        // A field is added from the menu, on another paper.
        window.get_by_label(&tr("print.add", lang)).click();
        settle(&mut window);
        window.get_by_label(&tr("print.kind.neighbours", lang)).click();
        settle(&mut window);
        assert_eq!(window.state().panels().print.layout.items.len(), before);
        assert_eq!(window.state().panels().print.layout.page.paper, Paper::A3);

        window
            .state_mut()
            .ask(Action::Print(PrintAction::Save("总图".to_owned())));
        settle(&mut window);
        assert_eq!(window.state().panels().print.saved, ["总图"]);
        let target = folder.path().join("page.pdf");
        window.state_mut().ask(Action::Print(PrintAction::Export(
            OutputFormat::Pdf,
            target.clone(),
        )));
        settle(&mut window);
        assert!(std::fs::read(&target).unwrap().starts_with(b"%PDF"));
        // A sheet that does not exist is refused with a reason, and nothing breaks.
        window
            .state_mut()
            .ask(Action::Print(PrintAction::Load("没有".to_owned())));
        settle(&mut window);
        assert_eq!(
            window.state().panels().print.layout.items.len(),
            before,
            "the page stays"
        );
    }
}

#[test]
fn a_filter_hides_pipes_counts_the_rest_and_is_kept_with_the_project() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let schema = window.state().session().unwrap().schema.clone();
        let pipe = schema
            .class(schema.class_index("pipe").unwrap())
            .label
            .text(lang)
            .to_owned();
        window.get_by_role_and_label(egui::accesskit::Role::CheckBox, &pipe);
        let id = LayerId::new("class:pipe");
        let mut document = window.state().panels().layers.document().clone();
        let layer = document.layer_mut(&id).unwrap();
        layer.filter = Some("管径 >= 300".to_owned());
        layer.renderer = Renderer::Graduated {
            value: "diameter_mm".to_owned(),
            method: ClassMethod::Manual,
            breaks: vec![400.0],
            ramp: "viridis".to_owned(),
            is_reversed: false,
            sizes_px: None,
            missing: None,
        };
        window.state_mut().ask(Action::SetMap(Box::new(document)));
        settle(&mut window);
        // The main, and the streets that begin on the two edges: 8 + 7 on one, 6 + 7 more on the other.
        assert_eq!(window.state().panels().layers.themed.count(&id), Some(29));
        let hidden = screen(&window, "P-3-4-E", 0.4);
        click(&mut window, hidden);
        assert_eq!(window.state().panels().identify.target, None);
        let shown = screen(&window, "P-0-4-N", 0.4);
        click(&mut window, shown);
        assert!(matches!(
            window.state().panels().identify.target,
            Some(Target::Pipe(_))
        ));
        window.get_by_label("≥ 400");
        window
            .state_mut()
            .ask(Action::Command(karez::commands::Command::SaveWorkspace));
        settle(&mut window);
        drop(window);
        let project = gis_core::project::Project::open_read_only(folder.path().join("town.gpkg")).unwrap();
        let kept = MapDocument::load(&project).unwrap().document;
        assert_eq!(kept.layer(&id).unwrap().filter.as_deref(), Some("管径 >= 300"));
    }
}

#[test]
fn an_error_in_a_filter_is_shown_and_the_layer_keeps_the_last_good_one() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let id = LayerId::new("class:pipe");
        window.state_mut().ask(Action::LayerProperties(id.clone()));
        settle(&mut window);
        let label = tr("layers.general.filter", lang);
        window
            .get_by_role_and_label(egui::accesskit::Role::TextInput, &label)
            .focus();
        window.step();
        window
            .get_by_role_and_label(egui::accesskit::Role::TextInput, &label)
            .type_text("diametr_mm > 3");
        settle(&mut window);
        window.get_by_label_contains("diameter_mm");
        assert!(
            window
                .state()
                .panels()
                .layers
                .document()
                .layer(&id)
                .unwrap()
                .filter
                .is_none()
        );
        for key in ["general", "style", "labels", "information"] {
            // A panel of the dock may be called the same as a tab.
            let tab = tr(&format!("layers.properties.{key}"), lang);
            assert!(window.query_all_by_label(&tab).next().is_some(), "{tab}");
        }
        window.get_by_label(&tr("layers.properties.style", lang)).click();
        settle(&mut window);
        window.get_by_label(&tr("layers.style.standard_tip", lang));
    }
}

#[test]
fn a_label_no_dictionary_knows_is_doubted_while_it_is_typed_and_filters_all_the_same() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let id = LayerId::new("class:pipe");
        window.state_mut().ask(Action::LayerProperties(id.clone()));
        settle(&mut window);
        let label = tr("layers.general.filter", lang);
        window
            .get_by_role_and_label(egui::accesskit::Role::TextInput, &label)
            .focus();
        window.step();
        window
            .get_by_role_and_label(egui::accesskit::Role::TextInput, &label)
            .type_text("material = 'PEE'");
        settle(&mut window);
        window.get_by_label_contains("PEE");
        let layers = &window.state().panels().layers;
        let kept = layers.document().layer(&id).unwrap().filter.clone();
        assert_eq!(kept.as_deref(), Some("material = 'PEE'"));
        assert_eq!(layers.themed.issues.len(), 1, "{:?}", layers.themed.issues);
    }
}

#[test]
fn zones_of_diagrams_are_chosen_in_the_style_of_a_layer() {
    use gis_core::cartography::layers::{DiagramKind, Renderer, Zones};

    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let id = LayerId::new("class:pipe");
        let mut document = window.state().panels().layers.document().clone();
        document.layer_mut(&id).unwrap().renderer = Renderer::Diagram {
            kind: DiagramKind::Pie,
            zones: Zones::Value("dma".to_owned()),
            parts: Vec::new(),
            max_size_px: 40.0,
        };
        window.state_mut().ask(Action::SetMap(Box::new(document)));
        settle(&mut window);
        window.state_mut().ask(Action::LayerProperties(id.clone()));
        settle(&mut window);
        window.get_by_label(&tr("layers.properties.style", lang)).click();
        settle(&mut window);
        window.get_by_label(&tr("layers.style.zones_areas", lang)).click();
        settle(&mut window);
        // The town has no layer of another format, and that is said.
        window.get_by_label(&tr("layers.style.zones_none", lang));
        window.get_by_label(&tr("layers.style.zones_name", lang));
        let layers = &window.state().panels().layers;
        let renderer = &layers.document().layer(&id).unwrap().renderer;
        assert!(renderer.zone_areas().is_some(), "{renderer:?}");
    }
}
