//! Attributes from a workbook, by a key.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::*;
use crate::report::table_workbook;

/// A workbook of texts; those that begin with `#` are numbers, with `=` formulas.
fn book(folder: &Path, sheets: &[(&str, &[&[&str]])]) -> PathBuf {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (r, row) in rows.iter().enumerate() {
            for (c, text) in row.iter().enumerate() {
                let (r, c) = (r as u32, c as u16);
                if let Some(number) = text.strip_prefix('#') {
                    sheet.write(r, c, number.parse::<f64>().unwrap()).unwrap();
                } else if text.starts_with('=') {
                    sheet
                        .write_formula(r, c, Formula::new(*text).set_result("#N/A"))
                        .unwrap();
                } else if !text.is_empty() {
                    sheet.write(r, c, *text).unwrap();
                }
            }
        }
    }
    let path = folder.join("update.xlsx");
    workbook.save(&path).unwrap();
    path
}

fn updated(project: &Project, class: ClassIndex, path: &Path) -> Update {
    update(project, class, path, &UpdateOptions::default(), &NoProgress).unwrap()
}

fn told(project: &Project, update: &Update) -> Vec<String> {
    let own = &project.schema().class(update.changes.class).fields;
    let cell = |c: &CellChange| {
        let words = crate::expr::plain_text;
        format!(
            "{} {} {} -> {}",
            c.code,
            own[c.field].key,
            words(&c.old),
            words(&c.new)
        )
    };
    update.changes.cells.iter().map(cell).collect()
}

fn rejects(update: &Update) -> Vec<String> {
    let rejects = update.changes.rejects.iter();
    rejects
        .map(|r| format!("{}: {}", r.code, r.why.text(Lang::En)))
        .collect()
}

fn carry_out(project: &mut Project, changes: &Changes) {
    let deed = Deed::Requests(vec![changes.request(project.schema())]);
    let mut ids = IdSource::new(7, 7);
    deed.carry_out(project, None, &mut ids, STAMP, &mut |_, _| Ok(()))
        .unwrap();
}

#[test]
fn rows_find_their_features_by_number_and_change_what_differs_in_one_step() {
    let (mut project, class) = street();
    let folder = tempfile::tempdir().unwrap();
    let path = book(
        folder.path(),
        &[(
            "\u{7ba1}\u{6bb5}",
            &[
                &["\u{7ba1}\u{6bb5}\u{66f4}\u{65b0}\u{8868}"],
                &[
                    "\u{7ba1}\u{5f84}(mm)",
                    "\u{6750}\u{8d28}",
                    "\u{7f16}\u{53f7}",
                    "\u{7ae3}\u{5de5}\u{65e5}\u{671f}",
                    "my notes",
                ],
                &["\u{ff13}\u{ff15}\u{ff10}", "PE", "A", "2004/5/31", "x"],
                &["1,200", "\u{805a}\u{4e59}\u{70ef}", "B", "20100102", ""],
                &["", "", "C", "2011\u{5e74}3\u{6708}5\u{65e5}", ""],
            ],
        )],
    );
    let found = updated(&project, class, &path);
    assert_eq!((found.rows, found.matched), (3, 3));
    assert_eq!(
        told(&project, &found),
        [
            "A diameter_mm 300 -> 350",
            "A material DI -> PE",
            "B diameter_mm  -> 1200",
            "B install_date 2010-01-01 -> 2010-01-02",
            "C install_date  -> 2011-03-05",
        ]
    );
    assert_eq!(found.unknown_columns, ["my notes"]);
    assert!(!found.has_baseline);
    carry_out(&mut project, &found.changes);
    assert!(
        updated(&project, class, &path).changes.cells.is_empty(),
        "all is as the workbook says"
    );
    project.undo(STAMP).unwrap();
    assert_eq!(updated(&project, class, &path), found, "one undo takes all back");
}

#[test]
fn what_cannot_be_used_is_told_with_its_cell_and_hinders_nothing_else() {
    let (project, class) = town(&[
        ("A", Some(300.0), "DI", None),
        ("B", Some(300.0), "DI", None),
        ("C", Some(300.0), "DI", None),
        ("X", Some(300.0), "DI", None),
        ("X", Some(300.0), "DI", None),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = book(
        folder.path(),
        &[(
            "t",
            &[
                &["code", "diameter_mm", "material"],
                &["A", "wide", "cheese"],
                &["B", "=NA()", "PE"],
                &["C", "#100", "PE"],
                &["C", "#200", "PE"],
                &["X", "#100", "PE"],
                &["nobody", "#100", "PE"],
            ],
        )],
    );
    let found = updated(&project, class, &path);
    assert_eq!(told(&project, &found), ["B material DI -> PE"]);
    let rejects = rejects(&found);
    for (start, part) in [
        ("t!B2  A", "wide"),
        ("t!C2  A", "cheese"),
        ("t!B3  B", "#N/A"),
        ("t!4", "several rows"),
        ("t!5", "several rows"),
        ("t!6", "Several features"),
        ("t!7", "nobody"),
    ] {
        let is_told = rejects
            .iter()
            .any(|said| said.starts_with(start) && said.contains(part));
        assert!(is_told, "{start} {part}: {rejects:#?}");
    }
    assert_eq!(rejects.len(), 7, "{rejects:#?}");
}

#[test]
fn a_sheet_that_goes_on_another_is_read_on_and_merged_cells_are_told() {
    let (project, class) = street();
    let folder = tempfile::tempdir().unwrap();
    let head: &[&str] = &["code", "diameter_mm"];
    let path = book(
        folder.path(),
        &[
            ("Pipes", &[head, &["A", "#110"]]),
            ("Something else", &[&["a", "b"]]),
            ("Pipes (2)", &[head, &["B", "#120"]]),
        ],
    );
    assert_eq!(
        told(&project, &updated(&project, class, &path)),
        ["A diameter_mm 300 -> 110", "B diameter_mm  -> 120"]
    );
    let of_one = UpdateOptions {
        sheet: Some("Pipes (2)".to_owned()),
        ..UpdateOptions::default()
    };
    let found = update(&project, class, &path, &of_one, &NoProgress).unwrap();
    assert_eq!(told(&project, &found), ["B diameter_mm  -> 120"]);
    let of_none = UpdateOptions {
        sheet: Some("Pumps".to_owned()),
        ..UpdateOptions::default()
    };
    let said = update(&project, class, &path, &of_none, &NoProgress).unwrap_err();
    assert!(said.text(Lang::En).contains("Pipes (2)"), "{said}");

    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (c, title) in ["code", "material"].iter().enumerate() {
        sheet.write(0, c as u16, *title).unwrap();
    }
    for (r, code) in ["A", "E"].iter().enumerate() {
        sheet.write(r as u32 + 1, 0, *code).unwrap();
    }
    sheet.merge_range(1, 1, 2, 1, "PE", &Format::new()).unwrap();
    workbook.save(&path).unwrap();
    let found = updated(&project, class, &path);
    assert_eq!(told(&project, &found), ["A material DI -> PE"]);
    assert!(rejects(&found)[0].contains("merged"), "{:?}", rejects(&found));
}

#[test]
fn empty_cells_clear_only_where_that_is_wanted_and_another_field_can_be_the_key() {
    let (project, class) = street();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dates.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (c, title) in ["install_date", "diameter_mm"].iter().enumerate() {
        sheet.write(0, c as u16, *title).unwrap();
    }
    let day = ExcelDateTime::from_ymd(2004, 5, 31).unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_with_format(1, 0, &day, &format).unwrap();
    sheet.write(1, 1, 350.0).unwrap();
    workbook.save(&path).unwrap();
    let by_day = UpdateOptions {
        key: Some("install_date".to_owned()),
        ..UpdateOptions::default()
    };
    let found = update(&project, class, &path, &by_day, &NoProgress).unwrap();
    assert_eq!(told(&project, &found), ["A diameter_mm 300 -> 350"]);

    let path = book(
        folder.path(),
        &[("t", &[&["code", "diameter_mm", "install_date"], &["A", "", ""]])],
    );
    let found = updated(&project, class, &path);
    assert_eq!((found.matched, found.changes.cells.len()), (1, 0));
    let clears = UpdateOptions {
        clears: true,
        ..UpdateOptions::default()
    };
    let found = update(&project, class, &path, &clears, &NoProgress).unwrap();
    assert_eq!(told(&project, &found), ["A install_date 2004-05-31 -> "]);
    assert!(
        rejects(&found)[0].contains("Diameter"),
        "a required value is not cleared"
    );
}

/// What the program wrote, with some cells of the column of diameters overwritten.
fn exported(project: &Project, class: ClassIndex, folder: &Path, changed: &[(&str, f64)]) -> PathBuf {
    use calamine::{Data, Reader as _};
    let all = rows(project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let fields = ["code", "diameter_mm", "material"].map(str::to_owned);
    let when = NaiveDate::from_ymd_opt(2026, 1, 1)
        .unwrap()
        .and_hms_opt(0, 0, 0)
        .unwrap();
    let bytes = table_workbook(project, class, &all, &fields, Lang::En, when).unwrap();
    let mut read: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let mut workbook = Workbook::new();
    for name in read.sheet_names() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&name).unwrap();
        let range = read.worksheet_range(&name).unwrap();
        for (r, c, data) in range.used_cells() {
            let (r, c) = (r as u32, c as u16);
            let code = range
                .get_value((r, 0))
                .map(ToString::to_string)
                .unwrap_or_default();
            let new = changed.iter().find(|(wanted, _)| c == 1 && *wanted == code);
            let number = match (new, data) {
                (Some((_, number)), _) | (None, Data::Float(number)) => Some(*number),
                _ => None,
            };
            match number {
                Some(number) => sheet.write(r, c, number).unwrap(),
                None => sheet.write(r, c, data.to_string()).unwrap(),
            };
        }
    }
    let path = folder.join("exported.xlsx");
    workbook.save(&path).unwrap();
    path
}

#[test]
fn what_was_changed_here_since_the_export_is_a_conflict_and_never_overwritten_unasked() {
    let (mut project, class) = street();
    let folder = tempfile::tempdir().unwrap();
    let path = exported(&project, class, folder.path(), &[("A", 350.0), ("D", 350.0)]);
    // Meanwhile A becomes 400 and E 250 here; nobody touched E in the workbook.
    let all = rows(&project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let fields = ["diameter_mm".to_owned()];
    for (at, text) in [(0, "400"), (4, "250")] {
        let changes = paste(&project, class, &all[at..=at], &fields, text).unwrap();
        carry_out(&mut project, &changes);
    }
    let found = updated(&project, class, &path);
    assert!(found.has_baseline);
    assert_eq!(told(&project, &found), ["D diameter_mm 300 -> 350"]);
    let [conflict] = &found.conflicts[..] else {
        panic!("{:?}", found.conflicts)
    };
    assert_eq!(conflict.base, Value::Real(300.0));
    assert_eq!(conflict.change.old, Value::Real(400.0));
    assert_eq!(conflict.change.new, Value::Real(350.0));

    let takes = UpdateOptions {
        takes_workbook: true,
        ..UpdateOptions::default()
    };
    let found = update(&project, class, &path, &takes, &NoProgress).unwrap();
    assert_eq!(
        told(&project, &found),
        ["A diameter_mm 400 -> 350", "D diameter_mm 300 -> 350"],
        "E stays as it became here"
    );
    // Back where the workbook was written nothing is in conflict.
    project.undo(STAMP).unwrap();
    project.undo(STAMP).unwrap();
    assert!(updated(&project, class, &path).conflicts.is_empty());
    // A workbook of another project knows no state of this one.
    let (mut other, class) = street();
    let changes = paste(&other, class, &all[..1], &fields, "400").unwrap();
    let later = Stamp {
        at_unix_ms: 2,
        ..STAMP
    };
    let deed = Deed::Requests(vec![changes.request(other.schema())]);
    deed.carry_out(&mut other, None, &mut IdSource::new(7, 7), later, &mut |_, _| {
        Ok(())
    })
    .unwrap();
    let path = exported(&other, class, folder.path(), &[]);
    assert!(!updated(&project, class, &path).has_baseline);
}

#[test]
fn files_that_cannot_be_used_are_refused_with_what_is_wrong() {
    let (project, class) = street();
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        let error = update(&project, class, path, &UpdateOptions::default(), &NoProgress).unwrap_err();
        error.text(Lang::En)
    };
    let path = book(folder.path(), &[("t", &[&["foo", "bar"], &["A", "#100"]])]);
    let said = refused(&path);
    assert!(said.contains("foo, bar"), "{said}");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(refused(&path).contains("update.xlsx"));
    std::fs::write(&path, "code,diameter_mm\nA,100\n").unwrap();
    assert!(refused(&path).contains("update.xlsx"));
    assert!(refused(&folder.path().join("none.xlsx")).contains("none.xlsx"));
}
