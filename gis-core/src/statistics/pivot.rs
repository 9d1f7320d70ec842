//! 交叉统计表: groups as rows and columns with totals.

use std::collections::HashMap;

use crate::expr::plain_text;
use crate::model::Value;
use crate::query::{Group, Summary};
use crate::text::{Lang, Message, translate};

/// What a cell tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Amount {
    #[default]
    Count,
    Length,
    /// Of what is measured, as are the others.
    Sum,
    Mean,
    Least,
    Greatest,
}

impl Amount {
    pub const ALL: [Self; 6] = [
        Self::Count,
        Self::Length,
        Self::Sum,
        Self::Mean,
        Self::Least,
        Self::Greatest,
    ];

    /// As it is written in commands and keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Length => "length",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Least => "min",
            Self::Greatest => "max",
        }
    }

    /// Whether it is told of something that is measured.
    pub fn is_measured(self) -> bool {
        !matches!(self, Self::Count | Self::Length)
    }

    /// Whether the parts come to the whole.
    pub fn adds_up(self) -> bool {
        matches!(self, Self::Count | Self::Length | Self::Sum)
    }

    /// Its name with the unit, and with the name of what is measured.
    pub fn title(self, measured: Option<&str>, lang: Lang) -> String {
        let title = Message::new(format!("statistics.amount.{}", self.key()));
        title.with("name", measured.unwrap_or_default()).text(lang)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PivotCell {
    pub count: usize,
    pub length_m: f64,
    pub measured: Summary,
}

impl PivotCell {
    /// NaN where nothing is known that could be told.
    pub fn amount(self, amount: Amount) -> f64 {
        let measured = self.measured;
        let known = |number: f64| if measured.count > 0 { number } else { f64::NAN };
        match amount {
            Amount::Count => self.count as f64,
            Amount::Length => self.length_m,
            Amount::Sum => measured.sum,
            Amount::Mean => measured.mean().unwrap_or(f64::NAN),
            Amount::Least => known(measured.least),
            Amount::Greatest => known(measured.greatest),
        }
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.length_m += other.length_m;
        self.measured = self.measured.with(other.measured);
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
        let mut known: HashMap<String, usize> = HashMap::new();
        for group in groups {
            let (row, column) = group.keys.split_at(down.min(group.keys.len()));
            let row = *known.entry(format!("{row:?}")).or_insert_with(|| {
                pivot.rows.push(row.to_vec());
                pivot.rows.len() - 1
            });
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
                measured: group.measured,
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

    /// Gives rows of numbers those between them that nothing fell into, `step` apart.
    pub(super) fn fill(&mut self, step: f64) {
        /// More rows would hide those that say something.
        const MOST: usize = 400;
        let numbers: Vec<f64> = self
            .rows
            .iter()
            .map_while(|keys| keys.first()?.as_real())
            .collect();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
            return;
        };
        let count = ((last - first) / step).round() as usize + 1;
        if count <= numbers.len() || count > MOST {
            return;
        }
        let is_whole = matches!(self.rows[0].first(), Some(Value::Integer(_)));
        let empty = vec![PivotCell::default(); self.columns.len()];
        let (mut rows, mut cells) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for i in 0..count {
            let number = first + step * i as f64;
            if let Some(own) = numbers.iter().position(|n| (n - number).abs() < step / 2.0) {
                rows.push(self.rows[own].clone());
                cells.push(self.cells[own].clone());
            } else {
                rows.push(vec![if is_whole {
                    Value::Integer(number as i64)
                } else {
                    Value::Real(number)
                }]);
                cells.push(empty.clone());
            }
        }
        rows.extend_from_slice(&self.rows[numbers.len()..]);
        cells.extend_from_slice(&self.cells[numbers.len()..]);
        (self.rows, self.cells) = (rows, cells);
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
