use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::edit::ops::Deed;
use crate::expr::{Expr, Scope};
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::project::{NewProject, Project, Stamp};
use crate::schema::Schema;
use crate::{FeatureId, IdSource, Lang, NoProgress};

mod update;

const STAMP: Stamp<'_> = Stamp {
    who: "tester",
    at_unix_ms: 1,
};

/// Pipes by code, diameter, material and day of installation.
fn town(pipes: &[(&str, Option<f64>, &str, Option<&str>)]) -> (Project, ClassIndex) {
    let schema = Schema::builtin().unwrap();
    let crs = crate::io::crs::parse("EPSG:4538").unwrap();
    let new = NewProject {
        name: "town",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    };
    let mut project = Project::temporary(&new).unwrap();
    let class = schema.class_index("pipe").unwrap();
    let mut ids = IdSource::new(1, 1);
    let mut writer = project.begin_bulk().unwrap();
    for (row, (code, mm, material, day)) in pipes.iter().enumerate() {
        let x = row as f64 * 100.0;
        let mut feature = Feature {
            id: ids.next_id(),
            class,
            geometry: Some(Geometry::Line(vec![
                [x, 0.0, f64::NAN],
                [x + 50.0, 0.0, f64::NAN],
            ])),
            links: Links::default(),
            values: vec![Value::Null; schema.class(class).fields.len()],
        };
        let mut set = |key: &str, value: Value| {
            feature.values[schema.class(class).field_index(key).unwrap()] = value;
        };
        set("code", Value::Text((*code).to_owned()));
        set("material", Value::Text((*material).to_owned()));
        set("diameter_mm", mm.map_or(Value::Null, Value::Real));
        set(
            "install_date",
            day.map_or(Value::Null, |d| Value::Date(d.parse().unwrap())),
        );
        writer.insert(&feature).unwrap();
    }
    writer.finish().unwrap();
    (project, class)
}

fn street() -> (Project, ClassIndex) {
    town(&[
        ("A", Some(300.0), "DI", Some("2004-05-31")),
        ("B", None, "PE", Some("2010-01-01")),
        ("C", Some(100.0), "PE", None),
        ("D", Some(300.0), "PE", Some("2010-12-31")),
        ("E", Some(200.0), "DI", Some("2011-01-01")),
    ])
}

fn codes(project: &Project, class: ClassIndex, ids: &[FeatureId]) -> String {
    let records = page(project, class, ids).unwrap();
    let records = records.iter().flatten();
    records.map(|feature| project.code_of(feature).unwrap()).collect()
}

fn shown(project: &Project, wanted: &Wanted) -> String {
    let found = rows(project, wanted, &NoProgress).unwrap();
    codes(project, wanted.class, &found.ids)
}

fn key(field: &str, is_descending: bool) -> SortKey {
    SortKey {
        field: field.to_owned(),
        is_descending,
    }
}

#[test]
fn rows_are_ordered_by_several_columns_with_unknown_values_last_either_way() {
    let (project, class) = street();
    for (sort, order) in [
        (vec![], "ABCDE"),
        (vec![key("diameter_mm", false)], "CEADB"),
        (vec![key("diameter_mm", true)], "ADECB"),
        (vec![key("material", false), key("diameter_mm", true)], "AEDCB"),
        (vec![key("material", true), key("code", true)], "DCBEA"),
        (vec![key("install_date", true)], "EDBAC"),
    ] {
        let wanted = Wanted {
            sort: sort.clone(),
            ..Wanted::of_class(class)
        };
        assert_eq!(shown(&project, &wanted), order, "{sort:?}");
    }
}

#[test]
fn filters_of_columns_hold_together_with_a_condition() {
    let (project, class) = street();
    for (filters, condition, order) in [
        (&[("diameter_mm", ">=200")][..], "", "ADE"),
        (&[("diameter_mm", "300")], "", "AD"),
        (&[("diameter_mm", "100..200")], "", "CE"),
        (&[("diameter_mm", "空")], "", "B"),
        (&[("diameter_mm", "not empty"), ("material", "=PE")], "", "CD"),
        (&[("material", "球墨")], "", "AE"),
        (&[("install_date", "2010")], "", "BD"),
        (&[("install_date", ">2010")], "", "E"),
        (&[("install_date", "<2010")], "", "A"),
        (&[("install_date", "<>2010")], "", "AE"),
        (&[("install_date", "2004-05..2010-01")], "", "AB"),
        (&[("code", "b")], "", "B"),
        (&[("material", "≠PE")], "diameter_mm < 300", "E"),
        (&[], "material = 'PE' or diameter_mm = 200", "BCDE"),
        (&[("material", "DI")], "code = 'A' or code = 'B'", "A"),
    ] {
        let wanted = Wanted {
            filters: filters
                .iter()
                .map(|(k, t)| ((*k).to_owned(), (*t).to_owned()))
                .collect(),
            condition: condition.to_owned(),
            ..Wanted::of_class(class)
        };
        assert_eq!(shown(&project, &wanted), order, "{filters:?} {condition}");
    }
}

#[test]
fn a_filter_that_no_value_can_fit_is_an_error_that_names_the_field() {
    let schema = Schema::builtin().unwrap();
    let class = schema.class(schema.class_index("pipe").unwrap());
    for (field, text) in [
        ("diameter_mm", "DI"),
        ("install_date", "2010-13"),
        ("diameter_mm", ">"),
    ] {
        let field = &class.fields[class.field_index(field).unwrap()];
        let error = column_condition(field, text)
            .unwrap_err()
            .message()
            .text(Lang::En);
        assert!(error.contains(&field.label.en), "{error}");
    }
}

#[test]
fn whatever_is_typed_above_a_column_becomes_an_expression_or_an_error() {
    let schema = Schema::builtin().unwrap();
    let index = schema.class_index("pipe").unwrap();
    let scope = Scope::of_class(&schema, index);
    for field in &schema.class(index).fields {
        for text in [
            "'", "it's", "%", "\"", "=", "=='", "..", "1..", "-5", "1e3", "＞3", "是", "\\",
        ] {
            if let Ok(Some(condition)) = column_condition(field, text) {
                let parsed = Expr::parse(&condition, &scope);
                assert!(parsed.is_ok(), "{}: {text} became {condition}", field.key);
            }
        }
    }
}

#[test]
fn a_selection_comes_first_or_stands_alone_and_a_box_takes_what_it_touches() {
    let (project, class) = street();
    let all = rows(&project, &Wanted::of_class(class), &NoProgress).unwrap();
    let chosen = vec![all.ids[3], all.ids[1]];
    let first = Wanted {
        first: chosen.clone(),
        ..Wanted::of_class(class)
    };
    assert_eq!(shown(&project, &first), "BDACE");
    let alone = Wanted {
        among: Among::These(Arc::new(chosen)),
        sort: vec![key("code", true)],
        ..Wanted::of_class(class)
    };
    assert_eq!(shown(&project, &alone), "DB");
    let within = Wanted {
        among: Among::Within([120.0, -1.0, 320.0, 1.0]),
        ..Wanted::of_class(class)
    };
    assert_eq!(shown(&project, &within), "BCD");
}

#[test]
fn totals_count_only_what_is_known_and_shown() {
    let (project, class) = street();
    let wanted = Wanted {
        totals_of: Some("diameter_mm".to_owned()),
        filters: BTreeMap::from([("material".to_owned(), "PE".to_owned())]),
        ..Wanted::of_class(class)
    };
    let found = rows(&project, &wanted, &NoProgress).unwrap();
    let totals = found.totals.unwrap();
    assert_eq!((found.of, found.ids.len(), totals.count), (5, 3, 2));
    assert_eq!(
        (totals.sum, totals.mean(), totals.least, totals.greatest),
        (400.0, 200.0, 100.0, 300.0)
    );
    let own = Totals::of(&project, class, &found.ids, "diameter_mm").unwrap();
    assert_eq!(own, totals);
    let none = Totals::of(&project, class, &[], "diameter_mm").unwrap();
    assert_eq!((none.count, none.mean()), (0, 0.0));
}

#[test]
fn the_calculator_tells_changes_rejects_and_what_stays_and_is_undone_as_one() {
    let (mut project, class) = street();
    let all = rows(&project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let changes = calculate(
        &project,
        class,
        &all,
        "diameter_mm",
        "if(material = 'PE', diameter_mm * 2, 200)",
        &NoProgress,
    )
    .unwrap();
    let told: Vec<String> = changes
        .cells
        .iter()
        .map(|cell| format!("{} {:?} {:?}", cell.code, cell.old.as_real(), cell.new.as_real()))
        .collect();
    assert_eq!(
        told,
        [
            "A Some(300.0) Some(200.0)",
            "C Some(100.0) Some(200.0)",
            "D Some(300.0) Some(600.0)"
        ]
    );
    assert_eq!((changes.unchanged, changes.rejects.len()), (2, 0));
    let before = project.history().unwrap().entries.len();
    carry_out(
        &mut project,
        &Deed::Requests(vec![changes.request(&Schema::builtin().unwrap())]),
    );
    assert_eq!(project.history().unwrap().entries.len(), before + 1);
    assert_eq!(diameters(&project, class), "200 - 200 600 200");
    carry_out(&mut project, &Deed::Undo);
    assert_eq!(diameters(&project, class), "300 - 100 300 200");

    let negative = calculate(&project, class, &all, "diameter_mm", "-1", &NoProgress).unwrap();
    assert_eq!(
        (negative.cells.len(), negative.rejects.len()),
        (0, 5),
        "outside the limits"
    );
    let unknown = calculate(&project, class, &all, "diameter_mm", "diametr_mm", &NoProgress).unwrap_err();
    assert!(
        unknown.message().text(Lang::En).contains("diameter_mm"),
        "names what is near"
    );
}

fn carry_out(project: &mut Project, deed: &Deed) {
    let mut ids = IdSource::new(2, 2);
    deed.carry_out(project, None, &mut ids, STAMP, &mut |_, _| Ok(()))
        .unwrap();
}

fn diameters(project: &Project, class: ClassIndex) -> String {
    let at = project.schema().class(class).field_index("diameter_mm").unwrap();
    let all = rows(project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let records = page(project, class, &all).unwrap();
    let words = records.iter().flatten().map(|feature| match feature.values[at] {
        Value::Real(mm) => mm.to_string(),
        _ => "-".to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_block_of_the_clipboard_goes_in_by_label_code_unit_and_date_and_tells_what_does_not_fit() {
    let (project, class) = street();
    let all = rows(&project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let fields = ["material", "diameter_mm", "install_date"].map(str::to_owned);
    let text = "球墨铸铁\t300 mm\t2004/5/31\r\nWood\t1,000\t\r\n";
    let changes = paste(&project, class, &all[..3], &fields, text).unwrap();
    let told: Vec<String> = changes
        .cells
        .iter()
        .map(|c| format!("{} {:?}", c.code, c.new))
        .collect();
    assert_eq!(told, ["B Real(1000.0)", "B Null"], "{:?}", changes.rejects);
    assert_eq!(changes.unchanged, 3, "A is so already");
    assert_eq!(changes.rejects[0].code, "B");

    let one = paste(&project, class, &all, &fields[..1], "PE").unwrap();
    assert_eq!(
        (one.cells.len(), one.unchanged),
        (2, 3),
        "one cell is meant for all"
    );
    assert!(
        paste(&project, class, &all[4..], &fields, text).is_err(),
        "two rows do not go into one"
    );

    let down = fill_down(&project, class, &all[..3], &fields[..2]).unwrap();
    assert_eq!((down.cells.len(), down.unchanged), (4, 0));
}

#[test]
fn one_text_is_replaced_by_another_in_a_column() {
    let (project, class) = street();
    let all = rows(&project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let coded = replace(&project, class, &all, "material", ["聚乙烯", "DI"], false).unwrap();
    let material = project.schema().class(class).field_index("material").unwrap();
    let label = project
        .schema()
        .in_words(class, material, &Value::Text("PE".into()), Lang::ZhCn);
    let coded_by_label = replace(&project, class, &all, "material", [label.as_str(), "DI"], false).unwrap();
    assert_eq!(coded_by_label.cells.len(), 3, "{label} {coded:?}");
    let part = replace(&project, class, &all, "code", ["A", "A-1"], false).unwrap();
    assert_eq!(part.cells.len(), 1);
    assert_eq!(part.cells[0].new, Value::Text("A-1".to_owned()));
}

#[test]
fn what_is_copied_has_headings_with_units_and_labels_of_the_language() {
    let (project, class) = street();
    let all = rows(&project, &Wanted::of_class(class), &NoProgress).unwrap().ids;
    let fields = ["code", "diameter_mm", "material"].map(str::to_owned);
    let text = tab_separated(&project, class, &all[..2], &fields, Lang::ZhCn).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].contains("(mm)"), "{text}");
    assert!(lines[1].contains("球墨铸铁"), "{text}");
    assert_eq!(lines[2].split('\t').nth(1), Some(""), "{text}");
}
