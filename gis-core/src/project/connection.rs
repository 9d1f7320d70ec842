//! Opens SQLite connections the way a project file wants them. What the file holds is not looked at here.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::functions;
use crate::error::{Error, Result};
use crate::text::Message;

/// A connection that writes; the only one per file, which alone also checkpoints.
pub(super) fn open_writable(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    if rusqlite::version_number() < R_TREE_IS_INNOCUOUS {
        // Until then SQLite counts the R-tree among the things that an untrusted schema may not touch, and no feature
        // could be written. What triggers of a foreign hand can reach otherwise is SQLite's own functions and ours.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, true)?;
    }
    Ok(connection)
}

/// SQLite 3.44: triggers may write R-trees although the schema is not trusted.
const R_TREE_IS_INNOCUOUS: i32 = 3_044_000;

/// A connection that cannot write.
pub(super) fn open_read_only(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// What a file from anywhere may ask of SQLite; ten times what we ask.
const LIMITS: [(Limit, i32); 7] = [
    // Attached files are the longest that we store.
    (Limit::SQLITE_LIMIT_LENGTH, 512 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
];

fn prepare(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // A file from anywhere may carry triggers and views: they may call harmless functions only.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for (limit, value) in LIMITS {
        connection.set_limit(limit, value)?;
    }
    // An edit asks every class for an id, a code and a neighbourhood.
    connection.set_prepared_statement_cache_capacity(512);
    functions::register(connection)?;
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA cache_size = -32768;",
    )?;
    Ok(())
}

/// WAL with a disk flush at every commit: an edit that the program shows as saved survives a power cut.
pub(super) fn start_journal(connection: &Connection) -> Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    log::debug!("journal mode: {mode}");
    connection.execute_batch("PRAGMA synchronous = FULL;")?;
    Ok(())
}

/// The file alone again, without `-wal` and `-shm`, as other programs and people who copy it expect.
pub(super) fn settle_journal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
}

/// What SQLite says about a file that is none of its own, cut short or locked, in words for the user.
pub(super) fn explain(path: &Path, error: rusqlite::Error) -> Error {
    let key = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "project.error.not_a_database",
        Some(ErrorCode::DatabaseCorrupt) => "project.error.damaged",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "project.error.busy",
        Some(ErrorCode::ReadOnly) => "project.error.read_only",
        Some(ErrorCode::CannotOpen) => "project.error.cannot_open",
        Some(ErrorCode::DiskFull) => "project.error.disk_full",
        Some(ErrorCode::TooBig) => "project.error.too_big",
        _ => return Error::Database(error),
    };
    Error::bad_input(
        Message::new(key)
            .with("path", path.display())
            .with("reason", error),
    )
}

/// The kind of network file system a path lies on, if it does: SQLite's locks cannot be relied on there.
pub(super) fn network_file_system(path: &Path) -> Option<String> {
    let folder = if path.exists() { path } else { path.parent()? };
    let folder = folder.canonicalize().ok()?;
    // Linux tells here without a system call of our own; elsewhere the question stays open.
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    network_mount(&mounts, &folder).map(str::to_owned)
}

fn network_mount<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let (_, kind) = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (place, kind) = (words.nth(1)?, words.next()?);
            let place = place.replace("\\040", " ");
            path.starts_with(&place).then_some((place.len(), kind))
        })
        .max_by_key(|(length, _)| *length)?;
    let is_network = matches!(
        kind,
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "ncpfs" | "afs" | "fuse.sshfs"
    );
    is_network.then_some(kind)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::network_mount;

    #[test]
    fn network_drives_are_known_by_their_mount() {
        let mounts = "/dev/vda / ext4 rw 0 0\nserver:/gis /mnt/gis nfs4 rw 0 0\n//nas/a /mnt/my\\040share cifs rw 0 0\n\
                      tmpfs /mnt/gis/local tmpfs rw 0 0\n";
        for (path, kind) in [
            ("/home/a/city.gpkg", None),
            ("/mnt/gis/city.gpkg", Some("nfs4")),
            ("/mnt/gis2/city.gpkg", None),
            ("/mnt/gis/local/city.gpkg", None),
            ("/mnt/my share/city.gpkg", Some("cifs")),
        ] {
            assert_eq!(network_mount(mounts, Path::new(path)), kind, "{path}");
        }
    }
}
