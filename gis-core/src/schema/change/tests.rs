//! What may be changed of a schema, what is refused, and that everything can be taken back.

use super::*;
use crate::schema::FieldType;
use crate::text::Lang;

fn builtin() -> Schema {
    Schema::builtin().unwrap()
}

fn label(zh: &str, en: &str) -> Label {
    Label {
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}

pub(super) fn entry(code: &str, zh: &str) -> DictionaryEntry {
    DictionaryEntry {
        code: code.to_owned(),
        label: label(zh, ""),
        aliases: Vec::new(),
        behaviour: Behaviour::default(),
        is_retired: false,
        replaced_by: None,
    }
}

fn add(code: &str, zh: &str) -> SchemaChange {
    SchemaChange::AddEntry {
        dictionary: "material".to_owned(),
        entry: entry(code, zh),
        before: Some("CI".to_owned()),
    }
}

fn merge(code: &str, into: &str) -> SchemaChange {
    SchemaChange::MergeEntry {
        dictionary: "material".to_owned(),
        code: code.to_owned(),
        into: into.to_owned(),
    }
}

fn retire(code: &str) -> SchemaChange {
    SchemaChange::RetireEntry {
        dictionary: "material".to_owned(),
        code: code.to_owned(),
    }
}

fn field(key: &str, zh: &str, field_type: FieldType) -> Field {
    Field {
        id: 0,
        key: key.to_owned(),
        label: label(zh, ""),
        field_type,
        unit: None,
        required: false,
        default: None,
        minimum: None,
        maximum: None,
        sensitive: false,
        aliases: Vec::new(),
        is_retired: false,
    }
}

fn add_field(field: Field) -> SchemaChange {
    SchemaChange::AddField {
        class: "pipe".to_owned(),
        field: Box::new(field),
    }
}

fn set(field: &str, setting: FieldSetting) -> SchemaChange {
    SchemaChange::SetField {
        class: "pipe".to_owned(),
        field: field.to_owned(),
        setting,
    }
}

fn refused(changes: &[SchemaChange]) -> String {
    builtin().changed(changes).unwrap_err().text(Lang::En)
}

#[test]
fn every_change_is_taken_back_to_the_letter_and_survives_json() {
    let dictionary = || "material".to_owned();
    let code = || "PE".to_owned();
    let class = || "pipe".to_owned();
    let key = || "diameter_mm".to_owned();
    let changes = vec![
        SchemaChange::AddDictionary {
            dictionary: "lining".to_owned(),
            label: label("衬里", "Lining"),
        },
        SchemaChange::RenameDictionary {
            dictionary: dictionary(),
            label: label("管材", ""),
        },
        add("PE100RC", "抗裂聚乙烯"),
        SchemaChange::SetEntry {
            dictionary: dictionary(),
            code: code(),
            setting: EntrySetting::Label(label("聚乙烯管材", "Polyethene")),
        },
        SchemaChange::SetEntry {
            dictionary: dictionary(),
            code: code(),
            setting: EntrySetting::Aliases(vec!["乙烯".to_owned()]),
        },
        SchemaChange::MoveEntry {
            dictionary: dictionary(),
            code: code(),
            before: Some("DI".to_owned()),
        },
        SchemaChange::MoveEntry {
            dictionary: dictionary(),
            code: "DI".to_owned(),
            before: None,
        },
        retire("PB"),
        merge("PL", "PVC"),
        SchemaChange::ReviveEntry {
            dictionary: dictionary(),
            code: "PL".to_owned(),
        },
        set(
            "diameter_mm",
            FieldSetting::Label(label("公称直径", "Nominal diameter")),
        ),
        set("diameter_mm", FieldSetting::Aliases(vec!["口径".to_owned()])),
        set("diameter_mm", FieldSetting::Unit(Some("dm".to_owned()))),
        set(
            "diameter_mm",
            FieldSetting::Domain {
                minimum: Some(15.0),
                maximum: Some(2400.0),
            },
        ),
        set("diameter_mm", FieldSetting::Default(Some(Value::Integer(100)))),
        set("remark", FieldSetting::Required(true)),
        set("remark", FieldSetting::Sensitive(true)),
        SchemaChange::MoveField {
            class: class(),
            field: key(),
            before: Some("code".to_owned()),
        },
        SchemaChange::RetireField {
            class: class(),
            field: "loss_coefficient".to_owned(),
        },
    ];
    let schema = builtin();
    for change in &changes {
        let json = serde_json::to_string(change).unwrap();
        assert_eq!(
            &serde_json::from_str::<SchemaChange>(&json).unwrap(),
            change,
            "{json}"
        );
        for lang in Lang::ALL {
            let text = change.message(&schema).text(lang);
            assert!(!text.contains("schema.") && !text.contains("%{"), "{text}");
        }
    }
    for until in 1..=changes.len() {
        let (after, back) = schema.changed(&changes[..until]).unwrap();
        let (again, _) = after.changed(&back).unwrap();
        assert_eq!(again, schema, "{:?}", changes[until - 1]);
        if until != 10 {
            // Reviving what was just retired is the schema itself.
            assert_ne!(after, schema, "{:?}", changes[until - 1]);
        }
    }
}

#[test]
fn taking_back_a_field_retires_it_and_doing_it_again_revives_it() {
    let schema = builtin();
    let change = add_field(field("lining", "衬里", FieldType::Text));
    let (added, back) = schema.changed(std::slice::from_ref(&change)).unwrap();
    let new = added.classes[0].fields.last().unwrap().clone();
    assert_eq!((new.key.as_str(), new.id), ("lining", FIRST_OWN_ID));
    assert_eq!(
        new.label,
        label("衬里", "衬里"),
        "one language stands for the other"
    );
    let (without, _) = added.changed(&back).unwrap();
    assert_eq!(
        without.classes[0]
            .offered()
            .filter(|(_, f)| f.key == "lining")
            .count(),
        0
    );
    assert_eq!(without.replayed(&[change]).unwrap(), added);
}

#[test]
fn a_merged_entry_goes_on_meaning_what_it_was_merged_into() {
    let (schema, _) = builtin()
        .changed(&[merge("PL", "PVC"), merge("PVC", "PE")])
        .unwrap();
    let dictionary = schema.dictionary("material").unwrap();
    for name in ["PL", "塑料管", "PVC", "UPVC", "PE"] {
        assert_eq!(dictionary.resolve(name).unwrap().code, "PE", "{name}");
    }
    assert_eq!(
        dictionary.entry("PL").unwrap().label.zh,
        "塑料",
        "it keeps its label"
    );
    assert!(
        dictionary
            .offered()
            .all(|entry| entry.code != "PL" && entry.code != "PVC")
    );
    // The target may take over a name of what was merged into it.
    let renamed = SchemaChange::SetEntry {
        dictionary: "material".to_owned(),
        code: "PE".to_owned(),
        setting: EntrySetting::Label(label("塑料", "Plastics")),
    };
    schema.changed(&[renamed]).unwrap();
}

#[test]
fn a_merged_kind_is_the_other_where_it_names_a_class() {
    let change = SchemaChange::MergeEntry {
        dictionary: "valve_kind".to_owned(),
        code: "plug_valve".to_owned(),
        into: "ball".to_owned(),
    };
    let (schema, _) = builtin().changed(&[change]).unwrap();
    let (_, kind) = schema.resolve_class("旋塞阀").unwrap();
    assert_eq!(kind, Some("ball"));
}

#[test]
fn merging_the_default_of_a_field_gives_it_the_other() {
    let change = SchemaChange::MergeEntry {
        dictionary: "life_state".to_owned(),
        code: "operative".to_owned(),
        into: "planned".to_owned(),
    };
    let schema = builtin();
    let (after, back) = schema.changed(&[change]).unwrap();
    let state = after.classes[0].field_index("state").unwrap();
    assert_eq!(
        after.classes[0].fields[state].default,
        Some(Value::Text("planned".to_owned()))
    );
    assert_eq!(after.changed(&back).unwrap().0, schema);
}

#[test]
fn what_cannot_be_is_refused_and_told() {
    let domain = |minimum, maximum| FieldSetting::Domain { minimum, maximum };
    for (changes, said) in [
        (vec![add("PE", "新材料")], "has the code `PE` already"),
        (vec![add(" X", "新材料")], "cannot be a code"),
        (vec![add("X1", "")], "A name is missing"),
        (vec![add("X1", "球墨管")], "already means `DI`"),
        (vec![retire("XX")], "no code `XX`"),
        (vec![retire("PL"), retire("PL")], "retired already"),
        (vec![retire("PL"), add("PL", "新塑料")], "retired entry"),
        (
            vec![retire("PL"), add("X1", "塑料管")],
            "still means the retired `PL`",
        ),
        (vec![merge("PE", "PE")], "into itself"),
        (vec![merge("PE", "PL"), merge("PL", "PE")], "into itself"),
        (
            vec![retire("PL"), merge("PE", "PL")],
            "is retired; revive it first",
        ),
        (
            vec![add_field(field("Lining", "衬里", FieldType::Text))],
            "cannot be a key",
        ),
        (
            vec![add_field(field("from_id", "起点", FieldType::Text))],
            "cannot be a key",
        ),
        (
            vec![add_field(field("diameter_mm", "口径", FieldType::Text))],
            "has a field `diameter_mm` already",
        ),
        (
            vec![add_field(field("dn2", "管径", FieldType::Text))],
            "already means `diameter_mm`",
        ),
        (
            vec![add_field(field(
                "x1",
                "甲",
                FieldType::Code("nothing".to_owned()),
            ))],
            "no dictionary `nothing`",
        ),
        (
            vec![set("material", domain(Some(1.0), None))],
            "Only fields of numbers",
        ),
        (
            vec![set("length_m", domain(Some(9.0), Some(1.0)))],
            "above the maximum",
        ),
        (
            vec![set("length_m", domain(Some(f64::NAN), None))],
            "above the maximum",
        ),
        (
            vec![set(
                "material",
                FieldSetting::Default(Some(Value::Text("XX".to_owned()))),
            )],
            "does not fit",
        ),
        (
            vec![set("nothing", FieldSetting::Required(true))],
            "no field `nothing`",
        ),
        (
            vec![SchemaChange::RetireField {
                class: "pipe".to_owned(),
                field: "code".to_owned(),
            }],
            "cannot be retired",
        ),
    ] {
        let text = refused(&changes);
        assert!(text.contains(said), "{changes:?}: {text}");
        assert!(!text.contains("%{"), "{text}");
    }
}

#[test]
fn fields_are_shown_in_their_order_and_kept_where_they_are() {
    let schema = builtin();
    let up = SchemaChange::MoveField {
        class: "pipe".to_owned(),
        field: "material".to_owned(),
        before: Some("code".to_owned()),
    };
    let (after, _) = schema.changed(&[up]).unwrap();
    assert_eq!(after.classes[0].fields, schema.classes[0].fields);
    assert_eq!(after.classes[0].offered().next().unwrap().1.key, "material");
}
