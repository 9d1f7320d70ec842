//! The values of rows that were looked at lately.

use std::collections::{HashMap, HashSet};

use gis_core::{Feature, FeatureId};

/// A feature as it is in the project; none for one that is gone.
pub type Record = Option<Feature>;

/// More than this is forgotten and read again when it is wanted.
const MOST: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Records {
    known: HashMap<FeatureId, Record>,
    asked: HashSet<FeatureId>,
}

impl Records {
    pub(super) fn get(&self, id: FeatureId) -> Option<&Record> {
        self.known.get(&id)
    }

    pub(super) fn put(&mut self, id: FeatureId, record: Record) {
        // What nobody has looked at is read when somebody does.
        if let Some(known) = self.known.get_mut(&id) {
            *known = record;
        }
    }

    pub(super) fn set(&mut self, records: Vec<(FeatureId, Record)>) {
        if self.known.len() > MOST {
            self.known.clear();
        }
        for (id, record) in records {
            // An answer from before an edit is asked for again.
            if self.asked.remove(&id) {
                self.known.insert(id, record);
            }
        }
    }

    /// Those of `ids` that are neither known nor on their way; they are from now on.
    pub(super) fn lacking(&mut self, ids: &[FeatureId]) -> Vec<FeatureId> {
        let lacking = ids.iter().filter(|id| !self.known.contains_key(id));
        lacking.copied().filter(|id| self.asked.insert(*id)).collect()
    }

    pub(super) fn is_reading(&self) -> bool {
        !self.asked.is_empty()
    }

    pub(super) fn forget_asked(&mut self) {
        self.asked.clear();
    }
}
