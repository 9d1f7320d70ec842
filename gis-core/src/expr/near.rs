//! Names that look alike.

/// Insertions, deletions and replacements between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// At most three of the names, those most like `wanted` first. Names that share no more than chance would give are left
/// out.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let length = wanted.chars().count();
    let mut scored: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let contains = length >= 2 && (lower.contains(&wanted) || wanted.contains(&lower));
            let apart = distance(&wanted, &lower);
            let limit = (length.max(lower.chars().count()) / 3).max(1);
            (contains || apart <= limit).then_some((apart, name))
        })
        .collect();
    scored.sort_by_key(|(apart, _)| *apart);
    let mut near: Vec<String> = Vec::new();
    for (_, name) in scored {
        if near.len() < 3 && !near.iter().any(|n| n == name) {
            near.push(name.to_owned());
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_changes() {
        for (a, b, expected) in [
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("管径", "管经", 1),
            ("a", "a", 0),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        let names = ["diameter_mm", "material", "length_m", "管径"];
        assert_eq!(nearest("diametr_mm", names.into_iter()), ["diameter_mm"]);
        assert_eq!(nearest("diameter", names.into_iter()), ["diameter_mm"]);
        assert_eq!(nearest("管经", names.into_iter()), ["管径"]);
        assert!(nearest("zzz", names.into_iter()).is_empty());
    }
}
