//! Filled templates, read back by another reader of workbooks.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::{Filled, Occasion, Template};
use crate::error::Result;
use crate::model::Value;
use crate::progress::NoProgress;
use crate::query::Group;
use crate::text::Lang;

/// A template with a heading in row 1, the pattern in row 2 and a total in row 3.
fn template(names: &[(&str, &str)], more: impl FnOnce(&mut Worksheet)) -> Template {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("List").unwrap();
    sheet.write(0, 0, "Kinds of {{karez_project}}").unwrap();
    sheet.write_formula(1, 3, "=B2*2").unwrap();
    sheet.write_formula(2, 1, "=SUM(B2:B2)").unwrap();
    more(sheet);
    let other = book.add_worksheet().set_name("Sum").unwrap();
    other.write_formula(0, 0, "=List!B3&\"List!B3\"").unwrap();
    for (name, cell) in names {
        book.define_name(*name, cell).unwrap();
    }
    Template {
        bytes: book.save_to_buffer().unwrap(),
    }
}

fn groups(count: usize) -> Vec<Group> {
    let group = |i| Group {
        keys: vec![Value::Text(format!("kind <{i}>"))],
        count: i + 1,
        length_m: 1.5,
        measured: crate::query::Summary::default(),
    };
    (0..count).map(group).collect()
}

fn fill(template: &Template, groups: &[Group]) -> Result<Filled> {
    let day = NaiveDate::from_ymd_opt(2024, 5, 31).unwrap();
    let occasion = Occasion {
        title: "A title".to_owned(),
        condition: String::new(),
        project: "the town".to_owned(),
        created: day.and_hms_opt(12, 0, 0).unwrap(),
        lang: Lang::En,
    };
    template.fill_groups(groups, &["kind".to_owned()], &occasion, &NoProgress)
}

fn open(filled: &Filled) -> Xlsx<Cursor<&[u8]>> {
    Xlsx::new(Cursor::new(filled.bytes.as_slice())).unwrap()
}

fn part(filled: &Filled, name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(&filled.bytes)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

const BY_ROWS: [(&str, &str); 2] = [("KAREZ_Rows", "=List!$A$2"), ("karez_date", "=List!$F$1")];

#[test]
fn rows_grow_and_what_lies_below_moves() {
    let filled = fill(&template(&BY_ROWS, |_| {}), &groups(3)).unwrap();
    assert_eq!(filled.notes, []);
    let mut book = open(&filled);
    let values = book.worksheet_range("List").unwrap();
    assert_eq!(
        values.get_value((0, 0)),
        Some(&Data::String("Kinds of the town".to_owned()))
    );
    assert_eq!(
        values.get_value((3, 0)),
        Some(&Data::String("kind <2>".to_owned()))
    );
    assert_eq!(values.get_value((3, 1)), Some(&Data::Float(3.0)));
    let Some(Data::DateTime(date)) = values.get_value((0, 5)) else {
        panic!("no date: {:?}", values.get_value((0, 5)));
    };
    assert!((date.as_f64() - 45_443.0).abs() < f64::EPSILON);
    let formulas = book.worksheet_formula("List").unwrap();
    let formula = |row, column| formulas.get_value((row, column)).map(String::as_str);
    assert_eq!([formula(1, 3), formula(3, 3)], [Some("B2*2"), Some("B4*2")]);
    assert_eq!(formula(4, 1), Some("SUM(B2:B4)"));
    let other = book.worksheet_formula("Sum").unwrap();
    assert_eq!(
        other.get_value((0, 0)).map(String::as_str),
        Some("List!B5&\"List!B3\"")
    );
    assert!(part(&filled, "xl/workbook.xml").contains("fullCalcOnLoad=\"1\""));
}

#[test]
fn columns_by_name_take_their_places_in_the_style_of_the_pattern_row() {
    let names = [
        ("karez_col_count", "=List!$C$2"),
        ("karez_col_key1", "=List!$A$2"),
        ("karez_head", "=List!$A$1"),
    ];
    let template = template(&names, |sheet| {
        sheet
            .write_blank(1, 2, &Format::new().set_num_format("0.0"))
            .unwrap();
        sheet.set_row_height(1, 33).unwrap();
        sheet.merge_range(1, 5, 1, 6, "m", &Format::new()).unwrap();
        sheet.merge_range(2, 5, 3, 6, "below", &Format::new()).unwrap();
    });
    let filled = fill(&template, &groups(3)).unwrap();
    let values = open(&filled).worksheet_range("List").unwrap();
    assert_eq!(values.get_value((0, 0)), Some(&Data::String("kind".to_owned())));
    assert_eq!(values.get_value((2, 2)), Some(&Data::Float(2.0)));
    assert_eq!(values.get_value((3, 5)), Some(&Data::String("m".to_owned())));
    let sheet = part(&filled, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("ht=\"33\"").count(), 3);
    for area in ["F2:G2", "F3:G3", "F4:G4", "F5:G6"] {
        assert!(
            sheet.contains(&format!("<mergeCell ref=\"{area}\"/>")),
            "{area}: {sheet}"
        );
    }
}

#[test]
fn without_rows_the_pattern_row_is_empty_and_nothing_moves() {
    let filled = fill(&template(&BY_ROWS, |_| {}), &[]).unwrap();
    let mut book = open(&filled);
    let values = book.worksheet_range("List").unwrap();
    assert!(matches!(values.get_value((1, 0)), None | Some(Data::Empty)));
    let formulas = book.worksheet_formula("List").unwrap();
    assert_eq!(formulas.get_value((1, 3)).map_or("", String::as_str), "");
    assert_eq!(formulas.get_value((2, 1)).map(String::as_str), Some("SUM(B2:B2)"));
}

#[test]
fn rules_filters_charts_and_breaks_follow() {
    let template = template(&BY_ROWS, |sheet| {
        let rule = rust_xlsxwriter::ConditionalFormatDuplicate::new();
        sheet.add_conditional_format(1, 1, 1, 1, &rule).unwrap();
        let valid = rust_xlsxwriter::DataValidation::new().allow_list_formula("=$B$3".into());
        sheet.add_data_validation(2, 7, 2, 7, &valid).unwrap();
        sheet.set_page_breaks(&[4]).unwrap();
        sheet.autofilter(0, 0, 1, 3).unwrap();
        let mut chart = rust_xlsxwriter::Chart::new(rust_xlsxwriter::ChartType::Column);
        chart.add_series().set_values("=List!$B$2");
        sheet.insert_chart(8, 0, &chart).unwrap();
    });
    let filled = fill(&template, &groups(3)).unwrap();
    let sheet = part(&filled, "xl/worksheets/sheet1.xml");
    for expected in [
        "sqref=\"B2:B4\"",
        "sqref=\"H5\"",
        ">$B$5<",
        "brk id=\"6\"",
        "autoFilter ref=\"A1:D4\"",
    ] {
        assert!(sheet.contains(expected), "{expected}: {sheet}");
    }
    assert!(part(&filled, "xl/charts/chart1.xml").contains("List!$B$2:$B$4"));
    assert!(part(&filled, "xl/drawings/drawing1.xml").contains("<xdr:row>10</xdr:row>"));
}

#[test]
fn what_was_not_understood_is_said() {
    let mut names = BY_ROWS.to_vec();
    names.extend([
        ("karez_colour", "=List!$G$1"),
        ("karez_project", "=List!$B$1:$C$1"),
    ]);
    let template = template(&names, |sheet| {
        sheet.write(0, 8, "{{karez_nothing}}").unwrap();
        sheet.write_formula(3, 0, "=SUM(List:Sum!A9)").unwrap();
    });
    let filled = fill(&template, &groups(2)).unwrap();
    let said: Vec<String> = filled.notes.iter().map(|note| note.text(Lang::En)).collect();
    for expected in ["karez_colour (List!G1)", "{{karez_nothing}}", "List!A5"] {
        assert!(
            said.iter().any(|note| note.contains(expected)),
            "{expected}: {said:?}"
        );
    }
    let values = open(&filled).worksheet_range("List").unwrap();
    assert_eq!(
        values.get_value((0, 1)),
        Some(&Data::String("the town".to_owned()))
    );
}

#[test]
fn what_cannot_be_filled_is_refused_with_a_reason() {
    #[track_caller]
    fn check(bytes: Vec<u8>, reason: &str) {
        let error = fill(&Template { bytes }, &groups(2)).unwrap_err().text(Lang::En);
        assert!(error.contains(reason), "{error}");
    }
    let whole = template(&BY_ROWS, |_| {}).bytes;
    check(whole[..whole.len() / 2].to_vec(), "cannot be read");
    check(
        vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0],
        "password",
    );
    check(b"a,b\n1,2\n".to_vec(), "cannot be read");
    check(Workbook::new().save_to_buffer().unwrap(), "karez_col_key1");
    let mut names = vec![
        ("karez_col_count", "=List!$C$2"),
        ("karez_col_key1", "=List!$A$3"),
    ];
    check(template(&names, |_| {}).bytes, "List!A3");
    names = vec![("karez_rows", "=List!$A$1048576")];
    check(template(&names, |_| {}).bytes, "2 rows do not fit");
    names = vec![("karez_rows", "=List!$A$2")];
    let low = template(&names, |sheet| {
        sheet.write(1_048_575, 0, "at the bottom").unwrap();
    });
    check(low.bytes, "2 rows do not fit");
}

#[test]
fn a_bomb_is_not_unpacked() {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..257 {
        zip.write_all(&zeros).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    let error = fill(&Template { bytes }, &groups(1)).unwrap_err().text(Lang::En);
    assert!(error.contains("256 MB"), "{error}");
}

#[test]
fn a_template_is_not_overwritten_by_its_result() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.xlsx");
    std::fs::write(&path, template(&BY_ROWS, |_| {}).bytes).unwrap();
    assert!(Template::open(&path, &folder.path().join("out.xlsx")).is_ok());
    assert!(Template::open(&path, &folder.path().join("./t.xlsx")).is_err());
}
