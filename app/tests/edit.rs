//! Editing by the built program: a script from an empty project to a street, undone and done again.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

use std::path::Path;
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

fn json(args: &[&str], expected: i32) -> Value {
    let mut args = args.to_vec();
    args.extend(["--format", "json", "--lang", "en"]);
    let output = karez(&args);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(expected), "{args:?}\n{said}");
    let answer = if expected == 0 { text(&output.stdout) } else { said };
    serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

const STREET: &str = r#"
# Two nodes, a pipe, a valve in it.
{"op":"add_node","class":"管点","at":[0,0],"values":{"编号":"A"}}
{"op":"add_node","class":"junction","at":[100,0],"values":{"code":"B"}}
{"op":"draw_pipe","through":["A","B"],"values":{"code":"P","diameter_mm":300,"material":"球墨铸铁"}}
{"op":"add_node","class":"gate valve","at":[40,0.01],"values":{"code":"V"}}
"#;

fn project(folder: &Path) -> String {
    let project = folder.join("street.gpkg").display().to_string();
    assert!(karez(&["new", &project, "--crs", "EPSG:4545"]).status.success());
    project
}

#[test]
fn a_script_draws_a_street_that_can_be_undone_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    std::fs::write(&script, STREET).unwrap();
    let would = json(&["edit", &project, "--script", &script, "--dry-run"], 0);
    assert!(would["entry"].is_null());
    let done = json(&["edit", &project, "--script", &script, "--by", "Li"], 0);
    assert_eq!(done["entry"], 1);
    assert_eq!(done["edits"].as_array().unwrap().len(), 6);
    assert_eq!(json(&["info", &project], 0), json(&["info", &project], 0));
    let path = json(&["path", &project, "--from", "A", "--to", "B"], 0);
    assert!(
        (path["length_m"].as_f64().unwrap() - 100.0).abs() < 1e-6,
        "{path}"
    );

    json(
        &[
            "edit",
            &project,
            r#"{"op":"set","features":["P"],"values":{"diameter_mm":200}}"#,
        ],
        0,
    );
    let history = json(&["history", &project], 0);
    assert_eq!(history["position"], 2);
    assert_eq!(history["entries"][0]["who"], "Li");
    assert_eq!(history["entries"][1]["name"], "Change attributes of P");
    let of_pipe = json(&["history", &project, "P"], 0);
    let change = &of_pipe["entries"][1]["edits"][0]["cells"]["diameter_mm"];
    assert_eq!(
        (&change[0]["real"], &change[1]["real"]),
        (&"300".into(), &"200".into())
    );

    assert_eq!(json(&["undo", &project], 0)["entry"], 1);
    assert_eq!(json(&["undo", &project], 0)["entry"], 0);
    assert!(
        json(&["undo", &project], 1)["error"]
            .as_str()
            .unwrap()
            .contains("nothing to undo")
    );
    assert_eq!(json(&["redo", &project], 0)["entry"], 1);
    assert_eq!(json(&["undo", &project, "--to", "2"], 0)["changed"], 1);
    for command in ["history", "undo"] {
        let output = karez(&[command, &project, "--lang", "zh-CN"]);
        let said = text(&output.stdout);
        assert!(
            output.status.success() && said.contains("记录") && !said.contains("cli."),
            "{said}"
        );
    }
}

#[test]
fn a_script_that_fails_in_the_middle_changes_nothing_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    std::fs::write(
        &script,
        format!("{STREET}{{\"op\":\"reverse\",\"pipe\":\"Q\"}}\n"),
    )
    .unwrap();
    let failed = json(&["edit", &project, "--script", &script], 2);
    let said = failed["error"].as_str().unwrap();
    assert!(said.contains("Operation 7") && said.contains('Q'), "{said}");
    let none = karez(&["history", &project, "--format", "json"]);
    assert_eq!(none.status.code(), Some(1), "no entry was left");
    std::fs::write(&script, "# nothing\n").unwrap();
    assert!(
        json(&["edit", &project, "--script", &script], 2)["error"]
            .as_str()
            .unwrap()
            .contains("no operation")
    );
}

#[test]
fn a_project_that_is_open_elsewhere_or_write_protected_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let node = r#"{"op":"add_node","class":"junction","at":[0,0],"values":{"code":"A"}}"#;
    {
        let _open = gis_core::project::Project::open(Path::new(&project)).unwrap();
        let refused = json(&["edit", &project, node], 2);
        let said = refused["error"].as_str().unwrap();
        assert!(
            said.contains("in use") || said.contains("another program"),
            "{said}"
        );
    }
    let history = karez(&["history", &project]);
    assert_eq!(
        history.status.code(),
        Some(1),
        "no entry: {}",
        text(&history.stdout)
    );
    let mut permissions = std::fs::metadata(&project).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&project, permissions.clone()).unwrap();
    // Whom the system lets write everything it does not stop.
    if std::fs::OpenOptions::new().write(true).open(&project).is_err() {
        let refused = json(&["edit", &project, node], 2);
        assert!(
            refused["error"].as_str().unwrap().contains("street.gpkg"),
            "{refused}"
        );
    }
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&project, permissions).unwrap();
    let brought = json(&["edit", &project, node], 0);
    assert_eq!(brought["entry"], 1);
}

#[test]
fn ties_parts_and_passing_pipes_are_kept_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    let more = r#"
{"op":"tie_node","class":"hydrant","tie":{"mode":"point_bearing","point":[0,0],"bearing_deg":0,"distance_m":8},"values":{"code":"H"}}
{"op":"add_node","class":"junction","at":[20,-30],"values":{"code":"S"}}
{"op":"add_node","class":"junction","at":[20,30],"values":{"code":"N"}}
{"op":"draw_pipe","through":["S","N"],"values":{"code":"X"}}
{"op":"split_crossings","in":"everything","choice":"pass_over","upper":"X"}
{"op":"place_assembly","part":"hydrant-branch","on":"X","at":[20,15],"values":{"code":"T"}}
"#;
    std::fs::write(&script, format!("{STREET}{more}")).unwrap();
    json(&["edit", &project, "--script", &script], 0);
    let drawing = folder.path().join("h.svg").display().to_string();
    let ties = json(&["sketch", &project, "H", "-o", &drawing], 0);
    assert_eq!(ties["ties"][0]["tie"]["distance_m"], 8.0, "{ties}");
    assert!(std::fs::read_to_string(&drawing).unwrap().contains("<svg"));
    assert_eq!(
        karez(&["sketch", &project, "A"]).status.code(),
        Some(1),
        "it has no ties"
    );
    let bill = json(&["parts", &project, "--bom"], 0);
    let valves = bill["bill"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["label"]["en"] == "Valve");
    assert_eq!(valves.unwrap()["quantity"], 1.0, "{bill}");
    json(
        &[
            "parts", &project, "--save", "mine", "--anchor", "T", "--around", "T/1",
        ],
        0,
    );
    let parts = json(&["parts", &project], 0);
    assert_eq!(parts["parts"][0]["name"], "mine", "{parts}");
    let output = karez(&["check", &project, "--format", "json"]);
    let found = text(&output.stdout) + &text(&output.stderr);
    assert!(found.contains("issues"), "{found}");
    assert!(!found.contains("rules.said.crossing"), "{found}");
}

/// The program is killed while it edits, again and again. What it has said to be done is done, and nothing is half done.
#[test]
fn a_program_killed_while_it_edits_loses_nothing_that_it_has_shown() {
    let cycles: u64 = std::env::var("KAREZ_KILL_CYCLES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    std::fs::write(&script, STREET).unwrap();
    json(&["edit", &project, "--script", &script], 0);
    let mut shown: u64 = 1;
    let mut broken_off = 0;
    // How long one takes, so that the blows fall anywhere in it and shortly after.
    let mut usual = std::time::Duration::from_millis(400);
    for cycle in 0..cycles {
        // A script of many nodes takes long enough to be hit at any of its steps, the commit among them.
        let y = 100 + cycle;
        let line = |i: u64| {
            format!(
                r#"{{"op":"add_node","class":"valve","at":[{i},{y}],"values":{{"code":"K-{cycle}-{i}"}}}}"#
            )
        };
        let lines: Vec<String> = (0..40).map(line).collect();
        std::fs::write(&script, lines.join("\n")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_karez"))
            .args(["edit", &project, "--script", &script, "--format", "json"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let started = std::time::Instant::now();
        if cycle == 0 {
            child.wait().unwrap();
            usual = started.elapsed();
        } else {
            std::thread::sleep(usual.mul_f64((cycle * 13 % 20) as f64 / 15.0));
        }
        // SIGKILL on Unix: no clean-up of any kind.
        child.kill().unwrap();
        let said = text(&child.wait_with_output().unwrap().stdout);
        let history = json(&["history", &project], 0);
        let entries = history["entries"].as_array().unwrap().len() as u64;
        assert!(
            entries == shown || entries == shown + 1,
            "cycle {cycle}: {entries} entries after {shown}"
        );
        if said.trim_end().ends_with('}') {
            assert_eq!(entries, shown + 1, "cycle {cycle}: what was shown is gone");
        }
        broken_off += u64::from(entries == shown);
        shown = entries;
        // All of it or nothing.
        let first = karez(&["history", &project, &format!("K-{cycle}-0")])
            .status
            .success();
        let last = karez(&["history", &project, &format!("K-{cycle}-39")])
            .status
            .success();
        assert_eq!(first, last, "cycle {cycle}");
    }
    assert!(
        broken_off > 0 && shown > 2,
        "{broken_off} of {cycles} broken off: the blows fell at one place"
    );
    let info = json(&["info", &project], 0);
    assert_eq!(info["counts"]["valve"], 1 + (shown - 1) * 40);
    let look = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])";
    let checked = Command::new("/usr/bin/python3")
        .args(["-c", look, &project])
        .output()
        .unwrap();
    assert_eq!(text(&checked.stdout).trim(), "ok");
    let valid = Command::new("/usr/bin/python3")
        .args([
            "-m",
            "osgeo_utils.samples.validate_gpkg",
            "-q",
            "-k",
            "--extra",
            &project,
        ])
        .output()
        .unwrap();
    assert!(valid.status.success(), "{}", text(&valid.stdout));
    json(&["undo", &project, "--to", "1"], 0);
    assert_eq!(json(&["info", &project], 0)["counts"]["valve"], 1);
}

#[test]
fn what_a_check_finds_is_mended_let_stand_and_kept_out_of_edits() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    // A branch that stops 30 cm short of the street, and one that crosses it.
    let more = r#"
{"op":"add_node","class":"junction","at":[90,0.3],"values":{"code":"C"}}
{"op":"add_node","class":"cap","at":[90,20],"values":{"code":"D"}}
{"op":"draw_pipe","through":["C","D"],"values":{"code":"Q","diameter_mm":100}}
{"op":"add_node","class":"cap","at":[80,-20],"values":{"code":"E"}}
{"op":"add_node","class":"cap","at":[80,20],"values":{"code":"F"}}
{"op":"draw_pipe","through":["E","F"],"values":{"code":"R","diameter_mm":100}}
"#;
    std::fs::write(&script, format!("{STREET}{more}")).unwrap();
    let refused = karez(&["edit", &project, "--script", &script, "--strict"]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    let done = json(&["edit", &project, "--script", &script], 0);
    let of = |answer: &Value, list: &str, rule: &str| -> Vec<Value> {
        let all = answer[list].as_array().unwrap().iter();
        all.filter(|f| f["rule"] == rule).cloned().collect()
    };
    assert_eq!(of(&done, "findings", "end_near_pipe").len(), 1, "{done}");

    let found = json(&["check", &project], 0);
    let [short] = &of(&found, "issues", "end_near_pipe")[..] else {
        panic!("{found}")
    };
    assert_eq!(short["repairs"][0]["request"]["op"], "join_end");
    let [crossing] = &of(&found, "issues", "crossing")[..] else {
        panic!("{found}")
    };
    let name = crossing["finding"].as_str().unwrap();
    let args = [
        "check", &project, "--accept", name, "--reason", "a bridge", "--by", "Li",
    ];
    assert_eq!(json(&args, 0)["accepted"], 1);
    let accepted = json(&["check", &project, "--accepted"], 0);
    assert_eq!(accepted["accepted"][0]["reason"], "a bridge");

    let mended = json(&["check", &project, "--repair-all", "end_near_pipe"], 0);
    assert_eq!(mended["repaired"], 1, "{mended}");
    for rule in ["end_near_pipe", "crossing"] {
        assert_eq!(of(&mended, "issues", rule).len(), 0, "{mended}");
    }
    let path = json(&["path", &project, "--from", "D", "--to", "A"], 0);
    assert!((path["length_m"].as_f64().unwrap() - 110.0).abs() < 0.5, "{path}");
    assert!(karez(&["undo", &project]).status.success());
    assert_eq!(
        of(&json(&["check", &project], 0), "issues", "end_near_pipe").len(),
        1
    );
    json(&["check", &project, "--withdraw", name], 0);
    assert_eq!(of(&json(&["check", &project], 0), "issues", "crossing").len(), 1);

    // An end in service on a node that is not: an error.
    let breaking = r#"{"op":"set","features":["A"],"values":{"state":"planned"}}"#;
    let refused = json(&["edit", &project, breaking], 1);
    assert!(
        refused["error"].as_str().unwrap().contains("--force"),
        "{refused}"
    );
    assert_eq!(json(&["check", &project], 0)["errors"], 0);
    json(&["edit", &project, breaking, "--force"], 0);
    assert_eq!(json(&["check", &project], 0)["errors"], 1);

    let rules = folder.path().join("rules.toml").display().to_string();
    std::fs::write(
        &rules,
        "[[rule]]\nkey = \"end_out_of_service\"\nseverity = \"off\"\n",
    )
    .unwrap();
    assert_eq!(json(&["check", &project, "--rules", &rules], 0)["errors"], 0);
    std::fs::write(&rules, "[[rule]]\nkey = \"end_out_of\"\n").unwrap();
    let refused = json(&["check", &project, "--rules", &rules], 2);
    assert!(
        refused["error"].as_str().unwrap().contains("rules.toml:2"),
        "{refused}"
    );
}

#[test]
fn what_an_engineering_project_plans_carries_no_water_until_it_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    std::fs::write(&script, STREET).unwrap();
    json(&["edit", &project, "--script", &script], 0);
    let new = [
        "projects",
        &project,
        "new",
        "G-7",
        "--name",
        "North main",
        "--builder",
        "Two",
    ];
    assert_eq!(json(&new, 0)["number"], "G-7");
    let node = r#"{"op":"add_node","class":"junction","at":[100,50],"values":{"code":"C"}}"#;
    let pipe =
        r#"{"op":"draw_pipe","through":["B","C"],"values":{"code":"N","diameter_mm":200,"material":"PE"}}"#;
    let aside = r#"{"op":"abandon","features":["V"]}"#;
    json(&["edit", &project, "--project", "G-7", node, pipe, aside], 0);
    let missing = json(&["edit", &project, "--project", "G-8", node], 2);
    assert!(missing["error"].as_str().unwrap().contains("G-8"), "{missing}");

    let state = |code: &str| -> Value {
        let bytes = karez(&[
            "export",
            &project,
            &format!("{}/out.geojson", folder.path().display()),
        ]);
        assert!(bytes.status.success(), "{}", text(&bytes.stderr));
        let files = std::fs::read_dir(folder.path()).unwrap().filter_map(|f| {
            let path = f.unwrap().path();
            (path.extension()? == "geojson").then_some(path)
        });
        let mut found = Value::Null;
        for file in files {
            let all: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            for feature in all["features"].as_array().unwrap() {
                if feature["properties"]["code"] == code {
                    found = feature["properties"]["state"].clone();
                }
            }
            std::fs::remove_file(file).unwrap();
        }
        found
    };
    assert_eq!(state("N"), "planned");
    assert_eq!(
        state("V"),
        "operative",
        "marked, and still closed by hand when a main bursts"
    );
    json(&["path", &project, "--from", "A", "--to", "C"], 1);
    let changes = json(&["projects", &project, "changes", "G-7"], 0);
    let kinds: Vec<&str> = changes["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["change"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "new").count(),
        2,
        "{changes}"
    );
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "to_abandon").count(),
        1,
        "{changes}"
    );
    let book = folder.path().join("G-7.xlsx");
    let file = book.display().to_string();
    let materials = json(&["projects", &project, "materials", "G-7", "--xlsx", &file], 0);
    assert!(std::fs::metadata(&book).is_ok_and(|m| m.len() > 1000), "{file}");
    assert!(materials.to_string().contains("50.0"), "{materials}");

    json(
        &["projects", &project, "complete", "G-7", "--on", "2026-05-01"],
        0,
    );
    let path = json(&["path", &project, "--from", "A", "--to", "C"], 0);
    assert!(
        (path["length_m"].as_f64().unwrap() - 150.0).abs() < 1e-6,
        "{path}"
    );
    assert_eq!((state("N"), state("V")), ("operative".into(), "obsolete".into()));
    let listed = json(&["projects", &project], 0);
    assert_eq!(listed["projects"][0]["stage"], "completed", "{listed}");
    assert!(karez(&["undo", &project]).status.success());
    json(&["path", &project, "--from", "A", "--to", "C"], 1);
    json(&["projects", &project, "withdraw", "G-7"], 0);
    assert_eq!(state("N"), Value::Null);
}

#[test]
fn what_another_program_changed_is_told_by_the_next_command_with_what_it_broke() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let script = folder.path().join("street.jsonl").display().to_string();
    std::fs::write(&script, STREET).unwrap();
    json(&["edit", &project, "--script", &script], 0);
    let change = "import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=20)
for name in ('ST_IsEmpty', 'ST_MinX', 'ST_MaxX', 'ST_MinY', 'ST_MaxY'):
    c.create_function(name, 1, lambda geometry: 0)
c.execute(\"UPDATE pipe SET material = 'straw' WHERE code = 'P'\")
c.commit()";
    let python = Command::new("/usr/bin/python3")
        .args(["-c", change, &project])
        .status();
    assert!(python.unwrap().success());
    let output = karez(&["undo", &project, "--lang", "en"]);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Another program changed 1 features"), "{said}");
    assert!(said.contains("straw"), "what it broke: {said}");
    let said = text(&karez(&["check", &project, "--lang", "en"]).stderr);
    assert!(!said.contains("Another program"), "told once: {said}");
    let found = json(&["check", &project], 0).to_string();
    assert!(!found.contains("straw"), "the undo took it back: {found}");
}
