//! What the terminal is told: results, messages, progress. It decides nothing.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use gis_core::{Error, Lang, Message, Progress};
use serde::Serialize;
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

pub(crate) struct Console {
    format: Format,
    lang: Lang,
    progress: TerminalProgress,
}

impl Console {
    pub(crate) fn new(format: Format, lang: Lang) -> Self {
        let is_shown = format == Format::Text && std::io::stderr().is_terminal();
        Self {
            format,
            lang,
            progress: TerminalProgress {
                lang,
                is_shown,
                last: Mutex::new(None),
            },
        }
    }

    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn progress(&self) -> &dyn Progress {
        &self.progress
    }

    /// A result as JSON on one line.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> gis_core::Result<()> {
        let text = serde_json::to_string(value)
            .map_err(|e| Error::bad_input(Message::new("cli.error.json").with("reason", e)))?;
        self.line(&text)
    }

    /// A line of the result. A reader that went away (`| head`) is no error.
    #[expect(clippy::unused_self, reason = "whoever writes a result holds the console")]
    pub(crate) fn line(&mut self, text: &str) -> gis_core::Result<()> {
        match writeln!(std::io::stdout().lock(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::io("stdout", error)),
            _ => Ok(()),
        }
    }

    /// A translated line of the result.
    pub(crate) fn say(&mut self, message: &Message) -> gis_core::Result<()> {
        self.line(&message.text(self.lang))
    }

    /// A line beside the result, in text and JSON alike on standard error.
    pub(crate) fn note(&self, message: &Message) {
        drop(writeln!(std::io::stderr().lock(), "{}", message.text(self.lang)));
    }

    pub(crate) fn fail(&self, error: &Error) {
        let text = error.text(self.lang);
        let text = if self.is_json() {
            json!({ "error": text }).to_string()
        } else {
            text
        };
        drop(writeln!(std::io::stderr().lock(), "{text}"));
    }

    /// Rows under headers, columns as wide as their content; Chinese characters take two places.
    pub(crate) fn table(&mut self, headers: &[String], rows: &[Vec<String>]) -> gis_core::Result<()> {
        let widths: Vec<usize> = (0..headers.len())
            .map(|column| {
                let cells = rows.iter().map(|row| row[column].as_str());
                cells
                    .chain([headers[column].as_str()])
                    .map(width)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let write = |console: &mut Self, row: &[String]| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide - width(cell).min(*wide))))
                .collect();
            console.line(format!("  {}", cells.join("  ")).trim_end())
        };
        write(self, headers)?;
        rows.iter().try_for_each(|row| write(self, row))
    }
}

/// Places a text takes on a terminal.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if ('\u{1100}'..='\u{ffe6}').contains(&c) {
                2
            } else {
                1
            }
        })
        .sum()
}

/// One line that overwrites itself, on a terminal only.
struct TerminalProgress {
    lang: Lang,
    is_shown: bool,
    last: Mutex<Option<Instant>>,
}

impl Progress for TerminalProgress {
    fn report(&self, stage: &Message, done: u64, total: Option<u64>) {
        if !self.is_shown {
            return;
        }
        let Ok(mut last) = self.last.lock() else { return };
        let is_end = total == Some(done);
        if !is_end && last.is_some_and(|at| at.elapsed() < Duration::from_millis(100)) {
            return;
        }
        *last = Some(Instant::now());
        let share = match total {
            Some(total) if total > 0 => format!("{:>3} %", done * 100 / total),
            _ => done.to_string(),
        };
        let end = if is_end { "\r\u{1b}[K" } else { "" };
        drop(write!(
            std::io::stderr().lock(),
            "\r\u{1b}[K{} {share}{end}",
            stage.text(self.lang)
        ));
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_take_two_places() {
        assert_eq!(width("DN300 阀门"), 10);
    }
}
