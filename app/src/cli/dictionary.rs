//! `karez dictionary`: the dictionaries of a project and their entries. What a change may be is told by
//! `gis_core::schema`.

use std::path::{Path, PathBuf};

use gis_core::project::Project;
use gis_core::report::dictionaries_workbook;
use gis_core::schema::{
    Behaviour, Dictionary, DictionaryEntry, DictionarySet, EntrySetting, Label, SchemaChange,
};
use gis_core::text::translate;
use gis_core::{Error, Message, Result};
use serde_json::{Value as Json, json};

use super::Outcome;
use super::analyse::save;
use super::console::Console;
use super::reshape::{ChangeArgs, named};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Do {
    List,
    Show,
    New,
    Add,
    Rename,
    Move,
    Retire,
    Revive,
    Merge,
    Export,
    Import,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DictionaryArgs {
    /// Project file
    project: PathBuf,

    /// What to do
    #[arg(value_enum, value_name = "DO", default_value = "list")]
    r#do: Do,

    /// Dictionary, code, code to merge into; or the file to read or write
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

    /// Code of the entry that the new one acts on water like
    #[arg(long, value_name = "CODE")]
    like: Option<String>,

    /// Code of the entry to stand before; at the end unless given
    #[arg(long, value_name = "CODE")]
    before: Option<String>,

    #[command(flatten)]
    pub(super) change: ChangeArgs,
}

pub(crate) fn dictionary(args: &DictionaryArgs, console: &mut Console) -> Result<Outcome> {
    match args.r#do {
        Do::List => list(&Project::open_read_only(&args.project)?, console),
        Do::Show => {
            let [key] = named(&args.names, "DICTIONARY")?;
            show(&Project::open_read_only(&args.project)?, key, console)
        }
        Do::Export => export(args, console),
        _ => args.change.carry_out(&args.project, console, |project, told| {
            args.changes(project, told)
        }),
    }
}

impl DictionaryArgs {
    fn changes(&self, project: &Project, console: &Console) -> Result<Vec<SchemaChange>> {
        let names = &self.names;
        let dictionary_and_code = |names| -> Result<(String, String)> {
            let [dictionary, code] = named(names, "DICTIONARY CODE")?;
            Ok((dictionary.to_owned(), code.to_owned()))
        };
        Ok(vec![match self.r#do {
            Do::New => {
                let [key] = named(names, "DICTIONARY")?;
                SchemaChange::AddDictionary {
                    dictionary: key.to_owned(),
                    label: self.label(&Label::default()),
                }
            }
            Do::Add => {
                let (dictionary, code) = dictionary_and_code(names)?;
                let behaviour = self.behaviour(project.schema().required_dictionary(&dictionary)?)?;
                SchemaChange::AddEntry {
                    entry: DictionaryEntry {
                        label: self.label(&Label::default()),
                        aliases: self.alias.clone(),
                        behaviour,
                        is_retired: false,
                        replaced_by: None,
                        code,
                    },
                    dictionary,
                    before: self.before.clone(),
                }
            }
            Do::Rename => return self.renamed(project),
            Do::Move => {
                let (dictionary, code) = dictionary_and_code(names)?;
                SchemaChange::MoveEntry {
                    dictionary,
                    code,
                    before: self.before.clone(),
                }
            }
            Do::Retire => {
                let (dictionary, code) = dictionary_and_code(names)?;
                SchemaChange::RetireEntry { dictionary, code }
            }
            Do::Revive => {
                let (dictionary, code) = dictionary_and_code(names)?;
                SchemaChange::ReviveEntry { dictionary, code }
            }
            Do::Merge => {
                let [dictionary, code, into] = named(names, "DICTIONARY CODE INTO")?;
                SchemaChange::MergeEntry {
                    dictionary: dictionary.to_owned(),
                    code: code.to_owned(),
                    into: into.to_owned(),
                }
            }
            Do::Import => return self.imported(project, console),
            Do::List | Do::Show | Do::Export => return Ok(Vec::new()),
        }])
    }

    /// What a file says otherwise than the project; what cannot be is told.
    fn imported(&self, project: &Project, console: &Console) -> Result<Vec<SchemaChange>> {
        let [file] = named(&self.names, "FILE")?;
        let bytes = std::fs::read(file).map_err(|e| Error::io(file, e))?;
        let (changes, conflicts) = DictionarySet::read(file, &bytes)?.changes(project.schema())?;
        for conflict in &conflicts {
            console.note(conflict);
        }
        Ok(changes)
    }

    /// The label that was given, the other language as it was.
    fn label(&self, old: &Label) -> Label {
        Label {
            zh: self.zh.clone().unwrap_or_else(|| old.zh.clone()),
            en: self.en.clone().unwrap_or_else(|| old.en.clone()),
        }
    }

    fn behaviour(&self, dictionary: &Dictionary) -> Result<Behaviour> {
        let Some(like) = &self.like else {
            return Ok(Behaviour::default());
        };
        let entry = dictionary.required_entry(like)?;
        Ok(entry.behaviour)
    }

    /// A dictionary or one of its entries under another name, with other names beside it.
    fn renamed(&self, project: &Project) -> Result<Vec<SchemaChange>> {
        if let [key] = &self.names[..] {
            let label = self.label(&project.schema().required_dictionary(key)?.label);
            return Ok(vec![SchemaChange::RenameDictionary {
                dictionary: key.clone(),
                label,
            }]);
        }
        let [key, code] = named(&self.names, "DICTIONARY CODE")?;
        let dictionary = project.schema().required_dictionary(key)?;
        let entry = dictionary.required_entry(code)?;
        let set = |setting| SchemaChange::SetEntry {
            dictionary: key.to_owned(),
            code: code.to_owned(),
            setting,
        };
        let mut changes = Vec::new();
        if self.zh.is_some() || self.en.is_some() {
            changes.push(set(EntrySetting::Label(self.label(&entry.label))));
        }
        if !self.alias.is_empty() {
            changes.push(set(EntrySetting::Aliases(self.alias.clone())));
        }
        if self.like.is_some() {
            changes.push(set(EntrySetting::Behaviour(self.behaviour(dictionary)?)));
        }
        Ok(changes)
    }
}

fn export(args: &DictionaryArgs, console: &mut Console) -> Result<Outcome> {
    let [file] = named(&args.names, "FILE")?;
    let project = Project::open_read_only(&args.project)?;
    let file = Path::new(file);
    let is_workbook = file
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let bytes = if is_workbook {
        let created = chrono::Local::now().naive_local();
        dictionaries_workbook(project.schema(), console.lang(), created)?
    } else {
        project.schema().to_toml().into_bytes()
    };
    save(file, "dictionaries.cli.exported", &bytes, console)?;
    Ok(Outcome::Done)
}

pub(super) fn words(keys: &[&str], console: &Console) -> Vec<String> {
    keys.iter()
        .map(|key| translate(&format!("dictionaries.word.{key}"), console.lang()))
        .collect()
}

fn list(project: &Project, console: &mut Console) -> Result<Outcome> {
    let dictionaries = &project.schema().dictionaries;
    if console.is_json() {
        let all: Vec<Json> = dictionaries
            .values()
            .map(|d| {
                json!({
                    "dictionary": d.key,
                    "label": d.label,
                    "entries": d.offered().count(),
                    "retired": d.entries.len() - d.offered().count(),
                })
            })
            .collect();
        console.json(&json!({ "dictionaries": all, "revision": project.schema_revision()? }))?;
    } else {
        let rows: Vec<Vec<String>> = dictionaries
            .values()
            .map(|d| {
                let offered = d.offered().count();
                vec![
                    d.key.clone(),
                    d.label.zh.clone(),
                    d.label.en.clone(),
                    offered.to_string(),
                    (d.entries.len() - offered).to_string(),
                ]
            })
            .collect();
        let headers = words(&["dictionary", "zh", "en", "entries", "retired"], console);
        console.table(&headers, &rows)?;
    }
    Ok(Outcome::done_if(!dictionaries.is_empty()))
}

fn show(project: &Project, key: &str, console: &mut Console) -> Result<Outcome> {
    let dictionary = project.schema().required_dictionary(key)?;
    let counts = project.code_counts(key)?;
    let count = |entry: &DictionaryEntry| counts.get(&entry.code).copied().unwrap_or(0);
    if console.is_json() {
        let entries: Vec<Json> = dictionary
            .entries
            .iter()
            .map(|e| {
                json!({
                    "code": e.code,
                    "label": e.label,
                    "aliases": e.aliases,
                    "behaviour": e.behaviour,
                    "features": count(e),
                    "is_retired": e.is_retired,
                    "replaced_by": e.replaced_by,
                })
            })
            .collect();
        console.json(&json!({ "dictionary": key, "label": dictionary.label, "entries": entries }))?;
    } else {
        let rows: Vec<Vec<String>> = dictionary
            .entries
            .iter()
            .map(|e| {
                vec![
                    e.code.clone(),
                    e.label.zh.clone(),
                    e.label.en.clone(),
                    count(e).to_string(),
                    state(e).text(console.lang()),
                    e.aliases.join(", "),
                ]
            })
            .collect();
        let headers = words(&["code", "zh", "en", "features", "state", "aliases"], console);
        console.table(&headers, &rows)?;
    }
    Ok(Outcome::done_if(!dictionary.entries.is_empty()))
}

fn state(entry: &DictionaryEntry) -> Message {
    match (&entry.replaced_by, entry.is_retired) {
        (Some(into), _) => Message::new("dictionaries.state.merged").with("into", into),
        (None, true) => Message::new("dictionaries.state.retired"),
        (None, false) => Message::new("dictionaries.state.used"),
    }
}
