//! Changes the schema of a project together with its data: definitions, columns, merged codes and the entry of the journal in
//! one transaction of SQLite. What a change may be is the affair of `schema`.

mod effect;
mod recode;

use std::collections::BTreeMap;

use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

pub use self::effect::{SchemaEffect, SchemaEffectKind};
use super::{EditSession, Effects, Project, Stamp, everywhere, layout, meta, outside, upgrade};
use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::schema::{FeatureClass, Schema, SchemaChange};
use crate::text::Message;

/// The tag of an entry of the journal that changed the schema.
const TAG: &str = "schema";
/// The key in `karez_meta` that counts the changes of the schema of this project.
const REVISION: &str = "schema_revision";

/// What an entry of the journal did to the schema, and what takes it back.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Tagged {
    #[serde(rename = "do")]
    done: Vec<SchemaChange>,
    undo: Vec<SchemaChange>,
}

impl Project {
    /// How often the schema of this project was changed, taking back included.
    pub fn schema_revision(&self) -> Result<u64> {
        let said = meta::read(&self.connection, REVISION)?;
        Ok(said.and_then(|said| said.parse().ok()).unwrap_or(0))
    }

    /// The changes of the schema that an entry of the journal made; none where it made none.
    pub fn schema_changes_of(&self, entry: i64) -> Result<Vec<SchemaChange>> {
        Ok(self.tagged(entry)?.done)
    }

    fn tagged(&self, entry: i64) -> Result<Tagged> {
        let text: Option<String> = self
            .connection
            .prepare_cached("SELECT value FROM karez_journal_tag WHERE entry = ?1 AND key = ?2")?
            .query_row((entry, TAG), |row| row.get(0))
            .optional()?;
        text.map_or_else(|| Ok(Tagged::default()), |text| meta::from_json(TAG, &text))
    }

    /// Changes dictionaries and fields as one step that can be taken back. Features that have a merged code get the one
    /// it was merged into. The schema of the project is another one afterwards, and a network is to be read anew.
    ///
    /// # Errors
    /// As for [`Schema::changed`]; the project is read-only or being written; cancelled. Nothing is changed then.
    pub fn change_schema(
        &mut self,
        changes: &[SchemaChange],
        stamp: Stamp<'_>,
        progress: &dyn Progress,
    ) -> Result<Effects> {
        if changes.is_empty() {
            return Ok(Effects::default());
        }
        let name = match changes {
            [one] => one.message(&self.schema),
            several => Message::new("schema.change.several").with("count", several.len()),
        };
        let (schema, undo) = self.schema.changed(changes)?;
        let tagged = Tagged {
            done: changes.to_vec(),
            undo,
        };
        let tag = meta::to_json(&tagged)?;
        let mut session = self.begin_edit()?;
        session.take_schema(schema)?;
        for change in changes {
            session.recode_merged(change, progress)?;
        }
        progress.check()?;
        session.commit_tagged(&name, stamp, &[(TAG, tag)])
    }
}

impl EditSession<'_> {
    /// Takes an entry of the journal back, whatever it changed.
    pub(super) fn take_back_entry(&mut self, entry: i64) -> Result<()> {
        let edits = self.project().journaled(entry)?.inverse();
        let tagged = self.project().tagged(entry)?;
        if tagged.done.is_empty() {
            return self.apply(&edits);
        }
        self.recode_as(&edits)?;
        self.replay(&tagged.undo)
    }

    /// Does an entry of the journal again.
    pub(super) fn repeat_entry(&mut self, entry: i64) -> Result<()> {
        let edits: Transaction = self.project().journaled(entry)?;
        let tagged = self.project().tagged(entry)?;
        if tagged.done.is_empty() {
            return self.apply(&edits);
        }
        self.replay(&tagged.done)?;
        self.recode_as(&edits)
    }

    fn replay(&mut self, changes: &[SchemaChange]) -> Result<()> {
        let mut fitting = Vec::with_capacity(changes.len());
        for change in changes {
            fitting.push(self.project().kept_in_use(change)?);
        }
        let schema = self.project().schema.replayed(&fitting)?;
        self.take_schema(schema)
    }

    /// Puts a schema in the place of the project's own, with the columns it needs.
    fn take_schema(&mut self, schema: Schema) -> Result<()> {
        let connection = &self.project.connection;
        let own = &self.project.schema;
        for class in &schema.classes {
            match own.classes.iter().find(|c| c.key == class.key) {
                Some(known) if known == class => {}
                Some(known) => {
                    add_columns(connection, known, class)?;
                    meta::write_part(connection, "class", &class.key, class)?;
                }
                None => {}
            }
        }
        for (key, dictionary) in &schema.dictionaries {
            if own.dictionary(key) != Some(dictionary) {
                meta::write_part(connection, "dictionary", key, dictionary)?;
            }
        }
        for key in own
            .dictionaries
            .keys()
            .filter(|key| schema.dictionary(key).is_none())
        {
            meta::delete_part(connection, "dictionary", key)?;
        }
        let revision = self.project.schema_revision()? + 1;
        meta::write(connection, REVISION, &revision.to_string())?;
        let before = std::mem::replace(&mut self.project.schema, schema);
        self.schema_before.get_or_insert(before);
        self.project.everywhere = everywhere::Everywhere::default();
        Ok(())
    }
}

impl Project {
    /// An entry that is in use is not removed but retired: its addition was an edit, what uses it may be an import.
    fn kept_in_use(&self, change: &SchemaChange) -> Result<SchemaChange> {
        if let SchemaChange::RemoveEntry { dictionary, code } = change
            && self.code_counts(dictionary)?.contains_key(code)
        {
            return Ok(SchemaChange::RetireEntry {
                dictionary: dictionary.clone(),
                code: code.clone(),
            });
        }
        Ok(change.clone())
    }

    /// How many features have each code of a dictionary, over all classes and fields; codes that it lacks included.
    pub fn code_counts(&self, dictionary: &str) -> Result<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        for (class, field) in columns_of(&self.schema, dictionary) {
            let sql = format!(
                "SELECT \"{0}\", count(*) FROM \"{1}\" WHERE \"{0}\" IS NOT NULL AND \"{0}\" <> '' GROUP BY 1",
                field, class.key
            );
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                // What is no text was written by another program, and is no code.
                if let Ok(code) = row.get::<_, String>(0) {
                    *counts.entry(code).or_default() += row.get::<_, i64>(1)?.unsigned_abs();
                }
            }
        }
        Ok(counts)
    }
}

/// The columns that hold codes of a dictionary.
fn columns_of<'a>(schema: &'a Schema, dictionary: &str) -> Vec<(&'a FeatureClass, &'a str)> {
    let classes = schema.classes.iter();
    let fields = classes.flat_map(|class| class.fields.iter().map(move |field| (class, field)));
    fields
        .filter(|(_, field)| field.field_type.dictionary() == Some(dictionary))
        .map(|(class, field)| (class, field.key.as_str()))
        .collect()
}

fn add_columns(connection: &rusqlite::Connection, known: &FeatureClass, class: &FeatureClass) -> Result<()> {
    let new = &class.fields[known.fields.len().min(class.fields.len())..];
    if new.is_empty() {
        return Ok(());
    }
    for field in new {
        upgrade::add_column(connection, &class.key, field)?;
    }
    connection.execute_batch(&layout::class_indexes(class))?;
    // They name the columns.
    connection.execute_batch(&outside::drop_triggers(class))?;
    Ok(connection.execute_batch(&outside::triggers(class))?)
}

fn unexpected(change: &str) -> Error {
    Error::bad_input(Message::new("edit.error.journal").with("reason", change))
}
