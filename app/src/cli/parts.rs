//! `karez parts`: the assemblies that can be placed, the project's own library, and what was placed.

use std::path::PathBuf;

use gis_core::edit::ops::assembly_of;
use gis_core::edit::parts::Shelf;
use gis_core::project::Project;
use gis_core::schema::Label;
use gis_core::text::translate;
use gis_core::{Message, Result};
use serde_json::{Value as Json, json};

use super::console::Console;
use super::source::open_project;
use super::{Common, Outcome};

#[derive(Debug, clap::Args)]
pub(crate) struct PartsArgs {
    /// Project file
    project: PathBuf,

    /// List what the placed assemblies are made of
    #[arg(long)]
    bom: bool,

    /// Keep an assembly of this name in the project's library: the node of --anchor and those of --around
    #[arg(long, value_name = "NAME", requires = "anchor")]
    save: Option<String>,

    /// Code of the node in the middle of the assembly to keep
    #[arg(long, value_name = "CODE", requires = "save")]
    anchor: Option<String>,

    /// Codes of the nodes around it
    #[arg(long, value_name = "CODE", num_args = 1.., requires = "save")]
    around: Vec<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn parts(args: &PartsArgs, console: &mut Console) -> Result<Outcome> {
    match (&args.save, &args.anchor) {
        (Some(name), Some(anchor)) => save(args, name, anchor, console),
        _ if args.bom => bill(&Project::open_read_only(&args.project)?, console),
        _ => list(&Project::open_read_only(&args.project)?, console),
    }
}

fn save(args: &PartsArgs, name: &str, anchor: &str, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    let label = Label {
        zh: name.to_owned(),
        en: name.to_owned(),
    };
    let assembly = assembly_of(&project, label, anchor, &args.around)?;
    project.save_assembly(name, &assembly)?;
    project.close()?;
    if console.is_json() {
        console.json(&json!({ "saved": name }))?;
    } else {
        console.say(&Message::new("edit.part.saved").with("name", name))?;
    }
    Ok(Outcome::Done)
}

fn list(project: &Project, console: &mut Console) -> Result<Outcome> {
    let all = project.assemblies()?;
    if console.is_json() {
        let parts: Vec<Json> = all
            .iter()
            .map(|(name, shelf, assembly)| json!({ "name": name, "shelf": shelf, "assembly": assembly }))
            .collect();
        console.json(&json!({ "parts": parts }))?;
        return Ok(Outcome::Done);
    }
    let lang = console.lang();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|(name, shelf, assembly)| {
            let shelf = match shelf {
                Shelf::Builtin => "builtin",
                Shelf::Project => "project",
            };
            vec![
                name.clone(),
                assembly.label.text(lang).to_owned(),
                translate(&format!("edit.part.{shelf}"), lang),
                (assembly.arms.len() + 1).to_string(),
            ]
        })
        .collect();
    console.table(&headers(&["name", "label", "shelf", "nodes"], console), &rows)?;
    Ok(Outcome::Done)
}

fn bill(project: &Project, console: &mut Console) -> Result<Outcome> {
    let lines = project.bill_of_materials()?;
    if console.is_json() {
        console.json(&json!({ "bill": lines }))?;
        return Ok(Outcome::done_if(!lines.is_empty()));
    }
    let lang = console.lang();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            vec![
                line.label.text(lang).to_owned(),
                line.specification.clone().unwrap_or_default(),
                line.quantity.to_string(),
                line.unit_text(lang),
            ]
        })
        .collect();
    console.table(
        &headers(&["label", "specification", "quantity", "unit"], console),
        &rows,
    )?;
    Ok(Outcome::done_if(!lines.is_empty()))
}

fn headers(columns: &[&str], console: &Console) -> Vec<String> {
    columns
        .iter()
        .map(|column| translate(&format!("edit.part.column.{column}"), console.lang()))
        .collect()
}
