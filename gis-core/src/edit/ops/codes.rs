//! Codes of new features: what comes after the code that was given last in the class.

use std::collections::BTreeSet;

use super::Work;
use crate::error::Result;
use crate::model::{ClassIndex, Feature, Value};

/// Codes that are given away although the project does not have them yet.
pub(super) type Taken = BTreeSet<String>;

/// Digits of the first code of a class.
const FIRST_DIGITS: usize = 6;

impl Work<'_> {
    /// Gives a feature without a code the next one of its class.
    pub(super) fn give_code(&self, feature: &mut Feature) -> Result<()> {
        self.give_code_apart(feature, &mut Taken::new())
    }

    /// The same, apart from codes that are taken although the project does not have them yet; it is one of them then.
    pub(super) fn give_code_apart(&self, feature: &mut Feature, taken: &mut Taken) -> Result<()> {
        let Some(field) = self
            .field(feature, "code")
            .filter(|f| feature.values[*f].is_null())
        else {
            return Ok(());
        };
        let code = self.next_of_class(feature.class, taken)?;
        taken.insert(code.clone());
        feature.values[field] = Value::Text(code);
        Ok(())
    }

    fn next_of_class(&self, class: ClassIndex, taken: &Taken) -> Result<String> {
        let last = self
            .project
            .find_last_code(class, |code| stem(code).map(str::to_owned))?;
        let Some(stem) = last.as_deref() else {
            // Nothing to count on from.
            let stem = format!("{}-", self.schema().class(class).key.to_uppercase());
            return self.next_free(&stem, 0, FIRST_DIGITS, taken);
        };
        let greatest = self.project.greatest_code(stem)?.unwrap_or_default();
        let behind = greatest.strip_prefix(stem).unwrap_or_default();
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        self.next_free(stem, digits.parse().unwrap_or(0), digits.len(), taken)
    }

    fn next_free(&self, stem: &str, mut number: u64, width: usize, taken: &Taken) -> Result<String> {
        loop {
            number = number.saturating_add(1);
            let code = format!("{stem}{number:0width$}");
            if !taken.contains(&code) && self.project.find_code(&code)?.is_empty() {
                return Ok(code);
            }
        }
    }
}

/// What stands before the number of a code: of JS-GD-013031, and of its part JS-GD-013031-2, it is JS-GD-; parts are
/// counted without zeros in front. `None` where a code ends in no number, and of one made of the codes of both ends, such
/// as YL3-YL4, which says nothing of the next.
fn stem(code: &str) -> Option<&str> {
    let digits = |c: char| c.is_ascii_digit();
    let stem = code.trim_end_matches(digits);
    if stem.len() == code.len() {
        return None;
    }
    let whole = stem
        .strip_suffix(['-', '/'])
        .filter(|s| s.ends_with(digits) && !code.starts_with(&format!("{stem}0")))
        .unwrap_or(code);
    let stem = whole.trim_end_matches(digits);
    let first = whole.split_once(['-', '~', '—']).map(|(first, second)| {
        let second = second.trim_end_matches(digits);
        (first, first.trim_end_matches(digits), second)
    });
    match first {
        Some((first, one, other)) if first.len() > one.len() && one == other && !one.is_empty() => None,
        _ => Some(stem),
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn codes_are_counted_on_from_what_stands_before_their_own_number() {
        for (code, wanted) in [
            ("JS-GD-013031", Some("JS-GD-")),
            ("JS-GD-013031-2", Some("JS-GD-")),
            ("JS-GD-013031/1", Some("JS-GD-")),
            ("YL7", Some("YL")),
            ("12", Some("")),
            ("DMA3-0012", Some("DMA3-")),
            ("YL3-YL4", None),
            ("YL3-YL4-2", None),
            ("YL4-YL5/1", None),
            ("北支干管", None),
        ] {
            assert_eq!(stem(code), wanted, "{code}");
        }
    }
}
