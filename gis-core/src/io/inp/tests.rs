//! Small hand-written input files, from text to features.

use super::*;
use crate::crs::Crs;
use crate::issue::{Issue, Severity};
use crate::model::{Feature, Geometry, Value};
use crate::schema::Schema;

static SCHEMA: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(|| Schema::builtin().unwrap());

struct Imported {
    schema: &'static Schema,
    features: Vec<Feature>,
    report: ImportReport,
    model: Model,
}

fn import(text: &str) -> Imported {
    let schema: &'static Schema = &SCHEMA;
    let model = read(text.as_bytes(), Path::new("test.inp")).unwrap();
    let mut ids = IdSource::new(0, 0);
    let (features, mut report) = build::features(&model, schema, &Crs::local_metric(), &mut ids).unwrap();
    report.issues.extend(model.issues.clone());
    Imported {
        schema,
        features,
        report,
        model,
    }
}

impl Imported {
    fn get(&self, class: &str, code: &str) -> &Feature {
        self.features
            .iter()
            .find(|f| self.class(f) == class && self.value(f, "code") == Value::Text(code.to_owned()))
            .unwrap_or_else(|| panic!("no {class} {code}"))
    }

    fn class(&self, feature: &Feature) -> &str {
        &self.schema.class(feature.class).key
    }

    fn value(&self, feature: &Feature, key: &str) -> Value {
        let field = self
            .schema
            .class(feature.class)
            .field_index(key)
            .unwrap_or_else(|| panic!("no field {key}"));
        feature.values[field].clone()
    }

    fn number(&self, class: &str, code: &str, key: &str) -> f64 {
        self.value(self.get(class, code), key)
            .as_real()
            .unwrap_or(f64::NAN)
    }

    fn has(&self, class: &str, code: &str, key: &str, expected: f64) {
        let found = self.number(class, code, key);
        assert!(
            (found - expected).abs() < 1e-9,
            "{class} {code} {key}: {found}, not {expected}"
        );
    }

    fn text(&self, class: &str, code: &str, key: &str) -> String {
        self.value(self.get(class, code), key)
            .as_text()
            .unwrap_or_default()
            .to_owned()
    }

    fn issues(&self, key: &str) -> Vec<&Issue> {
        self.report
            .issues
            .iter()
            .filter(|i| i.message.key() == key)
            .collect()
    }
}

const SMALL: &str = r#"[TITLE]
a small town
[COORDINATES]
R 0 0
A 100 0
B 200 0
C 300 0
D 300 100
T 400 0
[PIPES]
; the pipes come before the nodes
P1 R A 100 300 130 0 Open ;main of 1985
P2 A B 100 200 120 0.5 CV
P3 B D 50 100 100 Closed
[VERTICES]
P3 250 50
P3 260 60
[VALVES]
V1 B C 150 PRV 30 0.2
V2 C D 150 TCV 5 0
V3 C T 150 GPV curve-1 0
[PUMPS]
U1 C T HEAD 1 SPEED 1.2 PATTERN 2
[STATUS]
U1 Closed
V2 CLOSED
[JUNCTIONS]
A 10 1.5 day ;near the school
"B" 11
C 12
D 13 2
[DEMANDS]
D 3 day ;homes
D 4 night
[RESERVOIRS]
R 50 day
[TANKS]
T 20 3 1 5 10 0
[OPTIONS]
Units LPS
Headloss H-W
[CURVES]
1 10 20
[TAGS]
NODE A zone one
[END]
"#;

#[test]
fn nodes_come_with_their_heights_demands_and_heads() {
    let net = import(SMALL);
    assert_eq!(
        net.report.issues.count(Severity::Error),
        0,
        "{:?}",
        net.report.issues
    );
    let counts: Vec<_> = net
        .model
        .counts
        .iter()
        .map(|c| (c.section, c.read, c.rejected))
        .collect();
    assert_eq!(
        counts,
        [
            ("JUNCTIONS", 4, 0),
            ("RESERVOIRS", 1, 0),
            ("TANKS", 1, 0),
            ("PIPES", 3, 0),
            ("PUMPS", 1, 0),
            ("VALVES", 3, 0)
        ]
    );
    net.has("junction", "A", "demand_lps", 1.5);
    assert_eq!(net.text("junction", "A", "pattern"), "day");
    assert_eq!(net.text("junction", "A", "remark"), "zone one; near the school");
    net.has("junction", "D", "demand_lps", 7.0);
    assert_eq!(net.text("junction", "D", "pattern"), "");
    net.has("reservoir", "R", "head_m", 50.0);
    net.has("tank", "T", "bottom_elevation_m", 20.0);
    net.has("tank", "T", "level_max_m", 5.0);
    assert_eq!(
        net.get("junction", "B").geometry,
        Some(Geometry::Point([200.0, 0.0, 11.0]))
    );
}

#[test]
fn links_become_pipes_with_devices_on_their_middle() {
    let net = import(SMALL);
    let pipe = net.get("pipe", "P3");
    let Some(Geometry::Line(line)) = &pipe.geometry else {
        panic!("no line")
    };
    assert_eq!(
        line.iter().map(|p| [p[0], p[1]]).collect::<Vec<_>>(),
        [[200.0, 0.0], [250.0, 50.0], [260.0, 60.0], [300.0, 100.0]]
    );
    assert_eq!(pipe.links.from, Some(net.get("junction", "B").id));
    net.has("pipe", "P1", "roughness_hw", 130.0);
    assert_eq!(net.text("pipe", "P1", "remark"), "main of 1985");
    net.has("pipe", "P2", "loss_coefficient", 0.5);

    let closed = net.get("valve", "P3");
    assert_eq!(net.value(closed, "is_open"), Value::Boolean(false));
    assert_eq!(net.text("valve", "P3", "kind"), "gate");
    assert_eq!(closed.links.on_pipe, Some(pipe.id));
    assert_eq!(closed.links.on_pipe_distance_m, Some(25.0));
    assert_eq!(net.issues("epanet.closed_pipe").len(), 1);

    for (class, code, kind, downstream, is_open) in [
        ("valve", "P2", "check", Some("B"), true),
        ("valve", "V1", "prv", Some("C"), true),
        ("valve", "V2", "tcv", None, false),
        ("valve", "V3", "gpv", None, true),
    ] {
        let device = net.get(class, code);
        assert_eq!(net.text(class, code, "kind"), kind);
        assert_eq!(device.links.on_pipe, Some(net.get("pipe", code).id), "{code}");
        assert_eq!(
            device.links.flow_to,
            downstream.map(|d| net.get("junction", d).id),
            "{code}"
        );
        assert_eq!(net.value(device, "is_open"), Value::Boolean(is_open), "{code}");
    }
    assert_eq!(net.text("valve", "V3", "curve"), "curve-1");
    net.has("valve", "V1", "setting", 30.0);

    let pump = net.get("pump", "U1");
    assert_eq!(net.value(pump, "is_open"), Value::Boolean(false));
    assert_eq!(pump.links.flow_to, Some(net.get("tank", "T").id));
    assert_eq!(
        pump.geometry
            .as_ref()
            .map(|g| matches!(g, Geometry::Point(p) if (p[0] - 350.0).abs() < 1e-9)),
        Some(true)
    );
    assert_eq!(
        (net.text("pump", "U1", "curve"), net.number("pump", "U1", "speed")),
        ("1".to_owned(), 1.2)
    );
    let length_m = net.number("pipe", "U1", "length_m");
    assert!(length_m > 0.0 && length_m < 0.1);
}

#[test]
fn what_only_the_hydraulic_model_needs_is_kept_word_for_word() {
    let net = import(SMALL);
    let names: Vec<&str> = net.model.sections.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "title", "pipes", "valves", "pumps", "demands", "curves", "options", "tags",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(!names.contains(&"coordinates"));
    let demands = net
        .model
        .sections
        .iter()
        .find(|(name, _)| name == "demands")
        .unwrap();
    assert_eq!(demands.1, "D 3 day ;homes\nD 4 night\n");
}

#[test]
fn us_units_are_converted_and_the_default_is_told() {
    let text = "[JUNCTIONS]\nA 100 60\nB 0\n[PIPES]\nP A B 1000 12 100\n";
    let net = import(text);
    assert!((net.number("pipe", "P", "length_m") - 304.8).abs() < 1e-9);
    assert!((net.number("pipe", "P", "diameter_mm") - 304.8).abs() < 1e-9);
    assert!((net.number("junction", "A", "demand_lps") - 3.785_411_784).abs() < 1e-9);
    assert!((net.number("junction", "A", "ground_elevation_m") - 30.48).abs() < 1e-9);
    assert!(net.report.guesses.iter().any(|g| g.taken_for == "GPM"));
    for (flow, lps) in [
        ("CMH", 1.0 / 3.6),
        ("MLD", 11.574_074_074),
        ("LPM", 1.0 / 60.0),
        ("cmd", 0.011_574_074),
    ] {
        let net = import(&format!("[JUNCTIONS]\nA 1 1\n[OPTIONS]\nUNITS {flow}\n"));
        assert!(
            (net.number("junction", "A", "demand_lps") - lps).abs() < 1e-6,
            "{flow}"
        );
        assert!((net.number("junction", "A", "ground_elevation_m") - 1.0).abs() < 1e-12);
    }
}

#[test]
fn a_network_without_coordinates_is_read_and_told_once() {
    let net =
        import("[JUNCTIONS]\nA 1\nB 2\n[PIPES]\nP A B 10 100 100\nQ A B 0 100 100\n[OPTIONS]\nUNITS LPS\n");
    assert_eq!(net.issues("epanet.no_coordinates").len(), 1);
    assert!(net.features.iter().all(|f| f.geometry.is_none()));
    assert_eq!(net.issues("epanet.pipe_without_length").len(), 1);

    let net = import("[JUNCTIONS]\nA 1\nB 2\n[COORDINATES]\nA 0 0\n[PIPES]\nP A B 10 100 100\n");
    assert_eq!(net.issues("epanet.node_without_coordinates").len(), 1);
    assert!(net.get("pipe", "P").geometry.is_none() && net.get("junction", "A").geometry.is_some());
}

#[test]
fn bad_lines_are_issues_with_their_line_and_the_rest_is_read() {
    let text = "[JUNCTIONS]\nA ten 1\nB 2\nB 3\n[PIPES]\nP1 A B x 100 100\nP2 A Z 1 1 1\nP3 A A 1 1 1\nP4 A\nP1 B A 1 1 1\n\
                [VALVES]\nV A B 1 XYZ 1\n[STATUS]\nnone Closed\nP1 Ajar\n[COORDINATES]\nA 1 nan\nZ 1 1\n\
                [NOISE]\nla la\n[OPTIONS]\nUNITS furlongs\n[TAGS]\nNODE Z x\n[DEMANDS]\nA much\n";
    let net = import(text);
    for (key, row) in [
        ("epanet.bad_number", 2),
        ("epanet.duplicate_node", 4),
        ("epanet.unknown_node", 7),
        ("epanet.same_ends", 8),
        ("epanet.too_few_values", 9),
        ("epanet.duplicate_link", 10),
        ("epanet.unknown_valve_type", 12),
        ("epanet.unknown_link", 14),
        ("epanet.unknown_status", 15),
        ("epanet.entry_of_unknown_node", 18),
        ("epanet.unknown_section", 19),
        ("epanet.unknown_units", 22),
        ("epanet.tag_of_unknown", 24),
    ] {
        assert_eq!(net.issues(key).first().and_then(|i| i.row), Some(row), "{key}");
        assert_ne!(net.issues(key)[0].message.to_string(), key, "no text for {key}");
    }
    let bad: Vec<_> = net.issues("epanet.bad_number").iter().map(|i| i.row).collect();
    assert_eq!(bad, [2, 6, 17, 26].map(Some));
    assert_eq!(net.features.len(), 3, "A, B and P1");
    let pipes = net.report.layers.iter().find(|l| l.layer == "PIPES").unwrap();
    assert_eq!((pipes.read, pipes.written, pipes.rejected), (5, 1, 4));
}

#[test]
fn hostile_files_are_refused_or_read_but_never_bring_the_program_down() {
    let path = Path::new("hostile.inp");
    for bytes in [
        b"".as_slice(),
        b"\0\0\0\0\0\0",
        b"[",
        b"[]",
        b"[PIPES",
        b"[END]",
        b"\xff\xfe[\0J\0",
        b"\xef\xbb\xbf",
        b"[PIPES]\n\"\n\"\"\n",
        b"[JUNCTIONS]\n\"\n",
        b"[VALVES]\n;;;;\n",
    ] {
        if let Err(error) = read(bytes, path) {
            assert!(error.to_string().contains("hostile.inp"), "{error}");
        }
    }
    let long = format!("[JUNCTIONS]\n{}\n", "A ".repeat(100_000));
    assert!(read(long.as_bytes(), path).is_ok());
    let net = import(
        "[JUNCTIONS]\nA 1e400 -1e999\n[TANKS]\nT 1 1 1\n[PUMPS]\nU A T HEAD\nW A T 5\nX A T POWER\n[COORDINATES]\nA\n",
    );
    assert_eq!(net.features.len(), 8);
}

#[test]
fn an_input_file_is_known_by_its_first_heading() {
    assert!(is_inp(b"[TITLE]\nx\n"));
    assert!(is_inp(b"\xef\xbb\xbf; made by hand\n\n[JUNCTIONS]\n"));
    assert!(!is_inp(b"[package]\nname = 1\n"));
    assert!(!is_inp(b"x,y\n1,2\n"));
    assert!(!is_inp(b""));
}

proptest::proptest! {
    /// Any words under any headings: issues, not crashes, and no row is lost without one.
    #[test]
    fn nothing_that_is_typed_brings_the_reader_down(
        lines in proptest::collection::vec(proptest::collection::vec(0_usize..WORDS.len(), 0..9), 0..40)
    ) {
        let mut text = String::from("[JUNCTIONS]\nA 1\n");
        for line in &lines {
            let words: Vec<&str> = line.iter().map(|w| WORDS[*w]).collect();
            text.push_str(&words.join(" "));
            text.push('\n');
        }
        let net = import(&text);
        let rejected: u64 = net.report.layers.iter().map(|l| l.rejected).sum();
        proptest::prop_assert!(net.report.issues.len() as u64 >= rejected);
        proptest::prop_assert!(decode_and_split_any(text.as_bytes()));
    }

    #[test]
    fn no_bytes_bring_the_lexer_down(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        proptest::prop_assert!(decode_and_split_any(&bytes));
    }
}

fn decode_and_split_any(bytes: &[u8]) -> bool {
    let (text, _) = lexer::decode(bytes);
    let blocks = lexer::split(&text);
    parse::parse(&blocks);
    true
}

const WORDS: [&str; 40] = [
    "[JUNCTIONS]",
    "[TANKS]",
    "[RESERVOIRS]",
    "[PIPES]",
    "[PUMPS]",
    "[VALVES]",
    "[STATUS]",
    "[DEMANDS]",
    "[VERTICES]",
    "[COORDINATES]",
    "[TAGS]",
    "[OPTIONS]",
    "[END]",
    "[",
    "[X]",
    "A",
    "B",
    "1",
    "2",
    "-3.5",
    "1e9",
    "nan",
    "1e999",
    "CV",
    "Closed",
    "Open",
    "HEAD",
    "POWER",
    "SPEED",
    "PATTERN",
    "PRV",
    "GPV",
    "PCV",
    "NODE",
    "LINK",
    "UNITS",
    "LPS",
    "*",
    ";",
    "\"",
];
