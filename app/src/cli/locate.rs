//! `karez locate`: one search for coordinates, sheets, bookmarks, numbers, roads, addresses and names (9.2.3.4a, 9.2.3.5).

use std::path::PathBuf;

use gis_core::Result;
use gis_core::cartography::layers::MapDocument;
use gis_core::locate::{Found, Hit, locate};
use gis_core::project::Project;
use gis_core::text::translate;
use serde_json::{Value as Json, json};

use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome};

#[derive(Debug, clap::Args)]
pub(crate) struct LocateArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// What is looked for: address, road, name, account, object number, sheet number, bookmark, coordinates
    text: String,

    /// How many hits are listed at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn find(args: &LocateArgs, console: &mut Console) -> Result<Outcome> {
    let (project, _) = source::open(&args.project, &args.source, console)?;
    project.index_places(console.progress())?;
    let document = MapDocument::load(&project)?.document;
    let hits = locate(
        &project,
        &document.bookmarks,
        &args.text,
        console.lang(),
        args.limit,
    )?;
    if console.is_json() {
        let listed: Vec<Json> = hits.iter().map(|hit| hit_json(&project, hit)).collect();
        console.json(&json!({ "hits": listed }))?;
    } else {
        let lang = console.lang();
        let headers = ["locate.kind", "locate.title", "locate.detail"].map(|key| translate(key, lang));
        let rows: Vec<Vec<String>> = hits
            .iter()
            .map(|hit| {
                let kind = translate(hit.found.name_key(), lang);
                vec![kind, hit.title.clone(), hit.detail.clone()]
            })
            .collect();
        console.table(&headers, &rows)?;
    }
    Ok(Outcome::done_if(!hits.is_empty()))
}

fn hit_json(project: &Project, hit: &Hit) -> Json {
    let mut json = json!({ "title": hit.title, "detail": hit.detail });
    let (kind, more) = match &hit.found {
        Found::Place(at) => ("place", json!({ "at": at })),
        Found::Sheet(bounds) => ("sheet", json!({ "bounds": bounds })),
        Found::Bookmark(_) => ("bookmark", json!({})),
        Found::Feature(class, id) => {
            let class = &project.schema().class(*class).key;
            ("feature", json!({ "class": class, "id": id.to_string() }))
        }
        Found::Road(road) => ("road", json!({ "road": road })),
    };
    json["kind"] = json!(kind);
    if let (Some(json), Json::Object(more)) = (json.as_object_mut(), more) {
        json.extend(more);
    }
    json
}
