//! What people choose from: the fields and entries that are not retired, in the order in which they are shown.

use super::{Dictionary, DictionaryEntry, FeatureClass, Field, FieldType};

impl FieldType {
    /// As schema files write it.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Code(_) => "code",
        }
    }

    /// Key of the dictionary its values are codes of.
    pub fn dictionary(&self) -> Option<&str> {
        match self {
            Self::Code(key) => Some(key),
            _ => None,
        }
    }
}

impl FeatureClass {
    /// Positions of all fields in the order in which they are shown, retired ones included.
    pub fn in_order(&self) -> Vec<usize> {
        let mut positions: Vec<usize> = (0..self.fields.len()).collect();
        if !self.order.is_empty() {
            let place = |at: &usize| self.order.iter().position(|key| *key == self.fields[*at].key);
            // Fields that the order does not name come last, as they stand.
            positions.sort_by_key(|at| place(at).unwrap_or(usize::MAX));
        }
        positions
    }

    /// The fields that are offered, with their positions in `fields`, in the order in which they are shown.
    pub fn offered(&self) -> impl Iterator<Item = (usize, &Field)> {
        let all = self.in_order().into_iter().map(|at| (at, &self.fields[at]));
        all.filter(|(_, field)| !field.is_retired)
    }
}

impl Dictionary {
    /// The entries that are offered, in the order in which they are shown.
    pub fn offered(&self) -> impl Iterator<Item = &DictionaryEntry> {
        self.entries.iter().filter(|entry| !entry.is_retired)
    }

    /// An entry by its code alone.
    pub fn entry(&self, code: &str) -> Option<&DictionaryEntry> {
        self.entries.iter().find(|entry| entry.code == code)
    }
}
