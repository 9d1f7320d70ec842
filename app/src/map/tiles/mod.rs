//! Pictures under the network: tiles of servers and files, images of the ground. They are read by worker threads,
//! kept in memory (those of servers on disk too) and drawn as textured quads that turn with the map. It draws no
//! vectors and keeps no list of layers; that is the map document's.

mod disk;
mod files;
mod grid;
mod http;
mod imagery;
mod layer;
mod presets;
mod quads;
mod shelf;
mod shown;
mod source;
mod store;
mod template;
#[cfg(test)]
pub(super) mod tests;

use std::path::Path;
use std::sync::Arc;

use gis_core::Result;
use gis_core::cartography::layers::{TileKind, TileSource};

pub use disk::default_cache_root;
pub use files::{FolderTiles, MbTiles, PmFile};
pub use grid::Grid;
pub use http::{HttpTiles, Patience, fetch_text, host_of};
pub use imagery::ImageryTiles;
pub use layer::TileLayer;
pub use presets::{Preset, presets};
pub use shelf::Shelf;
pub use shown::{PictureLayers, PicturePlace, TileKeys};
pub use source::{Answer, PictureTiles, TileFacts, TileReader};
pub use template::{Template, subdomains};

/// The source in a tile file, by its ending; `None` for other files.
pub fn source_of_file(path: &Path) -> Option<TileSource> {
    let ending = path.extension()?.to_ascii_lowercase();
    let kind = match ending.to_str()? {
        "mbtiles" => TileKind::Mbtiles,
        "pmtiles" => TileKind::Pmtiles,
        _ => return None,
    };
    Some(TileSource {
        kind,
        location: path.display().to_string(),
        ..TileSource::default()
    })
}

/// Opens a source of the map document. Reads the heads of files: for a task, not for a frame. `key` is what the
/// user's settings hold under the source's `key_name`.
///
/// # Errors
/// The template or file is not what its kind says, or a key is missing.
pub fn open(source: &TileSource, key: Option<String>) -> Result<Arc<dyn PictureTiles>> {
    let path = Path::new(source.location.trim());
    Ok(match source.kind {
        TileKind::Xyz | TileKind::Wmts => {
            let root = default_cache_root();
            Arc::new(HttpTiles::new(source, key, root.as_deref(), Patience::default())?)
        }
        TileKind::Mbtiles => Arc::new(MbTiles::open(path)?),
        TileKind::Pmtiles => Arc::new(PmFile::open(path)?),
        TileKind::Folder => Arc::new(FolderTiles::open(source)?),
    })
}

/// What a source that cannot describe itself says in the document.
fn facts_of(source: &TileSource, workers: usize) -> TileFacts {
    let grid = files::grid_of(source);
    let first = match grid {
        Grid::WebMercator => 0,
        Grid::Degrees => 1,
    };
    let min_level = source.min_zoom.max(first).min(grid::DEEPEST_LEVEL);
    TileFacts {
        grid,
        min_level,
        max_level: source.max_zoom.clamp(min_level, grid::DEEPEST_LEVEL),
        tile_px: source.tile_size.clamp(64, 2_048),
        bbox: None,
        workers,
    }
}
