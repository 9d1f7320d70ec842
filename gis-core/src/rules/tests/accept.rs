//! What is let stand stays so, with who and why, until it is withdrawn.

use super::town::{CLERK, Town, place, shift};
use crate::rules::part_accepted;

#[test]
fn an_accepted_finding_is_hidden_with_its_reason_until_it_is_withdrawn() {
    let mut town = Town::new(1);
    let at = shift(place(7), [20.0, 20.0]);
    town.point("junction", "Y", at, &[]);
    town.point("junction", "Z", shift(at, [5.0, 0.0]), &[]);
    let found = town.check();
    assert_eq!(found.len(), 2);
    let refused = town.project.accept(&[&found[0]], "  ", CLERK).unwrap_err();
    assert_eq!(refused.message().key(), "rules.accept.no_reason");
    town.project
        .accept(&[&found[0]], "reserved for the school", CLERK)
        .unwrap();
    town.project
        .accept(&[&found[0]], "reserved for the new school", CLERK)
        .unwrap();
    let accepted = town.project.acceptances().unwrap();
    assert_eq!(
        accepted.len(),
        1,
        "the later reason stands in for the earlier one"
    );
    assert_eq!(accepted[0].reason, "reserved for the new school");
    assert_eq!(
        (accepted[0].who.as_str(), accepted[0].at_unix_ms),
        ("clerk", CLERK.at_unix_ms)
    );
    // It is known again although the node moved.
    town.act(&format!(
        r#"{{"op":"move_node","node":"{}","to":[{},{}]}}"#,
        found[0].features[0],
        at[0],
        at[1] + 3.0
    ));
    let (left, hidden) = part_accepted(town.check(), &accepted);
    assert_eq!((left.len(), hidden.len()), (1, 1));
    assert_eq!(left[0].id(), found[1].id());
    town.project.withdraw(&accepted[0].finding).unwrap();
    assert!(town.project.acceptances().unwrap().is_empty());
    let unknown = town.project.withdraw(&accepted[0].finding).unwrap_err();
    assert_eq!(unknown.message().key(), "rules.accept.unknown");
}
