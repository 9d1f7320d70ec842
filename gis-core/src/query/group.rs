//! 分组统计: how many features, how many metres of pipe, and what a number comes to, for each value of one or several
//! expressions and each zone.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::zones::middle;
use super::{ResultSet, Zones, unreadable};
use crate::error::{Error, Result};
use crate::expr::{Expr, Scope, Where, compare, plain_text};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Geometry, Value};
use crate::network::Metric;
use crate::progress::Progress;
use crate::project::{CodedColumn, Project, Selection};
use crate::schema::GeometryKind;
use crate::text::{Lang, Message};

/// What features are put together by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupBy {
    /// In the language of [`crate::expr`].
    pub expressions: Vec<String>,
    /// What comes to a number of which sum, mean, least and greatest are told.
    pub measured: Option<String>,
    /// The first key of a group is then the zone that holds the middle of a feature, or unknown.
    pub zones: Option<Arc<Zones>>,
}

impl GroupBy {
    pub fn of(expressions: &[String]) -> Self {
        Self {
            expressions: expressions.to_vec(),
            ..Self::default()
        }
    }
}

/// Numbers put together; what is unknown or no number does not count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    pub count: usize,
    pub sum: f64,
    /// 0 where there are no numbers, as is `greatest`.
    pub least: f64,
    pub greatest: f64,
}

impl Summary {
    pub fn of(number: f64) -> Self {
        Self {
            count: 1,
            sum: number,
            least: number,
            greatest: number,
        }
    }

    /// Together with others.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self.count, other.count) {
            (_, 0) => self,
            (0, _) => other,
            _ => Self {
                count: self.count + other.count,
                sum: self.sum + other.sum,
                least: self.least.min(other.least),
                greatest: self.greatest.max(other.greatest),
            },
        }
    }

    /// `None` where there are no numbers.
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Features that agree in what they are grouped by.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The zone where there are any, then one for each expression; codes of dictionaries as their labels.
    pub keys: Vec<Value>,
    pub count: usize,
    /// Recorded lengths, drawn ones where nothing is recorded; 0 for nodes.
    pub length_m: f64,
    pub measured: Summary,
}

/// Groups in the order of their keys; unknown values come last.
///
/// # Errors
/// An expression cannot be read for a class in the set, what shall be measured comes to no number anywhere, `Cancelled`,
/// or the project cannot be read.
pub fn group(
    project: &Project,
    set: &ResultSet,
    wanted: &GroupBy,
    lang: Lang,
    progress: &dyn Progress,
) -> Result<Vec<Group>> {
    let mut groups = Groups::default();
    for class in set.classes() {
        progress.check()?;
        let scope = Scope::of_class(project.schema(), class);
        let by: Vec<Expr> = wanted
            .expressions
            .iter()
            .chain(&wanted.measured)
            .map(|text| Expr::parse(text, &scope).map_err(|error| unreadable(&error)))
            .collect::<Result<_>>()?;
        let mut fields: Vec<String> = by.iter().flat_map(|expr| expr.fields().to_vec()).collect();
        fields.push(LENGTH.to_owned());
        let columns = project.kept_columns(class, &fields)?;
        let lengths = Lengths::of(project, class, columns.columns.last().and_then(Option::as_ref))?;
        let mut unread = columns.columns.as_slice();
        let mut keys: Vec<Keys> = by
            .iter()
            .map(|expr| {
                let (own, others) = unread.split_at(expr.fields().len());
                unread = others;
                Keys::of(expr, own, columns.ids.len(), lang)
            })
            .collect();
        let measured = wanted.measured.as_ref().and_then(|_| keys.pop());
        let measured = measured.as_ref().map(Numbers::of);
        if let Some(zones) = &wanted.zones {
            keys.insert(0, Keys::of_zones(zones, project, class, &columns.ids, progress)?);
        }
        let mut places = Places::new(&keys);
        for row in rows_of(set, class, &columns.ids) {
            let place = *places.of_row(&keys, row, &mut groups);
            let group = &mut groups.all[place];
            group.count += 1;
            group.length_m += lengths.of_row(row, columns.ids[row]);
            if let Some(number) = measured.as_ref().and_then(|numbers| numbers.of_row(row)) {
                group.measured = group.measured.with(Summary::of(number));
            }
        }
    }
    if let Some(measured) = &wanted.measured
        && !groups.all.is_empty()
        && groups.all.iter().all(|group| group.measured.count == 0)
    {
        let said = Message::new("query.error.no_numbers").with("found", measured);
        return Err(Error::bad_input(said));
    }
    groups.all.sort_by(|a, b| order(&a.keys, &b.keys));
    Ok(groups.all)
}

const LENGTH: &str = "length_m";

#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    by_keys: HashMap<String, usize>,
}

impl Groups {
    /// Values that are stored in different ways, and labels of several codes, come together here.
    fn place(&mut self, keys: Vec<Value>) -> usize {
        *self.by_keys.entry(format!("{keys:?}")).or_insert_with(|| {
            self.all.push(Group {
                keys,
                count: 0,
                length_m: 0.0,
                measured: Summary::default(),
            });
            self.all.len() - 1
        })
    }
}

/// What an expression comes to for all features of a class, in words: positions in `values`.
struct Keys {
    codes: Vec<u32>,
    values: Vec<Value>,
}

impl Keys {
    /// `columns` are those of the expression's fields.
    fn of(expr: &Expr, columns: &[Option<Arc<CodedColumn>>], count: usize, lang: Lang) -> Self {
        let worded = |value: Value| in_words(expr, value, lang);
        if let [Some(column)] = columns {
            let own = |value: &Value| worded(expr.eval(&|_: &str| value.clone()));
            return Self {
                codes: column.codes.clone(),
                values: column.values.iter().map(own).collect(),
            };
        }
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut values = Vec::new();
        let codes = (0..count).map(|row| {
            let value = worded(expr.eval(&|field: &str| {
                let at = expr.fields().iter().position(|key| key == field);
                let column = at.and_then(|i| columns[i].as_ref());
                column.map_or(Value::Null, |c| c.values[c.codes[row] as usize].clone())
            }));
            *known.entry(format!("{value:?}")).or_insert_with(|| {
                values.push(value);
                values.len() as u32 - 1
            })
        });
        Self {
            codes: codes.collect(),
            values,
        }
    }
}

impl Keys {
    /// The zone of each feature; unknown outside all zones.
    fn of_zones(
        zones: &Zones,
        project: &Project,
        class: ClassIndex,
        ids: &[FeatureId],
        progress: &dyn Progress,
    ) -> Result<Self> {
        /// Rows between two looks at whether the user has enough of it.
        const OFTEN: usize = 4_096;
        let selection = Selection {
            with_geometry: true,
            ..Selection::default()
        };
        let locator = zones.locator();
        let mut found: HashMap<FeatureId, u32> = HashMap::new();
        let mut seen = 0;
        project.select_rows(class, &selection, |row| {
            seen += 1;
            if seen % OFTEN == 0 {
                progress.check()?;
            }
            let place = row.geometry.as_ref().and_then(middle);
            if let Some(zone) = place.and_then(|place| locator.zone_at(place)) {
                found.insert(row.id, zone as u32 + 1);
            }
            Ok(())
        })?;
        let names = zones.names().map(|name| Value::Text(name.to_owned()));
        Ok(Self {
            codes: ids
                .iter()
                .map(|id| found.get(id).copied().unwrap_or_default())
                .collect(),
            values: std::iter::once(Value::Null).chain(names).collect(),
        })
    }
}

/// What is measured, for all features of a class.
struct Numbers<'a> {
    codes: &'a [u32],
    of_code: Vec<Option<f64>>,
}

impl<'a> Numbers<'a> {
    fn of(keys: &'a Keys) -> Self {
        let number = |value: &Value| value.as_real().filter(|number| number.is_finite());
        Self {
            codes: &keys.codes,
            of_code: keys.values.iter().map(number).collect(),
        }
    }

    fn of_row(&self, row: usize) -> Option<f64> {
        self.of_code[self.codes[row] as usize]
    }
}

/// The group of each combination of keys, found without looking at the keys where the combinations are few.
enum Places {
    Table(Vec<usize>),
    Map(HashMap<Vec<u32>, usize>),
}

const NOWHERE: usize = usize::MAX;
const LARGEST_TABLE: usize = 1 << 22;

impl Places {
    fn new(keys: &[Keys]) -> Self {
        let combinations = keys
            .iter()
            .try_fold(1_usize, |count, keys| count.checked_mul(keys.values.len().max(1)));
        match combinations {
            Some(count) if count <= LARGEST_TABLE => Self::Table(vec![NOWHERE; count]),
            _ => Self::Map(HashMap::new()),
        }
    }

    fn of_row(&mut self, keys: &[Keys], row: usize, groups: &mut Groups) -> &usize {
        let place = match self {
            Self::Table(places) => {
                let combine = |at: usize, keys: &Keys| at * keys.values.len() + keys.codes[row] as usize;
                let at = keys.iter().fold(0, combine);
                &mut places[at]
            }
            Self::Map(places) => places
                .entry(keys.iter().map(|keys| keys.codes[row]).collect())
                .or_insert(NOWHERE),
        };
        if *place == NOWHERE {
            let of_row = keys.iter().map(|k| k.values[k.codes[row] as usize].clone());
            *place = groups.place(of_row.collect());
        }
        place
    }
}

/// Rows of the class's features in the set.
fn rows_of(set: &ResultSet, class: ClassIndex, ids: &[FeatureId]) -> Vec<usize> {
    let mut rows = Vec::new();
    // A set is in the order of the file, as the rows are, but for what was added to it.
    let mut wanted = set.of_class(class).peekable();
    for (row, id) in ids.iter().enumerate() {
        if wanted.next_if(|wanted| wanted == id).is_some() {
            rows.push(row);
        }
    }
    if wanted.next().is_none() {
        return rows;
    }
    let wanted: HashSet<FeatureId> = set.of_class(class).collect();
    let all = ids.iter().enumerate();
    all.filter(|(_, id)| wanted.contains(id))
        .map(|(row, _)| row)
        .collect()
}

/// Recorded lengths, and drawn ones where nothing is recorded.
struct Lengths {
    recorded: Option<Arc<CodedColumn>>,
    drawn_m: HashMap<FeatureId, f64>,
}

impl Lengths {
    fn of(project: &Project, class: ClassIndex, recorded: Option<&Arc<CodedColumn>>) -> Result<Self> {
        let mut drawn_m = HashMap::new();
        let is_lacking = recorded.is_none_or(|column| {
            let values = &column.values;
            column
                .codes
                .iter()
                .any(|code| values[*code as usize].as_real().is_none())
        });
        if is_lacking && project.schema().class(class).geometry == GeometryKind::Line {
            let lacking = "typeof(f.length_m) NOT IN ('real', 'integer')".to_owned();
            let selection = Selection {
                condition: recorded.map(|_| Where {
                    sql: lacking,
                    parameters: Vec::new(),
                    rest: None,
                }),
                with_geometry: true,
                ..Selection::default()
            };
            project.select_rows(class, &selection, |row| {
                drawn_m.insert(row.id, drawn(project, row.geometry.as_ref()));
                Ok(())
            })?;
        }
        Ok(Self {
            recorded: recorded.cloned(),
            drawn_m,
        })
    }

    fn of_row(&self, row: usize, id: FeatureId) -> f64 {
        let recorded = self.recorded.as_ref();
        recorded
            .and_then(|column| column.values[column.codes[row] as usize].as_real())
            .unwrap_or_else(|| self.drawn_m.get(&id).copied().unwrap_or(0.0))
    }
}

fn drawn(project: &Project, geometry: Option<&Geometry>) -> f64 {
    let Some(Geometry::Line(line)) = geometry else {
        return 0.0;
    };
    let line: Vec<[f64; 2]> = line.iter().map(|p| [p[0], p[1]]).collect();
    let first = line.first().copied().unwrap_or_default();
    Metric::of(project.crs(), first).length_m(&line)
}

fn in_words(expr: &Expr, value: Value, lang: Lang) -> Value {
    let entry = expr
        .as_field()
        .and_then(|field| expr.dictionary(field))
        .and_then(|dictionary| dictionary.resolve(value.as_text()?));
    entry.map_or(value, |entry| Value::Text(entry.label.text(lang).to_owned()))
}

pub(crate) fn order(a: &[Value], b: &[Value]) -> Ordering {
    let pairs = a.iter().zip(b);
    pairs
        .map(|(a, b)| match (a.is_null(), b.is_null()) {
            (false, false) => compare(a, b).unwrap_or_else(|| plain_text(a).cmp(&plain_text(b))),
            (a, b) => a.cmp(&b),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
