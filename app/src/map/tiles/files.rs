//! Tiles in files: MBTiles (1.3), PMTiles (3) and folders `z/x/y.png`. It writes nothing and reads raster tiles only.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gis_core::cartography::chunks::mercator_from_lon_lat;
use gis_core::cartography::layers::TileSource;
use gis_core::io::pmtiles::{PmTiles, TileFormat};
use gis_core::{Error, Message, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use walkers::TileId;

use super::grid::Grid;
use super::source::{Answer, PictureTiles, TileFacts, TileReader, decode};

/// A file that fails to be read may be on a drive that comes back.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

fn picture(bytes: Option<Vec<u8>>) -> Answer {
    bytes
        .and_then(|bytes| decode(&bytes))
        .map_or(Answer::Nothing, Answer::Picture)
}

fn failed(id: TileId, error: &dyn std::fmt::Display) -> Answer {
    log::warn!("tile {}/{}/{}: {error}", id.zoom, id.x, id.y);
    Answer::Later(AFTER_FAILURE)
}

// ------------------------------------------------------------------------------------------------- MBTiles

/// One MBTiles file.
pub struct MbTiles {
    path: PathBuf,
    facts: TileFacts,
    attribution: String,
}

impl MbTiles {
    /// # Errors
    /// The file cannot be opened, is no MBTiles file, or holds vector tiles.
    pub fn open(path: &Path) -> Result<Self> {
        let unusable = |reason: &dyn std::fmt::Display| {
            Error::bad_input(
                Message::new("map.not_mbtiles")
                    .with("path", path.display())
                    .with("reason", reason),
            )
        };
        let connection = connect(path).map_err(|e| unusable(&e))?;
        let levels: (Option<u8>, Option<u8>) = connection
            .query_row("SELECT min(zoom_level), max(zoom_level) FROM tiles", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(|e| unusable(&e))?;
        if metadata(&connection, "format").is_some_and(|format| format == "pbf") {
            return Err(Error::bad_input(
                Message::new("map.vector_tiles").with("path", path.display()),
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            facts: TileFacts {
                min_level: levels.0.unwrap_or(0),
                max_level: levels.1.unwrap_or(0),
                bbox: metadata(&connection, "bounds").and_then(|text| bounds(&text)),
                ..TileFacts::default()
            },
            attribution: plain_text(&metadata(&connection, "attribution").unwrap_or_default()),
        })
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

impl PictureTiles for MbTiles {
    fn facts(&self) -> TileFacts {
        self.facts.clone()
    }

    fn attribution(&self) -> String {
        self.attribution.clone()
    }

    fn reader(&self) -> Box<dyn TileReader + '_> {
        Box::new(MbReader(connect(&self.path)))
    }
}

struct MbReader(rusqlite::Result<Connection>);

impl TileReader for MbReader {
    fn tile(&mut self, id: TileId) -> Answer {
        match &self.0 {
            Ok(connection) => match read(connection, id) {
                Ok(bytes) => picture(bytes),
                Err(error) => failed(id, &error),
            },
            Err(error) => failed(id, error),
        }
    }
}

/// Rows count from the south in MBTiles (TMS), from the north everywhere else.
fn read(connection: &Connection, id: TileId) -> rusqlite::Result<Option<Vec<u8>>> {
    let rows = 1_u64.checked_shl(u32::from(id.zoom)).unwrap_or(u64::MAX);
    let row = (rows - 1).saturating_sub(u64::from(id.y)) as i64;
    connection
        .prepare_cached(
            "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3",
        )?
        .query_row((id.zoom, id.x, row), |r| r.get(0))
        .optional()
}

fn metadata(connection: &Connection, name: &str) -> Option<String> {
    connection
        .query_row("SELECT value FROM metadata WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()
        .ok()?
}

/// `west,south,east,north` in degrees.
fn bounds(text: &str) -> Option<[f64; 4]> {
    let mut degrees = text.split(',').map(|part| part.trim().parse::<f64>());
    let [west, south, east, north] = [
        degrees.next()?.ok()?,
        degrees.next()?.ok()?,
        degrees.next()?.ok()?,
        degrees.next()?.ok()?,
    ];
    box_of(west, south, east, north)
}

/// `None` for a box that cannot be true.
fn box_of(west: f64, south: f64, east: f64, north: f64) -> Option<[f64; 4]> {
    let is_box = west < east && south < north && west >= -180.1 && east <= 180.1;
    is_box.then(|| {
        let [left, bottom] = mercator_from_lon_lat([west, south]);
        let [right, top] = mercator_from_lon_lat([east, north]);
        [left, bottom, right, top]
    })
}

/// Attributions are often HTML; only their text is shown.
pub(super) fn plain_text(html: &str) -> String {
    let mut depth = 0_u32;
    html.chars()
        .filter(|c| match c {
            '<' => {
                depth += 1;
                false
            }
            '>' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

// ------------------------------------------------------------------------------------------------- PMTiles

/// One PMTiles file.
pub struct PmFile {
    path: PathBuf,
    facts: TileFacts,
    attribution: String,
}

impl PmFile {
    /// # Errors
    /// The file cannot be opened, is no PMTiles file, or holds vector tiles.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = PmTiles::open(path)?;
        let head = file.header();
        if head.format == TileFormat::Vector {
            return Err(Error::bad_input(
                Message::new("map.vector_tiles").with("path", path.display()),
            ));
        }
        let [west, south, east, north] = head.bounds;
        Ok(Self {
            path: path.to_owned(),
            facts: TileFacts {
                min_level: head.min_zoom,
                max_level: head.max_zoom,
                bbox: box_of(west, south, east, north),
                ..TileFacts::default()
            },
            attribution: plain_text(&file.attribution()),
        })
    }
}

impl PictureTiles for PmFile {
    fn facts(&self) -> TileFacts {
        self.facts.clone()
    }

    fn attribution(&self) -> String {
        self.attribution.clone()
    }

    fn reader(&self) -> Box<dyn TileReader + '_> {
        Box::new(PmReader(PmTiles::open(&self.path)))
    }
}

struct PmReader(Result<PmTiles>);

impl TileReader for PmReader {
    fn tile(&mut self, id: TileId) -> Answer {
        match &mut self.0 {
            Ok(file) => match file.tile(id.zoom, id.x, id.y) {
                Ok(bytes) => picture(bytes),
                Err(error) => failed(id, &error),
            },
            Err(error) => failed(id, error),
        }
    }
}

// -------------------------------------------------------------------------------------------------- folders

/// A folder with the files of tiles, or a path template with `{z}`, `{x}`, `{y}` or `{-y}`.
pub struct FolderTiles {
    template: String,
    facts: TileFacts,
    attribution: String,
}

const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

impl FolderTiles {
    /// # Errors
    /// There is no such folder.
    pub fn open(source: &TileSource) -> Result<Self> {
        let template = source.location.trim().to_owned();
        let fixed = template.split('{').next().unwrap_or_default();
        let folder = Path::new(fixed);
        // `tiles/a{z}` has a fixed part that is no folder itself.
        if !folder.is_dir() && !folder.parent().is_some_and(Path::is_dir) {
            return Err(Error::bad_input(
                Message::new("basemap.no_folder").with("path", folder.display()),
            ));
        }
        Ok(Self {
            template,
            facts: super::facts_of(source, 2),
            attribution: source.attribution.clone(),
        })
    }

    fn read(&self, id: TileId) -> Option<Vec<u8>> {
        if self.template.contains('{') {
            let south = self.facts.grid.rows(id.zoom).saturating_sub(1 + id.y);
            let path = self
                .template
                .replace("{z}", &id.zoom.to_string())
                .replace("{x}", &id.x.to_string())
                .replace("{-y}", &south.to_string())
                .replace("{y}", &id.y.to_string());
            return std::fs::read(path).ok();
        }
        let folder = Path::new(&self.template)
            .join(id.zoom.to_string())
            .join(id.x.to_string());
        ENDINGS
            .iter()
            .find_map(|ending| std::fs::read(folder.join(format!("{}.{ending}", id.y))).ok())
    }
}

impl PictureTiles for FolderTiles {
    fn facts(&self) -> TileFacts {
        self.facts.clone()
    }

    fn attribution(&self) -> String {
        self.attribution.clone()
    }

    fn reader(&self) -> Box<dyn TileReader + '_> {
        Box::new(FolderReader(self))
    }
}

struct FolderReader<'a>(&'a FolderTiles);

impl TileReader for FolderReader<'_> {
    fn tile(&mut self, id: TileId) -> Answer {
        picture(self.0.read(id))
    }
}

/// The grid a source names.
pub(super) fn grid_of(source: &TileSource) -> Grid {
    use gis_core::cartography::layers::TileCrs;
    match source.crs {
        TileCrs::WebMercator => Grid::WebMercator,
        TileCrs::GeodeticCgcs2000 => Grid::Degrees,
    }
}
