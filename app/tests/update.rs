//! `karez update` of the built program: attributes go out into a workbook and come back changed (4.4).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

#[path = "common/mod.rs"]
mod common;

use std::process::Command;

use serde_json::Value;

fn karez(args: &[&str], expected: i32) -> (Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_karez"))
        .args(args)
        .args(["--format", "json", "--lang", "en"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(expected), "{args:?}\n{said}");
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

#[test]
fn what_was_exported_comes_back_with_its_changes_and_is_undone_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let town = folder.path().join("town.gpkg");
    common::make_town(&town);
    let town = town.display().to_string();
    let out = folder.path().join("pipes.xlsx").display().to_string();
    karez(&["query", &town, "--class", "pipe", "--out", &out], 0);
    let (same, _) = karez(&["update", &town, &out, "--class", "pipe"], 1);
    assert_eq!(same["matched"], 113, "every pipe of the town");
    assert_eq!(same["has_baseline"], true);
    assert_eq!(same["rejects"].as_array().unwrap().len(), 0, "{same}");

    let path = folder.path().join("new.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in [["code", "diameter_mm"], ["P-3-3-E", "450"], ["P-0-0-X", "450"]]
        .iter()
        .enumerate()
    {
        for (c, text) in row.iter().enumerate() {
            sheet.write(r as u32, c as u16, *text).unwrap();
        }
    }
    book.save(&path).unwrap();
    let new = path.display().to_string();
    let args = ["update", &town, &new, "--class", "\u{7ba1}\u{6bb5}"];
    let (seen, _) = karez(&[&args[..], &["--dry-run"]].concat(), 0);
    assert_eq!(seen["entry"], Value::Null);
    let (done, _) = karez(&args, 0);
    assert_eq!(done["changes"], seen["changes"]);
    assert_eq!(done["changes"][0]["code"], "P-3-3-E");
    assert_eq!(done["changes"][0]["new"], 450.0);
    assert_eq!(done["rejects"][0]["at"], "Sheet1!3");
    let count = |expected: i32| {
        let (found, _) = karez(&["query", &town, "--where", "diameter_mm = 450"], expected);
        found["count"].as_u64().unwrap()
    };
    assert_eq!(count(0), 1);

    // The first workbook does not take back what was done since.
    let (old, _) = karez(&["update", &town, &out, "--class", "pipe"], 1);
    assert_eq!(
        old["conflicts"].as_array().unwrap().len(),
        0,
        "nobody changed it there"
    );
    assert_eq!(count(0), 1);
    karez(&["undo", &town], 0);
    assert_eq!(count(1), 0);

    let (_, said) = karez(&["update", &town, &new, "--class", "pipe", "--key", "nothing"], 2);
    assert!(said.contains("nothing"), "{said}");
    let (_, said) = karez(&["update", &town, &town, "--class", "pipe"], 2);
    assert!(said.contains("town.gpkg"), "{said}");
}

#[test]
fn what_would_break_a_rule_of_the_network_is_refused_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let town = folder.path().join("town.gpkg");
    common::make_town(&town);
    let town = town.display().to_string();
    // The end of a pipe in service on a node that is not.
    let (nodes, _) = karez(&["query", &town, "--class", "junction", "--limit", "1"], 0);
    let code = nodes["features"][0]["code"].as_str().unwrap();
    let path = folder.path().join("nodes.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in [["code", "state"], [code, "planned"]].iter().enumerate() {
        for (c, text) in row.iter().enumerate() {
            sheet.write(r as u32, c as u16, *text).unwrap();
        }
    }
    book.save(&path).unwrap();
    let path = path.display().to_string();
    let args = ["update", &town, &path, "--class", "junction"];
    let (_, said) = karez(&args, 1);
    assert!(said.contains("--force"), "{said}");
    let (seen, _) = karez(&[&args[..], &["--dry-run"]].concat(), 0);
    assert_eq!(
        seen["changes"].as_array().unwrap().len(),
        1,
        "nothing was changed"
    );
    let (done, _) = karez(&[&args[..], &["--force"]].concat(), 0);
    assert!(done["entry"].is_number());
}
