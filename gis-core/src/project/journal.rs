//! The journal: every transaction ever committed, as a tree. Undoing moves the project to the parent of an entry, a new
//! edit there begins a branch, and no branch is ever dropped. It interprets no edit.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Effects, Project, Stamp, connection, meta};
use crate::edit::{Cell, Content, Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::Value;
use crate::schema::Schema;
use crate::text::Message;

/// Entry 0 is the project before its first edit. `next` is the branch that redo follows. `karez_journal_step` keeps
/// who moved through the tree and when, for the history of a feature.
const TABLES: &str = "
CREATE TABLE karez_journal (
  id INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES karez_journal (id),
  next INTEGER,
  name TEXT NOT NULL,
  who TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  edits TEXT NOT NULL);
CREATE TABLE karez_journal_feature (
  feature_id BLOB(16) NOT NULL,
  entry INTEGER NOT NULL REFERENCES karez_journal (id),
  PRIMARY KEY (feature_id, entry)) WITHOUT ROWID;
CREATE TABLE karez_journal_step (
  id INTEGER PRIMARY KEY,
  from_entry INTEGER NOT NULL,
  to_entry INTEGER NOT NULL,
  who TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL);
INSERT INTO karez_journal VALUES (0, NULL, NULL, '', '', 0, '[]');
INSERT INTO karez_meta VALUES ('journal_position', '0');
INSERT INTO gpkg_extensions VALUES
  ('karez_journal', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write'),
  ('karez_journal_feature', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write'),
  ('karez_journal_step', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write');
";

/// What else is known of an entry: where it came from, what it belongs to.
const TAGS: &str = "
CREATE TABLE karez_journal_tag (
  entry INTEGER NOT NULL REFERENCES karez_journal (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (entry, key)) WITHOUT ROWID;
INSERT INTO gpkg_extensions VALUES
  ('karez_journal_tag', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write');
";

pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)
}

pub(super) fn create_tags(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TAGS)
}

/// Says something more of an entry; within its transaction of SQLite.
pub(super) fn tag(connection: &Connection, entry: i64, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO karez_journal_tag VALUES (?1, ?2, ?3)")?
        .execute(params![entry, key, value])
        .map(drop)
}

pub(super) fn tags(connection: &Connection, key: &str) -> rusqlite::Result<HashMap<i64, String>> {
    let is_there = connection
        .prepare_cached("SELECT 1 FROM sqlite_master WHERE name = 'karez_journal_tag'")?
        .exists([])?;
    if !is_there {
        // A file of format 3, open for reading only.
        return Ok(HashMap::new());
    }
    connection
        .prepare_cached("SELECT entry, value FROM karez_journal_tag WHERE key = ?1")?
        .query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// One transaction of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub number: i64,
    /// The entry it was made on; 0 is the project before its first edit.
    pub parent: i64,
    pub name: Message,
    pub who: String,
    pub at_unix_ms: u64,
    /// Part of what the project is now, rather than undone or on another branch.
    pub is_in_force: bool,
    /// Where it came from, if not from this program: [`super::EXTERNAL`].
    pub origin: Option<String>,
    /// Number of the engineering project it was made for.
    pub engineering: Option<String>,
}

/// The tree of entries in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    pub entries: Vec<Entry>,
    /// The entry the project stands at; 0 before the first.
    pub position: i64,
}

/// What one transaction did to a feature.
#[derive(Debug, Clone)]
pub struct Trace {
    pub entry: Entry,
    /// The edits of that feature alone.
    pub edits: Transaction,
}

/// Adds an entry behind the present one and moves there; within a transaction of SQLite. The number of the entry.
pub(super) fn append(project: &Project, transaction: &Transaction, stamp: Stamp<'_>) -> Result<i64> {
    let connection = &project.connection;
    let parent = position(connection)?;
    connection
        .prepare_cached(
            "INSERT INTO karez_journal (parent, name, who, at_unix_ms, edits) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            parent,
            meta::to_json(&transaction.name)?,
            stamp.who,
            stamp.at_unix_ms as i64,
            transaction.to_json(&project.schema)?,
        ])?;
    let entry = connection.last_insert_rowid();
    let mut of_feature =
        connection.prepare_cached("INSERT OR IGNORE INTO karez_journal_feature VALUES (?1, ?2)")?;
    for edit in &transaction.edits {
        of_feature.execute(params![edit.id().as_bytes(), entry])?;
    }
    set_next(connection, parent, entry)?;
    set_position(connection, entry)?;
    Ok(entry)
}

/// Moves the position; within a transaction of SQLite, in which the edits in between have been done. Redo will follow
/// the way back.
pub(super) fn move_to(project: &Project, to: i64, stamp: Stamp<'_>) -> Result<()> {
    let connection = &project.connection;
    let from = position(connection)?;
    // Entries that both states follow on lead to the first of them already.
    let (back, forward) = way_between(connection, from, to)?;
    for entry in back.into_iter().chain(forward) {
        if let Some(parent) = parent_of(connection, entry)? {
            set_next(connection, parent, entry)?;
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO karez_journal_step (from_entry, to_entry, who, at_unix_ms) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![from, to, stamp.who, stamp.at_unix_ms as i64])?;
    Ok(set_position(connection, to)?)
}

fn position(connection: &Connection) -> Result<i64> {
    let said = meta::require(connection, "journal_position")?;
    said.parse().map_err(|_| {
        Error::bad_input(
            Message::new("project.error.bad_meta")
                .with("key", "journal_position")
                .with("reason", said),
        )
    })
}

fn set_position(connection: &Connection, entry: i64) -> rusqlite::Result<()> {
    meta::write(connection, "journal_position", &entry.to_string())
}

fn set_next(connection: &Connection, entry: i64, next: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE karez_journal SET next = ?2 WHERE id = ?1")?
        .execute([entry, next])
        .map(drop)
}

/// The entry that one follows; `None` of the beginning. An entry that claims to follow a later one would go round for
/// ever.
fn parent_of(connection: &Connection, entry: i64) -> Result<Option<i64>> {
    if entry == 0 {
        return Ok(None);
    }
    let parent: Option<i64> = connection
        .prepare_cached("SELECT parent FROM karez_journal WHERE id = ?1")?
        .query_row([entry], |row| row.get(0))
        .optional()?
        .flatten();
    match parent {
        Some(parent) if parent < entry => Ok(Some(parent)),
        _ => Err(unknown(entry)),
    }
}

/// The entries to take back from one state, and those to do again towards another, each from its state to the entry that
/// both follow on. An entry has a greater number than the one it follows, so the way is as long as what lies between.
fn way_between(connection: &Connection, from: i64, to: i64) -> Result<(Vec<i64>, Vec<i64>)> {
    let (mut back, mut forward) = (Vec::new(), Vec::new());
    let (mut a, mut b) = (from, to);
    while a != b {
        let (way, at) = if a > b {
            (&mut back, &mut a)
        } else {
            (&mut forward, &mut b)
        };
        way.push(*at);
        *at = parent_of(connection, *at)?.ok_or_else(|| unknown(*at))?;
    }
    Ok((back, forward))
}

/// An entry and those it builds on, down to 0.
fn ancestors(connection: &Connection, entry: i64) -> Result<Vec<i64>> {
    let mut way = vec![entry];
    let mut at = entry;
    while let Some(parent) = parent_of(connection, at)? {
        way.push(parent);
        at = parent;
    }
    Ok(way)
}

fn unknown(entry: i64) -> Error {
    Error::bad_input(Message::new("edit.error.unknown_entry").with("entry", entry))
}

/// Values that have been changed since, as they were.
#[derive(Debug, Default)]
pub struct Baseline {
    values: HashMap<(FeatureId, String), Value>,
}

impl Baseline {
    /// What a field was; `None` where it has not been changed since.
    pub fn value(&self, id: FeatureId, field: &str) -> Option<&Value> {
        self.values.get(&(id, field.to_owned()))
    }

    fn follow(&mut self, schema: &Schema, transaction: &Transaction) {
        for edit in &transaction.edits {
            let Edit::Update(update) = edit else { continue };
            for change in &update.cells {
                if let (Cell::Field(at), Content::Value(old)) = (change.cell, &change.old) {
                    let key = schema.class(update.class).fields[at].key.clone();
                    // The first change tells what it was.
                    self.values.entry((update.id, key)).or_insert_with(|| old.clone());
                }
            }
        }
    }
}

impl Project {
    /// A file of an older format, open for reading only, has no journal yet.
    fn has_journal(&self) -> Result<bool> {
        Ok(meta::read(&self.connection, "journal_position")?.is_some())
    }

    /// All that was ever done to the project by transactions.
    pub fn history(&self) -> Result<History> {
        if !self.has_journal()? {
            return Ok(History::default());
        }
        let position = position(&self.connection)?;
        let in_force: std::collections::HashSet<i64> =
            ancestors(&self.connection, position)?.into_iter().collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT id, parent, name, who, at_unix_ms FROM karez_journal WHERE id > 0 ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        let mut entries = Vec::new();
        let mut origins = tags(&self.connection, "origin")?;
        let mut engineering = tags(&self.connection, "engineering")?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            entries.push(Entry {
                number,
                parent: row.get(1)?,
                name: meta::from_json("karez_journal", &row.get::<_, String>(2)?)?,
                who: row.get(3)?,
                at_unix_ms: row.get::<_, i64>(4)?.unsigned_abs(),
                is_in_force: in_force.contains(&number),
                origin: origins.remove(&number),
                engineering: engineering.remove(&number),
            });
        }
        Ok(History { entries, position })
    }

    /// The transaction of an entry.
    ///
    /// # Errors
    /// There is no such entry, or it cannot be read.
    pub fn journaled(&self, entry: i64) -> Result<Transaction> {
        let found: Option<(String, String)> = self
            .connection
            .prepare_cached("SELECT name, edits FROM karez_journal WHERE id = ?1 AND id > 0")?
            .query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (name, edits) = found.ok_or_else(|| unknown(entry))?;
        Transaction::from_json(&self.schema, meta::from_json("karez_journal", &name)?, &edits)
    }

    /// The entry that the project stands at, and when it was made; both 0 where nothing was done yet.
    pub fn standing(&self) -> Result<(i64, i64)> {
        if !self.has_journal()? {
            return Ok((0, 0));
        }
        let entry = position(&self.connection)?;
        Ok((entry, self.made_at(entry)?.unwrap_or_default()))
    }

    fn made_at(&self, entry: i64) -> Result<Option<i64>> {
        if entry == 0 {
            return Ok(Some(0));
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT at_unix_ms FROM karez_journal WHERE id = ?1")?;
        Ok(statement.query_row([entry], |row| row.get(0)).optional()?)
    }

    /// What was otherwise when the project stood at an entry that was made at that time; `None` where it never did.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub fn baseline(&self, entry: i64, at_unix_ms: i64) -> Result<Option<Baseline>> {
        if !self.has_journal()? || self.made_at(entry)? != Some(at_unix_ms) {
            return Ok(None);
        }
        let (back, forward) = way_between(&self.connection, entry, position(&self.connection)?)?;
        let mut baseline = Baseline::default();
        for number in back {
            baseline.follow(&self.schema, &self.journaled(number)?.inverse());
        }
        for number in forward.into_iter().rev() {
            baseline.follow(&self.schema, &self.journaled(number)?);
        }
        Ok(Some(baseline))
    }

    /// What happened to one feature, oldest first, undone transactions included.
    pub fn history_of(&self, id: FeatureId) -> Result<Vec<Trace>> {
        let history = self.history()?;
        if history.entries.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT entry FROM karez_journal_feature WHERE feature_id = ?1 ORDER BY entry")?;
        let numbers: Vec<i64> = statement
            .query_map([id.as_bytes()], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut traces = Vec::with_capacity(numbers.len());
        for number in numbers {
            let Ok(place) = history.entries.binary_search_by_key(&number, |e| e.number) else {
                return Err(unknown(number));
            };
            let mut edits = self.journaled(number)?;
            edits.edits.retain(|edit| edit.id() == id);
            traces.push(Trace {
                entry: history.entries[place].clone(),
                edits,
            });
        }
        Ok(traces)
    }

    /// Takes the last transaction back.
    ///
    /// # Errors
    /// `Refused` where nothing is left to undo; `BadInput` where something was changed from outside meanwhile. Nothing
    /// is changed then.
    pub fn undo(&mut self, stamp: Stamp<'_>) -> Result<Effects> {
        self.check_writable()?;
        let Some(parent) = parent_of(&self.connection, position(&self.connection)?)? else {
            return Err(Error::Refused(Message::new("edit.error.nothing_to_undo")));
        };
        self.jump_to(parent, stamp)
    }

    /// Does again what was undone last.
    ///
    /// # Errors
    /// As for [`Project::undo`].
    pub fn redo(&mut self, stamp: Stamp<'_>) -> Result<Effects> {
        self.check_writable()?;
        let at = position(&self.connection)?;
        let next: Option<i64> = self
            .connection
            .prepare_cached("SELECT next FROM karez_journal WHERE id = ?1")?
            .query_row([at], |row| row.get(0))
            .optional()?
            .flatten();
        match next {
            Some(next) => self.jump_to(next, stamp),
            None => Err(Error::Refused(Message::new("edit.error.nothing_to_redo"))),
        }
    }

    /// Brings the project to the state after any entry, also of another branch: back to where the branches part, and
    /// forward from there, in one step. Entry 0 is the project before its first edit.
    ///
    /// # Errors
    /// As for [`Project::undo`], and where there is no such entry.
    pub fn jump_to(&mut self, entry: i64, stamp: Stamp<'_>) -> Result<Effects> {
        let mut session = self.begin_edit()?;
        let (back, forward) = {
            let project = session.project();
            let explain = |error| connection::explain(&project.path, error);
            let known: bool = project
                .connection
                .prepare_cached("SELECT 1 FROM karez_journal WHERE id = ?1")
                .and_then(|mut s| s.exists([entry]))
                .map_err(explain)?;
            if !known {
                return Err(unknown(entry));
            }
            let at = position(&project.connection)?;
            if at == entry {
                return Ok(Effects::default());
            }
            way_between(&project.connection, at, entry)?
        };
        for number in back {
            session.take_back_entry(number)?;
        }
        for number in forward.into_iter().rev() {
            session.repeat_entry(number)?;
        }
        session.commit_move(entry, stamp)
    }
}
