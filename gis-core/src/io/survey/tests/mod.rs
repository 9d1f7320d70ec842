//! Workbooks written as crews write them, read back into features.

mod tables;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::TempDir;

use self::tables::{CELLS, COMBINED, LINES, POINTS};
use super::*;
use crate::io::crs;
use crate::issue::{Issue, Severity};
use crate::model::Value;

/// A sheet as rows of cells: `#12.5` is a number, `@2008-05-12` a date, empty nothing, all else text.
type Rows<'a> = &'a [&'a [&'a str]];

fn write(folder: &TempDir, sheets: &[(&str, Rows<'_>)]) -> std::path::PathBuf {
    let mut workbook = Workbook::new();
    let date_format = Format::new().set_num_format("yyyy/m/d");
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (r, row) in rows.iter().enumerate() {
            for (c, cell) in row.iter().enumerate() {
                let (r, c) = (r as u32, c as u16);
                if let Some(number) = cell.strip_prefix('#') {
                    sheet.write_number(r, c, number.parse::<f64>().unwrap()).unwrap();
                } else if let Some(date) = cell.strip_prefix('@') {
                    let date = ExcelDateTime::parse_from_str(date).unwrap();
                    sheet
                        .write_datetime_with_format(r, c, &date, &date_format)
                        .unwrap();
                } else if !cell.is_empty() {
                    sheet.write_string(r, c, *cell).unwrap();
                }
            }
        }
    }
    let path = folder.path().join("管线成果表.xlsx");
    workbook.save(&path).unwrap();
    path
}

static SCHEMA: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(|| Schema::builtin().unwrap());

struct Read {
    schema: &'static Schema,
    features: Vec<Feature>,
    report: ImportReport,
}

fn read_with(sheets: &[(&str, Rows<'_>)], epsg: &str, options: &ImportOptions) -> Read {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, sheets);
    let schema: &'static Schema = &SCHEMA;
    assert!(is_survey(&path, schema));
    let crs = if epsg == "local" {
        Crs::local_metric()
    } else {
        crs::parse(epsg).unwrap()
    };
    let cells = workbook::read(&path, u32::MAX, &NoProgress).unwrap();
    let survey = read_tables(&cells, schema, &path).unwrap();
    let mut ids = IdSource::new(0, 0);
    let (features, report) = build_features(
        survey,
        HashMap::new(),
        schema,
        &crs,
        options,
        &mut ids,
        &NoProgress,
    )
    .unwrap();
    for issue in report.issues.iter() {
        assert_ne!(
            issue.message.to_string(),
            issue.message.key(),
            "a sentence is missing"
        );
    }
    Read {
        schema,
        features,
        report,
    }
}

fn read(sheets: &[(&str, Rows<'_>)]) -> Read {
    read_with(sheets, "4538", &ImportOptions::default())
}

impl Read {
    fn get(&self, code: &str) -> &Feature {
        self.features
            .iter()
            .find(|f| self.value(f, "code") == Value::Text(code.to_owned()))
            .unwrap_or_else(|| panic!("no {code} among {:?}; {:?}", self.codes(), self.report.issues))
    }

    fn codes(&self) -> Vec<String> {
        self.features
            .iter()
            .filter_map(|f| self.value(f, "code").as_text().map(str::to_owned))
            .collect()
    }

    fn value(&self, feature: &Feature, key: &str) -> Value {
        let class = self.schema.class(feature.class);
        class
            .field_index(key)
            .map_or(Value::Null, |field| feature.values[field].clone())
    }

    fn number(&self, code: &str, key: &str) -> Option<f64> {
        self.value(self.get(code), key).as_real()
    }

    fn text(&self, code: &str, key: &str) -> String {
        self.value(self.get(code), key)
            .as_text()
            .unwrap_or_default()
            .to_owned()
    }

    fn class(&self, code: &str) -> &str {
        &self.schema.class(self.get(code).class).key
    }

    fn place(&self, code: &str) -> [f64; 2] {
        match &self.get(code).geometry {
            Some(Geometry::Point(p)) => [p[0], p[1]],
            other => panic!("{code}: {other:?}"),
        }
    }

    fn issues(&self, key: &str) -> Vec<&Issue> {
        self.report
            .issues
            .iter()
            .filter(|i| i.message.key() == key)
            .collect()
    }
}

#[test]
fn points_and_lines_on_two_sheets_become_a_network() {
    let net = read(&[
        ("管线点", POINTS),
        ("管线", LINES),
        ("说明", &[&["本成果由某院完成"]]),
    ]);
    assert_eq!(net.codes(), ["JS1", "JS2", "JS3", "JS4", "G1", "G2", "G3"]);
    let off = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    assert!(
        off(net.place("JS1"), [548_276.98, 4_851_567.12]) < 1e-6,
        "x points north in survey tables"
    );
    assert!(
        off(net.place("JS3"), [548_276.98, 4_851_767.12]) < 1e-6,
        "numbers typed as text count"
    );
    assert_eq!(
        ["JS1", "JS2", "JS3", "JS4"].map(|c| net.class(c)),
        ["tee", "valve", "hydrant", "cap"],
        "what stands there comes before what it is to the pipe"
    );
    assert_eq!(net.text("JS2", "kind"), "gate");
    assert_eq!(net.number("JS2", "ground_elevation_m"), Some(612.8));
    assert_eq!(net.number("JS2", "buried_depth_m"), Some(1.25));
    assert_eq!(net.text("JS2", "road"), "天池路");
    assert_eq!(
        net.text("JS2", "map_sheet"),
        "4851.50-548.25",
        "the rows above the headings speak for the table"
    );
    assert_eq!(net.text("JS2", "remark"), "井盖破损; 特征: 直线点");
    assert_eq!(net.text("JS3", "remark"), "", "a dash says nothing");

    let pipe = net.get("G1");
    assert_eq!(net.number("G1", "diameter_mm"), Some(300.0));
    assert_eq!(net.text("G1", "material"), "DI");
    assert_eq!(net.text("G1", "burial"), "direct");
    assert_eq!(net.number("G1", "depth_from_m"), Some(1.2));
    assert_eq!(net.number("G1", "depth_to_m"), Some(1.25));
    let day = |y, m, d| Value::Date(chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap());
    assert_eq!(net.value(pipe, "install_date"), day(2008, 5, 1));
    assert_eq!(net.value(net.get("G2"), "install_date"), day(2008, 5, 12));
    assert_eq!(pipe.links.from, Some(net.get("JS1").id));
    assert_eq!(pipe.links.to, Some(net.get("JS2").id));
    let Some(Geometry::Line(line)) = &pipe.geometry else {
        panic!()
    };
    assert!(
        (line[0][2] - 611.15).abs() < 1e-9,
        "a pipe lies its depth under the ground"
    );

    let unknown = net.issues("survey.unknown_class");
    assert_eq!(
        (unknown.len(), unknown[0].row, unknown[0].field.as_deref()),
        (1, Some(7), Some("附属物"))
    );
    let depth = net.issues("survey.bad_number");
    assert_eq!(
        (depth.len(), depth[0].row, depth[0].layer.as_deref()),
        (1, Some(7), Some("管线点"))
    );
    let missing = net.issues("survey.unknown_point");
    assert_eq!(
        (missing.len(), missing[0].row, missing[0].code.as_deref()),
        (1, Some(6), Some("JS9"))
    );
    assert_eq!(net.issues("survey.no_table_in_sheet").len(), 1);
    let layers: Vec<_> = net
        .report
        .layers
        .iter()
        .map(|l| (l.layer.as_str(), l.read, l.written, l.rejected))
        .collect();
    assert_eq!(layers, [("管线点", 4, 4, 0), ("管线", 4, 3, 1)]);
    assert_eq!(net.report.guesses.len(), 1);
}

#[test]
fn one_table_of_points_and_their_connections_is_read_from_both_ends() {
    let net = read(&[("Sheet1", COMBINED)]);
    assert_eq!(
        net.codes(),
        ["J1", "J2", "J3", "J1-J2", "J1-J3"],
        "{:?}",
        net.report.issues
    );
    assert!(
        (net.place("J1")[0] - 548_276.98).abs() < 1e-6,
        "the zone number is taken off"
    );
    assert_eq!(net.number("J1-J2", "depth_from_m"), Some(1.2));
    assert_eq!(net.number("J1-J2", "depth_to_m"), Some(1.25));
    assert_eq!(net.number("J1-J3", "depth_from_m"), Some(1.3));
    assert_eq!(
        net.number("J1-J3", "depth_to_m"),
        Some(1.35),
        "its other end is listed under a second name"
    );
    assert_eq!(net.number("J1-J2", "elevation_from_m"), Some(611.15));
    assert_eq!(net.number("J1-J2", "elevation_to_m"), Some(611.55));
    assert_eq!(net.number("J1-J3", "diameter_mm"), Some(300.0));
    assert_eq!(
        net.number("J2", "diameter_mm"),
        Some(300.0),
        "a valve has the size of its pipe"
    );
    assert_eq!(net.text("J1-J2", "material"), "DI");
    let differ = net.issues("survey.ends_differ");
    let differ: Vec<_> = differ.iter().map(|i| (i.row, i.field.as_deref())).collect();
    assert_eq!(differ, [(Some(7), Some("材质")), (Some(11), Some("埋设年代"))]);
    assert_eq!(net.issues("survey.section_simplified").len(), 1);
    let dates = net.issues("survey.bad_date");
    assert_eq!((dates.len(), dates[0].row), (1, Some(11)));
    assert_eq!(net.issues("survey.columns_not_read").len(), 1);
    assert_eq!(net.report.layers[0].read, 4);
}

#[test]
fn x_may_point_east_where_names_values_or_the_user_say_so() {
    let table =
        |x: &'static str, y: &'static str, a: &'static str, b: &'static str| -> Vec<Vec<&'static str>> {
            vec![
                vec!["点号", x, y, "特征"],
                vec!["A", a, b, "三通"],
                vec!["B", a, b, "三通"],
            ]
        };
    let options = |x_is_northing| ImportOptions {
        x_is_northing,
        ..ImportOptions::default()
    };
    for (names, values, crs, said, expected) in [
        (
            ["X", "Y"],
            ["#548276.98", "#4851567.12"],
            "4538",
            None,
            [548_276.98, 4_851_567.12],
        ),
        (
            ["X坐标", "Y坐标"],
            ["#4851567.12", "#548276.98"],
            "4538",
            None,
            [548_276.98, 4_851_567.12],
        ),
        (
            ["横坐标", "纵坐标"],
            ["#123", "#456"],
            "local",
            None,
            [123.0, 456.0],
        ),
        (["X", "Y"], ["#123", "#456"], "local", None, [456.0, 123.0]),
        (["X", "Y"], ["#123", "#456"], "local", Some(false), [123.0, 456.0]),
        (["经度", "纬度"], ["#87.6", "#43.8"], "4490", None, [87.6, 43.8]),
    ] {
        let rows = table(names[0], names[1], values[0], values[1]);
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let net = read_with(&[("点", &rows)], crs, &options(said));
        let place = net.place("A");
        assert!(
            (place[0] - expected[0]).hypot(place[1] - expected[1]) < 1e-6,
            "{names:?} {values:?} {place:?}"
        );
    }
}

#[test]
fn every_bad_row_is_told_with_sheet_row_and_column() {
    let points: Rows<'_> = &[
        &["点号", "X", "Y", "地面高程", "特征"],
        &["A", "#4851567", "#548276", "#612", "三通"],
        &["A", "#4851569", "#548276", "#612", "三通"],
        &["B", "四百八十五万", "#548276", "#612", "三通"],
        &["C", "", "#548276", "#99999", "三通"],
        &["", "#4851567", "#548276", "#612", "三通"],
        &["D", "#4851600", "#548276", "#612", "三通"],
        &["D", "#4851600", "#548276", "#612", "三通"],
    ];
    let lines: Rows<'_> = &[
        &["点号", "连接点号", "管径", "材质", "埋设日期"],
        &["A", "A", "100", "PE", ""],
        &["A", "D", "大管", "镍合金", "昨天"],
        &["A", "D", "大管", "镍合金", "昨天"],
        &["A", "D", "200", "PE", "2001"],
        &["A", "", "200", "PE", "2001"],
        &["", "", "200", "PE", "2001"],
    ];
    let net = read(&[("点", points), ("线", lines)]);
    let rows = |key: &str| {
        net.issues(key)
            .iter()
            .map(|i| (i.layer.clone().unwrap(), i.row.unwrap()))
            .collect::<Vec<_>>()
    };
    let at = |sheet: &str, row: u64| (sheet.to_owned(), row);
    assert_eq!(rows("survey.point_at_two_places"), [at("点", 3)]);
    assert_eq!(rows("survey.bad_number"), [at("点", 4)]);
    assert_eq!(rows("survey.half_a_place"), [at("点", 5)]);
    assert_eq!(rows("survey.row_without_point"), [at("点", 6), at("线", 7)]);
    assert_eq!(rows("survey.point_listed_again"), [at("点", 8)]);
    assert_eq!(rows("survey.point_without_place"), [at("点", 4), at("点", 5)]);
    assert_eq!(rows("survey.line_to_itself"), [at("线", 2)]);
    assert_eq!(rows("survey.bad_diameter"), [at("线", 3)]);
    assert_eq!(rows("survey.not_in_dictionary"), [at("线", 3)]);
    assert_eq!(rows("survey.bad_date"), [at("线", 3)]);
    assert_eq!(rows("survey.line_listed_again"), [at("线", 4)]);
    assert_eq!(rows("survey.parallel_line"), [at("线", 5)]);
    assert_eq!(rows("survey.line_without_end"), [at("线", 6)]);
    assert_eq!(net.codes(), ["A", "B", "C", "D", "A-D", "A-D-2"]);
    assert_eq!(net.text("A-D", "material"), "镍合金", "an unknown word is kept");
    assert_eq!(net.report.issues.count(Severity::Error), 4);
}

#[test]
fn rows_and_sheets_of_other_utilities_are_left_out_and_counted() {
    let mixed: Rows<'_> = &[
        &["管线点号", "连接点号", "管类", "X", "Y", "管径"],
        &["JS1", "JS2", "给水", "#4851567", "#548276", "300"],
        &["JS2", "JS1", "给水", "#4851667", "#548276", "300"],
        &["WS1", "WS2", "污水", "#4851567", "#548286", "400"],
        &["WS2", "WS1", "污水", "#4851667", "#548286", "400"],
    ];
    let net = read(&[("综合", mixed), ("燃气管线", mixed)]);
    assert_eq!(net.codes(), ["JS1", "JS2", "JS1-JS2"]);
    assert_eq!(net.issues("survey.rows_of_other_utility").len(), 1);
    assert_eq!(net.issues("survey.sheet_of_other_utility").len(), 1);
}

#[test]
fn units_in_the_headings_are_converted() {
    let rows: Rows<'_> = &[
        &["点号", "连接点号", "X", "Y", "埋深(cm)", "管径(m)"],
        &["A", "B", "#4851567", "#548276", "#120", "#0.3"],
        &["B", "A", "#4851667", "#548276", "#130", "DN300"],
    ];
    let net = read(&[("表", rows)]);
    assert_eq!(net.number("A-B", "depth_from_m"), Some(1.2));
    assert_eq!(net.number("A-B", "depth_to_m"), Some(1.3));
    assert_eq!(net.number("A-B", "diameter_mm"), Some(300.0));
    assert!(
        net.issues("survey.ends_differ").is_empty(),
        "0.3 m and DN300 are the same size"
    );
}

#[test]
fn sizes_that_no_pipe_has_are_metres() {
    let rows: Rows<'_> = &[
        &["点号", "连接点号", "X", "Y", "管径"],
        &["A", "B", "#4851567", "#548276", "#0.3"],
        &["B", "A", "#4851667", "#548276", "#300"],
    ];
    let net = read(&[("表", rows)]);
    assert_eq!(net.number("A-B", "diameter_mm"), Some(300.0));
    assert_eq!(net.issues("survey.size_in_metres").len(), 1);
    assert!(net.issues("survey.ends_differ").is_empty());
}

#[test]
fn files_that_are_no_survey_are_refused_with_what_was_found() {
    let folder = TempDir::new().unwrap();
    let schema = Schema::builtin().unwrap();
    let path = write(&folder, &[("预算", &[&["项目", "金额"], &["管材", "#1200"]])]);
    assert!(!is_survey(&path, &schema));
    let sheets = workbook::read(&path, u32::MAX, &NoProgress).unwrap();
    let error = read_tables(&sheets, &schema, &path).unwrap_err();
    assert!(error.to_string().contains("预算"), "{error}");

    let whole = std::fs::read(&path).unwrap();
    for (name, bytes) in [
        ("empty.xlsx", Vec::new()),
        (
            "page.xls",
            b"<html><table><tr><td>1</td></tr></table></html>".to_vec(),
        ),
        ("cut.xlsx", whole[..whole.len() / 2].to_vec()),
        ("zip.xlsx", b"PK\x03\x04 and no more".to_vec()),
        (
            "ole.xls",
            [
                &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..],
                &[0xff; 4096],
            ]
            .concat(),
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(!is_survey(&path, &schema));
        let error = workbook::read(&path, u32::MAX, &NoProgress).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_stray_cell_in_the_last_corner_costs_no_memory() {
    let folder = TempDir::new().unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (c, text) in ["点号", "X", "Y"].iter().enumerate() {
        sheet.write_string(0, c as u16, *text).unwrap();
    }
    sheet.write_string(1, 0, "A").unwrap();
    sheet.write_number(1, 1, 4_851_567.0).unwrap();
    sheet.write_number(1, 2, 548_276.0).unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let path = folder.path().join("corner.xlsx");
    workbook.save(&path).unwrap();
    let sheets = workbook::read(&path, u32::MAX, &NoProgress).unwrap();
    assert_eq!(sheets[0].rows.len(), 3);
}

#[test]
fn the_system_is_told_by_zone_numbers_and_degrees() {
    let folder = TempDir::new().unwrap();
    let schema = Schema::builtin().unwrap();
    for (x, y, epsg) in [
        ("#4851567", "#29548276", Some(4517)),
        ("#43.8", "#87.6", Some(4490)),
        ("#4851567", "#548276", None),
    ] {
        let rows: Rows<'_> = &[&["点号", "X", "Y"], &["A", x, y]];
        let path = write(&folder, &[("点", rows)]);
        assert_eq!(system_of(&path, &schema).unwrap().and_then(|c| c.epsg), epsg);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    /// Any cells in any order: issues, not crashes; each data row is counted.
    #[test]
    fn nothing_in_the_cells_brings_the_reader_down(
        rows in proptest::collection::vec(proptest::collection::vec(0_usize..CELLS.len(), 0..8), 0..16)
    ) {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(|c| CELLS[*c]).collect()).collect();
        let header: &[&str] = &["点号", "连接点号", "X", "Y", "管径", "材质", "埋设年代", "附属物"];
        let rows: Vec<&[&str]> = std::iter::once(header).chain(rows.iter().map(Vec::as_slice)).collect();
        let net = read_with(&[("表", &rows)], "local", &ImportOptions::default());
        let rejected: u64 = net.report.layers.iter().map(|l| l.rejected).sum();
        proptest::prop_assert!(net.report.issues.len() as u64 >= rejected);
        let mut codes: Vec<String> = net.codes();
        let all = codes.len();
        codes.sort();
        codes.dedup();
        proptest::prop_assert_eq!(codes.len(), all, "two features of one code");
    }
}
