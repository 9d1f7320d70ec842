//! What is wrong with an expression, and where.

use std::fmt;

use crate::error::Error;
use crate::text::{Lang, Message};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// Position of the offending character, counted in characters from 0.
    pub at: usize,
    /// Characters it is about; 0 at the end of the text.
    pub length: usize,
    /// What was found and what was expected.
    pub expected: Message,
    /// Names that look like the one found, best first.
    pub near: Vec<String>,
}

impl ExprError {
    pub(super) fn new(text: &str, start: usize, end: usize, expected: Message) -> Self {
        let count = |to: usize| text.get(..to).map_or(0, |t| t.chars().count());
        let at = count(start);
        Self {
            at,
            length: count(end.max(start)).saturating_sub(at),
            expected,
            near: Vec::new(),
        }
    }

    /// The whole sentence: place, what is wrong, near names.
    pub fn text(&self, lang: Lang) -> String {
        let said = Message::new("expr.error.at")
            .with("at", self.at + 1)
            .with("what", self.expected.text(lang))
            .text(lang);
        if self.near.is_empty() {
            return said;
        }
        let near = Message::new("expr.error.near").with("names", self.near.join(lang.pick("、", ", ")));
        format!("{said}{}", near.text(lang))
    }

    /// The text with a mark under the place, for a terminal.
    pub fn pointed(&self, text: &str) -> String {
        let indent: String = text
            .chars()
            .take(self.at)
            .map(|c| if c.is_ascii() { ' ' } else { '\u{3000}' })
            .collect();
        format!("{text}\n{indent}{}", "^".repeat(self.length.max(1)))
    }

    /// As a message to be shown elsewhere; it names the place and what is wrong.
    pub fn message(&self) -> Message {
        self.expected.clone()
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for ExprError {}

impl From<ExprError> for Error {
    fn from(error: ExprError) -> Self {
        Self::bad_input(error.message())
    }
}
