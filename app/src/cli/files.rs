//! Commands on files and projects: `new`, `import`, `inspect`, `info`, `export`.

use std::path::{Path, PathBuf};

use gis_core::io::{self, ExportOptions, ImportReport};
use gis_core::project::{NewProject, Project};
use gis_core::schema::Schema;
use gis_core::text::translate;
use gis_core::{Issue, Issues, Message, Result, Severity};
use serde::Serialize;

use super::console::Console;
use super::source::{self, SourceArgs, new_ids, now_unix_ms};
use super::{Common, Outcome};

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// Project file to create (.gpkg)
    project: PathBuf,

    /// Coordinate system: EPSG code, WKT or PROJ string
    #[arg(long, value_name = "CRS", default_value = "EPSG:4545")]
    crs: String,

    /// Name of the project; the file's unless given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn new(args: &NewArgs, console: &mut Console) -> Result<Outcome> {
    let crs = io::crs::parse(&args.crs)?;
    let name = args.name.clone().unwrap_or_else(|| stem(&args.project));
    let schema = Schema::builtin()?;
    let project = Project::create(
        &args.project,
        &NewProject {
            name: &name,
            crs: &crs,
            schema: &schema,
            created_unix_ms: now_unix_ms(),
        },
    )?;
    project.close()?;
    if console.is_json() {
        console.json(&serde_json::json!({ "project": args.project, "crs": crs.name, "epsg": crs.epsg }))?;
    } else {
        console.say(
            &Message::new("cli.new.done")
                .with("path", args.project.display())
                .with("crs", crs.name),
        )?;
    }
    Ok(Outcome::Done)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// Project to read into; created in the source's coordinate system where it does not exist
    project: PathBuf,

    /// Files or folders to read
    #[arg(required = true)]
    sources: Vec<PathBuf>,

    /// Only guess and report; write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn import(args: &ImportArgs, console: &mut Console) -> Result<Outcome> {
    let options = args.source.options()?;
    let mut ids = new_ids();
    let mut report = ImportReport::default();
    let mut sources = args.sources.iter();
    let mut project = if args.project.exists() && !args.dry_run {
        source::open_project(&args.project, console)?
    } else if let Some(first) = sources.next() {
        let (read, first_report) =
            io::open_source(first, &options, &mut ids, now_unix_ms(), console.progress())?;
        report.extend(first_report);
        if args.dry_run {
            read
        } else {
            read.backup_to(&args.project)?;
            source::open_project(&args.project, console)?
        }
    } else {
        return Ok(Outcome::Done);
    };
    for path in sources {
        report.extend(io::import(
            &mut project,
            path,
            &options,
            &mut ids,
            console.progress(),
        )?);
    }
    project.close()?;
    if console.is_json() {
        console.json(&ImportAnswer::new(&report, console))?;
    } else {
        import_text(&report, console)?;
    }
    Ok(Outcome::done_if(report.written() > 0))
}

#[derive(Serialize)]
struct ImportAnswer<'a> {
    layers: &'a [io::LayerReport],
    guesses: Vec<String>,
    issues: Vec<IssueAnswer>,
}

impl<'a> ImportAnswer<'a> {
    fn new(report: &'a ImportReport, console: &Console) -> Self {
        Self {
            layers: &report.layers,
            guesses: report
                .guesses
                .iter()
                .map(|g| g.message.text(console.lang()))
                .collect(),
            issues: issue_answers(&report.issues, console),
        }
    }
}

/// An issue with its sentence in the chosen language.
#[derive(Serialize)]
pub(super) struct IssueAnswer {
    severity: Severity,
    key: String,
    message: String,
    layer: Option<String>,
    row: Option<u64>,
    field: Option<String>,
    code: Option<String>,
    place: Option<[f64; 2]>,
}

pub(super) fn issue_answer(issue: &Issue, console: &Console) -> IssueAnswer {
    IssueAnswer {
        severity: issue.severity,
        key: issue.message.key().to_owned(),
        message: issue.message.text(console.lang()),
        layer: issue.layer.clone(),
        row: issue.row,
        field: issue.field.clone(),
        code: issue.code.clone(),
        place: issue.place,
    }
}

fn issue_answers(issues: &Issues, console: &Console) -> Vec<IssueAnswer> {
    issues.iter().map(|issue| issue_answer(issue, console)).collect()
}

fn counts(issues: &Issues) -> [usize; 3] {
    [Severity::Error, Severity::Warning, Severity::Info].map(|severity| issues.count(severity))
}

/// The key of its name in the locale files.
pub(super) fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "cli.severity.error",
        Severity::Warning => "cli.severity.warning",
        Severity::Info => "cli.severity.info",
    }
}

fn import_text(report: &ImportReport, console: &mut Console) -> Result<()> {
    for guess in &report.guesses {
        console.say(&guess.message)?;
    }
    let lang = console.lang();
    let headers = ["layer", "class", "read", "written", "rejected"]
        .map(|c| translate(&format!("cli.column.{c}"), lang));
    let rows: Vec<Vec<String>> = report
        .layers
        .iter()
        .map(|l| {
            vec![
                l.layer.clone(),
                l.class.clone(),
                l.read.to_string(),
                l.written.to_string(),
                l.rejected.to_string(),
            ]
        })
        .collect();
    console.table(&headers, &rows)?;
    issues_text(&report.issues, counts(&report.issues), console)
}

/// Issues as a list, gravest first, then how many there are of each severity, those shown otherwise included.
pub(super) fn issues_text(
    issues: &Issues,
    [errors, warnings, infos]: [usize; 3],
    console: &mut Console,
) -> Result<()> {
    let lang = console.lang();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let label = severity_key(severity);
        for issue in issues.iter().filter(|i| i.severity == severity) {
            let mut place = Vec::new();
            place.extend(issue.layer.clone());
            place.extend(
                issue
                    .row
                    .map(|r| Message::new("cli.issue.row").with("row", r).text(lang)),
            );
            place.extend(issue.field.clone());
            place.extend(issue.place.map(|[x, y]| format!("{x:.2}, {y:.2}")));
            let place = if place.is_empty() {
                String::new()
            } else {
                format!(" ({})", place.join(", "))
            };
            console.line(&format!(
                "{}: {}{place}",
                translate(label, lang),
                issue.message.text(lang)
            ))?;
        }
    }
    console.say(
        &Message::new("cli.issue.count")
            .with("errors", errors)
            .with("warnings", warnings)
            .with("infos", infos),
    )
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// File or folder to look into
    path: PathBuf,

    /// Write the proposed mapping here, to be corrected and given to --mapping
    #[arg(long, value_name = "FILE")]
    save_mapping: Option<PathBuf>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn inspect(args: &InspectArgs, console: &mut Console) -> Result<Outcome> {
    let inspection = io::inspect(&args.path, &args.source.options()?, &Schema::builtin()?)?;
    if let Some(path) = &args.save_mapping {
        inspection.mapping.save(path)?;
    }
    if console.is_json() {
        console.json(&inspection)?;
        return Ok(Outcome::done_if(inspection.encoding_question.is_none()));
    }
    if let Some(question) = &inspection.encoding_question {
        console.say(&Message::new("cli.inspect.encoding").with("file", &question.file))?;
        for candidate in &question.candidates {
            console.line(&format!(
                "  {}: {}",
                candidate.encoding,
                candidate.preview.join(" | ")
            ))?;
        }
        return Ok(Outcome::No);
    }
    for layer in &inspection.layers {
        let count = layer.count.map_or_else(|| "?".to_owned(), |c| c.to_string());
        console.line(&format!("{} ({count}): {}", layer.name, layer.columns.join(", ")))?;
    }
    for guess in &inspection.guesses {
        console.say(&guess.message)?;
    }
    issues_text(&inspection.issues, counts(&inspection.issues), console)?;
    console.line(&inspection.mapping.to_toml()?)?;
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(crate) struct InfoArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn info(args: &InfoArgs, console: &mut Console) -> Result<Outcome> {
    let (project, _) = source::open(&args.project, &args.source, console)?;
    let summary = project.summary()?;
    let schema = project.schema();
    let counts = || summary.counts.iter().filter(|(_, count)| *count > 0);
    if console.is_json() {
        let by_class: serde_json::Map<String, serde_json::Value> = counts()
            .map(|(class, count)| (schema.class(*class).key.clone(), (*count).into()))
            .collect();
        console.json(&serde_json::json!({
            "name": project.name(),
            "crs": { "epsg": project.crs().epsg, "name": project.crs().name },
            "counts": by_class,
            "pipe_length_m": summary.pipe_length_m,
            "extent": summary.extent,
            "revision": summary.revision,
        }))?;
        return Ok(Outcome::Done);
    }
    let lang = console.lang();
    let epsg = project
        .crs()
        .epsg
        .map_or_else(String::new, |code| format!(" (EPSG:{code})"));
    console.say(
        &Message::new("cli.info.head")
            .with("name", project.name())
            .with("crs", format!("{}{epsg}", project.crs().name)),
    )?;
    let headers = ["class", "count"].map(|c| translate(&format!("cli.column.{c}"), lang));
    let rows: Vec<Vec<String>> = counts()
        .map(|(class, count)| {
            vec![
                schema.class(*class).label.text(lang).to_owned(),
                count.to_string(),
            ]
        })
        .collect();
    console.table(&headers, &rows)?;
    console
        .say(&Message::new("cli.info.length").with("km", format!("{:.3}", summary.pipe_length_m / 1000.0)))?;
    if let Some([min_x, min_y, max_x, max_y]) = summary.extent {
        console.say(
            &Message::new("cli.info.extent")
                .with("min", format!("{min_x:.2}, {min_y:.2}"))
                .with("max", format!("{max_x:.2}, {max_y:.2}")),
        )?;
    }
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// File to write; its extension names the format (gpkg, geojson, shp, csv, kml, dxf …)
    target: PathBuf,

    /// Only this class, e.g. valve; may come several times
    #[arg(long, value_name = "CLASS")]
    class: Vec<String>,

    /// Coordinate system of the written file; the project's unless given
    #[arg(long, value_name = "CRS")]
    target_crs: Option<String>,

    /// Encoding of the text in a Shapefile, e.g. GBK; UTF-8 unless given
    #[arg(long, value_name = "NAME")]
    target_encoding: Option<String>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn export(args: &ExportArgs, console: &mut Console) -> Result<Outcome> {
    let (project, _) = source::open(&args.project, &args.source, console)?;
    let crs = args.target_crs.as_deref().map(io::crs::parse).transpose()?;
    let options = ExportOptions {
        classes: args.class.clone(),
        crs,
        encoding: args.target_encoding.clone(),
    };
    let report = io::export(&project, &args.target, &options, console.progress())?;
    if console.is_json() {
        console.json(&serde_json::json!({
            "files": report.files,
            "nodes": report.nodes,
            "pipes": report.pipes,
            "issues": issue_answers(&report.issues, console),
        }))?;
    } else {
        for file in &report.files {
            console.line(&file.display().to_string())?;
        }
        console.say(
            &Message::new("cli.export.done")
                .with("nodes", report.nodes)
                .with("pipes", report.pipes),
        )?;
        issues_text(&report.issues, counts(&report.issues), console)?;
    }
    Ok(Outcome::Done)
}
