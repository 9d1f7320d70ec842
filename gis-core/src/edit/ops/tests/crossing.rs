//! Pipes that cross: joined, or passing over each other.

use super::{CLERK, Town, dump};
use crate::rules::{Records, Rule, Selection, Subject, check};
use crate::{Message, NoProgress};

impl Town {
    /// AB from west to east, and N pipes X0, X1 … across it from south to north, 10 m apart.
    fn grid(count: usize) -> Self {
        let mut town = Self::new();
        for i in 0..count {
            let x = 10 * (i + 1);
            town.act(&format!(
                r#"{{"op":"add_node","class":"junction","at":[{x},-20],"values":{{"code":"S{i}"}}}}"#
            ));
            town.act(&format!(
                r#"{{"op":"add_node","class":"junction","at":[{x},20],"values":{{"code":"N{i}"}}}}"#
            ));
            town.act(&format!(
                r#"{{"op":"draw_pipe","through":["S{i}","N{i}"],"values":{{"code":"X{i}","diameter_mm":200,"depth_from_m":3,"depth_to_m":3}}}}"#
            ));
        }
        town
    }

    fn asked(&self) -> usize {
        let network = self.network();
        let rules = self.project.rules().unwrap().only(&[Rule::Crossing]);
        let subject = Subject {
            network: &network,
            schema: self.project.schema(),
            rules: &rules,
            records: Records::Of(&self.project),
            today: None,
        };
        check(&subject, &Selection::Everything, &NoProgress)
            .unwrap()
            .len()
    }

    fn passes(&self, a: &str, b: &str) -> bool {
        self.project.passes().unwrap().has(self.get(a).id, self.get(b).id)
    }
}

#[test]
fn crossings_are_joined_by_one_node_each() {
    for scope in [
        r#"{"pipes":["AB","X0","X1","X2"]}"#,
        r#""everything""#,
        r#"{"box":[0,-1,40,1]}"#,
    ] {
        let mut town = Town::grid(3);
        let before = dump(&town.project);
        assert_eq!(town.asked(), 3);
        town.act(&format!(
            r#"{{"op":"split_crossings","in":{scope},"choice":"join","class":"cross","values":{{"remark":"new"}}}}"#
        ));
        let network = town.network();
        assert_eq!(network.pipe_count(), 2 + 3 + 3 + 3, "{scope}");
        for i in 1..=3 {
            let (cross, _) = network.nodes_near([10.0 * f64::from(i), 0.0], 0.001)[0];
            assert_eq!(network.pieces_at(cross).len(), 4);
        }
        assert_eq!(town.asked(), 0);
        let total: f64 = network.pipes().map(|p| network.pipe_length_m(p)).sum();
        assert!((total - 152.0 - 120.0).abs() < 1e-9);
        assert_eq!(
            town.refusal(&format!(
                r#"{{"op":"split_crossings","in":{scope},"choice":"join"}}"#
            )),
            "edit.error.no_crossing"
        );
        town.project.undo(CLERK).unwrap();
        assert_eq!(dump(&town.project), before);
    }
}

#[test]
fn a_box_and_a_selection_leave_other_crossings_alone() {
    let mut town = Town::grid(3);
    town.act(r#"{"op":"split_crossings","in":{"box":[15,-5,25,5]},"choice":"join"}"#);
    assert_eq!(town.asked(), 2);
    town.act(r#"{"op":"split_crossings","in":{"pipes":["AB","X0"]},"choice":"join"}"#);
    assert_eq!(town.asked(), 1);
    assert_eq!(
        town.refusal(r#"{"op":"split_crossings","in":{"pipes":["X0","X2"]},"choice":"join"}"#),
        "edit.error.no_crossing"
    );
}

#[test]
fn three_pipes_through_one_place_share_one_node_and_an_end_on_a_pipe_cuts_only_that_pipe() {
    let mut town = Town::grid(1);
    for (code, at) in [
        ("P", "[0,-10]"),
        ("Q", "[20,10]"),
        ("T", "[50,-10]"),
        ("U", "[50,30]"),
    ] {
        town.act(&format!(
            r#"{{"op":"add_node","class":"junction","at":{at},"values":{{"code":"{code}"}}}}"#
        ));
    }
    town.act(r#"{"op":"draw_pipe","through":["P","Q"],"values":{"code":"PQ"}}"#);
    // A pipe that ends on AB, where nothing stands.
    town.act(r#"{"op":"draw_pipe","through":["T","U"],"values":{"code":"TU"}}"#);
    town.act(r#"{"op":"split_at","pipe":"TU","distances_m":[10]}"#);
    town.act(r#"{"op":"delete","features":["TU-2","U"],"hanging":"release"}"#);
    town.act(r#"{"op":"delete","features":["TU/1"],"hanging":"release"}"#);
    town.act(r#"{"op":"split_crossings","in":"everything","choice":"join"}"#);
    let network = town.network();
    let at = |place| network.nodes_near(place, 0.001)[0].0;
    assert_eq!(
        [[10.0, 0.0], [50.0, 0.0]].map(|place| network.pieces_at(at(place)).len()),
        [6, 3]
    );
    assert_eq!(network.pipes_with_code("TU-2").len(), 0);
    assert_eq!(network.pipes_with_code("AB-3").len(), 1);
}

#[test]
fn what_passes_over_is_asked_about_no_more_and_says_which_is_higher() {
    let mut town = Town::grid(2);
    let before = dump(&town.project);
    assert_eq!(town.asked(), 2);
    // AB lies 1 m deep at its start, the others 3 m.
    town.act(r#"{"op":"split_crossings","in":"everything","choice":"pass_over"}"#);
    assert_eq!(town.asked(), 0);
    let field = |town: &Town, code: &str| {
        let feature = town.get(code);
        let at = town
            .project
            .schema()
            .class(feature.class)
            .field_index("passes")
            .unwrap();
        feature.values[at].as_text().unwrap_or_default().to_owned()
    };
    assert_eq!(field(&town, "X0"), format!("under:{}", town.get("AB").id));
    assert!(field(&town, "AB").starts_with(&format!("over:{}", town.get("X0").id)));
    assert_eq!(
        town.refusal(r#"{"op":"split_crossings","in":"everything","choice":"join"}"#),
        "edit.error.no_crossing"
    );
    town.act(r#"{"op":"split_crossings","in":{"pipes":["AB","X0"]},"choice":"pass_over","upper":"X0"}"#);
    assert_eq!(field(&town, "X0"), format!("over:{}", town.get("AB").id));
    town.act(r#"{"op":"set","features":["X1"],"values":{"depth_to_m":null}}"#);
    let notes = town.notes(r#"{"op":"split_crossings","in":{"pipes":["AB","X1"]},"choice":"pass_over"}"#);
    assert_eq!(
        notes.iter().map(Message::key).collect::<Vec<_>>(),
        ["edit.note.order_unknown"]
    );
    for _ in 0..3 {
        town.project.undo(CLERK).unwrap();
    }
    assert_eq!(dump(&town.project), before);
}

#[test]
fn what_was_recorded_goes_with_the_parts_of_cut_merged_moved_and_deleted_pipes() {
    let mut town = Town::grid(2);
    town.act(r#"{"op":"split_crossings","in":"everything","choice":"pass_over"}"#);
    town.act(r#"{"op":"split_at","pipe":"AB","distances_m":[15]}"#);
    assert!(town.passes("AB", "X0") && town.passes("AB-2", "X1"));
    assert!(
        !town.passes("AB", "X1") && !town.passes("AB-2", "X0"),
        "they cross no more"
    );
    assert_eq!(town.asked(), 0);
    town.act(r#"{"op":"merge","pipes":["AB-2","AB"]}"#.replace("AB-2\",\"AB", "AB\",\"AB-2").as_str());
    assert!(town.passes("AB", "X0") && town.passes("AB", "X1"));
    assert_eq!(town.project.passes().unwrap().len(), 2);
    town.act(r#"{"op":"reshape","pipe":"X0","via":[[5,-20],[5,-30],[-5,-30],[-5,20]]}"#);
    assert!(!town.passes("AB", "X0"), "it goes round now");
    town.act(r#"{"op":"delete","features":["X1"]}"#);
    assert!(town.project.passes().unwrap().is_empty());
    town.project.undo(CLERK).unwrap();
    assert!(town.passes("AB", "X1"));
}
