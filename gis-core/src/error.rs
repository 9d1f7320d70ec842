//! What can go wrong in this crate, told so that the user knows what was found and what to do.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::text::{Lang, Message};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An operation that could not be done. Nothing was changed when one is returned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input or the request is not usable; the message says what was found, what was expected, what to do.
    #[error("{0}")]
    BadInput(Message),
    /// A well-formed question whose answer is "no" (nothing there, not reachable).
    #[error("{0}")]
    Refused(Message),
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("project file: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("GDAL: {0}")]
    Gdal(#[from] gdal::errors::GdalError),
    #[error("Excel file: {0}")]
    Spreadsheet(String),
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    pub fn bad_input(message: Message) -> Self {
        Self::BadInput(message)
    }

    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io {
            path: path.into(),
            source,
        }
    }

    /// The sentence for the user.
    pub fn text(&self, lang: Lang) -> String {
        self.message().text(lang)
    }

    pub fn message(&self) -> Message {
        match self {
            Self::BadInput(message) | Self::Refused(message) => message.clone(),
            Self::Io { path, source } => Message::new("core.error.io")
                .with("path", path.display())
                .with("reason", source),
            Self::Database(source) => {
                let key = match source.sqlite_error_code() {
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "core.error.damaged",
                    Some(ErrorCode::DiskFull) => "core.error.disk_full",
                    _ => "core.error.database",
                };
                Message::new(key).with("reason", source)
            }
            Self::Gdal(source) => Message::new("core.error.gdal").with("reason", source),
            Self::Spreadsheet(reason) => Message::new("core.error.spreadsheet").with("reason", reason),
            Self::Cancelled => Message::new("core.error.cancelled"),
        }
    }
}
