//! What a raster file is: size, bands, coordinate system, pyramids, and whether it says where it lies.

use std::path::{Path, PathBuf};

use gdal::Dataset;
use gdal::raster::ColorInterpretation;
use serde::Serialize;

use super::files::{self, Access};
use super::world_file;
use crate::cartography::layers::{ControlPoint, Georeference, Method, Placement};
use crate::crs::Crs;
use crate::error::Result;
use crate::io::{crs, quiet};

/// Pictures up to this many pixels on a side are read fast enough without pyramids.
const LARGE: usize = 4_096;
/// The smallest level of a good pyramid fits the screen.
const SMALLEST_LEVEL: usize = 512;

#[derive(Debug, Clone, Serialize)]
pub struct RasterInfo {
    pub path: PathBuf,
    /// GDAL's short name of the format.
    pub driver: String,
    pub columns: usize,
    pub rows: usize,
    pub bands: Vec<BandInfo>,
    /// What the file says; `None` must be asked.
    pub crs: Option<Crs>,
    pub placing: Placing,
    /// Column and row to ground coordinates, as the file or its world file says.
    pub affine: Option<[f64; 6]>,
    /// Ground control points within the file.
    #[serde(skip)]
    pub control_points: Vec<ControlPoint>,
    /// Sizes of the pyramid's levels, largest first.
    pub overviews: Vec<[usize; 2]>,
    /// Columns and rows of what the file is cut into.
    pub block: [usize; 2],
    /// Has a mask of its own, beside nodata values and alpha.
    pub has_mask: bool,
    pub file_bytes: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct BandInfo {
    /// Counted from 1.
    pub number: usize,
    /// `Byte`, `UInt16`, `Float32` …
    pub kind: String,
    pub bytes: usize,
    pub meaning: Meaning,
    pub nodata: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    Grey,
    Palette,
    Red,
    Green,
    Blue,
    Alpha,
    Unknown,
}

/// Where the place of a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Placing {
    Header,
    WorldFile,
    ControlPoints,
    /// Nowhere: two corners or control points are needed.
    None,
}

impl Placing {
    /// Name in locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::WorldFile => "world_file",
            Self::ControlPoints => "control_points",
            Self::None => "none",
        }
    }
}

/// Looks into a raster file.
///
/// # Errors
/// Not there, empty, of no format known, cut off, without pixels, or a database.
pub fn describe(path: &Path) -> Result<RasterInfo> {
    let dataset = files::open(path, Access::Read)?;
    files::check_end(path, &dataset)?;
    of_dataset(path, &dataset)
}

pub(super) fn of_dataset(path: &Path, dataset: &Dataset) -> Result<RasterInfo> {
    let (columns, rows) = dataset.raster_size();
    let mut bands = Vec::new();
    for number in 1..=dataset.raster_count() {
        let band = dataset.rasterband(number)?;
        bands.push(BandInfo {
            number,
            kind: band.band_type().name(),
            bytes: usize::from(band.band_type().bytes()),
            meaning: meaning(&band.color_interpretation()),
            nodata: band.no_data_value(),
        });
    }
    let first = dataset.rasterband(1)?;
    let overviews = (0..first.overview_count().unwrap_or(0))
        .filter_map(|i| first.overview(usize::try_from(i).ok()?).ok())
        .map(|level| [level.x_size(), level.y_size()])
        .collect();
    let block = first.block_size();
    let has_mask = first.mask_flags().is_ok_and(|flags| {
        flags.is_per_dataset() && !flags.is_alpha() && !flags.is_all_valid() && !flags.is_nodata()
    });
    let mut affine = dataset
        .geo_transform()
        .ok()
        .filter(|a| !says_nothing(a))
        .filter(|a| Placement::affine(*a).is_ok());
    let mut system = dataset.spatial_ref().ok();
    let mut placing = Placing::None;
    if affine.is_some() {
        placing = if says_itself(path, dataset) {
            Placing::Header
        } else {
            Placing::WorldFile
        };
    } else if let Some(found) = world_file::read_beside(path)? {
        // Formats for which GDAL does not look for one.
        affine = Some(found);
        placing = Placing::WorldFile;
    }
    let control_points: Vec<ControlPoint> = dataset
        .gcps()
        .iter()
        .map(|p| ControlPoint {
            pixel: [p.pixel(), p.line()],
            ground: [p.x(), p.y()],
            is_used: true,
        })
        .collect();
    if affine.is_none() && control_points.len() >= Method::Affine.least_points() {
        placing = Placing::ControlPoints;
        system = dataset.gcp_spatial_ref();
    }
    quiet::take_heard();
    Ok(RasterInfo {
        path: path.to_owned(),
        driver: dataset.driver().short_name(),
        columns,
        rows,
        bands,
        crs: system
            .and_then(|s| crs::from_spatial_ref(&s))
            .filter(|c| !c.is_local()),
        placing,
        affine,
        control_points,
        overviews,
        block: [block.0.max(1), block.1.max(1)],
        has_mask,
        file_bytes: std::fs::metadata(path).map_or(0, |m| m.len()),
    })
}

/// Whether the place is in the file and not in a world file beside it.
fn says_itself(path: &Path, dataset: &Dataset) -> bool {
    if world_file::beside(path).is_none() {
        return true;
    }
    match dataset.driver().short_name().as_str() {
        "JPEG" | "PNG" | "BMP" | "GIF" | "WEBP" => false,
        "GTiff" | "COG" => files::open_with(path, Access::Read, &["GEOREF_SOURCES=INTERNAL"])
            .is_ok_and(|inner| inner.geo_transform().is_ok()),
        _ => true,
    }
}

/// GDAL's way to say that nothing is known.
fn says_nothing(affine: &[f64; 6]) -> bool {
    let none = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0_f64];
    affine.iter().zip(none).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn meaning(interpretation: &ColorInterpretation) -> Meaning {
    match interpretation {
        ColorInterpretation::GrayIndex => Meaning::Grey,
        ColorInterpretation::PaletteIndex => Meaning::Palette,
        ColorInterpretation::RedBand => Meaning::Red,
        ColorInterpretation::GreenBand => Meaning::Green,
        ColorInterpretation::BlueBand => Meaning::Blue,
        ColorInterpretation::AlphaBand => Meaning::Alpha,
        _ => Meaning::Unknown,
    }
}

impl RasterInfo {
    /// Whether drawing from afar would have to read far more than is shown.
    pub fn needs_overviews(&self) -> bool {
        let smallest = self
            .overviews
            .last()
            .copied()
            .unwrap_or([self.columns, self.rows]);
        self.columns.max(self.rows) > LARGE && smallest[0].max(smallest[1]) > LARGE
    }

    /// 2, 4, 8 … until the smallest level fits a quarter of the screen.
    pub fn suggested_levels(&self) -> Vec<u32> {
        let side = self.columns.max(self.rows);
        (1..24)
            .map(|power| 1_u32 << power)
            .take_while(|level| side > SMALLEST_LEVEL * *level as usize / 2)
            .collect()
    }

    /// The bands drawn unless others are chosen: red, green, blue, or one for all.
    pub fn usual_bands(&self) -> [u16; 3] {
        let of = |wanted: Meaning| {
            let found = self.bands.iter().find(|b| b.meaning == wanted)?;
            u16::try_from(found.number).ok()
        };
        if let (Some(red), Some(green), Some(blue)) =
            (of(Meaning::Red), of(Meaning::Green), of(Meaning::Blue))
        {
            return [red, green, blue];
        }
        let colours = self.bands.iter().filter(|b| b.meaning != Meaning::Alpha).count();
        let is_palette = self.bands.first().is_some_and(|b| b.meaning == Meaning::Palette);
        if colours >= 3 && !is_palette {
            [1, 2, 3]
        } else {
            [1, 1, 1]
        }
    }

    /// The placement written in the file or beside it.
    ///
    /// # Errors
    /// Its control points lie on a line.
    pub fn own_placement(&self) -> Result<Option<Placement>> {
        match (self.affine, self.placing) {
            (Some(affine), _) => Placement::affine(affine).map(Some),
            (None, Placing::ControlPoints) => {
                let bent = Method::Polynomial2;
                let georeference = Georeference {
                    crs: None,
                    method: if self.control_points.len() > bent.least_points() {
                        bent
                    } else {
                        Method::Affine
                    },
                    points: self.control_points.clone(),
                };
                Ok(Some(georeference.fit()?.placement))
            }
            _ => Ok(None),
        }
    }
}
