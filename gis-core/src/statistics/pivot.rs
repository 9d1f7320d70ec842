//! 交叉统计表: groups as rows and columns with totals.

use crate::chart::{Chart, ChartKind, Series};
use crate::expr::plain_text;
use crate::model::Value;
use crate::query::Group;
use crate::text::{Lang, translate};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Amount {
    #[default]
    Count,
    Length,
}

impl Amount {
    pub const ALL: [Self; 2] = [Self::Count, Self::Length];

    /// As it is written in commands and keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Length => "length",
        }
    }

    /// Its name with the unit.
    pub fn title(self, lang: Lang) -> String {
        translate(&format!("statistics.amount.{}", self.key()), lang)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PivotCell {
    pub count: usize,
    pub length_m: f64,
}

impl PivotCell {
    pub fn amount(self, amount: Amount) -> f64 {
        match amount {
            Amount::Count => self.count as f64,
            Amount::Length => self.length_m,
        }
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.length_m += other.length_m;
    }
}

/// A table of groups; rows and columns in the order of the groups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pivot {
    pub rows: Vec<Vec<Value>>,
    /// One empty column where nothing stands across.
    pub columns: Vec<Vec<Value>>,
    /// By row, then by column.
    pub cells: Vec<Vec<PivotCell>>,
}

impl Pivot {
    /// The first `down` keys of each group name its row, the others its column.
    pub fn of(groups: &[Group], down: usize) -> Self {
        let mut pivot = Self::default();
        for group in groups {
            let (row, column) = group.keys.split_at(down.min(group.keys.len()));
            let row = position(&mut pivot.rows, row);
            let column = position(&mut pivot.columns, column);
            if pivot.cells.len() <= row {
                pivot.cells.resize(row + 1, Vec::new());
            }
            if pivot.cells[row].len() <= column {
                pivot.cells[row].resize(column + 1, PivotCell::default());
            }
            pivot.cells[row][column].add(PivotCell {
                count: group.count,
                length_m: group.length_m,
            });
        }
        pivot.sort_columns();
        pivot
    }

    /// Groups come in the order of all keys, so columns come as their first row has them.
    fn sort_columns(&mut self) {
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        order.sort_by(|a, b| crate::query::order(&self.columns[*a], &self.columns[*b]));
        self.columns = order.iter().map(|i| self.columns[*i].clone()).collect();
        for row in &mut self.cells {
            let cell = |i: &usize| row.get(*i).copied().unwrap_or_default();
            *row = order.iter().map(cell).collect();
        }
    }

    pub fn row_total(&self, row: usize) -> PivotCell {
        sum(self.cells[row].iter().copied())
    }

    pub fn column_total(&self, column: usize) -> PivotCell {
        sum(self.cells.iter().map(|row| row[column]))
    }

    pub fn total(&self) -> PivotCell {
        sum(self.cells.iter().flatten().copied())
    }

    /// Its rows as categories and its columns as series.
    pub fn chart(&self, kind: ChartKind, amount: Amount, title: String, lang: Lang) -> Chart {
        let series = (0..self.columns.len()).map(|column| Series {
            name: row_name(&self.columns[column], lang),
            values: self.cells.iter().map(|row| row[column].amount(amount)).collect(),
        });
        let mut chart = Chart {
            kind,
            title,
            value_title: amount.title(lang),
            categories: self.rows.iter().map(|row| row_name(row, lang)).collect(),
            series: series.collect(),
        };
        if kind == ChartKind::Pie && self.columns.len() > 1 {
            // The whole of each row.
            let totals = (0..self.rows.len()).map(|row| self.row_total(row).amount(amount));
            chart.series = vec![Series {
                name: String::new(),
                values: totals.collect(),
            }];
        }
        chart
    }
}

/// Keys on one line; what is unknown is said to be so.
pub fn row_name(keys: &[Value], lang: Lang) -> String {
    let word = |key: &Value| match key {
        Value::Boolean(true) => translate("report.value.yes", lang),
        Value::Boolean(false) => translate("report.value.no", lang),
        key => {
            let text = plain_text(key);
            if text.is_empty() {
                translate("statistics.unknown", lang)
            } else {
                text
            }
        }
    };
    keys.iter().map(word).collect::<Vec<_>>().join(" · ")
}

fn position(known: &mut Vec<Vec<Value>>, keys: &[Value]) -> usize {
    known.iter().position(|k| k == keys).unwrap_or_else(|| {
        known.push(keys.to_vec());
        known.len() - 1
    })
}

fn sum(cells: impl Iterator<Item = PivotCell>) -> PivotCell {
    cells.fold(PivotCell::default(), |mut sum, cell| {
        sum.add(cell);
        sum
    })
}
