//! Writes many features in one transaction, with the indexes filled once at the end. It checks that a row can be stored,
//! not that it makes sense.

use rusqlite::{Connection, Statement};

use super::edits::widen_contents;
use super::open::{max_fid, unix_ms_of};
use super::{Project, connection, layout, meta, outside, row, rtree};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Geometry};
use crate::text::Message;

/// One transaction over many inserts. Dropping it without [`BulkWriter::finish`] leaves the project as it was.
pub struct BulkWriter<'p> {
    project: &'p Project,
    classes: Vec<Option<OpenClass<'p>>>,
    /// The newest id written.
    newest: Option<FeatureId>,
    blob: Vec<u8>,
    is_finished: bool,
}

struct OpenClass<'p> {
    insert: Statement<'p>,
    fid_before: i64,
    bounds: Option<[f64; 4]>,
    /// Boxes for an R-tree that was empty; `None` where it was not, or there are too many to hold.
    boxes: Option<Vec<rtree::Entry>>,
}

/// Beyond this, boxes are not held in memory (24 bytes each) but read back at the end.
const MAX_BOXES: usize = 20_000_000;

impl<'p> BulkWriter<'p> {
    pub(super) fn begin(project: &'p Project) -> Result<Self> {
        let connection = &project.connection;
        if !project.is_temporary() {
            // New pages at the end of a file need no journal in the old mode, but go to the disk twice in WAL. Another
            // reader of the file keeps it in WAL, which is slower and no less right.
            let mode = connection.query_row("PRAGMA journal_mode = TRUNCATE", [], |row| {
                row.get::<_, String>(0)
            });
            log::debug!("journal for bulk writing: {mode:?}");
        }
        // Made first, so that leaving by the next line restores the journal.
        let writer = Self {
            project,
            classes: project.schema.classes.iter().map(|_| None).collect(),
            newest: None,
            blob: Vec::new(),
            is_finished: false,
        };
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|e| connection::explain(&project.path, e))?;
        Ok(writer)
    }

    /// Adds a feature.
    ///
    /// # Errors
    /// `BadInput` when the feature does not fit its class: another number of values, a value or geometry of another
    /// type, coordinates that are no numbers. The writer stays usable: the feature is not written.
    pub fn insert(&mut self, feature: &Feature) -> Result<()> {
        let project = self.project;
        let class = row::check(project, feature)?;
        let position = usize::from(feature.class.0);
        if self.classes[position].is_none() {
            self.classes[position] = Some(OpenClass::open(project, feature.class)?);
        }
        let Some(open) = &mut self.classes[position] else {
            return Ok(());
        };
        let insert = &mut open.insert;
        row::bind(insert, project.srs_id, class, feature, &mut self.blob)?;
        insert.raw_execute().map_err(|error| explain(project, error))?;
        if let Some(geometry) = &feature.geometry {
            open.add_box(project.connection.last_insert_rowid(), geometry);
        }
        if self
            .newest
            .is_none_or(|newest| unix_ms_of(newest) < unix_ms_of(feature.id))
        {
            self.newest = Some(feature.id);
        }
        Ok(())
    }

    /// Keeps a text under a name in the same transaction; see [`Project::store_document`].
    pub fn store_document(&self, name: &str, text: &str) -> Result<()> {
        meta::put_document(&self.project.connection, name, text)
    }

    /// Fills the indexes and commits.
    ///
    /// # Errors
    /// `BadInput` when an id is there twice or the disk is full; nothing is written then.
    pub fn finish(mut self) -> Result<()> {
        let project = self.project;
        let connection = &project.connection;
        for (position, open) in std::mem::take(&mut self.classes).into_iter().enumerate() {
            let Some(open) = open else { continue };
            let class = &project.schema.classes[position];
            drop(open.insert);
            let fill = || -> rusqlite::Result<()> {
                match &open.boxes {
                    Some(boxes) => rtree::fill_empty(connection, &class.key, boxes)?,
                    None => {
                        connection.execute(&layout::fill_rtree(&class.key), [open.fid_before])?;
                    }
                }
                connection.execute_batch(&layout::triggers(&class.key))?;
                connection.execute_batch(&outside::triggers(class))?;
                connection.execute_batch(&layout::class_indexes(class))?;
                let changed_at = self.newest.map(|id| meta::timestamp(unix_ms_of(id)));
                widen_contents(connection, &class.key, open.bounds, changed_at.as_deref())
            };
            fill().map_err(|error| explain(project, error))?;
        }
        if self.newest.is_some() {
            meta::count_revision(connection)?;
        }
        connection
            .execute_batch("COMMIT")
            .map_err(|error| explain(project, error))?;
        self.is_finished = true;
        Ok(())
    }
}

fn explain(project: &Project, error: rusqlite::Error) -> Error {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) {
        return Error::bad_input(Message::new("project.error.duplicate_id").with("reason", error));
    }
    connection::explain(&project.path, error)
}

impl Drop for BulkWriter<'_> {
    fn drop(&mut self) {
        self.classes.clear();
        let connection = &self.project.connection;
        if !self.is_finished
            && !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            log::warn!("rollback: {error}");
        }
        if !self.project.is_temporary()
            && let Err(error) = connection::start_journal(connection)
        {
            log::warn!("{}: {error}", self.project.path.display());
        }
    }
}

impl<'p> OpenClass<'p> {
    fn open(project: &'p Project, index: ClassIndex) -> Result<Self> {
        let connection: &'p Connection = &project.connection;
        let class = project.schema.class(index);
        let fid_before = max_fid(connection, &class.key)?;
        connection.execute_batch(&layout::drop_triggers(&class.key))?;
        connection.execute_batch(&outside::drop_triggers(class))?;
        if fid_before == i64::MIN {
            // Sorting all keys at the end is several times faster than keeping them sorted.
            connection.execute_batch(&layout::drop_class_indexes(class))?;
        }
        let is_empty = fid_before == i64::MIN && rtree::is_empty(connection, &class.key)?;
        Ok(Self {
            insert: connection.prepare(&layout::insert_row(class))?,
            fid_before,
            bounds: None,
            boxes: is_empty.then(Vec::new),
        })
    }

    fn add_box(&mut self, fid: i64, geometry: &Geometry) {
        let vertices = match geometry {
            Geometry::Point(p) => std::slice::from_ref(p),
            Geometry::Line(line) => line,
        };
        let Some(first) = vertices.first() else { return };
        let mut b = [first[0], first[1], first[0], first[1]];
        for p in vertices {
            b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
        }
        let all = self.bounds.get_or_insert(b);
        *all = [
            all[0].min(b[0]),
            all[1].min(b[1]),
            all[2].max(b[2]),
            all[3].max(b[3]),
        ];
        match &mut self.boxes {
            Some(boxes) if boxes.len() < MAX_BOXES => boxes.push(rtree::Entry::new(fid, b)),
            boxes => *boxes = None,
        }
    }
}
