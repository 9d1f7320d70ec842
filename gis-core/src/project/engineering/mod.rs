//! 工程项目: named projects that collect edits until what they plan is built. A project is a document; what belongs to it is
//! told by the journal, so that undoing takes back everything alike. Reviews and servers are unknown here.

mod close;
mod plan;
#[cfg(test)]
mod tests;

pub use close::Material;
pub use plan::EngineeringPlan;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{EditSession, Effects, Project, Stamp, journal, meta};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::Feature;
use crate::text::Message;

const PREFIX: &str = "engineering/";
const PROJECT: &str = "engineering";
const MARKS: &str = "engineering_marks";
const STAGE: &str = "engineering_stage";

const PLANNED: &str = "planned";
const OPERATIVE: &str = "operative";
const OBSOLETE: &str = "obsolete";

/// What is written down of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Engineering {
    /// 工程编号; what the project is called by.
    pub number: String,
    pub name: String,
    pub designer: String,
    pub builder: String,
    pub begins: Option<NaiveDate>,
    pub ends: Option<NaiveDate>,
    /// Numbers or files of its drawings.
    pub drawings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Edits can be made for it.
    Open,
    /// Its features are in service.
    Completed,
    /// Its features were taken out again.
    Withdrawn,
}

impl Stage {
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What a project means for one feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    New,
    /// In service, and altered by the project: cut where something new begins, other attributes.
    Altered,
    /// In service until the project is completed.
    ToAbandon,
    /// Replaced by parts of it, or merged with others.
    Gone,
}

impl ChangeKind {
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Altered => "altered",
            Self::ToAbandon => "to_abandon",
            Self::Gone => "gone",
        }
    }
}

/// One difference between a project and the network in service.
#[derive(Debug, Clone)]
pub struct EngineeringChange {
    pub kind: ChangeKind,
    /// As it is now; as it was where it is gone.
    pub feature: Feature,
}

/// Entries of the journal in force that were made for one project.
struct Entries {
    edits: Vec<(i64, Transaction)>,
    marked: Vec<FeatureId>,
    stage: Stage,
}

impl Project {
    /// The engineering projects by number, each with how far it is.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn engineering_projects(&self) -> Result<Vec<(Engineering, Stage)>> {
        self.document_names(PREFIX)?
            .iter()
            .map(|name| {
                let text = self.document(name)?.unwrap_or_default();
                let project: Engineering = meta::from_json(name, &text)?;
                let stage = self.entries_of(&project.number)?.stage;
                Ok((project, stage))
            })
            .collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// There is none of that number.
    pub fn engineering(&self, number: &str) -> Result<(Engineering, Stage)> {
        let name = format!("{PREFIX}{number}");
        let text = self.document(&name)?.ok_or_else(|| {
            Error::bad_input(Message::new("engineering.error.unknown").with("number", number))
        })?;
        Ok((meta::from_json(&name, &text)?, self.entries_of(number)?.stage))
    }

    /// Writes a new project down.
    ///
    /// # Errors
    /// It has no number, one that is taken, or ends before it begins.
    pub fn add_engineering(&mut self, project: &Engineering) -> Result<()> {
        let name = format!("{PREFIX}{}", project.number);
        let refused = if project.number.trim().is_empty() {
            Some("engineering.error.no_number")
        } else if self.document(&name)?.is_some() {
            Some("engineering.error.taken")
        } else if matches!((project.begins, project.ends), (Some(begins), Some(ends)) if ends < begins) {
            Some("engineering.error.ends_early")
        } else {
            None
        };
        if let Some(key) = refused {
            return Err(Error::bad_input(
                Message::new(key).with("number", &project.number),
            ));
        }
        self.store_document(&name, &meta::to_json(project)?)
    }

    /// The project, if edits can be made for it.
    fn open_engineering(&self, number: &str) -> Result<Entries> {
        self.engineering(number)?;
        let entries = self.entries_of(number)?;
        if entries.stage == Stage::Open {
            return Ok(entries);
        }
        Err(Error::Refused(
            Message::new("engineering.error.closed").with("number", number),
        ))
    }

    fn entries_of(&self, number: &str) -> Result<Entries> {
        let mut found = Entries {
            edits: Vec::new(),
            marked: Vec::new(),
            stage: Stage::Open,
        };
        let (marks, stages) = (self.journal_tags(MARKS)?, self.journal_tags(STAGE)?);
        for entry in self.history()?.entries {
            if !entry.is_in_force || entry.engineering.as_deref() != Some(number) {
                continue;
            }
            if let Some(stage) = stages.get(&entry.number) {
                found.stage = meta::from_json(STAGE, stage)?;
                continue;
            }
            if let Some(ids) = marks.get(&entry.number) {
                found
                    .marked
                    .extend(meta::from_json::<Vec<FeatureId>>(MARKS, ids)?);
            }
            found.edits.push((entry.number, self.journaled(entry.number)?));
        }
        Ok(found)
    }

    /// What a project changes in the network in service: new features first, then what it alters, what it will abandon
    /// and what it replaces.
    ///
    /// # Errors
    /// There is no such project.
    pub fn engineering_changes(&self, number: &str) -> Result<Vec<EngineeringChange>> {
        self.engineering(number)?;
        let entries = self.entries_of(number)?;
        let mut kinds: BTreeMap<FeatureId, ChangeKind> = BTreeMap::new();
        let mut gone: BTreeMap<FeatureId, Feature> = BTreeMap::new();
        for edit in entries
            .edits
            .iter()
            .flat_map(|(_, transaction)| &transaction.edits)
        {
            match edit {
                Edit::Insert(feature) => {
                    let kind = match self.life_state(feature) {
                        Some(PLANNED) => ChangeKind::New,
                        _ => ChangeKind::Altered,
                    };
                    kinds.insert(feature.id, kind);
                }
                Edit::Update(update) => {
                    kinds.entry(update.id).or_insert(ChangeKind::Altered);
                }
                Edit::Delete(feature) => {
                    if kinds.get(&feature.id) != Some(&ChangeKind::New) {
                        gone.insert(feature.id, feature.clone());
                    }
                    kinds.remove(&feature.id);
                }
            }
        }
        kinds.extend(entries.marked.iter().map(|id| (*id, ChangeKind::ToAbandon)));
        let mut changes = Vec::with_capacity(kinds.len() + gone.len());
        for (id, kind) in kinds {
            if let Some(feature) = self.feature(id)? {
                changes.push(EngineeringChange { kind, feature });
            }
        }
        changes.extend(gone.into_values().map(|feature| EngineeringChange {
            kind: ChangeKind::Gone,
            feature,
        }));
        changes.sort_by_key(|change| change.kind);
        Ok(changes)
    }

    fn life_state<'f>(&self, feature: &'f Feature) -> Option<&'f str> {
        let field = self.schema.class(feature.class).field_index("state")?;
        feature.values.get(field)?.as_text()
    }

    fn journal_tags(&self, key: &str) -> Result<std::collections::HashMap<i64, String>> {
        Ok(journal::tags(&self.connection, key)?)
    }
}

impl EditSession<'_> {
    /// Ends the session with an entry that belongs to an engineering project. `marks` are features in service that the
    /// project will abandon; they are not touched before.
    ///
    /// # Errors
    /// As for [`Project::commit`].
    pub fn commit_for(
        self,
        number: &str,
        marks: &[FeatureId],
        name: &Message,
        stamp: Stamp<'_>,
    ) -> Result<Effects> {
        let mut tags = vec![(PROJECT, number.to_owned())];
        if !marks.is_empty() {
            tags.push((MARKS, meta::to_json(&marks)?));
        }
        self.commit_tagged(name, stamp, &tags)
    }
}
