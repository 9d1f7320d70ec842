//! Dictionary sets go out and come in without loss, and a bad file says where it is bad.

use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{Format, Workbook};

use super::DictionarySet;
use crate::report::dictionaries_workbook;
use crate::schema::{EntrySetting, Label, Schema, SchemaChange};
use crate::text::Lang;

fn day() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2025, 6, 1)
        .unwrap()
        .and_hms_opt(8, 0, 0)
        .unwrap()
}

/// With everything a file can say.
fn changed() -> Schema {
    let changes = r#"[
      {"do":"add_dictionary","dictionary":"lining","label":{"zh":"衬里","en":"Lining"}},
      {"do":"add_entry","dictionary":"lining","entry":{"code":"EP","label":{"zh":"环氧","en":"Epoxy"},"aliases":["环氧树脂","a, b"],"behaviour":{}}},
      {"do":"add_entry","dictionary":"valve_kind","before":"ball","entry":{"code":"knife","label":{"zh":"刀闸阀","en":"Knife gate"},"aliases":[],"behaviour":{"shuttable":false}}},
      {"do":"set_entry","dictionary":"material","code":"DI","setting":{"label":{"zh":"球墨铸铁管材","en":"Nodular \"iron\""}}},
      {"do":"merge_entry","dictionary":"material","code":"PL","into":"PVC"},
      {"do":"merge_entry","dictionary":"material","code":"PVC","into":"PE"},
      {"do":"retire_entry","dictionary":"material","code":"BR"},
      {"do":"move_entry","dictionary":"material","code":"OTHER","before":"DI"},
      {"do":"add_field","class":"pipe","field":{"id":0,"key":"lining","label":{"zh":"衬里","en":"Lining"},"field_type":{"type":"code","dictionary":"lining"},"required":false,"default":"EP","sensitive":false,"aliases":["内衬"]}},
      {"do":"set_field","class":"pipe","field":"diameter_mm","setting":{"domain":{"minimum":0.1,"maximum":2400.5}}},
      {"do":"set_field","class":"pipe","field":"remark","setting":{"required":true}},
      {"do":"move_field","class":"pipe","field":"lining","before":"material"},
      {"do":"retire_field","class":"pipe","field":"loss_coefficient"}
    ]"#;
    let changes: Vec<SchemaChange> = serde_json::from_str(changes).unwrap();
    Schema::builtin().unwrap().changed(&changes).unwrap().0
}

/// The same but for what ids of fields and the way of merges are, which files do not tell.
fn told(schema: &Schema) -> String {
    schema.to_toml()
}

#[test]
fn a_set_that_goes_out_and_in_again_changes_nothing_and_makes_another_project_the_same() {
    let schema = changed();
    let mut files = vec![schema.to_toml().into_bytes()];
    files.extend(Lang::ALL.map(|lang| dictionaries_workbook(&schema, lang, day()).unwrap()));
    for file in files {
        let set = DictionarySet::read("set", &file).unwrap();
        let (changes, conflicts) = set.changes(&schema).unwrap();
        assert_eq!((changes, conflicts), (Vec::new(), Vec::new()));
        let builtin = Schema::builtin().unwrap();
        let (changes, conflicts) = set.changes(&builtin).unwrap();
        assert_eq!(conflicts, Vec::new());
        let (other, _) = builtin.changed(&changes).unwrap();
        let (left, _) = set.changes(&other).unwrap();
        assert_eq!(left, Vec::new());
        let direct = "replaced_by = \"PVC\"";
        let through = "replaced_by = \"PE\"";
        assert_eq!(told(&other), told(&schema).replace(direct, through));
    }
}

#[test]
fn the_dictionaries_of_the_program_can_be_taken_in_as_they_are() {
    let file = include_bytes!("../../../../assets/schema/dictionaries.toml");
    let set = DictionarySet::read("dictionaries.toml", file).unwrap();
    let (changes, _) = set.changes(&Schema::builtin().unwrap()).unwrap();
    assert_eq!(changes, Vec::new());
    let (changes, _) = set.changes(&changed()).unwrap();
    let renamed = SchemaChange::SetEntry {
        dictionary: "material".to_owned(),
        code: "DI".to_owned(),
        setting: EntrySetting::Label(Label {
            zh: "球墨铸铁".to_owned(),
            en: "Ductile iron".to_owned(),
        }),
    };
    assert!(changes.contains(&renamed), "{changes:?}");
    assert!(
        !changes.iter().any(|c| c.dictionary() == Some("lining")),
        "what it does not name stays"
    );
}

fn workbook(sheet: &str, rows: &[&[&str]], merge: bool) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.set_name(sheet).unwrap();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            page.write(r as u32, c as u16, *cell).unwrap();
        }
    }
    if merge {
        page.merge_range(2, 1, 3, 1, "merged", &Format::new()).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_bad_workbook_says_sheet_and_cell() {
    let head: &[&str] = &["代码", "中文名", "State"];
    let fields: &[&str] = &["class", "key", "type", "minimum", "required"];
    for (sheet, rows, merge, said) in [
        (
            "material",
            vec![head, &["A", "甲"], &["B", "乙"]],
            true,
            "material, cell B3: merged",
        ),
        (
            "material",
            vec![head, &["A", "甲"], &["A", "乙"]],
            false,
            "cell A3: `A` is there twice",
        ),
        (
            "material",
            vec![head, &["", "甲"]],
            false,
            "cell A2: nothing there",
        ),
        (
            "material",
            vec![head, &["A", "甲", "gone"]],
            false,
            "cell C2: `gone` is no state",
        ),
        (
            "material",
            vec![&["名称", "中文名"][..], &["A", "甲"]],
            false,
            "no column “Code”",
        ),
        (
            "_fields",
            vec![fields, &["pipe", "x", "number", "few"]],
            false,
            "cell D2: `few` is no number",
        ),
        (
            "_fields",
            vec![fields, &["pipe", "x", "shape"]],
            false,
            "cell C2: `shape` is no type",
        ),
        (
            "_fields",
            vec![fields, &["pipe", "x", "text", "", "perhaps"]],
            false,
            "cell E2: `perhaps` is neither",
        ),
    ] {
        let error = DictionarySet::read("set.xlsx", &workbook(sheet, &rows, merge)).unwrap_err();
        let text = error.text(Lang::En);
        assert!(text.contains(said), "{text}");
    }
    for bytes in [&b"PK\x03\x04 nothing"[..], &[0xff, 0xfe, 0x00]] {
        let text = DictionarySet::read("set.xlsx", bytes).unwrap_err().text(Lang::En);
        assert!(text.contains("set.xlsx"), "{text}");
    }
}

#[test]
fn what_a_workbook_has_no_column_for_stays_and_what_cannot_be_is_told() {
    let head: &[&str] = &["Code", "Chinese"];
    let file = workbook(
        "material",
        &[head, &["DI", "球铁管"], &["PE", "聚乙烯"], &["NEW", "新材"]],
        false,
    );
    let schema = Schema::builtin().unwrap();
    let (changes, _) = DictionarySet::read("set.xlsx", &file)
        .unwrap()
        .changes(&schema)
        .unwrap();
    let (after, _) = schema.changed(&changes).unwrap();
    let entry = after.dictionary("material").unwrap().entry("DI").unwrap();
    assert_eq!(
        (entry.label.zh.as_str(), entry.label.en.as_str()),
        ("球铁管", "Ductile iron")
    );
    assert!(!entry.aliases.is_empty());
    assert_eq!(changes.len(), 2);
    let fields: &[&str] = &["Class", "Key", "Type"];
    let rows: [&[&str]; 3] = [
        fields,
        &["pipe", "diameter_mm", "text"],
        &["bridge", "span_m", "number"],
    ];
    let file = workbook("_fields", &rows, false);
    let (changes, conflicts) = DictionarySet::read("set.xlsx", &file)
        .unwrap()
        .changes(&schema)
        .unwrap();
    assert_eq!((changes.len(), conflicts.len()), (0, 2));
}
