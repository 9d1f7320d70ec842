//! `print`: page layouts into PDF, SVG, DXF and pictures, one page or many.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use gis_core::analysis::path::{PathOutcome, shortest_path};
use gis_core::cartography::Theme;
use gis_core::cartography::backdrop::TileShelf;
use gis_core::layout::atlas::{self, Atlas};
use gis_core::layout::model::{MapPlace, Orientation, Page, Paper};
use gis_core::layout::output::{OutputFormat, write_pages};
use gis_core::layout::sheets::SheetScheme;
use gis_core::layout::surface::TypeFace;
use gis_core::layout::{Dressing, Ground, Layout, MapMaterial, Scene, Written, template};
use gis_core::network::Network;
use gis_core::project::Project;
use gis_core::{Error, Issues, Message, Result};

use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome, lookup};
use crate::map::tiles::Shelf;

#[derive(Debug, clap::Args)]
pub(crate) struct PrintArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// File to write; its ending names the format: pdf, svg, dxf, png, tif
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Template to start from, or a layout file (TOML, JSON): a4-map, a3-map, a1-plan, a0-plan, sheet, strip
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "layout")]
    template: Option<String>,

    /// Layout kept in the project
    #[arg(long, value_name = "NAME")]
    layout: Option<String>,

    /// Scale denominator of the map, e.g. 500
    #[arg(long, value_name = "N")]
    scale: Option<f64>,

    /// Middle of the map, in the project's coordinates
    #[arg(long, value_name = "X,Y", value_parser = lookup::parse_point, allow_hyphen_values = true,
        conflicts_with_all = ["sheet", "sheets", "along"])]
    centre: Option<[f64; 2]>,

    /// Clockwise turn of the map in degrees
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    rotation: Option<f64>,

    /// National map sheet to print, by its number
    #[arg(long, value_name = "NO", conflicts_with_all = ["sheets", "along"])]
    sheet: Option<String>,

    /// One page for every national map sheet with pipes
    #[arg(long, conflicts_with = "along")]
    sheets: bool,

    /// How the ground is divided into sheets
    #[arg(long, value_enum, default_value_t = Scheme::Square)]
    scheme: Scheme,

    /// Pages along a pipe (its code), or along the shortest way between two nodes (FROM..TO)
    #[arg(long, value_name = "CODE|FROM..TO")]
    along: Option<String>,

    /// Paper: A4, A3, A2, A1, A0
    #[arg(long, value_name = "PAPER", value_parser = parse_paper)]
    paper: Option<Paper>,

    /// Upright paper
    #[arg(long)]
    portrait: bool,

    /// Arrows that say which way water runs
    #[arg(long)]
    arrows: bool,

    /// Title of the page; the project's name unless given
    #[arg(long)]
    title: Option<String>,

    /// Words for the title block, e.g. company=…, drawn=…, checked=…, `height_datum`=…; may come several times
    #[arg(long = "set", value_name = "KEY=TEXT", value_parser = parse_pair)]
    values: Vec<(String, String)>,

    /// Resolution of pictures in dots per inch
    #[arg(long, default_value_t = 200.0)]
    dpi: f64,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scheme {
    /// 50 × 50 cm, named by the kilometres of the south-west corner
    Square,
    /// 50 × 40 cm, named likewise
    Rectangle,
    /// By longitude and latitude (GB/T 13989)
    Graticule,
}

impl From<Scheme> for SheetScheme {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Square => Self::Square,
            Scheme::Rectangle => Self::Rectangle,
            Scheme::Graticule => Self::Graticule,
        }
    }
}

fn parse_paper(text: &str) -> Result<Paper, String> {
    Paper::from_name(text).ok_or_else(|| format!("{text:?}: A4, A3, A2, A1, A0"))
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| format!("{text:?}: KEY=TEXT"))
}

pub(crate) fn print(args: &PrintArgs, console: &mut Console) -> Result<Outcome> {
    let format = OutputFormat::of_path(&args.out)?;
    let (project, network) = source::open_network(&args.project, &args.source, console)?;
    let mut values = usual_values(&project);
    values.extend(args.values.iter().cloned());
    if let Some(title) = &args.title {
        values.insert("title".to_owned(), title.clone());
    }
    let face = TypeFace::embedded()?;
    let dressing = usual_dressing(&project, &network, console)?;
    let styles = dressing.document.style_set()?;
    let scene = Scene {
        dressing: Some(&dressing),
        network: &network,
        schema: project.schema(),
        styles: &styles,
        crs: project.crs(),
        lang: console.lang(),
        theme: Theme::Light,
        values: &values,
        face: &face,
    };
    let layout = starting_layout(args, &project)?;
    let pages = pages(args, layout, &scene)?;
    let Written { files, issues } =
        write_pages(&pages, &scene, &args.out, format, args.dpi, console.progress())?;
    note_issues(&issues, console);
    if console.is_json() {
        let issues = issues.as_slice();
        console.json(&serde_json::json!({ "files": files, "pages": pages.len(), "issues": issues }))?;
    } else {
        for file in &files {
            console.line(&file.display().to_string())?;
        }
        console.say(&Message::new("cli.print.done").with("pages", pages.len()))?;
    }
    Ok(Outcome::Done)
}

/// The project's own map.
pub(super) fn usual_dressing(project: &Project, network: &Network, console: &Console) -> Result<Dressing> {
    dress(
        MapMaterial::load(project, console.lang())?,
        project,
        network,
        console,
    )
}

/// Applies a map to the network; tiles come from files and from what the window has kept.
pub(super) fn dress(
    material: MapMaterial,
    project: &Project,
    network: &Network,
    console: &Console,
) -> Result<Dressing> {
    let tiles: Arc<dyn TileShelf> = Arc::new(Shelf::default());
    let ground = Ground {
        network,
        schema: project.schema(),
        crs: project.crs(),
        tiles: Some(&tiles),
    };
    Dressing::new(material, ground, console.lang(), console.progress())
}

/// Says what should be in the files and is not.
pub(super) fn note_issues(issues: &Issues, console: &Console) {
    for issue in issues.iter() {
        console.note(&issue.message);
    }
}

/// What every page knows: the project's name and today's date.
pub(super) fn usual_values(project: &Project) -> BTreeMap<String, String> {
    [
        ("project", project.name().to_owned()),
        ("date", chrono::Local::now().format("%Y-%m-%d").to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

fn starting_layout(args: &PrintArgs, project: &Project) -> Result<Layout> {
    let mut layout = match (&args.layout, &args.template) {
        (Some(name), _) => template::load(project, name)?,
        (None, Some(name)) => template::find(name)?,
        (None, None) => template::find(if args.along.is_some() {
            "strip"
        } else if args.sheet.is_some() || args.sheets {
            "sheet"
        } else {
            "a3-map"
        })?,
    };
    if args.paper.is_some() || args.portrait {
        let old = layout.page;
        layout.change_page(Page {
            paper: args.paper.unwrap_or(old.paper),
            orientation: if args.portrait {
                Orientation::Portrait
            } else {
                old.orientation
            },
        });
    }
    // The words of this call go over those that the layout keeps.
    for (key, value) in &args.values {
        layout.values.insert(key.clone(), value.clone());
    }
    if let Some(title) = &args.title {
        layout.title.clone_from(title);
        layout.values.insert("title".to_owned(), title.clone());
    } else if layout.title.is_empty() {
        project.name().clone_into(&mut layout.title);
    }
    Ok(layout)
}

fn pages(args: &PrintArgs, mut layout: Layout, scene: &Scene<'_>) -> Result<Vec<Layout>> {
    if let Some(map) = layout.main_map_mut().filter(|_| args.arrows) {
        map.has_flow_arrows = true;
    }
    let kept = layout.main_map().and_then(|(_, map)| map.denominator);
    let denominator = args.scale.or(kept).unwrap_or(500.0);
    let scheme = SheetScheme::from(args.scheme);
    if args.sheets {
        let atlas = Atlas::Sheets {
            scheme,
            denominator: denominator.round() as u32,
            bounds: None,
        };
        return atlas::pages(&layout, scene, &atlas);
    }
    if let Some(number) = &args.sheet {
        return Ok(vec![atlas::on_sheet(
            &layout,
            scene,
            scheme,
            denominator.round() as u32,
            number,
        )?]);
    }
    if let Some(along) = &args.along {
        let atlas = Atlas::Along {
            line: line_along(scene.network, along)?,
            denominator,
            overlap: 0.1,
        };
        return atlas::pages(&layout, scene, &atlas);
    }
    let map = layout
        .main_map_mut()
        .ok_or_else(|| Error::bad_input(Message::new("layout.error.no_map")))?;
    if args.scale.is_some() {
        map.denominator = args.scale;
    }
    if let Some(centre) = args.centre {
        map.at = MapPlace::Centre(centre);
    }
    if let Some(rotation_deg) = args.rotation {
        map.rotation_deg = rotation_deg;
    }
    Ok(vec![layout])
}

/// The line of a pipe, or of the shortest way between two nodes.
fn line_along(network: &Network, text: &str) -> Result<Vec<[f64; 2]>> {
    const REACH_M: f64 = 50.0;
    let Some((from, to)) = text.split_once("..") else {
        let pipe = lookup::pipes(network, text)?
            .first()
            .copied()
            .ok_or_else(|| Error::bad_input(Message::new("layout.error.no_line")))?;
        return Ok(network.pipe_vertices(pipe).to_vec());
    };
    let end = |text: &str| lookup::place(network, text.trim(), REACH_M);
    let (from, to) = (end(from)?, end(to)?);
    match shortest_path(network, from, to)? {
        PathOutcome::Found(path) => Ok(path.line),
        PathOutcome::Unreachable { .. } => Err(Error::Refused(
            Message::new("cli.print.unreachable").with("along", text),
        )),
    }
}
