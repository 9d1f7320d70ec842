//! What lies under the network: nothing, or tiles from a local file. It fetches nothing from a network.

use std::path::Path;

use super::camera::Camera;
use super::mbtiles::MbTiles;
use super::tiles::{Grid, draw_quad};

/// The base map.
pub enum BaseMap {
    /// The plain ground of the theme.
    None,
    Pmtiles(Box<walkers::PmTiles>),
    Mbtiles(Box<MbTiles>),
}

impl BaseMap {
    /// Whether the ending is that of a tile file.
    pub fn reads(path: &Path) -> bool {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        ending == "pmtiles" || ending == "mbtiles"
    }

    /// Opens a tile file by its ending: `.pmtiles` or `.mbtiles`, raster tiles in Web Mercator.
    ///
    /// # Errors
    /// The file cannot be read as what its ending says.
    pub fn open(path: &Path, ctx: &egui::Context) -> gis_core::Result<Self> {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        if ending == "pmtiles" {
            std::fs::File::open(path).map_err(|source| gis_core::Error::io(path, source))?;
            return Ok(Self::Pmtiles(Box::new(walkers::PmTiles::new(path, ctx.clone()))));
        }
        Ok(Self::Mbtiles(Box::new(MbTiles::open(path, ctx)?)))
    }

    fn tiles(&mut self) -> Option<&mut dyn walkers::Tiles> {
        match self {
            Self::None => None,
            Self::Pmtiles(tiles) => Some(&mut **tiles),
            Self::Mbtiles(tiles) => Some(&mut **tiles),
        }
    }

    pub(super) fn draw(&mut self, painter: &egui::Painter, camera: &Camera) {
        let Some(tiles) = self.tiles() else { return };
        let grid = Grid::WebMercator;
        let view = camera.view();
        for id in grid.tiles_in(grid.level_for(view.metres_per_px, 256.0), &view) {
            if let Some(piece) = tiles.at(id) {
                let walkers::Tile::Raster(texture) = &piece.tile;
                let part = [piece.uv.min.x, piece.uv.min.y, piece.uv.width()];
                draw_quad(painter, camera, &grid.patch(id), texture.id(), part, 1.0);
            }
        }
    }

    /// Who made the tiles, as the file says.
    pub fn attribution(&self) -> &str {
        match self {
            Self::None | Self::Pmtiles(_) => "",
            Self::Mbtiles(tiles) => tiles.attribution_text(),
        }
    }
}
