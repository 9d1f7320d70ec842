//! Forms become requests, whatever their inputs, and every word of them exists.

use gis_core::edit::ops::Request;
use gis_core::text::translate;
use gis_core::{FeatureId, IdSource, Lang};
use serde_json::{Map, json};

use super::{Draft, FORMS, Kind};

fn filled(draft: &mut Draft, ids: &mut IdSource) {
    for (i, input) in draft.form.inputs.iter().enumerate() {
        let cell = &mut draft.cells[i];
        let mut some = |count: usize| -> Vec<FeatureId> { (0..count).map(|_| ids.next_id()).collect() };
        match input.kind {
            Kind::Node | Kind::Pipe | Kind::NodeOrPipe => cell.features = some(1),
            Kind::PlaceOnPipe | Kind::Vertex => {
                cell.features = some(1);
                cell.places = vec![[3.0, 4.0]];
                cell.vertex = 2;
            }
            Kind::Pipes | Kind::Features => cell.features = some(3),
            Kind::Place => cell.places = vec![[1.0, 2.0]],
            Kind::Line | Kind::Vector | Kind::Box => cell.places = vec![[10.0, 2.0], [5.0, 6.0]],
            Kind::Places => cell.places = vec![[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]],
            Kind::Number(..) => cell.text = "12.5".to_owned(),
            Kind::Numbers(_) => cell.text = "1, 2.5,3".to_owned(),
            Kind::Count => cell.text = "3".to_owned(),
            Kind::Class(_) | Kind::Text | Kind::Part | Kind::File | Kind::Source => {
                cell.text = "valve".to_owned();
            }
            Kind::Choice(_) | Kind::Flag => {}
            Kind::Values | Kind::Differences => {
                cell.rows = vec![("material".to_owned(), "DI".to_owned()), Default::default()];
            }
        }
    }
}

#[test]
fn every_form_asks_for_what_is_missing_and_becomes_a_request() {
    let mut ids = IdSource::new(1, 1);
    for form in FORMS {
        let mut draft = Draft::new(form, "valve");
        assert!(
            draft.missing().is_some() || form.key == "crossings_everywhere",
            "{} asks for nothing",
            form.key
        );
        filled(&mut draft, &mut ids);
        assert_eq!(draft.missing(), None, "{}", form.key);
        let template = Map::from_iter([("material".to_owned(), json!("DI"))]);
        let request = draft.request(&template);
        let request = request.unwrap_or_else(|error| panic!("{}: {error}", form.key));
        let text = request.to_json().expect("as JSON");
        assert!(Request::from_json(&text).is_ok());
        draft.again();
        assert!(
            draft
                .cells
                .iter()
                .all(|cell| cell.features.is_empty() && cell.places.is_empty())
        );
    }
}

#[test]
fn what_is_filled_in_stands_where_the_request_wants_it() {
    let form = |key: &str| super::Form::named(key).expect("a form");
    let mut ids = IdSource::new(1, 1);
    let as_json = |draft: &Draft| {
        let request = draft.request(&Map::new()).expect("a request");
        serde_json::from_str::<serde_json::Value>(&request.to_json().expect("as JSON")).expect("JSON")
    };
    let mut draft = Draft::new(form("move_many"), "valve");
    filled(&mut draft, &mut ids);
    assert_eq!(
        as_json(&draft)["change"],
        json!({ "how": "move", "by": [-5.0, 4.0] })
    );
    let mut draft = Draft::new(form("crossings_in_box"), "valve");
    filled(&mut draft, &mut ids);
    assert_eq!(as_json(&draft)["in"], json!({ "box": [5.0, 2.0, 10.0, 6.0] }));
    let mut draft = Draft::new(form("tie_two_points"), "valve");
    filled(&mut draft, &mut ids);
    let tie = &as_json(&draft)["tie"];
    assert_eq!(tie["points"], json!([[1.0, 2.0], [1.0, 2.0]]));
    assert_eq!(tie["distances_m"], json!([12.5, 12.5]));
    draft.cells[1].text = "twelve".to_owned();
    let error = draft.request(&Map::new()).expect_err("no number");
    assert!(error.text(Lang::En).contains("twelve"), "{error}");
}

#[test]
fn every_word_of_the_forms_exists_in_both_languages() {
    let has_words = |key: String| {
        for lang in Lang::ALL {
            assert_ne!(translate(&key, lang), key);
        }
    };
    for form in FORMS {
        has_words(format!("operations.form.{}", form.key));
        has_words(format!("operations.about.{}", form.key));
        let family: &'static str = form.family.into();
        has_words(format!("operations.family.{family}"));
        for input in form.inputs {
            has_words(format!("operations.input.{}", input.name));
            if let Kind::Choice(choices) = input.kind {
                for choice in choices {
                    has_words(format!("operations.choice.{choice}"));
                }
            }
        }
    }
}
