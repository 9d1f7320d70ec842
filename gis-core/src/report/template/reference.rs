//! References in formulas, and how they move when rows are put in below a row. It knows formulas as text (ECMA-376 part 1,
//! 18.17), not what they compute.

use std::fmt::{self, Display};

/// Rows and columns of a sheet.
pub(super) const LAST_ROW: u32 = 1_048_576;
const LAST_COLUMN: u32 = 16_384;

/// A row or a column of a reference, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) at: u32,
    /// Behind a `$`.
    pub(super) is_fixed: bool,
}

/// One corner of an area; a whole column has no row, a whole row no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corner {
    pub(super) column: Option<Axis>,
    pub(super) row: Option<Axis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) from: Corner,
    pub(super) to: Option<Corner>,
}

/// What stands before a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    Sheet(String),
    /// Another workbook, or several sheets at once.
    Beyond,
}

/// Rows that are put in below the pattern row of a sheet.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    pub(super) sheet: String,
    /// The pattern row, counted from one.
    pub(super) row: u32,
    pub(super) added: u32,
}

/// Where a formula stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Anywhere,
    /// In a chart or a rule, where one cell of the pattern row means the whole column.
    Series,
    /// In this copy of the pattern row, from zero.
    Copy(u32),
}

impl Growth {
    pub(super) fn is_of(&self, sheet: &str) -> bool {
        self.sheet.to_lowercase() == sheet.to_lowercase()
    }

    pub(super) fn row(&self, row: u32) -> u32 {
        if row > self.row {
            row.saturating_add(self.added)
        } else {
            row
        }
    }

    /// A formula of a sheet after the rows were put in, and whether a part of it could not be moved.
    pub(super) fn formula(&self, formula: &str, own_sheet: &str, standing: Standing) -> (String, bool) {
        let mut is_doubtful = false;
        let text = each_area(formula, |before, area| {
            let is_here = match before {
                Before::Nothing => self.is_of(own_sheet),
                Before::Sheet(sheet) => self.is_of(sheet),
                Before::Beyond => {
                    is_doubtful = true;
                    return area;
                }
            };
            let moved = match standing {
                Standing::Copy(copy) => self.copied(area, copy, is_here),
                _ if is_here => self.area(area, standing == Standing::Series),
                _ => area,
            };
            is_doubtful |= !moved.is_on_sheet();
            moved
        });
        (text, is_doubtful)
    }

    /// Areas parted by spaces: what a merged area, a rule or a filter lies over.
    pub(super) fn areas(&self, areas: &str, is_stretched: bool) -> String {
        let moved = areas.split_whitespace().map(|text| {
            area_of(text).map_or_else(|| text.to_owned(), |a| self.area(a, is_stretched).to_string())
        });
        moved.collect::<Vec<_>>().join(" ")
    }

    fn area(&self, area: Area, is_stretched: bool) -> Area {
        let end = |corner: Corner| {
            corner.with_row(|row| {
                if row.at >= self.row {
                    row.at.saturating_add(self.added)
                } else {
                    row.at
                }
            })
        };
        let start = |corner: Corner| corner.with_row(|row| self.row(row.at));
        match area.to {
            Some(to) => Area {
                from: start(area.from),
                to: Some(end(to)),
            },
            None if is_stretched && self.added > 0 && area.from.row.is_some_and(|r| r.at == self.row) => {
                Area {
                    from: area.from,
                    to: Some(end(area.from)),
                }
            }
            None => Area {
                from: start(area.from),
                to: None,
            },
        }
    }

    /// As filled down: what is not fixed moves along, what lies below the rows stays with its cell.
    fn copied(&self, area: Area, copy: u32, is_here: bool) -> Area {
        let along = |row: Axis| {
            if row.is_fixed {
                row.at
            } else {
                row.at.saturating_add(copy)
            }
        };
        let corner = |corner: Corner, is_end: bool| {
            corner.with_row(|row| {
                let is_below = row.at > self.row || (is_end && row.is_fixed && row.at == self.row);
                if is_here && is_below {
                    row.at.saturating_add(self.added)
                } else {
                    along(row)
                }
            })
        };
        Area {
            from: corner(area.from, false),
            to: area.to.map(|to| corner(to, true)),
        }
    }
}

impl Area {
    fn is_on_sheet(self) -> bool {
        let is_in = |corner: Corner| {
            corner.row.is_none_or(|row| (1..=LAST_ROW).contains(&row.at))
                && corner
                    .column
                    .is_none_or(|column| (1..=LAST_COLUMN).contains(&column.at))
        };
        is_in(self.from) && self.to.is_none_or(is_in)
    }
}

impl Corner {
    fn with_row(self, moved: impl Fn(Axis) -> u32) -> Self {
        let row = self.row.map(|row| Axis {
            at: moved(row),
            ..row
        });
        Self { row, ..self }
    }

    /// What is not fixed, so many rows and columns farther.
    fn offset(self, rows: i64, columns: i64) -> Self {
        let by = |axis: Option<Axis>, by: i64| {
            axis.map(|axis| Axis {
                at: if axis.is_fixed {
                    axis.at
                } else {
                    u32::try_from(i64::from(axis.at) + by).unwrap_or(0)
                },
                ..axis
            })
        };
        Self {
            column: by(self.column, columns),
            row: by(self.row, rows),
        }
    }
}

impl Display for Corner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = self.column {
            write!(f, "{}{}", dollar(column), column_name(column.at))?;
        }
        if let Some(row) = self.row {
            write!(f, "{}{}", dollar(row), row.at)?;
        }
        Ok(())
    }
}

impl Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.from)?;
        self.to.map_or(Ok(()), |to| write!(f, ":{to}"))
    }
}

fn dollar(axis: Axis) -> &'static str {
    if axis.is_fixed { "$" } else { "" }
}

/// The letters of a column counted from one.
pub(super) fn column_name(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        let digit = (column - 1) % 26;
        letters.push(char::from(b'A' + digit as u8));
        column = (column - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A formula as it reads so many rows and columns farther: a member of a shared formula.
pub(super) fn offset(formula: &str, rows: i64, columns: i64) -> String {
    each_area(formula, |_, area| Area {
        from: area.from.offset(rows, columns),
        to: area.to.map(|to| to.offset(rows, columns)),
    })
}

/// An area by itself, without a sheet.
pub(super) fn area_of(text: &str) -> Option<Area> {
    match text.split_once(':') {
        Some((from, to)) => {
            let (from, to) = (corner_of(from)?, corner_of(to)?);
            let is_alike =
                from.row.is_some() == to.row.is_some() && from.column.is_some() == to.column.is_some();
            is_alike.then_some(Area { from, to: Some(to) })
        }
        None => corner_of(text)
            .filter(|corner| corner.row.is_some() && corner.column.is_some())
            .map(|from| Area { from, to: None }),
    }
}

/// The first cell that a defined name stands for: sheet, row, column.
pub(super) fn cell_named(formula: &str) -> Option<(String, u32, u32)> {
    let mut found = None;
    each_area(formula, |before, area| {
        if let (None, Before::Sheet(sheet), Some(row), Some(column)) =
            (&found, before, area.from.row, area.from.column)
        {
            found = Some((sheet.clone(), row.at, column.at));
        }
        area
    });
    found
}

fn corner_of(text: &str) -> Option<Corner> {
    let mut rest = text;
    let column = axis(&mut rest, char::is_ascii_alphabetic, |letters| {
        letters.chars().try_fold(0_u32, |sum, letter| {
            sum.checked_mul(26)?
                .checked_add(u32::from(letter.to_ascii_uppercase()) - 64)
        })
    })
    .filter(|column| column.at <= LAST_COLUMN);
    let row = axis(&mut rest, char::is_ascii_digit, |digits| digits.parse().ok())
        .filter(|row| (1..=LAST_ROW).contains(&row.at));
    (rest.is_empty() && (column.is_some() || row.is_some())).then_some(Corner { column, row })
}

/// Takes an axis from the beginning, where there is one.
fn axis(rest: &mut &str, is_part: fn(&char) -> bool, number: fn(&str) -> Option<u32>) -> Option<Axis> {
    let bare = rest.strip_prefix('$').unwrap_or(rest);
    let length = bare.chars().take_while(is_part).count();
    let (part, after) = bare
        .split_at_checked(length)
        .filter(|(part, _)| !part.is_empty())?;
    let at = number(part)?;
    let is_fixed = bare.len() < rest.len();
    *rest = after;
    Some(Axis { at, is_fixed })
}

/// A formula with each of its references replaced.
fn each_area(formula: &str, mut replaced: impl FnMut(&Before, Area) -> Area) -> String {
    let mut scan = Scan {
        rest: formula,
        text: String::with_capacity(formula.len() + 8),
    };
    let mut before = Before::Nothing;
    while let Some(c) = scan.rest.chars().next() {
        match c {
            '"' => scan.quoted('"'),
            '\'' => {
                let start = scan.text.len();
                scan.quoted('\'');
                let name = scan.text.get(start..).unwrap_or_default();
                let name = name.trim_matches('\'').replace("''", "'");
                if scan.rest.starts_with('!') {
                    scan.take(1);
                    before = sheet(&name);
                    continue;
                }
            }
            '[' => {
                scan.bracketed();
                // `[1]Sheet!A1` lies in another workbook.
                let word = scan.word();
                if scan.rest.get(word..).is_some_and(|rest| rest.starts_with('!')) {
                    scan.take(word + 1);
                    before = Before::Beyond;
                    continue;
                }
            }
            _ if is_word(c) => {
                if let Some(found) = scan.reference(&mut before) {
                    let area = replaced(&before, found);
                    scan.text.push_str(&area.to_string());
                } else if before_of(&mut scan, &mut before) {
                    continue;
                }
            }
            _ => scan.take(c.len_utf8()),
        }
        before = Before::Nothing;
    }
    scan.text
}

/// A sheet's name before a reference, or any other word, which is taken over.
fn before_of(scan: &mut Scan<'_>, before: &mut Before) -> bool {
    let length = scan.word();
    let (word, after) = scan.rest.split_at_checked(length).unwrap_or((scan.rest, ""));
    if after.starts_with('!') {
        *before = sheet(word);
        scan.take(length + 1);
        return true;
    }
    // `First:Last!A1`
    let behind = after.strip_prefix(':').unwrap_or_default();
    let second = word_length(behind);
    if second > 0 && behind.get(second..).is_some_and(|rest| rest.starts_with('!')) {
        *before = Before::Beyond;
        scan.take(length + second + 2);
        return true;
    }
    scan.take(length.max(1));
    false
}

fn sheet(name: &str) -> Before {
    if name.contains(['[', ':']) {
        Before::Beyond
    } else {
        Before::Sheet(name.to_owned())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "$_.\\?".contains(c)
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

struct Scan<'a> {
    rest: &'a str,
    text: String,
}

impl Scan<'_> {
    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.text.push_str(taken);
        self.rest = rest;
    }

    fn word(&self) -> usize {
        word_length(self.rest)
    }

    /// Up to the closing sign; a doubled one stands for itself.
    fn quoted(&mut self, sign: char) {
        self.take(1);
        loop {
            let end = self.rest.find(sign).map_or(self.rest.len(), |at| at + 1);
            self.take(end);
            if !self.rest.starts_with(sign) {
                return;
            }
            self.take(1);
        }
    }

    /// Columns of tables and names of workbooks: `Table[[#This Row],[a]]`.
    fn bracketed(&mut self) {
        let (mut depth, mut length, mut is_escaped) = (0_u32, self.rest.len(), false);
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if is_escaped => {
                    is_escaped = false;
                    continue;
                }
                '\'' => is_escaped = true,
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                length = at + 1;
                break;
            }
        }
        self.take(length);
    }

    /// A reference at the beginning of the rest, taken off; nothing where it is a function, a name or a number.
    fn reference(&mut self, before: &mut Before) -> Option<Area> {
        let first = self.word();
        let (word, after) = self.rest.split_at_checked(first)?;
        if after.starts_with(['(', '!', '[']) {
            return None;
        }
        if let Some(behind) = after.strip_prefix(':') {
            let second = word_length(behind);
            let (_, end) = behind.split_at_checked(second)?;
            if end.starts_with('!') && *before == Before::Nothing && area_of(word).is_none() {
                return None;
            }
            let length = first + 1 + second;
            if !end.starts_with(['(', '!'])
                && let Some(area) = self.rest.get(..length).and_then(area_of)
            {
                self.rest = end;
                return Some(area);
            }
        }
        let area = area_of(word)?;
        self.rest = after;
        Some(area)
    }
}

#[cfg(test)]
mod tests {
    use super::{Growth, Standing, cell_named, column_name, offset};

    /// Ninety-nine rows are put in below row 5 of the sheet Pipes.
    fn growth() -> Growth {
        Growth {
            sheet: "Pipes".to_owned(),
            row: 5,
            added: 99,
        }
    }

    #[track_caller]
    fn check(formula: &str, expected: &str) {
        assert_eq!(
            growth().formula(formula, "Pipes", Standing::Anywhere),
            (expected.to_owned(), false)
        );
    }

    #[test]
    fn ranges_that_hold_the_pattern_row_are_stretched_and_what_lies_below_moves() {
        check("SUM(B5:B5)", "SUM(B5:B104)");
        check("SUM($B$5:$B$5)/B6", "SUM($B$5:$B$104)/B105");
        check("SUM(B4:B6)", "SUM(B4:B105)");
        check("B4+$B$5+$B$6", "B4+$B$5+$B$105");
        check("SUM(A1:B4)", "SUM(A1:B4)");
        check("SUM(B:B)+SUM(5:5)+SUM($6:7)", "SUM(B:B)+SUM(5:104)+SUM($105:106)");
        check("SUBTOTAL(9,b5:c5)", "SUBTOTAL(9,B5:C104)");
    }

    #[test]
    fn what_only_looks_like_a_reference_stays() {
        check("LOG10(B6)", "LOG10(B105)");
        check("\"B6 \"\"B6\"\" \"&B6", "\"B6 \"\"B6\"\" \"&B105");
        check(
            "Table1[[#This Row],[B6]]+B6_x+xB6.y+1.6+1E6",
            "Table1[[#This Row],[B6]]+B6_x+xB6.y+1.6+1E6",
        );
        check("XFE6+A1048577", "XFE6+A1048577");
        check("IF(B6>0,TRUE,\"\u{8868}B6\")", "IF(B105>0,TRUE,\"\u{8868}B6\")");
    }

    #[test]
    fn sheets_are_told_apart() {
        check(
            "'\u{8868} 1'!B6+Other!B6:B7+Pipes!B6",
            "'\u{8868} 1'!B6+Other!B6:B7+Pipes!B105",
        );
        let (text, _) = growth().formula("B6+PIPES!B6+'Pipes'!$B$5:$C$5", "Other", Standing::Anywhere);
        assert_eq!(text, "B6+PIPES!B105+'Pipes'!$B$5:$C$104");
        let quoted = Growth {
            sheet: "it's".to_owned(),
            ..growth()
        };
        assert_eq!(
            quoted.formula("'it''s'!B6", "x", Standing::Anywhere).0,
            "'it''s'!B105"
        );
    }

    #[test]
    fn what_cannot_be_moved_is_told() {
        for formula in [
            "[1]Pipes!B6",
            "SUM(First:Last!B6)",
            "'[x.xlsx]Pipes'!B6",
            "SUM('a b:c'!B6)",
        ] {
            let (text, is_doubtful) = growth().formula(formula, "Pipes", Standing::Anywhere);
            assert_eq!((text.as_str(), is_doubtful), (formula, true));
        }
        assert!(growth().formula("A1048570", "Pipes", Standing::Anywhere).1);
    }

    #[test]
    fn a_formula_of_the_pattern_row_is_filled_down() {
        let copy = |formula: &str| growth().formula(formula, "Pipes", Standing::Copy(2)).0;
        assert_eq!(copy("B5*2+$B$2+B$3"), "B7*2+$B$2+B$3");
        assert_eq!(copy("SUM(B$5:B5)"), "SUM(B$5:B7)");
        assert_eq!(copy("B5/SUM(B$5:B$5)"), "B7/SUM(B$5:B$104)");
        assert_eq!(copy("B5/B6"), "B7/B105");
        assert_eq!(copy("D4+C5"), "D6+C7");
        assert_eq!(copy("Other!B6"), "Other!B8");
    }

    #[test]
    fn one_cell_of_a_chart_becomes_the_column() {
        let series = |formula: &str| growth().formula(formula, "", Standing::Series).0;
        assert_eq!(series("Pipes!$B$5"), "Pipes!$B$5:$B$104");
        assert_eq!(series("Pipes!$B$4"), "Pipes!$B$4");
        assert_eq!(growth().areas("B5 B6:C7 A1", true), "B5:B104 B105:C106 A1");
    }

    #[test]
    fn names_and_columns_are_read() {
        assert_eq!(
            cell_named("'\u{8868} 1'!$AB$7:$AC$7"),
            Some(("\u{8868} 1".to_owned(), 7, 28))
        );
        assert_eq!(cell_named("#REF!"), None);
        assert_eq!(column_name(16_384), "XFD");
        assert_eq!(offset("A1+$B2:C$3+$D$4+B:B", 2, 1), "B3+$B4:D$3+$D$4+C:C");
    }
}
