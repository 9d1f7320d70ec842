//! Puts one code for another in all features that have it, as edits of the journal. Ordinary edits are written feature by
//! feature (`edits`); these touch one column of a million rows and nothing that hangs on it.

use super::super::EditSession;
use super::{columns_of, unexpected};
use crate::edit::{Cell, CellChange, Content, Edit, Transaction, Update};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::Value;
use crate::progress::Progress;
use crate::schema::SchemaChange;
use crate::text::Message;

/// Rows looked at between two questions whether to go on.
const PORTION: i64 = 20_000;

impl EditSession<'_> {
    /// Writes the code that an entry was merged into wherever its own stands; nothing for other changes.
    pub(super) fn recode_merged(&mut self, change: &SchemaChange, progress: &dyn Progress) -> Result<()> {
        let SchemaChange::MergeEntry {
            dictionary,
            code,
            into,
        } = change
        else {
            return Ok(());
        };
        let columns: Vec<(String, String)> = columns_of(&self.project.schema, dictionary)
            .into_iter()
            .map(|(class, field)| (class.key.clone(), field.to_owned()))
            .collect();
        for (class, field) in columns {
            self.recode([&class, &field], [code, into], progress)?;
        }
        Ok(())
    }

    fn recode(
        &mut self,
        [class, field]: [&str; 2],
        [old, new]: [&str; 2],
        progress: &dyn Progress,
    ) -> Result<()> {
        let schema = &self.project.schema;
        let index = schema.class_index(class).ok_or_else(|| unexpected(class))?;
        let cell = schema.class(index).field_index(field).map(Cell::Field);
        let cell = cell.ok_or_else(|| unexpected(field))?;
        let connection = &self.project.connection;
        let rows = "WHERE fid > ?1 AND fid <= ?2";
        let (first, last): (i64, i64) = connection.query_row(
            &format!("SELECT coalesce(min(fid), 1), coalesce(max(fid), 0) FROM \"{class}\""),
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut found = connection.prepare(&format!(
            "SELECT uid FROM \"{class}\" {rows} AND \"{field}\" = ?3"
        ))?;
        let mut write = connection.prepare(&format!(
            "UPDATE \"{class}\" SET \"{field}\" = ?4 {rows} AND \"{field}\" = ?3"
        ))?;
        let stage = Message::new("schema.progress.merging");
        let text = |code: &str| Content::Value(Value::Text(code.to_owned()));
        let mut behind = first.saturating_sub(1);
        while behind < last {
            progress.check()?;
            let until = behind.saturating_add(PORTION).min(last);
            let mut ids = found.query((behind, until, old))?;
            while let Some(row) = ids.next()? {
                let id = row.get_ref(0)?.as_blob().ok().and_then(FeatureId::from_slice);
                self.applied.push(Edit::Update(Update {
                    id: id.ok_or_else(|| unexpected("uid"))?,
                    class: index,
                    cells: vec![CellChange {
                        cell,
                        old: text(old),
                        new: text(new),
                    }],
                }));
            }
            self.recoded += write.execute((behind, until, old, new))? as u64;
            self.recoded_classes.insert(index);
            behind = until;
            let done = behind.saturating_sub(first).unsigned_abs();
            progress.report(&stage, done, Some(last.saturating_sub(first).unsigned_abs()));
        }
        Ok(())
    }

    /// Does the edits of an entry that merged codes, again or back.
    pub(super) fn recode_as(&mut self, edits: &Transaction) -> Result<()> {
        for edit in &edits.edits {
            let Edit::Update(update) = edit else {
                return Err(unexpected("insert"));
            };
            let class = self.project.schema.class(update.class);
            for change in &update.cells {
                let (Content::Value(Value::Text(old)), Content::Value(Value::Text(new)), Some(column)) =
                    (&change.old, &change.new, change.cell.column(class))
                else {
                    return Err(unexpected(&class.key));
                };
                let sql = format!(
                    "UPDATE \"{}\" SET \"{column}\" = ?1 WHERE uid = ?2 AND \"{column}\" = ?3",
                    class.key
                );
                let mut statement = self.project.connection.prepare_cached(&sql)?;
                if statement.execute((new, update.id.as_bytes(), old))? == 0 {
                    return Err(self.stale(update, [column, old]));
                }
            }
            self.recoded += 1;
            self.recoded_classes.insert(update.class);
        }
        Ok(())
    }

    /// What another program has made of a feature since.
    fn stale(&self, update: &Update, [column, expected]: [&str; 2]) -> Error {
        let project = self.project();
        let feature = match project.record(update.class, update.id) {
            Ok(Some(feature)) => feature,
            Ok(None) => return unexpected(&update.id.to_string()),
            Err(error) => return error,
        };
        let cell = Cell::by_column(project.schema().class(update.class), column);
        let found = cell.map(|cell| cell.of(&feature).short()).unwrap_or_default();
        Error::bad_input(
            Message::new("edit.error.stale")
                .with("feature", project.name_of(&feature))
                .with("field", column)
                .with("found", found)
                .with("expected", expected),
        )
    }
}
