//! Fills a template: finds the named cells, puts the values in, writes the pattern row as often as there are rows.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use super::super::sheet::Cell;
use super::book::Book;
use super::edits::{Anchors, AroundRows, PivotSource, Series, Texts};
use super::facts::{Facts, OURS, ours};
use super::package::{Package, damaged, unwritten};
use super::reference::{Growth, LAST_ROW, Standing, cell_named, column_name};
use super::rows::{Row, SheetText, Writer, Written};
use super::xml;
use super::{Field, Filled, Table, Template};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::Message;

/// Cells that are named in a note.
const EXAMPLES: usize = 10;
const CHECKED: usize = 1000;
/// Cells whose text may take more than four gigabytes.
const HUGE: usize = 20_000_000;

/// A cell of a sheet: its name, row and column.
type Place = (String, u32, u32);

/// Where a template wants what.
#[derive(Default)]
struct Places {
    facts: Vec<(Place, Cell)>,
    /// The columns by name, with their positions in the table.
    columns: Vec<(Place, usize)>,
    rows: Option<Place>,
    head: Option<Place>,
}

/// The pattern row: its sheet, its number, and which of its columns take which of the table.
struct Pattern {
    sheet: String,
    row: u32,
    columns: Vec<(u32, usize)>,
}

impl Template {
    pub(super) fn fill(&self, table: Table<'_>, mut facts: Facts, progress: &dyn Progress) -> Result<Filled> {
        let mut package = Package::read(&self.bytes)?;
        let mut book = Book::read(&package)?;
        let places = Places::find(&book, &table.fields, &mut facts);
        let pattern = places.pattern(&table.fields, &mut facts)?;
        if pattern.is_none() && places.is_empty() && !has_placeholders(&package)? {
            let known = facts.known(&keys(&table.fields));
            let message = Message::new("report.template.error.no_names").with("known", known);
            return Err(Error::bad_input(message));
        }
        let growth = growth(pattern.as_ref(), table.count)?;
        let mut doubts = Vec::new();
        let mut grown = None;
        for (sheet, part) in book.sheets.clone() {
            let text = package.needed(&part)?;
            let mut rows = SheetText::read(text).map_err(|e| damaged(format!("{part}: {e}")))?;
            place_values(
                &mut rows,
                &sheet,
                &places,
                &mut book,
                &table.fields,
                pattern.as_ref(),
            );
            fill_texts(&mut rows, &mut facts)?;
            let mut around = AroundRows::new(&growth, &sheet, &mut facts);
            for text in [&mut rows.head, &mut rows.tail] {
                *text = xml::edited(text, &mut around).map_err(|e| damaged(format!("{part}: {e}")))?;
            }
            if around.has_doubts {
                doubts.push(sheet.clone());
            }
            if pattern.as_ref().is_some_and(|pattern| pattern.sheet == sheet) {
                edit_related(&mut package, &part, &sheet, &growth, &mut facts)?;
                grown = Some((part, rows));
            } else {
                let mut out = Vec::new();
                write_all(&rows, &sheet, &growth, &mut out, &mut doubts)?;
                let text = String::from_utf8(out).map_err(damaged)?;
                package.set(&part, text);
            }
        }
        edit_shared(&mut package, &growth, &mut facts, &mut doubts)?;
        let Some((pattern, (part, mut rows))) = pattern.zip(grown) else {
            book.finish(&mut package, &growth)?;
            let bytes = package.write(("", false), |_| Ok(()))?;
            return Ok(Filled {
                bytes,
                notes: facts.notes,
            });
        };
        let pattern_row = rows.rows.remove(&pattern.row).unwrap_or_default();
        if let Some(last) = rows
            .rows
            .keys()
            .next_back()
            .filter(|last| growth.row(**last) > LAST_ROW)
        {
            return Err(too_many(table.count, LAST_ROW - last + 1));
        }
        let prefix = rows.prefix.clone();
        for (column, _) in &pattern.columns {
            // So that the style for dates is there before the styles are written.
            let day = Cell::Date(chrono::NaiveDate::default());
            book.written(&day, style_at(&pattern_row, *column), &prefix);
        }
        if book.finish(&mut package, &growth)? {
            doubts.push("xl/workbook.xml".to_owned());
        }
        let is_huge = table.count * pattern_row.spots.len().max(pattern.columns.len()) > HUGE;
        let bytes = package.write((&part, is_huge), |out| {
            let mut out = std::io::BufWriter::new(out);
            out.write_all(rows.head.as_bytes()).map_err(unwritten)?;
            let mut writer = Writer {
                out: &mut out,
                sheet: &pattern.sheet,
                prefix: &prefix,
                growth: &growth,
                doubts: &mut doubts,
            };
            let none = BTreeMap::new();
            for (number, row) in rows.rows.range(..pattern.row) {
                writer.row(row, *number, Standing::Anywhere, &none)?;
            }
            write_copies(&mut writer, &pattern, &pattern_row, table, &mut book, progress)?;
            for (number, row) in rows.rows.range(pattern.row..) {
                writer.row(row, growth.row(*number), Standing::Anywhere, &none)?;
            }
            out.write_all(rows.tail.as_bytes()).map_err(unwritten)?;
            out.flush().map_err(unwritten)
        })?;
        note_doubts(&doubts, &mut facts);
        Ok(Filled {
            bytes,
            notes: facts.notes,
        })
    }
}

fn growth(pattern: Option<&Pattern>, count: usize) -> Result<Growth> {
    let Some(pattern) = pattern else {
        return Ok(Growth {
            sheet: String::new(),
            row: LAST_ROW,
            added: 0,
        });
    };
    let room = (LAST_ROW - pattern.row + 1) as usize;
    if count > room {
        return Err(too_many(count, room as u32));
    }
    Ok(Growth {
        sheet: pattern.sheet.clone(),
        row: pattern.row,
        added: count.max(1) as u32 - 1,
    })
}

fn too_many(count: usize, room: u32) -> Error {
    let message = Message::new("report.template.error.too_many").with("count", count);
    Error::bad_input(message.with("room", room))
}

fn keys(fields: &[Field]) -> Vec<(String, String)> {
    let each = fields
        .iter()
        .map(|field| (field.key.clone(), field.heading.clone()));
    each.collect()
}

fn style_at(row: &Row, column: u32) -> Option<u32> {
    row.spots
        .get(&column)
        .map_or_else(|| row.style(), super::rows::Spot::style)
}

impl Places {
    fn find(book: &Book, fields: &[Field], facts: &mut Facts) -> Self {
        let mut places = Self::default();
        for (name, formula) in &book.names {
            let Some(own) = ours(name) else { continue };
            let place = cell_named(formula).and_then(|(sheet, row, column)| {
                let mut sheets = book.sheets.iter();
                let known = sheets.find(|(known, _)| known.to_lowercase() == sheet.to_lowercase())?;
                Some((known.0.clone(), row, column))
            });
            let Some(place) = place else {
                let note = Message::new("report.template.note.no_cell").with("name", name);
                facts.note(note.with("found", formula));
                continue;
            };
            if own == "rows" {
                places.rows = Some(place);
            } else if own == "head" {
                places.head = Some(place);
            } else if let Some(value) = facts.value(&own).cloned() {
                places.facts.push((place, value));
            } else {
                let key = own.strip_prefix("col_");
                let field = fields
                    .iter()
                    .position(|field| Some(field.key.to_lowercase().as_str()) == key);
                if let Some(field) = field {
                    places.columns.push((place, field));
                    continue;
                }
                let kind = if key.is_some() {
                    "report.template.note.no_field"
                } else {
                    "report.template.note.unknown"
                };
                let at = format!("{}!{}{}", place.0, column_name(place.2), place.1);
                let note = Message::new(kind).with("name", name).with("place", at);
                facts.note(note.with("known", facts.known(&keys(fields))));
            }
        }
        places
    }

    fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.head.is_none()
    }

    fn pattern(&self, fields: &[Field], facts: &mut Facts) -> Result<Option<Pattern>> {
        let Some(((sheet, row, _), _)) = self.columns.first() else {
            return Ok(self.rows.clone().map(|(sheet, row, column)| {
                let listed = (0..fields.len()).filter(|at| fields[*at].is_listed);
                Pattern {
                    sheet,
                    row,
                    columns: (column..).zip(listed).collect(),
                }
            }));
        };
        if self.rows.is_some() {
            facts.note(Message::new("report.template.note.rows_unused"));
        }
        let is_here = |place: &Place| place.0 == *sheet && place.1 == *row;
        if let Some(((other_sheet, other_row, column), field)) =
            self.columns.iter().find(|(place, _)| !is_here(place))
        {
            let message = Message::new("report.template.error.apart")
                .with("name", format!("{OURS}col_{}", fields[*field].key))
                .with(
                    "place",
                    format!("{other_sheet}!{}{other_row}", column_name(*column)),
                )
                .with("row", format!("{sheet}!{row}"));
            return Err(Error::bad_input(message));
        }
        Ok(Some(Pattern {
            sheet: sheet.clone(),
            row: *row,
            columns: self
                .columns
                .iter()
                .map(|(place, field)| (place.2, *field))
                .collect(),
        }))
    }
}

/// Puts single values and headings into the cells of a sheet.
fn place_values(
    rows: &mut SheetText,
    sheet: &str,
    places: &Places,
    book: &mut Book,
    fields: &[Field],
    pattern: Option<&Pattern>,
) {
    let mut values: Vec<(u32, u32, Cell)> = Vec::new();
    for ((of, row, column), value) in &places.facts {
        if of == sheet {
            values.push((*row, *column, value.clone()));
        }
    }
    if let (Some((of, row, column)), Some(pattern)) = (&places.head, pattern)
        && of == sheet
    {
        let is_by_name = !places.columns.is_empty();
        for (i, (own, field)) in pattern.columns.iter().enumerate() {
            let column = if is_by_name { *own } else { column + i as u32 };
            values.push((*row, column, Cell::text(fields[*field].heading.as_str())));
        }
    }
    let prefix = rows.prefix.clone();
    for (row, column, value) in values {
        let style = rows.rows.get(&row).and_then(|row| style_at(row, column));
        let written = book.written(&value, style, &prefix);
        rows.spot(row, column).set(&written);
    }
}

/// Replaces names in braces in texts that stand in the cells themselves.
fn fill_texts(rows: &mut SheetText, facts: &mut Facts) -> Result<()> {
    let spots = rows.rows.values_mut().flat_map(|row| row.spots.values_mut());
    for spot in spots.filter(|spot| spot.content.contains("{{")) {
        spot.content = xml::edited(&spot.content, &mut Texts(facts)).map_err(damaged)?;
    }
    Ok(())
}

fn write_all(
    rows: &SheetText,
    sheet: &str,
    growth: &Growth,
    out: &mut Vec<u8>,
    doubts: &mut Vec<String>,
) -> Result<()> {
    out.extend(rows.head.as_bytes());
    let mut writer = Writer {
        out,
        sheet,
        prefix: &rows.prefix,
        growth,
        doubts,
    };
    for (number, row) in &rows.rows {
        writer.row(row, *number, Standing::Anywhere, &BTreeMap::new())?;
    }
    out.extend(rows.tail.as_bytes());
    Ok(())
}

/// The pattern row, once for each row of the result; without any, once and empty.
fn write_copies(
    writer: &mut Writer<'_>,
    pattern: &Pattern,
    row: &Row,
    table: Table<'_>,
    book: &mut Book,
    progress: &dyn Progress,
) -> Result<()> {
    let (mut written, prefix) = (0_usize, writer.prefix.to_owned());
    for cells in table.rows {
        let cells = cells?;
        if written.is_multiple_of(CHECKED) {
            progress.check()?;
        }
        let mut over = BTreeMap::new();
        for (column, field) in &pattern.columns {
            if let Some(cell) = cells.get(*field) {
                over.insert(*column, book.written(cell, style_at(row, *column), &prefix));
            }
        }
        let number = pattern.row + written as u32;
        writer.row(row, number, Standing::Copy(written as u32), &over)?;
        written += 1;
    }
    if written != table.count {
        let message = Message::new("report.template.error.changed").with("count", table.count);
        return Err(Error::Refused(message.with("found", written)));
    }
    if written == 0 {
        let blank = row
            .spots
            .keys()
            .map(|column| (*column, Written::default()))
            .collect();
        writer.row(row, pattern.row, Standing::Copy(0), &blank)?;
    }
    Ok(())
}

/// Drawings, tables and comments of the sheet that grew.
fn edit_related(
    package: &mut Package,
    part: &str,
    sheet: &str,
    growth: &Growth,
    facts: &mut Facts,
) -> Result<()> {
    for relation in package.relations(part)? {
        let part = relation.target;
        match relation.kind.as_str() {
            "drawing" => package.edit(&part, &mut Anchors::new(growth))?,
            "table" | "comments" | "threadedComment" => {
                package.edit(&part, &mut AroundRows::new(growth, sheet, facts))?;
            }
            "pivotTable" if growth.added > 0 => {
                package.edit(&part, &mut AroundRows::new(growth, sheet, facts))?;
                facts.note(Message::new("report.template.note.pivot").with("sheet", sheet));
            }
            // Often no XML in the strict sense.
            "vmlDrawing" if package.edit(&part, &mut Anchors::new(growth)).is_err() => {
                facts.note(Message::new("report.template.note.comments").with("sheet", sheet));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Parts that know of sheets without belonging to one.
fn edit_shared(
    package: &mut Package,
    growth: &Growth,
    facts: &mut Facts,
    doubts: &mut Vec<String>,
) -> Result<()> {
    for part in &package.xml_parts() {
        if part.contains("/charts/chart") || part.contains("/charts/chartEx") {
            let mut series = Series::new(growth);
            package.edit(part, &mut series)?;
            if series.has_doubts {
                doubts.push(part.clone());
            }
        }
        if part.contains("/pivotCache/pivotCacheDefinition") {
            package.edit(part, &mut PivotSource(growth))?;
        }
        let has_texts =
            part.contains("sharedStrings") || part.contains("/charts/") || part.contains("/drawings/");
        if has_texts && package.text(part)?.is_some_and(|text| text.contains("{{")) {
            package.edit(part, &mut Texts(facts))?;
        }
    }
    Ok(())
}

fn has_placeholders(package: &Package) -> Result<bool> {
    for part in &package.xml_parts() {
        if package.text(part)?.is_some_and(|text| text.contains("{{karez_")) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn note_doubts(doubts: &[String], facts: &mut Facts) {
    let mut seen = HashSet::new();
    let mut places: Vec<&str> = doubts.iter().map(String::as_str).collect();
    places.retain(|place| seen.insert(*place));
    if places.is_empty() {
        return;
    }
    let more = if places.len() > EXAMPLES { ", …" } else { "" };
    places.truncate(EXAMPLES);
    let note = Message::new("report.template.note.formula");
    facts.note(note.with("places", places.join(", ") + more));
}
