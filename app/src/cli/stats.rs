//! `karez stats` and `karez quality`: pivots, the standing reports of a water company, the quality of the data (9.2.3.4c).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::cartography::layers::VectorSource;
use gis_core::chart::ChartKind;
use gis_core::io::zones::areas_in;
use gis_core::project::Project;
use gis_core::query::{Query, Zones, class_named, expressions_of};
use gis_core::report::{Template, quality_workbook, statistics_workbook};
use gis_core::statistics::{
    Amount, Dimension, Form, PivotCell, Plan, Quality, QualityOptions, Score, StandingReport, Statistic,
    quality, row_name,
};
use gis_core::text::translate;
use gis_core::{Error, Message, Result};
use serde_json::{Value as Json, json};

use super::analyse::save;
use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome, template};

#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// A standing report, or all: pipes_by_size, pipes_by_age, pipes_by_zone, pipes_by_year, valves, hydrants
    #[arg(long, value_name = "NAME", conflicts_with_all = ["rows", "histogram", "years", "points", "columns", "classes", "condition", "of", "zones"],
          required_unless_present_any = ["rows", "histogram", "years", "points", "zones"])]
    report: Option<String>,

    /// Fields or expressions whose values become rows
    #[arg(long, value_name = "EXPRESSION")]
    rows: Vec<String>,

    /// Classes of one width of this number become rows
    #[arg(long, value_name = "EXPRESSION", conflicts_with_all = ["rows", "years"])]
    histogram: Option<String>,

    /// How many classes a histogram may have at most
    #[arg(long, value_name = "N", default_value_t = 10, requires = "histogram",
          value_parser = clap::value_parser!(u16).range(1..=200))]
    intervals: u16,

    /// The years of this date become rows, those without features, too
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "rows")]
    years: Option<String>,

    /// A dot for each pair of two numbers, across and up
    #[arg(long, value_names = ["ACROSS", "UP"], num_args = 2, conflicts_with_all = ["rows", "histogram", "years"])]
    points: Option<Vec<String>>,

    /// Fields or expressions whose values become columns
    #[arg(long, value_name = "EXPRESSION")]
    columns: Vec<String>,

    /// A number that is summed up, of which mean, smallest and largest are told, too
    #[arg(long, value_name = "EXPRESSION")]
    of: Option<String>,

    /// File with polygons in each of which is counted apart
    #[arg(long, value_name = "FILE")]
    zones: Option<PathBuf>,

    /// Layer of the file with the zones
    #[arg(long, value_name = "NAME", requires = "zones")]
    zone_layer: Option<String>,

    /// Column with the names of the zones
    #[arg(long, value_name = "COLUMN", requires = "zones")]
    zone_name: Option<String>,

    /// Class of the features, by any of its names; may come several times
    #[arg(long = "class", value_name = "NAME")]
    classes: Vec<String>,

    /// Only features that fit this condition
    #[arg(long = "where", value_name = "EXPRESSION")]
    condition: Option<String>,

    /// What is told: count, length, and with --of sum, mean, min or max
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    amount: Option<Amount>,

    /// How it is drawn: columns, stacked, pie or line; pairs of numbers always as points
    #[arg(long, value_name = "KIND", value_parser = kind)]
    chart: Option<ChartKind>,

    /// Write the tables with charts (.xlsx), or one chart (.png, .svg, .pdf)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Workbook of your own with cells named karez_…, filled and written as --out
    #[arg(long, value_name = "XLSX", requires = "out")]
    template: Option<PathBuf>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

fn amount(text: &str) -> std::result::Result<Amount, String> {
    let found = Amount::ALL.into_iter().find(|amount| amount.key() == text);
    found.ok_or_else(|| Amount::ALL.map(Amount::key).join(", "))
}

fn kind(text: &str) -> std::result::Result<ChartKind, String> {
    let found = ChartKind::ALL.into_iter().find(|kind| kind.key() == text);
    found.ok_or_else(|| ChartKind::ALL.map(ChartKind::key).join(", "))
}

/// Dots per inch of charts as pictures.
const DPI: f64 = 150.0;

pub(crate) fn stats(args: &StatsArgs, console: &mut Console) -> Result<Outcome> {
    let template = template::open(args.template.as_deref(), args.out.as_deref())?;
    let reports = reports(args)?;
    let (project, _) = source::open(&args.project, &args.source, console)?;
    let mut made = Vec::new();
    if let Some(reports) = reports {
        let today = crate::session::today();
        for report in reports {
            made.push(report.make(&project, today, console.lang(), console.progress())?);
        }
    } else {
        made.push(own(args, &project, console)?);
    }
    for statistic in &mut made {
        statistic.amount = args.amount.unwrap_or(statistic.amount);
        statistic.kind = args.chart.unwrap_or(statistic.kind);
    }
    tell(&made, console)?;
    if let Some((template, path)) = template {
        let statistic = Template::only_statistic(&made)?;
        let condition = args.condition.as_deref().unwrap_or_default();
        let occasion = template::occasion(&statistic.title, condition, project.name(), console);
        let filled = template.fill_statistic(statistic, &occasion, console.progress())?;
        template::save(path, &filled, console)?;
    } else if let Some(path) = &args.out {
        write(path, &made, console)?;
    }
    let is_any = made.iter().any(|statistic| statistic.pivot.total().count > 0);
    Ok(Outcome::done_if(is_any))
}

fn reports(args: &StatsArgs) -> Result<Option<Vec<StandingReport>>> {
    let Some(name) = &args.report else {
        return Ok(None);
    };
    if name == "all" {
        return Ok(Some(StandingReport::ALL.to_vec()));
    }
    let found = StandingReport::ALL
        .into_iter()
        .find(|report| report.key() == name);
    let report = found.ok_or_else(|| {
        let known = StandingReport::ALL.map(StandingReport::key).join(", ");
        let said = Message::new("statistics.error.report").with("found", name);
        Error::bad_input(said.with("known", known))
    })?;
    Ok(Some(vec![report]))
}

fn own(args: &StatsArgs, project: &Project, console: &Console) -> Result<Statistic> {
    let query = Query {
        classes: args
            .classes
            .iter()
            .map(|name| class_named(project, name))
            .collect::<Result<_>>()?,
        condition: args.condition.clone(),
        ..Query::default()
    };
    let each = |texts: &[String]| texts.iter().flat_map(|text| expressions_of(text)).collect();
    let form = match (&args.histogram, &args.years, args.points.as_deref()) {
        (_, _, Some([across, up])) => Form::Points([across.clone(), up.clone()]),
        (Some(number), ..) => Form::Histogram {
            number: number.clone(),
            classes: usize::from(args.intervals),
        },
        (_, Some(date), _) => Form::Years(date.clone()),
        _ => Form::Table(each(&args.rows)),
    };
    let zones = args.zones.as_ref().map(|path| -> Result<_> {
        let source = VectorSource {
            path: path.display().to_string(),
            layer: args.zone_layer.clone(),
            ..VectorSource::default()
        };
        let place = (project.crs(), project.extent()?);
        let areas = areas_in(&source, args.zone_name.as_deref(), place, console.progress())?;
        Ok(Arc::new(Zones::new(areas)))
    });
    let plan = Plan {
        query,
        form,
        columns: each(&args.columns),
        measured: args.of.clone(),
        zones: zones.transpose()?,
    };
    let made = plan.make(project, console.lang(), console.progress())?;
    match args
        .amount
        .filter(|amount| !made.amounts().any(|known| known == *amount))
    {
        Some(amount) => Err(Error::bad_input(
            Message::new("statistics.error.not_measured").with("found", amount.key()),
        )),
        None => Ok(made),
    }
}

fn tell(made: &[Statistic], console: &mut Console) -> Result<()> {
    if console.is_json() {
        let listed: Vec<Json> = made.iter().map(|s| statistic_json(s, console)).collect();
        return console.json(&json!({ "statistics": listed }));
    }
    let lang = console.lang();
    for statistic in made {
        let (pivot, amount) = (&statistic.pivot, statistic.amount);
        let number = |value: f64| match amount {
            Amount::Count => format!("{value:.0}"),
            Amount::Length => format!("{value:.1}"),
            _ if value.is_nan() => "–".to_owned(),
            _ => format!("{value:.2}"),
        };
        let mut headers = vec![statistic.by.first().cloned().unwrap_or_default()];
        let has_columns = pivot.columns.iter().any(|keys| !keys.is_empty());
        if has_columns {
            headers.extend(pivot.columns.iter().map(|keys| row_name(keys, lang)));
        }
        headers.push(translate("statistics.total", lang));
        let row = |name: String, cells: Vec<f64>, total: f64| {
            let mut row = vec![name];
            if has_columns {
                row.extend(cells.into_iter().map(number));
            }
            row.push(number(total));
            row
        };
        let mut rows: Vec<Vec<String>> = (0..pivot.rows.len())
            .map(|i| {
                let cells = pivot.cells[i].iter().map(|cell| cell.amount(amount)).collect();
                row(
                    row_name(&pivot.rows[i], lang),
                    cells,
                    pivot.row_total(i).amount(amount),
                )
            })
            .collect();
        let totals = (0..pivot.columns.len()).map(|i| pivot.column_total(i).amount(amount));
        rows.push(row(
            translate("statistics.total", lang),
            totals.collect(),
            pivot.total().amount(amount),
        ));
        let heading = format!("{}  {}", statistic.title, statistic.amount_title(lang));
        console.line(&heading)?;
        console.table(&headers, &rows)?;
    }
    Ok(())
}

fn statistic_json(statistic: &Statistic, console: &Console) -> Json {
    let (lang, pivot) = (console.lang(), &statistic.pivot);
    let names = |list: &[Vec<gis_core::Value>]| -> Vec<String> {
        list.iter().map(|keys| row_name(keys, lang)).collect()
    };
    let cells: Vec<Vec<Json>> = pivot
        .cells
        .iter()
        .map(|row| {
            let cell = |cell: &PivotCell| cell_json(statistic, *cell);
            row.iter().map(cell).collect()
        })
        .collect();
    let mut told = json!({
        "title": statistic.title, "by": statistic.by, "rows": names(&pivot.rows), "columns": names(&pivot.columns),
        "cells": cells, "total": cell_json(statistic, pivot.total()),
    });
    if let Some(places) = statistic.places() {
        told["places"] = json!(places);
    }
    told
}

/// With what is measured, where anything is.
fn cell_json(statistic: &Statistic, cell: PivotCell) -> Json {
    let told = statistic.amounts().map(|amount| {
        let key = if amount == Amount::Length {
            "length_m"
        } else {
            amount.key()
        };
        let value = match amount {
            Amount::Count => json!(cell.count),
            _ => json!(cell.amount(amount)),
        };
        (key.to_owned(), value)
    });
    Json::Object(told.collect())
}

fn write(path: &Path, made: &[Statistic], console: &mut Console) -> Result<()> {
    if is_workbook(path) {
        let created = chrono::Local::now().naive_local();
        let bytes = statistics_workbook(made, console.lang(), created)?;
        return save(path, "cli.burst.report", &bytes, console);
    }
    let [statistic] = made else {
        return Err(Error::bad_input(Message::new("statistics.error.one_chart")));
    };
    statistic.chart(console.lang()).write(path, DPI)?;
    console.say(&Message::new("app.file.saved").with("path", path.display()))
}

fn is_workbook(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}

fn check_workbook(path: &Path) -> Result<()> {
    if is_workbook(path) {
        return Ok(());
    }
    let said = Message::new("statistics.error.workbook").with("path", path.display());
    Err(Error::bad_input(said))
}

#[derive(Debug, clap::Args)]
pub(crate) struct QualityArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// What was surveyed longer ago counts as out of date
    #[arg(long, value_name = "N", default_value_t = 10)]
    years: u32,

    /// Write scores, faults and every feature with a fault into this file: .xlsx
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

pub(crate) fn look(args: &QualityArgs, console: &mut Console) -> Result<Outcome> {
    if let Some(path) = &args.out {
        check_workbook(path)?;
    }
    let (project, _) = source::open(&args.project, &args.source, console)?;
    let options = QualityOptions {
        years: args.years,
        ..QualityOptions::new(crate::session::today())
    };
    let found = quality(&project, &options, console.progress())?;
    tell_quality(&project, &found, console)?;
    if let Some(path) = &args.out {
        let created = chrono::Local::now().naive_local();
        let bytes = quality_workbook(&project, &found, console.lang(), created)?;
        save(path, "cli.burst.report", &bytes, console)?;
    }
    Ok(Outcome::done_if(!found.classes.is_empty()))
}

fn tell_quality(project: &Project, found: &Quality, console: &mut Console) -> Result<()> {
    let lang = console.lang();
    let schema = project.schema();
    if console.is_json() {
        let scores = |scores: &[Score; 4]| {
            let [completeness, accuracy, consistency, timeliness] = scores.map(Score::points);
            json!({ "completeness": completeness, "accuracy": accuracy,
                    "consistency": consistency, "timeliness": timeliness })
        };
        let classes: Vec<Json> = found
            .classes
            .iter()
            .map(|(class, count, of_class)| {
                json!({ "class": schema.class(*class).key, "count": count, "scores": scores(of_class) })
            })
            .collect();
        let faults: Vec<Json> = found
            .faults
            .iter()
            .map(|fault| {
                let class = schema.class(fault.class);
                let field = fault.field.map(|i| &class.fields[i].key);
                json!({ "class": class.key, "field": field, "what": fault.what.text(lang),
                        "count": fault.features.len() })
            })
            .collect();
        return console
            .json(&json!({ "classes": classes, "scores": scores(&found.whole()), "faults": faults }));
    }
    let word = |key: &str| translate(key, lang);
    let mut headers = vec![
        word("statistics.quality.class"),
        word("statistics.quality.features"),
    ];
    headers.extend(Dimension::ALL.map(|dimension| word(dimension.name_key())));
    let row = |name: String, count: usize, scores: &[Score; 4]| {
        let mut row = vec![name, count.to_string()];
        row.extend(scores.map(|score| {
            score
                .points()
                .map_or_else(|| "–".to_owned(), |p| format!("{p:.1}"))
        }));
        row
    };
    let label = |class| schema.class(class).label.text(lang).to_owned();
    let mut rows: Vec<Vec<String>> = found
        .classes
        .iter()
        .map(|(class, count, scores)| row(label(*class), *count, scores))
        .collect();
    let all = found.classes.iter().map(|(_, count, _)| count).sum();
    rows.push(row(word("statistics.quality.whole"), all, &found.whole()));
    console.table(&headers, &rows)?;
    let headers = ["class", "what", "features"].map(|key| word(&format!("statistics.quality.{key}")));
    let rows: Vec<Vec<String>> = found
        .faults
        .iter()
        .map(|fault| {
            let count = fault.features.len().to_string();
            vec![label(fault.class), fault.what.text(lang), count]
        })
        .collect();
    console.table(&headers, &rows)
}
