//! Knows what survey crews call their columns, from `assets/survey/columns.toml` and the schema's field names. It
//! reads no rows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::value::half_width;
use crate::schema::Schema;

/// What a column is to points and lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Point,
    FieldPoint,
    MapPoint,
    Connection,
    /// As they stand in the table; which one points north is found out from the values.
    X,
    Y,
    Northing,
    Easting,
    Longitude,
    Latitude,
    /// What the point is to the pipe: tee, elbow …
    Feature,
    /// What stands there: valve, hydrant …
    Attachment,
    /// Drinking water, sewage, gas …
    Utility,
    Serial,
    PipeBottom,
    PipeTop,
    Depth,
    Ground,
    DepthFrom,
    DepthTo,
    ElevationFrom,
    ElevationTo,
    /// The line's own number.
    LineCode,
    /// A field of the schema by its key.
    #[serde(skip)]
    Field(String),
}

/// Words of cells and rows that are no data.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) nothing: Vec<String>,
    pub(super) metres: Vec<String>,
    pub(super) millimetres: Vec<String>,
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
    pub(super) around_table: Vec<String>,
    pub(super) page: Vec<String>,
    pub(super) water: Vec<String>,
    pub(super) other: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    column: Vec<NamedColumn>,
    #[serde(default)]
    words: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedColumn {
    role: Role,
    names: Vec<String>,
}

const TEXT: &str = include_str!("../../../../assets/survey/columns.toml");

// A test makes sure that the file is readable; without it no table would be recognised, and that is said.
static FILE: LazyLock<File> = LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());
static ROLES: LazyLock<HashMap<String, Role>> = LazyLock::new(|| {
    let columns = FILE.column.iter();
    columns
        .flat_map(|c| c.names.iter().map(|name| (comparable(name), c.role.clone())))
        .collect()
});

pub(super) fn words() -> &'static Words {
    &FILE.words
}

/// Metres or millimetres that one unit of a column is; `None` where its heading names no unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    pub(super) metres: f64,
}

/// A heading understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    pub(super) role: Role,
    pub(super) unit: Option<Unit>,
}

/// Looks up headings in one schema and remembers them.
pub(super) struct Headings<'a> {
    schema: &'a Schema,
    known: RefCell<HashMap<String, Option<Heading>>>,
}

impl<'a> Headings<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self {
            schema,
            known: RefCell::default(),
        }
    }

    /// What a heading says; `None` for a text that is none.
    pub(super) fn resolve(&self, text: &str) -> Option<Heading> {
        // No heading is that long: a remark, an address.
        if text.chars().count() > 40 {
            return None;
        }
        if let Some(known) = self.known.borrow().get(text) {
            return known.clone();
        }
        let found = self.look_up(text);
        let mut known = self.known.borrow_mut();
        // Cells of an unruly table must not fill the memory.
        if known.len() > 100_000 {
            known.clear();
        }
        known.insert(text.to_owned(), found.clone());
        found
    }

    fn look_up(&self, text: &str) -> Option<Heading> {
        let (name, unit) = split_unit(text);
        let whole = comparable(text);
        if whole.is_empty() {
            return None;
        }
        let role = [whole.as_str(), name.as_str()]
            .into_iter()
            .find_map(|name| ROLES.get(name).cloned().or_else(|| self.field(name)))?;
        Some(Heading { role, unit })
    }

    fn field(&self, name: &str) -> Option<Role> {
        let has_number = name.chars().all(|c| c.is_ascii_digit());
        if name.is_empty() || has_number {
            return None;
        }
        // Pipes first: most attributes of a survey are theirs.
        let pipe = self.schema.class_index("pipe");
        let others = self.schema.class_indices().filter(|class| Some(*class) != pipe);
        pipe.into_iter().chain(others).find_map(|class| {
            let field = &self.schema.class(class).fields[self.schema.resolve_field(class, name)?];
            Some(match field.key.as_str() {
                "code" if Some(class) == pipe => Role::LineCode,
                "code" => Role::Point,
                key => Role::Field(key.to_owned()),
            })
        })
    }
}

/// A name without case, blanks and signs, brackets opened.
fn comparable(name: &str) -> String {
    half_width(name)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The comparable name without what stands in brackets, and the unit in brackets or after a slash.
fn split_unit(text: &str) -> (String, Option<Unit>) {
    let text = half_width(text).to_lowercase();
    let (mut name, mut inside, mut unit) = (String::new(), None::<String>, None);
    for c in text.chars() {
        match (c, &mut inside) {
            // U+3010 and U+3011 are lenticular brackets.
            ('(' | '[' | '\u{3010}', None) => inside = Some(String::new()),
            (')' | ']' | '\u{3011}', Some(content)) => {
                unit = unit.or_else(|| unit_of(content));
                inside = None;
            }
            (c, Some(content)) => content.push(c),
            (c, None) => name.push(c),
        }
    }
    // A bracket that nobody closed.
    unit = unit.or_else(|| unit_of(&inside?));
    if let Some((before, after)) = name.rsplit_once('/')
        && let Some(after) = unit_of(after)
    {
        return (comparable(before), unit.or(Some(after)));
    }
    (comparable(&name), unit)
}

fn unit_of(text: &str) -> Option<Unit> {
    let text = text.trim();
    let is_in = |list: &[String]| list.iter().any(|w| w == text);
    let metres = match text {
        _ if is_in(&words().millimetres) => 0.001,
        _ if is_in(&words().metres) => 1.0,
        "cm" => 0.01,
        _ => return None,
    };
    Some(Unit { metres })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_names_are_readable_and_each_has_one_meaning() {
        let file: File = toml::from_str(TEXT).unwrap();
        let mut seen = HashMap::new();
        for column in &file.column {
            for name in &column.names {
                let earlier = seen.insert(comparable(name), column.role.clone());
                assert!(earlier.is_none_or(|e| e == column.role), "{name} is both");
            }
        }
        assert!(!file.words.nothing.is_empty());
    }

    #[test]
    fn headings_are_known_with_units_brackets_and_full_width_letters() {
        let schema = Schema::builtin().unwrap();
        let headings = Headings::new(&schema);
        let field = |key: &str| Role::Field(key.to_owned());
        for (text, role, metres) in [
            ("管线点号", Role::Point, None),
            ("连接\n点号", Role::Connection, None),
            ("Ｘ（ｍ）", Role::X, Some(1.0)),
            ("管径或断面尺寸(mm)", field("diameter_mm"), Some(0.001)),
            ("管径 / mm", field("diameter_mm"), Some(0.001)),
            ("埋深(cm)", Role::Depth, Some(0.01)),
            ("高程(m)管顶", Role::PipeTop, Some(1.0)),
            ("点号（物探）", Role::Point, None),
            ("材质", field("material"), None),
            ("权属单位", field("owner"), None),
            ("埋设年代", field("install_date"), None),
            ("竣工日期", field("install_date"), None),
            ("所在道路", field("road"), None),
            ("埋设方式", field("burial"), None),
            ("备  注", field("remark"), None),
            ("管段编号", Role::LineCode, None),
        ] {
            let found = headings.resolve(text);
            assert_eq!(found.as_ref().map(|h| &h.role), Some(&role), "{text}");
            assert_eq!(found.and_then(|h| h.unit).map(|u| u.metres), metres, "{text}");
        }
        for text in ["J12", "PE", "12", "", "300", "和平路"] {
            assert_eq!(headings.resolve(text), None, "{text}");
        }
    }
}
