//! `karez query` of the built program on a small town (9.2.3.4a–c).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

#[path = "common/mod.rs"]
mod common;

use std::path::Path;
use std::process::{Command, Output};

use calamine::{Reader as _, Xlsx, open_workbook};
use serde_json::{Value, json};

fn karez(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_karez"))
        .args(["query"])
        .args(args)
        .env("KAREZ_LANG", "en")
        .output()
        .unwrap()
}

/// The answer as JSON, or what was said where the exit status is another.
fn ask(args: &[&str], expected: i32) -> Value {
    let mut args = args.to_vec();
    args.extend(["--format", "json", "--lang", "en"]);
    let output = karez(&args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(expected), "{args:?}\n{said}");
    if expected == 2 {
        return Value::String(said);
    }
    serde_json::from_slice(&output.stdout).unwrap()
}

fn town(folder: &Path) -> String {
    let path = folder.join("town.gpkg");
    common::make_town(&path);
    path.display().to_string()
}

#[test]
fn pipes_are_found_by_condition_and_by_place() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let large = ask(&[&town, "--class", "管段", "--where", "管径 = 300"], 0);
    assert_eq!(large["count"], 28);
    assert_eq!(large["features"][0]["values"]["diameter_mm"], 300.0);
    let corner = "463360,4870360,1";
    let found = ask(&[&town, "--class", "pipe", "--near", corner], 0);
    let mut codes: Vec<&str> = found["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| feature["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["P-2-3-E", "P-3-2-N", "P-3-3-E", "P-3-3-N"]);
    let listed = ask(&[&town, "--code", "P-3-*", "--limit", "3"], 0);
    assert_eq!(listed["count"], 15);
    assert_eq!(listed["features"].as_array().unwrap().len(), 3);
    assert_eq!(ask(&[&town, "--where", "diameter_mm = 12345"], 1)["count"], 0);
}

#[test]
fn groups_and_features_go_into_a_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let file = folder.path().join("pipes.xlsx").display().to_string();
    let groups = ask(
        &[
            &town,
            "--class",
            "pipe",
            "--group-by",
            "diameter_mm",
            "--out",
            &file,
        ],
        0,
    );
    let of = |mm: f64| {
        let all = groups["groups"].as_array().unwrap();
        let found = all.iter().find(|group| group["keys"]["diameter_mm"] == json!(mm));
        found.unwrap_or_else(|| panic!("{mm}: {groups}")).clone()
    };
    assert_eq!(of(300.0)["count"], 28);
    assert!((of(300.0)["length_m"].as_f64().unwrap() - 28.0 * 120.0).abs() < 1e-6);
    let rows = |file: &str| -> Vec<usize> {
        let mut book: Xlsx<_> = open_workbook(file).unwrap();
        let names = book.sheet_names().clone();
        let height = |name: &String| book.worksheet_range(name).unwrap().height();
        names.iter().map(height).collect()
    };
    assert_eq!(rows(&file), [1 + groups["groups"].as_array().unwrap().len()]);
    ask(
        &[
            &town,
            "--where",
            "diameter_mm = 300",
            "--class",
            "pipe",
            "--out",
            &file,
        ],
        0,
    );
    assert_eq!(
        rows(&file),
        [1 + 28, 1],
        "the state is noted on a sheet that is not shown"
    );
}

#[test]
fn what_cannot_be_asked_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let said = |args: &[&str]| ask(args, 2).as_str().unwrap().to_owned();
    let misspelt = said(&[&town, "--where", "diametr_mm > 3"]);
    assert!(
        misspelt.contains("Character 1:") && misspelt.contains("diameter_mm"),
        "{misspelt}"
    );
    assert!(said(&[&town, "--class", "dragon"]).contains("dragon"));
    assert!(said(&[&town, "--within", "POLYGON((0 0"]).contains("WKT"));
    assert!(said(&[&town, "--out", "pipes.docx"]).contains(".xlsx"));
}

#[test]
fn plain_arguments_and_pasted_numbers_are_conditions() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    assert_eq!(
        ask(&[&town, "--class", "pipe", "--diameter", "300"], 0)["count"],
        28
    );
    let wide = ask(
        &[
            &town,
            "--class",
            "pipe",
            "--diameter",
            "300..",
            "--where",
            "code like 'P-3%'",
        ],
        0,
    );
    let narrow = ask(
        &[
            &town,
            "--class",
            "pipe",
            "--where",
            "管径 >= 300 and code like 'P-3%'",
        ],
        0,
    );
    assert_eq!(wide["count"], narrow["count"]);
    assert_eq!(
        ask(&[&town, "--code", "P-2-3-E、P-3-2-N\nP-3-3-E\t none"], 0)["count"],
        3
    );
    let by_network = ask(
        &[&town, "--where", "connected_to('P-3-3-E') and diameter_mm > 0"],
        0,
    );
    assert!(by_network["count"].as_u64().unwrap() > 1, "{by_network}");
    ask(&[&town, "--completed", "1801..1802"], 1);
    let output = karez(&[&town, "--material", "no such thing"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("no such thing")
    );
    for (option, value) in [
        ("--diameter", "wide"),
        ("--completed", "soon"),
        ("--sheet", "sheet"),
        ("--code", ","),
    ] {
        let said = ask(&[&town, option, value], 2);
        assert!(
            said.as_str().unwrap().contains("expected") || option == "--code",
            "{said}"
        );
    }
    let near = ask(&[&town, "--where", "downstream_of('P-3-3-X')"], 2);
    let near = near.as_str().unwrap();
    assert!(
        near.contains("Character 15:") && near.contains("P-3-3-E"),
        "{near}"
    );
}

#[test]
fn a_query_is_kept_listed_and_asked_with_values() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let asks = "diameter_mm >= :least";
    let kept = ask(&[&town, "--class", "pipe", "--where", asks, "--save", "large"], 0);
    assert_eq!(kept["parameters"], json!(["least"]));
    let listed = ask(&[&town, "--list-saved"], 0);
    assert_eq!(listed["saved"][0]["name"], "large");
    assert_eq!(listed["saved"][0]["condition"], asks);
    let found = ask(&[&town, "--saved", "large", "--param", "least=300"], 0);
    let plain = ask(&[&town, "--class", "pipe", "--where", "diameter_mm >= 300"], 0);
    assert_eq!(found["count"], plain["count"]);
    for (arguments, named) in [
        (vec!["--saved", "large"], "least"),
        (vec!["--saved", "large", "--param", "most=1"], "least"),
        (vec!["--saved", "larg", "--param", "least=1"], "large"),
        (vec!["--save", "x", "--code", "P-1"], "numbers"),
        (vec!["--save", "x", "--where", "diametr_mm > 1"], "diameter_mm"),
    ] {
        let mut all = vec![town.as_str()];
        all.extend(arguments);
        let said = ask(&all, 2);
        assert!(said.as_str().unwrap().contains(named), "{said}");
    }
}

#[test]
fn a_plain_table_reads_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let file = folder.path().join("pipes.csv");
    let shown = file.display().to_string();
    let whole = ask(
        &[
            &town,
            "--where",
            "diameter_mm = 300",
            "--class",
            "pipe",
            "--out",
            &shown,
        ],
        0,
    );
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines = text.strip_prefix('\u{feff}').unwrap().split_terminator("\r\n");
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header[0], "class");
    assert!(header.contains(&"Diameter (mm)"), "{header:?}");
    let at = header.iter().position(|name| *name == "Diameter (mm)").unwrap();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len() as u64, whole["count"].as_u64().unwrap());
    assert!(
        rows.iter()
            .all(|row| row.len() == header.len() && row[at] == "300")
    );
    ask(
        &[
            &town,
            "--class",
            "pipe",
            "--group-by",
            "diameter_mm",
            "--out",
            &shown,
        ],
        0,
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\r\n300,28,3360\r\n"), "{text}");
}

#[test]
fn a_template_is_filled_and_what_it_lacks_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let template = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../sample-data/templates/pipe-list.xlsx"
    );
    let out = folder.path().join("pipes.xlsx").display().to_string();
    let all = ask(
        &[&town, "--class", "pipe", "--template", template, "--out", &out],
        0,
    );
    let count = all["count"].as_u64().unwrap() as u32;
    assert!(count > 1);
    let mut book: Xlsx<_> = open_workbook(&out).unwrap();
    let sheet = book.sheet_names()[0].clone();
    let values = book.worksheet_range(&sheet).unwrap();
    let line = values.get_value((4, 0)).unwrap().to_string();
    assert!(line.contains(&format!(" {count} ")), "{line}");
    assert_eq!(
        values.get_value((5 + count, 0)).unwrap().to_string(),
        count.to_string()
    );
    let formulas = book.worksheet_formula(&sheet).unwrap();
    let total = formulas.get_value((6 + count, 4)).unwrap();
    assert_eq!(total, &format!("SUM(E7:E{})", 6 + count));
    // Groups have no such columns, and a template does not take its own place.
    let groups = [
        &town,
        "--class",
        "pipe",
        "--group-by",
        "diameter_mm",
        "--template",
        template,
        "--out",
        &out,
    ];
    let said = String::from_utf8(karez(&groups).stderr).unwrap();
    assert!(
        said.contains("karez_col_diameter_mm") && said.contains("karez_col_key1"),
        "{said}"
    );
    let refused = ask(&[&town, "--template", &out, "--out", &out], 2);
    assert!(refused.as_str().unwrap().contains("template itself"), "{refused}");
}
