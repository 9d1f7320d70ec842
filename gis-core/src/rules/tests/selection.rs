//! A check of a few features says what the check of everything says of them.

use std::collections::BTreeSet;

use super::town::{CLERK, ORIGIN, Town, shift};
use crate::rules::{Finding, Selection};
use crate::{FeatureId, IdSource};

fn named(findings: &[Finding]) -> BTreeSet<String> {
    findings
        .iter()
        .map(|f| format!("{} {}", f.id(), f.issue.message))
        .collect()
}

/// Random operations, many of which leave something broken.
fn shaken(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let mut random = IdSource::new(11, seed);
    let mut next = |below: usize| (random.next_id().0.as_u128() as u32 as usize) % below;
    for step in 0..25 {
        let at = shift(ORIGIN, [next(2000) as f64 / 10.0, next(2000) as f64 / 10.0]);
        let corner = town.some_corner();
        let class = ["junction", "valve", "hydrant", "customer", "tee"][next(5)];
        let request = match next(5) {
            0 => format!(
                r#"{{"op":"move_node","node":"N{corner}","to":[{},{}]}}"#,
                at[0], at[1]
            ),
            1 => format!(r#"{{"op":"set","features":["N{corner}"],"values":{{"state":"planned"}}}}"#),
            2 => format!(r#"{{"op":"change_class","node":"N{corner}","class":"cross"}}"#),
            _ => {
                let end = town.point(class, &format!("R{step}"), at, &[]);
                if next(2) == 0 {
                    town.branch(&format!("B{step}"), &[at, shift(at, [17.0, 9.0])], Some(end));
                }
                continue;
            }
        };
        let planned = crate::edit::ops::Request::from_json(&request).unwrap();
        if let Ok(transaction) = planned.plan(&town.project, &mut town.ids) {
            town.project.commit(&transaction, CLERK).unwrap();
        }
    }
    town
}

#[test]
fn what_is_found_around_a_feature_is_what_is_found_of_it_in_everything() {
    for seed in 1..5 {
        let town = shaken(seed);
        let all = town.check();
        assert!(all.len() > 5, "seed {seed}: only {} findings", all.len());
        for id in town.everyone() {
            let found = town.check_only(&Selection::Features(vec![id]));
            let about = |findings: &[Finding]| -> Vec<Finding> {
                let of: Vec<&Finding> = findings.iter().filter(|f| f.features.contains(&id)).collect();
                of.into_iter().cloned().collect()
            };
            assert_eq!(named(&about(&found)), named(&about(&all)), "seed {seed}");
            assert!(named(&found).is_subset(&named(&all)), "seed {seed}");
        }
    }
}

#[test]
fn all_features_together_are_everything_and_a_box_is_what_lies_in_it() {
    let town = shaken(2);
    let all = named(&town.check());
    let everyone: Vec<FeatureId> = town.everyone();
    assert_eq!(named(&town.check_only(&Selection::Features(everyone))), all);
    let far = shift(ORIGIN, [900.0, 900.0]);
    let whole = [far[0] - 2000.0, far[1] - 2000.0, far[0], far[1]];
    assert_eq!(named(&town.check_only(&Selection::Box(whole))), all);
    let empty = [far[0], far[1], far[0] + 10.0, far[1] + 10.0];
    assert!(town.check_only(&Selection::Box(empty)).is_empty());
}
