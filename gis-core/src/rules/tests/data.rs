//! The rules as a file: what is wrong in one is told with its line, and a project's own stand over those of the program.

use super::town::{Town, place, shift};
use crate::rules::{Repair, Rule, RuleSet};
use crate::schema::Schema;
use crate::text::translate;
use crate::{Lang, Severity};

fn refusal(text: &str) -> String {
    let schema = Schema::builtin().unwrap();
    let refused = RuleSet::builtin().unwrap().with("own.toml", text, &schema);
    refused.unwrap_err().text(Lang::En)
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_file_and_line() {
    for (text, expected) in [
        (
            "\n[[rule]]\nkey = \"dangling\"\n",
            "own.toml:3: dangling is not known",
        ),
        (
            "[[rule]]\nkey = \"crossing\"\nseverity = \"grave\"\n",
            "own.toml:3: grave is not known here; expected is one of error, warning, info, off",
        ),
        (
            "[[rule]]\nkey = \"near_nodes\"\nparameters = { reach = 1 }\n",
            "own.toml:3: reach is not known here; expected is one of reach_m",
        ),
        (
            "[[rule]]\nkey = \"near_nodes\"\nparameters = { reach_m = -1 }\n",
            "own.toml:3: reach_m is -1; it must be from 0 to 10",
        ),
        (
            "[[fitting]]\nclass = \"elbo\"\nleast = 2\nmost = 2\n",
            "has no elbo",
        ),
        (
            "[[fitting]]\nclass = \"elbow\"\nleast = 3\nmost = 2\n",
            "from 3 down to 2",
        ),
        ("[[water]]\nkinds = [\"rain\"]\n", "has no rain"),
        (
            "[[size]]\nmaterial = \"wood\"\nleast_mm = 1\nmost_mm = 2\n",
            "has no wood",
        ),
        (
            "[[range]]\nfield = \"colour\"\nleast = 1\nmost = 2\n",
            "has no colour",
        ),
        ("[area]\nbox = [0, 0, 10, -1]\n", "y runs from 0 down to -1"),
        ("[[rule]\n", "own.toml:1:"),
    ] {
        let told = refusal(text);
        assert!(told.contains(expected), "{told}");
        assert!(told.starts_with("own.toml:"), "{told}");
    }
}

#[test]
fn a_project_keeps_rules_of_its_own_over_those_of_the_program() {
    let mut town = Town::new(1);
    town.point("junction", "Y", shift(place(7), [20.0, 20.0]), &[]);
    let found = town.check();
    assert_eq!(
        (found[0].rule, found[0].issue.severity),
        (Rule::OrphanNode, Severity::Warning)
    );
    let own = "[[rule]]\nkey = \"orphan_node\"\nseverity = \"error\"\n";
    town.project.keep_rules("own.toml", own).unwrap();
    assert_eq!(town.check()[0].issue.severity, Severity::Error);
    assert!(
        town.project
            .keep_rules("own.toml", "[[rule]]\nkey = \"x\"\n")
            .is_err()
    );
    assert_eq!(
        town.check()[0].issue.severity,
        Severity::Error,
        "those it had stay"
    );
    town.project
        .keep_rules(
            "own.toml",
            "[[rule]]\nkey = \"orphan_node\"\nseverity = \"off\"\n",
        )
        .unwrap();
    assert!(town.check().is_empty());
    town.project.keep_rules("own.toml", "").unwrap();
    assert_eq!(town.check()[0].issue.severity, Severity::Warning);
    let area = format!("[area]\nbox = [{0}, {1}, {0}, {1}]\n", place(0)[0], place(0)[1]);
    town.project.keep_rules("own.toml", &area).unwrap();
    let outside = town
        .check()
        .iter()
        .filter(|f| f.rule == Rule::OutsideArea)
        .count();
    assert_eq!(outside, 26, "all but the corner itself");
}

#[test]
fn every_rule_and_every_repair_has_words_in_both_languages() {
    let has_words = |key: &str| {
        for lang in Lang::ALL {
            assert_ne!(translate(key, lang), key);
        }
    };
    for rule in Rule::ALL {
        has_words(&format!("rules.name.{}", rule.key()));
        has_words(&format!("rules.said.{}", rule.key()));
        assert_eq!(Rule::from_key(rule.key()), Some(*rule));
    }
    let town = super::mended::all_planted();
    let mut count = 0;
    for finding in &town {
        let repairs = finding.repairs.iter().map(|Repair { label, .. }| label);
        for message in repairs.chain([&finding.issue.message]) {
            has_words(message.key());
            for lang in Lang::ALL {
                let said = message.text(lang);
                assert!(!said.contains("%{"), "{said}");
            }
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}
