//! Writes a picture as GeoTIFF through GDAL: three colours, compressed, with its place on the ground where it has one.

use std::path::Path;

use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};

use super::crs::spatial_ref;
use super::quiet;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::layout::surface::{Affine, Bitmap};
use crate::text::Message;

/// `place` takes the upper left corners of pixels to coordinates of `crs`.
///
/// # Errors
/// `BadInput` with GDAL's words when the file cannot be written.
pub fn write(path: &Path, bitmap: &Bitmap, place: Option<&Affine>, crs: &Crs, dpi: f64) -> Result<()> {
    quiet::start();
    drop(quiet::take_heard());
    write_with_gdal(path, bitmap, place, crs, dpi).map_err(|error| match error {
        Error::Gdal(error) => Error::bad_input(
            Message::new("layout.error.tiff")
                .with("path", path.display())
                .with("reason", quiet::reason(&error)),
        ),
        other => other,
    })
}

fn write_with_gdal(path: &Path, bitmap: &Bitmap, place: Option<&Affine>, crs: &Crs, dpi: f64) -> Result<()> {
    let (width, height) = (bitmap.width as usize, bitmap.height as usize);
    let options =
        RasterCreationOptions::from_iter(["COMPRESS=DEFLATE", "PREDICTOR=2", "TILED=YES", "PHOTOMETRIC=RGB"]);
    let mut dataset = DriverManager::get_driver_by_name("GTiff")?
        .create_with_band_type_with_options::<u8, _>(path, width, height, 3, &options)?;
    if let Some(Affine([a, b, c, d, e, f])) = place {
        dataset.set_geo_transform(&[*e, *a, *c, *f, *b, *d])?;
        if !crs.is_local() {
            dataset.set_spatial_ref(&spatial_ref(&crs.wkt)?)?;
        }
    }
    {
        use gdal::Metadata as _;
        dataset.set_metadata_item("TIFFTAG_XRESOLUTION", &dpi.to_string(), "")?;
        dataset.set_metadata_item("TIFFTAG_YRESOLUTION", &dpi.to_string(), "")?;
        dataset.set_metadata_item("TIFFTAG_RESOLUTIONUNIT", "2", "")?;
    }
    for channel in 0..3 {
        let values: Vec<u8> = bitmap.rgba.iter().skip(channel).step_by(4).copied().collect();
        let mut buffer = Buffer::new((width, height), values);
        dataset
            .rasterband(channel + 1)?
            .write((0, 0), (width, height), &mut buffer)?;
    }
    dataset.close()?;
    Ok(())
}
