//! `karez stats` and `karez quality` of the built program on a small town (9.2.3.4c, GB/T 36344).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

#[path = "common/mod.rs"]
mod common;

use std::path::Path;
use std::process::Command;

use calamine::{DataType as _, Reader as _, Xlsx, open_workbook};
use serde_json::Value;

fn karez(args: &[&str], expected: i32) -> Value {
    let mut all = args.to_vec();
    all.extend(["--format", "json"]);
    let output = Command::new(env!("CARGO_BIN_EXE_karez"))
        .args(&all)
        .env("KAREZ_LANG", "en")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(expected), "{args:?}\n{said}");
    if expected == 2 {
        return Value::String(said);
    }
    let json = output
        .stdout
        .split(|b| *b == b'\n')
        .find(|line| line.starts_with(b"{"));
    serde_json::from_slice(json.unwrap_or(&output.stdout))
        .unwrap_or_else(|e| serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{e}: {said}")))
}

fn town(folder: &Path) -> String {
    let path = folder.join("town.gpkg");
    common::make_town(&path);
    path.display().to_string()
}

#[test]
fn a_pivot_and_a_standing_report_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let own = karez(
        &[
            "stats",
            &town,
            "--class",
            "pipe",
            "--rows",
            "diameter_mm",
            "--columns",
            "material",
        ],
        0,
    );
    let report = karez(&["stats", &town, "--report", "pipes_by_size"], 0);
    let (own, report) = (&own["statistics"][0], &report["statistics"][0]);
    assert_eq!(own["cells"], report["cells"]);
    assert_eq!(own["rows"], report["rows"]);
    assert_eq!(own["total"]["count"], 113);
}

#[test]
fn all_reports_go_into_one_workbook_and_one_into_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let book = folder.path().join("all.xlsx");
    let out = book.display().to_string();
    karez(&["stats", &town, "--report", "all", "--out", &out], 0);
    let book: Xlsx<_> = open_workbook(&book).unwrap();
    let names = book.sheet_names();
    assert_eq!(names.len(), 6);
    assert!(
        names.iter().all(|name| name.encode_utf16().count() <= 31),
        "{names:?}"
    );
    for ending in ["png", "svg", "pdf"] {
        let picture = folder.path().join(format!("chart.{ending}"));
        let out = picture.display().to_string();
        karez(
            &[
                "stats", &town, "--report", "valves", "--chart", "pie", "--out", &out,
            ],
            0,
        );
        assert!(std::fs::metadata(&picture).unwrap().len() > 1_000);
        let said = karez(&["stats", &town, "--report", "all", "--out", &out], 2);
        assert!(said.as_str().unwrap().contains("one chart"), "{said}");
    }
}

#[test]
fn what_makes_no_sense_is_told_with_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let said = karez(&["stats", &town, "--report", "cheese"], 2);
    assert!(said.as_str().unwrap().contains("pipes_by_size"), "{said}");
    let said = karez(&["stats", &town, "--class", "pipe", "--rows", "diametre_mm"], 2);
    assert!(said.as_str().unwrap().contains("diameter_mm"), "{said}");
}

#[test]
fn quality_is_scored_and_its_faults_listed() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let out = folder.path().join("quality.xlsx").display().to_string();
    let found = karez(&["quality", &town, "--out", &out], 0);
    assert!(found["scores"]["completeness"].as_f64().unwrap() > 50.0);
    assert_eq!(
        found["scores"]["timeliness"], 0.0,
        "nobody says when the town was surveyed"
    );
    assert!(
        found["faults"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["field"] == "survey_date")
    );
    let mut book: Xlsx<_> = open_workbook(&out).unwrap();
    assert_eq!(book.sheet_names().len(), 3);
    let faults = book.worksheet_range_at(1).unwrap().unwrap();
    assert_eq!(faults.height(), found["faults"].as_array().unwrap().len() + 1);
}

#[test]
fn histograms_years_zones_and_measured_numbers_come_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let ask = |args: &[&str], expected: i32| {
        let mut all = vec!["stats", &town, "--class", "pipe"];
        all.extend(args);
        karez(&all, expected)
    };
    let whole = ask(
        &["--rows", "material", "--of", "diameter_mm", "--amount", "mean"],
        0,
    );
    let total = &whole["statistics"][0]["total"];
    let count = total["count"].as_u64().unwrap();
    let least = total["min"].as_f64().unwrap();
    let greatest = total["max"].as_f64().unwrap();
    assert!(least <= total["mean"].as_f64().unwrap() && total["mean"].as_f64().unwrap() <= greatest);

    let out = folder.path().join("dots.xlsx");
    let out_text = out.display().to_string();
    let dots = ask(
        &[
            "--points",
            "diameter_mm",
            "diameter_mm * 2",
            "--columns",
            "material",
            "--out",
            &out_text,
        ],
        0,
    );
    let dots = &dots["statistics"][0];
    let places = dots["places"].as_array().unwrap();
    assert_eq!(places.len(), dots["rows"].as_array().unwrap().len());
    assert_eq!(dots["total"]["count"].as_u64().unwrap(), count);
    let mut book: Xlsx<_> = open_workbook(&out).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let first = sheet.rows().nth(1).unwrap();
    assert!(
        places.iter().any(|place| place[0].as_f64() == first[0].as_f64()),
        "{first:?}"
    );
    let parts = std::process::Command::new("/usr/bin/python3")
        .args([
            "-c",
            "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('xl/charts/chart1.xml'))",
        ])
        .arg(&out)
        .output()
        .unwrap();
    let chart = String::from_utf8_lossy(&parts.stdout);
    let series = chart.matches("<c:ser>").count();
    assert!(chart.contains("scatterChart"), "{chart}");
    assert_eq!(series, dots["columns"].as_array().unwrap().len());

    let spread = ask(&["--histogram", "diameter_mm", "--intervals", "5"], 0);
    let spread = &spread["statistics"][0];
    let cells: u64 = spread["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[0]["count"].as_u64().unwrap())
        .sum();
    assert_eq!(cells, count, "every pipe is in one class");

    // All of the town, and a zone far from it.
    let zones = folder.path().join("zones.geojson");
    let square = |x0: f64, y0: f64, x1: f64, y1: f64| {
        format!("[[[{x0},{y0}],[{x1},{y0}],[{x1},{y1}],[{x0},{y1}],[{x0},{y0}]]]")
    };
    let district = |name: &str, ring: String| {
        format!(
            r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"Polygon","coordinates":{ring}}}}}"#
        )
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        district("here", square(106.0, 42.0, 110.0, 46.0)),
        district("far", square(10.0, 10.0, 11.0, 11.0))
    );
    std::fs::write(&zones, text).unwrap();
    let zones = zones.display().to_string();
    let counted = ask(&["--zones", &zones], 0);
    let counted = &counted["statistics"][0];
    assert_eq!(counted["rows"], serde_json::json!(["here"]));
    assert_eq!(counted["total"]["count"].as_u64(), Some(count));

    let years = ask(&["--years", "install_date", "--columns", "material"], 0);
    assert_eq!(years["statistics"][0]["total"]["count"].as_u64(), Some(count));
    let said = ask(&["--rows", "material", "--amount", "mean"], 2);
    assert!(said.as_str().unwrap().contains("--of"), "{said}");
    let said = ask(&["--zones", &zones, "--zone-name", "title"], 2);
    assert!(said.as_str().unwrap().contains("name"), "{said}");
}
