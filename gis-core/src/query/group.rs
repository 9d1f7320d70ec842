//! 分组统计: how many features, and how many metres of pipe, for each value of one or several expressions.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::{ResultSet, unreadable};
use crate::error::Result;
use crate::expr::{Expr, Scope, compare, plain_text};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Geometry, Value};
use crate::network::Metric;
use crate::progress::Progress;
use crate::project::Project;
use crate::text::Lang;

/// Features that agree in what they are grouped by.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// One for each expression; codes of dictionaries as their labels.
    pub keys: Vec<Value>,
    pub count: usize,
    /// Recorded lengths, drawn ones where nothing is recorded; 0 for nodes.
    pub length_m: f64,
}

/// Groups in the order of their keys; unknown values come last.
///
/// # Errors
/// An expression cannot be read for a class in the set, `Cancelled`, or the project cannot be read.
pub fn group(
    project: &Project,
    set: &ResultSet,
    by: &[String],
    lang: Lang,
    progress: &dyn Progress,
) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for class in set.classes() {
        progress.check()?;
        let scope = Scope::of_class(project.schema(), class);
        let by: Vec<Expr> = by
            .iter()
            .map(|text| Expr::parse(text, &scope).map_err(|error| unreadable(&error)))
            .collect::<Result<_>>()?;
        let mut fields: Vec<String> = by.iter().flat_map(|expr| expr.fields().to_vec()).collect();
        fields.push("length_m".to_owned());
        fields.sort_unstable();
        fields.dedup();
        let wanted: HashSet<FeatureId> = set.of_class(class).collect();
        let columns = project.columns(class, &fields)?;
        for (row, id) in columns.ids().iter().enumerate() {
            if !wanted.contains(id) {
                continue;
            }
            let keys: Vec<Value> = by
                .iter()
                .map(|expr| in_words(expr, expr.eval(&columns.row(row)), lang))
                .collect();
            let name = format!("{keys:?}");
            let at = *place.entry(name).or_insert_with(|| {
                groups.push(Group {
                    keys,
                    count: 0,
                    length_m: 0.0,
                });
                groups.len() - 1
            });
            groups[at].count += 1;
            groups[at].length_m += match columns.value(row, "length_m").as_real() {
                Some(length_m) => length_m,
                None => drawn_m(project, class, *id)?,
            };
        }
    }
    groups.sort_by(|a, b| order(&a.keys, &b.keys));
    Ok(groups)
}

fn in_words(expr: &Expr, value: Value, lang: Lang) -> Value {
    let entry = expr
        .as_field()
        .and_then(|field| expr.dictionary(field))
        .and_then(|dictionary| dictionary.resolve(value.as_text()?));
    entry.map_or(value, |entry| Value::Text(entry.label.text(lang).to_owned()))
}

fn drawn_m(project: &Project, class: ClassIndex, id: FeatureId) -> Result<f64> {
    let feature = project.record(class, id)?;
    Ok(match feature.and_then(|feature| feature.geometry) {
        Some(Geometry::Line(line)) => {
            let line: Vec<[f64; 2]> = line.iter().map(|p| [p[0], p[1]]).collect();
            let first = line.first().copied().unwrap_or_default();
            Metric::of(project.crs(), first).length_m(&line)
        }
        _ => 0.0,
    })
}

fn order(a: &[Value], b: &[Value]) -> Ordering {
    let pairs = a.iter().zip(b);
    pairs
        .map(|(a, b)| match (a.is_null(), b.is_null()) {
            (false, false) => compare(a, b).unwrap_or_else(|| plain_text(a).cmp(&plain_text(b))),
            (a, b) => a.cmp(&b),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
