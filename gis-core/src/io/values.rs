//! Turns what a source holds in a cell into a value of a field. It knows the ways people write numbers, dates
//! and yes or no; it repairs nothing: what it cannot read it hands back.

use std::borrow::Cow;

use chrono::{Days, NaiveDate};

use crate::model::Value;
use crate::schema::{Field, FieldType, Schema};

/// A cell of the source.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Date(NaiveDate),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    pub(super) fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Real(number) => number.is_nan(),
            _ => false,
        }
    }

    /// As it would be written; `None` for an empty cell.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        if self.is_null() {
            return None;
        }
        Some(match self {
            Self::Null => return None,
            Self::Integer(number) => number.to_string().into(),
            Self::Real(number) => number.to_string().into(),
            Self::Date(date) => date.to_string().into(),
            Self::Text(text) => text.trim().into(),
        })
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number).filter(|n| n.is_finite()),
            Self::Text(text) => number(text),
            _ => None,
        }
    }
}

/// Why a cell is no value of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    NotANumber,
    NotADate,
    NotYesOrNo,
    OutOfRange,
    /// Not in the dictionary: the text is kept.
    NotInDictionary,
}

impl Unfit {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NotANumber => "io.issue.not_a_number",
            Self::NotADate => "io.issue.not_a_date",
            Self::NotYesOrNo => "io.issue.not_yes_or_no",
            Self::OutOfRange => "io.issue.out_of_range",
            Self::NotInDictionary => "io.issue.not_in_dictionary",
        }
    }
}

/// The value of `field` that a cell holds; with the reason where it holds none, or a doubtful one.
pub(super) fn value(
    schema: &Schema,
    field: &Field,
    cell: &Cell<'_>,
    factor: Option<f64>,
) -> (Value, Option<Unfit>) {
    if cell.is_null() {
        return (Value::Null, None);
    }
    let (value, unfit) = match &field.field_type {
        FieldType::Text => (
            cell.text().map_or(Value::Null, |t| Value::Text(t.into_owned())),
            None,
        ),
        FieldType::Integer => match cell.number().map(|n| n * factor.unwrap_or(1.0)) {
            Some(n) if (n - n.round()).abs() < 1e-9 && n.abs() < 9e15 => {
                (Value::Integer(n.round() as i64), None)
            }
            _ => (Value::Null, Some(Unfit::NotANumber)),
        },
        FieldType::Real => match cell.number() {
            Some(n) => (Value::Real(n * factor.unwrap_or(1.0)), None),
            None => (Value::Null, Some(Unfit::NotANumber)),
        },
        FieldType::Boolean => match boolean(cell) {
            Some(flag) => (Value::Boolean(flag), None),
            None => (Value::Null, Some(Unfit::NotYesOrNo)),
        },
        FieldType::Date => match date(cell) {
            Some(date) => (Value::Date(date), None),
            None => (Value::Null, Some(Unfit::NotADate)),
        },
        FieldType::Code(dictionary) => {
            let text = cell.text().unwrap_or_default();
            match schema.dictionary(dictionary).map(|d| d.resolve(&text)) {
                Some(Some(entry)) => (Value::Text(entry.code.clone()), None),
                Some(None) => (Value::Text(text.into_owned()), Some(Unfit::NotInDictionary)),
                None => (Value::Text(text.into_owned()), None),
            }
        }
    };
    let is_outside = value.as_real().is_some_and(|n| {
        field.minimum.is_some_and(|minimum| n < minimum) || field.maximum.is_some_and(|maximum| n > maximum)
    });
    if is_outside {
        (Value::Null, Some(Unfit::OutOfRange))
    } else {
        (value, unfit)
    }
}

/// Full-width digits and letters, as Chinese input methods make them, narrowed.
fn narrowed(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            '\u{3002}' => '.',
            other => other,
        })
        .collect()
}

/// A number with or without unit: `200`, `DN200`, `Φ200`, `200mm`, `1,200.5`, `1.2e3`.
fn number(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    if let Ok(number) = trimmed.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    let plain = narrowed(trimmed).to_lowercase();
    let mut rest = plain.trim();
    for prefix in ["dn", "de", "φ", "ф", "∅", "ø", "⌀", "d"] {
        if let Some(cut) = rest.strip_prefix(prefix) {
            rest = cut.trim_start();
            break;
        }
    }
    for suffix in [
        "毫米", "公分", "米", "mm", "m³", "m", "吨", "户", "个", "圈", "转",
    ] {
        if let Some(cut) = rest.strip_suffix(suffix) {
            // A centimetre is no millimetre: left to the user.
            if suffix == "公分" {
                return None;
            }
            rest = cut.trim_end();
            break;
        }
    }
    if let Ok(number) = rest.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    // Thousands commas: three digits after each.
    let mut groups = rest.split(',');
    let first = groups.next()?;
    let rest_of: Vec<&str> = groups.collect();
    let is_grouped = !rest_of.is_empty()
        && (1..=3).contains(&first.trim_start_matches('-').len())
        && rest_of.iter().enumerate().all(|(i, group)| {
            let whole = if i + 1 == rest_of.len() {
                group.split('.').next().unwrap_or(group)
            } else {
                group
            };
            whole.len() == 3 && whole.bytes().all(|b| b.is_ascii_digit())
        });
    is_grouped.then(|| rest.replace(',', "").parse().ok()).flatten()
}

/// Yes or no, as people write it in tables; `None` where it is neither.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    boolean(&Cell::Text(Cow::Borrowed(text)))
}

fn boolean(cell: &Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Integer(0) => Some(false),
        Cell::Integer(1) => Some(true),
        Cell::Real(number) if *number == 0.0 => Some(false),
        Cell::Real(number) if (*number - 1.0).abs() < f64::EPSILON => Some(true),
        Cell::Text(text) => match narrowed(text.trim()).to_lowercase().as_str() {
            "1" | "1.0" | "true" | "t" | "yes" | "y" | "on" | "open" | "opened" | "是" | "开" | "开启"
            | "打开" | "常开" | "全开" | "有" | "真" | "可" | "可以" | "能" | "正常" | "完好" | "可操作"
            | "√" | "对" => Some(true),
            "0" | "0.0" | "false" | "f" | "no" | "n" | "off" | "closed" | "close" | "shut" | "否" | "关"
            | "关闭" | "常关" | "全关" | "无" | "假" | "不" | "不可" | "不能" | "损坏" | "不可操作" | "×"
            | "错" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn date(cell: &Cell<'_>) -> Option<NaiveDate> {
    match cell {
        Cell::Date(date) => Some(*date),
        Cell::Integer(number) => date_of_number(*number),
        Cell::Real(number) if number.fract() == 0.0 => date_of_number(*number as i64),
        Cell::Text(text) => date_of_text(&narrowed(text.trim())),
        _ => None,
    }
}

/// 20200501, 202005, 2020, or the day count of spreadsheets.
fn date_of_number(number: i64) -> Option<NaiveDate> {
    let day = |year: i64, month: i64, day: i64| {
        let plausible = (1850..=2200).contains(&year);
        plausible
            .then(|| NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32))
            .flatten()
    };
    match number {
        1850..=2200 => day(number, 1, 1),
        185_001..=220_012 => day(number / 100, number % 100, 1),
        18_500_101..=22_001_231 => day(number / 10_000, number / 100 % 100, number % 100),
        // 1930 … 2100.
        10_959..=73_050 => NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number as u64)),
        _ => None,
    }
}

fn date_of_text(text: &str) -> Option<NaiveDate> {
    if let Ok(number) = text.parse::<i64>() {
        return date_of_number(number);
    }
    // Only the day: 2020-05-01T00:00:00, 2020/5/1 0:00.
    let has_digit_before = |i: usize| {
        text.as_bytes()
            .get(i.wrapping_sub(1))
            .is_some_and(u8::is_ascii_digit)
    };
    let end = text
        .char_indices()
        .find(|(i, c)| {
            (*c == 'T' || c.is_whitespace())
                && has_digit_before(*i)
                && text.get(..*i).is_some_and(|t| t.len() >= 8)
        })
        .map_or(text.len(), |(i, _)| i);
    let day = text.get(..end)?;
    let parts: Vec<&str> = day
        .split(['-', '/', '.', '年', '月', '日', '号'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect();
    let numbers: Vec<i64> = parts.iter().map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let (year, month, day) = match numbers[..] {
        [year] => (year, 1, 1),
        [year, month] => (year, month, 1),
        [year, month, day] if year > 31 => (year, month, day),
        _ => return None,
    };
    (1850..=2200)
        .contains(&year)
        .then(|| NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(text.into())
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (written, expected) in [
            ("200", Some(200.0)),
            (" DN200 ", Some(200.0)),
            ("Φ300", Some(300.0)),
            ("３００", Some(300.0)),
            ("200mm", Some(200.0)),
            ("1,200.5", Some(1200.5)),
            ("1,2", None),
            ("300×200", None),
            ("不明", None),
            ("nan", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(text(written).number(), expected, "{written}");
        }
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2020, 5, 1);
        for written in [
            "2020-05-01",
            "2020/5/1",
            "2020.5.1",
            "20200501",
            "2020年5月1日",
            "2020-05",
            "2020年5月",
            "2020-05-01T08:00:00",
            "2020/5/1 0:00",
        ] {
            assert_eq!(date(&text(written)), day, "{written}");
        }
        assert_eq!(date(&text("2020")), NaiveDate::from_ymd_opt(2020, 1, 1));
        assert_eq!(date(&Cell::Integer(43_952)), day);
        for nonsense in ["2020-13-01", "上世纪", "1-2", "99999999", "2020-05-01-07", ""] {
            assert_eq!(date(&text(nonsense)), None, "{nonsense}");
        }
    }

    #[test]
    fn yes_and_no_are_read_as_people_write_them() {
        for yes in ["1", "true", "是", "开", "Y", "常开"] {
            assert_eq!(boolean(&text(yes)), Some(true), "{yes}");
        }
        for no in ["0", "FALSE", "否", "关", "n", "常关"] {
            assert_eq!(boolean(&text(no)), Some(false), "{no}");
        }
        assert_eq!(boolean(&text("也许")), None);
        assert_eq!(boolean(&Cell::Integer(2)), None);
    }
}
