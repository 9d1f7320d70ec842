//! Files attached to features from the command line: add, list, write out, take away.

use std::path::{Path, PathBuf};

use gis_core::io::media::{nearest, place_in, read_file, save};
use gis_core::project::{Attachment, Project};
use gis_core::text::translate;
use gis_core::{ClassIndex, Error, FeatureId, Message, Result};
use serde::Serialize;

use super::console::Console;
use super::source::{new_ids, now_unix_ms, open_project};
use super::{Common, Outcome};

#[derive(Debug, clap::Args)]
pub(crate) struct MediaArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Attach photographs, documents, video or sound to a feature
    Add(AddArgs),
    /// List what is attached
    List(ListArgs),
    /// Write an attached file out
    Extract(ExtractArgs),
    /// Take an attached file away
    Remove(RemoveArgs),
}

#[derive(Debug, Clone, clap::Args)]
struct AddArgs {
    /// Project file
    project: PathBuf,

    /// Files to attach
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// Code of the feature
    #[arg(
        long,
        value_name = "CODE",
        required_unless_present = "nearest",
        conflicts_with = "nearest"
    )]
    code: Option<String>,

    /// Class of the feature, where several classes have that code
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,

    /// The feature nearest to where each photograph was taken
    #[arg(long)]
    nearest: bool,

    /// How far away that may be, in metres
    #[arg(long, value_name = "METRES", default_value_t = 30.0)]
    within: f64,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
struct ListArgs {
    /// Project file
    project: PathBuf,

    /// Only what is attached to this feature
    #[arg(long, value_name = "CODE")]
    code: Option<String>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
struct ExtractArgs {
    /// Project file
    project: PathBuf,

    /// Id of the attachment, as `list` tells it; its beginning is enough
    id: String,

    /// File to write; the name it came with unless given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
struct RemoveArgs {
    /// Project file
    project: PathBuf,

    /// Id of the attachment, as `list` tells it; its beginning is enough
    id: String,

    #[command(flatten)]
    common: Common,
}

impl MediaArgs {
    pub(super) fn common(&self) -> &Common {
        match &self.what {
            What::Add(args) => &args.common,
            What::List(args) => &args.common,
            What::Extract(args) => &args.common,
            What::Remove(args) => &args.common,
        }
    }
}

pub(crate) fn media(args: &MediaArgs, console: &mut Console) -> Result<Outcome> {
    match &args.what {
        What::Add(args) => add(args, console),
        What::List(args) => list(args, console),
        What::Extract(args) => extract(args, console),
        What::Remove(args) => remove(args, console),
    }
}

fn add(args: &AddArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    let network = if args.nearest {
        Some(project.network(console.progress())?)
    } else {
        None
    };
    let named = match &args.code {
        Some(code) => Some(feature(&project, code, args.class.as_deref())?),
        None => None,
    };
    let mut ids = new_ids();
    let mut added = Vec::new();
    for file in &args.files {
        let media = read_file(file)?;
        let target = match (&network, named) {
            (_, Some(target)) => target,
            (Some(network), None) => {
                let position = media.info.position.and_then(|p| place_in(project.crs(), p));
                let place = position.ok_or_else(|| {
                    Error::bad_input(Message::new("media.error.no_position").with("name", &media.name))
                })?;
                let (class, id, _) = nearest(network, place, args.within)?;
                (class, id)
            }
            (None, None) => continue,
        };
        if let Some(warning) = &media.warning {
            console.note(warning);
        }
        let id = project.attach(target, &media, ids.next_id(), now_unix_ms())?;
        added.extend(project.attachment(id)?);
    }
    show(&project, &added, console)?;
    project.close()?;
    Ok(Outcome::Done)
}

fn list(args: &ListArgs, console: &mut Console) -> Result<Outcome> {
    let project = Project::open_read_only(&args.project)?;
    let mut found = project.all_attachments()?;
    if let Some(code) = &args.code {
        let wanted: Vec<FeatureId> = features(&project, code)?.into_iter().map(|(_, id)| id).collect();
        found.retain(|a| wanted.contains(&a.feature));
    }
    show(&project, &found, console)?;
    Ok(Outcome::done_if(!found.is_empty()))
}

fn extract(args: &ExtractArgs, console: &mut Console) -> Result<Outcome> {
    let project = Project::open_read_only(&args.project)?;
    let attachment = by_id(&project, &args.id)?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(gis_core::io::media::safe_name(&attachment.name)));
    save(&project, attachment.id, &out)?;
    done("cli.media.extracted", &out, console)
}

fn remove(args: &RemoveArgs, console: &mut Console) -> Result<Outcome> {
    let mut project = open_project(&args.project, console)?;
    let attachment = by_id(&project, &args.id)?;
    project.detach(attachment.id)?;
    project.close()?;
    done("cli.media.removed", Path::new(&attachment.name), console)
}

fn done(key: &'static str, path: &Path, console: &mut Console) -> Result<Outcome> {
    if console.is_json() {
        console.json(&serde_json::json!({ "file": path }))?;
    } else {
        console.say(&Message::new(key).with("path", path.display()))?;
    }
    Ok(Outcome::Done)
}

fn features(project: &Project, code: &str) -> Result<Vec<(ClassIndex, FeatureId)>> {
    let found = project.find_code(code)?;
    if found.is_empty() {
        return Err(Error::bad_input(
            Message::new("cli.error.unknown_place")
                .with("code", code)
                .with("near", ""),
        ));
    }
    Ok(found)
}

/// The one feature with a code, of a class where one is named.
fn feature(project: &Project, code: &str, class: Option<&str>) -> Result<(ClassIndex, FeatureId)> {
    let mut found = features(project, code)?;
    if let Some(name) = class {
        let wanted = project.schema().resolve_class(name).map(|(class, _)| class);
        found.retain(|(class, _)| Some(*class) == wanted);
    }
    if let [only] = found[..] {
        return Ok(only);
    }
    let classes: Vec<&str> = project
        .find_code(code)?
        .into_iter()
        .map(|(class, _)| project.schema().class(class).key.as_str())
        .collect();
    Err(Error::bad_input(
        Message::new("cli.media.ambiguous")
            .with("code", code)
            .with("classes", classes.join(", ")),
    ))
}

fn by_id(project: &Project, beginning: &str) -> Result<Attachment> {
    let all = project.all_attachments()?;
    let mut found = all
        .into_iter()
        .filter(|a| a.id.to_string().starts_with(beginning));
    match (found.next(), found.next()) {
        (Some(only), None) if !beginning.is_empty() => Ok(only),
        _ => Err(Error::bad_input(
            Message::new("media.error.gone").with("id", beginning),
        )),
    }
}

/// An attachment as JSON (docs/cli.md).
#[derive(Serialize)]
struct Answer<'a> {
    id: String,
    class: &'a str,
    code: String,
    name: &'a str,
    content_type: &'a str,
    size_bytes: u64,
    sha256: &'a str,
    attached_unix_ms: u64,
    taken_at: Option<&'a str>,
    longitude: Option<f64>,
    latitude: Option<f64>,
}

fn show(project: &Project, attachments: &[Attachment], console: &mut Console) -> Result<()> {
    let schema = project.schema();
    let answers: Vec<Answer<'_>> = attachments
        .iter()
        .map(|a| {
            let class = schema.class(a.class);
            let record = project.record(a.class, a.feature)?;
            let code = record.and_then(|r| {
                let field = class.field_index("code")?;
                r.values[field].as_text().map(str::to_owned)
            });
            Ok(Answer {
                id: a.id.to_string(),
                class: &class.key,
                code: code.unwrap_or_default(),
                name: &a.name,
                content_type: &a.content_type,
                size_bytes: a.size_bytes,
                sha256: &a.sha256,
                attached_unix_ms: a.attached_unix_ms,
                taken_at: a.info.taken_at.as_deref(),
                longitude: a.info.position.map(|p| p[0]),
                latitude: a.info.position.map(|p| p[1]),
            })
        })
        .collect::<Result<_>>()?;
    if console.is_json() {
        return console.json(&serde_json::json!({ "attachments": answers }));
    }
    let lang = console.lang();
    let headers = ["id", "class", "code", "file", "type", "size", "taken"]
        .map(|c| translate(&format!("cli.media.column.{c}"), lang));
    let rows: Vec<Vec<String>> = answers
        .iter()
        .map(|a| {
            vec![
                a.id.clone(),
                a.class.to_owned(),
                a.code.clone(),
                a.name.to_owned(),
                a.content_type.to_owned(),
                format!("{} KiB", a.size_bytes.div_ceil(1024)),
                a.taken_at.unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    console.table(&headers, &rows)
}
