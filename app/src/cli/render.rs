//! `render`: the map as one picture. Without a view of its own it is the whole network with title and key; with one it is
//! the bare map at that place, scale and turn.

use std::path::PathBuf;

use gis_core::cartography::Theme;
use gis_core::cartography::layers::MapDocument;
use gis_core::cartography::render::{MapExtent, MapRequest, MapResult};
use gis_core::layout::model::{GridKind, ItemKind, MapItem, MapPlace, Page, Paper, Place, ScaleBarItem};
use gis_core::layout::output::{OutputFormat, write_pages};
use gis_core::layout::surface::TypeFace;
use gis_core::layout::{Layout, MapMaterial, Scene};
use gis_core::network::Network;
use gis_core::project::Project;
use gis_core::{Error, Message, Result};

use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome, lookup};

#[derive(Debug, clap::Args)]
pub(crate) struct RenderArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// File to write; its ending names the format: png, svg, pdf, tif, dxf
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Size of the picture in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1600x1100", value_parser = parse_size)]
    size: [u32; 2],

    /// Part of the map, in the project's coordinates; all of it unless given
    #[arg(long, value_name = "MIN_X,MIN_Y,MAX_X,MAX_Y", value_parser = parse_extent, allow_hyphen_values = true,
        conflicts_with_all = ["centre", "scale"])]
    extent: Option<[f64; 4]>,

    /// Middle of the map, in the project's coordinates
    #[arg(long, value_name = "X,Y", value_parser = lookup::parse_point, allow_hyphen_values = true)]
    centre: Option<[f64; 2]>,

    /// Scale denominator at the picture's resolution, e.g. 2000
    #[arg(long, value_name = "N")]
    scale: Option<f64>,

    /// Clockwise turn of the map in degrees
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    rotation: Option<f64>,

    /// Dots per inch; 96 draws lines at their size on the screen
    #[arg(long, default_value_t = 96.0)]
    dpi: f64,

    /// Dark colours
    #[arg(long)]
    dark: bool,

    /// Draw this map document (JSON) instead of the project's
    #[arg(long, value_name = "FILE")]
    map_file: Option<PathBuf>,

    /// Arrows that say which way water runs
    #[arg(long)]
    arrows: bool,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let size = text
        .split_once(['x', 'X', '×'])
        .and_then(|(w, h)| Some([w.parse().ok()?, h.parse().ok()?]));
    size.ok_or_else(|| format!("{text:?}: 1600x1100"))
}

pub(super) fn parse_extent(text: &str) -> Result<[f64; 4], String> {
    let numbers: Vec<f64> = text.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    match numbers.as_slice() {
        [a, b, c, d] if a < c && b < d => Ok([*a, *b, *c, *d]),
        _ => Err(format!("{text:?}: MIN_X,MIN_Y,MAX_X,MAX_Y")),
    }
}

pub(crate) fn render(args: &RenderArgs, console: &mut Console) -> Result<Outcome> {
    let format = OutputFormat::of_path(&args.out)?;
    let (project, network) = source::open_network(&args.project, &args.source, console)?;
    let has_view = args.centre.is_some() || args.scale.is_some() || args.rotation.is_some() || args.arrows;
    if has_view || format != OutputFormat::Png {
        render_view(args, format, &project, &network, console)?;
    } else {
        render_overview(args, &project, &network, console)?;
    }
    let bytes = std::fs::metadata(&args.out).map_or(0, |m| m.len());
    if console.is_json() {
        console.json(&serde_json::json!({ "picture": args.out, "bytes": bytes }))?;
    } else {
        console.say(&Message::new("cli.render.done").with("path", args.out.display()))?;
    }
    Ok(Outcome::Done)
}

fn theme(args: &RenderArgs) -> Theme {
    if args.dark { Theme::Dark } else { Theme::Light }
}

fn render_overview(args: &RenderArgs, project: &Project, network: &Network, console: &Console) -> Result<()> {
    let dressing = super::print::dress(material(args, project, console)?, project, network, console)?;
    let styles = dressing.document.style_set()?;
    let (png, issues) = dressing.render_png(&MapRequest {
        network,
        schema: project.schema(),
        styles: &styles,
        theme: theme(args),
        lang: console.lang(),
        title: project.name().to_owned(),
        subtitle: project.crs().name.clone(),
        result: MapResult::None,
        writing: Some(dressing.writing()),
        extent: args.extent.map_or(MapExtent::Whole, MapExtent::Box),
        width_px: args.size[0],
        height_px: args.size[1],
        dpi: args.dpi,
    })?;
    super::print::note_issues(&issues, console);
    gis_core::output::write(&args.out, &png)
}

/// The map document named on the command line, or the project's, with what it needs.
fn material(args: &RenderArgs, project: &Project, console: &Console) -> Result<MapMaterial> {
    match &args.map_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
            let map = MapDocument::parse(&text, project.schema());
            MapMaterial::of(project, map, console.lang())
        }
        None => MapMaterial::load(project, console.lang()),
    }
}

/// The bare map on a page of the picture's size.
fn render_view(
    args: &RenderArgs,
    format: OutputFormat,
    project: &Project,
    network: &Network,
    console: &Console,
) -> Result<()> {
    let [width_mm, height_mm] = args.size.map(|px| f64::from(px) * 25.4 / args.dpi);
    let mut layout = Layout {
        title: project.name().to_owned(),
        page: Page {
            paper: Paper::Custom { width_mm, height_mm },
            ..Page::default()
        },
        ..Layout::default()
    };
    let [width_mm, height_mm] = layout.page.size_mm();
    let mut map = MapItem {
        denominator: args.scale,
        rotation_deg: args.rotation.unwrap_or(0.0),
        frame_mm: 0.0,
        has_flow_arrows: args.arrows,
        ..MapItem::default()
    };
    map.grid.kind = GridKind::None;
    if let Some(b) = args.extent {
        let metric = network.metric();
        let across = (b[2] - b[0]) * metric.x_m * 1000.0 / width_mm;
        let down = (b[3] - b[1]) * metric.y_m * 1000.0 / height_mm;
        map.denominator = Some(across.max(down));
        map.at = MapPlace::Centre([f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])]);
    }
    if let Some(centre) = args.centre {
        map.at = MapPlace::Centre(centre);
    }
    layout.add(Place::new(0.0, 0.0, width_mm, height_mm), ItemKind::Map(map));
    if width_mm > 120.0 && height_mm > 60.0 {
        layout.add(
            Place::new(5.0, height_mm - 14.0, 60.0, 10.0),
            ItemKind::ScaleBar(ScaleBarItem::default()),
        );
    }
    let values = super::print::usual_values(project);
    let face = TypeFace::embedded()?;
    let material = material(args, project, console)?;
    let dressing = super::print::dress(material, project, network, console)?;
    let styles = dressing.document.style_set()?;
    let scene = Scene {
        dressing: Some(&dressing),
        network,
        schema: project.schema(),
        styles: &styles,
        crs: project.crs(),
        lang: console.lang(),
        theme: theme(args),
        values: &values,
        face: &face,
    };
    let written = write_pages(
        std::slice::from_ref(&layout),
        &scene,
        &args.out,
        format,
        args.dpi,
        console.progress(),
    )?;
    super::print::note_issues(&written.issues, console);
    Ok(())
}
