//! One table on a sheet: headers with units, frozen and repeated, widths that fit, A4 across. It knows nothing of
//! networks.

use std::borrow::{Borrow, Cow};
use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{
    Chart, ChartMarker, ChartMarkerType, ChartType, Color, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::chart::ChartKind;
use crate::error::{Error, Result};
use crate::model::Value;
use crate::project::Project;
use crate::table::STATE_SHEET;
use crate::text::{Lang, translate};

/// Rows a sheet holds below its header; the rest goes to a further sheet.
const ROWS: usize = 1_048_575;
const WIDEST: usize = 48;
const A4: u8 = 9;
const HEADER_FILL: u32 = 0x001F_4E79;
const RULE: u32 = 0x00BF_BFBF;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(String),
    Integer(i64),
    /// Shown with this many decimals.
    Number(f64, u8),
    Date(NaiveDate),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    pub(super) fn number(value: f64, decimals: u8) -> Self {
        if value.is_finite() {
            Self::Number(value, decimals)
        } else {
            Self::Empty
        }
    }

    /// A value as it is.
    pub(super) fn of(value: &Value, lang: Lang) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Boolean(true) => Self::Text(translate("report.value.yes", lang)),
            Value::Boolean(false) => Self::Text(translate("report.value.no", lang)),
            Value::Integer(number) => Self::Integer(*number),
            Value::Real(number) => Self::number(*number, 2),
            Value::Date(day) => Self::Date(*day),
            Value::Text(text) => Self::text(text.as_str()),
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Text(text) => width(text),
            Self::Integer(number) => number.to_string().len(),
            Self::Number(number, decimals) => format!("{number:.*}", usize::from(*decimals)).len(),
            Self::Date(_) => 10,
        }
    }
}

/// Places of a text; Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if ('\u{1100}'..='\u{ffe6}').contains(&c) {
                2
            } else {
                1
            }
        })
        .sum()
}

/// A column: the key of its name in the locale files, or the name itself where it comes from the data, and its unit.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) key: Cow<'static, str>,
    pub(super) unit: Option<&'static str>,
}

pub(super) const fn column(key: &'static str) -> Column {
    Column {
        key: Cow::Borrowed(key),
        unit: None,
    }
}

pub(super) const fn column_in(key: &'static str, unit: &'static str) -> Column {
    Column {
        key: Cow::Borrowed(key),
        unit: Some(unit),
    }
}

/// A column that is named already.
pub(super) fn column_named(name: String) -> Column {
    Column {
        key: Cow::Owned(name),
        unit: None,
    }
}

/// A chart of Excel's own, of the table that was written last.
pub(super) struct SheetChart<'a> {
    pub(super) kind: ChartKind,
    pub(super) title: &'a str,
    pub(super) value_title: &'a str,
    /// Columns that are drawn; the first column names the categories.
    pub(super) series: Range<u16>,
    /// Rows below the header that are drawn.
    pub(super) rows: u32,
    /// Columns stand beside each other without gaps.
    pub(super) is_continuous: bool,
}

/// What Excel takes for the name of a sheet: no forbidden sign, at most 31 signs of UTF-16, not yet given.
fn sheet_name(wanted: &str, given: &[String]) -> String {
    const LONGEST: usize = 31;
    let clean: String = wanted
        .chars()
        .map(|c| {
            if "[]:*?/\\".contains(c) || c.is_control() {
                '-'
            } else {
                c
            }
        })
        .collect();
    let clean = clean.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    let clean = if clean.is_empty() { "-" } else { clean };
    let is_free = |name: &str| {
        given
            .iter()
            .all(|known| known.to_lowercase() != name.to_lowercase())
    };
    let numbered = (2..).map(|number| {
        let end = format!(" ({number})");
        cut(clean, LONGEST - end.len()) + &end
    });
    let mut names = std::iter::once(cut(clean, LONGEST)).chain(numbered);
    names.find(|name| is_free(name)).unwrap_or_default()
}

/// A workbook under construction.
pub(super) struct Book {
    workbook: Workbook,
    /// Names of its sheets so far.
    names: Vec<String>,
    lang: Lang,
    look: Look,
}

/// How cells look.
struct Look {
    header: Format,
    body: Format,
    whole: Format,
    date: Format,
    /// By the number of decimals.
    numbers: [Format; 4],
}

impl Look {
    fn new() -> Self {
        let header = Format::new()
            .set_bold()
            .set_font_color(Color::White)
            .set_background_color(Color::RGB(HEADER_FILL))
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap();
        let body = Format::new()
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(RULE));
        let number = |form: &str| body.clone().set_num_format(form);
        Self {
            whole: number("0"),
            date: number("yyyy-mm-dd"),
            numbers: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"].map(number),
            header,
            body,
        }
    }

    fn write(&self, sheet: &mut Worksheet, r: u32, row: &[Cell]) -> Result<(), XlsxError> {
        for (c, cell) in row.iter().enumerate() {
            let c = c as u16;
            match cell {
                Cell::Empty => sheet.write_blank(r, c, &self.body)?,
                Cell::Text(text) => sheet.write_with_format(r, c, fitted(text).as_ref(), &self.body)?,
                Cell::Integer(number) => sheet.write_with_format(r, c, *number as f64, &self.whole)?,
                Cell::Number(number, decimals) => {
                    let format = &self.numbers[usize::from(*decimals).min(self.numbers.len() - 1)];
                    sheet.write_with_format(r, c, *number, format)?
                }
                Cell::Date(day) => match excel_day(*day) {
                    Some(number) => sheet.write_datetime_with_format(r, c, number, &self.date)?,
                    // Excel knows no day before 1900: better a text than a lie.
                    None => sheet.write_with_format(r, c, day.to_string(), &self.body)?,
                },
            };
        }
        Ok(())
    }
}

/// As much of a text as a cell of Excel holds, with a sign that there is more.
pub(super) fn fitted(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 32_767;
    if text.len() <= LONGEST || text.encode_utf16().count() <= LONGEST {
        return Cow::Borrowed(text);
    }
    Cow::Owned(cut(text, LONGEST - 1) + "…")
}

/// As much of the beginning as fits into so many signs of UTF-16, which Excel counts by.
fn cut(text: &str, room: usize) -> String {
    let mut left = room;
    let fits = |c: &char| {
        let has_room = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        has_room
    };
    text.chars().take_while(fits).collect()
}

impl Book {
    pub(super) fn new(lang: Lang, title: &str, created: NaiveDateTime) -> Result<Self> {
        let mut workbook = Workbook::new();
        let created = excel_time(created)?;
        workbook.set_properties(
            &DocProperties::new()
                .set_title(title)
                .set_author("Karez")
                .set_creation_datetime(&created),
        );
        Ok(Self {
            workbook,
            names: Vec::new(),
            lang,
            look: Look::new(),
        })
    }

    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// A sheet without a table, for the cover.
    pub(super) fn page(&mut self, name_key: &str) -> Result<&mut Worksheet> {
        let name = self.name(&translate(name_key, self.lang));
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(&name).map_err(failed)?;
        sheet
            .set_paper_size(A4)
            .set_print_fit_to_pages(1, 1)
            .set_screen_gridlines(false);
        Ok(sheet)
    }

    /// A table on a sheet of its own, or on several where a sheet cannot hold it. An empty one keeps its header, so
    /// that "none" is an answer and not a missing page.
    pub(super) fn table(&mut self, name_key: &str, columns: &[Column], rows: &[Vec<Cell>]) -> Result<()> {
        self.fill(name_key, columns, rows.iter().map(Ok), |book| {
            Ok(book.add_worksheet())
        })
    }

    /// The same with rows that come one after the other and are not kept.
    pub(super) fn stream(
        &mut self,
        name_key: &str,
        columns: &[Column],
        rows: impl Iterator<Item = Result<Vec<Cell>>>,
    ) -> Result<()> {
        self.fill(
            name_key,
            columns,
            rows,
            Workbook::add_worksheet_with_constant_memory,
        )
    }

    fn fill<R: Borrow<Vec<Cell>>>(
        &mut self,
        name_key: &str,
        columns: &[Column],
        rows: impl Iterator<Item = Result<R>>,
        add: impl Fn(&mut Workbook) -> Result<&mut Worksheet, XlsxError>,
    ) -> Result<()> {
        let wanted = translate(name_key, self.lang);
        let labels: Vec<String> = columns
            .iter()
            .map(|column| {
                let label = translate(&column.key, self.lang);
                column
                    .unit
                    .map_or_else(|| label.clone(), |unit| format!("{label} ({unit})"))
            })
            .collect();
        let mut rows = rows.peekable();
        loop {
            let name = self.name(&wanted);
            let sheet = add(&mut self.workbook).map_err(failed)?;
            sheet.set_name(&name).map_err(failed)?;
            let mut widths: Vec<usize> = labels.iter().map(|label| width(label)).collect();
            let mut count = 0;
            begin(sheet, &labels, &self.look).map_err(failed)?;
            for row in rows.by_ref().take(ROWS) {
                let row = row?;
                count += 1;
                for (widest, cell) in widths.iter_mut().zip(row.borrow()) {
                    *widest = cell.width().max(*widest);
                }
                self.look.write(sheet, count, row.borrow()).map_err(failed)?;
            }
            end(sheet, count, &widths).map_err(failed)?;
            if rows.peek().is_none() {
                return Ok(());
            }
        }
    }

    fn name(&mut self, wanted: &str) -> String {
        let name = sheet_name(wanted, &self.names);
        self.names.push(name.clone());
        name
    }

    /// Dots beside the table that was written last, from a column on: its first column across, its second up, a series
    /// for each name with its rows below the header.
    pub(super) fn dots(&mut self, titles: [&str; 3], series: &[(String, Range<u32>)], at: u16) -> Result<()> {
        let Some(name) = self.names.last().cloned() else {
            return Ok(());
        };
        let [title, across, up] = titles;
        let mut drawn = Chart::new(ChartType::Scatter);
        drawn.title().set_name(title);
        drawn.x_axis().set_name(across);
        drawn.y_axis().set_name(up);
        if series.len() == 1 {
            drawn.legend().set_hidden();
        }
        for (series_name, rows) in series.iter().filter(|(_, rows)| !rows.is_empty()) {
            let marker = ChartMarker::new()
                .set_type(ChartMarkerType::Circle)
                .set_size(4)
                .clone();
            drawn
                .add_series()
                .set_name(series_name.as_str())
                .set_categories((name.as_str(), rows.start, 0, rows.end - 1, 0))
                .set_values((name.as_str(), rows.start, 1, rows.end - 1, 1))
                .set_marker(&marker);
        }
        if series.iter().all(|(_, rows)| rows.is_empty()) {
            return Ok(());
        }
        drawn.set_width(900).set_height(460);
        let sheet = self.workbook.worksheet_from_name(&name).map_err(failed)?;
        sheet.insert_chart(1, at, &drawn).map_err(failed)?;
        Ok(())
    }

    /// A chart under the table that was written last; none where there is nothing to draw.
    pub(super) fn chart(&mut self, chart: &SheetChart<'_>) -> Result<()> {
        let Some(name) = self.names.last().cloned() else {
            return Ok(());
        };
        if chart.rows == 0 || chart.series.is_empty() {
            return Ok(());
        }
        let mut drawn = Chart::new(match chart.kind {
            ChartKind::Columns => ChartType::Column,
            ChartKind::Stacked => ChartType::ColumnStacked,
            ChartKind::Pie => ChartType::Pie,
            ChartKind::Line => ChartType::Line,
            // Drawn by `dots`, since its rows are not categories.
            ChartKind::Points => return Ok(()),
        });
        drawn.title().set_name(chart.title);
        drawn.y_axis().set_name(chart.value_title);
        if chart.series.len() == 1 && chart.kind != ChartKind::Pie {
            drawn.legend().set_hidden();
        }
        let columns = if chart.kind == ChartKind::Pie {
            chart.series.start..chart.series.start + 1
        } else {
            chart.series.clone()
        };
        for column in columns {
            let series = drawn.add_series();
            if chart.is_continuous {
                series.set_gap(0);
            }
            series
                .set_name((name.as_str(), 0, column))
                .set_categories((name.as_str(), 1, 0, chart.rows, 0))
                .set_values((name.as_str(), 1, column, chart.rows, column));
        }
        drawn.set_width(900).set_height(460);
        let sheet = self.workbook.worksheet_from_name(&name).map_err(failed)?;
        // One row of totals may follow what is drawn.
        sheet.insert_chart(chart.rows + 3, 0, &drawn).map_err(failed)?;
        Ok(())
    }

    /// Notes which state of the project the tables show, on a sheet that is not shown.
    pub(super) fn state(&mut self, project: &Project) -> Result<()> {
        let (entry, at_unix_ms) = project.standing()?;
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(STATE_SHEET).map_err(failed)?.set_hidden(true);
        sheet.write(0, 0, entry.to_string()).map_err(failed)?;
        sheet.write(0, 1, at_unix_ms.to_string()).map_err(failed)?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        self.workbook.save_to_buffer().map_err(failed)
    }
}

fn begin(sheet: &mut Worksheet, labels: &[String], look: &Look) -> Result<(), XlsxError> {
    for (i, label) in labels.iter().enumerate() {
        sheet.write_with_format(0, i as u16, label.as_str(), &look.header)?;
    }
    sheet.set_row_height(0, 22.0)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet
        .set_landscape()
        .set_paper_size(A4)
        .set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&R&P / &N");
    Ok(())
}

fn end(sheet: &mut Worksheet, rows: u32, widths: &[usize]) -> Result<(), XlsxError> {
    for (i, widest) in widths.iter().enumerate() {
        sheet.set_column_width(i as u16, (*widest).min(WIDEST) as f64 + 2.5)?;
    }
    let last_column = widths.len().saturating_sub(1) as u16;
    sheet.autofilter(0, 0, rows, last_column)?;
    Ok(())
}

fn excel_day(day: NaiveDate) -> Option<ExcelDateTime> {
    use chrono::Datelike as _;
    let year = u16::try_from(day.year())
        .ok()
        .filter(|y| (1900..=9999).contains(y))?;
    ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8).ok()
}

pub(super) fn excel_time(time: NaiveDateTime) -> Result<ExcelDateTime> {
    use chrono::{Datelike as _, Timelike as _};
    let day = ExcelDateTime::from_ymd(
        time.year().clamp(1900, 9999) as u16,
        time.month() as u8,
        time.day() as u8,
    );
    day.and_then(|d| d.and_hms(time.hour() as u16, time.minute() as u8, f64::from(time.second())))
        .map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(super) fn failed(error: XlsxError) -> Error {
    Error::Spreadsheet(error.to_string())
}

#[cfg(test)]
mod tests;
