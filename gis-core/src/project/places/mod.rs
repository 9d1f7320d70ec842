//! 定位索引: a full-text index of names, addresses, roads and accounts in the project file, kept in step by every commit.
//! It ranks nothing; `locate` does. A file that cannot be written gets an index that lives as long as it is open.

mod words;

use std::collections::HashSet;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

use super::{Changed, Project, meta};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature};
use crate::progress::Progress;
use crate::schema::{FeatureClass, Schema};
use crate::text::Message;
pub(crate) use words::words;

/// Another form of the index than this is made anew.
const VERSION: i64 = 1;
/// Fields whose texts are found; each is a column of the index. Roads are found once, not once a pipe.
const FIELDS: [&str; 4] = ["name", "address", "customer_code", "phone"];
const ROAD: &str = "road";

/// `raw` holds a road as it is written, the other texts are kept as words.
fn tables(database: &str) -> String {
    format!(
        "CREATE TABLE {database}.karez_place (
           id INTEGER PRIMARY KEY, uid BLOB, class TEXT, raw TEXT,
           name TEXT, address TEXT, customer_code TEXT, phone TEXT, road TEXT);
         CREATE INDEX {database}.karez_place_uid ON karez_place (uid) WHERE uid IS NOT NULL;
         CREATE UNIQUE INDEX {database}.karez_place_road ON karez_place (raw) WHERE raw IS NOT NULL;
         CREATE TABLE {database}.karez_place_state (version INTEGER NOT NULL, revision TEXT NOT NULL);
         CREATE VIRTUAL TABLE {database}.karez_place_words USING fts5(
           name, address, customer_code, phone, road, content = 'karez_place', content_rowid = 'id',
           tokenize = 'unicode61 remove_diacritics 0', columnsize = 0);"
    )
}

const TABLES: [&str; 3] = ["karez_place_words", "karez_place_state", "karez_place"];

/// What a search finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlaceRow {
    Feature(ClassIndex, FeatureId),
    Road(String),
}

impl Project {
    /// Whether the index of places is there and in step with the data.
    ///
    /// # Errors
    /// The project cannot be read.
    pub fn has_places(&self) -> Result<bool> {
        is_in_step(&self.connection)
    }

    /// Makes the index of places where there is none, or where it is not in step. Takes seconds for a large city; what
    /// is edited later is followed.
    ///
    /// # Errors
    /// `Cancelled`, with nothing changed, or the file cannot be written.
    pub fn index_places(&self, progress: &dyn Progress) -> Result<()> {
        if self.has_places()? {
            return Ok(());
        }
        let database = if self.is_read_only { "temp" } else { "main" };
        let begin = if self.is_read_only {
            "BEGIN"
        } else {
            "BEGIN IMMEDIATE"
        };
        self.connection.execute_batch(begin)?;
        let made = self.make_places(database, progress).and_then(|()| {
            self.connection.execute_batch("COMMIT")?;
            Ok(())
        });
        if made.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        made
    }

    fn make_places(&self, database: &str, progress: &dyn Progress) -> Result<()> {
        let connection = &self.connection;
        for table in TABLES {
            connection.execute_batch(&format!("DROP TABLE IF EXISTS {database}.{table}"))?;
        }
        connection.execute_batch(&tables(database))?;
        if database == "main" {
            for table in TABLES {
                connection.execute(
                    "INSERT OR IGNORE INTO gpkg_extensions
                     VALUES (?1, NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write')",
                    [table],
                )?;
            }
        }
        let stage = Message::new("locate.indexing");
        let total = self.schema.classes.len() as u64;
        for (i, class) in self.schema.class_indices().enumerate() {
            progress.report(&stage, i as u64, Some(total));
            self.index_class(class, progress)?;
        }
        connection.execute(
            "INSERT INTO karez_place_words (karez_place_words) VALUES ('rebuild')",
            [],
        )?;
        let revision = revision(connection)?;
        connection.execute(
            "INSERT INTO karez_place_state VALUES (?1, ?2)",
            params![VERSION, revision],
        )?;
        progress.check()
    }

    fn index_class(&self, class: ClassIndex, progress: &dyn Progress) -> Result<()> {
        let feature_class = self.schema.class(class);
        let fields = indexed_fields(feature_class);
        if fields.is_empty() {
            return Ok(());
        }
        let columns: Vec<String> = fields.iter().map(|(key, _)| format!("\"{key}\"")).collect();
        let sql = format!(
            "SELECT uid, fid, geom, {} FROM \"{}\" WHERE COALESCE({}, NULL) IS NOT NULL",
            columns.join(", "),
            feature_class.key,
            columns.join(", "),
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut count = 0_u32;
        let mut roads = HashSet::new();
        while let Some(row) = rows.next()? {
            count += 1;
            if count.is_multiple_of(4_096) {
                progress.check()?;
            }
            let mut texts = Texts::default();
            for (i, (key, _)) in fields.iter().enumerate() {
                // What another program put into a text column may be something else.
                if let rusqlite::types::ValueRef::Text(text) = row.get_ref(3 + i)? {
                    texts.take(key, &String::from_utf8_lossy(text));
                }
            }
            if !texts.is_empty() {
                let id = self.row_id(feature_class, row, [0, 1, 2])?;
                insert_feature(&self.connection, &feature_class.key, id, &texts)?;
            }
            // Most pipes lie in a road that was met before.
            if let Some(road) = texts.road.filter(|road| !roads.contains(road)) {
                insert_road(&self.connection, &road)?;
                roads.insert(road);
            }
        }
        Ok(())
    }

    /// At most `limit` places that match a query of FTS5, in no order.
    pub(crate) fn find_places(&self, matching: &str, limit: usize) -> Result<Vec<PlaceRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT p.class, p.uid, p.raw FROM karez_place_words JOIN karez_place p ON p.id = karez_place_words.rowid
             WHERE karez_place_words MATCH ?1 LIMIT ?2",
        )?;
        let mut rows = statement.query(params![matching, limit as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(road) = row.get::<_, Option<String>>(2)? {
                found.push(PlaceRow::Road(road));
                continue;
            }
            let (class, uid): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let feature = self.schema.class_index(&class).zip(FeatureId::from_slice(&uid));
            found.extend(feature.map(|(class, id)| PlaceRow::Feature(class, id)));
        }
        Ok(found)
    }
}

/// Brings the index in step with a commit that is about to be made; `before` is the revision it follows on. An index that
/// is damaged hinders no edit: it counts as out of step and is made anew when it is asked.
pub(super) fn follow(
    connection: &Connection,
    schema: &Schema,
    changed: &[Changed],
    before: &str,
) -> Result<()> {
    match follow_each(connection, schema, changed, before) {
        Err(Error::Database(error)) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            Ok(connection.execute_batch("DELETE FROM karez_place_state")?)
        }
        done => done,
    }
}

fn follow_each(connection: &Connection, schema: &Schema, changed: &[Changed], before: &str) -> Result<()> {
    let state: Option<(i64, String)> = read_state(connection)?;
    if state != Some((VERSION, before.to_owned())) {
        return Ok(());
    }
    for Changed { before, after } in changed {
        let [was, is] = [before, after].map(|feature| feature.as_ref().map(|f| texts_of(schema, f)));
        if was == is && before.as_ref().map(|f| f.class) == after.as_ref().map(|f| f.class) {
            continue;
        }
        if let Some(before) = before {
            delete_feature(connection, before.id)?;
        }
        if let (Some(after), Some(texts)) = (after, is) {
            if !texts.is_empty() {
                insert_followed(connection, &schema.class(after.class).key, after.id, &texts)?;
            }
            if let Some(road) = &texts.road
                && insert_road(connection, road)?
            {
                note_last(connection)?;
            }
        }
    }
    connection
        .prepare_cached("UPDATE karez_place_state SET revision = ?1")?
        .execute([revision(connection)?])?;
    Ok(())
}

/// How often the data have been changed.
pub(super) fn revision(connection: &Connection) -> rusqlite::Result<String> {
    Ok(meta::read(connection, "revision")?.unwrap_or_default())
}

fn is_in_step(connection: &Connection) -> Result<bool> {
    let state = read_state(connection)?;
    Ok(state == Some((VERSION, revision(connection)?)))
}

fn read_state(connection: &Connection) -> Result<Option<(i64, String)>> {
    // The index of a file that is open for reading only lies among the temporary tables.
    let is_there = connection
        .prepare_cached(
            "SELECT 1 FROM sqlite_master WHERE name = 'karez_place_state'
             UNION ALL SELECT 1 FROM sqlite_temp_master WHERE name = 'karez_place_state'",
        )?
        .exists([])?;
    if !is_there {
        return Ok(None);
    }
    Ok(connection
        .prepare_cached("SELECT version, revision FROM karez_place_state")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// The texts of a feature that are found, as words; the road as it is written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Texts {
    fields: [Option<String>; FIELDS.len()],
    road: Option<String>,
}

impl Texts {
    fn take(&mut self, key: &str, text: &str) {
        if key == ROAD {
            let road = text.trim();
            self.road = (!words(road).is_empty()).then(|| road.to_owned());
        } else if let Some(place) = FIELDS.iter().position(|field| *field == key) {
            let words = words(text);
            self.fields[place] = (!words.is_empty()).then(|| words.join(" "));
        }
    }

    /// Whether the feature itself is found by nothing.
    fn is_empty(&self) -> bool {
        self.fields.iter().all(Option::is_none)
    }
}

/// The fields of a class that are found, and their places among its values.
fn indexed_fields(class: &FeatureClass) -> Vec<(&'static str, usize)> {
    let all = FIELDS.iter().copied().chain([ROAD]);
    all.filter_map(|key| Some((key, class.field_index(key)?)))
        .collect()
}

fn texts_of(schema: &Schema, feature: &Feature) -> Texts {
    let mut texts = Texts::default();
    for (key, place) in indexed_fields(schema.class(feature.class)) {
        if let Some(text) = feature.values.get(place).and_then(|value| value.as_text()) {
            texts.take(key, text);
        }
    }
    texts
}

fn insert_feature(
    connection: &Connection,
    class: &str,
    id: FeatureId,
    texts: &Texts,
) -> rusqlite::Result<()> {
    let [name, address, customer_code, phone] = &texts.fields;
    connection
        .prepare_cached(
            "INSERT INTO karez_place (uid, class, name, address, customer_code, phone) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id.as_bytes(), class, name, address, customer_code, phone])
        .map(drop)
}

/// False where the road was known.
fn insert_road(connection: &Connection, road: &str) -> rusqlite::Result<bool> {
    let count = connection
        .prepare_cached("INSERT OR IGNORE INTO karez_place (raw, road) VALUES (?1, ?2)")?
        .execute(params![road, words(road).join(" ")])?;
    Ok(count > 0)
}

fn insert_followed(
    connection: &Connection,
    class: &str,
    id: FeatureId,
    texts: &Texts,
) -> rusqlite::Result<()> {
    insert_feature(connection, class, id, texts)?;
    note_last(connection)
}

/// Puts the row that was written last into the index of words.
fn note_last(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO karez_place_words (rowid, name, address, customer_code, phone, road)
             SELECT id, name, address, customer_code, phone, road FROM karez_place WHERE id = ?1",
        )?
        .execute([connection.last_insert_rowid()])
        .map(drop)
}

fn delete_feature(connection: &Connection, id: FeatureId) -> rusqlite::Result<()> {
    // The index must be told what it is to forget.
    connection
        .prepare_cached(
            "INSERT INTO karez_place_words (karez_place_words, rowid, name, address, customer_code, phone, road)
             SELECT 'delete', id, name, address, customer_code, phone, road FROM karez_place WHERE uid = ?1",
        )?
        .execute([id.as_bytes()])?;
    connection
        .prepare_cached("DELETE FROM karez_place WHERE uid = ?1")?
        .execute([id.as_bytes()])
        .map(drop)
}
