//! Changes of dictionaries and fields from the command line: shown with what they mean for the data, then made. What they
//! mean is worked out by `gis_core`.

use std::path::Path;

use gis_core::project::Project;
use gis_core::schema::SchemaChange;
use gis_core::{Error, Message, Result};
use serde_json::{Value as Json, json};

use super::console::Console;
use super::edit::{stamp, who};
use super::source::open_project;
use super::{Common, Outcome};

#[derive(Debug, Clone, clap::Args)]
pub(super) struct ChangeArgs {
    /// Show what would be done and leave the project as it is
    #[arg(long)]
    dry_run: bool,

    /// Who does it; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

impl ChangeArgs {
    /// Makes the changes that `plan` finds for a project, or shows them.
    pub(super) fn carry_out(
        &self,
        path: &Path,
        console: &mut Console,
        plan: impl FnOnce(&Project, &Console) -> Result<Vec<SchemaChange>>,
    ) -> Result<Outcome> {
        let mut project = if self.dry_run {
            Project::open_read_only(path)?
        } else {
            open_project(path, console)?
        };
        let changes = plan(&project, console)?;
        let told = told(&project, &changes)?;
        let mut made = json!({});
        if !self.dry_run && !changes.is_empty() {
            let by = who(self.by.as_ref());
            let effects = project.change_schema(&changes, stamp(&by), console.progress())?;
            made = json!({ "entry": project.history()?.position, "recoded": effects.recoded });
        }
        if console.is_json() {
            let mut whole = told.json(console)?;
            whole["done"] = made;
            console.json(&whole)?;
        } else {
            told.say(console)?;
            let key = match (changes.is_empty(), self.dry_run) {
                (true, _) => "dictionaries.cli.nothing",
                (false, true) => "dictionaries.cli.would",
                (false, false) => "dictionaries.cli.done",
            };
            console.say(&Message::new(key).with("count", changes.len()))?;
        }
        project.close()?;
        Ok(Outcome::done_if(!changes.is_empty()))
    }
}

/// Changes in words, each with its effects.
struct Told<'a> {
    changes: &'a [SchemaChange],
    lines: Vec<(Message, Vec<(Message, Json)>)>,
}

fn told<'a>(project: &Project, changes: &'a [SchemaChange]) -> Result<Told<'a>> {
    let schema = project.schema();
    let mut lines: Vec<_> = changes.iter().map(|c| (c.message(schema), Vec::new())).collect();
    for effect in project.schema_effects(changes)? {
        let class = effect.class.map(|class| &schema.class(class).key);
        let json = json!({ "kind": effect.kind.key(), "class": class, "count": effect.count });
        lines[effect.change].1.push((effect.message(schema), json));
    }
    Ok(Told { changes, lines })
}

impl Told<'_> {
    fn say(&self, console: &mut Console) -> Result<()> {
        for (change, effects) in &self.lines {
            console.say(change)?;
            for (effect, _) in effects {
                console.line(&format!("  {}", effect.text(console.lang())))?;
            }
        }
        Ok(())
    }

    fn json(&self, console: &Console) -> Result<Json> {
        let lang = console.lang();
        let lines = self.changes.iter().zip(&self.lines);
        let changes = lines.map(|(change, (message, effects))| {
            let change = serde_json::to_value(change)
                .map_err(|e| Error::bad_input(Message::new("cli.error.json").with("reason", e)))?;
            let effects: Vec<&Json> = effects.iter().map(|(_, json)| json).collect();
            Ok(json!({ "change": change, "text": message.text(lang), "effects": effects }))
        });
        Ok(json!({ "changes": changes.collect::<Result<Vec<Json>>>()? }))
    }
}

/// The names that a command needs, as many as `wanted` says they are.
pub(super) fn named<'a, const N: usize>(names: &'a [String], wanted: &str) -> Result<[&'a str; N]> {
    let given: Vec<&str> = names.iter().map(String::as_str).collect();
    <[&str; N]>::try_from(given).map_err(|_| {
        Error::bad_input(
            Message::new("dictionaries.cli.names")
                .with("wanted", wanted)
                .with("found", names.join(" ")),
        )
    })
}
