//! `karez field`: the fields of the classes of a project. What a change may be is told by `gis_core::schema`.

use std::path::PathBuf;

use gis_core::edit::Content;
use gis_core::project::Project;
use gis_core::schema::{FeatureClass, Field, FieldSetting, FieldType, Label, SchemaChange};
use gis_core::text::translate;
use gis_core::{Error, Message, Result, Value};
use serde_json::{Value as Json, json};

use super::Outcome;
use super::console::Console;
use super::dictionary::words;
use super::reshape::{ChangeArgs, named};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Do {
    List,
    Add,
    Set,
    Move,
    Retire,
    Revive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Text,
    Integer,
    Real,
    Boolean,
    Date,
    Code,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FieldArgs {
    /// Project file
    project: PathBuf,

    /// What to do
    #[arg(value_enum, value_name = "DO", default_value = "list")]
    r#do: Do,

    /// Class, and key of the field
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// What it is called in Chinese
    #[arg(long, value_name = "NAME")]
    zh: Option<String>,

    /// What it is called in English
    #[arg(long, value_name = "NAME")]
    en: Option<String>,

    /// Another name that imports know it by; may come several times
    #[arg(long, value_name = "NAME")]
    alias: Vec<String>,

    /// Type of a new field
    #[arg(long = "type", value_enum, default_value = "text")]
    kind: Kind,

    /// Dictionary of a new field of type code
    #[arg(long, value_name = "KEY")]
    dictionary: Option<String>,

    /// Unit, as shown; - for none
    #[arg(long, allow_hyphen_values = true)]
    unit: Option<String>,

    /// Smallest number; - for none
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    minimum: Option<String>,

    /// Largest number; - for none
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    maximum: Option<String>,

    /// Value of a new feature; - for none
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    default: Option<String>,

    /// Whether every feature needs a value
    #[arg(long, value_name = "true|false")]
    required: Option<bool>,

    /// Whether it is personal or secret
    #[arg(long, value_name = "true|false")]
    sensitive: Option<bool>,

    /// Key of the field to stand before; at the end unless given
    #[arg(long, value_name = "KEY")]
    before: Option<String>,

    #[command(flatten)]
    pub(super) change: ChangeArgs,
}

pub(crate) fn field(args: &FieldArgs, console: &mut Console) -> Result<Outcome> {
    if args.r#do == Do::List {
        return list(args, console);
    }
    args.change
        .carry_out(&args.project, console, |project, _| args.changes(project))
}

impl FieldArgs {
    fn changes(&self, project: &Project) -> Result<Vec<SchemaChange>> {
        let [class, key] = named(&self.names, "CLASS FIELD")?;
        let own = found(project, class)?;
        let (class, field) = (own.key.clone(), key.to_owned());
        Ok(vec![match self.r#do {
            Do::Add => SchemaChange::AddField {
                class,
                field: Box::new(self.new_field(project, field)?),
            },
            Do::Set => return self.settings(project, own, key),
            Do::Move => SchemaChange::MoveField {
                class,
                field,
                before: self.before.clone(),
            },
            Do::Retire => SchemaChange::RetireField { class, field },
            Do::Revive => SchemaChange::ReviveField { class, field },
            Do::List => return Ok(Vec::new()),
        }])
    }

    fn new_field(&self, project: &Project, key: String) -> Result<Field> {
        let field_type = match self.kind {
            Kind::Text => FieldType::Text,
            Kind::Integer => FieldType::Integer,
            Kind::Real => FieldType::Real,
            Kind::Boolean => FieldType::Boolean,
            Kind::Date => FieldType::Date,
            Kind::Code => FieldType::Code(self.dictionary.clone().unwrap_or_default()),
        };
        let mut field = Field {
            id: 0,
            key,
            label: self.label(&Label::default()),
            field_type,
            unit: self.unit.as_deref().and_then(given).map(str::to_owned),
            required: self.required.unwrap_or(false),
            default: None,
            minimum: limit(self.minimum.as_deref())?,
            maximum: limit(self.maximum.as_deref())?,
            sensitive: self.sensitive.unwrap_or(false),
            aliases: self.alias.clone(),
            is_retired: false,
        };
        field.default = self.default_of(project, &field)?;
        Ok(field)
    }

    fn label(&self, old: &Label) -> Label {
        Label {
            zh: self.zh.clone().unwrap_or_else(|| old.zh.clone()),
            en: self.en.clone().unwrap_or_else(|| old.en.clone()),
        }
    }

    fn default_of(&self, project: &Project, field: &Field) -> Result<Option<Value>> {
        let text = self.default.as_deref().and_then(given);
        text.map(|text| project.schema().value_of(field, text))
            .transpose()
    }

    /// One change for everything that was given.
    fn settings(&self, project: &Project, class: &FeatureClass, key: &str) -> Result<Vec<SchemaChange>> {
        let own = class.required_field(key)?;
        let mut settings = Vec::new();
        if self.zh.is_some() || self.en.is_some() {
            settings.push(FieldSetting::Label(self.label(&own.label)));
        }
        if !self.alias.is_empty() {
            settings.push(FieldSetting::Aliases(self.alias.clone()));
        }
        if let Some(unit) = &self.unit {
            settings.push(FieldSetting::Unit(given(unit).map(str::to_owned)));
        }
        if self.minimum.is_some() || self.maximum.is_some() {
            let or = |said: &Option<String>, old| said.as_deref().map_or(Ok(old), |said| limit(Some(said)));
            settings.push(FieldSetting::Domain {
                minimum: or(&self.minimum, own.minimum)?,
                maximum: or(&self.maximum, own.maximum)?,
            });
        }
        if self.default.is_some() {
            settings.push(FieldSetting::Default(self.default_of(project, own)?));
        }
        settings.extend(self.required.map(FieldSetting::Required));
        settings.extend(self.sensitive.map(FieldSetting::Sensitive));
        let set = |setting| SchemaChange::SetField {
            class: class.key.clone(),
            field: key.to_owned(),
            setting,
        };
        Ok(settings.into_iter().map(set).collect())
    }
}

/// What stands for nothing on the command line.
fn given(text: &str) -> Option<&str> {
    (text != "-").then_some(text)
}

fn limit(text: Option<&str>) -> Result<Option<f64>> {
    let number = |text: &str| {
        text.parse()
            .map_err(|_| Error::bad_input(Message::new("dictionaries.cli.no_number").with("found", text)))
    };
    text.and_then(given).map(number).transpose()
}

fn found<'a>(project: &'a Project, key: &str) -> Result<&'a FeatureClass> {
    let schema = project.schema();
    let resolved = schema
        .resolve_class(key)
        .map(|(class, _)| &schema.class(class).key);
    schema.required_class(resolved.map_or(key, String::as_str))
}

fn list(args: &FieldArgs, console: &mut Console) -> Result<Outcome> {
    let project = Project::open_read_only(&args.project)?;
    let classes: Vec<&FeatureClass> = match &args.names[..] {
        [] => project.schema().classes.iter().collect(),
        names => {
            let [class] = named(names, "CLASS")?;
            vec![found(&project, class)?]
        }
    };
    let in_order = |class: &'_ FeatureClass| class.in_order();
    let all = classes.iter().flat_map(|class| {
        in_order(class)
            .into_iter()
            .map(move |at| (*class, &class.fields[at]))
    });
    if console.is_json() {
        let fields: Vec<Json> = all
            .map(|(class, field)| json!({ "class": class.key, "field": field }))
            .collect();
        console.json(&json!({ "fields": fields, "revision": project.schema_revision()? }))?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<Vec<String>> = all.map(|(class, field)| row(class, field, console)).collect();
    let keys = [
        "class", "key", "zh", "en", "type", "unit", "minimum", "maximum", "default", "required", "state",
    ];
    console.table(&words(&keys, console), &rows)?;
    Ok(Outcome::Done)
}

fn row(class: &FeatureClass, field: &Field, console: &Console) -> Vec<String> {
    let word = |key: &str| translate(key, console.lang());
    let number = |limit: Option<f64>| limit.map(|n| n.to_string()).unwrap_or_default();
    let state = if field.is_retired {
        "dictionaries.state.retired"
    } else {
        "dictionaries.state.used"
    };
    vec![
        class.key.clone(),
        field.key.clone(),
        field.label.zh.clone(),
        field.label.en.clone(),
        field.field_type.dictionary().map_or_else(
            || word(&format!("dictionaries.type.{}", field.field_type.key())),
            str::to_owned,
        ),
        field.unit.clone().unwrap_or_default(),
        number(field.minimum),
        number(field.maximum),
        field
            .default
            .clone()
            .map(|value| Content::Value(value).short())
            .unwrap_or_default(),
        if field.required {
            word("report.value.yes")
        } else {
            String::new()
        },
        word(state),
    ]
}
