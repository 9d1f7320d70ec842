//! Finds classes, fields and dictionary entries by the names people use for them. It guesses nothing: a name is
//! known or it is not.

use super::{Behaviour, Dictionary, DictionaryEntry, FeatureClass, Schema};
use crate::model::ClassIndex;

/// A name as it is compared: lower case, full-width letters narrowed, without spaces, underscores, hyphens and dots.
pub fn normalised(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            // Full-width forms of ASCII, as typed with a Chinese input method.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '.' | '/' | '\u{feff}' | '\u{2014}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The normalised name without a unit in brackets: 管径(mm) → 管径.
fn without_unit(normalised_name: &str) -> Option<&str> {
    let (name, rest) = normalised_name.split_once(['(', '[', '【'])?;
    (rest.ends_with([')', ']', '】']) && !name.is_empty()).then_some(name)
}

/// Length in bytes as GBK stores it, which is how old shapefiles cut names.
fn gbk_len(name: &str) -> usize {
    name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Whether the name may have been cut by the ten bytes that DBF allows.
fn may_be_cut(name: &str) -> bool {
    (9..=10).contains(&name.len()) || (9..=10).contains(&gbk_len(name))
}

impl Schema {
    pub(super) fn reindex(&mut self) {
        self.index.clear();
        for (position, class) in self.classes.iter().enumerate() {
            let kinds = class.fields.iter().find(|f| f.key == "kind");
            let kinds = kinds.and_then(|f| self.dictionaries.get(f.field_type.dictionary()?));
            for (name, kind) in class_names(class) {
                // A kind that was merged into another means that one.
                let meant = kind.map(|kind| kinds.and_then(|d| d.resolve(kind)).map_or(kind, |e| &e.code));
                // The loader has refused names with two meanings; in an edited schema the first stands.
                self.index
                    .entry(normalised(name))
                    .or_insert((ClassIndex(position as u16), meant.map(str::to_owned)));
            }
        }
    }

    /// The class that goes by a name: its key, label or an alias; with a kind where the name says it
    /// (止回阀 → valve, `check`).
    pub fn resolve_class(&self, name: &str) -> Option<(ClassIndex, Option<&str>)> {
        let name = normalised(name);
        let found = self
            .index
            .get(&name)
            .or_else(|| self.index.get(without_unit(&name)?))?;
        Some((found.0, found.1.as_deref()))
    }

    /// Position of the field of a class that goes by a name: its key, label or an alias, also with a unit in brackets
    /// or cut to ten bytes as in a shapefile, where that leaves one field only. Retired fields go by no name.
    pub fn resolve_field(&self, class: ClassIndex, name: &str) -> Option<usize> {
        self.classes.get(usize::from(class.0))?.resolve_field(name)
    }

    pub fn dictionary(&self, key: &str) -> Option<&Dictionary> {
        self.dictionaries.get(key)
    }

    /// The dictionary of a field, where it has one.
    pub fn dictionary_of(&self, class: ClassIndex, field: usize) -> Option<&Dictionary> {
        let field = self.classes.get(usize::from(class.0))?.fields.get(field)?;
        self.dictionaries.get(field.field_type.dictionary()?)
    }

    /// The dictionary of a class's kinds, where it has one.
    pub fn kinds_of(&self, class: ClassIndex) -> Option<&Dictionary> {
        let field = self.classes.get(usize::from(class.0))?.field_index("kind")?;
        self.dictionary_of(class, field)
    }

    /// Code of a kind by its position in that dictionary, as a network snapshot keeps it.
    pub fn kind_code(&self, class: ClassIndex, kind: Option<usize>) -> Option<&str> {
        Some(&self.kinds_of(class)?.entries.get(kind?)?.code)
    }

    /// How a feature of that class and kind acts on water: the kind's dictionary entry over the class.
    pub fn behaviour(&self, class: ClassIndex, kind: Option<&str>) -> Behaviour {
        let Some(feature_class) = self.classes.get(usize::from(class.0)) else {
            return Behaviour::default();
        };
        let entry = kind.and_then(|kind| self.kinds_of(class)?.resolve(kind));
        entry.map_or(feature_class.behaviour, |entry| {
            entry.behaviour.over(feature_class.behaviour)
        })
    }
}

impl FeatureClass {
    /// See [`Schema::resolve_field`].
    pub fn resolve_field(&self, name: &str) -> Option<usize> {
        let wanted = normalised(name);
        if wanted.is_empty() {
            return None;
        }
        let exactly = |wanted: &str| {
            // Keys and labels before aliases.
            self.fields
                .iter()
                .position(|f| {
                    let names = [&f.key, &f.label.zh, &f.label.en];
                    !f.is_retired && names.into_iter().any(|n| normalised(n) == wanted)
                })
                .or_else(|| {
                    self.fields
                        .iter()
                        .position(|f| !f.is_retired && f.aliases.iter().any(|n| normalised(n) == wanted))
                })
        };
        if let Some(found) = exactly(&wanted).or_else(|| exactly(without_unit(&wanted)?)) {
            return Some(found);
        }
        if !may_be_cut(name.trim()) {
            return None;
        }
        let mut cut = self
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| !f.is_retired && field_names(f).any(|n| normalised(n).starts_with(&wanted)))
            .map(|(position, _)| position);
        match (cut.next(), cut.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

impl Dictionary {
    pub(super) fn reindex(&mut self) {
        self.index.clear();
        let meant: Vec<usize> = (0..self.entries.len()).map(|at| self.meant(at)).collect();
        for (entry, position) in self.entries.iter().zip(&meant) {
            self.index.entry(entry.code.clone()).or_insert(*position);
        }
        for (entry, position) in self.entries.iter().zip(&meant) {
            for name in entry_names(entry) {
                self.index.entry(normalised(name)).or_insert(*position);
            }
        }
    }

    /// The position of the entry that one was merged into, whatever lies between; its own where it was not merged.
    pub(super) fn meant(&self, position: usize) -> usize {
        let mut at = position;
        // No way is longer than the list; one that leads round ends somewhere on it.
        for _ in 0..self.entries.len() {
            let next = self.entries[at].replaced_by.as_ref();
            match next.and_then(|code| self.entries.iter().position(|e| e.code == *code)) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The entry that goes by a text: its code, label or an alias; for one that was merged, what it was merged into.
    pub fn resolve(&self, text: &str) -> Option<&DictionaryEntry> {
        self.position(text).map(|position| &self.entries[position])
    }

    /// Everything that an entry goes by, as it is compared: codes as they stand, names normalised.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &DictionaryEntry)> {
        let mut names: Vec<(&str, usize)> = self.index.iter().map(|(name, i)| (name.as_str(), *i)).collect();
        names.sort_unstable();
        names.into_iter().map(|(name, i)| (name, &self.entries[i]))
    }

    /// Position of that entry in `entries`.
    pub fn position(&self, text: &str) -> Option<usize> {
        self.index
            .get(text)
            .or_else(|| self.index.get(&normalised(text)))
            .copied()
    }
}

/// Everything a class is called, with the kind a name implies.
pub(super) fn class_names(class: &FeatureClass) -> impl Iterator<Item = (&str, Option<&str>)> {
    [&class.key, &class.label.zh, &class.label.en]
        .into_iter()
        .map(|name| (name.as_str(), None))
        .chain(
            class
                .aliases
                .iter()
                .map(|alias| (alias.name.as_str(), alias.kind.as_deref())),
        )
}

pub(super) fn field_names(field: &super::Field) -> impl Iterator<Item = &str> {
    [&field.key, &field.label.zh, &field.label.en]
        .into_iter()
        .chain(&field.aliases)
        .map(String::as_str)
}

pub(super) fn entry_names(entry: &DictionaryEntry) -> impl Iterator<Item = &str> {
    [&entry.code, &entry.label.zh, &entry.label.en]
        .into_iter()
        .chain(&entry.aliases)
        .map(String::as_str)
}
