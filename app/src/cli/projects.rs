//! `karez projects`: engineering projects, what they change, and their end. What belongs to one is told by
//! `gis_core::project`.

use std::path::PathBuf;

use chrono::NaiveDate;
use gis_core::project::{Engineering, EngineeringChange, Project, Stage};
use gis_core::report::EngineeringReport;
use gis_core::text::translate;
use gis_core::{Error, Lang, Message, Result};
use serde_json::{Value as Json, json};

use super::analyse::save;
use super::console::Console;
use super::edit::{stamp, who};
use super::source::open_project;
use super::{Common, Outcome};
use crate::session::today;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Do {
    List,
    New,
    Show,
    Changes,
    Materials,
    Complete,
    Withdraw,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ProjectsArgs {
    /// Project file
    project: PathBuf,

    /// What to do
    #[arg(value_enum, value_name = "DO", default_value = "list")]
    r#do: Do,

    /// Number of the project
    #[arg(default_value = "")]
    number: String,

    /// Name of the project
    #[arg(long, default_value = "")]
    name: String,

    /// Who designs it
    #[arg(long, value_name = "NAME", default_value = "")]
    designer: String,

    /// Who builds it
    #[arg(long, value_name = "NAME", default_value = "")]
    builder: String,

    /// Day it begins
    #[arg(long, value_name = "YYYY-MM-DD")]
    begins: Option<NaiveDate>,

    /// Day it ends
    #[arg(long, value_name = "YYYY-MM-DD")]
    ends: Option<NaiveDate>,

    /// Number or file of a drawing; may come several times
    #[arg(long)]
    drawing: Vec<String>,

    /// With changes or materials: write the project with both as an Excel workbook
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,

    /// Day of completion; today unless given
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: Option<NaiveDate>,

    /// Who does it; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn projects(args: &ProjectsArgs, console: &mut Console) -> Result<Outcome> {
    let read = || Project::open_read_only(&args.project);
    match args.r#do {
        Do::List => list(&read()?.engineering_projects()?, console),
        Do::Show => list(&[read()?.engineering(&args.number)?], console),
        Do::Changes | Do::Materials => {
            let project = read()?;
            let outcome = match args.r#do {
                Do::Changes => changes(&project, &args.number, console)?,
                _ => materials(&project, &args.number, console)?,
            };
            if let Some(file) = &args.xlsx {
                let report = EngineeringReport {
                    project: &project,
                    number: &args.number,
                    lang: console.lang(),
                    created: chrono::Local::now().naive_local(),
                };
                save(file, "cli.projects.report", &report.workbook()?, console)?;
            }
            Ok(outcome)
        }
        Do::New => add(args, console),
        Do::Complete | Do::Withdraw => close(args, console),
    }
}

fn words(keys: &[&str], console: &Console) -> Vec<String> {
    keys.iter()
        .map(|key| translate(&format!("engineering.word.{key}"), console.lang()))
        .collect()
}

fn list(projects: &[(Engineering, Stage)], console: &mut Console) -> Result<Outcome> {
    if console.is_json() {
        let found = projects
            .iter()
            .map(|(project, stage)| {
                let mut one = serde_json::to_value(project)
                    .map_err(|e| Error::bad_input(Message::new("cli.error.json").with("reason", e)))?;
                one["stage"] = json!(stage.key());
                Ok(one)
            })
            .collect::<Result<Vec<Json>>>()?;
        console.json(&json!({ "projects": found }))?;
        return Ok(Outcome::done_if(!projects.is_empty()));
    }
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let rows: Vec<Vec<String>> = projects
        .iter()
        .map(|(p, stage)| {
            vec![
                p.number.clone(),
                p.name.clone(),
                p.designer.clone(),
                p.builder.clone(),
                day(p.begins),
                day(p.ends),
                p.drawings.join(", "),
                translate(&format!("engineering.stage.{}", stage.key()), console.lang()),
            ]
        })
        .collect();
    let keys = [
        "number", "name", "designer", "builder", "begins", "ends", "drawings", "stage",
    ];
    console.table(&words(&keys, console), &rows)?;
    Ok(Outcome::done_if(!projects.is_empty()))
}

fn add(args: &ProjectsArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    project.add_engineering(&Engineering {
        number: args.number.clone(),
        name: args.name.clone(),
        designer: args.designer.clone(),
        builder: args.builder.clone(),
        begins: args.begins,
        ends: args.ends,
        drawings: args.drawing.clone(),
    })?;
    project.close()?;
    if console.is_json() {
        console.json(&json!({ "number": args.number }))?;
    } else {
        console.say(&Message::new("cli.projects.added").with("number", &args.number))?;
    }
    Ok(Outcome::Done)
}

fn changes(project: &Project, number: &str, console: &mut Console) -> Result<Outcome> {
    let changes = project.engineering_changes(number)?;
    let lang = console.lang();
    if console.is_json() {
        let found: Vec<Json> = changes
            .iter()
            .map(|change| {
                Ok(json!({
                    "change": change.kind.key(),
                    "class": project.schema().class(change.feature.class).key,
                    "code": project.code_of(&change.feature),
                    "id": change.feature.id,
                    "cells": cells_json(project, change, lang)?,
                }))
            })
            .collect::<Result<_>>()?;
        console.json(&json!({ "changes": found }))?;
    } else {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for change in &changes {
            let class = project.schema().class(change.feature.class);
            let mut row = vec![
                translate(&format!("engineering.kind.{}", change.kind.key()), lang),
                class.label.text(lang).to_owned(),
                project.name_of(&change.feature),
            ];
            if change.cells.is_empty() {
                row.resize(6, String::new());
                rows.push(row);
                continue;
            }
            for cell in &change.cells {
                let words = cell.in_words(project, change.feature.class, lang)?;
                let mut row = row.clone();
                row.extend([words.field, words.old, words.new]);
                rows.push(row);
            }
        }
        let keys = ["change", "class", "feature", "field", "old", "new"];
        console.table(&words(&keys, console), &rows)?;
    }
    Ok(Outcome::done_if(!changes.is_empty()))
}

/// Old and new values of an altered feature, in words.
fn cells_json(project: &Project, change: &EngineeringChange, lang: Lang) -> Result<Vec<Json>> {
    let cells = change.cells.iter().map(|cell| {
        let words = cell.in_words(project, change.feature.class, lang)?;
        Ok(json!({ "field": words.field, "old": words.old, "new": words.new }))
    });
    cells.collect()
}

fn materials(project: &Project, number: &str, console: &mut Console) -> Result<Outcome> {
    let found = project.engineering_materials(number, console.lang())?;
    if console.is_json() {
        let rows: Vec<Json> = found
            .iter()
            .map(|m| {
                json!({
                    "class": m.class,
                    "kind": m.kind,
                    "material": m.material,
                    "diameter_mm": m.diameter_mm,
                    "count": m.count,
                    "length_m": m.length_m,
                })
            })
            .collect();
        console.json(&json!({ "materials": rows }))?;
    } else {
        let number =
            |n: Option<f64>, decimals: usize| n.map(|n| format!("{n:.decimals$}")).unwrap_or_default();
        let rows: Vec<Vec<String>> = found
            .iter()
            .map(|m| {
                vec![
                    m.class.clone(),
                    m.kind.clone(),
                    m.material.clone(),
                    number(m.diameter_mm, 0),
                    m.count.to_string(),
                    number(m.length_m, 2),
                ]
            })
            .collect();
        let keys = ["class", "kind", "material", "diameter_mm", "count", "length_m"];
        console.table(&words(&keys, console), &rows)?;
    }
    Ok(Outcome::done_if(!found.is_empty()))
}

fn close(args: &ProjectsArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    let by = who(args.by.as_ref());
    let effects = if args.r#do == Do::Complete {
        project.complete_engineering(&args.number, args.on.unwrap_or_else(today), stamp(&by))?
    } else {
        project.withdraw_engineering(&args.number, stamp(&by))?
    };
    let (entry, changed) = (project.history()?.position, effects.changed.len());
    project.close()?;
    if console.is_json() {
        console.json(&json!({ "entry": entry, "changed": changed }))?;
    } else {
        console.say(&Message::new("cli.projects.done").with("count", changed))?;
    }
    Ok(Outcome::Done)
}
