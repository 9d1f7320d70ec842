//! A picture file as a source of tiles: each worker reads with a dataset of its own. What is drawn, kept and asked for
//! is the tile layer's business.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Color32, ColorImage};
use gis_core::io::raster::{Imagery, Reader};
use gis_core::{Message, Result};
use walkers::TileId;

use super::grid::Grid;
use super::source::{Answer, PictureTiles, TileFacts, TileReader};

/// Readers of a picture: with one, a fast pan would wait for a slow tile.
const WORKERS: usize = 2;
const TILE_PX: u16 = 256;

/// A picture of the ground.
pub struct ImageryTiles {
    imagery: Arc<Imagery>,
    is_coarse: AtomicBool,
    notice: Mutex<Option<Message>>,
    /// Trouble is told once.
    has_told: AtomicBool,
}

impl ImageryTiles {
    pub fn new(imagery: Imagery) -> Self {
        Self {
            imagery: Arc::new(imagery),
            is_coarse: AtomicBool::new(false),
            notice: Mutex::new(None),
            has_told: AtomicBool::new(false),
        }
    }

    pub fn imagery(&self) -> &Imagery {
        &self.imagery
    }

    /// Tiles were read coarser than they could be: the picture wants pyramids.
    pub fn is_coarse(&self) -> bool {
        self.is_coarse.load(Ordering::Relaxed)
    }

    fn tell(&self, message: Message) {
        if !self.has_told.swap(true, Ordering::Relaxed) {
            *self.notice.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
        }
    }
}

impl PictureTiles for ImageryTiles {
    fn facts(&self) -> TileFacts {
        TileFacts {
            grid: Grid::WebMercator,
            min_level: 0,
            max_level: self.imagery.max_zoom(),
            tile_px: TILE_PX,
            bbox: Some(self.imagery.web_box()),
            workers: WORKERS,
        }
    }

    fn attribution(&self) -> String {
        String::new()
    }

    fn reader(&self) -> Box<dyn TileReader + '_> {
        Box::new(Worker {
            tiles: self,
            reader: self.imagery.reader(),
        })
    }

    fn take_notice(&self) -> Option<Message> {
        self.notice.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Worker<'a> {
    tiles: &'a ImageryTiles,
    reader: Result<Reader>,
}

impl TileReader for Worker<'_> {
    fn tile(&mut self, id: TileId) -> Answer {
        let read = match &self.reader {
            Ok(reader) => reader.tile(id.zoom, id.x, id.y, usize::from(TILE_PX)),
            Err(error) => {
                self.tiles.tell(error.message());
                return nothing();
            }
        };
        match read {
            Ok(Some(picture)) => {
                if picture.is_coarse {
                    self.tiles.is_coarse.store(true, Ordering::Relaxed);
                }
                Answer::Picture(ColorImage::from_rgba_unmultiplied(picture.size, &picture.pixels))
            }
            Ok(None) => nothing(),
            Err(error) => {
                self.tiles.tell(error.message());
                nothing()
            }
        }
    }
}

/// Nothing lies there, and a coarser tile must not be enlarged over it.
fn nothing() -> Answer {
    Answer::Picture(ColorImage::filled([1, 1], Color32::TRANSPARENT))
}
