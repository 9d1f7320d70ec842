//! Understands what crews write into cells: numbers, diameters, dates. It knows neither columns nor features.

use chrono::{Datelike as _, NaiveDate};

use super::columns::words;
use super::workbook::Cell;

/// Full-width letters, digits and signs as their plain forms; other characters stay.
pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' => ' ',
            // Ideographic full stop, minus sign, en dash.
            '\u{3002}' => '.',
            '\u{2212}' | '\u{2013}' => '-',
            other => other,
        })
        .collect()
}

/// A point number: numbers as Excel shows them, blanks around and full-width forms removed. `None` for an error cell.
pub(super) fn code(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Error(_) => None,
        other => Some(half_width(&other.text()).trim().to_owned()).filter(|c| !c.is_empty()),
    }
}

/// The codes of a cell that may list several.
pub(super) fn codes(cell: &Cell) -> Vec<String> {
    let Some(text) = code(cell) else { return Vec::new() };
    // U+3001 is the comma of Chinese lists.
    text.split(['\u{3001}', ',', ';', '\n', '\r'])
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A number, also as text with blanks or thousands separators and a unit in metres or millimetres behind it.
pub(super) fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(text) => number_in(text),
        Cell::Date(_) | Cell::Error(_) => None,
    }
}

fn number_in(text: &str) -> Option<f64> {
    let text = half_width(text).to_lowercase();
    let mut text = text.trim().trim_start_matches('\'');
    // The longer unit first: millimetres end like metres.
    for unit in words().millimetres.iter().chain(&words().metres) {
        if let Some(stem) = text.strip_suffix(unit.as_str()) {
            text = stem;
            break;
        }
    }
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let looks_plain = plain
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'));
    plain.parse().ok().filter(|n: &f64| looks_plain && n.is_finite())
}

/// A pipe size and what else the text said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Diameter {
    pub(super) millimetres: f64,
    /// A rectangular section, several pipes or two sizes: the first one was taken.
    pub(super) is_simplified: bool,
}

/// `300`, `DN300`, `Φ300`, `D325×8`, `300×200`, `0.3m`, `2-DN100`, `DN300/DN200`.
pub(super) fn diameter(cell: &Cell) -> Option<Diameter> {
    let text = match cell {
        Cell::Number(number) => return plain_size(*number),
        Cell::Text(text) => half_width(text).to_lowercase(),
        Cell::Date(_) | Cell::Error(_) => return None,
    };
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut is_simplified = false;
    // Several pipes side by side: 2-DN100, 2×DN100.
    if let Some((count, rest)) = text.split_once(['-', '×', 'x', '*'])
        && count.parse::<u32>().is_ok()
        && rest.starts_with(is_size_letter)
    {
        is_simplified = true;
        text = rest.to_owned();
    }
    let had_letter = text.starts_with(is_size_letter);
    let is_outside = text.starts_with('d') && !text.starts_with("dn");
    let text = text.trim_start_matches(is_size_letter);
    let digits: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .collect();
    let size: f64 = digits.replace(',', "").parse().ok()?;
    let rest = text.strip_prefix(digits.as_str())?;
    let is_metres = words().metres.iter().any(|unit| unit == rest);
    let millimetres = if is_metres { size * 1000.0 } else { size };
    let rest = words()
        .millimetres
        .iter()
        .find_map(|unit| rest.strip_prefix(unit.as_str()))
        .unwrap_or(rest);
    if !(rest.is_empty() || is_metres) {
        // What follows must be a second size: wall thickness (D325×8) or another side or pipe.
        let second = rest.strip_prefix(['×', 'x', '*', '/', '-', '~', '\u{3001}', ','])?;
        let second = second
            .trim_start_matches(is_size_letter)
            .trim_end_matches("mm")
            .trim_end_matches('m');
        let second: f64 = second.split(['×', 'x', '*', '/']).next()?.parse().ok()?;
        let is_wall = (is_outside || had_letter) && second < size / 5.0;
        is_simplified |= !is_wall;
    }
    plain_size(millimetres).map(|d| Diameter { is_simplified, ..d })
}

fn is_size_letter(c: char) -> bool {
    matches!(
        c,
        'd' | 'n' | 'e' | 'φ' | 'ф' | 'ø' | 'ϕ' | '∅' | '⌀' | '￠' | '¢'
    )
}

fn plain_size(millimetres: f64) -> Option<Diameter> {
    (millimetres.is_finite() && millimetres > 0.0 && millimetres < 20_000.0).then_some(Diameter {
        millimetres,
        is_simplified: false,
    })
}

/// A day; the first of the month or year where no more was said.
pub(super) fn date(cell: &Cell) -> Option<NaiveDate> {
    match cell {
        Cell::Date(date) => Some(*date).filter(|d| (1850..=2150).contains(&d.year())),
        Cell::Number(number) => date_in_number(*number),
        Cell::Text(text) => date_in_text(text),
        Cell::Error(_) => None,
    }
}

fn day(year: i32, month: u32, day_of_month: u32) -> Option<NaiveDate> {
    (1850..=2150)
        .contains(&year)
        .then(|| NaiveDate::from_ymd_opt(year, month, day_of_month))
        .flatten()
}

/// A year, a year and month after the point (2008.5, 2008.11), yyyymm, yyyymmdd or Excel's count of days.
fn date_in_number(number: f64) -> Option<NaiveDate> {
    let whole = number.trunc() as i64;
    if (1850.0..2151.0).contains(&number) {
        // Two decimals at most: 2008.1 may have been 2008.10, but a cell keeps no trailing zero.
        let month = ((number - number.trunc()) * 100.0).round() as u32;
        let month = match month {
            0 => 1,
            m if m % 10 == 0 => m / 10,
            m => m,
        };
        return day(whole as i32, month, 1);
    }
    match whole {
        185_001..=215_012 => day((whole / 100) as i32, (whole % 100) as u32, 1),
        18_500_101..=21_501_231 => day(
            (whole / 10_000) as i32,
            (whole / 100 % 100) as u32,
            (whole % 100) as u32,
        ),
        // 1954 to 2064.
        20_000..=60_000 => {
            NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(whole as u64))
        }
        _ => None,
    }
}

fn date_in_text(text: &str) -> Option<NaiveDate> {
    let text = half_width(text);
    let text = text.trim();
    // The time of day, after a blank or T, says nothing here.
    let date = text
        .split_once(['T', ' '])
        .filter(|(_, rest)| rest.contains(':'))
        .map_or(text, |(date, _)| date);
    let mut parts = Vec::new();
    for part in date
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
    {
        parts.push(part.parse::<u32>().ok()?);
    }
    match *parts.as_slice() {
        [year] if (1850..=2150).contains(&year) => day(year as i32, 1, 1),
        [number] => date_in_number(f64::from(number)),
        [year, month] => day(year as i32, month, 1),
        [year, month, day_of_month] => day(year as i32, month, day_of_month),
        _ => None,
    }
}

/// Yes or no, open or closed, 1 or 0.
pub(super) fn flag(cell: &Cell) -> Option<bool> {
    let text = half_width(&cell.text()).to_lowercase();
    let text = text.trim();
    if words().yes.iter().any(|w| w == text) {
        Some(true)
    } else if words().no.iter().any(|w| w == text) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn numbers_are_read_however_they_are_typed() {
        for (cell, expected) in [
            ("29 500 123.4", Some(29_500_123.4)),
            ("4,412,345.678", Some(4_412_345.678)),
            ("１２．５", Some(12.5)),
            ("'1.20", Some(1.2)),
            ("0.85m", Some(0.85)),
            ("－3", Some(-3.0)),
            ("1.2.3", None),
            ("inf", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(number(&text(cell)), expected, "{cell}");
        }
    }

    #[test]
    fn diameters_are_read_with_their_signs_and_sections() {
        for (cell, expected) in [
            ("300", Some((300.0, false))),
            ("DN300", Some((300.0, false))),
            ("ＤＮ３００", Some((300.0, false))),
            ("Φ300", Some((300.0, false))),
            ("φ 300mm", Some((300.0, false))),
            ("D325×8", Some((325.0, false))),
            ("D300*8", Some((300.0, false))),
            ("de110", Some((110.0, false))),
            ("300×200", Some((300.0, true))),
            ("300X200", Some((300.0, true))),
            ("2-DN100", Some((100.0, true))),
            ("DN300/DN200", Some((300.0, true))),
            ("1.2m", Some((1200.0, false))),
            ("DN", None),
            ("大", None),
            ("0", None),
            ("300根", None),
            ("0.3米", Some((300.0, false))),
        ] {
            assert_eq!(
                diameter(&text(cell)).map(|d| (d.millimetres, d.is_simplified)),
                expected,
                "{cell}"
            );
        }
        assert_eq!(diameter(&Cell::Number(f64::NAN)), None);
    }

    #[test]
    fn dates_are_read_as_years_months_days_and_day_counts() {
        let on = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (cell, expected) in [
            (text("2008"), on(2008, 1, 1)),
            (text("2008.5"), on(2008, 5, 1)),
            (text("2008.10"), on(2008, 10, 1)),
            (text("2008年5月"), on(2008, 5, 1)),
            (text("2008 年"), on(2008, 1, 1)),
            (text("２００８年５月１２日"), on(2008, 5, 12)),
            (text("2008/5/12 00:00:00"), on(2008, 5, 12)),
            (text("2008-05-12"), on(2008, 5, 12)),
            (text("20080512"), on(2008, 5, 12)),
            (text("200805"), on(2008, 5, 1)),
            (text("2008.13"), None),
            (text("八十年代"), None),
            (text("约2008年竣工"), on(2008, 1, 1)),
            (text("2008-2010"), None),
            (Cell::Number(2008.0), on(2008, 1, 1)),
            (Cell::Number(2008.5), on(2008, 5, 1)),
            (Cell::Number(2008.11), on(2008, 11, 1)),
            (Cell::Number(39_580.0), on(2008, 5, 12)),
            (Cell::Number(20_080_512.0), on(2008, 5, 12)),
            (Cell::Number(7.0), None),
            (Cell::Number(-1e300), None),
        ] {
            assert_eq!(date(&cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn codes_are_split_where_several_stand_in_one_cell() {
        assert_eq!(codes(&text("Ｊ2、J3，J4")), ["J2", "J3", "J4"]);
        assert_eq!(codes(&Cell::Number(12.0)), ["12"]);
        assert!(codes(&Cell::Error("#REF!".into())).is_empty());
    }
}
