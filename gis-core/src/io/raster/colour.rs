//! From the values of bands to colours: stretch, palette, nodata, brightness and contrast.

use gdal::Dataset;
use gdal::raster::ResampleAlg;

use super::describe::{Meaning, RasterInfo};
use super::files::bad;
use super::plan::Layout;
use crate::cartography::layers::{RasterSource, Stretch};
use crate::error::{Error, Result};

/// Pixels on a side from which the range of values is told.
const SAMPLE: f64 = 400.0;

/// Everything that decides the colour of a pixel.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// Bands drawn as red, green, blue; one band thrice for grey.
    pub(super) bands: [usize; 3],
    /// The band that says how opaque a pixel is.
    pub(super) alpha: Option<usize>,
    pub(super) has_mask: bool,
    /// Colours of the band's values.
    pub(super) palette: Option<Vec<[u8; 4]>>,
    /// Per colour; `None` where no value means "nothing there".
    nodata: [Option<f32>; 3],
    /// Value that is black, and 255 by the width to white.
    range: [(f32, f32); 3],
    /// After the stretch: brightness and contrast.
    curve: Vec<u8>,
}

impl Look {
    /// # Errors
    /// A band is chosen that the picture does not have; no pixel can be read.
    pub(super) fn new(
        dataset: &Dataset,
        info: &RasterInfo,
        source: &RasterSource,
        layout: &Layout,
    ) -> Result<Self> {
        let chosen = source.bands.unwrap_or_else(|| info.usual_bands());
        for band in chosen {
            if band == 0 || usize::from(band) > info.bands.len() {
                return Err(Error::bad_input(
                    bad("raster.band.missing", &info.path)
                        .with("found", band)
                        .with("count", info.bands.len()),
                ));
            }
        }
        let bands = chosen.map(usize::from);
        let band_info = |i: usize| &info.bands[bands[i] - 1];
        let palette = if bands[0] == bands[1] && band_info(0).meaning == Meaning::Palette {
            palette(dataset, bands[0])
        } else {
            None
        };
        let nodata = [0, 1, 2].map(|i| source.nodata.or(band_info(i).nodata).map(|v| v as f32));
        let mut look = Self {
            bands,
            alpha: info
                .bands
                .iter()
                .find(|b| b.meaning == Meaning::Alpha && !bands.contains(&b.number))
                .map(|b| b.number),
            has_mask: info.has_mask,
            palette,
            nodata,
            range: [(0.0, 1.0); 3],
            curve: curve(source.brightness, source.contrast),
        };
        for i in 0..3 {
            look.range[i] = if i > 0 && bands[i] == bands[0] {
                look.range[0]
            } else {
                range(dataset, info, source.stretch, bands[i], nodata[i], layout)?
            };
        }
        Ok(look)
    }

    /// The bands to be read, each once.
    pub(super) fn distinct(&self) -> Vec<usize> {
        let mut bands = self.bands.to_vec();
        bands.dedup();
        bands.dedup();
        if self.bands[0] == self.bands[2] && bands.len() == 3 {
            bands.truncate(2);
        }
        bands
    }

    /// Nothing is there only where no colour has a value.
    pub(super) fn is_nothing(&self, values: [f32; 3]) -> bool {
        (0..3).all(|i| {
            values[i].is_nan()
                || self.nodata[i].is_some_and(|nodata| {
                    nodata.to_bits() == values[i].to_bits()
                        || (nodata - values[i]).abs() <= nodata.abs() * 1e-6
                })
        })
    }

    pub(super) fn colour(&self, values: [f32; 3]) -> [u8; 3] {
        [0, 1, 2].map(|i| {
            let (black, scale) = self.range[i];
            // NaN becomes black.
            let level = ((values[i] - black) * scale + 0.5).clamp(0.0, 255.0) as usize;
            self.curve[level.min(255)]
        })
    }

    pub(super) fn of_palette(&self, value: f32) -> [u8; 4] {
        let colours = self.palette.as_deref().unwrap_or_default();
        let [r, g, b, a] = colours.get(value.max(0.0) as usize).copied().unwrap_or([0; 4]);
        let bent = |c: u8| self.curve[usize::from(c)];
        [bent(r), bent(g), bent(b), a]
    }
}

fn palette(dataset: &Dataset, band: usize) -> Option<Vec<[u8; 4]>> {
    let band = dataset.rasterband(band).ok()?;
    let table = band.color_table()?;
    let byte = |v: i16| v.clamp(0, 255) as u8;
    Some(
        (0..table.entry_count())
            .map(|i| {
                table
                    .entry_as_rgb(i)
                    .map_or([0; 4], |e| [byte(e.r), byte(e.g), byte(e.b), byte(e.a)])
            })
            .collect(),
    )
}

/// Brightness shifts, contrast spreads about the middle.
fn curve(brightness: f32, contrast: f32) -> Vec<u8> {
    let finite = |v: f32, usual: f32| if v.is_finite() { v } else { usual };
    let (brightness, contrast) = (finite(brightness, 0.0), finite(contrast, 1.0).max(0.0));
    (0..=255_u8)
        .map(|level| {
            let bent = (f32::from(level) / 255.0 - 0.5) * contrast + 0.5 + brightness;
            (bent * 255.0).round().clamp(0.0, 255.0) as u8
        })
        .collect()
}

fn range(
    dataset: &Dataset,
    info: &RasterInfo,
    stretch: Stretch,
    band: usize,
    nodata: Option<f32>,
    layout: &Layout,
) -> Result<(f32, f32)> {
    let kind = info.bands[band - 1].kind.as_str();
    let between = |black: f32, white: f32| {
        let width = if white > black { white - black } else { 1.0 };
        (black, 255.0 / width)
    };
    let whole = if kind == "UInt16" {
        (0.0, 65_535.0)
    } else {
        (0.0, 255.0)
    };
    let part = match stretch {
        Stretch::None => return Ok(between(whole.0, whole.1)),
        Stretch::Automatic if kind == "Byte" => return Ok(between(0.0, 255.0)),
        Stretch::Automatic | Stretch::Percentile => 0.02,
        Stretch::MinMax => 0.0,
    };
    let size = layout.size.map(|s| s as f64);
    let step = (size[0].max(size[1]) / SAMPLE).max(1.0);
    let Some(plan) = layout.plan([0.0; 2], size, step) else {
        return Ok(between(whole.0, whole.1));
    };
    let read = dataset.rasterband(band)?.read_as::<f32>(
        (0, 0),
        (plan.window[0], plan.window[1]),
        (plan.read[0], plan.read[1]),
        Some(ResampleAlg::NearestNeighbour),
    );
    let buffer = read.map_err(|e| {
        Error::bad_input(bad("raster.open.broken", &info.path).with("reason", crate::io::quiet::reason(&e)))
    })?;
    let mut values: Vec<f32> = buffer
        .data()
        .iter()
        .copied()
        .filter(|v| v.is_finite() && nodata.is_none_or(|n| (n - v).abs() > n.abs() * 1e-6))
        .collect();
    if values.is_empty() {
        return Ok(between(whole.0, whole.1));
    }
    values.sort_by(f32::total_cmp);
    let last = values.len() - 1;
    let at = |share: f64| values[(last as f64 * share).round() as usize];
    Ok(between(at(part), at(1.0 - part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_shifts_and_contrast_spreads_about_the_middle() {
        assert_eq!(curve(0.0, 1.0), (0..=255).collect::<Vec<u8>>());
        let bright = curve(0.2, 1.0);
        assert_eq!((bright[0], bright[100], bright[255]), (51, 151, 255));
        let hard = curve(0.0, 2.0);
        assert_eq!((hard[10], hard[245]), (0, 255));
        assert!(hard[140] > 140 && hard[110] < 110);
        let flat = curve(0.0, 0.0);
        assert!(flat.iter().all(|v| *v == 128));
        assert_eq!(curve(f32::NAN, f32::NAN), curve(0.0, 1.0));
    }
}
