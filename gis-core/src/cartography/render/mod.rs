//! The network as a picture: map, legend, scale bar, north arrow, with a burst or a path drawn over it.
//! It needs no window and no graphics card, and writes no file.

mod backdrop;
mod canvas;
mod font;
mod furniture;
mod painter;
pub(crate) mod symbols;
mod themes;
mod view;
mod writing;

use std::collections::HashSet;

pub(crate) use canvas::with_resolution;
pub use font::FONT_BYTES;
pub use furniture::diameter_label;
pub(crate) use furniture::round_down_to_125;
pub use themes::Themes;
pub use writing::Writing;

use self::canvas::Canvas;
use self::font::Font;
use self::furniture::Furniture;
use self::painter::{Painter, Shown};
use self::view::{View, extent_of};
use super::{StyleSet, Theme};
use crate::analysis::burst::BurstResult;
use crate::analysis::path::PathResult;
use crate::error::{Error, Result};
use crate::issue::Issues;
use crate::network::{Network, NodeIndex, PieceIndex};
use crate::schema::Schema;
use crate::text::{Lang, Message};

/// A burst as the picture shows it.
#[derive(Debug, Clone, Copy)]
pub struct BurstPicture<'a> {
    pub result: &'a BurstResult,
    /// Where it burst, marked with a star.
    pub places: &'a [[f64; 2]],
    /// The stretches that burst.
    pub pieces: &'a [PieceIndex],
    /// `valves_to_close` in the order in which they are numbered.
    pub closing_order: &'a [NodeIndex],
}

/// What is drawn over the network.
#[derive(Debug, Clone, Copy)]
pub enum MapResult<'a> {
    None,
    Burst(BurstPicture<'a>),
    Path(&'a PathResult),
}

/// The part of the ground that fills the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MapExtent {
    Whole,
    /// All that the result touches; the whole network where there is no result.
    Result,
    /// `[min_x, min_y, max_x, max_y]` in the project's CRS.
    Box([f64; 4]),
}

/// One picture.
#[derive(Debug, Clone)]
pub struct MapRequest<'a> {
    pub network: &'a Network,
    pub schema: &'a Schema,
    pub styles: &'a StyleSet,
    pub theme: Theme,
    pub lang: Lang,
    pub title: String,
    /// Small print below the title; may be empty.
    pub subtitle: String,
    pub result: MapResult<'a>,
    /// Labels, flags and dimensions; nothing is written where `None`.
    pub writing: Option<Writing<'a>>,
    pub extent: MapExtent,
    /// Size in pixels of the file.
    pub width_px: u32,
    pub height_px: u32,
    /// Pixels per inch; 96 draws lines and texts at their nominal size in pixels.
    pub dpi: f64,
}

impl MapRequest<'_> {
    fn material(&self, index: usize) -> Option<&crate::schema::DictionaryEntry> {
        self.schema.dictionaries.get("material")?.entries.get(index)
    }

    fn material_code(&self, index: usize) -> Option<&str> {
        self.material(index).map(|e| e.code.as_str())
    }

    fn material_label(&self, index: usize) -> Option<String> {
        self.material(index).map(|e| e.label.text(self.lang).to_owned())
    }
}

const LARGEST_PX: u32 = 16_384;
const COLUMN: f32 = 186.0;
const GAP: f32 = 12.0;
/// Pipes of the small map of the whole; more would be a stain.
const MOST_INSET_PIPES: usize = 20_000;

/// Draws the picture as PNG.
///
/// # Errors
/// `BadInput` for a size that cannot be drawn.
pub fn render_png(request: &MapRequest<'_>) -> Result<Vec<u8>> {
    Ok(render_themed_png(request, None)?.0)
}

/// The same with the layers of a map document: what they hide, how they draw, what lies under them, their legend; and
/// what is missing of it.
///
/// # Errors
/// See [`render_png`].
pub fn render_themed_png(request: &MapRequest<'_>, themes: Option<Themes<'_>>) -> Result<(Vec<u8>, Issues)> {
    let (width, height) = (request.width_px, request.height_px);
    let is_drawable = (64..=LARGEST_PX).contains(&width) && (64..=LARGEST_PX).contains(&height);
    if !is_drawable || !(24.0..=1200.0).contains(&request.dpi) {
        return Err(Error::bad_input(
            Message::new("cartography.render.size")
                .with("width", width)
                .with("height", height)
                .with("dpi", request.dpi),
        ));
    }
    let font = Font::embedded()?;
    let furniture = Furniture { request, font: &font };
    let scale = (request.dpi / 96.0) as f32;
    let ground = request.styles.ground(request.theme);
    let mut page = Canvas::new(width, height, scale, ground)?;

    // Small pictures go without title and legend: the map is what they are for.
    let has_title = page.height() >= 200.0 && !request.title.is_empty();
    let has_column = page.width() >= 560.0 && page.height() >= 240.0;
    let top = if has_title {
        furniture.title(&mut page)
    } else {
        GAP
    };
    let right = if has_column { COLUMN + 2.0 * GAP } else { GAP };
    let size = [
        (page.width() - GAP - right).max(16.0),
        (page.height() - top - GAP).max(16.0),
    ];

    let extent = shown_extent(request);
    let view = View::fit(extent, request.network.metric(), size, 28.0, 120.0);
    let (map, shown) = draw_map(request, (themes, None), &font, view, scale, size)?;
    page.paste(&map, GAP, top);
    let rim = request.styles.text(request.theme).with_alpha(110);
    page.frame(GAP, top, size[0], size[1], rim, 1.0);
    furniture.scale_bar(&mut page, &view, GAP + 8.0, top + size[1] - 8.0);
    furniture.north_arrow(&mut page, GAP + size[0] - 8.0, top + 6.0);

    if has_column {
        let x = page.width() - COLUMN - GAP;
        let mut bottom = page.height() - GAP;
        if let Some(inset) = overview(request, &font, &view, scale, size, bottom - top)? {
            let height = inset.height();
            page.paste(&inset, x, bottom - height);
            page.frame(x, bottom - height, COLUMN, height, rim, 1.0);
            bottom -= height + 6.0;
        }
        let place = [x, top - 4.0, COLUMN, bottom];
        furniture.legend(&mut page, &shown, themes.map_or(&[], |t| t.legend), place);
    }
    Ok((page.into_png(request.dpi)?, shown.missing))
}

fn draw_map(
    request: &MapRequest<'_>,
    (themes, most_pipes): (Option<Themes<'_>>, Option<usize>),
    font: &Font,
    view: View,
    scale: f32,
    [width, height]: [f32; 2],
) -> Result<(Canvas, Shown)> {
    let px = |v: f32| ((v * scale).round() as u32).max(1);
    let canvas = Canvas::new(px(width), px(height), scale, request.styles.ground(request.theme))?;
    let mut painter = Painter {
        request,
        themes,
        font,
        view,
        most_pipes,
        canvas,
        shown: Shown::default(),
    };
    painter.paint();
    Ok((painter.canvas, painter.shown))
}

/// A small map of the whole network with the window in it; `None` where the window shows most of it.
fn overview(
    request: &MapRequest<'_>,
    font: &Font,
    view: &View,
    scale: f32,
    size: [f32; 2],
    room: f32,
) -> Result<Option<Canvas>> {
    const HEIGHT: f32 = 118.0;
    let Some(whole) = request.network.extent() else {
        return Ok(None);
    };
    let metric = request.network.metric();
    let all = View::fit(whole, metric, size, 28.0, 120.0);
    if room < 360.0 || view.metres_per_px() > all.metres_per_px() * 0.6 {
        return Ok(None);
    }
    let small = View::fit(whole, metric, [COLUMN, HEIGHT], 6.0, 120.0);
    let without_result = MapRequest {
        result: MapResult::None,
        writing: None,
        ..request.clone()
    };
    let budget = (None, Some(MOST_INSET_PIPES));
    let (mut canvas, _) = draw_map(&without_result, budget, font, small, scale, [COLUMN, HEIGHT])?;
    let window = view.ground(0.0);
    let (a, b) = (small.px([window[0], window[3]]), small.px([window[2], window[1]]));
    let colour = request
        .styles
        .highlight(super::Highlight::BurstPlace)
        .colour
        .on(request.theme);
    canvas.frame(
        a[0],
        a[1],
        (b[0] - a[0]).max(5.0),
        (b[1] - a[1]).max(5.0),
        colour,
        1.6,
    );
    Ok(Some(canvas))
}

fn shown_extent(request: &MapRequest<'_>) -> [f64; 4] {
    let network = request.network;
    let touched = match (&request.extent, &request.result) {
        (MapExtent::Box(b), _) => extent_of([[b[0], b[1]], [b[2], b[3]]]),
        (MapExtent::Whole, _) | (_, MapResult::None) => None,
        (MapExtent::Result, MapResult::Path(path)) => extent_of(path.line.iter().copied()),
        (MapExtent::Result, MapResult::Burst(burst)) => {
            let r = burst.result;
            let pipes: HashSet<_> = [&r.isolated_pieces, &r.cut_off_pieces]
                .into_iter()
                .flatten()
                .chain(burst.pieces)
                .map(|p| network.piece_pipe(*p))
                .collect();
            let nodes = [&r.valves_to_close, &r.valves_to_check, &r.valves_optional]
                .into_iter()
                .flatten();
            let lines = network
                .pipes()
                .filter(|p| pipes.contains(p))
                .flat_map(|p| network.pipe_vertices(p));
            extent_of(
                lines
                    .copied()
                    .chain(nodes.map(|n| network.position(*n)))
                    .chain(burst.places.iter().copied()),
            )
        }
    };
    touched
        .or_else(|| network.extent())
        .unwrap_or([0.0, 0.0, 1.0, 1.0])
}

#[cfg(test)]
mod tests;
