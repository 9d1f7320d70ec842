//! Which rows are chosen: by click, with Ctrl one by one, with Shift from the last one to here.

use std::collections::HashSet;

use gis_core::FeatureId;

#[derive(Debug, Default)]
pub struct Selection {
    chosen: HashSet<FeatureId>,
    /// The one whose attributes are shown.
    primary: Option<FeatureId>,
    /// Where a range begins.
    anchor: Option<FeatureId>,
    revision: u64,
    /// Where the cell is that keys mean.
    pub(super) row: Option<usize>,
    pub(super) column: usize,
}

impl Selection {
    pub fn contains(&self, id: FeatureId) -> bool {
        self.chosen.contains(&id)
    }

    pub fn ids(&self) -> impl Iterator<Item = FeatureId> {
        self.chosen.iter().copied()
    }

    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    pub fn primary(&self) -> Option<FeatureId> {
        self.primary
    }

    /// Rises with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn only(&mut self, id: FeatureId) {
        self.chosen.clear();
        self.chosen.insert(id);
        self.anchor = Some(id);
        self.settle(Some(id));
    }

    pub(super) fn toggle(&mut self, id: FeatureId) {
        let is_in = self.chosen.insert(id) || !self.chosen.remove(&id);
        self.anchor = Some(id);
        let other = self.chosen.iter().next().copied();
        self.settle(if is_in { Some(id) } else { other });
    }

    /// From the anchor to a row, in the order they are shown.
    pub(super) fn extend(&mut self, ids: &[FeatureId], to: usize) {
        let anchor = self.anchor.and_then(|id| ids.iter().position(|own| *own == id));
        let from = anchor.unwrap_or(to);
        let range = from.min(to)..=from.max(to);
        self.chosen = ids.get(range).unwrap_or_default().iter().copied().collect();
        self.settle(ids.get(to).copied());
    }

    pub(super) fn all(&mut self, ids: &[FeatureId]) {
        self.chosen = ids.iter().copied().collect();
        self.settle(self.primary.or_else(|| ids.first().copied()));
    }

    /// All of `ids` that were not, and none that were.
    pub(super) fn invert(&mut self, ids: &[FeatureId]) {
        let rest = ids.iter().copied().filter(|id| !self.chosen.contains(id));
        self.chosen = rest.collect();
        let first = ids.iter().copied().find(|id| self.chosen.contains(id));
        self.settle(first);
    }

    pub(super) fn clear(&mut self) {
        self.chosen.clear();
        self.settle(None);
    }

    fn settle(&mut self, primary: Option<FeatureId>) {
        self.primary = primary;
        self.revision += 1;
    }

    /// Something was chosen elsewhere. Tells whether that is news.
    pub(super) fn follow(&mut self, chosen: Option<FeatureId>) -> bool {
        match chosen {
            Some(id) if self.chosen.contains(&id) => {
                self.primary = Some(id);
                false
            }
            Some(id) => {
                self.row = None;
                self.only(id);
                true
            }
            None if self.chosen.is_empty() => false,
            None => {
                self.clear();
                true
            }
        }
    }
}
