//! Raster tiles of an MBTiles file (MBTiles 1.3), read by a thread of its own. It writes nothing and knows no
//! vector tiles.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use egui::{Rect, pos2};
use gis_core::{Error, Message, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use walkers::{Tile, TileId, TilePiece, Tiles};

/// Tiles kept for drawing; the least recently drawn go first.
const KEPT_TILES: usize = 384;
/// How many levels up a missing tile is looked for.
const MOST_LEVELS_UP: u8 = 8;

/// One file, open for reading.
pub struct MbTiles {
    wanted: Sender<TileId>,
    arrived: Receiver<(TileId, Option<Tile>)>,
    tiles: HashMap<TileId, Entry>,
    clock: u64,
    max_zoom: u8,
    attribution: String,
}

struct Entry {
    state: State,
    last_used: u64,
}

enum State {
    Asked,
    /// The file has none.
    Missing,
    Here(Tile),
}

impl MbTiles {
    /// # Errors
    /// The file cannot be opened, is no MBTiles file, or holds vector tiles.
    pub fn open(path: &Path, ctx: &egui::Context) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let unusable = |reason: &dyn std::fmt::Display| {
            Error::bad_input(
                Message::new("map.not_mbtiles")
                    .with("path", path.display())
                    .with("reason", reason),
            )
        };
        let connection = Connection::open_with_flags(path, flags).map_err(|e| unusable(&e))?;
        let max_zoom: Option<u8> = connection
            .query_row("SELECT max(zoom_level) FROM tiles", [], |row| row.get(0))
            .map_err(|e| unusable(&e))?;
        let attribution = metadata(&connection, "attribution").unwrap_or_default();
        if metadata(&connection, "format").is_some_and(|format| format == "pbf") {
            return Err(Error::bad_input(
                Message::new("map.vector_tiles").with("path", path.display()),
            ));
        }
        let (wanted, asked) = channel();
        let (found, arrived) = channel();
        let ctx = ctx.clone();
        std::thread::Builder::new()
            .name("map tiles".to_owned())
            .spawn(move || serve(&connection, &asked, &found, &ctx))
            .map_err(|source| Error::io(path, source))?;
        Ok(Self {
            wanted,
            arrived,
            tiles: HashMap::new(),
            clock: 0,
            max_zoom: max_zoom.unwrap_or(0),
            attribution: plain_text(&attribution),
        })
    }

    pub fn attribution_text(&self) -> &str {
        &self.attribution
    }

    fn take_arrived(&mut self) {
        while let Ok((id, tile)) = self.arrived.try_recv() {
            let state = tile.map_or(State::Missing, State::Here);
            self.tiles.insert(
                id,
                Entry {
                    state,
                    last_used: self.clock,
                },
            );
        }
        if self.tiles.len() > KEPT_TILES {
            let mut used: Vec<u64> = self.tiles.values().map(|entry| entry.last_used).collect();
            used.sort_unstable();
            let oldest_kept = used[used.len() - KEPT_TILES * 3 / 4];
            self.tiles
                .retain(|_, entry| entry.last_used >= oldest_kept || matches!(entry.state, State::Asked));
        }
    }

    /// The tile if it is here already.
    fn present(&mut self, id: TileId) -> Option<Tile> {
        let entry = self.tiles.get_mut(&id)?;
        entry.last_used = self.clock;
        match &entry.state {
            State::Here(tile) => Some(tile.clone()),
            State::Asked | State::Missing => None,
        }
    }

    /// The tile if it is here; otherwise it is asked for.
    fn look_up(&mut self, id: TileId) -> Option<Tile> {
        self.tiles.entry(id).or_insert_with(|| {
            // Without its thread there are no more tiles, which is no reason to stop the map.
            let state = if self.wanted.send(id).is_ok() {
                State::Asked
            } else {
                State::Missing
            };
            Entry { state, last_used: 0 }
        });
        self.present(id)
    }
}

impl Tiles for MbTiles {
    fn at(&mut self, id: TileId) -> Option<TilePiece> {
        self.clock += 1;
        self.take_arrived();
        let first = id.zoom.min(self.max_zoom);
        let last = first.saturating_sub(MOST_LEVELS_UP);
        let mut is_asked = false;
        for zoom in (last..=first).rev() {
            let levels_up = id.zoom - zoom;
            let (ancestor, uv) = ancestor(id, levels_up);
            // Where the file has no tile, the one above is asked for; while one is on its way, what is here of
            // those above is shown.
            let tile = if is_asked {
                self.present(ancestor)
            } else {
                self.look_up(ancestor)
            };
            if let Some(tile) = tile {
                return Some(TilePiece::new(tile, uv));
            }
            is_asked |= matches!(
                self.tiles.get(&ancestor),
                Some(Entry {
                    state: State::Asked,
                    ..
                })
            );
        }
        None
    }

    fn attribution(&self) -> walkers::sources::Attribution {
        walkers::sources::Attribution {
            text: "",
            url: "",
            logo_light: None,
            logo_dark: None,
        }
    }

    fn tile_size(&self) -> u32 {
        256
    }
}

/// The tile `levels_up` above and the part of it that `id` covers.
fn ancestor(id: TileId, levels_up: u8) -> (TileId, Rect) {
    if levels_up >= 32 {
        return (
            TileId {
                x: 0,
                y: 0,
                zoom: id.zoom.saturating_sub(levels_up),
            },
            Rect::NOTHING,
        );
    }
    let side = 1_u32 << levels_up;
    let part = (side as f32).recip();
    let (column, row) = ((id.x % side) as f32, (id.y % side) as f32);
    let uv = Rect::from_min_max(
        pos2(column * part, row * part),
        pos2((column + 1.0) * part, (row + 1.0) * part),
    );
    (
        TileId {
            x: id.x >> levels_up,
            y: id.y >> levels_up,
            zoom: id.zoom - levels_up,
        },
        uv,
    )
}

fn serve(
    connection: &Connection,
    asked: &Receiver<TileId>,
    found: &Sender<(TileId, Option<Tile>)>,
    ctx: &egui::Context,
) {
    while let Ok(id) = asked.recv() {
        let tile = read(connection, id)
            .inspect_err(|e| log::warn!("tile {}/{}/{}: {e}", id.zoom, id.x, id.y))
            .ok()
            .flatten()
            .and_then(|bytes| {
                Tile::new(&bytes, &walkers::Style, id.zoom, 256, ctx)
                    .inspect_err(|e| log::warn!("tile {}/{}/{}: {e}", id.zoom, id.x, id.y))
                    .ok()
            });
        if found.send((id, tile)).is_err() {
            return;
        }
        ctx.request_repaint();
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

/// Attributions are often HTML; only their text is shown.
fn plain_text(html: &str) -> String {
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// A 1×1 PNG of the colour #4080c0.
    const PNG: &[u8] = &[
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
        0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00,
        0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x70, 0x68, 0x38, 0x00, 0x00, 0x02, 0x84,
        0x01, 0x81, 0x26, 0x97, 0xa7, 0x2b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60,
        0x82,
    ];

    /// A file with the tile above at level, column and row from the south.
    pub(in crate::map) fn file(folder: &Path, format: &str, tiles: &[(u8, u32, u32)]) -> std::path::PathBuf {
        let path = folder.join("底图.mbtiles");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE metadata (name TEXT, value TEXT);
                 CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
                 INSERT INTO metadata VALUES ('attribution', '© <a href=\"x\">天地图</a>');",
            )
            .unwrap();
        connection
            .execute("INSERT INTO metadata VALUES ('format', ?1)", [format])
            .unwrap();
        for (zoom, column, row) in tiles {
            connection
                .execute(
                    "INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)",
                    (zoom, column, row, PNG),
                )
                .unwrap();
        }
        path
    }

    fn open_small() -> (tempfile::TempDir, MbTiles) {
        let folder = tempfile::tempdir().unwrap();
        // Level 3, column 5, second row from the north: row 6 from the south.
        let path = file(folder.path(), "png", &[(3, 5, 6), (2, 2, 3)]);
        let tiles = MbTiles::open(&path, &egui::Context::default()).unwrap();
        (folder, tiles)
    }

    fn wait_for(tiles: &mut MbTiles, id: TileId) -> Option<TilePiece> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(piece) = tiles.at(id) {
                return Some(piece);
            }
            if matches!(
                tiles.tiles.get(&id),
                Some(Entry {
                    state: State::Missing,
                    ..
                })
            ) && id.zoom <= 3
            {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }

    #[test]
    fn rows_are_counted_from_the_south() {
        let (_folder, mut tiles) = open_small();
        let piece = wait_for(&mut tiles, TileId { x: 5, y: 1, zoom: 3 }).unwrap();
        assert_eq!(piece.uv, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)));
        assert!(wait_for(&mut tiles, TileId { x: 5, y: 6, zoom: 3 }).is_none());
        assert_eq!(tiles.attribution_text(), "© 天地图");
    }

    #[test]
    fn beyond_the_deepest_level_the_tile_above_is_enlarged() {
        let (_folder, mut tiles) = open_small();
        // Level 5, column 21 = 5·4 + 1, row 6 = 1·4 + 2.
        let piece = wait_for(&mut tiles, TileId { x: 21, y: 6, zoom: 5 }).unwrap();
        assert_eq!(piece.uv, Rect::from_min_max(pos2(0.25, 0.5), pos2(0.5, 0.75)));
    }

    #[test]
    fn what_is_no_raster_mbtiles_file_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let ctx = egui::Context::default();
        assert!(matches!(
            MbTiles::open(&file(folder.path(), "pbf", &[]), &ctx),
            Err(Error::BadInput(_))
        ));
        let text = folder.path().join("note.mbtiles");
        std::fs::write(&text, "no database").unwrap();
        assert!(matches!(MbTiles::open(&text, &ctx), Err(Error::BadInput(_))));
        assert!(matches!(
            MbTiles::open(&folder.path().join("absent.mbtiles"), &ctx),
            Err(Error::BadInput(_))
        ));
    }
}
