//! Tables of one's own: pivots by any expressions and zones, how numbers are spread and go together, what came in which
//! year.

use std::sync::Arc;

use super::pivot::row_name;
use super::{Amount, Pivot};
use crate::chart::{Chart, ChartKind, Places, Series, nice_steps, step_text};
use crate::error::Result;
use crate::expr::{Expr, Scope};
use crate::model::Value;
use crate::progress::Progress;
use crate::project::Project;
use crate::query::{GroupBy, Query, ResultSet, Summary, Zones, condition_of, group};
use crate::table::heading;
use crate::text::{Lang, Message, translate};

/// What shall be counted.
#[derive(Debug, Clone)]
pub struct Plan {
    pub query: Query,
    pub form: Form,
    /// Expressions whose values become columns.
    pub columns: Vec<String>,
    /// A number that is summed up beside counts and lengths.
    pub measured: Option<String>,
    /// Polygons that are rows of tables, and columns of the other forms.
    pub zones: Option<Arc<Zones>>,
}

/// What the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The values of some expressions.
    Table(Vec<String>),
    /// 直方图: at most so many classes of the same width, of a number.
    Histogram { number: String, classes: usize },
    /// 时间线: the years of a date.
    Years(String),
    /// 散点图: one number over another, across and up. Where either has many values, those near each other are one.
    Points([String; 2]),
}

/// An axis of a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub name: String,
    /// How wide classes are that stand for the values in them; none where each stands for itself.
    pub width: Option<f64>,
}

impl Axis {
    /// Where a key stands: the middle of its class.
    fn place(&self, key: Option<&Value>) -> f64 {
        let number = key.and_then(Value::as_real).unwrap_or(f64::NAN);
        number + self.width.unwrap_or(0.0) / 2.0
    }
}

/// A table with what it was made of.
#[derive(Debug, Clone)]
pub struct Statistic {
    pub title: String,
    /// What rows and columns are named by.
    pub by: Vec<String>,
    /// What was counted.
    pub query: Query,
    /// What rows and columns were made by.
    pub grouping: GroupBy,
    /// Position of the zone among the keys of a row and a column.
    pub(super) zone_at: Option<usize>,
    /// What was measured, in words.
    pub measured: Option<String>,
    /// Keys of the rows as they were counted, where the pivot names them otherwise.
    pub row_keys: Vec<Vec<Value>>,
    pub pivot: Pivot,
    pub amount: Amount,
    pub kind: ChartKind,
    /// Its rows follow on each other without gaps.
    pub is_continuous: bool,
    /// Its rows stand in a plane.
    pub axes: Option<[Axis; 2]>,
}

impl Plan {
    /// # Errors
    /// An expression or the condition cannot be read, what is measured is no number, `Cancelled`, or the project cannot
    /// be read.
    pub fn make(self, project: &Project, lang: Lang, progress: &dyn Progress) -> Result<Statistic> {
        let found = self.query.run(project, progress)?;
        let names = Names {
            project,
            found: &found,
            lang,
        };
        let (rows, widths) = self.rows(project, &found, lang, progress)?;
        let down = rows.len();
        let row_names: Vec<String> = match &self.form {
            Form::Table(rows) => rows.iter().map(|row| names.of(row)).collect(),
            Form::Histogram { number, .. } => vec![names.of(number)],
            Form::Years(date) => vec![names.of(date)],
            Form::Points(numbers) => numbers.iter().map(|number| names.of(number)).collect(),
        };
        let column_names: Vec<String> = self.columns.iter().map(|column| names.of(column)).collect();
        let measured = self.measured.as_ref().map(|measured| names.of(measured));
        let is_table = matches!(self.form, Form::Table(_));
        let zone = self
            .zones
            .as_ref()
            .map(|_| translate("statistics.by.polygon", lang));
        let zone_at = zone
            .as_ref()
            .map(|_| if is_table { 0 } else { down + self.columns.len() });
        let grouping = GroupBy {
            expressions: rows.into_iter().chain(self.columns).collect(),
            measured: self.measured,
            zones: self.zones,
        };
        let mut groups = group(project, &found, &grouping, lang, progress)?;
        let down = if let (Some(0), true) = (zone_at, is_table) {
            down + 1
        } else {
            down
        };
        if zone_at.is_some_and(|at| at > 0) {
            for group in &mut groups {
                group.keys.rotate_left(1);
            }
            groups.sort_by(|a, b| crate::query::order(&a.keys, &b.keys));
        }
        let mut pivot = Pivot::of(&groups, down);
        if let [Some(width)] = widths[..] {
            pivot.fill(width);
        }
        let row_keys = pivot.rows.clone();
        name_zones(&mut pivot, zone_at, down, lang);
        if !matches!(self.form, Form::Years(_)) {
            name_classes(&mut pivot, &widths, lang);
        }
        let axes = matches!(self.form, Form::Points(_)).then(|| {
            [0, 1].map(|i| Axis {
                name: row_names[i].clone(),
                width: widths[i],
            })
        });
        let zone = zone.into_iter();
        let (rows, columns): (Vec<String>, Vec<String>) = if is_table {
            (zone.chain(row_names).collect(), column_names)
        } else {
            (row_names, column_names.into_iter().chain(zone).collect())
        };
        let by = vec![rows.join(" · "), columns.join(" · ")];
        let shown: Vec<&str> = by
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        Ok(Statistic {
            title: shown.join(" × "),
            by,
            zone_at,
            measured,
            kind: match self.form {
                Form::Years(_) => ChartKind::Line,
                Form::Points(_) => ChartKind::Points,
                _ => ChartKind::Stacked,
            },
            is_continuous: matches!(self.form, Form::Histogram { .. }),
            axes,
            ..Statistic::of_pivot(self.query, grouping, pivot, row_keys)
        })
    }

    /// Expressions of the rows, and how far the rows of numbers are apart where they are classes.
    fn rows(
        &self,
        project: &Project,
        found: &ResultSet,
        lang: Lang,
        progress: &dyn Progress,
    ) -> Result<(Vec<String>, Vec<Option<f64>>)> {
        let measured = |number: &String, by: &[String]| -> Result<(usize, [f64; 2])> {
            let spread = GroupBy {
                measured: Some(number.clone()),
                ..GroupBy::of(by)
            };
            let groups = group(project, found, &spread, lang, progress)?;
            let range = groups
                .iter()
                .fold(Summary::default(), |range, group| range.with(group.measured));
            Ok((groups.len(), [range.least, range.greatest]))
        };
        match &self.form {
            Form::Table(rows) => Ok((rows.clone(), Vec::new())),
            Form::Years(date) => Ok((vec![format!("year({date})")], vec![Some(1.0)])),
            Form::Histogram { number, classes } => {
                let (_, range) = measured(number, &[])?;
                let width = class_width(range, *classes);
                Ok((vec![class_of(number, width)], vec![Some(width)]))
            }
            Form::Points(numbers) => {
                let mut rows = (Vec::new(), Vec::new());
                for number in numbers {
                    let (values, range) = measured(number, std::slice::from_ref(number))?;
                    let width = (values > MOST_VALUES).then(|| class_width(range, MOST_VALUES));
                    let expression = width.map_or_else(|| number.clone(), |width| class_of(number, width));
                    rows.0.push(expression);
                    rows.1.push(width);
                }
                Ok(rows)
            }
        }
    }
}

/// Values along an axis that stand each for itself; more become so many classes.
const MOST_VALUES: usize = 120;

fn class_width(range: [f64; 2], classes: usize) -> f64 {
    let steps = nice_steps(range, classes);
    steps[1] - steps[0]
}

/// The lower end of the class of a number.
fn class_of(number: &str, width: f64) -> String {
    format!("floor(({number}) / {width:?}) * {width:?}")
}

/// Words for expressions.
struct Names<'a> {
    project: &'a Project,
    found: &'a ResultSet,
    lang: Lang,
}

impl Names<'_> {
    /// The label of a field with its unit; other expressions as they are written.
    fn of(&self, expression: &str) -> String {
        let schema = self.project.schema();
        let label = self.found.classes().into_iter().find_map(|class| {
            let expr = Expr::parse(expression, &Scope::of_class(schema, class)).ok()?;
            let own = schema.class(class);
            let at = own.field_index(expr.as_field()?)?;
            Some(heading(&own.fields[at], self.lang))
        });
        label.unwrap_or_else(|| expression.to_owned())
    }
}

/// What lies in no zone is said to be outside.
fn name_zones(pivot: &mut Pivot, zone_at: Option<usize>, down: usize, lang: Lang) {
    let Some(at) = zone_at else { return };
    let (list, at) = if at < down {
        (&mut pivot.rows, at)
    } else {
        (&mut pivot.columns, at - down)
    };
    for keys in list {
        if let Some(key) = keys.get_mut(at).filter(|key| key.is_null()) {
            *key = Value::Text(translate("statistics.outside", lang));
        }
    }
}

fn name_classes(pivot: &mut Pivot, widths: &[Option<f64>], lang: Lang) {
    for keys in &mut pivot.rows {
        for (key, width) in keys.iter_mut().zip(widths) {
            if let Some(width) = width {
                *key = class_name(key, *width, lang);
            }
        }
    }
}

/// The class of numbers that begins at a number; numbers at its upper end are in the next.
fn class_name(lower: &Value, width: f64, lang: Lang) -> Value {
    let Some(from) = lower.as_real() else {
        return Value::Null;
    };
    let steps = [from, from + width];
    let said = Message::new("statistics.class")
        .with("from", step_text(steps[0], &steps))
        .with("to", step_text(steps[1], &steps));
    Value::Text(said.text(lang))
}

impl Statistic {
    /// Without names.
    pub(super) fn of_pivot(query: Query, grouping: GroupBy, pivot: Pivot, row_keys: Vec<Vec<Value>>) -> Self {
        let amount = match &grouping.measured {
            Some(_) => Amount::Sum,
            None if pivot.total().length_m > 0.0 => Amount::Length,
            None => Amount::Count,
        };
        Self {
            title: String::new(),
            by: Vec::new(),
            query,
            grouping,
            zone_at: None,
            measured: None,
            row_keys,
            pivot,
            amount,
            kind: ChartKind::Stacked,
            is_continuous: false,
            axes: None,
        }
    }

    /// What can be told of its cells.
    pub fn amounts(&self) -> impl Iterator<Item = Amount> {
        let is_measured = self.grouping.measured.is_some();
        Amount::ALL
            .into_iter()
            .filter(move |amount| is_measured || !amount.is_measured())
    }

    /// How the amount can be drawn: means are no parts of a whole, and only what stands in a plane is drawn as dots.
    pub fn kinds(&self) -> impl Iterator<Item = ChartKind> {
        let (adds_up, is_plane) = (self.amount.adds_up(), self.axes.is_some());
        ChartKind::ALL.into_iter().filter(move |kind| match kind {
            ChartKind::Points => is_plane,
            ChartKind::Stacked | ChartKind::Pie => adds_up && !is_plane,
            ChartKind::Columns | ChartKind::Line => !is_plane,
        })
    }

    /// As it is drawn: as wanted, where the amount can be drawn so.
    pub fn drawn_as(&self) -> ChartKind {
        let wanted = self.kinds().find(|kind| *kind == self.kind);
        wanted.or(self.kinds().next()).unwrap_or_default()
    }

    pub fn amount_title(&self, lang: Lang) -> String {
        self.amount.title(self.measured.as_deref(), lang)
    }

    /// What finds the features of a cell, or of a whole row; nothing does for what lies outside all zones.
    ///
    /// # Errors
    /// A zone has coordinates that are no numbers.
    pub fn query_of(&self, row: usize, column: Option<usize>) -> Result<Option<Query>> {
        let mut keys = self.row_keys[row].clone();
        if let Some(column) = column {
            keys.extend(self.pivot.columns[column].iter().cloned());
        }
        let mut query = self.query.clone();
        if let Some(at) = self.zone_at.filter(|at| *at < keys.len()) {
            let zones = self.grouping.zones.as_ref();
            let zone = match (keys.remove(at), zones) {
                (Value::Text(name), Some(zones)) => zones.area_of(&name)?,
                _ => None,
            };
            let Some(zone) = zone else { return Ok(None) };
            query.area = Some(match query.area {
                Some(area) => zone.and(area),
                None => zone,
            });
        }
        let cell = condition_of(&self.grouping.expressions[..keys.len()], &keys);
        query.condition = Some(match &query.condition {
            Some(condition) => format!("({condition}) AND {cell}"),
            None => cell,
        });
        Ok(Some(query))
    }

    /// Where each row stands in the plane; not finite where that is unknown.
    pub fn places(&self) -> Option<Vec<[f64; 2]>> {
        let [across, up] = self.axes.as_ref()?;
        let place = |keys: &Vec<Value>| [across.place(keys.first()), up.place(keys.get(1))];
        Some(self.row_keys.iter().map(place).collect())
    }

    /// Its rows as categories and its columns as series.
    pub fn chart(&self, lang: Lang) -> Chart {
        let (pivot, amount, kind) = (&self.pivot, self.amount, self.drawn_as());
        let series = if kind == ChartKind::Pie && pivot.columns.len() > 1 {
            // The whole of each row.
            let totals = (0..pivot.rows.len()).map(|row| pivot.row_total(row).amount(amount));
            vec![Series {
                name: String::new(),
                values: totals.collect(),
            }]
        } else {
            let of_column = |column: usize| Series {
                name: row_name(&pivot.columns[column], lang),
                values: pivot.cells.iter().map(|row| row[column].amount(amount)).collect(),
            };
            (0..pivot.columns.len()).map(of_column).collect()
        };
        Chart {
            kind,
            title: self.title.clone(),
            value_title: match &self.axes {
                Some([_, up]) => up.name.clone(),
                None => self.amount_title(lang),
            },
            places: self
                .places()
                .zip(self.axes.as_ref())
                .map(|(at, [across, _])| Places {
                    title: across.name.clone(),
                    at,
                }),
            categories: pivot.rows.iter().map(|row| row_name(row, lang)).collect(),
            series,
            is_continuous: self.is_continuous,
        }
    }
}
