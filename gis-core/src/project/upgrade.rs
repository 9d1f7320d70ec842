//! Brings the schema a project was made with up to the program's: what is missing is added, nothing is taken away or
//! changed. It touches no feature.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};

use super::{layout, meta, open, outside};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::schema::{Dictionary, FIRST_OWN_ID, FeatureClass, Field, Schema};
use crate::text::Message;

/// The key in `karez_meta` that says which schema of the program the project has taken in.
const VERSION: &str = "schema_version";

pub(super) fn is_current(connection: &Connection) -> Result<bool> {
    Ok(meta::read(connection, VERSION)?.is_some_and(|found| found == Schema::builtin_version()))
}

pub(super) fn write_version(connection: &Connection) -> rusqlite::Result<()> {
    meta::write(connection, VERSION, &Schema::builtin_version())
}

/// Adds the classes, fields and codes of the program's schema that the project lacks, with their tables and columns.
///
/// # Errors
/// `BadInput` where the project has something else under the name of what is to be added.
pub(super) fn upgrade(transaction: &Transaction<'_>) -> Result<()> {
    let (own, new) = (meta::read_schema(transaction)?, Schema::builtin()?);
    for class in &new.classes {
        match own.classes.iter().find(|c| c.key == class.key) {
            Some(known) => widen_class(transaction, known, class)?,
            None => add_class(transaction, &own, class)?,
        }
    }
    for dictionary in new.dictionaries.values() {
        match own.dictionary(&dictionary.key) {
            Some(known) => widen_dictionary(transaction, known, dictionary)?,
            None => meta::write_part(transaction, "dictionary", &dictionary.key, dictionary)?,
        }
    }
    Ok(write_version(transaction)?)
}

fn add_class(transaction: &Transaction<'_>, own: &Schema, class: &FeatureClass) -> Result<()> {
    let is_taken = transaction
        .prepare("SELECT 1 FROM sqlite_master WHERE lower(name) = ?1")?
        .exists([&class.key])?;
    if is_taken {
        return Err(Error::bad_input(
            Message::new("project.error.table_taken").with("table", &class.key),
        ));
    }
    let mut class = class.clone();
    if own.classes.iter().any(|c| c.id == class.id) {
        class.id = own.classes.iter().map(|c| c.id).max().unwrap_or(0) + 1000;
    }
    let crs: Crs = meta::from_json("crs", &meta::require(transaction, "crs")?)?;
    open::add_class(transaction, &class, open::srs_id(&crs), None)?;
    meta::write_part(transaction, "class", &class.key, &class)
}

fn widen_class(transaction: &Transaction<'_>, known: &FeatureClass, new: &FeatureClass) -> Result<()> {
    if known.geometry != new.geometry {
        return Err(conflict(
            &new.key,
            "geom",
            layout::geometry_type(known.geometry),
            layout::geometry_type(new.geometry),
        ));
    }
    let mut class = known.clone();
    for field in &new.fields {
        if let Some(own) = known.fields.iter().find(|f| f.key == field.key) {
            // A field that people added keeps its name, whatever the program has come to call so.
            if own.id < FIRST_OWN_ID {
                check_same_type(&new.key, own, field)?;
            }
            continue;
        }
        let mut field = field.clone();
        if class.fields.iter().any(|f| f.id == field.id) {
            let taken = class.fields.iter().chain(&new.fields).map(|f| f.id);
            field.id = taken.max().unwrap_or(0) + 1;
        }
        add_column(transaction, &new.key, &field)?;
        class.fields.push(field);
    }
    if class.fields.len() > known.fields.len() {
        transaction.execute_batch(&layout::class_indexes(&class))?;
        // They name the columns.
        transaction.execute_batch(&outside::drop_triggers(&class))?;
        transaction.execute_batch(&outside::triggers(&class))?;
        meta::write_part(transaction, "class", &class.key, &class)?;
    }
    Ok(())
}

fn check_same_type(class: &str, own: &Field, new: &Field) -> Result<()> {
    let (found, expected) = (
        layout::sql_type(&own.field_type),
        layout::sql_type(&new.field_type),
    );
    if found == expected {
        return Ok(());
    }
    Err(conflict(class, &new.key, found, expected))
}

/// Another program may have added a column of that name; it serves if it holds the same kind of value.
pub(super) fn add_column(connection: &Connection, table: &str, field: &Field) -> Result<()> {
    let expected = layout::sql_type(&field.field_type);
    let columns: HashMap<String, String> = connection
        .prepare("SELECT lower(name), upper(type) FROM pragma_table_info(?1)")?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    match columns.get(&field.key.to_lowercase()) {
        Some(found) if kind_of_column(found) == expected => Ok(()),
        Some(found) => Err(conflict(table, &field.key, found, expected)),
        None => Ok(connection.execute_batch(&format!(
            "ALTER TABLE \"{table}\" ADD COLUMN \"{}\" {expected};",
            field.key
        ))?),
    }
}

/// The type we give a column that is declared so, by the rules SQLite reads declarations by.
fn kind_of_column(declared: &str) -> &str {
    const KINDS: [(&str, &str); 8] = [
        ("INT", "INTEGER"),
        ("CHAR", "TEXT"),
        ("CLOB", "TEXT"),
        ("TEXT", "TEXT"),
        ("REAL", "DOUBLE"),
        ("FLOA", "DOUBLE"),
        ("DOUB", "DOUBLE"),
        ("BOOL", "BOOLEAN"),
    ];
    KINDS
        .iter()
        .find(|(part, _)| declared.contains(part))
        .map_or(declared, |(_, kind)| kind)
}

fn widen_dictionary(transaction: &Transaction<'_>, known: &Dictionary, new: &Dictionary) -> Result<()> {
    let mut dictionary = known.clone();
    let missing = |code: &str| known.entries.iter().all(|entry| entry.code != code);
    dictionary
        .entries
        .extend(new.entries.iter().filter(|e| missing(&e.code)).cloned());
    if dictionary.entries.len() > known.entries.len() {
        meta::write_part(transaction, "dictionary", &dictionary.key, &dictionary)?;
    }
    Ok(())
}

fn conflict(class: &str, field: &str, found: &str, expected: &str) -> Error {
    Error::bad_input(
        Message::new("project.error.schema_conflict")
            .with("class", class)
            .with("field", field)
            .with("found", found)
            .with("expected", expected),
    )
}
