//! Which features a table shows, and in which order. Only columns that are sorted, filtered or summed by are read.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::filter::whole_condition;
use super::totals::{self, Totals};
use crate::error::Result;
use crate::expr::compare;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Value};
use crate::progress::Progress;
use crate::project::{CodedColumn, Project};
use crate::query::{Area, Query};
use crate::text::Message;

/// Which features of the class are meant, before any filter.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Among {
    #[default]
    All,
    /// The selection, or a result set.
    These(Arc<Vec<FeatureId>>),
    /// Those that touch a box in the project's CRS.
    Within([f64; 4]),
}

/// A column that rows are ordered by. Unknown values come last either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    pub field: String,
    pub is_descending: bool,
}

/// What a table shall show.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub class: ClassIndex,
    pub among: Among,
    /// What is typed above the columns, by their keys.
    pub filters: BTreeMap<String, String>,
    /// In the language of [`crate::expr`]; everything where empty.
    pub condition: String,
    /// The most important first; in the order of the file where empty.
    pub sort: Vec<SortKey>,
    /// Come before all others where they are shown.
    pub first: Vec<FeatureId>,
    /// The numeric column to sum up.
    pub totals_of: Option<String>,
}

impl Wanted {
    /// All of a class.
    pub fn of_class(class: ClassIndex) -> Self {
        Self {
            class,
            among: Among::All,
            filters: BTreeMap::new(),
            condition: String::new(),
            sort: Vec::new(),
            first: Vec::new(),
            totals_of: None,
        }
    }
}

/// The rows of a table, from the top.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    pub ids: Vec<FeatureId>,
    /// Features of the class, shown or not.
    pub of: usize,
    pub totals: Option<Totals>,
}

impl Rows {
    pub fn position(&self, id: FeatureId) -> Option<usize> {
        self.ids.iter().position(|own| *own == id)
    }
}

/// Chooses and orders.
///
/// # Errors
/// A filter or the condition cannot be read, `Cancelled`, or the project cannot be read.
pub fn rows(project: &Project, wanted: &Wanted, progress: &dyn Progress) -> Result<Rows> {
    progress.report(&Message::new("table.task.choosing"), 0, None);
    let class = project.schema().class(wanted.class);
    let condition = whole_condition(class, &wanted.filters, &wanted.condition)?;
    let is_chosen = condition.is_some() || matches!(wanted.among, Among::Within(_));
    let chosen = if is_chosen {
        Some(chosen(project, wanted, condition, progress)?)
    } else {
        None
    };
    progress.check()?;
    let fields: Vec<String> = wanted.sort.iter().map(|key| key.field.clone()).collect();
    let columns = project.kept_columns(wanted.class, &fields)?;
    let all: &[FeatureId] = &columns.ids;
    let mut places = match &chosen {
        Some(chosen) => places_of(all, chosen),
        None => (0..all.len() as u32).collect(),
    };
    if let Among::These(these) = &wanted.among {
        let these: HashSet<FeatureId> = these.iter().copied().collect();
        places.retain(|place| these.contains(&all[*place as usize]));
    }
    progress.report(&Message::new("table.task.sorting"), 0, None);
    // The least important first: a stable sort by the next keeps its order.
    for (key, column) in wanted.sort.iter().zip(&columns.columns).rev() {
        progress.check()?;
        if let Some(column) = column {
            places = sorted(&places, column, key.is_descending);
        }
    }
    if !wanted.first.is_empty() {
        let first: HashSet<FeatureId> = wanted.first.iter().copied().collect();
        let is_first = |place: &u32| first.contains(&all[*place as usize]);
        let (mut top, rest): (Vec<u32>, Vec<u32>) = places.iter().partition(|place| is_first(place));
        top.extend(rest);
        places = top;
    }
    progress.check()?;
    let totals = match &wanted.totals_of {
        Some(field) => totals::of_places(project, wanted.class, field, &places)?,
        None => None,
    };
    Ok(Rows {
        ids: places.into_iter().map(|place| all[place as usize]).collect(),
        of: all.len(),
        totals,
    })
}

/// Those that fit, in the order of the file.
fn chosen(
    project: &Project,
    wanted: &Wanted,
    condition: Option<String>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let area = match wanted.among {
        Among::Within(bounds) => Some(Area::of_box(bounds)?),
        _ => None,
    };
    let query = Query {
        classes: vec![wanted.class],
        condition,
        area,
        ..Query::default()
    };
    Ok(query.run(project, progress)?.of_class(wanted.class).collect())
}

/// Where they stand among all; both are in the order of the file.
fn places_of(all: &[FeatureId], chosen: &[FeatureId]) -> Vec<u32> {
    let mut wanted = chosen.iter().peekable();
    let mut places = Vec::with_capacity(chosen.len());
    for (place, id) in all.iter().enumerate() {
        if wanted.next_if_eq(&id).is_some() {
            places.push(place as u32);
        }
    }
    places
}

/// The places by a column, equal ones as they were: values are ordered once each, rows are counted.
fn sorted(places: &[u32], column: &CodedColumn, is_descending: bool) -> Vec<u32> {
    let ranks = ranks(&column.values, is_descending);
    let count = ranks.iter().max().map_or(0, |most| *most as usize + 1);
    let rank = |place: u32| ranks[column.codes[place as usize] as usize] as usize;
    let mut starts = vec![0_u32; count + 1];
    for place in places {
        starts[rank(*place) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut out = vec![0; places.len()];
    for place in places {
        let start = &mut starts[rank(*place)];
        out[*start as usize] = *place;
        *start += 1;
    }
    out
}

/// The place of every value among all; equal ones share it, unknown ones are last.
fn ranks(values: &[Value], is_descending: bool) -> Vec<u32> {
    let order = |a: &Value, b: &Value| match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let order = value_order(a, b);
            if is_descending { order.reverse() } else { order }
        }
    };
    let mut sorted: Vec<u32> = (0..values.len() as u32).collect();
    sorted.sort_unstable_by(|a, b| order(&values[*a as usize], &values[*b as usize]));
    let mut ranks = vec![0; values.len()];
    let mut rank = 0;
    for pair in 0..sorted.len() {
        if pair > 0 {
            let [before, own] = [sorted[pair - 1], sorted[pair]].map(|i| &values[i as usize]);
            rank += u32::from(order(before, own) != Ordering::Equal);
        }
        ranks[sorted[pair] as usize] = rank;
    }
    ranks
}

/// Total, whatever is stored: what cannot be compared is ordered by its kind.
fn value_order(a: &Value, b: &Value) -> Ordering {
    let kind = |value: &Value| match value {
        Value::Null => 0,
        Value::Boolean(_) => 1,
        Value::Integer(_) | Value::Real(_) => 2,
        Value::Date(_) => 3,
        Value::Text(_) => 4,
    };
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        _ => kind(a)
            .cmp(&kind(b))
            .then_with(|| compare(a, b).unwrap_or(Ordering::Equal)),
    }
}

/// The records of some rows, in their order; none for a feature that is gone.
///
/// # Errors
/// The project cannot be read.
pub fn page(project: &Project, class: ClassIndex, ids: &[FeatureId]) -> Result<Vec<Option<Feature>>> {
    ids.iter().map(|id| project.record(class, *id)).collect()
}

/// More features than this are read column by column.
const FEW: usize = 100_000;

/// Some values of some features, in their order; none for a feature that is gone.
pub(super) fn values_of(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    fields: &[String],
) -> Result<Vec<Option<Vec<Value>>>> {
    let feature_class = project.schema().class(class);
    if ids.len() <= FEW {
        let positions: Vec<Option<usize>> = fields.iter().map(|f| feature_class.field_index(f)).collect();
        let pick = |feature: Feature| {
            let values = positions.iter();
            let values = values.map(|p| p.and_then(|p| feature.values.get(p).cloned()).unwrap_or_default());
            values.collect()
        };
        let records = page(project, class, ids)?.into_iter();
        return Ok(records.map(|record| record.map(pick)).collect());
    }
    let columns = project.kept_columns(class, fields)?;
    let wanted: HashSet<FeatureId> = ids.iter().copied().collect();
    let places: HashMap<FeatureId, usize> = columns
        .ids
        .iter()
        .enumerate()
        .filter(|(_, id)| wanted.contains(id))
        .map(|(place, id)| (*id, place))
        .collect();
    let value = |column: &Option<Arc<CodedColumn>>, place: usize| {
        let column = column.as_ref();
        column.map_or(Value::Null, |c| c.values[c.codes[place] as usize].clone())
    };
    Ok(ids
        .iter()
        .map(|id| {
            let place = *places.get(id)?;
            Some(columns.columns.iter().map(|c| value(c, place)).collect())
        })
        .collect())
}
