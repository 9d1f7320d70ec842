//! Full disks, thousands of features at once, places that are none: a clear answer, and the project as it was.

use super::{CLERK, Town, dump};
use crate::edit::ops::{Deed, Request};
use crate::project::{NewProject, Project};
use crate::schema::Schema;
use crate::{IdSource, Lang};

#[test]
fn an_edit_on_a_full_disk_is_told_and_leaves_the_project_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::builtin().unwrap();
    let crs = crate::io::crs::parse("EPSG:4545").unwrap();
    let new = NewProject {
        name: "full",
        crs: &crs,
        schema: &schema,
        created_unix_ms: CLERK.at_unix_ms,
    };
    let mut town = Town {
        project: Project::create(folder.path().join("full.gpkg"), &new).unwrap(),
        ids: IdSource::new(CLERK.at_unix_ms, 3),
    };
    town.act(r#"{"op":"add_node","class":"junction","at":[1,1],"values":{"code":"A"}}"#);
    let before = dump(&town.project);
    let pages: i64 = town.project.pragma("page_count");
    town.project.set_pragma("max_page_count", pages + 4);
    let remark = "很长的一段说明".repeat(40_000);
    let deed = |text: &str| {
        let request = serde_json::json!({ "op": "set", "features": ["A"], "values": { "address": text } });
        Deed::Requests(vec![Request::from_json(&request.to_string()).unwrap()])
    };
    let error = deed(&remark)
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap_err();
    assert_eq!(error.message().key(), "project.error.disk_full");
    assert!(
        error.message().text(Lang::ZhCn).contains("空间"),
        "{}",
        error.message().text(Lang::ZhCn)
    );
    assert_eq!(dump(&town.project), before);
    town.project.set_pragma("max_page_count", 1_000_000);
    deed(&remark)
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap();
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
}

#[test]
fn thousands_of_chosen_features_are_one_change_with_a_readable_name() {
    const COUNT: usize = 3_000;
    let mut town = Town::new();
    let requests: Vec<Request> = (0..COUNT)
        .map(|i| {
            let (x, y) = (200 + i % 60 * 5, i / 60 * 5);
            let text =
                format!(r#"{{"op":"add_node","class":"hydrant","at":[{x},{y}],"values":{{"code":"H{i}"}}}}"#);
            Request::from_json(&text).unwrap()
        })
        .collect();
    Deed::Requests(requests)
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap();
    let before = dump(&town.project);
    let names: Vec<String> = (0..COUNT).map(|i| format!("H{i}")).collect();
    for request in [
        serde_json::json!({ "op": "set", "features": names, "values": { "state": "planned" } }),
        serde_json::json!({ "op": "transform", "features": names, "change": { "how": "move", "by": [1000, 0] } }),
        serde_json::json!({ "op": "copy", "features": names, "by": [2000, 0] }),
        serde_json::json!({ "op": "delete", "features": names }),
    ] {
        let effects = town.act(&request.to_string());
        assert_eq!(effects.changed.len(), COUNT, "{}", request["op"]);
        let history = town.project.history().unwrap();
        let name = history.entries.last().unwrap().name.text(Lang::En);
        assert!(name.len() < 200, "{name}");
        town.project.undo(CLERK).unwrap();
        assert_eq!(dump(&town.project), before, "{}", request["op"]);
    }
}

#[test]
fn places_outside_the_system_are_refused() {
    let mut town = Town::new();
    for at in ["[1e10,0]", "[0,-1e300]"] {
        let request = format!(r#"{{"op":"add_node","class":"junction","at":{at}}}"#);
        assert_eq!(town.refusal(&request), "edit.error.bad_place", "{at}");
    }
    let schema = Schema::builtin().unwrap();
    let crs = crate::io::crs::parse("EPSG:4490").unwrap();
    let new = NewProject {
        name: "degrees",
        crs: &crs,
        schema: &schema,
        created_unix_ms: CLERK.at_unix_ms,
    };
    let mut degrees = Town {
        project: Project::temporary(&new).unwrap(),
        ids: IdSource::new(CLERK.at_unix_ms, 3),
    };
    degrees.act(r#"{"op":"add_node","class":"junction","at":[87.6,43.8]}"#);
    // Latitude and longitude the wrong way round, and metres.
    for at in ["[43.8,97.6]", "[463000,4870000]"] {
        let request = format!(r#"{{"op":"add_node","class":"junction","at":{at}}}"#);
        assert_eq!(degrees.refusal(&request), "edit.error.bad_place", "{at}");
    }
}
