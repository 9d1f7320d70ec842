//! The project file: a GeoPackage with one table per feature class and our own tables beside them. It draws nothing,
//! imports nothing and knows no analysis; `io` fills it, `network` is the snapshot it hands out.
//!
//! One connection writes a file. Nothing else in the process may open or copy the file while it is open (POSIX locks
//! are lost when any descriptor of it is closed); [`Project::backup_to`] copies it.

mod address;
mod bulk;
mod claim;
mod columns;
mod connection;
mod edits;
mod engineering;
mod everywhere;
mod functions;
mod gpb;
mod journal;
mod kept;
mod layout;
mod media;
mod meta;
mod open;
mod outside;
mod places;
mod records;
mod references;
mod reshape;
mod row;
mod rtree;
mod samples;
mod select;
mod snapshot;
mod summary;
mod update;
mod upgrade;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use tempfile::TempDir;

pub use bulk::BulkWriter;
pub use columns::{Column, ColumnRow, Columns};
pub use edits::{Changed, EditSession, Effects, Stamp};
pub use engineering::{ChangeKind, Engineering, EngineeringChange, EngineeringPlan, Material, Stage};
pub use journal::{Baseline, Entry, History, Trace};
pub(crate) use kept::{CodedColumn, KeptColumns};
pub(crate) use media::check_size;
pub use media::{Attachment, LARGEST_BYTES, MediaInfo, NewMedia};
pub use outside::ORIGIN as EXTERNAL;
pub(crate) use places::{PlaceRow, words};
pub use reshape::{SchemaEffect, SchemaEffectKind};
pub(crate) use select::{Selected, Selection};
pub use summary::Summary;

use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::issue::{Issue, Issues, Severity};
use crate::model::ClassIndex;
use crate::schema::Schema;
use crate::text::Message;

/// What a new project starts with.
#[derive(Debug, Clone, Copy)]
pub struct NewProject<'a> {
    pub name: &'a str,
    pub crs: &'a Crs,
    pub schema: &'a Schema,
    /// The present time in milliseconds, as this crate has no clock.
    pub created_unix_ms: u64,
}

/// An open project file.
#[derive(Debug)]
pub struct Project {
    connection: Connection,
    path: PathBuf,
    name: String,
    crs: Crs,
    srs_id: i32,
    schema: Schema,
    created_unix_ms: u64,
    is_read_only: bool,
    is_settled: bool,
    /// Rows that another program added without an id, in a file that is open for reading only: the ids they would get.
    foreign_rows: HashMap<FeatureId, (ClassIndex, i64)>,
    /// What other programs had changed when it was opened.
    outside: Effects,
    everywhere: everywhere::Everywhere,
    /// Behind a cell, as who asks does not change the project.
    kept: RefCell<kept::Kept>,
    /// Dropped after the connection; none where nothing is written, or nobody else can know the file.
    #[expect(dead_code, reason = "held, not read")]
    claim: Option<claim::Claim>,
    /// Dropped after the connection, with the file in it.
    temporary: Option<TempDir>,
}

#[cfg(test)]
impl Project {
    /// A number of SQLite's own about the file.
    pub(crate) fn pragma(&self, name: &str) -> i64 {
        let sql = format!("PRAGMA {name}");
        self.connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// Does to the file what only another program would do.
    pub(crate) fn execute(&self, sql: &str, values: impl rusqlite::Params) {
        self.connection.execute(sql, values).unwrap();
    }

    pub(crate) fn set_pragma(&self, name: &str, value: i64) {
        let sql = format!("PRAGMA {name} = {value}");
        self.connection.execute_batch(&sql).unwrap();
    }
}

impl Project {
    /// Makes a new project file.
    ///
    /// # Errors
    /// `BadInput` when the file exists already, or its place cannot be written or lies on a network drive.
    pub fn create(path: impl AsRef<Path>, new: &NewProject<'_>) -> Result<Self> {
        open::create(path.as_ref(), new, None)
    }

    /// A project that lives as long as this value, in the system's folder for temporary files.
    pub fn temporary(new: &NewProject<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("karez-")
            .tempdir()
            .map_err(|source| Error::io("tmp", source))?;
        let path = folder.path().join("temporary.gpkg");
        open::create(&path, new, Some(folder))
    }

    /// Opens a project for reading and writing. Rows that other programs added get their ids, and R-tree triggers that
    /// they removed come back. What the program's schema has and the project's lacks is added to it.
    ///
    /// # Errors
    /// `BadInput` when the file is missing, no project, damaged, of a newer program, read-only, or on a network drive, and
    /// when the project has something else under the name of what is to be added.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        open::open(path.as_ref(), false)
    }

    /// Opens a project without the right to change it. See [`Project::open`] for errors.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self> {
        open::open(path.as_ref(), true)
    }

    /// Opens a project for writing where the file and its folder permit it, else for reading only, with the reason.
    ///
    /// # Errors
    /// As for [`Project::open`], but for what only hinders writing.
    pub fn open_as_permitted(path: impl AsRef<Path>) -> Result<(Self, Option<Message>)> {
        open::open_as_permitted(path.as_ref())
    }

    /// Whether the file is one of ours, of whatever version. Files of other kinds are `false`, not errors.
    ///
    /// # Errors
    /// `BadInput` when the file is missing or cannot be read.
    pub fn is_project(path: impl AsRef<Path>) -> Result<bool> {
        open::is_project(path.as_ref())
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn created_unix_ms(&self) -> u64 {
        self.created_unix_ms
    }

    pub fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Lives only as long as this value.
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Reads the whole file and tells what SQLite finds damaged in it, at most a hundred findings. Takes seconds for a
    /// large file.
    ///
    /// # Errors
    /// The file is damaged beyond reading.
    pub fn damage(&self) -> Result<Issues> {
        let explain = |error| connection::explain(&self.path, error);
        let mut statement = self
            .connection
            .prepare("PRAGMA quick_check(100)")
            .map_err(explain)?;
        let mut rows = statement.query([]).map_err(explain)?;
        let mut issues = Issues::default();
        while let Some(row) = rows.next().map_err(explain)? {
            let found: String = row.get(0).map_err(explain)?;
            if found != "ok" {
                let message = Message::new("project.damage").with("reason", found);
                issues.push(Issue::new(Severity::Error, message));
            }
        }
        Ok(issues)
    }

    /// Starts to write many features in one transaction; dropping the writer takes everything back.
    pub fn begin_bulk(&mut self) -> Result<BulkWriter<'_>> {
        self.check_writable()?;
        BulkWriter::begin(self)
    }

    /// Copies the project as it stands, without disturbing it, to a file that must not exist yet.
    pub fn backup_to(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if path.exists() {
            return Err(Error::bad_input(
                Message::new("project.error.exists").with("path", path.display()),
            ));
        }
        let copy = || -> rusqlite::Result<()> {
            let mut target = Connection::open(path)?;
            Backup::new(&self.connection, &mut target)?.run_to_completion(4096, Duration::ZERO, None)?;
            // The copy inherits the write-ahead mode of an open project; it must be a single file.
            connection::settle_journal(&target)
        };
        copy().map_err(|error| connection::explain(path, error))
    }

    /// Closes the project; the file is then a single, interchangeable GeoPackage.
    pub fn close(mut self) -> Result<()> {
        self.settle()
            .map_err(|error| connection::explain(&self.path, error))
    }

    fn settle(&mut self) -> rusqlite::Result<()> {
        if self.is_settled || self.is_read_only || self.is_temporary() {
            return Ok(());
        }
        self.is_settled = true;
        connection::settle_journal(&self.connection)
    }

    fn check_writable(&self) -> Result<()> {
        if self.is_read_only {
            return Err(Error::bad_input(
                Message::new("project.error.read_only").with("path", self.path.display()),
            ));
        }
        Ok(())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Err(error) = self.settle() {
            // Data are safe in the write-ahead file; the next open joins it.
            log::warn!("{}: {error}", self.path.display());
        }
    }
}
