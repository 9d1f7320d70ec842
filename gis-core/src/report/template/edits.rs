//! What changes in the parts of a workbook around its cells when rows are put in: areas of rules and merged cells,
//! drawings, charts, tables, comments, pivots.

use super::facts::Facts;
use super::reference::{Growth, Standing, area_of};
use super::xml::{self, Attributes, Edit};

/// A sheet around its rows; its tables and comments.
pub(super) struct AroundRows<'a> {
    pub(super) growth: &'a Growth,
    pub(super) sheet: &'a str,
    pub(super) facts: &'a mut Facts,
    /// Merged areas of the pattern row, for its copies.
    merged: Vec<String>,
    is_in_row_breaks: bool,
    pub(super) has_doubts: bool,
}

impl<'a> AroundRows<'a> {
    pub(super) fn new(growth: &'a Growth, sheet: &'a str, facts: &'a mut Facts) -> Self {
        Self {
            growth,
            sheet,
            facts,
            merged: Vec::new(),
            is_in_row_breaks: false,
            has_doubts: false,
        }
    }

    fn formula(&mut self, text: &str) -> String {
        let (moved, is_doubtful) = self.growth.formula(text, self.sheet, Standing::Anywhere);
        self.has_doubts |= is_doubtful && self.growth.added > 0;
        moved
    }

    /// A merged area within the pattern row is there again in each copy; others are stretched or moved.
    fn merged(&mut self, text: &str) -> String {
        let row = self.growth.row;
        let is_pattern = area_of(text).is_some_and(|area| {
            let rows = (
                area.from.row.map(|r| r.at),
                area.to.and_then(|to| to.row).map(|r| r.at),
            );
            rows == (Some(row), Some(row))
        });
        if is_pattern {
            self.merged.push(text.to_owned());
            return text.to_owned();
        }
        self.growth.areas(text, false)
    }
}

impl Edit for AroundRows<'_> {
    fn element(&mut self, element: &str, attributes: &mut Attributes) {
        match element {
            "rowBreaks" => self.is_in_row_breaks = true,
            "colBreaks" => self.is_in_row_breaks = false,
            // It need not be told, and would be wrong.
            "mergeCells" => attributes.retain(|(name, _)| name != "count"),
            _ => {}
        }
        if !self.growth.is_of(self.sheet) {
            return;
        }
        for (name, value) in attributes {
            *value = match (element, name.as_str()) {
                ("mergeCell", "ref") => self.merged(value),
                (_, "sqref") if element != "selection" => self.growth.areas(value, true),
                (_, "activeCell" | "sqref" | "topLeftCell" | "ref") => self.growth.areas(value, false),
                ("hyperlink", "location") => self.formula(value),
                // The row above the break.
                ("brk", "id") if self.is_in_row_breaks => value.parse().map_or_else(
                    |_| value.clone(),
                    |row: u32| {
                        let below = self.growth.row(row.saturating_add(1));
                        below.saturating_sub(1).to_string()
                    },
                ),
                _ => continue,
            };
        }
    }

    fn text(&mut self, element: &str, text: &str) -> Option<String> {
        match element {
            "f" | "formula" | "formula1" | "formula2" | "calculatedColumnFormula" | "totalsRowFormula" => {
                Some(self.formula(text))
            }
            "sqref" if self.growth.is_of(self.sheet) => Some(self.growth.areas(text, true)),
            "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                self.facts.filled(text, |value| value.replace('&', "&&"))
            }
            _ => None,
        }
    }

    fn before_end(&mut self, element: &str, prefix: &str) -> Option<String> {
        if element != "mergeCells" {
            return None;
        }
        let copies = (1..=self.growth.added).flat_map(|copy| {
            let each = self.merged.iter();
            each.map(move |area| super::reference::offset(area, i64::from(copy), 0))
        });
        let cells = copies.map(|area| format!("<{prefix}mergeCell ref=\"{area}\"/>"));
        Some(cells.collect())
    }
}

/// Texts with names in braces, wherever a part holds some: shared texts, drawings.
pub(super) struct Texts<'a>(pub(super) &'a mut Facts);

impl Edit for Texts<'_> {
    fn text(&mut self, element: &str, text: &str) -> Option<String> {
        (element == "t").then(|| self.0.filled(text, str::to_owned))?
    }
}

/// The drawings of the sheet: what begins below the pattern row moves down, its size stays.
pub(super) struct Anchors<'a> {
    pub(super) growth: &'a Growth,
    is_moved: bool,
    is_end: bool,
}

impl<'a> Anchors<'a> {
    pub(super) fn new(growth: &'a Growth) -> Self {
        Self {
            growth,
            is_moved: false,
            is_end: false,
        }
    }

    /// A row counted from zero.
    fn row(&self, text: &str) -> Option<String> {
        let row: u32 = text.trim().parse().ok()?;
        Some((self.growth.row(row + 1) - 1).to_string())
    }
}

impl Edit for Anchors<'_> {
    fn element(&mut self, element: &str, _: &mut Attributes) {
        match element {
            "from" => self.is_end = false,
            "to" => self.is_end = true,
            _ => {}
        }
    }

    fn text(&mut self, element: &str, text: &str) -> Option<String> {
        match element {
            "row" if self.is_end => {
                let row: u32 = text.trim().parse().ok()?;
                self.is_moved.then(|| (row + self.growth.added).to_string())
            }
            "row" => {
                let moved = self.row(text)?;
                self.is_moved = moved != text.trim();
                Some(moved)
            }
            // Of a comment's drawing in VML.
            "Row" => self.row(text),
            "Anchor" => {
                let mut parts: Vec<String> = text.split(',').map(|part| part.trim().to_owned()).collect();
                let moved = self.row(parts.get(2)?)?;
                if moved != *parts.get(2)? {
                    let end: u32 = parts.get(6)?.parse().ok()?;
                    *parts.get_mut(2)? = moved;
                    *parts.get_mut(6)? = (end + self.growth.added).to_string();
                }
                Some(parts.join(", "))
            }
            _ => None,
        }
    }
}

/// A chart: its areas; what it remembers of the values is left out.
pub(super) struct Series<'a> {
    pub(super) growth: &'a Growth,
    is_of_values: bool,
    pub(super) has_doubts: bool,
}

impl<'a> Series<'a> {
    pub(super) fn new(growth: &'a Growth) -> Self {
        Self {
            growth,
            is_of_values: false,
            has_doubts: false,
        }
    }
}

impl Edit for Series<'_> {
    fn element(&mut self, element: &str, _: &mut Attributes) {
        match element {
            "val" | "cat" | "xVal" | "yVal" | "bubbleSize" | "strDim" | "numDim" => self.is_of_values = true,
            "tx" | "title" => self.is_of_values = false,
            _ => {}
        }
    }

    fn text(&mut self, element: &str, text: &str) -> Option<String> {
        if element != "f" {
            return None;
        }
        let standing = if self.is_of_values {
            Standing::Series
        } else {
            Standing::Anywhere
        };
        let (moved, is_doubtful) = self.growth.formula(text, "", standing);
        self.has_doubts |= is_doubtful;
        Some(moved)
    }

    fn is_dropped(&self, element: &str, _: &Attributes) -> bool {
        matches!(element, "numCache" | "strCache" | "multiLvlStrCache")
    }
}

/// What a pivot counts: its area, to be read anew when the workbook is opened.
pub(super) struct PivotSource<'a>(pub(super) &'a Growth);

impl Edit for PivotSource<'_> {
    fn element(&mut self, element: &str, attributes: &mut Attributes) {
        match element {
            "pivotCacheDefinition" => xml::set(attributes, "refreshOnLoad", "1".to_owned()),
            "worksheetSource" if xml::attribute(attributes, "sheet").is_some_and(|s| self.0.is_of(s)) => {
                if let Some(area) = xml::attribute(attributes, "ref").map(|area| self.0.areas(area, false)) {
                    xml::set(attributes, "ref", area);
                }
            }
            _ => {}
        }
    }
}
