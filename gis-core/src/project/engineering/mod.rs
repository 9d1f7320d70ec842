//! 工程项目: named projects that collect edits until what they plan is built. A project is a document; what belongs to it is
//! told by the journal, so that undoing takes back everything alike. Reviews and servers are unknown here.

mod changes;
mod close;
mod materials;
mod plan;
#[cfg(test)]
mod tests;

pub use changes::{ChangeKind, EngineeringChange};
pub use materials::Material;
pub use plan::EngineeringPlan;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{EditSession, Effects, Project, Stamp, journal, meta};
use crate::edit::Transaction;
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
        let number = &project.number;
        if number.trim().is_empty() {
            return Err(refused("engineering.error.no_number", number));
        }
        if self.document(&format!("{PREFIX}{number}"))?.is_some() {
            return Err(refused("engineering.error.taken", number));
        }
        self.store_engineering(project)
    }

    /// Writes down what is known of a project otherwise than before. Its number stays: the journal knows it by that.
    ///
    /// # Errors
    /// There is none of that number, or it ends before it begins.
    pub fn change_engineering(&mut self, project: &Engineering) -> Result<()> {
        self.engineering(&project.number)?;
        self.store_engineering(project)
    }

    fn store_engineering(&mut self, project: &Engineering) -> Result<()> {
        if matches!((project.begins, project.ends), (Some(begins), Some(ends)) if ends < begins) {
            return Err(refused("engineering.error.ends_early", &project.number));
        }
        let name = format!("{PREFIX}{}", project.number);
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

    fn life_state<'f>(&self, feature: &'f Feature) -> Option<&'f str> {
        let field = self.schema.class(feature.class).field_index("state")?;
        feature.values.get(field)?.as_text()
    }

    fn journal_tags(&self, key: &str) -> Result<std::collections::HashMap<i64, String>> {
        Ok(journal::tags(&self.connection, key)?)
    }
}

impl EditSession<'_> {
    /// Ends the session with an entry that belongs to an engineering project, if one is given. `marks` are features in
    /// service that the project will abandon; they are not touched before. Nothing done and nothing marked is no entry.
    ///
    /// # Errors
    /// As for [`Project::commit`].
    pub fn commit_for(
        self,
        engineering: Option<&str>,
        marks: &[FeatureId],
        name: &Message,
        stamp: Stamp<'_>,
    ) -> Result<Effects> {
        let Some(number) = engineering.filter(|_| self.has_changes() || !marks.is_empty()) else {
            return self.commit(name, stamp);
        };
        let mut tags = vec![(PROJECT, number.to_owned())];
        if !marks.is_empty() {
            tags.push((MARKS, meta::to_json(&marks)?));
        }
        self.commit_tagged(name, stamp, &tags)
    }
}

fn refused(key: &'static str, number: &str) -> Error {
    Error::bad_input(Message::new(key).with("number", number))
}
