//! Reads a schema from TOML and checks it, so that a slip of the pen is told with file and line. It knows nothing of
//! project files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::lookup::{class_names, entry_names, field_names, normalised};
use super::{
    Behaviour, ClassAlias, Dictionary, DictionaryEntry, FeatureClass, Field, FieldType, GeometryKind, Label,
    Role, Schema,
};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::text::Message;

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawFile {
    field: Vec<RawField>,
    group: Vec<RawGroup>,
    class: Vec<RawClass>,
    dictionary: Vec<RawDictionary>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    id: Spanned<u32>,
    key: Spanned<String>,
    label: Label,
    #[serde(rename = "type")]
    field_type: RawType,
    dictionary: Option<Spanned<String>>,
    unit: Option<String>,
    default: Option<Spanned<toml::Value>>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum RawType {
    Text,
    Integer,
    Real,
    Boolean,
    Date,
    Code,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    key: Spanned<String>,
    fields: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClass {
    id: Spanned<u16>,
    key: Spanned<String>,
    label: Label,
    geometry: GeometryKind,
    role: Role,
    #[serde(default)]
    behaviour: Behaviour,
    kind_dictionary: Option<Spanned<String>>,
    #[serde(default)]
    kinds_name_class: bool,
    fields: Vec<Spanned<String>>,
    #[serde(default)]
    required: Vec<Spanned<String>>,
    #[serde(default)]
    labels: BTreeMap<Spanned<String>, Label>,
    #[serde(default)]
    field_aliases: BTreeMap<Spanned<String>, Vec<String>>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    kind_aliases: BTreeMap<Spanned<String>, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDictionary {
    key: Spanned<String>,
    label: Label,
    entries: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    code: String,
    label: Label,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    behaviour: Behaviour,
}

/// A text with its name, to say where something stands.
#[derive(Clone, Copy)]
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(self, span: &Range<usize>, message: Message) -> Error {
        let line = self.text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1;
        Error::bad_input(message.with("file", self.name).with("line", line))
    }
}

struct Loader<'a> {
    fields: HashMap<String, (Source<'a>, RawField)>,
    groups: HashMap<String, (Source<'a>, RawGroup)>,
    dictionaries: BTreeMap<String, Dictionary>,
}

pub(super) fn parse(files: &[(&str, &str)]) -> Result<Schema> {
    let mut loader = Loader {
        fields: HashMap::new(),
        groups: HashMap::new(),
        dictionaries: BTreeMap::new(),
    };
    let mut classes = Vec::new();
    let mut field_ids = HashMap::new();
    for &(name, text) in files {
        let source = Source { name, text };
        let raw: RawFile = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            source.error(
                &span,
                Message::new("schema.syntax").with("reason", error.message()),
            )
        })?;
        for dictionary in raw.dictionary {
            loader.add_dictionary(source, dictionary)?;
        }
        for field in raw.field {
            check_key(source, &field.key)?;
            if let Some(other) = field_ids.insert(*field.id.get_ref(), field.key.get_ref().clone()) {
                return Err(source.error(
                    &field.id.span(),
                    Message::new("schema.duplicate_id")
                        .with("id", field.id.get_ref())
                        .with("other", other),
                ));
            }
            let (key, span) = (field.key.get_ref().clone(), field.key.span());
            if loader.fields.insert(key.clone(), (source, field)).is_some() {
                return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", key)));
            }
        }
        for group in raw.group {
            let (key, span) = (group.key.get_ref().clone(), group.key.span());
            if loader.groups.insert(key.clone(), (source, group)).is_some() {
                return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", key)));
            }
        }
        classes.extend(raw.class.into_iter().map(|class| (source, class)));
    }
    let mut built = Vec::with_capacity(classes.len());
    let mut ids = HashMap::new();
    let mut names: HashMap<String, (String, Option<String>)> = HashMap::new();
    for (source, raw) in &classes {
        check_key(*source, &raw.key)?;
        let key = raw.key.get_ref();
        if let Some(other) = ids.insert(*raw.id.get_ref(), key) {
            return Err(source.error(
                &raw.id.span(),
                Message::new("schema.duplicate_id")
                    .with("id", raw.id.get_ref())
                    .with("other", other),
            ));
        }
        if built.iter().any(|class: &FeatureClass| class.key == *key) {
            return Err(source.error(
                &raw.key.span(),
                Message::new("schema.duplicate_key").with("key", key),
            ));
        }
        let class = loader.class(*source, raw)?;
        for (name, kind) in class_names(&class) {
            let meaning = (key.clone(), kind.map(str::to_owned));
            if let Some(other) = names.insert(normalised(name), meaning.clone())
                && other != meaning
            {
                return Err(source.error(
                    &raw.key.span(),
                    Message::new("schema.ambiguous_name")
                        .with("name", name)
                        .with("first", meaning_text(&other))
                        .with("second", meaning_text(&meaning)),
                ));
            }
        }
        built.push(class);
    }
    Ok(Schema::from_parts(built, loader.dictionaries.into_values()))
}

fn meaning_text((class, kind): &(String, Option<String>)) -> String {
    kind.as_ref()
        .map_or_else(|| class.clone(), |kind| format!("{class}/{kind}"))
}

/// Keys become table and column names, in files that other programs read.
fn check_key(source: Source<'_>, key: &Spanned<String>) -> Result<()> {
    let text = key.get_ref();
    let reserved = [
        "fid",
        "geom",
        "uid",
        "rowid",
        "from_id",
        "to_id",
        "on_pipe_id",
        "on_pipe_distance_m",
        "flow_to_id",
        "inlet_pipe_ids",
    ];
    let is_good = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && text.len() <= 60
        && !["karez_", "gpkg_", "rtree_", "sqlite_"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
        && !reserved.contains(&text.as_str());
    if is_good {
        return Ok(());
    }
    Err(source.error(&key.span(), Message::new("schema.bad_key").with("key", text)))
}

impl<'a> Loader<'a> {
    fn add_dictionary(&mut self, source: Source<'a>, raw: RawDictionary) -> Result<()> {
        check_key(source, &raw.key)?;
        let key = raw.key.get_ref().clone();
        let mut names: HashMap<String, String> = HashMap::new();
        let mut codes = HashSet::new();
        let mut entries = Vec::with_capacity(raw.entries.len());
        for entry in raw.entries {
            let span = entry.span();
            let RawEntry {
                code,
                label,
                aliases,
                behaviour,
            } = entry.into_inner();
            if !codes.insert(code.clone()) || code.trim().is_empty() {
                return Err(source.error(&span, Message::new("schema.duplicate_key").with("key", code)));
            }
            let entry = DictionaryEntry {
                code,
                label,
                aliases,
                behaviour,
            };
            for name in entry_names(&entry) {
                if let Some(other) = names.insert(normalised(name), entry.code.clone())
                    && other != entry.code
                {
                    return Err(source.error(
                        &span,
                        Message::new("schema.ambiguous_name")
                            .with("name", name)
                            .with("first", other)
                            .with("second", &entry.code),
                    ));
                }
            }
            entries.push(entry);
        }
        let dictionary = Dictionary {
            key: key.clone(),
            label: raw.label,
            entries,
            index: HashMap::new(),
        };
        if self.dictionaries.insert(key.clone(), dictionary).is_some() {
            return Err(source.error(
                &raw.key.span(),
                Message::new("schema.duplicate_key").with("key", key),
            ));
        }
        Ok(())
    }

    fn class(&self, source: Source<'_>, raw: &RawClass) -> Result<FeatureClass> {
        let mut fields = Vec::new();
        for name in &raw.fields {
            self.expand(source, raw, name.get_ref(), &name.span(), 0, &mut fields)?;
        }
        let position = |name: &Spanned<String>| {
            fields
                .iter()
                .position(|f: &Field| f.key == *name.get_ref())
                .ok_or_else(|| {
                    source.error(
                        &name.span(),
                        Message::new("schema.unknown_field").with("key", name.get_ref()),
                    )
                })
        };
        let required = raw.required.iter().map(position).collect::<Result<Vec<_>>>()?;
        let labels = raw
            .labels
            .iter()
            .map(|(key, l)| Ok((position(key)?, l)))
            .collect::<Result<Vec<_>>>()?;
        let more = raw
            .field_aliases
            .iter()
            .map(|(key, a)| Ok((position(key)?, a)))
            .collect::<Result<Vec<_>>>()?;
        for field in required {
            fields[field].required = true;
        }
        for (field, label) in labels {
            fields[field].label = label.clone();
        }
        for (field, aliases) in more {
            fields[field].aliases.extend(aliases.iter().cloned());
        }
        let mut meanings: HashMap<String, &str> = HashMap::new();
        for field in &fields {
            for name in field_names(field) {
                if let Some(other) = meanings.insert(normalised(name), &field.key)
                    && other != field.key
                {
                    return Err(source.error(
                        &raw.key.span(),
                        Message::new("schema.ambiguous_name")
                            .with("name", name)
                            .with("first", other)
                            .with("second", &field.key),
                    ));
                }
            }
        }
        Ok(FeatureClass {
            id: *raw.id.get_ref(),
            key: raw.key.get_ref().clone(),
            label: raw.label.clone(),
            geometry: raw.geometry,
            role: raw.role,
            behaviour: raw.behaviour,
            aliases: self.class_aliases(source, raw)?,
            fields,
        })
    }

    fn class_aliases(&self, source: Source<'_>, raw: &RawClass) -> Result<Vec<ClassAlias>> {
        let mut aliases: Vec<ClassAlias> = raw
            .aliases
            .iter()
            .map(|name| ClassAlias {
                name: name.clone(),
                kind: None,
            })
            .collect();
        let kinds = raw
            .kind_dictionary
            .as_ref()
            .and_then(|key| self.dictionaries.get(key.get_ref()));
        if raw.kinds_name_class {
            for entry in kinds.into_iter().flat_map(|d| &d.entries) {
                aliases.extend(entry_names(entry).map(|name| ClassAlias {
                    name: name.to_owned(),
                    kind: Some(entry.code.clone()),
                }));
            }
        }
        for (kind, names) in &raw.kind_aliases {
            if !kinds.is_some_and(|d| d.entries.iter().any(|e| e.code == *kind.get_ref())) {
                return Err(source.error(
                    &kind.span(),
                    Message::new("schema.unknown_kind").with("key", kind.get_ref()),
                ));
            }
            aliases.extend(names.iter().map(|name| ClassAlias {
                name: name.clone(),
                kind: Some(kind.get_ref().clone()),
            }));
        }
        Ok(aliases)
    }

    fn expand(
        &self,
        source: Source<'_>,
        class: &RawClass,
        name: &str,
        span: &Range<usize>,
        depth: u32,
        out: &mut Vec<Field>,
    ) -> Result<()> {
        if let Some(group) = name.strip_prefix('@') {
            let Some((group_source, group)) = self.groups.get(group).filter(|_| depth < 8) else {
                return Err(source.error(span, Message::new("schema.unknown_group").with("key", name)));
            };
            for name in &group.fields {
                self.expand(*group_source, class, name.get_ref(), &name.span(), depth + 1, out)?;
            }
            return Ok(());
        }
        let Some((field_source, raw)) = self.fields.get(name) else {
            return Err(source.error(span, Message::new("schema.unknown_field").with("key", name)));
        };
        if out.iter().any(|f| f.key == name) {
            return Err(source.error(span, Message::new("schema.duplicate_key").with("key", name)));
        }
        let kind_dictionary = class.kind_dictionary.as_ref().filter(|_| name == "kind");
        let (dictionary, dictionary_source) = match kind_dictionary {
            // Relative to the class, which stands in `classes.toml`; the span is only used for the line.
            Some(key) => (Some(key), source),
            None => (raw.dictionary.as_ref(), *field_source),
        };
        if let Some(key) = dictionary
            && !self.dictionaries.contains_key(key.get_ref())
        {
            return Err(dictionary_source.error(
                &key.span(),
                Message::new("schema.unknown_dictionary").with("key", key.get_ref()),
            ));
        }
        out.push(field(
            *field_source,
            raw,
            dictionary.map(|d| d.get_ref().clone()),
        )?);
        Ok(())
    }
}

fn field(source: Source<'_>, raw: &RawField, dictionary: Option<String>) -> Result<Field> {
    let field_type = match (raw.field_type, dictionary) {
        (RawType::Code | RawType::Text, Some(dictionary)) => FieldType::Code(dictionary),
        (RawType::Code, None) => {
            return Err(source.error(&raw.key.span(), Message::new("schema.no_dictionary")));
        }
        (_, Some(_)) => {
            return Err(source.error(&raw.key.span(), Message::new("schema.dictionary_without_code")));
        }
        (RawType::Text, None) => FieldType::Text,
        (RawType::Integer, None) => FieldType::Integer,
        (RawType::Real, None) => FieldType::Real,
        (RawType::Boolean, None) => FieldType::Boolean,
        (RawType::Date, None) => FieldType::Date,
    };
    if raw.minimum.zip(raw.maximum).is_some_and(|(low, high)| low > high) {
        return Err(source.error(&raw.key.span(), Message::new("schema.empty_domain")));
    }
    let default = match &raw.default {
        None => None,
        Some(value) => Some(default_value(value.get_ref(), &field_type).ok_or_else(|| {
            source.error(
                &value.span(),
                Message::new("schema.bad_default").with("value", value.get_ref()),
            )
        })?),
    };
    Ok(Field {
        id: *raw.id.get_ref(),
        key: raw.key.get_ref().clone(),
        label: raw.label.clone(),
        field_type,
        unit: raw.unit.clone(),
        required: false,
        default,
        minimum: raw.minimum,
        maximum: raw.maximum,
        sensitive: raw.sensitive,
        aliases: raw.aliases.clone(),
    })
}

fn default_value(value: &toml::Value, field_type: &FieldType) -> Option<Value> {
    Some(match (field_type, value) {
        (FieldType::Boolean, toml::Value::Boolean(flag)) => Value::Boolean(*flag),
        (FieldType::Integer, toml::Value::Integer(number)) => Value::Integer(*number),
        (FieldType::Real, toml::Value::Integer(number)) => Value::Real(*number as f64),
        (FieldType::Real, toml::Value::Float(number)) => Value::Real(*number),
        (FieldType::Text | FieldType::Code(_), toml::Value::String(text)) => Value::Text(text.clone()),
        (FieldType::Date, toml::Value::Datetime(date)) => {
            Value::Date(NaiveDate::parse_from_str(&date.to_string(), "%Y-%m-%d").ok()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
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
        for key in "pipe valve hydrant meter customer junction tee cross elbow reducer cap air_valve blow_off pump tank \
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
}
