//! Opens raster files. Drivers that reach services, databases or scripts are not among those asked, so that neither
//! a name like a file nor the project file itself is ever opened by GDAL.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::error::{Error, Result};
use crate::io::quiet;
use crate::text::Message;

/// Drivers that read picture files and nothing else.
const DRIVERS: [&str; 30] = [
    "GTiff",
    "COG",
    "VRT",
    "HFA",
    "JPEG",
    "PNG",
    "BMP",
    "GIF",
    "WEBP",
    "JP2OpenJPEG",
    "JP2ECW",
    "JP2KAK",
    "JP2MrSID",
    "ECW",
    "MrSID",
    "AAIGrid",
    "ENVI",
    "EHdr",
    "ERS",
    "PCIDSK",
    "SRTMHGT",
    "USGSDEM",
    "RMF",
    "SAGA",
    "GSAG",
    "GSBG",
    "GS7BG",
    "XYZ",
    "DTED",
    "RST",
];

/// Endings of files that are databases: GDAL's locks would break those of a project that is open.
const DATABASES: [&str; 5] = ["gpkg", "sqlite", "db", "mbtiles", "qgz"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// For overviews within the file.
    Update,
}

pub(super) fn extension(path: &Path) -> String {
    path.extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

pub(super) fn bad(key: &'static str, path: &Path) -> Message {
    Message::new(key).with("path", path.display())
}

/// # Errors
/// Not there, empty, a database, of no format known, damaged, without pixels or bands.
pub(super) fn open(path: &Path, access: Access) -> Result<Dataset> {
    open_with(path, access, &[])
}

pub(super) fn open_with(path: &Path, access: Access, options: &[&str]) -> Result<Dataset> {
    quiet::start();
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    if meta.is_dir() {
        return Err(Error::bad_input(bad("raster.open.folder", path)));
    }
    if meta.len() == 0 {
        return Err(Error::bad_input(bad("raster.open.empty", path)));
    }
    let kind = extension(path);
    if DATABASES.contains(&kind.as_str()) {
        return Err(Error::bad_input(bad("raster.open.database", path)));
    }
    if kind == "vrt" {
        check_virtual(path)?;
    }
    let known: Vec<&str> = DRIVERS
        .iter()
        .copied()
        .filter(|d| gdal::DriverManager::get_driver_by_name(d).is_ok())
        .collect();
    quiet::take_heard();
    let mode = match access {
        Access::Read => GdalOpenFlags::GDAL_OF_READONLY,
        Access::Update => GdalOpenFlags::GDAL_OF_UPDATE,
    };
    let opened = Dataset::open_ex(
        path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_RASTER | mode | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            allowed_drivers: Some(&known),
            open_options: Some(options),
            sibling_files: None,
        },
    );
    let dataset = opened.map_err(|error| {
        let heard = quiet::take_heard();
        let reason = quiet::words(&heard).unwrap_or_else(|| error.to_string());
        // A format nobody recognised has one sentence of its own in GDAL; all others are about damage.
        let key = if reason.contains("not recognized as") {
            "raster.open.unknown_format"
        } else {
            "raster.open.broken"
        };
        Error::bad_input(bad(key, path).with("reason", reason))
    })?;
    quiet::take_heard();
    let (columns, rows) = dataset.raster_size();
    if columns == 0 || rows == 0 || dataset.raster_count() == 0 {
        return Err(Error::bad_input(bad("raster.open.no_pixels", path)));
    }
    Ok(dataset)
}

/// A virtual raster names other files; a database among them would be opened behind our back.
fn check_virtual(path: &Path) -> Result<()> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    for line in BufReader::new(file).lines() {
        let Ok(line) = line else { break };
        let line = line.to_lowercase();
        if DATABASES.iter().any(|d| line.contains(&format!(".{d}"))) {
            return Err(Error::bad_input(bad("raster.open.database", path)));
        }
    }
    Ok(())
}

/// A file that breaks off opens well and fails at its end: better told at once.
pub(super) fn check_end(path: &Path, dataset: &Dataset) -> Result<()> {
    if !matches!(dataset.driver().short_name().as_str(), "GTiff" | "COG") {
        return Ok(());
    }
    let (columns, rows) = dataset.raster_size();
    let last = (columns as isize - 1, rows as isize - 1);
    let read = dataset
        .rasterband(dataset.raster_count())
        .and_then(|band| band.read_as::<f32>(last, (1, 1), (1, 1), None));
    match read {
        Ok(_) => {
            quiet::take_heard();
            Ok(())
        }
        Err(error) => Err(Error::bad_input(
            bad("raster.open.broken", path).with("reason", quiet::reason(&error)),
        )),
    }
}
