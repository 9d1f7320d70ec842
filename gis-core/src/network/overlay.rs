//! What differs from packed columns, by index or by key: sparse, and shared between the states of a network, so that a
//! new state costs what has changed and not what there is.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;

const PAGE: usize = 64;
const SHARDS: usize = 256;

/// The records of [`PAGE`] indices, those that there are.
#[derive(Debug)]
struct Page<R> {
    /// Bit `i` is set where index `i` has a record.
    taken: u64,
    /// In the order of their indices.
    records: Box<[Arc<R>]>,
}

impl<R> Clone for Page<R> {
    fn clone(&self) -> Self {
        Self {
            taken: self.taken,
            records: self.records.clone(),
        }
    }
}

impl<R> Default for Page<R> {
    fn default() -> Self {
        Self {
            taken: 0,
            records: Box::default(),
        }
    }
}

impl<R> Page<R> {
    fn has(&self, i: usize) -> bool {
        self.taken >> i & 1 == 1
    }

    /// Where the record of an index is, or would be.
    fn place(&self, i: usize) -> usize {
        (self.taken & ((1 << i) - 1)).count_ones() as usize
    }

    fn get(&self, i: usize) -> Option<&Arc<R>> {
        self.has(i).then(|| &self.records[self.place(i)])
    }

    fn set(&mut self, i: usize, record: Arc<R>) {
        let place = self.place(i);
        if self.has(i) {
            self.records[place] = record;
            return;
        }
        self.taken |= 1 << i;
        let (before, after) = self.records.split_at(place);
        let records = before.iter().cloned().chain([record]);
        self.records = records.chain(after.iter().cloned()).collect();
    }
}

/// Records by index.
#[derive(Debug)]
pub(super) struct Overlay<R> {
    pages: Vec<Option<Arc<Page<R>>>>,
}

impl<R> Default for Overlay<R> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<R> Clone for Overlay<R> {
    fn clone(&self) -> Self {
        Self {
            pages: self.pages.clone(),
        }
    }
}

impl<R: Clone> Overlay<R> {
    pub(super) fn get(&self, i: u32) -> Option<&R> {
        let page = self.pages.get(i as usize / PAGE)?.as_ref()?;
        page.get(i as usize % PAGE).map(Arc::as_ref)
    }

    pub(super) fn has(&self, i: u32) -> bool {
        self.get(i).is_some()
    }

    /// The record to be changed; `first` makes it where there is none.
    pub(super) fn edit(&mut self, i: u32, first: impl FnOnce() -> R) -> &mut R {
        let (page, at) = (self.page(i), i as usize % PAGE);
        if !page.has(at) {
            page.set(at, Arc::new(first()));
        }
        let place = page.place(at);
        Arc::make_mut(&mut page.records[place])
    }

    pub(super) fn set(&mut self, i: u32, record: R) {
        self.page(i).set(i as usize % PAGE, Arc::new(record));
    }

    fn page(&mut self, i: u32) -> &mut Page<R> {
        let page = i as usize / PAGE;
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        Arc::make_mut(self.pages[page].get_or_insert_with(Arc::default))
    }
}

/// Records by key.
#[derive(Debug)]
pub(super) struct Shards<K, V> {
    shards: Vec<Arc<HashMap<K, V>>>,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self { shards: Vec::new() }
    }
}

impl<K, V> Clone for Shards<K, V> {
    fn clone(&self) -> Self {
        Self {
            shards: self.shards.clone(),
        }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Shards<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.shards.get(shard_of(key))?.get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.shard(&key).insert(key, value);
    }

    /// The value to be changed, the default where there is none.
    pub(super) fn edit(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.shard(&key).entry(key).or_default()
    }

    pub(super) fn remove(&mut self, key: &K) {
        if self.get(key).is_some() {
            self.shard(key).remove(key);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    fn shard(&mut self, key: &K) -> &mut HashMap<K, V> {
        if self.shards.is_empty() {
            self.shards = (0..SHARDS).map(|_| Arc::default()).collect();
        }
        Arc::make_mut(&mut self.shards[shard_of(key)])
    }
}

fn shard_of(key: &impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish() as usize % SHARDS
}

/// Boxes by place, each in cells about as big as itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    cells: Shards<(i16, i64, i64), Vec<u32>>,
    /// How many boxes have cells of a size, by its power of two.
    levels: std::collections::BTreeMap<i16, u32>,
}

/// Nothing is kept in smaller cells than 2^-40 units, so that a point has a level.
const LEAST_LEVEL: i16 = -40;

impl Cells {
    /// `smallest` is the side of the smallest cells worth having, in coordinate units.
    pub(super) fn insert(&mut self, b: [f64; 4], i: u32, smallest: f64) {
        let Some(level) = level_of(b, smallest) else {
            return;
        };
        *self.levels.entry(level).or_default() += 1;
        for cell in cells(b, level) {
            self.cells.edit(cell).push(i);
        }
    }

    /// Takes out what was put in with the same box.
    pub(super) fn remove(&mut self, b: [f64; 4], i: u32, smallest: f64) {
        let Some(level) = level_of(b, smallest) else {
            return;
        };
        if let Some(count) = self.levels.get_mut(&level) {
            *count -= 1;
            if *count == 0 {
                self.levels.remove(&level);
            }
        }
        for cell in cells(b, level) {
            let list = self.cells.edit(cell);
            list.retain(|other| *other != i);
            if list.is_empty() {
                self.cells.remove(&cell);
            }
        }
    }

    /// What may meet a box, in no order, each once.
    pub(super) fn search(&self, b: [f64; 4]) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for &level in self.levels.keys() {
            let side = side_of(level);
            let wanted = ((b[2] - b[0]) / side + 2.0) * ((b[3] - b[1]) / side + 2.0);
            if wanted < self.cells.len() as f64 {
                for cell in cells(b, level) {
                    found.extend(self.cells.get(&cell).into_iter().flatten());
                }
            } else {
                let here = self.cells.iter().filter(|(cell, _)| cell.0 == level);
                found.extend(here.flat_map(|(_, list)| list));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn side_of(level: i16) -> f64 {
    f64::from(level).exp2()
}

fn level_of(b: [f64; 4], smallest: f64) -> Option<i16> {
    let extent = (b[2] - b[0]).max(b[3] - b[1]).max(smallest);
    (b.iter().all(|v| v.is_finite()) && extent >= 0.0)
        .then(|| extent.log2().ceil().max(f64::from(LEAST_LEVEL)) as i16)
}

fn cells(b: [f64; 4], level: i16) -> impl Iterator<Item = (i16, i64, i64)> {
    let side = side_of(level);
    let [x0, y0, x1, y1] = b.map(|v| (v / side).floor() as i64);
    (x0..=x1).flat_map(move |x| (y0..=y1).map(move |y| (level, x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_copy_keeps_what_it_had_when_the_other_changes() {
        let mut first: Overlay<String> = Overlay::default();
        first.set(3, "three".to_owned());
        first.set(5000, "far".to_owned());
        let second = first.clone();
        first.set(3, "changed".to_owned());
        first.edit(5000, String::new).push('!');
        assert_eq!(first.get(3).map(String::as_str), Some("changed"));
        assert_eq!(first.get(5000).map(String::as_str), Some("far!"));
        assert_eq!(second.get(3).map(String::as_str), Some("three"));
        assert_eq!(second.get(5000).map(String::as_str), Some("far"));
        assert!(!second.has(4) && !second.has(90_000));
    }

    proptest! {
        #[test]
        fn cells_find_every_box_that_is_met_and_forget_what_was_removed(
            boxes in prop::collection::vec((0.0..1000.0_f64, 0.0..1000.0_f64, 0.0..300.0_f64, 0.0..300.0_f64), 1..60),
            asked in (0.0..1000.0_f64, 0.0..1000.0_f64, 0.0..500.0_f64),
        ) {
            let boxes: Vec<[f64; 4]> = boxes.iter().map(|b| [b.0, b.1, b.0 + b.2, b.1 + b.3]).collect();
            let asked = [asked.0, asked.1, asked.0 + asked.2, asked.1 + asked.2];
            let mut cells = Cells::default();
            for (i, b) in boxes.iter().enumerate() {
                cells.insert(*b, i as u32, 16.0);
            }
            for (i, b) in boxes.iter().enumerate().filter(|(i, _)| i % 3 == 0) {
                cells.remove(*b, i as u32, 16.0);
            }
            let found = cells.search(asked);
            for (i, b) in boxes.iter().enumerate() {
                let meets = b[0] <= asked[2] && b[2] >= asked[0] && b[1] <= asked[3] && b[3] >= asked[1];
                let is_found = found.contains(&(i as u32));
                prop_assert!(i % 3 == 0 || !meets || is_found, "box {i} is missing");
                prop_assert!(i % 3 != 0 || !is_found, "box {i} was removed");
            }
        }
    }
}
