//! 例外: findings that somebody has looked at and let stand, with the reason. They are kept in the project beside its features,
//! and a finding is known again by its rule and its features.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::project::{Project, Stamp};
use crate::text::Message;

const DOCUMENT: &str = "rules/accepted";

/// One finding that is let stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// [`Finding::id`].
    pub finding: String,
    pub features: Vec<FeatureId>,
    /// What was found when it was accepted.
    pub said: Message,
    pub reason: String,
    pub who: String,
    pub at_unix_ms: u64,
}

impl Project {
    /// What is let stand, in the order in which it was accepted.
    ///
    /// # Errors
    /// The document cannot be read.
    pub fn acceptances(&self) -> Result<Vec<Acceptance>> {
        let Some(text) = self.document(DOCUMENT)? else {
            return Ok(Vec::new());
        };
        serde_json::from_str(&text).map_err(|error| {
            Error::bad_input(
                Message::new("rules.accept.unreadable")
                    .with("document", DOCUMENT)
                    .with("reason", error),
            )
        })
    }

    /// Lets findings stand. One that was accepted before gets the new reason.
    ///
    /// # Errors
    /// There is no reason, or the project cannot be written.
    pub fn accept(&mut self, findings: &[&Finding], reason: &str, stamp: Stamp<'_>) -> Result<()> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Error::bad_input(Message::new("rules.accept.no_reason")));
        }
        let mut all = self.acceptances()?;
        for finding in findings {
            let id = finding.id();
            all.retain(|known| known.finding != id);
            all.push(Acceptance {
                finding: id,
                features: finding.features.clone(),
                said: finding.issue.message.clone(),
                reason: reason.to_owned(),
                who: stamp.who.to_owned(),
                at_unix_ms: stamp.at_unix_ms,
            });
        }
        self.keep_acceptances(&all)
    }

    /// Lets a finding stand no longer.
    ///
    /// # Errors
    /// It was not accepted, or the project cannot be written.
    pub fn withdraw(&mut self, finding: &str) -> Result<()> {
        let mut all = self.acceptances()?;
        let count = all.len();
        all.retain(|known| known.finding != finding);
        if all.len() == count {
            return Err(Error::bad_input(
                Message::new("rules.accept.unknown").with("finding", finding),
            ));
        }
        self.keep_acceptances(&all)
    }

    fn keep_acceptances(&mut self, all: &[Acceptance]) -> Result<()> {
        let text = serde_json::to_string(all).map_err(|error| {
            Error::bad_input(
                Message::new("rules.accept.unreadable")
                    .with("document", DOCUMENT)
                    .with("reason", error),
            )
        })?;
        self.store_document(DOCUMENT, &text)
    }
}

/// Findings that nobody let stand, and those that somebody did.
pub fn part_accepted(findings: Vec<Finding>, accepted: &[Acceptance]) -> (Vec<Finding>, Vec<Finding>) {
    let known: HashSet<&str> = accepted.iter().map(|a| a.finding.as_str()).collect();
    findings
        .into_iter()
        .partition(|finding| !known.contains(finding.id().as_str()))
}
