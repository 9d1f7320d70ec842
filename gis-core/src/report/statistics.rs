//! Workbooks of statistics: a sheet for each pivot with totals, shares and a chart of Excel's own; the quality of the data.

use chrono::NaiveDateTime;

use super::sheet::{Book, Cell, Column, SheetChart, column, column_named};
use crate::error::Result;
use crate::project::Project;
use crate::statistics::{Amount, Dimension, PivotCell, Quality, Score, Statistic, row_name};
use crate::text::{Lang, translate};

/// Codes that stand for all features of a fault.
const EXAMPLES: usize = 10;

/// Pivots as bytes of an .xlsx file; `created` is local time.
///
/// # Errors
/// A text is longer than Excel allows.
pub fn statistics_workbook(statistics: &[Statistic], lang: Lang, created: NaiveDateTime) -> Result<Vec<u8>> {
    let title = statistics
        .first()
        .map_or_else(String::new, |first| first.title.clone());
    let mut book = Book::new(lang, &title, created)?;
    for statistic in statistics {
        match statistic.places() {
            Some(places) => plane_sheet(&mut book, statistic, &places)?,
            None => pivot_sheet(&mut book, statistic)?,
        }
    }
    if statistics.is_empty() {
        book.table("statistics.total", &[column("statistics.total")], &[])?;
    }
    book.finish()
}

fn pivot_sheet(book: &mut Book, statistic: &Statistic) -> Result<()> {
    let (lang, pivot, amount) = (book.lang(), &statistic.pivot, statistic.amount);
    let has_columns = pivot.columns.iter().any(|keys| !keys.is_empty());
    let mut columns = vec![column_named(statistic.by.first().cloned().unwrap_or_default())];
    if has_columns {
        let names = pivot.columns.iter().map(|keys| row_name(keys, lang));
        columns.extend(names.map(column_named));
    }
    columns.push(column_named(if has_columns {
        translate("statistics.total", lang)
    } else {
        statistic.amount_title(lang)
    }));
    if amount.adds_up() {
        columns.push(column_named(format!(
            "{} (%)",
            translate("statistics.share", lang)
        )));
    }
    let whole = pivot.total().amount(amount);
    let cell = |cell: PivotCell| figure(cell, amount);
    let row_of = |name: String, cells: Vec<PivotCell>, total: PivotCell| {
        let mut row = vec![Cell::text(name)];
        if has_columns {
            row.extend(cells.into_iter().map(cell));
        }
        row.push(cell(total));
        let share = if whole > 0.0 {
            100.0 * total.amount(amount) / whole
        } else {
            0.0
        };
        if amount.adds_up() {
            row.push(Cell::number(share, 1));
        }
        row
    };
    let mut rows: Vec<Vec<Cell>> = (0..pivot.rows.len())
        .map(|i| {
            row_of(
                row_name(&pivot.rows[i], lang),
                pivot.cells[i].clone(),
                pivot.row_total(i),
            )
        })
        .collect();
    let totals = (0..pivot.columns.len()).map(|i| pivot.column_total(i)).collect();
    rows.push(row_of(translate("statistics.total", lang), totals, pivot.total()));
    book.table(&statistic.title, &columns, &rows)?;
    let series = if has_columns {
        1..=pivot.columns.len()
    } else {
        1..=1
    };
    book.chart(&SheetChart {
        kind: statistic.drawn_as(),
        is_continuous: statistic.is_continuous,
        title: &statistic.title,
        value_title: &statistic.amount_title(lang),
        series: *series.start() as u16..*series.end() as u16 + 1,
        rows: pivot.rows.len() as u32,
    })
}

fn figure(cell: PivotCell, amount: Amount) -> Cell {
    match amount {
        Amount::Count => Cell::Integer(cell.count as i64),
        Amount::Length => Cell::number(cell.length_m, 1),
        amount => Cell::number(cell.amount(amount), 2),
    }
}

/// A row for each dot, those of a series below each other.
fn plane_sheet(book: &mut Book, statistic: &Statistic, places: &[[f64; 2]]) -> Result<()> {
    let (lang, pivot) = (book.lang(), &statistic.pivot);
    let Some([across, up]) = &statistic.axes else {
        return Ok(());
    };
    let amounts: Vec<Amount> = statistic.amounts().collect();
    let mut columns: Vec<Column> = [&across.name, &up.name, &statistic.by[1]]
        .map(|name| column_named(name.clone()))
        .into();
    let titles = amounts
        .iter()
        .map(|amount| amount.title(statistic.measured.as_deref(), lang));
    columns.extend(titles.map(column_named));
    let (mut rows, mut series) = (Vec::new(), Vec::new());
    for (i, keys) in pivot.columns.iter().enumerate() {
        let name = if keys.is_empty() {
            String::new()
        } else {
            row_name(keys, lang)
        };
        let first = rows.len() as u32 + 1;
        for (place, cells) in places.iter().zip(&pivot.cells) {
            let cell = cells[i];
            if cell.count == 0 || place.iter().any(|number| !number.is_finite()) {
                continue;
            }
            let mut row: Vec<Cell> = place.map(|number| Cell::number(number, 2)).into();
            row.push(Cell::text(name.clone()));
            row.extend(amounts.iter().map(|amount| figure(cell, *amount)));
            rows.push(row);
        }
        series.push((name, first..rows.len() as u32 + 1));
    }
    book.table(&statistic.title, &columns, &rows)?;
    let titles = [statistic.title.as_str(), &across.name, &up.name];
    book.dots(titles, &series, columns.len() as u16 + 1)
}

/// Scores of all classes, what is wrong, and every feature that has a fault.
///
/// # Errors
/// The project cannot be read.
pub fn quality_workbook(
    project: &Project,
    quality: &Quality,
    lang: Lang,
    created: NaiveDateTime,
) -> Result<Vec<u8>> {
    let mut book = Book::new(lang, &translate("statistics.quality.title", lang), created)?;
    let label = |class| project.schema().class(class).label.text(lang).to_owned();
    let mut columns = vec![
        column("statistics.quality.class"),
        column("statistics.quality.features"),
    ];
    columns.extend(Dimension::ALL.map(|dimension| column(dimension.name_key())));
    let points =
        |scores: &[Score; 4]| scores.map(|score| score.points().map_or(Cell::Empty, |p| Cell::number(p, 1)));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (class, count, scores) in &quality.classes {
        let mut row = vec![Cell::text(label(*class)), Cell::Integer(*count as i64)];
        row.extend(points(scores));
        rows.push(row);
    }
    let all: usize = quality.classes.iter().map(|(_, count, _)| count).sum();
    let mut whole = vec![
        Cell::text(translate("statistics.quality.whole", lang)),
        Cell::Integer(all as i64),
    ];
    whole.extend(points(&quality.whole()));
    rows.push(whole);
    book.table("statistics.quality.scores", &columns, &rows)?;

    let columns: [Column; 5] = [
        column("statistics.quality.class"),
        column("statistics.quality.dimension"),
        column("statistics.quality.what"),
        column("statistics.quality.features"),
        column("statistics.quality.examples"),
    ];
    let (mut rows, mut each) = (Vec::new(), Vec::new());
    for fault in &quality.faults {
        let said = fault.what.text(lang);
        let mut names = Vec::new();
        for id in &fault.features {
            let Some(feature) = project.record(fault.class, *id)? else {
                continue;
            };
            let name = project.name_of(&feature);
            if names.len() < EXAMPLES {
                names.push(name.clone());
            }
            each.push(vec![
                Cell::text(label(fault.class)),
                Cell::text(name),
                Cell::text(said.clone()),
            ]);
        }
        rows.push(vec![
            Cell::text(label(fault.class)),
            Cell::text(translate(fault.dimension.name_key(), lang)),
            Cell::text(said),
            Cell::Integer(fault.features.len() as i64),
            Cell::text(names.join(", ")),
        ]);
    }
    book.table("statistics.quality.faults", &columns, &rows)?;
    let columns = [
        column("statistics.quality.class"),
        column("query.code"),
        column("statistics.quality.what"),
    ];
    book.table("query.features", &columns, &each)?;
    book.finish()
}
