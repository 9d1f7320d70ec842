//! One attribute of one feature: whether it is there, in its dictionary, and possible. Where records come from is the affair
//! of `rows`.

use chrono::{Datelike as _, NaiveDate};
use serde_json::Value as Json;

use super::Rule;
use super::check::Check;
use super::repair::set;
use super::set::Range;
use crate::expr::nearest;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::network::PipeIndex;
use crate::schema::{Dictionary, Field, FieldType, GeometryKind, Label, Role};

/// What is asked of a field of a class.
pub(super) struct FieldRule<'a> {
    pub(super) position: usize,
    pub(super) field: &'a Field,
    dictionary: Option<&'a Dictionary>,
    range: Option<&'a Range>,
    says_open: bool,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    Missing,
    StateUnknown,
    NoEntry(String),
    NoNumber(String),
    OutOfRange(f64, [f64; 2]),
    BadDate(String),
}

impl<'a> Check<'a> {
    /// The fields of a class of which anything is asked.
    pub(super) fn field_rules(&self, class: ClassIndex) -> Vec<FieldRule<'a>> {
        let of = self.schema.class(class);
        let ranges = &self.rules.tables.ranges;
        let rules = of.fields.iter().enumerate().map(|(position, field)| FieldRule {
            position,
            field,
            dictionary: self.schema.dictionary_of(class, position),
            range: ranges.iter().find(|range| range.field == field.key),
            says_open: field.key == "is_open" && of.role == Role::Valve,
        });
        rules
            .filter(|rule| {
                !rule.field.is_retired
                    && (rule.field.required
                        || rule.says_open
                        || rule.dictionary.is_some()
                        || rule.range.is_some()
                        || rule.field.minimum.is_some()
                        || rule.field.maximum.is_some()
                        || rule.field.field_type == FieldType::Date)
            })
            .collect()
    }

    pub(super) fn fault(&self, rule: &FieldRule<'_>, value: &Value) -> Option<Fault> {
        if value.is_null() {
            return match rule {
                FieldRule { says_open: true, .. } => Some(Fault::StateUnknown),
                FieldRule { field, .. } if field.required => Some(Fault::Missing),
                _ => None,
            };
        }
        let text = || crate::edit::Content::Value(value.clone()).short();
        match &rule.field.field_type {
            FieldType::Code(_) => {
                let dictionary = rule.dictionary?;
                let known = value.as_text().and_then(|text| dictionary.position(text));
                known.is_none().then(|| Fault::NoEntry(text()))
            }
            FieldType::Date => match value {
                Value::Date(date) if self.is_possible(*date) => None,
                _ => Some(Fault::BadDate(text())),
            },
            FieldType::Real | FieldType::Integer => match value.as_real() {
                None => Some(Fault::NoNumber(text())),
                // Nothing is zero wide: so imports write what nobody knew.
                Some(n) if n == 0.0 && rule.field.required => Some(Fault::Missing),
                Some(n) => {
                    let [least, most] = rule.bounds();
                    (n < least || n > most).then_some(Fault::OutOfRange(n, [least, most]))
                }
            },
            FieldType::Text | FieldType::Boolean => None,
        }
    }

    fn is_possible(&self, date: NaiveDate) -> bool {
        let earliest = self.number(Rule::DateImpossible, "earliest_year");
        f64::from(date.year()) >= earliest && self.today.is_none_or(|today| date <= today)
    }

    pub(super) fn tell(&mut self, class: ClassIndex, id: FeatureId, rule: &FieldRule<'_>, fault: &Fault) {
        let (pipe, node) = match self.schema.class(class).geometry {
            GeometryKind::Line => (self.network.pipe_of_id(id), None),
            GeometryKind::Point => (None, self.network.node_of_id(id)),
        };
        let broken = match fault {
            Fault::Missing => Rule::ValueMissing,
            Fault::StateUnknown => match node {
                Some(node) => return self.valve_state(node),
                None => return,
            },
            Fault::NoEntry(_) => Rule::CodeUnknown,
            Fault::NoNumber(_) | Fault::OutOfRange(..) => Rule::ValueImpossible,
            Fault::BadDate(_) => Rule::DateImpossible,
        };
        let (name, place) = match (pipe, node) {
            (Some(pipe), _) => (self.pipe_name(pipe), self.middle(pipe)),
            (_, Some(node)) => (self.node_name(node), Some(self.network.position(node))),
            _ => (id.to_string(), None),
        };
        let Some(finding) = self.begin(broken, &name) else {
            return;
        };
        let key = rule.field.key.as_str();
        let mut finding = finding
            .with_label("class", &self.schema.class(class).label)
            .with_label("field", &rule.field.label)
            .at(place)
            .on(&[id])
            .field(key);
        match fault {
            Fault::Missing => {
                if let Some((pipe, value)) = pipe.and_then(|pipe| self.of_neighbours(pipe, key)) {
                    finding = finding.mend("as_neighbour", &pipe, set(&[id], key, value));
                }
            }
            Fault::StateUnknown => {}
            Fault::NoEntry(found) => {
                finding = finding.with("found", found);
                if let Some(code) = rule.dictionary.and_then(|d| nearest_entry(d, found)) {
                    finding = finding.mend(
                        "set_value",
                        rule.entry_label(&code),
                        set(&[id], key, code.as_str().into()),
                    );
                }
                finding = finding.mend("clear_value", &rule.field.label, set(&[id], key, Json::Null));
            }
            Fault::OutOfRange(found, [least, most]) => {
                finding = finding
                    .with("found", found)
                    .with("least", limit(*least))
                    .with("most", limit(*most));
                if let Some(meant) = rule.slipped(*found) {
                    finding = finding.mend("set_value", &meant.to_string(), set(&[id], key, meant.into()));
                }
                finding = finding.mend("clear_value", &rule.field.label, set(&[id], key, Json::Null));
            }
            Fault::NoNumber(found) => {
                let [least, most] = rule.bounds();
                finding = finding
                    .with("found", found)
                    .with("least", limit(least))
                    .with("most", limit(most))
                    .mend("clear_value", &rule.field.label, set(&[id], key, Json::Null));
            }
            Fault::BadDate(found) => {
                finding = finding.with("found", found).mend(
                    "clear_value",
                    &rule.field.label,
                    set(&[id], key, Json::Null),
                );
            }
        }
        self.found.push(finding);
    }

    /// The value that all pipes around this one have, and the name of one of them.
    fn of_neighbours(&self, pipe: PipeIndex, key: &str) -> Option<(String, Json)> {
        let ends = self.network.pipe_ends(pipe);
        let around = ends.into_iter().flat_map(|end| self.pipes_at(end));
        let mut known: Option<(String, Json)> = None;
        for other in around.filter(|other| *other != pipe) {
            let Some(value) = self.like(other).remove(key) else {
                continue;
            };
            match &known {
                Some((_, same)) if *same != value => return None,
                Some(_) => {}
                None => known = Some((self.pipe_name(other), value)),
            }
        }
        known
    }
}

impl FieldRule<'_> {
    fn entry_label(&self, code: &str) -> Label {
        let entry = self.dictionary.and_then(|d| d.resolve(code));
        entry.map_or_else(|| Label::same(code), |entry| entry.label.clone())
    }

    fn bounds(&self) -> [f64; 2] {
        let least = self.range.map_or(f64::NEG_INFINITY, |range| range.least);
        let most = self.range.map_or(f64::INFINITY, |range| range.most);
        [
            least.max(self.field.minimum.unwrap_or(f64::NEG_INFINITY)),
            most.min(self.field.maximum.unwrap_or(f64::INFINITY)),
        ]
    }

    /// What was meant by a number written in another unit.
    fn slipped(&self, found: f64) -> Option<f64> {
        let meant = found / self.range?.slip?;
        let [least, most] = self.bounds();
        (least..=most).contains(&meant).then_some(meant)
    }
}

fn limit(bound: f64) -> String {
    if bound.is_finite() {
        bound.to_string()
    } else {
        "…".to_owned()
    }
}

/// The code of the entry that is written most like a text.
fn nearest_entry(dictionary: &Dictionary, text: &str) -> Option<String> {
    let names = dictionary.entries.iter().flat_map(|entry| {
        [&entry.code, &entry.label.zh, &entry.label.en]
            .into_iter()
            .chain(&entry.aliases)
            .map(String::as_str)
    });
    let name = nearest(text, names).into_iter().next()?;
    dictionary.resolve(&name).map(|entry| entry.code.clone())
}
