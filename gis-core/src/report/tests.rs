use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use chrono::{NaiveDate, NaiveDateTime};

use super::{BurstReport, EngineeringReport, PathReport, closing_order};
use crate::analysis::burst::{BurstRequest, burst};
use crate::analysis::path::{PathOutcome, Place, shortest_path};
use crate::cartography::layers::{LayerId, Look, MapDocument, Renderer};
use crate::cartography::{Rgba, Themed};
use crate::ids::IdSource;
use crate::layout::{Dressing, Ground, MapMaterial};
use crate::model::{Feature, Geometry, Links, Value};
use crate::network::Network;
use crate::progress::NoProgress;
use crate::project::{NewProject, Project};
use crate::schema::Schema;
use crate::text::Lang;

/// Plant ─P1─ V1 ─P2─ V2 ─P3─ hospital, with attributes worth reporting.
fn project() -> Project {
    let schema = Schema::builtin().unwrap();
    let crs = crate::io::crs::parse("EPSG:4545").unwrap();
    let new = NewProject {
        name: "测试城",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 1_700_000_000_000,
    };
    let mut project = Project::temporary(&new).unwrap();
    let mut ids = IdSource::new(1_700_000_000_000, 4);
    let mut writer = project.begin_bulk().unwrap();
    let place = |x: f64| [500_000.0 + x, 4_850_000.0, f64::NAN];
    let mut feature = |class: &str, geometry, links, values: &[(&str, Value)]| {
        let index = schema.class_index(class).unwrap();
        let fields = &schema.class(index).fields;
        let mut row = vec![Value::Null; fields.len()];
        for (key, value) in values {
            row[fields
                .iter()
                .position(|f| f.key == *key)
                .unwrap_or_else(|| panic!("{class}.{key}"))] = value.clone();
        }
        let id = ids.next_id();
        writer
            .insert(&Feature {
                id,
                class: index,
                geometry: Some(geometry),
                links,
                values: row,
            })
            .unwrap();
        id
    };
    let text = |t: &str| Value::Text(t.to_owned());
    let plant = feature(
        "plant",
        Geometry::Point(place(0.0)),
        Links::default(),
        &[("code", text("SC-1"))],
    );
    let v1 = feature(
        "valve",
        Geometry::Point(place(100.0)),
        Links::default(),
        &[
            ("code", text("FM-1")),
            ("kind", text("gate")),
            ("diameter_mm", Value::Real(300.0)),
            ("turns", Value::Real(38.0)),
            ("address", text("友好北路 12 号")),
        ],
    );
    let v2 = feature(
        "valve",
        Geometry::Point(place(200.0)),
        Links::default(),
        &[("code", text("FM-2"))],
    );
    let hospital = feature(
        "customer",
        Geometry::Point(place(300.0)),
        Links::default(),
        &[
            ("code", text("YH-1")),
            ("name", text("市第一医院")),
            ("phone", text("0991-0000000")),
            ("customers", Value::Integer(1)),
            ("is_important", Value::Boolean(true)),
        ],
    );
    for (i, (from, to)) in [(plant, v1), (v1, v2), (v2, hospital)].into_iter().enumerate() {
        let x = i as f64 * 100.0;
        feature(
            "pipe",
            Geometry::Line(vec![place(x), place(x + 100.0)]),
            Links {
                from: Some(from),
                to: Some(to),
                ..Links::default()
            },
            &[
                ("code", text(&format!("JS-{}", i + 1))),
                ("diameter_mm", Value::Real(300.0)),
                ("material", text("DI")),
                (
                    "install_date",
                    Value::Date(NaiveDate::from_ymd_opt(2008, 5, 12).unwrap()),
                ),
            ],
        );
    }
    writer.finish().unwrap();
    project
}

fn when() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 3, 8)
        .unwrap()
        .and_hms_opt(14, 30, 0)
        .unwrap()
}

/// The map kept with a project.
fn dressing(project: &Project, network: &Network) -> Dressing {
    let material = MapMaterial::load(project, Lang::En).unwrap();
    let ground = Ground {
        network,
        schema: project.schema(),
        crs: project.crs(),
        tiles: None,
    };
    Dressing::new(material, ground, Lang::En, &NoProgress).unwrap()
}

fn burst_book(lang: Lang) -> Xlsx<Cursor<Vec<u8>>> {
    let project = project();
    let network = project.network(&NoProgress).unwrap();
    let request = BurstRequest {
        pipes: network.pipes_with_code("JS-2"),
        ..BurstRequest::default()
    };
    let result = burst(&network, &request).unwrap();
    let dressing = dressing(&project, &network);
    let report = BurstReport {
        project: &project,
        network: &network,
        dressing: &dressing,
        request: &request,
        result: &result,
        lang,
        created: when(),
    };
    let bytes = report.workbook().unwrap().0;
    if let Ok(folder) = std::env::var("KAREZ_PICTURES") {
        std::fs::write(
            std::path::Path::new(&folder).join(format!("burst-{}.xlsx", lang.code())),
            &bytes,
        )
        .unwrap();
    }
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

#[test]
fn the_burst_workbook_reads_back_with_text_numbers_and_dates_as_such() {
    let mut book = burst_book(Lang::ZhCn);
    assert_eq!(book.sheet_names(), ["概要", "阀门", "用户", "管段", "消火栓"]);
    let valves = book.worksheet_range("阀门").unwrap();
    let header: Vec<String> = valves
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        &header[..6],
        ["序号", "操作", "编号", "类型", "管径 (mm)", "圈数"]
    );
    let first: Vec<Data> = valves.rows().nth(1).unwrap().to_vec();
    assert_eq!(first[0], Data::Float(1.0));
    assert_eq!(first[1], Data::String("关闭".to_owned()));
    assert_eq!(first[2], Data::String("FM-1".to_owned()));
    assert!(first[3].to_string().starts_with("阀门 · 闸阀"), "{}", first[3]);
    assert_eq!((&first[4], &first[5]), (&Data::Float(300.0), &Data::Float(38.0)));
    assert_eq!(first[8], Data::String("友好北路 12 号".to_owned()));
    assert_eq!(
        valves.rows().nth(2).unwrap()[1],
        Data::String("可不关".to_owned())
    );

    let customers = book.worksheet_range("用户").unwrap();
    let row = customers.rows().nth(1).unwrap();
    assert_eq!(
        (row[0].to_string().as_str(), row[3].to_string().as_str()),
        ("是", "市第一医院")
    );

    let pipes = book.worksheet_range("管段").unwrap();
    let rows: Vec<&[Data]> = pipes.rows().skip(1).collect();
    assert_eq!(
        rows.iter().map(|r| r[1].to_string()).collect::<Vec<_>>(),
        ["JS-2", "JS-3"]
    );
    assert_eq!(rows[0][3], Data::String("球墨铸铁".to_owned()));
    assert!(
        matches!(&rows[0][5], Data::DateTime(d) if (d.as_f64() - 39_580.0).abs() < 1e-9),
        "{:?}",
        rows[0][5]
    );

    let cover = book.worksheet_range("概要").unwrap();
    let value = |key: &str| {
        let row = cover.rows().find(|r| r[0] == *key);
        row.map_or_else(|| panic!("{key}"), |r| r[1].clone())
    };
    assert_eq!(value("爆管位置"), Data::String("JS-2".to_owned()));
    assert_eq!(value("停水用户（户）"), Data::Float(1.0));
    assert_eq!(value("隔离长度（m）"), Data::Float(100.0));

    // No hydrant: the sheet is there, with its header only.
    assert_eq!(book.worksheet_range("消火栓").unwrap().height(), 1);
}

#[test]
fn the_english_workbook_has_no_chinese_of_ours() {
    let mut book = burst_book(Lang::En);
    assert_eq!(
        book.sheet_names(),
        ["Summary", "Valves", "Customers", "Pipes", "Hydrants"]
    );
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).unwrap();
        let header = range.rows().next().unwrap();
        assert!(
            header.iter().all(|c| c.to_string().is_ascii()),
            "{name}: {header:?}"
        );
    }
}

#[test]
fn the_cover_carries_the_map() {
    let project = project();
    let network = project.network(&NoProgress).unwrap();
    let request = BurstRequest {
        pipes: network.pipes_with_code("JS-2"),
        ..BurstRequest::default()
    };
    let result = burst(&network, &request).unwrap();
    assert_eq!(closing_order(&network, &request, &result), result.valves_to_close);
    let lang = Lang::ZhCn;
    let dressing = dressing(&project, &network);
    let report = BurstReport {
        project: &project,
        network: &network,
        dressing: &dressing,
        request: &request,
        result: &result,
        lang,
        created: when(),
    };
    let bytes = report.workbook().unwrap().0;
    assert!(
        bytes.windows(14).any(|w| w == b"xl/media/image"),
        "the picture is part of the package"
    );
    assert_eq!(report.file_name(), "爆管分析-20260308-1430.xlsx");
}

/// Pixels of a colour.
fn count(png: &[u8], colour: Rgba) -> usize {
    let picture = tiny_skia::Pixmap::decode_png(png).unwrap();
    let pixels = picture.pixels().iter();
    pixels
        .filter(|p| [p.red(), p.green(), p.blue()] == [colour.r, colour.g, colour.b])
        .count()
}

#[test]
fn the_picture_of_a_burst_has_the_styles_the_themes_and_the_filters_of_the_project() {
    let mut project = project();
    let network = project.network(&NoProgress).unwrap();
    let request = BurstRequest {
        pipes: network.pipes_with_code("JS-2"),
        ..BurstRequest::default()
    };
    let result = burst(&network, &request).unwrap();
    let picture = |project: &Project| {
        let report = BurstReport {
            project,
            network: &network,
            dressing: &dressing(project, &network),
            request: &request,
            result: &result,
            lang: Lang::En,
            created: when(),
        };
        let (png, issues) = report.picture_png([900, 600]).unwrap();
        assert!(issues.is_empty(), "{issues:?}");
        png
    };
    let [pink, lime] = [Rgba::opaque(255, 0, 200), Rgba::opaque(120, 255, 0)];
    let plain = picture(&project);
    assert_eq!([count(&plain, pink), count(&plain, lime)], [0, 0]);

    let mut document = MapDocument::standard(project.schema());
    let usual = document.style_set().unwrap();
    let mut styles = usual.clone();
    let class = styles.diameter_class(300.0);
    styles.diameter_style_mut(class).colour = Themed {
        light: pink,
        dark: pink,
    };
    document.styles = styles.changes_from(&usual);
    document.save(&mut project).unwrap();
    assert!(count(&picture(&project), pink) > 50, "the style of the project");

    let pipes = document.layer_mut(&LayerId::new("class:pipe")).unwrap();
    pipes.renderer = Renderer::Single {
        look: Look::coloured(lime),
    };
    document.save(&mut project).unwrap();
    let themed = picture(&project);
    assert!(count(&themed, lime) > 50, "the theme of the layer");
    assert_eq!(count(&themed, pink), 0, "the key does not name what is not shown");

    let pipes = document.layer_mut(&LayerId::new("class:pipe")).unwrap();
    pipes.filter = Some("diameter_mm > 1000".to_owned());
    document.save(&mut project).unwrap();
    let filtered = picture(&project);
    assert!(
        count(&filtered, lime) < count(&themed, lime),
        "only the key is left"
    );
}

#[test]
fn the_path_workbook_lists_the_pipes_in_order() {
    let project = project();
    let network = project.network(&NoProgress).unwrap();
    let node = |code: &str| Place::Node(network.nodes_with_code(code)[0]);
    let PathOutcome::Found(path) = shortest_path(&network, node("YH-1"), node("SC-1")).unwrap() else {
        panic!("connected")
    };
    let dressing = dressing(&project, &network);
    let report = PathReport {
        project: &project,
        network: &network,
        dressing: &dressing,
        path: &path,
        from: "YH-1",
        to: "SC-1",
        lang: Lang::ZhCn,
        created: when(),
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(report.workbook().unwrap().0)).unwrap();
    let pipes = book.worksheet_range("管段").unwrap();
    assert_eq!(
        pipes.rows().skip(1).map(|r| r[1].to_string()).collect::<Vec<_>>(),
        ["JS-3", "JS-2", "JS-1"]
    );
    let cover = book.worksheet_range("概要").unwrap();
    assert!(cover.rows().any(|r| r[1] == Data::Float(300.0)));
}

#[test]
fn the_workbook_of_an_engineering_project_has_its_changes_and_materials_in_words() {
    let mut project = project();
    let particulars = crate::project::Engineering {
        number: "G1".to_owned(),
        name: "Bridge".to_owned(),
        ..crate::project::Engineering::default()
    };
    project.add_engineering(&particulars).unwrap();
    let network = project.network(&NoProgress).unwrap();
    let pipe = network.pipe_id(network.pipes_with_code("JS-2")[0]);
    let mut ids = crate::ids::IdSource::new(1, 1);
    for request in [
        format!(r#"{{"op":"set","features":["{pipe}"],"values":{{"material":"PE"}}}}"#),
        r#"{"op":"add_node","class":"hydrant","at":[9000,9000],"values":{"code":"XH"}}"#.to_owned(),
    ] {
        let request = crate::edit::ops::Request::from_json(&request).unwrap();
        let plan = project.plan_engineering("G1", &request, &mut ids).unwrap();
        let mut session = project.begin_edit().unwrap();
        session.apply(&plan.transaction).unwrap();
        let stamp = crate::project::Stamp {
            who: "li",
            at_unix_ms: 1,
        };
        session
            .commit_for(Some("G1"), &plan.marks, &plan.transaction.name, stamp)
            .unwrap();
    }
    let report = EngineeringReport {
        project: &project,
        number: "G1",
        lang: Lang::En,
        created: when(),
    };
    let mut book = Xlsx::new(Cursor::new(report.workbook().unwrap())).unwrap();
    let mut sheet = |name: &str| -> Vec<Vec<String>> {
        let range = book.worksheet_range(name).unwrap();
        let rows = range.rows().skip(1);
        rows.map(|row| row.iter().map(ToString::to_string).collect())
            .collect()
    };
    assert_eq!(sheet("Project")[0], ["Number", "G1"]);
    let changes = sheet("Changes");
    assert_eq!(changes[0][1..], ["new", "Hydrant", "XH"]);
    assert_eq!(changes[1][1..], ["altered", "Pipe", "JS-2"]);
    let values = sheet("Old and new values");
    assert_eq!(values[0][1..3], ["JS-2", "Material"]);
    assert_eq!(values[0][4], "Polyethylene");
    assert_eq!(sheet("Bill of materials")[0][0], "Hydrant");
}
