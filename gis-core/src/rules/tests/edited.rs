//! The check before a commit tells what an edit broke from what was broken before.

use super::town::{Town, place, shift};
use crate::edit::ops::Request;
use crate::rules::{EditCheck, Rule, check_edit};

/// What an operation would break; it is taken back.
fn would_break(town: &mut Town, request: &str) -> EditCheck {
    let before = town.network();
    let rules = town.project.rules().unwrap();
    let mut session = town.project.begin_edit().unwrap();
    let planned = Request::from_json(request)
        .unwrap()
        .plan(session.project(), &mut town.ids);
    let transaction = planned.unwrap();
    session.apply(&transaction).unwrap();
    let effects = session.effects();
    let after = session.project().updated_network(&before, &effects).network;
    check_edit(session.project(), &rules, [&before, &after], &effects, None).unwrap()
}

fn rules(check: &EditCheck) -> Vec<Rule> {
    let mut rules: Vec<Rule> = check.broken.iter().map(|f| f.rule).collect();
    rules.sort_unstable();
    rules
}

#[test]
fn an_edit_that_breaks_nothing_is_clean_beside_old_faults() {
    let mut town = Town::new(1);
    // Old faults at and beside the corner.
    town.point("junction", "Y", shift(place(12), [0.01, 0.0]), &[]);
    town.branch(
        "X",
        &[shift(place(12), [22.0, 0.4]), shift(place(12), [22.0, 20.0])],
        None,
    );
    let to = shift(place(12), [0.0, -2.0]);
    let check = would_break(
        &mut town,
        r#"{"op":"set","features":["P12-13"],"values":{"road":"Main Street"}}"#,
    );
    assert_eq!(rules(&check), []);
    assert!(check.old >= 2, "{}", check.old);
    let moved = format!(r#"{{"op":"move_node","node":"N12","to":[{},{}]}}"#, to[0], to[1]);
    let check = would_break(&mut town, &moved);
    assert_eq!(
        (rules(&check), check.old),
        (vec![], 0),
        "the corner leaves its faults behind"
    );
    let mended: Vec<&str> = check
        .mended
        .iter()
        .map(|id| id.split(':').next().unwrap())
        .collect();
    assert_eq!(mended, ["duplicate_node", "end_near_pipe"]);
}

#[test]
fn what_an_edit_breaks_is_told_by_rule() {
    let mut town = Town::new(1);
    for (request, expected) in [
        (
            r#"{"op":"set","features":["N12"],"values":{"state":"planned"}}"#,
            vec![Rule::EndOutOfService; 4],
        ),
        (
            r#"{"op":"set","features":["P12-13"],"values":{"kind":"raw"}}"#,
            vec![Rule::WatersMeet; 2],
        ),
        (
            r#"{"op":"set","features":["P12-13"],"values":{"code":"P1-2"}}"#,
            vec![Rule::DuplicateCode],
        ),
        (
            r#"{"op":"change_class","node":"N12","class":"tee"}"#,
            vec![Rule::FittingArity],
        ),
        (
            r#"{"op":"delete","features":["PS"]}"#,
            vec![Rule::DeviceOffPipe, Rule::NoSource],
        ),
    ] {
        let mut expected = expected;
        expected.sort_unstable();
        let found = rules(&would_break(&mut town, request));
        assert_eq!(found, expected, "{request}");
    }
}
