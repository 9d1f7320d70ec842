//! Attributes from a workbook.

use std::path::Path;

use rust_xlsxwriter::Workbook;

use super::{CLERK, Town, dump};
use crate::Message;

fn workbook(path: &Path, rows: &[&[&str]]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write(r as u32, c as u16, number).unwrap(),
                Err(_) if cell.is_empty() => continue,
                Err(_) => sheet.write(r as u32, c as u16, *cell).unwrap(),
            };
        }
    }
    book.save(path).unwrap();
}

#[test]
fn a_workbook_changes_the_cells_that_differ_and_no_others() {
    let mut town = Town::new();
    let before = dump(&town.project);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipes.xlsx");
    workbook(
        &file,
        &[
            &["管段编号", "管径", "材质", "安装日期"],
            &["AB", "300", "球墨铸铁", "2019-05-01"],
            &["BC", "250", "", ""],
        ],
    );
    let request = serde_json::json!({ "op": "set_table", "file": file }).to_string();
    let effects = town.act(&request);
    assert_eq!(effects.changed.len(), 2);
    assert_eq!(
        (town.real("AB", "diameter_mm"), town.real("BC", "diameter_mm")),
        (300.0, 250.0)
    );
    let entry = town.project.history().unwrap().position;
    let edits = town.project.journaled(entry).unwrap();
    let cells: usize = edits
        .edits
        .iter()
        .map(|edit| match edit {
            crate::edit::Edit::Update(update) => update.cells.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(cells, 3, "material and date of AB, diameter of BC");
    assert!(
        town.plan(&request).unwrap().edits.is_empty(),
        "a second time nothing differs"
    );
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
}

#[test]
fn rows_that_cannot_be_used_are_told_by_number() {
    let mut town = Town::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipes.xlsx");
    workbook(
        &file,
        &[
            &["编号", "管径", "颜色"],
            &["AB", "250", ""],
            &["XX", "100", ""],
            &["BC", "wide", ""],
            &["BC", "200", "red"],
            &["AB", "200", ""],
        ],
    );
    let request = |bad_rows: &str| {
        serde_json::json!({ "op": "set_table", "file": file, "bad_rows": bad_rows }).to_string()
    };
    assert_eq!(town.refusal(&request("refuse")), "edit.table.bad_rows");
    let notes = town.notes(&request("skip"));
    let keys: Vec<&str> = notes.iter().map(Message::key).collect();
    assert_eq!(
        keys,
        [
            "edit.table.unknown",
            "edit.table.unfit",
            "edit.table.unfit",
            "edit.table.twice"
        ]
    );
    assert!(notes[1].text(crate::Lang::En).contains("Row 4"), "{notes:?}");
    town.act(&request("skip"));
    assert_eq!(town.real("AB", "diameter_mm"), 250.0);
    workbook(&file, &[&["管径"], &["100"]]);
    assert_eq!(town.refusal(&request("skip")), "edit.table.no_code");
}
