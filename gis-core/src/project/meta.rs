//! Our own tables: what the project is, its schema, settings, documents and the findings of its last import. Features are
//! elsewhere.

use chrono::DateTime;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Project;
use crate::error::{Error, Result};
use crate::issue::{Issue, Issues};
use crate::network::NetworkOptions;
use crate::schema::{Dictionary, FeatureClass, Schema};
use crate::text::Message;

pub(super) fn read(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM karez_meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

pub(super) fn require(connection: &Connection, key: &str) -> Result<String> {
    read(connection, key)?
        .ok_or_else(|| Error::bad_input(Message::new("project.error.missing_meta").with("key", key)))
}

pub(super) fn write(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO karez_meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute([key, value])
        .map(drop)
}

/// One more committed change of the data.
pub(super) fn count_revision(connection: &Connection) -> rusqlite::Result<()> {
    let revision: u64 = read(connection, "revision")?
        .and_then(|r| r.parse().ok())
        .unwrap_or(0);
    write(connection, "revision", &(revision + 1).to_string())
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| {
        Error::bad_input(
            Message::new("project.error.bad_meta")
                .with("key", "json")
                .with("reason", e),
        )
    })
}

pub(super) fn from_json<T: DeserializeOwned>(key: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| {
        Error::bad_input(
            Message::new("project.error.bad_meta")
                .with("key", key)
                .with("reason", e),
        )
    })
}

/// Also within a transaction that is open.
pub(super) fn put_document(connection: &Connection, name: &str, text: &str) -> Result<()> {
    connection.execute(
        "INSERT INTO karez_document VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
        [name, text],
    )?;
    Ok(())
}

/// The form of `gpkg_contents.last_change`.
pub(super) fn timestamp(unix_ms: u64) -> String {
    DateTime::from_timestamp_millis(unix_ms as i64)
        .unwrap_or_default()
        .format("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

pub(super) fn write_schema(connection: &Connection, schema: &Schema) -> Result<()> {
    for class in &schema.classes {
        write_part(connection, "class", &class.key, class)?;
    }
    for dictionary in schema.dictionaries.values() {
        write_part(connection, "dictionary", &dictionary.key, dictionary)?;
    }
    Ok(())
}

/// A class or dictionary, in the place of the one of that key if there is one.
pub(super) fn write_part(
    connection: &Connection,
    part: &str,
    key: &str,
    definition: &impl Serialize,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO karez_schema (part, key, definition) VALUES (?1, ?2, ?3)
             ON CONFLICT (part, key) DO UPDATE SET definition = excluded.definition",
        )?
        .execute(params![part, key, to_json(definition)?])?;
    Ok(())
}

pub(super) fn delete_part(connection: &Connection, part: &str, key: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM karez_schema WHERE part = ?1 AND key = ?2")?
        .execute([part, key])
        .map(drop)
}

pub(super) fn read_schema(connection: &Connection) -> Result<Schema> {
    let mut statement = connection.prepare("SELECT part, key, definition FROM karez_schema ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut classes, mut dictionaries) = (Vec::<FeatureClass>::new(), Vec::<Dictionary>::new());
    while let Some(row) = rows.next()? {
        let (part, key, definition): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if part == "class" {
            let class: FeatureClass = from_json(&key, &definition)?;
            check_name(&class.key)?;
            for field in &class.fields {
                check_name(&field.key)?;
            }
            classes.push(class);
        } else {
            dictionaries.push(from_json(&key, &definition)?);
        }
    }
    Ok(Schema::from_parts(classes, dictionaries))
}

/// Keys go into SQL as they stand, so a file may not bring its own ideas of them.
fn check_name(name: &str) -> Result<()> {
    let is_good = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_good {
        return Ok(());
    }
    Err(Error::bad_input(
        Message::new("project.error.bad_meta")
            .with("key", name)
            .with("reason", "schema"),
    ))
}

impl Project {
    /// A setting of this project, by a key like `network.snap_tolerance_m`.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(self
            .connection
            .prepare_cached("SELECT value FROM karez_setting WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    pub fn set_setting(&mut self, key: &str, value: &str) -> Result<()> {
        self.check_writable()?;
        self.connection.execute(
            "INSERT INTO karez_setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        )?;
        Ok(())
    }

    /// Tolerances of the network, as set for this project; the usual ones where it sets none.
    pub fn options(&self) -> NetworkOptions {
        let usual = NetworkOptions::default();
        let number = |key: &str, usual: f64| {
            let text = self.setting(key).ok().flatten();
            text.and_then(|t| t.parse().ok())
                .filter(|v: &f64| v.is_finite() && *v >= 0.0)
                .unwrap_or(usual)
        };
        NetworkOptions {
            end_tolerance_m: number("network.end_tolerance_m", usual.end_tolerance_m),
            snap_tolerance_m: number("network.snap_tolerance_m", usual.snap_tolerance_m),
            customer_reach_m: number("network.customer_reach_m", usual.customer_reach_m),
        }
    }

    pub fn set_options(&mut self, options: &NetworkOptions) -> Result<()> {
        self.set_setting("network.end_tolerance_m", &options.end_tolerance_m.to_string())?;
        self.set_setting("network.snap_tolerance_m", &options.snap_tolerance_m.to_string())?;
        self.set_setting("network.customer_reach_m", &options.customer_reach_m.to_string())
    }

    /// Keeps the findings of an import or check in place of those before.
    pub fn save_issues(&mut self, issues: &Issues) -> Result<()> {
        self.check_writable()?;
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM karez_issue", [])?;
        {
            let mut statement = transaction.prepare("INSERT INTO karez_issue (issue) VALUES (?1)")?;
            for issue in issues.iter() {
                statement.execute([to_json(issue)?])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The findings that were kept last.
    pub fn issues(&self) -> Result<Issues> {
        let mut statement = self
            .connection
            .prepare("SELECT issue FROM karez_issue ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut issues = Issues::default();
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            issues.push(from_json::<Issue>("karez_issue", &text)?);
        }
        Ok(issues)
    }

    /// Keeps a text under a name, e.g. the curves and controls of an EPANET file.
    pub fn store_document(&mut self, name: &str, text: &str) -> Result<()> {
        self.check_writable()?;
        put_document(&self.connection, name, text)
    }

    pub fn delete_document(&mut self, name: &str) -> Result<()> {
        self.check_writable()?;
        self.connection
            .execute("DELETE FROM karez_document WHERE name = ?1", [name])?;
        Ok(())
    }

    /// A document by its name, if there is one.
    pub fn document(&self, name: &str) -> Result<Option<String>> {
        Ok(self
            .connection
            .query_row(
                "SELECT content FROM karez_document WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// Names of the documents that begin with `prefix`, in order.
    pub fn document_names(&self, prefix: &str) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name FROM karez_document WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
        )?;
        let names = statement.query_map([prefix], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }
}
