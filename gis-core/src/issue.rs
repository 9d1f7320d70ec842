//! Partial failures: what was rejected, repaired or found doubtful, with the place to look. Not errors:
//! the work goes on.

use serde::{Deserialize, Serialize};

use crate::text::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Repaired, guessed or doubtful.
    Warning,
    /// Rejected, or wrong as it stands.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub severity: Severity,
    pub message: Message,
    /// Source layer, sheet or section.
    pub layer: Option<String>,
    /// Row in the source, counted from 1 as the user counts (header row included for spreadsheets).
    pub row: Option<u64>,
    pub field: Option<String>,
    /// `code` of the feature.
    pub code: Option<String>,
    /// Place in the project's CRS, to zoom to.
    pub place: Option<[f64; 2]>,
}

impl Issue {
    pub fn new(severity: Severity, message: Message) -> Self {
        Self {
            severity,
            message,
            layer: None,
            row: None,
            field: None,
            code: None,
            place: None,
        }
    }

    #[must_use]
    pub fn in_layer(mut self, layer: impl Into<String>) -> Self {
        self.layer = Some(layer.into());
        self
    }

    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    #[must_use]
    pub fn on_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    #[must_use]
    pub fn on_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    #[must_use]
    pub fn at_place(mut self, place: [f64; 2]) -> Self {
        self.place = Some(place);
        self
    }
}

/// The findings of one run, in the order they were made.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Issues {
    list: Vec<Issue>,
}

impl Issues {
    pub fn push(&mut self, issue: Issue) {
        self.list.push(issue);
    }

    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        self.list.iter()
    }

    pub fn as_slice(&self) -> &[Issue] {
        &self.list
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|i| i.severity == severity).count()
    }
}
