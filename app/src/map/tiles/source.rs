//! What a source of pictures must be able to do. Sources answer on worker threads and may block there; the frame
//! never asks one.

use std::time::Duration;

use egui::ColorImage;
use gis_core::Message;
use walkers::TileId;

use super::grid::Grid;

/// How a source is cut and where it has anything.
#[derive(Debug, Clone, PartialEq)]
pub struct TileFacts {
    pub grid: Grid,
    pub min_level: u8,
    /// Deeper ones are enlarged.
    pub max_level: u8,
    /// Width of a tile in points when drawn at its own size.
    pub tile_px: u16,
    /// Mercator metres beyond which there is nothing; `None` where unknown.
    pub bbox: Option<[f64; 4]>,
    /// Threads that read at the same time.
    pub workers: usize,
}

impl Default for TileFacts {
    fn default() -> Self {
        Self {
            grid: Grid::WebMercator,
            min_level: 0,
            max_level: 18,
            tile_px: 256,
            bbox: None,
            workers: 1,
        }
    }
}

/// What a source says about one tile.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Premultiplied, any size.
    Picture(ColorImage),
    /// Nothing lies there; the tile above is shown enlarged.
    Nothing,
    /// Not now; ask again after that time.
    Later(Duration),
}

/// A source of tiles: a server, a file, an image of the ground. Shared by its workers.
pub trait PictureTiles: Send + Sync + 'static {
    fn facts(&self) -> TileFacts;

    /// Who made the pictures.
    fn attribution(&self) -> String;

    /// Called once by each worker on its own thread; what it returns stays there.
    fn reader(&self) -> Box<dyn TileReader + '_>;

    /// What the user should be told, once for each trouble.
    fn take_notice(&self) -> Option<Message> {
        None
    }

    /// What keeps pictures from coming at present.
    fn trouble(&self) -> Option<Message> {
        None
    }

    /// Pictures are coarser than they could be for want of pyramids.
    fn wants_pyramids(&self) -> bool {
        false
    }
}

/// One worker's way into a source.
pub trait TileReader {
    fn tile(&mut self, id: TileId) -> Answer;
}

/// PNG, JPEG or whatever else the decoder knows; `None` when it is no picture.
pub(super) fn decode(bytes: &[u8]) -> Option<ColorImage> {
    let picture = image::load_from_memory(bytes).ok()?.into_rgba8();
    let size = [picture.width() as usize, picture.height() as usize];
    (size[0] > 0 && size[1] > 0 && size[0] <= 4_096 && size[1] <= 4_096)
        .then(|| ColorImage::from_rgba_unmultiplied(size, picture.as_raw()))
}
