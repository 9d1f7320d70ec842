//! Resolves the codes by which pipes and nodes name one another. It makes no features.

use std::collections::HashMap;

use crate::ids::FeatureId;

#[derive(Debug, Clone, Copy)]
struct Known {
    id: FeatureId,
    /// NaN where the feature has no geometry.
    place: [f64; 2],
}

/// Features by code; several may share one, as node classes are numbered apart in many surveys.
#[derive(Debug, Default)]
pub(super) struct CodeBook {
    first: HashMap<Box<str>, Known>,
    more: HashMap<Box<str>, Vec<Known>>,
}

/// What a code leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Found {
    One(FeatureId, [f64; 2]),
    /// Several, of which none could be told to be meant; the first.
    Ambiguous(FeatureId, [f64; 2]),
    None,
}

impl CodeBook {
    pub(super) fn add(&mut self, code: &str, id: FeatureId, place: [f64; 2]) {
        let known = Known { id, place };
        if self.first.contains_key(code) {
            self.more.entry(code.into()).or_default().push(known);
        } else {
            self.first.insert(code.into(), known);
        }
    }

    /// The feature with that code; of several the one nearest to `place`, in coordinate units.
    pub(super) fn find(&self, code: &str, place: Option<[f64; 2]>) -> Found {
        let Some(first) = self.first.get(code) else {
            return Found::None;
        };
        let Some(more) = self.more.get(code) else {
            return Found::One(first.id, first.place);
        };
        let place = place.filter(|p| p[0].is_finite() && p[1].is_finite());
        let Some(place) = place else {
            return Found::Ambiguous(first.id, first.place);
        };
        let distance = |known: &Known| (known.place[0] - place[0]).hypot(known.place[1] - place[1]);
        let nearest = std::iter::once(first)
            .chain(more)
            .filter(|known| known.place[0].is_finite() && known.place[1].is_finite())
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.map_or(Found::Ambiguous(first.id, first.place), |known| {
            Found::One(known.id, known.place)
        })
    }
}

impl Found {
    /// Where it stands; `None` where that is not known.
    pub(super) fn place(self) -> Option<[f64; 2]> {
        match self {
            Self::One(_, place) | Self::Ambiguous(_, place) => {
                Some(place).filter(|p| p[0].is_finite() && p[1].is_finite())
            }
            Self::None => None,
        }
    }
}

/// Codes in one cell: `P1,P2` or `P1；P2`.
pub(super) fn codes_in(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';', '，', '；', '、', '|'])
        .map(str::trim)
        .filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;

    #[test]
    fn of_several_with_one_code_the_nearest_is_meant() {
        let mut ids = IdSource::new(0, 0);
        let (a, b) = (ids.next_id(), ids.next_id());
        let mut book = CodeBook::default();
        book.add("1", a, [0.0, 0.0]);
        assert_eq!(book.find("1", None), Found::One(a, [0.0, 0.0]));
        book.add("1", b, [10.0, 0.0]);
        assert_eq!(book.find("1", Some([9.0, 0.0])), Found::One(b, [10.0, 0.0]));
        assert_eq!(book.find("1", None), Found::Ambiguous(a, [0.0, 0.0]));
        assert_eq!(book.find("2", None), Found::None);
    }
}
