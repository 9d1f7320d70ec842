//! Ways to ask that a form or a command line offers beside conditions (9.2.3.4a): each becomes a part of a query.

use chrono::NaiveDate;

use super::Area;
use crate::error::{Error, Result};
use crate::locate::sheets_of_number;
use crate::project::Project;
use crate::text::Message;

/// Object numbers as they are pasted from Excel or typed: one a line, or parted by tabs, commas, semicolons or the
/// Chinese marks for them. Each once, in their order.
pub fn codes_of(text: &str) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for code in text.split(['\n', '\r', '\t', ',', ';', '，', '、', '；']) {
        let code = code.trim().trim_matches('"').trim();
        if !code.is_empty() && known.insert(code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

/// The ground of a map sheet.
///
/// # Errors
/// `BadInput` for a number that no sheet of the project's area has, or that sheets of several scales have: a scale
/// behind it, as in `4854.0-547.0@1:500`, tells which.
pub fn on_sheet(project: &Project, number: &str) -> Result<Area> {
    let (number, scale) = match number.split_once('@') {
        Some((number, scale)) => {
            let written = scale.trim().trim_start_matches("1:").trim_start_matches("1：");
            let unfit = || Error::bad_input(Message::new("query.error.sheet_scale").with("found", scale));
            (number.trim(), Some(written.parse::<u32>().map_err(|_| unfit())?))
        }
        None => (number.trim(), None),
    };
    let mut sheets = sheets_of_number(project, number)?;
    sheets.sort_by_key(|(sheet, _)| sheet.denominator);
    // Square sheets come first; a rectangular one of the same scale and corner lies in them.
    sheets.dedup_by_key(|(sheet, _)| sheet.denominator);
    sheets.retain(|(sheet, _)| scale.is_none_or(|scale| sheet.denominator == scale));
    match sheets.as_slice() {
        [] => Err(Error::bad_input(
            Message::new("query.error.sheet").with("found", number),
        )),
        [(_, bounds)] => Area::of_box(*bounds),
        _ => {
            let scales: Vec<String> = sheets
                .iter()
                .map(|(sheet, _)| format!("{}@1:{}", sheet.number, sheet.denominator))
                .collect();
            Err(Error::bad_input(
                Message::new("query.error.sheets")
                    .with("found", number)
                    .with("known", scales.join(", ")),
            ))
        }
    }
}

/// `material = 'PE'`: a code or a label of the dictionary.
pub fn of_material(name: &str) -> String {
    format!("material = {}", quoted(name))
}

/// A diameter in millimetres, or from one to another: `300`, `100..300`, `300..`.
///
/// # Errors
/// `BadInput` for what is no number.
pub fn of_diameter(range: &str) -> Result<String> {
    let unfit = || Error::bad_input(Message::new("query.error.diameter").with("found", range));
    let number = |text: &str| {
        let text = text.trim().trim_start_matches("DN").trim();
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        number.ok_or_else(unfit)
    };
    between(
        "diameter_mm",
        range,
        unfit,
        |text| Ok(number(text)?.to_string()),
        |text| Ok(number(text)?.to_string()),
    )
}

/// Days of completion, from one to another, each of which may be missing; a year or a month stands for all its days:
/// `2004-05-31`, `1998..2004`, `2004-06..`.
///
/// # Errors
/// `BadInput` for what is no date.
pub fn of_completion(range: &str) -> Result<String> {
    let unfit = || Error::bad_input(Message::new("query.error.completed").with("found", range));
    let day = |text: &str, is_last: bool| {
        let [first, last] = days_of(text.trim()).ok_or_else(unfit)?;
        Ok(format!("date '{}'", if is_last { last } else { first }))
    };
    between(
        "install_date",
        range,
        unfit,
        |text| day(text, false),
        |text| day(text, true),
    )
}

fn between(
    field: &str,
    range: &str,
    unfit: impl Fn() -> Error,
    low: impl Fn(&str) -> Result<String>,
    high: impl Fn(&str) -> Result<String>,
) -> Result<String> {
    let (from, to) = range.split_once("..").unwrap_or((range, range));
    let mut parts = Vec::new();
    if !from.trim().is_empty() {
        parts.push(format!("{field} >= {}", low(from)?));
    }
    if !to.trim().is_empty() {
        parts.push(format!("{field} <= {}", high(to)?));
    }
    if parts.is_empty() {
        return Err(unfit());
    }
    Ok(parts.join(" and "))
}

/// First and last day of a year, a month or a day.
fn days_of(text: &str) -> Option<[NaiveDate; 2]> {
    let mut parts = text.split('-');
    let year: i32 = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1..=9999).contains(year))?;
    let month = parts.next().map(str::parse::<u32>).transpose().ok()?;
    let day = parts.next().map(str::parse::<u32>).transpose().ok()?;
    if parts.next().is_some() {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let next = match (month, day) {
        (_, Some(_)) => first.succ_opt()?,
        (Some(12) | None, _) => NaiveDate::from_ymd_opt(year + 1, 1, 1)?,
        (Some(month), _) => NaiveDate::from_ymd_opt(year, month + 1, 1)?,
    };
    Some([first, next.pred_opt()?])
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
