//! `karez profile` and `karez section`: how deep pipes lie along a way and across a street.

use std::path::PathBuf;

use gis_core::analysis::path::{PathOutcome, shortest_path};
use gis_core::cartography::StyleSet;
use gis_core::depth::Levels;
use gis_core::depth::profile::{self, Station, Stretch};
use gis_core::depth::section::{self, Cut};
use gis_core::depth::sheet::{ProfileSheet, SectionSheet};
use gis_core::network::stroke::crossed_pipes;
use gis_core::network::{Network, PipeIndex};
use gis_core::text::translate;
use gis_core::{Error, Message, Result};
use serde_json::{Value, json};

use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome, lookup};

#[derive(Debug, clap::Args)]
pub(crate) struct ProfileArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// Where the way starts: code of a node or pipe, or coordinates
    #[arg(long, value_name = "CODE|X,Y", allow_hyphen_values = true)]
    from: String,

    /// Where the way ends
    #[arg(long, value_name = "CODE|X,Y", allow_hyphen_values = true)]
    to: String,

    /// How far from coordinates a pipe may be, in metres
    #[arg(long, value_name = "METRES", default_value_t = 100.0)]
    radius: f64,

    /// Save the profile: as a drawing (PDF, SVG, DXF, PNG) or its figures (.xlsx)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Title of the drawing; the ends of the way unless given
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn profile(args: &ProfileArgs, console: &mut Console) -> Result<Outcome> {
    let (project, network) = source::open_network(&args.project, &args.source, console)?;
    let from = lookup::place(&network, &args.from, args.radius)?;
    let to = lookup::place(&network, &args.to, args.radius)?;
    let PathOutcome::Found(path) = shortest_path(&network, from, to)? else {
        let none = Message::new("cli.path.no_way")
            .with("from", &args.from)
            .with("to", &args.to);
        if console.is_json() {
            console.json(&json!({ "unreachable": true }))?;
        } else {
            console.say(&none)?;
        }
        return Ok(Outcome::No);
    };
    let levels = Levels::read(&project, &network, path.pipes.iter().copied())?;
    let profile = profile::along(&network, &levels, &path);
    if console.is_json() {
        let stretches: Vec<Value> = profile
            .stretches
            .iter()
            .map(|s| stretch_json(&network, s))
            .collect();
        console.json(&json!({ "length_m": profile.length_m(), "stretches": stretches }))?;
    } else {
        let headers = [
            "distance", "node", "ground", "crown", "cover", "pipe", "diameter", "slope",
        ];
        let rows: Vec<Vec<String>> = profile
            .stretches
            .iter()
            .map(|s| stretch_row(&network, s))
            .collect();
        table(&headers, &rows, console)?;
    }
    if let Some(file) = &args.out {
        let title = args.title.clone().unwrap_or_else(|| {
            Message::new("depth.sheet.title")
                .with("from", &args.from)
                .with("to", &args.to)
                .text(console.lang())
        });
        ProfileSheet {
            network: &network,
            profile: &profile,
            styles: &StyleSet::builtin()?,
            title: &title,
            lang: console.lang(),
        }
        .save(file, chrono::Local::now().naive_local())?;
        console.note(&Message::new("depth.saved").with("path", file.display()));
    }
    Ok(Outcome::Done)
}

fn table(headers: &[&str], rows: &[Vec<String>], console: &mut Console) -> Result<()> {
    let headers: Vec<String> = headers
        .iter()
        .map(|column| translate(&format!("depth.column.{column}"), console.lang()))
        .collect();
    console.table(&headers, rows)
}

fn metres(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

fn size(diameter_mm: Option<f64>) -> String {
    diameter_mm.map_or_else(String::new, |diameter_mm| format!("DN{diameter_mm:.0}"))
}

fn station_cells(network: &Network, station: &Station) -> [String; 5] {
    [
        format!("{:.1}", station.at_m),
        station
            .node
            .map_or_else(String::new, |node| network.node_code(node).to_owned()),
        metres(station.ground_m, 3),
        metres(station.crown_m, 3),
        metres(station.cover_m(), 2),
    ]
}

/// The end of the stretch, with the pipe that leads there.
fn stretch_row(network: &Network, stretch: &Stretch) -> Vec<String> {
    let mut row = station_cells(network, &stretch.start).to_vec();
    row.push(network.pipe_code(stretch.pipe).to_owned());
    row.push(size(stretch.diameter_mm));
    row.push(metres(stretch.slope_permille(), 1));
    row
}

fn stretch_json(network: &Network, stretch: &Stretch) -> Value {
    let station = |station: &Station| {
        json!({
            "at_m": station.at_m,
            "node": station.node.map(|node| network.node_code(node)),
            "ground_m": station.ground_m,
            "crown_m": station.crown_m,
            "cover_m": station.cover_m(),
            "invert_m": stretch.invert_m(station),
        })
    };
    json!({
        "pipe": network.pipe_code(stretch.pipe),
        "diameter_mm": stretch.diameter_mm,
        "slope_permille": stretch.slope_permille(),
        "start": station(&stretch.start),
        "end": station(&stretch.end),
    })
}

#[derive(Debug, clap::Args)]
pub(crate) struct SectionArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// The stroke across the pipes, in the project's coordinates
    #[arg(
        long,
        value_name = "X,Y,X,Y",
        value_delimiter = ',',
        required = true,
        allow_hyphen_values = true
    )]
    line: Vec<f64>,

    /// Save the section: as a drawing (PDF, SVG, DXF, PNG) or its figures (.xlsx)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Title of the drawing; the ends of the stroke unless given
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn section(args: &SectionArgs, console: &mut Console) -> Result<Outcome> {
    let [x0, y0, x1, y1] = args.line[..] else {
        return Err(Error::bad_input(Message::new("depth.section.line")));
    };
    let stroke = [[x0, y0], [x1, y1]];
    let length = (x1 - x0).hypot(y1 - y0);
    if !length.is_finite() || length <= 0.0 {
        return Err(Error::bad_input(Message::new("depth.section.line")));
    }
    let (project, network) = source::open_network(&args.project, &args.source, console)?;
    let pipes: Vec<PipeIndex> = crossed_pipes(&network, stroke, |_| true)
        .into_iter()
        .map(|(pipe, _)| pipe)
        .collect();
    let levels = Levels::read(&project, &network, pipes)?;
    let section = section::across(&network, &levels, stroke, |_| true);
    // Between a pipe and the one before it.
    let spacings: Vec<Option<f64>> = std::iter::once(None)
        .chain(section.spacings().map(|spacing| spacing.clear_m))
        .collect();
    if console.is_json() {
        let cuts: Vec<Value> = section
            .cuts
            .iter()
            .zip(&spacings)
            .map(|(cut, clear_m)| cut_json(&network, cut, *clear_m))
            .collect();
        console.json(&json!({ "length_m": section.length_m, "pipes": cuts }))?;
    } else {
        let headers = [
            "distance", "pipe", "diameter", "ground", "crown", "cover", "clear",
        ];
        let rows: Vec<Vec<String>> = section
            .cuts
            .iter()
            .zip(&spacings)
            .map(|(cut, clear_m)| {
                vec![
                    format!("{:.2}", cut.at_m),
                    network.pipe_code(cut.pipe).to_owned(),
                    size(cut.diameter_mm),
                    metres(cut.ground_m, 3),
                    metres(cut.crown_m, 3),
                    metres(
                        cut.ground_m
                            .zip(cut.crown_m)
                            .map(|(ground, crown)| ground - crown),
                        2,
                    ),
                    metres(*clear_m, 2),
                ]
            })
            .collect();
        table(&headers, &rows, console)?;
    }
    if let Some(file) = &args.out {
        let usual = || {
            Message::new("depth.sheet.section")
                .with("at", format!("({x0:.2}, {y0:.2}) – ({x1:.2}, {y1:.2})"))
                .text(console.lang())
        };
        SectionSheet {
            network: &network,
            section: &section,
            styles: &StyleSet::builtin()?,
            title: &args.title.clone().unwrap_or_else(usual),
            lang: console.lang(),
        }
        .save(file, chrono::Local::now().naive_local())?;
        console.note(&Message::new("depth.saved").with("path", file.display()));
    }
    Ok(Outcome::done_if(!section.cuts.is_empty()))
}

fn cut_json(network: &Network, cut: &Cut, clear_m: Option<f64>) -> Value {
    json!({
        "pipe": network.pipe_code(cut.pipe),
        "at_m": cut.at_m,
        "diameter_mm": cut.diameter_mm,
        "ground_m": cut.ground_m,
        "crown_m": cut.crown_m,
        "axis_m": cut.axis_m(),
        "clear_before_m": clear_m,
    })
}
