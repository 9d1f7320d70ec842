//! Every operation on a real file: what it does, what it refuses, and that taking it back leaves nothing.
#![expect(clippy::float_cmp, reason = "places must be exactly where they were put")]

mod assembly;
mod beside;
mod crossing;
mod hostile;
mod measured;
mod merge;
mod nodes;
mod random;
mod restore;
mod selection;
mod shape;
mod sketch;
mod table;
mod tied;

use super::Request;
use crate::edit::{Edit, Transaction};
use crate::model::{ClassIndex, Feature, Value};
use crate::network::{Network, NodeIndex};
use crate::project::{Effects, NewProject, Project, Stamp};
use crate::schema::Schema;
use crate::{FeatureId, IdSource, Lang, Message, NoProgress, Result};

const CLERK: Stamp<'_> = Stamp {
    who: "clerk",
    at_unix_ms: 1_750_000_000_000,
};

struct Town {
    project: Project,
    ids: IdSource,
}

impl Town {
    /// A(0,0) – B(100,0) – C(100,50), pipes AB and BC, and a valve V and a customer K on AB.
    fn new() -> Self {
        let crs = crate::io::crs::parse("EPSG:4545").unwrap();
        let schema = Schema::builtin().unwrap();
        let new = NewProject {
            name: "town",
            crs: &crs,
            schema: &schema,
            created_unix_ms: CLERK.at_unix_ms,
        };
        let mut town = Self {
            project: Project::temporary(&new).unwrap(),
            ids: IdSource::new(CLERK.at_unix_ms, 3),
        };
        for (code, x, y) in [("A", 0, 0), ("B", 100, 0), ("C", 100, 50)] {
            town.act(&format!(
                r#"{{"op":"add_node","class":"junction","at":[{x},{y}],"values":{{"code":"{code}"}}}}"#
            ));
        }
        town.act(r#"{"op":"draw_pipe","through":["A","B"],"values":{"code":"AB","diameter_mm":300,"length_m":102,"customers":7,"depth_from_m":1.0,"depth_to_m":2.0}}"#);
        town.act(r#"{"op":"draw_pipe","through":["B","C"],"values":{"code":"BC","diameter_mm":300}}"#);
        town
    }

    fn plan(&mut self, request: &str) -> Result<Transaction> {
        Request::from_json(request)?.plan(&self.project, &mut self.ids)
    }

    fn notes(&mut self, request: &str) -> Vec<Message> {
        let request = Request::from_json(request).unwrap();
        request.plan_told(&self.project, &mut self.ids).unwrap().notes
    }

    fn act(&mut self, request: &str) -> Effects {
        let transaction = self.plan(request).unwrap();
        self.project.commit(&transaction, CLERK).unwrap()
    }

    /// A device that names the pipe it sits on.
    fn put_on(&mut self, class: &str, code: &str, pipe: &str, distance_m: f64, x: f64) -> FeatureId {
        let pipe = self.get(pipe).id;
        let mut transaction = self
            .plan(&format!(
                r#"{{"op":"add_node","class":"{class}","at":[{x},0.3],"values":{{"code":"{code}"}}}}"#
            ))
            .unwrap();
        let Some(Edit::Insert(node)) = transaction.edits.first_mut() else {
            panic!("no node")
        };
        node.links.on_pipe = Some(pipe);
        node.links.on_pipe_distance_m = Some(distance_m);
        let id = node.id;
        self.project.commit(&transaction, CLERK).unwrap();
        id
    }

    fn get(&self, code: &str) -> Feature {
        let (class, id): (ClassIndex, FeatureId) = self.project.find_code(code).unwrap()[0];
        self.project.record(class, id).unwrap().unwrap()
    }

    fn real(&self, code: &str, field: &str) -> f64 {
        let feature = self.get(code);
        let field = self
            .project
            .schema()
            .class(feature.class)
            .field_index(field)
            .unwrap();
        feature.values[field].as_real().unwrap()
    }

    fn network(&self) -> Network {
        self.project.network(&NoProgress).unwrap()
    }

    fn refusal(&mut self, request: &str) -> String {
        let before = dump(&self.project);
        let refused = self
            .plan(request)
            .and_then(|transaction| self.project.commit(&transaction, CLERK).map(drop))
            .unwrap_err();
        assert_eq!(dump(&self.project), before, "{request}");
        for lang in Lang::ALL {
            let said = refused.text(lang);
            assert!(!said.contains("%{") && !said.starts_with("edit."), "{said}");
        }
        refused.message().key().to_owned()
    }
}

fn dump(project: &Project) -> Vec<String> {
    let schema = project.schema();
    let mut lines = Vec::new();
    for class in schema.class_indices() {
        let each = |feature: Feature| {
            let mut one = Transaction::new(Message::new("dump"));
            one.edits.push(Edit::Insert(feature));
            lines.push(one.to_json(schema)?);
            Ok(())
        };
        project.for_each(class, each).unwrap();
    }
    lines.sort();
    lines
}

fn node(network: &Network, code: &str) -> NodeIndex {
    network.nodes_with_code(code)[0]
}

#[test]
fn a_node_on_a_pipe_cuts_it_and_a_valve_there_separates_the_halves() {
    let mut town = Town::new();
    let whole = dump(&town.project);
    let customer = town.put_on("customer", "K", "AB", 76.5, 75.0);
    town.act(r#"{"op":"add_node","class":"闸阀","at":[40,0.02],"values":{"code":"V1"}}"#);
    let network = town.network();
    let [first, second] = ["AB", "AB-2"].map(|code| network.pipes_with_code(code)[0]);
    assert_eq!(
        network.pipe_ends(first),
        [node(&network, "A"), node(&network, "V1")]
    );
    assert_eq!(
        network.pipe_ends(second),
        [node(&network, "V1"), node(&network, "B")]
    );
    assert_eq!(network.pieces_at(node(&network, "V1")).len(), 2);
    assert!(
        (network.pipe_length_m(first) - 40.8).abs() < 1e-9
            && (network.pipe_length_m(second) - 61.2).abs() < 1e-9
    );
    assert_eq!(
        (network.pipe_customers(first), network.pipe_customers(second)),
        (3, 4)
    );
    assert!((town.real("AB", "depth_to_m") - 1.4).abs() < 1e-9);
    assert!((town.real("AB-2", "depth_from_m") - 1.4).abs() < 1e-9);
    let kind = town
        .project
        .schema()
        .class(town.get("V1").class)
        .field_index("kind")
        .unwrap();
    assert_eq!(
        town.get("V1").values[kind].as_text(),
        Some("gate"),
        "the name says the kind"
    );
    let links = town.project.feature(customer).unwrap().unwrap().links;
    assert_eq!(links.on_pipe, Some(town.get("AB-2").id));
    assert!((links.on_pipe_distance_m.unwrap() - 35.7).abs() < 1e-9);
    town.project.undo(CLERK).unwrap();
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), whole);
}

#[test]
fn pipes_joined_by_place_stay_joined_by_place_when_cut() {
    let mut town = Town::new();
    // Nothing is named any more: what is joined follows from where it lies.
    for code in ["AB", "BC"] {
        let old = town.get(code);
        let mut new = old.clone();
        (new.links.from, new.links.to) = (None, None);
        let mut transaction = Transaction::new(Message::new("x"));
        transaction.change(town.project.schema(), &old, &new);
        town.project.commit(&transaction, CLERK).unwrap();
    }
    town.act(r#"{"op":"split_into","pipe":"AB","parts":3}"#);
    town.act(r#"{"op":"move_node","node":"B","to":[110,5]}"#);
    let network = town.network();
    assert!(
        network.nodes().all(|n| !network.pieces_at(n).is_empty()),
        "everything is joined"
    );
    assert_eq!(network.vertex_slots(), network.node_count(), "no end hangs free");
    assert_eq!(network.pieces_at(node(&network, "B")).len(), 2);
    assert!(town.get("AB-2").links.from.is_none());
}

#[test]
fn what_is_cut_keeps_its_length_and_merged_again_is_what_it_was() {
    let mut town = Town::new();
    town.put_on("customer", "K", "AB", 90.0, 88.0);
    let before = dump(&town.project);
    for distances in ["[10]", "[33.3333,66.6666]", "[0.1,50.05,99.9]"] {
        town.act(&format!(
            r#"{{"op":"split_at","pipe":"AB","distances_m":{distances}}}"#
        ));
        let network = town.network();
        let total: f64 = network.pipes().map(|p| network.pipe_length_m(p)).sum();
        assert!((total - 152.0).abs() < 1e-9, "{total}");
        assert_eq!(network.pipes().map(|p| network.pipe_customers(p)).sum::<u32>(), 7);
        let parts = distances.split(',').count() + 1;
        for part in 2..=parts {
            town.act(&format!(r#"{{"op":"merge","pipes":["AB","AB-{part}"]}}"#));
        }
        let (pipe, device) = (town.get("AB"), town.get("K"));
        assert_eq!(device.links.on_pipe, Some(pipe.id));
        assert!((device.links.on_pipe_distance_m.unwrap() - 90.0).abs() < 1e-9);
        assert!((town.real("AB", "length_m") - 102.0).abs() < 1e-9);
        assert!((town.real("AB", "depth_to_m") - 2.0).abs() < 1e-12);
        let network = town.network();
        assert_eq!((network.node_count(), network.pipe_count()), (4, 2));
        assert_eq!(
            network.pipe_ends(network.pipes_with_code("AB")[0]),
            [node(&network, "A"), node(&network, "B")]
        );
        let steps = town.project.history().unwrap().position;
        for _ in 0..parts {
            town.project.undo(CLERK).unwrap();
        }
        assert_eq!(dump(&town.project), before, "step {steps}");
    }
}

#[test]
fn merging_asks_where_the_pipes_differ_and_stops_at_anything_but_a_plain_joint() {
    let mut town = Town::new();
    town.act(r#"{"op":"set","features":["BC"],"values":{"diameter_mm":200}}"#);
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB","BC"]}"#),
        "edit.error.different"
    );
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB","AB"]}"#),
        "edit.error.same_pipe"
    );
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["BC","AB"]}"#),
        "edit.error.merge_order"
    );
    town.act(r#"{"op":"merge","pipes":["AB","BC"],"values":{"管径":250}}"#);
    assert!((town.real("AB", "diameter_mm") - 250.0).abs() < 1e-9);
    assert!((town.real("AB", "length_m") - 152.0).abs() < 1e-9);
    assert!(
        town.project.find_code("B").unwrap().is_empty(),
        "the joint has gone"
    );
    town.act(r#"{"op":"add_node","class":"valve","at":[50,0],"values":{"code":"V"}}"#);
    assert_eq!(
        town.refusal(r#"{"op":"merge","pipes":["AB","AB-2"]}"#),
        "edit.error.no_plain_joint"
    );
}

#[test]
fn a_moved_node_takes_its_pipes_along_and_measured_lengths_stay() {
    let mut town = Town::new();
    town.act(r#"{"op":"set","features":["BC"],"values":{"length_m":50}}"#);
    town.act(r#"{"op":"move_node","node":"B","to":[100,-10]}"#);
    let network = town.network();
    assert_eq!(network.position(node(&network, "B")), [100.0, -10.0]);
    for code in ["AB", "BC"] {
        let pipe = network.pipes_with_code(code)[0];
        assert!(network.pipe_vertices(pipe).contains(&[100.0, -10.0]), "{code}");
    }
    assert!(
        (town.real("BC", "length_m") - 60.0).abs() < 1e-9,
        "was drawn, is drawn"
    );
    assert!((town.real("AB", "length_m") - 102.0).abs() < 1e-9, "was measured");
    assert_eq!(
        town.refusal(r#"{"op":"move_node","node":"B","to":[100,50]}"#),
        "edit.error.occupied"
    );
}

#[test]
fn a_reversed_pipe_keeps_its_ends_and_devices_where_they_are() {
    let mut town = Town::new();
    let before = dump(&town.project);
    town.put_on("hydrant", "H", "AB", 20.0, 19.6);
    town.act(r#"{"op":"reverse","pipe":"AB"}"#);
    let pipe = town.get("AB");
    assert_eq!(
        (pipe.links.from, pipe.links.to),
        (Some(town.get("B").id), Some(town.get("A").id))
    );
    assert!((town.real("AB", "depth_from_m") - 2.0).abs() < 1e-12);
    assert!((town.get("H").links.on_pipe_distance_m.unwrap() - 82.0).abs() < 1e-9);
    town.act(r#"{"op":"reverse","pipe":"AB"}"#);
    town.act(r#"{"op":"delete","features":["H"]}"#);
    assert_eq!(dump(&town.project), before, "twice is not at all");
}

#[test]
fn deleting_asks_what_becomes_of_what_hangs_there() {
    let mut town = Town::new();
    town.put_on("customer", "K", "AB", 50.0, 49.0);
    let before = dump(&town.project);
    assert_eq!(
        town.refusal(r#"{"op":"delete","features":["AB"]}"#),
        "edit.error.hanging"
    );
    assert_eq!(
        town.refusal(r#"{"op":"delete","features":["A"]}"#),
        "edit.error.hanging"
    );
    town.act(r#"{"op":"delete","features":["A"],"hanging":"delete"}"#);
    let left: Vec<&str> = ["A", "B", "C", "AB", "BC", "K"]
        .into_iter()
        .filter(|code| !town.project.find_code(code).unwrap().is_empty())
        .collect();
    assert_eq!(left, ["B", "C", "BC"]);
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    town.act(r#"{"op":"delete","features":["B","AB"],"hanging":"release"}"#);
    assert_eq!(town.get("K").links.on_pipe, None);
    assert_eq!(town.get("BC").links.from, None);
    town.project.undo(CLERK).unwrap();
    town.act(r#"{"op":"abandon","features":["AB"]}"#);
    let state = town
        .project
        .schema()
        .class(town.get("AB").class)
        .field_index("state")
        .unwrap();
    assert_eq!(town.get("AB").values[state], Value::Text("obsolete".to_owned()));
}

#[test]
fn a_request_written_and_read_again_plans_the_same() {
    let mut town = Town::new();
    for request in [
        r#"{"op":"add_node","class":"valve","at":[40,0],"z":1.5,"values":{"code":"V"}}"#,
        r#"{"op":"tie_node","class":"valve","tie":{"mode":"point_bearing","point":[0,0],"bearing_deg":10,"distance_m":5},"values":{"code":"V"}}"#,
        r#"{"op":"delete","features":["AB"],"hanging":"release"}"#,
        r#"{"op":"merge","pipes":["AB","BC"],"keep_first":true}"#,
    ] {
        let again = Request::from_json(request).unwrap().to_json().unwrap();
        let ids = town.ids.clone();
        let first = town.plan(request).unwrap();
        town.ids = ids;
        let second = town.plan(&again).unwrap();
        let schema = town.project.schema();
        assert_eq!(
            first.to_json(schema).unwrap(),
            second.to_json(schema).unwrap(),
            "{again}"
        );
    }
}

#[test]
fn a_node_is_plotted_by_ties_and_the_user_says_which_of_two_places_is_meant() {
    let mut town = Town::new();
    let tie = r#""tie":{"mode":"two_points","points":[[0,0],[100,0]],"distances_m":[50,80.6225774829855]}"#;
    let request = format!(r#"{{"op":"tie_node","class":"valve",{tie},"values":{{"code":"T"}}}}"#);
    assert_eq!(town.refusal(&request), "edit.tie.pick");
    town.act(&request.replace(r#""values""#, r#""near":[30,-30],"values""#));
    let network = town.network();
    let [x, y] = network.position(node(&network, "T"));
    assert!((x - 30.0).abs() < 1e-4 && (y + 40.0).abs() < 1e-4, "{x} {y}");
}

#[test]
fn bad_requests_are_refused_with_a_reason_and_change_nothing() {
    let mut town = Town::new();
    for (request, key) in [
        (r#"{"op":"fly"}"#, "edit.error.bad_request"),
        ("no json", "edit.error.bad_request"),
        (
            r#"{"op":"reverse","pipe":"AB","speed":1}"#,
            "edit.error.bad_request",
        ),
        (r#"{"op":"reverse","pipe":"XX"}"#, "edit.error.unknown"),
        (r#"{"op":"reverse","pipe":"A"}"#, "edit.error.no_pipe"),
        (
            r#"{"op":"move_node","node":"AB","to":[1,1]}"#,
            "edit.error.no_node",
        ),
        (
            r#"{"op":"move_node","node":"A","to":[1e300,1]}"#,
            "edit.error.bad_place",
        ),
        (
            r#"{"op":"add_node","class":"pipe","at":[1,1]}"#,
            "edit.error.no_class",
        ),
        (
            r#"{"op":"add_node","class":"valve","at":[0,0]}"#,
            "edit.error.occupied",
        ),
        (
            r#"{"op":"add_node","class":"valve","at":[9,9],"values":{"colour":1}}"#,
            "edit.error.unknown_field",
        ),
        (
            r#"{"op":"add_node","class":"valve","at":[9,9],"values":{"install_date":"soon"}}"#,
            "edit.error.bad_value",
        ),
        (
            r#"{"op":"set","features":["AB"],"values":{"diameter_mm":-5}}"#,
            "edit.error.bad_value",
        ),
        (
            r#"{"op":"set","features":["AB"],"values":{"material":"chocolate"}}"#,
            "edit.error.bad_value",
        ),
        (r#"{"op":"draw_pipe","through":["A"]}"#, "edit.error.through"),
        (
            r#"{"op":"draw_pipe","through":["A","A"]}"#,
            "edit.error.zero_length",
        ),
        (
            r#"{"op":"draw_pipe","through":["A","B"]}"#,
            "edit.error.duplicate",
        ),
        (
            r#"{"op":"split_at","pipe":"AB","distances_m":[0]}"#,
            "edit.error.too_short",
        ),
        (
            r#"{"op":"split_at","pipe":"AB","distances_m":[100]}"#,
            "edit.error.too_short",
        ),
        (
            r#"{"op":"split_at","pipe":"AB","distances_m":[50,50]}"#,
            "edit.error.too_short",
        ),
        (r#"{"op":"split_into","pipe":"AB","parts":1}"#, "edit.error.parts"),
        (
            r#"{"op":"split_into","pipe":"AB","parts":4000000000}"#,
            "edit.error.parts",
        ),
    ] {
        assert_eq!(town.refusal(request), key, "{request}");
    }
    town.act(r#"{"op":"add_node","class":"valve","at":[500,500],"values":{"code":"AB"}}"#);
    assert_eq!(
        town.refusal(r#"{"op":"abandon","features":["AB"]}"#),
        "edit.error.ambiguous"
    );
    town.act(r#"{"op":"abandon","features":["管段 AB"]}"#);
}

#[test]
fn new_features_are_numbered_on_from_those_of_their_class() {
    let mut town = Town::new();
    let code = |town: &Town, effects: &Effects| {
        let made = effects.changed.iter().find(|c| c.before.is_none()).unwrap();
        let made = made.after.clone().unwrap();
        town.project.code_of(&made).map(str::to_owned)
    };
    let mut add = |class: &str, x: i32, values: &str| {
        let done = town.act(&format!(
            r#"{{"op":"add_node","class":"{class}","at":[{x},300],"values":{{{values}}}}}"#
        ));
        code(&town, &done)
    };
    assert_eq!(add("hydrant", 0, ""), Some("HYDRANT-000001".to_owned()));
    assert_eq!(add("hydrant", 1, ""), Some("HYDRANT-000002".to_owned()));
    assert_eq!(add("valve", 2, r#""code":"FM-0099""#), Some("FM-0099".to_owned()));
    assert_eq!(add("valve", 3, ""), Some("FM-0100".to_owned()));
    // Numbers are taken across classes, and a part of a pipe is no new beginning.
    assert_eq!(
        add("meter", 4, r#""code":"FM-0101-2""#),
        Some("FM-0101-2".to_owned())
    );
    assert_eq!(add("meter", 5, ""), Some("FM-0102".to_owned()));
}
