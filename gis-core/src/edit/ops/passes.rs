//! Pipes that cross without being joined, as recorded: each of the two names the other in its field `passes`, with which of
//! them lies higher. A cell of a pipe is journaled, taken back and exchanged like any other. After every operation the
//! two sides agree again: parts of a cut pipe take over what they still cross, merged pipes what the others had.

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashSet};

use super::{Work, refuse, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{Feature, Value};
use crate::network::meeting::meeting;
use crate::project::Project;
use crate::schema::{GeometryKind, Schema};

const FIELD: &str = "passes";

/// How a pipe passes another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passing {
    Over,
    Under,
    /// It is known that they are not joined, and not which is higher.
    Clear,
}

impl Passing {
    const WORDS: [(Self, &'static str); 3] = [
        (Self::Over, "over"),
        (Self::Under, "under"),
        (Self::Clear, "clear"),
    ];

    pub(super) fn of_upper(is_upper: bool) -> Self {
        if is_upper { Self::Over } else { Self::Under }
    }

    pub(super) fn seen_from_below(self) -> Self {
        match self {
            Self::Over => Self::Under,
            Self::Under => Self::Over,
            Self::Clear => Self::Clear,
        }
    }

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(passing, _)| *passing == self)
            .map_or("clear", |(_, word)| *word)
    }
}

/// Pairs of pipes of which it is recorded that they cross without being joined.
#[derive(Debug, Clone, Default)]
pub struct Passes(HashSet<[FeatureId; 2]>);

impl Passes {
    pub fn has(&self, a: FeatureId, b: FeatureId) -> bool {
        self.0.contains(&[a.min(b), a.max(b)])
    }

    /// Those that one pipe's record names.
    pub(crate) fn of_pipe(schema: &Schema, pipe: &Feature) -> Self {
        let field = schema.class(pipe.class).field_index(FIELD);
        let cell = field.and_then(|field| pipe.values.get(field));
        let named = cell.map(read).unwrap_or_default();
        Self(
            named
                .into_iter()
                .map(|(other, _)| [pipe.id.min(other), pipe.id.max(other)])
                .collect(),
        )
    }

    pub(crate) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Project {
    /// Which pipes pass over others.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn passes(&self) -> Result<Passes> {
        let mut pairs = HashSet::new();
        for index in self.schema().class_indices() {
            if self.schema().class(index).field_index(FIELD).is_none() {
                continue;
            }
            let columns = self.columns(index, &[FIELD])?;
            for (row, id) in columns.ids().iter().enumerate() {
                for (other, _) in read(&columns.value(row, FIELD)) {
                    pairs.insert([*id.min(&other), *id.max(&other)]);
                }
            }
        }
        Ok(Passes(pairs))
    }
}

/// The pipes that a cell names. What is not understood names none.
pub(super) fn read(value: &Value) -> Vec<(FeatureId, Passing)> {
    let words = value.as_text().unwrap_or_default().split_whitespace();
    words
        .filter_map(|word| {
            let (how, id) = word.split_once(':')?;
            let passing = Passing::WORDS.iter().find(|(_, w)| *w == how)?.0;
            Some((FeatureId::parse(id)?, passing))
        })
        .collect()
}

fn write(list: &[(FeatureId, Passing)]) -> Value {
    if list.is_empty() {
        return Value::Null;
    }
    let words: Vec<String> = list
        .iter()
        .map(|(id, passing)| format!("{}:{id}", passing.word()))
        .collect();
    Value::Text(words.join(" "))
}

/// Names a pipe in a cell, in the place of what was said about it before.
pub(super) fn put(value: &mut Value, other: FeatureId, passing: Passing) {
    let mut list = read(value);
    list.retain(|(id, _)| *id != other);
    list.push((other, passing));
    *value = write(&list);
}

/// What either of two cells names.
pub(super) fn union(a: &Value, b: &Value) -> Value {
    let mut list = read(a);
    for (id, passing) in read(b) {
        if list.iter().all(|(known, _)| *known != id) {
            list.push((id, passing));
        }
    }
    write(&list)
}

impl Work<'_> {
    pub(super) fn passes_field(&self, pipe: &Feature) -> Result<usize> {
        self.field(pipe, FIELD)
            .ok_or_else(|| refuse("edit.error.no_record", FIELD))
    }

    /// Makes the two sides of every pair agree after a transaction.
    pub(super) fn keep_passes(&self, transaction: &mut Transaction) -> Result<()> {
        let Some(mut after) = self.touched_pipes(transaction)? else {
            return Ok(());
        };
        let before = after.clone();
        let touched: BTreeSet<FeatureId> = after.keys().copied().collect();
        // A pipe that is gone, or crosses no more, is named by nobody.
        for id in &touched {
            let partners: Vec<FeatureId> = match &after[id] {
                Some(pipe) => self.list(pipe).into_iter().map(|(other, _)| other).collect(),
                None => self.project.feature(*id)?.map_or_else(Vec::new, |pipe| {
                    self.list(&pipe).into_iter().map(|(other, _)| other).collect()
                }),
            };
            for other in partners {
                if let Entry::Vacant(entry) = after.entry(other) {
                    entry.insert(self.project.feature(other)?);
                }
            }
        }
        let alive: Vec<FeatureId> = after
            .iter()
            .filter(|(_, p)| p.is_some())
            .map(|(id, _)| *id)
            .collect();
        for id in alive {
            let Some(pipe) = after[&id].clone() else { continue };
            for (other, passing) in self.list(&pipe) {
                if !touched.contains(&id) && !touched.contains(&other) {
                    continue;
                }
                let partner = after.get(&other).cloned().flatten();
                let crosses = partner.as_ref().is_some_and(|partner| self.cross(&pipe, partner));
                if crosses {
                    let known = partner.as_ref().map(|p| self.list(p)).unwrap_or_default();
                    if known.iter().all(|(named, _)| *named != id) {
                        self.name(&mut after, other, |cell| put(cell, id, passing.seen_from_below()));
                    }
                } else {
                    self.name(&mut after, id, |cell| forget(cell, other));
                    self.name(&mut after, other, |cell| forget(cell, id));
                }
            }
        }
        for (id, new) in &after {
            let old = match before.get(id) {
                Some(known) => known.clone(),
                None => self.project.feature(*id)?,
            };
            if let (Some(old), Some(new)) = (old, new) {
                transaction.change(self.schema(), &old, new);
            }
        }
        Ok(())
    }

    fn name(
        &self,
        after: &mut BTreeMap<FeatureId, Option<Feature>>,
        id: FeatureId,
        change: impl FnOnce(&mut Value),
    ) {
        if let Some(Some(pipe)) = after.get_mut(&id)
            && let Some(field) = self.field(pipe, FIELD)
        {
            change(&mut pipe.values[field]);
        }
    }

    fn list(&self, pipe: &Feature) -> Vec<(FeatureId, Passing)> {
        let cell = self.field(pipe, FIELD).and_then(|field| pipe.values.get(field));
        cell.map(read).unwrap_or_default()
    }

    /// The pipes of a transaction as they will be; `None` where none of them passes another.
    fn touched_pipes(
        &self,
        transaction: &Transaction,
    ) -> Result<Option<BTreeMap<FeatureId, Option<Feature>>>> {
        let mut after: BTreeMap<FeatureId, Option<Feature>> = BTreeMap::new();
        let mut is_any = false;
        for edit in &transaction.edits {
            let class = self.schema().class(edit.class());
            if class.geometry != GeometryKind::Line || class.field_index(FIELD).is_none() {
                continue;
            }
            let state = match edit {
                Edit::Insert(pipe) => Some(pipe.clone()),
                Edit::Delete(pipe) => {
                    is_any |= !self.list(pipe).is_empty();
                    None
                }
                Edit::Update(update) => {
                    let mut pipe = match after.get(&update.id) {
                        Some(known) => known.clone(),
                        None => self.project.record(update.class, update.id)?,
                    };
                    if let Some(pipe) = &mut pipe {
                        for change in &update.cells {
                            change.cell.put(pipe, &change.new);
                        }
                    }
                    pipe
                }
            };
            is_any |= state.as_ref().is_some_and(|pipe| !self.list(pipe).is_empty());
            after.insert(edit.id(), state);
        }
        Ok(is_any.then_some(after))
    }

    /// Whether the insides of two pipes cross.
    fn cross(&self, a: &Feature, b: &Feature) -> bool {
        let (a, b) = (vertices(a), vertices(b));
        let Some(first) = a.first() else { return false };
        let metric = self.metric([first[0], first[1]]);
        let tolerance_m = self.options.end_tolerance_m;
        a.windows(2).any(|u| {
            b.windows(2).any(|v| {
                let flat = |w: &[[f64; 3]]| [[w[0][0], w[0][1]], [w[1][0], w[1][1]]];
                meeting(flat(u), flat(v)).is_some_and(|at| {
                    let ends = [a.first(), a.last(), b.first(), b.last()];
                    ends.into_iter()
                        .flatten()
                        .all(|p| metric.distance_m([p[0], p[1]], at) > tolerance_m)
                })
            })
        })
    }
}

fn forget(value: &mut Value, other: FeatureId) {
    let mut list = read(value);
    list.retain(|(id, _)| *id != other);
    *value = write(&list);
}
