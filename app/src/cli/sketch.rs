//! `karez sketch`: a point with what it was tied to, as a drawing and as a list.

use std::path::PathBuf;

use gis_core::cartography::StyleSet;
use gis_core::edit::{Reference, TIES_FIELD, TieRecord};
use gis_core::layout::tie_sketch::Sketch;
use gis_core::project::Project;
use gis_core::text::translate;
use gis_core::{Error, Geometry, Message, Result};
use serde_json::json;

use super::console::Console;
use super::{Common, Outcome};

/// Dots per inch of a sketch drawn as a picture.
const PICTURE_DPI: f64 = 150.0;

#[derive(Debug, clap::Args)]
pub(crate) struct SketchArgs {
    /// Project file
    project: PathBuf,

    /// Code of the node
    node: String,

    /// Draw the sketch into this file: PDF, SVG, DXF or PNG
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn sketch(args: &SketchArgs, console: &mut Console) -> Result<Outcome> {
    let project = Project::open_read_only(&args.project)?;
    let unknown = || Error::bad_input(Message::new("edit.error.unknown").with("feature", &args.node));
    let (class, id) = *project.find_code(&args.node)?.first().ok_or_else(unknown)?;
    let node = project.record(class, id)?.ok_or_else(unknown)?;
    let Some(Geometry::Point(at)) = node.geometry else {
        return Err(Error::bad_input(
            Message::new("edit.error.no_place").with("feature", &args.node),
        ));
    };
    let field = project.schema().class(class).field_index(TIES_FIELD);
    let records = match field {
        Some(field) => TieRecord::read(&node.values[field])?,
        None => Vec::new(),
    };
    show(&records, console)?;
    if let Some(file) = &args.out {
        Sketch {
            network: &project.network(console.progress())?,
            name: &args.node,
            at: [at[0], at[1]],
            records: &records,
            styles: &StyleSet::builtin()?,
            lang: console.lang(),
        }
        .write(file, PICTURE_DPI)?;
        console.note(&Message::new("cli.burst.picture").with("path", file.display()));
    }
    Ok(Outcome::done_if(!records.is_empty()))
}

fn show(records: &[TieRecord], console: &mut Console) -> Result<()> {
    if console.is_json() {
        return console.json(&json!({ "ties": records }));
    }
    let word = |key: &str| translate(&format!("edit.sketch.{key}"), console.lang());
    let mut rows = Vec::new();
    for record in records {
        let mut residuals = record.residuals_m.iter();
        for (reference, distance_m) in record.tie.measurements() {
            let (kind, place) = match reference {
                Reference::Point(p) => ("point", format!("{:.3}, {:.3}", p[0], p[1])),
                Reference::Edge([a, b]) => (
                    "edge",
                    format!("{:.3}, {:.3} – {:.3}, {:.3}", a[0], a[1], b[0], b[1]),
                ),
            };
            let residual_m = distance_m.and_then(|_| residuals.next());
            let metres = |m: Option<f64>| m.map_or_else(String::new, |m| format!("{m:.3}"));
            rows.push(vec![
                (rows.len() + 1).to_string(),
                format!("{} {place}", word(kind)),
                metres(distance_m),
                metres(residual_m.copied()),
            ]);
        }
    }
    console.table(&["number", "to", "measured", "off"].map(word), &rows)
}
