//! Where a map frame looks: its centre, scale and sheet, worked out from what the layout asks for.

use crate::error::{Error, Result};
use crate::io::crs::{Transform, parse};
use crate::layout::frame::{FrameView, round_denominator};
use crate::layout::model::{MapItem, MapPlace};
use crate::layout::sheets::{Sheet, SheetScheme};
use crate::layout::surface::Area;
use crate::text::Message;

use super::Scene;

/// The window of a map frame, and the sheet it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameContent {
    pub view: FrameView,
    pub sheet: Option<Sheet>,
    /// Corners of the sheet in project coordinates.
    pub border: Vec<[f64; 2]>,
}

/// Works out what a map frame shows.
///
/// # Errors
/// `BadInput` for a number that is no sheet of the scheme, or a plane scheme where coordinates are degrees.
pub fn frame_content(area: Area, map: &MapItem, scene: &Scene<'_>) -> Result<FrameContent> {
    let metric = scene.network.metric();
    let whole = scene.network.extent().unwrap_or([0.0, 0.0, 100.0, 100.0]);
    let denominator = map.denominator.filter(|d| d.is_finite() && *d >= 1.0);
    let centre_of = |b: [f64; 4]| [f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])];
    match &map.at {
        MapPlace::Sheet(number) if !number.trim().is_empty() => {
            let denominator = denominator.unwrap_or(500.0);
            let sheet = find_sheet(map.scheme, number, denominator, scene)?;
            let border = border_of(&sheet, scene)?;
            let bounds = border.iter().fold(
                [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
                |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])],
            );
            let view = FrameView::new(
                area,
                centre_of(bounds),
                f64::from(sheet.denominator),
                map.rotation_deg,
                metric,
            );
            Ok(FrameContent {
                view,
                sheet: Some(sheet),
                border,
            })
        }
        place => {
            let centre = match place {
                MapPlace::Centre(centre) => *centre,
                _ => centre_of(whole),
            };
            let denominator = denominator.unwrap_or_else(|| {
                let across = (whole[2] - whole[0]) * metric.x_m * 1000.0 / area.width;
                let down = (whole[3] - whole[1]) * metric.y_m * 1000.0 / area.height;
                round_denominator(across.max(down) * 1.02)
            });
            Ok(FrameContent {
                view: FrameView::new(area, centre, denominator, map.rotation_deg, metric),
                sheet: None,
                border: Vec::new(),
            })
        }
    }
}

fn find_sheet(scheme: SheetScheme, number: &str, denominator: f64, scene: &Scene<'_>) -> Result<Sheet> {
    if scene.crs.is_geographic && scheme != SheetScheme::Graticule {
        return Err(Error::bad_input(
            Message::new("layout.error.plane_sheets").with("crs", &scene.crs.name),
        ));
    }
    scheme.parse(number, denominator.round() as u32).ok_or_else(|| {
        Error::bad_input(
            Message::new("layout.error.no_such_sheet")
                .with("sheet", number)
                .with("scale", format!("{denominator:.0}")),
        )
    })
}

/// Corners of a sheet in project coordinates, from the south-west against the clock.
pub(in crate::layout) fn border_of(sheet: &Sheet, scene: &Scene<'_>) -> Result<Vec<[f64; 2]>> {
    let b = sheet.bounds;
    let mut corners = vec![[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]]];
    if sheet.scheme == SheetScheme::Graticule {
        if !scene.crs.is_geographic {
            // Longitude and latitude of the sheets are those of CGCS2000.
            Transform::new(&parse("EPSG:4490")?, scene.crs)?.points(&mut corners)?;
        }
    } else {
        for corner in &mut corners {
            *corner = corner.map(|v| v / scene.crs.metres_per_unit);
        }
    }
    Ok(corners)
}
