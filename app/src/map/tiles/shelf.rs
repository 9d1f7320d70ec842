//! Tiles for printed sheets and pictures: those of files, and those that servers have sent before. No server is asked; what
//! is not on this machine is said to be missing.

use std::path::PathBuf;
use std::time::Duration;

use egui::ColorImage;
use gis_core::Result;
use gis_core::cartography::backdrop::{TileAnswer, TilePicture, TilePyramid, TileShelf};
use gis_core::cartography::layers::{TileKind, TileSource};
use walkers::TileId;

use super::Grid;
use super::disk::{DiskCache, default_cache_root};
use super::http::identity_of;
use super::source::{Answer, TileFacts, TileReader, decode};

/// Readers of a server's kept tiles do not matter; they are never started.
const NO_WORKERS: usize = 1;

/// Where tiles are found without asking anybody.
#[derive(Debug, Clone)]
pub struct Shelf {
    cache_root: Option<PathBuf>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            cache_root: default_cache_root(),
        }
    }
}

impl Shelf {
    /// With kept tiles in another folder than the user's.
    pub fn with_cache(root: PathBuf) -> Self {
        Self {
            cache_root: Some(root),
        }
    }
}

impl TileShelf for Shelf {
    fn open(
        &self,
        source: &TileSource,
        read: &mut dyn FnMut(&mut dyn TilePyramid) -> Result<()>,
    ) -> Result<()> {
        if matches!(source.kind, TileKind::Xyz | TileKind::Wmts) {
            let root = self.cache_root.as_ref();
            let kept = Kept(root.map(|root| DiskCache::new(root, &identity_of(source))));
            let facts = super::facts_of(source, NO_WORKERS);
            let reader = Box::new(kept);
            return read(&mut Pyramid { facts, reader });
        }
        let opened = super::open(source, None)?;
        let (facts, reader) = (opened.facts(), opened.reader());
        read(&mut Pyramid { facts, reader })
    }
}

/// What a server has sent before.
struct Kept(Option<DiskCache>);

impl TileReader for Kept {
    fn tile(&mut self, id: TileId) -> Answer {
        let kept = self.0.as_ref().and_then(|disk| disk.read(id));
        kept.and_then(|kept| decode(&kept.bytes))
            .map_or(Answer::Later(Duration::MAX), Answer::Picture)
    }
}

/// A picture as printed sheets want it.
fn straight(image: &ColorImage) -> TilePicture {
    TilePicture {
        size: image.size,
        rgba: image
            .pixels
            .iter()
            .flat_map(egui::Color32::to_srgba_unmultiplied)
            .collect(),
    }
}

struct Pyramid<'a> {
    facts: TileFacts,
    reader: Box<dyn TileReader + 'a>,
}

impl TilePyramid for Pyramid<'_> {
    fn level_for(&self, metres_per_px: f64) -> u8 {
        let facts = &self.facts;
        facts
            .grid
            .level_for(metres_per_px, f64::from(facts.tile_px))
            .clamp(facts.min_level, facts.max_level)
    }

    fn position(&self, level: u8, web: [f64; 2]) -> [f64; 2] {
        self.facts.grid.position(level, web)
    }

    fn tile(&mut self, level: u8, column: u32, row: u32) -> TileAnswer {
        let id = TileId {
            x: column,
            y: row,
            zoom: level,
        };
        let grid = self.facts.grid;
        let is_outside = level < self.facts.min_level
            || self.facts.bbox.is_some_and(|b| {
                let t = grid.bbox(id);
                t[0] >= b[2] || t[2] <= b[0] || t[1] >= b[3] || t[3] <= b[1]
            });
        if is_outside || column >= Grid::columns(level) || row >= grid.rows(level) {
            return TileAnswer::Nothing;
        }
        match self.reader.tile(id) {
            Answer::Picture(image) => TileAnswer::Picture(straight(&image)),
            Answer::Nothing => TileAnswer::Nothing,
            Answer::Later(_) => TileAnswer::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = image::RgbaImage::from_pixel(2, 2, image::Rgba([10, 20, 30, 255]));
        picture
            .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
            .unwrap();
        bytes
    }

    /// The answer for a tile of a source.
    fn ask(shelf: &Shelf, source: &TileSource, [level, column, row]: [u32; 3]) -> TileAnswer {
        let mut answer = None;
        let read = &mut |pyramid: &mut dyn TilePyramid| {
            answer = Some(pyramid.tile(level as u8, column, row));
            Ok(())
        };
        shelf.open(source, read).unwrap();
        answer.unwrap()
    }

    #[test]
    fn what_a_server_sent_before_is_on_the_shelf_and_nothing_is_fetched() {
        let root = tempfile::tempdir().unwrap();
        let source = TileSource {
            // Nobody answers there; a request would show as an error or a long wait.
            location: "http://127.0.0.1:9/{z}/{x}/{y}.png".to_owned(),
            ..TileSource::default()
        };
        let id = TileId { x: 5, y: 6, zoom: 4 };
        DiskCache::new(root.path(), &identity_of(&source)).write(id, &png(), Duration::ZERO);
        let shelf = Shelf::with_cache(root.path().to_owned());
        let TileAnswer::Picture(picture) = ask(&shelf, &source, [4, 5, 6]) else {
            panic!("the kept tile, however old")
        };
        assert_eq!(
            (picture.size, &picture.rgba[..4]),
            ([2, 2], &[10, 20, 30, 255][..])
        );
        assert_eq!(ask(&shelf, &source, [4, 5, 7]), TileAnswer::Missing);
        assert_eq!(
            ask(&shelf, &source, [4, 99, 7]),
            TileAnswer::Nothing,
            "beyond the world"
        );
    }

    #[test]
    fn tiles_of_a_folder_are_on_the_shelf() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("3").join("1");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("2.png"), png()).unwrap();
        let source = TileSource {
            kind: TileKind::Folder,
            location: root.path().display().to_string(),
            ..TileSource::default()
        };
        let shelf = Shelf::default();
        assert!(matches!(ask(&shelf, &source, [3, 1, 2]), TileAnswer::Picture(_)));
        assert_eq!(ask(&shelf, &source, [3, 1, 3]), TileAnswer::Nothing);
    }
}
