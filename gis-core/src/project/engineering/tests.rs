//! Engineering projects from the first line to completion or withdrawal.

use super::*;
use crate::edit::ops::Request;
use crate::ids::IdSource;
use crate::model::Value;
use crate::project::NewProject;
use crate::schema::Schema;
use crate::text::Lang;

const CLERK: Stamp<'_> = Stamp {
    who: "李工",
    at_unix_ms: 1_750_000_001_000,
};

/// Junctions A and B, 100 m apart, with pipe AB in service; project G1 is written down.
struct Town {
    project: Project,
    ids: IdSource,
}

impl Town {
    fn new() -> Self {
        let crs = crate::io::crs::parse("EPSG:4545").unwrap();
        let new = NewProject {
            name: "town",
            crs: &crs,
            schema: &Schema::builtin().unwrap(),
            created_unix_ms: 1_750_000_000_000,
        };
        let mut town = Self {
            project: Project::temporary(&new).unwrap(),
            ids: IdSource::new(1_750_000_000_000, 3),
        };
        town.act(
            None,
            r#"{"op":"add_node","class":"junction","at":[0,0],"values":{"code":"A"}}"#,
        );
        town.act(
            None,
            r#"{"op":"add_node","class":"junction","at":[100,0],"values":{"code":"B"}}"#,
        );
        town.act(
            None,
            r#"{"op":"draw_pipe","through":["A","B"],"values":{"code":"AB","diameter_mm":300,"state":"operative"}}"#,
        );
        let project = Engineering {
            number: "G1".to_owned(),
            name: "北京路延伸".to_owned(),
            ..Engineering::default()
        };
        town.project.add_engineering(&project).unwrap();
        town
    }

    fn act(&mut self, number: Option<&str>, request: &str) {
        self.try_to(number, request)
            .unwrap_or_else(|e| panic!("{request}: {e}"));
    }

    fn try_to(&mut self, number: Option<&str>, request: &str) -> Result<()> {
        let request = Request::from_json(request)?;
        let Some(number) = number else {
            let transaction = request.plan(&self.project, &mut self.ids)?;
            return self.project.commit(&transaction, CLERK).map(drop);
        };
        let plan = self.project.plan_engineering(number, &request, &mut self.ids)?;
        let mut session = self.project.begin_edit()?;
        session.apply(&plan.transaction)?;
        session
            .commit_for(Some(number), &plan.marks, &plan.transaction.name, CLERK)
            .map(drop)
    }

    /// A planned branch from a node in the middle of AB, and AB's end B to be abandoned.
    fn branch(&mut self) {
        let node = |code: &str, x: i32, y: i32| {
            format!(r#"{{"op":"add_node","class":"junction","at":[{x},{y}],"values":{{"code":"{code}"}}}}"#)
        };
        self.act(Some("G1"), &node("T", 40, 0));
        self.act(Some("G1"), &node("E", 40, 30));
        self.act(
            Some("G1"),
            r#"{"op":"draw_pipe","through":["T","E"],"values":{"code":"TE","diameter_mm":200,"material":"DI"}}"#,
        );
        self.act(Some("G1"), r#"{"op":"abandon","features":["B"]}"#);
    }

    fn value(&self, code: &str, field: &str) -> Option<String> {
        let (class, id) = *self.project.find_code(code).unwrap().first()?;
        let feature = self.project.record(class, id).unwrap()?;
        let field = self.project.schema().class(class).field_index(field).unwrap();
        match &feature.values[field] {
            Value::Null => None,
            Value::Date(date) => Some(date.to_string()),
            other => Some(other.as_text().unwrap().to_owned()),
        }
    }

    fn changes(&self) -> Vec<(&'static str, String)> {
        self.project
            .engineering_changes("G1")
            .unwrap()
            .iter()
            .map(|c| (c.kind.key(), self.project.name_of(&c.feature)))
            .collect()
    }

    fn stage(&self) -> Stage {
        self.project.engineering("G1").unwrap().1
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, 1).unwrap()
}

#[test]
fn what_is_drawn_is_planned_and_what_was_cut_stays_in_service() {
    let mut town = Town::new();
    town.branch();
    assert_eq!(town.value("TE", "state").as_deref(), Some("planned"));
    assert_eq!(town.value("E", "state").as_deref(), Some("planned"));
    assert_ne!(
        town.value("T", "state").as_deref(),
        Some("planned"),
        "water runs through it"
    );
    assert_eq!(town.value("AB", "state").as_deref(), Some("operative"));
    assert_eq!(
        town.value("B", "state").as_deref(),
        Some("operative"),
        "in service until completion"
    );
    let changes = town.changes();
    let of = |kind: &str| -> Vec<&str> {
        let found = changes.iter().filter(|(k, _)| *k == kind);
        found.map(|(_, name)| name.as_str()).collect()
    };
    let counts = town.project.engineering_counts("G1").unwrap();
    for (kind, count) in counts {
        assert_eq!(of(kind.key()).len(), count, "{kind:?}");
    }
    let mut new = of("new");
    new.sort_unstable();
    assert_eq!(new, ["E", "TE"]);
    assert_eq!(of("to_abandon"), ["B"]);
    assert!(of("altered").contains(&"T"), "{changes:?}");
    let materials = town.project.engineering_materials("G1", Lang::En).unwrap();
    let joints = materials.iter().filter(|m| m.length_m.is_none());
    let joints: usize = joints.map(|m| m.count).sum();
    assert_eq!(joints, 2, "the end, and what the branch hangs on: {materials:?}");
    let pipe = materials.iter().find(|m| m.material == "Ductile iron").unwrap();
    assert_eq!((pipe.count, pipe.diameter_mm), (1, Some(200.0)));
    assert!((pipe.length_m.unwrap() - 30.0).abs() < 1e-6);
}

#[test]
fn completion_is_one_entry_that_can_be_taken_back() {
    let mut town = Town::new();
    town.branch();
    town.project.complete_engineering("G1", day(), CLERK).unwrap();
    assert_eq!(town.stage(), Stage::Completed);
    assert_eq!(town.value("TE", "state").as_deref(), Some("operative"));
    assert_eq!(town.value("TE", "install_date").as_deref(), Some("2026-05-01"));
    assert_eq!(town.value("B", "state").as_deref(), Some("obsolete"));
    let node = r#"{"op":"add_node","class":"junction","at":[9,9],"values":{"code":"N"}}"#;
    let refused = town.try_to(Some("G1"), node).unwrap_err();
    assert_eq!(refused.message().key(), "engineering.error.closed");
    town.project.undo(CLERK).unwrap();
    assert_eq!(town.stage(), Stage::Open);
    assert_eq!(town.value("TE", "state").as_deref(), Some("planned"));
    assert_eq!(town.value("TE", "install_date"), None);
    assert_eq!(town.value("B", "state").as_deref(), Some("operative"));
    town.act(Some("G1"), node);
}

#[test]
fn a_project_that_only_alters_what_was_there_tells_old_and_new_values_and_is_completed() {
    let mut town = Town::new();
    town.act(
        Some("G1"),
        r#"{"op":"set","features":["AB"],"values":{"diameter_mm":400}}"#,
    );
    town.act(
        Some("G1"),
        r#"{"op":"set","features":["AB"],"values":{"diameter_mm":500,"material":"DI"}}"#,
    );
    let changes = town.project.engineering_changes("G1").unwrap();
    assert_eq!(changes.len(), 1);
    let words: Vec<_> = changes[0]
        .cells
        .iter()
        .map(|cell| {
            cell.in_words(&town.project, changes[0].feature.class, Lang::En)
                .unwrap()
        })
        .map(|words| (words.field, words.old, words.new))
        .collect();
    let row = |field: &str, old: &str, new: &str| (field.to_owned(), old.to_owned(), new.to_owned());
    assert_eq!(
        words,
        [
            row("Diameter", "300 mm", "500 mm"),
            row("Material", "", "Ductile iron"),
        ]
    );
    town.project.complete_engineering("G1", day(), CLERK).unwrap();
    assert_eq!(town.stage(), Stage::Completed);
    town.project.undo(CLERK).unwrap();
    assert_eq!(town.stage(), Stage::Open);
}

#[test]
fn what_is_known_of_a_project_is_changed_and_its_number_stays() {
    let mut town = Town::new();
    let mut known = town.project.engineering("G1").unwrap().0;
    known.builder = "市政三公司".to_owned();
    town.project.change_engineering(&known).unwrap();
    assert_eq!(town.project.engineering("G1").unwrap().0, known);
    known.number = "G7".to_owned();
    let error = town.project.change_engineering(&known).unwrap_err();
    assert_eq!(error.message().key(), "engineering.error.unknown");
}

#[test]
fn withdrawing_leaves_the_network_as_it_was_and_can_be_taken_back() {
    let mut town = Town::new();
    let length = |town: &Town| {
        let (class, id) = town.project.find_code("AB").unwrap()[0];
        let geometry = town.project.record(class, id).unwrap().unwrap().geometry;
        format!("{geometry:?}")
    };
    let was = length(&town);
    town.branch();
    assert_ne!(length(&town), was);
    town.project.withdraw_engineering("G1", CLERK).unwrap();
    assert_eq!(town.stage(), Stage::Withdrawn);
    assert_eq!(length(&town), was, "the cut pipe is whole again");
    assert!(town.project.find_code("TE").unwrap().is_empty());
    town.project.undo(CLERK).unwrap();
    assert_eq!(town.stage(), Stage::Open);
    assert_eq!(town.value("TE", "state").as_deref(), Some("planned"));
}

#[test]
fn a_project_on_which_others_rest_is_not_withdrawn() {
    let mut town = Town::new();
    town.branch();
    town.act(
        None,
        r#"{"op":"add_node","class":"junction","at":[70,30],"values":{"code":"F"}}"#,
    );
    town.act(
        None,
        r#"{"op":"draw_pipe","through":["E","F"],"values":{"code":"EF"}}"#,
    );
    let refused = town.project.withdraw_engineering("G1", CLERK).unwrap_err();
    assert_eq!(refused.message().key(), "engineering.error.rested_on");
    assert!(
        refused.text(Lang::En).contains("EF"),
        "{}",
        refused.text(Lang::En)
    );
    assert_eq!(town.stage(), Stage::Open);
    assert_eq!(town.value("TE", "state").as_deref(), Some("planned"));
    let resting = town.project.resting_on_engineering("G1").unwrap();
    let (_, ef) = town.project.find_code("EF").unwrap()[0];
    assert!(resting.contains(&ef), "{resting:?}");
}

#[test]
fn own_features_are_deleted_and_others_marked_but_not_at_once() {
    let mut town = Town::new();
    town.branch();
    let mixed = town
        .try_to(Some("G1"), r#"{"op":"delete","features":["TE","A"]}"#)
        .unwrap_err();
    assert_eq!(mixed.message().key(), "engineering.error.mixed");
    town.act(Some("G1"), r#"{"op":"delete","features":["TE"]}"#);
    assert!(town.project.find_code("TE").unwrap().is_empty());
    assert!(town.changes().iter().all(|(_, name)| name != "TE"));
}

#[test]
fn a_number_is_given_once_and_must_be_known() {
    let mut town = Town::new();
    let project = town.project.engineering("G1").unwrap().0;
    let error = town.project.add_engineering(&project).unwrap_err();
    assert_eq!(error.message().key(), "engineering.error.taken");
    let error = town.project.engineering_changes("G9").unwrap_err();
    assert_eq!(error.message().key(), "engineering.error.unknown");
    let backwards = Engineering {
        number: "G2".to_owned(),
        begins: Some(day()),
        ends: day().pred_opt(),
        ..Engineering::default()
    };
    let error = town.project.add_engineering(&backwards).unwrap_err();
    assert_eq!(error.message().key(), "engineering.error.ends_early");
    let empty = town.project.complete_engineering("G1", day(), CLERK).unwrap_err();
    assert_eq!(empty.message().key(), "engineering.error.empty");
}
