//! What other programs did to the features while they had the file: triggers keep what was before, and opening the project
//! makes one entry of the journal of it. It judges nothing; the rules do.
//!
//! A trigger may call only what every SQLite has, so old values are kept cell by cell as they were stored, which loses no
//! digit. Our own transactions raise a flag before they write and lower it before they commit: nobody else ever sees it
//! raised, and a crash takes it back with the rest.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};

use super::{Changed, Effects, Project, Stamp, journal, layout, meta, places};
use crate::edit::{Edit, Transaction, Update};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature};
use crate::schema::FeatureClass;
use crate::text::Message;

/// How the journal marks an entry that another program is the author of.
pub const ORIGIN: &str = "external";

/// A row without `cell` begins what happened to a row of a table; those behind it hold what its cells were.
const TABLES: &str = "
CREATE TABLE karez_outside (
  id INTEGER PRIMARY KEY,
  class TEXT NOT NULL,
  fid INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at_unix_ms INTEGER,
  cell TEXT,
  old);
CREATE TABLE karez_writing (is_karez INTEGER NOT NULL);
INSERT INTO gpkg_extensions VALUES
  ('karez_outside', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write'),
  ('karez_writing', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write');
";

pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)
}

/// Within a transaction: what is written from now on is ours.
pub(super) fn begin_own(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO karez_writing VALUES (1)")?
        .execute([])
        .map(drop)
}

/// Before the commit of that transaction.
pub(super) fn end_own(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM karez_writing")?
        .execute([])
        .map(drop)
}

const KINDS: [&str; 5] = ["insert", "replace", "update", "move", "delete"];

/// The triggers of a class. Replacing a row fires no trigger of deletion, so what an insert would replace is kept before.
pub(super) fn triggers(class: &FeatureClass) -> String {
    let key = &class.key;
    let outside = "NOT EXISTS (SELECT 1 FROM karez_writing)";
    let [stays, moves] = ["OLD.fid = NEW.fid", "OLD.fid != NEW.fid"];
    let old = |kind: &str| kept(class, kind, "OLD", "", "IS NOT NULL");
    let bodies = [
        (
            "AFTER INSERT",
            outside.to_owned(),
            begin(key, "insert", "NEW.fid", ""),
        ),
        (
            "BEFORE INSERT",
            format!("{outside} AND EXISTS (SELECT 1 FROM \"{key}\" WHERE fid = NEW.fid OR uid = NEW.uid)"),
            kept(
                class,
                "delete",
                "o",
                &format!(" FROM \"{key}\" o WHERE (o.fid = NEW.fid OR o.uid = NEW.uid)"),
                "IS NOT NULL",
            ),
        ),
        (
            "AFTER UPDATE",
            format!("{outside} AND {stays}"),
            kept(class, "update", "OLD", "", "IS NOT NEW"),
        ),
        (
            "AFTER UPDATE",
            format!("{outside} AND {moves}"),
            old("delete") + &begin(key, "insert", "NEW.fid", ""),
        ),
        ("AFTER DELETE", outside.to_owned(), old("delete")),
    ];
    let created = KINDS.iter().zip(bodies).map(|(kind, (event, condition, body))| {
        format!(
            "CREATE TRIGGER IF NOT EXISTS \"karez_{key}_outside_{kind}\" {event} ON \"{key}\" WHEN {condition} BEGIN {body} END;"
        )
    });
    created.collect::<Vec<_>>().join("\n")
}

pub(super) fn drop_triggers(class: &FeatureClass) -> String {
    let dropped = KINDS
        .iter()
        .map(|kind| format!("DROP TRIGGER IF EXISTS \"karez_{}_outside_{kind}\";", class.key));
    dropped.collect::<Vec<_>>().join("\n")
}

fn begin(key: &str, kind: &str, fid: &str, from: &str) -> String {
    format!(
        "INSERT INTO karez_outside (class, fid, kind, at_unix_ms)
         SELECT '{key}', {fid}, '{kind}', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER){from};"
    )
}

/// Statements that keep the cells of `row` which hold something, or which an update changes.
fn kept(class: &FeatureClass, kind: &str, row: &str, from: &str, test: &str) -> String {
    let key = &class.key;
    let word = if from.is_empty() { "WHERE" } else { "AND" };
    let cells = layout::columns(class).into_iter().map(|column| {
        let test = match test {
            "IS NOT NEW" => format!("IS NOT NEW.{column}"),
            other => other.to_owned(),
        };
        let name = column.trim_matches('"');
        format!(
            "INSERT INTO karez_outside (class, fid, kind, cell, old)
             SELECT '{key}', {row}.fid, '{kind}', '{name}', {row}.{column}{from} {word} {row}.{column} {test};"
        )
    });
    let begun = begin(key, kind, &format!("{row}.fid"), from);
    std::iter::once(begun).chain(cells).collect::<Vec<_>>().join("\n")
}

/// What happened to one row, in its order.
struct Event {
    kind: String,
    cells: Vec<(String, Sql)>,
}

type Place = (String, i64);
type Cells = HashMap<String, Sql>;

impl Project {
    /// Makes what other programs changed since the file was last looked at one entry of the journal, marked as external;
    /// `None` where they changed nothing. New rows get their ids.
    ///
    /// # Errors
    /// The project is read-only or being written by another program.
    pub fn take_in_outside(&mut self) -> Result<Option<Effects>> {
        self.check_writable()?;
        let is_empty = !self
            .connection
            .prepare_cached("SELECT 1 FROM karez_outside LIMIT 1")?
            .exists([])?;
        if is_empty {
            return Ok(None);
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let taken = self.take_in().and_then(|effects| {
            self.connection.execute_batch("COMMIT")?;
            Ok(effects)
        });
        if taken.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        taken.map(|effects| (!effects.changed.is_empty()).then_some(effects))
    }

    /// What other programs had changed when the project was opened.
    pub fn outside_on_opening(&self) -> &Effects {
        &self.outside
    }

    fn take_in(&self) -> Result<Effects> {
        begin_own_after_crash(&self.connection)?;
        let (events, at_unix_ms) = self.outside_events()?;
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        for ((key, fid), events) in &events {
            // A class that a newer program knows: its rows are not ours to tell.
            let Some(index) = self.schema.class_index(key) else {
                continue;
            };
            let now = self.row_now(index, *fid)?;
            let was = earlier(now.clone(), events);
            let was = was
                .map(|cells| self.feature_of_cells(index, *fid, &cells))
                .transpose()?;
            let id = match &now {
                Some(cells) => Some(self.settle_id(index, *fid, cells, was.as_ref())?),
                None => None,
            };
            if let Some(feature) = id.map(|id| self.record(index, id)).transpose()?.flatten() {
                after.insert(feature.id, feature);
            }
            if let Some(feature) = was {
                before.insert(feature.id, feature);
            }
        }
        let changed = self.told(&before, &after);
        self.connection.execute("DELETE FROM karez_outside", [])?;
        if !changed.is_empty() {
            self.write_outside(&changed, at_unix_ms)?;
        }
        end_own(&self.connection)?;
        Ok(Effects {
            changed,
            ..Effects::default()
        })
    }

    fn outside_events(&self) -> Result<(BTreeMap<Place, Vec<Event>>, u64)> {
        let mut statement = self
            .connection
            .prepare("SELECT class, fid, kind, at_unix_ms, cell, old FROM karez_outside ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut events: BTreeMap<Place, Vec<Event>> = BTreeMap::new();
        let mut latest = 0;
        while let Some(row) = rows.next()? {
            let of_row = events.entry((row.get(0)?, row.get(1)?)).or_default();
            let cell: Option<String> = row.get(4)?;
            match (cell, of_row.last_mut()) {
                (Some(cell), Some(event)) => event.cells.push((cell, row.get(5)?)),
                // Cells of nothing: somebody took rows of the list away.
                (Some(_), None) => {}
                (None, _) => {
                    latest = latest.max(row.get::<_, Option<i64>>(3)?.unwrap_or(0));
                    of_row.push(Event {
                        kind: row.get(2)?,
                        cells: Vec::new(),
                    });
                }
            }
        }
        Ok((events, latest.unsigned_abs()))
    }

    fn row_now(&self, index: ClassIndex, fid: i64) -> Result<Option<Cells>> {
        let class = self.schema.class(index);
        let columns = layout::columns(class);
        let sql = format!(
            "SELECT {} FROM \"{}\" WHERE fid = ?1",
            columns.join(", "),
            class.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([fid])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let mut cells = Cells::new();
        for (i, column) in columns.iter().enumerate() {
            cells.insert(column.trim_matches('"').to_owned(), row.get(i)?);
        }
        Ok(Some(cells))
    }

    /// A row that is no more, read as if it were in its table.
    fn feature_of_cells(&self, index: ClassIndex, fid: i64, cells: &Cells) -> Result<Feature> {
        let columns = layout::columns(self.schema.class(index));
        let marks = vec!["?"; columns.len() + 1].join(", ");
        let values = columns.iter().map(|column| {
            let cell = cells.get(column.trim_matches('"'));
            cell.cloned().unwrap_or(Sql::Null)
        });
        let values: Vec<Sql> = std::iter::once(Sql::Integer(fid)).chain(values).collect();
        Ok(self
            .connection
            .prepare_cached(&format!("SELECT {marks}"))?
            .query_row(params_from_iter(values), |row| self.feature_of_row(index, row))?)
    }

    /// A row that lost its id gets it back, and a new one gets its own.
    fn settle_id(
        &self,
        index: ClassIndex,
        fid: i64,
        now: &Cells,
        was: Option<&Feature>,
    ) -> Result<FeatureId> {
        let class = self.schema.class(index);
        if let Some(Sql::Blob(uid)) = now.get("uid")
            && let Some(id) = FeatureId::from_slice(uid)
        {
            return Ok(id);
        }
        let geometry: &[u8] = match now.get("geom") {
            Some(Sql::Blob(geometry)) => geometry,
            _ => &[],
        };
        let former = match was {
            Some(was) if self.class_of(was.id)?.is_none() => Some(was.id),
            _ => None,
        };
        let id = former.unwrap_or_else(|| self.derived_id(class, fid, geometry));
        let sql = format!("UPDATE \"{}\" SET uid = ?1 WHERE fid = ?2", class.key);
        self.connection
            .prepare_cached(&sql)?
            .execute((id.as_bytes(), fid))?;
        Ok(id)
    }

    fn told(
        &self,
        before: &BTreeMap<FeatureId, Feature>,
        after: &BTreeMap<FeatureId, Feature>,
    ) -> Vec<Changed> {
        let ids: HashSet<FeatureId> = before.keys().chain(after.keys()).copied().collect();
        let mut ids: Vec<FeatureId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.into_iter()
            .map(|id| Changed {
                before: before.get(&id).cloned(),
                after: after.get(&id).cloned(),
            })
            .filter(|changed| match (&changed.before, &changed.after) {
                (Some(a), Some(b)) => a.class != b.class || Update::between(&self.schema, a, b).is_some(),
                _ => true,
            })
            .collect()
    }

    fn write_outside(&self, changed: &[Changed], at_unix_ms: u64) -> Result<()> {
        let name = Message::new("edit.name.external").with("count", changed.len());
        let mut transaction = Transaction::new(name);
        for Changed { before, after } in changed {
            match (before, after) {
                (Some(before), Some(after)) if before.class == after.class => {
                    transaction.change(&self.schema, before, after);
                }
                (before, after) => {
                    transaction.edits.extend(before.clone().map(Edit::Delete));
                    transaction.edits.extend(after.clone().map(Edit::Insert));
                }
            }
        }
        let stamp = Stamp { who: "", at_unix_ms };
        let entry = journal::append(self, &transaction, stamp)?;
        journal::tag(&self.connection, entry, "origin", ORIGIN)?;
        let before = places::revision(&self.connection)?;
        meta::count_revision(&self.connection)?;
        places::follow(&self.connection, &self.schema, changed, &before)
    }
}

/// A flag that another program copied or left raised would hide everything that others do.
fn begin_own_after_crash(connection: &Connection) -> rusqlite::Result<()> {
    end_own(connection)?;
    begin_own(connection)
}

/// What a row was before all that happened to it.
fn earlier(now: Option<Cells>, events: &[Event]) -> Option<Cells> {
    let mut cells = now;
    for event in events.iter().rev() {
        let old = event.cells.iter().cloned();
        match event.kind.as_str() {
            "insert" => cells = None,
            "delete" => cells = Some(old.collect()),
            _ => {
                if let Some(cells) = &mut cells {
                    cells.extend(old);
                }
            }
        }
    }
    cells
}
