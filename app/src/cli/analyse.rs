//! `karez burst` and `karez path`: questions to the network, with their reports.

use std::path::{Path, PathBuf};
use std::time::Instant;

use gis_core::analysis::answer::{BurstAnswer, PathAnswer, UnreachableAnswer};
use gis_core::analysis::burst::{BurstRequest, BurstResult, burst as find_valves};
use gis_core::analysis::path::{PathOutcome, Place, shortest_path};
use gis_core::network::{Network, NodeIndex, PipeIndex};
use gis_core::report::{BurstReport, PathReport};
use gis_core::schema::Schema;
use gis_core::text::translate;
use gis_core::{Issues, Message, Result};

use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome, lookup};

/// Codes shown of a long list in text output; JSON and Excel have them all.
const SHOWN: usize = 20;
const PICTURE_PX: [u32; 2] = [1800, 1200];

#[derive(Debug, clap::Args)]
pub(crate) struct BurstArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// Code of a pipe that bursts; may come several times
    #[arg(long, value_name = "CODE", required_unless_present_any = ["node", "at"])]
    pipe: Vec<String>,

    /// Code of a node that bursts, a valve with both its sides; may come several times
    #[arg(long, value_name = "CODE")]
    node: Vec<String>,

    /// Place of the burst in the project's coordinates; the nearest pipe is taken
    #[arg(long, value_name = "X,Y", value_parser = lookup::parse_point, allow_hyphen_values = true)]
    at: Vec<[f64; 2]>,

    /// How far from the place a pipe may be, in metres
    #[arg(long, value_name = "METRES", default_value_t = 100.0)]
    radius: f64,

    /// Code of a valve that cannot be shut today; may come several times
    #[arg(long, value_name = "CODE")]
    inoperable: Vec<String>,

    /// Write the report into this Excel file
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,

    /// Draw the map into this PNG file
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn burst(args: &BurstArgs, console: &mut Console) -> Result<Outcome> {
    let (project, network) = source::open_network(&args.project, &args.source, console)?;
    let request = burst_request(args, &network)?;
    let start = Instant::now();
    let result = find_valves(&network, &request)?;
    let elapsed_us = elapsed_us(start);
    let answer = BurstAnswer::new(&result, &network, project.schema(), elapsed_us, console.lang());
    if console.is_json() {
        console.json(&answer)?;
    } else {
        burst_text(&result, &answer, &network, project.schema(), console)?;
    }
    if args.xlsx.is_none() && args.png.is_none() {
        return Ok(Outcome::done_if(result.can_isolate()));
    }
    let dressing = super::print::usual_dressing(&project, &network, console)?;
    let report = BurstReport {
        project: &project,
        network: &network,
        dressing: &dressing,
        request: &request,
        result: &result,
        lang: console.lang(),
        created: chrono::Local::now().naive_local(),
    };
    if let Some(file) = &args.xlsx {
        save_with_map(file, "cli.burst.report", report.workbook()?, console)?;
    }
    if let Some(file) = &args.png {
        save_with_map(
            file,
            "cli.burst.picture",
            report.picture_png(PICTURE_PX)?,
            console,
        )?;
    }
    Ok(Outcome::done_if(result.can_isolate()))
}

/// Writes a file and says so: beside the answer in text, on standard error where the answer is for a program.
pub(super) fn save(file: &Path, key: &'static str, bytes: &[u8], console: &mut Console) -> Result<()> {
    gis_core::output::write(file, bytes)?;
    let message = Message::new(key).with("path", file.display());
    if console.is_json() {
        console.note(&message);
        return Ok(());
    }
    console.say(&message)
}

/// The same for a file with a map in it, of which something may be missing.
fn save_with_map(
    file: &Path,
    key: &'static str,
    (bytes, issues): (Vec<u8>, Issues),
    console: &mut Console,
) -> Result<()> {
    super::print::note_issues(&issues, console);
    save(file, key, &bytes, console)
}

fn burst_request(args: &BurstArgs, network: &Network) -> Result<BurstRequest> {
    let mut request = BurstRequest::default();
    for code in &args.pipe {
        request.pipes.extend(lookup::pipes(network, code)?);
    }
    for code in &args.node {
        request.nodes.extend(lookup::nodes(network, code)?);
    }
    for place in &args.at {
        if let Place::OnPiece { piece, .. } = Place::near(network, *place, args.radius)? {
            request.pieces.push(piece);
        }
    }
    for code in &args.inoperable {
        request.inaccessible.extend(lookup::nodes(network, code)?);
    }
    Ok(request)
}

fn elapsed_us(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn burst_text(
    result: &BurstResult,
    answer: &BurstAnswer,
    network: &Network,
    schema: &Schema,
    console: &mut Console,
) -> Result<()> {
    for notice in &answer.notices {
        console.line(notice)?;
    }
    valves(
        "cli.burst.close",
        &result.valves_to_close,
        network,
        schema,
        console,
    )?;
    valves(
        "cli.burst.check",
        &result.valves_to_check,
        network,
        schema,
        console,
    )?;
    valves(
        "cli.burst.optional",
        &result.valves_optional,
        network,
        schema,
        console,
    )?;
    codes("cli.burst.passed", &answer.inoperable_passed, console)?;
    console.say(
        &Message::new("cli.burst.isolated")
            .with("count", answer.isolated_pipes.len())
            .with("length", format!("{:.1}", answer.isolated_length_m))
            .with("volume", format!("{:.1}", answer.volume_to_drain_m3)),
    )?;
    list(&answer.isolated_pipes, console)?;
    if !answer.cut_off_pipes.is_empty() {
        console.say(
            &Message::new("cli.burst.cut_off")
                .with("count", answer.cut_off_pipes.len())
                .with("length", format!("{:.1}", answer.cut_off_length_m)),
        )?;
        list(&answer.cut_off_pipes, console)?;
    }
    codes("cli.burst.dry_before", &answer.dry_before, console)?;
    console.say(&Message::new("cli.burst.customers").with("count", answer.customers_affected))?;
    codes("cli.burst.important", &answer.important_customers, console)?;
    codes("cli.burst.hydrants", &answer.hydrants_lost, console)?;
    console.say(&Message::new("cli.elapsed").with("us", answer.elapsed_us))
}

fn valves(
    heading: &'static str,
    list: &[NodeIndex],
    network: &Network,
    schema: &Schema,
    console: &mut Console,
) -> Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    console.say(&Message::new(heading).with("count", list.len()))?;
    let lang = console.lang();
    let headers =
        ["code", "class", "diameter", "x", "y"].map(|c| translate(&format!("cli.column.{c}"), lang));
    let rows: Vec<Vec<String>> = list
        .iter()
        .map(|valve| {
            let [x, y] = network.position(*valve);
            let diameter_mm = network.node_diameter_mm(*valve);
            vec![
                network.node_code(*valve).to_owned(),
                schema
                    .class(network.node_class(*valve))
                    .label
                    .text(lang)
                    .to_owned(),
                if diameter_mm.is_nan() {
                    String::new()
                } else {
                    format!("DN{diameter_mm:.0}")
                },
                coordinate(x),
                coordinate(y),
            ]
        })
        .collect();
    console.table(&headers, &rows)
}

fn coordinate(value: f64) -> String {
    if value.is_nan() {
        String::new()
    } else {
        format!("{value:.2}")
    }
}

fn codes(heading: &'static str, codes: &[String], console: &mut Console) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    console.say(&Message::new(heading).with("count", codes.len()))?;
    list(codes, console)
}

fn list(codes: &[String], console: &mut Console) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let shown = codes
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    if codes.len() > SHOWN {
        console.say(
            &Message::new("cli.list.more")
                .with("shown", shown)
                .with("count", codes.len() - SHOWN),
        )
    } else {
        console.line(&format!("  {shown}"))
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct PathArgs {
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

    /// Write the report into this Excel file
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,

    /// Draw the map into this PNG file
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn path(args: &PathArgs, console: &mut Console) -> Result<Outcome> {
    let (project, network) = source::open_network(&args.project, &args.source, console)?;
    let from = lookup::place(&network, &args.from, args.radius)?;
    let to = lookup::place(&network, &args.to, args.radius)?;
    let start = Instant::now();
    let outcome = shortest_path(&network, from, to)?;
    let elapsed_us = elapsed_us(start);
    match outcome {
        PathOutcome::Found(path) => {
            let answer = PathAnswer::new(&path, &network, elapsed_us);
            if console.is_json() {
                console.json(&answer)?;
            } else {
                path_text(&path.pipes, &answer, &network, console)?;
            }
            if args.xlsx.is_none() && args.png.is_none() {
                return Ok(Outcome::Done);
            }
            let dressing = super::print::usual_dressing(&project, &network, console)?;
            let report = PathReport {
                project: &project,
                network: &network,
                dressing: &dressing,
                path: &path,
                from: &args.from,
                to: &args.to,
                lang: console.lang(),
                created: chrono::Local::now().naive_local(),
            };
            if let Some(file) = &args.xlsx {
                save_with_map(file, "cli.burst.report", report.workbook()?, console)?;
            }
            if let Some(file) = &args.png {
                save_with_map(
                    file,
                    "cli.burst.picture",
                    report.picture_png(PICTURE_PX)?,
                    console,
                )?;
            }
            Ok(Outcome::Done)
        }
        PathOutcome::Unreachable { separating } => {
            let answer = UnreachableAnswer::new(&separating, &network);
            if console.is_json() {
                console.json(&answer)?;
            } else {
                let key = if separating.is_empty() {
                    "cli.path.no_way"
                } else {
                    "cli.path.separated"
                };
                console.say(&Message::new(key).with("from", &args.from).with("to", &args.to))?;
                list(&answer.separating_valves, console)?;
            }
            Ok(Outcome::No)
        }
    }
}

fn path_text(
    pipes: &[PipeIndex],
    answer: &PathAnswer,
    network: &Network,
    console: &mut Console,
) -> Result<()> {
    console.say(
        &Message::new("cli.path.found")
            .with("length", format!("{:.1}", answer.length_m))
            .with("count", pipes.len()),
    )?;
    let headers =
        ["pipe", "diameter", "length"].map(|c| translate(&format!("cli.column.{c}"), console.lang()));
    let rows: Vec<Vec<String>> = pipes
        .iter()
        .map(|pipe| {
            let diameter_mm = network.pipe_diameter_mm(*pipe);
            vec![
                network.pipe_code(*pipe).to_owned(),
                if diameter_mm.is_nan() {
                    String::new()
                } else {
                    format!("DN{diameter_mm:.0}")
                },
                format!("{:.1}", network.pipe_length_m(*pipe)),
            ]
        })
        .collect();
    console.table(&headers, &rows)?;
    console.say(&Message::new("cli.elapsed").with("us", answer.elapsed_us))
}
