//! A fault of every kind at random places of random towns: found as what it is, and gone after each of its repairs, which
//! bring no error of their own.

use std::collections::BTreeSet;

use super::town::{CLERK, SIDE, Town, place, shift, text};
use crate::model::{Geometry, Links, Value};
use crate::rules::{Finding, Repair, Rule, apply};
use crate::{FeatureId, Severity};

type Plant = fn(&mut Town, usize);

/// The street that runs east from a corner.
fn street(corner: usize) -> String {
    format!("P{corner}-{}", corner + 1)
}

/// A place along that street, and so far to its left.
fn beside(corner: usize, along_m: f64, left_m: f64) -> [f64; 2] {
    shift(place(corner), [along_m, left_m])
}

fn end_node(town: &Town, corner: usize) -> FeatureId {
    town.get(&format!("N{corner}")).id
}

fn set(town: &mut Town, code: &str, values: &str) {
    town.act(&format!(
        r#"{{"op":"set","features":["{code}"],"values":{values}}}"#
    ));
}

fn halved(town: &mut Town, corner: usize) -> [String; 2] {
    let first = street(corner);
    town.act(&format!(r#"{{"op":"split_into","pipe":"{first}","parts":2}}"#));
    [first.clone(), format!("{first}-2")]
}

const PLANTS: &[(Rule, Plant)] = &[
    (Rule::DanglingEnd, |town, c| {
        town.branch("X", &[beside(c, 0.2, 0.25), beside(c, 20.0, 20.0)], None);
    }),
    (Rule::DanglingEnd, |town, c| {
        let at = beside(c, 0.2, 0.25);
        let end = town.point("junction", "Y", at, &[]);
        town.branch("X", &[at, beside(c, 20.0, 20.0)], Some(end));
    }),
    (Rule::DanglingEnd, |town, c| {
        town.branch("X", &[beside(c, 20.0, 20.0), beside(c, 20.0, 10.0)], None);
        town.branch("Y", &[beside(c, 20.2, 20.0), beside(c, 30.0, 20.0)], None);
    }),
    (Rule::EndNearPipe, |town, c| {
        town.branch("X", &[beside(c, 22.0, 0.4), beside(c, 22.0, 20.0)], None);
    }),
    (Rule::EndNearPipe, |town, c| {
        let at = beside(c, 22.0, 0.0);
        let end = town.point("junction", "Y", shift(at, [0.0, 0.3]), &[]);
        town.branch("X", &[shift(at, [0.0, 0.3]), beside(c, 22.0, 20.0)], Some(end));
    }),
    (Rule::UnknownEnd, |town, c| {
        let line = [place(c), beside(c, 20.0, 20.0)].map(|p| [p[0], p[1], f64::NAN]);
        let links = Links {
            from: Some(town.ids.next_id()),
            ..Links::default()
        };
        let id = town.ids.next_id();
        let values = [("code", text("X")), ("state", text("operative"))];
        town.put_as(id, "pipe", Geometry::Line(line.to_vec()), links, &values);
    }),
    (Rule::EndOffNode, |town, c| {
        let line = [beside(c, 3.0, 3.0), beside(c, 20.0, 20.0)].map(|p| [p[0], p[1], f64::NAN]);
        let links = Links {
            from: Some(end_node(town, c)),
            ..Links::default()
        };
        let id = town.ids.next_id();
        let values = [("code", text("X")), ("state", text("operative"))];
        town.put_as(id, "pipe", Geometry::Line(line.to_vec()), links, &values);
    }),
    (Rule::NearNodes, |town, c| {
        let at = beside(c, 0.06, 0.06);
        let end = town.point("junction", "Y", at, &[]);
        town.branch("X", &[at, beside(c, 20.0, 20.0)], Some(end));
    }),
    (Rule::DuplicateNode, |town, c| {
        town.point("junction", "Y", beside(c, 0.01, 0.0), &[]);
    }),
    (Rule::DuplicateNode, |town, c| {
        // Beside a corner that pipes were joined to by name, with a pipe of its own.
        let at = beside(c, 0.02, 0.01);
        let end = town.point("valve", "Y", at, &[]);
        town.branch("X", &[at, beside(c, 20.0, 20.0)], Some(end));
    }),
    (Rule::OrphanNode, |town, c| {
        town.point("junction", "Y", beside(c, 20.0, 20.0), &[]);
    }),
    (Rule::OrphanNode, |town, c| {
        town.point("tee", "Y", beside(c, 20.0, 1.6), &[]);
    }),
    (Rule::OutsideArea, |town, c| {
        let at = beside(c, 20.0, 20.0);
        town.point("junction", "Y", [at[1], at[0]], &[]);
    }),
    (Rule::DuplicatePipe, |town, c| {
        let ends = [Some(end_node(town, c)), Some(end_node(town, c + 1))];
        town.pipe("X", &[place(c), place(c + 1)], ends, &[]);
    }),
    (Rule::DuplicatePipe, |town, c| {
        // The other way round, with a device on the copy.
        let ends = [Some(end_node(town, c + 1)), Some(end_node(town, c))];
        let copy = town.pipe("X", &[place(c + 1), place(c)], ends, &[]);
        let links = Links {
            on_pipe: Some(copy),
            on_pipe_distance_m: Some(20.0),
            ..Links::default()
        };
        town.point_with("customer", "K", beside(c, 30.0, 6.0), &[], links);
    }),
    (Rule::Overlap, |town, c| {
        let from = Some(end_node(town, c));
        town.branch("X", &[place(c), beside(c, 20.0, 0.0)], from);
    }),
    (Rule::Overlap, |town, c| {
        // A branch goes on from where the second line ends.
        let from = Some(end_node(town, c));
        let at = beside(c, 20.0, 0.0);
        let end = town.point("junction", "Y", at, &[]);
        town.pipe("X", &[place(c), at], [from, Some(end)], &[]);
        town.branch("Z", &[at, beside(c, 20.0, 20.0)], Some(end));
    }),
    (Rule::Overlap, |town, c| {
        let line = [beside(c, 10.0, 0.0), beside(c, 30.0, 0.0), beside(c, 40.0, 20.0)];
        town.branch("X", &line, None);
    }),
    (Rule::Crossing, |town, c| {
        town.branch("X", &[beside(c, 22.0, -15.0), beside(c, 22.0, 15.0)], None);
    }),
    (Rule::ZeroLength, |town, c| {
        let at = beside(c, 0.004, 0.0);
        let end = town.point("junction", "Y", at, &[]);
        let from = Some(end_node(town, c));
        let line = [place(c), at].map(|p| [p[0], p[1], f64::NAN]).to_vec();
        let links = Links {
            from,
            to: Some(end),
            ..Links::default()
        };
        let id = town.ids.next_id();
        let values = [("code", text("X")), ("state", text("operative"))];
        town.put_as(id, "pipe", Geometry::Line(line), links, &values);
        town.branch("Z", &[at, beside(c, 20.0, 20.0)], Some(end));
    }),
    (Rule::ZeroLength, |town, c| {
        set(town, &street(c), r#"{"length_m":0.002}"#);
    }),
    (Rule::SelfCrossing, |town, c| {
        let line = [
            [0.0, 0.0],
            [10.0, 10.0],
            [20.0, 10.0],
            [20.0, 20.0],
            [14.0, 20.0],
            [14.0, 5.0],
        ];
        let from = Some(end_node(town, c));
        town.branch("X", &line.map(|p| beside(c, p[0], p[1])), from);
    }),
    (Rule::ClosedLoop, |town, c| {
        let line = [[0.0, 0.0], [20.0, 5.0], [20.0, 20.0], [5.0, 20.0], [0.0, 0.0]];
        let end = Some(end_node(town, c));
        town.pipe("X", &line.map(|p| beside(c, p[0], p[1])), [end, end], &[]);
    }),
    (Rule::LengthDiffers, |town, c| {
        set(town, &street(c), r#"{"length_m":300}"#);
    }),
    (Rule::NoSource, |town, c| {
        let at = beside(c, 20.0, 10.0);
        let end = town.point("junction", "Y", at, &[]);
        town.branch("X", &[at, beside(c, 30.0, 20.0)], Some(end));
    }),
    (Rule::DeviceOffPipe, |town, c| {
        town.point("valve", "V", beside(c, 20.0, 6.0), &[]);
    }),
    (Rule::DeviceBesidePipe, |town, c| {
        town.point("valve", "V", beside(c, 20.0, 0.4), &[]);
    }),
    (Rule::UnknownPipe, |town, c| {
        let links = Links {
            on_pipe: Some(town.ids.next_id()),
            ..Links::default()
        };
        town.point_with("customer", "K", beside(c, 20.0, 6.0), &[], links);
    }),
    (Rule::ValveStateUnknown, |town, c| {
        let at = beside(c, 20.0, 0.0);
        town.point("valve", "V", at, &[("is_open", Value::Null)]);
    }),
    (Rule::NoDirection, |town, c| {
        let at = beside(c, 20.0, 0.0);
        town.act(&format!(
            r#"{{"op":"add_node","class":"止回阀","at":[{},{}],"values":{{"code":"V"}}}}"#,
            at[0], at[1]
        ));
    }),
    (Rule::NoDirection, |town, c| {
        let at = beside(c, 20.0, 0.0);
        town.point("valve", "V", at, &[("kind", text("check"))]);
    }),
    (Rule::LeadMissing, |town, c| {
        town.point("hydrant", "H", beside(c, 20.0, 6.0), &[]);
    }),
    (Rule::CustomerUnconnected, |town, c| {
        let at = shift(place(c % SIDE), [20.0, -80.0]);
        town.point("customer", "K", at, &[]);
    }),
    (Rule::CustomerUnconnected, |town, c| {
        let far = town.get("PS").id;
        let links = Links {
            on_pipe: Some(far),
            ..Links::default()
        };
        town.point_with("customer", "K", beside(c, 20.0, 6.0), &[], links);
    }),
    (Rule::InletsMixed, |town, c| {
        let foreign = town.get(&street(c)).id;
        town.force("S", |_, source| source.links.inlet_pipes = vec![foreign]);
    }),
    (Rule::InletsMixed, |town, _| {
        let only = town.get("PS").id;
        town.force("S", |_, source| source.links.inlet_pipes = vec![only]);
    }),
    (Rule::DiameterJump, |town, c| {
        let [_, second] = halved(town, c);
        set(town, &second, r#"{"diameter_mm":100}"#);
    }),
    (Rule::MaterialChange, |town, c| {
        let [_, second] = halved(town, c);
        set(town, &second, r#"{"material":"PE"}"#);
    }),
    (Rule::FittingArity, |town, c| {
        town.act(&format!(r#"{{"op":"change_class","node":"N{c}","class":"tee"}}"#));
    }),
    (Rule::FittingArity, |town, c| {
        halved(town, c);
        let joint = format!("{}/1", street(c));
        town.act(&format!(
            r#"{{"op":"change_class","node":"{joint}","class":"三通"}}"#
        ));
    }),
    (Rule::PlannedJoinsLive, |town, c| {
        let from = Some(end_node(town, c));
        town.branch("X", &[place(c), beside(c, 20.0, 20.0)], from);
        for code in ["X", "cap of X"] {
            set(town, code, r#"{"state":"planned"}"#);
        }
    }),
    (Rule::EndOutOfService, |town, c| {
        set(town, &format!("N{c}"), r#"{"state":"planned"}"#);
    }),
    (Rule::WatersMeet, |town, c| {
        set(town, &street(c), r#"{"kind":"raw"}"#);
    }),
    (Rule::EndOfWrongPipe, |town, c| {
        let at = beside(c, 20.0, 20.0);
        let customer = town.point("customer", "K", at, &[]);
        let kind = [("kind", text("transmission"))];
        let from = Some(end_node(town, c));
        town.pipe("X", &[place(c), at], [from, Some(customer)], &kind);
    }),
    (Rule::ZoneOpen, |town, c| {
        let on = "[[rule]]\nkey = \"zone_open\"\nseverity = \"warning\"\n";
        town.project.keep_rules("own.toml", on).unwrap();
        let [first, second] = halved(town, c);
        set(town, &first, r#"{"dma":"east"}"#);
        set(town, &second, r#"{"dma":"west"}"#);
    }),
    (Rule::ValueMissing, |town, c| {
        set(town, &street(c), r#"{"diameter_mm":null}"#);
    }),
    (Rule::ValueImpossible, |town, c| {
        set(town, &street(c), r#"{"depth_from_m":90}"#);
    }),
    (Rule::DateImpossible, |town, c| {
        set(town, &street(c), r#"{"install_date":"1066-10-14"}"#);
    }),
    (Rule::DateImpossible, |town, c| {
        set(town, &street(c), r#"{"install_date":"2062-10-14"}"#);
    }),
    (Rule::DateImpossible, |town, c| {
        let dates = r#"{"install_date":"2012-10-14","survey_date":"2010-01-01"}"#;
        set(town, &street(c), dates);
    }),
    (Rule::CodeUnknown, |town, c| {
        town.force_value(&street(c), "material", text("Ductile irn"));
    }),
    (Rule::MaterialSize, |town, c| {
        set(town, &street(c), r#"{"material":"PPR","diameter_mm":600}"#);
    }),
    (Rule::DuplicateCode, |town, c| {
        set(
            town,
            &street(c),
            &format!(r#"{{"code":"{}"}}"#, street(c + SIDE - 1)),
        );
    }),
    (Rule::DuplicateId, |town, c| {
        let id = town.point("hydrant", "H", beside(c, 20.0, 0.0), &[]);
        let at = beside(c, 30.0, 0.0);
        let values = [("code", text("M")), ("state", text("operative"))];
        let geometry = Geometry::Point([at[0], at[1], f64::NAN]);
        town.put_as(id, "meter", geometry, Links::default(), &values);
    }),
];

fn errors(findings: &[Finding]) -> BTreeSet<String> {
    let grave = findings.iter().filter(|f| f.issue.severity == Severity::Error);
    grave.map(|f| format!("{} {}", f.id(), f.issue.message)).collect()
}

#[test]
fn a_sound_town_breaks_no_rule() {
    for seed in 1..3 {
        let found: Vec<String> = Town::new(seed)
            .check()
            .iter()
            .map(|f| f.issue.message.to_string())
            .collect();
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn every_rule_has_a_fault_to_find() {
    let planted: BTreeSet<Rule> = PLANTS.iter().map(|(rule, _)| *rule).collect();
    let left: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !planted.contains(rule)).collect();
    assert_eq!(
        left,
        [&Rule::UnreadableGeometry],
        "what cannot be read cannot be mended"
    );
}

/// A town with one fault in it.
fn planted(number: usize, seed: u64) -> Town {
    let mut town = Town::new(seed * 100 + number as u64 * 2 + seed % 2);
    let corner = town.some_corner();
    PLANTS[number].1(&mut town, corner);
    town
}

#[test]
fn what_is_planted_is_found_and_each_repair_makes_it_go_away_without_a_new_error() {
    let mut wrong = Vec::new();
    for (number, (rule, _)) in PLANTS.iter().enumerate() {
        for seed in 1..3 {
            let about = format!("{} ({number}), seed {seed}", rule.key());
            let mut town = planted(number, seed);
            let found = town.check();
            let Some(fault) = found.iter().find(|f| f.rule == *rule) else {
                let all: Vec<String> = found.iter().map(|f| f.issue.message.to_string()).collect();
                wrong.push(format!("{about}: not found, but {all:?}"));
                continue;
            };
            assert!(!fault.repairs.is_empty(), "{about}: no repair");
            for repair in &fault.repairs {
                wrong.extend(mended(&mut town, fault, repair, &found).map(|w| format!("{about}: {w}")));
                // What an import left joined to nothing does not come back.
                if town.project.undo(CLERK).is_err() {
                    town = planted(number, seed);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong after a repair.
fn mended(town: &mut Town, fault: &Finding, repair: &Repair, before: &[Finding]) -> Option<String> {
    let key = repair.key;
    let done = apply(&mut town.project, None, &[repair], &mut town.ids, CLERK);
    let done = match done {
        Ok(done) => done,
        Err(error) => return Some(format!("{key}: {error}")),
    };
    if let Some((_, refused)) = done.refused.first() {
        return Some(format!("{key}: refused, {refused}"));
    }
    let left = town.check();
    if let Some(still) = left.iter().find(|f| f.id() == fault.id()) {
        return Some(format!("{key}: still {}", still.issue.message));
    }
    let (before, after) = (errors(before), errors(&left));
    let new: Vec<&String> = after.difference(&before).collect();
    (!new.is_empty()).then(|| format!("{key}: new {new:?}"))
}

/// One finding or more of every rule that can be planted.
pub(super) fn all_planted() -> Vec<Finding> {
    (0..PLANTS.len())
        .flat_map(|number| planted(number, 1).check())
        .collect()
}
