//! `karez locate` of the built program on a small town (9.2.3.4a, 9.2.3.5).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

#[path = "common/mod.rs"]
mod common;

use std::process::Command;

use serde_json::Value;

fn hits(town: &str, text: &str, expected: i32) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_karez"))
        .args(["locate", town, text, "--format", "json"])
        .env("KAREZ_LANG", "en")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(expected), "{text}\n{said}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["hits"].clone()
}

#[test]
fn addresses_roads_names_numbers_and_coordinates_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.gpkg");
    common::make_town(&path);
    let town = path.display().to_string();
    let address = hits(&town, "人民路 33号", 0);
    assert_eq!(address[0]["class"], "customer");
    assert_eq!(hits(&town, "人民路", 0)[0]["road"], "人民路");
    assert!(
        hits(&town, "人民医院", 0)[0]["title"]
            .as_str()
            .unwrap()
            .starts_with("区人民医院")
    );
    assert_eq!(hits(&town, "v-2-2-e", 0)[0]["class"], "valve");
    let place = hits(&town, "463120, 4870120", 0);
    assert_eq!(place[0]["at"], serde_json::json!([463_120.0, 4_870_120.0]));
    assert_eq!(hits(&town, "no such thing", 1), serde_json::json!([]));
}
