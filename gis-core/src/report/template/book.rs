//! A template's workbook: its sheets, names and styles, and what of them changes.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::sheet::{Cell, fitted};
use super::package::{Package, Relation, damaged, relations_of};
use super::reference::{Growth, Standing};
use super::rows::Written;
use super::xml::{self, Attributes, Edit};
use crate::error::{Error, Result};
use crate::text::Message;

const STANDARD_DATE: u32 = 14;

pub(super) struct Book {
    pub(super) part: String,
    /// Names and parts of the sheets with cells.
    pub(super) sheets: Vec<(String, String)>,
    /// Defined names with what they stand for.
    pub(super) names: Vec<(String, String)>,
    pub(super) relations: Vec<Relation>,
    is_1904: bool,
    styles: Styles,
}

/// Formats of cells: those there are, as written, and those added.
#[derive(Default)]
struct Styles {
    part: Option<String>,
    /// Elements `xf`, and whether they show dates.
    forms: Vec<(String, bool)>,
    added: Vec<String>,
    dates: HashMap<u32, u32>,
}

impl Book {
    pub(super) fn read(package: &Package) -> Result<Self> {
        let root = package.relations("")?;
        let part = root.iter().find(|relation| relation.kind == "officeDocument");
        let part = part.map(|relation| relation.target.clone());
        let part = part
            .filter(|part| package.has(part))
            .ok_or_else(|| Error::bad_input(Message::new("report.template.error.not_workbook")))?;
        let relations = package.relations(&part)?;
        if relations.iter().any(|relation| relation.kind == "vbaProject") {
            return Err(Error::bad_input(Message::new("report.template.error.macros")));
        }
        let mut book = Self {
            sheets: Vec::new(),
            names: Vec::new(),
            is_1904: false,
            styles: Styles::read(package, &relations)?,
            relations,
            part,
        };
        let text = package.needed(&book.part)?;
        if !text.contains("workbook") {
            return Err(Error::bad_input(Message::new(
                "report.template.error.not_workbook",
            )));
        }
        xml::edited(text, &mut Reading(&mut book)).map_err(damaged)?;
        Ok(book)
    }

    /// A value as it stands in a cell that has this style.
    pub(super) fn written(&mut self, value: &Cell, style: Option<u32>, prefix: &str) -> Written {
        match value {
            Cell::Empty => Written::default(),
            Cell::Text(text) => Written::text(&fitted(text), prefix),
            Cell::Integer(number) => Written::number(number, prefix),
            Cell::Number(number, _) => Written::number(number, prefix),
            Cell::Date(day) => match serial(*day, self.is_1904) {
                Some(number) => Written {
                    style: self.styles.date(style),
                    ..Written::number(number, prefix)
                },
                None => Written::text(&day.to_string(), prefix),
            },
        }
    }

    /// Moves what names stand for, has everything computed anew, and adds the styles.
    pub(super) fn finish(&self, package: &mut Package, growth: &Growth) -> Result<bool> {
        let mut edit = Finishing {
            growth,
            has_calculation: false,
            has_doubts: false,
        };
        xml::each(package.needed(&self.part)?, |element, _| {
            edit.has_calculation |= element == "calcPr";
        })
        .map_err(damaged)?;
        package.edit(&self.part, &mut edit)?;
        let has_doubts = edit.has_doubts;
        if let Some(chain) = self
            .relations
            .iter()
            .find(|relation| relation.kind == "calcChain")
        {
            package.remove(&chain.target);
            let unlinked = &mut Unlinked {
                id: &chain.id,
                part: &chain.target,
            };
            package.edit(&relations_of(&self.part), unlinked)?;
            package.edit("[Content_Types].xml", unlinked)?;
        }
        package.edit("[Content_Types].xml", &mut AsWorkbook)?;
        if let Some(part) = &self.styles.part {
            package.edit(part, &mut Added(&self.styles.added))?;
        }
        Ok(has_doubts)
    }
}

struct Reading<'a>(&'a mut Book);

impl Edit for Reading<'_> {
    fn element(&mut self, element: &str, attributes: &mut Attributes) {
        let of = |name: &str| xml::attribute(attributes, name);
        match element {
            "workbookPr" => self.0.is_1904 = of("date1904").is_some_and(|flag| flag == "1" || flag == "true"),
            "sheet" => {
                let id = attributes
                    .iter()
                    .find(|(name, _)| name.ends_with(":id"))
                    .map(|(_, id)| id);
                let mut relations = self.0.relations.iter();
                let found = relations.find(|r| Some(&r.id) == id && r.kind == "worksheet");
                if let (Some(relation), Some(name)) = (found, of("name")) {
                    self.0.sheets.push((name.to_owned(), relation.target.clone()));
                }
            }
            "definedName" => {
                let name = of("name").unwrap_or_default().to_owned();
                self.0.names.push((name, String::new()));
            }
            _ => {}
        }
    }

    fn text(&mut self, element: &str, text: &str) -> Option<String> {
        if let (true, Some((_, formula))) = (element == "definedName", self.0.names.last_mut()) {
            text.clone_into(formula);
        }
        None
    }
}

struct Finishing<'a> {
    growth: &'a Growth,
    has_calculation: bool,
    has_doubts: bool,
}

impl Edit for Finishing<'_> {
    fn element(&mut self, element: &str, attributes: &mut Attributes) {
        if element == "calcPr" {
            xml::set(attributes, "fullCalcOnLoad", "1".to_owned());
        }
    }

    fn text(&mut self, element: &str, text: &str) -> Option<String> {
        if element != "definedName" {
            return None;
        }
        let (moved, is_doubtful) = self.growth.formula(text, "", Standing::Anywhere);
        self.has_doubts |= is_doubtful && self.growth.added > 0;
        Some(moved)
    }

    /// Where there is no word on computing, it comes before what has its place behind it (ECMA-376 part 1, 18.2.27).
    fn before(&mut self, element: &str, prefix: &str) -> Option<String> {
        self.word_at(BEHIND.contains(&element), prefix)
    }

    fn before_end(&mut self, element: &str, prefix: &str) -> Option<String> {
        self.word_at(element == "workbook", prefix)
    }
}

/// What comes behind the word on computing in a workbook.
const BEHIND: [&str; 9] = [
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
];

impl Finishing<'_> {
    fn word_at(&mut self, is_place: bool, prefix: &str) -> Option<String> {
        if self.has_calculation || !is_place {
            return None;
        }
        self.has_calculation = true;
        Some(format!(
            "<{prefix}calcPr calcId=\"191029\" fullCalcOnLoad=\"1\"/>"
        ))
    }
}

/// Leaves a part out of relations and of the list of parts.
struct Unlinked<'a> {
    id: &'a str,
    part: &'a str,
}

impl Edit for Unlinked<'_> {
    fn is_dropped(&self, element: &str, attributes: &Attributes) -> bool {
        let of = |name| xml::attribute(attributes, name);
        match element {
            "Relationship" => of("Id") == Some(self.id),
            "Override" => of("PartName").is_some_and(|part| part.trim_start_matches('/') == self.part),
            _ => false,
        }
    }
}

/// What was filled is a workbook, even where the file was a template of Excel (.xltx).
struct AsWorkbook;

impl Edit for AsWorkbook {
    fn element(&mut self, _: &str, attributes: &mut Attributes) {
        for (name, value) in attributes {
            if name == "ContentType" && value.ends_with("spreadsheetml.template.main+xml") {
                *value = value.replace("template.main", "sheet.main");
            }
        }
    }
}

struct Added<'a>(&'a [String]);

impl Edit for Added<'_> {
    fn element(&mut self, element: &str, attributes: &mut Attributes) {
        if element == "cellXfs"
            && let Some(count) =
                xml::attribute(attributes, "count").and_then(|count| count.parse::<usize>().ok())
        {
            xml::set(attributes, "count", (count + self.0.len()).to_string());
        }
    }

    fn before_end(&mut self, element: &str, _: &str) -> Option<String> {
        (element == "cellXfs").then(|| self.0.concat())
    }
}

impl Styles {
    fn read(package: &Package, relations: &[Relation]) -> Result<Self> {
        let part = relations.iter().find(|relation| relation.kind == "styles");
        let Some(part) = part.map(|relation| relation.target.clone()) else {
            return Ok(Self::default());
        };
        let Some(text) = package.text(&part)? else {
            return Ok(Self::default());
        };
        let forms = forms(text).map_err(|e| damaged(format!("{part}: {e}")))?;
        Ok(Self {
            part: Some(part),
            forms,
            ..Self::default()
        })
    }

    /// A style that looks like another and shows dates; none where it does so itself.
    fn date(&mut self, style: Option<u32>) -> Option<u32> {
        let base = style.unwrap_or(0);
        let (form, is_date) = self.forms.get(base as usize)?;
        if *is_date {
            return None;
        }
        if let Some(known) = self.dates.get(&base) {
            return Some(*known);
        }
        let mut reader = Reader::from_str(form);
        let Ok(Event::Start(tag) | Event::Empty(tag)) = reader.read_event() else {
            return None;
        };
        let mut attributes = xml::attributes(&tag).ok()?;
        xml::set(&mut attributes, "numFmtId", STANDARD_DATE.to_string());
        xml::set(&mut attributes, "applyNumberFormat", "1".to_owned());
        let after = form.get(reader.buffer_position() as usize..).unwrap_or_default();
        let close = if after.is_empty() { "/>" } else { ">" };
        self.added.push(format!(
            "<{}{}{close}{after}",
            tag.name().as_ref(),
            xml::written(&attributes)
        ));
        let added = (self.forms.len() + self.added.len() - 1) as u32;
        self.dates.insert(base, added);
        Some(added)
    }
}

/// The formats of cells as they are written, and whether they show dates.
fn forms(text: &str) -> quick_xml::Result<Vec<(String, bool)>> {
    let mut reader = Reader::from_str(text);
    let (mut dates, mut forms, mut is_inside) = (HashMap::new(), Vec::new(), false);
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event()?;
        match &event {
            Event::Eof => return Ok(forms),
            Event::End(end) if end.local_name().as_ref() == "cellXfs" => return Ok(forms),
            Event::Start(start) | Event::Empty(start) => {
                let attributes = xml::attributes(start)?;
                let number = |name| xml::attribute(&attributes, name).and_then(|id| id.parse::<u32>().ok());
                match start.local_name().as_ref() {
                    "numFmt" => {
                        let code = xml::attribute(&attributes, "formatCode").unwrap_or_default();
                        dates.insert(number("numFmtId").unwrap_or(0), shows_dates(code));
                    }
                    "cellXfs" => is_inside = true,
                    "xf" if is_inside => {
                        if matches!(event, Event::Start(_)) {
                            reader.read_to_end(start.name())?;
                        }
                        let after = reader.buffer_position() as usize;
                        let id = number("numFmtId").unwrap_or(0);
                        let is_date = dates.get(&id).copied().unwrap_or_else(|| is_standard_date(id));
                        forms.push((text.get(before..after).unwrap_or_default().to_owned(), is_date));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// The formats every workbook has (ECMA-376 part 1, 18.8.30), those of Chinese ones with them.
fn is_standard_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// Whether a format has parts of a date outside texts, colours and conditions.
fn shows_dates(code: &str) -> bool {
    let (mut is_quoted, mut is_bracketed, mut is_escaped) = (false, false, false);
    code.chars().any(|c| {
        if std::mem::take(&mut is_escaped) {
            return false;
        }
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' | '_' | '*' if !is_quoted => is_escaped = true,
            '[' if !is_quoted => is_bracketed = true,
            ']' if !is_quoted => is_bracketed = false,
            _ => {}
        }
        !is_quoted && !is_bracketed && "yYmMdDhH".contains(c)
    })
}

/// The number of a day: since 1900 as Excel counts, who takes that year for a leap year, or since 1904.
fn serial(day: NaiveDate, is_1904: bool) -> Option<i64> {
    let since = |year, month, of_month| {
        let start = NaiveDate::from_ymd_opt(year, month, of_month)?;
        Some(day.signed_duration_since(start).num_days())
    };
    if day.year() > 9999 {
        return None;
    }
    if is_1904 {
        return since(1904, 1, 1).filter(|days| *days >= 0);
    }
    let days = since(1899, 12, 30)?;
    let days = if days <= 60 { days - 1 } else { days };
    (days >= 1).then_some(days)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{serial, shows_dates};

    #[test]
    fn days_are_counted_as_excel_does() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(serial(day(1900, 1, 1), false), Some(1));
        assert_eq!(serial(day(1900, 2, 28), false), Some(59));
        assert_eq!(serial(day(1900, 3, 1), false), Some(61));
        assert_eq!(serial(day(2004, 5, 31), false), Some(38_138));
        assert_eq!(serial(day(2004, 5, 31), true), Some(36_676));
        assert_eq!(serial(day(1899, 12, 31), false), None);
        assert_eq!(serial(day(1903, 12, 31), true), None);
    }

    #[test]
    fn formats_of_dates_are_known_from_others() {
        for code in [
            "yyyy-mm-dd",
            "[$-804]yyyy\"\u{5e74}\"m\"\u{6708}\"",
            "d/m",
            "h:mm",
        ] {
            assert!(shows_dates(code), "{code}");
        }
        for code in ["0.00", "0.0\" m\"", "[Red]0", "General\\d", "#,##0_d"] {
            assert!(!shows_dates(code), "{code}");
        }
    }
}
