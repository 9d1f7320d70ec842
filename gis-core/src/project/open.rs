//! Creates project files and opens them: layout, migrations, and what other programs left undone. Data are read and
//! written elsewhere.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use tempfile::TempDir;

use super::claim::Claim;
use super::everywhere::Everywhere;
use super::{Effects, NewProject, Project, connection, journal, layout, media, meta, outside, upgrade};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::schema::{FeatureClass, Schema};
use crate::text::Message;

/// Version of our own tables. Every step up is one entry of `MIGRATIONS`.
const FORMAT: i64 = 4;

type Migration = fn(&Transaction<'_>) -> Result<()>;

/// `MIGRATIONS[i]` takes a file of format `i + 1` to `i + 2`.
const MIGRATIONS: [Migration; FORMAT as usize - 1] = [add_media, add_journal, add_outside];

/// Format 2: files attached to features.
fn add_media(transaction: &Transaction<'_>) -> Result<()> {
    media::tables::create(transaction)?;
    for class in &meta::read_schema(transaction)?.classes {
        media::tables::relate(transaction, class)?;
    }
    Ok(())
}

/// Format 3: the journal of edits, and indexes of who names whom.
fn add_journal(transaction: &Transaction<'_>) -> Result<()> {
    journal::create(transaction)?;
    for class in &meta::read_schema(transaction)?.classes {
        transaction.execute_batch(&layout::class_indexes(class))?;
    }
    Ok(())
}

/// Format 4: what other programs change is kept, and entries of the journal say where they come from.
fn add_outside(transaction: &Transaction<'_>) -> Result<()> {
    outside::create(transaction)?;
    journal::create_tags(transaction)?;
    for class in &meta::read_schema(transaction)?.classes {
        transaction.execute_batch(&outside::triggers(class))?;
    }
    Ok(())
}

fn refuse(key: &'static str, path: &Path) -> Error {
    Error::bad_input(Message::new(key).with("path", path.display()))
}

fn check_place(path: &Path) -> Result<()> {
    if let Some(kind) = connection::network_file_system(path) {
        return Err(Error::bad_input(
            Message::new("project.error.network_drive")
                .with("path", path.display())
                .with("kind", kind),
        ));
    }
    Ok(())
}

pub(super) fn create(path: &Path, new: &NewProject<'_>, temporary: Option<TempDir>) -> Result<Project> {
    if path.exists() {
        return Err(refuse("project.error.exists", path));
    }
    check_place(path)?;
    let explain = |error| connection::explain(path, error);
    let created = || -> Result<Connection> {
        let mut connection = connection::open_writable(path)?;
        connection.pragma_update(None, "application_id", layout::APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", layout::GEOPACKAGE_VERSION)?;
        let transaction = connection.transaction()?;
        write_layout(&transaction, new)?;
        transaction.commit()?;
        if temporary.is_some() {
            // Gone with the process anyway: nothing has to reach the disk.
            connection.execute_batch("PRAGMA synchronous = OFF;")?;
            connection.query_row("PRAGMA journal_mode = MEMORY", [], |_| Ok(()))?;
        } else {
            connection::start_journal(&connection)?;
        }
        Ok(connection)
    };
    let connection = match created() {
        Ok(connection) => connection,
        Err(error) => {
            // A half-made file would only be in the way; the connection is closed by now.
            if path.exists() && std::fs::remove_file(path).is_err() {
                log::warn!("{}: half-made file left behind", path.display());
            }
            return Err(match error {
                Error::Database(error) => explain(error),
                other => other,
            });
        }
    };
    let claim = match temporary {
        Some(_) => None,
        None => Some(Claim::of(path)?),
    };
    Ok(Project {
        connection,
        path: path.to_owned(),
        name: new.name.to_owned(),
        crs: new.crs.clone(),
        srs_id: srs_id(new.crs),
        schema: new.schema.clone(),
        created_unix_ms: new.created_unix_ms,
        is_read_only: false,
        is_settled: false,
        foreign_rows: HashMap::new(),
        outside: Effects::default(),
        everywhere: Everywhere::default(),
        kept: std::cell::RefCell::default(),
        claim,
        temporary,
    })
}

/// The number of a CRS in `gpkg_spatial_ref_sys`: its EPSG code, -1 for a plane of unknown place, else one of our own.
pub(super) fn srs_id(crs: &Crs) -> i32 {
    match crs.epsg {
        Some(code) => i32::try_from(code).unwrap_or(100_000),
        None if crs.is_local() => -1,
        None => 100_000,
    }
}

fn write_layout(transaction: &Transaction<'_>, new: &NewProject<'_>) -> Result<()> {
    transaction.execute_batch(layout::GEOPACKAGE_TABLES)?;
    transaction.execute_batch(layout::KAREZ_TABLES)?;
    let srs_id = srs_id(new.crs);
    let organization = if new.crs.epsg.is_some() { "EPSG" } else { "NONE" };
    transaction.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, NULL)",
        params![new.crs.name, srs_id, organization, new.crs.wkt],
    )?;
    for table in layout::KAREZ_TABLE_NAMES {
        transaction.execute(
            "INSERT INTO gpkg_extensions VALUES (?1, NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write')",
            [table],
        )?;
    }
    // Tells GDAL, and QGIS through it, to show the tables of `gpkg_contents` only, not ours.
    transaction.execute(
        "INSERT INTO gpkg_extensions
         VALUES (NULL, NULL, 'gdal_aspatial', 'http://gdal.org/geopackage_aspatial.html', 'read-write')",
        [],
    )?;
    media::tables::create(transaction)?;
    journal::create(transaction)?;
    journal::create_tags(transaction)?;
    outside::create(transaction)?;
    let now = meta::timestamp(new.created_unix_ms);
    for class in &new.schema.classes {
        add_class(transaction, class, srs_id, Some(&now))?;
    }
    meta::write_schema(transaction, new.schema)?;
    meta::write(transaction, "format", &FORMAT.to_string())?;
    meta::write(transaction, "name", new.name)?;
    meta::write(transaction, "crs", &meta::to_json(new.crs)?)?;
    meta::write(transaction, "created_unix_ms", &new.created_unix_ms.to_string())?;
    meta::write(transaction, "revision", "0")?;
    Ok(upgrade::write_version(transaction)?)
}

/// Makes the table of a class known to every reader of GeoPackages. Without a time it counts as changed now.
pub(super) fn add_class(
    transaction: &Transaction<'_>,
    class: &FeatureClass,
    srs_id: i32,
    now: Option<&str>,
) -> Result<()> {
    transaction.execute_batch(&layout::class_table(class))?;
    transaction.execute_batch(&layout::class_indexes(class))?;
    transaction.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
         VALUES (?1, 'features', ?1, ?2, coalesce(?3, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), ?4)",
        params![
            class.key,
            format!("{} {}", class.label.zh, class.label.en),
            now,
            srs_id
        ],
    )?;
    transaction.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 2, 0)",
        params![class.key, layout::geometry_type(class.geometry), srs_id],
    )?;
    create_rtree(transaction, &class.key)?;
    transaction.execute_batch(&outside::triggers(class))?;
    Ok(media::tables::relate(transaction, class)?)
}

fn create_rtree(connection: &Connection, table: &str) -> rusqlite::Result<()> {
    let rtree = layout::rtree_name(table);
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE \"{rtree}\" USING rtree(id, minx, maxx, miny, maxy);"
    ))?;
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_extensions
         VALUES (?1, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        [table],
    )?;
    connection.execute_batch(&layout::triggers(table))
}

pub(super) fn is_project(path: &Path) -> Result<bool> {
    // Through SQLite, never through `std::fs`: the file may be open in this very process.
    if !path.is_file() {
        return Err(refuse("project.error.missing", path));
    }
    let found = connection::open_read_only(path).and_then(|connection| Ok(has_our_tables(&connection)?));
    match found {
        Ok(found) => Ok(found),
        Err(Error::Database(error)) => match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => Ok(false),
            _ => Err(connection::explain(path, error)),
        },
        Err(other) => Err(other),
    }
}

fn has_our_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'table' AND name IN ('karez_meta', 'karez_schema')",
        [],
        |row| row.get(0),
    )
}

pub(super) fn open(path: &Path, is_read_only: bool) -> Result<Project> {
    if !path.is_file() {
        return Err(refuse("project.error.missing", path));
    }
    if !is_read_only {
        check_place(path)?;
    }
    let opened = open_unexplained(path, is_read_only);
    match opened {
        Err(Error::Database(error)) => Err(connection::explain(path, error)),
        other => other,
    }
}

pub(super) fn open_as_permitted(path: &Path) -> Result<(Project, Option<Message>)> {
    let error = match open(path, false) {
        Ok(project) => return Ok((project, None)),
        Err(error) => error,
    };
    let hinders_only_writing = [
        "project.error.read_only",
        "project.error.read_only_folder",
        "project.error.cannot_open",
        "project.error.network_drive",
        "project.error.busy",
        "project.error.disk_full",
        "project.error.schema_conflict",
        "project.error.table_taken",
    ]
    .contains(&error.message().key());
    if !hinders_only_writing {
        return Err(error);
    }
    // Where reading is impossible as well, the first error is the one that counts.
    match open(path, true) {
        Ok(project) => Ok((project, Some(error.message()))),
        Err(_) => Err(error),
    }
}

fn open_unexplained(path: &Path, is_read_only: bool) -> Result<Project> {
    let mut claim = None;
    let mut connection = if is_read_only {
        connection::open_read_only(path)?
    } else {
        connection::open_writable(path)?
    };
    check_identity(&connection, path)?;
    if !is_read_only {
        if connection.is_readonly("main")? {
            return Err(refuse("project.error.read_only", path));
        }
        check_folder(path)?;
        claim = Some(Claim::of(path)?);
        migrate(&mut connection, path)?;
    }
    let schema = meta::read_schema(&connection)?;
    let crs: Crs = meta::from_json("crs", &meta::require(&connection, "crs")?)?;
    check_tables(&connection, &schema)?;
    let mut project = Project {
        name: meta::require(&connection, "name")?,
        created_unix_ms: meta::require(&connection, "created_unix_ms")?
            .parse()
            .unwrap_or(0),
        srs_id: srs_id(&crs),
        crs,
        schema,
        path: path.to_owned(),
        is_read_only,
        is_settled: false,
        foreign_rows: HashMap::new(),
        outside: Effects::default(),
        everywhere: Everywhere::default(),
        kept: std::cell::RefCell::default(),
        temporary: None,
        claim,
        connection,
    };
    if is_read_only {
        project.foreign_rows = project
            .rows_without_id()?
            .into_iter()
            .map(|(c, fid, id)| (id, (c, fid)))
            .collect();
    } else {
        connection::start_journal(&project.connection)?;
        project.outside = project.take_in_outside()?.unwrap_or_default();
        project.mend()?;
    }
    Ok(project)
}

/// Refuses what is no project, is cut short, or comes from a newer program.
fn check_identity(connection: &Connection, path: &Path) -> Result<()> {
    if !has_our_tables(connection)? {
        let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let is_geopackage =
            [i64::from(layout::APPLICATION_ID), 0x4750_3130, 0x4750_3131].contains(&application);
        let key = if is_geopackage {
            "project.error.foreign_geopackage"
        } else {
            "project.error.not_a_project"
        };
        return Err(refuse(key, path));
    }
    let said = meta::require(connection, "format")?;
    let format: i64 = said.parse().unwrap_or(0);
    if format < 1 {
        return Err(Error::bad_input(
            Message::new("project.error.bad_meta")
                .with("key", "format")
                .with("reason", said),
        ));
    }
    if format > FORMAT {
        return Err(Error::bad_input(
            Message::new("project.error.newer")
                .with("path", path.display())
                .with("found", format)
                .with("known", FORMAT),
        ));
    }
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let page_bytes: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let has_log = path.with_file_name(file_name_with(path, "-wal")).exists();
    let bytes = std::fs::metadata(path)
        .map_err(|source| Error::io(path, source))?
        .len();
    if !has_log && bytes < pages.saturating_mul(page_bytes).unsigned_abs() {
        return Err(refuse("project.error.damaged", path));
    }
    Ok(())
}

/// A folder that may not be written has no room for the journal, without which nothing is written safely.
fn check_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    match tempfile::Builder::new()
        .prefix(".karez-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            Err(refuse("project.error.disk_full", path))
        }
        Err(error) => Err(Error::bad_input(
            Message::new("project.error.read_only_folder")
                .with("path", path.display())
                .with("reason", error),
        )),
    }
}

fn file_name_with(path: &Path, suffix: &str) -> std::ffi::OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    name
}

/// Our own tables and the schema as this program knows them. All steps or none: a file must not stop half-way.
fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let found: i64 = meta::require(connection, "format")?.parse().unwrap_or(i64::MAX);
    let is_current = upgrade::is_current(connection)?;
    if found >= FORMAT && is_current {
        return Ok(());
    }
    log::info!("{}: brought up to date from format {found}", path.display());
    let transaction = connection.transaction()?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found - 1).unwrap_or(0)) {
        migration(&transaction)?;
    }
    meta::write(&transaction, "format", &FORMAT.to_string())?;
    if !is_current {
        upgrade::upgrade(&transaction)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Every class needs its table with its columns; further columns, as other programs add them, are left alone.
fn check_tables(connection: &Connection, schema: &Schema) -> Result<()> {
    let mut statement = connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
    for class in &schema.classes {
        let found: HashSet<String> = statement
            .query_map([&class.key], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if found.is_empty() {
            return Err(Error::bad_input(
                Message::new("project.error.missing_table").with("table", &class.key),
            ));
        }
        let wanted = layout::columns(class);
        let missing = wanted
            .iter()
            .map(|c| c.trim_matches('"'))
            .chain(["fid"])
            .find(|c| !found.contains(&c.to_lowercase()));
        if let Some(column) = missing {
            return Err(Error::bad_input(
                Message::new("project.error.missing_column")
                    .with("table", &class.key)
                    .with("column", column),
            ));
        }
    }
    Ok(())
}

impl Project {
    /// Puts right what other programs leave behind: rows without id, a spatial index they dropped.
    fn mend(&mut self) -> Result<()> {
        let rows = self.rows_without_id()?;
        let without_index = self.tables_without_index()?;
        if rows.is_empty() && without_index.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        outside::begin_own(&transaction)?;
        for table in &without_index {
            log::warn!("{}: spatial index of {table} is made anew", self.path.display());
            transaction.execute_batch(&layout::drop_triggers(table))?;
            transaction.execute_batch(&format!(
                "DROP TABLE IF EXISTS \"{}\";",
                layout::rtree_name(table)
            ))?;
            create_rtree(&transaction, table)?;
            transaction.execute(&layout::fill_rtree(table), [i64::MIN])?;
        }
        for class in &self.schema.classes {
            transaction.execute_batch(&layout::class_indexes(class))?;
            transaction.execute_batch(&outside::triggers(class))?;
        }
        for (class, fid, id) in &rows {
            let class: &FeatureClass = self.schema.class(*class);
            let sql = format!(
                "UPDATE \"{}\" SET uid = ?1 WHERE fid = ?2 AND uid IS NULL",
                class.key
            );
            transaction
                .prepare_cached(&sql)?
                .execute(params![id.as_bytes(), fid])?;
        }
        meta::count_revision(&transaction)?;
        outside::end_own(&transaction)?;
        transaction.commit()?;
        if !rows.is_empty() {
            log::info!(
                "{}: {} rows of other programs got their ids",
                self.path.display(),
                rows.len()
            );
        }
        Ok(())
    }

    fn tables_without_index(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare(
            "SELECT (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1)
                  + (SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN (?1 || '_insert', ?1 || '_delete'))",
        )?;
        let mut tables = Vec::new();
        for class in &self.schema.classes {
            let found: i64 = statement.query_row([layout::rtree_name(&class.key)], |row| row.get(0))?;
            if found < 3 {
                tables.push(class.key.clone());
            }
        }
        Ok(tables)
    }

    fn rows_without_id(&self) -> Result<Vec<(ClassIndex, i64, FeatureId)>> {
        let mut rows = Vec::new();
        for index in self.schema.class_indices() {
            let class = self.schema.class(index);
            let sql = format!("SELECT fid, geom FROM \"{}\" WHERE uid IS NULL", class.key);
            let mut statement = self.connection.prepare(&sql)?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let fid: i64 = row.get(0)?;
                rows.push((
                    index,
                    fid,
                    self.derived_id(class, fid, row.get_ref(1)?.as_blob().unwrap_or_default()),
                ));
            }
        }
        Ok(rows)
    }

    /// The id of a row that came without one. It follows from what the row holds, so that it is the same whether the
    /// file is read or mended, and in every copy of the file.
    pub(super) fn derived_id(&self, class: &FeatureClass, fid: i64, geometry: &[u8]) -> FeatureId {
        // FNV-1a with 128 bits, of which a UUIDv7 has room for 74.
        let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
        let parts = [
            self.name.as_bytes(),
            class.key.as_bytes(),
            &fid.to_le_bytes(),
            geometry,
        ];
        for byte in parts.into_iter().flatten() {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        let bits = (u128::from(self.created_unix_ms & 0xffff_ffff_ffff) << 80)
            | (0x7 << 76)
            | ((hash >> 116) << 64)
            | (0b10 << 62)
            | (hash & 0x3fff_ffff_ffff_ffff);
        FeatureId(uuid::Uuid::from_u128(bits))
    }
}

/// The newest time stamp in ids, as the time of the last change; this crate has no clock.
pub(super) fn unix_ms_of(id: FeatureId) -> u64 {
    (id.0.as_u128() >> 80) as u64
}

pub(super) fn max_fid(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    connection
        .query_row(&format!("SELECT max(fid) FROM \"{table}\""), [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .optional()
        .map(|fid| fid.flatten().unwrap_or(i64::MIN))
}
