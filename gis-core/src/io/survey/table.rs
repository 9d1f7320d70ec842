//! Finds the tables of a sheet: where the headings stand, which rows are data, which only decoration. It
//! understands no values.

use super::columns::{Heading, Headings, Role, Unit, words};
use super::value::half_width;
use super::workbook::{Cell, Row, Sheet};

/// The headings of one table: what each column is.
#[derive(Debug, Clone, Default)]
pub(super) struct Header {
    columns: Vec<Column>,
    /// Titles of columns that mean nothing to us.
    pub(super) unknown: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) index: u32,
    pub(super) role: Role,
    pub(super) unit: Option<Unit>,
    /// As it stands in the sheet.
    pub(super) title: String,
}

impl Header {
    pub(super) fn column(&self, role: &Role) -> Option<&Column> {
        self.columns.iter().find(|c| c.role == *role)
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn has_point(&self) -> bool {
        [Role::Point, Role::FieldPoint, Role::MapPoint]
            .iter()
            .any(|r| self.column(r).is_some())
    }

    /// The two coordinate columns in the order they were found in.
    pub(super) fn place(&self) -> Option<[&Column; 2]> {
        [
            [Role::X, Role::Y],
            [Role::Northing, Role::Easting],
            [Role::Longitude, Role::Latitude],
        ]
        .iter()
        .find_map(|[first, second]| Some([self.column(first)?, self.column(second)?]))
    }

    pub(super) fn has_lines(&self) -> bool {
        self.has_point() && self.column(&Role::Connection).is_some()
    }

    fn is_table(&self) -> bool {
        self.has_point() && (self.place().is_some() || self.has_lines()) && self.columns.len() >= 3
    }
}

/// One table of a sheet: its headings and its data rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: Header,
    /// Positions in `Sheet::rows`.
    pub(super) rows: Vec<usize>,
    /// Field keys and values that the rows above the headings give for the whole table: map sheet, project number …
    pub(super) context: Vec<(String, String)>,
}

/// A sheet taken apart.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) tables: Vec<Table>,
    /// Numbers of rows around the tables: titles, signatures, notes, numbered or repeated headings.
    pub(super) decoration: Vec<u32>,
}

/// Headings may take up to so many rows.
const DEEPEST_HEADER: usize = 3;

pub(super) fn find_tables(sheet: &Sheet, headings: &Headings<'_>) -> Tables {
    let mut out = Tables::default();
    let mut position = 0;
    let mut context = Vec::new();
    while position < sheet.rows.len() {
        let row = &sheet.rows[position];
        if let Some((header, depth)) = header_at(&sheet.rows, position, headings) {
            if let Some(table) = out.tables.last_mut() {
                while let Some(above) = table.rows.pop_if(|r| is_title(&sheet.rows[*r])) {
                    out.decoration.push(sheet.rows[above].number);
                }
            }
            out.decoration
                .extend(sheet.rows[position..position + depth].iter().map(|r| r.number));
            position += depth;
            // Each printed page may name its own map sheet.
            let own_context = std::mem::take(&mut context);
            let is_repeated = out.tables.last().is_some_and(|t| {
                same_columns(&t.header, &header) && (own_context.is_empty() || own_context == t.context)
            });
            if !is_repeated {
                out.tables.push(Table {
                    header,
                    rows: Vec::new(),
                    context: own_context,
                });
            }
            while sheet.rows.get(position).is_some_and(explains_columns) {
                out.decoration.push(sheet.rows[position].number);
                position += 1;
            }
            continue;
        }
        match out.tables.last_mut() {
            Some(table) if !stands_around(row, &table.header) => table.rows.push(position),
            _ => {
                read_context(row, headings, &mut context);
                out.decoration.push(row.number);
            }
        }
        position += 1;
    }
    out.decoration.sort_unstable();
    out
}

/// What such a row may say of a whole table.
const CONTEXT_FIELDS: [&str; 5] = ["map_sheet", "project_code", "owner", "survey_unit", "road"];

/// `label: value` in the cells of a row, several in one cell or the value in the next one.
fn read_context(row: &Row, headings: &Headings<'_>, context: &mut Vec<(String, String)>) {
    let texts: Vec<String> = row.cells().map(|(_, cell)| half_width(&cell.text())).collect();
    let words: Vec<&str> = texts.iter().flat_map(|t| t.split_whitespace()).collect();
    for (position, word) in words.iter().enumerate() {
        let Some((label, value)) = word.split_once(':') else {
            continue;
        };
        let value = if value.is_empty() {
            words.get(position + 1).copied().unwrap_or_default()
        } else {
            value
        };
        if value.is_empty() || value.contains(':') {
            continue;
        }
        if let Some(Heading {
            role: Role::Field(key),
            ..
        }) = headings.resolve(label)
            && CONTEXT_FIELDS.contains(&key.as_str())
        {
            context.retain(|(known, _)| *known != key);
            context.push((key, value.to_owned()));
        }
    }
}

fn same_columns(a: &Header, b: &Header) -> bool {
    a.columns.len() == b.columns.len()
        && a.columns
            .iter()
            .zip(&b.columns)
            .all(|(a, b)| (a.index, &a.role) == (b.index, &b.role))
}

/// Headings that begin in that row, and how many rows they take.
fn header_at(rows: &[Row], position: usize, headings: &Headings<'_>) -> Option<(Header, usize)> {
    if !may_be_heading(rows.get(position)?, headings) {
        return None;
    }
    let mut best: Option<(Header, usize)> = None;
    for depth in 1..=DEEPEST_HEADER {
        let Some(block) = rows.get(position..position + depth) else {
            break;
        };
        // Rows of one heading lie together and hold no numbers.
        let is_together = block.windows(2).all(|w| w[1].number == w[0].number + 1);
        if !is_together || !block.iter().all(holds_text_only) {
            break;
        }
        let header = header_of(block, headings);
        if header.is_table()
            && best
                .as_ref()
                .is_none_or(|(b, _)| header.columns.len() > b.columns.len())
        {
            best = Some((header, depth));
        }
    }
    best
}

/// A quick look that spares data rows the full one.
fn may_be_heading(row: &Row, headings: &Headings<'_>) -> bool {
    holds_text_only(row)
        && row
            .cells()
            .filter(|(_, c)| headings.resolve(&c.text()).is_some())
            .take(2)
            .count()
            >= 2
}

fn holds_text_only(row: &Row) -> bool {
    row.cells().all(|(_, cell)| matches!(cell, Cell::Text(_)))
}

fn header_of(block: &[Row], headings: &Headings<'_>) -> Header {
    let Some((last, above)) = block.split_last() else {
        return Header::default();
    };
    let mut indices: Vec<u32> = block
        .iter()
        .flat_map(|r| r.cells().map(|(index, _)| index))
        .collect();
    indices.sort_unstable();
    indices.dedup();
    let mut header = Header::default();
    for index in indices {
        let own: Vec<String> = block
            .iter()
            .filter_map(|r| r.get(index))
            .map(Cell::text)
            .collect();
        let under = last.get(index).map(Cell::text);
        // A heading that spans columns stands in the first of them only.
        let spanning: Vec<String> = above.iter().filter_map(|r| spanning_text(r, index)).collect();
        let mut candidates = Vec::new();
        if let Some(under) = &under {
            for over in spanning.iter().rev() {
                candidates.extend([format!("{under}{over}"), format!("{over}{under}")]);
            }
        }
        candidates.extend(own.iter().rev().cloned());
        let found = candidates.iter().find_map(|text| headings.resolve(text));
        let Some(Heading { role, unit }) = found else {
            header.unknown.push(own.join(" "));
            continue;
        };
        // The unit may stand in the heading above: "coordinates (m)" over X and Y.
        let unit = unit.or_else(|| spanning.iter().find_map(|over| headings.resolve(over)?.unit));
        if header.column(&role).is_none() {
            header.columns.push(Column {
                index,
                role,
                unit,
                title: own.join(" "),
            });
        } else {
            header.unknown.push(own.join(" "));
        }
    }
    make_line_code_point(&mut header);
    header
}

/// The text over a column: its own, or that of the next column to the left that has one.
fn spanning_text(row: &Row, index: u32) -> Option<String> {
    row.cells()
        .take_while(|(i, _)| *i <= index)
        .last()
        .map(|(_, cell)| cell.text())
}

/// A table of points may call its point numbers just "number", which is also what a table of lines calls its lines.
fn make_line_code_point(header: &mut Header) {
    let is_point_table = !header.has_point() && header.place().is_some();
    if let Some(column) = header
        .columns
        .iter_mut()
        .find(|c| is_point_table && c.role == Role::LineCode)
    {
        column.role = Role::Point;
    }
}

/// A row under the headings that only numbers the columns (1, 2, 3 …) or names their units.
fn explains_columns(row: &Row) -> bool {
    let mut cells = row
        .cells()
        .map(|(_, cell)| half_width(&cell.text()).to_lowercase())
        .peekable();
    if cells.peek().is_none() || row.cells().count() < 3 {
        return false;
    }
    let texts: Vec<String> = cells.collect();
    let numbers: Vec<u32> = texts
        .iter()
        .filter_map(|t| t.trim_matches(['(', ')', '<', '>']).parse().ok())
        .collect();
    let counts_up = numbers.len() == texts.len()
        && numbers.first().is_some_and(|n| *n <= 1)
        && numbers.windows(2).all(|w| w[1] == w[0] + 1);
    let is_unit = |t: &String| {
        let t = t.trim_matches(['(', ')', '[', ']']);
        words().metres.iter().chain(&words().millimetres).any(|w| w == t) || t == "cm"
    };
    counts_up || texts.iter().all(is_unit)
}

/// Signatures, totals, notes, page numbers: rows that begin with such a word and hold no place.
fn stands_around(row: &Row, header: &Header) -> bool {
    let Some((_, first)) = row.cells().next() else {
        return true;
    };
    let text: String = half_width(&first.text())
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let is_word = words().around_table.iter().any(|w| text.starts_with(w.as_str()));
    let is_page = words().page.iter().any(|w| text.ends_with(w.as_str()));
    let is_number = |column: &&Column| {
        row.get(column.index)
            .is_some_and(|c| super::value::number(c).is_some())
    };
    if !is_word || header.place().is_some_and(|place| place.iter().all(is_number)) {
        return false;
    }
    // Point numbers may begin like such a word too, but hold digits and lead somewhere.
    let is_label = text.contains(':') || is_page || !text.contains(|c: char| c.is_ascii_digit());
    let leads_on = header
        .column(&Role::Connection)
        .is_some_and(|c| row.get(c.index).is_some());
    is_label || !leads_on
}

/// A title above repeated headings: one text alone.
fn is_title(row: &Row) -> bool {
    row.cells().count() == 1 && holds_text_only(row)
}
