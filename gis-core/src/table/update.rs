//! 按 Excel 更新属性 (4.4): what a workbook would change in the features of a class that its rows name by a key. A workbook that
//! the program wrote knows the state it shows, so that what was changed here since is told apart from what was changed there.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::Value as Json;

use super::cells::typed;
use super::change::{Cell, CellChange, Changes, position};
use super::rows::values_of;
use crate::error::{Error, Result};
use crate::expr::plain_text;
use crate::ids::FeatureId;
use crate::io::survey::{PlainRow, PlainSheet, half_width, plain_sheets};
use crate::model::{ClassIndex, Value};
use crate::progress::Progress;
use crate::project::{Baseline, Project};
use crate::schema::{Field, FieldType};
use crate::text::Message;

/// The hidden sheet that says which state a workbook shows.
pub(crate) const STATE_SHEET: &str = "_karez";

/// Rows in which the headings are looked for.
const HEADING_ROWS: usize = 20;

/// Rows between two looks at whether the user has enough of it.
const OFTEN: usize = 8_192;

#[derive(Debug, Clone, Default)]
pub struct UpdateOptions {
    /// The first sheet with headings where none is named.
    pub sheet: Option<String>,
    /// The field whose values name the features, by any of its names; the object number where none is named.
    pub key: Option<String>,
    /// An empty cell takes away what is there; else it says nothing.
    pub clears: bool,
    /// Where a value was changed both here and in the workbook, the workbook's is taken.
    pub takes_workbook: bool,
}

/// A cell that was changed here after the workbook was written, to something else than what the workbook says.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// What the workbook was written with.
    pub base: Value,
    /// From what is here to what the workbook says.
    pub change: CellChange,
}

/// What a workbook would change, for a user to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// With the conflicts where they are taken.
    pub changes: Changes,
    pub conflicts: Vec<Conflict>,
    /// Rows with a key.
    pub rows: usize,
    /// Those of them that name one feature.
    pub matched: usize,
    /// Headings of columns that the class does not know.
    pub unknown_columns: Vec<String>,
    /// Whether the workbook says which state it shows.
    pub has_baseline: bool,
}

impl Update {
    /// What is to be said of rows and columns.
    pub fn notes(&self) -> Vec<Message> {
        let mut notes = vec![
            Message::new("table.update.rows")
                .with("rows", self.rows)
                .with("matched", self.matched)
                .with("unchanged", self.changes.unchanged)
                .with("rejects", self.changes.rejects.len()),
        ];
        if !self.unknown_columns.is_empty() {
            notes.push(Message::new("table.update.unknown").with("found", self.unknown_columns.join(", ")));
        }
        if !self.has_baseline {
            notes.push(Message::new("table.update.no_baseline"));
        }
        notes
    }
}

/// # Errors
/// The file is no workbook that can be read, has no such sheet, no column of the key or nothing beside it, `Cancelled`, or
/// the project cannot be read.
pub fn update(
    project: &Project,
    class: ClassIndex,
    path: &Path,
    options: &UpdateOptions,
    progress: &dyn Progress,
) -> Result<Update> {
    let sheets = plain_sheets(path, progress)?;
    let key = key_field(project, class, options.key.as_deref())?;
    let table = find_table(project, class, key, &sheets, options.sheet.as_deref(), path)?;
    let baseline = baseline(project, &sheets)?;
    let features = Features::by_key(project, class, key, &table)?;
    let mut work = Work {
        project,
        class,
        options,
        changes: Changes::none(class),
        conflicts: Vec::new(),
        matched: 0,
        baseline: &baseline,
    };
    let fields: Vec<String> = table
        .columns
        .iter()
        .map(|(_, at)| project.schema().class(class).fields[*at].key.clone())
        .collect();
    let named: Vec<FeatureId> = table
        .rows
        .iter()
        .filter_map(|row| features.named.get(&row.key)?.first().copied())
        .collect();
    let mut wanted = vec!["code".to_owned()];
    wanted.extend(fields);
    let values: HashMap<FeatureId, Vec<Value>> = named
        .iter()
        .copied()
        .zip(values_of(project, class, &named, &wanted)?)
        .filter_map(|(id, values)| Some((id, values?)))
        .collect();
    for (i, row) in table.rows.iter().enumerate() {
        if i % OFTEN == 0 {
            progress.report(
                &Message::new("table.update.comparing"),
                i as u64,
                Some(table.rows.len() as u64),
            );
            progress.check()?;
        }
        match features.named.get(&row.key).map(Vec::as_slice) {
            _ if features.repeated.contains(&row.key) => work.reject(row, "table.update.repeated"),
            Some([id]) => {
                if let Some(values) = values.get(id) {
                    work.row(row, *id, values, &table);
                }
            }
            Some(_) => work.reject(row, "table.update.ambiguous"),
            None => work.reject(row, "table.update.no_feature"),
        }
    }
    Ok(Update {
        matched: work.matched,
        changes: work.changes,
        conflicts: work.conflicts,
        rows: table.rows.len(),
        unknown_columns: table.unknown,
        has_baseline: baseline.is_some(),
    })
}

fn key_field(project: &Project, class: ClassIndex, name: Option<&str>) -> Result<usize> {
    let own = project.schema().class(class);
    let found = own.resolve_field(name.unwrap_or("code"));
    found.map_or_else(|| position(project, class, name.unwrap_or("code")), Ok)
}

/// A row that names something.
struct NamedRow<'a> {
    sheet: &'a PlainSheet,
    row: &'a PlainRow,
    key: String,
}

/// The rows under the headings, on a sheet and those that continue it.
struct Table<'a> {
    rows: Vec<NamedRow<'a>>,
    /// Columns of the sheet with positions in the class; without the key.
    columns: Vec<(u32, usize)>,
    unknown: Vec<String>,
}

/// What the headings of a row mean: the column of the key, columns with fields, headings of others.
struct Headings {
    key: u32,
    columns: Vec<(u32, usize)>,
    unknown: Vec<String>,
}

fn headings(project: &Project, class: ClassIndex, key: usize, row: &PlainRow) -> Option<Headings> {
    let own = project.schema().class(class);
    let mut found: Vec<(u32, usize)> = Vec::new();
    let mut unknown = Vec::new();
    for (column, cell) in &row.cells {
        let Some(title) = cell.as_str() else { continue };
        match own.resolve_field(title) {
            Some(at) if found.iter().all(|(_, known)| *known != at) => found.push((*column, at)),
            _ => unknown.push(title.to_owned()),
        }
    }
    let place = found.iter().position(|(_, at)| *at == key)?;
    let (column, _) = found.remove(place);
    (!found.is_empty()).then_some(Headings {
        key: column,
        columns: found,
        unknown,
    })
}

fn find_table<'a>(
    project: &Project,
    class: ClassIndex,
    key: usize,
    sheets: &'a [PlainSheet],
    wanted: Option<&str>,
    path: &Path,
) -> Result<Table<'a>> {
    let shown: Vec<&PlainSheet> = sheets.iter().filter(|sheet| sheet.name != STATE_SHEET).collect();
    let mut found: Option<(Headings, Table<'a>)> = None;
    for sheet in &shown {
        let start = sheet.rows.iter().take(HEADING_ROWS);
        let heads = start
            .enumerate()
            .find_map(|(i, row)| Some((i, headings(project, class, key, row)?)));
        match (&mut found, heads) {
            (None, Some((i, heads))) if wanted.is_none_or(|name| name == sheet.name) => {
                let mut table = Table {
                    rows: Vec::new(),
                    columns: heads.columns.clone(),
                    unknown: heads.unknown.clone(),
                };
                table.take(sheet, &heads, i + 1);
                found = Some((heads, table));
            }
            // Excel ends a sheet at 1,048,576 rows; the next one goes on under the same headings.
            (Some((first, table)), Some((i, heads)))
                if wanted.is_none() && heads.columns == first.columns && heads.key == first.key =>
            {
                table.take(sheet, &heads, i + 1);
            }
            _ => {}
        }
    }
    let names = || {
        shown
            .iter()
            .map(|s| s.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (found, wanted) {
        (Some((_, table)), _) => Ok(table),
        (None, Some(name)) if shown.iter().all(|sheet| sheet.name != name) => Err(Error::bad_input(
            Message::new("edit.table.no_sheet")
                .with("path", path.display())
                .with("sheet", name)
                .with("known", names()),
        )),
        _ => {
            let own = project.schema().class(class);
            let label = &own.fields[key].label;
            let titles = shown.iter().filter(|s| wanted.is_none_or(|name| name == s.name));
            let titles: Vec<&str> = titles
                .filter_map(|sheet| sheet.rows.first())
                .flat_map(|row| row.cells.iter().filter_map(|(_, cell)| cell.as_str()))
                .take(30)
                .collect();
            Err(Error::bad_input(
                Message::new("table.update.no_columns")
                    .with("path", path.display())
                    .with_each("key", &label.zh, &label.en)
                    .with_each("class", &own.label.zh, &own.label.en)
                    .with("found", titles.join(", ")),
            ))
        }
    }
}

impl<'a> Table<'a> {
    fn take(&mut self, sheet: &'a PlainSheet, heads: &Headings, from: usize) {
        for row in &sheet.rows[from..] {
            let key = row.cells.iter().find(|(column, _)| *column == heads.key);
            let key = match key {
                Some((_, Json::String(text))) => compared(text),
                Some((_, Json::Number(number))) => compared(&number.to_string()),
                _ => continue,
            };
            self.rows.push(NamedRow { sheet, row, key });
        }
    }
}

/// Keys are the same whether they stand in full-width letters or not.
fn compared(key: &str) -> String {
    half_width(key).trim().to_owned()
}

/// Features by the keys of the rows.
struct Features {
    named: HashMap<String, Vec<FeatureId>>,
    /// Keys that stand in several rows.
    repeated: HashSet<String>,
}

impl Features {
    fn by_key(project: &Project, class: ClassIndex, key: usize, table: &Table<'_>) -> Result<Self> {
        let (mut asked, mut repeated) = (HashSet::new(), HashSet::new());
        for row in &table.rows {
            if !asked.insert(row.key.as_str()) {
                repeated.insert(row.key.clone());
            }
        }
        let field = &project.schema().class(class).fields[key];
        let columns = project.columns(class, &[&field.key])?;
        let mut named: HashMap<String, Vec<FeatureId>> = HashMap::new();
        for (row, id) in columns.ids().iter().enumerate() {
            let value = columns.value(row, &field.key);
            if value.is_null() {
                continue;
            }
            let own = compared(&plain_text(&value));
            if asked.contains(own.as_str()) {
                named.entry(own).or_default().push(*id);
            }
        }
        Ok(Self { named, repeated })
    }
}

/// What was changed since the workbook was written; `None` for one that does not say when, or of another project.
fn baseline(project: &Project, sheets: &[PlainSheet]) -> Result<Option<Baseline>> {
    let state = sheets.iter().find(|sheet| sheet.name == STATE_SHEET);
    let number = |cell: usize| {
        state?
            .rows
            .first()?
            .cells
            .get(cell)?
            .1
            .as_str()?
            .parse::<i64>()
            .ok()
    };
    match (number(0), number(1)) {
        (Some(entry), Some(at_unix_ms)) => project.baseline(entry, at_unix_ms),
        _ => Ok(None),
    }
}

struct Work<'a> {
    project: &'a Project,
    class: ClassIndex,
    options: &'a UpdateOptions,
    changes: Changes,
    conflicts: Vec<Conflict>,
    matched: usize,
    baseline: &'a Option<Baseline>,
}

impl Work<'_> {
    fn reject(&mut self, row: &NamedRow<'_>, why: &'static str) {
        let at = format!("{}!{}", row.sheet.name, row.row.number);
        self.changes.reject(at, Message::new(why).with("key", &row.key));
    }

    /// `values` are the object number and those of the table's columns.
    fn row(&mut self, row: &NamedRow<'_>, id: FeatureId, values: &[Value], table: &Table<'_>) {
        self.matched += 1;
        let schema = self.project.schema();
        let own = schema.class(self.class);
        let code = values[0].as_text().unwrap_or_default();
        for ((column, at), old) in table.columns.iter().zip(&values[1..]) {
            let name = || {
                format!(
                    "{}!{}{}  {code}",
                    row.sheet.name,
                    column_name(*column),
                    row.row.number
                )
            };
            let cell = row.row.cells.iter().find(|(known, _)| known == column);
            if cell.is_none() && row.sheet.is_merged(row.row.number, *column) {
                self.changes.reject(name(), Message::new("table.update.merged"));
                continue;
            }
            let new = match cell {
                Some((_, Json::Object(error))) => {
                    let found = error.get("error").and_then(Json::as_str).unwrap_or("#");
                    let why = Message::new("table.update.formula_error").with("found", found);
                    self.changes.reject(name(), why);
                    continue;
                }
                Some((_, cell)) => written(&own.fields[*at], cell),
                None if self.options.clears => Json::Null,
                None => continue,
            };
            let (cells, rejects) = (self.changes.cells.len(), self.changes.rejects.len());
            let cell = Cell {
                feature: id,
                code,
                field: *at,
                old,
            };
            self.changes.put(schema, cell, &new);
            if self.changes.rejects.len() > rejects {
                self.changes.rejects[rejects].code = name();
            }
            if self.changes.cells.len() > cells {
                self.weigh(id, &own.fields[*at].key);
            }
        }
    }

    /// The change that was noted last may be a conflict, or say again what the workbook was written with.
    fn weigh(&mut self, id: FeatureId, field: &str) {
        let base = self.baseline.as_ref().and_then(|base| base.value(id, field));
        let (Some(base), Some(change)) = (base, self.changes.cells.last()) else {
            return;
        };
        if change.new == *base {
            // Nobody changed it in the workbook: what was done here stays.
            self.changes.cells.pop();
            self.changes.unchanged += 1;
            return;
        }
        self.conflicts.push(Conflict {
            base: base.clone(),
            change: change.clone(),
        });
        if !self.options.takes_workbook {
            self.changes.cells.pop();
        }
    }
}

/// A cell of a sheet as a request carries it.
fn written(field: &Field, cell: &Json) -> Json {
    match (cell, &field.field_type) {
        (Json::Number(_), FieldType::Integer | FieldType::Real) => cell.clone(),
        (Json::Number(number), _) => typed(field, &number.to_string()),
        (Json::String(text), _) => typed(field, text),
        (other, _) => other.clone(),
    }
}

/// As Excel names a column: 0 is A, 26 is AA.
fn column_name(column: u32) -> String {
    let mut rest = column + 1;
    let mut name = String::new();
    while rest > 0 {
        let letter = ((rest - 1) % 26) as u8;
        name.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    name
}
