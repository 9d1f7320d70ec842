//! Count, sum, mean, least and greatest of a numeric column.

use super::rows::values_of;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::project::Project;

/// Of the rows that have a number; all zero where none has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    pub count: usize,
    pub sum: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Totals {
    /// Zero where nothing was counted.
    pub fn mean(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / self.count as f64
        }
    }

    /// Of some features.
    ///
    /// # Errors
    /// The project cannot be read.
    pub fn of(project: &Project, class: ClassIndex, ids: &[FeatureId], field: &str) -> Result<Self> {
        let mut sum = Sum::default();
        for values in values_of(project, class, ids, &[field.to_owned()])?
            .iter()
            .flatten()
        {
            sum.add(values.first().and_then(Value::as_real));
        }
        Ok(sum.totals)
    }
}

/// Of the rows at some places of the class; none where it has no such field.
pub(super) fn of_places(
    project: &Project,
    class: ClassIndex,
    field: &str,
    places: &[u32],
) -> Result<Option<Totals>> {
    let columns = project.kept_columns(class, &[field.to_owned()])?;
    let Some(Some(column)) = columns.columns.first() else {
        return Ok(None);
    };
    let numbers: Vec<Option<f64>> = column.values.iter().map(Value::as_real).collect();
    let mut sum = Sum::default();
    for place in places {
        sum.add(numbers[column.codes[*place as usize] as usize]);
    }
    Ok(Some(sum.totals))
}

/// Adds with Neumaier's compensation, so that a million lengths sum up to the last digit.
#[derive(Default)]
struct Sum {
    totals: Totals,
    plain: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, number: Option<f64>) {
        let Some(number) = number.filter(|n| n.is_finite()) else {
            return;
        };
        let next = self.plain + number;
        self.lost += if self.plain.abs() >= number.abs() {
            (self.plain - next) + number
        } else {
            (number - next) + self.plain
        };
        self.plain = next;
        let totals = &mut self.totals;
        let is_first = totals.count == 0;
        totals.count += 1;
        totals.sum = self.plain + self.lost;
        totals.least = if is_first {
            number
        } else {
            totals.least.min(number)
        };
        totals.greatest = if is_first {
            number
        } else {
            totals.greatest.max(number)
        };
    }
}
