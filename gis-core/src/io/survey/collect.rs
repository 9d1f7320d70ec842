//! Gathers points and lines from the rows of all tables, by point number. It knows neither classes nor systems of
//! coordinates; values stay in their cells until `build` needs them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::columns::{Role, words};
use super::convert::size_mm;
use super::table::{Column, Header, Table, Tables};
use super::value::{code, codes, half_width, number};
use super::workbook::{Cell, Row, Sheet};
use crate::issue::{Issue, Issues, Severity};
use crate::text::Message;

/// A data row of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Record {
    /// Position in `Survey::tables`.
    pub(super) table: usize,
    /// Position in the rows of its sheet.
    pub(super) row: usize,
}

#[derive(Debug)]
pub(super) struct Point {
    pub(super) code: String,
    /// All rows that tell of it, in order; at least one.
    pub(super) records: Vec<Record>,
    /// Both coordinate columns as they stand.
    pub(super) place: Option<[f64; 2]>,
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) record: Record,
    /// The row that lists it from its other end.
    pub(super) back: Option<Record>,
}

/// Rows of one sheet.
#[derive(Debug, Clone, Default)]
pub(super) struct SheetCount {
    pub(super) rows: u64,
    pub(super) rejected: u64,
}

/// Everything the workbook tells.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    pub(super) sheets: &'a [Sheet],
    /// Position of the sheet, and the table.
    pub(super) tables: Vec<(usize, Table)>,
    pub(super) points: Vec<Point>,
    point_of: HashMap<String, usize>,
    /// Points by their second names; `None` where two points share one.
    second_name: HashMap<String, Option<usize>>,
    pub(super) lines: Vec<Line>,
    lines_between: HashMap<(String, String), Vec<usize>>,
    pub(super) counts: Vec<SheetCount>,
    /// Rows left out for each (sheet, utility).
    other_utilities: BTreeMap<(usize, String), u64>,
    pub(super) issues: Issues,
    /// Cells that were found fault with: a row can serve a point and a line.
    told_cells: HashSet<(Record, String)>,
    waiting: Vec<Waiting>,
}

/// Connections of a row, before all points are known.
#[derive(Debug)]
struct Waiting {
    from: String,
    targets: Vec<String>,
    record: Record,
    describes_point: bool,
}

/// Coordinates of one point that differ by more are reported.
const SAME_PLACE_M: f64 = 0.01;

pub(super) fn collect(sheets: &[Sheet], found: Vec<Tables>) -> Survey<'_> {
    let mut survey = Survey {
        sheets,
        tables: Vec::new(),
        points: Vec::new(),
        point_of: HashMap::new(),
        second_name: HashMap::new(),
        lines: Vec::new(),
        lines_between: HashMap::new(),
        counts: vec![SheetCount::default(); sheets.len()],
        other_utilities: BTreeMap::new(),
        issues: Issues::default(),
        told_cells: HashSet::new(),
        waiting: Vec::new(),
    };
    for (sheet, tables) in found.into_iter().enumerate() {
        survey.add_sheet(sheet, tables);
    }
    survey.add_lines();
    survey.tell_other_utilities();
    survey
}

impl Survey<'_> {
    pub(super) fn sheet(&self, record: Record) -> &Sheet {
        &self.sheets[self.tables[record.table].0]
    }

    pub(super) fn row(&self, record: Record) -> &Row {
        &self.sheet(record).rows[record.row]
    }

    pub(super) fn header(&self, record: Record) -> &Header {
        &self.tables[record.table].1.header
    }

    /// The cell of a role that says something, with its column.
    pub(super) fn cell(&self, record: Record, role: &Role) -> Option<(&Column, &Cell)> {
        let column = self.header(record).column(role)?;
        let cell = self.row(record).get(column.index).filter(|c| !says_nothing(c))?;
        Some((column, cell))
    }

    pub(super) fn point(&self, code: &str) -> Option<usize> {
        self.point_of
            .get(code)
            .copied()
            .or_else(|| *self.second_name.get(code)?)
    }

    pub(super) fn issue(&self, severity: Severity, record: Record, message: Message) -> Issue {
        Issue::new(severity, message)
            .in_layer(&self.sheet(record).name)
            .at_row(u64::from(self.row(record).number))
    }

    fn tell(&mut self, severity: Severity, record: Record, message: Message) {
        let issue = self.issue(severity, record, message);
        self.issues.push(issue);
    }

    /// An unreadable cell: its column and what was found.
    pub(super) fn bad_cell(&mut self, record: Record, column: &str, found: &Cell, key: &'static str) {
        if !self.told_cells.insert((record, column.to_owned())) {
            return;
        }
        let message = Message::new(key)
            .with("column", column)
            .with("found", found.text());
        let issue = self.issue(Severity::Warning, record, message).on_field(column);
        self.issues.push(issue);
    }

    fn add_sheet(&mut self, sheet: usize, tables: Tables) {
        let name = self.sheets[sheet].name.clone();
        let rows = self.sheets[sheet].rows.len() as u64;
        if tables.tables.is_empty() {
            let message = Message::new("survey.no_table_in_sheet")
                .with("sheet", &name)
                .with("rows", rows);
            self.issues
                .push(Issue::new(Severity::Info, message).in_layer(name));
            return;
        }
        if is_other_utility(&name) {
            let message = Message::new("survey.sheet_of_other_utility")
                .with("sheet", &name)
                .with("rows", rows);
            self.issues
                .push(Issue::new(Severity::Info, message).in_layer(name));
            return;
        }
        if !tables.decoration.is_empty() {
            let message = Message::new("survey.rows_around_tables")
                .with("count", tables.decoration.len())
                .with("rows", ranges(&tables.decoration));
            self.issues
                .push(Issue::new(Severity::Info, message).in_layer(&name));
        }
        for table in tables.tables {
            self.add_table(sheet, table);
        }
    }

    fn add_table(&mut self, sheet: usize, table: Table) {
        let unknown: Vec<&String> = table.header.unknown.iter().filter(|t| !t.is_empty()).collect();
        if !unknown.is_empty() {
            let names = unknown.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(", ");
            let message = Message::new("survey.columns_not_read").with("columns", names);
            self.issues
                .push(Issue::new(Severity::Info, message).in_layer(&self.sheets[sheet].name));
        }
        let rows = table.rows.clone();
        let index = self.tables.len();
        self.tables.push((sheet, table));
        let mut last_code = None;
        for row in rows {
            self.counts[sheet].rows += 1;
            let record = Record { table: index, row };
            if self.add_row(record, &mut last_code).is_none() {
                self.counts[sheet].rejected += 1;
            }
        }
    }

    /// `None` where the row was left out; an issue says why.
    fn add_row(&mut self, record: Record, last_code: &mut Option<String>) -> Option<()> {
        if let Some((_, cell)) = self.cell(record, &Role::Utility) {
            let utility = cell.text();
            if is_other_utility(&utility) {
                *self
                    .other_utilities
                    .entry((self.tables[record.table].0, utility))
                    .or_default() += 1;
                return None;
            }
        }
        let names = self.names(record);
        let targets = self.targets(record);
        let code = match names.first() {
            Some(code) => code.clone(),
            // Under a merged cell: another connection of the point above.
            None if !targets.is_empty() && last_code.is_some() => last_code.clone()?,
            None => {
                let text: Vec<String> = self.row(record).cells().map(|(_, c)| c.text()).take(6).collect();
                let message = Message::new("survey.row_without_point").with("found", text.join(" | "));
                self.tell(Severity::Error, record, message);
                return None;
            }
        };
        *last_code = Some(code.clone());
        let header = self.header(record);
        let describes_point = header.place().is_some()
            || header.column(&Role::Attachment).is_some()
            || header.column(&Role::Feature).is_some()
            || !header.has_lines();
        if describes_point {
            self.add_point(&code, &names, record);
        }
        if self.header(record).has_lines() && targets.is_empty() && !describes_point {
            let message = Message::new("survey.line_without_end").with("code", &code);
            self.tell(Severity::Error, record, message);
            return None;
        }
        self.waiting.push(Waiting {
            from: code,
            targets,
            record,
            describes_point,
        });
        Some(())
    }

    /// Once all points are known by all their names.
    fn add_lines(&mut self) {
        for Waiting {
            from,
            targets,
            record,
            describes_point,
        } in std::mem::take(&mut self.waiting)
        {
            let from = self.main_name(from);
            let mut is_used = describes_point;
            for target in targets {
                let target = self.main_name(target);
                is_used |= self.add_line(&from, target, record).is_some();
            }
            if !is_used {
                self.counts[self.tables[record.table].0].rejected += 1;
            }
        }
    }

    fn main_name(&self, name: String) -> String {
        self.point(&name)
            .map_or(name, |point| self.points[point].code.clone())
    }

    /// The point's own numbers, the one that serves as code first.
    fn names(&mut self, record: Record) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for role in [Role::Point, Role::FieldPoint, Role::MapPoint] {
            let Some((column, cell)) = self.cell(record, &role) else {
                continue;
            };
            match code(cell) {
                Some(name) if !names.contains(&name) => names.push(name),
                Some(_) => {}
                None => {
                    let (title, cell) = (column.title.clone(), cell.clone());
                    self.bad_cell(record, &title, &cell, "survey.bad_code");
                }
            }
        }
        names
    }

    fn targets(&mut self, record: Record) -> Vec<String> {
        let Some((column, cell)) = self.cell(record, &Role::Connection) else {
            return Vec::new();
        };
        if matches!(cell, Cell::Error(_)) {
            let (title, cell) = (column.title.clone(), cell.clone());
            self.bad_cell(record, &title, &cell, "survey.bad_code");
            return Vec::new();
        }
        codes(cell)
    }

    fn add_point(&mut self, code: &str, names: &[String], record: Record) {
        let place = self.place(record);
        if let Some(index) = self.point_of.get(code).copied() {
            let first = self.points[index].records[0];
            let is_plain_table = !self.header(record).has_lines();
            match (self.points[index].place, place) {
                (Some(known), Some(new)) if distance(known, new) > SAME_PLACE_M => {
                    let message = Message::new("survey.point_at_two_places")
                        .with("code", code)
                        .with("row", self.row(first).number)
                        .with("sheet", &self.sheet(first).name)
                        .with("distance", format!("{:.3}", distance(known, new)));
                    let issue = self.issue(Severity::Warning, record, message).on_code(code);
                    self.issues.push(issue);
                }
                (None, Some(_)) => self.points[index].place = place,
                _ if is_plain_table && first.table == record.table => {
                    let message = Message::new("survey.point_listed_again")
                        .with("code", code)
                        .with("row", self.row(first).number);
                    let issue = self.issue(Severity::Info, record, message).on_code(code);
                    self.issues.push(issue);
                }
                _ => {}
            }
            self.points[index].records.push(record);
        } else {
            let index = self.points.len();
            self.point_of.insert(code.to_owned(), index);
            self.points.push(Point {
                code: code.to_owned(),
                records: vec![record],
                place,
            });
        }
        let Some(&index) = self.point_of.get(code) else {
            return;
        };
        for name in names.iter().filter(|n| *n != code) {
            let entry = self.second_name.entry(name.clone()).or_insert(Some(index));
            if *entry != Some(index) {
                *entry = None;
            }
        }
    }

    /// Both coordinates; an issue where one is missing or unreadable.
    fn place(&mut self, record: Record) -> Option<[f64; 2]> {
        let columns = self.header(record).place()?.map(|c| (c.index, c.title.clone()));
        let cells = columns
            .clone()
            .map(|(index, _)| self.row(record).get(index).filter(|c| !says_nothing(c)).cloned());
        if cells.iter().all(Option::is_none) {
            return None;
        }
        let mut place = [f64::NAN; 2];
        for side in 0..2 {
            let title = &columns[side].1;
            let Some(cell) = &cells[side] else {
                let message = Message::new("survey.half_a_place").with("column", title);
                let issue = self.issue(Severity::Warning, record, message).on_field(title);
                self.issues.push(issue);
                continue;
            };
            match number(cell) {
                Some(value) => place[side] = value,
                None => self.bad_cell(record, title, cell, "survey.bad_number"),
            }
        }
        place.iter().all(|v| v.is_finite()).then_some(place)
    }

    /// `None` where the row says nothing usable.
    fn add_line(&mut self, from: &str, to: String, record: Record) -> Option<()> {
        if from == to {
            let message = Message::new("survey.line_to_itself").with("code", from);
            let issue = self.issue(Severity::Error, record, message).on_code(from);
            self.issues.push(issue);
            return None;
        }
        let key = if from < to.as_str() {
            (from.to_owned(), to.clone())
        } else {
            (to.clone(), from.to_owned())
        };
        let known = self.lines_between.get(&key).cloned().unwrap_or_default();
        let is_reverse = |line: &Line| line.from == to;
        // Its other end, if that is still missing; of parallel lines the one that agrees.
        let other_side = known
            .iter()
            .copied()
            .filter(|l| is_reverse(&self.lines[*l]) && self.lines[*l].back.is_none())
            .min_by_key(|l| self.differences(self.lines[*l].record, record).len());
        if let Some(line) = other_side {
            self.lines[line].back = Some(record);
            let first = self.lines[line].record;
            for (column, a, b) in self.differences(first, record) {
                self.tell_difference(first, record, &column, &a, &b);
            }
            return Some(());
        }
        let same = known.iter().copied().find(|l| {
            let line = &self.lines[*l];
            let listed = if is_reverse(line) {
                line.back
            } else {
                Some(line.record)
            };
            listed.is_some_and(|listed| self.differences(listed, record).is_empty())
        });
        if let Some(line) = same {
            let first = self.lines[line].record;
            let message = Message::new("survey.line_listed_again")
                .with("from", from)
                .with("to", &to)
                .with("row", self.row(first).number)
                .with("sheet", &self.sheet(first).name);
            self.tell(Severity::Info, record, message);
            return Some(());
        }
        if let Some(first) = known.first().map(|l| self.lines[*l].record) {
            let message = Message::new("survey.parallel_line")
                .with("from", from)
                .with("to", &to)
                .with("row", self.row(first).number)
                .with("sheet", &self.sheet(first).name);
            self.tell(Severity::Warning, record, message);
        }
        self.lines_between.entry(key).or_default().push(self.lines.len());
        self.lines.push(Line {
            from: from.to_owned(),
            to,
            record,
            back: None,
        });
        Some(())
    }

    /// Attributes of the line that two rows tell differently: column, first, second.
    fn differences(&self, a: Record, b: Record) -> Vec<(String, String, String)> {
        let fields = [
            "diameter_mm",
            "material",
            "burial",
            "install_date",
            "joint",
            "pressure_class",
            "length_m",
        ];
        let roles = fields.map(|f| Role::Field(f.to_owned()));
        roles
            .iter()
            .chain([&Role::LineCode])
            .filter_map(|role| {
                let (column, first) = self.cell(a, role)?;
                let (other, second) = self.cell(b, role)?;
                let size = |column: &Column, cell| Some(size_mm(column.unit, cell)?.millimetres);
                let is_same = comparable(first) == comparable(second)
                    || (*role == roles[0]
                        && size(column, first)
                            .is_some_and(|d| size(other, second).is_some_and(|e| (d - e).abs() < 1e-6)));
                (!is_same).then(|| (column.title.clone(), first.text(), second.text()))
            })
            .collect()
    }

    fn tell_difference(&mut self, first: Record, second: Record, column: &str, a: &str, b: &str) {
        let message = Message::new("survey.ends_differ")
            .with("column", column)
            .with("first", a)
            .with("second", b)
            .with("row", self.row(first).number)
            .with("sheet", &self.sheet(first).name);
        let issue = self.issue(Severity::Warning, second, message).on_field(column);
        self.issues.push(issue);
    }

    fn tell_other_utilities(&mut self) {
        for ((sheet, utility), count) in std::mem::take(&mut self.other_utilities) {
            let message = Message::new("survey.rows_of_other_utility")
                .with("utility", utility)
                .with("count", count);
            self.issues
                .push(Issue::new(Severity::Info, message).in_layer(&self.sheets[sheet].name));
        }
    }
}

/// Dashes and the words for "unknown".
pub(super) fn says_nothing(cell: &Cell) -> bool {
    let Cell::Text(text) = cell else { return false };
    let text = half_width(text).to_lowercase();
    let text = text.trim();
    text.is_empty() || words().nothing.iter().any(|w| w == text)
}

fn comparable(cell: &Cell) -> String {
    match number(cell) {
        Some(number) => number.to_string(),
        None => half_width(&cell.text())
            .to_lowercase()
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect(),
    }
}

/// Whether a name says sewage, gas, power … and not water.
fn is_other_utility(name: &str) -> bool {
    let name = half_width(name).to_lowercase();
    let name = name.trim();
    let says = |list: &[String]| {
        list.iter().any(|w| {
            if w.is_ascii() {
                w == name
            } else {
                w.chars().count() > 1 && name.contains(w.as_str())
            }
        })
    };
    says(&words().other) && !says(&words().water)
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// `1-3, 7, 12-14`, cut where it grows long.
fn ranges(rows: &[u32]) -> String {
    const MOST: usize = 12;
    let mut spans: Vec<[u32; 2]> = Vec::new();
    for &row in rows {
        match spans.last_mut() {
            Some(span) if row == span[1] + 1 => span[1] = row,
            _ => spans.push([row, row]),
        }
    }
    let mut text: Vec<String> = spans
        .iter()
        .take(MOST)
        .map(|[a, b]| if a == b { a.to_string() } else { format!("{a}-{b}") })
        .collect();
    if spans.len() > MOST {
        text.push("…".to_owned());
    }
    text.join(", ")
}
