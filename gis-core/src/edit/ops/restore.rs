//! 版本恢复: the attributes of a feature as they were before a change that the journal knows. Where it lies and what it is
//! joined to stays: that belongs to its neighbours as well, and goes back through the history as a whole.

use std::collections::BTreeMap;

use super::Work;
use crate::edit::{Cell, Content, Edit, Transaction};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::text::Message;

impl Work<'_> {
    /// As before entry `before`; what was undone since does not count.
    pub(super) fn restore(&mut self, name: &str, before: i64) -> Result<Transaction> {
        let old = self.find(name)?;
        let traces = self.project.history_of(old.id)?;
        let is_known = traces.iter().any(|trace| trace.entry.number == before);
        if !is_known {
            return Err(Error::bad_input(
                Message::new("edit.error.no_version")
                    .with("feature", self.project.name_of(&old))
                    .with("entry", before),
            ));
        }
        let since = traces
            .iter()
            .filter(|trace| trace.entry.number >= before && trace.entry.is_in_force);
        // The oldest change of a cell knows what it held before.
        let mut values: BTreeMap<usize, Value> = BTreeMap::new();
        let mut has_moved = false;
        for edit in since.flat_map(|trace| &trace.edits.edits) {
            let Edit::Update(update) = edit else { continue };
            for change in &update.cells {
                match (change.cell, &change.old) {
                    (Cell::Field(field), Content::Value(value)) => {
                        values.entry(field).or_insert_with(|| value.clone());
                    }
                    _ => has_moved = true,
                }
            }
        }
        let mut new = old.clone();
        for (field, value) in values {
            if let Some(cell) = new.values.get_mut(field) {
                *cell = value;
            }
        }
        if has_moved {
            let note =
                Message::new("edit.note.restored_in_place").with("feature", self.project.name_of(&old));
            self.notes.push(note);
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.restore")
                .with("feature", self.project.name_of(&old))
                .with("entry", before),
        );
        transaction.change(self.schema(), &old, &new);
        Ok(transaction)
    }
}
