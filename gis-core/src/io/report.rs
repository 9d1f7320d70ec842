//! What an import did, and what it took the source to mean. It decides nothing.

use serde::Serialize;

use crate::issue::Issues;
use crate::text::Message;

/// What an import did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportReport {
    pub layers: Vec<LayerReport>,
    /// What nobody said and was guessed; each can be corrected in the mapping of `inspect` and read again.
    pub guesses: Vec<Guess>,
    pub issues: Issues,
}

impl ImportReport {
    pub fn written(&self) -> u64 {
        self.layers.iter().map(|l| l.written).sum()
    }

    pub fn rejected(&self) -> u64 {
        self.layers.iter().map(|l| l.rejected).sum()
    }

    pub fn extend(&mut self, other: Self) {
        self.layers.extend(other.layers);
        self.guesses.extend(other.guesses);
        self.issues.extend(other.issues);
    }
}

/// One source layer, sheet or section and what became of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LayerReport {
    pub layer: String,
    /// Key of the class its features went to; empty where its rows went to several.
    pub class: String,
    pub read: u64,
    /// Features; more than `read` where multi-part lines were split.
    pub written: u64,
    pub rejected: u64,
}

/// What a guess is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuessSubject {
    /// A layer is of this class.
    LayerClass,
    /// Rows with this value in this column are of this class.
    ValueClass,
    /// This column says of which class a row is.
    ClassColumn,
    /// This column is that field.
    Field,
    Crs,
    Encoding,
    /// A layer was left out.
    Skipped,
}

/// Something nobody said: what was found and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guess {
    pub subject: GuessSubject,
    /// Source layer, sheet or section; empty where it is about the whole source.
    pub layer: String,
    /// Source column, where it is about one.
    pub column: Option<String>,
    /// The name or value that was found.
    pub found: String,
    /// Key of the class (with `/kind`) or field, CRS or encoding it was taken for.
    pub taken_for: String,
    /// The same as a sentence.
    pub message: Message,
}
