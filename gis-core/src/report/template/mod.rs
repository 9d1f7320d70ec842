//! A user's own workbook, filled with a result: values at named cells, a pattern row that becomes as many rows as there
//! are, and everything below moved. It keeps what it does not know, and says what it could not keep. It finds nothing
//! and computes nothing: Excel does, when the file is opened.

mod book;
mod edits;
mod facts;
mod fill;
mod package;
mod reference;
mod rows;
mod sources;
#[cfg(test)]
mod tests;
mod xml;

use std::path::Path;

use chrono::NaiveDateTime;

use super::sheet::Cell;
use crate::error::{Error, Result};
use crate::text::{Lang, Message};

/// A template as it was read.
pub struct Template {
    bytes: Vec<u8>,
}

/// What a template can say of a result beside its rows.
#[derive(Debug, Clone)]
pub struct Occasion {
    pub title: String,
    /// What was asked, empty where everything was.
    pub condition: String,
    pub project: String,
    /// Local time.
    pub created: NaiveDateTime,
    pub lang: Lang,
}

/// A filled workbook, and what the user should know of it.
#[derive(Debug)]
pub struct Filled {
    pub bytes: Vec<u8>,
    pub notes: Vec<Message>,
}

/// A column of a result.
struct Field {
    /// Of `karez_col_…`.
    key: String,
    heading: String,
    /// Not only there where a template names it.
    is_listed: bool,
}

/// The rows of a result, as many as `count` says.
struct Table<'a> {
    fields: Vec<Field>,
    count: usize,
    rows: Box<dyn Iterator<Item = Result<Vec<Cell>>> + 'a>,
}

impl Template {
    /// Reads a template that is to be filled into another file.
    ///
    /// # Errors
    /// The file cannot be read, or is the one that would be written.
    pub fn open(path: &Path, output: &Path) -> Result<Self> {
        let same = |path: &Path| path.canonicalize().ok();
        if path == output || same(path).is_some_and(|template| same(output) == Some(template)) {
            let message = Message::new("report.template.error.same_file").with("path", path.display());
            return Err(Error::bad_input(message));
        }
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        Ok(Self { bytes })
    }
}
