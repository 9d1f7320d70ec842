//! The built program on real files: JSON, exit status, complaints, and sources left as they were.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn karez(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_karez"))
        .args(args)
        .env("KAREZ_LANG", "en")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Standard output as JSON, with the expected exit status.
fn json(args: &[&str], expected: i32) -> Value {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    let output = karez(&args);
    assert_eq!(
        status(&output),
        expected,
        "{args:?}\n{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output.stdout)))
}

fn codes(value: &Value) -> Vec<&str> {
    let list = value.as_array().unwrap();
    list.iter()
        .map(|v| v.as_str().or_else(|| v["code"].as_str()).unwrap())
        .collect()
}

/// R ─P1─ V1 ─P2─ J ─P3─ V2 ─P4─ C, a hydrant on P2, a broken valve V3 towards R2 by P5.
fn exchange(dir: &Path) -> PathBuf {
    let nodes = [
        (0.0, 0.0, r#""code":"R","class":"reservoir""#),
        (
            100.0,
            0.0,
            r#""code":"V1","class":"valve","is_open":1,"is_operable":1,"diameter_mm":200"#,
        ),
        (200.0, 0.0, r#""code":"J","class":"junction","customers":7"#),
        (300.0, 0.0, r#""code":"V2","class":"valve","is_open":true"#),
        (400.0, 0.0, r#""code":"C","class":"customer","customers":40"#),
        (150.0, 0.0, r#""code":"H","class":"hydrant","on_pipe":"P2""#),
        (200.0, 100.0, r#""code":"V3","class":"valve","is_open":0"#),
        (200.0, 200.0, r#""code":"R2","class":"reservoir""#),
    ];
    let pipes = [
        ("P1", "R", "V1", "[0,0],[100,0]"),
        ("P2", "V1", "J", "[100,0],[200,0]"),
        ("P3", "J", "V2", "[200,0],[300,0]"),
        ("P4", "V2", "C", "[300,0],[400,0]"),
        ("P5", "J", "V3", "[200,0],[200,100]"),
        ("P6", "V3", "R2", "[200,100],[200,200]"),
    ];
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4545"}}"#;
    let collection = |name: &str, features: Vec<String>| {
        let text = format!(
            r#"{{"type":"FeatureCollection","name":"{name}",{crs},"features":[{}]}}"#,
            features.join(",")
        );
        std::fs::write(dir.join(format!("{name}.geojson")), text).unwrap();
    };
    std::fs::create_dir_all(dir).unwrap();
    let shift = |p: (f64, f64)| format!("[{},{}]", 500_000.0 + p.0, 4_850_000.0 + p.1);
    collection(
        "nodes",
        nodes
            .iter()
            .map(|(x, y, p)| {
                format!(r#"{{"type":"Feature","properties":{{{p}}},"geometry":{{"type":"Point","coordinates":{}}}}}"#, shift((*x, *y)))
            })
            .collect(),
    );
    collection(
        "pipes",
        pipes
            .iter()
            .map(|(code, from, to, line)| {
                let points: Vec<String> = line
                    .split("],[")
                    .map(|p| p.trim_matches(['[', ']']).split_once(',').unwrap())
                    .map(|(x, y)| shift((x.parse().unwrap(), y.parse().unwrap())))
                    .collect();
                format!(
                    r#"{{"type":"Feature","properties":{{"code":"{code}","from":"{from}","to":"{to}","diameter_mm":200,"material":"PE","state":"operative"}},"geometry":{{"type":"LineString","coordinates":[{}]}}}}"#,
                    points.join(",")
                )
            })
            .collect(),
    );
    dir.to_owned()
}

/// Names and bytes of everything in a folder.
fn fingerprint(dir: &Path) -> u64 {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        std::fs::read(&file).unwrap_or_default().hash(&mut hasher);
    }
    hasher.finish()
}

#[test]
fn a_burst_is_answered_straight_from_foreign_files_and_leaves_them_alone() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("网络"));
    let before = fingerprint(&source);
    let answer = json(&["burst", source.to_str().unwrap(), "--pipe", "P2"], 0);
    assert_eq!(codes(&answer["valves_to_close"]), ["V1"]);
    assert_eq!(codes(&answer["valves_to_check"]), ["V3"]);
    assert_eq!(codes(&answer["valves_optional"]), ["V2"]);
    assert_eq!(codes(&answer["isolated_pipes"]), ["P2", "P3", "P5"]);
    assert_eq!(codes(&answer["cut_off_pipes"]), ["P4"]);
    assert_eq!(codes(&answer["hydrants_lost"]), ["H"]);
    assert_eq!(answer["customers_affected"], 47);
    assert_eq!(answer["valves_to_close"][0]["class"], "valve");
    assert_eq!(answer["valves_to_close"][0]["x"], 500_100.0);
    assert!((answer["isolated_length_m"].as_f64().unwrap() - 300.0).abs() < 0.5);
    assert!(answer["elapsed_us"].is_u64());
    assert_eq!(fingerprint(&source), before, "the source was touched");
}

#[test]
fn a_valve_that_cannot_be_shut_widens_the_answer_or_makes_it_a_no() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(dir.path());
    let answer = json(
        &[
            "burst",
            source.to_str().unwrap(),
            "--pipe",
            "P4",
            "--inoperable",
            "V2",
        ],
        0,
    );
    assert_eq!(codes(&answer["valves_to_close"]), ["V1"]);
    assert_eq!(codes(&answer["inoperable_passed"]), ["V2"]);
    let answer = json(&["burst", source.to_str().unwrap(), "--node", "V1"], 1);
    assert_eq!(codes(&answer["sources_to_stop"]), ["R"]);
}

#[test]
fn a_place_means_the_nearest_pipe() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(dir.path());
    let answer = json(&["burst", source.to_str().unwrap(), "--at", "500350,4850004"], 0);
    assert_eq!(codes(&answer["isolated_pipes"]), ["P4"]);
    let output = karez(&["burst", source.to_str().unwrap(), "--at", "510350,4850004"]);
    assert_eq!(status(&output), 1, "{}", text(&output.stderr));
}

#[test]
fn a_path_is_found_or_the_closed_valve_that_separates_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(dir.path());
    let source = source.to_str().unwrap();
    let answer = json(&["path", source, "--from", "R", "--to", "C"], 0);
    assert_eq!(codes(&answer["pipes"]), ["P1", "P2", "P3", "P4"]);
    assert_eq!(codes(&answer["nodes"]), ["R", "V1", "J", "V2", "C"]);
    assert!((answer["length_m"].as_f64().unwrap() - 400.0).abs() < 0.5);
    let answer = json(&["path", source, "--from", "500050,4850002", "--to", "J"], 0);
    assert_eq!(codes(&answer["pipes"]), ["P1", "P2"]);
    let answer = json(&["path", source, "--from", "R", "--to", "R2"], 1);
    assert_eq!(answer["unreachable"], true);
    assert_eq!(codes(&answer["separating_valves"]), ["V3"]);
}

#[test]
fn a_project_is_made_filled_checked_and_gives_the_same_answers() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    let project = dir.path().join("城市.gpkg");
    let project = project.to_str().unwrap();
    json(&["new", project, "--crs", "EPSG:4545"], 0);
    let report = json(&["import", project, source.to_str().unwrap()], 0);
    let written: u64 = report["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["written"].as_u64().unwrap())
        .sum();
    assert_eq!(written, 14, "{report}");
    let info = json(&["info", project], 0);
    assert_eq!(info["counts"]["pipe"], 6);
    assert_eq!(info["crs"]["epsg"], 4545);
    let check = json(&["check", project], 0);
    assert_eq!(check["errors"], 0, "{check}");
    let direct = json(&["burst", source.to_str().unwrap(), "--pipe", "P2"], 0);
    let mut stored = json(&["burst", project, "--pipe", "P2"], 0);
    stored["elapsed_us"] = direct["elapsed_us"].clone();
    assert_eq!(stored, direct);
    assert_eq!(fingerprint(dir.path()), fingerprint(dir.path()));
    assert!(
        !dir.path().join("城市.gpkg-wal").exists(),
        "a closed project is one file"
    );
}

#[test]
fn a_project_that_does_not_exist_is_made_by_the_import_and_can_be_exported_again() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    let project = dir.path().join("p.gpkg");
    json(
        &["import", project.to_str().unwrap(), source.to_str().unwrap()],
        0,
    );
    let out = dir.path().join("out.gpkg");
    let report = json(&["export", project.to_str().unwrap(), out.to_str().unwrap()], 0);
    assert_eq!(
        (&report["nodes"], &report["pipes"]),
        (&Value::from(8), &Value::from(6))
    );
    let mut again = json(&["burst", out.to_str().unwrap(), "--pipe", "P2"], 0);
    let first = json(&["burst", project.to_str().unwrap(), "--pipe", "P2"], 0);
    again["elapsed_us"] = first["elapsed_us"].clone();
    assert_eq!(again, first, "export and import keep the network");
}

#[test]
fn the_map_is_drawn_into_a_picture() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    let out = dir.path().join("map.png");
    let output = karez(&[
        "render",
        source.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--size",
        "900x600",
    ]);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    assert_eq!(&std::fs::read(&out).unwrap()[..4], b"\x89PNG");
}

#[test]
fn a_view_is_drawn_at_its_scale_and_turn_in_the_format_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    for (name, head) in [
        ("map.svg", &b"<?xml"[..]),
        ("map.png", b"\x89PNG"),
        ("map.pdf", b"%PDF"),
    ] {
        let out = dir.path().join(name);
        let answer = json(
            &[
                "render",
                source.to_str().unwrap(),
                "--out",
                out.to_str().unwrap(),
                "--scale",
                "2000",
                "--rotation",
                "30",
                "--dark",
            ],
            0,
        );
        let bytes = std::fs::read(&out).unwrap();
        assert!(bytes.starts_with(head), "{name}");
        assert_eq!(answer["bytes"], bytes.len());
    }
    let out = dir.path().join("map.docx");
    let args = ["render", source.to_str().unwrap(), "--out", out.to_str().unwrap()];
    assert_eq!(status(&karez(&args)), 2);
}

#[test]
fn pages_are_printed_from_a_template() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    let out = dir.path().join("plan.pdf");
    let args = [
        "print",
        source.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--template",
        "a4-map",
        "--paper",
        "A2",
        "--title",
        "供水管网图",
        "--set",
        "company=天池水务",
        "--lang",
        "zh-CN",
    ];
    let answer = json(&args, 0);
    assert_eq!(answer["pages"], 1);
    let text = std::process::Command::new("pdftotext")
        .args([out.as_os_str(), "-".as_ref()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for word in ["供水管网图", "天池水务", "图例"] {
        assert!(text.contains(word), "{text}");
    }
    let wrong = karez(&[
        "print",
        source.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--template",
        "no-such",
    ]);
    assert_eq!(status(&wrong), 2);
}

#[test]
fn the_report_is_written_beside_the_answer_and_reads_back() {
    use calamine::Reader as _;
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    let book = dir.path().join("报告.xlsx");
    let args = [
        "burst",
        source.to_str().unwrap(),
        "--pipe",
        "P2",
        "--lang",
        "zh-CN",
        "--xlsx",
        book.to_str().unwrap(),
    ];
    json(&args, 0);
    let mut workbook = calamine::open_workbook_auto(&book).unwrap();
    let valves = workbook.worksheet_range("阀门").unwrap();
    assert_eq!(valves.rows().nth(1).unwrap()[2].to_string(), "V1");
}

#[test]
fn bad_input_ends_with_2_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(&dir.path().join("in"));
    let source = source.to_str().unwrap();
    let empty = dir.path().join("empty.geojson");
    std::fs::write(&empty, "").unwrap();
    let truncated = dir.path().join("cut.gpkg");
    std::fs::write(&truncated, b"SQLite format 3\0 and then nothing").unwrap();
    let nonsense = dir.path().join("notes.txt");
    std::fs::write(&nonsense, "not a network").unwrap();
    let (empty, truncated, nonsense) = (
        empty.to_str().unwrap(),
        truncated.to_str().unwrap(),
        nonsense.to_str().unwrap(),
    );
    let cases: &[(&[&str], &str)] = &[
        (&["burst", "/no/such/file.gpkg", "--pipe", "P1"], "does not exist"),
        (&["burst", empty, "--pipe", "P1"], "empty"),
        (&["burst", truncated, "--pipe", "P1"], "cut.gpkg"),
        (&["burst", nonsense, "--pipe", "P1"], "notes.txt"),
        (&["burst", source, "--pipe", "P22"], "P2"),
        (&["burst", source, "--node", "nobody"], "nobody"),
        (&["burst", source], "--pipe"),
        (&["burst", source, "--at", "here"], "here"),
        (&["path", source, "--from", "R"], "--to"),
        (&["path", source, "--from", "R", "--to", "Q9"], "Q9"),
        (&["new", "x.gpkg", "--crs", "EPSG:999999"], "999999"),
        (&["burst", source, "--pipe", "P2", "--format", "yaml"], "yaml"),
    ];
    for (args, expected) in cases {
        let output = karez(args);
        assert_eq!(status(&output), 2, "{args:?}: {}", text(&output.stderr));
        assert!(
            text(&output.stderr).contains(expected),
            "{args:?}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let output = karez(&["burst", empty, "--pipe", "P1", "--format", "json"]);
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert!(error["error"].is_string());
}

#[test]
fn every_text_speaks_the_language_that_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(dir.path());
    let chinese = karez(&[
        "burst",
        source.to_str().unwrap(),
        "--pipe",
        "P2",
        "--lang",
        "zh-CN",
    ]);
    assert!(
        text(&chinese.stdout).contains("需关闭阀门 1 个"),
        "{}",
        text(&chinese.stdout)
    );
    let english = karez(&["burst", source.to_str().unwrap(), "--pipe", "P2", "--lang", "en"]);
    assert!(
        text(&english.stdout).contains("Close 1 valves"),
        "{}",
        text(&english.stdout)
    );
    assert!(text(&karez(&["burst", "--help", "--lang", "zh-CN"]).stdout).contains("爆管管段编号"));
    let english = text(&karez(&["burst", "--help", "--lang", "en"]).stdout);
    assert!(english.contains("Code of a pipe that bursts") && english.is_ascii());
}

#[test]
fn the_language_may_stand_before_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(dir.path());
    let source = source.to_str().unwrap();
    for before in [
        &["--lang", "zh-CN"][..],
        &["--lang=zh-CN"],
        &["--format", "text", "--lang", "zh-CN"],
    ] {
        let arguments = [before, &["burst", source, "--pipe", "P2"]].concat();
        let chinese = karez(&arguments);
        assert_eq!(status(&chinese), 0, "{before:?}: {}", text(&chinese.stderr));
        assert!(text(&chinese.stdout).contains("需关闭阀门 1 个"), "{before:?}");
    }
    let help = karez(&["--lang", "zh-CN", "burst", "--help"]);
    assert!(text(&help.stdout).contains("爆管管段编号"));
    let wrong = karez(&["--lang", "zh-CN", "burst", source, "--pipe", "nothing"]);
    assert_eq!(status(&wrong), 2);
    assert!(!text(&wrong.stderr).is_ascii(), "{}", text(&wrong.stderr));
}

#[test]
fn pyramids_are_built_beside_a_picture_and_a_small_one_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |name: &str, side: u32| {
        let path = folder.path().join(name);
        let pixels = image::RgbImage::from_fn(side, side, |x, y| image::Rgb([x as u8, y as u8, 90]));
        pixels.save(&path).unwrap();
        path.display().to_string()
    };
    let large = picture("image.png", 1_500);
    let answer = json(
        &["overviews", &large, "--levels", "2,4", "--resampling", "nearest"],
        0,
    );
    assert_eq!(answer["overviews"], serde_json::json!([[750, 750], [375, 375]]));
    assert!(Path::new(&format!("{large}.ovr")).is_file());
    let refused = karez(&["overviews", &picture("small.png", 40)]);
    assert_eq!(status(&refused), 1, "{}", text(&refused.stderr));
    let missing = karez(&["overviews", "no/such.tif"]);
    assert_eq!(status(&missing), 2);
}

#[test]
fn a_topographic_map_is_added_listed_and_switched() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("p.gpkg").display().to_string();
    json(&["new", &project, "--crs", "EPSG:4538"], 0);
    assert_eq!(
        json(&["basemap", "list", &project], 1)["maps"],
        serde_json::json!([])
    );
    let mut file = String::new();
    for (issue, houses) in [("2022", 1), ("2024", 2)] {
        let features: Vec<String> = (0..houses)
            .map(|i| {
                let x = 87.5 + f64::from(i) * 0.001;
                format!(
                    r#"{{"type":"Feature","properties":{{"名称":"泵房"}},"geometry":{{"type":"LineString","coordinates":[[{x},43.8],[{x},43.801]]}}}}"#
                )
            })
            .collect();
        file = folder
            .path()
            .join(format!("{issue}.geojson"))
            .display()
            .to_string();
        let collection = format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            features.join(",")
        );
        std::fs::write(&file, collection).unwrap();
        let added = json(
            &[
                "basemap", "add", &project, &file, "--map", "1:500", "--issue", issue, "--by", "张三",
            ],
            0,
        );
        assert_eq!(added["record"]["features"], houses);
    }
    let again = karez(&[
        "basemap", "add", &project, &file, "--map", "1:500", "--issue", "2024",
    ]);
    assert_eq!(status(&again), 2, "an issue is not replaced silently");
    let switched = json(
        &[
            "basemap", "switch", &project, "--map", "1:500", "--issue", "2024", "--by", "李四",
        ],
        0,
    );
    assert_eq!(
        (&switched["from"], &switched["to"]),
        (&"2022".into(), &"2024".into())
    );
    let book = json(&["basemap", "list", &project], 0);
    let map = &book["maps"][0];
    assert_eq!(map["current"], "2024");
    assert_eq!(map["issues"].as_array().unwrap().len(), 2);
    assert_eq!(map["history"][1]["by"], "李四");
    assert!(
        folder
            .path()
            .join("p.basemaps")
            .join(map["issues"][1]["file"].as_str().unwrap())
            .is_file()
    );
    let wrong = karez(&["basemap", "switch", &project, "--map", "1:500", "--issue", "1999"]);
    assert_eq!(status(&wrong), 2);
}

#[test]
fn files_are_attached_listed_written_out_and_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let source = exchange(dir.path());
    let project = dir.path().join("p.gpkg");
    let project = project.to_str().unwrap();
    json(&["import", project, source.to_str().unwrap()], 0);
    assert_eq!(
        json(&["media", "list", project], 1)["attachments"],
        Value::Array(Vec::new())
    );
    let note = dir.path().join("说明.txt");
    std::fs::write(&note, "锈死").unwrap();
    let program = dir.path().join("game.exe");
    std::fs::write(&program, "MZ").unwrap();
    let added = json(
        &["media", "add", project, note.to_str().unwrap(), "--code", "V1"],
        0,
    );
    let attachment = &added["attachments"][0];
    assert_eq!(
        (attachment["code"].as_str(), attachment["class"].as_str()),
        (Some("V1"), Some("valve"))
    );
    assert_eq!(attachment["content_type"], "text/plain");
    let id = attachment["id"].as_str().unwrap();
    for (args, expected) in [
        (
            vec!["media", "add", project, program.to_str().unwrap(), "--code", "V1"],
            "program",
        ),
        (
            vec!["media", "add", project, note.to_str().unwrap(), "--code", "V99"],
            "V99",
        ),
        (
            vec!["media", "add", project, note.to_str().unwrap(), "--nearest"],
            "taken",
        ),
        (vec!["media", "add", project, project, "--code", "V1"], "project"),
        (vec!["media", "extract", project, "nothing"], "nothing"),
    ] {
        let output = karez(&args);
        assert_eq!(status(&output), 2, "{args:?}: {}", text(&output.stderr));
        assert!(
            text(&output.stderr).contains(expected),
            "{args:?}: {}",
            text(&output.stderr)
        );
    }
    let out = dir.path().join("out.txt");
    json(
        &[
            "media",
            "extract",
            project,
            id.get(..30).unwrap(),
            "--out",
            out.to_str().unwrap(),
        ],
        0,
    );
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "锈死");
    assert_eq!(
        json(&["media", "list", project, "--code", "V2"], 1)["attachments"],
        Value::Array(Vec::new())
    );
    json(&["media", "remove", project, id], 0);
    json(&["media", "list", project], 1);
}

#[test]
fn a_profile_and_a_section_tell_heights_and_say_nothing_where_none_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("in");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(
        source.join("nodes.csv"),
        "code,class,x,y,ground_elevation_m,buried_depth_m\n\
         A,junction,500000,4850000,100.00,2.00\nB,junction,500100,4850000,101.00,2.00\nC,junction,500100,4850050,,\n",
    )
    .unwrap();
    std::fs::write(
        source.join("pipes.csv"),
        "code,class,from,to,diameter_mm,material,depth_to_m\nP1,pipe,A,B,300,DI,1.50\nP2,pipe,B,C,200,PE,\n",
    )
    .unwrap();
    let source = source.to_str().unwrap();
    let drawing = dir.path().join("纵断面.pdf");
    let args = [
        "profile",
        source,
        "--from",
        "A",
        "--to",
        "C",
        "--crs",
        "EPSG:4538",
        "--lang",
        "zh-CN",
        "--out",
        drawing.to_str().unwrap(),
    ];
    let answer = json(&args, 0);
    let [first, second] = [&answer["stretches"][0], &answer["stretches"][1]];
    assert_eq!(first["start"]["crown_m"], 98.0);
    // The pipe's own depth counts before that of the point.
    assert_eq!(first["end"]["cover_m"], 1.5);
    assert_eq!(first["slope_permille"], 15.0);
    assert_eq!(second["start"]["crown_m"], 99.0);
    assert!(second["end"]["crown_m"].is_null() && second["slope_permille"].is_null());
    let text = std::process::Command::new("pdftotext")
        .args([drawing.as_os_str(), "-".as_ref()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for word in ["A 至 C 纵断面图", "管顶高程", "DN300"] {
        assert!(text.contains(word), "{text}");
    }
    let line = "500050,4850010,500050,4849990";
    let sheet = dir.path().join("section.xlsx");
    let cut = json(
        &[
            "section",
            source,
            "--crs",
            "EPSG:4538",
            "--line",
            line,
            "--out",
            sheet.to_str().unwrap(),
        ],
        0,
    );
    assert!(std::fs::read(&sheet).unwrap().starts_with(b"PK"));
    assert_eq!(cut["pipes"][0]["pipe"], "P1");
    assert_eq!(cut["pipes"][0]["crown_m"], 98.75);
    let elsewhere = "500000,4850300,500010,4850300";
    json(&["section", source, "--crs", "EPSG:4538", "--line", elsewhere], 1);
    let drawing_of_nothing = dir.path().join("nothing.pdf");
    let unknown = karez(&[
        "profile",
        source,
        "--crs",
        "EPSG:4538",
        "--from",
        "C",
        "--to",
        "C",
        "--out",
        drawing_of_nothing.to_str().unwrap(),
    ]);
    assert_eq!(status(&unknown), 1);
    assert!(!drawing_of_nothing.exists());
}
