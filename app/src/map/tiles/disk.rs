//! Tiles of a server on disk, so that the map works without a network. It asks no server.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use walkers::TileId;

const MAGIC: &[u8; 4] = b"KZT1";
const HEAD: usize = 16;
/// What all tiles together may take; older ones go first.
const MOST_BYTES: u64 = 512 << 20;

/// The folder of one source.
#[derive(Debug, Clone)]
pub(super) struct DiskCache {
    folder: PathBuf,
}

/// A tile found on disk.
#[derive(Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    /// Not yet due to be asked for again.
    pub(super) is_fresh: bool,
}

/// Where tiles are kept: `KAREZ_CACHE_DIR`, else the user's cache folder.
pub fn default_cache_root() -> Option<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    folder("KAREZ_CACHE_DIR")
        .or_else(|| folder("XDG_CACHE_HOME").map(|p| p.join("karez")))
        .or_else(|| folder("LOCALAPPDATA").map(|p| p.join("Karez")))
        .or_else(|| folder("HOME").map(|p| p.join(".cache").join("karez")))
        .map(|root| root.join("tiles"))
}

impl DiskCache {
    /// `identity` tells sources apart and holds no key: the key may change and the tiles stay.
    pub(super) fn new(root: &Path, identity: &str) -> Self {
        Self {
            folder: root.join(format!("{:016x}", fnv1a(identity.as_bytes()))),
        }
    }

    fn path(&self, id: TileId) -> PathBuf {
        self.folder
            .join(id.zoom.to_string())
            .join(id.x.to_string())
            .join(format!("{}.tile", id.y))
    }

    pub(super) fn read(&self, id: TileId) -> Option<Kept> {
        let mut bytes = fs::read(self.path(id)).ok()?;
        let expires = bytes
            .get(4..12)
            .and_then(|b| b.try_into().ok())
            .map(u64::from_le_bytes)?;
        if !bytes.starts_with(MAGIC) || bytes.len() < HEAD {
            return None;
        }
        bytes.drain(..HEAD);
        Some(Kept {
            bytes,
            is_fresh: unix_s() < expires,
        })
    }

    /// A tile that cannot be kept is logged and costs nothing but the next request.
    pub(super) fn write(&self, id: TileId, bytes: &[u8], keep: Duration) {
        if let Err(error) = self.try_write(id, bytes, keep) {
            log::warn!("a tile was not kept: {error}");
        }
    }

    fn try_write(&self, id: TileId, bytes: &[u8], keep: Duration) -> io::Result<()> {
        let path = self.path(id);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut content = Vec::with_capacity(HEAD + bytes.len());
        content.extend_from_slice(MAGIC);
        content.extend_from_slice(&(unix_s() + keep.as_secs()).to_le_bytes());
        content.resize(HEAD, 0);
        content.extend_from_slice(bytes);
        // Whole or not at all, also when two programs write the same tile.
        let draft = path.with_extension(format!(
            "{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        fs::write(&draft, content)?;
        fs::rename(&draft, &path)
    }
}

/// Removes the oldest tiles of all sources until they fit. Slow: for a thread of its own.
pub(super) fn prune(root: &Path) {
    prune_to(root, MOST_BYTES);
}

fn prune_to(root: &Path, most_bytes: u64) {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(meta) if meta.is_dir() => folders.push(entry.path()),
                Ok(meta) => files.push((meta.modified().unwrap_or(UNIX_EPOCH), meta.len(), entry.path())),
                Err(_) => {}
            }
        }
    }
    let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
    if total <= most_bytes {
        return;
    }
    files.sort_unstable();
    for (_, size, path) in files {
        if total <= most_bytes / 4 * 3 {
            break;
        }
        if fs::remove_file(path).is_ok() {
            total -= size;
        }
    }
}

fn unix_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Fowler, Noll and Vo's hash, 64 bits: the same in every version of the program.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TileId = TileId { x: 1, y: 2, zoom: 3 };

    #[test]
    fn a_tile_comes_back_and_grows_old() {
        let root = tempfile::tempdir().unwrap();
        let cache = DiskCache::new(root.path(), "a");
        assert_eq!(cache.read(ID), None);
        cache.write(ID, b"picture", Duration::from_mins(1));
        let kept = |is_fresh| {
            Some(Kept {
                bytes: b"picture".to_vec(),
                is_fresh,
            })
        };
        assert_eq!(cache.read(ID), kept(true));
        assert_eq!(DiskCache::new(root.path(), "b").read(ID), None);
        cache.write(ID, b"picture", Duration::ZERO);
        assert_eq!(cache.read(ID), kept(false));
        fs::write(cache.path(ID), b"KZ").unwrap();
        assert_eq!(cache.read(ID), None, "half a file is no tile");
    }

    #[test]
    fn the_folder_stays_within_its_limit() {
        let root = tempfile::tempdir().unwrap();
        let cache = DiskCache::new(root.path(), "a");
        for x in 0..10 {
            cache.write(TileId { x, ..ID }, &[0; 84], Duration::from_mins(1));
        }
        prune_to(root.path(), 1_000);
        let left = |cache: &DiskCache| {
            (0..10)
                .filter(|x| cache.read(TileId { x: *x, ..ID }).is_some())
                .count()
        };
        assert_eq!(left(&cache), 10);
        prune_to(root.path(), 800);
        assert_eq!(left(&cache), 6);
    }
}
