//! 属性更新 from a workbook: a heading, a column of codes, and a column a field. Every cell that differs is a change of the
//! one transaction; rows that cannot be used are told by their number.

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Work;
use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::io::survey::{PlainRow, plain_rows};
use crate::model::Feature;
use crate::progress::NoProgress;
use crate::text::Message;

/// What rows that cannot be used do to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadRows {
    /// Nothing is changed.
    #[default]
    Refuse,
    /// The others are changed, these are told.
    Skip,
}

/// What a row says.
enum Found {
    /// It has no code.
    Nothing,
    Change(Box<Feature>, Box<Feature>),
    Bad(BadRow),
}

struct BadRow {
    number: u32,
    what: String,
    key: &'static str,
}

/// Bad rows told in one message; the rest is counted.
const ROWS_TOLD: usize = 10;

impl Work<'_> {
    pub(super) fn set_table(
        &mut self,
        file: &Path,
        sheet: Option<&str>,
        class: Option<&str>,
        bad_rows: BadRows,
    ) -> Result<Transaction> {
        let rows = plain_rows(file, sheet, &NoProgress)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let Some((heading, rows)) = rows.split_first() else {
            return Err(Error::bad_input(
                Message::new("edit.table.empty").with("path", file.display()),
            ));
        };
        let columns: Vec<(u32, String)> = heading
            .cells
            .iter()
            .filter_map(|(column, cell)| Some((*column, cell.as_str()?.trim().to_owned())))
            .collect();
        let codes = columns
            .iter()
            .find(|(_, title)| self.is_code(title))
            .map(|(column, _)| *column);
        let Some(codes) = codes else {
            let titles: Vec<&str> = columns.iter().map(|(_, title)| title.as_str()).collect();
            return Err(Error::bad_input(
                Message::new("edit.table.no_code")
                    .with("path", file.display())
                    .with("found", titles.join(", ")),
            ));
        };
        let mut transaction = Self::begin("edit.name.set_table", &name);
        let mut bad: Vec<BadRow> = Vec::new();
        let mut seen: HashSet<FeatureId> = HashSet::new();
        for row in rows {
            match self.table_row(row, codes, &columns, class)? {
                Found::Nothing => {}
                Found::Bad(row) => bad.push(row),
                Found::Change(old, new) if seen.insert(old.id) => {
                    transaction.change(self.schema(), &old, &new);
                }
                Found::Change(old, _) => bad.push(BadRow {
                    number: row.number,
                    what: self.project.name_of(&old),
                    key: "edit.table.twice",
                }),
            }
        }
        self.judge(&bad, bad_rows)?;
        Ok(transaction)
    }

    /// A feature as it is and as its row says.
    fn table_row(
        &self,
        row: &PlainRow,
        codes: u32,
        columns: &[(u32, String)],
        class: Option<&str>,
    ) -> Result<Found> {
        let cell = |wanted: u32| {
            row.cells
                .iter()
                .find(|(column, _)| *column == wanted)
                .map(|(_, cell)| cell)
        };
        let code = match cell(codes) {
            Some(Json::String(code)) => code.clone(),
            Some(Json::Number(number)) => number.to_string(),
            _ => return Ok(Found::Nothing),
        };
        let name = match class {
            Some(class) => format!("{class} {code}"),
            None => code.clone(),
        };
        let bad = |key, what: String| {
            Found::Bad(BadRow {
                number: row.number,
                what,
                key,
            })
        };
        let old = match self.find(&name) {
            Ok(old) => old,
            Err(Error::BadInput(_)) => return Ok(bad("edit.table.unknown", code)),
            Err(other) => return Err(other),
        };
        let mut new = old.clone();
        for (column, title) in columns {
            // An empty cell says nothing.
            let Some(cell) = cell(*column).filter(|_| *column != codes) else {
                continue;
            };
            let one = Map::from_iter([(title.clone(), cell.clone())]);
            match self.fill(&mut new, &one) {
                Ok(()) => {}
                Err(Error::BadInput(_)) => {
                    return Ok(bad("edit.table.unfit", format!("{code} {title} = {cell}")));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(Found::Change(Box::new(old), Box::new(new)))
    }

    fn is_code(&self, title: &str) -> bool {
        let classes = self.schema().classes.iter();
        classes
            .filter(|class| class.field_index("code").is_some())
            .any(|class| class.resolve_field(title) == class.field_index("code"))
    }

    fn judge(&mut self, bad: &[BadRow], bad_rows: BadRows) -> Result<()> {
        if bad_rows == BadRows::Skip || bad.is_empty() {
            let told = bad.iter().map(|row| {
                Message::new(row.key)
                    .with("row", row.number)
                    .with("found", &row.what)
            });
            self.notes.extend(told);
            return Ok(());
        }
        let told: Vec<String> = bad
            .iter()
            .take(ROWS_TOLD)
            .map(|row| format!("{}: {}", row.number, row.what))
            .collect();
        Err(Error::bad_input(
            Message::new("edit.table.bad_rows")
                .with("count", bad.len())
                .with("rows", told.join("; ")),
        ))
    }
}
