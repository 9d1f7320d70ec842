use super::*;
use crate::edit::{Edit, Transaction};
use crate::model::{Geometry, Links, Value};
use crate::project::{NewProject, Stamp};
use crate::schema::Schema;
use crate::text::Message;
use crate::{IdSource, NoProgress};

const STAMP: Stamp<'_> = Stamp {
    who: "tester",
    at_unix_ms: 1_800_000_000_000,
};

struct City {
    project: Project,
    ids: IdSource,
}

impl City {
    fn new() -> Self {
        let schema = Schema::builtin().unwrap();
        let crs = parse("EPSG:4538").unwrap();
        let new = NewProject {
            name: "city",
            crs: &crs,
            schema: &schema,
            created_unix_ms: 0,
        };
        Self {
            project: Project::temporary(&new).unwrap(),
            ids: IdSource::new(1, 1),
        }
    }

    fn feature(&mut self, class: &str, at: [f64; 2], values: &[(&str, &str)]) -> Feature {
        let schema = self.project.schema();
        let index = schema.class_index(class).unwrap();
        let class = schema.class(index);
        let mut cells = vec![Value::Null; class.fields.len()];
        for (key, text) in values {
            cells[class.field_index(key).unwrap()] = Value::Text((*text).to_owned());
        }
        Feature {
            id: self.ids.next_id(),
            class: index,
            geometry: Some(Geometry::Point([at[0], at[1], f64::NAN])),
            values: cells,
            links: Links::default(),
        }
    }

    fn add(&mut self, class: &str, at: [f64; 2], values: &[(&str, &str)]) -> Feature {
        let feature = self.feature(class, at, values);
        self.commit(Edit::Insert(feature.clone()));
        feature
    }

    fn commit(&mut self, edit: Edit) {
        let mut transaction = Transaction::new(Message::new("edit.name.add_node"));
        transaction.edits.push(edit);
        self.project.commit(&transaction, STAMP).unwrap();
    }

    fn titles(&self, text: &str) -> Vec<String> {
        let hits = locate(&self.project, &[], text, Lang::ZhCn, 20).unwrap();
        hits.into_iter().map(|hit| hit.title).collect()
    }
}

fn city() -> City {
    let mut city = City::new();
    let at = |i: usize| [548_000.0 + 10.0 * i as f64, 4_851_000.0];
    for (i, (name, address, road)) in [
        ("", "友好北路 12 号", "友好北路"),
        ("", "友好北路 120 号", "友好北路"),
        ("", "友好南路12号", "友好南路"),
        ("市第一人民医院", "健康路 1 号", "健康路"),
        ("", "新友好北路12号院", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let code = format!("YH-{i:04}");
        let values = [
            ("code", code.as_str()),
            ("name", name),
            ("address", address),
            ("road", road),
        ];
        let values: Vec<_> = values.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        city.add("customer", at(i), &values);
    }
    city.project.index_places(&NoProgress).unwrap();
    city
}

#[test]
fn an_address_is_found_however_it_is_spaced_and_the_nearest_in_wording_comes_first() {
    let city = city();
    for text in [
        "友好北路12号",
        "友好北路 12 号",
        "友好北路１２号",
        "友好北路，12 号",
    ] {
        assert_eq!(
            city.titles(text),
            ["友好北路 12 号", "新友好北路12号院"],
            "{text}"
        );
    }
    // The beginning of a number is enough while one types.
    assert_eq!(city.titles("友好北路 1").len(), 3);
    assert_eq!(city.titles("北路 友好 120"), ["友好北路 120 号"], "in any order");
    assert_eq!(city.titles("医院"), ["市第一人民医院  健康路 1 号"]);
    assert!(city.titles("西环路").is_empty());
    assert!(
        city.titles("\" OR *").is_empty(),
        "signs of the query language mean nothing"
    );
}

#[test]
fn a_road_is_one_hit_and_comes_before_what_lies_in_it() {
    let city = city();
    let hits = locate(&city.project, &[], "友好北路", Lang::ZhCn, 20).unwrap();
    assert_eq!(hits[0].found, Found::Road("友好北路".to_owned()));
    assert_eq!(
        hits.iter()
            .filter(|hit| matches!(hit.found, Found::Road(_)))
            .count(),
        1
    );
    assert_eq!(hits.len(), 4, "{hits:?}");
}

#[test]
fn codes_are_found_whole_before_those_that_begin_so() {
    let city = city();
    let found = locate(&city.project, &[], "yh-0001", Lang::En, 20).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].detail.ends_with("YH-0001"), "{found:?}");
    assert_eq!(city.titles("YH-").len(), 5);
}

#[test]
fn the_index_follows_edits_undo_and_other_programs() {
    let mut city = city();
    let new = city.add(
        "customer",
        [548_100.0, 4_851_000.0],
        &[("address", "西环路 7 号"), ("road", "西环路")],
    );
    assert_eq!(city.titles("西环路7号"), ["西环路 7 号"]);
    assert_eq!(city.titles("西环路"), ["西环路", "西环路 7 号"]);
    city.commit(Edit::Delete(new));
    assert!(city.titles("西环路7号").is_empty());
    city.project.undo(STAMP).unwrap();
    assert_eq!(city.titles("西环路7号"), ["西环路 7 号"]);
    city.project.execute(
        "UPDATE customer SET address = '东环路 9 号' WHERE address = '西环路 7 号'",
        [],
    );
    city.project.take_in_outside().unwrap();
    assert!(city.project.has_places().unwrap(), "still in step");
    assert!(city.titles("西环路7号").is_empty());
    assert_eq!(city.titles("东环路9号"), ["东环路 9 号"]);
}

#[test]
fn an_index_made_at_once_finds_the_same_as_one_that_followed() {
    let mut followed = City::new();
    followed.project.index_places(&NoProgress).unwrap();
    let whole = city();
    for i in 0..5 {
        let hits = locate(&whole.project, &[], &format!("YH-{i:04}"), Lang::ZhCn, 1).unwrap();
        let Found::Feature(class, id) = hits[0].found else {
            panic!("no feature")
        };
        let feature = whole.project.record(class, id).unwrap().unwrap();
        followed.commit(Edit::Insert(feature));
    }
    for text in ["友好北路", "12", "健康路 1", "医院"] {
        assert_eq!(followed.titles(text), whole.titles(text), "{text}");
    }
}

#[test]
fn an_index_that_a_change_passed_by_is_made_anew() {
    let mut city = city();
    city.project
        .execute("UPDATE karez_meta SET value = '999' WHERE key = 'revision'", []);
    assert!(!city.project.has_places().unwrap());
    assert!(
        city.titles("友好北路12号").is_empty(),
        "nothing is better than what was"
    );
    city.project.index_places(&NoProgress).unwrap();
    assert_eq!(city.titles("友好北路12号").len(), 2);
    city.add(
        "customer",
        [548_100.0, 4_851_000.0],
        &[("address", "西环路 7 号")],
    );
    assert_eq!(city.titles("西环路7号").len(), 1, "and followed again");
}

#[test]
fn a_damaged_index_hinders_no_edit_and_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.gpkg");
    let mut city = city();
    let new = city.add(
        "customer",
        [548_100.0, 4_851_000.0],
        &[("address", "西环路 7 号"), ("road", "友好北路")],
    );
    city.project.backup_to(&path).unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("UPDATE karez_place_words_data SET block = x'00' WHERE id = 1", [])
        .unwrap();
    city.project = Project::open(&path).unwrap();
    city.commit(Edit::Delete(new));
    assert!(!city.project.has_places().unwrap(), "it counts as out of step");
    city.project.undo(STAMP).unwrap();
    city.project.index_places(&NoProgress).unwrap();
    assert_eq!(city.titles("西环路7号"), ["西环路 7 号"]);
}

#[test]
fn a_file_that_cannot_be_written_is_indexed_beside_itself() {
    let city = city();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.gpkg");
    city.project.backup_to(&path).unwrap();
    let writable = Project::open(&path).unwrap();
    writable.execute("UPDATE karez_place_state SET revision = 'old'", []);
    drop(writable);
    let before = std::fs::read(&path).unwrap();
    let project = Project::open_read_only(&path).unwrap();
    project.index_places(&NoProgress).unwrap();
    let hits = locate(&project, &[], "友好北路12号", Lang::ZhCn, 20).unwrap();
    assert_eq!(hits.len(), 2);
    drop(project);
    assert_eq!(std::fs::read(&path).unwrap(), before, "the file is as it was");
}

#[test]
fn coordinates_sheets_and_bookmarks_are_found() {
    let city = city();
    let place = |text: &str| -> Option<[f64; 2]> {
        let hits = locate(&city.project, &[], text, Lang::ZhCn, 5).unwrap();
        hits.iter().find_map(|hit| match hit.found {
            Found::Place(p) => Some(p),
            _ => None,
        })
    };
    assert_eq!(place("548000, 4851000"), Some([548_000.0, 4_851_000.0]));
    assert_eq!(
        place("4851000 548000"),
        Some([548_000.0, 4_851_000.0]),
        "northing first"
    );
    assert_eq!(place("1, 2"), None, "nowhere near");
    // The place of the first customer, in degrees by another way.
    let mut degrees = [[548_000.0, 4_851_000.0]];
    Transform::new(&parse("EPSG:4538").unwrap(), &parse("EPSG:4490").unwrap())
        .unwrap()
        .points(&mut degrees)
        .unwrap();
    let [lon, lat] = degrees[0];
    let found = place(&format!("北纬{lat:.9}° 东经{lon:.9}°")).unwrap();
    assert!(
        (found[0] - 548_000.0).abs() < 0.01 && (found[1] - 4_851_000.0).abs() < 0.01,
        "{found:?}"
    );

    let sheet = SheetScheme::Square
        .sheet_at(500, [548_010.0, 4_851_000.0])
        .unwrap();
    let hits = locate(&city.project, &[], &sheet.number, Lang::ZhCn, 5).unwrap();
    assert!(
        hits.iter().any(|hit| hit.found == Found::Sheet(sheet.bounds)),
        "{hits:?}"
    );

    let bookmarks = [Bookmark {
        name: "水厂 东门".to_owned(),
        scale_denominator: 500.0,
        ..Bookmark::default()
    }];
    let hits = locate(&city.project, &bookmarks, "水厂东", Lang::ZhCn, 5).unwrap();
    assert_eq!(hits[0].found, Found::Bookmark(0));
}
