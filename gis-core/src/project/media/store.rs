//! Attached files in the project file: each content once, whoever has it.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Attachment, MediaInfo, NewMedia};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::project::{Project, connection};
use crate::text::Message;

const COLUMNS: &str = "a.id, a.class, a.feature_id, a.name, m.content_type, m.size_bytes, m.sha256, a.attached_unix_ms,
    m.width_px, m.height_px, m.taken_at, m.longitude, m.latitude, m.altitude_m, m.direction_deg, m.thumbnail NOTNULL";

impl Project {
    /// Attaches a file to a feature under an id of its own. A file that the feature has already stays as it is.
    ///
    /// # Errors
    /// `BadInput` where the feature is not there, the project is open for reading only or its disk is full.
    pub fn attach(
        &mut self,
        (class, feature): (ClassIndex, FeatureId),
        media: &NewMedia,
        id: FeatureId,
        now_unix_ms: u64,
    ) -> Result<FeatureId> {
        self.check_writable()?;
        let unknown = || Error::bad_input(Message::new("media.error.no_feature").with("id", feature));
        let class = self
            .schema
            .classes
            .get(usize::from(class.0))
            .ok_or_else(unknown)?;
        let sql = format!("SELECT count(*) FROM \"{}\" WHERE uid = ?1", class.key);
        let is_there: bool = self
            .connection
            .query_row(&sql, [feature.as_bytes()], |row| row.get::<_, i64>(0))?
            > 0;
        if !is_there {
            return Err(unknown());
        }
        let key = class.key.clone();
        let path = self.path.clone();
        let write = |connection: &mut Connection| -> rusqlite::Result<FeatureId> {
            let transaction = connection.transaction()?;
            let media_id = put_content(&transaction, media)?;
            let known: Option<[u8; 16]> = transaction
                .query_row(
                    "SELECT id FROM karez_attachment WHERE feature_id = ?1 AND media_id = ?2",
                    params![feature.as_bytes(), media_id],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(known) = known.and_then(|id| FeatureId::from_slice(&id)) {
                return Ok(known);
            }
            transaction.execute(
                "INSERT INTO karez_attachment VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id.as_bytes(),
                    key,
                    feature.as_bytes(),
                    media_id,
                    media.name,
                    now_unix_ms as i64
                ],
            )?;
            transaction.commit()?;
            Ok(id)
        };
        write(&mut self.connection).map_err(|error| connection::explain(&path, error))
    }

    /// What is attached to a feature, in the order it was attached.
    pub fn attachments(&self, feature: FeatureId) -> Result<Vec<Attachment>> {
        self.select("WHERE a.feature_id = ?1", &[feature.as_bytes()])
    }

    /// Everything that is attached to anything.
    pub fn all_attachments(&self) -> Result<Vec<Attachment>> {
        self.select("", &[])
    }

    pub fn attachment(&self, id: FeatureId) -> Result<Option<Attachment>> {
        Ok(self.select("WHERE a.id = ?1", &[id.as_bytes()])?.pop())
    }

    /// The content of an attached file; `None` where there is no such attachment.
    pub fn attached_bytes(&self, id: FeatureId) -> Result<Option<Vec<u8>>> {
        self.blob("data", id)
    }

    /// A small JPEG of an attached picture; `None` for what is no picture.
    pub fn attached_thumbnail(&self, id: FeatureId) -> Result<Option<Vec<u8>>> {
        self.blob("thumbnail", id)
    }

    /// Takes an attachment away, and its content with the last one that has it. Returns whether it was there.
    pub fn detach(&mut self, id: FeatureId) -> Result<bool> {
        self.check_writable()?;
        let path = self.path.clone();
        let delete = |connection: &mut Connection| -> rusqlite::Result<bool> {
            let transaction = connection.transaction()?;
            let gone = transaction.execute("DELETE FROM karez_attachment WHERE id = ?1", [id.as_bytes()])?;
            transaction.execute(
                "DELETE FROM feature_media WHERE id NOT IN (SELECT media_id FROM karez_attachment)",
                [],
            )?;
            transaction.commit()?;
            Ok(gone > 0)
        };
        delete(&mut self.connection).map_err(|error| connection::explain(&path, error))
    }

    /// Takes over what is attached to features that this project has too, with its ids.
    pub(crate) fn copy_attachments(&mut self, from: &Self) -> Result<u64> {
        let mut copied = 0;
        for attachment in from.all_attachments()? {
            let class = &from.schema.class(attachment.class).key;
            let Some(class) = self.schema.class_index(class) else {
                continue;
            };
            let Some(bytes) = from.attached_bytes(attachment.id)? else {
                continue;
            };
            let media = NewMedia::new(&attachment.name, bytes)?;
            match self.attach(
                (class, attachment.feature),
                &media,
                attachment.id,
                attachment.attached_unix_ms,
            ) {
                Ok(_) => copied += 1,
                // The feature was refused; its issue says so.
                Err(Error::BadInput(message)) if message.key() == "media.error.no_feature" => {}
                Err(error) => return Err(error),
            }
        }
        Ok(copied)
    }

    /// A file of an older version that is open for reading only has no tables for attachments.
    fn has_attachments(&self) -> rusqlite::Result<bool> {
        self.connection.query_row(
            "SELECT count(*) = 1 FROM sqlite_master WHERE type = 'table' AND name = 'karez_attachment'",
            [],
            |row| row.get(0),
        )
    }

    fn select(&self, condition: &str, values: &[&[u8; 16]]) -> Result<Vec<Attachment>> {
        if !self.has_attachments()? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM karez_attachment a JOIN feature_media m ON m.id = a.media_id {condition}
             ORDER BY a.attached_unix_ms, a.id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(attachment) = self.attachment_of(row)? {
                found.push(attachment);
            }
        }
        Ok(found)
    }

    /// `None` where another program left ids that are none, or a class that is gone.
    fn attachment_of(&self, row: &Row<'_>) -> rusqlite::Result<Option<Attachment>> {
        let id = |column: usize| -> rusqlite::Result<Option<FeatureId>> {
            Ok(row
                .get_ref(column)?
                .as_blob()
                .ok()
                .and_then(FeatureId::from_slice))
        };
        let class = self.schema.class_index(&row.get::<_, String>(1)?);
        let (Some(own), Some(feature), Some(class)) = (id(0)?, id(2)?, class) else {
            return Ok(None);
        };
        let position: (Option<f64>, Option<f64>) = (row.get(11)?, row.get(12)?);
        Ok(Some(Attachment {
            id: own,
            class,
            feature,
            name: row.get(3)?,
            content_type: row.get(4)?,
            size_bytes: row.get::<_, i64>(5)?.unsigned_abs(),
            sha256: row.get(6)?,
            attached_unix_ms: row.get::<_, i64>(7)?.unsigned_abs(),
            info: MediaInfo {
                width_px: row.get(8)?,
                height_px: row.get(9)?,
                taken_at: row.get(10)?,
                position: position.0.zip(position.1).map(|(x, y)| [x, y]),
                altitude_m: row.get(13)?,
                direction_deg: row.get(14)?,
            },
            has_thumbnail: row.get(15)?,
        }))
    }

    fn blob(&self, column: &str, id: FeatureId) -> Result<Option<Vec<u8>>> {
        if !self.has_attachments()? {
            return Ok(None);
        }
        let sql = format!(
            "SELECT m.{column} FROM karez_attachment a JOIN feature_media m ON m.id = a.media_id WHERE a.id = ?1"
        );
        let found: Option<Option<Vec<u8>>> = self
            .connection
            .query_row(&sql, [id.as_bytes()], |row| row.get(0))
            .optional()?;
        Ok(found.flatten())
    }
}

/// The row of a content, written where it is new.
fn put_content(connection: &Connection, media: &NewMedia) -> rusqlite::Result<i64> {
    let known: Option<i64> = connection
        .query_row(
            "SELECT id FROM feature_media WHERE sha256 = ?1",
            [&media.sha256],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let info = &media.info;
    connection.execute(
        "INSERT INTO feature_media (content_type, sha256, size_bytes, width_px, height_px, taken_at, longitude, latitude,
           altitude_m, direction_deg, thumbnail, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            media.content_type,
            media.sha256,
            media.size_bytes() as i64,
            info.width_px,
            info.height_px,
            info.taken_at,
            info.position.map(|p| p[0]),
            info.position.map(|p| p[1]),
            info.altitude_m,
            info.direction_deg,
            media.thumbnail,
            media.bytes,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}
