//! Commands on what lies under the network: `overviews` for pictures, `basemap` for topographic maps.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use gis_core::cartography::layers::{MapDocument, TopoBook};
use gis_core::io;
use gis_core::io::raster::{OverviewOptions, OverviewPlace, Resampling, build_overviews};
use gis_core::io::topographic::{NewIssue, bring_in, folder_of};
use gis_core::project::Project;
use gis_core::text::translate;
use gis_core::{Error, Message, Result};
use serde_json::json;

use super::console::Console;
use super::source::now_unix_ms;
use super::{Common, Outcome};

#[derive(Debug, clap::Args)]
pub(crate) struct OverviewsArgs {
    /// Picture to build pyramids for (GeoTIFF and any raster GDAL reads)
    file: PathBuf,

    /// Levels, e.g. 2,4,8,16; chosen by the size of the picture unless given
    #[arg(long, value_name = "LEVELS", value_delimiter = ',')]
    levels: Vec<u32>,

    /// How the smaller copies are computed: nearest, average, bilinear, cubic or mode
    #[arg(long, value_name = "METHOD", default_value = "average", value_parser = parse_resampling)]
    resampling: Resampling,

    /// Keep the pyramids within the picture (GeoTIFF) instead of a file .ovr beside it
    #[arg(long)]
    within: bool,

    /// Compress the pyramids: DEFLATE, LZW, ZSTD or JPEG
    #[arg(long, value_name = "METHOD")]
    compress: Option<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

fn parse_resampling(text: &str) -> std::result::Result<Resampling, String> {
    Resampling::from_key(&text.to_lowercase()).ok_or_else(|| {
        let known: Vec<&str> = Resampling::ALL.iter().map(|r| r.key()).collect();
        format!("{text:?}: {}", known.join(", "))
    })
}

pub(crate) fn overviews(args: &OverviewsArgs, console: &mut Console) -> Result<Outcome> {
    let options = OverviewOptions {
        levels: args.levels.clone(),
        resampling: args.resampling,
        place: if args.within {
            OverviewPlace::Within
        } else {
            OverviewPlace::Beside
        },
        compression: args.compress.clone(),
    };
    let report = build_overviews(&args.file, &options, console.progress())?;
    if console.is_json() {
        console.json(&report)?;
    } else {
        let levels: Vec<String> = report.levels.iter().map(u32::to_string).collect();
        console.say(
            &Message::new("imagery.cli.overviews")
                .with("file", report.file.display())
                .with("levels", levels.join(", "))
                .with("mb", format!("{:.1}", report.bytes as f64 / 1e6)),
        )?;
    }
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(crate) struct BasemapArgs {
    #[command(subcommand)]
    pub(super) what: Basemap,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Basemap {
    /// Bring a new issue of a topographic map beside the project
    Add(AddArgs),
    /// List topographic maps with their issues
    List(ListArgs),
    /// Show another issue of a topographic map
    Switch(SwitchArgs),
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AddArgs {
    /// Project file
    project: PathBuf,

    /// Map to copy: Shapefile, DXF, GeoPackage … or a folder of them
    file: PathBuf,

    /// Name of the map, e.g. 1:500
    #[arg(long, value_name = "NAME")]
    map: String,

    /// Name of the issue, e.g. 2024-06
    #[arg(long, value_name = "NAME")]
    issue: String,

    /// Who brings it in; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    /// Remark
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,

    /// Encoding of its text, where the file does not say
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,

    /// Coordinate system of layers that name none; the project's unless given
    #[arg(long, value_name = "CRS")]
    source_crs: Option<String>,

    /// Show it at once
    #[arg(long)]
    switch: bool,

    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ListArgs {
    /// Project file
    project: PathBuf,

    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SwitchArgs {
    /// Project file
    project: PathBuf,

    /// Name of the map
    #[arg(long, value_name = "NAME")]
    map: String,

    /// Issue to show
    #[arg(long, value_name = "NAME")]
    issue: String,

    /// Who switches; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

impl Basemap {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Add(args) => &args.common,
            Self::List(args) => &args.common,
            Self::Switch(args) => &args.common,
        }
    }
}

pub(crate) fn basemap(args: &BasemapArgs, console: &mut Console) -> Result<Outcome> {
    match &args.what {
        Basemap::Add(args) => add(args, console),
        Basemap::List(args) => list(args, console),
        Basemap::Switch(args) => switch(args, console),
    }
}

fn who(named: Option<&String>) -> String {
    named.cloned().unwrap_or_else(crate::settings::system_user)
}

/// Opens a project, and nothing else.
fn open(path: &Path) -> Result<Project> {
    if path.is_file() && !Project::is_project(path)? {
        return Err(Error::bad_input(
            Message::new("imagery.cli.no_project").with("path", path.display()),
        ));
    }
    Project::open(path)
}

fn add(args: &AddArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open(&args.project)?;
    let mut book = TopoBook::load(&project)?;
    book.check_new(&args.map, &args.issue)?;
    let new = NewIssue {
        map: args.map.clone(),
        issue: args.issue.clone(),
        source: args.file.clone(),
        encoding: args.encoding.clone(),
        crs: args.source_crs.as_deref().map(io::crs::parse).transpose()?,
        by: who(args.by.as_ref()),
        note: args.note.clone(),
        added_unix_ms: now_unix_ms(),
    };
    let record = bring_in(&new, &args.project, project.crs(), console.progress())?;
    book.add(&args.map, record.clone())?;
    if args.switch {
        book.switch(&args.map, &args.issue, &new.by, new.added_unix_ms)?;
    }
    save(&mut project, &book, &args.project)?;
    project.close()?;
    if console.is_json() {
        console.json(&json!({ "map": args.map, "record": record }))?;
    } else {
        console.say(
            &Message::new("imagery.cli.added")
                .with("map", &args.map)
                .with("issue", &args.issue)
                .with("features", record.features)
                .with("layers", record.layers.len()),
        )?;
    }
    Ok(Outcome::Done)
}

/// Keeps the history, and shows the present issues in the layer tree.
fn save(project: &mut Project, book: &TopoBook, path: &Path) -> Result<()> {
    book.save(project)?;
    let mut document = MapDocument::load(project)?.document;
    book.show_in(&mut document, &folder_of(path));
    document.save(project)
}

fn list(args: &ListArgs, console: &mut Console) -> Result<Outcome> {
    let project = Project::open_read_only(&args.project)?;
    let book = TopoBook::load(&project)?;
    if console.is_json() {
        console.json(&book)?;
        return Ok(Outcome::done_if(!book.maps.is_empty()));
    }
    let lang = console.lang();
    let headers = ["map", "issue", "shown", "features", "by", "source"]
        .map(|c| translate(&format!("imagery.column.{c}"), lang));
    let rows: Vec<Vec<String>> = book
        .maps
        .iter()
        .flat_map(|map| map.issues.iter().map(move |issue| (map, issue)))
        .map(|(map, issue)| {
            vec![
                map.name.clone(),
                issue.issue.clone(),
                if issue.issue == map.current {
                    "*".to_owned()
                } else {
                    String::new()
                },
                issue.features.to_string(),
                issue.by.clone(),
                issue.source.clone(),
            ]
        })
        .collect();
    if rows.is_empty() {
        console.say(&Message::new("imagery.cli.none"))?;
        return Ok(Outcome::No);
    }
    console.table(&headers, &rows)?;
    Ok(Outcome::Done)
}

fn switch(args: &SwitchArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open(&args.project)?;
    let mut book = TopoBook::load(&project)?;
    let before = book.map(&args.map)?.current.clone();
    book.switch(&args.map, &args.issue, &who(args.by.as_ref()), now_unix_ms())?;
    save(&mut project, &book, &args.project)?;
    project.close()?;
    if console.is_json() {
        console.json(&json!({ "map": args.map, "from": before, "to": args.issue }))?;
    } else {
        console.say(
            &Message::new("imagery.cli.switched")
                .with("map", &args.map)
                .with("from", before)
                .with("to", &args.issue),
        )?;
    }
    Ok(Outcome::Done)
}
