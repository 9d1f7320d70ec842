//! Queries kept with a project under a name, so that all who open it can ask them. A query may leave values open:
//! `diameter_mm >= :least` asks for `least` each time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::keys::closing_of;
use super::{Query, class_named, ways};
use crate::error::{Error, Result};
use crate::expr::nearest;
use crate::project::Project;
use crate::text::Message;

const DOCUMENT_PREFIX: &str = "query/";

/// A query by the keys of its classes and the text of its condition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedQuery {
    /// Keys of classes; all where empty.
    #[serde(default)]
    pub classes: Vec<String>,
    /// A condition, with `:name` where a value is left open.
    #[serde(default)]
    pub condition: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    pub sheet: Option<String>,
}

impl SavedQuery {
    /// Names of those kept in a project.
    pub fn names(project: &Project) -> Result<Vec<String>> {
        let names = project.document_names(DOCUMENT_PREFIX)?.into_iter();
        Ok(names
            .filter_map(|name| name.strip_prefix(DOCUMENT_PREFIX).map(str::to_owned))
            .collect())
    }

    /// # Errors
    /// `BadInput` where the project has none of that name, with those that are near, or it cannot be read.
    pub fn load(project: &Project, name: &str) -> Result<Self> {
        let Some(text) = project.document(&format!("{DOCUMENT_PREFIX}{name}"))? else {
            let known = Self::names(project)?;
            let near = nearest(name, known.iter().map(String::as_str));
            let shown = if near.is_empty() { known } else { near };
            return Err(Error::bad_input(
                Message::new("query.error.no_saved")
                    .with("found", name)
                    .with("known", shown.join(", ")),
            ));
        };
        serde_json::from_str(&text).map_err(|reason| {
            Error::bad_input(
                Message::new("query.error.saved_unreadable")
                    .with("found", name)
                    .with("reason", reason),
            )
        })
    }

    /// In place of one of that name.
    ///
    /// # Errors
    /// `BadInput` for an empty name, or a project that cannot be written.
    pub fn save(&self, project: &mut Project, name: &str) -> Result<()> {
        let name = name.trim();
        let text = serde_json::to_string(self).unwrap_or_default();
        if name.is_empty() || text.is_empty() {
            return Err(Error::bad_input(Message::new("query.error.saved_name")));
        }
        project.store_document(&format!("{DOCUMENT_PREFIX}{name}"), &text)
    }

    pub fn delete(project: &mut Project, name: &str) -> Result<()> {
        project.delete_document(&format!("{DOCUMENT_PREFIX}{name}"))
    }

    /// Several conditions that must hold as one.
    pub fn joined(conditions: &[String]) -> Option<String> {
        match conditions {
            [] => None,
            [only] => Some(only.clone()),
            several => {
                let bracketed: Vec<String> = several.iter().map(|text| format!("({text})")).collect();
                Some(bracketed.join(" and "))
            }
        }
    }

    /// The condition with open values filled in, as far as there are values for them.
    pub fn condition_with(&self, values: &BTreeMap<String, String>) -> Option<String> {
        self.condition.as_ref().map(|text| filled(text, values))
    }

    /// Names of the values that are left open, each once, in the order they come.
    pub fn parameters(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for piece in pieces(self.condition.as_deref().unwrap_or_default()) {
            if let Piece::Open(name) = piece
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The query with its open values filled in.
    ///
    /// # Errors
    /// `BadInput` where a value is missing or has no place in it, or the project lacks a class or the sheet.
    pub fn filled(&self, project: &Project, values: &BTreeMap<String, String>) -> Result<Query> {
        let open = self.parameters();
        let wrong = |key: &'static str, name: &str| {
            let message = Message::new(key).with("found", name);
            Err(Error::bad_input(message.with("known", open.join(", "))))
        };
        if let Some(missing) = open.iter().find(|name| !values.contains_key(*name)) {
            return wrong("query.error.parameter_missing", missing);
        }
        if let Some(needless) = values.keys().find(|name| !open.contains(name)) {
            return wrong("query.error.parameter_unknown", needless);
        }
        let classes = self.classes.iter().map(|name| class_named(project, name));
        let sheet = self.sheet.as_ref().map(|number| ways::on_sheet(project, number));
        Ok(Query {
            classes: classes.collect::<Result<_>>()?,
            condition: self.condition_with(values),
            address: self.address.clone(),
            area: sheet.transpose()?,
            ..Query::default()
        })
    }
}

enum Piece<'a> {
    Said(&'a str),
    Open(&'a str),
}

/// A condition cut at its open values. What stands in quotes is said.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut said = 0;
    let mut closing: Option<char> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        if let Some(mark) = closing {
            if c == mark {
                closing = None;
            }
            continue;
        }
        match c {
            ':' | '：' => {
                let start = at + c.len_utf8();
                let mut end = start;
                while let Some((next, c)) = letters.next_if(|(_, c)| c.is_alphanumeric() || *c == '_') {
                    end = next + c.len_utf8();
                }
                if let (true, Some(before), Some(name)) =
                    (end > start, text.get(said..at), text.get(start..end))
                {
                    pieces.extend([Piece::Said(before), Piece::Open(name)]);
                    said = end;
                }
            }
            _ => closing = closing_of(c),
        }
    }
    pieces.extend(text.get(said..).map(Piece::Said));
    pieces
}

/// Values go in as texts, which cannot say anything but themselves; beside a field of numbers or dates they count as such.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Said(said) => said.to_owned(),
        Piece::Open(name) => match values.get(name) {
            Some(value) => ways::quoted(value),
            None => format!(":{name}"),
        },
    };
    pieces(text).into_iter().map(piece).collect()
}
