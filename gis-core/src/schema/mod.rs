//! Feature classes, their fields and dictionaries as data. It says what may be stored and how it is called,
//! not how it is stored (`project`) or drawn (`cartography`).

mod change;
mod exchange;
mod loader;
mod lookup;
mod offered;
mod words;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub(crate) use change::FIRST_OWN_ID;
pub use change::{EntrySetting, FieldSetting, SchemaChange};
pub use exchange::DictionarySet;
pub(crate) use exchange::{DICTIONARIES, ENTRY_COLUMNS, FIELD_COLUMNS, FIELDS};
pub(crate) use loader::Source;
pub use lookup::normalised;

use crate::error::Result;
use crate::model::{ClassIndex, Value};
use crate::text::Lang;

/// The schema that comes with the program, each file with its name in messages.
const BUILTIN: [(&str, &str); 3] = [
    (
        "assets/schema/dictionaries.toml",
        include_str!("../../../assets/schema/dictionaries.toml"),
    ),
    (
        "assets/schema/fields.toml",
        include_str!("../../../assets/schema/fields.toml"),
    ),
    (
        "assets/schema/classes.toml",
        include_str!("../../../assets/schema/classes.toml"),
    ),
];

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub zh: String,
    pub en: String,
}

impl Label {
    /// Called so in every language.
    pub fn same(text: &str) -> Self {
        Self {
            zh: text.to_owned(),
            en: text.to_owned(),
        }
    }

    /// The label with something before it.
    #[must_use]
    pub fn after(&self, text: &str) -> Self {
        Self {
            zh: format!("{text} {}", self.zh),
            en: format!("{text} {}", self.en),
        }
    }

    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeometryKind {
    Point,
    Line,
}

/// What a class is to the network, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Pipe,
    /// Tee, elbow, cap, plain survey point: joins pipes and does nothing else.
    Junction,
    Valve,
    Pump,
    /// Reservoir, plant, well, tank, import meter.
    Source,
    Hydrant,
    Meter,
    Customer,
    /// Air valve, blow-off, measuring point: sits on the network without steering it.
    Fitting,
}

/// How a point class, or one entry of its `kind` dictionary, acts on water. `None` inherits from the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Separates the pipes that meet in it and can be open or closed.
    pub boundary: Option<bool>,
    /// May be shut to isolate a burst, if it is operable and accessible.
    pub shuttable: Option<bool>,
    /// Lets water through towards `flow_to` only.
    pub one_way: Option<bool>,
    /// Supplies the network.
    pub source: Option<bool>,
}

impl Behaviour {
    /// This behaviour, with what it leaves open taken from `base`.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        Self {
            boundary: self.boundary.or(base.boundary),
            shuttable: self.shuttable.or(base.shuttable),
            one_way: self.one_way.or(base.one_way),
            source: self.source.or(base.source),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "dictionary")]
pub enum FieldType {
    Text,
    Integer,
    Real,
    Boolean,
    Date,
    /// A code of the named dictionary, stored as text.
    Code(String),
}

/// One attribute of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Stable within the class; never reused.
    pub id: u32,
    /// Column name, e.g. `diameter_mm`.
    pub key: String,
    pub label: Label,
    pub field_type: FieldType,
    /// Unit as shown, e.g. `mm`, `m`.
    pub unit: Option<String>,
    pub required: bool,
    pub default: Option<Value>,
    /// Smallest and largest allowed number.
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    /// Personal or secret: masked for those without the right.
    pub sensitive: bool,
    /// Other names it has in practice (管径, DIAMETER, dn …), compared without case, spaces and underscores.
    pub aliases: Vec<String>,
    /// Keeps its column and its values, and is offered nowhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_retired: bool,
}

/// A name that import recognises as a class, possibly with a kind: 止回阀 → valve, `check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassAlias {
    pub name: String,
    #[serde(default)]
    pub kind: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureClass {
    /// Stable; never reused.
    pub id: u16,
    /// Table name, e.g. `valve`.
    pub key: String,
    pub label: Label,
    pub geometry: GeometryKind,
    pub role: Role,
    pub behaviour: Behaviour,
    /// Only ever longer: features keep their values by position.
    pub fields: Vec<Field>,
    pub aliases: Vec<ClassAlias>,
    /// Keys of the fields in the order in which they are shown; none where that is the order of `fields`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
}

impl FeatureClass {
    /// Position of the field in `fields` and in a feature's `values`.
    pub fn field_index(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.key == key)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DictionaryEntry {
    pub code: String,
    pub label: Label,
    pub aliases: Vec<String>,
    /// For dictionaries of `kind` fields.
    pub behaviour: Behaviour,
    /// Stays valid where data have it, and is not offered any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_retired: bool,
    /// Code of the entry this one was merged into; its names mean that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dictionary {
    pub key: String,
    pub label: Label,
    pub entries: Vec<DictionaryEntry>,
    /// Entries by code and by normalised name.
    #[serde(skip)]
    index: HashMap<String, usize>,
}

/// All classes and dictionaries of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    pub classes: Vec<FeatureClass>,
    pub dictionaries: BTreeMap<String, Dictionary>,
    /// Classes, with their kind, by normalised name.
    index: HashMap<String, (ClassIndex, Option<String>)>,
}

impl Schema {
    /// The schema that comes with the program (`assets/schema`).
    pub fn builtin() -> Result<Self> {
        Self::parse(&BUILTIN)
    }

    /// Tells one built-in schema from every other, as a hash of what it says.
    pub fn builtin_version() -> String {
        // FNV-1a: the version stays in files, so it may not change with the toolchain.
        let bytes = BUILTIN.iter().flat_map(|(_, text)| text.bytes());
        let hash = bytes
            .filter(|b| *b != b'\r')
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        format!("{hash:016x}")
    }

    /// A schema from TOML texts, each with the name it has in messages. The files may be in any order and divide
    /// their tables as they like.
    ///
    /// # Errors
    /// `BadInput` naming file and line for bad TOML, unknown keys, ids or keys used twice, references to nothing,
    /// and names that would mean two things.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self> {
        loader::parse(files)
    }

    /// The dictionaries and the fields of all classes as TOML, which [`DictionarySet::read`] reads without loss.
    pub fn to_toml(&self) -> String {
        exchange::write(self)
    }

    /// Puts a checked schema together from its parts, as the project file keeps them.
    pub(crate) fn from_parts(
        classes: Vec<FeatureClass>,
        dictionaries: impl IntoIterator<Item = Dictionary>,
    ) -> Self {
        let dictionaries = dictionaries
            .into_iter()
            .map(|mut dictionary| {
                dictionary.reindex();
                (dictionary.key.clone(), dictionary)
            })
            .collect();
        let mut schema = Self {
            classes,
            dictionaries,
            index: HashMap::new(),
        };
        schema.reindex();
        schema
    }

    pub fn class(&self, index: ClassIndex) -> &FeatureClass {
        &self.classes[usize::from(index.0)]
    }

    pub fn class_index(&self, key: &str) -> Option<ClassIndex> {
        self.classes
            .iter()
            .position(|c| c.key == key)
            .map(|i| ClassIndex(i as u16))
    }

    pub fn class_indices(&self) -> impl Iterator<Item = ClassIndex> + use<> {
        (0..self.classes.len() as u16).map(ClassIndex)
    }
}
