//! `karez dictionary` and `karez field` of the built program on a small town (9.2.2.5).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

#[path = "common/mod.rs"]
mod common;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What the program said, as JSON where it answered; the complaint where it did not.
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
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {said}"))
}

fn town(folder: &Path) -> String {
    let path = folder.join("town.gpkg");
    common::make_town(&path);
    path.display().to_string()
}

/// How many features have a code, and whether it is retired.
fn entry(town: &str, dictionary: &str, code: &str) -> (u64, bool) {
    let shown = karez(&["dictionary", town, "show", dictionary], 0);
    let entries = shown["entries"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["code"] == code).unwrap();
    (
        entry["features"].as_u64().unwrap(),
        entry["is_retired"].as_bool().unwrap(),
    )
}

#[test]
fn a_code_is_added_merged_and_taken_back_with_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let (pipes, _) = entry(&town, "material", "DI");
    assert!(pipes > 0);
    let added = [
        "dictionary",
        &town,
        "add",
        "material",
        "DIX",
        "--zh",
        "离心球墨铸铁",
        "--alias",
        "离心球铁",
    ];
    let told = karez(&added, 0);
    assert_eq!(told["changes"][0]["change"]["do"], "add_entry");
    assert_eq!(told["done"]["entry"], 1);
    let merge = ["dictionary", &town, "merge", "material", "DI", "DIX"];
    let would = karez(&[&merge[..], &["--dry-run"]].concat(), 0);
    assert_eq!(would["changes"][0]["effects"][0]["count"], pipes);
    assert_eq!(
        entry(&town, "material", "DI"),
        (pipes, false),
        "nothing is done yet"
    );
    let done = karez(&merge, 0);
    assert_eq!(done["done"]["recoded"], pipes);
    assert_eq!(entry(&town, "material", "DI"), (0, true));
    assert_eq!(entry(&town, "material", "DIX"), (pipes, false));
    // Who asks by the old name finds what there is now.
    let found = karez(
        &["query", &town, "--class", "pipe", "--where", "材质 = '球墨铸铁'"],
        0,
    );
    assert!(found.to_string().contains(&pipes.to_string()), "{found}");
    assert_eq!(karez(&["undo", &town], 0)["changed"], pipes);
    assert_eq!(entry(&town, "material", "DI"), (pipes, false));
    assert_eq!(karez(&["redo", &town], 0)["changed"], pipes);
    let history = karez(&["history", &town], 0);
    assert!(history.to_string().contains("merge"), "{history}");
}

#[test]
fn a_field_is_added_filled_asked_for_and_retired() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let add = [
        "field",
        &town,
        "add",
        "管段",
        "lining_mm",
        "--type",
        "real",
        "--zh",
        "衬里厚度",
        "--en",
        "Lining",
        "--unit",
        "mm",
        "--minimum",
        "0",
        "--default",
        "3.5",
    ];
    karez(&add, 0);
    let code = "P-3-4-E";
    let set = format!(r#"{{"op":"set","features":["{code}"],"values":{{"衬里厚度":"6.5"}}}}"#);
    karez(&["edit", &town, &set], 0);
    for condition in ["lining_mm > 6", "衬里厚度 > 6", "Lining = 6.5"] {
        let found = karez(&["query", &town, "--class", "pipe", "--where", condition], 0);
        assert!(found.to_string().contains(code), "{condition}: {found}");
    }
    let csv = folder.path().join("pipes.geojson");
    karez(&["export", &town, csv.to_str().unwrap()], 0);
    let broken = karez(
        &[
            "field",
            &town,
            "set",
            "pipe",
            "lining_mm",
            "--required",
            "true",
            "--dry-run",
        ],
        0,
    );
    assert_eq!(broken["changes"][0]["effects"][0]["kind"], "broken");
    let told = karez(&["field", &town, "retire", "pipe", "lining_mm"], 0);
    assert_eq!(
        told["changes"][0]["effects"][0]["count"], 1,
        "one feature keeps its value"
    );
    let listed = karez(&["field", &town, "list", "pipe"], 0);
    let fields = listed["fields"].as_array().unwrap();
    let own = fields
        .iter()
        .find(|field| field["field"]["key"] == "lining_mm")
        .unwrap();
    assert_eq!(own["field"]["is_retired"], true);
}

#[test]
fn what_cannot_be_is_told_and_nothing_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    for (args, said) in [
        (&["dictionary", &town, "show", "nothing"][..], "there are: "),
        (
            &["dictionary", &town, "retire", "material"],
            "needs: DICTIONARY CODE",
        ),
        (&["dictionary", &town, "retire", "material", "XX"], "no code `XX`"),
        (
            &["dictionary", &town, "add", "material", "X1", "--zh", "球铁"],
            "already means `DI`",
        ),
        (
            &["dictionary", &town, "retire", "life_state", "operative"],
            "is the default",
        ),
        (
            &["field", &town, "add", "pipe", "From", "--zh", "起"],
            "cannot be a key",
        ),
        (
            &[
                "field",
                &town,
                "add",
                "pipe",
                "x1",
                "--zh",
                "甲",
                "--minimum",
                "few",
            ],
            "`few` is no number",
        ),
        (&["field", &town, "retire", "pipe", "code"], "cannot be retired"),
    ] {
        let text = karez(args, 2).to_string();
        assert!(text.contains(said), "{args:?}: {text}");
    }
    let nothing = karez(&["field", &town, "set", "pipe", "material"], 1);
    assert_eq!(nothing["changes"].as_array().unwrap().len(), 0);
    assert_eq!(karez(&["history", &town], 1)["position"], 0);
}

#[test]
fn a_set_goes_to_another_project_as_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let first = town(folder.path());
    karez(
        &[
            "dictionary",
            &first,
            "add",
            "valve_kind",
            "knife",
            "--zh",
            "刀闸阀",
            "--like",
            "check",
        ],
        0,
    );
    karez(&["dictionary", &first, "merge", "material", "DI", "CI"], 0);
    for name in ["set.xlsx", "set.toml"] {
        let file = folder.path().join(name).display().to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_karez"))
            .args(["dictionary", &first, "export", &file])
            .output()
            .unwrap();
        assert!(output.status.success());
        let own = folder.path().join(name.replace('.', "-"));
        std::fs::create_dir(&own).unwrap();
        let second = town(&own);
        let (pipes, _) = entry(&second, "material", "DI");
        let would = karez(&["dictionary", &second, "import", &file, "--dry-run"], 0);
        assert_eq!(would["changes"].as_array().unwrap().len(), 2, "{would}");
        assert_eq!(
            karez(&["dictionary", &second, "import", &file], 0)["done"]["entry"],
            1
        );
        assert_eq!(entry(&second, "material", "CI"), (pipes, false));
        karez(&["dictionary", &second, "import", &file], 1);
        karez(&["undo", &second], 0);
        assert_eq!(entry(&second, "material", "DI"), (pipes, false));
    }
}

#[test]
fn quality_lists_who_breaks_a_stricter_rule() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let set = ["field", &town, "set", "pipe", "diameter_mm", "--minimum", "5000"];
    let broken = karez(&set, 0)["changes"][0]["effects"][0]["count"]
        .as_u64()
        .unwrap();
    assert!(broken > 0);
    let quality = karez(&["quality", &town], 0);
    let faults = quality["faults"].as_array().unwrap();
    let own = faults
        .iter()
        .find(|fault| fault["class"] == "pipe" && fault["field"] == "diameter_mm");
    assert_eq!(own.unwrap()["count"], broken, "{faults:?}");
    // What is not asked for any more is no fault.
    karez(&["field", &town, "retire", "pipe", "diameter_mm"], 0);
    let quality = karez(&["quality", &town], 0).to_string();
    assert!(!quality.contains("diameter_mm"), "{quality}");
}
