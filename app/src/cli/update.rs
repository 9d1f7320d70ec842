//! `karez update`: attributes of features from a workbook, by a key (4.4). What would change is worked out by `gis_core::table`.

use std::path::PathBuf;

use gis_core::edit::ops::Deed;
use gis_core::project::{Effects, Project};
use gis_core::query::class_named;
use gis_core::rules::check_edit;
use gis_core::table::{CellChange, Update, UpdateOptions, heading, update};
use gis_core::text::translate;
use gis_core::{ClassIndex, Message, Result, Severity, Value};
use serde_json::{Value as Json, json};

use super::console::Console;
use super::edit::{refuse_broken, stamp, who};
use super::query::value_json;
use super::source::{new_ids, open_project};
use super::{Common, Outcome};
use crate::session::today;

#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a command, not states of one thing"
)]
pub(crate) struct UpdateArgs {
    /// Project file
    project: PathBuf,

    /// Workbook with a column of keys and columns to update
    workbook: PathBuf,

    /// Class of the features, by any of its names
    #[arg(long = "class", value_name = "NAME")]
    class: String,

    /// Field that names the features; the object number unless given
    #[arg(long, value_name = "FIELD")]
    key: Option<String>,

    /// Sheet; the first one with such columns, and those that go on with it, unless given
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,

    /// Empty cells take away what is there
    #[arg(long)]
    clear_empty: bool,

    /// Where a value was changed both here and in the workbook, take the workbook's
    #[arg(long)]
    take_workbook: bool,

    /// Show what would be done and leave the project as it is
    #[arg(long)]
    dry_run: bool,

    /// Update although it breaks rules of the network
    #[arg(long)]
    force: bool,

    /// Who does it; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

/// Changes, conflicts and rejects listed each; the rest is counted.
const LISTED: usize = 50;

pub(crate) fn from_workbook(args: &UpdateArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = if args.dry_run {
        Project::open_read_only(&args.project)?
    } else {
        open_project(&args.project, console)?
    };
    let class = class_named(&project, &args.class)?;
    let options = UpdateOptions {
        sheet: args.sheet.clone(),
        key: args.key.clone(),
        clears: args.clear_empty,
        takes_workbook: args.take_workbook,
    };
    let found = update(&project, class, &args.workbook, &options, console.progress())?;
    let is_any = !found.changes.cells.is_empty();
    let mut entry = None;
    if is_any && !args.dry_run {
        let deed = Deed::Requests(vec![found.changes.request(project.schema())]);
        let by = who(args.by.as_ref());
        let before = project.network(console.progress())?;
        let rules = project.rules()?;
        let mut guard = |project: &Project, effects: &Effects| {
            if args.force {
                return Ok(());
            }
            let after = project.updated_network(&before, effects).network;
            let broken = check_edit(project, &rules, [&before, &after], effects, Some(today()))?;
            refuse_broken(&broken, Severity::Error, console)
        };
        deed.carry_out(&mut project, None, &mut new_ids(), stamp(&by), &mut guard)?;
        entry = Some(project.history()?.position);
    }
    if console.is_json() {
        console.json(&as_json(&project, class, &found, entry))?;
    } else {
        tell(&project, class, &found, console)?;
        let key = match (is_any, args.dry_run) {
            (false, _) => "table.update.nothing",
            (true, true) => "table.update.would",
            (true, false) => "table.update.done",
        };
        console.say(&Message::new(key).with("count", found.changes.cells.len()))?;
    }
    project.close()?;
    Ok(Outcome::done_if(is_any))
}

fn tell(project: &Project, class: ClassIndex, found: &Update, console: &mut Console) -> Result<()> {
    let lang = console.lang();
    let schema = project.schema();
    let words = |field: usize, value: &Value| schema.in_words(class, field, value, lang);
    let row = |change: &CellChange| {
        vec![
            change.code.clone(),
            heading(&schema.class(class).fields[change.field], lang),
            words(change.field, &change.old),
            words(change.field, &change.new),
        ]
    };
    let headers = |keys: &[&str]| -> Vec<String> { keys.iter().map(|key| translate(key, lang)).collect() };
    let cells = found.changes.cells.iter().take(LISTED);
    let rows: Vec<Vec<String>> = cells.map(row).collect();
    if !rows.is_empty() {
        let keys = [
            "query.code",
            "table.update.field",
            "table.update.old",
            "table.update.new",
        ];
        console.table(&headers(&keys), &rows)?;
    }
    let conflicts = found.conflicts.iter().take(LISTED);
    let rows: Vec<Vec<String>> = conflicts
        .map(|conflict| {
            let mut row = row(&conflict.change);
            row.insert(2, words(conflict.change.field, &conflict.base));
            row
        })
        .collect();
    if !rows.is_empty() {
        console.say(&Message::new("table.update.conflicts").with("count", found.conflicts.len()))?;
        let keys = [
            "query.code",
            "table.update.field",
            "table.update.base",
            "table.update.here",
            "table.update.workbook",
        ];
        console.table(&headers(&keys), &rows)?;
    }
    for reject in found.changes.rejects.iter().take(LISTED) {
        console.line(&format!("{}  {}", reject.code, reject.why.text(lang)))?;
    }
    for said in found.notes() {
        console.say(&said)?;
    }
    Ok(())
}

fn as_json(project: &Project, class: ClassIndex, found: &Update, entry: Option<i64>) -> Json {
    let own = project.schema().class(class);
    let change = |change: &CellChange| {
        json!({ "code": change.code, "field": own.fields[change.field].key,
                "old": value_json(&change.old), "new": value_json(&change.new) })
    };
    let conflicts = found.conflicts.iter().map(|conflict| {
        let mut said = change(&conflict.change);
        said["base"] = value_json(&conflict.base);
        said
    });
    let rejects = found
        .changes
        .rejects
        .iter()
        .map(|reject| json!({ "at": reject.code, "why": reject.why.text(gis_core::Lang::En) }));
    json!({
        "rows": found.rows, "matched": found.matched, "unchanged": found.changes.unchanged,
        "changes": found.changes.cells.iter().map(change).collect::<Vec<_>>(),
        "conflicts": conflicts.collect::<Vec<_>>(), "rejects": rejects.collect::<Vec<_>>(),
        "unknown_columns": found.unknown_columns, "has_baseline": found.has_baseline, "entry": entry,
    })
}
