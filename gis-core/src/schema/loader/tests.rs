//! What a schema file may say, and how a slip in it is told.

use crate::schema::{FieldType, GeometryKind, Role, Schema};
use crate::text::Lang;

const LABEL: &str = "label = { zh = \"甲\", en = \"A\" }";

fn refusal(text: &str) -> String {
    Schema::parse(&[("net.toml", text)]).unwrap_err().text(Lang::En)
}

#[test]
fn the_schema_of_the_program_is_sound() {
    let schema = Schema::builtin().unwrap();
    for class in &schema.classes {
        assert!(
            !class.label.zh.is_empty() && !class.label.en.is_empty(),
            "{}",
            class.key
        );
        assert!(
            class
                .field_index("code")
                .is_some_and(|i| class.fields[i].required),
            "{}",
            class.key
        );
        assert_eq!(
            class.geometry == GeometryKind::Line,
            class.role == Role::Pipe,
            "{}",
            class.key
        );
        for field in &class.fields {
            assert!(
                !field.label.zh.is_empty() && !field.label.en.is_empty(),
                "{}.{}",
                class.key,
                field.key
            );
        }
    }
    for key in
        "pipe valve hydrant meter customer junction tee cross elbow reducer cap air_valve blow_off pump tank \
                reservoir plant pump_house measuring_point well"
            .split_whitespace()
    {
        assert!(schema.class_index(key).is_some(), "{key}");
    }
}

#[test]
fn classes_are_found_by_survey_terms_and_tell_the_kind() {
    let schema = Schema::builtin().unwrap();
    let found = |name: &str| {
        let (class, kind) = schema.resolve_class(name)?;
        Some(format!("{}/{}", schema.class(class).key, kind.unwrap_or("-")))
    };
    for (name, expected) in [
        ("pipe", "pipe/-"),
        ("供水管线", "pipe/-"),
        ("Water Main", "pipe/-"),
        ("阀门井", "valve/-"),
        ("止回阀", "valve/check"),
        ("PRV", "valve/prv"),
        ("Gate Valve", "valve/gate"),
        ("消防栓", "hydrant/-"),
        ("地下式消火栓", "hydrant/underground"),
        ("三通", "tee/-"),
        ("四 通", "cross/-"),
        ("拐点", "elbow/-"),
        ("预留口", "junction/stub"),
        ("检修井", "junction/chamber"),
        ("AIR_VALVE", "air_valve/-"),
        ("排泥湿井", "blow_off/-"),
        ("水塔", "tank/tower"),
        ("测压点", "measuring_point/pressure"),
        ("贸易结算表", "meter/import"),
        ("ＰＵＭＰ", "pump/-"),
    ] {
        assert_eq!(found(name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(found("燃气调压箱"), None);
    assert_eq!(found(""), None);
}

#[test]
fn fields_are_found_by_label_alias_unit_and_cut_names() {
    let schema = Schema::builtin().unwrap();
    let pipe = schema.class_index("pipe").unwrap();
    let found = |name: &str| {
        schema
            .resolve_field(pipe, name)
            .map(|i| schema.class(pipe).fields[i].key.as_str())
    };
    for (name, expected) in [
        ("管径", "diameter_mm"),
        ("管径（mm）", "diameter_mm"),
        ("管径(DN)", "diameter_mm"),
        ("DIAMETER", "diameter_mm"),
        ("diameter_m", "diameter_mm"),
        ("install_da", "install_date"),
        ("材质", "material"),
        ("权属单位", "owner"),
        ("竣工日期", "install_date"),
        ("起点埋深", "depth_from_m"),
        ("图幅号", "map_sheet"),
        ("管线编号", "code"),
    ] {
        assert_eq!(found(name), Some(expected), "{name}");
    }
    assert_eq!(found("弹性模量"), None);
    assert_eq!(found(""), None);
}

#[test]
fn kinds_decide_how_a_valve_acts() {
    let schema = Schema::builtin().unwrap();
    let of = |class: &str, kind: Option<&str>| {
        let b = schema.behaviour(schema.class_index(class).unwrap(), kind);
        [b.boundary, b.shuttable, b.one_way, b.source].map(|flag| flag.unwrap_or(false))
    };
    assert_eq!(of("valve", None), [true, true, false, false]);
    assert_eq!(of("valve", Some("闸阀")), [true, true, false, false]);
    for kind in ["check", "prv", "psv", "fcv"] {
        assert_eq!(of("valve", Some(kind)), [true, false, true, false], "{kind}");
    }
    assert_eq!(of("valve", Some("service_stop")), [false, false, false, false]);
    assert_eq!(of("valve", Some("something new")), [true, true, false, false]);
    assert_eq!(of("pump", None), [true, false, true, false]);
    assert_eq!(of("meter", None), [false; 4]);
    assert_eq!(of("meter", Some("import")), [false, false, false, true]);
    for source in ["reservoir", "plant", "well", "tank"] {
        assert!(of(source, None)[3], "{source}");
    }
    for fitting in ["hydrant", "air_valve", "blow_off", "junction", "customer"] {
        assert_eq!(of(fitting, None), [false; 4], "{fitting}");
    }
}

#[test]
fn materials_are_found_by_their_many_names() {
    let schema = Schema::builtin().unwrap();
    let materials = schema.dictionary("material").unwrap();
    for (text, code) in [
        ("球墨铸铁", "DI"),
        ("球墨", "DI"),
        ("PE100", "PE"),
        ("钢管", "ST"),
        ("pvc-u", "PVC"),
        ("砼", "RC"),
        ("DI", "DI"),
    ] {
        assert_eq!(
            materials.resolve(text).map(|e| e.code.as_str()),
            Some(code),
            "{text}"
        );
    }
    assert!(materials.resolve("月岩").is_none());
}

#[test]
fn a_slip_is_told_with_file_and_line() {
    let class = |fields: &str| {
        format!(
            "[[class]]\nid = 1\nkey = \"pipe\"\n{LABEL}\ngeometry = \"line\"\nrole = \"pipe\"\nfields = [{fields}]\n"
        )
    };
    for (text, place, word) in [
        ("[[class]\n".to_owned(), "net.toml:1:", ""),
        (
            format!(
                "[[class]]\nid = 1\nkey = \"pipe\"\n{LABEL}\ngeometry = \"line\"\nrole = \"pipe\"\nfields = []\ncolour = 1\n"
            ),
            "net.toml:8:",
            "colour",
        ),
        (
            format!(
                "[[dictionary]]\nkey = \"d\"\n{LABEL}\nentries = [\n  {{ code = \"a\", {LABEL} }},\n  {{ code = \"a\", {LABEL} }},\n]\n"
            ),
            "net.toml:6:",
            "a",
        ),
        (
            format!(
                "[[dictionary]]\nkey = \"d\"\n{LABEL}\nentries = [\n  {{ code = \"a\", {LABEL} }},\n  {{ code = \"b\", {LABEL} }},\n]\n"
            ),
            "net.toml:6:",
            "甲",
        ),
        (class("\n\"depth\"\n"), "net.toml:8:", "depth"),
        (class("\"@nothing\""), "net.toml:7:", "@nothing"),
        (
            format!(
                "[[field]]\nid = 1\nkey = \"x\"\n{LABEL}\ntype = \"code\"\ndictionary = \"none\"\n{}",
                class("\"x\"")
            ),
            "net.toml:6:",
            "none",
        ),
        (
            format!(
                "[[field]]\nid = 1\nkey = \"x\"\n{LABEL}\ntype = \"integer\"\ndefault = \"many\"\n{}",
                class("\"x\"")
            ),
            "net.toml:6:",
            "many",
        ),
        (
            format!(
                "[[field]]\nid = 1\nkey = \"x\"\n{LABEL}\ntype = \"text\"\n[[field]]\nid = 1\nkey = \"y\"\n{LABEL}\ntype = \"text\"\n"
            ),
            "net.toml:7:",
            "x",
        ),
        (
            format!("[[field]]\nid = 1\nkey = \"geom\"\n{LABEL}\ntype = \"text\"\n"),
            "net.toml:3:",
            "geom",
        ),
        (
            class("").replace("key = \"pipe\"", "key = \"drop table\""),
            "net.toml:3:",
            "drop table",
        ),
        (class("") + &class(""), "net.toml:9:", "1"),
        (
            class("").replace("role = \"pipe\"", "role = \"wall\""),
            "net.toml:6:",
            "wall",
        ),
        (class("").replace("zh = \"甲\", ", ""), "net.toml:4:", "zh"),
        (class("") + "required = [\"nothing\"]\n", "net.toml:8:", "nothing"),
    ] {
        let said = refusal(&text);
        assert!(
            said.starts_with(place) && said.contains(word),
            "expected {place} … {word}, got: {said}"
        );
    }
}

#[test]
fn a_loop_of_groups_is_refused() {
    let said = refusal(&format!(
        "[[group]]\nkey = \"g\"\nfields = [\"@g\"]\n[[class]]\nid = 1\nkey = \"pipe\"\n{LABEL}\ngeometry = \"line\"\nrole = \"pipe\"\nfields = [\"@g\"]\n"
    ));
    assert!(said.contains("net.toml:3:"), "{said}");
}

#[test]
fn kind_is_a_code_of_the_dictionary_of_its_class() {
    let schema = Schema::builtin().unwrap();
    let valve = &schema.classes[usize::from(schema.class_index("valve").unwrap().0)];
    let kind = &valve.fields[valve.field_index("kind").unwrap()];
    assert_eq!(kind.field_type, FieldType::Code("valve_kind".to_owned()));
    assert_eq!(kind.label.text(Lang::ZhCn), "类型");
}
