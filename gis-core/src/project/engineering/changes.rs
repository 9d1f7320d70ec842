//! What an engineering project changes in the network in service, feature by feature, cell by cell.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entries, PLANNED};
use crate::edit::{CellChange, Edit, Update};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::Feature;
use crate::project::Project;

/// What a project means for one feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    New,
    /// In service, and altered by the project: cut where something new begins, other attributes.
    Altered,
    /// In service until the project is completed.
    ToAbandon,
    /// Replaced by parts of it, or merged with others.
    Gone,
}

impl ChangeKind {
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Altered => "altered",
            Self::ToAbandon => "to_abandon",
            Self::Gone => "gone",
        }
    }
}

/// One difference between a project and the network in service.
#[derive(Debug, Clone)]
pub struct EngineeringChange {
    pub kind: ChangeKind,
    /// As it is now; as it was where it is gone.
    pub feature: Feature,
    /// Of a feature in service: what it had before the project, and has now.
    pub cells: Vec<CellChange>,
    /// The project brought it into being, be it that water runs through it already.
    pub is_drawn: bool,
}

/// What the entries of a project come to.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<FeatureId, ChangeKind>,
    gone: BTreeMap<FeatureId, Feature>,
    cells: BTreeMap<FeatureId, Vec<CellChange>>,
    drawn: BTreeSet<FeatureId>,
}

impl Tally {
    fn of(project: &Project, entries: &Entries) -> Self {
        let mut tally = Self::default();
        for edit in entries
            .edits
            .iter()
            .flat_map(|(_, transaction)| &transaction.edits)
        {
            tally.take(project, edit);
        }
        let marked = entries.marked.iter();
        tally.kinds.extend(marked.map(|id| (*id, ChangeKind::ToAbandon)));
        tally
    }

    fn take(&mut self, project: &Project, edit: &Edit) {
        match edit {
            Edit::Insert(feature) => {
                let kind = match project.life_state(feature) {
                    Some(PLANNED) => ChangeKind::New,
                    _ => ChangeKind::Altered,
                };
                self.kinds.insert(feature.id, kind);
                self.drawn.insert(feature.id);
            }
            Edit::Update(update) => {
                let kind = *self.kinds.entry(update.id).or_insert(ChangeKind::Altered);
                if kind != ChangeKind::New {
                    self.alter(update);
                }
            }
            Edit::Delete(feature) => {
                if self.kinds.remove(&feature.id) != Some(ChangeKind::New) {
                    self.gone.insert(feature.id, feature.clone());
                }
                self.cells.remove(&feature.id);
            }
        }
    }

    /// What a cell was is what it was before the first change.
    fn alter(&mut self, update: &Update) {
        let cells = self.cells.entry(update.id).or_default();
        for change in &update.cells {
            match cells.iter_mut().find(|known| known.cell == change.cell) {
                Some(known) => known.new = change.new.clone(),
                None => cells.push(change.clone()),
            }
        }
        cells.retain(|change| !change.old.is_same(&change.new));
    }
}

impl Project {
    /// What a project changes in the network in service: new features first, then what it alters, what it will abandon
    /// and what it replaces.
    ///
    /// # Errors
    /// There is no such project.
    pub fn engineering_changes(&self, number: &str) -> Result<Vec<EngineeringChange>> {
        self.engineering(number)?;
        let mut tally = Tally::of(self, &self.entries_of(number)?);
        let mut changes = Vec::with_capacity(tally.kinds.len() + tally.gone.len());
        for (id, kind) in tally.kinds {
            if let Some(feature) = self.feature(id)? {
                changes.push(EngineeringChange {
                    kind,
                    feature,
                    cells: tally.cells.remove(&id).unwrap_or_default(),
                    is_drawn: tally.drawn.contains(&id),
                });
            }
        }
        changes.extend(tally.gone.into_values().map(|feature| EngineeringChange {
            kind: ChangeKind::Gone,
            feature,
            cells: Vec::new(),
            is_drawn: false,
        }));
        changes.sort_by_key(|change| change.kind);
        Ok(changes)
    }

    /// How many features a project changes, by kind of change.
    ///
    /// # Errors
    /// Its entries of the journal cannot be read.
    pub fn engineering_counts(&self, number: &str) -> Result<BTreeMap<ChangeKind, usize>> {
        let tally = Tally::of(self, &self.entries_of(number)?);
        let mut counts = BTreeMap::new();
        let gone = tally.gone.values().map(|_| ChangeKind::Gone);
        for kind in tally.kinds.into_values().chain(gone) {
            *counts.entry(kind).or_default() += 1;
        }
        Ok(counts)
    }
}
