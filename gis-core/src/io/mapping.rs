//! Which source layer and column means which class and field, as a reusable TOML file. It reads no source;
//! `vector` carries it out, `exchange` and `guess` make one where the user gave none.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::text::Message;

/// How a source is read. In TOML:
///
/// ```toml
/// encoding = "GB18030"            # optional: of text, where the source does not say
/// crs = "EPSG:4538"               # optional: of coordinates, where the source does not say
///
/// [[layer]]
/// name = "GSGX"                   # source layer; "*" for every layer not named
/// class = "pipe"                  # class or "class/kind"
///
/// [layer.fields]                  # our field = source column, or more
/// code = "管线编号"
/// diameter_mm = "管径"
/// material = { column = "材质", translate = { "球铁" = "ductile_iron" } }
/// owner = { constant = "水务集团" }
///
/// [[layer]]
/// name = "GSGD"
/// class = "junction"              # of rows that the class column says nothing about
/// class_column = "附属物"
///
/// [layer.classes]                 # value of the class column = class or "class/kind"
/// "闸阀" = "valve/gate"
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    #[serde(rename = "layer")]
    pub layers: Vec<LayerMapping>,
}

/// How one source layer is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayerMapping {
    /// Name of the source layer, compared without case; `*` stands for every layer that no other names.
    pub name: String,
    /// Not to be read.
    #[serde(skip_serializing_if = "is_false")]
    pub skip: bool,
    /// Class, or `class/kind`, of all rows, or of those the class columns say nothing about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Columns whose value names the class; the first one with a value that is known decides.
    #[serde(skip_serializing_if = "Columns::is_empty")]
    pub class_column: Columns,
    /// Only rows whose column has one of these values; `*` stands for any value but none. A survey of all
    /// utilities in one table is read with `only = { "管线种类" = ["给水"] }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, Vec<String>>,
    /// Columns with coordinates, where rows have no geometry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub z_column: Option<String>,
    /// Value of a class column = class or `class/kind`; values not listed are looked up in the schema.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, String>,
    /// Our field, or one of `LINK_TARGETS`, = where its value comes from.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldRule>,
}

/// Targets beside the fields of the schema: how a feature hangs on others, by their codes.
pub const LINK_TARGETS: [&str; 6] = [
    "from",
    "to",
    "on_pipe",
    "on_pipe_distance_m",
    "flow_to",
    "inlet_pipes",
];

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldRule {
    Column(String),
    Rule(ValueRule),
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValueRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value of every row, or of those whose column is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// Value in the source = value for us; others are taken as they are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translate: BTreeMap<String, String>,
    /// Numbers are multiplied by it (a source in metres for a field in millimetres: 1000).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
}

impl FieldRule {
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(column) => Some(column),
            Self::Rule(rule) => rule.column.as_deref(),
        }
    }
}

/// One name or several.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "OneOrMore", into = "OneOrMore")]
pub struct Columns(pub Vec<String>);

impl Columns {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Columns {
    fn from(value: OneOrMore) -> Self {
        match value {
            OneOrMore::One(one) => Self(vec![one]),
            OneOrMore::More(more) => Self(more),
        }
    }
}

impl From<Columns> for OneOrMore {
    fn from(value: Columns) -> Self {
        let mut all = value.0;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Self::One(one),
            (Some(last), false) => {
                all.push(last);
                Self::More(all)
            }
            (None, _) => Self::More(all),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Mapping {
    /// # Errors
    /// Not TOML, or with keys that are not ours: the message names file, line and column.
    pub fn from_toml(text: &str, file: &Path) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                1 + text
                    .as_bytes()
                    .iter()
                    .take(span.start)
                    .filter(|b| **b == b'\n')
                    .count()
            });
            Error::bad_input(
                Message::new("io.mapping.malformed")
                    .with("path", file.display())
                    .with("line", line)
                    .with("reason", error.message()),
            )
        })
    }

    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|error| {
            Error::bad_input(
                Message::new("io.mapping.malformed")
                    .with("path", "")
                    .with("line", 0)
                    .with("reason", error),
            )
        })
    }

    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        Self::from_toml(&text, path)
    }

    pub fn save(&self, path: &Path) -> Result<()> {
        crate::output::write(path, self.to_toml()?.as_bytes())
    }

    /// The rules for a source layer: several where it holds lines and points, none where nothing is said.
    pub fn rules_for(&self, name: &str) -> Vec<&LayerMapping> {
        let lower = name.to_lowercase();
        let named: Vec<&LayerMapping> = self
            .layers
            .iter()
            .filter(|l| l.name.to_lowercase() == lower)
            .collect();
        if named.is_empty() {
            self.layers.iter().filter(|l| l.name == "*").collect()
        } else {
            named
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
encoding = "GB18030"
crs = "EPSG:4538"

[[layer]]
name = "GSGX"
class = "pipe"
[layer.fields]
code = "管线编号"
material = { column = "材质", translate = { "球铁" = "ductile_iron" } }
owner = { constant = "水务集团" }

[[layer]]
name = "GSGD"
class = "junction"
class_column = ["附属物", "特征"]
[layer.classes]
"闸阀" = "valve/gate"
"#;

    #[test]
    fn a_mapping_survives_the_way_to_toml_and_back() {
        let mapping = Mapping::from_toml(EXAMPLE, Path::new("m.toml")).unwrap();
        assert_eq!(mapping.layers[1].class_column.0, ["附属物", "特征"]);
        assert_eq!(
            mapping.rules_for("gsgx")[0].fields["code"].column(),
            Some("管线编号")
        );
        assert_eq!(
            Mapping::from_toml(&mapping.to_toml().unwrap(), Path::new("m.toml")).unwrap(),
            mapping
        );
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line() {
        let error = Mapping::from_toml("[[layer]]\nname = \"a\"\nklass = \"pipe\"\n", Path::new("m.toml"));
        let text = error.unwrap_err().to_string();
        assert!(text.contains("klass") && text.contains('3'), "{text}");
    }
}
