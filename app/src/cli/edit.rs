//! Editing from the command line: operations one by one or as a script, undo and redo, the history. What an operation
//! does is worked out by `gis_core::edit`.

use std::path::{Path, PathBuf};

use gis_core::edit::ops::Request;
use gis_core::edit::{Cell, Edit, Transaction};
use gis_core::project::{EXTERNAL, Effects, Entry, Project, Stamp, Trace};
use gis_core::rules::{EditCheck, Finding, check_edit};
use gis_core::text::translate;
use gis_core::{Error, Feature, FeatureId, Message, Result, Severity};
use serde_json::{Value as Json, json};

use super::check::{finding_json, line};
use super::console::Console;
use super::source::{new_ids, now_unix_ms, open_project};
use super::{Common, Outcome};
use crate::session::today;
use crate::settings::system_user;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct EditArgs {
    /// Project file
    project: PathBuf,

    /// Operations as JSON, one each (docs/cli.md)
    #[arg(required_unless_present = "script")]
    operations: Vec<String>,

    /// File with one operation a line; all are done or none
    #[arg(long, value_name = "FILE", conflicts_with = "operations")]
    script: Option<PathBuf>,

    /// Show what would be done and leave the project as it is
    #[arg(long)]
    dry_run: bool,

    /// Edit although it breaks rules of the network
    #[arg(long)]
    force: bool,

    /// Refuse what breaks a rule with a warning, too
    #[arg(long, conflicts_with = "force")]
    strict: bool,

    /// Number of the engineering project to edit for
    #[arg(long = "project", value_name = "NUMBER")]
    engineering: Option<String>,

    /// Who edits; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct UndoArgs {
    /// Project file
    project: PathBuf,

    /// Go back or forward to the state after this entry of the history, 0 for the beginning
    #[arg(long, value_name = "ENTRY")]
    to: Option<i64>,

    /// Who edits; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RedoArgs {
    /// Project file
    project: PathBuf,

    /// Who edits; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct HistoryArgs {
    /// Project file
    project: PathBuf,

    /// Code of a feature whose history is wanted; everything unless given
    code: Option<String>,

    #[command(flatten)]
    common: Common,
}

macro_rules! common {
    ($($args:ty),*) => { $(impl $args {
        pub(super) fn common(&self) -> &Common {
            &self.common
        }
    })* };
}
common!(EditArgs, UndoArgs, RedoArgs, HistoryArgs);

pub(super) fn who(by: Option<&String>) -> String {
    by.cloned().unwrap_or_else(system_user)
}

pub(crate) fn edit(args: &EditArgs, console: &mut Console) -> Result<Outcome> {
    let lines = match &args.script {
        Some(path) => script(path)?,
        None => args.operations.iter().cloned().enumerate().collect(),
    };
    let mut project = open_project(&args.project, console)?;
    let before = project.network(console.progress())?;
    let rules = project.rules()?;
    let mut ids = new_ids();
    let mut session = project.begin_edit()?;
    let mut done: Vec<Transaction> = Vec::new();
    let mut notes: Vec<Message> = Vec::new();
    let mut marks: Vec<FeatureId> = Vec::new();
    for (line, text) in &lines {
        let planned = Request::from_json(text).and_then(|r| {
            session
                .project()
                .plan_for(args.engineering.as_deref(), &r, &mut ids)
        });
        let applied = planned.and_then(|plan| {
            marks.extend(plan.marks);
            session.apply(&plan.transaction)?;
            notes.extend(plan.notes);
            Ok(plan.transaction)
        });
        done.push(applied.map_err(|error| in_line(line + 1, &error, console))?);
    }
    let name = match &done[..] {
        [only] => only.name.clone(),
        _ => Message::new("edit.name.script").with("count", done.len()),
    };
    let whole = Transaction {
        name: name.clone(),
        edits: done.into_iter().flat_map(|t| t.edits).collect(),
    };
    let effects = session.effects();
    let after = session.project().updated_network(&before, &effects).network;
    let networks = [&before, &after];
    let broken = check_edit(session.project(), &rules, networks, &effects, Some(today()))?;
    if args.dry_run {
        drop(session);
    } else {
        if !args.force {
            let least = if args.strict {
                Severity::Warning
            } else {
                Severity::Error
            };
            refuse_broken(&broken, least, console)?;
        }
        let by = who(args.by.as_ref());
        session.commit_for(args.engineering.as_deref(), &marks, &name, stamp(&by))?;
    }
    let told = Told {
        entry: (!args.dry_run).then_some(project.history()?.position),
        transaction: &whole,
        notes: &notes,
        broken: &broken.broken,
    };
    show(&project, &told, console)?;
    project.close()?;
    Ok(Outcome::done_if(!(whole.edits.is_empty() && marks.is_empty())))
}

/// An edit that breaks a rule is not made, unless somebody insists.
pub(super) fn refuse_broken(check: &EditCheck, least: Severity, console: &Console) -> Result<()> {
    let mut grave = check.broken.iter().filter(|f| f.issue.severity >= least);
    let count = grave.clone().count();
    let Some(first) = grave.next() else { return Ok(()) };
    Err(Error::Refused(
        Message::new("rules.edit.refused")
            .with("count", count)
            .with("first", first.issue.message.text(console.lang())),
    ))
}

pub(super) fn stamp(who: &str) -> Stamp<'_> {
    Stamp {
        who,
        at_unix_ms: now_unix_ms(),
    }
}

/// The operations of a script by line; empty lines and those that begin with `#` are none.
fn script(path: &Path) -> Result<Vec<(usize, String)>> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
    let lines: Vec<(usize, String)> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number, line.to_owned()))
        .collect();
    if lines.is_empty() {
        return Err(Error::bad_input(
            Message::new("cli.edit.empty_script").with("path", path.display()),
        ));
    }
    Ok(lines)
}

fn in_line(line: usize, error: &Error, console: &Console) -> Error {
    Error::bad_input(
        Message::new("cli.edit.line")
            .with("line", line)
            .with("reason", error.text(console.lang())),
    )
}

/// What the user is told of an edit.
struct Told<'a> {
    /// None where it was only tried.
    entry: Option<i64>,
    transaction: &'a Transaction,
    notes: &'a [Message],
    broken: &'a [Finding],
}

fn show(project: &Project, told: &Told<'_>, console: &mut Console) -> Result<()> {
    if console.is_json() {
        let lang = console.lang();
        let notes: Vec<Json> = told
            .notes
            .iter()
            .map(|note| json!({ "key": note.key(), "message": note.text(lang) }))
            .collect();
        let findings = told
            .broken
            .iter()
            .map(|finding| finding_json(finding, console))
            .collect::<Result<Vec<Json>>>()?;
        return console.json(&json!({
            "entry": told.entry,
            "name": told.transaction.name.text(lang),
            "notes": notes,
            "findings": findings,
            "edits": edits_json(project, told.transaction)?,
        }));
    }
    let name = told.transaction.name.text(console.lang());
    match told.entry {
        Some(entry) => console.say(
            &Message::new("cli.edit.done")
                .with("entry", entry)
                .with("name", name),
        )?,
        None => console.say(&Message::new("cli.edit.would_do").with("name", name))?,
    }
    for note in told.notes {
        console.say(note)?;
    }
    for finding in told.broken {
        console.line(&line(finding, console))?;
    }
    table(project, told.transaction, console)
}

fn edits_json(project: &Project, transaction: &Transaction) -> Result<Json> {
    let text = transaction.to_json(project.schema())?;
    serde_json::from_str(&text)
        .map_err(|e| Error::bad_input(Message::new("cli.error.json").with("reason", e)))
}

/// One row a feature that comes or goes, one a cell that changes.
fn table(project: &Project, transaction: &Transaction, console: &mut Console) -> Result<()> {
    let lang = console.lang();
    let word = |key: &str| translate(&format!("cli.edit.word.{key}"), lang);
    let named = |feature: &Feature| {
        let class = project.schema().class(feature.class);
        format!("{} {}", class.label.text(lang), project.name_of(feature))
    };
    let mut rows = Vec::new();
    for edit in &transaction.edits {
        match edit {
            Edit::Insert(feature) => rows.push(vec![word("insert"), named(feature)]),
            Edit::Delete(feature) => rows.push(vec![word("delete"), named(feature)]),
            Edit::Update(update) => {
                let class = project.schema().class(update.class);
                let name = match project.record(update.class, update.id)? {
                    Some(feature) => named(&feature),
                    None => format!("{} {}", class.label.text(lang), update.id),
                };
                for change in &update.cells {
                    let column = match change.cell {
                        Cell::Field(position) => class.fields.get(position).map(|f| f.label.text(lang)),
                        _ => change.cell.column(class),
                    };
                    let column = column.unwrap_or_default().to_owned();
                    let (old, new) = (change.old.short(), change.new.short());
                    rows.push(vec![word("update"), name.clone(), column, old, new]);
                }
            }
        }
    }
    for row in &mut rows {
        row.resize(5, String::new());
    }
    let headers = ["what", "feature", "field", "old", "new"].map(word);
    console.table(&headers, &rows)
}

pub(crate) fn undo(args: &UndoArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    let by = who(args.by.as_ref());
    let effects = match args.to {
        Some(entry) => project.jump_to(entry, stamp(&by))?,
        None => project.undo(stamp(&by))?,
    };
    moved(project, &effects, console)
}

pub(crate) fn redo(args: &RedoArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    let by = who(args.by.as_ref());
    let effects = project.redo(stamp(&by))?;
    moved(project, &effects, console)
}

fn moved(project: Project, effects: &Effects, console: &mut Console) -> Result<Outcome> {
    let (entry, changed) = (project.history()?.position, effects.count());
    if console.is_json() {
        console.json(&json!({ "entry": entry, "changed": changed }))?;
    } else {
        console.say(
            &Message::new("cli.edit.moved")
                .with("entry", entry)
                .with("changed", changed),
        )?;
    }
    project.close()?;
    Ok(Outcome::Done)
}

pub(crate) fn history(args: &HistoryArgs, console: &mut Console) -> Result<Outcome> {
    let project = Project::open_read_only(&args.project)?;
    match &args.code {
        Some(code) => history_of(&project, code, console),
        None => whole_history(&project, console),
    }
}

fn whole_history(project: &Project, console: &mut Console) -> Result<Outcome> {
    let history = project.history()?;
    if console.is_json() {
        let lang = console.lang();
        let entries: Vec<Json> = history
            .entries
            .iter()
            .map(|e| entry_json(e, &e.name.text(lang)))
            .collect();
        console.json(&json!({ "position": history.position, "entries": entries }))?;
    } else {
        let rows: Vec<Vec<String>> = history
            .entries
            .iter()
            .map(|e| {
                let mark = match (e.number == history.position, e.is_in_force) {
                    (true, _) => "→",
                    (false, true) => "",
                    (false, false) => "×",
                };
                let mut row = vec![mark.to_owned()];
                row.extend(entry_row(e, console));
                row
            })
            .collect();
        console.table(
            &headers(&["now", "entry", "parent", "time", "who", "what"], console),
            &rows,
        )?;
    }
    Ok(Outcome::done_if(!history.entries.is_empty()))
}

fn history_of(project: &Project, code: &str, console: &mut Console) -> Result<Outcome> {
    // A deleted feature has no code any more; its history is found by its id.
    let ids: Vec<FeatureId> = match project.find_code(code)? {
        found if !found.is_empty() => found.into_iter().map(|(_, id)| id).collect(),
        _ => FeatureId::parse(code).into_iter().collect(),
    };
    let mut traces: Vec<Trace> = Vec::new();
    for id in ids {
        traces.extend(project.history_of(id)?);
    }
    if console.is_json() {
        let lang = console.lang();
        let entries = traces
            .iter()
            .map(|t| {
                let mut entry = entry_json(&t.entry, &t.entry.name.text(lang));
                entry["edits"] = edits_json(project, &t.edits)?;
                Ok(entry)
            })
            .collect::<Result<Vec<Json>>>()?;
        console.json(&json!({ "entries": entries }))?;
    } else {
        for trace in &traces {
            console.line(&entry_row(&trace.entry, console).join("  "))?;
            table(project, &trace.edits, console)?;
        }
    }
    Ok(Outcome::done_if(!traces.is_empty()))
}

fn headers(columns: &[&str], console: &Console) -> Vec<String> {
    let lang = console.lang();
    columns
        .iter()
        .map(|c| translate(&format!("cli.edit.word.{c}"), lang))
        .collect()
}

fn entry_row(entry: &Entry, console: &Console) -> Vec<String> {
    vec![
        entry.number.to_string(),
        entry.parent.to_string(),
        time(entry),
        author(entry, console),
        entry.name.text(console.lang()),
    ]
}

/// Other programs have no names, only themselves.
fn author(entry: &Entry, console: &Console) -> String {
    if entry.origin.as_deref() == Some(EXTERNAL) {
        return translate("cli.edit.word.external", console.lang());
    }
    entry.who.clone()
}

fn time(entry: &Entry) -> String {
    i64::try_from(entry.at_unix_ms)
        .ok()
        .and_then(chrono::DateTime::from_timestamp_millis)
        .map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}

fn entry_json(entry: &Entry, name: &str) -> Json {
    json!({
        "entry": entry.number,
        "parent": entry.parent,
        "name": name,
        "who": entry.who,
        "origin": entry.origin,
        "engineering": entry.engineering,
        "at_unix_ms": entry.at_unix_ms,
        "is_in_force": entry.is_in_force,
    })
}
