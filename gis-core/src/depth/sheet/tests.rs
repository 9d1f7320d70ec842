use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx};
use chrono::NaiveDate;

use super::SectionSheet;
use crate::Error;
use crate::cartography::StyleSet;
use crate::depth::section::{CrossSection, across};
use crate::depth::tests::{Street, street};
use crate::text::Lang;

const NAN: f64 = f64::NAN;

fn bundle() -> (Street, CrossSection) {
    let street = street(
        &[
            ("P1", 300.0, [10.0; 2], [9.0; 2], &[[0.0, 0.0], [0.0, 10.0]]),
            ("P2", 200.0, [10.2; 2], [8.5; 2], &[[2.0, 0.0], [2.0, 10.0]]),
            ("P3", NAN, [NAN; 2], [NAN; 2], &[[5.0, 0.0], [5.0, 10.0]]),
        ],
        &[],
    );
    let section = across(&street.network, &street.levels, [[-1.0, 5.0], [6.0, 5.0]], |_| {
        true
    });
    (street, section)
}

fn save(street: &Street, section: &CrossSection, path: &Path) -> crate::Result<()> {
    let noon = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap().and_hms_opt(12, 0, 0);
    SectionSheet {
        network: &street.network,
        section,
        styles: &StyleSet::builtin().unwrap(),
        title: "横断面 1-1",
        lang: Lang::ZhCn,
    }
    .save(path, noon.unwrap())
}

#[test]
fn a_section_on_paper_shows_round_pipes_at_their_height_and_names_them() {
    let (street, section) = bundle();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("section.dxf");
    save(&street, &section, &file).unwrap();
    // Its lettering is GBK; codes and figures are the same in both.
    let dxf = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
    for text in ["P1", "P2", "DN300", "DN200", "9.00", "1.70", "1.75"] {
        assert!(dxf.contains(text), "{text} is missing");
    }
    assert!(!dxf.contains("P3\n"), "what has no height is not drawn");

    let file = folder.path().join("section.svg");
    save(&street, &section, &file).unwrap();
    let svg = std::fs::read_to_string(&file).unwrap();
    let [wide, high] = extent_of_filled(&svg)[0];
    assert!((wide - high).abs() < 0.02, "{wide} × {high}");
    // 300 mm at 1:20.
    assert!((wide - 15.0).abs() < 0.05, "{wide}");
}

/// Width and height in millimetres of what is filled, largest first.
fn extent_of_filled(svg: &str) -> Vec<[f64; 2]> {
    let mut found = Vec::new();
    for path in svg.split("<path").filter(|p| p.contains("fill-opacity")) {
        let Some(data) = path.split(" d=\"").nth(1).and_then(|p| p.split('"').next()) else {
            continue;
        };
        let numbers: Vec<f64> = data
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
            .filter_map(|n| n.parse().ok())
            .collect();
        let range = |first: usize| {
            let along = numbers.iter().skip(first).step_by(2);
            let (low, high) = along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(*v), high.max(*v))
            });
            high - low
        };
        found.push([range(0), range(1)]);
    }
    found.sort_by(|a, b| b[0].total_cmp(&a[0]));
    found
}

#[test]
fn the_figures_of_a_section_go_into_a_workbook() {
    let (street, section) = bundle();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("section.xlsx");
    save(&street, &section, &file).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(std::fs::read(&file).unwrap())).unwrap();
    let name = book.sheet_names().last().unwrap().clone();
    let range = book.worksheet_range(&name).unwrap();
    let rows: Vec<&[Data]> = range.rows().collect();
    let first = rows
        .iter()
        .position(|row| row.contains(&Data::String("P1".to_owned())));
    let pipes = &rows[first.unwrap()..];
    assert_eq!(pipes.len(), 3, "pipes without heights are listed as well");
    let number = |row: usize, column: usize| match &pipes[row][column] {
        Data::Float(number) => *number,
        other => panic!("{other:?}"),
    };
    assert!((number(0, 0) - 1.0).abs() < 1e-9 && (number(1, 0) - 3.0).abs() < 1e-9);
    assert!((number(1, 5) - 1.7).abs() < 1e-9, "cover");
    assert!((number(1, 6) - 1.75).abs() < 1e-9, "2 m less half of both pipes");
    assert!(
        (number(1, 7) - 0.2).abs() < 1e-6,
        "from the bottom of one to the top of the other"
    );
}

#[test]
fn a_section_without_any_height_is_refused_as_a_drawing() {
    let street = street(
        &[("P3", NAN, [NAN; 2], [NAN; 2], &[[5.0, 0.0], [5.0, 10.0]])],
        &[],
    );
    let section = across(&street.network, &street.levels, [[-1.0, 5.0], [6.0, 5.0]], |_| {
        true
    });
    let folder = tempfile::tempdir().unwrap();
    let error = save(&street, &section, &folder.path().join("section.pdf")).unwrap_err();
    assert!(matches!(error, Error::Refused(ref message) if message.key() == "depth.section.no_heights"));
}
