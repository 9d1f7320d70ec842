//! Tiles of a PMTiles file (specification 3): one file, directories in Hilbert order. It decodes no pictures and
//! writes nothing.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use crate::error::{Error, Result};
use crate::text::Message;

const HEADER_BYTES: usize = 127;
/// What a directory or a tile may measure before it is taken for damage.
const MOST_BYTES: u64 = 64 << 20;
/// Directories below directories; real files have two levels.
const MOST_DEPTH: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileFormat {
    Vector,
    /// PNG, JPEG or another picture; the tile itself says which.
    Picture,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
}

/// What the head of the file says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    pub format: TileFormat,
    pub min_zoom: u8,
    pub max_zoom: u8,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    first: u64,
    offset: u64,
    length: u64,
    /// So many tiles from `first` on are the same; 0 for a directory.
    run: u64,
}

/// An open file.
#[derive(Debug)]
pub struct PmTiles {
    path: PathBuf,
    file: File,
    header: Header,
    directories: Packing,
    tiles: Packing,
    metadata: (u64, u64),
    leaves_at: u64,
    data_at: u64,
    root: Vec<Entry>,
    /// The directory read last, by its offset: neighbours are in the same one.
    last_leaf: Option<(u64, Vec<Entry>)>,
}

impl PmTiles {
    /// # Errors
    /// The file cannot be read, or is no PMTiles file of version 3 without or with gzip compression.
    pub fn open(path: &Path) -> Result<Self> {
        let bad = |reason: String| {
            Error::bad_input(
                Message::new("basemap.not_pmtiles")
                    .with("path", path.display())
                    .with("reason", reason),
            )
        };
        let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
        let mut head = [0_u8; HEADER_BYTES];
        file.read_exact(&mut head).map_err(|e| bad(e.to_string()))?;
        if !head.starts_with(b"PMTiles") || head[7] != 3 {
            return Err(bad(format!("version {}", head[7])));
        }
        let long = |at: usize| -> u64 {
            head.get(at..at + 8)
                .and_then(|b| b.try_into().ok())
                .map_or(0, u64::from_le_bytes)
        };
        let degrees = |at: usize| -> f64 {
            head.get(at..at + 4)
                .and_then(|b| b.try_into().ok())
                .map_or(0.0, |b| f64::from(i32::from_le_bytes(b)) / 1e7)
        };
        let packing = |code: u8| match code {
            0 | 1 => Ok(Packing::Plain),
            2 => Ok(Packing::Gzip),
            other => Err(bad(format!("compression {other}"))),
        };
        let mut tiles = Self {
            path: path.to_owned(),
            file,
            header: Header {
                format: if head[99] == 1 {
                    TileFormat::Vector
                } else {
                    TileFormat::Picture
                },
                min_zoom: head[100],
                max_zoom: head[101].min(26),
                bounds: [degrees(102), degrees(106), degrees(110), degrees(114)],
            },
            directories: packing(head[97])?,
            tiles: packing(head[98])?,
            metadata: (long(24), long(32)),
            leaves_at: long(40),
            data_at: long(56),
            root: Vec::new(),
            last_leaf: None,
        };
        tiles.root = tiles.directory(long(8), long(16))?;
        Ok(tiles)
    }

    pub fn header(&self) -> Header {
        self.header
    }

    /// Empty where the file does not say.
    pub fn attribution(&mut self) -> String {
        let (offset, length) = self.metadata;
        self.block(offset, length, self.directories)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
            .and_then(|json| Some(json.get("attribution")?.as_str()?.to_owned()))
            .unwrap_or_default()
    }

    /// The bytes of a tile, rows counted from the north; `None` where the file has none.
    ///
    /// # Errors
    /// The file is damaged or gone.
    pub fn tile(&mut self, zoom: u8, column: u32, row: u32) -> Result<Option<Vec<u8>>> {
        if zoom > 26 || u64::from(column.max(row)) >= 1 << zoom {
            return Ok(None);
        }
        let id = tile_id(zoom, column, row);
        let mut found = find(&self.root, id);
        for _ in 0..MOST_DEPTH {
            let Some(entry) = found else { return Ok(None) };
            if entry.run > 0 {
                let at = self.data_at.saturating_add(entry.offset);
                return self.block(at, entry.length, self.tiles).map(Some);
            }
            let at = self.leaves_at.saturating_add(entry.offset);
            if self.last_leaf.as_ref().is_none_or(|(known, _)| *known != at) {
                let leaf = self.directory(at, entry.length)?;
                self.last_leaf = Some((at, leaf));
            }
            found = self.last_leaf.as_ref().and_then(|(_, leaf)| find(leaf, id));
        }
        Err(self.damaged("directories"))
    }

    fn damaged(&self, reason: impl std::fmt::Display) -> Error {
        Error::bad_input(
            Message::new("basemap.not_pmtiles")
                .with("path", self.path.display())
                .with("reason", reason),
        )
    }

    fn block(&mut self, offset: u64, length: u64, packing: Packing) -> Result<Vec<u8>> {
        if length > MOST_BYTES {
            return Err(self.damaged(format!("{length} B")));
        }
        let mut bytes = Vec::new();
        let read = (|| {
            self.file.seek(SeekFrom::Start(offset))?;
            (&mut self.file).take(length).read_to_end(&mut bytes)
        })();
        read.map_err(|e| Error::io(&self.path, e))?;
        if bytes.len() as u64 != length {
            return Err(self.damaged(format!("{} / {length} B", bytes.len())));
        }
        // Some writers say gzip and store plain.
        if packing == Packing::Gzip && bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            GzDecoder::new(bytes.as_slice())
                .take(MOST_BYTES)
                .read_to_end(&mut plain)
                .map_err(|e| self.damaged(e))?;
            return Ok(plain);
        }
        Ok(bytes)
    }

    fn directory(&mut self, offset: u64, length: u64) -> Result<Vec<Entry>> {
        let bytes = self.block(offset, length, self.directories)?;
        directory(&bytes).ok_or_else(|| self.damaged("directory"))
    }
}

/// `None` when the bytes end too soon.
fn directory(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut rest = bytes;
    let count = varint(&mut rest)?;
    // Four numbers of at least a byte each per entry.
    if count > rest.len() as u64 / 4 {
        return None;
    }
    let mut column = || -> Option<Vec<u64>> { (0..count).map(|_| varint(&mut rest)).collect() };
    let (steps, runs, lengths, offsets) = (column()?, column()?, column()?, column()?);
    let mut entries: Vec<Entry> = Vec::with_capacity(steps.len());
    let mut first = 0_u64;
    for i in 0..steps.len() {
        first = first.checked_add(steps[i])?;
        let offset = match (offsets[i], entries.last()) {
            (0, Some(before)) => before.offset.checked_add(before.length)?,
            (given, _) => given.checked_sub(1)?,
        };
        entries.push(Entry {
            first,
            offset,
            length: lengths[i],
            run: runs[i],
        });
    }
    Some(entries)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn find(entries: &[Entry], id: u64) -> Option<Entry> {
    let entry = entries[..entries.partition_point(|e| e.first <= id)].last()?;
    (entry.run == 0 || id - entry.first < entry.run).then_some(*entry)
}

/// Position along the Hilbert curve, after all tiles of the levels above.
fn tile_id(zoom: u8, column: u32, row: u32) -> u64 {
    let before = ((1_u64 << (2 * u32::from(zoom))) - 1) / 3;
    let (mut x, mut y, mut d) = (u64::from(column), u64::from(row), 0_u64);
    let mut side = (1_u64 << zoom) / 2;
    while side > 0 {
        let right = u64::from(x & side > 0);
        let down = u64::from(y & side > 0);
        d += side * side * ((3 * right) ^ down);
        if down == 0 {
            if right == 1 {
                x = side.wrapping_sub(1).wrapping_sub(x & (side - 1)) & (side - 1);
                y = side.wrapping_sub(1).wrapping_sub(y & (side - 1)) & (side - 1);
            }
            std::mem::swap(&mut x, &mut y);
        }
        side /= 2;
    }
    before + d
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    /// Entries as `(first, run, length, offset)`.
    fn listed(entries: &[(u64, u64, u64, u64)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_varint(&mut bytes, entries.len() as u64);
        let mut before = 0;
        for (first, ..) in entries {
            push_varint(&mut bytes, first - before);
            before = *first;
        }
        for (_, run, ..) in entries {
            push_varint(&mut bytes, *run);
        }
        for (_, _, length, _) in entries {
            push_varint(&mut bytes, *length);
        }
        for (.., offset) in entries {
            push_varint(&mut bytes, offset + 1);
        }
        packed(&bytes)
    }

    /// Level 0 has "zero", the first two tiles of level 1 have "one", tile 21 (the first of level 3) lies in a leaf.
    fn file(folder: &Path) -> PathBuf {
        let data = b"zeroonedeep";
        let leaf = listed(&[(21, 1, 4, 7)]);
        let root = listed(&[(0, 1, 4, 0), (1, 2, 3, 4), (21, 0, leaf.len() as u64, 0)]);
        let meta = packed(b"{\"attribution\":\"<b>OSM</b>\"}");
        let mut head = [0_u8; HEADER_BYTES];
        head[..7].copy_from_slice(b"PMTiles");
        head[7] = 3;
        let mut at = HEADER_BYTES as u64;
        for (field, part) in [
            (8, root.len()),
            (24, meta.len()),
            (40, leaf.len()),
            (56, data.len()),
        ] {
            head[field..field + 8].copy_from_slice(&at.to_le_bytes());
            head[field + 8..field + 16].copy_from_slice(&(part as u64).to_le_bytes());
            at += part as u64;
        }
        (head[97], head[98], head[99], head[100], head[101]) = (2, 1, 2, 0, 3);
        head[102..106].copy_from_slice(&870_000_000_i32.to_le_bytes());
        let path = folder.join("底图.pmtiles");
        std::fs::write(&path, [head.as_slice(), &root, &meta, &leaf, data].concat()).unwrap();
        path
    }

    #[test]
    fn tiles_are_found_in_the_root_in_runs_and_in_leaves() {
        let folder = tempfile::tempdir().unwrap();
        let mut tiles = PmTiles::open(&file(folder.path())).unwrap();
        let mut text = |z, x, y| {
            tiles
                .tile(z, x, y)
                .unwrap()
                .map(|b| String::from_utf8(b).unwrap())
        };
        assert_eq!(text(0, 0, 0).as_deref(), Some("zero"));
        assert_eq!(text(1, 0, 0).as_deref(), Some("one"));
        assert_eq!(text(1, 0, 1).as_deref(), Some("one"), "the run goes down first");
        assert_eq!(text(1, 1, 1), None);
        assert_eq!(text(3, 0, 0).as_deref(), Some("deep"));
        assert_eq!(text(3, 9, 0), None, "beyond the edge of the world");
        assert_eq!(tiles.attribution(), "<b>OSM</b>");
        let head = tiles.header();
        assert_eq!((head.format, head.max_zoom), (TileFormat::Picture, 3));
        assert!((head.bounds[0] - 87.0).abs() < 1e-9);
    }

    #[test]
    fn numbers_follow_the_curve_of_the_specification() {
        // The table of the specification.
        for (zoom, x, y, id) in [
            (0, 0, 0, 0),
            (1, 0, 0, 1),
            (1, 0, 1, 2),
            (1, 1, 1, 3),
            (1, 1, 0, 4),
            (2, 0, 0, 5),
            (12, 3_423, 1_763, 19_078_479),
        ] {
            assert_eq!(tile_id(zoom, x, y), id, "{zoom}/{x}/{y}");
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pmtiles");
        std::fs::write(&path, [b'x'; 300]).unwrap();
        assert!(matches!(PmTiles::open(&path), Err(Error::BadInput(_))));
        std::fs::write(&path, b"PMTiles").unwrap();
        assert!(matches!(PmTiles::open(&path), Err(Error::BadInput(_))));
        let whole = std::fs::read(file(folder.path())).unwrap();
        std::fs::write(&path, &whole[..HEADER_BYTES + 10]).unwrap();
        assert!(PmTiles::open(&path).is_err());
    }
}
