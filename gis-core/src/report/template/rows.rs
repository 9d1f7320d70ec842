//! The rows of a sheet as they stand in its part (ECMA-376 part 1, 18.3.1.73), taken apart and written again.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

use super::package::unwritten;
use super::reference::{Area, Growth, Standing, area_of, column_name, offset};
use super::xml::{self, Attributes};
use crate::error::Result;

pub(super) struct Formula {
    pub(super) attributes: Attributes,
    pub(super) text: String,
}

/// A cell without its place.
#[derive(Default)]
pub(super) struct Spot {
    /// All attributes but the place.
    pub(super) attributes: Attributes,
    pub(super) formula: Option<Formula>,
    /// What else stands in it, as written: its value.
    pub(super) content: String,
}

#[derive(Default)]
pub(super) struct Row {
    /// All attributes but the number.
    pub(super) attributes: Attributes,
    /// By column, counted from one.
    pub(super) spots: BTreeMap<u32, Spot>,
}

/// A sheet's part: what comes before its rows, the rows by number, what comes after.
pub(super) struct SheetText {
    pub(super) head: String,
    pub(super) rows: BTreeMap<u32, Row>,
    pub(super) tail: String,
    /// Of the names of elements, with its colon.
    pub(super) prefix: String,
}

/// Formulas that several cells share: the text, row and column of the first.
type Shared = HashMap<String, (String, u32, u32)>;

impl SheetText {
    pub(super) fn read(text: &str) -> quick_xml::Result<Self> {
        let mut reader = Reader::from_str(text);
        let mut sheet = Self {
            head: String::new(),
            rows: BTreeMap::new(),
            tail: String::new(),
            prefix: String::new(),
        };
        let (mut last, mut shared) = (0, Shared::new());
        loop {
            let before = reader.buffer_position() as usize;
            match reader.read_event()? {
                Event::Eof => break,
                Event::Empty(start) if start.local_name().as_ref() == "sheetData" => {
                    let name = start.name();
                    sheet.begin(text, before, name.as_ref(), start.attributes_raw());
                    let after = text.get(reader.buffer_position() as usize..).unwrap_or_default();
                    sheet.tail = format!("</{}>{after}", name.as_ref());
                    break;
                }
                Event::Start(start) if start.local_name().as_ref() == "sheetData" => {
                    sheet.begin(text, before, start.name().as_ref(), start.attributes_raw());
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => {
                    text.get(before..).unwrap_or_default().clone_into(&mut sheet.tail);
                    break;
                }
                Event::Start(start) if start.local_name().as_ref() == "row" => {
                    let (number, mut row) = begun(xml::attributes(&start)?, last);
                    row.fill(number, &mut reader, &mut shared)?;
                    sheet.rows.insert(number, row);
                    last = number;
                }
                Event::Empty(start) if start.local_name().as_ref() == "row" => {
                    let (number, row) = begun(xml::attributes(&start)?, last);
                    sheet.rows.insert(number, row);
                    last = number;
                }
                _ => {}
            }
        }
        Ok(sheet)
    }

    fn begin(&mut self, text: &str, before: usize, name: &str, attributes: &str) {
        let head = text.get(..before).unwrap_or_default();
        self.head = format!("{head}<{name}{}>", attributes.trim_end());
        name.strip_suffix("sheetData")
            .unwrap_or_default()
            .clone_into(&mut self.prefix);
    }

    pub(super) fn spot(&mut self, row: u32, column: u32) -> &mut Spot {
        self.rows.entry(row).or_default().spots.entry(column).or_default()
    }
}

fn begun(mut attributes: Attributes, last: u32) -> (u32, Row) {
    let number = xml::attribute(&attributes, "r").and_then(|r| r.parse().ok());
    // Which columns a row spans is a hint that would be wrong when columns are filled beyond.
    attributes.retain(|(name, _)| name != "r" && name != "spans");
    let row = Row {
        attributes,
        spots: BTreeMap::new(),
    };
    (number.unwrap_or(last + 1), row)
}

impl Row {
    fn fill(
        &mut self,
        number: u32,
        reader: &mut Reader<&[u8]>,
        shared: &mut Shared,
    ) -> quick_xml::Result<()> {
        let mut last = 0;
        loop {
            let event = reader.read_event()?;
            let (Event::Start(start) | Event::Empty(start)) = &event else {
                match event {
                    Event::End(end) if end.local_name().as_ref() == "row" => return Ok(()),
                    Event::Eof => return Ok(()),
                    _ => continue,
                }
            };
            if start.local_name().as_ref() != "c" {
                continue;
            }
            let mut attributes = xml::attributes(start)?;
            let place = xml::attribute(&attributes, "r").and_then(area_of);
            let column = place.and_then(|area| area.from.column).map_or(last + 1, |c| c.at);
            attributes.retain(|(name, _)| name != "r");
            let mut spot = Spot {
                attributes,
                ..Spot::default()
            };
            if matches!(event, Event::Start(_)) {
                spot.fill(&reader.read_text(start.name())?)?;
            }
            spot.share((number, column), shared);
            self.spots.insert(column, spot);
            last = column;
        }
    }

    /// The style of a cell that does not stand in the row.
    pub(super) fn style(&self) -> Option<u32> {
        style_of(&self.attributes)
    }
}

fn style_of(attributes: &Attributes) -> Option<u32> {
    xml::attribute(attributes, "s").and_then(|style| style.parse().ok())
}

impl Spot {
    fn fill(&mut self, content: &str) -> quick_xml::Result<()> {
        let mut reader = Reader::from_str(content);
        loop {
            let before = reader.buffer_position() as usize;
            let event = reader.read_event()?;
            match &event {
                Event::Eof => break,
                Event::Start(start) | Event::Empty(start) => {
                    let is_open = matches!(event, Event::Start(_));
                    let attributes = xml::attributes(start)?;
                    let text = if is_open {
                        reader.read_text(start.name())?.into_inner()
                    } else {
                        "".into()
                    };
                    if start.local_name().as_ref() == "f" {
                        let text = unescape(&text)?.into_owned();
                        self.formula = Some(Formula { attributes, text });
                    } else {
                        let after = reader.buffer_position() as usize;
                        self.content
                            .push_str(content.get(before..after).unwrap_or_default());
                    }
                }
                _ => {}
            }
        }
        if self.formula.is_some() {
            // What was computed of the template is not true of the result.
            self.content.clear();
            self.attributes.retain(|(name, _)| name != "t");
        }
        Ok(())
    }

    /// Gives a cell that shares its formula with others one of its own.
    fn share(&mut self, (row, column): (u32, u32), shared: &mut Shared) {
        let Some(formula) = &mut self.formula else { return };
        if xml::attribute(&formula.attributes, "t") != Some("shared") {
            return;
        }
        let group = xml::attribute(&formula.attributes, "si")
            .unwrap_or_default()
            .to_owned();
        if !formula.text.is_empty() {
            shared.insert(group, (formula.text.clone(), row, column));
        } else if let Some((text, first_row, first_column)) = shared.get(&group) {
            let down = i64::from(row) - i64::from(*first_row);
            formula.text = offset(text, down, i64::from(column) - i64::from(*first_column));
        }
        formula.attributes.clear();
    }

    pub(super) fn style(&self) -> Option<u32> {
        style_of(&self.attributes)
    }

    /// Takes a value instead of what stood in the cell.
    pub(super) fn set(&mut self, value: &Written) {
        self.formula = None;
        self.content.clone_from(&value.content);
        self.attributes
            .retain(|(name, _)| !matches!(name.as_str(), "t" | "cm" | "vm"));
        if let Some(kind) = value.kind {
            xml::set(&mut self.attributes, "t", kind.to_owned());
        }
        if let Some(style) = value.style {
            xml::set(&mut self.attributes, "s", style.to_string());
        }
    }
}

/// A value as it stands in a cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) kind: Option<&'static str>,
    pub(super) content: String,
    pub(super) style: Option<u32>,
}

impl Written {
    pub(super) fn number(number: impl std::fmt::Display, prefix: &str) -> Self {
        Self {
            content: format!("<{prefix}v>{number}</{prefix}v>"),
            ..Self::default()
        }
    }

    pub(super) fn text(text: &str, prefix: &str) -> Self {
        let text = held(text);
        Self {
            kind: Some("inlineStr"),
            content: format!(
                "<{prefix}is><{prefix}t xml:space=\"preserve\">{}</{prefix}t></{prefix}is>",
                escape(text.as_str())
            ),
            style: None,
        }
    }
}

/// A text as a workbook holds it: signs that XML has none for left out, and what Excel would read as such a sign
/// (`_x0041_`) behind one.
fn held(text: &str) -> String {
    let clean: String = text
        .chars()
        .filter(|c| matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || "\u{fffe}\u{ffff}".contains(*c)))
        .collect();
    if clean.contains("_x") {
        clean.replace("_x", "_x005F_x")
    } else {
        clean
    }
}

/// How the rows of a sheet are written: where its formulas move.
pub(super) struct Writer<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) sheet: &'a str,
    pub(super) prefix: &'a str,
    pub(super) growth: &'a Growth,
    /// Cells with formulas that could not be moved.
    pub(super) doubts: &'a mut Vec<String>,
}

impl Writer<'_> {
    /// A row at its number, its formulas moved; `over` are values that stand over those of the row.
    pub(super) fn row(
        &mut self,
        row: &Row,
        number: u32,
        standing: Standing,
        over: &BTreeMap<u32, Written>,
    ) -> Result<()> {
        let prefix = self.prefix;
        let mut text = format!("<{prefix}row r=\"{number}\"{}>", xml::written(&row.attributes));
        let mut columns: Vec<u32> = row.spots.keys().chain(over.keys()).copied().collect();
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            let spot = row.spots.get(&column);
            let place = format!("{}{number}", column_name(column));
            match (over.get(&column), spot) {
                (Some(value), spot) => {
                    let mut own = Spot {
                        attributes: spot.map_or_else(
                            || {
                                row.style()
                                    .map(|s| ("s".to_owned(), s.to_string()))
                                    .into_iter()
                                    .collect()
                            },
                            |spot| spot.attributes.clone(),
                        ),
                        ..Spot::default()
                    };
                    own.set(value);
                    self.spot(&mut text, &place, &own, standing);
                }
                (None, Some(spot)) => self.spot(&mut text, &place, spot, standing),
                (None, None) => {}
            }
        }
        text.extend(["</", prefix, "row>"]);
        self.out.write_all(text.as_bytes()).map_err(unwritten)
    }

    fn spot(&mut self, text: &mut String, place: &str, spot: &Spot, standing: Standing) {
        let prefix = self.prefix;
        text.extend([
            "<",
            prefix,
            "c r=\"",
            place,
            "\"",
            &xml::written(&spot.attributes),
        ]);
        if spot.formula.is_none() && spot.content.is_empty() {
            text.push_str("/>");
            return;
        }
        text.push('>');
        if let Some(formula) = &spot.formula {
            let (moved, is_doubtful) = self.growth.formula(&formula.text, self.sheet, standing);
            let mut attributes = formula.attributes.clone();
            let is_unsure = self.move_array(&mut attributes, standing);
            if self.growth.added > 0 && (is_doubtful || is_unsure) {
                self.doubts.push(format!("{}!{place}", self.sheet));
            }
            let (attributes, moved) = (xml::written(&attributes), escape(moved));
            text.extend(["<", prefix, "f", &attributes, ">", &moved, "</", prefix, "f>"]);
        }
        text.push_str(&spot.content);
        text.extend(["</", prefix, "c>"]);
    }

    /// Moves the area of a formula that fills several cells, and tells whether that is doubtful.
    fn move_array(&self, attributes: &mut Attributes, standing: Standing) -> bool {
        let Some(area) = xml::attribute(attributes, "ref").and_then(area_of) else {
            return false;
        };
        if !self.growth.is_of(self.sheet) {
            return false;
        }
        let moved = match standing {
            Standing::Copy(copy) => offset(&area.to_string(), i64::from(copy), 0),
            _ => self.growth.areas(&area.to_string(), false),
        };
        xml::set(attributes, "ref", moved);
        let is_table = xml::attribute(attributes, "t") == Some("dataTable");
        is_table || holds_more_than(area, self.growth.row)
    }
}

/// Whether an area holds a row and others.
fn holds_more_than(area: Area, row: u32) -> bool {
    match (area.from.row, area.to.and_then(|to| to.row)) {
        (Some(from), Some(to)) => from.at < to.at && (from.at..=to.at).contains(&row),
        _ => false,
    }
}
