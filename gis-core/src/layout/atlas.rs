//! Many pages from one layout: every sheet of an area, or a strip of pages along a line with the map turned along it.

use super::draw::{Scene, frame_content};
use super::model::{ItemKind, Layout, MapPlace, Page, Paper};
use super::sheets::SheetScheme;
use crate::error::{Error, Result};
use crate::io::crs::{Transform, parse};
use crate::text::Message;

/// Which pages.
#[derive(Debug, Clone, PartialEq)]
pub enum Atlas {
    /// The sheets of a scheme that hold pipes.
    Sheets {
        scheme: SheetScheme,
        denominator: u32,
        /// In project coordinates; the whole network where `None`.
        bounds: Option<[f64; 4]>,
    },
    /// Pages one after the other along a line in project coordinates.
    Along {
        line: Vec<[f64; 2]>,
        denominator: f64,
        /// Share of a page that the next one repeats.
        overlap: f64,
    },
}

/// The pages of an atlas, each a layout of its own with `{page}` and `{pages}` filled in.
///
/// # Errors
/// `BadInput` where the layout has no map frame, or the area takes too many sheets.
pub fn pages(layout: &Layout, scene: &Scene<'_>, atlas: &Atlas) -> Result<Vec<Layout>> {
    let (item, _) = layout
        .main_map()
        .ok_or_else(|| Error::bad_input(Message::new("layout.error.no_map")))?;
    let frame = item.place;
    let mut out = match atlas {
        Atlas::Sheets {
            scheme,
            denominator,
            bounds,
        } => sheet_pages(layout, scene, (*scheme, *denominator), *bounds)?,
        Atlas::Along {
            line,
            denominator,
            overlap,
        } => strip_pages(
            layout,
            scene,
            line,
            [frame.width_mm, frame.height_mm],
            (*denominator, *overlap),
        )?,
    };
    let count = out.len();
    for (i, page) in out.iter_mut().enumerate() {
        page.values.insert("page".to_owned(), (i + 1).to_string());
        page.values.insert("pages".to_owned(), count.to_string());
    }
    Ok(out)
}

/// The layout with its main frame on one sheet; the paper grows to a size of its own where the sheet is larger than the
/// frame.
///
/// # Errors
/// See [`frame_content`].
pub fn on_sheet(
    layout: &Layout,
    scene: &Scene<'_>,
    scheme: SheetScheme,
    denominator: u32,
    number: &str,
) -> Result<Layout> {
    let mut page = layout.clone();
    let map = page
        .main_map_mut()
        .ok_or_else(|| Error::bad_input(Message::new("layout.error.no_map")))?;
    map.at = MapPlace::Sheet(number.trim().to_owned());
    map.scheme = scheme;
    map.denominator = Some(f64::from(denominator));
    map.rotation_deg = 0.0;
    map.has_sheet_border = true;
    let map = map.clone();
    let Some((item, _)) = page.main_map() else {
        return Ok(page);
    };
    let area = item.place.area();
    let content = frame_content(area, &map, scene)?;
    let corners: Vec<[f64; 2]> = content.border.iter().map(|p| content.view.page(*p)).collect();
    let span = |axis: usize| {
        let low = corners.iter().map(|c| c[axis]).fold(f64::INFINITY, f64::min);
        let high = corners.iter().map(|c| c[axis]).fold(f64::NEG_INFINITY, f64::max);
        // A hundredth of a millimetre is no reason for another paper.
        (high - low - 0.01).max(0.0)
    };
    let missing = [(span(0) - area.width).max(0.0), (span(1) - area.height).max(0.0)];
    if missing.iter().any(|mm| *mm > 0.0) {
        let [width, height] = page.page.size_mm();
        page.change_page(Page {
            paper: Paper::Custom {
                width_mm: (width + missing[0]).ceil(),
                height_mm: (height + missing[1]).ceil(),
            },
            orientation: page.page.orientation,
        });
    }
    Ok(page)
}

fn sheet_pages(
    layout: &Layout,
    scene: &Scene<'_>,
    (scheme, denominator): (SheetScheme, u32),
    bounds: Option<[f64; 4]>,
) -> Result<Vec<Layout>> {
    let network = scene.network;
    let bounds = bounds
        .or_else(|| network.extent())
        .ok_or_else(|| Error::bad_input(Message::new("layout.error.empty")))?;
    if scene.crs.is_geographic && scheme != SheetScheme::Graticule {
        return Err(Error::bad_input(
            Message::new("layout.error.plane_sheets").with("crs", &scene.crs.name),
        ));
    }
    let in_scheme = if scheme != SheetScheme::Graticule {
        bounds.map(|v| v * scene.crs.metres_per_unit)
    } else if scene.crs.is_geographic {
        bounds
    } else {
        let mut corners = [
            [bounds[0], bounds[1]],
            [bounds[2], bounds[1]],
            [bounds[2], bounds[3]],
            [bounds[0], bounds[3]],
        ];
        Transform::new(scene.crs, &parse("EPSG:4490")?)?.points(&mut corners)?;
        corners.iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])],
        )
    };
    let mut out = Vec::new();
    for sheet in scheme.sheets_in(denominator, in_scheme)? {
        let border = super::draw::border_of(&sheet, scene)?;
        let ground = border.iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])],
        );
        if !network.pipes_in_box(ground).is_empty() {
            out.push(on_sheet(layout, scene, scheme, denominator, &sheet.number)?);
        }
    }
    if out.is_empty() {
        return Err(Error::bad_input(Message::new("layout.error.empty")));
    }
    Ok(out)
}

fn strip_pages(
    layout: &Layout,
    scene: &Scene<'_>,
    line: &[[f64; 2]],
    [width_mm, height_mm]: [f64; 2],
    (denominator, overlap): (f64, f64),
) -> Result<Vec<Layout>> {
    const MOST_PAGES: usize = 2000;
    let metric = scene.network.metric();
    let total_m = metric.length_m(line);
    if line.len() < 2 || total_m <= 0.0 || !(1.0..1e9).contains(&denominator) {
        return Err(Error::bad_input(Message::new("layout.error.no_line")));
    }
    let page_m = width_mm / 1000.0 * denominator;
    let half_height_m = height_mm / 2000.0 * denominator;
    let shown = 1.0 - overlap.clamp(0.0, 0.8);
    let mut out = Vec::new();
    let mut from_m = 0.0;
    while from_m < total_m && out.len() < MOST_PAGES {
        // Where the line bends, a page shows a shorter stretch of it.
        let mut stretch_m = page_m * shown;
        let (mut centre, mut turn_rad) = ([0.0; 2], 0.0);
        for _ in 0..8 {
            let to_m = (from_m + stretch_m).min(total_m);
            let part = metric.stretch(line, from_m, to_m);
            let (Some(a), Some(b)) = (part.first(), part.last()) else {
                break;
            };
            let chord = [(b[0] - a[0]) * metric.x_m, (b[1] - a[1]) * metric.y_m];
            turn_rad = if chord[0].hypot(chord[1]) > 0.01 {
                chord[1].atan2(chord[0])
            } else {
                0.0
            };
            // North stays in the upper half of the page.
            if turn_rad.abs() > std::f64::consts::FRAC_PI_2 {
                turn_rad -= std::f64::consts::PI.copysign(turn_rad);
            }
            centre = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
            let (sin, cos) = turn_rad.sin_cos();
            let fits = part.iter().all(|p| {
                let (e, n) = ((p[0] - centre[0]) * metric.x_m, (p[1] - centre[1]) * metric.y_m);
                (e * cos + n * sin).abs() <= page_m / 2.0 && (n * cos - e * sin).abs() <= half_height_m * 0.9
            });
            if fits {
                break;
            }
            stretch_m *= 0.7;
        }
        let mut page = layout.clone();
        if let Some(map) = page.items.iter_mut().find_map(|item| match &mut item.kind {
            ItemKind::Map(map) if !item.is_hidden => Some(map),
            _ => None,
        }) {
            map.at = MapPlace::Centre(centre);
            map.denominator = Some(denominator);
            map.rotation_deg = turn_rad.to_degrees();
        }
        out.push(page);
        from_m += stretch_m;
    }
    Ok(out)
}
