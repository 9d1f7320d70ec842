//! The end of an engineering project: completed, what it planned is in service; withdrawn, it is as if it had never been.
//! Either is one entry of the journal.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{ChangeKind, OBSOLETE, OPERATIVE, PLANNED, PROJECT, STAGE, Stage};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Value};
use crate::project::{Effects, Project, Stamp, meta};
use crate::text::Message;

impl Project {
    /// Planned features of the project go into service on a day, and those it marked are abandoned.
    ///
    /// # Errors
    /// `Refused` where the project is closed or changed nothing.
    pub fn complete_engineering(&mut self, number: &str, on: NaiveDate, stamp: Stamp<'_>) -> Result<Effects> {
        self.open_engineering(number)?;
        let name = Message::new("engineering.name.complete").with("number", number);
        let mut transaction = Transaction::new(name);
        let changes = self.engineering_changes(number)?;
        for change in &changes {
            let old = &change.feature;
            let mut new = old.clone();
            match change.kind {
                ChangeKind::New if self.life_state(old) == Some(PLANNED) => {
                    self.put(&mut new, "state", Value::Text(OPERATIVE.to_owned()));
                    self.put_if_empty(&mut new, "install_date", Value::Date(on));
                }
                ChangeKind::ToAbandon => self.put(&mut new, "state", Value::Text(OBSOLETE.to_owned())),
                _ => continue,
            }
            transaction.change(&self.schema, old, &new);
        }
        if changes.is_empty() {
            return Err(Error::Refused(
                Message::new("engineering.error.empty").with("number", number),
            ));
        }
        let mut session = self.begin_edit()?;
        session.apply(&transaction)?;
        let tags = closing(number, Stage::Completed)?;
        session.commit_tagged(&transaction.name, stamp, &tags)
    }

    fn put(&self, feature: &mut Feature, field: &str, value: Value) {
        if let Some(field) = self.schema.class(feature.class).field_index(field) {
            feature.values[field] = value;
        }
    }

    fn put_if_empty(&self, feature: &mut Feature, field: &str, value: Value) {
        let position = self.schema.class(feature.class).field_index(field);
        if position.is_some_and(|position| feature.values[position] == Value::Null) {
            self.put(feature, field, value);
        }
    }

    /// Takes everything that was edited for the project back.
    ///
    /// # Errors
    /// `Refused` where the project is closed, or where later edits rest on it, which are named. Nothing is changed then.
    pub fn withdraw_engineering(&mut self, number: &str, stamp: Stamp<'_>) -> Result<Effects> {
        let entries = self.open_engineering(number)?;
        let resting = self.resting_on(number, &entries.edits)?;
        if !resting.is_empty() {
            let names = resting
                .iter()
                .map(|id| self.called(*id))
                .collect::<Result<BTreeSet<String>>>()?;
            return Err(Error::Refused(
                Message::new("engineering.error.rested_on")
                    .with("number", number)
                    .with("count", names.len())
                    .with("features", names.into_iter().collect::<Vec<_>>().join(", ")),
            ));
        }
        let mut session = self.begin_edit()?;
        for (_, transaction) in entries.edits.iter().rev() {
            session.apply(&transaction.inverse())?;
        }
        let name = Message::new("engineering.name.withdraw").with("number", number);
        session.commit_tagged(&name, stamp, &closing(number, Stage::Withdrawn)?)
    }

    /// Features through which edits of others rest on those of a project: while there are any it is not withdrawn.
    ///
    /// # Errors
    /// Entries of the journal cannot be read.
    pub fn resting_on_engineering(&self, number: &str) -> Result<Vec<FeatureId>> {
        let entries = self.entries_of(number)?;
        Ok(self.resting_on(number, &entries.edits)?.into_iter().collect())
    }

    fn resting_on(&self, number: &str, edits: &[(i64, Transaction)]) -> Result<BTreeSet<FeatureId>> {
        let Some((first, _)) = edits.first() else {
            return Ok(BTreeSet::new());
        };
        let own: BTreeSet<FeatureId> = edits
            .iter()
            .flat_map(|(_, t)| t.edits.iter().map(Edit::id))
            .collect();
        let mut resting = BTreeSet::new();
        for entry in self.history()?.entries {
            let is_later = entry.is_in_force && entry.number > *first;
            if !is_later || entry.engineering.as_deref() == Some(number) {
                continue;
            }
            for edit in &self.journaled(entry.number)?.edits {
                if own.contains(&edit.id()) {
                    resting.insert(edit.id());
                }
            }
        }
        for id in &own {
            for (_, by) in self.referrers(*id)? {
                if !own.contains(&by) && edits.iter().any(|(_, t)| inserts(t, *id)) {
                    resting.insert(by);
                }
            }
        }
        Ok(resting)
    }

    fn called(&self, id: FeatureId) -> Result<String> {
        let feature = self.feature(id)?;
        Ok(feature.map_or_else(|| id.to_string(), |f| self.name_of(&f)))
    }
}

fn inserts(transaction: &Transaction, id: FeatureId) -> bool {
    let mut edits = transaction.edits.iter();
    edits.any(|edit| matches!(edit, Edit::Insert(feature) if feature.id == id))
}

fn closing(number: &str, stage: Stage) -> Result<[(&'static str, String); 2]> {
    Ok([(PROJECT, number.to_owned()), (STAGE, meta::to_json(&stage)?)])
}
