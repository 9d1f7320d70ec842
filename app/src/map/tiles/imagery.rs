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
    /// Tiles were read coarser than they could be.
    is_coarse: AtomicBool,
    notice: Mutex<Notice>,
}

/// The first trouble, which is told once.
#[derive(Default)]
struct Notice {
    trouble: Option<Message>,
    is_new: bool,
}

impl ImageryTiles {
    pub fn new(imagery: Imagery) -> Self {
        Self {
            imagery: Arc::new(imagery),
            is_coarse: AtomicBool::new(false),
            notice: Mutex::default(),
        }
    }

    fn tell(&self, message: Message) {
        let mut notice = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        if notice.trouble.is_none() {
            *notice = Notice {
                trouble: Some(message),
                is_new: true,
            };
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
        let mut notice = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut notice.is_new)
            .then(|| notice.trouble.clone())
            .flatten()
    }

    fn trouble(&self) -> Option<Message> {
        let notice = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        notice.trouble.clone()
    }

    fn wants_pyramids(&self) -> bool {
        self.is_coarse.load(Ordering::Relaxed) || self.imagery.info().needs_overviews()
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
