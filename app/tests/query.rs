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
    assert_eq!(rows(&file), [1 + 28]);
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
