//! Queries kept with a project: `karez query --save`, `--saved`, `--list-saved`.

use std::collections::BTreeMap;

use gis_core::project::Project;
use gis_core::query::{Query, SavedQuery};
use gis_core::text::translate;
use gis_core::{Error, Message, Result};
use serde_json::{Value as Json, json};

use super::console::Console;
use super::query::QueryArgs;
use super::{Outcome, source};

/// Keeps what the arguments ask for. A query without open values is tried first.
pub(super) fn save(
    args: &QueryArgs,
    name: &str,
    conditions: &[String],
    console: &mut Console,
) -> Result<Outcome> {
    let mut project = source::open_project(&args.project, console)?;
    let kept = SavedQuery {
        classes: args.classes.clone(),
        condition: SavedQuery::joined(conditions),
        address: args.address.clone(),
        sheet: args.sheet.clone(),
    };
    let open = kept.parameters();
    if open.is_empty() {
        kept.filled(&project, &BTreeMap::new())?.doubts(&project)?;
    }
    kept.save(&mut project, name)?;
    project.close()?;
    if console.is_json() {
        console.json(&json!({ "saved": name, "parameters": open }))?;
    } else {
        console.say(&Message::new("query.saved").with("name", name))?;
    }
    Ok(Outcome::Done)
}

/// A query of the project with its open values filled in.
pub(super) fn load(project: &Project, name: &str, values: &[(String, String)]) -> Result<Query> {
    SavedQuery::load(project, name)?.filled(project, &values.iter().cloned().collect())
}

pub(super) fn list(project: &Project, console: &mut Console) -> Result<Outcome> {
    let names = SavedQuery::names(project)?;
    let kept: Vec<(String, SavedQuery)> = names
        .into_iter()
        .map(|name| Ok((name.clone(), SavedQuery::load(project, &name)?)))
        .collect::<Result<_>>()?;
    if console.is_json() {
        let listed: Vec<Json> = kept
            .iter()
            .map(|(name, query)| {
                json!({
                    "name": name,
                    "classes": query.classes,
                    "condition": query.condition,
                    "address": query.address,
                    "sheet": query.sheet,
                    "parameters": query.parameters(),
                })
            })
            .collect();
        console.json(&json!({ "saved": listed }))?;
    } else {
        let lang = console.lang();
        let headers = ["query.name", "query.condition", "query.open"].map(|key| translate(key, lang));
        let rows: Vec<Vec<String>> = kept
            .iter()
            .map(|(name, query)| {
                vec![
                    name.clone(),
                    query.condition.clone().unwrap_or_default(),
                    query.parameters().join(", "),
                ]
            })
            .collect();
        console.table(&headers, &rows)?;
    }
    Ok(Outcome::done_if(!kept.is_empty()))
}

/// `name=value`.
pub(super) fn parse_value(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "NAME=VALUE".to_owned())?;
    Ok((name.trim().trim_start_matches(':').to_owned(), value.to_owned()))
}

/// That a query cannot be kept with what is no part of it.
pub(super) fn check_kept(args: &QueryArgs) -> Result<()> {
    if args.has_drawn_place() || !args.code.is_empty() || args.saved.is_some() {
        return Err(Error::bad_input(Message::new("query.error.not_kept")));
    }
    Ok(())
}
